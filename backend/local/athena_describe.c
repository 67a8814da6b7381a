/* SHOW COLUMNS and DESCRIBE [EXTENDED | FORMATTED], in the layout of Hive's text output: fields of at least 20
 * characters with tabs between them. Runner threads. Sources: Athena User Guide, "DESCRIBE"; Apache Hive's language
 * manual, "Describe". */
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define FIELDS "%-20s\t%-20s\t%-20s\n"
#define EMPTY  "\t \t \n"

static void put_columns(struct athena_run *run, const json_t *columns, const char *only)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        if (!only || strcmp(json_str(column, "Name"), only) == 0)
            buf_printf(&run->text, FIELDS, json_str(column, "Name"), json_str(column, "Type"),
                       json_str(column, "Comment"));
    }
}

static void put_heading(struct athena_run *run, const char *title)
{
    buf_printf(&run->text, EMPTY "# %s\t \t \n", title);
}

static void put_column_heading(struct athena_run *run)
{
    buf_puts(&run->text, "# col_name            \tdata_type           \tcomment             \n" EMPTY);
}

bool athena_show_columns(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    regex_t regex;
    athena_columns(run, (const char *const[]){"field", NULL});
    if (!athena_pattern(st->pattern, &regex, err))
        return false;
    json_t *table = glue_table_get(run->job->cloud, st->database, st->name, err);
    const json_t *lists[] = {json_object_get(json_object_get(table, "StorageDescriptor"), "Columns"),
                             json_object_get(table, "PartitionKeys")};
    for (size_t list = 0; list < 2; list++) {
        size_t i;
        json_t *column;
        json_array_foreach(lists[list], i, column)
        {
            if (regexec(&regex, json_str(column, "Name"), 0, NULL, 0) == 0)
                buf_printf(&run->text, "%-20s\n", json_str(column, "Name"));
        }
    }
    regfree(&regex);
    json_decref(table);
    return table != NULL;
}

/* ---- FORMATTED */

static void put_fact(struct athena_run *run, const char *name, const char *value)
{
    buf_printf(&run->text, "%-20s\t%-20s\t \n", name, value);
}

/* As Java prints a date: "Thu Jul 19 21:30:16 UTC 2018". */
static const char *time_text(int64_t seconds, char out[64])
{
    struct tm tm;
    time_t at = (time_t)seconds;
    gmtime_r(&at, &tm);
    strftime(out, 64, "%a %b %d %H:%M:%S UTC %Y", &tm);
    return out;
}

static void put_parameters(struct athena_run *run, json_t *parameters)
{
    const char *key;
    json_t *value;
    json_object_foreach(parameters, key, value)
        buf_printf(&run->text, "\t%-20s\t%-20s\n", key, json_string_value(value));
}

static const char *names_text(const json_t *list, struct buf *out)
{
    size_t i;
    json_t *entry;
    buf_clear(out);
    buf_putc(out, '[');
    json_array_foreach(list, i, entry) buf_printf(
        out, "%s%s", i ? ", " : "", json_is_string(entry) ? json_string_value(entry) : json_str(entry, "Column"));
    buf_putc(out, ']');
    return buf_text(out);
}

static void put_storage(struct athena_run *run, const json_t *storage)
{
    const json_t *serde = json_object_get(storage, "SerdeInfo");
    struct buf names = BUF_INIT(65536);
    char buckets[24];
    snprintf(buckets, sizeof buckets, "%lld", (long long)json_int(storage, "NumberOfBuckets", -1));
    put_heading(run, "Storage Information");
    put_fact(run, "SerDe Library:", json_str(serde, "SerializationLibrary"));
    put_fact(run, "InputFormat:", json_str(storage, "InputFormat"));
    put_fact(run, "OutputFormat:", json_str(storage, "OutputFormat"));
    put_fact(run, "Compressed:", json_bool(storage, "Compressed", false) ? "Yes" : "No");
    put_fact(run, "Num Buckets:", buckets);
    put_fact(run, "Bucket Columns:", names_text(json_object_get(storage, "BucketColumns"), &names));
    put_fact(run, "Sort Columns:", names_text(json_object_get(storage, "SortColumns"), &names));
    buf_puts(&run->text, "Storage Desc Params:\t \t \n");
    put_parameters(run, json_object_get(serde, "Parameters"));
    buf_done(&names);
}

static void put_formatted(struct athena_run *run, const json_t *table, const json_t *storage)
{
    char text[64];
    put_heading(run, "Detailed Table Information");
    put_fact(run, "Database:", json_str(table, "DatabaseName"));
    put_fact(run, "Owner:", json_str(table, "Owner"));
    put_fact(run, "CreateTime:", time_text(json_int(table, "CreateTime", 0), text));
    put_fact(run, "LastAccessTime:", "UNKNOWN");
    put_fact(run, "Protect Mode:", "None");
    snprintf(text, sizeof text, "%lld", (long long)json_int(table, "Retention", 0));
    put_fact(run, "Retention:", text);
    put_fact(run, "Location:", json_str(storage, "Location"));
    put_fact(run, "Table Type:", json_str(table, "TableType"));
    buf_puts(&run->text, "Table Parameters:\t \t \n");
    put_parameters(run, json_object_get(table, "Parameters"));
    put_storage(run, storage);
}

/* ---- EXTENDED: the catalog's record in one line */

