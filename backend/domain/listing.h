/* Adaptive parallel listing that folds sums and keeps no keys: one flat page first; a prefix that goes on is split into
 * key ranges at the common prefixes of its remainder; ranges run side by side. Memory does not depend on the number of
 * objects. Blocking (feed, job or command line); its own worker threads do the calls. Source of the constants: D2 of
 * the project's rules (ClickHouse#65572, marin#8264, syq#494). */
#ifndef WEIR_DOMAIN_LISTING_H
#define WEIR_DOMAIN_LISTING_H
#include "backend/aws/s3.h"

enum {
    LISTING_IN_FLIGHT = 32,
    LISTING_FAN_OUT = 64,   /* ranges that one split makes */
    LISTING_DEPTH = 4,      /* splits within splits */
    LISTING_CHILDREN = 512, /* second-level names kept per zone; the rest is only in the zone's sum */
    LISTING_ZONES = 1000
};

struct listing_sum {
    int64_t objects, bytes, small; /* small: below options.small_bytes, folder markers left out */
    int64_t newest_ms;             /* 0: none */
};
struct listing_child { /* "orders/" below the zone's prefix; "" sums the objects directly there */
    char *name;
    struct listing_sum sum;
};
struct listing_zone {
    char *prefix;
    struct listing_sum sum;
    struct err err; /* first failure; the sum is then a lower bound */
    bool is_complete;
    struct listing_child *children; /* sorted by name */
    size_t child_count;
};

/* Where pages come from; the tests' fake stands here. Called on worker threads, many at once. */
struct listing_source {
    bool (*page)(void *context, const struct s3_list *list, struct arena *arena, struct s3_page *page, struct err *err);
    void *context;
};
/* The real one: s3_list_page of this session. */
struct listing_source listing_source_s3(struct aws *aws);

struct listing;
struct listing_options {
    struct listing_source source;
    const char *bucket;
    const struct cancel *cancel;
    int64_t small_bytes;  /* 0: 128 MiB */
    int in_flight;        /* calls at once; 0: as many as the endpoint's latency is worth, 4..LISTING_IN_FLIGHT */
    int fan_out;          /* 0: LISTING_FAN_OUT; 1: never splits */
    int page_keys;        /* 0: S3_PAGE_KEYS */
    int64_t slow_down_ms; /* first wait after SlowDown, doubled up to 40 times itself; 0: 250 */
    /* Called on the thread of listing_run at most every 250 ms, while the sums stand still. NULL: none. */
    void (*progress)(void *context, const struct listing *listing);
    void *context;
};
struct listing *listing_new(const struct listing_options *options); /* copies the bucket's name */
void listing_free(struct listing *listing);
/* One more prefix to be summed ("" = the whole bucket). False past LISTING_ZONES. */
bool listing_add(struct listing *listing, const char *prefix, struct err *err);
/* Finds the first-level prefixes and adds each; objects directly at the root become the zone with prefix "" and
 * is_complete. */
bool listing_discover(struct listing *listing, struct err *err);
/* Sums all zones. False only when cancelled or no thread could be started; what failed for a zone is in the zone. */
bool listing_run(struct listing *listing, struct err *err);
/* Inside progress, and before or after listing_run. */
size_t listing_count(const struct listing *listing);
const struct listing_zone *listing_zone(const struct listing *listing, size_t index);
int64_t listing_calls(const struct listing *listing);
int64_t listing_objects(const struct listing *listing); /* all zones */
/* The most calls that were in the air at once, and the present limit (tests, trace). */
int listing_peak(const struct listing *listing);
int listing_limit(const struct listing *listing);
#endif
