/* CREATE and DROP of databases and tables over the Glue store, and what other statements of Hive's DDL share. Runner
 * threads. Source: Athena User Guide, "DDL statements". */
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void athena_columns(struct athena_run *run, const char *const *names)
{
    json_decref(run->columns);
    run->columns = json_array();
    for (; *names; names++)
        json_array_append_new(run->columns, json_pack("{s:s, s:s}", "name", *names, "type", "string"));
}

json_t *athena_pairs_json(const struct pairs *pairs)
{
    json_t *object = json_object();
    for (size_t i = 0; i < pairs->count; i++)
        json_object_set_new(object, pairs->items[i].name, json_string(pairs->items[i].value));
    return object;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(object, key, json_string(text));
}

void athena_touch(struct athena_run *run, json_t *parameters)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, clock_wall(run->job->cloud->clock) / 1000);
    json_object_set_new(parameters, "transient_lastDdlTime", json_string(text));
}

bool athena_hive_error(const struct athena_run *run, struct err *err)
{
    struct err glue = *err;
    const char *database = run->statement->database ? run->statement->database : "";
    const char *name = run->statement->name ? run->statement->name : "";
    if (strcmp(glue.service_code, "EntityNotFoundException") == 0 && strncmp(glue.text, "Database ", 9) == 0)
        return athena_refuse(err, "FAILED", "SemanticException [Error 10072]: Database does not exist: %.100s",
                             database);
    if (strcmp(glue.service_code, "EntityNotFoundException") == 0 && strncmp(glue.text, "Table ", 6) == 0)
        return athena_refuse(err, "FAILED", "SemanticException [Error 10001]: Table not found %.100s.%.100s", database,
                             name);
    if (strstr(glue.service_code, "Exception") && strcmp(glue.service_code, "InternalServiceException") != 0)
        return athena_refuse(err, "FAILED",
                             "Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. "
                             "%.60s(message:%.120s)",
                             glue.service_code, glue.text);
    return false;
}

static bool exists(const struct err *err, const char *code)
{
    return strcmp(err->service_code, code) == 0;
}

/* IF [NOT] EXISTS makes the catalog's word no error. */
static bool forgive(bool ok, bool is_allowed, const char *code, struct err *err)
{
    if (ok || !is_allowed || !exists(err, code))
        return ok;
    *err = ERR_NONE;
    return true;
}

bool athena_create_database(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    json_t *input = json_pack("{s:s, s:o}", "Name", st->database ? st->database : st->name, "Parameters",
                              athena_pairs_json(&st->properties));
    set_text(input, "Description", st->comment);
    set_text(input, "LocationUri", st->location);
    bool ok = glue_database_create(run->job->cloud, input, err);
    json_decref(input);
    return forgive(ok, st->if_not_exists, "AlreadyExistsException", err);
}

bool athena_drop_database(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    const char *name = st->database ? st->database : st->name;
    if (!st->cascade && glue_database_table_count(run->job->cloud, name, err) > 0)
        return athena_refuse(err, "INVALID_REQUEST", "Database %.100s is not empty. One or more tables exist.", name);
    return forgive(glue_database_delete(run->job->cloud, name, err), st->if_exists, "EntityNotFoundException", err);
}

json_t *athena_columns_json(const struct dialect_column *columns, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *column = json_pack("{s:s, s:s}", "Name", columns[i].name, "Type", columns[i].type);
        set_text(column, "Comment", columns[i].comment);
        json_array_append_new(list, column);
    }
    return list;
}

/* Members of the SerDe's own are parameters; formats and library have places. */
static json_t *storage_json(const struct dialect_statement *st)
{
    json_t *parameters = athena_pairs_json(&st->serde);
    json_t *storage = json_pack("{s:o, s:s}", "Columns", athena_columns_json(st->columns, st->column_count), "Location",
                                st->location ? st->location : "");
    set_text(storage, "InputFormat", json_str(parameters, "input.format"));
    set_text(storage, "OutputFormat", json_str(parameters, "output.format"));
    json_t *serde = json_object();
    set_text(serde, "SerializationLibrary", json_str(parameters, "serialization.lib"));
    json_object_del(parameters, "input.format");
    json_object_del(parameters, "output.format");
    json_object_del(parameters, "serialization.lib");
    json_object_set_new(serde, "Parameters", parameters);
    json_object_set_new(storage, "SerdeInfo", serde);
    return storage;
}

bool athena_create_table(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    if (!st->location || !*st->location)
        return athena_refuse(err, "INVALID_REQUEST", "CREATE TABLE %.100s needs a LOCATION 's3://BUCKET/PREFIX/'",
                             st->name);
    json_t *parameters = athena_pairs_json(&st->properties);
    json_object_set_new(parameters, "EXTERNAL", json_string("TRUE"));
    athena_touch(run, parameters);
    set_text(parameters, "comment", st->comment);
    json_t *input = json_pack("{s:s, s:s, s:o, s:o, s:o}", "Name", st->name, "TableType", "EXTERNAL_TABLE",
                              "Parameters", parameters, "StorageDescriptor", storage_json(st), "PartitionKeys",
                              athena_columns_json(st->partition_columns, st->partition_column_count));
    bool ok = glue_table_create(run->job->cloud, st->database, input, "arn:aws:iam::" CLOUD_ACCOUNT ":root", err);
    json_decref(input);
    return forgive(ok, st->if_not_exists, "AlreadyExistsException", err);
}

bool athena_drop_table(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    bool ok = glue_table_delete(run->job->cloud, st->database, st->name, err);
    return forgive(ok, st->if_exists, "EntityNotFoundException", err);
}
