/* The Glue client and the catalog's feeds against the embedded cloud: what a crawl leaves, what the feeds show of it,
 * pages, faults, what is refused, and a kill. One cloud in a private directory for all tests. */
#include "backend/aws/athena.h"
#include "backend/aws/glue.h"
#include "backend/aws/s3.h"
#include "backend/base/clock.h"
#include "backend/core/feed.h"
#include "backend/core/localctl.h"
#include "backend/core/snap.h"
#include "backend/core/thread.h"
#include "backend/domain/catalog.h"
#include "backend/domain/session.h"
#include "tests/lib/cloudstage.h"
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct cloudstage stage;

static void must(bool ok, const struct err *err)
{
    cloudstage_must(ok, err);
}

static void put(const char *key, const char *text)
{
    cloudstage_put(&stage, "lake", key, text);
}

static int open_cloud(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    stage.config.athena_price_cents = 500;
    if (!cloudstage_open(&stage) || !s3_create_bucket(stage.aws, "lake", NULL, &err)) {
        print_error("%s\n", err.text);
        return -1;
    }
    put("raw/orders/a.csv", "id,price\n1,2.50\n2,3.75\n");
    put("raw/events/dt=2024-01-01/a.json", "{\"id\":1}\n");
    put("raw/events/dt=2024-01-03/a.json", "{\"id\":2}\n");
    return 0;
}

static int close_cloud(void **state)
{
    (void)state;
    cloudstage_close(&stage);
    return 0;
}

static json_t *crawler_input(const char *name)
{
    return json_pack("{s:s, s:s, s:s, s:{s:[{s:s}]}}", "Name", name, "Role", "r", "DatabaseName", "imba", "Targets",
                     "S3Targets", "Path", "s3://lake/raw/");
}

/* The newest snapshot of the slot that is newer than `after`; fails the test after 30 s or on its error. */
static const struct snap *wait_snap(struct snap_slot *slot, uint64_t after)
{
    int64_t until = clock_mono(&clock_system) + 30000;
    for (;;) {
        uint64_t seen = cloudstage_changes(&stage);
        const struct snap *snap = snap_slot_get(slot);
        if (snap && snap->generation > after && snap->err.code != ERR_OK)
            fail_msg("%s", snap->err.text);
        if (snap && snap->generation > after && snap->value)
            return snap;
        snap_put(snap);
        if (!cloudstage_wait(&stage, seen, until))
            fail_msg("the snapshot never came");
    }
}

static void a_crawl_is_a_job_that_says_what_it_found(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    must(glue_create_crawler(stage.aws, crawler_input("raw"), NULL, &err), &err);
    struct catalog *catalog = session_catalog(stage.session);
    int id = catalog_run_crawler(catalog, "raw");
    assert_true(id >= 0);
    struct job_view views[8];
    int64_t until = clock_mono(&clock_system) + 30000;
    for (bool is_over = false; !is_over;) {
        uint64_t seen = cloudstage_changes(&stage);
        int count = jobs_list(session_jobs(stage.session), views, 8);
        is_over = count > 0 && views[0].id == id && views[0].state >= JOB_DONE;
        if (!is_over && !cloudstage_wait(&stage, seen, until))
            fail_msg("the job never ended");
    }
    assert_int_equal(views[0].state, JOB_DONE);
    assert_string_equal(views[0].note, "tables: 2 created, 0 updated, 0 deleted");
}

static void the_feed_shows_databases_tables_columns_and_crawlers(void **state)
{
    (void)state;
    struct catalog *catalog = session_catalog(stage.session);
    uint64_t before = snap_slot_generation(catalog_slot(catalog));
    feed_set_visible(catalog_feed(catalog), true);
    feed_refresh(catalog_feed(catalog));
    const struct snap *snap = wait_snap(catalog_slot(catalog), before);
    while (((const struct catalog_view *)snap->value)->is_loading) { /* databases alone come first */
        before = snap->generation;
        snap_put(snap);
        snap = wait_snap(catalog_slot(catalog), before);
    }
    const struct catalog_view *view = snap->value;
    assert_int_equal(view->database_count, 1);
    assert_int_equal(view->table_count, 2);
    assert_string_equal(view->tables[0].name, "events");
    assert_string_equal(view->tables[1].name, "orders");
    assert_int_equal(view->tables[1].rows, 2);
    assert_string_equal(view->tables[1].columns[1].type, "decimal(18,2)");
    assert_int_equal(view->tables[0].key_count, 1);
    assert_int_equal(view->crawler_count, 1);
    assert_string_equal(view->crawlers[0].last_status, "SUCCEEDED");
    snap_put(snap);
}

