/* Queries of Trino's grammar: WITH, SELECT, set operations, FROM with joins and UNNEST, grouping, ordering, limits.
 * Source: Trino's SqlBase grammar, Athena User Guide "SELECT". */
#include "backend/sql/dialect_parse.h"
#include "backend/sql/dialect_type.h"
#include <string.h>
#include <strings.h>

bool parse_names(struct parser *p, const char ***names, size_t *count)
{
    size_t cap = 0;
    if (!parser_expect(p, "("))
        return false;
    do {
        const char *name = parser_name(p);
        if (!name || !(*names = arena_grow(p->arena, *names, *count, &cap, sizeof **names)))
            return false;
        (*names)[(*count)++] = name;
    } while (parser_accept(p, ","));
    return parser_expect(p, ")");
}

static bool add_expr(struct parser *p, struct expr ***list, size_t *count, size_t *cap)
{
    struct expr *expr = parse_expr(p);
    if (!expr || !(*list = arena_grow(p->arena, *list, *count, cap, sizeof **list)))
        return false;
    (*list)[(*count)++] = expr;
    return true;
}

/* --- FROM --- */
static bool table_alias(struct parser *p, struct relation *relation)
{
    static const char *const not_alias[] = {"TABLESAMPLE", "LIMIT", "OFFSET", "FETCH", "WINDOW", "MATCH_RECOGNIZE"};
    bool as = parser_accept(p, "AS");
    bool may = parser_is_name(p) || parser_is_string(p);
    for (size_t i = 0; !as && i < sizeof not_alias / sizeof *not_alias; i++)
        may = may && !parser_is(p, not_alias[i]);
    if (!as && (!may || parser_is_string(p)))
        return true;
    if (!(relation->alias = parser_name(p)))
        return false;
    return !parser_is(p, "(") || parse_names(p, &relation->columns, &relation->column_count);
}

static bool unnest(struct parser *p, struct relation *relation)
{
    size_t cap = 0;
    relation->kind = RELATION_UNNEST;
    if (!parser_expect(p, "("))
        return false;
    do {
        if (!add_expr(p, &relation->args, &relation->count, &cap))
            return false;
    } while (parser_accept(p, ","));
    if (!parser_expect(p, ")"))
        return false;
    relation->ordinality = parser_accept_words(p, "WITH ORDINALITY");
    return true;
}

static bool table_name(struct parser *p, struct relation *relation)
{
    size_t cap = 0;
    relation->kind = RELATION_TABLE;
    do {
        const char *part = parser_name(p);
        relation->parts = arena_grow(p->arena, relation->parts, relation->part_count, &cap, sizeof(char *));
        if (!part || !relation->parts)
            return false;
        relation->parts[relation->part_count++] = part;
    } while (parser_accept(p, "."));
    if (relation->part_count > 3)
        return dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, relation->at, "Too many dots in table name");
    if (parser_is(p, "FOR") && (parser_is_at(p, 1, "TIMESTAMP") || parser_is_at(p, 1, "VERSION")))
        return dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, parser_peek(p, 0)->at,
                               "time travel is for Iceberg tables, which are not supported");
    return true;
}

static struct relation *parse_from(struct parser *p);

static bool relation_body(struct parser *p, struct relation *relation)
{
    relation->is_lateral = parser_accept(p, "LATERAL");
    if (parser_accept(p, "UNNEST"))
        return unnest(p, relation);
    if (parser_is(p, "TABLE") && parser_is_at(p, 1, "("))
        return dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, relation->at, "table functions are not supported");
    if (!parser_is(p, "("))
        return table_name(p, relation);
    bool is_query = parser_at_query(p);
    p->next++;
    if (is_query) {
        relation->kind = RELATION_QUERY;
        return (relation->query = parse_query(p)) && parser_expect(p, ")");
    }
    struct relation *inner = parse_from(p);
    if (!inner || !parser_expect(p, ")"))
        return false;
    size_t at = relation->at;
    *relation = *inner;
    relation->at = at;
    return true;
}

