/* The inside of the dialect, syntax: lexemes, the parser's state and the tree of a query. Everything lives in an arena.
 * For backend/sql/dialect*.c only. */
#ifndef WEIR_SQL_DIALECT_PARSE_H
#define WEIR_SQL_DIALECT_PARSE_H
#include "backend/sql/dialect.h"
#include <stdint.h>

struct type; /* dialect_type.h */

enum {
    DIALECT_SQL_MAX = 262144, /* bytes of a statement: Athena service quotas, "query string length" */
    DIALECT_DEPTH_MAX = 120,  /* nested expressions and queries; more is refused as too complex */
    DIALECT_SCRATCH_MAX = 96 * 1024 * 1024
};

struct lexeme {
    enum dialect_token_kind kind;
    const char *text;
    size_t at, len; /* in the statement */
    bool is_ended;  /* false: a string, name or comment without its end */
};
struct parser {
    const char *sql;
    size_t len;
    struct lexeme *items; /* no spaces and comments; one end mark of len 0 behind the last */
    size_t *closes;       /* of each "(": the index of its ")", 0 without one */
    size_t count, next;
    struct arena *arena;
    struct err *err;
    int depth;
    int parameters; /* '?' seen so far */
};

/* --- errors --- */
/* Sets Trino's error name and "text" (no position); returns false. */
bool dialect_fail(struct err *err, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* As dialect_fail with "line L:C: " before the text, for the byte offset `at` of sql. */
bool dialect_fail_at(struct err *err, const char *name, const char *sql, size_t at, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* --- lexemes --- */
bool parser_init(struct parser *p, const char *sql, size_t len, struct arena *arena, struct err *err);
const struct lexeme *parser_peek(const struct parser *p, size_t ahead);
bool parser_at_end(const struct parser *p);
/* Is the coming lexeme this word (any case, not quoted) or operator? */
bool parser_is(const struct parser *p, const char *word);
bool parser_is_at(const struct parser *p, size_t ahead, const char *word);
bool parser_accept(struct parser *p, const char *word);
/* Accepts a sequence of words ("IF NOT EXISTS") as a whole or nothing. */
bool parser_accept_words(struct parser *p, const char *words);
bool parser_expect(struct parser *p, const char *word);
/* "line 1:15: mismatched input 'x'. Expecting: 'expected'"; returns false. */
bool parser_mismatch(struct parser *p, const char *expected);
/* Does a query in parentheses begin here? ((select 1) + 2) and ((select 1) a join b) are none. */
bool parser_at_query(const struct parser *p);
bool parser_enter(struct parser *p); /* one level deeper; false when too deep */
void parser_leave(struct parser *p);
/* An identifier in the statement's case, unquoted; NULL with the error. Reserved words are refused. */
const char *parser_name(struct parser *p);
bool parser_is_name(const struct parser *p); /* may the coming lexeme be an identifier? */
const char *parser_string(struct parser *p); /* '...' unquoted */
bool parser_is_string(const struct parser *p);
char *lexeme_text(const struct parser *p, const struct lexeme *item);  /* a copy as written */
char *lexeme_value(const struct parser *p, const struct lexeme *item); /* unquoted */
/* The statement's text from one lexeme to before another. */
char *parser_text(const struct parser *p, size_t from_item, size_t to_item);
char *dialect_lower(struct arena *arena, const char *text);
bool dialect_is_reserved(const char *word, size_t len);
bool dialect_is_keyword(const char *word, size_t len);

/* --- the tree --- */
enum expr_kind {
    EXPR_NULL,
    EXPR_BOOLEAN,
    EXPR_NUMBER,
    EXPR_STRING,
    EXPR_BINARY,
    EXPR_TYPED,
    EXPR_INTERVAL,
    EXPR_PARAMETER,
    EXPR_NAME,
    EXPR_FIELD,
    EXPR_STAR,
    EXPR_CALL,
    EXPR_LAMBDA,
    EXPR_CAST,
    EXPR_CASE,
    EXPR_ARRAY,
    EXPR_ROW,
    EXPR_SUBSCRIPT,
    EXPR_NEGATE,
    EXPR_ARITHMETIC,
    EXPR_CONCAT,
    EXPR_AND,
    EXPR_OR,
    EXPR_NOT,
    EXPR_COMPARE,
    EXPR_BETWEEN,
    EXPR_IN_LIST,
    EXPR_IN_QUERY,
    EXPR_QUANTIFIED,
    EXPR_LIKE,
    EXPR_IS_NULL,
    EXPR_DISTINCT_FROM,
    EXPR_SUBQUERY,
    EXPR_EXISTS,
    EXPR_EXTRACT,
    EXPR_AT_ZONE,
    EXPR_SPECIAL,
    EXPR_GROUPING,
    EXPR_JSON
};
struct expr;
struct query;
struct sort {
    struct expr *expr;
    bool descending;
    int nulls; /* 0 default (last), 1 first, 2 last */
};
struct window {
    const char *base; /* a window's name, or NULL */
    struct expr **partitions;
    size_t partition_count;
    struct sort *sorts;
    size_t sort_count;
    const char *frame; /* as DuckDB understands it too; NULL none */
    size_t frame_at;
    struct expr *frame_bounds[2]; /* expressions before PRECEDING/FOLLOWING */
};
struct call { /* what only function calls have */
    bool is_distinct, is_star, is_over, within_group;
    const char *nulls; /* "IGNORE", "RESPECT", NULL */
    struct sort *sorts;
    size_t sort_count;
    struct expr *filter;
    struct window window;
    const char *overflow; /* LISTAGG ON OVERFLOW: "ERROR" or NULL */
};
struct json_behaviour { /* JSON_VALUE and the like */
    const char *returning_text;
    const struct type *returning;
    const char *wrapper;             /* "WITH", "CONDITIONAL", NULL */
    const char *on_empty, *on_error; /* "NULL", "ERROR", "DEFAULT", "TRUE", "EMPTY ARRAY", ...; NULL default */
    struct expr *empty_value, *error_value;
    bool omit_quotes;
};
struct expr {
    enum expr_kind kind;
    size_t at;        /* offset in the statement */
    const char *name; /* identifier, function, operator, literal's text, EXTRACT's field */
    bool is_quoted, is_negated, is_try;
    struct expr **args;
    size_t count;
    const struct type *type; /* CAST and typed literals */
    struct query *query;
    struct call *call;
    struct json_behaviour *json;
    size_t lambda_count; /* LAMBDA: args[0] is the body */
    const char **lambda_names;
    int index; /* parameter */
};
enum relation_kind { RELATION_TABLE, RELATION_QUERY, RELATION_UNNEST, RELATION_JOIN };
struct relation {
    enum relation_kind kind;
    size_t at;
    const char **parts; /* TABLE: catalog, database, name: as many as written */
    size_t part_count;
    struct query *query; /* QUERY */
    struct expr **args;  /* UNNEST */
    size_t count;
    bool ordinality, is_lateral;
    const char *alias;
    const char **columns;
    size_t column_count;
    struct expr *sample; /* TABLESAMPLE percent */
    const char *sample_method;
    const char *join; /* JOIN: "INNER", "LEFT", "RIGHT", "FULL", "CROSS" */
    struct relation *left, *right;
    struct expr *on;
    const char **uses; /* USING (names) */
    size_t use_count;
};
struct select_item {
    struct expr *expr; /* NULL: a star */
    const char *alias;
    const char **star; /* t.*: the qualifier's parts */
    size_t star_count;
    struct expr *star_row; /* expression.* */
    size_t at;
};
struct group_set {
    struct expr **exprs;
    size_t count;
};
struct group {
    const char *kind; /* "", "ROLLUP", "CUBE", "GROUPING SETS" */
    struct group_set *sets;
    size_t count;
};
struct named_window {
    const char *name;
    struct window window;
};
struct select {
    bool is_distinct;
    struct select_item *items;
    size_t item_count;
    struct relation *from; /* a list is a CROSS JOIN */
    struct expr *where, *having;
    struct group *groups;
    size_t group_count;
    struct named_window *windows;
    size_t window_count;
};
enum body_kind { BODY_SELECT, BODY_SET, BODY_VALUES, BODY_QUERY };
struct body {
    enum body_kind kind;
    size_t at;
    struct select *select;
    const char *op; /* "UNION", "INTERSECT", "EXCEPT" */
    bool is_all;
    struct body *left, *right;
    struct expr **rows; /* VALUES: each an EXPR_ROW or one value */
    size_t row_count;
    struct query *query;
};
struct with_item {
    const char *name;
    const char **columns;
    size_t column_count;
    struct query *query;
    size_t at;
};
struct query {
    size_t at;
    bool is_recursive;
    struct with_item *withs;
    size_t with_count;
    struct body *body;
    struct sort *sorts;
    size_t sort_count;
    struct expr *offset, *limit;
    bool with_ties;
};

/* All NULL with *err set on a syntax error. */
struct query *parse_query(struct parser *p);
struct expr *parse_expr(struct parser *p);
struct expr *parse_value_expr(struct parser *p); /* without comparisons and AND/OR */
struct expr *parse_primary(struct parser *p);
struct expr *parse_call(struct parser *p);         /* at NAME ( */
struct expr *parse_special_form(struct parser *p); /* CAST, EXTRACT, TRIM ...; NULL without error when it is none */
struct expr *parse_json_form(struct parser *p);    /* JSON_VALUE and the like, at the word */
bool parse_sorts(struct parser *p, struct sort **sorts, size_t *count); /* behind ORDER BY */
bool parse_window(struct parser *p, struct window *window);             /* behind OVER or AS: the parentheses */
bool parse_names(struct parser *p, const char ***names, size_t *count); /* "(a, b)" */
/* Of a CAST: only Trino names; at: where an unknown one is said to be. */
const struct type *parse_type(struct parser *p, size_t at);
const char *parse_type_text(struct parser *p);             /* any type, as written */
struct expr *parse_json_make(struct parser *p, size_t at); /* JSON_OBJECT(...), JSON_ARRAY(...) */
struct expr *expr_new(struct parser *p, enum expr_kind kind, size_t at);
struct expr *expr_call(struct parser *p, const char *name, size_t at); /* without arguments */
bool expr_add(struct parser *p, struct expr *expr, struct expr *arg);  /* false when arg is NULL or out of memory */
#endif