/* Table and versions come first, partitions after them. */
static const struct snap *wait_partitions(struct catalog *catalog)
{
    uint64_t after = 0;
    for (;;) {
        const struct snap *snap = wait_snap(catalog_detail_slot(catalog), after);
        if (((const struct catalog_detail *)snap->value)->table.partitions != CATALOG_UNKNOWN)
            return snap;
        after = snap->generation;
        snap_put(snap);
    }
}

static const struct snap *wait_complete(struct catalog *catalog)
{
    uint64_t after = 0;
    for (;;) {
        const struct snap *snap = wait_snap(catalog_location_slot(catalog), after);
        if (((const struct catalog_location *)snap->value)->is_complete)
            return snap;
        after = snap->generation;
        snap_put(snap);
    }
}

static void a_table_has_versions_gaps_bytes_and_a_price(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    put("raw/events/dt=2024-01-04/a.json", "{\"id\":3,\"kind\":\"buy\"}\n");
    must(glue_start_crawler(stage.aws, "raw", NULL, &err), &err);
    struct catalog *catalog = session_catalog(stage.session);
    catalog_set_table(catalog, "imba", "events", "s3://lake/raw/events/");
    feed_set_visible(catalog_detail_feed(catalog), true);
    feed_set_visible(catalog_location_feed(catalog), true);
    const struct snap *snap = wait_partitions(catalog);
    const struct catalog_detail *detail = snap->value;
    assert_int_equal(detail->table.partitions, 3);
    assert_string_equal(detail->table.last_partition, "2024-01-04");
    assert_int_equal(detail->gap_count, 1);
    assert_string_equal(detail->gaps[0], "2024-01-02");
    assert_int_equal(detail->change_count, 1);
    assert_string_equal(detail->changes[0].column, "kind");
    assert_string_equal(detail->changes[0].before, "");
    snap_put(snap);
    snap = wait_complete(catalog);
    const struct catalog_location *location = snap->value;
    assert_int_equal(location->objects, 3);
    assert_true(location->bytes > 0);
    assert_int_equal(location->child_count, 3);
    snap_put(snap);
}

static void listings_join_their_pages(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    must(glue_create_database(stage.aws, json_pack("{s:s}", "Name", "many"), NULL, &err), &err);
    for (int i = 0; i < 105; i++) {
        char name[16];
        snprintf(name, sizeof name, "t%03d", i);
        must(glue_create_table(stage.aws, "many", json_pack("{s:s}", "Name", name), NULL, &err), &err);
    }
    json_t *tables = glue_get_tables(stage.aws, "many", NULL, &err);
    must(tables != NULL, &err);
    assert_int_equal(json_array_size(tables), 105);
    assert_string_equal(json_str(json_array_get(tables, 104), "Name"), "t104");
    json_decref(tables);
    must(glue_delete_database(stage.aws, "many", NULL, &err), &err);
}

static void refusals_carry_glues_names(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    assert_null(glue_get_table(stage.aws, "imba", "nope", NULL, &err));
    assert_string_equal(err.service_code, "EntityNotFoundException");
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(glue_create_crawler(stage.aws, crawler_input("raw"), NULL, &err));
    assert_string_equal(err.service_code, "AlreadyExistsException");
    assert_false(glue_stop_crawler(stage.aws, "raw", NULL, &err));
    assert_string_equal(err.service_code, "CrawlerNotRunningException");
}

static void throttling_is_outlasted(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    must(localctl_fault_add(stage.config.local_dir, "glue:GetTables 400 code=ThrottlingException count=2", NULL, &err),
         &err);
    json_t *tables = glue_get_tables(stage.aws, "imba", NULL, &err);
    must(tables != NULL, &err);
    json_decref(tables);
    must(localctl_fault_clear(stage.config.local_dir, 0, &err), &err);
}

/* Many folders keep a crawl busy for longer than the next call takes. */
/* What the last crawl came to, once the crawler is ready again. */
static const char *wait_for_crawl(const char *name)
{
    static char status[32];
    struct err err = ERR_NONE;
    for (bool is_over = false; !is_over;) {
        json_t *crawler = glue_get_crawler(stage.aws, name, NULL, &err);
        must(crawler != NULL, &err);
        is_over = strcmp(json_str(crawler, "State"), "READY") == 0;
        snprintf(status, sizeof status, "%s", json_str(json_object_get(crawler, "LastCrawl"), "Status"));
        json_decref(crawler);
        sched_yield();
    }
    return status;
}

