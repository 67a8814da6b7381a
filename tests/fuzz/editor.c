/* Whatever keys and pastes come, in every style: the cursor stays on a character of the text, the line index agrees
 * with the text, the picture can be drawn in any size, and taking everything back gives the text at the beginning. */
#include "tui/widget/editor.h"
#include "tests/fuzz/fuzz.h"
#include <locale.h>
#include <string.h>

enum { TEXT_MAX = 4096, STEPS_MAX = 100000 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    MUST(setlocale(LC_ALL, "C.UTF-8"));
    return 0;
}

static bool token(void *context, const char *text, size_t len, size_t *offset, int *state, struct editor_token *out)
{
    (void)context;
    if (*offset >= len)
        return false;
    bool quote = text[*offset] == '\'';
    *state ^= quote;
    *out = (struct editor_token){.start = (*offset)++,
                                 .len = 1,
                                 .role = *state || quote ? ROLE_string : ROLE_text,
                                 .is_opaque = *state || quote};
    return true;
}

static bool candidates(void *context, const char *text, size_t len, size_t cursor, struct editor_candidates *out)
{
    (void)context, (void)text;
    MUST(cursor <= len);
    out->start = cursor > 2 ? cursor - 2 : 0;
    out->end = cursor;
    return editor_candidates_add(out, "select", NULL, "word", "") &&
           editor_candidates_add(out, "\x1b[31m", "(", "", "x");
}

static const struct editor_language language = {.token = token, .candidates = candidates, .line_comment = "--"};

/* One byte is one key: letters as they are, the others through a table. */
static struct key key_of(uint8_t byte)
{
    static const uint32_t named[] = {
        NAMED_ENTER, NAMED_ESC,  NAMED_TAB, NAMED_BACKSPACE, NAMED_SPACE, NAMED_UP,     NAMED_DOWN, NAMED_LEFT,
        NAMED_RIGHT, NAMED_HOME, NAMED_END, NAMED_PGUP,      NAMED_PGDN,  NAMED_DELETE, NAMED_F3,   NAMED_INSERT,
    };
    if (byte >= 0x21 && byte < 0x7f)
        return (struct key){.code = byte};
    if (byte < 0x1b && byte > 0)
        return (struct key){.code = 'a' + byte - 1u, .mods = MOD_CTRL};
    if (byte >= 0x80 && byte < 0x90)
        return (struct key){.code = named[byte & 15]};
    if (byte >= 0x90 && byte < 0xa0)
        return (struct key){.code = named[byte & 15], .mods = MOD_SHIFT};
    if (byte >= 0xa0 && byte < 0xb0)
        return (struct key){.code = named[byte & 15], .mods = MOD_CTRL};
    if (byte >= 0xb0 && byte < 0xca)
        return (struct key){.code = 'a' + byte - 0xb0u, .mods = MOD_ALT};
    static const uint32_t others[] = {'%', ';', '<', '>', '_', '^', '\\', 0xe9, 0x301, 0x4e2d, 0x200d, '{'};
    uint32_t code = others[byte % (sizeof others / sizeof *others)];
    return (struct key){.code = code, .mods = byte & 1 ? MOD_ALT : 0};
}

static void check(struct editor *editor, struct canvas *canvas, uint8_t byte)
{
    struct buf text = BUF_INIT(TEXT_MAX + 1);
    MUST(editor_text(editor, &text) && text.len == editor_len(editor) && text.len <= TEXT_MAX);
    struct editor_position at = editor_cursor(editor);
    MUST(at.byte <= text.len && at.line <= editor_lines(editor) && at.line >= 1 && at.column >= 1);
    size_t lines = 1, home = 0;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.data[i] == '\n';
        home = text.data[i] == '\n' && i < at.byte ? i + 1 : home;
    }
    MUST(lines == editor_lines(editor) && home + at.column - 1 <= at.byte);
    size_t from, to;
    MUST(!editor_selection(editor, &from, &to) || (from < to && to <= text.len));
    MUST(strlen(editor_note(editor)) < 1024);
    buf_done(&text);
    struct rect rect = {.row = byte & 1, .rows = byte >> 5, .cols = (byte & 31) * 2};
    editor_draw(editor, canvas, rect, true);
}

static bool paste(struct editor *editor, const uint8_t **bytes, size_t *len)
{
    size_t size = **bytes & 31;
    size = size < *len ? size : *len;
    char copy[32];
    memcpy(copy, *bytes, size);
    struct event event = {.kind = EVENT_PASTE, .paste = copy, .paste_len = size};
    *bytes += size;
    *len -= size;
    return editor_key(editor, &event);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char start[] = "select a,\n  (b 'c')\n\n\xff\xe4\xb8\xad\xcc\x81\tx";
    if (len < 2)
        return 0;
    struct editor *editor = editor_new(&(struct editor_options){
        .max_bytes = TEXT_MAX, .undo_bytes = 64 << 20, .keys = bytes[0] % 3, .language = &language});
    struct canvas *canvas = canvas_new(8, 64);
    MUST(editor_set_text(editor, start, sizeof start - 1));
    for (bytes++, len--; len > 0;) {
        uint8_t byte = *bytes++;
        len--;
        struct event event = {.kind = EVENT_KEY, .key = key_of(byte)};
        if (byte == 0 && len > 0)
            paste(editor, &bytes, &len);
        else
            editor_key(editor, &event);
        check(editor, canvas, byte ^ (uint8_t)len);
    }
    bool taken;
    struct err err = ERR_NONE;
    editor_command(editor, "%s/[a-c]*(/<&>/g", &taken, &err);
    editor_set_keys(editor, EDITOR_VI);
    editor_set_keys(editor, EDITOR_PLAIN); /* whatever was being inserted is over */
    int steps = 0;
    while (editor_undo(editor))
        MUST(++steps < STEPS_MAX);
    struct buf text = BUF_INIT(TEXT_MAX + 1);
    MUST(editor_text(editor, &text) && text.len == sizeof start - 1 && !memcmp(text.data, start, text.len));
    buf_done(&text);
    canvas_free(canvas);
    editor_free(editor);
    return 0;
}
