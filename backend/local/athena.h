/* What the files of the embedded Athena share: the calls' tools, the queries' records, the queue, and the handlers
 * named in athena_ops.h. Nothing outside backend/local/athena*.c includes this. Source: Amazon Athena API Reference
 * (2017-05-18) and User Guide. */
#ifndef WEIR_LOCAL_ATHENA_H
#define WEIR_LOCAL_ATHENA_H
#include "backend/base/arena.h"
#include "backend/base/json.h"
#include "backend/local/athena_ops.h"
#include "backend/local/awsjson.h"
#include "backend/local/cloud.h"
#include "backend/local/engine_sql.h"
#include "backend/sql/dialect.h"

enum {
    ATHENA_BODY_MAX = 4 << 20,
    ATHENA_ANSWER_MAX = 64 << 20,
    ATHENA_TEXT_MAX = 262144, /* bytes of a query's text: Athena's service quotas */
};
#define ATHENA_CATALOG   "AwsDataCatalog"
#define ATHENA_VIEW_HEAD "/* Presto View: " /* of ViewOriginalText in Glue; then base64 and the comment's end */

/* ---- athena_call.c */
/* Fills *err with Athena's exception name and message. Returns false. */
bool athena_refuse(struct err *err, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A text member that must be there; NULL after InvalidRequestException. */
const char *athena_need(struct awsjson_call *call, const char *key);
/* A page of a listing: NextToken is the number of entries before it. Puts the entries of list (taken over) under key.
 */
bool athena_page(struct awsjson_call *call, const char *key, json_t *list, int max);

/* ---- athena_store.c: documents by kind and name; new references, NULL when absent (err is then OK) or on error */
bool athena_store_start(struct cloud *cloud, struct err *err);
json_t *athena_get(struct cloud *cloud, const char *kind, const char *name, struct err *err);
/* Inserts or replaces; group sorts and selects (a query's workgroup), at_ms orders. */
struct athena_record {
    const char *kind, *name, *group;
    int64_t at_ms;
    const json_t *document;
};
bool athena_put(struct cloud *cloud, const struct athena_record *record, struct err *err);
bool athena_remove(struct cloud *cloud, const char *kind, const char *name, struct err *err);
/* Documents of a kind, newest first; group NULL: all. */
json_t *athena_list(struct cloud *cloud, const char *kind, const char *group, struct err *err);

/* ---- athena_query.c: a query's record: {"Execution": QueryExecution, "Columns": [{Name,Type}], "Bucket", "Key"} */
bool athena_query_save(struct cloud *cloud, const json_t *record, struct err *err);

/* ---- athena_queue.c: runner threads; a job is one query on its way */
struct athena_job {
    struct cloud *cloud;
    json_t *record;
    struct engine_sql engine;
    int64_t submitted_ms, started_ms, planned_ms, cutoff;
    struct athena_job *next;
    bool is_running;
};
bool athena_queue_start(struct cloud *cloud, struct err *err);
void athena_queue_stop(struct cloud *cloud);
/* Takes record over (also on failure): TooManyRequestsException when too many are active. */
bool athena_queue_add(struct cloud *cloud, json_t *record, int64_t cutoff, struct err *err);
/* False when no such query is active. */
bool athena_queue_cancel(struct cloud *cloud, const char *id);

/* ---- athena_run.c: runs a job to its end; on a runner thread */
struct athena_run {
    struct athena_job *job;
    struct arena *arena;
    const struct dialect_statement *statement;
    const char *sql;
    char dir[4096];  /* the work directory, below the objects' */
    json_t *setup;   /* SQL statements */
    json_t *columns; /* of the result */
    struct buf text; /* the result of a DDL statement: lines */
    int64_t rows, scanned, engine_ms;
};
void athena_run(struct athena_job *job);
/* Runs SQL in a worker over the views set up so far; output "" or a file. The reply's figures are added to the run. */
bool athena_run_engine(struct athena_run *run, const char *query, const char *output, struct err *err);

/* ---- athena_source.c: views over the objects of the tables read */
bool athena_source(struct athena_run *run, const struct dialect_table *table, struct err *err);

/* ---- athena_information.c: all tables that the statement reads, those without objects too */
bool athena_tables(struct athena_run *run, struct err *err);

/* ---- athena_catalog.c: the dialect's catalog over the Glue store; the context is the cloud */
void athena_catalog(struct cloud *cloud, struct dialect_catalog *catalog);

/* ---- handlers */
#define X(operation, handler, state, missing) awsjson_handler handler;
ATHENA_OPERATIONS(X)
#undef X
#endif
