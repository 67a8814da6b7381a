/* Export to a file: beside the target under a temporary name, then renamed, so that there is the whole file or none.
 * CSV copies the rows' bytes, JSON lines types them; Parquet is in result_parquet.c. */
#include "backend/domain/result_export.h"
#include "backend/base/digest.h"
#include "backend/base/json.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { CHECK_EVERY = 256, COPY_BLOCK = 64 << 10 };

static const struct {
    const char *ending;
    enum result_format format;
} endings[] = {
    {".csv", EXPORT_CSV},    {".jsonl", EXPORT_JSONL},     {".ndjson", EXPORT_JSONL},
    {".json", EXPORT_JSONL}, {".parquet", EXPORT_PARQUET},
};

bool result_format_of(const char *path, enum result_format *format)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i].ending);
        if (len > ending && strcasecmp(path + len - ending, endings[i].ending) == 0) {
            *format = endings[i].format;
            return true;
        }
    }
    return false;
}

bool export_flush(struct exporter *exporter)
{
    const char *at = exporter->out.data;
    for (size_t left = exporter->out.len; left > 0;) {
        ssize_t n = write(exporter->fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set_errno(exporter->err, ERR_IO, "writing %.180s", exporter->options->path);
        at += n;
        left -= (size_t)n;
    }
    buf_clear(&exporter->out);
    return true;
}

static bool tick(struct exporter *exporter)
{
    if (exporter->rows++ % CHECK_EVERY)
        return true;
    if (cancel_is_set(exporter->cancel))
        return err_set(exporter->err, ERR_CANCELLED, "the export was cancelled; nothing is left of it");
    if (exporter->options->progress)
        exporter->options->progress(exporter->options->context, exporter->rows, exporter->total);
    return true;
}

bool export_rows(struct exporter *exporter, bool (*write)(struct exporter *, const struct row_ref *))
{
    struct view_walk walk;
    struct row_ref row;
    bool ok = view_walk_open(&walk, exporter->result, exporter->view, 0, exporter->err);
    exporter->total = ok ? walk.count : 0;
    while (ok && view_walk_next(&walk, &row, exporter->err)) {
        exporter->largest = row.size > exporter->largest ? row.size : exporter->largest;
        ok = tick(exporter) && write(exporter, &row) && (exporter->out.len < EXPORT_BUFFER || export_flush(exporter));
        if (ok && exporter->out.failed)
            ok = err_set(exporter->err, ERR_TOO_LARGE, "row %llu is too large to be exported",
                         (unsigned long long)row.number + 1);
    }
    view_walk_close(&walk);
    return ok && exporter->err->code == ERR_OK && export_flush(exporter);
}

/* ---- CSV */
static bool copy_range(struct exporter *exporter, uint64_t from, uint64_t size)
{
    while (size > 0) {
        size_t len = size < COPY_BLOCK ? (size_t)size : COPY_BLOCK;
        char *room = buf_reserve(&exporter->out, len);
        if (!room || !read_fully(exporter->result->fd, room, len, from, exporter->err))
            return false;
        exporter->out.len += len;
        from += len;
        size -= len;
        if (exporter->out.len >= EXPORT_BUFFER && !export_flush(exporter))
            return false;
    }
    return true;
}

static void put_quoted(struct buf *out, const char *bytes, size_t len)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, bytes[i]);
    }
    buf_putc(out, '"');
}

/* With its line end; the last row may lack one. */
static bool csv_row(struct exporter *exporter, const struct row_ref *row)
{
    char last = '\n';
    if (row->bytes)
        last = row->bytes[row->size - 1];
    else if (!read_fully(exporter->result->fd, &last, 1, row->offset + row->size - 1, exporter->err))
        return false;
    if (row->bytes)
        buf_append(&exporter->out, row->bytes, row->size);
    else if (!copy_range(exporter, row->offset, row->size))
        return false;
    if (last != '\n')
        buf_putc(&exporter->out, '\n');
    return true;
}

static bool csv_row_of_lines(struct exporter *exporter, const struct row_ref *row)
{
    struct row_cell cell;
    walk_start(&exporter->cells, row);
    for (size_t i = 0; walk_next(&exporter->cells, &cell, exporter->err); i++) {
        if (i > 0)
            buf_putc(&exporter->out, ',');
        put_quoted(&exporter->out, cell.bytes, cell.len);
    }
    buf_putc(&exporter->out, '\n');
    return exporter->err->code == ERR_OK;
}

bool export_write_csv(struct exporter *exporter)
{
    const struct result *result = exporter->result;
    for (size_t i = 0; i < result->column_count; i++) {
        if (i > 0)
            buf_putc(&exporter->out, ',');
        put_quoted(&exporter->out, result->columns[i].id, strlen(result->columns[i].id));
    }
    buf_putc(&exporter->out, '\n');
    return export_rows(exporter, result->form == RESULT_CSV ? csv_row : csv_row_of_lines);
}

/* ---- JSON lines */
static void put_json(struct exporter *exporter, size_t column, const struct value *value)
{
    const struct result *result = exporter->result;
    bool is_bool = strcasecmp(result->types[column].type, "boolean") == 0 && value->state == VALUE_KNOWN;
    bool is_word = is_bool && ((value->len == 4 && memcmp(value->text, "true", 4) == 0) ||
                               (value->len == 5 && memcmp(value->text, "false", 5) == 0));
    if (is_word)
        buf_append(&exporter->out, value->text, value->len);
    else
        value_write_json(value, result->columns[column].kind, &exporter->out);
}

