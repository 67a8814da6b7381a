/* The editor's picture: line numbers, the visible part of each line in its colours, selection, matches, brackets, the
 * cursor, an error behind its line, the prompt in the last row, and the popup. Costs what is on the screen. UI thread.
 */
#include "backend/base/text.h"
#include "tui/widget/editor_private.h"
#include <string.h>

enum { NUMBERS_COLUMNS_MIN = 24, SIDE_MARGIN = 4, SEEN_BYTES_MAX = 64 << 10 };

static int count_digits(size_t number)
{
    int digits = 1;
    while (number /= 10)
        digits++;
    return digits;
}

static void scroll_to_cursor(struct editor *editor, int rows, int cols)
{
    size_t line = editor_line(editor);
    if (editor->top >= editor->store.line_count)
        editor->top = editor->store.line_count - 1;
    bool is_far = line + (size_t)rows < editor->top || line > editor->top + 2 * (size_t)rows;
    if (is_far)
        editor->top = line > (size_t)rows / 2 ? line - (size_t)rows / 2 : 0;
    else if (line < editor->top)
        editor->top = line;
    else if (line >= editor->top + (size_t)rows)
        editor->top = line - (size_t)rows + 1;
    int column = editor_column_of(editor, &editor->cursor_mark, editor->cursor);
    int margin = cols > 4 * SIDE_MARGIN ? SIDE_MARGIN : 0;
    if (column < editor->left + margin)
        editor->left = column > margin ? column - margin : 0;
    if (column >= editor->left + cols - margin)
        editor->left = column - cols + margin + 1;
}

/* What is laid over the colours of a line; bytes of the text. */
struct overlay {
    size_t from, to; /* selection */
    size_t bracket, mate, match_from, match_to;
    bool has_selection, has_bracket, has_match;
};

static struct overlay overlay_of(struct editor *editor, bool has_focus)
{
    struct overlay overlay = {.from = 0};
    overlay.has_selection = editor_selection(editor, &overlay.from, &overlay.to);
    overlay.has_bracket = has_focus && editor_cursor_bracket(editor, &overlay.bracket, &overlay.mate);
    overlay.has_match = editor->search.has_match;
    overlay.match_from = editor->search.from;
    overlay.match_to = editor->search.to;
    return overlay;
}

/* A line while it is drawn. */
struct line_pen {
    struct editor *editor;
    struct canvas *canvas;
    const struct overlay *overlay;
    struct rect area;
    int row, column;
    size_t start, at, end, colored; /* of the line; colored: bytes with a colour */
    size_t found_from, found_to;    /* the next match of the search */
};

static void find_next(struct line_pen *pen)
{
    struct editor *editor = pen->editor;
    size_t stop = pen->at + SEEN_BYTES_MAX < pen->end ? pen->at + SEEN_BYTES_MAX : pen->end;
    size_t from, to;
    pen->found_from = pen->found_to = SIZE_MAX;
    if (!editor->search.shows || pen->at >= stop)
        return;
    if (editor_find_between(editor, pen->at, stop, &from, &to)) {
        pen->found_from = from;
        pen->found_to = to;
    }
}

static enum theme_role role_at(const struct line_pen *pen)
{
    const struct overlay *over = pen->overlay;
    size_t at = pen->at;
    if (over->has_match && at >= over->match_from && at < over->match_to)
        return ROLE_found;
    if (over->has_selection && at >= over->from && at < over->to)
        return ROLE_selection;
    if (over->has_bracket && (at == over->bracket || at == over->mate))
        return ROLE_bracket;
    if (at >= pen->found_from && at < pen->found_to)
        return ROLE_match;
    size_t offset = at - pen->start;
    return offset < pen->colored ? (enum theme_role)pen->editor->color.roles[offset] : ROLE_text;
}

