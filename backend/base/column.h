/* Columns: written in the domain, drawn by the grid, printed by the command line; so a pane and its headless twin
 * cannot differ. A value knows when it is not known. */
#ifndef WEIR_BASE_COLUMN_H
#define WEIR_BASE_COLUMN_H
#include "backend/base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_state {
    VALUE_KNOWN,
    VALUE_AT_LEAST, /* still counting: "at least N", drawn with a trailing '+' */
    VALUE_NONE,     /* not applicable: "-" */
    VALUE_NULL,     /* SQL's NULL, which the empty text is not: "NULL" in a table, null in JSON */
    VALUE_UNKNOWN,  /* not fetched yet: "?" in a table, null in JSON */
    VALUE_DENIED,   /* "denied" */
    VALUE_TIMEOUT,  /* "timeout" */
    VALUE_FAILED,   /* "failed" */
};
enum value_kind {
    VALUE_TEXT,
    VALUE_COUNT,
    VALUE_BYTES,
    VALUE_AGE,
    VALUE_TIME,
    VALUE_PERCENT,
    VALUE_BOOL,
    VALUE_DIGITS, /* a number kept as the text it came as, exact at any size: compared by value, shown as it is */
    VALUE_STAMP   /* a date or time kept as its ISO 8601 text ("2026-11-22 14:29:02.000"): text order is time order */
};
/* True for the kinds whose value is in text and len. */
bool value_kind_is_text(enum value_kind kind);
/* What a state means for colour; the grid maps it to a theme role (each also has a word or glyph in its text). */
enum value_tone { TONE_PLAIN, TONE_DIM, TONE_STRONG, TONE_OK, TONE_WARN, TONE_FAIL, TONE_RUNNING };

struct value {
    enum value_state state;
    enum value_tone tone;
    const char *text; /* text kinds: borrowed from the row, raw remote bytes; else NULL */
    size_t len;       /* text kinds: bytes (may contain NUL) */
    int64_t number;   /* count, bytes, ms since 1970 (AGE and TIME), 0/1 */
    double fraction;  /* PERCENT: 0..1 */
};

struct column {
    const char *id;    /* "objects": JSON key, CSV header, config name */
    const char *title; /* "OBJECTS": small capitals */
    enum value_kind kind;
    int width;  /* preferred columns; text shrinks, numbers do not */
    bool flex;  /* takes what is left over */
    bool grows; /* widens to the text values that have been on the screen, within limits */
    const char *help;
    struct value (*get)(const void *row);
    /* In place of get for columns that are made at run time: told which of them is asked for. */
    struct value (*at)(const void *row, const struct column *column);
    size_t index; /* for at */
};
static inline struct value column_value(const struct column *column, const void *row)
{
    return column->at ? column->at(row, column) : column->get(row);
}

/* Reads as: value_text("raw/"), value_number(412), value_state(VALUE_DENIED). */
struct value value_text(const char *text);
struct value value_bytes_text(const char *bytes, size_t len);
struct value value_number(int64_t number);
struct value value_fraction(double fraction);
struct value value_state(enum value_state state);
struct value value_toned(struct value value, enum value_tone tone);
/* The cell text for people, already sanitised; now_ms turns AGE into "3m". */
bool value_format(const struct value *value, enum value_kind kind, int64_t now_ms, struct buf *out);
/* The value as JSON: bytes kept, times as ISO 8601, percentages as 0..1, NULL and not fetched as null; every other
 * state is an object that says so: {"state":"denied"}, {"at_least":412}. */
bool value_write_json(const struct value *value, enum value_kind kind, struct buf *out);
/* Total order for sorting: known before not known; numbers by value, ages youngest first, text bytewise. */
int value_compare(const struct value *a, const struct value *b, enum value_kind kind);
/* Of a known value: unsigned order of keys is the order of the values (ages: the time, oldest first). Equal keys of
 * text kinds need value_compare, for they hold the first 8 bytes or the nearest double. */
uint64_t value_sort_key(const struct value *value, enum value_kind kind);
/* A VALUE_DIGITS text as a double, nearest to it; false when it is no number. The point is '.' in
 * every locale. */
bool value_digits(const char *text, size_t len, double *number);
/* A VALUE_STAMP text ("2026-11-22", "2026-11-22 14:29:02.123", "14:29:02"; what follows is not looked at) as ms since
 * 1970, of a time alone since midnight; false when it has none of these forms. */
bool value_stamp(const char *text, size_t len, int64_t *ms);
/* Numbers, bytes, ages and percentages are right-aligned. */
bool value_kind_is_right(enum value_kind kind);
#endif
