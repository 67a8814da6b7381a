/* The terminal's modes and life: taking it over, giving it back, resize, suspend, input bytes. What is painted is in
 * screen_paint.c, what a crash leaves behind in screen_restore.c. Input is read as bytes and decoded by input.c, not by
 * curses. UI thread. */
#include "tui/screen.h"
#include "backend/base/digest.h"
#include "tui/input.h"
#include "tui/screen_private.h"
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
/* curses last: it defines macros with common names */
#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>

#define MODES_ON  "\033[?2004h\033[?1004h"
#define MODES_OFF "\033[?1004l\033[?2004l"
#define MOUSE_ON  "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

void screen_send(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t sent = write(STDOUT_FILENO, bytes, len);
        if (sent < 0 && errno != EINTR && errno != EAGAIN)
            return; /* the terminal is gone: reading will say so */
        if (sent > 0) {
            bytes += sent;
            len -= (size_t)sent;
        }
    }
}

static void send_text(const char *text)
{
    screen_send(text, strlen(text));
}

const char *screen_capability(const char *name)
{
    const char *text = tigetstr(name);
    return text == (char *)-1 || !text ? "" : text;
}

static void set_modes(struct screen *screen)
{
    raw();
    noecho();
    nonl();
    curs_set(0);
    if (screen->has_modes)
        send_text(MODES_ON);
    if (screen->has_mouse)
        send_text(MOUSE_ON);
}

static void clear_modes(struct screen *screen)
{
    if (screen->has_mouse)
        send_text(MOUSE_OFF);
    if (screen->has_modes)
        send_text(MODES_OFF);
    curs_set(1);
    endwin();
    tcsetattr(STDIN_FILENO, TCSADRAIN, &screen->modes_before);
}

/* Asked before curses starts, because newterm() writes to the terminal. */
static bool check_terminal(struct err *err)
{
    const char *term = getenv("TERM");
    int status = 0;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return err_set(err, ERR_USAGE,
                       "the console needs a terminal on standard input and output; weir zones and the "
                       "other verbs do not");
    if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
        return err_set(err, ERR_USAGE, "the terminal \"%.40s\" is not known here; set TERM to one that is (xterm)",
                       term ? term : "");
    bool can = *screen_capability("cup") && *screen_capability("clear");
    del_curterm(cur_term);
    return can || err_set(err, ERR_USAGE,
                          "the terminal \"%.40s\" cannot place its cursor, which the console needs; weir zones and the "
                          "other verbs do not",
                          term ? term : "");
}

/* Keys as this terminal's description has them, for terminals whose forms are not among the built-in ones. */
static void add_keys(struct screen *screen)
{
    static const struct {
        const char *capability;
        uint32_t code;
    } keys[] = {
        {.capability = "kcuu1", .code = NAMED_UP},     {.capability = "kcud1", .code = NAMED_DOWN},
        {.capability = "kcub1", .code = NAMED_LEFT},   {.capability = "kcuf1", .code = NAMED_RIGHT},
        {.capability = "khome", .code = NAMED_HOME},   {.capability = "kend", .code = NAMED_END},
        {.capability = "kpp", .code = NAMED_PGUP},     {.capability = "knp", .code = NAMED_PGDN},
        {.capability = "kich1", .code = NAMED_INSERT}, {.capability = "kdch1", .code = NAMED_DELETE},
        {.capability = "kf1", .code = NAMED_F1},       {.capability = "kf2", .code = NAMED_F2},
        {.capability = "kf3", .code = NAMED_F3},       {.capability = "kf4", .code = NAMED_F4},
        {.capability = "kf5", .code = NAMED_F5},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *sequence = screen_capability(keys[i].capability);
        if (sequence[0] == '\033' && sequence[1])
            input_add(screen->input, sequence, (struct key){.code = keys[i].code});
    }
    if (screen->modes_before.c_cc[VERASE] == '\b')
        input_add(screen->input, "\b", (struct key){.code = NAMED_BACKSPACE});
}

