/* The pane's work off the UI thread: a task is shared by the pane and a job until the later of both lets go of it. */
#include "tui/pane/query.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shared {
    struct query_task task; /* first: a task's address is its own */
    atomic_int refs;
    atomic_bool is_over;
};

void query_request_free(struct query_request *request)
{
    if (!request)
        return;
    for (size_t i = 0; i < request->count; i++)
        free(request->sql[i]);
    free(request->sql);
    free(request->starts);
    free(request);
}

struct query_task *query_task_new(struct query_pane *state, const struct query_task_ops *ops)
{
    struct shared *shared = calloc(1, sizeof *shared);
    if (!shared)
        abort();
    shared->refs = 1;
    shared->task = (struct query_task){.ops = ops, .session = state->pane->session, .job_id = -1};
    shared->task.text = BUF_INIT(RESULT_TEXT_MAX);
    return &shared->task;
}

static void release(struct query_task *task)
{
    struct shared *shared = (struct shared *)task;
    if (atomic_fetch_sub(&shared->refs, 1) > 1)
        return;
    query_request_free(task->request);
    result_release(task->result);
    query_chart_free(task->chart);
    buf_done(&task->text);
    free(task->names);
    free(shared);
}

void query_task_free(struct query_task *task)
{
    release(task);
}

static bool run_task(struct job *job, void *context, struct err *err)
{
    struct query_task *task = context;
    task->job = job;
    task->cancel = job_cancel(job);
    task->ok = task->ops->run(task, &task->err);
    if (!task->ok)
        *err = task->err;
    task->job = NULL;
    return task->ok;
}

static void finish_task(void *context)
{
    struct shared *shared = context;
    struct session *session = shared->task.session;
    atomic_store(&shared->is_over, true);
    release(&shared->task);
    session_changed(session);
}

static const struct job_ops job_ops = {.kind = "query", .run = run_task, .finished = finish_task};

bool query_task_start(struct query_pane *state, struct query_task *task, const char *title)
{
    struct shared *shared = (struct shared *)task;
    atomic_fetch_add(&shared->refs, 1);
    int id = state->task_count < QUERY_TASKS_MAX
                 ? jobs_submit(session_jobs(state->pane->session), &job_ops, task, title)
                 : -1;
    if (id < 0) {
        app_say(state->pane->app, "too much is being done already: wait for some of it (J)");
        release(task);
        release(task);
        return false;
    }
    task->job_id = id;
    state->tasks[state->task_count++] = task;
    return true;
}

void query_tasks_check(struct query_pane *state)
{
    for (int i = 0; i < state->task_count;) {
        struct query_task *task = state->tasks[i];
        if (!atomic_load(&((struct shared *)task)->is_over)) {
            i++;
            continue;
        }
        memmove(&state->tasks[i], &state->tasks[i + 1],
                (size_t)(--state->task_count - i) * sizeof(struct query_task *));
        if (state->estimating == task)
            state->estimating = NULL;
        if (!task->is_dropped)
            task->ops->done(state, task);
        release(task);
    }
}

void query_tasks_drop(struct query_pane *state)
{
    for (int i = 0; i < state->task_count; i++) {
        jobs_cancel(session_jobs(state->pane->session), state->tasks[i]->job_id);
        release(state->tasks[i]);
    }
    state->task_count = 0;
}
