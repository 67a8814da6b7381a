/* Rows of the file one after the other through one block of memory, and the cells of a row. A row that does not fit in
 * the block is told by place only; its cells then stream through a block of the walk's own, so that no row and no cell
 * has to fit in memory. One thread each. */
#include "backend/domain/result_private.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_FILL = 4096, STREAM_BLOCK = 64 << 10 };

bool cursor_open(struct row_cursor *cursor, enum result_form form, int fd, size_t block_bytes)
{
    *cursor = (struct row_cursor){.form = form, .fd = fd, .cap = block_bytes, .block = malloc(block_bytes)};
    cursor_seek(cursor, 0);
    return cursor->block;
}

void cursor_close(struct row_cursor *cursor)
{
    free(cursor->block);
    cursor->block = NULL;
}

void cursor_seek(struct row_cursor *cursor, uint64_t offset)
{
    if (offset >= cursor->base && offset <= cursor->base + cursor->len) {
        cursor->at = (size_t)(offset - cursor->base);
        return;
    }
    cursor->base = offset;
    cursor->at = cursor->len = 0;
    cursor->fill = FIRST_FILL < cursor->cap ? FIRST_FILL : cursor->cap;
}

/* Moves what is left to the front and reads more behind it. */
static bool refill(struct row_cursor *cursor, struct err *err)
{
    size_t left = cursor->len - cursor->at;
    if (left > 0 && cursor->at > 0)
        memmove(cursor->block, cursor->block + cursor->at, left);
    cursor->base += cursor->at;
    cursor->at = 0;
    cursor->len = left;
    size_t want = cursor->fill > left ? cursor->fill - left : cursor->cap - left;
    uint64_t from = cursor->base + left, ahead = cursor->end - from;
    want = want < ahead ? want : (size_t)ahead;
    if (!read_fully(cursor->fd, cursor->block + left, want, from, err))
        return false;
    cursor->len += want;
    cursor->fill = cursor->fill * 2 < cursor->cap ? cursor->fill * 2 : cursor->cap;
    return true;
}

static bool stop_at_first(void *context, struct row_mark mark)
{
    *(uint64_t *)context = mark.offset;
    return false;
}

/* The end of the row at base, which fills the block already. */
static bool skip_large(struct row_cursor *cursor, struct row_ref *row, struct err *err)
{
    uint64_t end = 0, offset = cursor->base;
    struct row_counter counter = {
        .form = cursor->form, .offset = offset, .mark = stop_at_first, .context = &end, .spacing = 1};
    size_t len = cursor->len;
    while (row_count(&counter, cursor->block, len) && counter.offset < cursor->end) {
        uint64_t ahead = cursor->end - counter.offset;
        len = ahead < cursor->cap ? (size_t)ahead : cursor->cap;
        if (!read_fully(cursor->fd, cursor->block, len, counter.offset, err))
            return false;
    }
    end = end ? end : cursor->end;
    *row = (struct row_ref){.offset = offset, .size = end - offset};
    cursor->base = end;
    cursor->at = cursor->len = 0;
    return true;
}

bool cursor_next(struct row_cursor *cursor, struct row_ref *row, struct err *err)
{
    for (;;) {
        char *start = cursor->block + cursor->at;
        size_t left = cursor->len - cursor->at, size = row_length(cursor->form, start, left);
        bool is_last = cursor->base + cursor->len >= cursor->end;
        if (size == 0 && is_last)
            size = left; /* the last row may lack its line end */
        if (size > 0) {
            *row = (struct row_ref){.offset = cursor->base + cursor->at,
                                    .size = size,
                                    .bytes = start,
                                    .len = row_trim(cursor->form, start, size)};
            cursor->at += size;
            return true;
        }
        if (is_last)
            return false;
        if (cursor->at == 0 && cursor->len == cursor->cap)
            return skip_large(cursor, row, err);
        if (!refill(cursor, err))
            return false;
    }
}

void walk_init(struct cell_walk *walk, enum result_form form, int fd, size_t cell_max)
{
    *walk = (struct cell_walk){.form = form, .fd = fd, .max = cell_max, .decoded = BUF_INIT(cell_max)};
}

void walk_done(struct cell_walk *walk)
{
    buf_done(&walk->decoded);
    free(walk->block);
    walk->block = NULL;
}

void walk_start(struct cell_walk *walk, const struct row_ref *row)
{
    walk->is_streamed = !row->bytes;
    walk->is_done = walk->is_cut = walk->is_trimmed = false;
    if (row->bytes) {
        walk->cells = row_cells(walk->form, row->bytes, row->len);
        return;
    }
    walk->at = row->offset;
    walk->end = row->offset + row->size;
    walk->block_at = walk->block_len = 0;
}

