/* The columns of the catalog's tables, for the pane and the command line. */
#include "backend/domain/catalog.h"
#include <string.h>

static struct value text_or_none(const char *text)
{
    return *text ? value_text(text) : value_state(VALUE_NONE);
}

static struct value figure(int64_t number)
{
    return number == CATALOG_UNKNOWN ? value_state(VALUE_UNKNOWN) : value_number(number);
}

static struct value time_of(int64_t ms)
{
    return ms > 0 ? value_number(ms) : value_state(VALUE_NONE);
}

#define GETTER(name, type, expression)                                                                                 \
    static struct value name(const void *row)                                                                          \
    {                                                                                                                  \
        const struct type *it = row;                                                                                   \
        return expression;                                                                                             \
    }

GETTER(database_name, catalog_database, value_text(it->name))
GETTER(database_description, catalog_database, text_or_none(it->description))
GETTER(database_created, catalog_database, time_of(it->created_ms))

static struct value database_tables(const void *row)
{
    const struct catalog_database *database = row;
    enum err_code code = database->err.code;
    if (database->is_loading)
        return value_state(VALUE_UNKNOWN);
    return code == ERR_OK       ? value_number((int64_t)database->table_count)
           : code == ERR_DENIED ? value_state(VALUE_DENIED)
                                : value_state(VALUE_FAILED);
}

const struct column catalog_database_columns[] = {
    {.id = "database", .title = "DATABASE", .kind = VALUE_TEXT, .width = 24, .flex = true, .get = database_name},
    {.id = "description", .title = "DESCRIPTION", .kind = VALUE_TEXT, .width = 30, .get = database_description},
    {.id = "created", .title = "CREATED", .kind = VALUE_AGE, .width = 8, .get = database_created},
    {.id = NULL},
};
/* As catalog_database_columns, with what only the whole view knows. */
const struct column catalog_database_list_columns[] = {
    {.id = "database", .title = "DATABASE", .kind = VALUE_TEXT, .width = 16, .flex = true, .get = database_name},
    {.id = "tables", .title = "TABLES", .kind = VALUE_COUNT, .width = 6, .get = database_tables},
    {.id = "created", .title = "CREATED", .kind = VALUE_AGE, .width = 7, .get = database_created},
    {.id = "description", .title = "DESCRIPTION", .kind = VALUE_TEXT, .width = 20, .get = database_description},
    {.id = NULL},
};

GETTER(table_database, catalog_table, value_text(it->database))
GETTER(table_name, catalog_table, value_text(it->name))
GETTER(table_format, catalog_table, text_or_none(it->format))
GETTER(table_columns, catalog_table, value_number((int64_t)it->column_count))
GETTER(table_keys, catalog_table, value_number((int64_t)it->key_count))
GETTER(table_rows, catalog_table, *it->location ? figure(it->rows) : value_state(VALUE_NONE)) /* a view keeps none */
GETTER(table_bytes, catalog_table, *it->location ? figure(it->bytes) : value_state(VALUE_NONE))
GETTER(table_objects, catalog_table, *it->location ? figure(it->objects) : value_state(VALUE_NONE))
GETTER(table_version, catalog_table, text_or_none(it->version))
GETTER(table_updated, catalog_table, time_of(it->updated_ms))
GETTER(table_location, catalog_table, text_or_none(it->location))
const struct column catalog_table_columns[] = {
    {.id = "table", .title = "TABLE", .kind = VALUE_TEXT, .width = 28, .flex = true, .get = table_name},
    {.id = "format", .title = "FORMAT", .kind = VALUE_TEXT, .width = 8, .get = table_format},
    {.id = "columns", .title = "COLUMNS", .kind = VALUE_COUNT, .width = 7, .get = table_columns},
    {.id = "keys", .title = "KEYS", .kind = VALUE_COUNT, .width = 4, .get = table_keys},
    {.id = "rows", .title = "ROWS", .kind = VALUE_COUNT, .width = 12, .get = table_rows, .help = "as crawled"},
    {.id = "bytes", .title = "BYTES", .kind = VALUE_BYTES, .width = 9, .get = table_bytes, .help = "as crawled"},
    {.id = "objects", .title = "OBJECTS", .kind = VALUE_COUNT, .width = 7, .get = table_objects},
    {.id = "version", .title = "VERSION", .kind = VALUE_TEXT, .width = 7, .get = table_version},
    {.id = "updated", .title = "UPDATED", .kind = VALUE_AGE, .width = 7, .get = table_updated},
    {.id = "location", .title = "LOCATION", .kind = VALUE_TEXT, .width = 40, .get = table_location},
    {.id = NULL},
};

