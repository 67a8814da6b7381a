/* The Catalog tile: a row per table, how much there is, the crawler that needs looking at. UI thread. */
#include "tui/pane/catalog.h"
#include <stdio.h>
#include <string.h>

static void draw_totals(const struct catalog_view *view, struct canvas *canvas, struct rect rect)
{
    char databases[TEXT_SHORT], tables[TEXT_SHORT], crawlers[TEXT_SHORT], words[192];
    snprintf(words, sizeof words, "%s database%s  %s table%s  %s crawler%s",
             text_count((int64_t)view->database_count, databases), view->database_count == 1 ? "" : "s",
             text_count((int64_t)view->table_count, tables), view->table_count == 1 ? "" : "s",
             text_count((int64_t)view->crawler_count, crawlers), view->crawler_count == 1 ? "" : "s");
    canvas_elide(canvas, rect.row, rect.col, rect.cols, ROLE_dim, words, strlen(words));
}

/* A database that cannot be read counts more than a crawler. */
static bool draw_unreadable(const struct catalog_view *view, struct canvas *canvas, struct rect rect)
{
    for (size_t i = 0; i < view->database_count; i++) {
        const struct catalog_database *database = &view->databases[i];
        if (database->err.code == ERR_OK)
            continue;
        frame_text(canvas, rect, ROLE_error, database->err.text);
        return true;
    }
    return false;
}

static void draw_worst_crawler(const struct catalog_view *view, struct canvas *canvas, struct rect rect, int64_t now_ms)
{
    const struct catalog_crawler *crawler = catalog_worst_crawler(view);
    char age[TEXT_SHORT], words[700];
    if (view->crawler_err.code != ERR_OK) {
        frame_text(canvas, rect, ROLE_error, view->crawler_err.text);
        return;
    }
    if (!crawler)
        return;
    bool runs = strcmp(crawler->state, "READY") != 0, has_failed = strcmp(crawler->last_status, "FAILED") == 0;
    catalog_age(crawler->last_started_ms, now_ms, age);
    if (runs)
        snprintf(words, sizeof words, "crawler %.200s %s", crawler->name, crawler->state);
    else if (!crawler->last_status[0])
        snprintf(words, sizeof words, "crawler %.200s never ran", crawler->name);
    else
        snprintf(words, sizeof words, "crawler %.200s %s %s ago%s%.250s", crawler->name, crawler->last_status, age,
                 has_failed && crawler->last_error[0] ? ": " : "", has_failed ? crawler->last_error : "");
    frame_text(canvas, rect, runs ? ROLE_running : has_failed ? ROLE_fail : ROLE_dim, words);
}

static void draw_below(const struct catalog_view *view, struct canvas *canvas, struct rect rect, int64_t now_ms)
{
    struct rect rest = {.row = rect.row + 1, .col = rect.col, .rows = rect.rows - 1, .cols = rect.cols};
    if (rect.rows < 1)
        return;
    draw_totals(view, canvas, rect);
    if (rest.rows > 0 && !draw_unreadable(view, canvas, rest))
        draw_worst_crawler(view, canvas, rest, now_ms);
}

static void draw_tables(struct catalog_state *state, const struct pane_status *status, struct canvas *canvas,
                        struct rect rect)
{
    enum { FACTS = 3 };
    struct pane *pane = state->pane;
    const struct catalog_view *view = catalog_view_of(state);
    int64_t now_ms = clock_wall(app_clock(pane->app));
    rect.rows -= frame_trouble(canvas, rect, status, now_ms);
    int wanted = (int)(grid_shown(state->tile_grid) < 10000 ? grid_shown(state->tile_grid) : 10000) + 1;
    int facts = rect.rows > 2 * FACTS ? FACTS : rect.rows > FACTS ? 2 : 0;
    int rows = wanted < rect.rows - facts ? wanted : rect.rows - facts;
    struct rect grid = {.row = rect.row, .col = rect.col, .rows = rows, .cols = rect.cols};
    int gap = rect.rows - rows > FACTS ? 1 : 0;
    struct rect below = {
        .row = rect.row + rows + gap, .col = rect.col + 1, .rows = rect.rows - rows - gap, .cols = rect.cols - 2};
    if (view->is_loading) {
        struct pane_status loading = {.source = SOURCE_LOADING};
        frame_nothing(canvas, rect, &loading, "Glue for the tables", state->opened_ms, now_ms);
        return;
    }
    if (view->table_count == 0 && view->crawler_count == 0 && view->crawler_err.code == ERR_OK) {
        struct rect in = {.row = rect.row, .col = rect.col + 1, .rows = rect.rows, .cols = rect.cols - 2};
        if (!draw_unreadable(view, canvas, in))
            frame_text(canvas, in, ROLE_dim, pane->ops->empty);
        return;
    }
    grid_draw(state->tile_grid, canvas, grid, pane->has_focus, source_is_stale(status), now_ms,
              app_shows_times(pane->app));
    draw_below(view, canvas, below, now_ms);
}

void catalog_draw_tile(struct pane *pane, struct canvas *canvas, struct rect rect)
{
    struct catalog_state *state = pane->state;
    struct pane_status status;
    pane->ops->status(pane, &status);
    if (catalog_view_of(state))
        draw_tables(state, &status, canvas, rect);
    else
        frame_nothing(canvas, rect, &status, "Glue for databases and tables", state->opened_ms,
                      clock_wall(app_clock(pane->app)));
}
