/* Athena client; see athena.h. */
#include "backend/aws/athena.h"
#include "backend/aws/json_call.h"
#include "backend/base/digest.h"
#include <stdio.h>
#include <string.h>

enum { POLL_FIRST_MS = 40, POLL_MAX_MS = 3000, PAGE_MAX_BYTES = 64 << 20 };

static const struct aws_service service_athena_client = {
    .id = "athena", .signing_name = "athena", .protocol = AWS_JSON_1_1, .target = "AmazonAthena."};

static json_t *ask(struct aws *aws, const struct json_call *given, json_t *input, struct err *err)
{
    struct json_call call = *given;
    call.service = &service_athena_client;
    call.max_body = PAGE_MAX_BYTES;
    return aws_json_call(aws, &call, input, err);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(object, key, json_string(text));
}

bool athena_start(struct aws *aws, const struct athena_start *start, char id[64], struct err *err)
{
    uint8_t raw[24];
    char token[49];
    random_bytes(raw, sizeof raw);
    json_t *input =
        json_pack("{s:s, s:s}", "QueryString", start->sql, "ClientRequestToken", hex_encode(raw, sizeof raw, token));
    if (!input)
        return err_set(err, ERR_USAGE, "the query is no valid UTF-8 text");
    json_t *context = json_pack("{s:s}", "Catalog", "AwsDataCatalog"), *result = json_object();
    set_text(context, "Database", start->database);
    set_text(result, "OutputLocation", start->output);
    set_text(input, "WorkGroup", start->workgroup);
    if (start->parameters && *start->parameters) {
        json_t *list = json_array();
        for (const char *const *parameter = start->parameters; *parameter; parameter++)
            json_array_append_new(list, json_string(*parameter));
        json_object_set_new(input, "ExecutionParameters", list);
    }
    json_object_set_new(input, "QueryExecutionContext", context);
    json_object_set_new(input, "ResultConfiguration", result);
    struct json_call call = {.operation = "StartQueryExecution",
                             .object = "the query",
                             .permission = "athena:StartQueryExecution",
                             .is_write = start->is_write,
                             .cancel = start->cancel};
    json_t *answer = ask(aws, &call, input, err);
    if (!answer)
        return false;
    snprintf(id, 64, "%s", json_str(answer, "QueryExecutionId"));
    json_decref(answer);
    return *id || err_set(err, ERR_PROTOCOL, "athena StartQueryExecution: the answer names no query");
}

bool athena_state(struct aws *aws, const char *id, const struct cancel *cancel, struct athena_state *state,
                  struct err *err)
{
    struct json_call call = {
        .operation = "GetQueryExecution", .object = id, .permission = "athena:GetQueryExecution", .cancel = cancel};
    json_t *answer = ask(aws, &call, json_pack("{s:s}", "QueryExecutionId", id), err);
    if (!answer)
        return false;
    const json_t *execution = json_object_get(answer, "QueryExecution");
    const json_t *status = json_object_get(execution, "Status"), *figures = json_object_get(execution, "Statistics");
    snprintf(state->state, sizeof state->state, "%s", json_str(status, "State"));
    snprintf(state->reason, sizeof state->reason, "%s", json_str(status, "StateChangeReason"));
    snprintf(state->output, sizeof state->output, "%s",
             json_str(json_object_get(execution, "ResultConfiguration"), "OutputLocation"));
    state->scanned = json_int(figures, "DataScannedInBytes", -1);
    state->total_ms = json_int(figures, "TotalExecutionTimeInMillis", -1);
    json_decref(answer);
    return true;
}

json_t *athena_execution(struct aws *aws, const char *id, const struct cancel *cancel, struct err *err)
{
    struct json_call call = {
        .operation = "GetQueryExecution", .object = id, .permission = "athena:GetQueryExecution", .cancel = cancel};
    json_t *answer = ask(aws, &call, json_pack("{s:s}", "QueryExecutionId", id), err);
    json_t *execution = answer ? json_incref(json_object_get(answer, "QueryExecution")) : NULL;
    if (answer && !execution)
        err_set(err, ERR_PROTOCOL, "athena GetQueryExecution: the answer holds no execution");
    json_decref(answer);
    return execution;
}

bool athena_has_ended(const struct athena_state *state)
{
    return strcmp(state->state, "SUCCEEDED") == 0 || strcmp(state->state, "FAILED") == 0 ||
           strcmp(state->state, "CANCELLED") == 0;
}

bool athena_stop(struct aws *aws, const char *id, struct err *err)
{
    struct json_call call = {
        .operation = "StopQueryExecution", .object = id, .permission = "athena:StopQueryExecution"};
    json_t *answer = ask(aws, &call, json_pack("{s:s}", "QueryExecutionId", id), err);
    json_decref(answer);
    return answer != NULL;
}

static bool stop_and_wait(struct aws *aws, const char *id, struct athena_state *state, struct err *err)
{
    if (!athena_stop(aws, id, err))
        return false;
    while (athena_state(aws, id, NULL, state, err)) {
        if (athena_has_ended(state))
            return err_set(err, ERR_CANCELLED, "query %s: %s", id, state->state);
        cancel_wait(NULL, POLL_FIRST_MS);
    }
    return false;
}

bool athena_wait(struct aws *aws, const char *id, const struct cancel *cancel, struct athena_state *state,
                 struct err *err)
{
    for (int64_t pause = POLL_FIRST_MS;; pause = pause * 8 / 5 < POLL_MAX_MS ? pause * 8 / 5 : POLL_MAX_MS) {
        if (cancel_is_set(cancel))
            return stop_and_wait(aws, id, state, err);
        if (!athena_state(aws, id, cancel, state, err)) {
            if (!cancel_is_set(cancel))
                return false;
            continue;
        }
        if (athena_has_ended(state))
            return true;
        cancel_wait(cancel, pause);
    }
}

json_t *athena_results(struct aws *aws, const char *id, const char *token, const struct cancel *cancel, struct err *err)
{
    struct json_call call = {
        .operation = "GetQueryResults", .object = id, .permission = "athena:GetQueryResults", .cancel = cancel};
    json_t *input = json_pack("{s:s}", "QueryExecutionId", id);
    set_text(input, "NextToken", token);
    return ask(aws, &call, input, err);
}

json_t *athena_results_head(struct aws *aws, const char *id, int rows, const struct cancel *cancel, struct err *err)
{
    struct json_call call = {
        .operation = "GetQueryResults", .object = id, .permission = "athena:GetQueryResults", .cancel = cancel};
    return ask(aws, &call, json_pack("{s:s, s:i}", "QueryExecutionId", id, "MaxResults", rows), err);
}
