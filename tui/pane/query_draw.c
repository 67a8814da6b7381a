/* The picture of Query: the editor above, what it ran below (result, error, progress, or the history); the tile of the
 * dashboard. UI thread. */
#include "backend/base/text.h"
#include "tui/pane/query.h"
#include <stdio.h>
#include <string.h>

enum {
    CATALOG_COLS = 120,
    CATALOG_MIN = 26,
    CATALOG_MAX = 34,
    TWO_PARTS_ROWS = 14,
    EDITOR_MIN = 6,
    SUMMARY_COLS = 46,
    SUMMARY_MIN = 96,
    RUNNING_LINES = 4
};

struct drawing {
    struct query_pane *state;
    struct canvas *canvas;
    int64_t now_ms;
    bool is_one_part; /* too few rows for both */
};

static bool has_focus(const struct drawing *d, enum query_part part)
{
    return d->state->pane->has_focus && d->state->focus == part;
}

static int width_of(const char *text)
{
    return text_width(text, strlen(text));
}

int query_draw_error(struct canvas *canvas, struct rect rect, const struct err *err)
{
    struct pane_status status = {.source = SOURCE_ERROR, .err = *err};
    return frame_failure(canvas, rect, &status, 0);
}

/* --- the editor --- */

/* "scanning" words of a query that runs: state, time, bytes. */
static enum theme_role running_words(const struct drawing *d, const struct query_row *row, char *out, size_t size)
{
    char took[TEXT_SHORT], bytes[TEXT_SHORT];
    int64_t ms = d->now_ms - row->submitted_ms;
    snprintf(out, size, "%s %s%s%s%s", query_state_word(row->state), text_duration(ms < 0 ? 0 : ms / 1000 * 1000, took),
             row->scanned >= 0 ? "  " : "", row->scanned >= 0 ? text_bytes((uint64_t)row->scanned, bytes) : "",
             row->scanned >= 0 ? " scanned" : "");
    return row->state == QUERY_CANCELLING ? ROLE_warn : ROLE_running;
}

/* The line under the text: what runs, what the last estimate was, or what holds here. */
static enum theme_role status_words(const struct drawing *d, char *out, size_t size)
{
    const struct query_row *row = query_shown(d->state);
    const struct config *config = app_config(d->state->pane->app);
    const struct queries_view *view = query_view_of(d->state);
    char limit[TEXT_SHORT], cost[32] = "";
    if (d->state->estimating) {
        snprintf(out, size, "estimating what it scans  Ctrl-c drops it");
        return ROLE_running;
    }
    if (row && !query_has_ended(row->state))
        return running_words(d, row, out, size);
    if (row && row->state == QUERY_FAILED && d->is_one_part) { /* else it is said below */
        snprintf(out, size, "%s", row->reason[0] ? row->reason : row->err.text);
        return ROLE_error;
    }
    const char *workgroup = config->sql_workgroup[0] ? config->sql_workgroup : "primary";
    if (view && view->cost > 0)
        query_cost_text(view->cost, cost);
    snprintf(out, size, "%s%s%sdatabase %s, workgroup %s%s%s%s%s", d->state->estimate[0] ? "estimate " : "",
             d->state->estimate, d->state->estimate[0] ? "   " : "", query_tab_now(d->state)->database, workgroup,
             config->sql_max_scan > 0 ? ", limit " : "",
             config->sql_max_scan > 0 ? text_bytes((uint64_t)config->sql_max_scan, limit) : "",
             cost[0] ? "   session " : "", cost);
    return ROLE_dim;
}

static void draw_status(const struct drawing *d, struct rect line)
{
    struct query_tab *tab = query_tab_now(d->state);
    struct editor_position at = editor_cursor(tab->editor);
    char words[1024], place[64];
    const char *note = editor_note(tab->editor);
    enum theme_role role = status_words(d, words, sizeof words);
    snprintf(place, sizeof place, "ln %zu col %zu", at.line, at.column);
    int end = line.col + line.cols - width_of(place);
    canvas_puts(d->canvas, line.row, end, line.cols, ROLE_dim, place);
    if (note[0]) {
        char clean[256];
        text_clean_into(note, clean, sizeof clean);
        end -= width_of(clean) + 2;
        if (end > line.col)
            canvas_puts(d->canvas, line.row, end, line.cols, ROLE_accent, clean);
    }
    if (end - line.col > 2)
        canvas_elide(d->canvas, line.row, line.col, end - line.col - 2, role, words, strlen(words));
}

