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
#define ATHENA_HISTORY_MS (45LL * 24 * 3600 * 1000) /* queries are kept for 45 days: User Guide, "Query history" */
#define ATHENA_CATALOG    "AwsDataCatalog"
#define ATHENA_VIEW_HEAD  "/* Presto View: " /* of ViewOriginalText in Glue; then base64 and the comment's end */

/* ---- athena_call.c */
/* Fills *err with Athena's exception name and message. Returns false. */
bool athena_refuse(struct err *err, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A text member that must be there; NULL after InvalidRequestException. */
const char *athena_need(struct awsjson_call *call, const char *key);
/* Text members of a request against the API's constraints; the first that fails is named in InvalidRequestException. */
enum athena_pattern { ATHENA_ANY, ATHENA_NAME, ATHENA_STATEMENT }; /* of workgroups and tags; of prepared statements */
struct athena_rule {
    const char *key;
    size_t min, max; /* characters; min 0: may be left out */
    enum athena_pattern pattern;
};
bool athena_check(struct awsjson_call *call, const json_t *object, const struct athena_rule *rules, size_t count);
#define ATHENA_CHECK(call, rules) athena_check(call, (call)->in, rules, sizeof(rules) / sizeof *(rules))
/* A list of 1 to max texts; NULL after InvalidRequestException. */
const json_t *athena_need_list(struct awsjson_call *call, const char *key, size_t max);
/* {id_key: id, ErrorCode, ErrorMessage}: what a batch could not do. */
json_t *athena_unprocessed(const char *id_key, const char *id, const char *message);
/* A version 4 UUID. */
void athena_new_id(char out[37]);
/* ClientRequestToken: the first request with it keeps id; another with the same members gets that id (*is_known), one
 * with other members is refused. scope is the operation's. */
bool athena_token(struct awsjson_call *call, const char *scope, char id[37], bool *is_known);
bool athena_token_drop(struct awsjson_call *call, const char *scope); /* what it was for did not come about */
/* A page of a listing by MaxResults (0: max) and NextToken: the entries of list (taken over) under key. */
bool athena_page(struct awsjson_call *call, const char *key, json_t *list, int max);

/* ---- athena_store.c: documents by kind and name; new references, NULL when absent (err is then OK) or on error */
bool athena_store_start(struct cloud *cloud, struct err *err);
json_t *athena_get(struct cloud *cloud, const char *kind, const char *name, struct err *err);
/* Inserts or replaces; group sorts and selects (a query's workgroup), at_ms orders. */
struct athena_mark { /* of a query */
    bool is_active;
    const char *question; /* athena_reuse.c; NULL: not to be found by it */
};
struct athena_record {
    const char *kind, *name, *group;
    const struct athena_mark *mark; /* NULL: none */
    int64_t at_ms;
    int64_t keep_ms; /* older ones of the kind are dropped with the write; 0: kept for ever */
    const json_t *document;
};
bool athena_put(struct cloud *cloud, const struct athena_record *record, struct err *err);
bool athena_remove(struct cloud *cloud, const char *kind, const char *name, struct err *err);
/* Documents of a kind, newest first; group NULL: all. */
json_t *athena_list(struct cloud *cloud, const char *kind, const char *group, struct err *err);
json_t *athena_names(struct cloud *cloud, const char *kind, const char *group, struct err *err); /* names only */
json_t *athena_list_active(struct cloud *cloud, struct err *err); /* records of queries QUEUED or RUNNING */
/* The newest query's record whose "Question" (athena_reuse.c) is this one; NULL when there is none. */
json_t *athena_find_question(struct cloud *cloud, const char *question, struct err *err);

/* Read, judge and write as one on the store's writer: edit gets the present document (NULL: none) and says in *after
 * what is to be kept (a new reference; NULL: nothing, the record goes), or refuses with *err. */
struct athena_edit {
    const char *kind, *name, *group;
    bool (*edit)(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err);
    const void *context;
    int64_t at_ms;   /* filled: now */
    int64_t keep_ms; /* as in struct athena_record */
};
bool athena_edit(struct cloud *cloud, struct athena_edit *edit, struct err *err);
bool athena_remove_group(struct cloud *cloud, const char *kind, const char *group, struct err *err);
int64_t athena_count(struct cloud *cloud, const char *kind, const char *group, struct err *err); /* -1 on error */

/* ---- athena_workgroup.c */
#define ATHENA_PRIMARY "primary"
bool athena_workgroup_start(struct cloud *cloud, struct err *err);
/* The request's workgroup ("" is primary) as GetWorkGroup answers it, a new reference; NULL after
 * InvalidRequestException. */
json_t *athena_workgroup_get(struct awsjson_call *call, const char *name);
/* A ResultConfiguration (or its updates): location, owner, encryption. */
bool athena_check_results(struct awsjson_call *call, const json_t *results);

/* ---- athena_tag.c: {key: value} of workgroups, by ARN */
void athena_arn(const struct cloud *cloud, const char *kind, const char *name, char *out, size_t size);
bool athena_tags_check(struct awsjson_call *call, const json_t *tags); /* [{Key, Value}] */
bool athena_tags_put(struct awsjson_call *call, const char *arn, const json_t *tags);

/* ---- athena_query.c: a query's record: {"Execution": QueryExecution, "Columns": [{Name,Type}], "Bucket", "Key",
 * "Rows", "OutputBytes", "Question"} */
bool athena_query_save(struct cloud *cloud, const json_t *record, struct err *err);

/* ---- athena_queue.c: runner threads; a job is one query on its way */
struct athena_job {
    struct cloud *cloud;
    char id[40], workgroup[132];
    json_t *record; /* its runner's alone once it runs */
    struct engine_sql engine;
    int64_t submitted_ms, started_ms, planned_ms, cutoff;
    struct athena_job *next;
    bool is_running;
    atomic_bool is_abandoned; /* the service ends, and nobody had asked to cancel it */
};
bool athena_queue_start(struct cloud *cloud, struct err *err);
void athena_queue_stop(struct cloud *cloud);
/* Takes record over (also on failure): TooManyRequestsException when too many are active. */
bool athena_queue_add(struct cloud *cloud, json_t *record, int64_t cutoff, struct err *err);
/* False when no such query is active. */
bool athena_queue_cancel(struct cloud *cloud, const char *id);
bool athena_queue_has(struct cloud *cloud, const char *workgroup); /* active queries */
/* How far a running query is; false when it is not running. */
struct athena_progress {
    int64_t scanned, queued_ms, total_ms;
};
bool athena_queue_progress(struct cloud *cloud, const char *id, struct athena_progress *progress);

/* StateChangeReason of a query that was active when the service ended. */
#define ATHENA_ABANDONED "the service ended while the query ran"

/* ---- athena_run.c: runs a job to its end; on a runner thread */
struct athena_run {
    struct athena_job *job;
    struct arena *arena;
    const struct dialect_statement *statement;
    const char *sql;
    char dir[4096];     /* the work directory, below the objects' */
    json_t *setup;      /* SQL statements */
    json_t *objects;    /* files of the work directory -> URIs */
    json_t *compressed; /* paths of compressed texts, which the worker looks through */
    json_t *columns;    /* of the result */
    struct buf text;    /* the result of a DDL statement: lines */
    int64_t rows, scanned, engine_ms;
    bool is_reused; /* the result is an earlier query's */
};
void athena_run(struct athena_job *job);
/* Runs SQL in a worker over the views set up so far; output "" or a file. The reply's figures are added to the run. */
bool athena_run_engine(struct athena_run *run, const char *query, const char *output, struct err *err);

/* ---- athena_reuse.c: results of earlier queries */
/* Takes the result of an earlier query that asked the same, when the request allows it and there is one young enough:
 * true, and the record is as after a run. */
bool athena_reuse(struct athena_run *run);
void athena_reuse_keep(struct athena_run *run); /* after a run, before its record is saved: for later ones */

/* ---- athena_result_file.c: the binary description beside a result object */
bool athena_write_metadata(struct athena_run *run, struct err *err);

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
