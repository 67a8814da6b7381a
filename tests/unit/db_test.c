/* SQLite by a few calls: parameters, rows, cached statements, errors that say what kind they are. */
#include "backend/base/db.h"
#include "backend/base/path.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static char dir[PATH_SIZE], path[PATH_SIZE];
static struct db *db;

static int open_db(void **state)
{
    (void)state;
    struct err err;
    strcpy(dir, "/tmp/weir-db-XXXXXX");
    if (!mkdtemp(dir) || !path_join(path, dir, "test.db", NULL))
        return -1;
    umask(0);
    db = db_open(path, DB_READ_WRITE, &err);
    return db && db_exec(db, "create table t(k text primary key, n integer, x real, b blob) without rowid", &err) ? 0
                                                                                                                  : -1;
}

static int close_db(void **state)
{
    (void)state;
    db_close(db);
    return path_remove_tree(dir, NULL) ? 0 : -1;
}

static bool put(const char *key, int64_t number)
{
    return db_run(db, NULL, "insert into t values(?,?,null,null)", "ti", key, number);
}

static int64_t count(void)
{
    struct err err;
    struct db_row *row = db_query(db, &err, "select count(*) from t", "");
    assert_true(db_step(row, &err));
    int64_t rows = db_int(row, 0);
    db_end(row);
    return rows;
}

static void the_file_is_private_durable_and_in_wal_mode(void **state)
{
    (void)state;
    struct stat info;
    struct err err;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    struct db_row *row =
        db_query(db, &err, "select * from pragma_journal_mode, pragma_synchronous, pragma_foreign_keys", "");
    assert_true(db_step(row, &err));
    assert_string_equal(db_text(row, 0), "wal");
    assert_int_equal(db_int(row, 1), 2); /* FULL */
    assert_int_equal(db_int(row, 2), 1);
    db_end(row);
}

static void every_kind_of_value_comes_back(void **state)
{
    (void)state;
    struct err err;
    assert_true(
        db_run(db, &err, "insert into t values(?,?,?,?)", "tidb", "k\xc3\xbc", INT64_MIN, 0.1, "a\0b", (size_t)3));
    assert_int_equal(db_changes(db), 1);
    struct db_row *row = db_query(db, &err, "select k,n,x,b from t where k=?", "t", "k\xc3\xbc");
    size_t len;
    assert_true(db_step(row, &err));
    assert_string_equal(db_text(row, 0), "k\xc3\xbc");
    assert_true(db_int(row, 1) == INT64_MIN);
    assert_true(db_double(row, 2) == 0.1);
    assert_memory_equal(db_blob(row, 3, &len), "a\0b", 3);
    assert_int_equal(len, 3);
    assert_false(db_step(row, &err));
    assert_int_equal(err.code, ERR_OK);
    db_end(row);
}

static void null_differs_from_empty(void **state)
{
    (void)state;
    struct err err;
    assert_true(db_run(db, &err, "insert into t values('a',null,?,?)", "tb", (const char *)NULL, (const void *)NULL,
                       (size_t)0));
    struct db_row *row = db_query(db, &err, "select x,b,'' from t", "");
    assert_true(db_step(row, &err));
    assert_true(db_is_null(row, 0));
    assert_null(db_text(row, 0));
    assert_false(db_is_null(row, 1));
    assert_string_equal(db_text(row, 2), "");
    db_end(row);
}

static void a_query_keeps_its_own_copy_of_parameters(void **state)
{
    (void)state;
    struct err err;
    char key[] = "a";
    put("a", 1);
    struct db_row *row = db_query(db, &err, "select n from t where k=?", "t", key);
    key[0] = 'z';
    assert_true(db_step(row, &err));
    db_end(row);
}

static void the_same_query_can_be_open_twice(void **state)
{
    (void)state;
    struct err err;
    put("a", 1);
    put("b", 2);
    struct db_row *outer = db_query(db, &err, "select n from t order by k", "");
    assert_true(db_step(outer, &err));
    struct db_row *inner = db_query(db, &err, "select n from t order by k", "");
    assert_true(db_step(inner, &err));
    assert_true(db_step(inner, &err));
    assert_int_equal(db_int(inner, 0), 2);
    assert_int_equal(db_int(outer, 0), 1);
    db_end(inner);
    assert_true(db_step(outer, &err));
    assert_int_equal(db_int(outer, 0), 2);
    db_end(outer);
}

