/* The one way in which an editor's text changes: the store, the undo log, and all that depends on what changed. UI
 * thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"

/* Columns up to the change are still known. */
static void forget_column(struct column_mark *mark, size_t at)
{
    if (mark->at <= at && mark->line_start <= at)
        return;
    mark->is_known = mark->is_known && mark->back_at <= at && mark->line_start <= at;
    mark->at = mark->back_at;
    mark->column = mark->back_column;
}

/* A place in the text after the change: what was removed collapses to its start. */
static size_t moved(size_t place, size_t at, size_t removed, size_t len)
{
    if (place <= at)
        return place;
    return place < at + removed ? at : place - removed + len;
}

static void move_marks(struct editor *editor, size_t at, size_t removed, size_t len)
{
    for (int i = 0; i < EDITOR_NAMED; i++)
        if (editor->marks[i] != SIZE_MAX)
            editor->marks[i] = moved(editor->marks[i], at, removed, len);
    editor->jump = moved(editor->jump, at, removed, len);
}

/* An error stays with its line until that changes. */
static void move_error(struct editor *editor, size_t line, size_t removed, size_t inserted)
{
    struct error_mark *error = &editor->error;
    if (error->line >= line && error->line <= line + removed)
        error->is_set = false;
    else if (error->line > line)
        error->line += inserted - removed;
}

bool editor_apply(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len)
{
    struct store *store = &editor->store;
    size_t line = store_line_of(store, at), count = store->line_count;
    size_t removed_lines = store_line_of(store, at + removed) - line;
    if (!store_splice(store, at, removed, bytes, len))
        return false;
    size_t inserted_lines = store->line_count + removed_lines - count;
    editor->generation++;
    editor->has_selection = editor->is_marking = false;
    color_changed(editor, line, removed_lines, inserted_lines);
    move_marks(editor, at, removed, len);
    move_error(editor, line, removed_lines, inserted_lines);
    bool may_join = at < store->len && store_byte(store, at) >= 0x80; /* a combining mark, to what is before it */
    size_t from = may_join ? editor_char_prev(editor, at) : at;
    forget_column(&editor->cursor_mark, from);
    forget_column(&editor->view_mark, from);
    editor_move_to(editor, at + len);
    return true;
}

static bool change(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len, bool is_typed)
{
    if (!removed && !len)
        return true;
    if (editor->store.len - removed + len > editor->store.max) {
        char limit[TEXT_SHORT];
        editor_say(editor, "the text would be longer than %s: nothing was inserted",
                   text_bytes(editor->store.max, limit));
        return false;
    }
    undo_note(editor, at, removed, bytes, len, is_typed);
    return editor_apply(editor, at, removed, bytes, len);
}

bool editor_change(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len)
{
    return change(editor, at, removed, bytes, len, false);
}

bool editor_change_typed(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len)
{
    return change(editor, at, removed, bytes, len, true);
}
