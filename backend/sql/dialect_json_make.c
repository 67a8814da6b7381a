/* JSON_OBJECT and JSON_ARRAY: parsed into calls whose first argument says what becomes of NULLs, and written as texts.
 * Source: Trino documentation, "JSON functions and operators". */
#include "backend/sql/dialect_shape.h"
#include <string.h>

/* --- parsing --- */
static bool is_end(struct parser *p)
{
    return parser_is(p, ")") || parser_is(p, "NULL ON NULL") || parser_is(p, "ABSENT") || parser_is(p, "WITH") ||
           parser_is(p, "WITHOUT") || parser_is(p, "RETURNING") ||
           (parser_is(p, "NULL") && parser_is_at(p, 1, "ON") && parser_is_at(p, 2, "NULL"));
}

static bool makes_json(const struct expr *value)
{
    return (value->kind == EXPR_CALL || value->kind == EXPR_JSON) &&
           (strcmp(value->name, "json_object") == 0 || strcmp(value->name, "json_array") == 0 ||
            strcmp(value->name, "json_query") == 0);
}

/* A value that is a document already: FORMAT JSON says so, or a function that makes one. */
static bool member_value(struct parser *p, struct expr *expr)
{
    struct expr *value = parse_expr(p);
    if (!value || (!parser_accept_words(p, "FORMAT JSON") && !makes_json(value)))
        return expr_add(p, expr, value);
    struct expr *parsed = expr_call(p, "json_parse", value->at);
    return parsed && expr_add(p, parsed, value) && expr_add(p, expr, parsed);
}

/* KEY k VALUE v, k VALUE v, or k : v */
static bool member(struct parser *p, struct expr *expr)
{
    bool has_key = parser_is(p, "KEY") && !parser_is_at(p, 1, ":") && !parser_is_at(p, 1, "VALUE");
    if (has_key)
        p->next++;
    if (!expr_add(p, expr, parse_value_expr(p)))
        return false;
    if (!parser_accept(p, "VALUE") && (has_key || !parser_accept(p, ":")))
        return parser_mismatch(p, has_key ? "'VALUE'" : "'VALUE', ':'");
    return member_value(p, expr);
}

static bool endings(struct parser *p, struct expr *nulls, size_t at)
{
    if (parser_accept_words(p, "NULL ON NULL"))
        nulls->name = "NULL";
    else if (parser_accept_words(p, "ABSENT ON NULL"))
        nulls->name = "ABSENT";
    if (parser_accept_words(p, "WITH UNIQUE")) {
        dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, at, "JSON_OBJECT WITH UNIQUE KEYS is not supported");
        return false;
    }
    if (parser_accept_words(p, "WITHOUT UNIQUE"))
        parser_accept(p, "KEYS");
    if (!parser_accept(p, "RETURNING"))
        return true;
    const struct type *type = parse_type(p, at);
    if (type && type->base != BASE_VARCHAR)
        dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, at, "RETURNING of anything but varchar is not supported");
    return type && type->base == BASE_VARCHAR;
}

struct expr *parse_json_make(struct parser *p, size_t at)
{
    bool is_object = parser_is(p, "JSON_OBJECT");
    struct expr *expr = expr_call(p, is_object ? "json_object" : "json_array", at);
    struct expr *nulls = expr_new(p, EXPR_STRING, at);
    p->next += 2;
    if (!expr || !nulls || !expr_add(p, expr, nulls))
        return NULL;
    nulls->name = is_object ? "NULL" : "ABSENT";
    while (!is_end(p)) {
        if (!(is_object ? member(p, expr) : member_value(p, expr)))
            return NULL;
        if (!parser_accept(p, ","))
            break;
    }
    return endings(p, nulls, at) && parser_expect(p, ")") ? expr : NULL;
}

/* --- translating --- */
static const char *json_text(struct tr *tr, struct value value, size_t at)
{
    if (value.type->base == BASE_JSON)
        return arena_printf(tr->arena, "CAST(%s AS VARCHAR)", value.sql);
    bool is_plain = type_is_number(value.type) || type_is_text(value.type) || value.type->base == BASE_BOOLEAN;
    if (value.type->count) {
        tr_fail(tr, "NOT_SUPPORTED", at, "Unsupported type of value passed to JSON_OBJECT or JSON_ARRAY: %s",
                type_trino(tr->arena, value.type));
        return NULL;
    }
    if (!is_plain && value.type->base != BASE_UNKNOWN)
        value = tr_cast(tr, value, type_simple(BASE_VARCHAR), false, at);
    struct value json = value.sql ? tr_cast(tr, value, type_simple(BASE_JSON), false, at) : value;
    return json.sql ? arena_printf(tr->arena, "CAST(%s AS VARCHAR)", json.sql) : NULL;
}

static struct value make(struct tr *tr, const struct expr *call, const struct scope *scope, bool is_object)
{
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    const char *null = strcmp(call->args[0]->name, "NULL") == 0 ? "'null'" : "NULL";
    for (size_t i = 1; i < call->count; i++) {
        struct value key = is_object ? shape_argument(tr, call, i++, scope) : TR_NOTHING;
        if (is_object && key.sql && !type_is_text(key.type))
            key = tr_fail(tr, "INVALID_FUNCTION_ARGUMENT", call->args[i - 1]->at, "Invalid type of JSON object key: %s",
                          type_trino(tr->arena, key.type));
        struct value value = is_object && !key.sql ? key : shape_argument(tr, call, i, scope);
        const char *text = value.sql ? json_text(tr, value, call->args[i]->at) : NULL;
        if (!text) {
            buf_done(&out);
            return TR_NOTHING;
        }
        buf_puts(&out, i > 2 || (!is_object && i > 1) ? ", " : "");
        if (is_object)
            buf_printf(&out, "weir_json_key(%s) || ", key.sql);
        buf_printf(&out, "CASE WHEN %s IS NULL THEN %s ELSE %s END", value.sql, null, text);
    }
    const char *list = tr_take(tr, &out);
    return list ? tr_value(tr, type_simple(BASE_VARCHAR),
                           "'%c' || coalesce(array_to_string(CAST([%s] AS VARCHAR[]), ','), '') || '%c'",
                           is_object ? '{' : '[', list, is_object ? '}' : ']')
                : TR_NOTHING;
}

struct value shape_json_object(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return make(tr, call, scope, true);
}

struct value shape_json_array(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    return make(tr, call, scope, false);
}
