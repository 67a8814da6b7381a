/* The grid's state: source, cursor, sort, marks, widths, and what actions do to them. Drawing is in grid_draw.c, the
 * index of shown rows in grid_index.c; the filter is base/filter.h. Knows no domain. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/grid_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct grid *grid_new(const struct column *columns)
{
    struct grid *grid = calloc(1, sizeof *grid);
    if (!grid)
        abort();
    grid->sort = -1;
    grid->frozen = 1;
    grid->page = 1;
    grid->scratch = BUF_INIT(4 * GRID_CELL_BYTES_MAX + 64);
    grid_set_columns(grid, columns);
    return grid;
}

void grid_free(struct grid *grid)
{
    if (!grid)
        return;
    marks_clear(&grid->marks);
    buf_done(&grid->scratch);
    free(grid->index);
    free(grid->widths);
    free(grid->grown);
    free(grid);
}

static int column_by_id(const struct grid *grid, const char *id)
{
    for (int i = 0; id && i < grid->column_count; i++) {
        if (strcasecmp(grid->columns[i].id, id) == 0)
            return i;
    }
    return -1;
}

void grid_set_columns(struct grid *grid, const struct column *columns)
{
    if (grid->columns == columns)
        return;
    const char *sort = grid->sort >= 0 ? grid->columns[grid->sort].id : NULL;
    grid->columns = columns;
    grid->column_count = 0;
    while (columns[grid->column_count].id)
        grid->column_count++;
    free(grid->widths);
    free(grid->grown);
    grid->widths = calloc((size_t)grid->column_count + 1, sizeof *grid->widths);
    grid->grown = calloc((size_t)grid->column_count + 1, sizeof *grid->grown);
    if (!grid->widths || !grid->grown)
        abort();
    grid->sort = column_by_id(grid, sort);
    grid->column = grid->left = 0;
    filter_parse(&grid->filter, columns, grid->filter_text);
}

static void arrange(struct grid *grid)
{
    if (grid->source.arrange)
        grid->source.arrange(grid->source.context, grid->filter_text, grid->sort, grid->is_reverse);
}

void grid_set_source(struct grid *grid, const struct grid_source *source)
{
    grid->source = *source;
    if (grid->filter.kind != FILTER_NONE || grid->sort >= 0)
        arrange(grid);
    grid_refresh(grid);
}

/* The cursor's row is named when the cursor arrives, because after a refresh the old rows are gone. */
void grid_name_cursor(struct grid *grid)
{
    const void *row = grid_source_row(grid, grid->cursor);
    grid->is_unnamed = !row;
    if (row) {
        grid->cursor_identity = grid_row_identity(grid, grid->cursor, row);
        grid->has_identity = true;
    }
}

static void put_cursor(struct grid *grid, size_t shown)
{
    size_t count = grid_shown(grid);
    grid->cursor = count == 0 ? 0 : shown < count ? shown : count - 1;
    grid_name_cursor(grid);
}

/* Rebuilds the index; the cursor stays on its row and the row on its line of the screen. A source that arranges its
 * rows itself is asked; where it does not know, the line stays. */
static void rebuild(struct grid *grid, size_t fallback)
{
    size_t line = grid->cursor - grid->top, found = fallback;
    bool is_named = grid->has_identity && !grid->is_unnamed; /* else the name is that of a row the cursor has left */
    grid_index_build(grid);
    if (is_named && grid->source.find)
        grid->source.find(grid->source.context, grid->cursor_identity, &found);
    else if (is_named && grid->source.row && !grid->source.arrange)
        grid_find(grid, grid->cursor_identity, grid->cursor, &found);
    size_t count = grid_shown(grid);
    grid->cursor = count == 0 ? 0 : found < count ? found : count - 1;
    grid->top = grid->cursor > line ? grid->cursor - line : 0;
}

static void prune_marks(struct grid *grid)
{
    bool is_at_least;
    size_t count = grid_source_count(grid, &is_at_least), kept = 0;
    if (grid->marks.count == 0 || is_at_least || !grid->source.identity || grid->source.arrange)
        return;
    struct mark_set left = {0};
    for (size_t i = 0; i < count && kept < grid->marks.count; i++) {
        const void *row = grid->source.row(grid->source.context, i);
        uint64_t id = row ? grid->source.identity(row) : 0;
        if (row && marks_has(&grid->marks, id))
            kept += marks_add(&left, id);
    }
    marks_clear(&grid->marks);
    grid->marks = left;
}

void grid_refresh(struct grid *grid)
{
    if (!grid->source.row)
        return;
    prune_marks(grid);
    rebuild(grid, grid->cursor);
    if (!grid->has_identity)
        grid_name_cursor(grid);
}

void grid_set_filter(struct grid *grid, const char *text)
{
    snprintf(grid->filter_text, sizeof grid->filter_text, "%s", text ? text : "");
    filter_parse(&grid->filter, grid->columns, grid->filter_text);
    arrange(grid);
    rebuild(grid, 0);
    /* the row looked at is remembered while it is filtered away, so that clearing the filter comes back to it */
    if (grid->filter.kind != FILTER_NONE && !grid->has_identity)
        grid_name_cursor(grid);
}

