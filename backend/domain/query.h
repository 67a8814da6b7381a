/* Running queries: statements are sent to Athena, followed to the service's last word, and their results are brought to
 * local files; all of it survives in a history on disk, from which a finished query opens again without running. The
 * calls are the UI thread's and never wait; threads of their own do the work and publish snapshots. */
#ifndef WEIR_DOMAIN_QUERY_H
#define WEIR_DOMAIN_QUERY_H
#include "backend/base/buf.h"
#include "backend/base/column.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    QUERY_SQL_MAX = 262144, /* bytes of a statement (Athena quotas: 262 144) */
    QUERY_WORKS_MAX = 64,   /* runs, follow-ups and openings at once */
    QUERY_SHOWN_MAX = 500,  /* rows of the view: the newest */
    QUERY_HEAD_MAX = 4096   /* bytes of a statement from the history until it is opened */
};
enum query_state {
    QUERY_WAITING, /* for the one before it in its run */
    QUERY_SENDING,
    QUERY_QUEUED,
    QUERY_RUNNING,
    QUERY_CANCELLING, /* asked to stop; the service's word is awaited */
    QUERY_SUCCEEDED,
    QUERY_FAILED,
    QUERY_CANCELLED,
    QUERY_SKIPPED, /* one before it failed */
    QUERY_LOST,    /* what became of it is not known */
    QUERY_STATE_COUNT
};
enum query_fetch { QUERY_FETCH_NONE, QUERY_FETCH_RUNNING, QUERY_FETCH_DONE, QUERY_FETCH_FAILED };
struct query_column {
    const char *name, *type; /* Athena's: "varchar", "decimal(10,2)" */
};
struct query_row { /* texts are the snapshot's; "" where there is none */
    int64_t id;
    const char *sql;
    size_t sql_len;
    bool is_cut;      /* sql is only its beginning; queries_open brings all */
    const char *head; /* its beginning on one line, for lists */
    const char *execution, *database, *workgroup, *output, *reason;
    const char *statement; /* the service's statement type: "DML", "DDL", "UTILITY" */
    const char *json;      /* the execution as the service tells it; "" until it has ended or was opened */
    enum query_state state;
    int64_t submitted_ms, ended_ms;               /* wall time; 0 not yet */
    int64_t total_ms, queue_ms, scanned, updated; /* ms, ms, bytes, rows written; -1 unknown */
    double cost;                                  /* dollars; negative unknown */
    const char *cost_text, *took_text;            /* "$0.0012", "2.1s"; "" unknown */
    bool is_reused;                               /* the service answered from an earlier result */
    bool is_of_session;                           /* ran in this session, not before it */
    struct err err; /* of the last call about it: why it is not followed now, or why it was not sent */
    /* its result */
    enum query_fetch fetch;
    struct err fetch_err;
    const char *path;       /* local CSV file with a header row, maybe still arriving; "" none */
    int64_t arrived, bytes; /* of the file so far, and of all of it (-1 unknown) */
    bool has_result;        /* queries_take_result has one to give */
    const struct query_column *columns;
    size_t column_count;
};
struct queries_view {             /* value of the snapshots */
    const struct query_row *rows; /* newest first */
    size_t count;
    int running;            /* not ended yet */
    int64_t scanned;        /* bytes, of this session */
    double cost;            /* dollars, of this session */
    struct err history_err; /* the history could not be read or written */
    bool is_loaded;         /* the history has been read */
};

struct session;
struct snap_slot;
struct queries;
struct queries *queries_new(struct session *session);
/* Ends the following of all queries, not the queries: what runs at the service is followed again at the next start.
 * Only signals; queries_free waits for the threads. */
void queries_stop(struct queries *queries);
void queries_free(struct queries *queries);
struct snap_slot *queries_slot(struct queries *queries);

struct query_run {
    const char *const *sql; /* statements, run in this order; each begins when the one before has succeeded */
    size_t count;
    const char *database, *workgroup; /* NULL: the configuration's */
};
/* Starts a run and returns the id of its first statement; the ids of the others follow it one by one. -1 with *err:
 * empty or too long a statement, too many runs at once. */
int64_t queries_run(struct queries *queries, const struct query_run *run, struct err *err);
/* Asks the service to stop it, drops it when it was not sent yet, or ends the arriving of its result. False when there
 * is nothing to stop, or that was asked before. */
bool queries_cancel(struct queries *queries, int64_t id);
/* Brings the whole statement and the stored result of a query of the history (or one whose result failed to arrive).
 * False with *err when it has none, or too much runs already. */
bool queries_open(struct queries *queries, int64_t id, struct err *err);
/* Hands over the result of a query, maybe still arriving; the caller ends it with result_close. NULL: there is none
 * (yet, or any more: queries_open makes it anew). */
struct result;
struct result *queries_take_result(struct queries *queries, int64_t id);
/* The row of an id, NULL when it is not in the view. */
const struct query_row *queries_find(const struct queries_view *view, int64_t id);

/* --- pure --- */
bool query_has_ended(enum query_state state);
const char *query_state_word(enum query_state state); /* "running" */
/* The place that an error of Athena names ("SYNTAX_ERROR: line 1:8: ..."): line and column from 1, the column in code
 * points; false when it names none. */
bool query_error_place(const char *reason, size_t *line, size_t *column);
/* What the service charges for it in dollars: DML that ended well or was cancelled, by bytes scanned. Negative: not
 * known. Source: Amazon Athena pricing. */
double query_cost(const struct query_row *row, int64_t price_cents);
/* "$0.00005", "$1.25"; "" when negative (unknown). */
void query_cost_text(double cost, char out[32]);
/* Columns of the history, whole and for little room (rows are struct query_row). */
extern const struct column query_columns[], query_tile_columns[];

/* --- saved queries: .sql files in one directory; these read and write files, which is not for the UI thread while it
 * paints but bounded: QUERY_SAVED_MAX names, QUERY_SAVED_BYTES each --- */
enum { QUERY_SAVED_MAX = 500, QUERY_SAVED_NAME = 128, QUERY_SAVED_BYTES = 4 << 20 };
/* "$XDG_CONFIG_HOME/weir/queries". */
bool query_saved_dir(char *out, struct err *err);
/* Names without ".sql", sorted; returns the count. */
int query_saved_list(const char *dir, char names[][QUERY_SAVED_NAME], int max, struct err *err);
bool query_saved_read(const char *dir, const char *name, struct buf *out, struct err *err);
/* Whole or not at all; the directory is made when absent. Names are file names of ours: no '/', no leading dot. */
bool query_saved_write(const char *dir, const char *name, const char *text, size_t len, struct err *err);
bool query_saved_exists(const char *dir, const char *name);
#endif
