/* The place feed: the children of one prefix, page by page as far as somebody scrolled. When only more rows are wanted
 * it goes on where the last page ended. Feed thread. */
#include "backend/base/clock.h"
#include "backend/domain/zones_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACE_ARENA = 256 * 1024 * 1024,
    PAGE_ARENA = 64 * 1024 * 1024,
    PLACE_ROWS_MAX = 200 * 1000, /* more is not scrolled through but filtered by a longer prefix */
    PARTIAL_MS = 400,
    CALM = 20
};

/* A growing place: entries and their texts live in the snapshot that will be published. */
struct place {
    struct zones *zones;
    const struct place_wish *wish;
    struct snap *snap;
    struct entry_row *entries;
    size_t count, cap;
    int64_t bytes;
    bool is_complete;
    bool is_shown; /* this place is on show already: no shorter version of it in between */
    int calls;
};

static bool add_entry(struct place *place, const struct entry_row *from)
{
    struct arena *arena = place->snap->arena;
    struct entry_row *entries = arena_grow(arena, place->entries, place->count, &place->cap, sizeof *entries);
    if (!entries)
        return false;
    place->entries = entries;
    struct entry_row *entry = &entries[place->count];
    *entry = *from;
    entry->key = arena_strndup(arena, from->key, from->key_len);
    entry->etag = arena_strdup(arena, from->etag);
    entry->storage_class = arena_strdup(arena, from->storage_class);
    entry->version_id = arena_strdup(arena, from->version_id);
    if (arena_failed(arena))
        return false;
    size_t cut = strlen(place->wish->prefix);
    bool is_below = from->key_len > cut;
    entry->name = is_below ? entry->key + cut : ".";
    entry->name_len = is_below ? from->key_len - cut : 1;
    place->count++;
    if (entry->kind == ENTRY_OBJECT)
        place->bytes += entry->bytes;
    return true;
}

static struct entry_row entry_of_object(const struct s3_object *object)
{
    return (struct entry_row){.kind = object->is_delete_marker ? ENTRY_DELETE_MARKER : ENTRY_OBJECT,
                              .key = object->key,
                              .key_len = object->key_len,
                              .bytes = object->bytes,
                              .modified_ms = object->modified_ms,
                              .etag = object->etag,
                              .storage_class = object->storage_class,
                              .version_id = object->version_id,
                              .is_latest = object->is_latest};
}

static struct entry_row entry_of_prefix(const struct s3_prefix *prefix)
{
    return (struct entry_row){.kind = ENTRY_PREFIX,
                              .key = prefix->name,
                              .key_len = prefix->len,
                              .bytes = -1,
                              .etag = "",
                              .storage_class = "",
                              .version_id = ""};
}

/* The object named like the prefix itself is what consoles leave behind for an empty folder. */
static bool is_marker(const struct place *place, const struct s3_object *object)
{
    return object->bytes == 0 && object->key_len == strlen(place->wish->prefix) && !place->wish->with_versions;
}

/* Objects and prefixes come in two sorted lists; the reader sees one. */
static bool add_page(struct place *place, const struct s3_page *page)
{
    size_t o = 0, p = 0;
    while (o < page->object_count || p < page->prefix_count) {
        bool takes_prefix = o == page->object_count ||
                            (p < page->prefix_count && strcmp(page->prefixes[p].name, page->objects[o].key) < 0);
        struct entry_row entry =
            takes_prefix ? entry_of_prefix(&page->prefixes[p]) : entry_of_object(&page->objects[o]);
        bool is_noise = !takes_prefix && is_marker(place, &page->objects[o]);
        *(takes_prefix ? &p : &o) += 1;
        if (!is_noise && !add_entry(place, &entry))
            return false;
    }
    return true;
}

static void finish(struct place *place, bool is_loading)
{
    struct place_view *view = ARENA_NEW(place->snap->arena, struct place_view);
    if (!view)
        return;
    *view = (struct place_view){.bucket = arena_strdup(place->snap->arena, place->wish->bucket),
                                .prefix = arena_strdup(place->snap->arena, place->wish->prefix),
                                .with_versions = place->wish->with_versions,
                                .entries = place->entries,
                                .count = place->count,
                                .bytes = place->bytes,
                                .is_complete = place->is_complete,
                                .is_loading = is_loading};
    zones_stamp(place->zones, place->snap, view, place->calls);
}

static struct place place_new(struct zones *zones, const struct place_wish *wish)
{
    return (struct place){.zones = zones, .wish = wish, .snap = snap_new(PLACE_ARENA)};
}

static bool copy_entries(struct place *to, const struct entry_row *entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!add_entry(to, &entries[i]))
            return false;
    return true;
}

static void publish_partial(struct feed *feed, const struct place *place)
{
    struct place copy = place_new(place->zones, place->wish);
    copy.calls = place->calls;
    if (copy_entries(&copy, place->entries, place->count)) {
        finish(&copy, true);
        feed_publish_partial(feed, copy.snap);
    } else {
        snap_put(copy.snap);
    }
}

static void keep(char **slot, const char *text)
{
    free(*slot);
    *slot = text ? strdup(text) : NULL;
}

static void keep_continuation(struct zones *zones, const struct s3_page *page)
{
    keep(&zones->token, page->is_truncated ? page->token : NULL);
    keep(&zones->key_marker, page->is_truncated ? page->key_marker : NULL);
    keep(&zones->version_marker, page->is_truncated ? page->version_marker : NULL);
}

