/* The progress bar of long verbs: callbacks only store figures; a thread of its own draws, so no transfer waits for a
 * terminal. */
#include "tui/cli/progress.h"
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { PROGRESS_INTERVAL_MS = 100, PROGRESS_BAR = 24 };

struct progress {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    pthread_t thread;
    bool is_drawing, is_ended;
    char what[32], name[128];
    enum progress_unit unit;
    int64_t done, total, started_ms;
};

static void format_amount(enum progress_unit unit, int64_t amount, char out[TEXT_SHORT])
{
    if (unit == PROGRESS_BYTES)
        text_bytes((uint64_t)amount, out);
    else
        text_count(amount, out);
}

static int terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void draw(const struct progress *progress)
{
    char done[TEXT_SHORT], total[TEXT_SHORT] = "", rate[TEXT_SHORT], left[TEXT_SHORT] = "", bar[PROGRESS_BAR + 1];
    int64_t elapsed = clock_mono(&clock_system) - progress->started_ms;
    int64_t per_second = elapsed > 0 ? progress->done * 1000 / elapsed : 0;
    format_amount(progress->unit, progress->done, done);
    format_amount(progress->unit, per_second, rate);
    memset(bar, ' ', PROGRESS_BAR);
    bar[PROGRESS_BAR] = '\0';
    if (progress->total > 0) {
        format_amount(progress->unit, progress->total, total);
        int64_t filled = progress->done * PROGRESS_BAR / progress->total;
        memset(bar, '=', (size_t)(filled > PROGRESS_BAR ? PROGRESS_BAR : filled));
        if (per_second > 0)
            text_duration((progress->total - progress->done) * 1000 / per_second, left);
    }
    struct buf line = BUF_INIT(1024);
    buf_printf(&line, "%s [%s] %s%s%s  %s/s%s%s  ", progress->what, bar, done, *total ? " of " : "", total, rate,
               *left ? "  " : "", left);
    buf_puts(&line, progress->name);
    int used;
    size_t fit = text_fit(buf_text(&line), line.len, terminal_columns() - 1, &used);
    fprintf(stderr, "\r%.*s\033[K", (int)fit, buf_text(&line));
    fflush(stderr);
    buf_done(&line);
}

static void *draw_loop(void *context)
{
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    while (!progress->is_ended) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += PROGRESS_INTERVAL_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&progress->cond, &progress->lock, &until);
        if (!progress->is_ended && progress->done > 0)
            draw(progress);
    }
    pthread_mutex_unlock(&progress->lock);
    return NULL;
}

struct progress *progress_open(const struct cli *cli, const char *what, enum progress_unit unit)
{
    struct progress *progress = calloc(1, sizeof *progress);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&progress->lock, NULL);
    pthread_cond_init(&progress->cond, &attr);
    snprintf(progress->what, sizeof progress->what, "%s", what);
    progress->unit = unit;
    progress->total = -1;
    progress->started_ms = clock_mono(&clock_system);
    progress->is_drawing = cli->err_is_tty && pthread_create(&progress->thread, NULL, draw_loop, progress) == 0;
    return progress;
}

void progress_update(void *context, int64_t done, int64_t total, const char *name)
{
    struct progress *progress = context;
    pthread_mutex_lock(&progress->lock);
    progress->done = done;
    progress->total = total;
    if (name)
        text_clean_into(name, progress->name, sizeof progress->name);
    pthread_mutex_unlock(&progress->lock);
}

void progress_close(struct progress *progress)
{
    pthread_mutex_lock(&progress->lock);
    progress->is_ended = true;
    pthread_cond_signal(&progress->cond);
    pthread_mutex_unlock(&progress->lock);
    if (progress->is_drawing) {
        pthread_join(progress->thread, NULL);
        fputs("\r\033[K", stderr);
    }
    pthread_cond_destroy(&progress->cond);
    pthread_mutex_destroy(&progress->lock);
    free(progress);
}
