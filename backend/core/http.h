/* HTTP on one curl multi handle and one I/O thread: the one home of libcurl. Keep-alive, HTTP/2 where offered,
 * deadlines, cancel, bodies streamed to and from files, a maximum for buffered answers, traces with secrets redacted.
 * TLS is always verified. http_perform is for linear code in a feed or job; http_submit and http_wait_any are for
 * fan-out. Any thread may call. */
#ifndef WEIR_CORE_HTTP_H
#define WEIR_CORE_HTTP_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/base/list.h"
#include "backend/core/cancel.h"
#include <stdint.h>

struct http; /* the engine: one I/O thread, one connection pool */
struct http_options {
    const char *ca_bundle;  /* PEM file; NULL: the system's */
    int max_connections;    /* 0: 64 */
    int connect_timeout_ms; /* 0: 5000 */
};
struct http *http_start(const struct http_options *options, struct err *err);
/* Ends running transfers with ERR_CANCELLED and joins the thread (within 20 ms). Transfers that were not taken yet may
 * still be; who could submit more must have ended before (feeds and jobs are joined first). NULL is fine. */
void http_stop(struct http *http);
/* Wakes the I/O thread to look at cancel tokens. NULL is fine. */
void http_wake(struct http *http);
/* Transfers started so far; for "calls/min". */
uint64_t http_calls(const struct http *http);

struct http_request {
    const char *method;   /* "GET" */
    const char *url;      /* complete, already encoded; sent byte for byte */
    struct pairs headers; /* the caller's; Content-Length is set from body_len. A line break in one is ERR_USAGE */
    const void *body;     /* body in memory, or NULL */
    size_t body_len;
    int body_fd; /* >= 0: body is read from this file at body_offset, body_len bytes; else -1 */
    int64_t body_offset;
    int sink_fd; /* >= 0: the answer's body is written to this file at sink_offset (status 2xx only); else -1 */
    int64_t sink_offset;
    bool (*sink)(void *context, const void *bytes,
                 size_t len); /* or given piecewise, on the I/O thread; false aborts. NULL: not */
    void *sink_context;
    size_t max_body;             /* for buffered answers; 0: 8 MiB. A larger answer is ERR_TOO_LARGE */
    int64_t deadline_ms;         /* for the whole transfer; 0: 30 000 */
    int64_t stall_ms;            /* no byte either way for this long is ERR_TIMEOUT; 0: 15 000 */
    const struct cancel *cancel; /* NULL: not cancellable */
    void (*progress)(void *context, int64_t sent, int64_t received); /* on the I/O thread; NULL: none */
    void *progress_context;
    const char *label; /* "s3 ListObjectsV2 on lake/raw", for errors and the trace */
};
/* Zeroed request with fds at -1. */
struct http_request http_request_init(const char *method, const char *url, const char *label);

struct http_answer {
    struct err err; /* transport result; code OK whenever an answer with any status arrived whole */
    int status;
    struct pairs headers;
    struct buf body;  /* buffered answers, and the first 64 KiB of an error answer of a streamed one */
    int64_t received; /* body bytes */
    int64_t date_ms;  /* the server's Date, 0 unknown */
    int64_t elapsed_ms;
};
void http_answer_done(struct http_answer *answer);

struct http_transfer; /* a submitted request; the request's memory must stay until it is taken */
/* Never NULL: with 4096 requests outstanding, or after http_stop, the transfer is finished at once with that error. */
struct http_transfer *http_submit(struct http *http, const struct http_request *req);
/* Waits until any of the n transfers is finished; returns its index, -1 on timeout (ms; below 0: none) or when all
 * slots are NULL. NULL slots are skipped. */
int http_wait_any(struct http *http, struct http_transfer *const *transfers, int n, int64_t timeout_ms);
/* Takes the answer of a finished transfer (waits if it is not) and frees it. */
void http_take(struct http *http, struct http_transfer *transfer, struct http_answer *answer);
/* Submit, wait, take. Returns true when an answer with any status arrived. */
bool http_perform(struct http *http, const struct http_request *req, struct http_answer *answer);
#endif
