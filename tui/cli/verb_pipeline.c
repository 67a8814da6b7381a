/* weir pipeline: the recommendation platform itself, step by step. One row per step that is there. */
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/pipeline/data.h"
#include "backend/pipeline/lake.h"
#include "tui/cli/facts.h"
#include "tui/cli/progress.h"
#include <string.h>

struct pipeline_options {
    int64_t users, seed;
    char out[PATH_SIZE];
    bool replace;
};
static const struct opt pipeline_opts[] = {
    {.name = "users",
     .value = "N",
     .kind = OPT_INT,
     .offset = offsetof(struct pipeline_options, users),
     .fallback = "2000",
     .min = 1,
     .max = 10000000,
     .help = "data: how many users; 206209 is the size of the public data set"},
    {.name = "seed",
     .value = "S",
     .kind = OPT_INT,
     .offset = offsetof(struct pipeline_options, seed),
     .fallback = "42",
     .help = "data: the same seed gives the same bytes"},
    {.name = "out",
     .value = "DIR|s3://BUCKET[/PREFIX]",
     .kind = OPT_TEXT,
     .offset = offsetof(struct pipeline_options, out),
     .size = PATH_SIZE,
     .help = "data: where to; the tables are below raw/, the answers below truth/"},
    {.name = "replace",
     .kind = OPT_BOOL,
     .offset = offsetof(struct pipeline_options, replace),
     .help = "data: an existing data set there gives way"},
    {.name = NULL},
};

static void data_progress(void *context, const struct gen_result *so_far, uint64_t users)
{
    progress_update(context, (int64_t)so_far->users, (int64_t)users, NULL);
}

static int pipeline_data(struct cli *cli, const struct pipeline_options *options)
{
    struct err err = ERR_NONE;
    if (!*options->out) {
        err_set(&err, ERR_USAGE, "pipeline data: say where to with --out DIR or --out s3://BUCKET");
        return cli_fail(cli, &err);
    }
    struct aws *aws = s3_is_name(options->out) ? cli_aws(cli, &err) : NULL;
    if (err.code != ERR_OK)
        return cli_fail(cli, &err);
    struct progress *progress = progress_open(cli, "generating", PROGRESS_COUNT);
    struct data_options data = {.users = (uint64_t)options->users,
                                .seed = (uint64_t)options->seed,
                                .out = options->out,
                                .aws = aws,
                                .replace = options->replace,
                                .cancel = &cli->cancel,
                                .progress = data_progress,
                                .context = progress};
    struct gen_result result = {0};
    bool ok = data_generate(&data, &result, &err);
    progress_close(progress);
    if (!ok)
        return cli_fail(cli, &err);
    struct facts facts = {0};
    facts_text(&facts, "out", options->out);
    facts_add(&facts, "users", VALUE_COUNT, value_number((int64_t)result.users));
    facts_add(&facts, "orders", VALUE_COUNT, value_number((int64_t)result.orders));
    facts_add(&facts, "lines", VALUE_COUNT, value_number((int64_t)(result.prior_lines + result.train_lines)));
    facts_add(&facts, "pairs", VALUE_COUNT, value_number((int64_t)result.pairs));
    facts_print(cli, &facts);
    return 0;
}

static int pipeline_lake(struct cli *cli, const struct pipeline_options *options)
{
    (void)options;
    struct err err = ERR_NONE;
    const char *bucket = *cli->config->bucket ? cli->config->bucket : LAKE_DEMO_BUCKET;
    struct aws *aws = cli_aws(cli, &err);
    if (!aws || !lake_create(aws, bucket, &cli->cancel, &err))
        return cli_fail(cli, &err);
    printf("s3://%s is there: versioned, encrypted, not public\n", bucket);
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct cli *cli, const struct pipeline_options *options);
} steps[] = {{"lake", pipeline_lake}, {"data", pipeline_data}};

static int pipeline_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)argc;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (strcmp(steps[i].name, argv[0]) == 0)
            return steps[i].run(cli, options);
    struct err err = ERR_NONE;
    err_set(&err, ERR_USAGE, "pipeline %s: the steps are lake and data", argv[0]);
    return cli_fail(cli, &err);
}

const struct verb verb_pipeline = {
    .name = "pipeline",
    .arguments = "lake|data",
    .summary = "build the platform: its lake, its data",
    .help = "lake  makes the bucket (--bucket NAME): versioned, encrypted, public access blocked; run again it does "
            "what is missing\n"
            "data  writes the generated market-basket data set: six tables as CSV.gz, and the answers that no model "
            "may see",
    .subverbs = "lake|data",
    .options = pipeline_opts,
    .options_size = sizeof(struct pipeline_options),
    .min_args = 1,
    .max_args = 1,
    .run = pipeline_run,
};
