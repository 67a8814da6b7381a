/* The rows of a result: the first page of GetQueryResults, which also names and types the columns; for more rows the
 * stored CSV object, read as it streams in, or page after page where it cannot be read. Memory: a page, or a row. */
#include "backend/aws/athena.h"
#include "backend/aws/s3.h"
#include "backend/base/uri.h"
#include "tui/cli/sql.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ROW_MAX = 256 << 20,
    COLUMNS_MAX = 10000,
    FETCH_RETRIES = 4,
    PAGE_BYTES = 4 << 20, /* a result up to here comes as a page; a larger one is streamed */
    PAGE_ROWS = 1000      /* at most of a page (GetQueryResults) */
};

/* --- CSV as it arrives: Athena quotes every value; NULL is nothing at all --- */
enum csv_state { CSV_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE };
struct fetch {
    const struct sql_sink *sink;
    size_t columns;
    struct sql_cell *cells; /* of the row that is being read: texts are set when it is whole */
    size_t *starts;
    size_t count; /* cells so far */
    struct buf row;
    enum csv_state state;
    bool is_quoted; /* the present cell */
    bool has_passed_header, has_row;
    int64_t received;
    bool has_stopped; /* the sink wants no more */
    struct err err;
};

static bool end_cell(struct fetch *f)
{
    if (f->count >= f->columns)
        return err_set(&f->err, ERR_PROTOCOL, "the result has a row of more than its %zu columns", f->columns);
    f->cells[f->count].is_null = !f->is_quoted && f->row.len == f->starts[f->count];
    f->cells[f->count].len = f->row.len - f->starts[f->count];
    f->count++;
    if (f->count < f->columns)
        f->starts[f->count] = f->row.len;
    f->is_quoted = false;
    f->state = CSV_START;
    return true;
}

static bool end_row(struct fetch *f)
{
    if (!end_cell(f))
        return false;
    if (f->row.failed)
        return err_set(&f->err, ERR_TOO_LARGE, "a row of the result is larger than %d MiB", ROW_MAX >> 20);
    for (size_t i = 0; i < f->columns; i++) {
        bool is_there = i < f->count;
        f->cells[i].text = buf_text(&f->row) + (is_there ? f->starts[i] : 0);
        f->cells[i].len = is_there ? f->cells[i].len : 0;
        f->cells[i].is_null = !is_there || f->cells[i].is_null;
    }
    bool ok = true;
    if (f->has_passed_header)
        ok = f->sink->row(f->sink->context, f->cells, f->columns);
    f->has_passed_header = true;
    f->has_stopped = !ok;
    f->count = 0;
    f->starts[0] = 0;
    f->has_row = false;
    buf_clear(&f->row);
    return ok;
}

/* Bytes of a quoted value up to the next quote; returns how many. */
static size_t take_quoted(struct fetch *f, const char *bytes, size_t len)
{
    const char *quote = memchr(bytes, '"', len);
    size_t run = quote ? (size_t)(quote - bytes) : len;
    buf_append(&f->row, bytes, run);
    if (quote)
        f->state = CSV_QUOTE;
    return run + (quote != NULL);
}

static bool take_byte(struct fetch *f, char c)
{
    f->has_row = true;
    if (c == '"' && f->state == CSV_QUOTE) { /* doubled */
        f->state = CSV_QUOTED;
        return buf_putc(&f->row, c) || true;
    }
    if (c == '"' && f->state == CSV_START) {
        f->state = CSV_QUOTED;
        f->is_quoted = true;
        return true;
    }
    if (c == ',')
        return end_cell(f);
    if (c == '\n')
        return end_row(f);
    if (c == '\r' && f->state != CSV_PLAIN)
        return true;
    f->state = CSV_PLAIN;
    buf_putc(&f->row, c);
    return true;
}

/* On the I/O thread. */
static bool csv_sink(void *context, const void *data, size_t len)
{
    struct fetch *f = context;
    const char *bytes = data;
    f->received += (int64_t)len;
    for (size_t i = 0; i < len;) {
        if (f->state == CSV_QUOTED)
            i += take_quoted(f, bytes + i, len - i);
        else if (!take_byte(f, bytes[i++]))
            return false;
    }
    return true;
}

static bool init_fetch(struct fetch *f, const struct sql_sink *sink, size_t columns)
{
    *f = (struct fetch){.sink = sink,
                        .columns = columns,
                        .cells = calloc(columns + 1, sizeof *f->cells),
                        .starts = calloc(columns + 1, sizeof *f->starts),
                        .row = BUF_INIT(ROW_MAX)};
    return f->cells && f->starts;
}

static void done_fetch(struct fetch *f)
{
    free(f->cells);
    free(f->starts);
    buf_done(&f->row);
}

/* A connection that breaks is taken up where it broke, as long as the object is the same. False with ERR_OK and
 * has_stopped when the sink has had enough. */
