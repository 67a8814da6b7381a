/* The inside of the dialect, functions: one row per signature of Trino's documented functions. A row's sql is a
 * template: $1, $2 the arguments, $* all of them, {f($1)} an aggregate call, which takes DISTINCT, ORDER BY, FILTER and
 * OVER of the written one. For backend/sql/dialect*.c only. */
#ifndef WEIR_SQL_DIALECT_FUNCTION_H
#define WEIR_SQL_DIALECT_FUNCTION_H
#include <stdbool.h>
#include <stddef.h>

struct tr;
struct expr;
struct scope;
struct value;

enum function_class {
    FUNCTION_SAME,    /* the engine's function of that name does the same */
    FUNCTION_RENAMED, /* another name or shape in the engine */
    FUNCTION_MACRO,   /* through the prelude */
    FUNCTION_C,       /* through a private C function */
    FUNCTION_REWRITE, /* translated by a function of ours */
    FUNCTION_REFUSED  /* NOT_SUPPORTED by name */
};
enum function_kind { KIND_SCALAR, KIND_AGGREGATE, KIND_WINDOW };
struct function {
    const char *name; /* lower case */
    enum function_kind kind;
    enum function_class class;
    /* "array(T),T": types; capital letters are variables (N: numbers only; D: decimals; E: whole
     * numbers as such too); "..." repeats the last; "local" takes a
     * date, timestamp or zoned timestamp as wall clock */
    const char *params;
    const char *result; /* a type text with the variables, or a rule for decimals ("@whole") */
    const char *sql;    /* NULL: name($*) */
    struct value (*rewrite)(struct tr *tr, const struct expr *call, const struct scope *scope);
};

bool function_is_known(const char *name, size_t len);
/* The rows of that name: the first and how many; NULL when there is none. */
const struct function *function_find(const char *name, size_t *count);
/* All rows, sorted by name. */
const struct function *function_rows(size_t *count);
#endif
