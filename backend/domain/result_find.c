/* Find: the next shown row that matches, forwards or backwards from a place. */
#include "backend/domain/result_private.h"
#include <stdlib.h>

enum { TELL_EVERY = 4096, BACK_ROWS = 1024 /* rows of one step backwards */ };

struct finder {
    struct result *result;
    uint64_t mine;
    struct find_request request;
    struct row_matcher matcher;
    struct view_walk walk;
    bool is_open;
    struct err err;
};

static void answer(struct finder *finder, struct result_found found)
{
    struct result *result = finder->result;
    pthread_mutex_lock(&result->lock);
    if (!task_is_stale(result, TASK_FIND, finder->mine))
        result->found = found;
    pthread_mutex_unlock(&result->lock);
    result_tell(result, found.state != FIND_WORKING);
}

static bool go_on(struct finder *finder, uint64_t looked_at, uint64_t of)
{
    if (looked_at % TELL_EVERY == 0)
        answer(finder,
               (struct result_found){.state = FIND_WORKING, .progress = of > 0 ? (double)looked_at / (double)of : 0});
    return finder->err.code == ERR_OK && !task_is_stale(finder->result, TASK_FIND, finder->mine);
}

static bool find_forwards(struct finder *finder, uint64_t *at)
{
    struct view_walk *walk = &finder->walk;
    struct row_ref row;
    uint64_t looked_at = 0;
    bool is_final = false;
    view_walk_seek(walk, finder->request.from + 1);
    for (;;) {
        view_walk_refresh(walk, &is_final);
        while (view_walk_next(walk, &row, &finder->err)) {
            if (matcher_match(&finder->matcher, &row, &finder->err)) {
                *at = walk->at - 1;
                return true;
            }
            if (!go_on(finder, ++looked_at, walk->count))
                return false;
        }
        if (is_final || finder->err.code != ERR_OK ||
            !task_wait(finder->result, TASK_FIND, finder->mine, walk->cursor.end))
            return false;
    }
}

/* In steps: the last match of each step's rows is the nearest. */
static bool find_backwards(struct finder *finder, uint64_t *at)
{
    struct view_walk *walk = &finder->walk;
    struct row_ref row;
    uint64_t looked_at = 0;
    view_walk_refresh(walk, NULL);
    uint64_t before = finder->request.from < walk->count ? finder->request.from : walk->count;
    while (before > 0) {
        uint64_t from = before > BACK_ROWS ? before - BACK_ROWS : 0;
        bool is_found = false;
        view_walk_seek(walk, from);
        while (walk->at < before && view_walk_next(walk, &row, &finder->err)) {
            if (matcher_match(&finder->matcher, &row, &finder->err)) {
                *at = walk->at - 1;
                is_found = true;
            }
            if (!go_on(finder, ++looked_at, finder->request.from))
                return false;
        }
        if (is_found || finder->err.code != ERR_OK)
            return is_found;
        before = from;
    }
    return false;
}

void find_run(struct result *result, uint64_t mine)
{
    struct finder finder = {.result = result, .mine = mine};
    uint64_t at = 0;
    pthread_mutex_lock(&result->lock);
    finder.request = result->find;
    view_hold(finder.request.view);
    pthread_mutex_unlock(&result->lock);
    if (!finder.request.view)
        return;
    matcher_init(&finder.matcher, result, &finder.request.filter);
    bool is_found = false;
    if (view_walk_open(&finder.walk, result, finder.request.view, 0, &finder.err)) {
        is_found = finder.request.is_backward ? find_backwards(&finder, &at) : find_forwards(&finder, &at);
        view_walk_close(&finder.walk);
    }
    bool has_failed = finder.err.code != ERR_OK;
    answer(&finder, (struct result_found){.state = is_found     ? FIND_FOUND
                                                   : has_failed ? FIND_FAILED
                                                                : FIND_ABSENT,
                                          .shown = at,
                                          .err = finder.err});
    matcher_done(&finder.matcher);
    view_release(finder.request.view);
}

static void ask(struct result *result, const struct find_request *request, struct result_found found)
{
    pthread_mutex_lock(&result->lock);
    struct result_view *old = result->find.view;
    result->find = *request;
    result->find.view = request->filter.kind != FILTER_NONE ? view_hold(result->view) : NULL;
    result->found = found;
    task_ask(result, TASK_FIND);
    pthread_mutex_unlock(&result->lock);
    view_release(old);
}

void result_find(struct result *result, const char *text, size_t from, bool is_backward)
{
    const struct column *columns = result_columns(result, NULL);
    struct find_request request = {.from = from, .is_backward = is_backward};
    struct result_found found = {.state = FIND_WORKING};
    if (columns)
        filter_parse(&request.filter, columns, text);
    if (request.filter.kind == FILTER_NONE) {
        found.state = request.filter.note[0] ? FIND_FAILED : FIND_NOTHING;
        err_set(&found.err, ERR_USAGE, "%s", request.filter.note);
    }
    ask(result, &request, found);
    if (found.state == FIND_WORKING && !task_start(result, TASK_FIND, &found.err))
        result_fail(result, &found.err);
}

void result_find_stop(struct result *result)
{
    ask(result, &(struct find_request){0}, (struct result_found){.state = FIND_NOTHING});
}

struct result_found result_found(struct result *result)
{
    pthread_mutex_lock(&result->lock);
    struct result_found found = result->found;
    pthread_mutex_unlock(&result->lock);
    return found;
}
