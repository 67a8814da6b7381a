/* The Catalog pane as a user meets it: the whole program on a terminal, real keys, against the embedded cloud with a
 * crawled lake: a table by days with gaps and one partition of other columns, one of two versions, a view. */
#include "backend/aws/glue.h"
#include "backend/base/digest.h"
#include "backend/domain/session.h"
#include "tests/lib/screen.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROWS = 40, COLS = 160, GREEN = 2, YELLOW = 3, BRIGHT_RED = 9 };

static struct tempdir home;
static struct vt *term;

/* Runs a shell command with weir on PATH; its output goes to a file of the test's. */
static void sh(const char *command)
{
    screen_sh(&home, command);
}

/* A view as Athena keeps it in Glue: its query in a comment, coded. */
static json_t *view_input(void)
{
    static const char view[] = "{\"originalSql\":\"SELECT id, price FROM orders WHERE price < 10\"}";
    char coded[256], text[400];
    base64_encode(view, sizeof view - 1, coded);
    snprintf(text, sizeof text, "/* Presto View: %s */", coded);
    return json_pack("{s:s, s:s, s:s, s:{s:[{s:s, s:s}]}}", "Name", "cheap", "TableType", "VIRTUAL_VIEW",
                     "ViewOriginalText", text, "StorageDescriptor", "Columns", "Name", "id", "Type", "bigint");
}

/* What no verb of weir makes: a view, a partition whose columns are not the table's. */
static bool add_to_catalog(struct aws *aws, struct err *err)
{
    return glue_create_table(aws, "shop", view_input(), NULL, err);
}

static void with_session(bool (*work)(struct aws *aws, struct err *err))
{
    struct config config = {.refresh_ms = 600000};
    struct err err = ERR_NONE;
    snprintf(config.local_dir, sizeof config.local_dir, "%s/weir/local", home.path);
    snprintf(config.region, sizeof config.region, "us-east-1");
    struct session_options options = {.config = &config};
    struct session *session = session_open(&options, &err);
    struct aws *aws = session ? session_connect(session, NULL, &err) : NULL;
    bool ok = aws && work(aws, &err);
    if (session)
        session_close(session);
    if (!ok)
        fail_msg("%s", err.text);
}

static int set_up_lake(void **state)
{
    (void)state;
    screen_home(&home);
    setenv("WEIR_REFRESH", "1s", 1);
    sh("weir local start && weir pipeline lake --bucket lake-imba");
    sh("printf 'id,price,name\\n1,2.50,apple\\n2,30.75,\\n' >o.csv && weir cp o.csv s3://lake-imba/raw/orders/o.csv");
    sh("for d in 01 02 05; do printf '{\"id\":1,\"note\":\"\"}\\n{\"id\":2,\"note\":null}\\n' >e.json && "
       "weir cp e.json s3://lake-imba/raw/events/dt=2024-01-$d/e.json; done");
    sh("weir crawl raw --create s3://lake-imba/raw/ --database shop --wait");
    sh("printf 'id,price,name,rank\\n1,2.50,apple,7\\n' >o.csv && weir cp o.csv s3://lake-imba/raw/orders/o.csv");
    sh("printf '{\"id\":\"x\",\"note\":\"a\",\"more\":1.5}\\n' >e.json && "
       "weir cp e.json s3://lake-imba/raw/events/dt=2024-01-06/e.json");
    sh("weir crawl raw --wait");
    sh("weir crawl lost --create s3://lake-imba/nothing/ --database empty --wait");
    with_session(add_to_catalog);
    return 0;
}

static int tear_down_lake(void **state)
{
    (void)state;
    sh("weir local stop");
    tempdir_remove(&home);
    return 0;
}

static int end(void **state)
{
    (void)state;
    if (term)
        vt_end(term);
    term = NULL;
    sh("weir local fault clear");
    return 0;
}

static void keys(const char *names)
{
    screen_keys(term, names);
}

static void press_and_wait(const char *names, const char *text)
{
    keys(names);
    assert_true(vt_wait(term, text));
}

static void start_sized(int rows, int cols, const char *flag)
{
    const char *const argv[] = {"weir", "--bucket=lake-imba", "--view=catalog", flag, NULL};
    term = vt_start(&(struct vt_options){.rows = rows, .cols = cols, .argv = argv});
}

