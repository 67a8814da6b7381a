/* Partitions of a table: their rows, which columns of theirs differ, the days they leave out, and what was listed below
 * each. Pure. */
#include "backend/domain/catalog_private.h"
#include "backend/domain/listing.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { GAPS_MAX = 366, SPAN_MAX = 3660, VALUES_MAX = 4096 };

const char *catalog_join_values(const json_t *partition, struct arena *arena)
{
    struct buf text = BUF_INIT(VALUES_MAX);
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(partition, "Values"), i, value)
        buf_printf(&text, "%s%s", i ? "/" : "", json_is_string(value) ? json_string_value(value) : "");
    const char *joined = text.len ? arena_strdup(arena, buf_text(&text)) : NULL;
    buf_done(&text);
    return joined ? joined : "";
}

void catalog_count_partition(struct catalog_table *table, const char *values)
{
    bool is_first = table->partitions == 0;
    table->partitions++;
    if (is_first || strcmp(values, table->first_partition) < 0)
        table->first_partition = values;
    if (is_first || strcmp(values, table->last_partition) > 0)
        table->last_partition = values;
}

static const char *type_in_table(const struct catalog_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].is_partition_key && strcmp(table->columns[i].name, name) == 0)
            return table->columns[i].type;
    }
    return NULL;
}

static bool has_column(const json_t *columns, const char *name)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        if (strcmp(json_str(column, "Name"), name) == 0)
            return true;
    }
    return false;
}

/* Columns that are of another type, are not the table's, or are missing. Athena reads a partition by its own list
 * ("Updates in tables with partitions", Athena User Guide): a difference is an error or a NULL waiting to happen. */
static int64_t count_differing(const json_t *columns, const struct catalog_table *table)
{
    int64_t differing = 0;
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        const char *type = type_in_table(table, json_str(column, "Name"));
        differing += !type || strcmp(type, json_str(column, "Type")) != 0;
    }
    for (i = 0; i < table->column_count; i++)
        differing += !table->columns[i].is_partition_key && !has_column(columns, table->columns[i].name);
    return differing;
}

static void compare_columns(const json_t *partition, const struct catalog_table *table, struct arena *arena,
                            struct catalog_partition *row)
{
    const json_t *columns = json_object_get(json_object_get(partition, "StorageDescriptor"), "Columns");
    if (!json_array_size(columns))
        return;
    row->differing = count_differing(columns, table);
    struct catalog_column *own =
        row->differing > 0 ? ARENA_ARRAY(arena, struct catalog_column, json_array_size(columns)) : NULL;
    if (own)
        catalog_add_columns(columns, false, arena, own, &row->column_count);
    row->columns = own;
}

bool catalog_add_partition(const json_t *partition, const struct catalog_table *table, bool compares,
                           struct arena *arena, struct catalog_detail *detail, size_t *cap)
{
    const char *location = json_str(json_object_get(partition, "StorageDescriptor"), "Location");
    if (detail->partition_count >= CATALOG_PARTITIONS_KEPT)
        return true;
    if (detail->partition_count == *cap)
        detail->partitions =
            arena_grow(arena, detail->partitions, detail->partition_count, cap, sizeof *detail->partitions);
    if (!detail->partitions)
        return false;
    struct catalog_partition *row = &detail->partitions[detail->partition_count++];
    *row = (struct catalog_partition){
        .values = catalog_join_values(partition, arena),
        .location = *location ? arena_strdup(arena, location) : "",
        .created_ms = (int64_t)(json_number_value(json_object_get(partition, "CreationTime")) * 1000),
        .bytes = CATALOG_UNKNOWN,
        .objects = CATALOG_UNKNOWN,
        .differing = CATALOG_UNKNOWN,
    };
    if (row->created_ms > detail->newest_ms)
        detail->newest_ms = row->created_ms;
    if (compares)
        compare_columns(partition, table, arena, row);
    return !arena_failed(arena);
}

/* ---- days */

/* How the values say a day. */
enum date_form { FORM_NONE, FORM_DASHED, FORM_DIGITS, FORM_THREE };

