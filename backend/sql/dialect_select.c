/* A query's own structure: WITH, SELECT and its clauses, set operations, VALUES, ordering and limits. What a name or an
 * expression means is elsewhere (dialect_scope.c, dialect_expr.c). Source: Trino documentation, "SELECT". */
#include "backend/sql/dialect_query.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SQL_MAX = 16 * 1024 * 1024 };

/* --- names of outputs --- */
/* A name for the engine that no other column of this SELECT has. */
static const char *unique_name(struct tr *tr, const struct fields *fields, const char *name)
{
    const char *candidate = name;
    for (int round = 2;; round++) {
        bool is_taken = false;
        for (size_t i = 0; i < fields->count && !is_taken; i++)
            is_taken = strcasecmp(fields->items[i].engine, candidate) == 0;
        if (!is_taken)
            return candidate;
        candidate = arena_printf(tr->arena, "%s_%d", name, round);
    }
}

/* Trino names a plain column or a field reached by names after its last part; everything else has no name. */
static const char *natural_name(const struct expr *expr)
{
    if (expr->kind == EXPR_NAME)
        return expr->name;
    const struct expr *base = expr;
    while (base->kind == EXPR_FIELD)
        base = base->args[0];
    return expr->kind == EXPR_FIELD && base->kind == EXPR_NAME ? expr->name : NULL;
}

/* --- SELECT --- */
struct item { /* one output before it is written */
    const char *sql;
    struct field field;
};
struct selection {
    const struct select *select;
    struct scope scope; /* of FROM */
    struct item *items;
    size_t count, cap;
    struct output *out;
};

static bool add_item(struct tr *tr, struct selection *s, const char *sql, const char *name, const struct type *type)
{
    const char *engine = name ? name : arena_printf(tr->arena, "_col%zu", s->count);
    s->items = arena_grow(tr->arena, s->items, s->count, &s->cap, sizeof *s->items);
    if (!s->items)
        return false;
    struct field field = {.name = name, .engine = unique_name(tr, &s->out->fields, engine), .type = type};
    s->items[s->count++] = (struct item){.sql = sql, .field = field};
    return fields_add(tr, &s->out->fields, &field) != NULL;
}

static bool add_star(struct tr *tr, struct selection *s, const struct select_item *item)
{
    struct fields fields = {.count = 0};
    if (!tr_star(tr, item, &s->scope, &fields))
        return false;
    for (size_t i = 0; i < fields.count; i++)
        if (!add_item(tr, s, fields.items[i].engine, fields.items[i].name, fields.items[i].type))
            return false;
    return true;
}

static bool items(struct tr *tr, struct selection *s)
{
    for (size_t i = 0; i < s->select->item_count; i++) {
        const struct select_item *item = &s->select->items[i];
        if (!item->expr) {
            if (!add_star(tr, s, item))
                return false;
            continue;
        }
        struct value value = tr_expr(tr, item->expr, &s->scope);
        if (!value.sql || !add_item(tr, s, value.sql, item->alias ? item->alias : natural_name(item->expr), value.type))
            return false;
    }
    return true;
}

static bool condition(struct tr *tr, const struct expr *expr, const struct scope *scope, const char *clause,
                      const char *no_aggregates, struct buf *sql)
{
    if (!expr)
        return true;
    const char *outer = tr->no_aggregates;
    tr->no_aggregates = no_aggregates;
    struct value value = tr_expr(tr, expr, scope);
    tr->no_aggregates = outer;
    if (value.sql && value.type->base != BASE_BOOLEAN && value.type->base != BASE_UNKNOWN)
        value = tr_fail(tr, "TYPE_MISMATCH", expr->at, "%s clause must evaluate to a boolean: actual type %s", clause,
                        type_trino(tr->arena, value.type));
    return value.sql && buf_printf(sql, " %s %s", clause, value.sql);
}

/* --- GROUP BY --- */
static bool group_expr(struct tr *tr, struct selection *s, const struct expr *expr, struct buf *sql)
{
    if (expr->kind == EXPR_NUMBER) {
        long position = strtol(expr->name, NULL, 10);
        if (position < 1 || (size_t)position > s->count) {
            tr_fail(tr, "INVALID_COLUMN_REFERENCE", expr->at, "GROUP BY position %s is not in select list", expr->name);
            return false;
        }
        return buf_puts(sql, s->items[position - 1].sql);
    }
    const char *outer = tr->no_aggregates;
    tr->no_aggregates = "GROUP BY clause";
    struct value value = tr_expr(tr, expr, &s->scope);
    tr->no_aggregates = outer;
    return value.sql && buf_puts(sql, value.sql);
}

