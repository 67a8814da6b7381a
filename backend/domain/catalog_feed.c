/* The Catalog domain: its feeds (everything; one table's detail) and its actions. Fetches run on the feeds' threads,
 * actions on the pool's; the rest is the UI thread's and never waits. */
#include "backend/base/clock.h"
#include "backend/domain/catalog_private.h"
#include "backend/domain/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFRESH_MIN_MS = 30 * 1000 };

void catalog_stamp(struct catalog *catalog, struct snap *snap, const void *value, int calls)
{
    snap->value = value;
    snap->taken_ms = snap->tried_ms = clock_wall(&clock_system);
    snap->source = session_source(catalog->session, snap->arena);
    snap->calls = calls;
}

/* ---- everything */

static bool fetch_tables(struct aws *aws, const struct cancel *cancel, struct arena *arena, struct catalog_view *view,
                         int *calls, struct err *err)
{
    size_t cap = 0;
    for (size_t i = 0; i < view->database_count; i++) {
        struct catalog_list list = {0};
        if (!catalog_read_tables(aws, view->databases[i].name, cancel, arena, &list, err)) {
            if (err->code == ERR_CANCELLED || err->code == ERR_TOO_LARGE)
                return false;
            view->databases[i].err = *err; /* this one alone */
            *err = ERR_NONE;
        }
        *calls += 1 + (int)list.count / 100;
        view->databases[i].first_table = view->table_count;
        view->databases[i].table_count = list.count;
        for (size_t j = 0; j < list.count; j++) {
            if (view->table_count == cap)
                view->tables = arena_grow(arena, view->tables, view->table_count, &cap, sizeof *view->tables);
            if (!view->tables)
                return err_set(err, ERR_TOO_LARGE, "the catalog is larger than this view can hold");
            view->tables[view->table_count++] = list.tables[j];
        }
    }
    return true;
}

static const char *copy(struct arena *arena, const char *text)
{
    const char *kept = *text ? arena_strdup(arena, text) : "";
    return kept ? kept : "";
}

static void copy_crawlers(const struct catalog_view *from, struct arena *arena, struct catalog_view *view)
{
    view->crawlers = ARENA_ARRAY(arena, struct catalog_crawler, from->crawler_count + 1);
    view->crawler_err = from->crawler_err;
    for (size_t i = 0; view->crawlers && i < from->crawler_count; i++) {
        struct catalog_crawler *crawler = &view->crawlers[view->crawler_count++];
        *crawler = from->crawlers[i];
        const char **texts[] = {&crawler->name,       &crawler->database, &crawler->state,    &crawler->last_status,
                                &crawler->last_error, &crawler->target,   &crawler->schedule, &crawler->json};
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++)
            *texts[j] = copy(arena, *texts[j]);
    }
}

/* Tables can take seconds: what is known before them is shown at once, when nothing is shown yet. */
static void publish_early(struct catalog *catalog, struct feed *feed, const struct catalog_view *from)
{
    const struct snap *shown = snap_slot_get(catalog->all.slot);
    bool is_first = !shown || !shown->value;
    snap_put(shown);
    if (!is_first)
        return;
    struct snap *snap = snap_new(CATALOG_ARENA);
    struct catalog_view *view = ARENA_NEW(snap->arena, struct catalog_view);
    view->is_loading = true;
    view->databases = ARENA_ARRAY(snap->arena, struct catalog_database, from->database_count + 1);
    for (size_t i = 0; view->databases && i < from->database_count; i++) {
        const struct catalog_database *database = &from->databases[i];
        view->databases[view->database_count++] =
            (struct catalog_database){.name = copy(snap->arena, database->name),
                                      .description = copy(snap->arena, database->description),
                                      .location = copy(snap->arena, database->location),
                                      .created_ms = database->created_ms,
                                      .json = copy(snap->arena, database->json),
                                      .is_loading = true};
    }
    copy_crawlers(from, snap->arena, view);
    catalog_stamp(catalog, snap, view, 0);
    feed_publish_partial(feed, snap);
}

static bool fetch_view(struct catalog *catalog, struct feed *feed, struct aws *aws, struct arena *arena,
                       struct catalog_view *view, int *calls, struct err *err)
{
    const struct cancel *cancel = feed_cancel(feed);
    struct catalog_list databases = {0}, crawlers = {0};
    *calls = 2;
    if (!catalog_read_databases(aws, cancel, arena, &databases, err))
        return false;
    view->databases = databases.databases;
    view->database_count = databases.count;
    if (catalog_read_crawlers(aws, cancel, arena, &crawlers, &view->crawler_err)) {
        view->crawlers = crawlers.crawlers;
        view->crawler_count = crawlers.count;
    }
    publish_early(catalog, feed, view);
    return fetch_tables(aws, cancel, arena, view, calls, err);
}

