/* The main loop and the control socket; see control.h. */
#include "backend/local/control.h"
#include "backend/base/path.h"
#include "backend/core/localfiles.h"
#include "backend/local/coverage.h"
#include "backend/local/fault.h"
#include "backend/local/keys.h"
#include "backend/local/logfile.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 256,
    LINE_LIMIT = 4096,   /* of a command */
    OUT_LIMIT = 1 << 20, /* of answers that a client has not read yet */
    FIRST_LEASE_MS = 10000,
    LINGER_MS = 2000,
    RESET_WAIT_MS = 5000,
};

struct client {
    int fd;
    struct buf in, out;
    bool is_lease, is_over;
};

struct control {
    struct cloud *cloud;
    struct server *server;
    const json_t *endpoint;
    int listen_fd, signal_fd;
    bool is_explicit, is_stopping;
    int64_t started_ms, alone_since_ms, patience_ms, linger_ms;
    struct client clients[CLIENTS_MAX];
    int count;
};

/* --- answers --- */

static void say(struct client *client, json_t *value)
{
    json_write(value, 0, &client->out);
    buf_putc(&client->out, '\n');
    if (client->out.failed)
        client->is_over = true;
    json_decref(value);
}

static json_t *fine(void)
{
    return json_pack("{s:b}", "ok", 1);
}

static json_t *bad(const char *text)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", text);
}

static int count_leases(const struct control *control)
{
    int leases = 0;
    for (int i = 0; i < control->count; i++)
        leases += control->clients[i].is_lease;
    return leases;
}

/* VmRSS of /proc/self/status; 0 when it cannot be read. */
static int64_t resident_bytes(void)
{
    struct buf text = BUF_INIT(64 * 1024);
    long long kib = 0;
    if (path_read("/proc/self/status", &text, NULL)) {
        const char *line = strstr(buf_text(&text), "VmRSS:");
        if (line)
            kib = strtoll(line + 6, NULL, 10);
    }
    buf_done(&text);
    return kib * 1024;
}

/* --- commands --- */

static json_t *run_status(struct control *control, struct client *client, const json_t *command)
{
    (void)client, (void)command;
    struct server_counts counts = server_count(control->server);
    json_t *answer = fine();
    json_object_update(answer, (json_t *)(uintptr_t)control->endpoint);
    json_t *more =
        json_pack("{s:s, s:I, s:b, s:i, s:I, s:I, s:I, s:i, s:i}", "dir", control->cloud->dir, "uptime_ms",
                  (json_int_t)(clock_mono(control->cloud->clock) - control->started_ms), "explicit",
                  control->is_explicit, "leases", count_leases(control), "connections", (json_int_t)counts.connections,
                  "requests", (json_int_t)counts.requests, "rss_bytes", (json_int_t)resident_bytes(), "faults",
                  faults_active(control->cloud->faults), "keys", keys_count(control->cloud->keys));
    json_object_update(answer, more);
    json_object_del(answer, "ready");
    json_decref(more);
    return answer;
}

static json_t *run_stop(struct control *control, struct client *client, const json_t *command)
{
    (void)client, (void)command;
    control->is_stopping = true;
    return fine();
}

static json_t *run_keep(struct control *control, struct client *client, const json_t *command)
{
    (void)client, (void)command;
    control->is_explicit = true;
    return fine();
}

static json_t *run_hold(struct control *control, struct client *client, const json_t *command)
{
    (void)control, (void)command;
    client->is_lease = true;
    return fine();
}

static json_t *run_coverage(struct control *control, struct client *client, const json_t *command)
{
    (void)control, (void)client, (void)command;
    return json_pack("{s:b, s:o}", "ok", 1, "services", coverage_json());
}

static json_t *run_reset(struct control *control, struct client *client, const json_t *command)
{
    (void)client, (void)command;
    struct err err = ERR_NONE;
    if (!server_pause(control->server, RESET_WAIT_MS))
        return bad("requests are still running after 5 s; stop them and try again");
    bool ok = cloud_reset(control->cloud, &err);
    if (!control->cloud->store)
        control->is_stopping = true; /* nothing can be served without it; the log says why */
    else
        server_resume(control->server);
    logfile_write(control->cloud->log, "reset %s", ok ? "done" : err.text);
    return ok ? fine() : bad(err.text);
}

