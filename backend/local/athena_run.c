/* One query from QUEUED to its end: translate, gather the tables, run, store the result and what it cost. Runner
 * threads. Source: Athena API Reference, QueryExecution and its members. */
#include "backend/base/path.h"
#include "backend/local/athena.h"
#include "backend/local/athena_kinds.h"
#include "backend/local/s3_inside.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MEMORY_BYTES (1LL << 30)
enum { ARENA_MAX = 256 << 20, TEXT_MAX = 64 << 20 };

static json_t *execution(const struct athena_run *run)
{
    return json_object_get(run->job->record, "Execution");
}

static void set_status(struct athena_run *run, const char *state)
{
    json_object_set_new(json_object_get(execution(run), "Status"), "State", json_string(state));
}

static int64_t now(void)
{
    return clock_mono(&clock_system);
}

/* Files of the work directory that the engine names become the objects that they are. */
static void name_objects(const struct athena_run *run, struct err *err)
{
    char text[sizeof err->text];
    const char *at = strstr(err->text, run->dir), *name = at ? at + strlen(run->dir) + 1 : NULL;
    if (!name)
        return;
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.");
    char file[64];
    snprintf(file, sizeof file, "%.*s", (int)(len < sizeof file ? len : sizeof file - 1), name);
    const char *uri = json_str(run->objects, file);
    if (!*uri)
        return;
    int before = (int)(at - err->text);
    if (snprintf(text, sizeof text, "%.*s%s%s", before, err->text, uri, name + len) < 0)
        return;
    memcpy(err->text, text, sizeof text);
}

bool athena_run_engine(struct athena_run *run, const char *query, const char *output, struct err *err)
{
    json_t *names = json_array();
    for (size_t i = 0; run->statement->output_names && run->statement->output_names[i]; i++)
        json_array_append_new(names, json_string(run->statement->output_names[i]));
    json_t *request =
        json_pack("{s:s, s:O, s:O, s:s, s:s, s:o, s:I}", "dir", run->dir, "compressed", run->compressed, "setup",
                  run->setup, "query", query, "output", output, "names", names, "memory", (json_int_t)MEMORY_BYTES);
    json_t *reply = engine_sql_run(&run->job->engine, request, err);
    json_decref(request);
    if (reply) {
        run->rows = json_int(reply, "rows", 0);
        run->scanned += json_int(reply, "scanned", 0);
        run->engine_ms += json_int(reply, "engine_ms", 0);
        json_decref(run->columns);
        run->columns = json_incref(json_object_get(reply, "columns"));
        json_decref(reply);
        return true;
    }
    run->scanned += atomic_load(&run->job->engine.scanned);
    if (err->code != ERR_CANCELLED && !*err->service_code) {
        struct err engine = *err;
        name_objects(run, &engine);
        dialect_map_error(run->statement, run->sql, &engine, err);
    }
    return false;
}

static bool make_dir(struct athena_run *run, struct err *err)
{
    const char *id = json_str(execution(run), "QueryExecutionId");
    if (snprintf(run->dir, sizeof run->dir, "%s/athena-%s", run->job->cloud->temporary, id) >= (int)sizeof run->dir)
        return err_set(err, ERR_IO, "athena: the state directory's name is too long");
    return path_make_dirs(run->dir, 0700, err);
}

/* The context's database; clients quote it as they would in a statement. */
static const char *database_of(const struct athena_run *run)
{
    const char *name = json_str(json_object_get(execution(run), "QueryExecutionContext"), "Database");
    size_t len = strlen(name);
    if (len > 2 && (*name == '`' || *name == '"') && name[len - 1] == *name)
        return arena_strndup(run->arena, name + 1, len - 2);
    return len ? name : "default";
}

static bool translate(struct athena_run *run, struct err *err)
{
    struct dialect_catalog catalog;
    athena_catalog(run->job->cloud, &catalog);
    const json_t *parameters = json_object_get(execution(run), "ExecutionParameters");
    const char **texts = ARENA_ARRAY(run->arena, const char *, json_array_size(parameters) + 1);
    for (size_t i = 0; i < json_array_size(parameters); i++)
        texts[i] = json_string_value(json_array_get(parameters, i));
    struct dialect_options options = {
        .catalog = &catalog, .database = database_of(run), .parameters = json_array_size(parameters) ? texts : NULL};
    run->sql = json_str(execution(run), "Query");
    run->statement = dialect_translate(&options, run->sql, strlen(run->sql), run->arena, err);
    return run->statement && (run->statement->kind != DIALECT_EXECUTE || athena_execute(run, &options, err));
}

