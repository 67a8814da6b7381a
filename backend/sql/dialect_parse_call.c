/* Function calls with everything that can hang on them, and the forms that have words between their parentheses: CAST,
 * EXTRACT, TRIM, POSITION, SUBSTRING, NORMALIZE, LISTAGG, GROUPING, JSON_VALUE. Source: Trino's SqlBase grammar. */
#include "backend/sql/dialect_parse.h"
#include "backend/sql/dialect_type.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- windows --- */
static bool exprs(struct parser *p, struct expr ***list, size_t *count)
{
    size_t cap = 0;
    do {
        struct expr *expr = parse_expr(p);
        if (!expr || !(*list = arena_grow(p->arena, *list, *count, &cap, sizeof **list)))
            return false;
        (*list)[(*count)++] = expr;
    } while (parser_accept(p, ","));
    return true;
}

bool parse_sorts(struct parser *p, struct sort **sorts, size_t *count)
{
    size_t cap = 0;
    do {
        struct sort sort = {.expr = parse_expr(p)};
        if (!sort.expr)
            return false;
        sort.descending = parser_accept(p, "DESC");
        if (!sort.descending)
            parser_accept(p, "ASC");
        if (parser_accept(p, "NULLS"))
            sort.nulls = parser_accept(p, "FIRST") ? 1 : parser_accept(p, "LAST") ? 2 : -1;
        if (sort.nulls < 0)
            return parser_mismatch(p, "'FIRST', 'LAST'");
        if (!(*sorts = arena_grow(p->arena, *sorts, *count, &cap, sizeof **sorts)))
            return false;
        (*sorts)[(*count)++] = sort;
    } while (parser_accept(p, ","));
    return true;
}

/* UNBOUNDED PRECEDING, CURRENT ROW, expression PRECEDING; the expression goes to *bound and "%s" into the text. */
static bool frame_bound(struct parser *p, struct expr **bound, struct buf *out)
{
    if (parser_accept_words(p, "CURRENT ROW"))
        return buf_puts(out, "CURRENT ROW");
    if (parser_accept(p, "UNBOUNDED"))
        buf_puts(out, "UNBOUNDED ");
    else if ((*bound = parse_value_expr(p)))
        buf_puts(out, "% ");
    else
        return false;
    if (parser_accept(p, "PRECEDING"))
        return buf_puts(out, "PRECEDING");
    return parser_accept(p, "FOLLOWING") ? buf_puts(out, "FOLLOWING") : parser_mismatch(p, "'FOLLOWING', 'PRECEDING'");
}

static bool frame(struct parser *p, struct window *window)
{
    struct buf out = BUF_INIT(256);
    window->frame_at = parser_peek(p, 0)->at;
    const char *unit = parser_accept(p, "ROWS") ? "ROWS" : parser_accept(p, "RANGE") ? "RANGE" : "GROUPS";
    if (strcmp(unit, "GROUPS") == 0)
        p->next++;
    buf_printf(&out, "%s ", unit);
    bool ok;
    if (parser_accept(p, "BETWEEN")) {
        buf_puts(&out, "BETWEEN ");
        ok = frame_bound(p, &window->frame_bounds[0], &out) && parser_expect(p, "AND") && buf_puts(&out, " AND ") &&
             frame_bound(p, &window->frame_bounds[1], &out);
    } else {
        ok = frame_bound(p, &window->frame_bounds[0], &out);
    }
    window->frame = arena_strdup(p->arena, buf_text(&out));
    buf_done(&out);
    return ok;
}

bool parse_window(struct parser *p, struct window *window)
{
    if (!parser_expect(p, "("))
        return false;
    if (parser_is_name(p) && !parser_is(p, "PARTITION") && !parser_is(p, "ROWS") && !parser_is(p, "RANGE") &&
        !parser_is(p, "GROUPS") && !(window->base = parser_name(p)))
        return false;
    if (parser_accept_words(p, "PARTITION BY") && !exprs(p, &window->partitions, &window->partition_count))
        return false;
    if (parser_accept_words(p, "ORDER BY") && !parse_sorts(p, &window->sorts, &window->sort_count))
        return false;
    if ((parser_is(p, "ROWS") || parser_is(p, "RANGE") || parser_is(p, "GROUPS")) && !frame(p, window))
        return false;
    return parser_expect(p, ")");
}

