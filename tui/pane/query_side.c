/* The panel beside a result: what the column under the cursor holds. The figures are counted off the UI thread. */
#include "backend/base/text.h"
#include "tui/pane/query.h"
#include <stdio.h>
#include <string.h>

enum { LABEL = 10 };
struct panel {
    struct canvas *canvas;
    struct rect rect;
    int row; /* next */
};

static void line(struct panel *panel, const char *label, enum theme_role role, const char *text, size_t len)
{
    if (panel->row >= panel->rect.rows)
        return;
    int row = panel->rect.row + panel->row++;
    canvas_puts(panel->canvas, row, panel->rect.col, LABEL, ROLE_label, label);
    canvas_elide(panel->canvas, row, panel->rect.col + LABEL, panel->rect.cols - LABEL, role, text, len);
}

/* Figures stand under each other by their ends; what is longer than that, or no figure, begins at the left. */
static void figure_line(struct panel *panel, const char *label, const char *text, size_t len)
{
    enum { FIGURE = 20 };
    char figure[FIGURE + 1];
    bool is_figure = len > 0 && len <= FIGURE && strspn(text, "-~.0123456789 eE") >= len;
    snprintf(figure, sizeof figure, "%.*s", (int)(len <= FIGURE ? len : FIGURE), text);
    if (is_figure && panel->row < panel->rect.rows)
        canvas_right(panel->canvas, panel->rect.row + panel->row, panel->rect.col + LABEL, FIGURE, ROLE_text, figure);
    line(panel, label, ROLE_text, is_figure ? "" : text, is_figure ? 0 : len);
}

static void count_line(struct panel *panel, const char *label, uint64_t count, bool is_estimate)
{
    char text[TEXT_SHORT], words[TEXT_SHORT + 16];
    snprintf(words, sizeof words, "%s%s", is_estimate ? "~" : "", text_count((int64_t)count, text));
    figure_line(panel, label, words, strlen(words));
}

static void value_line(struct panel *panel, const char *label, const struct result_value *value)
{
    figure_line(panel, label, value->text, value->len);
}

static void top_lines(struct panel *panel, const struct result_summary *summary)
{
    char count[TEXT_SHORT];
    uint64_t most = summary->top_count ? summary->top[0].count : 0;
    if (!most || panel->row + 2 >= panel->rect.rows)
        return;
    panel->row++;
    line(panel, "top", ROLE_dim, summary->is_top_estimate ? "at least" : "", summary->is_top_estimate ? 8 : 0);
    int bar = panel->rect.cols / 4, figure = 9, text = panel->rect.cols - bar - figure - 2;
    for (size_t i = 0; i < summary->top_count && panel->row < panel->rect.rows; i++) {
        const struct result_value *value = &summary->top[i];
        int row = panel->rect.row + panel->row++, col = panel->rect.col;
        if (value->len == 0)
            canvas_puts(panel->canvas, row, col, text, ROLE_dim, "(empty)");
        else
            canvas_elide(panel->canvas, row, col, text, ROLE_text, value->text, value->len);
        canvas_right(panel->canvas, row, col + text, figure, ROLE_text, text_count((int64_t)value->count, count));
        canvas_bar(panel->canvas, row, col + text + figure + 1, bar, (double)value->count / (double)most, ROLE_bar);
    }
}

static void histogram(struct panel *panel, const struct result_summary *summary)
{
    double bins[RESULT_BINS];
    int cols = panel->rect.cols < RESULT_BINS ? panel->rect.cols : RESULT_BINS;
    if (!summary->has_bins || panel->row + 3 > panel->rect.rows)
        return;
    for (int i = 0; i < RESULT_BINS; i++)
        bins[i] = (double)summary->bins[i];
    panel->row++;
    int row = panel->rect.row + panel->row, col = panel->rect.col;
    canvas_spark(panel->canvas, row, col, cols, bins, RESULT_BINS, ROLE_bar);
    canvas_elide(panel->canvas, row + 1, col, cols / 2, ROLE_dim, summary->low.text, summary->low.len);
    char high[RESULT_VALUE_BYTES + 1];
    snprintf(high, sizeof high, "%.*s", (int)summary->high.len, summary->high.text);
    canvas_right(panel->canvas, row + 1, col + cols / 2, cols - cols / 2, ROLE_dim, high);
    panel->row += 2;
}

static void draw_figures(struct panel *panel, const struct result_summary *summary)
{
    char mean[TEXT_SHORT];
    count_line(panel, "rows", summary->rows, false);
    count_line(panel, "null", summary->nulls, false);
    if (summary->empties)
        count_line(panel, "empty", summary->empties, false);
    count_line(panel, "distinct", summary->distinct, summary->is_distinct_estimate);
    value_line(panel, "min", &summary->min);
    if (summary->has_mean) {
        snprintf(mean, sizeof mean, "%.6g", summary->mean);
        figure_line(panel, "mean", mean, strlen(mean));
    }
    value_line(panel, "max", &summary->max);
    if (summary->not_numbers)
        count_line(panel, "no number", summary->not_numbers, false);
    histogram(panel, summary);
    top_lines(panel, summary);
}

void query_draw_summary(struct query_pane *state, struct canvas *canvas, struct rect rect)
{
    struct query_tab *tab = query_tab_now(state);
    const struct column *column = tab->grid ? grid_current_column(tab->grid) : NULL;
    struct result_summary summary;
    struct panel panel = {.canvas = canvas, .rect = rect};
    char progress[32];
    if (!column)
        return;
    if ((int)column->index != tab->summary_column) {
        tab->summary_column = (int)column->index;
        result_summarise(tab->result, tab->summary_column);
    }
    int used = canvas_elide(canvas, rect.row, rect.col, rect.cols, ROLE_strong, column->title, strlen(column->title));
    const char *type = result_column_type(tab->result, column->index);
    if (used + 1 < rect.cols)
        canvas_elide(canvas, rect.row, rect.col + used + 1, rect.cols - used - 1, ROLE_dim, type, strlen(type));
    panel.row = 2;
    result_summary(tab->result, &summary);
    if (summary.err.code) {
        panel.rect.row += 2;
        panel.rect.rows -= 2;
        query_draw_error(canvas, panel.rect, &summary.err);
        return;
    }
    if (!summary.is_done) {
        snprintf(progress, sizeof progress, "counting %.0f%%", summary.progress * 100);
        line(&panel, progress, ROLE_dim, "", 0);
        return;
    }
    draw_figures(&panel, &summary);
}
