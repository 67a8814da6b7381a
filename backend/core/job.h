/* Jobs: a small pool for one-off work with progress and cancel. The UI thread submits, looks and cancels; it never
 * waits. */
#ifndef WEIR_CORE_JOB_H
#define WEIR_CORE_JOB_H
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include <stdbool.h>
#include <stdint.h>

struct jobs; /* the pool */
struct job;
enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_DONE, JOB_FAILED, JOB_CANCELLED };
struct job_ops {
    const char *kind;                                             /* "download" */
    bool (*run)(struct job *job, void *context, struct err *err); /* on a pool thread */
    void (*finished)(void *context); /* on a pool thread, after state is set; frees the context. NULL: none */
};
struct job_view { /* a copy for the Jobs overlay */
    int id;
    enum job_state state;
    char title[160];     /* may hold remote text: not sanitised */
    int64_t done, total; /* units of the kind, bytes mostly; total -1 unknown */
    int64_t started_ms, ended_ms;
    struct err err; /* while it runs: why a call of it is being tried again */
    char note[160]; /* "saved to ./orders.csv.gz" */
};
/* changed is called on a pool thread whenever a job's state or progress changes (at most every 100 ms for progress). */
struct jobs *jobs_start(int threads, void (*changed)(void *context), void *context);
void jobs_stop(struct jobs *jobs); /* cancels all, joins */
/* Takes over context (finished frees it). Returns the job's id, or -1 when the queue of 256 is full (context is then
 * still the caller's). */
int jobs_submit(struct jobs *jobs, const struct job_ops *ops, void *context, const char *title);
bool jobs_cancel(struct jobs *jobs, int id);
int jobs_list(struct jobs *jobs, struct job_view *views, int max); /* newest first; finished ones stay, up to 64 */
int jobs_running(struct jobs *jobs);
/* For run(). */
const struct cancel *job_cancel(struct job *job);
void job_progress(struct job *job, int64_t done, int64_t total);
void job_note(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif
