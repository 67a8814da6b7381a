/* Draws the grid: lays columns out over the width there is, then only the rows on the screen. Nothing is allocated per
 * row; cell texts go through one scratch buffer. UI thread. */
#include "backend/base/text.h"
#include "tui/widget/grid_private.h"
#include <string.h>

static const enum theme_role tone_roles[] = {
    [TONE_PLAIN] = ROLE_text, [TONE_DIM] = ROLE_dim,   [TONE_STRONG] = ROLE_strong,   [TONE_OK] = ROLE_ok,
    [TONE_WARN] = ROLE_warn,  [TONE_FAIL] = ROLE_fail, [TONE_RUNNING] = ROLE_running,
};
static const enum theme_role state_roles[] = {
    [VALUE_KNOWN] = ROLE_text,      [VALUE_AT_LEAST] = ROLE_text, [VALUE_NONE] = ROLE_dim,
    [VALUE_UNKNOWN] = ROLE_unknown, [VALUE_DENIED] = ROLE_warn,   [VALUE_TIMEOUT] = ROLE_warn,
    [VALUE_FAILED] = ROLE_fail,     [VALUE_NULL] = ROLE_unknown,
};

struct look { /* how one drawing looks */
    bool has_focus, is_stale, as_times;
    int64_t now_ms;
};

static int natural_width(const struct grid *grid, int column, const struct look *look)
{
    if (grid->widths[column])
        return grid->widths[column];
    const struct column *spec = &grid->columns[column];
    int title = text_width(spec->title, strlen(spec->title));
    int width = spec->width > title ? spec->width : title;
    width = grid->grown[column] > width ? grid->grown[column] : width;
    bool is_time = look->as_times && spec->kind == VALUE_AGE;
    return is_time && width < GRID_TIME_COLUMNS ? GRID_TIME_COLUMNS : width;
}

static bool is_flexible(const struct grid *grid, int column)
{
    return grid->columns[column].flex && !grid->widths[column];
}

static int least_width(const struct grid *grid, int column, const struct look *look)
{
    int width = natural_width(grid, column, look);
    return is_flexible(grid, column) && width > GRID_FLEX_MIN ? GRID_FLEX_MIN : width;
}

static bool place(struct grid_layout *layout, int column, int width, int *used, int room)
{
    int gap = layout->count > 0 ? GRID_GAP : 0;
    if (layout->count == GRID_SLOTS_MAX || (*used + gap + width > room && layout->count > 0))
        return false;
    width = *used + gap + width > room ? room - *used - gap : width;
    layout->slots[layout->count++] = (struct grid_slot){.column = column, .width = width > 1 ? width : 1};
    *used += gap + width;
    return true;
}

/* Gives the flexible columns what is left over; true when one took it. */
static void stretch(struct grid *grid, const struct look *look, int room, int used)
{
    struct grid_layout *layout = &grid->layout;
    int left_over = room - used, takers = 0;
    /* first up to the preferred width, then what remains goes to the flexible ones in equal parts */
    for (int i = 0; i < layout->count && left_over > 0; i++) {
        struct grid_slot *slot = &layout->slots[i];
        int wish = natural_width(grid, slot->column, look) - slot->width;
        int given = wish < 0 ? 0 : wish < left_over ? wish : left_over;
        slot->width += given;
        left_over -= given;
        takers += is_flexible(grid, slot->column);
    }
    for (int i = 0; i < layout->count && takers > 0 && left_over > 0; i++) {
        if (!is_flexible(grid, layout->slots[i].column))
            continue;
        int given = left_over / takers--;
        layout->slots[i].width += given;
        left_over -= given;
    }
}

static void lay_out_from(struct grid *grid, const struct look *look, int room)
{
    struct grid_layout *layout = &grid->layout;
    int used = 0, frozen_width = 0, frozen = grid->frozen;
    layout->count = 0;
    layout->more_right = false;
    for (int i = 0; i < frozen; i++)
        frozen_width += least_width(grid, i, look) + GRID_GAP;
    if (frozen_width > room * 2 / 3)
        frozen = 0; /* frozen columns that leave no room for others would hide them for good */
    int first = grid->left > frozen ? grid->left : frozen;
    for (int i = frozen > 0 ? 0 : first; i < grid->column_count; i = i + 1 == frozen ? first : i + 1) {
        if (!place(layout, i, least_width(grid, i, look), &used, room)) {
            layout->more_right = true;
            break;
        }
    }
    layout->more_left = first > frozen;
    stretch(grid, look, room, used);
}

static bool is_visible(const struct grid_layout *layout, int column)
{
    for (int i = 0; i < layout->count; i++) {
        if (layout->slots[i].column == column)
            return true;
    }
    return false;
}

/* Scrolls sideways only as far as the current column needs. */
static void lay_out(struct grid *grid, const struct look *look, struct rect rect, bool has_bar)
{
    int room = rect.cols - GRID_GUTTER - 1 - (has_bar ? 1 : 0);
    if (grid->column < grid->left)
        grid->left = grid->column;
    lay_out_from(grid, look, room);
    while (!is_visible(&grid->layout, grid->column) && grid->left < grid->column) {
        grid->left++;
        lay_out_from(grid, look, room);
    }
    int col = rect.col + GRID_GUTTER;
    for (int i = 0; i < grid->layout.count; i++) {
        grid->layout.slots[i].col = col;
        col += grid->layout.slots[i].width + GRID_GAP;
    }
}

static void draw_header(const struct grid *grid, struct canvas *canvas, struct rect rect, const struct look *look)
{
    const struct grid_layout *layout = &grid->layout;
    int row = layout->header_row;
    for (int i = 0; i < layout->count; i++) {
        const struct grid_slot *slot = &layout->slots[i];
        const struct column *column = &grid->columns[slot->column];
        bool is_sorted = grid->sort == slot->column, is_right = value_kind_is_right(column->kind);
        enum theme_role role = is_sorted ? ROLE_accent : ROLE_label;
        int width = text_width(column->title, strlen(column->title));
        int col = is_right && slot->width > width ? slot->col + slot->width - width : slot->col;
        int used = canvas_puts(canvas, row, col, slot->width, role, column->title);
        if (look->has_focus && slot->column == grid->column)
            canvas_attrs(canvas, (struct rect){.row = row, .col = col, .rows = 1, .cols = used}, CELL_UNDERLINE);
        const char *arrow = grid->is_reverse ? "▼" : "▲";
        if (is_sorted) /* in the gap before a right-aligned title, else behind it */
            canvas_puts(canvas, row, is_right ? col - 1 : col + used, 1, ROLE_accent, arrow);
    }
    if (layout->more_left)
        canvas_puts(canvas, row, rect.col, 1, ROLE_accent, "‹");
    if (layout->more_right)
        canvas_puts(canvas, row, rect.col + rect.cols - 1, 1, ROLE_accent, "›");
}

static enum theme_role cell_role(const struct value *value, enum value_kind kind, const struct look *look)
{
    enum theme_role role = value->state <= VALUE_AT_LEAST ? tone_roles[value->tone] : state_roles[value->state];
    if (kind == VALUE_TIME && role == ROLE_text)
        role = ROLE_dim; /* a date beside figures would outshout them */
    bool is_state = role == ROLE_warn || role == ROLE_fail;
    return look->is_stale && !is_state ? ROLE_stale : role;
}

/* Columns that the first bytes of a raw text take once sanitised. */
static int clean_width(struct buf *scratch, const char *bytes, size_t len)
{
    buf_clear(scratch);
    text_clean(bytes, len, scratch);
    return text_width(buf_text(scratch), scratch->len);
}

static void mark_matches(struct grid *grid, struct canvas *canvas, int row, const struct grid_slot *slot,
                         const char *text, size_t len)
{
    const struct filter *filter = &grid->filter;
    if (filter->kind != FILTER_CONTAINS || filter->is_inverse ||
        (filter->column >= 0 && filter->column != slot->column))
        return;
    for (size_t at = 0; filter_span(filter, text, len, &at); at += filter->len) {
        int before = clean_width(&grid->scratch, text, at);
        int cols = clean_width(&grid->scratch, text + at, filter->len);
        if (before >= slot->width)
            return;
        cols = before + cols > slot->width ? slot->width - before : cols;
        canvas_role(canvas, (struct rect){.row = row, .col = slot->col + before, .rows = 1, .cols = cols}, ROLE_match);
    }
}

