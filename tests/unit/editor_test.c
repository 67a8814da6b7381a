/* The editor: its text, characters, undo, selection, lines, search, replace, popup and picture, with the plain keys. */
#include "tests/lib/editor.h"
#include "tui/widget/editor_store.h"
#include <ctype.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHECK(cases) editor_check(&(struct editor_options){.indent = 4}, cases, sizeof cases / sizeof *cases)

/* --- a language: words of capitals are keywords, '...' strings, -- comments; strings go over lines --- */
static bool word_token(void *context, const char *text, size_t len, size_t *offset, int *state,
                       struct editor_token *token)
{
    size_t at = *offset;
    if (context)
        (*(int *)context)++;
    if (at >= len)
        return false;
    token->start = at;
    token->is_opaque = true;
    if (*state || text[at] == '\'') {
        at += !*state;
        while (at < len && text[at] != '\'')
            at++;
        *state = at == len;
        at += at < len;
        token->role = ROLE_string;
    } else if (text[at] == '-' && at + 1 < len && text[at + 1] == '-') {
        while (at < len && text[at] != '\n')
            at++;
        token->role = ROLE_comment;
    } else {
        bool is_upper = isupper((unsigned char)text[at]);
        at++;
        while (is_upper && at < len && isupper((unsigned char)text[at]))
            at++;
        token->role = is_upper ? ROLE_keyword : ROLE_text;
        token->is_opaque = false;
    }
    token->len = at - *offset;
    *offset = at;
    return true;
}

static bool word_candidates(void *context, const char *text, size_t len, size_t cursor, struct editor_candidates *out)
{
    static const char *const words[] = {"select", "selection", "self", "table_one", "table_two", "from"};
    (void)context;
    (void)len;
    out->start = out->end = cursor;
    while (out->start > 0 && (isalnum((unsigned char)text[out->start - 1]) || text[out->start - 1] == '_'))
        out->start--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strncmp(words[i], text + out->start, cursor - out->start))
            editor_candidates_add(out, words[i], NULL, "word", "");
    return out->count > 0;
}

static const struct editor_language words = {.token = word_token, .candidates = word_candidates, .line_comment = "--"};

/* --- the store --- */
static void the_line_index_agrees_with_the_text_after_any_splice(void **state)
{
    (void)state;
    struct store store;
    store_init(&store, 4096);
    char model[4097] = "";
    size_t len = 0;
    unsigned seed = 1;
    for (int round = 0; round < 4000; round++) {
        char piece[16];
        size_t n = (size_t)rand_r(&seed) % sizeof piece;
        for (size_t i = 0; i < n; i++)
            piece[i] = "ab\n\xff"[rand_r(&seed) % 4];
        size_t at = len ? (size_t)rand_r(&seed) % (len + 1) : 0, removed = (size_t)rand_r(&seed) % 20;
        removed = removed < len - at ? removed : len - at;
        bool fits = len - removed + n <= 4096;
        assert_int_equal(store_splice(&store, at, removed, piece, n), fits);
        if (fits) {
            memmove(model + at + n, model + at + removed, len - at - removed);
            memcpy(model + at, piece, n);
            len += n - removed;
        }
        size_t line = 0;
        assert_int_equal(store.len, len);
        for (size_t i = 0; i < len; i++) {
            assert_int_equal(store_byte(&store, i), (unsigned char)model[i]);
            if (i == 0 || model[i - 1] == '\n')
                assert_int_equal(store_line_start(&store, i ? ++line : 0), i);
            assert_int_equal(store_line_of(&store, i), line);
        }
        assert_int_equal(store.line_count, line + 1 + (len && model[len - 1] == '\n'));
        size_t from = len / 3, to = len - len / 3;
        assert_memory_equal(store_view(&store, from, to), model + from, to - from);
    }
    store_done(&store);
}

