/* Functions whose shape differs from the engine's in a way that no template says: conditional forms, zones, maps built
 * of arrays, date_add, listagg. Source: Trino documentation, one page per family. */
#include "backend/sql/dialect_shape.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- conditional --- */
struct value shape_try_call(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value value = call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "T");
    return value.sql ? tr_value(tr, value.type, "TRY(%s)", value.sql) : value;
}

struct value shape_if_call(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count != 2 && call->count != 3)
        return shape_mismatch(tr, call, "boolean, T, T");
    struct expr *args[3] = {call->args[0], call->args[1], call->count == 3 ? call->args[2] : NULL};
    struct expr expr = {
        .kind = EXPR_CASE, .at = call->at, .args = args, .count = call->count, .index = call->count == 3 ? 2 : 0};
    return tr_expr(tr, &expr, scope);
}

/* Several arguments of one common type. */
static struct value common_call(struct tr *tr, const struct expr *call, const struct scope *scope, const char *template)
{
    const struct type *type = type_simple(BASE_UNKNOWN);
    struct value *values = ARENA_ARRAY(tr->arena, struct value, call->count ? call->count : 1);
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    if (!values || call->count == 0)
        return shape_mismatch(tr, call, "T, ...");
    for (size_t i = 0; i < call->count; i++) {
        values[i] = shape_argument(tr, call, i, scope);
        if (!values[i].sql)
            return values[i];
        const struct type *common = type_common(tr->arena, type, values[i].type);
        if (!common)
            return tr_fail(tr, "TYPE_MISMATCH", call->args[i]->at,
                           "All %s operands must be the same type or coercible to a "
                           "common type. Cannot find common type between %s and %s",
                           call->name, type_trino(tr->arena, type), type_trino(tr->arena, values[i].type));
        type = common;
    }
    for (size_t i = 0; i < call->count; i++)
        buf_printf(&out, "%s%s", i ? ", " : "",
                   type->count == 0 && type->base != BASE_UNKNOWN ? tr_as(tr, values[i], type) : values[i].sql);
    const char *list = tr_take(tr, &out);
    return list ? tr_value(tr, type, template, list) : TR_NOTHING;
}

struct value shape_coalesce(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return common_call(tr, call, scope, "coalesce(%s)");
}

/* NULL as soon as one argument is NULL: the engine skips NULLs. */
struct value shape_greatest(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return common_call(tr, call, scope, "weir_greatest([%s])");
}

struct value shape_least(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return common_call(tr, call, scope, "weir_least([%s])");
}

struct value shape_nullif(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count != 2)
        return shape_mismatch(tr, call, "T, T");
    struct value left = shape_argument(tr, call, 0, scope),
                 right = left.sql ? shape_argument(tr, call, 1, scope) : left;
    if (!right.sql)
        return right;
    if (!type_common(tr->arena, left.type, right.type))
        return tr_fail(tr, "TYPE_MISMATCH", call->at, "Types are not comparable with NULLIF: %s vs %s",
                       type_trino(tr->arena, left.type), type_trino(tr->arena, right.type));
    return tr_value(tr, left.type, "nullif(%s, %s)", left.sql, right.sql);
}

struct value shape_typeof_call(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value value = call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "T");
    if (!value.sql)
        return value;
    const char *name = sql_quote_string(tr->arena, type_trino(tr->arena, value.type));
    return tr_value(tr, type_simple(BASE_VARCHAR), "(CASE WHEN %s IS NULL THEN %s ELSE %s END)", value.sql, name, name);
}

/* --- text --- */
struct value shape_concat(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct expr expr = *call;
    if (call->count < 2)
        return tr_fail(tr, "INVALID_FUNCTION_ARGUMENT", call->at, "There must be two or more concatenation arguments");
    expr.kind = EXPR_CONCAT;
    return tr_expr(tr, &expr, scope);
}

