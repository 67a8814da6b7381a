/* DDL and SHOW statements, answered over the Glue store. Runner threads. Source: Athena User Guide, "DDL statements".
 */
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000, PATTERN_MAX = 4096 };

void athena_columns(struct athena_run *run, const char *const *names)
{
    json_decref(run->columns);
    run->columns = json_array();
    for (; *names; names++)
        json_array_append_new(run->columns, json_pack("{s:s, s:s}", "name", *names, "type", "string"));
}

static json_t *pairs_json(const struct pairs *pairs)
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
                              pairs_json(&st->properties));
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

static json_t *columns_json(const struct dialect_column *columns, size_t count)
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
    json_t *parameters = pairs_json(&st->serde);
    json_t *storage = json_pack("{s:o, s:s}", "Columns", columns_json(st->columns, st->column_count), "Location",
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
    json_t *parameters = pairs_json(&st->properties);
    json_object_set_new(parameters, "EXTERNAL", json_string("TRUE"));
    set_text(parameters, "comment", st->comment);
    json_t *input = json_pack("{s:s, s:s, s:o, s:o, s:o}", "Name", st->name, "TableType", "EXTERNAL_TABLE",
                              "Parameters", parameters, "StorageDescriptor", storage_json(st), "PartitionKeys",
                              columns_json(st->partition_columns, st->partition_column_count));
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

/* Hive's pattern ('*' any text, '|' or) as the store's regular expression. */
static void put_pattern(const char *pattern, struct buf *out)
{
    for (; pattern && *pattern; pattern++)
        buf_puts(out, *pattern == '*' ? ".*" : (char[]){*pattern, '\0'});
}

static void put_names(struct athena_run *run, const json_t *list)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry) buf_printf(&run->text, "%s\n", json_str(entry, "Name"));
}

/* All pages of databases (database NULL) or of a database's tables. */
static bool show_names(struct athena_run *run, const char *database, struct err *err)
{
    struct buf pattern = BUF_INIT(PATTERN_MAX);
    struct glue_page page = {.max = PAGE};
    bool ok = true;
    put_pattern(run->statement->pattern, &pattern);
    struct glue_table_query query = {.database = database, .pattern = buf_text(&pattern)};
    do {
        char *after = page.next;
        page.after = after;
        page.next = NULL;
        json_t *list = database ? glue_table_list(run->job->cloud, &query, &page, err)
                                : glue_database_list(run->job->cloud, &page, err);
        free(after);
        put_names(run, list);
        ok = list != NULL;
        json_decref(list);
    } while (ok && page.next);
    free(page.next);
    buf_done(&pattern);
    return ok;
}

static bool show_databases(struct athena_run *run, struct err *err)
{
    athena_columns(run, (const char *const[]){"database_name", NULL});
    if (run->statement->pattern)
        return athena_refuse(err, "NOT_SUPPORTED", "SHOW DATABASES LIKE is not supported by the embedded cloud");
    return show_names(run, NULL, err);
}

static bool show_tables(struct athena_run *run, struct err *err)
{
    athena_columns(run, (const char *const[]){"tab_name", NULL});
    return show_names(run, run->statement->database, err);
}

static void put_columns(struct athena_run *run, const json_t *columns, bool has_types)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        if (has_types)
            buf_printf(&run->text, "%-20s\t%-20s\t%-20s\n", json_str(column, "Name"), json_str(column, "Type"),
                       json_str(column, "Comment"));
        else
            buf_printf(&run->text, "%-20s\n", json_str(column, "Name"));
    }
}

static bool put_table(struct athena_run *run, bool has_types, struct err *err)
{
    json_t *table = glue_table_get(run->job->cloud, run->statement->database, run->statement->name, err);
    if (!table)
        return false;
    const json_t *keys = json_object_get(table, "PartitionKeys");
    put_columns(run, json_object_get(json_object_get(table, "StorageDescriptor"), "Columns"), has_types);
    put_columns(run, keys, has_types);
    if (has_types && json_array_size(keys)) {
        buf_puts(&run->text, "\t \t \n# Partition Information\t \t \n# col_name            \tdata_type           "
                             "\tcomment             \n\t \t \n");
        put_columns(run, keys, true);
    }
    json_decref(table);
    return true;
}

static bool show_columns(struct athena_run *run, struct err *err)
{
    athena_columns(run, (const char *const[]){"field", NULL});
    return put_table(run, false, err);
}

bool athena_describe(struct athena_run *run, struct err *err)
{
    athena_columns(run, (const char *const[]){"col_name", "data_type", "comment", NULL});
    return put_table(run, true, err);
}

bool athena_show(struct athena_run *run, struct err *err)
{
    static const struct {
        const char *verb;
        bool (*show)(struct athena_run *run, struct err *err);
    } rows[] = {{"SHOW DATABASES", show_databases},
                {"SHOW SCHEMAS", show_databases},
                {"SHOW TABLES", show_tables},
                {"SHOW COLUMNS", show_columns}};
    for (size_t i = 0; run->statement->verb && i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].verb, run->statement->verb) == 0)
            return rows[i].show(run, err);
    return athena_refuse(err, "NOT_SUPPORTED", "the embedded cloud does not run %s", run->statement->verb);
}
