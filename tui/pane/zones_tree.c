/* The tree of the Zones pane: bucket, zones, and the second level of those that are open. UI thread. */
#include "backend/base/text.h"
#include "tui/pane/zones.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TREE_BUILD_MAX = TREE_ROWS_MAX + 512, NOTE_SIZE = TEXT_SHORT + 2 };

struct building {
    struct zones_state *state;
    struct tree_row *rows;
    char (*notes)[NOTE_SIZE];
    size_t count;
};

static bool is_below(const char *prefix, const char *top)
{
    return *top && strncmp(prefix, top, strlen(top)) == 0;
}

static bool is_open(const struct zones_state *state, const struct zone_row *zone)
{
    uint64_t id = zones_key_id(zone->prefix, NULL);
    for (int i = 0; i < state->opened_count; i++) {
        if (state->opened[i] == id)
            return true;
    }
    return is_below(state->prefix, zone->prefix);
}

static void set_note(char note[NOTE_SIZE], const struct zone_totals *totals, const struct err *err)
{
    char bytes[TEXT_SHORT];
    if (err && err->code == ERR_DENIED)
        snprintf(note, NOTE_SIZE, "denied");
    else if (err && err->code != ERR_OK && totals->objects == 0)
        snprintf(note, NOTE_SIZE, "error");
    else if (!totals->is_complete && totals->objects == 0) /* not counted yet is not none */
        snprintf(note, NOTE_SIZE, "?");
    else
        snprintf(note, NOTE_SIZE, "%s%s", text_bytes((uint64_t)totals->bytes, bytes), totals->is_complete ? "" : "+");
}

static void add(struct building *building, int depth, const char *label, const char *prefix,
                const struct zone_totals *totals, const struct err *err)
{
    if (building->count == TREE_BUILD_MAX)
        return;
    char *note = building->notes[building->count];
    set_note(note, totals, err);
    bool has_error = err && err->code != ERR_OK;
    building->rows[building->count++] = (struct tree_row){
        .id = zones_key_id(prefix, NULL),
        .depth = depth,
        .label = label,
        .label_len = strlen(label),
        .note = note,
        .role = depth == 0 ? ROLE_strong : ROLE_text,
        .note_role = has_error ? ROLE_warn : ROLE_dim,
        .is_here = strcmp(building->state->prefix, prefix) == 0,
    };
}

static const char *below(const char *name, const char *parent)
{
    return is_below(name, parent) ? name + strlen(parent) : name;
}

static void add_zone(struct building *building, const struct zone_row *zone)
{
    add(building, 1, zone->name, zone->prefix, &zone->totals, &zone->err);
    if (!is_open(building->state, zone))
        return;
    for (size_t i = 0; i < zone->child_count; i++) {
        const struct zone_row *child = &zone->children[i];
        add(building, 2, below(child->name, zone->prefix), child->prefix, &child->totals, &child->err);
    }
}

static uint64_t buckets_id(void)
{
    return zones_key_id("", "buckets"); /* no prefix has a version */
}

bool zones_tree_is_on_buckets(const struct zones_state *state)
{
    uint64_t id;
    return tree_current(state->tree, &id) && id == buckets_id();
}

static void add_buckets_line(struct building *building)
{
    static const char label[] = "other buckets";
    if (app_config(building->state->pane->app)->bucket[0] || building->count == TREE_BUILD_MAX)
        return; /* the bucket was given: there is nothing beside it */
    building->rows[building->count++] = (struct tree_row){
        .id = buckets_id(), .label = label, .label_len = sizeof label - 1, .role = ROLE_dim, .note_role = ROLE_dim};
}

void zones_fill_tree(struct zones_state *state)
{
    const struct zones_view *view = zones_view_of(state);
    struct building building = {.state = state,
                                .rows = calloc(TREE_BUILD_MAX, sizeof *building.rows),
                                .notes = calloc(TREE_BUILD_MAX, sizeof *building.notes)};
    bool had_rows = tree_count(state->tree) > 0;
    if (view && view->bucket[0] && building.rows && building.notes) {
        add(&building, 0, view->bucket, "", &view->all, NULL);
        for (size_t i = 0; i < view->zone_count; i++) {
            if (view->zones[i].prefix[0]) /* objects at the root are in the bucket's own line */
                add_zone(&building, &view->zones[i]);
        }
        add_buckets_line(&building);
    }
    tree_set_rows(state->tree, building.rows, building.count);
    if (!had_rows || state->focus != PART_TREE)
        tree_move_to(state->tree, zones_key_id(state->prefix, NULL));
    free(building.rows);
    free(building.notes);
}

const struct zone_row *zones_row_of_prefix(const struct zones_state *state, const char *prefix)
{
    const struct zones_view *view = zones_view_of(state);
    for (size_t i = 0; view && *prefix && i < view->zone_count; i++) {
        const struct zone_row *zone = &view->zones[i];
        if (strcmp(zone->prefix, prefix) == 0)
            return zone;
        for (size_t j = 0; j < zone->child_count; j++) {
            if (strcmp(zone->children[j].prefix, prefix) == 0)
                return &zone->children[j];
        }
    }
    return NULL;
}

/* The prefix of the tree's row with this id: "" for the bucket, NULL when there is none. */
static const char *prefix_of(const struct zones_state *state, uint64_t id)
{
    const struct zones_view *view = zones_view_of(state);
    if (!view || id == zones_key_id("", NULL))
        return view ? "" : NULL;
    for (size_t i = 0; i < view->zone_count; i++) {
        const struct zone_row *zone = &view->zones[i];
        if (zones_key_id(zone->prefix, NULL) == id)
            return zone->prefix;
        for (size_t j = 0; j < zone->child_count; j++) {
            if (zones_key_id(zone->children[j].prefix, NULL) == id)
                return zone->children[j].prefix;
        }
    }
    return NULL;
}

bool zones_tree_target(struct zones_state *state, struct zones_target *target)
{
    uint64_t id;
    const char *prefix = tree_current(state->tree, &id) ? prefix_of(state, id) : NULL;
    if (!prefix)
        return false;
    *target = (struct zones_target){.is_prefix = true, .bytes = -1};
    snprintf(target->bucket, sizeof target->bucket, "%s", state->bucket);
    snprintf(target->key, sizeof target->key, "%s", prefix);
    return true;
}

void zones_tree_toggle(struct zones_state *state, bool open)
{
    uint64_t id;
    if (!tree_current(state->tree, &id))
        return;
    int at = 0;
    while (at < state->opened_count && state->opened[at] != id)
        at++;
    bool was_open = at < state->opened_count;
    if (open && !was_open && state->opened_count < ZONES_OPENED)
        state->opened[state->opened_count++] = id;
    else if (!open && was_open)
        state->opened[at] = state->opened[--state->opened_count];
    zones_fill_tree(state);
}
