/* The embedded cloud's store: one writer, group commit, readers with a view of their own. */
#include "backend/local/store.h"
#include "tests/lib/tempdir.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct tempdir dir;
static struct store *store;

static int set_up(void **state)
{
    (void)state;
    tempdir_make(&dir);
    store = store_open(dir.path, NULL);
    return store && store_schema(store, "create table if not exists t(k text primary key, n integer)", NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    tempdir_remove(&dir);
    return 0;
}

static bool add_row(struct db *db, void *context, struct err *err)
{
    return db_run(db, err, "insert into t values(?, 0)", "t", context);
}

static bool add_then_refuse(struct db *db, void *context, struct err *err)
{
    return add_row(db, context, err) && err_set(err, ERR_PRECONDITION, "no");
}

static bool count_up(struct db *db, void *context, struct err *err)
{
    int64_t n = 0;
    struct db_row *row = db_query(db, err, "select n from t where k = ?", "t", context);
    if (row && db_step(row, err))
        n = db_int(row, 0);
    db_end(row);
    return db_run(db, err, "update t set n = ? where k = ?", "it", n + 1, context);
}

static int64_t ask(struct db *db, const char *sql)
{
    int64_t number = -1;
    struct db_row *row = db_query(db, NULL, sql, "");
    if (row && db_step(row, NULL))
        number = db_int(row, 0);
    db_end(row);
    return number;
}

static int64_t ask_once(const char *sql)
{
    struct db *db = store_reader(store, NULL);
    assert_non_null(db);
    int64_t number = ask(db, sql);
    store_reader_done(store, db);
    return number;
}

static void a_write_that_returned_is_seen_by_new_readers(void **state)
{
    (void)state;
    assert_true(store_write(store, add_row, "a", NULL));
    assert_int_equal(ask_once("select count(*) from t"), 1);
}

static void a_refused_write_leaves_nothing_and_keeps_its_error(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    assert_false(store_write(store, add_then_refuse, "a", &err));
    assert_int_equal(err.code, ERR_PRECONDITION);
    assert_int_equal(ask_once("select count(*) from t where k = 'a'"), 0);
    assert_true(store_write(store, add_row, "a", NULL));
    assert_false(store_write(store, add_row, "a", &err));
    assert_int_equal(err.code, ERR_CONFLICT);
}

static void a_reader_keeps_its_view(void **state)
{
    (void)state;
    struct db *db = store_reader(store, NULL);
    assert_int_equal(ask(db, "select count(*) from t"), 0);
    assert_true(store_write(store, add_row, "a", NULL));
    assert_int_equal(ask(db, "select count(*) from t"), 0);
    store_reader_done(store, db);
    assert_int_equal(ask_once("select count(*) from t"), 1);
}

static void a_reader_cannot_write(void **state)
{
    (void)state;
    struct db *db = store_reader(store, NULL);
    assert_false(db_run(db, NULL, "insert into t values('x', 0)", ""));
    store_reader_done(store, db);
}

enum { THREADS = 16, ROUNDS = 50 };

static void *count_many(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        store_write(store, count_up, "n", NULL);
        store_write(store, add_then_refuse, "never", NULL); /* in the same groups as the good ones */
    }
    return NULL;
}

static void writers_at_once_lose_no_update(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    assert_true(store_write(store, add_row, "n", NULL));
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, count_many, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(ask_once("select n from t where k = 'n'"), THREADS * ROUNDS);
    assert_int_equal(ask_once("select count(*) from t"), 1);
}

static void *borrow(void *context)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct db *db = store_reader(store, NULL);
        if (ask(db, "select count(*) from t") != 1)
            *(int *)context = 1;
        store_reader_done(store, db);
    }
    return NULL;
}

static void more_readers_than_the_pool_holds(void **state)
{
    (void)state;
    enum { MANY = 100 };
    pthread_t threads[MANY];
    int failures[MANY] = {0};
    assert_true(store_write(store, add_row, "n", NULL));
    for (int i = 0; i < MANY; i++)
        pthread_create(&threads[i], NULL, borrow, &failures[i]);
    for (int i = 0; i < MANY; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failures[i], 0);
    }
}

static void what_was_written_is_there_after_a_restart(void **state)
{
    (void)state;
    assert_true(store_write(store, add_row, "a", NULL));
    store_close(store);
    store = store_open(dir.path, NULL);
    assert_non_null(store);
    assert_int_equal(ask_once("select count(*) from t"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_write_that_returned_is_seen_by_new_readers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refused_write_leaves_nothing_and_keeps_its_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_keeps_its_view, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_cannot_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(writers_at_once_lose_no_update, set_up, tear_down),
        cmocka_unit_test_setup_teardown(more_readers_than_the_pool_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_written_is_there_after_a_restart, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
