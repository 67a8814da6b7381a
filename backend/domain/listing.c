/* Adaptive parallel listing: tasks are key ranges of a zone, workers take them from a bounded queue, pages are folded
 * into sums at once. What splits a range is in this file; what a page is, in aws/s3_list.c. */
#include "backend/domain/listing.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/core/retry.h"
#include "backend/core/thread.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    PAGE_ARENA = 64 * 1024 * 1024,
    QUEUE_MAX = 512,      /* waiting ranges; with more nobody splits */
    SPLIT_EVERY = 8,      /* pages between two looks at whether to split, once the first said no */
    SLOW_DOWN_TRIES = 14, /* over a minute of SlowDown is outlasted */
    SPEED_UP_AFTER = 20,  /* good calls before one more may be in flight */
    PROGRESS_MS = 250,
    /* A near endpoint answers faster than pages can be read: hands beyond a few only cost memory. */
    HANDS_MIN = 4,
    PAGE_READ_US = 8000 /* about what reading a page of 1 000 keys costs; a hand more per this much latency */
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
    struct range queue[QUEUE_MAX];
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

static void range_free(struct range *range)
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
        range_free(&listing->queue[i]);
    free(listing->zones);
    free(listing->open);
    free(listing->is_whole);
    free(listing->bucket);
    pthread_cond_destroy(&listing->work);
    pthread_cond_destroy(&listing->done);
    pthread_mutex_destroy(&listing->lock);
    free(listing);
}

static void *grown(void *items, size_t count, size_t size)
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
    listing->zones = grown(listing->zones, count, sizeof *listing->zones);
    listing->open = grown(listing->open, count, sizeof *listing->open);
    listing->is_whole = grown(listing->is_whole, count, sizeof *listing->is_whole);
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

/* --- folding --- */

static void sum_add(struct listing_sum *to, const struct listing_sum *from)
{
    to->objects += from->objects;
    to->bytes += from->bytes;
    to->small += from->small;
    if (from->newest_ms > to->newest_ms)
        to->newest_ms = from->newest_ms;
}

static void sum_object(struct listing_sum *sum, const struct s3_object *object, int64_t small_bytes)
{
    bool is_marker = object->bytes == 0 && object->key_len && object->key[object->key_len - 1] == '/';
    sum->objects++;
    sum->bytes += object->bytes;
    if (is_marker)
        return;
    sum->small += object->bytes < small_bytes;
    if (object->modified_ms > sum->newest_ms)
        sum->newest_ms = object->modified_ms;
}

static int compare_name(const char *name, const char *bytes, size_t len)
{
    int order = strncmp(name, bytes, len);
    return order ? order : (int)(unsigned char)name[len];
}