/* format('%s-%d', ...): the values go to the C function as a JSON array of texts, their kinds as letters. */
struct value shape_format(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count == 1)
        return tr_fail(tr, "SYNTAX_ERROR", call->at, "The 'format' function must have at least two arguments");
    struct buf values = BUF_INIT(1024 * 1024), kinds = BUF_INIT(4096);
    struct value format =
        call->count ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "varchar, T, ...");
    for (size_t i = 1; i < call->count && format.sql; i++) {
        struct value value = shape_argument(tr, call, i, scope);
        if (!value.sql)
            return value;
        char kind = type_is_integer(value.type)                                    ? 'i'
                    : type_is_number(value.type)                                   ? 'f'
                    : value.type->base == BASE_BOOLEAN                             ? 'b'
                    : type_is_text(value.type) || value.type->base == BASE_UNKNOWN ? 's'
                                                                                   : 'o';
        struct value text =
            kind == 'f' && value.type->base != BASE_DECIMAL
                ? tr_value(tr, type_simple(BASE_VARCHAR), "weir_java_text(CAST(%s AS DOUBLE))", value.sql)
                : tr_cast(tr, value, type_simple(BASE_VARCHAR), false, call->at);
        if (!text.sql)
            return text;
        buf_printf(&values, "%s%s", i > 1 ? ", " : "", text.sql);
        buf_putc(&kinds, kind);
    }
    const char *list = tr_take(tr, &values), *letters = tr_take(tr, &kinds);
    if (!format.sql || !list || !letters)
        return TR_NOTHING;
    return tr_value(tr, type_simple(BASE_VARCHAR),
                    "weir_format(%s, '%s', CAST(to_json(CAST([%s] AS VARCHAR[])) AS VARCHAR))", format.sql, letters,
                    list);
}

struct value shape_normalize(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value text = call->count ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "varchar");
    if (text.sql && call->count == 2 && strcasecmp(call->args[1]->name, "NFC") != 0)
        return tr_fail(tr, "NOT_SUPPORTED", call->at, "normalize with %s is not supported, only NFC",
                       call->args[1]->name);
    return text.sql ? tr_value(tr, type_simple(BASE_VARCHAR), "nfc_normalize(%s)", text.sql) : text;
}

/* --- time --- */
static struct value zone_call(struct tr *tr, const struct expr *call, const struct scope *scope, bool is_wall_clock)
{
    if (call->count != 2)
        return shape_mismatch(tr, call, "timestamp, varchar");
    struct value value = shape_argument(tr, call, 0, scope);
    if (!value.sql)
        return value;
    if (call->args[1]->kind != EXPR_STRING)
        return tr_fail(tr, "NOT_SUPPORTED", call->at, "%s with a zone that is no string literal is not supported",
                       call->name);
    if (!type_is_datetime(value.type))
        return shape_mismatch(tr, call, "timestamp, varchar");
    const char *zone = call->args[1]->name;
    return tr_value(tr, type_zoned(tr->arena, zone), "%s",
                    is_wall_clock ? tr_instant_of(tr, tr_local(tr, value), zone) : tr_instant(tr, value));
}

struct value shape_at_timezone(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return zone_call(tr, call, scope, false);
}

struct value shape_with_timezone(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return zone_call(tr, call, scope, true);
}

struct value shape_from_unixtime(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value seconds = call->count ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "double");
    const struct type *type = type_simple(BASE_TIMESTAMP_TZ);
    if (!seconds.sql)
        return seconds;
    if (!type_is_number(seconds.type) && seconds.type->base != BASE_UNKNOWN)
        return shape_mismatch(tr, call, "double");
    if (call->count == 3)
        return tr_fail(tr, "NOT_SUPPORTED", call->at,
                       "from_unixtime with hours and minutes is not supported; use a zone");
    if (call->count == 2) {
        if (call->args[1]->kind != EXPR_STRING)
            return tr_fail(tr, "NOT_SUPPORTED", call->at,
                           "from_unixtime with a zone that is no string literal is not supported");
        type = type_zoned(tr->arena, call->args[1]->name);
    }
    return tr_value(tr, type, "to_timestamp(CAST(%s AS DOUBLE))", seconds.sql);
}

