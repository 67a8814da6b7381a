/* The frame of the command line: finding the verb, its flags, signals, errors, the session. Verbs are in verb_*.c. */
#include "tui/cli/cli.h"
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define X(name) extern const struct verb verb_##name;
VERBS(X)
#undef X
const struct verb *const verb_rows[] = {
#define X(name) &verb_##name,
    VERBS(X)
#undef X
        NULL};

/* What the session's threads and the signal thread touch. */
struct wakeup {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    uint64_t changes;
    int signal; /* the first that came; 0 none */
    struct cancel *cancel;
    int64_t trouble_ms, said_ms; /* monotonic: since when calls are being repeated (0: none is), when that was said */
};
struct running { /* the cli and its wake-up in one block */
    struct cli cli;
    struct wakeup wakeup;
    uint64_t seen;
    pthread_t signals;
};

static struct running *running_of(const struct cli *cli)
{
    return (struct running *)cli;
}

const struct verb *verb_find(const char *name)
{
    for (const struct verb *const *verb = verb_rows; *verb; verb++)
        if (strcmp((*verb)->name, name) == 0)
            return *verb;
    return NULL;
}

static void print_clean(FILE *out, const char *text)
{
    struct buf clean = BUF_INIT(64 * 1024);
    if (text_clean(text, strlen(text), &clean))
        fputs(buf_text(&clean), out);
    buf_done(&clean);
}

int cli_fail(const struct cli *cli, const struct err *err)
{
    if (cli && running_of(cli)->wakeup.signal)
        return cli_signal_status(cli);
    fputs("weir: ", stderr);
    print_clean(stderr, *err->text ? err->text : err_sentence(err->code));
    fputc('\n', stderr);
    const char *advice = err_advice(err);
    if (*advice)
        fprintf(stderr, "      %s\n", advice);
    if (*err->request_id) {
        fputs("      request id ", stderr);
        print_clean(stderr, err->request_id);
        fputc('\n', stderr);
    }
    return err_exit_code(err);
}

void cli_say_retry(struct cli *cli, const struct err *err)
{
    enum { PATIENCE_MS = 2000, AGAIN_MS = 10000 };
    struct wakeup *wakeup = &running_of(cli)->wakeup;
    int64_t now_ms = clock_mono(&clock_system);
    pthread_mutex_lock(&wakeup->lock);
    wakeup->trouble_ms = !err ? 0 : wakeup->trouble_ms ? wakeup->trouble_ms : now_ms;
    bool is_long = err && now_ms - wakeup->trouble_ms >= PATIENCE_MS;
    bool is_due = is_long && (!wakeup->said_ms || now_ms - wakeup->said_ms >= AGAIN_MS) && cli->err_is_tty;
    if (is_due)
        wakeup->said_ms = now_ms;
    pthread_mutex_unlock(&wakeup->lock);
    if (!is_due)
        return;
    fputs("\r\033[Kweir: trying again: ", stderr);
    print_clean(stderr, err->text);
    fputc('\n', stderr);
}

static void hear_retry(void *context, const struct err *err, int64_t delay_ms)
{
    (void)delay_ms;
    cli_say_retry(context, err);
}

static void session_has_changed(void *context)
{
    struct wakeup *wakeup = context;
    pthread_mutex_lock(&wakeup->lock);
    wakeup->changes++;
    pthread_cond_broadcast(&wakeup->cond);
    pthread_mutex_unlock(&wakeup->lock);
}

/* The first SIGINT, SIGTERM or SIGHUP cancels what runs; a second one ends the process at once. */
static void *watch_signals(void *context)
{
    struct wakeup *wakeup = context;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0)
            continue;
        if (wakeup->signal)
            _exit(128 + number);
        wakeup->signal = number;
        cancel_set(wakeup->cancel);
        session_has_changed(wakeup);
    }
    return NULL;
}

