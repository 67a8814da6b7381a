/* SQL for the embedded cloud's services: a query runs in a worker process (sql_worker.h) that sees its own work
 * directory only. Any thread; a run waits until its process has ended. */
#ifndef WEIR_LOCAL_ENGINE_SQL_H
#define WEIR_LOCAL_ENGINE_SQL_H
#include "backend/base/json.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A run's handle, zeroed before; engine_sql_cancel may be called from any thread while it exists. */
struct engine_sql {
    _Atomic pid_t pid;
    atomic_bool is_cancelled;
    _Atomic int64_t scanned; /* bytes read by the query so far, about 20 ms old while it runs */
    int64_t cutoff;          /* more bytes than this end the query; 0: no limit */
    bool is_cut;             /* that is how it ended */
};
/* request: {"dir": work directory, "compressed": [paths of .gz and .zst files to look through first], "setup":
 * [SQL...], "query": SQL, "output": CSV file to create ("" none), "names": column names of its header, "memory":
 * bytes}. Answers {"rows", "scanned" (bytes read by the engine), "engine_ms", "columns": [{"name","type"}]}, a new
 * reference; NULL with *err: the engine's error, ERR_CANCELLED, or how the process ended. */
json_t *engine_sql_run(struct engine_sql *run, const json_t *request, struct err *err);
void engine_sql_cancel(struct engine_sql *run);
#endif
