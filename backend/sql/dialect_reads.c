/* Which tables a statement scans and under which plain conditions, from its tree alone: no catalog, no translation.
 * Trino inlines WITH queries where they are named, therefore each use counts. Pure. */
#include "backend/sql/dialect_parse.h"
#include <string.h>
#include <strings.h>

struct cte_scope {
    const struct with_item *item;
    const struct cte_scope *outer;
    bool is_recursive, is_open; /* open: inside its own query */
};
struct walk {
    struct arena *arena;
    struct err *err;
    const char *database;
    struct dialect_reads *reads;
    struct dialect_read *items;
    size_t cap;
    int depth;
    bool takes_all; /* the select around has a star */
};
/* The conditions that hold for the relations below. */
struct held {
    const struct expr *expr; /* ANDed */
    const struct held *next;
};

static bool walk_query(struct walk *w, const struct query *query, const struct cte_scope *ctes);
static bool walk_expr(struct walk *w, const struct expr *expr, const struct cte_scope *ctes);

static bool enter(struct walk *w)
{
    if (++w->depth <= 10 * DIALECT_DEPTH_MAX)
        return true;
    return dialect_fail(w->err, "STACK_OVERFLOW", "the statement is too deeply nested");
}

/* --- conditions --- */
struct conditions {
    struct dialect_condition *items;
    size_t count, cap;
};

/* A literal as text; NULL when it is none. */
static const char *literal(struct arena *arena, const struct expr *expr, bool *is_number)
{
    *is_number = expr->kind == EXPR_NUMBER;
    if (expr->kind == EXPR_NUMBER || expr->kind == EXPR_STRING || (expr->kind == EXPR_TYPED && expr->name))
        return expr->name;
    if (expr->kind != EXPR_NEGATE || expr->args[0]->kind != EXPR_NUMBER)
        return NULL;
    *is_number = true;
    return arena_printf(arena, "-%s", expr->args[0]->name);
}

/* A column of this relation: name, relation.name, or database.relation.name. */
static const char *column_of(const struct expr *expr, const char *relation)
{
    if (expr->kind == EXPR_NAME)
        return expr->name;
    if (expr->kind != EXPR_FIELD || !expr->count)
        return NULL;
    const struct expr *base = expr->args[0];
    bool is_qualified = base->kind == EXPR_NAME || (base->kind == EXPR_FIELD && base->args[0]->kind == EXPR_NAME);
    return is_qualified && strcasecmp(base->name, relation) == 0 ? expr->name : NULL;
}

static void add_condition(struct walk *w, struct conditions *list, const char *column, const char *op,
                          struct expr *const *values, size_t count)
{
    struct dialect_condition condition = {.op = op, .count = count};
    const char **texts = ARENA_ARRAY(w->arena, const char *, count + 1);
    for (size_t i = 0; texts && i < count; i++) {
        bool is_number;
        const char *text = literal(w->arena, values[i], &is_number);
        if (!text || (i > 0 && is_number != condition.are_numbers))
            return;
        condition.are_numbers = is_number;
        texts[i] = arena_strdup(w->arena, text);
    }
    list->items = arena_grow(w->arena, list->items, list->count, &list->cap, sizeof *list->items);
    if (!list->items || !texts)
        return;
    condition.column = dialect_lower(w->arena, column);
    condition.values = texts;
    list->items[list->count++] = condition;
}

/* 1 < a is a > 1 */
static const char *flipped(const char *op)
{
    static const char *const pairs[][2] = {{"=", "="}, {"<", ">"}, {"<=", ">="}, {">", "<"}, {">=", "<="}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(pairs[i][0], op) == 0)
            return pairs[i][1];
    return NULL;
}

static void read_condition(struct walk *w, const struct expr *expr, const char *relation, struct conditions *list)
{
    if (expr->kind == EXPR_AND) {
        for (size_t i = 0; i < expr->count; i++)
            read_condition(w, expr->args[i], relation, list);
        return;
    }
    if (expr->is_negated || expr->count < 2)
        return;
    const char *left = column_of(expr->args[0], relation), *right = column_of(expr->args[1], relation);
    if (expr->kind == EXPR_COMPARE && expr->name && flipped(expr->name)) {
        if (left)
            add_condition(w, list, left, expr->name, &expr->args[1], 1);
        else if (right)
            add_condition(w, list, right, flipped(expr->name), &expr->args[0], 1);
    } else if (expr->kind == EXPR_BETWEEN && left && expr->count == 3) {
        add_condition(w, list, left, ">=", &expr->args[1], 1);
        add_condition(w, list, left, "<=", &expr->args[2], 1);
    } else if (expr->kind == EXPR_IN_LIST && left) {
        add_condition(w, list, left, "IN", expr->args + 1, expr->count - 1);
    }
}