static void put_folders(int round, int count)
{
    for (int i = 0; i < count; i++) {
        char key[64];
        snprintf(key, sizeof key, "many/t%d_%03d/a.csv", round, i);
        put(key, "id,price\n1,2.50\n2,3.75\n");
    }
}

static void a_running_crawl_is_stopped(void **state)
{
    (void)state;
    enum { FOLDERS = 400, TRIES = 8 };
    struct err err = ERR_NONE;
    json_t *input = crawler_input("many");
    json_object_set_new(json_array_get(json_object_get(json_object_get(input, "Targets"), "S3Targets"), 0), "Path",
                        json_string("s3://lake/many/"));
    json_object_set_new(input, "DatabaseName", json_string("many"));
    must(glue_create_crawler(stage.aws, input, NULL, &err), &err);
    bool is_cancelled = false;
    for (int i = 0; i < TRIES && !is_cancelled; i++) { /* a crawl may end before it is stopped */
        err = ERR_NONE;
        put_folders(i, FOLDERS);
        must(glue_start_crawler(stage.aws, "many", NULL, &err), &err);
        bool is_stopped = glue_stop_crawler(stage.aws, "many", NULL, &err);
        must(is_stopped || strcmp(err.service_code, "CrawlerNotRunningException") == 0, &err);
        is_cancelled = strcmp(wait_for_crawl("many"), "CANCELLED") == 0;
    }
    assert_true(is_cancelled);
}

static void the_ddl_is_that_of_show_create_table(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    struct buf ours = BUF_INIT(1 << 20), theirs = BUF_INIT(1 << 20);
    struct athena_start start = {
        .sql = "SHOW CREATE TABLE imba.events", .database = "imba", .workgroup = "", .output = "s3://lake/out/"};
    struct athena_state ended;
    char id[64];
    must(athena_start(stage.aws, &start, id, &err) && athena_wait(stage.aws, id, NULL, &ended, &err), &err);
    assert_string_equal(ended.state, "SUCCEEDED");
    json_t *answer = athena_results(stage.aws, id, "", NULL, &err), *row;
    must(answer != NULL, &err);
    size_t i;
    json_array_foreach(json_object_get(json_object_get(answer, "ResultSet"), "Rows"), i, row)
        buf_printf(&theirs, "%s\n", json_str(json_array_get(json_object_get(row, "Data"), 0), "VarCharValue"));
    json_t *table = glue_get_table(stage.aws, "imba", "events", NULL, &err);
    must(table != NULL, &err);
    assert_true(catalog_write_ddl(table, &ours));
    assert_string_equal(buf_text(&ours), buf_text(&theirs));
    json_decref(table);
    json_decref(answer);
    buf_done(&ours);
    buf_done(&theirs);
}

static void the_catalog_survives_a_kill(void **state)
{
    (void)state;
    struct localctl_info info;
    struct err err = ERR_NONE;
    assert_true(localctl_find(stage.config.local_dir, &info, NULL));
    kill((pid_t)info.pid, SIGKILL);
    while (kill((pid_t)info.pid, 0) == 0)
        sched_yield();
    localctl_release(&info);
    stage.aws = session_connect(stage.session, NULL, &err);
    must(stage.aws != NULL, &err);
    json_t *table = glue_get_table(stage.aws, "imba", "events", NULL, &err);
    must(table != NULL, &err);
    assert_string_equal(json_str(table, "VersionId"), "1");
    json_decref(table);
    json_t *crawler = glue_get_crawler(stage.aws, "raw", NULL, &err);
    must(crawler != NULL, &err);
    assert_string_equal(json_str(crawler, "State"), "READY");
    json_decref(crawler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crawl_is_a_job_that_says_what_it_found),
        cmocka_unit_test(the_feed_shows_databases_tables_columns_and_crawlers),
        cmocka_unit_test(a_table_has_versions_gaps_bytes_and_a_price),
        cmocka_unit_test(listings_join_their_pages),
        cmocka_unit_test(refusals_carry_glues_names),
        cmocka_unit_test(throttling_is_outlasted),
        cmocka_unit_test(a_running_crawl_is_stopped),
        cmocka_unit_test(the_ddl_is_that_of_show_create_table),
        cmocka_unit_test(the_catalog_survives_a_kill),
    };
    return cmocka_run_group_tests(tests, open_cloud, close_cloud);
}
