/* The HTTP engine: one I/O thread with one libcurl multi handle, a bounded queue in front of it, and the calls that
 * wait for its answers. What a single transfer does is in http_easy.c. The queue and every transfer's state are under
 * the lock; the list of active transfers belongs to the I/O thread alone. */
#include "backend/core/http.h"
#include "backend/base/clock.h"
#include "backend/base/digest.h"
#include "backend/core/http_easy.h"
#include "backend/core/thread.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONNECTIONS = 64, OUTSTANDING_MAX = 4096, IDLE_WAIT_MS = 60000 };

struct transfer_list {
    struct http_transfer *first, *last;
    int count;
};

struct http {
    pthread_mutex_t lock;
    pthread_cond_t finished; /* some transfer became TRANSFER_DONE */
    pthread_t thread;
    struct http_options options;
    char *ca_bundle;
    CURLM *multi; /* NULL before the I/O thread has made it and after it has ended */
    struct transfer_list queue, active;
    int outstanding; /* queued and active */
    int refs;        /* the owner and every transfer that was not taken */
    bool is_stopping;
    atomic_uint_fast64_t calls;
};

static void list_append(struct transfer_list *list, struct http_transfer *transfer)
{
    transfer->next = NULL;
    transfer->previous = list->last;
    if (list->last)
        list->last->next = transfer;
    else
        list->first = transfer;
    list->last = transfer;
    list->count++;
}

static void list_remove(struct transfer_list *list, struct http_transfer *transfer)
{
    *(transfer->previous ? &transfer->previous->next : &list->first) = transfer->next;
    *(transfer->next ? &transfer->next->previous : &list->last) = transfer->previous;
    list->count--;
}

/* Gives up a reference with the lock held, and the lock with it. */
static void unref_and_unlock(struct http *http)
{
    bool is_last = --http->refs == 0;
    pthread_mutex_unlock(&http->lock);
    if (!is_last)
        return;
    pthread_cond_destroy(&http->finished);
    pthread_mutex_destroy(&http->lock);
    free(http->ca_bundle);
    free(http);
}

void http_wake(struct http *http)
{
    if (!http)
        return;
    pthread_mutex_lock(&http->lock);
    if (http->multi)
        curl_multi_wakeup(http->multi);
    pthread_mutex_unlock(&http->lock);
}

static void wake_for_cancel(void *context)
{
    http_wake(context);
}

/* I/O thread: hands a closed transfer back to whoever waits; it may be gone when this returns. */
static void finish(struct http *http, struct http_transfer *transfer)
{
    cancel_unwatch(transfer->req->cancel, &transfer->waker);
    pthread_mutex_lock(&http->lock);
    transfer->state = TRANSFER_DONE;
    http->outstanding--;
    pthread_cond_broadcast(&http->finished);
    pthread_mutex_unlock(&http->lock);
}

static void end_active(struct http *http, struct http_transfer *transfer, CURLcode result)
{
    curl_multi_remove_handle(http->multi, transfer->easy);
    list_remove(&http->active, transfer);
    transfer_close(transfer, result);
    finish(http, transfer);
}

static void activate(struct http *http, struct http_transfer *transfer)
{
    if (!transfer_open(transfer, &http->options)) {
        transfer_close(transfer, CURLE_FAILED_INIT);
        finish(http, transfer);
        return;
    }
    list_append(&http->active, transfer);
    CURLMcode added = curl_multi_add_handle(http->multi, transfer->easy);
    if (added != CURLM_OK) {
        transfer_fail(transfer, ERR_FAILED, false, curl_multi_strerror(added));
        end_active(http, transfer, CURLE_FAILED_INIT);
    }
}

