/* The daemon's side of a worker process: starts it, sends the request, watches what it reads until its answer comes,
 * names how it ended. Called by Athena's runner threads. */
#include "backend/local/engine_sql.h"
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

enum { ANSWER_MAX = 32 << 20, REQUEST_MAX = 256 << 20, SAMPLE_MS = 20 };

extern char **environ;

static pid_t spawn(int in, int out, struct err *err)
{
    pid_t pid = -1;
    char *const argv[] = {"weir-local", "--sql-worker", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int failure = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure == 0)
        return pid;
    errno = failure;
    err_set_errno(err, ERR_FAILED, "starting the query's process");
    return -1;
}

static void send_request(int fd, const json_t *request)
{
    struct buf text = BUF_INIT(REQUEST_MAX);
    json_write(request, 0, &text);
    for (size_t sent = 0; sent < text.len;) {
        ssize_t n = write(fd, text.data + sent, text.len - sent);
        if (n < 0 && errno != EINTR)
            break; /* it ended early: its answer or its status says why */
        sent += n > 0 ? (size_t)n : 0;
    }
    buf_done(&text);
}

/* What a process has read through the system; -1 when it is gone. */
static int64_t bytes_read(pid_t pid)
{
    char path[48], text[64] = "";
    long long value = -1;
    snprintf(path, sizeof path, "/proc/%d/io", (int)pid);
    FILE *io = fopen(path, "re");
    if (!io)
        return -1;
    if (fgets(text, sizeof text, io))
        sscanf(text, "rchar: %lld", &value);
    fclose(io);
    return value;
}

/* Past the limit the process ends. */
static void sample(struct engine_sql *run, int64_t before)
{
    pid_t pid = atomic_load(&run->pid);
    int64_t now = bytes_read(pid);
    if (now < before)
        return;
    atomic_store(&run->scanned, now - before);
    if (run->cutoff > 0 && now - before > run->cutoff) {
        run->is_cut = true;
        engine_sql_cancel(run);
    }
}

/* The first line says what the process had read before the query: from then on it is watched. */
static void read_answer(struct engine_sql *run, int fd, struct buf *answer)
{
    char step[65536];
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    int64_t before = -1;
    for (;;) {
        int ready = poll(&waiting, 1, before < 0 ? -1 : SAMPLE_MS);
        if (ready > 0) {
            ssize_t n = read(fd, step, sizeof step);
            if (n == 0 || (n < 0 && errno != EINTR))
                return;
            buf_append(answer, step, n > 0 ? (size_t)n : 0);
            if (before < 0 && answer->len && memchr(answer->data, '\n', answer->len))
                before = strtoll(buf_text(answer), NULL, 10);
        } else if (ready == 0) {
            sample(run, before);
        } else if (errno != EINTR) {
            return;
        }
    }
}

static json_t *judge(struct engine_sql *run, const struct buf *answer, int status, struct err *err)
{
    const char *line = answer->len ? memchr(answer->data, '\n', answer->len) : NULL;
    size_t head = line ? (size_t)(line - answer->data) + 1 : 0;
    json_t *reply = line ? json_parse(line + 1, answer->len - head, NULL) : NULL;
    const json_t *error = json_object_get(reply, "error");
    if (reply) /* the last sample is older than that, or there is none */
        atomic_store(&run->scanned, json_int(reply, "scanned", atomic_load(&run->scanned)));
    if (atomic_load(&run->is_cancelled))
        err_set(err, ERR_CANCELLED, "Query cancelled by user");
    else if (error)
        err_set(err, (enum err_code)json_int(error, "code", ERR_FAILED), "%s", json_str(error, "text"));
    else if (WIFSIGNALED(status))
        err_set(err, ERR_FAILED, "the query's process was killed by signal %d", WTERMSIG(status));
    else if (!reply || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        err_set(err, ERR_FAILED, "the query's process ended with status %d and no answer", WEXITSTATUS(status));
    else
        return reply;
    json_decref(reply);
    return NULL;
}

static void close_pair(int ends[2])
{
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

json_t *engine_sql_run(struct engine_sql *run, const json_t *request, struct err *err)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, status = 0;
    struct buf answer = BUF_INIT(ANSWER_MAX);
    json_t *reply = NULL;
    pid_t pid = -1;
    atomic_store(&run->scanned, 0);
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        err_set_errno(err, ERR_FAILED, "starting the query's process");
    else
        pid = spawn(in[0], out[1], err);
    if (pid > 0) {
        close(in[0]);
        close(out[1]);
        in[0] = out[1] = -1;
        atomic_store(&run->pid, pid);
        if (atomic_load(&run->is_cancelled))
            kill(pid, SIGKILL);
        send_request(in[1], request);
        close(in[1]);
        in[1] = -1;
        read_answer(run, out[0], &answer);
        /* no longer to be killed before its number is free for another process */
        siginfo_t info;
        while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
            ;
        atomic_store(&run->pid, 0);
        waitpid(pid, &status, 0);
        reply = judge(run, &answer, status, err);
    }
    close_pair(in);
    close_pair(out);
    buf_done(&answer);
    return reply;
}

void engine_sql_cancel(struct engine_sql *run)
{
    atomic_store(&run->is_cancelled, true);
    pid_t pid = atomic_load(&run->pid);
    if (pid > 0)
        kill(pid, SIGKILL);
}
