/* Values as text, the way Athena's result files and GetQueryResults have them. One row per type. Sources: Trino's
 * documentation of types and Athena's result format; doubles follow Java's Double.toString. */
#if __has_include(<duckdb.h>)
#include "backend/sql/duck_format.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MICROS_PER_SECOND = 1000000 };

bool duck_vector_is_null(const struct duck_api *api, duckdb_vector vector, uint64_t row)
{
    const uint64_t *validity = api->duckdb_vector_get_validity(vector);
    return validity && !(validity[row / 64] >> (row % 64) & 1);
}

/* --- types --- */
static void init_children(struct duck_type *type, size_t count)
{
    type->child_count = count;
    type->child = calloc(count ? count : 1, sizeof *type->child);
}

static void init_struct(const struct duck_api *api, struct duck_type *type)
{
    size_t count = api->duckdb_struct_type_child_count(type->logical);
    init_children(type, count);
    type->names = calloc(count ? count : 1, sizeof *type->names);
    for (size_t i = 0; i < count; i++) {
        type->names[i] = api->duckdb_struct_type_child_name(type->logical, i);
        duck_type_init(api, &type->child[i], api->duckdb_struct_type_child_type(type->logical, i));
    }
}

static void init_list(const struct duck_api *api, struct duck_type *type)
{
    init_children(type, 1);
    duck_type_init(api, type->child, api->duckdb_list_type_child_type(type->logical));
}

static void init_array(const struct duck_api *api, struct duck_type *type)
{
    init_children(type, 1);
    type->array_size = api->duckdb_array_type_array_size(type->logical);
    duck_type_init(api, type->child, api->duckdb_array_type_child_type(type->logical));
}

static void init_map(const struct duck_api *api, struct duck_type *type)
{
    init_children(type, 2);
    duck_type_init(api, &type->child[0], api->duckdb_map_type_key_type(type->logical));
    duck_type_init(api, &type->child[1], api->duckdb_map_type_value_type(type->logical));
}

static void init_decimal(const struct duck_api *api, struct duck_type *type)
{
    type->width = api->duckdb_decimal_width(type->logical);
    type->scale = api->duckdb_decimal_scale(type->logical);
    type->internal = api->duckdb_decimal_internal_type(type->logical);
}

static void init_enum(const struct duck_api *api, struct duck_type *type)
{
    type->internal = api->duckdb_enum_internal_type(type->logical);
}

static void init_varchar(const struct duck_api *api, struct duck_type *type)
{
    char *alias = api->duckdb_logical_type_get_alias(type->logical);
    type->is_json = alias && strcmp(alias, "JSON") == 0;
    api->duckdb_free(alias);
}

/* --- values --- */
struct place { /* one value */
    const struct duck_api *api;
    const struct duck_type *type;
    duckdb_vector vector;
    uint64_t row;
    const void *data; /* of the vector */
};
#define AT(place, c_type) (((const c_type *)(place)->data)[(place)->row])

#define FORMAT_INTEGER(name, c_type, format, cast)                                                                     \
    static bool format_##name(const struct place *at, struct buf *out)                                                 \
    {                                                                                                                  \
        return buf_printf(out, format, (cast)AT(at, c_type));                                                          \
    }
FORMAT_INTEGER(tinyint, int8_t, "%d", int)
FORMAT_INTEGER(smallint, int16_t, "%d", int)
FORMAT_INTEGER(integer, int32_t, "%d", int)
FORMAT_INTEGER(bigint, int64_t, "%lld", long long)
FORMAT_INTEGER(utinyint, uint8_t, "%u", unsigned)
FORMAT_INTEGER(usmallint, uint16_t, "%u", unsigned)
FORMAT_INTEGER(uinteger, uint32_t, "%u", unsigned)
FORMAT_INTEGER(ubigint, uint64_t, "%llu", unsigned long long)

static bool format_boolean(const struct place *at, struct buf *out)
{
    return buf_puts(out, AT(at, bool) ? "true" : "false");
}