/* --- keys --- */
static void keys_move_and_type(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|", "'select 1'", "select 1|"},
        {"ab|c", "Left 'x'", "ax|bc"},
        {"one\ntwo|", "Up Home 'a' End 'b'", "aoneb|\ntwo"},
        {"abcdef\nx\nabcd|ef", "Up Up 'y'", "abcdy|ef\nx\nabcdef"},
        {"  x|", "Home 'a'", "  a|x"},
        {"  x|", "Home Home 'a'", "a|  x"},
        {"one two_2 (three)|", "C-Left 'a'", "one two_2 (a|three)"},
        {"|one two", "C-Right 'a' C-Right 'b'", "onea twob|"},
        {"a|\n\nb\nc\n\nd", "C-Down C-Down 'x'", "a\n\nb\nc\nx|\nd"},
        {"a\n\nb\nc\n\n|d", "C-Up 'x'", "a\n\nb\nc\nx|\nd"},
        {"a\n|b", "Backspace", "a|b"},
        {"a|\nb", "Delete", "a|b"},
        {"|", "Backspace Left Up Delete", "|"},
        {"one two|", "C-w 'x'", "one x|"},
        {"one two|", "C-u", "|"},
        {"one|\ntwo\nthree", "C-End 'x' C-Home 'y'", "y|one\ntwo\nthreex"},
        {"f(a(b)c)|", "C-b 'x'", "fx|(a(b)c)"},
    };
    CHECK(cases);
}

static void characters_stay_whole_and_bytes_stay_as_they_are(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"ae\xcc\x81|x", "Backspace", "a|x"},
        {"ae\xcc\x81|x", "Left Delete", "a|x"},
        {"\xe4\xb8\xad\xe6\x96\x87|", "Left 'x'", "\xe4\xb8\xadx|\xe6\x96\x87"},
        {"a\xff\xfe|b", "Left 'x'",
         "a\xffx|\xfe"
         "b"},
        {"a\xff|b", "Backspace", "a|b"},
        {"\xcc\x81|a", "Left Right 'x'", "\xcc\x81x|a"},
        {"abcd\n\xe4\xb8\xad\xe6\x96\x87|", "Up 'x'", "abcdx|\n\xe4\xb8\xad\xe6\x96\x87"},
        {"abc|d\n\xe4\xb8\xad\xe6\x96\x87", "Down 'x'", "abcd\n\xe4\xb8\xadx|\xe6\x96\x87"},
        {"\tx|\nabcdefghijk", "Down 'y'", "\tx\nabcdefghiy|jk"},
    };
    CHECK(cases);
}

static void a_new_line_begins_where_this_one_does(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"  a|", "Enter 'b'", "  a\n  b|"},
        {"f(|", "Enter 'x' Enter ')'", "f(\n    x\n)|"},
        {"f(|)", "Enter 'x'", "f(\n    x|\n)"},
        {"  f(|)", "Enter 'x'", "  f(\n      x|\n  )"},
        {"  |", "Enter 'x'", "\n  x|"},
        {"  a|  b", "Enter", "  a\n  |b"},
        {"        |x", "Backspace", "    |x"},
        {"      |x", "Backspace", "    |x"},
        {"a   |x", "Backspace", "a  |x"},
        {"a|", "Tab 'b'", "a   b|"},
        {"|a", "Tab", "    |a"},
        {"      a|", "S-Tab", "    a|"},
    };
    CHECK(cases);
}

static void a_selection_is_replaced_cut_and_indented(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"one two|", "C-S-Left 'x'", "one x|"},
        {"one\ntwo|", "S-Up Delete", "one|"},
        {"abc|", "S-Left S-Left Left 'x'", "ax|bc"},
        {"abc|", "S-Left S-Left Right 'x'", "abcx|"},
        {"one two|", "C-a 'x'", "x|"},
        {"^one| two", "C-x End C-v", " twoone|"},
        {"^one| two", "C-c End C-v", "one twoone|"},
        {"^one| two", "C-Insert End C-v C-v", "one twooneone|"},
        {"^one| two", "Esc 'x'", "onex| two"},
        {"^one| two", "Enter", "\n|two"},
        {"a\n^b\nc|\nd", "Tab", "a\n    b\n    c|\nd"},
        {"a\n^    b\n  c\n|d", "S-Tab", "a\nb\nc\n|d"},
        {"^one| two", "<new>", "new| two"},
    };
    CHECK(cases);
}

