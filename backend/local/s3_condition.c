/* Conditions of bucket policies: the keys that a request has values for, and the operators that compare ("IAM JSON
 * policy elements: Condition operators", "Actions, resources, and condition keys for Amazon S3"). */
#include "backend/local/s3_policy.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool s3_policy_wildcard(const char *pattern, const char *text, bool exact)
{
    const char *star = NULL, *mark = NULL;
    while (*text) {
        bool same = exact ? *pattern == *text : strncasecmp(pattern, text, 1) == 0;
        if (*pattern == '*') {
            star = ++pattern;
            mark = text;
        } else if (*pattern && (same || *pattern == '?')) {
            pattern++;
            text++;
        } else if (star) {
            pattern = star;
            text = ++mark;
        } else {
            return false;
        }
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

bool s3_policy_any(const json_t *value, bool (*test)(const char *text, const void *context), const void *context)
{
    size_t i;
    json_t *item;
    if (json_is_string(value))
        return test(json_string_value(value), context);
    if (json_is_boolean(value))
        return test(json_is_true(value) ? "true" : "false", context);
    json_array_foreach(value, i, item)
    {
        if (s3_policy_any(item, test, context))
            return true;
    }
    return false;
}

/* Value of a condition key for this request; NULL when the request has none. */
static const char *condition_value(struct s3_call *call, const char *key)
{
    static const char *const queries[][2] = {{"s3:prefix", "prefix"},
                                             {"s3:delimiter", "delimiter"},
                                             {"s3:max-keys", "max-keys"},
                                             {"s3:VersionId", "versionId"}};
    if (strcasecmp(key, "aws:SourceIp") == 0)
        return "127.0.0.1";
    if (strcasecmp(key, "aws:SecureTransport") == 0)
        return "false";
    if (strcasecmp(key, "aws:Referer") == 0)
        return s3_call_header(call, "referer");
    if (strcasecmp(key, "aws:UserAgent") == 0)
        return s3_call_header(call, "user-agent");
    if (strcasecmp(key, "aws:PrincipalAccount") == 0)
        return call->req->access_key ? CLOUD_ACCOUNT : NULL;
    if (strcasecmp(key, "aws:PrincipalArn") == 0)
        return call->req->access_key ? call->req->principal_arn : NULL;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        if (strcasecmp(key, queries[i][0]) == 0)
            return s3_call_query(call, queries[i][1]);
    }
    if (strncasecmp(key, "s3:x-amz-", 9) == 0)
        return s3_call_header(call, key + 3);
    return NULL;
}

/* s3:ExistingObjectTag/KEY and s3:RequestObjectTag/KEY. */
static const char *tag_value(struct s3_call *call, const char *key)
{
    struct s3_object object = {0};
    const char *name = strchr(key, '/'), *tags = NULL;
    struct db *db = s3_db(call);
    if (!name)
        return NULL;
    if (strncasecmp(key, "s3:ExistingObjectTag/", 21) == 0 && db &&
        s3_object_find(call, db, call->key, s3_call_query(call, "versionId"), &object) == S3_FOUND_YES)
        tags = object.tags;
    else if (strncasecmp(key, "s3:RequestObjectTag/", 20) == 0)
        tags = s3_call_header(call, "x-amz-tagging");
    size_t want = strlen(++name);
    while (tags && *tags) {
        size_t len = strcspn(tags, "&");
        if (len > want && tags[want] == '=' && strncmp(tags, name, want) == 0)
            return arena_strndup(call->arena, tags + want + 1, len - want - 1);
        tags += len + (tags[len] == '&');
    }
    return NULL;
}

static bool text_equals(const char *wanted, const char *value)
{
    return strcmp(wanted, value) == 0;
}
static bool text_equals_nocase(const char *wanted, const char *value)
{
    return strcasecmp(wanted, value) == 0;
}
static bool text_like(const char *wanted, const char *value)
{
    return s3_policy_wildcard(wanted, value, true);
}
static bool number_equals(const char *wanted, const char *value)
{
    return strtod(value, NULL) == strtod(wanted, NULL);
}
static bool number_less(const char *wanted, const char *value)
{
    return strtod(value, NULL) < strtod(wanted, NULL);
}
static bool number_less_equal(const char *wanted, const char *value)
{
    return strtod(value, NULL) <= strtod(wanted, NULL);
}
static bool number_greater(const char *wanted, const char *value)
{
    return strtod(value, NULL) > strtod(wanted, NULL);
}
static bool number_greater_equal(const char *wanted, const char *value)
{
    return strtod(value, NULL) >= strtod(wanted, NULL);
}

static bool address_in(const char *wanted, const char *value)
{
    char network[64];
    struct in_addr net, address;
    int bits = 32;
    if (sscanf(wanted, "%63[^/]/%d", network, &bits) < 1 || inet_pton(AF_INET, network, &net) != 1 ||
        inet_pton(AF_INET, value, &address) != 1 || bits < 0 || bits > 32)
        return false;
    uint32_t mask = bits == 0 ? 0 : 0xffffffffu << (32 - bits);
    return (ntohl(net.s_addr) & mask) == (ntohl(address.s_addr) & mask);
}

static const struct condition_operator {
    const char *name;
    bool (*test)(const char *wanted, const char *value);
    bool negated;
} operators[] = {
    {.name = "StringEquals", .test = text_equals},
    {.name = "StringNotEquals", .test = text_equals, .negated = true},
    {.name = "StringEqualsIgnoreCase", .test = text_equals_nocase},
    {.name = "StringNotEqualsIgnoreCase", .test = text_equals_nocase, .negated = true},
    {.name = "StringLike", .test = text_like},
    {.name = "StringNotLike", .test = text_like, .negated = true},
    {.name = "ArnEquals", .test = text_like},
    {.name = "ArnLike", .test = text_like},
    {.name = "ArnNotEquals", .test = text_like, .negated = true},
    {.name = "ArnNotLike", .test = text_like, .negated = true},
    {.name = "Bool", .test = text_equals_nocase},
    {.name = "IpAddress", .test = address_in},
    {.name = "NotIpAddress", .test = address_in, .negated = true},
    {.name = "NumericEquals", .test = number_equals},
    {.name = "NumericNotEquals", .test = number_equals, .negated = true},
    {.name = "NumericLessThan", .test = number_less},
    {.name = "NumericLessThanEquals", .test = number_less_equal},
    {.name = "NumericGreaterThan", .test = number_greater},
    {.name = "NumericGreaterThanEquals", .test = number_greater_equal},
    {.name = "Null", .test = NULL}, /* asks for presence, not for the value */
};

static const struct condition_operator *find_operator(const char *name, bool *if_exists)
{
    static const char tail[] = "IfExists";
    size_t len = strlen(name);
    *if_exists = len > strlen(tail) && strcmp(name + len - strlen(tail), tail) == 0;
    if (*if_exists)
        len -= strlen(tail);
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++) {
        if (strlen(operators[i].name) == len && strncmp(operators[i].name, name, len) == 0)
            return &operators[i];
    }
    return NULL;
}

