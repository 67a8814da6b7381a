/* The reader: makes windows of rows for the screen, so that the UI thread finds them in memory. Of rows that are large
 * or have very many cells only the columns on the screen are held, and of each cell its beginning. */
#include "backend/domain/result_private.h"
#include <stdlib.h>
#include <string.h>

enum { CELL_HELD = 4096, CELL_HELD_MIN = 256, AHEAD_MAX = 256 };

void window_free(struct row_window *window)
{
    if (!window)
        return;
    free(window->rows);
    free(window->cells);
    buf_done(&window->bytes);
    free(window);
}

static bool add_cell(struct row_window *window, struct window_cell cell)
{
    if (window->cell_count == window->cell_cap) {
        size_t cap = window->cell_cap ? window->cell_cap * 2 : 256;
        struct window_cell *bigger = realloc(window->cells, cap * sizeof *bigger);
        if (!bigger)
            return false;
        window->cells = bigger;
        window->cell_cap = cap;
    }
    window->cells[window->cell_count++] = cell;
    return true;
}

static bool is_looked_at(const struct result_look *look, size_t column)
{
    return column < look->frozen || (column >= look->left && column <= look->right);
}

/* The exact bytes, or the first max of them. */
static bool hold_cell(struct row_window *window, const struct row_cell *cell, bool was_cut, size_t max)
{
    size_t room_for = cell->len < max ? cell->len : max, at = window->bytes.len;
    char *room = buf_reserve(&window->bytes, room_for);
    if (!room)
        return false;
    size_t len = cell_copy_some(cell, room, room_for);
    window->bytes.len += len;
    bool is_cut = was_cut || (cell->len > max && len == max);
    return add_cell(
        window, (struct window_cell){
                    .at = (uint32_t)at, .len = (uint32_t)len & 0x3fffffff, .is_null = cell->is_null, .is_cut = is_cut});
}

/* Athena writes no such file: it is damaged, or another's. The row is shown as far as it goes. */
static void say_ragged(struct result *result, const struct row_ref *row)
{
    struct err err;
    err_set(&err, ERR_PARSE,
            "row %llu of the result (byte %llu) does not have %zu values as its header says; what is shown of it may "
            "stand in the wrong columns. Fetch the result again",
            (unsigned long long)row->number + 1, (unsigned long long)row->offset, result->column_count);
    result_fail(result, &err);
}

static bool hold_row(struct result *result, struct row_window *window, struct cell_walk *walk,
                     const struct row_ref *ref, struct err *err)
{
    bool is_partial = ref->size > RESULT_ROW_HELD || result->column_count > RESULT_COLUMNS_HELD;
    size_t looked_at = window->look.frozen + window->look.right - window->look.left + 1;
    size_t share = RESULT_ROW_HELD / looked_at, max = is_partial ? share : RESULT_ROW_HELD;
    max = !is_partial ? max : max < CELL_HELD_MIN ? CELL_HELD_MIN : max > CELL_HELD ? CELL_HELD : max;
    size_t first = window->cell_count, column = 0;
    struct row_cell cell;
    walk_start(walk, ref);
    for (; (!is_partial || column <= window->look.right) && column < result->column_count; column++) {
        if (!walk_next(walk, &cell, err))
            break;
        bool was_cut = walk->is_streamed && walk->is_cut;
        if ((!is_partial || is_looked_at(&window->look, column)) && !hold_cell(window, &cell, was_cut, max))
            return err_set(err, ERR_TOO_LARGE, "the rows on the screen do not fit in memory");
    }
    if (err->code != ERR_OK)
        return false;
    bool is_ragged = !is_partial && (column < result->column_count || walk_next(walk, &cell, err));
    if (is_ragged && result->form == RESULT_CSV)
        say_ragged(result, ref);
    window->has_partial |= is_partial;
    window->rows[window->count++] = (struct result_row){.window = window,
                                                        .number = ref->number,
                                                        .first_cell = first,
                                                        .cell_count = window->cell_count - first,
                                                        .is_partial = is_partial};
    return true;
}

static bool read_window(struct result *result, struct view_walk *walk, struct cell_walk *cells,
                        struct row_window *window, struct err *err)
{
    size_t page = window->look.last - window->look.first + 1, ahead = page < AHEAD_MAX ? page : AHEAD_MAX;
    struct row_ref row;
    uint64_t passed = 0; /* bytes of the file */
    window->first = window->look.first > ahead ? window->look.first - ahead : 0;
    window->cap = (size_t)(window->look.last - window->first) + ahead + 1;
    window->rows = calloc(window->cap, sizeof *window->rows);
    window->bytes = BUF_INIT((size_t)256 << 20); /* a screen of rows held by 64 KiB each is far below */
    if (!window->rows)
        return err_set(err, ERR_FAILED, "result: out of memory");
    view_walk_seek(walk, window->first);
    while (window->count < window->cap && view_walk_next(walk, &row, err)) {
        uint64_t at = window->first + window->count;
        bool is_large = passed > RESULT_WINDOW_READ ||
                        window->bytes.len + window->cell_count * sizeof *window->cells > RESULT_WINDOW_BYTES;
        passed += row.size;
        if (is_large && at < window->look.first) { /* too much before the screen: start at it */
            window->first = window->look.first;
            window->count = window->cell_count = window->bytes.len = 0;
            view_walk_seek(walk, window->first);
            continue;
        }
        if ((is_large && at > window->look.last) || !hold_row(result, window, cells, &row, err))
            break;
    }
    return err->code == ERR_OK;
}

/* Waits for something to read. False: closing. */
static bool next_want(struct result *result, struct row_window *window, struct result_view **view)
{
    pthread_mutex_lock(&result->lock);
    while (!result->is_wanted && !result->is_closing)
        pthread_cond_wait(&result->cond, &result->lock);
    result->is_wanted = false;
    window->look = result->want;
    window->generation = result->want_generation;
    bool is_current = result->want_generation == result->generation;
    *view = is_current ? view_hold(result->view) : NULL;
    pthread_mutex_unlock(&result->lock);
    return !result->is_closing;
}

static void hand_over(struct result *result, struct row_window *window)
{
    pthread_mutex_lock(&result->lock);
    struct row_window *old = result->ready;
    result->ready = window;
    pthread_mutex_unlock(&result->lock);
    window_free(old);
    result_tell(result, true);
}

/* The walk is kept from one window to the next, with its block, as long as the view is the same. */
static bool use_view(struct result *result, struct view_walk *walk, struct result_view *view, struct err *err)
{
    if (walk->view != view) {
        if (walk->view)
            view_walk_close(walk);
        *walk = (struct view_walk){0};
        if (!view_walk_open(walk, result, view, 0, err))
            return false;
    }
    walk->is_placed = false;
    view_walk_refresh(walk, NULL);
    return true;
}

void *window_run(void *context)
{
    struct result *result = context;
    struct view_walk walk = {0};
    struct cell_walk cells;
    walk_init(&cells, result->form, result->fd, CELL_HELD);
    for (;;) {
        struct row_window *window = calloc(1, sizeof *window);
        struct result_view *view = NULL;
        struct err err = ERR_NONE;
        if (!window || !next_want(result, window, &view)) {
            view_release(view);
            window_free(window);
            break;
        }
        bool ok = view && use_view(result, &walk, view, &err) && read_window(result, &walk, &cells, window, &err);
        if (!ok && err.code != ERR_OK)
            result_fail(result, &err);
        if (ok)
            hand_over(result, window);
        else
            window_free(window);
        view_release(view);
    }
    if (walk.view)
        view_walk_close(&walk);
    walk_done(&cells);
    result_release(result);
    return NULL;
}
