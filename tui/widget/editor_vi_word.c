/* Where words begin and end for vi (POSIX vi, "bigword" and "word"): runs of letters or of other characters, empty
 * lines too; big: everything between blanks. UI thread. */
#include "tui/widget/editor_vi.h"

int vi_class(const struct editor *editor, size_t at, bool big)
{
    enum char_class class = editor_class(editor, at);
    return big && class != CLASS_BLANK ? CLASS_WORD : (int)class;
}

static bool is_empty_line(const struct editor *editor, size_t at)
{
    bool ends = at >= editor->store.len || store_byte(&editor->store, at) == '\n';
    return ends && (at == 0 || store_byte(&editor->store, at - 1) == '\n');
}

size_t vi_word_next(const struct editor *editor, size_t at, bool big)
{
    size_t start = at, len = editor->store.len;
    int class = vi_class(editor, at, big);
    while (class != CLASS_BLANK && at < len && vi_class(editor, at, big) == class)
        at = editor_char_next(editor, at);
    while (at < len && vi_class(editor, at, big) == CLASS_BLANK && (at == start || !is_empty_line(editor, at)))
        at = editor_char_next(editor, at);
    return at;
}

size_t vi_word_end(const struct editor *editor, size_t at, bool big)
{
    size_t len = editor->store.len, next = editor_char_next(editor, at);
    while (next < len && vi_class(editor, next, big) == CLASS_BLANK)
        next = editor_char_next(editor, next);
    if (next >= len)
        return len ? editor_char_prev(editor, len) : 0;
    int class = vi_class(editor, next, big);
    for (at = next; next < len && vi_class(editor, next, big) == class; next = editor_char_next(editor, next))
        at = next;
    return at;
}

size_t vi_word_back(const struct editor *editor, size_t at, bool big)
{
    at = editor_char_prev(editor, at);
    while (at > 0 && vi_class(editor, at, big) == CLASS_BLANK && !is_empty_line(editor, at))
        at = editor_char_prev(editor, at);
    int class = vi_class(editor, at, big);
    while (class != CLASS_BLANK && at > 0 && vi_class(editor, editor_char_prev(editor, at), big) == class)
        at = editor_char_prev(editor, at);
    return at;
}

size_t vi_word_end_back(const struct editor *editor, size_t at, bool big)
{
    int class = vi_class(editor, at, big);
    while (class != CLASS_BLANK && at > 0 && vi_class(editor, at, big) == class)
        at = editor_char_prev(editor, at);
    if (class == CLASS_BLANK)
        at = editor_char_prev(editor, at);
    while (at > 0 && vi_class(editor, at, big) == CLASS_BLANK && !is_empty_line(editor, at))
        at = editor_char_prev(editor, at);
    return at;
}
