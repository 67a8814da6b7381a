/* weir sql: statements on Athena from -c, -f or standard input, or the shell when there is a terminal and nothing to
 * run. The work is in sql_*.c (sql.h). */
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "backend/domain/zones.h"
#include "tui/cli/sql.h"
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sql_options {
    char command[SQL_TEXT_MAX + 1], file[PATH_SIZE], database[SQL_NAME_MAX], workgroup[129], output[1100];
    char output_file[PATH_SIZE], max_scan[32];
    bool dry_run, expanded;
};
#define FIELD(field) .offset = offsetof(struct sql_options, field), .size = sizeof((struct sql_options *)0)->field
static const struct opt sql_opts[] = {
    {.name = "command",
     .letter = 'c',
     .value = "SQL",
     .kind = OPT_TEXT,
     FIELD(command),
     .help = "run these statements"},
    {.name = "file",
     .letter = 'f',
     .value = "FILE",
     .kind = OPT_TEXT,
     FIELD(file),
     .help = "run the statements in this file; - is standard input"},
    {.name = "database",
     .letter = 'd',
     .value = "NAME",
     .kind = OPT_TEXT,
     FIELD(database),
     .help = "the database of names without one (default --sql-database)"},
    {.name = "workgroup",
     .value = "NAME",
     .kind = OPT_TEXT,
     FIELD(workgroup),
     .help = "the workgroup to run in (default --sql-workgroup)"},
    {.name = "output",
     .value = "s3://BUCKET/PREFIX/",
     .kind = OPT_TEXT,
     FIELD(output),
     .help = "where the service stores results (default --sql-output, or query_results/ in the lake's bucket)"},
    {.name = "output-file",
     .value = "FILE",
     .kind = OPT_TEXT,
     FIELD(output_file),
     .help = "write the rows here: the file appears when all has succeeded"},
    {.name = "max-scan",
     .value = "SIZE",
     .kind = OPT_TEXT,
     FIELD(max_scan),
     .help = "refuse what would scan more, or what cannot be estimated; 0 is no limit (default --sql-max-scan)"},
    {.name = "dry-run",
     .letter = 'n',
     .kind = OPT_BOOL,
     FIELD(dry_run),
     .help = "run nothing: say what each statement would scan and cost"},
    {.name = "expanded", .letter = 'x', .kind = OPT_BOOL, FIELD(expanded), .help = "tables with a line for each value"},
    {.name = NULL},
};
#undef FIELD

static bool read_stdin(struct buf *text, struct err *err)
{
    char step[65536];
    ssize_t n;
    while ((n = read(STDIN_FILENO, step, sizeof step)) > 0)
        buf_append(text, step, (size_t)n);
    if (n < 0)
        return err_set_errno(err, ERR_IO, "cannot read standard input");
    return !text->failed || err_set(err, ERR_TOO_LARGE, "the text is longer than %d MiB", SQL_SCRIPT_MAX >> 20);
}

static bool read_text(const struct sql_options *options, struct buf *text, struct err *err)
{
    if (*options->command && *options->file)
        return err_set(err, ERR_USAGE, "-c and -f: give one of them");
    if (*options->command)
        return buf_puts(text, options->command);
    if (*options->file && strcmp(options->file, "-") != 0)
        return path_read(options->file, text, err);
    if (isatty(STDIN_FILENO))
        return err_set(err, ERR_USAGE,
                       "no query: write weir sql -c SQL, -f FILE, or give it on standard input; the shell needs a "
                       "terminal for its output too");
    return read_stdin(text, err);
}

static bool fill_output(struct sql *sql, const char *wish, struct err *err)
{
    char bucket[64] = "";
    snprintf(sql->output, sizeof sql->output, "%s", *wish ? wish : sql->cli->config->sql_output);
    if (*sql->output || *sql->workgroup) /* a workgroup has its own place */
        return true;
    if (!zones_choose_bucket(sql->cli->session, &sql->cli->cancel, bucket, err))
        return false;
    if (!*bucket)
        return err_set(err, ERR_USAGE, "no bucket for the results: say --output s3://BUCKET/PREFIX/ or --bucket NAME");
    snprintf(sql->output, sizeof sql->output, "s3://%s/query_results/", bucket);
    return true;
}

static bool fill(struct sql *sql, const struct sql_options *options, struct err *err)
{
    const struct config *config = sql->cli->config;
    const char *database = *options->database ? options->database : config->sql_database;
    uint64_t limit = 0;
    snprintf(sql->database, sizeof sql->database, "%s", *database ? database : "default");
    snprintf(sql->workgroup, sizeof sql->workgroup, "%s",
             *options->workgroup ? options->workgroup : config->sql_workgroup);
    snprintf(sql->format, sizeof sql->format, "%s", config->format);
    sql->is_dry = options->dry_run;
    sql->is_expanded = options->expanded;
    sql->max_scan = config->sql_max_scan;
    if (*options->max_scan && (!text_parse_bytes(options->max_scan, &limit) || limit > INT64_MAX))
        return err_set(err, ERR_USAGE, "--max-scan %s: give a size such as 500MB, or 0", options->max_scan);
    sql->is_strict = *options->max_scan && limit > 0;
    sql->max_scan = *options->max_scan ? (int64_t)limit : sql->max_scan;
    if (strcmp(sql->format, "parquet") == 0 && sql->out_is_tty)
        return err_set(err, ERR_USAGE, "Parquet is not for a terminal: give --output-file FILE, or redirect");
    sql->aws = cli_aws(sql->cli, err);
    return sql->aws && fill_output(sql, options->output, err);
}

