/* The canvas: a grid of cells (glyph, role) with a clip rectangle. Everything drawn goes through it, and all text that
 * enters is sanitised here: this is the choke point for remote text. Knows no curses; screen.c blits it. UI thread. */
#ifndef WEIR_TUI_CANVAS_H
#define WEIR_TUI_CANVAS_H
#include "backend/base/buf.h"
#include "tui/theme.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rect {
    int row, col, rows, cols;
};
enum { CELL_GLYPH = 16 }; /* one base character and up to two combining marks, UTF-8 */
struct cell {
    char glyph[CELL_GLYPH]; /* "" is the second half of a wide character */
    uint8_t width;          /* 1 or 2; 0: second half */
    uint8_t role;           /* enum theme_role */
    uint8_t attrs;          /* CELL_* on top of the role */
};
enum { CELL_REVERSE = 1, CELL_BOLD = 2, CELL_UNDERLINE = 4, CELL_DIM = 8 };

struct canvas;
struct canvas *canvas_new(int rows, int cols);
void canvas_free(struct canvas *canvas);
void canvas_resize(struct canvas *canvas, int rows, int cols); /* clears */
int canvas_rows(const struct canvas *canvas);
int canvas_cols(const struct canvas *canvas);
const struct cell *canvas_cell(const struct canvas *canvas, int row, int col);
/* Without Unicode (NO UTF-8 locale, --no-unicode) boxes, bars and arrows become ASCII, other glyphs '?'. */
void canvas_set_unicode(struct canvas *canvas, bool unicode);
bool canvas_unicode(const struct canvas *canvas);
/* Without frames (--plain, for screen readers) boxes, lines, bars and sparklines leave blanks: words and figures only.
 */
void canvas_set_frames(struct canvas *canvas, bool frames);
bool canvas_frames(const struct canvas *canvas);

/* Everything below is clipped to the clip rectangle; coordinates are absolute. Returns the previous one, to restore. */
struct rect canvas_clip(struct canvas *canvas, struct rect clip);
void canvas_fill(struct canvas *canvas, struct rect rect, enum theme_role role);
/* Writes sanitised text (len bytes) from column col, at most max columns; returns the columns used. */
int canvas_text(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text, size_t len);
int canvas_puts(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text);
/* As canvas_text, but text that is too wide ends with an ellipsis. */
int canvas_elide(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text, size_t len);
/* Right-aligned in max columns starting at col; text that is too wide ends with an ellipsis. */
void canvas_right(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *text);
int canvas_printf(struct canvas *canvas, int row, int col, int max, enum theme_role role, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* Adds attributes to the cells of a rectangle without touching glyphs (selection bars). */
void canvas_attrs(struct canvas *canvas, struct rect rect, uint8_t attrs);
void canvas_role(struct canvas *canvas, struct rect rect, enum theme_role role); /* recolours */
/* A frame along the edge of the rectangle; titles are written over its top line. Too small a rectangle: nothing. */
void canvas_box(struct canvas *canvas, struct rect rect, enum theme_role role);
void canvas_hline(struct canvas *canvas, int row, int col, int cols, enum theme_role role);
void canvas_vline(struct canvas *canvas, int row, int col, int rows, enum theme_role role);
/* A thin bar of fraction (0..1) of cols columns; eight-level sparkline of n values (NAN = gap);
 * more values than columns: each column shows its largest. */
void canvas_bar(struct canvas *canvas, int row, int col, int cols, double fraction, enum theme_role role);
void canvas_spark(struct canvas *canvas, int row, int col, int cols, const double *values, size_t n,
                  enum theme_role role);
/* The text of the whole canvas, lines ended by \n, trailing blanks removed (tests, --plain). */
bool canvas_dump(const struct canvas *canvas, struct buf *out);
#endif
