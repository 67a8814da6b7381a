/* The operations on query executions: start, read, list, stop. Source: Athena API Reference. */
#include "backend/base/digest.h"
#include "backend/base/uri.h"
#include "backend/local/athena.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <string.h>

enum { BATCH_MAX = 50, TOKEN_MIN = 32, TOKEN_MAX = 128 };

static json_t *execution_of(const json_t *record)
{
    return json_object_get(record, "Execution");
}

bool athena_query_save(struct cloud *cloud, const json_t *record, struct err *err)
{
    const json_t *execution = execution_of(record);
    double at = json_real_value(json_object_get(json_object_get(execution, "Status"), "SubmissionDateTime"));
    struct athena_record row = {.kind = "query",
                                .name = json_str(execution, "QueryExecutionId"),
                                .group = json_str(execution, "WorkGroup"),
                                .at_ms = (int64_t)(at * 1000),
                                .document = record};
    return athena_put(cloud, &row, err);
}

/* A version 4 UUID. */
static void new_id(char out[37])
{
    uint8_t raw[16];
    char hex[33];
    random_bytes(raw, sizeof raw);
    raw[6] = (uint8_t)((raw[6] & 0x0f) | 0x40);
    raw[8] = (uint8_t)((raw[8] & 0x3f) | 0x80);
    hex_encode(raw, sizeof raw, hex);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* Where the result goes: the request's location, else the workgroup's (s3://BUCKET/PREFIX/). */
static bool find_output(struct awsjson_call *call, struct s3_name *name)
{
    const char *location = json_str(json_object_get(call->in, "ResultConfiguration"), "OutputLocation");
    struct err err = ERR_NONE;
    if (!*location)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "No output location provided. An output location is required either through the "
                             "Workgroup result configuration setting or as an API input.");
    if (!s3_name_parse(location, name, &err))
        return athena_refuse(&call->err, "InvalidRequestException", "outputLocation is not a valid S3 path.");
    size_t len = strlen(name->key);
    if (len && name->key[len - 1] != '/' && len + 60 < sizeof name->key)
        memcpy(name->key + len, "/", 2);
    if (strlen(name->key) + 60 > sizeof name->key)
        return athena_refuse(&call->err, "InvalidRequestException", "outputLocation is too long.");
    return s3_inside_bucket_exists(call->cloud, name->bucket) ||
           athena_refuse(&call->err, "InvalidRequestException", "Unable to verify/create output bucket %s",
                         name->bucket);
}

static json_t *new_record(struct awsjson_call *call, const struct s3_name *output, const char *id)
{
    char key[1200], uri[1300];
    const char *workgroup = json_str(call->in, "WorkGroup");
    snprintf(key, sizeof key, "%s%s.csv", output->key, id);
    snprintf(uri, sizeof uri, "s3://%s/%s", output->bucket, key);
    json_t *execution =
        json_pack("{s:s, s:s, s:s, s:{s:s}, s:{s:s, s:f}, s:{s:i, s:i}, s:s, s:{s:s, s:s}}", "QueryExecutionId", id,
                  "Query", json_str(call->in, "QueryString"), "StatementType", "DML", "ResultConfiguration",
                  "OutputLocation", uri, "Status", "State", "QUEUED", "SubmissionDateTime",
                  (double)clock_wall(call->cloud->clock) / 1000.0, "Statistics", "DataScannedInBytes", 0,
                  "EngineExecutionTimeInMillis", 0, "WorkGroup", *workgroup ? workgroup : "primary", "EngineVersion",
                  "SelectedEngineVersion", "AUTO", "EffectiveEngineVersion", "Athena engine version 3");
    static const char *const kept[] = {"QueryExecutionContext", "ExecutionParameters"};
    for (size_t i = 0; i < 2; i++) {
        json_t *value = json_object_get(call->in, kept[i]);
        if (value && !json_is_null(value))
            json_object_set(execution, kept[i], value);
    }
    return json_pack("{s:o, s:s, s:s}", "Execution", execution, "Bucket", output->bucket, "Key", key);
}

/* The same token and text: the same query (True, with its id in the answer). Another text: refused. */
static bool find_token(struct awsjson_call *call, const char *token, bool *found)
{
    json_t *kept = athena_get(call->cloud, "token", token, &call->err);
    *found = kept != NULL;
    if (!kept)
        return call->err.code == ERR_OK;
    bool same = strcmp(json_str(kept, "Query"), json_str(call->in, "QueryString")) == 0;
    if (same)
        json_object_set_new(call->out, "QueryExecutionId", json_string(json_str(kept, "QueryExecutionId")));
    json_decref(kept);
    return same ||
           athena_refuse(&call->err, "InvalidRequestException",
                         "Idempotent parameters do not match: the ClientRequestToken was used for another query");
}

static bool keep_token(struct awsjson_call *call, const char *token, const char *id)
{
    if (!*token)
        return true;
    json_t *document = json_pack("{s:s, s:s}", "Query", json_str(call->in, "QueryString"), "QueryExecutionId", id);
    struct athena_record record = {
        .kind = "token", .name = token, .group = "", .at_ms = clock_wall(call->cloud->clock), .document = document};
    bool ok = athena_put(call->cloud, &record, &call->err);
    json_decref(document);
    return ok;
}

bool athena_op_start(struct awsjson_call *call)
{
    const char *sql = athena_need(call, "QueryString"), *token = json_str(call->in, "ClientRequestToken");
    struct s3_name output;
    bool found = false;
    char id[37];
    if (!sql)
        return false;
    if (strlen(sql) > ATHENA_TEXT_MAX)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "The query string is longer than the maximum of %d bytes", ATHENA_TEXT_MAX);
    if (*token && (strlen(token) < TOKEN_MIN || strlen(token) > TOKEN_MAX))
        return athena_refuse(&call->err, "InvalidRequestException", "ClientRequestToken must have %d to %d characters",
                             TOKEN_MIN, TOKEN_MAX);
    if (*token && !find_token(call, token, &found))
        return false;
    if (found)
        return true;
    if (!find_output(call, &output))
        return false;
    new_id(id);
    if (!keep_token(call, token, id) || !athena_queue_add(call->cloud, new_record(call, &output, id), 0, &call->err))
        return false;
    return json_object_set_new(call->out, "QueryExecutionId", json_string(id)) == 0;
}