static void draw_text_cell(struct grid *grid, struct canvas *canvas, int row, const struct grid_slot *slot,
                           const struct value *value, enum theme_role role)
{
    size_t looked_at = (size_t)slot->width * 8 + 64; /* combining marks make a column of several bytes */
    size_t len = value->len < looked_at ? value->len : looked_at;
    bool is_cut = clean_width(&grid->scratch, value->text, len) > slot->width;
    int used = canvas_text(canvas, row, slot->col, is_cut ? slot->width - 1 : slot->width, role, value->text, len);
    if (is_cut)
        canvas_puts(canvas, row, slot->col + used, 1, ROLE_dim, "…");
    mark_matches(grid, canvas, row, slot, value->text, len);
}

static void draw_cell(struct grid *grid, struct canvas *canvas, int row, const struct grid_slot *slot, const void *data,
                      const struct look *look)
{
    const struct column *column = &grid->columns[slot->column];
    struct value value = column_value(column, data);
    enum theme_role role = cell_role(&value, column->kind, look);
    bool is_right = value_kind_is_right(column->kind);
    if (value_kind_is_text(column->kind) && !is_right && value.state <= VALUE_AT_LEAST && value.text) {
        draw_text_cell(grid, canvas, row, slot, &value, role);
        return;
    }
    bool as_time = look->as_times && column->kind == VALUE_AGE;
    buf_clear(&grid->scratch);
    value_format(&value, as_time ? VALUE_TIME : column->kind, look->now_ms, &grid->scratch);
    if (is_right)
        canvas_right(canvas, row, slot->col, slot->width, role, buf_text(&grid->scratch));
    else
        canvas_puts(canvas, row, slot->col, slot->width, role, buf_text(&grid->scratch));
}

static void draw_row(struct grid *grid, struct canvas *canvas, int line, size_t shown, const struct look *look)
{
    struct rect bar = {
        .row = grid->layout.body.row + line, .col = grid->layout.body.col, .rows = 1, .cols = grid->layout.body.cols};
    const void *row = grid_source_row(grid, shown);
    bool is_marked = row && marks_has(&grid->marks, grid_row_identity(grid, shown, row));
    if (row) {
        for (int i = 0; i < grid->layout.count; i++)
            draw_cell(grid, canvas, bar.row, &grid->layout.slots[i], row, look);
    } else if (grid->layout.count > 0) {
        canvas_puts(canvas, bar.row, grid->layout.slots[0].col, grid->layout.slots[0].width, ROLE_dim, "…");
    }
    if (is_marked) {
        canvas_role(canvas, bar, ROLE_mark);
        canvas_puts(canvas, bar.row, bar.col, 1, ROLE_mark, "▌");
    }
    if (shown == grid->cursor)
        canvas_role(canvas, bar, look->has_focus ? ROLE_cursor : ROLE_cursor_idle);
}

/* A thumb at the right edge, only when there is more than fits. */
static void draw_scroll_bar(const struct grid *grid, struct canvas *canvas, struct rect rect, size_t count)
{
    size_t rows = (size_t)grid->layout.body.rows;
    size_t thumb = rows * rows / count > 0 ? rows * rows / count : 1;
    size_t range = count - rows, at = (rows - thumb) * (grid->top < range ? grid->top : range) / range;
    for (size_t i = 0; i < thumb; i++)
        canvas_puts(canvas, grid->layout.body.row + (int)(at + i), rect.col + rect.cols - 1, 1, ROLE_dim, "┃");
}

static void scroll_to_cursor(struct grid *grid, size_t count)
{
    size_t rows = (size_t)grid->page;
    if (grid->cursor < grid->top)
        grid->top = grid->cursor;
    if (grid->cursor >= grid->top + rows)
        grid->top = grid->cursor - rows + 1;
    if (count > rows && grid->top > count - rows)
        grid->top = count - rows;
    if (count <= rows)
        grid->top = 0;
}

static void ask_for_more(const struct grid *grid, size_t shown, bool is_at_least)
{
    if (!grid->source.want || !is_at_least)
        return;
    size_t total = grid_source_count(grid, NULL), page = (size_t)grid->page;
    if (!grid->is_indexed)
        grid->source.want(grid->source.context, grid->top + 2 * page);
    else if (grid->top + page >= shown) /* what is filtered or sorted is only seen once it is there */
        grid->source.want(grid->source.context, total + page);
}

