/* One HTTP transfer on a libcurl easy handle: what is asked for, where bodies come from and go to, what a failure
 * means. Queueing, waking and waiting are in http.c. Everything here runs on the I/O thread. */
#include "backend/core/http_easy.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    BODY_MAX = 8 << 20,        /* http_request.max_body */
    ERROR_BODY_MAX = 64 << 10, /* kept of an error answer to a streamed request */
    EXPECT_FROM = 1 << 20,     /* bodies above this ask first (Expect: 100-continue) */
    BUFFER_SMALL = 64 << 10,
    BUFFER_STREAM = 256 << 10,
    CONNECT_TIMEOUT_MS = 5000,
    DEADLINE_MS = 30000,
    STALL_MS = 15000,
};

static int64_t now_ms(void)
{
    return clock_mono(&clock_system);
}

static const char *label_of(const struct http_transfer *transfer)
{
    return transfer->req->label ? transfer->req->label : transfer->req->method;
}

bool transfer_fail(struct http_transfer *transfer, enum err_code code, bool is_retryable, const char *text)
{
    err_set(&transfer->answer.err, code, "%.120s: %s", label_of(transfer), text);
    transfer->answer.err.retryable = is_retryable;
    return false;
}

/* libcurl's result -> what it means here. Results that are missing here are ERR_FAILED. */
static const struct outcome {
    CURLcode result;
    enum err_code code;
    bool is_retryable;
    const char *text;
} outcomes[] = {
    {CURLE_COULDNT_RESOLVE_HOST, ERR_DNS, true, "the host name could not be resolved; check endpoint and network"},
    {CURLE_COULDNT_RESOLVE_PROXY, ERR_DNS, true, "the proxy's name could not be resolved; check https_proxy"},
    {CURLE_COULDNT_CONNECT, ERR_CONNECT, true, "the connection failed; check that the endpoint runs"},
    {CURLE_OPERATION_TIMEDOUT, ERR_CONNECT, true, "no connection in time; check endpoint and network"},
    {CURLE_SSL_CONNECT_ERROR, ERR_TLS, false, "the TLS handshake failed; check that the endpoint speaks TLS"},
    {CURLE_PEER_FAILED_VERIFICATION, ERR_TLS, false, "the server's certificate is not trusted; check AWS_CA_BUNDLE"},
    {CURLE_SSL_ISSUER_ERROR, ERR_TLS, false, "the server's certificate is not trusted; check AWS_CA_BUNDLE"},
    {CURLE_SSL_CACERT_BADFILE, ERR_TLS, false, "the CA bundle cannot be read; check AWS_CA_BUNDLE"},
    {CURLE_SSL_CIPHER, ERR_TLS, false, "the TLS handshake failed; no common cipher"},
    {CURLE_SSL_CERTPROBLEM, ERR_TLS, false, "the TLS handshake failed; check the certificates"},
    {CURLE_PARTIAL_FILE, ERR_INTERRUPTED, true, "the connection ended in the middle of the answer; try again"},
    {CURLE_RECV_ERROR, ERR_INTERRUPTED, true, "the connection broke while receiving; try again"},
    {CURLE_SEND_ERROR, ERR_INTERRUPTED, true, "the connection broke while sending; try again"},
    {CURLE_GOT_NOTHING, ERR_INTERRUPTED, true, "the server closed the connection without an answer; try again"},
    {CURLE_HTTP2, ERR_INTERRUPTED, true, "the HTTP/2 connection failed; try again"},
    {CURLE_HTTP2_STREAM, ERR_INTERRUPTED, true, "the HTTP/2 stream failed; try again"},
    {CURLE_SEND_FAIL_REWIND, ERR_INTERRUPTED, true, "the connection broke while sending; try again"},
    {CURLE_URL_MALFORMAT, ERR_CONFIG, false, "the URL is malformed; check the endpoint"},
    {CURLE_UNSUPPORTED_PROTOCOL, ERR_CONFIG, false, "the endpoint must start with http:// or https://"},
    {CURLE_WEIRD_SERVER_REPLY, ERR_PROTOCOL, false, "the answer is not HTTP; check that the endpoint is right"},
};

