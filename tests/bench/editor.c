/* The editor: from a key to the end of the frame in the Query pane with 10 000 lines in its buffer, as a user's
 * terminal sees it; and the widget alone (key, then a drawing of 48x160) with texts that are larger still. */
#include "tui/widget/editor.h"
#include "backend/sql/dialect.h"
#include "tests/lib/console.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 10000, KEYS = 300, ROWS = 48, COLS = 160, SETTLE_MS = 1500, TEXT_MAX = 16 << 20 };

static bool make_text(struct buf *text, int lines)
{
    for (int i = 0; i < lines; i++)
        buf_printf(text, i % 10 ? "    o.order_id + %d as col_%d, -- 'c'\n" : "select upper(name) as n%d, (%d)\n", i,
                   i);
    return !text->failed;
}

/* --- in the pane --- */
struct keys {
    const char *name;
    const char *keys[2]; /* in turn */
};
static const struct keys pane_keys[] = {
    {.name = "type_at_end", .keys = {"a", "\x7f"}},        {.name = "down_and_up_at_end", .keys = {"\x1bOA", "\x1bOB"}},
    {.name = "page", .keys = {"\x1b[5~", "\x1b[6~"}},      {.name = "end_to_end", .keys = {"\x1b[1;5H", "\x1b[1;5F"}},
    {.name = "new_line_at_start", .keys = {"\r", "\x7f"}},
};

static bool measure_keys(struct console *console, const struct keys *keys)
{
    double times[KEYS], bytes[KEYS];
    for (int i = 0; i < KEYS; i++) {
        times[i] = console_type(console, keys->keys[i % 2]);
        bytes[i] = (double)console->seen.len;
        if (times[i] < 0)
            return false;
    }
    printf("bench editor.pane.%s.p50 %.2f ms\n", keys->name, console_percentile(times, KEYS, 0.5));
    printf("bench editor.pane.%s.p99 %.2f ms\n", keys->name, console_percentile(times, KEYS, 0.99));
    printf("bench editor.pane.%s.bytes.p50 %.0f bytes\n", keys->name, console_percentile(bytes, KEYS, 0.5));
    return true;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);
        if (wrote <= 0)
            return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

/* Bracketed paste, as terminals send it. */
static bool paste(struct console *console, const struct buf *text)
{
    buf_clear(&console->seen);
    double before = console_now_ms();
    bool ok = write_all(console->fd, "\x1b[200~", 6) && write_all(console->fd, text->data, text->len) &&
              write_all(console->fd, "\x1b[201~", 6) && console_read_until(console, "10001", CONSOLE_WAIT_MS);
    printf("bench editor.pane.paste_of_10000_lines %.1f ms\n", console_now_ms() - before);
    return ok;
}

static bool measure_pane(void)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    struct console console;
    if (!make_text(&text, LINES) || system("weir pipeline lake --bucket bench >/dev/null") != 0)
        return false;
    console_start(&console, "bench");
    bool ok = console_read_until(&console, "\033[?2026l", CONSOLE_WAIT_MS);
    console_read_until(&console, NULL, SETTLE_MS);
    ok = ok && console_type(&console, "3") >= 0 && console_type(&console, "\r") >= 0;
    console_read_until(&console, NULL, SETTLE_MS);
    ok = ok && paste(&console, &text);
    for (size_t i = 0; ok && i < sizeof pane_keys / sizeof *pane_keys; i++) {
        console_read_until(&console, NULL, SETTLE_MS / 3);
        ok = measure_keys(&console, &pane_keys[i]);
    }
    console_type(&console, "\x1b[21~"); /* F10 */
    ok = console_quit(&console) >= 0 && ok;
    buf_done(&text);
    return ok;
}

/* --- the widget alone --- */
static bool token(void *context, const char *text, size_t len, size_t *offset, int *state, struct editor_token *out)
{
    struct dialect_token found;
    (void)context;
    if (!dialect_token(text, len, offset, state, &found))
        return false;
    bool is_opaque = found.kind == TOKEN_STRING || found.kind == TOKEN_COMMENT || found.kind == TOKEN_QUOTED_NAME;
    *out = (struct editor_token){
        .start = found.start, .len = found.len, .role = is_opaque ? ROLE_string : ROLE_text, .is_opaque = is_opaque};
    return true;
}

static const struct editor_language sql = {.token = token};

static double key_to_drawing(struct editor *editor, struct canvas *canvas, struct key key)
{
    struct event event = {.kind = EVENT_KEY, .key = key};
    double before = console_now_ms();
    editor_key(editor, &event);
    editor_draw(editor, canvas, (struct rect){.rows = ROWS, .cols = COLS}, true);
    return console_now_ms() - before;
}

static void measure_widget(struct editor *editor, const char *name)
{
    static const struct key keys[] = {{.code = 'a'}, {.code = NAMED_BACKSPACE}, {.code = NAMED_LEFT}, {.code = '('}};
    double times[KEYS];
    struct canvas *canvas = canvas_new(ROWS, COLS);
    editor_draw(editor, canvas, (struct rect){.rows = ROWS, .cols = COLS}, true);
    for (int i = 0; i < KEYS; i++)
        times[i] = key_to_drawing(editor, canvas, keys[i % (int)(sizeof keys / sizeof *keys)]);
    printf("bench editor.widget.%s.p50 %.3f ms\n", name, console_percentile(times, KEYS, 0.5));
    printf("bench editor.widget.%s.p99 %.3f ms\n", name, console_percentile(times, KEYS, 0.99));
    canvas_free(canvas);
}

static bool measure_text(const char *name, const struct buf *text)
{
    struct editor *editor = editor_new(&(struct editor_options){.language = &sql});
    bool ok = !text->failed && editor_set_text(editor, text->data, text->len);
    editor_set_cursor(editor, editor_lines(editor) / 2, 5);
    if (ok && editor_lines(editor) == 1)
        editor_set_cursor_byte(editor, text->len / 2);
    if (ok)
        measure_widget(editor, name);
    editor_free(editor);
    return ok;
}

static bool measure_texts(void)
{
    struct buf text = BUF_INIT(TEXT_MAX);
    make_text(&text, 100);
    bool ok = measure_text("100_lines", &text);
    buf_clear(&text);
    make_text(&text, LINES);
    ok = measure_text("10000_lines", &text) && ok;
    buf_clear(&text);
    make_text(&text, 330000);
    ok = measure_text("13_MiB", &text) && ok;
    buf_clear(&text);
    for (int i = 0; i < (1 << 20) / 8; i++)
        buf_puts(&text, "abc, (d)");
    ok = measure_text("line_of_1_MiB", &text) && ok;
    buf_done(&text);
    return ok;
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    bool ok = measure_texts();
    return measure_pane() && ok ? 0 : 1;
}
