/* Reading the catalog; see catalog.h. The columns of its tables are in catalog_columns.c. */
#include "backend/domain/catalog.h"
#include "backend/aws/glue.h"
#include "backend/base/text.h"
#include <stdlib.h>
#include <string.h>

enum { ATHENA_LEAST_BYTES = 10 * 1000 * 1000 };

static const char *keep(struct arena *arena, const char *text)
{
    char *copy = *text ? arena_strdup(arena, text) : NULL;
    return copy ? copy : "";
}

static int64_t time_ms(const json_t *object, const char *key)
{
    return (int64_t)(json_number_value(json_object_get(object, key)) * 1000);
}

static int64_t figure(const json_t *parameters, const char *key)
{
    const char *text = json_str(parameters, key);
    char *end;
    long long value = strtoll(text, &end, 10);
    return *text && !*end && value >= 0 ? value : CATALOG_UNKNOWN;
}

static bool check_arena(struct arena *arena, struct err *err)
{
    return !arena_failed(arena) || err_set(err, ERR_TOO_LARGE, "the catalog is larger than this view can hold");
}

bool catalog_read_databases(struct aws *aws, const struct cancel *cancel, struct arena *arena,
                            struct catalog_list *list, struct err *err)
{
    json_t *all = glue_get_databases(aws, cancel, err), *database;
    size_t i;
    if (!all)
        return false;
    list->databases = ARENA_ARRAY(arena, struct catalog_database, json_array_size(all) + 1);
    json_array_foreach(all, i, database)
    {
        if (!list->databases)
            break;
        list->databases[list->count++] =
            (struct catalog_database){.name = keep(arena, json_str(database, "Name")),
                                      .description = keep(arena, json_str(database, "Description")),
                                      .location = keep(arena, json_str(database, "LocationUri")),
                                      .created_ms = time_ms(database, "CreateTime")};
    }
    json_decref(all);
    return check_arena(arena, err);
}

static void read_columns(const json_t *list, bool is_key, struct arena *arena, struct catalog_table *table)
{
    size_t i;
    json_t *column;
    json_array_foreach(list, i, column)
    {
        table->columns[table->column_count++] =
            (struct catalog_column){.name = keep(arena, json_str(column, "Name")),
                                    .type = keep(arena, json_str(column, "Type")),
                                    .comment = keep(arena, json_str(column, "Comment")),
                                    .is_partition_key = is_key};
    }
}

/* What the table says of its format: the classification, else by the input format. */
static const char *format_of(const json_t *table)
{
    const char *classification = json_str(json_object_get(table, "Parameters"), "classification");
    const char *input = json_str(json_object_get(table, "StorageDescriptor"), "InputFormat");
    if (*classification)
        return classification;
    if (strcmp(json_str(table, "TableType"), "VIRTUAL_VIEW") == 0)
        return "view";
    return text_find(input, "parquet") ? "parquet" : text_find(input, "orc") ? "orc" : *input ? "text" : "";
}

static void read_table(const json_t *from, struct arena *arena, struct catalog_table *table)
{
    const json_t *parameters = json_object_get(from, "Parameters");
    const json_t *descriptor = json_object_get(from, "StorageDescriptor");
    const json_t *columns = json_object_get(descriptor, "Columns"), *keys = json_object_get(from, "PartitionKeys");
    *table = (struct catalog_table){
        .database = keep(arena, json_str(from, "DatabaseName")),
        .name = keep(arena, json_str(from, "Name")),
        .location = keep(arena, json_str(descriptor, "Location")),
        .format = keep(arena, format_of(from)),
        .version = keep(arena, json_str(from, "VersionId")),
        .kind = keep(arena, json_str(from, "TableType")),
        .crawler = keep(arena, json_str(parameters, "UPDATED_BY_CRAWLER")),
        .rows = figure(parameters, "recordCount"),
        .bytes = figure(parameters, "sizeKey"),
        .objects = figure(parameters, "objectCount"),
        .updated_ms = time_ms(from, "UpdateTime"),
        .key_count = json_array_size(keys),
        .partitions = CATALOG_UNKNOWN,
        .first_partition = "",
        .last_partition = "",
    };
    table->columns = ARENA_ARRAY(arena, struct catalog_column, json_array_size(columns) + json_array_size(keys) + 1);
    if (table->columns) {
        read_columns(columns, false, arena, table);
        read_columns(keys, true, arena, table);
    }
}