struct value shape_from_iso8601_timestamp(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value text = call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "varchar");
    if (!text.sql)
        return text;
    if (!type_is_text(text.type) && text.type->base != BASE_UNKNOWN)
        return shape_mismatch(tr, call, "varchar");
    if (call->args[0]->kind == EXPR_STRING) { /* the literal's own offset is its zone */
        const char *at = call->args[0]->name, *time = strchr(at, 'T');
        const char *offset = time ? strpbrk(time, "+-") : NULL;
        if (offset)
            return tr_value(
                tr, type_zoned(tr->arena, offset), "%s",
                tr_instant_of(
                    tr,
                    arena_printf(tr->arena, "weir_instant(%s)",
                                 sql_quote_string(tr->arena, arena_strndup(tr->arena, at, (size_t)(offset - at)))),
                    offset));
    }
    return tr_value(tr, type_simple(BASE_TIMESTAMP_TZ), "timezone('UTC', weir_instant(%s))", text.sql);
}

static const struct time_unit {
    const char *name, *before, *behind; /* what makes the engine's interval of a number */
    bool is_time;
} time_units[] = {
    {.name = "millisecond", .before = "to_milliseconds(", .behind = ")", .is_time = true},
    {.name = "second", .before = "to_seconds(", .behind = ")", .is_time = true},
    {.name = "minute", .before = "to_minutes(", .behind = ")", .is_time = true},
    {.name = "hour", .before = "to_hours(", .behind = ")", .is_time = true},
    {.name = "day", .before = "to_days(CAST(", .behind = " AS INTEGER))"},
    {.name = "week", .before = "to_weeks(CAST(", .behind = " AS INTEGER))"},
    {.name = "month", .before = "to_months(CAST(", .behind = " AS INTEGER))"},
    {.name = "quarter", .before = "to_months(CAST(3 * (", .behind = ") AS INTEGER))"},
    {.name = "year", .before = "to_years(CAST(", .behind = " AS INTEGER))"},
};

static const struct time_unit *find_unit(const char *name)
{
    for (size_t i = 0; i < sizeof time_units / sizeof *time_units; i++)
        if (strcasecmp(time_units[i].name, name) == 0)
            return &time_units[i];
    return NULL;
}

/* date_add(unit, n, x): a date stays a date and takes whole days only; days and months are of a zone's calendar. */
struct value shape_date_add(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count != 3)
        return shape_mismatch(tr, call, "varchar, bigint, timestamp");
    if (call->args[0]->kind != EXPR_STRING)
        return tr_fail(tr, "NOT_SUPPORTED", call->at,
                       "date_add with a unit that is no string literal is not supported");
    struct value count = shape_argument(tr, call, 1, scope);
    struct value base = count.sql ? shape_argument(tr, call, 2, scope) : count;
    if (!base.sql)
        return base;
    if ((!type_is_integer(count.type) && count.type->base != BASE_UNKNOWN) || !type_is_datetime(base.type))
        return shape_mismatch(tr, call, "varchar, bigint, timestamp");
    const struct time_unit *unit = find_unit(call->args[0]->name);
    bool is_date = base.type->base == BASE_DATE;
    if (!unit || (is_date && unit->is_time))
        return tr_fail(tr, "INVALID_FUNCTION_ARGUMENT", call->at, "'%s' is not a valid %s field", call->args[0]->name,
                       is_date ? "DATE" : "TIMESTAMP");
    const char *interval = arena_printf(tr->arena, "%s%s%s", unit->before, count.sql, unit->behind);
    if (is_date)
        return tr_value(tr, base.type, "CAST((%s + %s) AS DATE)", base.sql, interval);
    if (base.type->base == BASE_TIMESTAMP_TZ && base.type->zone && !unit->is_time)
        return tr_value(
            tr, base.type, "%s",
            tr_instant_of(tr, arena_printf(tr->arena, "(%s + %s)", tr_local(tr, base), interval), base.type->zone));
    return tr_value(tr, base.type, "(%s + %s)", base.sql, interval);
}

