/* The trace: a ring of the last lines and an optional file, behind one mutex. What a secret looks like is in
 * log_redact.c. The state is the process's own, since a trace that had to be handed around would not be written. Any
 * thread. */
#include "backend/base/log.h"
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { RING_LINES = 2000, LINE_MAX_BYTES = 4096 };

static const char *const area_names[LOG_AREA_COUNT] = {
#define X(area, help) [LOG_##area] = #area,
    LOG_AREAS(X)
#undef X
};
static const char *const level_names[] = {
    [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};

static struct {
    pthread_mutex_t lock;
    struct log_line ring[RING_LINES];
    uint64_t written; /* sequence of the newest line */
    int fd;
    atomic_uint enabled; /* bit per area; read without the lock by log_wants */
} trace = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

bool log_open(const char *path, struct err *err)
{
    int fd = -1;
    if (path) {
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
        if (fd < 0)
            return err_set_errno(err, ERR_IO, "cannot open the log file %s", path);
    }
    pthread_mutex_lock(&trace.lock);
    int old = trace.fd;
    trace.fd = fd;
    pthread_mutex_unlock(&trace.lock);
    if (old >= 0)
        close(old);
    return true;
}

static bool area_bits(const char *name, size_t len, unsigned *bits)
{
    if (len == 3 && memcmp(name, "all", 3) == 0) {
        *bits = (1u << LOG_AREA_COUNT) - 1;
        return true;
    }
    for (int i = 0; i < LOG_AREA_COUNT; i++) {
        if (strlen(area_names[i]) == len && memcmp(area_names[i], name, len) == 0) {
            *bits = 1u << i;
            return true;
        }
    }
    return false;
}

static bool unknown_area(const char *name, size_t len, struct err *err)
{
    char known[160] = "all";
    size_t used = 3;
    for (int i = 0; i < LOG_AREA_COUNT; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, ", %s", area_names[i]);
    return err_set(err, ERR_USAGE, "\"%.*s\" is no log area; known are: %s", len > 40 ? 40 : (int)len, name, known);
}

bool log_enable(const char *areas, struct err *err)
{
    unsigned enabled = 0;
    for (const char *at = areas; *at;) {
        size_t len = strcspn(at, ", ");
        unsigned bits = 0;
        if (len && !area_bits(at, len, &bits))
            return unknown_area(at, len, err);
        enabled |= bits;
        at += len;
        at += *at != '\0';
    }
    atomic_store(&trace.enabled, enabled);
    return true;
}

bool log_wants(enum log_area area, enum log_level level)
{
    return level <= LOG_WARN || (atomic_load_explicit(&trace.enabled, memory_order_relaxed) >> area & 1u);
}

static void write_file(const struct log_line *line, const struct buf *text)
{
    char when[TEXT_SHORT], out[LINE_MAX_BYTES + 64];
    text_time(line->wall_ms, when);
    when[19] = '\0'; /* the Z moves behind the milliseconds */
    int len = snprintf(out, sizeof out, "%s.%03dZ %s %s %s\n", when, (int)(line->wall_ms % 1000),
                       level_names[line->level], area_names[line->area], buf_text(text));
    if (len < 0)
        return;
    if ((size_t)len >= sizeof out) {
        len = sizeof out;
        out[len - 1] = '\n';
    }
    /* one write per line: with O_APPEND lines of several processes do not mix. A full disk must not stop the program.
     */
    ssize_t put = write(trace.fd, out, (size_t)len);
    (void)put;
}

static void store(struct log_line *line, const struct buf *text)
{
    size_t len = text->len < sizeof line->text ? text->len : sizeof line->text - 1;
    while (len < text->len && len > 0 && (text->data[len] & 0xc0) == 0x80) /* not within a character */
        len--;
    memcpy(line->text, buf_text(text), len);
    line->text[len] = '\0';
    pthread_mutex_lock(&trace.lock);
    line->sequence = ++trace.written;
    trace.ring[(line->sequence - 1) % RING_LINES] = *line;
    if (trace.fd >= 0)
        write_file(line, text);
    pthread_mutex_unlock(&trace.lock);
}

void log_write(enum log_area area, enum log_level level, const char *format, ...)
{
    if (!log_wants(area, level))
        return;
    int number = errno; /* tracing must not change what the caller is about to look at */
    char raw[LINE_MAX_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    /* cleaned first: one line stays one line, and a key split by a control byte is still found */
    struct buf clean = BUF_INIT(LINE_MAX_BYTES * 8), text = BUF_INIT(LINE_MAX_BYTES * 10);
    text_clean(raw, strlen(raw), &clean);
    log_redact(buf_text(&clean), &text);
    struct log_line line = {.wall_ms = clock_wall(&clock_system), .area = area, .level = level};
    store(&line, &text);
    buf_done(&clean);
    buf_done(&text);
    errno = number;
}

int log_read(uint64_t after, struct log_line *lines, int max)
{
    int count = 0;
    pthread_mutex_lock(&trace.lock);
    uint64_t oldest = trace.written > RING_LINES ? trace.written - RING_LINES : 0;
    for (uint64_t i = after > oldest ? after : oldest; i < trace.written && count < max; i++)
        lines[count++] = trace.ring[i % RING_LINES];
    pthread_mutex_unlock(&trace.lock);
    return count;
}

const char *log_area_name(enum log_area area)
{
    return area_names[area];
}
