/* Adaptive send rate: a token bucket whose rate is set by every answer. Pure but for its lock and the injected clock.
 * Any thread. */
#include "backend/core/adaptive.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

static const double BETA = 0.7, SCALE = 0.4, SMOOTH = 0.8; /* after a throttling; growth; of the measured rate */
static const double RATE_MIN = 0.5, CAPACITY_MIN = 1, BUCKET_S = 0.5;

struct adaptive {
    pthread_mutex_t lock;
    const struct clock *clock;
    bool is_limited; /* something was throttled once */
    double rate, capacity, tokens, filled_s;
    double measured, counted_s; /* tries a second as they were sent; start of the half second being counted */
    int count;
    double last_max, throttled_s; /* rate at the last throttling, and when */
};

static double now_s(const struct adaptive *adaptive)
{
    return (double)clock_mono(adaptive->clock) / 1000;
}

struct adaptive *adaptive_new(const struct clock *clock)
{
    struct adaptive *adaptive = calloc(1, sizeof *adaptive);
    if (!adaptive)
        abort();
    pthread_mutex_init(&adaptive->lock, NULL);
    adaptive->clock = clock;
    adaptive->throttled_s = now_s(adaptive);
    adaptive->counted_s = floor(now_s(adaptive) / BUCKET_S) * BUCKET_S;
    return adaptive;
}

void adaptive_free(struct adaptive *adaptive)
{
    if (!adaptive)
        return;
    pthread_mutex_destroy(&adaptive->lock);
    free(adaptive);
}

static void refill(struct adaptive *adaptive, double now)
{
    adaptive->tokens = fmin(adaptive->capacity, adaptive->tokens + (now - adaptive->filled_s) * adaptive->rate);
    adaptive->filled_s = now;
}

int64_t adaptive_take(struct adaptive *adaptive)
{
    int64_t wait_ms = 0;
    pthread_mutex_lock(&adaptive->lock);
    if (adaptive->is_limited) {
        refill(adaptive, now_s(adaptive));
        adaptive->tokens -= 1; /* below zero: promised to those who wait, in their order */
        if (adaptive->tokens < 0)
            wait_ms = (int64_t)ceil(-adaptive->tokens / adaptive->rate * 1000);
    }
    pthread_mutex_unlock(&adaptive->lock);
    return wait_ms;
}

void adaptive_return(struct adaptive *adaptive)
{
    pthread_mutex_lock(&adaptive->lock);
    adaptive->tokens = fmin(adaptive->capacity, adaptive->tokens + 1);
    pthread_mutex_unlock(&adaptive->lock);
}

/* The rate at which answers come, in half seconds. */
static void measure(struct adaptive *adaptive, double now)
{
    double bucket = floor(now / BUCKET_S) * BUCKET_S;
    adaptive->count++;
    if (bucket <= adaptive->counted_s)
        return;
    double rate = adaptive->count / (bucket - adaptive->counted_s);
    adaptive->measured = rate * SMOOTH + adaptive->measured * (1 - SMOOTH);
    adaptive->count = 0;
    adaptive->counted_s = bucket;
}

/* How long CUBIC takes to come back to where it was throttled. */
static double time_window(const struct adaptive *adaptive)
{
    return cbrt(adaptive->last_max * (1 - BETA) / SCALE);
}

static double throttle(struct adaptive *adaptive, double now)
{
    double used = adaptive->is_limited ? fmin(adaptive->measured, adaptive->rate) : adaptive->measured;
    adaptive->last_max = used;
    adaptive->throttled_s = now;
    adaptive->is_limited = true;
    return used * BETA;
}

static double grow(const struct adaptive *adaptive, double now)
{
    double since = now - adaptive->throttled_s - time_window(adaptive);
    return SCALE * since * since * since + adaptive->last_max;
}

void adaptive_answer(struct adaptive *adaptive, bool is_throttled)
{
    pthread_mutex_lock(&adaptive->lock);
    double now = now_s(adaptive);
    measure(adaptive, now);
    double wanted = is_throttled ? throttle(adaptive, now) : grow(adaptive, now);
    if (adaptive->is_limited) {
        refill(adaptive, now);
        adaptive->rate = fmax(fmin(wanted, 2 * adaptive->measured), RATE_MIN);
        adaptive->capacity = fmax(adaptive->rate, CAPACITY_MIN);
        adaptive->tokens = fmin(adaptive->tokens, adaptive->capacity);
    }
    pthread_mutex_unlock(&adaptive->lock);
}

double adaptive_rate(struct adaptive *adaptive)
{
    pthread_mutex_lock(&adaptive->lock);
    double rate = adaptive->is_limited ? adaptive->rate : 0;
    pthread_mutex_unlock(&adaptive->lock);
    return rate;
}
