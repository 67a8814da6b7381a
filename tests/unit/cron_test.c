/* Cron expressions of crawlers' schedules: the next time that fits, and what is refused. */
#include "backend/local/cron.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int64_t at(const char *text)
{
    struct tm tm = {0};
    assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min), 5);
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm);
}

static void expect(const char *expression, const char *after, const char *next)
{
    struct cron cron;
    struct err err = ERR_NONE;
    char text[32];
    if (!cron_parse(expression, &cron, &err))
        fail_msg("%s", err.text);
    time_t found = (time_t)cron_next(&cron, at(after));
    struct tm tm;
    gmtime_r(&found, &tm);
    strftime(text, sizeof text, "%Y-%m-%d %H:%M", &tm);
    assert_string_equal(text, next);
}

static void the_next_time_is_later_than_now_and_fits_every_field(void **state)
{
    (void)state;
    expect("cron(0 12 * * ? *)", "2026-11-24 11:59", "2026-11-24 12:00");
    expect("cron(0 12 * * ? *)", "2026-11-24 12:00", "2026-11-25 12:00");
    expect("cron(0/15 * * * ? *)", "2026-11-24 12:01", "2026-11-24 12:15");
    expect("cron(15,45 8-17 ? * MON-FRI *)", "2026-11-27 17:45", "2026-11-30 08:15");
    expect("cron(0 0 1 1 ? *)", "2026-11-24 00:00", "2027-01-01 00:00");
    expect("cron(0 6 29 FEB ? *)", "2026-11-24 00:00", "2028-02-29 06:00");
    expect("cron(30 3 ? * 1 *)", "2026-11-24 00:00", "2026-11-29 03:30");
    expect("cron(0 0 1 * ? 2030)", "2026-11-24 00:00", "2030-01-01 00:00");
}

static void a_year_that_has_passed_never_comes(void **state)
{
    (void)state;
    struct cron cron;
    struct err err = ERR_NONE;
    assert_true(cron_parse("cron(0 0 1 1 ? 2020)", &cron, &err));
    assert_int_equal(cron_next(&cron, at("2026-11-24 00:00")), -1);
}

static void what_is_not_understood_is_refused_with_its_field(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "rate(5 minutes)",
                                        "cron(0 12 * * ?)",
                                        "cron(60 12 * * ? *)",
                                        "cron(0 24 * * ? *)",
                                        "cron(0 12 L * ? *)",
                                        "cron(0 12 ? * 2#1 *)",
                                        "cron(0 12 1 * MON *)",
                                        "cron(5-1 12 * * ? *)",
                                        "cron(0/0 12 * * ? *)",
                                        "cron(0, 12 * * ? *)",
                                        "cron(0 12 * * ? *) and more"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cron cron;
        struct err err = ERR_NONE;
        if (cron_parse(texts[i], &cron, &err))
            fail_msg("%s was taken", texts[i]);
        assert_int_equal(err.code, ERR_PARSE);
    }
    struct cron cron;
    struct err err = ERR_NONE;
    cron_parse("cron(0 25 * * ? *)", &cron, &err);
    assert_non_null(strstr(err.text, "hours"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_time_is_later_than_now_and_fits_every_field),
        cmocka_unit_test(a_year_that_has_passed_never_comes),
        cmocka_unit_test(what_is_not_understood_is_refused_with_its_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
