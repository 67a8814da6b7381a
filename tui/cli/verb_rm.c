/* weir rm: deletes objects, after asking. */
#include "backend/base/uri.h"
#include "backend/domain/transfer.h"
#include "tui/cli/progress.h"

struct rm_options {
    bool recursive;
    char version[128];
};
static const struct opt rm_opts[] = {
    {.name = "recursive",
     .letter = 'r',
     .kind = OPT_BOOL,
     .offset = offsetof(struct rm_options, recursive),
     .help = "everything whose key begins so"},
    {.name = "version",
     .value = "ID",
     .kind = OPT_TEXT,
     .offset = offsetof(struct rm_options, version),
     .size = 128,
     .help = "this version, for good"},
    {.name = NULL},
};

static int rm_run(struct cli *cli, const void *data, int argc, char **argv)
{
    (void)argc;
    const struct rm_options *options = data;
    struct err err = ERR_NONE;
    struct s3_name name;
    char question[1400];
    if (!s3_name_parse(argv[0], &name, &err))
        return cli_fail(cli, &err);
    if (!*name.key && !options->recursive) {
        err_set(&err, ERR_USAGE, "%s names a bucket; --recursive deletes all its objects", argv[0]);
        return cli_fail(cli, &err);
    }
    snprintf(question, sizeof question, "Delete %s%s?", options->recursive ? "everything below " : "", argv[0]);
    struct session *session = cli_session(cli, &err);
    if (!session || !cli_confirm(cli, question, &err))
        return cli_fail(cli, &err);
    struct progress *progress = progress_open(cli, "deleting", PROGRESS_COUNT);
    struct remove_options remove = {.target = argv[0],
                                    .version_id = *options->version ? options->version : NULL,
                                    .is_recursive = options->recursive,
                                    .cancel = &cli->cancel,
                                    .progress = progress_update,
                                    .context = progress};
    struct transfer_result result = {0};
    bool ok = transfer_remove(session, &remove, &result, &err);
    progress_close(progress);
    if (cli->err_is_tty || cli->config->verbose)
        fprintf(stderr, "%lld deleted%s\n", (long long)result.objects, result.failed ? ", some failed" : "");
    return ok ? 0 : cli_fail(cli, &err);
}

const struct verb verb_rm = {
    .name = "rm",
    .arguments = "s3://BUCKET/KEY",
    .summary = "delete objects (asks)",
    .help = "Deletes one object, or with --recursive everything whose key begins so. It asks first; --yes answers. In "
            "a versioned bucket "
            "a delete\nmarker is put on top and the versions stay; --version ID removes that version for good.",
    .options = rm_opts,
    .options_size = sizeof(struct rm_options),
    .min_args = 1,
    .max_args = 1,
    .run = rm_run,
};