/* Before any row is read, so that a source can fetch what it does not have. */
static void tell_look(const struct grid *grid)
{
    const struct grid_layout *layout = &grid->layout;
    if (!grid->source.look || layout->count == 0)
        return;
    int frozen = 0;
    while (frozen < layout->count - 1 && layout->slots[frozen].column == frozen)
        frozen++;
    grid->source.look(grid->source.context, &(struct grid_look){.first = grid->top,
                                                                .last = grid->top + (size_t)grid->page - 1,
                                                                .frozen = frozen,
                                                                .left = layout->slots[frozen].column,
                                                                .right = layout->slots[layout->count - 1].column});
}

static int needed_width(struct grid *grid, const struct value *value)
{
    if (value->state != VALUE_KNOWN || !value->text)
        return 0;
    size_t len = value->len < 4 * GRID_GROWN_MAX ? value->len : 4 * GRID_GROWN_MAX;
    int width = clean_width(&grid->scratch, value->text, len);
    return width < GRID_GROWN_MAX ? width : GRID_GROWN_MAX;
}

/* Half a number is a wrong one: columns that grow become as wide as what is on the screen. True when one did. */
static bool grow_columns(struct grid *grid, size_t count)
{
    bool has_grown = false;
    for (int i = 0; i < grid->layout.count; i++) {
        int at = grid->layout.slots[i].column;
        const struct column *column = &grid->columns[at];
        for (size_t line = 0; column->grows && line < (size_t)grid->page && grid->top + line < count; line++) {
            const void *row = grid_source_row(grid, grid->top + line);
            struct value value = row ? column_value(column, row) : value_state(VALUE_UNKNOWN);
            int has = grid->grown[at] > column->width ? grid->grown[at] : column->width;
            int needs = value.len > (size_t)has ? needed_width(grid, &value) : 0;
            if (needs <= has)
                continue;
            grid->grown[at] = needs;
            has_grown = true;
        }
    }
    return has_grown;
}

static void say_why_empty(const struct grid *grid, struct canvas *canvas, struct rect rect)
{
    bool is_at_least;
    grid_source_count(grid, &is_at_least);
    bool is_working = grid->source.arrange && is_at_least;
    canvas_printf(canvas, grid->layout.body.row, rect.col + GRID_GUTTER, rect.cols - GRID_GUTTER, ROLE_dim,
                  is_working ? "looking for \"%s\"; Esc clears the filter"
                             : "nothing matches \"%s\"; Esc clears the filter",
                  grid->filter_text);
}

void grid_draw(struct grid *grid, struct canvas *canvas, struct rect rect, bool has_focus, bool is_stale,
               int64_t now_ms, bool as_times)
{
    if (rect.rows < 1 || rect.cols < 1 || !grid->source.row || grid->column_count == 0)
        return;
    struct look look = {.has_focus = has_focus, .is_stale = is_stale, .as_times = as_times, .now_ms = now_ms};
    bool is_at_least, has_header = rect.rows > 1;
    size_t count = grid_shown(grid);
    grid_total(grid, &is_at_least);
    grid->now_ms = now_ms;
    grid->page = rect.rows - (has_header ? 1 : 0);
    bool has_bar = count > (size_t)grid->page && rect.cols > 8;
    struct rect before = canvas_clip(canvas, rect);
    lay_out(grid, &look, rect, has_bar);
    grid->layout.header_row = has_header ? rect.row : -1;
    grid->layout.body = (struct rect){.row = rect.row + (has_header ? 1 : 0),
                                      .col = rect.col,
                                      .rows = grid->page,
                                      .cols = rect.cols - (has_bar ? 1 : 0)};
    scroll_to_cursor(grid, count);
    ask_for_more(grid, count, is_at_least);
    tell_look(grid);
    if (grid->is_unnamed)
        grid_name_cursor(grid);
    if (grow_columns(grid, count)) {
        lay_out(grid, &look, rect, has_bar);
        tell_look(grid);
    }
    if (has_header)
        draw_header(grid, canvas, rect, &look);
    for (size_t line = 0; line < (size_t)grid->page && grid->top + line < count; line++)
        draw_row(grid, canvas, (int)line, grid->top + line, &look);
    if (has_bar)
        draw_scroll_bar(grid, canvas, rect, count);
    if (count == 0 && grid->filter.kind != FILTER_NONE)
        say_why_empty(grid, canvas, rect);
    canvas_clip(canvas, before);
}
