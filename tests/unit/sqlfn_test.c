/* The dialect's C functions without the engine: JSON texts and paths, the calendar, patterns, regular expressions. */
#include "backend/sql/jsonpath.h"
#include "backend/sql/jsontext.h"
#include "backend/sql/sqlfn.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void json_is_checked(void **state)
{
    static const char *const good[] = {"1",  " -0.5e+3 ",  "\"a\\u00e9\\n\"",
                                       "[]", "[1,[2],{}]", "{\"a\":null,\"b\":[true,false]}"};
    static const char *const bad[] = {"",   "01",  "1.",      "1e",  "[1,]", "{a:1}", "{\"a\"}",
                                      "[1", "\"a", "\"\\x\"", "nul", "1 2",  "'a'"};
    struct jsontext value;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(jsontext_document(good[i], strlen(good[i]), &value));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(jsontext_document(bad[i], strlen(bad[i]), &value));
}

static void deep_json_is_refused(void **state)
{
    char deep[2 * JSONTEXT_DEPTH_MAX + 10];
    struct jsontext value;
    (void)state;
    memset(deep, '[', sizeof deep / 2);
    memset(deep + sizeof deep / 2, ']', sizeof deep / 2);
    assert_false(jsontext_document(deep, sizeof deep, &value));
}

static void json_is_written_compactly(void **state)
{
    static const char doc[] = "{ \"b\" : [ 1.10 , 2 ] , \"a\" : \"x\\/y\" }";
    struct jsontext value;
    struct buf out = BUF_INIT(1024);
    (void)state;
    assert_true(jsontext_document(doc, strlen(doc), &value));
    jsontext_compact(value, true, &out);
    assert_string_equal(buf_text(&out), "{\"a\":\"x\\/y\",\"b\":[1.1,2]}");
    buf_clear(&out);
    jsontext_compact(value, false, &out);
    assert_string_equal(buf_text(&out), "{\"b\":[1.10,2],\"a\":\"x\\/y\"}");
    buf_done(&out);
}

