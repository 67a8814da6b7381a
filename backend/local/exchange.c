/* The stages of one request; see exchange.h. */
#include "backend/local/exchange.h"
#include "backend/base/path.h"
#include "backend/local/auth.h"
#include "backend/local/body.h"
#include "backend/local/chunked.h"
#include "backend/local/cloud.h"
#include "backend/local/fault.h"
#include "backend/local/head.h"
#include "backend/local/logfile.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_MAX = 16 * 1024,       /* S3 allows 8 KB of headers; long session tokens come on top */
    BODY_MAX_DEFAULT = 1 << 20, /* struct body_plan's default */
    ANSWER_MAX = 64 << 20,      /* a larger answer comes from a file */
    SWALLOW_MAX = 64 << 20,     /* of a refused body, so that the client reads the answer */
};

struct exchange {
    struct request req;
    struct answer answer;
    const struct service_ops *service;
    struct auth auth;
    struct body_plan plan;
    struct body body;
    struct chunked *chunked; /* NULL: the body has no aws-chunked framing */
    struct refusal refusal;  /* of the body, kept until it has been read */
    struct fault fault;
    bool has_fault;
    int64_t swallowed, started_ms;
    size_t head_bytes;
    int peer_fd, stop_fd;
    char method[32], host[256];
    char code[64];        /* the answer's error code, for the log */
    char *target, *shown; /* split in place; as it came, for the log */
};

struct exchange *exchange_new(struct cloud *cloud, const char *target, int peer_fd, int stop_fd)
{
    struct exchange *exchange = calloc(1, sizeof *exchange);
    uint8_t id[8];
    if (!exchange || !(exchange->target = strdup(target)) || !(exchange->shown = strdup(target)))
        abort();
    struct request *req = &exchange->req;
    req->cloud = cloud;
    req->host = exchange->host;
    random_bytes(id, sizeof id);
    hex_encode(id, sizeof id, req->id);
    for (char *at = req->id; *at; at++)
        *at = *at >= 'a' ? (char)(*at - 'a' + 'A') : *at; /* 16 capital hexadecimal digits, as S3's look */
    head_split_target(exchange->target, &req->raw_path, &req->raw_query);
    exchange->answer = (struct answer){.body = BUF_INIT(ANSWER_MAX), .file_fd = -1, .head_length = -1};
    exchange->fault.cut = -1;
    exchange->body.fd = -1;
    exchange->started_ms = clock_mono(cloud->clock);
    exchange->head_bytes = strlen(target);
    exchange->peer_fd = peer_fd;
    exchange->stop_fd = stop_fd;
    return exchange;
}

void exchange_free(struct exchange *exchange)
{
    if (!exchange)
        return;
    body_done(&exchange->body);
    chunked_free(exchange->chunked);
    auth_done(&exchange->auth);
    pairs_done(&exchange->req.query);
    pairs_done(&exchange->req.headers);
    pairs_done(&exchange->req.trailers);
    pairs_done(&exchange->answer.headers);
    buf_done(&exchange->answer.body);
    if (exchange->answer.file_fd >= 0)
        close(exchange->answer.file_fd);
    free(exchange->target);
    free(exchange->shown);
    free(exchange);
}

void exchange_header(struct exchange *exchange, const char *name, const char *value)
{
    exchange->head_bytes += strlen(name) + strlen(value) + 4;
    if (exchange->head_bytes <= HEAD_MAX && !pairs_add(&exchange->req.headers, name, value))
        exchange->head_bytes = HEAD_MAX + 1; /* too many is too large */
}

struct answer *exchange_answer(struct exchange *exchange)
{
    return &exchange->answer;
}

int64_t exchange_cut(const struct exchange *exchange)
{
    return exchange->has_fault ? exchange->fault.cut : -1;
}

static enum service_protocol protocol_of(const struct exchange *exchange)
{
    return cloud_protocol(exchange->service, &exchange->req);
}

static bool refuse_now(struct exchange *exchange, enum refusal_reason reason, const char *text)
{
    return refuse(&exchange->refusal, protocol_of(exchange), reason, text ? "%s" : NULL, text);
}

