/* Terminal input: what bytes become which events, whatever way they are cut. Time is given, so nothing waits. */
#include "tui/input.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DELAY_MS = 25 };

static void describe(const struct event *event, struct buf *out)
{
    static const char *const mouse[] = {"press", "release", "up", "down", "double"};
    if (out->len)
        buf_putc(out, ' ');
    if (event->kind == EVENT_KEY)
        key_format(event->key, out);
    else if (event->kind == EVENT_PASTE)
        buf_printf(out, "paste(%.*s)", (int)event->paste_len, event->paste);
    else if (event->kind == EVENT_MOUSE)
        buf_printf(out, "%s@%d,%d", mouse[event->mouse], event->row, event->col);
    else
        buf_puts(out, event->kind == EVENT_FOCUS ? "focus" : "unfocus");
}

/* Feeds in pieces of so many bytes, then lets time pass until nothing more can come. */
static void expect_in(const char *bytes, size_t len, size_t piece, const char *expected)
{
    struct input *input = input_new(DELAY_MS);
    struct buf out = BUF_INIT(4096);
    struct event event;
    int64_t now = 1000;
    for (size_t at = 0; at < len; at += piece) {
        input_feed(input, bytes + at, len - at < piece ? len - at : piece, now);
        while (input_next(input, now, &event))
            describe(&event, &out);
    }
    for (int64_t wait = input_wait_ms(input, now); wait >= 0; wait = input_wait_ms(input, now)) {
        now += wait;
        while (input_next(input, now, &event))
            describe(&event, &out);
    }
    assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
    input_free(input);
}

static void expect(const char *bytes, const char *expected)
{
    for (size_t piece = 1; piece <= strlen(bytes); piece++)
        expect_in(bytes, strlen(bytes), piece, expected);
}

static void plain_keys(void **state)
{
    (void)state;
    expect("aG é日", "a G Space é 日");
    expect("\r\t\x7f\x06\n\x1c", "Enter Tab Backspace C-f C-j C-\\");
    expect_in("\0", 1, 1, "C-Space");
}

static void cursor_keys_in_both_forms(void **state)
{
    (void)state;
    expect("\033[A\033OA\033[B\033OD\033[H\033OF", "Up Up Down Left Home End");
    expect("\033[5~\033[6~\033[3~\033[2~\033[1~\033[4~\033[7~", "PgUp PgDn Delete Insert Home End Home");
}

static void function_keys_of_xterm_linux_and_rxvt(void **state)
{
    (void)state;
    expect("\033OP\033[15~\033[24~\033[[A\033[11~", "F1 F5 F12 F1 F1");
}

static void modifiers(void **state)
{
    (void)state;
    expect("\033[1;5C\033[1;2A\033[1;3B\033[Z\033[3;5~\033[15;2~", "C-Right S-Up M-Down S-Tab C-Delete S-F5");
    expect("\033x\033\r\033\x06", "M-x M-Enter C-M-f");
    expect("\033[27u\033[97;5u\033[13;2u", "Esc C-a S-Enter");
}

static void a_lone_escape_is_esc_after_its_time(void **state)
{
    (void)state;
    struct input *input = input_new(DELAY_MS);
    struct event event;
    input_feed(input, "\033", 1, 100);
    assert_false(input_next(input, 100, &event));
    assert_int_equal(input_wait_ms(input, 110), 15);
    assert_false(input_next(input, 124, &event));
    assert_true(input_next(input, 125, &event));
    assert_int_equal(event.key.code, NAMED_ESC);
    assert_int_equal(input_wait_ms(input, 125), -1);
    input_free(input);
    expect("\033\033", "Esc Esc");
}

static void bad_bytes_swallow_nothing(void **state)
{
    (void)state;
    expect_in("\xff"
              "a\xc3"
              "b\xe6\x97"
              "c\xed\xa0\x80"
              "d",
              11, 11, "a b c d");
}

static void unknown_sequences_vanish_whole(void **state)
{
    (void)state;
    expect("\033[?62;c\033[>0;115;0cq", "q");
    expect("\033[99~x\033[1;1Ry", "x F3 y");
    expect("\033OTz", "z");
}

static void pastes_are_one_event_whatever_is_in_them(void **state)
{
    (void)state;
    expect("\033[200~one\rtwo\033[A\033[201~x", "paste(one\rtwo\033[A) x");
    expect("\033[200~\033[201~", "paste()");
}

static void a_paste_without_end_ends_after_silence(void **state)
{
    (void)state;
    expect("\033[200~abc", "paste(abc)");
}

static void a_paste_is_cut_at_its_maximum(void **state)
{
    (void)state;
    struct input *input = input_new(DELAY_MS);
    struct event event;
    char block[INPUT_CHUNK];
    memset(block, 'x', sizeof block);
    input_feed(input, "\033[200~", 6, 0);
    assert_false(input_next(input, 0, &event));
    for (int i = 0; i < 2 * INPUT_PASTE_MAX / INPUT_CHUNK; i++) {
        input_feed(input, block, sizeof block, 0);
        assert_false(input_next(input, 0, &event));
    }
    input_feed(input, "\033[201~q", 7, 0);
    assert_true(input_next(input, 0, &event));
    assert_int_equal(event.kind, EVENT_PASTE);
    assert_int_equal(event.paste_len, INPUT_PASTE_MAX);
    assert_true(event.paste_cut);
    assert_true(input_next(input, 0, &event));
    assert_int_equal(event.key.code, 'q');
    input_free(input);
}

static void focus_and_mouse(void **state)
{
    (void)state;
    expect("\033[I\033[O", "focus unfocus");
    expect("\033[<0;10;5M\033[<0;10;5m", "press@4,9 release@4,9");
    expect("\033[<64;1;1M\033[<65;300;2M", "up@0,0 down@1,299");
    expect("\033[<0;3;3M\033[<0;3;3m\033[<0;3;3M", "press@2,2 release@2,2 double@2,2");
    expect("\033[<35;3;3Ma", "a"); /* motion */
}

static void the_terminals_own_sequences_come_first(void **state)
{
    (void)state;
    struct input *input = input_new(DELAY_MS);
    struct event event;
    assert_true(input_add(input, "\b", (struct key){.code = NAMED_BACKSPACE}));
    assert_true(input_add(input, "\033[Q9", (struct key){.code = NAMED_F9}));
    input_feed(input, "\b\033[Q9", 5, 0);
    assert_true(input_next(input, 0, &event));
    assert_int_equal(event.key.code, NAMED_BACKSPACE);
    assert_true(input_next(input, 0, &event));
    assert_int_equal(event.key.code, NAMED_F9);
    input_free(input);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_keys),
        cmocka_unit_test(cursor_keys_in_both_forms),
        cmocka_unit_test(function_keys_of_xterm_linux_and_rxvt),
        cmocka_unit_test(modifiers),
        cmocka_unit_test(a_lone_escape_is_esc_after_its_time),
        cmocka_unit_test(bad_bytes_swallow_nothing),
        cmocka_unit_test(unknown_sequences_vanish_whole),
        cmocka_unit_test(pastes_are_one_event_whatever_is_in_them),
        cmocka_unit_test(a_paste_without_end_ends_after_silence),
        cmocka_unit_test(a_paste_is_cut_at_its_maximum),
        cmocka_unit_test(focus_and_mouse),
        cmocka_unit_test(the_terminals_own_sequences_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