/* As catalog_table_columns, for a list that is narrow. */
const struct column catalog_table_list_columns[] = {
    {.id = "table", .title = "TABLE", .kind = VALUE_TEXT, .width = 18, .flex = true, .get = table_name},
    {.id = "rows", .title = "ROWS", .kind = VALUE_COUNT, .width = 10, .get = table_rows, .help = "as crawled"},
    {.id = "bytes", .title = "BYTES", .kind = VALUE_BYTES, .width = 9, .get = table_bytes, .help = "as crawled"},
    {.id = "updated", .title = "UPDATED", .kind = VALUE_AGE, .width = 7, .get = table_updated},
    {.id = "format", .title = "FORMAT", .kind = VALUE_TEXT, .width = 8, .get = table_format},
    {.id = "columns", .title = "COLUMNS", .kind = VALUE_COUNT, .width = 7, .get = table_columns},
    {.id = "keys", .title = "KEYS", .kind = VALUE_COUNT, .width = 4, .get = table_keys},
    {.id = "version", .title = "VERSION", .kind = VALUE_TEXT, .width = 7, .get = table_version},
    {.id = "location", .title = "LOCATION", .kind = VALUE_TEXT, .width = 40, .get = table_location},
    {.id = NULL},
};
/* The tile: tables of all databases. */
const struct column catalog_tile_columns[] = {
    {.id = "table", .title = "TABLE", .kind = VALUE_TEXT, .width = 20, .flex = true, .get = table_name},
    {.id = "rows", .title = "ROWS", .kind = VALUE_COUNT, .width = 11, .get = table_rows, .help = "as crawled"},
    {.id = "bytes", .title = "BYTES", .kind = VALUE_BYTES, .width = 9, .get = table_bytes, .help = "as crawled"},
    {.id = "updated", .title = "UPDATED", .kind = VALUE_AGE, .width = 7, .get = table_updated},
    {.id = "database", .title = "DATABASE", .kind = VALUE_TEXT, .width = 10, .get = table_database},
    {.id = NULL},
};

GETTER(column_name, catalog_column, value_text(it->name))
GETTER(column_type, catalog_column, text_or_none(it->type))
GETTER(column_key, catalog_column, it->is_partition_key ? value_text("partition") : value_state(VALUE_NONE))
GETTER(column_comment, catalog_column, text_or_none(it->comment))
const struct column catalog_column_columns[] = {
    {.id = "column", .title = "COLUMN", .kind = VALUE_TEXT, .width = 30, .flex = true, .get = column_name},
    {.id = "type", .title = "TYPE", .kind = VALUE_TEXT, .width = 20, .get = column_type},
    {.id = "key", .title = "KEY", .kind = VALUE_TEXT, .width = 9, .get = column_key},
    {.id = "comment", .title = "COMMENT", .kind = VALUE_TEXT, .width = 30, .get = column_comment},
    {.id = NULL},
};

static struct value crawler_state(const void *row)
{
    const struct catalog_crawler *crawler = row;
    bool is_running = strcmp(crawler->state, "READY") != 0;
    return value_toned(text_or_none(crawler->state), is_running ? TONE_RUNNING : TONE_PLAIN);
}

static struct value crawler_last(const void *row)
{
    const struct catalog_crawler *crawler = row;
    enum value_tone tone = strcmp(crawler->last_status, "SUCCEEDED") == 0 ? TONE_OK
                           : strcmp(crawler->last_status, "FAILED") == 0  ? TONE_FAIL
                                                                          : TONE_PLAIN;
    return value_toned(text_or_none(crawler->last_status), tone);
}

