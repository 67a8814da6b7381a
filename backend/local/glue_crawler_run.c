/* Glue's crawlers that run: a thread each, and what the next start of the daemon makes of them. A crawl's row says
 * RUNNING before its thread starts, so a daemon that was killed finds it at the next start and marks it failed.
 * StartCrawler waits a moment for the end: a quick crawl has settled before the first poll. */
#include "backend/base/digest.h"
#include "backend/base/log.h"
#include "backend/local/glue_crawl.h"
#include "backend/local/glue_crawler_rows.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AT_ONCE = 4, SETTLE_MS = 300 };

struct run {
    struct cloud *cloud;
    json_t *crawler;
    char name[GLUE_NAME_MAX + 1];
    int64_t crawl; /* row of glue_crawl */
    atomic_bool stop;
    bool is_done;
    pthread_t thread;
    struct run *next;
};
struct glue_state {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    sem_t slots;
    struct run *runs;
};

static const char schema[] =
    "create table if not exists glue_crawler(name text primary key, document text not null, state text not null)"
    " without rowid;"
    "create table if not exists glue_crawl(id integer primary key, crawler text not null, uuid text not null, state "
    "text"
    " not null, started integer not null, ended integer, created integer not null default 0, updated integer not null"
    " default 0, deleted integer not null default 0, summary text, error text);"
    "create index if not exists glue_crawl_crawler on glue_crawl(crawler, id);"
    "update glue_crawl set state='FAILED', ended=started, error='The embedded cloud was stopped during the crawl'"
    " where state='RUNNING';"
    "update glue_crawler set state='READY' where state<>'READY';";

bool glue_crawler_start(struct cloud *cloud, struct err *err)
{
    struct glue_state *state = calloc(1, sizeof *state);
    if (!state)
        abort();
    pthread_mutex_init(&state->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&state->ended, &attr);
    pthread_condattr_destroy(&attr);
    sem_init(&state->slots, 0, AT_ONCE);
    cloud->glue = state;
    return store_schema(cloud->store, schema, err);
}

static void run_free(struct run *run)
{
    pthread_join(run->thread, NULL);
    json_decref(run->crawler);
    free(run);
}

void glue_crawler_stop(struct cloud *cloud)
{
    struct glue_state *state = cloud->glue;
    if (!state)
        return;
    for (struct run *run = state->runs; run; run = run->next)
        atomic_store(&run->stop, true);
    while (state->runs) {
        struct run *run = state->runs;
        state->runs = run->next;
        run_free(run);
    }
    sem_destroy(&state->slots);
    pthread_cond_destroy(&state->ended);
    pthread_mutex_destroy(&state->lock);
    free(state);
    cloud->glue = NULL;
}

/* Joins what has ended. */
static void reap(struct glue_state *state)
{
    pthread_mutex_lock(&state->lock);
    for (struct run **at = &state->runs; *at;) {
        struct run *run = *at;
        if (run->is_done) {
            *at = run->next;
            run_free(run);
        } else {
            at = &run->next;
        }
    }
    pthread_mutex_unlock(&state->lock);
}

/* ---- a run */

struct end_work {
    const struct run *run;
    const struct crawl *crawl;
    const char *state, *error;
    int64_t now_ms;
};

static json_t *summary_part(int count, json_t *names)
{
    return json_pack("{s:i, s:{s:O}}", "Count", count, "Details", "names", names);
}

static char *summary_of(const struct crawl *crawl)
{
    json_t *none = json_array();
    json_t *summary = json_pack(
        "{s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o}}", "TABLE", "ADD", summary_part(crawl->tables_created, crawl->added),
        "UPDATE", summary_part(crawl->tables_updated, crawl->changed), "DELETE",
        summary_part(crawl->tables_deleted, crawl->removed), "PARTITION", "ADD",
        summary_part(crawl->partitions_created, none), "UPDATE", summary_part(crawl->partitions_updated, none),
        "DELETE", summary_part(crawl->partitions_deleted, none));
    struct buf text = BUF_INIT(1 << 20);
    json_write(summary, 0, &text);
    json_decref(summary);
    json_decref(none);
    return buf_take(&text);
}

static bool end_run(struct db *db, void *context, struct err *err)
{
    struct end_work *work = context;
    char *summary = summary_of(work->crawl);
    bool ok =
        db_run(db, err,
               "update glue_crawl set state=?, ended=?, created=?, updated=?, deleted=?, summary=?, error=? where "
               "id=?",
               "tiiiitti", work->state, work->now_ms, (int64_t)work->crawl->tables_created,
               (int64_t)work->crawl->tables_updated, (int64_t)work->crawl->tables_deleted, summary, work->error,
               work->run->crawl) &&
        db_run(db, err, "update glue_crawler set state='READY' where name=?", "t", work->run->name);
    free(summary);
    return ok;
}

