/* weir local: drives the embedded cloud. One row per sub-verb. */
#include "backend/base/text.h"
#include "backend/core/localctl.h"
#include "backend/core/localsdk.h"
#include "tui/cli/facts.h"
#include "tui/cli/output.h"
#include <stdlib.h>
#include <string.h>

struct local_options {
    int64_t port, lines;
    char keys[4096];
};
static const struct opt local_opts[] = {
    {.name = "port",
     .value = "PORT",
     .kind = OPT_INT,
     .offset = offsetof(struct local_options, port),
     .min = 0,
     .max = 65535,
     .help = "start: listen on this port of 127.0.0.1; 0 is any free one"},
    {.name = "keys",
     .value = "FILE",
     .kind = OPT_TEXT,
     .offset = offsetof(struct local_options, keys),
     .size = 4096,
     .help = "start: more key pairs, one \"ACCESS SECRET\" per line"},
    {.name = "lines",
     .letter = 'n',
     .value = "N",
     .kind = OPT_INT,
     .offset = offsetof(struct local_options, lines),
     .fallback = "100",
     .min = 1,
     .max = 100000,
     .help = "logs: how many of the last lines"},
    {.name = NULL},
};

struct local_call {
    struct cli *cli;
    const struct local_options *options;
    const char *dir;
    int argc;
    char **argv; /* after the sub-verb */
};

static int done(const struct local_call *call, bool ok, const struct err *err)
{
    return ok ? 0 : cli_fail(call->cli, err);
}

/* What only matters at start cannot be had of one that runs. */
static bool agrees(const struct local_options *options, const struct localctl_info *info, struct err *err)
{
    const char *what = *options->keys ? "--keys" : options->port && options->port != info->port ? "--port" : NULL;
    return !what || err_set(err, ERR_USAGE,
                            "local start: %s was not applied, the embedded cloud runs already at %s; weir local stop "
                            "ends it, then start it again",
                            what, info->url);
}

static int local_start(const struct local_call *call)
{
    struct err err = ERR_NONE;
    struct localctl_info info;
    struct localctl_options options = {.dir = call->dir,
                                       .is_explicit = true,
                                       .port = (int)call->options->port,
                                       .region = *call->cli->config->region ? call->cli->config->region : NULL,
                                       .keys_file = *call->options->keys ? call->options->keys : NULL};
    if (!localctl_start(&options, &info, &err))
        return cli_fail(call->cli, &err);
    if (!info.was_started && !agrees(call->options, &info, &err)) {
        localctl_release(&info);
        return cli_fail(call->cli, &err);
    }
    printf("%s %s (pid %lld)\n", info.was_started ? "started" : "runs already at", info.url, (long long)info.pid);
    localctl_release(&info);
    return 0;
}

static int local_stop(const struct local_call *call)
{
    struct err err = ERR_NONE;
    return done(call, localctl_stop(call->dir, &err), &err);
}

static int local_status(const struct local_call *call)
{
    struct err err = ERR_NONE;
    json_t *status = localctl_status(call->dir, &err);
    if (!status)
        return cli_fail(call->cli, &err);
    struct facts facts = {0};
    char duration[TEXT_SHORT], bytes[TEXT_SHORT];
    bool machine = output_is_json(call->cli);
    facts_text(&facts, "url", json_str(status, "url"));
    facts_text(&facts, "region", json_str(status, "region"));
    facts_text(&facts, "access_key_id", json_str(status, "access_key_id"));
    facts_text(&facts, "dir", json_str(status, "dir"));
    int64_t up = json_int(status, "uptime_ms", 0), rss = json_int(status, "rss_bytes", 0);
    if (machine) {
        facts_add(&facts, "pid", VALUE_COUNT, value_number(json_int(status, "pid", 0)));
        facts_add(&facts, "uptime_ms", VALUE_COUNT, value_number(up));
        facts_add(&facts, "rss_bytes", VALUE_COUNT, value_number(rss));
    } else {
        snprintf(bytes, sizeof bytes, "%lld", (long long)json_int(status, "pid", 0));
        facts_text(&facts, "pid", bytes);
        facts_text(&facts, "uptime", text_duration(up, duration));
        facts_text(&facts, "memory", text_bytes((uint64_t)rss, bytes));
    }
    facts_add(&facts, "explicit", VALUE_BOOL, value_number(json_bool(status, "explicit", false)));
    facts_add(&facts, "leases", VALUE_COUNT, value_number(json_int(status, "leases", 0)));
    facts_add(&facts, "connections", VALUE_COUNT, value_number(json_int(status, "connections", 0)));
    facts_add(&facts, "requests", VALUE_COUNT, value_number(json_int(status, "requests", 0)));
    facts_add(&facts, "faults", VALUE_COUNT, value_number(json_int(status, "faults", 0)));
    facts_print(call->cli, &facts);
    json_decref(status);
    return 0;
}

