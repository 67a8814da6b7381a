/* What a value looks like to people and in JSON, and how values sort. Pure; any thread. */
#include "backend/base/column.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include <locale.h>
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
    [VALUE_NULL] = {.shown = "NULL", .name = "null"},
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

/* A number as JSON wants it, bytes kept; what JSON has no number for (NaN, "1.") is a string. */
static void write_digits(const struct value *value, struct buf *out)
{
    const char *at = value->text, *end = value->text + value->len;
    size_t digits = 0;
    at += at < end && *at == '-';
    bool leading_zero = at + 1 < end && at[0] == '0' && at[1] >= '0' && at[1] <= '9';
    for (; at < end && *at >= '0' && *at <= '9'; at++)
        digits++;
    bool ok = digits > 0 && !leading_zero;
    if (at < end && *at == '.') {
        const char *part = ++at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        ok = ok && at > part;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        at += at < end && (*at == '-' || *at == '+');
        const char *power = at;
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        ok = ok && at > power;
    }
    if (ok && at == end)
        buf_append(out, value->text, value->len);
    else
        write_text(value, out);
}

static int compare_text(const struct value *a, const struct value *b)
{
    size_t len = a->len < b->len ? a->len : b->len;
    int order = len ? memcmp(a->text, b->text, len) : 0;
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Of "-0012.50e3": the sign, the digits before and after the point without what does not count, and the power of ten.
 */
struct decimal {
    bool is_negative;
    const char *whole, *part;
    size_t whole_len, part_len;
};

/* False for what is not a plain decimal number (an exponent, NaN, Infinity, no number at all). */
static bool parse_decimal(const char *text, size_t len, struct decimal *out)
{
    size_t at = 0;
    out->is_negative = len > 0 && text[0] == '-';
    at += len > 0 && (text[0] == '-' || text[0] == '+');
    size_t digits = at;
    while (at < len && text[at] == '0')
        at++;
    out->whole = text + at;
    while (at < len && text[at] >= '0' && text[at] <= '9')
        at++;
    out->whole_len = (size_t)(text + at - out->whole);
    digits = at - digits;
    at += at < len && text[at] == '.';
    out->part = text + at;
    while (at < len && text[at] >= '0' && text[at] <= '9')
        at++;
    out->part_len = (size_t)(text + at - out->part);
    digits += out->part_len;
    while (out->part_len > 0 && out->part[out->part_len - 1] == '0')
        out->part_len--;
    if (out->whole_len + out->part_len == 0)
        out->is_negative = false; /* there is one zero */
    return digits > 0 && at == len;
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t len = a_len < b_len ? a_len : b_len;
    int order = len ? memcmp(a, b, len) : 0;
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* Any number of digits, without rounding. */
static int compare_decimal(const struct decimal *a, const struct decimal *b)
{
    if (a->is_negative != b->is_negative)
        return a->is_negative ? -1 : 1;
    int order = (a->whole_len > b->whole_len) - (a->whole_len < b->whole_len);
    order = order ? order : compare_bytes(a->whole, a->whole_len, b->whole, b->whole_len);
    order = order ? order : compare_bytes(a->part, a->part_len, b->part, b->part_len);
    return a->is_negative ? -order : order;
}

/* Up to 15 digits are a whole double and up to 10^22 a power of ten exactly, so one division rounds once (Clinger's
 * fast path). False when the text is not that simple. */
static bool read_short_number(const char *text, size_t len, double *number)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    size_t at = len > 0 && text[0] == '-', digits = 0, behind = 0;
    int64_t whole = 0;
    bool has_point = false;
    for (; at < len && digits <= 15; at++) {
        if (text[at] == '.' && !has_point) {
            has_point = true;
            continue;
        }
        if (text[at] < '0' || text[at] > '9')
            return false;
        whole = whole * 10 + (text[at] - '0');
        digits++;
        behind += has_point;
    }
    if (at < len || digits == 0 || digits > 15)
        return false;
    *number = (double)whole / powers[behind];
    if (text[0] == '-')
        *number = -*number;
    return true;
}

bool value_digits(const char *text, size_t len, double *number)
{
    char copy[400]; /* the longest double written out in full has 1 + 309 digits; a decimal of Athena at most 40 */
    if (read_short_number(text, len, number))
        return true;
    if (len == 0 || len >= sizeof copy || !strchr("+-.0123456789NI", text[0]))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    char *point = strchr(copy, '.'), *end;
    if (point)
        *point = *localeconv()->decimal_point; /* strtod follows the locale */
    *number = strtod(copy, &end);
    return end == copy + len && !strpbrk(copy, "xX");
}

/* Numbers by value (NaN is the largest, as in Trino), then what is no number, bytewise. */
static int compare_digits(const struct value *a, const struct value *b)
{
    struct decimal left, right;
    if (parse_decimal(a->text, a->len, &left) && parse_decimal(b->text, b->len, &right))
        return compare_decimal(&left, &right);
    double x, y;
    bool a_is = value_digits(a->text, a->len, &x), b_is = value_digits(b->text, b->len, &y);
    if (!a_is || !b_is)
        return a_is != b_is ? b_is - a_is : compare_text(a, b);
    if (isnan(x) || isnan(y))
        return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
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

/* The first 8 bytes. */
static uint64_t key_text(const struct value *value)
{
    uint64_t key = 0;
    for (size_t i = 0; i < sizeof key; i++)
        key = key << 8 | (i < value->len ? (unsigned char)value->text[i] : 0);
    return key;
}

static uint64_t key_number(const struct value *value)
{
    return (uint64_t)value->number ^ (uint64_t)1 << 63;
}

/* IEEE 754 doubles order as their bits once negative ones are turned round; there is one zero and one NaN. */
static uint64_t key_double(double number)
{
    uint64_t bits;
    number = number == 0 ? 0 : isnan(number) ? (double)NAN : number;
    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static uint64_t key_fraction(const struct value *value)
{
    return key_double(value->fraction);
}

static uint64_t key_digits(const struct value *value)
{
    double number;
    return value_digits(value->text, value->len, &number) ? key_double(number) : UINT64_MAX;
}

static const struct kind_ops {
    void (*format)(const struct value *value, int64_t now_ms, struct buf *out);
    void (*write)(const struct value *value, struct buf *out);
    int (*compare)(const struct value *a, const struct value *b);
    uint64_t (*key)(const struct value *value);
    bool is_right, is_text;
} kinds[] = {
    [VALUE_TEXT] =
        {.format = format_text, .write = write_text, .compare = compare_text, .key = key_text, .is_text = true},
    [VALUE_COUNT] =
        {.format = format_count, .write = write_number, .compare = compare_number, .key = key_number, .is_right = true},
    [VALUE_BYTES] =
        {.format = format_bytes, .write = write_number, .compare = compare_number, .key = key_number, .is_right = true},
    [VALUE_AGE] =
        {.format = format_age, .write = write_time, .compare = compare_age, .key = key_number, .is_right = true},
    [VALUE_TIME] = {.format = format_time, .write = write_time, .compare = compare_number, .key = key_number},
    [VALUE_PERCENT] = {.format = format_percent,
                       .write = write_fraction,
                       .compare = compare_fraction,
                       .key = key_fraction,
                       .is_right = true},
    [VALUE_BOOL] = {.format = format_bool, .write = write_bool, .compare = compare_number, .key = key_number},
    [VALUE_DIGITS] = {.format = format_text,
                      .write = write_digits,
                      .compare = compare_digits,
                      .key = key_digits,
                      .is_right = true,
                      .is_text = true},
    [VALUE_STAMP] =
        {.format = format_text, .write = write_text, .compare = compare_text, .key = key_text, .is_text = true},
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
    if (value->state == VALUE_UNKNOWN || value->state == VALUE_NULL)
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

bool value_kind_is_text(enum value_kind kind)
{
    return kinds[kind].is_text;
}

uint64_t value_sort_key(const struct value *value, enum value_kind kind)
{
    return kinds[kind].key(value);
}

/* Two digits or more at text[*at]; -1 when there are none. */
static int64_t read_part(const char *text, size_t len, size_t *at)
{
    int64_t number = 0;
    size_t from = *at;
    for (; *at < len && *at - from < 6 && text[*at] >= '0' && text[*at] <= '9'; ++*at)
        number = number * 10 + (text[*at] - '0');
    return *at > from ? number : -1;
}

static bool read_three(const char *text, size_t len, size_t *at, char mark, int64_t parts[3])
{
    for (int i = 0; i < 3; i++) {
        parts[i] = read_part(text, len, at);
        if (parts[i] < 0 || (i < 2 && (*at >= len || text[(*at)++] != mark)))
            return false;
    }
    return true;
}

/* Days since 1970 in the proleptic Gregorian calendar: years start in March, so that the leap day is the last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400, of_era = year % 400, from_march = (month + 9) % 12;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * from_march + 2) / 5 + day - 1 - 719468;
}

bool value_stamp(const char *text, size_t len, int64_t *ms)
{
    int64_t date[3] = {1970, 1, 1}, time[3] = {0}, fraction = 0;
    size_t at = 0;
    bool has_date = len >= 5 && memchr(text, '-', 6 < len ? 6 : len);
    if (has_date &&
        (!read_three(text, len, &at, '-', date) || date[1] < 1 || date[1] > 12 || date[2] < 1 || date[2] > 31))
        return false;
    bool has_time = !has_date || (at < len && (text[at] == ' ' || text[at] == 'T'));
    at += has_date && has_time;
    if (has_time && !read_three(text, len, &at, ':', time))
        return false;
    if (has_time && at < len && text[at] == '.') {
        int64_t unit = 100;
        for (at++; at < len && text[at] >= '0' && text[at] <= '9' && unit > 0; at++, unit /= 10)
            fraction += (text[at] - '0') * unit;
    }
    *ms = ((days_of(date[0], date[1], date[2]) * 24 + time[0]) * 60 + time[1]) * 60000 + time[2] * 1000 + fraction;
    return true;
}
