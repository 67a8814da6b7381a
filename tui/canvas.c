/* The grid of cells that everything is drawn into, and the choke point for remote text: whatever comes in is decoded
 * strictly, measured and made harmless here, so a cell never holds more than one printable character with its marks.
 * Charts and boxes built from cells are in canvas_shapes.c; putting cells on a terminal is in screen.c. UI thread. */
#include "tui/canvas.h"
#include "backend/base/text.h"
#include "tui/canvas_ascii.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CANVAS_SIDE_MAX = 4096, MARKS_MAX = 2, STAND_IN_MAX = 64 };

struct canvas {
    int rows, cols;
    bool unicode, frames;
    struct rect clip;
    struct cell *cells;
};

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static struct cell blank_cell(enum theme_role role)
{
    struct cell cell = {.glyph = " ", .width = 1, .role = (uint8_t)role};
    return cell;
}

static struct rect intersect(struct rect a, struct rect b)
{
    int top = a.row > b.row ? a.row : b.row;
    int left = a.col > b.col ? a.col : b.col;
    int bottom = a.row + a.rows < b.row + b.rows ? a.row + a.rows : b.row + b.rows;
    int right = a.col + a.cols < b.col + b.cols ? a.col + a.cols : b.col + b.cols;
    return (struct rect){
        .row = top, .col = left, .rows = bottom > top ? bottom - top : 0, .cols = right > left ? right - left : 0};
}

struct canvas *canvas_new(int rows, int cols)
{
    struct canvas *canvas = calloc(1, sizeof *canvas);
    if (!canvas)
        abort();
    canvas->unicode = canvas->frames = true;
    canvas_resize(canvas, rows, cols);
    return canvas;
}

void canvas_free(struct canvas *canvas)
{
    if (!canvas)
        return;
    free(canvas->cells);
    free(canvas);
}

void canvas_resize(struct canvas *canvas, int rows, int cols)
{
    rows = clamp(rows, 1, CANVAS_SIDE_MAX);
    cols = clamp(cols, 1, CANVAS_SIDE_MAX);
    if (rows != canvas->rows || cols != canvas->cols) {
        struct cell *cells = realloc(canvas->cells, sizeof *cells * (size_t)rows * (size_t)cols);
        if (!cells)
            abort();
        canvas->cells = cells;
        canvas->rows = rows;
        canvas->cols = cols;
    }
    struct rect all = {.rows = rows, .cols = cols};
    canvas->clip = all;
    canvas_fill(canvas, all, ROLE_text);
}

int canvas_rows(const struct canvas *canvas)
{
    return canvas->rows;
}

int canvas_cols(const struct canvas *canvas)
{
    return canvas->cols;
}

static struct cell *cell_at(struct canvas *canvas, int row, int col)
{
    return &canvas->cells[(size_t)row * (size_t)canvas->cols + (size_t)col];
}

const struct cell *canvas_cell(const struct canvas *canvas, int row, int col)
{
    if (row < 0 || col < 0 || row >= canvas->rows || col >= canvas->cols)
        return NULL;
    return &canvas->cells[(size_t)row * (size_t)canvas->cols + (size_t)col];
}

void canvas_set_unicode(struct canvas *canvas, bool unicode)
{
    canvas->unicode = unicode;
}

bool canvas_unicode(const struct canvas *canvas)
{
    return canvas->unicode;
}

void canvas_set_frames(struct canvas *canvas, bool frames)
{
    canvas->frames = frames;
}

bool canvas_frames(const struct canvas *canvas)
{
    return canvas->frames;
}

struct rect canvas_clip(struct canvas *canvas, struct rect clip)
{
    struct rect before = canvas->clip;
    canvas->clip = intersect(clip, (struct rect){.rows = canvas->rows, .cols = canvas->cols});
    return before;
}

/* A cell about to be overwritten may be half of a wide character: the other half becomes a blank. */
static void break_wide(struct canvas *canvas, int row, int col)
{
    struct cell *cell = cell_at(canvas, row, col);
    if (cell->width == 0 && col > 0) {
        struct cell *left = cell_at(canvas, row, col - 1);
        *left = blank_cell(left->role);
    } else if (cell->width == 2 && col + 1 < canvas->cols) {
        struct cell *right = cell_at(canvas, row, col + 1);
        *right = blank_cell(right->role);
    }
}

