/* The editor's life, its text as others see it, and where keys go. The text itself is editor_store.c, what keys mean is
 * in the styles (editor_plain.c, editor_vi*.c, editor_emacs.c), the picture in editor_draw.c. UI thread. */
#include "tui/widget/editor.h"
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum editor_keys editor_keys_of(const char *keymap_name)
{
    return !strcmp(keymap_name, "vi") ? EDITOR_VI : !strcmp(keymap_name, "emacs") ? EDITOR_EMACS : EDITOR_PLAIN;
}

/* Everything that is remembered about places in the text. */
static void forget_places(struct editor *editor)
{
    editor->cursor_mark.is_known = editor->view_mark.is_known = false;
    editor->bracket.is_current = false;
    editor->error.is_set = false;
    for (int i = 0; i < EDITOR_NAMED; i++)
        editor->marks[i] = SIZE_MAX;
    editor->jump = 0;
    editor->top = 0;
    editor->left = 0;
    color_clear(editor);
}

struct editor *editor_new(const struct editor_options *options)
{
    struct editor *editor = calloc(1, sizeof *editor);
    if (!editor)
        abort();
    size_t max = options->max_bytes && options->max_bytes < EDITOR_BYTES_MAX ? options->max_bytes : EDITOR_BYTES_MAX;
    store_init(&editor->store, max);
    undo_init(&editor->undo, options->undo_bytes > 2 * max ? options->undo_bytes : 2 * max);
    editor->language = options->language;
    editor->context = options->context;
    editor->copied = options->copied;
    editor->is_bound = options->is_bound;
    editor->indent = options->indent > 0 ? options->indent : EDITOR_INDENT;
    editor->has_numbers = !options->no_line_numbers;
    editor->goal = -1;
    editor->keys = options->keys;
    forget_places(editor);
    return editor;
}

void editor_free(struct editor *editor)
{
    if (!editor)
        return;
    store_done(&editor->store);
    undo_done(&editor->undo);
    registers_done(&editor->registers);
    popup_done(&editor->popup);
    search_free(&editor->search);
    vi_free(editor->vi);

    free(editor);
}

static const struct editor_style *const styles[] = {
    [EDITOR_PLAIN] = &editor_plain,
    [EDITOR_VI] = &editor_vi,
    [EDITOR_EMACS] = &editor_emacs,
};

const struct editor_style *editor_style(const struct editor *editor)
{
    return styles[editor->keys];
}

/* What is going on (a prompt, an insertion, a selection) is over. */
static void end_all(struct editor *editor)
{
    prompt_close(editor);
    popup_close(editor);
    if (editor_style(editor)->reset)
        editor_style(editor)->reset(editor);
    editor->has_selection = editor->is_marking = false;
}

void editor_set_keys(struct editor *editor, enum editor_keys keys)
{
    if (keys == editor->keys)
        return;
    end_all(editor);
    editor->keys = keys;
    editor->note[0] = '\0';
}

void editor_say(struct editor *editor, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(editor->note, sizeof editor->note, format, args);
    va_end(args);
}

const char *editor_note(const struct editor *editor)
{
    const struct editor_style *style = editor_style(editor);
    const char *mode = !editor->note[0] && style->note ? style->note(editor) : NULL;
    return mode ? mode : editor->note;
}

/* --- text --- */
bool editor_set_text(struct editor *editor, const char *bytes, size_t len)
{
    if (len > editor->store.max)
        return false;
    end_all(editor);
    if (!store_splice(&editor->store, 0, editor->store.len, bytes, len))
        return false;
    undo_clear(&editor->undo);
    editor->generation++;
    editor->note[0] = '\0';
    forget_places(editor);
    editor_move_to(editor, 0);
    return true;
}

bool editor_replace_text(struct editor *editor, const char *bytes, size_t len)
{
    struct editor_position at = editor_cursor(editor);
    end_all(editor);
    editor_begin(editor);
    bool ok = editor_change(editor, 0, editor->store.len, bytes, len);
    editor_end(editor);
    if (ok)
        editor_set_cursor(editor, at.line, at.column);
    return ok;
}

bool editor_text(const struct editor *editor, struct buf *out)
{
    char *room = buf_reserve(out, editor->store.len);
    if (!room)
        return false;
    store_copy(&editor->store, 0, editor->store.len, room);
    out->len += editor->store.len;
    room[editor->store.len] = '\0';
    return true;
}

size_t editor_len(const struct editor *editor)
{
    return editor->store.len;
}

size_t editor_lines(const struct editor *editor)
{
    return editor->store.line_count;
}

uint64_t editor_generation(const struct editor *editor)
{
    return editor->generation;
}

