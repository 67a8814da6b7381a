/* Whether a row of the file matches a filter. Most rows do not, and are passed over by one search in their raw bytes.
 */
#include "backend/domain/result_private.h"
#include <stdlib.h>
#include <string.h>

void matcher_init(struct row_matcher *matcher, struct result *result, const struct filter *filter)
{
    *matcher = (struct row_matcher){.result = result,
                                    .filter = *filter,
                                    .decoded = BUF_INIT(RESULT_CELL_MAX),
                                    .scratch = BUF_INIT(4 * FILTER_CELL_BYTES + 64)};
    struct value null = value_state(VALUE_NULL);
    bool is_contains = filter->kind == FILTER_CONTAINS;
    bool finds_null = is_contains && filter_match_value(filter, VALUE_TEXT, &null, 0, &matcher->scratch);
    /* a value without quotes stands in the row as it is; what looks for a quote or for NULL has to see the cells */
    matcher->has_quick_no = is_contains && !finds_null && !memchr(filter->needle, '"', filter->len);
    walk_init(&matcher->walk, result->form, result->fd, RESULT_CELL_MAX);
}

void matcher_done(struct row_matcher *matcher)
{
    walk_done(&matcher->walk);
    buf_done(&matcher->decoded);
    buf_done(&matcher->scratch);
}

struct value cell_value_of(const struct row_cell *cell, struct buf *decoded)
{
    if (cell->is_null)
        return value_state(VALUE_NULL);
    if (!cell->is_doubled)
        return value_bytes_text(cell->bytes, cell->len);
    buf_clear(decoded);
    char *room = buf_reserve(decoded, cell->len < decoded->max ? cell->len : decoded->max);
    if (room)
        decoded->len = cell_copy_some(cell, room, cell->len < decoded->max ? cell->len : decoded->max);
    return value_bytes_text(buf_text(decoded), decoded->len);
}

static bool match_cells(struct row_matcher *matcher, const struct row_ref *row, struct err *err)
{
    const struct filter *filter = &matcher->filter;
    const struct column *columns = matcher->result->columns;
    struct row_cell cell;
    walk_start(&matcher->walk, row);
    for (size_t i = 0; i < matcher->result->column_count && walk_next(&matcher->walk, &cell, err); i++) {
        if (filter->column >= 0 && (size_t)filter->column != i)
            continue;
        struct value value = cell_value_of(&cell, &matcher->decoded);
        bool is_match = filter_match_value(filter, columns[i].kind, &value, 0, &matcher->scratch);
        if (is_match || filter->column >= 0)
            return is_match;
    }
    return false;
}

bool matcher_match(struct row_matcher *matcher, const struct row_ref *row, struct err *err)
{
    size_t at = 0;
    if (matcher->filter.kind == FILTER_NONE)
        return true;
    bool is_no = matcher->has_quick_no && row->bytes && !filter_span(&matcher->filter, row->bytes, row->len, &at);
    return (!is_no && match_cells(matcher, row, err)) != matcher->filter.is_inverse;
}