static bool group_set(struct tr *tr, struct selection *s, const struct group_set *set, bool parentheses,
                      struct buf *sql)
{
    buf_puts(sql, parentheses ? "(" : "");
    for (size_t i = 0; i < set->count; i++) {
        buf_puts(sql, i ? ", " : "");
        if (!group_expr(tr, s, set->exprs[i], sql))
            return false;
    }
    return buf_puts(sql, parentheses ? ")" : "");
}

static bool group_by(struct tr *tr, struct selection *s, struct buf *sql)
{
    const struct select *select = s->select;
    for (size_t i = 0; i < select->group_count; i++) {
        const struct group *group = &select->groups[i];
        bool is_simple = !*group->kind && group->sets[0].count > 0;
        buf_printf(sql, "%s%s", i ? ", " : " GROUP BY ", group->kind);
        buf_puts(sql, *group->kind ? " (" : "");
        for (size_t j = 0; j < group->count; j++) {
            buf_puts(sql, j ? ", " : "");
            if (!group_set(tr, s, &group->sets[j], !is_simple, sql))
                return false;
        }
        buf_puts(sql, *group->kind ? ")" : "");
    }
    return true;
}

/* --- ORDER BY --- */
static const char *nulls_text(const struct sort *sort)
{
    return sort->nulls == 1 ? " NULLS FIRST" : " NULLS LAST";
}

bool tr_sorts(struct tr *tr, const struct sort *sorts, size_t count, const struct scope *scope, struct buf *sql)
{
    for (size_t i = 0; i < count; i++) {
        struct value value = tr_expr(tr, sorts[i].expr, scope);
        if (!value.sql)
            return false;
        buf_printf(sql, "%s%s%s%s", i ? ", " : "", value.sql, sorts[i].descending ? " DESC" : "",
                   nulls_text(&sorts[i]));
    }
    return true;
}

/* The output that an ORDER BY expression names: by position or by alias; -1 none, -2 an error. */
static long sort_position(struct tr *tr, const struct expr *expr, const struct fields *outputs)
{
    if (expr->kind == EXPR_NUMBER && strspn(expr->name, "0123456789") == strlen(expr->name)) {
        long position = strtol(expr->name, NULL, 10);
        if (position >= 1 && (size_t)position <= outputs->count)
            return position - 1;
        tr_fail(tr, "INVALID_COLUMN_REFERENCE", expr->at, "ORDER BY position %s is not in select list", expr->name);
        return -2;
    }
    if (expr->kind == EXPR_NAME)
        for (size_t i = 0; i < outputs->count; i++)
            if (outputs->items[i].name && strcasecmp(outputs->items[i].name, expr->name) == 0)
                return (long)i;
    return -1;
}

/* Names in an ORDER BY expression mean outputs first, then columns of FROM. */
static struct scope sort_scope(struct tr *tr, const struct selection *s)
{
    struct scope scope = {.outer = &s->scope};
    for (size_t i = 0; i < s->count; i++) {
        struct field field = s->items[i].field;
        field.engine = s->items[i].sql;
        bool is_twice = false;
        for (size_t j = 0; j < i && field.name; j++)
            is_twice = is_twice || (s->items[j].field.name && strcasecmp(s->items[j].field.name, field.name) == 0);
        if (field.name && !is_twice)
            fields_add(tr, &scope.fields, &field);
    }
    return scope;
}

static bool is_item(const struct selection *s, const char *sql)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->items[i].sql, sql) == 0)
            return true;
    return false;
}

static bool order_select(struct tr *tr, const struct query *query, struct selection *s, bool as_text, struct buf *sql)
{
    struct scope scope = sort_scope(tr, s);
    for (size_t i = 0; i < query->sort_count; i++) {
        const struct sort *sort = &query->sorts[i];
        long position = sort_position(tr, sort->expr, &s->out->fields);
        struct value value = {.sql = NULL};
        if (position == -2)
            return false;
        if (position >= 0)
            value.sql = as_text ? s->items[position].sql : arena_printf(tr->arena, "%ld", position + 1);
        else
            value = tr_expr(tr, sort->expr, &scope);
        if (value.sql && position < 0 && s->select->is_distinct && !is_item(s, value.sql))
            value = tr_fail(tr, "EXPRESSION_NOT_IN_DISTINCT", sort->expr->at,
                            "For SELECT DISTINCT, ORDER BY expressions must appear in select list");
        if (!value.sql)
            return false;
        buf_printf(sql, "%s%s%s%s", i ? ", " : "", value.sql, sort->descending ? " DESC" : "", nulls_text(sort));
    }
    return true;
}

