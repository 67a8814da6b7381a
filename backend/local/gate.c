/* The gate of requests; see gate.h. */
#include "backend/local/gate.h"
#include <time.h>

void gate_init(struct gate *gate)
{
    pthread_condattr_t attributes;
    *gate = (struct gate){0};
    pthread_mutex_init(&gate->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&gate->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

void gate_done(struct gate *gate)
{
    pthread_cond_destroy(&gate->changed);
    pthread_mutex_destroy(&gate->lock);
}

void gate_enter(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    while (gate->is_closed)
        pthread_cond_wait(&gate->changed, &gate->lock);
    gate->inside++;
    gate->passed++;
    pthread_mutex_unlock(&gate->lock);
}

void gate_leave(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->inside--;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

/* Called with the lock held. */
static bool wait_empty(struct gate *gate, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    int result = 0;
    while (gate->inside > 0 && result == 0)
        result = pthread_cond_timedwait(&gate->changed, &gate->lock, &until);
    return gate->inside == 0;
}

bool gate_wait_empty(struct gate *gate, int timeout_ms)
{
    pthread_mutex_lock(&gate->lock);
    bool ok = wait_empty(gate, timeout_ms);
    pthread_mutex_unlock(&gate->lock);
    return ok;
}

bool gate_close(struct gate *gate, int timeout_ms)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_closed = true;
    bool ok = wait_empty(gate, timeout_ms);
    pthread_mutex_unlock(&gate->lock);
    if (!ok)
        gate_open(gate);
    return ok;
}

void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->is_closed = false;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

int64_t gate_passed(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    int64_t passed = gate->passed;
    pthread_mutex_unlock(&gate->lock);
    return passed;
}
