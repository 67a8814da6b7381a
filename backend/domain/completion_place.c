/* What may stand where the cursor is: told from the words before it, backwards to the clause that governs. See
 * completion_private.h. */
#include "backend/domain/completion_private.h"

struct clause {
    const char *word;
    unsigned operand, behind; /* where a value (or name) is due; where one has just ended */
};
/* The clauses whose places need no look around; the others are in complete_find_place. */
static const struct clause clauses[] = {
    {.word = "SELECT", .operand = PLACE_OPERAND, .behind = PLACE_BEHIND_ITEM},
    {.word = "FROM", .operand = PLACE_TABLE, .behind = PLACE_BEHIND_TABLE},
    {.word = "JOIN", .operand = PLACE_TABLE, .behind = PLACE_BEHIND_TABLE},
    {.word = "WHERE", .operand = PLACE_OPERAND, .behind = PLACE_BEHIND_TEST},
    {.word = "ON", .operand = PLACE_OPERAND, .behind = PLACE_BEHIND_TEST},
    {.word = "HAVING", .operand = PLACE_OPERAND, .behind = PLACE_BEHIND_TEST | PLACE_BEHIND_GROUP},
    {.word = "USING", .operand = PLACE_OPERAND, .behind = PLACE_BEHIND_TABLE | PLACE_BEHIND_TEST},
    {.word = "VALUES", .operand = PLACE_OPERAND, .behind = PLACE_BEHIND_ORDER},
    {.word = "LIMIT", .operand = PLACE_NOTHING, .behind = PLACE_NOTHING},
    {.word = "OFFSET", .operand = PLACE_NOTHING, .behind = PLACE_BEHIND_ORDER},
    {.word = "UNION", .operand = PLACE_QUERY, .behind = PLACE_NOTHING},
    {.word = "INTERSECT", .operand = PLACE_QUERY, .behind = PLACE_NOTHING},
    {.word = "EXCEPT", .operand = PLACE_QUERY, .behind = PLACE_NOTHING},
    {.word = "INTO", .operand = PLACE_TABLE, .behind = PLACE_QUERY | PLACE_COLUMNS},
    {.word = "USE", .operand = PLACE_DATABASE, .behind = PLACE_NOTHING},
    {.word = "EXPLAIN", .operand = PLACE_START, .behind = PLACE_NOTHING},
    {.word = "UNLOAD", .operand = PLACE_QUERY, .behind = PLACE_ANY},
    {.word = "EXECUTE", .operand = PLACE_NOTHING, .behind = PLACE_ANY},
    {.word = "PREPARE", .operand = PLACE_NOTHING, .behind = PLACE_ANY},
    {.word = "WITH", .operand = PLACE_NOTHING, .behind = PLACE_QUERY},
};

/* Has a value ended with this word? */
static bool ends_value(const struct complete_context *c, int i)
{
    static const char *const values[] = {
        "END",          "NULL",      "TRUE",           "FALSE", "CURRENT_DATE", "CURRENT_TIMESTAMP", "CURRENT_USER",
        "CURRENT_TIME", "LOCALTIME", "LOCALTIMESTAMP", NULL};
    static const char *const leading[] = {"ALL",      "ANY",  "SOME",   "IF",      "DATE",    "TIMESTAMP", "TIME",
                                          "INTERVAL", "OVER", "FILTER", "EXPLAIN", "ANALYZE", "LIMIT",     "OFFSET",
                                          "FETCH",    "USE",  "SHOW",   "REPLACE", "UNLOAD",  "PREPARE",   NULL};
    if (i < 0)
        return false;
    const struct complete_word *w = &c->words[i];
    if (w->kind == TOKEN_OPERATOR) {
        bool is_star = complete_is(c, i, "*") && (complete_is(c, i - 1, "SELECT") || complete_is(c, i - 1, ",") ||
                                                  complete_is(c, i - 1, ".") || complete_is(c, i - 1, "("));
        return is_star || complete_is(c, i, ")") || complete_is(c, i, "]");
    }
    if (w->kind != TOKEN_KEYWORD || complete_is(c, i - 1, "."))
        return true;
    if (complete_is_any(c, i, values))
        return true;
    return complete_is_name(c, i) && !complete_is_any(c, i, leading);
}

