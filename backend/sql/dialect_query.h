/* The inside of the dialect, meaning: names, types and the engine's SQL of a query. One struct tr is one translation;
 * texts and types live in its scratch arena. Every tr_ function returns false, or a value with sql NULL, with *tr->err
 * set on failure. For backend/sql/dialect*.c only. */
#ifndef WEIR_SQL_DIALECT_QUERY_H
#define WEIR_SQL_DIALECT_QUERY_H
#include "backend/sql/dialect_ddl.h"
#include "backend/sql/dialect_function.h"

struct field {
    const char *name;     /* as written; NULL without one */
    const char *relation; /* the alias or table it can be qualified with, NULL none */
    const char *database; /* of a table */
    const char *engine;   /* the engine's text for it */
    const struct type *type;
    bool is_hidden;         /* not in a star: "$path" */
    bool is_only_qualified; /* a USING column of one side */
};
struct fields {
    struct field *items;
    size_t count, cap;
};
struct scope {
    struct fields fields;
    const struct scope *outer;
    int lambda_depth;
};
struct cte {
    const char *name, *engine;
    struct fields fields;
    const struct cte *next;
};
struct view { /* whose text is being translated */
    const char *database, *name;
    const struct view *outer;
};
struct tr {
    struct arena *arena;
    const struct dialect_options *options;
    const char *database;
    const char *sql; /* the text that positions are of */
    struct err *err;
    struct expr **parameters;
    size_t parameter_count;
    const struct cte *ctes;
    const struct view *view;
    const struct dialect_table **tables;
    size_t table_count, table_cap;
    const struct named_window *windows; /* of the SELECT being translated */
    size_t window_count;
    int relations; /* engine aliases given so far */
    int depth;
    const char *no_aggregates; /* "WHERE clause": aggregates are refused with this word; NULL allowed */
};
struct value {
    const char *sql;
    const struct type *type;
};

/* --- statements, called by the DDL parser --- */
bool query_translate(struct ddl *d);  /* the rest of the text is one query, or EXPLAIN's statement */
bool query_inner(struct ddl *d);      /* a query inside: parsed and translated into the statement */
bool query_insert(struct ddl *d);     /* [(columns)] query */
bool query_properties(struct ddl *d); /* WITH (name = expression, ...) */
bool query_check_ctas(struct ddl *d); /* the outputs have names, once each */

/* --- queries --- */
struct output {
    const char *sql;
    struct fields fields; /* engine: the column's name in sql, not quoted */
};
bool tr_query(struct tr *tr, const struct query *query, const struct scope *outer, struct output *out);
bool tr_from(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql);
bool tr_sorts(struct tr *tr, const struct sort *sorts, size_t count, const struct scope *scope, struct buf *sql);

/* --- expressions --- */
struct value tr_expr(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_number_text(struct tr *tr, const char *text, const char *sign, size_t at);
struct value tr_literal_number(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_string(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_null(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_boolean(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_binary(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_parameter(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_interval(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_typed(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_literal_special(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_call(struct tr *tr, const struct expr *expr, const struct scope *scope);
/* A row's template filled, with the call's DISTINCT, ORDER BY, FILTER and OVER. */
struct value call_fill(struct tr *tr, const struct function *row, const struct expr *call, const struct scope *scope,
                       const struct value *args, size_t count);
struct value tr_json(struct tr *tr, const struct expr *expr, const struct scope *scope);
struct value tr_cast(struct tr *tr, struct value from, const struct type *to, bool is_try, size_t at);
struct value tr_arithmetic(struct tr *tr, const char *op, struct value left, struct value right, size_t at);
/* Type checks are done; the text becomes the wanted type: char padded, timestamps of a zone as its wall clock. */
const char *tr_as(struct tr *tr, struct value value, const struct type *to);
/* The wall clock of a date, timestamp or zoned timestamp as the engine's TIMESTAMP. */
const char *tr_local(struct tr *tr, struct value value);
/* The instant of a timestamp (in UTC unless zoned), and of a wall clock in a zone ("Europe/Paris", "+02:00"). */
const char *tr_instant(struct tr *tr, struct value value);
const char *tr_instant_of(struct tr *tr, const char *wall_clock, const char *zone);
const char *tr_render(struct tr *tr, const char *sql,
                      const struct type *type); /* as Athena prints it, or NULL: as is */

/* --- names --- */
struct field *fields_add(struct tr *tr, struct fields *fields, const struct field *field);
/* A column by its parts; *used says how many parts named it. NULL and no error: there is none. */
const struct field *scope_find(struct tr *tr, const struct scope *scope, const char *const *parts, size_t count,
                               size_t *used, size_t at);
struct value tr_name(struct tr *tr, const struct expr *expr, const struct scope *scope);
bool tr_star(struct tr *tr, const struct select_item *item, const struct scope *scope, struct fields *out);
const char *sql_quote_name(struct arena *arena, const char *name);
const char *sql_quote_string(struct arena *arena, const char *text);

/* --- shared hands --- */
struct value tr_fail(struct tr *tr, const char *name, size_t at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
struct value tr_value(struct tr *tr, const struct type *type, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
char *tr_take(struct tr *tr, struct buf *buf); /* the text into the arena; frees the buffer; NULL: too large */
#define TR_NOTHING ((struct value){.sql = NULL})
#endif
