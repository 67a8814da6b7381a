/* The SQL engine's edge: values as Athena prints them, streaming, errors, the sandbox, cancelling. Skipped, aloud,
 * without the engine. */
#include "backend/sql/duck.h"
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int open_engine(void **state)
{
    struct err err = ERR_NONE;
    *state = duck_open(&(struct duck_options){.threads = 2, .memory_limit = "512MB"}, &err);
    if (!*state)
        print_message("%s\n", err.text);
    return 0;
}

static int close_engine(void **state)
{
    duck_close(*state);
    return 0;
}

/* The single cell of a query, "NULL" for NULL, or the error's text. */
static const char *cell(struct duck *duck, const char *sql)
{
    static char text[4096];
    struct err err = ERR_NONE;
    struct duck_result *result = duck_query(duck, sql, &err);
    if (!result || !duck_next(result, &err)) {
        snprintf(text, sizeof text, "%s", err.text);
    } else {
        size_t len;
        const char *bytes = duck_text(result, 0, &len);
        snprintf(text, sizeof text, "%.*s", duck_is_null(result, 0) ? 4 : (int)len,
                 duck_is_null(result, 0) ? "NULL" : bytes);
    }
    duck_result_free(result);
    return text;
}

static void values_are_printed_as_athena_prints_them(void **state)
{
    static const char *const cases[][2] = {
        {"select 1", "1"},
        {"select true", "true"},
        {"select null::int", "NULL"},
        {"select 1.5::double", "1.5"},
        {"select 1::double", "1.0"},
        {"select 1e10::double", "1.0E10"},
        {"select 1234567.0::double", "1234567.0"},
        {"select 12345678.0::double", "1.2345678E7"},
        {"select 0.001::double", "0.001"},
        {"select 0.00012::double", "1.2E-4"},
        {"select 0.1::real", "0.1"},
        {"select 'nan'::double", "NaN"},
        {"select '-inf'::double", "-Infinity"},
        {"select 1.50::decimal(10,2)", "1.50"},
        {"select -0.05::decimal(10,2)", "-0.05"},
        {"select 12345678901234567890123456789012.123456::decimal(38,6)", "12345678901234567890123456789012.123456"},
        {"select 170141183460469231731687303715884105727::hugeint", "170141183460469231731687303715884105727"},
        {"select date '2024-05-17'", "2024-05-17"},
        {"select timestamp '2024-05-17 10:11:12'", "2024-05-17 10:11:12.000"},
        {"select timestamp '2024-05-17 10:11:12.5'", "2024-05-17 10:11:12.500"},
        {"select timestamptz '2024-05-17 10:11:12+02'", "2024-05-17 08:11:12.000 UTC"},
        {"select time '01:02:03'", "01:02:03.000"},
        {"select 'ab'::blob", "61 62"},
        {"select [1,2,null]", "[1, 2, null]"},
        {"select {'a': 1, 'b': 'x'}", "{a=1, b=x}"},
        {"select map {'k': 1, 'l': null}", "{k=1, l=null}"},
        {"select [[1],[]]", "[[1], []]"},
        {"select interval 2 day", "2 00:00:00.000"},
        {"select interval 14 month", "1-2"},
        {"select '3fa85f64-5717-4562-b3fc-2c963f66afa6'::uuid", "3fa85f64-5717-4562-b3fc-2c963f66afa6"},
    };
    if (!*state)
        skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(cell(*state, cases[i][0]), cases[i][1]);
}

static void types_are_named(void **state)
{
    struct err err = ERR_NONE;
    if (!*state)
        skip();
    struct duck_result *result =
        duck_query(*state, "select 1::bigint a, 1.5::decimal(10,2) b, [1] c, map{'a':1} d, {'x':1} e", &err);
    assert_non_null(result);
    assert_string_equal(duck_column_name(result, 0), "a");
    assert_string_equal(duck_column_type(result, 0), "BIGINT");
    assert_string_equal(duck_column_type(result, 1), "DECIMAL(10,2)");
    assert_string_equal(duck_column_type(result, 2), "INTEGER[]");
    assert_string_equal(duck_column_type(result, 3), "MAP(VARCHAR, INTEGER)");
    assert_string_equal(duck_column_type(result, 4), "STRUCT(\"x\" INTEGER)");
    duck_result_free(result);
}

static void a_long_result_streams(void **state)
{
    struct err err = ERR_NONE;
    int64_t rows = 0, sum = 0;
    size_t len;
    if (!*state)
        skip();
    struct duck_result *result = duck_query(*state, "select range from range(300000)", &err);
    assert_non_null(result);
    while (duck_next(result, &err)) {
        sum += strtoll(duck_text(result, 0, &len), NULL, 10);
        rows++;
    }
    assert_int_equal(err.code, ERR_OK);
    assert_int_equal(rows, 300000);
    assert_int_equal(sum, 300000LL * 299999 / 2);
    duck_result_free(result);
}

static void an_error_in_the_middle_is_an_error(void **state)
{
    struct err err = ERR_NONE;
    if (!*state)
        skip();
    struct duck_result *result = duck_query(*state, "select error('boom ' || range) from range(10)", &err);
    while (result && duck_next(result, &err))
        ;
    assert_int_equal(err.code, ERR_FAILED);
    assert_non_null(strstr(err.text, "boom"));
    duck_result_free(result);
}

static void files_outside_the_sandbox_are_refused(void **state)
{
    struct err err = ERR_NONE;
    if (!*state)
        skip();
    assert_non_null(strstr(cell(*state, "select * from read_csv('/etc/passwd')"), "ermission"));
    assert_false(duck_exec(*state, "copy (select 1) to '/tmp/weir-duck-test.csv'", &err));
    assert_false(duck_exec(*state, "set enable_external_access=true", &err));
    assert_false(duck_exec(*state, "attach '/tmp/weir-duck-test.db'", &err));
}

struct interrupter {
    struct duck *duck;
    atomic_bool is_over;
};

/* Again and again: one that comes before the statement runs is lost. */
static void *interrupt_often(void *data)
{
    struct interrupter *interrupter = data;
    while (!atomic_load(&interrupter->is_over)) {
        duck_interrupt(interrupter->duck);
        sched_yield();
    }
    return NULL;
}

static void a_running_statement_can_be_cancelled(void **state)
{
    struct err err = ERR_NONE;
    struct interrupter interrupter = {.duck = *state};
    pthread_t thread;
    if (!*state)
        skip();
    pthread_create(&thread, NULL, interrupt_often, &interrupter);
    struct duck_result *result = duck_query(
        *state, "select count(*) from range(100000) a, range(100000) b where a.range * b.range % 7 = 3", &err);
    while (result && duck_next(result, &err))
        ;
    atomic_store(&interrupter.is_over, true);
    pthread_join(thread, NULL);
    duck_result_free(result);
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_string_equal(cell(*state, "select 7"), "7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_printed_as_athena_prints_them),
        cmocka_unit_test(types_are_named),
        cmocka_unit_test(a_long_result_streams),
        cmocka_unit_test(an_error_in_the_middle_is_an_error),
        cmocka_unit_test(files_outside_the_sandbox_are_refused),
        cmocka_unit_test(a_running_statement_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