static json_t *need_record(struct awsjson_call *call, const char *id)
{
    json_t *record = athena_get(call->cloud, "query", id, &call->err);
    if (!record && call->err.code == ERR_OK)
        athena_refuse(&call->err, "InvalidRequestException", "QueryExecution %.60s was not found", id);
    return record;
}

bool athena_op_get(struct awsjson_call *call)
{
    const char *id = athena_need(call, "QueryExecutionId");
    json_t *record = id ? need_record(call, id) : NULL;
    if (!record)
        return false;
    json_object_set(call->out, "QueryExecution", execution_of(record));
    json_decref(record);
    return true;
}

bool athena_op_batch_get(struct awsjson_call *call)
{
    const json_t *ids = json_object_get(call->in, "QueryExecutionIds");
    json_t *found = json_array(), *missing = json_array(), *id;
    size_t i, count = json_array_size(ids);
    if (count < 1 || count > BATCH_MAX)
        athena_refuse(&call->err, "InvalidRequestException", "QueryExecutionIds must name 1 to %d queries", BATCH_MAX);
    json_array_foreach(ids, i, id)
    {
        const char *name = json_is_string(id) ? json_string_value(id) : "";
        json_t *record = call->err.code == ERR_OK ? athena_get(call->cloud, "query", name, &call->err) : NULL;
        if (record)
            json_array_append(found, execution_of(record));
        else
            json_array_append_new(missing, json_pack("{s:s, s:s, s:s}", "QueryExecutionId", name, "ErrorCode",
                                                     "INVALID_INPUT", "ErrorMessage", "QueryExecution was not found"));
        json_decref(record);
    }
    json_object_set_new(call->out, "QueryExecutions", found);
    json_object_set_new(call->out, "UnprocessedQueryExecutionIds", missing);
    return call->err.code == ERR_OK;
}

bool athena_op_list(struct awsjson_call *call)
{
    const char *workgroup = json_str(call->in, "WorkGroup");
    json_t *ids = json_array(), *record;
    json_t *records = athena_list(call->cloud, "query", *workgroup ? workgroup : "primary", &call->err);
    size_t i;
    json_array_foreach(records, i, record)
        json_array_append(ids, json_object_get(execution_of(record), "QueryExecutionId"));
    bool ok = records != NULL;
    json_decref(records);
    if (ok)
        return athena_page(call, "QueryExecutionIds", ids, BATCH_MAX);
    json_decref(ids);
    return false;
}

/* One that has ended stays as it is, and that is no error. */
bool athena_op_stop(struct awsjson_call *call)
{
    const char *id = athena_need(call, "QueryExecutionId");
    json_t *record = id ? need_record(call, id) : NULL;
    if (!record)
        return false;
    json_decref(record);
    athena_queue_cancel(call->cloud, id);
    return true;
}
