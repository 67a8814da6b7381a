/* weir completion: a bash completion script made from the rows. */
#include "tui/cli/cli.h"
#include <string.h>

static void flags(const struct opt *rows)
{
    for (; rows && rows->name; rows++)
        printf(" --%s", rows->name);
}

/* Names that only the catalog knows: asked for when they are wanted, with the target of the command line being typed.
 */
static const char names_of_catalog[] = "_weir_names() {\n"
                                       "    local target=() i\n"
                                       "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                                       "        case ${COMP_WORDS[i]} in\n"
                                       "        -p | --profile | --region | --endpoint | --local-dir) "
                                       "target+=(\"${COMP_WORDS[i]}\" \"${COMP_WORDS[i + 1]}\") ;;\n"
                                       "        --local) target+=(--local) ;;\n"
                                       "        esac\n"
                                       "    done\n"
                                       "    timeout 3 weir catalog \"${target[@]}\" --format csv \"$@\" 2>/dev/null | "
                                       "tail -n +2 | cut -d, -f1 | tr -d '\"\\r' |\n"
                                       "        grep -xE '[A-Za-z0-9_.-]+'\n"
                                       "}\n";
/* Where they stand: behind -d of sql, and as catalog's argument. */
static const char uses_of_names[] =
    "    case ${COMP_WORDS[1]}:${COMP_WORDS[COMP_CWORD - 1]}:$word in\n"
    "    sql:-d:* | sql:--database:*) words=$(_weir_names) ;;\n"
    "    catalog:*:-*) ;;\n"
    "    catalog:*:*.*) words=$(_weir_names \"${word%%.*}\" | sed \"s/^/${word%%.*}./\") ;;\n"
    "    catalog:*:*) words=$(_weir_names) ;;\n"
    "    esac\n";

static int completion_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)options;
    if (argc > 0 && strcmp(argv[0], "bash") != 0) {
        struct err err = ERR_NONE;
        err_set(&err, ERR_USAGE, "completion %s: there is one for bash", argv[0]);
        return cli_fail(cli, &err);
    }
    fputs(names_of_catalog, stdout);
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
    puts("\" ;;\n    esac");
    fputs(uses_of_names, stdout);
    puts("    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o default -F _weir weir");
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
