/* Feeds: one thread each, a plain loop: fetch -> build a snapshot -> publish -> sleep until the interval, a refresh
 * request or back-off. A feed starts hidden, and a hidden feed sleeps until it is shown or refreshed. A failing feed
 * keeps its last good snapshot; while one repeats
 * failing calls for longer than a second, its snapshots say so (snap.h, retry). Start/stop/refresh may be called from
 * the UI thread: none waits (feed_stop only signals; feed_join waits). */
#ifndef WEIR_CORE_FEED_H
#define WEIR_CORE_FEED_H
#include "backend/core/cancel.h"
#include "backend/core/snap.h"
#include <stdbool.h>
#include <stdint.h>

struct feed;
struct feed_ops {
    const char *name;
    int64_t interval_ms;
    /* On the feed's thread: linear code, blocking calls with deadlines. May call feed_publish_partial for growing
     * values. Returns the snapshot (ownership passes) or NULL with *err. */
    struct snap *(*fetch)(struct feed *feed, void *context, struct err *err);
};
enum feed_state { FEED_IDLE, FEED_FETCHING, FEED_BACKOFF, FEED_PAUSED, FEED_STOPPED };
struct feed *feed_start(const struct feed_ops *ops, void *context, struct snap_slot *slot, struct err *err);
void feed_stop(struct feed *feed);
void feed_join(struct feed *feed); /* frees it */
void feed_refresh(struct feed *feed);
void feed_set_visible(struct feed *feed, bool visible);
void feed_set_paused(struct feed *feed, bool paused);
enum feed_state feed_state(struct feed *feed);
int64_t feed_interval(const struct feed *feed); /* 0: fetches only when asked */
/* For fetch: the cancel token to hand to calls (set by stop and by a new refresh with other arguments), and growing
 * results. */
const struct cancel *feed_cancel(struct feed *feed);
void feed_publish_partial(struct feed *feed, struct snap *snap);
/* Ends the running fetch and starts a new one at once (the arguments in context changed). */
void feed_restart(struct feed *feed);
#endif
