/* Exports of what grids show: form, job, file. The form is the UI thread's, writing a pool thread's; between them the
 * work has one owner. */
#include "tui/export.h"
#include "backend/base/path.h"
#include "backend/base/rowtext.h"
#include "backend/core/job.h"
#include "backend/domain/session.h"
#include "tui/overlay.h"
#include "tui/typed_path.h"
#include "tui/widget/form.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EXPORT_COLUMNS = 64, EXPORT_LINE = 1 << 20, EXPORT_STEP = 1024, EXPORT_NAME = 200 };

enum export_format { EXPORT_CSV, EXPORT_JSON, EXPORT_JSONL, EXPORT_FORMATS };
static const char *const endings[EXPORT_FORMATS] = {
    [EXPORT_CSV] = ".csv", [EXPORT_JSON] = ".json", [EXPORT_JSONL] = ".jsonl"};

struct export
{
    const struct snap *snap;
    const void **rows;
    size_t count;
    const struct column *columns[EXPORT_COLUMNS];
    int column_count;
    char path[PATH_SIZE];
    enum export_format format;
    bool may_replace;
    void (*started)(void *context, int job);
    void *context;
};

static void export_free(void *context)
{
    struct export *export = context;
    if (!export)
        return;
    snap_put(export->snap);
    free(export->rows);
    free(export);
}

/* --- on a pool thread --- */

static void put_row(const struct export *export, size_t index, struct buf *line)
{
    const void *row = export->rows[index];
    if (export->format == EXPORT_CSV) {
        row_write_csv(export->columns, export->column_count, row, line);
        return;
    }
    if (export->format == EXPORT_JSON)
        buf_puts(line, index ? ",\n " : "\n ");
    row_write_json(export->columns, export->column_count, row, line);
    if (export->format == EXPORT_JSONL)
        buf_putc(line, '\n');
}

static bool write_line(FILE *file, struct buf *line, const char *path, struct err *err)
{
    if (line->failed)
        return err_set(err, ERR_TOO_LARGE, "export to %.150s: a row is longer than %d bytes", path, EXPORT_LINE);
    bool ok = fwrite(buf_text(line), 1, line->len, file) == line->len;
    buf_clear(line);
    return ok || err_set_errno(err, ERR_IO, "writing %.150s", path);
}

static bool write_rows(const struct export *export, struct job *job, FILE *file, struct err *err)
{
    struct buf line = BUF_INIT(EXPORT_LINE);
    if (export->format == EXPORT_CSV)
        row_write_csv_header(export->columns, export->column_count, &line);
    else if (export->format == EXPORT_JSON)
        buf_putc(&line, '[');
    bool ok = write_line(file, &line, export->path, err);
    for (size_t i = 0; ok && i < export->count; i++) {
        put_row(export, i, &line);
        ok = write_line(file, &line, export->path, err);
        if (ok && i % EXPORT_STEP == 0 && cancel_is_set(job_cancel(job)))
            ok = err_set(err, ERR_CANCELLED, "cancelled");
    }
    if (export->format == EXPORT_JSON)
        buf_puts(&line, "\n]\n");
    ok = ok && write_line(file, &line, export->path, err);
    buf_done(&line);
    return ok;
}

/* Under its final name only when it is whole. link() does not replace what another program made meanwhile. */
static bool give_name(const struct export *export, const char *part, struct err *err)
{
    bool ok = export->may_replace ? rename(part, export->path) == 0 : link(part, export->path) == 0;
    return ok || err_set_errno(err, ERR_IO, "export to %.150s", export->path);
}

static bool run_export(struct job *job, void *context, struct err *err)
{
    struct export *export = context;
    char part[PATH_SIZE + 32];
    snprintf(part, sizeof part, "%s.weir-XXXXXX", export->path);
    int fd = mkstemp(part);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file)
        return err_set_errno(err, ERR_IO, "export to %.150s", export->path);
    fchmod(fd, 0644);
    bool ok = write_rows(export, job, file, err);
    if (fclose(file) != 0 && ok)
        ok = err_set_errno(err, ERR_IO, "writing %.150s", export->path);
    ok = ok && give_name(export, part, err);
    unlink(part);
    if (ok)
        job_note(job, "saved to %.140s", export->path);
    return ok;
}

