/* From events to actions: who gets a key (top overlay, focused pane, app), and what the app itself does. One row per
 * action of the app. UI thread. */
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "tui/app_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CANCEL_AGAIN_MS = 3000, JOBS_SEEN = 64 };

static struct overlay *top_overlay(const struct app *app)
{
    return app->overlay_count > 0 ? app->overlays[app->overlay_count - 1] : NULL;
}

enum keymap_context app_context(const struct app *app)
{
    const struct overlay *top = top_overlay(app);
    const struct pane *pane = app_focused(app);
    if (top)
        return top->ops->context;
    if (!pane)
        return CONTEXT_global;
    return pane->ops->context_now ? pane->ops->context_now(pane) : pane->ops->context;
}

bool app_can(const struct app *app, enum action action)
{
    struct pane *pane = app_focused(app);
    if (action_rows[action].writes && app_is_readonly(app))
        return false;
    return !pane || !pane->ops->can || pane->ops->can(pane, action);
}

bool app_may(struct app *app, enum action action)
{
    if (!action_rows[action].writes || !app_is_readonly(app))
        return true;
    app_say(app, "%s is refused: weir was started with --readonly", action_rows[action].label);
    app->is_said_an_error = true;
    return false;
}

/* --- focus --- */

void app_show_panes(struct app *app)
{
    bool is_single = app->is_zoomed || canvas_cols(screen_canvas(app->screen)) < APP_DASHBOARD_COLS;
    for (int i = 0; i < app->pane_count; i++) {
        struct pane *pane = &app->panes[i];
        bool is_visible = i == app->focus || !is_single;
        if (pane->ops->show && is_visible != app->is_shown[i])
            pane->ops->show(pane, is_visible);
        app->is_shown[i] = is_visible;
    }
}

void app_focus(struct app *app, int index)
{
    if (index < 0 || index >= app->pane_count)
        return;
    app->focus = index;
    app->pending.count = 0;
    for (int i = 0; i < app->pane_count; i++) {
        app->panes[i].has_focus = i == index;
        app->panes[i].is_zoomed = i == index && app->is_zoomed;
    }
    app_show_panes(app);
    app->is_dirty = true;
}

void app_zoom(struct app *app, bool zoomed)
{
    app->is_zoomed = zoomed && app->pane_count > 0;
    app_focus(app, app->focus);
}

bool app_hand_over(struct app *app, const char *pane_name, const char *text)
{
    for (int i = 0; i < app->pane_count; i++) {
        struct pane *pane = &app->panes[i];
        if (strcmp(pane->ops->name, pane_name))
            continue;
        if (!pane->ops->receive || !pane->ops->receive(pane, text)) {
            app_say(app, "the %s pane has no use for this now", pane->ops->title);
            return false;
        }
        app_focus(app, i);
        app_zoom(app, true);
        return true;
    }
    app_say(app, "there is no %s pane here", pane_name);
    return false;
}

/* --- what the app does itself --- */

static void act_back(struct app *app)
{
    struct pane *pane = app_focused(app);
    if (pane && pane->ops->filter && pane->ops->filter_text && pane->ops->filter_text(pane)[0])
        pane->ops->filter(pane, "");
    else
        app_zoom(app, false);
}

static void leave(void *context)
{
    app_quit(context);
}

static void ask_to_leave(struct app *app)
{
    char consequence[96] = "Nothing is running.";
    int running = jobs_running(session_jobs(app->session));
    if (running > 0)
        snprintf(consequence, sizeof consequence, "%d running job%s will be cancelled.", running,
                 running == 1 ? "" : "s");
    overlay_confirm(app, &(struct confirm_options){.title = "Leave weir",
                                                   .object = "this console; the lake and the cloud stay",
                                                   .consequence = consequence,
                                                   .done = leave,
                                                   .context = app});
}

static void act_close(struct app *app)
{
    if (app->is_zoomed)
        app_zoom(app, false);
    else
        ask_to_leave(app);
}

