/* The shell of weir sql on a terminal: statements over lines, completion from the catalog, its commands, interrupts,
 * the history it leaves. On an embedded cloud of its own. */
#include "tests/lib/tempdir.h"
#include "tests/lib/vt.h"
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 40, COLS = 100 };
static struct tempdir home;
static struct vt *term;

static void sh(const char *command)
{
    char line[4096];
    snprintf(line, sizeof line, "cd %s && { %s; } >>sh.log 2>&1", home.path, command);
    int status = system(line);
    if (status != 0)
        fail_msg("exit %d of: %s (see sh.log)", WEXITSTATUS(status), command);
}

static int set_up_lake(void **state)
{
    (void)state;
    char path[PATH_MAX], root[PATH_MAX], all[3 * PATH_MAX];
    const char *build = getenv("BUILD") ? getenv("BUILD") : "build";
    static const char *const dirs[][2] = {
        {"XDG_CONFIG_HOME", "config"}, {"XDG_STATE_HOME", "state"}, {"XDG_CACHE_HOME", "cache"}};
    tempdir_make(&home);
    if (!realpath(build, root))
        return -1;
    snprintf(all, sizeof all, "%s:%s", root, getenv("PATH"));
    setenv("PATH", all, 1);
    setenv("HOME", home.path, 1);
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        snprintf(path, sizeof path, "%s/%s", home.path, dirs[i][1]);
        setenv(dirs[i][0], path, 1);
    }
    setenv("LC_ALL", "C.UTF-8", 1);
    setenv("INPUTRC", "/dev/null", 1);
    unsetenv("NO_COLOR");
    unsetenv("AWS_PROFILE");
    unsetenv("AWS_ENDPOINT_URL");
    sh("weir local start && weir pipeline lake --bucket lake-imba");
    sh("printf '1,ann,2.5\\n2,,3\\n' >t.csv && weir cp t.csv s3://lake-imba/raw/people/t.csv");
    sh("weir sql -b lake-imba -c \"create database shop; use shop; create external table people (person_id int, "
       "full_name string, weight double) row format delimited fields terminated by ',' location "
       "'s3://lake-imba/raw/people/'\"");
    return 0;
}

static int tear_down_lake(void **state)
{
    (void)state;
    sh("weir local stop");
    tempdir_remove(&home);
    return 0;
}

static void start(void)
{
    static const char *const argv[] = {"weir", "sql", "--bucket", "lake-imba", "-d", "shop", NULL};
    term = vt_start(&(struct vt_options){.rows = ROWS, .cols = COLS, .argv = argv});
    assert_true(vt_wait(term, "shop=>"));
}

static void leave_by(const char *keys)
{
    int status;
    vt_type(term, keys);
    assert_true(vt_wait_exit(term, &status));
    if (status != 0)
        print_error("%s", vt_screen(term));
    assert_int_equal(status, 0);
    assert_true(vt_is_restored(term));
    vt_end(term);
}

static void leave(void)
{
    leave_by("\\q\r");
}

static void ctrl_d_leaves(void **state)
{
    (void)state;
    start();
    leave_by("\004");
}

static void a_statement_goes_on_until_its_semicolon(void **state)
{
    (void)state;
    start();
    vt_type(term, "select person_id,\r");
    assert_true(vt_wait(term, "shop->"));
    vt_type(term, "  full_name from people\rorder by 1;\r");
    assert_true(vt_wait(term, "2 rows"));
    assert_true(vt_shows(term, "person_id  full_name"));
    assert_true(vt_shows(term, "1  ann"));
    vt_type(term, "select 'a\r");
    assert_true(vt_wait(term, "shop'>"));
    vt_type(term, "b' as two, cast(null as int) as none;\r");
    assert_true(vt_wait(term, "1 row"));
    assert_true(vt_shows(term, "a\\nb  NULL"));
    leave();
}

