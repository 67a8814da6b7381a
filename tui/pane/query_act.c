/* What the keys do in Query. UI thread. */
#include "tui/pane/query.h"
#include <string.h>

static bool is_in_editor(const struct query_pane *state)
{
    return state->pane->is_zoomed && state->focus == QUERY_EDITOR;
}

static bool is_in_catalog(const struct query_pane *state)
{
    return state->pane->is_zoomed && state->focus == QUERY_CATALOG;
}

static bool do_run(struct query_pane *state)
{
    if (!state->pane->is_zoomed) { /* what would run is not on the screen */
        app_zoom(state->pane->app, true);
        return true;
    }
    query_start(state, false);
    return true;
}

static bool do_run_all(struct query_pane *state)
{
    query_start(state, true);
    return true;
}

static bool do_estimate(struct query_pane *state)
{
    query_estimate(state);
    return true;
}

static bool do_explain(struct query_pane *state)
{
    query_explain(state);
    return true;
}

static bool do_format(struct query_pane *state)
{
    query_format(state);
    return true;
}

static bool do_history(struct query_pane *state)
{
    if (!state->pane->is_zoomed)
        return false;
    state->shows_history = !state->shows_history;
    state->focus = state->shows_history ? QUERY_RESULT : QUERY_EDITOR;
    return true;
}

static bool is_shown(const struct query_pane *state, enum query_part part)
{
    return part != QUERY_CATALOG || state->has_catalog;
}

static void go_to_part(struct query_pane *state, int by)
{
    do
        state->focus = (enum query_part)(((int)state->focus + by + QUERY_PARTS) % QUERY_PARTS);
    while (!is_shown(state, state->focus));
}

/* Between the text and what is beside it. */
static bool do_part(struct query_pane *state)
{
    if (!state->pane->is_zoomed)
        app_zoom(state->pane->app, true);
    else if (state->focus == QUERY_EDITOR)
        state->focus = QUERY_RESULT;
    else
        state->focus = QUERY_EDITOR;
    return true;
}

/* Tab goes from part to part, then on to the next pane. */
static bool do_next(struct query_pane *state)
{
    bool is_last = state->focus == (state->has_catalog ? QUERY_CATALOG : QUERY_RESULT);
    if (!state->pane->is_zoomed || is_last)
        return false;
    go_to_part(state, 1);
    return true;
}

static bool do_prev(struct query_pane *state)
{
    if (!state->pane->is_zoomed || state->focus == QUERY_EDITOR)
        return false;
    go_to_part(state, -1);
    return true;
}

static bool do_buffer_new(struct query_pane *state)
{
    if (query_tab_new(state, "", 0, ""))
        query_tab_show(state, state->tab_count - 1);
    state->focus = QUERY_EDITOR;
    return true;
}

static bool do_buffer_next(struct query_pane *state)
{
    query_tab_show(state, state->tab + 1);
    return true;
}

static bool do_buffer_prev(struct query_pane *state)
{
    query_tab_show(state, state->tab - 1);
    return true;
}

static void close_buffer(void *context)
{
    query_tab_close(context);
}

/* A text that is nowhere else is not thrown away without a word. */
static bool do_buffer_close(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    char name[QUERY_BUFFER_TITLE + 16];
    query_tab_name(tab, name);
    if (editor_len(tab->editor) == 0 || (tab->title[0] && !query_tab_is_modified(tab)))
        query_tab_close(state);
    else
        overlay_confirm(state->pane->app, &(struct confirm_options){.title = "Close the buffer",
                                                                    .object = name,
                                                                    .consequence = "Its text is not saved in a file.",
                                                                    .done = close_buffer,
                                                                    .context = state});
    return true;
}

static bool do_saved_open(struct query_pane *state)
{
    query_saved_menu(state);
    return true;
}

static bool do_saved_save(struct query_pane *state)
{
    query_saved_ask(state);
    return true;
}

static bool do_edit(struct query_pane *state)
{
    query_edit_outside(state);
    return true;
}

static bool do_cancel(struct query_pane *state)
{
    return query_find_stop(state) || query_arrange_stop(state) || query_cancel(state);
}

static bool do_open(struct query_pane *state)
{
    if (!state->pane->is_zoomed) {
        const struct query_row *row = grid_current(state->recent);
        if (row && state->recent_moved)
            query_reopen(state, row);
        return false; /* the app zooms */
    }
    if (state->focus != QUERY_RESULT)
        return false;
    const struct query_row *row = state->shows_history ? grid_current(state->history) : NULL;
    if (row)
        query_reopen(state, row);
    else if (!state->shows_history)
        query_peek(state);
    return true;
}

static bool do_back(struct query_pane *state)
{
    struct grid *grid = query_grid_now(state);
    if (!state->pane->is_zoomed)
        return false;
    if (state->focus != QUERY_RESULT) {
        state->focus = QUERY_RESULT;
        return true;
    }
    if (grid && grid_filter(grid)[0])
        return false; /* the app clears it */
    struct query_tab *tab = query_tab_now(state);
    if (state->shows_history)
        state->shows_history = false;
    else if (tab->chart)
        query_chart_toggle(state);
    else if (tab->shows_summary)
        tab->shows_summary = false;
    else
        return false;
    return true;
}