static void draw_editor(const struct drawing *d, struct rect frame)
{
    struct query_pane *state = d->state;
    struct query_tab *tab = query_tab_now(state);
    char name[QUERY_BUFFER_TITLE + 16], note[200], count[32] = "";
    query_tab_name(tab, name);
    if (state->tab_count > 1)
        snprintf(count, sizeof count, "%d of %d · ", state->tab + 1, state->tab_count);
    snprintf(note, sizeof note, "%s%s%s", count, name,
             tab->title[0] && query_tab_is_modified(tab) ? " · modified" : "");
    struct rect in = frame_draw(d->canvas, frame,
                                &(struct frame){.number = state->pane->ops->number,
                                                .title = state->pane->ops->title,
                                                .note = note,
                                                .has_focus = has_focus(d, QUERY_EDITOR)},
                                d->now_ms);
    state->parts[QUERY_EDITOR] = in;
    struct rect text = in;
    if (in.rows > 2) {
        text.rows--;
        draw_status(d, (struct rect){.row = in.row + in.rows - 1, .col = in.col + 1, .rows = 1, .cols = in.cols - 2});
    }
    state->parts[QUERY_EDITOR] = text;
    editor_set_keys(tab->editor, editor_keys_of(app_keymap_name(state->pane->app))); /* :keymap may have changed them */
    editor_draw(tab->editor, d->canvas, text, has_focus(d, QUERY_EDITOR));
}

/* --- the result --- */

static void append(char *out, size_t size, const char *text)
{
    size_t len = strlen(out);
    if (*text && len < size)
        snprintf(out + len, size - len, "%s%s", len ? " · " : "", text);
}

/* "20 rows · 210ms · 2.1 MiB scanned · $0.00005 · stored" */
static void result_note(const struct query_pane *state, const struct query_row *row, char *out, size_t size)
{
    struct query_tab *tab = query_tab_now(state);
    char count[TEXT_SHORT], bytes[TEXT_SHORT], words[64];
    struct result_status status;
    out[0] = '\0';
    if (tab->result) {
        result_status(tab->result, &status);
        snprintf(words, sizeof words, "%s%s row%s", text_count((int64_t)status.rows, count),
                 status.is_complete && !status.is_broken ? "" : "+", status.rows == 1 ? "" : "s");
        append(out, size, words);
        if (status.is_broken)
            append(out, size, "incomplete");
        if (status.work != RESULT_IDLE) {
            snprintf(words, sizeof words, "%s %.0f%%", status.work == RESULT_SORTING ? "sorting" : "filtering",
                     status.progress * 100);
            append(out, size, words);
        }
    }
    append(out, size, row->took_text);
    if (row->scanned >= 0) {
        snprintf(words, sizeof words, "%s scanned", text_bytes((uint64_t)row->scanned, bytes));
        append(out, size, words);
    }
    append(out, size, row->cost_text);
    if (row->is_reused)
        append(out, size, "reused");
    if (!row->is_of_session)
        append(out, size, "stored");
}

static void draw_lines(const struct drawing *d, struct rect rect, enum theme_role role, const char *text)
{
    struct rect in = {.row = rect.row + 1, .col = rect.col + 1, .rows = rect.rows - 1, .cols = rect.cols - 2};
    if (in.rows > 0)
        frame_text(d->canvas, in, role, text);
}

static void draw_running(const struct drawing *d, const struct query_row *row, struct rect rect)
{
    char words[256];
    enum theme_role role = running_words(d, row, words, sizeof words);
    int line = rect.row + 1, col = rect.col + 1, cols = rect.cols - 2;
    if (rect.rows < RUNNING_LINES)
        line = rect.row;
    canvas_puts(d->canvas, line, col, cols, role, words);
    if (row->execution[0])
        canvas_printf(d->canvas, line + 1, col, cols, ROLE_dim, "execution %s", row->execution);
    canvas_puts(d->canvas, line + 2, col, cols, ROLE_dim,
                row->state == QUERY_CANCELLING ? "the service was asked to stop; its word is awaited"
                                               : "Ctrl-c asks the service to stop it");
    struct rect error = {.row = line + 4, .col = col, .rows = rect.row + rect.rows - line - 4, .cols = cols};
    if (!row->err.code || error.rows < 1)
        return;
    error.row += frame_text(d->canvas, error, ROLE_error, row->err.text);
    if (error.row < rect.row + rect.rows)
        canvas_puts(d->canvas, error.row, col, cols, ROLE_remedy, "weir keeps asking; the query is not lost by that");
}

