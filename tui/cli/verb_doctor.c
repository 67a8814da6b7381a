/* weir doctor: what works, what does not, and what to do about it. One row per check, then one per permission. */
#include "backend/aws/sts.h"
#include "backend/base/text.h"
#include "backend/domain/permission.h"
#include "backend/domain/zones.h"
#include "tui/cli/output.h"
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum doctor_state { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL, DOCTOR_UNKNOWN };
enum { SKEW_WARN_MS = 60 * 1000, EXPIRY_WARN_MS = 15 * 60 * 1000 };

struct doctor_options {
    bool policy;
};
static const struct opt doctor_opts[] = {
    {.name = "policy",
     .kind = OPT_BOOL,
     .offset = offsetof(struct doctor_options, policy),
     .help = "print the smallest policy that the panes need, and nothing else"},
    {.name = NULL},
};

struct doctor_line {
    char check[64];
    enum doctor_state state;
    char detail[400];
};
struct doctor {
    struct cli *cli;
    struct output *output;
    struct aws *aws; /* NULL: not connected */
    char bucket[64];
    struct err worst;
};

static struct value line_check(const void *row)
{
    return value_text(((const struct doctor_line *)row)->check);
}

static struct value line_state(const void *row)
{
    static const char *const words[] = {"ok", "warn", "fail", "unknown"};
    static const enum value_tone tones[] = {TONE_OK, TONE_WARN, TONE_FAIL, TONE_DIM};
    enum doctor_state state = ((const struct doctor_line *)row)->state;
    return value_toned(value_text(words[state]), tones[state]);
}

static struct value line_detail(const void *row)
{
    return value_text(((const struct doctor_line *)row)->detail);
}

static const struct column doctor_columns[] = {
    {.id = "check", .title = "CHECK", .kind = VALUE_TEXT, .get = line_check},
    {.id = "state", .title = "STATE", .kind = VALUE_TEXT, .get = line_state},
    {.id = "detail", .title = "DETAIL", .kind = VALUE_TEXT, .flex = true, .get = line_detail},
    {.id = NULL},
};

