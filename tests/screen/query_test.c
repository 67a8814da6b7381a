/* The Query pane as a user meets it: the whole program on a terminal, real keys, against the embedded cloud with a
 * small table. What is read is cells: text, colours. */
#include "tests/lib/screen.h"
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 40, COLS = 140, GREEN = 2, BRIGHT_RED = 9, BRIGHT_BLUE = 12 };
/* Ends by being stopped: no machine counts so far within a test. */
#define ENDLESS                                                                                                        \
    "select count(*) from unnest(sequence(1, 100000)) a(x), unnest(sequence(1, 100000)) b(y), unnest(sequence(1, "     \
    "100000)) c(z)"

static struct tempdir home;
static struct vt *term;

static void sh(const char *command)
{
    screen_sh(&home, command);
}

static void set_dir(const char *variable, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", home.path, name);
    setenv(variable, path, 1);
}

static int set_up_lake(void **state)
{
    (void)state;
    screen_home(&home);
    set_dir("XDG_CONFIG_HOME", "config");
    set_dir("XDG_STATE_HOME", "state");
    set_dir("XDG_CACHE_HOME", "cache");
    setenv("WEIR_SQL_DATABASE", "shop", 1);
    sh("weir local start && weir pipeline lake --bucket lake-imba");
    sh("printf '1,apple,1.5\\n2,pear,2.25\\n3,\"plum, red\",7\\n' >fruit.csv && "
       "weir cp fruit.csv s3://lake-imba/raw/fruit/fruit.csv");
    sh("weir sql -d default -c 'create database shop'");
    sh("weir sql -d shop -c \"create external table fruit (id bigint, name string, price double) row format serde "
       "'org.apache.hadoop.hive.serde2.OpenCSVSerde' stored as textfile location 's3://lake-imba/raw/fruit/'\"");
    return 0;
}

static int tear_down_lake(void **state)
{
    (void)state;
    sh("weir local stop");
    tempdir_remove(&home);
    return 0;
}

/* A console of its own: no drafts and no history of the tests before. */
static int fresh(void **state)
{
    (void)state;
    sh("rm -rf state/weir/drafts state/weir/queries.db* config cache out.* && weir local fault clear");
    return 0;
}

static int end(void **state)
{
    (void)state;
    if (term)
        vt_end(term);
    term = NULL;
    return 0;
}

static void start_sized(int rows, int cols, const char *const *env, const char *flag)
{
    const char *const argv[] = {"weir", "--view=query", flag, NULL};
    term = vt_start(&(struct vt_options){.rows = rows, .cols = cols, .argv = argv, .env = env});
    assert_true(vt_wait(term, "3 Query"));
    assert_true(vt_wait(term, "ln 1 col 1"));
}

static void start(void)
{
    start_sized(ROWS, COLS, NULL, NULL);
}

static void keys(const char *names)
{
    screen_keys(term, names);
}

/* Types and waits until it is there: a key that follows acts on the text. */
static void type(const char *text)
{
    vt_type(term, text);
    assert_true(vt_wait(term, text));
}

static void press_and_wait(const char *names, const char *text)
{
    keys(names);
    assert_true(vt_wait(term, text));
}

static void run(const char *sql, const char *shown)
{
    type(sql);
    press_and_wait("F5", shown);
}

/* --- running --- */
static void a_statement_runs_and_its_rows_are_shown(void **state)
{
    (void)state;
    start();
    run("select id, name, price from fruit order by id", "plum, red");
    assert_true(vt_wait(term, "3 rows"));
    assert_true(vt_wait(term, "scanned"));
    assert_true(vt_wait(term, "$0.0000"));
    assert_true(vt_wait(term, "2.25"));
}

static void null_is_told_from_the_empty_text(void **state)
{
    (void)state;
    start();
    run("select cast(null as varchar) as a, '' as b, 'null' as c", "1 row");
    assert_true(vt_wait(term, "NULL"));
    assert_true(vt_wait(term, "null "));
    assert_int_not_equal(vt_look(term, "NULL").fg, vt_look(term, "null ").fg);
}

static void the_statement_under_the_cursor_runs_and_no_other(void **state)
{
    (void)state;
    start();
    type("select 'first' as a;");
    keys("Enter");
    type("select 'second' as b");
    press_and_wait("F5", "1 row");
    assert_true(vt_wait(term, "second  "));
    assert_false(vt_shows(term, "\n│ first"));
    keys("Up");
    assert_true(vt_wait(term, "ln 1"));
    keys("F5");
    assert_true(vt_wait(term, " a  "));
}

