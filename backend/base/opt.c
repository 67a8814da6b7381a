/* Option rows at work: checking, setting, printing. Reading the command line is in opt_argv.c. Called at start, on the
 * main thread; the rows are constant. */
#include "backend/base/opt.h"
#include "backend/base/text.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void *field_of(const struct opt *row, void *options)
{
    return (char *)options + row->offset;
}

static bool wrong(const struct opt *row, const char *text, struct err *err, const char *allowed)
{
    return err_set(err, ERR_CONFIG, "%s: \"%.60s\" is not allowed: %s", row->name, text, allowed);
}

static bool set_bool(const struct opt *row, void *field, const char *text, struct err *err)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        bool is_yes = strcasecmp(text, yes[i]) == 0;
        if (is_yes || strcasecmp(text, no[i]) == 0) {
            *(bool *)field = is_yes;
            return true;
        }
    }
    return wrong(row, text, err, "use true or false");
}

static bool set_text(const struct opt *row, void *field, const char *text, struct err *err)
{
    char allowed[48];
    if (strlen(text) >= row->size) {
        snprintf(allowed, sizeof allowed, "at most %zu bytes", row->size - 1);
        return wrong(row, text, err, allowed);
    }
    strcpy(field, text);
    return true;
}

static bool is_choice(const char *choices, const char *text)
{
    size_t len = strlen(text);
    for (const char *at = choices; *at && len;) {
        size_t choice_len = strcspn(at, "|");
        if (choice_len == len && memcmp(at, text, len) == 0)
            return true;
        at += choice_len + (at[choice_len] == '|');
    }
    return false;
}

static bool set_enum(const struct opt *row, void *field, const char *text, struct err *err)
{
    char allowed[128];
    if (is_choice(row->choices, text))
        return set_text(row, field, text, err);
    snprintf(allowed, sizeof allowed, "use one of %s", row->choices);
    return wrong(row, text, err, allowed);
}