static const struct job_ops export_ops = {.kind = "export", .run = run_export, .finished = export_free};

/* --- the form --- */

static bool format_of(const char *path, enum export_format *format)
{
    size_t len = strlen(path);
    for (int i = 0; i < EXPORT_FORMATS; i++) {
        size_t end = strlen(endings[i]);
        if (len > end && strcmp(path + len - end, endings[i]) == 0) {
            *format = (enum export_format)i;
            return true;
        }
    }
    return false;
}

static bool check_path(const char *text, char *why, size_t size)
{
    enum export_format format;
    char path[PATH_SIZE];
    typed_path(text, path);
    if (!format_of(path, &format)) {
        snprintf(why, size, "end the name with .csv, .json or .jsonl: it chooses the format");
        return false;
    }
    return typed_path_can_be_made(path, why, size);
}

struct wish { /* between the form and the job */
    struct export *export;
};

static void wish_free(void *context)
{
    struct wish *wish = context;
    export_free(wish->export);
    free(wish);
}

static void accepted(struct app *app, void *context, const struct form *form)
{
    struct wish *wish = context;
    struct export *export = wish->export;
    char title[160];
    typed_path(form_text(form, "path"), export->path);
    format_of(export->path, &export->format);
    export->may_replace = strcmp(form_text(form, "existing"), "replace") == 0;
    snprintf(title, sizeof title, "export to %.140s", export->path);
    void (*started)(void *context, int job) = export->started;
    void *listener = export->context;
    int job = jobs_submit(session_jobs(app_session(app)), &export_ops, export, title);
    if (job < 0) {
        app_say(app, "too much background work is waiting; J shows it");
        return;
    }
    wish->export = NULL;
    app_say(app, "%s started; J shows the progress", title);
    if (started)
        started(listener, job);
}

/* A name for the local disk out of remote text: letters, digits and a few signs stay. */
static void default_path(const char *name, char out[EXPORT_NAME])
{
    size_t len = (size_t)snprintf(out, EXPORT_NAME, "./%.150s", *name ? name : "listing");
    for (char *at = out + 2; *at; at++) {
        bool is_plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
                        strchr("._-=", *at);
        *at = is_plain ? *at : '_';
    }
    while (len > 3 && out[len - 1] == '_') /* a prefix's slash */
        out[--len] = '\0';
    snprintf(out + len, EXPORT_NAME - len, ".csv");
}

static struct export *collect(const struct export_options *options)
{
    size_t count = grid_shown(options->grid);
    struct export *export = calloc(1, sizeof *export);
    const void **rows = count ? calloc(count, sizeof *rows) : NULL;
    if (!export || (count && !rows))
        abort();
    *export = (struct export){
        .snap = snap_get(options->snap), .rows = rows, .started = options->started, .context = options->context};
    for (size_t i = 0; i < count; i++) {
        const void *row = grid_row(options->grid, i);
        if (row)
            rows[export->count++] = row;
    }
    for (const struct column *column = options->columns; column->id && export->column_count < EXPORT_COLUMNS; column++)
        export->columns[export->column_count++] = column;
    return export;
}

bool export_grid(struct app *app, const struct export_options *options)
{
    static const char *const existing[] = {"stop", "replace", NULL};
    char path[EXPORT_NAME];
    struct export *export = options->snap ? collect(options) : NULL;
    if (!export || export->count == 0) {
        export_free(export);
        app_say(app, "there are no rows to export");
        return false;
    }
    struct wish *wish = calloc(1, sizeof *wish);
    if (!wish)
        abort();
    wish->export = export;
    default_path(options->name, path);
    const struct form_field fields[] = {
        {.id = "path",
         .label = "save as",
         .initial = path,
         .is_required = true,
         .check = check_path,
         .help = ".csv, .json or .jsonl"},
        {.id = "existing", .label = "if it exists", .kind = FORM_CHOICE, .choices = existing},
        {.id = NULL},
    };
    overlay_form(app, &(struct form_options){.title = "Export",
                                             .note = options->note,
                                             .accept = "exports",
                                             .fields = fields,
                                             .done = accepted,
                                             .context = wish,
                                             .free_context = wish_free});
    return true;
}