/* A date stays a date; a zoned timestamp is cut in its zone's calendar. */
struct value shape_date_trunc(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    if (call->count != 2)
        return shape_mismatch(tr, call, "varchar, timestamp");
    struct value unit = shape_argument(tr, call, 0, scope),
                 value = unit.sql ? shape_argument(tr, call, 1, scope) : unit;
    if (!value.sql)
        return value;
    if (!type_is_text(unit.type) || (!type_is_datetime(value.type) && value.type->base != BASE_UNKNOWN))
        return shape_mismatch(tr, call, "varchar, timestamp");
    const char *cut = arena_printf(tr->arena, "weir_date_trunc(%s, %s, '%s')", unit.sql, tr_local(tr, value),
                                   value.type->base == BASE_DATE ? "DATE" : "TIMESTAMP");
    if (value.type->base == BASE_TIMESTAMP_TZ)
        return tr_value(tr, value.type, "%s", tr_instant_of(tr, cut, value.type->zone));
    return value.type->base == BASE_DATE ? tr_value(tr, value.type, "CAST(%s AS DATE)", cut)
                                         : tr_value(tr, type_simple(BASE_TIMESTAMP), "%s", cut);
}

/* Whole units between wall clocks; hours and less between instants, which a change of the clocks parts from them. */
struct value shape_date_diff(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    const struct type *number = type_simple(BASE_BIGINT);
    if (call->count != 3)
        return shape_mismatch(tr, call, "varchar, timestamp, timestamp");
    struct value unit = shape_argument(tr, call, 0, scope), from = unit.sql ? shape_argument(tr, call, 1, scope) : unit,
                 to = from.sql ? shape_argument(tr, call, 2, scope) : from;
    if (!to.sql)
        return to;
    if (from.type->base == BASE_UNKNOWN || to.type->base == BASE_UNKNOWN)
        return tr_value(tr, number, "CAST(NULL AS BIGINT)");
    if (!type_is_text(unit.type) || !type_is_datetime(from.type) || !type_is_datetime(to.type))
        return shape_mismatch(tr, call, "varchar, timestamp, timestamp");
    const char *what = from.type->base == BASE_DATE && to.type->base == BASE_DATE ? "DATE" : "TIMESTAMP";
    const char *clocks = arena_printf(tr->arena, "weir_date_diff(%s, %s, %s, '%s')", unit.sql, tr_local(tr, from),
                                      tr_local(tr, to), what);
    if (from.type->base != BASE_TIMESTAMP_TZ && to.type->base != BASE_TIMESTAMP_TZ)
        return tr_value(tr, number, "%s", clocks);
    return tr_value(tr, number,
                    "CASE WHEN lower(%s) IN ('hour', 'minute', 'second', 'millisecond') THEN datesub(lower(%s), "
                    "timezone('UTC', %s), timezone('UTC', %s)) ELSE %s END",
                    unit.sql, unit.sql, tr_instant(tr, from), tr_instant(tr, to), clocks);
}

/* timezone_hour and timezone_minute: the zone's distance from UTC at that moment. */
struct value shape_zone_part(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value value =
        call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "timestamp with time zone");
    if (!value.sql)
        return value;
    if (value.type->base != BASE_TIMESTAMP_TZ)
        return shape_mismatch(tr, call, "timestamp with time zone");
    bool hours = strcmp(call->name, "timezone_hour") == 0;
    return tr_value(tr, type_simple(BASE_BIGINT), "(CAST(epoch(%s) - epoch(%s) AS BIGINT) // 60 %s 60)",
                    tr_local(tr, value), value.sql, hours ? "//" : "%");
}

/* --- arrays and maps --- */
struct value shape_zip(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    const struct type **kids = ARENA_ARRAY(tr->arena, const struct type *, call->count ? call->count : 1);
    struct buf lists = BUF_INIT(1024 * 1024), fields = BUF_INIT(64 * 1024);
    if (!kids || call->count < 2 || call->count > 5)
        return shape_mismatch(tr, call, "array(T1), array(T2), ...");
    for (size_t i = 0; i < call->count; i++) {
        struct value value = shape_argument(tr, call, i, scope);
        if (value.sql && value.type->base != BASE_ARRAY)
            value = shape_mismatch(tr, call, "array(T1), array(T2), ...");
        if (!value.sql)
            return value;
        kids[i] = value.type->kids[0];
        buf_printf(&lists, "%s%s", i ? ", " : "", value.sql);
        buf_printf(&fields, "%s\"field%zu\" := z[%zu]", i ? ", " : "", i, i + 1);
    }
    const char *list = tr_take(tr, &lists), *pack = tr_take(tr, &fields);
    return tr_value(tr, type_array(tr->arena, type_row(tr->arena, kids, NULL, call->count)),
                    "list_transform(list_zip(%s), lambda z: struct_pack(%s))", list, pack);
}

