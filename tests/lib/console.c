#include "tests/lib/console.h"
#include <poll.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

double console_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double console_percentile(double *values, int count, double share)
{
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[(int)((count - 1) * share)];
}

void console_start(struct console *console, const char *bucket)
{
    struct winsize size = {.ws_row = 48, .ws_col = 160};
    buf_init(&console->seen, 8 << 20);
    console->pid = forkpty(&console->fd, NULL, NULL, &size);
    if (console->pid < 0)
        abort();
    if (console->pid == 0) {
        setenv("TERM", "xterm-256color", 1);
        execlp("weir", "weir", "--bucket", bucket, (char *)NULL);
        _exit(127);
    }
}

bool console_read_until(struct console *console, const char *text, double timeout_ms)
{
    double until = console_now_ms() + timeout_ms;
    for (;;) {
        if (text && console->seen.len && memmem(console->seen.data, console->seen.len, text, strlen(text)))
            return true;
        double left = until - console_now_ms();
        struct pollfd ready = {.fd = console->fd, .events = POLLIN};
        char *room = buf_reserve(&console->seen, 65536);
        if (left <= 0 || !room || poll(&ready, 1, (int)left + 1) <= 0)
            return false;
        ssize_t got = read(console->fd, room, 65536);
        if (got <= 0)
            return false;
        console->seen.len += (size_t)got;
    }
}

double console_type(struct console *console, const char *bytes)
{
    buf_clear(&console->seen);
    double before = console_now_ms();
    if (write(console->fd, bytes, strlen(bytes)) < 0)
        return -1;
    return console_read_until(console, "\033[?2026l", CONSOLE_WAIT_MS) ? console_now_ms() - before : -1;
}

double console_quit(struct console *console)
{
    int status;
    console_type(console, ":");
    console_type(console, "q");
    double before = console_now_ms();
    if (write(console->fd, "\r", 1) != 1)
        abort();
    console_read_until(console, NULL, CONSOLE_WAIT_MS);
    waitpid(console->pid, &status, 0);
    double took = console_now_ms() - before;
    close(console->fd);
    buf_done(&console->seen);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? took : -1;
}