static void all_statements_run_in_order_and_stop_at_an_error(void **state)
{
    (void)state;
    start();
    type("select 1 as one; select nope from fruit; select 3 as three");
    press_and_wait("F9", "Results 2 of 3");
    assert_true(vt_wait(term, "Column 'nope' cannot be resolved"));
    press_and_wait("F8", "not run");
    assert_true(vt_wait(term, "succeeded"));
    keys("F8 F6");
    assert_true(vt_wait(term, "Results 2 of 3"));
    press_and_wait("[", "Results 1 of 3");
    assert_true(vt_wait(term, "1 row"));
    press_and_wait("]", "Results 2 of 3");
    press_and_wait("F8", "not run");
    assert_int_equal(vt_look(term, "failed").fg, BRIGHT_RED);
    assert_int_equal(vt_look(term, "succeeded").fg, GREEN);
}

static void an_error_puts_the_cursor_to_its_place(void **state)
{
    (void)state;
    start();
    type("select 1;");
    keys("Enter");
    type("select id,");
    keys("Enter");
    type("nope from fruit");
    press_and_wait("F5", "cannot be resolved");
    /* the service counts from the statement's own beginning: line 2 of it is line 3 of the text */
    assert_true(vt_wait(term, "ln 3 col"));
    assert_false(vt_shows(term, "ln 3 col 16"));
}

static void a_query_is_cancelled_by_the_services_word(void **state)
{
    (void)state;
    start();

    vt_type(term, ENDLESS);
    press_and_wait("F5", "asks the service to stop it");
    assert_true(vt_wait(term, "execution "));
    press_and_wait("C-c", "cancelled");
    assert_true(vt_wait_gone(term, "cancelling"));
    press_and_wait("F8", "cancelled");
}

static void the_last_word_is_awaited_while_the_service_is_out_of_reach(void **state)
{
    (void)state;
    start();
    vt_type(term, ENDLESS);
    press_and_wait("F5", "asks the service to stop it");
    sh("weir local fault 'athena:StopQueryExecution 500'");
    press_and_wait("C-c", "cancelling");
    assert_true(vt_wait(term, "its word is awaited"));
    sh("weir local fault clear");
    assert_true(vt_wait_gone(term, "cancelling"));
    assert_true(vt_wait(term, "cancelled"));
}

static void what_would_scan_too_much_is_asked_about_first(void **state)
{
    (void)state;
    const char *const env[] = {"WEIR_SQL_MAX_SCAN=1", NULL};
    start_sized(ROWS, COLS, env, NULL);
    type("select * from fruit");
    press_and_wait("F5", "Run it all the same");
    assert_true(vt_wait(term, "limit of 1 B"));
    keys("Esc");
    assert_true(vt_wait_gone(term, "Run it all the same"));
    assert_false(vt_shows(term, "plum"));
    press_and_wait("F5", "Run it all the same");
    press_and_wait("y", "plum, red");
}

static void read_only_refuses_what_writes(void **state)
{
    (void)state;
    start_sized(ROWS, COLS, NULL, "--readonly");
    type("drop table fruit");
    press_and_wait("F5", "refused: weir was started with --readonly");
    keys("Home"); /* the next key takes the word away: the key itself is greyed */
    assert_true(vt_wait(term, "F5 run"));
    assert_int_not_equal(vt_look(term, "F5 run").fg, BRIGHT_BLUE);
    sh("weir sql -d shop -c 'select * from fruit'");
}

/* --- taking it elsewhere --- */
static void a_result_is_exported_by_its_bytes_and_with_types(void **state)
{
    (void)state;
    start();
    run("select id, name, cast(null as varchar) as gone from fruit where id = 3", "plum, red");
    press_and_wait("F6 x", "Export the result");
    vt_key(term, "C-u");
    vt_type(term, "~/out.jsonl");
    assert_true(vt_wait(term, "out.jsonl"));
    press_and_wait("Enter", "1 rows written to");
    sh("grep -qx '{\"id\":3,\"name\":\"plum, red\",\"gone\":null}' out.jsonl");
    press_and_wait("x", "Export the result");
    vt_key(term, "C-u");
    vt_type(term, "~/out.jsonl");
    press_and_wait("Enter", "out.jsonl"); /* it is there already: refused, and left as it is */
    assert_true(vt_wait(term, "exists"));
    sh("grep -q 'plum, red' out.jsonl");
}

