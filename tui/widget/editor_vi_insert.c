/* vi's insert and replace modes, and what '.' types again. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_vi.h"
#include <string.h>

void vi_insert(struct editor *editor, const struct vi_command *command)
{
    struct vi *vi = editor->vi;
    vi->mode = VI_INSERT;
    vi->insert_opens = false;
    vi->insert_count = command ? vi_count(command) : 1;
    if (!vi->is_replaying)
        vi->typed.count = 0;
}

/* R: a character is written over; what was there comes back by Backspace. */
static bool type_over(struct editor *editor, struct key key)
{
    struct vi *vi = editor->vi;
    char text[4];
    size_t len = key_text(key, text), at = editor->cursor;
    if (key.code == NAMED_BACKSPACE || (key.code == 'h' && key.mods == MOD_CTRL)) {
        if (!vi->over.len) {
            move_left(editor);
            return true;
        }
        size_t old = (unsigned char)vi->over.data[vi->over.len - 1], from = editor_char_prev(editor, at);
        vi->over.len -= old + 1;
        editor_change(editor, from, at - from, vi->over.data + vi->over.len, old);
        editor_move_to(editor, from);
        return true;
    }
    if (!len || (unsigned char)text[0] < 0x20)
        return false;
    size_t next = at < editor_line_end(editor, at) ? editor_char_next(editor, at) : at, old = next - at;
    char *room = old < 0x100 ? buf_reserve(&vi->over, old + 1) : NULL;
    if (!room)
        return true;
    store_copy(&editor->store, at, next, room);
    room[old] = (char)old;
    vi->over.len += old + 1;
    editor_change(editor, at, old, text, len);
    return true;
}

static void insert_register(struct editor *editor, struct key name)
{
    const struct killed *killed = name.code < 0x7f ? editor_kept(editor, name.code == '"' ? 0 : (char)name.code) : NULL;
    if (killed)
        editor_change(editor, editor->cursor, 0, killed->bytes, killed->len);
}

static void shift_line(struct editor *editor, int levels)
{
    size_t line = editor_line(editor), behind = store_line_end(&editor->store, line) - editor->cursor;
    editor_indent_lines(editor, line, line, levels);
    size_t end = store_line_end(&editor->store, line), start = store_line_start(&editor->store, line);
    editor_move_to(editor, end - start < behind ? start : end - behind);
}

static void shift_right(struct editor *editor)
{
    shift_line(editor, 1);
}
static void shift_left(struct editor *editor)
{
    shift_line(editor, -1);
}

static const struct editor_binding insert_keys[] = {
    {.key = {.code = 'w', .mods = MOD_CTRL}, .run = edit_delete_word_left},
    {.key = {.code = 'u', .mods = MOD_CTRL}, .run = edit_delete_to_start},
    {.key = {.code = 't', .mods = MOD_CTRL}, .run = shift_right},
    {.key = {.code = 'd', .mods = MOD_CTRL}, .run = shift_left},
    {.key = {.code = 'n', .mods = MOD_CTRL}, .run = edit_complete},
    {.key = {.code = 'p', .mods = MOD_CTRL}, .run = edit_complete},
};

/* A key of an insertion, typed or played again. */
static bool insert_key(struct editor *editor, struct key key)
{
    struct vi *vi = editor->vi;
    if (vi->pending_count) { /* behind Ctrl-r */
        vi->pending_count = 0;
        insert_register(editor, key);
        return true;
    }
    if (key.code == 'r' && key.mods == MOD_CTRL) {
        vi->pending[vi->pending_count++] = key;
        return true;
    }
    if (key.mods & VI_RAW) { /* pasted */
        char text[4];
        size_t len = key.code == NAMED_SPACE ? 1 : text_encode(key.code, text);
        editor_change_typed(editor, editor->cursor, 0, text, len);
        return true;
    }
    if (vi->mode == VI_REPLACE && type_over(editor, key))
        return true;
    return editor_run(editor, insert_keys, sizeof insert_keys / sizeof *insert_keys, key) ||
           editor_shared_key(editor, key);
}

void vi_replay_typed(struct editor *editor)
{
    struct vi *vi = editor->vi;
    for (size_t i = 0; i < vi->typed.count; i++)
        insert_key(editor, vi->typed.key[i]);
}

void vi_leave_insert(struct editor *editor)
{
    struct vi *vi = editor->vi;
    vi->pending_count = 0;
    for (long n = vi->insert_count - 1; n > 0 && editor->store.len < editor->store.max; n--) {
        if (vi->insert_opens)
            editor_open_line(editor, editor_line(editor), false);
        vi_replay_typed(editor);
    }
    size_t home = editor_line_home(editor, editor->cursor), end = editor_line_end(editor, home);
    bool ended_line = vi->typed.count ? vi->typed.key[vi->typed.count - 1].code == NAMED_ENTER : vi->insert_opens;
    if (ended_line && editor->cursor == end && editor_line_text(editor, home) == end)
        editor_change(editor, home, end - home, "", 0); /* nothing but the indent was put in */
    vi->insert_at = editor->cursor;
    vi->mode = VI_NORMAL;
    editor_end(editor);
    if (editor->cursor > editor_line_home(editor, editor->cursor))
        move_left(editor);
}

static bool is_moving(struct key key)
{
    return key.code >= NAMED_UP && key.code <= NAMED_PGDN;
}

bool vi_typed_key(struct editor *editor, struct key key)
{
    struct vi *vi = editor->vi;
    if (key.code == NAMED_ESC || (key.code == 'c' && key.mods == MOD_CTRL)) {
        vi_leave_insert(editor);
        return true;
    }
    if (!insert_key(editor, key))
        return false;
    if (is_moving(key)) { /* what is typed now is another step, and all that '.' repeats */
        editor_end(editor);
        editor_begin(editor);
        vi->typed.count = 0;
        vi->insert_count = 1;
    } else {
        vi_push_key(&vi->typed, key, VI_TYPED_MAX);
    }
    return true;
}

bool vi_paste(struct editor *editor, const char *bytes, size_t len)
{
    struct vi *vi = vi_of(editor);
    if (vi_is_visual(vi)) {
        struct vi_range range = vi_visual_range(editor);
        vi_leave_visual(editor);
        editor_select(editor, range.from, range.to);
    }
    bool inserts = vi->mode == VI_INSERT || vi->mode == VI_REPLACE;
    bool ok = editor_insert(editor, bytes, len);
    for (size_t i = 0; ok && inserts && i < len;) {
        uint32_t code;
        size_t step = text_decode(bytes + i, len - i, &code);
        vi_push_key(&vi->typed, (struct key){.code = step ? code : '?', .mods = VI_RAW}, VI_TYPED_MAX);
        i += step ? step : 1;
    }
    vi->pending_count = 0;
    if (!inserts && ok && len)
        move_left(editor);
    return ok;
}

void vi_completed(struct editor *editor, size_t rubbed, const char *bytes)
{
    struct vi *vi = editor->vi;
    if (!vi || vi->mode != VI_INSERT)
        return;
    for (; rubbed > 0; rubbed--)
        vi_push_key(&vi->typed, (struct key){.code = NAMED_BACKSPACE}, VI_TYPED_MAX);
    for (size_t len = strlen(bytes); len > 0;) {
        uint32_t code;
        size_t step = text_decode(bytes, len, &code);
        vi_push_key(&vi->typed, (struct key){.code = step ? code : '?', .mods = VI_RAW}, VI_TYPED_MAX);
        bytes += step ? step : 1;
        len -= step ? step : 1;
    }
}
