/* The operations on query executions: start, read, list, stop. Source: Athena API Reference. */
#include "backend/base/uri.h"
#include "backend/local/athena.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BATCH_MAX = 50, TOKEN_MIN = 32, TOKEN_MAX = 128, PARAMETER_MAX = 1024, REUSE_MINUTES_MAX = 10080 };

static json_t *execution_of(const json_t *record)
{
    return json_object_get(record, "Execution");
}

bool athena_query_save(struct cloud *cloud, const json_t *record, struct err *err)
{
    const json_t *execution = execution_of(record);
    double at = json_real_value(json_object_get(json_object_get(execution, "Status"), "SubmissionDateTime"));
    const char *state = json_str(json_object_get(execution, "Status"), "State");
    const char *question = json_str(record, "Question");
    struct athena_mark mark = {.is_active = strcmp(state, "QUEUED") == 0 || strcmp(state, "RUNNING") == 0,
                               .question = *question && strcmp(state, "SUCCEEDED") == 0 ? question : NULL};
    struct athena_record row = {.kind = "query",
                                .mark = &mark,
                                .name = json_str(execution, "QueryExecutionId"),
                                .group = json_str(execution, "WorkGroup"),
                                .at_ms = (int64_t)(at * 1000),
                                .keep_ms = ATHENA_HISTORY_MS,
                                .document = record};
    return athena_put(cloud, &row, err);
}

static const struct athena_rule start_rules[] = {
    {.key = "QueryString", .min = 1, .max = ATHENA_TEXT_MAX},
    {.key = "ClientRequestToken", .max = TOKEN_MAX},
    {.key = "WorkGroup", .max = 128, .pattern = ATHENA_NAME},
};

/* ---- where the result goes */

/* The settings that hold for a query: an enforcing workgroup's own, else the request's with the workgroup's in the
 * place of what it leaves out. A new reference. */
static json_t *effective_results(const struct awsjson_call *call, const json_t *workgroup)
{
    const json_t *configuration = json_object_get(workgroup, "Configuration");
    json_t *results = json_deep_copy(json_object_get(configuration, "ResultConfiguration"));
    if (!results)
        results = json_object();
    if (!json_bool(configuration, "EnforceWorkGroupConfiguration", false) || !*json_str(results, "OutputLocation"))
        json_object_update(results, json_object_get(call->in, "ResultConfiguration"));
    return results;
}

/* s3://BUCKET/PREFIX/ of the settings; the bucket must be there. */
static bool find_output(struct awsjson_call *call, const json_t *results, struct s3_name *name)
{
    const char *location = json_str(results, "OutputLocation");
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

/* ---- start */

static bool check_parameters(struct awsjson_call *call)
{
    const json_t *list = json_object_get(call->in, "ExecutionParameters");
    json_t *entry;
    size_t i;
    if (list && !json_is_null(list) && json_array_size(list) == 0)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "1 validation error detected: Value '[]' at 'executionParameters' failed to satisfy "
                             "constraint: Member must have length greater than or equal to 1");
    json_array_foreach(list, i, entry)
    {
        if (!json_is_string(entry) || !json_string_length(entry) || json_string_length(entry) > PARAMETER_MAX)
            return athena_refuse(&call->err, "InvalidRequestException",
                                 "1 validation error detected: Value at 'executionParameters' failed to satisfy "
                                 "constraint: Members must have length between 1 and %d",
                                 PARAMETER_MAX);
    }
    return true;
}

static bool check_reuse(struct awsjson_call *call)
{
    const json_t *age =
        json_object_get(json_object_get(call->in, "ResultReuseConfiguration"), "ResultReuseByAgeConfiguration");
    int64_t minutes = json_int(age, "MaxAgeInMinutes", 60);
    return (minutes >= 0 && minutes <= REUSE_MINUTES_MAX) ||
           athena_refuse(&call->err, "InvalidRequestException",
                         "1 validation error detected: Value '%lld' at 'maxAgeInMinutes' failed to satisfy constraint: "
                         "Member must have value between 0 and %d",
                         (long long)minutes, REUSE_MINUTES_MAX);
}

/* Statements that Athena knows and does not take. */
static bool check_type(struct awsjson_call *call, const char *sql)
{
    static const char *const words[] = {"USE",      "SET",   "RESET",  "START", "COMMIT",
                                        "ROLLBACK", "GRANT", "REVOKE", "CALL"};
    struct dialect_token token = {.kind = TOKEN_SPACE};
    size_t offset = 0, len = strlen(sql);
    int state = 0;
    while (token.kind == TOKEN_SPACE || token.kind == TOKEN_COMMENT)
        if (!dialect_token(sql, len, &offset, &state, &token))
            return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == token.len && strncasecmp(words[i], sql + token.start, token.len) == 0)
            return athena_refuse(&call->err, "InvalidRequestException", "Queries of this type are not supported");
    return true;
}

