/* The grid: it reads only what it shows, keeps its cursor on its row, sorts stably, and its filter does what it says.
 */
#include "tui/widget/grid.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct item {
    uint64_t id;
    const char *name;
    int64_t bytes;
    bool is_denied;
    int64_t seen_ms;
};
static struct value get_name(const void *row)
{
    return value_text(((const struct item *)row)->name);
}
static struct value get_bytes(const void *row)
{
    const struct item *item = row;
    return item->is_denied ? value_state(VALUE_DENIED) : value_number(item->bytes);
}
static struct value get_seen(const void *row)
{
    return value_number(((const struct item *)row)->seen_ms);
}
static const struct column columns[] = {
    {.id = "name", .title = "NAME", .kind = VALUE_TEXT, .width = 20, .flex = true, .get = get_name},
    {.id = "bytes", .title = "BYTES", .kind = VALUE_BYTES, .width = 9, .get = get_bytes},
    {.id = "age", .title = "AGE", .kind = VALUE_AGE, .width = 5, .get = get_seen},
    {.id = NULL},
};

enum { NOW = 100000000, HOUR = 3600000 };
struct rows {
    struct item items[8];
    size_t count;
    int reads;
    size_t wanted;
    bool has_more;
};
static size_t count_rows(void *context, bool *is_at_least)
{
    struct rows *rows = context;
    *is_at_least = rows->has_more;
    return rows->count;
}
static const void *row_at(void *context, size_t index)
{
    struct rows *rows = context;
    rows->reads++;
    return &rows->items[index];
}
static void want(void *context, size_t last)
{
    ((struct rows *)context)->wanted = last;
}
static uint64_t identity(const void *row)
{
    return ((const struct item *)row)->id;
}
static const struct rows sample = {
    .items = {{.id = 1, .name = "orders", .bytes = 3000, .seen_ms = NOW - HOUR},
              {.id = 2, .name = "Products", .bytes = 500, .seen_ms = NOW - 2 * HOUR},
              {.id = 3, .name = "aisles", .is_denied = true, .seen_ms = NOW - 3 * HOUR},
              {.id = 4, .name = "orders_2", .bytes = 3000, .seen_ms = NOW}},
    .count = 4,
};

struct fixture {
    struct rows rows;
    struct grid *grid;
    struct canvas *canvas;
};
static struct fixture setup(void)
{
    return (struct fixture){.rows = sample, .grid = grid_new(columns), .canvas = canvas_new(6, 50)};
}
static void use(struct fixture *it)
{
    grid_set_source(it->grid, &(struct grid_source){
                                  .context = &it->rows, .count = count_rows, .row = row_at, .identity = identity});
}
static void done(struct fixture *it)
{
    grid_free(it->grid);
    canvas_free(it->canvas);
}
static void draw(struct fixture *it)
{
    struct rect all = {.rows = canvas_rows(it->canvas), .cols = canvas_cols(it->canvas)};
    canvas_fill(it->canvas, all, ROLE_text);
    grid_draw(it->grid, it->canvas, all, true, false, NOW, false);
}
static void expect(struct fixture *it, const char *text)
{
    struct buf out = BUF_INIT(1 << 16);
    draw(it);
    canvas_dump(it->canvas, &out);
    assert_string_equal(buf_text(&out), text);
    buf_done(&out);
}
static const char *current(struct fixture *it)
{
    const struct item *item = grid_current(it->grid);
    return item ? item->name : "";
}

static void rows_are_drawn_under_their_headers_with_numbers_at_the_right(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    expect(&it, " NAME                                BYTES    AGE\n"
                " orders                           2.93 KiB  1h00m\n"
                " Products                            500 B  2h00m\n"
                " aisles                             denied  3h00m\n"
                " orders_2                         2.93 KiB     0s\n\n");
    assert_int_equal(canvas_cell(it.canvas, 0, 1)->role, ROLE_label);
    assert_int_equal(canvas_cell(it.canvas, 1, 0)->role, ROLE_cursor);
    assert_int_equal(canvas_cell(it.canvas, 1, 45)->role, ROLE_cursor);
    assert_int_equal(canvas_cell(it.canvas, 3, 40)->role, ROLE_warn);
    done(&it);
}

static void the_cursor_bar_shows_without_focus_too(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    grid_draw(it.grid, it.canvas, (struct rect){.rows = 6, .cols = 50}, false, false, NOW, false);
    assert_int_equal(canvas_cell(it.canvas, 1, 3)->role, ROLE_cursor_idle);
    done(&it);
}