bool editor_insert(struct editor *editor, const char *bytes, size_t len)
{
    size_t start = editor->cursor, end = start;
    editor_selection(editor, &start, &end);
    editor_begin(editor);
    bool ok = editor_change(editor, start, end - start, bytes, len);
    editor_end(editor);
    return ok;
}

/* --- where --- */
struct editor_position editor_cursor(const struct editor *editor)
{
    const struct store *store = &editor->store;
    size_t line = store_line_of(store, editor->cursor), column = 1;
    for (size_t at = store_line_start(store, line); at < editor->cursor; column++)
        at += editor_code_len(editor, at);
    return (struct editor_position){.byte = editor->cursor, .line = line + 1, .column = column};
}

void editor_set_cursor(struct editor *editor, size_t line, size_t column)
{
    const struct store *store = &editor->store;
    line = line < 1 ? 1 : line > store->line_count ? store->line_count : line;
    size_t at = store_line_start(store, line - 1), end = store_line_end(store, line - 1);
    while (column-- > 1 && at < end)
        at += editor_code_len(editor, at);
    editor_set_cursor_byte(editor, at);
}

void editor_set_cursor_byte(struct editor *editor, size_t byte)
{
    editor->has_selection = editor->is_marking = false;
    editor->jump = editor->cursor;
    popup_close(editor);
    editor_move_to(editor, editor_char_start(editor, byte));
    undo_close(&editor->undo);
}

bool editor_selection(const struct editor *editor, size_t *start, size_t *end)
{
    const struct editor_style *style = editor_style(editor);
    if (style->selection && style->selection(editor, start, end))
        return true;
    if (!editor->has_selection || editor->anchor == editor->cursor || editor->anchor > editor->store.len)
        return false;
    *start = editor->anchor < editor->cursor ? editor->anchor : editor->cursor;
    *end = editor->anchor < editor->cursor ? editor->cursor : editor->anchor;
    return true;
}

void editor_select(struct editor *editor, size_t start, size_t end)
{
    editor->anchor = editor_char_start(editor, start);
    editor_move_to(editor, editor_char_start(editor, end));
    editor->has_selection = true;
}

void editor_mark_error(struct editor *editor, size_t line, size_t column, const char *text)
{
    struct error_mark *error = &editor->error;
    error->is_set = text != NULL;
    if (!text)
        return;
    size_t last = editor->store.line_count;
    error->line = (line < 1 ? 1 : line > last ? last : line) - 1;
    error->column = column < 1 ? 1 : column;
    snprintf(error->text, sizeof error->text, "%s", text);
}

/* --- keys --- */
static const struct editor_binding *find_binding(const struct editor_binding *table, size_t n, struct key key)
{
    for (size_t i = 0; i < n; i++)
        if (key_equal(table[i].key, key))
            return &table[i];
    return NULL;
}

/* Left and right with a selection go to its ends. */
static bool leave_selection(struct editor *editor, void (*run)(struct editor *))
{
    size_t from, to;
    if ((run != move_left && run != move_right) || !editor_selection(editor, &from, &to))
        return false;
    editor_move_to(editor, run == move_left ? from : to);
    editor->has_selection = false;
    return true;
}

bool editor_run(struct editor *editor, const struct editor_binding *table, size_t n, struct key key)
{
    const struct editor_binding *row = find_binding(table, n, key);
    bool selects = !row && key.mods & MOD_SHIFT;
    if (selects) {
        key.mods &= ~(unsigned)MOD_SHIFT;
        row = find_binding(table, n, key);
    }
    if (!row || (selects && !row->moves))
        return false;
    if (row->moves)
        undo_close(&editor->undo);
    if (selects && !editor->has_selection)
        editor->anchor = editor->cursor;
    if (row->moves && !selects && !editor->is_marking) {
        if (leave_selection(editor, row->run))
            return true;
        editor->has_selection = false;
    }
    row->run(editor);
    editor->has_selection = editor->has_selection || selects;
    return true;
}

/* Terminals send CR for the newlines of a paste; CRLF is one. */
static void paste(struct editor *editor, const struct event *event)
{
    const struct editor_style *style = editor_style(editor);
    struct buf text = BUF_INIT(event->paste_len + 1);
    for (size_t i = 0; i < event->paste_len; i++) {
        char byte = event->paste[i];
        if (byte == '\r' && i + 1 < event->paste_len && event->paste[i + 1] == '\n')
            continue;
        buf_putc(&text, byte == '\r' ? '\n' : byte);
    }
    popup_close(editor);
    editor->note[0] = '\0';
    if (editor->search.prompt)
        prompt_paste(editor, buf_text(&text), text.len);
    else if (style->paste)
        style->paste(editor, buf_text(&text), text.len);
    else
        editor_insert(editor, buf_text(&text), text.len);
    buf_done(&text);
    if (event->paste_cut)
        editor_say(editor, "the paste was longer than is taken at once: its end is missing");
}

