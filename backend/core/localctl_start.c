/* Finding and starting the embedded cloud's daemon; see localctl.h. Readiness comes as a line through a pipe that the
 * daemon inherits: nobody polls a port or a file. */
#include "backend/base/clock.h"
#include "backend/base/digest.h"
#include "backend/base/path.h"
#include "backend/core/localctl.h"
#include "backend/core/localctl_wire.h"
#include "backend/core/localfiles.h"
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READY_FD = 3, ARGUMENTS = 16, ENVIRONMENT = 512, LINE_MAX_BYTES = 64 * 1024, KEYS_MAX = 256 * 1024 };
extern char **environ;

/* The secret of the install's own key pair: the first line of the keys file. */
static bool read_secret(struct localctl_info *info, struct err *err)
{
    char path[PATH_SIZE];
    struct buf text = BUF_INIT(KEYS_MAX);
    bool ok = path_join(path, info->dir, LOCALFILES_KEYS, err) && path_read(path, &text, err);
    char *rest = text.data, *line;
    bool is_found = false;
    while (ok && !is_found && rest && (line = strsep(&rest, "\n")) != NULL) {
        char *blank = strpbrk(line, " \t");
        if (!blank || *line == '#')
            continue;
        *blank++ = '\0';
        blank += strspn(blank, " \t");
        blank[strcspn(blank, " \t\r")] = '\0';
        is_found = strcmp(line, info->access_key) == 0;
        if (is_found)
            snprintf(info->secret_key, sizeof info->secret_key, "%s", blank);
    }
    if (text.data)
        secret_wipe(text.data, text.cap);
    buf_done(&text);
    return is_found || (ok ? err_set(err, ERR_CREDENTIALS, "%.150s does not hold the daemon's key pair", path) : false);
}

/* From a hello. */
static bool take_info(const json_t *hello, const char *dir, struct localctl_info *info, struct err *err)
{
    *info = (struct localctl_info){.lease_fd = -1};
    snprintf(info->dir, sizeof info->dir, "%s", dir);
    snprintf(info->url, sizeof info->url, "%s", json_str(hello, "url"));
    snprintf(info->region, sizeof info->region, "%s", json_str(hello, "region"));
    snprintf(info->access_key, sizeof info->access_key, "%s", json_str(hello, "access_key_id"));
    info->port = (int)json_int(hello, "port", 0);
    info->pid = json_int(hello, "pid", 0);
    if (!*info->url || !*info->access_key)
        return err_set(err, ERR_PROTOCOL, "what answers in %.120s is not weir-local", dir);
    return read_secret(info, err);
}

bool localctl_find(const char *dir, struct localctl_info *info, struct err *err)
{
    struct local_talk talk;
    *info = (struct localctl_info){.lease_fd = -1};
    if (!local_talk_begin(&talk, dir, local_deadline(0), err))
        return false;
    bool ok = take_info(talk.hello, talk.dir, info, err);
    local_talk_end(&talk);
    return ok;
}

/* Takes a lease on the running daemon: its connection stays open. */
static bool join(const struct localctl_options *options, const char *dir, int64_t deadline_ms,
                 struct localctl_info *info, struct err *err)
{
    struct local_talk talk;
    if (!local_talk_begin(&talk, dir, deadline_ms, err))
        return false;
    bool ok = take_info(talk.hello, talk.dir, info, err);
    json_t *answer = ok ? local_ask(&talk, json_pack("{s:s}", "cmd", "hold"), deadline_ms, err) : NULL;
    if (answer && options->is_explicit) {
        json_decref(answer);
        answer = local_ask(&talk, json_pack("{s:s}", "cmd", "keep"), deadline_ms, err);
    }
    ok = answer != NULL;
    json_decref(answer);
    if (ok) {
        info->lease_fd = talk.fd;
        talk.fd = -1;
    }
    local_talk_end(&talk);
    return ok;
}

/* weir-local beside our own executable when it is there; else the name, for PATH. */
static void find_program(const struct localctl_options *options, char out[PATH_SIZE])
{
    char own[PATH_SIZE];
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    snprintf(out, PATH_SIZE, "%s", LOCALFILES_PROGRAM);
    if (options->program && *options->program) {
        snprintf(out, PATH_SIZE, "%s", options->program);
    } else if (len > 0) {
        own[len] = '\0';
        char beside[PATH_SIZE];
        if (path_join(beside, dirname(own), LOCALFILES_PROGRAM, NULL) && access(beside, X_OK) == 0)
            memcpy(out, beside, PATH_SIZE);
    }
}

/* Our environment without AWS_*: the caller's cloud credentials are none of the daemon's business. */
static void copy_environment(char *out[ENVIRONMENT])
{
    int count = 0;
    for (char **at = environ; *at && count < ENVIRONMENT - 1; at++)
        if (strncmp(*at, "AWS_", 4) != 0)
            out[count++] = *at;
    out[count] = NULL;
}

struct spawned {
    pid_t pid;
    int ready_fd;
};