static void act_quit(struct app *app)
{
    if (jobs_running(session_jobs(app->session)) > 0)
        ask_to_leave(app);
    else
        app_quit(app);
}

static int cancel_jobs(struct app *app)
{
    struct job_view views[JOBS_SEEN];
    struct jobs *jobs = session_jobs(app->session);
    int count = jobs_list(jobs, views, JOBS_SEEN), cancelled = 0;
    for (int i = 0; i < count; i++)
        if (views[i].state == JOB_QUEUED || views[i].state == JOB_RUNNING)
            cancelled += jobs_cancel(jobs, views[i].id);
    return cancelled;
}

static void act_cancel(struct app *app)
{
    int64_t now = clock_mono(&clock_system);
    bool is_second = app->cancelled_ms && now - app->cancelled_ms < CANCEL_AGAIN_MS;
    app->cancelled_ms = now;
    if (is_second) {
        app_quit(app);
        return;
    }
    int cancelled = cancel_jobs(app);
    if (cancelled > 0)
        app_say(app, "cancelled %d job%s; Ctrl-c again leaves", cancelled, cancelled == 1 ? "" : "s");
    else
        app_say(app, "nothing is running; Ctrl-c again leaves");
}

static void act_next(struct app *app)
{
    if (app->pane_count > 0)
        app_focus(app, (app->focus + 1) % app->pane_count);
}

static void act_prev(struct app *app)
{
    if (app->pane_count > 0)
        app_focus(app, (app->focus + app->pane_count - 1) % app->pane_count);
}

static void act_zoom(struct app *app)
{
    app_zoom(app, !app->is_zoomed);
}

static void act_open(struct app *app)
{
    app_zoom(app, true);
}

static void act_dashboard(struct app *app)
{
    app_zoom(app, false);
}

static void act_refresh_all(struct app *app)
{
    for (int i = 0; i < app->pane_count; i++)
        app->panes[i].ops->act(&app->panes[i], ACTION_refresh);
    app_say(app, "asking for everything again");
}

static void act_pause(struct app *app)
{
    app->is_paused = !app->is_paused;
    for (int i = 0; i < app->pane_count; i++) {
        struct pane *pane = &app->panes[i];
        if (pane->ops->pause)
            pane->ops->pause(pane, app->is_paused);
        pane->ops->changed(pane);
    }
    app_say(app, app->is_paused ? "paused: nothing is fetched" : "fetching again");
}

static void act_time(struct app *app, int step)
{
    struct pane *pane = app_focused(app);
    struct pane_status status;
    char time[TEXT_SHORT];
    if (!pane || !pane->ops->replay) {
        app_say(app, "this pane keeps no past to step through");
        return;
    }
    bool has_moved = pane->ops->replay(pane, step);
    pane->ops->status(pane, &status);
    if (status.source == SOURCE_REPLAY)
        app_say(app, "%sas it was at %s",
                has_moved ? "" : "there is nothing earlier: ", text_time(status.taken_ms, time));
    else if (!has_moved && step < 0)
        app_say(app, "nothing has changed since weir was started: there is no past yet");
    else
        app_say(app, "this is the present");
}

static void act_time_back(struct app *app)
{
    act_time(app, -1);
}

static void act_time_forward(struct app *app)
{
    act_time(app, 1);
}

static void act_time_now(struct app *app)
{
    act_time(app, 0);
}

static void act_raw(struct app *app)
{
    struct pane *pane = app_focused(app);
    struct buf json = BUF_INIT(APP_RAW_MAX);
    if (pane && pane->ops->raw_json && pane->ops->raw_json(pane, &json))
        overlay_pager(app, "JSON", buf_text(&json), json.len);
    else
        app_say(app, "there is nothing to show as JSON here");
    buf_done(&json);
}

