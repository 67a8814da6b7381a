/* The Catalog pane: databases, tables and what keeps them. Here: its ops, the snapshots it draws from, what is chosen.
 * It never waits: the feeds of domain/catalog do the calls. UI thread. */
#include "tui/pane/catalog.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct catalog_view *catalog_view_of(const struct catalog_state *state)
{
    return state->all ? state->all->value : NULL;
}

static bool is_chosen(const struct catalog_state *state, const char *database, const char *table)
{
    return state->table[0] && strcmp(table, state->table) == 0 && strcmp(database, state->database) == 0;
}

const struct catalog_detail *catalog_detail_of(const struct catalog_state *state)
{
    const struct catalog_detail *detail = state->detail ? state->detail->value : NULL;
    return detail && is_chosen(state, detail->table.database, detail->table.name) ? detail : NULL;
}

const struct catalog_location *catalog_location_of(const struct catalog_state *state)
{
    const struct catalog_location *location = state->location ? state->location->value : NULL;
    return location && is_chosen(state, location->database, location->table) ? location : NULL;
}

const struct catalog_preview *catalog_preview_of(const struct catalog_state *state)
{
    const struct catalog_preview *preview = state->preview ? state->preview->value : NULL;
    return preview && is_chosen(state, preview->database, preview->table) ? preview : NULL;
}

const struct catalog_database *catalog_database_named(const struct catalog_state *state, const char *name)
{
    const struct catalog_view *view = catalog_view_of(state);
    for (size_t i = 0; view && i < view->database_count; i++) {
        if (strcmp(view->databases[i].name, name) == 0)
            return &view->databases[i];
    }
    return NULL;
}

const struct catalog_table *catalog_table_of(const struct catalog_state *state)
{
    if (!catalog_view_of(state))
        return NULL;
    if (!state->pane->is_zoomed)
        return grid_current(state->tile_grid);
    return state->database[0] ? grid_current(state->table_grid) : NULL;
}

const struct catalog_database *catalog_database_of(const struct catalog_state *state)
{
    if (!catalog_view_of(state))
        return NULL;
    if (!state->pane->is_zoomed) {
        const struct catalog_table *table = grid_current(state->tile_grid);
        return table ? catalog_database_named(state, table->database) : NULL;
    }
    return state->database[0] ? catalog_database_named(state, state->database) : grid_current(state->database_grid);
}

struct grid *catalog_grid(const struct catalog_state *state)
{
    if (!state->pane->is_zoomed)
        return state->tile_grid;
    switch (state->focus) {
    case AREA_CRAWLERS:
        return state->crawler_grid;
    case AREA_PAGE:
        return state->page_grids[state->page];
    case AREA_LIST:
        return state->database[0] ? state->table_grid : state->database_grid;
    default:
        return NULL;
    }
}

/* ---- what is chosen */

static void forget_page(struct catalog_state *state)
{
    for (int page = 0; page < PAGE_COUNT; page++) {
        grid_set_filter(state->page_grids[page], "");
        grid_clear_marks(state->page_grids[page]);
        grid_move(state->page_grids[page], 0);
        grid_refresh(state->page_grids[page]);
    }
}

static void ask(struct catalog_state *state)
{
    const struct catalog_table *table = catalog_table_of(state);
    bool is_visible = state->table[0] != '\0' && state->pane->is_zoomed;
    catalog_set_table(state->catalog, state->table[0] ? state->database : "", state->table,
                      table ? table->location : "");
    feed_set_visible(catalog_detail_feed(state->catalog), is_visible);
    feed_set_visible(catalog_location_feed(state->catalog), is_visible && table && table->location[0]);
}

void catalog_pick(struct catalog_state *state)
{
    if (!state->pane->is_zoomed)
        return;
    const struct catalog_table *table = catalog_table_of(state);
    const char *name = table ? table->name : "";
    if (strcmp(name, state->table) != 0) {
        snprintf(state->table, sizeof state->table, "%s", name);
        state->picked_ms = clock_wall(app_clock(state->pane->app));
        textview_act(state->facts, ACTION_first);
        forget_page(state);
        catalog_join(state);
        ask(state);
    }
    catalog_fill_facts(state);
}

