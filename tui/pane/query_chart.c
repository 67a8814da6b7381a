/* A result as a chart: the number column under the cursor (or the last one) over the first column of times or numbers
 * as a line, else over the first column of texts as bars. A job reads the points; a chart keeps the rows it was made
 * of until it is asked for again. UI thread, but for the job. */
#include "backend/base/text.h"
#include "tui/pane/query.h"
#include "tui/widget/chart.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BARS_MAX = 1000, POINTS_MAX = 4000, LABEL_BYTES = 200 };

struct point {
    char *label; /* NULL: NULL */
    double x, y;
};
struct query_chart {
    enum chart_kind kind;
    bool is_time;
    size_t label_column, number_column;
    char label_name[128], number_name[128];
    struct point *points;
    size_t count, total, first;
    const char **labels;
    double *x, *values;
};

void query_chart_free(struct query_chart *chart)
{
    if (!chart)
        return;
    for (size_t i = 0; i < chart->count; i++)
        free(chart->points[i].label);
    free(chart->points);
    free(chart->labels);
    free(chart->x);
    free(chart->values);
    free(chart);
}

/* --- which columns --- */

static bool is_number(const struct column *column)
{
    return column->kind == VALUE_DIGITS;
}

static const struct column *find_number(const struct query_tab *tab, const struct column *columns, size_t count)
{
    const struct column *current = grid_current_column(tab->grid), *found = NULL;
    if (current && is_number(current) && count > 1 && current->index > 0)
        return current;
    for (size_t i = 0; i < count; i++)
        if (is_number(&columns[i]))
            found = &columns[i];
    return found;
}

static const struct column *find_label(const struct column *columns, size_t count, const struct column *number)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i].kind == VALUE_STAMP)
            return &columns[i];
    for (size_t i = 0; i < count; i++)
        if (&columns[i] != number && !is_number(&columns[i]))
            return &columns[i];
    for (size_t i = 0; i < count; i++)
        if (&columns[i] != number)
            return &columns[i];
    return NULL;
}

/* --- the points --- */

/* NAN when it is no time. */
static double time_of(const char *text)
{
    int64_t ms;
    return value_stamp(text, strlen(text), &ms) ? (double)ms : NAN;
}

static void add_point(void *context, const struct result_point *point)
{
    struct query_chart *chart = context;
    size_t most = chart->kind == CHART_BARS ? BARS_MAX : POINTS_MAX;
    if (chart->count == most)
        return;
    size_t len = point->len < LABEL_BYTES ? point->len : LABEL_BYTES;
    struct point *into = &chart->points[chart->count++];
    into->label = point->text ? strndup(point->text, len) : NULL;
    into->y = point->number;
    into->x = chart->is_time ? time_of(into->label ? into->label : "") : NAN;
    if (!chart->is_time && chart->kind == CHART_LINE && !value_digits(point->text, point->len, &into->x))
        into->x = NAN;
}

static int by_x(const void *a, const void *b)
{
    double left = ((const struct point *)a)->x, right = ((const struct point *)b)->x;
    return (left > right) - (left < right);
}

/* A line goes from left to right; points without a place are left out. */
static void put_in_order(struct query_chart *chart)
{
    size_t kept = 0;
    for (size_t i = 0; i < chart->count; i++) {
        if (isnan(chart->points[i].x))
            free(chart->points[i].label);
        else
            chart->points[kept++] = chart->points[i];
    }
    chart->count = kept;
    qsort(chart->points, kept, sizeof *chart->points, by_x);
}

