/* What a fresh engine needs before translated statements run: settings and the macros that the function table names. An
 * error is raised by the C function weir_fail, whose result fits anywhere and which TRY can catch. */
#include "backend/sql/dialect.h"
#include <string.h>

#define MACRO(head, body) "CREATE OR REPLACE MACRO " head " AS " body ";\n"

const char *dialect_prelude(void)
{
    /* one macro per entry, its text broken by hand */
    /* clang-format off */
    static const char prelude[] =
        "SET default_null_order = 'nulls_last';\n"
        "SET ieee_floating_point_ops = true;\n"
        "SET scalar_subquery_error_on_multiple_rows = true;\n"
        /* arithmetic */
        MACRO("weir_not_zero_huge(x)",
              "CASE WHEN x = 0 THEN weir_fail('DIVISION_BY_ZERO: Division by zero') ELSE x END")
        MACRO("weir_mod(a, b)",
              "a % CASE WHEN b = 0 AND typeof(b) NOT IN ('DOUBLE', 'FLOAT') THEN weir_fail('DIVISION_BY_ZERO: "
              "Division by zero') ELSE b END")
        MACRO("weir_divide(a, b)",
              "CASE WHEN b = 0 THEN weir_fail('DIVISION_BY_ZERO: Division by zero') ELSE sign(a) * sign(b) * ((2 "
              "* abs(a) + abs(b)) // (2 * abs(b))) END")
        MACRO("weir_ln(x)",
              "CASE WHEN x > 0 THEN ln(x) WHEN x = 0 THEN CAST('-inf' AS DOUBLE) WHEN x IS NOT NULL THEN "
              "CAST('nan' AS DOUBLE) END")
        MACRO("weir_sqrt(x)", "CASE WHEN x >= 0 THEN sqrt(x) WHEN x IS NOT NULL THEN CAST('nan' AS DOUBLE) END")
        MACRO("weir_acos(x)",
              "CASE WHEN x BETWEEN -1 AND 1 THEN acos(x) WHEN x IS NOT NULL THEN CAST('nan' AS DOUBLE) END")
        MACRO("weir_asin(x)",
              "CASE WHEN x BETWEEN -1 AND 1 THEN asin(x) WHEN x IS NOT NULL THEN CAST('nan' AS DOUBLE) END")
        MACRO("weir_wilson(s, n, z, side)",
              "CASE WHEN n <= 0 OR s < 0 OR s > n OR z < 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: successes "
              "must be between 0 and the number of trials, which must be positive') ELSE (s / n + z * z / (2 * n)"
              " + side * z * sqrt((s / n * (1 - s / n) + z * z / (4 * n)) / n)) / (1 + z * z / n) END")
        MACRO("weir_truncate(x, n)",
              "CASE WHEN n >= 0 THEN trunc(x * pow(10, n)) / pow(10, n) ELSE trunc(x / pow(10, -n)) * pow(10, -n)"
              " END")
        MACRO("weir_width_bucket(x, lo, hi, n)",
              "CASE WHEN x < least(lo, hi) THEN CASE WHEN lo < hi THEN 0 ELSE n + 1 END WHEN x >= greatest(lo, "
              "hi) THEN CASE WHEN lo < hi THEN n + 1 ELSE CASE WHEN x = lo THEN 1 ELSE 0 END END ELSE "
              "CAST(floor(n * (x - lo) / (hi - lo)) AS BIGINT) + 1 END")
        MACRO("weir_skewness(s, n)", /* of the population; the engine's is of a sample */
              "CASE WHEN n > 2 THEN s * (n - 2) / sqrt(CAST(n AS DOUBLE) * (n - 1)) END")
        MACRO("weir_rank(l, p)", "list_extract(l, CAST(least(floor(p * len(l)), len(l) - 1) AS BIGINT) + 1)")
        /* conditional */
        MACRO("weir_greatest(l)",
              "CASE WHEN list_contains(list_transform(l, lambda x: x IS NULL), true) THEN NULL ELSE list_max(l) "
              "END")
        MACRO("weir_least(l)",
              "CASE WHEN list_contains(list_transform(l, lambda x: x IS NULL), true) THEN NULL ELSE list_min(l) "
              "END")
        /* conversion */
        MACRO("weir_integer_text(x, t)",
              "CASE WHEN regexp_full_match(x, '[+-]?[0-9]+') THEN x WHEN x IS NOT NULL THEN "
              "weir_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to ' || upper(CASE t WHEN 'integer' "
              "THEN 'int' ELSE t END)) END")
        MACRO("weir_to_boolean(x)",
              "CASE WHEN lower(x) IN ('t', 'true', '1') THEN true WHEN lower(x) IN ('f', 'false', '0') THEN false"
              " WHEN x IS NOT NULL THEN weir_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to "
              "BOOLEAN') END")
        MACRO("weir_fit(x, n)",
              "CASE WHEN length(x) > n THEN weir_fail('INVALID_CAST_ARGUMENT: Value ' || x || ' cannot be "
              "represented as varchar(' || n || ')') ELSE x END")
        MACRO("weir_number_text(x, t)",
              "CASE WHEN regexp_full_match(trim(x), '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?') OR (t "
              "<> 'decimal' AND trim(x) IN ('NaN', 'Infinity', '+Infinity', '-Infinity')) THEN x WHEN x IS NOT "
              "NULL THEN weir_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to ' || upper(t)) END")
        MACRO("weir_date_text(x)",
              "CASE WHEN regexp_full_match(trim(x), '[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,2}') AND TRY_CAST(x AS DATE) IS NOT "
              "NULL THEN x WHEN x IS NOT NULL"
              " THEN weir_fail('INVALID_CAST_ARGUMENT: Value cannot be cast to date: ' || x) END")
        MACRO("weir_time_text(x)",
              "left(CAST(x AS VARCHAR) || CASE WHEN strpos(CAST(x AS VARCHAR), '.') > 0 THEN '000' ELSE '.000' "
              "END, 12)")
        MACRO("weir_stamp_text(x)",
              "CASE WHEN NOT regexp_matches(x, '^ *[0-9]{4}') THEN weir_fail('INVALID_CAST_ARGUMENT: Value cannot"
              " be cast to timestamp: ' || x) WHEN regexp_matches(x, '^[0-9-]+T[0-9:.]*$') THEN weir_fail('INVALID_CAST_ARGUMENT: Value cannot"
              " be cast to timestamp: ' || x) WHEN regexp_matches(x, '[A-Za-z+]|[0-9]-[0-9]+:[0-9]+$') THEN weir_fail('NOT_SUPPORTED: a cast of a text with a "
              "time zone to timestamp is not supported') ELSE x END")
        MACRO("weir_json_text(j)",
              "CASE json_type(j) WHEN 'NULL' THEN NULL WHEN 'OBJECT' THEN weir_fail('INVALID_CAST_ARGUMENT: "
              "Cannot cast ''' || CAST(j AS VARCHAR) || ''' to VARCHAR') WHEN 'ARRAY' THEN "
              "weir_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || CAST(j AS VARCHAR) || ''' to VARCHAR') ELSE "
              "json_extract_string(j, '$') END")
        MACRO("weir_json_key(k)",
              "CAST(to_json(CASE WHEN k IS NULL THEN weir_fail('INVALID_FUNCTION_ARGUMENT: null value passed for "
              "JSON object key to JSON_OBJECT function') ELSE k END) AS VARCHAR) || ':'")
        MACRO("weir_json_nested(j)", "CASE json_type(j) WHEN 'NULL' THEN NULL ELSE j END")
        MACRO("weir_texts(j)", "CAST(CAST(j AS JSON) AS VARCHAR[])")
        MACRO("weir_iso_date(x)",
              "CAST(CASE WHEN regexp_full_match(x, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN x WHEN x IS NOT NULL THEN "
              "weir_fail('NOT_SUPPORTED: from_iso8601_date takes only YYYY-MM-DD here, not ' || x) END AS DATE)")
        /* time */
        MACRO("weir_date_trunc(u, x, t)",
              "CASE lower(u) WHEN 'millisecond' THEN date_trunc('millisecond', x) WHEN 'second' THEN "
              "date_trunc('second', x) WHEN 'minute' THEN date_trunc('minute', x) WHEN 'hour' THEN "
              "date_trunc('hour', x) WHEN 'day' THEN date_trunc('day', x) WHEN 'week' THEN date_trunc('week', x) "
              "WHEN 'month' THEN date_trunc('month', x) WHEN 'quarter' THEN date_trunc('quarter', x) WHEN 'year' "
              "THEN date_trunc('year', x) ELSE weir_fail('INVALID_FUNCTION_ARGUMENT: ''' || u || ''' is not a "
              "valid ' || t || ' field') END")
        MACRO("weir_date_diff(u, a, b, t)",
              "CASE WHEN lower(u) IN ('millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', "
              "'quarter', 'year') THEN datesub(lower(u), a, b) ELSE weir_fail('INVALID_FUNCTION_ARGUMENT: ''' || "
              "u || ''' is not a valid ' || t || ' field') END")
        MACRO("weir_offset_text(m)",
              "CASE WHEN m = 0 THEN 'Z' ELSE CASE WHEN m < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(m) // 60 AS "
              "VARCHAR), 2, '0') || ':' || lpad(CAST(abs(m) % 60 AS VARCHAR), 2, '0') END")
        MACRO("weir_iso_instant(wall, x)",
              "strftime(wall, '%Y-%m-%dT%H:%M:%S.%g') || weir_offset_text((epoch_ms(wall) - epoch_ms(timezone('UTC', "
              "x))) // 60000)")
        MACRO("weir_add_days(i)",
              "CASE WHEN epoch(i) % 86400 <> 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: Cannot add hour, minutes or "
              "seconds to a date') ELSE i END")
        MACRO("weir_subtract_days(i)",
              "CASE WHEN epoch(i) % 86400 <> 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: Cannot subtract hour, minutes "
              "or seconds from a date') ELSE i END")
        MACRO("weir_unhex(x)",
              "CASE WHEN length(x) % 2 = 1 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: invalid input length ' || "
              "length(x)) ELSE unhex(x) END")
        /* arrays */
        MACRO("weir_at(a, i)",
              "CASE WHEN i > len(a) THEN weir_fail('INVALID_FUNCTION_ARGUMENT: Array subscript must be less than "
              "or equal to array length: ' || CAST(i AS VARCHAR) || ' > ' || CAST(len(a) AS VARCHAR)) WHEN i = 0 "
              "THEN weir_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') WHEN i < 0 THEN "
              "weir_fail('INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' || CAST(i AS VARCHAR)) ELSE "
              "list_extract(a, i) END")
        MACRO("weir_map_at(m, k)",
              "CASE WHEN m IS NULL OR k IS NULL THEN NULL WHEN list_contains(map_keys(m), k) THEN "
              "map_extract_value(m, k) ELSE weir_fail('INVALID_FUNCTION_ARGUMENT: Key not present in map: ' || "
              "CAST(k AS VARCHAR)) END")
        MACRO("weir_element_at(a, i)",
              "CASE WHEN i = 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') ELSE "
              "list_extract(a, i) END")
        MACRO("weir_slice(a, s, n)",
              "CASE WHEN s = 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1') WHEN n <"
              " 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: length must be greater than or equal to 0') WHEN s <"
              " -len(a) THEN a[1:0] WHEN s < 0 THEN list_slice(a, len(a) + s + 1, len(a) + s + n) ELSE "
              "list_slice(a, s, s + n - 1) END")
        MACRO("weir_trim_array(a, n)",
              "CASE WHEN n > len(a) OR n < 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: size must not exceed "
              "array cardinality ' || len(a) || ': ' || n) ELSE list_slice(a, 1, len(a) - n) END")
        MACRO("weir_repeat(x, n)", "list_transform(range(greatest(n, 0)), lambda i: x)")
        MACRO("weir_sequence(a, b, s := NULL)",
              "CASE WHEN s = 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: step must not be zero') ELSE "
              "generate_series(a, b, coalesce(s, CASE WHEN a <= b THEN 1 ELSE -1 END)) END")
        MACRO("weir_shuffle(a)",
              "list_transform(list_sort(list_transform(a, lambda x: struct_pack(r := random(), v := x))), lambda "
              "y: struct_extract(y, 'v'))")
        /* sets: NULL is a value that equals NULL */
        MACRO("weir_has_null(a)", "list_contains(list_transform(a, lambda x: x IS NULL), true)")
        MACRO("weir_distinct(a)",
              "list_filter(a, lambda x, i: CASE WHEN x IS NULL THEN NOT weir_has_null(list_slice(a, 1, i - 1)) "
              "ELSE list_position(a, x) = i END)")
        MACRO("weir_union(a, b)",
              "CASE WHEN a IS NULL OR b IS NULL THEN NULL ELSE weir_distinct(list_concat(a, b)) END")
        MACRO("weir_in(x, b)", "CASE WHEN x IS NULL THEN weir_has_null(b) ELSE list_contains(b, x) END")
        MACRO("weir_intersect(a, b)",
              "CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN len(a) < len(b) THEN weir_distinct(list_filter(b, lambda "
              "y: weir_in(y, a))) ELSE weir_distinct(list_filter(a, lambda y: weir_in(y, b))) END")
        MACRO("weir_except(a, b)",
              "CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN len(b) = 0 THEN a ELSE weir_distinct(list_filter(a, lambda y: NOT "
              "weir_in(y, b))) END")
        MACRO("weir_overlap(a, b)",
              "CASE WHEN list_has_any(list_filter(a, lambda x: x IS NOT NULL), b) THEN true WHEN weir_has_null(a)"
              " OR weir_has_null(b) THEN NULL ELSE false END")
        MACRO("weir_contains(a, x)",
              "CASE WHEN x IS NULL OR a IS NULL THEN NULL WHEN list_contains(a, x) THEN true WHEN "
              "weir_has_null(a) THEN NULL ELSE false END")
        MACRO("weir_array_max(a)", "CASE WHEN weir_has_null(a) THEN NULL ELSE list_max(a) END")
        MACRO("weir_array_min(a)", "CASE WHEN weir_has_null(a) THEN NULL ELSE list_min(a) END")
        MACRO("weir_all(l)",
              "CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, false) THEN false WHEN weir_has_null(l) THEN "
              "NULL ELSE true END")
        MACRO("weir_array_eq(a, b)",
              "CASE WHEN len(a) <> len(b) THEN false WHEN a IS NOT NULL AND b IS NOT NULL THEN "
              "weir_all(list_transform(list_zip(a, b), lambda z: z[1] = z[2])) END")
        MACRO("weir_ngrams(a, n)",
              "CASE WHEN n <= 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: N must be positive') WHEN len(a) <= n "
              "THEN [a] ELSE list_transform(range(1, len(a) - n + 2), lambda i: list_slice(a, i, i + n - 1)) END")
        MACRO("weir_contains_sequence(a, s)",
              "CASE WHEN a IS NULL OR s IS NULL THEN NULL ELSE len(s) = 0 OR "
              "list_contains(list_transform(range(1, len(a) - len(s) + 2), lambda i: list_slice(a, i, i + len(s) "
              "- 1) = s), true) END")
        MACRO("weir_any(l)",
              "CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, true) THEN true WHEN weir_has_null(l) THEN "
              "NULL ELSE false END")
        /* maps */
        MACRO("weir_map(k, v)",
              "CASE WHEN len(k) <> len(v) THEN weir_fail('INVALID_FUNCTION_ARGUMENT: Key and value arrays must be"
              " the same length') WHEN weir_has_null(k) THEN weir_fail('INVALID_FUNCTION_ARGUMENT: map key cannot"
              " be null') WHEN len(list_distinct(k)) < len(k) THEN weir_fail('INVALID_FUNCTION_ARGUMENT: "
              "Duplicate map keys (' || CAST(list_filter(k, lambda x, i: list_position(k, x) < i)[1] AS VARCHAR) || "
              "') are not allowed') ELSE map(k, v) END")
        MACRO("weir_multimap(k, v)",
              "map(weir_distinct(k), list_transform(weir_distinct(k), lambda x: "
              "list_transform(list_filter(list_zip(k, v), lambda z: z[1] = x), lambda z: z[2])))")
        MACRO("weir_firsts(l)",
              "CASE WHEN len(list_distinct(list_transform(l, lambda x: struct_extract(x, 'k')))) = len(l) THEN l "
              "ELSE list_filter(l, lambda x, i: list_position(list_transform(l, lambda y: struct_extract(y, "
              "'k')), struct_extract(x, 'k')) = i) END")
        MACRO("weir_map_agg(l)",
              "map_from_entries(weir_firsts(list_filter(l, lambda x: struct_extract(x, 'k') IS NOT NULL)))")
        MACRO("weir_multimap_agg(l)",
              "weir_multimap(list_transform(list_filter(l, lambda x: struct_extract(x, 'k') IS NOT NULL), lambda "
              "x: struct_extract(x, 'k')), list_transform(list_filter(l, lambda x: struct_extract(x, 'k') IS NOT "
              "NULL), lambda x: struct_extract(x, 'v')))")
        MACRO("weir_top(m, n)",
              "CASE WHEN n < 2 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: approx_most_frequent bucket count must be "
              "greater than one') ELSE map_from_entries(list_transform(list_slice(list_sort(list_transform(map_entries(m), lambda e: "
              "struct_pack(c := -CAST(struct_extract(e, 'value') AS BIGINT), k := struct_extract(e, 'key')))), 1,"
              " n), lambda z: struct_pack(k := struct_extract(z, 'k'), v := -struct_extract(z, 'c')))) END")
        MACRO("weir_histogram(m)", "map(map_keys(m), list_transform(map_values(m), lambda x: CAST(x AS BIGINT)))")
        /* text */
        MACRO("weir_replace(x, a, b)",
              "CASE WHEN a = '' THEN b || array_to_string(list_transform(string_split(x, ''), lambda c: c || b), "
              "'') ELSE replace(x, a, b) END")
        MACRO("weir_split(x, d)",
              "CASE WHEN d = '' THEN weir_fail('INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty "
              "string') ELSE string_split(x, d) END")
        MACRO("weir_join(a, d)",
              "CASE WHEN len(a) = 0 THEN '' ELSE a[1] || coalesce(array_to_string(list_transform(list_slice(a, 2,"
              " len(a)), lambda y: d || y), ''), '') END")
        MACRO("weir_split_limit(x, d, n)",
              "CASE WHEN n <= 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: Limit must be positive') WHEN "
              "len(weir_split(x, d)) <= n THEN weir_split(x, d) ELSE list_append(list_slice(weir_split(x, d), 1, "
              "n - 1), weir_join(list_slice(weir_split(x, d), n, len(weir_split(x, d))), d)) END")
        MACRO("weir_split_part(x, d, n)",
              "CASE WHEN n <= 0 THEN weir_fail('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero') ELSE"
              " list_extract(string_split(x, d), n) END")
        MACRO("weir_split_to_map(x, a, b)",
              "weir_map(list_transform(string_split(x, a), lambda p: CASE WHEN strpos(p, b) = 0 THEN "
              "weir_fail('INVALID_FUNCTION_ARGUMENT: Key-value delimiter must appear exactly once in each entry. "
              "Bad input: ''' || p || '''') ELSE string_split(p, b)[1] END), list_transform(string_split(x, a), "
              "lambda p: string_split(p, b)[2]))")
        MACRO("weir_split_to_multimap(x, a, b)",
              "weir_multimap(list_transform(string_split(x, a), lambda p: string_split(p, b)[1]), "
              "list_transform(string_split(x, a), lambda p: string_split(p, b)[2]))")
        MACRO("weir_substr(x, s, n := NULL)",
              "CASE WHEN s = 0 OR s > length(x) OR -s > length(x) THEN CASE WHEN x IS NULL THEN NULL ELSE '' END "
              "WHEN n <= 0 THEN '' WHEN n IS NULL THEN array_slice(x, CASE WHEN s < 0 THEN length(x) + s + 1 ELSE"
              " s END, length(x)) ELSE array_slice(x, CASE WHEN s < 0 THEN length(x) + s + 1 ELSE s END, CASE "
              "WHEN s < 0 THEN length(x) + s + n ELSE s + n - 1 END) END");
    /* clang-format on */
    return prelude;
}