static bool is_inside(const struct rect *clip, int row, int col)
{
    return row >= clip->row && row < clip->row + clip->rows && col >= clip->col && col < clip->col + clip->cols;
}

void canvas_fill(struct canvas *canvas, struct rect rect, enum theme_role role)
{
    rect = intersect(rect, canvas->clip);
    struct cell blank = blank_cell(role);
    for (int row = rect.row; row < rect.row + rect.rows && rect.cols > 0; row++) {
        break_wide(canvas, row, rect.col);
        break_wide(canvas, row, rect.col + rect.cols - 1);
        for (int col = rect.col; col < rect.col + rect.cols; col++)
            *cell_at(canvas, row, col) = blank;
    }
}

/* Puts one character of width 1 or 2; a wide one that is cut by the clip leaves a blank where it would have begun. */
static void put(struct canvas *canvas, int row, int col, const char *glyph, size_t len, int width, enum theme_role role)
{
    if (width == 2 && is_inside(&canvas->clip, row, col) != is_inside(&canvas->clip, row, col + 1)) {
        put(canvas, row, is_inside(&canvas->clip, row, col) ? col : col + 1, " ", 1, 1, role);
        return;
    }
    if (!is_inside(&canvas->clip, row, col))
        return;
    break_wide(canvas, row, col);
    struct cell *cell = cell_at(canvas, row, col);
    *cell = (struct cell){.width = (uint8_t)width, .role = (uint8_t)role};
    memcpy(cell->glyph, glyph, len < CELL_GLYPH - 1 ? len : CELL_GLYPH - 1);
    if (width == 2) {
        break_wide(canvas, row, col + 1);
        *cell_at(canvas, row, col + 1) = (struct cell){.width = 0, .role = (uint8_t)role};
    }
}

/* What a pass over text has drawn so far. */
struct pen {
    struct canvas *canvas;
    int row, col, end; /* end: first column that may not be drawn */
    enum theme_role role;
    int base; /* column of the character that a mark joins, -1 none */
    int marks;
};

static bool pen_put(struct pen *pen, const char *glyph, size_t len, int width, enum theme_role role)
{
    if (pen->col + width > pen->end)
        return false;
    put(pen->canvas, pen->row, pen->col, glyph, len, width, role);
    pen->base = pen->col;
    pen->marks = 0;
    pen->col += width;
    return true;
}

/* Without Unicode a glyph becomes as many ASCII characters as it has columns. */
static bool pen_ascii(struct pen *pen, uint32_t code, int width)
{
    char ascii = canvas_ascii(code);
    for (int i = 0; i < width; i++)
        if (!pen_put(pen, &ascii, 1, 1, pen->role))
            return false;
    return true;
}

static void pen_mark(struct pen *pen, const char *bytes, size_t len)
{
    if (!pen->canvas->unicode || pen->marks >= MARKS_MAX || !is_inside(&pen->canvas->clip, pen->row, pen->base))
        return;
    struct cell *cell = cell_at(pen->canvas, pen->row, pen->base);
    size_t used = strnlen(cell->glyph, CELL_GLYPH);
    if (used + len >= CELL_GLYPH)
        return;
    memcpy(cell->glyph + used, bytes, len);
    cell->glyph[used + len] = '\0';
    pen->marks++;
}

/* Bytes that must not reach a terminal: the visible form that text_clean gives them, in the role for such. */
static bool pen_stand_in(struct pen *pen, const char *bytes, size_t len)
{
    struct buf form = BUF_INIT(STAND_IN_MAX);
    text_clean(bytes, len, &form);
    bool fits = true;
    for (size_t at = 0; at < form.len && fits;) {
        uint32_t code;
        size_t step = text_decode(form.data + at, form.len - at, &code);
        if (!step)
            break;
        fits = code < 0x80 || pen->canvas->unicode ? pen_put(pen, form.data + at, step, 1, ROLE_hostile)
                                                   : pen_ascii(pen, code, 1);
        at += step;
    }
    buf_done(&form);
    pen->base = -1;
    return fits;
}

