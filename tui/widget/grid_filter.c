/* The grid's filter: the grammar of grid.h, matched against the columns of a row. Plain words look at text columns and
 * at the words for what is not known ("denied"); `column:` and comparisons look at the one column named. Pure. */
#include "backend/base/text.h"
#include "tui/widget/grid_private.h"
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

static const struct {
    bool (*parse)(const char *text, int64_t *number);
    const char *what;
} numbers[] = {
    [VALUE_TEXT] = {NULL, NULL},
    [VALUE_COUNT] = {parse_count, "a number such as 10k"},
    [VALUE_BYTES] = {parse_bytes, "a size such as 10MiB"},
    [VALUE_AGE] = {text_parse_duration, "an age such as 2h"},
    [VALUE_TIME] = {parse_time, "a time such as 2026-11-24"},
    [VALUE_PERCENT] = {parse_percent, "a percentage such as 50%"},
    [VALUE_BOOL] = {parse_flag, "yes or no"},
};

/* "bytes>=10k": true when it has that form and names a column that compares. */
static bool parse_comparison(struct grid_filter *filter, const struct column *columns, const char *text)
{
    size_t name = strcspn(text, "<>=");
    int column = text[name] && name > 0 ? column_named(columns, text, name) : -1;
    if (column < 0 || !numbers[columns[column].kind].parse)
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
    }
    return true;
}

static void set_needle(struct grid_filter *filter, const char *text)
{
    filter->len = strlen(text);
    memcpy(filter->needle, text, filter->len + 1);
    for (const char *at = text; *at; at++)
        filter->is_exact_case |= isupper((unsigned char)*at) != 0;
}

void grid_filter_parse(struct grid_filter *filter, const struct column *columns, const char *text)
{
    char copy[GRID_FILTER_MAX];
    snprintf(copy, sizeof copy, "%s", text);
    *filter = (struct grid_filter){.column = -1};
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

static bool same_byte(const struct grid_filter *filter, char a, char b)
{
    return a == b || (!filter->is_exact_case && tolower((unsigned char)a) == tolower((unsigned char)b));
}

bool grid_filter_span(const struct grid_filter *filter, const char *text, size_t len, size_t *at)
{
    for (size_t start = *at; start + filter->len <= len; start++) {
        size_t same = 0;
        while (same < filter->len && same_byte(filter, text[start + same], filter->needle[same]))
            same++;
        if (same == filter->len) {
            *at = start;
            return true;
        }
    }
    return false;
}

static bool compare(const struct grid *grid, const struct column *column, const struct value *value)
{
    const struct grid_filter *filter = &grid->filter;
    if (value->state > VALUE_AT_LEAST)
        return false; /* what is not known is neither more nor less */
    int64_t number = column->kind == VALUE_AGE       ? grid->now_ms - value->number
                     : column->kind == VALUE_PERCENT ? (int64_t)(value->fraction * 100 * 1e6)
                                                     : value->number;
    switch (filter->op) {
    case OP_EQUAL:
        return number == filter->number;
    case OP_LESS:
        return number < filter->number;
    case OP_LESS_EQUAL:
        return number <= filter->number;
    case OP_MORE:
        return number > filter->number;
    case OP_MORE_EQUAL:
        return number >= filter->number;
    }
    return false;
}

static bool match_text(struct grid *grid, const char *text, size_t len)
{
    size_t at = 0;
    if (grid->filter.kind != FILTER_FUZZY)
        return grid_filter_span(&grid->filter, text, len, &at);
    struct buf *copy = &grid->scratch; /* a cell's bytes need not end with a NUL */
    if (text != copy->data) {
        buf_clear(copy);
        buf_append(copy, text, len < GRID_CELL_BYTES_MAX ? len : GRID_CELL_BYTES_MAX);
    }
    return text_fuzzy(buf_text(copy), grid->filter.needle) > 0;
}

static bool match_column(struct grid *grid, const struct column *column, const void *row)
{
    struct value value = column_value(column, row);
    if (grid->filter.kind == FILTER_COMPARE)
        return compare(grid, column, &value);
    bool is_known = value.state <= VALUE_AT_LEAST;
    if (is_known && value_kind_is_text(column->kind) && (column->kind != VALUE_DIGITS || grid->filter.column >= 0))
        return value.text && match_text(grid, value.text, value.len);
    if (is_known && grid->filter.column < 0)
        return false; /* a bare word is not looked for in figures: "1" would match nearly every row */
    buf_clear(&grid->scratch);
    value_format(&value, column->kind, grid->now_ms, &grid->scratch);
    return match_text(grid, buf_text(&grid->scratch), grid->scratch.len);
}

bool grid_filter_match(struct grid *grid, const void *row)
{
    bool is_match = false;
    if (grid->filter.column >= 0)
        is_match = match_column(grid, &grid->columns[grid->filter.column], row);
    for (int i = 0; grid->filter.column < 0 && i < grid->column_count && !is_match; i++)
        is_match = match_column(grid, &grid->columns[i], row);
    return is_match != grid->filter.is_inverse;
}