GETTER(crawler_name, catalog_crawler, value_text(it->name))
GETTER(crawler_database, catalog_crawler, text_or_none(it->database))
GETTER(crawler_started, catalog_crawler, time_of(it->last_started_ms))
GETTER(crawler_error, catalog_crawler, text_or_none(it->last_error))
GETTER(crawler_created, catalog_crawler, figure(it->tables_created))
GETTER(crawler_updated, catalog_crawler, figure(it->tables_updated))
GETTER(crawler_deleted, catalog_crawler, figure(it->tables_deleted))
const struct column catalog_crawler_columns[] = {
    {.id = "crawler", .title = "CRAWLER", .kind = VALUE_TEXT, .width = 16, .flex = true, .get = crawler_name},
    {.id = "state", .title = "STATE", .kind = VALUE_TEXT, .width = 9, .get = crawler_state},
    {.id = "last", .title = "LAST", .kind = VALUE_TEXT, .width = 10, .get = crawler_last},
    {.id = "started", .title = "STARTED", .kind = VALUE_AGE, .width = 8, .get = crawler_started},
    {.id = "database", .title = "DATABASE", .kind = VALUE_TEXT, .width = 16, .get = crawler_database},
    {.id = "created", .title = "CREATED", .kind = VALUE_COUNT, .width = 7, .get = crawler_created, .help = "tables"},
    {.id = "updated", .title = "UPDATED", .kind = VALUE_COUNT, .width = 7, .get = crawler_updated, .help = "tables"},
    {.id = "deleted", .title = "DELETED", .kind = VALUE_COUNT, .width = 7, .get = crawler_deleted, .help = "tables"},
    {.id = "error", .title = "ERROR", .kind = VALUE_TEXT, .width = 40, .get = crawler_error},
    {.id = NULL},
};

GETTER(partition_bytes, catalog_partition, it->is_missing ? value_state(VALUE_NONE) : figure(it->bytes))
GETTER(partition_objects, catalog_partition, it->is_missing ? value_state(VALUE_NONE) : figure(it->objects))
GETTER(partition_created, catalog_partition, time_of(it->created_ms))
GETTER(partition_location, catalog_partition, text_or_none(it->location))

static struct value partition_values(const void *row)
{
    const struct catalog_partition *partition = row;
    return value_toned(value_text(partition->values), partition->is_missing ? TONE_WARN : TONE_PLAIN);
}

static struct value partition_state(const void *row)
{
    const struct catalog_partition *partition = row;
    if (partition->is_missing)
        return value_toned(value_text("missing"), TONE_WARN);
    if (partition->objects == 0)
        return value_toned(value_text("no object"), TONE_WARN);
    if (partition->differing > 0)
        return value_toned(value_text("columns differ"), TONE_WARN);
    return value_state(VALUE_NONE);
}

const struct column catalog_partition_columns[] = {
    {.id = "partition", .title = "PARTITION", .kind = VALUE_TEXT, .width = 14, .flex = true, .get = partition_values},
    {.id = "state", .title = "STATE", .kind = VALUE_TEXT, .width = 14, .get = partition_state},
    {.id = "bytes", .title = "BYTES", .kind = VALUE_BYTES, .width = 9, .get = partition_bytes, .help = "listed now"},
    {.id = "objects", .title = "OBJECTS", .kind = VALUE_COUNT, .width = 7, .get = partition_objects},
    {.id = "created", .title = "ADDED", .kind = VALUE_AGE, .width = 6, .get = partition_created},
    {.id = "location", .title = "LOCATION", .kind = VALUE_TEXT, .width = 40, .get = partition_location},
    {.id = NULL},
};

/* Of the oldest version there is nothing to compare with. */
static struct value difference(int64_t count)
{
    return count == CATALOG_UNKNOWN ? value_state(VALUE_NONE) : value_number(count);
}

GETTER(version_id, catalog_version, value_text(it->id))
GETTER(version_at, catalog_version, time_of(it->at_ms))
GETTER(version_columns, catalog_version, value_number((int64_t)it->column_count))
GETTER(version_added, catalog_version, difference(it->added))
GETTER(version_removed, catalog_version, difference(it->removed))
GETTER(version_changed, catalog_version, difference(it->changed))
GETTER(version_location, catalog_version, text_or_none(it->location))
const struct column catalog_version_columns[] = {
    {.id = "version", .title = "VERSION", .kind = VALUE_TEXT, .width = 8, .flex = true, .get = version_id},
    {.id = "at", .title = "MADE", .kind = VALUE_AGE, .width = 6, .get = version_at},
    {.id = "columns", .title = "COLUMNS", .kind = VALUE_COUNT, .width = 7, .get = version_columns},
    {.id = "added", .title = "ADDED", .kind = VALUE_COUNT, .width = 5, .get = version_added},
    {.id = "removed", .title = "REMOVED", .kind = VALUE_COUNT, .width = 7, .get = version_removed},
    {.id = "changed", .title = "CHANGED", .kind = VALUE_COUNT, .width = 7, .get = version_changed},
    {.id = "location", .title = "LOCATION", .kind = VALUE_TEXT, .width = 40, .get = version_location},
    {.id = NULL},
};
