/* Expressions that are no calls: operators, predicates, constructors, subqueries. Types are known for every
 * part, so what Trino's analyser refuses is refused here, before the engine runs. Source: Trino documentation,
 * "Functions and operators". */
#include "backend/sql/dialect_query.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct value translate_fn(struct tr *tr, const struct expr *expr, const struct scope *scope);

static struct value mismatch(struct tr *tr, const char *op, struct value left, struct value right, size_t at)
{
    return tr_fail(tr, "TYPE_MISMATCH", at, "Cannot apply operator: %s %s %s", type_trino(tr->arena, left.type), op,
                   type_trino(tr->arena, right.type));
}

/* --- arithmetic --- */
static bool is_zero_free(const char *sql)
{
    if (*sql == '(')
        sql++;
    if (*sql == '-')
        sql++;
    return *sql >= '1' && *sql <= '9' &&
           (sql[strspn(sql, "0123456789")] == '\0' || sql[strspn(sql, "0123456789")] == ')');
}

static const char *not_zero(struct tr *tr, const char *sql)
{
    return is_zero_free(sql) ? sql : arena_printf(tr->arena, "weir_not_zero(%s)", sql);
}

/* The whole number x * 10^scale, and back. */
static const char *unscaled(struct tr *tr, struct value value, int scale)
{
    int precision, own;
    type_as_decimal(value.type, &precision, &own);
    if (scale == 0)
        return arena_printf(tr->arena, "CAST(CAST(%s AS DECIMAL(%d,%d)) AS HUGEINT)", value.sql, precision, own);
    return arena_printf(tr->arena, "CAST(CAST(%s AS DECIMAL(%d,%d)) * CAST('1%0*d' AS DECIMAL(%d,0)) AS HUGEINT)",
                        value.sql, precision, own, scale, 0, scale + 1);
}

static const char *scaled(struct tr *tr, const char *whole, const struct type *type)
{
    if (type->scale == 0)
        return arena_printf(tr->arena, "CAST(%s AS %s)", whole, type_duck(tr->arena, type));
    return arena_printf(tr->arena, "CAST(CAST(%s AS DECIMAL(%d,0)) * CAST('0.%0*d' AS DECIMAL(%d,%d)) AS %s)", whole,
                        38 - type->scale, type->scale, 1, type->scale, type->scale, type_duck(tr->arena, type));
}

/* decimal(p,s) op decimal(p,s): Trino documentation, "Decimal functions and operators"; division rounds half up. */
static struct value decimal_arithmetic(struct tr *tr, char op, struct value left, struct value right)
{
    int p1, s1, p2, s2;
    type_as_decimal(left.type, &p1, &s1);
    type_as_decimal(right.type, &p2, &s2);
    int scale = s1 > s2 ? s1 : s2, whole = p1 - s1 > p2 - s2 ? p1 - s1 : p2 - s2;
    const char *a = type_duck(tr->arena, type_decimal(tr->arena, p1, s1));
    const char *b = type_duck(tr->arena, type_decimal(tr->arena, p2, s2));
    if (op == '*')
        return tr_value(tr, type_decimal(tr->arena, p1 + p2, s1 + s2), "(CAST(%s AS %s) * CAST(%s AS %s))", left.sql, a,
                        right.sql, b);
    if (op == '+' || op == '-')
        return tr_value(tr, type_decimal(tr->arena, whole + scale + 1, scale), "(CAST(%s AS %s) %c CAST(%s AS %s))",
                        left.sql, a, op, right.sql, b);
    if (op == '%') {
        int least = p1 - s1 < p2 - s2 ? p1 - s1 : p2 - s2;
        const struct type *type = type_decimal(tr->arena, least + scale, scale);
        return tr_value(tr, type, "%s",
                        scaled(tr,
                               arena_printf(tr->arena, "(%s %% weir_not_zero_huge(%s))", unscaled(tr, left, scale),
                                            unscaled(tr, right, scale)),
                               type));
    }
    const struct type *type = type_decimal(tr->arena, p1 + s2 + (s2 > s1 ? s2 - s1 : 0), scale);
    return tr_value(
        tr, type, "%s",
        scaled(tr,
               arena_printf(tr->arena, "weir_divide(%s, %s)", unscaled(tr, left, scale + s2), unscaled(tr, right, s2)),
               type));
}

