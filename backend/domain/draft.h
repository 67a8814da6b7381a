/* Drafts that survive a crash: named texts kept in one directory, each in a file of its own (mode 0600). The caller's
 * thread only copies; a thread of the draft's own writes, at most once per interval, so that a killed process loses at
 * most the changes of the last interval. What an editor is, and when it changes, is the caller's matter. */
#ifndef WEIR_DOMAIN_DRAFT_H
#define WEIR_DOMAIN_DRAFT_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DRAFT_INTERVAL_MS = 1000,          /* the product's promise: at most the last second is lost */
    DRAFT_TEXT_MAX = 16 * 1024 * 1024, /* bytes of one text; a statement of Athena has at most 256 KiB */
    DRAFT_NAME_MAX = 64,               /* bytes of a name */
    DRAFT_COUNT_MAX = 64               /* names in one process */
};

struct draft;
struct draft_options {
    const char *dir;     /* made (mode 0700) when absent */
    int64_t interval_ms; /* 0: DRAFT_INTERVAL_MS */
    bool is_exclusive;   /* ERR_CONFLICT when another draft (of any process) has this directory so; ends with close, or
                            with the process however it ends */
};

/* Starts the writer. NULL with *err when the directory cannot be made or no thread started. Any thread. */
struct draft *draft_open(const struct draft_options *options, struct err *err);
/* Writes what is still unwritten, ends the writer, frees. Waits for the disk: not for the UI thread while it paints.
 * NULL is nothing. */
void draft_close(struct draft *draft);
/* Takes a copy of the text to be saved under name (letters, digits, '_', '-', and '.' but not first). Never waits for
 * the disk. ERR_USAGE for a bad name, ERR_TOO_LARGE past the maxima; the text saved before stays then. Any thread. */
bool draft_put(struct draft *draft, const char *name, const char *text, size_t len, struct err *err);
/* Waits until everything put so far is on the disk, without waiting for the interval; false with the cause when a write
 * failed (the text is kept and tried again each interval). Any thread but the UI's. */
bool draft_flush(struct draft *draft, struct err *err);
/* Appends the text on disk; ERR_NOT_FOUND when there is none. Reads a file: any thread but the UI's. */
bool draft_read(struct draft *draft, const char *name, struct buf *out, struct err *err);
/* Removes the text of a name, also one still unwritten; nothing when there is none. Any thread but the UI's. */
bool draft_remove(struct draft *draft, const char *name, struct err *err);
/* The names on disk, sorted; returns the count, at most max. Any thread but the UI's. */
int draft_names(struct draft *draft, char names[][DRAFT_NAME_MAX + 1], int max);
/* The last write's failure, ERR_OK when it succeeded; for a status line. Any thread. */
struct err draft_error(struct draft *draft);
#endif