static bool sample(struct parser *p, struct relation *relation)
{
    if (!parser_accept(p, "TABLESAMPLE"))
        return true;
    if (!parser_is(p, "BERNOULLI") && !parser_is(p, "SYSTEM"))
        return parser_mismatch(p, "'BERNOULLI', 'SYSTEM'");
    relation->sample_method = lexeme_text(p, &p->items[p->next++]);
    return parser_expect(p, "(") && (relation->sample = parse_expr(p)) && parser_expect(p, ")");
}

static struct relation *new_relation(struct parser *p)
{
    struct relation *relation = ARENA_NEW(p->arena, struct relation);
    if (relation)
        relation->at = parser_peek(p, 0)->at;
    return relation;
}

static struct relation *parse_relation(struct parser *p)
{
    struct relation *relation = new_relation(p);
    if (!relation || !parser_enter(p))
        return NULL;
    bool ok = relation_body(p, relation) && (relation->kind == RELATION_JOIN || table_alias(p, relation)) &&
              sample(p, relation);
    parser_leave(p);
    if (ok && parser_is(p, "MATCH_RECOGNIZE"))
        ok =
            dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, parser_peek(p, 0)->at, "MATCH_RECOGNIZE is not supported");
    return ok ? relation : NULL;
}

static const char *join_words(struct parser *p, size_t at)
{
    static const char *const sides[] = {"LEFT", "RIGHT", "FULL"};
    if (parser_accept_words(p, "CROSS JOIN"))
        return "CROSS";
    if (parser_is(p, "NATURAL")) {
        dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, at, "Natural join not supported");
        return NULL;
    }
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        if (parser_accept(p, sides[i])) {
            parser_accept(p, "OUTER");
            return parser_expect(p, "JOIN") ? sides[i] : NULL;
        }
    if (parser_accept(p, "INNER"))
        return parser_expect(p, "JOIN") ? "INNER" : NULL;
    return parser_accept(p, "JOIN") ? "INNER" : "";
}

static bool join_condition(struct parser *p, struct relation *join)
{
    if (strcmp(join->join, "CROSS") == 0)
        return true;
    if (parser_accept(p, "ON"))
        return (join->on = parse_expr(p)) != NULL;
    return parser_accept(p, "USING") ? parse_names(p, &join->uses, &join->use_count)
                                     : parser_mismatch(p, "'ON', 'USING'");
}

static struct relation *parse_joins(struct parser *p)
{
    struct relation *left = parse_relation(p);
    while (left) {
        struct relation *join = new_relation(p);
        if (!join || !(join->join = join_words(p, left->at)))
            return NULL;
        if (!*join->join)
            return left;
        join->kind = RELATION_JOIN;
        join->left = left;
        join->right = parse_relation(p);
        if (!join->right || !join_condition(p, join))
            return NULL;
        left = join;
    }
    return NULL;
}

static struct relation *parse_from(struct parser *p)
{
    enum { JOINS_MAX = 500 };
    struct relation *left = parse_joins(p);
    for (size_t count = 0; left && parser_accept(p, ","); count++) {
        struct relation *join = new_relation(p);
        if (!join || count > JOINS_MAX)
            return NULL;
        join->kind = RELATION_JOIN;
        join->join = "CROSS";
        join->left = left;
        join->right = parse_joins(p);
        left = join->right ? join : NULL;
    }
    return left;
}

/* --- SELECT --- */
/* name.name.*: how many lexemes, 0 when it is none. */
static size_t at_star(const struct parser *p)
{
    size_t ahead = 0;
    while (parser_peek(p, ahead)->kind == TOKEN_NAME || parser_peek(p, ahead)->kind == TOKEN_QUOTED_NAME ||
           parser_peek(p, ahead)->kind == TOKEN_KEYWORD) {
        if (!parser_is_at(p, ahead + 1, "."))
            return 0;
        ahead += 2;
        if (parser_is_at(p, ahead, "*"))
            return ahead + 1;
    }
    return 0;
}

