/* The dialect's private scalar functions in C: what the engine's own cannot do as Trino does. Pure functions over one
 * row's values, called by duck_functions.c on the engine's threads; testable without the engine. A NULL argument gives
 * NULL without a call. */
#ifndef WEIR_SQL_SQLFN_H
#define WEIR_SQL_SQLFN_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SQLFN_ARGS_MAX = 4, SQLFN_TEXT_MAX = 64 * 1024 * 1024 };
struct sqlfn_value {
    int64_t number;    /* 'i', 't' (microseconds since 1970, no zone), 'b' */
    double real;       /* 'd' */
    const char *bytes; /* 's', 'x' */
    size_t len;
};
struct sqlfn_cache { /* what one run over many rows keeps, e.g. a compiled pattern */
    void *data;
    void (*done)(void *data);
    char *key;
    size_t key_len;
};
struct sqlfn_call {
    const struct sqlfn_value *args;
    struct sqlfn_value out; /* numbers */
    struct buf *text;       /* texts and bytes: empty at the start */
    bool is_null;
    struct sqlfn_cache *cache;
    struct err *err; /* service_code: Trino's error name */
};
struct sqlfn {
    const char *name,
        *params; /* letters: s text, x bytes, i bigint, d double, t timestamp, b boolean, n (result only) nothing */
    char result;
    bool (*call)(struct sqlfn_call *call);
};
/* Ended by a row without a name. */
extern const struct sqlfn sqlfn_text[], sqlfn_regex[], sqlfn_time[], sqlfn_json[], sqlfn_bytes[], sqlfn_line[],
    sqlfn_lazy[], sqlfn_record[];

/* "NAME: text" for the engine's error; returns false. */
bool sqlfn_fail(struct sqlfn_call *call, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As Java's Double.toString: 1.0, 0.001, 1.0E7, NaN. */
bool sqlfn_double_text(double value, struct buf *out);
/* For time patterns: the parts of a wall clock. */
struct sqlfn_clock {
    int year, month, day, hour, minute, second, micro;
    int weekday;  /* 1 Monday to 7 */
    int year_day; /* 1 to 366 */
    int iso_year, iso_week;
};
void sqlfn_clock_of(int64_t micros, struct sqlfn_clock *clock);
/* Microseconds since 1970; false when the parts name no moment. */
bool sqlfn_micros_of(const struct sqlfn_clock *clock, int64_t *micros);
/* ---- texts of Hive's lazy objects (sqlfn_lazy.c): false when the text is no such value */
bool sqlfn_lazy_date(const char *text, size_t len, int64_t *days);        /* since 1970 */
bool sqlfn_lazy_timestamp(const char *text, size_t len, int64_t *micros); /* whole milliseconds */
bool sqlfn_lazy_long(const char *text, size_t len, int64_t *value);       /* fractions are cut off */
bool sqlfn_lazy_double(const char *text, size_t len, double *value);
#endif
