/* A tiny HTTP/1.1 server inside a test: it knows only what it takes to misbehave on purpose (answers cut in the middle,
 * silence, garbage). Nothing of the program is used, so that both sides cannot share a mistake. One thread accepts, one
 * more serves each connection. */
#ifndef WEIR_TESTS_TESTSERVER_H
#define WEIR_TESTS_TESTSERVER_H
#include <stdbool.h>
#include <stddef.h>

struct testserver;
struct test_request {
    char method[16], target[2048];
    char head[16384]; /* the whole head, NUL-ended */
    char *body;
    size_t body_len;
    int connection; /* 1 for the server's first connection */
};
/* Writes an answer to fd; false closes the connection. On the connection's thread. */
typedef bool testserver_handler(struct testserver *server, const struct test_request *req, int fd, void *context);

/* Listens on 127.0.0.1, any free port; aborts when it cannot. */
struct testserver *testserver_start(testserver_handler *handler, void *context);
void testserver_stop(struct testserver *server); /* also ends handlers in testserver_hang */
int testserver_port(const struct testserver *server);
/* "http://127.0.0.1:PORT" path, valid until the next call of the same server. */
const char *testserver_url(struct testserver *server, const char *path);
int testserver_connections(struct testserver *server);
int testserver_requests(struct testserver *server);
/* Waits until so many requests have been read. */
void testserver_wait_requests(struct testserver *server, int count);

/* For handlers. headers: "Name: value\r\n" lines, "" for none. */
bool testserver_reply(int fd, int status, const char *headers, const void *body, size_t len);
bool testserver_write(int fd, const void *bytes, size_t len);
/* Waits until the server stops or the peer closes; returns false. */
bool testserver_hang(struct testserver *server, int fd);
/* The value of a request header into out ("" when absent). */
const char *testserver_header(const struct test_request *req, const char *name, char *out, size_t size);
/* A port on which nothing listens. */
int testserver_closed_port(void);
#endif
