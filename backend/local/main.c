/* weir-local, the embedded cloud's daemon: parses its flags, takes the state directory's lock, opens the cloud and the
 * server, says where it is, and hands over to the main loop in control.c. Everything here runs on the main thread. */
#include "backend/base/digest.h"
#include "backend/base/path.h"
#include "backend/core/localfiles.h"
#include "backend/local/control.h"
#include "backend/local/coverage.h"
#include "backend/local/fault.h"
#include "backend/local/keys.h"
#include "backend/local/logfile.h"
#include "backend/local/options.h"
#include "backend/local/sql_worker.h"
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LOG_MAX_BYTES (8 << 20)
/* Descriptors: 512 connections, each with a file, beside SQLite's. */
enum { FILES_WANTED = 4096, LOCK_WAIT_S = 4, ARENAS = 4 };

static int print_help(void)
{
    struct buf text = BUF_INIT(64 * 1024);
    puts("usage: weir-local [OPTION...]\nThe embedded cloud: AWS interfaces on 127.0.0.1, state in one directory.\n");
    opt_help(local_option_rows, &text);
    fputs(buf_text(&text), stdout);
    buf_done(&text);
    return 0;
}

static int print_coverage(void)
{
    struct buf text = BUF_INIT(1 << 20);
    coverage_text(&text);
    fputs(buf_text(&text), stdout);
    buf_done(&text);
    return 0;
}

/* Writes one line to the descriptor that the starter watches. */
static void tell(int fd, json_t *value)
{
    struct buf line = BUF_INIT(64 * 1024);
    if (fd >= 0) {
        json_write(value, 0, &line);
        buf_putc(&line, '\n');
        /* a starter that has gone is no reason to end */
        ssize_t wrote = write(fd, buf_text(&line), line.len);
        (void)wrote;
        close(fd);
    }
    buf_done(&line);
    json_decref(value);
}

static int complain(const struct local_options *options, const struct err *err)
{
    fprintf(stderr, "weir-local: %s\n", err->text);
    tell((int)options->ready_fd, json_pack("{s:s, s:s}", "error", err->text, "code", err_name(err->code)));
    return err_exit_code(err);
}

static bool find_dir(struct local_options *options, struct err *err)
{
    char xdg[PATH_SIZE], path[PATH_SIZE];
    if (!options->dir[0] &&
        (!path_xdg_dir(XDG_STATE, xdg, err) || !path_join(options->dir, xdg, LOCALFILES_SUBDIR, err)))
        return false;
    if (options->dir[0] != '/') { /* clients and the log name it from elsewhere */
        char here[PATH_SIZE];
        if (!getcwd(here, sizeof here) || !path_join(path, here, options->dir, err))
            return err_set_errno(err, ERR_IO, "the current directory");
        memcpy(options->dir, path, sizeof path);
    }
    if (!path_make_dirs(options->dir, 0700, err))
        return false;
    return chmod(options->dir, 0700) == 0 || err_set_errno(err, ERR_IO, "chmod 0700 %s", options->dir);
}

static void on_alarm(int signal)
{
    (void)signal;
}

/* One that is ending still holds the lock for a moment: waits, but not for long. */
static bool wait_for_lock(int fd)
{
    struct sigaction action = {.sa_handler = on_alarm}, before;
    sigaction(SIGALRM, &action, &before); /* without SA_RESTART, so that flock returns */
    alarm(LOCK_WAIT_S);
    bool ok = flock(fd, LOCK_EX) == 0;
    alarm(0);
    sigaction(SIGALRM, &before, NULL);
    return ok;
}

static bool is_answering(const char *dir)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", dir, LOCALFILES_CONTROL) >=
        (int)sizeof address.sun_path)
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool ok = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The lock's descriptor, kept until the process ends; -1: another one runs here, or *err. */
static int take_lock(const struct local_options *options, bool *is_running, struct err *err)
{
    char path[PATH_SIZE];
    *is_running = false;
    if (!path_join(path, options->dir, LOCALFILES_LOCK, err))
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        err_set_errno(err, ERR_IO, "opening %s", path);
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    *is_running = is_answering(options->dir);
    if (!*is_running && wait_for_lock(fd))
        return fd;
    *is_running = true;
    close(fd);
    return -1;
}

