/* weir run: the newcomer's command. Makes the demo lake on the embedded cloud if there is none, then opens the console;
 * with no terminal on stdout it prints the zones instead. */
#include "backend/pipeline/data.h"
#include "backend/pipeline/lake.h"
#include "tui/cli/progress.h"
#include <unistd.h>

static void data_progress(void *context, const struct gen_result *so_far, uint64_t users)
{
    progress_update(context, (int64_t)so_far->users, (int64_t)users, NULL);
}

static bool make_lake(struct cli *cli, struct err *err)
{
    struct session *session = cli_session(cli, err);
    if (!session)
        return false;
    if (!session_is_embedded(session))
        return true; /* a real account's lake is made on purpose, by weir pipeline */
    struct aws *aws = session_connect(session, &cli->cancel, err);
    bool is_there = false;
    if (!aws || !lake_has_data(aws, LAKE_DEMO_BUCKET, &cli->cancel, &is_there, err))
        return false;
    if (is_there)
        return true;
    fputs("making the demo lake: 2 000 users, s3://" LAKE_DEMO_BUCKET "/raw/\n", stderr);
    struct progress *progress = progress_open(cli, "generating", PROGRESS_COUNT);
    struct data_options data = {.users = LAKE_DEMO_USERS,
                                .seed = LAKE_DEMO_SEED,
                                .out = "s3://" LAKE_DEMO_BUCKET,
                                .aws = aws,
                                .replace = true,
                                .cancel = &cli->cancel,
                                .progress = data_progress,
                                .context = progress};
    struct gen_result result = {0};
    bool ok = lake_create(aws, LAKE_DEMO_BUCKET, &cli->cancel, err) && data_generate(&data, &result, err);
    progress_close(progress);
    return ok;
}

static int run_run(struct cli *cli, const void *options, int argc, char **argv)
{
    struct err err = ERR_NONE;
    (void)options;
    (void)argc;
    (void)argv;
    if (!make_lake(cli, &err))
        return cli_fail(cli, &err);
    if (cli->out_is_tty && isatty(STDIN_FILENO))
        return CLI_OPEN_CONSOLE;
    char *zones_argv[] = {NULL};
    return verb_find("zones")->run(cli, NULL, 0, zones_argv);
}

const struct verb verb_run = {
    .name = "run",
    .arguments = "",
    .summary = "make the demo lake if there is none, and open the console",
    .help = "On the embedded cloud, makes a lake with the data of 2 000 users if there is none. Then it opens the "
            "console; with no terminal "
            "on\nstandard output it prints the zones, as weir zones does.",
    .run = run_run,
};
