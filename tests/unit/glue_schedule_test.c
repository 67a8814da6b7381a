/* Crawlers' schedules under a clock that the test moves: a crawler starts when it is due, once, and not before; one
 * whose schedule was stopped or taken away does not. */
#include "backend/local/glue.h"
#include "backend/local/store.h"
#include "tests/lib/s3world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* 2001-01-01 00:00:00 UTC: the thread's real waits are over at once */
#define START_MS 978307200000LL
enum { MINUTE_MS = 60000, WAIT_MS = 30000 };

extern const struct service_ops service_glue;

static _Atomic int64_t now_ms;

static int64_t test_now(const struct clock *clock)
{
    (void)clock;
    return atomic_load(&now_ms);
}

static int64_t test_mono(const struct clock *clock)
{
    (void)clock;
    return clock_mono(&clock_system);
}

static const struct clock test_clock = {.wall_ms = test_now, .mono_ms = test_mono};

static int set_up(void **state)
{
    struct err err = ERR_NONE;
    s3_world_setup(state);
    struct s3_world *world = *state;
    atomic_store(&now_ms, START_MS);
    world->cloud.clock = &test_clock;
    s3_world_ask(world, "PUT", "/lake", "", "");
    assert_true(service_glue.start(&world->cloud, &err));
    return 0;
}

static int tear_down(void **state)
{
    struct s3_world *world = *state;
    service_glue.stop(&world->cloud);
    return s3_world_teardown(state);
}

static void call(struct s3_world *world, awsjson_handler *handler, json_t *in)
{
    struct request req = {.cloud = &world->cloud, .principal_arn = "arn:aws:iam::123456789012:user/test"};
    struct awsjson_call call = {.req = &req, .cloud = &world->cloud, .in = in, .out = json_object(), .err = ERR_NONE};
    if (!handler(&call))
        fail_msg("%s: %s", call.err.service_code, call.err.text);
    json_decref(call.in);
    json_decref(call.out);
}

static void create(struct s3_world *world, const char *name, const char *schedule)
{
    call(world, glue_op_create_crawler,
         json_pack("{s:s, s:s, s:s, s:{s:[{s:s}]}, s:s}", "Name", name, "Role", "r", "DatabaseName", "d", "Targets",
                   "S3Targets", "Path", "s3://lake/x/", "Schedule", schedule));
}

static int64_t crawls(struct s3_world *world, const char *name)
{
    struct err err = ERR_NONE;
    struct db *db = store_reader(world->cloud.store, &err);
    struct db_row *row =
        db_query(db, &err, "select count(*) from glue_crawl where crawler=? and state<>'RUNNING'", "t", name);
    int64_t count = row && db_step(row, &err) ? db_int(row, 0) : -1;
    db_end(row);
    store_reader_done(world->cloud.store, db);
    return count;
}

static void wait_crawls(struct s3_world *world, const char *name, int64_t wanted)
{
    int64_t until = clock_mono(&clock_system) + WAIT_MS;
    while (crawls(world, name) < wanted)
        if (clock_mono(&clock_system) > until)
            fail_msg("%s ran %d times, not %d", name, (int)crawls(world, name), (int)wanted);
    assert_int_equal(crawls(world, name), wanted);
}

static void a_crawler_starts_each_time_it_is_due(void **state)
{
    struct s3_world *world = *state;
    create(world, "each", "cron(*/5 * * * ? *)");
    create(world, "later", "cron(7 * * * ? *)");
    atomic_store(&now_ms, START_MS + 5 * MINUTE_MS);
    wait_crawls(world, "each", 1);
    assert_int_equal(crawls(world, "later"), 0);
    atomic_store(&now_ms, START_MS + 7 * MINUTE_MS);
    wait_crawls(world, "later", 1);
    assert_int_equal(crawls(world, "each"), 1);
    atomic_store(&now_ms, START_MS + 10 * MINUTE_MS);
    wait_crawls(world, "each", 2);
}

static void a_stopped_or_removed_schedule_starts_nothing(void **state)
{
    struct s3_world *world = *state;
    create(world, "stopped", "cron(*/5 * * * ? *)");
    create(world, "removed", "cron(*/5 * * * ? *)");
    create(world, "kept", "cron(*/5 * * * ? *)");
    call(world, glue_op_stop_schedule, json_pack("{s:s}", "CrawlerName", "stopped"));
    call(world, glue_op_update_schedule, json_pack("{s:s, s:s}", "CrawlerName", "removed", "Schedule", ""));
    atomic_store(&now_ms, START_MS + 5 * MINUTE_MS);
    wait_crawls(world, "kept", 1);
    assert_int_equal(crawls(world, "stopped"), 0);
    assert_int_equal(crawls(world, "removed"), 0);
    call(world, glue_op_start_schedule, json_pack("{s:s}", "CrawlerName", "stopped"));
    atomic_store(&now_ms, START_MS + 10 * MINUTE_MS);
    wait_crawls(world, "stopped", 1);
}

static void what_was_missed_while_nothing_ran_is_not_made_up(void **state)
{
    struct s3_world *world = *state;
    struct err err = ERR_NONE;
    create(world, "missed", "cron(*/5 * * * ? *)");
    service_glue.stop(&world->cloud);
    atomic_store(&now_ms, START_MS + 62 * MINUTE_MS);
    assert_true(service_glue.start(&world->cloud, &err));
    atomic_store(&now_ms, START_MS + 65 * MINUTE_MS);
    wait_crawls(world, "missed", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_crawler_starts_each_time_it_is_due, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stopped_or_removed_schedule_starts_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_missed_while_nothing_ran_is_not_made_up, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