static bool select_item(struct parser *p, struct select_item *item)
{
    size_t star = at_star(p), cap = 0;
    item->at = parser_peek(p, 0)->at;
    if (parser_accept(p, "*"))
        return true;
    if (star) {
        while (!parser_accept(p, "*")) {
            const char *part = parser_name(p);
            item->star = arena_grow(p->arena, item->star, item->star_count, &cap, sizeof(char *));
            if (!part || !item->star || !parser_expect(p, "."))
                return false;
            item->star[item->star_count++] = part;
        }
        return true;
    }
    if (!(item->expr = parse_expr(p)))
        return false;
    if (parser_is(p, ".") && parser_is_at(p, 1, "*"))
        return dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, item->at,
                               "expanding a row with expression.* is not supported; name its fields");
    if (parser_accept(p, "AS"))
        return (item->alias = parser_name(p)) != NULL;
    if (parser_is_name(p) && !parser_is(p, "LIMIT") && !parser_is(p, "OFFSET") && !parser_is(p, "FETCH") &&
        !parser_is(p, "WINDOW"))
        return (item->alias = parser_name(p)) != NULL;
    return true;
}

static bool group_set(struct parser *p, struct group_set *set)
{
    size_t cap = 0;
    if (!parser_is(p, "(")) {
        return add_expr(p, &set->exprs, &set->count, &cap);
    }
    p->next++;
    while (!parser_is(p, ")")) {
        if (!add_expr(p, &set->exprs, &set->count, &cap))
            return false;
        if (!parser_accept(p, ","))
            break;
    }
    return parser_expect(p, ")");
}

static bool add_set(struct parser *p, struct group *group, size_t *cap)
{
    group->sets = arena_grow(p->arena, group->sets, group->count, cap, sizeof *group->sets);
    if (!group->sets)
        return false;
    group->sets[group->count] = (struct group_set){.count = 0};
    return group_set(p, &group->sets[group->count++]);
}

static bool group_element(struct parser *p, struct group *group)
{
    size_t cap = 0;
    if (parser_accept_words(p, "GROUPING SETS"))
        group->kind = "GROUPING SETS";
    else if (parser_accept(p, "ROLLUP"))
        group->kind = "ROLLUP";
    else if (parser_accept(p, "CUBE"))
        group->kind = "CUBE";
    else
        group->kind = "";
    if (!*group->kind) {
        size_t expr_cap = 0;
        group->sets = ARENA_NEW(p->arena, struct group_set);
        if (!group->sets)
            return false;
        group->count = 1;
        if (parser_is(p, "(") && parser_is_at(p, 1, ")")) { /* GROUP BY () */
            p->next += 2;
            return true;
        }
        return add_expr(p, &group->sets[0].exprs, &group->sets[0].count, &expr_cap);
    }
    if (!parser_expect(p, "("))
        return false;
    do {
        if (!add_set(p, group, &cap))
            return false;
    } while (parser_accept(p, ","));
    return parser_expect(p, ")");
}

static bool grouping(struct parser *p, struct select *select)
{
    size_t cap = 0;
    if (!parser_accept(p, "ALL") && parser_is(p, "DISTINCT"))
        return dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, parser_peek(p, 0)->at,
                               "GROUP BY DISTINCT is not supported");
    do {
        select->groups = arena_grow(p->arena, select->groups, select->group_count, &cap, sizeof *select->groups);
        if (!select->groups)
            return false;
        select->groups[select->group_count] = (struct group){.kind = ""};
        if (!group_element(p, &select->groups[select->group_count++]))
            return false;
    } while (parser_accept(p, ","));
    return true;
}

