/* The editor's own prompts, in its last row: incremental search and the number of a line; those of replacing are asked
 * here and answered in editor_replace.c. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"
#include <stdlib.h>
#include <string.h>

void prompt_open(struct editor *editor, enum prompt_kind kind)
{
    struct search *search = &editor->search;
    popup_close(editor);
    if (search->prompt == PROMPT_NONE) {
        search->origin = editor->cursor;
        search->origin_top = editor->top;
    }
    search->prompt = kind;
    search->text_len = 0;
    search->has_match = search->is_failing = search->did_wrap = false;
}

void prompt_close(struct editor *editor)
{
    struct search *search = &editor->search;
    if (search->prompt == PROMPT_ASK)
        editor_end(editor);
    search->prompt = PROMPT_NONE;
    search->has_match = false;
    search->done = NULL;
}

void search_open(struct editor *editor, bool backward)
{
    prompt_open(editor, PROMPT_SEARCH);
    editor->search.is_backward = backward;
}

void edit_find(struct editor *editor)
{
    search_open(editor, false);
}

void edit_find_backward(struct editor *editor)
{
    search_open(editor, true);
}

void edit_goto_line(struct editor *editor)
{
    prompt_open(editor, PROMPT_LINE);
}

/* --- searching as it is typed --- */
static void show_match(struct editor *editor)
{
    const struct search *search = &editor->search;
    bool at_end = editor->keys == EDITOR_EMACS && !search->is_backward;
    bool was_selecting = editor->has_selection && editor->keys != EDITOR_PLAIN;
    editor_move_to(editor, at_end ? search->to : search->from);
    editor->has_selection = was_selecting;
}

static void look_from(struct editor *editor, size_t at)
{
    struct search *search = &editor->search;
    bool wrapped;
    if (!search->needle_len) {
        search->has_match = search->is_failing = false;
        return;
    }
    search->is_failing = !editor_find(editor, at, search->is_backward, &search->from, &search->to, &wrapped);
    search->did_wrap = wrapped && !search->is_failing;
    search->has_match = !search->is_failing;
    if (search->has_match)
        show_match(editor);
}

static void search_typed(struct editor *editor)
{
    struct search *search = &editor->search;
    enum needle_kind kind = editor->keys == EDITOR_VI ? NEEDLE_PATTERN : NEEDLE_PLAIN;
    editor_set_needle(editor, search->text, search->text_len, kind);
    look_from(editor, search->is_backward || editor->keys != EDITOR_VI ? search->origin
                                                                       : editor_char_next(editor, search->origin));
    if (!search->has_match)
        editor_move_to(editor, search->origin);
}

/* The next match in this direction; an empty prompt takes what was searched for last. */
static void search_further(struct editor *editor, bool backward)
{
    struct search *search = &editor->search;
    search->is_backward = backward;
    if (!search->text_len && search->needle_len) {
        memcpy(search->text, search->needle, search->needle_len);
        search->text_len = search->needle_len;
        search->shows = true;
    }
    size_t at = editor->keys == EDITOR_VI && !backward ? editor_char_next(editor, editor->cursor) : editor->cursor;
    if (search->has_match)
        at = backward ? search->from : search->from + 1;
    look_from(editor, at);
}

static void accept_search(struct editor *editor)
{
    struct search *search = &editor->search;
    void (*done)(struct editor *, bool) = search->done;
    if (!search->text_len && search->needle_len)
        search_further(editor, search->is_backward);
    bool found = search->has_match;
    if (!found && search->needle_len)
        editor_say(editor, "not found: %.*s", (int)search->needle_len, search->needle);
    if (found && search->did_wrap)
        editor_say(editor, search->is_backward ? "search went on from the end" : "search went on from the start");
    if (found && editor->keys == EDITOR_PLAIN) {
        editor->anchor = search->from;
        editor_move_to(editor, search->to);
        editor->has_selection = true;
    }
    editor->jump = search->origin;
    prompt_close(editor);
    if (done)
        done(editor, found);
}