static bool check_start(struct awsjson_call *call)
{
    const char *token = json_str(call->in, "ClientRequestToken");
    const char *catalog = json_str(json_object_get(call->in, "QueryExecutionContext"), "Catalog");
    if (!ATHENA_CHECK(call, start_rules) || !check_parameters(call) || !check_reuse(call) ||
        !athena_check_results(call, json_object_get(call->in, "ResultConfiguration")) ||
        !check_type(call, json_str(call->in, "QueryString")))
        return false;
    if (strlen(json_str(call->in, "QueryString")) > ATHENA_TEXT_MAX)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "The query string is longer than the maximum of %d bytes", ATHENA_TEXT_MAX);
    if (*token && strlen(token) < TOKEN_MIN)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "1 validation error detected: Value '%.40s' at 'clientRequestToken' failed to satisfy "
                             "constraint: Member must have length greater than or equal to %d",
                             token, TOKEN_MIN);
    return !*catalog || strcasecmp(catalog, ATHENA_CATALOG) == 0 ||
           athena_refuse(&call->err, "InvalidRequestException", "Catalog %.100s is not found.", catalog);
}

static json_t *new_record(struct awsjson_call *call, const json_t *workgroup, json_t *results,
                          const struct s3_name *output, const char *id)
{
    static const char *const kept[] = {"QueryExecutionContext", "ExecutionParameters", "ResultReuseConfiguration"};
    char key[1200], uri[1300];
    snprintf(key, sizeof key, "%s%s.csv", output->key, id);
    snprintf(uri, sizeof uri, "s3://%s/%s", output->bucket, key);
    json_object_set_new(results, "OutputLocation", json_string(uri));
    json_t *execution = json_pack(
        "{s:s, s:s, s:s, s:O, s:{s:s, s:f}, s:{s:i, s:i}, s:s, s:O}", "QueryExecutionId", id, "Query",
        json_str(call->in, "QueryString"), "StatementType", "DML", "ResultConfiguration", results, "Status", "State",
        "QUEUED", "SubmissionDateTime", (double)clock_wall(call->cloud->clock) / 1000.0, "Statistics",
        "DataScannedInBytes", 0, "EngineExecutionTimeInMillis", 0, "WorkGroup", json_str(workgroup, "Name"),
        "EngineVersion", json_object_get(json_object_get(workgroup, "Configuration"), "EngineVersion"));
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        json_t *value = json_object_get(call->in, kept[i]);
        if (value && !json_is_null(value))
            json_object_set(execution, kept[i], value);
    }
    /* Prefix: what the same query must have in common to be answered by this one's result */
    return json_pack("{s:o, s:s, s:s, s:s}", "Execution", execution, "Bucket", output->bucket, "Key", key, "Prefix",
                     output->key);
}

static bool start(struct awsjson_call *call, const json_t *workgroup, char id[37])
{
    struct s3_name output;
    const json_t *configuration = json_object_get(workgroup, "Configuration");
    json_t *results = effective_results(call, workgroup);
    bool ok = find_output(call, results, &output) &&
              athena_queue_add(call->cloud, new_record(call, workgroup, results, &output, id),
                               json_int(configuration, "BytesScannedCutoffPerQuery", 0), &call->err);
    json_decref(results);
    return ok;
}

bool athena_op_start(struct awsjson_call *call)
{
    const char *token = json_str(call->in, "ClientRequestToken");
    bool is_known = false;
    char id[37];
    json_t *workgroup = check_start(call) ? athena_workgroup_get(call, json_str(call->in, "WorkGroup")) : NULL;
    if (!workgroup)
        return false;
    athena_new_id(id);
    bool ok = !*token || athena_token(call, "query", id, &is_known);
    if (ok && !is_known && strcmp(json_str(workgroup, "State"), "DISABLED") == 0)
        ok = athena_refuse(&call->err, "InvalidRequestException", "WorkGroup %.128s is disabled.",
                           json_str(workgroup, "Name"));
    ok = ok && (is_known || start(call, workgroup, id));
    if (!ok && *token && !is_known && strncmp(call->err.text, "Idempotent", 10) != 0)
        athena_token_drop(call, "query");
    json_decref(workgroup);
    return ok && json_object_set_new(call->out, "QueryExecutionId", json_string(id)) == 0;
}