static void fail_by_result(struct http_transfer *transfer, CURLcode result)
{
    static const struct outcome other = {.code = ERR_FAILED, .text = "the transfer failed"};
    if (result == CURLE_UNSUPPORTED_PROTOCOL && transfer->is_connected)
        result = CURLE_WEIRD_SERVER_REPLY; /* so libcurl calls an answer without a status line */
    const struct outcome *outcome = &other;
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (outcomes[i].result == result)
            outcome = &outcomes[i];
    char text[256];
    const char *detail = transfer->detail[0] ? transfer->detail : curl_easy_strerror(result);
    if (outcome->code == ERR_TLS) { /* libcurl's own words do not say whose certificate it is */
        const char *host = strstr(transfer->req->url, "://");
        host = host ? host + 3 : transfer->req->url;
        size_t len = strcspn(host, "/?");
        const char *at = memchr(host, '@', len); /* a user's name and password stay out of it */
        len -= at ? (size_t)(at + 1 - host) : 0;
        host = at ? at + 1 : host;
        snprintf(text, sizeof text, "%.*s: %s (%.90s)", (int)(len < 60 ? len : 60), host, outcome->text, detail);
    } else {
        snprintf(text, sizeof text, "%s (%.110s)", outcome->text, detail);
    }
    transfer_fail(transfer, outcome->code, outcome->is_retryable, text);
}

static void moved(struct http_transfer *transfer)
{
    transfer->moved_ms = now_ms();
    if (transfer->req->progress)
        transfer->req->progress(transfer->req->progress_context, transfer->sent, transfer->answer.received);
}

/* A status line starts the headers anew: those of a 100 Continue before it do not count. */
static void read_status_line(struct http_transfer *transfer, const char *line, size_t len)
{
    const char *space = memchr(line, ' ', len);
    pairs_done(&transfer->answer.headers);
    transfer->answer.status = space ? atoi(space + 1) : 0;
    transfer->answer.date_ms = 0;
}

static bool read_header_line(struct http_transfer *transfer, const char *line, size_t len)
{
    struct http_answer *answer = &transfer->answer;
    const char *colon = memchr(line, ':', len);
    if (!colon || colon == line)
        return true;
    char *name = strndup(line, (size_t)(colon - line));
    const char *value = colon + 1, *end = line + len;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && strchr(" \t\r\n", end[-1]))
        end--;
    char *text = strndup(value, (size_t)(end - value));
    if (!name || !text)
        abort();
    bool ok = pairs_add(&answer->headers, name, text);
    if (strcasecmp(name, "date") == 0 && !text_parse_time(text, &answer->date_ms))
        answer->date_ms = 0;
    free(name);
    free(text);
    return ok || transfer_fail(transfer, ERR_TOO_LARGE, false, "the answer has more than 1024 headers");
}

static size_t on_header(char *line, size_t size, size_t count, void *context)
{
    struct http_transfer *transfer = context;
    size_t len = size * count;
    transfer->moved_ms = now_ms();
    if (len > 5 && strncmp(line, "HTTP/", 5) == 0)
        read_status_line(transfer, line, len);
    else if (!read_header_line(transfer, line, len))
        return 0;
    return len;
}

static bool write_sink(struct http_transfer *transfer, const char *bytes, size_t len)
{
    const struct http_request *req = transfer->req;
    if (req->sink)
        return req->sink(req->sink_context, bytes, len) ||
               transfer_fail(transfer, ERR_FAILED, false, "the receiver of the answer stopped it");
    int64_t offset = req->sink_offset + transfer->answer.received;
    while (len > 0) {
        ssize_t written = pwrite(req->sink_fd, bytes, len, offset);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return err_set_errno(&transfer->answer.err, ERR_IO, "%.120s: writing the answer to its file",
                                 label_of(transfer));
        bytes += written;
        offset += written;
        len -= (size_t)written;
    }
    return true;
}

static bool has_sink(const struct http_request *req)
{
    return req->sink || req->sink_fd >= 0;
}

static bool fail_too_large(struct http_transfer *transfer, size_t max)
{
    char text[128], size[TEXT_SHORT];
    snprintf(text, sizeof text, "the answer is larger than %s; narrow the request", text_bytes(max, size));
    return transfer_fail(transfer, ERR_TOO_LARGE, false, text);
}

static bool keep_body(struct http_transfer *transfer, const char *bytes, size_t len)
{
    struct buf *body = &transfer->answer.body;
    if (has_sink(transfer->req)) {
        size_t room = body->max - body->len;
        buf_append(body, bytes, len < room ? len : room);
        return true;
    }
    return buf_append(body, bytes, len) || fail_too_large(transfer, body->max);
}