static void undo_goes_back_word_by_word_and_forth(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|", "'one two' C-z", "one |"},
        {"|", "'one two' C-z C-z", "|"},
        {"|", "'one two' C-z C-z C-y C-y", "one two|"},
        {"|", "'one' C-z 'x' C-y", "x|"},
        {"abc|", "Backspace Backspace C-z", "abc|"},
        {"abc|", "Backspace Backspace C-z C-y", "a|"},
        {"|", "'ab' Backspace 'c' C-z", "|"},
        {"ab|", "'c' Backspace Backspace C-z C-z", "ab|"},
        {"ab|", "'c' Left 'd' C-z", "ab|c"},
        {"a|", "<x\ny> 'z' C-z", "ax\ny|"},
        {"a|", "<x\ny> C-z", "a|"},
        {"^one| two", "'x' C-z", "one| two"},
        {"a\n^b\nc|", "Tab C-z", "a\nb\nc|"},
        {"f(|)", "Enter C-z", "f(|)"},
    };
    CHECK(cases);
}

static void a_paste_is_taken_as_it_is(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"  a|", "<b\n  c>", "  ab\n  c|"},
        {"|", "<a\rb\r\nc>", "a\nb\nc|"},
        {"|", "<\xff\x01\t>", "\xff\x01\t|"},
    };
    CHECK(cases);
}

static void whole_lines_are_moved_doubled_and_removed(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"a|\nb", "C-d", "a\na|\nb"},       {"a\nb|", "C-d", "a\nb\nb|"}, {"a\nb|", "M-Up", "b|\na"},
        {"a|\nb\nc", "M-Down", "b\na|\nc"}, {"a\nb|", "M-Down", "a\nb|"}, {"^a\nb|\nc", "M-Down 'x'", "c\nx|"},
        {"a\nb|\nc", "C-k", "a\n|c"},       {"a\nb|", "C-k", "|a"},       {"a|\nb\nc", "C-k C-k C-v", "a\nb\n|c"},
        {"a|\nb", "M-Down C-z", "a|\nb"},
    };
    CHECK(cases);
}

static void lines_are_commented_and_uncommented_together(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"  a|", "M-;", "  -- a|"},
        {"  -- a|", "M-;", "  a|"},
        {"^  a\n\n    b|", "C-_ End", "  -- a\n\n  --   b|"},
        {"^-- a\nb|", "C-_ End", "-- -- a\n-- b|"},
        {"^-- a\n--b|", "C-_ End", "a\nb|"},
    };
    editor_check(&(struct editor_options){.language = &words}, cases, sizeof cases / sizeof *cases);
}

static void a_search_goes_along_as_it_is_typed(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|one two three two", "C-f 'tw'", "one |two three two"},
        {"|one two three two", "C-f 'two' Enter 'x'", "one x| three two"},
        {"|one two three two", "C-f 'two' Enter F3 'x'", "one two three x|"},
        {"|one two three two", "C-f 'two' Down Enter 'x'", "one two three x|"},
        {"|one two three two", "C-f 'two' Enter F3 F3 S-F3 'x'", "one two three x|"},
        {"|one Two", "C-f 'two' Enter 'x'", "one x|"},
        {"|one two Two", "C-f 'Two' Enter 'x'", "one two x|"},
        {"one| two", "C-f 'zzz' Esc 'x'", "onex| two"},
        {"one| two one", "C-f 'two' C-g 'x'", "onex| two one"},
        {"|aXbXc", "M-r 'X' Enter 'yy' Enter 'a'", "ayybyy|c"},
        {"|aXbXcX", "M-r 'X' Enter 'yy' Enter 'yny'", "ayybXcyy|"},
        {"|aXbX", "M-r 'X' Enter 'yy' Enter 'yq' C-z", "a|XbX"},
        {"X^aXb|X", "M-r 'X' Enter Enter 'a'", "Xa|bX"},
        {"|aXbX", "M-r 'X' Enter 'XX' Enter 'yy'", "aXXbXX|"},
        {"a\nb\nc|", "C-g '2' Enter 'x'", "a\nx|b\nc"},
        {"a\nbcd\nc|", "C-g '2:3' Enter 'x'", "a\nbcx|d\nc"},
    };
    CHECK(cases);
}