static bool order_outputs(struct tr *tr, const struct query *query, const struct output *out, struct buf *sql)
{
    struct scope scope = {.outer = NULL};
    for (size_t i = 0; i < out->fields.count; i++) {
        struct field field = out->fields.items[i];
        field.engine = sql_quote_name(tr->arena, field.engine);
        if (!fields_add(tr, &scope.fields, &field))
            return false;
    }
    for (size_t i = 0; i < query->sort_count; i++) {
        const struct sort *sort = &query->sorts[i];
        long position = sort_position(tr, sort->expr, &out->fields);
        struct value value = {.sql = position >= 0 ? arena_printf(tr->arena, "%ld", position + 1) : NULL};
        if (position == -1)
            value = tr_expr(tr, sort->expr, &scope);
        if (!value.sql)
            return false;
        buf_printf(sql, "%s%s%s%s", i ? ", " : "", value.sql, sort->descending ? " DESC" : "", nulls_text(sort));
    }
    return true;
}

static bool limits(struct tr *tr, const struct query *query, struct buf *sql)
{
    struct scope nothing = {.outer = NULL};
    const struct expr *const exprs[] = {query->limit, query->offset};
    static const char *const words[] = {"LIMIT", "OFFSET"};
    for (size_t i = 0; i < 2; i++) {
        if (!exprs[i] || (i == 0 && query->with_ties))
            continue;
        struct value value = tr_expr(tr, exprs[i], &nothing);
        if (value.sql && !type_is_integer(value.type))
            value = tr_fail(tr, "TYPE_MISMATCH", exprs[i]->at, "%s must be a whole number", words[i]);
        if (!value.sql)
            return false;
        buf_printf(sql, " %s %s", words[i], value.sql);
    }
    return true;
}

/* --- one SELECT with its query's ORDER BY --- */
static bool select_tail(struct tr *tr, struct selection *s, struct buf *sql)
{
    return condition(tr, s->select->where, &s->scope, "WHERE", "WHERE clause", sql) && group_by(tr, s, sql) &&
           condition(tr, s->select->having, &s->scope, "HAVING", NULL, sql);
}

static bool write_items(struct tr *tr, const struct selection *s, struct buf *sql)
{
    buf_puts(sql, s->select->is_distinct ? "SELECT DISTINCT " : "SELECT ");
    for (size_t i = 0; i < s->count; i++)
        buf_printf(sql, "%s%s AS %s", i ? ", " : "", s->items[i].sql,
                   sql_quote_name(tr->arena, s->items[i].field.engine));
    return true;
}

/* FETCH FIRST n ROWS WITH TIES: the rows whose rank is at most n. */
static bool with_ties(struct tr *tr, const struct query *query, struct selection *s, const char *from, const char *tail,
                      struct buf *sql)
{
    struct scope nothing = {.outer = NULL};
    struct value limit = tr_expr(tr, query->limit, &nothing);
    if (query->sort_count == 0 || query->offset || s->select->is_distinct) {
        tr_fail(tr, query->sort_count ? "NOT_SUPPORTED" : "MISSING_ORDER_BY", query->at, "%s",
                query->sort_count ? "FETCH FIRST ... WITH TIES with OFFSET or DISTINCT is not supported"
                                  : "FETCH FIRST WITH TIES clause requires ORDER BY");
        return false;
    }
    buf_puts(sql, "SELECT ");
    for (size_t i = 0; i < s->count; i++)
        buf_printf(sql, "%s%s", i ? ", " : "", sql_quote_name(tr->arena, s->items[i].field.engine));
    buf_puts(sql, " FROM (");
    write_items(tr, s, sql);
    buf_puts(sql, ", rank() OVER (ORDER BY ");
    if (!limit.sql || !order_select(tr, query, s, true, sql))
        return false;
    return buf_printf(sql, ") AS \"$rank\"%s%s) AS q WHERE \"$rank\" <= %s ORDER BY \"$rank\"", from, tail, limit.sql);
}

