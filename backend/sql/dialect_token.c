/* The tokenizer and the word lists. Pure; the editor calls it on the UI thread for one line at a time, the parser for a
 * whole statement. Source: Trino's SqlBase grammar (lexical rules and the reserved words of its documentation) and
 * Hive's back-ticks, which Athena's DDL takes. */
#include "backend/sql/dialect.h"
#include "backend/sql/dialect_function.h"
#include "backend/sql/dialect_parse.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What a line may begin inside of. */
enum { STATE_NONE, STATE_COMMENT, STATE_STRING, STATE_QUOTED, STATE_BACKTICK };

/* sorted: the search is binary */
static const char *const reserved[] = {"ALTER",
                                       "AND",
                                       "AS",
                                       "BETWEEN",
                                       "BY",
                                       "CASE",
                                       "CAST",
                                       "CONSTRAINT",
                                       "CREATE",
                                       "CROSS",
                                       "CUBE",
                                       "CURRENT_DATE",
                                       "CURRENT_TIME",
                                       "CURRENT_TIMESTAMP",
                                       "CURRENT_USER",
                                       "DEALLOCATE",
                                       "DELETE",
                                       "DESCRIBE",
                                       "DISTINCT",
                                       "DROP",
                                       "ELSE",
                                       "END",
                                       "ESCAPE",
                                       "EXCEPT",
                                       "EXECUTE",
                                       "EXISTS",
                                       "EXTRACT",
                                       "FALSE",
                                       "FOR",
                                       "FROM",
                                       "FULL",
                                       "GROUP",
                                       "GROUPING",
                                       "HAVING",
                                       "IN",
                                       "INNER",
                                       "INSERT",
                                       "INTERSECT",
                                       "INTO",
                                       "IS",
                                       "JOIN",
                                       "JSON_ARRAY",
                                       "JSON_EXISTS",
                                       "JSON_OBJECT",
                                       "JSON_QUERY",
                                       "JSON_VALUE",
                                       "LEFT",
                                       "LIKE",
                                       "LISTAGG",
                                       "LOCALTIME",
                                       "LOCALTIMESTAMP",
                                       "NATURAL",
                                       "NORMALIZE",
                                       "NOT",
                                       "NULL",
                                       "ON",
                                       "OR",
                                       "ORDER",
                                       "OUTER",
                                       "PREPARE",
                                       "RECURSIVE",
                                       "RIGHT",
                                       "ROLLUP",
                                       "SELECT",
                                       "SKIP",
                                       "TABLE",
                                       "THEN",
                                       "TRIM",
                                       "TRUE",
                                       "UESCAPE",
                                       "UNION",
                                       "UNNEST",
                                       "USING",
                                       "VALUES",
                                       "WHEN",
                                       "WHERE",
                                       "WITH"};

