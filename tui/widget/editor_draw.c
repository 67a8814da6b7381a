/* The editor's picture. UI thread. */
#include "tui/widget/editor_private.h"

static int count_digits(size_t number)
{
    int digits = 1;
    while (number /= 10)
        digits++;
    return digits;
}

static void scroll_to_cursor(struct editor *editor, int rows, int cols)
{
    size_t line = store_line_of(&editor->store, editor->cursor);
    if (line < editor->top)
        editor->top = line;
    if (line >= editor->top + (size_t)rows)
        editor->top = line - (size_t)rows + 1;
    int column = editor_column_of(editor, &editor->cursor_mark, editor->cursor);
    if (column < editor->left)
        editor->left = column;
    if (column >= editor->left + cols)
        editor->left = column - cols + 1;
}

static void draw_line(struct editor *editor, struct canvas *canvas, struct rect area, size_t line)
{
    int column;
    size_t at = editor_at_column(editor, &editor->view_mark, line, editor->left, &column);
    size_t end = store_line_end(&editor->store, line);
    int row = area.row + (int)(line - editor->top);
    while (at < end && column < editor->left + area.cols) {
        size_t next = editor_char_next(editor, at);
        int columns = editor_char_columns(editor, at, next, column);
        if (store_byte(&editor->store, at) != '\t')
            canvas_text(canvas, row, area.col + column - editor->left, columns, ROLE_text,
                        store_view(&editor->store, at, next), next - at);
        column += columns;
        at = next;
    }
}

void editor_draw(struct editor *editor, struct canvas *canvas, struct rect rect, bool has_focus)
{
    int gutter = editor->has_numbers && rect.cols >= 20 ? count_digits(editor->store.line_count) + 1 : 0;
    struct rect area = {.row = rect.row, .col = rect.col + gutter, .rows = rect.rows, .cols = rect.cols - gutter};
    if (area.rows < 1 || area.cols < 1)
        return;
    editor->page = area.rows;
    scroll_to_cursor(editor, area.rows, area.cols);
    canvas_fill(canvas, rect, ROLE_text);
    for (int i = 0; i < area.rows && editor->top + (size_t)i < editor->store.line_count; i++) {
        size_t line = editor->top + (size_t)i;
        if (gutter)
            canvas_printf(canvas, area.row + i, rect.col, gutter - 1, ROLE_dim, "%*zu", gutter - 1, line + 1);
        struct rect before = canvas_clip(canvas, area);
        draw_line(editor, canvas, area, line);
        canvas_clip(canvas, before);
    }
    int row = area.row + (int)(store_line_of(&editor->store, editor->cursor) - editor->top);
    int col = area.col + editor_column_of(editor, &editor->cursor_mark, editor->cursor) - editor->left;
    if (has_focus)
        canvas_attrs(canvas, (struct rect){.row = row, .col = col, .rows = 1, .cols = 1}, CELL_REVERSE);
}
