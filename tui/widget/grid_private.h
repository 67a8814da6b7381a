/* What the grid's files share: state (grid.c), the index of shown rows (grid_index.c), the
 * drawing (grid_draw.c). Nobody else includes it. */
#ifndef WEIR_TUI_WIDGET_GRID_PRIVATE_H
#define WEIR_TUI_WIDGET_GRID_PRIVATE_H
#include "backend/base/filter.h"
#include "tui/widget/grid.h"

enum {
    GRID_SLOTS_MAX = 128, /* columns on the screen at once */
    GRID_GAP = 2,         /* blank columns between two columns */
    GRID_GUTTER = 1,      /* at the left, for the mark */
    GRID_WIDTH_MIN = 3,
    GRID_WIDTH_MAX = 400,       /* what `<` and `>` reach */
    GRID_GROWN_MAX = 40,        /* what a column grows to by itself */
    GRID_FLEX_MIN = 16,         /* a flexible column shrinks to this before others scroll away */
    GRID_TIME_COLUMNS = 20,     /* "2026-11-22 14:29:02Z" */
    GRID_CELL_BYTES_MAX = 4096, /* of one cell's text, looked at when drawing and filtering numbers */
    GRID_SEARCH_MAX = 262144    /* rows looked through for the cursor's row after a refresh */
};

struct grid_slot { /* a column on the screen */
    int column, col, width;
};
struct grid_layout {
    struct grid_slot slots[GRID_SLOTS_MAX];
    int count;
    bool more_left, more_right;
    struct rect body; /* the rows, without the header */
    int header_row;   /* -1: none */
};

struct mark_set { /* identities, open addressing; 0 is stored as 1 */
    uint64_t *slots;
    size_t cap, count;
};

struct grid {
    const struct column *columns;
    int column_count;
    int *widths; /* chosen by the user; 0: the column's own */
    int *grown;  /* what has been on the screen needed, of columns that grow */
    struct grid_source source;

    uint32_t *index; /* shown row -> source row; NULL while neither filter nor sort is on */
    size_t index_count, index_cap;
    bool is_indexed;

    size_t cursor, top;
    uint64_t cursor_identity;
    bool has_identity, is_unnamed; /* unnamed: the cursor went to a row that was not there yet */
    int column, left, frozen;
    int sort; /* column, -1 none */
    bool is_reverse;

    char filter_text[FILTER_TEXT];
    struct filter filter;
    struct mark_set marks;

    int page;                  /* rows of the last drawing */
    int64_t now_ms;            /* of the last drawing */
    struct grid_layout layout; /* of the last drawing */
    struct buf scratch;
};

/* grid.c: remembers which row the cursor is on. */
void grid_name_cursor(struct grid *grid);
/* grid_index.c */
size_t grid_source_count(const struct grid *grid, bool *is_at_least);
const void *grid_source_row(const struct grid *grid, size_t shown); /* of the shown row; NULL: not there yet */
uint64_t grid_row_identity(const struct grid *grid, size_t shown, const void *row);
void grid_index_build(struct grid *grid); /* after a change of source, filter or sort */
/* Where the row of this identity is shown now; looks outward from `near`. False when it is not (or is too far). */
bool grid_find(const struct grid *grid, uint64_t identity, size_t near, size_t *shown);

/* grid_marks.c */
bool marks_has(const struct mark_set *set, uint64_t id);
bool marks_add(struct mark_set *set, uint64_t id);
void marks_remove(struct mark_set *set, uint64_t id);
size_t marks_list(const struct mark_set *set, uint64_t *ids, size_t max);
void marks_clear(struct mark_set *set);
#endif