/* --- calls --- */
static bool null_treatment(struct parser *p, struct call *call)
{
    if (parser_accept_words(p, "IGNORE NULLS"))
        call->nulls = "IGNORE";
    else if (parser_accept_words(p, "RESPECT NULLS"))
        call->nulls = "RESPECT";
    return true;
}

static bool call_tail(struct parser *p, struct call *call)
{
    if (parser_accept_words(p, "WITHIN GROUP")) {
        call->within_group = true;
        if (!parser_expect(p, "(") || !parser_expect(p, "ORDER") || !parser_expect(p, "BY") ||
            !parse_sorts(p, &call->sorts, &call->sort_count) || !parser_expect(p, ")"))
            return false;
    }
    if (parser_is(p, "FILTER") && parser_is_at(p, 1, "(")) {
        p->next += 2;
        if (!parser_expect(p, "WHERE") || !(call->filter = parse_expr(p)) || !parser_expect(p, ")"))
            return false;
    }
    null_treatment(p, call);
    if (!parser_accept(p, "OVER"))
        return true;
    call->is_over = true;
    if (parser_is(p, "("))
        return parse_window(p, &call->window);
    return (call->window.base = parser_name(p)) != NULL;
}

static bool call_arguments(struct parser *p, struct expr *expr)
{
    if (parser_is(p, "*") && parser_is_at(p, 1, ")")) {
        p->next++;
        expr->call->is_star = true;
        return true;
    }
    expr->call->is_distinct = parser_accept(p, "DISTINCT");
    if (!expr->call->is_distinct && parser_is(p, "ALL") && !parser_is_at(p, 1, ")"))
        p->next++;
    if (parser_is(p, ")"))
        return true;
    do {
        if (parser_is_at(p, 1, "=>"))
            return dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, parser_peek(p, 0)->at,
                                   "named arguments are not supported");
        if (!expr_add(p, expr, parse_expr(p)))
            return false;
    } while (parser_accept(p, ","));
    if (parser_accept_words(p, "ON OVERFLOW")) { /* LISTAGG */
        if (!parser_accept(p, "ERROR"))
            return dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, parser_peek(p, 0)->at,
                                   "LISTAGG with ON OVERFLOW TRUNCATE is not supported");
        expr->call->overflow = "ERROR";
    }
    return !parser_accept_words(p, "ORDER BY") || parse_sorts(p, &expr->call->sorts, &expr->call->sort_count);
}

struct expr *parse_call(struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    bool may_be_reserved = parser_is(p, "LISTAGG") || parser_is(p, "NORMALIZE") || parser_is(p, "TRIM");
    if (!may_be_reserved && !parser_is_name(p)) {
        parser_mismatch(p, "<expression>");
        return NULL;
    }
    p->next += 2;
    struct expr *expr = expr_call(p, dialect_lower(p->arena, lexeme_value(p, item)), item->at);
    if (!expr || !call_arguments(p, expr) || !parser_expect(p, ")") || !call_tail(p, expr->call))
        return NULL;
    return expr;
}

/* --- forms with words --- */
static struct expr *cast(struct parser *p, size_t at)
{
    struct expr *expr = expr_new(p, EXPR_CAST, at);
    expr->is_try = parser_is(p, "TRY_CAST");
    p->next += 2;
    if (!expr_add(p, expr, parse_expr(p)) || !parser_expect(p, "AS") || !(expr->type = parse_type(p, expr->at)))
        return NULL;
    return parser_expect(p, ")") ? expr : NULL;
}

static struct expr *extract(struct parser *p, size_t at)
{
    p->next += 2;
    struct expr *expr = expr_new(p, EXPR_EXTRACT, at);
    if (!(expr->name = parser_name(p)) || !parser_expect(p, "FROM") || !expr_add(p, expr, parse_expr(p)))
        return NULL;
    expr->name = dialect_lower(p->arena, expr->name);
    return parser_expect(p, ")") ? expr : NULL;
}

