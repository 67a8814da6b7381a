/* A grid over a result on file: rows come a moment later, its filter and sort are the result's, and many columns cost
 * only what is on the screen. */
#include "tests/lib/resultkit.h"
#include "tui/grid_result.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct pane {
    struct result_kit kit;
    struct grid_result source;
    struct grid *grid;
    struct canvas *canvas;
};

static void draw(struct pane *it)
{
    struct rect all = {.rows = canvas_rows(it->canvas), .cols = canvas_cols(it->canvas)};
    canvas_fill(it->canvas, all, ROLE_text);
    grid_draw(it->grid, it->canvas, all, true, false, 0, false);
}

static const char *screen(struct pane *it)
{
    static char text[1 << 14];
    struct buf out = BUF_INIT(sizeof text - 1);
    canvas_dump(it->canvas, &out);
    snprintf(text, sizeof text, "%s", buf_text(&out));
    buf_done(&out);
    return text;
}

/* Draws until no row and no cell is missing. */
static void expect(struct pane *it, const char *text)
{
    uint64_t seen = 0;
    for (draw(it); strstr(screen(it), " …") || strchr(screen(it), '?'); draw(it))
        result_kit_wait(&it->kit, &seen);
    assert_string_equal(screen(it), text);
}

static void open_pane(struct pane *it, const char *text, const struct result_column *columns, size_t count, int rows,
                      int cols)
{
    result_kit_open_text(&it->kit, text, (struct result_options){.columns = columns, .column_count = count});
    result_kit_settle(&it->kit);
    it->source.result = it->kit.result;
    it->grid = grid_new(result_columns(it->kit.result, NULL));
    it->canvas = canvas_new(rows, cols);
    struct grid_source source = grid_result_source(&it->source);
    grid_set_source(it->grid, &source);
}

static void close_pane(struct pane *it)
{
    grid_free(it->grid);
    canvas_free(it->canvas);
    result_kit_done(&it->kit);
}

static const struct result_column columns[] = {{"id", "bigint"}, {"name", "varchar"}};
static const char rows[] = "\"id\",\"name\"\n\"10\",\"Berlin\"\n\"9\",\n\"100\",\"\"\n\"11\",\"Bern\x1b[0m\"\n";

static void numbers_stand_right_null_is_said_and_hostile_text_is_harmless(void **state)
{
    (void)state;
    struct pane it;
    open_pane(&it, rows, columns, 2, 5, 24);
    expect(&it, "   id  name\n"
                "   10  Berlin\n"
                "    9  NULL\n"
                "  100\n"
                "   11  Bern\\x1b[0m\n");
    close_pane(&it);
}

static void filter_and_sort_are_done_by_the_result(void **state)
{
    (void)state;
    struct pane it;
    open_pane(&it, rows, columns, 2, 5, 24);
    expect(&it, "   id  name\n"
                "   10  Berlin\n"
                "    9  NULL\n"
                "  100\n"
                "   11  Bern\\x1b[0m\n");
    grid_sort_by(it.grid, "id", true);
    result_kit_settle(&it.kit);
    expect(&it, "  ▼id  name\n"
                "  100\n"
                "   11  Bern\\x1b[0m\n"
                "   10  Berlin\n"
                "    9  NULL\n");
    grid_set_filter(it.grid, "ber");
    result_kit_settle(&it.kit);
    expect(&it, "  ▼id  name\n"
                "   11  Bern\\x1b[0m\n"
                "   10  Berlin\n"
                "\n\n");
    assert_int_equal(grid_total(it.grid, NULL), 4);
    assert_int_equal(grid_shown(it.grid), 2);
    grid_act(it.grid, ACTION_down);
    grid_set_filter(it.grid, "");
    grid_sort_by(it.grid, NULL, false);
    assert_int_equal(grid_cursor(it.grid), 0); /* on the row that was looked at: "Berlin" */
    grid_act(it.grid, ACTION_last);
    expect(&it, "   id  name\n"
                "   10  Berlin\n"
                "    9  NULL\n"
                "  100\n"
                "   11  Bern\\x1b[0m\n");
    grid_set_filter(it.grid, "ber");
    assert_int_equal(grid_cursor(it.grid), 0);
    grid_set_filter(it.grid, "");
    assert_int_equal(grid_cursor(it.grid), 3); /* back where it was */
    grid_set_filter(it.grid, "id>x");
    assert_string_equal(grid_filter_note(it.grid), "filter id: give a number such as 10k");
    close_pane(&it);
}

