/* Undo and redo of an editor: a log of changes with the bytes that went and came, in groups that are taken back
 * together. Beyond its maximum the oldest groups are forgotten. UI thread. */
#include "tui/widget/editor_private.h"
#include <stdlib.h>
#include <string.h>

enum { RECORDS_MAX = 1 << 20, TYPED_MAX = 4096 };

void undo_init(struct undo *undo, size_t max)
{
    *undo = (struct undo){.max = max, .bytes = BUF_INIT(max)};
}

void undo_done(struct undo *undo)
{
    buf_done(&undo->bytes);
    free(undo->records);
    *undo = (struct undo){.count = 0};
}

void undo_clear(struct undo *undo)
{
    buf_done(&undo->bytes);
    undo->count = undo->done = 0;
}

void undo_close(struct undo *undo)
{
    if (undo->count)
        undo->records[undo->count - 1].is_typed = false;
}

/* What was taken back cannot be done again once the text has changed otherwise. */
static void forget_undone(struct undo *undo)
{
    if (undo->done == undo->count)
        return;
    undo->bytes.len = undo->records[undo->done].bytes;
    undo->count = undo->done;
    undo_close(undo);
}

/* Forgets whole groups from the oldest on, a quarter of everything at a time so that it is seldom. The step that is
 * being made may itself be too large: then it cannot be taken back at all. */
static void forget_oldest(struct undo *undo, size_t need)
{
    size_t want = need > undo->max / 4 ? need : undo->max / 4;
    size_t first = 0, bytes = 0;
    while (first < undo->count && (bytes < want || first < undo->count / 4 ||
                                   (first && undo->records[first].group == undo->records[first - 1].group))) {
        bytes += undo->records[first].removed + undo->records[first].inserted;
        first++;
    }
    if (first && undo->records[first - 1].group == undo->group)
        undo->lost = undo->group;
    undo->count -= first;
    undo->done = undo->done > first ? undo->done - first : 0;
    memmove(undo->records, undo->records + first, undo->count * sizeof *undo->records);
    buf_consume(&undo->bytes, bytes);
    for (size_t i = 0; i < undo->count; i++)
        undo->records[i].bytes -= bytes;
}

static struct undo_record *new_record(struct undo *undo)
{
    if (undo->count == undo->cap) {
        size_t cap = undo->cap ? undo->cap * 2 : 64;
        struct undo_record *bigger = realloc(undo->records, cap * sizeof *bigger);
        if (!bigger)
            abort();
        undo->records = bigger;
        undo->cap = cap;
    }
    undo->done = undo->count + 1;
    return &undo->records[undo->count++];
}

/* Typing goes on where it was: the record before grows. */
static bool join_typed(struct undo *undo, size_t at, size_t removed, const char *bytes, size_t len)
{
    struct undo_record *last = undo->count ? &undo->records[undo->count - 1] : NULL;
    if (!last || !last->is_typed || removed || at != last->at + last->inserted || last->inserted + len > TYPED_MAX)
        return false;
    buf_append(&undo->bytes, bytes, len);
    last->inserted += len;
    return true;
}

/* Rubbing out what was just typed takes it back; rubbing out more grows the record to the left. */
static bool join_erased(struct undo *undo, struct editor *editor, size_t at, size_t removed, size_t len)
{
    struct undo_record *last = undo->count ? &undo->records[undo->count - 1] : NULL;
    if (!last || !last->is_typed || len || at + removed != last->at + last->inserted)
        return false;
    if (last->inserted >= removed) {
        last->inserted -= removed;
        undo->bytes.len -= removed;
        if (!last->inserted && !last->removed)
            undo->done = --undo->count;
        return true;
    }
    if (last->inserted || last->removed + removed > TYPED_MAX)
        return false;
    char *room = buf_reserve(&undo->bytes, removed);
    if (!room)
        abort();
    char *start = undo->bytes.data + last->bytes;
    memmove(start + removed, start, last->removed);
    store_copy(&editor->store, at, at + removed, start);
    undo->bytes.len += removed;
    last->removed += removed;
    last->at = at;
    return true;
}

void undo_note(struct editor *editor, size_t at, size_t removed, const char *bytes, size_t len, bool is_typed)
{
    struct undo *undo = &editor->undo;
    forget_undone(undo);
    if (undo->bytes.len + removed + len > undo->max || undo->count == RECORDS_MAX)
        forget_oldest(undo, removed + len);
    if (undo->depth && undo->group == undo->lost) {
        undo_clear(undo);
        return;
    }
    if (is_typed && (join_typed(undo, at, removed, bytes, len) || join_erased(undo, editor, at, removed, len)))
        return;
    if (!undo->depth)
        undo->group++;
    struct undo_record *record = new_record(undo);
    *record = (struct undo_record){.at = at,
                                   .removed = removed,
                                   .inserted = len,
                                   .bytes = undo->bytes.len,
                                   .cursor = editor->cursor,
                                   .group = undo->group,
                                   .is_typed = is_typed};
    char *room = buf_reserve(&undo->bytes, removed + len);
    if (!room)
        abort();
    store_copy(&editor->store, at, at + removed, room);
    if (len)
        memcpy(room + removed, bytes, len);
    undo->bytes.len += removed + len;
}

void editor_begin(struct editor *editor)
{
    if (editor->undo.depth++ == 0) {
        undo_close(&editor->undo);
        editor->undo.group++;
    }
}

void editor_end(struct editor *editor)
{
    if (--editor->undo.depth == 0)
        undo_close(&editor->undo);
}

bool editor_undo(struct editor *editor)
{
    struct undo *undo = &editor->undo;
    if (!undo->done)
        return false;
    undo_close(undo);
    undo->group++; /* what comes now in a step that is still open is another step */
    uint32_t group = undo->records[undo->done - 1].group;
    size_t cursor = 0;
    while (undo->done && undo->records[undo->done - 1].group == group) {
        const struct undo_record *record = &undo->records[--undo->done];
        editor_apply(editor, record->at, record->inserted, undo->bytes.data + record->bytes, record->removed);
        cursor = record->cursor;
    }
    editor_move_to(editor, cursor);
    return true;
}

bool editor_redo(struct editor *editor)
{
    struct undo *undo = &editor->undo;
    if (undo->done == undo->count)
        return false;
    uint32_t group = undo->records[undo->done].group;
    while (undo->done < undo->count && undo->records[undo->done].group == group) {
        const struct undo_record *record = &undo->records[undo->done++];
        editor_apply(editor, record->at, record->removed, undo->bytes.data + record->bytes + record->removed,
                     record->inserted);
    }
    return true;
}
