/* The Catalog domain: its feeds (everything; one table's detail) and its actions. Fetches run on the feeds' threads,
 * actions on the pool's; the rest is the UI thread's and never waits. */
#include "backend/aws/glue.h"
#include "backend/base/clock.h"
#include "backend/core/feed.h"
#include "backend/domain/catalog.h"
#include "backend/domain/listing.h"
#include "backend/domain/session.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REFRESH_MIN_MS = 30 * 1000, DETAIL_ARENA = 64 << 20, POLL_MS = 1000, POLL_FIRST_MS = 50 };

struct catalog_part {
    struct feed_ops ops;
    struct snap_slot *slot;
    struct feed *feed;
};
struct catalog {
    struct session *session;
    pthread_mutex_t lock; /* guards the wish */
    char database[256], table[256];
    struct catalog_part all, detail;
};

static void stamp(struct catalog *catalog, struct snap *snap, const void *value, int calls)
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

static bool fetch_view(struct aws *aws, const struct cancel *cancel, struct arena *arena, struct catalog_view *view,
                       int *calls, struct err *err)
{
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
    if (view && fetch_view(aws, feed_cancel(feed), snap->arena, view, &calls, err)) {
        stamp(catalog, snap, view, calls);
        return snap;
    }
    snap_put(snap);
    return NULL;
}

/* ---- one table */

/* What is below the location now. */
static void list_location(struct aws *aws, const struct cancel *cancel, struct catalog_detail *detail)
{
    char bucket[64];
    const char *at = detail->table.location;
    detail->listed_bytes = detail->listed_objects = CATALOG_UNKNOWN;
    if (strncmp(at, "s3://", 5) != 0)
        return;
    at += 5;
    size_t len = strcspn(at, "/");
    snprintf(bucket, sizeof bucket, "%.*s", (int)len, at);
    struct listing_options options = {.source = listing_source_s3(aws), .bucket = bucket, .cancel = cancel};
    struct listing *listing = listing_new(&options);
    if (listing_add(listing, at[len] ? at + len + 1 : "", &detail->list_err) &&
        listing_run(listing, &detail->list_err)) {
        const struct listing_zone *zone = listing_zone(listing, 0);
        detail->list_err = zone->err;
        if (zone->is_complete) {
            detail->listed_bytes = zone->sum.bytes;
            detail->listed_objects = zone->sum.objects;
        }
    }
    listing_free(listing);
}

static bool fetch_history(struct aws *aws, const struct cancel *cancel, struct arena *arena,
                          struct catalog_detail *detail, struct err *err)
{
    const struct catalog_table *table = &detail->table;
    json_t *versions = glue_get_table_versions(aws, table->database, table->name, cancel, err);
    bool ok = versions && catalog_diff(versions, arena, detail);
    json_decref(versions);
    if (!ok || table->key_count == 0)
        return ok;
    struct glue_partition_filter all = {.expression = NULL};
    json_t *partitions = glue_get_partitions(aws, table->database, table->name, &all, cancel, err);
    ok = partitions && catalog_find_gaps(partitions, arena, detail);
    json_decref(partitions);
    return ok;
}

static struct snap *fetch_detail(struct feed *feed, void *context, struct err *err)
{
    struct catalog *catalog = context;
    char database[256], table[256];
    pthread_mutex_lock(&catalog->lock);
    snprintf(database, sizeof database, "%s", catalog->database);
    snprintf(table, sizeof table, "%s", catalog->table);
    pthread_mutex_unlock(&catalog->lock);
    struct aws *aws = session_connect(catalog->session, feed_cancel(feed), err);
    if (!aws)
        return NULL;
    struct snap *snap = snap_new(DETAIL_ARENA);
    struct catalog_detail *detail = ARENA_NEW(snap->arena, struct catalog_detail);
    if (!*table) { /* nothing was chosen yet */
        stamp(catalog, snap, NULL, 0);
        return snap;
    }
    if (!detail || !catalog_read_table(aws, database, table, feed_cancel(feed), snap->arena, &detail->table, err) ||
        !fetch_history(aws, feed_cancel(feed), snap->arena, detail, err)) {
        snap_put(snap);
        return NULL;
    }
    list_location(aws, feed_cancel(feed), detail);
    int64_t bytes = detail->listed_bytes != CATALOG_UNKNOWN ? detail->listed_bytes : detail->table.bytes;
    detail->scan_cost =
        bytes == CATALOG_UNKNOWN ? -1 : catalog_scan_cost(bytes, session_config(catalog->session)->athena_price_cents);
    stamp(catalog, snap, detail, 4);
    return snap;
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
    open_part(catalog, &catalog->detail, "table", 0, fetch_detail); /* one look; again on refresh */
    return catalog;
}