bool catalog_read_tables(struct aws *aws, const char *database, const struct cancel *cancel, struct arena *arena,
                         struct catalog_list *list, struct err *err)
{
    json_t *all = glue_get_tables(aws, database, cancel, err), *table;
    size_t i;
    if (!all)
        return false;
    list->tables = ARENA_ARRAY(arena, struct catalog_table, json_array_size(all) + 1);
    json_array_foreach(all, i, table)
    {
        if (list->tables)
            read_table(table, arena, &list->tables[list->count++]);
    }
    json_decref(all);
    return check_arena(arena, err);
}

static const char *join_values(const json_t *values, struct arena *arena)
{
    struct buf text = BUF_INIT(4096);
    size_t i;
    json_t *value;
    json_array_foreach(values, i, value)
        buf_printf(&text, "%s%s", i ? "/" : "", json_is_string(value) ? json_string_value(value) : "");
    const char *joined = keep(arena, buf_text(&text));
    buf_done(&text);
    return joined;
}

static bool read_partitions(struct aws *aws, const struct cancel *cancel, struct arena *arena,
                            struct catalog_table *table, struct err *err)
{
    struct glue_partition_filter all = {.expression = NULL};
    json_t *list = glue_get_partitions(aws, table->database, table->name, &all, cancel, err), *partition;
    size_t i;
    if (!list)
        return false;
    table->partitions = (int64_t)json_array_size(list);
    json_array_foreach(list, i, partition)
    {
        const char *values = join_values(json_object_get(partition, "Values"), arena);
        if (i == 0 || strcmp(values, table->first_partition) < 0)
            table->first_partition = values;
        if (i == 0 || strcmp(values, table->last_partition) > 0)
            table->last_partition = values;
    }
    json_decref(list);
    return true;
}

bool catalog_read_table(struct aws *aws, const char *database, const char *name, const struct cancel *cancel,
                        struct arena *arena, struct catalog_table *table, struct err *err)
{
    json_t *found = glue_get_table(aws, database, name, cancel, err);
    if (!found)
        return false;
    read_table(found, arena, table);
    json_decref(found);
    return check_arena(arena, err) && (table->key_count == 0 || read_partitions(aws, cancel, arena, table, err));
}

bool catalog_read_crawlers(struct aws *aws, const struct cancel *cancel, struct arena *arena, struct catalog_list *list,
                           struct err *err)
{
    json_t *all = glue_get_crawlers(aws, cancel, err), *crawler;
    size_t i;
    if (!all)
        return false;
    list->crawlers = ARENA_ARRAY(arena, struct catalog_crawler, json_array_size(all) + 1);
    json_array_foreach(all, i, crawler)
    {
        const json_t *last = json_object_get(crawler, "LastCrawl");
        if (!list->crawlers)
            break;
        list->crawlers[list->count++] =
            (struct catalog_crawler){.name = keep(arena, json_str(crawler, "Name")),
                                     .database = keep(arena, json_str(crawler, "DatabaseName")),
                                     .state = keep(arena, json_str(crawler, "State")),
                                     .last_status = keep(arena, json_str(last, "Status")),
                                     .last_error = keep(arena, json_str(last, "ErrorMessage")),
                                     .last_started_ms = time_ms(last, "StartTime")};
    }
    json_decref(all);
    return check_arena(arena, err);
}

double catalog_scan_cost(int64_t bytes, int64_t price_cents)
{
    if (bytes > 0 && bytes < ATHENA_LEAST_BYTES)
        bytes = ATHENA_LEAST_BYTES;
    return (double)bytes / 1e12 * (double)price_cents / 100;
}

static void print_text(FILE *out, const char *name, const char *text)
{
    char clean[1024];
    if (*text)
        fprintf(out, "%-11s %s\n", name, text_clean_into(text, clean, sizeof clean));
}

void catalog_print_facts(const struct catalog_table *table, int64_t price_cents, FILE *out)
{
    char number[TEXT_SHORT];
    fputc('\n', out);
    print_text(out, "location", table->location);
    print_text(out, "format", table->format);
    print_text(out, "version", table->version);
    print_text(out, "crawler", table->crawler);
    if (table->key_count)
        fprintf(out, "%-11s %s\n", "partitions", text_count(table->partitions, number));
    print_text(out, "first", table->first_partition);
    print_text(out, "last", table->last_partition);
    if (table->rows != CATALOG_UNKNOWN)
        fprintf(out, "%-11s about %s\n", "rows", text_count(table->rows, number));
    if (table->bytes != CATALOG_UNKNOWN)
        fprintf(out, "%-11s %s, a full scan costs about $%.4f\n", "bytes", text_bytes((uint64_t)table->bytes, number),
                catalog_scan_cost(table->bytes, price_cents));
}
