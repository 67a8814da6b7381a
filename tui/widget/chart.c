/* Bars, and what both kinds of chart share. */
#include "tui/widget/chart.h"
#include "backend/base/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const enum theme_role series_roles[CHART_SERIES_MAX] = {ROLE_bar, ROLE_string, ROLE_warn, ROLE_text};

char *chart_number(double number, char out[CHART_NUMBER])
{
    double size = fabs(number);
    if (isnan(number))
        snprintf(out, CHART_NUMBER, "NULL");
    else if (size >= 1000 && size < 1e15)
        text_count(llround(number), out);
    else
        snprintf(out, CHART_NUMBER, "%.4g", number);
    for (char *at = out; *at; at++)
        if (*at == ',') /* the locale's decimal sign */
            *at = '.';
    return out;
}

char *chart_sample_note(const struct chart *chart, char out[96])
{
    char some[TEXT_SHORT], all[TEXT_SHORT];
    out[0] = '\0';
    if (chart->total > chart->count)
        snprintf(out, 96, "a sample of %s of %s rows", text_count((int64_t)chart->count, some),
                 text_count((int64_t)chart->total, all));
    return out;
}

bool chart_range(const struct chart *chart, double *least, double *greatest)
{
    bool has_value = false;
    for (size_t s = 0; s < chart->series_count; s++) {
        for (size_t i = 0; i < chart->count; i++) {
            double value = chart->series[s].values[i];
            if (!isfinite(value))
                continue;
            *least = has_value && *least < value ? *least : value;
            *greatest = has_value && *greatest > value ? *greatest : value;
            has_value = true;
        }
    }
    return has_value;
}

static int clean_width(const char *text)
{
    struct buf clean = BUF_INIT(1 << 16);
    text_clean(text, strlen(text), &clean);
    int width = text_width(buf_text(&clean), clean.len);
    buf_done(&clean);
    return width;
}

struct bar_layout {
    int label, name, number, bar; /* widths; a blank between two */
    int zero;                     /* columns of bar that are left of zero */
    double least, greatest;       /* with zero among them */
};

static void widen(int *width, int to)
{
    *width = to > *width ? to : *width;
}

static struct bar_layout lay_out(const struct chart *chart, int cols, size_t first, size_t shown)
{
    struct bar_layout layout = {0};
    char number[CHART_NUMBER];
    if (!chart_range(chart, &layout.least, &layout.greatest))
        layout.least = layout.greatest = 0;
    layout.least = fmin(layout.least, 0);
    layout.greatest = fmax(layout.greatest, 0);
    for (size_t i = first; i < first + shown; i++) {
        widen(&layout.label, clean_width(chart->labels && chart->labels[i] ? chart->labels[i] : "NULL"));
        for (size_t s = 0; s < chart->series_count; s++)
            widen(&layout.number, (int)strlen(chart_number(chart->series[s].values[i], number)));
    }
    for (size_t s = 0; s < chart->series_count && chart->series_count > 1; s++)
        widen(&layout.name, clean_width(chart->series[s].name));
    layout.label = layout.label > cols / 3 ? cols / 3 : layout.label;
    layout.name = layout.name > cols / 5 ? cols / 5 : layout.name;
    layout.bar = cols - layout.label - layout.number - layout.name - 2 - (layout.name ? 1 : 0);
    layout.bar = layout.bar < 0 ? 0 : layout.bar;
    double span = layout.greatest - layout.least;
    layout.zero = span > 0 ? (int)lround(-layout.least / span * layout.bar) : 0;
    return layout;
}

/* From the zero line to the right, or to the left when it is negative. */
static void draw_bar(struct canvas *canvas, const struct bar_layout *layout, int row, int col, double value,
                     enum theme_role role)
{
    int right = layout->bar - layout->zero;
    if (value > 0 && right > 0)
        canvas_bar(canvas, row, col + layout->zero, right, value / layout->greatest, role);
    if (value >= 0 || !isfinite(value) || layout->zero == 0 || !canvas_frames(canvas))
        return;
    int cols = (int)lround(value / layout->least * layout->zero);
    for (int i = 0; i < (cols > 0 ? cols : 1); i++)
        canvas_puts(canvas, row, col + layout->zero - 1 - i, 1, role, "━");
}

