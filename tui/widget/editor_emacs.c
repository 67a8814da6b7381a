/* The keys of emacs (GNU Emacs manual: Moving Point, Killing and Moving Text, Undo, Incremental Search, Case). What
 * begins with C-x or M-g is the keymap's, context editor, in keymaps/emacs.keys. UI thread. */
#include "tui/widget/editor_private.h"

static void set_mark(struct editor *editor)
{
    bool had_none = editor->is_marking && editor->anchor == editor->cursor; /* twice: no mark */
    editor->anchor = editor->cursor;
    editor->has_selection = editor->is_marking = !had_none;
    editor_say(editor, had_none ? "mark off" : "mark set");
}

static void kill_region(struct editor *editor)
{
    size_t from, to;
    if (!editor_selection(editor, &from, &to)) { /* as shells do */
        edit_kill_word_left(editor);
        return;
    }
    edit_cut(editor);
}

static void change_word(struct editor *editor, char how)
{
    size_t from = editor->cursor, to;
    bool has_selection = editor_selection(editor, &from, &to);
    if (!has_selection)
        to = editor_word_right(editor, from);
    while (how == 'c' && from < to && editor_class(editor, from) != CLASS_WORD)
        from++;
    editor_begin(editor);
    editor_change_case(editor, from, to, how);
    editor_end(editor);
}

static void upcase(struct editor *editor)
{
    change_word(editor, 'U');
}
static void downcase(struct editor *editor)
{
    change_word(editor, 'u');
}
static void capitalize(struct editor *editor)
{
    change_word(editor, 'c');
}

/* The characters around the cursor change places; at a line's end the two before it. */
static void transpose(struct editor *editor)
{
    size_t at = editor->cursor, home = editor_line_home(editor, at);
    if (at == editor_line_end(editor, at) && at > home)
        at = editor_char_prev(editor, at);
    size_t from = editor_char_prev(editor, at), to = editor_char_next(editor, at);
    if (at <= home || at == editor_line_end(editor, at))
        return;
    struct buf text = BUF_INIT(editor->store.max + 1);
    char *room = buf_reserve(&text, to - from);
    if (room) {
        store_copy(&editor->store, at, to, room);
        store_copy(&editor->store, from, at, room + (to - at));
        editor_change(editor, from, to - from, room, to - from);
    }
    buf_done(&text);
}

static void open_line(struct editor *editor)
{
    size_t at = editor->cursor;
    if (editor_change(editor, at, 0, "\n", 1))
        editor_move_to(editor, at);
}

static void join_line(struct editor *editor)
{
    size_t line = editor_line(editor);
    if (line > 0)
        editor_join_lines(editor, line - 1, 1, false);
}

static void delete_blanks(struct editor *editor, const char *instead, size_t len)
{
    size_t from = editor->cursor, to = from, home = editor_line_home(editor, from), end = editor_line_end(editor, from);
    while (from > home && editor_is_blank(store_byte(&editor->store, from - 1)))
        from--;
    while (to < end && editor_is_blank(store_byte(&editor->store, to)))
        to++;
    editor_change(editor, from, to - from, instead, len);
}

static void just_one_space(struct editor *editor)
{
    delete_blanks(editor, " ", 1);
}
static void no_space(struct editor *editor)
{
    delete_blanks(editor, "", 0);
}

static void quit(struct editor *editor)
{
    editor->has_selection = editor->is_marking = false;
    editor_say(editor, "quit");
}

static void scroll_to_middle(struct editor *editor)
{
    size_t line = editor_line(editor), half = (size_t)editor->area.rows / 2;
    size_t middle = line > half ? line - half : 0;
    editor->top = editor->top == middle ? line : middle; /* again: to the top */
}

