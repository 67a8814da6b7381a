/* The embedded AWS Glue (awsJson 1.1, target prefix AWSGlue): its rows and its start. The Data Catalog lives in
 * glue_store.h; the operations are one row each in glue_ops.h. Called by the server on connection threads. */
#include "backend/local/glue.h"
#include <string.h>

static const struct awsjson_operation operations[] = {GLUE_OPERATIONS(AWSJSON_OPERATION)
                                                          GLUE_ABSENT(AWSJSON_NO_OPERATION){.name = NULL}};

static const struct coverage_row coverage[] = {GLUE_OPERATIONS(AWSJSON_COVERAGE)
                                                   GLUE_ABSENT(AWSJSON_NO_COVERAGE){.operation = NULL}};

/* Another account's catalog is not here. */
static bool check_catalog(struct awsjson_call *call)
{
    const char *catalog = json_str(call->in, "CatalogId");
    return !*catalog || strcmp(catalog, CLOUD_ACCOUNT) == 0 ||
           glue_fail(call, "EntityNotFoundException", "Catalog %.60s not found.", catalog);
}

static const struct awsjson_service service = {
    .name = "glue",
    .title = "Glue",
    .target = "AWSGlue.",
    .internal_error = "InternalServiceException",
    .body_max = GLUE_BODY_MAX,
    .answer_max = GLUE_ANSWER_MAX,
    .operations = operations,
    .check = check_catalog,
};
AWSJSON_SERVICE_FUNCTIONS(service)

static bool start(struct cloud *cloud, struct err *err)
{
    return glue_store_start(cloud, err) && glue_statistics_start(cloud, err) && glue_tag_start(cloud, err) &&
           glue_classifier_start(cloud, err) && glue_crawler_start(cloud, err) && glue_schedule_start(cloud, err);
}

static void stop(struct cloud *cloud)
{
    glue_schedule_stop(cloud);
    glue_crawler_stop(cloud);
}

const struct service_ops service_glue = {
    .name = "glue",
    .signing_name = "glue",
    .matches = matches,
    .plan_body = plan_body,
    .handle = handle,
    .fail = fail,
    .start = start,
    .stop = stop,
    .coverage = coverage,
    .protocol = PROTOCOL_JSON,
    .operation = operation_name,
};
