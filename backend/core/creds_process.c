/* Credentials from a profile's credential_process: a command whose standard output is JSON. Source: AWS SDKs and Tools
 * Reference Guide, "Process credential provider". The secret goes through a pipe only; the command's own words on
 * standard error are dropped, since they would land on the console's screen. */
#include "backend/core/awsprofile.h"
#include "backend/core/creds_parts.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Cancel tokens are looked at this often while the command runs. */
enum { OUTPUT_MAX = 64 << 10, LOOK_MS = 100, REAP_MS = 2 };

extern char **environ;

struct command {
    pid_t pid;
    int fd; /* reads its standard output */
    int64_t until_ms;
    const struct creds_query *query;
};

/* Its own process group, so that a deadline ends what it started too; default signals; no terminal input. */
static bool start(struct command *command, const char *text, struct err *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_set_errno(err, ERR_CREDENTIALS, "credential_process: making a pipe");
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)text, NULL};
    int failure = posix_spawn(&command->pid, "/bin/sh", &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    close(ends[1]);
    command->fd = ends[0];
    if (failure == 0)
        return true;
    close(ends[0]);
    errno = failure;
    return err_set_errno(err, ERR_CREDENTIALS, "credential_process: starting /bin/sh");
}

/* Waits for output; false with *err on cancel or when the time is over. */
static bool wait_output(const struct command *command, struct err *err)
{
    struct pollfd wanted = {.fd = command->fd, .events = POLLIN};
    while (poll(&wanted, 1, LOOK_MS) <= 0) {
        if (cancel_is_set(command->query->cancel))
            return err_set(err, ERR_CANCELLED, "credential_process: cancelled");
        if (clock_mono(&clock_system) > command->until_ms)
            return err_set(err, ERR_TIMEOUT, "credential_process: no answer in time; run it by hand to see why");
    }
    return true;
}

static bool read_output(const struct command *command, struct buf *out, struct err *err)
{
    for (;;) {
        if (!wait_output(command, err))
            return false;
        char *room = buf_reserve(out, 4096);
        if (!room)
            return err_set(err, ERR_CREDENTIALS, "credential_process: its output is larger than 64 KiB");
        ssize_t got = read(command->fd, room, 4096);
        if (got < 0 && errno != EINTR)
            return err_set_errno(err, ERR_CREDENTIALS, "credential_process: reading its output");
        if (got == 0)
            return true;
        if (got > 0)
            out->len += (size_t)got;
    }
}

/* Reaps it, within the deadline too: it may have closed its output and stay. Returns false when it had to be killed. */
static bool reap(const struct command *command, bool may_wait, int *status)
{
    while (may_wait && clock_mono(&clock_system) <= command->until_ms) {
        pid_t ended = waitpid(command->pid, status, WNOHANG);
        if (ended != 0)
            return ended == command->pid;
        may_wait = cancel_wait(command->query->cancel, REAP_MS);
    }
    kill(-command->pid, SIGKILL);
    while (waitpid(command->pid, status, 0) < 0 && errno == EINTR)
        ;
    return false;
}

/* Ends the command and its group. False with *err when it failed by itself or does not end. */
static bool finish(const struct command *command, bool was_read, struct err *err)
{
    int status = 0;
    close(command->fd);
    bool has_ended = reap(command, was_read, &status);
    if (!was_read)
        return false;
    if (!has_ended && cancel_is_set(command->query->cancel))
        return err_set(err, ERR_CANCELLED, "credential_process: cancelled");
    if (!has_ended)
        return err_set(err, ERR_TIMEOUT, "credential_process: it does not end; run it by hand to see why");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return err_set(err, ERR_CREDENTIALS, "credential_process: it ended with %s %d; run it by hand to see why",
                   WIFEXITED(status) ? "status" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

static enum creds_result run(const struct creds_query *query, const char *text, struct creds *out, struct err *err)
{
    static const struct creds_json form = {
        .token_key = "SessionToken", .source = "credential_process", .required_key = "Version", .required_value = "1"};
    int64_t deadline_ms = query->process_deadline_ms ? query->process_deadline_ms : CREDS_PROCESS_DEADLINE_MS;
    struct command command = {.until_ms = clock_mono(&clock_system) + deadline_ms, .query = query};
    struct buf output = BUF_INIT(OUTPUT_MAX);
    if (!start(&command, text, err))
        return CREDS_ERROR;
    bool was_read = read_output(&command, &output, err);
    bool ok = finish(&command, was_read, err) && creds_from_json(buf_text(&output), output.len, &form, out, err);
    creds_wipe_buf(&output);
    if (ok)
        snprintf(out->source, sizeof out->source, "credential_process of profile %.100s", query->profile);
    return ok ? CREDS_FOUND : CREDS_ERROR;
}

static enum creds_result find_process(const struct creds_query *query, struct creds *out, struct err *err)
{
    struct awsprofile profile;
    if (!awsprofile_read(query->config_file, query->credentials_file, query->profile, &profile, err))
        return CREDS_ERROR;
    const char *command = awsprofile_get(&profile, "credential_process");
    enum creds_result result = command ? run(query, command, out, err) : CREDS_ABSENT;
    awsprofile_done(&profile);
    return result;
}

const struct creds_source creds_source_process = {.name = "credential_process", .find = find_process};