static bool start_signals(struct running *running, struct err *err)
{
    signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&running->wakeup.lock, NULL);
    pthread_cond_init(&running->wakeup.cond, &attr);
    running->wakeup.cancel = &running->cli.cancel;
    errno = pthread_create(&running->signals, NULL, watch_signals, &running->wakeup);
    if (errno != 0)
        return err_set_errno(err, ERR_IO, "cannot start the signal thread");
    return true;
}

/* sigwait is a cancellation point (pthreads(7)). */
static void stop_signals(struct running *running)
{
    sigset_t set;
    pthread_cancel(running->signals);
    pthread_join(running->signals, NULL);
    sigemptyset(&set);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    signal(SIGPIPE, SIG_DFL);
}

int cli_signal_status(const struct cli *cli)
{
    int number = running_of(cli)->wakeup.signal;
    return 128 + (number ? number : SIGINT);
}

struct session *cli_session(struct cli *cli, struct err *err)
{
    if (!cli->session) {
        struct session_options options = {
            .config = cli->config, .changed = session_has_changed, .context = &running_of(cli)->wakeup};
        cli->session = session_open(&options, err);
    }
    return cli->session;
}

struct aws *cli_aws(struct cli *cli, struct err *err)
{
    struct session *session = cli_session(cli, err);
    return session ? session_connect(session, &cli->cancel, err) : NULL;
}

bool cli_wait_change(struct cli *cli, int64_t timeout_ms)
{
    struct running *running = running_of(cli);
    struct wakeup *wakeup = &running->wakeup;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&wakeup->lock);
    int status = 0;
    while (wakeup->changes == running->seen && status == 0 && !cancel_is_set(&cli->cancel))
        status = pthread_cond_timedwait(&wakeup->cond, &wakeup->lock, &until);
    bool has_changed = wakeup->changes != running->seen;
    running->seen = wakeup->changes;
    pthread_mutex_unlock(&wakeup->lock);
    return has_changed && !cancel_is_set(&cli->cancel);
}

bool cli_confirm(struct cli *cli, const char *question, struct err *err)
{
    if (cli->config->yes)
        return true;
    if (!isatty(STDIN_FILENO) || !cli->err_is_tty)
        return err_set(err, ERR_REFUSED, "%s Nobody can answer here: give --yes", question);
    print_clean(stderr, question);
    fputs(" [y/N] ", stderr);
    fflush(stderr);
    char answer[16] = "";
    ssize_t got = read(STDIN_FILENO, answer, sizeof answer - 1);
    if (got > 0 && (strncasecmp(answer, "y\n", 2) == 0 || strncasecmp(answer, "yes\n", 4) == 0))
        return true;
    return err_set(err, ERR_REFUSED, "not confirmed: nothing was changed");
}

int cli_flush(const struct cli *cli, int status)
{
    if (fflush(stdout) == 0 || errno == EPIPE || status != 0)
        return status;
    struct err err = ERR_NONE;
    err_set_errno(&err, ERR_IO, "cannot write to standard output");
    return cli_fail(cli, &err);
}

bool cli_write(struct cli *cli, const char *bytes, size_t len, struct err *err)
{
    (void)cli;
    if (fwrite(bytes, 1, len, stdout) == len)
        return true;
    if (errno == EPIPE) /* head has seen enough */
        return err_set(err, ERR_OK, "the reader has gone");
    return err_set_errno(err, ERR_IO, "cannot write to standard output");
}

int cli_watch(struct cli *cli, int (*once)(struct cli *cli, void *context), void *context)
{
    int status = once(cli, context);
    while (cli->config->watch && !cli->config->once && !cancel_is_set(&cli->cancel)) {
        int64_t interval = cli->config->refresh_ms > 0 ? cli->config->refresh_ms : 2000;
        struct timespec pause = {.tv_sec = interval / 1000, .tv_nsec = interval % 1000 * 1000000};
        struct wakeup *wakeup = &running_of(cli)->wakeup;
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += pause.tv_sec + (until.tv_nsec + pause.tv_nsec) / 1000000000;
        until.tv_nsec = (until.tv_nsec + pause.tv_nsec) % 1000000000;
        pthread_mutex_lock(&wakeup->lock);
        while (!cancel_is_set(&cli->cancel) && pthread_cond_timedwait(&wakeup->cond, &wakeup->lock, &until) == 0)
            ;
        pthread_mutex_unlock(&wakeup->lock);
        if (cancel_is_set(&cli->cancel))
            return cli_signal_status(cli);
        if (cli->out_is_tty)
            fputs("\033[H\033[2J", stdout);
        status = once(cli, context);
    }
    return status;
}