static bool run_points(struct query_task *task, struct err *err)
{
    struct query_chart *chart = task->chart;
    uint64_t rows = 0;
    size_t most = chart->kind == CHART_BARS ? BARS_MAX : POINTS_MAX;
    chart->points = calloc(most, sizeof *chart->points);
    if (!chart->points)
        abort();
    if (!result_points(task->result, chart->label_column, chart->number_column, most, task->cancel, add_point, chart,
                       &rows, err))
        return false;
    if (chart->kind == CHART_LINE)
        put_in_order(chart);
    chart->total = (size_t)rows;
    chart->labels = calloc(chart->count + 1, sizeof *chart->labels);
    chart->x = calloc(chart->count + 1, sizeof *chart->x);
    chart->values = calloc(chart->count + 1, sizeof *chart->values);
    if (!chart->labels || !chart->x || !chart->values)
        abort();
    for (size_t i = 0; i < chart->count; i++) {
        chart->labels[i] = chart->points[i].label;
        chart->x[i] = chart->points[i].x;
        chart->values[i] = chart->points[i].y;
    }
    return true;
}

static void points_done(struct query_pane *state, struct query_task *task)
{
    struct query_tab *tab = query_tab_now(state);
    if (!task->ok) {
        app_say_error(state->pane->app, &task->err);
        return;
    }
    if (tab->id != task->tab_id || !tab->grid)
        return;
    if (task->chart->count == 0) {
        app_say(state->pane->app, "there is nothing to draw: no row has both %s and %s", task->chart->label_name,
                task->chart->number_name);
        return;
    }
    query_chart_free(tab->chart);
    tab->chart = task->chart;
    task->chart = NULL;
}

static const struct query_task_ops points_ops = {.kind = "chart", .run = run_points, .done = points_done};

void query_chart_toggle(struct query_pane *state)
{
    struct query_tab *tab = query_tab_now(state);
    size_t count = 0;
    const struct column *columns = tab->result ? result_columns(tab->result, &count) : NULL;
    if (tab->chart) {
        query_chart_free(tab->chart);
        tab->chart = NULL;
        return;
    }
    const struct column *number = tab->grid && columns ? find_number(tab, columns, count) : NULL;
    const struct column *label = number ? find_label(columns, count, number) : NULL;
    if (!label) {
        app_say(state->pane->app, "a chart wants a column of numbers and one of texts, times or numbers");
        return;
    }
    struct query_task *task = query_task_new(state, &points_ops);
    task->chart = calloc(1, sizeof *task->chart);
    if (!task->chart)
        abort();
    task->chart->is_time = label->kind == VALUE_STAMP;
    task->chart->kind = task->chart->is_time || is_number(label) ? CHART_LINE : CHART_BARS;
    task->chart->label_column = label->index;
    task->chart->number_column = number->index;
    snprintf(task->chart->label_name, sizeof task->chart->label_name, "%.120s", label->title);
    snprintf(task->chart->number_name, sizeof task->chart->number_name, "%.120s", number->title);
    task->result = result_hold(tab->result);
    task->tab_id = tab->id;
    query_task_start(state, task, "read the points of a chart");
}

void query_chart_draw(struct query_chart *chart, struct canvas *canvas, struct rect rect)
{
    struct chart picture = {.kind = chart->kind,
                            .count = chart->count,
                            .labels = chart->labels,
                            .x = chart->kind == CHART_LINE ? chart->x : NULL,
                            .is_time = chart->is_time,
                            .x_name = chart->label_name,
                            .series = {{.name = chart->number_name, .values = chart->values}},
                            .series_count = 1,
                            .total = chart->total,
                            .first = chart->first};
    chart_draw(&picture, canvas, rect);
}

bool query_chart_act(struct query_chart *chart, enum action action)
{
    static const struct {
        enum action action;
        long by;
    } moves[] = {{ACTION_up, -1},       {ACTION_down, 1},       {ACTION_page_up, -20},     {ACTION_page_down, 20},
                 {ACTION_half_up, -10}, {ACTION_half_down, 10}, {ACTION_first, -BARS_MAX}, {ACTION_last, BARS_MAX}};
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        if (moves[i].action != action)
            continue;
        long at = (long)chart->first + moves[i].by, last = (long)chart->count - 1;
        chart->first = (size_t)(at < 0 ? 0 : at > last ? last : at);
        return true;
    }
    return false;
}
