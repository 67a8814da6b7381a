/* The console over a real lake: the embedded cloud with a few objects, hostile names among them, on a terminal with
 * real keys. Header, list, tile, details, filter, sort, dialogs, copy, read-only, and a daemon that stops answering. */
#include "tests/lib/daemon.h"
#include "tests/lib/screen.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

struct world {
    struct tempdir dir;
    struct daemon daemon;
};

/* One verb of the command line; must succeed. */
static void weir(const char *arguments)
{
    char command[1024];
    snprintf(command, sizeof command, "%s %s >/dev/null", daemon_program("weir"), arguments);
    int status = system(command);
    if (status != 0)
        fail_msg("%s: status %d", command, status);
}

static void put(struct world *world, const char *key, const char *text)
{
    char arguments[768];
    snprintf(arguments, sizeof arguments, "cp '%s' 's3://lake/%s'", tempdir_write(&world->dir, "object", text), key);
    weir(arguments);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    screen_home(&world->dir);
    daemon_start(&world->daemon, NULL, NULL);
    setenv("WEIR_LOCAL_DIR", world->daemon.dir, 1);
    weir("pipeline lake --bucket lake");
    put(world, "raw/orders/part-0.csv", "order_id,user_id\n1,7\n2,9\n");
    put(world, "raw/orders/part-1.csv", "order_id,user_id\n3,7\n");
    put(world, "raw/orders/note.txt", "hello\n");
    put(world, "raw/we\033[31mird\342\200\256name.csv", "x\n");
    put(world, "curated/doc.json", "{\"a\": [1, 2]}");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    daemon_stop(&world->daemon);
    tempdir_remove(&world->dir);
    free(world);
    return 0;
}

static struct vt *start_with(int rows, int cols, const char *flag)
{
    const char *argv[] = {daemon_program("weir"), "--bucket", "lake", flag, NULL};
    struct vt *vt = vt_start(&(struct vt_options){.rows = rows, .cols = cols, .argv = argv});
    assert_true(vt_wait(vt, "curated/"));
    return vt;
}

static struct vt *start(void)
{
    return start_with(40, 140, NULL);
}

static void open_raw(struct vt *vt)
{
    vt_type(vt, "/raw\r");
    assert_true(vt_wait(vt, "/raw  Enter open"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "lake › raw"));
    assert_true(vt_wait(vt, "1 prefix · 1 object"));
}

/* Into raw/orders/, by the filter so that it does not matter where the cursor is. */
static void open_orders(struct vt *vt)
{
    open_raw(vt);
    vt_type(vt, "/ord\r");
    assert_true(vt_wait(vt, "/ord  Enter open"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "lake › raw › orders"));
    assert_true(vt_wait(vt, "part-1.csv"));
}

static void the_header_says_where_one_is(void **state)
{
    (void)state;
    struct vt *vt = start();
    assert_true(vt_wait(vt, "local · 123456789012 · us-east-1"));
    assert_true(vt_wait(vt, "calls/min"));
    int row, col;
    assert_true(vt_find(vt, " 1 Zones ", &row, &col));
    assert_int_equal(row, 0);
    screen_leave(vt);
}

static void the_tile_counts_and_zooms(void **state)
{
    (void)state;
    struct vt *vt = start();
    vt_type(vt, "z");
    assert_true(vt_wait(vt, "OBJECTS"));
    assert_true(vt_wait(vt, "5 objects"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "MODIFIED"));
    screen_leave(vt);
}

static void drilling_down_and_back(void **state)
{
    (void)state;
    struct vt *vt = start();
    open_orders(vt);
    vt_key(vt, "Down");
    assert_true(vt_wait(vt, "text/csv"));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "lake › raw › orders"));
    assert_true(vt_wait(vt, "lake › raw"));
    screen_leave(vt);
}

static void hostile_names_are_shown_harmless(void **state)
{
    (void)state;
    struct vt *vt = start_with(40, 220, NULL);
    open_raw(vt);
    assert_true(vt_wait(vt, "we\\x1b[31mird<U+202E>name.csv"));
    screen_leave(vt);
}