/* --- relations --- */
static bool add_read(struct walk *w, const struct relation *relation, const struct held *held)
{
    const char *name = relation->parts[relation->part_count - 1];
    const char *database = relation->part_count > 1 ? relation->parts[relation->part_count - 2] : w->database;
    struct conditions list = {.items = NULL};
    for (; held; held = held->next)
        if (held->expr)
            read_condition(w, held->expr, relation->alias ? relation->alias : name, &list);
    if (w->reads->count == DIALECT_READS_MAX)
        return dialect_fail(w->err, "QUERY_TOO_LARGE", "the statement reads more than %d tables", DIALECT_READS_MAX);
    w->items = arena_grow(w->arena, w->items, w->reads->count, &w->cap, sizeof *w->items);
    if (!w->items)
        return dialect_fail(w->err, "QUERY_TOO_LARGE", "the statement is too large");
    w->items[w->reads->count++] = (struct dialect_read){.database = dialect_lower(w->arena, database),
                                                        .name = dialect_lower(w->arena, name),
                                                        .conditions = list.items,
                                                        .condition_count = list.count,
                                                        .is_all = w->takes_all};
    return true;
}

static bool walk_table(struct walk *w, const struct relation *relation, const struct cte_scope *ctes,
                       const struct held *held)
{
    for (const struct cte_scope *cte = ctes; cte && relation->part_count == 1; cte = cte->outer)
        if (strcasecmp(cte->item->name, relation->parts[0]) == 0) {
            struct cte_scope open = *cte;
            open.is_open = true;
            if (cte->is_open)
                return true;
            return walk_query(w, cte->item->query, cte->is_recursive ? &open : cte->outer);
        }
    return add_read(w, relation, held);
}

static bool walk_relation(struct walk *w, const struct relation *relation, const struct cte_scope *ctes,
                          const struct held *held)
{
    if (!enter(w))
        return false;
    bool ok = true;
    if (relation->kind == RELATION_TABLE) {
        ok = walk_table(w, relation, ctes, held);
    } else if (relation->kind == RELATION_QUERY) {
        ok = walk_query(w, relation->query, ctes);
    } else if (relation->kind == RELATION_JOIN) {
        /* ON leaves out rows of a side only where that side's rows need a partner */
        struct held on = {.expr = relation->on, .next = held};
        bool is_left = strcmp(relation->join, "LEFT") == 0, is_right = strcmp(relation->join, "RIGHT") == 0;
        bool is_full = strcmp(relation->join, "FULL") == 0;
        ok = walk_relation(w, relation->left, ctes, relation->on && !is_left && !is_full ? &on : held) &&
             walk_relation(w, relation->right, ctes, relation->on && !is_right && !is_full ? &on : held) &&
             (!relation->on || walk_expr(w, relation->on, ctes));
    }
    for (size_t i = 0; ok && i < relation->count; i++)
        ok = walk_expr(w, relation->args[i], ctes);
    w->depth--;
    return ok;
}

/* --- subqueries of expressions --- */
static bool walk_sorts(struct walk *w, const struct sort *sorts, size_t count, const struct cte_scope *ctes)
{
    for (size_t i = 0; i < count; i++)
        if (!walk_expr(w, sorts[i].expr, ctes))
            return false;
    return true;
}

static bool walk_expr(struct walk *w, const struct expr *expr, const struct cte_scope *ctes)
{
    if (!expr)
        return true;
    if (!enter(w))
        return false;
    bool ok = !expr->query || walk_query(w, expr->query, ctes);
    for (size_t i = 0; ok && i < expr->count; i++)
        ok = walk_expr(w, expr->args[i], ctes);
    if (ok && expr->call)
        ok = walk_expr(w, expr->call->filter, ctes) && walk_sorts(w, expr->call->sorts, expr->call->sort_count, ctes) &&
             walk_sorts(w, expr->call->window.sorts, expr->call->window.sort_count, ctes);
    w->depth--;
    return ok;
}

/* --- queries --- */
static bool has_star(const struct select *select)
{
    for (size_t i = 0; i < select->item_count; i++)
        if (!select->items[i].expr)
            return true;
    return false;
}

static bool walk_select(struct walk *w, const struct select *select, const struct cte_scope *ctes)
{
    struct held where = {.expr = select->where};
    bool outer = w->takes_all;
    w->takes_all = has_star(select);
    bool ok = !select->from || walk_relation(w, select->from, ctes, &where);
    w->takes_all = outer;
    if (!ok)
        return false;
    for (size_t i = 0; i < select->item_count; i++)
        if (!walk_expr(w, select->items[i].expr, ctes))
            return false;
    for (size_t i = 0; i < select->group_count; i++)
        for (size_t k = 0; k < select->groups[i].count; k++)
            for (size_t n = 0; n < select->groups[i].sets[k].count; n++)
                if (!walk_expr(w, select->groups[i].sets[k].exprs[n], ctes))
                    return false;
    return walk_expr(w, select->where, ctes) && walk_expr(w, select->having, ctes);
}

