/* Editing at the cursor: typing, newlines with their indent, rubbing out, undo. Whole lines are editor_lines.c, cut and
 * paste editor_register.c. UI thread. */
#include "tui/widget/editor_private.h"
#include <string.h>

enum { BLANKS_MAX = 256 };

/* The selection, or nothing at the cursor. */
static bool selected(const struct editor *editor, size_t *from, size_t *to)
{
    *from = *to = editor->cursor;
    return editor_selection(editor, from, to);
}

static bool erase_selection(struct editor *editor)
{
    size_t from, to;
    return selected(editor, &from, &to) && editor_change(editor, from, to - from, "", 0);
}

static bool is_opening(unsigned char byte)
{
    return byte == '(' || byte == '[' || byte == '{';
}

static bool is_closing(unsigned char byte)
{
    return byte == ')' || byte == ']' || byte == '}';
}

/* A word that begins is a step of undo of its own. */
static void close_step_at_word(struct editor *editor, const char *typed)
{
    bool is_blank_before = editor->cursor > 0 && editor_class(editor, editor->cursor - 1) == CLASS_BLANK;
    if (is_blank_before && !editor_is_blank((unsigned char)*typed))
        undo_close(&editor->undo);
}

/* A closing bracket typed as the first thing in a line goes one level out. */
static size_t outdent_from(const struct editor *editor, char typed)
{
    size_t home = editor_line_home(editor, editor->cursor), from = editor->cursor;
    if (!is_closing((unsigned char)typed) || editor_line_text(editor, from) < from)
        return from;
    for (int i = 0; i < editor->indent && from > home && store_byte(&editor->store, from - 1) == ' '; i++)
        from--;
    return from;
}

bool editor_type(struct editor *editor, struct key key)
{
    char typed[4];
    size_t len = key_text(key, typed), from, to;
    if (!len || (unsigned char)typed[0] < 0x20 || typed[0] == 0x7f)
        return false;
    if (editor->is_marking) /* emacs: the region stays, the mark goes */
        editor->has_selection = editor->is_marking = false;
    if (selected(editor, &from, &to)) {
        editor_begin(editor);
        editor_change(editor, from, to - from, typed, len);
        editor_end(editor);
        return true;
    }
    close_step_at_word(editor, typed);
    from = outdent_from(editor, typed[0]);
    editor_change_typed(editor, from, editor->cursor - from, typed, len);
    return true;
}

/* The blanks that a new line begins with: those of this one up to the cursor, a level more behind an open bracket. */
static size_t new_indent(struct editor *editor, size_t at, char out[BLANKS_MAX])
{
    size_t home = editor_line_home(editor, at), text = editor_line_text(editor, at), len = 0;
    text = text < at ? text : at;
    for (size_t i = home; i < text && len < BLANKS_MAX; i++)
        out[len++] = (char)store_byte(&editor->store, i);
    size_t last = at;
    while (last > text && editor_is_blank(store_byte(&editor->store, last - 1)))
        last--;
    if (last > text && is_opening(store_byte(&editor->store, last - 1)))
        for (int i = 0; i < editor->indent && len < BLANKS_MAX; i++)
            out[len++] = ' ';
    return len;
}

void edit_newline(struct editor *editor)
{
    char text[2 * BLANKS_MAX + 2];
    editor_begin(editor);
    erase_selection(editor);
    size_t at = editor->cursor, home = editor_line_home(editor, at), end = editor_line_end(editor, at);
    size_t indent = new_indent(editor, at, text + 1), len = 1 + indent, after = at;
    text[0] = '\n';
    bool is_pair = at > 0 && at < end && is_opening(store_byte(&editor->store, at - 1)) &&
                   is_closing(store_byte(&editor->store, at));
    while (after < end && editor_is_blank(store_byte(&editor->store, after)))
        after++;
    if (is_pair) { /* the closing bracket comes on a line of its own */
        size_t outer = indent - (size_t)editor->indent < indent ? indent - (size_t)editor->indent : 0;
        text[len++] = '\n';
        memcpy(text + len, text + 1, outer);
        len += outer;
    }
    size_t from = editor_line_text(editor, at) == end ? home : at; /* a line of blanks loses them */
    if (editor_change(editor, from, after - from, text, len))
        editor_move_to(editor, from + 1 + indent);
    editor_end(editor);
}

void edit_backspace(struct editor *editor)
{
    if (erase_selection(editor))
        return;
    size_t at = editor->cursor, from = editor_char_prev(editor, at), home = editor_line_home(editor, at);
    if (editor_line_text(editor, at) >= at && at > home) { /* among the blanks at the line's start: one level */
        size_t column = at - home, target = (column - 1) / (size_t)editor->indent * (size_t)editor->indent;
        for (from = at; from > home + target && store_byte(&editor->store, from - 1) == ' ';)
            from--;
        from = from == at ? at - 1 : from;
    }
    editor_change_typed(editor, from, at - from, "", 0);
}

void edit_delete(struct editor *editor)
{
    if (!erase_selection(editor))
        editor_change(editor, editor->cursor, editor_char_next(editor, editor->cursor) - editor->cursor, "", 0);
}

void edit_delete_word_left(struct editor *editor)
{
    size_t from = editor_word_left(editor, editor->cursor);
    if (!erase_selection(editor))
        editor_change(editor, from, editor->cursor - from, "", 0);
}

void edit_delete_word_right(struct editor *editor)
{
    if (!erase_selection(editor))
        editor_change(editor, editor->cursor, editor_word_right(editor, editor->cursor) - editor->cursor, "", 0);
}

void edit_delete_to_start(struct editor *editor)
{
    size_t home = editor_line_home(editor, editor->cursor);
    if (!erase_selection(editor))
        editor_change(editor, home, editor->cursor - home, "", 0);
}

void edit_undo(struct editor *editor)
{
    if (!editor_undo(editor))
        editor_say(editor, "nothing to undo");
}

void edit_redo(struct editor *editor)
{
    if (!editor_redo(editor))
        editor_say(editor, "nothing to redo");
}

void edit_select_all(struct editor *editor)
{
    editor_select(editor, 0, editor->store.len);
}

static unsigned char changed_letter(unsigned char byte, char how)
{
    bool is_upper = byte >= 'A' && byte <= 'Z', is_lower = byte >= 'a' && byte <= 'z';
    bool turns = (is_upper && how != 'U') || (is_lower && how != 'u');
    return turns ? byte ^ 0x20 : byte;
}

void editor_change_case(struct editor *editor, size_t from, size_t to, char how)
{
    char *bytes = NULL;
    struct buf text = BUF_INIT(editor->store.max + 1);
    if (to > from && (bytes = buf_reserve(&text, to - from)) != NULL) {
        store_copy(&editor->store, from, to, bytes);
        bool is_first = true;
        for (size_t i = 0; i < to - from; i++) {
            bytes[i] = (char)changed_letter((unsigned char)bytes[i], how != 'c' ? how : is_first ? 'U' : 'u');
            is_first = editor_class(editor, from + i) != CLASS_WORD;
        }
        editor_change(editor, from, to - from, bytes, to - from);
    }
    buf_done(&text);
}
