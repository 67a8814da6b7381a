/* Running queries against the embedded cloud: many at once, results that arrive broken or may not be read from S3, a
 * daemon that is killed under them, and what the next session knows of the one before. Needs the SQL engine; skips
 * without it. */
#include "backend/aws/s3.h"
#include "backend/core/localctl.h"
#include "backend/core/snap.h"
#include "backend/domain/query.h"
#include "backend/domain/result.h"
#include "backend/domain/session.h"
#include "tests/lib/daemon.h"
#include "tests/lib/tempdir.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { WAIT_S = 60 };
#define ENDLESS                                                                                                        \
    "select count(*) from unnest(sequence(1, 100000)) a(x), unnest(sequence(1, 100000)) b(y),"                         \
    " unnest(sequence(1, 100000)) c(z)"

static struct daemon cloud;
static struct tempdir home;
static struct config config;
static struct session *session;
static struct queries *queries;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static uint64_t changes;
static bool engine_is_there;

static void on_change(void *context)
{
    (void)context;
    pthread_mutex_lock(&lock);
    changes++;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&lock);
}

static void open_session(void)
{
    struct err err = ERR_NONE;
    session = session_open(&(struct session_options){.config = &config, .changed = on_change}, &err);
    assert_non_null(session);
    queries = session_queries(session);
}

static void close_session(void)
{
    session_close(session);
    session = NULL;
}

static int set_up(void **state)
{
    (void)state;
    tempdir_make(&home);
    setenv("XDG_STATE_HOME", tempdir_file(&home, "state"), 1);
    setenv("XDG_CACHE_HOME", tempdir_file(&home, "cache"), 1);
    setenv("HOME", home.path, 1);
    daemon_start(&cloud, NULL, NULL);
    config = (struct config){0};
    opt_defaults(config_rows, &config);
    snprintf(config.local_dir, sizeof config.local_dir, "%s", cloud.dir);
    snprintf(config.region, sizeof config.region, "us-east-1");
    snprintf(config.bucket, sizeof config.bucket, "lake-test");
    config.local = true;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    daemon_stop(&cloud);
    tempdir_remove(&home);
    return 0;
}

/* A row of the newest view that satisfies the test; fails after WAIT_S. The snapshot is the caller's. */
static const struct snap *wait_row(int64_t id, bool (*is_so)(const struct query_row *row),
                                   const struct query_row **found)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    for (;;) {
        pthread_mutex_lock(&lock);
        uint64_t seen = changes;
        pthread_mutex_unlock(&lock);
        const struct snap *snap = snap_slot_get(queries_slot(queries));
        *found = snap ? queries_find(snap->value, id) : NULL;
        if (*found && is_so(*found))
            return snap;
        if (time(NULL) > until.tv_sec)
            fail_msg("query %lld did not come so far: %s %s %s", (long long)id,
                     *found ? query_state_word((*found)->state) : "unknown", *found ? (*found)->reason : "",
                     *found ? (*found)->err.text : "");
        snap_put(snap);
        pthread_mutex_lock(&lock);
        while (changes == seen && pthread_cond_timedwait(&cond, &lock, &until) == 0)
            continue;
        pthread_mutex_unlock(&lock);
    }
}

static bool has_ended(const struct query_row *row)
{
    return query_has_ended(row->state);
}

static bool has_result(const struct query_row *row)
{
    return query_has_ended(row->state) &&
           (row->state != QUERY_SUCCEEDED || row->fetch == QUERY_FETCH_DONE || row->fetch == QUERY_FETCH_FAILED);
}

static bool is_running(const struct query_row *row)
{
    return row->state == QUERY_RUNNING;
}

static bool is_fetched(const struct query_row *row)
{
    return row->fetch == QUERY_FETCH_DONE;
}

static int64_t start(const char *sql)
{
    struct err err = ERR_NONE;
    int64_t id = queries_run(queries, &(struct query_run){.sql = &sql, .count = 1}, &err);
    if (id < 0)
        fail_msg("%s: %s", sql, err.text);
    return id;
}

static enum query_state state_after(int64_t id)
{
    const struct query_row *row;
    const struct snap *snap = wait_row(id, has_result, &row);
    enum query_state state = row->state;
    snap_put(snap);
    return state;
}

static void fault(const char *text)
{
    struct err err = ERR_NONE;
    if (!localctl_fault_add(cloud.dir, text, NULL, &err))
        fail_msg("%s", err.text);
}

static int open_each(void **state)
{
    (void)state;
    open_session();
    return 0;
}

static int close_each(void **state)
{
    (void)state;
    localctl_fault_clear(cloud.dir, 0, NULL);
    if (session)
        close_session();
    return 0;
}