static bool select_from(struct tr *tr, const struct select *select, struct scope *scope, struct buf *sql)
{
    if (!select->from)
        return true;
    buf_puts(sql, " FROM ");
    return tr_from(tr, select->from, scope, sql);
}

static bool select_query(struct tr *tr, const struct select *select, const struct query *query,
                         const struct scope *outer, struct output *out)
{
    struct selection s = {.select = select, .out = out, .scope = {.outer = outer}};
    struct buf from = BUF_INIT(SQL_MAX), tail = BUF_INIT(SQL_MAX), sql = BUF_INIT(SQL_MAX);
    const struct named_window *windows = tr->windows;
    const char *no_aggregates = tr->no_aggregates;
    size_t window_count = tr->window_count;
    tr->windows = select->windows;
    tr->window_count = select->window_count;
    tr->no_aggregates = NULL;
    if (outer)
        s.scope.lambda_depth = outer->lambda_depth;
    bool ok = select_from(tr, select, &s.scope, &from) && items(tr, &s) && select_tail(tr, &s, &tail);
    if (ok && query && query->with_ties) {
        ok = with_ties(tr, query, &s, buf_text(&from), buf_text(&tail), &sql);
    } else if (ok) {
        write_items(tr, &s, &sql);
        buf_printf(&sql, "%s%s", buf_text(&from), buf_text(&tail));
        if (query && query->sort_count)
            ok = buf_puts(&sql, " ORDER BY ") && order_select(tr, query, &s, false, &sql);
        ok = ok && (!query || limits(tr, query, &sql));
    }
    tr->windows = windows;
    tr->window_count = window_count;
    tr->no_aggregates = no_aggregates;
    buf_done(&from);
    buf_done(&tail);
    out->sql = tr_take(tr, &sql);
    return ok && out->sql;
}

/* --- VALUES and set operations --- */
static bool value_types(struct tr *tr, const struct body *body, size_t width, struct value *values,
                        const struct type **types)
{
    for (size_t column = 0; column < width; column++) {
        types[column] = type_simple(BASE_UNKNOWN);
        for (size_t row = 0; row < body->row_count; row++) {
            const struct type *type = values[row * width + column].type;
            const struct type *common = type_common(tr->arena, types[column], type);
            if (!common) {
                tr_fail(tr, "TYPE_MISMATCH", body->rows[row]->at, "Values rows have mismatched types: %s vs %s",
                        type_trino(tr->arena, types[column]), type_trino(tr->arena, type));
                return false;
            }
            types[column] = common;
        }
    }
    return true;
}

static bool values_row(struct tr *tr, const struct expr *row, size_t width, const struct scope *outer,
                       struct value *out)
{
    size_t count = row->kind == EXPR_ROW ? row->count : 1;
    if (count != width) {
        tr_fail(tr, "TYPE_MISMATCH", row->at, "Values rows have mismatched sizes: %zu vs %zu", width, count);
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        out[i] = tr_expr(tr, row->kind == EXPR_ROW ? row->args[i] : row, outer);
        if (!out[i].sql)
            return false;
    }
    return true;
}

static bool values_body(struct tr *tr, const struct body *body, const struct scope *outer, struct output *out)
{
    struct scope nothing = {.outer = NULL};
    size_t width = body->rows[0]->kind == EXPR_ROW ? body->rows[0]->count : 1;
    struct value *values = ARENA_ARRAY(tr->arena, struct value, width * body->row_count);
    const struct type **types = ARENA_ARRAY(tr->arena, const struct type *, width);
    struct buf sql = BUF_INIT(SQL_MAX);
    if (!values || !types)
        return dialect_fail(tr->err, "QUERY_TOO_LARGE", "VALUES is too large");
    for (size_t row = 0; row < body->row_count; row++)
        if (!values_row(tr, body->rows[row], width, outer ? outer : &nothing, &values[row * width]))
            return false;
    if (!value_types(tr, body, width, values, types))
        return false;
    buf_puts(&sql, "SELECT * FROM (VALUES ");
    for (size_t row = 0; row < body->row_count; row++) {
        buf_puts(&sql, row ? ", (" : "(");
        for (size_t i = 0; i < width; i++) {
            struct value *value = &values[row * width + i];
            bool exact = row == 0 && types[i]->base != BASE_UNKNOWN;
            buf_printf(&sql, exact ? "%sCAST(%s AS %s)" : "%s%s", i ? ", " : "", value->sql,
                       exact ? type_duck(tr->arena, types[i]) : "");
        }
        buf_puts(&sql, ")");
    }
    buf_puts(&sql, ") AS v(");
    for (size_t i = 0; i < width; i++) {
        struct field field = {.engine = arena_printf(tr->arena, "_col%zu", i), .type = types[i]};
        buf_printf(&sql, "%s\"%s\"", i ? ", " : "", field.engine);
        if (!fields_add(tr, &out->fields, &field))
            return false;
    }
    buf_puts(&sql, ")");
    return (out->sql = tr_take(tr, &sql)) != NULL;
}

