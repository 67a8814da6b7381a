/* Helpers of the screen tests; see screen.h. */
#include "tests/lib/screen.h"
#include "tests/lib/daemon.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

enum { FOCUS_MODE = 1004, PASTE_MODE = 2004 };

static void put_on_path(void)
{
    char programs[PATH_MAX], all[3 * PATH_MAX];
    if (!realpath(daemon_program("weir"), programs))
        fail_msg("weir is not built");
    *strrchr(programs, '/') = '\0';
    snprintf(all, sizeof all, "%s:%s", programs, getenv("PATH"));
    setenv("PATH", all, 1);
}

void screen_home(struct tempdir *home)
{
    static const char *const unwanted[] = {"NO_COLOR",          "AWS_PROFILE",       "AWS_REGION",
                                           "AWS_ENDPOINT_URL",  "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
                                           "AWS_SESSION_TOKEN", "DISPLAY",           "WAYLAND_DISPLAY"};
    static const char *const dirs[] = {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"};
    tempdir_make(home);
    setenv("HOME", home->path, 1);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
        setenv(dirs[i], home->path, 1);
    for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
        unsetenv(unwanted[i]);
    setenv("LC_ALL", "C.UTF-8", 1);
    put_on_path();
}

void screen_sh(const struct tempdir *home, const char *command)
{
    char line[4096];
    snprintf(line, sizeof line, "cd %s && { %s; } >>sh.log 2>&1", home->path, command);
    int status = system(line);
    if (status != 0)
        fail_msg("exit %d of: %s (see sh.log)", WEXITSTATUS(status), command);
}

void screen_keys(struct vt *vt, const char *names)
{
    char name[16];
    for (const char *at = names; *at;) {
        size_t len = strcspn(at, " ");
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        vt_key(vt, name);
        at += len + strspn(at + len, " ");
    }
}

void screen_leave(struct vt *vt)
{
    int status;
    vt_type(vt, ":q\r");
    assert_true(vt_wait_exit(vt, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(vt_is_plain(vt));
    assert_true(vt_is_restored(vt));
    assert_false(vt_mode(vt, PASTE_MODE));
    assert_false(vt_mode(vt, FOCUS_MODE));
    vt_end(vt);
}
