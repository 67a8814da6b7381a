/* The scrolling text. All bytes live in one buffer; a line is a slice of it; when wrapped, rows of the screen are
 * slices of lines, worked out again when the width changes. UI thread. */
#include "tui/widget/textview.h"
#include "backend/base/text.h"
#include "tui/widget/scroll.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LABEL_MAX = 24, LABEL_GAP = 2, TAB_COLUMNS = 8, SIDE_STEP = 8, NEEDLE_MAX = 256 };

struct line {
    uint32_t label, label_len, text, len; /* slices of bytes */
    uint8_t label_role, role;
    bool is_field, is_section;
};
struct row {
    uint32_t line, from, len; /* slice of the line's text */
};
struct textview {
    struct buf bytes;
    struct line *lines;
    size_t count, cap;
    int label_width;
    bool is_cut, follows;
    enum textview_wrap wrap;

    struct row *rows; /* wrapped rows; NULL while not wrapped */
    size_t row_count, row_cap;
    int rows_width; /* width they were made for; 0: make them again */

    size_t top, match; /* row at the top; line of the present match */
    int left, page;
    char needle[NEEDLE_MAX];
    bool is_exact_case;
    struct buf scratch;
};

struct textview *textview_new(void)
{
    struct textview *view = calloc(1, sizeof *view);
    if (!view)
        abort();
    view->bytes = BUF_INIT(TEXTVIEW_BYTES_MAX);
    view->scratch = BUF_INIT(1 << 20);
    view->page = 1;
    return view;
}

void textview_free(struct textview *view)
{
    if (!view)
        return;
    buf_done(&view->bytes);
    buf_done(&view->scratch);
    free(view->lines);
    free(view->rows);
    free(view);
}

void textview_clear(struct textview *view)
{
    buf_clear(&view->bytes);
    view->count = view->row_count = 0;
    view->label_width = view->rows_width = 0;
    view->is_cut = false;
}

static struct line *new_line(struct textview *view)
{
    if (view->count >= TEXTVIEW_LINES_MAX)
        return NULL;
    if (view->count == view->cap) {
        size_t cap = view->cap ? view->cap * 2 : 64;
        struct line *bigger = realloc(view->lines, cap * sizeof *bigger);
        if (!bigger)
            return NULL;
        view->lines = bigger;
        view->cap = cap;
    }
    view->lines[view->count] = (struct line){.role = ROLE_text};
    return &view->lines[view->count++];
}

/* Copies bytes with tabs as blanks (the sanitiser would show each as a stand-in). */
static bool store(struct textview *view, const char *bytes, size_t len, uint32_t *at, uint32_t *stored)
{
    size_t from = view->bytes.len;
    while (len > 0) {
        const char *tab = memchr(bytes, '\t', len);
        size_t plain = tab ? (size_t)(tab - bytes) : len;
        buf_append(&view->bytes, bytes, plain);
        if (!tab)
            break;
        do
            buf_putc(&view->bytes, ' ');
        while ((view->bytes.len - from) % TAB_COLUMNS && !view->bytes.failed);
        bytes += plain + 1;
        len -= plain + 1;
    }
    if (view->bytes.failed) {
        view->is_cut = true;
        return false;
    }
    *at = (uint32_t)from;
    *stored = (uint32_t)(view->bytes.len - from);
    return true;
}

static struct line *add_line(struct textview *view, enum theme_role role, const char *bytes, size_t len)
{
    static const char cut[] = "… cut here: the rest is over the maximum that is shown";
    struct line *line = view->is_cut ? NULL : new_line(view);
    if (!line)
        return NULL;
    line->role = (uint8_t)role;
    if (!store(view, bytes, len, &line->text, &line->len)) {
        view->bytes.failed = false;
        view->bytes.len = view->bytes.len > sizeof cut ? view->bytes.len - sizeof cut : 0;
        line->text = (uint32_t)view->bytes.len;
        line->len = buf_puts(&view->bytes, cut) ? (uint32_t)(sizeof cut - 1) : 0;
        line->role = ROLE_warn;
    }
    view->rows_width = 0;
    return line;
}

void textview_add(struct textview *view, enum theme_role role, const char *bytes, size_t len)
{
    size_t start = 0;
    while (start < len || len == 0) {
        const char *newline = len > start ? memchr(bytes + start, '\n', len - start) : NULL;
        size_t end = newline ? (size_t)(newline - bytes) : len;
        size_t shown = end > start && bytes[end - 1] == '\r' ? end - 1 : end;
        add_line(view, role, bytes + start, shown - start);
        if (!newline)
            return;
        start = end + 1;
    }
}