/* --- what others see --- */
static void the_cursor_counts_code_points_as_athena_does(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.max_bytes = 100});
    editor_show(editor, "a\n\xe4\xb8\xad"
                        "e\xcc\x81x|");
    struct editor_position at = editor_cursor(editor);
    assert_int_equal(at.line, 2);
    assert_int_equal(at.column, 5);
    editor_set_cursor(editor, 2, 2);
    assert_int_equal(editor_cursor(editor).byte, 5);
    editor_set_cursor(editor, 99, 99);
    assert_int_equal(editor_cursor(editor).byte, editor_len(editor));
    editor_free(editor);
}

static void a_text_over_the_maximum_is_refused_and_nothing_is_lost(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.max_bytes = 8});
    editor_show(editor, "1234|567");
    uint64_t before = editor_generation(editor);
    editor_press(editor, "<abc>");
    assert_string_equal(editor_shown(editor), "1234|567");
    assert_non_null(strstr(editor_note(editor), "8 B"));
    assert_int_equal(editor_generation(editor), before);
    assert_false(editor_set_text(editor, "123456789", 9));
    editor_press(editor, "'8' '9'");
    assert_string_equal(editor_shown(editor), "12348|567");
    assert_false(editor_replace_text(editor, "123456789", 9));
    editor_free(editor);
}

static void undo_forgets_the_oldest_steps_beyond_its_maximum(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.max_bytes = 16});
    for (int i = 0; i < 20; i++) {
        editor_insert(editor, "abcd", 4);
        editor_press(editor, "C-a Delete");
    }
    int steps = 0;
    while (editor_undo(editor))
        steps++;
    assert_true(steps >= 4 && steps <= 8);
    while (editor_redo(editor))
        steps--;
    assert_int_equal(steps, 0);
    assert_int_equal(editor_len(editor), 0);
    editor_free(editor);
}

static void a_replaced_text_keeps_the_cursors_place_and_can_be_undone(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.max_bytes = 100});
    editor_show(editor, "select 1\nfrom| x");
    assert_true(editor_replace_text(editor, "SELECT 1\nFROM x\n", 16));
    assert_string_equal(editor_shown(editor), "SELECT 1\nFROM| x\n");
    editor_press(editor, "C-z");
    assert_string_equal(editor_shown(editor), "select 1\nfrom| x");
    editor_free(editor);
}

static void copied(void *context, const char *bytes, size_t len)
{
    snprintf(context, 64, "%.*s", (int)len, bytes);
}

static void what_is_copied_goes_to_the_terminal_too(void **state)
{
    (void)state;
    char clip[64] = "";
    struct editor *editor = editor_new(&(struct editor_options){.context = clip, .copied = copied});
    editor_show(editor, "^one| two");
    editor_press(editor, "C-c");
    assert_string_equal(clip, "one");
    editor_free(editor);
}

static bool binds_some(void *context, struct key key)
{
    (void)context;
    return key.code == NAMED_F5 || (key.code == NAMED_SPACE && key.mods == MOD_CTRL) || key.code == 'a';
}

static bool takes(struct editor *editor, const char *chord)
{
    struct event event = {.kind = EVENT_KEY};
    assert_true(key_parse(chord, strlen(chord), &event.key));
    return editor_key(editor, &event);
}

static void keys_of_the_keymap_and_of_the_console_are_left_alone(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.is_bound = binds_some});
    assert_false(takes(editor, "C-Space"));
    assert_false(takes(editor, "C-a"));
    assert_true(takes(editor, "a")); /* it types text */
    assert_false(takes(editor, "C-c"));
    assert_false(takes(editor, "Esc"));
    assert_false(takes(editor, "C-p"));
    assert_true(takes(editor, "C-z"));
    assert_true(editor_act(editor, ACTION_redo));
    assert_false(editor_act(editor, ACTION_quit));
    assert_string_equal(editor_shown(editor), "a|");
    editor_free(editor);
}

