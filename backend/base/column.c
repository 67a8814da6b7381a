/* What a value looks like to people and in JSON, and how values sort. Pure; any thread. */
#include "backend/base/column.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is shown instead of a value, and its name in JSON; both NULL when there is a value. */
static const struct state_row {
    const char *shown, *name;
} state_rows[] = {
    [VALUE_KNOWN] = {.shown = NULL},
    [VALUE_AT_LEAST] = {.shown = NULL},
    [VALUE_NONE] = {.shown = "-", .name = "none"},
    [VALUE_UNKNOWN] = {.shown = "?", .name = "unknown"},
    [VALUE_DENIED] = {.shown = "denied", .name = "denied"},
    [VALUE_TIMEOUT] = {.shown = "timeout", .name = "timeout"},
    [VALUE_FAILED] = {.shown = "failed", .name = "failed"},
};

struct value value_text(const char *text)
{
    if (!text)
        return value_state(VALUE_NONE);
    return value_bytes_text(text, strlen(text));
}

struct value value_bytes_text(const char *bytes, size_t len)
{
    return (struct value){.state = VALUE_KNOWN, .text = bytes, .len = len};
}

struct value value_number(int64_t number)
{
    return (struct value){.state = VALUE_KNOWN, .number = number};
}

struct value value_fraction(double fraction)
{
    if (!isfinite(fraction))
        return value_state(VALUE_UNKNOWN);
    return (struct value){.state = VALUE_KNOWN, .fraction = fraction};
}

struct value value_state(enum value_state state)
{
    return (struct value){.state = state};
}

struct value value_toned(struct value value, enum value_tone tone)
{
    value.tone = tone;
    return value;
}

static void format_text(const struct value *value, int64_t now_ms, struct buf *out)
{
    (void)now_ms;
    text_clean(value->text ? value->text : "", value->len, out);
}

static void format_count(const struct value *value, int64_t now_ms, struct buf *out)
{
    char text[TEXT_SHORT];
    (void)now_ms;
    buf_puts(out, text_count(value->number, text));
}

static void format_bytes(const struct value *value, int64_t now_ms, struct buf *out)
{
    char text[TEXT_SHORT];
    (void)now_ms;
    buf_puts(out, text_bytes(value->number < 0 ? 0 : (uint64_t)value->number, text));
}

/* Ages from a minute on are shown in whole minutes, so that a column of them does not flicker every second. */
static void format_age(const struct value *value, int64_t now_ms, struct buf *out)
{
    enum { MINUTE = 60000, SECOND = 1000 };
    char text[TEXT_SHORT];
    int64_t age = now_ms > value->number ? now_ms - value->number : 0; /* a server's clock may be ahead of ours */
    age -= age % (age >= MINUTE ? MINUTE : SECOND);
    buf_puts(out, text_duration(age, text));
}

static void format_time(const struct value *value, int64_t now_ms, struct buf *out)
{
    char text[TEXT_SHORT];
    (void)now_ms;
    buf_puts(out, text_time(value->number, text));
}

/* By integers: printf's %f follows the locale's decimal comma. */
static void format_percent(const struct value *value, int64_t now_ms, struct buf *out)
{
    (void)now_ms;
    if (fabs(value->fraction) > 1e12) {
        buf_printf(out, "%.3g%%", value->fraction * 100);
        return;
    }
    long long tenths = llround(value->fraction * 1000);
    buf_printf(out, "%s%lld.%lld%%", tenths < 0 ? "-" : "", llabs(tenths) / 10, llabs(tenths) % 10);
}

static void format_bool(const struct value *value, int64_t now_ms, struct buf *out)
{
    (void)now_ms;
    buf_puts(out, value->number ? "yes" : "no");
}

static void write_text(const struct value *value, struct buf *out)
{
    json_write_string(value->text ? value->text : "", value->len, out);
}

static void write_number(const struct value *value, struct buf *out)
{
    buf_printf(out, "%lld", (long long)value->number);
}

