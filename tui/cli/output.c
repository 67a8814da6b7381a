/* Rows as table, JSON, JSON lines or CSV. One writer per format, in a table. */
#include "tui/cli/output.h"
#include "backend/base/json.h"
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
static const char *state_word(enum value_state state)
{
    static const char *const words[] = {
        [VALUE_KNOWN] = "known",     [VALUE_AT_LEAST] = "at_least", [VALUE_NONE] = "none",
        [VALUE_UNKNOWN] = "unknown", [VALUE_NULL] = "null",         [VALUE_DENIED] = "denied",
        [VALUE_TIMEOUT] = "timeout", [VALUE_FAILED] = "failed"};
    return words[state];
}

static void write_time(int64_t ms, struct buf *out)
{
    char text[TEXT_SHORT];
    text_time(ms, text);
    char *space = strchr(text, ' ');
    if (space)
        *space = 'T';
    json_write_string(text, strlen(text), out);
}

static void write_value(const struct value *value, enum value_kind kind, struct buf *out)
{
    if (value->state != VALUE_KNOWN && value->state != VALUE_AT_LEAST)
        buf_puts(out, "null");
    else if (value_kind_is_text(kind))
        value_write_json(value, kind, out);
    else if (kind == VALUE_PERCENT)
        buf_printf(out, "%.6g", value->fraction);
    else if (kind == VALUE_BOOL)
        buf_puts(out, value->number ? "true" : "false");
    else if (kind == VALUE_AGE || kind == VALUE_TIME)
        write_time(value->number, out);
    else
        buf_printf(out, "%lld", (long long)value->number);
}

static void write_object(struct output *output, const void *row)
{
    buf_putc(&output->line, '{');
    for (int i = 0; i < output->count; i++) {
        const struct column *column = output->columns[i];
        struct value value = column_value(column, row);
        buf_printf(&output->line, "%s\"%s\":", i ? "," : "", column->id);
        write_value(&value, column->kind, &output->line);
        if (value.state != VALUE_KNOWN && value.state != VALUE_NONE && value.state != VALUE_NULL)
            buf_printf(&output->line, ",\"%s_state\":\"%s\"", column->id, state_word(value.state));
    }
    buf_putc(&output->line, '}');
}

static void json_begin(struct output *output)
{
    put(output, "[", 1);
}

static void json_row(struct output *output, const void *row)
{
    buf_puts(&output->line, output->rows > 1 ? ",\n " : "\n ");
    write_object(output, row);
    flush_line(output);
}

static void json_end(struct output *output)
{
    put(output, "\n]\n", 3);
}

static void jsonl_row(struct output *output, const void *row)
{
    write_object(output, row);
    buf_putc(&output->line, '\n');
    flush_line(output);
}

/* --- CSV (RFC 4180): unknown is an empty field --- */
static void write_field(const char *bytes, size_t len, struct buf *out)
{
    bool quote = len == 0;
    for (size_t i = 0; i < len && !quote; i++)
        quote = strchr("\",\r\n", bytes[i]) && bytes[i];
    if (!quote) {
        buf_append(out, bytes, len);
        return;
    }
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, bytes[i]);
    }
    buf_putc(out, '"');
}

static void csv_begin(struct output *output)
{
    for (int i = 0; i < output->count; i++)
        buf_printf(&output->line, "%s%s", i ? "," : "", output->columns[i]->id);
    buf_puts(&output->line, "\r\n");
    flush_line(output);
}

static void csv_row(struct output *output, const void *row)
{
    for (int i = 0; i < output->count; i++) {
        const struct column *column = output->columns[i];
        struct value value = column_value(column, row);
        if (i > 0)
            buf_putc(&output->line, ',');
        if (value.state != VALUE_KNOWN && value.state != VALUE_AT_LEAST)
            continue;
        if (value_kind_is_text(column->kind)) {
            write_field(value.text, value.len, &output->line);
            continue;
        }
        struct buf text = BUF_INIT(256);
        write_value(&value, column->kind, &text);
        const char *plain = buf_text(&text);
        size_t len = text.len;
        if (*plain == '"') { /* a time: JSON's quotes are not CSV's */
            plain++;
            len -= 2;
        }
        buf_append(&output->line, plain, len);
        buf_done(&text);
    }
    buf_puts(&output->line, "\r\n");
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