static void act_permissions(struct app *app)
{
    const struct pane *pane = app_focused(app);
    const char *text = pane && pane->ops->permissions ? pane->ops->permissions : NULL;
    if (text)
        overlay_pager(app, "Permissions this pane needs", text, strlen(text));
    else
        app_say(app, "this pane needs no permissions");
}

static void act_time_format(struct app *app)
{
    app->shows_times = !app->shows_times;
    for (int i = 0; i < app->pane_count; i++)
        app->panes[i].ops->changed(&app->panes[i]);
    app_say(app, app->shows_times ? "times instead of ages" : "ages instead of times");
}

static void act_mouse(struct app *app)
{
    app->has_mouse = !app->has_mouse;
    screen_set_mouse(app->screen, app->has_mouse);
    app_say(app, app->has_mouse ? "mouse on: the terminal's own selection needs Shift" : "mouse off");
}

static void act_redraw(struct app *app)
{
    screen_repaint(app->screen);
    app->is_dirty = true;
}

static void act_suspend(struct app *app)
{
    if (!screen_suspend(app->screen))
        app_say(app, "there is no shell behind this terminal to go back to");
    app->is_dirty = true;
}

static void act_palette(struct app *app)
{
    overlay_palette(app);
}

struct own_action {
    enum action action;
    void (*run)(struct app *app);
};
static const struct own_action own_actions[] = {
    {.action = ACTION_open, .run = act_open},
    {.action = ACTION_back, .run = act_back},
    {.action = ACTION_close, .run = act_close},
    {.action = ACTION_quit, .run = act_quit},
    {.action = ACTION_cancel, .run = act_cancel},
    {.action = ACTION_next, .run = act_next},
    {.action = ACTION_prev, .run = act_prev},
    {.action = ACTION_zoom, .run = act_zoom},
    {.action = ACTION_dashboard, .run = act_dashboard},
    {.action = ACTION_command, .run = app_ask_command},
    {.action = ACTION_palette, .run = act_palette},
    {.action = ACTION_filter, .run = app_ask_filter},
    {.action = ACTION_refresh_all, .run = act_refresh_all},
    {.action = ACTION_pause, .run = act_pause},
    {.action = ACTION_time_back, .run = act_time_back},
    {.action = ACTION_time_forward, .run = act_time_forward},
    {.action = ACTION_time_now, .run = act_time_now},
    {.action = ACTION_copy, .run = overlay_copy},
    {.action = ACTION_raw, .run = act_raw},
    {.action = ACTION_logs, .run = overlay_log},
    {.action = ACTION_jobs, .run = overlay_jobs},
    {.action = ACTION_time_format, .run = act_time_format},
    {.action = ACTION_help, .run = overlay_help},
    {.action = ACTION_mouse, .run = act_mouse},
    {.action = ACTION_redraw, .run = act_redraw},
    {.action = ACTION_suspend, .run = act_suspend},
    {.action = ACTION_theme, .run = app_choose_theme},
    {.action = ACTION_permissions, .run = act_permissions},
};

/* Moving where there is nowhere to go is no news. */
static bool is_quiet(enum action action)
{
    return action <= ACTION_line_end || action == ACTION_find_next || action == ACTION_find_prev;
}

static bool act_pane_number(struct app *app, enum action action)
{
    if (action < ACTION_pane_0 || action > ACTION_pane_7)
        return false;
    int number = (int)(action - ACTION_pane_0);
    for (int i = 0; i < app->pane_count; i++) {
        if (app->panes[i].ops->number == number) {
            app_focus(app, i);
            return true;
        }
    }
    app_say(app, "there is no pane %d", number);
    return true;
}

static void act_own(struct app *app, enum action action)
{
    for (size_t i = 0; i < sizeof own_actions / sizeof own_actions[0]; i++) {
        if (own_actions[i].action == action) {
            own_actions[i].run(app);
            return;
        }
    }
    if (!act_pane_number(app, action) && !is_quiet(action))
        app_say(app, "%s: not here", action_rows[action].label);
}

