/* The one call path of every AWS service, in stages over one struct: gate -> credentials -> endpoint -> headers -> sign
 * -> send -> judge (retry, clock, credentials, region: each corrected once). Calls wait; any thread may call. What a
 * session remembers is in aws_session.c, decoding of error answers in aws_error.c. */
#include "backend/aws/aws_private.h"
#include "backend/base/digest.h"
#include "backend/base/log.h"
#include "backend/base/uri.h"
#include "backend/core/sigv4.h"
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { URL_MAX = 32 * 1024, HASH_CHUNK = 64 * 1024 };

struct aws_call aws_call_init(const struct aws_service *service, const char *operation)
{
    return (struct aws_call){.service = service,
                             .operation = operation,
                             .method = "GET",
                             .path = "/",
                             .io = http_request_init("GET", "", operation)};
}

bool aws_endpoint_is_custom(struct aws *aws, const char *service, char url[CONFIG_URL])
{
    char own[CONFIG_URL];
    bool is_custom = false;
    return config_endpoint(aws->config, service, url ? url : own, &is_custom, NULL) && is_custom;
}

/* --- one try: everything that is made anew when a call is repeated --- */
struct attempt {
    char region[CONFIG_NAME];
    char endpoint[CONFIG_URL];
    bool is_custom, is_tls;
    char host[400]; /* as in the Host header */
    struct buf path, url;
    struct pairs headers;
    char sha256[DIGEST_HEX];
    char label[240];
};

static void attempt_done(struct attempt *try)
{
    buf_done(&try->path);
    buf_done(&try->url);
    pairs_done(&try->headers);
}

static bool find_endpoint(struct aws *aws, const struct aws_call *call, struct attempt *try, struct err *err)
{
    char learned[32];
    snprintf(try->region, sizeof try->region, "%s", aws->config->region);
    if (!config_endpoint(aws->config, call->service->id, try->endpoint, &try->is_custom, err))
        return false;
    bool is_elsewhere =
        call->bucket && aws_region_recall(aws, call->bucket, learned) && strcmp(learned, try->region) != 0;
    if (is_elsewhere && try->is_custom) {
        snprintf(try->region, sizeof try->region, "%s", learned); /* the place is given: only the signature changes */
    } else if (is_elsewhere) {
        struct config *there = malloc(sizeof *there);
        if (!there)
            return err_set(err, ERR_FAILED, "out of memory");
        *there = *aws->config;
        snprintf(there->region, sizeof there->region, "%s", learned);
        snprintf(try->region, sizeof try->region, "%s", learned);
        bool ok = config_endpoint(there, call->service->id, try->endpoint, &try->is_custom, err);
        free(there);
        if (!ok)
            return false;
    }
    if (!try->region[0] && !try->is_custom)
        return err_set(err, ERR_CONFIG, "no region is set for %s: use --region, AWS_REGION or `region` in the profile",
                       call->service->id);
    if (!try->region[0])
        snprintf(try->region, sizeof try->region, "us-east-1"); /* what every custom endpoint accepts */
    return true;
}

/* Host header, wire path and URL. */
static bool make_url(const struct aws_call *call, struct attempt *try, struct err *err)
{
    struct uri uri;
    if (!uri_parse(try->endpoint, &uri, err))
        return err_prefix(err, "endpoint of %s", call->service->id);
    const char *prefix = call->host_prefix && !try->is_custom ? call->host_prefix : "";
    const char *open = strchr(uri.host, ':') ? "[" : "", *close = *open ? "]" : "";
    char port[16] = "";
    try->is_tls = strcmp(uri.scheme, "https") == 0;
    if (uri.port && uri.port != (try->is_tls ? 443 : 80))
        snprintf(port, sizeof port, ":%d", uri.port);
    snprintf(try->host, sizeof try->host, "%s%s%s%s%s", prefix, open, uri.host, close, port);
    size_t base_len = strlen(uri.path);
    while (base_len && uri.path[base_len - 1] == '/')
        base_len--;
    buf_init(&try->path, URL_MAX);
    buf_init(&try->url, URL_MAX);
    buf_append(&try->path, uri.path, base_len);
    buf_puts(&try->path, call->path && *call->path ? call->path : "/");
    buf_printf(&try->url, "%s://%s%s", uri.scheme, try->host, buf_text(&try->path));
    if (call->query && *call->query)
        buf_printf(&try->url, "?%s", call->query);
    if (try->path.failed || try->url.failed)
        return err_set(err, ERR_TOO_LARGE, "%s %s on %s: the URL is too long", call->service->id, call->operation,
                       call->object);
    return true;
}

