/* CAST and the silent conversions: which are allowed, and the engine's text for those that it does differently. Source:
 * Trino documentation, "Conversion functions", "JSON functions: Cast to JSON / from JSON", "Date and time". */
#include "backend/sql/dialect_query.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAMP_FORMAT "%%Y-%%m-%%d %%H:%%M:%%S.%%g" /* inside printf formats */

/* --- zones --- */
/* Minutes of "+02:00", "-0530", "+2"; false for a zone's name. */
static bool zone_offset(const char *zone, int *minutes)
{
    int hours = 0, rest = 0;
    if (*zone != '+' && *zone != '-')
        return false;
    if (sscanf(zone + 1, "%2d:%2d", &hours, &rest) < 1)
        return false;
    if (!strchr(zone, ':') && strlen(zone) == 5)
        sscanf(zone + 3, "%2d", &rest);
    *minutes = (hours * 60 + rest) * (*zone == '-' ? -1 : 1);
    return true;
}

const char *tr_instant_of(struct tr *tr, const char *wall_clock, const char *zone)
{
    int minutes;
    if (!zone)
        zone = "UTC";
    if (zone_offset(zone, &minutes))
        return arena_printf(tr->arena, "timezone('UTC', %s - to_minutes(%d))", wall_clock, minutes);
    return arena_printf(tr->arena, "timezone(%s, %s)", sql_quote_string(tr->arena, zone), wall_clock);
}

const char *tr_instant(struct tr *tr, struct value value)
{
    if (value.type->base == BASE_TIMESTAMP_TZ)
        return value.sql;
    return tr_instant_of(tr, tr_local(tr, value), NULL);
}

const char *tr_local(struct tr *tr, struct value value)
{
    const char *zone = value.type->zone ? value.type->zone : "UTC";
    int minutes;
    if (value.type->base == BASE_TIMESTAMP)
        return value.sql;
    if (strcmp(zone, TYPE_MIXED_ZONE) == 0) {
        dialect_fail(tr->err, "NOT_SUPPORTED",
                     "timestamps of different time zones in one column are not supported; use AT "
                     "TIME ZONE to give them one");
        return value.sql;
    }
    if (value.type->base != BASE_TIMESTAMP_TZ)
        return arena_printf(tr->arena, "CAST(%s AS TIMESTAMP)", value.sql);
    if (zone_offset(zone, &minutes))
        return arena_printf(tr->arena, "(timezone('UTC', %s) + to_minutes(%d))", value.sql, minutes);
    return arena_printf(tr->arena, "timezone(%s, %s)", sql_quote_string(tr->arena, zone), value.sql);
}

static const char *zoned_text(struct tr *tr, struct value value)
{
    return arena_printf(tr->arena, "(strftime(%s, '" STAMP_FORMAT "') || ' ' || %s)", tr_local(tr, value),
                        sql_quote_string(tr->arena, value.type->zone ? value.type->zone : "UTC"));
}

/* Has a value of this type a part whose text needs a zone, or padding, that the engine does not know? */
static bool needs_render(const struct type *type)
{
    bool needs = (type->base == BASE_TIMESTAMP_TZ && type->zone) || type->base == BASE_CHAR;
    for (size_t i = 0; i < type->count; i++)
        needs = needs || needs_render(type->kids[i]);
    return needs;
}

const char *tr_render(struct tr *tr, const char *sql, const struct type *type)
{
    struct value value = {.sql = sql, .type = type};
    if (type->base == BASE_TIMESTAMP_TZ && type->zone)
        return zoned_text(tr, value);
    if (type->base == BASE_CHAR)
        return arena_printf(tr->arena, "rpad(%s, %d, ' ')", sql, type->precision);
    if (needs_render(type))
        dialect_fail(tr->err, "NOT_SUPPORTED",
                     "a char, or a timestamp of a time zone other than UTC, inside an array, map or "
                     "row is not supported in a result; CAST it");
    return NULL;
}