struct value shape_map_call(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    const struct type *unknown = type_simple(BASE_UNKNOWN);
    if (call->count == 0)
        return tr_value(tr, type_map(tr->arena, unknown, unknown), "MAP {}");
    if (call->count != 2)
        return shape_mismatch(tr, call, "array(K), array(V)");
    struct value keys = shape_argument(tr, call, 0, scope),
                 values = keys.sql ? shape_argument(tr, call, 1, scope) : keys;
    if (!values.sql)
        return values;
    if (keys.type->base != BASE_ARRAY || values.type->base != BASE_ARRAY)
        return shape_mismatch(tr, call, "array(K), array(V)");
    return tr_value(tr, type_map(tr->arena, keys.type->kids[0], values.type->kids[0]), "weir_map(%s, %s)", keys.sql,
                    values.sql);
}

struct value shape_map_concat(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return common_call(tr, call, scope, "map_concat(%s)");
}

struct value shape_map_from_entries(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value entries =
        call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "array(row(K,V))");
    if (!entries.sql)
        return entries;
    bool multi = strcmp(call->name, "multimap_from_entries") == 0;
    if (entries.type->base != BASE_ARRAY || entries.type->kids[0]->base != BASE_ROW ||
        entries.type->kids[0]->count != 2)
        return shape_mismatch(tr, call, "array(row(K,V))");
    const struct type *row = entries.type->kids[0];
    const char *key = type_field_name(tr->arena, row, 0), *value = type_field_name(tr->arena, row, 1);
    return tr_value(tr, type_map(tr->arena, row->kids[0], multi ? type_array(tr->arena, row->kids[1]) : row->kids[1]),
                    "%s(list_transform(%s, lambda x: struct_extract(x, '%s')), list_transform(%s, lambda x: "
                    "struct_extract(x, '%s')))",
                    multi ? "weir_multimap" : "weir_map", entries.sql, key, entries.sql, value);
}

/* array_join(array, delimiter [, for NULL]): the items become texts as CAST makes them; NULLs are left out. */
struct value shape_array_join(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    static const char *const expected = "array(T), varchar, varchar";
    if (call->count != 2 && call->count != 3)
        return shape_mismatch(tr, call, expected);
    struct value array = shape_argument(tr, call, 0, scope);
    struct value by = array.sql ? shape_argument(tr, call, 1, scope) : array;
    struct value null = call->count == 3 && by.sql ? shape_argument(tr, call, 2, scope) : by;
    if (!null.sql)
        return null;
    if (array.type->base != BASE_ARRAY || !type_is_text(by.type) || !type_is_text(null.type))
        return shape_mismatch(tr, call, expected);
    const struct type *text = type_simple(BASE_VARCHAR);
    struct value items = tr_cast(tr, array, type_array(tr->arena, text), false, call->at);
    if (!items.sql)
        return items;
    return call->count == 3
               ? tr_value(tr, text, "weir_join(list_transform(%s, lambda x: coalesce(x, %s)), %s)", items.sql, null.sql,
                          by.sql)
               : tr_value(tr, text, "weir_join(list_filter(%s, lambda x: x IS NOT NULL), %s)", items.sql, by.sql);
}

struct value shape_flatten(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value array =
        call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "array(array(T))");
    if (array.sql && (array.type->base != BASE_ARRAY || array.type->kids[0]->base != BASE_ARRAY))
        return shape_mismatch(tr, call, "array(array(T))");
    return array.sql ? tr_value(tr, array.type->kids[0], "flatten(%s)", array.sql) : array;
}