static bool parse_int(const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return end != text && !*end && !errno && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

static bool parse_bytes(const char *text, int64_t *number)
{
    uint64_t bytes;
    if (!text_parse_bytes(text, &bytes))
        return false;
    *number = (int64_t)bytes;
    return true;
}

static bool parse_duration(const char *text, int64_t *number)
{
    char seconds[32];
    if (text_parse_duration(text, number))
        return true;
    size_t len = strlen(text);
    if (len + 2 > sizeof seconds)
        return false;
    memcpy(seconds, text, len);
    strcpy(seconds + len, "s");
    return text_parse_duration(seconds, number);
}

static void format_int(int64_t number, struct buf *out)
{
    buf_printf(out, "%lld", (long long)number);
}

static void format_duration(int64_t ms, struct buf *out)
{
    static const struct unit {
        const char *name;
        int64_t ms;
    } units[] = {
        {.name = "d", .ms = 86400000},
        {.name = "h", .ms = 3600000},
        {.name = "m", .ms = 60000},
        {.name = "s", .ms = 1000},
    };
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (ms && ms % units[i].ms == 0) {
            buf_printf(out, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
            return;
        }
    }
    buf_printf(out, "%lldms", (long long)ms);
}

/* How each kind of number is read and written. */
static const struct number_kind {
    bool (*parse)(const char *text, int64_t *number);
    void (*format)(int64_t number, struct buf *out);
    const char *form;
} number_kinds[] = {
    [OPT_INT] = {.parse = parse_int, .format = format_int, .form = "a whole number"},
    [OPT_BYTES] = {.parse = parse_bytes, .format = format_int, .form = "a size such as 512k, 8MiB"},
    [OPT_DURATION_MS] = {.parse = parse_duration, .format = format_duration, .form = "a time such as 500ms, 30s, 5m"},
};

static bool set_number(const struct opt *row, void *field, const char *text, struct err *err)
{
    const struct number_kind *kind = &number_kinds[row->kind];
    int64_t number;
    bool bounded = row->min || row->max;
    if (kind->parse(text, &number) && (!bounded || (number >= row->min && number <= row->max))) {
        *(int64_t *)field = number;
        return true;
    }
    struct buf allowed = BUF_INIT(200);
    buf_printf(&allowed, "use %s", kind->form);
    if (bounded) {
        buf_puts(&allowed, ", from ");
        kind->format(row->min, &allowed);
        buf_puts(&allowed, " to ");
        kind->format(row->max, &allowed);
    }
    wrong(row, text, err, buf_text(&allowed));
    buf_done(&allowed);
    return false;
}

bool opt_set(const struct opt *row, void *options, const char *text, struct err *err)
{
    static bool (*const setters[])(const struct opt *row, void *field, const char *text, struct err *err) = {
        [OPT_BOOL] = set_bool, [OPT_INT] = set_number,   [OPT_TEXT] = set_text,
        [OPT_ENUM] = set_enum, [OPT_BYTES] = set_number, [OPT_DURATION_MS] = set_number,
    };
    return setters[row->kind](row, field_of(row, options), text, err);
}

static void set_zero(const struct opt *row, void *field)
{
    if (row->kind == OPT_BOOL)
        *(bool *)field = false;
    else if (row->kind == OPT_TEXT || row->kind == OPT_ENUM)
        *(char *)field = '\0';
    else
        *(int64_t *)field = 0;
}

void opt_defaults(const struct opt *rows, void *options)
{
    for (const struct opt *row = rows; row->name; row++) {
        struct err err;
        if (!row->fallback) {
            set_zero(row, field_of(row, options));
        } else if (!opt_set(row, options, row->fallback, &err)) {
            fprintf(stderr, "weir: the default of an option is wrong: %s\n", err.text);
            abort(); /* the row is ours */
        }
    }
}

bool opt_from_env(const struct opt *rows, void *options, struct err *err)
{
    for (const struct opt *row = rows; row->name; row++) {
        const char *text = row->env ? getenv(row->env) : NULL;
        if (text && *text && !opt_set(row, options, text, err))
            return err_prefix(err, "environment variable %s", row->env);
    }
    return true;
}

const struct opt *opt_find(const struct opt *rows, const char *section, const char *name)
{
    for (const struct opt *row = rows; row->name; row++)
        if (strcmp(row->name, name) == 0 && (!section || (row->section && strcmp(row->section, section) == 0)))
            return row;
    return NULL;
}

bool opt_format(const struct opt *row, const void *options, struct buf *out)
{
    const void *field = (const char *)options + row->offset;
    if (row->kind == OPT_BOOL)
        return buf_puts(out, *(const bool *)field ? "true" : "false");
    if (row->kind == OPT_TEXT || row->kind == OPT_ENUM)
        return buf_puts(out, field);
    number_kinds[row->kind].format(*(const int64_t *)field, out);
    return !out->failed;
}

static void put_flags(const struct opt *row, struct buf *out)
{
    if (row->letter)
        buf_printf(out, "  -%c, --%s", row->letter, row->name);
    else
        buf_printf(out, "      --%s", row->name);
    if (row->value)
        buf_printf(out, " %s", row->value);
}

static void put_help(const struct opt *row, struct buf *out)
{
    buf_puts(out, row->help ? row->help : "");
    if (row->choices)
        buf_printf(out, ": %s", row->choices);
    if (row->fallback && *row->fallback && !(row->kind == OPT_BOOL && strcmp(row->fallback, "false") == 0))
        buf_printf(out, " (default %s)", row->fallback);
    buf_putc(out, '\n');
}

bool opt_help(const struct opt *rows, struct buf *out)
{
    enum { LEFT_MAX = 32 };
    size_t left = 0;
    struct buf flags = BUF_INIT(256);
    for (const struct opt *row = rows; row->name; row++) {
        buf_clear(&flags);
        put_flags(row, &flags);
        if (flags.len > left && flags.len <= LEFT_MAX)
            left = flags.len;
    }
    for (const struct opt *row = rows; row->name; row++) {
        buf_clear(&flags);
        put_flags(row, &flags);
        buf_printf(out, "%-*s", (int)left + 3, buf_text(&flags));
        if (flags.len > left)
            buf_printf(out, "\n%-*s", (int)left + 3, "");
        put_help(row, out);
    }
    buf_done(&flags);
    return !out->failed;
}