static bool is_same(const struct place_view *view, const struct place_wish *wish)
{
    return view && strcmp(view->bucket, wish->bucket) == 0 && strcmp(view->prefix, wish->prefix) == 0 &&
           view->with_versions == wish->with_versions;
}

static bool is_on_show(struct zones *zones, const struct place_wish *wish, bool *is_other)
{
    const struct snap *shown = snap_slot_get(zones->places.slot);
    bool is_there = shown && is_same(shown->value, wish);
    *is_other = shown && shown->value && !is_there;
    snap_put(shown);
    return is_there;
}

/* Takes over what is on show, when it is the same place and only more of it is wanted. */
static bool resume(struct place *place)
{
    struct zones *zones = place->zones;
    const struct place_wish *wish = place->wish;
    const struct snap *shown = snap_slot_get(zones->places.slot);
    const struct place_view *view = shown ? shown->value : NULL;
    bool can = is_same(view, wish) && wish->is_more && shown->err.code == ERR_OK && !view->is_complete &&
               !view->is_loading && view->count == zones->token_rows && is_same(view, &zones->token_place);
    if (can)
        can = copy_entries(place, view->entries, view->count);
    snap_put(shown);
    return can;
}

static bool load_page(struct place *place, struct aws *aws, struct feed *feed, struct arena *arena, struct err *err)
{
    struct zones *zones = place->zones;
    struct s3_list list = {
        .bucket = place->wish->bucket, .prefix = place->wish->prefix, .delimiter = "/", .cancel = feed_cancel(feed)};
    struct s3_page page;
    bool ok;
    arena_reset(arena);
    if (place->wish->with_versions) {
        list.key_marker = zones->key_marker;
        list.version_marker = zones->version_marker;
        ok = s3_version_page(aws, &list, arena, &page, err);
    } else {
        list.token = zones->token;
        ok = s3_list_page(aws, &list, arena, &page, err);
    }
    place->calls++;
    if (!ok)
        return false;
    if (!add_page(place, &page))
        return err_set(err, ERR_TOO_LARGE, "%.60s/%.100s: more than the console keeps: filter by a longer prefix",
                       place->wish->bucket, place->wish->prefix);
    keep_continuation(zones, &page);
    place->is_complete = !page.is_truncated;
    return true;
}

static bool load(struct place *place, struct aws *aws, struct feed *feed, size_t rows, struct err *err)
{
    struct arena *arena = arena_new(PAGE_ARENA);
    int64_t next_ms = clock_mono(&clock_system) + PARTIAL_MS;
    bool ok = true;
    while (ok && !place->is_complete && place->count < rows && place->count < PLACE_ROWS_MAX) {
        ok = load_page(place, aws, feed, arena, err);
        if (ok && !place->is_complete && !place->is_shown && clock_mono(&clock_system) >= next_ms) {
            publish_partial(feed, place);
            next_ms = clock_mono(&clock_system) + PARTIAL_MS;
        }
    }
    arena_free(arena);
    return ok;
}

static struct snap *empty_place(struct zones *zones, const struct place_wish *wish)
{
    struct place place = place_new(zones, wish);
    place.is_complete = true;
    finish(&place, false);
    return place.snap;
}

static void start_over(struct place *place)
{
    struct zones *zones = place->zones;
    snap_put(place->snap);
    place->snap = snap_new(PLACE_ARENA);
    place->entries = NULL;
    place->count = place->cap = 0;
    place->bytes = 0;
    keep(&zones->token, NULL);
    keep(&zones->key_marker, NULL);
    keep(&zones->version_marker, NULL);
}

/* Nothing of the place that is asked for, and why: what is on show is another one. */
static struct snap *failed_place(struct place *place, const struct err *err)
{
    start_over(place);
    finish(place, false);
    place->snap->err = *err;
    return place->snap;
}

static struct snap *fetch_place(struct place *place, struct aws *aws, struct feed *feed, struct err *err)
{
    struct zones *zones = place->zones;
    size_t rows = place->wish->rows;
    if (!resume(place))
        start_over(place);
    else if (rows < place->count + place->count / 2) /* growing by half keeps the copying linear */
        rows = place->count + place->count / 2;
    zones->token_rows = 0;
    if (!load(place, aws, feed, rows, err))
        return NULL;
    zones->token_place = *place->wish;
    zones->token_rows = place->count;
    finish(place, false);
    if (!place->is_complete && place->count >= PLACE_ROWS_MAX)
        err_set(&place->snap->err, ERR_PARTIAL, "only the first %d rows are shown: filter by a longer prefix",
                PLACE_ROWS_MAX);
    return place->snap;
}

struct snap *zones_fetch_place(struct feed *feed, void *context, struct err *err)
{
    struct zones *zones = context;
    int64_t started_ms = clock_mono(&clock_system);
    bool is_other;
    pthread_mutex_lock(&zones->lock);
    struct place_wish wish = zones->place;
    zones->place.is_more = false;
    pthread_mutex_unlock(&zones->lock);
    if (!*wish.bucket)
        return empty_place(zones, &wish);
    struct place place = place_new(zones, &wish);
    place.is_shown = is_on_show(zones, &wish, &is_other);
    struct aws *aws = session_connect(zones->session, feed_cancel(feed), err);
    struct snap *snap = aws ? fetch_place(&place, aws, feed, err) : NULL;
    zones_set_interval(zones, &zones->places, clock_mono(&clock_system) - started_ms, CALM);
    if (!snap && is_other && err->code != ERR_CANCELLED)
        return failed_place(&place, err);
    if (!snap)
        snap_put(place.snap);
    return snap;
}