static struct value number_arithmetic(struct tr *tr, char op, struct value left, struct value right)
{
    const struct type *type = type_common(tr->arena, left.type, right.type);
    if (type->base == BASE_DECIMAL)
        return decimal_arithmetic(tr, op, left, right);
    const char *duck = type_duck(tr->arena, type);
    if (type_is_integer(type) && (op == '/' || op == '%'))
        return tr_value(tr, type, "CAST((%s %s %s) AS %s)", left.sql, op == '/' ? "//" : "%", not_zero(tr, right.sql),
                        duck);
    if (type_is_integer(type) && type->base >= BASE_INTEGER && type_equal(left.type, right.type))
        return tr_value(tr, type, "(%s %c %s)", left.sql, op, right.sql);
    return tr_value(tr, type, "(CAST(%s AS %s) %c CAST(%s AS %s))", left.sql, duck, op, right.sql, duck);
}

static bool is_interval(const struct type *type)
{
    return type->base == BASE_INTERVAL_DAY || type->base == BASE_INTERVAL_YEAR;
}

static struct value time_arithmetic(struct tr *tr, const char *op, struct value left, struct value right, size_t at)
{
    bool plus = *op == '+', minus = *op == '-';
    if (plus && is_interval(left.type) && !is_interval(right.type))
        return time_arithmetic(tr, op, right, left, at);
    if ((plus || minus) && is_interval(right.type)) {
        if (left.type->base == BASE_DATE)
            return tr_value(tr, left.type, "CAST((%s %s %s(%s)) AS DATE)", left.sql, op,
                            right.type->base != BASE_INTERVAL_DAY ? ""
                            : plus                                ? "weir_add_days"
                                                                  : "weir_subtract_days",
                            right.sql);
        if (left.type->base == BASE_TIMESTAMP || left.type->base == BASE_TIMESTAMP_TZ || left.type->base == BASE_TIME ||
            left.type->base == right.type->base)
            return tr_value(tr, left.type, "(%s %s %s)", left.sql, op, right.sql);
    }
    if (minus && left.type->base == BASE_DATE && right.type->base == BASE_DATE)
        return tr_value(tr, type_simple(BASE_INTERVAL_DAY), "to_days(CAST((%s - %s) AS INTEGER))", left.sql, right.sql);
    if (minus && type_is_datetime(left.type) && type_is_datetime(right.type))
        return tr_value(tr, type_simple(BASE_INTERVAL_DAY), "(%s - %s)", left.sql, right.sql);
    if (*op == '*' && is_interval(left.type) && type_is_integer(right.type))
        return tr_value(tr, left.type, "(%s * %s)", left.sql, right.sql);
    if (*op == '*' && is_interval(right.type) && type_is_integer(left.type))
        return tr_value(tr, right.type, "(%s * %s)", right.sql, left.sql);
    if (*op == '/' && is_interval(left.type) && type_is_integer(right.type))
        return tr_value(tr, left.type, "(%s / %s)", left.sql, not_zero(tr, right.sql));
    return mismatch(tr, op, left, right, at);
}

struct value tr_arithmetic(struct tr *tr, const char *op, struct value left, struct value right, size_t at)
{
    bool unknown = left.type->base == BASE_UNKNOWN || right.type->base == BASE_UNKNOWN;
    if (unknown) {
        const struct type *type = left.type->base == BASE_UNKNOWN ? right.type : left.type;
        return tr_value(tr, type, "CAST(NULL AS %s)", type_duck(tr->arena, type));
    }
    if (type_is_number(left.type) && type_is_number(right.type))
        return number_arithmetic(tr, *op, left, right);
    if (type_is_text(left.type) || type_is_text(right.type) || left.type->base == BASE_BOOLEAN)
        return mismatch(tr, op, left, right, at);
    return time_arithmetic(tr, op, left, right, at);
}

static struct value arithmetic(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value left = tr_expr(tr, expr->args[0], scope);
    struct value right = left.sql ? tr_expr(tr, expr->args[1], scope) : left;
    return right.sql ? tr_arithmetic(tr, expr->name, left, right, expr->at) : right;
}

