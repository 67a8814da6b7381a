/* Function calls: the row that fits the arguments, its template filled, aggregates with DISTINCT, ORDER BY, FILTER, and
 * OVER. Functions with lambdas and other shapes of their own are in dialect_lambda.c and dialect_shape.c. Source: Trino
 * documentation, "Functions and operators". */
#include "backend/sql/dialect_signature.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SQL_MAX = 8 * 1024 * 1024 };

/* --- windows --- */
static const struct window *named_window(const struct tr *tr, const char *name)
{
    for (size_t i = 0; i < tr->window_count; i++)
        if (strcasecmp(tr->windows[i].name, name) == 0)
            return &tr->windows[i].window;
    return NULL;
}

static bool window_frame(struct tr *tr, const struct window *window, const struct scope *scope, struct buf *sql)
{
    size_t bound = 0;
    for (const char *c = window->frame; *c; c++) {
        if (*c != '%') {
            buf_putc(sql, *c);
            continue;
        }
        while (bound < 2 && !window->frame_bounds[bound])
            bound++;
        struct value value = bound < 2 ? tr_expr(tr, window->frame_bounds[bound++], scope) : TR_NOTHING;
        if (!value.sql)
            return false;
        buf_puts(sql, value.sql);
    }
    return true;
}

/* A window and the one it is based on, as one: the base's partitions, then whichever has an order and a frame. */
static bool window_text(struct tr *tr, const struct window *window, const struct scope *scope, size_t at,
                        struct buf *sql)
{
    const struct window *base = window->base ? named_window(tr, window->base) : NULL;
    if (window->base && !base) {
        tr_fail(tr, "INVALID_WINDOW_REFERENCE", at, "Cannot resolve WINDOW name %s", window->base);
        return false;
    }
    const struct window *parts = window->partition_count || !base ? window : base;
    const struct window *order = window->sort_count || !base ? window : base;
    const struct window *frame = window->frame || !base ? window : base;
    buf_puts(sql, " OVER (");
    for (size_t i = 0; i < parts->partition_count; i++) {
        struct value value = tr_expr(tr, parts->partitions[i], scope);
        if (!value.sql)
            return false;
        buf_printf(sql, "%s%s", i ? ", " : "PARTITION BY ", value.sql);
    }
    if (order->sort_count)
        buf_puts(sql, " ORDER BY ");
    if (!tr_sorts(tr, order->sorts, order->sort_count, scope, sql))
        return false;
    buf_putc(sql, ' ');
    if (frame->frame && !window_frame(tr, frame, scope, sql))
        return false;
    return buf_putc(sql, ')');
}

/* --- templates --- */
struct filling {
    const struct function *row;
    const struct expr *call;
    const struct scope *scope;
    const char **args;
    size_t count;
    const struct type *result;
    const struct binding *binding;
    const char *order, *filter, *over; /* of an aggregate: " ORDER BY ...", "" */
};

/* $1, $*, $r (the result's type), $T (a variable's type); returns behind it. */
static const char *placeholder(struct tr *tr, const char *at, const struct filling *fill, struct buf *out)
{
    if (isdigit((unsigned char)*at)) {
        size_t index = (size_t)(*at - '1');
        buf_puts(out, index < fill->count ? fill->args[index] : "NULL");
    } else if (*at == '*') {
        for (size_t i = 0; i < fill->count; i++)
            buf_printf(out, "%s%s", i ? ", " : "", fill->args[i]);
    } else if (*at == 'r') {
        buf_puts(out, type_duck(tr->arena, fill->result));
    } else if (isupper((unsigned char)*at)) {
        const struct type *type = fill->binding->types[*at - 'A'];
        buf_puts(out, type_duck(tr->arena, type ? type : type_simple(BASE_UNKNOWN)));
    }
    return at + 1;
}

