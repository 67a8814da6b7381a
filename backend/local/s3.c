/* The embedded S3's front: which operation a request means (host, path, method, sub-resource), how its body is to be
 * read, and the way through the checks that every operation shares to its handler. Handlers live in the s3_*.c files
 * and are named in s3_ops.h. Called by the server on the connection's thread. */
#include "backend/local/s3.h"
#include "backend/base/uri.h"
#include "backend/local/s3_ops.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct s3_op operations[] = {
#define X(http, at, query, second, operation, permission, handler, reads, state, missing)                              \
    {.method = http,                                                                                                   \
     .level = S3_LEVEL_##at,                                                                                           \
     .sub = query,                                                                                                     \
     .with = second,                                                                                                   \
     .name = #operation,                                                                                               \
     .action = permission,                                                                                             \
     .handle = handler,                                                                                                \
     .body = S3_BODY_##reads},
    S3_OPERATIONS(X)
#undef X
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static const struct coverage_row coverage[] = {
#define X(http, at, query, second, op_name, permission, handler, reads, how, lacks)                                    \
    {.operation = #op_name, .state = COVER_##how, .missing = lacks},
    S3_OPERATIONS(X)
#undef X
        {.operation = "ListDirectoryBuckets", .state = COVER_ABSENT},
    {.operation = NULL},
};

/* Parameters that select nothing: anything else without a value is a sub-resource. */
static const char *const plain_parameters[] = {
    "prefix",
    "delimiter",
    "marker",
    "max-keys",
    "encoding-type",
    "start-after",
    "continuation-token",
    "fetch-owner",
    "key-marker",
    "version-id-marker",
    "upload-id-marker",
    "max-uploads",
    "max-parts",
    "part-number-marker",
    "partNumber",
    "versionId",
    "uploadId",
    "id",
    "x-id",
    "max-buckets",
    "bucket-region",
    "select-type",
    "Expires",
    "Signature",
    "AWSAccessKeyId",
    "allow-unordered",
};

static bool is_plain_parameter(const char *name)
{
    for (size_t i = 0; i < sizeof plain_parameters / sizeof plain_parameters[0]; i++) {
        if (strcmp(name, plain_parameters[i]) == 0)
            return true;
    }
    return strncasecmp(name, "x-amz-", 6) == 0 || strncmp(name, "response-", 9) == 0;
}

static bool has_part(const struct request *req, const char *part)
{
    if (part[0] == '\0')
        return true;
    if (strncmp(part, "x-amz-", 6) == 0)
        return pairs_get(&req->headers, part) != NULL;
    return pairs_get(&req->query, part) != NULL;
}

static const struct s3_op *find_operation(const struct request *req, enum s3_level level)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        const struct s3_op *op = &operations[i];
        if (op->level == level && strcmp(op->method, req->method) == 0 && has_part(req, op->sub) &&
            has_part(req, op->with))
            return op;
    }
    return NULL;
}

static bool is_sub_resource(const char *name, enum s3_level level)
{
    for (size_t i = 0; i < OPERATIONS; i++) {
        if (operations[i].level == level && strcmp(operations[i].sub, name) == 0)
            return true;
    }
    return false;
}

/* A sub-resource must never fall through to the operation on the whole: DELETE ?location is not DeleteBucket. */
static void refuse_wrong_sub_resource(const struct request *req, struct s3_target *target)
{
    if (target->op && (target->op->sub[0] != '\0' || strcmp(target->op->method, "OPTIONS") == 0))
        return;
    for (size_t i = 0; i < req->query.count; i++) {
        const struct pair *parameter = &req->query.items[i];
        if (is_sub_resource(parameter->name, target->level))
            target->op = NULL;
        else if (parameter->value[0] == '\0' && !is_plain_parameter(parameter->name))
            target->unknown = parameter->name;
    }
}

/* "bucket.localhost", "bucket.s3.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com",
 * "bucket.s3-eu-west-1.amazonaws.com", "bucket.127.0.0.1"; length of the bucket part, 0 for path style. */
size_t s3_bucket_in_host(const char *host)
{
    static const char *const whole[] = {".localhost", ".127.0.0.1", ".localhost.localdomain"};
    size_t len = strlen(host);
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        size_t n = strlen(whole[i]);
        if (len > n && strcasecmp(host + len - n, whole[i]) == 0) {
            size_t bucket = len - n;
            /* s3.localhost is the service; b.s3.localhost is bucket b */
            if (bucket == 2 && strncasecmp(host, "s3", 2) == 0)
                return 0;
            if (bucket > 3 && strncasecmp(host + bucket - 3, ".s3", 3) == 0)
                return bucket - 3;
            return bucket;
        }
    }
    static const char aws[] = ".amazonaws.com";
    if (len <= strlen(aws) || strcasecmp(host + len - strlen(aws), aws) != 0)
        return 0;
    for (const char *at = strcasestr(host, ".s3"); at; at = strcasestr(at + 1, ".s3")) {
        if (at[3] == '.' || at[3] == '-')
            return (size_t)(at - host);
    }
    return 0;
}

bool s3_find_target(const struct request *req, struct s3_target *target)
{
    *target = (struct s3_target){0};
    const char *path = req->raw_path;
    size_t host_len = req->host ? s3_bucket_in_host(req->host) : 0;
    const char *rest = path[0] == '/' ? path + 1 : path;
    if (host_len > 0) {
        snprintf(target->bucket, sizeof target->bucket, "%.*s", (int)host_len, req->host);
        target->raw_key = rest;
    } else {
        size_t len = strcspn(rest, "/");
        struct buf name = BUF_INIT(1024);
        if (!uri_decode(rest, len, false, &name) || strlen(buf_text(&name)) != name.len) {
            buf_done(&name);
            return false;
        }
        snprintf(target->bucket, sizeof target->bucket, "%s", buf_text(&name));
        buf_done(&name);
        target->raw_key = rest[len] == '/' ? rest + len + 1 : rest + len;
    }
    if (target->bucket[0] == '\0')
        target->level = S3_LEVEL_SERVICE;
    else
        target->level = target->raw_key[0] == '\0' ? S3_LEVEL_BUCKET : S3_LEVEL_OBJECT;
    target->op = find_operation(req, target->level);
    refuse_wrong_sub_resource(req, target);
    return true;
}