static void paths_find_items(void **state)
{
    static const char doc[] =
        "{\"a\":{\"b c\":[10,20,{\"d\":null}]},\"n\":12345678901234567890,\"l\":[{\"x\":1},{\"x\":2}]}";
    static const struct {
        const char *path, *items;
        bool is_sql;
        enum jsonpath_found found;
    } cases[] = {
        {.path = "$.a[\"b c\"][1]", .items = "[20]", .found = JSONPATH_ONE},
        {.path = "$.a['b c'][2].d", .items = "[null]", .found = JSONPATH_ONE},
        {.path = "$.n", .items = "[12345678901234567890]", .found = JSONPATH_ONE},
        {.path = "$.l[*].x", .items = "[1,2]", .found = JSONPATH_MANY},
        {.path = "$.zz", .items = "[]", .found = JSONPATH_NONE},
        {.path = "lax $.l.x", .items = "[1,2]", .is_sql = true, .found = JSONPATH_MANY},
        {.path = "strict $.l.x", .items = "[]", .is_sql = true, .found = JSONPATH_ERROR},
        {.path = "lax $.l[last].x", .items = "[2]", .is_sql = true, .found = JSONPATH_ONE},
        {.path = "lax $.l[0 to 1].x", .items = "[1,2]", .is_sql = true, .found = JSONPATH_MANY},
        {.path = "lax $.n[0]", .items = "[12345678901234567890]", .is_sql = true, .found = JSONPATH_ONE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = ERR_NONE;
        struct buf out = BUF_INIT(4096);
        assert_int_equal(jsonpath_find(doc, strlen(doc), cases[i].path, cases[i].is_sql, &out, &err), cases[i].found);
        assert_string_equal(buf_text(&out), cases[i].items);
        buf_done(&out);
    }
}

static void wrong_paths_are_named(void **state)
{
    static const struct {
        const char *path, *name;
        bool is_sql;
    } cases[] = {{.path = "a", .name = "INVALID_FUNCTION_ARGUMENT"},
                 {.path = "$..a", .name = "NOT_SUPPORTED"},
                 {.path = "$[", .name = "INVALID_FUNCTION_ARGUMENT"},
                 {.path = "$.", .name = "INVALID_FUNCTION_ARGUMENT"},
                 {.path = "lax $.a ? (@ > 1)", .name = "NOT_SUPPORTED", .is_sql = true},
                 {.path = "lax $.a.size()", .name = "NOT_SUPPORTED", .is_sql = true}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err err = ERR_NONE;
        assert_false(jsonpath_check(cases[i].path, cases[i].is_sql, &err));
        assert_string_equal(err.service_code, cases[i].name);
    }
}

static void the_calendar_goes_both_ways(void **state)
{
    static const struct {
        int64_t day;
        int year, month, date, weekday, iso_year, iso_week;
    } cases[] = {{.day = 0, .year = 1970, .month = 1, .date = 1, .weekday = 4, .iso_year = 1970, .iso_week = 1},
                 {.day = 19787, .year = 2024, .month = 3, .date = 5, .weekday = 2, .iso_year = 2024, .iso_week = 10},
                 {.day = 20087, .year = 2024, .month = 12, .date = 30, .weekday = 1, .iso_year = 2025, .iso_week = 1},
                 {.day = -1, .year = 1969, .month = 12, .date = 31, .weekday = 3, .iso_year = 1970, .iso_week = 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sqlfn_clock clock;
        int64_t micros;
        sqlfn_clock_of(cases[i].day * 86400000000 + 3723000004, &clock);
        assert_int_equal(clock.year, cases[i].year);
        assert_int_equal(clock.month, cases[i].month);
        assert_int_equal(clock.day, cases[i].date);
        assert_int_equal(clock.weekday, cases[i].weekday);
        assert_int_equal(clock.iso_year, cases[i].iso_year);
        assert_int_equal(clock.iso_week, cases[i].iso_week);
        assert_int_equal(clock.hour * 10000 + clock.minute * 100 + clock.second, 10203);
        assert_true(sqlfn_micros_of(&clock, &micros));
        assert_int_equal(micros, cases[i].day * 86400000000 + 3723000004);
    }
    struct sqlfn_clock leap = {.year = 2023, .month = 2, .day = 29};
    int64_t micros;
    assert_false(sqlfn_micros_of(&leap, &micros));
}

/* A hostile pattern ends with an error instead of a hanging worker. */
static void a_pattern_that_backtracks_is_stopped(void **state)
{
    struct err err = ERR_NONE;
    struct buf text = BUF_INIT(1024);
    struct sqlfn_cache cache = {.data = NULL};
    struct sqlfn_value args[2] = {{.bytes = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", .len = 41},
                                  {.bytes = "^(a|a)*$", .len = 8}};
    struct sqlfn_call call = {.args = args, .text = &text, .cache = &cache, .err = &err};
    (void)state;
    assert_false(sqlfn_regex[0].call(&call));
    assert_string_equal(err.service_code, "REGEXP_LIMIT_EXCEEDED");
    cache.done(cache.data);
    free(cache.key);
    buf_done(&text);
}

static void texts_become_values_as_hives_lazy_objects(void **state)
{
    static const struct {
        const char *text;
        int64_t days; /* INT64_MIN: no date */
    } dates[] = {
        {"1970-01-02", 1},        {"2024-1-2", 19724},     {" 2024-01-02 ", 19724}, {"2024-01-02 00:00:00", 19724},
        {"2024-13-01", 20089},    {"2024-02-30", 19783},   {"2024-0-0", 19691},     {"0001-01-01", -719162},
        {"2024-1-2x", INT64_MIN}, {"20240102", INT64_MIN}, {"", INT64_MIN},         {"2024-1", INT64_MIN}};
    static const struct {
        const char *text;
        int64_t micros;
    } times[] = {
        {"1970-01-01 00:00:01", 1000000},     {"1970-01-01T00:00:01.5", 1500000}, {"1970-01-01 00:00:00.9996", 1000000},
        {"1970-01-01 24:00:60", 86460000000}, {"1970-01-01", INT64_MIN},          {"1970-01-01 00:00", INT64_MIN},
        {"1970-01-01 00:00:01Z", INT64_MIN},  {"1970-01-01  00:00:01", INT64_MIN}};
    static const struct {
        const char *text;
        bool is_long, is_double;
        int64_t whole;
        double real;
    } numbers[] = {{"-7", true, true, -7, -7},
                   {"1.9", true, true, 1, 1.9},
                   {".5", true, true, 0, 0.5},
                   {" 1", false, true, 0, 1},
                   {"1e3", false, true, 0, 1000},
                   {"1d", false, true, 0, 1},
                   {"9223372036854775807", true, true, INT64_MAX, 9223372036854775807.0},
                   {"-9223372036854775808", true, true, INT64_MIN, -9223372036854775808.0},
                   {"9223372036854775808", false, true, 0, 9223372036854775808.0},
                   {"nan", false, false, 0, 0},
                   {"1_0", false, false, 0, 0},
                   {"", false, false, 0, 0}};
    int64_t value;
    double real;
    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        bool ok = sqlfn_lazy_date(dates[i].text, strlen(dates[i].text), &value);
        if (ok != (dates[i].days != INT64_MIN) || (ok && value != dates[i].days))
            fail_msg("%s: %d, %lld", dates[i].text, ok, (long long)value);
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        bool ok = sqlfn_lazy_timestamp(times[i].text, strlen(times[i].text), &value);
        if (ok != (times[i].micros != INT64_MIN) || (ok && value != times[i].micros))
            fail_msg("%s: %d, %lld", times[i].text, ok, (long long)value);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        size_t len = strlen(numbers[i].text);
        assert_int_equal(sqlfn_lazy_long(numbers[i].text, len, &value), numbers[i].is_long);
        assert_true(!numbers[i].is_long || value == numbers[i].whole);
        assert_int_equal(sqlfn_lazy_double(numbers[i].text, len, &real), numbers[i].is_double);
        assert_true(!numbers[i].is_double || !(real < numbers[i].real || real > numbers[i].real));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_checked),
        cmocka_unit_test(texts_become_values_as_hives_lazy_objects),
        cmocka_unit_test(deep_json_is_refused),
        cmocka_unit_test(json_is_written_compactly),
        cmocka_unit_test(paths_find_items),
        cmocka_unit_test(wrong_paths_are_named),
        cmocka_unit_test(the_calendar_goes_both_ways),
        cmocka_unit_test(a_pattern_that_backtracks_is_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
