/* Drafts: the newest text is on disk after a flush or a close, in a private file, and a failing disk loses nothing. */
#include "backend/base/path.h"
#include "backend/domain/draft.h"
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char top[] = "/tmp/weir-draft-XXXXXX", dir[PATH_SIZE];

static int make_top(void **state)
{
    (void)state;
    return mkdtemp(top) && path_join(dir, top, "drafts", NULL) ? 0 : -1;
}

static int remove_top(void **state)
{
    (void)state;
    return path_remove_tree(top, NULL) ? 0 : -1;
}

/* An interval that never passes in a test: what is on disk is there for the reason tested. */
static struct draft *open_slow(void)
{
    struct draft *draft = draft_open(&(struct draft_options){.dir = dir, .interval_ms = 3600 * 1000}, NULL);
    assert_non_null(draft);
    return draft;
}

static void put(struct draft *draft, const char *name, const char *text)
{
    assert_true(draft_put(draft, name, text, strlen(text), NULL));
}

static void holds(struct draft *draft, const char *name, const char *text)
{
    struct buf out = BUF_INIT(1024);
    assert_true(draft_read(draft, name, &out, NULL));
    assert_string_equal(buf_text(&out), text);
    buf_done(&out);
}

static void the_newest_text_of_each_name_is_saved(void **state)
{
    (void)state;
    struct draft *draft = open_slow();
    put(draft, "a.sql", "SELECT 1");
    put(draft, "b.sql", "SELECT 2");
    assert_true(draft_flush(draft, NULL));
    put(draft, "a.sql", "SELECT 3");
    holds(draft, "a.sql", "SELECT 1"); /* within the interval nothing is written */
    put(draft, "a.sql", "SELECT 4");
    assert_true(draft_flush(draft, NULL));
    holds(draft, "a.sql", "SELECT 4");
    holds(draft, "b.sql", "SELECT 2");
    draft_close(draft);
}

static void a_close_saves_and_the_file_is_private(void **state)
{
    (void)state;
    struct draft *draft = open_slow();
    put(draft, "c.sql", "x");
    assert_true(draft_flush(draft, NULL));
    put(draft, "c.sql", "");
    draft_close(draft);
    char path[PATH_SIZE];
    struct stat info;
    assert_true(path_join(path, dir, "c.sql", NULL));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(info.st_size, 0);
}

static void a_failed_write_keeps_the_text(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    struct draft *draft = open_slow();
    assert_true(path_remove_tree(dir, NULL));
    put(draft, "d.sql", "kept");
    assert_false(draft_flush(draft, &err));
    assert_int_not_equal(err.code, ERR_OK);
    assert_int_not_equal(draft_error(draft).code, ERR_OK);
    assert_true(path_make_dirs(dir, 0700, NULL));
    assert_true(draft_flush(draft, NULL));
    holds(draft, "d.sql", "kept");
    assert_int_equal(draft_error(draft).code, ERR_OK);
    draft_close(draft);
}

static void bad_names_and_long_texts_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ".", "..", "../x", "a/b", "a b", ".hidden"};
    struct err err = ERR_NONE;
    struct draft *draft = open_slow();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(draft_put(draft, bad[i], "x", 1, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
    assert_false(draft_put(draft, "long", "", (size_t)DRAFT_TEXT_MAX + 1, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    struct buf out = BUF_INIT(16);
    assert_false(draft_read(draft, "absent", &out, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    buf_done(&out);
    draft_close(draft);
}

/* Nobody flushes here: the interval alone brings the second text to the disk, and a kill does not take it away. */
static void a_killed_process_keeps_what_its_interval_saved(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct draft *draft = draft_open(&(struct draft_options){.dir = dir, .interval_ms = 20}, NULL);
        bool ok = draft && draft_put(draft, "k.sql", "first", 5, NULL) && draft_flush(draft, NULL) &&
                  draft_put(draft, "k.sql", "second", 6, NULL);
        while (ok)
            pause();
        _exit(1);
    }
    char path[PATH_SIZE];
    struct buf out = BUF_INIT(64);
    assert_true(path_join(path, dir, "k.sql", NULL));
    while (strcmp(buf_text(&out), "second") != 0 && waitpid(child, NULL, WNOHANG) == 0) {
        sched_yield();
        buf_clear(&out);
        if (!path_read(path, &out, NULL))
            buf_done(&out);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    buf_done(&out);
    struct draft *draft = open_slow();
    holds(draft, "k.sql", "second");
    draft_close(draft);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_newest_text_of_each_name_is_saved),
        cmocka_unit_test(a_close_saves_and_the_file_is_private),
        cmocka_unit_test(a_failed_write_keeps_the_text),
        cmocka_unit_test(a_killed_process_keeps_what_its_interval_saved),
        cmocka_unit_test(bad_names_and_long_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, make_top, remove_top);
}
