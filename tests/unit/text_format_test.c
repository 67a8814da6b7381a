/* How figures are written for people and read back. */
#include "backend/base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static char out[TEXT_SHORT];

static void bytes_have_three_digits_and_binary_units(void **state)
{
    (void)state;
    assert_string_equal(text_bytes(0, out), "0 B");
    assert_string_equal(text_bytes(999, out), "999 B");
    assert_string_equal(text_bytes(1000, out), "0.98 KiB");
    assert_string_equal(text_bytes(1024, out), "1.00 KiB");
    assert_string_equal(text_bytes(10240, out), "10.0 KiB");
    assert_string_equal(text_bytes(1406597120, out), "1.31 GiB");
    assert_string_equal(text_bytes(210 << 20, out), "210 MiB");
    assert_string_equal(text_bytes(1023 * 1024, out), "1.00 MiB");
    assert_string_equal(text_bytes(999 * 1024, out), "999 KiB");
    assert_string_equal(text_bytes(1023400, out), "999 KiB");
    assert_string_equal(text_bytes(1023488, out), "0.98 MiB");
    assert_string_equal(text_bytes(UINT64_MAX, out), "16.0 EiB");
}

static void no_size_has_more_than_three_digits(void **state)
{
    (void)state;
    for (uint64_t bytes = 1; bytes < UINT64_MAX / 3; bytes += bytes / 97 + 1) {
        size_t digits = 0;
        for (const char *at = text_bytes(bytes, out); *at != ' '; at++)
            digits += *at != '.';
        assert_in_range(digits, 1, 3);
    }
}

static void counts_are_grouped(void **state)
{
    (void)state;
    assert_string_equal(text_count(0, out), "0");
    assert_string_equal(text_count(999, out), "999");
    assert_string_equal(text_count(4310, out), "4 310");
    assert_string_equal(text_count(41200, out), "41 200");
    assert_string_equal(text_count(1000000, out), "1 000 000");
    assert_string_equal(text_count(-1000, out), "-1 000");
    assert_string_equal(text_count(INT64_MIN, out), "-9 223 372 036 854 775 808");
}

static void durations_have_two_units_at_most(void **state)
{
    (void)state;
    assert_string_equal(text_duration(0, out), "0s");
    assert_string_equal(text_duration(210, out), "210ms");
    assert_string_equal(text_duration(4000, out), "4s");
    assert_string_equal(text_duration(59999, out), "59s");
    assert_string_equal(text_duration(180000, out), "3m");
    assert_string_equal(text_duration(130000, out), "2m10s");
    assert_string_equal(text_duration(725000, out), "12m");
    assert_string_equal(text_duration(3840000, out), "1h04m");
    assert_string_equal(text_duration((int64_t)51 * 3600000, out), "2d03h");
    assert_string_equal(text_duration(-5000, out), "-5s");
    assert_true(strlen(text_duration(INT64_MIN, out)) < TEXT_SHORT);
}

static void times_carry_their_zone(void **state)
{
    (void)state;
    assert_string_equal(text_time(0, out), "1970-01-01 00:00:00Z");
    assert_string_equal(text_time(1795357742999, out), "2026-11-22 14:29:02Z");
    assert_string_equal(text_time(-1, out), "1969-12-31 23:59:59Z");
    assert_true(strlen(text_time(INT64_MAX, out)) < TEXT_SHORT);
    assert_true(strlen(text_time(INT64_MIN, out)) < TEXT_SHORT);
}

