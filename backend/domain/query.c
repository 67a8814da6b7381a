/* Queries: their life, the list that everybody sees, and the keeper's thread, which alone touches the history and
 * publishes snapshots, at most one per PUBLISH_MS however fast figures change. */
#include "backend/base/clock.h"
#include "backend/base/db.h"
#include "backend/base/log.h"
#include "backend/domain/query_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PUBLISH_MS = 30, SAVE_BATCH = 16 };

void query_lock(struct queries *queries)
{
    pthread_mutex_lock(&queries->lock);
}

void query_unlock(struct queries *queries)
{
    pthread_mutex_unlock(&queries->lock);
}

/* --- records --- */

struct query_record *query_record_new(const char *sql, size_t len)
{
    struct query_record *record = calloc(1, sizeof *record);
    if (!record || !(record->sql = malloc(len + 1)))
        abort();
    memcpy(record->sql, sql, len);
    record->sql[len] = '\0';
    record->sql_len = len;
    record->total_ms = record->queue_ms = record->scanned = record->updated = record->bytes = -1;
    return record;
}

void query_record_free(struct query_record *record)
{
    result_close(record->result);
    free(record->sql);
    free(record->json);
    free(record->columns);
    free(record->path);
    free(record);
}

static void drop_oldest(struct queries *queries)
{
    for (size_t i = 0; i < queries->count; i++) {
        struct query_record *record = queries->records[i];
        if (record->busy || record->is_unsaved)
            continue;
        query_record_free(record);
        queries->count--;
        memmove(&queries->records[i], &queries->records[i + 1], (queries->count - i) * sizeof(record));
        return;
    }
}

void query_add_record(struct queries *queries, struct query_record *record)
{
    if (queries->count >= QUERY_RECORDS_MAX)
        drop_oldest(queries);
    if (queries->count == queries->cap) {
        queries->cap = queries->cap ? queries->cap * 2 : 64;
        queries->records = realloc(queries->records, queries->cap * sizeof(record));
        if (!queries->records)
            abort();
    }
    size_t at = queries->count; /* the history comes while new ones run already: kept in the order of their ids */
    for (; at > 0 && queries->records[at - 1]->id > record->id; at--)
        queries->records[at] = queries->records[at - 1];
    queries->records[at] = record;
    queries->count++;
}

static struct query_record *find_record(struct queries *queries, int64_t id)
{
    for (size_t i = queries->count; i-- > 0;)
        if (queries->records[i]->id == id)
            return queries->records[i];
    return NULL;
}

void query_touch(struct queries *queries, struct query_record *record, bool is_kept)
{
    record->is_unsaved = record->is_unsaved || is_kept;
    queries->is_dirty = true;
    pthread_cond_broadcast(&queries->changed);
}

/* --- the keeper --- */

/* With the lock held; it is released while the disk works. The copies' pointers stay valid: a record with is_unsaved or
 * busy set is not freed, and sql never changes after a record was made. */
static void save_some(struct queries *queries, struct db *db)
{
    struct query_record *copies[SAVE_BATCH];
    int count = 0;
    for (size_t i = 0; i < queries->count && count < SAVE_BATCH; i++) {
        struct query_record *record = queries->records[i];
        if (!record->is_unsaved)
            continue;
        struct query_record *copy = query_record_new(record->sql, record->sql_len);
        char *sql = copy->sql;
        *copy = *record;
        copy->sql = sql;
        copy->json = record->json ? strdup(record->json) : NULL;
        copy->columns = record->columns ? strdup(record->columns) : NULL;
        copy->path = NULL;
        copy->result = NULL;
        copies[count++] = copy;
        record->is_unsaved = false;
    }
    if (count == SAVE_BATCH)
        queries->is_dirty = true; /* and maybe more */
    query_unlock(queries);
    struct err err = ERR_NONE;
    for (int i = 0; i < count; i++) {
        if (db && !err.code)
            query_store_save(db, queries->target, copies[i], &err);
        query_record_free(copies[i]);
    }
    query_lock(queries);
    if (count > 0 && db)
        queries->history_err = err;
}

static void take_loaded(void *context, struct query_record *record)
{
    struct queries *queries = context;
    query_lock(queries);
    if (find_record(queries, record->id))
        query_record_free(record);
    else
        query_add_record(queries, record);
    query_unlock(queries);
}

/* What ran when weir ended before is followed again: the service knows how it went on. */
static void follow_again(struct queries *queries)
{
    enum { FOLLOWED_MAX = 16 };
    query_lock(queries);
    int followed = 0;
    for (size_t i = queries->count; i-- > 0;) {
        struct query_record *record = queries->records[i];
        if (record->is_of_session || query_has_ended(record->state))
            continue;
        if (followed == FOLLOWED_MAX) { /* opened, it is asked about all the same */
            record->state = QUERY_LOST;
            continue;
        }
        struct query_record **records = malloc(sizeof(*records));
        if (!records)
            abort();
        records[0] = record;
        followed++;
        if (!query_start_work(queries, QUERY_WORK_FOLLOW, records, 1, NULL))
            free(records);
    }
    query_unlock(queries);
}