const char *tr_as(struct tr *tr, struct value value, const struct type *to)
{
    if (value.type->base == BASE_CHAR && to->base != BASE_CHAR)
        return arena_printf(tr->arena, "rpad(%s, %d, ' ')", value.sql, value.type->precision);
    if (to->base == BASE_TIMESTAMP && value.type->base != BASE_TIMESTAMP && type_is_datetime(value.type))
        return tr_local(tr, value);
    if (to->base == BASE_TIMESTAMP_TZ && type_is_datetime(value.type))
        return tr_instant(tr, value);
    bool plain = to->base == BASE_UNKNOWN || to->base == BASE_ROW || to->base == BASE_MAP ||
                 (value.type->base == to->base && to->base != BASE_DECIMAL && to->base != BASE_ARRAY) ||
                 (type_is_text(value.type) && type_is_text(to));
    if (plain || type_equal(value.type, to))
        return value.sql;
    return arena_printf(tr->arena, "CAST(%s AS %s)", value.sql, type_duck(tr->arena, to));
}

/* --- which casts exist --- */
static bool is_json_scalar(const struct type *type)
{
    return type->base == BASE_BOOLEAN || type_is_number(type) || type_is_text(type) || type->base == BASE_UNKNOWN;
}

static bool allowed(const struct type *from, const struct type *to)
{
    if (from->base == BASE_UNKNOWN || to->base == BASE_UNKNOWN || (from->base == to->base && from->count == 0))
        return true;
    if (to->base == BASE_JSON)
        return is_json_scalar(from) || from->base == BASE_DATE || from->base == BASE_TIMESTAMP || from->count > 0;
    if (from->base == BASE_JSON)
        return is_json_scalar(to) || to->count > 0;
    if (from->count || to->count) {
        bool ok = from->base == to->base && from->count == to->count;
        for (size_t i = 0; ok && i < from->count; i++)
            ok = allowed(from->kids[i], to->kids[i]);
        return ok;
    }
    if (type_is_text(to))
        return from->base != BASE_VARBINARY;
    if (type_is_text(from))
        return to->base != BASE_VARBINARY && to->base != BASE_INTERVAL_DAY && to->base != BASE_INTERVAL_YEAR;
    if (type_is_number(to))
        return type_is_number(from) || from->base == BASE_BOOLEAN;
    if (to->base == BASE_BOOLEAN)
        return type_is_number(from);
    if (type_is_datetime(to) || to->base == BASE_TIME)
        return type_is_datetime(from) || from->base == BASE_TIME;
    return to->base == BASE_UUID && from->base == BASE_VARBINARY;
}

/* --- from and to --- */
static int digits_of(const struct type *type)
{
    return type->base != BASE_TIMESTAMP ? 3 : type->precision ? type->precision - 1 : 3;
}

/* With as many digits of the second's fraction as the type has; the engine knows six. */
static const char *stamp_text(struct tr *tr, struct value from)
{
    int digits = digits_of(from.type);
    if (digits == 3)
        return arena_printf(tr->arena, "strftime(%s, '" STAMP_FORMAT "')", from.sql);
    return arena_printf(tr->arena, "left(strftime(%s, '%%Y-%%m-%%d %%H:%%M:%%S.%%f'), %d)", from.sql,
                        digits == 0 ? 19 : 20 + (digits < 6 ? digits : 6));
}

