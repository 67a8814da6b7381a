/* DuckDB by dlopen: its one home. The library and header are fetched by `make deps` (tools/engine), pinned and
 * integrity-checked; without them everything else still builds and duck_open says what is missing. A struct duck is one
 * in-memory database with one connection; one thread uses it, only duck_interrupt and duck_progress may come from
 * another. Source: DuckDB C API reference. */
#ifndef WEIR_SQL_DUCK_H
#define WEIR_SQL_DUCK_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct duck;
struct duck_options {
    const char *library;      /* path of libduckdb.so; NULL: beside our executable, then the loader's path */
    int threads;              /* 0: as many as cores */
    const char *memory_limit; /* "512MB"; NULL: engine's default */
    const char *temp_dir;     /* where it may spill; NULL: nowhere */
    const char *const
        *allowed_dirs; /* NULL-ended: the only directories that SQL can read and write; set before access is closed */
    const char *time_zone; /* NULL: UTC */
};
struct duck *duck_open(const struct duck_options *options, struct err *err);
void duck_close(struct duck *duck);
const char *duck_version(struct duck *duck);
/* Private C scalar functions and macros of the dialect (dialect_prelude) are registered through these. */
bool duck_exec(struct duck *duck, const char *sql, struct err *err);

/* Streaming results. Cells are text as Athena's result files have it; the types are the engine's own names. */
struct duck_result;
struct duck_result *duck_query(struct duck *duck, const char *sql, struct err *err);
size_t duck_column_count(const struct duck_result *result);
const char *duck_column_name(const struct duck_result *result, size_t column);
const char *duck_column_type(const struct duck_result *result, size_t column); /* "DECIMAL(10,2)", "INTEGER[]" */
bool duck_next(struct duck_result *result, struct err *err); /* the next row; false at the end or with *err */
bool duck_is_null(const struct duck_result *result, size_t column);
const char *duck_text(const struct duck_result *result, size_t column, size_t *len); /* valid until the next row */
int64_t duck_rows_changed(const struct duck_result *result);
void duck_result_free(struct duck_result *result);

/* From any thread: the running statement ends with ERR_CANCELLED. */
void duck_interrupt(struct duck *duck);
double duck_progress(struct duck *duck); /* 0..1, -1 unknown */
#endif
