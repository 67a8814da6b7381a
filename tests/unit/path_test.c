/* Files: XDG directories, whole reads, and writes that are either all there or not at all. */
#include "backend/base/path.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char dir[PATH_SIZE];

static int make_dir(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/weir-path-XXXXXX", base ? base : "/tmp");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL) && !path_exists(dir) ? 0 : -1;
}

static const char *in_dir(const char *name)
{
    static char path[PATH_SIZE];
    return path_join(path, dir, name, NULL) ? path : NULL;
}

static void xdg_directories_follow_the_specification(void **state)
{
    (void)state;
    char out[PATH_SIZE];
    struct err err;
    setenv("HOME", "/home/x", 1);
    setenv("XDG_STATE_HOME", "/state", 1);
    unsetenv("XDG_CONFIG_HOME");
    assert_true(path_xdg_dir(XDG_STATE, out, &err));
    assert_string_equal(out, "/state/weir");
    assert_true(path_xdg_dir(XDG_CONFIG, out, &err));
    assert_string_equal(out, "/home/x/.config/weir");
    setenv("XDG_STATE_HOME", "relative", 1);
    assert_true(path_xdg_dir(XDG_STATE, out, &err));
    assert_string_equal(out, "/home/x/.local/state/weir");
    unsetenv("HOME");
    assert_false(path_xdg_dir(XDG_STATE, out, &err));
    assert_int_equal(err.code, ERR_CONFIG);
}

static void joining_adds_one_slash_and_refuses_what_is_too_long(void **state)
{
    (void)state;
    char out[PATH_SIZE], lots[PATH_SIZE];
    assert_true(path_join(out, "/a", "b", NULL));
    assert_string_equal(out, "/a/b");
    assert_true(path_join(out, "/a/", "b", NULL));
    assert_string_equal(out, "/a/b");
    assert_true(path_join(out, out, "c", NULL));
    assert_string_equal(out, "/a/b/c");
    memset(lots, 'x', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    struct err err;
    assert_false(path_join(out, "/a", lots, &err));
    assert_int_equal(err.code, ERR_IO);
}

static void directories_are_made_with_their_parents(void **state)
{
    (void)state;
    struct stat info;
    struct err err;
    assert_true(path_make_dirs(in_dir("a/b//c/"), 0700, &err));
    assert_true(path_make_dirs(in_dir("a/b/c"), 0700, &err));
    assert_int_equal(stat(in_dir("a/b/c"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_true(path_write_atomic(in_dir("file"), "x", 1, 0600, &err));
    assert_false(path_make_dirs(in_dir("file/b"), 0700, &err));
    assert_false(path_make_dirs(in_dir("file"), 0700, &err));
    assert_false(path_make_dirs("", 0700, &err));
}

static void a_file_is_read_whole_or_not(void **state)
{
    (void)state;
    struct err err;
    struct buf text = BUF_INIT(5);
    assert_true(path_write_atomic(in_dir("five"), "12345", 5, 0600, &err));
    assert_true(path_read(in_dir("five"), &text, &err));
    assert_string_equal(buf_text(&text), "12345");
    buf_done(&text);
    buf_init(&text, 4);
    assert_false(path_read(in_dir("five"), &text, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    assert_false(path_read(in_dir("absent"), &text, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(path_read(dir, &text, &err));
    assert_int_equal(err.code, ERR_IO);
    buf_done(&text);
}

static void a_write_replaces_the_whole_file_with_its_mode(void **state)
{
    (void)state;
    struct err err;
    struct stat info;
    struct buf text = BUF_INIT(100);
    umask(0);
    assert_true(path_write_atomic(in_dir("f"), "long content", 12, 0644, &err));
    assert_true(path_write_atomic(in_dir("f"), "new", 3, 0600, &err));
    assert_true(path_read(in_dir("f"), &text, &err));
    assert_string_equal(buf_text(&text), "new");
    assert_int_equal(stat(in_dir("f"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    buf_done(&text);
}

static void a_failed_write_leaves_the_old_file_and_no_part(void **state)
{
    (void)state;
    struct err err;
    assert_true(path_make_dirs(in_dir("target/child"), 0700, &err));
    assert_false(path_write_atomic(in_dir("target"), "x", 1, 0600, &err)); /* a directory cannot be renamed over */
    assert_non_null(strstr(err.text, "unchanged"));
    assert_true(path_remove_tree(in_dir("target"), &err));
    assert_int_equal(rmdir(dir), 0); /* nothing is left beside it */
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_false(path_write_atomic(in_dir("no/such"), "x", 1, 0600, &err));
}

static void removing_a_tree_does_not_follow_links(void **state)
{
    (void)state;
    struct err err;
    assert_true(path_make_dirs(in_dir("tree/a/b"), 0700, &err));
    assert_true(path_write_atomic(in_dir("tree/a/file"), "x", 1, 0600, &err));
    assert_true(path_write_atomic(in_dir("kept"), "x", 1, 0600, &err));
    assert_int_equal(symlink("../..", in_dir("tree/a/link")), 0);
    assert_int_equal(symlink("nowhere", in_dir("tree/dangling")), 0);
    assert_true(path_exists(in_dir("tree/dangling")));
    assert_true(path_remove_tree(in_dir("tree/"), &err));
    assert_false(path_exists(in_dir("tree")));
    assert_true(path_exists(in_dir("kept")));
    assert_true(path_remove_tree(in_dir("tree"), &err)); /* it is gone, which is what was asked */
}

/* Without it the first file or socket that is opened would be taken for standard input or output. */
static void closed_standard_descriptors_are_taken_by_nothing(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        close(0);
        close(1);
        path_fill_standard_fds();
        char byte;
        bool ok = open("/dev/zero", O_RDONLY) > 2 && read(0, &byte, 1) == 0 && write(1, "x", 1) < 0;
        _exit(ok ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(xdg_directories_follow_the_specification, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(joining_adds_one_slash_and_refuses_what_is_too_long, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(directories_are_made_with_their_parents, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_file_is_read_whole_or_not, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_write_replaces_the_whole_file_with_its_mode, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_failed_write_leaves_the_old_file_and_no_part, make_dir, remove_dir),
        cmocka_unit_test(closed_standard_descriptors_are_taken_by_nothing),
        cmocka_unit_test_setup_teardown(removing_a_tree_does_not_follow_links, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
