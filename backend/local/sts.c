/* The embedded Security Token Service (query protocol, version 2011-06-15): who the caller is, and session credentials
 * that verify and expire. There are no IAM roles here: every role name of the own account may be assumed. Source: AWS
 * Security Token Service API Reference. */
#include "backend/base/xml.h"
#include "backend/local/cloud.h"
#include "backend/local/keys.h"
#include "backend/local/reply.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define XMLNS   "https://sts.amazonaws.com/doc/2011-06-15/"
#define VERSION "2011-06-15"
enum { RESULT_MAX = 16 * 1024 };

/* One call: its parameters and the XML inside <OpResult>. */
struct call {
    struct request *req;
    struct answer *answer;
    struct pairs form;
    struct buf result;
};

static const char *parameter(const struct call *call, const char *name)
{
    const char *value = pairs_get(&call->form, name);
    return value ? value : "";
}

static bool fail_call(struct call *call, int status, const char *code, const char *message)
{
    reply_query_error(call->req, call->answer, XMLNS, status, code, message);
    return false;
}

static bool fail_value(struct call *call, const char *name, const char *rule)
{
    char message[256];
    snprintf(message, sizeof message,
             "1 validation error detected: Value '%.60s' at '%s' failed to satisfy constraint: %s",
             parameter(call, name), name, rule);
    return fail_call(call, 400, "ValidationError", message);
}

static bool get_caller_identity(struct call *call)
{
    xml_write_element(&call->result, "Arn", call->req->principal_arn);
    xml_write_element(&call->result, "UserId", call->req->principal_id);
    xml_write_element(&call->result, "Account", CLOUD_ACCOUNT);
    return true;
}

/* DurationSeconds within its bounds; ms since 1970 of the end. */
static bool find_end(struct call *call, long fallback_s, long max_s, int64_t *expires_ms)
{
    const char *text = parameter(call, "DurationSeconds");
    char *end = NULL, rule[96];
    long seconds = *text ? strtol(text, &end, 10) : fallback_s;
    if (*text && (*end || seconds < 900 || seconds > max_s)) {
        snprintf(rule, sizeof rule, "Member must be between 900 and %ld seconds", max_s);
        return fail_value(call, "DurationSeconds", rule);
    }
    *expires_ms = clock_wall(call->req->cloud->clock) + (int64_t)seconds * 1000;
    return true;
}

static bool write_credentials(struct call *call, const char *arn, const char *id, int64_t expires_ms)
{
    struct keys_session session;
    if (!keys_make_session(call->req->cloud->keys, arn, id, expires_ms, &session))
        return fail_call(call, 400, "ValidationError", "The role and session names are too long together");
    time_t seconds = (time_t)(expires_ms / 1000);
    struct tm utc;
    char expiration[32] = "";
    if (gmtime_r(&seconds, &utc))
        strftime(expiration, sizeof expiration, "%Y-%m-%dT%H:%M:%SZ", &utc);
    buf_puts(&call->result, "<Credentials>");
    xml_write_element(&call->result, "AccessKeyId", session.access);
    xml_write_element(&call->result, "SecretAccessKey", session.secret);
    xml_write_element(&call->result, "SessionToken", session.token);
    xml_write_element(&call->result, "Expiration", expiration);
    buf_puts(&call->result, "</Credentials>");
    secret_wipe(&session, sizeof session);
    return true;
}

/* [\w+=,.@-]{2,64} */
static bool is_session_name(const char *name)
{
    size_t len = strlen(name);
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("_+=,.@-", *at))
            return false;
    return len >= 2 && len <= 64;
}

/* "arn:aws:iam::123456789012:role/path/NAME": the last part of the name; NULL when it is none of this account. */
static const char *role_name(const char *arn)
{
    static const char prefix[] = "arn:aws:iam::" CLOUD_ACCOUNT ":role/";
    if (strncmp(arn, prefix, sizeof prefix - 1) != 0)
        return NULL;
    const char *slash = strrchr(arn, '/');
    size_t len = strlen(slash + 1);
    return len >= 1 && len <= 64 ? slash + 1 : NULL;
}

/* Options that would narrow the session: without them it would have more rights than asked for. */
static bool has_unsupported(struct call *call)
{
    static const char *const names[] = {"Policy", "PolicyArns.member.1.arn", "SerialNumber", "TokenCode"};
    char message[96];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!pairs_get(&call->form, names[i]))
            continue;
        snprintf(message, sizeof message, "The embedded cloud does not implement the parameter %s", names[i]);
        fail_call(call, 501, "NotImplemented", message);
        return true;
    }
    return false;
}

static bool assume_role(struct call *call)
{
    const char *arn = parameter(call, "RoleArn"), *session = parameter(call, "RoleSessionName");
    char session_arn[256], id[160], role_id[32], message[256];
    int64_t expires_ms;
    if (strlen(arn) < 20 || strlen(arn) > 2048)
        return fail_value(call, "roleArn", "Member must have length between 20 and 2048");
    if (!is_session_name(session))
        return fail_value(call, "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}");
    if (has_unsupported(call) || !find_end(call, 3600, 43200, &expires_ms))
        return false;
    const char *role = role_name(arn);
    if (!role) {
        snprintf(message, sizeof message,
                 "User: %.100s is not authorized to perform: sts:AssumeRole on resource: %.80s",
                 call->req->principal_arn, arn);
        return fail_call(call, 403, "AccessDenied", message);
    }
    keys_unique_id("AROA", role, role_id);
    snprintf(session_arn, sizeof session_arn, "arn:aws:sts::%s:assumed-role/%s/%s", CLOUD_ACCOUNT, role, session);
    snprintf(id, sizeof id, "%s:%s", role_id, session);
    if (!write_credentials(call, session_arn, id, expires_ms))
        return false;
    buf_puts(&call->result, "<AssumedRoleUser>");
    xml_write_element(&call->result, "AssumedRoleId", id);
    xml_write_element(&call->result, "Arn", session_arn);
    buf_puts(&call->result, "</AssumedRoleUser>");
    return true;
}