/* --- --output-file: written beside it, renamed when all has succeeded --- */
static bool open_file(struct sql *sql, const char *path, char part[PATH_SIZE + 16], struct err *err)
{
    if (!*path)
        return true;
    snprintf(part, PATH_SIZE + 16, "%s.weir-part", path);
    if (strcmp(sql->format, "parquet") == 0) {
        sql->out_path = path; /* the export itself writes beside and renames */
        sql->out_is_tty = false;
        return true;
    }
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) /* a pipe or device is written to, not replaced */
        snprintf(part, PATH_SIZE + 16, "%s", path);
    sql->out = fopen(part, "we");
    sql->out_is_tty = false;
    return sql->out || err_set_errno(err, ERR_IO, "cannot write %s", part);
}

static bool close_file(struct sql *sql, const char *path, const char *part, bool ok, struct err *err)
{
    if (!*path || sql->out_path || !sql->out)
        return ok;
    bool is_whole = strcmp(part, path) == 0; /* nothing to rename */
    if (ok && (fflush(sql->out) != 0 || (!is_whole && fsync(fileno(sql->out)) != 0)))
        ok = err_set_errno(err, ERR_IO, "cannot write %s", part);
    if (fclose(sql->out) != 0 && ok)
        ok = err_set_errno(err, ERR_IO, "cannot write %s", part);
    if (ok && !is_whole && rename(part, path) != 0)
        ok = err_set_errno(err, ERR_IO, "cannot make %s", path);
    if (!ok && !is_whole)
        unlink(part);
    return ok;
}

/* A Parquet file holds one result: said before anything runs. */
static bool check_parquet(const struct sql *sql, const char *text, size_t len, struct err *err)
{
    struct dialect_part part;
    size_t offset = 0, results = 0;
    if (strcmp(sql->format, "parquet") != 0)
        return true;
    while (dialect_split(text, len, &offset, &part)) {
        struct dialect_nature nature = dialect_nature(text + part.start, part.end - part.start);
        results += *nature.verb && nature.kind == DIALECT_QUERY;
    }
    return results <= 1 ||
           err_set(err, ERR_USAGE, "a Parquet file holds one result, and the text has %zu queries", results);
}

static int run_text(struct sql *sql, const struct sql_options *options, const char *text, size_t len)
{
    struct err err = ERR_NONE;
    char part[PATH_SIZE + 16] = "";
    if (!check_parquet(sql, text, len, &err) || !open_file(sql, options->output_file, part, &err))
        return cli_fail(sql->cli, &err);
    bool ok = sql_run_text(sql, text, len, &err);
    int status = ok || err.code == ERR_OK ? 0 : err_exit_code(&err);
    bool has_run = ok;
    ok = close_file(sql, options->output_file, part, ok, &err);
    if (has_run && !ok)
        status = cli_fail(sql->cli, &err);
    return status;
}

static int sql_run(struct cli *cli, const void *data, int argc, char **argv)
{
    const struct sql_options *options = data;
    struct err err = ERR_NONE;
    struct buf text = BUF_INIT(SQL_SCRIPT_MAX);
    struct sql sql = {.cli = cli, .out = stdout, .out_is_tty = cli->out_is_tty && !*options->output_file};
    bool is_shell = !*options->command && !*options->file && isatty(STDIN_FILENO) && cli->out_is_tty;
    int status;
    const char **parameters = calloc((size_t)argc + 1, sizeof *parameters);
    for (int i = 0; parameters && i < argc; i++)
        parameters[i] = argv[i];
    sql.parameters = argc > 0 ? parameters : NULL;
    if (is_shell)
        status = fill(&sql, options, &err) ? sql_shell(&sql) : cli_fail(cli, &err);
    else if (read_text(options, &text, &err) && fill(&sql, options, &err))
        status = run_text(&sql, options, buf_text(&text), text.len);
    else
        status = cli_fail(cli, &err);
    free(parameters);
    buf_done(&text);
    return status;
}

const struct verb verb_sql = {
    .name = "sql",
    .arguments = "[PARAMETER...]",
    .summary = "run statements on Athena, or a shell for them",
    .help = "Without -c, -f and input from a file or pipe, a shell with history and completion (\\? in it lists its "
            "commands). Else the statements\nare run in their order up to the first that fails; each PARAMETER is an "
            "expression for a '?' (5, or 'text' with its quotes). Rows go to standard output\nas --format says (here "
            "parquet too); "
            "bytes scanned, cost and time go to standard error when it is a terminal.\n"
            "Before a statement runs, what it scans is estimated from the catalog and the listing of its tables; above "
            "the limit it asks, or is\nrefused with exit status 5. Ctrl-C stops the query at the service and waits for "
            "its last word.",
    .options = sql_opts,
    .options_size = sizeof(struct sql_options),
    .min_args = 0,
    .max_args = -1,
    .has_parquet = true,
    .run = sql_run,
};