/* A result's column as GetQueryResults describes it. */
static json_t *column_info(const char *name, const char *type)
{
    int precision = 2147483647, scale = 0;
    char bare[128];
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(type, "("), type);
    if (strcmp(bare, "decimal") == 0)
        sscanf(type, "decimal(%d,%d", &precision, &scale);
    else if (strcmp(bare, "integer") == 0)
        precision = 10;
    else if (strcmp(bare, "bigint") == 0)
        precision = 19;
    else if (strcmp(bare, "double") == 0)
        precision = 17;
    else if (strcmp(bare, "boolean") == 0 || strcmp(bare, "date") == 0)
        precision = 0;
    else if (strncmp(bare, "timestamp", 9) == 0)
        precision = 3;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:b}", "CatalogName", "hive", "SchemaName", "",
                     "TableName", "", "Name", name, "Label", name, "Type", bare, "Precision", precision, "Scale", scale,
                     "Nullable", "UNKNOWN", "CaseSensitive", strcmp(bare, "varchar") == 0);
}

static void keep_columns(struct athena_run *run)
{
    json_t *kept = json_array();
    size_t i;
    json_t *column;
    json_array_foreach(run->columns, i, column)
    {
        struct buf type = BUF_INIT(65536);
        const char *const *types = run->statement ? run->statement->output_types : NULL;
        if (run->statement->kind != DIALECT_QUERY)
            buf_puts(&type, json_str(column, "type"));
        else if (types && run->statement->output_names[i])
            buf_puts(&type, types[i]);
        else
            dialect_type_from_duck(json_str(column, "type"), &type);
        json_array_append_new(kept, column_info(json_str(column, "name"), buf_text(&type)));
        buf_done(&type);
    }
    json_object_set_new(run->job->record, "Columns", kept);
}

static bool store_result(struct athena_run *run, const char *path, struct err *err)
{
    const char *bucket = json_str(run->job->record, "Bucket"), *key = json_str(run->job->record, "Key");
    struct stat status = {.st_size = (off_t)run->text.len};
    keep_columns(run);
    if (*path && stat(path, &status) != 0)
        return err_set_errno(err, ERR_IO, "storing the result");
    json_object_set_new(run->job->record, "OutputBytes", json_integer((json_int_t)status.st_size));
    if (athena_kind_find(run->statement->kind)->writes) { /* its rows are in objects of their own */
        if (!json_object_get(run->job->record, "Manifest"))
            json_object_set_new(run->job->record, "Manifest", json_string("")); /* nothing had to be written */
        return athena_write_metadata(run, err);
    }
    bool ok = *path ? s3_inside_store(run->job->cloud, bucket, key, "application/octet-stream", path, err)
                    : s3_inside_write(run->job->cloud, bucket, key, "text/plain", run->text.data ? run->text.data : "",
                                      run->text.len, err);
    return ok && athena_write_metadata(run, err);
}

static bool run_select(struct athena_run *run, struct err *err)
{
    char output[PATH_SIZE];
    if (athena_reuse(run))
        return true;
    if (!athena_tables(run, err))
        return false;
    run->job->planned_ms = now();
    bool ok = path_join(output, run->dir, "result.csv", err) &&
              athena_run_engine(run, run->statement->duck_sql, output, err) && store_result(run, output, err);
    if (ok)
        athena_reuse_keep(run);
    return ok;
}

static bool run_statement(struct athena_run *run, struct err *err)
{
    if (run->statement->kind == DIALECT_QUERY)
        return run_select(run, err);
    const struct athena_kind *kind = athena_kind_find(run->statement->kind);
    if (!kind->run)
        return athena_refuse(err, "NOT_SUPPORTED", "the embedded cloud does not run %s statements",
                             run->statement->verb ? run->statement->verb : "such");
    run->job->planned_ms = now();
    return (kind->run(run, err) || athena_hive_error(run, err)) && store_result(run, "", err);
}

/* "CREATE TABLE AS SELECT" as CREATE_TABLE_AS_SELECT: the form that clients compare with. */
static void set_substatement(struct athena_run *run, const char *verb)
{
    char *word = arena_strdup(run->arena, verb);
    for (char *c = word; c && *c; c++)
        *c = *c == ' ' ? '_' : *c;
    json_object_set_new(execution(run), "SubstatementType", json_string(word));
}

static void set_kind(struct athena_run *run)
{
    const struct athena_kind *kind = athena_kind_find(run->statement->kind);
    json_object_set_new(execution(run), "StatementType", json_string(kind->type));
    const char *verb = run->statement->kind == DIALECT_QUERY ? "SELECT" : run->statement->verb;
    if (verb)
        set_substatement(run, verb);
    if (strcmp(kind->type, "DML") == 0 && !kind->writes)
        return;
    /* DDL answers in text; what writes has no result but its manifest */
    char key[1200];
    const char *before = json_str(run->job->record, "Key");
    snprintf(key, sizeof key, "%.*s%s", (int)(strlen(before) - strlen(".csv")), before, kind->writes ? "" : ".txt");
    json_object_set_new(run->job->record, "Key", json_string(key));
    char uri[1300];
    snprintf(uri, sizeof uri, "s3://%s/%s", json_str(run->job->record, "Bucket"), key);
    json_object_set_new(json_object_get(execution(run), "ResultConfiguration"), "OutputLocation", json_string(uri));
}