void catalog_stop(struct catalog *catalog)
{
    feed_stop(catalog->all.feed);
    feed_stop(catalog->detail.feed);
}

void catalog_free(struct catalog *catalog)
{
    feed_join(catalog->all.feed);
    feed_join(catalog->detail.feed);
    snap_slot_free(catalog->all.slot);
    snap_slot_free(catalog->detail.slot);
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

void catalog_set_table(struct catalog *catalog, const char *database, const char *table)
{
    pthread_mutex_lock(&catalog->lock);
    bool is_new = strcmp(catalog->database, database) != 0 || strcmp(catalog->table, table) != 0;
    snprintf(catalog->database, sizeof catalog->database, "%s", database);
    snprintf(catalog->table, sizeof catalog->table, "%s", table);
    pthread_mutex_unlock(&catalog->lock);
    if (is_new)
        feed_restart(catalog->detail.feed);
}

/* ---- actions */

struct crawler_job {
    struct catalog *catalog;
    char name[256];
};

static bool wait_crawl(struct aws *aws, struct job *job, const char *name, struct err *err)
{
    for (int64_t pause = POLL_FIRST_MS;; pause = pause * 2 < POLL_MS ? pause * 2 : POLL_MS) {
        json_t *crawler = glue_get_crawler(aws, name, job_cancel(job), err);
        if (!crawler)
            return false;
        const json_t *last = json_object_get(crawler, "LastCrawl");
        bool is_over = strcmp(json_str(crawler, "State"), "READY") == 0;
        bool ok = is_over && strcmp(json_str(last, "Status"), "SUCCEEDED") == 0;
        if (is_over && !ok)
            err_set(err, ERR_FAILED, "crawler %.100s: %s %.100s", name, json_str(last, "Status"),
                    json_str(last, "ErrorMessage"));
        json_decref(crawler);
        if (is_over)
            return ok;
        if (!cancel_wait(job_cancel(job), pause))
            return err_set(err, ERR_CANCELLED, "the wait for crawler %.100s ended; the crawl goes on", name);
    }
}

static bool run_crawler(struct job *job, void *context, struct err *err)
{
    struct crawler_job *it = context;
    struct aws *aws = session_connect(it->catalog->session, job_cancel(job), err);
    if (!aws || !glue_start_crawler(aws, it->name, job_cancel(job), err) || !wait_crawl(aws, job, it->name, err))
        return false;
    json_t *list = glue_get_crawler_metrics(aws, it->name, job_cancel(job), err), *metrics = json_array_get(list, 0);
    if (!list)
        return false;
    job_note(job, "tables: %lld created, %lld updated, %lld deleted", (long long)json_int(metrics, "TablesCreated", 0),
             (long long)json_int(metrics, "TablesUpdated", 0), (long long)json_int(metrics, "TablesDeleted", 0));
    json_decref(list);
    feed_refresh(it->catalog->all.feed);
    return true;
}

static bool stop_crawler(struct job *job, void *context, struct err *err)
{
    struct crawler_job *it = context;
    struct aws *aws = session_connect(it->catalog->session, job_cancel(job), err);
    if (!aws || !glue_stop_crawler(aws, it->name, job_cancel(job), err))
        return false;
    feed_refresh(it->catalog->all.feed);
    return true;
}

static const struct job_ops run_ops = {.kind = "crawl", .run = run_crawler, .finished = free};
static const struct job_ops stop_ops = {.kind = "crawl", .run = stop_crawler, .finished = free};

static int submit(struct catalog *catalog, const struct job_ops *ops, const char *verb, const char *name)
{
    struct crawler_job *it = calloc(1, sizeof *it);
    char title[160];
    if (!it)
        abort();
    it->catalog = catalog;
    snprintf(it->name, sizeof it->name, "%s", name);
    snprintf(title, sizeof title, "%s crawler %.120s", verb, name);
    int id = jobs_submit(session_jobs(catalog->session), ops, it, title);
    if (id < 0)
        free(it);
    return id;
}

int catalog_run_crawler(struct catalog *catalog, const char *name)
{
    return submit(catalog, &run_ops, "run", name);
}

int catalog_stop_crawler(struct catalog *catalog, const char *name)
{
    return submit(catalog, &stop_ops, "stop", name);
}