/* The error code of an answer, for the log only: whatever shape the service gave it. */
static void find_code(const struct answer *answer, char *out, size_t size)
{
    static const char *const marks[] = {"<Code>", "\"__type\":\""};
    const char *header = pairs_get(&answer->headers, "x-amzn-errortype");
    snprintf(out, size, "%.*s", header ? 60 : 1, header ? header : "-");
    for (size_t i = 0; !header && answer->status >= 400 && i < sizeof marks / sizeof *marks; i++) {
        const char *found = strstr(buf_text(&answer->body), marks[i]);
        if (!found)
            continue;
        found += strlen(marks[i]);
        snprintf(out, size, "%.*s", (int)strcspn(found, "<\""), found);
        return;
    }
}

/* The server's own Date would tell the true time. */
static void shift_date(struct exchange *exchange)
{
    char text[64];
    time_t now_s = (time_t)((clock_wall(exchange->req.cloud->clock) + exchange->req.clock_shift_ms) / 1000);
    struct tm utc;
    gmtime_r(&now_s, &utc);
    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    pairs_set(&exchange->answer.headers, "Date", text);
}

/* What each answer carries: the request's id under both services' names for it. */
static void finish_answer(struct exchange *exchange)
{
    struct answer *answer = &exchange->answer;
    bool is_s3 = protocol_of(exchange) == PROTOCOL_REST_XML;
    if (!pairs_get(&answer->headers, is_s3 ? "x-amz-request-id" : "x-amzn-RequestId"))
        pairs_add(&answer->headers, is_s3 ? "x-amz-request-id" : "x-amzn-RequestId", exchange->req.id);
    if (answer->status == 0 || answer->body.failed) {
        buf_done(&answer->body);
        exchange->service->fail(&exchange->req, answer, 500, "InternalError", "The answer could not be made");
    }
    if (exchange->req.clock_shift_ms)
        shift_date(exchange);
    find_code(answer, exchange->code, sizeof exchange->code);
}

/* Turns the refusal into the service's answer. */
static void answer_refusal(struct exchange *exchange)
{
    const struct refusal *refusal = &exchange->refusal;
    exchange->service->fail(&exchange->req, &exchange->answer, refusal->status, refusal->code, refusal->message);
    finish_answer(exchange);
}

static bool is_streaming(const char *payload)
{
    return strncmp(payload, "STREAMING-", 10) == 0;
}

static bool parse_length(const char *text, int64_t *length)
{
    size_t digits = strspn(text, "0123456789");
    *length = digits > 0 && digits < 19 && text[digits] == '\0' ? (int64_t)strtoll(text, NULL, 10) : -1;
    return *length >= 0;
}

/* Sets content_length: decoded, -1 unknown. */
static bool find_length(struct exchange *exchange, bool is_chunked)
{
    struct request *req = &exchange->req;
    const char *length = pairs_get(&req->headers, is_chunked ? "x-amz-decoded-content-length" : "Content-Length");
    bool is_transfer_chunked = pairs_get(&req->headers, "Transfer-Encoding") != NULL;
    req->content_length = is_transfer_chunked ? -1 : 0;
    if (length && !parse_length(length, &req->content_length))
        return refuse_now(exchange, REFUSE_INCOMPLETE, NULL);
    if (is_chunked && !length)
        return refuse_now(exchange, REFUSE_NO_LENGTH, "You must provide the x-amz-decoded-content-length HTTP header.");
    return true;
}

/* The payload header says so; some clients only name the encoding together with the decoded length. */
static bool has_framing(const struct exchange *exchange)
{
    const struct pairs *headers = &exchange->req.headers;
    const char *payload = pairs_get(headers, "x-amz-content-sha256"),
               *encoding = pairs_get(headers, "Content-Encoding");
    if (payload && is_streaming(payload))
        return true;
    return encoding && strcasestr(encoding, "aws-chunked") && pairs_get(headers, "x-amz-decoded-content-length");
}

