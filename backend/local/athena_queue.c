/* The queue of queries: at most RUNNERS run at once, the rest wait as QUEUED. The threads start with the first query
 * and end with the service. What the daemon left unfinished when it ended is FAILED at the next start. */
#include "backend/local/athena.h"
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two run beside each other: the machine's cores are the engine's. 200 active queries is the quota of active DML
 * queries in us-east-1 (Athena service quotas). */
enum { RUNNERS = 2, ACTIVE_MAX = 200 };

struct athena_queue {
    struct cloud *cloud;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct athena_job *jobs; /* in order of arrival; running ones stay in it */
    int count, threads;
    bool is_stopping;
    pthread_t thread[RUNNERS];
};

static struct athena_job *next_job(struct athena_queue *queue)
{
    struct athena_job *job = queue->jobs;
    while (job && job->is_running)
        job = job->next;
    return job;
}

static void drop(struct athena_queue *queue, struct athena_job *job)
{
    struct athena_job **at = &queue->jobs;
    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    queue->count--;
    json_decref(job->record);
    free(job);
}

static void *run_jobs(void *context)
{
    struct athena_queue *queue = context;
    pthread_mutex_lock(&queue->lock);
    while (!queue->is_stopping) {
        struct athena_job *job = next_job(queue);
        if (!job) {
            pthread_cond_wait(&queue->wake, &queue->lock);
            continue;
        }
        job->is_running = true;
        job->started_ms = clock_mono(&clock_system);
        pthread_mutex_unlock(&queue->lock);
        athena_run(job);
        pthread_mutex_lock(&queue->lock);
        drop(queue, job);
    }
    pthread_mutex_unlock(&queue->lock);
    return NULL;
}

/* Signals are the main thread's. */
static bool add_thread(struct athena_queue *queue)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&queue->thread[queue->threads], NULL, run_jobs, queue) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    queue->threads += ok;
    return ok;
}

bool athena_queue_add(struct cloud *cloud, json_t *record, int64_t cutoff, struct err *err)
{
    struct athena_queue *queue = cloud->athena;
    struct athena_job *job = calloc(1, sizeof *job);
    if (!job)
        abort();
    *job = (struct athena_job){
        .cloud = cloud, .record = record, .cutoff = cutoff, .submitted_ms = clock_mono(&clock_system)};
    const json_t *execution = json_object_get(record, "Execution");
    snprintf(job->id, sizeof job->id, "%s", json_str(execution, "QueryExecutionId"));
    snprintf(job->workgroup, sizeof job->workgroup, "%s", json_str(execution, "WorkGroup"));
    job->engine.cutoff = cutoff;
    pthread_mutex_lock(&queue->lock);
    bool ok = queue->count < ACTIVE_MAX || athena_refuse(err, "TooManyRequestsException",
                                                         "You have exceeded the limit for the number of queries you "
                                                         "can run concurrently. Please reduce the number of concurrent "
                                                         "queries submitted by this account.");
    ok = ok && athena_query_save(cloud, record, err);
    if (ok && queue->threads < RUNNERS && !add_thread(queue) && queue->threads == 0)
        ok = err_set(err, ERR_FAILED, "athena: no thread for queries could be started");
    if (ok) {
        struct athena_job **end = &queue->jobs;
        while (*end)
            end = &(*end)->next;
        *end = job;
        queue->count++;
        pthread_cond_signal(&queue->wake);
    }
    pthread_mutex_unlock(&queue->lock);
    if (!ok) {
        json_decref(record);
        free(job);
    }
    return ok;
}

bool athena_queue_cancel(struct cloud *cloud, const char *id)
{
    struct athena_queue *queue = cloud->athena;
    pthread_mutex_lock(&queue->lock);
    struct athena_job *job = queue->jobs;
    while (job && strcmp(job->id, id) != 0)
        job = job->next;
    if (job)
        engine_sql_cancel(&job->engine);
    pthread_mutex_unlock(&queue->lock);
    return job != NULL;
}

bool athena_queue_has(struct cloud *cloud, const char *workgroup)
{
    struct athena_queue *queue = cloud->athena;
    pthread_mutex_lock(&queue->lock);
    struct athena_job *job = queue->jobs;
    while (job && strcmp(job->workgroup, workgroup) != 0)
        job = job->next;
    pthread_mutex_unlock(&queue->lock);
    return job != NULL;
}

bool athena_queue_progress(struct cloud *cloud, const char *id, struct athena_progress *progress)
{
    struct athena_queue *queue = cloud->athena;
    int64_t now = clock_mono(&clock_system);
    pthread_mutex_lock(&queue->lock);
    struct athena_job *job = queue->jobs;
    while (job && (!job->is_running || strcmp(job->id, id) != 0))
        job = job->next;
    if (job)
        *progress = (struct athena_progress){.scanned = atomic_load(&job->engine.scanned),
                                             .queued_ms = job->started_ms - job->submitted_ms,
                                             .total_ms = now - job->submitted_ms};
    pthread_mutex_unlock(&queue->lock);
    return job != NULL;
}

static bool fail_unfinished(struct cloud *cloud, struct err *err)
{
    static const char reason[] = "INTERNAL_ERROR: " ATHENA_ABANDONED;
    size_t i;
    json_t *record, *list = athena_list_active(cloud, err);
    bool ok = list != NULL;
    json_array_foreach(list, i, record)
    {
        json_t *status = json_object_get(json_object_get(record, "Execution"), "Status");
        json_object_set_new(status, "State", json_string("FAILED"));
        json_object_set_new(status, "StateChangeReason", json_string(reason));
        json_object_set_new(status, "AthenaError",
                            json_pack("{s:i, s:i, s:b, s:s}", "ErrorCategory", 1, "ErrorType", 100, "Retryable", 1,
                                      "ErrorMessage", reason));
        json_object_set_new(status, "CompletionDateTime", json_real((double)clock_wall(cloud->clock) / 1000.0));
        ok = ok && athena_query_save(cloud, record, err);
    }
    json_decref(list);
    return ok;
}

bool athena_queue_start(struct cloud *cloud, struct err *err)
{
    struct athena_queue *queue = calloc(1, sizeof *queue);
    if (!queue)
        abort();
    queue->cloud = cloud;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->wake, NULL);
    cloud->athena = queue;
    return fail_unfinished(cloud, err);
}

void athena_queue_stop(struct cloud *cloud)
{
    struct athena_queue *queue = cloud->athena;
    if (!queue)
        return;
    pthread_mutex_lock(&queue->lock);
    queue->is_stopping = true;
    for (struct athena_job *job = queue->jobs; job; job = job->next) {
        atomic_store(&job->is_abandoned, !atomic_load(&job->engine.is_cancelled));
        engine_sql_cancel(&job->engine);
    }
    pthread_cond_broadcast(&queue->wake);
    pthread_mutex_unlock(&queue->lock);
    for (int i = 0; i < queue->threads; i++)
        pthread_join(queue->thread[i], NULL);
    while (queue->jobs)
        drop(queue, queue->jobs);
    pthread_mutex_destroy(&queue->lock);
    pthread_cond_destroy(&queue->wake);
    free(queue);
    cloud->athena = NULL;
}
