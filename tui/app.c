/* The application: opens everything, runs the one loop, closes everything. The loop waits for the terminal, the wake-up
 * eventfd, signals and the next second; each wake-up ends in at most one drawing. UI thread; app_wake is any thread's.
 */
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "tui/app_private.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum {
    SECOND_MS = 1000,
    SIGNAL_EXIT = 128,
    EVENTS_PER_DRAW = 256,
    FRAME_MS = 16 /* 60 frames a second */,
    STILL_SECONDS = 5
};

const struct config *app_config(const struct app *app)
{
    return app->config;
}
struct session *app_session(const struct app *app)
{
    return app->session;
}
const struct clock *app_clock(const struct app *app)
{
    (void)app;
    return &clock_system;
}
const struct keymap *app_keymap(const struct app *app)
{
    return app->keymap;
}

const char *app_keymap_name(const struct app *app)
{
    return app->keymap_name;
}
struct pane *app_focused(const struct app *app)
{
    return app->pane_count > 0 ? (struct pane *)&app->panes[app->focus] : NULL;
}
bool app_is_readonly(const struct app *app)
{
    return app->config->readonly;
}
bool app_is_paused(const struct app *app)
{
    return app->is_paused;
}
bool app_shows_times(const struct app *app)
{
    return app->shows_times;
}
void app_dirty(struct app *app)
{
    app->is_dirty = true;
}
void app_quit(struct app *app)
{
    app->is_quitting = true;
}

void app_wake(void *app)
{
    const uint64_t one = 1;
    ssize_t sent = write(((struct app *)app)->wake_fd, &one, sizeof one);
    (void)sent; /* full means that it is awake already */
}

void app_say(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(app->said, sizeof app->said, format, args);
    va_end(args);
    app->is_said_an_error = false;
    app->is_dirty = true;
}

void app_say_error(struct app *app, const struct err *err)
{
    app_say(app, "%s", err->text[0] ? err->text : err_sentence(err->code));
    app->is_said_an_error = true;
    log_warn(ui, "%s", app->said);
}

void app_push_overlay(struct app *app, const struct overlay_ops *ops, void *state)
{
    struct overlay *overlay = calloc(1, sizeof *overlay);
    if (!overlay)
        abort();
    *overlay = (struct overlay){.ops = ops, .app = app, .state = state};
    if (app->overlay_count == APP_OVERLAYS) { /* nobody stacks that many: refuse, but own the state */
        ops->close(overlay);
        free(overlay);
        return;
    }
    app->overlays[app->overlay_count++] = overlay;
    app->pending.count = 0;
    app->is_dirty = true;
}

void app_close_overlay(struct app *app, struct overlay *overlay)
{
    int at = 0;
    while (at < app->overlay_count && app->overlays[at] != overlay)
        at++;
    if (at == app->overlay_count)
        return;
    memmove(&app->overlays[at], &app->overlays[at + 1], (size_t)(app->overlay_count - at - 1) * sizeof overlay);
    app->overlay_count--;
    overlay->ops->close(overlay);
    free(overlay);
    app->pending.count = 0;
    app->is_dirty = true;
}

bool app_set_theme(struct app *app, const char *name, struct err *err)
{
    struct theme theme, mono;
    if (!theme_load(&theme, name, err))
        return false;
    app->theme = theme;
    /* without colours the attributes of "mono" say more than those of a theme made for colours */
    bool is_mono = screen_depth(app->screen) == DEPTH_MONO && theme_load(&mono, "mono", NULL);
    screen_set_theme(app->screen, is_mono ? &mono : &app->theme);
    app->is_dirty = true;
    return true;
}

bool app_set_keymap(struct app *app, const char *name, struct err *err)
{
    struct keymap *keymap = keymap_load(name, err);
    if (!keymap)
        return false;
    keymap_free(app->keymap);
    app->keymap = keymap;
    snprintf(app->keymap_name, sizeof app->keymap_name, "%.*s", KEYMAP_NAME - 1, name);
    app->pending.count = 0;
    app->is_dirty = true;
    return true;
}

