/* Time patterns: MySQL's of date_format and date_parse, Joda's of format_datetime and parse_datetime, ISO 8601. A
 * pattern letter that is not supported is refused by name. Source: Trino documentation, "Date and time functions";
 * Joda-Time DateTimeFormat. */
#include "backend/sql/sqlfn.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};
static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

/* --- the calendar --- */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void civil_from_days(int64_t day, struct sqlfn_clock *clock)
{
    day += 719468;
    int64_t era = (day >= 0 ? day : day - 146096) / 146097, of_era = day - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), shifted = (5 * of_year + 2) / 153;
    clock->day = (int)(of_year - (153 * shifted + 2) / 5 + 1);
    clock->month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    clock->year = (int)(year + era * 400 + (clock->month <= 2));
}

void sqlfn_clock_of(int64_t micros, struct sqlfn_clock *clock)
{
    int64_t day = micros / 86400000000, rest = micros % 86400000000;
    if (rest < 0) {
        rest += 86400000000;
        day--;
    }
    civil_from_days(day, clock);
    clock->hour = (int)(rest / 3600000000);
    clock->minute = (int)(rest / 60000000 % 60);
    clock->second = (int)(rest / 1000000 % 60);
    clock->micro = (int)(rest % 1000000);
    clock->weekday = (int)(((day + 3) % 7 + 7) % 7) + 1;
    clock->year_day = (int)(day - days_from_civil(clock->year, 1, 1)) + 1;
    int64_t thursday = day - clock->weekday + 4; /* the week's year is its Thursday's */
    struct sqlfn_clock of_week;
    civil_from_days(thursday, &of_week);
    clock->iso_year = of_week.year;
    clock->iso_week = (int)((thursday - days_from_civil(of_week.year, 1, 1)) / 7) + 1;
}

bool sqlfn_micros_of(const struct sqlfn_clock *clock, int64_t *micros)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (clock->year % 4 == 0 && clock->year % 100 != 0) || clock->year % 400 == 0;
    if (clock->month < 1 || clock->month > 12 || clock->day < 1 ||
        clock->day > lengths[clock->month - 1] + (clock->month == 2 && leap) || clock->hour > 23 ||
        clock->minute > 59 || clock->second > 59)
        return false;
    int64_t seconds = days_from_civil(clock->year, clock->month, clock->day) * 86400 + clock->hour * 3600 +
                      clock->minute * 60 + clock->second;
    *micros = seconds * 1000000 + clock->micro;
    return true;
}

static int hour12(const struct sqlfn_clock *clock)
{
    return clock->hour % 12 ? clock->hour % 12 : 12;
}

/* --- MySQL's --- */
static bool mysql_letter(struct sqlfn_call *call, char letter, const struct sqlfn_clock *c)
{
    struct buf *out = call->text;
    switch (letter) {
    case 'a':
        return buf_printf(out, "%.3s", days[c->weekday - 1]);
    case 'b':
        return buf_printf(out, "%.3s", months[c->month - 1]);
    case 'c':
        return buf_printf(out, "%d", c->month);
    case 'd':
        return buf_printf(out, "%02d", c->day);
    case 'e':
        return buf_printf(out, "%d", c->day);
    case 'f':
        return buf_printf(out, "%06d", c->micro / 1000 * 1000);
    case 'H':
        return buf_printf(out, "%02d", c->hour);
    case 'h':
    case 'I':
        return buf_printf(out, "%02d", hour12(c));
    case 'i':
        return buf_printf(out, "%02d", c->minute);
    case 'j':
        return buf_printf(out, "%03d", c->year_day);
    case 'k':
        return buf_printf(out, "%d", c->hour);
    case 'l':
        return buf_printf(out, "%d", hour12(c));
    case 'M':
        return buf_puts(out, months[c->month - 1]);
    case 'm':
        return buf_printf(out, "%02d", c->month);
    case 'p':
        return buf_puts(out, c->hour < 12 ? "AM" : "PM");
    case 'r':
        return buf_printf(out, "%02d:%02d:%02d %s", hour12(c), c->minute, c->second, c->hour < 12 ? "AM" : "PM");
    case 'S':
    case 's':
        return buf_printf(out, "%02d", c->second);
    case 'T':
        return buf_printf(out, "%02d:%02d:%02d", c->hour, c->minute, c->second);
    case 'v':
        return buf_printf(out, "%02d", c->iso_week);
    case 'W':
        return buf_puts(out, days[c->weekday - 1]);
    case 'x':
        return buf_printf(out, "%04d", c->iso_year);
    case 'Y':
        return buf_printf(out, "%04d", c->year);
    case 'y':
        return buf_printf(out, "%02d", c->year % 100);
    case '%':
        return buf_putc(out, '%');
    default:
        if (strchr("DUuVwX", letter))
            return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "%%%c not supported in date format string", letter);
        return buf_putc(out, letter);
    }
}

