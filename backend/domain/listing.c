/* Adaptive parallel listing: tasks are key ranges of a zone, workers take them from a bounded queue. How a page is got
 * is in listing_call.c, how it becomes sums in listing_fold.c, what splits a range in listing_split.c. */
#include "backend/base/clock.h"
#include "backend/domain/listing_private.h"
#include <stdlib.h>
#include <string.h>

/* One worker's hands. */
struct worker {
    struct listing *listing;
    struct arena *arena;     /* of the present page */
    struct arena *tokens[2]; /* take turns holding the token in use */
    int turn;
};

struct listing *listing_new(const struct listing_options *options)
{
    struct listing *listing = calloc(1, sizeof *listing);
    if (!listing)
        abort();
    listing->options = *options;
    listing->bucket = strdup(options->bucket);
    listing->is_adaptive = options->in_flight <= 0;
    if (options->in_flight <= 0 || options->in_flight > LISTING_IN_FLIGHT)
        listing->options.in_flight = LISTING_IN_FLIGHT;
    if (options->fan_out <= 0 || options->fan_out > LISTING_FAN_OUT)
        listing->options.fan_out = LISTING_FAN_OUT;
    if (options->page_keys <= 0)
        listing->options.page_keys = S3_PAGE_KEYS;
    if (options->small_bytes <= 0)
        listing->options.small_bytes = 128 * 1024 * 1024;
    if (options->slow_down_ms <= 0)
        listing->options.slow_down_ms = 250;
    listing->limit = listing->options.in_flight;
    pthread_mutex_init(&listing->lock, NULL);
    thread_cond_init(&listing->work);
    thread_cond_init(&listing->done);
    return listing;
}

void listing_range_free(struct range *range)
{
    free(range->start_after);
    free(range->begin);
    free(range->end);
}

void listing_free(struct listing *listing)
{
    if (!listing)
        return;
    for (size_t i = 0; i < listing->zone_count; i++) {
        struct listing_zone *zone = &listing->zones[i];
        for (size_t k = 0; k < zone->child_count; k++)
            free(zone->children[k].name);
        free(zone->children);
        free(zone->prefix);
    }
    for (size_t i = 0; i < listing->queued; i++)
        listing_range_free(&listing->queue[i]);
    free(listing->zones);
    free(listing->open);
    free(listing->is_whole);
    free(listing->bucket);
    pthread_cond_destroy(&listing->work);
    pthread_cond_destroy(&listing->done);
    pthread_mutex_destroy(&listing->lock);
    free(listing);
}

void *listing_grown(void *items, size_t count, size_t size)
{
    void *more = realloc(items, count * size);
    if (!more)
        abort();
    return more;
}

/* S3 Express directory buckets list in no order: "Differences for directory buckets", S3 User Guide. */
static bool is_directory_bucket(const char *bucket)
{
    static const char end[] = "--x-s3";
    size_t len = strlen(bucket);
    return len > sizeof end && strcmp(bucket + len - (sizeof end - 1), end) == 0;
}

bool listing_add(struct listing *listing, const char *prefix, struct err *err)
{
    if (listing->zone_count == LISTING_ZONES)
        return err_set(err, ERR_TOO_LARGE, "%s: more than %d prefixes at the first level", listing->bucket,
                       LISTING_ZONES);
    size_t count = listing->zone_count + 1;
    listing->zones = listing_grown(listing->zones, count, sizeof *listing->zones);
    listing->open = listing_grown(listing->open, count, sizeof *listing->open);
    listing->is_whole = listing_grown(listing->is_whole, count, sizeof *listing->is_whole);
    listing->zones[count - 1] = (struct listing_zone){.prefix = strdup(prefix)};
    listing->open[count - 1] = 0;
    listing->is_whole[count - 1] = is_directory_bucket(listing->bucket);
    listing->zone_count = count;
    return true;
}

size_t listing_count(const struct listing *listing)
{
    return listing->zone_count;
}

const struct listing_zone *listing_zone(const struct listing *listing, size_t index)
{
    return index < listing->zone_count ? &listing->zones[index] : NULL;
}

int64_t listing_calls(const struct listing *listing)
{
    return listing->calls;
}

int64_t listing_objects(const struct listing *listing)
{
    int64_t sum = 0;
    for (size_t i = 0; i < listing->zone_count; i++)
        sum += listing->zones[i].sum.objects;
    return sum;
}