const char *grid_filter(const struct grid *grid)
{
    return grid->filter_text;
}

const char *grid_filter_note(const struct grid *grid)
{
    if (grid->source.arrange)
        return grid->source.note ? grid->source.note(grid->source.context) : "";
    return grid->filter.note;
}

static void sort_on(struct grid *grid, int column, bool reverse)
{
    grid->sort = column;
    grid->is_reverse = reverse;
    arrange(grid);
    rebuild(grid, grid->cursor);
}

bool grid_sort_by(struct grid *grid, const char *column_id, bool reverse)
{
    int column = column_by_id(grid, column_id);
    if (column_id && column < 0)
        return false;
    sort_on(grid, column, reverse && column >= 0);
    return true;
}

const struct column *grid_sort_column(const struct grid *grid, bool *reverse)
{
    if (reverse)
        *reverse = grid->is_reverse;
    return grid->sort >= 0 ? &grid->columns[grid->sort] : NULL;
}

void grid_set_frozen(struct grid *grid, int columns)
{
    grid->frozen = columns < 0 ? 0 : columns < grid->column_count ? columns : grid->column_count;
    grid->left = 0;
}

const void *grid_row(struct grid *grid, size_t shown)
{
    return grid_source_row(grid, shown);
}

const void *grid_current(struct grid *grid)
{
    return grid->cursor < grid_shown(grid) ? grid_source_row(grid, grid->cursor) : NULL;
}

size_t grid_cursor(const struct grid *grid)
{
    return grid->cursor;
}

bool grid_move_to(struct grid *grid, uint64_t identity)
{
    size_t shown;
    if (!grid->source.row || !grid_find(grid, identity, grid->cursor, &shown))
        return false;
    put_cursor(grid, shown);
    return true;
}

void grid_move(struct grid *grid, size_t shown)
{
    put_cursor(grid, shown);
}

size_t grid_shown(const struct grid *grid)
{
    return grid->is_indexed ? grid->index_count : grid_source_count(grid, NULL);
}

size_t grid_total(const struct grid *grid, bool *is_at_least)
{
    if (grid->source.total)
        return grid->source.total(grid->source.context, is_at_least);
    return grid_source_count(grid, is_at_least);
}

const struct column *grid_current_column(const struct grid *grid)
{
    return grid->column < grid->column_count ? &grid->columns[grid->column] : NULL;
}

size_t grid_mark_list(const struct grid *grid, uint64_t *identities, size_t max)
{
    return marks_list(&grid->marks, identities, max);
}

size_t grid_marked(const struct grid *grid)
{
    return grid->marks.count;
}

bool grid_is_marked(const struct grid *grid, const void *row)
{
    return row && grid->source.identity && marks_has(&grid->marks, grid->source.identity(row));
}

void grid_clear_marks(struct grid *grid)
{
    marks_clear(&grid->marks);
}

size_t grid_each_marked(struct grid *grid, void (*each)(void *context, const void *row), void *context)
{
    if (grid->marks.count == 0) {
        const void *row = grid_current(grid);
        if (row)
            each(context, row);
        return row ? 1 : 0;
    }
    /* rows that the filter hides are marked still: marks are a choice, the filter is a view */
    size_t count = grid_source_count(grid, NULL), done = 0;
    for (size_t i = 0; i < count && done < grid->marks.count; i++) {
        const void *row = grid->source.row(grid->source.context, i);
        uint64_t id = row && grid->source.identity ? grid->source.identity(row) : i;
        if (row && marks_has(&grid->marks, id)) {
            each(context, row);
            done++;
        }
    }
    return done;
}

static void step(struct grid *grid, long rows)
{
    size_t back = (size_t)-rows;
    if (rows < 0)
        put_cursor(grid, grid->cursor > back ? grid->cursor - back : 0);
    else
        put_cursor(grid, grid->cursor + (size_t)rows);
}

static void do_up(struct grid *grid)
{
    step(grid, -1);
}
static void do_down(struct grid *grid)
{
    step(grid, 1);
}
static void do_page_up(struct grid *grid)
{
    step(grid, -(long)grid->page);
}
static void do_page_down(struct grid *grid)
{
    step(grid, grid->page);
}
static void do_half_up(struct grid *grid)
{
    step(grid, -(long)((grid->page + 1) / 2));
}
static void do_half_down(struct grid *grid)
{
    step(grid, (grid->page + 1) / 2);
}
static void do_first(struct grid *grid)
{
    put_cursor(grid, 0);
}
static void do_last(struct grid *grid)
{
    put_cursor(grid, SIZE_MAX);
}

