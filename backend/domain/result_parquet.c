/* Parquet through the SQL engine: the rows as CSV in a temporary file of a temporary directory, and one statement that
 * reads it with the columns' types and writes Parquet. A value that does not read as its type says fails the export. */
#include "backend/domain/result_export.h"
#include "backend/sql/duck.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { LINE_MIN = 2 << 20 /* the engine's own limit of a row */ };

/* Athena's types and the engine's; prefixes, the first that fits. Others stay text: what Athena prints of them (arrays,
 * maps, rows, binary) is for people and has no exact way back. */
static const struct {
    const char *athena, *engine;
} types[] = {
    {"boolean", "BOOLEAN"},   {"tinyint", "TINYINT"},     {"smallint", "SMALLINT"}, {"integer", "INTEGER"},
    {"int", "INTEGER"},       {"bigint", "BIGINT"},       {"float", "FLOAT"},       {"real", "FLOAT"},
    {"double", "DOUBLE"},     {"decimal", NULL},          {"date", "DATE"},         {"timestamp with", "VARCHAR"},
    {"time with", "VARCHAR"}, {"timestamp", "TIMESTAMP"}, {"time", "TIME"},
};

static void put_type(struct buf *out, const char *type)
{
    int precision, scale;
    const char *engine = "VARCHAR";
    if (strcasestr(type, " with time zone") || strncasecmp(type, "interval", 8) == 0) {
        buf_puts(out, engine);
        return;
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strncasecmp(type, types[i].athena, strlen(types[i].athena)) != 0)
            continue;
        engine = types[i].engine;
        break;
    }
    if (engine)
        buf_puts(out, engine);
    else if (sscanf(type, "%*[a-zA-Z](%d,%d)", &precision, &scale) == 2)
        buf_printf(out, "DECIMAL(%d,%d)", precision, scale);
    else
        buf_puts(out, "DECIMAL(38,10)");
}

static void put_with_doubled(struct buf *out, char quote, const char *text)
{
    buf_putc(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            buf_putc(out, quote);
        buf_putc(out, *text);
    }
    buf_putc(out, quote);
}

static void put_columns(struct exporter *exporter, struct buf *sql)
{
    const struct result *result = exporter->result;
    for (size_t i = 0; i < result->column_count; i++) {
        buf_puts(sql, i ? "," : "");
        put_with_doubled(sql, '\'', exporter->names[i]);
        buf_puts(sql, ":'");
        put_type(sql, result->types[i].type);
        buf_puts(sql, "'");
    }
}

/* Every value in the file is quoted, so that an empty field without quotes, and nothing else, is NULL. */
static bool put_statement(struct exporter *exporter, const char *csv, struct buf *sql)
{
    buf_puts(sql, "COPY (SELECT * FROM read_csv(");
    put_with_doubled(sql, '\'', csv);
    buf_printf(sql,
               ", auto_detect=false, header=true, delim=',', quote='\"', escape='\"', nullstr='', "
               "allow_quoted_nulls=false, parallel=false, max_line_size=%llu, columns={",
               (unsigned long long)(exporter->largest > LINE_MIN ? exporter->largest + 1 : LINE_MIN));
    put_columns(exporter, sql);
    buf_puts(sql, "})) TO ");
    put_with_doubled(sql, '\'', exporter->temporary);
    buf_puts(sql, " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
    return !sql->failed || err_set(exporter->err, ERR_TOO_LARGE, "Parquet: too many columns");
}

static void stop(void *duck)
{
    duck_interrupt(duck);
}

static bool convert(struct exporter *exporter, const char *csv)
{
    char target_dir[PATH_SIZE], csv_dir[PATH_SIZE];
    snprintf(target_dir, sizeof target_dir, "%s", exporter->temporary);
    snprintf(csv_dir, sizeof csv_dir, "%s", csv);
    char *slash = strrchr(target_dir, '/');
    *strrchr(csv_dir, '/') = '\0';
    if (slash)
        slash[slash == target_dir] = '\0';
    const char *dirs[] = {csv_dir, slash ? target_dir : ".", NULL};
    struct duck *duck = duck_open(
        &(struct duck_options){.threads = 1, .memory_limit = "512MB", .allowed_dirs = dirs, .temp_dir = csv_dir},
        exporter->err);
    if (!duck)
        return err_prefix(exporter->err, "exporting Parquet");
    struct buf sql = BUF_INIT(8 << 20);
    struct cancel_waker waker = {.wake = stop, .context = duck};
    bool ok = put_statement(exporter, csv, &sql);
    cancel_watch(exporter->cancel, &waker);
    ok = ok && (duck_exec(duck, buf_text(&sql), exporter->err) || err_prefix(exporter->err, "exporting Parquet"));
    cancel_unwatch(exporter->cancel, &waker);
    duck_close(duck);
    buf_done(&sql);
    return ok;
}

bool export_write_parquet(struct exporter *exporter)
{
    char dir[PATH_SIZE], csv[PATH_SIZE];
    int target = exporter->fd;
    if (!path_join(dir, exporter->result->directory, "export-XXXXXX", exporter->err))
        return false;
    if (exporter->result->column_count == 0)
        return err_set(exporter->err, ERR_USAGE, "a result without columns cannot be Parquet");
    if (!mkdtemp(dir))
        return err_set_errno(exporter->err, ERR_IO, "making a temporary directory in %.180s",
                             exporter->result->directory);
    bool ok = path_join(csv, dir, "rows.csv", exporter->err);
    exporter->fd = ok ? open(csv, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    ok = ok && (exporter->fd >= 0 || err_set_errno(exporter->err, ERR_IO, "making %.180s", csv));
    ok = ok && export_write_csv(exporter);
    if (exporter->fd >= 0)
        close(exporter->fd);
    exporter->fd = target;
    ok = ok && convert(exporter, csv);
    path_remove_tree(dir, NULL);
    return ok;
}