static bool windows(struct parser *p, struct select *select)
{
    size_t cap = 0;
    do {
        struct named_window window = {.name = parser_name(p)};
        if (!window.name || !parser_expect(p, "AS") || !parse_window(p, &window.window))
            return false;
        select->windows = arena_grow(p->arena, select->windows, select->window_count, &cap, sizeof *select->windows);
        if (!select->windows)
            return false;
        select->windows[select->window_count++] = window;
    } while (parser_accept(p, ","));
    return true;
}

static bool select_clauses(struct parser *p, struct select *select)
{
    if (parser_accept(p, "FROM") && !(select->from = parse_from(p)))
        return false;
    if (parser_accept(p, "WHERE") && !(select->where = parse_expr(p)))
        return false;
    if (parser_accept_words(p, "GROUP BY") && !grouping(p, select))
        return false;
    if (parser_accept(p, "HAVING") && !(select->having = parse_expr(p)))
        return false;
    return !(parser_is(p, "WINDOW") && parser_is_at(p, 2, "AS") && ++p->next) || windows(p, select);
}

static bool parse_select(struct parser *p, struct body *body)
{
    struct select *select = ARENA_NEW(p->arena, struct select);
    size_t cap = 0;
    if (!select)
        return false;
    body->select = select;
    select->is_distinct = parser_accept(p, "DISTINCT");
    if (!select->is_distinct)
        parser_accept(p, "ALL");
    do {
        struct select_item item = {.at = 0};
        select->items = arena_grow(p->arena, select->items, select->item_count, &cap, sizeof *select->items);
        if (!select->items || !select_item(p, &item))
            return false;
        select->items[select->item_count++] = item;
    } while (parser_accept(p, ","));
    return select_clauses(p, select);
}

static bool values(struct parser *p, struct body *body)
{
    size_t cap = 0;
    body->kind = BODY_VALUES;
    do {
        if (!add_expr(p, &body->rows, &body->row_count, &cap))
            return false;
    } while (parser_accept(p, ","));
    return true;
}

/* TABLE name: SELECT * FROM name */
static bool table_body(struct parser *p, struct body *body)
{
    struct select *select = ARENA_NEW(p->arena, struct select);
    struct relation *relation = new_relation(p);
    if (!select || !relation || !table_name(p, relation))
        return false;
    select->from = relation;
    select->items = ARENA_NEW(p->arena, struct select_item);
    select->item_count = 1;
    body->select = select;
    return select->items != NULL;
}

static struct body *new_body(struct parser *p, enum body_kind kind)
{
    struct body *body = ARENA_NEW(p->arena, struct body);
    if (body) {
        body->kind = kind;
        body->at = parser_peek(p, 0)->at;
    }
    return body;
}

static struct body *body_primary(struct parser *p)
{
    struct body *body = new_body(p, BODY_SELECT);
    if (!body)
        return NULL;
    if (parser_accept(p, "SELECT"))
        return parse_select(p, body) ? body : NULL;
    if (parser_accept(p, "VALUES"))
        return values(p, body) ? body : NULL;
    if (parser_accept(p, "TABLE"))
        return table_body(p, body) ? body : NULL;
    if (!parser_accept(p, "(")) {
        parser_mismatch(p, "'(', 'SELECT', 'TABLE', 'VALUES'");
        return NULL;
    }
    body->kind = BODY_QUERY;
    body->query = parse_query(p);
    return body->query && parser_expect(p, ")") ? body : NULL;
}

static struct body *set_chain(struct parser *p, const char *const *ops, struct body *(*next)(struct parser *))
{
    enum { SETS_MAX = 1000 };
    struct body *left = next(p);
    for (size_t count = 0; left; count++) {
        const char *op = NULL;
        for (size_t i = 0; ops[i] && !op; i++)
            if (parser_accept(p, ops[i]))
                op = ops[i];
        if (!op)
            return left;
        struct body *set = new_body(p, BODY_SET);
        if (!set || count > SETS_MAX) {
            dialect_fail(p->err, "STACK_OVERFLOW", "statement is too large (more than %d set operations)", SETS_MAX);
            return NULL;
        }
        set->op = op;
        set->is_all = parser_accept(p, "ALL");
        if (!set->is_all)
            parser_accept(p, "DISTINCT");
        set->left = left;
        set->right = next(p);
        left = set->right ? set : NULL;
    }
    return NULL;
}

