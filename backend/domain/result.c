/* The life of a result and what the UI thread calls: it looks at memory only, and leaves wishes for the threads. */
#include "backend/domain/result.h"
#include "backend/base/clock.h"
#include "backend/domain/result_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool copy_columns(struct result *result, const struct result_options *options)
{
    result->given = calloc(options->column_count + 1, sizeof *result->given);
    for (size_t i = 0; result->given && i < options->column_count; i++) {
        result->given[i].name = strdup(options->columns[i].name);
        result->given[i].type = strdup(options->columns[i].type ? options->columns[i].type : "");
        result->given_count++;
        if (!result->given[i].name || !result->given[i].type)
            return false;
    }
    return result->given;
}

static void destroy(struct result *result)
{
    for (size_t i = 0; i < RESULT_WINDOWS; i++)
        window_free(result->windows[i]);
    window_free(result->ready);
    view_release(result->view);
    view_release(result->arrange.view);
    view_release(result->find.view);
    view_release(result->summary_view);
    columns_free(result);
    if (result->fd >= 0)
        close(result->fd);
    if (result->marks_fd >= 0)
        close(result->marks_fd);
    pthread_mutex_destroy(&result->lock);
    pthread_mutex_destroy(&result->tell_lock);
    pthread_cond_destroy(&result->cond);
    free(result);
}

static bool start(struct result *result, const char *name, void *(*run)(void *result), struct err *err)
{
    pthread_t thread;
    result_hold(result);
    if (!thread_start(&thread, name, run, result, err)) {
        result_release(result);
        return false;
    }
    pthread_detach(thread);
    return true;
}

static bool open_files(struct result *result, const struct result_options *options, struct err *err)
{
    result->fd = open(options->path, O_RDONLY | O_CLOEXEC);
    if (result->fd < 0)
        return err_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "opening the result %.180s", options->path);
    result->marks_fd = temporary_file(result->directory, err);
    return result->marks_fd >= 0;
}

struct result *result_open(const struct result_options *options, struct err *err)
{
    struct result *result = calloc(1, sizeof *result);
    if (!result) {
        err_set(err, ERR_FAILED, "result: out of memory");
        return NULL;
    }
    result->refs = 1;
    result->fd = result->marks_fd = -1;
    result->form = options->form;
    result->changed = options->changed;
    result->context = options->context;
    result->sort_memory = options->sort_memory ? options->sort_memory : RESULT_SORT_MEMORY;
    result->block_bytes = options->block_bytes ? options->block_bytes : RESULT_BLOCK;
    result->summary_column = result->summary.column = -1;
    snprintf(result->directory, sizeof result->directory, "%s", options->directory ? options->directory : "/tmp");
    pthread_mutex_init(&result->lock, NULL);
    pthread_mutex_init(&result->tell_lock, NULL);
    thread_cond_init(&result->cond);
    result->view = view_new(true);
    bool ok = copy_columns(result, options) || err_set(err, ERR_FAILED, "result: out of memory");
    if (ok && open_files(result, options, err) && start(result, "result-index", index_run, err) &&
        start(result, "result-read", window_run, err))
        return result;
    result_close(result);
    return NULL;
}

struct result *result_hold(struct result *result)
{
    atomic_fetch_add(&result->refs, 1);
    return result;
}

void result_release(struct result *result)
{
    if (result && atomic_fetch_sub(&result->refs, 1) == 1)
        destroy(result);
}

void result_close(struct result *result)
{
    if (!result)
        return;
    pthread_mutex_lock(&result->tell_lock);
    result->changed = NULL;
    pthread_mutex_unlock(&result->tell_lock);
    pthread_mutex_lock(&result->lock);
    result->is_closing = true;
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
    result_release(result);
}

bool result_tell(struct result *result, bool is_urgent)
{
    int64_t now_ms = clock_mono(&clock_system);
    pthread_mutex_lock(&result->tell_lock);
    bool is_due = is_urgent || now_ms - result->told_ms >= RESULT_TELL_MS;
    if (is_due)
        result->told_ms = now_ms;
    if (is_due && result->changed)
        result->changed(result->context);
    pthread_mutex_unlock(&result->tell_lock);
    return is_due;
}

void result_fail(struct result *result, const struct err *err)
{
    pthread_mutex_lock(&result->lock);
    if (result->err.code == ERR_OK)
        result->err = *err;
    pthread_mutex_unlock(&result->lock);
    result_tell(result, true);
}

void result_arrived(struct result *result, int64_t bytes, bool is_complete)
{
    pthread_mutex_lock(&result->lock);
    if (bytes > result->arrived && !result->is_all)
        result->arrived = bytes;
    result->is_all |= is_complete;
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
}

void result_broken(struct result *result, const struct err *why)
{
    result_fail(result, why);
    pthread_mutex_lock(&result->lock);
    result->is_broken = true;
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
}

/* With the lock held. */
static uint64_t count_shown(const struct result *result, bool *is_final)
{
    *is_final = result->view->is_identity ? result->is_indexed : result->view->is_final;
    return result->view->is_identity ? result->rows : result->view->count;
}

