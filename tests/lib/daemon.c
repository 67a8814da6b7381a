/* Starting and ending weir-local for tests; see daemon.h. */
#include "tests/lib/daemon.h"
#include "backend/base/json.h"
#include "backend/base/path.h"
#include "backend/core/localfiles.h"
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define STDERR_FILE "stderr.txt"
enum { READY_FD = 3, ARGUMENTS = 32, SHOWN = 8000, READY_MS = 30000 };

const char *daemon_program(const char *name)
{
    static char path[4096];
    char own[4096];
    const char *build = getenv("BUILD");
    if (build && *build) {
        snprintf(path, sizeof path, "%s/%s", build, name);
        if (access(path, X_OK) == 0)
            return path;
    }
    /* tests are build/tests/KIND/NAME */
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    own[len > 0 ? len : 0] = '\0';
    for (int up = 0; up < 3; up++) {
        char *slash = strrchr(own, '/');
        if (slash)
            *slash = '\0';
    }
    snprintf(path, sizeof path, "%.4000s/%s", own, name);
    if (access(path, X_OK) != 0)
        fail_msg("%s is not built", path);
    return path;
}

void daemon_make_dir(char out[4096])
{
    const char *base = getenv("TMPDIR");
    snprintf(out, 4096, "%s/weir-test-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(out))
        fail_msg("no temporary directory below %s", out);
}

static void run_program(const struct daemon *daemon, const char *const *more, int ready)
{
    const char *arguments[ARGUMENTS] = {
        daemon_program("weir-local"), "--explicit", "--dir", daemon->dir, "--ready-fd", "3"};
    int count = 6;
    for (; more && *more && count < ARGUMENTS - 1; more++)
        arguments[count++] = *more;
    arguments[count] = NULL;
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", daemon->dir, STDERR_FILE);
    dup2(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
    dup2(ready, READY_FD);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

/* The line that the daemon writes when it is ready. */
static json_t *read_ready(int fd)
{
    char line[8192];
    size_t len = 0;
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    while (len < sizeof line - 1 && poll(&waiting, 1, READY_MS) > 0) {
        ssize_t got = read(fd, line + len, sizeof line - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
        if (line[len - 1] == '\n')
            break;
    }
    return json_parse(line, len, NULL);
}

static void read_secret(struct daemon *daemon)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", daemon->dir, LOCALFILES_KEYS);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%128s %128s", daemon->access_key, daemon->secret_key) != 2)
        fail_msg("%s holds no key pair", path);
    fclose(file);
}

void daemon_start(struct daemon *daemon, const char *dir, const char *const *more)
{
    int ends[2];
    char given[4096];
    snprintf(given, sizeof given, "%s", dir ? dir : "");
    bool owned = dir && dir == daemon->dir && daemon->owns_dir; /* goes on after daemon_kill */
    *daemon = (struct daemon){.owns_dir = !dir || owned};
    if (dir)
        memcpy(daemon->dir, given, sizeof given);
    else
        daemon_make_dir(daemon->dir);
    if (pipe2(ends, O_CLOEXEC) != 0)
        fail_msg("no pipe");
    daemon->pid = fork();
    if (daemon->pid == 0) {
        /* a write end that is READY_FD already would keep its close-on-exec */
        run_program(daemon, more, fcntl(ends[1], F_DUPFD_CLOEXEC, READY_FD + 1));
    }
    close(ends[1]);
    json_t *ready = read_ready(ends[0]);
    close(ends[0]);
    if (!json_bool(ready, "ready", false)) {
        const char *why = json_str(ready, "error");
        fail_msg("weir-local did not start: %s", *why ? why : "no line");
    }
    snprintf(daemon->url, sizeof daemon->url, "%s", json_str(ready, "url"));
    daemon->port = (int)json_int(ready, "port", 0);
    json_decref(ready);
    read_secret(daemon);
}

/* What a sanitizer said, or the last of the log. */
static void show_stderr(const struct daemon *daemon)
{
    char path[4200], line[1024];
    snprintf(path, sizeof path, "%s/%s", daemon->dir, STDERR_FILE);
    FILE *file = fopen(path, "r");
    if (file && fseek(file, -SHOWN, SEEK_END) != 0)
        rewind(file);
    while (file && fgets(line, sizeof line, file))
        print_message("%s", line);
    if (file)
        fclose(file);
}

void daemon_stop(struct daemon *daemon)
{
    int status = 0;
    if (daemon->pid > 0) {
        kill(daemon->pid, SIGTERM);
        waitpid(daemon->pid, &status, 0);
    }
    daemon->pid = 0;
    bool is_fine = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!is_fine)
        show_stderr(daemon);
    if (daemon->owns_dir)
        path_remove_tree(daemon->dir, NULL);
    if (!is_fine)
        fail_msg("weir-local ended with wait status %#x", status);
}

void daemon_kill(struct daemon *daemon)
{
    kill(daemon->pid, SIGKILL);
    waitpid(daemon->pid, NULL, 0);
    daemon->pid = 0;
}
