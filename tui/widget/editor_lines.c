/* Whole lines: indenting, commenting, joining, moving, doubling. UI thread. */
#include "tui/widget/editor_private.h"
#include <string.h>

enum { INDENT_MAX = 64 };

/* The lines that the selection touches, or the cursor's. */
static void selected_lines(const struct editor *editor, size_t *first, size_t *last)
{
    size_t from = editor->cursor, to = from;
    bool has_selection = editor_selection(editor, &from, &to);
    *first = store_line_of(&editor->store, from);
    *last = store_line_of(&editor->store, to);
    if (has_selection && *last > *first && to == store_line_start(&editor->store, *last))
        (*last)--; /* it ends before that line's first character */
}

/* What a change of whole lines does to the selection and the cursor: each keeps its distance from its line's end. */
struct places {
    size_t cursor_line, cursor_behind, anchor_line, anchor_behind;
    bool has_selection, is_marking;
};

static struct places places_of(const struct editor *editor)
{
    const struct store *store = &editor->store;
    struct places places = {.has_selection = editor->has_selection, .is_marking = editor->is_marking};
    places.cursor_line = store_line_of(store, editor->cursor);
    places.cursor_behind = store_line_end(store, places.cursor_line) - editor->cursor;
    size_t anchor = editor->anchor < store->len ? editor->anchor : store->len;
    places.anchor_line = store_line_of(store, anchor);
    places.anchor_behind = store_line_end(store, places.anchor_line) - anchor;
    return places;
}

static size_t place(const struct store *store, size_t line, size_t behind)
{
    size_t start = store_line_start(store, line), end = store_line_end(store, line);
    return end - start < behind ? start : end - behind;
}

static void put_places(struct editor *editor, const struct places *places, long moved)
{
    size_t cursor = place(&editor->store, places->cursor_line + (size_t)moved, places->cursor_behind);
    editor_move_to(editor, editor_char_start(editor, cursor));
    size_t anchor = place(&editor->store, places->anchor_line + (size_t)moved, places->anchor_behind);
    editor->anchor = editor_char_start(editor, anchor);
    editor->has_selection = places->has_selection;
    editor->is_marking = places->is_marking;
}

static void indent_line(struct editor *editor, size_t line, int levels)
{
    char blanks[INDENT_MAX];
    size_t start = store_line_start(&editor->store, line), text = editor_line_text(editor, start);
    if (text == store_line_end(&editor->store, line) && levels > 0)
        return;
    struct column_mark mark = {.is_known = false};
    int column = editor_column_of(editor, &mark, text), wanted = column + levels * editor->indent;
    if (levels < 0 && column % editor->indent) /* back to a stop first */
        wanted = (column / editor->indent + levels + 1) * editor->indent;
    wanted = wanted < 0 ? 0 : wanted;
    if (wanted > column) {
        size_t len = (size_t)(wanted - column) < sizeof blanks ? (size_t)(wanted - column) : sizeof blanks;
        memset(blanks, ' ', len);
        editor_change(editor, text, 0, blanks, len);
        return;
    }
    size_t from = text;
    while (from > start && column > wanted) {
        from--;
        column = editor_column_of(editor, &mark, from);
    }
    memset(blanks, ' ', sizeof blanks);
    size_t fill = wanted > column ? (size_t)(wanted - column) : 0; /* part of a tab */
    editor_change(editor, from, text - from, blanks, fill);
}

void editor_indent_lines(struct editor *editor, size_t from, size_t last, int levels)
{
    editor_begin(editor);
    for (size_t line = from; line <= last && line < editor->store.line_count; line++)
        indent_line(editor, line, levels);
    editor_end(editor);
}

static void shift_selected(struct editor *editor, int levels)
{
    size_t first, last;
    selected_lines(editor, &first, &last);
    struct places places = places_of(editor);
    editor_indent_lines(editor, first, last, levels);
    put_places(editor, &places, 0);
}

void edit_tab(struct editor *editor)
{
    char blanks[INDENT_MAX];
    size_t from, to;
    if (editor_selection(editor, &from, &to)) {
        shift_selected(editor, 1);
        return;
    }
    bool behind_text = editor->cursor > editor_line_text(editor, editor->cursor);
    if (behind_text && editor_class(editor, editor->cursor - 1) == CLASS_WORD && editor->language &&
        editor->language->candidates) {
        edit_complete(editor);
        if (editor->popup.is_open)
            return;
        editor->note[0] = '\0';
    }
    int column = editor_column_of(editor, &editor->cursor_mark, editor->cursor);
    size_t len = (size_t)(editor->indent - column % editor->indent);
    memset(blanks, ' ', len < sizeof blanks ? len : sizeof blanks);
    editor_change_typed(editor, editor->cursor, 0, blanks, len < sizeof blanks ? len : sizeof blanks);
}

void edit_untab(struct editor *editor)
{
    shift_selected(editor, -1);
}

static bool has_comment(struct editor *editor, size_t line, const char *sign)
{
    size_t at = editor_line_text(editor, store_line_start(&editor->store, line)), len = strlen(sign);
    size_t end = store_line_end(&editor->store, line);
    return end - at >= len && !memcmp(store_view(&editor->store, at, at + len), sign, len);
}

static void uncomment(struct editor *editor, size_t line, const char *sign)
{
    size_t at = editor_line_text(editor, store_line_start(&editor->store, line)), len = strlen(sign);
    if (at + len < store_line_end(&editor->store, line) && store_byte(&editor->store, at + len) == ' ')
        len++;
    editor_change(editor, at, len, "", 0);
}

