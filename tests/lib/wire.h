/* Raw HTTP for tests of the daemon: bytes over a socket, and requests signed by core/sigv4 with every part under the
 * test's control. Any failure of the socket ends the test (cmocka). */
#ifndef WEIR_TESTS_LIB_WIRE_H
#define WEIR_TESTS_LIB_WIRE_H
#include "backend/base/buf.h"
#include "backend/base/list.h"
#include "backend/core/sigv4.h"
#include "tests/lib/daemon.h"
#include <stdint.h>

struct wire_answer {
    int status; /* 0: the connection ended without an answer */
    struct pairs headers;
    struct buf body;
    bool is_whole; /* as many bytes as Content-Length says */
};
void wire_answer_done(struct wire_answer *answer);

int wire_connect(int port);
int wire_try_connect(int port); /* -1 when nothing listens */
void wire_send(int fd, const void *bytes, size_t len);
/* Reads one answer (skipping 100-continue unless it is_head_only waits for it); for_head: no body follows. */
void wire_read(int fd, bool for_head, struct wire_answer *answer);
/* Waits for the peer to close; false when it has not within ms. */
bool wire_wait_closed(int fd, int ms);

struct wire_request {
    const char *method, *path, *query;           /* NULL: GET, "/", "" */
    const char *service;                         /* NULL: "s3"; "": not signed */
    const char *region;                          /* NULL: us-east-1 */
    const char *access_key, *secret_key, *token; /* NULL: the daemon's own, no token */
    const char *payload;                         /* NULL: the body's SHA-256 (S3), else as given */
    const char *headers[16];                     /* "Name: value", signed too; NULL-ended */
    const void *body;
    size_t body_len;
    int64_t clock_offset_ms; /* the signer's clock differs by this */
};
/* The request's bytes; sig (may be NULL) gets key and seed for chunks, the caller ends it. */
void wire_build(const struct daemon *daemon, const struct wire_request *req, struct buf *out, struct sigv4 *sig);
/* Sends it on a connection of its own and reads the answer. */
void wire_ask(const struct daemon *daemon, const struct wire_request *req, struct wire_answer *answer);
/* As wire_ask, for a status and a text in the body (NULL: any). */
void wire_expect(const struct daemon *daemon, const struct wire_request *req, int status, const char *text);
/* "/path?query" presigned for GET of S3; free it. */
char *wire_presign(const struct daemon *daemon, const char *path, int64_t expires_s, int64_t clock_offset_ms);
#endif
