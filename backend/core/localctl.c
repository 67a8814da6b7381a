/* Asking the embedded cloud's daemon over its control socket: one connection per command, JSON lines, every wait with a
 * deadline; see localctl.h. Finding and starting it is in localctl_start.c. */
#include "backend/core/localctl.h"
#include "backend/base/clock.h"
#include "backend/base/digest.h"
#include "backend/base/path.h"
#include "backend/core/localctl_wire.h"
#include "backend/core/localfiles.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* An answer is at most the coverage listing. Reset may wait 5 s for running requests. */
enum { ANSWER_MAX = 4 << 20, COMMAND_MS = 10000, LOG_TAIL_MAX = 4 << 20 };

bool localctl_default_dir(char out[4096], struct err *err)
{
    char state[PATH_SIZE];
    return path_xdg_dir(XDG_STATE, state, err) && path_join(out, state, LOCALFILES_SUBDIR, err);
}

bool local_resolve_dir(const char *dir, char out[4096], struct err *err)
{
    if (!dir || !*dir)
        return localctl_default_dir(out, err);
    if (snprintf(out, PATH_SIZE, "%s", dir) < PATH_SIZE)
        return true;
    return err_set(err, ERR_CONFIG, "the state directory's path is too long");
}

/* --- lines with a deadline --- */

int64_t local_deadline(int timeout_ms)
{
    return clock_mono(&clock_system) + (timeout_ms > 0 ? timeout_ms : COMMAND_MS);
}

bool local_wait(int fd, short events, int64_t deadline_ms)
{
    for (;;) {
        int64_t left = deadline_ms - clock_mono(&clock_system);
        struct pollfd poll_fd = {.fd = fd, .events = events};
        int ready = left > 0 ? poll(&poll_fd, 1, (int)left) : 0;
        if (ready >= 0 || errno != EINTR)
            return ready > 0;
    }
}

/* The daemon is there but says nothing: names its process when the endpoint file does. */
bool local_silent(const char *dir, struct err *err)
{
    char path[PATH_SIZE];
    struct buf text = BUF_INIT(64 * 1024);
    json_t *endpoint = NULL;
    if (path_join(path, dir, LOCALFILES_ENDPOINT, NULL) && path_read(path, &text, NULL))
        endpoint = json_parse(buf_text(&text), text.len, NULL);
    long long pid = json_int(endpoint, "pid", 0);
    json_decref(endpoint);
    buf_done(&text);
    if (pid > 0)
        return err_set(err, ERR_TIMEOUT,
                       "the embedded cloud (pid %lld) does not answer; if it is stopped: kill -CONT %lld, or end it: "
                       "kill -9 %lld",
                       pid, pid, pid);
    return err_set(err, ERR_TIMEOUT, "the embedded cloud does not answer in %.120s", dir);
}

enum local_line local_read_line(int fd, struct buf *pending, struct buf *line, int64_t deadline_ms)
{
    for (;;) {
        char *end = pending->len ? memchr(pending->data, '\n', pending->len) : NULL;
        if (end) {
            size_t len = (size_t)(end - pending->data);
            buf_clear(line);
            bool ok = buf_append(line, pending->data, len);
            buf_consume(pending, len + 1);
            return ok ? LOCAL_LINE : LOCAL_END;
        }
        if (!local_wait(fd, POLLIN, deadline_ms))
            return LOCAL_SILENCE;
        char *room = buf_reserve(pending, 4096);
        ssize_t got = room ? read(fd, room, 4096) : 0;
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got <= 0)
            return LOCAL_END;
        pending->len += (size_t)got;
    }
}

/* --- one conversation --- */

static bool not_running(const char *dir, struct err *err)
{
    return err_set(err, ERR_NOT_FOUND, "no embedded cloud runs for %.150s; start it: weir local start", dir);
}

