/* The process that decodes Parquet for previews (weir --parquet-rows): bytes from elsewhere meet a large decoder, so
 * they do it apart from the console, with little memory and time. One request on standard input ({file, dir, limit,
 * columns}), one answer on standard output ({columns, rows} or {error}). */
#include "backend/base/json.h"
#include "backend/domain/preview.h"
#include "backend/sql/duck.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { REQUEST_MAX = 4 << 20, ANSWER_MAX = 16 << 20, CELL_MAX = 4096, CPU_S = 20, SQL_MAX = 1 << 20 };

static bool read_all(struct buf *text)
{
    for (;;) {
        char *room = buf_reserve(text, 65536);
        ssize_t n = room ? read(STDIN_FILENO, room, 65536) : -1;
        if (n == 0)
            return true;
        if (n < 0 && (!room || errno != EINTR))
            return false;
        text->len += n > 0 ? (size_t)n : 0;
    }
}

static void put_quoted(struct buf *sql, char quote, const char *text)
{
    buf_putc(sql, quote);
    for (; *text; text++) {
        if (*text == quote)
            buf_putc(sql, quote);
        buf_putc(sql, *text);
    }
    buf_putc(sql, quote);
}

static bool put_statement(const json_t *request, struct buf *sql)
{
    size_t i;
    json_t *name;
    buf_puts(sql, "SELECT ");
    json_array_foreach(json_object_get(request, "columns"), i, name)
    {
        buf_puts(sql, i ? ", " : "");
        put_quoted(sql, '"', json_is_string(name) ? json_string_value(name) : "");
    }
    buf_puts(sql, " FROM read_parquet(");
    put_quoted(sql, '\'', json_str(request, "file"));
    return buf_printf(sql, ") LIMIT %lld", (long long)json_int(request, "limit", 0));
}

/* A long value is cut, and says so by its end. */
static void put_cell(struct duck_result *result, size_t column, struct buf *out)
{
    size_t len = 0;
    const char *text = duck_is_null(result, column) ? NULL : duck_text(result, column, &len);
    if (!text) {
        buf_puts(out, "null");
        return;
    }
    if (len <= CELL_MAX) {
        json_write_string(text, len, out);
        return;
    }
    char cut[CELL_MAX + 4];
    len = CELL_MAX;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    memcpy(cut, text, len);
    memcpy(cut + len, "...", 4);
    json_write_string(cut, len + 3, out);
}

static bool put_rows(struct duck_result *result, struct buf *out, struct err *err)
{
    size_t columns = duck_column_count(result);
    buf_puts(out, "{\"columns\":[");
    for (size_t i = 0; i < columns; i++) {
        buf_puts(out, i ? "," : "");
        json_write_string(duck_column_name(result, i), strlen(duck_column_name(result, i)), out);
    }
    buf_puts(out, "],\"rows\":[");
    for (const char *comma = ""; duck_next(result, err); comma = ",") {
        buf_printf(out, "%s[", comma);
        for (size_t i = 0; i < columns; i++) {
            buf_puts(out, i ? "," : "");
            put_cell(result, i, out);
        }
        buf_putc(out, ']');
    }
    buf_puts(out, "]}\n");
    return err->code == ERR_OK &&
           (!out->failed || err_set(err, ERR_TOO_LARGE, "the first rows are more than a preview can hold"));
}

static bool answer(const json_t *request, struct buf *out, struct err *err)
{
    const char *const dirs[] = {json_str(request, "dir"), NULL};
    struct buf sql = BUF_INIT(SQL_MAX);
    struct duck *duck =
        duck_open(&(struct duck_options){.threads = 1, .memory_limit = "512MB", .allowed_dirs = dirs}, err);
    struct duck_result *result = duck && put_statement(request, &sql) ? duck_query(duck, buf_text(&sql), err) : NULL;
    bool ok = result && put_rows(result, out, err);
    if (result)
        duck_result_free(result);
    if (duck)
        duck_close(duck);
    buf_done(&sql);
    return ok;
}

int preview_worker_main(void)
{
    struct err err = ERR_NONE;
    struct buf text = BUF_INIT(REQUEST_MAX), out = BUF_INIT(ANSWER_MAX);
    setrlimit(RLIMIT_CPU, &(struct rlimit){CPU_S, CPU_S});
    json_t *request = read_all(&text) ? json_parse(buf_text(&text), text.len, &err) : NULL;
    if (!request || !answer(request, &out, &err)) {
        buf_done(&out);
        buf_init(&out, ANSWER_MAX);
        buf_puts(&out, "{\"error\":");
        json_write_string(err.text, strlen(err.text), &out);
        buf_puts(&out, "}\n");
    }
    bool ok = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    json_decref(request);
    buf_done(&text);
    buf_done(&out);
    return ok ? 0 : 1;
}
