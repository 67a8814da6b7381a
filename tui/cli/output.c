/* Rows as table, JSON, JSON lines or CSV. One writer per format, in a table. */
#include "tui/cli/output.h"
#include "backend/base/rowtext.h"
#include "backend/base/text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* PAD_MAX: a longer value sticks out of its column, so that one long key does not widen every row */
enum { TABLE_MEASURED = 1000, PAD_MAX = 64, OUTPUT_COLUMNS = 64, OUTPUT_LINE_MAX = 64 * 1024 * 1024 };

struct output {
    const struct output_format *format;
    struct cli *cli;
    const struct column *columns[OUTPUT_COLUMNS];
    int shown, count; /* shown in a table; count includes the extra ones */
    size_t rows;
    int64_t now_ms;
    struct buf line;
    /* table: cells of the first rows until they are measured */
    char **cells;
    size_t held;
    int widths[OUTPUT_COLUMNS];
    bool is_flowing, failed;
    int error;
};
struct output_format {
    const char *name;
    void (*begin)(struct output *output);
    void (*row)(struct output *output, const void *row);
    void (*end)(struct output *output);
};

static void put(struct output *output, const char *bytes, size_t len)
{
    if (output->failed || fwrite(bytes, 1, len, stdout) == len)
        return;
    output->failed = true;
    output->error = errno;
}

static void flush_line(struct output *output)
{
    if (output->line.failed) {
        output->failed = true;
        output->error = EMSGSIZE;
    } else {
        put(output, buf_text(&output->line), output->line.len);
    }
    buf_clear(&output->line);
}

/* --- table --- */
static void table_line(struct output *output, char *const *cells)
{
    for (int i = 0; i < output->shown; i++) {
        const char *cell = cells[i];
        int pad = output->widths[i] - text_width(cell, strlen(cell));
        bool right = value_kind_is_right(output->columns[i]->kind);
        if (i > 0)
            buf_puts(&output->line, "  ");
        for (int k = 0; right && k < pad; k++)
            buf_putc(&output->line, ' ');
        buf_puts(&output->line, cell);
        for (int k = 0; !right && k < pad && i < output->shown - 1; k++)
            buf_putc(&output->line, ' ');
    }
    buf_putc(&output->line, '\n');
    flush_line(output);
}

static void table_flow(struct output *output)
{
    char *titles[OUTPUT_COLUMNS];
    for (int i = 0; i < output->shown; i++) {
        titles[i] = (char *)output->columns[i]->title;
        int width = text_width(titles[i], strlen(titles[i]));
        if (width > output->widths[i])
            output->widths[i] = width;
    }
    if (output->rows > 0)
        table_line(output, titles);
    for (size_t row = 0; row < output->held; row++)
        table_line(output, output->cells + row * (size_t)output->shown);
    for (size_t i = 0; i < output->held * (size_t)output->shown; i++)
        free(output->cells[i]);
    free(output->cells);
    output->cells = NULL;
    output->held = 0;
    output->is_flowing = true;
}

static void table_row(struct output *output, const void *row)
{
    char *cells[OUTPUT_COLUMNS];
    for (int i = 0; i < output->shown; i++) {
        struct buf cell = BUF_INIT(1024 * 1024);
        struct value value = column_value(output->columns[i], row);
        value_format(&value, output->columns[i]->kind, output->now_ms, &cell);
        cells[i] = cell.failed ? strdup("(too long)") : strdup(buf_text(&cell));
        buf_done(&cell);
    }
    if (output->is_flowing) {
        table_line(output, cells);
        for (int i = 0; i < output->shown; i++)
            free(cells[i]);
        return;
    }
    if (!output->cells)
        output->cells = calloc((size_t)TABLE_MEASURED * (size_t)output->shown, sizeof *output->cells);
    for (int i = 0; i < output->shown; i++) {
        int width = text_width(cells[i], strlen(cells[i]));
        width = width < PAD_MAX ? width : PAD_MAX;
        if (width > output->widths[i])
            output->widths[i] = width;
        output->cells[output->held * (size_t)output->shown + (size_t)i] = cells[i];
    }
    if (++output->held == TABLE_MEASURED)
        table_flow(output);
}

static void table_end(struct output *output)
{
    if (!output->is_flowing)
        table_flow(output);
}

/* --- JSON --- */
static void json_begin(struct output *output)
{
    put(output, "[", 1);
}

static void json_row(struct output *output, const void *row)
{
    buf_puts(&output->line, output->rows > 1 ? ",\n " : "\n ");
    row_write_json(output->columns, output->count, row, &output->line);
    flush_line(output);
}

static void json_end(struct output *output)
{
    put(output, "\n]\n", 3);
}

static void jsonl_row(struct output *output, const void *row)
{
    row_write_json(output->columns, output->count, row, &output->line);
    buf_putc(&output->line, '\n');
    flush_line(output);
}

/* --- CSV --- */
static void csv_begin(struct output *output)
{
    row_write_csv_header(output->columns, output->count, &output->line);
    flush_line(output);
}

static void csv_row(struct output *output, const void *row)
{
    row_write_csv(output->columns, output->count, row, &output->line);
    flush_line(output);
}

static const struct output_format formats[] = {
    {.name = "table", .row = table_row, .end = table_end},
    {.name = "json", .begin = json_begin, .row = json_row, .end = json_end},
    {.name = "jsonl", .row = jsonl_row},
    {.name = "csv", .begin = csv_begin, .row = csv_row},
};

struct output *output_open(struct cli *cli, const struct column *columns, const struct column *extra)
{
    struct output *output = calloc(1, sizeof *output);
    output->format = &formats[0];
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcasecmp(formats[i].name, cli->config->format) == 0)
            output->format = &formats[i];
    output->cli = cli;
    output->now_ms = clock_wall(&clock_system);
    output->line = BUF_INIT(OUTPUT_LINE_MAX);
    for (; columns->id && output->shown < OUTPUT_COLUMNS; columns++)
        output->columns[output->shown++] = columns;
    output->count = output->shown;
    for (; extra && extra->id && output->count < OUTPUT_COLUMNS; extra++)
        output->columns[output->count++] = extra;
    if (output->format->begin)
        output->format->begin(output);
    return output;
}

bool output_row(struct output *output, const void *row)
{
    output->rows++;
    output->format->row(output, row);
    return !output->failed;
}

bool output_close(struct output *output, struct err *err)
{
    if (output->format->end)
        output->format->end(output);
    bool ok = !output->failed || output->error == EPIPE;
    if (!ok) {
        errno = output->error;
        err_set_errno(err, ERR_IO, "cannot write to standard output");
    }
    buf_done(&output->line);
    free(output);
    return ok;
}

bool output_is_json(const struct cli *cli)
{
    return strncasecmp(cli->config->format, "json", 4) == 0;
}