struct value shape_cardinality(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct value value = call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "array(T)");
    if (!value.sql)
        return value;
    if (value.type->base != BASE_ARRAY && value.type->base != BASE_MAP && value.type->base != BASE_UNKNOWN)
        return shape_mismatch(tr, call, "array(T)");
    return tr_value(tr, type_simple(BASE_BIGINT),
                    value.type->base == BASE_MAP ? "CAST(cardinality(%s) AS BIGINT)" : "len(%s)", value.sql);
}

/* --- aggregates --- */
static bool tail(struct tr *tr, const struct expr *call, const struct scope *scope, const char **filter)
{
    struct buf out = BUF_INIT(1024 * 1024);
    if (call->call->is_over) {
        tr_fail(tr, "NOT_SUPPORTED", call->at, "%s as a window function is not supported", call->name);
        return false;
    }
    if (call->call->filter) {
        struct value value = tr_expr(tr, call->call->filter, scope);
        if (!value.sql)
            return false;
        buf_printf(&out, " FILTER (WHERE %s)", value.sql);
    }
    return (*filter = tr_take(tr, &out)) != NULL;
}

struct value shape_listagg(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    const char *filter;
    struct buf order = BUF_INIT(1024 * 1024);
    if (call->count != 1 && call->count != 2)
        return shape_mismatch(tr, call, "varchar, varchar");
    struct value value = shape_argument(tr, call, 0, scope);
    struct value separator =
        call->count == 2 ? shape_argument(tr, call, 1, scope) : tr_value(tr, type_simple(BASE_VARCHAR), "''");
    if (!value.sql || !separator.sql || !tail(tr, call, scope, &filter))
        return TR_NOTHING;
    if (!type_is_text(value.type) && value.type->base != BASE_UNKNOWN)
        return tr_fail(tr, "TYPE_MISMATCH", call->at, "Expected expression of varchar, but '%s' has %s type",
                       call->name, type_trino(tr->arena, value.type));
    if (!call->call->within_group)
        return tr_fail(tr, "SYNTAX_ERROR", call->at, "mismatched input. Expecting: 'WITHIN'");
    if (!tr_sorts(tr, call->call->sorts, call->call->sort_count, scope, &order))
        return TR_NOTHING;
    const char *sorts = tr_take(tr, &order);
    return tr_value(tr, type_simple(BASE_VARCHAR), "string_agg(%s%s, %s ORDER BY %s)%s",
                    call->call->is_distinct ? "DISTINCT " : "", value.sql, separator.sql, sorts, filter);
}

/* What {f(x)} of a template does, for a text made here: DISTINCT, FILTER and OVER of the call. */
struct value shape_approx_distinct(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    struct call counted = *call->call;
    struct expr expr = *call;
    if (call->count != 1 && call->count != 2)
        return shape_mismatch(tr, call, "T, double");
    expr.count = 1; /* exact, which is within any error asked for */
    counted.is_distinct = true;
    expr.name = "count";
    expr.call = &counted;
    return tr_call(tr, &expr, scope);
}

/* sum and avg keep decimals decimal; a bigint's sum is a bigint. */
static struct value number_aggregate(struct tr *tr, const struct expr *call, const struct scope *scope,
                                     const char *name)
{
    struct value value = call->count == 1 && !call->call->is_star ? shape_argument(tr, call, 0, scope)
                                                                  : shape_mismatch(tr, call, "number");
    if (!value.sql)
        return value;
    bool is_sum = strcmp(name, "sum") == 0, is_interval = value.type->base == BASE_INTERVAL_DAY;
    if (!type_is_number(value.type) && value.type->base != BASE_UNKNOWN && !is_interval)
        return shape_mismatch(tr, call, "number");
    const struct type *type = value.type;
    if (type_is_integer(type))
        type = type_simple(is_sum ? BASE_BIGINT : BASE_DOUBLE);
    else if (type->base == BASE_DECIMAL && is_sum)
        type = type_decimal(tr->arena, 38, type->scale);
    const char *duck = type_duck(tr->arena, type);
    struct function row = {.name = name,
                           .kind = KIND_AGGREGATE,
                           .class = FUNCTION_RENAMED,
                           .params = "T",
                           .result = "T",
                           .sql = arena_printf(tr->arena, "CAST({%s($1)} AS %s)", name, duck)};
    struct value filled = call_fill(tr, &row, call, scope, &value, 1);
    filled.type = type;
    return filled;
}