static void cells_and_columns_are_copied(void **state)
{
    (void)state;
    start();
    run("select name from fruit order by id", "plum, red");
    press_and_wait("F6 y", "column");
    press_and_wait("Enter", "5 B sent to the terminal's clipboard");
    press_and_wait("y", "column");
    press_and_wait("j j Enter", "20 B sent to the terminal's clipboard"); /* apple pear plum, red and their line ends */
}

static void a_cell_is_shown_whole_and_null_is_said(void **state)
{
    (void)state;
    start();
    run("select rpad('', 3000, 'x') || upper('end') as long, cast(null as integer) as none", "xxxxx");
    press_and_wait("F6 p", "END");
    press_and_wait("q l p", "none is NULL here");
}

static void a_column_is_summed_up(void **state)
{
    (void)state;
    start();
    run("select price from fruit", "7.0");
    press_and_wait("F6 a", "distinct");
    assert_true(vt_wait(term, "3.58333")); /* the mean */
    keys("a");
    assert_true(vt_wait_gone(term, "distinct"));
}

static void rows_are_filtered_and_sorted(void **state)
{
    (void)state;
    start();
    run("select id, name from fruit order by id", "plum, red");
    press_and_wait("F6 /", "/");
    vt_type(term, "pear");
    assert_true(vt_wait_gone(term, "plum"));
    press_and_wait("Enter", "1 of 3");
    keys("Esc");
    assert_true(vt_wait(term, "plum, red"));
}

static void a_row_is_found_among_many_without_hiding_the_others(void **state)
{
    (void)state;
    start();
    run("select x, 'row ' || cast(x as varchar) as name from unnest(sequence(1, 9000)) t(x)", "9 000 rows");
    press_and_wait("F6 n", "find ");
    vt_type(term, "row 8");
    press_and_wait("Enter", "\"row 8\" in row 8 ");
    press_and_wait("n", "\"row 8\" in row 80");
    press_and_wait("N", "\"row 8\" in row 8 ");
    press_and_wait("N", "no row before this one");
    assert_true(vt_wait(term, "row 9"));
    press_and_wait("G", "row 9000");
}

/* The rows keep coming while the sort waits for the last of them, so it is at work when the cancel arrives. */
static void a_sort_at_work_is_given_up_and_the_query_goes_on(void **state)
{
    (void)state;
    start();
    run("select x, y, rpad('', 200, 'z') z from unnest(sequence(1, 1000)) a(x), unnest(sequence(1, 1000)) b(y)",
        "rows");
    press_and_wait("F6 s", "sorting");
    press_and_wait("C-c", "stopped sorting");
    assert_true(vt_wait(term, "1 000 000 rows"));
    assert_false(vt_shows(term, "sorting "));
    press_and_wait("G", "1000  1000");
}

static void a_result_cut_short_says_so_and_is_fetched_again(void **state)
{
    (void)state;
    start();
    sh("rm -f part.csv");
    run("select x, y, rpad('', 200, 'z') z from unnest(sequence(1, 1000)) a(x), unnest(sequence(1, 1000)) b(y)",
        "1  zzzz");
    press_and_wait("C-c", "rows · incomplete");
    assert_true(vt_wait(term, "only a part of the result has arrived"));
    press_and_wait("F6 x", "Export the result");
    keys("C-u");
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/part.csv", home.path);
    vt_type(term, path);
    keys("Enter");
    assert_true(vt_wait_gone(term, "Export the result"));
    press_and_wait("r", "1 000 000 rows");
    assert_true(vt_wait_gone(term, "incomplete"));
    sh("test ! -e part.csv");
}

static void a_result_is_drawn_as_a_chart(void **state)
{
    (void)state;
    start();
    run("select name, price from fruit order by price desc", "7.0");
    press_and_wait("F6 g c", "━━");
    assert_true(vt_wait(term, "plum, red "));
    keys("Esc");
    assert_true(vt_wait_gone(term, "━━"));
    end(NULL);
    start();
    keys("M-t");
    run("select date '2024-01-01' + interval '1' day * x as d, x * x as v from unnest(sequence(1, 30)) t(x)",
        "30 rows");
    press_and_wait("F6 g c", "v over d");
    assert_true(vt_wait(term, "2024-01-31"));
}

