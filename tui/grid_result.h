/* A result (backend/domain/result.h) as the source of a grid (tui/widget/grid.h): the grid's filter and sort are done
 * by the result, rows are identified by their number in the file. UI thread. */
#ifndef WEIR_TUI_GRID_RESULT_H
#define WEIR_TUI_GRID_RESULT_H
#include "backend/domain/result.h"
#include "tui/widget/grid.h"

/* Lives as long as the grid uses it. The result's columns are there before (result_columns). */
struct grid_result {
    struct result *result;
    struct result_status status; /* of the last drawing, for note */
};
struct grid_source grid_result_source(struct grid_result *source);
#endif
