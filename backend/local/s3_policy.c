/* Bucket policies: validation when put, evaluation for a request, and whether one is public. Statements with Effect,
 * (Not)Principal, (Not)Action, (Not)Resource and the common condition operators are evaluated ("Policies and
 * permissions in Amazon S3" and "IAM JSON policy elements"); a statement with a condition that is not understood is
 * refused when it is put, so nothing is silently allowed. */
#include "backend/base/json.h"
#include "backend/local/s3.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* '*' any run, '?' any one character; case matters when exact. */
static bool wildcard(const char *pattern, const char *text, bool exact)
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

/* Calls on each text of a string or an array of strings. */
static bool any_text(const json_t *value, bool (*test)(const char *text, const void *context), const void *context)
{
    size_t i;
    json_t *item;
    if (json_is_string(value))
        return test(json_string_value(value), context);
    if (json_is_boolean(value))
        return test(json_is_true(value) ? "true" : "false", context);
    json_array_foreach(value, i, item)
    {
        if (any_text(item, test, context))
            return true;
    }
    return false;
}

/* ---- principals, actions, resources */

static bool principal_is(const char *text, const void *context)
{
    const struct s3_call *call = context;
    if (strcmp(text, "*") == 0)
        return true;
    if (!call->req->access_key)
        return false;
    return strcmp(text, CLOUD_ACCOUNT) == 0 || strcmp(text, "arn:aws:iam::" CLOUD_ACCOUNT ":root") == 0 ||
           strcmp(text, call->req->principal_arn) == 0 || strcmp(text, S3_OWNER_ID) == 0;
}

static bool principal_matches(const json_t *statement, const struct s3_call *call)
{
    const json_t *principal = json_object_get(statement, "Principal");
    const json_t *others = json_object_get(statement, "NotPrincipal");
    const json_t *value = principal ? principal : others;
    bool match = json_is_string(value) ? principal_is(json_string_value(value), call)
                                       : any_text(json_object_get(value, "AWS"), principal_is, call) ||
                                             any_text(json_object_get(value, "CanonicalUser"), principal_is, call);
    return principal ? match : !match;
}

/* With ?versionId the action has "Version" behind "Object" where IAM knows such a name. */
static const char *action_name(const struct s3_call *call)
{
    static const char *const tails[] = {"", "Acl", "Tagging", "Attributes"};
    const char *action = call->op->action, *object = strstr(action, "Object");
    if (!object || call->op->level != S3_LEVEL_OBJECT || !s3_call_query(call, "versionId"))
        return arena_printf(call->arena, "s3:%s", action);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        if (strcmp(object + 6, tails[i]) == 0)
            return arena_printf(call->arena, "s3:%.*sObjectVersion%s", (int)(object - action), action, tails[i]);
    }
    return arena_printf(call->arena, "s3:%s", action);
}

static bool action_is(const char *pattern, const void *context)
{
    return wildcard(pattern, context, false);
}

static bool resource_is(const char *pattern, const void *context)
{
    return wildcard(pattern, context, true);
}

static bool list_matches(const json_t *statement, const char *name, const char *opposite,
                         bool (*test)(const char *, const void *), const void *context)
{
    const json_t *value = json_object_get(statement, name);
    if (value)
        return any_text(value, test, context);
    value = json_object_get(statement, opposite);
    return value && !any_text(value, test, context);
}

/* ---- conditions */

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
    return wildcard(wanted, value, true);
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
    return any_text(wanted, compares, &comparison) != comparison.op->negated;
}

static bool conditions_hold(struct s3_call *call, json_t *conditions)
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

/* ---- evaluation */

static enum s3_effect statement_effect(struct s3_call *call, const json_t *statement, const char *action,
                                       const char *resource)
{
    if (!principal_matches(statement, call) || !list_matches(statement, "Action", "NotAction", action_is, action) ||
        !list_matches(statement, "Resource", "NotResource", resource_is, resource) ||
        !conditions_hold(call, json_object_get(statement, "Condition")))
        return S3_EFFECT_NONE;
    return strcmp(json_str(statement, "Effect"), "Deny") == 0 ? S3_EFFECT_DENY : S3_EFFECT_ALLOW;
}

/* The statements as an array, whether the policy has one or a list. New reference. */
static json_t *statements_of(const json_t *policy)
{
    json_t *statements = json_object_get(policy, "Statement");
    if (json_is_array(statements))
        return json_incref(statements);
    json_t *list = json_array();
    if (statements)
        json_array_append(list, statements);
    return list;
}

enum s3_effect s3_policy_effect(struct s3_call *call, const char *text)
{
    struct err err = ERR_NONE;
    json_t *policy = json_parse(text, strlen(text), &err), *statements = statements_of(policy), *statement;
    const char *action = action_name(call);
    const char *resource =
        arena_printf(call->arena, "arn:aws:s3:::%s%s%s", call->bucket_name, *call->key ? "/" : "", call->key);
    enum s3_effect effect = S3_EFFECT_NONE;
    size_t i;
    json_array_foreach(statements, i, statement)
    {
        enum s3_effect one = statement_effect(call, statement, action, resource);
        if (one > effect)
            effect = one; /* a Deny wins over every Allow */
    }
    json_decref(statements);
    json_decref(policy);
    return effect;
}

