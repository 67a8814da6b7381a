/* A result as a table, CSV (as Athena writes it), JSON or JSON lines: one writer per format, in a table. Tables are
 * sanitised text for people, measured on their first rows; the others keep the bytes. */
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "tui/cli/sql.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>

enum {
    MEASURED = 1000,           /* rows that a table is measured on */
    MEASURED_BYTES = 64 << 20, /* or so many bytes of them */
    WIDTH_MAX = 60,            /* columns that a value is padded to, and cut at on a terminal */
    WIDTH_MIN = 12,            /* a column is not made narrower to fit the terminal */
    LINE_MAX_BYTES = 256 << 20
};

struct printer;
struct print_format {
    const char *name;
    void (*begin)(struct printer *p);
    void (*row)(struct printer *p, const struct sql_cell *cells);
    void (*end)(struct printer *p);
};
struct printer {
    struct sql *sql;
    const struct print_format *format;
    char **names, **types;
    size_t columns;
    int64_t rows;
    struct buf line, cell;
    struct err err;
    bool answers, has_failed, has_begun;
    /* table */
    struct arena *held; /* the first rows until they are measured; NULL: it flows */
    struct sql_cell **held_rows;
    size_t held_count;
    int *widths, screen;
    bool is_cut; /* something was left out at the terminal's edge */
};

static bool is_number(const char *type)
{
    static const char *const types[] = {"tinyint", "smallint", "integer", "int",    "bigint",
                                        "float",   "real",     "double",  "decimal"};
    size_t len = strcspn(type, "(");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i]) == len && strncasecmp(types[i], type, len) == 0)
            return true;
    return false;
}

static void flush_line(struct printer *p)
{
    if (p->line.failed)
        p->has_failed =
            !err_set(&p->err, ERR_TOO_LARGE, "a row of the result is larger than %d MiB", LINE_MAX_BYTES >> 20);
    else if (!p->has_failed && fwrite(buf_text(&p->line), 1, p->line.len, p->sql->out) != p->line.len)
        p->has_failed = errno == EPIPE ? true : !err_set_errno(&p->err, ERR_IO, "cannot write the result");
    buf_clear(&p->line);
}

/* --- table --- */
/* The cell for people in p->cell; its columns. */
static int clean_cell(struct printer *p, const struct sql_cell *cell)
{
    buf_clear(&p->cell);
    text_clean(cell->is_null ? "NULL" : cell->text, cell->is_null ? 4 : cell->len, &p->cell);
    return text_width(buf_text(&p->cell), p->cell.len);
}

static void pad(struct printer *p, int count)
{
    for (; count > 0; count--)
        buf_putc(&p->line, ' ');
}

/* Appends p->cell, cut to max columns; returns the columns used. */
static int put_cut(struct printer *p, int width, int max, bool is_null)
{
    bool is_dim = is_null && p->sql->out_is_tty && p->sql->cli->config->color;
    int used = width;
    buf_puts(&p->line, is_dim ? "\033[2m" : "");
    if (width <= max) {
        buf_append(&p->line, buf_text(&p->cell), p->cell.len);
    } else {
        const char *dots = p->sql->cli->config->unicode ? "…" : "~";
        buf_append(&p->line, buf_text(&p->cell), text_fit(buf_text(&p->cell), p->cell.len, max - 1, &used));
        buf_puts(&p->line, dots);
        used++;
        p->is_cut = true;
    }
    buf_puts(&p->line, is_dim ? "\033[22m" : "");
    return used;
}

/* One line; on a terminal it ends at the edge. */
static void table_line(struct printer *p, const struct sql_cell *cells)
{
    int at = 0;
    for (size_t i = 0; i < p->columns; i++) {
        if (p->screen && at >= p->screen) {
            p->is_cut = true;
            break;
        }
        int width = clean_cell(p, &cells[i]), left = p->screen ? p->screen - at : INT32_MAX;
        int column = p->widths[i], max = p->screen && p->columns > 1 ? column : INT32_MAX;
        bool right = is_number(p->types[i]), is_last = i + 1 == p->columns;
        max = max < left ? max : left;
        int before = right && width < column ? column - width : 0;
        if (before + (width < max ? width : max) > left)
            before = 0;
        pad(p, before);
        int used = before + put_cut(p, width, max, cells[i].is_null);
        at += used;
        if (is_last)
            break;
        int behind = (used < column ? column - used : 0) + 2;
        at += behind;
        if (!p->screen || at < p->screen)
            pad(p, behind);
    }
    while (p->line.len > 0 && p->line.data[p->line.len - 1] == ' ' && p->screen)
        p->line.data[--p->line.len] = '\0';
    buf_putc(&p->line, '\n');
    flush_line(p);
}

