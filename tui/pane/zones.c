/* The Zones pane: what the lake holds. Here: its ops, the snapshots it draws from, where one is in the lake. It never
 * waits: the feeds of domain/zones do the calls. UI thread. */
#include "tui/pane/zones.h"
#include "backend/base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct zones_view *zones_view_of(const struct zones_state *state)
{
    return state->totals ? state->totals->value : NULL;
}

const struct place_view *zones_place_of(const struct zones_state *state)
{
    const struct place_view *view = state->place ? state->place->value : NULL;
    bool is_wanted = view && view->bucket && strcmp(view->bucket, state->bucket) == 0 &&
                     strcmp(view->prefix, state->prefix) == 0 && view->with_versions == state->with_versions;
    return is_wanted ? view : NULL;
}

const struct object_view *zones_object_of(const struct zones_state *state)
{
    const struct object_view *view = state->object ? state->object->value : NULL;
    bool is_wanted = view && view->bucket && state->key[0] && strcmp(view->bucket, state->bucket) == 0 &&
                     strcmp(view->key, state->key) == 0 &&
                     (!state->version[0] || strcmp(view->version_id, state->version) == 0);
    return is_wanted ? view : NULL;
}

bool zones_is_bucket_list(const struct zones_state *state)
{
    const struct zones_view *view = zones_view_of(state);
    return state->bucket[0] == '\0' && view && view->bucket[0] == '\0';
}

/* FNV-1a, 64 bit: names, not adversaries; two keys that collide would share a mark, nothing more. */
uint64_t zones_key_id(const char *key, const char *version)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (int i = 0; i < 2; i++) {
        for (const char *at = i == 0 ? key : version; at && *at; at++)
            hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
        hash = (hash ^ 0xff) * 0x100000001b3u;
    }
    return hash;
}

static uint64_t entry_identity(const void *row)
{
    const struct entry_row *entry = row;
    return zones_key_id(entry->key, entry->version_id);
}

static uint64_t zone_identity(const void *row)
{
    return zones_key_id(((const struct zone_row *)row)->prefix, NULL);
}

static uint64_t bucket_identity(const void *row)
{
    return zones_key_id(((const struct bucket_row *)row)->name, NULL);
}

static size_t count_zones(void *context, bool *is_at_least)
{
    const struct zones_view *view = zones_view_of(context);
    *is_at_least = false;
    return view ? view->zone_count : 0;
}

static const void *zone_at(void *context, size_t index)
{
    return &zones_view_of(context)->zones[index];
}

static size_t count_buckets(void *context, bool *is_at_least)
{
    const struct zones_view *view = zones_view_of(context);
    *is_at_least = false;
    return view ? view->bucket_count : 0;
}

static const void *bucket_at(void *context, size_t index)
{
    return &zones_view_of(context)->buckets[index];
}

static size_t count_entries(void *context, bool *is_at_least)
{
    const struct place_view *view = zones_place_of(context);
    *is_at_least = view && !view->is_complete;
    return view ? view->count : 0;
}

static const void *entry_at(void *context, size_t index)
{
    return &zones_place_of(context)->entries[index];
}

static void want_entries(void *context, size_t last)
{
    struct zones_state *state = context;
    zones_want_more(state->zones, last + 1);
}

static struct grid *new_grid(struct zones_state *state, const struct column *columns, const struct grid_source *source)
{
    struct grid *grid = grid_new(columns);
    struct grid_source own = *source;
    own.context = state;
    grid_set_source(grid, &own);
    return grid;
}

static bool is_same_zone(const struct zone_row *a, const struct zone_row *b)
{
    return strcmp(a->prefix, b->prefix) == 0 && a->totals.objects == b->totals.objects &&
           a->totals.bytes == b->totals.bytes && a->totals.newest_ms == b->totals.newest_ms &&
           a->err.code == b->err.code;
}

/* What replay steps over: a view that shows the same figures. One that is still being listed is not kept either. */
static bool is_same_view(const void *before, const void *now)
{
    const struct zones_view *a = before, *b = now;
    if (b->is_listing)
        return true;
    bool is_same = a->zone_count == b->zone_count && a->bucket_count == b->bucket_count;
    for (size_t i = 0; is_same && i < a->zone_count; i++)
        is_same = is_same_zone(&a->zones[i], &b->zones[i]);
    return is_same;
}

