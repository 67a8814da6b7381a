/* PREPARE, EXECUTE and DEALLOCATE PREPARE, over the records of athena_prepared.c. Runner threads. Source: Athena User
 * Guide, "Use prepared statements". */
#include "backend/local/athena_kinds.h"
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 512, STATEMENT_NAME_MAX = 256 };

static void record_name(const struct athena_run *run, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "%s/%.260s", run->job->workgroup, run->statement->name);
}

static bool check_name(const char *name, struct err *err)
{
    size_t len = strlen(name);
    bool is_letter = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
    if (is_letter && len <= STATEMENT_NAME_MAX &&
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@:") == len)
        return true;
    return athena_refuse(err, "INVALID_INPUT", "the prepared statement's name %.80s is not valid", name);
}

static bool put(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    (void)before;
    (void)err;
    const struct athena_run *run = edit->context;
    *after =
        json_pack("{s:s, s:s, s:s, s:f}", "StatementName", run->statement->name, "WorkGroupName", run->job->workgroup,
                  "QueryStatement", run->statement->inner, "LastModifiedTime", (double)edit->at_ms / 1000.0);
    return true;
}

/* Another text under the name replaces the one before (User Guide: "PREPARE"). */
bool athena_prepare(struct athena_run *run, struct err *err)
{
    char name[NAME_SIZE];
    record_name(run, name);
    struct athena_edit edit = {
        .kind = "prepared", .name = name, .group = run->job->workgroup, .edit = put, .context = run};
    return check_name(run->statement->name, err) && athena_edit(run->job->cloud, &edit, err);
}

static bool not_found(const struct athena_run *run, struct err *err)
{
    return athena_refuse(err, "NOT_FOUND", "Prepared statement %.100s was not found in workGroup %.100s",
                         run->statement->name, run->job->workgroup);
}

static bool drop(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    *after = NULL;
    return before || not_found(edit->context, err);
}

bool athena_deallocate(struct athena_run *run, struct err *err)
{
    char name[NAME_SIZE];
    record_name(run, name);
    struct athena_edit edit = {
        .kind = "prepared", .name = name, .group = run->job->workgroup, .edit = drop, .context = run};
    return athena_edit(run->job->cloud, &edit, err);
}

bool athena_execute(struct athena_run *run, const struct dialect_options *options, struct err *err)
{
    static const char *const nothing[] = {NULL};
    char name[NAME_SIZE];
    const struct dialect_statement *execute = run->statement;
    record_name(run, name);
    json_t *document = athena_get(run->job->cloud, "prepared", name, err);
    if (!document)
        return err->code == ERR_OK ? not_found(run, err) : false;
    if (execute->parameters && execute->parameters[0] && options->parameters)
        document = (json_decref(document), NULL);
    if (!document)
        return athena_refuse(err, "INVALID_PARAMETER_USAGE",
                             "the values are given twice: by USING and by the request's ExecutionParameters");
    struct dialect_options inner = *options;
    if (!inner.parameters)
        inner.parameters = execute->parameters && execute->parameters[0] ? execute->parameters : nothing;
    run->sql = arena_strdup(run->arena, json_str(document, "QueryStatement"));
    json_decref(document);
    run->statement = run->sql ? dialect_translate(&inner, run->sql, strlen(run->sql), run->arena, err) : NULL;
    if (!run->statement)
        return err->code != ERR_OK ? false : err_set(err, ERR_TOO_LARGE, "the prepared statement is too large");
    return run->statement->kind != DIALECT_EXECUTE ||
           athena_refuse(err, "NOT_SUPPORTED", "a prepared statement cannot execute another one");
}
