/* Following queries, on a thread per run: sent, asked about until the service has spoken its last word, stopped when
 * that was wished; then the result is fetched. A query that cannot be asked about for a while is not given up: it goes
 * on at the service. */
#include "backend/aws/athena.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/domain/query_private.h"
#include "backend/domain/zones.h"
#include "backend/sql/dialect.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLL_FIRST_MS = 60,
    POLL_MAX_MS = 2000,
    CANCEL_WAIT_MS = 60 * 1000, /* for the service's word after it was asked to stop */
    STOP_AGAIN_MS = 2000,
    UNREACHED_MAX_MS = 30 * 60 * 1000 /* how long one that cannot be asked about is asked about */
};

static const struct query_words {
    enum query_state state;
    const char *service;
} states[] = {
    {.state = QUERY_QUEUED, .service = "QUEUED"},       {.state = QUERY_RUNNING, .service = "RUNNING"},
    {.state = QUERY_SUCCEEDED, .service = "SUCCEEDED"}, {.state = QUERY_FAILED, .service = "FAILED"},
    {.state = QUERY_CANCELLED, .service = "CANCELLED"},
};

static enum query_state state_of(const char *service)
{
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].service, service) == 0)
            return states[i].state;
    return QUERY_RUNNING;
}

/* Ends a record without, or against, the service. */
static void end_record(struct queries *queries, struct query_record *record, enum query_state state,
                       const struct err *err)
{
    query_lock(queries);
    record->state = state;
    record->ended_ms = clock_wall(&clock_system);
    if (err)
        record->err = *err;
    query_touch(queries, record, true);
    query_unlock(queries);
}

static bool is_stopping(struct queries *queries)
{
    return cancel_is_set(&queries->cancel);
}

static bool is_cancel_asked(struct queries *queries, const struct query_record *record)
{
    query_lock(queries);
    bool is_asked = record->is_cancel_asked;
    query_unlock(queries);
    return is_asked;
}

/* --- sending --- */

/* The place of results: the configuration's, the workgroup's own, or query_results/ in the lake. */
static bool choose_output(struct queries *queries, const struct query_record *record, char output[QUERY_OUTPUT],
                          struct err *err)
{
    const struct config *config = session_config(queries->session);
    char bucket[64] = "";
    snprintf(output, QUERY_OUTPUT, "%s", config->sql_output);
    if (*output || *record->workgroup)
        return true;
    query_lock(queries);
    snprintf(output, QUERY_OUTPUT, "%s", queries->found_output);
    query_unlock(queries);
    if (*output)
        return true;
    if (!zones_choose_bucket(queries->session, &queries->cancel, bucket, err))
        return false;
    if (!*bucket)
        return err_set(err, ERR_USAGE, "no bucket for the results: set sql-output = s3://BUCKET/PREFIX/ or bucket");
    snprintf(output, QUERY_OUTPUT, "s3://%s/query_results/", bucket);
    query_lock(queries);
    snprintf(queries->found_output, sizeof queries->found_output, "%s", output);
    query_unlock(queries);
    return true;
}

static bool send_query(struct queries *queries, struct query_record *record, struct err *err)
{
    char output[QUERY_OUTPUT], id[64];
    struct aws *aws = session_connect(queries->session, &queries->cancel, err);
    if (!aws || !choose_output(queries, record, output, err))
        return false;
    struct athena_start start = {.sql = record->sql, /* never changes */
                                 .database = record->database,
                                 .workgroup = record->workgroup,
                                 .output = output,
                                 .is_write = !dialect_nature(record->sql, record->sql_len).only_reads,
                                 .cancel = &queries->cancel};
    if (!athena_start(aws, &start, id, err))
        return false;
    query_lock(queries);
    snprintf(record->execution, sizeof record->execution, "%s", id);
    if (!record->is_cancel_asked)
        record->state = QUERY_QUEUED;
    query_touch(queries, record, true);
    query_unlock(queries);
    return true;
}

/* --- asking --- */

static int64_t figure(const json_t *figures, const char *name, int64_t before)
{
    return json_int(figures, name, before);
}

/* With the lock held. */
static void take_figures(struct query_record *record, const json_t *execution)
{
    const json_t *status = json_object_get(execution, "Status"), *figures = json_object_get(execution, "Statistics");
    const json_t *place = json_object_get(execution, "ResultConfiguration");
    snprintf(record->reason, sizeof record->reason, "%s", json_str(status, "StateChangeReason"));
    snprintf(record->output, sizeof record->output, "%s", json_str(place, "OutputLocation"));
    snprintf(record->statement, sizeof record->statement, "%s", json_str(execution, "StatementType"));
    record->scanned = figure(figures, "DataScannedInBytes", record->scanned);
    record->total_ms = figure(figures, "TotalExecutionTimeInMillis", record->total_ms);
    record->queue_ms = figure(figures, "QueryQueueTimeInMillis", record->queue_ms);
    record->is_reused = json_bool(json_object_get(figures, "ResultReuseInformation"), "ReusedPreviousResult", false);
}

