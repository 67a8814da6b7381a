/* Cancel tokens and waiting on them. The waiter registers a waker, so that setting a token reaches a transfer on the
 * HTTP thread or a sleeping retry without polling and without the token knowing of either. Any thread. */
#include "backend/core/cancel.h"
#include "backend/base/clock.h"
#include "backend/core/thread.h"

/* Watching changes the token's private list only. */
static struct cancel *writable(const struct cancel *cancel)
{
    return (struct cancel *)cancel;
}

void cancel_set(struct cancel *cancel)
{
    pthread_mutex_lock(&cancel->lock);
    atomic_store(&cancel->is_set, true);
    for (struct cancel_waker *waker = cancel->wakers; waker; waker = waker->next)
        waker->wake(waker->context);
    pthread_mutex_unlock(&cancel->lock);
}

void cancel_reset(struct cancel *cancel)
{
    atomic_store(&cancel->is_set, false);
}

void cancel_watch(const struct cancel *cancel, struct cancel_waker *waker)
{
    if (!cancel)
        return;
    struct cancel *token = writable(cancel);
    pthread_mutex_lock(&token->lock);
    waker->previous = NULL;
    waker->next = token->wakers;
    if (waker->next)
        waker->next->previous = waker;
    token->wakers = waker;
    if (atomic_load(&token->is_set))
        waker->wake(waker->context);
    pthread_mutex_unlock(&token->lock);
}

void cancel_unwatch(const struct cancel *cancel, struct cancel_waker *waker)
{
    if (!cancel)
        return;
    struct cancel *token = writable(cancel);
    pthread_mutex_lock(&token->lock);
    if (waker->next)
        waker->next->previous = waker->previous;
    if (waker->previous)
        waker->previous->next = waker->next;
    else
        token->wakers = waker->next;
    pthread_mutex_unlock(&token->lock);
}

void cancel_tell(const struct cancel *cancel, const struct err *err, int64_t delay_ms)
{
    if (cancel && cancel->told)
        cancel->told(cancel->told_context, err, delay_ms);
}

struct sleeper {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool is_woken;
};

static void wake_sleeper(void *context)
{
    struct sleeper *sleeper = context;
    pthread_mutex_lock(&sleeper->lock);
    sleeper->is_woken = true;
    pthread_cond_signal(&sleeper->woken);
    pthread_mutex_unlock(&sleeper->lock);
}

bool cancel_wait(const struct cancel *cancel, int64_t ms)
{
    struct sleeper sleeper = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct cancel_waker waker = {.wake = wake_sleeper, .context = &sleeper};
    int64_t until_ms = clock_mono(&clock_system) + ms;
    thread_cond_init(&sleeper.woken);
    cancel_watch(cancel, &waker);
    pthread_mutex_lock(&sleeper.lock);
    while (!sleeper.is_woken && thread_wait(&sleeper.woken, &sleeper.lock, until_ms))
        ;
    bool is_cancelled = sleeper.is_woken;
    pthread_mutex_unlock(&sleeper.lock);
    cancel_unwatch(cancel, &waker);
    pthread_cond_destroy(&sleeper.woken);
    pthread_mutex_destroy(&sleeper.lock);
    return !is_cancelled;
}
