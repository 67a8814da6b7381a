/* Jobs: a bounded queue, a few threads, and a ring of finished work for the Jobs overlay. One lock; run() is outside of
 * it. */
#include "backend/core/job.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/core/thread.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS_QUEUE = 256, JOBS_KEPT = 64, JOBS_THREADS = 16, PROGRESS_EVERY_MS = 100 };

struct job {
    struct jobs *jobs;
    const struct job_ops *ops; /* NULL: over, context is gone */
    void *context;
    struct cancel cancel;
    struct job_view view;
    int64_t told_ms; /* when changed was last called for progress */
    struct job *older, *newer;
};
struct jobs {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    pthread_t threads[JOBS_THREADS];
    int thread_count, next_id, queued, running, finished;
    bool is_stopping;
    struct job *newest, *oldest;
    void (*changed)(void *context);
    void *context;
};

static void tell(struct jobs *jobs)
{
    if (jobs->changed)
        jobs->changed(jobs->context);
}

static bool is_over(const struct job *job)
{
    return job->view.state >= JOB_DONE;
}

static void unlink_job(struct jobs *jobs, struct job *job)
{
    *(job->older ? &job->older->newer : &jobs->oldest) = job->newer;
    *(job->newer ? &job->newer->older : &jobs->newest) = job->older;
}

/* Under the lock: the oldest finished ones make room. */
static void forget_old(struct jobs *jobs)
{
    for (struct job *job = jobs->oldest, *newer; job && jobs->finished > JOBS_KEPT; job = newer) {
        newer = job->newer;
        if (!is_over(job) || job->ops)
            continue;
        unlink_job(jobs, job);
        free(job);
        jobs->finished--;
    }
}

static void finish(struct jobs *jobs, struct job *job, bool ok, const struct err *err)
{
    void (*finished)(void *context) = job->ops->finished;
    pthread_mutex_lock(&jobs->lock);
    bool cancelled = !ok && (err->code == ERR_CANCELLED || cancel_is_set(&job->cancel));
    job->view.state = ok ? JOB_DONE : cancelled ? JOB_CANCELLED : JOB_FAILED;
    job->view.err = *err;
    job->view.ended_ms = clock_wall(&clock_system);
    pthread_mutex_unlock(&jobs->lock);
    if (!ok && !cancelled)
        log_warn(feed, "job %s: %s", job->ops->kind, err->text);
    if (finished)
        finished(job->context);
    pthread_mutex_lock(&jobs->lock);
    job->ops = NULL;
    job->context = NULL;
    jobs->finished++;
    forget_old(jobs);
    pthread_mutex_unlock(&jobs->lock);
    tell(jobs);
}

/* Under the lock: the queued job that waits longest. */
static struct job *next_queued(struct jobs *jobs)
{
    for (struct job *job = jobs->oldest; job; job = job->newer)
        if (job->view.state == JOB_QUEUED)
            return job;
    return NULL;
}

static void run_job(struct jobs *jobs, struct job *job)
{
    struct err err = ERR_NONE;
    tell(jobs);
    bool ok = cancel_is_set(&job->cancel) ? err_set(&err, ERR_CANCELLED, "cancelled before it began")
                                          : job->ops->run(job, job->context, &err);
    finish(jobs, job, ok, &err);
}

