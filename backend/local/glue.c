/* The embedded AWS Glue (awsJson1.1, target prefix AWSGlue): routing, errors, coverage. The Data Catalog lives in
 * glue_store.h; the operations are in glue_database.c, glue_table.c, glue_partition.c, glue_search.c, glue_tag.c and
 * glue_crawler.c, one row each in glue_ops.h. Called by the server on connection threads. */
#include "backend/local/glue.h"
#include "backend/local/reply.h"
#include <stdio.h>
#include <string.h>

static const struct operation {
    const char *name;
    glue_handler *handle; /* NULL: not there */
} operations[] = {
#define X(operation, handler, state, missing_part) {.name = #operation, .handle = handler},
    GLUE_OPERATIONS(X)
#undef X
#define X(operation) {.name = #operation, .handle = NULL},
        GLUE_ABSENT(X)
#undef X
};

static const struct coverage_row coverage[] = {
#define X(name, handler, level, missing_part) {.operation = #name, .state = COVER_##level, .missing = missing_part},
    GLUE_OPERATIONS(X)
#undef X
#define X(name) {.operation = #name, .state = COVER_ABSENT},
        GLUE_ABSENT(X)
#undef X
            {.operation = NULL},
};

static const char target_prefix[] = "AWSGlue.";

static const char *target_of(const struct request *req)
{
    const char *target = pairs_get(&req->headers, "X-Amz-Target");
    return target && strncmp(target, target_prefix, sizeof target_prefix - 1) == 0 ? target + sizeof target_prefix - 1
                                                                                   : NULL;
}

static bool matches(const struct request *req)
{
    return target_of(req) != NULL;
}

static void plan_body(const struct request *req, struct body_plan *plan)
{
    (void)req;
    plan->max = GLUE_BODY_MAX;
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
    const struct operation *operation = find_operation(target_of(req));
    return operation ? operation->name : NULL;
}

static void fail(const struct request *req, struct answer *answer, int status, const char *code, const char *message)
{
    reply_json_error(req, answer, status, code, message);
}

/* What a handler's error is answered as: Glue's own names are client faults, all else is the service's. */
static void answer_error(const struct glue_call *call, struct answer *answer)
{
    const char *code = call->err.service_code;
    if (!*code)
        fail(call->req, answer, 500, "InternalServiceException", call->err.text);
    else if (strcmp(code, "NotImplemented") == 0)
        fail(call->req, answer, 501, code, call->err.text);
    else
        fail(call->req, answer, strcmp(code, "InternalServiceException") == 0 ? 500 : 400, code, call->err.text);
}

/* Another account's catalog is not here. */
static bool check_catalog(struct glue_call *call)
{
    const char *catalog = json_str(call->in, "CatalogId");
    return !*catalog || strcmp(catalog, CLOUD_ACCOUNT) == 0 ||
           glue_fail(call, "EntityNotFoundException", "Catalog %.60s not found.", catalog);
}

static bool read_input(struct glue_call *call)
{
    struct err err = ERR_NONE;
    const struct buf *body = &call->req->body;
    call->in = body->len ? json_parse(body->data, body->len, &err) : json_object();
    if (json_is_object(call->in))
        return true;
    return glue_fail(call, "SerializationException", "The request body is not a JSON object: %.150s", err.text);
}

static void run(const struct operation *operation, struct request *req, struct answer *answer)
{
    struct glue_call call = {.req = req, .cloud = req->cloud, .out = json_object(), .err = ERR_NONE};
    if (answer->body.max < GLUE_ANSWER_MAX)
        answer->body.max = GLUE_ANSWER_MAX;
    if (read_input(&call) && check_catalog(&call) && operation->handle(&call))
        reply_json(req, answer, 200, json_incref(call.out));
    else
        answer_error(&call, answer);
    json_decref(call.in);
    json_decref(call.out);
}

static void handle(struct request *req, struct answer *answer)
{
    const char *name = target_of(req);
    const struct operation *operation = find_operation(name);
    char message[192];
    if (operation && operation->handle) {
        run(operation, req, answer);
    } else if (operation) {
        snprintf(message, sizeof message, "The embedded cloud does not implement glue %s", name);
        fail(req, answer, 501, "NotImplemented", message);
    } else {
        snprintf(message, sizeof message, "Glue has no operation %.80s", name);
        fail(req, answer, 400, "UnknownOperationException", message);
    }
}

static bool start(struct cloud *cloud, struct err *err)
{
    return glue_store_start(cloud, err) && glue_tag_start(cloud, err) && glue_crawler_start(cloud, err);
}

const struct service_ops service_glue = {
    .name = "glue",
    .signing_name = "glue",
    .matches = matches,
    .plan_body = plan_body,
    .handle = handle,
    .fail = fail,
    .start = start,
    .stop = glue_crawler_stop,
    .coverage = coverage,
    .protocol = PROTOCOL_JSON,
    .operation = operation_name,
};