static int local_reset(const struct local_call *call)
{
    struct err err = ERR_NONE;
    if (call->cli->config->readonly)
        err_set(&err, ERR_REFUSED, "reset of the embedded cloud: refused, this session is read-only (--readonly)");
    if (err.code != ERR_OK ||
        !cli_confirm(call->cli, "Remove all buckets, objects and tables of the embedded cloud?", &err))
        return cli_fail(call->cli, &err);
    return done(call, localctl_reset(call->dir, &err), &err);
}

/* Shell exports, one per line and nothing else, so that eval $(weir local env) works with and without quotes. The one
 * place where the secret is printed, because another client needs it. An empty token hides that of another account. */
static int local_env(const struct local_call *call)
{
    struct err err = ERR_NONE;
    struct localctl_info info;
    char sdk[PATH_SIZE];
    struct localctl_options options = {.dir = call->dir, .is_explicit = true};
    if (!localctl_start(&options, &info, &err))
        return cli_fail(call->cli, &err);
    if (!localsdk_write(info.dir, info.url, sdk, &err)) {
        localctl_release(&info);
        return cli_fail(call->cli, &err);
    }
    printf("export AWS_ENDPOINT_URL=%s\nexport AWS_ACCESS_KEY_ID=%s\nexport AWS_SECRET_ACCESS_KEY=%s\n", info.url,
           info.access_key, info.secret_key);
    printf("export AWS_SESSION_TOKEN=\nexport AWS_REGION=%s\nexport AWS_DEFAULT_REGION=%s\n", info.region, info.region);
    printf("export AWS_DATA_PATH='%s'\n", sdk); /* clients of before AWS_ENDPOINT_URL: localsdk.h */
    localctl_release(&info);
    return 0;
}

struct coverage_line {
    const char *service, *operation, *state, *missing;
};
#define COVERAGE_GETTER(field)                                                                                         \
    static struct value coverage_##field(const void *row)                                                              \
    {                                                                                                                  \
        const struct coverage_line *line = row;                                                                        \
        return *line->field ? value_text(line->field) : value_state(VALUE_NONE);                                       \
    }
COVERAGE_GETTER(service)
COVERAGE_GETTER(operation)
COVERAGE_GETTER(state)
COVERAGE_GETTER(missing)
static const struct column coverage_columns[] = {
    {.id = "service", .title = "SERVICE", .kind = VALUE_TEXT, .get = coverage_service},
    {.id = "operation", .title = "OPERATION", .kind = VALUE_TEXT, .get = coverage_operation},
    {.id = "state", .title = "STATE", .kind = VALUE_TEXT, .get = coverage_state},
    {.id = "missing", .title = "MISSING", .kind = VALUE_TEXT, .get = coverage_missing},
    {.id = NULL},
};

static int local_coverage(const struct local_call *call)
{
    struct err err = ERR_NONE;
    struct localctl_info info;
    json_t *answer = localctl_ensure(call->dir, &info, &err) ? localctl_coverage(call->dir, &err) : NULL;
    if (!answer)
        return cli_fail(call->cli, &err);
    struct output *output = output_open(call->cli, coverage_columns, NULL);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "services"), i, item)
    {
        struct coverage_line line = {.service = json_str(item, "service"),
                                     .operation = json_str(item, "operation"),
                                     .state = json_str(item, "state"),
                                     .missing = json_str(item, "missing")};
        output_row(output, &line);
    }
    bool ok = output_close(output, &err);
    json_decref(answer);
    localctl_release(&info);
    return done(call, ok, &err);
}