static void draw_group(const struct chart *chart, struct canvas *canvas, const struct bar_layout *layout,
                       struct rect rect, int row, size_t i)
{
    const char *label = chart->labels ? chart->labels[i] : NULL;
    char number[CHART_NUMBER];
    for (size_t s = 0; s < chart->series_count && row < rect.row + rect.rows; s++, row++) {
        double value = chart->series[s].values[i];
        int col = rect.col;
        if (s == 0)
            canvas_elide(canvas, row, col, layout->label, label ? ROLE_text : ROLE_unknown, label ? label : "NULL",
                         strlen(label ? label : "NULL"));
        col += layout->label + 1;
        if (layout->name) {
            canvas_elide(canvas, row, col, layout->name, ROLE_dim, chart->series[s].name,
                         strlen(chart->series[s].name));
            col += layout->name + 1;
        }
        draw_bar(canvas, layout, row, col, value, series_roles[s]);
        canvas_right(canvas, row, col + layout->bar + 1, layout->number, isnan(value) ? ROLE_unknown : ROLE_text,
                     chart_number(value, number));
    }
}

/* What the numbers are, and how many rows are not on the screen. */
static void draw_foot(const struct chart *chart, struct canvas *canvas, struct rect rect, size_t first, size_t shown)
{
    char note[96], count[TEXT_SHORT], all[TEXT_SHORT];
    const char *name = chart->series_count == 1 ? chart->series[0].name : "";
    int row = rect.row + rect.rows - 1, col = rect.col;
    col += canvas_puts(canvas, row, col, rect.cols / 2, ROLE_label, name);
    if (chart->unit)
        col += canvas_printf(canvas, row, col, rect.cols / 4, ROLE_dim, "%s%s", *name ? " in " : "in ", chart->unit);
    col += col > rect.col ? 2 : 0;
    if (shown < chart->count)
        col += canvas_printf(canvas, row, col, rect.col + rect.cols - col, ROLE_dim, "%s to %s of %s  ",
                             text_count((int64_t)first + 1, count), text_count((int64_t)(first + shown), note),
                             text_count((int64_t)chart->count, all));
    canvas_puts(canvas, row, col, rect.col + rect.cols - col, ROLE_dim, chart_sample_note(chart, note));
}

static size_t draw_bars(const struct chart *chart, struct canvas *canvas, struct rect rect)
{
    size_t room = (size_t)(rect.rows - 1) / chart->series_count;
    size_t fits = room < chart->count ? room : chart->count;
    size_t first = chart->first + fits > chart->count ? chart->count - fits : chart->first;
    struct bar_layout layout = lay_out(chart, rect.cols, first, fits);
    for (size_t i = 0; i < fits; i++)
        draw_group(chart, canvas, &layout, rect, rect.row + (int)(i * chart->series_count), first + i);
    draw_foot(chart, canvas, rect, first, fits);
    return fits;
}

size_t chart_draw(const struct chart *chart, struct canvas *canvas, struct rect rect)
{
    double least, greatest;
    if (rect.rows < 2 || rect.cols < 4 || chart->series_count == 0)
        return 0;
    struct rect before = canvas_clip(canvas, rect);
    size_t shown = chart->count;
    if (!chart_range(chart, &least, &greatest))
        canvas_puts(canvas, rect.row, rect.col, rect.cols, ROLE_dim, "there is no number to draw");
    else if (chart->kind == CHART_BARS)
        shown = draw_bars(chart, canvas, rect);
    else
        chart_draw_line(chart, canvas, rect);
    canvas_clip(canvas, before);
    return shown;
}
