/* A cancel token: set from any thread, seen by whoever waits. Reference-free: the owner outlives the users (job or
 * feed). A zeroed struct is a token that is not set. */
#ifndef WEIR_CORE_CANCEL_H
#define WEIR_CORE_CANCEL_H
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Someone to be told at once when the token is set; lives in the waiter's own memory while it watches. */
struct cancel_waker {
    void (*wake)(void *context); /* on the thread that sets; must not wait and not touch the token */
    void *context;
    struct cancel_waker *next, *previous; /* private */
};
struct err;
struct cancel {
    /* The one thing that a call has of whoever asked for it is its token: so this is where it says that it failed and
     * will be tried again in delay_ms (*err), or that it went well (err NULL). Set before the token is used; called on
     * the thread of the call, many at once; must not wait. NULL: nobody listens. */
    void (*told)(void *context, const struct err *err, int64_t delay_ms);
    void *told_context;
    atomic_bool is_set;
    pthread_mutex_t lock; /* private, as is the next one; all zero is an open lock (PTHREAD_MUTEX_INITIALIZER) */
    struct cancel_waker *wakers;
};
static inline bool cancel_is_set(const struct cancel *cancel)
{
    return cancel && atomic_load(&((struct cancel *)cancel)->is_set);
}
/* Sets it and wakes all watchers, so that running transfers and waits end at once. Never waits; any thread. */
void cancel_set(struct cancel *cancel);
/* Makes it usable again; only while nobody waits on it. */
void cancel_reset(struct cancel *cancel);
/* Starts and ends watching. A token that is set already wakes at once. After cancel_unwatch wake runs no more. NULL
 * tokens are fine. */
void cancel_watch(const struct cancel *cancel, struct cancel_waker *waker);
void cancel_unwatch(const struct cancel *cancel, struct cancel_waker *waker);
/* For the one who repeats a failed call (err), or has had an answer (NULL). NULL tokens are fine. */
void cancel_tell(const struct cancel *cancel, const struct err *err, int64_t delay_ms);
/* Waits ms, or until the token is set: then returns false. NULL: just waits. */
bool cancel_wait(const struct cancel *cancel, int64_t ms);
#endif
