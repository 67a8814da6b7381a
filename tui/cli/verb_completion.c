/* weir completion: a bash completion script made from the rows. */
#include "tui/cli/cli.h"
#include <string.h>

static void flags(const struct opt *rows)
{
    for (; rows && rows->name; rows++)
        printf(" --%s", rows->name);
}

static int completion_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)options;
    if (argc > 0 && strcmp(argv[0], "bash") != 0) {
        struct err err = ERR_NONE;
        err_set(&err, ERR_USAGE, "completion %s: there is one for bash", argv[0]);
        return cli_fail(cli, &err);
    }
    puts("_weir() {\n    local word=${COMP_WORDS[COMP_CWORD]} words\n    case ${COMP_WORDS[1]} in");
    for (const struct verb *const *verb = verb_rows; *verb; verb++) {
        printf("    %s) words=\"", (*verb)->name);
        for (const char *sub = (*verb)->subverbs; sub && *sub; sub++)
            putchar(*sub == '|' ? ' ' : *sub);
        flags((*verb)->options);
        flags(config_rows);
        puts("\" ;;");
    }
    fputs("    *) words=\"", stdout);
    for (const struct verb *const *verb = verb_rows; *verb; verb++)
        printf("%s ", (*verb)->name);
    flags(config_rows);
    puts(
        "\" ;;\n    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o default -F _weir weir");
    return 0;
}

const struct verb verb_completion = {
    .name = "completion",
    .arguments = "[bash]",
    .summary = "print a shell completion script",
    .help = "Prints a script for bash; use it with: source <(weir completion bash)",
    .subverbs = "bash",
    .max_args = 1,
    .run = completion_run,
};
