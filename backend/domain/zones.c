/* The Zones domain: its wishes and its three feeds. The set_* and want_* calls are the UI thread's and never wait; the
 * fetches are in zones_totals.c, zones_place.c and zones_object.c, the columns in zones_columns.c. */
#include "backend/base/clock.h"
#include "backend/domain/zones_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACE_ROWS = 1000, REFRESH_MIN_MS = 1000 };

static void zones_changed(void *context)
{
    session_changed(context);
}

static void feed_open(struct zones *zones, struct zones_feed *feed, const char *name,
                      struct snap *(*fetch)(struct feed *feed, void *context, struct err *err))
{
    int64_t interval_ms = session_config(zones->session)->refresh_ms;
    feed->ops.name = name;
    feed->ops.interval_ms = interval_ms > REFRESH_MIN_MS ? interval_ms : REFRESH_MIN_MS;
    feed->ops.fetch = fetch;
    feed->slot = snap_slot_new(zones_changed, zones->session);
    feed->feed = feed_start(&feed->ops, zones, feed->slot, NULL);
    if (!feed->feed) /* no thread can be had at start: nothing would ever be shown */
        abort();
}

struct zones *zones_new(struct session *session)
{
    struct zones *zones = calloc(1, sizeof *zones);
    if (!zones)
        abort();
    zones->session = session;
    zones->place.rows = PLACE_ROWS;
    pthread_mutex_init(&zones->lock, NULL);
    feed_open(zones, &zones->totals, "zones", zones_fetch_totals);
    feed_open(zones, &zones->places, "place", zones_fetch_place);
    feed_open(zones, &zones->objects, "object", zones_fetch_object);
    zones->objects.ops.interval_ms = 0; /* one look; again on refresh */
    return zones;
}

void zones_stop(struct zones *zones)
{
    feed_stop(zones->totals.feed);
    feed_stop(zones->places.feed);
    feed_stop(zones->objects.feed);
}

void zones_free(struct zones *zones)
{
    feed_join(zones->totals.feed);
    feed_join(zones->places.feed);
    feed_join(zones->objects.feed);
    snap_slot_free(zones->totals.slot);
    snap_slot_free(zones->places.slot);
    snap_slot_free(zones->objects.slot);
    pthread_mutex_destroy(&zones->lock);
    free(zones->token);
    free(zones->key_marker);
    free(zones->version_marker);
    free(zones);
}

struct snap_slot *zones_totals(struct zones *zones)
{
    return zones->totals.slot;
}

struct feed *zones_totals_feed(struct zones *zones)
{
    return zones->totals.feed;
}

struct snap_slot *zones_place(struct zones *zones)
{
    return zones->places.slot;
}

struct feed *zones_place_feed(struct zones *zones)
{
    return zones->places.feed;
}

struct snap_slot *zones_object(struct zones *zones)
{
    return zones->objects.slot;
}

struct feed *zones_object_feed(struct zones *zones)
{
    return zones->objects.feed;
}

void zones_set_bucket(struct zones *zones, const char *bucket)
{
    pthread_mutex_lock(&zones->lock);
    bool is_new = !zones->bucket_is_set || strcmp(zones->bucket, bucket) != 0;
    zones->bucket_is_set = true;
    snprintf(zones->bucket, sizeof zones->bucket, "%s", bucket);
    pthread_mutex_unlock(&zones->lock);
    if (is_new)
        feed_restart(zones->totals.feed);
}

void zones_set_place(struct zones *zones, const char *bucket, const char *prefix, bool with_versions)
{
    pthread_mutex_lock(&zones->lock);
    struct place_wish *wish = &zones->place;
    bool is_new =
        strcmp(wish->bucket, bucket) != 0 || strcmp(wish->prefix, prefix) != 0 || wish->with_versions != with_versions;
    if (is_new) {
        *wish = (struct place_wish){.with_versions = with_versions, .rows = PLACE_ROWS};
        snprintf(wish->bucket, sizeof wish->bucket, "%s", bucket);
        snprintf(wish->prefix, sizeof wish->prefix, "%s", prefix);
    }
    pthread_mutex_unlock(&zones->lock);
    if (is_new)
        feed_restart(zones->places.feed);
}

void zones_want_more(struct zones *zones, size_t rows)
{
    pthread_mutex_lock(&zones->lock);
    bool is_more = rows > zones->place.rows;
    if (is_more) {
        zones->place.rows = rows;
        zones->place.is_more = true;
    }
    pthread_mutex_unlock(&zones->lock);
    if (is_more)
        feed_refresh(zones->places.feed);
}

void zones_set_object(struct zones *zones, const char *bucket, const char *key, const char *version_id)
{
    struct object_wish wish = {.bucket = ""};
    snprintf(wish.bucket, sizeof wish.bucket, "%s", bucket ? bucket : "");
    snprintf(wish.key, sizeof wish.key, "%s", key ? key : "");
    snprintf(wish.version_id, sizeof wish.version_id, "%s", version_id ? version_id : "");
    pthread_mutex_lock(&zones->lock);
    bool is_new = strcmp(zones->object.bucket, wish.bucket) != 0 || strcmp(zones->object.key, wish.key) != 0 ||
                  strcmp(zones->object.version_id, wish.version_id) != 0;
    zones->object = wish;
    pthread_mutex_unlock(&zones->lock);
    if (is_new)
        feed_restart(zones->objects.feed);
}

void zones_stamp(struct zones *zones, struct snap *snap, const void *value, int calls)
{
    snap->value = value;
    snap->taken_ms = snap->tried_ms = clock_wall(&clock_system);
    snap->source = session_source(zones->session, snap->arena);
    snap->calls = calls;
}

void zones_set_interval(struct zones *zones, struct zones_feed *feed, int64_t took_ms, int times)
{
    int64_t interval_ms = session_config(zones->session)->refresh_ms;
    if (interval_ms < REFRESH_MIN_MS)
        interval_ms = REFRESH_MIN_MS;
    feed->ops.interval_ms = took_ms * times > interval_ms ? took_ms * times : interval_ms;
}
