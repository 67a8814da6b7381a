/* weir man: manual pages in roff, made from the rows of verbs, options and actions. */
#include "backend/local/options.h"
#include "tui/action.h"
#include "tui/cli/cli.h"
#include <string.h>

/* roff takes a leading dot or quote for a request, and \ and - are special. */
static void roff(const char *text)
{
    bool at_start = true;
    for (; *text; text++) {
        if (at_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        at_start = *text == '\n';
    }
}

static void option_rows(const struct opt *rows)
{
    for (; rows && rows->name; rows++) {
        fputs(".TP\n.B ", stdout);
        if (rows->letter)
            printf("\\-%c, ", rows->letter);
        fputs("\\-\\-", stdout);
        roff(rows->name);
        if (rows->value)
            printf(" \\fI%s\\fB", rows->value);
        putchar('\n');
        roff(rows->help);
        if (rows->env)
            printf("; variable %s", rows->env);
        if (rows->fallback && *rows->fallback) {
            fputs("; default ", stdout);
            roff(rows->fallback);
        }
        putchar('\n');
    }
}

static void man_weir(void)
{
    puts(".TH WEIR 1\n.SH NAME\nweir \\- operator console of a recommendation platform\n.SH SYNOPSIS\n.B "
         "weir\n[options]\n.br\n.B weir\n"
         ".I verb\n[options] ...\n.SH DESCRIPTION\nWithout a verb: the console. With a verb: the command line, which "
         "prints what the panes\n"
         "show. Without a profile everything runs on the embedded cloud, see\n.BR weir\\-local (1).\n.SH VERBS");
    for (const struct verb *const *verb = verb_rows; *verb; verb++) {
        printf(".SS %s ", (*verb)->name);
        roff((*verb)->arguments);
        putchar('\n');
        bool is_list = (*verb)->subverbs; /* its lines are a table: not to be filled */
        fputs(is_list ? ".nf\n" : "", stdout);
        roff((*verb)->help);
        fputs(is_list ? "\n.fi\n" : "\n", stdout);
        option_rows((*verb)->options);
    }
    puts(".SH OPTIONS");
    option_rows(config_rows);
    puts(".SH ACTIONS\nEvery key of the console does an action; keymaps name them.");
    for (int i = 1; i < ACTION_COUNT; i++) {
        printf(".TP\n.B %s\n", action_rows[i].id);
        roff(action_rows[i].help);
        puts(action_rows[i].writes ? " (changes the platform)" : "");
    }
    puts(".SH EXIT STATUS\n0 ok; 1 the asked thing failed; 2 usage or configuration; 3 credentials or access; 4 "
         "unreachable or timed out;\n"
         "5 refused; 6 partial; 130 and 143 by signal.\n.SH SEE ALSO\n.BR weir\\-local (1)");
}

static void man_weir_local(void)
{
    puts(".TH WEIR\\-LOCAL 1\n.SH NAME\nweir\\-local \\- embedded cloud of weir\n.SH SYNOPSIS\n.B "
         "weir\\-local\n[options]\n.SH DESCRIPTION\n"
         "A daemon on loopback that speaks AWS's protocols over real engines. It is started by\n.BR weir (1)\nand "
         "driven with\n.BR \"weir "
         "local\" .\nState is in one directory and survives the end of the process at any instant. Every request must "
         "be signed with one of "
         "the\ndaemon's own keys.\n.SH OPTIONS");
    option_rows(local_option_rows);
    puts(
        ".SH FILES\nIn the state directory: keys (the install's own key pair and nothing else can sign), endpoint.json "
        "(where it listens, while it runs),\ncloud.db and objects (the data), weir\\-local.log and "
        "weir\\-local.log.1.\n"
        ".SH EXIT STATUS\n0 ended as asked; 1 it could not start or runs already; 2 usage or configuration.\n"
        ".SH SEE ALSO\n.BR weir (1)");
}

static int man_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)options;
    const char *page = argc > 0 ? argv[0] : "weir";
    if (strcmp(page, "weir") == 0)
        man_weir();
    else if (strcmp(page, "weir-local") == 0)
        man_weir_local();
    else {
        struct err err = ERR_NONE;
        err_set(&err, ERR_USAGE, "man %s: the pages are weir and weir-local", page);
        return cli_fail(cli, &err);
    }
    return 0;
}

const struct verb verb_man = {
    .name = "man",
    .arguments = "[weir|weir-local]",
    .summary = "print a manual page (roff)",
    .help = "Prints a manual page made from the program's own rows; view it with: weir man | man -l -",
    .subverbs = "weir|weir-local",
    .max_args = 1,
    .run = man_run,
};