/* A 128-bit integer with the point `scale` digits from the right. */
static bool format_wide(__int128 value, int scale, struct buf *out)
{
    char digits[48];
    int i = sizeof digits, written = 0;
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    do {
        if (written == scale && scale > 0)
            digits[--i] = '.';
        digits[--i] = (char)('0' + (int)(rest % 10));
        rest /= 10;
        written++;
    } while (rest > 0 || written <= scale);
    if (value < 0)
        digits[--i] = '-';
    return buf_append(out, digits + i, sizeof digits - (size_t)i);
}

static bool format_hugeint(const struct place *at, struct buf *out)
{
    duckdb_hugeint value = AT(at, duckdb_hugeint);
    return format_wide(((__int128)value.upper << 64) | value.lower, 0, out);
}

static bool format_decimal(const struct place *at, struct buf *out)
{
    __int128 value;
    if (at->type->internal == DUCKDB_TYPE_SMALLINT)
        value = AT(at, int16_t);
    else if (at->type->internal == DUCKDB_TYPE_INTEGER)
        value = AT(at, int32_t);
    else if (at->type->internal == DUCKDB_TYPE_BIGINT)
        value = AT(at, int64_t);
    else
        value = ((__int128)AT(at, duckdb_hugeint).upper << 64) | AT(at, duckdb_hugeint).lower;
    return format_wide(value, at->type->scale, out);
}

/* The shortest digits that read back as the same number. */
static int shortest(double value, int digits, char text[40])
{
    for (int precision = 1; precision <= digits; precision++) {
        snprintf(text, 40, "%.*e", precision - 1, value);
        double back = digits > 9 ? strtod(text, NULL) : (double)strtof(text, NULL);
        if (back == value)
            return precision;
    }
    return digits;
}

static bool plain_double(const char *digits, int count, int exponent, struct buf *out)
{
    if (exponent < 0) {
        buf_puts(out, "0.");
        for (int i = -1; i > exponent; i--)
            buf_putc(out, '0');
        return buf_append(out, digits, (size_t)count);
    }
    for (int i = 0; i <= exponent; i++)
        buf_putc(out, i < count ? digits[i] : '0');
    buf_putc(out, '.');
    return count > exponent + 1 ? buf_append(out, digits + exponent + 1, (size_t)(count - exponent - 1))
                                : buf_putc(out, '0');
}

bool duck_format_double(double value, int digits, struct buf *out)
{
    char text[40], plain[24];
    if (isnan(value))
        return buf_puts(out, "NaN");
    if (isinf(value))
        return buf_puts(out, value > 0 ? "Infinity" : "-Infinity");
    if (value == 0)
        return buf_puts(out, signbit(value) ? "-0.0" : "0.0");
    shortest(value, digits, text);
    int count = 0;
    const char *at = text;
    if (*at == '-') {
        buf_putc(out, '-');
        at++;
    }
    for (; *at && *at != 'e'; at++)
        if (*at != '.')
            plain[count++] = *at;
    int exponent = atoi(at + 1);
    if (exponent >= -3 && exponent < 7)
        return plain_double(plain, count, exponent, out);
    buf_putc(out, plain[0]);
    buf_putc(out, '.');
    if (count > 1)
        buf_append(out, plain + 1, (size_t)(count - 1));
    else
        buf_putc(out, '0');
    return buf_printf(out, "E%d", exponent);
}

static bool format_float(const struct place *at, struct buf *out)
{
    return duck_format_double((double)AT(at, float), 9, out);
}

static bool format_double(const struct place *at, struct buf *out)
{
    return duck_format_double(AT(at, double), 17, out);
}

static bool format_varchar(const struct place *at, struct buf *out)
{
    duckdb_string_t text = AT(at, duckdb_string_t);
    return buf_append(out, at->api->duckdb_string_t_data(&text), at->api->duckdb_string_t_length(text));
}

static bool format_blob(const struct place *at, struct buf *out)
{
    duckdb_string_t text = AT(at, duckdb_string_t);
    const unsigned char *bytes = (const unsigned char *)at->api->duckdb_string_t_data(&text);
    uint32_t len = at->api->duckdb_string_t_length(text);
    for (uint32_t i = 0; i < len; i++)
        buf_printf(out, "%s%02x", i ? " " : "", bytes[i]);
    return !out->failed;
}