/* A second start names the first. */
static int report_running(const struct local_options *options)
{
    char path[PATH_SIZE];
    struct buf text = BUF_INIT(64 * 1024);
    struct err err = ERR_NONE;
    json_t *endpoint = NULL;
    if (path_join(path, options->dir, LOCALFILES_ENDPOINT, &err) && path_read(path, &text, &err))
        endpoint = json_parse(buf_text(&text), text.len, &err);
    fprintf(stderr, "weir-local: already running for %s: pid %lld at %s\n", options->dir,
            (long long)json_int(endpoint, "pid", 0), json_str(endpoint, "url"));
    json_t *busy = json_pack("{s:b}", "busy", 1);
    if (endpoint)
        json_object_update(busy, endpoint);
    tell((int)options->ready_fd, busy);
    json_decref(endpoint);
    buf_done(&text);
    return 1;
}

/* Written without fsync: it means nothing after the process has gone. */
static bool write_endpoint(const struct cloud *cloud, const json_t *endpoint, struct err *err)
{
    char path[PATH_SIZE], temporary[PATH_SIZE];
    struct buf text = BUF_INIT(64 * 1024);
    json_t *kept = json_copy((json_t *)(uintptr_t)endpoint);
    json_object_del(kept, "ready"); /* what is said of a moment does not belong in a file */
    json_write(kept, 2, &text);
    json_decref(kept);
    buf_putc(&text, '\n');
    bool ok = path_join(path, cloud->dir, LOCALFILES_ENDPOINT, err) &&
              path_join(temporary, cloud->dir, LOCALFILES_ENDPOINT ".new", err);
    int fd = ok ? open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
    if (ok && (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len || rename(temporary, path) != 0))
        ok = err_set_errno(err, ERR_IO, "writing %s", path);
    if (fd >= 0)
        close(fd);
    buf_done(&text);
    return ok;
}

static void remove_endpoint(const struct cloud *cloud)
{
    char path[PATH_SIZE];
    if (path_join(path, cloud->dir, LOCALFILES_ENDPOINT, NULL))
        unlink(path);
}

static void set_up_process(void)
{
    struct rlimit files, no_core = {0};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL); /* they come through control.c's signalfd */
    signal(SIGPIPE, SIG_IGN);
    setlocale(LC_CTYPE, "C.UTF-8");
    umask(077);
    setrlimit(RLIMIT_CORE, &no_core); /* keys are in memory */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < FILES_WANTED) {
        files.rlim_cur = files.rlim_max < FILES_WANTED ? files.rlim_max : FILES_WANTED;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    mallopt(M_ARENA_MAX, ARENAS); /* hundreds of short-lived threads must not each keep a heap */
}

/* Standard streams to /dev/null, in a session of its own. */
static void leave_terminal(void)
{
    setsid();
    int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
    if (null > 2)
        close(null);
}

/* In the parent of a detached daemon: waits for its first line and shows it. */
static int watch_start(int fd)
{
    struct buf line = BUF_INIT(64 * 1024);
    char *room;
    ssize_t got;
    while ((room = buf_reserve(&line, 4096)) && (got = read(fd, room, 4096)) != 0) {
        if (got < 0 && errno != EINTR)
            break;
        line.len += got > 0 ? (size_t)got : 0;
    }
    json_t *said = json_parse(buf_text(&line), line.len, NULL);
    bool is_ready = json_bool(said, "ready", false);
    if (is_ready)
        printf("weir-local: pid %lld at %s\n", (long long)json_int(said, "pid", 0), json_str(said, "url"));
    else if (json_bool(said, "busy", false))
        fprintf(stderr, "weir-local: already running: pid %lld at %s\n", (long long)json_int(said, "pid", 0),
                json_str(said, "url"));
    else
        fprintf(stderr, "weir-local: %s\n", said ? json_str(said, "error") : "ended before it was ready; see its log");
    json_decref(said);
    buf_done(&line);
    return is_ready ? 0 : 1;
}

/* True in the process that goes on as the daemon; else *status is this one's exit status. */
static bool detach(struct local_options *options, int *status)
{
    int ends[2] = {-1, -1};
    bool is_watched = options->ready_fd < 0;
    if (is_watched && pipe(ends) != 0)
        return true;
    fflush(NULL);
    pid_t pid = fork();
    if (pid != 0) {
        if (ends[1] >= 0)
            close(ends[1]);
        *status = pid < 0 ? 1 : is_watched ? watch_start(ends[0]) : 0;
        return false;
    }
    if (is_watched) {
        close(ends[0]);
        options->ready_fd = ends[1];
    }
    if (options->ready_fd >= 0)
        fcntl((int)options->ready_fd, F_SETFD, FD_CLOEXEC);
    leave_terminal();
    return true;
}