static json_t *run_fault_add(struct control *control, struct client *client, const json_t *command)
{
    (void)client;
    struct err err = ERR_NONE;
    int64_t id = faults_add(control->cloud->faults, json_str(command, "text"), &err);
    return id ? json_pack("{s:b, s:I}", "ok", 1, "id", (json_int_t)id) : bad(err.text);
}

static json_t *run_fault_list(struct control *control, struct client *client, const json_t *command)
{
    (void)client, (void)command;
    return json_pack("{s:b, s:o}", "ok", 1, "faults", faults_list(control->cloud->faults));
}

static json_t *run_fault_clear(struct control *control, struct client *client, const json_t *command)
{
    (void)client;
    if (faults_clear(control->cloud->faults, json_int(command, "id", 0)))
        return fine();
    return bad("there is no fault of that id; list them with: weir local fault");
}

static const struct command {
    const char *name;
    json_t *(*run)(struct control *control, struct client *client, const json_t *command);
} commands[] = {
    {.name = "status", .run = run_status},
    {.name = "stop", .run = run_stop},
    {.name = "keep", .run = run_keep},
    {.name = "hold", .run = run_hold},
    {.name = "coverage", .run = run_coverage},
    {.name = "reset", .run = run_reset},
    {.name = "fault-add", .run = run_fault_add},
    {.name = "fault-list", .run = run_fault_list},
    {.name = "fault-clear", .run = run_fault_clear},
};

static json_t *run_line(struct control *control, struct client *client, const char *line, size_t len)
{
    struct err err = ERR_NONE;
    json_t *command = json_parse(line, len, &err), *answer = NULL;
    for (size_t i = 0; command && !answer && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(commands[i].name, json_str(command, "cmd")) == 0)
            answer = commands[i].run(control, client, command);
    json_decref(command);
    if (!answer)
        answer = bad(err.code != ERR_OK ? err.text : "unknown command");
    return answer;
}

/* --- clients --- */

static void accept_client(struct control *control)
{
    int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    if (control->count == CLIENTS_MAX) {
        close(fd);
        return;
    }
    struct client *client = &control->clients[control->count++];
    *client = (struct client){.fd = fd, .in = BUF_INIT(LINE_LIMIT), .out = BUF_INIT(OUT_LIMIT)};
    say(client, json_deep_copy(control->endpoint));
}

static void read_client(struct control *control, struct client *client)
{
    char *room = buf_reserve(&client->in, LINE_LIMIT - client->in.len);
    ssize_t got = room ? read(client->fd, room, LINE_LIMIT - client->in.len) : 0;
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        client->is_over = true; /* also when a line is too long: nobody of ours sends such */
        return;
    }
    client->in.len += (size_t)got;
    char *end;
    while (!client->is_over && (end = memchr(client->in.data, '\n', client->in.len)) != NULL) {
        size_t len = (size_t)(end - client->in.data);
        say(client, run_line(control, client, client->in.data, len));
        buf_consume(&client->in, len + 1);
    }
}

static void write_client(struct client *client)
{
    while (client->out.len > 0) {
        ssize_t wrote = send(client->fd, client->out.data, client->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0) {
            client->is_over = client->is_over || errno != EAGAIN;
            return;
        }
        buf_consume(&client->out, (size_t)wrote);
    }
}

static void drop_client(struct control *control, int index)
{
    struct client *client = &control->clients[index];
    bool was_lease = client->is_lease;
    close(client->fd);
    buf_done(&client->in);
    buf_done(&client->out);
    control->clients[index] = control->clients[--control->count];
    if (was_lease && count_leases(control) == 0) {
        control->alone_since_ms = clock_mono(control->cloud->clock);
        control->patience_ms = control->linger_ms;
    }
}

/* --- the loop --- */

