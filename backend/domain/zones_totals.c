/* The totals feed: chooses the bucket, lists it in parallel, publishes growing sums and the bucket's flags. Feed
 * thread. */
#include "backend/base/clock.h"
#include "backend/domain/listing.h"
#include "backend/domain/zones_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOTALS_ARENA = 64 * 1024 * 1024, BUCKETS_ARENA = 16 * 1024 * 1024, FLAGS_FRESH_MS = 5 * 60 * 1000, CALM = 10 };
/* The pipeline's own zones stand first, in the order in which data flows. */
static const char *const pipeline_zones[] = {"raw/", "features/", "curated/", "models/", "query_results/"};
enum { PIPELINE_ZONES = sizeof pipeline_zones / sizeof pipeline_zones[0] };

/* --- which bucket --- */

static void choose(const struct s3_buckets *buckets, const char *configured, char bucket[64])
{
    const char *chosen = "";
    if (*configured)
        chosen = configured;
    else if (buckets->count == 1)
        chosen = buckets->items[0].name;
    for (size_t i = 0; i < buckets->count && !*chosen; i++)
        if (strncmp(buckets->items[i].name, "lake", 4) == 0)
            chosen = buckets->items[i].name;
    snprintf(bucket, 64, "%s", chosen);
}

bool zones_choose_bucket(struct session *session, const struct cancel *cancel, char bucket[64], struct err *err)
{
    const char *configured = session_config(session)->bucket;
    struct s3_buckets buckets = {0};
    if (*configured) {
        choose(&buckets, configured, bucket);
        return true;
    }
    struct aws *aws = session_connect(session, cancel, err);
    if (!aws)
        return false;
    struct arena *arena = arena_new(BUCKETS_ARENA);
    bool ok = s3_list_buckets(aws, cancel, arena, &buckets, err);
    if (ok)
        choose(&buckets, configured, bucket);
    arena_free(arena);
    return ok;
}

static struct snap *fetch_buckets(struct zones *zones, struct aws *aws, struct feed *feed, struct err *err)
{
    struct snap *snap = snap_new(BUCKETS_ARENA);
    struct s3_buckets buckets;
    struct zones_view *view = ARENA_NEW(snap->arena, struct zones_view);
    if (!s3_list_buckets(aws, feed_cancel(feed), snap->arena, &buckets, err)) {
        snap_put(snap);
        return NULL;
    }
    struct bucket_row *rows = buckets.count ? ARENA_ARRAY(snap->arena, struct bucket_row, buckets.count) : NULL;
    for (size_t i = 0; rows && i < buckets.count; i++)
        rows[i] = (struct bucket_row){.name = buckets.items[i].name, .created_ms = buckets.items[i].created_ms};
    *view = (struct zones_view){.bucket = "",
                                .buckets = rows,
                                .bucket_count = rows ? buckets.count : 0,
                                .all = {.is_complete = true},
                                .flags = {.orphan_uploads = -1},
                                .curated_behind_ms = INT64_MIN};
    zones_stamp(zones, snap, view, 1);
    return snap;
}

/* --- the view of a listing --- */
struct totals_run {
    struct zones *zones;
    struct feed *feed;
    const char *bucket;
    int64_t started_ms;
    bool shows_partial; /* nothing complete is on show yet: growing sums are better than nothing */
    bool is_listing;
    int64_t shown_calls; /* of the sums published last */
    bool is_guessed;     /* the first level may not be listed: the pipeline's own zones were tried */
};

static struct zone_totals totals_of(const struct listing_sum *sum, bool is_complete)
{
    return (struct zone_totals){.objects = sum->objects,
                                .bytes = sum->bytes,
                                .small = sum->small,
                                .newest_ms = sum->newest_ms,
                                .is_complete = is_complete};
}

static void add_totals(struct zone_totals *all, const struct zone_totals *one)
{
    all->objects += one->objects;
    all->bytes += one->bytes;
    all->small += one->small;
    if (one->newest_ms > all->newest_ms)
        all->newest_ms = one->newest_ms;
    all->is_complete = all->is_complete && one->is_complete;
}