/* Why it ended so, and what can be done. */
static void draw_failed(const struct drawing *d, const struct query_row *row, struct rect rect)
{
    struct rect in = {.row = rect.row + 1, .col = rect.col + 1, .rows = rect.rows - 1, .cols = rect.cols - 2};
    size_t line, column;
    if (in.rows < 1)
        return;
    if (row->err.code && !row->reason[0]) {
        query_draw_error(d->canvas, in, &row->err);
        return;
    }
    int used = frame_text(d->canvas, in, ROLE_error, row->reason[0] ? row->reason : query_state_word(row->state));
    in.row += used;
    in.rows -= used;
    const char *remedy = query_error_place(row->reason, &line, &column)
                             ? "The cursor is at the place named. F5 runs it again."
                             : "d shows the query's facts, v the service's own words. F5 runs it again.";
    if (in.rows > 0)
        frame_text(d->canvas, in, ROLE_remedy, remedy);
}

static void draw_fetch_failed(const struct drawing *d, const struct query_row *row, struct rect rect)
{
    struct rect in = {.row = rect.row + 1, .col = rect.col + 1, .rows = rect.rows - 1, .cols = rect.cols - 2};
    if (in.rows < 1)
        return;
    const char *remedy = row->fetch_err.code == ERR_NOT_FOUND ? "F5 runs the query again."
                                                              : "r fetches the result again, F5 runs the query again.";
    int used = query_draw_error(d->canvas, in, &row->fetch_err);
    in.row += used;
    in.rows -= used;
    if (in.rows > 0)
        frame_text(d->canvas, in, ROLE_remedy, remedy);
}

static void draw_done(const struct drawing *d, const struct query_row *row, struct rect rect)
{
    char words[128], count[TEXT_SHORT];
    if (row->fetch == QUERY_FETCH_NONE || row->fetch == QUERY_FETCH_RUNNING) {
        snprintf(words, sizeof words, "fetching the result");
    } else if (row->updated > 0) {
        snprintf(words, sizeof words, "done: %s row%s written", text_count(row->updated, count),
                 row->updated == 1 ? "" : "s");
    } else {
        snprintf(words, sizeof words, "done: the statement has no rows to show");
    }
    draw_lines(d, rect, row->fetch == QUERY_FETCH_DONE ? ROLE_ok : ROLE_running, words);
}

enum { INCOMPLETE_ROWS = 3 };

/* The rows above are right; that they are not all is said below them, with what to do. */
static void draw_incomplete(const struct drawing *d, struct rect rect, const struct err *why)
{
    struct buf words = BUF_INIT(sizeof why->text + 64);
    buf_puts(&words, "only a part of the result has arrived: ");
    buf_puts(&words, why->text);
    struct rect cause = {.row = rect.row, .col = rect.col, .rows = rect.rows - 1, .cols = rect.cols};
    int used = frame_text(d->canvas, cause, ROLE_error, buf_text(&words));
    canvas_puts(d->canvas, rect.row + used, rect.col, rect.cols, ROLE_remedy,
                "r fetches it again, without running the query");
    buf_done(&words);
}

static void draw_grid(const struct drawing *d, const struct query_row *row, struct rect rect)
{
    struct query_tab *tab = query_tab_now(d->state);
    struct result_status status;
    result_status(tab->result, &status);
    if (status.err.code && rect.rows > 5) {
        int rows = status.is_broken ? INCOMPLETE_ROWS : 2;
        struct rect last = {
            .row = rect.row + rect.rows - rows, .col = rect.col + 1, .rows = rows, .cols = rect.cols - 2};
        if (status.is_broken)
            draw_incomplete(d, last, &status.err);
        else
            query_draw_error(d->canvas, last, &status.err);
        rect.rows -= rows;
    }
    bool has_side = tab->shows_summary;
    int side = rect.cols >= SUMMARY_MIN ? SUMMARY_COLS : rect.cols;
    if (has_side && side == rect.cols) {
        query_draw_summary(d->state, d->canvas, rect);
        return;
    }
    struct rect left = rect;
    if (has_side)
        left.cols -= side + 1;
    grid_draw(tab->grid, d->canvas, left, has_focus(d, QUERY_RESULT), false, d->now_ms,
              app_shows_times(d->state->pane->app));
    d->state->parts[QUERY_RESULT] = left;
    if (row->fetch == QUERY_FETCH_DONE && status.is_complete && status.rows == 0)
        draw_lines(d, (struct rect){.row = left.row + 1, .col = left.col, .rows = left.rows - 1, .cols = left.cols},
                   ROLE_dim, "The query has no rows.");
    if (!has_side)
        return;
    canvas_vline(d->canvas, rect.row, left.col + left.cols, rect.rows, ROLE_border);
    query_draw_summary(
        d->state, d->canvas,
        (struct rect){.row = rect.row, .col = left.col + left.cols + 2, .rows = rect.rows, .cols = side - 2});
}