/* --- the picture --- */
static void lines_are_numbered_and_scroll_sideways(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.max_bytes = 4096});
    editor_show(editor, "one\n\ttwo\n|");
    assert_string_equal(editor_picture(editor, 4, 30), " 1 one\n 2         two\n 3\n\n");
    editor_show(editor, "0123456789012345678901234567890123456789|");
    assert_string_equal(editor_picture(editor, 1, 10), "123456789\n");
    editor_press(editor, "Home");
    assert_string_equal(editor_picture(editor, 1, 10), "0123456789\n");
    editor_show(editor, "a\x1b[31m\xff\xe2\x80\xae|");
    assert_string_equal(editor_picture(editor, 1, 40), " 1 a\\x1b[31m\\xff<U+202E>\n");
    for (int rows = 0; rows < 4; rows++)
        for (int cols = 0; cols < 30; cols++)
            editor_picture(editor, rows, cols);
    editor_free(editor);
}

static int role_at(struct editor *editor, int row, int col)
{
    struct canvas *canvas = canvas_new(8, 40);
    editor_draw(editor, canvas, (struct rect){.rows = 8, .cols = 40}, true);
    int role = canvas_cell(canvas, row, col)->role;
    canvas_free(canvas);
    return role;
}

static void tokens_are_coloured_also_when_a_string_opens_above(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.language = &words, .no_line_numbers = true});
    editor_show(editor, "|\nSELECT x\n-- y\nSELECT");
    assert_int_equal(role_at(editor, 1, 0), ROLE_keyword);
    assert_int_equal(role_at(editor, 1, 7), ROLE_text);
    assert_int_equal(role_at(editor, 2, 3), ROLE_comment);
    editor_press(editor, "'");
    assert_int_equal(role_at(editor, 1, 0), ROLE_string);
    assert_int_equal(role_at(editor, 3, 5), ROLE_string);
    editor_press(editor, "'");
    assert_int_equal(role_at(editor, 3, 5), ROLE_keyword);
    editor_free(editor);
}

static void colouring_reads_what_is_visible_and_what_changed(void **state)
{
    (void)state;
    int calls = 0;
    struct editor *editor = editor_new(&(struct editor_options){.language = &words, .context = &calls});
    struct buf text = BUF_INIT(1 << 20);
    for (int i = 0; i < 10000; i++)
        buf_printf(&text, "a%d\n", i % 10);
    editor_set_text(editor, text.data, text.len);
    buf_done(&text);
    editor_press(editor, "C-End");
    editor_picture(editor, 8, 40);
    assert_true(calls >= 30000); /* the state of the last line needs all */
    calls = 0;
    editor_press(editor, "Up 'b'");
    editor_picture(editor, 8, 40);
    assert_true(calls < 200);
    calls = 0;
    editor_press(editor, "C-Home 'x' C-End");
    editor_picture(editor, 8, 40);
    assert_true(calls < 400); /* the second line's state is as it was: so are all behind it */
    editor_free(editor);
}

static void brackets_match_outside_strings_and_comments(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.language = &words, .no_line_numbers = true});
    editor_show(editor, "|(a ')' -- )\n b)");
    assert_int_equal(role_at(editor, 0, 0), ROLE_bracket);
    assert_int_equal(role_at(editor, 0, 4), ROLE_string);
    assert_int_equal(role_at(editor, 1, 2), ROLE_bracket);
    editor_show(editor, "(a ')' -- )\n b)|");
    assert_int_equal(role_at(editor, 0, 0), ROLE_bracket);
    editor_show(editor, "|(a");
    assert_int_equal(role_at(editor, 0, 0), ROLE_text);
    editor_free(editor);
}

static void an_error_marks_its_line_until_that_changes(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.max_bytes = 100});
    editor_show(editor, "select x\nfrom|");
    editor_mark_error(editor, 1, 8, "no column x");
    assert_string_equal(editor_picture(editor, 2, 40), " 1 select x  no column x\n 2 from\n");
    assert_int_equal(role_at(editor, 0, 10), ROLE_error);
    editor_press(editor, "Home Enter");
    assert_string_equal(editor_picture(editor, 3, 40), " 1 select x  no column x\n 2\n 3 from\n");
    editor_press(editor, "Up Up End 'y'");
    assert_string_equal(editor_picture(editor, 1, 40), " 1 select xy\n");
    editor_free(editor);
}