static void cancel(struct editor *editor, bool goes_back)
{
    struct search *search = &editor->search;
    void (*done)(struct editor *, bool) = search->done;
    if (search->prompt == PROMPT_SEARCH && goes_back) {
        editor_move_to(editor, search->origin);
        editor->top = search->origin_top;
    }
    if (search->prompt == PROMPT_SEARCH)
        search->shows = false;
    prompt_close(editor);
    if (done)
        done(editor, false);
}

/* --- the number of a line --- */
static void goto_typed(struct editor *editor)
{
    struct search *search = &editor->search;
    char number[EDITOR_PROMPT + 1];
    memcpy(number, search->text, search->text_len);
    number[search->text_len] = '\0';
    prompt_close(editor);
    char *end;
    unsigned long line = strtoul(number, &end, 10),
                  column = *end == ':' || *end == ',' ? strtoul(end + 1, NULL, 10) : 1;
    if (!line) {
        editor_say(editor, "\"%s\" is no line number", number);
        return;
    }
    editor->jump = editor->cursor;
    editor_set_cursor(editor, line, column);
}

/* --- typing at a prompt --- */
static const char *search_label(const struct editor *editor, struct buf *out)
{
    (void)out;
    const struct search *search = &editor->search;
    if (editor->keys == EDITOR_VI)
        return search->is_backward ? "?" : "/";
    if (search->is_failing)
        return search->is_backward ? "not found backward: " : "not found: ";
    return search->is_backward ? "search backward: " : "search: ";
}

static const char *replace_label(const struct editor *editor, struct buf *out)
{
    (void)editor, (void)out;
    return "replace: ";
}

static const char *with_label(const struct editor *editor, struct buf *out)
{
    buf_puts(out, "replace ");
    text_clean(editor->search.needle, editor->search.needle_len, out);
    return " with: ";
}

static const char *ask_label(const struct editor *editor, struct buf *out)
{
    (void)editor, (void)out;
    return "replace this one? y yes  n no  a all that follow  . only this  q end";
}

static const char *line_label(const struct editor *editor, struct buf *out)
{
    (void)editor, (void)out;
    return "line: ";
}

static const struct prompt {
    const char *(*label)(const struct editor *editor, struct buf *out); /* appends, and returns the last part */
    void (*accept)(struct editor *editor);
    void (*changed)(struct editor *editor);             /* the text typed is another; NULL: waits for Enter */
    void (*key)(struct editor *editor, struct key key); /* takes all keys itself; NULL: text is typed */
} prompts[] = {
    [PROMPT_NONE] = {.label = NULL},
    [PROMPT_SEARCH] = {.label = search_label, .accept = accept_search, .changed = search_typed},
    [PROMPT_REPLACE] = {.label = replace_label, .accept = replace_what},
    [PROMPT_REPLACE_WITH] = {.label = with_label, .accept = replace_with},
    [PROMPT_ASK] = {.label = ask_label, .key = replace_key},
    [PROMPT_LINE] = {.label = line_label, .accept = goto_typed},
};

static void text_changed(struct editor *editor)
{
    if (prompts[editor->search.prompt].changed)
        prompts[editor->search.prompt].changed(editor);
}

void prompt_paste(struct editor *editor, const char *bytes, size_t len)
{
    struct search *search = &editor->search;
    const char *newline = memchr(bytes, '\n', len);
    len = newline ? (size_t)(newline - bytes) : len;
    size_t room = EDITOR_PROMPT - search->text_len;
    if (len > room || prompts[search->prompt].key)
        return;
    memcpy(search->text + search->text_len, bytes, len);
    search->text_len += len;
    text_changed(editor);
}

static void rub_out(struct editor *editor, bool word)
{
    struct search *search = &editor->search;
    size_t len = search->text_len;
    do {
        do
            len -= len > 0;
        while (len > 0 && ((unsigned char)search->text[len] & 0xc0) == 0x80);
    } while (word && len > 0 && search->text[len - 1] != ' ');
    search->text_len = len;
    text_changed(editor);
}