static bool land(struct catalog_state *state)
{
    const struct catalog_database *database = catalog_database_named(state, state->database);
    const struct catalog_view *view = catalog_view_of(state);
    for (size_t i = 0; database && i < database->table_count; i++) {
        if (strcmp(view->tables[database->first_table + i].name, state->land_on) == 0) {
            grid_move(state->table_grid, i);
            return true;
        }
    }
    return false;
}

void catalog_enter(struct catalog_state *state, const char *database, const char *table)
{
    snprintf(state->land_on, sizeof state->land_on, "%s", table ? table : "");
    snprintf(state->database, sizeof state->database, "%s", database);
    state->table[0] = '\0';
    state->focus = AREA_LIST;
    grid_set_filter(state->table_grid, "");
    grid_sort_by(state->table_grid, NULL, false);
    grid_refresh(state->table_grid);
    grid_move(state->table_grid, 0);
    if (state->land_on[0] && land(state))
        state->land_on[0] = '\0';
    catalog_pick(state);
}

void catalog_leave(struct catalog_state *state)
{
    state->database[0] = state->table[0] = '\0';
    state->focus = AREA_LIST;
    ask(state);
    catalog_pick(state);
}

void catalog_show_page(struct catalog_state *state, enum catalog_page page)
{
    state->page = page;
    state->focus = AREA_PAGE;
}

void catalog_track(struct catalog_state *state, int job)
{
    if (job < 0)
        app_say(state->pane->app, "too much background work is waiting; J shows it");
    else if (state->tracked_count < CATALOG_TRACKED)
        state->tracked[state->tracked_count++] = job;
}

/* ---- the pane */

static bool catalog_open(struct pane *pane, struct err *err)
{
    struct catalog_state *state = calloc(1, sizeof *state);
    if (!state)
        abort();
    pane->state = state;
    state->pane = pane;
    state->catalog = session_catalog(pane->session);
    if (!state->catalog) {
        free(state);
        pane->state = NULL;
        return err_set(err, ERR_FAILED, "catalog: the feeds could not be started");
    }
    state->opened_ms = clock_wall(app_clock(pane->app));
    catalog_make_grids(state);
    state->facts = textview_new();
    textview_set_wrap(state->facts, WRAP_FIELDS);
    return true;
}

static void catalog_close(struct pane *pane)
{
    struct catalog_state *state = pane->state;
    if (!state)
        return;
    catalog_free_grids(state);
    textview_free(state->facts);
    snap_put(state->all);
    snap_put(state->detail);
    snap_put(state->location);
    snap_put(state->preview);
    free(state);
    pane->state = NULL;
}

static void catalog_show(struct pane *pane, bool visible)
{
    struct catalog_state *state = pane->state;
    feed_set_visible(catalog_feed(state->catalog), visible);
    feed_set_visible(catalog_detail_feed(state->catalog), visible && state->table[0]);
    feed_set_visible(catalog_location_feed(state->catalog), visible && state->table[0]);
}

static void take_all(struct catalog_state *state)
{
    grid_refresh(state->tile_grid);
    grid_refresh(state->database_grid);
    grid_refresh(state->table_grid);
    grid_refresh(state->crawler_grid);
    if (state->land_on[0] && land(state))
        state->land_on[0] = '\0';
    grid_refresh(state->page_grids[PAGE_COLUMNS]);
}

static bool catalog_changed(struct pane *pane)
{
    struct catalog_state *state = pane->state;
    bool has_all = snap_slot_take(catalog_slot(state->catalog), &state->all);
    bool has_detail = snap_slot_take(catalog_detail_slot(state->catalog), &state->detail);
    bool has_location = snap_slot_take(catalog_location_slot(state->catalog), &state->location);
    bool has_preview = snap_slot_take(catalog_preview_slot(state->catalog), &state->preview);
    if (has_all)
        take_all(state);
    const struct catalog_location *location = catalog_location_of(state);
    if (has_detail || (has_location && location && location->is_complete)) /* sums that grow fill no row yet */
        catalog_join(state);
    if (has_detail) {
        grid_refresh(state->page_grids[PAGE_COLUMNS]);
        grid_refresh(state->page_grids[PAGE_VERSIONS]);
    }
    if (has_preview)
        catalog_new_preview(state);
    if (has_all || has_detail || has_location)
        catalog_pick(state);
    catalog_check_jobs(state);
    return has_all || has_detail || has_location || has_preview;
}

