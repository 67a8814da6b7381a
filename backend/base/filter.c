/* The grammar of filters and how values match them. */
#include "backend/base/filter.h"
#include "backend/base/text.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int column_named(const struct column *columns, const char *name, size_t len)
{
    for (int i = 0; columns[i].id; i++) {
        if (strlen(columns[i].id) == len && strncasecmp(columns[i].id, name, len) == 0)
            return i;
    }
    return -1;
}

static bool parse_count(const char *text, int64_t *number)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || errno)
        return false;
    double scale = *end == 'k' || *end == 'K' ? 1e3 : *end == 'M' || *end == 'm' ? 1e6 : *end == 'G' ? 1e9 : 1;
    *number = (int64_t)(value * scale);
    return end[scale > 1 ? 1 : 0] == '\0';
}

static bool parse_bytes(const char *text, int64_t *number)
{
    uint64_t bytes;
    if (!text_parse_bytes(text, &bytes) || bytes > INT64_MAX)
        return false;
    *number = (int64_t)bytes;
    return true;
}

static bool parse_time(const char *text, int64_t *number)
{
    char day[40];
    if (strlen(text) == 10) { /* a date alone is its first moment */
        snprintf(day, sizeof day, "%sT00:00:00Z", text);
        return text_parse_time(day, number);
    }
    return text_parse_time(text, number);
}

static bool parse_flag(const char *text, int64_t *number)
{
    *number = strcasecmp(text, "yes") == 0 || strcasecmp(text, "true") == 0;
    return *number || strcasecmp(text, "no") == 0 || strcasecmp(text, "false") == 0;
}

static bool parse_percent(const char *text, int64_t *number)
{
    char *end;
    double percent = strtod(text, &end);
    *number = (int64_t)(percent * 1e6);
    return end != text && (*end == '\0' || strcmp(end, "%") == 0);
}

static bool parse_any(const char *text, int64_t *number)
{
    *number = 0;
    return *text != '\0';
}

static const struct {
    bool (*parse)(const char *text, int64_t *number);
    const char *what;
} numbers[] = {
    [VALUE_TEXT] = {parse_any, "a text"},
    [VALUE_COUNT] = {parse_count, "a number such as 10k"},
    [VALUE_BYTES] = {parse_bytes, "a size such as 10MiB"},
    [VALUE_AGE] = {text_parse_duration, "an age such as 2h"},
    [VALUE_TIME] = {parse_time, "a time such as 2026-11-24"},
    [VALUE_PERCENT] = {parse_percent, "a percentage such as 50%"},
    [VALUE_BOOL] = {parse_flag, "yes or no"},
    [VALUE_DIGITS] = {parse_count, "a number such as 10k"},
    [VALUE_STAMP] = {parse_any, "a time such as 2026-11-24"},
};

static void set_needle(struct filter *filter, const char *text)
{
    filter->len = strlen(text);
    memcpy(filter->needle, text, filter->len + 1);
    for (const char *at = text; *at; at++)
        filter->is_exact_case |= isupper((unsigned char)*at) != 0;
}

/* What a text kind is compared with, written as its values are. */
static void set_operand(struct filter *filter, enum value_kind kind, const char *text)
{
    double number;
    set_needle(filter, text);
    if (kind == VALUE_DIGITS && !value_digits(text, filter->len, &number)) { /* "10k" */
        snprintf(filter->needle, sizeof filter->needle, "%lld", (long long)filter->number);
        filter->len = strlen(filter->needle);
    }
    char *gap = kind == VALUE_STAMP ? strpbrk(filter->needle, "Tt") : NULL;
    if (gap)
        *gap = ' ';
    if (gap && (filter->needle[filter->len - 1] == 'Z'))
        filter->needle[--filter->len] = '\0';
}

/* "bytes>=10k": true when it has that form and names a column that compares. */
static bool parse_comparison(struct filter *filter, const struct column *columns, const char *text)
{
    size_t name = strcspn(text, "<>=");
    int column = text[name] && name > 0 ? column_named(columns, text, name) : -1;
    if (column < 0)
        return false;
    const char *at = text + name;
    bool or_equal = at[0] != '=' && at[1] == '=';
    filter->op = at[0] == '='   ? OP_EQUAL
                 : at[0] == '<' ? (or_equal ? OP_LESS_EQUAL : OP_LESS)
                                : (or_equal ? OP_MORE_EQUAL : OP_MORE);
    at += or_equal ? 2 : 1;
    at += strspn(at, " ");
    filter->column = column;
    filter->kind = FILTER_COMPARE;
    if (!numbers[columns[column].kind].parse(at, &filter->number)) {
        filter->kind = FILTER_NONE;
        snprintf(filter->note, sizeof filter->note, "filter %s: give %s", columns[column].id,
                 numbers[columns[column].kind].what);
    } else if (value_kind_is_text(columns[column].kind)) {
        set_operand(filter, columns[column].kind, at);
    }
    return true;
}

void filter_parse(struct filter *filter, const struct column *columns, const char *text)
{
    char copy[FILTER_TEXT];
    snprintf(copy, sizeof copy, "%s", text);
    *filter = (struct filter){.column = -1};
    const char *at = copy;
    if (*at == '!') {
        filter->is_inverse = true;
        at++;
    }
    if (!*at)
        return;
    if (strncmp(at, "-f", 2) == 0 && (at[2] == ' ' || !at[2])) {
        at += 2 + strspn(at + 2, " ");
        filter->kind = *at ? FILTER_FUZZY : FILTER_NONE;
        set_needle(filter, at);
        return;
    }
    if (parse_comparison(filter, columns, at))
        return;
    const char *colon = strchr(at, ':');
    int column = colon ? column_named(columns, at, (size_t)(colon - at)) : -1;
    if (column >= 0) {
        filter->column = column;
        at = colon + 1;
    }
    filter->kind = *at ? FILTER_CONTAINS : FILTER_NONE;
    set_needle(filter, at);
}

