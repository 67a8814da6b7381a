/* The keys of plain editors. UI thread. */
#include "tui/widget/editor_private.h"

static bool type_text(struct editor *editor, struct key key)
{
    char typed[4];
    size_t len = key_text(key, typed);
    if (!len || (unsigned char)typed[0] < 0x20 || typed[0] == 0x7f)
        return false;
    size_t start = editor->cursor, end = start;
    editor_selection(editor, &start, &end);
    editor_change_typed(editor, start, end - start, typed, len);
    return true;
}

static void left(struct editor *editor)
{
    editor_move_to(editor, editor_char_prev(editor, editor->cursor));
}
static void right(struct editor *editor)
{
    editor_move_to(editor, editor_char_next(editor, editor->cursor));
}
static void up(struct editor *editor)
{
    editor_move_lines(editor, -1);
}
static void down(struct editor *editor)
{
    editor_move_lines(editor, 1);
}
static void home(struct editor *editor)
{
    editor_move_to(editor, store_line_start(&editor->store, store_line_of(&editor->store, editor->cursor)));
}
static void end(struct editor *editor)
{
    editor_move_to(editor, store_line_end(&editor->store, store_line_of(&editor->store, editor->cursor)));
}
static void newline(struct editor *editor)
{
    editor_change(editor, editor->cursor, 0, "\n", 1);
}
static void backspace(struct editor *editor)
{
    size_t from = editor_char_prev(editor, editor->cursor);
    editor_change(editor, from, editor->cursor - from, "", 0);
}
static void delete (struct editor *editor)
{
    editor_change(editor, editor->cursor, editor_char_next(editor, editor->cursor) - editor->cursor, "", 0);
}
static void undo(struct editor *editor)
{
    editor_undo(editor);
}
static void redo(struct editor *editor)
{
    editor_redo(editor);
}

static const struct {
    struct key key;
    void (*run)(struct editor *editor);
} keys[] = {
    {.key = {.code = NAMED_LEFT}, .run = left},
    {.key = {.code = NAMED_RIGHT}, .run = right},
    {.key = {.code = NAMED_UP}, .run = up},
    {.key = {.code = NAMED_DOWN}, .run = down},
    {.key = {.code = NAMED_HOME}, .run = home},
    {.key = {.code = NAMED_END}, .run = end},
    {.key = {.code = NAMED_ENTER}, .run = newline},
    {.key = {.code = NAMED_BACKSPACE}, .run = backspace},
    {.key = {.code = NAMED_DELETE}, .run = delete},
    {.key = {.code = 'z', .mods = MOD_CTRL}, .run = undo},
    {.key = {.code = 'y', .mods = MOD_CTRL}, .run = redo},
};

static bool plain_key(struct editor *editor, struct key key)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (key_equal(keys[i].key, key)) {
            keys[i].run(editor);
            return true;
        }
    }
    return type_text(editor, key);
}

const struct editor_style editor_plain = {.key = plain_key};