static struct value negate(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct expr *arg = expr->args[0];
    if (arg->kind == EXPR_NUMBER)
        return tr_number_text(tr, arg->name, "-", expr->at);
    struct value value = tr_expr(tr, arg, scope);
    if (value.sql && !type_is_number(value.type) && !is_interval(value.type) && value.type->base != BASE_UNKNOWN)
        return tr_fail(tr, "TYPE_MISMATCH", expr->at, "Cannot negate %s", type_trino(tr->arena, value.type));
    return value.sql ? tr_value(tr, value.type, "(-%s)", value.sql) : value;
}

/* a || b: arrays, array and element, text, binary */
static struct value concat_pair(struct tr *tr, struct value left, struct value right, size_t at)
{
    const struct type *type = type_common(tr->arena, left.type, right.type);
    bool left_list = left.type->base == BASE_ARRAY, right_list = right.type->base == BASE_ARRAY;
    if (type && type->base == BASE_ARRAY)
        return tr_value(tr, type, "(%s || %s)", left.sql, right.sql);
    if (left_list && !right_list && type_common(tr->arena, left.type->kids[0], right.type))
        return tr_value(tr, left.type, "(%s || [%s])", left.sql, right.sql);
    if (right_list && !left_list && type_common(tr->arena, right.type->kids[0], left.type))
        return tr_value(tr, right.type, "([%s] || %s)", left.sql, right.sql);
    if (type && type_is_text(type))
        return tr_value(tr, type_simple(BASE_VARCHAR), "(%s || %s)", tr_as(tr, left, type_simple(BASE_VARCHAR)),
                        tr_as(tr, right, type_simple(BASE_VARCHAR)));
    if (type && (type->base == BASE_VARBINARY || type->base == BASE_UNKNOWN))
        return tr_value(tr, type, "(%s || %s)", left.sql, right.sql);
    return tr_fail(tr, "FUNCTION_NOT_FOUND", at, "Unexpected parameters (%s, %s) for function concat",
                   type_trino(tr->arena, left.type), type_trino(tr->arena, right.type));
}

static struct value concat(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value all = tr_expr(tr, expr->args[0], scope);
    for (size_t i = 1; i < expr->count && all.sql; i++) {
        struct value next = tr_expr(tr, expr->args[i], scope);
        all = next.sql ? concat_pair(tr, all, next, expr->at) : next;
    }
    return all;
}

/* --- predicates --- */
static struct value boolean(struct tr *tr, const struct expr *expr, const struct scope *scope, const char *op)
{
    struct value value = tr_expr(tr, expr, scope);
    if (value.sql && value.type->base != BASE_BOOLEAN && value.type->base != BASE_UNKNOWN)
        return tr_fail(tr, "TYPE_MISMATCH", expr->at, "Logical expression term must evaluate to a boolean: %s in %s",
                       type_trino(tr->arena, value.type), op);
    return value;
}

static struct value logical(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const char *op = expr->kind == EXPR_AND ? " AND " : " OR ";
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    buf_putc(&out, '(');
    for (size_t i = 0; i < expr->count; i++) {
        struct value value = boolean(tr, expr->args[i], scope, op);
        if (!value.sql) {
            buf_done(&out);
            return value;
        }
        buf_printf(&out, "%s%s", i ? op : "", value.sql);
    }
    buf_putc(&out, ')');
    return (struct value){.sql = tr_take(tr, &out), .type = type_simple(BASE_BOOLEAN)};
}

static struct value not_expr(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value value = boolean(tr, expr->args[0], scope, "NOT");
    return value.sql ? tr_value(tr, type_simple(BASE_BOOLEAN), "(NOT %s)", value.sql) : value;
}

/* A number that cannot be NaN needs no test for it. */
static bool is_literal(const char *sql)
{
    sql += strncmp(sql, "CAST(", 5) == 0 ? 5 : 0;
    sql += *sql == '\'' || *sql == '(';
    sql += *sql == '-';
    return *sql >= '0' && *sql <= '9' && !strpbrk(sql, "+*/%|");
}

