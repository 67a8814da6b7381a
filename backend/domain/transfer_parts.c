/* The parts of one large object, taken in order by a few threads; the first failure stops the rest. With one worker
 * they run on the caller's own thread. */
#include "backend/core/thread.h"
#include "backend/domain/transfer_private.h"

struct crew {
    const struct transfer_parts *parts;
    pthread_mutex_t lock;
    int64_t next;
    bool has_failed;
    struct err err;
};

static bool next_part(struct crew *crew, int64_t *part)
{
    pthread_mutex_lock(&crew->lock);
    while (crew->parts->is_done && crew->next < crew->parts->count && crew->parts->is_done[crew->next])
        crew->next++;
    bool ok = !crew->has_failed && crew->next < crew->parts->count;
    *part = crew->next++;
    pthread_mutex_unlock(&crew->lock);
    return ok;
}

static void *work(void *context)
{
    struct crew *crew = context;
    int64_t part;
    while (next_part(crew, &part)) {
        struct err err = ERR_NONE;
        if (crew->parts->run(crew->parts->context, part, &err))
            continue;
        pthread_mutex_lock(&crew->lock);
        if (!crew->has_failed)
            crew->err = err;
        crew->has_failed = true;
        pthread_mutex_unlock(&crew->lock);
    }
    return NULL;
}

bool transfer_run_parts(const struct transfer_parts *parts, struct err *err)
{
    struct crew crew = {.parts = parts};
    pthread_t threads[TRANSFER_PARALLEL_MAX];
    int started = 0, wanted = parts->workers < parts->count ? parts->workers : (int)parts->count;
    pthread_mutex_init(&crew.lock, NULL);
    while (started < wanted - 1 && started < TRANSFER_PARALLEL_MAX &&
           thread_start(&threads[started], "parts", work, &crew, NULL))
        started++;
    work(&crew);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&crew.lock);
    if (crew.has_failed && err)
        *err = crew.err;
    return !crew.has_failed;
}
