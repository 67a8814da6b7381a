/* Which keywords fit which place; the words themselves are the grammar of Trino's SELECT and of Athena's DDL. See
 * completion_private.h. */
#include "backend/domain/completion_private.h"
#include <stdio.h>
#include <string.h>

enum {
    BEHIND_QUERY_PART = PLACE_BEHIND_ITEM | PLACE_BEHIND_TABLE | PLACE_BEHIND_TEST | PLACE_BEHIND_GROUP,
    BEHIND_FROM = PLACE_BEHIND_TABLE | PLACE_BEHIND_TEST,
    BEHIND_VALUE = PLACE_BEHIND_ITEM | PLACE_BEHIND_TEST | PLACE_BEHIND_VALUE,
    ENDING = BEHIND_QUERY_PART | PLACE_BEHIND_ORDER
};
struct keyword_row {
    const char *label;
    unsigned places;
};
/* in the order in which they are likely, which is the order among equals */
static const struct keyword_row rows[] = {
    {.label = "SELECT", .places = PLACE_START | PLACE_QUERY},
    {.label = "WITH", .places = PLACE_START | PLACE_QUERY},
    {.label = "INSERT INTO", .places = PLACE_START},
    {.label = "SHOW TABLES", .places = PLACE_START},
    {.label = "SHOW DATABASES", .places = PLACE_START},
    {.label = "SHOW", .places = PLACE_START},
    {.label = "DESCRIBE", .places = PLACE_START},
    {.label = "EXPLAIN", .places = PLACE_START},
    {.label = "EXPLAIN ANALYZE", .places = PLACE_START},
    {.label = "CREATE", .places = PLACE_START},
    {.label = "CREATE TABLE", .places = PLACE_START},
    {.label = "CREATE VIEW", .places = PLACE_START},
    {.label = "DROP", .places = PLACE_START},
    {.label = "ALTER TABLE", .places = PLACE_START},
    {.label = "MSCK REPAIR TABLE", .places = PLACE_START},
    {.label = "UNLOAD", .places = PLACE_START},
    {.label = "PREPARE", .places = PLACE_START},
    {.label = "EXECUTE", .places = PLACE_START},
    {.label = "DEALLOCATE PREPARE", .places = PLACE_START},
    {.label = "USE", .places = PLACE_START},
    {.label = "VALUES", .places = PLACE_START | PLACE_QUERY | PLACE_COLUMNS},
    {.label = "TABLE", .places = PLACE_CREATE | PLACE_DROP | PLACE_ALTER},

    {.label = "DISTINCT", .places = PLACE_SELECTED},
    {.label = "ALL", .places = PLACE_SELECTED},
    {.label = "CASE", .places = PLACE_OPERAND},
    {.label = "CAST", .places = PLACE_OPERAND},
    {.label = "TRY_CAST", .places = PLACE_OPERAND},
    {.label = "NOT", .places = PLACE_OPERAND | PLACE_BEHIND_TEST},
    {.label = "NULL", .places = PLACE_OPERAND},
    {.label = "EXISTS", .places = PLACE_OPERAND},
    {.label = "TRUE", .places = PLACE_OPERAND},
    {.label = "FALSE", .places = PLACE_OPERAND},
    {.label = "DATE", .places = PLACE_OPERAND | PLACE_TYPE},
    {.label = "TIMESTAMP", .places = PLACE_OPERAND | PLACE_TYPE},
    {.label = "INTERVAL", .places = PLACE_OPERAND},
    {.label = "CURRENT_DATE", .places = PLACE_OPERAND},
    {.label = "CURRENT_TIMESTAMP", .places = PLACE_OPERAND},
    {.label = "EXTRACT", .places = PLACE_OPERAND},
    {.label = "ARRAY", .places = PLACE_OPERAND | PLACE_TYPE},
    {.label = "MAP", .places = PLACE_OPERAND | PLACE_TYPE},
    {.label = "ROW", .places = PLACE_OPERAND | PLACE_TYPE},

    {.label = "FROM", .places = PLACE_BEHIND_ITEM},
    {.label = "AS", .places = PLACE_BEHIND_ITEM | PLACE_BEHIND_TABLE},
    {.label = "WHEN", .places = PLACE_CASE},
    {.label = "THEN", .places = PLACE_CASE},
    {.label = "ELSE", .places = PLACE_CASE},
    {.label = "END", .places = PLACE_CASE},
    {.label = "OVER", .places = PLACE_BEHIND_ITEM},
    {.label = "FILTER", .places = PLACE_BEHIND_ITEM},

    {.label = "WHERE", .places = BEHIND_FROM},
    {.label = "JOIN", .places = BEHIND_FROM},
    {.label = "LEFT JOIN", .places = BEHIND_FROM},
    {.label = "INNER JOIN", .places = BEHIND_FROM},
    {.label = "CROSS JOIN", .places = BEHIND_FROM},
    {.label = "RIGHT JOIN", .places = BEHIND_FROM},
    {.label = "FULL JOIN", .places = BEHIND_FROM},
    {.label = "CROSS JOIN UNNEST", .places = BEHIND_FROM},
    {.label = "UNNEST", .places = PLACE_TABLE},
    {.label = "LATERAL", .places = PLACE_TABLE},
    {.label = "ON", .places = PLACE_BEHIND_TABLE},
    {.label = "USING", .places = PLACE_BEHIND_TABLE},
    {.label = "TABLESAMPLE BERNOULLI", .places = PLACE_BEHIND_TABLE},
    {.label = "WITH ORDINALITY", .places = PLACE_BEHIND_TABLE},
    {.label = "AND", .places = BEHIND_VALUE},
    {.label = "OR", .places = BEHIND_VALUE},
    {.label = "IN", .places = BEHIND_VALUE},
    {.label = "LIKE", .places = BEHIND_VALUE},
    {.label = "BETWEEN", .places = BEHIND_VALUE},
    {.label = "IS NULL", .places = BEHIND_VALUE},
    {.label = "IS NOT NULL", .places = BEHIND_VALUE},
    {.label = "NOT IN", .places = BEHIND_VALUE},
    {.label = "NOT LIKE", .places = BEHIND_VALUE},
    {.label = "ESCAPE", .places = BEHIND_VALUE},
    {.label = "AT TIME ZONE", .places = BEHIND_VALUE},
    {.label = "IS DISTINCT FROM", .places = PLACE_BEHIND_TEST},
    {.label = "GROUP BY", .places = BEHIND_FROM},
    {.label = "HAVING", .places = PLACE_BEHIND_GROUP},
    {.label = "PARTITION BY", .places = PLACE_WINDOW},
    {.label = "ORDER BY", .places = BEHIND_QUERY_PART | PLACE_BEHIND_VALUE | PLACE_WINDOW},
    {.label = "ROWS BETWEEN", .places = PLACE_WINDOW | PLACE_BEHIND_ORDER},
    {.label = "RANGE BETWEEN", .places = PLACE_WINDOW | PLACE_BEHIND_ORDER},
    {.label = "LIMIT", .places = ENDING},
    {.label = "OFFSET", .places = ENDING},
    {.label = "FETCH FIRST", .places = ENDING},
    {.label = "UNION ALL", .places = ENDING},
    {.label = "UNION", .places = ENDING},
    {.label = "INTERSECT", .places = ENDING},
    {.label = "EXCEPT", .places = ENDING},
    {.label = "WINDOW", .places = BEHIND_FROM},
    {.label = "DESC", .places = PLACE_BEHIND_ORDER},
    {.label = "ASC", .places = PLACE_BEHIND_ORDER},
    {.label = "NULLS FIRST", .places = PLACE_BEHIND_ORDER},
    {.label = "NULLS LAST", .places = PLACE_BEHIND_ORDER},
    {.label = "ROLLUP", .places = PLACE_GROUPS},
    {.label = "CUBE", .places = PLACE_GROUPS},
    {.label = "GROUPING SETS", .places = PLACE_GROUPS},

    {.label = "VARCHAR", .places = PLACE_TYPE},
    {.label = "BIGINT", .places = PLACE_TYPE},
    {.label = "INTEGER", .places = PLACE_TYPE},
    {.label = "DOUBLE", .places = PLACE_TYPE},
    {.label = "DECIMAL", .places = PLACE_TYPE},
    {.label = "BOOLEAN", .places = PLACE_TYPE},
    {.label = "REAL", .places = PLACE_TYPE},
    {.label = "SMALLINT", .places = PLACE_TYPE},
    {.label = "TINYINT", .places = PLACE_TYPE},
    {.label = "TIME", .places = PLACE_TYPE},
    {.label = "JSON", .places = PLACE_TYPE},
    {.label = "VARBINARY", .places = PLACE_TYPE},
    {.label = "CHAR", .places = PLACE_TYPE},

    {.label = "TABLES", .places = PLACE_SHOW},
    {.label = "DATABASES", .places = PLACE_SHOW},
    {.label = "COLUMNS IN", .places = PLACE_SHOW},
    {.label = "PARTITIONS", .places = PLACE_SHOW},
    {.label = "CREATE TABLE", .places = PLACE_SHOW},
    {.label = "CREATE VIEW", .places = PLACE_SHOW},
    {.label = "TBLPROPERTIES", .places = PLACE_SHOW},
    {.label = "VIEWS", .places = PLACE_SHOW},
    {.label = "IN", .places = PLACE_IN_DATABASE},
    {.label = "EXTERNAL TABLE", .places = PLACE_CREATE},
    {.label = "OR REPLACE VIEW", .places = PLACE_CREATE},
    {.label = "VIEW", .places = PLACE_CREATE | PLACE_DROP},
    {.label = "DATABASE", .places = PLACE_CREATE | PLACE_DROP | PLACE_ALTER},
    {.label = "SCHEMA", .places = PLACE_CREATE | PLACE_DROP},
};