static bool add_protocol_headers(const struct aws_call *call, struct pairs *headers)
{
    bool ok = true;
    switch (call->service->protocol) {
    case AWS_JSON_1_0:
    case AWS_JSON_1_1:
        ok = pairs_set(headers, "Content-Type",
                       call->service->protocol == AWS_JSON_1_0 ? "application/x-amz-json-1.0"
                                                               : "application/x-amz-json-1.1") &&
             pairs_addf(headers, "X-Amz-Target", "%s%s", call->service->target, call->operation);
        break;
    case AWS_QUERY:
        ok = pairs_set(headers, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        break;
    case AWS_REST_JSON:
        ok = !call->io.body_len || pairs_get(headers, "Content-Type") ||
             pairs_add(headers, "Content-Type", "application/json");
        break;
    case AWS_REST_XML:
        break;
    }
    return ok;
}

/* SHA-256 of the file part that is the body: over plain HTTP nothing else protects it. */
static bool hash_file(const struct http_request *io, char out[DIGEST_HEX], struct err *err)
{
    char *chunk = malloc(HASH_CHUNK);
    struct digest *digest = digest_new(DIGEST_SHA256);
    size_t left = io->body_len;
    off_t at = io->body_offset;
    while (chunk && left) {
        ssize_t got = pread(io->body_fd, chunk, left < HASH_CHUNK ? left : HASH_CHUNK, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        digest_update(digest, chunk, (size_t)got);
        left -= (size_t)got;
        at += got;
    }
    uint8_t raw[DIGEST_MAX];
    hex_encode(raw, digest_end(digest, raw), out);
    free(chunk);
    return !left || err_set(err, ERR_IO, "the file to send could not be read to its end: was it truncated?");
}

static bool hash_body(const struct aws_call *call, struct attempt *try, struct err *err)
{
    uint8_t raw[DIGEST_MAX];
    if (call->payload_sha256) {
        snprintf(try->sha256, sizeof try->sha256, "%s", call->payload_sha256);
    } else if (call->io.body_fd >= 0) {
        if (!try->is_tls)
            return hash_file(&call->io, try->sha256, err);
        snprintf(try->sha256, sizeof try->sha256, "%s", SIGV4_UNSIGNED);
    } else if (call->io.body_len) {
        hex_encode(raw, digest_of(DIGEST_SHA256, call->io.body, call->io.body_len, raw), try->sha256);
    } else {
        snprintf(try->sha256, sizeof try->sha256, "%s", SIGV4_EMPTY_SHA256);
    }
    return true;
}

static struct sigv4_request sign_request(struct aws *aws, const struct aws_call *call, struct attempt *try,
                                         const struct creds *creds)
{
    return (struct sigv4_request){.method = call->method,
                                  .path = buf_text(&try->path),
                                  .query = call->query ? call->query : "",
                                  .headers = &try->headers,
                                  .payload_sha256 = try->sha256,
                                  .service = call->service->signing_name,
                                  .region = try->region,
                                  .wall_ms = clock_wall(aws->clock) + atomic_load(&aws->sign_offset),
                                  .access_key = creds->access_key,
                                  .secret_key = creds->secret_key,
                                  .session_token = creds->session_token};
}

static bool prepare(struct aws *aws, const struct aws_call *call, const struct creds *creds, struct attempt *try,
                    struct err *err)
{
    if (!find_endpoint(aws, call, try, err) || !make_url(call, try, err) || !hash_body(call, try, err))
        return false;
    if (!pairs_copy(&try->headers, &call->headers) || !pairs_set(&try->headers, "Host", try->host) ||
        !add_protocol_headers(call, &try->headers))
        return err_set(err, ERR_TOO_LARGE, "%s %s: too many headers", call->service->id, call->operation);
    struct sigv4_request sign = sign_request(aws, call, try, creds);
    return sigv4_sign_headers(&sign, &try->headers, err);
}

static void note_date(struct aws *aws, const struct http_answer *answer)
{
    if (answer->date_ms)
        atomic_store(&aws->skew_ms, answer->date_ms - clock_wall(aws->clock));
}

/* Sends once. True: a 2xx. False: *err says why; the answer still holds headers and body. */
static bool send_once(struct aws *aws, struct aws_call *call, struct attempt *try, struct http_answer *answer,
                      struct err *err)
{
    struct http_request req = call->io;
    if (!req.stall_ms && !call->is_write)
        req.stall_ms = aws->read_stall_ms;
    snprintf(try->label, sizeof try->label, "%s %s on %.160s", call->service->id, call->operation,
             call->object ? call->object : try->host);
    req.method = call->method;
    req.url = buf_text(&try->url);
    req.headers = try->headers;
    req.label = try->label;
    aws_count_call(aws);
    if (!http_perform(aws->http, &req, answer)) {
        if (err)
            *err = answer->err;
        return false;
    }
    note_date(aws, answer);
    if (answer->status >= 200 && answer->status < 300)
        return true;
    return aws_decode_error(call, answer, err);
}

/* --- judgement of a failed try --- */
struct corrections {
    bool clock, credentials, region; /* each is tried once per call */
};

/* True when something about the session was corrected, so that the same call is worth repeating at once. */
static bool correct(struct aws *aws, const struct aws_call *call, const struct attempt *try,
                    const struct http_answer *answer, struct corrections *done, const struct err *err)
{
    char region[32];
    if (err->code == ERR_CLOCK_SKEW && answer->date_ms && !done->clock) {
        done->clock = true;
        atomic_store(&aws->sign_offset, answer->date_ms - clock_wall(aws->clock));
        log_warn(http, "the server's clock differs by %" PRId64 " s: signing with the server's time",
                 atomic_load(&aws->sign_offset) / 1000);
        return true;
    }
    if (err->code == ERR_EXPIRED && !done->credentials) {
        done->credentials = true;
        creds_chain_forget(aws->creds);
        return true;
    }
    bool may_be_region = err->code == ERR_REGION || (err->http_status == 400 && !err->service_code[0]);
    /* at an endpoint that was given a redirect has nowhere else to go; only the signature's region can be put right */
    bool can_move = !try->is_custom || err->http_status == 400;
    if (may_be_region && call->bucket && can_move && !done->region && aws_region_of_answer(answer, region) &&
        strcmp(region, try->region) != 0) {
        done->region = true;
        aws_region_learn(aws, call->bucket, region);
        return true;
    }
    return false;
}

/* A try that may have reached the service is repeated only when repeating does no harm; one that sent bytes to a sink
 * already is the caller's to resume. */
static bool may_repeat(const struct aws_call *call, const struct http_answer *answer, const struct err *err)
{
    if (call->io.sink && answer->received > 0 && answer->err.code != ERR_OK)
        return false;
    if (call->is_idempotent || !call->is_write)
        return true;
    return err->code == ERR_DNS || err->code == ERR_CONNECT || err->code == ERR_TLS || err->code == ERR_THROTTLED;
}

/* Silence on this machine has one cause, a server that is stopped or stuck: asking a third time only adds to the wait.
 */
static bool is_silent_again(const struct aws *aws, const struct retry *retry, const struct err *err)
{
    return aws->read_stall_ms && err->code == ERR_TIMEOUT && retry->attempt >= 1;
}

static int64_t retry_after_ms(const struct http_answer *answer)
{
    const char *hint = pairs_get(&answer->headers, "x-amz-retry-after");
    return hint ? strtoll(hint, NULL, 10) : 0;
}

static bool gate(const struct aws *aws, const struct aws_call *call, struct err *err)
{
    if (call->is_write && aws_is_readonly(aws))
        return err_set(err, ERR_REFUSED, "%s %s on %s: refused, this session is read-only (--readonly)",
                       call->service->id, call->operation, call->object ? call->object : "the account");
    if (cancel_is_set(call->io.cancel))
        return err_set(err, ERR_CANCELLED, "%s %s: cancelled", call->service->id, call->operation);
    return true;
}

static bool try_once(struct aws *aws, struct aws_call *call, struct attempt *try, struct http_answer *answer,
                     struct err *err)
{
    if (!aws_wait_turn(aws, call))
        return err_set(err, ERR_CANCELLED, "%s %s: cancelled", call->service->id, call->operation);
    const struct creds *creds = creds_chain_get(aws->creds, err);
    if (!creds)
        return false;
    bool ok = prepare(aws, call, creds, try, err);
    creds_put(creds);
    if (!ok)
        return false;
    ok = send_once(aws, call, try, answer, err);
    struct adaptive *adaptive = aws_adaptive_of(aws, call->service->id);
    if (adaptive && (ok || answer->status)) /* no answer tells nothing of the service's mind */
        adaptive_answer(adaptive, !ok && (err->code == ERR_THROTTLED || retry_is_throttle(err->service_code)));
    return ok;
}

bool aws_perform(struct aws *aws, struct aws_call *call, struct http_answer *answer, struct err *err)
{
    struct err own;
    struct retry retry;
    struct corrections done = {0};
    *answer = (struct http_answer){0};
    if (!err)
        err = &own;
    *err = ERR_NONE;
    if (!gate(aws, call, err))
        return false;
    retry_init(&retry, aws->rules, aws_quota_of(aws, call->service->id), (int)aws->config->max_attempts);
    for (;;) {
        struct attempt try = {0};
        int64_t delay_ms = 0;
        bool ok = try_once(aws, call, &try, answer, err);
        bool again = !ok && (correct(aws, call, &try, answer, &done, err) ||
                             (may_repeat(call, answer, err) && !is_silent_again(aws, &retry, err) &&
                              retry_again(&retry, err, retry_after_ms(answer), &delay_ms)));
        attempt_done(&try);
        if (ok) {
            *err = ERR_NONE;
            retry_success(&retry);
            cancel_tell(call->io.cancel, NULL, 0);
            return true;
        }
        http_answer_done(answer);
        *answer = (struct http_answer){0};
        if (!again)
            return false;
        log_debug(retry, "try %d of %s %s again in %" PRId64 " ms: %s", retry.attempt, call->service->id,
                  call->operation, delay_ms, err->text);
        cancel_tell(call->io.cancel, err, delay_ms);
        if (delay_ms > 0 && !retry_sleep(call->io.cancel, delay_ms))
            return err_set(err, ERR_CANCELLED, "%s %s: cancelled", call->service->id, call->operation);
    }
}

bool aws_presign(struct aws *aws, struct aws_call *call, int64_t expires_s, struct buf *url, struct err *err)
{
    struct attempt try = {0};
    if (!gate(aws, call, err))
        return false;
    const struct creds *creds = creds_chain_get(aws->creds, err);
    if (!creds)
        return false;
    struct aws_call bare = *call;
    bare.query = NULL; /* the signed query holds it */
    bool ok = find_endpoint(aws, call, &try, err) && make_url(&bare, &try, err);
    if (ok && pairs_set(&try.headers, "Host", try.host)) {
        struct sigv4_request sign = sign_request(aws, call, &try, creds);
        sign.payload_sha256 = SIGV4_UNSIGNED;
        buf_putc(&try.url, '?');
        ok = sigv4_presign(&sign, expires_s, &try.url, err);
        if (ok && (try.url.failed || !buf_puts(url, buf_text(&try.url))))
            ok = err_set(err, ERR_TOO_LARGE, "the presigned URL is too long");
    }
    creds_put(creds);
    attempt_done(&try);
    return ok;
}
