/* Rows of a query as a table, CSV (as Athena writes it), JSON or JSON lines. Memory: one page. */
#include "tui/cli/sql_print.h"
#include "backend/aws/athena.h"
#include "backend/base/text.h"
#include <stdlib.h>
#include <string.h>

enum { OUT_MAX = 256 << 20, WIDTH_MAX = 60 };

struct printer {
    struct cli *cli;
    json_t *columns; /* ColumnInfo, borrowed from the page */
    struct buf out;
    int64_t rows; /* written, the header not counted */
    bool is_first_page, has_header;
};

static const char *cell_text(const json_t *row, size_t column)
{
    return json_string_value(json_object_get(json_array_get(json_object_get(row, "Data"), column), "VarCharValue"));
}

static void put_csv(struct printer *p, const json_t *row)
{
    for (size_t i = 0; i < json_array_size(p->columns); i++) {
        const char *text = cell_text(row, i);
        buf_puts(&p->out, i ? "," : "");
        if (!text)
            continue;
        buf_putc(&p->out, '"');
        for (; *text; text++) {
            buf_putc(&p->out, *text);
            if (*text == '"')
                buf_putc(&p->out, '"');
        }
        buf_putc(&p->out, '"');
    }
    buf_putc(&p->out, '\n');
}

static void put_json(struct printer *p, const json_t *row)
{
    buf_putc(&p->out, '{');
    for (size_t i = 0; i < json_array_size(p->columns); i++) {
        const char *name = json_str(json_array_get(p->columns, i), "Name"), *text = cell_text(row, i);
        buf_puts(&p->out, i ? "," : "");
        json_write_string(name, strlen(name), &p->out);
        buf_putc(&p->out, ':');
        if (text)
            json_write_string(text, strlen(text), &p->out);
        else
            buf_puts(&p->out, "null");
    }
    buf_putc(&p->out, '}');
}

/* NULL is told from the empty text. */
static void clean_cell(const json_t *row, size_t column, struct buf *out)
{
    const char *text = cell_text(row, column);
    buf_clear(out);
    text_clean(text ? text : "NULL", text ? strlen(text) : 4, out);
}

static void put_table(struct printer *p, const json_t *rows)
{
    size_t columns = json_array_size(p->columns), count = json_array_size(rows);
    int *widths = calloc(columns ? columns : 1, sizeof *widths);
    struct buf cell = BUF_INIT(OUT_MAX);
    for (size_t r = 0; widths && r < count; r++)
        for (size_t i = 0; i < columns; i++) {
            clean_cell(json_array_get(rows, r), i, &cell);
            int width = text_width(buf_text(&cell), cell.len);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    for (size_t r = 0; widths && r < count; r++) {
        for (size_t i = 0; i < columns; i++) {
            clean_cell(json_array_get(rows, r), i, &cell);
            int pad = (widths[i] < WIDTH_MAX ? widths[i] : WIDTH_MAX) - text_width(buf_text(&cell), cell.len);
            buf_puts(&p->out, buf_text(&cell));
            if (i + 1 < columns)
                buf_printf(&p->out, "%*s  ", pad > 0 ? pad : 0, "");
        }
        buf_putc(&p->out, '\n');
    }
    buf_done(&cell);
    free(widths);
}

static bool put_page(struct printer *p, const json_t *page, struct err *err)
{
    const char *format = p->cli->config->format;
    const json_t *set = json_object_get(page, "ResultSet"), *rows = json_object_get(set, "Rows");
    p->columns = json_object_get(json_object_get(set, "ResultSetMetadata"), "ColumnInfo");
    bool is_json = strcmp(format, "json") == 0, is_lines = strcmp(format, "jsonl") == 0;
    buf_clear(&p->out);
    if (is_json && p->is_first_page)
        buf_putc(&p->out, '[');
    /* the first row of the first page is the header, which JSON has in its names */
    for (size_t i = p->is_first_page && p->has_header; (is_json || is_lines) && i < json_array_size(rows); i++) {
        if (is_json)
            buf_puts(&p->out, p->rows ? ",\n" : "\n");
        put_json(p, json_array_get(rows, i));
        if (is_lines)
            buf_putc(&p->out, '\n');
        p->rows++;
    }
    for (size_t i = 0; strcmp(format, "csv") == 0 && i < json_array_size(rows); i++)
        put_csv(p, json_array_get(rows, i));
    if (!is_json && !is_lines && strcmp(format, "csv") != 0)
        put_table(p, rows);
    p->is_first_page = false;
    if (p->out.failed)
        return err_set(err, ERR_TOO_LARGE, "a page of the result is larger than %d MiB", OUT_MAX >> 20);
    return cli_write(p->cli, buf_text(&p->out), p->out.len, err);
}

bool sql_print(struct cli *cli, struct aws *aws, const struct sql_result *result, struct err *err)
{
    struct printer p = {.cli = cli, .out = BUF_INIT(OUT_MAX), .is_first_page = true, .has_header = result->has_header};
    char *token = NULL;
    bool ok = true;
    do {
        json_t *page = athena_results(aws, result->id, token ? token : "", &cli->cancel, err);
        free(token);
        token = NULL;
        ok = page && put_page(&p, page, err);
        if (page && *json_str(page, "NextToken"))
            token = strdup(json_str(page, "NextToken"));
        json_decref(page);
    } while (ok && token);
    free(token);
    if (ok && strcmp(cli->config->format, "json") == 0)
        ok = cli_write(cli, "\n]\n", 3, err);
    buf_done(&p.out);
    return ok;
}
