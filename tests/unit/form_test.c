/* Forms and their line editor: typing, moving, checking, saying what is wrong. */
#include "tui/widget/edit.h"
#include "tui/widget/form.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct event key(const char *chord)
{
    struct event event = {.kind = EVENT_KEY};
    assert_true(key_parse(chord, strlen(chord), &event.key));
    return event;
}

static void press(struct edit *edit, const char *chords)
{
    for (const char *at = chords; *at;) {
        size_t len = strcspn(at, " ");
        char chord[16] = "";
        memcpy(chord, at, len);
        struct event event = key(chord);
        edit_key(edit, &event);
        at += len + strspn(at + len, " ");
    }
}

static void keys_edit_by_whole_characters(void **state)
{
    (void)state;
    const struct {
        const char *before, *keys, *after;
    } cases[] = {
        {"", "a b Space c", "ab c"},
        {"abc", "Left Left x", "axbc"},
        {"abc", "Home x", "xabc"},
        {"abc", "C-a C-f x C-e y", "axbcy"},
        {"abc def", "C-w", "abc "},
        {"/tmp/some/file", "C-w", "/tmp/some/"}, /* a path part by part */
        {"abc def", "C-u", ""},
        {"abc def", "M-b C-k", "abc "},
        {"a\xc3\xa9\xcc\x81z", "Left Backspace", "az"}, /* e with two accents is one character */
        {"日本", "Backspace", "日"},
        {"日本", "Home Delete", "本"},
        {"\xff", "Backspace", ""}, /* not UTF-8: one byte */
        {"abc", "Home Backspace C-d", "bc"},
        {"abc", "F5 C-x", "abc"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct edit *edit = edit_new();
        edit_set(edit, cases[i].before);
        press(edit, cases[i].keys);
        if (strcmp(edit_text(edit), cases[i].after) != 0)
            fail_msg("\"%s\" and %s is \"%s\", not \"%s\"", cases[i].before, cases[i].keys, edit_text(edit),
                     cases[i].after);
        edit_free(edit);
    }
}

static void pasted_newlines_become_blanks_and_controls_are_left_out(void **state)
{
    (void)state;
    struct edit *edit = edit_new();
    struct event event = {.kind = EVENT_PASTE, .paste = "one\ntwo\x1b[31m\xff three\n", .paste_len = 22};
    event.paste_len = strlen(event.paste);
    assert_true(edit_key(edit, &event));
    assert_string_equal(edit_text(edit), "one two[31m three");
    edit_free(edit);
}

static void the_text_has_a_maximum_and_is_cut_at_a_character(void **state)
{
    (void)state;
    static char longest[EDIT_BYTES_MAX + 8];
    struct edit *edit = edit_new();
    memset(longest, 'x', EDIT_BYTES_MAX - 1);
    memcpy(longest + EDIT_BYTES_MAX - 1, "日", 4);
    edit_set(edit, longest);
    assert_int_equal(strlen(edit_text(edit)), EDIT_BYTES_MAX - 1);
    press(edit, "a b");
    assert_int_equal(strlen(edit_text(edit)), EDIT_BYTES_MAX);
    edit_free(edit);
}

static void a_long_text_scrolls_to_its_cursor(void **state)
{
    (void)state;
    struct edit *edit = edit_new();
    struct canvas *canvas = canvas_new(1, 8);
    struct buf out = BUF_INIT(1024);
    edit_set(edit, "0123456789日本");
    edit_draw(edit, canvas, 0, 0, 8, true);
    canvas_dump(canvas, &out);
    assert_string_equal(buf_text(&out), "789日本\n");
    assert_true(canvas_cell(canvas, 0, 7)->attrs & CELL_REVERSE);
    buf_done(&out);
    canvas_free(canvas);
    edit_free(edit);
}

static bool check_even(const char *text, char *why, size_t size)
{
    if (text[0] && (text[strlen(text) - 1] - '0') % 2 == 0)
        return true;
    snprintf(why, size, "must be even");
    return false;
}

static const char *const sizes[] = {"small", "large", NULL};
static const struct form_field fields[] = {
    {.id = "name", .label = "name", .is_required = true},
    {.id = "count",
     .label = "count",
     .kind = FORM_NUMBER,
     .initial = "4",
     .min = 1,
     .max = 10,
     .is_integer = true,
     .check = check_even},
    {.id = "size", .label = "size", .kind = FORM_CHOICE, .choices = sizes, .initial = "large"},
    {.id = "all", .label = "all of them", .kind = FORM_BOOL},
    {.id = NULL},
};

static void type(struct form *form, const char *chord)
{
    struct event event = key(chord);
    form_key(form, &event);
}

static void values_begin_as_given_and_change_by_keys(void **state)
{
    (void)state;
    struct form *form = form_new(fields);
    assert_string_equal(form_text(form, "size"), "large");
    assert_false(form_bool(form, "all"));
    type(form, "x");
    type(form, "Tab");
    type(form, "Backspace");
    type(form, "6");
    type(form, "Tab");
    type(form, "Right");
    type(form, "Tab");
    type(form, "Space");
    assert_string_equal(form_text(form, "name"), "x");
    assert_true(form_number(form, "count") == 6);
    assert_string_equal(form_text(form, "size"), "small");
    assert_true(form_bool(form, "all"));
    assert_string_equal(form_focus(form), "all");
    type(form, "Tab"); /* a ring */
    assert_string_equal(form_focus(form), "name");
    type(form, "S-Tab");
    assert_string_equal(form_focus(form), "all");
    assert_string_equal(form_text(form, "no such field"), "");
    form_free(form);
}

static void what_is_wrong_is_said_under_the_field_that_gets_the_focus(void **state)
{
    (void)state;
    struct form *form = form_new(fields);
    struct canvas *canvas = canvas_new(8, 40);
    const struct {
        const char *count, *why;
    } cases[] = {{"x", "! must be a number"},
                 {"1.5", "! must be a whole number"},
                 {"12", "! must be from 1 to 10"},
                 {"3", "! must be even"},
                 {"", "! must be even"}};
    form_set(form, "name", "set");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = BUF_INIT(4096);
        form_set(form, "count", cases[i].count);
        assert_false(form_check(form));
        assert_string_equal(form_focus(form), "count");
        canvas_fill(canvas, (struct rect){.rows = 8, .cols = 40}, ROLE_text);
        form_draw(form, canvas, (struct rect){.rows = 8, .cols = 40}, true);
        canvas_dump(canvas, &out);
        if (!strstr(buf_text(&out), cases[i].why))
            fail_msg("count \"%s\": no \"%s\" in\n%s", cases[i].count, cases[i].why, buf_text(&out));
        buf_done(&out);
    }
    form_set(form, "count", "8");
    assert_true(form_check(form));
    form_set(form, "name", "");
    assert_false(form_check(form));
    assert_string_equal(form_focus(form), "name");
    canvas_free(canvas);
    form_free(form);
}