/* One character of text; returns the bytes taken, 0 when there is no room. */
static size_t pen_next(struct pen *pen, const char *text, size_t len)
{
    unsigned char byte = (unsigned char)text[0];
    if (byte >= 0x20 && byte < 0x7f)
        return pen_put(pen, text, 1, 1, pen->role) ? 1 : 0;
    uint32_t code = 0;
    size_t step = text_decode(text, len, &code);
    /* before the width is asked for: a locale without Unicode knows none for these */
    if (step && !pen->canvas->unicode && canvas_ascii(code) != '?')
        return pen_ascii(pen, code, 1) ? step : 0;
    int width = step ? text_code_width(code) : -1;
    if (!step)
        step = 1;
    bool fits = true;
    if (width == 0 && pen->base >= 0 && code != 0xFE0F)
        pen_mark(pen, text, step);
    else if (width < 1)
        fits = pen_stand_in(pen, text, step);
    else if (pen->canvas->unicode)
        fits = pen_put(pen, text, step, width, pen->role);
    else
        fits = pen_ascii(pen, code, width);
    return fits ? step : 0;
}

int canvas_text(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text, size_t len)
{
    if (max <= 0 || !text)
        return 0;
    struct pen pen = {.canvas = canvas, .row = row, .col = col, .end = col + max, .role = role, .base = -1};
    for (size_t at = 0; at < len;) {
        size_t step = pen_next(&pen, text + at, len - at);
        if (!step)
            break;
        at += step;
    }
    return pen.col - col;
}

int canvas_puts(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text)
{
    return canvas_text(canvas, row, col, max, role, text, strlen(text));
}

/* Columns that text takes when drawn: it is cleaned first, as drawing does. */
static int drawn_width(const char *text, size_t len)
{
    bool plain = true;
    for (size_t i = 0; i < len && plain; i++)
        plain = text[i] >= 0x20 && text[i] < 0x7f;
    if (plain)
        return len > CANVAS_SIDE_MAX ? CANVAS_SIDE_MAX : (int)len;
    struct buf clean = BUF_INIT(64 * 1024);
    text_clean(text, len, &clean);
    int width = clean.failed ? CANVAS_SIDE_MAX : text_width(buf_text(&clean), clean.len);
    buf_done(&clean);
    return width;
}

int canvas_elide(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text, size_t len)
{
    if (max <= 0)
        return 0;
    if (drawn_width(text, len) <= max)
        return canvas_text(canvas, row, col, max, role, text, len);
    int used = canvas_text(canvas, row, col, max - 1, role, text, len);
    return used + canvas_puts(canvas, row, col + used, 1, role, "…");
}

void canvas_right(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text)
{
    size_t len = strlen(text);
    int width = drawn_width(text, len);
    int indent = width < max ? max - width : 0;
    canvas_elide(canvas, row, col + indent, max - indent, role, text, len);
}

int canvas_printf(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *format, ...)
{
    struct buf text = BUF_INIT(64 * 1024);
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    int used = canvas_text(canvas, row, col, max, role, buf_text(&text), text.len);
    buf_done(&text);
    return used;
}

void canvas_attrs(struct canvas *canvas, struct rect rect, uint8_t attrs)
{
    rect = intersect(rect, canvas->clip);
    for (int row = rect.row; row < rect.row + rect.rows; row++)
        for (int col = rect.col; col < rect.col + rect.cols; col++)
            cell_at(canvas, row, col)->attrs |= attrs;
}

void canvas_role(struct canvas *canvas, struct rect rect, enum theme_role role)
{
    rect = intersect(rect, canvas->clip);
    for (int row = rect.row; row < rect.row + rect.rows; row++)
        for (int col = rect.col; col < rect.col + rect.cols; col++)
            cell_at(canvas, row, col)->role = (uint8_t)role;
}

bool canvas_dump(const struct canvas *canvas, struct buf *out)
{
    for (int row = 0; row < canvas->rows; row++) {
        size_t end = out->len;
        for (int col = 0; col < canvas->cols; col++) {
            const struct cell *cell = canvas_cell(canvas, row, col);
            if (!buf_puts(out, cell->glyph))
                return false;
            if (cell->width && strcmp(cell->glyph, " "))
                end = out->len;
        }
        out->len = end;
        if (!buf_putc(out, '\n'))
            return false;
    }
    return !out->failed;
}