static void set_failure(struct athena_run *run, const struct err *err)
{
    json_t *status = json_object_get(execution(run), "Status");
    bool has_name = *err->service_code != '\0';
    bool is_user = has_name && !strstr(err->service_code, "INTERNAL_ERROR");
    char reason[400];
    snprintf(reason, sizeof reason, "%s: %s", has_name ? err->service_code : "GENERIC_INTERNAL_ERROR", err->text);
    json_object_set_new(status, "StateChangeReason", json_clean(reason));
    /* ErrorCategory 1 system, 2 user (API Reference, AthenaError) */
    json_object_set_new(status, "AthenaError",
                        json_pack("{s:i, s:i, s:b, s:o}", "ErrorCategory", is_user ? 2 : 1, "ErrorType",
                                  is_user ? 1006 : 100, "Retryable", 0, "ErrorMessage", json_clean(reason)));
    set_status(run, "FAILED");
}

static void set_end(struct athena_run *run, bool ok, const struct err *err)
{
    struct athena_job *job = run->job;
    json_t *status = json_object_get(execution(run), "Status");
    if (job->engine.is_cut || (ok && job->cutoff > 0 && run->scanned > job->cutoff)) {
        set_status(run, "CANCELLED");
        json_object_set_new(status, "StateChangeReason",
                            json_string("Query cancelled! : Bytes scanned limit was exceeded"));
    } else if (ok) {
        set_status(run, "SUCCEEDED");
    } else if (err->code == ERR_CANCELLED && atomic_load(&job->is_abandoned)) {
        struct err abandoned = {.code = ERR_SERVER, .text = ATHENA_ABANDONED, .service_code = "INTERNAL_ERROR"};
        set_failure(run, &abandoned);
    } else if (err->code == ERR_CANCELLED) {
        set_status(run, "CANCELLED");
        json_object_set_new(status, "StateChangeReason", json_string("Query cancelled by user"));
    } else {
        set_failure(run, err);
    }
    json_object_set_new(status, "CompletionDateTime", json_real((double)clock_wall(job->cloud->clock) / 1000.0));
}

static void set_statistics(struct athena_run *run)
{
    const struct athena_job *job = run->job;
    int64_t end = now(), planned = job->planned_ms ? job->planned_ms : end;
    int64_t total = end - job->submitted_ms, queued = job->started_ms - job->submitted_ms;
    int64_t planning = planned - job->started_ms, rest = end - planned - run->engine_ms;
    json_t *statistics =
        json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:{s:b}}", "DataScannedInBytes", (json_int_t)run->scanned,
                  "EngineExecutionTimeInMillis", (json_int_t)run->engine_ms, "TotalExecutionTimeInMillis",
                  (json_int_t)total, "QueryQueueTimeInMillis", (json_int_t)queued, "QueryPlanningTimeInMillis",
                  (json_int_t)planning, "ServiceProcessingTimeInMillis", (json_int_t)(rest > 0 ? rest : 0),
                  "ResultReuseInformation", "ReusedPreviousResult", (int)run->is_reused);
    json_t *manifest = json_object_get(job->record, "Manifest");
    if (json_string_length(manifest))
        json_object_set(statistics, "DataManifestLocation", manifest);
    json_object_set_new(execution(run), "Statistics", statistics);
    json_object_set_new(job->record, "Rows", json_integer(run->rows));
}

void athena_run(struct athena_job *job)
{
    struct athena_run run = {.job = job,
                             .arena = arena_new(ARENA_MAX),
                             .setup = json_array(),
                             .objects = json_object(),
                             .compressed = json_array(),
                             .text = BUF_INIT(TEXT_MAX)};
    struct err err = ERR_NONE, save_err = ERR_NONE;
    set_status(&run, "RUNNING");
    bool ok = !atomic_load(&job->engine.is_cancelled) || err_set(&err, ERR_CANCELLED, "Query cancelled by user");
    ok = ok && athena_query_save(job->cloud, job->record, &err) && make_dir(&run, &err) && translate(&run, &err);
    if (ok) {
        set_kind(&run);
        ok = run_statement(&run, &err);
    }
    set_statistics(&run);
    set_end(&run, ok, &err);
    athena_query_save(job->cloud, job->record, &save_err);
    if (*run.dir)
        path_remove_tree(run.dir, NULL);
    json_decref(run.setup);
    json_decref(run.objects);
    json_decref(run.compressed);
    json_decref(run.columns);
    buf_done(&run.text);
    arena_free(run.arena);
}
