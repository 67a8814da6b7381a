/* The query editor's buffers on disk: what is typed is saved within a second and is there again at the next start,
 * however weir ended. Each process has a directory of its own among a few; what a dead process left in another one is
 * taken over by whoever starts next. */
#ifndef WEIR_DOMAIN_QUERY_BUFFERS_H
#define WEIR_DOMAIN_QUERY_BUFFERS_H
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum { QUERY_BUFFERS_MAX = 24, QUERY_BUFFER_TITLE = 128 };
struct query_buffer_text {
    int id;
    char title[QUERY_BUFFER_TITLE]; /* name of the saved query it is of; "" none */
    char *text;                     /* of len bytes; free() it */
    size_t len;
};
struct query_buffers;
/* Starts restoring from the directories below dir, on a thread of its own; changed is called on it at the end. Never
 * waits. NULL with *err when no thread can be had. UI thread. */
struct query_buffers *query_buffers_open(const char *dir, void (*changed)(void *context), void *context,
                                         struct err *err);
/* Once, when restoring has ended: moves the texts out, oldest first. -1: not yet, or taken before. *err: drafts are not
 * kept, or not all could be read. UI thread, as all below. */
int query_buffers_take(struct query_buffers *buffers, struct query_buffer_text texts[QUERY_BUFFERS_MAX],
                       struct err *err);
/* Takes a copy to be saved; false while there is nowhere to save to. Ids are the caller's, unique, positive. */
bool query_buffers_put(struct query_buffers *buffers, const struct query_buffer_text *text);
void query_buffers_remove(struct query_buffers *buffers, int id);
/* Why the last text is not on the disk; ERR_OK: it is, or will be within a second. */
struct err query_buffers_error(struct query_buffers *buffers);
/* Writes what is unwritten and frees: waits for the disk. NULL is nothing. */
void query_buffers_close(struct query_buffers *buffers);
#endif