static void iso_times_are_read(void **state)
{
    (void)state;
    static const char *const same[] = {"2026-11-22T14:29:02.000Z",      "2026-11-22T14:29:02Z",
                                       "2026-11-22 14:29:02",           "2026-11-22T16:29:02.000+02:00",
                                       "2026-11-22T09:29:02-0500",      "20261122T142902Z",
                                       "Sun, 22 Nov 2026 14:29:02 GMT", "2026-11-22T14:29:02.000000000Z"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        int64_t ms = 0;
        assert_true(text_parse_time(same[i], &ms));
        assert_int_equal(ms, 1795357742000);
    }
    int64_t ms;
    assert_true(text_parse_time("2026-11-22T14:29:02.5Z", &ms));
    assert_int_equal(ms, 1795357742500);
    assert_true(text_parse_time("2024-02-29T00:00Z", &ms));
    assert_int_equal(ms, 1709164800000);
    assert_true(text_parse_time("1969-12-31T23:59:59.999Z", &ms));
    assert_int_equal(ms, -1);
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "now",
                                      "2026-11-22",
                                      "2026-02-30T00:00:00Z",
                                      "2025-02-29T00:00:00Z",
                                      "2026-13-01T00:00:00Z",
                                      "2026-00-01T00:00:00Z",
                                      "2026-11-22T24:00:00Z",
                                      "2026-11-22T14:60:00Z",
                                      "2026-11-22T14:29:02.Z",
                                      "2026-11-22T14:29:02Zx",
                                      "2026-11-22T14:29:02+2",
                                      "Sun, 22 Nox 2026 14:29:02 GMT",
                                      "Sun, 22 Nov 2026 14:29:02 CET",
                                      "Sun, 31 Nov 2026 14:29:02 GMT"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms;
        assert_false(text_parse_time(bad[i], &ms));
    }
}

static void sizes_are_read_in_binary_multiples(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{.text = "10", .bytes = 10},
                {.text = "10B", .bytes = 10},
                {.text = "64k", .bytes = 65536},
                {.text = "10MB", .bytes = 10 << 20},
                {.text = "1.5GiB", .bytes = 1610612736},
                {.text = "1.5 GiB", .bytes = 1610612736},
                {.text = "7E", .bytes = (uint64_t)7 << 60},
                {.text = "0.5k", .bytes = 512}};
    static const char *const bad[] = {"",        "MB", "-1", "1x", "1kk", "1.", ".5", "8E", "99999999999999999999",
                                      "10 MB x", "1iB"};
    uint64_t bytes;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(text_parse_bytes(good[i].text, &bytes));
        assert_int_equal(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_parse_bytes(bad[i], &bytes));
}

static void durations_are_read_with_their_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {{.text = "500ms", .ms = 500},  {.text = "30s", .ms = 30000},   {.text = "5m", .ms = 300000},
                {.text = "2h", .ms = 7200000}, {.text = "1d", .ms = 86400000}, {.text = "1.5s", .ms = 1500}};
    static const char *const bad[] = {"", "5", "s", "-5s", "5 s", "5sec", "9999999999999999d"};
    int64_t ms;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(text_parse_duration(good[i].text, &ms));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(text_parse_duration(bad[i], &ms));
}

static void finding_ignores_case(void **state)
{
    (void)state;
    const char *text = "raw/Orders.csv";
    assert_ptr_equal(text_find(text, "orders"), text + 4);
    assert_ptr_equal(text_find(text, ""), text);
    assert_null(text_find(text, "users"));
    assert_null(text_find("", "a"));
}

static void fuzzy_matches_need_all_letters_in_order(void **state)
{
    (void)state;
    assert_true(text_fuzzy("raw/orders.csv", "roc") > 0);
    assert_true(text_fuzzy("raw/orders.csv", "ORD") > 0);
    assert_int_equal(text_fuzzy("raw/orders.csv", "cr"), 0);
    assert_int_equal(text_fuzzy("", "a"), 0);
    assert_true(text_fuzzy("anything", "") > 0);
    assert_true(text_fuzzy("a--------------------------------------------------b", "ab") > 0);
}

static void better_fuzzy_matches_score_higher(void **state)
{
    (void)state;
    assert_true(text_fuzzy("orders", "ord") > text_fuzzy("o_r_d", "ord"));        /* a run */
    assert_true(text_fuzzy("open-run", "or") > text_fuzzy("opener", "or"));       /* starts of words */
    assert_true(text_fuzzy("xx order", "order") > text_fuzzy("xorder", "order")); /* whole word */
    assert_true(text_fuzzy("oxxxr or", "or") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_have_three_digits_and_binary_units),
        cmocka_unit_test(no_size_has_more_than_three_digits),
        cmocka_unit_test(counts_are_grouped),
        cmocka_unit_test(durations_have_two_units_at_most),
        cmocka_unit_test(times_carry_their_zone),
        cmocka_unit_test(iso_times_are_read),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(sizes_are_read_in_binary_multiples),
        cmocka_unit_test(durations_are_read_with_their_unit),
        cmocka_unit_test(finding_ignores_case),
        cmocka_unit_test(fuzzy_matches_need_all_letters_in_order),
        cmocka_unit_test(better_fuzzy_matches_score_higher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
