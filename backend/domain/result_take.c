/* Exact bytes of cells, rows and columns, and the points of a chart; for jobs. */
#include "backend/domain/result_private.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHECK_EVERY = 1024 };

static void wake(void *context)
{
    struct result *result = context;
    pthread_mutex_lock(&result->lock);
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
}

/* With the lock held. */
static bool is_settled(const struct result *result, bool all_rows)
{
    return result->is_indexed && (all_rows || result->work == RESULT_IDLE);
}

struct result_view *result_wait_view(struct result *result, bool all_rows, const struct cancel *cancel, struct err *err)
{
    struct cancel_waker waker = {.wake = wake, .context = result};
    cancel_watch(cancel, &waker);
    pthread_mutex_lock(&result->lock);
    while (!cancel_is_set(cancel) && !is_settled(result, all_rows) && !result->is_closing)
        pthread_cond_wait(&result->cond, &result->lock);
    bool is_there = is_settled(result, all_rows);
    struct err why = result->err.code || all_rows ? result->err : result->arrange_err;
    bool is_broken = result->is_broken;
    struct result_view *view = all_rows ? view_new(true) : view_hold(result->view);
    pthread_mutex_unlock(&result->lock);
    cancel_unwatch(cancel, &waker);
    if (is_broken && why.code != ERR_OK) {
        why.code = ERR_PARTIAL;
        err_prefix(&why, "only a part of the result has arrived");
    }
    if (cancel_is_set(cancel))
        err_set(&why, ERR_CANCELLED, "cancelled");
    else if (!is_there)
        err_set(&why, ERR_CANCELLED, "the result was closed before all of it had arrived");
    if (why.code == ERR_OK)
        return view;
    *err = why;
    view_release(view);
    return NULL;
}

struct taker {
    const struct result_take_options *options;
    struct result *result;
    struct cell_walk cells;
    struct buf *out;
};

static bool put_cell(struct taker *taker, const struct row_cell *cell, struct err *err)
{
    const char *null = taker->options->null ? taker->options->null : "";
    bool ok = cell->is_null ? buf_puts(taker->out, null) : cell_copy(cell, taker->out);
    if (ok && !taker->cells.is_cut)
        return true;
    return err_set(err, ERR_TOO_LARGE, "more than %zu MiB cannot be copied; export it to a file",
                   taker->out->max >> 20);
}

static bool put_row(struct taker *taker, const struct row_ref *row, struct err *err)
{
    struct row_cell cell;
    bool ok = true, is_row = taker->options->what == TAKE_ROW;
    walk_start(&taker->cells, row);
    for (size_t i = 0; ok && (is_row || i <= taker->options->column) && walk_next(&taker->cells, &cell, err); i++) {
        if (is_row && i > 0)
            buf_putc(taker->out, '\t');
        if (is_row || i == taker->options->column)
            ok = put_cell(taker, &cell, err);
    }
    return ok && (!err || err->code == ERR_OK);
}

static bool put_rows(struct taker *taker, struct view_walk *walk, const struct cancel *cancel, struct err *err)
{
    const struct result_take_options *options = taker->options;
    uint64_t count = options->row_count > 0 ? options->row_count : walk->count;
    struct row_ref row;
    for (uint64_t i = 0; i < count; i++) {
        if (i % CHECK_EVERY == 0 && cancel_is_set(cancel))
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (options->row_count > 0)
            view_walk_seek(walk, options->rows[i]);
        if (!view_walk_next(walk, &row, err))
            return err->code == ERR_OK && options->row_count > 0
                       ? err_set(err, ERR_NOT_FOUND, "row %llu is not there", (unsigned long long)options->rows[i] + 1)
                       : err->code == ERR_OK;
        if (i > 0)
            buf_putc(taker->out, '\n');
        if (!put_row(taker, &row, err))
            return false;
    }
    return true;
}

bool result_read(struct result *result, const struct result_take_options *options, const struct cancel *cancel,
                 struct buf *out, struct err *err)
{
    struct err local = ERR_NONE;
    struct taker taker = {.options = options, .result = result, .out = out};
    struct result_view *view =
        options->row_count > 0 ? view_new(true) : result_wait_view(result, false, cancel, &local);
    struct view_walk walk;
    bool ok = view;
    if (ok && (ok = view_walk_open(&walk, result, view, 0, &local))) {
        walk_init(&taker.cells, result->form, result->fd, out->max);
        ok = put_rows(&taker, &walk, cancel, &local);
        walk_done(&taker.cells);
        view_walk_close(&walk);
    }
    view_release(view);
    if (!ok && err)
        *err = local;
    return ok;
}

/* ---- points */
struct pointer {
    size_t label, number;
    struct cell_walk cells;
    struct buf label_bytes, decoded;
};

static struct result_view *shown_view(struct result *result)
{
    pthread_mutex_lock(&result->lock);
    struct result_view *view = view_hold(result->view);
    pthread_mutex_unlock(&result->lock);
    return view;
}

static bool read_point(struct pointer *it, const struct row_ref *row, struct result_point *point, struct err *err)
{
    struct row_cell cell;
    bool has_label = false;
    *point = (struct result_point){.number = NAN};
    buf_clear(&it->label_bytes);
    walk_start(&it->cells, row);
    for (size_t i = 0; i <= (it->label > it->number ? it->label : it->number) && walk_next(&it->cells, &cell, err);
         i++) {
        struct value value = cell_value_of(&cell, &it->decoded);
        has_label |= i == it->label && value.state == VALUE_KNOWN;
        if (i == it->label && has_label)
            buf_append(&it->label_bytes, value.text, value.len < it->label_bytes.max ? value.len : it->label_bytes.max);
        if (i == it->number && value.state == VALUE_KNOWN && !value_digits(value.text, value.len, &point->number))
            point->number = NAN;
    }
    point->text = has_label ? buf_text(&it->label_bytes) : NULL;
    point->len = it->label_bytes.len;
    return err->code == ERR_OK;
}

bool result_points(struct result *result, size_t label_column, size_t number_column, size_t max,
                   const struct cancel *cancel, void (*each)(void *context, const struct result_point *point),
                   void *context, uint64_t *rows, struct err *err)
{
    struct err local = ERR_NONE;
    struct result_view *view = shown_view(result);
    struct pointer it = {.label = label_column,
                         .number = number_column,
                         .label_bytes = BUF_INIT(RESULT_VALUE_BYTES),
                         .decoded = BUF_INIT(RESULT_CELL_MAX)};
    struct view_walk walk;
    bool ok = view_walk_open(&walk, result, view, 0, &local);
    walk_init(&it.cells, result->form, result->fd, RESULT_CELL_MAX);
    uint64_t points = !ok ? 0 : walk.count < max ? walk.count : max;
    *rows = ok ? walk.count : 0;
    for (uint64_t i = 0; ok && i < points; i++) {
        struct row_ref row;
        struct result_point point;
        /* the first and the last row are among them */
        view_walk_seek(&walk, points > 1 ? (uint64_t)((__uint128_t)i * (walk.count - 1) / (points - 1)) : 0);
        ok = view_walk_next(&walk, &row, &local) && read_point(&it, &row, &point, &local);
        if (ok && cancel_is_set(cancel))
            ok = err_set(&local, ERR_CANCELLED, "cancelled");
        if (ok)
            each(context, &point);
    }
    if (view)
        view_walk_close(&walk);
    walk_done(&it.cells);
    buf_done(&it.label_bytes);
    buf_done(&it.decoded);
    view_release(view);
    if (!ok && err)
        *err = local;
    return ok;
}