static struct db *load_history(struct queries *queries)
{
    struct err err = ERR_NONE;
    struct db *db = queries->history[0] ? query_store_open(queries->history, &err) : NULL;
    if (db)
        query_store_load(db, queries->target, take_loaded, queries, &err);
    query_lock(queries);
    queries->is_loaded = true;
    queries->is_dirty = true;
    if (err.code)
        queries->history_err = err;
    query_unlock(queries);
    if (err.code)
        log_warn(app, "history of queries: %s", err.text);
    follow_again(queries);
    query_trim_cache(queries->cache);
    return db;
}

static void *keep(void *context)
{
    struct queries *queries = context;
    struct db *db = load_history(queries);
    int64_t published_ms = 0;
    query_lock(queries);
    while (!queries->is_stopping || queries->is_dirty) {
        int64_t due = published_ms + PUBLISH_MS;
        if (!queries->is_dirty) {
            thread_wait(&queries->changed, &queries->lock, THREAD_FOREVER);
            continue;
        }
        if (!queries->is_stopping && clock_mono(&clock_system) < due) {
            thread_wait(&queries->changed, &queries->lock, due);
            continue;
        }
        queries->is_dirty = false;
        struct snap *snap = query_make_view(queries);
        published_ms = clock_mono(&clock_system);
        query_unlock(queries);
        snap_publish(queries->slot, snap);
        query_lock(queries);
        save_some(queries, db);
    }
    query_unlock(queries);
    db_close(db);
    return NULL;
}

/* --- works --- */

/* A place for a work, after taking in a thread that has ended. */
static struct query_work *free_work(struct queries *queries)
{
    for (int i = 0; i < QUERY_WORKS_MAX; i++) {
        struct query_work *work = &queries->works[i];
        if (work->is_used && !work->is_done)
            continue;
        if (work->is_used)
            pthread_join(work->thread, NULL); /* it has ended but for its return */
        *work = (struct query_work){.queries = queries};
        return work;
    }
    return NULL;
}

bool query_start_work(struct queries *queries, enum query_work_kind kind, struct query_record **records, size_t count,
                      struct err *err)
{
    struct query_work *work = queries->is_stopping ? NULL : free_work(queries);
    if (!work)
        return err_set(err, ERR_REFUSED, "%d queries run already: wait for one or cancel one", QUERY_WORKS_MAX);
    work->kind = kind;
    work->records = records;
    work->count = count;
    for (size_t i = 0; i < count; i++)
        records[i]->busy++;
    work->is_used = thread_start(&work->thread, "query", query_do_work, work, err);
    for (size_t i = 0; i < count && !work->is_used; i++)
        records[i]->busy--;
    return work->is_used;
}

/* --- what the UI asks for --- */

static bool check_run(const struct query_run *run, struct err *err)
{
    enum { STATEMENTS_MAX = 1000 };
    if (run->count == 0 || run->count > STATEMENTS_MAX)
        return err_set(err, ERR_USAGE, "a run has 1 to %d statements", STATEMENTS_MAX);
    for (size_t i = 0; i < run->count; i++) {
        size_t len = strlen(run->sql[i]);
        if (strspn(run->sql[i], " \t\r\n;") == len)
            return err_set(err, ERR_USAGE, "there is no statement to run");
        if (len > QUERY_SQL_MAX)
            return err_set(err, ERR_TOO_LARGE, "the statement has %zu bytes; Athena takes %d", len, QUERY_SQL_MAX);
    }
    return true;
}

/* Ids are times of submission in microseconds: unique on this disk, and in order. */
static int64_t next_id(struct queries *queries)
{
    int64_t now = clock_wall(&clock_system) * 1000;
    queries->last_id = now > queries->last_id ? now : queries->last_id + 1;
    return queries->last_id;
}

static struct query_record *new_record(struct queries *queries, const struct query_run *run, size_t index, int64_t id)
{
    const struct config *config = session_config(queries->session);
    struct query_record *record = query_record_new(run->sql[index], strlen(run->sql[index]));
    record->id = id;
    record->is_of_session = true;
    record->submitted_ms = clock_wall(&clock_system);
    snprintf(record->database, sizeof record->database, "%s", run->database ? run->database : config->sql_database);
    snprintf(record->workgroup, sizeof record->workgroup, "%s",
             run->workgroup ? run->workgroup : config->sql_workgroup);
    return record;
}

int64_t queries_run(struct queries *queries, const struct query_run *run, struct err *err)
{
    if (!check_run(run, err))
        return -1;
    struct query_record **records = calloc(run->count, sizeof *records);
    if (!records)
        abort();
    query_lock(queries);
    int64_t first = next_id(queries);
    queries->last_id = first + (int64_t)run->count - 1;
    for (size_t i = 0; i < run->count; i++)
        records[i] = new_record(queries, run, i, first + (int64_t)i);
    bool ok = query_start_work(queries, QUERY_WORK_RUN, records, run->count, err);
    for (size_t i = 0; i < run->count; i++) {
        if (ok)
            query_add_record(queries, records[i]);
        else
            query_record_free(records[i]);
    }
    if (ok)
        query_touch(queries, records[0], false);
    else
        free(records);
    query_unlock(queries);
    return ok ? first : -1;
}