bool cli_take_interrupt(struct cli *cli)
{
    struct wakeup *wakeup = &running_of(cli)->wakeup;
    if (wakeup->signal != 0 && wakeup->signal != SIGINT)
        return false;
    wakeup->signal = 0;
    cancel_reset(&cli->cancel);
    return true;
}

static void verb_usage(const struct verb *verb, FILE *out)
{
    fprintf(out, "usage: weir %s%s%s%s\n", verb->name, verb->options ? " [options]" : "", *verb->arguments ? " " : "",
            verb->arguments);
}

static int verb_help_text(const struct verb *verb)
{
    verb_usage(verb, stdout);
    printf("\n%s\n", verb->help);
    struct buf text = BUF_INIT(64 * 1024);
    if (verb->options && opt_help(verb->options, &text))
        printf("\noptions\n%s", buf_text(&text));
    buf_done(&text);
    puts("\nOptions of every verb: weir help options");
    return 0;
}

static int run_verb(struct running *running, const struct verb *verb, int argc, char **argv)
{
    struct err err = ERR_NONE;
    if (running->cli.config->help)
        return verb_help_text(verb);
    void *options = verb->options_size ? calloc(1, verb->options_size) : NULL;
    static const struct opt no_options[] = {{.name = NULL}};
    const struct opt *rows = verb->options ? verb->options : no_options;
    opt_defaults(rows, options);
    argc = opt_parse_argv(rows, options, argc, argv, &err);
    int status;
    if (argc < 0) {
        status = cli_fail(&running->cli, &err);
    } else if (argc < verb->min_args || (verb->max_args >= 0 && argc > verb->max_args)) {
        verb_usage(verb, stderr);
        status = 2;
    } else if (!verb->has_parquet && strcmp(running->cli.config->format, "parquet") == 0) {
        err_set(&err, ERR_USAGE, "%s has no parquet: give table, json, jsonl or csv", verb->name);
        status = cli_fail(&running->cli, &err);
    } else {
        status = verb->run(&running->cli, options, argc, argv);
    }
    free(options);
    return status;
}

int cli_main(const struct config *config, int argc, char **argv)
{
    struct err err = ERR_NONE;
    const struct verb *verb = verb_find(argv[0]);
    if (!verb) {
        bool is_option = argv[0][0] == '-';
        fputs(is_option ? "weir: unknown option \"" : "weir: unknown verb \"", stderr);
        print_clean(stderr, argv[0]);
        fputs(is_option ? "\"\n      weir help options lists the options\n" : "\"\n      weir help lists the verbs\n",
              stderr);
        return 2;
    }
    struct running *running = calloc(1, sizeof *running);
    running->cli.config = config;
    running->cli.out_is_tty = isatty(STDOUT_FILENO);
    running->cli.err_is_tty = isatty(STDERR_FILENO);
    running->cli.cancel.told = hear_retry;
    running->cli.cancel.told_context = &running->cli;
    if (!start_signals(running, &err))
        return cli_fail(NULL, &err);
    int status = run_verb(running, verb, argc - 1, argv + 1);
    if (running->cli.session)
        session_close(running->cli.session);
    status = cli_flush(&running->cli, status);
    if (running->wakeup.signal)
        status = cli_signal_status(&running->cli);
    stop_signals(running);
    pthread_cond_destroy(&running->wakeup.cond);
    pthread_mutex_destroy(&running->wakeup.lock);
    free(running);
    return status;
}
