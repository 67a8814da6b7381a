/* What the files of the query domain share: query.c life, query_view.c snapshots, query_run.c following, query_result.c
 * results, query_store.c the history. Nobody else includes it. */
#ifndef WEIR_DOMAIN_QUERY_PRIVATE_H
#define WEIR_DOMAIN_QUERY_PRIVATE_H
#include "backend/base/path.h"
#include "backend/core/cancel.h"
#include "backend/core/snap.h"
#include "backend/core/thread.h"
#include "backend/domain/query.h"
#include "backend/domain/result.h"
#include "backend/domain/session.h"

enum {
    QUERY_EXECUTION = 64,
    QUERY_REASON = 2048,
    QUERY_OUTPUT = 1400,
    QUERY_JSON_MAX = 1 << 20,
    QUERY_RECORDS_MAX = 2000, /* in memory; the oldest go first */
    QUERY_LOADED_MAX = 300    /* of the history at start */
};

struct query_record { /* guarded by queries.lock but for what is said; a busy one is not freed */
    int64_t id;
    char execution[QUERY_EXECUTION];
    char *sql;
    size_t sql_len;
    bool is_cut;
    char database[256], workgroup[130], output[QUERY_OUTPUT], reason[QUERY_REASON], statement[32];
    char *json;    /* NULL none */
    char *columns; /* JSON array of [name, type]; NULL none */
    enum query_state state;
    int64_t submitted_ms, ended_ms, total_ms, queue_ms, scanned, updated;
    bool is_reused, is_of_session;
    struct err err;
    enum query_fetch fetch;
    struct err fetch_err;
    char *path;
    int64_t arrived, bytes;
    struct result *result;      /* opened, and not taken by the pane yet; NULL none */
    struct cancel fetch_cancel; /* of the result's arriving */
    bool is_cancel_asked;
    bool is_open_wished; /* by somebody who came while a thread was about to leave it */
    bool is_unsaved;
    int busy; /* threads that work on it */
};

enum query_work_kind { QUERY_WORK_RUN, QUERY_WORK_FOLLOW, QUERY_WORK_OPEN };
struct query_work {
    enum query_work_kind kind;
    struct queries *queries;
    struct query_record **records;
    size_t count;
    pthread_t thread;
    bool is_done, is_used;
};

struct queries {
    struct session *session;
    struct snap_slot *slot;
    char history[PATH_SIZE];                   /* file; "" when there is none */
    char target[CONFIG_NAME + PATH_SIZE + 16]; /* whose queries: other profiles' are not shown */
    char cache[PATH_SIZE];                     /* directory of result files */
    char found_output[QUERY_OUTPUT];           /* the place of results that was chosen; guarded */
    struct cancel cancel;                      /* of all calls: the session ends */
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a record, a wish or the end */
    bool is_stopping, is_dirty, is_loaded;
    struct query_record **records; /* oldest first */
    size_t count, cap;
    int64_t last_id;
    struct query_work works[QUERY_WORKS_MAX];
    struct err history_err;
    pthread_t keeper; /* saves and publishes */
    bool has_keeper;
};

/* query.c */
/* With the lock held: the record changed; the keeper saves (when it is worth keeping) and publishes it. */
void query_touch(struct queries *queries, struct query_record *record, bool is_kept);
void query_lock(struct queries *queries);
void query_unlock(struct queries *queries);
struct query_record *query_record_new(const char *sql, size_t len);
void query_record_free(struct query_record *record);
/* With the lock held; takes the record over. */
void query_add_record(struct queries *queries, struct query_record *record);
/* With the lock held: hands the records (an array that is taken over) to a thread of their own. */
bool query_start_work(struct queries *queries, enum query_work_kind kind, struct query_record **records, size_t count,
                      struct err *err);

/* With the lock held: starts opening it. */
bool query_open_record(struct queries *queries, struct query_record *record, struct err *err);

/* query_view.c: with the lock held; a snapshot of all records, newest first. */
struct snap *query_make_view(struct queries *queries);

/* query_run.c, on a thread of the work's own */
void *query_do_work(void *work);

/* query_result.c, on such a thread */
void query_fetch_result(struct queries *queries, struct query_record *record);
/* Removes what earlier processes left half-done, and the oldest files past the maximum of the directory. */
void query_trim_cache(const char *dir);

/* query_store.c: on the keeper's thread (the first three) or with a connection of its own (the last) */
struct db;
struct db *query_store_open(const char *path, struct err *err);
bool query_store_save(struct db *db, const char *target, const struct query_record *record, struct err *err);
/* Calls each with records of the newest QUERY_LOADED_MAX, oldest first; they are the callee's. */
bool query_store_load(struct db *db, const char *target, void (*each)(void *context, struct query_record *record),
                      void *context, struct err *err);
/* The whole statement and the service's JSON of a record that has only its head. */
bool query_store_fill(const char *path, int64_t id, char **sql, size_t *len, char **json, struct err *err);
#endif
