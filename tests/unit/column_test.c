/* Values in columns: six kinds of not knowing, and how each looks to people, in JSON and to a sort. */
#include "backend/base/column.h"
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void shows(struct value value, enum value_kind kind, const char *text, const char *json)
{
    struct buf out = BUF_INIT(1000);
    assert_true(value_format(&value, kind, 1795357742000, &out));
    assert_string_equal(buf_text(&out), text);
    buf_clear(&out);
    assert_true(value_write_json(&value, kind, &out));
    assert_string_equal(buf_text(&out), json);
    buf_done(&out);
}

static void known_values_are_shown_by_their_kind(void **state)
{
    (void)state;
    shows(value_text("raw/"), VALUE_TEXT, "raw/", "\"raw/\"");
    shows(value_number(41200), VALUE_COUNT, "41 200", "41200");
    shows(value_number(1406597120), VALUE_BYTES, "1.31 GiB", "1406597120");
    shows(value_number(1795357742000), VALUE_TIME, "2026-11-22 14:29:02Z", "\"2026-11-22T14:29:02.000Z\"");
    shows(value_fraction(0.4125), VALUE_PERCENT, "41.3%", "0.4125");
    shows(value_fraction(0.1), VALUE_PERCENT, "10.0%", "0.1");
    shows(value_fraction(-0.0125), VALUE_PERCENT, "-1.3%", "-0.0125");
    shows(value_number(1), VALUE_BOOL, "yes", "true");
    shows(value_number(0), VALUE_BOOL, "no", "false");
}

static void an_age_is_counted_to_now(void **state)
{
    (void)state;
    shows(value_number(1795357742000 - 200000), VALUE_AGE, "3m", "\"2026-11-22T14:25:42.000Z\"");
    shows(value_number(1795357742000 - 4700), VALUE_AGE, "4s", "\"2026-11-22T14:28:57.300Z\"");
    shows(value_number(1795357742000 - 400), VALUE_AGE, "0s", "\"2026-11-22T14:29:01.600Z\"");
    shows(value_number(1795357742000 + 9000), VALUE_AGE, "0s", "\"2026-11-22T14:29:11.000Z\"");
}

static void zero_empty_and_each_kind_of_unknown_differ(void **state)
{
    (void)state;
    shows(value_number(0), VALUE_COUNT, "0", "0");
    shows(value_text(""), VALUE_TEXT, "", "\"\"");
    shows(value_text(NULL), VALUE_TEXT, "-", "{\"state\":\"none\"}");
    shows(value_state(VALUE_NONE), VALUE_COUNT, "-", "{\"state\":\"none\"}");
    shows(value_state(VALUE_UNKNOWN), VALUE_COUNT, "?", "null");
    shows(value_state(VALUE_DENIED), VALUE_BYTES, "denied", "{\"state\":\"denied\"}");
    shows(value_state(VALUE_TIMEOUT), VALUE_TEXT, "timeout", "{\"state\":\"timeout\"}");
    shows(value_state(VALUE_FAILED), VALUE_AGE, "failed", "{\"state\":\"failed\"}");
    shows(value_fraction(NAN), VALUE_PERCENT, "?", "null");
}

static void a_growing_count_says_at_least(void **state)
{
    (void)state;
    struct value value = value_number(1000);
    value.state = VALUE_AT_LEAST;
    shows(value, VALUE_COUNT, "1 000+", "{\"at_least\":1000}");
}

static void remote_text_is_cleaned_for_people_and_kept_in_json(void **state)
{
    (void)state;
    shows(value_bytes_text("a\x1b[0m\0b", 7), VALUE_TEXT, "a\\x1b[0m\\x00b", "\"a\\u001b[0m\\u0000b\"");
}

static int order(struct value a, struct value b, enum value_kind kind)
{
    int forth = value_compare(&a, &b, kind), back = value_compare(&b, &a, kind);
    assert_int_equal((forth > 0) - (forth < 0), (back < 0) - (back > 0));
    return (forth > 0) - (forth < 0);
}

static void known_values_sort_before_the_others(void **state)
{
    (void)state;
    assert_int_equal(order(value_number(5), value_state(VALUE_UNKNOWN), VALUE_COUNT), -1);
    assert_int_equal(order(value_state(VALUE_DENIED), value_number(INT64_MAX), VALUE_COUNT), 1);
    assert_int_equal(order(value_state(VALUE_DENIED), value_state(VALUE_FAILED), VALUE_COUNT), -1);
    assert_int_equal(order(value_state(VALUE_NONE), value_state(VALUE_NONE), VALUE_COUNT), 0);
}

static void values_sort_by_what_they_mean(void **state)
{
    (void)state;
    assert_int_equal(order(value_number(-3), value_number(10), VALUE_COUNT), -1);
    assert_int_equal(order(value_number(9), value_number(10), VALUE_BYTES), -1);
    assert_int_equal(order(value_number(9), value_number(10), VALUE_AGE), 1); /* the later one is younger */
    assert_int_equal(order(value_number(9), value_number(10), VALUE_TIME), -1);
    assert_int_equal(order(value_fraction(0.1), value_fraction(0.2), VALUE_PERCENT), -1);
    assert_int_equal(order(value_text("10"), value_text("9"), VALUE_TEXT), -1);
    assert_int_equal(order(value_text("a"), value_text("ab"), VALUE_TEXT), -1);
    assert_int_equal(order(value_bytes_text("a\0b", 3), value_bytes_text("a\0c", 3), VALUE_TEXT), -1);
    assert_int_equal(order(value_text("\xff"), value_text("a"), VALUE_TEXT), 1);
    assert_int_equal(order(value_text(""), value_text(""), VALUE_TEXT), 0);
}

