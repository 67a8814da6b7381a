/* Characters and columns of an editor's text, as the canvas draws them: a character is a code point with the combining
 * marks behind it; what must not reach a terminal takes the columns of its stand-in. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"
#include <limits.h>

enum { STAND_IN_MAX = 64, BACK_BYTES = 1024 };

/* One code point, or one byte that is none. */
static size_t code_at(const struct editor *editor, size_t at, uint32_t *code)
{
    const struct store *store = &editor->store;
    unsigned char first = store_byte(store, at);
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    char bytes[4];
    size_t len = store->len - at < sizeof bytes ? store->len - at : sizeof bytes;
    store_copy(store, at, at + len, bytes);
    size_t step = text_decode(bytes, len, code);
    if (step)
        return step;
    *code = UINT32_MAX;
    return 1;
}

size_t editor_code_len(const struct editor *editor, size_t at)
{
    uint32_t code;
    return code_at(editor, at, &code);
}

static bool is_mark(uint32_t code)
{
    return code >= 0x300 && code != UINT32_MAX && (code == 0xfe0e || code == 0xfe0f || text_code_width(code) == 0);
}

static bool is_base(uint32_t code)
{
    return code != UINT32_MAX && text_code_width(code) > 0;
}

size_t editor_char_next(const struct editor *editor, size_t at)
{
    size_t len = editor->store.len;
    if (at >= len)
        return len;
    uint32_t code;
    size_t next = at + code_at(editor, at, &code);
    if (!is_base(code))
        return next;
    while (next < len) {
        size_t step = code_at(editor, next, &code);
        if (!is_mark(code))
            break;
        next += step;
    }
    return next;
}

/* The start of the code point that ends at `at`. */
static size_t code_before(const struct editor *editor, size_t at, uint32_t *code)
{
    for (size_t back = 1; back <= 4 && back <= at; back++) {
        if ((store_byte(&editor->store, at - back) & 0xc0) == 0x80)
            continue;
        if (code_at(editor, at - back, code) == back)
            return at - back;
        break;
    }
    *code = UINT32_MAX;
    return at - 1;
}

size_t editor_char_prev(const struct editor *editor, size_t at)
{
    if (at == 0)
        return 0;
    uint32_t code;
    size_t start = code_before(editor, at, &code), base = start;
    while (base > 0 && is_mark(code))
        base = code_before(editor, base, &code);
    return is_base(code) ? base : start; /* marks without a base stand alone */
}

size_t editor_char_start(const struct editor *editor, size_t at)
{
    if (at >= editor->store.len)
        return editor->store.len;
    uint32_t code;
    for (size_t back = 1; back <= 3 && back <= at; back++) /* inside a code point? */
        if (code_at(editor, at - back, &code) > back)
            at -= back, back = 0;
    size_t next = at + code_at(editor, at, &code), start = editor_char_prev(editor, next);
    return start < at && editor_char_next(editor, start) >= next ? start : at;
}

int editor_char_columns(const struct editor *editor, size_t at, int column)
{
    uint32_t code;
    size_t step = code_at(editor, at, &code);
    if (code == '\t')
        return EDITOR_TAB - column % EDITOR_TAB;
    int width = code == UINT32_MAX ? -1 : text_code_width(code);
    if (width > 0)
        return width;
    char bytes[4];
    store_copy(&editor->store, at, at + step, bytes);
    struct buf form = BUF_INIT(STAND_IN_MAX);
    text_clean(bytes, step, &form);
    width = text_width(buf_text(&form), form.len);
    buf_done(&form);
    return width;
}

/* Walks a line from the mark (or its start) until the next character would pass the byte or the column. */
static void walk(struct editor *editor, struct column_mark *mark, size_t line_start, size_t until, int column)
{
    if (!mark->is_known || mark->line_start != line_start)
        *mark =
            (struct column_mark){.line_start = line_start, .at = line_start, .back_at = line_start, .is_known = true};
    if (mark->at > until || mark->column > column) {
        bool is_behind = mark->back_at > until || mark->back_column > column;
        mark->at = mark->back_at = is_behind ? line_start : mark->back_at;
        mark->column = mark->back_column = is_behind ? 0 : mark->back_column;
    }
    const struct store *store = &editor->store;
    while (mark->at < until) {
        size_t next = mark->at + 1;
        int columns = 1;
        if (mark->at - mark->back_at > 2 * BACK_BYTES) {
            mark->back_at = mark->at;
            mark->back_column = mark->column;
        }
        unsigned char byte = store_byte(store, mark->at);
        bool is_plain = byte >= 0x20 && byte < 0x7f && (next >= until || store_byte(store, next) < 0x80);
        if (!is_plain) {
            next = editor_char_next(editor, mark->at);
            columns = editor_char_columns(editor, mark->at, mark->column);
        }
        if (next > until || columns > column - mark->column)
            return;
        mark->at = next;
        mark->column += columns;
    }
}

int editor_column_of(struct editor *editor, struct column_mark *mark, size_t at)
{
    size_t start = store_line_start(&editor->store, store_line_of(&editor->store, at));
    walk(editor, mark, start, at, INT_MAX);
    return mark->column;
}

size_t editor_at_column(struct editor *editor, struct column_mark *mark, size_t line, int column, int *found)
{
    walk(editor, mark, store_line_start(&editor->store, line), store_line_end(&editor->store, line), column);
    if (found)
        *found = mark->column;
    return mark->at;
}