struct screen *screen_open(const struct screen_options *options, struct err *err)
{
    struct termios before;
    if (!check_terminal(err))
        return NULL;
    tcgetattr(STDIN_FILENO, &before);
    screen_restore_prepare(&before);
    SCREEN *terminal = newterm(NULL, stdout, stdin);
    if (!terminal) {
        err_set(err, ERR_USAGE, "the terminal could not be set up; set TERM to what it is");
        return NULL;
    }
    screen_restore_arm();
    struct screen *screen = calloc(1, sizeof *screen);
    if (!screen)
        abort();
    screen->terminal = terminal;
    screen->modes_before = before;
    screen->input = input_new(options->escdelay_ms);
    screen->has_mouse = options->mouse;
    /* terminals without an alternate screen are old or simple, and may print what they do not know */
    screen->has_modes = *screen_capability("smcup") != '\0';
    screen->has_unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    screen->canvas = canvas_new(LINES, COLS);
    canvas_set_unicode(screen->canvas, options->unicode && screen->has_unicode);
    screen_paint_start(screen, options->color);
    typeahead(-1); /* a frame is never left half sent because a key came */
    add_keys(screen);
    set_modes(screen);
    return screen;
}

void screen_close(struct screen *screen)
{
    if (!screen)
        return;
    clear_modes(screen);
    screen_restore_disarm();
    delscreen(screen->terminal);
    canvas_free(screen->canvas);
    input_free(screen->input);
    free(screen->shown);
    free(screen);
}

struct canvas *screen_canvas(struct screen *screen)
{
    return screen->canvas;
}

bool screen_has_unicode(const struct screen *screen)
{
    return screen->has_unicode;
}

bool screen_read(struct screen *screen, int64_t now_ms)
{
    char bytes[INPUT_CHUNK];
    struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&ready, 1, 0) <= 0)
        return true;
    ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
    if (got > 0)
        input_feed(screen->input, bytes, (size_t)got, now_ms);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

bool screen_next(struct screen *screen, int64_t now_ms, struct event *event)
{
    return input_next(screen->input, now_ms, event);
}

int64_t screen_wait_ms(const struct screen *screen, int64_t now_ms)
{
    return input_wait_ms(screen->input, now_ms);
}

bool screen_fit(struct screen *screen)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        return false;
    if (!is_term_resized(size.ws_row, size.ws_col))
        return false;
    resizeterm(size.ws_row, size.ws_col);
    canvas_resize(screen->canvas, size.ws_row, size.ws_col);
    screen_repaint(screen);
    return true;
}

void screen_set_mouse(struct screen *screen, bool on)
{
    screen->has_mouse = on;
    send_text(on ? MOUSE_ON : MOUSE_OFF);
}

void screen_leave(struct screen *screen)
{
    clear_modes(screen);
}

void screen_return(struct screen *screen)
{
    refresh(); /* takes the terminal back after endwin */
    set_modes(screen);
    screen_fit(screen);
    screen_repaint(screen);
}

bool screen_has_shell(void)
{
    return getsid(0) != getpid() && getpgrp() == tcgetpgrp(STDIN_FILENO);
}

bool screen_suspend(struct screen *screen)
{
    if (!screen_has_shell())
        return false;
    sigset_t stop, before;
    screen_leave(screen);
    signal(SIGTSTP, SIG_DFL); /* curses has put its own handler there */
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    kill(0, SIGTSTP); /* the whole job, as the terminal's own ^Z would: `make run` is in it too */
    sigprocmask(SIG_UNBLOCK, &stop, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    screen_return(screen);
    return true;
}

bool screen_clip(struct screen *screen, const char *bytes, size_t len)
{
    char *coded = len <= SCREEN_CLIP_MAX && screen->has_modes ? malloc(4 * ((len + 2) / 3) + 1) : NULL;
    if (!coded)
        return false;
    bool is_tmux = getenv("TMUX") != NULL, is_screen = !is_tmux && getenv("STY") != NULL;
    base64_encode(bytes, len, coded);
    send_text(is_tmux ? "\033Ptmux;\033\033]52;c;" : is_screen ? "\033P\033]52;c;" : "\033]52;c;");
    size_t total = strlen(coded);
    /* GNU screen cuts a passed-through string at 768 bytes: several strings make one */
    for (size_t at = 0, step = is_screen ? 512 : total; at < total; at += step) {
        if (at)
            send_text("\033\\\033P");
        screen_send(coded + at, total - at < step ? total - at : step);
    }
    send_text(is_tmux || is_screen ? "\a\033\\" : "\a");
    free(coded);
    return true;
}
