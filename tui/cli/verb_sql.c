/* weir sql: runs queries on Athena and prints their rows. */
#include "backend/aws/athena.h"
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "backend/domain/zones.h"
#include "tui/cli/sql_print.h"
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { SQL_TEXT_MAX = 262144 };

struct sql_options {
    char command[SQL_TEXT_MAX + 1], file[PATH_SIZE], database[256], workgroup[129], output[1100];
};
static const struct opt sql_opts[] = {
    {.name = "command",
     .letter = 'c',
     .value = "SQL",
     .kind = OPT_TEXT,
     .offset = offsetof(struct sql_options, command),
     .size = SQL_TEXT_MAX + 1,
     .help = "run this query"},
    {.name = "file",
     .letter = 'f',
     .value = "FILE",
     .kind = OPT_TEXT,
     .offset = offsetof(struct sql_options, file),
     .size = PATH_SIZE,
     .help = "run the query in this file"},
    {.name = "database",
     .letter = 'd',
     .value = "NAME",
     .kind = OPT_TEXT,
     .offset = offsetof(struct sql_options, database),
     .size = 256,
     .fallback = "default",
     .help = "the database of names without one"},
    {.name = "workgroup",
     .value = "NAME",
     .kind = OPT_TEXT,
     .offset = offsetof(struct sql_options, workgroup),
     .size = 129,
     .help = "the workgroup to run in"},
    {.name = "output",
     .value = "s3://BUCKET/PREFIX/",
     .kind = OPT_TEXT,
     .offset = offsetof(struct sql_options, output),
     .size = 1100,
     .help = "where results are stored (default query_results/ in the lake's bucket)"},
    {.name = NULL},
};

/* Statements that only read; all others are stopped by --readonly. */
static bool only_reads(const char *sql)
{
    static const char *const words[] = {"SELECT", "WITH", "VALUES", "SHOW", "DESCRIBE", "EXPLAIN", "TABLE", "(", NULL};
    sql += strspn(sql, " \t\r\n");
    for (int i = 0; words[i]; i++)
        if (strncasecmp(sql, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static bool read_stdin(struct buf *text, struct err *err)
{
    char step[65536];
    ssize_t n;
    while ((n = read(STDIN_FILENO, step, sizeof step)) > 0)
        buf_append(text, step, (size_t)n);
    return !text->failed || err_set(err, ERR_TOO_LARGE, "the query is longer than Athena's %d bytes", SQL_TEXT_MAX);
}

static bool read_query(const struct sql_options *options, struct buf *text, struct err *err)
{
    if (*options->command)
        return buf_puts(text, options->command);
    if (*options->file)
        return path_read(options->file, text, err);
    if (isatty(STDIN_FILENO))
        return err_set(err, ERR_USAGE, "no query: write weir sql -c SQL, -f FILE, or give it on standard input");
    return read_stdin(text, err);
}

/* The figures of a query, for people on stderr. */
static void print_figures(const struct cli *cli, const struct athena_state *state)
{
    char bytes[TEXT_SHORT], took[TEXT_SHORT];
    if (!cli->err_is_tty)
        return;
    fprintf(stderr, "%s scanned, %s\n", state->scanned < 0 ? "unknown" : text_bytes((uint64_t)state->scanned, bytes),
            state->total_ms < 0 ? "unknown time" : text_duration(state->total_ms, took));
}

/* The query_results/ zone of the lake, unless another place or a workgroup (which has its own) is named. */
static bool choose_output(struct cli *cli, const struct sql_options *options, char output[1100], struct err *err)
{
    char bucket[64] = "";
    snprintf(output, 1100, "%s", options->output);
    if (*output || *options->workgroup)
        return true;
    if (!zones_choose_bucket(cli->session, &cli->cancel, bucket, err))
        return false;
    if (!*bucket)
        return err_set(err, ERR_USAGE, "no bucket for the results: say --output s3://BUCKET/PREFIX/ or --bucket NAME");
    snprintf(output, 1100, "s3://%s/query_results/", bucket);
    return true;
}

static bool run_query(struct cli *cli, const struct sql_options *options, const char *sql, struct err *err)
{
    char output[1100], id[64];
    struct athena_state state;
    struct aws *aws = cli_aws(cli, err);
    if (!aws || !choose_output(cli, options, output, err))
        return false;
    struct athena_start start = {.sql = sql,
                                 .database = options->database,
                                 .workgroup = options->workgroup,
                                 .output = output,
                                 .is_write = !only_reads(sql),
                                 .cancel = &cli->cancel};
    if (!athena_start(aws, &start, id, err) || !athena_wait(aws, id, &cli->cancel, &state, err))
        return false;
    if (strcmp(state.state, "SUCCEEDED") != 0)
        return err_set(err, ERR_FAILED, "%s", *state.reason ? state.reason : state.state);
    const char *dot = strrchr(state.output, '.');
    struct sql_result result = {.id = id, .has_header = !dot || strcmp(dot, ".txt") != 0};
    bool ok = sql_print(cli, aws, &result, err);
    print_figures(cli, &state);
    return ok;
}

static int sql_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    struct err err = ERR_NONE;
    struct buf text = BUF_INIT(SQL_TEXT_MAX);
    bool ok = read_query(options, &text, &err) && run_query(cli, options, buf_text(&text), &err);
    buf_done(&text);
    return ok || err.code == ERR_OK ? 0 : cli_fail(cli, &err);
}

const struct verb verb_sql = {
    .name = "sql",
    .arguments = "",
    .summary = "run a query on Athena and print its rows",
    .help =
        "The query is the argument of -c, the file of -f, or standard input. Rows go to standard output as --format "
        "says; bytes scanned and time go to standard error when it is a terminal.\n"
        "Ctrl-C stops the query at the service and waits for its last word.",
    .options = sql_opts,
    .options_size = sizeof(struct sql_options),
    .min_args = 0,
    .max_args = 0,
    .run = sql_run,
};
