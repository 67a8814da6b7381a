/* A clean terminal after a crash: handlers for the signals of a broken program, which write one prepared string, put
 * the saved modes back and let the signal do what it would have done. Only async-signal-safe calls; endwin() is none.
 * The few statics are what a signal handler can reach. UI thread, and whichever thread crashes. */
#include "tui/screen_private.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RESTORE_BYTES = 512, SIGNAL_STACK = 64 * 1024 };

static struct termios saved_modes;
static volatile sig_atomic_t is_armed;
static char restore_bytes[RESTORE_BYTES];
static size_t restore_len;

static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

static void on_crash(int number)
{
    if (is_armed) {
        is_armed = 0;
        ssize_t sent = write(STDOUT_FILENO, restore_bytes, restore_len);
        (void)sent;
        tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
    }
    raise(number); /* SA_RESETHAND: now it ends the program as it would have */
}

void screen_restore_prepare(const struct termios *before)
{
    saved_modes = *before;
}

/* A capability without its padding ("$<5>"), which only tputs understands. */
static void add_capability(const char *name)
{
    const char *text = screen_capability(name);
    for (const char *at = text; *at && restore_len + 1 < RESTORE_BYTES; at++) {
        const char *pad = at[0] == '$' && at[1] == '<' ? strchr(at, '>') : NULL;
        if (pad)
            at = pad;
        else
            restore_bytes[restore_len++] = *at;
    }
}

void screen_restore_arm(void)
{
    static char stack[SIGNAL_STACK];
    restore_len = 0;
    if (*screen_capability("smcup"))
        restore_len = (size_t)snprintf(restore_bytes, sizeof restore_bytes,
                                       "\033[?2026l\033[?1006l\033[?1003l\033[?1002l\033[?1000l\033[?1004l\033[?2004l");
    add_capability("sgr0");
    add_capability("cnorm");
    add_capability("rmcup");
    sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK | SA_NODEFER)};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        sigaction(crashes[i], &action, NULL);
    is_armed = 1;
}

void screen_restore_disarm(void)
{
    is_armed = 0;
}
