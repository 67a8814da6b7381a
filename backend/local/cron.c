/* Cron expressions; see cron.h. */
#include "backend/local/cron.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct field {
    const char *name;
    int first, last;
    const char *const *names; /* of the values from first on; NULL: none */
};

static const char *const month_names[] = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
static const char *const day_names[] = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
static const struct field fields[] = {
    {.name = "minutes", .first = 0, .last = 59},
    {.name = "hours", .first = 0, .last = 23},
    {.name = "day of the month", .first = 1, .last = 31},
    {.name = "month", .first = 1, .last = 12, .names = month_names},
    {.name = "day of the week", .first = 1, .last = 7, .names = day_names},
    {.name = "year", .first = CRON_YEAR_FIRST, .last = CRON_YEAR_LAST},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static void set_bit(uint64_t *bits, int value)
{
    bits[value / 64] |= 1ULL << (value % 64);
}

static bool has_bit(const uint64_t *bits, int value)
{
    return bits[value / 64] >> (value % 64) & 1;
}

/* A number or a name at *at, which moves behind it. */
static bool read_value(const struct field *field, const char **at, int *value)
{
    for (int i = 0; field->names && i <= field->last - field->first; i++)
        if (strncasecmp(*at, field->names[i], 3) == 0) {
            *value = field->first + i;
            *at += 3;
            return true;
        }
    char *end;
    long number = strtol(*at, &end, 10);
    if (end == *at || **at < '0' || **at > '9' || number < field->first || number > field->last)
        return false;
    *value = (int)number;
    *at = end;
    return true;
}

/* value, from-to, either with /step, or '*' */
static bool read_part(const struct field *field, const char **at, uint64_t *bits)
{
    int from = field->first, to = field->last, step = 1;
    if (**at == '*' || **at == '?') {
        (*at)++;
    } else {
        if (!read_value(field, at, &from))
            return false;
        to = from;
        if (**at == '-') {
            (*at)++;
            if (!read_value(field, at, &to) || to < from)
                return false;
        } else if (**at == '/') {
            to = field->last;
        }
    }
    if (**at == '/') {
        char *end;
        step = (int)strtol(*at + 1, &end, 10);
        if (end == *at + 1 || step < 1)
            return false;
        *at = end;
    }
    int base = field->first == CRON_YEAR_FIRST ? CRON_YEAR_FIRST : 0;
    for (int value = from; value <= to; value += step)
        set_bit(bits, value - base);
    return true;
}

static bool read_field(const struct field *field, const char *text, uint64_t *bits, struct err *err)
{
    const char *at = text;
    bool ok = true;
    do
        ok = read_part(field, &at, bits);
    while (ok && *at == ',' && at++);
    return (ok && !*at) ||
           err_set(err, ERR_PARSE, "the schedule's %s '%.40s' is not understood (numbers %d-%d, lists, ranges, steps)",
                   field->name, text, field->first, field->last);
}

bool cron_parse(const char *text, struct cron *cron, struct err *err)
{
    char parts[FIELDS][64];
    int end = -1;
    *cron = (struct cron){0};
    if (sscanf(text, "cron(%63s %63s %63s %63s %63s %63[^) ])%n", parts[0], parts[1], parts[2], parts[3], parts[4],
               parts[5], &end) != FIELDS ||
        end < 0 || text[end])
        return err_set(err, ERR_PARSE,
                       "the schedule '%.60s' is not cron(minutes hours day-of-month month day-of-week year)", text);
    uint64_t *const bits[FIELDS] = {&cron->minutes, &cron->hours,    &cron->days,
                                    &cron->months,  &cron->weekdays, cron->years};
    for (size_t i = 0; i < FIELDS; i++)
        if (!read_field(&fields[i], parts[i], bits[i], err))
            return false;
    bool any_day = strcmp(parts[2], "?") == 0 || strcmp(parts[2], "*") == 0;
    bool any_weekday = strcmp(parts[4], "?") == 0 || strcmp(parts[4], "*") == 0;
    return any_day || any_weekday ||
           err_set(err, ERR_PARSE, "the schedule '%.60s' names days of the month and of the week: one must be '?'",
                   text);
}

static bool fits_day(const struct cron *cron, const struct tm *tm)
{
    return has_bit(&cron->months, tm->tm_mon + 1) && has_bit(&cron->days, tm->tm_mday) &&
           has_bit(&cron->weekdays, tm->tm_wday + 1);
}

int64_t cron_next(const struct cron *cron, int64_t after_s)
{
    int64_t at = (after_s / 60 + 1) * 60;
    for (;;) {
        struct tm tm;
        time_t seconds = (time_t)at;
        gmtime_r(&seconds, &tm);
        int year = tm.tm_year + 1900;
        if (year > CRON_YEAR_LAST)
            return -1;
        if (!has_bit(cron->years, year - CRON_YEAR_FIRST)) {
            tm = (struct tm){.tm_year = tm.tm_year + 1, .tm_mday = 1};
            at = (int64_t)timegm(&tm);
        } else if (!fits_day(cron, &tm)) {
            at = (at / 86400 + 1) * 86400;
        } else if (!has_bit(&cron->hours, tm.tm_hour)) {
            at = (at / 3600 + 1) * 3600;
        } else if (!has_bit(&cron->minutes, tm.tm_min)) {
            at += 60;
        } else {
            return at;
        }
    }
}
