/* The Query pane: an editor with several buffers above, results below, and what ran before. Here: its ops and the
 * snapshots it draws from. It never waits: domain/query runs and fetches, domain/result reads. UI thread. */
#include "tui/pane/query.h"
#include "backend/base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CATALOG_OLD_MS = 60 * 1000 };

const struct queries_view *query_view_of(const struct query_pane *state)
{
    return state->view ? state->view->value : NULL;
}

const struct catalog_view *query_catalog_of(const struct query_pane *state)
{
    return state->catalog ? state->catalog->value : NULL;
}

struct query_tab *query_tab_now(const struct query_pane *state)
{
    return state->tabs[state->tab];
}

const struct query_row *query_shown(const struct query_pane *state)
{
    return queries_find(query_view_of(state), query_tab_now(state)->shown_id);
}

struct grid *query_grid_now(const struct query_pane *state)
{
    if (!state->pane->is_zoomed)
        return state->recent;
    return state->shows_history ? state->history : query_tab_now(state)->grid;
}

int64_t query_now(const struct query_pane *state)
{
    return clock_wall(app_clock(state->pane->app));
}

/* --- history as rows --- */

static size_t count_rows(void *context, bool *is_at_least)
{
    const struct queries_view *view = query_view_of(context);
    *is_at_least = false;
    return view ? view->count : 0;
}

static const void *row_at(void *context, size_t index)
{
    return &query_view_of(context)->rows[index];
}

static uint64_t row_identity(const void *row)
{
    return (uint64_t)((const struct query_row *)row)->id;
}

/* --- life --- */

static void buffers_changed(void *session)
{
    session_changed(session);
}

static void open_buffers(struct query_pane *state)
{
    char dir[PATH_SIZE], drafts[PATH_SIZE];
    struct err err = ERR_NONE;
    if (path_xdg_dir(XDG_STATE, dir, &err) && path_join(drafts, dir, "drafts", &err))
        state->buffers = query_buffers_open(drafts, buffers_changed, state->pane->session, &err);
    state->is_restored = !state->buffers;
}

static bool query_open(struct pane *pane, struct err *err)
{
    struct query_pane *state = calloc(1, sizeof *state);
    if (!state)
        abort();
    (void)err;
    pane->state = state;
    state->pane = pane;
    state->queries = session_queries(pane->session);
    const struct grid_source rows = {.context = state, .count = count_rows, .row = row_at, .identity = row_identity};
    state->history = grid_new(query_columns);
    state->recent = grid_new(query_tile_columns);
    grid_set_source(state->history, &rows);
    grid_set_source(state->recent, &rows);
    state->tree = tree_new();
    query_tab_new(state, "", 0, "");
    open_buffers(state);
    return true;
}

static void query_close(struct pane *pane)
{
    struct query_pane *state = pane->state;
    if (!state)
        return;
    query_tabs_put(state);
    query_tasks_drop(state);
    for (int i = 0; i < state->tab_count; i++)
        query_tab_free(state->tabs[i]);
    grid_free(state->history);
    grid_free(state->recent);
    tree_free(state->tree);
    free(state->entries);
    query_buffers_close(state->buffers);
    snap_put(state->view);
    snap_put(state->catalog);
    free(state);
    pane->state = NULL;
}

/* Completion and the tree want the catalog once one edits; its own pane decides how often it is fetched. */
void query_want_catalog(struct query_pane *state)
{
    int64_t now = query_now(state);
    bool is_old = !state->catalog || now - state->catalog->taken_ms > CATALOG_OLD_MS;
    if (!is_old || now - state->catalog_asked_ms < CATALOG_OLD_MS)
        return;
    state->catalog_asked_ms = now;
    feed_refresh(catalog_feed(session_catalog(state->pane->session)));
}

/* A statement that changed the catalog has ended: names to complete are others now. */
static void watch_ddl(struct query_pane *state, int64_t before_ms)
{
    const struct queries_view *view = query_view_of(state);
    for (size_t i = 0; view && i < view->count && i < 8; i++)
        if (view->rows[i].ended_ms > before_ms && view->rows[i].state == QUERY_SUCCEEDED &&
            strcmp(view->rows[i].statement, "DDL") == 0) {
            feed_refresh(catalog_feed(session_catalog(state->pane->session)));
            return;
        }
}

static bool query_changed(struct pane *pane)
{
    struct query_pane *state = pane->state;
    int64_t before_ms = state->view ? state->view->taken_ms : query_now(state);
    bool has_view = snap_slot_take(queries_slot(state->queries), &state->view);
    if (snap_slot_take(catalog_slot(session_catalog(pane->session)), &state->catalog))
        query_tree_fill(state);
    if (!state->is_restored)
        query_tabs_restore(state);
    if (has_view) {
        grid_refresh(state->history);
        grid_refresh(state->recent);
        watch_ddl(state, before_ms);
    }
    for (int i = 0; i < state->tab_count; i++) {
        query_tab_follow(state->tabs[i]);
        query_place_errors(state, state->tabs[i]);
    }
    query_tasks_check(state);
    return true;
}