static bool body_query(struct tr *tr, const struct body *body, const struct query *query, const struct scope *outer,
                       struct output *out);

static bool set_types(struct tr *tr, const struct body *body, const struct output *left, const struct output *right,
                      struct output *out)
{
    if (left->fields.count != right->fields.count) {
        tr_fail(tr, "TYPE_MISMATCH", body->at, "%s query has different number of fields: %zu, %zu", body->op,
                left->fields.count, right->fields.count);
        return false;
    }
    for (size_t i = 0; i < left->fields.count; i++) {
        struct field field = left->fields.items[i];
        const struct type *other = right->fields.items[i].type;
        field.type = type_common(tr->arena, field.type, other);
        if (!field.type) {
            tr_fail(tr, "TYPE_MISMATCH", body->at, "column %zu in %s query has incompatible types: %s, %s", i + 1,
                    body->op, type_trino(tr->arena, left->fields.items[i].type), type_trino(tr->arena, other));
            return false;
        }
        if (!fields_add(tr, &out->fields, &field))
            return false;
    }
    return true;
}

static bool set_body(struct tr *tr, const struct body *body, const struct scope *outer, struct output *out)
{
    struct output left = {.sql = NULL}, right = {.sql = NULL};
    if (++tr->depth > 10 * DIALECT_DEPTH_MAX)
        return dialect_fail(tr->err, "STACK_OVERFLOW", "statement is too large (too many set operations)");
    if (!body_query(tr, body->left, NULL, outer, &left) || !body_query(tr, body->right, NULL, outer, &right) ||
        !set_types(tr, body, &left, &right, out))
        return false;
    tr->depth--;
    out->sql = arena_printf(tr->arena, "(%s) %s%s (%s)", left.sql, body->op, body->is_all ? " ALL" : "", right.sql);
    return out->sql != NULL;
}

/* query: the one whose ORDER BY and LIMIT belong to this body; NULL inside set operations. */
static bool body_query(struct tr *tr, const struct body *body, const struct query *query, const struct scope *outer,
                       struct output *out)
{
    struct buf sql = BUF_INIT(SQL_MAX);
    if (body->kind == BODY_SELECT)
        return select_query(tr, body->select, query, outer, out);
    bool ok = body->kind == BODY_SET      ? set_body(tr, body, outer, out)
              : body->kind == BODY_VALUES ? values_body(tr, body, outer, out)
                                          : tr_query(tr, body->query, outer, out);
    if (!ok || !query || (!query->sort_count && !query->limit && !query->offset))
        return ok;
    if (query->with_ties) {
        tr_fail(tr, "NOT_SUPPORTED", query->at, "FETCH FIRST ... WITH TIES is supported only behind a SELECT");
        return false;
    }
    buf_printf(&sql, "SELECT * FROM (%s) AS q", out->sql);
    if (query->sort_count)
        ok = buf_puts(&sql, " ORDER BY ") && order_outputs(tr, query, out, &sql);
    ok = ok && limits(tr, query, &sql);
    out->sql = tr_take(tr, &sql);
    return ok && out->sql;
}

/* --- WITH --- */
static bool cte_fields(struct tr *tr, const struct with_item *item, const struct output *output, struct fields *fields)
{
    fields->count = 0;
    fields->items = NULL;
    fields->cap = 0;
    if (item->column_count && item->column_count != output->fields.count) {
        tr_fail(tr, "MISMATCHED_COLUMN_ALIASES", item->at,
                "Column alias list has %zu entries but relation has %zu columns", item->column_count,
                output->fields.count);
        return false;
    }
    for (size_t i = 0; i < output->fields.count; i++) {
        struct field field = output->fields.items[i];
        if (item->column_count)
            field.name = item->columns[i];
        field.engine = arena_printf(tr->arena, "c%zu", i);
        if (!fields_add(tr, fields, &field))
            return false;
    }
    return true;
}

