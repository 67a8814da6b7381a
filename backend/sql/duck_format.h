/* Athena's rendering of the engine's values: for duck*.c only. */
#ifndef WEIR_SQL_DUCK_FORMAT_H
#define WEIR_SQL_DUCK_FORMAT_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/sql/duck_api.h"
#include <stdbool.h>

/* Resolves a logical type (taken over) and its children; release with duck_type_done. */
void duck_type_init(const struct duck_api *api, struct duck_type *type, duckdb_logical_type logical);
void duck_type_done(const struct duck_api *api, struct duck_type *type);
/* "DECIMAL(10,2)", "INTEGER[]", "STRUCT(a INTEGER)", "MAP(VARCHAR, BIGINT)". */
bool duck_type_name(const struct duck_type *type, struct buf *out);
bool duck_vector_is_null(const struct duck_api *api, duckdb_vector vector, uint64_t row);
/* Appends the value of a row that is not NULL, as Athena's result files have it. */
bool duck_format_value(const struct duck_api *api, const struct duck_type *type, duckdb_vector vector, uint64_t row,
                       struct buf *out);
/* As Java's Double.toString, which Athena prints: "1.0", "1.0E10", "NaN", "-Infinity". digits: 17 double, 9 real. */
bool duck_format_double(double value, int digits, struct buf *out);
/* Registers the dialect's private C functions (sqlfn.h): duck_open does. */
bool duck_register_functions(struct duck *duck, struct err *err);
#endif