/* Trino's NaN equals nothing and is neither less nor greater; the engine sorts it behind every number. */
static struct value compare_doubles(struct tr *tr, const char *op, struct value left, struct value right)
{
    bool differs = strcmp(op, "<>") == 0;
    const struct value *const sides[] = {&left, &right};
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    buf_printf(&out, "(%s %s %s", left.sql, op, right.sql);
    for (size_t i = 0; i < 2; i++)
        if (!is_literal(sides[i]->sql) && (sides[i]->type->base == BASE_DOUBLE || sides[i]->type->base == BASE_REAL))
            buf_printf(&out, differs ? " OR isnan(%s)" : " AND NOT isnan(%s)", sides[i]->sql);
    buf_putc(&out, ')');
    return (struct value){.sql = tr_take(tr, &out), .type = type_simple(BASE_BOOLEAN)};
}

static struct value compare_values(struct tr *tr, const char *op, struct value left, struct value right, size_t at)
{
    const struct type *common = type_common(tr->arena, left.type, right.type);
    bool ordered = *op == '<' ? op[1] != '>' : *op == '>';
    if (!common || (ordered && (common->base == BASE_MAP || common->base == BASE_JSON)))
        return mismatch(tr, op, left, right, at);
    if (common->base == BASE_DOUBLE || common->base == BASE_REAL)
        return compare_doubles(tr, op, left, right);
    if (common->base == BASE_ARRAY && !ordered) /* NULL items make the answer NULL */
        return tr_value(tr, type_simple(BASE_BOOLEAN),
                        *op == '=' ? "weir_array_eq(%s, %s)" : "(NOT weir_array_eq(%s, %s))", left.sql, right.sql);
    return tr_value(tr, type_simple(BASE_BOOLEAN), "(%s %s %s)", left.sql, op, right.sql);
}

/* (a, b) = (c, d): field by field, since a NULL field makes the answer NULL. */
static struct value compare_rows(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct expr *left = expr->args[0], *right = expr->args[1];
    bool differs = strcmp(expr->name, "<>") == 0;
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    buf_putc(&out, '(');
    for (size_t i = 0; i < left->count; i++) {
        struct value a = tr_expr(tr, left->args[i], scope), b = a.sql ? tr_expr(tr, right->args[i], scope) : a;
        struct value same = b.sql ? compare_values(tr, expr->name, a, b, expr->at) : b;
        if (!same.sql) {
            buf_done(&out);
            return same;
        }
        buf_printf(&out, "%s%s", i == 0 ? "" : differs ? " OR " : " AND ", same.sql);
    }
    buf_putc(&out, ')');
    return (struct value){.sql = tr_take(tr, &out), .type = type_simple(BASE_BOOLEAN)};
}

static struct value compare(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct expr *const *rows = (const struct expr *const *)expr->args;
    if (rows[0]->kind == EXPR_ROW && rows[1]->kind == EXPR_ROW && rows[0]->count == rows[1]->count &&
        (*expr->name == '=' || strcmp(expr->name, "<>") == 0))
        return compare_rows(tr, expr, scope);
    struct value left = tr_expr(tr, expr->args[0], scope);
    struct value right = left.sql ? tr_expr(tr, expr->args[1], scope) : left;
    return right.sql ? compare_values(tr, expr->name, left, right, expr->at) : right;
}

static struct value distinct_from(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value left = tr_expr(tr, expr->args[0], scope);
    struct value right = left.sql ? tr_expr(tr, expr->args[1], scope) : left;
    if (!right.sql)
        return right;
    if (!type_common(tr->arena, left.type, right.type))
        return mismatch(tr, "IS DISTINCT FROM", left, right, expr->at);
    return tr_value(tr, type_simple(BASE_BOOLEAN), "(%s IS %sDISTINCT FROM %s)", left.sql,
                    expr->is_negated ? "NOT " : "", right.sql);
}

static struct value between(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value parts[3];
    for (size_t i = 0; i < 3; i++) {
        parts[i] = tr_expr(tr, expr->args[i], scope);
        if (!parts[i].sql)
            return parts[i];
        if (i && !type_common(tr->arena, parts[0].type, parts[i].type))
            return tr_fail(tr, "TYPE_MISMATCH", expr->at, "Cannot check if %s is BETWEEN %s and %s",
                           type_trino(tr->arena, parts[0].type), type_trino(tr->arena, parts[1].type),
                           type_trino(tr->arena, parts[i].type));
    }
    return tr_value(tr, type_simple(BASE_BOOLEAN), "(%s %sBETWEEN %s AND %s)", parts[0].sql,
                    expr->is_negated ? "NOT " : "", parts[1].sql, parts[2].sql);
}

