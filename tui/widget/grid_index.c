/* The grid's index: which source row is shown where. Without filter and sort it is the identity and costs nothing; with
 * either it is an array of 32-bit numbers, built in one pass over the source (and one stable merge sort over values
 * read once per row). UI thread. */
#include "tui/widget/grid_private.h"
#include <stdlib.h>
#include <string.h>

size_t grid_source_count(const struct grid *grid, bool *is_at_least)
{
    bool more = false;
    size_t count = grid->source.count ? grid->source.count(grid->source.context, &more) : 0;
    if (is_at_least)
        *is_at_least = more;
    return count > UINT32_MAX && !grid->source.arrange ? UINT32_MAX : count; /* the index holds 32-bit numbers */
}

static size_t source_index(const struct grid *grid, size_t shown)
{
    return grid->is_indexed ? grid->index[shown] : shown;
}

const void *grid_source_row(const struct grid *grid, size_t shown)
{
    if (grid->is_indexed && shown >= grid->index_count)
        return NULL;
    size_t at = source_index(grid, shown);
    return at < grid_source_count(grid, NULL) ? grid->source.row(grid->source.context, at) : NULL;
}

uint64_t grid_row_identity(const struct grid *grid, size_t shown, const void *row)
{
    return grid->source.identity && row ? grid->source.identity(row) : source_index(grid, shown);
}

static bool room_for(struct grid *grid, size_t count)
{
    if (count <= grid->index_cap)
        return true;
    uint32_t *bigger = realloc(grid->index, count * sizeof *bigger);
    if (!bigger)
        return false;
    grid->index = bigger;
    grid->index_cap = count;
    return true;
}

/* What sorting compares, read once per row: 16 bytes side by side instead of a call per comparison. */
struct sort_item {
    uint64_t key; /* orders as the value does; of a text the first 8 bytes */
    uint32_t row;
    uint8_t rank; /* 0 known; what is not known follows, in both directions */
};
struct sorter {
    const struct grid *grid;
    const struct column *column;
    bool is_reverse;
};

static struct sort_item item_of(const struct sorter *sorter, uint32_t index)
{
    const void *row = sorter->grid->source.row(sorter->grid->source.context, index);
    struct value value = row ? column_value(sorter->column, row) : value_state(VALUE_UNKNOWN);
    if (value.state > VALUE_AT_LEAST)
        return (struct sort_item){.row = index, .rank = (uint8_t)value.state};
    return (struct sort_item){.key = value_sort_key(&value, sorter->column->kind), .row = index};
}

static int compare_rows(const struct sorter *sorter, uint32_t a, uint32_t b)
{
    const struct grid_source *source = &sorter->grid->source;
    struct value left = column_value(sorter->column, source->row(source->context, a));
    struct value right = column_value(sorter->column, source->row(source->context, b));
    return value_compare(&left, &right, sorter->column->kind);
}

static bool goes_before_or_equal(const struct sorter *sorter, const struct sort_item *a, const struct sort_item *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    if (a->key != b->key)
        return sorter->is_reverse ? a->key > b->key : a->key < b->key;
    if (a->rank > 0 || !value_kind_is_text(sorter->column->kind))
        return true;
    int order = compare_rows(sorter, a->row, b->row); /* the same beginning: the whole texts decide */
    return sorter->is_reverse ? order >= 0 : order <= 0;
}

/* Bottom-up merge; stable, so equal rows keep the order of the source. */
static void merge_runs(const struct sorter *sorter, const struct sort_item *from, struct sort_item *to, size_t low,
                       size_t middle, size_t high)
{
    size_t left = low, right = middle;
    for (size_t out = low; out < high; out++) {
        bool take_left = left < middle && (right >= high || goes_before_or_equal(sorter, &from[left], &from[right]));
        to[out] = take_left ? from[left++] : from[right++];
    }
}

/* Returns which of the two arrays holds the sorted items. */
static struct sort_item *merge_sort(const struct sorter *sorter, struct sort_item *items, struct sort_item *spare,
                                    size_t count)
{
    struct sort_item *from = items, *to = spare;
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t low = 0; low < count; low += run * 2) {
            size_t middle = low + run < count ? low + run : count, high = middle + run < count ? middle + run : count;
            merge_runs(sorter, from, to, low, middle, high);
        }
        struct sort_item *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

static void sort_index(struct grid *grid)
{
    struct sorter sorter = {.grid = grid, .column = &grid->columns[grid->sort], .is_reverse = grid->is_reverse};
    size_t count = grid->index_count;
    struct sort_item *items = malloc(2 * count * sizeof *items);
    if (!items)
        return; /* out of memory: unsorted rows are better than none */
    for (size_t i = 0; i < count; i++)
        items[i] = item_of(&sorter, grid->index[i]);
    const struct sort_item *sorted = merge_sort(&sorter, items, items + count, count);
    for (size_t i = 0; i < count; i++)
        grid->index[i] = sorted[i].row;
    free(items);
}

void grid_index_build(struct grid *grid)
{
    bool is_filtered = grid->filter.kind != FILTER_NONE;
    grid->is_indexed = (is_filtered || grid->sort >= 0) && !grid->source.arrange;
    grid->index_count = 0;
    if (!grid->is_indexed) {
        free(grid->index);
        grid->index = NULL;
        grid->index_cap = 0;
        return;
    }
    size_t count = grid_source_count(grid, NULL);
    if (!room_for(grid, count ? count : 1)) {
        grid->is_indexed = false; /* out of memory: all rows in their own order are better than none */
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const void *row = is_filtered ? grid->source.row(grid->source.context, i) : NULL;
        if (!is_filtered || (row && filter_match_row(&grid->filter, grid->columns, (size_t)grid->column_count, row,
                                                     grid->now_ms, &grid->scratch)))
            grid->index[grid->index_count++] = (uint32_t)i;
    }
    if (grid->sort >= 0 && grid->index_count > 1)
        sort_index(grid);
}

static bool is_at(const struct grid *grid, size_t shown, uint64_t identity)
{
    const void *row = grid_source_row(grid, shown);
    return row && grid_row_identity(grid, shown, row) == identity;
}

bool grid_find(const struct grid *grid, uint64_t identity, size_t near, size_t *shown)
{
    size_t count = grid_shown(grid);
    for (size_t distance = 0; distance < GRID_SEARCH_MAX && (near >= distance || near + distance < count); distance++) {
        if (near + distance < count && is_at(grid, near + distance, identity)) {
            *shown = near + distance;
            return true;
        }
        if (distance > 0 && near >= distance && near - distance < count && is_at(grid, near - distance, identity)) {
            *shown = near - distance;
            return true;
        }
    }
    return false;
}