static void draw_result_body(const struct drawing *d, const struct query_row *row, struct rect in)
{
    struct query_tab *tab = query_tab_now(d->state);
    if (!row)
        draw_lines(d, in, ROLE_dim,
                   "F5 runs the statement under the cursor, F9 all of them. F8 shows what ran before; Enter there "
                   "opens a stored result without running it again.");
    else if (!query_has_ended(row->state))
        draw_running(d, row, in);
    else if (row->state != QUERY_SUCCEEDED)
        draw_failed(d, row, in);
    else if (row->fetch == QUERY_FETCH_FAILED && (row->arrived == 0 || !tab->grid))
        draw_fetch_failed(d, row, in);
    else if (tab->chart)
        query_chart_draw(tab->chart, d->canvas,
                         (struct rect){.row = in.row, .col = in.col + 1, .rows = in.rows, .cols = in.cols - 2});
    else if (tab->grid)
        draw_grid(d, row, in);
    else
        draw_done(d, row, in);
}

static void draw_result(const struct drawing *d, struct rect frame)
{
    struct query_pane *state = d->state;
    const struct query_row *row = query_shown(state);
    const struct query_tab *tab = query_tab_now(state);
    char note[200] = "", title[64];
    if (row)
        result_note(state, row, note, sizeof note);
    snprintf(title, sizeof title, "Results");
    if (row && tab->run_count > 1)
        snprintf(title, sizeof title, "Results %d of %zu", (int)(row->id - tab->first_id) + 1, tab->run_count);
    struct rect in =
        frame_draw(d->canvas, frame,
                   &(struct frame){.number = -1, .title = title, .note = note, .has_focus = has_focus(d, QUERY_RESULT)},
                   d->now_ms);
    state->parts[QUERY_RESULT] = in;
    draw_result_body(d, row, in);
}

/* --- the history --- */

static void draw_history(const struct drawing *d, struct rect frame)
{
    struct query_pane *state = d->state;
    const struct queries_view *view = query_view_of(state);
    struct pane_status status;
    state->pane->ops->status(state->pane, &status);
    struct rect in = frame_draw(
        d->canvas, frame,
        &(struct frame){.number = -1, .title = "History", .note = status.note, .has_focus = has_focus(d, QUERY_RESULT)},
        d->now_ms);
    state->parts[QUERY_RESULT] = in;
    if (view && view->history_err.code && in.rows > 4) {
        struct rect last = {.row = in.row + in.rows - 2, .col = in.col + 1, .rows = 2, .cols = in.cols - 2};
        query_draw_error(d->canvas, last, &view->history_err);
        in.rows -= 2;
    }
    if (view && view->count == 0 && view->is_loaded)
        draw_lines(d, in, ROLE_dim, "Nothing has been run yet. F5 runs the statement under the cursor.");
    else
        grid_draw(state->history, d->canvas, in, has_focus(d, QUERY_RESULT), false, d->now_ms,
                  app_shows_times(state->pane->app));
}

/* --- all of it --- */

static void draw_catalog(const struct drawing *d, struct rect frame)
{
    struct query_pane *state = d->state;
    bool has = has_focus(d, QUERY_CATALOG);
    struct rect in =
        frame_draw(d->canvas, frame, &(struct frame){.number = -1, .title = "Catalog", .has_focus = has}, d->now_ms);
    state->parts[QUERY_CATALOG] = in;
    query_tree_draw(state, d->canvas, in, has);
}