static void more_statements_than_the_cache_holds_still_work(void **state)
{
    (void)state;
    struct err err;
    struct db_row *open[100];
    char sql[64];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 100; i++) {
            snprintf(sql, sizeof sql, "select %d", i);
            open[i] = db_query(db, &err, sql, "");
            assert_true(db_step(open[i], &err));
        }
        for (int i = 0; i < 100; i++) {
            assert_int_equal(db_int(open[i], 0), i);
            db_end(open[i]);
        }
    }
    for (int i = 0; i < 200; i++) {
        snprintf(sql, sizeof sql, "insert into t values('%d',0,0,0)", i);
        assert_true(db_run(db, &err, sql, ""));
    }
    assert_int_equal(count(), 200);
    db_end(NULL);
}

static void fails(const char *sql, const char *types, enum err_code code)
{
    struct err err;
    assert_false(db_run(db, &err, sql, types));
    assert_int_equal(err.code, code);
    assert_true(strlen(err.text) > 10);
}

static void errors_say_of_what_kind_they_are(void **state)
{
    (void)state;
    put("a", 1);
    fails("insert into t values('a',1,1,1)", "", ERR_CONFLICT);
    fails("insert into nothing values(1)", "", ERR_FAILED);
    fails("not sql", "", ERR_FAILED);
    fails("", "", ERR_FAILED);
    fails("select ?", "", ERR_FAILED);
    fails("select 1", "i", ERR_FAILED);
    fails("select ?", "?", ERR_FAILED);
    assert_true(put("b", 1)); /* and nothing is stuck */
}

static void a_failed_statement_can_be_run_again(void **state)
{
    (void)state;
    assert_true(put("a", 1));
    assert_false(put("a", 1));
    assert_true(db_run(db, NULL, "delete from t where k=?", "t", "a"));
    assert_true(put("a", 1));
}

static void transactions_roll_back(void **state)
{
    (void)state;
    assert_true(db_run(db, NULL, "begin", ""));
    put("a", 1);
    assert_true(db_run(db, NULL, "rollback", ""));
    assert_int_equal(count(), 0);
}

static void a_reader_sees_what_is_committed_and_cannot_write(void **state)
{
    (void)state;
    struct err err;
    put("a", 7);
    struct db *reader = db_open(path, DB_READ_ONLY, &err);
    assert_non_null(reader);
    struct db_row *row = db_query(reader, &err, "select n from t", "");
    assert_true(db_step(row, &err));
    assert_int_equal(db_int(row, 0), 7);
    db_end(row);
    assert_false(db_run(reader, &err, "delete from t", ""));
    assert_int_equal(err.code, ERR_REFUSED);
    db_close(reader);
}

static void what_cannot_be_opened_is_said(void **state)
{
    (void)state;
    struct err err;
    char other[PATH_SIZE];
    path_join(other, dir, "absent.db", NULL);
    assert_null(db_open(other, DB_READ_ONLY, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(path_exists(other));
    assert_null(db_open("/nonexistent/x.db", DB_READ_WRITE, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_true(path_write_atomic(other, "this is no database, but a text file of some length", 50, 0600, NULL));
    assert_null(db_open(other, DB_READ_WRITE, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_non_null(strstr(err.text, "absent.db"));
}

static void what_was_written_is_there_after_reopening(void **state)
{
    (void)state;
    struct err err;
    put("a", 1);
    db_close(db);
    db = db_open(path, DB_READ_WRITE, &err);
    assert_int_equal(count(), 1);
    assert_true(db_exec(db, "create table r(id integer primary key); insert into r values(41)", &err));
    assert_int_equal(db_last_id(db), 41);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_file_is_private_durable_and_in_wal_mode, open_db, close_db),
        cmocka_unit_test_setup_teardown(every_kind_of_value_comes_back, open_db, close_db),
        cmocka_unit_test_setup_teardown(null_differs_from_empty, open_db, close_db),
        cmocka_unit_test_setup_teardown(a_query_keeps_its_own_copy_of_parameters, open_db, close_db),
        cmocka_unit_test_setup_teardown(the_same_query_can_be_open_twice, open_db, close_db),
        cmocka_unit_test_setup_teardown(more_statements_than_the_cache_holds_still_work, open_db, close_db),
        cmocka_unit_test_setup_teardown(errors_say_of_what_kind_they_are, open_db, close_db),
        cmocka_unit_test_setup_teardown(a_failed_statement_can_be_run_again, open_db, close_db),
        cmocka_unit_test_setup_teardown(transactions_roll_back, open_db, close_db),
        cmocka_unit_test_setup_teardown(a_reader_sees_what_is_committed_and_cannot_write, open_db, close_db),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_said, open_db, close_db),
        cmocka_unit_test_setup_teardown(what_was_written_is_there_after_reopening, open_db, close_db),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