static bool date_format(struct sqlfn_call *call)
{
    struct sqlfn_clock clock;
    const struct sqlfn_value *format = &call->args[1];
    sqlfn_clock_of(call->args[0].number, &clock);
    for (size_t i = 0; i < format->len; i++) {
        if (format->bytes[i] != '%' || i + 1 == format->len)
            buf_putc(call->text, format->bytes[i]);
        else if (!mysql_letter(call, format->bytes[++i], &clock))
            return false;
    }
    return true;
}

/* --- reading --- */
struct reading {
    const char *at, *end;
    struct sqlfn_clock clock;
    bool is_pm, has_half, has_zone;
    int zone_minutes, hour12;
};

static bool digits(struct reading *r, int most, int *value)
{
    int count = 0, number = 0;
    while (r->at < r->end && count < most && isdigit((unsigned char)*r->at)) {
        number = number * 10 + (*r->at++ - '0');
        count++;
    }
    *value = number;
    return count > 0;
}

static bool fraction(struct reading *r, int most)
{
    int count = 0, micro = 0;
    for (; r->at < r->end && isdigit((unsigned char)*r->at) && count < most; r->at++, count++)
        if (count < 6)
            micro = micro * 10 + (*r->at - '0');
    for (int i = count; i < 6; i++)
        micro *= 10;
    r->clock.micro = micro;
    return count > 0;
}

static bool name_of(struct reading *r, const char *const *names, size_t count, bool is_short, int *value)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = is_short ? 3 : strlen(names[i]);
        if ((size_t)(r->end - r->at) >= len && strncasecmp(r->at, names[i], len) == 0) {
            r->at += len;
            *value = (int)i + 1;
            return true;
        }
    }
    return false;
}

static bool half(struct reading *r)
{
    if (r->end - r->at < 2 || !strchr("aApP", *r->at) || toupper((unsigned char)r->at[1]) != 'M')
        return false;
    r->is_pm = toupper((unsigned char)*r->at) == 'P';
    r->has_half = true;
    r->at += 2;
    return true;
}

static bool zone(struct reading *r)
{
    int hours, minutes = 0;
    if (r->at < r->end && (*r->at == 'Z' || *r->at == 'z')) {
        r->at++;
        return r->has_zone = true;
    }
    if (r->at >= r->end || !strchr("+-", *r->at))
        return false;
    int sign = *r->at++ == '-' ? -1 : 1;
    if (!digits(r, 2, &hours))
        return false;
    if (r->at < r->end && *r->at == ':')
        r->at++;
    digits(r, 2, &minutes);
    r->zone_minutes = sign * (hours * 60 + minutes);
    return r->has_zone = true;
}

