/* Raw and signed HTTP requests; see wire.h. */
#include "tests/lib/wire.h"
#include "backend/base/clock.h"
#include "backend/base/digest.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { ANSWER_MAX = 256 << 20, WAIT_MS = 30000, REQUEST_MAX = 256 << 20 };

void wire_answer_done(struct wire_answer *answer)
{
    pairs_done(&answer->headers);
    buf_done(&answer->body);
}

int wire_try_connect(int port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

int wire_connect(int port)
{
    int fd = wire_try_connect(port);
    if (fd < 0)
        fail_msg("connecting to 127.0.0.1:%d: %s", port, strerror(errno));
    return fd;
}

void wire_send(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* refused early: the answer says why */
        at += sent;
        len -= (size_t)sent;
    }
}

/* One more piece; false at the end of the connection. */
static bool read_more(int fd, struct buf *into)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    if (poll(&waiting, 1, WAIT_MS) <= 0)
        fail_msg("no answer within %d ms", WAIT_MS);
    char *room = buf_reserve(into, 65536);
    ssize_t got = room ? recv(fd, room, 65536, 0) : -1;
    if (got <= 0)
        return false;
    into->len += (size_t)got;
    return true;
}

static void parse_head(char *head, struct wire_answer *answer)
{
    char *rest = head, *line = strsep(&rest, "\n");
    answer->status = line && strlen(line) > 9 ? atoi(line + 9) : 0;
    while (rest && (line = strsep(&rest, "\n")) != NULL) {
        line[strcspn(line, "\r")] = '\0';
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        *colon = '\0';
        pairs_add(&answer->headers, line, colon + 1 + strspn(colon + 1, " "));
    }
}

/* Removes and reads one head; false when the connection ended before. */
static bool read_head(int fd, struct buf *bytes, struct wire_answer *answer)
{
    char *end;
    while (!bytes->len || !(end = memmem(bytes->data, bytes->len, "\r\n\r\n", 4)))
        if (!read_more(fd, bytes))
            return false;
    size_t len = (size_t)(end - bytes->data);
    char *head = strndup(bytes->data, len);
    buf_consume(bytes, len + 4);
    pairs_done(&answer->headers);
    parse_head(head, answer);
    free(head);
    return true;
}

void wire_read(int fd, bool for_head, struct wire_answer *answer)
{
    *answer = (struct wire_answer){.body = BUF_INIT(ANSWER_MAX)};
    struct buf bytes = BUF_INIT(ANSWER_MAX);
    bool ok = read_head(fd, &bytes, answer);
    while (ok && answer->status == 100)
        ok = read_head(fd, &bytes, answer);
    if (!ok)
        answer->status = 0;
    const char *length = pairs_get(&answer->headers, "Content-Length");
    size_t want = ok && length && !for_head ? (size_t)strtoull(length, NULL, 10) : 0;
    while (ok && bytes.len < want && read_more(fd, &bytes))
        continue;
    answer->is_whole = ok && bytes.len >= want;
    buf_append(&answer->body, bytes.data ? bytes.data : "", bytes.len);
    buf_done(&bytes);
}

bool wire_wait_closed(int fd, int ms)
{
    char byte;
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    while (poll(&waiting, 1, ms) > 0)
        if (recv(fd, &byte, 1, 0) <= 0)
            return true;
    return false;
}

static void fill_headers(const struct daemon *daemon, const struct wire_request *req, struct pairs *headers)
{
    pairs_addf(headers, "Host", "127.0.0.1:%d", daemon->port);
    for (int i = 0; i < 16 && req->headers[i]; i++) {
        const char *colon = strchr(req->headers[i], ':');
        char *name = strndup(req->headers[i], (size_t)(colon - req->headers[i]));
        pairs_add(headers, name, colon + 1 + strspn(colon + 1, " "));
        free(name);
    }
}