static void put_map(struct athena_run *run, json_t *map)
{
    const char *key, *comma = "";
    json_t *value;
    buf_putc(&run->text, '{');
    json_object_foreach(map, key, value)
    {
        buf_printf(&run->text, "%s%s=%s", comma, key, json_string_value(value));
        comma = ", ";
    }
    buf_putc(&run->text, '}');
}

static void put_schemas(struct athena_run *run, const json_t *columns)
{
    size_t i;
    json_t *column;
    buf_putc(&run->text, '[');
    json_array_foreach(columns, i, column)
        buf_printf(&run->text, "%sFieldSchema(name:%s, type:%s, comment:%s)", i ? ", " : "", json_str(column, "Name"),
                   json_str(column, "Type"), *json_str(column, "Comment") ? json_str(column, "Comment") : "null");
    buf_putc(&run->text, ']');
}

static void put_extended(struct athena_run *run, const json_t *table, const json_t *storage)
{
    const json_t *serde = json_object_get(storage, "SerdeInfo");
    buf_printf(&run->text,
               EMPTY "Detailed Table Information\tTable(tableName:%s, dbName:%s, owner:%s, createTime:%lld, "
                     "lastAccessTime:0, retention:%lld, sd:StorageDescriptor(cols:",
               json_str(table, "Name"), json_str(table, "DatabaseName"), json_str(table, "Owner"),
               (long long)json_int(table, "CreateTime", 0), (long long)json_int(table, "Retention", 0));
    put_schemas(run, json_object_get(storage, "Columns"));
    buf_printf(&run->text,
               ", location:%s, inputFormat:%s, outputFormat:%s, compressed:%s, numBuckets:%lld, "
               "serdeInfo:SerDeInfo(name:null, serializationLib:%s, parameters:",
               json_str(storage, "Location"), json_str(storage, "InputFormat"), json_str(storage, "OutputFormat"),
               json_bool(storage, "Compressed", false) ? "true" : "false",
               (long long)json_int(storage, "NumberOfBuckets", -1), json_str(serde, "SerializationLibrary"));
    put_map(run, json_object_get(serde, "Parameters"));
    buf_puts(&run->text, ")), partitionKeys:");
    put_schemas(run, json_object_get(table, "PartitionKeys"));
    buf_puts(&run->text, ", parameters:");
    put_map(run, json_object_get(table, "Parameters"));
    buf_printf(&run->text, ", tableType:%s)\t \n", json_str(table, "TableType"));
}

/* ---- the statement */

static void put_keys(struct athena_run *run, const json_t *keys, bool is_formatted)
{
    if (json_array_size(keys) == 0)
        return;
    if (!is_formatted)
        put_columns(run, keys, NULL);
    put_heading(run, "Partition Information");
    put_column_heading(run);
    put_columns(run, keys, NULL);
}

/* The storage to describe: the table's, or the partition's that the statement names. */
static json_t *find_storage(struct athena_run *run, const json_t *table, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    json_t *storage = json_object_get(table, "StorageDescriptor");
    if (!st->partition_count)
        return json_incref(storage);
    struct glue_table_id id = {.database = st->database, .table = st->name};
    json_t *values = athena_partition_values(&st->partitions[0], json_object_get(table, "PartitionKeys"), true, err);
    json_t *partition = values ? glue_partition_get(run->job->cloud, &id, values, err) : NULL;
    json_t *own = json_object_get(partition, "StorageDescriptor");
    if (partition && !json_object_get(own, "Columns")) /* without a schema of its own it has the table's */
        own = storage;
    storage = json_incref(own);
    json_decref(partition);
    json_decref(values);
    return storage;
}

static bool describe_column(struct athena_run *run, const json_t *table, const json_t *storage, struct err *err)
{
    size_t before = run->text.len;
    put_columns(run, json_object_get(storage, "Columns"), run->statement->pattern);
    put_columns(run, json_object_get(table, "PartitionKeys"), run->statement->pattern);
    return run->text.len > before ||
           athena_refuse(err, "FAILED", "SemanticException Invalid column reference %.100s", run->statement->pattern);
}

static bool describe(struct athena_run *run, const json_t *table, const json_t *storage, struct err *err)
{
    const char *verb = run->statement->verb;
    bool is_formatted = strcmp(verb, "DESCRIBE FORMATTED") == 0;
    if (run->statement->pattern)
        return describe_column(run, table, storage, err);
    if (is_formatted)
        put_column_heading(run);
    put_columns(run, json_object_get(storage, "Columns"), NULL);
    put_keys(run, json_object_get(table, "PartitionKeys"), is_formatted);
    if (is_formatted)
        put_formatted(run, table, storage);
    else if (strcmp(verb, "DESCRIBE EXTENDED") == 0)
        put_extended(run, table, storage);
    return true;
}

bool athena_describe(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    athena_columns(run, (const char *const[]){"col_name", "data_type", "comment", NULL});
    json_t *table = glue_table_get(run->job->cloud, st->database, st->name, err);
    json_t *storage = table ? find_storage(run, table, err) : NULL;
    bool ok = storage && describe(run, table, storage, err);
    if (table && !storage && err->code == ERR_OK)
        ok = athena_refuse(err, "FAILED", "SemanticException table %.100s has no columns", st->name);
    json_decref(storage);
    json_decref(table);
    return ok;
}