static void *pool_loop(void *data)
{
    struct jobs *jobs = data;
    pthread_mutex_lock(&jobs->lock);
    for (;;) {
        struct job *job = next_queued(jobs);
        if (!job && jobs->is_stopping)
            break;
        if (!job) {
            thread_wait(&jobs->cond, &jobs->lock, THREAD_FOREVER);
            continue;
        }
        jobs->queued--;
        jobs->running++;
        job->view.state = JOB_RUNNING;
        job->view.started_ms = clock_wall(&clock_system);
        pthread_mutex_unlock(&jobs->lock);
        run_job(jobs, job);
        pthread_mutex_lock(&jobs->lock);
        jobs->running--;
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

struct jobs *jobs_start(int threads, void (*changed)(void *context), void *context)
{
    struct err err = ERR_NONE;
    struct jobs *jobs = calloc(1, sizeof *jobs);
    if (!jobs)
        abort();
    jobs->changed = changed;
    jobs->context = context;
    pthread_mutex_init(&jobs->lock, NULL);
    thread_cond_init(&jobs->cond);
    for (int i = 0; i < threads && i < JOBS_THREADS; i++) {
        if (!thread_start(&jobs->threads[jobs->thread_count], "job", pool_loop, jobs, &err))
            break;
        jobs->thread_count++;
    }
    return jobs;
}

void jobs_stop(struct jobs *jobs)
{
    if (!jobs)
        return;
    pthread_mutex_lock(&jobs->lock);
    jobs->is_stopping = true;
    for (struct job *job = jobs->oldest; job; job = job->newer)
        cancel_set(&job->cancel);
    pthread_cond_broadcast(&jobs->cond);
    pthread_mutex_unlock(&jobs->lock);
    for (int i = 0; i < jobs->thread_count; i++)
        pthread_join(jobs->threads[i], NULL);
    for (struct job *job = jobs->oldest, *newer; job; job = newer) {
        newer = job->newer;
        if (job->ops && job->ops->finished) /* never ran: there was no thread */
            job->ops->finished(job->context);
        free(job);
    }
    pthread_cond_destroy(&jobs->cond);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

/* A call of the job's failed and will be repeated, or went well. */
static void hear(void *context, const struct err *err, int64_t delay_ms)
{
    (void)delay_ms;
    struct job *job = context;
    pthread_mutex_lock(&job->jobs->lock);
    bool is_new = job->view.err.code != (err ? err->code : ERR_OK) && !is_over(job);
    if (is_new)
        job->view.err = err ? *err : ERR_NONE;
    pthread_mutex_unlock(&job->jobs->lock);
    if (is_new)
        tell(job->jobs);
}

int jobs_submit(struct jobs *jobs, const struct job_ops *ops, void *context, const char *title)
{
    pthread_mutex_lock(&jobs->lock);
    if (jobs->queued >= JOBS_QUEUE || jobs->is_stopping) {
        pthread_mutex_unlock(&jobs->lock);
        return -1;
    }
    struct job *job = calloc(1, sizeof *job);
    if (!job)
        abort();
    job->jobs = jobs;
    job->ops = ops;
    job->context = context;
    job->cancel.told = hear;
    job->cancel.told_context = job;
    job->view.id = ++jobs->next_id;
    job->view.total = -1;
    snprintf(job->view.title, sizeof job->view.title, "%s", title);
    job->older = jobs->newest;
    *(job->older ? &job->older->newer : &jobs->oldest) = job;
    jobs->newest = job;
    jobs->queued++;
    int id = job->view.id;
    pthread_cond_signal(&jobs->cond);
    pthread_mutex_unlock(&jobs->lock);
    tell(jobs);
    return id;
}

bool jobs_cancel(struct jobs *jobs, int id)
{
    bool found = false;
    pthread_mutex_lock(&jobs->lock);
    for (struct job *job = jobs->newest; job && !found; job = job->older) {
        found = job->view.id == id && !is_over(job);
        if (found)
            cancel_set(&job->cancel);
    }
    pthread_mutex_unlock(&jobs->lock);
    return found;
}

int jobs_list(struct jobs *jobs, struct job_view *views, int max)
{
    int count = 0;
    pthread_mutex_lock(&jobs->lock);
    for (struct job *job = jobs->newest; job && count < max; job = job->older)
        views[count++] = job->view;
    pthread_mutex_unlock(&jobs->lock);
    return count;
}

int jobs_running(struct jobs *jobs)
{
    pthread_mutex_lock(&jobs->lock);
    int running = jobs->running + jobs->queued;
    pthread_mutex_unlock(&jobs->lock);
    return running;
}

const struct cancel *job_cancel(struct job *job)
{
    return &job->cancel;
}

void job_progress(struct job *job, int64_t done, int64_t total)
{
    int64_t now = clock_mono(&clock_system);
    pthread_mutex_lock(&job->jobs->lock);
    job->view.done = done;
    job->view.total = total;
    bool is_due = now - job->told_ms >= PROGRESS_EVERY_MS || done == total;
    if (is_due)
        job->told_ms = now;
    pthread_mutex_unlock(&job->jobs->lock);
    if (is_due)
        tell(job->jobs);
}

void job_note(struct job *job, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    pthread_mutex_lock(&job->jobs->lock);
    vsnprintf(job->view.note, sizeof job->view.note, format, args);
    pthread_mutex_unlock(&job->jobs->lock);
    va_end(args);
}
