/* The one home of libmicrohttpd: it accepts, parses heads and moves bytes; exchange.c decides. One thread per
 * connection with a small stack, so handlers may block. */
#include "backend/local/server.h"
#include "backend/local/cloud.h"
#include "backend/local/exchange.h"
#include "backend/local/gate.h"
#include "backend/local/links.h"
#include "backend/local/logfile.h"
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Stack and arena per connection: uploads are twice as fast with a 256 KiB arena than with 32 (research, engines.md 4);
 * neither takes memory before it is used. */
enum {
    CONNECTIONS_MAX = 512,
    STACK_BYTES = 256 * 1024,
    ARENA_BYTES = 256 * 1024,
    BACKLOG = 511,
    IDLE_DEFAULT_S = 75,
    SILENT_BODY_S = 120, /* no byte moves for this long in the middle of a body or an answer */
    STOP_WAIT_MS = 2000,
};

struct server {
    struct cloud *cloud;
    struct MHD_Daemon *mhd;
    struct links *links;
    struct gate gate;
    int listen_fd, stop_fd;
};

/* One request, as libmicrohttpd's context of it. */
struct ticket {
    struct server *server;
    struct exchange *exchange;
    struct link *link;
    bool has_head, is_inside, is_answered;
    int64_t sent;
};

/* --- connections --- */

static struct link *add_link(struct server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return links_add(server->links, fd ? fd->connect_fd : -1, peer ? peer->client_addr : NULL);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **link,
                          enum MHD_ConnectionNotificationCode code)
{
    struct server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        *link = add_link(server, connection);
    else if (*link)
        links_remove(server->links, *link);
}

/* --- requests --- */

/* Called with the target as on the wire, before the headers are read. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct server *server = context;
    struct ticket *ticket = calloc(1, sizeof *ticket);
    if (!ticket)
        abort();
    const union MHD_ConnectionInfo *link = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    ticket->server = server;
    ticket->link = link ? link->socket_context : NULL;
    ticket->exchange = exchange_new(server->cloud, target, ticket->link ? link_fd(ticket->link) : -1, server->stop_fd);
    return ticket;
}

/* Paths and queries are decoded by us, once. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name, const char *value)
{
    (void)kind;
    exchange_header(context, name, value ? value : "");
    return MHD_YES;
}

static enum MHD_Result add_header(struct MHD_Response *response, const struct pair *header)
{
    /* the length and the connection are the server's own business */
    if (strcasecmp(header->name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0 ||
        strcasecmp(header->name, MHD_HTTP_HEADER_CONNECTION) == 0)
        return MHD_YES;
    /* the library refuses an empty value; white space around a value is not part of it (RFC 9110 5.5) */
    return MHD_add_response_header(response, header->name, *header->value ? header->value : " ");
}

/* A body that is announced and then not sent whole: for HEAD, and for the fault cut=BYTES. */
struct partial {
    struct answer answer; /* owned: buffer and file */
    int64_t size, cut;
};

static ssize_t read_partial(void *context, uint64_t position, char *out, size_t max)
{
    struct partial *partial = context;
    const struct answer *answer = &partial->answer;
    int64_t left = partial->cut - (int64_t)position;
    if (left <= 0)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t take = (int64_t)max < left ? max : (size_t)left;
    if (answer->file_fd >= 0)
        return pread(answer->file_fd, out, take, (off_t)(answer->file_offset + (int64_t)position));
    size_t there = answer->body.len - (size_t)position;
    memcpy(out, answer->body.data + position, take < there ? take : there);
    return (ssize_t)(take < there ? take : there);
}

static void free_partial(void *context)
{
    struct partial *partial = context;
    buf_done(&partial->answer.body);
    if (partial->answer.file_fd >= 0)
        close(partial->answer.file_fd);
    free(partial);
}

static struct MHD_Response *partial_response(struct answer *answer, int64_t size, int64_t cut)
{
    struct partial *partial = calloc(1, sizeof *partial);
    if (!partial)
        abort();
    *partial = (struct partial){.answer = *answer, .size = size, .cut = cut};
    answer->body = BUF_INIT(0);
    answer->file_fd = -1;
    return MHD_create_response_from_callback((uint64_t)size, 32 * 1024, read_partial, partial, free_partial);
}

static struct MHD_Response *empty_response(void)
{
    return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
}

/* Takes over the answer's buffer or file. */
static struct MHD_Response *make_response(struct ticket *ticket, struct answer *answer, bool is_head)
{
    int64_t size = answer->file_fd >= 0 ? answer->file_len : (int64_t)answer->body.len;
    int64_t cut = exchange_cut(ticket->exchange);
    if (answer->status == 204 || answer->status == 304 || answer->status < 200)
        return empty_response();
    if (is_head)
        return partial_response(answer, answer->head_length >= 0 ? answer->head_length : size, 0);
    ticket->sent = size;
    if (cut >= 0 && cut < size)
        return partial_response(answer, size, ticket->sent = cut);
    if (size == 0)
        return empty_response();
    if (answer->file_fd < 0)
        return MHD_create_response_from_buffer((size_t)size, buf_take(&answer->body), MHD_RESPMEM_MUST_FREE);
    struct MHD_Response *response =
        MHD_create_response_from_fd_at_offset64((uint64_t)size, answer->file_fd, (uint64_t)answer->file_offset);
    answer->file_fd = -1;
    return response;
}