/* In full view, on the first table of shop. */
static void start(const char *flag)
{
    start_sized(ROWS, COLS, flag);
    assert_true(vt_wait(term, "2 databases"));
    press_and_wait("G Enter", "databases › shop › cheap");
}

/* cheap, events, orders */
static void go_to_events(void)
{
    press_and_wait("j", "shop.events");
    assert_true(vt_wait(term, "listed now"));
    assert_true(vt_wait(term, "partitions  4"));
}

static void go_to_orders(void)
{
    press_and_wait("G", "shop.orders");
    assert_true(vt_wait(term, "listed now"));
    assert_true(vt_wait(term, "1 column added"));
}

/* --- what is shown --- */
static void the_tile_has_tables_figures_and_the_worst_crawler(void **state)
{
    (void)state;
    const char *const argv[] = {"weir", "--bucket=lake-imba", NULL};
    term = vt_start(&(struct vt_options){.rows = ROWS, .cols = 130, .argv = argv});
    assert_true(vt_wait(term, "2 databases  3 tables  2 crawlers"));
    assert_true(vt_wait(term, "crawler lost SUCCEEDED"));
    assert_true(vt_wait(term, "events"));
    press_and_wait("2 G Enter", "databases › shop › orders"); /* drilling goes to that table */
    assert_true(vt_wait(term, "shop.orders"));
}

static void a_table_has_facts_and_columns(void **state)
{
    (void)state;
    start(NULL);
    go_to_events();
    assert_true(vt_wait(term, "s3://lake-imba/raw/events/"));
    assert_true(vt_wait(term, "in 4 objects, listed now"));
    assert_true(vt_wait(term, "costs about $0.00005"));
    assert_true(vt_wait(term, "newest 2024-01-06"));
    assert_true(vt_wait(term, "2 days missing: 2024-01-03, 2024-01-04"));
    assert_int_equal(vt_look(term, "2 days missing").fg, YELLOW);
    assert_true(vt_wait(term, "raw   last SUCCEEDED"));
    assert_true(vt_wait(term, "partition ")); /* the key of the column dt */
}

static void a_view_shows_its_query_and_no_bytes(void **state)
{
    (void)state;
    start(NULL);
    assert_true(vt_wait(term, "it keeps no data of its own"));
    assert_true(vt_wait(term, "SELECT id, price FROM orders WHERE price < 10"));
    assert_false(vt_shows(term, "full scan"));
}

static void an_empty_database_says_what_would_fill_it(void **state)
{
    (void)state;
    start_sized(ROWS, COLS, NULL);
    assert_true(vt_wait(term, "2 databases"));
    press_and_wait("g g v", "\"Name\": \"empty\"");
    keys("q");
    assert_true(vt_wait_gone(term, "\"Name\": \"empty\""));
    press_and_wait("y", "JSON");
    keys("Esc");
    assert_true(vt_wait_gone(term, "JSON"));
    press_and_wait("Enter", "There is no table in this database");
    press_and_wait("d", "created");
    press_and_wait("q", "There is no table");
    press_and_wait("Tab d", "on demand"); /* a crawler */
    press_and_wait("q v", "\"Targets\"");
    press_and_wait("q", "databases › empty › crawlers");
    keys("Esc");
    assert_true(vt_wait_gone(term, "› crawlers"));
    press_and_wait("Esc", "2 databases");
}

/* --- moving --- */
static void the_filter_narrows_tables_and_partitions(void **state)
{
    (void)state;
    start(NULL);
    keys("/");
    vt_type(term, "ord\r");
    assert_true(vt_wait(term, "1 of 3"));
    assert_true(vt_wait(term, "shop.orders"));
    press_and_wait("Esc", "cheap");
    go_to_events();
    press_and_wait("a", "› partitions");
    keys("/");
    vt_type(term, "missing\r");
    assert_true(vt_wait(term, "2 of 6"));
    assert_true(vt_wait_gone(term, "2024-01-05 "));
    keys("Esc");
    assert_true(vt_wait(term, "2024-01-05 "));
}

