/* weir cp: uploads, downloads and copies. */
#include "backend/base/text.h"
#include "backend/domain/transfer.h"
#include "tui/cli/progress.h"

struct cp_options {
    bool recursive, resume, clobber;
    int64_t parallel;
    char version[128];
};
static const struct opt cp_opts[] = {
    {.name = "recursive",
     .letter = 'r',
     .kind = OPT_BOOL,
     .offset = offsetof(struct cp_options, recursive),
     .help = "a directory or everything below a prefix"},
    {.name = "resume",
     .kind = OPT_BOOL,
     .offset = offsetof(struct cp_options, resume),
     .fallback = "true",
     .help = "go on with a partial transfer"},
    {.name = "clobber",
     .kind = OPT_BOOL,
     .offset = offsetof(struct cp_options, clobber),
     .fallback = "true",
     .help = "replace a target that exists; --no-clobber makes it an error"},
    {.name = "parallel",
     .letter = 'j',
     .value = "N",
     .kind = OPT_INT,
     .offset = offsetof(struct cp_options, parallel),
     .fallback = "4",
     .min = 1,
     .max = 64,
     .help = "transfers at the same time"},
    {.name = "version",
     .value = "ID",
     .kind = OPT_TEXT,
     .offset = offsetof(struct cp_options, version),
     .size = 128,
     .help = "this version of the source"},
    {.name = NULL},
};

static void report(const struct cli *cli, const struct transfer_result *result)
{
    char bytes[TEXT_SHORT];
    if (!cli->err_is_tty && !cli->config->verbose)
        return;
    fprintf(stderr, "%lld object%s, %s", (long long)result->objects, result->objects == 1 ? "" : "s",
            text_bytes((uint64_t)result->bytes, bytes));
    if (result->skipped > 0)
        fprintf(stderr, ", %lld skipped", (long long)result->skipped);
    if (result->failed > 0)
        fprintf(stderr, ", %lld failed", (long long)result->failed);
    fputc('\n', stderr);
}

static int cp_run(struct cli *cli, const void *data, int argc, char **argv)
{
    (void)argc;
    const struct cp_options *options = data;
    struct err err = ERR_NONE;
    struct session *session = cli_session(cli, &err);
    if (!session)
        return cli_fail(cli, &err);
    struct progress *progress = progress_open(cli, "copying", PROGRESS_BYTES);
    struct transfer_options transfer = {.from = argv[0],
                                        .to = argv[1],
                                        .version_id = *options->version ? options->version : NULL,
                                        .is_recursive = options->recursive,
                                        .no_resume = !options->resume,
                                        .no_clobber = !options->clobber,
                                        .parallel = (int)options->parallel,
                                        .cancel = &cli->cancel,
                                        .progress = progress_update,
                                        .context = progress};
    struct transfer_result result = {0};
    bool ok = transfer_copy(session, &transfer, &result, &err);
    progress_close(progress);
    report(cli, &result);
    return ok ? 0 : cli_fail(cli, &err);
}

const struct verb verb_cp = {
    .name = "cp",
    .arguments = "FROM TO",
    .summary = "copy objects to, from or inside the lake",
    .help = "One or both of FROM and TO are s3://BUCKET/KEY; the other is a local path, or - for standard input or "
            "output. Checksums "
            "are verified,\na local file appears under its final name only when it is whole, and a transfer that was "
            "cut goes on where "
            "it stopped.\nExit status 6 when only a part could be copied.",
    .options = cp_opts,
    .options_size = sizeof(struct cp_options),
    .min_args = 2,
    .max_args = 2,
    .run = cp_run,
};