/* True when the service's word is the last one. */
static bool take_execution(struct queries *queries, struct query_record *record, const json_t *execution)
{
    struct buf json = BUF_INIT(QUERY_JSON_MAX);
    enum query_state state = state_of(json_str(json_object_get(execution, "Status"), "State"));
    bool has_ended = query_has_ended(state);
    if (has_ended)
        json_write(execution, 2, &json);
    query_lock(queries);
    take_figures(record, execution);
    record->err = ERR_NONE;
    if (has_ended || !record->is_cancel_asked)
        record->state = state;
    if (has_ended) {
        free(record->json);
        record->json = buf_take(&json);
        record->ended_ms = clock_wall(&clock_system);
    }
    query_touch(queries, record, has_ended);
    query_unlock(queries);
    buf_done(&json);
    return has_ended;
}

/* The last try failed: said beside what is known. */
static void note_failure(struct queries *queries, struct query_record *record, const struct err *err)
{
    query_lock(queries);
    record->err = *err;
    query_touch(queries, record, false);
    query_unlock(queries);
}

/* Until the time has come, a cancel is wished that has not been passed on, or the session ends. */
static void wait_turn(struct queries *queries, const struct query_record *record, int64_t ms, bool was_stopped)
{
    int64_t until = clock_mono(&clock_system) + ms;
    query_lock(queries);
    while (!queries->is_stopping && (was_stopped || !record->is_cancel_asked) &&
           thread_wait(&queries->changed, &queries->lock, until))
        continue;
    query_unlock(queries);
}

struct following {
    struct queries *queries;
    struct query_record *record;
    int64_t pause;
    int64_t stop_due, stop_until; /* monotonic; 0: no stop was wished */
    int64_t unreached_until;      /* 0: it was reached */
    bool was_stopped;             /* the service has taken the wish */
};

/* Passes the wish to stop on, again while the service did not take it (aws NULL: it cannot be reached now). False:
 * given up. */
static bool pass_cancel_on(struct following *f, struct aws *aws)
{
    struct err err = ERR_NONE;
    int64_t now = clock_mono(&clock_system);
    if (!is_cancel_asked(f->queries, f->record))
        return true;
    if (!f->stop_until) {
        f->stop_until = now + CANCEL_WAIT_MS;
        f->pause = POLL_FIRST_MS;
    }
    if (now > f->stop_until) {
        err_set(&err, ERR_TIMEOUT, "query %s was asked to stop; no word came within a minute: it may run on",
                f->record->execution);
        end_record(f->queries, f->record, QUERY_LOST, &err);
        return false;
    }
    if (!aws || f->was_stopped || now < f->stop_due)
        return true;
    f->stop_due = now + STOP_AGAIN_MS;
    f->was_stopped = athena_stop(aws, f->record->execution, &err);
    if (!f->was_stopped)
        note_failure(f->queries, f->record, &err);
    return true;
}

/* It could not be asked about. False: given up; what became of it is not known. */
static bool bear_failure(struct following *f, const struct err *err)
{
    int64_t now = clock_mono(&clock_system);
    bool is_refusal = (err->http_status >= 400 && err->http_status < 500) || err->code == ERR_CREDENTIALS;
    bool may_pass = err->retryable || !is_refusal || err->code == ERR_EXPIRED || err->code == ERR_CLOCK_SKEW;
    if (!f->unreached_until)
        f->unreached_until = now + UNREACHED_MAX_MS;
    note_failure(f->queries, f->record, err);
    if (may_pass && now < f->unreached_until)
        return true;
    end_record(f->queries, f->record, QUERY_LOST, err);
    return false;
}

static void follow(struct queries *queries, struct query_record *record)
{
    struct following f = {.queries = queries, .record = record, .pause = POLL_FIRST_MS};
    while (!is_stopping(queries)) {
        struct err err = ERR_NONE;
        struct aws *aws = session_connect(queries->session, &queries->cancel, &err);
        if (!pass_cancel_on(&f, aws))
            return;
        json_t *execution = aws ? athena_execution(aws, record->execution, &queries->cancel, &err) : NULL;
        bool has_ended = execution && take_execution(queries, record, execution);
        bool goes_on = execution || is_stopping(queries) || bear_failure(&f, &err);
        json_decref(execution);
        if (has_ended || !goes_on)
            return;
        f.unreached_until = execution ? 0 : f.unreached_until;
        wait_turn(queries, record, f.pause, f.was_stopped);
        f.pause = f.pause * 3 / 2 < POLL_MAX_MS ? f.pause * 3 / 2 : POLL_MAX_MS;
    }
}