/* The byte at walk->at, -1 at the row's end, -2 when it cannot be read. */
static int peek(struct cell_walk *walk, struct err *err)
{
    if (walk->block_at < walk->block_len)
        return (unsigned char)walk->block[walk->block_at];
    if (walk->at >= walk->end)
        return -1;
    if (!walk->block)
        walk->block = malloc(STREAM_BLOCK);
    uint64_t left = walk->end - walk->at;
    size_t len = left < STREAM_BLOCK ? (size_t)left : STREAM_BLOCK;
    if (!walk->block) {
        err_set(err, ERR_FAILED, "result: out of memory");
        return -2;
    }
    if (!read_fully(walk->fd, walk->block, len, walk->at, err))
        return -2;
    walk->block_at = 0;
    walk->block_len = len;
    return (unsigned char)walk->block[0];
}

static void advance(struct cell_walk *walk)
{
    walk->at++;
    walk->block_at++;
}

static void keep(struct cell_walk *walk, int byte)
{
    if (walk->decoded.len < walk->max)
        buf_putc(&walk->decoded, (char)byte);
    else
        walk->is_cut = true;
}

/* A field as it is, up to the separator outside quotes. */
static int stream_loose(struct cell_walk *walk, struct err *err)
{
    int byte, separator = walk->form == RESULT_CSV ? ',' : '\t';
    bool is_inside = false;
    while ((byte = peek(walk, err)) >= 0 && (is_inside || byte != separator)) {
        is_inside ^= walk->form == RESULT_CSV && byte == '"';
        keep(walk, byte);
        advance(walk);
    }
    return byte;
}

/* Up to the next quote, or the end of what has been read. */
static void keep_run(struct cell_walk *walk)
{
    const char *from = walk->block + walk->block_at;
    size_t left = walk->block_len - walk->block_at, room = walk->max - walk->decoded.len;
    const char *quote = memchr(from, '"', left);
    size_t run = quote ? (size_t)(quote - from) : left;
    buf_append(&walk->decoded, from, run < room ? run : room);
    walk->is_cut |= run > room;
    walk->at += run;
    walk->block_at += run;
}

/* What is between the quotes; true when the cell ends with the closing one. */
static bool stream_quoted(struct cell_walk *walk, struct err *err)
{
    int byte;
    advance(walk);
    while ((byte = peek(walk, err)) >= 0) {
        if (byte != '"') {
            keep_run(walk);
            continue;
        }
        advance(walk);
        byte = peek(walk, err);
        if (byte != '"')
            return byte < 0 || byte == ',';
        keep(walk, byte);
        advance(walk);
    }
    return false;
}

/* Leaves the line end off, as row_trim does. */
static bool trim(struct cell_walk *walk, struct err *err)
{
    char last[2];
    size_t len = walk->end - walk->at < sizeof last ? (size_t)(walk->end - walk->at) : sizeof last;
    if (!read_fully(walk->fd, last, len, walk->end - len, err))
        return false;
    walk->end -= len - row_trim(walk->form, last, len);
    walk->is_trimmed = true;
    return true;
}

static bool stream_cell(struct cell_walk *walk, struct row_cell *cell, struct err *err)
{
    if (walk->is_done || (!walk->is_trimmed && !trim(walk, err)))
        return false;
    uint64_t start = walk->at;
    walk->is_cut = false;
    buf_clear(&walk->decoded);
    int byte = peek(walk, err);
    bool is_quoted = byte == '"' && walk->form == RESULT_CSV && stream_quoted(walk, err);
    if (!is_quoted) {
        buf_clear(&walk->decoded);
        walk->is_cut = false;
        walk->at = start;
        walk->block_at = walk->block_len = 0;
        byte = stream_loose(walk, err);
    } else {
        byte = peek(walk, err);
    }
    if (byte == -2)
        return false;
    walk->is_done = byte != (walk->form == RESULT_CSV ? ',' : '\t');
    if (!walk->is_done)
        advance(walk);
    *cell = (struct row_cell){.bytes = buf_text(&walk->decoded),
                              .len = walk->decoded.len,
                              .is_null = walk->form == RESULT_CSV && !is_quoted && walk->decoded.len == 0};
    return true;
}

bool walk_next(struct cell_walk *walk, struct row_cell *cell, struct err *err)
{
    return walk->is_streamed ? stream_cell(walk, cell, err) : row_next_cell(&walk->cells, cell);
}