static void an_error_shows_its_place_and_the_shell_goes_on(void **state)
{
    (void)state;
    start();
    vt_type(term, "select person_id, nothing from people;\r");
    assert_true(vt_wait(term, "LINE 1: select person_id, nothing"));
    assert_true(vt_shows(term, "Column 'nothing' cannot be resolved"));
    vt_type(term, "select 40 + 2 as answer;\r");
    assert_true(vt_wait(term, "42"));
    leave();
}

static void what_a_failed_query_has_scanned_is_said(void **state)
{
    (void)state;
    start();
    vt_type(term, "select 1 / (person_id - 1) from people;\r");
    assert_true(vt_wait(term, "DIVISION_BY_ZERO"));
    assert_true(vt_shows(term, "15 B scanned, not billed: the query failed"));
    leave();
}

static void a_query_that_cannot_be_followed_is_named(void **state)
{
    (void)state;
    sh("weir local fault 'athena:GetQueryExecution 403 code=AccessDeniedException'");
    start();
    vt_type(term, "select 1 as one;\r");
    assert_true(vt_wait(term, "may run on at the service"));
    sh("weir local fault clear");
    leave();
}

static void tab_completes_from_the_catalog(void **state)
{
    (void)state;
    start();
    vt_type(term, "sel\t* fr\t");
    assert_true(vt_wait(term, "select * from "));
    vt_type(term, "peo\t");
    assert_true(vt_wait(term, "from people"));
    vt_type(term, " where pers\t= 2;\r");
    assert_true(vt_wait(term, "where person_id"));
    assert_true(vt_wait(term, "1 row"));
    leave();
}

static void commands_begin_with_a_backslash(void **state)
{
    (void)state;
    start();
    vt_type(term, "\\d people\r");
    assert_true(vt_wait(term, "full_name"));
    assert_true(vt_wait(term, "s3://lake-imba/raw/people/"));
    vt_type(term, "\\l\r");
    assert_true(vt_wait(term, "DATABASE"));
    vt_type(term, "\\nonsense\r");
    assert_true(vt_wait(term, "unknown command \\nonsense"));
    vt_type(term, "\\c nowhere\r");
    assert_true(vt_wait(term, "Database nowhere not found"));
    vt_type(term, "\\x\rselect * from people where person_id = 1;\r");
    assert_true(vt_wait(term, "-[ 1 ]"));
    assert_true(vt_wait(term, "full_name  ann"));
    vt_type(term, "\\x off\r\\timing on\rselect 1 \\g\r");
    assert_true(vt_wait(term, "timing on"));
    assert_true(vt_wait(term, "_col0"));
    vt_type(term, "\\dry on\rselect * from people;\r");
    assert_true(vt_wait(term, "scans "));
    vt_type(term, "\\?\r");
    assert_true(vt_wait(term, "\\timing [on|off]"));
    vt_type(term, "\\q\r");
    int status;
    assert_true(vt_wait_exit(term, &status));
    assert_int_equal(status, 0);
    vt_end(term);
}

static void wide_tables_fit_the_terminal(void **state)
{
    (void)state;
    start();
    vt_type(term, "select 1 as one, rpad('x', 300, 'y') as wide, 'end' as last;\r");
    assert_true(vt_wait(term, "\\x shows all"));
    assert_true(vt_shows(term, "…  end"));
    assert_int_equal(vt_look(term, "end").fg, -1);
    vt_type(term, "select cast(null as int) as gone, 'NULL' as text;\r");
    assert_true(vt_wait(term, "NULL  NULL"));
    leave();
}

static void files_are_read_and_written(void **state)
{
    char line[1024];
    (void)state;
    tempdir_write(&home, "in.sql", "select 'from a file' as said;\n\\format csv\n");
    start();
    snprintf(line, sizeof line, "\\i %s/in.sql\r", home.path);
    vt_type(term, line);
    assert_true(vt_wait(term, "from a file"));
    snprintf(line, sizeof line, "\\o %s/out.csv\rselect 1 as one;\r\\o\rselect 2 as two;\r", home.path);
    vt_type(term, line);
    assert_true(vt_wait(term, "\"two\""));
    assert_false(vt_shows(term, "\"one\""));
    leave();
    sh("grep -qx '\"one\"' out.csv && grep -qx '\"1\"' out.csv");
}