static bool finish(struct sqlfn_call *call, struct reading *r, int64_t *micros)
{
    const struct sqlfn_value *text = &call->args[0];
    if (r->has_half)
        r->clock.hour = r->hour12 % 12 + (r->is_pm ? 12 : 0);
    if (r->at == r->end && sqlfn_micros_of(&r->clock, micros)) {
        *micros -= (int64_t)r->zone_minutes * 60000000;
        return true;
    }
    return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Invalid format: \"%.*s\"%s",
                      text->len > 100 ? 100 : (int)text->len, text->bytes,
                      r->at == r->end || r->at == text->bytes ? "" : " is malformed");
}

static bool mysql_read(struct reading *r, char letter)
{
    int value = 0;
    switch (letter) {
    case 'a':
        return name_of(r, days, 7, true, &value);
    case 'b':
        return name_of(r, months, 12, true, &r->clock.month);
    case 'c':
    case 'm':
        return digits(r, 2, &r->clock.month);
    case 'd':
    case 'e':
        return digits(r, 2, &r->clock.day);
    case 'f':
        return fraction(r, 9);
    case 'H':
    case 'k':
        return digits(r, 2, &r->clock.hour);
    case 'h':
    case 'I':
    case 'l':
        r->has_half = true;
        return digits(r, 2, &r->hour12);
    case 'i':
        return digits(r, 2, &r->clock.minute);
    case 'j':
        r->clock.month = 1;
        return digits(r, 3, &r->clock.day);
    case 'M':
        return name_of(r, months, 12, false, &r->clock.month);
    case 'p':
        return half(r);
    case 'S':
    case 's':
        return digits(r, 2, &r->clock.second);
    case 'T':
        return digits(r, 2, &r->clock.hour) && r->at < r->end && *r->at++ == ':' && digits(r, 2, &r->clock.minute) &&
               r->at < r->end && *r->at++ == ':' && digits(r, 2, &r->clock.second);
    case 'W':
        return name_of(r, days, 7, false, &value);
    case 'Y':
        return digits(r, 4, &r->clock.year);
    case 'y':
        if (!digits(r, 2, &r->clock.year))
            return false;
        r->clock.year += r->clock.year < 70 ? 2000 : 1900;
        return true;
    default:
        return r->at < r->end && *r->at++ == letter;
    }
}

static bool date_parse(struct sqlfn_call *call)
{
    const struct sqlfn_value *text = &call->args[0], *format = &call->args[1];
    struct reading r = {
        .at = text->bytes, .end = text->bytes + text->len, .clock = {.year = 1970, .month = 1, .day = 1}};
    bool ok = true;
    for (size_t i = 0; i < format->len && ok; i++) {
        char c = format->bytes[i];
        if (c == '%' && i + 1 < format->len) {
            if (strchr("DUuVwXvxjr", format->bytes[i + 1]))
                return sqlfn_fail(call, "NOT_SUPPORTED", "date_parse with %%%c is not supported", format->bytes[i + 1]);
            ok = mysql_read(&r, format->bytes[++i]);
        } else {
            ok = r.at < r.end && *r.at++ == c;
        }
    }
    if (!ok)
        r.at = NULL; /* malformed */
    return finish(call, &r, &call->out.number);
}

/* --- Joda's --- */
/* The run of one letter at *i; quoted text and other characters have no letter. */
static size_t run_of(const struct sqlfn_value *format, size_t i)
{
    size_t length = 1;
    while (i + length < format->len && format->bytes[i + length] == format->bytes[i])
        length++;
    return length;
}

/* 'text' and '' at *i: the literal, and *i behind it. */
static void joda_quoted(const struct sqlfn_value *format, size_t *i, struct buf *out)
{
    size_t at = *i + 1;
    if (at < format->len && format->bytes[at] == '\'') {
        buf_putc(out, '\'');
        *i = at + 1;
        return;
    }
    for (; at < format->len; at++) {
        if (format->bytes[at] == '\'') {
            if (at + 1 >= format->len || format->bytes[at + 1] != '\'')
                break;
            at++;
        }
        buf_putc(out, format->bytes[at]);
    }
    *i = at + 1;
}

