/* The console on a pseudo terminal of 160x48 for measurements: bytes in, frames out (mode 2026 says where they end),
 * nothing interpreted in between. */
#ifndef WEIR_TESTS_LIB_CONSOLE_H
#define WEIR_TESTS_LIB_CONSOLE_H
#include "backend/base/buf.h"
#include <sys/types.h>

enum { CONSOLE_WAIT_MS = 5000 };
struct console {
    int fd;
    pid_t pid;
    struct buf seen; /* since the last key */
};
double console_now_ms(void);
/* Sorts the values. */
double console_percentile(double *values, int count, double share);
void console_start(struct console *console, const char *bucket);
/* Reads until text has come (true) or for so long (false: time is over, or the program's end). */
bool console_read_until(struct console *console, const char *text, double timeout_ms);
/* Types it and waits for the end of the next frame; the time in ms, -1 when none came. */
double console_type(struct console *console, const char *bytes);
/* Leaves it by :q; the time in ms, -1 when it did not end well. */
double console_quit(struct console *console);
#endif