static struct sigv4_request to_sign(const struct daemon *daemon, const struct wire_request *req,
                                    const struct pairs *headers, char hash[DIGEST_HEX])
{
    uint8_t raw[DIGEST_MAX];
    digest_of(DIGEST_SHA256, req->body ? req->body : "", req->body_len, raw);
    hex_encode(raw, 32, hash);
    return (struct sigv4_request){.method = req->method ? req->method : "GET",
                                  .path = req->path ? req->path : "/",
                                  .query = req->query ? req->query : "",
                                  .headers = headers,
                                  .payload_sha256 = req->payload ? req->payload : hash,
                                  .service = req->service ? req->service : "s3",
                                  .region = req->region ? req->region : "us-east-1",
                                  .wall_ms = clock_wall(&clock_system) + req->clock_offset_ms,
                                  .access_key = req->access_key ? req->access_key : daemon->access_key,
                                  .secret_key = req->secret_key ? req->secret_key : daemon->secret_key,
                                  .session_token = req->token};
}

/* Key and seed, as the server will find them. */
static void find_seed(const struct sigv4_request *sign, const struct pairs *headers, struct sigv4 *sig)
{
    const char *signature = strstr(pairs_get(headers, "Authorization"), "Signature=");
    assert_true(sigv4_begin(sig, sign, NULL) && sigv4_string_to_sign(sig, NULL) && sigv4_sign(sig, sign, NULL));
    memcpy(sig->signature, signature + 10, 64);
}

void wire_build(const struct daemon *daemon, const struct wire_request *req, struct buf *out, struct sigv4 *sig)
{
    struct pairs headers = {0};
    char hash[DIGEST_HEX];
    struct err err = ERR_NONE;
    fill_headers(daemon, req, &headers);
    struct sigv4_request sign = to_sign(daemon, req, &headers, hash);
    if (*sign.service && !sigv4_sign_headers(&sign, &headers, &err))
        fail_msg("signing: %s", err.text);
    if (sig)
        find_seed(&sign, &headers, sig);
    if (!pairs_get(&headers, "Content-Length") && !pairs_get(&headers, "Transfer-Encoding") && req->body)
        pairs_addf(&headers, "Content-Length", "%zu", req->body_len);
    *out = BUF_INIT(REQUEST_MAX);
    buf_printf(out, "%s %s%s%s HTTP/1.1\r\n", sign.method, sign.path, *sign.query ? "?" : "", sign.query);
    for (size_t i = 0; i < headers.count; i++)
        buf_printf(out, "%s: %s\r\n", headers.items[i].name, headers.items[i].value);
    buf_puts(out, "\r\n");
    if (req->body)
        buf_append(out, req->body, req->body_len);
    pairs_done(&headers);
}

void wire_ask(const struct daemon *daemon, const struct wire_request *req, struct wire_answer *answer)
{
    struct buf bytes;
    wire_build(daemon, req, &bytes, NULL);
    int fd = wire_connect(daemon->port);
    wire_send(fd, bytes.data, bytes.len);
    wire_read(fd, req->method && strcmp(req->method, "HEAD") == 0, answer);
    close(fd);
    buf_done(&bytes);
}

void wire_expect(const struct daemon *daemon, const struct wire_request *req, int status, const char *text)
{
    struct wire_answer answer;
    wire_ask(daemon, req, &answer);
    if (answer.status != status || (text && !strstr(buf_text(&answer.body), text)))
        fail_msg("%s %s: expected %d with \"%s\", got %d: %s", req->method ? req->method : "GET",
                 req->path ? req->path : "/", status, text ? text : "", answer.status, buf_text(&answer.body));
    wire_answer_done(&answer);
}

char *wire_presign(const struct daemon *daemon, const char *path, int64_t expires_s, int64_t clock_offset_ms)
{
    struct pairs headers = {0};
    struct buf out = BUF_INIT(64 * 1024);
    struct wire_request req = {.path = path, .payload = SIGV4_UNSIGNED, .clock_offset_ms = clock_offset_ms};
    char hash[DIGEST_HEX];
    fill_headers(daemon, &req, &headers);
    struct sigv4_request sign = to_sign(daemon, &req, &headers, hash);
    buf_printf(&out, "%s?", path);
    assert_true(sigv4_presign(&sign, expires_s, &out, NULL));
    pairs_done(&headers);
    return buf_take(&out);
}