/* The zone's row of that name, made when there is room; NULL when there is not. */
static struct listing_child *child_of(struct listing_zone *zone, const char *name, size_t len)
{
    size_t low = 0, high = zone->child_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = compare_name(zone->children[middle].name, name, len);
        if (order == 0)
            return &zone->children[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (zone->child_count == LISTING_CHILDREN)
        return NULL;
    if (!zone->children)
        zone->children = grown(NULL, LISTING_CHILDREN, sizeof *zone->children);
    memmove(zone->children + low + 1, zone->children + low, (zone->child_count - low) * sizeof *zone->children);
    zone->child_count++;
    zone->children[low] = (struct listing_child){.name = strndup(name, len)};
    return &zone->children[low];
}

static void fold(struct listing *listing, size_t index, const char *name, size_t len, const struct listing_sum *sum)
{
    if (!sum->objects)
        return;
    pthread_mutex_lock(&listing->lock);
    struct listing_zone *zone = &listing->zones[index];
    struct listing_child *child = child_of(zone, name, len);
    sum_add(&zone->sum, sum);
    if (child)
        sum_add(&child->sum, sum);
    pthread_mutex_unlock(&listing->lock);
}

/* Length of the first part of a key below a prefix with its slash: "orders/"; 0 for an object right there. */
static size_t child_len(const char *key, size_t prefix_len)
{
    const char *slash = strlen(key) >= prefix_len ? strchr(key + prefix_len, '/') : NULL;
    return slash ? (size_t)(slash - key) + 1 - prefix_len : 0;
}

struct fold_result {
    bool passed_end;   /* a key of the next range was met: this one is complete */
    bool is_unordered; /* a key smaller than the one before it */
    bool is_foreign;   /* a key outside the prefix asked for */
    const char *last;  /* last key of the page, NULL when it was empty */
};

static struct fold_result fold_page(struct listing *listing, const struct range *range, const struct s3_page *page)
{
    struct fold_result result = {0};
    struct listing_sum sum = {0};
    const char *child = "", *prefix = listing->zones[range->zone].prefix;
    size_t len = 0, prefix_len = strlen(prefix);
    for (size_t i = 0; i < page->object_count && !result.passed_end; i++) {
        const struct s3_object *object = &page->objects[i];
        result.is_foreign |= strncmp(object->key, prefix, prefix_len) != 0;
        if (result.is_foreign)
            break;
        result.is_unordered |= result.last && strcmp(object->key, result.last) < 0;
        result.last = object->key;
        result.passed_end = range->end && strcmp(object->key, range->end) >= 0;
        if (result.passed_end || (range->begin && strcmp(object->key, range->begin) < 0))
            continue;
        size_t next_len = child_len(object->key, prefix_len);
        const char *next = object->key + prefix_len;
        if (next_len != len || memcmp(next, child, len) != 0) {
            fold(listing, range->zone, child, len, &sum);
            sum = (struct listing_sum){0};
            child = next;
            len = next_len;
        }
        sum_object(&sum, object, listing->options.small_bytes);
    }
    fold(listing, range->zone, child, len, &sum);
    return result;
}

/* --- calls --- */

static bool take_permit(struct listing *listing)
{
    pthread_mutex_lock(&listing->lock);
    while (listing->in_air >= listing->limit && !cancel_is_set(listing->options.cancel))
        thread_wait(&listing->work, &listing->lock, clock_mono(&clock_system) + PROGRESS_MS);
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
static int hands(const struct listing *listing)
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
static bool call_page(struct listing *listing, const struct s3_list *list, struct arena *arena, struct s3_page *page,
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
        if (!retry_sleep(listing->options.cancel, wait_ms))
            return err_set(err, ERR_CANCELLED, "listing %s: cancelled", listing->bucket);
        if (wait_ms < 40 * listing->options.slow_down_ms)
            wait_ms *= 2;
    }
}

/* --- splitting --- */

static bool push(struct listing *listing, struct range range)
{
    bool ok = false;
    pthread_mutex_lock(&listing->lock);
    if (listing->queued < QUEUE_MAX && listing->zones[range.zone].err.code == ERR_OK) {
        listing->queue[listing->queued++] = range;
        listing->open[range.zone]++;
        ok = true;
        pthread_cond_signal(&listing->work);
        pthread_cond_signal(&listing->done); /* listing_run hires */
    }
    pthread_mutex_unlock(&listing->lock);
    return ok;
}

static bool may_split(struct listing *listing, const struct range *range, int pages)
{
    if (range->depth >= LISTING_DEPTH || listing->options.fan_out < 2 || (pages > 1 && pages % SPLIT_EVERY != 0))
        return false;
    pthread_mutex_lock(&listing->lock);
    bool has_room = listing->queued + (size_t)listing->options.fan_out < QUEUE_MAX;
    bool has_idle = listing->queued + (size_t)listing->busy < (size_t)hands(listing);
    bool is_whole = listing->is_whole[range->zone];
    pthread_mutex_unlock(&listing->lock);
    return has_room && has_idle && !is_whole;
}

static void keep_whole(struct listing *listing, size_t zone)
{
    pthread_mutex_lock(&listing->lock);
    listing->is_whole[zone] = true;
    pthread_mutex_unlock(&listing->lock);
}

/* Length of the deepest directory that holds all that is left: of the zone, or common to the last key and the end. */
static size_t common_dir(const char *zone, const char *last, const char *end)
{
    size_t dir = strlen(zone);
    for (size_t i = dir; end && last[i] && last[i] == end[i]; i++)
        if (last[i] == '/')
            dir = i + 1;
    return dir;
}

/* How many children of that directory the page shows. */
static size_t count_children(const struct s3_page *page, const char *dir, size_t dir_len)
{
    size_t count = 0, len = 0;
    const char *before = "";
    for (size_t i = 0; i < page->object_count; i++) {
        const char *key = page->objects[i].key;
        if (strncmp(key, dir, dir_len) != 0)
            continue;
        size_t next = child_len(key, dir_len);
        if (next && (next != len || memcmp(key + dir_len, before, len) != 0))
            count++;
        before = key + dir_len;
        len = next;
    }
    return count;
}

/* Cuts the rest of *range at some of the prefixes found: the first piece stays with the caller, the others are queued.
 */
static bool cut(struct listing *listing, struct range *range, const struct s3_prefix *prefixes, size_t count,
                size_t pieces)
{
    char *end = range->end;
    bool is_cut = false;
    for (size_t piece = pieces; piece >= 1;
         piece--) { /* from the last, so that each piece ends where the next begins */
        const char *begin = prefixes[(piece - 1) * count / pieces].name;
        struct range part = {.zone = range->zone, .depth = range->depth + 1, .begin = strdup(begin), .end = end};
        part.start_after = strdup(begin);
        part.start_after[strlen(begin) - 1] = '.'; /* the character before '/': the key "dir/" itself is not missed */
        if (!push(listing, part)) {
            free(part.begin);
            free(part.start_after);
            break;
        }
        end = strdup(begin);
        is_cut = true;
    }
    range->end = end;
    range->depth++;
    return is_cut;
}

/* What cut() relies on: names below dir that end in a slash, in order. */
static bool are_children(const struct s3_page *page, const char *dir)
{
    size_t dir_len = strlen(dir);
    for (size_t i = 0; i < page->prefix_count; i++) {
        const struct s3_prefix *prefix = &page->prefixes[i];
        size_t len = strlen(prefix->name);
        if (len <= dir_len || strncmp(prefix->name, dir, dir_len) != 0 || prefix->name[len - 1] != '/' ||
            (i && strcmp(page->prefixes[i - 1].name, prefix->name) >= 0))
            return false;
    }
    return true;
}

/* Looks at the common prefixes after the last key, going down while all that is left is inside one of them. */
static void split(struct worker *worker, struct range *range, const struct s3_page *page)
{
    struct listing *listing = worker->listing;
    const char *last = page->objects[page->object_count - 1].key;
    size_t dir_len = common_dir(listing->zones[range->zone].prefix, last, range->end);
    struct arena *arena = arena_new(PAGE_ARENA);
    for (int level = 0; level < LISTING_DEPTH; level++) {
        size_t own_len = child_len(last, dir_len), shown = count_children(page, last, dir_len);
        char dir[S3_KEY_MAX + 1];
        if (!own_len || dir_len > S3_KEY_MAX)
            break; /* a leaf: part files only, a flat listing is the quickest */
        snprintf(dir, sizeof dir, "%.*s", (int)dir_len, last);
        struct s3_list list = {.bucket = listing->bucket,
                               .prefix = dir,
                               .delimiter = "/",
                               .start_after = last,
                               .max_keys = listing->options.page_keys,
                               .cancel = listing->options.cancel};
        struct s3_page found;
        struct err err;
        if (!call_page(listing, &list, arena, &found, &err)) {
            if (err.code == ERR_DENIED) /* a policy for exactly the given prefix: go on flat */
                keep_whole(listing, range->zone);
            break;
        }
        size_t first = 0, count = found.prefix_count;
        while (first < count && strcmp(found.prefixes[first].name, last) <= 0)
            first++; /* the child that holds the last key; more than that one: the store ignored start-after */
        if (first > 1 || !are_children(&found, dir)) {
            keep_whole(listing, range->zone);
            break;
        }
        while (count > first && range->end && strcmp(found.prefixes[count - 1].name, range->end) >= 0)
            count--;
        count -= first;
        size_t pieces = shown > 1 ? count / shown : count; /* each piece worth at least a page */
        if (pieces >= (size_t)listing->options.fan_out)
            pieces = (size_t)listing->options.fan_out - 1;
        if (pieces) {
            cut(listing, range, found.prefixes + first, count, pieces);
            break;
        }
        if (count)
            break; /* many small children: a flat listing is the quickest */
        dir_len += own_len;
    }
    arena_free(arena);
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
        if (!call_page(listing, &list, worker->arena, &page, err))
            return false;
        struct fold_result result = fold_page(listing, range, &page);
        if (result.is_foreign)
            return err_set(err, ERR_PROTOCOL, "listing %s/%.100s: the endpoint gave keys outside that prefix",
                           list.bucket, list.prefix);
        if (result.is_unordered && (range->begin || range->end))
            return err_set(err, ERR_PROTOCOL, "listing %s/%.100s: the endpoint's keys are not in order", list.bucket,
                           list.prefix);
        bool ignores_start = result.last && range->begin && strcmp(result.last, range->begin) < 0;
        if (result.is_unordered || ignores_start)
            keep_whole(listing, range->zone);
        if (result.passed_end || !page.is_truncated)
            return true;
        if (result.last && may_split(listing, range, pages))
            split(worker, range, &page);
        if (!next_page(worker, &list, &page, &guard, err))
            return false;
    }
}

