/* The relations that a column at the cursor may come from: tables, aliases, WITH names and subqueries of the query
 * around the cursor and of those around it, wherever its FROM stands. Only what is plainly written is understood; a
 * relation that is not understood has no columns. See completion_private.h. */
#include "backend/domain/completion_private.h"
#include <string.h>
#include <strings.h>

static const char *const query_words[] = {"SELECT", "WITH", "VALUES", "TABLE", NULL};
static const char *const set_words[] = {"UNION", "INTERSECT", "EXCEPT", NULL};
static const char *const from_ends[] = {"WHERE",  "GROUP", "HAVING",    "ORDER",  "LIMIT", "OFFSET", "FETCH",
                                        "WINDOW", "UNION", "INTERSECT", "EXCEPT", ";",     NULL};

struct span { /* words [from, to) of one level */
    int from, to;
};

const struct catalog_table *complete_find_table(const struct complete_context *c, const char *database,
                                                const char *name)
{
    const struct catalog_view *view = c->request->view;
    for (size_t i = 0; view && i < view->table_count; i++)
        if (strcasecmp(view->tables[i].name, name) == 0 && strcasecmp(view->tables[i].database, database) == 0)
            return &view->tables[i];
    return NULL;
}

/* The next word of the same level: brackets are one. */
static int behind(const struct complete_context *c, int i)
{
    if (complete_is(c, i, "(") && c->words[i].partner != COMPLETION_NO_WORD)
        return c->words[i].partner + 1;
    return complete_is(c, i, "(") ? c->count : i + 1;
}

static int closing(const struct complete_context *c, int opener)
{
    return c->words[opener].partner == COMPLETION_NO_WORD ? c->count : c->words[opener].partner;
}

static int find_word(const struct complete_context *c, struct span span, const char *word)
{
    for (int i = span.from; i < span.to; i = behind(c, i))
        if (complete_is(c, i, word) && (i == c->at || !complete_is(c, i - 1, "."))) /* t.FROM is a column */
            return i;
    return COMPLETION_NO_WORD;
}

static int find_any(const struct complete_context *c, struct span span, const char *const *words)
{
    for (int i = span.from; i < span.to; i = behind(c, i))
        if (complete_is_any(c, i, words))
            return i;
    return span.to;
}

/* --- columns of a query, as far as they are plainly written --- */
struct column_list {
    struct complete_column *items;
    size_t count, cap;
};

static void add_column(const struct complete_context *c, struct column_list *list, const char *name, const char *type)
{
    list->items = arena_grow(c->arena, list->items, list->count, &list->cap, sizeof *list->items);
    if (list->items)
        list->items[list->count++] = (struct complete_column){.name = name, .type = type};
}

static void add_all_of(const struct complete_context *c, const struct complete_relation *relation,
                       struct column_list *list)
{
    for (size_t i = 0; relation->table && i < relation->table->column_count; i++)
        add_column(c, list, relation->table->columns[i].name, relation->table->columns[i].type);
    for (size_t i = 0; !relation->table && i < relation->column_count; i++)
        add_column(c, list, relation->columns[i].name, relation->columns[i].type);
}

static void add_names(const struct complete_context *c, int opener, struct column_list *list)
{
    for (int i = opener + 1; i < closing(c, opener); i++)
        if (complete_is_name(c, i) && !complete_is_name(c, i - 1))
            add_column(c, list, complete_name(c, i), "");
}

struct relations {
    struct complete_relation items[COMPLETION_RELATIONS];
    int count;
};
static void read_from(struct complete_context *c, struct span span, int depth, struct relations *out);

static const char *type_of(const struct relations *from, const char *relation, const char *name)
{
    for (int i = 0; i < from->count; i++) {
        const struct complete_relation *r = &from->items[i];
        if (relation && strcasecmp(relation, r->name) != 0)
            continue;
        for (size_t k = 0; r->table && k < r->table->column_count; k++)
            if (strcasecmp(r->table->columns[k].name, name) == 0)
                return r->table->columns[k].type;
        for (size_t k = 0; k < r->column_count; k++)
            if (strcasecmp(r->columns[k].name, name) == 0)
                return r->columns[k].type;
    }
    return "";
}

/* One item of a select list: name, q.name, ... [AS] name, *, q.* */
static void add_output(const struct complete_context *c, struct span item, const struct relations *from,
                       struct column_list *list)
{
    int last = item.to - 1, count = item.to - item.from;
    if (count < 1)
        return;
    if (complete_is(c, last, "*") && (count == 1 || complete_is(c, last - 1, "."))) {
        const char *of = count >= 3 ? complete_name(c, last - 2) : NULL;
        for (int i = 0; i < from->count; i++)
            if (!of || strcasecmp(of, from->items[i].name) == 0)
                add_all_of(c, &from->items[i], list);
        return;
    }
    if (!complete_is_name(c, last))
        return;
    const char *name = complete_name(c, last);
    if (count == 1)
        add_column(c, list, name, type_of(from, NULL, name));
    else if (complete_is(c, last - 1, "."))
        add_column(c, list, name,
                   type_of(from, complete_is_name(c, last - 2) ? complete_name(c, last - 2) : NULL, name));
    else if (complete_is(c, last - 1, "AS") || complete_is_name(c, last - 1) || complete_is(c, last - 1, ")") ||
             complete_is(c, last - 1, "END") || c->words[last - 1].kind == TOKEN_NUMBER ||
             c->words[last - 1].kind == TOKEN_STRING)
        add_column(c, list, name,
                   count == 3 && complete_is(c, last - 1, "AS") && complete_is_name(c, item.from)
                       ? type_of(from, NULL, complete_name(c, item.from))
                       : "");
}