/* At the first body byte: where it goes, and whether its announced length is acceptable. */
static bool begin_body(struct http_transfer *transfer)
{
    struct http_answer *answer = &transfer->answer;
    const struct http_request *req = transfer->req;
    transfer->is_streamed = has_sink(req) && answer->status / 100 == 2;
    curl_off_t announced = -1;
    curl_easy_getinfo(transfer->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    size_t max = has_sink(req) ? ERROR_BODY_MAX : req->max_body ? req->max_body : BODY_MAX;
    buf_init(&answer->body, max);
    if (!has_sink(req) && announced > 0 && (uint64_t)announced > max)
        return fail_too_large(transfer, max);
    return true;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_transfer *transfer = context;
    size_t len = size * count;
    if (transfer->answer.received == 0 && !begin_body(transfer))
        return 0;
    if (!(transfer->is_streamed ? write_sink(transfer, bytes, len) : keep_body(transfer, bytes, len)))
        return 0;
    transfer->answer.received += (int64_t)len;
    moved(transfer);
    return len;
}

static size_t on_upload(char *out, size_t size, size_t count, void *context)
{
    struct http_transfer *transfer = context;
    const struct http_request *req = transfer->req;
    size_t room = size * count, left = req->body_len - (size_t)transfer->sent;
    size_t len = room < left ? room : left;
    if (req->body_fd < 0) {
        memcpy(out, (const char *)req->body + transfer->sent, len);
    } else if (len > 0) {
        ssize_t got;
        do
            got = pread(req->body_fd, out, len, req->body_offset + transfer->sent);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            err_set_errno(&transfer->answer.err, ERR_IO, "%.120s: reading the file to send", label_of(transfer));
        if (got == 0)
            transfer_fail(transfer, ERR_IO, false, "the file to send became shorter; send it again");
        if (got <= 0)
            return CURL_READFUNC_ABORT;
        len = (size_t)got;
    }
    transfer->sent += (int64_t)len;
    moved(transfer);
    return len;
}

/* A kept connection that died before the answer: libcurl sends the body again from the start. */
static int on_seek(void *context, curl_off_t offset, int origin)
{
    struct http_transfer *transfer = context;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > transfer->req->body_len)
        return CURL_SEEKFUNC_FAIL;
    transfer->sent = offset;
    return CURL_SEEKFUNC_OK;
}

static int on_connected(void *context, char *ip, char *local_ip, int port, int local_port)
{
    (void)ip, (void)local_ip, (void)port, (void)local_port;
    struct http_transfer *transfer = context;
    transfer->is_connected = true;
    transfer->moved_ms = now_ms();
    return CURL_PREREQFUNC_OK;
}

static bool add_header(struct http_transfer *transfer, const char *name, const char *value)
{
    if (strpbrk(name, "\r\n:") || strpbrk(value, "\r\n"))
        return transfer_fail(transfer, ERR_USAGE, false, "a header holds a line break");
    if (strcasecmp(name, "content-length") == 0)
        return true; /* libcurl sends it, from the body's real length */
    char *line = NULL;
    if (asprintf(&line, *value ? "%s: %s" : "%s;", name, value) < 0)
        abort();
    struct curl_slist *list = curl_slist_append(transfer->headers, line);
    free(line);
    if (!list)
        abort();
    transfer->headers = list;
    return true;
}

/* The caller's headers, and "Name:" lines that keep libcurl from adding its own. */
static bool set_headers(struct http_transfer *transfer)
{
    const struct http_request *req = transfer->req;
    for (size_t i = 0; i < req->headers.count; i++)
        if (!add_header(transfer, req->headers.items[i].name, req->headers.items[i].value))
            return false;
    struct curl_slist *list = transfer->headers;
    if (!pairs_get(&req->headers, "expect"))
        list = curl_slist_append(list, req->body_len > EXPECT_FROM ? "Expect: 100-continue" : "Expect:");
    if (!pairs_get(&req->headers, "content-type"))
        list = curl_slist_append(list, "Content-Type:");
    if (list)
        transfer->headers = list;
    curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
    return true;
}

static bool is_loopback(const char *url)
{
    struct uri uri;
    struct err ignored;
    return uri_parse(url, &uri, &ignored) && (strncmp(uri.host, "127.", 4) == 0 || strcmp(uri.host, "::1") == 0 ||
                                              strcasecmp(uri.host, "localhost") == 0);
}

