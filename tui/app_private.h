/* What the app's files share: app.c the loop, app_draw.c the picture, app_act.c actions, app_command.c the `:` line,
 * app_copy.c the clipboard and children. Nobody else includes it. */
#ifndef WEIR_TUI_APP_PRIVATE_H
#define WEIR_TUI_APP_PRIVATE_H
#include "backend/domain/session.h"
#include "tui/app.h"
#include "tui/screen.h"
#include "tui/tui_files.h"
#include <sys/types.h>

enum {
    APP_PANES = 8,
    APP_OVERLAYS = 8,
    APP_SAID = 512,
    APP_FILTER = 512,
    APP_RAW_MAX = 4 << 20,
    APP_DASHBOARD_COLS = 120 /* below, one pane at a time (ux.md, Screen) */
};
struct app {
    const struct config *config;
    struct session *session;
    struct screen *screen;
    struct theme theme;
    struct keymap *keymap;
    char keymap_name[KEYMAP_NAME];

    struct pane panes[APP_PANES];
    struct rect tiles[APP_PANES]; /* of the last drawing; no rows: not on the screen */
    struct rect tabs[APP_PANES];  /* of the last drawing */
    int pane_count, focus;
    bool is_zoomed, is_shown[APP_PANES];
    struct overlay *overlays[APP_OVERLAYS]; /* the last is the top */
    int overlay_count;
    struct keymap_pending pending;

    int wake_fd, signal_fd;
    bool is_dirty, is_quitting, is_paused, shows_times, has_mouse;
    int status;           /* to exit with */
    int64_t drawn_ms;     /* monotonic time of the last frame */
    int still_draws;      /* frames in a row that changed nothing */
    int calls_shown;      /* in the footer: calls a minute */
    int64_t cancelled_ms; /* monotonic time of the last Ctrl-c */
    char said[APP_SAID];  /* in the footer until the next key */
    bool is_said_an_error;
    char theme_before[THEME_NAME], filter_before[APP_FILTER]; /* what leaving the menu or the line brings back */
    pid_t copier;                                             /* a clipboard tool that may still run; 0: none */
};

/* app_draw.c */
void app_draw(struct app *app);
/* app_act.c */
void app_event(struct app *app, const struct event *event);
void app_focus(struct app *app, int index);
enum keymap_context app_context(const struct app *app);
bool app_can(const struct app *app, enum action action);
void app_show_panes(struct app *app); /* tells panes whether they are on the screen */
/* app_command.c */
void app_ask_command(struct app *app);
void app_ask_filter(struct app *app);
void app_choose_theme(struct app *app);
/* app_copy.c */
void app_reap(struct app *app); /* takes the status of a clipboard tool that has ended */
#endif
