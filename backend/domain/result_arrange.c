/* Filter and sort: one pass over the rows, as they arrive. Matching rows are shown as they are found; a sort takes
 * their place once it is done. */
#include "backend/base/clock.h"
#include "backend/domain/result_sort.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PUBLISH_ROWS = 4096, PUBLISH_FIRST = 128, PUBLISH_MS = 25 };

struct arranger {
    struct result *result;
    uint64_t mine;
    struct arrange_request request; /* a copy; holds the view */
    struct row_matcher matcher;
    struct spool matches;
    struct sorter *sorter;
    struct cell_walk cells;
    struct buf decoded;
    uint64_t seen, found;
    int64_t published_ms;
    struct err err;
};

static bool is_stale(void *context)
{
    const struct arranger *arranger = context;
    return task_is_stale(arranger->result, TASK_ARRANGE, arranger->mine);
}

static void set_progress(struct arranger *arranger, enum result_work work, double progress)
{
    struct result *result = arranger->result;
    pthread_mutex_lock(&result->lock);
    if (!is_stale(arranger)) {
        result->work = work;
        result->progress = progress;
    }
    pthread_mutex_unlock(&result->lock);
}

static void show_merging(void *context, double fraction)
{
    struct arranger *arranger = context;
    set_progress(arranger, RESULT_SORTING, 0.5 + fraction / 2);
    result_tell(arranger->result, false);
}

/* The rows found so far are shown from now on. */
static bool publish(struct arranger *arranger, bool is_final)
{
    struct result *result = arranger->result;
    struct result_view *view = arranger->request.view;
    if (!view)
        return true;
    if (!spool_flush(&arranger->matches, &arranger->err))
        return false;
    pthread_mutex_lock(&result->lock);
    view->fd = arranger->matches.fd;
    view->count = arranger->matches.written;
    view->is_final = is_final;
    pthread_mutex_unlock(&result->lock);
    return true;
}

static bool publish_now_and_then(struct arranger *arranger, const struct row_ref *row)
{
    /* the first screenful as it fills, soon and in few steps */
    bool is_first = arranger->found <= PUBLISH_FIRST && (arranger->found & (arranger->found - 1)) == 0;
    if (!is_first && arranger->seen % PUBLISH_ROWS)
        return true;
    int64_t now_ms = clock_mono(&clock_system);
    if (!is_first && now_ms - arranger->published_ms < PUBLISH_MS)
        return true;
    arranger->published_ms = now_ms;
    struct result *result = arranger->result;
    double share = result->arrived > 0 ? (double)row->offset / (double)result->arrived : 0;
    bool is_sorting = arranger->sorter;
    set_progress(arranger, is_sorting ? RESULT_SORTING : RESULT_FILTERING, is_sorting ? share / 2 : share);
    bool ok = publish(arranger, false);
    result_tell(result, is_first);
    return ok;
}

static bool add_to_sort(struct arranger *arranger, const struct row_ref *row, struct row_mark mark)
{
    struct row_cell cell = {.is_null = true};
    int left = arranger->request.sort;
    walk_start(&arranger->cells, row);
    while (left >= 0 && walk_next(&arranger->cells, &cell, &arranger->err))
        left--;
    if (arranger->err.code != ERR_OK)
        return false;
    struct value value = left >= 0 ? value_state(VALUE_NULL) : cell_value_of(&cell, &arranger->decoded);
    return sorter_add(arranger->sorter, &value, mark, &arranger->err);
}

static bool take_row(struct arranger *arranger, const struct row_ref *row)
{
    arranger->seen++;
    if (matcher_match(&arranger->matcher, row, &arranger->err)) {
        struct row_mark mark = {.row = row->number, .offset = row->offset};
        arranger->found++;
        if ((arranger->request.view && !spool_add(&arranger->matches, mark, &arranger->err)) ||
            (arranger->sorter && !add_to_sort(arranger, row, mark)))
            return false;
    }
    return arranger->err.code == ERR_OK && publish_now_and_then(arranger, row);
}

/* False: failed, or nobody wants it any more. */
static bool pass_over_rows(struct arranger *arranger)
{
    struct result *result = arranger->result;
    struct result_view *all = view_new(true);
    struct view_walk walk;
    struct row_ref row;
    bool is_final = false, ok = view_walk_open(&walk, result, all, 0, &arranger->err);
    while (ok) {
        view_walk_refresh(&walk, &is_final);
        while (ok && view_walk_next(&walk, &row, &arranger->err))
            ok = take_row(arranger, &row) && !is_stale(arranger);
        ok = ok && arranger->err.code == ERR_OK && publish(arranger, false);
        if (!ok || is_final)
            break;
        result_tell(result, false);
        ok = task_wait(result, TASK_ARRANGE, arranger->mine, walk.cursor.end);
    }
    view_walk_close(&walk);
    view_release(all);
    return ok;
}