/* Takes the next queued transfer when there is room for it, or one that is over before it began. */
static struct http_transfer *take_queued(struct http *http, int64_t now_ms, int64_t *wait_ms)
{
    pthread_mutex_lock(&http->lock);
    struct http_transfer *found = NULL;
    if (http->active.count < http->options.max_connections)
        found = http->queue.first;
    for (struct http_transfer *transfer = http->queue.first; transfer && !found; transfer = transfer->next)
        if (transfer_is_over(transfer, now_ms, wait_ms))
            found = transfer;
    if (found) {
        list_remove(&http->queue, found);
        found->state = TRANSFER_ACTIVE;
    }
    pthread_mutex_unlock(&http->lock);
    return found;
}

static void admit(struct http *http, int64_t *wait_ms)
{
    int64_t now_ms = clock_mono(&clock_system);
    struct http_transfer *transfer;
    while ((transfer = take_queued(http, now_ms, wait_ms))) {
        int64_t ignored_ms = IDLE_WAIT_MS;
        if (!transfer_is_over(transfer, now_ms, &ignored_ms)) {
            activate(http, transfer);
            continue;
        }
        transfer_close(transfer, CURLE_OK);
        finish(http, transfer);
    }
}

static bool harvest(struct http *http)
{
    bool any = false;
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct http_transfer *transfer = NULL;
        CURLcode result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        end_active(http, transfer, result);
        any = true;
    }
    return any;
}

/* Ends what was cancelled or is late; lowers *wait_ms to the next moment to look. */
static void check_limits(struct http *http, int64_t *wait_ms)
{
    int64_t now_ms = clock_mono(&clock_system);
    for (struct http_transfer *next, *transfer = http->active.first; transfer; transfer = next) {
        next = transfer->next;
        if (transfer_is_over(transfer, now_ms, wait_ms))
            end_active(http, transfer, CURLE_OK);
    }
}

static bool is_stopping(struct http *http)
{
    pthread_mutex_lock(&http->lock);
    bool stopping = http->is_stopping;
    pthread_mutex_unlock(&http->lock);
    return stopping;
}

static void run_transfers(struct http *http)
{
    while (!is_stopping(http)) {
        int64_t wait_ms = IDLE_WAIT_MS;
        int running;
        admit(http, &wait_ms);
        curl_multi_perform(http->multi, &running);
        if (harvest(http))
            continue; /* there may be room for queued ones now */
        check_limits(http, &wait_ms);
        curl_multi_poll(http->multi, NULL, 0, (int)wait_ms, NULL);
    }
}

static void cancel_all(struct http *http)
{
    while (http->active.first) {
        transfer_fail(http->active.first, ERR_CANCELLED, false, "cancelled: the program ends");
        end_active(http, http->active.first, CURLE_OK);
    }
    int64_t wait_ms = IDLE_WAIT_MS;
    struct http_transfer *transfer;
    while ((transfer = take_queued(http, clock_mono(&clock_system), &wait_ms))) {
        transfer_fail(transfer, ERR_CANCELLED, false, "cancelled: the program ends");
        transfer_close(transfer, CURLE_OK);
        finish(http, transfer);
    }
}

/* libcurl links protocols that this program never speaks (rtmp, ldap), and with them GnuTLS, which would set itself up
 * when it is loaded: 0.9 MiB for nothing. This is its manual's way to say no (GNUTLS_SKIP_GLOBAL_INIT). */
int _gnutls_global_init_skip(void);
__attribute__((visibility("default"), used)) int _gnutls_global_init_skip(void)
{
    return 1;
}

/* libcurl and TLS are initialised here, so that the console's first frame does not wait for them. */
static void *run(void *context)
{
    struct http *http = context;
    crypto_start();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    if (!multi)
        abort();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)http->options.max_connections);
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    pthread_mutex_lock(&http->lock);
    http->multi = multi;
    pthread_mutex_unlock(&http->lock);
    run_transfers(http);
    cancel_all(http);
    pthread_mutex_lock(&http->lock);
    http->multi = NULL;
    pthread_mutex_unlock(&http->lock);
    curl_multi_cleanup(multi);
    curl_global_cleanup();
    return NULL;
}