static const struct editor_binding emacs[] = {
    {.key = {.code = 'f', .mods = MOD_CTRL}, .run = move_right, .moves = true},
    {.key = {.code = 'b', .mods = MOD_CTRL}, .run = move_left, .moves = true},
    {.key = {.code = 'n', .mods = MOD_CTRL}, .run = move_down, .moves = true},
    {.key = {.code = 'p', .mods = MOD_CTRL}, .run = move_up, .moves = true},
    {.key = {.code = 'a', .mods = MOD_CTRL}, .run = move_line_start, .moves = true},
    {.key = {.code = 'e', .mods = MOD_CTRL}, .run = move_line_end, .moves = true},
    {.key = {.code = 'm', .mods = MOD_ALT}, .run = move_line_text, .moves = true},
    {.key = {.code = 'f', .mods = MOD_ALT}, .run = move_word_right, .moves = true},
    {.key = {.code = 'b', .mods = MOD_ALT}, .run = move_word_left, .moves = true},
    {.key = {.code = 'v', .mods = MOD_CTRL}, .run = move_page_down, .moves = true},
    {.key = {.code = 'v', .mods = MOD_ALT}, .run = move_page_up, .moves = true},
    {.key = {.code = '<', .mods = MOD_ALT}, .run = move_first, .moves = true},
    {.key = {.code = '>', .mods = MOD_ALT}, .run = move_last, .moves = true},
    {.key = {.code = '{', .mods = MOD_ALT}, .run = move_paragraph_up, .moves = true},
    {.key = {.code = '}', .mods = MOD_ALT}, .run = move_paragraph_down, .moves = true},
    {.key = {.code = 'f', .mods = MOD_CTRL | MOD_ALT}, .run = move_to_bracket, .moves = true},
    {.key = {.code = 'b', .mods = MOD_CTRL | MOD_ALT}, .run = move_to_bracket, .moves = true},
    {.key = {.code = NAMED_HOME}, .run = move_line_start, .moves = true},
    {.key = {.code = 'd', .mods = MOD_CTRL}, .run = edit_delete},
    {.key = {.code = 'd', .mods = MOD_ALT}, .run = edit_kill_word_right},
    {.key = {.code = NAMED_BACKSPACE, .mods = MOD_ALT}, .run = edit_kill_word_left},
    {.key = {.code = 'h', .mods = MOD_CTRL | MOD_ALT}, .run = edit_kill_word_left},
    {.key = {.code = 'k', .mods = MOD_CTRL}, .run = edit_kill_line},
    {.key = {.code = 'w', .mods = MOD_CTRL}, .run = kill_region},
    {.key = {.code = 'w', .mods = MOD_ALT}, .run = edit_copy},
    {.key = {.code = 'y', .mods = MOD_CTRL}, .run = edit_paste},
    {.key = {.code = 'y', .mods = MOD_ALT}, .run = edit_paste_older},
    {.key = {.code = NAMED_SPACE, .mods = MOD_CTRL}, .run = set_mark, .moves = true},
    {.key = {.code = '@', .mods = MOD_CTRL}, .run = set_mark, .moves = true},
    {.key = {.code = '_', .mods = MOD_CTRL}, .run = edit_undo},
    {.key = {.code = '/', .mods = MOD_CTRL}, .run = edit_undo},
    {.key = {.code = '_', .mods = MOD_ALT}, .run = edit_redo},
    {.key = {.code = '/', .mods = MOD_ALT}, .run = edit_complete},
    {.key = {.code = 's', .mods = MOD_CTRL}, .run = edit_find, .moves = true},
    {.key = {.code = 'r', .mods = MOD_CTRL}, .run = edit_find_backward, .moves = true},
    {.key = {.code = 't', .mods = MOD_CTRL}, .run = transpose},
    {.key = {.code = 'u', .mods = MOD_ALT}, .run = upcase},
    {.key = {.code = 'l', .mods = MOD_ALT}, .run = downcase},
    {.key = {.code = 'c', .mods = MOD_ALT}, .run = capitalize},
    {.key = {.code = 'o', .mods = MOD_CTRL}, .run = open_line},
    {.key = {.code = '^', .mods = MOD_ALT}, .run = join_line},
    {.key = {.code = NAMED_SPACE, .mods = MOD_ALT}, .run = just_one_space},
    {.key = {.code = '\\', .mods = MOD_ALT}, .run = no_space},
    {.key = {.code = 'l', .mods = MOD_CTRL}, .run = scroll_to_middle, .moves = true},
};

static bool emacs_key(struct editor *editor, struct key key)
{
    static const struct key stop = {.code = 'g', .mods = MOD_CTRL}, escape = {.code = NAMED_ESC};
    if (key_equal(key, stop)) {
        quit(editor);
        return true;
    }
    if (editor->has_selection && key_equal(key, escape)) {
        editor->has_selection = editor->is_marking = false;
        return true;
    }
    return editor_run(editor, emacs, sizeof emacs / sizeof *emacs, key) || editor_shared_key(editor, key);
}

const struct editor_style editor_emacs = {.key = emacs_key};