/* The first SELECT of the span, up to the first UNION; WITH before it is passed. */
static void read_outputs(struct complete_context *c, struct span span, int depth, struct column_list *list)
{
    int select = find_word(c, span, "SELECT");
    if (select == COMPLETION_NO_WORD || depth > COMPLETION_DEPTH)
        return;
    struct span body = {select + 1, find_any(c, (struct span){select + 1, span.to}, set_words)};
    struct relations *from = ARENA_NEW(c->arena, struct relations);
    if (!from)
        return;
    read_from(c, body, depth + 1, from);
    int end = find_word(c, body, "FROM"), start = body.from;
    end = end == COMPLETION_NO_WORD ? body.to : end;
    if (complete_is(c, start, "DISTINCT") || complete_is(c, start, "ALL"))
        start++;
    for (int i = start; i < end; i = behind(c, i))
        if (complete_is(c, i, ",")) {
            add_output(c, (struct span){start, i}, from, list);
            start = i + 1;
        }
    add_output(c, (struct span){start, end}, from, list);
}

/* --- FROM --- */
static const struct complete_relation *find_cte(const struct complete_context *c, const char *name)
{
    for (int i = 0; i < c->cte_count; i++)
        if (strcasecmp(c->ctes[i].name, name) == 0)
            return &c->ctes[i];
    return NULL;
}

/* [AS] alias [(columns)] behind a relation; returns the index behind. */
static int read_alias(const struct complete_context *c, int i, int to, struct complete_relation *relation)
{
    static const char *const none[] = {"JOIN",  "LEFT",        "RIGHT", "FULL",  "INNER",  "CROSS", "NATURAL", "ON",
                                       "USING", "TABLESAMPLE", "WITH",  "LIMIT", "OFFSET", "FETCH", "WINDOW",  NULL};
    if (complete_is(c, i, "AS"))
        i++;
    if (i >= to || i == c->at || !complete_is_name(c, i) || complete_is_any(c, i, none))
        return i;
    relation->name = complete_name(c, i++);
    relation->database = "";
    if (i < to && complete_is(c, i, "(")) {
        struct column_list list = {.items = NULL};
        add_names(c, i, &list);
        relation->columns = list.items;
        relation->column_count = list.count;
        relation->table = NULL;
        i = behind(c, i);
    }
    return i;
}

static int read_table(const struct complete_context *c, int i, int to, struct complete_relation *relation)
{
    const char *parts[3];
    int count = 0;
    while (i < to && count < 3 && complete_is_name(c, i)) {
        parts[count++] = complete_name(c, i++);
        if (!complete_is(c, i, ".") || i == c->at)
            break;
        i++;
    }
    if (count == 0)
        return i + 1;
    const char *database = count > 1 ? parts[count - 2] : c->request->database ? c->request->database : "";
    const struct complete_relation *cte = count == 1 ? find_cte(c, parts[0]) : NULL;
    relation->name = parts[count - 1];
    relation->database = cte ? "" : database;
    if (cte) {
        relation->columns = cte->columns;
        relation->column_count = cte->column_count;
    } else {
        relation->table = complete_find_table(c, database, relation->name);
    }
    return read_alias(c, i, to, relation);
}

static void keep(struct relations *out, const struct complete_relation *relation)
{
    if (out->count < COMPLETION_RELATIONS)
        out->items[out->count++] = *relation;
}

static int read_relation(struct complete_context *c, int i, int to, int depth, struct relations *out)
{
    struct complete_relation relation = {.name = "", .database = "", .word = i};
    if (complete_is(c, i, "LATERAL"))
        i++;
    if (complete_is(c, i, "UNNEST") && complete_is(c, i + 1, "(")) {
        i = behind(c, i + 1);
        i = complete_is(c, i, "WITH") ? i + 2 : i;
        i = read_alias(c, i, to, &relation);
        keep(out, &relation);
        return i;
    }
    if (complete_is(c, i, "(")) {
        struct span inside = {i + 1, closing(c, i)};
        if (complete_is_any(c, i + 1, query_words)) {
            struct column_list list = {.items = NULL};
            read_outputs(c, inside, depth + 1, &list);
            relation.columns = list.items;
            relation.column_count = list.count;
        } else if (depth < COMPLETION_DEPTH) { /* joins in parentheses */
            int at = inside.from;
            while (at < inside.to) {
                int next = read_relation(c, at, inside.to, depth + 1, out);
                at = next > at ? next : at + 1;
                while (at < inside.to && !complete_is(c, at, "JOIN") && !complete_is(c, at, ","))
                    at = behind(c, at);
                at++;
            }
            return behind(c, i);
        }
        i = read_alias(c, behind(c, i), to, &relation);
        keep(out, &relation);
        return i;
    }
    if (i == c->at && i >= to)
        return i;
    int next = read_table(c, i, to, &relation);
    if (*relation.name)
        keep(out, &relation);
    return next;
}