static bool joda_letter(struct sqlfn_call *call, char letter, int length, const struct sqlfn_clock *c)
{
    struct buf *out = call->text;
    char fractions[16];
    switch (letter) {
    case 'y':
    case 'Y':
        return length == 2 ? buf_printf(out, "%02d", c->year % 100) : buf_printf(out, "%0*d", length, c->year);
    case 'x':
        return length == 2 ? buf_printf(out, "%02d", c->iso_year % 100) : buf_printf(out, "%0*d", length, c->iso_year);
    case 'w':
        return buf_printf(out, "%0*d", length, c->iso_week);
    case 'M':
        if (length >= 3)
            return length == 3 ? buf_printf(out, "%.3s", months[c->month - 1]) : buf_puts(out, months[c->month - 1]);
        return buf_printf(out, "%0*d", length, c->month);
    case 'd':
        return buf_printf(out, "%0*d", length, c->day);
    case 'D':
        return buf_printf(out, "%0*d", length, c->year_day);
    case 'e':
        return buf_printf(out, "%0*d", length, c->weekday);
    case 'E':
        return length <= 3 ? buf_printf(out, "%.3s", days[c->weekday - 1]) : buf_puts(out, days[c->weekday - 1]);
    case 'a':
        return buf_puts(out, c->hour < 12 ? "AM" : "PM");
    case 'H':
        return buf_printf(out, "%0*d", length, c->hour);
    case 'k':
        return buf_printf(out, "%0*d", length, c->hour ? c->hour : 24);
    case 'h':
        return buf_printf(out, "%0*d", length, hour12(c));
    case 'K':
        return buf_printf(out, "%0*d", length, c->hour % 12);
    case 'm':
        return buf_printf(out, "%0*d", length, c->minute);
    case 's':
        return buf_printf(out, "%0*d", length, c->second);
    case 'S':
        snprintf(fractions, sizeof fractions, "%06d000", c->micro / 1000 * 1000);
        return buf_printf(out, "%.*s", length > 9 ? 9 : length, fractions);
    default:
        return sqlfn_fail(call, "NOT_SUPPORTED", "format_datetime with the pattern letter %c is not supported", letter);
    }
}

static bool joda_format(struct sqlfn_call *call)
{
    struct sqlfn_clock clock;
    const struct sqlfn_value *format = &call->args[1];
    sqlfn_clock_of(call->args[0].number, &clock);
    for (size_t i = 0; i < format->len;) {
        char c = format->bytes[i];
        if (c == '\'') {
            joda_quoted(format, &i, call->text);
        } else if (isalpha((unsigned char)c)) {
            size_t length = run_of(format, i);
            if (!joda_letter(call, c, length > 20 ? 20 : (int)length, &clock))
                return false;
            i += length;
        } else {
            buf_putc(call->text, c);
            i++;
        }
    }
    return true;
}

static bool joda_read(struct sqlfn_call *call, struct reading *r, char letter, int length, bool *known)
{
    int value = 0, most = length < 2 ? 2 : length;
    (void)call;
    switch (letter) {
    case 'y':
    case 'Y':
        if (!digits(r, length == 2 ? 2 : length > 4 ? length : 4, &r->clock.year))
            return false;
        if (length == 2)
            r->clock.year += r->clock.year < 50 ? 2000 : 1900;
        return true;
    case 'M':
        if (length >= 3)
            return name_of(r, months, 12, false, &r->clock.month) || name_of(r, months, 12, true, &r->clock.month);
        return digits(r, most, &r->clock.month);
    case 'd':
        return digits(r, most, &r->clock.day);
    case 'E':
        return name_of(r, days, 7, false, &value) || name_of(r, days, 7, true, &value);
    case 'a':
        return half(r);
    case 'H':
        return digits(r, most, &r->clock.hour);
    case 'h':
        r->has_half = true;
        return digits(r, most, &r->hour12);
    case 'm':
        return digits(r, most, &r->clock.minute);
    case 's':
        return digits(r, most, &r->clock.second);
    case 'S':
        return fraction(r, length);
    case 'Z':
        return zone(r);
    default:
        return *known = false;
    }
}