static void catalog_status(struct pane *pane, struct pane_status *status)
{
    const struct catalog_state *state = pane->state;
    const struct grid *grid = catalog_grid(state);
    *status = (struct pane_status){.total = -1};
    source_status(status, state->all, catalog_feed(state->catalog), pane->app);
    if (!catalog_view_of(state) || !grid)
        return;
    status->total = (int64_t)grid_total(grid, &status->total_is_at_least);
    status->shown = (int64_t)grid_shown(grid);
    status->is_filtered = grid_filter(grid)[0] != '\0';
}

/* A text has no rows to filter: then the list's are meant. */
static struct grid *filtered_grid(struct pane *pane)
{
    const struct catalog_state *state = pane->state;
    struct grid *grid = catalog_grid(state);
    return grid ? grid : state->database[0] ? state->table_grid : state->database_grid;
}

static void catalog_filter(struct pane *pane, const char *text)
{
    struct grid *grid = filtered_grid(pane);
    grid_set_filter(grid, text);
    if (grid_filter_note(grid)[0])
        app_say(pane->app, "%s", grid_filter_note(grid));
    catalog_pick(pane->state);
}

static const char *catalog_filter_text(struct pane *pane)
{
    return grid_filter(filtered_grid(pane));
}

static bool catalog_sort(struct pane *pane, const char *column, bool reverse)
{
    return grid_sort_by(filtered_grid(pane), column, reverse);
}

static void catalog_pause(struct pane *pane, bool is_paused)
{
    const struct catalog_state *state = pane->state;
    feed_set_paused(catalog_feed(state->catalog), is_paused);
    feed_set_paused(catalog_detail_feed(state->catalog), is_paused);
    feed_set_paused(catalog_location_feed(state->catalog), is_paused);
}

static bool catalog_crumbs(struct pane *pane, struct buf *out)
{
    static const char *const names[] = {"columns", "partitions", "versions", "preview"};
    const struct catalog_state *state = pane->state;
    if (!pane->is_zoomed)
        return false;
    buf_puts(out, "databases");
    if (state->database[0])
        buf_printf(out, " › %s", state->database);
    if (state->table[0] && state->focus != AREA_CRAWLERS)
        buf_printf(out, " › %s", state->table);
    if (state->focus == AREA_PAGE && state->table[0])
        buf_printf(out, " › %s", names[state->page]);
    if (state->focus == AREA_CRAWLERS)
        buf_puts(out, " › crawlers");
    return !out->failed;
}

static const enum action catalog_footer[] = {
    ACTION_open,  ACTION_columns,  ACTION_partitions, ACTION_versions, ACTION_preview, ACTION_insert, ACTION_location,
    ACTION_crawl, ACTION_describe, ACTION_filter,     ACTION_back,     ACTION_help,    ACTION_none};

const struct pane_ops pane_catalog = {
    .name = "catalog",
    .title = "Catalog",
    .number = 2,
    .context = CONTEXT_catalog,
    .footer = catalog_footer,
    .has_parts = true,
    .open = catalog_open,
    .close = catalog_close,
    .show = catalog_show,
    .changed = catalog_changed,
    .draw_tile = catalog_draw_tile,
    .draw_full = catalog_draw_full,
    .act = catalog_act,
    .mouse = catalog_mouse,
    .status = catalog_status,
    .crumbs = catalog_crumbs,
    .filter = catalog_filter,
    .filter_text = catalog_filter_text,
    .sort = catalog_sort,
    .pause = catalog_pause,
    .copy_items = catalog_copy_items,
    .raw_json = catalog_raw_json,
    .can = catalog_can,
    .permissions = "glue:GetDatabases\nglue:GetTables\nglue:GetTable\nglue:GetTableVersions\nglue:GetPartitions\n"
                   "glue:GetCrawlers\nglue:GetCrawlerMetrics\nglue:StartCrawler\nglue:StopCrawler\n"
                   "glue:CreateCrawler\ns3:ListBucket\nathena:StartQueryExecution\nathena:GetQueryExecution\n"
                   "athena:GetQueryResults\nathena:StopQueryExecution",
    .empty = "The catalog is empty. C creates a crawler over the lake, R runs it and tables appear; "
             "`weir crawl NAME --create s3://BUCKET/PREFIX/ --database NAME` does both.",
};