static void read_file(const char *path, struct buf *out)
{
    struct err err = ERR_NONE;
    if (!path_read(path, out, &err))
        fail_msg("%s", err.text);
}

static void a_result_comes_with_types_and_exact_bytes(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    int64_t id = start("select 'a\"b' as x, cast(null as integer) as y, '' as z");
    const struct query_row *row;
    const struct snap *snap = wait_row(id, has_result, &row);
    struct buf bytes = BUF_INIT(4096);
    assert_int_equal(row->state, QUERY_SUCCEEDED);
    assert_int_equal(row->fetch, QUERY_FETCH_DONE);
    assert_int_equal(row->column_count, 3);
    assert_string_equal(row->columns[1].name, "y");
    assert_string_equal(row->columns[1].type, "integer");
    read_file(row->path, &bytes);
    assert_string_equal(buf_text(&bytes), "\"x\",\"y\",\"z\"\n\"a\"\"b\",,\"\"\n");
    buf_done(&bytes);
    snap_put(snap);
}

static void without_access_to_the_object_rows_come_by_pages(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    fault("s3:HeadObject 403");
    fault("s3:GetObject 403");
    int64_t id = start("select x from unnest(sequence(1, 2500)) t(x) order by x");
    const struct query_row *row;
    const struct snap *snap = wait_row(id, has_result, &row);
    struct buf bytes = BUF_INIT(1 << 20);
    assert_int_equal(row->fetch, QUERY_FETCH_DONE);
    read_file(row->path, &bytes);
    assert_true(strncmp(buf_text(&bytes), "\"x\"\n\"1\"\n", 8) == 0);
    assert_non_null(strstr(buf_text(&bytes), "\n\"2500\"\n"));
    buf_done(&bytes);
    snap_put(snap);
}

static void a_broken_transfer_goes_on_where_it_broke(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    fault("s3:GetObject cut=5000 count=2");
    int64_t id = start("select x from unnest(sequence(1, 20000)) t(x) order by x");
    const struct query_row *row;
    const struct snap *snap = wait_row(id, has_result, &row);
    struct buf bytes = BUF_INIT(1 << 20), expected = BUF_INIT(1 << 20);
    assert_int_equal(row->fetch, QUERY_FETCH_DONE);
    read_file(row->path, &bytes);
    buf_puts(&expected, "\"x\"\n");
    for (int i = 1; i <= 20000; i++)
        buf_printf(&expected, "\"%d\"\n", i);
    assert_int_equal(bytes.len, expected.len);
    assert_memory_equal(bytes.data, expected.data, expected.len);
    buf_done(&bytes);
    buf_done(&expected);
    snap_put(snap);
}

static void statements_behind_an_error_are_not_run(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    const char *const sql[] = {"select 1", "select nope", "select 3"};
    struct err err = ERR_NONE;
    int64_t id = queries_run(queries, &(struct query_run){.sql = sql, .count = 3}, &err);
    assert_int_equal(state_after(id), QUERY_SUCCEEDED);
    assert_int_equal(state_after(id + 1), QUERY_FAILED);
    assert_int_equal(state_after(id + 2), QUERY_SKIPPED);
}

static void a_cancel_is_the_services_word_and_drops_what_waits(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    const char *const sql[] = {ENDLESS, "select 2"};
    struct err err = ERR_NONE;
    const struct query_row *row;
    int64_t id = queries_run(queries, &(struct query_run){.sql = sql, .count = 2}, &err);
    snap_put(wait_row(id, is_running, &row));
    assert_true(queries_cancel(queries, id + 1));
    assert_true(queries_cancel(queries, id));
    assert_false(queries_cancel(queries, id)); /* it was asked already */
    const struct snap *snap = wait_row(id, has_ended, &row);
    assert_int_equal(row->state, QUERY_CANCELLED);
    assert_non_null(strstr(row->json, "\"CANCELLED\""));
    snap_put(snap);
    assert_int_equal(state_after(id + 1), QUERY_SKIPPED);
}

static void more_than_can_be_followed_are_refused(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    int64_t ids[QUERY_WORKS_MAX];
    const char *one = "select 1 as one";
    int count = 0;
    struct err err = ERR_NONE;
    fault("athena:GetQueryExecution 503 count=1000");
    while (count < QUERY_WORKS_MAX &&
           (ids[count] = queries_run(queries, &(struct query_run){.sql = &one, .count = 1}, &err)) >= 0)
        count++;
    assert_int_equal(count, QUERY_WORKS_MAX);
    assert_true(queries_run(queries, &(struct query_run){.sql = &one, .count = 1}, &err) < 0);
    assert_int_equal(err.code, ERR_REFUSED);
    localctl_fault_clear(cloud.dir, 0, NULL);
    for (int i = 0; i < count; i++)
        assert_int_equal(state_after(ids[i]), QUERY_SUCCEEDED);
}

