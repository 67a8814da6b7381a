/* SQLite by a few calls: the one home of it, for the console's history and for the embedded cloud's metadata. A struct
 * db is one connection and belongs to one thread at a time. Statements are prepared once per connection and cached by
 * their text. */
#ifndef WEIR_BASE_DB_H
#define WEIR_BASE_DB_H
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_row; /* a statement on a row; valid until the next step */

enum db_mode { DB_READ_ONLY, DB_READ_WRITE };
/* Opens (creates when READ_WRITE) with WAL, synchronous=FULL, busy timeout 5 s, foreign keys on; file mode 0600. */
struct db *db_open(const char *path, enum db_mode mode, struct err *err);
void db_close(struct db *db);
/* Runs statements without results, e.g. a schema. */
bool db_exec(struct db *db, const char *sql, struct err *err);

/* Parameters: "t" text (const char *, NULL is SQL NULL), "b" blob (const void *, size_t), "i" int64_t, "d" double, one
 * letter each in types, followed by the values. Example: db_run(db, &err, "insert into t values(?,?)", "ti", name,
 * (int64_t)size). */
bool db_run(struct db *db, struct err *err, const char *sql, const char *types, ...);
/* Starts a query; step with db_step until false, then db_end (always). NULL on error. */
struct db_row *db_query(struct db *db, struct err *err, const char *sql, const char *types, ...);
/* true: a row is there; false: the end (*err is then ERR_NONE) or *err. */
bool db_step(struct db_row *row, struct err *err);
void db_end(struct db_row *row);
int64_t db_int(struct db_row *row, int column);
double db_double(struct db_row *row, int column);
const char *db_text(struct db_row *row, int column); /* NULL for SQL NULL; valid until the next step */
const void *db_blob(struct db_row *row, int column, size_t *len);
bool db_is_null(struct db_row *row, int column);
int64_t db_changes(struct db *db); /* rows the last statement changed */
int64_t db_last_id(struct db *db);
#endif
