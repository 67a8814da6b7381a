/* emacs' keys in the editor. '|' is the cursor. */
#include "tests/lib/editor.h"
#include "tui/keymap.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct editor_options options = {.keys = EDITOR_EMACS, .indent = 4};
#define CHECK(cases) editor_check(&options, cases, sizeof cases / sizeof *cases)

static void point_moves(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"a|b", "C-f 'x'", "abx|"},           {"ab|", "C-b 'x'", "ax|b"},
        {"a|\nb", "C-n 'x'", "a\nbx|"},       {"a\nb|", "C-p 'x'", "ax|\nb"},
        {"  a|b", "C-a 'x'", "x|  ab"},       {"  a|b", "M-m 'x'", "  x|ab"},
        {"|ab", "C-e 'x'", "abx|"},           {"|one two", "M-f 'x'", "onex| two"},
        {"one two|", "M-b 'x'", "one x|two"}, {"a\nb|\nc", "M-< 'x' M-> 'y'", "xa\nb\ncy|"},
        {"a|\n\nb", "M-} 'x'", "a\nx|\nb"},   {"a\n\nb|", "M-{ 'x'", "a\nx|\nb"},
    };
    CHECK(cases);
}

static void kills_join_and_come_back(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"one| two\nx", "C-k", "one|\nx"},
        {"one|\nx", "C-k", "one|x"},
        {"|one\ntwo", "C-k C-k C-y", "one\n|two"},
        {"|one two three", "M-d M-d C-y", "one two| three"},
        {"one two three|", "M-Backspace M-Backspace C-y", "one two three|"},
        {"|one two", "M-d C-f M-d C-y", " two|"},
        {"|one two", "M-d C-f M-d C-y M-y", " one|"},
        {"|one two", "M-d C-f M-d C-y M-y M-y", " two|"},
        {"a|bc", "C-d", "a|c"},
        {"one two|", "C-w 'x'", "one x|"},
        {"|a", "C-y", "|a"},
    };
    CHECK(cases);
}

static void the_mark_makes_a_region(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|one two", "C-Space M-f C-w", "| two"},           {"|one two", "C-Space M-f M-w C-e C-y", "one twoone|"},
        {"|one two", "C-Space C-f C-f 'x'", "onx|e two"},   {"|one two", "C-Space M-f Backspace", "| two"},
        {"|one two", "C-Space M-f C-g C-f C-d", "one |wo"}, {"|one two", "C-Space C-s 'two' Enter C-w", "|"},
        {"|one two", "C-Space M-f M-u", "ONE| two"},        {"|a\nb", "C-Space C-n Tab", "    a\n|b"},
    };
    CHECK(cases);
}

static void searches_are_incremental(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|one two three", "C-s 'tw' Enter 'x'", "one twx|o three"},
        {"|one two two", "C-s 'two' C-s Enter 'x'", "one two twox|"},
        {"|one two two", "C-s 'two' C-s C-s Enter 'x'", "one twox| two"},
        {"|one two", "C-s 'two' C-g 'x'", "x|one two"},
        {"|one two", "C-s 'twx' Backspace Enter 'x'", "one twx|o"},
        {"one two|", "C-r 'on' Enter 'x'", "x|one two"},
        {"|one two two", "C-s 'two' C-s C-r Enter 'x'", "one x|two two"},
        {"|one two", "C-s 'tw' C-w Enter 'x'", "one twox|"},
        {"|one two", "C-s 'tw' C-a 'x'", "x|one two"},
        {"|one two", "C-s 'two' Enter C-a C-s C-s Enter 'x'", "one twox|"},
        {"|aXbX", "M-% 'X' Enter 'y' Enter '!'", "ayby|"},
        {"aX|bX", "M-% 'X' Enter 'y' Enter '!'", "aXby|"},
    };
    CHECK(cases);
}

static void text_is_changed_and_undone(void **state)
{
    (void)state;
    static const struct editor_case cases[] = {
        {"|", "'one two' C-_", "one |"},
        {"|", "'one two' C-/ M-_", "one two|"},
        {"a|b", "C-t", "ba|"},
        {"ab|", "C-t", "ba|"},
        {"ab|\nc", "C-t", "ba|\nc"},
        {"|ab", "C-t", "|ab"},
        {"|one two", "M-u", "ONE| two"},
        {"|ONE two", "M-l", "one| two"},
        {"|one two", "M-c M-c", "One Two|"},
        {"a|b", "C-o", "a|\nb"},
        {"a\n  b|", "M-^", "a| b"},
        {"a  |  b", "M-Space", "a |b"},
        {"a  |  b", "M-\\", "a|b"},
        {"  a|", "Enter 'b'", "  a\n  b|"},
    };
    CHECK(cases);
}

static void prefixes_are_the_keymaps(void **state)
{
    (void)state;
    static const char *const chords[] = {"C-x", "M-g", "M-x", "C-c", "F5", "Esc"};
    struct editor *editor = editor_new(&options);
    for (size_t i = 0; i < sizeof chords / sizeof *chords; i++) {
        struct event event = {.kind = EVENT_KEY};
        assert_true(key_parse(chords[i], strlen(chords[i]), &event.key));
        assert_false(editor_key(editor, &event));
    }
    editor_free(editor);
}

static bool is_bound(const struct keymap *keymap, const char *chord)
{
    struct key key;
    assert_true(key_parse(chord, strlen(chord), &key));
    return keymap_binds(keymap, CONTEXT_editor, key);
}

static void the_emacs_keymap_leaves_the_editor_its_keys(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    struct keymap *keymap = keymap_load("emacs", &err);
    assert_non_null(keymap);
    assert_false(is_bound(keymap, "C-Space"));
    assert_false(is_bound(keymap, "M-w"));
    assert_false(is_bound(keymap, "C-n"));
    assert_false(is_bound(keymap, "C-r"));
    assert_true(is_bound(keymap, "F5"));
    assert_true(is_bound(keymap, "C-x")); /* begins sequences of its own */
    assert_true(is_bound(keymap, "M-g"));
    keymap_free(keymap);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(point_moves),
        cmocka_unit_test(kills_join_and_come_back),
        cmocka_unit_test(the_mark_makes_a_region),
        cmocka_unit_test(searches_are_incremental),
        cmocka_unit_test(text_is_changed_and_undone),
        cmocka_unit_test(prefixes_are_the_keymaps),
        cmocka_unit_test(the_emacs_keymap_leaves_the_editor_its_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