bool queries_cancel(struct queries *queries, int64_t id)
{
    query_lock(queries);
    struct query_record *record = find_record(queries, id);
    bool is_running = record && record->busy && !query_has_ended(record->state) && !record->is_cancel_asked;
    bool is_arriving = record && record->fetch == QUERY_FETCH_RUNNING && !cancel_is_set(&record->fetch_cancel);
    if (is_running) {
        record->is_cancel_asked = true;
        if (record->state != QUERY_WAITING)
            record->state = QUERY_CANCELLING;
    } else if (is_arriving) {
        cancel_set(&record->fetch_cancel);
    }
    if (is_running || is_arriving)
        query_touch(queries, record, false);
    query_unlock(queries);
    return is_running || is_arriving;
}

bool query_open_record(struct queries *queries, struct query_record *record, struct err *err)
{
    struct query_record **records = malloc(sizeof(*records));
    if (!records)
        abort();
    records[0] = record;
    cancel_reset(&record->fetch_cancel);
    bool ok = query_start_work(queries, QUERY_WORK_OPEN, records, 1, err);
    if (ok && record->state == QUERY_SUCCEEDED)
        record->fetch = QUERY_FETCH_RUNNING;
    if (!ok)
        free(records);
    query_touch(queries, record, false);
    return ok;
}

bool queries_open(struct queries *queries, int64_t id, struct err *err)
{
    query_lock(queries);
    struct query_record *record = find_record(queries, id);
    bool ok = true;
    if (!record)
        ok = err_set(err, ERR_NOT_FOUND, "the query is no longer in the history");
    else if (record->busy > 0)
        record->is_open_wished = query_has_ended(record->state) && record->fetch != QUERY_FETCH_RUNNING;
    else if (record->is_cut || !record->result)
        ok = query_open_record(queries, record, err);
    query_unlock(queries);
    return ok;
}

struct result *queries_take_result(struct queries *queries, int64_t id)
{
    query_lock(queries);
    struct query_record *record = find_record(queries, id);
    struct result *result = record ? record->result : NULL;
    if (result) {
        record->result = NULL;
        query_touch(queries, record, false);
    }
    query_unlock(queries);
    return result;
}

struct snap_slot *queries_slot(struct queries *queries)
{
    return queries->slot;
}

/* --- life --- */

static void queries_changed(void *context)
{
    session_changed(context);
}

/* The files; without a home directory there is no history, and results go to the temporary directory. */
static void find_places(struct queries *queries)
{
    char dir[PATH_SIZE];
    const struct config *config = session_config(queries->session);
    if (path_xdg_dir(XDG_STATE, dir, NULL) && path_make_dirs(dir, 0700, NULL))
        path_join(queries->history, dir, "queries.db", NULL);
    if (!path_xdg_dir(XDG_CACHE, dir, NULL))
        snprintf(dir, sizeof dir, "/tmp/weir-%ld", (long)getuid());
    path_join(queries->cache, dir, "results", NULL);
    if (session_is_embedded(queries->session))
        snprintf(queries->target, sizeof queries->target, "local %s", config->local_dir);
    else
        snprintf(queries->target, sizeof queries->target, "%s %s", config->profile, config->region);
}

struct queries *queries_new(struct session *session)
{
    struct queries *queries = calloc(1, sizeof *queries);
    if (!queries)
        abort();
    queries->session = session;
    pthread_mutex_init(&queries->lock, NULL);
    thread_cond_init(&queries->changed);
    queries->slot = snap_slot_new(queries_changed, session);
    find_places(queries);
    queries->has_keeper = thread_start(&queries->keeper, "queries", keep, queries, &queries->history_err);
    return queries;
}

void queries_stop(struct queries *queries)
{
    cancel_set(&queries->cancel);
    query_lock(queries);
    queries->is_stopping = true;
    for (size_t i = 0; i < queries->count; i++)
        cancel_set(&queries->records[i]->fetch_cancel);
    pthread_cond_broadcast(&queries->changed);
    query_unlock(queries);
}

void queries_free(struct queries *queries)
{
    for (int i = 0; i < QUERY_WORKS_MAX; i++)
        if (queries->works[i].is_used)
            pthread_join(queries->works[i].thread, NULL);
    if (queries->has_keeper)
        pthread_join(queries->keeper, NULL);
    for (size_t i = 0; i < queries->count; i++)
        query_record_free(queries->records[i]);
    free(queries->records);
    snap_slot_free(queries->slot);
    pthread_cond_destroy(&queries->changed);
    pthread_mutex_destroy(&queries->lock);
    free(queries);
}