/* Puts the sorted rows in the place of what is shown, unless something else was asked meanwhile. */
static bool show_sorted(struct arranger *arranger)
{
    struct result *result = arranger->result;
    struct spool sorted;
    if (!spool_open(&sorted, result->directory, &arranger->err))
        return false;
    if (!sorter_finish(arranger->sorter, &sorted, &arranger->err) || !spool_flush(&sorted, &arranger->err)) {
        spool_close(&sorted);
        return false;
    }
    struct result_view *view = view_new(false), *old = view;
    view->fd = sorted.fd;
    view->count = sorted.written;
    view->is_final = true;
    view->basis = arranger->request.view ? view_hold(arranger->request.view) : view_new(true);
    pthread_mutex_lock(&result->lock);
    if (!is_stale(arranger)) {
        old = result->view;
        result->view = view;
        result->generation++;
    }
    pthread_mutex_unlock(&result->lock);
    view_release(old);
    return true;
}

static bool prepare(struct arranger *arranger)
{
    struct result *result = arranger->result;
    const struct arrange_request *request = &arranger->request;
    if (request->view && !spool_open(&arranger->matches, result->directory, &arranger->err))
        return false;
    if (request->sort < 0)
        return true;
    arranger->sorter = sorter_new(&(struct sorter_options){.directory = result->directory,
                                                           .memory = result->sort_memory,
                                                           .type = result->types[request->sort].type,
                                                           .is_reverse = request->is_reverse,
                                                           .is_stale = is_stale,
                                                           .progress = show_merging,
                                                           .context = arranger},
                                  &arranger->err);
    return arranger->sorter;
}

static void finish(struct arranger *arranger, bool ok)
{
    struct result *result = arranger->result;
    if (arranger->err.code != ERR_OK)
        err_prefix(&arranger->err, arranger->sorter ? "sorting" : "filtering");
    pthread_mutex_lock(&result->lock);
    if (!is_stale(arranger)) {
        result->work = RESULT_IDLE;
        result->arrange_err = ok ? ERR_NONE : arranger->err;
    }
    if (arranger->request.view)
        arranger->request.view->is_final = true;
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
    result_tell(result, true);
    if (arranger->matches.fd >= 0 && arranger->request.view->fd < 0)
        spool_close(&arranger->matches); /* the view did not come to own it */
    sorter_free(arranger->sorter);
    matcher_done(&arranger->matcher);
    walk_done(&arranger->cells);
    buf_done(&arranger->decoded);
    view_release(arranger->request.view);
}

void arrange_run(struct result *result, uint64_t mine)
{
    struct arranger arranger = {
        .result = result, .mine = mine, .matches = {.fd = -1}, .decoded = BUF_INIT(RESULT_CELL_MAX)};
    pthread_mutex_lock(&result->lock);
    arranger.request = result->arrange;
    view_hold(arranger.request.view);
    bool has_work = !is_stale(&arranger) && (arranger.request.view || arranger.request.sort >= 0);
    pthread_mutex_unlock(&result->lock);
    matcher_init(&arranger.matcher, result, &arranger.request.filter);
    walk_init(&arranger.cells, result->form, result->fd, SORT_TEXT_MAX);
    bool ok = true;
    if (has_work)
        ok = prepare(&arranger) && pass_over_rows(&arranger) && (!arranger.sorter || show_sorted(&arranger));
    finish(&arranger, ok);
}

void result_arrange(struct result *result, const char *filter, int sort_column, bool is_reverse)
{
    size_t count;
    const struct column *columns = result_columns(result, &count);
    struct arrange_request request = {.sort = sort_column < (int)count ? sort_column : -1, .is_reverse = is_reverse};
    struct err err = ERR_NONE;
    if (!columns)
        return; /* nothing is shown yet that could be filtered */
    filter_parse(&request.filter, columns, filter ? filter : "");
    bool is_filtered = request.filter.kind != FILTER_NONE, has_work = is_filtered || request.sort >= 0;
    struct result_view *view = view_new(!is_filtered);
    request.view = is_filtered ? view_hold(view) : NULL;
    pthread_mutex_lock(&result->lock);
    struct result_view *old = result->view, *old_request = result->arrange.view;
    result->view = view;
    result->generation++;
    result->arrange = request;
    result->work = !has_work ? RESULT_IDLE : request.sort >= 0 ? RESULT_SORTING : RESULT_FILTERING;
    result->progress = 0;
    result->arrange_err = ERR_NONE;
    snprintf(result->filter_note, sizeof result->filter_note, "%s", request.filter.note);
    task_ask(result, TASK_ARRANGE);
    pthread_mutex_unlock(&result->lock);
    view_release(old);
    view_release(old_request);
    if (has_work && !task_start(result, TASK_ARRANGE, &err))
        result_fail(result, &err);
}