/* Through the results of a run of several statements, or the queries before and after this one. */
static bool step(struct query_pane *state, int by)
{
    const struct queries_view *view = query_view_of(state);
    struct query_tab *tab = query_tab_now(state);
    const struct query_row *row = query_shown(state);
    struct err err = ERR_NONE;
    if (!state->pane->is_zoomed || state->shows_history || !row)
        return false;
    const struct query_row *next = row - by; /* newest first */
    if (next < view->rows || next >= view->rows + view->count) {
        app_say(state->pane->app, by < 0 ? "this is the first query kept" : "this is the newest query");
        return true;
    }
    tab->follows = false;
    tab->shown_id = next->id;
    if (next->state == QUERY_SUCCEEDED && !next->has_result && !queries_open(state->queries, next->id, &err))
        app_say_error(state->pane->app, &err);
    query_tab_follow(tab);
    return true;
}

static bool do_earlier(struct query_pane *state)
{
    return step(state, -1);
}

static bool do_later(struct query_pane *state)
{
    return step(state, 1);
}

static bool do_copy(struct query_pane *state)
{
    query_copy_menu(state);
    return true;
}

static bool do_peek(struct query_pane *state)
{
    query_peek(state);
    return true;
}

static bool do_save(struct query_pane *state)
{
    if (is_in_editor(state))
        query_saved_ask(state);
    else
        query_export(state);
    return true;
}

static bool do_describe(struct query_pane *state)
{
    query_describe(state);
    return true;
}

static bool do_summary(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    if (!tab->grid || state->shows_history) {
        app_say(state->pane->app, "there is no result to summarise");
        return true;
    }
    tab->shows_summary = !tab->shows_summary;
    return true;
}

static bool do_chart(struct query_pane *state)
{
    query_chart_toggle(state);
    return true;
}

/* Asks again for a result that could not be had, and for the catalog that completion uses. */
static bool do_refresh(struct query_pane *state)
{
    const struct query_row *row = query_shown(state);
    struct err err = ERR_NONE;
    feed_refresh(catalog_feed(session_catalog(state->pane->session)));
    bool is_wanted = row && (row->fetch == QUERY_FETCH_FAILED || query_tab_is_cut_short(query_tab_now(state)));
    if (is_wanted && !queries_open(state->queries, row->id, &err))
        app_say_error(state->pane->app, &err);
    return true;
}

static bool do_find_next(struct query_pane *state)
{
    query_find(state, false);
    return true;
}

static bool do_find_prev(struct query_pane *state)
{
    query_find(state, true);
    return true;
}

static const struct {
    enum action action;
    bool (*run)(struct query_pane *state);
} acts[] = {
    {ACTION_run, do_run},
    {ACTION_run_all, do_run_all},
    {ACTION_estimate, do_estimate},
    {ACTION_explain, do_explain},
    {ACTION_format, do_format},
    {ACTION_history, do_history},
    {ACTION_part, do_part},
    {ACTION_next, do_next},
    {ACTION_prev, do_prev},
    {ACTION_buffer_new, do_buffer_new},
    {ACTION_buffer_next, do_buffer_next},
    {ACTION_buffer_prev, do_buffer_prev},
    {ACTION_buffer_close, do_buffer_close},
    {ACTION_queries_open, do_saved_open},
    {ACTION_queries_save, do_saved_save},
    {ACTION_edit, do_edit},
    {ACTION_cancel, do_cancel},
    {ACTION_open, do_open},
    {ACTION_back, do_back},
    {ACTION_copy, do_copy},
    {ACTION_peek, do_peek},
    {ACTION_save, do_save},
    {ACTION_describe, do_describe},
    {ACTION_summary, do_summary},
    {ACTION_refresh, do_refresh},
    {ACTION_chart, do_chart},
    {ACTION_time_back, do_earlier},
    {ACTION_time_forward, do_later},
    {ACTION_find_next, do_find_next},
    {ACTION_find_prev, do_find_prev},
};

bool query_act(struct pane *pane, enum action action)
{
    struct query_pane *state = pane->state;
    if (is_in_editor(state) && editor_act(query_tab_now(state)->editor, action))
        return true;
    if (is_in_catalog(state) && query_tree_act(state, action))
        return true;
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (acts[i].action == action)
            return acts[i].run(state);
    struct query_chart *chart = state->shows_history || !pane->is_zoomed ? NULL : query_tab_now(state)->chart;
    if (chart && !is_in_editor(state))
        return query_chart_act(chart, action);
    struct grid *grid = query_grid_now(state);
    bool is_taken = !is_in_editor(state) && grid && grid_act(grid, action);
    state->recent_moved = state->recent_moved || (is_taken && grid == state->recent);
    return is_taken;
}

static bool has_result(const struct query_pane *state)
{
    return query_tab_now(state)->grid && !state->shows_history;
}

static bool can_cancel(const struct query_pane *state)
{
    return state->estimating || query_tab_now(state)->is_finding || query_is_running(state, query_tab_now(state));
}

static bool can_save(const struct query_pane *state)
{
    return has_result(state) || is_in_editor(state);
}

static bool can_show_json(const struct query_pane *state)
{
    return query_shown(state) != NULL;
}

static bool can_run(const struct query_pane *state)
{
    return state->pane->is_zoomed && editor_len(query_tab_now(state)->editor) > 0 && query_may_run(state);
}

static const struct {
    enum action action;
    bool (*can)(const struct query_pane *state);
} conditions[] = {
    {ACTION_cancel, can_cancel}, {ACTION_summary, has_result}, {ACTION_chart, has_result}, {ACTION_save, can_save},
    {ACTION_raw, can_show_json}, {ACTION_run, can_run},        {ACTION_run_all, can_run},
};

/* False is greyed in footer and help: there is nothing to do it to. */
bool query_can(struct pane *pane, enum action action)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].action == action)
            return conditions[i].can(pane->state);
    return true;
}