void editor_comment_lines(struct editor *editor, size_t from, size_t last)
{
    const char *sign = editor->language ? editor->language->line_comment : NULL;
    if (!sign)
        return;
    bool all = true;
    size_t column = SIZE_MAX; /* of bytes: the least indented line's */
    for (size_t line = from; line <= last; line++) {
        size_t start = store_line_start(&editor->store, line), blanks = editor_line_text(editor, start) - start;
        if (editor_is_blank_line(editor, line))
            continue;
        all = all && has_comment(editor, line, sign);
        column = blanks < column ? blanks : column;
    }
    editor_begin(editor);
    for (size_t line = from; line <= last && column != SIZE_MAX; line++) {
        if (editor_is_blank_line(editor, line))
            continue;
        if (all) {
            uncomment(editor, line, sign);
            continue;
        }
        size_t at = store_line_start(&editor->store, line) + column;
        editor_change(editor, at, 0, " ", 1);
        editor_change(editor, at, 0, sign, strlen(sign));
    }
    editor_end(editor);
}

void edit_comment(struct editor *editor)
{
    size_t first, last;
    selected_lines(editor, &first, &last);
    struct places places = places_of(editor);
    editor_comment_lines(editor, first, last);
    put_places(editor, &places, 0);
}

static bool copy_lines(struct editor *editor, size_t first, size_t last, struct buf *out)
{
    size_t from = store_line_start(&editor->store, first), to = store_line_start(&editor->store, last + 1);
    char *room = buf_reserve(out, to - from + 1);
    if (!room)
        return false;
    store_copy(&editor->store, from, to, room);
    out->len += to - from;
    return (out->len && out->data[out->len - 1] == '\n') || buf_putc(out, '\n');
}

void edit_duplicate(struct editor *editor)
{
    size_t first, last;
    selected_lines(editor, &first, &last);
    struct places places = places_of(editor);
    struct buf text = BUF_INIT(editor->store.max + 2);
    if (editor->store.len && copy_lines(editor, first, last, &text)) {
        editor_begin(editor);
        if (editor_change(editor, store_line_start(&editor->store, first), 0, text.data, text.len))
            put_places(editor, &places, (long)(last - first + 1));
        editor_end(editor);
    }
    buf_done(&text);
}

/* Two neighbouring runs of lines change places; the last line of a text has no newline to take along. */
static void swap_lines(struct editor *editor, size_t first, size_t middle, size_t last)
{
    const struct store *store = &editor->store;
    size_t from = store_line_start(store, first), between = store_line_start(store, middle);
    size_t to = store_line_end(store, last), upper = between - 1 - from;
    struct buf text = BUF_INIT(store->max + 2);
    char *room = buf_reserve(&text, to - from + 1);
    if (room) {
        store_copy(store, between, to, room);
        room[to - between] = '\n';
        store_copy(store, from, from + upper, room + (to - between) + 1);
        editor_change(editor, from, to - from, room, to - from);
    }
    buf_done(&text);
}

void edit_line_up(struct editor *editor)
{
    size_t first, last;
    selected_lines(editor, &first, &last);
    if (!first)
        return;
    struct places places = places_of(editor);
    editor_begin(editor);
    swap_lines(editor, first - 1, first, last);
    put_places(editor, &places, -1);
    editor_end(editor);
}

void edit_line_down(struct editor *editor)
{
    size_t first, last;
    selected_lines(editor, &first, &last);
    if (last + 1 >= editor->store.line_count)
        return;
    struct places places = places_of(editor);
    editor_begin(editor);
    swap_lines(editor, first, last + 1, last + 1);
    put_places(editor, &places, 1);
    editor_end(editor);
}

void edit_delete_line(struct editor *editor)
{
    size_t first, last;
    selected_lines(editor, &first, &last);
    size_t from = store_line_start(&editor->store, first), to = store_line_start(&editor->store, last + 1);
    if (last + 1 >= editor->store.line_count && from > 0)
        from--;
    editor_kill(editor, from, to, 0);
    editor_move_to(editor, editor_line_home(editor, editor->cursor));
}

void editor_join_lines(struct editor *editor, size_t line, size_t count, bool keeps_blanks)
{
    const struct store *store = &editor->store;
    editor_begin(editor);
    for (; count > 0 && line + 1 < store->line_count; count--) {
        size_t end = store_line_end(store, line), next = end + 1, stop = store_line_end(store, line + 1);
        while (!keeps_blanks && next < stop && (store_byte(store, next) == ' ' || store_byte(store, next) == '\t'))
            next++;
        bool closes = next < stop && store_byte(store, next) == ')';
        bool has_blank = end > store_line_start(store, line) && editor_class(editor, end - 1) == CLASS_BLANK;
        bool is_empty = end == store_line_start(store, line);
        const char *between = keeps_blanks || closes || has_blank || is_empty || next == stop ? "" : " ";
        editor_change(editor, end, next - end, between, strlen(between));
        editor_move_to(editor, end);
    }
    editor_end(editor);
}

void editor_open_line(struct editor *editor, size_t line, bool above)
{
    const struct store *store = &editor->store;
    size_t start = store_line_start(store, line), blanks = editor_line_text(editor, start) - start;
    if (!above) {
        size_t cursor = editor->cursor;
        editor_move_to(editor, store_line_end(store, line));
        edit_newline(editor);
        if (editor->undo.count) /* undo goes back to where the command was given */
            editor->undo.records[editor->undo.count - 1].cursor = cursor;
        return;
    }
    struct buf text = BUF_INIT(store->max + 2);
    char *room = buf_reserve(&text, blanks + 1);
    if (room) {
        store_copy(store, start, start + blanks, room);
        room[blanks] = '\n';
        if (editor_change(editor, start, 0, room, blanks + 1))
            editor_move_to(editor, start + blanks);
    }
    buf_done(&text);
}