int listing_peak(const struct listing *listing)
{
    return listing->peak;
}

int listing_limit(const struct listing *listing)
{
    return listing->limit;
}

/* --- workers --- */

static void zone_failed(struct listing *listing, size_t index, const struct err *err)
{
    pthread_mutex_lock(&listing->lock);
    if (listing->zones[index].err.code == ERR_OK)
        listing->zones[index].err = *err;
    pthread_mutex_unlock(&listing->lock);
}

static bool zone_is_lost(struct listing *listing, size_t index)
{
    pthread_mutex_lock(&listing->lock);
    enum err_code code = listing->zones[index].err.code;
    pthread_mutex_unlock(&listing->lock);
    return code == ERR_DENIED || code == ERR_NOT_FOUND || code == ERR_CANCELLED || code == ERR_PROTOCOL;
}

static bool next_page(struct worker *worker, struct s3_list *list, const struct s3_page *page,
                      struct s3_token_guard *guard, struct err *err)
{
    struct arena *keep = worker->tokens[worker->turn ^= 1];
    arena_reset(keep);
    list->token = arena_strdup(keep, page->token);
    list->start_after = NULL;
    if (!list->token || s3_token_guard_seen(guard, list->token))
        return err_set(err, ERR_PROTOCOL, "listing %s/%.100s: the endpoint's tokens go round in a circle, stopped",
                       list->bucket, list->prefix);
    return true;
}

static bool list_range(struct worker *worker, struct range *range, struct err *err)
{
    struct listing *listing = worker->listing;
    struct s3_token_guard guard = {0};
    struct s3_list list = {.bucket = listing->bucket,
                           .prefix = listing->zones[range->zone].prefix,
                           .start_after = range->start_after,
                           .max_keys = listing->options.page_keys,
                           .cancel = listing->options.cancel};
    for (int pages = 1;; pages++) {
        struct s3_page page;
        if (zone_is_lost(listing, range->zone))
            return true;
        if (!listing_call_page(listing, &list, worker->arena, &page, err))
            return false;
        struct fold_result result = listing_fold_page(listing, range, &page);
        if (result.is_foreign)
            return err_set(err, ERR_PROTOCOL, "listing %s/%.100s: the endpoint gave keys outside that prefix",
                           list.bucket, list.prefix);
        if (result.is_unordered && (range->begin || range->end))
            return err_set(err, ERR_PROTOCOL, "listing %s/%.100s: the endpoint's keys are not in order", list.bucket,
                           list.prefix);
        bool ignores_start = result.last && range->begin && strcmp(result.last, range->begin) < 0;
        if (result.is_unordered || ignores_start)
            listing_keep_whole(listing, range->zone);
        if (result.passed_end || !page.is_truncated)
            return true;
        if (result.last && listing_may_split(listing, range, pages))
            listing_split(listing, range, &page);
        if (!next_page(worker, &list, &page, &guard, err))
            return false;
    }
}

static void queue_zones(struct listing *listing)
{
    while (listing->next_zone < listing->zone_count && listing->queued < LISTING_QUEUE) {
        size_t zone = listing->next_zone++;
        if (listing->zones[zone].is_complete || listing->zones[zone].err.code)
            continue;
        listing->queue[listing->queued++] = (struct range){.zone = zone};
        listing->open[zone]++;
    }
}

static bool all_done(const struct listing *listing)
{
    return !listing->busy && !listing->queued && listing->next_zone == listing->zone_count;
}

static void finish_range(struct listing *listing, struct range *range)
{
    pthread_mutex_lock(&listing->lock);
    listing->busy--;
    struct listing_zone *zone = &listing->zones[range->zone];
    if (--listing->open[range->zone] == 0)
        zone->is_complete = zone->err.code == ERR_OK;
    queue_zones(listing);
    if (all_done(listing)) {
        listing->is_over = true;
        pthread_cond_broadcast(&listing->work);
        pthread_cond_broadcast(&listing->done);
    }
    pthread_mutex_unlock(&listing->lock);
    listing_range_free(range);
}