static bool s3_matches(const struct request *req)
{
    (void)req; /* the last row of the services: what no other recognises is a bucket's name */
    return true;
}

static void s3_plan_body(const struct request *req, struct body_plan *plan)
{
    struct s3_target target;
    *plan = (struct body_plan){.max = 1 << 20};
    if (!s3_find_target(req, &target) || !target.op)
        return;
    struct s3_checksum_ask ask;
    s3_checksum_ask(req, &ask);
    if (target.op->body == S3_BODY_OBJECT) {
        plan->to_file = req->content_length < 0 || req->content_length > S3_INLINE_MAX;
        plan->max = S3_PUT_MAX;
        plan->digest_mask = s3_checksum_mask(req);
    } else if (target.op->body == S3_BODY_XML) {
        plan->max = S3_XML_MAX;
        plan->digest_mask = 1u << DIGEST_MD5 | (ask.has_kind ? 1u << ask.kind : 0);
    } else if (target.op->body == S3_BODY_FORM) {
        plan->to_file = true;
        plan->max = S3_PUT_MAX + S3_XML_MAX;
    }
}

/* x-amz-expected-bucket-owner names another account: AccessDenied, on every bucket operation. */
static bool is_expected_owner(struct s3_call *call)
{
    const char *owner = s3_call_header(call, "x-amz-expected-bucket-owner");
    return !owner || strcmp(owner, CLOUD_ACCOUNT) == 0 || s3_fail(call, S3_ACCESS_DENIED);
}

static bool run_operation(struct s3_call *call, const struct s3_target *target)
{
    if (target->unknown)
        return s3_fail_text(call, S3_NOT_IMPLEMENTED, "The sub-resource '%.64s' is not implemented.", target->unknown);
    if (!target->op)
        return s3_fail_with(call, S3_METHOD_NOT_ALLOWED, "Method", call->req->method, "ResourceType",
                            target->level == S3_LEVEL_OBJECT   ? "OBJECT"
                            : target->level == S3_LEVEL_BUCKET ? "BUCKET"
                                                               : "SERVICE",
                            NULL);
    if (!target->op->handle)
        return s3_fail_text(call, S3_NOT_IMPLEMENTED, "%s is not implemented by the embedded cloud.", target->op->name);
    if (target->level != S3_LEVEL_SERVICE && target->op->handle != s3_op_create_bucket &&
        target->op->handle != s3_op_options) {
        if (!s3_bucket_load(call) || !is_expected_owner(call) || !s3_access_allowed(call))
            return false;
    }
    return target->op->handle(call);
}

void s3_handle_request(struct request *req, struct answer *answer)
{
    struct s3_target target;
    struct s3_call call;
    if (!s3_find_target(req, &target)) {
        s3_error_answer(req, answer, 400, s3_error_code(S3_INVALID_URI), s3_error_sentence(S3_INVALID_URI));
        return;
    }
    if (s3_call_open(&call, req, answer, &target) && run_operation(&call, &target) && answer->status == 0)
        answer->status = 200;
    s3_cors_decorate(&call);
    s3_call_close(&call);
}

/* The server's refusals: the <Error> document, and for a browser the headers without which it may not even see it. */
static void s3_refuse(const struct request *req, struct answer *answer, int status, const char *code,
                      const char *message)
{
    struct s3_target target;
    struct s3_call call;
    s3_error_answer(req, answer, status, code, message);
    if (!pairs_get(&req->headers, "origin") || !s3_find_target(req, &target) || !target.op)
        return;
    struct answer scratch = {.file_fd = -1, .head_length = -1};
    if (s3_call_open(&call, (struct request *)(uintptr_t)req, &scratch, &target) && s3_bucket_load(&call)) {
        call.answer = answer;
        s3_cors_decorate(&call);
    }
    s3_call_close(&call);
    buf_done(&scratch.body);
    pairs_done(&scratch.headers);
}

static bool s3_allows_anonymous(const struct request *req)
{
    struct s3_target target;
    struct s3_call call;
    struct answer answer = {.file_fd = -1, .head_length = -1};
    /* the answer below is thrown away: only the verdict counts, and the call writes nothing to the request */
    struct request *borrowed = (struct request *)(uintptr_t)req;
    bool allows = s3_find_target(req, &target) && target.op && target.level != S3_LEVEL_SERVICE;
    if (allows) {
        allows = s3_call_open(&call, borrowed, &answer, &target) && s3_access_anonymous(&call);
        s3_call_close(&call);
    }
    buf_done(&answer.body);
    pairs_done(&answer.headers);
    return allows;
}

static const char *s3_operation(const struct request *req)
{
    struct s3_target target;
    return s3_find_target(req, &target) && target.op ? target.op->name : NULL;
}

const struct service_ops service_s3 = {
    .name = "s3",
    .signing_name = "s3",
    .matches = s3_matches,
    .plan_body = s3_plan_body,
    .handle = s3_handle_request,
    .fail = s3_refuse,
    .start = s3_store_start,
    .stop = s3_store_stop,
    .coverage = coverage,
    .allows_anonymous = s3_allows_anonymous,
    .protocol = PROTOCOL_REST_XML,
    .operation = s3_operation,
};
