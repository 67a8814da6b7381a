/* The sanitiser and widths against hostile text: what reaches a terminal is printable, valid and as wide as we say. */
#include "backend/base/text.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void check(const char *bytes, size_t len, const char *expected)
{
    struct buf out = BUF_INIT(1 << 20);
    assert_true(text_clean(bytes, len, &out));
    assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
}
#define CLEAN(bytes, expected) check(bytes, sizeof(bytes) - 1, expected)

static void plain_text_stays_as_it_is(void **state)
{
    (void)state;
    CLEAN("", "");
    CLEAN("raw/2026/orders 01.csv", "raw/2026/orders 01.csv");
    CLEAN("gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f");
    CLEAN("\xe6\x97\xa5\xe6\x9c\xac", "\xe6\x97\xa5\xe6\x9c\xac");
}

static void escape_sequences_become_visible(void **state)
{
    (void)state;
    CLEAN("\x1b[31mred", "\\x1b[31mred");
    CLEAN("\x1b]52;c;eA==\x07", "\\x1b]52;c;eA==\\x07");
    CLEAN("a\x7f", "a\\x7f");
    CLEAN("a\0b", "a\\x00b");
}

static void line_ends_and_tabs_are_written_as_letters(void **state)
{
    (void)state;
    CLEAN("a\nb\tc\rd\be", "a\\nb\\tc\\rd\\x08e");
}

static void c1_controls_become_visible_in_both_encodings(void **state)
{
    (void)state;
    CLEAN("\xc2\x9b"
          "31m",
          "\\x9b31m");
    CLEAN("\x9b"
          "31m",
          "\\x9b31m");
    CLEAN("\xc2\x85", "\\x85");
}

static void direction_overrides_become_visible(void **state)
{
    (void)state;
    CLEAN("gpj.\xe2\x80\xae"
          "exe",
          "gpj.<U+202E>exe");
    CLEAN("\xe2\x81\xa6x\xe2\x81\xa9", "<U+2066>x<U+2069>");
    CLEAN("\xd8\x9c", "<U+061C>");
}

static void what_has_no_width_becomes_visible(void **state)
{
    (void)state;
    CLEAN("a\xe2\x80\x8b"
          "b",
          "a<U+200B>b");
    CLEAN("\xef\xbb\xbf"
          "a",
          "<U+FEFF>a");
    CLEAN("\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", "\xf0\x9f\x91\xa8<U+200D>\xf0\x9f\x91\xa9");
    CLEAN("x\xf3\xa0\x81\x81", "x<U+E0041>");
    CLEAN("\xe2\x80\xa8\xe2\x80\xa9", "<U+2028><U+2029>");
    CLEAN("a\xc2\xad"
          "b",
          "a<U+00AD>b");
    CLEAN("\xe3\x85\xa4", "<U+3164>");
    CLEAN("a\xf3\xa0\x84\x80", "a<U+E0100>");
}

static void broken_utf8_is_shown_byte_by_byte(void **state)
{
    (void)state;
    CLEAN("\xc0\xaf", "\\xc0\\xaf");                   /* overlong '/' */
    CLEAN("\xe0\x80\xaf", "\\xe0\\x80\\xaf");          /* overlong '/' */
    CLEAN("\xed\xa0\x80", "\\xed\\xa0\\x80");          /* surrogate */
    CLEAN("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"); /* past U+10FFFF */
    CLEAN("\xf5\xff", "\\xf5\\xff");                   /* never in UTF-8 */
    CLEAN("\xe6\x97", "\\xe6\\x97");                   /* cut off at the end */
    CLEAN("\xe6\x97z", "\\xe6\\x97z");                 /* cut off before another character */
    CLEAN("\xf0\x9f\x98", "\\xf0\\x9f\\x98");          /* cut off */
}

static void two_combining_marks_are_enough(void **state)
{
    (void)state;
    struct buf in = BUF_INIT(1 << 16), out = BUF_INIT(1 << 16);
    buf_putc(&in, 'e');
    for (int i = 0; i < 1000; i++)
        buf_puts(&in, "\xcc\x81");
    buf_putc(&in, 'x');
    text_clean(in.data, in.len, &out);
    assert_string_equal(buf_text(&out), "e\xcc\x81\xcc\x81x");
    assert_int_equal(text_width(out.data, out.len), 2);
    buf_done(&in);
    buf_done(&out);
}

static void a_combining_mark_needs_a_base(void **state)
{
    (void)state;
    CLEAN("\xcc\x81"
          "a",
          "<U+0301>a");
    CLEAN("\x07\xcc\x81", "\\x07<U+0301>");
}

static void presentation_selectors_are_dropped(void **state)
{
    (void)state;
    CLEAN("\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4");
    CLEAN("\xe2\x9d\xa4\xef\xb8\x8e!", "\xe2\x9d\xa4!");
    CLEAN("\xef\xb8\x8f", "");
}

