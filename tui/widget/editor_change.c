/* The one way in which an editor's text changes: the store, the undo log, and all that depends on what changed. UI
 * thread. */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"

static void forget_mark(struct column_mark *mark, size_t at)
{
    if (mark->at > at || mark->line_start > at)
        mark->is_known = false;
}

bool editor_apply(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len)
{
    if (!store_splice(&editor->store, at, removed, bytes, len))
        return false;
    editor->generation++;
    editor->has_selection = false;
    /* a combining mark may join the character before it */
    size_t from = editor_char_prev(editor, at);
    forget_mark(&editor->cursor_mark, from);
    forget_mark(&editor->view_mark, from);
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
