/* The inside of the dialect, types: Trino's types, their names in Trino, Hive and DuckDB, and which fits which. Types
 * are immutable and live in an arena or are static. */
#ifndef WEIR_SQL_DIALECT_TYPE_H
#define WEIR_SQL_DIALECT_TYPE_H
#include "backend/base/arena.h"
#include "backend/base/buf.h"
#include <stdbool.h>
#include <stddef.h>

enum base {
    BASE_UNKNOWN, /* the type of NULL */
    BASE_BOOLEAN,
    BASE_TINYINT, /* the numbers in the order of coercion */
    BASE_SMALLINT,
    BASE_INTEGER,
    BASE_BIGINT,
    BASE_DECIMAL,
    BASE_REAL,
    BASE_DOUBLE,
    BASE_CHAR,
    BASE_VARCHAR,
    BASE_VARBINARY,
    BASE_DATE,
    BASE_TIME,
    BASE_TIMESTAMP,
    BASE_TIMESTAMP_TZ,
    BASE_INTERVAL_DAY,
    BASE_INTERVAL_YEAR,
    BASE_JSON,
    BASE_UUID,
    BASE_ARRAY,
    BASE_MAP,
    BASE_ROW,
    BASE_COUNT
};
struct type {
    enum base base;
    int precision, scale;     /* decimal(p,s); char(p), varchar(p): 0 unbounded; timestamp(p-1): 0 means 3 */
    const char *zone;         /* TIMESTAMP_TZ: the zone its text has; NULL UTC */
    const struct type **kids; /* array 1, map 2, row n */
    const char *const *names; /* row: names, NULL slots for fields without one */
    size_t count;
};

/* The zone of a column whose values have several: comparable, but neither printable nor a wall clock. */
#define TYPE_MIXED_ZONE "?"

const struct type *type_simple(enum base base);
const struct type *type_varchar(struct arena *arena, int length);
const struct type *type_decimal(struct arena *arena, int precision, int scale);
const struct type *type_array(struct arena *arena, const struct type *item);
const struct type *type_map(struct arena *arena, const struct type *key, const struct type *value);
const struct type *type_row(struct arena *arena, const struct type *const *kids, const char *const *names,
                            size_t count);
const struct type *type_timestamp(struct arena *arena, int digits); /* of the second's fraction */
const struct type *type_zoned(struct arena *arena, const char *zone);
/* Hive's ("array<struct<a:int>>") or Trino's ("array(row(a integer))") text; NULL when it is neither. */
const struct type *type_parse(struct arena *arena, const char *text);
/* The name of a row's field as DuckDB has it: "field0" for one without a name. */
const char *type_field_name(struct arena *arena, const struct type *row, size_t field);

bool type_print_trino(const struct type *type, struct buf *out); /* "decimal(10,2)", "array(integer)" */
bool type_print_duck(const struct type *type, struct buf *out);  /* "DECIMAL(10,2)", "INTEGER[]" */
bool type_print_hive(const struct type *type, struct buf *out);  /* "array<struct<a:int>>", as Glue stores it */
char *type_trino(struct arena *arena, const struct type *type);
char *type_duck(struct arena *arena, const struct type *type);

bool type_is_integer(const struct type *type);
bool type_is_number(const struct type *type);
bool type_is_text(const struct type *type);
bool type_is_datetime(const struct type *type);
bool type_equal(const struct type *a, const struct type *b);
/* The common type that both are coerced to, NULL when there is none (Trino: TypeCoercion). */
const struct type *type_common(struct arena *arena, const struct type *a, const struct type *b);
/* Can a value of `from` stand where `to` is wanted without a CAST? */
bool type_coerces(struct arena *arena, const struct type *from, const struct type *to);
/* A whole-number type as decimal(p,0); a decimal itself. */
void type_as_decimal(const struct type *type, int *precision, int *scale);
#endif
