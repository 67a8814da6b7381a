/* The threads that arrange, find and summarise: one per kind, started when first asked, always working on the newest
 * request; asking anew makes what runs give up. */
#include "backend/domain/result_private.h"
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 5 };

static const struct {
    const char *name;
    void (*run)(struct result *result, uint64_t mine);
} task_rows[TASK_COUNT] = {
    [TASK_ARRANGE] = {.name = "result-arrange", .run = arrange_run},
    [TASK_FIND] = {.name = "result-find", .run = find_run},
    [TASK_SUMMARY] = {.name = "result-sum", .run = summary_run},
};
struct start {
    struct result *result;
    enum task_kind kind;
};

static void *task_thread(void *context)
{
    struct start start = *(struct start *)context;
    struct result *result = start.result;
    struct result_task *task = &result->tasks[start.kind];
    free(context);
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* on Linux a thread's own: the screen and its rows come first */
    pthread_mutex_lock(&result->lock);
    while (!result->is_closing) {
        uint64_t mine = task->asked;
        if (mine == task->answered) {
            pthread_cond_wait(&result->cond, &result->lock);
            continue;
        }
        pthread_mutex_unlock(&result->lock);
        task_rows[start.kind].run(result, mine);
        pthread_mutex_lock(&result->lock);
        task->answered = mine;
    }
    pthread_mutex_unlock(&result->lock);
    result_release(result);
    return NULL;
}

bool task_start(struct result *result, enum task_kind kind, struct err *err)
{
    pthread_t thread;
    struct start *start = malloc(sizeof *start);
    if (result->tasks[kind].is_started) {
        free(start);
        return true;
    }
    if (!start)
        return err_set(err, ERR_FAILED, "result: out of memory");
    *start = (struct start){.result = result_hold(result), .kind = kind};
    if (!thread_start(&thread, task_rows[kind].name, task_thread, start, err)) {
        free(start);
        result_release(result);
        return false;
    }
    pthread_detach(thread);
    result->tasks[kind].is_started = true;
    return true;
}

void task_ask(struct result *result, enum task_kind kind)
{
    result->tasks[kind].asked++;
    pthread_cond_broadcast(&result->cond);
}

bool task_is_stale(struct result *result, enum task_kind kind, uint64_t mine)
{
    return result->is_closing || atomic_load(&result->tasks[kind].asked) != mine;
}

bool task_wait(struct result *result, enum task_kind kind, uint64_t mine, uint64_t seen_bytes)
{
    pthread_mutex_lock(&result->lock);
    while (!task_is_stale(result, kind, mine) && result->rows_end == seen_bytes && !result->is_indexed)
        pthread_cond_wait(&result->cond, &result->lock);
    pthread_mutex_unlock(&result->lock);
    return !task_is_stale(result, kind, mine);
}