static void figures_stand_at_the_right(void **state)
{
    (void)state;
    assert_true(value_kind_is_right(VALUE_COUNT));
    assert_true(value_kind_is_right(VALUE_AGE));
    assert_false(value_kind_is_right(VALUE_TEXT));
    assert_int_equal(value_toned(value_number(1), TONE_WARN).tone, TONE_WARN);
}

static void null_is_not_the_empty_text(void **state)
{
    (void)state;
    shows(value_state(VALUE_NULL), VALUE_TEXT, "NULL", "null");
    shows(value_text(""), VALUE_TEXT, "", "\"\"");
    shows(value_text("NULL"), VALUE_TEXT, "NULL", "\"NULL\"");
}

static void digits_keep_their_text_and_are_numbers_in_json_when_json_has_them(void **state)
{
    (void)state;
    shows(value_text("9007199254740993"), VALUE_DIGITS, "9007199254740993", "9007199254740993");
    shows(value_text("-0.2500"), VALUE_DIGITS, "-0.2500", "-0.2500");
    shows(value_text("1.0E10"), VALUE_DIGITS, "1.0E10", "1.0E10");
    shows(value_text("NaN"), VALUE_DIGITS, "NaN", "\"NaN\"");
    shows(value_text("007"), VALUE_DIGITS, "007", "\"007\"");
    shows(value_text("1."), VALUE_DIGITS, "1.", "\"1.\"");
    shows(value_text("-"), VALUE_DIGITS, "-", "\"-\"");
    shows(value_text(""), VALUE_DIGITS, "", "\"\"");
}

static void digits_sort_by_value_exactly(void **state)
{
    (void)state;
    static const char *const ascending[] = {"-Infinity",
                                            "-9007199254740993",
                                            "-9007199254740992",
                                            "-1.5",
                                            "-0.25",
                                            "0",
                                            "1e-3",
                                            "0.5",
                                            "9",
                                            "10",
                                            "123456789012345678901234567890.1",
                                            "123456789012345678901234567890.2",
                                            "Infinity",
                                            "NaN",
                                            "ten"};
    size_t count = sizeof ascending / sizeof *ascending;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++)
            assert_int_equal(order(value_text(ascending[i]), value_text(ascending[j]), VALUE_DIGITS),
                             (i > j) - (i < j));
    }
    assert_int_equal(order(value_text("-0.00"), value_text("0"), VALUE_DIGITS), 0);
    assert_int_equal(order(value_text("0010.50"), value_text("10.5"), VALUE_DIGITS), 0);
}

static void sort_keys_order_as_values_do(void **state)
{
    (void)state;
    static const char *const ascending[] = {"-Infinity", "-2.5",  "-1",       "0",   "1e-5",
                                            "3",         "1e300", "Infinity", "NaN", "x"};
    for (size_t i = 1; i < sizeof ascending / sizeof *ascending; i++) {
        struct value a = value_text(ascending[i - 1]), b = value_text(ascending[i]);
        assert_true(value_sort_key(&a, VALUE_DIGITS) < value_sort_key(&b, VALUE_DIGITS));
    }
    struct value zero = value_text("0"), minus = value_text("-0.0");
    assert_true(value_sort_key(&zero, VALUE_DIGITS) == value_sort_key(&minus, VALUE_DIGITS));
}

static void numbers_are_read_whatever_the_locale(void **state)
{
    (void)state;
    double number;
    static const struct {
        const char *text;
        double number;
    } cases[] = {
        {"0.1", 0.1}, {"-12345.678", -12345.678}, {"123456789012345678", 123456789012345678.0}, {"1.5E3", 1500}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(value_digits(cases[i].text, strlen(cases[i].text), &number));
        assert_true(number == cases[i].number);
    }
    static const char *const wrong[] = {"", "-", ".", "1x", "0x10", "1 2", "abc", "1e"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(value_digits(wrong[i], strlen(wrong[i]), &number));
}

static void stamps_are_moments(void **state)
{
    (void)state;
    int64_t ms;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"1970-01-01", 0},
                 {"2024-02-29", 1709164800000},
                 {"2026-11-22 14:29:02.123", 1795357742123},
                 {"2026-11-22T14:29:02", 1795357742000},
                 {"1969-12-31 23:59:59.999999", -1},
                 {"00:01:00.5", 60500}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(value_stamp(cases[i].text, strlen(cases[i].text), &ms));
        assert_int_equal(ms, cases[i].ms);
    }
    static const char *const wrong[] = {"", "2024", "2024-13-01", "2024-01", "12", "x", "2024-01-01 12"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(value_stamp(wrong[i], strlen(wrong[i]), &ms));
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_are_shown_by_their_kind),
        cmocka_unit_test(an_age_is_counted_to_now),
        cmocka_unit_test(zero_empty_and_each_kind_of_unknown_differ),
        cmocka_unit_test(a_growing_count_says_at_least),
        cmocka_unit_test(remote_text_is_cleaned_for_people_and_kept_in_json),
        cmocka_unit_test(known_values_sort_before_the_others),
        cmocka_unit_test(values_sort_by_what_they_mean),
        cmocka_unit_test(figures_stand_at_the_right),
        cmocka_unit_test(null_is_not_the_empty_text),
        cmocka_unit_test(digits_keep_their_text_and_are_numbers_in_json_when_json_has_them),
        cmocka_unit_test(digits_sort_by_value_exactly),
        cmocka_unit_test(sort_keys_order_as_values_do),
        cmocka_unit_test(numbers_are_read_whatever_the_locale),
        cmocka_unit_test(stamps_are_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