static bool walk_body(struct walk *w, const struct body *body, const struct cte_scope *ctes)
{
    if (!enter(w))
        return false;
    bool ok = true;
    if (body->kind == BODY_SELECT)
        ok = walk_select(w, body->select, ctes);
    else if (body->kind == BODY_QUERY)
        ok = walk_query(w, body->query, ctes);
    else if (body->kind == BODY_SET)
        ok = walk_body(w, body->left, ctes) && walk_body(w, body->right, ctes);
    for (size_t i = 0; ok && body->kind == BODY_VALUES && i < body->row_count; i++)
        ok = walk_expr(w, body->rows[i], ctes);
    w->depth--;
    return ok;
}

static bool walk_query(struct walk *w, const struct query *query, const struct cte_scope *ctes)
{
    if (!enter(w))
        return false;
    for (size_t i = 0; i < query->with_count; i++) {
        struct cte_scope *scope = ARENA_NEW(w->arena, struct cte_scope);
        if (!scope)
            return dialect_fail(w->err, "QUERY_TOO_LARGE", "the statement is too large");
        *scope = (struct cte_scope){.item = &query->withs[i], .outer = ctes, .is_recursive = query->is_recursive};
        ctes = scope;
    }
    w->reads->is_limited = w->reads->is_limited || query->limit;
    bool ok = walk_body(w, query->body, ctes) && walk_sorts(w, query->sorts, query->sort_count, ctes);
    w->depth--;
    return ok;
}

/* --- the statement --- */
/* Moves to the query inside a statement that runs one. */
static void skip_to_query(struct parser *p, enum dialect_kind kind)
{
    if (kind == DIALECT_UNLOAD) {
        p->next = 2; /* UNLOAD ( */
    } else if (kind == DIALECT_INSERT) {
        p->next = 2; /* INSERT INTO name [(columns)] */
        while (parser_is_name(p) || parser_is(p, "."))
            p->next++;
        if (parser_is(p, "(") && !parser_at_query(p) && p->closes[p->next])
            p->next = p->closes[p->next] + 1;
    } else if (kind == DIALECT_CTAS) {
        while (!parser_at_end(p) && !parser_accept(p, "AS"))
            p->next = parser_is(p, "(") && p->closes[p->next] ? p->closes[p->next] + 1 : p->next + 1;
    }
}

static const char *const *names_of(const struct parser *p)
{
    const char **names = ARENA_ARRAY(p->arena, const char *, p->count + 1);
    size_t count = 0;
    for (size_t i = 0; names && i < p->count; i++) {
        enum dialect_token_kind kind = p->items[i].kind;
        if (kind == TOKEN_NAME || kind == TOKEN_QUOTED_NAME || kind == TOKEN_FUNCTION || kind == TOKEN_KEYWORD) {
            const char *name = lexeme_value(p, &p->items[i]);
            names[count] = name ? dialect_lower(p->arena, name) : NULL;
            count += names[count] != NULL;
        }
    }
    if (!names)
        dialect_fail(p->err, "QUERY_TOO_LARGE", "the statement is too large");
    return names;
}

struct dialect_reads *dialect_reads(const char *sql, size_t len, const char *database, struct arena *arena,
                                    struct err *err)
{
    struct parser p;
    struct dialect_nature nature = dialect_nature(sql, len);
    struct dialect_reads *reads = ARENA_NEW(arena, struct dialect_reads);
    struct walk w = {.arena = arena, .err = err, .database = database ? database : "default", .reads = reads};
    if (!reads || !parser_init(&p, sql, len, arena, err))
        return NULL;
    if (!nature.scans)
        return reads;
    if (nature.kind == DIALECT_EXPLAIN) { /* ANALYZE [VERBOSE] */
        p.next = parser_is_at(&p, 2, "VERBOSE") ? 3 : 2;
        size_t at = parser_peek(&p, 0)->at;
        return dialect_reads(sql + at, len - at, database, arena, err);
    }
    if (nature.kind == DIALECT_EXECUTE) {
        dialect_fail(err, "NOT_SUPPORTED", "what a prepared statement reads is known to the service alone");
        return NULL;
    }
    skip_to_query(&p, nature.kind);
    const struct query *query = parse_query(&p);
    if (query && nature.kind == DIALECT_CTAS && parser_accept_words(&p, "WITH NO DATA"))
        return reads;
    bool is_whole = query && (nature.kind == DIALECT_CTAS && parser_accept_words(&p, "WITH DATA"));
    is_whole = is_whole || (query && (parser_at_end(&p) || (nature.kind == DIALECT_UNLOAD && parser_is(&p, ")"))));
    if (query && !is_whole)
        parser_mismatch(&p, "<EOF>");
    if (!is_whole || !walk_query(&w, query, NULL))
        return NULL;
    reads->items = w.items;
    reads->names = names_of(&p);
    return reads->names ? reads : NULL;
}