static bool zones_open(struct pane *pane, struct err *err)
{
    struct zones_state *state = calloc(1, sizeof *state);
    if (!state)
        abort();
    pane->state = state;
    state->pane = pane;
    state->zones = session_zones(pane->session);
    if (!state->zones) {
        free(state);
        pane->state = NULL;
        return err_set(err, ERR_FAILED, "zones: the feeds could not be started");
    }
    state->focus = PART_LIST;
    state->opened_ms = clock_wall(app_clock(pane->app));
    state->zone_grid = new_grid(state, zone_columns,
                                &(struct grid_source){.count = count_zones, .row = zone_at, .identity = zone_identity});
    state->bucket_grid =
        new_grid(state, bucket_columns,
                 &(struct grid_source){.count = count_buckets, .row = bucket_at, .identity = bucket_identity});
    state->entry_grid =
        new_grid(state, entry_columns,
                 &(struct grid_source){
                     .count = count_entries, .row = entry_at, .want = want_entries, .identity = entry_identity});
    state->past = replay_new(is_same_view);
    state->tree = tree_new();
    state->detail = textview_new();
    textview_set_wrap(state->detail, WRAP_FIELDS);
    return true;
}

static void zones_close(struct pane *pane)
{
    struct zones_state *state = pane->state;
    if (!state)
        return;
    grid_free(state->zone_grid);
    grid_free(state->bucket_grid);
    grid_free(state->entry_grid);
    tree_free(state->tree);
    textview_free(state->detail);
    replay_free(state->past);
    snap_put(state->newest);
    snap_put(state->place);
    snap_put(state->object);
    free(state);
    pane->state = NULL;
}

static void zones_show(struct pane *pane, bool visible)
{
    struct zones_state *state = pane->state;
    feed_set_visible(zones_totals_feed(state->zones), visible);
    feed_set_visible(zones_place_feed(state->zones), visible && state->bucket[0]);
    feed_set_visible(zones_object_feed(state->zones), visible && state->key[0]);
}

void zones_show_place(struct zones_state *state)
{
    if (!state->bucket[0])
        return;
    state->asked_ms = clock_wall(app_clock(state->pane->app));
    zones_set_place(state->zones, state->bucket, state->prefix, state->with_versions);
    feed_set_visible(zones_place_feed(state->zones), true);
    grid_set_columns(state->entry_grid, state->with_versions ? version_columns : entry_columns);
    grid_refresh(state->entry_grid);
    zones_fill_tree(state);
    zones_pick(state);
}

void zones_go(struct zones_state *state, const char *bucket, const char *prefix)
{
    char next_bucket[ZONES_BUCKET], next_prefix[ZONES_KEY]; /* the arguments may be our own fields */
    snprintf(next_bucket, sizeof next_bucket, "%s", bucket);
    snprintf(next_prefix, sizeof next_prefix, "%s", prefix);
    memcpy(state->bucket, next_bucket, sizeof next_bucket);
    memcpy(state->prefix, next_prefix, sizeof next_prefix);
    state->depth = 0;
    grid_clear_marks(state->entry_grid);
    grid_set_filter(state->entry_grid, "");
    grid_move(state->entry_grid, 0);
    zones_show_place(state);
}

const struct entry_row *zones_entry(struct zones_state *state)
{
    return zones_place_of(state) ? grid_current(state->entry_grid) : NULL;
}

void zones_pick(struct zones_state *state)
{
    const struct entry_row *entry = state->parts[PART_DETAIL].cols > 0 ? zones_entry(state) : NULL;
    uint64_t id = entry ? entry_identity(entry) : 0;
    if (id == state->detail_of)
        return;
    state->detail_of = id;
    bool is_object = entry && entry->kind == ENTRY_OBJECT;
    snprintf(state->key, sizeof state->key, "%s", is_object ? entry->key : "");
    snprintf(state->version, sizeof state->version, "%s",
             is_object && state->with_versions && entry->version_id ? entry->version_id : "");
    zones_set_object(state->zones, state->bucket, state->key, state->version);
    feed_set_visible(zones_object_feed(state->zones), is_object);
    textview_act(state->detail, ACTION_first);
    state->picked_ms = clock_wall(app_clock(state->pane->app));
    state->is_detail_old = is_object && textview_lines(state->detail) > 0;
    if (!state->is_detail_old)
        zones_fill_detail(state);
}

