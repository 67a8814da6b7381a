/* The editor as a filter, for editor_vim.py: records "CURSOR US TEXT US KEYS RS" on standard input (US 0x1f, RS 0x1e,
 * the cursor in bytes, keys as a terminal sends them), "CURSOR US TEXT RS" for each on standard output. */
#include "backend/base/buf.h"
#include "tui/widget/editor.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 64 << 20, UNIT = 0x1f, RECORD = 0x1e };

static struct key key_of(unsigned char byte)
{
    if (byte == '\r')
        return (struct key){.code = NAMED_ENTER};
    if (byte == 0x1b)
        return (struct key){.code = NAMED_ESC};
    if (byte == ' ')
        return (struct key){.code = NAMED_SPACE};
    return byte < 0x20 ? (struct key){.code = 'a' + byte - 1u, .mods = MOD_CTRL} : (struct key){.code = byte};
}

static void run(size_t cursor, const char *text, const char *keys)
{
    struct buf out = BUF_INIT(INPUT_MAX);
    struct editor *editor = editor_new(&(struct editor_options){.keys = EDITOR_VI, .indent = 4});
    editor_set_text(editor, text, strlen(text));
    editor_set_cursor_byte(editor, cursor);
    for (; *keys; keys++)
        editor_key(editor, &(struct event){.kind = EVENT_KEY, .key = key_of((unsigned char)*keys)});
    editor_text(editor, &out);
    printf("%zu%c%s%c", editor_cursor(editor).byte, UNIT, buf_text(&out), RECORD);
    editor_free(editor);
    buf_done(&out);
}

int main(void)
{
    struct buf in = BUF_INIT(INPUT_MAX);
    char chunk[65536];
    setlocale(LC_ALL, "C.UTF-8");
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, stdin)) > 0;)
        if (!buf_append(&in, chunk, got))
            return 1;
    char *rest = in.data;
    for (char *record; (record = strsep(&rest, "\x1e")) && *record;) {
        char *cursor = strsep(&record, "\x1f"), *text = strsep(&record, "\x1f");
        if (!text || !record)
            return 1;
        run(strtoul(cursor, NULL, 10), text, record);
    }
    buf_done(&in);
    return 0;
}
