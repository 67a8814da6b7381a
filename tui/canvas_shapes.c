/* Frames, lines, bars and sparklines, made of the canvas' own text calls. UI thread. */
#include "tui/canvas.h"
#include <math.h>

void canvas_hline(struct canvas *canvas, int row, int col, int cols, enum theme_role role)
{
    for (int i = 0; i < cols && canvas_frames(canvas); i++)
        canvas_puts(canvas, row, col + i, 1, role, "─");
}

void canvas_vline(struct canvas *canvas, int row, int col, int rows, enum theme_role role)
{
    for (int i = 0; i < rows && canvas_frames(canvas); i++)
        canvas_puts(canvas, row + i, col, 1, role, "│");
}

void canvas_box(struct canvas *canvas, struct rect rect, enum theme_role role)
{
    if (rect.rows < 2 || rect.cols < 2 || !canvas_frames(canvas))
        return;
    int bottom = rect.row + rect.rows - 1, right = rect.col + rect.cols - 1;
    canvas_hline(canvas, rect.row, rect.col + 1, rect.cols - 2, role);
    canvas_hline(canvas, bottom, rect.col + 1, rect.cols - 2, role);
    canvas_vline(canvas, rect.row + 1, rect.col, rect.rows - 2, role);
    canvas_vline(canvas, rect.row + 1, right, rect.rows - 2, role);
    canvas_puts(canvas, rect.row, rect.col, 1, role, "┌");
    canvas_puts(canvas, rect.row, right, 1, role, "┐");
    canvas_puts(canvas, bottom, rect.col, 1, role, "└");
    canvas_puts(canvas, bottom, right, 1, role, "┘");
}

void canvas_bar(struct canvas *canvas, int row, int col, int cols, double fraction, enum theme_role role)
{
    if (!(fraction > 0) || cols <= 0 || !canvas_frames(canvas))
        return;
    int halves = (int)lround(fmin(fraction, 1) * cols * 2);
    if (!halves)
        halves = 1; /* something is never drawn as nothing */
    for (int i = 0; i < halves / 2; i++)
        canvas_puts(canvas, row, col + i, 1, role, "━");
    if (halves % 2)
        canvas_puts(canvas, row, col + halves / 2, 1, role, "╸");
}

/* The largest of the values that share a column; NAN when all of them are gaps. */
static double column_value(const double *values, size_t n, int column, int cols)
{
    size_t from = (size_t)column * n / (size_t)cols, to = ((size_t)column + 1) * n / (size_t)cols;
    double most = NAN;
    for (size_t i = from; i < to || i == from; i++)
        most = isnan(most) ? values[i] : fmax(most, values[i]);
    return most;
}

void canvas_spark(struct canvas *canvas, int row, int col, int cols, const double *values, size_t n,
                  enum theme_role role)
{
    static const char *const levels[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (!n || cols <= 0 || !canvas_frames(canvas))
        return;
    if ((size_t)cols > n)
        cols = (int)n;
    double top = 0;
    for (size_t i = 0; i < n; i++)
        top = isnan(values[i]) ? top : fmax(top, values[i]);
    for (int i = 0; i < cols; i++) {
        double value = column_value(values, n, i, cols);
        if (isnan(value))
            continue;
        int level = top > 0 && value > 0 ? (int)ceil(value / top * 8) - 1 : 0;
        canvas_puts(canvas, row, col + i, 1, role, levels[level < 0 ? 0 : level > 7 ? 7 : level]);
    }
}
