/* The columns of the Zones pane and of its command-line twins. Pure; any thread. */
#include "backend/domain/zones.h"
#include <string.h>

/* A figure of a zone: known, still growing, or the reason why it is not known. */
static struct value figure(const struct zone_row *zone, int64_t number)
{
    const struct zone_totals *totals = &zone->totals;
    if (totals->is_complete)
        return value_number(number);
    if (zone->err.code == ERR_DENIED && !totals->objects)
        return value_state(VALUE_DENIED);
    if (zone->err.code == ERR_TIMEOUT && !totals->objects)
        return value_state(VALUE_TIMEOUT);
    if (zone->err.code && !totals->objects)
        return value_state(VALUE_FAILED);
    struct value value = value_number(number);
    value.state = totals->objects ? VALUE_AT_LEAST : VALUE_UNKNOWN;
    return value;
}

static struct value zone_name(const void *row)
{
    return value_text(((const struct zone_row *)row)->name);
}

static struct value zone_objects(const void *row)
{
    const struct zone_row *zone = row;
    return figure(zone, zone->totals.objects);
}

static struct value zone_bytes(const void *row)
{
    const struct zone_row *zone = row;
    return figure(zone, zone->totals.bytes);
}

static struct value zone_newest(const void *row)
{
    const struct zone_row *zone = row;
    struct value value = figure(zone, zone->totals.newest_ms);
    if (value.state == VALUE_AT_LEAST)
        value.state = VALUE_KNOWN; /* "at least as new as" reads the same */
    if (value.state == VALUE_KNOWN && !zone->totals.newest_ms)
        return value_state(VALUE_NONE);
    return value;
}

static struct value zone_small(const void *row)
{
    const struct zone_row *zone = row;
    struct value value = figure(zone, 0);
    if (value.state != VALUE_KNOWN && value.state != VALUE_AT_LEAST)
        return value;
    if (!zone->totals.objects)
        return value_state(VALUE_NONE);
    return value_fraction((double)zone->totals.small / (double)zone->totals.objects);
}

static struct value zone_state(const void *row)
{
    const struct zone_row *zone = row;
    if (zone->err.code == ERR_DENIED)
        return value_toned(value_text("denied"), TONE_FAIL);
    if (zone->err.code == ERR_CANCELLED)
        return value_toned(value_text("stopped"), TONE_DIM);
    if (zone->err.code)
        return value_toned(value_text(zone->totals.objects ? "partial" : "failed"), TONE_FAIL);
    if (!zone->totals.is_complete)
        return value_toned(value_text("listing"), TONE_RUNNING);
    return zone->totals.objects ? value_toned(value_text("ok"), TONE_OK) : value_toned(value_text("empty"), TONE_DIM);
}

const struct column zone_columns[] = {
    {.id = "zone",
     .title = "ZONE",
     .kind = VALUE_TEXT,
     .width = 16,
     .flex = true,
     .help = "first-level prefix of the bucket",
     .get = zone_name},
    {.id = "objects",
     .title = "OBJECTS",
     .kind = VALUE_COUNT,
     .width = 10,
     .help = "objects below it; + means still counting",
     .get = zone_objects},
    {.id = "bytes", .title = "SIZE", .kind = VALUE_BYTES, .width = 9, .help = "their bytes", .get = zone_bytes},
    {.id = "newest",
     .title = "NEWEST",
     .kind = VALUE_AGE,
     .width = 7,
     .help = "age of the newest object",
     .get = zone_newest},
    {.id = "small",
     .title = "SMALL",
     .kind = VALUE_PERCENT,
     .width = 6,
     .help = "share of objects below 128 MiB: they cost more to open than to read",
     .get = zone_small},
    {.id = "state", .title = "STATE", .kind = VALUE_TEXT, .width = 8, .help = "of its listing", .get = zone_state},
    {.id = NULL},
};

static struct value bucket_name(const void *row)
{
    return value_text(((const struct bucket_row *)row)->name);
}

static struct value bucket_created(const void *row)
{
    int64_t created_ms = ((const struct bucket_row *)row)->created_ms;
    return created_ms ? value_number(created_ms) : value_state(VALUE_UNKNOWN);
}

