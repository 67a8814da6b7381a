/* weir: picks the mode. No verb is the console, a verb is the command line. */
#include "backend/base/path.h"
#include "backend/core/config.h"
#include "backend/domain/preview.h"
#include "tui/app.h"
#include "tui/cli/cli.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define WEIR_VERSION "0.1.0"

static int open_console(const struct config *config)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
        int status = app_run(config);
        fflush(NULL);
        _exit(status); /* a thread that hangs in a call must not be waited for, nor have its libraries ended under it */
    }
    fputs("weir: the console needs a terminal on standard input and output\n"
          "      the command line does not: weir zones, weir ls, weir help\n",
          stderr);
    return 2;
}

/* What helps to put a wrong file right must not fail for it. */
static bool helps(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "", *what = argc > 2 ? argv[2] : "";
    return strcmp(verb, "help") == 0 || strcmp(verb, "man") == 0 || strcmp(verb, "completion") == 0 ||
           (strcmp(verb, "config") == 0 && strcmp(what, "paths") == 0);
}

static int load(struct config *config, int *argc, char **argv)
{
    struct err err = ERR_NONE;
    if (config_load(config, NULL, argc, argv, &err))
        return 0;
    int status = cli_fail(NULL, &err);
    return helps(*argc, argv) && config_load_without_files(config, argc, argv, &err) ? 0 : status;
}

int main(int argc, char **argv)
{
    static struct config config; /* 40 KiB: not on the stack */
    path_fill_standard_fds();
    setlocale(LC_ALL, "");
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});          /* credentials must not reach core files */
    if (argc == 2 && strcmp(argv[1], "--parquet-rows") == 0) /* started by ourselves: preview.h */
        return preview_worker_main();
    int status = load(&config, &argc, argv);
    if (status)
        return status;
    if (config.version) {
        puts("weir " WEIR_VERSION);
        return cli_flush(NULL, 0);
    }
    if (argc > 1) {
        status = cli_main(&config, argc - 1, argv + 1);
        return status == CLI_OPEN_CONSOLE ? open_console(&config) : status;
    }
    if (!config.help)
        return open_console(&config);
    char *help[] = {"help", NULL};
    config.help = false; /* the list of verbs, not the help of the verb help */
    return cli_main(&config, 1, help);
}
