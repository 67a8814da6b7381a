/* What the keys do in Zones: moving through the lake. What changes something is in zones_work.c. UI thread. */
#include "backend/domain/permission.h"
#include "tui/pane/zones.h"
#include <stdio.h>
#include <string.h>

const char *zones_base_name(const char *key)
{
    size_t end = strlen(key);
    if (end > 0 && key[end - 1] == '/')
        end--; /* a prefix keeps its own slash */
    while (end > 0 && key[end - 1] != '/')
        end--;
    return key + end;
}

void zones_uri(const struct zones_target *target, char *out, size_t size)
{
    snprintf(out, size, "s3://%s/%s", target->bucket, target->key);
}

static bool entry_target(struct zones_state *state, struct zones_target *target)
{
    const struct entry_row *entry = zones_entry(state);
    if (!entry)
        return false;
    *target = (struct zones_target){.is_prefix = entry->kind == ENTRY_PREFIX,
                                    .is_marker = entry->kind == ENTRY_DELETE_MARKER,
                                    .bytes = entry->bytes};
    snprintf(target->bucket, sizeof target->bucket, "%s", state->bucket);
    snprintf(target->key, sizeof target->key, "%s", entry->key);
    if (state->with_versions && entry->version_id)
        snprintf(target->version, sizeof target->version, "%s", entry->version_id);
    return true;
}

bool zones_target(struct zones_state *state, struct zones_target *target)
{
    if (zones_is_bucket_list(state)) {
        const struct bucket_row *bucket = grid_current(state->bucket_grid);
        *target = (struct zones_target){.is_prefix = true, .bytes = -1};
        snprintf(target->bucket, sizeof target->bucket, "%s", bucket ? bucket->name : "");
        return bucket != NULL;
    }
    if (state->pane->is_zoomed)
        return state->focus == PART_TREE ? zones_tree_target(state, target) : entry_target(state, target);
    const struct zone_row *zone = grid_current(state->zone_grid);
    if (!zone)
        return false;
    *target = (struct zones_target){.is_prefix = true, .bytes = -1};
    snprintf(target->bucket, sizeof target->bucket, "%s", zone->bucket);
    snprintf(target->key, sizeof target->key, "%s", zone->prefix);
    return true;
}

static void choose_bucket(struct zones_state *state)
{
    const struct bucket_row *bucket = grid_current(state->bucket_grid);
    if (!bucket)
        return;
    zones_set_bucket(state->zones, bucket->name);
    zones_go(state, bucket->name, "");
    state->focus = PART_LIST;
}

static void list_buckets(struct zones_state *state)
{
    memcpy(state->last_bucket, state->bucket, sizeof state->last_bucket);
    state->bucket[0] = state->prefix[0] = '\0';
    state->focus = PART_LIST;
    zones_set_bucket(state->zones, "");
}

static bool leave_buckets(struct zones_state *state)
{
    if (!state->last_bucket[0])
        return false;
    zones_set_bucket(state->zones, state->last_bucket);
    zones_go(state, state->last_bucket, "");
    return true;
}

static void drill(struct zones_state *state, const struct entry_row *entry)
{
    char prefix[ZONES_KEY];
    int depth = state->depth;
    struct zones_trail trail;
    snprintf(prefix, sizeof prefix, "%s", entry->key);
    snprintf(trail.filter, sizeof trail.filter, "%s", grid_filter(state->entry_grid));
    zones_go(state, state->bucket, prefix);
    state->depth = depth;
    if (state->depth < ZONES_TRAIL)
        state->trail[state->depth++] = trail;
}

static bool go_up(struct zones_state *state)
{
    char here[ZONES_KEY], parent[ZONES_KEY];
    if (!state->prefix[0])
        return false;
    snprintf(here, sizeof here, "%s", state->prefix);
    snprintf(parent, sizeof parent, "%.*s", (int)(zones_base_name(here) - here), here);
    int depth = state->depth > 0 ? state->depth - 1 : 0;
    struct zones_trail trail = {0};
    if (state->depth > 0)
        trail = state->trail[depth];
    zones_go(state, state->bucket, parent);
    state->depth = depth;
    state->land_on = zones_key_id(here, NULL);
    grid_set_filter(state->entry_grid, trail.filter);
    return true;
}

static void open_list(struct zones_state *state)
{
    const struct entry_row *entry = zones_entry(state);
    if (entry && entry->kind == ENTRY_PREFIX)
        drill(state, entry);
    else if (entry)
        state->focus = PART_DETAIL;
}

static bool do_open(struct zones_state *state)
{
    struct pane *pane = state->pane;
    struct zones_target target;
    if (zones_is_bucket_list(state)) {
        choose_bucket(state);
        app_zoom(pane->app, true);
        return true;
    }
    if (!pane->is_zoomed) {
        if (zones_target(state, &target))
            zones_go(state, target.bucket, target.key);
        state->focus = PART_LIST;
        app_zoom(pane->app, true);
    } else if (state->focus == PART_TREE && zones_tree_is_on_buckets(state)) {
        list_buckets(state);
    } else if (state->focus == PART_TREE && zones_target(state, &target)) {
        zones_go(state, target.bucket, target.key);
        state->focus = PART_LIST;
    } else if (state->focus == PART_LIST) {
        open_list(state);
    } else if (state->focus == PART_DETAIL) {
        zones_describe(state);
    }
    return true;
}

