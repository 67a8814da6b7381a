/* Cron expressions as AWS's schedules write them: cron(minutes hours day-of-month month day-of-week year), in UTC.
 * Fields are '*' or '?', numbers, names of months and days, lists, ranges and steps; of days of the month and of the
 * week one is '?' or '*'. L, W and # are not understood. Pure. Source: AWS Glue Developer Guide, "Time-based schedules
 * for jobs and crawlers". */
#ifndef WEIR_LOCAL_CRON_H
#define WEIR_LOCAL_CRON_H
#include "backend/base/err.h"
#include <stdint.h>

enum { CRON_YEAR_FIRST = 1970, CRON_YEAR_LAST = 2199 };
struct cron { /* a bit for each value that fits */
    uint64_t minutes, hours, days, months, weekdays;
    uint64_t years[4]; /* from CRON_YEAR_FIRST */
};
bool cron_parse(const char *text, struct cron *cron, struct err *err);
/* The first minute later than after_s (seconds since 1970) that fits, in seconds; -1 when there is none. */
int64_t cron_next(const struct cron *cron, int64_t after_s);
#endif