static struct value in_list(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value left = tr_expr(tr, expr->args[0], scope);
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    buf_printf(&out, "(%s %sIN (", left.sql ? left.sql : "", expr->is_negated ? "NOT " : "");
    for (size_t i = 1; i < expr->count && left.sql; i++) {
        struct value value = tr_expr(tr, expr->args[i], scope);
        if (value.sql && !type_common(tr->arena, left.type, value.type))
            value = tr_fail(tr, "TYPE_MISMATCH", expr->args[i]->at,
                            "IN value and list items must be the same type: %s and %s",
                            type_trino(tr->arena, left.type), type_trino(tr->arena, value.type));
        if (!value.sql)
            left = value;
        else
            buf_printf(&out, "%s%s", i > 1 ? ", " : "", value.sql);
    }
    buf_puts(&out, "))");
    const char *sql = left.sql ? tr_take(tr, &out) : NULL;
    buf_done(&out);
    return (struct value){.sql = sql, .type = type_simple(BASE_BOOLEAN)};
}

/* What can be said of literals: one character escapes '%', '_' or itself. */
static const char *escape_problem(const struct expr *expr)
{
    const struct expr *pattern = expr->args[1], *escape = expr->args[2];
    if (escape->kind != EXPR_STRING)
        return NULL;
    size_t len = strlen(escape->name), first = len ? 1 : 0;
    while (first < len && (escape->name[first] & 0xc0) == 0x80)
        first++;
    if (len == 0 || first != len)
        return "Escape string must be a single character";
    for (const char *c = pattern->kind == EXPR_STRING ? pattern->name : ""; (c = strstr(c, escape->name)); c += len + 1)
        if (!c[len] || (c[len] != '%' && c[len] != '_' && strncmp(c + len, escape->name, len) != 0))
            return "Escape character must be followed by '%', '_' or the escape character itself";
    return NULL;
}

static struct value like(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value parts[3] = {0};
    for (size_t i = 0; i < expr->count; i++) {
        parts[i] = tr_expr(tr, expr->args[i], scope);
        if (parts[i].sql && !type_is_text(parts[i].type) && parts[i].type->base != BASE_UNKNOWN)
            parts[i] = tr_fail(tr, "TYPE_MISMATCH", expr->args[i]->at,
                               "%s of LIKE expression must evaluate to a varchar: actual type %s",
                               i == 0 ? "Left side" : "Pattern", type_trino(tr->arena, parts[i].type));
        if (!parts[i].sql)
            return parts[i];
    }
    const char *left = tr_as(tr, parts[0], type_simple(BASE_VARCHAR)), *not = expr->is_negated ? "NOT " : "";
    const char *problem = expr->count == 3 ? escape_problem(expr) : NULL;
    if (problem) {
        dialect_fail(tr->err, "INVALID_FUNCTION_ARGUMENT", "%s", problem);
        return TR_NOTHING;
    }
    if (expr->count == 3)
        return tr_value(tr, type_simple(BASE_BOOLEAN), "(%s %sLIKE %s ESCAPE %s)", left, not, parts[1].sql,
                        parts[2].sql);
    return tr_value(tr, type_simple(BASE_BOOLEAN), "(%s %sLIKE %s)", left, not, parts[1].sql);
}

static struct value is_null(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value value = tr_expr(tr, expr->args[0], scope);
    return value.sql
               ? tr_value(tr, type_simple(BASE_BOOLEAN), "(%s IS %sNULL)", value.sql, expr->is_negated ? "NOT " : "")
               : value;
}

/* --- subqueries --- */
static struct value subquery(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct output out = {.sql = NULL};
    if (!tr_query(tr, expr->query, scope, &out))
        return TR_NOTHING;
    if (expr->kind == EXPR_EXISTS)
        return tr_value(tr, type_simple(BASE_BOOLEAN), "EXISTS (%s)", out.sql);
    if (out.fields.count != 1)
        return tr_fail(tr, "NOT_SUPPORTED", expr->at, "Multiple columns returned by subquery are not supported (%zu)",
                       out.fields.count);
    return tr_value(tr, out.fields.items[0].type, "(%s)", out.sql);
}

