/* The embedded Amazon Athena (awsJson 1.1, target prefix AmazonAthena): its rows, the shape of its errors, its start.
 * Queries run by athena_queue.c and athena_run.c; the operations are one row each in athena_ops.h. Called by the server
 * on connection threads. */
#include "backend/local/athena.h"
#include <string.h>

static const struct awsjson_operation operations[] = {ATHENA_OPERATIONS(AWSJSON_OPERATION)
                                                          ATHENA_ABSENT(AWSJSON_NO_OPERATION){.name = NULL}};

static const struct coverage_row coverage[] = {ATHENA_OPERATIONS(AWSJSON_COVERAGE)
                                                   ATHENA_ABSENT(AWSJSON_NO_COVERAGE){.operation = NULL}};

/* Athena says "Message", and gives what is wrong with a request a code of its own. Source: API Reference,
 * InvalidRequestException. */
static json_t *error_body(const char *code, const char *message)
{
    json_t *body = json_pack("{s:s, s:o}", "__type", code, "Message", json_clean(message));
    if (strcmp(code, "InvalidRequestException") == 0)
        json_object_set_new(body, "AthenaErrorCode", json_string("INVALID_INPUT"));
    return body;
}

static const struct awsjson_service service = {
    .name = "athena",
    .title = "Athena",
    .target = "AmazonAthena.",
    .internal_error = "InternalServerException",
    .body_max = ATHENA_BODY_MAX,
    .answer_max = ATHENA_ANSWER_MAX,
    .operations = operations,
    .error = error_body,
};
AWSJSON_SERVICE_FUNCTIONS(service)

static bool start(struct cloud *cloud, struct err *err)
{
    return athena_store_start(cloud, err) && athena_workgroup_start(cloud, err) && athena_queue_start(cloud, err);
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
