/* The picture: header, crumbs, body (tiles, or one pane), footer, overlays on top. Everything is drawn to the canvas
 * each time; what did not change costs nothing on the wire. UI thread. */
#include "backend/base/text.h"
#include "tui/app_private.h"
#include "tui/frame.h"
#include "tui/tiles.h"
#include <stdio.h>
#include <string.h>

static int put(struct canvas *canvas, int col, int end, enum theme_role role, const char *text)
{
    return col < end ? col + canvas_puts(canvas, 0, col, end - col, role, text) : col;
}

static int width_of(const char *text)
{
    return text_width(text, strlen(text));
}

/* Program, profile, PROD, account, region; returns the column behind it. */
static int draw_identity(const struct app *app, struct canvas *canvas, int end)
{
    char name[CONFIG_NAME] = "", account[CONFIG_NAME] = "", region[CONFIG_NAME] = "", rest[2 * CONFIG_NAME + 16];
    session_identity(app->session, name, account, region, sizeof name);
    enum theme_role accent = app->config->production ? ROLE_prod : ROLE_logo;
    int col = put(canvas, 1, end, accent, " weir ");
    col = put(canvas, col + 1, end, ROLE_strong, name);
    if (app->config->production) {
        col = put(canvas, col, end, ROLE_header, " ");
        col = put(canvas, col, end, ROLE_prod, " PROD ");
    }
    snprintf(rest, sizeof rest, "%s%s%s%s", account[0] ? " · " : "", account, region[0] ? " · " : "", region);
    if (col + width_of(rest) > end) /* whole or not at all; doctor tells it too */
        snprintf(rest, sizeof rest, "%s%s", account[0] ? " · " : "", account);
    if (col + width_of(rest) > end)
        return col;
    return put(canvas, col, end, ROLE_dim, rest);
}

static bool shows_past(const struct app *app)
{
    struct pane_status status = {.source = SOURCE_OK};
    const struct pane *pane = app_focused(app);
    if (pane && pane->ops->replay)
        pane->ops->status((struct pane *)pane, &status);
    return status.source == SOURCE_REPLAY;
}

static int draw_clock(const struct app *app, struct canvas *canvas, int cols)
{
    char time[TEXT_SHORT], clock[TEXT_SHORT], flags[64];
    text_time(clock_wall(&clock_system), time);
    /* hours and minutes: seconds would write to an idle terminal once a second */
    snprintf(clock, sizeof clock, "%.5sZ", strlen(time) > 11 ? time + 11 : time);
    int col = cols - 1 - width_of(clock);
    snprintf(flags, sizeof flags, "%s%s%s", app_is_readonly(app) ? "ro  " : "", app->is_paused ? "paused  " : "",
             shows_past(app) ? "replay  " : "");
    canvas_puts(canvas, 0, col, width_of(clock), ROLE_dim, clock);
    col -= width_of(flags);
    if (flags[0] && col > 0)
        canvas_puts(canvas, 0, col, width_of(flags), ROLE_warn, flags);
    return col;
}

static void draw_tabs(struct app *app, struct canvas *canvas, int from, int end)
{
    int total = 0, col;
    char tab[64];
    for (int i = 0; i < app->pane_count; i++)
        total += width_of(app->panes[i].ops->title) + 4;
    bool is_tight = from + 2 + total > end;
    col = (canvas_cols(canvas) - total) / 2;
    col = is_tight || col < from + 2 ? from + (is_tight ? 1 : 2) : col;
    for (int i = 0; i < app->pane_count && col + 4 < end; i++) {
        const struct pane_ops *ops = app->panes[i].ops;
        bool is_focus = i == app->focus;
        if (is_tight && !is_focus)
            snprintf(tab, sizeof tab, " %d ", ops->number);
        else
            snprintf(tab, sizeof tab, " %d %s ", ops->number, ops->title);
        int used = canvas_puts(canvas, 0, col, end - col, is_focus ? ROLE_tab_focus : ROLE_tab, tab);
        if (!is_focus)
            canvas_role(canvas, (struct rect){.row = 0, .col = col + 1, .rows = 1, .cols = 1}, ROLE_key);
        app->tabs[i] = (struct rect){.row = 0, .col = col, .rows = 1, .cols = used};
        col += used;
    }
}

/* When there is little room the panes out of focus have their number only. */
static int width_of_tight_tabs(const struct app *app)
{
    enum { NUMBER_COLS = 3 };
    return app->pane_count ? width_of(app->panes[app->focus].ops->title) + 4 + NUMBER_COLS * (app->pane_count - 1) : 0;
}

static void draw_header(struct app *app, struct canvas *canvas)
{
    int cols = canvas_cols(canvas), right = draw_clock(app, canvas, cols);
    draw_tabs(app, canvas, draw_identity(app, canvas, right - 2 - width_of_tight_tabs(app)), right);
}

/* --- footer --- */

/* The feeds' calls come in bursts, so that their number in the last minute is never the same twice: one that hardly
 * differs from what is on the screen is not worth writing to an idle terminal. */
