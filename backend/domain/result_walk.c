/* Walking over the rows of a view: of all rows by the marks of the index, of a filter or sort by its own marks. */
#include "backend/domain/result_private.h"
#include <stdlib.h>
#include <unistd.h>

struct result_view *view_new(bool is_identity)
{
    struct result_view *view = calloc(1, sizeof *view);
    if (!view)
        abort();
    view->refs = 1;
    view->fd = -1;
    view->is_identity = is_identity;
    return view;
}

struct result_view *view_hold(struct result_view *view)
{
    if (view)
        atomic_fetch_add(&view->refs, 1);
    return view;
}

void view_release(struct result_view *view)
{
    if (!view || atomic_fetch_sub(&view->refs, 1) > 1)
        return;
    if (view->fd >= 0)
        close(view->fd);
    view_release(view->basis);
    free(view);
}

bool mark_for_row(struct result *result, uint64_t row, struct row_mark *mark, struct err *err)
{
    pthread_mutex_lock(&result->lock);
    uint64_t low = 0, high = result->marks;
    *mark = result->first_row;
    pthread_mutex_unlock(&result->lock);
    while (low < high) { /* the last mark at or before the row */
        uint64_t middle = low + (high - low) / 2;
        struct row_mark found;
        if (!marks_read(result->marks_fd, middle, &found, 1, err))
            return false;
        if (found.row <= row) {
            *mark = found;
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return true;
}

void view_walk_refresh(struct view_walk *walk, bool *is_final)
{
    struct result *result = walk->result;
    bool is_identity = walk->view->is_identity;
    pthread_mutex_lock(&result->lock);
    walk->count = is_identity ? result->rows : walk->view->count;
    walk->cursor.end = result->rows_end;
    if (is_final)
        *is_final = is_identity ? result->is_indexed : walk->view->is_final;
    pthread_mutex_unlock(&result->lock);
}

bool view_walk_open(struct view_walk *walk, struct result *result, struct result_view *view, uint64_t at,
                    struct err *err)
{
    *walk = (struct view_walk){.result = result, .view = view_hold(view), .at = at};
    if (!cursor_open(&walk->cursor, result->form, result->fd, result->block_bytes)) {
        view_walk_close(walk);
        return err_set(err, ERR_FAILED, "result: out of memory");
    }
    view_walk_refresh(walk, NULL);
    return true;
}

void view_walk_close(struct view_walk *walk)
{
    cursor_close(&walk->cursor);
    view_release(walk->view);
    walk->view = NULL;
}

void view_walk_seek(struct view_walk *walk, uint64_t at)
{
    walk->is_placed = walk->is_placed && walk->at == at;
    walk->at = at;
}

/* To the row of the file, from the mark before it. */
static bool place(struct view_walk *walk, struct err *err)
{
    struct row_mark mark;
    struct row_ref row;
    if (!mark_for_row(walk->result, walk->at, &mark, err))
        return false;
    cursor_seek(&walk->cursor, mark.offset);
    for (uint64_t at = mark.row; at < walk->at; at++)
        if (!cursor_next(&walk->cursor, &row, err))
            return false;
    walk->is_placed = true;
    return true;
}

static bool next_mark(struct view_walk *walk, struct row_mark *mark, struct err *err)
{
    enum { HELD = sizeof walk->marks / sizeof *walk->marks };
    if (walk->at < walk->marks_first || walk->at >= walk->marks_first + walk->marks_count) {
        uint64_t left = walk->count - walk->at;
        walk->marks_first = walk->at;
        walk->marks_count = 0;
        if (!marks_read(walk->view->fd, walk->at, walk->marks, left < HELD ? (size_t)left : HELD, err))
            return false;
        walk->marks_count = left < HELD ? (size_t)left : HELD;
    }
    *mark = walk->marks[walk->at - walk->marks_first];
    return true;
}

bool view_walk_next(struct view_walk *walk, struct row_ref *row, struct err *err)
{
    if (walk->at >= walk->count)
        return false;
    struct row_mark mark = {.row = walk->at};
    if (walk->view->is_identity) {
        if (!walk->is_placed && !place(walk, err))
            return false;
    } else {
        if (!next_mark(walk, &mark, err))
            return false;
        cursor_seek(&walk->cursor, mark.offset);
    }
    if (!cursor_next(&walk->cursor, row, err))
        return false;
    row->number = mark.row;
    walk->at++;
    return true;
}
