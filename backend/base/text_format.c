/* How we write bytes, counts, durations and times, how we read them back, and how a filter finds. Figures are made from
 * integers: printf's %f follows the locale's decimal comma. Pure; any thread. */
#include "backend/base/text.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const char *const byte_units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
enum { BYTE_UNITS = sizeof byte_units / sizeof *byte_units };

char *text_bytes(uint64_t bytes, char out[TEXT_SHORT])
{
    if (bytes < 1000) {
        snprintf(out, TEXT_SHORT, "%u B", (unsigned)bytes);
        return out;
    }
    unsigned unit = 1;
    while (unit + 1 < BYTE_UNITS && bytes >> (10 * unit) >= 1000)
        unit++;
    __extension__ typedef unsigned __int128 wide;
    unsigned shift = 10 * unit;
    /* hundredths, rounded; three digits of it are shown */
    unsigned hundredths = (unsigned)(((wide)bytes * 100 + ((wide)1 << (shift - 1))) >> shift);
    if (hundredths >= 99950 && unit + 1 < BYTE_UNITS) { /* 999.6 would be written 1000 */
        unit++;
        hundredths = (hundredths + 512) / 1024;
    }
    if (hundredths < 1000)
        snprintf(out, TEXT_SHORT, "%u.%02u %s", hundredths / 100, hundredths % 100, byte_units[unit]);
    else if (hundredths < 9995)
        snprintf(out, TEXT_SHORT, "%u.%u %s", (hundredths + 5) / 100, (hundredths + 5) / 10 % 10, byte_units[unit]);
    else
        snprintf(out, TEXT_SHORT, "%u %s", (hundredths + 50) / 100, byte_units[unit]);
    return out;
}

char *text_count(int64_t count, char out[TEXT_SHORT])
{
    char digits[TEXT_SHORT];
    uint64_t size = count < 0 ? (uint64_t)0 - (uint64_t)count : (uint64_t)count;
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)size);
    char *at = out;
    if (count < 0)
        *at++ = '-';
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *at++ = ' ';
        *at++ = digits[i];
    }
    *at = '\0';
    return out;
}

char *text_duration(int64_t ms, char out[TEXT_SHORT])
{
    const char *sign = ms < 0 ? "-" : "";
    uint64_t size = ms < 0 ? (uint64_t)0 - (uint64_t)ms : (uint64_t)ms;
    unsigned long long seconds = size / 1000, minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
    if (size == 0)
        snprintf(out, TEXT_SHORT, "0s");
    else if (seconds == 0)
        snprintf(out, TEXT_SHORT, "%s%dms", sign, (int)size);
    else if (minutes == 0)
        snprintf(out, TEXT_SHORT, "%s%llus", sign, seconds);
    else if (minutes < 10 && seconds % 60)
        snprintf(out, TEXT_SHORT, "%s%llum%02llus", sign, minutes, seconds % 60);
    else if (hours == 0)
        snprintf(out, TEXT_SHORT, "%s%llum", sign, minutes);
    else if (days == 0)
        snprintf(out, TEXT_SHORT, "%s%lluh%02llum", sign, hours, minutes % 60);
    else
        snprintf(out, TEXT_SHORT, "%s%llud%02lluh", sign, days, hours % 24);
    return out;
}

char *text_time(int64_t wall_ms, char out[TEXT_SHORT])
{
    time_t seconds = (time_t)(wall_ms >= 0 ? wall_ms / 1000 : -((-(wall_ms + 1)) / 1000) - 1);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    int len = snprintf(out, TEXT_SHORT, "%04lld-%02d-%02d %02d:%02d:%02dZ", 1900LL + tm.tm_year, tm.tm_mon + 1,
                       tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (len < 0)
        out[0] = '\0';
    return out;
}

/* Reads exactly n digits; moves *at. */
static bool take_digits(const char **at, int n, int *value)
{
    *value = 0;
    for (int i = 0; i < n; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        *value = *value * 10 + (**at - '0');
    }
    return true;
}

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

/* A date that does not exist (30 February) comes back changed from timegm. */
static bool to_ms(struct tm tm, int64_t *wall_ms)
{
    if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60)
        return false;
    struct tm same = tm;
    same.tm_hour = same.tm_min = same.tm_sec = 0;
    time_t day = timegm(&same);
    if (same.tm_mday != tm.tm_mday || same.tm_mon != tm.tm_mon)
        return false;
    *wall_ms = ((int64_t)day + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec) * 1000;
    return true;
}