void result_status(struct result *result, struct result_status *status)
{
    bool is_final;
    pthread_mutex_lock(&result->lock);
    *status = (struct result_status){.rows = result->rows,
                                     .shown = count_shown(result, &is_final),
                                     .is_complete = result->is_indexed,
                                     .is_broken = result->is_broken,
                                     .is_shown_at_least = !is_final,
                                     .bytes = result->arrived,
                                     .indexed_bytes = (int64_t)result->rows_end,
                                     .work = result->work,
                                     .progress = result->progress,
                                     .err = result->err.code ? result->err : result->arrange_err};
    memcpy(status->filter_note, result->filter_note, sizeof status->filter_note);
    pthread_mutex_unlock(&result->lock);
}

const struct column *result_columns(struct result *result, size_t *count)
{
    pthread_mutex_lock(&result->lock);
    const struct column *columns = result->columns;
    if (count)
        *count = columns ? result->column_count : 0;
    pthread_mutex_unlock(&result->lock);
    return columns;
}

const char *result_column_type(const struct result *result, size_t column)
{
    return column < result->column_count ? result->types[column].type : "";
}

/* ---- rows */
static void take_ready(struct result *result, struct row_window *ready)
{
    if (!ready)
        return;
    window_free(result->windows[RESULT_WINDOWS - 1]);
    memmove(result->windows + 1, result->windows, (RESULT_WINDOWS - 1) * sizeof *result->windows);
    result->windows[0] = ready;
}

static bool has_columns(const struct row_window *window, const struct result_look *look)
{
    return !window->has_partial || (look->frozen <= window->look.frozen && look->left >= window->look.left &&
                                    look->right <= window->look.right);
}

/* Whether one window has rows first .. last as they are looked at. */
static bool is_held(const struct result *result, uint64_t generation, uint64_t first, uint64_t last,
                    const struct result_look *look)
{
    for (size_t i = 0; i < RESULT_WINDOWS; i++) {
        const struct row_window *window = result->windows[i];
        if (window && window->generation == generation && first >= window->first &&
            last < window->first + window->count && has_columns(window, look))
            return true;
    }
    return false;
}

static bool same_look(const struct result_look *a, const struct result_look *b)
{
    return a->first == b->first && a->last == b->last && a->frozen == b->frozen && a->left == b->left &&
           a->right == b->right;
}

/* Reading ahead starts when less than half a page is held before or behind the screen. */
static bool is_short(const struct result *result, uint64_t generation, const struct result_look *look, uint64_t shown)
{
    uint64_t half = (look->last - look->first + 2) / 2;
    uint64_t first = look->first > half ? look->first - half : 0;
    uint64_t last = look->last + half < shown ? look->last + half : shown - 1;
    return !is_held(result, generation, look->first, look->last < shown ? look->last : shown - 1, look) ||
           (!result->windows[0]->has_partial && !is_held(result, generation, first, last, look));
}

void result_look(struct result *result, const struct result_look *look)
{
    bool is_final;
    pthread_mutex_lock(&result->lock);
    struct row_window *ready = result->ready;
    uint64_t generation = result->generation, shown = count_shown(result, &is_final);
    result->ready = NULL;
    pthread_mutex_unlock(&result->lock);
    take_ready(result, ready);
    if (shown == 0 || look->first >= shown || look->last < look->first || !is_short(result, generation, look, shown))
        return;
    bool is_asked = generation == result->asked_generation && same_look(look, &result->asked) &&
                    (shown == result->asked_shown || result->asked_shown > look->last);
    if (is_asked)
        return; /* it is being read, or was and is larger than what is held */
    result->asked = *look;
    result->asked_generation = generation;
    result->asked_shown = shown;
    pthread_mutex_lock(&result->lock);
    result->want = *look;
    result->want_generation = generation;
    result->is_wanted = true;
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
}

const struct result_row *result_row(struct result *result, size_t shown)
{
    pthread_mutex_lock(&result->lock);
    uint64_t generation = result->generation;
    pthread_mutex_unlock(&result->lock);
    for (size_t i = 0; i < RESULT_WINDOWS; i++) {
        const struct row_window *window = result->windows[i];
        bool has_row = window && window->generation == generation && shown >= window->first &&
                       shown < window->first + window->count;
        /* of large rows only what the newest window was made for is whole */
        if (has_row && (i == 0 || has_columns(window, &result->asked)))
            return &window->rows[shown - window->first];
    }
    return NULL;
}

uint64_t result_row_number(const struct result_row *row)
{
    return row->number;
}

bool result_where(struct result *result, uint64_t number, size_t *shown)
{
    pthread_mutex_lock(&result->lock);
    bool is_known = result->view->is_identity && number < result->rows;
    pthread_mutex_unlock(&result->lock);
    if (is_known)
        *shown = (size_t)number;
    return is_known;
}

struct value result_cell(const struct result_row *row, size_t column, bool *is_cut)
{
    const struct result_look *look = &row->window->look;
    size_t at = column;
    if (is_cut)
        *is_cut = false;
    if (row->is_partial) {
        if (column >= look->frozen && (column < look->left || column > look->right))
            return value_state(VALUE_UNKNOWN);
        at = column < look->frozen ? column
                                   : look->frozen + column - (look->left > look->frozen ? look->left : look->frozen);
    }
    if (at >= row->cell_count)
        return value_state(VALUE_NONE);
    const struct window_cell *cell = &row->window->cells[row->first_cell + at];
    if (cell->is_null)
        return value_state(VALUE_NULL);
    if (is_cut)
        *is_cut = cell->is_cut;
    return value_bytes_text(buf_text(&row->window->bytes) + cell->at, cell->len);
}