static void one_that_was_given_up_is_found_again_when_opened(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    const struct query_row *row;
    struct err err = ERR_NONE;
    fault("athena:GetQueryExecution 403 code=AccessDeniedException");
    int64_t id = start("select 5 as five");
    const struct snap *snap = wait_row(id, has_ended, &row);
    assert_int_equal(row->state, QUERY_LOST); /* not failed: it may well run on */
    assert_int_equal(row->err.code, ERR_DENIED);
    snap_put(snap);
    localctl_fault_clear(cloud.dir, 0, NULL);
    assert_true(queries_open(queries, id, &err));
    snap = wait_row(id, is_fetched, &row);
    assert_int_equal(row->state, QUERY_SUCCEEDED);
    snap_put(snap);
}

static void the_next_session_follows_what_still_runs(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    const struct query_row *row;
    int64_t id = start(ENDLESS);
    snap_put(wait_row(id, is_running, &row));
    close_session();
    open_session();
    snap_put(wait_row(id, is_running, &row));
    assert_true(queries_cancel(queries, id));
    const struct snap *snap = wait_row(id, has_ended, &row);
    assert_int_equal(row->state, QUERY_CANCELLED);
    assert_false(row->is_of_session);
    snap_put(snap);
}

static void the_history_opens_a_result_without_the_service(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    struct err err = ERR_NONE;
    const struct query_row *row;
    int64_t id = start("select 7 as seven");
    assert_int_equal(state_after(id), QUERY_SUCCEEDED);
    close_session();
    open_session();
    snap_put(wait_row(id, has_ended, &row));
    fault("athena:GetQueryExecution 500");
    fault("athena:GetQueryResults 500");
    fault("s3:GetObject 500");
    assert_true(queries_open(queries, id, &err));
    const struct snap *snap = wait_row(id, has_result, &row);
    assert_int_equal(row->fetch, QUERY_FETCH_DONE);
    assert_int_equal(row->column_count, 1);
    assert_true(row->json[0] != '\0');
    struct result *result = queries_take_result(queries, id);
    assert_non_null(result);
    result_close(result);
    snap_put(snap);
}

static void a_killed_daemon_ends_no_wait_for_ever(void **state)
{
    (void)state;
    if (!engine_is_there)
        skip();
    const struct query_row *row;
    int64_t id = start(ENDLESS);
    snap_put(wait_row(id, is_running, &row));
    daemon_kill(&cloud);
    char dir[sizeof cloud.dir];
    memcpy(dir, cloud.dir, sizeof dir);
    bool owns = cloud.owns_dir;
    daemon_start(&cloud, dir, NULL);
    cloud.owns_dir = owns;
    const struct snap *snap = wait_row(id, has_ended, &row);
    if (row->state != QUERY_FAILED && row->state != QUERY_CANCELLED)
        fail_msg("%s: %s", query_state_word(row->state), row->err.text);
    assert_true(row->reason[0] != '\0');
    snap_put(snap);
    assert_int_equal(state_after(start("select 'again' as x")), QUERY_SUCCEEDED);
}

/* Makes the bucket, and finds out whether a query can be run at all. */
static int set_up_engine(void **state)
{
    struct err err = ERR_NONE;
    const struct query_row *row;
    set_up(state);
    open_session();
    struct aws *aws = session_connect(session, NULL, &err);
    if (!aws || !s3_create_bucket(aws, "lake-test", NULL, &err))
        fail_msg("%s", err.text);
    const struct snap *snap = wait_row(start("select 1"), has_result, &row);
    engine_is_there = row->state == QUERY_SUCCEEDED;
    if (!engine_is_there)
        print_message("no SQL engine: %s\n", row->reason);
    snap_put(snap);
    close_session();
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_each, close_each)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_result_comes_with_types_and_exact_bytes),          TEST(without_access_to_the_object_rows_come_by_pages),
        TEST(a_broken_transfer_goes_on_where_it_broke),           TEST(statements_behind_an_error_are_not_run),
        TEST(a_cancel_is_the_services_word_and_drops_what_waits), TEST(more_than_can_be_followed_are_refused),
        TEST(one_that_was_given_up_is_found_again_when_opened),   TEST(the_next_session_follows_what_still_runs),
        TEST(the_history_opens_a_result_without_the_service),     TEST(a_killed_daemon_ends_no_wait_for_ever),
    };
    return cmocka_run_group_tests(tests, set_up_engine, tear_down);
}
