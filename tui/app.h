/* The application: the one UI loop (terminal input, mailbox, signals, timer -> dirty panes -> one draw per wake-up),
 * focus, dashboard, overlays, header and footer. All calls are on the UI thread except app_wake. */
#ifndef WEIR_TUI_APP_H
#define WEIR_TUI_APP_H
#include "backend/base/clock.h"
#include "backend/core/config.h"
#include "tui/action.h"
#include "tui/keymap.h"
#include "tui/overlay.h"
#include "tui/pane.h"
#include "tui/theme.h"

struct app;
/* Runs the console until quit; returns the exit status. */
int app_run(const struct config *config);

/* Any thread: something changed; coalesced. */
void app_wake(void *app);

/* For panes and overlays. */
const struct config *app_config(const struct app *app);
struct session *app_session(const struct app *app);
const struct clock *app_clock(const struct app *app);
const struct keymap *app_keymap(const struct app *app);
const char *app_keymap_name(const struct app *app);
struct pane *app_focused(const struct app *app);
bool app_is_readonly(const struct app *app);
bool app_is_paused(const struct app *app);
bool app_shows_times(const struct app *app); /* t: absolute times instead of ages */
void app_dirty(struct app *app);             /* draw again */
void app_act(struct app *app, enum action action);
/* False when it may not be done now (read-only): the reason has been shown. Call before opening a dialog for a writing
 * action. */
bool app_may(struct app *app, enum action action);
void app_zoom(struct app *app, bool zoomed);
/* Focuses the pane of that name, gives it the whole body and hands it the text (pane_ops.receive). False: there is no
 * such pane, or it cannot use the text now; the reason has been shown and the focus stays where it was. */
bool app_hand_over(struct app *app, const char *pane_name, const char *text);
void app_quit(struct app *app);
/* One line in the footer until the next key: what happened, or an error. */
void app_say(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
void app_say_error(struct app *app, const struct err *err);
/* Copies to the clipboard: a local tool when there is a display, OSC 52 (wrapped for tmux) otherwise; over 74 kB to a
 * file; says which. */
void app_copy(struct app *app, const char *bytes, size_t len);
bool app_set_theme(struct app *app, const char *name, struct err *err);
bool app_set_keymap(struct app *app, const char *name, struct err *err);
/* Runs a `:` command line ("q", "zones raw/", "theme light", "sort bytes", an action id ...). */
bool app_command(struct app *app, const char *line, struct err *err);
/* Leaves the screen to a child (editor, pager) and comes back. */
bool app_run_child(struct app *app, const char *const *argv, struct err *err);

void app_push_overlay(struct app *app, const struct overlay_ops *ops, void *state);
void app_close_overlay(struct app *app, struct overlay *overlay);
#endif
