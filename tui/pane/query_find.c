/* Finding in a result without hiding the other rows: the next or previous row that a filter text matches, from the one
 * under the cursor. The first time, and after the last match, the text is asked for. UI thread. */
#include "backend/base/text.h"
#include "tui/overlay.h"
#include "tui/pane/query.h"
#include <stdio.h>
#include <string.h>

static void begin(struct query_tab *tab)
{
    tab->is_finding = true;
    result_find(tab->result, tab->find_text, grid_cursor(tab->grid), tab->finds_backward);
    query_find_follow(tab);
}

static void take_text(struct app *app, void *context, const char *text)
{
    struct query_tab *tab = query_tab_now(context);
    (void)app;
    if (!tab->grid || !*text)
        return;
    snprintf(tab->find_text, sizeof tab->find_text, "%s", text);
    begin(tab);
}

void query_find(struct query_pane *state, bool is_backward)
{
    struct query_tab *tab = query_tab_now(state);
    if (!tab->grid || state->shows_history) {
        app_say(state->pane->app, "there is no result to look through");
        return;
    }
    tab->finds_backward = is_backward;
    if (tab->find_text[0] && !tab->has_found_all) {
        begin(tab);
        return;
    }
    tab->has_found_all = false;
    overlay_prompt(state->pane->app, &(struct prompt_options){.label = is_backward ? "find before " : "find ",
                                                              .initial = tab->find_text,
                                                              .history = "filter",
                                                              .done = take_text,
                                                              .context = state});
}

bool query_find_stop(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    if (!tab->is_finding || !tab->result)
        return false;
    tab->is_finding = false;
    result_find_stop(tab->result);
    app_say(state->pane->app, "stopped looking");
    return true;
}

void query_find_follow(struct query_tab *tab)
{
    struct app *app = tab->state->pane->app;
    char row[TEXT_SHORT];
    if (!tab->is_finding || !tab->grid)
        return;
    struct result_found found = result_found(tab->result);
    tab->is_finding = found.state == FIND_WORKING;
    tab->has_found_all = found.state == FIND_ABSENT || found.state == FIND_FAILED;
    if (found.state == FIND_WORKING)
        app_say(app, "looking for \"%s\": %d %%", tab->find_text, (int)(found.progress * 100));
    else if (found.state == FIND_FAILED)
        app_say_error(app, &found.err);
    else if (found.state == FIND_ABSENT)
        app_say(app, "no row %s matches \"%s\"", tab->finds_backward ? "before this one" : "after this one",
                tab->find_text);
    if (found.state != FIND_FOUND)
        return;
    grid_move(tab->grid, (size_t)found.shown);
    app_say(app, "\"%s\" in row %s", tab->find_text, text_count((int64_t)found.shown + 1, row));
}