static bool takes_text(const struct editor *editor)
{
    const struct editor_style *style = editor_style(editor);
    return !style->takes_text || style->takes_text(editor);
}

void editor_end_selection(struct editor *editor)
{
    if (editor_style(editor)->leave_selection)
        editor_style(editor)->leave_selection(editor);
    editor->has_selection = editor->is_marking = false;
}

void editor_settle(struct editor *editor)
{
    if (editor_style(editor)->settle && !editor->search.prompt)
        editor_style(editor)->settle(editor);
}

static bool style_key(struct editor *editor, struct key key)
{
    char text[4];
    uint64_t generation = editor->generation;
    bool may_type = key_text(key, text) && takes_text(editor), was_open = editor->popup.is_open;
    if (!editor_style(editor)->key(editor, key))
        return false;
    bool changed = generation != editor->generation, typed = may_type && changed && takes_text(editor);
    bool is_new = editor->popup.is_open && editor->popup.sequence == editor->sequence;
    if (typed || (changed && was_open && !is_new))
        popup_after(editor, typed);
    else if (was_open && !is_new)
        popup_close(editor);
    return true;
}

bool editor_key(struct editor *editor, const struct event *event)
{
    if (event->kind == EVENT_PASTE) {
        editor->sequence++;
        paste(editor, event);
        return true;
    }
    if (event->kind != EVENT_KEY)
        return false;
    char text[4];
    if (!key_text(event->key, text) && editor->is_bound && editor->is_bound(editor->context, event->key))
        return false;
    editor->sequence++;
    editor->note[0] = '\0';
    bool taken = (editor->search.prompt && prompt_key(editor, event->key)) || popup_key(editor, event->key) ||
                 style_key(editor, event->key);
    editor_settle(editor);
    return taken;
}

static const struct {
    enum action action;
    void (*run)(struct editor *editor);
} actions[] = {
    {.action = ACTION_up, .run = move_up},
    {.action = ACTION_down, .run = move_down},
    {.action = ACTION_left, .run = move_left},
    {.action = ACTION_right, .run = move_right},
    {.action = ACTION_page_up, .run = move_page_up},
    {.action = ACTION_page_down, .run = move_page_down},
    {.action = ACTION_half_up, .run = move_half_up},
    {.action = ACTION_half_down, .run = move_half_down},
    {.action = ACTION_first, .run = move_first},
    {.action = ACTION_last, .run = move_last},
    {.action = ACTION_line_start, .run = move_line_start},
    {.action = ACTION_line_end, .run = move_line_end},
    {.action = ACTION_filter, .run = edit_find},
    {.action = ACTION_find_next, .run = edit_find_next},
    {.action = ACTION_find_prev, .run = edit_find_prev},
    {.action = ACTION_complete, .run = edit_complete},
    {.action = ACTION_undo, .run = edit_undo},
    {.action = ACTION_redo, .run = edit_redo},
    {.action = ACTION_cut, .run = edit_cut},
    {.action = ACTION_clip, .run = edit_copy},
    {.action = ACTION_paste, .run = edit_paste},
    {.action = ACTION_select_all, .run = edit_select_all},
    {.action = ACTION_replace, .run = edit_replace},
    {.action = ACTION_goto_line, .run = edit_goto_line},
    {.action = ACTION_comment, .run = edit_comment},
};

bool editor_act(struct editor *editor, enum action action)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (actions[i].action != action)
            continue;
        editor->sequence++;
        editor->note[0] = '\0';
        if (action != ACTION_complete)
            popup_close(editor);
        actions[i].run(editor);
        editor_settle(editor);
        return true;
    }
    return false;
}

static void click(struct editor *editor, const struct event *event)
{
    size_t last = editor->store.line_count - 1, line = editor->top + (size_t)(event->row - editor->area.row);
    int column = event->col - editor->area.col + editor->left;
    prompt_close(editor);
    size_t at = editor_at_column(editor, &editor->view_mark, line < last ? line : last, column > 0 ? column : 0, NULL);
    editor_set_cursor_byte(editor, at);
    if (event->mouse == MOUSE_DOUBLE && editor_class(editor, at) == CLASS_WORD) {
        size_t end = editor_word_right(editor, at);
        editor_select(editor, editor_word_left(editor, end), end);
    }
}

bool editor_mouse(struct editor *editor, const struct event *event)
{
    enum { WHEEL_LINES = 3 };
    if (event->kind != EVENT_MOUSE || event->mouse == MOUSE_RELEASE)
        return false;
    if (event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN)
        editor_scroll(editor, event->mouse == MOUSE_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES);
    else if (event->row < editor->area.row || event->row >= editor->area.row + editor->area.rows)
        return false;
    else if (!popup_click(editor, event->row, event->col))
        click(editor, event);
    editor_settle(editor);
    return true;
}