/* "2026-11-22T14:29:02.000Z" */
static void write_time(const struct value *value, struct buf *out)
{
    char text[TEXT_SHORT];
    text_time(value->number, text);
    char *gap = strchr(text, ' '), *zone = strchr(text, 'Z');
    if (!gap || !zone) {
        buf_puts(out, "null");
        return;
    }
    *gap = 'T';
    *zone = '\0';
    int ms = (int)(value->number % 1000);
    buf_printf(out, "\"%s.%03dZ\"", text, ms < 0 ? ms + 1000 : ms);
}

/* The shortest decimal that reads back as the same double, whatever the locale's decimal sign is. */
static void write_fraction(const struct value *value, struct buf *out)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value->fraction);
        if (strtod(text, NULL) == value->fraction)
            break;
    }
    for (char *at = text; *at; at++)
        if (!strchr("0123456789+-e", *at))
            *at = '.';
    buf_puts(out, isfinite(value->fraction) ? text : "null");
}

static void write_bool(const struct value *value, struct buf *out)
{
    buf_puts(out, value->number ? "true" : "false");
}

static int compare_text(const struct value *a, const struct value *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int order = len ? memcmp(a->text, b->text, len) : 0;
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_number(const struct value *a, const struct value *b)
{
    return (a->number > b->number) - (a->number < b->number);
}

static int compare_age(const struct value *a, const struct value *b)
{
    return compare_number(b, a); /* the later one is younger */
}

static int compare_fraction(const struct value *a, const struct value *b)
{
    return (a->fraction > b->fraction) - (a->fraction < b->fraction);
}

static const struct kind_ops {
    void (*format)(const struct value *value, int64_t now_ms, struct buf *out);
    void (*write)(const struct value *value, struct buf *out);
    int (*compare)(const struct value *a, const struct value *b);
    bool is_right;
} kinds[] = {
    [VALUE_TEXT] = {.format = format_text, .write = write_text, .compare = compare_text},
    [VALUE_COUNT] = {.format = format_count, .write = write_number, .compare = compare_number, .is_right = true},
    [VALUE_BYTES] = {.format = format_bytes, .write = write_number, .compare = compare_number, .is_right = true},
    [VALUE_AGE] = {.format = format_age, .write = write_time, .compare = compare_age, .is_right = true},
    [VALUE_TIME] = {.format = format_time, .write = write_time, .compare = compare_number},
    [VALUE_PERCENT] = {.format = format_percent,
                       .write = write_fraction,
                       .compare = compare_fraction,
                       .is_right = true},
    [VALUE_BOOL] = {.format = format_bool, .write = write_bool, .compare = compare_number},
};

bool value_format(const struct value *value, enum value_kind kind, int64_t now_ms, struct buf *out)
{
    const struct state_row *row = &state_rows[value->state];
    if (row->shown)
        return buf_puts(out, row->shown);
    kinds[kind].format(value, now_ms, out);
    if (value->state == VALUE_AT_LEAST)
        buf_putc(out, '+');
    return !out->failed;
}

bool value_write_json(const struct value *value, enum value_kind kind, struct buf *out)
{
    if (value->state == VALUE_UNKNOWN)
        return buf_puts(out, "null");
    if (state_rows[value->state].name)
        return buf_printf(out, "{\"state\":\"%s\"}", state_rows[value->state].name);
    if (value->state == VALUE_AT_LEAST)
        buf_puts(out, "{\"at_least\":");
    kinds[kind].write(value, out);
    if (value->state == VALUE_AT_LEAST)
        buf_putc(out, '}');
    return !out->failed;
}

int value_compare(const struct value *a, const struct value *b, enum value_kind kind)
{
    bool a_known = !state_rows[a->state].shown, b_known = !state_rows[b->state].shown;
    if (!a_known || !b_known)
        return a_known != b_known ? b_known - a_known : (int)a->state - (int)b->state;
    return kinds[kind].compare(a, b);
}

bool value_kind_is_right(enum value_kind kind)
{
    return kinds[kind].is_right;
}