struct comparison {
    const struct condition_operator *op;
    const char *value;
};

static bool compares(const char *wanted, const void *context)
{
    const struct comparison *comparison = context;
    return comparison->op->test(wanted, comparison->value);
}

static bool condition_holds(struct s3_call *call, const char *name, const char *key, const json_t *wanted)
{
    bool if_exists;
    struct comparison comparison = {.op = find_operator(name, &if_exists)};
    comparison.value = strchr(key, '/') ? tag_value(call, key) : condition_value(call, key);
    if (!comparison.op)
        return false;
    if (!comparison.op->test) {
        const char *text = json_is_string(wanted) ? json_string_value(wanted) : json_is_true(wanted) ? "true" : "false";
        return (strcmp(text, "true") == 0) == (comparison.value == NULL);
    }
    if (!comparison.value)
        return if_exists || comparison.op->negated;
    return s3_policy_any(wanted, compares, &comparison) != comparison.op->negated;
}

bool s3_conditions_hold(struct s3_call *call, json_t *conditions)
{
    const char *name, *key;
    json_t *keys, *wanted;
    json_object_foreach(conditions, name, keys)
    {
        json_object_foreach(keys, key, wanted)
        {
            if (!condition_holds(call, name, key, wanted))
                return false;
        }
    }
    return true;
}

bool s3_condition_is_known(const char *name)
{
    bool if_exists;
    return find_operator(name, &if_exists) != NULL;
}
