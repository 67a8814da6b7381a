/* The Zones pane as a user meets it: the whole program on a terminal, real keys, against the embedded cloud with a
 * small lake. What is read is cells: text, colours, attributes. */
#include "tests/lib/screen.h"
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define HOSTILE_SHELL "we\\033[31mird\\342\\200\\256name.csv" /* for printf in sh */
#define HOSTILE_SHOWN "we\\x1b[31mird<U+202E>name.csv"
enum { WIDE_ROWS = 40, WIDE_COLS = 170, GREEN = 2, YELLOW = 3, BRIGHT_RED = 9, BRIGHT_BLUE = 12 };

static struct tempdir home;
static struct vt *term;

static void sh(const char *command)
{
    screen_sh(&home, command);
}

static int set_up_lake(void **state)
{
    (void)state;
    screen_home(&home);
    setenv("WEIR_REFRESH", "1s", 1);
    sh("weir local start && weir pipeline lake --bucket lake-imba");
    sh("printf 'order_id,user_id,days\\n2539329,1,\\n2398795,12,15.0\\n' >part-0.csv && gzip -kn part-0.csv &&"
       "printf '{\"auc\":0.838,\"ok\":true}' >model.json && printf 'hello\\nworld\\n' >notes.txt &&"
       "printf '\\000\\001\\002\\377' >b.bin");
    sh("for n in 0 1 2; do weir cp part-0.csv.gz s3://lake-imba/raw/orders/part-$n.csv.gz; done");
    sh("weir cp notes.txt \"$(printf 's3://lake-imba/raw/orders/" HOSTILE_SHELL "')\"");
    sh("weir cp part-0.csv s3://lake-imba/raw/products/part-0.csv && weir cp model.json "
       "s3://lake-imba/models/model.json &&"
       "weir cp b.bin s3://lake-imba/models/b.bin && weir cp notes.txt s3://lake-imba/curated/notes.txt");
    return 0;
}

static int tear_down_lake(void **state)
{
    (void)state;
    sh("weir local stop");
    tempdir_remove(&home);
    return 0;
}

static void start_with(int rows, int cols, const char *argument)
{
    const char *const argv[] = {"weir", argument, NULL};
    term = vt_start(&(struct vt_options){.rows = rows, .cols = cols, .argv = argv});
    assert_true(vt_wait(term, "Zones"));
}

/* In full view, with the bucket's root listed. */
static void wait_for_root(void)
{
    assert_true(vt_wait(term, "raw/"));
    if (vt_shows(term, "OBJECTS")) /* the tile */
        vt_key(term, "z");
    assert_true(vt_wait(term, "3 prefixes"));
}