static bool cte_columns(const struct fields *fields, struct buf *sql)
{
    for (size_t i = 0; i < fields->count; i++)
        buf_printf(sql, "%s%s", i ? ", " : "", fields->items[i].engine);
    return true;
}

/* WITH RECURSIVE: the first part of the UNION gives names and types; its own name is known in the second part only. */
static bool recursive_item(struct tr *tr, const struct with_item *item, struct cte *cte, const struct scope *outer,
                           struct buf *sql)
{
    const struct body *body = item->query->body;
    struct output anchor = {.sql = NULL}, step = {.sql = NULL};
    const struct cte *ctes = tr->ctes;
    if (!body_query(tr, body->left, NULL, outer, &anchor) || !cte_fields(tr, item, &anchor, &cte->fields))
        return false;
    cte->next = ctes;
    tr->ctes = cte;
    if (!body_query(tr, body->right, NULL, outer, &step))
        return false;
    if (step.fields.count != anchor.fields.count) {
        tr_fail(tr, "TYPE_MISMATCH", item->at, "recursion step has %zu columns, its base %zu", step.fields.count,
                anchor.fields.count);
        return false;
    }
    buf_printf(sql, "%s(", cte->engine);
    cte_columns(&cte->fields, sql);
    return buf_printf(sql, ") AS (%s %s%s (%s))", anchor.sql, body->op, body->is_all ? " ALL" : "", step.sql);
}

static bool plain_item(struct tr *tr, const struct with_item *item, struct cte *cte, const struct scope *outer,
                       struct buf *sql)
{
    struct output output = {.sql = NULL};
    if (!tr_query(tr, item->query, outer, &output) || !cte_fields(tr, item, &output, &cte->fields))
        return false;
    buf_printf(sql, "%s(", cte->engine);
    cte_columns(&cte->fields, sql);
    buf_printf(sql, ") AS (%s)", output.sql);
    cte->next = tr->ctes;
    tr->ctes = cte;
    return true;
}

static bool mentions(const struct relation *relation, const char *name)
{
    if (!relation)
        return false;
    if (relation->kind == RELATION_JOIN)
        return mentions(relation->left, name) || mentions(relation->right, name);
    return relation->kind == RELATION_TABLE && relation->part_count == 1 && strcasecmp(relation->parts[0], name) == 0;
}

static bool is_recursive(const struct query *query, const struct with_item *item)
{
    const struct body *body = item->query->body;
    return query->is_recursive && body->kind == BODY_SET && strcmp(body->op, "UNION") == 0 &&
           body->right->kind == BODY_SELECT && mentions(body->right->select->from, item->name);
}

static bool with_items(struct tr *tr, const struct query *query, const struct scope *outer, struct buf *sql)
{
    for (size_t i = 0; i < query->with_count; i++) {
        const struct with_item *item = &query->withs[i];
        struct cte *cte = ARENA_NEW(tr->arena, struct cte);
        if (!cte)
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcasecmp(query->withs[j].name, item->name) == 0) {
                tr_fail(tr, "DUPLICATE_NAMED_QUERY", item->at, "WITH query name '%s' specified more than once",
                        item->name);
                return false;
            }
        cte->name = item->name;
        cte->engine = arena_printf(tr->arena, "w%d", ++tr->relations);
        buf_puts(sql, i ? ", " : query->is_recursive ? "WITH RECURSIVE " : "WITH ");
        if (!(is_recursive(query, item) ? recursive_item : plain_item)(tr, item, cte, outer, sql))
            return false;
    }
    return true;
}

bool tr_query(struct tr *tr, const struct query *query, const struct scope *outer, struct output *out)
{
    struct buf sql = BUF_INIT(SQL_MAX);
    const struct cte *ctes = tr->ctes;
    if (++tr->depth > 10 * DIALECT_DEPTH_MAX)
        return dialect_fail(tr->err, "STACK_OVERFLOW", "statement is too large (too deeply nested)");
    bool ok = with_items(tr, query, outer, &sql) && body_query(tr, query->body, query, outer, out);
    tr->ctes = ctes;
    tr->depth--;
    if (ok && query->with_count) {
        buf_printf(&sql, " %s", out->sql);
        out->sql = tr_take(tr, &sql);
    } else {
        buf_done(&sql);
    }
    return ok && out->sql;
}
