/* weir help: the verbs, one verb, or the options of every verb. */
#include "tui/cli/cli.h"
#include <string.h>

static int help_options(void)
{
    struct buf text = BUF_INIT(256 * 1024);
    opt_help(config_rows, &text);
    fputs(buf_text(&text), stdout);
    buf_done(&text);
    return 0;
}

static int help_all(void)
{
    puts("weir - operator console of a recommendation platform\n\nusage: weir [options]             the console\n"
         "       weir VERB [options] ...    the command line\n\nverbs");
    for (const struct verb *const *verb = verb_rows; *verb; verb++)
        printf("  %-11s %s\n", (*verb)->name, (*verb)->summary);
    puts("\nweir help VERB     one verb\nweir help options  options of the console and of every verb (their "
         "variables: weir man)");
    puts("\nexit status: 0 ok, 1 failed, 2 usage or configuration, 3 credentials or access, 4 unreachable or timed "
         "out,\n"
         "             5 refused, 6 partial, 130 and 143 by signal");
    return 0;
}

static int help_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)options;
    if (argc == 0)
        return help_all();
    if (strcmp(argv[0], "options") == 0)
        return help_options();
    char *verb_argv[] = {argv[0], "--help", NULL};
    const struct verb *verb = verb_find(argv[0]);
    if (!verb) {
        struct err err = ERR_NONE;
        err_set(&err, ERR_USAGE, "there is no verb \"%s\"; weir help lists them", argv[0]);
        return cli_fail(cli, &err);
    }
    struct config config = *cli->config;
    config.help = true;
    return cli_main(&config, 2, verb_argv);
}

const struct verb verb_help = {
    .name = "help",
    .arguments = "[VERB|options]",
    .summary = "this list, or the help of one verb",
    .help = "Prints the verbs, one verb's help, or the options that every verb takes.",
    .max_args = 1,
    .run = help_run,
};