static json_t *need_record(struct awsjson_call *call, const char *id)
{
    json_t *record = athena_get(call->cloud, "query", id, &call->err);
    if (!record && call->err.code == ERR_OK)
        athena_refuse(&call->err, "InvalidRequestException", "QueryExecution %.60s was not found", id);
    return record;
}

/* While it runs the figures are the queue's; a record that says its end has its own, though the job may still be there.
 */
static json_t *execution_now(struct awsjson_call *call, const json_t *record)
{
    struct athena_progress progress;
    json_t *execution = execution_of(record);
    const char *state = json_str(json_object_get(execution, "Status"), "State");
    bool has_ended = strcmp(state, "QUEUED") != 0 && strcmp(state, "RUNNING") != 0;
    if (has_ended || !athena_queue_progress(call->cloud, json_str(execution, "QueryExecutionId"), &progress))
        return json_incref(execution);
    execution = json_copy(execution);
    json_object_set_new(execution, "Statistics",
                        json_pack("{s:I, s:I, s:I, s:I}", "DataScannedInBytes", (json_int_t)progress.scanned,
                                  "TotalExecutionTimeInMillis", (json_int_t)progress.total_ms, "QueryQueueTimeInMillis",
                                  (json_int_t)progress.queued_ms, "EngineExecutionTimeInMillis",
                                  (json_int_t)(progress.total_ms - progress.queued_ms)));
    return execution;
}

bool athena_op_get(struct awsjson_call *call)
{
    const char *id = athena_need(call, "QueryExecutionId");
    json_t *record = id ? need_record(call, id) : NULL;
    if (!record)
        return false;
    json_object_set_new(call->out, "QueryExecution", execution_now(call, record));
    json_decref(record);
    return true;
}

bool athena_op_batch_get(struct awsjson_call *call)
{
    const json_t *ids = athena_need_list(call, "QueryExecutionIds", BATCH_MAX);
    json_t *found = json_array(), *missing = json_array(), *id;
    size_t i;
    json_array_foreach(ids, i, id)
    {
        const char *name = json_string_value(id);
        json_t *record = call->err.code == ERR_OK ? athena_get(call->cloud, "query", name, &call->err) : NULL;
        if (record)
            json_array_append_new(found, execution_now(call, record));
        else
            json_array_append_new(missing,
                                  athena_unprocessed("QueryExecutionId", name, "QueryExecution was not found"));
        json_decref(record);
    }
    json_object_set_new(call->out, "QueryExecutions", found);
    json_object_set_new(call->out, "UnprocessedQueryExecutionIds", missing);
    return ids && call->err.code == ERR_OK;
}

bool athena_op_list(struct awsjson_call *call)
{
    json_t *workgroup = athena_workgroup_get(call, json_str(call->in, "WorkGroup"));
    json_t *ids = workgroup ? athena_names(call->cloud, "query", json_str(workgroup, "Name"), &call->err) : NULL;
    json_decref(workgroup);
    return ids && athena_page(call, "QueryExecutionIds", ids, BATCH_MAX);
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

static json_t *timeline(const json_t *statistics)
{
    static const char *const members[] = {"QueryQueueTimeInMillis",        "ServicePreProcessingTimeInMillis",
                                          "QueryPlanningTimeInMillis",     "EngineExecutionTimeInMillis",
                                          "ServiceProcessingTimeInMillis", "TotalExecutionTimeInMillis"};
    json_t *line = json_object();
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (json_object_get(statistics, members[i]))
            json_object_set(line, members[i], json_object_get(statistics, members[i]));
    return line;
}

/* What was measured: the stages of a plan are not, and are left out, as are the rows that the engine read. */
bool athena_op_runtime(struct awsjson_call *call)
{
    const char *id = athena_need(call, "QueryExecutionId");
    json_t *record = id ? need_record(call, id) : NULL;
    if (!record)
        return false;
    const json_t *statistics = json_object_get(execution_of(record), "Statistics");
    json_t *rows = json_pack("{s:O}", "InputBytes", json_object_get(statistics, "DataScannedInBytes"));
    if (json_object_get(record, "Rows"))
        json_object_set(rows, "OutputRows", json_object_get(record, "Rows"));
    if (json_object_get(record, "OutputBytes"))
        json_object_set(rows, "OutputBytes", json_object_get(record, "OutputBytes"));
    json_object_set_new(call->out, "QueryRuntimeStatistics",
                        json_pack("{s:o, s:o}", "Timeline", timeline(statistics), "Rows", rows));
    json_decref(record);
    return true;
}
