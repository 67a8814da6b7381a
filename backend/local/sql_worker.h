/* The worker mode of weir-local (--sql-worker): one process per query, so that a crash, a memory cap or a cancel ends
 * the query and nothing else. Source of the wire between both: engine_sql.h. */
#ifndef WEIR_LOCAL_SQL_WORKER_H
#define WEIR_LOCAL_SQL_WORKER_H
#include "backend/base/json.h"
/* Reads one request on stdin, runs it, writes one JSON line to stdout; returns the process's exit status. */
int sql_worker_main(void);
/* Reads compressed files through: of a truncated or damaged one the engine would give the beginning's rows as if they
 * were all. False with "WEIR!HIVE_CURSOR_ERROR: ..." naming the file. (sql_check.c) */
bool sql_check_files(const json_t *paths, struct err *err);
#endif