struct value shape_sum(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return number_aggregate(tr, call, scope, "sum");
}

struct value shape_avg(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return number_aggregate(tr, call, scope, "avg");
}

/* map_agg and multimap_agg: rows with a NULL key are skipped; of a key's values map_agg keeps the first. */
struct value shape_map_agg(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    const char *filter;
    bool multi = strcmp(call->name, "multimap_agg") == 0;
    if (call->count != 2)
        return shape_mismatch(tr, call, "K, V");
    struct value key = shape_argument(tr, call, 0, scope), value = key.sql ? shape_argument(tr, call, 1, scope) : key;
    if (!value.sql || !tail(tr, call, scope, &filter))
        return TR_NOTHING;
    struct buf order = BUF_INIT(1024 * 1024);
    if (call->call->sort_count &&
        (!buf_puts(&order, " ORDER BY ") || !tr_sorts(tr, call->call->sorts, call->call->sort_count, scope, &order)))
        return TR_NOTHING;
    const char *sorts = tr_take(tr, &order);
    const char *list = arena_printf(tr->arena, "list(%sstruct_pack(k := %s, v := %s)%s)%s",
                                    call->call->is_distinct ? "DISTINCT " : "", key.sql, value.sql, sorts, filter);
    return tr_value(tr, type_map(tr->arena, key.type, multi ? type_array(tr->arena, value.type) : value.type), "%s(%s)",
                    multi ? "weir_multimap_agg" : "weir_map_agg", list);
}

/* A date, a timestamp with the digits of its type, or one with its zone's offset. */
struct value shape_to_iso8601(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    const struct type *text = type_simple(BASE_VARCHAR);
    struct value value =
        call->count == 1 ? shape_argument(tr, call, 0, scope) : shape_mismatch(tr, call, "timestamp(p)");
    if (!value.sql)
        return value;
    if (value.type->base == BASE_UNKNOWN)
        return tr_value(tr, text, "CAST(NULL AS VARCHAR)");
    if (!type_is_datetime(value.type))
        return shape_mismatch(tr, call, "timestamp(p)");
    if (value.type->base == BASE_TIMESTAMP_TZ)
        return tr_value(tr, text, "weir_iso_instant(%s, %s)", tr_local(tr, value), value.sql);
    struct value plain = tr_cast(tr, value, text, false, call->at);
    return plain.sql ? tr_value(tr, text, "replace(%s, ' ', 'T')", plain.sql) : plain;
}

/* The value at rank floor(p * n), counted from 0: what Trino answers as long as its sketch holds all values. */
struct value shape_approx_percentile(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    const char *filter;
    if (call->count > 2)
        return tr_fail(tr, "NOT_SUPPORTED", call->at, "approx_percentile with a weight or accuracy is not supported");
    if (call->count != 2)
        return shape_mismatch(tr, call, "T, double");
    struct value value = shape_argument(tr, call, 0, scope),
                 rank = value.sql ? shape_argument(tr, call, 1, scope) : value;
    if (!rank.sql || !tail(tr, call, scope, &filter))
        return TR_NOTHING;
    if (!type_is_number(value.type) || !(type_is_number(rank.type) || rank.type->base == BASE_ARRAY))
        return shape_mismatch(tr, call, "double, double");
    const char *list = arena_printf(tr->arena, "list_sort(list(%s)%s)", value.sql, filter);
    if (rank.type->base == BASE_ARRAY)
        return tr_value(tr, type_array(tr->arena, value.type),
                        "list_transform(CAST(%s AS DOUBLE[]), lambda p: weir_rank(%s, p))", rank.sql, list);
    return tr_value(tr, value.type, "weir_rank(%s, CAST(%s AS DOUBLE))", list, rank.sql);
}