void textview_pair(struct textview *view, enum theme_role label_role, const char *label, enum theme_role role,
                   const char *text)
{
    struct line *line = add_line(view, role, text, strlen(text));
    if (!line || view->is_cut)
        return;
    line->is_field = store(view, label, strlen(label), &line->label, &line->label_len);
    line->label_role = (uint8_t)label_role;
    int width = text_width(label, strlen(label));
    width = width < LABEL_MAX ? width : LABEL_MAX;
    view->label_width = width > view->label_width ? width : view->label_width;
}

void textview_field(struct textview *view, const char *label, enum theme_role role, const char *text)
{
    textview_pair(view, ROLE_label, label, role, text);
}

void textview_section(struct textview *view, const char *title)
{
    if (view->count > 0)
        add_line(view, ROLE_text, "", 0);
    struct line *line = add_line(view, ROLE_title, title, strlen(title));
    if (line)
        line->is_section = true;
}

void textview_set_wrap(struct textview *view, enum textview_wrap wrap)
{
    view->wrap = wrap;
    view->rows_width = 0;
    view->left = 0;
}

void textview_set_follow(struct textview *view, bool follows)
{
    view->follows = follows;
}

bool textview_follows(const struct textview *view)
{
    return view->follows;
}

size_t textview_lines(const struct textview *view)
{
    return view->count;
}

static const char *line_text(const struct textview *view, const struct line *line)
{
    return buf_text(&view->bytes) + line->text;
}

bool textview_text(const struct textview *view, struct buf *out)
{
    for (size_t i = 0; i < view->count; i++) {
        const struct line *line = &view->lines[i];
        if (line->is_field)
            buf_printf(out, "%-*.*s", view->label_width + LABEL_GAP, (int)line->label_len,
                       buf_text(&view->bytes) + line->label);
        buf_append(out, line_text(view, line), line->len);
        buf_putc(out, '\n');
    }
    return !out->failed;
}

static int raw_columns(struct textview *view, const char *bytes, size_t len)
{
    buf_clear(&view->scratch);
    text_clean(bytes, len, &view->scratch);
    return text_width(buf_text(&view->scratch), view->scratch.len);
}

/* Bytes of the longest beginning that takes at most that many columns; at least one character. */
static size_t raw_fit(struct textview *view, const char *bytes, size_t len, int columns)
{
    size_t at = 0;
    for (int used = 0; at < len;) {
        uint32_t code;
        size_t step = text_decode(bytes + at, len - at, &code);
        int width = step > 0 ? text_code_width(code) : -1;
        step = step > 0 ? step : 1;
        used += width >= 0 ? width : raw_columns(view, bytes + at, step);
        if (used > columns)
            return at > 0 ? at : step;
        at += step;
    }
    return len;
}

static int text_room(const struct textview *view, const struct line *line, int cols)
{
    int room = cols - (line->is_field ? view->label_width + LABEL_GAP : 0);
    return room > 0 ? room : 1;
}

static size_t last_gap(const char *bytes, size_t from, size_t to, const char *gap)
{
    while (to > from && strncmp(bytes + to, gap, strlen(gap)) != 0)
        to--;
    return to;
}

/* A row of a wrapped line ends at a wide gap (between two facts), else at a blank, unless that would leave it less than
 * a third full. */
static size_t wrap_at(struct textview *view, const char *bytes, size_t len, int columns)
{
    size_t fit = raw_fit(view, bytes, len, columns), least = fit / 3;
    if (fit == len)
        return fit;
    size_t wide = last_gap(bytes, least, fit, "  "), blank = last_gap(bytes, least, fit, " ");
    return wide > least ? wide : blank > least ? blank : fit;
}

static bool is_wrapped(const struct textview *view, const struct line *line)
{
    return view->wrap == WRAP_ALL || (view->wrap == WRAP_FIELDS && line->is_field);
}

static bool add_row(struct textview *view, size_t line, size_t from, size_t len)
{
    if (view->row_count == view->row_cap) {
        size_t cap = view->row_cap ? view->row_cap * 2 : 64;
        struct row *bigger = realloc(view->rows, cap * sizeof *bigger);
        if (!bigger)
            return false;
        view->rows = bigger;
        view->row_cap = cap;
    }
    view->rows[view->row_count++] = (struct row){.line = (uint32_t)line, .from = (uint32_t)from, .len = (uint32_t)len};
    return true;
}