static bool open_cloud(struct cloud *cloud, const struct local_options *options, struct err *err)
{
    char path[PATH_SIZE];
    *cloud = (struct cloud){.clock = &clock_system};
    snprintf(cloud->dir, sizeof cloud->dir, "%s", options->dir);
    snprintf(cloud->region, sizeof cloud->region, "%s", options->region);
    cloud->faults = faults_new();
    return path_join(path, options->dir, LOCALFILES_LOG, err) &&
           (cloud->log = logfile_open(path, LOG_MAX_BYTES, !options->is_detached, err)) &&
           (cloud->keys = keys_open(options->dir, options->keys, err)) && cloud_open(cloud, err);
}

static json_t *describe(const struct cloud *cloud, int port)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d", port);
    return json_pack("{s:b, s:s, s:i, s:I, s:s, s:s, s:s}", "ready", 1, "url", url, "port", port, "pid",
                     (json_int_t)getpid(), "region", cloud->region, "access_key_id", keys_own_access(cloud->keys),
                     "account", CLOUD_ACCOUNT);
}

static int serve(struct cloud *cloud, struct control *control, const struct local_options *options)
{
    struct err err = ERR_NONE;
    struct server_options server_options = {.port = (int)options->port, .idle_timeout_s = options->idle_timeout_s};
    int port = 0;
    struct server *server = server_start(cloud, &server_options, &port, &err);
    if (!server)
        return complain(options, &err);
    json_t *endpoint = describe(cloud, port);
    int status = 0;
    if (write_endpoint(cloud, endpoint, &err)) {
        logfile_write(cloud->log, "ready at http://127.0.0.1:%d, pid %d, region %s", port, getpid(), cloud->region);
        tell((int)options->ready_fd, json_incref(endpoint));
        control_run(control, server, endpoint);
    } else {
        status = complain(options, &err);
    }
    remove_endpoint(cloud);
    if (!server_stop(server)) {
        /* their store must stay under them; what they have not finished was not acknowledged */
        logfile_write(cloud->log, "requests still run: ending without them");
        _exit(1);
    }
    json_decref(endpoint);
    return status;
}

static int run(const struct local_options *options)
{
    struct cloud cloud;
    struct err err = ERR_NONE;
    bool is_running = false;
    int lock = take_lock(options, &is_running, &err);
    if (lock < 0)
        return is_running ? report_running(options) : complain(options, &err);
    int status;
    struct control *control = NULL;
    struct control_options control_options = {
        .cloud = &cloud, .is_explicit = options->is_explicit, .linger_ms = options->linger_ms};
    /* the socket first: whoever comes while the rest starts waits there for the hello */
    cloud = (struct cloud){.clock = &clock_system};
    snprintf(cloud.dir, sizeof cloud.dir, "%s", options->dir);
    control = control_open(&control_options, &err);
    if (control && open_cloud(&cloud, options, &err))
        status = serve(&cloud, control, options);
    else
        status = complain(options, &err);
    control_close(control);
    logfile_write(cloud.log, "ended");
    cloud_close(&cloud);
    return status; /* the lock ends with the process */
}

int main(int argc, char **argv)
{
    path_fill_standard_fds();
    struct local_options options = {0};
    struct err err = ERR_NONE;
    if (argc == 2 && strcmp(argv[1], "--sql-worker") == 0) /* our own child: no row, so no line of --help */
        return sql_worker_main();
    opt_defaults(local_option_rows, &options);
    int left = opt_parse_argv(local_option_rows, &options, argc - 1, argv + 1, &err);
    if (left > 0)
        err_set(&err, ERR_USAGE, "unexpected argument \"%s\"; see --help", argv[1]);
    if (options.wants_help)
        return print_help();
    if (left == 0 && options.wants_coverage)
        return print_coverage();
    if (left != 0 || !find_dir(&options, &err))
        return complain(&options, &err);
    int status = 0;
    set_up_process();
    if (options.is_detached && !detach(&options, &status))
        return status;
    /* whoever types it in a shell means it to stay; a client that starts it detaches it and holds a lease */
    options.is_explicit = options.is_explicit || !options.is_detached || options.is_foreground;
    return run(&options);
}