static void begin_framing(struct exchange *exchange)
{
    const char *payload = exchange->auth.claim.payload;
    bool is_signed = strncmp(payload, SIGV4_STREAMING, strlen(SIGV4_STREAMING)) == 0;
    struct chunked_options options = {
        .sig = is_signed && exchange->auth.claim.present ? &exchange->auth.sig : NULL,
        .has_trailer = pairs_get(&exchange->req.headers, "x-amz-trailer") || strstr(payload, "-TRAILER"),
        .trailers = pairs_get(&exchange->req.headers, "x-amz-trailer"),
        .decoded_length = exchange->req.content_length,
    };
    exchange->chunked = chunked_new(&options);
}

static bool parse_head(struct exchange *exchange, const char *method)
{
    struct request *req = &exchange->req;
    snprintf(exchange->method, sizeof exchange->method, "%s", method);
    req->method = exchange->method;
    const char *host = pairs_get(&req->headers, "Host");
    head_host(host ? host : "", exchange->host, sizeof exchange->host);
    bool is_query_good = head_parse_query(req->raw_query, &req->query);
    auth_claim(&exchange->auth, req);
    exchange->service = cloud_route(req);
    req->clock_shift_ms = faults_clock_ms(req->cloud->faults, exchange->service->name);
    if (exchange->head_bytes > HEAD_MAX)
        return refuse_now(exchange, REFUSE_HEAD_TOO_LARGE, NULL);
    if (!is_query_good || *req->raw_path != '/' || strlen(method) >= sizeof exchange->method)
        return refuse_now(exchange, REFUSE_BAD_URI, NULL);
    return true;
}

static bool begin_body(struct exchange *exchange)
{
    struct request *req = &exchange->req;
    struct err err = ERR_NONE;
    exchange->plan = (struct body_plan){.max = BODY_MAX_DEFAULT};
    if (exchange->service->plan_body)
        exchange->service->plan_body(req, &exchange->plan);
    exchange->plan.digest_mask |= 1u << DIGEST_SHA256;
    if (req->content_length > exchange->plan.max)
        return refuse_now(exchange, REFUSE_TOO_LARGE, NULL);
    if (body_begin(&exchange->body, &exchange->plan, req, &err))
        return true;
    logfile_write(req->cloud->log, "error %s: %s", req->id, err.text);
    return refuse_now(exchange, REFUSE_INTERNAL, NULL);
}

bool exchange_head(struct exchange *exchange, const char *method)
{
    bool ok = parse_head(exchange, method);
    bool is_framed = ok && has_framing(exchange);
    ok = ok && find_length(exchange, is_framed) &&
         auth_head(&exchange->auth, &exchange->req, exchange->service, &exchange->refusal) && begin_body(exchange);
    if (ok && is_framed)
        begin_framing(exchange);
    /* a client that asked first (Expect) gets its answer first; another one sends its body in any case, and a
     * connection closed under it would lose the answer: read on, and answer then */
    if (ok || (!pairs_get(&exchange->req.headers, "Expect") && exchange->req.content_length <= SWALLOW_MAX))
        return true;
    answer_refusal(exchange);
    return false;
}

/* Keeps the first thing that went wrong with the body, in the protocol's words. */
static void refuse_body(struct exchange *exchange, const struct err *err)
{
    if (*err->service_code) {
        exchange->refusal.status = err->code == ERR_DENIED ? 403 : 400;
        snprintf(exchange->refusal.code, sizeof exchange->refusal.code, "%s", err->service_code);
        snprintf(exchange->refusal.message, sizeof exchange->refusal.message, "%s", err->text);
        return;
    }
    if (err->code == ERR_TOO_LARGE) {
        refuse_now(exchange, REFUSE_TOO_LARGE, NULL);
        return;
    }
    logfile_write(exchange->req.cloud->log, "error %s: %s", exchange->req.id, err->text);
    refuse_now(exchange, REFUSE_INTERNAL, err->code == ERR_DISK_FULL ? "The disk of the embedded cloud is full" : NULL);
}

static bool sink(void *context, const void *bytes, size_t len, struct err *err)
{
    return body_write(context, bytes, len, err);
}

bool exchange_body(struct exchange *exchange, const void *bytes, size_t len)
{
    struct err err = ERR_NONE;
    if (exchange->refusal.status != 0) {
        exchange->swallowed += (int64_t)len;
        return exchange->swallowed <= SWALLOW_MAX;
    }
    bool ok = exchange->chunked ? chunked_feed(exchange->chunked, bytes, len, sink, &exchange->body, &err)
                                : body_write(&exchange->body, bytes, len, &err);
    if (!ok)
        refuse_body(exchange, &err);
    return true;
}

