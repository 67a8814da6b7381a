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
    editor->page = 1;
    editor_set_keys(editor, options->keys);
    return editor;
}

void editor_free(struct editor *editor)
{
    if (!editor)
        return;
    store_done(&editor->store);
    undo_done(&editor->undo);
    free(editor);
}

static const struct editor_style *const styles[] = {
    [EDITOR_PLAIN] = &editor_plain,
    [EDITOR_VI] = &editor_plain,
    [EDITOR_EMACS] = &editor_plain,
};

void editor_set_keys(struct editor *editor, enum editor_keys keys)
{
    editor->keys = keys;
    if (styles[keys]->enter)
        styles[keys]->enter(editor);
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
    return editor->note;
}

/* --- text --- */
bool editor_set_text(struct editor *editor, const char *bytes, size_t len)
{
    if (!store_splice(&editor->store, 0, editor->store.len, bytes, len))
        return false;
    undo_clear(&editor->undo);
    editor->generation++;
    editor->cursor_mark.is_known = editor->view_mark.is_known = false;
    editor->top = 0;
    editor->left = 0;
    editor_move_to(editor, 0);
    return true;
}

bool editor_replace_text(struct editor *editor, const char *bytes, size_t len)
{
    struct editor_position at = editor_cursor(editor);
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
    editor->has_selection = false;
    editor_move_to(editor, editor_char_start(editor, byte));
}

bool editor_selection(const struct editor *editor, size_t *start, size_t *end)
{
    if (!editor->has_selection || editor->anchor == editor->cursor)
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

void editor_move_to(struct editor *editor, size_t at)
{
    editor->cursor = at < editor->store.len ? at : editor->store.len;
    editor->goal = -1;
}

void editor_move_lines(struct editor *editor, long lines)
{
    int goal = editor->goal >= 0 ? editor->goal : editor_column_of(editor, &editor->cursor_mark, editor->cursor);
    long line = (long)store_line_of(&editor->store, editor->cursor) + lines;
    long last = (long)editor->store.line_count - 1;
    line = line < 0 ? 0 : line > last ? last : line;
    editor_move_to(editor, editor_at_column(editor, &editor->cursor_mark, (size_t)line, goal, NULL));
    editor->goal = goal;
}

/* --- keys --- */
/* Terminals send CR for the newlines of a paste; CRLF is one. */
static void paste(struct editor *editor, const struct event *event)
{
    struct buf text = BUF_INIT(event->paste_len + 1);
    for (size_t i = 0; i < event->paste_len; i++) {
        char byte = event->paste[i];
        if (byte == '\r' && i + 1 < event->paste_len && event->paste[i + 1] == '\n')
            continue;
        buf_putc(&text, byte == '\r' ? '\n' : byte);
    }
    if (editor_insert(editor, buf_text(&text), text.len) && event->paste_cut)
        editor_say(editor, "the paste was longer than the terminal may send at once: its end is missing");
    buf_done(&text);
}

bool editor_key(struct editor *editor, const struct event *event)
{
    if (event->kind == EVENT_PASTE) {
        paste(editor, event);
        return true;
    }
    if (event->kind != EVENT_KEY)
        return false;
    char typed[4];
    if (!key_text(event->key, typed) && editor->is_bound && editor->is_bound(editor->context, event->key))
        return false;
    editor->note[0] = '\0';
    return styles[editor->keys]->key(editor, event->key);
}

bool editor_act(struct editor *editor, enum action action)
{
    (void)editor;
    (void)action;
    return false;
}

bool editor_mouse(struct editor *editor, const struct event *event)
{
    (void)editor;
    (void)event;
    return false;
}

bool editor_is_idle(const struct editor *editor)
{
    (void)editor;
    return false;
}

void editor_mark_error(struct editor *editor, size_t line, size_t column, const char *text)
{
    (void)line;
    (void)column;
    editor_say(editor, "%s", text ? text : "");
}

bool editor_candidates_add(struct editor_candidates *candidates, const char *label, const char *insertion,
                           const char *kind, const char *detail)
{
    if (candidates->count == EDITOR_CANDIDATES_MAX)
        return false;
    struct editor_candidate *item = &candidates->item[candidates->count++];
    *item = (struct editor_candidate){.label = strdup(label),
                                      .insertion = strdup(insertion ? insertion : label),
                                      .kind = strdup(kind ? kind : ""),
                                      .detail = strdup(detail ? detail : "")};
    if (!item->label || !item->insertion || !item->kind || !item->detail)
        abort();
    return true;
}
