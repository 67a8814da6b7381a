/* One transfer on libcurl's easy interface: options, callbacks, and what the outcome means. Private to http.c, which
 * owns queueing and threads. All functions run on the I/O thread but http_transfer_new and _free. */
#ifndef WEIR_CORE_HTTP_EASY_H
#define WEIR_CORE_HTTP_EASY_H
#include "backend/core/http.h"
#include <curl/curl.h>

enum transfer_state { TRANSFER_QUEUED, TRANSFER_ACTIVE, TRANSFER_DONE };
struct http_transfer {
    struct http *http;
    const struct http_request *req;
    struct http_answer answer;
    enum transfer_state state; /* under the engine's lock */
    CURL *easy;                /* while active */
    struct curl_slist *headers;
    char detail[CURL_ERROR_SIZE]; /* libcurl's own words for a failure */
    int64_t started_ms, moved_ms; /* monotonic: submitted; last byte either way */
    bool is_connected;            /* the request is on its way: silence counts as a stall from here */
    bool is_streamed;             /* this answer's body goes to the sink */
    int64_t sent;                 /* body bytes handed to libcurl */
    struct cancel_waker waker;
    struct http_transfer *next, *previous; /* in the queue or among the active */
};
/* Creates and configures the easy handle. False: answer.err says why. */
bool transfer_open(struct http_transfer *transfer, const struct http_options *options);
/* Ends it: translates libcurl's result to answer.err (unless a callback or transfer_fail already set one) and frees the
 * handle, which must be out of its multi handle. */
void transfer_close(struct http_transfer *transfer, CURLcode result);
/* Sets answer.err, "label: text" with the remedy in it. Returns false. */
bool transfer_fail(struct http_transfer *transfer, enum err_code code, bool is_retryable, const char *text);
/* Checks cancel token, deadline and stall; true and answer.err when it must end. Otherwise lowers *wait_ms to the time
 * until the next check. */
bool transfer_is_over(struct http_transfer *transfer, int64_t now_ms, int64_t *wait_ms);
#endif
