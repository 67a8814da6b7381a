/* What changed between a table's versions, and which days its partitions leave out. Pure. */
#include "backend/domain/catalog.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CHANGES_MAX = 1000, GAPS_MAX = 366, SPAN_MAX = 3660 };

static const char *type_of(const json_t *columns, const char *name)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        if (strcmp(json_str(column, "Name"), name) == 0)
            return json_str(column, "Type");
    }
    return NULL;
}

static const json_t *columns_of(const json_t *version)
{
    return json_object_get(json_object_get(json_object_get(version, "Table"), "StorageDescriptor"), "Columns");
}

static void add_change(struct arena *arena, struct catalog_detail *detail, const json_t *version, const char *column,
                       const char *before, const char *after)
{
    if (detail->change_count >= CHANGES_MAX)
        return;
    const json_t *updated = json_object_get(json_object_get(version, "Table"), "UpdateTime");
    detail->changes[detail->change_count++] =
        (struct catalog_change){.version = arena_strdup(arena, json_str(version, "VersionId")),
                                .column = arena_strdup(arena, column),
                                .before = arena_strdup(arena, before),
                                .after = arena_strdup(arena, after),
                                .at_ms = (int64_t)(json_number_value(updated) * 1000)};
}

static void compare(struct arena *arena, struct catalog_detail *detail, const json_t *version, const json_t *older)
{
    const json_t *now = columns_of(version), *then = columns_of(older);
    size_t i;
    json_t *column;
    json_array_foreach(now, i, column)
    {
        const char *name = json_str(column, "Name"), *type = json_str(column, "Type"), *before = type_of(then, name);
        if (!before || strcmp(before, type) != 0)
            add_change(arena, detail, version, name, before ? before : "", type);
    }
    json_array_foreach(then, i, column)
    {
        if (!type_of(now, json_str(column, "Name")))
            add_change(arena, detail, version, json_str(column, "Name"), json_str(column, "Type"), "");
    }
}

bool catalog_diff(const json_t *versions, struct arena *arena, struct catalog_detail *detail)
{
    detail->changes = ARENA_ARRAY(arena, struct catalog_change, CHANGES_MAX);
    for (size_t i = 0; detail->changes && i + 1 < json_array_size(versions); i++)
        compare(arena, detail, json_array_get(versions, i), json_array_get(versions, i + 1));
    return !arena_failed(arena);
}

/* Days since 1970 of "2024-01-31"; false when it is none. */
static bool day_of(const char *text, int *day)
{
    int year, month, date, used = 0;
    if (!text || sscanf(text, "%4d-%2d-%2d%n", &year, &month, &date, &used) != 3 || text[used] || used != 10)
        return false;
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = date};
    *day = (int)(timegm(&tm) / 86400);
    return true;
}

static const char *text_of_day(struct arena *arena, int day)
{
    time_t seconds = (time_t)day * 86400;
    struct tm tm;
    char text[16] = "";
    if (gmtime_r(&seconds, &tm))
        strftime(text, sizeof text, "%Y-%m-%d", &tm);
    return arena_strdup(arena, text);
}

bool catalog_find_gaps(const json_t *partitions, struct arena *arena, struct catalog_detail *detail)
{
    int first = 0, last = -1, day;
    size_t i;
    json_t *partition;
    json_array_foreach(partitions, i, partition)
    {
        if (!day_of(json_string_value(json_array_get(json_object_get(partition, "Values"), 0)), &day))
            return true; /* not by date: there are no gaps to speak of */
        first = i == 0 || day < first ? day : first;
        last = i == 0 || day > last ? day : last;
    }
    if (last - first < 1 || last - first > SPAN_MAX)
        return true;
    bool *seen = ARENA_ARRAY(arena, bool, (size_t)(last - first) + 1);
    detail->gaps = ARENA_ARRAY(arena, const char *, GAPS_MAX);
    json_array_foreach(partitions, i, partition)
    {
        if (seen && day_of(json_string_value(json_array_get(json_object_get(partition, "Values"), 0)), &day))
            seen[day - first] = true;
    }
    for (day = first; seen && detail->gaps && day <= last && detail->gap_count < GAPS_MAX; day++)
        if (!seen[day - first])
            detail->gaps[detail->gap_count++] = text_of_day(arena, day);
    return !arena_failed(arena);
}