static enum MHD_Result send_answer(struct ticket *ticket, struct MHD_Connection *connection, const char *method)
{
    struct answer *answer = exchange_answer(ticket->exchange);
    struct MHD_Response *response = make_response(ticket, answer, strcmp(method, MHD_HTTP_METHOD_HEAD) == 0);
    if (!response)
        return MHD_NO;
    for (size_t i = 0; i < answer->headers.count; i++)
        if (add_header(response, &answer->headers.items[i]) != MHD_YES)
            logfile_write(ticket->server->cloud->log, "warning: answer header %s could not be sent",
                          answer->headers.items[i].name);
    MHD_add_response_header(response, MHD_HTTP_HEADER_SERVER, "weir-local");
    enum MHD_Result result = MHD_queue_response(connection, (unsigned int)answer->status, response);
    MHD_destroy_response(response);
    ticket->is_answered = result == MHD_YES;
    return result;
}

static void go_out(struct ticket *ticket)
{
    if (ticket->is_inside)
        gate_leave(&ticket->server->gate);
    ticket->is_inside = false;
}

static enum MHD_Result begin_request(struct ticket *ticket, struct MHD_Connection *connection, const char *method)
{
    ticket->has_head = true;
    links_set_busy(ticket->server->links, ticket->link, true);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, ticket->exchange);
    gate_enter(&ticket->server->gate);
    ticket->is_inside = true;
    if (exchange_head(ticket->exchange, method))
        return MHD_YES;
    enum MHD_Result result = send_answer(ticket, connection, method);
    go_out(ticket);
    return result;
}

/* libmicrohttpd calls this once after the head, then for each piece of the body, then once more. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *body, size_t *body_len, void **request)
{
    (void)context, (void)url, (void)version;
    struct ticket *ticket = *request;
    if (!ticket->has_head)
        return begin_request(ticket, connection, method);
    if (*body_len > 0) {
        size_t len = *body_len;
        *body_len = 0;
        return exchange_body(ticket->exchange, body, len) ? MHD_YES : MHD_NO;
    }
    if (ticket->is_answered)
        return MHD_YES;
    bool has_answer = exchange_finish(ticket->exchange);
    enum MHD_Result result = has_answer ? send_answer(ticket, connection, method) : MHD_NO;
    go_out(ticket);
    return result;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code)
{
    (void)context, (void)connection, (void)code;
    struct ticket *ticket = *request;
    if (!ticket)
        return;
    go_out(ticket);
    if (ticket->has_head) {
        exchange_log(ticket->exchange, ticket->sent);
        links_set_busy(ticket->server->links, ticket->link, false);
    }
    exchange_free(ticket->exchange);
    free(ticket);
    *request = NULL;
}

/* --- start and stop --- */

static int open_listener(int port, int *bound, struct err *err)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0 &&
        bind(fd, (struct sockaddr *)&address, len) == 0 && listen(fd, BACKLOG) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &len) == 0) {
        *bound = ntohs(address.sin_port);
        return fd;
    }
    err_set_errno(err, ERR_IO, "listening on 127.0.0.1:%d (another --port may be free)", port);
    if (fd >= 0)
        close(fd);
    return -1;
}

static struct server *server_new(struct cloud *cloud, const struct server_options *options)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    server->cloud = cloud;
    server->links = links_new(1000 * (options->idle_timeout_s > 0 ? options->idle_timeout_s : IDLE_DEFAULT_S));
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->listen_fd = -1;
    gate_init(&server->gate);
    return server;
}

static void server_free(struct server *server)
{
    links_free(server->links);
    gate_done(&server->gate);
    close(server->stop_fd);
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    free(server);
}

struct server *server_start(struct cloud *cloud, const struct server_options *options, int *bound, struct err *err)
{
    struct server *server = server_new(cloud, options);
    server->listen_fd = open_listener(options->port, bound, err);
    if (server->listen_fd < 0) {
        server_free(server);
        return NULL;
    }
    server->mhd = MHD_start_daemon(
        MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL | MHD_USE_ITC, 0, NULL, NULL,
        on_request, server, MHD_OPTION_LISTEN_SOCKET, server->listen_fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, server, MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)ARENA_BYTES, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned int)CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)SILENT_BODY_S, MHD_OPTION_END);
    if (server->mhd)
        return server;
    err_set(err, ERR_FAILED, "the HTTP server could not be started; check the limits of processes and open files");
    server_free(server);
    return NULL;
}

bool server_stop(struct server *server)
{
    uint64_t one = 1;
    MHD_quiesce_daemon(server->mhd);
    /* stalled and delayed answers give up */
    bool ok = write(server->stop_fd, &one, sizeof one) == sizeof one;
    if (!gate_wait_empty(&server->gate, STOP_WAIT_MS) || !ok)
        return false;
    MHD_stop_daemon(server->mhd);
    server_free(server);
    return true;
}

bool server_pause(struct server *server, int timeout_ms)
{
    return gate_close(&server->gate, timeout_ms);
}

void server_resume(struct server *server)
{
    gate_open(&server->gate);
}

int server_timer_fd(const struct server *server)
{
    return links_timer_fd(server->links);
}

void server_sweep(struct server *server)
{
    links_sweep(server->links);
}

struct server_counts server_count(struct server *server)
{
    return (struct server_counts){.requests = gate_passed(&server->gate), .connections = links_count(server->links)};
}
