/* Trace log: one row per area, off by default; a ring of the last lines for the Log overlay and, when asked (--log
 * FILE, WEIR_LOG), a file of mode 0600. Callable from any thread. Secrets never come here: see log_redact. */
#ifndef WEIR_BASE_LOG_H
#define WEIR_BASE_LOG_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* X(area, what it traces) */
#define LOG_AREAS(X)                                                                                                   \
    X(app, "start, stop and the console's loop")                                                                       \
    X(http, "requests and answers, secrets redacted")                                                                  \
    X(sign, "signing stages")                                                                                          \
    X(creds, "where credentials came from")                                                                            \
    X(retry, "retries and back-off")                                                                                   \
    X(feed, "feeds and jobs")                                                                                          \
    X(config, "files read and options set")                                                                            \
    X(ui, "keys and actions")                                                                                          \
    X(local, "the embedded cloud")
enum log_area {
#define X(area, help) LOG_##area,
    LOG_AREAS(X)
#undef X
        LOG_AREA_COUNT
};
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

struct log_line {
    int64_t wall_ms;
    uint64_t sequence; /* counts from 1 */
    enum log_area area;
    enum log_level level;
    char text[240];
};

/* Opens (appends to) a file as well as the ring; NULL closes it. */
bool log_open(const char *path, struct err *err);
/* Which areas pass: "http,sign" or "all"; errors and warnings always pass. Unknown name: error naming the known ones.
 */
bool log_enable(const char *areas, struct err *err);
bool log_wants(enum log_area area, enum log_level level);
/* One line, cleaned (text_clean) and redacted; keeps errno. */
void log_write(enum log_area area, enum log_level level, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Copies up to max lines with a sequence above `after`, oldest first; returns how many. */
int log_read(uint64_t after, struct log_line *lines, int max);
const char *log_area_name(enum log_area area);
/* Writes text with everything that looks like a secret masked: signatures, tokens, secret keys, passwords (values of
 * Authorization, X-Amz-Security-Token, X-Amz-Signature, X-Amz-Credential secrets, aws_secret_access_key,
 * SecretAccessKey, SessionToken, cflt... keys). */
bool log_redact(const char *text, struct buf *out);
#define log_error(area, ...) log_write(LOG_##area, LOG_ERROR, __VA_ARGS__)
#define log_warn(area, ...)  log_write(LOG_##area, LOG_WARN, __VA_ARGS__)
#define log_info(area, ...)  log_write(LOG_##area, LOG_INFO, __VA_ARGS__)
#define log_debug(area, ...)                                                                                           \
    (log_wants(LOG_##area, LOG_DEBUG) ? log_write(LOG_##area, LOG_DEBUG, __VA_ARGS__) : (void)0)
#endif
