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

/* Ages from a minute on are shown in whole minutes, so that a column of them does not flicker every second. */
static void format_age(int64_t then_ms, int64_t now_ms, char out[TEXT_SHORT])
{
    enum { MINUTE = 60000, SECOND = 1000 };
    int64_t age = now_ms > then_ms ? now_ms - then_ms : 0; /* a server's clock may be ahead of ours */
    age -= age % (age >= MINUTE ? MINUTE : SECOND);
    text_duration(age, out);
}

/* By integers: printf's %f follows the locale's decimal comma. */
static void format_percent(double fraction, char out[TEXT_SHORT])
{
    if (fabs(fraction) > 1e12) {
        snprintf(out, TEXT_SHORT, "%.3g", fraction * 100);
        return;
    }
    long long tenths = llround(fraction * 1000);
    snprintf(out, TEXT_SHORT, "%s%lld.%lld%%", tenths < 0 ? "-" : "", llabs(tenths) / 10, llabs(tenths) % 10);
}

bool value_format(const struct value *value, enum value_kind kind, int64_t now_ms, struct buf *out)
{
    char text[TEXT_SHORT] = "";
    const struct state_row *row = &state_rows[value->state];
    if (row->shown)
        return buf_puts(out, row->shown);
    switch (kind) {
    case VALUE_TEXT:
        text_clean(value->text ? value->text : "", value->len, out);
        break;
    case VALUE_COUNT:
        text_count(value->number, text);
        break;
    case VALUE_BYTES:
        text_bytes(value->number < 0 ? 0 : (uint64_t)value->number, text);
        break;
    case VALUE_AGE:
        format_age(value->number, now_ms, text);
        break;
    case VALUE_TIME:
        text_time(value->number, text);
        break;
    case VALUE_PERCENT:
        format_percent(value->fraction, text);
        break;
    case VALUE_BOOL:
        buf_puts(out, value->number ? "yes" : "no");
        break;
    }
    buf_puts(out, text);
    if (value->state == VALUE_AT_LEAST)
        buf_putc(out, '+');
    return !out->failed;
}

/* "2026-11-22T14:29:02.000Z" */
static bool write_time(int64_t wall_ms, struct buf *out)
{
    char text[TEXT_SHORT];
    text_time(wall_ms, text);
    char *gap = strchr(text, ' '), *zone = strchr(text, 'Z');
    if (!gap || !zone)
        return buf_puts(out, "null");
    *gap = 'T';
    *zone = '\0';
    int ms = (int)(wall_ms % 1000 < 0 ? wall_ms % 1000 + 1000 : wall_ms % 1000);
    return buf_printf(out, "\"%s.%03dZ\"", text, ms);
}

/* The shortest decimal that reads back as the same double, whatever the locale's decimal sign is. */
static bool write_double(double number, struct buf *out)
{
    char text[40];
    if (!isfinite(number))
        return buf_puts(out, "null");
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    for (char *at = text; *at; at++)
        if (!strchr("0123456789+-e", *at))
            *at = '.';
    return buf_puts(out, text);
}

static bool write_known(const struct value *value, enum value_kind kind, struct buf *out)
{
    switch (kind) {
    case VALUE_TEXT:
        return json_write_string(value->text ? value->text : "", value->len, out);
    case VALUE_AGE:
    case VALUE_TIME:
        return write_time(value->number, out);
    case VALUE_PERCENT:
        return write_double(value->fraction, out);
    case VALUE_BOOL:
        return buf_puts(out, value->number ? "true" : "false");
    case VALUE_COUNT:
    case VALUE_BYTES:
        break;
    }
    return buf_printf(out, "%lld", (long long)value->number);
}

bool value_write_json(const struct value *value, enum value_kind kind, struct buf *out)
{
    if (value->state == VALUE_UNKNOWN)
        return buf_puts(out, "null");
    if (state_rows[value->state].name)
        return buf_printf(out, "{\"state\":\"%s\"}", state_rows[value->state].name);
    if (value->state == VALUE_KNOWN)
        return write_known(value, kind, out);
    buf_puts(out, "{\"at_least\":");
    write_known(value, kind, out);
    return buf_putc(out, '}');
}

static int compare_text(const struct value *a, const struct value *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int order = len ? memcmp(a->text, b->text, len) : 0;
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

int value_compare(const struct value *a, const struct value *b, enum value_kind kind)
{
    bool a_known = !state_rows[a->state].shown, b_known = !state_rows[b->state].shown;
    if (!a_known || !b_known)
        return a_known != b_known ? b_known - a_known : (int)a->state - (int)b->state;
    if (kind == VALUE_TEXT)
        return compare_text(a, b);
    if (kind == VALUE_PERCENT)
        return (a->fraction > b->fraction) - (a->fraction < b->fraction);
    int order = (a->number > b->number) - (a->number < b->number);
    return kind == VALUE_AGE ? -order : order;
}

bool value_kind_is_right(enum value_kind kind)
{
    return kind == VALUE_COUNT || kind == VALUE_BYTES || kind == VALUE_AGE || kind == VALUE_PERCENT;
}