/* --- what the app asks --- */

static void query_status(struct pane *pane, struct pane_status *status)
{
    const struct query_pane *state = pane->state;
    const struct queries_view *view = query_view_of(state);
    const struct grid *grid = query_grid_now(state);
    char scanned[TEXT_SHORT], cost[32];
    *status = (struct pane_status){.source = view && view->is_loaded ? SOURCE_OK : SOURCE_LOADING, .total = -1};
    if (!view)
        return;
    query_cost_text(view->cost, cost);
    if (view->running > 0)
        snprintf(status->note, sizeof status->note, "%d running", view->running);
    else if (view->scanned > 0)
        snprintf(status->note, sizeof status->note, "session %s %s", text_bytes((uint64_t)view->scanned, scanned),
                 cost);
    status->err = view->history_err;
    if (!grid)
        return;
    status->total = (int64_t)grid_total(grid, &status->total_is_at_least);
    status->shown = (int64_t)grid_shown(grid);
    status->is_filtered = grid_filter(grid)[0] != '\0';
}

static void query_filter(struct pane *pane, const char *text)
{
    struct grid *grid = query_grid_now(pane->state);
    if (!grid)
        return;
    grid_set_filter(grid, text);
    if (grid_filter_note(grid)[0])
        app_say(pane->app, "%s", grid_filter_note(grid));
}

static const char *query_filter_text(struct pane *pane)
{
    const struct query_pane *state = pane->state;
    const struct grid *grid = query_grid_now(state);
    bool is_editing = pane->is_zoomed && state->focus == QUERY_EDITOR;
    return grid && !is_editing ? grid_filter(grid) : "";
}

static bool query_sort(struct pane *pane, const char *column, bool reverse)
{
    struct grid *grid = query_grid_now(pane->state);
    return grid && grid_sort_by(grid, column, reverse);
}

static bool is_editing(const struct pane *pane)
{
    const struct query_pane *state = pane->state;
    return pane->is_zoomed && state->focus == QUERY_EDITOR;
}

static bool query_key(struct pane *pane, const struct event *event)
{
    struct query_pane *state = pane->state;
    if (event->kind == EVENT_PASTE && !is_editing(pane))
        return false;
    return editor_key(query_tab_now(state)->editor, event);
}

static enum keymap_context query_context(const struct pane *pane)
{
    return is_editing(pane) ? CONTEXT_editor : CONTEXT_query;
}

/* What vi users type: the editor's own, and saving. */
static bool query_command(struct pane *pane, const char *line, bool *taken, struct err *err)
{
    *taken = is_editing(pane) && !strcmp(line, "w");
    if (*taken)
        return pane->ops->act(pane, ACTION_queries_save);
    return !is_editing(pane) || editor_command(query_tab_now(pane->state)->editor, line, taken, err);
}

static void query_help(const struct pane *pane, void (*each)(void *data, const char *keys, const char *help),
                       void *data)
{
    if (is_editing(pane))
        editor_each_key(query_tab_now(pane->state)->editor, each, data);
}

static bool query_receive(struct pane *pane, const char *text)
{
    struct query_pane *state = pane->state;
    state->focus = QUERY_EDITOR;
    return editor_insert(query_tab_now(state)->editor, text, strlen(text));
}

static const enum action query_footer[] = {ACTION_run,  ACTION_cancel,  ACTION_part, ACTION_format, ACTION_history,
                                           ACTION_open, ACTION_summary, ACTION_save, ACTION_copy,   ACTION_filter,
                                           ACTION_sort, ACTION_freeze,  ACTION_peek, ACTION_raw,    ACTION_back,
                                           ACTION_help, ACTION_none};

const struct pane_ops pane_query = {
    .name = "query",
    .title = "Query",
    .number = 3,
    .context = CONTEXT_query,
    .footer = query_footer,
    .has_parts = true,
    .open = query_open,
    .close = query_close,
    .changed = query_changed,
    .draw_tile = query_draw_tile,
    .draw_full = query_draw_full,
    .act = query_act,
    .mouse = query_mouse,
    .takes_text = is_editing,
    .key = query_key,
    .context_now = query_context,
    .receive = query_receive,
    .command = query_command,
    .help = query_help,
    .status = query_status,
    .filter = query_filter,
    .filter_text = query_filter_text,
    .sort = query_sort,
    .raw_json = query_raw_json,
    .can = query_can,
    .permissions = "athena:StartQueryExecution\nathena:GetQueryExecution\nathena:GetQueryResults\n"
                   "athena:StopQueryExecution\nathena:GetWorkGroup\nglue:GetDatabases\nglue:GetDatabase\n"
                   "glue:GetTables\nglue:GetTable\nglue:GetPartitions\ns3:GetBucketLocation\ns3:ListBucket\n"
                   "s3:GetObject\ns3:PutObject",
    .empty = "Nothing has been run yet. Enter opens the editor; F5 runs the statement under the cursor.",
};