static struct value in_query(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct expr *left = expr->args[0];
    struct output out = {.sql = NULL};
    struct buf sql = BUF_INIT(1024 * 1024);
    size_t width = left->kind == EXPR_ROW ? left->count : 1;
    if (!tr_query(tr, expr->args[1]->query, scope, &out))
        return TR_NOTHING;
    if (out.fields.count != width)
        return tr_fail(tr, "TYPE_MISMATCH", expr->at, "The subquery of IN has %zu columns, its left side %zu",
                       out.fields.count, width);
    for (size_t i = 0; i < width; i++) {
        struct value value = tr_expr(tr, left->kind == EXPR_ROW ? left->args[i] : left, scope);
        if (value.sql && !type_common(tr->arena, value.type, out.fields.items[i].type))
            value = tr_fail(tr, "TYPE_MISMATCH", expr->at,
                            "Value expression and result of subquery must be of the same "
                            "type: %s vs %s",
                            type_trino(tr->arena, value.type), type_trino(tr->arena, out.fields.items[i].type));
        if (!value.sql) {
            buf_done(&sql);
            return value;
        }
        buf_printf(&sql, "%s%s", i ? ", " : "", value.sql);
    }
    const char *text = tr_take(tr, &sql);
    return tr_value(tr, type_simple(BASE_BOOLEAN), "((%s) %sIN (%s))", text ? text : "", expr->is_negated ? "NOT " : "",
                    out.sql);
}

static struct value quantified(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value left = tr_expr(tr, expr->args[0], scope);
    struct value right = left.sql ? subquery(tr, expr->args[1], scope) : left;
    if (!right.sql)
        return right;
    if (!type_common(tr->arena, left.type, right.type))
        return mismatch(tr, expr->name, left, right, expr->at);
    return tr_value(tr, type_simple(BASE_BOOLEAN), "(%s %s %s %s)", left.sql, expr->name, expr->is_try ? "ALL" : "ANY",
                    right.sql);
}

/* --- constructors --- */
static struct value array(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct type *item = type_simple(BASE_UNKNOWN);
    struct value *values = ARENA_ARRAY(tr->arena, struct value, expr->count ? expr->count : 1);
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    for (size_t i = 0; values && i < expr->count; i++) {
        values[i] = tr_expr(tr, expr->args[i], scope);
        if (!values[i].sql)
            return values[i];
        const struct type *common = type_common(tr->arena, item, values[i].type);
        if (!common)
            return tr_fail(tr, "TYPE_MISMATCH", expr->args[i]->at,
                           "All ARRAY elements must be the same type: %s and %s", type_trino(tr->arena, item),
                           type_trino(tr->arena, values[i].type));
        item = common;
    }
    buf_putc(&out, '[');
    for (size_t i = 0; values && i < expr->count; i++) {
        bool same_type = type_equal(values[i].type, item) || item->base == BASE_ROW || item->base == BASE_MAP;
        buf_printf(&out, same_type ? "%s%s" : "%sCAST(%s AS %s)", i ? ", " : "", values[i].sql,
                   same_type ? "" : type_duck(tr->arena, item));
    }
    buf_putc(&out, ']');
    return (struct value){.sql = tr_take(tr, &out), .type = type_array(tr->arena, item)};
}

static struct value row(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct type **kids = ARENA_ARRAY(tr->arena, const struct type *, expr->count ? expr->count : 1);
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    if (!kids || expr->count == 0)
        return tr_fail(tr, "SYNTAX_ERROR", expr->at, "a row needs at least one value");
    buf_puts(&out, "struct_pack(");
    for (size_t i = 0; i < expr->count; i++) {
        struct value value = tr_expr(tr, expr->args[i], scope);
        if (!value.sql) {
            buf_done(&out);
            return value;
        }
        kids[i] = value.type;
        buf_printf(&out, "%s\"field%zu\" := %s", i ? ", " : "", i, value.sql);
    }
    buf_putc(&out, ')');
    return (struct value){.sql = tr_take(tr, &out), .type = type_row(tr->arena, kids, NULL, expr->count)};
}