static void a_column_of_numbers_grows_to_what_is_on_the_screen(void **state)
{
    (void)state;
    struct pane it;
    struct buf text = BUF_INIT(1 << 16);
    buf_puts(&text, "\"n\",\"t\"\n");
    for (int i = 0; i < 200; i++)
        buf_printf(&text, "\"%d\",\"x\"\n", i);
    buf_puts(&text, "\"-123456789012\",\"x\"\n");
    open_pane(&it, buf_text(&text), (const struct result_column[]){{"n", "bigint"}, {"t", "varchar"}}, 2, 3, 30);
    expect(&it, "    n  t\n    0  x                     ┃\n    1  x\n");
    grid_act(it.grid, ACTION_last);
    expect(&it, "             n  t\n           199  x\n -123456789012  x            ┃\n");
    buf_done(&text);
    close_pane(&it);
}

static void marks_are_kept_by_the_row_of_the_file(void **state)
{
    (void)state;
    struct pane it;
    uint64_t marked[4];
    open_pane(&it, rows, columns, 2, 6, 24);
    expect(&it, "   id  name\n   10  Berlin\n    9  NULL\n  100\n   11  Bern\\x1b[0m\n\n");
    grid_act(it.grid, ACTION_mark);
    grid_sort_by(it.grid, "id", false);
    result_kit_settle(&it.kit);
    expect(&it, "  ▲id  name\n    9  NULL\n▌  10  Berlin\n   11  Bern\\x1b[0m\n  100\n\n");
    assert_int_equal(grid_mark_list(it.grid, marked, 4), 1);
    assert_int_equal(marked[0], 1);
    close_pane(&it);
}

static void five_thousand_columns_show_what_is_looked_at(void **state)
{
    (void)state;
    enum { COLUMNS = 5000, ROWS = 30 };
    struct pane it;
    struct buf text = BUF_INIT((size_t)16 << 20);
    for (int i = 0; i < COLUMNS; i++)
        buf_printf(&text, "%s\"c%d\"", i ? "," : "", i);
    for (int row = 0; row < ROWS; row++)
        for (int i = 0; i < COLUMNS; i++)
            buf_printf(&text, "%s\"r%dc%d\"", i ? "," : "\n", row, i);
    buf_puts(&text, "\n");
    open_pane(&it, buf_text(&text), NULL, 0, 3, 40);
    expect(&it, " c0    c1    c2    c3    c4    c5      ›\n"
                " r0c0  r0c1  r0c2  r0c3  r0c4  r0c5    ┃\n"
                " r1c0  r1c1  r1c2  r1c3  r1c4  r1c5\n");
    grid_act(it.grid, ACTION_line_end);
    expect(&it, "‹c0    c4997    c4998    c4999\n"
                " r0c0  r0c4997  r0c4998  r0c4999       ┃\n"
                " r1c0  r1c4997  r1c4998  r1c4999\n");
    buf_done(&text);
    close_pane(&it);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stand_right_null_is_said_and_hostile_text_is_harmless),
        cmocka_unit_test(filter_and_sort_are_done_by_the_result),
        cmocka_unit_test(a_column_of_numbers_grows_to_what_is_on_the_screen),
        cmocka_unit_test(marks_are_kept_by_the_row_of_the_file),
        cmocka_unit_test(five_thousand_columns_show_what_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