/* The catalog stands at the left where there is room; else what has its focus is the result. */
static struct rect lay_catalog(const struct drawing *d, struct rect rect)
{
    int cols = rect.cols / 5 < CATALOG_MIN ? CATALOG_MIN : rect.cols / 5 > CATALOG_MAX ? CATALOG_MAX : rect.cols / 5;
    d->state->has_catalog = rect.cols >= CATALOG_COLS && !d->is_one_part;
    if (!d->state->has_catalog && d->state->focus == QUERY_CATALOG)
        d->state->focus = QUERY_RESULT;
    if (!d->state->has_catalog)
        return rect;
    draw_catalog(d, (struct rect){.row = rect.row, .col = rect.col, .rows = rect.rows, .cols = cols});
    return (struct rect){.row = rect.row, .col = rect.col + cols, .rows = rect.rows, .cols = rect.cols - cols};
}

void query_draw_full(struct pane *pane, struct canvas *canvas, struct rect rect)
{
    struct query_pane *state = pane->state;
    struct drawing d = {.state = state, .canvas = canvas, .now_ms = query_now(state)};
    query_want_catalog(state);
    d.is_one_part = rect.rows < TWO_PARTS_ROWS;
    query_tabs_put(state);
    memset(state->parts, 0, sizeof state->parts);
    rect = lay_catalog(&d, rect);
    struct rect above = rect, below = rect;
    if (!d.is_one_part) {
        int wanted = rect.rows * 2 / 5;
        above.rows = wanted < EDITOR_MIN ? EDITOR_MIN : wanted;
        below.row += above.rows;
        below.rows -= above.rows;
    } else if (state->focus == QUERY_EDITOR) {
        below.rows = 0;
    } else {
        above.rows = 0;
    }
    if (above.rows > 0)
        draw_editor(&d, above);
    if (below.rows > 0 && state->shows_history)
        draw_history(&d, below);
    else if (below.rows > 0)
        draw_result(&d, below);
}

void query_draw_tile(struct pane *pane, struct canvas *canvas, struct rect rect)
{
    struct query_pane *state = pane->state;
    const struct queries_view *view = query_view_of(state);
    int64_t now_ms = query_now(state);
    query_tabs_put(state);
    struct rect text = {.row = rect.row, .col = rect.col + 1, .rows = rect.rows, .cols = rect.cols - 2};
    if (view && view->history_err.code && rect.rows > 5) {
        struct rect last = {.row = rect.row + rect.rows - 2, .col = rect.col + 1, .rows = 2, .cols = rect.cols - 2};
        query_draw_error(canvas, last, &view->history_err);
        rect.rows -= 2;
    }
    if (!view || !view->is_loaded)
        frame_text(canvas, text, ROLE_dim, "reading what ran before");
    else if (view->count == 0)
        frame_text(canvas, text, ROLE_dim, pane->ops->empty);
    else
        grid_draw(state->recent, canvas, rect, pane->has_focus, false, now_ms, app_shows_times(pane->app));
}

static bool is_inside(struct rect rect, int row, int col)
{
    return row >= rect.row && row < rect.row + rect.rows && col >= rect.col && col < rect.col + rect.cols;
}

static bool mouse_full(struct query_pane *state, const struct event *event)
{
    struct grid *grid = query_grid_now(state);
    bool is_press = event->mouse == MOUSE_PRESS || event->mouse == MOUSE_DOUBLE;
    if (is_inside(state->parts[QUERY_EDITOR], event->row, event->col)) {
        state->focus = is_press ? QUERY_EDITOR : state->focus;
        return editor_mouse(query_tab_now(state)->editor, event);
    }
    if (is_inside(state->parts[QUERY_CATALOG], event->row, event->col)) {
        state->focus = is_press ? QUERY_CATALOG : state->focus;
        return tree_mouse(state->tree, event, state->parts[QUERY_CATALOG]);
    }
    if (!is_inside(state->parts[QUERY_RESULT], event->row, event->col))
        return false;
    state->focus = is_press ? QUERY_RESULT : state->focus;
    return !grid || grid_mouse(grid, event, state->parts[QUERY_RESULT]);
}

bool query_mouse(struct pane *pane, const struct event *event, struct rect rect)
{
    struct query_pane *state = pane->state;
    bool is_taken = pane->is_zoomed ? mouse_full(state, event) : grid_mouse(state->recent, event, rect);
    if (is_taken && event->mouse == MOUSE_DOUBLE && state->focus != QUERY_EDITOR)
        query_act(pane, ACTION_open);
    if (is_taken)
        app_dirty(pane->app);
    return is_taken;
}