static void partitions_are_newest_first_with_what_is_missing(void **state)
{
    (void)state;
    int newer, missing, older, col;
    start(NULL);
    go_to_events();
    press_and_wait("a", "2024-01-02 ");
    assert_true(vt_wait(term, "4 · 2 missing"));
    assert_true(vt_find(term, "2024-01-05 ", &newer, &col)); /* the newest is named in the facts too */
    assert_true(vt_find(term, "missing  ", &missing, &col));
    assert_true(vt_find(term, "2024-01-02 ", &older, &col));
    assert_true(newer < missing && missing < older);
    assert_true(vt_wait(term, "3 have other columns than the table"));
    press_and_wait("G Enter", "its columns, which are not the table's"); /* 2024-01-01 */
    assert_true(vt_wait(term, "int   the table says string"));
    assert_int_equal(vt_look(term, "int   the table says").fg, YELLOW);
    assert_true(vt_wait(term, "missing   the table says double"));
}

static void versions_are_compared(void **state)
{
    (void)state;
    start(NULL);
    go_to_orders();
    press_and_wait("V", "2 versions");
    press_and_wait("Enter", "version 1 against 0");
    assert_true(vt_wait(term, "+ rank"));
    assert_int_equal(vt_look(term, "+ rank").fg, GREEN);
    assert_true(vt_wait(term, "  price"));
    press_and_wait("q", "2 versions");
    press_and_wait("j Enter", "there is none before it");
}

static void the_name_goes_into_the_editor(void **state)
{
    (void)state;
    start(NULL);
    go_to_orders();
    press_and_wait("i", "3 Query");
    assert_true(vt_wait(term, "shop.orders"));
    assert_true(vt_wait(term, "ln 1 col"));
}

static void b_goes_to_the_place_in_zones(void **state)
{
    (void)state;
    start(NULL);
    go_to_orders();
    press_and_wait("b", "lake-imba › raw › orders");
    assert_true(vt_wait(term, "o.csv"));
}