static void count_prefixes(struct zones_state *state)
{
    const struct place_view *view = zones_place_of(state);
    state->prefixes = 0;
    for (size_t i = 0; view && i < view->count; i++)
        state->prefixes += view->entries[i].kind == ENTRY_PREFIX;
}

/* A bucket became known: the place to begin with is its root. */
static void adopt_bucket(struct zones_state *state)
{
    const struct zones_view *view = zones_view_of(state);
    if (!view || !view->bucket[0] || strcmp(view->bucket, state->bucket) == 0)
        return;
    zones_go(state, view->bucket, "");
}

/* The past is that of one bucket. */
static void keep_past(struct zones_state *state)
{
    const struct zones_view *before = zones_view_of(state), *now = state->newest ? state->newest->value : NULL;
    if (before && now && strcmp(before->bucket, now->bucket) != 0)
        replay_forget(state->past);
    if (now && !now->is_listing)
        replay_keep(state->past, state->newest);
}

static void show_totals(struct zones_state *state)
{
    const struct snap *past = replay_shown(state->past);
    state->totals = past ? past : state->newest;
}

/* Takes the newest totals; what is drawn from may be freed by that, so it is set again before anybody looks. */
static bool take_totals(struct zones_state *state)
{
    const struct snap *held = snap_get(state->newest); /* what was shown lives until the comparison is over */
    bool is_new = snap_slot_take(zones_totals(state->zones), &state->newest);
    if (is_new)
        keep_past(state);
    show_totals(state);
    snap_put(held);
    return is_new;
}

static bool zones_replay(struct pane *pane, int step)
{
    struct zones_state *state = pane->state;
    bool has_moved = replay_step(state->past, step);
    show_totals(state);
    grid_refresh(state->zone_grid);
    zones_fill_tree(state);
    zones_fill_detail(state);
    app_dirty(pane->app);
    return has_moved;
}

static bool zones_changed(struct pane *pane)
{
    struct zones_state *state = pane->state;
    bool has_totals = take_totals(state);
    bool has_place = snap_slot_take(zones_place(state->zones), &state->place);
    bool has_object = snap_slot_take(zones_object(state->zones), &state->object);
    if (has_totals) {
        grid_refresh(state->zone_grid);
        grid_refresh(state->bucket_grid);
        adopt_bucket(state);
        zones_fill_tree(state);
    }
    if (has_place) {
        grid_refresh(state->entry_grid);
        count_prefixes(state);
        if (state->land_on && grid_move_to(state->entry_grid, state->land_on))
            state->land_on = 0;
        zones_pick(state);
    }
    bool has_answer = has_object && (zones_object_of(state) || state->object->err.code != ERR_OK);
    if (has_answer || (has_totals && !state->is_detail_old))
        zones_fill_detail(state);
    zones_check_jobs(state);
    return has_totals || has_place || has_object;
}

static void zones_status(struct pane *pane, struct pane_status *status)
{
    const struct zones_state *state = pane->state;
    *status = (struct pane_status){.total = -1};
    source_status(status, state->totals, zones_totals_feed(state->zones), pane->app);
    if (replay_shown(state->past))
        status->source = SOURCE_REPLAY;
    const struct zones_view *view = zones_view_of(state);
    if (view && view->is_listing && view->listed_per_s > 0)
        snprintf(status->note, sizeof status->note, "listing %lld/s", (long long)view->listed_per_s);
    const struct grid *grid = zones_is_bucket_list(state) ? state->bucket_grid
                              : pane->is_zoomed           ? state->entry_grid
                                                          : state->zone_grid;
    if (!view)
        return;
    status->total = (int64_t)grid_total(grid, &status->total_is_at_least);
    status->shown = (int64_t)grid_shown(grid);
    status->is_filtered = grid_filter(grid)[0] != '\0';
}

static struct grid *filtered_grid(struct pane *pane)
{
    struct zones_state *state = pane->state;
    return zones_is_bucket_list(state) ? state->bucket_grid : pane->is_zoomed ? state->entry_grid : state->zone_grid;
}

