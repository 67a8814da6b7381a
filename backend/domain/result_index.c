/* The indexer: follows the file as it arrives, counts rows, and marks where one starts about every 32 KiB, so that any
 * row is reached by a few reads whatever the size of rows and file. Ends when the file does. */
#include "backend/base/clock.h"
#include "backend/domain/result_private.h"
#include <stdlib.h>
#include <string.h>

struct indexer {
    struct result *result;
    struct spool marks;
    struct row_counter counter;
    char *block;
    int64_t tell_at_ms; /* rows have been found that nobody was told of, as the last time was too near; 0: none */
    struct err err;
};

static bool keep_mark(void *context, struct row_mark mark)
{
    struct indexer *indexer = context;
    return spool_add(&indexer->marks, mark, &indexer->err);
}

/* Waits for bytes behind `from`. Returns how far they go, `from` at the end of all; *is_all: no more will come. */
static uint64_t wait_bytes(struct indexer *indexer, uint64_t from, bool *is_all)
{
    struct result *result = indexer->result;
    pthread_mutex_lock(&result->lock);
    while (!result->is_closing && !result->is_all && !result->is_broken && (uint64_t)result->arrived <= from) {
        if (thread_wait(&result->cond, &result->lock, indexer->tell_at_ms ? indexer->tell_at_ms : THREAD_FOREVER))
            continue;
        pthread_mutex_unlock(&result->lock);
        indexer->tell_at_ms = 0;
        result_tell(result, true);
        pthread_mutex_lock(&result->lock);
    }
    uint64_t arrived = (uint64_t)result->arrived;
    *is_all = result->is_all || result->is_broken;
    pthread_mutex_unlock(&result->lock);
    return arrived > from ? arrived : from;
}

static void publish(struct indexer *indexer, bool is_done)
{
    struct result *result = indexer->result;
    pthread_mutex_lock(&result->lock);
    bool is_first = result->rows == 0 && indexer->counter.rows > 0;
    result->marks = indexer->marks.written;
    result->rows = indexer->counter.rows;
    result->rows_end = indexer->counter.end;
    result->is_indexed = is_done;
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
    bool is_told = result_tell(result, is_done || is_first);
    indexer->tell_at_ms = is_told ? 0 : clock_mono(&clock_system) + RESULT_TELL_MS;
}

/* The header row and what of the first rows came with it. */
static bool read_header(struct indexer *indexer)
{
    struct result *result = indexer->result;
    struct buf head = BUF_INIT(RESULT_HEADER_MAX);
    size_t size = 0;
    bool is_all = false, ok = true;
    bool has_header = result->form == RESULT_CSV;
    while (ok && !result->is_closing && !is_all && (has_header ? size == 0 : head.len == 0)) {
        uint64_t until = wait_bytes(indexer, head.len, &is_all);
        size_t len = until - head.len < result->block_bytes ? (size_t)(until - head.len) : result->block_bytes;
        is_all = is_all && head.len + len == until;
        char *room = buf_reserve(&head, len);
        if (!room)
            ok = err_set(&indexer->err, ERR_TOO_LARGE, "the header row of the result is larger than %d MiB",
                         RESULT_HEADER_MAX >> 20);
        else if ((ok = read_fully(result->fd, room, len, head.len, &indexer->err)))
            head.len += len;
        size = ok && has_header ? row_length(RESULT_CSV, buf_text(&head), head.len) : 0;
    }
    size = has_header && size == 0 ? head.len : size;
    ok = ok && columns_build(result, buf_text(&head), row_trim(RESULT_CSV, buf_text(&head), size),
                             buf_text(&head) + size, head.len - size, &indexer->err);
    indexer->counter.offset = indexer->counter.end = size;
    indexer->counter.next = size + indexer->counter.spacing;
    pthread_mutex_lock(&result->lock);
    result->first_row = (struct row_mark){.offset = size};
    result->rows_end = size;
    pthread_cond_broadcast(&result->cond);
    pthread_mutex_unlock(&result->lock);
    buf_done(&head);
    return ok && !result->is_closing;
}

/* A row without a line end at the very end is one when it is whole: outside quotes, and with as many cells as columns.
 */
static bool take_last_row(struct indexer *indexer)
{
    struct row_counter *counter = &indexer->counter;
    struct result *result = indexer->result;
    if (counter->offset == counter->end)
        return true;
    struct row_ref row = {.offset = counter->end, .size = counter->offset - counter->end};
    struct cell_walk walk;
    struct row_cell cell;
    size_t cells = 0;
    walk_init(&walk, result->form, result->fd, 1);
    walk_start(&walk, &row);
    while (walk_next(&walk, &cell, &indexer->err))
        cells++;
    walk_done(&walk);
    if (indexer->err.code != ERR_OK)
        return false;
    if (counter->is_in_quotes || (result->form == RESULT_CSV && cells != result->column_count))
        return err_set(&indexer->err, ERR_INTERRUPTED,
                       "the result ends in the middle of row %llu (byte %llu); the rows before it are shown. Open it "
                       "again to fetch the rest",
                       (unsigned long long)counter->rows + 1, (unsigned long long)counter->offset);
    counter->rows++;
    counter->end = counter->offset;
    return true;
}

static bool read_rows(struct indexer *indexer)
{
    struct result *result = indexer->result;
    struct row_counter *counter = &indexer->counter;
    for (bool is_all = false; !result->is_closing;) {
        uint64_t until = wait_bytes(indexer, counter->offset, &is_all);
        size_t len =
            until - counter->offset < result->block_bytes ? (size_t)(until - counter->offset) : result->block_bytes;
        if (len == 0 && is_all)
            return take_last_row(indexer) && spool_flush(&indexer->marks, &indexer->err);
        if (!read_fully(result->fd, indexer->block, len, counter->offset, &indexer->err) ||
            !row_count(counter, indexer->block, len) || !spool_flush(&indexer->marks, &indexer->err))
            return false;
        publish(indexer, false);
    }
    return true;
}

void *index_run(void *context)
{
    struct result *result = context;
    struct indexer indexer = {.result = result,
                              .marks = {.fd = result->marks_fd},
                              .counter = {.form = result->form, .spacing = RESULT_SPACING, .mark = keep_mark},
                              .block = malloc(result->block_bytes)};
    indexer.counter.context = &indexer;
    bool ok = indexer.block || err_set(&indexer.err, ERR_FAILED, "result: out of memory");
    ok = ok && read_header(&indexer) && read_rows(&indexer);
    if (!ok && indexer.err.code != ERR_OK)
        result_fail(result, &indexer.err);
    publish(&indexer, true);
    free(indexer.block);
    result_release(result);
    return NULL;
}
