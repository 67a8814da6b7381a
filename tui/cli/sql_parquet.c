/* A result as a Parquet file: its rows go to a temporary CSV file beside the target, and from there through the
 * engine; the target appears whole or not at all. */
#include "backend/base/path.h"
#include "backend/domain/result.h"
#include "tui/cli/sql.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COPY_STEP = 1 << 20, ROW_MAX = 256 << 20 };

struct staging {
    FILE *file;
    char path[PATH_SIZE], directory[PATH_SIZE];
    struct result_column *columns;
    size_t count;
    struct buf line;
    int64_t bytes;
    struct err err;
};

static bool put_line(struct staging *s)
{
    if (s->line.failed)
        return err_set(&s->err, ERR_TOO_LARGE, "a row of the result is larger than %d MiB", ROW_MAX >> 20);
    if (fwrite(buf_text(&s->line), 1, s->line.len, s->file) != s->line.len)
        return err_set_errno(&s->err, ERR_IO, "cannot write %s", s->path);
    s->bytes += (int64_t)s->line.len;
    buf_clear(&s->line);
    return true;
}

static bool stage_begin(void *context, const struct sql_column *columns, size_t count)
{
    struct staging *s = context;
    struct sql_cell *names = calloc(count + 1, sizeof *names);
    s->columns = calloc(count + 1, sizeof *s->columns);
    s->count = count;
    for (size_t i = 0; names && s->columns && i < count; i++) {
        s->columns[i] = (struct result_column){.name = strdup(columns[i].name), .type = strdup(columns[i].type)};
        names[i] = (struct sql_cell){.text = columns[i].name, .len = strlen(columns[i].name)};
    }
    if (names)
        sql_put_csv(names, count, &s->line);
    free(names);
    return put_line(s);
}

static bool stage_row(void *context, const struct sql_cell *cells, size_t count)
{
    struct staging *s = context;
    sql_put_csv(cells, count, &s->line);
    return put_line(s);
}

static bool open_staging(struct staging *s, const char *target, struct err *err)
{
    if (!path_xdg_dir(XDG_CACHE, s->directory, err) || !path_make_dirs(s->directory, 0700, err))
        return false;
    if (target) { /* where there is room for the file there is room for its rows */
        snprintf(s->directory, sizeof s->directory, "%s", target);
        char *slash = strrchr(s->directory, '/');
        snprintf(slash ? slash : s->directory, 2, "%s", slash ? "" : ".");
        if (!*s->directory)
            snprintf(s->directory, sizeof s->directory, "/");
    }
    if (!path_join(s->path, s->directory, ".weir-rows-XXXXXX", err))
        return false;
    int fd = mkstemp(s->path);
    s->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    return s->file || err_set_errno(err, ERR_IO, "cannot write %s", s->path);
}

static void close_staging(struct staging *s)
{
    if (s->file)
        fclose(s->file);
    if (s->file)
        unlink(s->path);
    for (size_t i = 0; s->columns && i < s->count; i++) {
        free((char *)s->columns[i].name);
        free((char *)s->columns[i].type);
    }
    free(s->columns);
    buf_done(&s->line);
}

static bool export(struct sql *sql, struct staging *s, const char *path, uint64_t *rows, struct err *err)
{
    struct result_options options = {.path = s->path,
                                     .form = RESULT_CSV,
                                     .columns = s->columns,
                                     .column_count = s->count,
                                     .directory = s->directory};
    struct result *result = result_open(&options, err);
    if (!result)
        return false;
    result_arrived(result, s->bytes, true);
    struct result_export_options export_options = {
        .format = EXPORT_PARQUET, .path = path, .may_overwrite = true, .all_rows = true};
    bool ok = result_export(result, &export_options, &sql->cli->cancel, rows, err);
    result_close(result);
    return ok;
}

static bool copy_to(FILE *out, const char *path, struct err *err)
{
    FILE *in = fopen(path, "r");
    char *step = malloc(COPY_STEP);
    size_t n;
    bool ok = in && step;
    while (ok && (n = fread(step, 1, COPY_STEP, in)) > 0)
        ok = fwrite(step, 1, n, out) == n;
    if (!ok && errno == EPIPE)
        *err = ERR_NONE;
    else if (!ok)
        err_set_errno(err, ERR_IO, "cannot write to standard output");
    if (in)
        fclose(in);
    free(step);
    return ok;
}

bool sql_print_parquet(struct sql *sql, const struct sql_result *result, int64_t *rows, struct err *err)
{
    struct staging s = {.line = BUF_INIT(ROW_MAX)};
    struct sql_sink sink = {.begin = stage_begin, .row = stage_row, .context = &s};
    char whole[PATH_SIZE + 16] = "";
    int64_t updated;
    uint64_t written = 0;
    if (sql->results > 0)
        return err_set(err, ERR_USAGE, "a Parquet file holds one result: give one query");
    bool ok = open_staging(&s, sql->out_path, err) && sql_fetch(sql, result, &sink, &updated, err);
    if (s.err.code != ERR_OK)
        *err = s.err;
    if (ok && fflush(s.file) != 0)
        ok = err_set_errno(err, ERR_IO, "cannot write %s", s.path);
    snprintf(whole, sizeof whole, "%s.parquet", s.path);
    const char *target = sql->out_path ? sql->out_path : whole;
    ok = ok && export(sql, &s, target, &written, err);
    if (ok && !sql->out_path)
        ok = copy_to(sql->out, whole, err);
    if (!sql->out_path)
        unlink(whole);
    close_staging(&s);
    *rows = (int64_t)written;
    sql->results += ok;
    return ok;
}