/* Emacs: the word behind the match joins what is searched for. */
static void take_word(struct editor *editor)
{
    struct search *search = &editor->search;
    size_t at = search->has_match ? search->to : editor->cursor, end = editor_word_right(editor, at);
    char word[EDITOR_PROMPT];
    if (end - at > sizeof word)
        return;
    store_copy(&editor->store, at, end, word);
    prompt_paste(editor, word, end - at);
}

struct prompt_row {
    struct key key;
    void (*run)(struct editor *editor);
};

static void run_accept(struct editor *editor)
{
    prompts[editor->search.prompt].accept(editor);
}
static void run_escape(struct editor *editor)
{
    cancel(editor, editor->keys != EDITOR_PLAIN);
}
static void run_cancel(struct editor *editor)
{
    cancel(editor, true);
}
static void run_backspace(struct editor *editor)
{
    if (editor->search.text_len)
        rub_out(editor, false);
    else
        cancel(editor, true);
}
static void run_clear(struct editor *editor)
{
    editor->search.text_len = 0;
    text_changed(editor);
}
static void run_word(struct editor *editor)
{
    if (editor->keys == EDITOR_EMACS && editor->search.prompt == PROMPT_SEARCH)
        take_word(editor);
    else
        rub_out(editor, true);
}
static void run_next(struct editor *editor)
{
    if (editor->search.prompt == PROMPT_SEARCH)
        search_further(editor, false);
}
static void run_prev(struct editor *editor)
{
    if (editor->search.prompt == PROMPT_SEARCH)
        search_further(editor, true);
}

static const struct prompt_row prompt_rows[] = {
    {.key = {.code = NAMED_ENTER}, .run = run_accept},
    {.key = {.code = NAMED_ESC}, .run = run_escape},
    {.key = {.code = 'g', .mods = MOD_CTRL}, .run = run_cancel},
    {.key = {.code = 'c', .mods = MOD_CTRL}, .run = run_cancel},
    {.key = {.code = NAMED_BACKSPACE}, .run = run_backspace},
    {.key = {.code = 'h', .mods = MOD_CTRL}, .run = run_backspace},
    {.key = {.code = 'u', .mods = MOD_CTRL}, .run = run_clear},
    {.key = {.code = 'w', .mods = MOD_CTRL}, .run = run_word},
    {.key = {.code = 's', .mods = MOD_CTRL}, .run = run_next},
    {.key = {.code = 'f', .mods = MOD_CTRL}, .run = run_next},
    {.key = {.code = NAMED_DOWN}, .run = run_next},
    {.key = {.code = NAMED_F3}, .run = run_next},
    {.key = {.code = 'r', .mods = MOD_CTRL}, .run = run_prev},
    {.key = {.code = NAMED_UP}, .run = run_prev},
    {.key = {.code = NAMED_F3, .mods = MOD_SHIFT}, .run = run_prev},
};

bool prompt_key(struct editor *editor, struct key key)
{
    if (prompts[editor->search.prompt].key) {
        prompts[editor->search.prompt].key(editor, key);
        return true;
    }
    for (size_t i = 0; i < sizeof prompt_rows / sizeof *prompt_rows; i++) {
        if (key_equal(prompt_rows[i].key, key)) {
            prompt_rows[i].run(editor);
            return true;
        }
    }
    char typed[4];
    size_t len = key_text(key, typed);
    if (len) {
        prompt_paste(editor, typed, len);
        return true;
    }
    if (editor->search.prompt == PROMPT_SEARCH && editor->keys != EDITOR_VI) { /* any other key ends the search */
        accept_search(editor);
        return false;
    }
    return true;
}

bool prompt_label(const struct editor *editor, struct buf *out)
{
    const struct search *search = &editor->search;
    const struct prompt *prompt = &prompts[search->prompt];
    if (!prompt->label)
        return false;
    buf_puts(out, prompt->label(editor, out));
    text_clean(search->text, search->text_len, out);
    return true;
}