static void queue_zones(struct listing *listing)
{
    while (listing->next_zone < listing->zone_count && listing->queued < QUEUE_MAX) {
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
    range_free(range);
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
    struct worker worker = {.listing = context, .arena = arena_new(PAGE_ARENA)};
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
    while (listing->thread_count < hands(listing) &&
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
    int64_t next_ms = clock_mono(&clock_system) + PROGRESS_MS;
    pthread_mutex_lock(&listing->lock);
    queue_zones(listing);
    listing->is_over = all_done(listing);
    while (!listing->is_over && (ok = hire(listing, err))) {
        thread_wait(&listing->done, &listing->lock, next_ms);
        if (clock_mono(&clock_system) < next_ms)
            continue;
        next_ms = clock_mono(&clock_system) + PROGRESS_MS;
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
        sum_object(root, &page->objects[i], listing->options.small_bytes);
    for (size_t i = 0; i < page->prefix_count; i++)
        if (!listing_add(listing, page->prefixes[i].name, err))
            return false;
    return true;
}

bool listing_discover(struct listing *listing, struct err *err)
{
    struct worker worker = {.listing = listing, .arena = arena_new(PAGE_ARENA)};
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
        ok = call_page(listing, &list, worker.arena, &page, &own) && discover_page(listing, &page, &root, &own);
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