/* ms until the daemon has been alone for too long; -1: it is not alone, or need not mind. */
static int64_t patience_left(const struct control *control)
{
    if (control->is_explicit || count_leases(control) > 0)
        return -1;
    int64_t left = control->alone_since_ms + control->patience_ms - clock_mono(control->cloud->clock);
    return left > 0 ? left : 0;
}

static void take_signal(struct control *control)
{
    struct signalfd_siginfo info;
    if (read(control->signal_fd, &info, sizeof info) != sizeof info)
        return;
    logfile_write(control->cloud->log, "signal %u: stopping", info.ssi_signo);
    control->is_stopping = true;
}

static int fill_polls(struct control *control, struct pollfd *fds)
{
    fds[0] = (struct pollfd){.fd = control->signal_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = control->listen_fd, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = server_timer_fd(control->server), .events = POLLIN};
    for (int i = 0; i < control->count; i++) {
        short wants = control->clients[i].out.len > 0 ? POLLIN | POLLOUT : POLLIN;
        fds[3 + i] = (struct pollfd){.fd = control->clients[i].fd, .events = wants};
    }
    return 3 + control->count;
}

static void serve_clients(struct control *control, const struct pollfd *fds, int count)
{
    for (int i = 0; i < count; i++) {
        if (fds[i].revents & (POLLIN | POLLHUP | POLLERR))
            read_client(control, &control->clients[i]);
        write_client(&control->clients[i]);
    }
    for (int i = control->count - 1; i >= 0; i--)
        if (control->clients[i].is_over)
            drop_client(control, i);
}

void control_run(struct control *control, struct server *server, const json_t *endpoint)
{
    struct pollfd fds[CLIENTS_MAX + 3];
    control->server = server;
    control->endpoint = endpoint;
    control->alone_since_ms = clock_mono(control->cloud->clock);
    while (!control->is_stopping) {
        int64_t left = patience_left(control);
        if (left == 0) {
            logfile_write(control->cloud->log, "the last client has gone: stopping");
            break;
        }
        int count = fill_polls(control, fds), known = control->count;
        if (poll(fds, (nfds_t)count, (int)left) <= 0)
            continue;
        if (fds[0].revents)
            take_signal(control);
        if (fds[2].revents)
            server_sweep(server);
        serve_clients(control, fds + 3, known);
        if (fds[1].revents)
            accept_client(control);
        for (int i = 0; i < control->count; i++)
            write_client(&control->clients[i]);
    }
}

static int listen_on(const char *path, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        err_set(err, ERR_CONFIG, "the state directory's path is too long for its socket %s; use a shorter --dir", path);
        return -1;
    }
    strcpy(address.sun_path, path);
    unlink(path); /* ours alone: the lock is held */
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(path, 0600) == 0 &&
        listen(fd, CLIENTS_MAX) == 0)
        return fd;
    err_set_errno(err, ERR_IO, "listening on %s", path);
    if (fd >= 0)
        close(fd);
    return -1;
}

struct control *control_open(const struct control_options *options, struct err *err)
{
    char path[PATH_SIZE];
    struct control *control = calloc(1, sizeof *control);
    if (!control)
        abort();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    control->cloud = options->cloud;
    control->is_explicit = options->is_explicit;
    control->patience_ms = options->first_lease_ms ? options->first_lease_ms : FIRST_LEASE_MS;
    control->linger_ms = options->linger_ms ? options->linger_ms : LINGER_MS;
    control->started_ms = clock_mono(options->cloud->clock);
    control->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    control->listen_fd = path_join(path, options->cloud->dir, LOCALFILES_CONTROL, err) ? listen_on(path, err) : -1;
    if (control->listen_fd >= 0)
        return control;
    close(control->signal_fd);
    free(control);
    return NULL;
}

void control_close(struct control *control)
{
    char path[PATH_SIZE];
    if (!control)
        return;
    if (path_join(path, control->cloud->dir, LOCALFILES_CONTROL, NULL))
        unlink(path);
    close(control->listen_fd);
    close(control->signal_fd);
    for (int i = 0; i < control->count; i++) {
        write_client(&control->clients[i]);
        buf_done(&control->clients[i].in);
        buf_done(&control->clients[i].out);
    }
    free(control);
}
