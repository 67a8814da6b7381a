/* Matching brackets; those inside strings, comments and quoted names count only among themselves. UI thread. */
#include "tui/widget/editor_private.h"
#include <string.h>

enum { SHOWN_BYTES = 32 << 10 };

static const char openers[] = "([{", closers[] = ")]}";

/* What is known of the bytes of a line; its tokens are read only when a bracket makes them matter. */
struct reader {
    struct editor *editor;
    size_t line, start, end, known;
    bool is_read;
};

static struct reader reader_at(struct editor *editor, size_t at)
{
    size_t line = store_line_of(&editor->store, at);
    return (struct reader){.editor = editor,
                           .line = line,
                           .start = store_line_start(&editor->store, line),
                           .end = store_line_start(&editor->store, line + 1)};
}

/* Beyond the coloured part of a line nothing is opaque. */
static bool is_opaque(struct reader *reader, size_t at)
{
    if (at < reader->start || at >= reader->end)
        *reader = reader_at(reader->editor, at);
    if (!reader->is_read)
        reader->known = editor_color_line(reader->editor, reader->line);
    reader->is_read = true;
    return at - reader->start < reader->known && reader->editor->color.opaque[at - reader->start];
}

static int step_of(unsigned char byte, char open, char close)
{
    return byte == (unsigned char)open ? 1 : byte == (unsigned char)close ? -1 : 0;
}

/* From `at` (not counted) on until the depth of this pair falls below zero. */
static bool scan(struct editor *editor, size_t at, bool backward, char open, char close, size_t max, size_t *found)
{
    struct reader reader = reader_at(editor, at);
    bool wanted = is_opaque(&reader, at);
    size_t len = editor->store.len;
    int depth = 0;
    for (size_t looked = 0; looked < max; looked++) {
        if (backward ? at == 0 : at + 1 >= len)
            return false;
        at += backward ? (size_t)-1 : 1;
        int step = step_of(store_byte(&editor->store, at), open, close);
        if (!step || is_opaque(&reader, at) != wanted)
            continue;
        depth += backward ? -step : step;
        if (depth < 0) {
            *found = at;
            return true;
        }
    }
    return false;
}

bool editor_match_bracket(struct editor *editor, size_t at, size_t max, size_t *mate)
{
    if (at >= editor->store.len)
        return false;
    char byte = (char)store_byte(&editor->store, at);
    const char *opener = byte ? strchr(openers, byte) : NULL, *closer = byte ? strchr(closers, byte) : NULL;
    if (opener)
        return scan(editor, at, false, byte, closers[opener - openers], max, mate);
    return closer && scan(editor, at, true, openers[closer - closers], byte, max, mate);
}

bool editor_enclosing(struct editor *editor, size_t at, char open, char close, size_t *from, size_t *to)
{
    size_t len = editor->store.len;
    if (at >= len && (at = len) == 0)
        return false;
    size_t start = at < len ? at : at - 1;
    char byte = (char)store_byte(&editor->store, start);
    if (byte == open && at < len)
        *from = start;
    else if (!scan(editor, start, true, open, close, len, from))
        return false;
    return scan(editor, *from, false, open, close, len, to);
}

bool editor_cursor_bracket(struct editor *editor, size_t *at, size_t *mate)
{
    struct bracket *bracket = &editor->bracket;
    if (!bracket->is_current || bracket->generation != editor->generation || bracket->cursor != editor->cursor) {
        *bracket = (struct bracket){.generation = editor->generation, .cursor = editor->cursor, .is_current = true};
        bracket->at = editor->cursor;
        bracket->is_found = editor_match_bracket(editor, bracket->at, SHOWN_BYTES, &bracket->mate);
        if (!bracket->is_found && editor->cursor > 0 && !editor_style(editor)->has_block_cursor) {
            bracket->at = editor->cursor - 1;
            bracket->is_found = editor_match_bracket(editor, bracket->at, SHOWN_BYTES, &bracket->mate);
        }
    }
    *at = bracket->at;
    *mate = bracket->mate;
    return bracket->is_found;
}