static void a_form_is_drawn_at_any_size(void **state)
{
    (void)state;
    struct form *form = form_new(fields);
    struct canvas *canvas = canvas_new(8, 40);
    for (int rows = 0; rows < 9; rows++) {
        for (int cols = 0; cols < 40; cols++)
            form_draw(form, canvas, (struct rect){.rows = rows, .cols = cols}, true);
    }
    canvas_fill(canvas, (struct rect){.rows = 8, .cols = 40}, ROLE_text);
    form_draw(form, canvas, (struct rect){.rows = 2, .cols = 40}, true);
    struct buf out = BUF_INIT(4096);
    canvas_dump(canvas, &out);
    assert_non_null(strstr(buf_text(&out), "name")); /* the field in focus is among those that fit */
    buf_done(&out);
    canvas_free(canvas);
    form_free(form);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_edit_by_whole_characters),
        cmocka_unit_test(pasted_newlines_become_blanks_and_controls_are_left_out),
        cmocka_unit_test(the_text_has_a_maximum_and_is_cut_at_a_character),
        cmocka_unit_test(a_long_text_scrolls_to_its_cursor),
        cmocka_unit_test(values_begin_as_given_and_change_by_keys),
        cmocka_unit_test(what_is_wrong_is_said_under_the_field_that_gets_the_focus),
        cmocka_unit_test(a_form_is_drawn_at_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
