/* Search and replace: what, with what, then match by match or all that follow, as one step of undo. The prompts are
 * drawn and typed at in editor_prompt.c. UI thread. */
#include "tui/widget/editor_private.h"
#include <string.h>

void edit_replace(struct editor *editor)
{
    size_t from = editor->keys == EDITOR_EMACS ? editor->cursor : 0, to = editor->store.len;
    editor_selection(editor, &from, &to);
    prompt_open(editor, PROMPT_REPLACE);
    editor->search.origin = from;
    editor->search.ask_behind = editor->store.len - to;
}

static void finish(struct editor *editor)
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
        finish(editor);
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
    size_t limit = editor->store.len - search->ask_behind, start = search->from, at = start;
    struct buf text = BUF_INIT(editor->store.max + search->ask_behind + 1);
    size_t from, to, count = 0;
    while (editor_find_between(editor, at, limit, &from, &to)) {
        buf_append(&text, store_view(&editor->store, at, from), from - at);
        buf_append(&text, search->with, search->with_len);
        at = to;
        count++;
    }
    if (text.failed)
        editor_say(editor, "the text would be too long: nothing more was replaced");
    else if (editor_change(editor, start, at - start, buf_text(&text), text.len))
        search->replaced += count;
    bool ok = !text.failed;
    buf_done(&text);
    if (ok)
        finish(editor);
    else
        prompt_close(editor);
}

static void answer_yes(struct editor *editor)
{
    if (replace_one(editor))
        ask_next(editor, editor->search.from + editor->search.with_len);
}
static void answer_no(struct editor *editor)
{
    ask_next(editor, editor->search.to);
}
static void answer_last(struct editor *editor)
{
    if (replace_one(editor))
        finish(editor);
}

static const struct {
    struct key key;
    void (*run)(struct editor *editor);
} answers[] = {
    {.key = {.code = 'y'}, .run = answer_yes},
    {.key = {.code = NAMED_SPACE}, .run = answer_yes},
    {.key = {.code = 'n'}, .run = answer_no},
    {.key = {.code = NAMED_DELETE}, .run = answer_no},
    {.key = {.code = NAMED_BACKSPACE}, .run = answer_no},
    {.key = {.code = 'a'}, .run = replace_rest},
    {.key = {.code = '!'}, .run = replace_rest},
    {.key = {.code = '.'}, .run = answer_last},
    {.key = {.code = 'q'}, .run = finish},
    {.key = {.code = NAMED_ENTER}, .run = finish},
    {.key = {.code = NAMED_ESC}, .run = finish},
    {.key = {.code = 'g', .mods = MOD_CTRL}, .run = finish},
    {.key = {.code = 'c', .mods = MOD_CTRL}, .run = finish},
};

void replace_key(struct editor *editor, struct key key)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        if (key_equal(answers[i].key, key)) {
            answers[i].run(editor);
            return;
        }
    }
}

void replace_what(struct editor *editor)
{
    struct search *search = &editor->search;
    if (!search->text_len) {
        prompt_close(editor);
        return;
    }
    editor_set_needle(editor, search->text, search->text_len, NEEDLE_PLAIN);
    search->prompt = PROMPT_REPLACE_WITH;
    search->text_len = 0;
}

void replace_with(struct editor *editor)
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