static void start(int rows, int cols)
{
    start_with(rows, cols, NULL);
    wait_for_root();
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

/* To the objects of raw/orders/, step by step, as each listing arrives. */
static void go_to_orders(void)
{
    keys("G Enter"); /* raw/ is the last of the three */
    assert_true(vt_wait(term, "2 prefixes"));
    keys("g g Enter");
    assert_true(vt_wait(term, "part-2.csv.gz"));
}

static void press_and_wait(const char *names, const char *text)
{
    keys(names);
    assert_true(vt_wait(term, text));
}

/* --- what is shown --- */
static void the_header_says_where_one_is(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    assert_true(vt_wait(term, "123456789012"));
    assert_true(vt_wait(term, " weir "));
    assert_true(vt_wait(term, "local · 123456789012 · us-east-1"));
    assert_true(vt_wait(term, "1 Zones"));
    assert_true(vt_look(term, "local").bold);
    assert_true(vt_wait(term, "calls/min"));
    assert_int_equal(vt_look(term, "Esc back").fg, BRIGHT_BLUE);
}

static void the_tree_has_zones_and_what_is_to_be_said_of_the_bucket(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    assert_true(vt_wait(term, "versioned  sse-s3  private"));
    assert_true(vt_wait(term, "8 objects"));
    assert_true(vt_wait(term, "curated/"));
    assert_true(vt_wait(term, "models/"));
}

static void an_unencrypted_public_bucket_is_a_warning(void **state)
{
    (void)state;
    sh("weir local fault 's3:GetBucketEncryption 404 code=ServerSideEncryptionConfigurationNotFoundError'");
    start(WIDE_ROWS, WIDE_COLS);
    assert_true(vt_wait(term, "unencrypted"));
    assert_int_equal(vt_look(term, "unencrypted").fg, YELLOW);
}

static void drilling_in_and_coming_back(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    assert_true(vt_wait(term, "lake-imba › raw › orders"));
    assert_true(vt_wait(term, "4 objects"));
    press_and_wait("Esc", "products/");
    assert_true(vt_wait_gone(term, "raw › orders"));
    assert_true(vt_wait(term, "2 prefixes"));
    press_and_wait("Esc", "3 prefixes");
}

static void the_cursor_is_a_bar_and_idle_bars_are_another(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    assert_true(vt_look(term, "part-0.csv.gz  ").reverse);
    assert_false(vt_look(term, "part-1.csv.gz  ").reverse);
    keys("j");
    while (!vt_look(term, "part-1.csv.gz  ").reverse)
        assert_true(vt_wait(term, "part-1.csv.gz"));
    assert_false(vt_look(term, "part-0.csv.gz  ").reverse);
}

static void an_object_has_details_and_a_preview(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    assert_true(vt_wait(term, "verified"));
    assert_int_equal(vt_look(term, "crc64nvme").fg, GREEN);
    assert_true(vt_wait(term, "ORDER_ID  USER_ID  DAYS"));
    assert_true(vt_wait(term, "2398795       12  15.0")); /* numbers at the right */
    assert_true(vt_wait(term, "text/csv in gzip"));
    assert_true(vt_wait(term, "AES256"));
}

static void json_and_bytes_are_previewed_as_what_they_are(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    press_and_wait("j Enter", "model.json");
    keys("j");
    assert_true(vt_wait(term, "\"auc\": 0.838"));
    keys("k");
    assert_true(vt_wait(term, "00 01 02 ff"));
}

/* Rows by ranged reads of the first row group; a null is not the word null, nor nothing. */
static void a_parquet_object_has_facts_and_first_rows(void **state)
{
    (void)state;
    sh("weir sql -c \"select x as id, case when x % 2 = 0 then 'null' end as word, '' as nothing "
       "from unnest(sequence(1, 300)) t(x)\" --format parquet >t.parquet && "
       "weir rm --yes -r s3://lake-imba/query_results/ && "
       "weir cp t.parquet s3://lake-imba/models/t.parquet && "
       "{ head -c 40 t.parquet; head -c 60 /dev/zero; tail -c +101 t.parquet; } >damaged.parquet && "
       "weir cp damaged.parquet s3://lake-imba/models/u.parquet && "
       "head -c 200 t.parquet >cut.parquet && weir cp cut.parquet s3://lake-imba/models/v.parquet");
    start(WIDE_ROWS, 200);
    press_and_wait("j Enter", "t.parquet");
    keys("G k k");
    assert_true(vt_wait(term, "the first 100 of 300 rows"));
    assert_true(vt_wait(term, "row groups"));
    assert_true(vt_wait(term, "ID  WORD  NOTHING"));
    assert_true(vt_wait(term, " 1  ∅"));
    assert_true(vt_wait(term, " 2  null"));
    press_and_wait("j", "no rows"); /* damaged: the facts are there, and why there are no rows */
    assert_true(vt_wait(term, "row groups"));
    press_and_wait("j", "is the file complete?");
    sh("for n in t u v; do weir rm --yes s3://lake-imba/models/$n.parquet; done");
}

static void hostile_names_are_shown_harmless(void **state)
{
    (void)state;
    start(WIDE_ROWS, 220);
    go_to_orders();
    assert_true(vt_wait(term, HOSTILE_SHOWN));
    keys("G");
    assert_true(vt_wait(term, "s3://lake-imba/raw/orders/" HOSTILE_SHOWN));
    assert_int_not_equal(vt_look(term, "name.csv").fg, 1); /* its colour did not get through */
}

/* --- moving --- */
static void tab_goes_through_the_parts(void **state)
{
    (void)state;
    start(24, 70); /* one part at a time */
    go_to_orders();
    press_and_wait("Tab", "checksum");
    assert_true(vt_wait_gone(term, "NAME"));
    press_and_wait("Tab", "curated/");
    press_and_wait("Tab", "NAME");
}

static void the_filter_narrows_is_seen_and_goes_by_esc(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    press_and_wait("/", "filter");
    vt_type(term, "part-1");
    assert_true(vt_wait_gone(term, "part-2.csv.gz"));
    keys("Enter");
    assert_true(vt_wait(term, "1 of 4"));
    assert_true(vt_wait(term, "part-1.csv.gz"));
    press_and_wait("Esc", "part-2.csv.gz");
    assert_true(vt_wait(term, "raw › orders"));
    press_and_wait("/", "filter");
    vt_type(term, "!part\r");
    assert_true(vt_wait_gone(term, "part-2.csv.gz"));
    assert_true(vt_wait(term, "1 of 4"));
}

static void sorting_shows_an_arrow(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    press_and_wait("s", "NAME▲");
    press_and_wait("S", "NAME▼");
    press_and_wait("s", "▲SIZE");
}

static void versions_show_what_was_deleted(void **state)
{
    (void)state;
    sh("weir cp notes.txt s3://lake-imba/curated/gone.txt && weir rm --yes s3://lake-imba/curated/gone.txt");
    start(WIDE_ROWS, WIDE_COLS);
    press_and_wait("g g Enter", "notes.txt");
    assert_false(vt_shows(term, "gone.txt"));
    press_and_wait("V", "gone.txt");
    assert_true(vt_wait(term, "deleted"));
    assert_true(vt_wait(term, "LATEST"));
}

static void resizing_keeps_the_place(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    static const int sizes[][2] = {{30, 120}, {24, 80}, {15, 60}, {5, 20}, {1, 1}, {2, 9}, {30, 100}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        vt_resize(term, sizes[i][0], sizes[i][1]);
    assert_true(vt_wait(term, "part-2.csv.gz"));
    assert_true(vt_wait(term, "verified"));
    assert_true(vt_wait_gone(term, "1 Zones ─")); /* the tree has no room at 100 */
    assert_true(vt_wait(term, "part-2.csv.gz"));
    vt_resize(term, WIDE_ROWS, WIDE_COLS);
    assert_true(vt_wait(term, "products/"));
    assert_true(vt_wait(term, "MODIFIED"));
}

static void a_long_listing_is_read_as_far_as_one_looks(void **state)
{
    (void)state;
    sh("mkdir -p many && for i in $(seq -w 1 2100); do echo $i >many/o-$i; done &&"
       "weir cp --recursive many s3://lake-imba/many/ && rm -r many");
    start_with(WIDE_ROWS, WIDE_COLS, NULL);
    press_and_wait("z", "4 prefixes");
    press_and_wait("g g j", "s3://lake-imba/many/"); /* curated, many, models, raw */
    keys("Enter");
    assert_true(vt_wait(term, "1 000+ objects"));
    assert_true(vt_wait(term, "o-0001"));
    keys("G");
    assert_true(vt_wait(term, "o-1000"));
    assert_true(vt_wait(term, "2 000+ objects"));
    keys("/");
    vt_type(term, "o-2099\r"); /* not there yet: the filter has it fetched */
    assert_true(vt_wait(term, "1 of 2 100"));
    assert_true(vt_wait(term, "s3://lake-imba/many/o-2099"));
    sh("weir rm --yes --recursive s3://lake-imba/many/");
}

/* --- overlays --- */
static void help_is_of_the_keys_in_force_and_is_searched(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    press_and_wait("?", "Keys in Zones");
    assert_true(vt_wait(term, "download to a local file"));
    keys("/");
    vt_type(term, "theme\r");
    assert_true(vt_wait(term, "choose a theme"));
    keys("Esc Esc");
    assert_true(vt_wait_gone(term, "Keys in Zones"));
}

static void describe_json_and_policy_open_in_a_pager(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    assert_true(vt_wait(term, "verified"));
    press_and_wait("d", "version id");
    keys("q");
    assert_true(vt_wait_gone(term, "version id"));
    press_and_wait("v", "\"checksum_algorithm\": \"crc64nvme\"");
    keys("q");
    assert_true(vt_wait_gone(term, "checksum_algorithm"));
    press_and_wait("P", "s3:ListBucket");
}

static void deleting_needs_a_y(void **state)
{
    (void)state;
    sh("weir cp notes.txt s3://lake-imba/curated/away.txt");
    start(WIDE_ROWS, WIDE_COLS);
    press_and_wait("g g Enter", "away.txt");
    keys("g g D");
    assert_true(vt_wait(term, "s3://lake-imba/curated/away.txt"));
    assert_true(vt_wait(term, "A delete marker is added"));
    assert_int_equal(vt_look(term, "┌─ Delete").fg, BRIGHT_RED);
    keys("Enter C-d C-k n");
    assert_true(vt_wait_gone(term, "A delete marker is added"));
    assert_true(vt_wait(term, "away.txt"));
    press_and_wait("D", "y yes");
    keys("y");
    assert_true(vt_wait(term, "1 object ·"));
}

static void downloading_asks_where_and_jobs_show_it(void **state)
{
    (void)state;
    char path[PATH_MAX], typed[PATH_MAX + 2];
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    press_and_wait("w", "save as");
    assert_true(vt_wait(term, "./part-0.csv.gz"));
    keys("C-u");
    vt_type(term, "/no/such/place/x\r");
    assert_true(vt_wait(term, "there is no directory"));
    keys("C-u");
    snprintf(path, sizeof path, "%s/got.gz", home.path);
    snprintf(typed, sizeof typed, "%s\r", path);
    vt_type(term, typed);
    assert_true(vt_wait(term, "saved to"));
    sh("cmp got.gz part-0.csv.gz");
    press_and_wait("J", "Background work");
    assert_true(vt_wait(term, "done"));
}

static void uploading_names_what_is_replaced(void **state)
{
    (void)state;
    char typed[PATH_MAX + 16];
    start(WIDE_ROWS, WIDE_COLS);
    press_and_wait("g g Enter", "notes.txt");
    press_and_wait("U", "local file");
    snprintf(typed, sizeof typed, "%s/model.json\r", home.path);
    vt_type(term, typed);
    assert_true(vt_wait(term, "s3://lake-imba/curated/model.json"));
    assert_true(vt_wait(term, "its old version is kept"));
    keys("y");
    assert_true(vt_wait(term, "2 objects"));
    sh("weir rm --yes s3://lake-imba/curated/model.json");
}

static void an_edit_is_offered_for_upload_and_never_lost(void **state)
{
    (void)state;
    sh("printf '#!/bin/sh\\necho edited >>\"$1\"\\n' >editor && chmod +x editor &&"
       "weir cp notes.txt s3://lake-imba/curated/edit.txt");
    char editor[PATH_MAX];
    snprintf(editor, sizeof editor, "%s/editor", home.path);
    setenv("VISUAL", editor, 1);
    setenv("TMPDIR", home.path, 1);
    start(WIDE_ROWS, WIDE_COLS);
    press_and_wait("g g Enter", "edit.txt");
    press_and_wait("g g e", "the edited file is ");
    assert_true(vt_wait(term, "y yes"));
    keys("y");
    assert_true(vt_wait(term, "done: upload"));
    sh("weir cat s3://lake-imba/curated/edit.txt | grep -x edited && ! ls -d weir-?????? && weir rm --yes "
       "s3://lake-imba/curated/edit.txt");
}

static void read_only_refuses_before_any_dialog(void **state)
{
    (void)state;
    start_with(WIDE_ROWS, WIDE_COLS, "--readonly");
    wait_for_root();
    assert_true(vt_wait(term, "ro"));
    keys("D");
    assert_true(vt_wait(term, "--readonly"));
    assert_false(vt_shows(term, "y yes"));
}

/* --- faults --- */
static void a_zone_that_is_denied_leaves_the_others(void **state)
{
    (void)state;
    sh("weir local fault 's3:ListObjectsV2 403 code=AccessDenied prefix=models/'");
    start(WIDE_ROWS, WIDE_COLS);
    assert_true(vt_wait(term, "denied"));
    assert_int_equal(vt_look(term, "denied").fg, YELLOW);
    press_and_wait("j Enter", "AccessDenied"); /* curated, models, raw */
    assert_int_equal(vt_look(term, "s3 ListObjectsV2").fg, BRIGHT_RED);
    press_and_wait("Esc", "3 prefixes");
}

static void an_expired_session_is_no_matter_of_policies(void **state)
{
    (void)state;
    sh("weir local fault 's3:* 400 code=ExpiredToken'");
    start_with(WIDE_ROWS, WIDE_COLS, NULL);
    assert_true(vt_wait(term, "ExpiredToken - log in"));
    assert_true(vt_wait(term, " credentials ─"));
    assert_false(vt_shows(term, "P shows the policy"));
    sh("weir local fault clear");
    keys("C-r");
    wait_for_root();
}

static void a_stalled_cloud_keeps_the_keys_alive_and_the_figures(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    sh("weir local fault 's3:* stall'");
    keys("r");
    for (int i = 0; i < 20; i++) {
        press_and_wait("?", "Keys in Zones");
        keys("q");
        assert_true(vt_wait_gone(term, "Keys in Zones"));
    }
    assert_true(vt_wait(term, "part-2.csv.gz"));
}

static void a_cloud_that_answers_errors_is_said_and_recovers(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    sh("weir local fault 's3:ListObjectsV2 403 code=AccessDenied'");
    keys("r");
    assert_true(vt_wait(term, "denied, from"));
    assert_true(vt_wait(term, "part-2.csv.gz")); /* the old listing stays */
    sh("weir local fault clear");
    keys("r");
    assert_true(vt_wait_gone(term, "denied, from"));
}

static void slow_down_from_the_start_is_said_with_what_is_done_about_it(void **state)
{
    (void)state;
    sh("weir local fault 's3:ListObjectsV2 503'");
    start_with(WIDE_ROWS, WIDE_COLS, NULL);
    assert_true(vt_wait(term, "SlowDown"));
    assert_true(vt_wait(term, "tries failed in"));
    assert_true(vt_wait(term, "retrying"));
    assert_int_equal(vt_look(term, "retrying").fg, YELLOW);
    press_and_wait("?", "Keys in Zones");
    keys("q");
    sh("weir local fault clear");
    wait_for_root();
    assert_true(vt_wait_gone(term, "retrying"));
}

static void slow_down_later_keeps_the_figures_and_says_why_they_are_old(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    sh("weir local fault 's3:ListObjectsV2 503'");
    keys("C-r");
    assert_true(vt_wait(term, ", from ")); /* retrying, or error between two fetches when the pauses were short */
    assert_true(vt_wait(term, "SlowDown"));
    assert_true(vt_shows(term, "part-2.csv.gz"));
    assert_true(vt_shows(term, "versioned"));
    sh("weir local fault clear");
    assert_true(vt_wait_gone(term, "SlowDown"));
    assert_true(vt_wait_gone(term, ", from "));
    assert_true(vt_wait_gone(term, "retrying"));
}

static void slow_down_amid_a_first_listing_keeps_at_least_so_many(void **state)
{
    (void)state;
    sh("weir local fault 's3:ListObjectsV2 503 prefix=raw/'");
    start_with(WIDE_ROWS, WIDE_COLS, NULL);
    assert_true(vt_wait(term, "retrying"));
    assert_false(vt_shows(term, "0 B+")); /* what was not counted is not nothing */
    assert_true(vt_wait(term, "still counting"));
    assert_true(vt_wait(term, "objects"));
    assert_true(vt_shows(term, "+ objects"));
    sh("weir local fault clear");
    assert_true(vt_wait_gone(term, "still counting"));
    assert_true(vt_wait_gone(term, "+ objects"));
}

static void paused_figures_tell_their_time_and_not_an_age_that_ticks(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    press_and_wait("=", "paused, from");
    press_and_wait("C-r", "paused, from");
    keys("=");
    assert_true(vt_wait_gone(term, "paused"));
}

static void the_listing_is_exported_as_it_is_shown(void **state)
{
    (void)state;
    char typed[PATH_MAX + 16];
    start(WIDE_ROWS, WIDE_COLS);
    go_to_orders();
    keys("/");
    vt_type(term, "part-\r");
    assert_true(vt_wait(term, "3 of 4"));
    press_and_wait("x", "3 rows of s3://lake-imba/raw/orders/");
    assert_true(vt_wait(term, "./orders.csv"));
    keys("C-u");
    vt_type(term, "/tmp/x.xlsx\r");
    assert_true(vt_wait(term, "end the name with .csv"));
    keys("C-u");
    snprintf(typed, sizeof typed, "%s/listing.jsonl\r", home.path);
    vt_type(term, typed);
    assert_true(vt_wait(term, "saved to"));
    sh("wc -l <listing.jsonl | grep -x 3 && grep -c '\"name\":\"part-.\\.csv\\.gz\"' listing.jsonl | grep -x 3 && ! ls "
       "listing.jsonl.*");
    press_and_wait("x", "./orders.csv");
    keys("C-u");
    vt_type(term, typed);
    assert_true(vt_wait(term, "File exists")); /* what is there stays */
    sh("wc -l <listing.jsonl | grep -x 3");
}

#define TREE "│   " /* before the zones in the tree */
static void the_past_is_stepped_through(void **state)
{
    (void)state;
    start(WIDE_ROWS, WIDE_COLS);
    keys("[");
    assert_true(vt_wait(term, "there is no past yet"));
    sh("weir cp notes.txt s3://lake-imba/later/notes.txt");
    keys("C-r");
    assert_true(vt_wait(term, TREE "later/"));
    assert_true(vt_wait(term, "4 prefixes"));
    keys("[");
    assert_true(vt_wait(term, "as it was at"));
    assert_true(vt_wait(term, "replay"));
    assert_true(vt_wait_gone(term, TREE "later/"));
    assert_true(vt_shows(term, "later/")); /* in the list, which is the present's */
    keys("-");
    assert_true(vt_wait_gone(term, "replay"));
    assert_true(vt_wait(term, TREE "later/"));
    sh("weir rm --yes s3://lake-imba/later/notes.txt");
}

static void quitting_leaves_a_plain_terminal(void **state)
{
    (void)state;
    int status;
    start(24, 80);
    keys(":");
    assert_true(vt_wait(term, ":"));
    vt_type(term, "q!\r");
    assert_true(vt_wait_exit(term, &status));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_true(vt_is_plain(term));
}

#define SCREEN_TEST(name) cmocka_unit_test_teardown(name, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        SCREEN_TEST(the_header_says_where_one_is),
        SCREEN_TEST(the_tree_has_zones_and_what_is_to_be_said_of_the_bucket),
        SCREEN_TEST(an_unencrypted_public_bucket_is_a_warning),
        SCREEN_TEST(drilling_in_and_coming_back),
        SCREEN_TEST(the_cursor_is_a_bar_and_idle_bars_are_another),
        SCREEN_TEST(an_object_has_details_and_a_preview),
        SCREEN_TEST(json_and_bytes_are_previewed_as_what_they_are),
        SCREEN_TEST(a_parquet_object_has_facts_and_first_rows),
        SCREEN_TEST(hostile_names_are_shown_harmless),
        SCREEN_TEST(tab_goes_through_the_parts),
        SCREEN_TEST(the_filter_narrows_is_seen_and_goes_by_esc),
        SCREEN_TEST(sorting_shows_an_arrow),
        SCREEN_TEST(versions_show_what_was_deleted),
        SCREEN_TEST(resizing_keeps_the_place),
        SCREEN_TEST(a_long_listing_is_read_as_far_as_one_looks),
        SCREEN_TEST(help_is_of_the_keys_in_force_and_is_searched),
        SCREEN_TEST(describe_json_and_policy_open_in_a_pager),
        SCREEN_TEST(deleting_needs_a_y),
        SCREEN_TEST(downloading_asks_where_and_jobs_show_it),
        SCREEN_TEST(uploading_names_what_is_replaced),
        SCREEN_TEST(an_edit_is_offered_for_upload_and_never_lost),
        SCREEN_TEST(read_only_refuses_before_any_dialog),
        SCREEN_TEST(a_zone_that_is_denied_leaves_the_others),
        SCREEN_TEST(an_expired_session_is_no_matter_of_policies),
        SCREEN_TEST(a_stalled_cloud_keeps_the_keys_alive_and_the_figures),
        SCREEN_TEST(a_cloud_that_answers_errors_is_said_and_recovers),
        SCREEN_TEST(slow_down_from_the_start_is_said_with_what_is_done_about_it),
        SCREEN_TEST(slow_down_later_keeps_the_figures_and_says_why_they_are_old),
        SCREEN_TEST(slow_down_amid_a_first_listing_keeps_at_least_so_many),
        SCREEN_TEST(paused_figures_tell_their_time_and_not_an_age_that_ticks),
        SCREEN_TEST(the_listing_is_exported_as_it_is_shown),
        SCREEN_TEST(the_past_is_stepped_through),
        SCREEN_TEST(quitting_leaves_a_plain_terminal),
    };
    return cmocka_run_group_tests(tests, set_up_lake, tear_down_lake);
}