static void a_popup_that_came_by_itself_does_not_take_enter(void **state)
{
    (void)state;
    start();
    type("select o.name from fruit op");
    keys("Enter");
    type("where true");
    assert_true(vt_wait(term, "ln 2 col 11"));
    assert_false(vt_shows(term, "optimize"));
}

static void the_catalog_beside_the_editor_gives_names(void **state)
{
    (void)state;
    start();
    assert_true(vt_wait(term, "  fruit")); /* the buffer's own database is open */
    type("select  from fruit");
    for (int i = 0; i < 11; i++)
        vt_key(term, "Left");
    assert_true(vt_wait(term, "ln 1 col 8"));
    keys("F6 Tab g g j");
    if (!vt_wait(term, "  fruit"))
        fail();
    keys("j Right");
    assert_true(vt_wait(term, "price"));
    keys("j j Enter");
    assert_true(vt_wait(term, "select name from fruit"));
    press_and_wait("F5", "plum, red");
}

static void use_names_the_database_of_a_buffer(void **state)
{
    (void)state;
    start();
    type("use default");
    press_and_wait("F5", "database default");
    assert_true(vt_wait(term, "database default, workgroup"));
}

static void an_external_editor_changes_the_text(void **state)
{
    (void)state;
    const char *const env[] = {"VISUAL=sed -i s/one/two/", NULL};
    start_sized(ROWS, COLS, env, NULL);
    type("select 'one' as a");
    keys("F2");
    assert_true(vt_wait(term, "select 'two' as a"));
    keys("C-z");
    assert_true(vt_wait(term, "select 'one' as a"));
}

/* --- what stays --- */
/* Until the text is in a draft on the disk: within a second, and waited for by looking. */
static void wait_saved(const char *text)
{
    char command[256];
    snprintf(command, sizeof command, "grep -qs \"%s\" \"$XDG_STATE_HOME\"/weir/drafts/0/b[0-9]", text);
    for (int i = 0; i < 1000; i++) {
        if (system(command) == 0)
            return;
        vt_shows(term, text); /* lets the program draw */
    }
    fail_msg("\"%s\" was not saved", text);
}

static void a_finished_query_opens_again_without_running(void **state)
{
    (void)state;
    start();
    run("select name from fruit where id = 2", "pear");
    end(NULL);
    sh("weir local fault 'athena:StartQueryExecution 500'");
    start();
    assert_true(vt_wait(term, "select name from fruit"));
    press_and_wait("F8", "succeeded");
    press_and_wait("Enter", "stored");
    assert_true(vt_wait(term, "pear"));
}

static void a_result_whose_object_was_deleted_says_so(void **state)
{
    (void)state;
    start();
    run("select name from fruit where id = 1", "apple");
    end(NULL);
    sh("rm -rf cache && weir rm -r s3://lake-imba/query_results/ --yes");
    start();
    press_and_wait("F8", "succeeded");
    press_and_wait("Enter", "the stored result is gone");
    assert_true(vt_wait(term, "F5 runs the query again"));
    assert_false(vt_shows(term, "apple"));
    press_and_wait("F5", "apple");
}

static void a_draft_survives_a_kill(void **state)
{
    (void)state;
    start();
    type("select 'not saved anywhere' as x");
    wait_saved("not saved anywhere");
    vt_signal(term, SIGKILL);
    end(NULL);
    start();
    assert_true(vt_wait(term, "select 'not saved anywhere' as x"));
}

static void two_buffers_keep_their_own_text_and_result(void **state)
{
    (void)state;
    start();
    run("select 'one' as a", "1 row");
    keys("M-t");
    assert_true(vt_wait(term, "2 of 2"));
    assert_true(vt_wait_gone(term, "select 'one'"));
    run("select 'two' as b, 'x' as c", "two");
    wait_saved("select 'two'");
    press_and_wait("M-n", "1 of 2");
    assert_true(vt_wait(term, "select 'one' as a"));
    assert_false(vt_shows(term, "select 'two'"));
    end(NULL);
    start();
    assert_true(vt_wait(term, "1 of 2"));
    assert_true(vt_wait(term, "select 'one' as a"));
}

static void a_query_is_saved_as_a_file_and_opened_again(void **state)
{
    (void)state;
    start();
    type("select 'kept' as a");
    press_and_wait("M-s", "save query as");
    vt_type(term, "best sellers");
    press_and_wait("Enter", "best sellers.sql");
    sh("grep -qx \"select 'kept' as a\" 'config/weir/queries/best sellers.sql'");
    type(" ");
    assert_true(vt_wait(term, "modified"));
    keys("M-t");
    assert_true(vt_wait(term, "2 of 2"));
    press_and_wait("M-o", "Saved queries");
    press_and_wait("Enter", "1 of 2"); /* it is open already */
}

