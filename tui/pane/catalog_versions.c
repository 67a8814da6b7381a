/* Two versions of a table against each other, line by line in the pager. UI thread. */
#include "backend/base/arena.h"
#include "tui/pane/catalog.h"
#include <stdio.h>

enum { WORDS = 512, DIFF_ARENA = 8 << 20 };

static void tell_diff(struct textview *view, const struct catalog_diff_line *line)
{
    static const struct {
        const char *sign;
        enum theme_role role;
    } looks[] = {[DIFF_SAME] = {" ", ROLE_dim},
                 [DIFF_ADDED] = {"+", ROLE_ok},
                 [DIFF_REMOVED] = {"-", ROLE_fail},
                 [DIFF_CHANGED] = {"~", ROLE_warn}};
    char label[WORDS], words[WORDS];
    snprintf(label, sizeof label, "%s %.200s", looks[line->kind].sign, line->name);
    if (line->kind == DIFF_CHANGED)
        snprintf(words, sizeof words, "%.200s -> %.200s", line->before, line->after);
    else
        snprintf(words, sizeof words, "%.200s", line->kind == DIFF_REMOVED ? line->before : line->after);
    textview_pair(view, looks[line->kind].role, label, looks[line->kind].role, words);
}

struct compared {
    const struct catalog_version *versions[2]; /* newer, older */
    size_t count;
};

static void take_version(void *context, const void *row)
{
    struct compared *pair = context;
    if (pair->count < 2)
        pair->versions[pair->count] = row;
    pair->count++;
}

static bool choose_versions(struct catalog_state *state, struct compared *pair)
{
    const struct catalog_detail *detail = catalog_detail_of(state);
    struct grid *grid = state->page_grids[PAGE_VERSIONS];
    if (!detail || !grid_current(grid))
        return false;
    grid_each_marked(grid, take_version, pair);
    if (pair->count > 2) {
        app_say(state->pane->app, "mark two versions, or none: then the one before is compared");
        return false;
    }
    if (pair->count == 1) {
        const struct catalog_version *older = pair->versions[0] + 1;
        if (older >= detail->versions + detail->version_count) {
            app_say(state->pane->app, "this is the first version: there is none before it");
            return false;
        }
        pair->versions[1] = older;
    } else if (pair->versions[0] > pair->versions[1]) {
        const struct catalog_version *older = pair->versions[0];
        pair->versions[0] = pair->versions[1];
        pair->versions[1] = older;
    }
    return true;
}

void catalog_show_diff(struct catalog_state *state)
{
    struct compared pair = {.count = 0};
    struct catalog_diff_line *lines = NULL;
    char title[WORDS];
    if (!choose_versions(state, &pair))
        return;
    struct arena *arena = arena_new(DIFF_ARENA);
    size_t count = catalog_compare(pair.versions[1], pair.versions[0], arena, &lines);
    struct textview *view = textview_new();
    textview_set_wrap(view, WRAP_FIELDS);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && lines[i - 1].is_property && !lines[i].is_property)
            textview_section(view, "columns");
        tell_diff(view, &lines[i]);
    }
    arena_free(arena);
    snprintf(title, sizeof title, "%.200s: version %s against %s", state->table, pair.versions[0]->id,
             pair.versions[1]->id);
    overlay_pager_view(state->pane->app, title, view);
}
