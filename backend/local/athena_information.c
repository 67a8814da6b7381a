/* The tables of a query that hold no objects: information_schema and NAME$partitions, made of the catalog's records as
 * tables of the engine. They go through a file of the work directory, and are read before the query's own bytes are
 * counted: Athena scans nothing for them. Runner threads. Sources: Trino documentation, "Information schema"; Athena
 * User Guide, "Query the AWS Glue Data Catalog". */
#include "backend/base/path.h"
#include "backend/local/athena_kinds.h"
#include "backend/local/athena_source.h"
#include "backend/local/glue_store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 1000, TYPE_MAX = 65536, SQL_MAX = 1 << 20 };

struct rows {
    struct athena_run *run;
    const struct dialect_table *table;
    FILE *file;
    struct err *err;
};

/* NULL is no value. */
static void put_cell(struct rows *rows, const char *text, bool is_last)
{
    if (text) {
        putc('"', rows->file);
        for (; *text; text++) {
            if (*text == '"')
                putc('"', rows->file);
            putc(*text, rows->file);
        }
        putc('"', rows->file);
    }
    putc(is_last ? '\n' : ',', rows->file);
}

static void put_row(struct rows *rows, const char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_cell(rows, cells[i], i + 1 == count);
}

/* ---- information_schema */

static void put_columns(struct rows *rows, const json_t *document, const json_t *columns, int *position, bool is_key)
{
    struct buf engine = BUF_INIT(TYPE_MAX), type = BUF_INIT(TYPE_MAX);
    char number[16];
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        struct err err = ERR_NONE;
        const char *hive = json_str(column, "Type"), *comment = json_str(column, "Comment");
        buf_clear(&engine);
        buf_clear(&type);
        if (!dialect_type_from_hive(hive, &engine, &err) || !dialect_type_from_duck(buf_text(&engine), &type))
            buf_puts(&type, hive);
        snprintf(number, sizeof number, "%d", ++*position);
        const char *const cells[] = {"awsdatacatalog",
                                     json_str(document, "DatabaseName"),
                                     json_str(document, "Name"),
                                     json_str(column, "Name"),
                                     number,
                                     NULL,
                                     "YES",
                                     buf_text(&type),
                                     *comment ? comment : NULL,
                                     is_key ? "partition key" : NULL};
        put_row(rows, cells, sizeof cells / sizeof *cells);
    }
    buf_done(&engine);
    buf_done(&type);
}

static void put_table_columns(struct rows *rows, const json_t *document)
{
    int position = 0;
    put_columns(rows, document, json_object_get(json_object_get(document, "StorageDescriptor"), "Columns"), &position,
                false);
    put_columns(rows, document, json_object_get(document, "PartitionKeys"), &position, true);
}

static bool is_view(const json_t *document)
{
    return strcmp(json_str(document, "TableType"), "VIRTUAL_VIEW") == 0;
}

static void put_table(struct rows *rows, const json_t *document)
{
    const char *const cells[] = {"awsdatacatalog", json_str(document, "DatabaseName"), json_str(document, "Name"),
                                 is_view(document) ? "VIEW" : "BASE TABLE"};
    put_row(rows, cells, 4);
}

static void put_view(struct rows *rows, const json_t *document)
{
    struct dialect_catalog catalog;
    struct err err = ERR_NONE;
    if (!is_view(document))
        return;
    athena_catalog(rows->run->job->cloud, &catalog);
    const struct dialect_table *view = catalog.table(
        catalog.context, rows->run->arena, json_str(document, "DatabaseName"), json_str(document, "Name"), &err);
    const char *const cells[] = {"awsdatacatalog", json_str(document, "DatabaseName"), json_str(document, "Name"),
                                 view ? view->view_sql : NULL};
    put_row(rows, cells, 4);
}

static void put_schema(struct rows *rows, const json_t *document)
{
    const char *const cells[] = {"awsdatacatalog", json_str(document, "Name")};
    put_row(rows, cells, 2);
}

static bool put_documents(struct rows *rows, bool is_database, void (*put)(struct rows *rows, const json_t *document))
{
    struct cloud *cloud = rows->run->job->cloud;
    struct glue_page page = {.max = PAGE};
    struct glue_table_query query = {.database = NULL};
    bool ok = true;
    do {
        char *after = page.next;
        page.after = after;
        page.next = NULL;
        json_t *list = is_database ? glue_database_list(cloud, &page, rows->err)
                                   : glue_table_list(cloud, &query, &page, rows->err);
        json_t *document;
        size_t i;
        free(after);
        ok = list != NULL;
        json_array_foreach(list, i, document) put(rows, document);
        json_decref(list);
    } while (ok && page.next);
    free(page.next);
    return ok;
}

static const struct information {
    const char *name;
    bool is_database;
    void (*put)(struct rows *rows, const json_t *document);
} information[] = {
    {.name = "columns", .put = put_table_columns},
    {.name = "tables", .put = put_table},
    {.name = "views", .put = put_view},
    {.name = "schemata", .is_database = true, .put = put_schema},
};