static struct value subscript(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value base = tr_expr(tr, expr->args[0], scope);
    struct value index = base.sql ? tr_expr(tr, expr->args[1], scope) : base;
    if (!index.sql)
        return index;
    if (base.type->base == BASE_ROW && expr->args[1]->kind == EXPR_NUMBER) {
        long field = strtol(expr->args[1]->name, NULL, 10);
        if (field < 1 || (size_t)field > base.type->count)
            return tr_fail(tr, "INVALID_FUNCTION_ARGUMENT", expr->at, "ROW index out of bounds: %ld", field);
        return tr_value(tr, base.type->kids[field - 1], "struct_extract(%s, %s)", base.sql,
                        sql_quote_string(tr->arena, type_field_name(tr->arena, base.type, (size_t)field - 1)));
    }
    if (base.type->base == BASE_ARRAY && type_is_integer(index.type))
        return tr_value(tr, base.type->kids[0], "weir_at(%s, %s)", base.sql, index.sql);
    if (base.type->base == BASE_MAP && type_common(tr->arena, base.type->kids[0], index.type))
        return tr_value(tr, base.type->kids[1], "weir_map_at(%s, %s)", base.sql, tr_as(tr, index, base.type->kids[0]));
    return tr_fail(tr, "TYPE_MISMATCH", expr->at, "Cannot use %s for subscript of %s",
                   type_trino(tr->arena, index.type), type_trino(tr->arena, base.type));
}

static struct value case_expr(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const struct type *type = type_simple(BASE_UNKNOWN);
    size_t first = expr->index & 1, end = expr->count - (expr->index & 2 ? 1 : 0);
    struct value operand = {.sql = NULL};
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    buf_puts(&out, "(CASE");
    if (first && !(operand = tr_expr(tr, expr->args[0], scope)).sql)
        return operand;
    for (size_t i = first; i < expr->count; i++) {
        bool is_when = i < end && (i - first) % 2 == 0;
        struct value value =
            is_when && !first ? boolean(tr, expr->args[i], scope, "CASE WHEN") : tr_expr(tr, expr->args[i], scope);
        if (value.sql && is_when && first)
            value = compare_values(tr, "=", operand, value, expr->args[i]->at);
        const struct type *common = value.sql && !is_when ? type_common(tr->arena, type, value.type) : type;
        if (value.sql && !common)
            value = tr_fail(tr, "TYPE_MISMATCH", expr->args[i]->at,
                            "All CASE results must be the same type or coercible to a "
                            "common type. Cannot find common type between %s and %s",
                            type_trino(tr->arena, type), type_trino(tr->arena, value.type));
        if (!value.sql) {
            buf_done(&out);
            return value;
        }
        type = common;
        buf_printf(&out, " %s %s", is_when ? "WHEN" : i >= end ? "ELSE" : "THEN", value.sql);
    }
    buf_puts(&out, " END)");
    const char *sql = tr_take(tr, &out);
    return type->base == BASE_DECIMAL ? tr_value(tr, type, "CAST(%s AS %s)", sql, type_duck(tr->arena, type))
                                      : (struct value){.sql = sql, .type = type};
}

/* --- forms --- */
static struct value cast(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value value = tr_expr(tr, expr->args[0], scope);
    return value.sql ? tr_cast(tr, value, expr->type, expr->is_try, expr->at) : value;
}

static struct value extract(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    static const char *const fields[] = {"year",          "quarter",        "month", "week",   "day",
                                         "day_of_month",  "day_of_week",    "dow",   "doy",    "day_of_year",
                                         "yow",           "year_of_week",   "hour",  "minute", "second",
                                         "timezone_hour", "timezone_minute"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i], expr->name) == 0) {
            struct call nothing = {.is_star = false};
            struct expr call = {
                .kind = EXPR_CALL, .at = expr->at, .name = fields[i], .args = expr->args, .count = 1, .call = &nothing};
            return tr_call(tr, &call, scope);
        }
    return tr_fail(tr, "SYNTAX_ERROR", expr->at, "Invalid EXTRACT field: %s", expr->name);
}