static unsigned by_word(const struct complete_context *c, int clause, bool is_behind)
{
    for (size_t i = 0; i < sizeof clauses / sizeof *clauses; i++)
        if (complete_is(c, clause, clauses[i].word))
            return is_behind ? clauses[i].behind : clauses[i].operand;
    return PLACE_NOTHING;
}

/* FROM inside extract(x from y), trim(both x from y). */
static bool is_inner_from(const struct complete_context *c, int i)
{
    static const char *const functions[] = {"EXTRACT", "TRIM", "SUBSTRING", "OVERLAY", NULL};
    int opener = c->words[i].opener;
    return complete_is(c, i, "FROM") && opener != COMPLETION_NO_WORD && complete_is_any(c, opener - 1, functions);
}

static bool is_clause(const struct complete_context *c, int i)
{
    if (complete_is(c, i - 1, ".") || is_inner_from(c, i))
        return false;
    if (complete_is(c, i, "IS") || (complete_is(c, i, "FROM") && complete_is(c, i - 1, "DISTINCT")))
        return false;
    if (complete_is(c, i, "WITH")) /* WITH ORDINALITY is no clause */
        return !complete_is(c, i + 1, "ORDINALITY");
    if (complete_is(c, i, "BY"))
        return true;
    for (size_t k = 0; k < sizeof clauses / sizeof *clauses; k++)
        if (complete_is(c, i, clauses[k].word))
            return true;
    return false;
}

/* The governing clause before the cursor: an index or COMPLETION_NO_WORD. *opener: the innermost '(' that was left on
 * the way out (COMPLETION_NO_WORD none). */
static int find_clause(const struct complete_context *c, int from, int *opener)
{
    *opener = COMPLETION_NO_WORD;
    for (int i = from; i >= 0; i--) {
        if (complete_is(c, i, ")") && c->words[i].partner != COMPLETION_NO_WORD) {
            i = c->words[i].partner;
        } else if (complete_is(c, i, "(")) {
            if (*opener == COMPLETION_NO_WORD)
                *opener = i;
        } else if (is_clause(c, i)) {
            return i;
        }
    }
    return COMPLETION_NO_WORD;
}

static unsigned by_by(const struct complete_context *c, int clause, bool is_behind)
{
    if (complete_is(c, clause - 1, "ORDER"))
        return is_behind ? PLACE_BEHIND_ORDER : PLACE_OPERAND | PLACE_OUTPUT;
    if (complete_is(c, clause - 1, "GROUP"))
        return is_behind ? PLACE_BEHIND_GROUP : PLACE_OPERAND | PLACE_GROUPS;
    return is_behind ? PLACE_BEHIND_VALUE : PLACE_OPERAND;
}

static bool is_in_case(const struct complete_context *c, int from, int clause)
{
    int depth = 0;
    for (int i = clause + 1; i <= from; i++) {
        depth += complete_is(c, i, "CASE");
        depth -= complete_is(c, i, "END");
    }
    return depth > 0;
}

/* Inside parentheses that the clause itself does not open: a function's arguments, a list, a subquery to come. */
static unsigned in_parentheses(const struct complete_context *c, int clause, int opener, int previous, bool is_behind)
{
    static const char *const types[] = {"CAST", "TRY_CAST", NULL};
    bool is_table_place = complete_is(c, clause, "FROM") || complete_is(c, clause, "JOIN");
    if (complete_is(c, clause, "USING") && opener == clause + 1)
        return is_behind ? PLACE_NOTHING : PLACE_COLUMNS;
    if (complete_is(c, opener - 1, "OVER") && previous == opener)
        return PLACE_WINDOW;
    if (complete_is(c, clause, "INTO"))
        return is_behind ? PLACE_NOTHING : PLACE_COLUMNS | PLACE_QUERY;
    if (previous == opener && (complete_is(c, opener - 1, "AS") || complete_is(c, clause, "UNLOAD")))
        return PLACE_QUERY;
    if (complete_is_any(c, opener - 1, types) && complete_is(c, previous, "AS"))
        return PLACE_TYPE;
    if (is_table_place && !complete_is(c, opener - 1, "UNNEST") && !complete_is_name(c, opener - 1))
        return is_behind ? PLACE_BEHIND_TABLE : PLACE_TABLE | (previous == opener ? PLACE_QUERY : 0);
    if (is_behind)
        return PLACE_BEHIND_VALUE;
    bool may_be_query = previous == opener && !complete_is_name(c, opener - 1);
    return PLACE_OPERAND | (may_be_query ? PLACE_QUERY : 0);
}

