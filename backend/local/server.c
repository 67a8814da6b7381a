/* The one home of libmicrohttpd: it accepts, parses heads and moves bytes; exchange.c decides. One thread per connection
 * with a small stack, so handlers may block. What is here beside that: the gate that lets the main loop stop or empty the
 * cloud while no handler runs, and the deadline of connections that stay silent. */
#include "backend/local/server.h"
#include "backend/local/cloud.h"
#include "backend/local/exchange.h"
#include "backend/local/logfile.h"
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
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

/* One connection. */
struct link {
    int fd;
    struct sockaddr_in peer; /* tells a reused descriptor from the connection that had it */
    int64_t deadline_ms;     /* a whole head must have come; meaningless while is_busy */
    bool is_busy;            /* a request is being handled */
    struct link *next, *previous;
};

struct server {
    struct cloud *cloud;
    struct MHD_Daemon *mhd;
    int listen_fd, timer_fd, stop_fd;
    int64_t idle_ms;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* active or is_paused */
    int active;
    bool is_paused;
    struct link *links;
    struct server_counts counts;
    int64_t timer_ms; /* when the timer is set to fire; 0: not set */
};

/* One request, as libmicrohttpd's context of it. */
struct ticket {
    struct server *server;
    struct exchange *exchange;
    struct link *link;
    bool has_head, is_inside, is_answered;
    int64_t sent;
};

/* --- the gate --- */

static void enter(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    while (server->is_paused)
        pthread_cond_wait(&server->changed, &server->lock);
    server->active++;
    server->counts.requests++;
    pthread_mutex_unlock(&server->lock);
}

static void leave(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->active--;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

static bool wait_inactive(struct server *server, int timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    int result = 0;
    while (server->active > 0 && result == 0)
        result = pthread_cond_timedwait(&server->changed, &server->lock, &until);
    return server->active == 0;
}

bool server_pause(struct server *server, int timeout_ms)
{
    pthread_mutex_lock(&server->lock);
    server->is_paused = true;
    bool ok = wait_inactive(server, timeout_ms);
    pthread_mutex_unlock(&server->lock);
    if (!ok)
        server_resume(server);
    return ok;
}

void server_resume(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->is_paused = false;
    pthread_cond_broadcast(&server->changed);
    pthread_mutex_unlock(&server->lock);
}

/* --- silent connections --- */

/* Sets the timer to the earliest deadline; called with the lock held. */
static void arm_timer(struct server *server)
{
    int64_t first = 0;
    for (const struct link *link = server->links; link; link = link->next)
        if (!link->is_busy && (first == 0 || link->deadline_ms < first))
            first = link->deadline_ms;
    if (first == server->timer_ms)
        return;
    struct itimerspec when = {.it_value = {.tv_sec = first / 1000, .tv_nsec = first % 1000 * 1000000L}};
    timerfd_settime(server->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
    server->timer_ms = first;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set_busy(struct server *server, struct link *link, bool is_busy)
{
    if (!link)
        return;
    pthread_mutex_lock(&server->lock);
    link->is_busy = is_busy;
    link->deadline_ms = now_ms() + server->idle_ms;
    /* an earlier deadline is only ever set by a new connection: leave the timer when it is set, it looks again */
    if (server->timer_ms == 0)
        arm_timer(server);
    pthread_mutex_unlock(&server->lock);
}

static bool is_same_peer(const struct link *link)
{
    struct sockaddr_in peer;
    socklen_t len = sizeof peer;
    return getpeername(link->fd, (struct sockaddr *)&peer, &len) == 0 && peer.sin_port == link->peer.sin_port &&
           peer.sin_family == AF_INET;
}

int server_timer_fd(const struct server *server)
{
    return server->timer_fd;
}

void server_sweep(struct server *server)
{
    uint64_t fired;
    if (read(server->timer_fd, &fired, sizeof fired) < 0)
        return;
    pthread_mutex_lock(&server->lock);
    int64_t now = now_ms();
    for (struct link *link = server->links; link; link = link->next) {
        if (link->is_busy || link->deadline_ms > now)
            continue;
        if (is_same_peer(link))
            shutdown(link->fd, SHUT_RDWR); /* its own thread wakes up and closes it */
        link->deadline_ms = now + server->idle_ms;
    }
    server->timer_ms = 0;
    arm_timer(server);
    pthread_mutex_unlock(&server->lock);
}

static void add_link(struct server *server, struct MHD_Connection *connection, void **context)
{
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    struct link *link = calloc(1, sizeof *link);
    if (!link)
        abort();
    link->fd = fd ? fd->connect_fd : -1;
    if (peer && peer->client_addr && peer->client_addr->sa_family == AF_INET)
        memcpy(&link->peer, peer->client_addr, sizeof link->peer);
    pthread_mutex_lock(&server->lock);
    link->deadline_ms = now_ms() + server->idle_ms;
    link->next = server->links;
    if (link->next)
        link->next->previous = link;
    server->links = link;
    server->counts.connections++;
    if (server->timer_ms == 0)
        arm_timer(server);
    pthread_mutex_unlock(&server->lock);
    *context = link;
}

static void remove_link(struct server *server, struct link *link)
{
    pthread_mutex_lock(&server->lock);
    if (link->previous)
        link->previous->next = link->next;
    else
        server->links = link->next;
    if (link->next)
        link->next->previous = link->previous;
    server->counts.connections--;
    if (!server->links)
        arm_timer(server); /* nobody left: no wake-up either */
    pthread_mutex_unlock(&server->lock);
    free(link);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **link,
                          enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        add_link(context, connection, link);
    else if (*link)
        remove_link(context, *link);
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
    ticket->exchange = exchange_new(server->cloud, target, ticket->link ? ticket->link->fd : -1, server->stop_fd);
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
        leave(ticket->server);
    ticket->is_inside = false;
}

static enum MHD_Result begin_request(struct ticket *ticket, struct MHD_Connection *connection, const char *method)
{
    ticket->has_head = true;
    set_busy(ticket->server, ticket->link, true);
    MHD_get_connection_values(connection, MHD_HEADER_KIND, take_header, ticket->exchange);
    enter(ticket->server);
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
        set_busy(ticket->server, ticket->link, false);
    }
    exchange_free(ticket->exchange);
    free(ticket);
    *request = NULL;
}

/* --- start and stop --- */

static int open_listener(int port, int *bound, struct err *err)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
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
    pthread_condattr_t attributes;
    if (!server)
        abort();
    server->cloud = cloud;
    server->idle_ms = 1000 * (options->idle_timeout_s > 0 ? options->idle_timeout_s : IDLE_DEFAULT_S);
    pthread_mutex_init(&server->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&server->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    server->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    server->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    server->listen_fd = -1;
    return server;
}

static void server_free(struct server *server)
{
    close(server->timer_fd);
    close(server->stop_fd);
    if (server->listen_fd >= 0)
        close(server->listen_fd);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
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
    pthread_mutex_lock(&server->lock);
    ok = wait_inactive(server, STOP_WAIT_MS) && ok;
    pthread_mutex_unlock(&server->lock);
    if (!ok)
        return false;
    MHD_stop_daemon(server->mhd);
    server_free(server);
    return true;
}

struct server_counts server_count(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    struct server_counts counts = server->counts;
    pthread_mutex_unlock(&server->lock);
    return counts;
}