static const char *text_of(struct tr *tr, struct value from)
{
    switch (from.type->base) {
    case BASE_DOUBLE:
        return arena_printf(tr->arena, "weir_double_text(%s)", from.sql);
    case BASE_DECIMAL: /* the engine writes .5 */
        return from.type->precision > from.type->scale
                   ? arena_printf(tr->arena, "CAST(%s AS VARCHAR)", from.sql)
                   : arena_printf(tr->arena, "CAST(CAST(%s AS DECIMAL(38,%d)) AS VARCHAR)", from.sql,
                                  from.type->scale < 37 ? from.type->scale : 37);
    case BASE_REAL:
        return arena_printf(tr->arena, "weir_real_text(CAST(%s AS DOUBLE))", from.sql);
    case BASE_TIMESTAMP:
        return stamp_text(tr, from);
    case BASE_TIMESTAMP_TZ:
        return zoned_text(tr, from);
    case BASE_TIME:
        return arena_printf(tr->arena, "weir_time_text(%s)", from.sql);
    case BASE_INTERVAL_DAY:
    case BASE_INTERVAL_YEAR:
        dialect_fail(tr->err, "NOT_SUPPORTED", "a cast of an interval to varchar is not supported");
        return "NULL";
    case BASE_JSON:
        return arena_printf(tr->arena, "weir_json_text(%s)", from.sql);
    default:
        return type_is_text(from.type) ? tr_as(tr, from, type_simple(BASE_VARCHAR))
                                       : arena_printf(tr->arena, "CAST(%s AS VARCHAR)", from.sql);
    }
}

static struct value to_text(struct tr *tr, struct value from, const struct type *to)
{
    const char *text = text_of(tr, from);
    if (to->base == BASE_CHAR)
        return tr_value(tr, to, "rtrim(left(%s, %d), ' ')", text, to->precision);
    if (to->precision == 0 ||
        (type_is_text(from.type) && from.type->precision && from.type->precision <= to->precision))
        return tr_value(tr, to, "%s", text);
    if (type_is_text(from.type))
        return tr_value(tr, to, "left(%s, %d)", text, to->precision);
    return tr_value(tr, to, "weir_fit(%s, %d)", text, to->precision);
}

static struct value from_text(struct tr *tr, struct value from, const struct type *to)
{
    const char *duck = type_duck(tr->arena, to), *text = tr_as(tr, from, type_simple(BASE_VARCHAR));
    if (type_is_integer(to))
        return tr_value(tr, to, "CAST(weir_integer_text(%s, '%s') AS %s)", text, type_trino(tr->arena, to), duck);
    if (type_is_number(to))
        return tr_value(tr, to, "CAST(weir_number_text(%s, '%s') AS %s)", text,
                        to->base == BASE_DECIMAL ? "decimal" : type_trino(tr->arena, to), duck);
    if (to->base == BASE_BOOLEAN)
        return tr_value(tr, to, "weir_to_boolean(%s)", text);
    if (to->base == BASE_DATE)
        return tr_value(tr, to, "CAST(weir_date_text(%s) AS DATE)", text);
    if (to->base == BASE_TIMESTAMP)
        return tr_value(tr, to, "CAST(weir_stamp_text(%s) AS TIMESTAMP)", text);
    if (to->base == BASE_TIMESTAMP_TZ)
        return tr_value(tr, to, "timezone('UTC', weir_instant(%s))", text);
    if (to->base == BASE_JSON)
        return tr_value(tr, to, "to_json(%s)", text);
    return tr_value(tr, to, "CAST(%s AS %s)", text, duck);
}

/* The type whose parts the engine's to_json writes as Trino does: decimals, times and chars are JSON before. */
static const struct type *json_ready(struct tr *tr, const struct type *type)
{
    if (type->base == BASE_DECIMAL && type->precision > 15) /* the engine writes numbers inside as doubles */
        dialect_fail(tr->err, "NOT_SUPPORTED",
                     "a cast to json of decimals of more than 15 digits inside an array, map or row "
                     "is not supported");
    if (type->base == BASE_DECIMAL || type->base == BASE_CHAR || type->base == BASE_TIME || type_is_datetime(type))
        return type_simple(BASE_JSON);
    if (type->base == BASE_ARRAY)
        return type_array(tr->arena, json_ready(tr, type->kids[0]));
    if (type->base == BASE_MAP)
        return type_map(tr->arena, type_is_text(type->kids[0]) ? type->kids[0] : type_simple(BASE_VARCHAR),
                        json_ready(tr, type->kids[1]));
    if (type->base != BASE_ROW)
        return type;
    const struct type **kids = ARENA_ARRAY(tr->arena, const struct type *, type->count);
    for (size_t i = 0; kids && i < type->count; i++)
        kids[i] = json_ready(tr, type->kids[i]);
    return kids ? type_row(tr->arena, kids, type->names, type->count) : type;
}