static void the_editor_of_the_user_changes_the_statement(void **state)
{
    (void)state;
    sh("printf '#!/bin/sh\\nsed -i \"s/wrong/right/\" \"$1\"\\n' >editor && chmod +x editor");
    char editor[600];
    snprintf(editor, sizeof editor, "%s/editor", home.path);
    setenv("EDITOR", editor, 1);
    unsetenv("VISUAL");
    start();
    vt_type(term, "select 'wrong'\r");
    assert_true(vt_wait(term, "shop->"));
    vt_type(term, "\\e\r");
    assert_true(vt_wait(term, "select 'right'"));
    vt_type(term, ";\r");
    assert_true(vt_wait(term, "1 row"));
    leave();
    sh("test -z \"$(ls state/weir/edit-* 2>/dev/null)\"");
}

static void ctrl_c_forgets_the_line_and_stops_the_query(void **state)
{
    (void)state;
    start();
    vt_type(term, "select nonsense from\r");
    assert_true(vt_wait(term, "shop->"));
    vt_type(term, "abc\003");
    assert_true(vt_wait(term, "^C"));
    vt_type(term, "select count(*) from unnest(sequence(1, 1000)) a cross join unnest(sequence(1, 9000)) b "
                  "cross join unnest(sequence(1, 9000)) c cross join unnest(sequence(1, 9000)) d;\r");
    assert_true(vt_wait(term, "running"));
    vt_type(term, "\003");
    assert_true(vt_wait(term, "CANCELLED"));
    vt_type(term, "select 6 * 7 as still;\r");
    assert_true(vt_wait(term, "42"));
    leave();
}

static void the_history_is_private_and_keeps_statements_whole(void **state)
{
    struct stat info;
    (void)state;
    start();
    vt_type(term, "select 'first'\ras line;\r");
    assert_true(vt_wait(term, "1 row"));
    leave();
    assert_int_equal(stat(tempdir_file(&home, "state/weir/history-sql"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    start();
    vt_type(term, "\033[A\r"); /* the last statement, both its lines */
    assert_true(vt_wait(term, "as line;"));
    assert_true(vt_wait(term, "1 row"));
    vt_type(term, "\\s\r");
    assert_true(vt_wait(term, "select 'first'"));
    leave();
}

static void a_signal_ends_it_with_the_terminal_restored(void **state)
{
    int status;
    (void)state;
    start();
    vt_signal(term, SIGTERM);
    assert_true(vt_wait_exit(term, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
    assert_true(vt_is_restored(term));
    vt_end(term);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctrl_d_leaves),
        cmocka_unit_test(a_statement_goes_on_until_its_semicolon),
        cmocka_unit_test(an_error_shows_its_place_and_the_shell_goes_on),
        cmocka_unit_test(what_a_failed_query_has_scanned_is_said),
        cmocka_unit_test(a_query_that_cannot_be_followed_is_named),
        cmocka_unit_test(tab_completes_from_the_catalog),
        cmocka_unit_test(commands_begin_with_a_backslash),
        cmocka_unit_test(wide_tables_fit_the_terminal),
        cmocka_unit_test(files_are_read_and_written),
        cmocka_unit_test(the_editor_of_the_user_changes_the_statement),
        cmocka_unit_test(ctrl_c_forgets_the_line_and_stops_the_query),
        cmocka_unit_test(the_history_is_private_and_keeps_statements_whole),
        cmocka_unit_test(a_signal_ends_it_with_the_terminal_restored),
    };
    return cmocka_run_group_tests(tests, set_up_lake, tear_down_lake);
}