static void the_cursor_bar_is_the_terminals_reverse(void **state)
{
    (void)state;
    struct vt *vt = start();
    open_orders(vt);
    vt_type(vt, "gg");
    assert_true(vt_wait(vt, "hello")); /* the preview of note.txt */
    struct vt_look first = vt_look(vt, "note.txt   ");
    assert_true(first.bg == 7 || first.reverse);
    vt_key(vt, "Down");
    assert_true(vt_wait_gone(vt, "hello"));
    first = vt_look(vt, "note.txt   ");
    assert_false(first.bg == 7 || first.reverse);
    screen_leave(vt);
}

static void an_active_filter_is_always_in_sight(void **state)
{
    (void)state;
    struct vt *vt = start();
    open_orders(vt);
    vt_type(vt, "/part");
    assert_true(vt_wait_gone(vt, "note.txt ")); /* live, before Enter */
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "2 of 3"));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "2 of 3"));
    assert_true(vt_wait(vt, "note.txt"));
    screen_leave(vt);
}

static void sorting_by_name_of_a_column(void **state)
{
    (void)state;
    struct vt *vt = start();
    int row_of_note = 0, row_of_part = 0, col;
    open_orders(vt);
    vt_type(vt, ":sort -name\r");
    vt_type(vt, ":sort nowhere\r");
    assert_true(vt_wait(vt, "there is no column \"nowhere\""));
    assert_true(vt_find(vt, "note.txt  ", &row_of_note, &col) && vt_find(vt, "part-1.csv  ", &row_of_part, &col));
    assert_true(row_of_part < row_of_note);
    screen_leave(vt);
}

static void deleting_is_behind_a_dialog_that_names_the_object(void **state)
{
    struct world *world = *state;
    put(world, "raw/orders/victim.txt", "x\n");
    struct vt *vt = start();
    open_orders(vt);
    vt_type(vt, "/victim\r");
    assert_true(vt_wait(vt, "/victim  Enter open"));
    vt_type(vt, "D");
    assert_true(vt_wait(vt, "s3://lake/raw/orders/victim.txt"));
    assert_true(vt_wait(vt, "Esc no"));
    vt_key(vt, "Enter"); /* never confirms */
    vt_type(vt, SCREEN_ESC);
    assert_true(vt_wait_gone(vt, "Esc no"));
    weir("stat s3://lake/raw/orders/victim.txt");
    vt_type(vt, "D");
    assert_true(vt_wait(vt, "Esc no"));
    vt_type(vt, "y");
    assert_true(vt_wait(vt, "0 of 3"));
    screen_leave(vt);
}

static void read_only_refuses_at_one_gate(void **state)
{
    (void)state;
    struct vt *vt = start_with(40, 140, "--readonly");
    open_orders(vt);
    vt_type(vt, "D");
    assert_true(vt_wait(vt, "refused"));
    assert_false(vt_shows(vt, "Esc no"));
    vt_type(vt, ":remove\r");
    assert_true(vt_wait(vt, "refused"));
    weir("stat s3://lake/raw/orders/note.txt");
    screen_leave(vt);
}

static void json_and_jobs_and_palette_open(void **state)
{
    (void)state;
    struct vt *vt = start();
    open_orders(vt);
    vt_type(vt, "v");
    assert_true(vt_wait(vt, "\"key\""));
    vt_type(vt, SCREEN_ESC);
    assert_true(vt_wait_gone(vt, "\"key\""));
    vt_key(vt, "C-p");
    vt_type(vt, "trace");
    assert_true(vt_wait(vt, "trace"));
    vt_type(vt, SCREEN_ESC);
    vt_type(vt, "P");
    assert_true(vt_wait(vt, "s3:ListBucket"));
    vt_type(vt, SCREEN_ESC);
    assert_true(vt_wait_gone(vt, "s3:ListBucket"));
    screen_leave(vt);
}

