/* The bounded log file; see logfile.h. */
#include "backend/local/logfile.h"
#include "backend/base/buf.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/base/path.h"
#include "backend/base/text.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINE_LIMIT = 4096 };

struct logfile {
    pthread_mutex_t lock;
    char path[PATH_SIZE], old[PATH_SIZE + 2];
    int fd;
    int64_t size, max_bytes;
    bool also_stderr;
};

static bool open_file(struct logfile *log)
{
    struct stat status;
    log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    log->size = log->fd >= 0 && fstat(log->fd, &status) == 0 ? (int64_t)status.st_size : 0;
    return log->fd >= 0;
}

struct logfile *logfile_open(const char *path, int64_t max_bytes, bool also_stderr, struct err *err)
{
    struct logfile *log = calloc(1, sizeof *log);
    if (!log)
        abort();
    pthread_mutex_init(&log->lock, NULL);
    snprintf(log->path, sizeof log->path, "%s", path);
    snprintf(log->old, sizeof log->old, "%s.1", log->path);
    log->max_bytes = max_bytes;
    log->also_stderr = also_stderr;
    if (open_file(log))
        return log;
    err_set_errno(err, ERR_IO, "opening the log %s", path);
    logfile_close(log);
    return NULL;
}

void logfile_close(struct logfile *log)
{
    if (!log)
        return;
    if (log->fd >= 0)
        close(log->fd);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

static void append(struct logfile *log, const char *line, size_t len)
{
    pthread_mutex_lock(&log->lock);
    if (log->size + (int64_t)len > log->max_bytes && log->fd >= 0) {
        close(log->fd);
        rename(log->path, log->old);
        open_file(log);
    }
    /* a log that cannot be written stops nothing */
    ssize_t wrote = log->fd >= 0 ? write(log->fd, line, len) : 0;
    log->size += wrote > 0 ? wrote : 0;
    if (log->also_stderr)
        wrote = write(STDERR_FILENO, line, len);
    (void)wrote;
    pthread_mutex_unlock(&log->lock);
}

void logfile_write(struct logfile *log, const char *format, ...)
{
    if (!log)
        return;
    struct buf text = BUF_INIT(LINE_LIMIT), masked = BUF_INIT(2 * LINE_LIMIT), line = BUF_INIT(16 * LINE_LIMIT);
    char stamp[32] = "";
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &utc))
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    buf_printf(&line, "%s.%03dZ ", stamp, (int)(now.tv_nsec / 1000000));
    if (text.failed)
        buf_puts(&line, "(a line too long for the log)");
    else if (log_redact(buf_text(&text), &masked))
        text_clean(masked.data ? masked.data : "", masked.len, &line);
    buf_putc(&line, '\n');
    append(log, buf_text(&line), line.len);
    buf_done(&text);
    buf_done(&masked);
    buf_done(&line);
}
