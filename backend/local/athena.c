/* The embedded Amazon Athena (awsJson1.1, target prefix AmazonAthena): routing, errors, coverage. Queries run by
 * athena_queue.c and athena_run.c; the operations are one row each in athena_ops.h. Called by the server on connection
 * threads. */
#include "backend/local/athena.h"
#include "backend/local/reply.h"
#include <stdio.h>
#include <string.h>

static const struct operation {
    const char *name;
    athena_handler *handle; /* NULL: not there */
} operations[] = {
#define X(operation, handler, state, missing_part) {.name = #operation, .handle = handler},
    ATHENA_OPERATIONS(X)
#undef X
#define X(operation) {.name = #operation, .handle = NULL},
        ATHENA_ABSENT(X)
#undef X
};

static const struct coverage_row coverage[] = {
#define X(name, handler, level, missing_part) {.operation = #name, .state = COVER_##level, .missing = missing_part},
    ATHENA_OPERATIONS(X)
#undef X
#define X(name) {.operation = #name, .state = COVER_ABSENT},
        ATHENA_ABSENT(X)
#undef X
            {.operation = NULL},
};

static const char target_prefix[] = "AmazonAthena.";

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
    plan->max = ATHENA_BODY_MAX;
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

static void answer_error(const struct athena_call *call, struct answer *answer)
{
    const char *code = call->err.service_code;
    if (!*code)
        fail(call->req, answer, 500, "InternalServerException", call->err.text);
    else
        fail(call->req, answer, strcmp(code, "NotImplemented") == 0 ? 501 : 400, code, call->err.text);
}

static void run(const struct operation *operation, struct request *req, struct answer *answer)
{
    struct athena_call call = {.req = req, .cloud = req->cloud, .out = json_object(), .err = ERR_NONE};
    struct err err = ERR_NONE;
    if (answer->body.max < ATHENA_ANSWER_MAX)
        answer->body.max = ATHENA_ANSWER_MAX;
    call.in = req->body.len ? json_parse(req->body.data, req->body.len, &err) : json_object();
    bool ok = json_is_object(call.in) ||
              athena_refuse(&call.err, "SerializationException", "The body is not a JSON object: %.150s", err.text);
    if (ok && operation->handle(&call))
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
        snprintf(message, sizeof message, "The embedded cloud does not implement athena %s", name);
        fail(req, answer, 501, "NotImplemented", message);
    } else {
        snprintf(message, sizeof message, "Athena has no operation %.80s", name);
        fail(req, answer, 400, "UnknownOperationException", message);
    }
}

static bool start(struct cloud *cloud, struct err *err)
{
    return athena_store_start(cloud, err) && athena_queue_start(cloud, err);
}

const struct service_ops service_athena = {
    .name = "athena",
    .signing_name = "athena",
    .matches = matches,
    .plan_body = plan_body,
    .handle = handle,
    .fail = fail,
    .start = start,
    .stop = athena_queue_stop,
    .coverage = coverage,
    .protocol = PROTOCOL_JSON,
    .operation = operation_name,
};