static void zones_filter(struct pane *pane, const char *text)
{
    struct zones_state *state = pane->state;
    struct grid *grid = filtered_grid(pane);
    grid_set_filter(grid, text);
    if (grid_filter_note(grid)[0])
        app_say(pane->app, "%s", grid_filter_note(grid));
    zones_pick(state);
}

static const char *zones_filter_text(struct pane *pane)
{
    return grid_filter(filtered_grid(pane));
}

static bool zones_sort(struct pane *pane, const char *column, bool reverse)
{
    return grid_sort_by(filtered_grid(pane), column, reverse);
}

static void zones_pause(struct pane *pane, bool is_paused)
{
    const struct zones_state *state = pane->state;
    feed_set_paused(zones_totals_feed(state->zones), is_paused);
    feed_set_paused(zones_place_feed(state->zones), is_paused);
    feed_set_paused(zones_object_feed(state->zones), is_paused);
}

static bool zones_crumbs(struct pane *pane, struct buf *out)
{
    const struct zones_state *state = pane->state;
    if (!pane->is_zoomed || !state->bucket[0])
        return false;
    buf_puts(out, state->bucket);
    for (const char *at = state->prefix; *at;) {
        size_t len = strcspn(at, "/");
        buf_puts(out, " › ");
        buf_append(out, at, len);
        at += len + (at[len] == '/');
    }
    if (state->with_versions)
        buf_puts(out, "   versions");
    return !out->failed;
}

/* A place in S3 from another pane ("s3://lake/raw/orders/"): its prefix is gone to, also of an object. */
static bool zones_receive(struct pane *pane, const char *text)
{
    struct zones_state *state = pane->state;
    char bucket[ZONES_BUCKET], prefix[ZONES_KEY];
    if (strncmp(text, "s3://", 5) != 0)
        return false;
    size_t len = strcspn(text + 5, "/");
    const char *key = text + 5 + len + (text[5 + len] == '/');
    if (len == 0 || len >= sizeof bucket || strlen(key) + 2 > sizeof prefix)
        return false;
    snprintf(bucket, sizeof bucket, "%.*s", (int)len, text + 5);
    size_t end = strlen(key);
    snprintf(prefix, sizeof prefix, "%s%s", key, end > 0 && key[end - 1] != '/' ? "/" : "");
    zones_set_bucket(state->zones, bucket);
    zones_go(state, bucket, prefix);
    state->focus = PART_LIST;
    return true;
}

static const enum action zones_footer[] = {
    ACTION_open,   ACTION_describe, ACTION_download, ACTION_upload, ACTION_remove, ACTION_raw, ACTION_copy,
    ACTION_filter, ACTION_sort,     ACTION_versions, ACTION_back,   ACTION_help,   ACTION_none};

const struct pane_ops pane_zones = {
    .name = "zones",
    .title = "Zones",
    .number = 1,
    .context = CONTEXT_zones,
    .footer = zones_footer,
    .has_parts = true,
    .open = zones_open,
    .close = zones_close,
    .show = zones_show,
    .changed = zones_changed,
    .draw_tile = zones_draw_tile,
    .draw_full = zones_draw_full,
    .act = zones_act,
    .mouse = zones_mouse,
    .receive = zones_receive,
    .status = zones_status,
    .crumbs = zones_crumbs,
    .filter = zones_filter,
    .filter_text = zones_filter_text,
    .sort = zones_sort,
    .replay = zones_replay,
    .pause = zones_pause,
    .copy_items = zones_copy_items,
    .raw_json = zones_raw_json,
    .can = zones_can,
    .permissions = "s3:ListAllMyBuckets\ns3:ListBucket\ns3:ListBucketVersions\ns3:GetObject\ns3:GetObjectVersion\n"
                   "s3:GetObjectTagging\ns3:GetBucketLocation\ns3:GetBucketVersioning\ns3:GetEncryptionConfiguration\n"
                   "s3:GetBucketPolicyStatus\ns3:GetBucketPublicAccessBlock\ns3:PutObject\ns3:DeleteObject",
    .empty = "The lake is empty. `weir pipeline data` writes the demo data; `weir cp FILE s3://BUCKET/raw/` uploads.",
};
