/* Text view and tree: wrapping, searching, following, moving; and the help text made from a keymap. */
#include "tui/overlay/help.h"
#include "tui/widget/textview.h"
#include "tui/widget/tree.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct textview *view;
    struct canvas *canvas;
};
static struct fixture setup(int rows, int cols)
{
    return (struct fixture){.view = textview_new(), .canvas = canvas_new(rows, cols)};
}
static void done(struct fixture *it)
{
    textview_free(it->view);
    canvas_free(it->canvas);
}
static void draw(struct fixture *it)
{
    struct rect all = {.rows = canvas_rows(it->canvas), .cols = canvas_cols(it->canvas)};
    canvas_fill(it->canvas, all, ROLE_text);
    textview_draw(it->view, it->canvas, all);
}
static void expect(struct fixture *it, const char *text)
{
    struct buf out = BUF_INIT(1 << 16);
    draw(it);
    canvas_dump(it->canvas, &out);
    assert_string_equal(buf_text(&out), text);
    buf_done(&out);
}
static void add(struct fixture *it, const char *text)
{
    textview_add(it->view, ROLE_text, text, strlen(text));
}

static void lines_and_fields_share_one_column_of_labels(void **state)
{
    (void)state;
    struct fixture it = setup(5, 20);
    textview_field(it.view, "size", ROLE_text, "12 B");
    textview_field(it.view, "checksum", ROLE_ok, "fine");
    textview_section(it.view, "preview");
    add(&it, "a\tb\r\n");
    expect(&it, "size      12 B\nchecksum  fine\n\npreview ───────────\na       b\n");
    assert_int_equal(canvas_cell(it.canvas, 0, 0)->role, ROLE_label);
    assert_int_equal(canvas_cell(it.canvas, 1, 10)->role, ROLE_ok);
    done(&it);
}

static void long_lines_are_cut_or_wrapped(void **state)
{
    (void)state;
    struct fixture it = setup(3, 9);
    add(&it, "0123456789\x1bz");
    expect(&it, "0123456…\n\n\n");
    textview_act(it.view, ACTION_right);
    expect(&it, "89\\x1bz\n\n\n");
    textview_set_wrap(it.view, WRAP_ALL);
    expect(&it, "01234567\n89\\x1bz\n\n");
    textview_clear(it.view);
    textview_field(it.view, "k", ROLE_text, "abcdefg");
    add(&it, "0123456789");
    textview_set_wrap(it.view, WRAP_FIELDS);
    expect(&it, "k  abcde\n   fg\n0123456…\n");
    done(&it);
}

static void searching_shows_goes_round_and_says_when_there_is_none(void **state)
{
    (void)state;
    struct fixture it = setup(2, 20);
    add(&it, "one\ntwo\nthree\nfour\nTwo\nsix");
    draw(&it);
    assert_true(textview_search(it.view, "two"));
    draw(&it);
    assert_int_equal(canvas_cell(it.canvas, 1, 0)->role, ROLE_match);
    textview_act(it.view, ACTION_find_next);
    expect(&it, "Two\nsix                ┃\n");
    textview_act(it.view, ACTION_find_next);
    textview_act(it.view, ACTION_find_prev);
    assert_false(textview_search(it.view, "seven"));
    assert_true(textview_search(it.view, "Two")); /* a capital makes it exact */
    done(&it);
}

static void following_stays_at_the_end_until_one_looks_up(void **state)
{
    (void)state;
    struct fixture it = setup(2, 10);
    textview_set_follow(it.view, true);
    add(&it, "1\n2\n3");
    expect(&it, "2\n3        ┃\n");
    add(&it, "4");
    expect(&it, "3\n4        ┃\n");
    textview_act(it.view, ACTION_up);
    add(&it, "5");
    expect(&it, "2        ┃\n3\n");
    assert_false(textview_follows(it.view));
    done(&it);
}