static const char *const keywords[] = {"ADD",
                                       "ALL",
                                       "ALTER",
                                       "ANALYZE",
                                       "AND",
                                       "ANY",
                                       "ARRAY",
                                       "AS",
                                       "ASC",
                                       "AT",
                                       "BERNOULLI",
                                       "BETWEEN",
                                       "BIGINT",
                                       "BOOLEAN",
                                       "BUCKETS",
                                       "BY",
                                       "CASCADE",
                                       "CASE",
                                       "CAST",
                                       "CHANGE",
                                       "CHAR",
                                       "CLUSTERED",
                                       "COLUMN",
                                       "COLUMNS",
                                       "COMMENT",
                                       "CONDITIONAL",
                                       "CREATE",
                                       "CROSS",
                                       "CUBE",
                                       "CURRENT",
                                       "CURRENT_DATE",
                                       "CURRENT_TIME",
                                       "CURRENT_TIMESTAMP",
                                       "CURRENT_USER",
                                       "DATABASE",
                                       "DATABASES",
                                       "DATE",
                                       "DAY",
                                       "DBPROPERTIES",
                                       "DEALLOCATE",
                                       "DECIMAL",
                                       "DEFAULT",
                                       "DELETE",
                                       "DELIMITED",
                                       "DESC",
                                       "DESCRIBE",
                                       "DISTINCT",
                                       "DOUBLE",
                                       "DROP",
                                       "ELSE",
                                       "EMPTY",
                                       "END",
                                       "ERROR",
                                       "ESCAPE",
                                       "EXCEPT",
                                       "EXECUTE",
                                       "EXISTS",
                                       "EXPLAIN",
                                       "EXTENDED",
                                       "EXTERNAL",
                                       "EXTRACT",
                                       "FALSE",
                                       "FETCH",
                                       "FIELDS",
                                       "FILTER",
                                       "FIRST",
                                       "FLOAT",
                                       "FOLLOWING",
                                       "FOR",
                                       "FORMAT",
                                       "FORMATTED",
                                       "FROM",
                                       "FULL",
                                       "FUNCTIONS",
                                       "GROUP",
                                       "GROUPING",
                                       "HAVING",
                                       "HOUR",
                                       "IF",
                                       "IGNORE",
                                       "IN",
                                       "INNER",
                                       "INPUTFORMAT",
                                       "INSERT",
                                       "INT",
                                       "INTEGER",
                                       "INTERSECT",
                                       "INTERVAL",
                                       "INTO",
                                       "IS",
                                       "ITEMS",
                                       "JOIN",
                                       "JSON",
                                       "JSON_ARRAY",
                                       "JSON_EXISTS",
                                       "JSON_OBJECT",
                                       "JSON_QUERY",
                                       "JSON_VALUE",
                                       "KEYS",
                                       "LAST",
                                       "LATERAL",
                                       "LEFT",
                                       "LIKE",
                                       "LIMIT",
                                       "LINES",
                                       "LISTAGG",
                                       "LOCALTIME",
                                       "LOCALTIMESTAMP",
                                       "LOCATION",
                                       "MAP",
                                       "MATCHED",
                                       "MERGE",
                                       "MINUTE",
                                       "MONTH",
                                       "MSCK",
                                       "NATURAL",
                                       "NEXT",
                                       "NO",
                                       "NORMALIZE",
                                       "NOT",
                                       "NULL",
                                       "NULLS",
                                       "OFFSET",
                                       "ON",
                                       "ONLY",
                                       "OPTIMIZE",
                                       "OR",
                                       "ORDER",
                                       "ORDINALITY",
                                       "OUTER",
                                       "OUTPUTFORMAT",
                                       "OVER",
                                       "OVERFLOW",
                                       "PARTITION",
                                       "PARTITIONED",
                                       "PARTITIONS",
                                       "PRECEDING",
                                       "PREPARE",
                                       "RANGE",
                                       "REAL",
                                       "RECURSIVE",
                                       "RENAME",
                                       "REPAIR",
                                       "REPLACE",
                                       "RESPECT",
                                       "RESTRICT",
                                       "RETURNING",
                                       "RIGHT",
                                       "ROLLUP",
                                       "ROW",
                                       "ROWS",
                                       "SCHEMA",
                                       "SCHEMAS",
                                       "SECOND",
                                       "SELECT",
                                       "SERDE",
                                       "SERDEPROPERTIES",
                                       "SET",
                                       "SETS",
                                       "SHOW",
                                       "SMALLINT",
                                       "SOME",
                                       "STORED",
                                       "STRING",
                                       "STRUCT",
                                       "SYSTEM",
                                       "TABLE",
                                       "TABLES",
                                       "TABLESAMPLE",
                                       "TBLPROPERTIES",
                                       "TEMPORARY",
                                       "TERMINATED",
                                       "THEN",
                                       "TIES",
                                       "TIME",
                                       "TIMESTAMP",
                                       "TINYINT",
                                       "TO",
                                       "TRIM",
                                       "TRUE",
                                       "TRY_CAST",
                                       "UESCAPE",
                                       "UNBOUNDED",
                                       "UNION",
                                       "UNLOAD",
                                       "UNNEST",
                                       "UPDATE",
                                       "USE",
                                       "USING",
                                       "VACUUM",
                                       "VALUES",
                                       "VARBINARY",
                                       "VARCHAR",
                                       "VIEW",
                                       "VIEWS",
                                       "WHEN",
                                       "WHERE",
                                       "WINDOW",
                                       "WITH",
                                       "WITHIN",
                                       "WITHOUT",
                                       "WRAPPER",
                                       "YEAR",
                                       "ZONE",
                                       NULL};

static bool in_list(const char *const *list, size_t count, const char *word, size_t len)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncasecmp(list[middle], word, len);
        if (order == 0 && list[middle][len])
            order = 1;
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool dialect_is_reserved(const char *word, size_t len)
{
    return len > 0 && in_list(reserved, sizeof reserved / sizeof *reserved, word, len);
}

bool dialect_is_keyword(const char *word, size_t len)
{
    return len > 0 && in_list(keywords, sizeof keywords / sizeof *keywords - 1, word, len);
}

const char *const *dialect_keywords(void)
{
    return keywords;
}

static bool is_word_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

bool dialect_needs_quotes(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_word(name[i]))
            return true;
    return len == 0 || !is_word_start(*name) || dialect_is_reserved(name, len);
}

/* From inside a quoted text to behind its end; a doubled quote is part of it. False: the end is not there. */
static bool skip_quoted(const char *sql, size_t len, size_t *at, char quote)
{
    while (*at < len) {
        if (sql[(*at)++] != quote)
            continue;
        if (*at >= len || sql[*at] != quote)
            return true;
        ++*at;
    }
    return false;
}

static bool skip_comment(const char *sql, size_t len, size_t *at)
{
    for (; *at + 1 < len; ++*at)
        if (sql[*at] == '*' && sql[*at + 1] == '/') {
            *at += 2;
            return true;
        }
    *at = len;
    return false;
}

