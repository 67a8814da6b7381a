/* Routing, bodies and errors of the services that speak AWS's JSON protocols; see awsjson.h. */
#include "backend/local/awsjson.h"
#include "backend/local/reply.h"
#include <stdio.h>
#include <string.h>

static const char *target_of(const struct awsjson_service *service, const struct request *req)
{
    const char *target = pairs_get(&req->headers, "X-Amz-Target");
    size_t len = strlen(service->target);
    return target && strncmp(target, service->target, len) == 0 ? target + len : NULL;
}

bool awsjson_matches(const struct awsjson_service *service, const struct request *req)
{
    return target_of(service, req) != NULL;
}

void awsjson_plan_body(const struct awsjson_service *service, struct body_plan *plan)
{
    plan->max = service->body_max;
}

static const struct awsjson_operation *find_operation(const struct awsjson_service *service, const char *name)
{
    for (const struct awsjson_operation *row = service->operations; name && row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}

const char *awsjson_operation(const struct awsjson_service *service, const struct request *req)
{
    const struct awsjson_operation *operation = find_operation(service, target_of(service, req));
    return operation ? operation->name : NULL;
}

void awsjson_fail(const struct awsjson_service *service, const struct request *req, struct answer *answer, int status,
                  const char *code, const char *message)
{
    if (!service->error) {
        reply_json_error(req, answer, status, code, message);
        return;
    }
    pairs_set(&answer->headers, "x-amzn-errortype", code);
    reply_json(req, answer, status, service->error(code, message));
}

/* What a handler's error is answered as: the service's own names are the client's faults, all else is the service's. */
static void answer_error(const struct awsjson_service *service, const struct awsjson_call *call, struct answer *answer)
{
    const char *code = *call->err.service_code ? call->err.service_code : service->internal_error;
    int status = strcmp(code, service->internal_error) == 0 ? 500 : strcmp(code, "NotImplemented") == 0 ? 501 : 400;
    awsjson_fail(service, call->req, answer, status, code, call->err.text);
}

static bool read_input(struct awsjson_call *call)
{
    struct err err = ERR_NONE;
    const struct buf *body = &call->req->body;
    call->in = body->len ? json_parse(body->data, body->len, &err) : json_object();
    if (json_is_object(call->in))
        return true;
    err_set(&call->err, ERR_USAGE, "The request body is not a JSON object: %.150s", err.text);
    snprintf(call->err.service_code, sizeof call->err.service_code, "SerializationException");
    return false;
}

static void run(const struct awsjson_service *service, const struct awsjson_operation *operation, struct request *req,
                struct answer *answer)
{
    struct awsjson_call call = {.req = req, .cloud = req->cloud, .out = json_object(), .err = ERR_NONE};
    if (answer->body.max < (size_t)service->answer_max)
        answer->body.max = (size_t)service->answer_max;
    if (read_input(&call) && (!service->check || service->check(&call)) && operation->handle(&call))
        reply_json(req, answer, 200, json_incref(call.out));
    else
        answer_error(service, &call, answer);
    json_decref(call.in);
    json_decref(call.out);
}

void awsjson_handle(const struct awsjson_service *service, struct request *req, struct answer *answer)
{
    const char *name = target_of(service, req);
    const struct awsjson_operation *operation = find_operation(service, name);
    char message[192];
    if (operation && operation->handle) {
        run(service, operation, req, answer);
    } else if (operation) {
        snprintf(message, sizeof message, "The embedded cloud does not implement %s %s", service->name, name);
        awsjson_fail(service, req, answer, 501, "NotImplemented", message);
    } else {
        snprintf(message, sizeof message, "%s has no operation %.80s", service->title, name ? name : "");
        awsjson_fail(service, req, answer, 400, "UnknownOperationException", message);
    }
}