static bool do_back(struct zones_state *state)
{
    struct pane *pane = state->pane;
    if (pane->ops->filter_text(pane)[0]) {
        pane->ops->filter(pane, "");
        return true;
    }
    if (zones_is_bucket_list(state))
        return leave_buckets(state);
    if (!pane->is_zoomed)
        return false;
    if (state->focus != PART_LIST) {
        state->focus = PART_LIST;
        return true;
    }
    if (grid_marked(state->entry_grid) > 0) {
        grid_clear_marks(state->entry_grid);
        return true;
    }
    return go_up(state);
}

static bool turn_part(struct zones_state *state, int by)
{
    if (!state->pane->is_zoomed || zones_is_bucket_list(state))
        return false;
    state->focus = (enum zones_part)(((int)state->focus + by + PART_COUNT) % PART_COUNT);
    return true;
}

static bool do_next(struct zones_state *state)
{
    return turn_part(state, 1);
}

static bool do_prev(struct zones_state *state)
{
    return turn_part(state, -1);
}

static bool do_versions(struct zones_state *state)
{
    if (!state->pane->is_zoomed || !state->bucket[0])
        return false;
    state->with_versions = !state->with_versions;
    grid_clear_marks(state->entry_grid);
    zones_show_place(state);
    app_say(state->pane->app, state->with_versions ? "all versions and delete markers" : "latest versions only");
    return true;
}

static bool do_refresh(struct zones_state *state)
{
    feed_refresh(zones_totals_feed(state->zones));
    if (state->bucket[0] && state->pane->is_zoomed)
        feed_refresh(zones_place_feed(state->zones));
    if (state->key[0] && state->pane->is_zoomed)
        feed_refresh(zones_object_feed(state->zones));
    return true;
}

static bool do_permissions(struct zones_state *state)
{
    struct buf policy = BUF_INIT(256 * 1024);
    if (permission_policy("zones", state->bucket, !app_is_readonly(state->pane->app), &policy))
        overlay_pager(state->pane->app, "The smallest policy that this pane needs", buf_text(&policy), policy.len);
    buf_done(&policy);
    return true;
}

static bool do_describe(struct zones_state *state)
{
    zones_describe(state);
    return true;
}
static bool do_download(struct zones_state *state)
{
    zones_download(state);
    return true;
}
static bool do_upload(struct zones_state *state)
{
    zones_upload(state);
    return true;
}
static bool do_remove(struct zones_state *state)
{
    zones_remove(state);
    return true;
}
static bool do_edit(struct zones_state *state)
{
    zones_edit(state);
    return true;
}
static bool do_web(struct zones_state *state)
{
    zones_web(state);
    return true;
}
static bool do_peek(struct zones_state *state)
{
    zones_peek(state);
    return true;
}

static const struct {
    enum action action;
    bool (*run)(struct zones_state *state); /* true: taken */
} rows[] = {
    {ACTION_open, do_open},         {ACTION_back, do_back},         {ACTION_next, do_next},
    {ACTION_prev, do_prev},         {ACTION_versions, do_versions}, {ACTION_refresh, do_refresh},
    {ACTION_describe, do_describe}, {ACTION_download, do_download}, {ACTION_upload, do_upload},
    {ACTION_remove, do_remove},     {ACTION_edit, do_edit},         {ACTION_permissions, do_permissions},
    {ACTION_web, do_web},           {ACTION_peek, do_peek},         {ACTION_save, zones_export},
};

static bool move_tree(struct zones_state *state, enum action action)
{
    if (action == ACTION_left || action == ACTION_right) {
        zones_tree_toggle(state, action == ACTION_right);
        return true;
    }
    return tree_act(state->tree, action);
}

/* Movement, sort, widths, marks: for the part in focus. */
static bool move(struct zones_state *state, enum action action)
{
    if (zones_is_bucket_list(state))
        return grid_act(state->bucket_grid, action);
    if (!state->pane->is_zoomed)
        return grid_act(state->zone_grid, action);
    if (state->focus == PART_TREE)
        return move_tree(state, action);
    if (state->focus == PART_DETAIL)
        return textview_act(state->detail, action);
    return grid_act(state->entry_grid, action);
}

bool zones_act(struct pane *pane, enum action action)
{
    struct zones_state *state = pane->state;
    bool is_taken = false, is_row = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !is_row; i++) {
        is_row = rows[i].action == action;
        if (is_row)
            is_taken = rows[i].run(state);
    }
    if (!is_row)
        is_taken = move(state, action);
    if (is_taken) {
        zones_pick(state);
        app_dirty(pane->app);
    }
    return is_taken;
}

bool zones_can(struct pane *pane, enum action action)
{
    struct zones_state *state = pane->state;
    struct zones_target target;
    bool has_target = zones_target(state, &target);
    switch (action) {
    case ACTION_download:
        return has_target && !target.is_marker && !zones_is_bucket_list(state);
    case ACTION_remove:
        return has_target && target.key[0] && !zones_is_bucket_list(state);
    case ACTION_edit:
        return has_target && !target.is_prefix && !target.is_marker;
    case ACTION_upload:
        return state->bucket[0] != '\0';
    case ACTION_versions:
        return pane->is_zoomed && state->bucket[0];
    case ACTION_describe:
    case ACTION_copy:
    case ACTION_raw:
    case ACTION_web:
        return has_target;
    default:
        return true;
    }
}