static bool get_session_token(struct call *call)
{
    int64_t expires_ms;
    if (strncmp(call->req->access_key, "ASIA", 4) == 0)
        return fail_call(call, 403, "AccessDenied", "Cannot call GetSessionToken with session credentials");
    return !has_unsupported(call) && find_end(call, 43200, 129600, &expires_ms) &&
           write_credentials(call, call->req->principal_arn, call->req->principal_id, expires_ms);
}

static bool get_access_key_info(struct call *call)
{
    size_t len = strlen(parameter(call, "AccessKeyId"));
    if (len < 16 || len > 128)
        return fail_value(call, "accessKeyId", "Member must have length between 16 and 128");
    xml_write_element(&call->result, "Account", CLOUD_ACCOUNT);
    return true;
}

static const struct operation {
    const char *name;
    bool (*run)(struct call *call); /* false: the error is answered */
} operations[] = {
    {.name = "GetCallerIdentity", .run = get_caller_identity},
    {.name = "AssumeRole", .run = assume_role},
    {.name = "GetSessionToken", .run = get_session_token},
    {.name = "GetAccessKeyInfo", .run = get_access_key_info},
};

static bool matches(const struct request *req)
{
    const char *version = pairs_get(&req->query, "Version");
    return strcmp(req->scope_service, "sts") == 0 ||
           (pairs_get(&req->query, "Action") && version && strcmp(version, VERSION) == 0 && !*req->scope_service);
}

static const struct operation *find_operation(const char *name)
{
    for (size_t i = 0; name && i < sizeof operations / sizeof *operations; i++)
        if (strcmp(operations[i].name, name) == 0)
            return &operations[i];
    return NULL;
}

static const char *operation_name(const struct request *req)
{
    struct pairs form = {0};
    const struct operation *operation = reply_form(req, &form) ? find_operation(pairs_get(&form, "Action")) : NULL;
    pairs_done(&form);
    return operation ? operation->name : NULL;
}

static const struct coverage_row coverage[] = {
    {.operation = "GetCallerIdentity", .state = COVER_DONE},
    {.operation = "AssumeRole",
     .state = COVER_PARTIAL,
     .missing = "session policies and MFA are refused; tags and external ids have no effect; every role of the account "
                "may be assumed"},
    {.operation = "GetSessionToken", .state = COVER_PARTIAL, .missing = "MFA is refused"},
    {.operation = "GetAccessKeyInfo", .state = COVER_DONE},
    {.operation = "AssumeRoleWithSAML", .state = COVER_ABSENT},
    {.operation = "AssumeRoleWithWebIdentity", .state = COVER_ABSENT},
    {.operation = "AssumeRoot", .state = COVER_ABSENT},
    {.operation = "DecodeAuthorizationMessage", .state = COVER_ABSENT},
    {.operation = "GetFederationToken", .state = COVER_ABSENT},
    {.operation = NULL},
};

/* Known of AWS, not there, or not known at all. */
static void fail_operation(struct call *call, const char *name)
{
    char message[256];
    for (const struct coverage_row *row = coverage; row->operation; row++) {
        if (strcmp(row->operation, name) != 0)
            continue;
        snprintf(message, sizeof message, "NotImplemented: the embedded cloud does not have sts %s", name);
        fail_call(call, 501, "NotImplemented", message);
        return;
    }
    snprintf(message, sizeof message, "Could not find operation %.80s for version %.20s", *name ? name : "(none)",
             parameter(call, "Version"));
    fail_call(call, 400, *name ? "InvalidAction" : "MissingAction", message);
}

static void handle(struct request *req, struct answer *answer)
{
    struct call call = {.req = req, .answer = answer, .result = BUF_INIT(RESULT_MAX)};
    if (!reply_form(req, &call.form)) {
        fail_call(&call, 400, "MalformedQueryString", "The form parameters could not be parsed");
    } else {
        const char *name = parameter(&call, "Action");
        const struct operation *operation = find_operation(name);
        if (!operation)
            fail_operation(&call, name);
        else if (strcmp(parameter(&call, "Version"), VERSION) != 0)
            fail_call(&call, 400, "InvalidAction", "Version must be " VERSION);
        else if (operation->run(&call))
            reply_query(req, answer, XMLNS, name, buf_text(&call.result));
    }
    pairs_done(&call.form);
    if (call.result.data)
        secret_wipe(call.result.data, call.result.len);
    buf_done(&call.result);
}

static void fail(const struct request *req, struct answer *answer, int status, const char *code, const char *message)
{
    reply_query_error(req, answer, XMLNS, status, code, message);
}

const struct service_ops service_sts = {
    .name = "sts",
    .signing_name = "sts",
    .matches = matches,
    .handle = handle,
    .fail = fail,
    .coverage = coverage,
    .protocol = PROTOCOL_QUERY,
    .operation = operation_name,
};
