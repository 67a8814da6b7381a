/* What the keys do in the Catalog: moving about. What changes something is in catalog_work.c. UI thread. */
#include "backend/domain/permission.h"
#include "tui/pane/catalog.h"
#include <stdio.h>
#include <string.h>

static bool open_list(struct catalog_state *state)
{
    const struct catalog_database *database = catalog_database_of(state);
    if (!state->database[0] && database)
        catalog_enter(state, database->name, NULL);
    else if (state->table[0])
        state->focus = AREA_PAGE;
    return true;
}

static bool open_page(struct catalog_state *state)
{
    if (state->page == PAGE_VERSIONS)
        catalog_show_diff(state);
    else if (state->page == PAGE_PARTITIONS)
        catalog_describe(state);
    else if (state->page == PAGE_PREVIEW && !catalog_preview_of(state))
        catalog_ask_preview(state);
    else
        catalog_peek(state);
    return true;
}

static bool do_open(struct catalog_state *state)
{
    struct pane *pane = state->pane;
    if (!pane->is_zoomed) {
        const struct catalog_table *table = catalog_table_of(state);
        char database[CATALOG_NAME], name[CATALOG_NAME];
        snprintf(database, sizeof database, "%s", table ? table->database : "");
        snprintf(name, sizeof name, "%s", table ? table->name : "");
        app_zoom(pane->app, true);
        if (database[0])
            catalog_enter(state, database, name);
        return true;
    }
    if (state->focus == AREA_LIST)
        return open_list(state);
    if (state->focus == AREA_PAGE)
        return open_page(state);
    catalog_describe(state);
    return true;
}

static bool do_back(struct catalog_state *state)
{
    struct pane *pane = state->pane;
    struct grid *grid = catalog_grid(state);
    if (grid && grid_filter(grid)[0]) {
        pane->ops->filter(pane, "");
        return true;
    }
    if (!pane->is_zoomed)
        return false;
    if (grid && grid_marked(grid) > 0) {
        grid_clear_marks(grid);
        return true;
    }
    if (state->focus != AREA_LIST) {
        state->focus = AREA_LIST;
        return true;
    }
    if (!state->database[0])
        return false;
    catalog_leave(state);
    return true;
}

static bool turn(struct catalog_state *state, int by)
{
    int count = state->table[0] ? AREA_COUNT : AREA_PAGE; /* a database has no page */
    if (!state->pane->is_zoomed || !catalog_view_of(state))
        return false;
    state->focus = (enum catalog_area)(((int)state->focus + by + count) % count);
    return true;
}

static bool do_next(struct catalog_state *state)
{
    return turn(state, 1);
}

static bool do_prev(struct catalog_state *state)
{
    return turn(state, -1);
}

/* From the tile the table is gone into first. */
static bool show_page(struct catalog_state *state, enum catalog_page page)
{
    if (!state->pane->is_zoomed)
        do_open(state);
    if (!state->table[0]) {
        app_say(state->pane->app, "choose a table first");
        return true;
    }
    catalog_show_page(state, page);
    return true;
}

static bool do_columns(struct catalog_state *state)
{
    return show_page(state, PAGE_COLUMNS);
}
static bool do_partitions(struct catalog_state *state)
{
    return show_page(state, PAGE_PARTITIONS);
}
static bool do_versions(struct catalog_state *state)
{
    return show_page(state, PAGE_VERSIONS);
}

static bool do_preview(struct catalog_state *state)
{
    show_page(state, PAGE_PREVIEW);
    if (state->table[0])
        catalog_ask_preview(state);
    return true;
}

static bool do_refresh(struct catalog_state *state)
{
    feed_refresh(catalog_feed(state->catalog));
    if (state->table[0] && state->pane->is_zoomed) {
        feed_refresh(catalog_detail_feed(state->catalog));
        feed_refresh(catalog_location_feed(state->catalog));
    }
    return true;
}

static bool do_permissions(struct catalog_state *state)
{
    struct buf policy = BUF_INIT(256 * 1024);
    if (permission_policy("catalog", "", !app_is_readonly(state->pane->app), &policy))
        overlay_pager(state->pane->app, "The smallest policy that this pane needs", buf_text(&policy), policy.len);
    buf_done(&policy);
    return true;
}

static bool do_describe(struct catalog_state *state)
{
    catalog_describe(state);
    return true;
}
static bool do_crawl(struct catalog_state *state)
{
    catalog_ask_crawl(state);
    return true;
}
static bool do_crawl_stop(struct catalog_state *state)
{
    catalog_ask_stop(state);
    return true;
}
static bool do_crawl_new(struct catalog_state *state)
{
    catalog_ask_crawler(state);
    return true;
}
static bool do_insert(struct catalog_state *state)
{
    catalog_insert(state);
    return true;
}
static bool do_location(struct catalog_state *state)
{
    catalog_go_to_location(state);
    return true;
}
static bool do_web(struct catalog_state *state)
{
    catalog_web(state);
    return true;
}
static bool do_peek(struct catalog_state *state)
{
    catalog_peek(state);
    return true;
}

static const struct {
    enum action action;
    bool (*run)(struct catalog_state *state); /* true: taken */
} rows[] = {
    {ACTION_open, do_open},
    {ACTION_back, do_back},
    {ACTION_next, do_next},
    {ACTION_prev, do_prev},
    {ACTION_columns, do_columns},
    {ACTION_partitions, do_partitions},
    {ACTION_versions, do_versions},
    {ACTION_preview, do_preview},
    {ACTION_refresh, do_refresh},
    {ACTION_permissions, do_permissions},
    {ACTION_describe, do_describe},
    {ACTION_crawl, do_crawl},
    {ACTION_crawl_stop, do_crawl_stop},
    {ACTION_crawl_new, do_crawl_new},
    {ACTION_insert, do_insert},
    {ACTION_location, do_location},
    {ACTION_web, do_web},
    {ACTION_peek, do_peek},
};

bool catalog_act(struct pane *pane, enum action action)
{
    struct catalog_state *state = pane->state;
    bool is_taken = false, is_row = false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !is_row; i++) {
        is_row = rows[i].action == action;
        if (is_row)
            is_taken = rows[i].run(state);
    }
    if (!is_row) {
        struct grid *grid = catalog_grid(state);
        is_taken = grid ? grid_act(grid, action) : textview_act(state->facts, action);
    }
    if (is_taken) {
        catalog_pick(state);
        app_dirty(pane->app);
    }
    return is_taken;
}

bool catalog_can(struct pane *pane, enum action action)
{
    const struct catalog_state *state = pane->state;
    const struct catalog_table *table = catalog_table_of(state);
    const struct catalog_crawler *crawler = catalog_crawler_of(state);
    switch (action) {
    case ACTION_columns:
    case ACTION_partitions:
    case ACTION_versions:
    case ACTION_preview:
        return table != NULL;
    case ACTION_insert:
    case ACTION_describe:
    case ACTION_raw:
    case ACTION_copy:
        return table || catalog_database_of(state) || crawler;
    case ACTION_location:
        return table && table->location[0];
    case ACTION_crawl:
        return crawler && strcmp(crawler->state, "READY") == 0;
    case ACTION_crawl_stop:
        return crawler && strcmp(crawler->state, "RUNNING") == 0;
    case ACTION_save:
    case ACTION_edit:
        return false;
    default:
        return true;
    }
}