static const void *same_row(void *context, size_t index)
{
    struct rows *rows = context;
    (void)index;
    rows->reads++;
    return &rows->items[0];
}
static void moving_in_a_million_rows_reads_a_screenful(void **state)
{
    (void)state;
    struct fixture it = setup();
    it.rows.count = 1000000;
    grid_set_source(it.grid, &(struct grid_source){.context = &it.rows, .count = count_rows, .row = same_row});
    it.rows.reads = 0;
    draw(&it);
    assert_int_equal(it.rows.reads, 5); /* the rows on the screen */
    it.rows.reads = 0;
    assert_true(grid_act(it.grid, ACTION_last));
    draw(&it);
    assert_int_equal(grid_cursor(it.grid), 999999);
    assert_true(it.rows.reads < 12);
    grid_act(it.grid, ACTION_page_up);
    assert_int_equal(grid_cursor(it.grid), 999994); /* five rows are a page */
    done(&it);
}

static void a_paging_source_is_asked_for_what_comes_next(void **state)
{
    (void)state;
    struct fixture it = setup();
    it.rows.has_more = true;
    grid_set_source(it.grid,
                    &(struct grid_source){
                        .context = &it.rows, .count = count_rows, .row = row_at, .want = want, .identity = identity});
    draw(&it);
    assert_int_equal(it.rows.wanted, 10); /* two screens */
    grid_set_filter(it.grid, "nothing has this");
    draw(&it);
    assert_true(it.rows.wanted > 4); /* more than is there, so that the filter sees it */
    done(&it);
}

static void sorting_is_stable_and_leaves_the_unknown_at_the_end(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    assert_true(grid_sort_by(it.grid, "bytes", false));
    expect(&it, " NAME                               ▲BYTES    AGE\n"
                " Products                            500 B  2h00m\n"
                " orders                           2.93 KiB  1h00m\n"
                " orders_2                         2.93 KiB     0s\n"
                " aisles                             denied  3h00m\n\n");
    grid_act(it.grid, ACTION_sort_reverse);
    expect(&it, " NAME                               ▼BYTES    AGE\n"
                " orders                           2.93 KiB  1h00m\n"
                " orders_2                         2.93 KiB     0s\n"
                " Products                            500 B  2h00m\n"
                " aisles                             denied  3h00m\n\n");
    assert_false(grid_sort_by(it.grid, "no such column", false));
    done(&it);
}

static void the_cursor_stays_on_its_row_when_rows_change(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    draw(&it);
    grid_act(it.grid, ACTION_down);
    assert_string_equal(current(&it), "Products");
    grid_sort_by(it.grid, "name", true);
    assert_string_equal(current(&it), "Products");
    grid_sort_by(it.grid, NULL, false);
    memmove(&it.rows.items[1], &it.rows.items[0], 4 * sizeof it.rows.items[0]);
    it.rows.items[0] = (struct item){.id = 9, .name = "new"};
    it.rows.count = 5;
    grid_refresh(it.grid);
    assert_string_equal(current(&it), "Products");
    assert_int_equal(grid_cursor(it.grid), 2);
    it.rows.count = 1; /* its row is gone: the nearest that is left */
    grid_refresh(it.grid);
    assert_string_equal(current(&it), "new");
    done(&it);
}

static size_t shown_with(struct fixture *it, const char *filter)
{
    grid_set_filter(it->grid, filter);
    return grid_shown(it->grid);
}

