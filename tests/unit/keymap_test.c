/* Keys as text, and keymaps: sequences, inheritance, unbinding, clashes, reverse lookup. */
#include "tui/keymap.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct key key(const char *chord)
{
    struct key parsed;
    if (!key_parse(chord, strlen(chord), &parsed))
        fail_msg("%s is no key", chord);
    return parsed;
}

static void chords_round_trip(void **state)
{
    (void)state;
    const char *const chords[] = {"a",     "G",   "C-f", "M-Enter", "F5",    "Up", "S-Tab",
                                  "Space", "C--", "=",   "#",       "C-M-x", "é",  "C-Space"};
    for (size_t i = 0; i < sizeof chords / sizeof chords[0]; i++) {
        struct buf out = BUF_INIT(64);
        assert_true(key_format(key(chords[i]), &out));
        assert_string_equal(buf_text(&out), chords[i]);
        buf_done(&out);
    }
    const char *const wrong[] = {"", "C-", "ab", "S-a", "Foo", "F13", "C-Foo", "\x1b", "\xff"};
    struct key parsed;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(key_parse(wrong[i], strlen(wrong[i]), &parsed));
}

static void keys_that_terminals_cannot_tell_apart_are_one(void **state)
{
    (void)state;
    assert_true(key_equal(key("C-i"), key("Tab")));
    assert_true(key_equal(key("C-m"), key("Enter")));
    assert_true(key_equal(key("C-["), key("Esc")));
    assert_true(key_equal(key("C-F"), key("C-f")));
    assert_true(key_equal(key("Ctrl-Alt-x"), key("M-C-x")));
    assert_false(key_equal(key("C-j"), key("Enter")));
}

static void keys_type_their_text(void **state)
{
    (void)state;
    char out[4];
    assert_int_equal(key_text(key("é"), out), 2);
    assert_memory_equal(out, "é", 2);
    assert_int_equal(key_text(key("Space"), out), 1);
    assert_int_equal(key_text(key("C-a"), out), 0);
    assert_int_equal(key_text(key("Up"), out), 0);
}

static void labels_are_written_in_full(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(64);
    key_label(key("C-M-x"), &out);
    assert_string_equal(buf_text(&out), "Ctrl-Alt-x");
    buf_done(&out);
}

static struct keymap *keymap_of(const char *text)
{
    struct keymap *keymap = keymap_new();
    struct err err = ERR_NONE;
    if (!keymap_merge(keymap, "t", text, &err))
        fail_msg("%s", err.text);
    return keymap;
}

/* Feeds chords one after another; the action of the last, ACTION_COUNT while pending. */
static enum action feed(const struct keymap *keymap, enum keymap_context context, const char *chords)
{
    struct keymap_pending pending = {.count = 0};
    enum action action = ACTION_none;
    enum keymap_result result = KEYMAP_MISS;
    char copy[64];
    snprintf(copy, sizeof copy, "%s", chords);
    for (char *chord = strtok(copy, " "); chord; chord = strtok(NULL, " "))
        result = keymap_feed(keymap, context, key(chord), &pending, &action);
    return result == KEYMAP_PENDING ? ACTION_COUNT : result == KEYMAP_HIT ? action : ACTION_none;
}

static void children_inherit_and_override(void **state)
{
    (void)state;
    struct keymap *keymap = keymap_of("global q = close\nglobal d = describe\nlist g g = first\nzones d = download\n");
    assert_int_equal(feed(keymap, CONTEXT_zones, "q"), ACTION_close);
    assert_int_equal(feed(keymap, CONTEXT_zones, "d"), ACTION_download);
    assert_int_equal(feed(keymap, CONTEXT_list, "d"), ACTION_describe);
    assert_int_equal(feed(keymap, CONTEXT_zones, "g"), ACTION_COUNT);
    assert_int_equal(feed(keymap, CONTEXT_zones, "g g"), ACTION_first);
    assert_int_equal(feed(keymap, CONTEXT_zones, "g x"), ACTION_none);
    assert_int_equal(feed(keymap, CONTEXT_global, "g"), ACTION_none);
    keymap_free(keymap);
}

static void unbinding_hides_the_parents_key(void **state)
{
    (void)state;
    struct keymap *keymap = keymap_of("global q = close\nlist q = none\n");
    assert_int_equal(feed(keymap, CONTEXT_zones, "q"), ACTION_none);
    assert_int_equal(feed(keymap, CONTEXT_global, "q"), ACTION_close);
    struct buf out = BUF_INIT(64);
    assert_false(keymap_chord(keymap, CONTEXT_zones, ACTION_close, &out));
    assert_true(keymap_chord(keymap, CONTEXT_global, ACTION_close, &out));
    assert_string_equal(buf_text(&out), "q");
    buf_done(&out);
    keymap_free(keymap);
}

static void signs_of_the_syntax_are_keys_too(void **state)
{
    (void)state;
    struct keymap *keymap = keymap_of("global = = pause\nglobal # = mark # a comment\nglobal - = time_now\n");
    assert_int_equal(feed(keymap, CONTEXT_global, "="), ACTION_pause);
    assert_int_equal(feed(keymap, CONTEXT_global, "#"), ACTION_mark);
    keymap_free(keymap);
}