/* ".123456": any number of digits, milliseconds are kept. */
static int take_fraction(const char **at)
{
    int ms = 0, scale = 100;
    for (; isdigit((unsigned char)**at); (*at)++, scale /= 10)
        ms += (**at - '0') * scale;
    return ms;
}

/* "Z", "+02:00", "+0200" or nothing (UTC). */
static bool take_zone(const char **at, int64_t *offset_ms)
{
    *offset_ms = 0;
    if (take_char(at, 'Z') || **at == '\0')
        return true;
    int sign = **at == '-' ? -1 : 1, hours, minutes;
    if (!take_char(at, '+') && !take_char(at, '-'))
        return false;
    if (!take_digits(at, 2, &hours))
        return false;
    take_char(at, ':');
    if (!take_digits(at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *offset_ms = sign * (hours * 60 + minutes) * (int64_t)60000;
    return true;
}

/* ISO 8601, extended ("2026-11-22T14:29:02.5Z", a space for T) and basic ("20261122T142902Z"). */
static bool parse_iso(const char *at, int64_t *wall_ms)
{
    struct tm tm = {.tm_mday = 0};
    int year, month, ms = 0;
    int64_t base, offset;
    if (!take_digits(&at, 4, &year))
        return false;
    bool extended = take_char(&at, '-');
    if (!take_digits(&at, 2, &month) || (extended && !take_char(&at, '-')) || !take_digits(&at, 2, &tm.tm_mday))
        return false;
    if (!take_char(&at, 'T') && !take_char(&at, ' '))
        return false;
    if (!take_digits(&at, 2, &tm.tm_hour) || (extended && !take_char(&at, ':')) || !take_digits(&at, 2, &tm.tm_min))
        return false;
    if (extended ? take_char(&at, ':') : isdigit((unsigned char)*at)) {
        if (!take_digits(&at, 2, &tm.tm_sec))
            return false;
        if (take_char(&at, '.') && (ms = take_fraction(&at), !isdigit((unsigned char)at[-1])))
            return false;
    }
    tm.tm_year = year - 1900;
    tm.tm_mon = month - 1;
    if (!take_zone(&at, &offset) || *at || !to_ms(tm, &base))
        return false;
    *wall_ms = base + ms - offset;
    return true;
}

/* RFC 1123 as HTTP fixes it (RFC 9110, 5.6.7): "Sun, 22 Nov 2026 14:29:02 GMT". The weekday is not checked. */
static bool parse_http(const char *at, int64_t *wall_ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm tm = {.tm_mon = -1};
    int year;
    if (strlen(at) != 29 || at[3] != ',' || at[4] != ' ')
        return false;
    at += 5;
    if (!take_digits(&at, 2, &tm.tm_mday) || !take_char(&at, ' '))
        return false;
    for (int i = 0; i < 12; i++)
        if (strncmp(at, months + (ptrdiff_t)3 * i, 3) == 0)
            tm.tm_mon = i;
    at += 3;
    if (tm.tm_mon < 0 || !take_char(&at, ' ') || !take_digits(&at, 4, &year) || !take_char(&at, ' '))
        return false;
    if (!take_digits(&at, 2, &tm.tm_hour) || !take_char(&at, ':') || !take_digits(&at, 2, &tm.tm_min) ||
        !take_char(&at, ':') || !take_digits(&at, 2, &tm.tm_sec))
        return false;
    tm.tm_year = year - 1900;
    return strcmp(at, " GMT") == 0 && to_ms(tm, wall_ms);
}

bool text_parse_time(const char *text, int64_t *wall_ms)
{
    return parse_iso(text, wall_ms) || parse_http(text, wall_ms);
}

/* A decimal number as millionths; moves *at. False without a digit, or past 2^63 millionths' whole part. */
static bool take_decimal(const char **at, uint64_t *whole, uint64_t *millionths)
{
    const char *start = *at;
    *whole = *millionths = 0;
    for (; isdigit((unsigned char)**at); (*at)++)
        if (__builtin_mul_overflow(*whole, 10, whole) || __builtin_add_overflow(*whole, (uint64_t)(**at - '0'), whole))
            return false;
    if (*at == start)
        return false;
    if (!take_char(at, '.'))
        return true;
    start = *at;
    for (uint64_t scale = 100000; isdigit((unsigned char)**at); (*at)++, scale /= 10)
        *millionths += (uint64_t)(**at - '0') * scale;
    return *at > start;
}

static bool scale_decimal(uint64_t whole, uint64_t millionths, uint64_t unit, uint64_t *out)
{
    __extension__ typedef unsigned __int128 wide;
    wide total = (wide)whole * unit + (wide)millionths * unit / 1000000;
    *out = (uint64_t)total;
    return total <= INT64_MAX;
}

bool text_parse_bytes(const char *text, uint64_t *bytes)
{
    static const char letters[] = "kmgtpe";
    uint64_t whole, millionths, unit = 1;
    const char *at = text;
    if (!take_decimal(&at, &whole, &millionths))
        return false;
    at += *at == ' ';
    const char *letter = *at ? strchr(letters, tolower((unsigned char)*at)) : NULL;
    if (letter) {
        unit = (uint64_t)1 << (10 * (letter - letters + 1));
        at++;
        if ((*at == 'i' || *at == 'I') && (at[1] == 'B' || at[1] == 'b'))
            at++;
    }
    at += *at == 'B' || *at == 'b';
    return *at == '\0' && scale_decimal(whole, millionths, unit, bytes);
}

bool text_parse_duration(const char *text, int64_t *ms)
{
    static const struct {
        const char *name;
        uint64_t ms;
    } units[] = {{.name = "ms", .ms = 1},
                 {.name = "s", .ms = 1000},
                 {.name = "m", .ms = 60000},
                 {.name = "h", .ms = 3600000},
                 {.name = "d", .ms = 86400000}};
    uint64_t whole, millionths, total;
    const char *at = text;
    if (!take_decimal(&at, &whole, &millionths))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(at, units[i].name) != 0)
            continue;
        if (!scale_decimal(whole, millionths, units[i].ms, &total))
            return false;
        *ms = (int64_t)total;
        return true;
    }
    return false;
}

