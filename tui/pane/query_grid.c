/* Which result a buffer shows: that of the statement its run has come to, or the one
 * that was chosen from the history. UI thread. */
#include "tui/pane/query.h"
#include <stdlib.h>
#include <string.h>

void query_tab_drop_result(struct query_tab *tab)
{
    query_chart_free(tab->chart);
    tab->chart = NULL;
    grid_free(tab->grid);
    tab->grid = NULL;
    result_close(tab->result);
    tab->result = NULL;
    tab->result_id = 0;
    tab->summary_column = -1;
    tab->is_finding = false;
}

static void make_grid(struct query_tab *tab)
{
    size_t count;
    const struct column *columns = result_columns(tab->result, &count);
    if (!columns)
        return;
    tab->source = (struct grid_result){.result = tab->result};
    struct grid_source source = grid_result_source(&tab->source);
    tab->grid = grid_new(columns);
    grid_set_source(tab->grid, &source);
    grid_set_frozen(tab->grid, 0);
}

/* The statement of the run that is to be shown: the last one that has begun. */
static void follow_run(struct query_tab *tab)
{
    const struct queries_view *view = query_view_of(tab->state);
    for (size_t i = tab->run_count; tab->follows && i-- > 0;) {
        const struct query_row *row = queries_find(view, tab->first_id + (int64_t)i);
        if (row && (i == 0 || (row->state != QUERY_WAITING && row->state != QUERY_SKIPPED))) {
            tab->shown_id = row->id;
            return;
        }
    }
}

/* A long statement of the history came as its head only; now all of it is there. */
static void fill_text(struct query_tab *tab)
{
    const struct query_row *row = queries_find(query_view_of(tab->state), tab->fills);
    if (!row || row->is_cut)
        return;
    tab->fills = 0;
    if (editor_len(tab->editor) < row->sql_len)
        editor_replace_text(tab->editor, row->sql, row->sql_len);
}

bool query_tab_is_cut_short(const struct query_tab *tab)
{
    struct result_status status = {0};
    if (tab->result)
        result_status(tab->result, &status);
    return status.is_broken;
}

/* One that was cut short makes room when it has been fetched once more; the row may be older than the taking. */
static void take_result(struct query_tab *tab, const struct query_row *row)
{
    struct result *result = queries_take_result(tab->state->queries, row->id);
    if (!result)
        return;
    if (tab->result)
        query_tab_drop_result(tab);
    tab->result = result;
    tab->result_id = row->id;
    tab->summary_column = -1;
}

void query_tab_follow(struct query_tab *tab)
{
    follow_run(tab);
    if (tab->fills)
        fill_text(tab);
    if (tab->result && tab->result_id != tab->shown_id)
        query_tab_drop_result(tab);
    const struct query_row *row = queries_find(query_view_of(tab->state), tab->shown_id);
    if (row && row->has_result && (!tab->result || query_tab_is_cut_short(tab)))
        take_result(tab, row);
    if (tab->result && !tab->grid)
        make_grid(tab);
    else if (tab->grid)
        grid_refresh(tab->grid);
    query_find_follow(tab);
}

/* A sort leaves the order of the file, a filter all rows, a summary its panel: nothing half done stays on the screen.
 */
bool query_arrange_stop(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    struct result_status status;
    struct result_summary summary = {.column = -1};
    if (!tab->grid || state->shows_history)
        return false;
    result_status(tab->result, &status);
    result_summary(tab->result, &summary);
    if (status.work == RESULT_SORTING) {
        grid_sort_by(tab->grid, NULL, false);
        app_say(state->pane->app, "stopped sorting: the rows are in the order of the result");
    } else if (status.work == RESULT_FILTERING) {
        grid_set_filter(tab->grid, "");
        app_say(state->pane->app, "stopped filtering: all rows are shown");
    } else if (tab->shows_summary && summary.column >= 0 && !summary.is_done) {
        tab->shows_summary = false;
        tab->summary_column = -1;
        result_summarise(tab->result, -1);
        app_say(state->pane->app, "stopped summing the column up");
    } else {
        return false;
    }
    return true;
}
