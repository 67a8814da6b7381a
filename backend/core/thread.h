/* The little that feeds, jobs and the HTTP engine share about threads. */
#ifndef WEIR_CORE_THREAD_H
#define WEIR_CORE_THREAD_H
#include "backend/base/err.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { THREAD_FOREVER = -1 };
/* Starts a joinable thread with all signals blocked (they are the main thread's), named (at most 15 bytes) for
 * debuggers and top. */
bool thread_start(pthread_t *thread, const char *name, void *(*run)(void *context), void *context, struct err *err);
/* A condition whose waits run on the monotonic clock. */
void thread_cond_init(pthread_cond_t *cond);
/* Waits until signalled (true, maybe for no reason: test the condition again) or until the monotonic time until_ms of
 * clock_system has come (false). THREAD_FOREVER: no end. */
bool thread_wait(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms);
#endif
