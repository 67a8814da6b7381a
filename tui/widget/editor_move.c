/* Moving about: lines, words, pages, paragraphs, brackets. Commands of the key tables, and the places that vi's motions
 * are made of. UI thread. */
#include "tui/widget/editor_private.h"
#include <stdlib.h>

enum { BRACKET_BYTES = 4 << 20 };

enum char_class editor_class(const struct editor *editor, size_t at)
{
    if (at >= editor->store.len)
        return CLASS_BLANK;
    unsigned char byte = store_byte(&editor->store, at);
    if (byte == ' ' || (byte >= '\t' && byte <= '\r'))
        return CLASS_BLANK;
    bool is_word =
        byte >= 0x80 || byte == '_' || (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
    return is_word ? CLASS_WORD : CLASS_OTHER;
}

void editor_move_to(struct editor *editor, size_t at)
{
    editor->cursor = at < editor->store.len ? at : editor->store.len;
    editor->goal = -1;
}

size_t editor_line(const struct editor *editor)
{
    return store_line_of(&editor->store, editor->cursor);
}

size_t editor_line_home(const struct editor *editor, size_t at)
{
    return store_line_start(&editor->store, store_line_of(&editor->store, at));
}

size_t editor_line_end(const struct editor *editor, size_t at)
{
    return store_line_end(&editor->store, store_line_of(&editor->store, at));
}

size_t editor_line_text(const struct editor *editor, size_t at)
{
    size_t start = editor_line_home(editor, at), end = editor_line_end(editor, at);
    while (start < end && editor_is_blank(store_byte(&editor->store, start)))
        start++;
    return start;
}

bool editor_is_blank_line(const struct editor *editor, size_t line)
{
    size_t start = store_line_start(&editor->store, line);
    return editor_line_text(editor, start) == store_line_end(&editor->store, line);
}

void editor_move_lines(struct editor *editor, long lines)
{
    int goal = editor->goal >= 0 ? editor->goal : editor_column_of(editor, &editor->cursor_mark, editor->cursor);
    long line = (long)editor_line(editor) + lines, last = (long)editor->store.line_count - 1;
    line = line < 0 ? 0 : line > last ? last : line;
    size_t at = goal == GOAL_END ? store_line_end(&editor->store, (size_t)line)
                                 : editor_at_column(editor, &editor->cursor_mark, (size_t)line, goal, NULL);
    editor_move_to(editor, at);
    editor->goal = goal;
}

size_t editor_word_right(const struct editor *editor, size_t at)
{
    while (at < editor->store.len && editor_class(editor, at) != CLASS_WORD)
        at = editor_char_next(editor, at);
    while (at < editor->store.len && editor_class(editor, at) == CLASS_WORD)
        at = editor_char_next(editor, at);
    return at;
}

size_t editor_word_left(const struct editor *editor, size_t at)
{
    while (at > 0 && editor_class(editor, editor_char_prev(editor, at)) != CLASS_WORD)
        at = editor_char_prev(editor, at);
    while (at > 0 && editor_class(editor, editor_char_prev(editor, at)) == CLASS_WORD)
        at = editor_char_prev(editor, at);
    return at;
}

size_t editor_paragraph(const struct editor *editor, size_t at, bool backward)
{
    const struct store *store = &editor->store;
    size_t line = store_line_of(store, at), last = store->line_count - 1, step = backward ? (size_t)-1 : 1;
    size_t stop = backward ? 0 : last;
    while (line != stop && store_line_start(store, line) == store_line_end(store, line))
        line += step;
    while (line != stop && store_line_start(store, line) != store_line_end(store, line))
        line += step;
    bool is_inside = store_line_start(store, line) != store_line_end(store, line);
    return !backward && is_inside ? store_line_end(store, line) : store_line_start(store, line);
}

void editor_scroll(struct editor *editor, long lines)
{
    long rows = editor->area.rows > 0 ? editor->area.rows : 1;
    long last = (long)editor->store.line_count - 1, top = (long)editor->top + lines;
    editor->top = (size_t)(top < 0 ? 0 : top > last ? last : top);
    long line = (long)editor_line(editor);
    if (line < (long)editor->top)
        editor_move_lines(editor, (long)editor->top - line);
    else if (line >= (long)editor->top + rows)
        editor_move_lines(editor, (long)editor->top + rows - 1 - line);
}

void move_left(struct editor *editor)
{
    editor_move_to(editor, editor_char_prev(editor, editor->cursor));
}

void move_right(struct editor *editor)
{
    editor_move_to(editor, editor_char_next(editor, editor->cursor));
}

void move_up(struct editor *editor)
{
    editor_move_lines(editor, -1);
}

void move_down(struct editor *editor)
{
    editor_move_lines(editor, 1);
}

void move_line_start(struct editor *editor)
{
    editor_move_to(editor, editor_line_home(editor, editor->cursor));
}

void move_line_end(struct editor *editor)
{
    editor_move_to(editor, editor_line_end(editor, editor->cursor));
}

void move_line_text(struct editor *editor)
{
    editor_move_to(editor, editor_line_text(editor, editor->cursor));
}

void move_home(struct editor *editor)
{
    size_t text = editor_line_text(editor, editor->cursor);
    editor_move_to(editor, editor->cursor == text ? editor_line_home(editor, text) : text);
}

void move_word_left(struct editor *editor)
{
    editor_move_to(editor, editor_word_left(editor, editor->cursor));
}

void move_word_right(struct editor *editor)
{
    editor_move_to(editor, editor_word_right(editor, editor->cursor));
}

/* The view moves with the cursor, so that the cursor stays in its row. */
static void page(struct editor *editor, long lines)
{
    long last = (long)editor->store.line_count - 1, top = (long)editor->top + lines;
    editor_move_lines(editor, lines);
    editor->top = (size_t)(top < 0 ? 0 : top > last ? last : top);
}

static long rows_of(const struct editor *editor)
{
    return editor->area.rows > 2 ? editor->area.rows : 2;
}

void move_page_up(struct editor *editor)
{
    page(editor, -(rows_of(editor) - 1));
}

void move_page_down(struct editor *editor)
{
    page(editor, rows_of(editor) - 1);
}

void move_half_up(struct editor *editor)
{
    page(editor, -(rows_of(editor) / 2));
}

void move_half_down(struct editor *editor)
{
    page(editor, rows_of(editor) / 2);
}

void move_first(struct editor *editor)
{
    editor->jump = editor->cursor;
    editor_move_to(editor, 0);
}

void move_last(struct editor *editor)
{
    editor->jump = editor->cursor;
    editor_move_to(editor, editor->store.len);
}

void move_paragraph_up(struct editor *editor)
{
    editor_move_to(editor, editor_paragraph(editor, editor->cursor, true));
}

void move_paragraph_down(struct editor *editor)
{
    editor_move_to(editor, editor_paragraph(editor, editor->cursor, false));
}

void move_to_bracket(struct editor *editor)
{
    size_t mate;
    size_t before = editor_char_prev(editor, editor->cursor);
    if (editor_match_bracket(editor, editor->cursor, BRACKET_BYTES, &mate))
        editor_move_to(editor, mate > editor->cursor ? editor_char_next(editor, mate) : mate);
    else if (before < editor->cursor && editor_match_bracket(editor, before, BRACKET_BYTES, &mate))
        editor_move_to(editor, mate);
}
