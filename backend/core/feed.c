/* Feeds: the loop that every domain's fetch runs in. All state is under one lock; fetch runs outside of it. */
#include "backend/core/feed.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/core/thread.h"
#include <stdlib.h>

enum {
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_CAP_MS = 60000,
    JITTER_PERCENT = 10,
    TROUBLE_MIN_MS = 1000, /* what is over sooner is not worth a word that flickers */
    TROUBLE_STEP_MS = 250  /* many calls fail at once: what they say is published so often at most */
};

/* Calls of the running fetch that fail and are repeated. */
struct trouble {
    struct err err;
    struct snap_retry retry;
    int64_t shown_ms; /* wall time it was published last; 0: it was not */
};

struct feed {
    const struct feed_ops *ops;
    void *context;
    struct snap_slot *slot;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    struct cancel cancel;
    enum feed_state state;
    bool is_stopping, is_hidden, is_paused, wants_refresh, wants_restart;
    int failures; /* in a row */
    unsigned seed;
    pthread_mutex_t publishing; /* guards trouble, and the order of what is published: calls run on many threads */
    struct trouble trouble;
    atomic_bool is_retrying; /* trouble has tries */
};

static bool is_given_up(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    bool given_up = feed->is_stopping || feed->wants_restart;
    pthread_mutex_unlock(&feed->lock);
    return given_up;
}

/* Under publishing. */
static void show_trouble(struct feed *feed, int64_t now_ms)
{
    feed->trouble.shown_ms = now_ms;
    snap_publish_retry(feed->slot, &feed->trouble.err, &feed->trouble.retry, now_ms);
}

/* Under publishing. */
static void end_trouble(struct feed *feed, bool is_told)
{
    bool was_shown = feed->trouble.shown_ms > 0;
    feed->trouble = (struct trouble){.shown_ms = 0};
    atomic_store(&feed->is_retrying, false);
    if (was_shown && is_told)
        snap_publish_retry(feed->slot, &feed->trouble.err, &feed->trouble.retry, clock_wall(&clock_system));
}

/* A call of the fetch failed and waits for its next try, or one went well. With many in the air, what goes well means
 * something once the time of the next try has come. */
static void hear(void *context, const struct err *err, int64_t delay_ms)
{
    struct feed *feed = context;
    struct trouble *trouble = &feed->trouble;
    int64_t now_ms = clock_wall(&clock_system);
    bool given_up = is_given_up(feed);
    pthread_mutex_lock(&feed->publishing);
    if (err && !given_up) {
        trouble->err = *err;
        atomic_store(&feed->is_retrying, true);
        trouble->retry.since_ms = trouble->retry.tries++ ? trouble->retry.since_ms : now_ms;
        trouble->retry.next_ms = now_ms + delay_ms;
        bool is_long = trouble->retry.next_ms - trouble->retry.since_ms >= TROUBLE_MIN_MS;
        if (is_long && now_ms - trouble->shown_ms >= TROUBLE_STEP_MS)
            show_trouble(feed, now_ms);
    } else if (!err && trouble->retry.tries && now_ms >= trouble->retry.next_ms) {
        end_trouble(feed, !given_up);
    }
    pthread_mutex_unlock(&feed->publishing);
}

/* interval or back-off, with jitter so that many feeds do not fall into step */
static int64_t pause_ms(struct feed *feed)
{
    int64_t ms = feed->ops->interval_ms;
    if (feed->failures > 0) {
        int doublings = feed->failures - 1 < 6 ? feed->failures - 1 : 6;
        ms = (int64_t)BACKOFF_FIRST_MS << doublings;
        if (ms > BACKOFF_CAP_MS)
            ms = BACKOFF_CAP_MS;
        if (ms < feed->ops->interval_ms)
            ms = feed->ops->interval_ms;
    }
    int64_t jitter = ms * JITTER_PERCENT / 100;
    return jitter > 0 ? ms - jitter + (int64_t)(rand_r(&feed->seed) % (unsigned)(2 * jitter + 1)) : ms;
}

/* Under the lock. Sleeps until the next fetch is due; false when the feed is to end. */
static bool wait_due(struct feed *feed)
{
    int64_t due = clock_mono(&clock_system) + pause_ms(feed);
    bool asleep = feed->is_hidden || feed->is_paused;
    feed->state = feed->is_paused ? FEED_PAUSED : feed->failures > 0 ? FEED_BACKOFF : FEED_IDLE;
    while (!feed->is_stopping && !feed->wants_refresh) {
        if (asleep || feed->ops->interval_ms <= 0)
            thread_wait(&feed->cond, &feed->lock, THREAD_FOREVER);
        else if (!thread_wait(&feed->cond, &feed->lock, due))
            break;
        asleep = feed->is_hidden || feed->is_paused;
        if (!feed->wants_refresh)
            feed->state = feed->is_paused ? FEED_PAUSED : feed->failures > 0 ? FEED_BACKOFF : FEED_IDLE;
    }
    return !feed->is_stopping;
}

