/* The daemon's durable metadata: one writer thread that gathers what callers want written into one transaction (group
 * commit), and a pool of read connections. What the tables hold is the services' business. Called by handlers on their
 * connections' threads. */
#include "backend/local/store.h"
#include "backend/base/path.h"
#include "backend/core/localfiles.h"
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>

/* A group is bounded so that the first of a burst does not wait for all of it. */
enum { GROUP_MAX = 256, READERS_MAX = 64, READERS_IDLE_MAX = 8 };

struct job {
    bool (*work)(struct db *db, void *context, struct err *err);
    void *context;
    struct err err;
    bool ok;
    sem_t done;
    struct job *next;
};

struct store {
    char path[PATH_SIZE];
    struct db *writer;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;        /* a job came, or closing */
    pthread_cond_t reader_free; /* a borrowed reader came back */
    struct job *first, **last;
    bool is_closing;
    struct db *idle[READERS_IDLE_MAX];
    int idle_count, borrowed;
};

/* One job inside the group's transaction: its own savepoint keeps the others' work when it fails. False when the
 * transaction itself is lost (SQLite ends it on a full disk). */
static bool run_job(struct store *store, struct job *job)
{
    struct db *db = store->writer;
    if (!db_run(db, &job->err, "savepoint job", ""))
        return false;
    job->err = ERR_NONE;
    job->ok = job->work(db, job->context, &job->err);
    if (!job->ok) {
        if (job->err.code == ERR_OK)
            err_set(&job->err, ERR_FAILED, "the change was refused");
        if (!db_run(db, NULL, "rollback to job", ""))
            return false;
    }
    struct err err = ERR_NONE;
    if (db_run(db, &err, "release job", ""))
        return true;
    if (job->ok)
        job->err = err;
    job->ok = false;
    return false;
}

/* Takes up to room (> 0) jobs off the queue; NULL when it is empty. */
static struct job *take_jobs(struct store *store, int room)
{
    pthread_mutex_lock(&store->lock);
    struct job *jobs = store->first, **end = &store->first;
    while (*end && room-- > 0)
        end = &(*end)->next;
    store->first = *end;
    if (!store->first)
        store->last = &store->first;
    *end = NULL;
    pthread_mutex_unlock(&store->lock);
    return jobs;
}

static int count_jobs(const struct job *job)
{
    int count = 0;
    for (; job; job = job->next)
        count++;
    return count;
}

/* Runs jobs and those that arrive meanwhile, up to GROUP_MAX, in one transaction; on return all are answered. */
static void run_group(struct store *store, struct job *jobs)
{
    struct err err = ERR_NONE;
    bool ok = db_run(store->writer, &err, "begin immediate", "");
    struct job **end = &jobs, *job = jobs;
    int total = count_jobs(jobs);
    while (job) {
        if (ok && !run_job(store, job)) {
            ok = false;
            err = job->err;
            db_run(store->writer, NULL, "rollback", "");
        }
        end = &job->next;
        if (!*end && total < GROUP_MAX) {
            *end = take_jobs(store, GROUP_MAX - total);
            total += count_jobs(*end);
        }
        job = *end;
    }
    if (ok && !db_run(store->writer, &err, "commit", "")) {
        ok = false;
        db_run(store->writer, NULL, "rollback", "");
    }
    for (job = jobs; job;) {
        struct job *next = job->next; /* the job is its caller's again once posted */
        if (!ok && (job->ok || job->err.code == ERR_OK)) {
            job->ok = false;
            job->err = err;
        }
        sem_post(&job->done);
        job = next;
    }
}

static void *writer_main(void *argument)
{
    struct store *store = argument;
    for (;;) {
        pthread_mutex_lock(&store->lock);
        while (!store->first && !store->is_closing)
            pthread_cond_wait(&store->wake, &store->lock);
        bool is_over = !store->first && store->is_closing;
        pthread_mutex_unlock(&store->lock);
        if (is_over)
            return NULL;
        struct job *jobs = take_jobs(store, GROUP_MAX);
        if (jobs)
            run_group(store, jobs);
    }
}

struct store *store_open(const char *dir, struct err *err)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store)
        abort();
    store->last = &store->first;
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->wake, NULL);
    pthread_cond_init(&store->reader_free, NULL);
    if (!path_join(store->path, dir, LOCALFILES_DATABASE, err) ||
        !(store->writer = db_open(store->path, DB_READ_WRITE, err)))
        goto failed;
    if (pthread_create(&store->thread, NULL, writer_main, store) == 0)
        return store;
    err_set(err, ERR_FAILED, "store %s: the writer thread could not be started; check the limit of processes", dir);
    db_close(store->writer);
failed:
    free(store);
    return NULL;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    pthread_mutex_lock(&store->lock);
    store->is_closing = true;
    pthread_cond_broadcast(&store->wake);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    for (int i = 0; i < store->idle_count; i++)
        db_close(store->idle[i]);
    db_close(store->writer);
    pthread_cond_destroy(&store->reader_free);
    pthread_cond_destroy(&store->wake);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

static bool run_schema(struct db *db, void *context, struct err *err)
{
    return db_exec(db, context, err);
}

bool store_schema(struct store *store, const char *sql, struct err *err)
{
    return store_write(store, run_schema, (void *)(uintptr_t)sql, err);
}

bool store_write(struct store *store, bool (*work)(struct db *db, void *context, struct err *err), void *context,
                 struct err *err)
{
    struct job job = {.work = work, .context = context};
    sem_init(&job.done, 0, 0);
    pthread_mutex_lock(&store->lock);
    bool is_closing = store->is_closing;
    if (!is_closing) {
        *store->last = &job;
        store->last = &job.next;
        pthread_cond_signal(&store->wake);
    }
    pthread_mutex_unlock(&store->lock);
    if (is_closing) {
        sem_destroy(&job.done);
        return err_set(err, ERR_CANCELLED, "the embedded cloud is stopping");
    }
    while (sem_wait(&job.done) != 0)
        continue; /* EINTR */
    sem_destroy(&job.done);
    if (!job.ok && err)
        *err = job.err;
    return job.ok;
}

struct db *store_reader(struct store *store, struct err *err)
{
    pthread_mutex_lock(&store->lock);
    while (store->borrowed >= READERS_MAX)
        pthread_cond_wait(&store->reader_free, &store->lock);
    store->borrowed++;
    struct db *db = store->idle_count > 0 ? store->idle[--store->idle_count] : NULL;
    pthread_mutex_unlock(&store->lock);
    if (!db)
        db = db_open(store->path, DB_READ_ONLY, err);
    /* a deferred transaction takes its snapshot at the first read and holds it until it is given back */
    if (db && !db_run(db, err, "begin", "")) {
        db_close(db);
        db = NULL;
    }
    if (!db) {
        pthread_mutex_lock(&store->lock);
        store->borrowed--;
        pthread_cond_signal(&store->reader_free);
        pthread_mutex_unlock(&store->lock);
    }
    return db;
}

void store_reader_done(struct store *store, struct db *db)
{
    if (!db)
        return;
    bool is_usable = db_run(db, NULL, "commit", "");
    pthread_mutex_lock(&store->lock);
    store->borrowed--;
    if (is_usable && store->idle_count < READERS_IDLE_MAX) {
        store->idle[store->idle_count++] = db;
        db = NULL;
    }
    pthread_cond_signal(&store->reader_free);
    pthread_mutex_unlock(&store->lock);
    db_close(db);
}