static bool json_row(struct exporter *exporter, const struct row_ref *row)
{
    struct row_cell cell;
    bool is_there = true;
    walk_start(&exporter->cells, row);
    for (size_t i = 0; i < exporter->result->column_count; i++) {
        is_there = is_there && walk_next(&exporter->cells, &cell, exporter->err);
        struct value value = is_there ? cell_value_of(&cell, &exporter->decoded) : value_state(VALUE_NULL);
        if (exporter->cells.is_streamed && exporter->cells.is_cut)
            return err_set(exporter->err, ERR_TOO_LARGE, "row %llu: the value of %.100s is larger than %d MiB",
                           (unsigned long long)row->number + 1, exporter->names[i], RESULT_TEXT_MAX >> 20);
        buf_puts(&exporter->out, i ? "," : "{");
        json_write_string(exporter->names[i], strlen(exporter->names[i]), &exporter->out);
        buf_putc(&exporter->out, ':');
        put_json(exporter, i, &value);
    }
    buf_puts(&exporter->out, exporter->result->column_count ? "}\n" : "{}\n");
    return exporter->err->code == ERR_OK;
}

bool export_write_jsonl(struct exporter *exporter)
{
    return export_rows(exporter, json_row);
}

/* ---- the file */
static const struct {
    bool (*write)(struct exporter *exporter);
} formats[] = {
    [EXPORT_CSV] = {.write = export_write_csv},
    [EXPORT_JSONL] = {.write = export_write_jsonl},
    [EXPORT_PARQUET] = {.write = export_write_parquet},
};

static bool is_taken(char **names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

/* A name that came before gets a number: "price", "price_2". */
static bool make_names(struct exporter *exporter)
{
    size_t count = exporter->result->column_count;
    exporter->names = calloc(count + 1, sizeof *exporter->names);
    for (size_t i = 0; exporter->names && i < count; i++) {
        const char *name = exporter->result->columns[i].id;
        char *made = strdup(name);
        for (int n = 2; made && is_taken(exporter->names, i, made); n++) {
            free(made);
            if (asprintf(&made, "%s_%d", name, n) < 0)
                made = NULL;
        }
        if (!made)
            return err_set(exporter->err, ERR_FAILED, "export: out of memory");
        exporter->names[i] = made;
    }
    return exporter->names || err_set(exporter->err, ERR_FAILED, "export: out of memory");
}

static bool open_temporary(struct exporter *exporter)
{
    const char *path = exporter->options->path;
    if (!exporter->options->may_overwrite && path_exists(path))
        return err_set(exporter->err, ERR_CONFLICT, "%.180s exists; choose another name or allow overwriting", path);
    uint8_t random[8];
    char hex[2 * sizeof random + 1];
    random_bytes(random, sizeof random);
    int len = snprintf(exporter->temporary, sizeof exporter->temporary, "%s.part-%s", path,
                       hex_encode(random, sizeof random, hex));
    if (len < 0 || (size_t)len >= sizeof exporter->temporary) {
        exporter->temporary[0] = '\0';
        return err_set(exporter->err, ERR_USAGE, "the name to export to is too long");
    }
    exporter->fd = open(exporter->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (exporter->fd < 0) {
        exporter->temporary[0] = '\0';
        return err_set_errno(exporter->err, ERR_IO, "making a file beside %.180s", path);
    }
    return true;
}

static bool move_into_place(struct exporter *exporter)
{
    const char *path = exporter->options->path;
    if (fsync(exporter->fd) != 0)
        return err_set_errno(exporter->err, ERR_IO, "writing %.180s", path);
    if (exporter->options->may_overwrite) {
        if (rename(exporter->temporary, path) != 0)
            return err_set_errno(exporter->err, ERR_IO, "renaming to %.180s", path);
    } else { /* link refuses what came into being meanwhile */
        if (link(exporter->temporary, path) != 0)
            return err_set_errno(exporter->err, errno == EEXIST ? ERR_CONFLICT : ERR_IO, "naming %.180s", path);
        unlink(exporter->temporary);
    }
    exporter->temporary[0] = '\0';
    return true;
}

static void close_exporter(struct exporter *exporter)
{
    if (exporter->fd >= 0)
        close(exporter->fd);
    if (exporter->temporary[0])
        unlink(exporter->temporary);
    for (size_t i = 0; exporter->names && exporter->names[i]; i++)
        free(exporter->names[i]);
    free(exporter->names);
    walk_done(&exporter->cells);
    buf_done(&exporter->decoded);
    buf_done(&exporter->out);
    view_release(exporter->view);
}

bool result_export(struct result *result, const struct result_export_options *options, const struct cancel *cancel,
                   uint64_t *rows, struct err *err)
{
    struct err local = ERR_NONE;
    struct exporter exporter = {.result = result,
                                .options = options,
                                .cancel = cancel,
                                .fd = -1,
                                .out = BUF_INIT((size_t)8 * RESULT_TEXT_MAX), /* a cell of 64 MiB, escaped */
                                .decoded = BUF_INIT(RESULT_TEXT_MAX),
                                .err = &local};
    walk_init(&exporter.cells, result->form, result->fd, RESULT_TEXT_MAX);
    exporter.view = result_wait_view(result, options->all_rows, cancel, &local);
    bool ok = exporter.view && make_names(&exporter) && open_temporary(&exporter) &&
              formats[options->format].write(&exporter) && move_into_place(&exporter);
    if (rows)
        *rows = ok ? exporter.rows : 0;
    close_exporter(&exporter);
    if (!ok && err)
        *err = local;
    return ok;
}