static void expect_error(const char *text, const char *says)
{
    struct keymap *keymap = keymap_of("list g g = first\n");
    struct err err = ERR_NONE;
    assert_false(keymap_merge(keymap, "my.keys", text, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    if (!strstr(err.text, says))
        fail_msg("\"%s\" does not say \"%s\"", err.text, says);
    assert_int_equal(feed(keymap, CONTEXT_list, "x"), ACTION_none); /* as it was */
    keymap_free(keymap);
}

static void mistakes_name_file_line_and_remedy(void **state)
{
    (void)state;
    expect_error("list x = open\nnowhere x = open\n", "my.keys:2: there is no context \"nowhere\"");
    expect_error("list x = opne\n", "my.keys:1: there is no action \"opne\"");
    expect_error("list Foo = open\n", "my.keys:1: \"Foo\" is no key");
    expect_error("list x open\n", "my.keys:1: expected");
    expect_error("list x = open\n\nlist g = open\n", "my.keys:3: \"g\" and \"g g\" (first) begin alike");
    expect_error("list g = open\n", "unbind: list g g = none");
    expect_error("list x = open\nlist x = close\n", "my.keys:2: this key was already given in line 1");
    expect_error("list a b c d e = open\n", "at most 4");
}

static void a_clash_is_settled_by_unbinding(void **state)
{
    (void)state;
    struct keymap *keymap = keymap_of("list g g = first\n");
    struct err err = ERR_NONE;
    assert_true(keymap_merge(keymap, "my.keys", "list g = last\nlist g g = none\n", &err));
    assert_int_equal(feed(keymap, CONTEXT_list, "g"), ACTION_last);
    keymap_free(keymap);
}

static void the_users_chord_is_shown_first(void **state)
{
    (void)state;
    struct keymap *keymap = keymap_of("list j = down\nlist Down = down\n");
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(64);
    assert_true(keymap_merge(keymap, "my.keys", "list C-n = down\n", &err));
    assert_true(keymap_chord(keymap, CONTEXT_zones, ACTION_down, &out));
    assert_string_equal(buf_text(&out), "C-n");
    buf_done(&out);
    keymap_free(keymap);
}

static void collect(void *data, enum keymap_context from, const char *chords, enum action action)
{
    buf_printf(data, "%s %s = %s\n", keymap_context_name(from), chords, action_rows[action].id);
}

static void help_sees_what_is_in_force(void **state)
{
    (void)state;
    struct keymap *keymap = keymap_of("global q = close\nglobal x = quit\nlist j = down\nlist Down = down\n"
                                      "zones q = open\n");
    struct buf out = BUF_INIT(1024);
    keymap_each(keymap, CONTEXT_zones, collect, &out);
    assert_string_equal(buf_text(&out), "zones q = open\nlist j, Down = down\nglobal x = quit\n");
    buf_done(&out);
    keymap_free(keymap);
}

static void every_shipped_keymap_loads_and_can_quit(void **state)
{
    (void)state;
    char names[16][KEYMAP_NAME];
    int n = keymap_names(names, 16);
    assert_true(n >= 3);
    for (int i = 0; i < n; i++) {
        struct err err = ERR_NONE;
        struct keymap *keymap = keymap_load(names[i], &err);
        if (!keymap)
            fail_msg("%s: %s", names[i], err.text);
        struct buf out = BUF_INIT(64);
        const enum action needed[] = {ACTION_open,   ACTION_back, ACTION_down,   ACTION_help,
                                      ACTION_filter, ACTION_copy, ACTION_cancel, ACTION_remove};
        for (size_t k = 0; k < sizeof needed / sizeof needed[0]; k++)
            if (!keymap_chord(keymap, CONTEXT_zones, needed[k], &out))
                fail_msg("%s: no key for %s", names[i], action_rows[needed[k]].id);
        buf_done(&out);
        /* half a page, never anything else, and nothing that changes the platform */
        const char *const harmless[] = {"C-d", "C-k", "Enter"};
        for (size_t k = 0; k < sizeof harmless / sizeof harmless[0]; k++)
            for (int context = 0; context < CONTEXT_COUNT; context++) {
                enum action action = feed(keymap, (enum keymap_context)context, harmless[k]);
                assert_false(action < ACTION_COUNT && action_rows[action].writes);
            }
        keymap_free(keymap);
    }
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chords_round_trip),
        cmocka_unit_test(keys_that_terminals_cannot_tell_apart_are_one),
        cmocka_unit_test(keys_type_their_text),
        cmocka_unit_test(labels_are_written_in_full),
        cmocka_unit_test(children_inherit_and_override),
        cmocka_unit_test(unbinding_hides_the_parents_key),
        cmocka_unit_test(signs_of_the_syntax_are_keys_too),
        cmocka_unit_test(mistakes_name_file_line_and_remedy),
        cmocka_unit_test(a_clash_is_settled_by_unbinding),
        cmocka_unit_test(the_users_chord_is_shown_first),
        cmocka_unit_test(help_sees_what_is_in_force),
        cmocka_unit_test(every_shipped_keymap_loads_and_can_quit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