static void say(struct doctor *doctor, const char *check, enum doctor_state state, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void say(struct doctor *doctor, const char *check, enum doctor_state state, const char *format, ...)
{
    struct doctor_line line = {.state = state};
    va_list args;
    snprintf(line.check, sizeof line.check, "%s", check);
    va_start(args, format);
    vsnprintf(line.detail, sizeof line.detail, format, args);
    va_end(args);
    output_row(doctor->output, &line);
}

static void say_error(struct doctor *doctor, const char *check, const struct err *err)
{
    say(doctor, check, DOCTOR_FAIL, "%s", err->text);
    if (doctor->worst.code == ERR_OK)
        doctor->worst = *err;
}

static void check_terminal(struct doctor *doctor)
{
    const char *term = getenv("TERM");
    struct winsize size = {0};
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    bool has_size = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    const char *color = getenv("COLORTERM");
    bool is_dumb = !term || !*term || strcmp(term, "dumb") == 0;
    say(doctor, "terminal", is_dumb || !utf8 ? DOCTOR_WARN : DOCTOR_OK, "TERM %s, %s%s%s, %s",
        term ? term : "is not set", utf8 ? "UTF-8" : "no UTF-8 locale: lines are drawn in ASCII",
        color ? ", COLORTERM " : "", color ? color : "", has_size ? "size known" : "no terminal here");
}

static void check_target(struct doctor *doctor)
{
    const struct config *config = doctor->cli->config;
    char url[CONFIG_URL];
    bool is_custom = false;
    struct err err = ERR_NONE;
    if (session_is_embedded(doctor->cli->session))
        say(doctor, "target", DOCTOR_OK, "the embedded cloud");
    else if (config_endpoint(config, "s3", url, &is_custom, &err))
        say(doctor, "target", DOCTOR_OK, "profile %s, %s%s", *config->profile ? config->profile : "default", url,
            is_custom ? " (set by you)" : "");
    else
        say_error(doctor, "target", &err);
}

static void check_credentials(struct doctor *doctor)
{
    struct err err = ERR_NONE;
    const struct creds *creds = aws_credentials(doctor->aws, &err);
    if (!creds) {
        say_error(doctor, "credentials", &err);
        return;
    }
    char left[TEXT_SHORT] = "";
    int64_t left_ms = creds->expires_ms - clock_wall(&clock_system);
    size_t len = strlen(creds->access_key);
    if (creds->expires_ms)
        text_duration(left_ms > 0 ? left_ms : 0, left);
    say(doctor, "credentials", creds->expires_ms && left_ms < EXPIRY_WARN_MS ? DOCTOR_WARN : DOCTOR_OK,
        "%s, key ...%s%s%s", creds->source, creds->access_key + (len > 4 ? len - 4 : 0),
        creds->expires_ms ? ", expires in " : ", do not expire", left);
    creds_put(creds);
}

static void check_identity(struct doctor *doctor)
{
    struct err err = ERR_NONE;
    struct sts_identity identity;
    int64_t start = clock_mono(&clock_system);
    if (!sts_get_caller_identity(doctor->aws, &doctor->cli->cancel, &identity, &err)) {
        say_error(doctor, "reachability", &err);
        return;
    }
    say(doctor, "reachability", DOCTOR_OK, "answered in %lld ms", (long long)(clock_mono(&clock_system) - start));
    say(doctor, "identity", DOCTOR_OK, "account %s, %s", identity.account, identity.arn);
}

static void check_clock(struct doctor *doctor)
{
    char text[TEXT_SHORT];
    int64_t skew = aws_clock_skew_ms(doctor->aws);
    if (skew == INT64_MIN)
        say(doctor, "clock", DOCTOR_UNKNOWN, "no answer told the server's time");
    else
        say(doctor, "clock", llabs(skew) > SKEW_WARN_MS ? DOCTOR_WARN : DOCTOR_OK, "%s from the server's%s",
            text_duration(llabs(skew), text),
            llabs(skew) > SKEW_WARN_MS ? ": calls are signed with the server's time; set this machine's clock" : "");
}

static void check_lake(struct doctor *doctor)
{
    struct err err = ERR_NONE;
    if (zones_choose_bucket(doctor->cli->session, &doctor->cli->cancel, doctor->bucket, &err) && *doctor->bucket)
        say(doctor, "lake", DOCTOR_OK, "bucket %s", doctor->bucket);
    else if (err.code == ERR_OK)
        say(doctor, "lake", DOCTOR_WARN, "no bucket could be chosen: set --bucket, or weir run makes the demo lake");
    else
        say_error(doctor, "lake", &err);
}

static void check_permissions(struct doctor *doctor)
{
    for (const struct permission_row *row = permission_rows; row->pane; row++) {
        char check[64];
        struct err err = ERR_NONE;
        snprintf(check, sizeof check, "%s %s", row->pane, row->action);
        if (!row->probe || !*doctor->bucket)
            say(doctor, check, DOCTOR_UNKNOWN, "%s: %s", row->purpose,
                row->probe ? "no bucket to try it on" : "cannot be tried without changing something");
        else if (row->probe(doctor->aws, doctor->bucket, &doctor->cli->cancel, &err))
            say(doctor, check, DOCTOR_OK, "%s", row->purpose);
        else if (err.code == ERR_DENIED)
            say_error(doctor, check, &err);
        else
            say(doctor, check, DOCTOR_UNKNOWN, "%s: %s", row->purpose, err.text);
    }
}

static int doctor_run(struct cli *cli, const void *data, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const struct doctor_options *options = data;
    struct err err = ERR_NONE;
    if (options->policy) {
        struct buf policy = BUF_INIT(64 * 1024);
        permission_policy(NULL, cli->config->bucket, true, &policy);
        fputs(buf_text(&policy), stdout);
        buf_done(&policy);
        return 0;
    }
    if (!cli_session(cli, &err))
        return cli_fail(cli, &err);
    struct doctor doctor = {.cli = cli, .output = output_open(cli, doctor_columns, NULL)};
    check_terminal(&doctor);
    check_target(&doctor);
    doctor.aws = cli_aws(cli, &err);
    if (!doctor.aws) {
        say_error(&doctor, "connection", &err);
    } else {
        check_credentials(&doctor);
        check_identity(&doctor);
        check_clock(&doctor);
        check_lake(&doctor);
        check_permissions(&doctor);
    }
    if (!output_close(doctor.output, &err))
        return cli_fail(cli, &err);
    return err_exit_code(&doctor.worst);
}

const struct verb verb_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "check credentials, reachability, clock, terminal, permissions",
    .help = "Tries everything once and says what it found: ok, warn, fail or unknown. Nothing is changed. Exit status "
            "0 when nothing "
            "failed,\nelse that of the first failure.",
    .options = doctor_opts,
    .options_size = sizeof(struct doctor_options),
    .run = doctor_run,
};