static void make_rows(struct textview *view, int cols)
{
    size_t top_line = view->top < view->row_count ? view->rows[view->top].line : 0, top = 0;
    view->row_count = 0;
    for (size_t i = 0; i < view->count; i++) {
        const struct line *line = &view->lines[i];
        if (i == top_line)
            top = view->row_count;
        size_t from = 0;
        do {
            const char *rest = line_text(view, line) + from;
            size_t left = line->len - from;
            size_t fit = is_wrapped(view, line) ? wrap_at(view, rest, left, text_room(view, line, cols)) : left;
            if (!add_row(view, i, from, fit))
                return;
            from += fit;
            while (fit > 0 && from < line->len && line_text(view, line)[from] == ' ')
                from++; /* blanks at a break are not shown */
        } while (from < line->len);
    }
    view->top = top;
    view->rows_width = cols;
}

static void clamp(struct textview *view)
{
    size_t page = (size_t)view->page, last = view->row_count > page ? view->row_count - page : 0;
    if (view->top > last || view->follows)
        view->top = last;
}

static bool same(const struct textview *view, char a, char b)
{
    return a == b || (!view->is_exact_case && tolower((unsigned char)a) == tolower((unsigned char)b));
}

static bool find_in(const struct textview *view, const char *text, size_t len, size_t *at)
{
    size_t needle = strlen(view->needle);
    for (size_t start = *at; needle > 0 && start + needle <= len; start++) {
        size_t i = 0;
        while (i < needle && same(view, text[start + i], view->needle[i]))
            i++;
        if (i == needle) {
            *at = start;
            return true;
        }
    }
    return false;
}

static bool line_matches(const struct textview *view, size_t index)
{
    const struct line *line = &view->lines[index];
    size_t at = 0, label_at = 0;
    return find_in(view, line_text(view, line), line->len, &at) ||
           (line->is_field && find_in(view, buf_text(&view->bytes) + line->label, line->label_len, &label_at));
}

static void show_line(struct textview *view, size_t line)
{
    size_t row = 0;
    while (row + 1 < view->row_count && view->rows[row].line < line)
        row++;
    bool is_shown = row >= view->top && row < view->top + (size_t)view->page;
    if (!is_shown)
        view->top = row > (size_t)view->page / 3 ? row - (size_t)view->page / 3 : 0;
    view->match = line;
    view->follows = false;
}

static bool find_from(struct textview *view, size_t start, int direction)
{
    for (size_t i = 0; i < view->count; i++) {
        size_t line = direction > 0 ? (start + i) % view->count : (start + view->count - i) % view->count;
        if (line_matches(view, line)) {
            show_line(view, line);
            return true;
        }
    }
    return false;
}

bool textview_search(struct textview *view, const char *needle)
{
    size_t len = strlen(needle);
    len = len < NEEDLE_MAX - 1 ? len : NEEDLE_MAX - 1;
    memcpy(view->needle, needle, len);
    view->needle[len] = '\0';
    view->is_exact_case = false;
    for (size_t i = 0; i < len; i++)
        view->is_exact_case |= isupper((unsigned char)needle[i]) != 0;
    size_t top = view->top < view->row_count ? view->rows[view->top].line : 0;
    return len > 0 && view->count > 0 && find_from(view, top, 1);
}

const char *textview_needle(const struct textview *view)
{
    return view->needle;
}

bool textview_find(struct textview *view, int direction)
{
    if (!view->needle[0] || view->count == 0)
        return false;
    size_t next = direction > 0 ? view->match + 1 : view->match + view->count - 1;
    return find_from(view, next % view->count, direction);
}

static void move(struct textview *view, long rows)
{
    long to = (long)view->top + rows;
    view->follows = false;
    view->top = to > 0 ? (size_t)to : 0;
    clamp(view);
}

static void sideways(struct textview *view, int by)
{
    view->left = view->wrap == WRAP_ALL || view->left + by < 0 ? 0 : view->left + by;
}