/* --- opening and closing --- */

/* Blocked before any thread exists, so that only the signalfd sees them. */
static bool catch_signals(struct app *app, struct err *err)
{
    static const int numbers[] = {SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGTSTP, SIGCONT, SIGQUIT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    app->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    app->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return (app->signal_fd >= 0 && app->wake_fd >= 0) ||
           err_set_errno(err, ERR_IO, "the console's signals and wake-ups");
}

static bool open_panes(struct app *app, struct err *err)
{
    for (int i = 0; pane_rows[i] && i < APP_PANES; i++) {
        struct pane *pane = &app->panes[i];
        *pane = (struct pane){.ops = pane_rows[i], .app = app, .session = app->session};
        app->pane_count = i + 1;
        if (!pane->ops->open(pane, err))
            return false;
    }
    app->is_zoomed = app->pane_count == 1; /* alone it gets all the body */
    app_focus(app, 0);
    return true;
}

/* How long an Esc may be the beginning of a longer sequence: our own option, else ncurses' variable, else longer over
 * SSH, where the bytes of one key may come apart. */
static int64_t find_escdelay(const struct config *config)
{
    enum { DEFAULT_MS = 25, SSH_MS = 100, MOST_MS = 2000 };
    const char *variable = getenv("ESCDELAY");
    long asked = variable ? strtol(variable, NULL, 10) : 0;
    if (config->escdelay_ms != DEFAULT_MS)
        return config->escdelay_ms;
    if (asked > 0)
        return asked < MOST_MS ? asked : MOST_MS;
    return getenv("SSH_TTY") || getenv("SSH_CONNECTION") ? SSH_MS : DEFAULT_MS;
}

static bool open_all(struct app *app, struct err *err)
{
    const struct config *config = app->config;
    struct session_options session = {.config = config, .changed = app_wake, .context = app};
    struct screen_options screen = {.color = config->color,
                                    .unicode = config->unicode,
                                    .mouse = config->mouse,
                                    .escdelay_ms = find_escdelay(config)};
    app->has_mouse = config->mouse;
    app->keymap = keymap_load(config->keymap, err);
    snprintf(app->keymap_name, sizeof app->keymap_name, "%.*s", KEYMAP_NAME - 1, config->keymap);
    if (!app->keymap || !catch_signals(app, err))
        return false;
    if (!theme_load(&app->theme, config->theme, err)) /* told on a plain terminal */
        return false;
    app->screen = screen_open(&screen, err); /* before anything that starts a thread: it may refuse */
    if (!app->screen || !app_set_theme(app, config->theme, err))
        return false;
    canvas_set_frames(screen_canvas(app->screen), !config->plain);
    app->session = session_open(&session, err);
    return app->session && open_panes(app, err);
}

static void close_all(struct app *app)
{
    while (app->overlay_count > 0)
        app_close_overlay(app, app->overlays[app->overlay_count - 1]);
    screen_close(app->screen); /* first: the terminal is the user's again while the rest ends */
    for (int i = 0; i < app->pane_count; i++) {
        if (app->panes[i].state)
            app->panes[i].ops->close(&app->panes[i]);
    }
    if (app->session)
        session_close(app->session);
    keymap_free(app->keymap);
    if (app->wake_fd >= 0)
        close(app->wake_fd);
    if (app->signal_fd >= 0)
        close(app->signal_fd);
}

/* --- the loop --- */

static void on_signal(struct app *app, int number)
{
    switch (number) {
    case SIGWINCH:
        screen_fit(app->screen);
        app->is_dirty = true;
        return;
    case SIGTSTP:
        app_act(app, ACTION_suspend);
        return;
    case SIGCONT: /* stopped from outside: the shell has put its own modes on the terminal meanwhile */
        screen_return(app->screen);
        app->is_dirty = true;
        return;
    default:
        app->status = SIGNAL_EXIT + number;
        app->is_quitting = true;
    }
}

static void take_signals(struct app *app)
{
    struct signalfd_siginfo info;
    while (read(app->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        on_signal(app, (int)info.ssi_signo);
}

static void take_events(struct app *app)
{
    struct event event;
    for (int i = 0; i < EVENTS_PER_DRAW && !app->is_quitting; i++) {
        if (!screen_next(app->screen, clock_mono(&clock_system), &event))
            return;
        app_event(app, &event);
    }
}

static void take_news(struct app *app)
{
    uint64_t count;
    while (read(app->wake_fd, &count, sizeof count) == (ssize_t)sizeof count)
        continue;
    for (int i = 0; i < app->pane_count; i++)
        app->is_dirty |= app->panes[i].ops->changed(&app->panes[i]);
    for (int i = 0; i < app->overlay_count; i++) {
        struct overlay *overlay = app->overlays[i];
        app->is_dirty |= overlay->ops->changed && overlay->ops->changed(overlay);
    }
}

/* Until the clock's next second (of a screen that stands still, a later one), or until a lone Esc is known to be one.
 */
static int wait_ms(const struct app *app)
{
    int seconds = app->still_draws < STILL_SECONDS ? app->still_draws : STILL_SECONDS;
    int64_t wait = (seconds > 0 ? seconds : 1) * SECOND_MS - clock_wall(&clock_system) % SECOND_MS;
    int64_t now = clock_mono(&clock_system), left = screen_wait_ms(app->screen, now);
    wait = left >= 0 && left < wait ? left : wait;
    left = app->is_dirty ? app->drawn_ms + FRAME_MS - now : wait; /* a frame that was put off */
    return (int)(left < 0 ? 0 : left < wait ? left : wait);
}

static void run(struct app *app)
{
    struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
                           {.fd = app->wake_fd, .events = POLLIN},
                           {.fd = app->signal_fd, .events = POLLIN}};
    bool has_input = true;
    app->is_dirty = true;
    while (!app->is_quitting) {
        /* what a key did is shown at once; news from behind at most so many times a second */
        if (app->is_dirty && (has_input || clock_mono(&clock_system) - app->drawn_ms >= FRAME_MS)) {
            app_draw(app);
            app->drawn_ms = clock_mono(&clock_system);
        }
        int ready = poll(fds, sizeof fds / sizeof *fds, wait_ms(app));
        has_input = ready > 0 && (fds[0].revents || fds[2].revents);
        app->still_draws = has_input ? 0 : app->still_draws;
        if (ready == 0) {
            app->is_dirty = true;                                                    /* the clock and the ages go on */
            has_input = screen_wait_ms(app->screen, clock_mono(&clock_system)) >= 0; /* a lone Esc is one now */
            app_reap(app);
        }
        if (fds[2].revents)
            take_signals(app);
        if (fds[0].revents && !screen_read(app->screen, clock_mono(&clock_system)))
            on_signal(app, SIGHUP);
        take_events(app);
        if (ready > 0 && fds[1].revents)
            take_news(app);
    }
}

int app_run(const struct config *config)
{
    struct app *app = calloc(1, sizeof *app);
    struct err err = ERR_NONE;
    if (!app)
        abort();
    app->config = config;
    app->wake_fd = app->signal_fd = -1;
    if (open_all(app, &err)) {
        app_show_panes(app);
        if (config->view[0] && !app_command(app, config->view, &err))
            app_say_error(app, &err);
        run(app);
    } else {
        app->status = err_exit_code(&err);
    }
    close_all(app);
    int status = app->status;
    if (err.code != ERR_OK && status) {
        char text[sizeof err.text * 4];
        fprintf(stderr, "weir: %s\n", text_clean_into(err.text, text, sizeof text));
    }
    free(app);
    return status;
}
