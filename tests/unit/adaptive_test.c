/* The send rate of the adaptive retry mode, on a clock that the test turns. */
#include "backend/core/adaptive.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int64_t turned_ms;
static int64_t read_turned(const struct clock *clock)
{
    (void)clock;
    return turned_ms;
}
static const struct clock turned = {.wall_ms = read_turned, .mono_ms = read_turned};

/* So many answers, evenly over the time. */
static void answers(struct adaptive *adaptive, int count, int64_t every_ms)
{
    for (int i = 0; i < count; i++) {
        turned_ms += every_ms;
        adaptive_answer(adaptive, false);
    }
}

static void nothing_is_delayed_before_the_first_throttling(void **state)
{
    (void)state;
    struct adaptive *adaptive = adaptive_new(&turned);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(adaptive_take(adaptive), 0);
    answers(adaptive, 100, 10);
    assert_true(adaptive_rate(adaptive) == 0);
    adaptive_free(adaptive);
}

static void a_throttling_takes_three_tenths_of_the_measured_rate(void **state)
{
    (void)state;
    struct adaptive *adaptive = adaptive_new(&turned);
    answers(adaptive, 100, 100); /* ten a second, for ten seconds */
    adaptive_answer(adaptive, true);
    assert_true(adaptive_rate(adaptive) > 6.5 && adaptive_rate(adaptive) < 7.7);
    /* those who come at once go one after another at that rate */
    assert_in_range(adaptive_take(adaptive), 120, 160);
    assert_in_range(adaptive_take(adaptive), 250, 310);
    adaptive_return(adaptive);
    assert_in_range(adaptive_take(adaptive), 250, 310);
    adaptive_free(adaptive);
}

static void the_rate_comes_back_by_cubic_and_beyond(void **state)
{
    (void)state;
    struct adaptive *adaptive = adaptive_new(&turned);
    answers(adaptive, 100, 100);
    adaptive_answer(adaptive, true);
    double before = adaptive_rate(adaptive);
    answers(adaptive, 10, 100);
    double after = adaptive_rate(adaptive);
    assert_true(after > before && after < 10);
    answers(adaptive, 40, 100); /* past the window: cube root of 10 * 0.3 / 0.4, about 2 s */
    assert_true(adaptive_rate(adaptive) > 10);
    answers(adaptive, 600, 100);
    assert_true(adaptive_rate(adaptive) < 21); /* never more than twice what is sent */
    adaptive_free(adaptive);
}

static void it_never_goes_below_one_in_two_seconds(void **state)
{
    (void)state;
    struct adaptive *adaptive = adaptive_new(&turned);
    for (int i = 0; i < 20; i++) {
        turned_ms += 100;
        adaptive_answer(adaptive, true);
    }
    assert_true(adaptive_rate(adaptive) >= 0.5);
    adaptive_free(adaptive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_delayed_before_the_first_throttling),
        cmocka_unit_test(a_throttling_takes_three_tenths_of_the_measured_rate),
        cmocka_unit_test(the_rate_comes_back_by_cubic_and_beyond),
        cmocka_unit_test(it_never_goes_below_one_in_two_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