/* ---- only what is used: making all macros takes longer than most queries */

enum { MACROS_MAX = 512 };
static const char macro_head[] = "CREATE OR REPLACE MACRO ", own_prefix[] = "weir_";

struct macro {
    const char *name, *statement;
    size_t name_len, statement_len;
    bool is_used;
};
struct macros {
    struct macro items[MACROS_MAX];
    size_t count;
};

static size_t name_length(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

/* Splits the prelude: what is no macro goes to out at once. */
static void read_macros(struct macros *macros, struct buf *out)
{
    for (const char *at = dialect_prelude(), *end; *at; at = end) {
        end = strchr(at, '\n') + 1; /* each statement is a line */
        if (strncmp(at, macro_head, sizeof macro_head - 1) != 0 || macros->count == MACROS_MAX) {
            buf_append(out, at, (size_t)(end - at));
            continue;
        }
        const char *name = at + sizeof macro_head - 1;
        macros->items[macros->count++] = (struct macro){
            .name = name, .name_len = name_length(name), .statement = at, .statement_len = (size_t)(end - at)};
    }
}

/* Marks the macros that the text names, and those that they name. */
static void mark_used(struct macros *macros, const char *text, size_t len)
{
    const char *end = text + len;
    while ((text = memmem(text, (size_t)(end - text), own_prefix, sizeof own_prefix - 1))) {
        size_t name_len = name_length(text);
        for (size_t i = 0; i < macros->count; i++) {
            struct macro *macro = &macros->items[i];
            if (macro->is_used || macro->name_len != name_len || strncmp(macro->name, text, name_len) != 0)
                continue;
            macro->is_used = true;
            mark_used(macros, macro->statement, macro->statement_len);
        }
        text += name_len;
    }
}

bool dialect_prelude_for(const char *const *texts, struct buf *out)
{
    struct macros macros = {.count = 0};
    read_macros(&macros, out);
    for (; *texts; texts++)
        mark_used(&macros, *texts, strlen(*texts));
    for (size_t i = 0; i < macros.count; i++)
        if (macros.items[i].is_used)
            buf_append(out, macros.items[i].statement, macros.items[i].statement_len);
    return !out->failed;
}