static struct snap *fetch_all(struct feed *feed, void *context, struct err *err)
{
    struct catalog *catalog = context;
    struct aws *aws = session_connect(catalog->session, feed_cancel(feed), err);
    if (!aws)
        return NULL;
    struct snap *snap = snap_new(CATALOG_ARENA);
    struct catalog_view *view = ARENA_NEW(snap->arena, struct catalog_view);
    int calls = 0;
    if (view && fetch_view(catalog, feed, aws, snap->arena, view, &calls, err)) {
        catalog_stamp(catalog, snap, view, calls);
        return snap;
    }
    snap_put(snap);
    return NULL;
}

/* ---- the domain */

static void catalog_changed(void *context)
{
    session_changed(context);
}

static void open_part(struct catalog *catalog, struct catalog_part *part, const char *name, int64_t interval_ms,
                      struct snap *(*fetch)(struct feed *feed, void *context, struct err *err))
{
    part->ops = (struct feed_ops){.name = name, .interval_ms = interval_ms, .fetch = fetch};
    part->slot = snap_slot_new(catalog_changed, catalog->session);
    part->feed = feed_start(&part->ops, catalog, part->slot, NULL);
    if (!part->feed) /* no thread can be had at start: nothing would ever be shown */
        abort();
}

struct catalog *catalog_new(struct session *session)
{
    struct catalog *catalog = calloc(1, sizeof *catalog);
    if (!catalog)
        abort();
    catalog->session = session;
    pthread_mutex_init(&catalog->lock, NULL);
    int64_t interval_ms = session_config(session)->refresh_ms;
    open_part(catalog, &catalog->all, "catalog", interval_ms > REFRESH_MIN_MS ? interval_ms : REFRESH_MIN_MS,
              fetch_all);
    open_part(catalog, &catalog->detail, "table", 0, catalog_fetch_detail); /* one look; again on refresh */
    open_part(catalog, &catalog->location, "location", 0, catalog_fetch_location);
    catalog->preview = snap_slot_new(catalog_changed, session);
    catalog->preview_job = -1;
    return catalog;
}

void catalog_stop(struct catalog *catalog)
{
    pthread_mutex_lock(&catalog->lock);
    catalog->is_closing = true;
    pthread_mutex_unlock(&catalog->lock);
    feed_stop(catalog->all.feed);
    feed_stop(catalog->detail.feed);
    feed_stop(catalog->location.feed);
}

void catalog_free(struct catalog *catalog)
{
    feed_join(catalog->all.feed);
    feed_join(catalog->detail.feed);
    feed_join(catalog->location.feed);
    snap_slot_free(catalog->all.slot);
    snap_slot_free(catalog->detail.slot);
    snap_slot_free(catalog->location.slot);
    snap_slot_free(catalog->preview);
    pthread_mutex_destroy(&catalog->lock);
    free(catalog);
}

struct snap_slot *catalog_slot(struct catalog *catalog)
{
    return catalog->all.slot;
}

struct feed *catalog_feed(struct catalog *catalog)
{
    return catalog->all.feed;
}

struct snap_slot *catalog_detail_slot(struct catalog *catalog)
{
    return catalog->detail.slot;
}

struct feed *catalog_detail_feed(struct catalog *catalog)
{
    return catalog->detail.feed;
}

struct snap_slot *catalog_location_slot(struct catalog *catalog)
{
    return catalog->location.slot;
}

struct feed *catalog_location_feed(struct catalog *catalog)
{
    return catalog->location.feed;
}

struct snap_slot *catalog_preview_slot(struct catalog *catalog)
{
    return catalog->preview;
}

void catalog_get_wish(struct catalog *catalog, struct catalog_wish *wish)
{
    pthread_mutex_lock(&catalog->lock);
    *wish = catalog->wish;
    pthread_mutex_unlock(&catalog->lock);
}

void catalog_set_table(struct catalog *catalog, const char *database, const char *table, const char *location)
{
    struct catalog_wish *wish = &catalog->wish;
    pthread_mutex_lock(&catalog->lock);
    bool is_new = strcmp(wish->database, database) != 0 || strcmp(wish->table, table) != 0;
    bool is_elsewhere = is_new || strcmp(wish->location, location) != 0;
    snprintf(wish->database, sizeof wish->database, "%s", database);
    snprintf(wish->table, sizeof wish->table, "%s", table);
    snprintf(wish->location, sizeof wish->location, "%s", location);
    pthread_mutex_unlock(&catalog->lock);
    if (is_new)
        feed_restart(catalog->detail.feed);
    if (is_elsewhere)
        feed_restart(catalog->location.feed);
}