static int calls_shown(struct app *app, int calls)
{
    int differs = calls > app->calls_shown ? calls - app->calls_shown : app->calls_shown - calls;
    if (differs > app->calls_shown / 4 || differs > 20 || (calls == 0 && differs))
        app->calls_shown = calls;
    return app->calls_shown;
}

static int draw_counts(struct app *app, struct canvas *canvas, int row)
{
    char words[160] = "", count[TEXT_SHORT], total[TEXT_SHORT];
    struct pane_status status = {.total = -1};
    const struct pane *pane = app_focused(app);
    size_t used = 0;
    if (pane)
        pane->ops->status((struct pane *)pane, &status);
    if (status.is_filtered)
        used += (size_t)snprintf(words, sizeof words, "%s of %s%s   ", text_count(status.shown, count),
                                 text_count(status.total, total), status.total_is_at_least ? "+" : "");
    int jobs = jobs_running(session_jobs(app->session));
    if (jobs > 0)
        used += (size_t)snprintf(words + used, sizeof words - used, "%d job%s   ", jobs, jobs == 1 ? "" : "s");
    struct aws *aws = session_aws(app->session);
    if (aws)
        snprintf(words + used, sizeof words - used, "%d calls/min", calls_shown(app, aws_calls_per_minute(aws)));
    int width = width_of(words), col = canvas_cols(canvas) - 1 - width;
    if (col < 0)
        return canvas_cols(canvas);
    canvas_puts(canvas, row, col, width, ROLE_footer, words);
    if (status.is_filtered) /* an active filter is never out of sight */
        canvas_role(canvas, (struct rect){.row = row, .col = col, .rows = 1, .cols = (int)strcspn(words, "f") + 2},
                    ROLE_accent);
    return col;
}

static int draw_filter(const struct app *app, struct canvas *canvas, int row, int col, int end)
{
    struct pane *pane = app_focused(app);
    const char *filter = pane && pane->ops->filter_text && app->overlay_count == 0 ? pane->ops->filter_text(pane) : "";
    if (!filter[0] || end - col < 12)
        return col;
    col += canvas_puts(canvas, row, col, end - col, ROLE_accent, "/");
    col += canvas_elide(canvas, row, col, (end - col) / 3, ROLE_strong, filter, strlen(filter));
    return col + 2;
}

static const enum action no_keys[] = {ACTION_none};

/* "C-x C-c" as people write it, "Ctrl-x Ctrl-c". */
static void label_of(const char *chords, struct buf *out)
{
    while (*chords) {
        struct key key;
        size_t len = strcspn(chords, " ");
        if (key_parse(chords, len, &key))
            key_label(key, out);
        chords += len;
        if (*chords)
            buf_putc(out, *chords++);
    }
}

/* One key and what it does; returns the column behind it, col when it is unbound or has no room. */
static int draw_key(const struct app *app, struct canvas *canvas, int row, int col, int end, enum action action)
{
    struct buf chord = BUF_INIT(64), keys = BUF_INIT(64);
    const char *label = action_rows[action].label;
    bool is_bound = keymap_chord(app->keymap, app_context(app), action, &keys);
    label_of(buf_text(&keys), &chord);
    int width = width_of(buf_text(&chord)) + 1 + width_of(label);
    if (is_bound && col + width < end) {
        bool can = app->overlay_count > 0 || app_can(app, action);
        canvas_puts(canvas, row, col, end - col, can ? ROLE_key : ROLE_disabled, buf_text(&chord));
        canvas_puts(canvas, row, col + width - width_of(label), end - col, can ? ROLE_footer : ROLE_disabled, label);
        col += width + 2;
    }
    buf_done(&chord);
    buf_done(&keys);
    return col;
}

/* The keys of a sequence that has begun, so that one sees that weir waits for more. */
static int draw_pending(const struct app *app, struct canvas *canvas, int row, int col, int end)
{
    for (int i = 0; i < app->pending.count; i++) {
        struct buf chord = BUF_INIT(64);
        key_label(app->pending.keys[i], &chord);
        col += canvas_puts(canvas, row, col, end - col, ROLE_accent, buf_text(&chord)) + 1;
        buf_done(&chord);
    }
    return app->pending.count ? col + 1 : col;
}

static void draw_keys(const struct app *app, struct canvas *canvas, int row, int col, int end)
{
    enum { HELP_COLS = 8 };
    const struct overlay *top = app->overlay_count > 0 ? app->overlays[app->overlay_count - 1] : NULL;
    const struct pane *pane = app_focused(app);
    const enum action *keys = top ? top->ops->footer : pane ? pane->ops->footer : NULL;
    bool has_help = false;
    for (const enum action *key = keys ? keys : no_keys; *key != ACTION_none; key++)
        has_help = has_help || *key == ACTION_help;
    /* whatever does not fit, the way to all the others does */
    int room = has_help ? end - HELP_COLS : end;
    col = draw_pending(app, canvas, row, col, room);
    for (keys = keys ? keys : no_keys; *keys != ACTION_none; keys++)
        col = *keys == ACTION_help ? col : draw_key(app, canvas, row, col, room, *keys);
    if (has_help)
        draw_key(app, canvas, row, col, end, ACTION_help);
}