static int connect_control(const char *dir, int64_t deadline_ms, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s/%s", dir, LOCALFILES_CONTROL) >=
        (int)sizeof address.sun_path) {
        err_set(err, ERR_CONFIG, "the state directory's path is too long for its socket: %.120s", dir);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    /* a full queue of a daemon that does not accept: it is stopped */
    if (errno == EAGAIN)
        local_silent(dir, err);
    else if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
        not_running(dir, err);
    else
        err_set_errno(err, ERR_IO, "connecting to %.120s", address.sun_path);
    (void)deadline_ms;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The next line as JSON; NULL with *err. */
static json_t *read_answer(struct local_talk *talk, int64_t deadline_ms, struct err *err)
{
    struct buf line = BUF_INIT(ANSWER_MAX);
    json_t *answer = NULL;
    switch (local_read_line(talk->fd, &talk->pending, &line, deadline_ms)) {
    case LOCAL_LINE:
        answer = json_parse(buf_text(&line), line.len, err);
        break;
    case LOCAL_SILENCE:
        local_silent(talk->dir, err);
        break;
    case LOCAL_END:
        err_set(err, ERR_NOT_FOUND, "the embedded cloud of %.120s has just ended; see: weir local logs", talk->dir);
        break;
    }
    buf_done(&line);
    return answer;
}

bool local_talk_begin(struct local_talk *talk, const char *dir, int64_t deadline_ms, struct err *err)
{
    *talk = (struct local_talk){.fd = -1, .pending = BUF_INIT(ANSWER_MAX)};
    if (!local_resolve_dir(dir, talk->dir, err))
        return false;
    talk->fd = connect_control(talk->dir, deadline_ms, err);
    if (talk->fd < 0)
        return false;
    talk->hello = read_answer(talk, deadline_ms, err);
    if (!talk->hello)
        local_talk_end(talk);
    return talk->hello != NULL;
}

void local_talk_end(struct local_talk *talk)
{
    if (talk->fd >= 0)
        close(talk->fd);
    talk->fd = -1;
    json_decref(talk->hello);
    talk->hello = NULL;
    buf_done(&talk->pending);
}

json_t *local_ask(struct local_talk *talk, json_t *command, int64_t deadline_ms, struct err *err)
{
    struct buf line = BUF_INIT(64 * 1024);
    json_write(command, 0, &line);
    buf_putc(&line, '\n');
    json_decref(command);
    ssize_t sent = send(talk->fd, buf_text(&line), line.len, MSG_NOSIGNAL);
    bool is_sent = sent == (ssize_t)line.len;
    buf_done(&line);
    json_t *answer = is_sent ? read_answer(talk, deadline_ms, err) : NULL;
    if (!is_sent)
        err_set(err, ERR_INTERRUPTED, "the embedded cloud ended while it was asked");
    if (answer && !json_bool(answer, "ok", false)) {
        err_set(err, ERR_FAILED, "the embedded cloud: %s", json_str(answer, "error"));
        json_decref(answer);
        answer = NULL;
    }
    if (answer)
        json_object_del(answer, "ok");
    return answer;
}

/* A whole conversation of one command; takes command over. */
static json_t *ask_once(const char *dir, json_t *command, struct err *err)
{
    struct local_talk talk;
    int64_t deadline_ms = local_deadline(0);
    if (!local_talk_begin(&talk, dir, deadline_ms, err)) {
        json_decref(command);
        return NULL;
    }
    json_t *answer = local_ask(&talk, command, deadline_ms, err);
    local_talk_end(&talk);
    return answer;
}

static json_t *command_of(const char *name)
{
    return json_pack("{s:s}", "cmd", name);
}

/* --- the commands --- */

json_t *localctl_status(const char *dir, struct err *err)
{
    return ask_once(dir, command_of("status"), err);
}

json_t *localctl_coverage(const char *dir, struct err *err)
{
    return ask_once(dir, command_of("coverage"), err);
}

json_t *localctl_fault_list(const char *dir, struct err *err)
{
    return ask_once(dir, command_of("fault-list"), err);
}

bool localctl_fault_add(const char *dir, const char *text, int64_t *id, struct err *err)
{
    json_t *command = json_pack("{s:s, s:s}", "cmd", "fault-add", "text", text);
    if (!command)
        return err_set(err, ERR_USAGE, "fault: the rule is not valid UTF-8");
    json_t *answer = ask_once(dir, command, err);
    if (answer && id)
        *id = json_int(answer, "id", 0);
    json_decref(answer);
    return answer != NULL;
}

bool localctl_fault_clear(const char *dir, int64_t id, struct err *err)
{
    json_t *answer = ask_once(dir, json_pack("{s:s, s:I}", "cmd", "fault-clear", "id", (json_int_t)id), err);
    json_decref(answer);
    return answer != NULL;
}

bool localctl_stop(const char *dir, struct err *err)
{
    struct local_talk talk;
    struct buf line = BUF_INIT(ANSWER_MAX);
    int64_t deadline_ms = local_deadline(0);
    if (!local_talk_begin(&talk, dir, deadline_ms, err))
        return false;
    json_t *answer = local_ask(&talk, command_of("stop"), deadline_ms, err);
    bool ok = answer != NULL;
    /* the kernel closes the connection when the process has ended */
    while (ok) {
        enum local_line got = local_read_line(talk.fd, &talk.pending, &line, deadline_ms);
        if (got == LOCAL_END)
            break;
        ok = got == LOCAL_LINE || local_silent(talk.dir, err);
    }
    json_decref(answer);
    buf_done(&line);
    local_talk_end(&talk);
    return ok;
}

static bool remove_data(const char *dir, struct err *err)
{
    static const char *const names[] = {LOCALFILES_DATABASE, LOCALFILES_DATABASE "-wal", LOCALFILES_DATABASE "-shm",
                                        LOCALFILES_OBJECTS};
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!path_join(path, dir, names[i], err))
            return false;
        if (path_exists(path) && !path_remove_tree(path, err))
            return false;
    }
    return true;
}

