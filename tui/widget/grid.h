/* The grid: rows of a source under columns, with cursor, filter, sort, marks, freeze, widths and horizontal scroll. The
 * source pages, so a million rows cost nothing until they are looked at; without filter and sort no index is kept.
 * Knows no domain. UI thread. */
#ifndef WEIR_TUI_WIDGET_GRID_H
#define WEIR_TUI_WIDGET_GRID_H
#include "backend/base/column.h"
#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/event.h"

struct grid_look {      /* what is on the screen */
    size_t first, last; /* shown rows */
    int frozen;         /* columns 0 .. frozen - 1, and */
    int left, right;    /* these, both included */
};
struct grid_source {
    void *context;
    size_t (*count)(void *context, bool *is_at_least); /* rows known so far; at least: more may come */
    const void *(*row)(void *context, size_t index);   /* NULL: not there yet (drawn as loading) */
    void (*want)(void *context, size_t last);          /* rows up to last will be looked at; NULL: all are there */
    /* What identifies a row across refreshes (cursor and marks stay on it); NULL: its index. */
    uint64_t (*identity)(const void *row);
    /* A source of rows that are not in memory filters and sorts them itself: the grid hands it what was asked for
     * (sort_column -1: its own order), keeps no index, and count and row are those of the rows that match, in order.
     * NULL: the grid does it. */
    void (*arrange)(void *context, const char *filter, int sort_column, bool is_reverse);
    size_t (*total)(void *context, bool *is_at_least); /* with arrange: all rows, matching or not */
    const char *(*note)(void *context);                /* with arrange: why a filter is not applied, or "" */
    /* With arrange: where a row is shown now, false when that is not known; NULL: never known. */
    bool (*find)(void *context, uint64_t identity, size_t *shown);
    /* Before each drawing; the rows of the last looks stay where they are until the next one. NULL: not needed. */
    void (*look)(void *context, const struct grid_look *look);
};
struct grid;
struct grid *grid_new(const struct column *columns);
void grid_free(struct grid *grid);
void grid_set_columns(struct grid *grid, const struct column *columns); /* keeps sort by id where it still exists */
void grid_set_source(struct grid *grid, const struct grid_source *source);
void grid_refresh(struct grid *grid); /* the source changed: filter and sort again, cursor stays on its row */
void grid_draw(struct grid *grid, struct canvas *canvas, struct rect rect, bool has_focus, bool is_stale,
               int64_t now_ms, bool as_times);
/* Moves, sort, widths, freeze, marks; true when taken. */
bool grid_act(struct grid *grid, enum action action);
bool grid_mouse(struct grid *grid, const struct event *event, struct rect rect);
/* The language is that of backend/base/filter.h. */
void grid_set_filter(struct grid *grid, const char *text);
const char *grid_filter(const struct grid *grid);
/* Why the filter is not applied ("filter bytes: give a size such as 10MiB"), or "". */
const char *grid_filter_note(const struct grid *grid);
/* NULL: the order of the source. False: there is no such column. */
bool grid_sort_by(struct grid *grid, const char *column_id, bool reverse);
/* The column sorted by, NULL when in the order of the source. */
const struct column *grid_sort_column(const struct grid *grid, bool *reverse);
void grid_set_frozen(struct grid *grid, int columns);  /* how many stay when scrolled sideways; 1 at first */
const void *grid_current(struct grid *grid);           /* the row under the cursor, NULL when empty */
const void *grid_row(struct grid *grid, size_t shown); /* by its number among the shown; NULL: not there */
size_t grid_cursor(const struct grid *grid);           /* among the shown rows */
bool grid_move_to(struct grid *grid, uint64_t identity);
void grid_move(struct grid *grid, size_t shown); /* to a shown row by number, as far as there are rows */
size_t grid_shown(const struct grid *grid);
size_t grid_total(const struct grid *grid, bool *is_at_least);
const struct column *grid_current_column(const struct grid *grid);
/* Marked rows, or the current one when none is marked: calls each for them; returns how many. */
size_t grid_each_marked(struct grid *grid, void (*each)(void *context, const void *row), void *context);
/* The identities of the marked rows, in no order, at most max; for sources whose rows are not in memory. */
size_t grid_mark_list(const struct grid *grid, uint64_t *identities, size_t max);
size_t grid_marked(const struct grid *grid);
bool grid_is_marked(const struct grid *grid, const void *row);
void grid_clear_marks(struct grid *grid);
#endif