static struct body *body_intersect(struct parser *p)
{
    static const char *const ops[] = {"INTERSECT", NULL};
    return set_chain(p, ops, body_primary);
}

static struct body *parse_body(struct parser *p)
{
    static const char *const ops[] = {"UNION", "EXCEPT", NULL};
    return set_chain(p, ops, body_intersect);
}

/* --- the query --- */
static bool withs(struct parser *p, struct query *query)
{
    size_t cap = 0;
    query->is_recursive = parser_accept(p, "RECURSIVE");
    do {
        struct with_item item = {.at = parser_peek(p, 0)->at, .name = parser_name(p)};
        if (!item.name || (parser_is(p, "(") && !parse_names(p, &item.columns, &item.column_count)))
            return false;
        if (!parser_expect(p, "AS") || !parser_expect(p, "(") || !(item.query = parse_query(p)) ||
            !parser_expect(p, ")"))
            return false;
        query->withs = arena_grow(p->arena, query->withs, query->with_count, &cap, sizeof *query->withs);
        if (!query->withs)
            return false;
        query->withs[query->with_count++] = item;
    } while (parser_accept(p, ","));
    return true;
}

/* A whole number or a parameter. */
static struct expr *row_count(struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    bool is_count =
        item->kind == TOKEN_PARAMETER || (item->kind == TOKEN_NUMBER && item->len == strspn(item->text, "0123456789"));
    if (is_count)
        return parse_primary(p);
    parser_mismatch(p, "'?', <integer>");
    return NULL;
}

static bool offset(struct parser *p, struct query *query)
{
    if (!parser_accept(p, "OFFSET"))
        return true;
    if (!(query->offset = row_count(p)))
        return false;
    if (!parser_accept(p, "ROWS"))
        parser_accept(p, "ROW");
    return true;
}

static bool limit(struct parser *p, struct query *query)
{
    if (parser_accept(p, "LIMIT")) {
        if (parser_accept(p, "ALL"))
            return true;
        return (query->limit = row_count(p)) != NULL;
    }
    if (!parser_accept(p, "FETCH"))
        return true;
    if (!parser_accept(p, "FIRST") && !parser_expect(p, "NEXT"))
        return false;
    if (!parser_is(p, "ROW") && !parser_is(p, "ROWS") && !(query->limit = row_count(p)))
        return false;
    if (!query->limit) {
        query->limit = expr_new(p, EXPR_NUMBER, parser_peek(p, 0)->at);
        if (!query->limit)
            return false;
        query->limit->name = "1";
    }
    if (!parser_accept(p, "ROWS") && !parser_expect(p, "ROW"))
        return false;
    query->with_ties = parser_accept_words(p, "WITH TIES");
    return query->with_ties || parser_expect(p, "ONLY");
}

static bool query_parts(struct parser *p, struct query *query)
{
    if (parser_accept(p, "WITH") && !withs(p, query))
        return false;
    if (!(query->body = parse_body(p)))
        return false;
    if (parser_accept_words(p, "ORDER BY") && !parse_sorts(p, &query->sorts, &query->sort_count))
        return false;
    return offset(p, query) && limit(p, query);
}

struct query *parse_query(struct parser *p)
{
    struct query *query = ARENA_NEW(p->arena, struct query);
    if (!query || !parser_enter(p))
        return NULL;
    query->at = parser_peek(p, 0)->at;
    bool ok = query_parts(p, query);
    parser_leave(p);
    return ok ? query : NULL;
}