/* A value of several lines alone in its row (SHOW CREATE TABLE, EXPLAIN) keeps its lines. */
static void text_line(struct printer *p, const struct sql_cell *cell)
{
    const char *at = cell->text, *end = at + cell->len;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        text_clean(at, (size_t)(stop - at), &p->line);
        buf_putc(&p->line, '\n');
        at = stop < end ? stop + 1 : end;
    }
    flush_line(p);
}

static void table_put(struct printer *p, const struct sql_cell *cells)
{
    if (p->columns == 1 && !cells[0].is_null && memchr(cells[0].text, '\n', cells[0].len))
        text_line(p, &cells[0]);
    else
        table_line(p, cells);
}

static void widen(struct printer *p, const struct sql_cell *cells)
{
    for (size_t i = 0; i < p->columns; i++) {
        int width = clean_cell(p, &cells[i]);
        width = width < WIDTH_MAX ? width : WIDTH_MAX;
        p->widths[i] = width > p->widths[i] ? width : p->widths[i];
    }
}

/* Takes from the widest column until all fit, or none is wide any more. */
static void fit_screen(struct printer *p)
{
    int64_t total = -2;
    for (size_t i = 0; i < p->columns; i++)
        total += p->widths[i] + 2;
    while (p->screen && p->columns <= (size_t)p->screen && total > p->screen) {
        size_t widest = 0;
        for (size_t i = 1; i < p->columns; i++)
            if (p->widths[i] > p->widths[widest])
                widest = i;
        if (p->widths[widest] <= WIDTH_MIN)
            return;
        p->widths[widest]--;
        total--;
    }
}

static void table_flow(struct printer *p)
{
    struct sql_cell *names = calloc(p->columns + 1, sizeof *names);
    for (size_t i = 0; names && i < p->columns; i++)
        names[i] = (struct sql_cell){.text = p->names[i], .len = strlen(p->names[i])};
    if (names) {
        widen(p, names);
        fit_screen(p);
        table_line(p, names);
    }
    for (size_t r = 0; r < p->held_count; r++)
        table_put(p, p->held_rows[r]);
    free(names);
    arena_free(p->held);
    p->held = NULL;
    p->held_count = 0;
}

