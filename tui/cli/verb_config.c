/* weir config: is it right, where is it, what is in force. */
#include "tui/cli/cli.h"
#include "tui/keymap.h"
#include "tui/theme.h"
#include <string.h>

static int config_check(struct cli *cli)
{
    struct err err = ERR_NONE; /* a wrong file or variable never gets here: loading it failed with its place */
    struct theme theme;
    struct keymap *keymap = keymap_load(cli->config->keymap, &err);
    keymap_free(keymap);
    if (!keymap || !theme_load(&theme, cli->config->theme, &err))
        return cli_fail(cli, &err);
    puts("configuration ok");
    return 0;
}

static int config_paths_print(struct cli *cli)
{
    struct buf text = BUF_INIT(64 * 1024);
    config_paths(cli->config, &text);
    fputs(buf_text(&text), stdout);
    buf_done(&text);
    return 0;
}

static int config_show(struct cli *cli)
{
    const char *section = NULL;
    for (const struct opt *row = config_rows; row->name; row++) {
        if (!row->section)
            continue;
        if (!section || strcmp(section, row->section) != 0) {
            section = row->section;
            if (*section)
                printf("\n[%s]\n", section);
        }
        struct buf value = BUF_INIT(8192);
        opt_format(row, cli->config, &value);
        printf("%s = %s\n", row->name, buf_text(&value));
        buf_done(&value);
    }
    return 0;
}

static const struct {
    const char *name;
    int (*run)(struct cli *cli);
} config_verbs[] = {{"check", config_check}, {"paths", config_paths_print}, {"show", config_show}};

static int config_run(struct cli *cli, const void *options, int argc, char **argv)
{
    (void)options;
    const char *name = argc > 0 ? argv[0] : "show";
    for (size_t i = 0; i < sizeof config_verbs / sizeof *config_verbs; i++)
        if (strcmp(config_verbs[i].name, name) == 0)
            return config_verbs[i].run(cli);
    struct err err = ERR_NONE;
    err_set(&err, ERR_USAGE, "config %s: use check, paths or show", name);
    return cli_fail(cli, &err);
}

const struct verb verb_config = {
    .name = "config",
    .arguments = "[check|paths|show]",
    .summary = "check the configuration, show its files and its values",
    .help =
        "check  reads everything, theme and keymap too, and says what is wrong and where\npaths  every file that is "
        "looked for, and "
        "whether it is "
        "there\nshow   the values in force (default), in the form of the file. weir never writes its configuration.",
    .subverbs = "check|paths|show",
    .max_args = 1,
    .run = config_run,
};
