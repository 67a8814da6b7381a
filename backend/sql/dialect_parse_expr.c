/* Expressions of Trino's grammar: operators by precedence, primaries, subscripts and fields. Calls and the forms with
 * words inside (CAST, EXTRACT ...) are in dialect_parse_call.c. Source: Trino's SqlBase grammar. */
#include "backend/sql/dialect_parse.h"
#include "backend/sql/dialect_type.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- nodes --- */
struct expr *expr_new(struct parser *p, enum expr_kind kind, size_t at)
{
    struct expr *expr = ARENA_NEW(p->arena, struct expr);
    if (!expr) {
        dialect_fail(p->err, "QUERY_TOO_LARGE", "the statement is too large");
        return NULL;
    }
    expr->kind = kind;
    expr->at = at;
    return expr;
}

struct expr *expr_call(struct parser *p, const char *name, size_t at)
{
    struct expr *expr = expr_new(p, EXPR_CALL, at);
    if (expr) {
        expr->name = name;
        expr->call = ARENA_NEW(p->arena, struct call);
    }
    return expr && expr->call ? expr : NULL;
}

bool expr_add(struct parser *p, struct expr *expr, struct expr *arg)
{
    size_t cap = 4;
    while (cap < expr->count)
        cap *= 2;
    if (!expr->args)
        cap = 0;
    if (!arg)
        return false;
    if (cap == 0) {
        expr->args = ARENA_ARRAY(p->arena, struct expr *, 4);
        if (!expr->args)
            return dialect_fail(p->err, "QUERY_TOO_LARGE", "the statement is too large");
    } else if (expr->count == cap) {
        struct expr **args = ARENA_ARRAY(p->arena, struct expr *, cap * 2);
        if (!args)
            return dialect_fail(p->err, "QUERY_TOO_LARGE", "the statement is too large");
        memcpy(args, expr->args, expr->count * sizeof *args);
        expr->args = args;
    }
    expr->args[expr->count++] = arg;
    return true;
}

static struct expr *binary(struct parser *p, enum expr_kind kind, const char *op, size_t at, struct expr *left,
                           struct expr *right)
{
    struct expr *expr = left && right ? expr_new(p, kind, at) : NULL;
    if (!expr || !expr_add(p, expr, left) || !expr_add(p, expr, right))
        return NULL;
    expr->name = op;
    return expr;
}

static struct expr *unary(struct parser *p, enum expr_kind kind, size_t at, struct expr *arg)
{
    struct expr *expr = arg ? expr_new(p, kind, at) : NULL;
    return expr && expr_add(p, expr, arg) ? expr : NULL;
}

/* --- types --- */
static bool skip_type(struct parser *p)
{
    if (!parser_is_name(p) && parser_peek(p, 0)->kind != TOKEN_KEYWORD)
        return parser_mismatch(p, "<type>");
    p->next++;
    if (parser_is(p, "(") || parser_is(p, "<")) {
        int depth = 0;
        do {
            if (parser_at_end(p))
                return parser_mismatch(p, "')'");
            depth += parser_is(p, "(") || parser_is(p, "<");
            depth -= parser_is(p, ")") || parser_is(p, ">");
            p->next++;
        } while (depth > 0);
    }
    if (parser_accept_words(p, "PRECISION") || parser_accept_words(p, "DAY TO SECOND") ||
        parser_accept_words(p, "YEAR TO MONTH"))
        return true;
    if (!parser_accept_words(p, "WITH TIME ZONE"))
        parser_accept_words(p, "WITHOUT TIME ZONE");
    return true;
}

const char *parse_type_text(struct parser *p)
{
    size_t start = p->next;
    return skip_type(p) ? parser_text(p, start, p->next) : NULL;
}

