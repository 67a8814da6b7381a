/* Finding in an editor's text: bytes as they are, whole words, or (vi) the C library's regular expressions within
 * lines; ASCII letters of either case unless the needle has a capital (as vim's 'smartcase' and emacs' isearch do). The
 * prompts are in editor_prompt.c. UI thread. */
#include "tui/widget/editor_private.h"
#include <regex.h>
#include <stdlib.h>
#include <string.h>

enum { EMPTY_MAX = 10000 }; /* so many empty matches of a pattern are passed over */

static unsigned char lower(unsigned char byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte;
}

static bool has_capital(const struct search *search)
{
    for (size_t i = 0; i < search->needle_len; i++)
        if (search->needle[i] >= 'A' && search->needle[i] <= 'Z')
            return true;
    return false;
}

void search_free(struct search *search)
{
    if (search->regex)
        regfree(search->regex);
    free(search->regex);
    search->regex = NULL;
    search->is_broken = false;
}

bool editor_compile(const char *pattern, bool ignores_case, regex_t *regex, struct err *err)
{
    for (const char *at = strchr(pattern, '\\'); at && at[1]; at = strchr(at + 2, '\\'))
        if (at[1] == '{' || (at[1] >= '1' && at[1] <= '9'))
            return err_set(err, ERR_USAGE, "\"%.80s\": \\%c is not taken here, it can take for ever", pattern, at[1]);
    int code = regcomp(regex, pattern, REG_NEWLINE | (ignores_case ? REG_ICASE : 0));
    char why[128];
    if (code)
        regerror(code, regex, why, sizeof why);
    return !code || err_set(err, ERR_USAGE, "\"%.80s\" is no pattern: %s", pattern, why);
}

/* A pattern without special characters is searched for as it is. */
static void compile(struct search *search)
{
    char pattern[EDITOR_PROMPT + 1];
    memcpy(pattern, search->needle, search->needle_len);
    pattern[search->needle_len] = '\0';
    if (!strpbrk(pattern, "\\.*[^$") || strlen(pattern) != search->needle_len)
        return;
    search->regex = malloc(sizeof *search->regex);
    if (!search->regex)
        abort();
    struct err err = ERR_NONE;
    if (editor_compile(pattern, !has_capital(search), search->regex, &err))
        return;
    free(search->regex);
    search->regex = NULL;
    search->is_broken = true; /* while it is being typed: "\(" is none yet */
}

void editor_set_needle(struct editor *editor, const char *bytes, size_t len, enum needle_kind kind)
{
    struct search *search = &editor->search;
    search_free(search);
    search->needle_len = len < EDITOR_PROMPT ? len : EDITOR_PROMPT;
    memcpy(search->needle, bytes, search->needle_len);
    search->is_word = kind == NEEDLE_WORD;
    search->ignores_case = !has_capital(search);
    search->shows = len > 0;
    if (kind == NEEDLE_PATTERN)
        compile(search);
}

static bool matches_at(const struct search *search, const char *text)
{
    if (!search->ignores_case)
        return !memcmp(text, search->needle, search->needle_len);
    for (size_t i = 0; i < search->needle_len; i++)
        if (lower((unsigned char)text[i]) != (unsigned char)search->needle[i])
            return false;
    return true;
}

/* A piece of the text; what is before and behind it matters for words and line starts. */
struct piece {
    struct editor *editor;
    const char *text;
    size_t start, len;
};

static bool is_word_at(const struct piece *piece, size_t from, size_t to)
{
    const struct editor *editor = piece->editor;
    from += piece->start;
    to += piece->start;
    return (from == 0 || editor_class(editor, from - 1) != CLASS_WORD) && editor_class(editor, to) != CLASS_WORD;
}

static bool find_plain(const struct piece *piece, size_t at, size_t *from, size_t *to)
{
    const struct search *search = &piece->editor->search;
    size_t len = search->needle_len;
    for (; at + len <= piece->len; at++) {
        if (!search->ignores_case) {
            const char *found = memmem(piece->text + at, piece->len - at, search->needle, len);
            if (!found)
                return false;
            at = (size_t)(found - piece->text);
        } else if (lower((unsigned char)piece->text[at]) != (unsigned char)search->needle[0] ||
                   !matches_at(search, piece->text + at)) {
            continue;
        }
        if (!search->is_word || is_word_at(piece, at, at + len)) {
            *from = at;
            *to = at + len;
            return true;
        }
    }
    return false;
}

static bool find_pattern(const struct piece *piece, size_t at, size_t *from, size_t *to)
{
    const struct store *store = &piece->editor->store;
    bool is_line_start = piece->start == 0 || store_byte(store, piece->start - 1) == '\n';
    for (int empty = 0; at <= piece->len && empty < EMPTY_MAX; empty++) {
        regmatch_t match = {.rm_so = (regoff_t)at, .rm_eo = (regoff_t)piece->len};
        if (regexec(piece->editor->search.regex, piece->text, 1, &match,
                    REG_STARTEND | (is_line_start ? 0 : REG_NOTBOL)))
            return false;
        *from = (size_t)match.rm_so;
        *to = (size_t)match.rm_eo;
        if (*to > *from)
            return true;
        at = *to + 1;
    }
    return false;
}

/* The first match in the piece that begins at `at` or behind it. */
static bool find_in_piece(const struct piece *piece, size_t at, size_t *from, size_t *to)
{
    const struct search *search = &piece->editor->search;
    if (!search->needle_len || search->is_broken)
        return false;
    return search->regex ? find_pattern(piece, at, from, to) : find_plain(piece, at, from, to);
}

bool editor_find_between(struct editor *editor, size_t at, size_t limit, size_t *from, size_t *to)
{
    if (at > limit)
        return false;
    const struct piece piece = {
        .editor = editor, .text = store_view(&editor->store, at, limit), .start = at, .len = limit - at};
    bool found = find_in_piece(&piece, 0, from, to);
    *from += found ? at : 0;
    *to += found ? at : 0;
    return found;
}

/* The last match of a line that begins before `at`. */
static bool find_last(struct editor *editor, size_t line, size_t at, size_t *from, size_t *to)
{
    size_t start = store_line_start(&editor->store, line), next = start, begin, end;
    bool found = false;
    while (editor_find_between(editor, next, store_line_end(&editor->store, line), &begin, &end) && begin < at) {
        *from = begin;
        *to = end;
        found = true;
        next = begin + 1;
    }
    return found;
}

static bool find_before(struct editor *editor, size_t at, size_t *from, size_t *to)
{
    size_t line = store_line_of(&editor->store, at);
    do
        if (find_last(editor, line, at, from, to))
            return true;
    while (line-- > 0);
    return false;
}

bool editor_find(struct editor *editor, size_t at, bool backward, size_t *from, size_t *to, bool *wrapped)
{
    size_t len = editor->store.len;
    at = at < len ? at : len;
    *wrapped = false;
    bool found = backward ? find_before(editor, at, from, to) : editor_find_between(editor, at, len, from, to);
    if (found)
        return true;
    *wrapped = true;
    return backward ? find_before(editor, len + 1, from, to) : editor_find_between(editor, 0, len, from, to);
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