/* The relations of FROM in a query's body. */
static void read_from(struct complete_context *c, struct span span, int depth, struct relations *out)
{
    int from = find_word(c, span, "FROM");
    if (from == COMPLETION_NO_WORD || depth > COMPLETION_DEPTH)
        return;
    int end = find_any(c, (struct span){from + 1, span.to}, from_ends);
    bool is_due = true;
    for (int i = from + 1; i < end;) {
        if (is_due) {
            int next = read_relation(c, i, end, depth, out);
            i = next > i ? next : i + 1;
            is_due = false;
            continue;
        }
        is_due = complete_is(c, i, ",") || complete_is(c, i, "JOIN");
        i = behind(c, i);
    }
}

/* --- WITH --- */
/* name [(columns)] AS ( query ), behind WITH, RECURSIVE or ',' */
static void read_cte(struct complete_context *c, int i)
{
    int as = i + 1;
    struct column_list list = {.items = NULL};
    bool may_be = complete_is(c, i - 1, "WITH") || complete_is(c, i - 1, "RECURSIVE") || complete_is(c, i - 1, ",");
    if (!may_be || !complete_is_name(c, i) || c->cte_count == COMPLETION_RELATIONS)
        return;
    if (complete_is(c, as, "(")) {
        add_names(c, as, &list);
        as = behind(c, as);
    }
    if (!complete_is(c, as, "AS") || !complete_is(c, as + 1, "(") || !complete_is_any(c, as + 2, query_words))
        return;
    if (list.count == 0)
        read_outputs(c, (struct span){as + 2, closing(c, as + 1)}, 0, &list);
    c->ctes[c->cte_count++] = (struct complete_relation){
        .name = complete_name(c, i), .database = "", .columns = list.items, .column_count = list.count};
}

/* --- the queries around the cursor --- */
/* The part of [from, to) between two set operators in which the cursor is. */
static struct span arm_of(const struct complete_context *c, struct span span)
{
    for (int i = span.from; i < span.to; i = behind(c, i)) {
        if (!complete_is_any(c, i, set_words))
            continue;
        if (i < c->at)
            span.from = i + 1;
        else
            span.to = i;
    }
    return span;
}

static int innermost(const struct complete_context *c)
{
    for (int i = c->at - 1; i >= 0; i--) {
        if (complete_is(c, i, ")") && c->words[i].partner != COMPLETION_NO_WORD)
            i = c->words[i].partner;
        else if (complete_is(c, i, "("))
            return i;
    }
    return COMPLETION_NO_WORD;
}

static void take(struct complete_context *c, struct span span, int level)
{
    struct relations *found = ARENA_NEW(c->arena, struct relations);
    if (!found)
        return;
    read_from(c, arm_of(c, span), 0, found);
    for (int i = 0; i < found->count && c->relation_count < COMPLETION_RELATIONS; i++) {
        found->items[i].level = level;
        c->relations[c->relation_count++] = found->items[i];
    }
}

/* INSERT INTO t (..., ALTER TABLE t, SHOW PARTITIONS t: the table is the relation. */
static void take_target(struct complete_context *c)
{
    static const char *const targets[] = {"INTO", "TABLE", "PARTITIONS", NULL};
    int first = find_any(c, (struct span){0, c->at}, targets);
    struct complete_relation relation = {.name = "", .database = ""};
    if (first >= c->at || c->relation_count == COMPLETION_RELATIONS)
        return;
    read_table(c, first + 1, c->at, &relation);
    if (relation.table)
        c->relations[c->relation_count++] = relation;
}

static struct span query_around(const struct complete_context *c, int opener)
{
    return opener == COMPLETION_NO_WORD ? (struct span){0, c->count} : (struct span){opener + 1, closing(c, opener)};
}

void complete_find_relations(struct complete_context *c)
{
    int level = 0;
    for (int i = 1; i < c->count; i++)
        read_cte(c, i);
    for (int opener = innermost(c); opener != COMPLETION_NO_WORD; opener = c->words[opener].opener)
        if (complete_is_any(c, opener + 1, query_words))
            take(c, query_around(c, opener), level++);
    take(c, query_around(c, COMPLETION_NO_WORD), level);
    if (c->relation_count == 0 && !complete_is_any(c, 0, query_words))
        take_target(c);
}

size_t complete_outputs(const struct complete_context *c, struct complete_column **columns)
{
    int opener = innermost(c);
    while (opener != COMPLETION_NO_WORD && !complete_is_any(c, opener + 1, query_words))
        opener = c->words[opener].opener;
    struct column_list list = {.items = NULL};
    read_outputs((struct complete_context *)c, arm_of(c, query_around(c, opener)), 0, &list);
    *columns = list.items;
    return list.count;
}