/* Takes the oldest range; false when all is done. */
static bool take(struct listing *listing, struct range *range)
{
    bool ok = false;
    pthread_mutex_lock(&listing->lock);
    while (!listing->queued && !listing->is_over)
        thread_wait(&listing->work, &listing->lock, THREAD_FOREVER);
    if (!listing->is_over) {
        *range = listing->queue[0];
        listing->queued--;
        memmove(listing->queue, listing->queue + 1, listing->queued * sizeof *range);
        listing->busy++;
        ok = true;
    }
    pthread_mutex_unlock(&listing->lock);
    return ok;
}

static void *work(void *context)
{
    struct worker worker = {.listing = context, .arena = arena_new(LISTING_PAGE_ARENA)};
    struct range range;
    worker.tokens[0] = arena_new(64 * 1024);
    worker.tokens[1] = arena_new(64 * 1024);
    while (take(worker.listing, &range)) {
        struct err err = ERR_NONE;
        if (!list_range(&worker, &range, &err))
            zone_failed(worker.listing, range.zone, &err);
        finish_range(worker.listing, &range);
    }
    arena_free(worker.arena);
    arena_free(worker.tokens[0]);
    arena_free(worker.tokens[1]);
    return NULL;
}

/* Threads come as there is work for them: a small lake needs one. */
static bool hire(struct listing *listing, struct err *err)
{
    while (listing->thread_count < listing_hands(listing) &&
           (size_t)listing->thread_count < listing->queued + (size_t)listing->busy) {
        if (!thread_start(&listing->threads[listing->thread_count], "listing", work, listing, err))
            return listing->thread_count > 0;
        listing->thread_count++;
    }
    return true;
}

bool listing_run(struct listing *listing, struct err *err)
{
    bool ok = true;
    int64_t next_ms = clock_mono(&clock_system) + LISTING_PROGRESS_MS;
    pthread_mutex_lock(&listing->lock);
    queue_zones(listing);
    listing->is_over = all_done(listing);
    while (!listing->is_over && (ok = hire(listing, err))) {
        thread_wait(&listing->done, &listing->lock, next_ms);
        if (clock_mono(&clock_system) < next_ms)
            continue;
        next_ms = clock_mono(&clock_system) + LISTING_PROGRESS_MS;
        if (listing->options.progress)
            listing->options.progress(listing->options.context, listing);
    }
    listing->is_over = true;
    pthread_cond_broadcast(&listing->work);
    pthread_mutex_unlock(&listing->lock);
    for (int i = 0; i < listing->thread_count; i++)
        pthread_join(listing->threads[i], NULL);
    listing->thread_count = 0;
    if (cancel_is_set(listing->options.cancel))
        return err_set(err, ERR_CANCELLED, "listing %s: cancelled", listing->bucket);
    return ok;
}

/* --- the first level --- */

static bool discover_page(struct listing *listing, const struct s3_page *page, struct listing_sum *root,
                          struct err *err)
{
    for (size_t i = 0; i < page->object_count; i++)
        listing_sum_object(root, &page->objects[i], listing->options.small_bytes);
    for (size_t i = 0; i < page->prefix_count; i++)
        if (!listing_add(listing, page->prefixes[i].name, err))
            return false;
    return true;
}

bool listing_discover(struct listing *listing, struct err *err)
{
    struct worker worker = {.listing = listing, .arena = arena_new(LISTING_PAGE_ARENA)};
    struct s3_list list = {.bucket = listing->bucket,
                           .prefix = "",
                           .delimiter = "/",
                           .max_keys = listing->options.page_keys,
                           .cancel = listing->options.cancel};
    struct s3_token_guard guard = {0};
    struct listing_sum root = {0};
    struct s3_page page = {.is_truncated = true};
    struct err own = ERR_NONE;
    worker.tokens[0] = arena_new(64 * 1024);
    worker.tokens[1] = arena_new(64 * 1024);
    bool ok = true;
    while (ok && page.is_truncated) {
        ok = listing_call_page(listing, &list, worker.arena, &page, &own) && discover_page(listing, &page, &root, &own);
        if (ok && page.is_truncated)
            ok = next_page(&worker, &list, &page, &guard, &own);
    }
    if (root.objects && listing_add(listing, "", NULL)) {
        listing->zones[listing->zone_count - 1].sum = root;
        listing->zones[listing->zone_count - 1].is_complete = ok;
        listing->zones[listing->zone_count - 1].err = own;
    }
    arena_free(worker.arena);
    arena_free(worker.tokens[0]);
    arena_free(worker.tokens[1]);
    if (!ok && err)
        *err = own;
    return ok;
}
