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
    return count > UINT32_MAX ? UINT32_MAX : count;
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

/* Bottom-up merge of index[] by values[]; stable, so equal rows keep the order of the source. */
struct sorter {
    const struct value *values; /* by source row */
    enum value_kind kind;
    bool is_reverse;
};

static bool goes_before_or_equal(const struct sorter *sorter, uint32_t a, uint32_t b)
{
    const struct value *left = &sorter->values[a], *right = &sorter->values[b];
    int order = value_compare(left, right, sorter->kind);
    /* what is not known stays at the end in both directions: a reversed sort is to show the largest figure first */
    bool both_known = left->state <= VALUE_AT_LEAST && right->state <= VALUE_AT_LEAST;
    return sorter->is_reverse && both_known ? order >= 0 : order <= 0;
}

static void merge_runs(const struct sorter *sorter, const uint32_t *from, uint32_t *to, size_t low, size_t middle,
                       size_t high)
{
    size_t left = low, right = middle;
    for (size_t out = low; out < high; out++) {
        bool take_left = left < middle && (right >= high || goes_before_or_equal(sorter, from[left], from[right]));
        to[out] = take_left ? from[left++] : from[right++];
    }
}

static void merge_sort(const struct sorter *sorter, uint32_t *items, uint32_t *spare, size_t count)
{
    uint32_t *from = items, *to = spare;
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t low = 0; low < count; low += run * 2) {
            size_t middle = low + run < count ? low + run : count, high = middle + run < count ? middle + run : count;
            merge_runs(sorter, from, to, low, middle, high);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}

static void sort_index(struct grid *grid, size_t source_count)
{
    const struct column *column = &grid->columns[grid->sort];
    struct value *values = calloc(source_count, sizeof *values);
    uint32_t *spare = malloc(grid->index_count * sizeof *spare);
    if (values && spare) {
        for (size_t i = 0; i < grid->index_count; i++) {
            const void *row = grid->source.row(grid->source.context, grid->index[i]);
            values[grid->index[i]] = row ? column->get(row) : value_state(VALUE_UNKNOWN);
        }
        struct sorter sorter = {.values = values, .kind = column->kind, .is_reverse = grid->is_reverse};
        merge_sort(&sorter, grid->index, spare, grid->index_count);
    }
    free(values);
    free(spare);
}

void grid_index_build(struct grid *grid)
{
    bool is_filtered = grid->filter.kind != FILTER_NONE;
    grid->is_indexed = is_filtered || grid->sort >= 0;
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
        if (!is_filtered || (row && grid_filter_match(grid, row)))
            grid->index[grid->index_count++] = (uint32_t)i;
    }
    if (grid->sort >= 0 && grid->index_count > 1)
        sort_index(grid, count);
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
