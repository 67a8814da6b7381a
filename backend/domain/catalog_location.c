/* The feed of what is below a table's location: sums that grow while S3 lists. On the feed's thread. */
#include "backend/domain/catalog_private.h"
#include "backend/domain/listing.h"
#include "backend/domain/session.h"
#include <stdio.h>
#include <string.h>

enum { LOCATION_ARENA = 4 << 20 };

struct looking {
    struct catalog *catalog;
    struct feed *feed;
    const struct catalog_wish *wish;
};

static void copy_children(const struct listing_zone *zone, struct arena *arena, struct catalog_location *location)
{
    location->children = zone->child_count ? ARENA_ARRAY(arena, struct listing_child, zone->child_count) : NULL;
    for (size_t i = 0; location->children && i < zone->child_count; i++) {
        location->children[i] = zone->children[i];
        location->children[i].name = arena_strdup(arena, zone->children[i].name);
        location->child_count = location->children[i].name ? i + 1 : location->child_count;
    }
}

static struct snap *snapshot(const struct looking *looking, const struct listing_zone *zone)
{
    struct snap *snap = snap_new(LOCATION_ARENA);
    struct catalog_location *location = ARENA_NEW(snap->arena, struct catalog_location);
    *location = (struct catalog_location){.database = arena_strdup(snap->arena, looking->wish->database),
                                          .table = arena_strdup(snap->arena, looking->wish->table),
                                          .uri = arena_strdup(snap->arena, looking->wish->location),
                                          .bytes = CATALOG_UNKNOWN,
                                          .objects = CATALOG_UNKNOWN};
    if (zone) {
        location->err = zone->err;
        location->is_complete = zone->is_complete;
        /* nothing seen and not at the end: not known, which is not the same as nothing */
        if (zone->is_complete || zone->sum.objects > 0) {
            location->bytes = zone->sum.bytes;
            location->objects = zone->sum.objects;
            location->newest_ms = zone->sum.newest_ms;
        }
        copy_children(zone, snap->arena, location);
    }
    catalog_stamp(looking->catalog, snap, location, 1);
    return snap;
}

static void show_progress(void *context, const struct listing *listing)
{
    const struct looking *looking = context;
    feed_publish_partial(looking->feed, snapshot(looking, listing_zone(listing, 0)));
}

/* "s3://BUCKET/PREFIX" cut in two; false: it is no place in S3. */
static bool parse(const char *uri, char bucket[64], const char **prefix)
{
    if (strncmp(uri, "s3://", 5) != 0)
        return false;
    size_t len = strcspn(uri + 5, "/");
    snprintf(bucket, 64, "%.*s", len < 64 ? (int)len : 0, uri + 5);
    *prefix = uri[5 + len] ? uri + 5 + len + 1 : "";
    return *bucket != '\0';
}

static struct snap *list(struct looking *looking, struct aws *aws, const char *bucket, const char *prefix,
                         struct err *err)
{
    struct listing_options options = {.source = listing_source_s3(aws),
                                      .bucket = bucket,
                                      .cancel = feed_cancel(looking->feed),
                                      .progress = show_progress,
                                      .context = looking};
    struct listing *listing = listing_new(&options);
    bool ok = listing_add(listing, prefix, err) && listing_run(listing, err);
    struct snap *snap = ok ? snapshot(looking, listing_zone(listing, 0)) : NULL;
    listing_free(listing);
    return snap;
}

struct snap *catalog_fetch_location(struct feed *feed, void *context, struct err *err)
{
    struct catalog *catalog = context;
    struct catalog_wish wish;
    struct looking looking = {.catalog = catalog, .feed = feed, .wish = &wish};
    char bucket[64], folder[1100];
    const char *prefix;
    catalog_get_wish(catalog, &wish);
    if (!parse(wish.location, bucket, &prefix))
        return snapshot(&looking, NULL);
    /* a location is a folder: "raw/orders" is not to sum "raw/orders_old/" too */
    size_t len = strlen(prefix);
    snprintf(folder, sizeof folder, "%s%s", prefix, len && prefix[len - 1] != '/' ? "/" : "");
    if (!cancel_wait(feed_cancel(feed), CATALOG_REST_MS)) {
        err_set(err, ERR_CANCELLED, "another table was chosen");
        return NULL;
    }
    struct aws *aws = session_connect(catalog->session, feed_cancel(feed), err);
    return aws ? list(&looking, aws, bucket, folder, err) : NULL;
}
