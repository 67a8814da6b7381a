/* Texts as values of Hive's lazy objects, as Trino's hive-formats reads them (recorded from a running Trino in
 * tests/data/athena/serde.json): dates and times roll over ("2024-13-01" is 2025-01-01), numbers have Java's forms. */
#include "backend/sql/sqlfn.h"
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 6, DOUBLE_TEXT_MAX = 400 };

static void trim(const char **text, size_t *len)
{
    while (*len && isspace((unsigned char)**text)) {
        ++*text;
        --*len;
    }
    while (*len && isspace((unsigned char)(*text)[*len - 1]))
        --*len;
}

/* One to `most` digits at *at. */
static bool read_number(const char **at, const char *end, int most, int64_t *value)
{
    const char *start = *at;
    *value = 0;
    while (*at < end && isdigit((unsigned char)**at) && *at - start < most)
        *value = 10 * *value + (*(*at)++ - '0');
    return *at > start;
}

static bool read_char(const char **at, const char *end, char wanted)
{
    bool is_there = *at < end && **at == wanted;
    *at += is_there;
    return is_there;
}

/* Days since 1970 of a month's first day; months outside 1 to 12 are those of other years. Source: H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_of_month(int64_t year, int64_t month)
{
    year += (month - 1) / 12;
    month = (month - 1) % 12 + 1;
    if (month < 1) {
        month += 12;
        year--;
    }
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t day = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719468;
}

static bool read_day(const char **at, const char *end, int64_t *days)
{
    int64_t year, month, day;
    if (!read_number(at, end, DIGITS_MAX - 1, &year) || !read_char(at, end, '-') || !read_number(at, end, 2, &month) ||
        !read_char(at, end, '-') || !read_number(at, end, 2, &day))
        return false;
    *days = days_of_month(year, month) + day - 1;
    return true;
}

bool sqlfn_lazy_date(const char *text, size_t len, int64_t *days)
{
    trim(&text, &len);
    const char *end = text + len;
    return read_day(&text, end, days) && (text == end || *text == ' '); /* a time behind it does not matter */
}

/* The fraction rounded to milliseconds, in microseconds. */
static int64_t read_fraction(const char **at, const char *end)
{
    int64_t micros = 0, unit = 100000;
    for (; *at < end && isdigit((unsigned char)**at); ++*at, unit /= 10)
        micros += (**at - '0') * unit;
    return (micros + 500) / 1000 * 1000;
}

bool sqlfn_lazy_timestamp(const char *text, size_t len, int64_t *micros)
{
    int64_t days, hour, minute, second;
    trim(&text, &len);
    const char *at = text, *end = text + len;
    if (!read_day(&at, end, &days) || (!read_char(&at, end, ' ') && !read_char(&at, end, 'T')) ||
        !read_number(&at, end, 2, &hour) || !read_char(&at, end, ':') || !read_number(&at, end, 2, &minute) ||
        !read_char(&at, end, ':') || !read_number(&at, end, 2, &second))
        return false;
    *micros = (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000000;
    if (read_char(&at, end, '.'))
        *micros += read_fraction(&at, end);
    return at == end;
}

bool sqlfn_lazy_long(const char *text, size_t len, int64_t *value)
{
    const char *at = text, *end = text + len;
    bool is_negative = read_char(&at, end, '-');
    uint64_t limit = (uint64_t)INT64_MAX + is_negative, sum = 0;
    if (!is_negative)
        read_char(&at, end, '+');
    const char *digits = at;
    for (; at < end && isdigit((unsigned char)*at); at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (sum > (limit - digit) / 10)
            return false;
        sum = 10 * sum + digit;
    }
    bool any = at > digits;
    if (read_char(&at, end, '.'))
        for (; at < end && isdigit((unsigned char)*at); at++)
            any = true;
    *value = is_negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return any && at == end;
}

/* Java's Double.parseDouble: a suffix d or f, hexadecimal, NaN and Infinity by these names alone. */
bool sqlfn_lazy_double(const char *text, size_t len, double *value)
{
    char copy[DOUBLE_TEXT_MAX], *end;
    trim(&text, &len);
    if (len == 0 || len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    const char *bare = copy + (*copy == '-' || *copy == '+');
    bool is_hex = bare[0] == '0' && (bare[1] == 'x' || bare[1] == 'X');
    if (strcmp(bare, "NaN") == 0 || strcmp(bare, "Infinity") == 0) {
        *value = *bare == 'N' ? NAN : *copy == '-' ? -INFINITY : INFINITY;
        return true;
    }
    if (len > 1 && strchr("dDfF", copy[len - 1]) && !is_hex)
        copy[--len] = '\0';
    if (!isdigit((unsigned char)*bare) && *bare != '.')
        return false;
    *value = strtod(copy, &end);
    return end == copy + len && (!is_hex || strpbrk(copy, "pP"));
}

/* ---- as functions of the engine */

static bool lazy_date(struct sqlfn_call *call)
{
    int64_t days = 0;
    call->is_null = !sqlfn_lazy_date(call->args[0].bytes, call->args[0].len, &days);
    call->out.number = days * 86400 * 1000000;
    return true;
}

static bool lazy_timestamp(struct sqlfn_call *call)
{
    call->is_null = !sqlfn_lazy_timestamp(call->args[0].bytes, call->args[0].len, &call->out.number);
    return true;
}

static bool lazy_long(struct sqlfn_call *call)
{
    call->is_null = !sqlfn_lazy_long(call->args[0].bytes, call->args[0].len, &call->out.number);
    return true;
}

static bool lazy_double(struct sqlfn_call *call)
{
    call->is_null = !sqlfn_lazy_double(call->args[0].bytes, call->args[0].len, &call->out.real);
    return true;
}

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c == '-' ? '+' : c == '_' ? '/' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Base64 with spaces and without padding; a text that is none is its own bytes. Source: commons-codec's Base64, which
 * LazyBinary asks. */
static bool lazy_binary(struct sqlfn_call *call)
{
    const char *text = call->args[0].bytes;
    size_t len = call->args[0].len;
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < len; i++) {
        if (base64_digit(text[i]) < 0 && text[i] != '=' && !isspace((unsigned char)text[i]))
            return buf_append(call->text, text, len);
    }
    for (size_t i = 0; i < len && text[i] != '='; i++) {
        int digit = base64_digit(text[i]);
        if (digit < 0)
            continue;
        bits = (bits << 6 | (unsigned)digit) & 0xffffff;
        if (++count % 4 != 1)
            buf_putc(call->text, (char)(bits >> (6 - 2 * ((count - 1) % 4)) & 0xff));
    }
    return true;
}

const struct sqlfn sqlfn_lazy[] = {
    {.name = "weir_lazy_date", .params = "s", .result = 't', .call = lazy_date},
    {.name = "weir_lazy_timestamp", .params = "s", .result = 't', .call = lazy_timestamp},
    {.name = "weir_lazy_long", .params = "s", .result = 'i', .call = lazy_long},
    {.name = "weir_lazy_double", .params = "s", .result = 'd', .call = lazy_double},
    {.name = "weir_lazy_binary", .params = "s", .result = 'x', .call = lazy_binary},
    {.name = NULL},
};
