/* Answers for the services and operations that this cloud does not have: an unknown X-Amz-Target, Action, RPC path or
 * signing name gets that protocol's own error and never falls into S3. */
#include "backend/local/cloud.h"
#include "backend/local/reply.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_form(const struct request *req)
{
    const char *type = pairs_get(&req->headers, "Content-Type");
    return type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0;
}

static bool is_s3_scope(const char *service)
{
    return strcmp(service, "s3") == 0 || strcmp(service, "s3express") == 0;
}

static bool matches(const struct request *req)
{
    if (pairs_get(&req->headers, "X-Amz-Target"))
        return true;
    if (strncmp(req->raw_path, "/service/", 9) == 0 && strstr(req->raw_path, "/operation/") &&
        pairs_get(&req->headers, "smithy-protocol"))
        return true;
    if (is_form(req) && strcmp(req->method, "POST") == 0 && strcmp(req->raw_path, "/") == 0)
        return true;
    if (pairs_get(&req->query, "Action") && pairs_get(&req->query, "Version"))
        return true;
    return *req->scope_service && !is_s3_scope(req->scope_service);
}

static enum service_protocol protocol_of(const struct request *req)
{
    const char *type = pairs_get(&req->headers, "Content-Type");
    if (pairs_get(&req->headers, "X-Amz-Target") || (type && strstr(type, "x-amz-json")))
        return PROTOCOL_JSON;
    if (is_form(req) || pairs_get(&req->query, "Action"))
        return PROTOCOL_QUERY;
    return PROTOCOL_REST_JSON;
}

static void fail(const struct request *req, struct answer *answer, int status, const char *code, const char *message)
{
    switch (protocol_of(req)) {
    case PROTOCOL_JSON:
        reply_json_error(req, answer, status, code, message);
        return;
    case PROTOCOL_QUERY:
        reply_query_error(req, answer, "https://weir.invalid/absent/", status, code, message);
        return;
    default:
        reply_rest_error(req, answer, status, code, message);
    }
}

/* What the request calls itself, into out. */
static void name_operation(const struct request *req, char *out, size_t size)
{
    const char *target = pairs_get(&req->headers, "X-Amz-Target");
    struct pairs form = {0};
    if (target) {
        snprintf(out, size, "%.100s", target);
    } else if (protocol_of(req) == PROTOCOL_QUERY && reply_form(req, &form) && pairs_get(&form, "Action")) {
        const char *version = pairs_get(&form, "Version");
        snprintf(out, size, "%.60s (%.20s)", pairs_get(&form, "Action"), version ? version : "no Version");
    } else {
        snprintf(out, size, "%.16s %.80s", req->method, req->raw_path);
    }
    pairs_done(&form);
}

static void handle(struct request *req, struct answer *answer)
{
    char operation[128], message[256];
    name_operation(req, operation, sizeof operation);
    snprintf(message, sizeof message, "NotImplemented: the embedded cloud does not have %s%s%.40s", operation,
             *req->scope_service ? " of " : "", req->scope_service);
    if (protocol_of(req) == PROTOCOL_JSON)
        fail(req, answer, 400, "UnknownOperationException", message);
    else
        fail(req, answer, 501, "NotImplemented", message);
}

static const struct coverage_row coverage[] = {{.operation = NULL}};

const struct service_ops service_absent = {
    .name = "absent",
    .signing_name = "",
    .matches = matches,
    .handle = handle,
    .fail = fail,
    .coverage = coverage,
    .protocol = PROTOCOL_REST_JSON,
    .protocol_of = protocol_of,
};