/* Outside the lock. */
static void fetch_once(struct feed *feed)
{
    struct err err = ERR_NONE;
    struct snap *snap = feed->ops->fetch(feed, feed->context, &err);
    pthread_mutex_lock(&feed->lock);
    bool given_up = feed->is_stopping || feed->wants_restart;
    feed->wants_restart = false;
    feed->failures = snap || given_up ? 0 : feed->failures + 1;
    feed->state = feed->failures > 0 ? FEED_BACKOFF : FEED_IDLE;
    if (!feed->is_stopping)
        cancel_reset(&feed->cancel);
    pthread_mutex_unlock(&feed->lock);
    pthread_mutex_lock(&feed->publishing);
    end_trouble(feed, given_up);
    if (snap && given_up) { /* the answer to a question that is no longer asked */
        snap_put(snap);
    } else if (snap) {
        snap_publish(feed->slot, snap);
    } else if (!given_up) {
        log_warn(feed, "%s: %s", feed->ops->name, err.text);
        snap_publish_error(feed->slot, &err, clock_wall(&clock_system));
    }
    pthread_mutex_unlock(&feed->publishing);
}

static void *feed_loop(void *data)
{
    struct feed *feed = data;
    pthread_mutex_lock(&feed->lock);
    while (feed->is_hidden && !feed->is_stopping && !feed->wants_refresh)
        thread_wait(&feed->cond, &feed->lock, THREAD_FOREVER);
    bool go_on = !feed->is_stopping;
    while (go_on) {
        feed->wants_refresh = false;
        feed->state = FEED_FETCHING;
        pthread_mutex_unlock(&feed->lock);
        fetch_once(feed);
        pthread_mutex_lock(&feed->lock);
        go_on = wait_due(feed);
    }
    feed->state = FEED_STOPPED;
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

struct feed *feed_start(const struct feed_ops *ops, void *context, struct snap_slot *slot, struct err *err)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (!feed)
        abort();
    feed->ops = ops;
    feed->context = context;
    feed->slot = slot;
    feed->is_hidden = true;
    feed->seed = (unsigned)clock_mono(&clock_system) ^ (unsigned)(uintptr_t)feed;
    feed->cancel.told = hear;
    feed->cancel.told_context = feed;
    pthread_mutex_init(&feed->lock, NULL);
    pthread_mutex_init(&feed->publishing, NULL);
    thread_cond_init(&feed->cond);
    if (thread_start(&feed->thread, ops->name, feed_loop, feed, err))
        return feed;
    pthread_cond_destroy(&feed->cond);
    pthread_mutex_destroy(&feed->lock);
    pthread_mutex_destroy(&feed->publishing);
    free(feed);
    return NULL;
}

void feed_stop(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->is_stopping = true;
    pthread_cond_broadcast(&feed->cond);
    pthread_mutex_unlock(&feed->lock);
    cancel_set(&feed->cancel);
}

void feed_join(struct feed *feed)
{
    if (!feed)
        return;
    pthread_join(feed->thread, NULL);
    pthread_cond_destroy(&feed->cond);
    pthread_mutex_destroy(&feed->lock);
    pthread_mutex_destroy(&feed->publishing);
    free(feed);
}

void feed_refresh(struct feed *feed)
{
    if (atomic_load(&feed->is_retrying)) { /* whoever asks now does not want to wait for the next try */
        feed_restart(feed);
        return;
    }
    pthread_mutex_lock(&feed->lock);
    feed->wants_refresh = true;
    pthread_cond_broadcast(&feed->cond);
    pthread_mutex_unlock(&feed->lock);
}

void feed_set_visible(struct feed *feed, bool visible)
{
    pthread_mutex_lock(&feed->lock);
    /* what comes into view is looked at afresh */
    feed->wants_refresh = feed->wants_refresh || (visible && feed->is_hidden && feed->state != FEED_FETCHING);
    feed->is_hidden = !visible;
    pthread_cond_broadcast(&feed->cond);
    pthread_mutex_unlock(&feed->lock);
}

void feed_set_paused(struct feed *feed, bool paused)
{
    pthread_mutex_lock(&feed->lock);
    feed->is_paused = paused;
    pthread_cond_broadcast(&feed->cond);
    pthread_mutex_unlock(&feed->lock);
}

int64_t feed_interval(const struct feed *feed)
{
    return feed->ops->interval_ms;
}

enum feed_state feed_state(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    enum feed_state state = feed->state;
    pthread_mutex_unlock(&feed->lock);
    return state;
}

const struct cancel *feed_cancel(struct feed *feed)
{
    return &feed->cancel;
}

void feed_publish_partial(struct feed *feed, struct snap *snap)
{
    if (is_given_up(feed)) {
        snap_put(snap);
        return;
    }
    pthread_mutex_lock(&feed->publishing);
    if (feed->trouble.shown_ms > 0) { /* it grows although some calls fail */
        snap->err = feed->trouble.err;
        snap->retry = feed->trouble.retry;
    }
    snap_publish(feed->slot, snap);
    pthread_mutex_unlock(&feed->publishing);
}

void feed_restart(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    bool is_fetching = feed->state == FEED_FETCHING;
    feed->wants_restart = is_fetching;
    feed->wants_refresh = true;
    pthread_cond_broadcast(&feed->cond);
    if (is_fetching)
        cancel_set(&feed->cancel); /* under the lock: fetch_once resets it under the same */
    pthread_mutex_unlock(&feed->lock);
}