static bool put_information(struct rows *rows)
{
    for (size_t i = 0; i < sizeof information / sizeof *information; i++)
        if (strcmp(information[i].name, rows->table->name) == 0)
            return put_documents(rows, information[i].is_database, information[i].put);
    return athena_refuse(rows->err, "NOT_SUPPORTED", "information_schema.%.100s is not supported", rows->table->name);
}

/* ---- NAME$partitions */

static bool put_partition(void *context, const json_t *partition, struct err *err)
{
    struct rows *rows = context;
    const json_t *values = json_object_get(partition, "Values");
    size_t count = rows->table->column_count;
    (void)err;
    for (size_t i = 0; i < count; i++) {
        const char *value = json_string_value(json_array_get(values, i));
        bool is_null = !value || strcmp(value, "__HIVE_DEFAULT_PARTITION__") == 0;
        put_cell(rows, is_null ? NULL : value, i + 1 == count);
    }
    return true;
}

static bool put_partitions(struct rows *rows)
{
    char name[GLUE_NAME_MAX + 1];
    size_t len = strlen(rows->table->name) - strlen("$partitions");
    snprintf(name, sizeof name, "%.*s", (int)len, rows->table->name);
    struct athena_partitions walk = {
        .database = rows->table->database, .table = name, .each = put_partition, .context = rows};
    return rows->table->column_count == 0 || athena_each_partition(rows->run->job->cloud, &walk, rows->err);
}

/* ---- the engine's table */

static bool put_sql(struct rows *rows, const char *schema, const char *path, struct buf *sql)
{
    struct buf type = BUF_INIT(TYPE_MAX);
    bool ok = true;
    buf_puts(sql, "CREATE SCHEMA IF NOT EXISTS ");
    athena_quote(sql, schema, '"');
    buf_puts(sql, ";CREATE TABLE ");
    athena_quote(sql, schema, '"');
    buf_putc(sql, '.');
    athena_quote(sql, rows->table->name, '"');
    buf_puts(sql, " AS SELECT ");
    for (size_t i = 0; ok && i < rows->table->column_count; i++) {
        buf_clear(&type);
        ok = dialect_type_from_hive(rows->table->columns[i].type, &type, rows->err);
        buf_puts(sql, "TRY_CAST(");
        athena_quote(sql, rows->table->columns[i].name, '"');
        buf_printf(sql, " AS %s) AS ", buf_text(&type));
        athena_quote(sql, rows->table->columns[i].name, '"');
        buf_putc(sql, ',');
    }
    buf_puts(sql, "NULL::VARCHAR AS \"$path\" FROM read_csv(");
    athena_quote(sql, path, '\'');
    buf_puts(sql, ",auto_detect=false,header=false,delim=',',quote='\"',escape='\"',nullstr='',"
                  "allow_quoted_nulls=false,parallel=false,max_line_size=8388608,columns={");
    for (size_t i = 0; i < rows->table->column_count; i++) {
        buf_puts(sql, i ? "," : "");
        athena_quote(sql, rows->table->columns[i].name, '\'');
        buf_puts(sql, ":'VARCHAR'");
    }
    buf_puts(sql, "})");
    buf_done(&type);
    return ok && (!sql->failed || err_set(rows->err, ERR_TOO_LARGE, "%s has too many columns", rows->table->name));
}

static bool make_table(struct athena_run *run, const struct dialect_table *table, bool is_information, struct err *err)
{
    struct rows rows = {.run = run, .table = table, .err = err};
    struct buf sql = BUF_INIT(SQL_MAX);
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%.3900s/i%zu.csv", run->dir, json_array_size(run->setup));
    if (!is_information && table->column_count == 0)
        return athena_refuse(err, "TABLE_NOT_FOUND",
                             "Table '%.60s.%.60s' does not exist: the table has no partition keys", table->database,
                             table->name);
    rows.file = fopen(path, "wxe");
    if (!rows.file)
        return err_set_errno(err, ERR_IO, "writing %s", path);
    bool ok = is_information ? put_information(&rows) : put_partitions(&rows);
    if (fclose(rows.file) != 0 && ok)
        ok = err_set_errno(err, ERR_IO, "writing %s", path);
    ok = ok && put_sql(&rows, is_information ? DIALECT_INFORMATION_SCHEMA : table->database, path, &sql) &&
         json_array_append_new(run->setup, json_stringn_nocheck(buf_text(&sql), sql.len)) == 0;
    buf_done(&sql);
    return ok;
}

bool athena_tables(struct athena_run *run, struct err *err)
{
    static const char suffix[] = "$partitions";
    for (size_t i = 0; run->statement->tables && run->statement->tables[i]; i++) {
        const struct dialect_table *table = run->statement->tables[i];
        size_t len = strlen(table->name);
        bool is_information = strcmp(table->database, "information_schema") == 0;
        bool is_partitions = len > sizeof suffix - 1 && strcmp(table->name + len - (sizeof suffix - 1), suffix) == 0;
        if (!(is_information || is_partitions ? make_table(run, table, is_information, err)
                                              : athena_source(run, table, err)))
            return false;
    }
    return true;
}