/* --- the popup --- */
static void completions_open_by_typing_and_by_key(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|", "'se' Tab", "select|"},
        {"|", "'se' Down Enter", "selection|"},
        {"|", "'se' C-n C-n C-p Enter", "selection|"},
        {"|", "'se' Up Enter", "self|"},
        {"|", "'s' Enter", "s\n|"},
        {"|", "'se' Esc Enter", "se\n|"},
        {"|", "'from' Enter", "from\n|"},
        {"|", "'select' Enter", "select\n|"},
        {"s|", "C-Space Enter", "select|"},
        {"ta|", "Tab Down Tab", "table_two|"},
        {"|", "'sel' Backspace Backspace Enter", "s\n|"},
        {"|", "'se' Left Enter", "s\n|e"},
        {"|", "' 'se' Enter", "'se\n|"},
        {"|", "'xx se' Tab C-z", "xx se|"},
    };
    editor_check(&(struct editor_options){.language = &words}, cases, sizeof cases / sizeof *cases);
}

static void the_popup_never_covers_the_cursors_line(void **state)
{
    (void)state;
    struct editor *editor = editor_new(&(struct editor_options){.language = &words, .no_line_numbers = true});
    editor_press(editor, "'x se'");
    assert_string_equal(editor_picture(editor, 5, 24),
                        "x se\n  select        word\n  selection     word\n  self          word\n\n");
    editor_show(editor, "1\n2\n3\n|");
    editor_press(editor, "'se'");
    assert_string_equal(editor_picture(editor, 4, 24),
                        " select        word\n selection     word\n self          word\nse\n");
    assert_string_equal(editor_picture(editor, 1, 24), "se\n");
    assert_string_equal(editor_picture(editor, 2, 8), "se\n select\n");
    editor_press(editor, "Down Down");
    assert_string_equal(editor_picture(editor, 2, 8), "se\n self\n");
    editor_free(editor);
}

static void a_line_of_a_mebibyte_is_moved_and_drawn(void **state)
{
    (void)state;
    enum { LEN = 1 << 20 };
    struct editor *editor = editor_new(&(struct editor_options){.language = &words});
    char *line = malloc(LEN);
    memset(line, 'x', LEN);
    assert_true(editor_set_text(editor, line, LEN));
    editor_press(editor, "End 'y' Left Left S-Home");
    assert_int_equal(editor_cursor(editor).byte, 0);
    editor_press(editor, "End");
    const char *picture = editor_picture(editor, 2, 40);
    assert_non_null(strstr(picture, "xxxy"));
    free(line);
    editor_free(editor);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_index_agrees_with_the_text_after_any_splice),
        cmocka_unit_test(keys_move_and_type),
        cmocka_unit_test(characters_stay_whole_and_bytes_stay_as_they_are),
        cmocka_unit_test(a_new_line_begins_where_this_one_does),
        cmocka_unit_test(a_selection_is_replaced_cut_and_indented),
        cmocka_unit_test(undo_goes_back_word_by_word_and_forth),
        cmocka_unit_test(a_paste_is_taken_as_it_is),
        cmocka_unit_test(whole_lines_are_moved_doubled_and_removed),
        cmocka_unit_test(lines_are_commented_and_uncommented_together),
        cmocka_unit_test(a_search_goes_along_as_it_is_typed),
        cmocka_unit_test(the_cursor_counts_code_points_as_athena_does),
        cmocka_unit_test(a_text_over_the_maximum_is_refused_and_nothing_is_lost),
        cmocka_unit_test(undo_forgets_the_oldest_steps_beyond_its_maximum),
        cmocka_unit_test(a_replaced_text_keeps_the_cursors_place_and_can_be_undone),
        cmocka_unit_test(what_is_copied_goes_to_the_terminal_too),
        cmocka_unit_test(keys_of_the_keymap_and_of_the_console_are_left_alone),
        cmocka_unit_test(lines_are_numbered_and_scroll_sideways),
        cmocka_unit_test(tokens_are_coloured_also_when_a_string_opens_above),
        cmocka_unit_test(colouring_reads_what_is_visible_and_what_changed),
        cmocka_unit_test(brackets_match_outside_strings_and_comments),
        cmocka_unit_test(an_error_marks_its_line_until_that_changes),
        cmocka_unit_test(completions_open_by_typing_and_by_key),
        cmocka_unit_test(the_popup_never_covers_the_cursors_line),
        cmocka_unit_test(a_line_of_a_mebibyte_is_moved_and_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