/* These the app does even when an overlay is open. */
static bool is_always_ours(enum action action)
{
    return action == ACTION_redraw || action == ACTION_suspend || action == ACTION_cancel || action == ACTION_mouse ||
           action == ACTION_quit;
}

void app_act(struct app *app, enum action action)
{
    struct overlay *top = top_overlay(app);
    struct pane *pane = app_focused(app);
    log_debug(ui, "action %s", action_rows[action].id);
    app->is_dirty = true;
    if (action != ACTION_cancel)
        app->cancelled_ms = 0;
    if (top) {
        if (top->ops->act && top->ops->act(top, action))
            return;
        if (action == ACTION_back || action == ACTION_close || action == ACTION_cancel)
            app_close_overlay(app, top);
        else if (is_always_ours(action))
            act_own(app, action);
        return;
    }
    if (action == ACTION_none || (pane && app_may(app, action) && pane->ops->act(pane, action)))
        return;
    if (!action_rows[action].writes || app_may(app, action))
        act_own(app, action);
}

/* --- events --- */

static bool pane_takes_text(const struct app *app)
{
    const struct pane *pane = app_focused(app);
    return pane && pane->ops->takes_text && pane->ops->takes_text(pane);
}

static bool give_to_pane(struct app *app, const struct event *event)
{
    struct pane *pane = app_focused(app);
    return pane && pane->ops->key && pane->ops->key(pane, event);
}

static void on_key(struct app *app, const struct event *event)
{
    struct overlay *top = top_overlay(app);
    app->said[0] = '\0';
    app->is_dirty = true;
    if (top && top->ops->takes_text && !app->pending.count && top->ops->key && top->ops->key(top, event))
        return;
    if (!top && !app->pending.count && pane_takes_text(app) && give_to_pane(app, event))
        return;
    enum action action;
    enum keymap_result result = keymap_feed(app->keymap, app_context(app), event->key, &app->pending, &action);
    if (result == KEYMAP_HIT)
        app_act(app, action);
    else if (result == KEYMAP_MISS && top && !top->ops->takes_text && top->ops->key)
        top->ops->key(top, event);
}

static void on_paste(struct app *app, const struct event *event)
{
    struct overlay *top = top_overlay(app);
    app->is_dirty = true;
    if (event->paste_cut)
        app_say(app, "the pasted text was cut after 1 MiB");
    if (top ? top->ops->key && top->ops->key(top, event) : give_to_pane(app, event))
        return;
    app_say(app, "pasted text has nowhere to go here");
}

static bool holds(const struct rect *rect, int row, int col)
{
    return row >= rect->row && row < rect->row + rect->rows && col >= rect->col && col < rect->col + rect->cols;
}

static void on_mouse(struct app *app, const struct event *event)
{
    struct overlay *top = top_overlay(app);
    app->is_dirty = true;
    if (top) {
        if (top->ops->key)
            top->ops->key(top, event);
        return;
    }
    for (int i = 0; i < app->pane_count; i++) {
        struct pane *pane = &app->panes[i];
        if (event->mouse == MOUSE_PRESS && holds(&app->tabs[i], event->row, event->col))
            app_focus(app, i);
        if (!holds(&app->tiles[i], event->row, event->col))
            continue;
        if (event->mouse == MOUSE_PRESS && i != app->focus)
            app_focus(app, i);
        if (pane->ops->mouse)
            pane->ops->mouse(pane, event, app->tiles[i]);
        return;
    }
}

void app_event(struct app *app, const struct event *event)
{
    switch (event->kind) {
    case EVENT_KEY:
        on_key(app, event);
        return;
    case EVENT_PASTE:
        on_paste(app, event);
        return;
    case EVENT_MOUSE:
        on_mouse(app, event);
        return;
    default:
        return; /* focus of the window changes nothing that is shown */
    }
}
