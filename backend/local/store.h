/* The daemon's durable metadata: one SQLite file (WAL, synchronous=FULL) with one writer thread and group commit; reads
 * use a pool of read-only connections. Acknowledged means on disk. */
#ifndef WEIR_LOCAL_STORE_H
#define WEIR_LOCAL_STORE_H
#include "backend/base/db.h"
#include "backend/base/err.h"
#include <stdbool.h>

struct store;
struct store *store_open(const char *dir, struct err *err);
void store_close(struct store *store);
/* Creates tables (idempotent statements); called by services at start, before the writer takes requests. */
bool store_schema(struct store *store, const char *sql, struct err *err);
/* Runs work(db, context) on the writer thread inside a transaction (a savepoint of the group's) and returns when it is
 * on disk. work returning false rolls its own part back. Reads inside see earlier writes, so check-then-write is
 * atomic. */
bool store_write(struct store *store, bool (*work)(struct db *db, void *context, struct err *err), void *context,
                 struct err *err);
/* Borrows a read connection (a consistent view from the first read on) and gives it back. */
struct db *store_reader(struct store *store, struct err *err);
void store_reader_done(struct store *store, struct db *db);
#endif
