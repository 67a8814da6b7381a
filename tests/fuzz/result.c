/* Any bytes as a result, against a reader that looks at one byte at a time: the indexer's counts and marks whatever the
 * pieces are, the rows whatever the block is, and the cells in memory and streamed. The first byte: the form and the
 * size of blocks. */
#include "backend/domain/result_private.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ROWS_MAX = 5000, CELL_MAX = 8192 };

struct plain_row {
    size_t at, size;
};

/* What a row is, said plainly. Returns how many have their line end; *rest is where what has none starts. */
static size_t plain_rows(enum result_form form, const char *bytes, size_t len, struct plain_row *rows, size_t *rest)
{
    size_t count = 0, start = 0;
    bool is_inside = false;
    for (size_t i = 0; i < len; i++) {
        is_inside ^= form == RESULT_CSV && bytes[i] == '"';
        if (bytes[i] != '\n' || is_inside)
            continue;
        rows[count++] = (struct plain_row){.at = start, .size = i + 1 - start};
        start = i + 1;
    }
    *rest = start;
    return count;
}

struct marked {
    const struct plain_row *rows;
    size_t count, rest;
    uint64_t last, spacing;
};

static bool check_mark(void *context, struct row_mark mark)
{
    struct marked *marked = context;
    MUST(mark.row <= marked->count);
    MUST(mark.offset == (mark.row < marked->count ? marked->rows[mark.row].at : marked->rest));
    MUST(mark.offset >= marked->last + marked->spacing);
    marked->last = mark.offset;
    return true;
}

static void check_index(enum result_form form, const char *bytes, size_t len, size_t piece, struct marked marked)
{
    struct row_counter counter = {
        .form = form, .spacing = marked.spacing, .next = marked.spacing, .mark = check_mark, .context = &marked};
    for (size_t at = 0; at < len; at += piece)
        MUST(row_count(&counter, bytes + at, len - at < piece ? len - at : piece));
    MUST(counter.rows == marked.count);
    MUST(counter.end == marked.rest);
    MUST(counter.offset == len);
}

/* The cells of one row, twice: as they are in memory, and as they stream from the file. */
static void check_cells(enum result_form form, int fd, const char *bytes, struct plain_row at)
{
    struct row_ref whole = {.offset = at.at, .size = at.size, .bytes = bytes, .len = row_trim(form, bytes, at.size)};
    struct row_ref streamed = {.offset = at.at, .size = at.size};
    struct cell_walk one, other;
    struct row_cell cell, twin;
    struct err err = ERR_NONE;
    struct buf value = BUF_INIT(CELL_MAX);
    walk_init(&one, form, fd, CELL_MAX);
    walk_init(&other, form, fd, CELL_MAX);
    walk_start(&one, &whole);
    walk_start(&other, &streamed);
    while (walk_next(&one, &cell, &err)) {
        MUST(walk_next(&other, &twin, &err));
        buf_clear(&value);
        MUST(cell_copy(&cell, &value));
        MUST(cell.is_null == twin.is_null);
        MUST(value.len == twin.len && (value.len == 0 || memcmp(value.data, twin.bytes, value.len) == 0));
    }
    MUST(!walk_next(&other, &twin, &err));
    MUST(err.code == ERR_OK);
    walk_done(&one);
    walk_done(&other);
    buf_done(&value);
}

static void check_rows(enum result_form form, int fd, const char *bytes, size_t len, size_t block,
                       const struct marked *marked)
{
    struct row_cursor cursor;
    struct row_ref row;
    struct err err = ERR_NONE;
    size_t i = 0, rest = marked->rest < len;
    MUST(cursor_open(&cursor, form, fd, block));
    cursor.end = len;
    for (; cursor_next(&cursor, &row, &err); i++) {
        struct plain_row plain =
            i < marked->count ? marked->rows[i] : (struct plain_row){.at = marked->rest, .size = len - marked->rest};
        MUST(i < marked->count + rest);
        MUST(row.offset == plain.at && row.size == plain.size);
        MUST(!row.bytes || (row.len <= row.size && memcmp(row.bytes, bytes + row.offset, row.len) == 0));
        check_cells(form, fd, bytes + plain.at, plain);
    }
    MUST(err.code == ERR_OK);
    MUST(i == marked->count + rest);
    cursor_close(&cursor);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static struct plain_row rows[ROWS_MAX];
    if (size < 1 || size > ROWS_MAX)
        return 0;
    enum result_form form = input[0] & 1 ? RESULT_LINES : RESULT_CSV;
    size_t block = (size_t)(input[0] >> 1) + 1, len = size - 1;
    const char *bytes = (const char *)input + 1;
    struct marked marked = {.rows = rows, .spacing = block};
    int fd = memfd_create("result", MFD_CLOEXEC);
    MUST(fd >= 0 && (len == 0 || write(fd, bytes, len) == (ssize_t)len));
    marked.count = plain_rows(form, bytes, len, rows, &marked.rest);
    check_index(form, bytes, len, block, marked);
    check_rows(form, fd, bytes, len, block, &marked);
    close(fd);
    return 0;
}