static void draw_footer(struct app *app, struct canvas *canvas, int row)
{
    int cols = canvas_cols(canvas);
    int end = draw_counts(app, canvas, row);
    if (app->said[0]) {
        enum theme_role role = app->is_said_an_error ? ROLE_error : ROLE_text;
        char clean[APP_SAID * 2];
        if (width_of(text_clean_into(app->said, clean, sizeof clean)) + 3 > end) { /* what happened goes first */
            canvas_fill(canvas, (struct rect){.row = row, .rows = 1, .cols = cols}, ROLE_footer);
            end = cols;
        }
        canvas_elide(canvas, row, 1, end - 2, role, clean, strlen(clean));
        return;
    }
    draw_keys(app, canvas, row, draw_filter(app, canvas, row, 1, end), end);
}

/* --- body --- */

static void draw_tile(struct app *app, int index, struct canvas *canvas, struct rect rect)
{
    struct pane *pane = &app->panes[index];
    struct pane_status status;
    pane->is_zoomed = false;
    pane->has_focus = index == app->focus && app->overlay_count == 0;
    pane->ops->status(pane, &status);
    struct rect in = frame_draw(canvas, rect,
                                &(struct frame){.number = pane->ops->number,
                                                .title = pane->ops->title,
                                                .status = &status,
                                                .has_focus = index == app->focus},
                                clock_wall(&clock_system));
    app->tiles[index] = in;
    struct rect before = canvas_clip(canvas, in);
    if (in.rows > 0)
        pane->ops->draw_tile(pane, canvas, in);
    canvas_clip(canvas, before);
}

static void draw_dashboard(struct app *app, struct canvas *canvas, struct rect body)
{
    struct rect rects[APP_PANES];
    bool has_flow = app->panes[0].ops->number == 0; /* the river belongs on top */
    tiles_layout(body, app->pane_count, has_flow, rects);
    for (int i = 0; i < app->pane_count; i++)
        draw_tile(app, i, canvas, rects[i]);
}

static void draw_zoomed(struct app *app, struct canvas *canvas, struct rect body)
{
    struct pane *pane = app_focused(app);
    struct pane_status status;
    struct rect in = body;
    pane->is_zoomed = true;
    pane->has_focus = app->overlay_count == 0;
    if (!pane->ops->has_parts) {
        pane->ops->status(pane, &status);
        in = frame_draw(
            canvas, body,
            &(struct frame){
                .number = pane->ops->number, .title = pane->ops->title, .status = &status, .has_focus = true},
            clock_wall(&clock_system));
    }
    app->tiles[app->focus] = in;
    struct rect before = canvas_clip(canvas, in);
    if (in.rows > 0)
        pane->ops->draw_full(pane, canvas, in);
    canvas_clip(canvas, before);
}

static void draw_body(struct app *app, struct canvas *canvas, struct rect body)
{
    if (app->pane_count == 0 || body.rows < 1)
        return;
    if (app->is_zoomed)
        draw_zoomed(app, canvas, body);
    else if (body.cols < APP_DASHBOARD_COLS)
        draw_tile(app, app->focus, canvas, body); /* one at a time, with tabs */
    else
        draw_dashboard(app, canvas, body);
}

/* The way down to what is shown, under the header. */
static int draw_crumbs(const struct app *app, struct canvas *canvas, int row)
{
    struct pane *pane = app_focused(app);
    struct buf crumbs = BUF_INIT(8192);
    bool has_crumbs = app->is_zoomed && pane && pane->ops->crumbs && pane->ops->crumbs(pane, &crumbs);
    if (has_crumbs)
        canvas_elide(canvas, row, 2, canvas_cols(canvas) - 3, ROLE_strong, buf_text(&crumbs), crumbs.len);
    buf_done(&crumbs);
    return has_crumbs ? 1 : 0;
}

void app_draw(struct app *app)
{
    struct canvas *canvas = screen_canvas(app->screen);
    int rows = canvas_rows(canvas), cols = canvas_cols(canvas);
    struct rect all = {.rows = rows, .cols = cols}, body = all;
    canvas_clip(canvas, all);
    canvas_fill(canvas, all, ROLE_text);
    memset(app->tiles, 0, sizeof app->tiles);
    memset(app->tabs, 0, sizeof app->tabs);
    if (rows > 1) {
        draw_header(app, canvas);
        int crumbs = rows > 8 ? draw_crumbs(app, canvas, 1) : 0;
        body.row = 1 + crumbs;
        body.rows = rows - 1 - crumbs;
    }
    if (rows > 3) {
        body.rows--;
        draw_footer(app, canvas, rows - 1);
    }
    draw_body(app, canvas, body);
    for (int i = 0; i < app->overlay_count; i++)
        app->overlays[i]->ops->draw(app->overlays[i], canvas, body);
    app->still_draws = screen_draw(app->screen) ? 0 : app->still_draws + 1;
    app->is_dirty = false;
}