const char *text_find(const char *haystack, const char *needle)
{
    size_t len = strlen(needle);
    for (const char *at = haystack;; at++) {
        if (strncasecmp(at, needle, len) == 0)
            return at;
        if (!*at)
            return NULL;
    }
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static bool starts_word(const char *text, const char *at)
{
    if (at == text)
        return true;
    unsigned char before = (unsigned char)at[-1], here = (unsigned char)*at;
    return (isalnum(here) && !isalnum(before)) || (isupper(here) && islower(before));
}

/* The shortest match that ends where the first full match ends: forwards for the end, then backwards for the start. */
int text_fuzzy(const char *haystack, const char *needle)
{
    enum { MATCH = 16, WORD = 10, RUN = 12, GAP = 1 };
    if (!*needle)
        return 1;
    const char *wanted = needle, *end = haystack;
    for (; *end && *wanted; end++)
        wanted += same_letter(*end, *wanted);
    if (*wanted)
        return 0;
    const char *start = end;
    for (const char *left = wanted; left > needle;)
        left -= same_letter(*--start, left[-1]);
    int score = 0;
    const char *previous = NULL;
    wanted = needle;
    for (const char *at = start; at < end; at++) {
        if (*wanted && same_letter(*at, *wanted)) {
            score += MATCH + (starts_word(haystack, at) ? WORD : 0) + (previous == at - 1 && previous ? RUN : 0);
            previous = at;
            wanted++;
        } else {
            score -= GAP;
        }
    }
    return score > 0 ? score : 1;
}
