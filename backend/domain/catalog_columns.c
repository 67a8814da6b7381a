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
const struct column catalog_database_columns[] = {
    {.id = "database", .title = "DATABASE", .kind = VALUE_TEXT, .width = 24, .flex = true, .get = database_name},
    {.id = "description", .title = "DESCRIPTION", .kind = VALUE_TEXT, .width = 30, .get = database_description},
    {.id = "created", .title = "CREATED", .kind = VALUE_AGE, .width = 8, .get = database_created},
    {.id = NULL},
};

GETTER(table_name, catalog_table, value_text(it->name))
GETTER(table_format, catalog_table, text_or_none(it->format))
GETTER(table_columns, catalog_table, value_number((int64_t)it->column_count))
GETTER(table_keys, catalog_table, value_number((int64_t)it->key_count))
GETTER(table_rows, catalog_table, figure(it->rows))
GETTER(table_bytes, catalog_table, figure(it->bytes))
GETTER(table_objects, catalog_table, figure(it->objects))
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
const struct column catalog_crawler_columns[] = {
    {.id = "crawler", .title = "CRAWLER", .kind = VALUE_TEXT, .width = 24, .flex = true, .get = crawler_name},
    {.id = "database", .title = "DATABASE", .kind = VALUE_TEXT, .width = 16, .get = crawler_database},
    {.id = "state", .title = "STATE", .kind = VALUE_TEXT, .width = 9, .get = crawler_state},
    {.id = "last", .title = "LAST", .kind = VALUE_TEXT, .width = 10, .get = crawler_last},
    {.id = "started", .title = "STARTED", .kind = VALUE_AGE, .width = 8, .get = crawler_started},
    {.id = "error", .title = "ERROR", .kind = VALUE_TEXT, .width = 40, .get = crawler_error},
    {.id = NULL},
};