static void a_format_is_one_step_that_can_be_undone(void **state)
{
    (void)state;
    start();
    type("select id, name from fruit where id = 1 and name = 'a'");
    keys("F4");
    assert_true(vt_wait_gone(term, "fruit where"));
    assert_true(vt_wait(term, "where id = 1"));
    assert_true(vt_shows(term, "and name = 'a'"));
    keys("C-z");
    assert_true(vt_wait(term, "select id, name from fruit where id = 1 and name = 'a'"));
}

/* --- where it does not go well --- */
static void a_service_that_fails_keeps_the_text_and_says_why(void **state)
{
    (void)state;
    sh("weir local fault 'athena:StartQueryExecution 403 code=AccessDeniedException'");
    start();
    type("select 1 as one");
    press_and_wait("F5", "AccessDenied");
    assert_true(vt_wait(term, "athena:StartQueryExecution"));
    assert_true(vt_shows(term, "select 1 as one"));
    sh("weir local fault clear");
    press_and_wait("F5", "1 row");
}

static void throttled_polling_ends_well_all_the_same(void **state)
{
    (void)state;
    sh("weir local fault 'athena:GetQueryExecution 400 code=ThrottlingException count=4'");
    start();
    run("select 41 + 1 as answer", "42");
}

static void what_cannot_be_asked_about_is_said_and_asked_again(void **state)
{
    (void)state;
    sh("weir local fault 'athena:GetQueryExecution 503'");
    start();
    run("select 40 + 3 as answer", "ServiceUnavailable");
    assert_true(vt_wait(term, "weir keeps asking"));
    sh("weir local fault clear");
    assert_true(vt_wait(term, "1 row "));
    assert_true(vt_wait(term, "43"));
}

static void small_screens_show_one_part_at_a_time(void **state)
{
    (void)state;
    start_sized(15, 60, NULL, NULL);
    run("select 7 as n", "estimate");
    press_and_wait("F6", "1 row");
    vt_resize(term, 1, 1);
    assert_true(vt_wait_frames(term, 1));
    vt_resize(term, 15, 60);
    assert_true(vt_wait(term, "1 row"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_statement_runs_and_its_rows_are_shown),
        TEST(null_is_told_from_the_empty_text),
        TEST(the_statement_under_the_cursor_runs_and_no_other),
        TEST(all_statements_run_in_order_and_stop_at_an_error),
        TEST(an_error_puts_the_cursor_to_its_place),
        TEST(a_query_is_cancelled_by_the_services_word),
        TEST(the_last_word_is_awaited_while_the_service_is_out_of_reach),
        TEST(what_would_scan_too_much_is_asked_about_first),
        TEST(read_only_refuses_what_writes),
        TEST(a_result_is_exported_by_its_bytes_and_with_types),
        TEST(cells_and_columns_are_copied),
        TEST(a_cell_is_shown_whole_and_null_is_said),
        TEST(a_column_is_summed_up),
        TEST(rows_are_filtered_and_sorted),
        TEST(a_row_is_found_among_many_without_hiding_the_others),
        TEST(a_sort_at_work_is_given_up_and_the_query_goes_on),
        TEST(a_result_cut_short_says_so_and_is_fetched_again),
        TEST(a_result_is_drawn_as_a_chart),
        TEST(a_popup_that_came_by_itself_does_not_take_enter),
        TEST(the_catalog_beside_the_editor_gives_names),
        TEST(use_names_the_database_of_a_buffer),
        TEST(an_external_editor_changes_the_text),
        TEST(a_finished_query_opens_again_without_running),
        TEST(a_result_whose_object_was_deleted_says_so),
        TEST(a_draft_survives_a_kill),
        TEST(two_buffers_keep_their_own_text_and_result),
        TEST(a_query_is_saved_as_a_file_and_opened_again),
        TEST(a_format_is_one_step_that_can_be_undone),
        TEST(a_service_that_fails_keeps_the_text_and_says_why),
        TEST(throttled_polling_ends_well_all_the_same),
        TEST(what_cannot_be_asked_about_is_said_and_asked_again),
        TEST(small_screens_show_one_part_at_a_time),
    };
    return cmocka_run_group_tests(tests, set_up_lake, tear_down_lake);
}
