/* Finding in an editor's text: plain bytes, ASCII letters of either case unless the needle has a capital (as vim's
 * 'smartcase' and emacs' isearch do). The prompts are in editor_prompt.c. UI thread. */
#include "tui/widget/editor_private.h"
#include <string.h>

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

struct matcher {
    const char *needle;
    size_t len;
    bool ignores_case;
};

static struct matcher matcher_of(const struct search *search)
{
    struct matcher matcher = {.needle = search->needle, .len = search->needle_len, .ignores_case = true};
    for (size_t i = 0; i < matcher.len; i++)
        if (matcher.needle[i] >= 'A' && matcher.needle[i] <= 'Z')
            matcher.ignores_case = false;
    return matcher;
}

static bool matches_at(const struct matcher *matcher, const char *text)
{
    if (!matcher->ignores_case)
        return !memcmp(text, matcher->needle, matcher->len);
    for (size_t i = 0; i < matcher->len; i++)
        if (lower((unsigned char)text[i]) != (unsigned char)matcher->needle[i])
            return false;
    return true;
}

/* The first match that begins in text[at..], or len. */
static size_t find_forward(const struct matcher *matcher, const char *text, size_t len, size_t at)
{
    if (!matcher->len || len < matcher->len)
        return len;
    if (!matcher->ignores_case) {
        const char *found = at < len ? memmem(text + at, len - at, matcher->needle, matcher->len) : NULL;
        return found ? (size_t)(found - text) : len;
    }
    unsigned char first = (unsigned char)matcher->needle[0];
    for (; at + matcher->len <= len; at++)
        if (lower((unsigned char)text[at]) == first && matches_at(matcher, text + at))
            return at;
    return len;
}

static bool is_whole_word(const struct editor *editor, size_t from, size_t to)
{
    return (from == 0 || editor_class(editor, from - 1) != CLASS_WORD) && editor_class(editor, to) != CLASS_WORD;
}

bool editor_find_in(const struct editor *editor, const char *text, size_t len, size_t at, size_t *from, size_t *to)
{
    struct matcher matcher = matcher_of(&editor->search);
    *from = find_forward(&matcher, text, len, at);
    *to = *from + matcher.len;
    return *from < len;
}

static bool find_after(struct editor *editor, size_t at, size_t limit, size_t *found)
{
    struct matcher matcher = matcher_of(&editor->search);
    const char *text = store_view(&editor->store, at, limit);
    size_t len = limit - at;
    for (size_t from = 0; (from = find_forward(&matcher, text, len, from)) < len; from++) {
        *found = at + from;
        if (!editor->search.is_word || is_whole_word(editor, *found, *found + matcher.len))
            return true;
    }
    return false;
}

static bool find_before(struct editor *editor, size_t at, size_t *found)
{
    struct matcher matcher = matcher_of(&editor->search);
    size_t len = editor->store.len;
    if (!matcher.len || len < matcher.len)
        return false;
    const char *text = store_view(&editor->store, 0, len);
    for (size_t from = at < len - matcher.len + 1 ? at : len - matcher.len + 1; from-- > 0;) {
        if (!matches_at(&matcher, text + from))
            continue;
        *found = from;
        if (!editor->search.is_word || is_whole_word(editor, from, from + matcher.len))
            return true;
    }
    return false;
}

bool editor_find(struct editor *editor, size_t at, bool backward, size_t *from, size_t *to, bool *wrapped)
{
    size_t len = editor->store.len, again = at + editor->search.needle_len;
    *wrapped = false;
    bool found = backward ? find_before(editor, at, from) : find_after(editor, at < len ? at : len, len, from);
    if (!found) {
        *wrapped = true;
        found = backward ? find_before(editor, len, from) : find_after(editor, 0, again < len ? again : len, from);
    }
    *to = *from + editor->search.needle_len;
    return found;
}

void editor_set_needle(struct editor *editor, const char *bytes, size_t len, bool is_word)
{
    struct search *search = &editor->search;
    search->needle_len = len < EDITOR_PROMPT ? len : EDITOR_PROMPT;
    memcpy(search->needle, bytes, search->needle_len);
    search->is_word = is_word;
    search->shows = len > 0;
}

bool editor_find_again(struct editor *editor, bool backward)
{
    struct search *search = &editor->search;
    size_t from, to, at = editor->cursor;
    bool wrapped;
    if (!search->needle_len) {
        editor_say(editor, "nothing was searched for yet");
        return false;
    }
    size_t start, end; /* a match that is selected is not found again */
    if (editor_selection(editor, &start, &end) && editor->keys != EDITOR_VI)
        at = start;
    search->shows = true;
    if (!editor_find(editor, backward ? at : editor_char_next(editor, at), backward, &from, &to, &wrapped)) {
        editor_say(editor, "not found: %.*s", (int)search->needle_len, search->needle);
        return false;
    }
    if (wrapped)
        editor_say(editor, backward ? "search went on from the end" : "search went on from the start");
    editor->jump = editor->cursor;
    if (editor->keys == EDITOR_PLAIN) {
        editor->anchor = from;
        editor_move_to(editor, to);
        editor->has_selection = true;
    } else {
        editor_move_to(editor, from);
    }
    return true;
}

void edit_find_next(struct editor *editor)
{
    editor_find_again(editor, false);
}

void edit_find_prev(struct editor *editor)
{
    editor_find_again(editor, true);
}
