/* The keys of plain editors, those that every desktop has, and what all styles share while text is typed. UI thread. */
#include "tui/widget/editor_private.h"

static const struct editor_binding shared[] = {
    {.key = {.code = NAMED_LEFT}, .run = move_left, .moves = true},
    {.key = {.code = NAMED_RIGHT}, .run = move_right, .moves = true},
    {.key = {.code = NAMED_UP}, .run = move_up, .moves = true},
    {.key = {.code = NAMED_DOWN}, .run = move_down, .moves = true},
    {.key = {.code = NAMED_HOME}, .run = move_home, .moves = true},
    {.key = {.code = NAMED_END}, .run = move_line_end, .moves = true},
    {.key = {.code = NAMED_PGUP}, .run = move_page_up, .moves = true},
    {.key = {.code = NAMED_PGDN}, .run = move_page_down, .moves = true},
    {.key = {.code = NAMED_LEFT, .mods = MOD_CTRL}, .run = move_word_left, .moves = true},
    {.key = {.code = NAMED_RIGHT, .mods = MOD_CTRL}, .run = move_word_right, .moves = true},
    {.key = {.code = NAMED_UP, .mods = MOD_CTRL}, .run = move_paragraph_up, .moves = true},
    {.key = {.code = NAMED_DOWN, .mods = MOD_CTRL}, .run = move_paragraph_down, .moves = true},
    {.key = {.code = NAMED_HOME, .mods = MOD_CTRL}, .run = move_first, .moves = true},
    {.key = {.code = NAMED_END, .mods = MOD_CTRL}, .run = move_last, .moves = true},
    {.key = {.code = NAMED_ENTER}, .run = edit_newline},
    {.key = {.code = NAMED_BACKSPACE}, .run = edit_backspace},
    {.key = {.code = 'h', .mods = MOD_CTRL}, .run = edit_backspace},
    {.key = {.code = NAMED_DELETE}, .run = edit_delete},
    {.key = {.code = NAMED_DELETE, .mods = MOD_CTRL}, .run = edit_delete_word_right},
    {.key = {.code = NAMED_BACKSPACE, .mods = MOD_ALT}, .run = edit_kill_word_left},
    {.key = {.code = NAMED_TAB}, .run = edit_tab},
    {.key = {.code = NAMED_TAB, .mods = MOD_SHIFT}, .run = edit_untab},
    {.key = {.code = NAMED_SPACE, .mods = MOD_CTRL}, .run = edit_complete},
    {.key = {.code = NAMED_UP, .mods = MOD_ALT}, .run = edit_line_up},
    {.key = {.code = NAMED_DOWN, .mods = MOD_ALT}, .run = edit_line_down},
    {.key = {.code = NAMED_F3}, .run = edit_find_next},
    {.key = {.code = NAMED_F3, .mods = MOD_SHIFT}, .run = edit_find_prev},
    {.key = {.code = '%', .mods = MOD_ALT}, .run = edit_replace},
    {.key = {.code = 'r', .mods = MOD_ALT}, .run = edit_replace},
    {.key = {.code = ';', .mods = MOD_ALT}, .run = edit_comment},
};

static const struct editor_binding plain[] = {
    {.key = {.code = 'a', .mods = MOD_CTRL}, .run = edit_select_all},
    {.key = {.code = 'z', .mods = MOD_CTRL}, .run = edit_undo},
    {.key = {.code = 'y', .mods = MOD_CTRL}, .run = edit_redo},
    {.key = {.code = 'x', .mods = MOD_CTRL}, .run = edit_cut},
    {.key = {.code = 'v', .mods = MOD_CTRL}, .run = edit_paste},
    {.key = {.code = NAMED_INSERT, .mods = MOD_SHIFT}, .run = edit_paste},
    {.key = {.code = NAMED_INSERT, .mods = MOD_CTRL}, .run = edit_copy},
    {.key = {.code = NAMED_DELETE, .mods = MOD_SHIFT}, .run = edit_cut},
    {.key = {.code = 'f', .mods = MOD_CTRL}, .run = edit_find},
    {.key = {.code = 'g', .mods = MOD_CTRL}, .run = edit_goto_line},
    {.key = {.code = 'd', .mods = MOD_CTRL}, .run = edit_duplicate},
    {.key = {.code = 'k', .mods = MOD_CTRL}, .run = edit_delete_line},
    {.key = {.code = 'w', .mods = MOD_CTRL}, .run = edit_delete_word_left},
    {.key = {.code = 'u', .mods = MOD_CTRL}, .run = edit_delete_to_start},
    {.key = {.code = 'e', .mods = MOD_CTRL}, .run = move_line_end, .moves = true},
    {.key = {.code = 'b', .mods = MOD_CTRL}, .run = move_to_bracket, .moves = true},
    {.key = {.code = '_', .mods = MOD_CTRL}, .run = edit_comment},
    {.key = {.code = '/', .mods = MOD_CTRL}, .run = edit_comment},
};

bool editor_shared_key(struct editor *editor, struct key key)
{
    return editor_run(editor, shared, sizeof shared / sizeof *shared, key) || editor_type(editor, key);
}

/* Ctrl-c copies while something is selected; else it is the console's, which cancels work. Esc undoes the selection
 * first. */
static bool plain_key(struct editor *editor, struct key key)
{
    static const struct key copy = {.code = 'c', .mods = MOD_CTRL}, escape = {.code = NAMED_ESC};
    size_t from, to;
    bool has_selection = editor_selection(editor, &from, &to);
    if (has_selection && key_equal(key, copy)) {
        edit_copy(editor);
        return true;
    }
    if (editor->has_selection && key_equal(key, escape)) {
        editor->has_selection = false;
        return has_selection;
    }
    return editor_run(editor, plain, sizeof plain / sizeof *plain, key) || editor_shared_key(editor, key);
}

const struct editor_style editor_plain = {.key = plain_key};