static void copies_say_where_they_went(void **state)
{
    (void)state;
    struct vt *vt = start();
    open_orders(vt);
    vt_type(vt, "y");
    assert_true(vt_wait(vt, "s3://lake/raw/orders/note.txt"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "sent to the terminal's clipboard"));
    screen_leave(vt);
}

static void an_editor_has_the_terminal_and_its_signals(void **state)
{
    struct world *world = *state;
    const char *script =
        tempdir_write(&world->dir, "editor", "trap 'echo CAU''GHT' INT\necho EDIT''ING\nread x\nread x\n");
    char editor[600];
    snprintf(editor, sizeof editor, "sh %s", script);
    setenv("VISUAL", editor, 1);
    struct vt *vt = start();
    open_orders(vt);
    vt_type(vt, "e");
    assert_true(vt_wait(vt, "EDITING"));
    assert_true(vt_is_plain(vt));
    vt_type(vt, "\003"); /* the terminal is in its ordinary modes: this is SIGINT for both of us */
    assert_true(vt_wait(vt, "CAUGHT"));
    vt_type(vt, "\r\r");
    assert_true(vt_wait(vt, "part-1.csv"));
    vt_type(vt, "?");
    assert_true(vt_wait(vt, "Keys in Zones"));
    vt_type(vt, SCREEN_ESC);
    assert_true(vt_wait_gone(vt, "Keys in Zones"));
    screen_leave(vt);
    unsetenv("VISUAL");
}

static void a_stopped_daemon_costs_freshness_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct vt *vt = start();
    open_orders(vt);
    kill(world->daemon.pid, SIGSTOP);
    vt_type(vt, "r");
    for (int i = 0; i < 20; i++) {
        vt_type(vt, "?");
        assert_true(vt_wait(vt, "Keys in Zones"));
        vt_type(vt, SCREEN_ESC);
        assert_true(vt_wait_gone(vt, "Keys in Zones"));
    }
    assert_true(vt_shows(vt, "part-1.csv")); /* what was known stays */
    kill(world->daemon.pid, SIGCONT);
    screen_leave(vt);
}

static void quitting_does_not_wait_for_a_stopped_daemon(void **state)
{
    struct world *world = *state;
    struct vt *vt = start();
    kill(world->daemon.pid, SIGSTOP);
    vt_type(vt, "r");
    screen_leave(vt);
    kill(world->daemon.pid, SIGCONT);
}

static void small_screens_show_one_pane(void **state)
{
    (void)state;
    struct vt *vt = start_with(24, 80, NULL);
    assert_true(vt_wait(vt, "raw/"));
    vt_resize(vt, 15, 60);
    assert_true(vt_wait(vt, "curated/"));
    vt_resize(vt, 1, 1);
    vt_resize(vt, 40, 140);
    assert_true(vt_wait(vt, "2 Catalog ─")); /* wide enough for all of them */
    assert_true(vt_wait(vt, "OBJECTS"));
    screen_leave(vt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_says_where_one_is),
        cmocka_unit_test(the_tile_counts_and_zooms),
        cmocka_unit_test(drilling_down_and_back),
        cmocka_unit_test(hostile_names_are_shown_harmless),
        cmocka_unit_test(the_cursor_bar_is_the_terminals_reverse),
        cmocka_unit_test(an_active_filter_is_always_in_sight),
        cmocka_unit_test(sorting_by_name_of_a_column),
        cmocka_unit_test(deleting_is_behind_a_dialog_that_names_the_object),
        cmocka_unit_test(read_only_refuses_at_one_gate),
        cmocka_unit_test(json_and_jobs_and_palette_open),
        cmocka_unit_test(copies_say_where_they_went),
        cmocka_unit_test(an_editor_has_the_terminal_and_its_signals),
        cmocka_unit_test(a_stopped_daemon_costs_freshness_and_nothing_else),
        cmocka_unit_test(quitting_does_not_wait_for_a_stopped_daemon),
        cmocka_unit_test(small_screens_show_one_pane),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