struct http *http_start(const struct http_options *options, struct err *err)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        abort();
    pthread_mutex_init(&http->lock, NULL);
    thread_cond_init(&http->finished);
    if (options)
        http->options = *options;
    if (http->options.max_connections <= 0)
        http->options.max_connections = CONNECTIONS;
    if (http->options.ca_bundle && *http->options.ca_bundle)
        http->ca_bundle = strdup(http->options.ca_bundle);
    http->options.ca_bundle = http->ca_bundle;
    http->refs = 1;
    if (thread_start(&http->thread, "http", run, http, err))
        return http;
    pthread_mutex_lock(&http->lock);
    unref_and_unlock(http);
    return NULL;
}

void http_stop(struct http *http)
{
    if (!http)
        return;
    pthread_mutex_lock(&http->lock);
    http->is_stopping = true;
    if (http->multi)
        curl_multi_wakeup(http->multi);
    pthread_mutex_unlock(&http->lock);
    pthread_join(http->thread, NULL);
    pthread_mutex_lock(&http->lock);
    unref_and_unlock(http);
}

uint64_t http_calls(const struct http *http)
{
    return atomic_load(&((struct http *)http)->calls);
}

struct http_request http_request_init(const char *method, const char *url, const char *label)
{
    return (struct http_request){.method = method, .url = url, .label = label, .body_fd = -1, .sink_fd = -1};
}

void http_answer_done(struct http_answer *answer)
{
    pairs_done(&answer->headers);
    buf_done(&answer->body);
}

struct http_transfer *http_submit(struct http *http, const struct http_request *req)
{
    struct http_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer)
        abort();
    transfer->http = http;
    transfer->req = req;
    transfer->started_ms = clock_mono(&clock_system);
    transfer->waker = (struct cancel_waker){.wake = wake_for_cancel, .context = http};
    atomic_fetch_add(&http->calls, 1);
    cancel_watch(req->cancel, &transfer->waker);
    pthread_mutex_lock(&http->lock);
    http->refs++;
    bool is_refused = http->is_stopping || http->outstanding >= OUTSTANDING_MAX;
    if (is_refused) {
        transfer->state = TRANSFER_DONE;
        if (http->is_stopping)
            transfer_fail(transfer, ERR_CANCELLED, false, "cancelled: the program ends");
        else
            transfer_fail(transfer, ERR_FAILED, true, "4096 requests wait already; try again");
    } else {
        http->outstanding++;
        list_append(&http->queue, transfer);
        if (http->multi)
            curl_multi_wakeup(http->multi);
    }
    pthread_mutex_unlock(&http->lock);
    if (is_refused)
        cancel_unwatch(req->cancel, &transfer->waker);
    return transfer;
}

static int find_done(struct http_transfer *const *transfers, int n, bool *has_any)
{
    *has_any = false;
    for (int i = 0; i < n; i++) {
        if (!transfers[i])
            continue;
        *has_any = true;
        if (transfers[i]->state == TRANSFER_DONE)
            return i;
    }
    return -1;
}

int http_wait_any(struct http *http, struct http_transfer *const *transfers, int n, int64_t timeout_ms)
{
    int64_t until_ms = timeout_ms < 0 ? THREAD_FOREVER : clock_mono(&clock_system) + timeout_ms;
    bool has_any = false, has_time = true;
    pthread_mutex_lock(&http->lock);
    int done = find_done(transfers, n, &has_any);
    while (done < 0 && has_any && has_time) {
        has_time = thread_wait(&http->finished, &http->lock, until_ms);
        done = find_done(transfers, n, &has_any);
    }
    pthread_mutex_unlock(&http->lock);
    return done;
}

void http_take(struct http *http, struct http_transfer *transfer, struct http_answer *answer)
{
    http_wait_any(http, &transfer, 1, THREAD_FOREVER);
    *answer = transfer->answer;
    free(transfer);
    pthread_mutex_lock(&http->lock);
    unref_and_unlock(http);
}

bool http_perform(struct http *http, const struct http_request *req, struct http_answer *answer)
{
    http_take(http, http_submit(http, req), answer);
    return answer->err.code == ERR_OK;
}