/* How many of the label's first words stand before the cursor: 0 when they do not. */
static size_t begun(const struct complete_context *c, const char *label)
{
    char words[4][24];
    int count = 0;
    const char *at = label;
    size_t starts[4] = {0};
    for (; *at && count < 4; count++) {
        size_t len = strcspn(at, " ");
        snprintf(words[count], sizeof words[count], "%.*s", (int)len, at);
        starts[count] = (size_t)(at - label);
        at += len + (at[len] == ' ');
    }
    for (int k = count - 1; k > 0; k--) {
        bool same = true;
        for (int i = 0; i < k && same; i++)
            same = complete_is(c, c->at - k + i, words[i]) && c->at - k + i >= 0;
        if (same)
            return starts[k];
    }
    return 0;
}

bool complete_only_goes_on(const struct complete_context *c)
{
    static const char *const half[] = {"GROUP",  "ORDER", "PARTITION", "LEFT", "RIGHT",  "FULL",       "INNER", "CROSS",
                                       "INSERT", "NULLS", "MSCK",      "IS",   "REPAIR", "DEALLOCATE", NULL};
    return complete_is_any(c, c->at - 1, half) && !complete_is(c, c->at - 2, ".");
}

void complete_keywords(const struct complete_context *c, unsigned places,
                       void (*found)(void *context, const char *keyword), void *context)
{
    bool only_rest = complete_only_goes_on(c);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t rest = strncmp(rows[i].label, "WITH ", 5) == 0 ? 0 : begun(c, rows[i].label);
        if (rest)
            found(context, rows[i].label + rest);
        else if ((rows[i].places & places) && !only_rest)
            found(context, rows[i].label);
    }
    if (!(places & PLACE_ANY))
        return;
    for (const char *const *word = dialect_keywords(); *word; word++)
        found(context, *word);
}
