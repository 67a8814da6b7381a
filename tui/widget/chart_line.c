/* A line over numbers or time, of braille dots, two by four in a cell. Where more points than dots share a column the
 * stroke goes from the least to the greatest of them, so that no peak is lost. */
#include "backend/base/text.h"
#include "tui/widget/chart.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOTS_X = 2, DOTS_Y = 4, ENDS_MAX = 16 /* columns of the labels at the right end */ };

static const enum theme_role series_roles[CHART_SERIES_MAX] = {ROLE_bar, ROLE_string, ROLE_warn, ROLE_text};
static const char *const ascii_marks[CHART_SERIES_MAX] = {"*", "+", "o", "x"};

struct plot {
    struct rect rect; /* of the dots */
    uint8_t *dots;    /* one byte a cell, a bit a dot as in Unicode's braille patterns */
    double left, right, bottom, top;
};

/* The bit of dot (x, y) in its cell, counted from the left and from above (Unicode, "Braille Patterns"). */
static uint8_t dot_bit(int x, int y)
{
    static const uint8_t bits[DOTS_X][DOTS_Y] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
    return bits[x % DOTS_X][y % DOTS_Y];
}

static void set_dot(struct plot *plot, int x, int y)
{
    int col = x / DOTS_X, row = y / DOTS_Y;
    if (x >= 0 && y >= 0 && col < plot->rect.cols && row < plot->rect.rows)
        plot->dots[row * plot->rect.cols + col] |= dot_bit(x, y);
}

static int dot_x(const struct plot *plot, double x)
{
    double span = plot->right - plot->left;
    return (int)lround((span > 0 ? (x - plot->left) / span : 0) * (plot->rect.cols * DOTS_X - 1));
}

static int dot_y(const struct plot *plot, double y)
{
    double share =
        plot->top / 2 - plot->bottom / 2 > 0 ? (plot->top / 2 - y / 2) / (plot->top / 2 - plot->bottom / 2) : 0;
    return (int)lround(share * (plot->rect.rows * DOTS_Y - 1));
}

/* Bresenham's line. */
static void draw_stroke(struct plot *plot, int x, int y, int to_x, int to_y)
{
    int dx = abs(to_x - x), dy = -abs(to_y - y), step_x = x < to_x ? 1 : -1, step_y = y < to_y ? 1 : -1;
    for (int error = dx + dy;;) {
        set_dot(plot, x, y);
        if (x == to_x && y == to_y)
            return;
        int twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x += step_x;
        }
        if (twice <= dx) {
            error += dx;
            y += step_y;
        }
    }
}

static double place_of(const struct chart *chart, size_t i)
{
    return chart->x ? chart->x[i] : (double)i + 1;
}

static void draw_points(struct plot *plot, const struct chart *chart, const double *values)
{
    bool has_last = false;
    int last_x = 0, last_y = 0;
    for (size_t i = 0; i < chart->count; i++) {
        bool is_there = isfinite(values[i]) && isfinite(place_of(chart, i));
        if (is_there) {
            int x = dot_x(plot, place_of(chart, i)), y = dot_y(plot, values[i]);
            draw_stroke(plot, has_last ? last_x : x, has_last ? last_y : y, x, y);
            last_x = x;
            last_y = y;
        }
        has_last = is_there; /* a gap stays one */
    }
}

static void put_dots(const struct plot *plot, struct canvas *canvas, size_t series)
{
    for (int i = 0; i < plot->rect.rows * plot->rect.cols; i++) {
        char glyph[5] = "";
        if (!plot->dots[i])
            continue;
        glyph[text_encode(0x2800u + plot->dots[i], glyph)] = '\0';
        canvas_puts(canvas, plot->rect.row + i / plot->rect.cols, plot->rect.col + i % plot->rect.cols, 1,
                    series_roles[series], canvas_unicode(canvas) ? glyph : ascii_marks[series]);
    }
}

static char *place_text(const struct chart *chart, double place, char out[CHART_NUMBER])
{
    if (chart->is_time)
        return text_time((int64_t)place, out);
    return chart_number(place, out);
}

static double last_value(const struct chart *chart, size_t series)
{
    for (size_t i = chart->count; i-- > 0;)
        if (isfinite(chart->series[series].values[i]))
            return chart->series[series].values[i];
    return NAN;
}

/* Beside the right end of each line: its name, of the only one its last value. Two never share a row. */
static void label_ends(const struct plot *plot, const struct chart *chart, struct canvas *canvas, int cols)
{
    bool is_taken[64] = {false};
    int rows = plot->rect.rows < 64 ? plot->rect.rows : 64;
    for (size_t s = 0; s < chart->series_count; s++) {
        char number[CHART_NUMBER];
        double value = last_value(chart, s);
        int row = isfinite(value) ? dot_y(plot, value) / DOTS_Y : 0;
        for (int tried = 0; tried < rows && is_taken[row]; tried++)
            row = (row + 1) % rows;
        if (row >= rows)
            continue;
        is_taken[row] = true;
        const char *text = chart->series_count > 1 ? chart->series[s].name : chart_number(value, number);
        canvas_elide(canvas, plot->rect.row + row, plot->rect.col + plot->rect.cols + 1, cols - 1, series_roles[s],
                     text, strlen(text));
    }
}