/* Draws the characters that follow each other in one role; printable ASCII in one go. */
static void draw_run(struct line_pen *pen)
{
    struct editor *editor = pen->editor;
    enum theme_role role = role_at(pen);
    int col = pen->area.col + pen->column - editor->left, room = pen->area.col + pen->area.cols - col;
    size_t from = pen->at;
    int used = 0;
    while (pen->at < pen->end && used < room) {
        unsigned char byte = store_byte(&editor->store, pen->at);
        bool is_plain =
            byte >= 0x20 && byte < 0x7f && (pen->at + 1 >= pen->end || store_byte(&editor->store, pen->at + 1) < 0x80);
        if (!is_plain || role_at(pen) != role)
            break;
        pen->at++;
        used++;
    }
    if (pen->at == from) { /* one character of another kind */
        used = editor_char_columns(editor, from, pen->column);
        pen->at = editor_char_next(editor, from);
        if (pen->at > pen->end)
            pen->at = pen->end;
    }
    struct rect cells = {.row = pen->row, .col = col, .rows = 1, .cols = used};
    if (store_byte(&editor->store, from) == '\t')
        canvas_fill(pen->canvas, cells, role == ROLE_text ? ROLE_text : role);
    else if (used > 0)
        canvas_text(pen->canvas, pen->row, col, used, role, store_view(&editor->store, from, pen->at), pen->at - from);
    pen->column += used;
}

static void draw_line(struct line_pen *pen, size_t line)
{
    struct editor *editor = pen->editor;
    pen->start = store_line_start(&editor->store, line);
    pen->end = store_line_end(&editor->store, line);
    pen->colored = editor_color_line(editor, line);
    pen->at = editor_at_column(editor, &editor->view_mark, line, editor->left, &pen->column);
    find_next(pen);
    while (pen->at < pen->end && pen->column < editor->left + pen->area.cols) {
        if (pen->at >= pen->found_to)
            find_next(pen);
        draw_run(pen);
    }
    const struct overlay *over = pen->overlay;
    bool shows_newline = over->has_selection && pen->end >= over->from && pen->end < over->to;
    if (pen->at >= pen->end && shows_newline) { /* a selected newline is one blank */
        int col = pen->area.col + pen->column - editor->left;
        canvas_fill(pen->canvas, (struct rect){.row = pen->row, .col = col, .rows = 1, .cols = 1}, ROLE_selection);
        pen->column++;
    }
}

static void draw_error(const struct line_pen *pen, size_t line)
{
    const struct editor *editor = pen->editor;
    const struct error_mark *error = &editor->error;
    if (!error->is_set || error->line != line || pen->at < pen->end)
        return;
    int col = pen->area.col + pen->column - editor->left + 2, room = pen->area.col + pen->area.cols - col;
    if (room > 4)
        canvas_elide(pen->canvas, pen->row, col, room, ROLE_error, error->text, strlen(error->text));
}

static void underline_error(struct editor *editor, struct canvas *canvas, struct rect area)
{
    const struct error_mark *error = &editor->error;
    if (!error->is_set || error->line < editor->top || error->line >= editor->top + (size_t)area.rows)
        return;
    size_t at = store_line_start(&editor->store, error->line), end = store_line_end(&editor->store, error->line);
    for (size_t column = 1; column < error->column && at < end; column++)
        at += editor_code_len(editor, at);
    struct column_mark mark = {.is_known = false};
    int col = editor_column_of(editor, &mark, at) - editor->left;
    size_t to = at;
    while (to < end && editor_class(editor, to) == CLASS_WORD)
        to = editor_char_next(editor, to);
    int cols = to > at ? editor_column_of(editor, &mark, to) - editor->left - col : 1;
    struct rect cells = {
        .row = area.row + (int)(error->line - editor->top), .col = area.col + col, .rows = 1, .cols = cols};
    canvas_role(canvas, cells, ROLE_error);
    canvas_attrs(canvas, cells, CELL_UNDERLINE);
}

static void draw_number(struct editor *editor, struct canvas *canvas, int row, int col, int cols, size_t line)
{
    bool is_wrong = editor->error.is_set && editor->error.line == line, is_here = line == editor_line(editor);
    enum theme_role role = is_wrong ? ROLE_error : is_here ? ROLE_line_here : ROLE_line_number;
    canvas_printf(canvas, row, col, cols, role, "%*zu", cols, line + 1);
}

/* The cell under the cursor: reversed; inside a selection, which may be reversed itself, a hole. */
static void draw_cursor(struct editor *editor, struct canvas *canvas, struct rect area, bool has_focus)
{
    int row = area.row + (int)(editor_line(editor) - editor->top);
    int column = editor_column_of(editor, &editor->cursor_mark, editor->cursor), cols = 1;
    size_t end = editor_line_end(editor, editor->cursor);
    if (editor->cursor < end && store_byte(&editor->store, editor->cursor) != '\t')
        cols = editor_char_columns(editor, editor->cursor, column);
    struct rect cell = {.row = row, .col = area.col + column - editor->left, .rows = 1, .cols = cols > 0 ? cols : 1};
    size_t from, to;
    bool is_hole = editor_selection(editor, &from, &to) && editor->cursor >= from && editor->cursor < to;
    if (!has_focus) {
        canvas_attrs(canvas, cell, CELL_UNDERLINE);
        return;
    }
    if (is_hole)
        canvas_role(canvas, cell, ROLE_text);
    canvas_attrs(canvas, cell, is_hole ? CELL_UNDERLINE | CELL_BOLD : CELL_REVERSE);
}