static void a_small_screen_shows_one_part_at_a_time(void **state)
{
    (void)state;
    start_sized(24, 70, NULL);
    assert_true(vt_wait(term, "2 databases"));
    press_and_wait("G Enter", "databases › shop");
    press_and_wait("j Tab", "CRAWLER");
    press_and_wait("Tab", "location");
    press_and_wait("Tab", "COLUMN ");
    press_and_wait("a", "2024-01-04");
    static const int sizes[][2] = {{15, 60}, {5, 20}, {1, 1}, {2, 9}, {30, 100}, {40, 160}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        vt_resize(term, sizes[i][0], sizes[i][1]);
    assert_true(vt_wait(term, "shop.events"));
    assert_true(vt_wait(term, "2024-01-04"));
}

/* --- taking it elsewhere --- */
static void describe_json_and_copies_have_the_whole_table(void **state)
{
    (void)state;
    start(NULL);
    go_to_orders();
    press_and_wait("d", "serde");
    assert_true(vt_wait(term, "at $5.00 per TB"));
    press_and_wait("G", "CREATE EXTERNAL TABLE `orders`(");
    press_and_wait("q", "shop.orders");
    press_and_wait("v", "\"StorageDescriptor\"");
    press_and_wait("q", "shop.orders");
    press_and_wait("y", "DDL");
    assert_true(vt_wait(term, "qualified"));
    keys("Esc");
}

/* --- work --- */
static void a_crawl_needs_a_y_and_says_what_changed(void **state)
{
    (void)state;
    start(NULL);
    go_to_orders();
    press_and_wait("R", "Run crawler");
    assert_true(vt_wait(term, "creates or updates tables in shop"));
    keys("Esc");
    assert_true(vt_wait_gone(term, "Run crawler"));
    press_and_wait("R", "Run crawler");
    press_and_wait("y", "run crawler raw: tables:");
}

static void production_wants_the_name_typed(void **state)
{
    (void)state;
    start("--production");
    go_to_orders();
    press_and_wait("R", "type raw");
    keys("y Enter");
    assert_true(vt_wait(term, "type raw")); /* neither is the name */
    keys("Esc");
    assert_true(vt_wait_gone(term, "type raw"));
}

static void read_only_refuses_before_any_dialog(void **state)
{
    (void)state;
    start("--readonly");
    go_to_orders();
    press_and_wait("R", "crawl is refused: weir was started with --readonly");
    assert_false(vt_shows(term, "y yes"));
    press_and_wait("C", "new crawler is refused");
}

static void a_crawler_is_created_from_a_form(void **state)
{
    (void)state;
    start(NULL);
    press_and_wait("C", "New crawler");
    vt_type(term, "second\t\x15s3://\r");
    assert_true(vt_wait(term, "a place in S3")); /* not one yet */
    vt_type(term, "lake-imba/raw/orders/\r");
    assert_true(vt_wait(term, "3 crawlers"));
}

static void the_preview_has_rows_nulls_and_a_bill(void **state)
{
    (void)state;
    start(NULL);
    go_to_events();
    press_and_wait("a w", "scanned");
    assert_true(vt_wait(term, "about $0.00005"));
    assert_true(vt_wait(term, "NULL"));
    assert_true(vt_wait(term, "2024-01-06"));
    assert_true(vt_wait(term, "7 rows"));
    press_and_wait("v", "\"StorageDescriptor\"");
}

static void a_preview_that_fails_says_why(void **state)
{
    (void)state;
    sh("weir local fault 'athena:StartQueryExecution 403 code=AccessDeniedException'");
    start(NULL);
    go_to_orders();
    press_and_wait("w", "athena:StartQueryExecution");
    assert_true(vt_wait(term, "P shows the policy"));
}

static void a_running_preview_is_cancelled_by_ctrl_c(void **state)
{
    (void)state;
    sh("weir local fault 'athena:GetQueryExecution 400 code=ThrottlingException count=3'");
    start(NULL);
    go_to_orders();
    press_and_wait("w", "Ctrl-c cancels");
    press_and_wait("C-c", "cancelled");
}

/* --- faults --- */
static void a_denied_catalog_says_what_is_needed(void **state)
{
    (void)state;
    sh("weir local fault 'glue:GetDatabases 403 code=AccessDeniedException'");
    start_sized(ROWS, COLS, NULL);
    assert_true(vt_wait(term, "needs glue:GetDatabases"));
    assert_true(vt_wait(term, "P shows the policy"));
    assert_true(vt_wait(term, "denied"));
    press_and_wait("P", "glue:GetTableVersions");
}

static void a_denied_database_leaves_the_others(void **state)
{
    (void)state;
    sh("weir local fault 'glue:GetTables 403 code=AccessDeniedException'");
    start_sized(ROWS, COLS, NULL);
    assert_true(vt_wait(term, "2 databases"));
    assert_true(vt_wait(term, "denied"));
    press_and_wait("G Enter", "needs glue:GetTables");
}

static void denied_parts_of_a_table_leave_the_rest(void **state)
{
    (void)state;
    sh("weir local fault 'glue:GetPartitions 403 code=AccessDeniedException' && "
       "weir local fault 's3:ListObjectsV2 403 code=AccessDenied'");
    start(NULL);
    press_and_wait("j", "shop.events");
    assert_true(vt_wait(term, "needs glue:GetPartitions"));
    assert_true(vt_wait(term, "s3:ListBucket"));
    assert_true(vt_wait(term, "as crawled")); /* and not 0 bytes */
    press_and_wait("a", "P shows the policy");
    press_and_wait("V", "versions");
}

static void denied_crawlers_are_said_where_they_would_be(void **state)
{
    (void)state;
    sh("weir local fault 'glue:GetCrawlers 403 code=AccessDeniedException'");
    start(NULL);
    assert_true(vt_wait(term, "needs"));
    go_to_orders();
    press_and_wait("R", "there is no crawler");
}

static void a_cloud_that_answers_errors_keeps_the_figures(void **state)
{
    (void)state;
    start(NULL);
    go_to_orders();
    sh("weir local fault 'glue:* 500'");
    keys("r");
    assert_true(vt_wait(term, "glue "));
    assert_true(vt_wait(term, "shop.orders"));
    for (int i = 0; i < 10; i++) {
        press_and_wait("?", "Keys in Catalog");
        keys("q");
        assert_true(vt_wait_gone(term, "Keys in Catalog"));
    }
    sh("weir local fault clear");
    keys("r");
    assert_true(vt_wait_gone(term, "glue "));
}

static void an_unreachable_cloud_is_said_with_what_to_check(void **state)
{
    (void)state;
    const char *const argv[] = {"weir", "--view=catalog", "--endpoint=http://127.0.0.1:9", "--profile=far", NULL};
    const char *const env[] = {"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", NULL};
    sh("mkdir -p .aws && printf '[far]\naws_access_key_id=AKIDEXAMPLE\naws_secret_access_key=s\nregion=us-east-1\n' "
       ">.aws/credentials");
    term = vt_start(&(struct vt_options){.rows = ROWS, .cols = COLS, .argv = argv, .env = env});
    assert_true(vt_wait(term, "asking Glue for databases and tables"));
    assert_true(vt_wait(term, "glue GetDatabases on the catalog: the connection failed"));
    press_and_wait("?", "Keys in Catalog"); /* and the keys are alive */
    sh("rm -r .aws");
}

static void a_stalled_cloud_keeps_the_keys_alive_and_is_said(void **state)
{
    (void)state;
    sh("weir local fault 'glue:* stall'");
    start_sized(ROWS, COLS, NULL);
    press_and_wait("?", "Keys in Catalog");
    keys("q");
    assert_true(vt_wait_gone(term, "Keys in Catalog"));
    assert_true(vt_wait(term, "glue GetDatabases on the catalog: the server was silent"));
}

static void a_location_that_is_gone_has_no_object(void **state)
{
    (void)state;
    sh("weir sql -d shop -c \"create external table gone (id bigint) location 's3://lake-imba/raw/gone/'\"");
    start_sized(ROWS, COLS, NULL);
    assert_true(vt_wait(term, "2 databases"));
    press_and_wait("G Enter", "gone");
    keys("j j"); /* cheap, events, gone */
    assert_true(vt_wait(term, "0 B in 0 objects"));
    assert_int_equal(vt_look(term, "0 B in 0 objects").fg, YELLOW);
    sh("weir sql -d shop -c 'drop table gone'");
}

#define SCREEN_TEST(name) cmocka_unit_test_teardown(name, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        SCREEN_TEST(the_tile_has_tables_figures_and_the_worst_crawler),
        SCREEN_TEST(a_table_has_facts_and_columns),
        SCREEN_TEST(a_view_shows_its_query_and_no_bytes),
        SCREEN_TEST(an_empty_database_says_what_would_fill_it),
        SCREEN_TEST(the_filter_narrows_tables_and_partitions),
        SCREEN_TEST(partitions_are_newest_first_with_what_is_missing),
        SCREEN_TEST(versions_are_compared),
        SCREEN_TEST(the_name_goes_into_the_editor),
        SCREEN_TEST(b_goes_to_the_place_in_zones),
        SCREEN_TEST(a_small_screen_shows_one_part_at_a_time),
        SCREEN_TEST(describe_json_and_copies_have_the_whole_table),
        SCREEN_TEST(production_wants_the_name_typed),
        SCREEN_TEST(read_only_refuses_before_any_dialog),
        SCREEN_TEST(the_preview_has_rows_nulls_and_a_bill),
        SCREEN_TEST(a_preview_that_fails_says_why),
        SCREEN_TEST(a_running_preview_is_cancelled_by_ctrl_c),
        SCREEN_TEST(a_denied_catalog_says_what_is_needed),
        SCREEN_TEST(a_denied_database_leaves_the_others),
        SCREEN_TEST(denied_parts_of_a_table_leave_the_rest),
        SCREEN_TEST(denied_crawlers_are_said_where_they_would_be),
        SCREEN_TEST(a_cloud_that_answers_errors_keeps_the_figures),
        SCREEN_TEST(an_unreachable_cloud_is_said_with_what_to_check),
        SCREEN_TEST(a_stalled_cloud_keeps_the_keys_alive_and_is_said),
        SCREEN_TEST(a_location_that_is_gone_has_no_object),
        SCREEN_TEST(a_crawl_needs_a_y_and_says_what_changed),
        SCREEN_TEST(a_crawler_is_created_from_a_form),
    };
    return cmocka_run_group_tests(tests, set_up_lake, tear_down_lake);
}
