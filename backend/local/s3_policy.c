/* Bucket policies: validation when put, evaluation for a request, and whether one is public. Statements with Effect,
 * (Not)Principal, (Not)Action, (Not)Resource and the common condition operators are evaluated ("Policies and
 * permissions in Amazon S3" and "IAM JSON policy elements"); a statement with a condition that is not understood is
 * refused when it is put, so nothing is silently allowed. */
#include "backend/local/s3_policy.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
                                       : s3_policy_any(json_object_get(value, "AWS"), principal_is, call) ||
                                             s3_policy_any(json_object_get(value, "CanonicalUser"), principal_is, call);
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
    return s3_policy_wildcard(pattern, context, false);
}

static bool resource_is(const char *pattern, const void *context)
{
    return s3_policy_wildcard(pattern, context, true);
}

static bool list_matches(const json_t *statement, const char *name, const char *opposite,
                         bool (*test)(const char *, const void *), const void *context)
{
    const json_t *value = json_object_get(statement, name);
    if (value)
        return s3_policy_any(value, test, context);
    value = json_object_get(statement, opposite);
    return value && !s3_policy_any(value, test, context);
}

/* ---- evaluation */

static enum s3_effect statement_effect(struct s3_call *call, const json_t *statement, const char *action,
                                       const char *resource)
{
    if (!principal_matches(statement, call) || !list_matches(statement, "Action", "NotAction", action_is, action) ||
        !list_matches(statement, "Resource", "NotResource", resource_is, resource) ||
        !s3_conditions_hold(call, json_object_get(statement, "Condition")))
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
                if (strcasecmp(keys[i], key) == 0 && !s3_policy_any(values, is_open_value, NULL))
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
        bool everyone = json_object_get(statement, "NotPrincipal") || s3_policy_any(principal, is_star, NULL) ||
                        s3_policy_any(json_object_get(principal, "AWS"), is_star, NULL);
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
    return !s3_policy_wildcard(pattern, bucket, true);
}

static bool check_conditions(struct s3_call *call, json_t *conditions)
{
    const char *name;
    json_t *keys;
    json_object_foreach(conditions, name, keys)
    {
        if (!s3_condition_is_known(name))
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
    if (s3_policy_any(action, is_foreign_action, NULL))
        return s3_fail_text(call, S3_MALFORMED_POLICY, "Policy has invalid action");
    if (s3_policy_any(resource, is_foreign_resource, call->bucket_name))
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