static void what_unicode_has_not_assigned_is_replaced(void **state)
{
    (void)state;
    CLEAN("\xcd\xb8", "\xef\xbf\xbd");         /* U+0378 */
    CLEAN("\xef\xbf\xbe", "\xef\xbf\xbd");     /* U+FFFE */
    CLEAN("\xf4\x8f\xbf\xbf", "\xef\xbf\xbd"); /* U+10FFFF */
}

static void a_full_buffer_is_said(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(5);
    assert_false(text_clean("\x1b\x1b", 2, &out));
    buf_done(&out);
}

static void a_fixed_array_is_cut_at_a_character(void **state)
{
    (void)state;
    char out[6];
    assert_string_equal(text_clean_into("abcdefgh", out, sizeof out), "abcde");
    assert_string_equal(text_clean_into("abc\xe6\x97\xa5", out, sizeof out), "abc");
    assert_string_equal(text_clean_into("ab\xe6\x97\xa5", out, sizeof out), "ab\xe6\x97\xa5");
    assert_string_equal(text_clean_into("abc\x1b", out, sizeof out), "abc");
    assert_string_equal(text_clean_into("x", out, 1), "");
    text_clean_into("x", NULL, 0);
}

static void each_code_point_is_clean_valid_and_as_wide_as_said(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(64);
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[5] = "a";
        size_t len = text_encode(code, bytes + 1);
        uint32_t back;
        assert_int_equal(len == 0, code >= 0xd800 && code <= 0xdfff);
        if (!len)
            continue;
        assert_int_equal(text_decode(bytes + 1, len, &back), len);
        assert_int_equal(back, code);
        buf_clear(&out);
        text_clean(bytes, len + 1, &out);
        int width = 0;
        for (size_t i = 0; i < out.len;) {
            size_t step = text_decode(out.data + i, out.len - i, &back);
            assert_true(step > 0);
            assert_true(text_code_width(back) >= 0);
            width += text_code_width(back);
            i += step;
        }
        assert_int_equal(width, text_width(out.data, out.len));
    }
    buf_done(&out);
}

static void widths_are_those_of_terminals(void **state)
{
    (void)state;
    assert_int_equal(text_code_width('a'), 1);
    assert_int_equal(text_code_width(0x65e5), 2);
    assert_int_equal(text_code_width(0x1f600), 2);
    assert_int_equal(text_code_width(0x0301), 0);
    assert_int_equal(text_code_width(0x2500), 1);
    assert_int_equal(text_code_width(0x28ff), 1);
    assert_int_equal(text_code_width(0xfffd), 1);
    assert_int_equal(text_code_width(0x1b), -1);
    assert_int_equal(text_code_width(0x9b), -1);
    assert_int_equal(text_code_width(0x202e), -1);
    assert_int_equal(text_code_width(0xad), -1);
    assert_int_equal(text_code_width(0x110000), -1);
}

static void text_is_cut_to_columns_without_splitting(void **state)
{
    (void)state;
    static const char text[] = "a\xe6\x97\xa5"
                               "e\xcc\x81z"; /* 1 + 2 + 1 + 1 columns */
    static const size_t expected[] = {0, 1, 1, 4, 7, 8, 8};
    static const int widths[] = {0, 1, 1, 3, 4, 5, 5};
    for (int columns = 0; columns < 7; columns++) {
        int used;
        assert_int_equal(text_fit(text, sizeof text - 1, columns, &used), expected[columns]);
        assert_int_equal(used, widths[columns]);
    }
    assert_int_equal(text_width(text, sizeof text - 1), 5);
}

static void invalid_code_points_are_not_encoded(void **state)
{
    (void)state;
    char out[4];
    assert_int_equal(text_encode(0xd800, out), 0);
    assert_int_equal(text_encode(0x110000, out), 0);
    assert_int_equal(text_encode(0x10ffff, out), 4);
    assert_memory_equal(out, "\xf4\x8f\xbf\xbf", 4);
    uint32_t code;
    assert_int_equal(text_decode("", 0, &code), 0);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_stays_as_it_is),
        cmocka_unit_test(escape_sequences_become_visible),
        cmocka_unit_test(line_ends_and_tabs_are_written_as_letters),
        cmocka_unit_test(c1_controls_become_visible_in_both_encodings),
        cmocka_unit_test(direction_overrides_become_visible),
        cmocka_unit_test(what_has_no_width_becomes_visible),
        cmocka_unit_test(broken_utf8_is_shown_byte_by_byte),
        cmocka_unit_test(two_combining_marks_are_enough),
        cmocka_unit_test(a_combining_mark_needs_a_base),
        cmocka_unit_test(presentation_selectors_are_dropped),
        cmocka_unit_test(what_unicode_has_not_assigned_is_replaced),
        cmocka_unit_test(a_full_buffer_is_said),
        cmocka_unit_test(a_fixed_array_is_cut_at_a_character),
        cmocka_unit_test(each_code_point_is_clean_valid_and_as_wide_as_said),
        cmocka_unit_test(widths_are_those_of_terminals),
        cmocka_unit_test(text_is_cut_to_columns_without_splitting),
        cmocka_unit_test(invalid_code_points_are_not_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
