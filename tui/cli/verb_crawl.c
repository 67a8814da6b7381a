/* weir crawl: runs a crawler, creating it first when asked. */
#include "backend/aws/glue.h"
#include "backend/base/text.h"
#include "tui/cli/output.h"
#include <stdio.h>
#include <string.h>

enum { POLL_MS = 1000, POLL_FIRST_MS = 100 };

struct crawl_options {
    char create[1024], database[256], prefix[128], role[256];
    bool wait, stop;
};
static const struct opt crawl_opts[] = {
    {.name = "create",
     .value = "S3-URI",
     .kind = OPT_TEXT,
     .offset = offsetof(struct crawl_options, create),
     .size = 1024,
     .help = "create the crawler over this place first (needs --database)"},
    {.name = "database",
     .value = "NAME",
     .kind = OPT_TEXT,
     .offset = offsetof(struct crawl_options, database),
     .size = 256,
     .help = "with --create: where its tables go"},
    {.name = "prefix",
     .value = "TEXT",
     .kind = OPT_TEXT,
     .offset = offsetof(struct crawl_options, prefix),
     .size = 128,
     .help = "with --create: what the tables' names begin with"},
    {.name = "role",
     .value = "ARN",
     .kind = OPT_TEXT,
     .offset = offsetof(struct crawl_options, role),
     .size = 256,
     .fallback = "AWSGlueServiceRole",
     .help = "with --create: the crawler's IAM role"},
    {.name = "wait",
     .kind = OPT_BOOL,
     .offset = offsetof(struct crawl_options, wait),
     .help = "wait for the end and say what changed"},
    {.name = "stop", .kind = OPT_BOOL, .offset = offsetof(struct crawl_options, stop), .help = "stop it instead"},
    {.name = NULL},
};

static bool create_crawler(struct cli *cli, struct aws *aws, const struct crawl_options *options, const char *name,
                           struct err *err)
{
    if (!*options->database)
        return err_set(err, ERR_USAGE, "crawl --create needs --database NAME");
    json_t *input = json_pack("{s:s, s:s, s:s, s:{s:[{s:s}]}}", "Name", name, "Role", options->role, "DatabaseName",
                              options->database, "Targets", "S3Targets", "Path", options->create);
    if (*options->prefix)
        json_object_set_new(input, "TablePrefix", json_string(options->prefix));
    return glue_create_crawler(aws, input, &cli->cancel, err);
}

/* Until the crawler is ready again; its last description, or NULL with *err. */
static json_t *wait_ready(struct cli *cli, struct aws *aws, const char *name, struct err *err)
{
    for (int64_t pause = POLL_FIRST_MS;; pause = pause * 2 < POLL_MS ? pause * 2 : POLL_MS) {
        json_t *crawler = glue_get_crawler(aws, name, &cli->cancel, err);
        if (!crawler || strcmp(json_str(crawler, "State"), "READY") == 0)
            return crawler;
        json_decref(crawler);
        if (!cancel_wait(&cli->cancel, pause)) {
            err_set(err, ERR_CANCELLED, "the wait for crawler %s ended; the crawl goes on", name);
            return NULL;
        }
    }
}

static int report(struct cli *cli, struct aws *aws, const char *name, const json_t *crawler)
{
    struct err err = ERR_NONE;
    const json_t *last = json_object_get(crawler, "LastCrawl");
    const char *status = json_str(last, "Status");
    if (strcmp(status, "SUCCEEDED") != 0) {
        err_set(&err, ERR_FAILED, "crawler %s: %s: %.150s", name, *status ? status : "no crawl has ended",
                json_str(last, "ErrorMessage"));
        return cli_fail(cli, &err);
    }
    json_t *list = glue_get_crawler_metrics(aws, name, &cli->cancel, &err), *metrics = json_array_get(list, 0);
    if (!list)
        return cli_fail(cli, &err);
    struct buf text = BUF_INIT(4096);
    if (output_is_json(cli))
        json_write(metrics, 0, &text);
    else
        buf_printf(&text, "%s: %lld created, %lld updated, %lld deleted", name,
                   (long long)json_int(metrics, "TablesCreated", 0), (long long)json_int(metrics, "TablesUpdated", 0),
                   (long long)json_int(metrics, "TablesDeleted", 0));
    buf_putc(&text, '\n');
    json_decref(list);
    bool ok = cli_write(cli, text.data, text.len, &err);
    buf_done(&text);
    return ok || err.code == ERR_OK ? 0 : cli_fail(cli, &err);
}

static int crawl_run(struct cli *cli, const void *given, int argc, char **argv)
{
    const struct crawl_options *options = given;
    struct err err = ERR_NONE;
    struct aws *aws = cli_aws(cli, &err);
    const char *name = argv[0];
    (void)argc;
    if (!aws || (*options->create && !create_crawler(cli, aws, options, name, &err)))
        return cli_fail(cli, &err);
    if (options->stop ? !glue_stop_crawler(aws, name, &cli->cancel, &err)
                      : !glue_start_crawler(aws, name, &cli->cancel, &err))
        return cli_fail(cli, &err);
    if (!options->wait)
        return 0;
    json_t *crawler = wait_ready(cli, aws, name, &err);
    if (!crawler)
        return err.code == ERR_CANCELLED ? cli_signal_status(cli) : cli_fail(cli, &err);
    int status = options->stop ? 0 : report(cli, aws, name, crawler);
    json_decref(crawler);
    return status;
}

const struct verb verb_crawl = {
    .name = "crawl",
    .arguments = "NAME",
    .summary = "run a crawler: find tables and partitions in the lake",
    .help =
        "Starts the Glue crawler NAME. With --wait it ends with the crawl: how many tables were created, updated and "
        "deleted; exit\nstatus 1 with the cause when the crawl failed. --create S3-URI --database NAME makes the "
        "crawler first.",
    .options = crawl_opts,
    .options_size = sizeof(struct crawl_options),
    .min_args = 1,
    .max_args = 1,
    .run = crawl_run,
};