/* Inside { }: the call's own DISTINCT goes behind the first parenthesis, ORDER BY before the last. */
static void fill_template(struct tr *tr, const char *sql, const struct filling *fill, struct buf *out)
{
    bool in_call = false, needs_distinct = false;
    for (const char *c = sql; *c;) {
        if (*c == '$') {
            c = placeholder(tr, c + 1, fill, out);
            continue;
        }
        if (*c == '{') {
            in_call = true;
            needs_distinct = fill->call->call->is_distinct;
        } else if (*c == '}') {
            buf_printf(out, "%s%s", fill->filter, fill->over);
            in_call = false;
        } else {
            if (in_call && *c == ')' && c[1] == '}')
                buf_printf(out, "%s%s",
                           fill->call->call->nulls && fill->row->kind == KIND_WINDOW &&
                                   strcmp(fill->call->call->nulls, "IGNORE") == 0
                               ? " IGNORE NULLS"
                               : "",
                           fill->order);
            buf_putc(out, *c);
            if (in_call && *c == '(' && needs_distinct) {
                buf_puts(out, "DISTINCT ");
                needs_distinct = false;
            }
        }
        c++;
    }
}

static bool aggregate_parts(struct tr *tr, struct filling *fill)
{
    const struct call *call = fill->call->call;
    struct buf order = BUF_INIT(SQL_MAX), filter = BUF_INIT(SQL_MAX), over = BUF_INIT(SQL_MAX);
    bool ok = true;
    if (call->sort_count)
        ok = buf_puts(&order, " ORDER BY ") && tr_sorts(tr, call->sorts, call->sort_count, fill->scope, &order);
    if (ok && call->filter) {
        struct value value = tr_expr(tr, call->filter, fill->scope);
        ok = value.sql && buf_printf(&filter, " FILTER (WHERE %s)", value.sql);
    }
    if (ok && call->is_over)
        ok = window_text(tr, &call->window, fill->scope, fill->call->at, &over);
    fill->order = tr_take(tr, &order);
    fill->filter = tr_take(tr, &filter);
    fill->over = tr_take(tr, &over);
    return ok && fill->order && fill->filter && fill->over;
}

static const char *default_template(struct tr *tr, const struct function *row)
{
    if (row->sql)
        return row->sql;
    return arena_printf(tr->arena, row->kind == KIND_SCALAR ? "%s($*)" : "{%s($*)}", row->name);
}

static struct value fill_row(struct tr *tr, const struct function *row, const struct expr *call,
                             const struct scope *scope, const struct value *args, size_t count,
                             const struct binding *binding)
{
    struct filling fill = {.row = row,
                           .call = call,
                           .scope = scope,
                           .count = count,
                           .binding = binding,
                           .order = "",
                           .filter = "",
                           .over = ""};
    struct buf out = BUF_INIT(SQL_MAX);
    fill.args = ARENA_ARRAY(tr->arena, const char *, count ? count : 1);
    fill.result = signature_type(tr, row->result, binding);
    for (size_t i = 0; fill.args && i < count; i++)
        if (!(fill.args[i] = signature_argument(tr, row, i, args[i], binding)))
            return TR_NOTHING;
    if (row->kind == KIND_AGGREGATE && call->call->is_over && row->sql && strstr(row->sql, "weir_"))
        return tr_fail(tr, "NOT_SUPPORTED", call->at, "%s as a window function is not supported", row->name);
    if (!fill.args || (row->kind != KIND_SCALAR && !aggregate_parts(tr, &fill)))
        return TR_NOTHING;
    fill_template(tr, default_template(tr, row), &fill, &out);
    return (struct value){.sql = tr_take(tr, &out), .type = fill.result};
}

/* --- choosing --- */
static struct value no_match(struct tr *tr, const struct function *rows, size_t count, const struct expr *call,
                             const struct value *args)
{
    struct buf given = BUF_INIT(4096), expected = BUF_INIT(4096);
    for (size_t i = 0; i < call->count; i++) {
        buf_puts(&given, i ? ", " : "");
        type_print_trino(args[i].type, &given);
    }
    for (size_t i = 0; i < count; i++)
        buf_printf(&expected, "%s%s(%s)", i ? ", " : "", rows[i].name, rows[i].params);
    const char *first = tr_take(tr, &given), *second = tr_take(tr, &expected);
    return tr_fail(tr, "FUNCTION_NOT_FOUND", call->at,
                   "Unexpected parameters (%.80s) for function %s. Expected: %.100s", first ? first : "", rows->name,
                   second ? second : "");
}