static bool same_byte(const struct filter *filter, char a, char b)
{
    return a == b || (!filter->is_exact_case && tolower((unsigned char)a) == tolower((unsigned char)b));
}

static bool same_text(const struct filter *filter, const char *text)
{
    for (size_t i = 1; i < filter->len; i++) {
        if (!same_byte(filter, text[i], filter->needle[i]))
            return false;
    }
    return true;
}

/* From one candidate for the first byte to the next, by two searches that each go over the text once. */
bool filter_span(const struct filter *filter, const char *text, size_t len, size_t *at)
{
    if (len < filter->len || *at > len - filter->len)
        return false;
    const char *end = text + len - filter->len + 1, *start = text + *at;
    char one = filter->needle[0], other = one;
    if (!filter->is_exact_case)
        other = (char)toupper((unsigned char)one);
    const char *lower = start, *upper = other == one ? NULL : start;
    for (bool is_first = true; start < end; is_first = false) {
        if (lower && (is_first || lower < start))
            lower = memchr(start, one, (size_t)(end - start));
        if (upper && (is_first || upper < start))
            upper = memchr(start, other, (size_t)(end - start));
        start = !upper || (lower && lower < upper) ? lower : upper;
        if (!start)
            return false;
        if (same_text(filter, start)) {
            *at = (size_t)(start - text);
            return true;
        }
        start++;
    }
    return false;
}

static bool is_ordered(enum filter_op op, int order)
{
    return (op == OP_EQUAL && order == 0) || (op == OP_LESS && order < 0) || (op == OP_LESS_EQUAL && order <= 0) ||
           (op == OP_MORE && order > 0) || (op == OP_MORE_EQUAL && order >= 0);
}

/* Numbers exactly, whatever their size; what is no number does not compare. */
static bool compare_digits(const struct filter *filter, const struct value *value)
{
    double number;
    struct value operand = value_bytes_text(filter->needle, filter->len);
    return value_digits(value->text, value->len, &number) &&
           is_ordered(filter->op, value_compare(value, &operand, VALUE_DIGITS));
}

/* Bytewise, which for ISO 8601 is by time; a day equals all its moments. Texts are equal as they contain: whatever the
 * case unless capitals were given. */
static bool compare_text(const struct filter *filter, enum value_kind kind, const struct value *value)
{
    if (filter->op == OP_EQUAL) {
        size_t at = 0;
        bool fits = kind == VALUE_STAMP ? value->len >= filter->len : value->len == filter->len;
        return fits && filter_span(filter, value->text, filter->len, &at);
    }
    struct value operand = value_bytes_text(filter->needle, filter->len);
    return is_ordered(filter->op, value_compare(value, &operand, VALUE_TEXT));
}

static bool compare(const struct filter *filter, enum value_kind kind, const struct value *value, int64_t now_ms)
{
    if (value->state > VALUE_AT_LEAST)
        return false; /* what is not known is neither more nor less */
    if (kind == VALUE_DIGITS)
        return compare_digits(filter, value);
    if (value_kind_is_text(kind))
        return value->text && compare_text(filter, kind, value);
    int64_t number = kind == VALUE_AGE       ? now_ms - value->number
                     : kind == VALUE_PERCENT ? (int64_t)(value->fraction * 100 * 1e6)
                                             : value->number;
    return is_ordered(filter->op, (number > filter->number) - (number < filter->number));
}

static bool match_text(const struct filter *filter, const char *text, size_t len, struct buf *scratch)
{
    size_t at = 0;
    if (filter->kind != FILTER_FUZZY)
        return filter_span(filter, text, len, &at);
    if (text != scratch->data) { /* a cell's bytes need not end with a NUL */
        buf_clear(scratch);
        buf_append(scratch, text, len < FILTER_CELL_BYTES ? len : FILTER_CELL_BYTES);
    }
    return text_fuzzy(buf_text(scratch), filter->needle) > 0;
}

bool filter_match_value(const struct filter *filter, enum value_kind kind, const struct value *value, int64_t now_ms,
                        struct buf *scratch)
{
    if (filter->kind == FILTER_COMPARE)
        return compare(filter, kind, value, now_ms);
    bool is_known = value->state <= VALUE_AT_LEAST, is_named = filter->column >= 0;
    if (is_known && value_kind_is_text(kind) && (is_named || kind != VALUE_DIGITS))
        return value->text && match_text(filter, value->text, value->len, scratch);
    if (is_known && !is_named)
        return false;
    buf_clear(scratch);
    value_format(value, kind, now_ms, scratch);
    return match_text(filter, buf_text(scratch), scratch->len, scratch);
}

bool filter_match_row(const struct filter *filter, const struct column *columns, size_t count, const void *row,
                      int64_t now_ms, struct buf *scratch)
{
    bool is_match = false;
    size_t first = filter->column >= 0 ? (size_t)filter->column : 0;
    size_t end = filter->column >= 0 ? first + 1 : count;
    for (size_t i = first; i < end && !is_match; i++) {
        struct value value = column_value(&columns[i], row);
        is_match = filter_match_value(filter, columns[i].kind, &value, now_ms, scratch);
    }
    return is_match != filter->is_inverse;
}