static struct expr *position(struct parser *p, size_t at)
{
    p->next += 2;
    struct expr *expr = expr_call(p, "strpos", at), *needle = parse_value_expr(p);
    if (!expr || !needle || !parser_expect(p, "IN") || !expr_add(p, expr, parse_value_expr(p)) ||
        !expr_add(p, expr, needle))
        return NULL;
    return parser_expect(p, ")") ? expr : NULL;
}

static struct expr *substring(struct parser *p, size_t at)
{
    p->next += 2;
    struct expr *expr = expr_call(p, "substring", at);
    if (!expr || !expr_add(p, expr, parse_expr(p)))
        return NULL;
    bool words = parser_accept(p, "FROM");
    if (!words && !parser_expect(p, ","))
        return NULL;
    if (!expr_add(p, expr, parse_expr(p)))
        return NULL;
    if (parser_accept(p, words ? "FOR" : ",") && !expr_add(p, expr, parse_expr(p)))
        return NULL;
    return parser_expect(p, ")") ? expr : NULL;
}

static struct expr *string_expr(struct parser *p, const char *text, size_t at)
{
    struct expr *expr = expr_new(p, EXPR_STRING, at);
    if (expr)
        expr->name = text;
    return expr;
}

/* TRIM([LEADING|TRAILING|BOTH] [chars] FROM x) and trim(x [, chars]) */
static struct expr *trim(struct parser *p, size_t at)
{
    const char *name = "trim";
    p->next += 2;
    bool words = parser_is(p, "LEADING") || parser_is(p, "TRAILING") || parser_is(p, "BOTH");
    if (words) {
        name = parser_is(p, "LEADING") ? "ltrim" : parser_is(p, "TRAILING") ? "rtrim" : "trim";
        p->next++;
    }
    struct expr *expr = expr_call(p, name, at);
    struct expr *first = words && parser_is(p, "FROM") ? NULL : parse_expr(p);
    if (!expr || p->err->code != ERR_OK)
        return NULL;
    if (parser_accept(p, "FROM")) {
        if (!expr_add(p, expr, parse_expr(p)) || (first && !expr_add(p, expr, first)))
            return NULL;
    } else {
        if (!expr_add(p, expr, first) || (parser_accept(p, ",") && !expr_add(p, expr, parse_expr(p))))
            return NULL;
    }
    return parser_expect(p, ")") ? expr : NULL;
}

static struct expr *normalize(struct parser *p, size_t at)
{
    p->next += 2;
    struct expr *expr = expr_call(p, "normalize", at);
    if (!expr || !expr_add(p, expr, parse_expr(p)))
        return NULL;
    const char *form = parser_accept(p, ",") ? parser_name(p) : "NFC";
    if (!form || !expr_add(p, expr, string_expr(p, form, at)))
        return NULL;
    return parser_expect(p, ")") ? expr : NULL;
}

static struct expr *grouping(struct parser *p, size_t at)
{
    p->next += 2;
    struct expr *expr = expr_new(p, EXPR_GROUPING, at);
    do {
        if (!expr || !expr_add(p, expr, parse_expr(p)))
            return NULL;
    } while (parser_accept(p, ","));
    return parser_expect(p, ")") ? expr : NULL;
}

static struct expr *try_form(struct parser *p, size_t at)
{
    p->next += 2;
    struct expr *expr = expr_call(p, "try", at);
    return expr && expr_add(p, expr, parse_expr(p)) && parser_expect(p, ")") ? expr : NULL;
}

static struct expr *json(struct parser *p, size_t at)
{
    (void)at;
    return parse_json_form(p);
}