static void table_begin(struct printer *p)
{
    struct winsize size;
    if (p->sql->out_is_tty && p->columns > 1) { /* a single value is shown whole */
        p->screen = ioctl(fileno(p->sql->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    }
    p->widths = calloc(p->columns + 1, sizeof *p->widths);
    p->held_rows = calloc(MEASURED, sizeof *p->held_rows);
    p->held = arena_new(2 * MEASURED_BYTES);
    p->has_failed = !p->widths || !p->held_rows;
}

static bool hold(struct printer *p, const struct sql_cell *cells)
{
    struct sql_cell *copy = ARENA_ARRAY(p->held, struct sql_cell, p->columns);
    for (size_t i = 0; copy && i < p->columns; i++) {
        copy[i] = cells[i];
        copy[i].text = arena_strndup(p->held, cells[i].text, cells[i].len);
        if (!copy[i].text)
            return false;
    }
    if (!copy)
        return false;
    p->held_rows[p->held_count++] = copy;
    return true;
}

static void table_row(struct printer *p, const struct sql_cell *cells)
{
    if (!p->held) {
        table_put(p, cells);
        return;
    }
    widen(p, cells);
    bool is_held = hold(p, cells);
    if (!is_held || p->held_count == MEASURED || arena_bytes(p->held) > MEASURED_BYTES)
        table_flow(p);
    if (!is_held)
        table_put(p, cells);
}

static void table_end(struct printer *p)
{
    if (p->held)
        table_flow(p);
    if (p->is_cut && !p->sql->has_hinted) {
        fflush(p->sql->out);
        fputs(p->sql->is_shell ? "cut to the terminal's width; \\x shows all\n"
                               : "cut to the terminal's width; -x shows all\n",
              stderr);
        p->sql->has_hinted = true;
    }
}

/* --- expanded: a line for each value --- */
static void expanded_row(struct printer *p, const struct sql_cell *cells)
{
    int widest = 0;
    for (size_t i = 0; i < p->columns; i++) {
        int width = clean_cell(p, &(struct sql_cell){.text = p->names[i], .len = strlen(p->names[i])});
        widest = width > widest ? width : widest;
    }
    buf_printf(&p->line, "-[ %lld ]", (long long)p->rows);
    for (int i = 0; i < widest; i++)
        buf_putc(&p->line, '-');
    buf_putc(&p->line, '\n');
    for (size_t i = 0; i < p->columns; i++) {
        int width = clean_cell(p, &(struct sql_cell){.text = p->names[i], .len = strlen(p->names[i])});
        buf_append(&p->line, buf_text(&p->cell), p->cell.len);
        pad(p, widest - width + 2);
        put_cut(p, clean_cell(p, &cells[i]), INT32_MAX, cells[i].is_null);
        buf_putc(&p->line, '\n');
    }
    flush_line(p);
}

/* --- CSV --- */
void sql_put_csv(const struct sql_cell *cells, size_t count, struct buf *out)
{
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i ? "," : "");
        if (cells[i].is_null)
            continue;
        buf_putc(out, '"');
        for (const char *at = cells[i].text, *end = at + cells[i].len; at < end;) {
            const char *quote = memchr(at, '"', (size_t)(end - at));
            size_t run = (size_t)((quote ? quote + 1 : end) - at);
            buf_append(out, at, run);
            if (quote)
                buf_putc(out, '"');
            at += run;
        }
        buf_putc(out, '"');
    }
    buf_putc(out, '\n');
}

static void csv_begin(struct printer *p)
{
    struct sql_cell *names = calloc(p->columns + 1, sizeof *names);
    for (size_t i = 0; names && i < p->columns; i++)
        names[i] = (struct sql_cell){.text = p->names[i], .len = strlen(p->names[i])};
    if (names && p->columns)
        sql_put_csv(names, p->columns, &p->line);
    free(names);
    flush_line(p);
}

static void csv_row(struct printer *p, const struct sql_cell *cells)
{
    sql_put_csv(cells, p->columns, &p->line);
    flush_line(p);
}

/* --- JSON: numbers and booleans are theirs, all else is text --- */
/* RFC 8259's grammar of numbers: NaN, Infinity and leading zeros are not. */
static bool is_json_number(const char *text, size_t len)
{
    size_t i = 0;
    if (i < len && text[i] == '-')
        i++;
    size_t start = i;
    while (i < len && isdigit((unsigned char)text[i]))
        i++;
    if (i == start || (text[start] == '0' && i - start > 1))
        return false;
    if (i < len && text[i] == '.') {
        size_t point = ++i;
        while (i < len && isdigit((unsigned char)text[i]))
            i++;
        if (i == point)
            return false;
    }
    if (i < len && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < len && (text[i] == '-' || text[i] == '+'))
            i++;
        size_t exponent = i;
        while (i < len && isdigit((unsigned char)text[i]))
            i++;
        if (i == exponent)
            return false;
    }
    return i == len;
}

static void put_json_value(struct printer *p, const struct sql_cell *cell, const char *type)
{
    bool is_boolean = strcasecmp(type, "boolean") == 0 && ((cell->len == 4 && memcmp(cell->text, "true", 4) == 0) ||
                                                           (cell->len == 5 && memcmp(cell->text, "false", 5) == 0));
    if (cell->is_null)
        buf_puts(&p->line, "null");
    else if (is_boolean || (is_number(type) && is_json_number(cell->text, cell->len)))
        buf_append(&p->line, cell->text, cell->len);
    else
        json_write_string(cell->text, cell->len, &p->line);
}