static struct value at_zone(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct value value = tr_expr(tr, expr->args[0], scope);
    if (!value.sql)
        return value;
    if (expr->args[1]->kind != EXPR_STRING)
        return tr_fail(tr, "NOT_SUPPORTED", expr->at,
                       "AT TIME ZONE with a zone that is no string literal is not supported");
    if (value.type->base != BASE_TIMESTAMP_TZ && value.type->base != BASE_TIMESTAMP)
        return tr_fail(tr, "TYPE_MISMATCH", expr->at,
                       "Type of value must be a time or timestamp with or without time zone "
                       "(actual %s)",
                       type_trino(tr->arena, value.type));
    return tr_value(tr, type_zoned(tr->arena, expr->args[1]->name), "%s", tr_instant(tr, value));
}

static struct value grouping(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    struct buf out = BUF_INIT(1024 * 1024);
    buf_puts(&out, "CAST(grouping(");
    for (size_t i = 0; i < expr->count; i++) {
        struct value value = tr_expr(tr, expr->args[i], scope);
        if (!value.sql) {
            buf_done(&out);
            return value;
        }
        buf_printf(&out, "%s%s", i ? ", " : "", value.sql);
    }
    buf_puts(&out, ") AS BIGINT)");
    return (struct value){.sql = tr_take(tr, &out), .type = type_simple(BASE_BIGINT)};
}

static struct value lambda(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    (void)scope;
    return tr_fail(tr, "TYPE_MISMATCH", expr->at, "Lambda expression should always be used inside a function");
}

static struct value star(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    (void)scope;
    return tr_fail(tr, "SYNTAX_ERROR", expr->at, "mismatched input '*'. Expecting: <expression>");
}

static translate_fn *const kinds[] = {
    [EXPR_NULL] = tr_literal_null,
    [EXPR_BOOLEAN] = tr_literal_boolean,
    [EXPR_NUMBER] = tr_literal_number,
    [EXPR_STRING] = tr_literal_string,
    [EXPR_BINARY] = tr_literal_binary,
    [EXPR_TYPED] = tr_literal_typed,
    [EXPR_INTERVAL] = tr_literal_interval,
    [EXPR_PARAMETER] = tr_literal_parameter,
    [EXPR_NAME] = tr_name,
    [EXPR_FIELD] = tr_name,
    [EXPR_STAR] = star,
    [EXPR_CALL] = tr_call,
    [EXPR_LAMBDA] = lambda,
    [EXPR_CAST] = cast,
    [EXPR_CASE] = case_expr,
    [EXPR_ARRAY] = array,
    [EXPR_ROW] = row,
    [EXPR_SUBSCRIPT] = subscript,
    [EXPR_NEGATE] = negate,
    [EXPR_ARITHMETIC] = arithmetic,
    [EXPR_CONCAT] = concat,
    [EXPR_AND] = logical,
    [EXPR_OR] = logical,
    [EXPR_NOT] = not_expr,
    [EXPR_COMPARE] = compare,
    [EXPR_BETWEEN] = between,
    [EXPR_IN_LIST] = in_list,
    [EXPR_IN_QUERY] = in_query,
    [EXPR_QUANTIFIED] = quantified,
    [EXPR_LIKE] = like,
    [EXPR_IS_NULL] = is_null,
    [EXPR_DISTINCT_FROM] = distinct_from,
    [EXPR_SUBQUERY] = subquery,
    [EXPR_EXISTS] = subquery,
    [EXPR_EXTRACT] = extract,
    [EXPR_AT_ZONE] = at_zone,
    [EXPR_SPECIAL] = tr_literal_special,
    [EXPR_GROUPING] = grouping,
    [EXPR_JSON] = tr_json,
};

struct value tr_expr(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    if (++tr->depth > 3000) { /* a chain of 2000 operators is one deep tree to the left */
        dialect_fail(tr->err, "STACK_OVERFLOW", "statement is too large (too deeply nested)");
        return TR_NOTHING;
    }
    struct value value = kinds[expr->kind](tr, expr, scope);
    tr->depth--;
    if (!value.sql && tr->err->code == ERR_OK)
        dialect_fail(tr->err, "QUERY_TOO_LARGE", "the statement becomes too large for the engine");
    return value;
}