static struct value to_json(struct tr *tr, struct value from, const struct type *to, size_t at)
{
    if (from.type->base == BASE_DECIMAL)
        return tr_value(tr, to, "CAST(%s AS JSON)", text_of(tr, from));
    if (from.type->base == BASE_DOUBLE) /* 1.0E20 */
        return tr_value(
            tr, to, "CASE WHEN isfinite(%s) THEN CAST(weir_java_text(%s) AS JSON) ELSE to_json(weir_java_text(%s)) END",
            from.sql, from.sql, from.sql);
    if (from.type->base == BASE_CHAR)
        return tr_value(tr, to, "to_json(%s)", tr_as(tr, from, type_simple(BASE_VARCHAR)));
    if (from.type->count) {
        const struct type *ready = json_ready(tr, from.type);
        if (!type_equal(ready, from.type))
            from = tr_cast(tr, from, ready, false, at);
        if (!from.sql)
            return from;
    }
    if (type_is_datetime(from.type) || from.type->base == BASE_TIME)
        return tr_value(tr, to, "to_json(%s)", text_of(tr, from));
    if (from.type->base == BASE_UNKNOWN)
        return tr_value(tr, to, "CAST(NULL AS JSON)");
    return tr_value(tr, to, "to_json(%s)", from.sql);
}

static struct value from_json(struct tr *tr, struct value from, const struct type *to)
{
    const char *duck = type_duck(tr->arena, to);
    if (to->count)
        return tr_value(tr, to, "CAST(weir_json_nested(%s) AS %s)", from.sql, duck);
    if (type_is_text(to))
        return to_text(tr, from, to);
    struct value text = tr_value(tr, type_simple(BASE_VARCHAR), "weir_json_text(%s)", from.sql);
    if (to->base == BASE_BOOLEAN)
        return tr_value(tr, to, "weir_to_boolean(%s)", text.sql);
    if (type_is_integer(to))
        return tr_value(tr, to, "CAST(CAST(%s AS DECIMAL(38,6)) AS %s)", text.sql, duck);
    return tr_value(tr, to, "CAST(%s AS %s)", text.sql, duck);
}

/* A row's fields are cast one by one: the engine would match them by name. */
static struct value row_to_row(struct tr *tr, struct value from, const struct type *to, size_t at)
{
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    buf_printf(&out, "(CASE WHEN %s IS NOT NULL THEN struct_pack(", from.sql);
    for (size_t i = 0; i < to->count; i++) {
        struct value field = tr_value(tr, from.type->kids[i], "struct_extract(%s, %s)", from.sql,
                                      sql_quote_string(tr->arena, type_field_name(tr->arena, from.type, i)));
        struct value value = field.sql ? tr_cast(tr, field, to->kids[i], false, at) : field;
        if (!value.sql) {
            buf_done(&out);
            return value;
        }
        buf_printf(&out, "%s%s := %s", i ? ", " : "", sql_quote_name(tr->arena, type_field_name(tr->arena, to, i)),
                   value.sql);
    }
    buf_puts(&out, ") END)");
    return (struct value){.sql = tr_take(tr, &out), .type = to};
}

/* May the engine's own cast of the nested type stand for Trino's? */
static bool is_plain(const struct type *from, const struct type *to)
{
    if (from->base == BASE_ROW ||
        (from->count == 0 && to->base != from->base && !type_is_number(from) && from->base != BASE_UNKNOWN))
        return false;
    if (from->count == 0 && from->base != to->base && (type_is_text(to) || to->base == BASE_JSON))
        return false;
    for (size_t i = 0; i < from->count; i++)
        if (!is_plain(from->kids[i], to->kids[i]))
            return false;
    return from->base != BASE_CHAR && to->base != BASE_CHAR;
}