static void add_children(struct arena *arena, const struct listing_zone *zone, struct zone_row *row)
{
    struct zone_row *children = zone->child_count ? ARENA_ARRAY(arena, struct zone_row, zone->child_count) : NULL;
    for (size_t i = 0; children && i < zone->child_count; i++) {
        const struct listing_child *child = &zone->children[i];
        if (!*child->name && zone->child_count == 1)
            break; /* files only: nothing to open */
        children[row->child_count++] =
            (struct zone_row){.name = *child->name ? arena_strdup(arena, child->name) : "(files)",
                              .bucket = row->bucket,
                              .prefix = arena_printf(arena, "%s%s", zone->prefix, child->name),
                              .totals = totals_of(&child->sum, zone->is_complete)};
    }
    row->children = row->child_count ? children : NULL;
}

static int zone_rank(const char *prefix)
{
    for (int i = 0; i < PIPELINE_ZONES; i++)
        if (strcmp(prefix, pipeline_zones[i]) == 0)
            return i;
    return *prefix ? PIPELINE_ZONES : PIPELINE_ZONES + 1;
}

static int compare_zones(const void *a, const void *b)
{
    const struct zone_row *left = a, *right = b;
    int order = zone_rank(left->prefix) - zone_rank(right->prefix);
    return order ? order : strcmp(left->prefix, right->prefix);
}

/* A prefix that was only guessed, since the first level may not be listed, is shown when there is something to say. */
static bool is_worth_a_row(const struct listing_zone *zone, bool is_guessed)
{
    return !is_guessed || zone->sum.objects || (zone->err.code && zone->err.code != ERR_NOT_FOUND);
}

static const struct zone_row *find_zone(const struct zones_view *view, const char *prefix)
{
    for (size_t i = 0; i < view->zone_count; i++)
        if (strcmp(view->zones[i].prefix, prefix) == 0)
            return &view->zones[i];
    return NULL;
}

static int64_t curated_behind(const struct zones_view *view)
{
    const struct zone_row *raw = find_zone(view, "raw/"), *curated = find_zone(view, "curated/");
    if (!raw || !curated || !raw->totals.is_complete || !curated->totals.is_complete || !raw->totals.newest_ms ||
        !curated->totals.newest_ms)
        return INT64_MIN;
    return raw->totals.newest_ms - curated->totals.newest_ms;
}

static struct snap *make_view(const struct totals_run *run, const struct listing *listing)
{
    struct snap *snap = snap_new(TOTALS_ARENA);
    struct arena *arena = snap->arena;
    struct zones_view *view = ARENA_NEW(arena, struct zones_view);
    size_t count = listing_count(listing);
    struct zone_row *rows = count ? ARENA_ARRAY(arena, struct zone_row, count) : NULL;
    *view =
        (struct zones_view){.bucket = arena_strdup(arena, run->bucket), .zones = rows, .all = {.is_complete = true}};
    for (size_t i = 0; i < count; i++) {
        const struct listing_zone *zone = listing_zone(listing, i);
        if (!is_worth_a_row(zone, run->is_guessed))
            continue;
        struct zone_row *row = &rows[view->zone_count++];
        *row = (struct zone_row){.bucket = view->bucket,
                                 .prefix = arena_strdup(arena, zone->prefix),
                                 .totals = totals_of(&zone->sum, zone->is_complete),
                                 .err = zone->err};
        row->name = *row->prefix ? row->prefix : "(root)";
        add_children(arena, zone, row);
        add_totals(&view->all, &row->totals);
    }
    view->all.is_complete = view->all.is_complete && !run->is_listing && !run->is_guessed;
    if (view->zone_count)
        qsort(rows, view->zone_count, sizeof *rows, compare_zones);
    int64_t took_ms = clock_mono(&clock_system) - run->started_ms;
    view->curated_behind_ms = curated_behind(view);
    view->listed_calls = listing_calls(listing);
    view->listed_per_s = listing_objects(listing) * 1000 / (took_ms > 0 ? took_ms : 1);
    view->is_listing = run->is_listing;
    view->flags = run->zones->flags;
    zones_stamp(run->zones, snap, view, (int)view->listed_calls);
    return snap;
}

static void publish_growing(void *context, const struct listing *listing)
{
    struct totals_run *run = context;
    bool has_grown = listing_calls(listing) != run->shown_calls;
    run->shown_calls = listing_calls(listing);
    if (run->shows_partial && has_grown)
        feed_publish_partial(run->feed, make_view(run, listing));
}

/* --- the fetch --- */

static bool list_guessed(struct listing *listing, struct err *err)
{
    for (int i = 0; i < PIPELINE_ZONES; i++)
        if (!listing_add(listing, pipeline_zones[i], err))
            return false;
    return listing_run(listing, err);
}

