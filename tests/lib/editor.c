#include "tests/lib/editor.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 4 << 20 };

static void press(struct editor *editor, struct key key)
{
    struct event event = {.kind = EVENT_KEY, .key = key};
    editor_key(editor, &event);
}

static const char *type_quoted(struct editor *editor, const char *at)
{
    for (at++; *at && *at != '\''; at++) {
        struct key key = {.code = *at == ' ' ? NAMED_SPACE : (unsigned char)*at};
        press(editor, key);
    }
    return *at ? at + 1 : at;
}

static const char *paste_quoted(struct editor *editor, const char *at)
{
    const char *end = strchr(at, '>');
    struct event event = {.kind = EVENT_PASTE, .paste = at + 1, .paste_len = (size_t)(end - at - 1)};
    editor_key(editor, &event);
    return end + 1;
}

void editor_press(struct editor *editor, const char *keys)
{
    while (*keys) {
        size_t len = strcspn(keys, " ");
        struct key key;
        if (*keys == ' ') {
            keys++;
        } else if (*keys == '\'' && len > 1) {
            keys = type_quoted(editor, keys);
        } else if (*keys == '<' && len > 1) {
            keys = paste_quoted(editor, keys);
        } else if (key_parse(keys, len, &key)) {
            press(editor, key);
            keys += len;
        } else {
            fail_msg("no key: %s", keys);
        }
    }
}

const char *editor_shown(struct editor *editor)
{
    static struct buf shown = {.max = TEXT_MAX};
    struct buf text = BUF_INIT(TEXT_MAX);
    editor_text(editor, &text);
    size_t cursor = editor_cursor(editor).byte;
    buf_clear(&shown);
    buf_append(&shown, buf_text(&text), cursor);
    buf_putc(&shown, '|');
    buf_append(&shown, buf_text(&text) + cursor, text.len - cursor);
    buf_done(&text);
    return buf_text(&shown);
}

void editor_show(struct editor *editor, const char *text)
{
    struct buf plain = BUF_INIT(TEXT_MAX);
    size_t cursor = SIZE_MAX, anchor = SIZE_MAX;
    for (const char *at = text; *at; at++) {
        if (*at == '|' && cursor == SIZE_MAX)
            cursor = plain.len;
        else if (*at == '^' && anchor == SIZE_MAX && strchr(text, '|'))
            anchor = plain.len;
        else
            buf_putc(&plain, *at);
    }
    assert_true(editor_set_text(editor, buf_text(&plain), plain.len));
    if (cursor != SIZE_MAX)
        editor_set_cursor_byte(editor, cursor);
    if (anchor != SIZE_MAX)
        editor_select(editor, anchor, cursor);
    buf_done(&plain);
}

const char *editor_picture(struct editor *editor, int rows, int cols)
{
    static struct buf picture = {.max = TEXT_MAX};
    struct canvas *canvas = canvas_new(rows, cols);
    editor_draw(editor, canvas, (struct rect){.rows = rows, .cols = cols}, true);
    buf_clear(&picture);
    canvas_dump(canvas, &picture);
    canvas_free(canvas);
    return buf_text(&picture);
}

void editor_check(const struct editor_options *options, const struct editor_case *cases, size_t n)
{
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
        struct editor *editor = editor_new(options);
        editor_show(editor, cases[i].before);
        editor_picture(editor, 10, 40);
        editor_press(editor, cases[i].keys);
        if (strcmp(editor_shown(editor), cases[i].after)) {
            print_error("\"%s\" and then %s\n  gave    \"%s\"\n  must be \"%s\"\n", cases[i].before, cases[i].keys,
                        editor_shown(editor), cases[i].after);
            wrong++;
        }
        editor_free(editor);
    }
    assert_int_equal(wrong, 0);
}
