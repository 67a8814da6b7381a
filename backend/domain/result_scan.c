/* Counting row ends eight bytes at a time, without vector instructions; and the cells of one row. */
#include "backend/domain/result_scan.h"
#include <string.h>

enum { GROUP = 64 };
static const uint64_t ones = 0x0101010101010101u, lows = 0x7f7f7f7f7f7f7f7fu;

static uint64_t load(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* The high bit of each byte of word that equals byte ("Hacker's Delight", 6-1: finding the first 0-byte, exact form).
 */
static uint64_t same_bytes(uint64_t word, unsigned char byte)
{
    uint64_t different = word ^ ones * byte;
    return ~(((different & lows) + lows) | different | lows);
}

/* One bit per byte of 64, bit 0 the first. The multiplication gathers the eight high bits in the top byte; a machine
 * that stores the high byte first would need them turned round, which WEIR's targets (x86-64, AArch64) are not. */
static uint64_t group_mask(const char *bytes, unsigned char byte)
{
    uint64_t mask = 0;
    for (int i = 0; i < GROUP / 8; i++)
        mask |= ((same_bytes(load(bytes + 8 * i), byte) >> 7) * 0x0102040810204080u >> 56) << (8 * i);
    return mask;
}

/* Bit i of the answer: whether an odd number of bits 0 .. i is set. */
static uint64_t running_parity(uint64_t bits)
{
    for (int shift = 1; shift < GROUP; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

static bool count_group(struct row_counter *counter, uint64_t line_ends, uint64_t quotes)
{
    uint64_t inside = running_parity(quotes) ^ (counter->is_in_quotes ? UINT64_MAX : 0);
    counter->is_in_quotes = inside >> 63;
    for (uint64_t ends = line_ends & ~inside; ends; ends &= ends - 1) {
        counter->rows++;
        counter->end = counter->offset + (unsigned)__builtin_ctzll(ends) + 1;
        if (counter->end < counter->next)
            continue;
        if (!counter->mark(counter->context, (struct row_mark){.row = counter->rows, .offset = counter->end}))
            return false;
        counter->next = counter->end + counter->spacing;
    }
    return true;
}

bool row_count(struct row_counter *counter, const char *bytes, size_t len)
{
    char last[GROUP];
    for (size_t at = 0; at < len; at += GROUP) {
        const char *group = bytes + at;
        size_t left = len - at < GROUP ? len - at : GROUP;
        if (left < GROUP) { /* zeros are neither quotes nor line ends */
            memset(last, 0, sizeof last);
            memcpy(last, group, left);
            group = last;
        }
        uint64_t quotes = counter->form == RESULT_CSV ? group_mask(group, '"') : 0;
        if (!count_group(counter, group_mask(group, '\n'), quotes))
            return false;
        counter->offset += left;
    }
    return true;
}

static bool is_odd_quotes(const char *bytes, size_t len)
{
    uint64_t seen = 0; /* exclusive or keeps the parity of the number of bits */
    size_t at = 0;
    for (; at + 8 <= len; at += 8)
        seen ^= same_bytes(load(bytes + at), '"');
    bool is_odd = __builtin_parityll(seen);
    for (; at < len; at++)
        is_odd ^= bytes[at] == '"';
    return is_odd;
}

size_t row_length(enum result_form form, const char *bytes, size_t len)
{
    bool is_inside = false;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(bytes + at, '\n', len - at);
        if (!end)
            return 0;
        size_t next = (size_t)(end - bytes) + 1;
        if (form == RESULT_CSV)
            is_inside ^= is_odd_quotes(bytes + at, next - at);
        if (!is_inside)
            return next;
        at = next;
    }
    return 0;
}

size_t row_trim(enum result_form form, const char *bytes, size_t len)
{
    len -= len > 0 && bytes[len - 1] == '\n';
    return len - (form == RESULT_CSV && len > 0 && bytes[len - 1] == '\r');
}

struct row_cells row_cells(enum result_form form, const char *bytes, size_t len)
{
    return (struct row_cells){.form = form, .at = bytes, .end = bytes + len};
}

/* A field that does not start with a quote, or goes on after one that seemed to close: up to the comma outside quotes,
 * taken as it is. Athena writes no such field; a file from elsewhere may have it. */
static void loose_cell(struct row_cells *cells, const char *start, struct row_cell *cell)
{
    bool is_inside = false;
    const char *at = start;
    for (; at < cells->end && (is_inside || *at != ','); at++)
        is_inside ^= *at == '"';
    *cell = (struct row_cell){.bytes = start, .len = (size_t)(at - start), .is_null = at == start};
    cells->at = at;
}

static void quoted_cell(struct row_cells *cells, struct row_cell *cell)
{
    const char *start = cells->at, *at = start + 1, *quote;
    bool is_doubled = false;
    while ((quote = memchr(at, '"', (size_t)(cells->end - at))) && quote + 1 < cells->end && quote[1] == '"') {
        is_doubled = true;
        at = quote + 2;
    }
    if (!quote || (quote + 1 < cells->end && quote[1] != ',')) {
        loose_cell(cells, start, cell);
        return;
    }
    *cell = (struct row_cell){.bytes = start + 1, .len = (size_t)(quote - start) - 1, .is_doubled = is_doubled};
    cells->at = quote + 1;
}

static void tab_cell(struct row_cells *cells, struct row_cell *cell)
{
    const char *tab = memchr(cells->at, '\t', (size_t)(cells->end - cells->at));
    const char *end = tab ? tab : cells->end;
    *cell = (struct row_cell){.bytes = cells->at, .len = (size_t)(end - cells->at)};
    cells->at = end;
}

bool row_next_cell(struct row_cells *cells, struct row_cell *cell)
{
    if (cells->is_done)
        return false;
    if (cells->form == RESULT_LINES)
        tab_cell(cells, cell);
    else if (cells->at < cells->end && *cells->at == '"')
        quoted_cell(cells, cell);
    else
        loose_cell(cells, cells->at, cell);
    cells->is_done = cells->at == cells->end;
    cells->at += !cells->is_done; /* the comma or TAB: there is another cell behind it, maybe an empty one */
    return true;
}

size_t cell_copy_some(const struct row_cell *cell, char *out, size_t max)
{
    if (!cell->is_doubled) {
        size_t len = cell->len < max ? cell->len : max;
        if (len > 0)
            memcpy(out, cell->bytes, len);
        return len;
    }
    size_t len = 0;
    for (size_t at = 0; at < cell->len && len < max; at++) {
        out[len++] = cell->bytes[at];
        at += cell->bytes[at] == '"'; /* the second of the pair */
    }
    return len;
}

bool cell_copy(const struct row_cell *cell, struct buf *out)
{
    char *room = buf_reserve(out, cell->len);
    if (!room)
        return false;
    out->len += cell_copy_some(cell, room, cell->len);
    out->data[out->len] = '\0';
    return true;
}