static void set_connection(struct http_transfer *transfer, const struct http_options *options)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* do not join a hanging name look-up */
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (options->ca_bundle && *options->ca_bundle)
        curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_bundle);
    int connect_ms = options->connect_timeout_ms ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    if (is_loopback(transfer->req->url))
        curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* the embedded cloud is never behind a proxy */
}

static void set_callbacks(struct http_transfer *transfer)
{
    CURL *easy = transfer->easy;
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->detail);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)(has_sink(transfer->req) ? BUFFER_STREAM : BUFFER_SMALL));
}

/* Requests that have a body by definition send Content-Length: 0 when it is empty, as S3 insists. */
static bool sends_body(const struct http_request *req)
{
    return req->body_len > 0 || strcmp(req->method, "PUT") == 0 || strcmp(req->method, "POST") == 0 ||
           strcmp(req->method, "PATCH") == 0;
}

static void set_request(struct http_transfer *transfer)
{
    CURL *easy = transfer->easy;
    const struct http_request *req = transfer->req;
    curl_easy_setopt(easy, CURLOPT_URL, req->url);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "weir");
    if (strcmp(req->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (sends_body(req)) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)req->body_len);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_upload);
        curl_easy_setopt(easy, CURLOPT_READDATA, transfer);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, transfer);
        if (req->body_len > BUFFER_STREAM)
            curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)BUFFER_STREAM);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, req->method);
}

bool transfer_open(struct http_transfer *transfer, const struct http_options *options)
{
    transfer->easy = curl_easy_init();
    if (!transfer->easy)
        return transfer_fail(transfer, ERR_FAILED, false, "libcurl gives no handle; it is out of memory");
    transfer->moved_ms = now_ms();
    set_connection(transfer, options);
    set_callbacks(transfer);
    set_request(transfer);
    return set_headers(transfer);
}

static void trace(const struct http_transfer *transfer)
{
    if (!log_wants(LOG_http, LOG_DEBUG))
        return;
    struct buf url = BUF_INIT(8 << 10);
    const struct http_answer *answer = &transfer->answer;
    log_redact(transfer->req->url, &url);
    log_debug(http, "%s %.120s: %d %s, %lld B out, %lld B in, %lld ms", transfer->req->method, buf_text(&url),
              answer->status, answer->err.code ? err_name(answer->err.code) : "", (long long)transfer->sent,
              (long long)answer->received, (long long)answer->elapsed_ms);
    buf_done(&url);
}

void transfer_close(struct http_transfer *transfer, CURLcode result)
{
    if (result != CURLE_OK && transfer->answer.err.code == ERR_OK)
        fail_by_result(transfer, result);
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    transfer->easy = NULL;
    transfer->headers = NULL;
    transfer->answer.elapsed_ms = now_ms() - transfer->started_ms;
    trace(transfer);
}

static bool is_late(int64_t since_ms, int64_t limit_ms, int64_t at_ms, int64_t *wait_ms)
{
    int64_t left_ms = since_ms + limit_ms - at_ms;
    if (left_ms < *wait_ms)
        *wait_ms = left_ms > 0 ? left_ms : 0;
    return left_ms <= 0;
}

bool transfer_is_over(struct http_transfer *transfer, int64_t at_ms, int64_t *wait_ms)
{
    const struct http_request *req = transfer->req;
    int64_t deadline_ms = req->deadline_ms ? req->deadline_ms : DEADLINE_MS;
    int64_t stall_ms = req->stall_ms ? req->stall_ms : STALL_MS;
    char text[128], duration[TEXT_SHORT];
    if (cancel_is_set(req->cancel)) {
        transfer_fail(transfer, ERR_CANCELLED, false, "cancelled");
        return true;
    }
    if (is_late(transfer->started_ms, deadline_ms, at_ms, wait_ms)) {
        snprintf(text, sizeof text, "not finished within %s; try again", text_duration(deadline_ms, duration));
        transfer_fail(transfer, ERR_TIMEOUT, true, text);
        return true;
    }
    if (transfer->is_connected && is_late(transfer->moved_ms, stall_ms, at_ms, wait_ms)) {
        snprintf(text, sizeof text, "the server was silent for %s; try again", text_duration(stall_ms, duration));
        transfer_fail(transfer, ERR_TIMEOUT, true, text);
        return true;
    }
    return false;
}