static void too_much_text_is_cut_and_says_so(void **state)
{
    (void)state;
    struct fixture it = setup(1, 60);
    static char block[1 << 20];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 20; i++)
        textview_add(it.view, ROLE_text, block, sizeof block);
    draw(&it);
    textview_act(it.view, ACTION_last);
    draw(&it);
    struct buf out = BUF_INIT(1 << 16);
    canvas_dump(it.canvas, &out);
    assert_non_null(strstr(buf_text(&out), "cut here"));
    buf_done(&out);
    done(&it);
}

static void any_size_is_survived(void **state)
{
    (void)state;
    struct fixture it = setup(1, 1);
    textview_field(it.view, "a long label for a field", ROLE_text, "日本語 and more");
    add(&it, "\xff\xfe");
    for (int wrap = WRAP_NONE; wrap <= WRAP_ALL; wrap++) {
        textview_set_wrap(it.view, (enum textview_wrap)wrap);
        for (int cols = 1; cols < 40; cols++) {
            canvas_resize(it.canvas, 2, cols);
            draw(&it);
        }
    }
    done(&it);
}

static void the_tree_keeps_its_cursor_on_its_row(void **state)
{
    (void)state;
    struct tree *tree = tree_new();
    struct canvas *canvas = canvas_new(4, 20);
    struct tree_row rows[] = {
        {.id = 1, .label = "lake", .label_len = 4, .note = "9 B"},
        {.id = 2, .depth = 1, .label = "raw/", .label_len = 4, .note = "5 B"},
        {.id = 3, .depth = 1, .label = "curated/", .label_len = 8, .note = "4 B"},
    };
    uint64_t id = 0;
    tree_set_rows(tree, rows, 3);
    assert_int_equal(tree_draw(tree, canvas, (struct rect){.rows = 4, .cols = 20}, true), 3);
    struct buf out = BUF_INIT(1024);
    canvas_dump(canvas, &out);
    assert_string_equal(buf_text(&out), " lake           9 B\n   raw/         5 B\n   curated/     4 B\n\n");
    tree_act(tree, ACTION_last);
    rows[1] = rows[2];
    tree_set_rows(tree, rows, 2);
    assert_true(tree_current(tree, &id));
    assert_int_equal(id, 3);
    assert_false(tree_move_to(tree, 2));
    tree_set_rows(tree, rows, 0);
    assert_false(tree_current(tree, &id));
    buf_done(&out);
    canvas_free(canvas);
    tree_free(tree);
}

static bool cannot_download(void *context, enum action action)
{
    (void)context;
    return action != ACTION_download;
}

static void help_is_made_from_the_keymap_in_force(void **state)
{
    (void)state;
    struct err err;
    struct keymap *keymap = keymap_new();
    const char *keys = "global ? = help\nlist j = down\nlist Down = down\nzones D = remove\nzones w = download\n";
    assert_true(keymap_merge(keymap, "test", keys, &err));
    assert_true(keymap_merge(keymap, "user", "zones j = none\nzones F9 = down\n", &err));
    struct textview *view = textview_new();
    struct buf out = BUF_INIT(1 << 16);
    help_fill(view, keymap, &(struct help_scope){.keys = CONTEXT_zones, .is_readonly = true, .can = cannot_download});
    assert_true(textview_text(view, &out));
    const char *text = buf_text(&out);
    assert_non_null(strstr(text, "F9"));
    assert_non_null(strstr(text, "delete the object   (read-only)"));
    assert_non_null(strstr(text, "download to a local file   (not now)"));
    assert_non_null(strstr(text, "In zones"));
    assert_non_null(strstr(text, "Everywhere"));
    buf_done(&out);
    textview_free(view);
    keymap_free(keymap);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_fields_share_one_column_of_labels),
        cmocka_unit_test(long_lines_are_cut_or_wrapped),
        cmocka_unit_test(searching_shows_goes_round_and_says_when_there_is_none),
        cmocka_unit_test(following_stays_at_the_end_until_one_looks_up),
        cmocka_unit_test(too_much_text_is_cut_and_says_so),
        cmocka_unit_test(any_size_is_survived),
        cmocka_unit_test(the_tree_keeps_its_cursor_on_its_row),
        cmocka_unit_test(help_is_made_from_the_keymap_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
