/* The clipboard and children that get the terminal. A copy goes to a local tool when there is a display on this
 * machine, else by OSC 52 to the terminal's own machine, else to a file; which one is said. The tool reads from a file
 * in memory at its own pace, so that nothing here waits for it. UI thread. */
#include "backend/base/text.h"
#include "tui/app_private.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct tool {
    const char *display; /* environment variable that must be set; NULL: none */
    const char *argv[5];
};
static const struct tool tools[] = {
    {.display = "WAYLAND_DISPLAY", .argv = {"wl-copy"}},
    {.display = "DISPLAY", .argv = {"xclip", "-selection", "clipboard"}},
    {.display = "DISPLAY", .argv = {"xsel", "--clipboard", "--input"}},
    {.display = NULL, .argv = {"pbcopy"}},
};

/* The whole text in an anonymous file: the tool reads it at its own pace and nobody waits. */
static int text_file(const char *bytes, size_t len)
{
    int fd = memfd_create("weir-copy", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (size_t at = 0; at < len;) {
        ssize_t sent = write(fd, bytes + at, len - at);
        if (sent <= 0) {
            close(fd);
            return -1;
        }
        at += (size_t)sent;
    }
    lseek(fd, 0, SEEK_SET);
    return fd;
}

/* Children begin with no signal blocked, and with the default for what we ignore. */
static void child_attributes(posix_spawnattr_t *attr)
{
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_init(attr);
    posix_spawnattr_setsigmask(attr, &none);
    posix_spawnattr_setsigdefault(attr, &defaults);
    posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static bool run_tool(struct app *app, const struct tool *tool, int fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    child_attributes(&attr);
    bool ok = posix_spawnp(&pid, tool->argv[0], &actions, &attr, (char *const *)tool->argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attr);
    if (ok)
        app->copier = pid; /* reaped by app_reap */
    return ok;
}

void app_reap(struct app *app)
{
    if (app->copier > 0 && waitpid(app->copier, NULL, WNOHANG) != 0)
        app->copier = 0;
}

static bool copy_by_tool(struct app *app, const char *bytes, size_t len)
{
    if (getenv("SSH_CONNECTION") || getenv("SSH_TTY"))
        return false; /* a clipboard here is not the user's */
    app_reap(app);
    for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++) {
        const struct tool *tool = &tools[i];
        const char *display = tool->display ? getenv(tool->display) : "";
        if (!display || (tool->display && !display[0]))
            continue;
        int fd = text_file(bytes, len);
        bool ok = fd >= 0 && run_tool(app, tool, fd);
        if (fd >= 0)
            close(fd);
        if (ok) {
            app_say(app, "copied %zu bytes with %s", len, tool->argv[0]);
            return true;
        }
    }
    return false;
}

static void copy_to_file(struct app *app, const char *bytes, size_t len)
{
    char dir[PATH_SIZE], path[PATH_SIZE];
    struct err err = ERR_NONE;
    if (path_xdg_dir(XDG_STATE, dir, &err) && path_make_dirs(dir, 0700, &err) &&
        path_join(path, dir, "clipboard", &err) && path_write_atomic(path, bytes, len, 0600, &err))
        app_say(app, "too long for the terminal's clipboard: written to %s", path);
    else
        app_say_error(app, &err);
}

void app_copy(struct app *app, const char *bytes, size_t len)
{
    char size[TEXT_SHORT];
    if (copy_by_tool(app, bytes, len))
        return;
    if (screen_clip(app->screen, bytes, len))
        app_say(app, "%s sent to the terminal's clipboard", text_bytes(len, size));
    else
        copy_to_file(app, bytes, len);
}

/* Waits for a child that has the terminal. When it stops itself (^Z in an editor), we stop with it, so that the shell
 * comes back, and go on with it. */
static int wait_for_child(pid_t pid)
{
    int status = 0;
    for (;;) {
        if (waitpid(pid, &status, WUNTRACED) < 0) {
            if (errno != EINTR)
                return status;
        } else if (!WIFSTOPPED(status)) {
            return status;
        } else {
            if (screen_has_shell())
                kill(0, SIGSTOP);
            kill(pid, SIGCONT);
        }
    }
}

/* The terminal sends its signals to the child's whole group, which is ours: what was meant for the child and waits for
 * us is thrown away (ignoring a signal discards a pending one, signal(7)). */
static void forget_signals(void)
{
    static const int numbers[] = {SIGINT, SIGQUIT, SIGTSTP};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        signal(numbers[i], SIG_IGN);
        signal(numbers[i], SIG_DFL);
    }
}

bool app_run_child(struct app *app, const char *const *argv, struct err *err)
{
    posix_spawnattr_t attr;
    pid_t pid;
    int status = 0;
    screen_leave(app->screen);
    child_attributes(&attr);
    int failed = posix_spawnp(&pid, argv[0], NULL, &attr, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attr);
    if (!failed)
        status = wait_for_child(pid);
    forget_signals();
    screen_return(app->screen);
    app->is_dirty = true;
    if (failed) {
        errno = failed;
        return err_set_errno(err, ERR_FAILED, "%s could not be started", argv[0]);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return err_set(err, ERR_FAILED, "%s ended with status %d", argv[0],
                   WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