static bool end_body(struct exchange *exchange)
{
    struct request *req = &exchange->req;
    struct err err = ERR_NONE;
    if (exchange->refusal.status != 0)
        return false;
    if ((exchange->chunked && !chunked_end(exchange->chunked, &req->trailers, &err)) ||
        !body_end(&exchange->body, &err)) {
        refuse_body(exchange, &err);
        return false;
    }
    return auth_body(&exchange->auth, req, exchange->service, &exchange->refusal);
}

/* Waits without a handler: until the time is over (-1: never), the client has gone, or the daemon stops. True: the time
 * is over. */
static bool wait_or_gone(const struct exchange *exchange, int64_t ms)
{
    struct pollfd fds[] = {{.fd = exchange->peer_fd, .events = POLLRDHUP}, {.fd = exchange->stop_fd, .events = POLLIN}};
    int64_t until = clock_mono(exchange->req.cloud->clock) + ms;
    for (;;) {
        int64_t left = ms < 0 ? -1 : until - clock_mono(exchange->req.cloud->clock);
        if (ms >= 0 && left <= 0)
            return true;
        int ready = poll(fds, 2, (int)left);
        if (ready > 0)
            return false;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

/* Nothing that a parser of XML or JSON takes. */
static void answer_garbage(struct answer *answer)
{
    static const char noise[] = "\x01\xff<<{not an answer\xfe\x02&&}";
    answer->status = 200;
    pairs_set(&answer->headers, "Content-Type", "application/xml");
    for (int i = 0; i < 8; i++)
        buf_append(&answer->body, noise, sizeof noise - 1);
}

/* True: the fault is the whole answer. */
static bool answer_fault(struct exchange *exchange)
{
    const struct fault *fault = &exchange->fault;
    enum service_protocol protocol = protocol_of(exchange);
    struct refusal *refusal = &exchange->refusal;
    if (fault->is_garbage) {
        answer_garbage(&exchange->answer);
        return true;
    }
    if (!fault->status && !*fault->code && !*fault->region)
        return false;
    int status = fault->status ? fault->status : *fault->region ? 301 : 400;
    refuse(refusal, protocol, refusal_of_status(status), NULL);
    refusal->status = fault->status || protocol == PROTOCOL_REST_XML ? status : refusal->status;
    if (status == 307)
        snprintf(refusal->code, sizeof refusal->code, "TemporaryRedirect");
    if (*fault->code)
        snprintf(refusal->code, sizeof refusal->code, "%s", fault->code);
    if (*fault->region)
        pairs_set(&exchange->answer.headers, "x-amz-bucket-region", fault->region);
    exchange->service->fail(&exchange->req, &exchange->answer, refusal->status, refusal->code, refusal->message);
    return true;
}

bool exchange_finish(struct exchange *exchange)
{
    struct request *req = &exchange->req;
    const struct service_ops *service = exchange->service;
    if (!end_body(exchange)) {
        answer_refusal(exchange);
        return true;
    }
    const char *operation = service->operation ? service->operation(req) : NULL;
    exchange->has_fault = faults_match(req->cloud->faults, service->name, operation, req, &exchange->fault);
    if (exchange->has_fault) {
        if (exchange->fault.is_stall || exchange->fault.delay_ms > 0)
            if (!wait_or_gone(exchange, exchange->fault.is_stall ? -1 : exchange->fault.delay_ms))
                return false;
        if (answer_fault(exchange)) {
            finish_answer(exchange);
            return true;
        }
    }
    service->handle(req, &exchange->answer);
    finish_answer(exchange);
    return true;
}

void exchange_log(const struct exchange *exchange, int64_t sent)
{
    const struct answer *answer = &exchange->answer;
    logfile_write(exchange->req.cloud->log, "%s %.1500s %d %lldms %lld %s", exchange->method, exchange->shown,
                  answer->status, (long long)(clock_mono(exchange->req.cloud->clock) - exchange->started_ms),
                  (long long)sent, *exchange->code ? exchange->code : "-");
}