/* ---- public or not ("The meaning of public") */

static bool is_star(const char *text, const void *context)
{
    (void)context;
    return strcmp(text, "*") == 0;
}

static bool is_open_value(const char *text, const void *context)
{
    (void)context;
    int bits = 32;
    bool wide_net = sscanf(text, "%*[0-9.]/%d", &bits) == 1 && bits < 8;
    return wide_net || strpbrk(text, "*?$") != NULL;
}

/* A condition on one of these keys with fixed values makes a statement not public. */
static bool condition_narrows(json_t *conditions)
{
    static const char *const keys[] = {
        "aws:SourceIp",    "aws:SourceArn", "aws:SourceVpc",      "aws:SourceVpce",        "aws:SourceAccount",
        "aws:SourceOwner", "aws:userid",    "aws:PrincipalOrgID", "s3:DataAccessPointArn", "s3:DataAccessPointAccount"};
    const char *name, *key;
    json_t *wanted, *values;
    json_object_foreach(conditions, name, wanted)
    {
        if (strstr(name, "Not"))
            continue;
        json_object_foreach(wanted, key, values)
        {
            for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
                if (strcasecmp(keys[i], key) == 0 && !any_text(values, is_open_value, NULL))
                    return true;
            }
        }
    }
    return false;
}

bool s3_policy_is_public(const char *text, size_t len)
{
    struct err err = ERR_NONE;
    json_t *policy = json_parse(text, len, &err), *statements = statements_of(policy), *statement;
    bool is_public = false;
    size_t i;
    json_array_foreach(statements, i, statement)
    {
        const json_t *principal = json_object_get(statement, "Principal");
        bool everyone = json_object_get(statement, "NotPrincipal") || any_text(principal, is_star, NULL) ||
                        any_text(json_object_get(principal, "AWS"), is_star, NULL);
        if (everyone && strcmp(json_str(statement, "Effect"), "Allow") == 0 &&
            !condition_narrows(json_object_get(statement, "Condition")))
            is_public = true;
    }
    json_decref(statements);
    json_decref(policy);
    return is_public;
}

/* ---- validation */

static bool is_foreign_action(const char *text, const void *context)
{
    (void)context;
    return strcmp(text, "*") != 0 && strncasecmp(text, "s3:", 3) != 0;
}

static bool is_foreign_resource(const char *text, const void *context)
{
    const char *bucket = context;
    size_t len = strlen(bucket);
    if (strncmp(text, "arn:aws:s3:::", 13) != 0)
        return strcmp(text, "*") != 0;
    text += 13;
    /* the bucket's own name, possibly by wildcards */
    size_t name = strcspn(text, "/");
    if (name == len && strncmp(text, bucket, len) == 0)
        return false;
    char pattern[256];
    snprintf(pattern, sizeof pattern, "%.*s", (int)name, text);
    return !wildcard(pattern, bucket, true);
}

static bool check_conditions(struct s3_call *call, json_t *conditions)
{
    const char *name;
    json_t *keys;
    bool if_exists;
    json_object_foreach(conditions, name, keys)
    {
        if (!find_operator(name, &if_exists))
            return s3_fail_text(call, S3_MALFORMED_POLICY, "Invalid Condition type : %.64s", name);
    }
    return true;
}

static bool check_statement(struct s3_call *call, const json_t *statement)
{
    const char *effect = json_str(statement, "Effect");
    const json_t *action = json_object_get(statement, "Action"), *resource = json_object_get(statement, "Resource");
    if (strcmp(effect, "Allow") != 0 && strcmp(effect, "Deny") != 0)
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Invalid effect: %.32s", effect);
    if (!json_object_get(statement, "Principal") && !json_object_get(statement, "NotPrincipal"))
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Missing required field Principal");
    if (!action && !json_object_get(statement, "NotAction"))
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Missing required field Action");
    if (!resource && !json_object_get(statement, "NotResource"))
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Missing required field Resource");
    if (any_text(action, is_foreign_action, NULL))
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Policy has invalid action");
    if (any_text(resource, is_foreign_resource, call->bucket_name))
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Policy has invalid resource");
    return check_conditions(call, json_object_get(statement, "Condition"));
}

bool s3_policy_check(struct s3_call *call, const char *text, size_t len)
{
    struct err err = ERR_NONE;
    json_t *policy = len && text[0] == '{' ? json_parse(text, len, &err) : NULL;
    if (!json_is_object(policy)) {
        json_decref(policy);
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Policies must be valid JSON and the first byte must be '{'");
    }
    json_t *statements = statements_of(policy), *statement;
    bool ok =
        json_array_size(statements) > 0 || s3_fail_text(call, S3_MALFORMED_POLICY, "Missing required field Statement");
    size_t i;
    json_array_foreach(statements, i, statement)
    {
        ok = ok && check_statement(call, statement);
    }
    json_decref(statements);
    json_decref(policy);
    return ok;
}