static void put_json(struct printer *p, const struct sql_cell *cells)
{
    buf_putc(&p->line, '{');
    for (size_t i = 0; i < p->columns; i++) {
        buf_puts(&p->line, i ? "," : "");
        json_write_string(p->names[i], strlen(p->names[i]), &p->line);
        buf_putc(&p->line, ':');
        put_json_value(p, &cells[i], p->types[i]);
    }
    buf_putc(&p->line, '}');
}

static void json_begin(struct printer *p)
{
    buf_putc(&p->line, '[');
    flush_line(p);
}

static void json_row(struct printer *p, const struct sql_cell *cells)
{
    buf_puts(&p->line, p->rows > 1 ? ",\n " : "\n ");
    put_json(p, cells);
    flush_line(p);
}

static void json_end(struct printer *p)
{
    buf_puts(&p->line, "\n]\n");
    flush_line(p);
}

static void jsonl_row(struct printer *p, const struct sql_cell *cells)
{
    put_json(p, cells);
    buf_putc(&p->line, '\n');
    flush_line(p);
}

static const struct print_format formats[] = {
    {.name = "table", .begin = table_begin, .row = table_row, .end = table_end},
    {.name = "expanded", .row = expanded_row},
    {.name = "csv", .begin = csv_begin, .row = csv_row},
    {.name = "json", .begin = json_begin, .row = json_row, .end = json_end},
    {.name = "jsonl", .row = jsonl_row},
};

/* --- the sink --- */
/* What answers rows has its header at once; INSERT and the like print nothing. */
static void start(struct printer *p)
{
    p->has_begun = true;
    if (p->format->begin)
        p->format->begin(p);
}

static bool print_begin(void *context, const struct sql_column *columns, size_t count)
{
    struct printer *p = context;
    p->columns = count;
    p->names = calloc(count + 1, sizeof *p->names);
    p->types = calloc(count + 1, sizeof *p->types);
    for (size_t i = 0; p->names && p->types && i < count; i++) {
        p->names[i] = strdup(columns[i].name);
        p->types[i] = strdup(columns[i].type);
    }
    if (p->answers && count > 0)
        start(p);
    return !p->has_failed;
}

static bool print_row(void *context, const struct sql_cell *cells, size_t count)
{
    struct printer *p = context;
    (void)count;
    if (!p->has_begun)
        start(p);
    p->rows++;
    p->format->row(p, cells);
    return !p->has_failed;
}

static void done(struct printer *p)
{
    for (size_t i = 0; i < p->columns; i++) {
        free(p->names ? p->names[i] : NULL);
        free(p->types ? p->types[i] : NULL);
    }
    free(p->names);
    free(p->types);
    free(p->widths);
    free(p->held_rows);
    arena_free(p->held);
    buf_done(&p->line);
    buf_done(&p->cell);
}

static const struct print_format *format_of(const struct sql *sql)
{
    const char *name = sql->format;
    if (sql->is_expanded && strcmp(name, "table") == 0)
        name = "expanded";
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(formats[i].name, name) == 0)
            return &formats[i];
    return &formats[0];
}

bool sql_print(struct sql *sql, const struct sql_result *result, int64_t *rows, int64_t *updated, struct err *err)
{
    struct printer p = {.sql = sql,
                        .format = format_of(sql),
                        .answers = result->answers_rows,
                        .line = BUF_INIT(LINE_MAX_BYTES),
                        .cell = BUF_INIT(LINE_MAX_BYTES)};
    struct sql_sink sink = {.begin = print_begin, .row = print_row, .context = &p};
    bool ok = sql_fetch(sql, result, &sink, updated, err);
    if (ok && p.has_begun && p.format->end)
        p.format->end(&p);
    if (p.has_failed) {
        *err = p.err; /* ERR_OK: the reader has gone */
        ok = false;
    }
    if (ok && p.has_begun)
        sql->results++;
    *rows = p.has_begun ? p.rows : -1;
    done(&p);
    return ok;
}