static enum dialect_token_kind quoted(const char *sql, size_t len, size_t *at, int *state, int inside)
{
    static const struct {
        char quote;
        enum dialect_token_kind kind;
    } quotes[] = {[STATE_STRING] = {.quote = '\'', .kind = TOKEN_STRING},
                  [STATE_QUOTED] = {.quote = '"', .kind = TOKEN_QUOTED_NAME},
                  [STATE_BACKTICK] = {.quote = '`', .kind = TOKEN_QUOTED_NAME}};
    if (inside == STATE_COMMENT) {
        *state = skip_comment(sql, len, at) ? STATE_NONE : STATE_COMMENT;
        return TOKEN_COMMENT;
    }
    *state = skip_quoted(sql, len, at, quotes[inside].quote) ? STATE_NONE : inside;
    return quotes[inside].kind;
}

static void skip_digits(const char *sql, size_t len, size_t *at)
{
    while (*at < len && isdigit((unsigned char)sql[*at]))
        ++*at;
}

static enum dialect_token_kind number(const char *sql, size_t len, size_t *at)
{
    skip_digits(sql, len, at);
    if (*at < len && sql[*at] == '.') {
        ++*at;
        skip_digits(sql, len, at);
    }
    if (*at < len && (sql[*at] == 'e' || sql[*at] == 'E')) {
        size_t exponent = *at + 1;
        if (exponent < len && (sql[exponent] == '+' || sql[exponent] == '-'))
            exponent++;
        if (exponent < len && isdigit((unsigned char)sql[exponent])) {
            *at = exponent;
            skip_digits(sql, len, at);
        }
    }
    if (*at >= len || !is_word(sql[*at]))
        return TOKEN_NUMBER;
    while (*at < len && is_word(sql[*at])) /* an identifier must not start with a digit */
        ++*at;
    return TOKEN_ERROR;
}

static enum dialect_token_kind word(const char *sql, size_t len, size_t *at, int *state)
{
    size_t start = *at;
    while (*at < len && is_word(sql[*at]))
        ++*at;
    size_t size = *at - start;
    if (size == 1 && *at < len && sql[*at] == '\'' && strchr("xX", sql[start])) { /* X'00ff' */
        ++*at;
        return quoted(sql, len, at, state, STATE_STRING);
    }
    if (size == 1 && *at + 1 < len && sql[*at] == '&' && sql[*at + 1] == '\'' && strchr("uU", sql[start])) {
        *at += 2;
        return quoted(sql, len, at, state, STATE_STRING);
    }
    if (dialect_is_keyword(sql + start, size))
        return TOKEN_KEYWORD;
    size_t behind = *at;
    while (behind < len && isspace((unsigned char)sql[behind]))
        behind++;
    if (behind < len && sql[behind] == '(' && function_is_known(sql + start, size))
        return TOKEN_FUNCTION;
    return TOKEN_NAME;
}

static enum dialect_token_kind operator(const char *sql, size_t len, size_t *at) {
    static const char *const long_ones[] = {"->", "=>", "||", "<>", "!=", "<=", ">=", "::"};
    for (size_t i = 0; i < sizeof long_ones / sizeof *long_ones;
         i++) if (len - *at >= 2 && memcmp(sql + *at, long_ones[i], 2) == 0){ *at += 2; return TOKEN_OPERATOR;}
char c = sql[(*at)++];
if (c == '?')
    return TOKEN_PARAMETER;
if (c && strchr("+-*/%=<>(),.;[]:{}|$^", c))
    return TOKEN_OPERATOR;
while (*at < len && ((unsigned char)sql[*at] & 0xc0) == 0x80) /* the rest of a UTF-8 character */
    ++*at;
return TOKEN_ERROR;
}

static enum dialect_token_kind scan(const char *sql, size_t len, size_t *at, int *state)
{
    char c = sql[*at], next = *at + 1 < len ? sql[*at + 1] : '\0';
    if (isspace((unsigned char)c)) {
        while (*at < len && isspace((unsigned char)sql[*at]))
            ++*at;
        return TOKEN_SPACE;
    }
    if (c == '-' && next == '-') {
        while (*at < len && sql[*at] != '\n')
            ++*at;
        return TOKEN_COMMENT;
    }
    if (c == '/' && next == '*') {
        *at += 2;
        return quoted(sql, len, at, state, STATE_COMMENT);
    }
    if (c == '\'' || c == '"' || c == '`') {
        ++*at;
        return quoted(sql, len, at, state, c == '\'' ? STATE_STRING : c == '"' ? STATE_QUOTED : STATE_BACKTICK);
    }
    if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)next)))
        return number(sql, len, at);
    if (is_word_start(c))
        return word(sql, len, at, state);
    return operator(sql, len, at);
}

bool dialect_token(const char *sql, size_t len, size_t *offset, int *state, struct dialect_token *token)
{
    if (*offset >= len)
        return false;
    token->start = *offset;
    if (*state >= STATE_COMMENT && *state <= STATE_BACKTICK)
        token->kind = quoted(sql, len, offset, state, *state);
    else
        token->kind = scan(sql, len, offset, state);
    token->len = *offset - token->start;
    return true;
}