/* Statements that begin with another word than a query's. */
static unsigned in_definition(const struct complete_context *c, int previous)
{
    static const char *const tables[] = {"TABLE",         "VIEW",   "DESCRIBE",  "DESC",     "PARTITIONS",
                                         "TBLPROPERTIES", "EXISTS", "FORMATTED", "EXTENDED", NULL};
    static const char *const databases[] = {"DATABASE", "SCHEMA", NULL}, *const in[] = {"IN", "FROM", NULL};
    static const char *const lists[] = {"TABLES", "VIEWS", NULL};
    bool is_show = complete_is(c, 0, "SHOW"), is_create = complete_is(c, 0, "CREATE");
    bool is_drop_database = complete_is_any(c, 1, databases);
    if (complete_is(c, previous, "EXISTS") && is_drop_database)
        return PLACE_DATABASE;
    if (is_show && complete_is_any(c, previous, in))
        return complete_is(c, previous - 1, "COLUMNS") ? PLACE_TABLE : PLACE_DATABASE;
    if (is_show && previous == 0)
        return PLACE_SHOW;
    if (is_show && complete_is_any(c, previous, lists))
        return PLACE_IN_DATABASE;
    if (previous == 0 && is_create)
        return PLACE_CREATE;
    if (previous == 0 && complete_is(c, 0, "DROP"))
        return PLACE_DROP;
    if (previous == 0 && complete_is(c, 0, "ALTER"))
        return PLACE_ALTER;
    if (complete_is_any(c, previous, databases))
        return PLACE_DATABASE;
    if (complete_is_any(c, previous, tables))
        return PLACE_TABLE;
    if (is_create && complete_is(c, previous, "AS"))
        return PLACE_QUERY;
    if (c->words[c->at > 0 ? c->at - 1 : 0].opener != COMPLETION_NO_WORD || complete_is(c, previous, "("))
        return is_create ? PLACE_TYPE | PLACE_ANY : PLACE_COLUMNS;
    return PLACE_ANY;
}

static unsigned place_at(const struct complete_context *c)
{
    int previous = c->qualified_at - 1, opener;
    if (previous < 0)
        return PLACE_START;
    int clause = find_clause(c, previous, &opener);
    bool is_behind = ends_value(c, previous);
    if (clause == COMPLETION_NO_WORD || (complete_is(c, 0, "SHOW") && complete_is(c, clause, "FROM")))
        return in_definition(c, previous);
    if (complete_is(c, clause, "WITH") && complete_is(c, 0, "CREATE") && clause > 0)
        return in_definition(c, previous);
    if (complete_is(c, previous, "AS") && opener == COMPLETION_NO_WORD)
        return complete_is(c, 0, "CREATE") && clause == COMPLETION_NO_WORD ? PLACE_QUERY : PLACE_NOTHING;
    if (complete_is(c, clause, "FROM") && complete_is(c, clause - 2, "PREPARE"))
        return previous == clause ? PLACE_START : PLACE_ANY;
    unsigned place;
    if (opener != COMPLETION_NO_WORD && opener > clause)
        place = in_parentheses(c, clause, opener, previous, is_behind);
    else if (complete_is(c, clause, "BY"))
        place = by_by(c, clause, is_behind);
    else
        place = by_word(c, clause, is_behind);
    if (previous == clause && complete_is(c, clause, "SELECT"))
        place |= PLACE_SELECTED;
    if (previous == clause && complete_is(c, clause, "ON"))
        place |= PLACE_JOIN;
    if (complete_is(c, previous, "ALL") && complete_is(c, previous - 1, "UNION"))
        place = PLACE_QUERY;
    if (complete_is(c, previous, "ANALYZE"))
        place = PLACE_START;
    if ((place & (PLACE_OPERAND | PLACE_BEHIND_ITEM | PLACE_BEHIND_TEST | PLACE_BEHIND_VALUE | PLACE_BEHIND_GROUP |
                  PLACE_BEHIND_ORDER)) &&
        is_in_case(c, previous, clause))
        place |= PLACE_CASE;
    return place;
}

void complete_find_place(struct complete_context *c)
{
    c->places = place_at(c);
}
