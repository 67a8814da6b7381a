/* From the grid's calls to the result's. */
#include "tui/grid_result.h"

static size_t count_shown(void *context, bool *is_at_least)
{
    struct result_status status;
    result_status(((struct grid_result *)context)->result, &status);
    if (is_at_least)
        *is_at_least = status.is_shown_at_least;
    return status.shown;
}

static size_t count_all(void *context, bool *is_at_least)
{
    struct result_status status;
    result_status(((struct grid_result *)context)->result, &status);
    if (is_at_least)
        *is_at_least = !status.is_complete || status.is_broken;
    return status.rows;
}

static const void *row_at(void *context, size_t shown)
{
    return result_row(((struct grid_result *)context)->result, shown);
}

static uint64_t row_identity(const void *row)
{
    return result_row_number(row) + 1; /* 0 is not an identity of its own (grid marks) */
}

static bool find(void *context, uint64_t identity, size_t *shown)
{
    return result_where(((struct grid_result *)context)->result, identity - 1, shown);
}

static void arrange(void *context, const char *filter, int sort_column, bool is_reverse)
{
    result_arrange(((struct grid_result *)context)->result, filter, sort_column, is_reverse);
}

static const char *note(void *context)
{
    struct grid_result *source = context;
    result_status(source->result, &source->status);
    return source->status.filter_note;
}

static void look(void *context, const struct grid_look *look)
{
    result_look(((struct grid_result *)context)->result, &(struct result_look){.first = look->first,
                                                                               .last = look->last,
                                                                               .frozen = (size_t)look->frozen,
                                                                               .left = (size_t)look->left,
                                                                               .right = (size_t)look->right});
}

struct grid_source grid_result_source(struct grid_result *source)
{
    return (struct grid_source){.context = source,
                                .count = count_shown,
                                .total = count_all,
                                .row = row_at,
                                .identity = row_identity,
                                .arrange = arrange,
                                .note = note,
                                .find = find,
                                .look = look};
}
