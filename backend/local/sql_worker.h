/* The worker mode of weir-local (--sql-worker): one process per query, so that a crash, a memory cap or a cancel ends
 * the query and nothing else. Source of the wire between both: engine_sql.h. */
#ifndef WEIR_LOCAL_SQL_WORKER_H
#define WEIR_LOCAL_SQL_WORKER_H
/* Reads one request on stdin, runs it, writes one JSON line to stdout; returns the process's exit status. */
int sql_worker_main(void);
#endif