static int local_logs(const struct local_call *call)
{
    struct err err = ERR_NONE;
    struct buf text = BUF_INIT(64 * 1024 * 1024), clean = BUF_INIT(64 * 1024 * 1024);
    bool ok = localctl_logs(call->dir, (int)call->options->lines, &text, &err);
    const char *line = buf_text(&text);
    while (ok && *line) {
        size_t len = strcspn(line, "\n");
        buf_clear(&clean);
        text_clean(line, len, &clean);
        puts(buf_text(&clean));
        line += len + (line[len] == '\n');
    }
    buf_done(&text);
    buf_done(&clean);
    return done(call, ok, &err);
}

static int fault_list(const struct local_call *call)
{
    struct err err = ERR_NONE;
    json_t *answer = localctl_fault_list(call->dir, &err);
    if (!answer)
        return cli_fail(call->cli, &err);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(answer, "faults"), i, item)
        printf("%lld  %s  (seen %lld, applied %lld)\n", (long long)json_int(item, "id", 0), json_str(item, "text"),
               (long long)json_int(item, "seen", 0), (long long)json_int(item, "applied", 0));
    json_decref(answer);
    return 0;
}

static int local_fault(const struct local_call *call)
{
    struct err err = ERR_NONE;
    if (call->argc == 0 || strcmp(call->argv[0], "list") == 0)
        return fault_list(call);
    if (strcmp(call->argv[0], "clear") == 0)
        return done(call, localctl_fault_clear(call->dir, call->argc > 1 ? atoll(call->argv[1]) : 0, &err), &err);
    struct buf text = BUF_INIT(4096);
    for (int i = 0; i < call->argc; i++)
        buf_printf(&text, "%s%s", i ? " " : "", call->argv[i]);
    int64_t id = 0;
    bool ok = localctl_fault_add(call->dir, buf_text(&text), &id, &err);
    if (ok)
        printf("fault %lld: %s\n", (long long)id, buf_text(&text));
    buf_done(&text);
    return done(call, ok, &err);
}

static const struct {
    const char *name;
    int (*run)(const struct local_call *call);
} local_verbs[] = {
    {"start", local_start}, {"stop", local_stop},         {"status", local_status}, {"reset", local_reset},
    {"env", local_env},     {"coverage", local_coverage}, {"logs", local_logs},     {"fault", local_fault},
};

static int local_run(struct cli *cli, const void *options, int argc, char **argv)
{
    struct local_call call = {.cli = cli,
                              .options = options,
                              .dir = *cli->config->local_dir ? cli->config->local_dir : NULL,
                              .argc = argc - 1,
                              .argv = argv + 1};
    for (size_t i = 0; i < sizeof local_verbs / sizeof *local_verbs; i++)
        if (strcmp(local_verbs[i].name, argv[0]) == 0)
            return local_verbs[i].run(&call);
    struct err err = ERR_NONE;
    err_set(&err, ERR_USAGE, "local %s: use start, stop, status, reset, env, coverage, logs or fault", argv[0]);
    return cli_fail(cli, &err);
}

const struct verb verb_local = {
    .name = "local",
    .arguments = "start|stop|status|reset|env|coverage|logs|fault [...]",
    .summary = "drive the embedded cloud",
    .help = "start     run it until stopped (without this it ends with its last client)\n"
            "stop      end it\n"
            "status    where it listens, since when, its memory\n"
            "reset     remove all its data (asks)\n"
            "env       shell exports that point any other client at it:  eval $(weir local env)\n"
            "coverage  every operation: done, partial (and what is missing), absent\n"
            "logs      its last log lines\n"
            "fault     list; clear [ID]; or add one, as in\n"
            "          weir local fault s3:GetObject 503 rate=0.2 delay=300ms count=10",
    .subverbs = "start|stop|status|reset|env|coverage|logs|fault",
    .options = local_opts,
    .options_size = sizeof(struct local_options),
    .min_args = 1,
    .max_args = -1,
    .run = local_run,
};
