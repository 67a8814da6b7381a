/* Charts: what is drawn for given numbers, with and without Unicode and frames, and what is said of the rest. */
#include "tui/widget/chart.h"
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum look { UNICODE, ASCII, PLAIN };

static void expect(const struct chart *chart, int rows, int cols, enum look look, const char *text)
{
    struct canvas *canvas = canvas_new(rows, cols);
    struct buf out = BUF_INIT(1 << 16);
    canvas_set_unicode(canvas, look != ASCII);
    canvas_set_frames(canvas, look != PLAIN);
    chart_draw(chart, canvas, (struct rect){.rows = rows, .cols = cols});
    canvas_dump(canvas, &out);
    assert_string_equal(buf_text(&out), text);
    buf_done(&out);
    canvas_free(canvas);
}

static const char *const cities[] = {"Berlin", "Amsterdam", NULL, "a\x1b[0m"};

static void bars_have_labels_and_numbers(void **state)
{
    (void)state;
    const double orders[] = {1200, 600, 0, 12.5};
    struct chart chart = {.count = 4, .labels = cities, .series = {{"orders", orders}}, .series_count = 1};
    expect(&chart, 5, 40, UNICODE,
           "Berlin    ━━━━━━━━━━━━━━━━━━━━━━━━ 1 200\n"
           "Amsterdam ━━━━━━━━━━━━               600\n"
           "NULL                                   0\n"
           "a\\x1b[0m  ╸                         12.5\n"
           "orders\n");
    expect(&chart, 5, 40, PLAIN,
           "Berlin                             1 200\n"
           "Amsterdam                            600\n"
           "NULL                                   0\n"
           "a\\x1b[0m                            12.5\n"
           "orders\n");
}

static void negative_bars_go_left_of_zero(void **state)
{
    (void)state;
    const double change[] = {10, -10, 5, NAN};
    struct chart chart = {
        .count = 4, .labels = cities, .series = {{"change", change}}, .series_count = 1, .unit = "USD"};
    expect(&chart, 5, 30, ASCII,
           "Berlin            =======   10\n"
           "Amsterdam ========         -10\n"
           "NULL              ====       5\n"
           "a\\x1b[0m                  NULL\n"
           "change in USD\n");
}

static void rows_that_do_not_fit_and_samples_are_said(void **state)
{
    (void)state;
    const double orders[] = {4, 3, 2, 1};
    struct chart chart = {
        .count = 4, .labels = cities, .series = {{"n", orders}}, .series_count = 1, .first = 1, .total = 1160000};
    expect(&chart, 3, 60, PLAIN,
           "Amsterdam                                                  3\n"
           "NULL                                                       2\n"
           "n  2 to 3 of 4  a sample of 4 of 1 160 000 rows\n");
}

static void several_series_are_named(void **state)
{
    (void)state;
    const double a[] = {4, 2}, b[] = {1, 4};
    struct chart chart = {.count = 2, .labels = cities, .series = {{"paid", a}, {"open", b}}, .series_count = 2};
    expect(&chart, 5, 30, UNICODE,
           "Berlin    paid ━━━━━━━━━━━━━ 4\n"
           "          open ━━━╸          1\n"
           "Amsterdam paid ━━━━━━╸       2\n"
           "          open ━━━━━━━━━━━━━ 4\n"
           "\n");
}

static void a_line_has_axes_and_labelled_ends(void **state)
{
    (void)state;
    const double x[] = {1795357742000, 1795357742000 + 3600000, 1795357742000 + 7200000}, y[] = {0, 10, 5};
    struct chart chart = {.kind = CHART_LINE,
                          .count = 3,
                          .x = x,
                          .is_time = true,
                          .x_name = "hour",
                          .series = {{"orders", y}},
                          .series_count = 1};
    expect(&chart, 7, 56, UNICODE,
           " 10│                ⣀⡠⠔⠒⠉⠉⠒⠒⠢⠤⠤⣀⣀⡀\n"
           "   │          ⢀⣀⠤⠒⠊⠉             ⠈⠉⠉⠒⠒⠢⠤⠤⣀⣀⡀\n"
           "   │     ⣀⡠⠤⠒⠉⠁                            ⠈⠉ 5\n"
           "  0│⣀⠤⠔⠊⠉\n"
           "    ─────────────────────────────────────────\n"
           "    2026-11-22 14:29:02Z 2026-11-22 16:29:02Z\n"
           "orders over hour\n");
    expect(&chart, 7, 56, ASCII,
           " 10|                **************\n"
           "   |          ******             ***********\n"
           "   |     ******                            ** 5\n"
           "  0|*****\n"
           "    -----------------------------------------\n"
           "    2026-11-22 14:29:02Z 2026-11-22 16:29:02Z\n"
           "orders over hour\n");
    expect(&chart, 3, 56, PLAIN,
           "2026-11-22 14:29:02Z             0\n"
           "2026-11-22 15:29:02Z            10\n"
           "2026-11-22 16:29:02Z             5\n");
}

static void gaps_stay_gaps_and_one_value_is_in_the_middle(void **state)
{
    (void)state;
    const double y[] = {1, 1, NAN, 1, 1};
    struct chart chart = {.kind = CHART_LINE, .count = 5, .series = {{"n", y}}, .series_count = 1};
    expect(&chart, 6, 24, UNICODE,
           " 2│\n"
           "  │⠤⠤⠤⠤⠄       ⠠⠤⠤⠤⠤ 1\n"
           " 0│\n"
           "   ─────────────────\n"
           "   1               5\n"
           "n\n");
}

static void no_number_is_said(void **state)
{
    (void)state;
    const double y[] = {NAN};
    struct chart chart = {.kind = CHART_LINE, .count = 1, .series = {{"n", y}}, .series_count = 1};
    expect(&chart, 2, 30, UNICODE, "there is no number to draw\n\n");
}

static void no_size_is_too_small(void **state)
{
    (void)state;
    double values[500];
    for (int i = 0; i < 500; i++)
        values[i] = i % 7 == 0 ? -1e300 : i * 1e300;
    for (int kind = 0; kind < 2; kind++) {
        for (int rows = 1; rows < 12; rows++) {
            for (int cols = 1; cols < 40; cols++) {
                struct canvas *canvas = canvas_new(rows, cols);
                struct chart chart = {.kind = kind ? CHART_LINE : CHART_BARS,
                                      .count = 500,
                                      .series = {{"n", values}, {"m", values}},
                                      .series_count = 2};
                chart_draw(&chart, canvas, (struct rect){.rows = rows, .cols = cols});
                canvas_free(canvas);
            }
        }
    }
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bars_have_labels_and_numbers),
        cmocka_unit_test(negative_bars_go_left_of_zero),
        cmocka_unit_test(rows_that_do_not_fit_and_samples_are_said),
        cmocka_unit_test(several_series_are_named),
        cmocka_unit_test(a_line_has_axes_and_labelled_ends),
        cmocka_unit_test(gaps_stay_gaps_and_one_value_is_in_the_middle),
        cmocka_unit_test(no_number_is_said),
        cmocka_unit_test(no_size_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
