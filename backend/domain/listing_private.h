/* What the listing*.c files share: the state of one listing, guarded by its lock, and the steps of a worker. */
#ifndef WEIR_DOMAIN_LISTING_PRIVATE_H
#define WEIR_DOMAIN_LISTING_PRIVATE_H
#include "backend/core/thread.h"
#include "backend/domain/listing.h"

enum {
    LISTING_PAGE_ARENA = 64 * 1024 * 1024,
    LISTING_QUEUE = 512, /* waiting ranges; with more nobody splits */
    LISTING_PROGRESS_MS = 250
};

/* Keys of [begin, end) of one zone. */
struct range {
    size_t zone;
    char *start_after; /* for the request; NULL: from the prefix's start */
    char *begin;       /* keys below were somebody else's; NULL: none. Guards against stores that ignore start-after */
    char *end;         /* NULL: to the prefix's end */
    int depth;
};

struct listing {
    struct listing_options options;
    char *bucket;
    pthread_mutex_t lock; /* guards all below; never held across a call */
    pthread_cond_t work;  /* a range was queued, a permit came free, or all is done */
    pthread_cond_t done;  /* for listing_run */
    struct listing_zone *zones;
    int *open;      /* ranges not finished, per zone */
    bool *is_whole; /* per zone: must not be split (order or policy forbids it) */
    size_t zone_count;
    struct range queue[LISTING_QUEUE];
    size_t queued;
    size_t next_zone; /* zones from here on have not been queued yet */
    int busy;         /* workers that hold a range */
    pthread_t threads[LISTING_IN_FLIGHT];
    int thread_count;
    bool is_over;
    int in_air, limit, peak, good;
    int64_t calls;
    bool is_adaptive;   /* hands follow the latency */
    int64_t latency_us; /* of a page, smoothed */
};

struct fold_result {
    bool passed_end;   /* a key of the next range was met: this one is complete */
    bool is_unordered; /* a key smaller than the one before it */
    bool is_foreign;   /* a key outside the prefix asked for */
    const char *last;  /* last key of the page, NULL when it was empty */
};

/* listing.c */
void *listing_grown(void *items, size_t count, size_t size); /* realloc that aborts */
void listing_range_free(struct range *range);

/* listing_fold.c: pages into sums. */
struct fold_result listing_fold_page(struct listing *listing, const struct range *range, const struct s3_page *page);
void listing_sum_object(struct listing_sum *sum, const struct s3_object *object, int64_t small_bytes);
/* Length of the first part of a key below a prefix with its slash: "orders/"; 0 for an object right there. */
size_t listing_child_len(const char *key, size_t prefix_len);

/* listing_call.c: one page; SlowDown halves what is in flight and is outlasted. */
bool listing_call_page(struct listing *listing, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                       struct err *err);
/* Under the lock: how many workers are worth having. */
int listing_hands(const struct listing *listing);

/* listing_split.c: a range that goes on, cut at the common prefixes of its remainder. */
bool listing_may_split(struct listing *listing, const struct range *range, int pages);
void listing_split(struct listing *listing, struct range *range, const struct s3_page *page);
/* This zone is not split any more: its order, its policy or its store forbids it. */
void listing_keep_whole(struct listing *listing, size_t zone);
#endif