static bool format_date(const struct place *at, struct buf *out)
{
    duckdb_date_struct date = at->api->duckdb_from_date(AT(at, duckdb_date));
    return buf_printf(out, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static bool clock_text(const duckdb_time_struct *time, struct buf *out)
{
    buf_printf(out, "%02d:%02d:%02d.%03d", time->hour, time->min, time->sec, time->micros / 1000);
    return time->micros % 1000 ? buf_printf(out, "%03d", time->micros % 1000) : !out->failed;
}

static bool format_time(const struct place *at, struct buf *out)
{
    duckdb_time_struct time = at->api->duckdb_from_time(AT(at, duckdb_time));
    return clock_text(&time, out);
}

static bool timestamp_text(const struct place *at, int64_t micros, struct buf *out)
{
    duckdb_timestamp_struct stamp = at->api->duckdb_from_timestamp((duckdb_timestamp){micros});
    buf_printf(out, "%04d-%02d-%02d ", stamp.date.year, stamp.date.month, stamp.date.day);
    return clock_text(&stamp.time, out);
}

static bool format_timestamp(const struct place *at, struct buf *out)
{
    return timestamp_text(at, AT(at, int64_t), out);
}

static bool format_timestamp_s(const struct place *at, struct buf *out)
{
    return timestamp_text(at, AT(at, int64_t) * MICROS_PER_SECOND, out);
}

static bool format_timestamp_ms(const struct place *at, struct buf *out)
{
    return timestamp_text(at, AT(at, int64_t) * 1000, out);
}

static bool format_timestamp_ns(const struct place *at, struct buf *out)
{
    return timestamp_text(at, AT(at, int64_t) / 1000, out);
}

static bool format_timestamp_tz(const struct place *at, struct buf *out)
{
    return timestamp_text(at, AT(at, int64_t), out) && buf_puts(out, " UTC");
}

/* Trino has two kinds: year to month "1-2", day to second "2 03:04:05.678". */
static bool format_interval(const struct place *at, struct buf *out)
{
    duckdb_interval interval = AT(at, duckdb_interval);
    if (interval.months != 0 && interval.days == 0 && interval.micros == 0)
        return buf_printf(out, "%s%d-%d", interval.months < 0 ? "-" : "", abs(interval.months) / 12,
                          abs(interval.months) % 12);
    int64_t ms = ((int64_t)interval.months * 30 + interval.days) * 86400000 + interval.micros / 1000;
    int64_t size = llabs(ms);
    return buf_printf(out, "%s%lld %02lld:%02lld:%02lld.%03lld", ms < 0 ? "-" : "", (long long)(size / 86400000),
                      (long long)(size / 3600000 % 24), (long long)(size / 60000 % 60), (long long)(size / 1000 % 60),
                      (long long)(size % 1000));
}

/* Stored with the top bit flipped so that it sorts as text does. */
static bool format_uuid(const struct place *at, struct buf *out)
{
    duckdb_hugeint value = AT(at, duckdb_hugeint);
    uint64_t high = (uint64_t)value.upper ^ (1ULL << 63), low = value.lower;
    return buf_printf(out, "%08llx-%04llx-%04llx-%04llx-%012llx", (unsigned long long)(high >> 32),
                      (unsigned long long)(high >> 16 & 0xffff), (unsigned long long)(high & 0xffff),
                      (unsigned long long)(low >> 48), (unsigned long long)(low & 0xffffffffffffULL));
}

static bool format_enum(const struct place *at, struct buf *out)
{
    uint64_t index = at->type->internal == DUCKDB_TYPE_UTINYINT    ? AT(at, uint8_t)
                     : at->type->internal == DUCKDB_TYPE_USMALLINT ? AT(at, uint16_t)
                                                                   : AT(at, uint32_t);
    char *text = at->api->duckdb_enum_dictionary_value(at->type->logical, index);
    bool ok = buf_puts(out, text ? text : "");
    at->api->duckdb_free(text);
    return ok;
}

static bool format_child(const struct place *at, const struct duck_type *type, duckdb_vector vector, uint64_t row,
                         struct buf *out)
{
    if (duck_vector_is_null(at->api, vector, row))
        return buf_puts(out, "null");
    return duck_format_value(at->api, type, vector, row, out);
}

static bool format_items(const struct place *at, duckdb_vector child, uint64_t first, uint64_t count, struct buf *out)
{
    buf_putc(out, '[');
    for (uint64_t i = 0; i < count && !out->failed; i++) {
        buf_puts(out, i ? ", " : "");
        format_child(at, at->type->child, child, first + i, out);
    }
    return buf_putc(out, ']');
}

static bool format_list(const struct place *at, struct buf *out)
{
    duckdb_list_entry entry = AT(at, duckdb_list_entry);
    return format_items(at, at->api->duckdb_list_vector_get_child(at->vector), entry.offset, entry.length, out);
}

static bool format_array(const struct place *at, struct buf *out)
{
    uint64_t size = at->type->array_size;
    return format_items(at, at->api->duckdb_array_vector_get_child(at->vector), at->row * size, size, out);
}

static bool format_struct(const struct place *at, struct buf *out)
{
    buf_putc(out, '{');
    for (size_t i = 0; i < at->type->child_count && !out->failed; i++) {
        const char *name = at->type->names[i];
        buf_puts(out, i ? ", " : "");
        if (name && *name)
            buf_printf(out, "%s=", name);
        format_child(at, &at->type->child[i], at->api->duckdb_struct_vector_get_child(at->vector, i), at->row, out);
    }
    return buf_putc(out, '}');
}

/* A map is a list of structs of key and value. */
static bool format_map(const struct place *at, struct buf *out)
{
    duckdb_list_entry entry = AT(at, duckdb_list_entry);
    duckdb_vector pairs = at->api->duckdb_list_vector_get_child(at->vector);
    duckdb_vector keys = at->api->duckdb_struct_vector_get_child(pairs, 0);
    duckdb_vector values = at->api->duckdb_struct_vector_get_child(pairs, 1);
    buf_putc(out, '{');
    for (uint64_t i = entry.offset; i < entry.offset + entry.length && !out->failed; i++) {
        buf_puts(out, i > entry.offset ? ", " : "");
        format_child(at, &at->type->child[0], keys, i, out);
        buf_putc(out, '=');
        format_child(at, &at->type->child[1], values, i, out);
    }
    return buf_putc(out, '}');
}

static bool format_null(const struct place *at, struct buf *out)
{
    (void)at;
    return buf_puts(out, "null");
}

static const struct format_row {
    duckdb_type id;
    const char *name;
    bool (*format)(const struct place *at, struct buf *out);
    void (*init)(const struct duck_api *api, struct duck_type *type);
} format_rows[] = {
    {.id = DUCKDB_TYPE_BOOLEAN, .name = "BOOLEAN", .format = format_boolean},
    {.id = DUCKDB_TYPE_TINYINT, .name = "TINYINT", .format = format_tinyint},
    {.id = DUCKDB_TYPE_SMALLINT, .name = "SMALLINT", .format = format_smallint},
    {.id = DUCKDB_TYPE_INTEGER, .name = "INTEGER", .format = format_integer},
    {.id = DUCKDB_TYPE_BIGINT, .name = "BIGINT", .format = format_bigint},
    {.id = DUCKDB_TYPE_UTINYINT, .name = "UTINYINT", .format = format_utinyint},
    {.id = DUCKDB_TYPE_USMALLINT, .name = "USMALLINT", .format = format_usmallint},
    {.id = DUCKDB_TYPE_UINTEGER, .name = "UINTEGER", .format = format_uinteger},
    {.id = DUCKDB_TYPE_UBIGINT, .name = "UBIGINT", .format = format_ubigint},
    {.id = DUCKDB_TYPE_HUGEINT, .name = "HUGEINT", .format = format_hugeint},
    {.id = DUCKDB_TYPE_FLOAT, .name = "FLOAT", .format = format_float},
    {.id = DUCKDB_TYPE_DOUBLE, .name = "DOUBLE", .format = format_double},
    {.id = DUCKDB_TYPE_DECIMAL, .name = "DECIMAL", .format = format_decimal, .init = init_decimal},
    {.id = DUCKDB_TYPE_VARCHAR, .name = "VARCHAR", .format = format_varchar, .init = init_varchar},
    {.id = DUCKDB_TYPE_BLOB, .name = "BLOB", .format = format_blob},
    {.id = DUCKDB_TYPE_DATE, .name = "DATE", .format = format_date},
    {.id = DUCKDB_TYPE_TIME, .name = "TIME", .format = format_time},
    {.id = DUCKDB_TYPE_TIMESTAMP, .name = "TIMESTAMP", .format = format_timestamp},
    {.id = DUCKDB_TYPE_TIMESTAMP_S, .name = "TIMESTAMP_S", .format = format_timestamp_s},
    {.id = DUCKDB_TYPE_TIMESTAMP_MS, .name = "TIMESTAMP_MS", .format = format_timestamp_ms},
    {.id = DUCKDB_TYPE_TIMESTAMP_NS, .name = "TIMESTAMP_NS", .format = format_timestamp_ns},
    {.id = DUCKDB_TYPE_TIMESTAMP_TZ, .name = "TIMESTAMP WITH TIME ZONE", .format = format_timestamp_tz},
    {.id = DUCKDB_TYPE_INTERVAL, .name = "INTERVAL", .format = format_interval},
    {.id = DUCKDB_TYPE_UUID, .name = "UUID", .format = format_uuid},
    {.id = DUCKDB_TYPE_ENUM, .name = "ENUM", .format = format_enum, .init = init_enum},
    {.id = DUCKDB_TYPE_LIST, .name = "LIST", .format = format_list, .init = init_list},
    {.id = DUCKDB_TYPE_ARRAY, .name = "ARRAY", .format = format_array, .init = init_array},
    {.id = DUCKDB_TYPE_STRUCT, .name = "STRUCT", .format = format_struct, .init = init_struct},
    {.id = DUCKDB_TYPE_MAP, .name = "MAP", .format = format_map, .init = init_map},
    {.id = DUCKDB_TYPE_SQLNULL, .name = "NULL", .format = format_null},
};

static const struct format_row *row_of(duckdb_type id)
{
    for (size_t i = 0; i < sizeof format_rows / sizeof *format_rows; i++)
        if (format_rows[i].id == id)
            return &format_rows[i];
    return NULL;
}

void duck_type_init(const struct duck_api *api, struct duck_type *type, duckdb_logical_type logical)
{
    *type = (struct duck_type){.logical = logical, .id = api->duckdb_get_type_id(logical)};
    const struct format_row *row = row_of(type->id);
    if (row && row->init)
        row->init(api, type);
}

void duck_type_done(const struct duck_api *api, struct duck_type *type)
{
    for (size_t i = 0; i < type->child_count; i++) {
        duck_type_done(api, &type->child[i]);
        if (type->names)
            api->duckdb_free(type->names[i]);
    }
    free(type->child);
    free(type->names);
    api->duckdb_destroy_logical_type(&type->logical);
}

static bool nested_name(const struct duck_type *type, struct buf *out)
{
    if (type->id == DUCKDB_TYPE_LIST)
        return duck_type_name(type->child, out) && buf_puts(out, "[]");
    if (type->id == DUCKDB_TYPE_ARRAY)
        return duck_type_name(type->child, out) && buf_printf(out, "[%llu]", (unsigned long long)type->array_size);
    buf_puts(out, type->id == DUCKDB_TYPE_MAP ? "MAP(" : "STRUCT(");
    for (size_t i = 0; i < type->child_count; i++) {
        buf_puts(out, i ? ", " : "");
        if (type->names)
            buf_printf(out, "\"%s\" ", type->names[i]);
        duck_type_name(&type->child[i], out);
    }
    return buf_putc(out, ')');
}

bool duck_type_name(const struct duck_type *type, struct buf *out)
{
    if (type->child_count > 0)
        return nested_name(type, out);
    if (type->id == DUCKDB_TYPE_DECIMAL)
        return buf_printf(out, "DECIMAL(%d,%d)", type->width, type->scale);
    const struct format_row *row = row_of(type->id);
    return buf_puts(out, type->is_json ? "JSON" : row ? row->name : "UNKNOWN");
}

bool duck_format_value(const struct duck_api *api, const struct duck_type *type, duckdb_vector vector, uint64_t row,
                       struct buf *out)
{
    const struct format_row *format = row_of(type->id);
    struct place at = {
        .api = api, .type = type, .vector = vector, .row = row, .data = api->duckdb_vector_get_data(vector)};
    return format ? format->format(&at, out) : buf_puts(out, "(unsupported type)");
}
#else
/* no engine's header: duck_absent.c speaks */
extern int duck_format_is_empty;
#endif