bool textview_act(struct textview *view, enum action action)
{
    long page = view->page, all = (long)view->row_count;
    const struct {
        enum action action;
        long rows;
        int columns, match;
    } moves[] = {
        {.action = ACTION_up, .rows = -1},
        {.action = ACTION_down, .rows = 1},
        {.action = ACTION_page_up, .rows = -page},
        {.action = ACTION_page_down, .rows = page},
        {.action = ACTION_half_up, .rows = -(page + 1) / 2},
        {.action = ACTION_half_down, .rows = (page + 1) / 2},
        {.action = ACTION_first, .rows = -all},
        {.action = ACTION_last, .rows = all},
        {.action = ACTION_left, .columns = -SIDE_STEP},
        {.action = ACTION_right, .columns = SIDE_STEP},
        {.action = ACTION_line_start, .columns = -(1 << 20)},
        {.action = ACTION_find_next, .match = 1},
        {.action = ACTION_find_prev, .match = -1},
    };
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        if (moves[i].action != action)
            continue;
        if (moves[i].rows)
            move(view, moves[i].rows);
        if (moves[i].columns)
            sideways(view, moves[i].columns);
        if (moves[i].match)
            textview_find(view, moves[i].match);
        return true;
    }
    return false;
}

bool textview_mouse(struct textview *view, const struct event *event, struct rect rect)
{
    bool inside = event->row >= rect.row && event->row < rect.row + rect.rows && event->col >= rect.col &&
                  event->col < rect.col + rect.cols;
    if (!inside || (event->mouse != MOUSE_WHEEL_UP && event->mouse != MOUSE_WHEEL_DOWN))
        return false;
    move(view, event->mouse == MOUSE_WHEEL_UP ? -3 : 3);
    return true;
}

static void mark_matches(struct textview *view, struct canvas *canvas, int row, int col, int cols, const char *text,
                         size_t len)
{
    size_t needle = strlen(view->needle);
    for (size_t at = 0; find_in(view, text, len, &at); at += needle) {
        int before = raw_columns(view, text, at), width = raw_columns(view, text + at, needle);
        if (before >= cols)
            return;
        width = before + width > cols ? cols - before : width;
        canvas_role(canvas, (struct rect){.row = row, .col = col + before, .rows = 1, .cols = width}, ROLE_match);
    }
}

static void draw_slice(struct textview *view, struct canvas *canvas, int row, int col, int cols, enum theme_role role,
                       const char *text, size_t len, int left)
{
    size_t most = (size_t)cols * 8 + 64; /* combining marks make a column of several bytes */
    size_t skip = left > 0 ? raw_fit(view, text, len, left) : 0;
    text += skip;
    len = len - skip < most ? len - skip : most;
    canvas_elide(canvas, row, col, cols, role, text, len);
    mark_matches(view, canvas, row, col, cols, text, len);
}

/* A section's title runs into a thin rule, so that the eye finds it when scrolling. */
static void draw_rule(struct textview *view, struct canvas *canvas, struct rect bar, const struct line *line)
{
    int col = bar.col + raw_columns(view, line_text(view, line), line->len) + 1, end = bar.col + bar.cols;
    if (col < end)
        canvas_hline(canvas, bar.row, col, end - col, ROLE_border);
}

static void draw_row(struct textview *view, struct canvas *canvas, struct rect bar, const struct row *row)
{
    const struct line *line = &view->lines[row->line];
    int col = bar.col, end = bar.col + bar.cols;
    if (line->is_section)
        draw_rule(view, canvas, bar, line);
    if (line->is_field) {
        if (row->from == 0)
            draw_slice(view, canvas, bar.row, col, view->label_width, line->label_role,
                       buf_text(&view->bytes) + line->label, line->label_len, 0);
        col += view->label_width + LABEL_GAP;
    }
    int left = is_wrapped(view, line) ? 0 : view->left;
    if (col < end)
        draw_slice(view, canvas, bar.row, col, end - col, line->role, line_text(view, line) + row->from, row->len,
                   left);
}

void textview_draw(struct textview *view, struct canvas *canvas, struct rect rect)
{
    if (rect.rows < 1 || rect.cols < 2)
        return;
    view->page = rect.rows;
    int cols = rect.cols - 1; /* the last column is the thumb's */
    if (view->rows_width != cols)
        make_rows(view, cols);
    clamp(view);
    for (int line = 0; line < rect.rows && view->top + (size_t)line < view->row_count; line++) {
        struct rect bar = {.row = rect.row + line, .col = rect.col, .rows = 1, .cols = cols};
        draw_row(view, canvas, bar, &view->rows[view->top + (size_t)line]);
    }
    scroll_draw(&(struct scroll){.top = view->top}, view->row_count, canvas, rect);
}

int textview_percent(const struct textview *view)
{
    size_t end = view->top + (size_t)view->page;
    return view->row_count == 0 || end >= view->row_count ? 100 : (int)(end * 100 / view->row_count);
}
