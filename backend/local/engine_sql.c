/* The daemon's side of a worker process: starts it, sends the request, reads its one line, names how it ended. Called
 * by Athena's runner threads. */
#include "backend/local/engine_sql.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 32 << 20, REQUEST_MAX = 256 << 20 };

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

static void read_answer(int fd, struct buf *answer)
{
    char step[65536];
    ssize_t n;
    while ((n = read(fd, step, sizeof step)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            buf_append(answer, step, (size_t)n);
}

static json_t *judge(struct engine_sql *run, const struct buf *answer, int status, struct err *err)
{
    json_t *reply = answer->len ? json_parse(buf_text(answer), answer->len, NULL) : NULL;
    const json_t *error = json_object_get(reply, "error");
    if (atomic_load(&run->is_cancelled))
        err_set(err, ERR_CANCELLED, "Query cancelled by user");
    else if (error)
        err_set(err, (enum err_code)json_int(error, "code", ERR_FAILED), "%s", json_str(error, "text"));
    else if (WIFSIGNALED(status))
        err_set(err, ERR_FAILED, "the query's process was killed by signal %d", WTERMSIG(status));
    else if (!reply)
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
        read_answer(out[0], &answer);
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