/* False when nothing is allowed at all: then the first refusal is the whole truth. */
static bool has_something(const struct listing *listing)
{
    for (size_t i = 0; i < listing_count(listing); i++)
        if (listing_zone(listing, i)->sum.objects)
            return true;
    return false;
}

static void refresh_flags(struct zones *zones, struct aws *aws, const char *bucket, struct feed *feed)
{
    int64_t now_ms = clock_mono(&clock_system);
    bool is_same = strcmp(zones->flags_bucket, bucket) == 0;
    if (is_same && zones->flags_ms && now_ms - zones->flags_ms < FLAGS_FRESH_MS)
        return;
    struct bucket_flags flags;
    char name[CONFIG_NAME], account[CONFIG_NAME], region[CONFIG_NAME];
    session_identity(zones->session, name, account, region, sizeof name);
    zones_ask_flags(aws, bucket, account, feed_cancel(feed), &flags);
    if (cancel_is_set(feed_cancel(feed)))
        return;
    zones->flags = flags;
    zones->flags_ms = now_ms;
    snprintf(zones->flags_bucket, sizeof zones->flags_bucket, "%s", bucket);
}

static struct snap *fetch_zones(struct zones *zones, struct aws *aws, const char *bucket, struct feed *feed,
                                struct err *err)
{
    struct totals_run run = {.zones = zones,
                             .feed = feed,
                             .bucket = bucket,
                             .started_ms = clock_mono(&clock_system),
                             .shows_partial = strcmp(zones->complete_bucket, bucket) != 0,
                             .is_listing = true};
    struct listing_options options = {.source = listing_source_s3(aws),
                                      .bucket = bucket,
                                      .cancel = feed_cancel(feed),
                                      .small_bytes = ZONE_SMALL_BYTES,
                                      .progress = publish_growing,
                                      .context = &run};
    struct listing *listing = listing_new(&options);
    struct err denied = ERR_NONE;
    bool ok = listing_discover(listing, &denied);
    run.is_guessed = !ok && denied.code == ERR_DENIED;
    if (strcmp(zones->flags_bucket, bucket) != 0)
        zones->flags = (struct bucket_flags){.orphan_uploads = -1};
    if (ok)
        ok = listing_run(listing, &denied);
    else if (run.is_guessed)
        ok = list_guessed(listing, err) && has_something(listing);
    if (ok)
        refresh_flags(zones, aws, bucket, feed);
    run.is_listing = false;
    struct snap *snap = ok ? make_view(&run, listing) : NULL;
    if (!ok)
        *err = denied;
    else if (((const struct zones_view *)snap->value)->all.is_complete)
        snprintf(zones->complete_bucket, sizeof zones->complete_bucket, "%s", bucket);
    listing_free(listing);
    zones_set_interval(zones, &zones->totals, clock_mono(&clock_system) - run.started_ms, CALM);
    return snap;
}

/* Nothing of the bucket that is asked for, and why, when what is on show is another one. */
static struct snap *failed_totals(struct zones *zones, const char *bucket, const struct err *err)
{
    const struct snap *shown = snap_slot_get(zones->totals.slot);
    const struct zones_view *before = shown ? shown->value : NULL;
    bool is_other = before && strcmp(before->bucket, bucket) != 0;
    snap_put(shown);
    if (!is_other || err->code == ERR_CANCELLED)
        return NULL;
    struct snap *snap = snap_new(TOTALS_ARENA);
    struct zones_view *view = ARENA_NEW(snap->arena, struct zones_view);
    *view = (struct zones_view){
        .bucket = arena_strdup(snap->arena, bucket), .flags = {.orphan_uploads = -1}, .curated_behind_ms = INT64_MIN};
    zones_stamp(zones, snap, view, 1);
    snap->err = *err;
    return snap;
}

struct snap *zones_fetch_totals(struct feed *feed, void *context, struct err *err)
{
    struct zones *zones = context;
    char bucket[64];
    struct aws *aws = session_connect(zones->session, feed_cancel(feed), err);
    if (!aws)
        return NULL;
    pthread_mutex_lock(&zones->lock);
    bool is_set = zones->bucket_is_set;
    snprintf(bucket, sizeof bucket, "%s", zones->bucket);
    pthread_mutex_unlock(&zones->lock);
    if (!is_set && !zones_choose_bucket(zones->session, feed_cancel(feed), bucket, err))
        return NULL;
    struct snap *snap = *bucket ? fetch_zones(zones, aws, bucket, feed, err) : fetch_buckets(zones, aws, feed, err);
    return snap ? snap : failed_totals(zones, bucket, err);
}