/* --- works --- */

static enum query_state record_state(struct queries *queries, const struct query_record *record)
{
    query_lock(queries);
    enum query_state state = record->state;
    query_unlock(queries);
    return state;
}

/* False: it did not end well, so those behind it are not run. */
static bool run_one(struct queries *queries, struct query_record *record)
{
    struct err err = ERR_NONE;
    if (is_cancel_asked(queries, record) || is_stopping(queries)) {
        end_record(queries, record, QUERY_CANCELLED, NULL); /* before it was sent: nothing to ask the service */
        return false;
    }
    query_lock(queries);
    record->state = QUERY_SENDING;
    record->submitted_ms = clock_wall(&clock_system);
    query_touch(queries, record, true); /* killed before the answer, the next start says that it may have run */
    query_unlock(queries);
    if (!send_query(queries, record, &err)) {
        end_record(queries, record, err.code == ERR_CANCELLED ? QUERY_LOST : QUERY_FAILED, &err);
        return false;
    }
    follow(queries, record);
    if (record_state(queries, record) != QUERY_SUCCEEDED)
        return false;
    query_fetch_result(queries, record);
    return true;
}

static void run_all(const struct query_work *work)
{
    size_t at = 0;
    while (at < work->count && run_one(work->queries, work->records[at]))
        at++;
    for (at++; at < work->count; at++)
        end_record(work->queries, work->records[at], QUERY_SKIPPED, NULL);
}

static void follow_one(const struct query_work *work)
{
    struct query_record *record = work->records[0];
    struct err err = ERR_NONE;
    if (record->execution[0]) {
        follow(work->queries, record);
        return;
    }
    err_set(&err, ERR_FAILED, "weir ended before the service had answered: it may have run");
    end_record(work->queries, record, QUERY_LOST, &err);
}

/* What only the disk has of a record of the history. */
static void fill_one(struct queries *queries, struct query_record *record)
{
    char *sql = NULL, *json = NULL;
    size_t len = 0;
    struct err err = ERR_NONE;
    if (!query_store_fill(queries->history, record->id, &sql, &len, &json, &err)) {
        note_failure(queries, record, &err);
        return;
    }
    query_lock(queries);
    free(record->sql);
    free(record->json);
    record->sql = sql;
    record->sql_len = len;
    record->json = json;
    record->is_cut = false;
    query_touch(queries, record, false);
    query_unlock(queries);
}

/* One that was given up is asked about again. */
static void find_again(struct queries *queries, struct query_record *record)
{
    query_lock(queries);
    bool is_lost = record->state == QUERY_LOST && record->execution[0];
    if (is_lost) {
        record->state = QUERY_RUNNING;
        record->is_cancel_asked = false;
        record->err = ERR_NONE;
        query_touch(queries, record, false);
    }
    query_unlock(queries);
    if (is_lost)
        follow(queries, record);
}

static void open_one(const struct query_work *work)
{
    struct query_record *record = work->records[0];
    find_again(work->queries, record);
    if (record->is_cut || (!record->json && !record->is_of_session))
        fill_one(work->queries, record);
    if (record_state(work->queries, record) == QUERY_SUCCEEDED)
        query_fetch_result(work->queries, record);
}

static const struct {
    enum query_work_kind kind;
    void (*run)(const struct query_work *work);
} works[] = {
    {.kind = QUERY_WORK_RUN, .run = run_all},
    {.kind = QUERY_WORK_FOLLOW, .run = follow_one},
    {.kind = QUERY_WORK_OPEN, .run = open_one},
};

void *query_do_work(void *context)
{
    struct query_work *work = context;
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        if (works[i].kind == work->kind)
            works[i].run(work);
    query_lock(work->queries);
    for (size_t i = 0; i < work->count; i++) {
        struct query_record *record = work->records[i];
        bool is_wished = --record->busy == 0 && record->is_open_wished && !record->result;
        record->is_open_wished = false;
        if (is_wished)
            query_open_record(work->queries, record, NULL);
    }
    free(work->records);
    work->records = NULL;
    work->is_done = true;
    query_unlock(work->queries);
    return NULL;
}