static enum date_form form_of(const struct catalog_detail *detail)
{
    const struct catalog_table *table = &detail->table;
    const struct catalog_column *keys = table->columns + (table->column_count - table->key_count);
    int year, month, day, used = 0;
    const char *values = detail->partition_count ? detail->partitions[0].values : "";
    size_t first = strcspn(values, "/");
    if (table->key_count >= 3 && strcmp(keys[0].name, "year") == 0 && strcmp(keys[1].name, "month") == 0 &&
        strcmp(keys[2].name, "day") == 0)
        return FORM_THREE;
    if (sscanf(values, "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3 && (size_t)used == first && used == 10)
        return FORM_DASHED;
    if (first == 8 && strspn(values, "0123456789") == 8)
        return FORM_DIGITS;
    return FORM_NONE;
}

/* Days since 1970; false when the text says none. */
static bool day_of(const char *values, enum date_form form, int *day)
{
    static const char *const formats[] = {
        [FORM_DASHED] = "%4d-%2d-%2d%n", [FORM_DIGITS] = "%4d%2d%2d%n", [FORM_THREE] = "%4d/%2d/%2d%n"};
    int year, month, date, used = 0;
    if (form == FORM_NONE || sscanf(values, formats[form], &year, &month, &date, &used) != 3 ||
        (values[used] && values[used] != '/') || month < 1 || month > 12 || date < 1 || date > 31)
        return false;
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = date};
    *day = (int)(timegm(&tm) / 86400);
    return true;
}

static const char *text_of_day(struct arena *arena, int day, enum date_form form)
{
    static const char *const formats[] = {
        [FORM_DASHED] = "%Y-%m-%d", [FORM_DIGITS] = "%Y%m%d", [FORM_THREE] = "%Y/%m/%d"};
    time_t seconds = (time_t)day * 86400;
    struct tm tm;
    char text[16] = "";
    if (gmtime_r(&seconds, &tm))
        strftime(text, sizeof text, formats[form], &tm);
    const char *kept = arena_strdup(arena, text);
    return kept ? kept : "";
}

static int newest_first(const void *a, const void *b)
{
    return strcmp(((const struct catalog_partition *)b)->values, ((const struct catalog_partition *)a)->values);
}

static void sort_rows(struct catalog_detail *detail)
{
    if (detail->partition_count > 1)
        qsort(detail->partitions, detail->partition_count, sizeof *detail->partitions, newest_first);
}

/* A row for each day that is missing, at its place. */
static bool add_missing(struct arena *arena, struct catalog_detail *detail)
{
    size_t count = detail->partition_count + detail->gap_count;
    struct catalog_partition *rows = ARENA_ARRAY(arena, struct catalog_partition, count);
    if (!rows)
        return false;
    memcpy(rows, detail->partitions, detail->partition_count * sizeof *rows);
    for (size_t i = 0; i < detail->gap_count; i++)
        rows[detail->partition_count + i] = (struct catalog_partition){
            .values = detail->gaps[i], .location = "", .bytes = CATALOG_UNKNOWN, .is_missing = true};
    detail->partitions = rows;
    detail->partition_count = count;
    sort_rows(detail);
    return true;
}

static bool mark_days(const struct catalog_detail *detail, enum date_form form, int first, bool *seen)
{
    int day;
    for (size_t i = 0; i < detail->partition_count; i++) {
        if (!day_of(detail->partitions[i].values, form, &day))
            return false;
        seen[day - first] = true;
    }
    return true;
}

bool catalog_find_gaps(struct arena *arena, struct catalog_detail *detail)
{
    int first = 0, last = -1, day;
    sort_rows(detail);
    enum date_form form = form_of(detail);
    for (size_t i = 0; i < detail->partition_count; i++) {
        if (!day_of(detail->partitions[i].values, form, &day))
            return true; /* not by date: there are no gaps to speak of */
        first = i == 0 || day < first ? day : first;
        last = i == 0 || day > last ? day : last;
    }
    if (last - first < 1 || last - first > SPAN_MAX)
        return true;
    bool *seen = ARENA_ARRAY(arena, bool, (size_t)(last - first) + 1);
    detail->gaps = ARENA_ARRAY(arena, const char *, GAPS_MAX);
    if (!seen || !detail->gaps || !mark_days(detail, form, first, seen))
        return !arena_failed(arena);
    for (day = first; day <= last && detail->gap_count < GAPS_MAX; day++) {
        if (!seen[day - first])
            detail->gaps[detail->gap_count++] = text_of_day(arena, day, form);
    }
    return detail->gap_count == 0 || add_missing(arena, detail);
}

/* ---- what is below each */

static int by_name(const void *key, const void *child)
{
    return strcmp(key, ((const struct listing_child *)child)->name);
}

/* The first level below the location that the partition is alone in; NULL: it cannot be told from the listing. */
static const struct listing_child *child_of(const struct catalog_location *location,
                                            const struct catalog_partition *row)
{
    char name[1100];
    size_t base = strlen(location->uri);
    if (strncmp(row->location, location->uri, base) != 0)
        return NULL;
    const char *rest = row->location + base;
    rest += strspn(rest, "/");
    size_t len = strcspn(rest, "/");
    if (!len || strspn(rest + len, "/") != strlen(rest + len) || len + 2 > sizeof name)
        return NULL;
    snprintf(name, sizeof name, "%.*s/", (int)len, rest);
    return location->child_count
               ? bsearch(name, location->children, location->child_count, sizeof *location->children, by_name)
               : NULL;
}

/* So many first-level names are kept that a missing one has no object. */
static bool is_every_child_kept(const struct catalog_location *location)
{
    return location->is_complete && location->child_count < LISTING_CHILDREN;
}

void catalog_join_partitions(const struct catalog_detail *detail, const struct catalog_location *location,
                             struct catalog_partition *rows)
{
    for (size_t i = 0; i < detail->partition_count; i++) {
        rows[i] = detail->partitions[i];
        if (!location || rows[i].is_missing)
            continue;
        const struct listing_child *child = child_of(location, &rows[i]);
        bool is_single = detail->table.key_count == 1;
        if (child && location->is_complete) {
            rows[i].bytes = child->sum.bytes;
            rows[i].objects = child->sum.objects;
        } else if (!child && is_single && is_every_child_kept(location) && *rows[i].location &&
                   strncmp(rows[i].location, location->uri, strlen(location->uri)) == 0) {
            rows[i].bytes = rows[i].objects = 0;
        }
    }
}
