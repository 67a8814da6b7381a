/* The canvas: remote text cannot leave its cells, clipping holds, wide characters stay whole, shapes are what they say.
 */
#include "tui/canvas.h"
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect_dump(const struct canvas *canvas, const char *expected)
{
    struct buf out = BUF_INIT(1 << 20);
    assert_true(canvas_dump(canvas, &out));
    assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
}

static void text_is_drawn_and_cut_at_max(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(2, 10);
    assert_int_equal(canvas_puts(canvas, 0, 1, 4, ROLE_ok, "abcdef"), 4);
    assert_int_equal(canvas_elide(canvas, 1, 0, 5, ROLE_text, "abcdef", 6), 5);
    expect_dump(canvas, " abcd\nabcd…\n");
    assert_int_equal(canvas_cell(canvas, 0, 1)->role, ROLE_ok);
    assert_null(canvas_cell(canvas, 2, 0));
    canvas_free(canvas);
}

static void hostile_bytes_become_visible_stand_ins(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(1, 60);
    const char hostile[] = "a\x1b[31m\n\0b\xff\xe2\x80\xae\xc2\x9b";
    canvas_text(canvas, 0, 0, 60, ROLE_text, hostile, sizeof hostile - 1);
    expect_dump(canvas, "a\\x1b[31m\\n\\x00b\\xff<U+202E>\\x9b\n");
    assert_int_equal(canvas_cell(canvas, 0, 1)->role, ROLE_hostile);
    assert_int_equal(canvas_cell(canvas, 0, 5)->role, ROLE_text);
    canvas_free(canvas);
}

static void no_cell_ever_holds_a_control_character(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(4, 7);
    char bytes[64];
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525u + 1013904223u;
            bytes[i] = (char)(seed >> 24);
        }
        canvas_text(canvas, (int)(seed % 6) - 1, (int)(seed >> 8) % 9 - 1, 9, ROLE_text, bytes, sizeof bytes);
        for (int row = 0; row < 4; row++) {
            for (int col = 0; col < 7; col++) {
                const struct cell *cell = canvas_cell(canvas, row, col);
                assert_true(memchr(cell->glyph, '\0', CELL_GLYPH) != NULL);
                for (const char *at = cell->glyph; *at; at++)
                    assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
                if (cell->width == 2)
                    assert_int_equal(canvas_cell(canvas, row, col + 1)->width, 0);
                if (cell->width == 0)
                    assert_int_equal(canvas_cell(canvas, row, col - 1)->width, 2);
            }
        }
    }
    canvas_free(canvas);
}

static void marks_join_their_character_and_are_capped_at_two(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(1, 20);
    assert_int_equal(canvas_puts(canvas, 0, 0, 20, ROLE_text, "e\xcc\x81\xcc\x81\xcc\x81z"), 2);
    assert_string_equal(canvas_cell(canvas, 0, 0)->glyph, "e\xcc\x81\xcc\x81");
    assert_string_equal(canvas_cell(canvas, 0, 1)->glyph, "z");
    canvas_free(canvas);
}

static void wide_characters_stay_whole(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(3, 6);
    assert_int_equal(canvas_puts(canvas, 0, 0, 5, ROLE_text, "日本語"), 4);
    assert_int_equal(canvas_cell(canvas, 0, 0)->width, 2);
    canvas_puts(canvas, 0, 1, 1, ROLE_text, "x"); /* the right half of the first */
    expect_dump(canvas, " x本\n\n\n");
    canvas_puts(canvas, 1, 0, 6, ROLE_text, "日本");
    canvas_puts(canvas, 1, 2, 1, ROLE_text, "y");  /* the left half of the second */
    canvas_puts(canvas, 2, 5, 6, ROLE_text, "語"); /* no room for it in the last column */
    expect_dump(canvas, " x本\n日y\n\n");
    canvas_free(canvas);
}

static void drawing_stays_inside_the_clip(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(4, 8);
    struct rect all = canvas_clip(canvas, (struct rect){.row = 1, .col = 2, .rows = 2, .cols = 3});
    assert_int_equal(all.rows, 4);
    for (int row = -2; row < 6; row++)
        canvas_puts(canvas, row, -3, 20, ROLE_text, "abcdefghijklmno");
    canvas_box(canvas, (struct rect){.row = -1, .col = -1, .rows = 9, .cols = 20}, ROLE_border);
    expect_dump(canvas, "\n  fgh\n  fgh\n\n");
    canvas_clip(canvas, all);
    canvas_fill(canvas, all, ROLE_dim);
    expect_dump(canvas, "\n\n\n\n");
    canvas_free(canvas);
}

static void without_unicode_shapes_have_likenesses(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(3, 12);
    canvas_set_unicode(canvas, false);
    canvas_box(canvas, (struct rect){.rows = 3, .cols = 5}, ROLE_border);
    canvas_puts(canvas, 1, 6, 6, ROLE_text, "▶é日…");
    expect_dump(canvas, "+---+\n|   | >???~\n+---+\n");
    canvas_free(canvas);
}

static void bars_and_sparklines_scale(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(6, 8);
    const double values[] = {0, 1, NAN, 4, 8};
    canvas_bar(canvas, 0, 0, 8, 0.5, ROLE_bar);
    canvas_bar(canvas, 1, 0, 8, 0.0001, ROLE_bar);
    canvas_bar(canvas, 2, 0, 8, 7, ROLE_bar);
    canvas_bar(canvas, 3, 0, 8, NAN, ROLE_bar);
    canvas_spark(canvas, 4, 0, 8, values, 5, ROLE_bar);
    canvas_spark(canvas, 5, 0, 2, values, 5, ROLE_bar);
    expect_dump(canvas, "━━━━\n╸\n━━━━━━━━\n\n▁▁ ▄█\n▁█\n");
    canvas_free(canvas);
}

static void right_alignment_counts_columns(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(3, 8);
    canvas_right(canvas, 0, 0, 8, ROLE_text, "日本");
    canvas_right(canvas, 1, 0, 8, ROLE_text, "12");
    canvas_right(canvas, 2, 0, 4, ROLE_text, "123456");
    expect_dump(canvas, "    日本\n      12\n123…\n");
    canvas_free(canvas);
}

static void resizing_clears_and_survives_nonsense(void **state)
{
    (void)state;
    struct canvas *canvas = canvas_new(2, 2);
    canvas_puts(canvas, 0, 0, 2, ROLE_text, "xx");
    canvas_resize(canvas, 0, -5);
    assert_int_equal(canvas_rows(canvas), 1);
    assert_int_equal(canvas_cols(canvas), 1);
    expect_dump(canvas, "\n");
    canvas_free(canvas);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_drawn_and_cut_at_max),
        cmocka_unit_test(hostile_bytes_become_visible_stand_ins),
        cmocka_unit_test(no_cell_ever_holds_a_control_character),
        cmocka_unit_test(marks_join_their_character_and_are_capped_at_two),
        cmocka_unit_test(wide_characters_stay_whole),
        cmocka_unit_test(drawing_stays_inside_the_clip),
        cmocka_unit_test(without_unicode_shapes_have_likenesses),
        cmocka_unit_test(bars_and_sparklines_scale),
        cmocka_unit_test(right_alignment_counts_columns),
        cmocka_unit_test(resizing_clears_and_survives_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