const struct column bucket_columns[] = {
    {.id = "bucket",
     .title = "BUCKET",
     .kind = VALUE_TEXT,
     .width = 24,
     .flex = true,
     .help = "name",
     .get = bucket_name},
    {.id = "created",
     .title = "CREATED",
     .kind = VALUE_TIME,
     .width = 20,
     .help = "when it was created",
     .get = bucket_created},
    {.id = NULL},
};

static struct value entry_name(const void *row)
{
    const struct entry_row *entry = row;
    return value_toned(value_bytes_text(entry->name, entry->name_len), entry->kind == ENTRY_PREFIX ? TONE_STRONG
                                                                       : entry->kind == ENTRY_DELETE_MARKER
                                                                           ? TONE_DIM
                                                                           : TONE_PLAIN);
}

static struct value entry_bytes(const void *row)
{
    const struct entry_row *entry = row;
    return entry->kind == ENTRY_OBJECT ? value_number(entry->bytes) : value_state(VALUE_NONE);
}

static struct value entry_time(const void *row)
{
    const struct entry_row *entry = row;
    if (entry->kind == ENTRY_PREFIX)
        return value_state(VALUE_NONE);
    return entry->modified_ms ? value_number(entry->modified_ms) : value_state(VALUE_UNKNOWN);
}

static struct value entry_class(const void *row)
{
    const struct entry_row *entry = row;
    if (entry->kind == ENTRY_PREFIX)
        return value_state(VALUE_NONE);
    if (entry->kind == ENTRY_DELETE_MARKER)
        return value_toned(value_text("deleted"), TONE_WARN);
    const char *name = *entry->storage_class ? entry->storage_class : "STANDARD"; /* what absent means in S3 */
    return value_toned(value_text(name), TONE_DIM);
}

static struct value entry_version(const void *row)
{
    const struct entry_row *entry = row;
    return entry->kind == ENTRY_PREFIX ? value_state(VALUE_NONE) : value_text(entry->version_id);
}

static struct value entry_latest(const void *row)
{
    const struct entry_row *entry = row;
    return entry->kind == ENTRY_PREFIX ? value_state(VALUE_NONE) : value_number(entry->is_latest);
}

#define ENTRY_BASE                                                                                                     \
    {.id = "name",                                                                                                     \
     .title = "NAME",                                                                                                  \
     .kind = VALUE_TEXT,                                                                                               \
     .width = 24,                                                                                                      \
     .flex = true,                                                                                                     \
     .help = "last part of the key",                                                                                   \
     .get = entry_name},                                                                                               \
    {                                                                                                                  \
        .id = "size", .title = "SIZE", .kind = VALUE_BYTES, .width = 9, .help = "bytes", .get = entry_bytes            \
    }
#define ENTRY_MODIFIED                                                                                                 \
    {                                                                                                                  \
        .id = "modified", .title = "MODIFIED", .kind = VALUE_TIME, .width = 20, .help = "when it was written",         \
        .get = entry_time                                                                                              \
    }

const struct column entry_columns[] = {
    ENTRY_BASE,
    {.id = "age",
     .title = "AGE",
     .kind = VALUE_AGE,
     .width = 7,
     .help = "time since it was written",
     .get = entry_time},
    ENTRY_MODIFIED,
    {.id = "class", .title = "CLASS", .kind = VALUE_TEXT, .width = 10, .help = "storage class", .get = entry_class},
    {.id = NULL},
};

const struct column version_columns[] = {
    ENTRY_BASE,
    ENTRY_MODIFIED,
    {.id = "latest",
     .title = "LATEST",
     .kind = VALUE_BOOL,
     .width = 6,
     .help = "is it the present version",
     .get = entry_latest},
    {.id = "class", .title = "CLASS", .kind = VALUE_TEXT, .width = 10, .help = "storage class", .get = entry_class},
    {.id = "version", .title = "VERSION", .kind = VALUE_TEXT, .width = 34, .help = "version id", .get = entry_version},
    {.id = NULL},
};