static void draw_axes(const struct plot *plot, const struct chart *chart, struct canvas *canvas, struct rect rect,
                      int axis)
{
    char low[CHART_NUMBER], high[CHART_NUMBER], from[CHART_NUMBER], to[CHART_NUMBER], note[96];
    int bottom = plot->rect.row + plot->rect.rows, end = plot->rect.col + plot->rect.cols;
    canvas_right(canvas, plot->rect.row, rect.col, axis - 1, ROLE_label, chart_number(plot->top, high));
    canvas_right(canvas, bottom - 1, rect.col, axis - 1, ROLE_label, chart_number(plot->bottom, low));
    canvas_vline(canvas, plot->rect.row, plot->rect.col - 1, plot->rect.rows, ROLE_dim);
    canvas_hline(canvas, bottom, plot->rect.col, plot->rect.cols, ROLE_dim);
    int used = canvas_puts(canvas, bottom + 1, plot->rect.col, plot->rect.cols, ROLE_label,
                           place_text(chart, plot->left, from));
    canvas_right(canvas, bottom + 1, plot->rect.col + used + 1, end - plot->rect.col - used - 1, ROLE_label,
                 place_text(chart, plot->right, to));
    int col = rect.col, row = bottom + 2;
    col += canvas_printf(canvas, row, col, rect.cols, ROLE_dim, "%s%s%s", chart->unit ? "in " : "",
                         chart->unit ? chart->unit : "", chart->unit ? "  " : "");
    if (chart->series_count == 1)
        col += canvas_printf(canvas, row, col, rect.col + rect.cols - col, ROLE_dim, "%s%s%s  ", chart->series[0].name,
                             chart->x_name ? " over " : "", chart->x_name ? chart->x_name : "");
    canvas_puts(canvas, row, col, rect.col + rect.cols - col, ROLE_dim, chart_sample_note(chart, note));
}

/* For --plain: the numbers themselves, as many rows as there are, evenly spread, the first and the last among them. */
static void list_points(const struct chart *chart, struct canvas *canvas, struct rect rect)
{
    size_t rows = (size_t)rect.rows < chart->count ? (size_t)rect.rows : chart->count;
    for (size_t row = 0; row < rows; row++) {
        size_t i = rows > 1 ? row * (chart->count - 1) / (rows - 1) : 0;
        char text[CHART_NUMBER];
        int col = rect.col + 22;
        canvas_puts(canvas, rect.row + (int)row, rect.col, 21, ROLE_label, place_text(chart, place_of(chart, i), text));
        for (size_t s = 0; s < chart->series_count; s++, col += 14)
            canvas_right(canvas, rect.row + (int)row, col, 12, ROLE_text,
                         chart_number(chart->series[s].values[i], text));
    }
}

static void find_places(const struct chart *chart, struct plot *plot)
{
    bool has_place = false;
    for (size_t i = 0; i < chart->count; i++) {
        double place = place_of(chart, i);
        if (!isfinite(place))
            continue;
        plot->left = has_place && plot->left < place ? plot->left : place;
        plot->right = has_place && plot->right > place ? plot->right : place;
        has_place = true;
    }
}

void chart_draw_line(const struct chart *chart, struct canvas *canvas, struct rect rect)
{
    struct plot plot = {0};
    char number[CHART_NUMBER];
    chart_range(chart, &plot.bottom, &plot.top);
    find_places(chart, &plot);
    if (plot.top <= plot.bottom) { /* all values are the same: in the middle */
        double around = fabs(plot.top) > 0 ? fabs(plot.top) : 1;
        plot.top += around;
        plot.bottom -= around;
    }
    int low = (int)strlen(chart_number(plot.bottom, number)), high = (int)strlen(chart_number(plot.top, number));
    int axis = (low > high ? low : high) + 2, ends = rect.cols / 5 < ENDS_MAX ? rect.cols / 5 : ENDS_MAX;
    plot.rect =
        (struct rect){.row = rect.row, .col = rect.col + axis, .rows = rect.rows - 3, .cols = rect.cols - axis - ends};
    if (!canvas_frames(canvas) || plot.rect.rows < 2 || plot.rect.cols < 4) {
        list_points(chart, canvas, rect);
        return;
    }
    draw_axes(&plot, chart, canvas, rect, axis);
    size_t cells = (size_t)plot.rect.rows * (size_t)plot.rect.cols;
    plot.dots = calloc(cells, 1);
    for (size_t s = 0; s < chart->series_count && plot.dots; s++) {
        memset(plot.dots, 0, cells);
        draw_points(&plot, chart, chart->series[s].values);
        put_dots(&plot, canvas, s);
    }
    label_ends(&plot, chart, canvas, ends);
    free(plot.dots);
}