static void to_column(struct grid *grid, int column)
{
    grid->column = column < 0 ? 0 : column < grid->column_count ? column : grid->column_count - 1;
}
static void do_left(struct grid *grid)
{
    to_column(grid, grid->column - 1);
}
static void do_right(struct grid *grid)
{
    to_column(grid, grid->column + 1);
}
static void do_line_start(struct grid *grid)
{
    to_column(grid, 0);
}
static void do_line_end(struct grid *grid)
{
    to_column(grid, grid->column_count - 1);
}

static void do_sort(struct grid *grid)
{
    int next = grid->sort + 1;
    sort_on(grid, next < grid->column_count ? next : -1, false);
}
static void do_sort_reverse(struct grid *grid)
{
    sort_on(grid, grid->sort >= 0 ? grid->sort : grid->column, grid->sort < 0 || !grid->is_reverse);
}

static void widen(struct grid *grid, int by)
{
    int shown = grid->columns[grid->column].width;
    for (int i = 0; i < grid->layout.count; i++) {
        if (grid->layout.slots[i].column == grid->column)
            shown = grid->layout.slots[i].width;
    }
    int width = (grid->widths[grid->column] ? grid->widths[grid->column] : shown) + by;
    grid->widths[grid->column] = width < GRID_WIDTH_MIN   ? GRID_WIDTH_MIN
                                 : width > GRID_WIDTH_MAX ? GRID_WIDTH_MAX
                                                          : width;
}
static void do_narrower(struct grid *grid)
{
    widen(grid, -2);
}
static void do_wider(struct grid *grid)
{
    widen(grid, 2);
}
static void do_freeze(struct grid *grid)
{
    grid_set_frozen(grid, grid->frozen == grid->column + 1 ? 0 : grid->column + 1);
}

static void do_mark(struct grid *grid)
{
    const void *row = grid_current(grid);
    if (!row)
        return;
    uint64_t id = grid_row_identity(grid, grid->cursor, row);
    if (marks_has(&grid->marks, id))
        marks_remove(&grid->marks, id);
    else
        marks_add(&grid->marks, id);
    step(grid, 1);
}
static void do_mark_all(struct grid *grid)
{
    if (grid->marks.count > 0) {
        marks_clear(&grid->marks);
        return;
    }
    /* of rows that are not in memory only those looked at can be marked one by one */
    size_t count = grid->source.arrange ? 0 : grid_shown(grid);
    for (size_t i = 0; i < count; i++) {
        const void *row = grid_source_row(grid, i);
        if (row && !marks_add(&grid->marks, grid_row_identity(grid, i, row)))
            return;
    }
}

static const struct {
    enum action action;
    void (*run)(struct grid *grid);
} grid_actions[] = {
    {ACTION_up, do_up},
    {ACTION_down, do_down},
    {ACTION_page_up, do_page_up},
    {ACTION_page_down, do_page_down},
    {ACTION_half_up, do_half_up},
    {ACTION_half_down, do_half_down},
    {ACTION_first, do_first},
    {ACTION_last, do_last},
    {ACTION_left, do_left},
    {ACTION_right, do_right},
    {ACTION_line_start, do_line_start},
    {ACTION_line_end, do_line_end},
    {ACTION_sort, do_sort},
    {ACTION_sort_reverse, do_sort_reverse},
    {ACTION_narrower, do_narrower},
    {ACTION_wider, do_wider},
    {ACTION_freeze, do_freeze},
    {ACTION_mark, do_mark},
    {ACTION_mark_all, do_mark_all},
};

bool grid_act(struct grid *grid, enum action action)
{
    for (size_t i = 0; i < sizeof grid_actions / sizeof *grid_actions; i++) {
        if (grid_actions[i].action == action) {
            if (grid->column_count > 0 && grid->source.row)
                grid_actions[i].run(grid);
            return true;
        }
    }
    return false;
}

static bool click_header(struct grid *grid, int col)
{
    for (int i = 0; i < grid->layout.count; i++) {
        const struct grid_slot *slot = &grid->layout.slots[i];
        if (col >= slot->col && col < slot->col + slot->width + GRID_GAP) {
            sort_on(grid, slot->column, grid->sort == slot->column && !grid->is_reverse);
            grid->column = slot->column;
            return true;
        }
    }
    return false;
}

bool grid_mouse(struct grid *grid, const struct event *event, struct rect rect)
{
    bool inside = event->row >= rect.row && event->row < rect.row + rect.rows && event->col >= rect.col &&
                  event->col < rect.col + rect.cols;
    if (!inside || !grid->source.row)
        return false;
    if (event->mouse == MOUSE_WHEEL_UP || event->mouse == MOUSE_WHEEL_DOWN) {
        step(grid, event->mouse == MOUSE_WHEEL_UP ? -3 : 3);
        return true;
    }
    if (event->mouse != MOUSE_PRESS && event->mouse != MOUSE_DOUBLE)
        return false;
    if (event->row == grid->layout.header_row)
        return event->mouse == MOUSE_PRESS && click_header(grid, event->col);
    int line = event->row - grid->layout.body.row;
    if (line < 0 || grid->top + (size_t)line >= grid_shown(grid))
        return false;
    put_cursor(grid, grid->top + (size_t)line);
    return true;
}