static void *run_main(void *argument)
{
    struct run *run = argument;
    struct glue_state *state = run->cloud->glue;
    struct err err = ERR_NONE;
    struct crawl crawl = {.cloud = run->cloud,
                          .crawler = run->crawler,
                          .stop = &run->stop,
                          .added = json_array(),
                          .changed = json_array(),
                          .removed = json_array()};
    while (sem_wait(&state->slots) != 0)
        continue; /* EINTR */
    bool ok = glue_crawl_run(&crawl, &err);
    sem_post(&state->slots);
    bool is_stopped = !ok && atomic_load(&run->stop);
    struct end_work work = {.run = run,
                            .crawl = &crawl,
                            .now_ms = clock_wall(run->cloud->clock),
                            .state = ok           ? "COMPLETED"
                                     : is_stopped ? "STOPPED"
                                                  : "FAILED",
                            .error = ok ? NULL : err.text};
    struct err end_err = ERR_NONE;
    if (!store_write(run->cloud->store, end_run, &work, &end_err))
        log_warn(local, "glue: the end of crawl %s is not on disk: %s", run->name, end_err.text);
    json_decref(crawl.added);
    json_decref(crawl.changed);
    json_decref(crawl.removed);
    pthread_mutex_lock(&state->lock);
    run->is_done = true;
    pthread_cond_broadcast(&state->ended);
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

/* ---- starting and stopping */

struct crawler_work {
    const char *name;
    int64_t now_ms;
    int64_t crawl;    /* the new row */
    json_t *document; /* what was found */
};

static bool start_crawl(struct db *db, void *context, struct err *err)
{
    struct crawler_work *work = context;
    char state[GLUE_CRAWLER_STATE], uuid[40], hex[33];
    uint8_t raw[16];
    if (!glue_crawler_need(db, work->name, &work->document, state, err))
        return false;
    if (strcmp(state, "READY") != 0)
        return glue_refuse(err, "CrawlerRunningException", "Crawler with name %s has already started", work->name);
    random_bytes(raw, sizeof raw);
    hex_encode(raw, sizeof raw, hex);
    snprintf(uuid, sizeof uuid, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    if (!db_run(db, err, "insert into glue_crawl(crawler, uuid, state, started) values(?,?,'RUNNING',?)", "tti",
                work->name, uuid, work->now_ms))
        return false;
    work->crawl = db_last_id(db);
    return db_run(db, err, "update glue_crawler set state='RUNNING' where name=?", "t", work->name);
}

static bool start_thread(struct cloud *cloud, struct crawler_work *work, struct run **started, struct err *err)
{
    struct glue_state *state = cloud->glue;
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    run->cloud = cloud;
    run->crawler = work->document;
    run->crawl = work->crawl;
    snprintf(run->name, sizeof run->name, "%s", work->name);
    pthread_mutex_lock(&state->lock);
    int failed = pthread_create(&run->thread, NULL, run_main, run);
    if (!failed) {
        run->next = state->runs;
        state->runs = run;
    }
    pthread_mutex_unlock(&state->lock);
    *started = run;
    if (!failed)
        return true;
    json_t *none = json_array();
    struct crawl crawl = {.added = none, .changed = none, .removed = none};
    struct end_work end = {
        .run = run, .crawl = &crawl, .now_ms = work->now_ms, .state = "FAILED", .error = "No thread could be started"};
    struct err end_err = ERR_NONE;
    store_write(cloud->store, end_run, &end, &end_err);
    json_decref(none);
    json_decref(run->crawler);
    free(run);
    return glue_refuse(err, "InternalServiceException", "no thread could be started for the crawl");
}

static void settle(struct glue_state *state, const struct run *run)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += SETTLE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&state->lock);
    bool is_there = true;
    while (is_there) {
        is_there = false;
        for (const struct run *at = state->runs; at; at = at->next)
            is_there |= at == run && !at->is_done;
        if (is_there && pthread_cond_timedwait(&state->ended, &state->lock, &until) == ETIMEDOUT)
            break;
    }
    pthread_mutex_unlock(&state->lock);
}

static bool start_run(struct cloud *cloud, const char *name, struct run **run, struct err *err)
{
    struct crawler_work work = {.name = name, .now_ms = clock_wall(cloud->clock)};
    reap(cloud->glue);
    if (store_write(cloud->store, start_crawl, &work, err))
        return start_thread(cloud, &work, run, err);
    json_decref(work.document);
    return false;
}

bool glue_crawler_run(struct cloud *cloud, const char *name, struct err *err)
{
    struct run *run;
    return start_run(cloud, name, &run, err);
}

bool glue_op_start_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    struct run *run;
    if (!name || !start_run(call->cloud, name, &run, &call->err))
        return false;
    settle(call->cloud->glue, run);
    return true;
}

static bool mark_stopping(struct db *db, void *context, struct err *err)
{
    return db_run(db, err, "update glue_crawler set state='STOPPING' where name=? and state='RUNNING'", "t", context);
}

bool glue_op_stop_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    struct db *db = name ? store_reader(call->cloud->store, &call->err) : NULL;
    char state[GLUE_CRAWLER_STATE] = "";
    json_t *document = NULL;
    bool ok = db && glue_crawler_need(db, name, &document, state, &call->err);
    json_decref(document);
    if (db)
        store_reader_done(call->cloud->store, db);
    if (!ok)
        return false;
    if (strcmp(state, "STOPPING") == 0)
        return glue_fail(call, "CrawlerStoppingException", "Crawler with name %s is already stopping", name);
    if (strcmp(state, "RUNNING") != 0)
        return glue_fail(call, "CrawlerNotRunningException", "Crawler with name %s isn't running", name);
    pthread_mutex_lock(&call->cloud->glue->lock);
    for (struct run *run = call->cloud->glue->runs; run; run = run->next)
        if (strcmp(run->name, name) == 0)
            atomic_store(&run->stop, true);
    pthread_mutex_unlock(&call->cloud->glue->lock);
    return store_write(call->cloud->store, mark_stopping, (void *)(uintptr_t)name, &call->err);
}
