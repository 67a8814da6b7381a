/* The daemon's log: lines with a time stamp in a file of bounded size, rotated once (FILE.1). Secrets are masked, bytes
 * that could harm a terminal are made visible. Any thread. */
#ifndef WEIR_LOCAL_LOGFILE_H
#define WEIR_LOCAL_LOGFILE_H
#include "backend/base/err.h"
#include <stdbool.h>
#include <stdint.h>

struct logfile;
/* Appends to path, mode 0600; at max_bytes it becomes path.1. also_stderr: for a daemon in the foreground. */
struct logfile *logfile_open(const char *path, int64_t max_bytes, bool also_stderr, struct err *err);
void logfile_close(struct logfile *log);
void logfile_write(struct logfile *log, const char *format, ...) __attribute__((format(printf, 2, 3)));
#endif
