/* The editor's own prompts, in its last row: incremental search, replacing (what, with what, then match by match) and
 * the number of a line. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"
#include <stdlib.h>
#include <string.h>

static void open_prompt(struct editor *editor, enum prompt_kind kind)
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
    open_prompt(editor, PROMPT_SEARCH);
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

void edit_replace(struct editor *editor)
{
    size_t from = editor->keys == EDITOR_EMACS ? editor->cursor : 0, to = editor->store.len;
    editor_selection(editor, &from, &to);
    open_prompt(editor, PROMPT_REPLACE);
    editor->search.origin = from;
    editor->search.ask_behind = editor->store.len - to;
}

void edit_goto_line(struct editor *editor)
{
    open_prompt(editor, PROMPT_LINE);
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
    editor_set_needle(editor, search->text, search->text_len, false);
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

/* --- replacing --- */
static void finish_replace(struct editor *editor)
{
    size_t count = editor->search.replaced;
    prompt_close(editor);
    editor_say(editor, "%zu replaced", count);
}

/* Shows the next match from `at` on, or ends. */
static void ask_next(struct editor *editor, size_t at)
{
    struct search *search = &editor->search;
    bool wrapped, found = editor_find(editor, at, false, &search->from, &search->to, &wrapped) && !wrapped;
    search->has_match = found && search->to + search->ask_behind <= editor->store.len;
    if (!search->has_match) {
        finish_replace(editor);
        return;
    }
    editor_move_to(editor, search->from);
}

static bool replace_one(struct editor *editor)
{
    struct search *search = &editor->search;
    if (!editor_change(editor, search->from, search->to - search->from, search->with, search->with_len)) {
        prompt_close(editor); /* too long: the note says so */
        return false;
    }
    search->replaced++;
    return true;
}

/* All that are left as one change of the text between the first and the last. */
static void replace_rest(struct editor *editor)
{
    struct search *search = &editor->search;
    size_t limit = editor->store.len - search->ask_behind, start = search->from, at = start, len = limit - start;
    struct buf text = BUF_INIT(editor->store.max + search->ask_behind + 1);
    const char *bytes = store_view(&editor->store, start, limit);
    size_t from, to, done = 0, count = 0;
    while (editor_find_in(editor, bytes, len, done, &from, &to)) {
        buf_append(&text, bytes + done, from - done);
        buf_append(&text, search->with, search->with_len);
        done = to;
        at = start + to;
        count++;
    }
    if (text.failed)
        editor_say(editor, "the text would be too long: nothing more was replaced");
    else if (editor_change(editor, start, at - start, buf_text(&text), text.len))
        search->replaced += count;
    bool ok = !text.failed;
    buf_done(&text);
    if (ok)
        finish_replace(editor);
    else
        prompt_close(editor);
}

static void ask_key(struct editor *editor, struct key key)
{
    struct search *search = &editor->search;
    if (key.mods & (MOD_CTRL | MOD_ALT) && key.code != 'g')
        return;
    switch (key.code) {
    case 'y':
    case NAMED_SPACE:
        if (replace_one(editor))
            ask_next(editor, search->from + search->with_len);
        break;
    case 'n':
    case NAMED_DELETE:
        ask_next(editor, search->to);
        break;
    case 'a':
    case '!':
        replace_rest(editor);
        break;
    case '.':
        if (replace_one(editor))
            finish_replace(editor);
        break;
    case 'q':
    case 'g':
    case NAMED_ESC:
    case NAMED_ENTER:
        finish_replace(editor);
        break;
    default:
        break;
    }
}

static void start_asking(struct editor *editor)
{
    struct search *search = &editor->search;
    memcpy(search->with, search->text, search->text_len);
    search->with_len = search->text_len;
    search->prompt = PROMPT_ASK;
    search->replaced = 0;
    search->shows = true;
    editor->has_selection = false;
    editor_begin(editor);
    ask_next(editor, search->origin);
}

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

static void accept(struct editor *editor)
{
    struct search *search = &editor->search;
    switch (search->prompt) {
    case PROMPT_SEARCH:
        accept_search(editor);
        break;
    case PROMPT_REPLACE:
        if (!search->text_len) {
            prompt_close(editor);
            break;
        }
        editor_set_needle(editor, search->text, search->text_len, false);
        search->prompt = PROMPT_REPLACE_WITH;
        search->text_len = 0;
        break;
    case PROMPT_REPLACE_WITH:
        start_asking(editor);
        break;
    case PROMPT_LINE:
        goto_typed(editor);
        break;
    default:
        break;
    }
}

/* --- typing at a prompt --- */
static void text_changed(struct editor *editor)
{
    if (editor->search.prompt == PROMPT_SEARCH)
        search_typed(editor);
}

void prompt_paste(struct editor *editor, const char *bytes, size_t len)
{
    struct search *search = &editor->search;
    const char *newline = memchr(bytes, '\n', len);
    len = newline ? (size_t)(newline - bytes) : len;
    size_t room = EDITOR_PROMPT - search->text_len;
    if (len > room || search->prompt == PROMPT_ASK)
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
    accept(editor);
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
    if (editor->search.prompt == PROMPT_ASK) {
        ask_key(editor, key);
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

static const char *search_label(const struct editor *editor)
{
    const struct search *search = &editor->search;
    if (editor->keys == EDITOR_VI)
        return search->is_backward ? "?" : "/";
    if (search->is_failing)
        return search->is_backward ? "not found backward: " : "not found: ";
    return search->is_backward ? "search backward: " : "search: ";
}

bool prompt_label(const struct editor *editor, struct buf *out)
{
    const struct search *search = &editor->search;
    switch (search->prompt) {
    case PROMPT_NONE:
        return false;
    case PROMPT_SEARCH:
        buf_puts(out, search_label(editor));
        break;
    case PROMPT_REPLACE:
        buf_puts(out, "replace: ");
        break;
    case PROMPT_REPLACE_WITH:
        buf_puts(out, "replace ");
        text_clean(search->needle, search->needle_len, out);
        buf_puts(out, " with: ");
        break;
    case PROMPT_ASK:
        return buf_puts(out, "replace this one? y yes  n no  a all that follow  . only this  q end");
    case PROMPT_LINE:
        buf_puts(out, "line: ");
        break;
    }
    text_clean(search->text, search->text_len, out);
    return true;
}
