/* What the zones*.c files share: the domain's state. The wishes (which bucket, place, object) are set by the UI thread
 * and read by the feeds, under the lock; everything else belongs to its feed's thread. */
#ifndef WEIR_DOMAIN_ZONES_PRIVATE_H
#define WEIR_DOMAIN_ZONES_PRIVATE_H
#include "backend/aws/s3.h"
#include "backend/domain/session.h"
#include "backend/domain/zones.h"
#include <pthread.h>

struct place_wish {
    char bucket[64], prefix[S3_KEY_MAX + 1];
    bool with_versions;
    size_t rows;  /* wanted so far */
    bool is_more; /* only the number of rows has grown: go on where the last page ended */
};
struct object_wish {
    char bucket[64], key[S3_KEY_MAX + 1], version_id[256];
};
/* One feed with its slot and a row of its own, since its interval follows from how long a fetch takes. */
struct zones_feed {
    struct feed_ops ops;
    struct snap_slot *slot;
    struct feed *feed;
};
struct zones {
    struct session *session;
    pthread_mutex_t lock; /* guards the wishes */
    bool bucket_is_set;   /* false: choose one */
    char bucket[64];      /* set and "": the list of buckets */
    struct place_wish place;
    struct object_wish object;
    struct zones_feed totals, places, objects;
    /* totals feed only */
    char flags_bucket[64];
    struct bucket_flags flags;
    int64_t flags_ms;         /* when they were asked, monotonic; 0 never */
    char complete_bucket[64]; /* whose complete totals are on show */
    /* place feed only: where the next page starts, of which place, after how many rows (0: of none) */
    char *token, *key_marker, *version_marker;
    struct place_wish token_place;
    size_t token_rows;
};

struct zones *zones_new(struct session *session);
void zones_stop(struct zones *zones); /* signals the feeds to end */
void zones_free(struct zones *zones); /* joins them */

/* Fetches: feed threads. */
struct snap *zones_fetch_totals(struct feed *feed, void *context, struct err *err);
struct snap *zones_fetch_place(struct feed *feed, void *context, struct err *err);
struct snap *zones_fetch_object(struct feed *feed, void *context, struct err *err);
/* Stamps a snapshot: times, source, calls. */
void zones_stamp(struct zones *zones, struct snap *snap, const void *value, int calls);
/* A fetch that took this long is not repeated before `times` as long. */
void zones_set_interval(struct zones *zones, struct zones_feed *feed, int64_t took_ms, int times);
/* All settings of a bucket in one pass, each failing alone. account: "" when not known (yet). */
void zones_ask_flags(struct aws *aws, const char *bucket, const char *account, const struct cancel *cancel,
                     struct bucket_flags *flags);
#endif