struct expr *parse_special_form(struct parser *p)
{
    static const struct {
        const char *word;
        struct expr *(*parse)(struct parser *p, size_t at);
    } forms[] = {{.word = "CAST", .parse = cast},
                 {.word = "TRY_CAST", .parse = cast},
                 {.word = "EXTRACT", .parse = extract},
                 {.word = "POSITION", .parse = position},
                 {.word = "SUBSTRING", .parse = substring},
                 {.word = "TRIM", .parse = trim},
                 {.word = "NORMALIZE", .parse = normalize},
                 {.word = "GROUPING", .parse = grouping},
                 {.word = "TRY", .parse = try_form},
                 {.word = "JSON_VALUE", .parse = json},
                 {.word = "JSON_QUERY", .parse = json},
                 {.word = "JSON_EXISTS", .parse = json},
                 {.word = "JSON_OBJECT", .parse = parse_json_make},
                 {.word = "JSON_ARRAY", .parse = parse_json_make}};
    if (!parser_is_at(p, 1, "("))
        return NULL;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (parser_is(p, forms[i].word))
            return forms[i].parse(p, parser_peek(p, 0)->at);
    return NULL;
}

/* --- SQL/JSON --- */
static bool json_returning(struct parser *p, struct json_behaviour *json)
{
    if (parser_accept(p, "RETURNING") && !(json->returning = parse_type(p, parser_peek(p, 0)->at)))
        return false;
    if (parser_accept_words(p, "FORMAT JSON"))
        return true;
    return true;
}

static bool json_on(struct parser *p, struct json_behaviour *json)
{
    static const char *const words[] = {"EMPTY ARRAY", "EMPTY OBJECT", "NULL",  "ERROR",  "TRUE",
                                        "FALSE",       "UNKNOWN",      "EMPTY", "DEFAULT"};
    for (int round = 0; round < 2; round++) {
        const char *word = NULL;
        struct expr *value = NULL;
        for (size_t i = 0; i < sizeof words / sizeof *words && !word; i++)
            if (parser_accept_words(p, words[i]))
                word = words[i];
        if (!word)
            return true;
        if (strcmp(word, "DEFAULT") == 0 && !(value = parse_value_expr(p)))
            return false;
        if (!parser_expect(p, "ON"))
            return false;
        bool empty = parser_accept(p, "EMPTY");
        if (!empty && !parser_expect(p, "ERROR"))
            return false;
        *(empty ? &json->on_empty : &json->on_error) = word;
        *(empty ? &json->empty_value : &json->error_value) = value;
    }
    return true;
}

static bool json_wrapper(struct parser *p, struct json_behaviour *json)
{
    if (parser_accept(p, "WITHOUT")) {
        parser_accept(p, "ARRAY");
        return parser_expect(p, "WRAPPER");
    }
    if (parser_accept(p, "WITH")) {
        json->wrapper = parser_accept(p, "CONDITIONAL") ? "CONDITIONAL" : "WITH";
        parser_accept(p, "UNCONDITIONAL");
        parser_accept(p, "ARRAY");
        if (!parser_expect(p, "WRAPPER"))
            return false;
    }
    if (parser_accept(p, "KEEP"))
        return parser_expect(p, "QUOTES");
    if (parser_accept(p, "OMIT")) {
        json->omit_quotes = true;
        return parser_expect(p, "QUOTES");
    }
    return true;
}

struct expr *parse_json_form(struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    struct expr *expr = expr_new(p, EXPR_JSON, item->at);
    struct json_behaviour *behaviour = ARENA_NEW(p->arena, struct json_behaviour);
    if (!expr || !behaviour)
        return NULL;
    expr->json = behaviour;
    expr->name = dialect_lower(p->arena, lexeme_text(p, item));
    p->next += 2;
    if (!expr_add(p, expr, parse_expr(p)))
        return NULL;
    parser_accept_words(p, "FORMAT JSON");
    if (!parser_expect(p, ","))
        return NULL;
    const char *path = parser_string(p);
    if (!path || !expr_add(p, expr, string_expr(p, path, item->at)))
        return NULL;
    if (parser_is(p, "PASSING")) {
        dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, parser_peek(p, 0)->at, "PASSING of %s is not supported",
                        expr->name);
        return NULL;
    }
    if (!json_returning(p, behaviour) || !json_wrapper(p, behaviour) || !json_on(p, behaviour))
        return NULL;
    return parser_expect(p, ")") ? expr : NULL;
}