static bool run_program(const char *program, char *const arguments[], int write_end, pid_t *pid, struct err *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    char *environment[ENVIRONMENT];
    copy_environment(environment);
    sigemptyset(&none);
    sigfillset(&defaults);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, write_end, READY_FD);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    int result = posix_spawnp(pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    errno = result;
    return result == 0 ||
           err_set_errno(err, result == ENOENT ? ERR_NOT_FOUND : ERR_FAILED,
                         "starting the embedded cloud %.120s (it belongs beside weir, or on PATH)", program);
}

static bool spawn(const struct localctl_options *options, const char *dir, struct spawned *spawned, struct err *err)
{
    char program[PATH_SIZE], port[16], ready[8];
    int count = 0, ends[2];
    const char *arguments[ARGUMENTS];
    find_program(options, program);
    snprintf(port, sizeof port, "%d", options->port);
    snprintf(ready, sizeof ready, "%d", READY_FD);
    const char *const pairs[][2] = {{"--dir", dir},
                                    {"--port", port},
                                    {"--ready-fd", ready},
                                    {"--region", options->region},
                                    {"--keys", options->keys_file}};
    arguments[count++] = program;
    arguments[count++] = "--detach";
    if (options->is_explicit)
        arguments[count++] = "--explicit";
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (!pairs[i][1] || !*pairs[i][1])
            continue;
        arguments[count++] = pairs[i][0];
        arguments[count++] = pairs[i][1];
    }
    arguments[count] = NULL;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_set_errno(err, ERR_FAILED, "making a pipe");
    /* above the descriptor that the program gets it as, so that dup2 makes a copy without close-on-exec */
    int write_end = fcntl(ends[1], F_DUPFD_CLOEXEC, READY_FD + 1);
    close(ends[1]);
    bool ok =
        write_end >= 0 && run_program(program, (char *const *)(uintptr_t)arguments, write_end, &spawned->pid, err);
    if (write_end >= 0)
        close(write_end);
    spawned->ready_fd = ends[0];
    if (!ok)
        close(ends[0]);
    return ok;
}

enum outcome { OUTCOME_READY, OUTCOME_BUSY, OUTCOME_FAILED };

static enum outcome read_outcome(const char *line, size_t len, struct err *err)
{
    json_t *said = json_parse(line, len, err);
    enum outcome outcome = json_bool(said, "ready", false)  ? OUTCOME_READY
                           : json_bool(said, "busy", false) ? OUTCOME_BUSY
                                                            : OUTCOME_FAILED;
    if (said && outcome == OUTCOME_FAILED)
        err_set(err, strcmp(json_str(said, "code"), "CONFIG") == 0 ? ERR_CONFIG : ERR_FAILED,
                "the embedded cloud did not start: %s", json_str(said, "error"));
    json_decref(said);
    return outcome;
}

/* Waits for the daemon's first line, then for the process between us and it. */
static enum outcome wait_ready(const struct spawned *spawned, const char *dir, int64_t deadline_ms, struct err *err)
{
    struct buf pending = BUF_INIT(LINE_MAX_BYTES), line = BUF_INIT(LINE_MAX_BYTES);
    enum outcome outcome = OUTCOME_FAILED;
    enum local_line got = local_read_line(spawned->ready_fd, &pending, &line, deadline_ms);
    if (got == LOCAL_LINE)
        outcome = read_outcome(buf_text(&line), line.len, err);
    else if (got == LOCAL_END)
        err_set(err, ERR_FAILED, "the embedded cloud ended before it was ready; see %.120s/%s", dir, LOCALFILES_LOG);
    else
        err_set(err, ERR_TIMEOUT, "the embedded cloud was not ready in time; see %.120s/%s", dir, LOCALFILES_LOG);
    if (got == LOCAL_SILENCE)
        kill(spawned->pid, SIGKILL);
    while (waitpid(spawned->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    close(spawned->ready_fd);
    buf_done(&pending);
    buf_done(&line);
    return outcome;
}

bool localctl_start(const struct localctl_options *options, struct localctl_info *info, struct err *err)
{
    char dir[PATH_SIZE];
    struct err failure = ERR_NONE;
    int64_t deadline_ms = local_deadline(options->timeout_ms);
    bool was_started = false;
    *info = (struct localctl_info){.lease_fd = -1};
    if (!local_resolve_dir(options->dir, dir, err))
        return false;
    /* Each round joins the one that runs, or starts one; another client may be doing the same. Starting paces it. */
    while (!join(options, dir, deadline_ms, info, &failure)) {
        struct spawned spawned;
        bool is_late = clock_mono(&clock_system) >= deadline_ms;
        if (failure.code != ERR_NOT_FOUND || is_late || !spawn(options, dir, &spawned, &failure))
            break;
        enum outcome outcome = wait_ready(&spawned, dir, deadline_ms, &failure);
        if (outcome == OUTCOME_FAILED)
            break;
        was_started = outcome == OUTCOME_READY;
    }
    info->was_started = was_started;
    if (info->lease_fd >= 0)
        return true;
    if (err)
        *err = failure;
    return false;
}

bool localctl_ensure(const char *dir, struct localctl_info *info, struct err *err)
{
    struct localctl_options options = {.dir = dir};
    return localctl_start(&options, info, err);
}

void localctl_release(struct localctl_info *info)
{
    if (info->lease_fd >= 0)
        close(info->lease_fd);
    info->lease_fd = -1;
    secret_wipe(info->secret_key, sizeof info->secret_key);
}