static void draw_prompt(struct editor *editor, struct canvas *canvas, struct rect row)
{
    struct buf label = BUF_INIT(4 * EDITOR_PROMPT * 16);
    if (prompt_label(editor, &label)) {
        canvas_fill(canvas, row, ROLE_input);
        bool fails = editor->search.is_failing;
        int width = text_width(buf_text(&label), label.len), skip = width >= row.cols ? width - row.cols + 1 : 0, gone;
        size_t from = text_fit(buf_text(&label), label.len, skip, &gone);
        int used = canvas_text(canvas, row.row, row.col, row.cols, fails ? ROLE_error : ROLE_input,
                               buf_text(&label) + from, label.len - from);
        if (editor->search.prompt != PROMPT_ASK)
            canvas_attrs(canvas, (struct rect){.row = row.row, .col = row.col + used, .rows = 1, .cols = 1},
                         CELL_REVERSE);
    }
    buf_done(&label);
}

static void draw_lines(struct editor *editor, struct canvas *canvas, struct rect area, int gutter, bool has_focus)
{
    struct overlay overlay = overlay_of(editor, has_focus);
    struct line_pen pen = {.editor = editor, .canvas = canvas, .overlay = &overlay, .area = area};
    for (int i = 0; i < area.rows && editor->top + (size_t)i < editor->store.line_count; i++) {
        size_t line = editor->top + (size_t)i;
        pen.row = area.row + i;
        if (gutter)
            draw_number(editor, canvas, pen.row, area.col - gutter, gutter - 1, line);
        struct rect before = canvas_clip(canvas, area);
        draw_line(&pen, line);
        draw_error(&pen, line);
        canvas_clip(canvas, before);
    }
}

static void draw_popup(struct editor *editor, struct canvas *canvas, struct rect rect)
{
    const struct popup *popup = &editor->popup;
    struct column_mark mark = {.is_known = false};
    size_t word = popup->base + popup->found.start;
    if (!popup->is_open || word > editor->store.len || word < editor_line_home(editor, editor->cursor))
        return;
    int row = editor->area.row + (int)(editor_line(editor) - editor->top);
    int col = editor->area.col + editor_column_of(editor, &mark, word) - editor->left - 1;
    popup_draw(editor, canvas, rect, row, col > rect.col ? col : rect.col);
}

void editor_draw(struct editor *editor, struct canvas *canvas, struct rect rect, bool has_focus)
{
    if (rect.rows < 1 || rect.cols < 1)
        return;
    int digits = count_digits(editor->store.line_count), gutter = (digits > 2 ? digits : 2) + 1;
    if (!editor->has_numbers || rect.cols < NUMBERS_COLUMNS_MIN)
        gutter = 0;
    bool has_prompt = editor->search.prompt != PROMPT_NONE;
    int prompt_rows = has_prompt && rect.rows > 1 ? 1 : 0;
    struct rect area = {
        .row = rect.row, .col = rect.col + gutter, .rows = rect.rows - prompt_rows, .cols = rect.cols - gutter};
    editor->area = area;
    scroll_to_cursor(editor, area.rows, area.cols);
    struct rect outer = canvas_clip(canvas, rect);
    canvas_fill(canvas, rect, ROLE_text);
    draw_lines(editor, canvas, area, gutter, has_focus);
    struct rect before = canvas_clip(canvas, area);
    underline_error(editor, canvas, area);
    draw_cursor(editor, canvas, area, has_focus && !has_prompt);
    canvas_clip(canvas, before);
    if (has_focus)
        draw_popup(editor, canvas, rect);
    if (has_prompt)
        draw_prompt(editor, canvas,
                    (struct rect){.row = rect.row + rect.rows - 1, .col = rect.col, .rows = 1, .cols = rect.cols});
    canvas_clip(canvas, outer);
}