static bool stream(struct sql *sql, struct fetch *f, const struct s3_name *name, struct err *err)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_get get = s3_get_init(name->bucket, name->key);
    struct s3_head head = {0};
    get.ref.cancel = &sql->cli->cancel;
    get.sink = csv_sink;
    get.sink_context = f;
    bool ok = s3_head_object(sql->aws, &get.ref, arena, &head, err);
    get.if_match = head.etag;
    for (int attempt = 0; ok; attempt++) {
        struct s3_head ignored;
        if (s3_get_object(sql->aws, &get, arena, &ignored, NULL, err))
            break;
        ok = err->retryable && !f->has_stopped && f->err.code == ERR_OK && attempt < FETCH_RETRIES;
        get.has_range = f->received > 0;
        get.first = f->received;
        get.last = -1;
    }
    if (ok && f->has_row && f->state != CSV_QUOTED)
        ok = end_row(f);
    if (f->err.code != ERR_OK)
        *err = f->err;
    else if (f->has_stopped)
        *err = ERR_NONE;
    arena_free(arena);
    return ok;
}

/* --- pages --- */
static bool put_page(struct fetch *f, const json_t *page, bool skip_first)
{
    const json_t *rows = json_object_get(json_object_get(page, "ResultSet"), "Rows"), *row;
    size_t r;
    json_array_foreach(rows, r, row)
    {
        const json_t *data = json_object_get(row, "Data");
        if (r == 0 && skip_first)
            continue;
        for (size_t i = 0; i < f->columns; i++) {
            const json_t *value = json_object_get(json_array_get(data, i), "VarCharValue");
            f->cells[i] = (struct sql_cell){.text = json_is_string(value) ? json_string_value(value) : "",
                                            .len = json_is_string(value) ? json_string_length(value) : 0,
                                            .is_null = !json_is_string(value)};
        }
        f->has_stopped = !f->sink->row(f->sink->context, f->cells, f->columns);
        if (f->has_stopped)
            return false;
    }
    return true;
}

static bool put_pages(struct sql *sql, struct fetch *f, const char *id, json_t *first, bool has_header, struct err *err)
{
    json_t *page = json_incref(first);
    bool ok = true;
    for (bool is_first = true; ok && page; is_first = false) {
        ok = put_page(f, page, is_first && has_header);
        char *token = strdup(json_str(page, "NextToken"));
        json_decref(page);
        page = NULL;
        if (ok && token && *token) {
            page = athena_results(sql->aws, id, token, &sql->cli->cancel, err);
            ok = page != NULL;
        }
        free(token);
    }
    json_decref(page);
    return ok;
}

/* --- both --- */
static bool begin(struct fetch *f, const json_t *columns)
{
    struct sql_column *list = calloc(f->columns + 1, sizeof *list);
    for (size_t i = 0; list && i < f->columns; i++)
        list[i] = (struct sql_column){.name = json_str(json_array_get(columns, i), "Name"),
                                      .type = json_str(json_array_get(columns, i), "Type")};
    bool ok = list && f->sink->begin(f->sink->context, list, f->columns);
    f->has_stopped = !ok;
    free(list);
    return ok;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), size = strlen(end);
    return len >= size && strcmp(text + len - size, end) == 0;
}

static bool fetch_rows(struct sql *sql, const struct sql_result *result, struct fetch *f, json_t *page, struct err *err)
{
    bool has_header = result->is_query && !ends_with(result->output, ".txt");
    bool is_stored = has_header && *json_str(page, "NextToken") && ends_with(result->output, ".csv");
    struct s3_name name;
    if (is_stored && s3_name_parse(result->output, &name, err)) {
        if (stream(sql, f, &name, err))
            return true;
        bool may_page = f->received == 0 && !f->has_stopped && err->code != ERR_CANCELLED;
        if (!may_page)
            return false;
        if (sql->cli->config->verbose)
            fprintf(stderr, "weir: the stored result cannot be read, fetching pages: %s\n", err_sentence(err->code));
    }
    *err = ERR_NONE;
    return put_pages(sql, f, result->id, page, has_header, err);
}

/* Bytes of the stored result; -1 when it cannot be known. */
static int64_t stored_bytes(struct sql *sql, const struct sql_result *result)
{
    struct s3_name name;
    struct err ignored = ERR_NONE;
    if (!ends_with(result->output, ".csv") || !s3_name_parse(result->output, &name, &ignored))
        return -1;
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_get get = s3_get_init(name.bucket, name.key);
    struct s3_head head = {0};
    get.ref.cancel = &sql->cli->cancel;
    bool ok = s3_head_object(sql->aws, &get.ref, arena, &head, &ignored);
    arena_free(arena);
    return ok ? head.bytes : -1;
}

bool sql_fetch(struct sql *sql, const struct sql_result *result, const struct sql_sink *sink, int64_t *updated,
               struct err *err)
{
    /* of a large result only the header, for the columns: cells of a MiB make even a short page too much */
    int rows = stored_bytes(sql, result) > PAGE_BYTES ? 1 : PAGE_ROWS;
    json_t *page = athena_results_head(sql->aws, result->id, rows, &sql->cli->cancel, err);
    const json_t *columns =
        json_object_get(json_object_get(json_object_get(page, "ResultSet"), "ResultSetMetadata"), "ColumnInfo");
    struct fetch f;
    if (!page)
        return false;
    *updated = json_int(page, "UpdateCount", -1);
    size_t count = json_array_size(columns);
    bool ok = count <= COLUMNS_MAX ||
              err_set(err, ERR_TOO_LARGE, "the result has %zu columns; the maximum is %d", count, COLUMNS_MAX);
    if (ok && (ok = init_fetch(&f, sink, count))) {
        ok = begin(&f, columns) && (count == 0 || fetch_rows(sql, result, &f, page, err));
        done_fetch(&f);
    }
    json_decref(page);
    return ok;
}
