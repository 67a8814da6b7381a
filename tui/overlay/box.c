/* The frame of dialogs, menus and readers. UI thread. */
#include "tui/overlay/box.h"
#include "backend/base/text.h"
#include <string.h>

static struct rect place(struct rect body, const struct overlay_box *box)
{
    int most_rows = body.rows, most_cols = body.cols;
    int rows = box->rows > 0 ? box->rows + 2 : body.rows - 2, cols = box->cols > 0 ? box->cols + 4 : body.cols - 4;
    rows = rows < 3 ? 3 : rows;
    cols = cols < 8 ? 8 : cols;
    rows = rows < most_rows ? rows : most_rows;
    cols = cols < most_cols ? cols : most_cols;
    int above = box->at_bottom ? body.rows - rows : (body.rows - rows) / 2;
    return (struct rect){.row = body.row + above, .col = body.col + (body.cols - cols) / 2, .rows = rows, .cols = cols};
}

static void write_on_line(struct canvas *canvas, struct rect rect, int row, enum theme_role role, const char *text,
                          bool at_right)
{
    char clean[256];
    text_clean_into(text, clean, sizeof clean);
    int width = text_width(clean, strlen(clean)), room = rect.cols - 6;
    width = width < room ? width : room;
    if (width < 1)
        return;
    int col = at_right ? rect.col + rect.cols - 3 - width : rect.col + 3;
    canvas_puts(canvas, row, col - 1, 1, role, " ");
    canvas_elide(canvas, row, col, width, role, clean, strlen(clean));
    canvas_puts(canvas, row, col + width, 1, role, " ");
}

struct rect overlay_box_draw(struct canvas *canvas, struct rect body, const struct overlay_box *box)
{
    struct rect rect = place(body, box);
    canvas_fill(canvas, rect, ROLE_dialog);
    canvas_box(canvas, rect, box->border);
    if (rect.rows < 3 || rect.cols < 8)
        return rect;
    if (box->note && box->note[0])
        write_on_line(canvas, rect, rect.row, ROLE_dim, box->note, true);
    write_on_line(canvas, rect, rect.row, ROLE_title, box->title, false);
    if (box->hint && box->hint[0])
        write_on_line(canvas, rect, rect.row + rect.rows - 1, ROLE_dim, box->hint, false);
    return (struct rect){.row = rect.row + 1, .col = rect.col + 2, .rows = rect.rows - 2, .cols = rect.cols - 4};
}

void overlay_box_note(struct canvas *canvas, struct rect body, const struct overlay_box *box, const char *note)
{
    struct rect rect = place(body, box);
    if (rect.rows >= 3 && rect.cols >= 20)
        write_on_line(canvas, rect, rect.row, ROLE_dim, note, true);
}
