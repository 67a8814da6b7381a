/* The test server: sockets, threads, and just enough HTTP/1.1 to read a request. */
#include "tests/lib/testserver.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 512 };

struct connection {
    struct testserver *server;
    int fd, number;
};
struct testserver {
    testserver_handler *handler;
    void *context;
    int listen_fd, stop_fd, port;
    pthread_t acceptor, threads[CONNECTIONS_MAX];
    struct connection connections[CONNECTIONS_MAX];
    int count; /* under the lock, as is the next one */
    int requests;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    char url[4096];
};

static void die(const char *what)
{
    perror(what);
    abort();
}

bool testserver_write(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

bool testserver_reply(int fd, int status, const char *headers, const void *body, size_t len)
{
    char head[4096];
    int size = snprintf(head, sizeof head, "HTTP/1.1 %d Status\r\n%sContent-Length: %zu\r\n\r\n", status, headers, len);
    return testserver_write(fd, head, (size_t)size) && testserver_write(fd, body, len);
}

const char *testserver_header(const struct test_request *req, const char *name, char *out, size_t size)
{
    size_t len = strlen(name);
    out[0] = '\0';
    for (const char *line = strstr(req->head, "\r\n"); line && line[2]; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, name, len) == 0 && line[2 + len] == ':') {
            const char *value = line + 3 + len;
            value += strspn(value, " ");
            snprintf(out, size, "%.*s", (int)strcspn(value, "\r"), value);
            return out;
        }
    return out;
}

/* Reads more bytes, unless the server stops or the peer is gone. */
static ssize_t read_some(struct testserver *server, int fd, char *out, size_t size)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = server->stop_fd, .events = POLLIN}};
    if (poll(fds, 2, -1) < 0 || fds[1].revents)
        return -1;
    return recv(fd, out, size, 0);
}

bool testserver_hang(struct testserver *server, int fd)
{
    char ignored[4096];
    while (read_some(server, fd, ignored, sizeof ignored) > 0)
        ;
    return false;
}

static bool read_head(struct testserver *server, int fd, struct test_request *req, size_t *extra, char *rest)
{
    size_t used = 0;
    char *end = NULL;
    while (!end) {
        if (used + 1 >= sizeof req->head)
            return false;
        ssize_t got = read_some(server, fd, req->head + used, sizeof req->head - 1 - used);
        if (got <= 0)
            return false;
        used += (size_t)got;
        req->head[used] = '\0';
        if (req->head[0] == 0x16) { /* a TLS handshake: answered in plain text, as servers without TLS do */
            testserver_reply(fd, 400, "", "", 0);
            return false;
        }
        end = strstr(req->head, "\r\n\r\n");
    }
    *extra = used - (size_t)(end + 4 - req->head);
    memcpy(rest, end + 4, *extra);
    end[4] = '\0';
    return sscanf(req->head, "%15s %2047s", req->method, req->target) == 2;
}

static bool read_body(struct testserver *server, int fd, struct test_request *req, const char *rest, size_t extra)
{
    char value[64];
    req->body_len = (size_t)strtoull(testserver_header(req, "Content-Length", value, sizeof value), NULL, 10);
    req->body = malloc(req->body_len + 1);
    if (!req->body)
        abort();
    if (strcasecmp(testserver_header(req, "Expect", value, sizeof value), "100-continue") == 0)
        testserver_write(fd, "HTTP/1.1 100 Continue\r\nDate: never\r\n\r\n", 38);
    memcpy(req->body, rest, extra);
    for (size_t used = extra; used < req->body_len;) {
        ssize_t got = read_some(server, fd, req->body + used, req->body_len - used);
        if (got <= 0)
            return false;
        used += (size_t)got;
    }
    req->body[req->body_len] = '\0';
    return true;
}

static bool serve_request(struct connection *connection, struct test_request *req)
{
    static _Thread_local char rest[sizeof req->head];
    struct testserver *server = connection->server;
    size_t extra;
    if (!read_head(server, connection->fd, req, &extra, rest) || !read_body(server, connection->fd, req, rest, extra))
        return false;
    pthread_mutex_lock(&server->lock);
    server->requests++;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
    return server->handler(server, req, connection->fd, server->context);
}

static void *serve_connection(void *context)
{
    struct connection *connection = context;
    struct test_request *req = malloc(sizeof *req);
    bool more = req != NULL;
    while (more) {
        *req = (struct test_request){.connection = connection->number};
        more = serve_request(connection, req);
        free(req->body);
    }
    free(req);
    close(connection->fd);
    return NULL;
}

static void *accept_connections(void *context)
{
    struct testserver *server = context;
    struct pollfd fds[] = {{.fd = server->listen_fd, .events = POLLIN}, {.fd = server->stop_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
        int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            die("accept");
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* head and body are two writes */
        pthread_mutex_lock(&server->lock);
        if (server->count == CONNECTIONS_MAX)
            die("too many connections for a test");
        int index = server->count++;
        server->connections[index] = (struct connection){.server = server, .fd = fd, .number = index + 1};
        if (pthread_create(&server->threads[index], NULL, serve_connection, &server->connections[index]) != 0)
            die("pthread_create");
        pthread_mutex_unlock(&server->lock);
    }
    return NULL;
}

static int listen_on_loopback(int *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 256) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        die("listening on loopback");
    *port = ntohs(address.sin_port);
    return fd;
}

struct testserver *testserver_start(testserver_handler *handler, void *context)
{
    struct testserver *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    server->handler = handler;
    server->context = context;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    server->stop_fd = eventfd(0, EFD_CLOEXEC);
    server->listen_fd = listen_on_loopback(&server->port);
    if (pthread_create(&server->acceptor, NULL, accept_connections, server) != 0)
        die("pthread_create");
    return server;
}

void testserver_stop(struct testserver *server)
{
    if (eventfd_write(server->stop_fd, 1) != 0)
        die("eventfd");
    pthread_join(server->acceptor, NULL);
    for (int i = 0; i < server->count; i++)
        pthread_join(server->threads[i], NULL);
    close(server->listen_fd);
    close(server->stop_fd);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->changed);
    free(server);
}

int testserver_port(const struct testserver *server)
{
    return server->port;
}

const char *testserver_url(struct testserver *server, const char *path)
{
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d%s", server->port, path);
    return server->url;
}

int testserver_connections(struct testserver *server)
{
    pthread_mutex_lock(&server->lock);
    int count = server->count;
    pthread_mutex_unlock(&server->lock);
    return count;
}

int testserver_requests(struct testserver *server)
{
    pthread_mutex_lock(&server->lock);
    int count = server->requests;
    pthread_mutex_unlock(&server->lock);
    return count;
}

void testserver_wait_requests(struct testserver *server, int count)
{
    pthread_mutex_lock(&server->lock);
    while (server->requests < count)
        pthread_cond_wait(&server->changed, &server->lock);
    pthread_mutex_unlock(&server->lock);
}

int testserver_closed_port(void)
{
    int port;
    close(listen_on_loopback(&port));
    return port;
}