static void the_filter_grammar(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    draw(&it); /* ages are against the time of the drawing */
    const struct {
        const char *filter;
        size_t shown;
    } cases[] = {
        {"orders", 2},
        {"ORDERS", 0} /* capitals count */,
        {"products", 1},
        {"Products", 1},
        {"!orders", 2},
        {"-f odr2", 1},
        {"denied", 1},
        {"name:aisles", 1},
        {"age:1h", 1},
        {"bytes>1k", 2},
        {"bytes<=500", 1},
        {"bytes=3000", 2},
        {"bytes >600", 0},
        {"age>90m", 2},
        {"age<30m", 1},
        {"!bytes>1k", 2},
        {"", 4},
        {"!", 4},
        {"-f", 4},
        {"nowhere:x", 0},
        {"bytes:2.93 K", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t shown = shown_with(&it, cases[i].filter);
        if (shown != cases[i].shown)
            fail_msg("filter \"%s\" shows %zu rows, not %zu", cases[i].filter, shown, cases[i].shown);
    }
    assert_int_equal(grid_total(it.grid, NULL), 4);
    done(&it);
}

static void a_comparison_that_cannot_be_read_says_so_and_hides_nothing(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    assert_int_equal(shown_with(&it, "bytes>many"), 4);
    assert_string_equal(grid_filter_note(it.grid), "filter bytes: give a size such as 10MiB");
    shown_with(&it, "bytes>1k");
    assert_string_equal(grid_filter_note(it.grid), "");
    done(&it);
}

static void matches_are_marked_and_an_empty_result_says_why(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    grid_set_filter(it.grid, "ders");
    draw(&it);
    assert_int_equal(canvas_cell(it.canvas, 2, 3)->role, ROLE_match);
    assert_int_equal(canvas_cell(it.canvas, 2, 2)->role, ROLE_text);
    assert_int_equal(canvas_cell(it.canvas, 2, 7)->role, ROLE_text);
    grid_set_filter(it.grid, "zzz");
    expect(&it, " NAME                                BYTES    AGE\n"
                " nothing matches \"zzz\"; Esc clears the filter\n\n\n\n\n");
    done(&it);
}

static void clearing_the_filter_returns_to_the_row(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    draw(&it);
    grid_act(it.grid, ACTION_last);
    grid_set_filter(it.grid, "aisles");
    assert_string_equal(current(&it), "aisles");
    grid_set_filter(it.grid, "");
    assert_string_equal(current(&it), "orders_2");
    done(&it);
}

static void count_each(void *context, const void *row)
{
    uint64_t *sum = context;
    *sum += ((const struct item *)row)->id;
}

static void marks_follow_rows_and_survive_the_filter(void **state)
{
    (void)state;
    struct fixture it = setup();
    uint64_t sum = 0;
    use(&it);
    draw(&it);
    assert_int_equal(grid_each_marked(it.grid, count_each, &sum), 1); /* none marked: the current one */
    assert_int_equal(sum, 1);
    grid_act(it.grid, ACTION_mark);
    grid_act(it.grid, ACTION_mark);
    assert_int_equal(grid_marked(it.grid), 2);
    draw(&it);
    assert_string_equal(canvas_cell(it.canvas, 1, 0)->glyph, "▌");
    assert_int_equal(canvas_cell(it.canvas, 1, 3)->role, ROLE_mark);
    grid_set_filter(it.grid, "aisles");
    sum = 0;
    assert_int_equal(grid_each_marked(it.grid, count_each, &sum), 2);
    assert_int_equal(sum, 3);
    it.rows.items[0].id = 77; /* row 1 is no more */
    grid_refresh(it.grid);
    assert_int_equal(grid_marked(it.grid), 1);
    grid_act(it.grid, ACTION_mark_all);
    assert_int_equal(grid_marked(it.grid), 0);
    grid_act(it.grid, ACTION_mark_all);
    assert_int_equal(grid_marked(it.grid), 1); /* only what is shown */
    done(&it);
}

static void a_narrow_screen_scrolls_sideways_with_the_first_column_kept(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    canvas_resize(it.canvas, 3, 30);
    expect(&it, " NAME                  BYTES ›\n orders             2.93 KiB ┃\n Products              500 B\n");
    grid_act(it.grid, ACTION_line_end);
    expect(&it, "‹NAME                    AGE\n orders                1h00m ┃\n Products              2h00m\n");
    grid_act(it.grid, ACTION_freeze); /* all three would leave no room for others: not all are kept */
    grid_act(it.grid, ACTION_line_start);
    expect(&it, " NAME                  BYTES ›\n orders             2.93 KiB ┃\n Products              500 B\n");
    done(&it);
}

static void widths_are_the_users(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    canvas_resize(it.canvas, 2, 40);
    draw(&it);
    for (int i = 0; i < 20; i++)
        grid_act(it.grid, ACTION_narrower);
    expect(&it, " NAM      BYTES    AGE\n or…   2.93 KiB  1h00m                 ┃\n");
    done(&it);
}

static void long_and_hostile_cells_stay_in_their_columns(void **state)
{
    (void)state;
    struct fixture it = setup();
    it.rows.items[0].name = "a\x1b[31m\nvery long name that does not fit at all";
    it.rows.count = 1;
    use(&it);
    canvas_resize(it.canvas, 2, 40);
    expect(&it, " NAME                      BYTES    AGE\n a\\x1b[31m\\nvery lon…   2.93 KiB  1h00m\n");
    assert_int_equal(canvas_cell(it.canvas, 1, 3)->role, ROLE_cursor);
    done(&it);
}

static void every_size_is_survived(void **state)
{
    (void)state;
    struct fixture it = setup();
    use(&it);
    for (int rows = 1; rows < 6; rows++) {
        for (int cols = 1; cols < 30; cols++) {
            canvas_resize(it.canvas, rows, cols);
            draw(&it);
            grid_act(it.grid, ACTION_down);
            grid_act(it.grid, ACTION_right);
        }
    }
    canvas_resize(it.canvas, 1, 12);
    grid_act(it.grid, ACTION_first);
    grid_act(it.grid, ACTION_line_start);
    expect(&it, " orders    ┃\n"); /* one line: the row, not the header */
    done(&it);
}

static void an_empty_source_is_no_row(void **state)
{
    (void)state;
    struct fixture it = setup();
    it.rows.count = 0;
    use(&it);
    draw(&it);
    assert_null(grid_current(it.grid));
    for (int action = 0; action < ACTION_COUNT; action++)
        grid_act(it.grid, (enum action)action);
    assert_null(grid_current(it.grid));
    assert_int_equal(grid_each_marked(it.grid, count_each, NULL), 0);
    done(&it);
}

static void the_mouse_points_sorts_and_scrolls(void **state)
{
    (void)state;
    struct fixture it = setup();
    struct rect all = {.rows = 6, .cols = 50};
    use(&it);
    draw(&it);
    assert_true(
        grid_mouse(it.grid, &(struct event){.kind = EVENT_MOUSE, .mouse = MOUSE_PRESS, .row = 3, .col = 4}, all));
    assert_string_equal(current(&it), "aisles");
    assert_true(
        grid_mouse(it.grid, &(struct event){.kind = EVENT_MOUSE, .mouse = MOUSE_PRESS, .row = 0, .col = 37}, all));
    assert_string_equal(grid_sort_column(it.grid, NULL)->id, "bytes");
    assert_false(
        grid_mouse(it.grid, &(struct event){.kind = EVENT_MOUSE, .mouse = MOUSE_PRESS, .row = 5, .col = 4}, all));
    done(&it);
}

static const void *second_is_missing(void *context, size_t index)
{
    return index == 1 ? NULL : row_at(context, index);
}
static void a_row_that_is_not_there_yet_is_drawn_as_such(void **state)
{
    (void)state;
    struct fixture it = setup();
    grid_set_source(it.grid,
                    &(struct grid_source){
                        .context = &it.rows, .count = count_rows, .row = second_is_missing, .identity = identity});
    canvas_resize(it.canvas, 4, 40);
    expect(&it, " NAME                     BYTES    AGE\n"
                " orders                2.93 KiB  1h00m ┃\n"
                " …                                     ┃\n"
                " aisles                  denied  3h00m\n");
    done(&it);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_drawn_under_their_headers_with_numbers_at_the_right),
        cmocka_unit_test(the_cursor_bar_shows_without_focus_too),
        cmocka_unit_test(moving_in_a_million_rows_reads_a_screenful),
        cmocka_unit_test(a_paging_source_is_asked_for_what_comes_next),
        cmocka_unit_test(sorting_is_stable_and_leaves_the_unknown_at_the_end),
        cmocka_unit_test(the_cursor_stays_on_its_row_when_rows_change),
        cmocka_unit_test(the_filter_grammar),
        cmocka_unit_test(a_comparison_that_cannot_be_read_says_so_and_hides_nothing),
        cmocka_unit_test(matches_are_marked_and_an_empty_result_says_why),
        cmocka_unit_test(clearing_the_filter_returns_to_the_row),
        cmocka_unit_test(marks_follow_rows_and_survive_the_filter),
        cmocka_unit_test(a_narrow_screen_scrolls_sideways_with_the_first_column_kept),
        cmocka_unit_test(widths_are_the_users),
        cmocka_unit_test(long_and_hostile_cells_stay_in_their_columns),
        cmocka_unit_test(every_size_is_survived),
        cmocka_unit_test(an_empty_source_is_no_row),
        cmocka_unit_test(the_mouse_points_sorts_and_scrolls),
        cmocka_unit_test(a_row_that_is_not_there_yet_is_drawn_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
