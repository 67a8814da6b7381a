/* The gap buffer of an editor and its index of lines. A splice costs the distance from the last one, not the size of
 * the text. Called by tui/widget/editor*.c on the UI thread. */
#include "tui/widget/editor_store.h"
#include <stdlib.h>
#include <string.h>

enum { BYTES_FIRST = 1024, LINES_FIRST = 64 };

void store_init(struct store *store, size_t max)
{
    *store = (struct store){.max = max, .line_count = 1, .line_gap = 1};
    store->data = malloc(BYTES_FIRST + 1);
    store->lines = malloc(LINES_FIRST * sizeof *store->lines);
    if (!store->data || !store->lines)
        abort();
    store->gap_len = BYTES_FIRST;
    store->data[BYTES_FIRST] = '\0';
    store->line_gap_len = LINES_FIRST - 1;
    store->lines[0] = (struct store_line){.at = 0};
}

void store_done(struct store *store)
{
    free(store->data);
    free(store->lines);
    *store = (struct store){.len = 0};
}

static void move_gap(struct store *store, size_t at)
{
    if (at < store->gap)
        memmove(store->data + at + store->gap_len, store->data + at, store->gap - at);
    else
        memmove(store->data + store->gap, store->data + store->gap + store->gap_len, at - store->gap);
    store->gap = at;
}

static bool make_room(struct store *store, size_t need)
{
    if (store->gap_len >= need)
        return true;
    size_t cap = store->len + need + store->len / 2 + BYTES_FIRST;
    size_t behind = store->len - store->gap;
    char *bigger = realloc(store->data, cap + 1);
    if (!bigger)
        return false;
    bigger[cap] = '\0';
    memmove(bigger + cap - behind, bigger + store->gap + store->gap_len, behind);
    store->data = bigger;
    store->gap_len = cap - store->len;
    return true;
}

static void move_line_gap(struct store *store, size_t line)
{
    struct store_line *lines = store->lines;
    for (; store->line_gap > line; store->line_gap--) {
        struct store_line moved = lines[store->line_gap - 1];
        moved.at = (uint32_t)(store->len - moved.at);
        lines[store->line_gap - 1 + store->line_gap_len] = moved;
    }
    for (; store->line_gap < line; store->line_gap++) {
        struct store_line moved = lines[store->line_gap + store->line_gap_len];
        moved.at = (uint32_t)(store->len - moved.at);
        lines[store->line_gap] = moved;
    }
}

static bool make_line_room(struct store *store, size_t need)
{
    if (store->line_gap_len >= need)
        return true;
    size_t cap = store->line_count + need + store->line_count / 2 + LINES_FIRST;
    size_t behind = store->line_count - store->line_gap;
    struct store_line *bigger = realloc(store->lines, cap * sizeof *bigger);
    if (!bigger)
        return false;
    memmove(bigger + cap - behind, bigger + store->line_gap + store->line_gap_len, behind * sizeof *bigger);
    store->lines = bigger;
    store->line_gap_len = cap - store->line_count;
    return true;
}

static const struct store_line *line_at(const struct store *store, size_t line)
{
    return &store->lines[line < store->line_gap ? line : line + store->line_gap_len];
}

size_t store_line_start(const struct store *store, size_t line)
{
    if (line >= store->line_count)
        return store->len;
    uint32_t at = line_at(store, line)->at;
    return line < store->line_gap ? at : store->len - at;
}

size_t store_line_end(const struct store *store, size_t line)
{
    return line + 1 < store->line_count ? store_line_start(store, line + 1) - 1 : store->len;
}

size_t store_line_of(const struct store *store, size_t at)
{
    size_t low = 0, high = store->line_count; /* the last line that starts at or before it */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (store_line_start(store, middle) <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int store_line_state(const struct store *store, size_t line)
{
    return line_at(store, line)->state;
}

void store_set_line_state(struct store *store, size_t line, int state)
{
    store->lines[line < store->line_gap ? line : line + store->line_gap_len].state = state;
}

static size_t count_newlines(const char *bytes, size_t len)
{
    size_t count = 0;
    for (const char *end = bytes + len; len && (bytes = memchr(bytes, '\n', (size_t)(end - bytes))); bytes++)
        count++;
    return count;
}

/* The index's gap comes to stand behind the line of the change, and the lines that begin in what goes are forgotten. */
static void forget_lines(struct store *store, size_t at, size_t removed)
{
    size_t line = store_line_of(store, at);
    size_t last = store_line_of(store, at + removed);
    move_line_gap(store, line + 1);
    store->line_gap_len += last - line;
    store->line_count -= last - line;
}

static void index_lines(struct store *store, size_t at, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *newline = memchr(bytes + i, '\n', len - i);
        if (!newline)
            break;
        i = (size_t)(newline - bytes);
        store->lines[store->line_gap++] = (struct store_line){.at = (uint32_t)(at + i + 1)};
        store->line_gap_len--;
        store->line_count++;
    }
}

bool store_splice(struct store *store, size_t at, size_t removed, const char *bytes, size_t len)
{
    if (len > store->max || store->len - removed > store->max - len)
        return false;
    if (!make_room(store, len) || !make_line_room(store, count_newlines(bytes, len)))
        return false;
    forget_lines(store, at, removed);
    move_gap(store, at);
    store->gap_len += removed;
    store->len -= removed;
    if (len)
        memcpy(store->data + store->gap, bytes, len);
    store->gap += len;
    store->gap_len -= len;
    store->len += len;
    index_lines(store, at, bytes, len);
    return true;
}

const char *store_view(struct store *store, size_t from, size_t to)
{
    if (from < store->gap && to > store->gap)
        move_gap(store, store->gap - from < to - store->gap ? from : to);
    return store->data + (from < store->gap ? from : from + store->gap_len);
}

void store_copy(const struct store *store, size_t from, size_t to, char *out)
{
    size_t before = from < store->gap ? (to < store->gap ? to : store->gap) - from : 0;
    if (before)
        memcpy(out, store->data + from, before);
    if (from + before < to)
        memcpy(out + before, store->data + from + before + store->gap_len, to - from - before);
}