static struct value check_place(struct tr *tr, const struct function *row, const struct expr *call)
{
    if (tr->no_aggregates && (row->kind == KIND_AGGREGATE || call->call->is_over))
        return tr_fail(tr, "EXPRESSION_NOT_SCALAR", call->at,
                       "%s cannot contain aggregations, window functions or grouping operations: [%s]",
                       tr->no_aggregates, call->name);
    if (row->kind == KIND_WINDOW && !call->call->is_over)
        return tr_fail(tr, "MISSING_OVER", call->at, "Window function %s requires OVER clause", call->name);
    if (row->kind == KIND_WINDOW && call->call->window.frame && !strstr(row->name, "_value"))
        return tr_fail(tr, "INVALID_WINDOW_FRAME", call->call->window.frame_at,
                       "Cannot specify window frame for %s function", row->name);
    if (row->kind == KIND_SCALAR &&
        (call->call->is_over || call->call->filter || call->call->is_distinct || call->call->sort_count))
        return tr_fail(tr, "FUNCTION_NOT_AGGREGATE", call->at,
                       "%s is not an aggregation function: no DISTINCT, FILTER, "
                       "ORDER BY or OVER",
                       call->name);
    if (call->call->nulls && row->kind != KIND_WINDOW)
        return tr_fail(tr, "NULL_TREATMENT_NOT_ALLOWED", call->at,
                       "Cannot specify null treatment clause for %s function", call->name);
    return (struct value){.sql = "", .type = NULL};
}

static struct value choose(struct tr *tr, const struct function *rows, size_t count, const struct expr *call,
                           const struct scope *scope)
{
    struct value *args = ARENA_ARRAY(tr->arena, struct value, call->count ? call->count : 1);
    struct binding best_binding = {.types = {0}}, binding;
    const struct function *best = NULL;
    int best_distance = -1;
    for (size_t i = 0; args && i < call->count; i++) {
        args[i] = tr_expr(tr, call->args[i], scope);
        if (!args[i].sql)
            return args[i];
    }
    for (size_t i = 0; args && i < count; i++) {
        int distance = signature_match(tr, &rows[i], args, call->count, &binding);
        if (distance < 0 || (best && distance >= best_distance))
            continue;
        best = &rows[i];
        best_distance = distance;
        best_binding = binding;
    }
    if (!best)
        return no_match(tr, rows, count, call, args);
    if (best->class == FUNCTION_REFUSED)
        return tr_fail(tr, "NOT_SUPPORTED", call->at, "%s(%s) is not supported", best->name, best->params);
    return fill_row(tr, best, call, scope, args, call->count, &best_binding);
}

struct value call_fill(struct tr *tr, const struct function *row, const struct expr *call, const struct scope *scope,
                       const struct value *args, size_t count)
{
    struct binding binding;
    if (signature_match(tr, row, args, count, &binding) < 0)
        return no_match(tr, row, 1, call, args);
    return fill_row(tr, row, call, scope, args, count, &binding);
}

struct value tr_call(struct tr *tr, const struct expr *call, const struct scope *scope)
{
    size_t count = 0;
    const struct function *rows = function_find(call->name, &count);
    if (!rows)
        return tr_fail(tr, "FUNCTION_NOT_FOUND", call->at, "Function '%s' not registered", call->name);
    if (rows->class == FUNCTION_REFUSED && count == 1)
        return tr_fail(tr, "NOT_SUPPORTED", call->at, "Function %s is not supported", call->name);
    struct value ok = check_place(tr, rows, call);
    if (!ok.sql)
        return ok;
    if (rows->rewrite)
        return rows->rewrite(tr, call, scope);
    if (call->call->is_star && strcmp(call->name, "count") != 0)
        return tr_fail(tr, "FUNCTION_NOT_FOUND", call->at, "Unexpected parameters (*) for function %s", call->name);
    return choose(tr, rows, count, call, scope);
}