static bool joda_parse(struct sqlfn_call *call)
{
    const struct sqlfn_value *text = &call->args[0], *format = &call->args[1];
    struct reading r = {
        .at = text->bytes, .end = text->bytes + text->len, .clock = {.year = 1970, .month = 1, .day = 1}};
    bool ok = true, known = true;
    for (size_t i = 0; i < format->len && ok;) {
        char c = format->bytes[i];
        if (c == '\'') {
            struct buf literal = BUF_INIT(4096);
            joda_quoted(format, &i, &literal);
            ok = (size_t)(r.end - r.at) >= literal.len && memcmp(r.at, buf_text(&literal), literal.len) == 0;
            r.at += ok ? literal.len : 0;
            buf_done(&literal);
        } else if (isalpha((unsigned char)c)) {
            size_t length = run_of(format, i);
            ok = joda_read(call, &r, c, (int)length, &known);
            if (!known)
                return sqlfn_fail(call, "NOT_SUPPORTED", "parse_datetime with the pattern letter %c is not supported",
                                  c);
            i += length;
        } else {
            ok = r.at < r.end && *r.at++ == c;
            i++;
        }
    }
    if (!ok)
        r.at = NULL;
    if (r.has_zone && r.zone_minutes != 0) /* Trino keeps the text's offset as the value's zone */
        return sqlfn_fail(call, "NOT_SUPPORTED",
                          "parse_datetime of a text with an offset other than UTC is not supported");
    return finish(call, &r, &call->out.number);
}

/* "2024-01-01[T ]10:11[:12[.123]][Z| UTC]": the wall clock in UTC. Other offsets would be the value's zone in Trino. */
static bool instant(struct sqlfn_call *call)
{
    const struct sqlfn_value *text = &call->args[0];
    struct reading r = {.at = text->bytes, .end = text->bytes + text->len, .clock = {.month = 1, .day = 1}};
    bool ok = digits(&r, 4, &r.clock.year);
    if (ok && r.at < r.end && *r.at == '-')
        ok = (r.at++, digits(&r, 2, &r.clock.month));
    if (ok && r.at < r.end && *r.at == '-')
        ok = (r.at++, digits(&r, 2, &r.clock.day));
    if (ok && r.at < r.end && (*r.at == 'T' || *r.at == ' ')) {
        ok = (r.at++, digits(&r, 2, &r.clock.hour));
        if (ok && r.at < r.end && *r.at == ':')
            ok = (r.at++, digits(&r, 2, &r.clock.minute));
        if (ok && r.at < r.end && *r.at == ':')
            ok = (r.at++, digits(&r, 2, &r.clock.second));
        if (ok && r.at < r.end && (*r.at == '.' || *r.at == ','))
            ok = (r.at++, fraction(&r, 12));
    }
    if (ok && r.end - r.at == 4 && strncasecmp(r.at, " UTC", 4) == 0)
        r.at += 4;
    if (ok && r.at < r.end)
        ok = zone(&r);
    if (ok && r.zone_minutes != 0)
        return sqlfn_fail(call, "NOT_SUPPORTED", "a timestamp text with an offset other than UTC is not supported");
    if (!ok)
        r.at = NULL;
    return finish(call, &r, &call->out.number);
}

const struct sqlfn sqlfn_time[] = {
    {.name = "weir_date_format", .params = "ts", .result = 's', .call = date_format},
    {.name = "weir_date_parse", .params = "ss", .result = 't', .call = date_parse},
    {.name = "weir_joda_format", .params = "ts", .result = 's', .call = joda_format},
    {.name = "weir_joda_parse", .params = "ss", .result = 't', .call = joda_parse},
    {.name = "weir_instant", .params = "s", .result = 't', .call = instant},
    {.name = NULL},
};