/* Nothing runs: the lock keeps it so while the files go. */
static bool reset_files(const char *dir, struct err *err)
{
    char path[PATH_SIZE];
    if (!path_exists(dir))
        return true;
    if (!path_join(path, dir, LOCALFILES_LOCK, err))
        return false;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "opening %.150s", path);
    bool ok = flock(fd, LOCK_EX | LOCK_NB) == 0
                  ? remove_data(dir, err)
                  : err_set(err, ERR_CONFLICT, "the embedded cloud of %.120s is just starting; try again", dir);
    close(fd);
    return ok;
}

bool localctl_reset(const char *dir, struct err *err)
{
    struct err ask_err = ERR_NONE;
    char resolved[PATH_SIZE];
    if (!local_resolve_dir(dir, resolved, err))
        return false;
    json_t *answer = ask_once(resolved, command_of("reset"), &ask_err);
    json_decref(answer);
    if (answer)
        return true;
    if (ask_err.code == ERR_NOT_FOUND)
        return reset_files(resolved, err);
    if (err)
        *err = ask_err;
    return false;
}

/* --- the log --- */

bool localctl_log_path(const char *dir, char out[4096], struct err *err)
{
    char resolved[PATH_SIZE];
    return local_resolve_dir(dir, resolved, err) && path_join(out, resolved, LOCALFILES_LOG, err);
}

/* The last max_lines lines of bytes. */
static const char *last_lines(const char *bytes, size_t len, int max_lines)
{
    const char *at = bytes + len;
    if (at > bytes && at[-1] == '\n')
        at--;
    for (; at > bytes; at--)
        if (at[-1] == '\n' && --max_lines == 0)
            break;
    return at;
}

bool localctl_logs(const char *dir, int max_lines, struct buf *out, struct err *err)
{
    char path[PATH_SIZE];
    struct stat status;
    if (!localctl_log_path(dir, path, err))
        return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        enum err_code code = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
        err_set_errno(err, code, "opening the log %.150s", path);
        if (fd >= 0)
            close(fd);
        return false;
    }
    off_t skip = status.st_size > LOG_TAIL_MAX ? status.st_size - LOG_TAIL_MAX : 0;
    struct buf text = BUF_INIT(LOG_TAIL_MAX);
    char *room = buf_reserve(&text, (size_t)(status.st_size - skip));
    ssize_t got = room ? pread(fd, room, (size_t)(status.st_size - skip), skip) : 0;
    bool ok = got >= 0 || err_set_errno(err, ERR_IO, "reading the log %.150s", path);
    close(fd);
    if (got > 0 && max_lines > 0) {
        const char *from = last_lines(room, (size_t)got, max_lines);
        if (!buf_append(out, from, (size_t)(room + got - from)))
            ok = err_set(err, ERR_TOO_LARGE, "the log's last %d lines are too many; ask for fewer", max_lines);
    }
    buf_done(&text);
    return ok;
}
