/* What localctl.c and localctl_start.c share: a conversation with the daemon, in lines with deadlines. Nothing else
 * includes this. */
#ifndef WEIR_CORE_LOCALCTL_WIRE_H
#define WEIR_CORE_LOCALCTL_WIRE_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/base/json.h"
#include <stdint.h>

enum local_line { LOCAL_LINE, LOCAL_END, LOCAL_SILENCE };
struct local_talk {
    int fd;
    struct buf pending;
    json_t *hello;
    char dir[4096];
};
bool local_resolve_dir(const char *dir, char out[4096], struct err *err);
int64_t local_deadline(int timeout_ms); /* monotonic ms; 0: the default of 10 s */
bool local_wait(int fd, short events, int64_t deadline_ms);
enum local_line local_read_line(int fd, struct buf *pending, struct buf *line, int64_t deadline_ms);
/* Fills *err with ERR_TIMEOUT; false. */
bool local_silent(const char *dir, struct err *err);
/* Connects and waits for the hello. On failure nothing stays open. */
bool local_talk_begin(struct local_talk *talk, const char *dir, int64_t deadline_ms, struct err *err);
void local_talk_end(struct local_talk *talk);
/* Sends the command (taken over) and waits for its answer; NULL with *err, also when the answer is an error. */
json_t *local_ask(struct local_talk *talk, json_t *command, int64_t deadline_ms, struct err *err);
#endif