/* Types that Trino has and we do not. */
static bool is_foreign(const char *text)
{
    static const char *const names[] = {"ipaddress", "ipprefix",  "hyperloglog", "p4hyperloglog", "qdigest",
                                        "tdigest",   "setdigest", "geometry",    "bingtile",      "sphericalgeography",
                                        "color",     "time",      "classifier",  "regressor"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncasecmp(text, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

const struct type *parse_type(struct parser *p, size_t at)
{
    static const char *const only_hive[] = {"string", "float", "binary", "struct"};
    const struct lexeme *first = parser_peek(p, 0);
    const char *text = parse_type_text(p);
    const struct type *type = text ? type_parse(p->arena, text) : NULL;
    for (size_t i = 0; type && i < sizeof only_hive / sizeof *only_hive; i++)
        if (first->len == strlen(only_hive[i]) && strncasecmp(first->text, only_hive[i], first->len) == 0)
            type = NULL;
    if (text && !type && is_foreign(text))
        dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, first->at, "the type %.80s is not supported", text);
    else if (text && !type)
        dialect_fail_at(p->err, "TYPE_MISMATCH", p->sql, at, "Unknown type: %.80s", text);
    return type;
}

/* --- primaries --- */
static struct expr *literal(struct parser *p, enum expr_kind kind)
{
    const struct lexeme *item = parser_peek(p, 0);
    struct expr *expr = expr_new(p, kind, item->at);
    if (expr)
        expr->name = lexeme_value(p, item);
    p->next++;
    return expr;
}

static struct expr *parameter(struct parser *p)
{
    struct expr *expr = literal(p, EXPR_PARAMETER);
    if (expr)
        expr->index = p->parameters++;
    return expr;
}

/* INTERVAL [+-] '3' DAY [TO SECOND]: args none; name is the text, type says which family, is_negated the sign. */
static struct expr *interval(struct parser *p)
{
    static const char *const units[] = {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"};
    struct expr *expr = expr_new(p, EXPR_INTERVAL, parser_peek(p, 0)->at);
    p->next++;
    if (!expr)
        return NULL;
    expr->is_negated = parser_accept(p, "-");
    if (!expr->is_negated)
        parser_accept(p, "+");
    const char *value = parser_string(p);
    if (!value)
        return NULL;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (parser_accept(p, units[i])) {
            expr->name = value;
            expr->index = (int)i;
            expr->type = type_simple(i < 2 ? BASE_INTERVAL_YEAR : BASE_INTERVAL_DAY);
            if (parser_accept(p, "TO")) {
                const char *to = parser_name(p);
                if (!to)
                    return NULL;
                expr->is_try = true; /* compound: '1 02:03:04' */
            }
            return expr;
        }
    parser_mismatch(p, "'DAY', 'HOUR', 'MINUTE', 'MONTH', 'SECOND', 'YEAR'");
    return NULL;
}

static struct expr *subquery(struct parser *p, enum expr_kind kind, size_t at)
{
    struct expr *expr = parser_expect(p, "(") ? expr_new(p, kind, at) : NULL;
    if (!expr || !(expr->query = parse_query(p)) || !parser_expect(p, ")"))
        return NULL;
    return expr;
}

/* (x, y) -> ... or x -> ... */
static bool at_lambda(const struct parser *p)
{
    size_t ahead = 0;
    if (!parser_is(p, "("))
        return parser_is_at(p, 1, "->");
    while (!parser_is_at(p, ++ahead, ")")) {
        enum dialect_token_kind kind = parser_peek(p, ahead)->kind;
        if (parser_peek(p, ahead)->len == 0 || kind == TOKEN_STRING || kind == TOKEN_NUMBER ||
            (kind == TOKEN_OPERATOR && !parser_is_at(p, ahead, ",")))
            return false;
    }
    return parser_is_at(p, ahead + 1, "->");
}

static struct expr *lambda(struct parser *p)
{
    struct expr *expr = expr_new(p, EXPR_LAMBDA, parser_peek(p, 0)->at);
    size_t cap = 0;
    bool many = parser_accept(p, "(");
    while (expr && !(many && parser_is(p, ")"))) {
        const char *name = parser_name(p);
        expr->lambda_names = arena_grow(p->arena, expr->lambda_names, expr->lambda_count, &cap, sizeof(char *));
        if (!name || !expr->lambda_names)
            return NULL;
        expr->lambda_names[expr->lambda_count++] = name;
        if (!many || !parser_accept(p, ","))
            break;
    }
    if (!expr || (many && !parser_expect(p, ")")) || !parser_expect(p, "->"))
        return NULL;
    return expr_add(p, expr, parse_expr(p)) ? expr : NULL;
}

static struct expr *expr_list(struct parser *p, enum expr_kind kind, size_t at, const char *close)
{
    struct expr *expr = expr_new(p, kind, at);
    if (!expr || parser_accept(p, close))
        return expr;
    do {
        if (!expr_add(p, expr, parse_expr(p)))
            return NULL;
    } while (parser_accept(p, ","));
    return parser_expect(p, close) ? expr : NULL;
}

static struct expr *parenthesised(struct parser *p)
{
    size_t at = parser_peek(p, 0)->at;
    if (parser_at_query(p))
        return subquery(p, EXPR_SUBQUERY, at);
    p->next++;
    struct expr *row = expr_list(p, EXPR_ROW, at, ")");
    if (row && row->count == 0) {
        p->next--;
        parser_mismatch(p, "<expression>");
        return NULL;
    }
    return row && row->count == 1 ? row->args[0] : row;
}

static struct expr *case_form(struct parser *p)
{
    struct expr *expr = expr_new(p, EXPR_CASE, parser_peek(p, 0)->at);
    p->next++;
    if (!expr)
        return NULL;
    /* args: [operand] when, then, when, then ... [else]; index bit 0: operand, bit 1: else */
    if (!parser_is(p, "WHEN")) {
        expr->index |= 1;
        if (!expr_add(p, expr, parse_expr(p)))
            return NULL;
    }
    if (!parser_is(p, "WHEN"))
        return parser_mismatch(p, "'WHEN'"), NULL;
    while (parser_accept(p, "WHEN"))
        if (!expr_add(p, expr, parse_expr(p)) || !parser_expect(p, "THEN") || !expr_add(p, expr, parse_expr(p)))
            return NULL;
    if (parser_accept(p, "ELSE")) {
        expr->index |= 2;
        if (!expr_add(p, expr, parse_expr(p)))
            return NULL;
    }
    return parser_expect(p, "END") ? expr : NULL;
}

static bool is_special(const struct parser *p)
{
    static const char *const words[] = {"CURRENT_DATE",   "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME",
                                        "LOCALTIMESTAMP", "CURRENT_USER", "CURRENT_CATALOG",   "CURRENT_SCHEMA"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (parser_is(p, words[i]))
            return true;
    return false;
}

static struct expr *special(struct parser *p)
{
    struct expr *expr = literal(p, EXPR_SPECIAL);
    if (expr && parser_accept(p, "(")) { /* CURRENT_TIMESTAMP(3) */
        p->next++;
        if (!parser_expect(p, ")"))
            return NULL;
    }
    return expr;
}

/* date '...', timestamp '...', decimal '...', json '...', and any other type before a string */
static struct expr *typed_literal(struct parser *p)
{
    size_t ahead = parser_is_at(p, 0, "DOUBLE") && parser_is_at(p, 1, "PRECISION") ? 2 : 1;
    const struct lexeme *name = parser_peek(p, 0), *text = parser_peek(p, ahead);
    if (text->kind != TOKEN_STRING || name->kind == TOKEN_QUOTED_NAME || !parser_is_name(p))
        return NULL;
    struct expr *expr = expr_new(p, EXPR_TYPED, name->at);
    if (!expr)
        return NULL;
    expr->type = type_parse(p->arena, lexeme_text(p, name));
    if (!expr->type) {
        dialect_fail_at(p->err, is_foreign(lexeme_text(p, name)) ? "NOT_SUPPORTED" : "TYPE_NOT_FOUND", p->sql, name->at,
                        "Unknown type: %.80s", lexeme_text(p, name));
        return NULL;
    }
    expr->name = lexeme_value(p, text);
    p->next += ahead + 1;
    return expr;
}

static struct expr *name_or_call(struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    if (parser_is_at(p, 1, "("))
        return parse_call(p);
    struct expr *expr = parser_is_name(p) ? expr_new(p, EXPR_NAME, item->at) : NULL;
    if (!expr) {
        parser_mismatch(p, "<expression>");
        return NULL;
    }
    expr->is_quoted = item->kind == TOKEN_QUOTED_NAME;
    expr->name = parser_name(p);
    return expr->name ? expr : NULL;
}

static struct expr *word_form(struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    size_t at = item->at;
    if (parser_is(p, "NULL"))
        return literal(p, EXPR_NULL);
    if (parser_is(p, "TRUE") || parser_is(p, "FALSE"))
        return literal(p, EXPR_BOOLEAN);
    if (parser_is(p, "CASE"))
        return case_form(p);
    if (parser_is(p, "INTERVAL") &&
        (parser_peek(p, 1)->kind == TOKEN_STRING || parser_is_at(p, 1, "-") || parser_is_at(p, 1, "+")))
        return interval(p);
    if (parser_is(p, "EXISTS")) {
        p->next++;
        return subquery(p, EXPR_EXISTS, at);
    }
    if (parser_is(p, "ARRAY") && parser_is_at(p, 1, "[")) {
        p->next += 2;
        return expr_list(p, EXPR_ARRAY, at, "]");
    }
    if (parser_is(p, "ROW") && parser_is_at(p, 1, "(")) {
        p->next += 2;
        return expr_list(p, EXPR_ROW, at, ")");
    }
    if (is_special(p))
        return special(p);
    size_t before = p->next;
    struct expr *expr = parse_special_form(p);
    if (expr || p->err->code != ERR_OK || p->next != before)
        return expr;
    expr = typed_literal(p);
    if (expr || p->err->code != ERR_OK)
        return expr;
    return name_or_call(p);
}

static struct expr *atom(struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    if (at_lambda(p))
        return lambda(p);
    if (item->kind == TOKEN_NUMBER)
        return literal(p, EXPR_NUMBER);
    if (item->kind == TOKEN_STRING)
        return literal(p, *item->text == 'x' || *item->text == 'X' ? EXPR_BINARY : EXPR_STRING);
    if (item->kind == TOKEN_PARAMETER)
        return parameter(p);
    if (parser_is(p, "("))
        return parenthesised(p);
    if (item->kind == TOKEN_QUOTED_NAME)
        return name_or_call(p);
    if (item->kind == TOKEN_KEYWORD || item->kind == TOKEN_NAME || item->kind == TOKEN_FUNCTION)
        return word_form(p);
    parser_mismatch(p, "<expression>");
    return NULL;
}

struct expr *parse_primary(struct parser *p)
{
    struct expr *expr = atom(p);
    while (expr) {
        size_t at = parser_peek(p, 0)->at;
        if (parser_accept(p, "[")) {
            struct expr *base = expr;
            expr = binary(p, EXPR_SUBSCRIPT, "[", base->at, base, parse_expr(p));
            if (expr && !parser_expect(p, "]"))
                return NULL;
        } else if (parser_is(p, ".") && parser_peek(p, 1)->kind != TOKEN_OPERATOR) {
            p->next++;
            const struct lexeme *name = parser_peek(p, 0);
            struct expr *base = expr;
            expr = unary(p, EXPR_FIELD, base->at, base);
            if (!expr || !(expr->name = parser_name(p)))
                return NULL;
            expr->is_quoted = name->kind == TOKEN_QUOTED_NAME;
        } else if (parser_accept_words(p, "AT TIME ZONE")) {
            struct expr *base = expr;
            expr = binary(p, EXPR_AT_ZONE, "AT TIME ZONE", at, base, parse_primary(p));
        } else {
            return expr;
        }
        if (expr && expr->kind != EXPR_AT_ZONE && ++p->depth > DIALECT_DEPTH_MAX + 400) {
            dialect_fail_at(p->err, "STACK_OVERFLOW", p->sql, at, "statement is too large (too many subscripts)");
            return NULL;
        }
    }
    return NULL;
}

/* --- operators --- */
static struct expr *parse_unary(struct parser *p)
{
    size_t at = parser_peek(p, 0)->at;
    if (!parser_is(p, "-") && !parser_is(p, "+"))
        return parse_primary(p);
    bool negative = parser_is(p, "-");
    p->next++;
    if (!parser_enter(p))
        return NULL;
    struct expr *arg = parse_unary(p);
    parser_leave(p);
    return negative ? unary(p, EXPR_NEGATE, at, arg) : arg;
}

/* One level of left-associative operators; a long chain only deepens the tree to the left. */
static struct expr *chain(struct parser *p, const char *const *ops, struct expr *(*next)(struct parser *))
{
    enum { CHAIN_MAX = 2000 };
    struct expr *left = next(p);
    for (size_t length = 0; left; length++) {
        const char *op = NULL;
        size_t at = parser_peek(p, 0)->at;
        for (size_t i = 0; ops[i] && !op; i++)
            if (parser_accept(p, ops[i]))
                op = ops[i];
        if (!op)
            return left;
        if (length > CHAIN_MAX) {
            dialect_fail_at(p->err, "STACK_OVERFLOW", p->sql, at, "statement is too large (%d operators in a row)",
                            CHAIN_MAX);
            return NULL;
        }
        left = binary(p, EXPR_ARITHMETIC, op, at, left, next(p));
    }
    return NULL;
}

static struct expr *parse_factor(struct parser *p)
{
    static const char *const ops[] = {"*", "/", "%", NULL};
    return chain(p, ops, parse_unary);
}

static struct expr *parse_sum(struct parser *p)
{
    static const char *const ops[] = {"+", "-", NULL};
    return chain(p, ops, parse_factor);
}

struct expr *parse_value_expr(struct parser *p)
{
    struct expr *left = parse_sum(p);
    if (!left || !parser_is(p, "||"))
        return left;
    struct expr *all = expr_new(p, EXPR_CONCAT, left->at);
    if (!all || !expr_add(p, all, left))
        return NULL;
    while (parser_accept(p, "||"))
        if (!expr_add(p, all, parse_sum(p)))
            return NULL;
    return all;
}

static struct expr *compare(struct parser *p, struct expr *left, const char *op, size_t at)
{
    bool all = parser_is(p, "ALL");
    if ((all || parser_is(p, "ANY") || parser_is(p, "SOME")) && parser_is_at(p, 1, "(")) {
        p->next++;
        struct expr *query = subquery(p, EXPR_SUBQUERY, at);
        struct expr *expr = binary(p, EXPR_QUANTIFIED, op, at, left, query);
        if (expr)
            expr->is_try = all; /* ALL, not ANY */
        return expr;
    }
    return binary(p, EXPR_COMPARE, op, at, left, parse_value_expr(p));
}

static struct expr *in_form(struct parser *p, struct expr *left, size_t at)
{
    if (parser_at_query(p)) {
        struct expr *query = subquery(p, EXPR_SUBQUERY, at);
        return binary(p, EXPR_IN_QUERY, "IN", at, left, query);
    }
    if (!parser_expect(p, "("))
        return NULL;
    struct expr *list = expr_list(p, EXPR_IN_LIST, at, ")");
    if (list && list->count == 0) {
        p->next--;
        parser_mismatch(p, "<expression>");
        return NULL;
    }
    struct expr *expr = list ? expr_new(p, EXPR_IN_LIST, at) : NULL;
    bool ok = expr && expr_add(p, expr, left);
    for (size_t i = 0; ok && i < list->count; i++)
        ok = expr_add(p, expr, list->args[i]);
    return ok ? expr : NULL;
}

static struct expr *is_form(struct parser *p, struct expr *left, size_t at, bool *negated)
{
    *negated = parser_accept(p, "NOT");
    if (parser_accept(p, "NULL"))
        return unary(p, EXPR_IS_NULL, at, left);
    if (!parser_accept_words(p, "DISTINCT FROM")) {
        parser_mismatch(p, "'DISTINCT', 'NOT', 'NULL'");
        return NULL;
    }
    return binary(p, EXPR_DISTINCT_FROM, "IS", at, left, parse_value_expr(p));
}

static struct expr *between(struct parser *p, struct expr *left, size_t at)
{
    struct expr *low = parse_value_expr(p);
    struct expr *expr = low && parser_expect(p, "AND") ? binary(p, EXPR_BETWEEN, "BETWEEN", at, left, low) : NULL;
    return expr && expr_add(p, expr, parse_value_expr(p)) ? expr : NULL;
}

static struct expr *like(struct parser *p, struct expr *left, size_t at)
{
    struct expr *expr = binary(p, EXPR_LIKE, "LIKE", at, left, parse_value_expr(p));
    if (expr && parser_accept(p, "ESCAPE") && !expr_add(p, expr, parse_value_expr(p)))
        return NULL;
    return expr;
}

static struct expr *predicate(struct parser *p, struct expr *left, bool *found)
{
    static const char *const ops[] = {"=", "<>", "!=", "<=", ">=", "<", ">"};
    size_t at = parser_peek(p, 0)->at;
    struct expr *expr = NULL;
    *found = true;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (parser_accept(p, ops[i]))
            return compare(p, left, ops[i][0] == '!' ? "<>" : ops[i], at);
    if (parser_accept(p, "IS")) {
        bool negated;
        expr = is_form(p, left, at, &negated);
        if (expr)
            expr->is_negated = negated;
        return expr;
    }
    bool negated = parser_is(p, "NOT") &&
                   (parser_is_at(p, 1, "IN") || parser_is_at(p, 1, "BETWEEN") || parser_is_at(p, 1, "LIKE"));
    p->next += negated;
    if (parser_accept(p, "IN"))
        expr = in_form(p, left, at);
    else if (parser_accept(p, "BETWEEN"))
        expr = between(p, left, at);
    else if (parser_accept(p, "LIKE"))
        expr = like(p, left, at);
    else
        *found = false;
    if (expr)
        expr->is_negated = negated;
    return *found ? expr : left;
}

static struct expr *parse_predicate(struct parser *p)
{
    struct expr *left = parse_value_expr(p);
    bool found = true;
    while (left && found)
        left = predicate(p, left, &found);
    return left;
}

static struct expr *parse_not(struct parser *p)
{
    size_t at = parser_peek(p, 0)->at;
    if (!parser_accept(p, "NOT"))
        return parse_predicate(p);
    if (!parser_enter(p))
        return NULL;
    struct expr *expr = unary(p, EXPR_NOT, at, parse_not(p));
    parser_leave(p);
    return expr;
}

/* a AND b AND c becomes one node: a long chain is no deep tree. */
static struct expr *logical(struct parser *p, const char *word, enum expr_kind kind,
                            struct expr *(*next)(struct parser *))
{
    struct expr *left = next(p);
    if (!left || !parser_is(p, word))
        return left;
    struct expr *all = expr_new(p, kind, left->at);
    if (!all || !expr_add(p, all, left))
        return NULL;
    while (parser_accept(p, word))
        if (!expr_add(p, all, next(p)))
            return NULL;
    return all;
}

static struct expr *parse_and(struct parser *p)
{
    return logical(p, "AND", EXPR_AND, parse_not);
}

struct expr *parse_expr(struct parser *p)
{
    int depth = p->depth;
    if (!parser_enter(p))
        return NULL;
    struct expr *expr = logical(p, "OR", EXPR_OR, parse_and);
    p->depth = depth;
    return expr;
}