static struct value nested(struct tr *tr, struct value from, const struct type *to, size_t at)
{
    if (is_plain(from.type, to))
        return tr_value(tr, to, "CAST(%s AS %s)", from.sql, type_duck(tr->arena, to));
    if (to->base == BASE_ROW)
        return row_to_row(tr, from, to, at);
    const char *item = arena_printf(tr->arena, "k%d", ++tr->relations);
    if (to->base == BASE_ARRAY) {
        struct value inner =
            tr_cast(tr, (struct value){.sql = item, .type = from.type->kids[0]}, to->kids[0], false, at);
        return inner.sql ? tr_value(tr, to, "list_transform(%s, lambda %s: %s)", from.sql, item, inner.sql) : inner;
    }
    struct value key = tr_cast(tr, (struct value){.sql = item, .type = from.type->kids[0]}, to->kids[0], false, at);
    struct value value = tr_cast(tr, (struct value){.sql = item, .type = from.type->kids[1]}, to->kids[1], false, at);
    if (!key.sql || !value.sql)
        return TR_NOTHING;
    return tr_value(tr, to,
                    "map(list_transform(map_keys(%s), lambda %s: %s), list_transform(map_values(%s), lambda %s: %s))",
                    from.sql, item, key.sql, from.sql, item, value.sql);
}

/* Fewer digits of the second's fraction are rounded, half up. */
static struct value to_timestamp(struct tr *tr, struct value from, const struct type *to)
{
    static const int unit[] = {1000000, 100000, 10000, 1000, 100, 10};
    int digits = digits_of(to);
    if (digits >= 6 || digits >= digits_of(from.type))
        return tr_value(tr, to, "%s", tr_local(tr, from));
    return tr_value(tr, to, "make_timestamp(CAST(floor((epoch_us(%s) + %d) / %d) * %d AS BIGINT))", tr_local(tr, from),
                    unit[digits] / 2, unit[digits], unit[digits]);
}

static struct value plain(struct tr *tr, struct value from, const struct type *to)
{
    const char *duck = type_duck(tr->arena, to);
    bool inexact = from.type->base == BASE_DOUBLE || from.type->base == BASE_REAL;
    if (inexact && type_is_integer(to)) /* half away from zero, not half even */
        return tr_value(tr, to, "CAST(round(%s) AS %s)", from.sql, duck);
    if (to->base == BASE_TIMESTAMP)
        return to_timestamp(tr, from, to);
    if (to->base == BASE_TIMESTAMP_TZ)
        return tr_value(tr, from.type->base == BASE_TIMESTAMP_TZ ? from.type : to, "%s", tr_instant(tr, from));
    if (from.type->base == BASE_TIMESTAMP_TZ)
        return tr_value(tr, to, "CAST(%s AS %s)", tr_local(tr, from), duck);
    return tr_value(tr, to, "CAST(%s AS %s)", from.sql, duck);
}

struct value tr_cast(struct tr *tr, struct value from, const struct type *to, bool is_try, size_t at)
{
    struct value value;
    if (!allowed(from.type, to))
        return tr_fail(tr, "TYPE_MISMATCH", at, "Cannot cast %s to %s", type_trino(tr->arena, from.type),
                       type_trino(tr->arena, to));
    if (to->base == BASE_JSON && from.type->base != BASE_JSON)
        value = to_json(tr, from, to, at);
    else if (from.type->base == BASE_JSON && to->base != BASE_JSON)
        value = from_json(tr, from, to);
    else if (type_is_text(to))
        value = to_text(tr, from, to);
    else if (type_is_text(from.type))
        value = from_text(tr, from, to);
    else if (to->count && from.type->count)
        value = nested(tr, from, to, at);
    else
        value = plain(tr, from, to);
    return is_try && value.sql ? tr_value(tr, value.type, "TRY(%s)", value.sql) : value;
}
