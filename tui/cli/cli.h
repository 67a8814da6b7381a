/* The command line: verbs, each a file tui/cli/verb_NAME.c that ends with `const struct verb verb_NAME`, and a row
 * here. A verb prints the same snapshots and columns as the panes. Everything runs on the main thread; calls may wait,
 * Ctrl-C cancels them. */
#ifndef WEIR_TUI_CLI_CLI_H
#define WEIR_TUI_CLI_CLI_H
#include "backend/base/err.h"
#include "backend/base/opt.h"
#include "backend/core/cancel.h"
#include "backend/core/config.h"
#include "backend/domain/session.h"
#include <stdio.h>

/* X(name), in the order of --help */
#define VERBS(X)                                                                                                       \
    X(run)                                                                                                             \
    X(zones)                                                                                                           \
    X(ls)                                                                                                              \
    X(cat)                                                                                                             \
    X(stat)                                                                                                            \
    X(cp)                                                                                                              \
    X(rm)                                                                                                              \
    X(du)                                                                                                              \
    X(catalog)                                                                                                         \
    X(crawl)                                                                                                           \
    X(pipeline)                                                                                                        \
    X(sql)                                                                                                             \
    X(local)                                                                                                           \
    X(config)                                                                                                          \
    X(keys)                                                                                                            \
    X(doctor)                                                                                                          \
    X(completion)                                                                                                      \
    X(man)                                                                                                             \
    X(help)

struct cli {
    const struct config *config;
    struct cancel cancel; /* set by SIGINT and SIGTERM */
    bool out_is_tty, err_is_tty;
    struct session *session; /* by cli_session */
};

struct verb {
    const char *name;
    const char *arguments;     /* "[s3://BUCKET[/PREFIX]]"; "" when none */
    const char *summary;       /* one line */
    const char *help;          /* paragraphs: what it does, prints, exits with */
    const char *subverbs;      /* "start|stop": for completion; NULL: none */
    const struct opt *options; /* its own flags; NULL: none */
    size_t options_size;       /* of the struct they fill */
    int min_args, max_args;    /* max -1: any */
    bool has_parquet;          /* takes --format parquet */
    int (*run)(struct cli *cli, const void *options, int argc, char **argv); /* exit status */
};
extern const struct verb *const verb_rows[]; /* ends with NULL */
const struct verb *verb_find(const char *name);

/* What a verb returns to have the console opened after it (main.c). */
enum { CLI_OPEN_CONSOLE = -1 };
/* Runs argv[0] as a verb; argv holds what config_load left. Returns the exit status (ux.md, exit codes) or
 * CLI_OPEN_CONSOLE; signals are then as they were before. */
int cli_main(const struct config *config, int argc, char **argv);
/* "weir: text" and the remedy on stderr, sanitised; returns the exit status for the error. */
int cli_fail(const struct cli *cli, const struct err *err);
/* The session and its connection, opened on first use; NULL with *err. */
struct session *cli_session(struct cli *cli, struct err *err);
struct aws *cli_aws(struct cli *cli, struct err *err);
/* On a terminal: once in a while a line that calls fail and are repeated; err NULL: one went well. The calls that carry
 * cli->cancel say so themselves. Any thread. */
void cli_say_retry(struct cli *cli, const struct err *err);
/* Waits up to timeout_ms for a change of any snapshot or job of the session (true), or for cancellation or the end of
 * time (false). */
bool cli_wait_change(struct cli *cli, int64_t timeout_ms);
/* Takes back a SIGINT that came, so that work can begin anew: its token is open again. False when another signal came:
 * then the verb has to end. For a shell, whose Ctrl-C stops what runs and not the shell. */
bool cli_take_interrupt(struct cli *cli);
/* Exit status of a verb that Ctrl-C or a signal ended: 130 or 143. */
int cli_signal_status(const struct cli *cli);
/* Asks on the terminal; true for y or yes. Without a terminal, or without an answer: ERR_REFUSED naming --yes. */
bool cli_confirm(struct cli *cli, const char *question, struct err *err);
/* Ends the output: the status, or 1 with a message when what was printed could not be written. cli may be NULL. */
int cli_flush(const struct cli *cli, int status);
/* Writes bytes to stdout; false when the reader is gone (then the verb ends quietly) or on a write error with *err. */
bool cli_write(struct cli *cli, const char *bytes, size_t len, struct err *err);
/* Repeats once every config->refresh_ms until cancelled when --watch is given, else calls it once. */
int cli_watch(struct cli *cli, int (*once)(struct cli *cli, void *context), void *context);
#endif
