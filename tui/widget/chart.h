/* Charts: bars of labelled numbers, lines over numbers or time. They draw what they are given and keep nothing; ends
 * and axes are labelled, what is not shown is said. Without Unicode lines are made of ASCII; with --plain (no frames)
 * the numbers are listed. Knows no domain. UI thread. */
#ifndef WEIR_TUI_WIDGET_CHART_H
#define WEIR_TUI_WIDGET_CHART_H
#include "tui/canvas.h"

enum { CHART_SERIES_MAX = 4 };
enum chart_kind { CHART_BARS, CHART_LINE };
struct chart_series {
    const char *name;     /* remote text */
    const double *values; /* count of them; NAN: a gap, drawn as such */
};
struct chart {
    enum chart_kind kind;
    size_t count;              /* of labels, places and values */
    const char *const *labels; /* of bars: remote text, NULL entries are shown as NULL */
    const double *x;           /* of a line: places, ascending; NULL: 1, 2, ... */
    bool is_time;              /* x is ms since 1970 */
    const char *x_name;        /* NULL: none */
    struct chart_series series[CHART_SERIES_MAX];
    size_t series_count;
    const char *unit; /* of the numbers, "USD"; NULL: none */
    size_t total;     /* rows there are; more than count: these are a sample, and the chart says so. 0: count */
    size_t first;     /* of bars: the first one shown */
};
/* Returns how many bars (groups, with several series) fit at once; of a line count. */
size_t chart_draw(const struct chart *chart, struct canvas *canvas, struct rect rect);
/* A number as the axes write it: at most four significant digits below 1000, whole and in groups from there. */
enum { CHART_NUMBER = 40 };
char *chart_number(double number, char out[CHART_NUMBER]);
/* chart_line.c */
void chart_draw_line(const struct chart *chart, struct canvas *canvas, struct rect rect);
/* "a sample of 500 of 1 160 000 rows"; "" when all are there. */
char *chart_sample_note(const struct chart *chart, char out[96]);
/* Least and greatest of all values; false when there is none. */
bool chart_range(const struct chart *chart, double *least, double *greatest);
#endif
