/* The dashboard's tiles cover the body without overlap, for every number of panes and every size. */
#include "tui/tiles.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PANES_MAX = 8, ROWS_MAX = 60, COLS_MAX = 260 };

static void expect_cover(int rows, int cols, int count, bool first_on_top)
{
    static unsigned char seen[ROWS_MAX][COLS_MAX];
    struct rect rects[PANES_MAX], body = {.row = 1, .col = 2, .rows = rows, .cols = cols};
    memset(seen, 0, sizeof seen);
    tiles_layout(body, count, first_on_top, rects);
    for (int i = 0; i < count; i++)
        for (int row = rects[i].row; row < rects[i].row + rects[i].rows; row++)
            for (int col = rects[i].col; col < rects[i].col + rects[i].cols; col++)
                seen[row - body.row][col - body.col]++;
    for (int row = 0; row < rows; row++)
        for (int col = 0; col < cols; col++)
            assert_int_equal(seen[row][col], 1);
}

static void tiles_cover_the_body_once(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {2, 120}, {5, 3}, {21, 80}, {28, 120}, {46, 160}, {60, 260}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int count = 1; count <= PANES_MAX; count++) {
            expect_cover(sizes[i][0], sizes[i][1], count, false);
            expect_cover(sizes[i][0], sizes[i][1], count, true);
        }
}

static void the_first_can_be_a_band_on_top(void **state)
{
    (void)state;
    struct rect rects[PANES_MAX];
    tiles_layout((struct rect){.rows = 46, .cols = 160}, 8, true, rects);
    assert_int_equal(rects[0].cols, 160);
    assert_int_equal(rects[0].rows, 10);
    assert_int_equal(rects[1].row, 10);
    assert_int_equal(rects[3].row, rects[1].row);       /* three beside each other */
    assert_int_equal(rects[6].row + rects[6].rows, 46); /* and two in the last row */
    assert_int_equal(rects[7].col, 80);
}

static void one_pane_has_all(void **state)
{
    (void)state;
    struct rect rects[PANES_MAX];
    tiles_layout((struct rect){.rows = 22, .cols = 80}, 1, true, rects);
    assert_int_equal(rects[0].rows, 22);
    assert_int_equal(rects[0].cols, 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tiles_cover_the_body_once),
        cmocka_unit_test(the_first_can_be_a_band_on_top),
        cmocka_unit_test(one_pane_has_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
