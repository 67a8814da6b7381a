/* One page from the source, within what is allowed in flight: as many calls at once as the endpoint's latency is worth,
 * halved by SlowDown, raised again by success. Worker threads. */
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/core/retry.h"
#include "backend/domain/listing_private.h"
#include <inttypes.h>
#include <time.h>

enum {
    SLOW_DOWN_TRIES = 14, /* over a minute of SlowDown is outlasted */
    SPEED_UP_AFTER = 20,  /* good calls before one more may be in flight */
    /* A near endpoint answers faster than pages can be read: hands beyond a few only cost memory. */
    HANDS_MIN = 4,
    PAGE_READ_US = 8000 /* about what reading a page of 1 000 keys costs; a hand more per this much latency */
};

static bool take_permit(struct listing *listing)
{
    pthread_mutex_lock(&listing->lock);
    while (listing->in_air >= listing->limit && !cancel_is_set(listing->options.cancel))
        thread_wait(&listing->work, &listing->lock, clock_mono(&clock_system) + LISTING_PROGRESS_MS);
    listing->in_air++;
    listing->calls++;
    if (listing->in_air > listing->peak)
        listing->peak = listing->in_air;
    pthread_mutex_unlock(&listing->lock);
    return !cancel_is_set(listing->options.cancel);
}

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Under the lock: how many workers are worth having. */
int listing_hands(const struct listing *listing)
{
    int64_t wanted = listing->latency_us / PAGE_READ_US;
    if (!listing->is_adaptive || wanted > listing->options.in_flight)
        return listing->options.in_flight;
    return wanted > HANDS_MIN ? (int)wanted : HANDS_MIN;
}

static void give_permit(struct listing *listing, bool is_slow_down, int64_t took_us)
{
    pthread_mutex_lock(&listing->lock);
    listing->in_air--;
    listing->latency_us = listing->latency_us ? (listing->latency_us * 7 + took_us) / 8 : took_us;
    if (is_slow_down) {
        listing->limit = listing->limit > 1 ? listing->limit / 2 : 1;
        listing->good = 0;
    } else if (++listing->good >= SPEED_UP_AFTER && listing->limit < listing->options.in_flight) {
        listing->limit++;
        listing->good = 0;
    }
    pthread_cond_broadcast(&listing->work);
    pthread_mutex_unlock(&listing->lock);
}

static bool is_slow_down(const struct err *err)
{
    return err->code == ERR_THROTTLED || (err->code == ERR_SERVER && err->http_status == 503);
}

/* One page; SlowDown halves what is in flight and is outlasted. */
bool listing_call_page(struct listing *listing, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                       struct err *err)
{
    int64_t wait_ms = listing->options.slow_down_ms;
    for (int try = 1;; try++) {
        *err = ERR_NONE;
        arena_reset(arena);
        bool may = take_permit(listing);
        int64_t started_us = now_us();
        bool ok = may && listing->options.source.page(listing->options.source.context, list, arena, page, err);
        give_permit(listing, !ok && is_slow_down(err), now_us() - started_us);
        if (ok)
            return true;
        if (cancel_is_set(listing->options.cancel))
            return err_set(err, ERR_CANCELLED, "listing %s: cancelled", listing->bucket);
        if (!is_slow_down(err) || try == SLOW_DOWN_TRIES)
            return false;
        log_debug(retry, "listing %s: slowing down to %d calls at once, waiting %" PRId64 " ms", listing->bucket,
                  listing_limit(listing), wait_ms);
        cancel_tell(listing->options.cancel, err, wait_ms);
        if (!retry_sleep(listing->options.cancel, wait_ms))
            return err_set(err, ERR_CANCELLED, "listing %s: cancelled", listing->bucket);
        if (wait_ms < 40 * listing->options.slow_down_ms)
            wait_ms *= 2;
    }
}
