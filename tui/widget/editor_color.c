/* Colours of an editor: the language's tokens, line by line, with each line's state at its start kept beside the line.
 * A change makes only the lines read again whose state it really altered, and only as far as somebody looks. UI thread.
 */
#include "tui/widget/editor_private.h"
#include <string.h>

enum { CATCH_UP_BYTES = 1 << 20 }; /* read at most so many for the state of a line far below; then go on next time */

void color_clear(struct editor *editor)
{
    editor->color.known = 1;
    editor->color.valid = 1;
    editor->color.dirty = 0;
}

void color_changed(struct editor *editor, size_t line, size_t removed, size_t inserted)
{
    struct color *color = &editor->color;
    size_t last = line + removed; /* the last line touched, as they were numbered before */
    if (color->valid > last + 1)
        color->valid += inserted - removed;
    else if (color->valid > line + 1)
        color->valid = line + 1;
    size_t dirty = color->dirty < color->known ? 0 : color->dirty > last ? color->dirty + inserted - removed : line;
    color->dirty = dirty > line + inserted ? dirty : line + inserted;
    if (color->known > line + 1)
        color->known = line + 1;
}

static void mark_token(struct color *color, const struct editor_token *token, size_t len)
{
    size_t start = token->start < len ? token->start : len, end = token->len < len - start ? start + token->len : len;
    memset(color->roles + start, token->role, end - start);
    memset(color->opaque + start, token->is_opaque, end - start);
}

/* Reads one line from its state; returns the state behind it. Marks its tokens when asked to. */
static int read_line(struct editor *editor, size_t line, int state, bool marks, size_t *len)
{
    size_t start = store_line_start(&editor->store, line), end = store_line_start(&editor->store, line + 1);
    *len = end - start < EDITOR_COLOR_LINE_MAX ? end - start : EDITOR_COLOR_LINE_MAX;
    const char *text = store_view(&editor->store, start, start + *len);
    struct editor_token token;
    for (size_t offset = 0, before = 0; offset < *len; before = offset) {
        if (!editor->language->token(editor->context, text, *len, &offset, &state, &token) || offset <= before)
            break;
        if (marks)
            mark_token(&editor->color, &token, *len);
    }
    return state;
}

/* The state at a line's start; of a line too far away for now, as if nothing were open there. */
static int state_of(struct editor *editor, size_t line)
{
    struct color *color = &editor->color;
    struct store *store = &editor->store;
    size_t budget = CATCH_UP_BYTES, len;
    if (color->known > store->line_count)
        color->known = store->line_count;
    while (color->known <= line) {
        size_t at = color->known;
        int state = read_line(editor, at - 1, at > 1 ? store_line_state(store, at - 1) : 0, false, &len);
        bool agrees = at > color->dirty && at < color->valid && store_line_state(store, at) == state;
        store_set_line_state(store, at, state);
        color->known = agrees ? color->valid : at + 1;
        if (color->valid < color->known)
            color->valid = color->known;
        if (len >= budget)
            return 0;
        budget -= len;
    }
    return line ? store_line_state(store, line) : 0;
}

size_t editor_color_line(struct editor *editor, size_t line)
{
    struct color *color = &editor->color;
    size_t start = store_line_start(&editor->store, line), len = store_line_start(&editor->store, line + 1) - start;
    len = len < EDITOR_COLOR_LINE_MAX ? len : EDITOR_COLOR_LINE_MAX;
    memset(color->roles, ROLE_text, len);
    memset(color->opaque, false, len);
    if (editor->language && editor->language->token)
        read_line(editor, line, state_of(editor, line), true, &len);
    return len;
}
