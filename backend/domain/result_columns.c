/* The columns of a result: names from the header row or the service, kinds from Athena's types, widths from the first
 * rows. Made once, on the indexer's thread. */
#include "backend/base/text.h"
#include "backend/domain/result_private.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WIDTH_MIN = 4, WIDTH_MAX = 40, WIDTH_UNKNOWN = 16, SAMPLE_ROWS = 100, SAMPLE_CELL = 256 };

/* Athena's types that are not text ("Data types in Amazon Athena"); a prefix, as decimal(10,2) has more behind it. */
static const struct {
    const char *prefix;
    enum value_kind kind;
} type_kinds[] = {
    {.prefix = "tinyint", .kind = VALUE_DIGITS}, {.prefix = "smallint", .kind = VALUE_DIGITS},
    {.prefix = "int", .kind = VALUE_DIGITS},     {.prefix = "bigint", .kind = VALUE_DIGITS},
    {.prefix = "float", .kind = VALUE_DIGITS},   {.prefix = "real", .kind = VALUE_DIGITS},
    {.prefix = "double", .kind = VALUE_DIGITS},  {.prefix = "decimal", .kind = VALUE_DIGITS},
    {.prefix = "date", .kind = VALUE_STAMP},     {.prefix = "timestamp", .kind = VALUE_STAMP},
    {.prefix = "time", .kind = VALUE_STAMP},
};

enum value_kind column_kind_of_type(const char *type)
{
    if (strncasecmp(type, "interval", 8) == 0)
        return VALUE_TEXT;
    for (size_t i = 0; i < sizeof type_kinds / sizeof *type_kinds; i++)
        if (strncasecmp(type, type_kinds[i].prefix, strlen(type_kinds[i].prefix)) == 0)
            return type_kinds[i].kind;
    return VALUE_TEXT;
}

static struct value cell_value(const void *row, const struct column *column)
{
    return result_cell(row, column->index, NULL);
}

/* Names and types behind each other in one buffer, as pairs of texts. */
static bool collect_given(struct result *result, struct buf *texts, size_t *count)
{
    for (*count = 0; *count < result->given_count; ++*count) {
        const struct result_column *given = &result->given[*count];
        buf_append(texts, given->name, strlen(given->name) + 1);
        buf_append(texts, given->type ? given->type : "", strlen(given->type ? given->type : "") + 1);
    }
    return !texts->failed;
}

static bool collect_header(const char *header, size_t len, struct buf *texts, size_t *count)
{
    struct row_cells cells = row_cells(RESULT_CSV, header, len);
    struct row_cell cell;
    *count = 0;
    while (len > 0 && *count < RESULT_COLUMNS_MAX + 1 && row_next_cell(&cells, &cell)) {
        cell_copy(&cell, texts);
        buf_append(texts, "\0", 2); /* the name's end and an empty type */
        ++*count;
    }
    return !texts->failed;
}

static int sample_width(const char *bytes, size_t len)
{
    struct buf clean = BUF_INIT(4 * SAMPLE_CELL + 64);
    text_clean(bytes, len, &clean);
    int width = text_width(buf_text(&clean), clean.len);
    buf_done(&clean);
    return width;
}

/* The widest value of the first rows. */
static void measure(struct result *result, struct column *columns, size_t count, const char *sample, size_t len)
{
    for (size_t row = 0; row < SAMPLE_ROWS && len > 0; row++) {
        size_t size = row_length(result->form, sample, len), i = 0;
        struct row_cells cells = row_cells(result->form, sample, row_trim(result->form, sample, size));
        struct row_cell cell;
        for (; size > 0 && i < count && row_next_cell(&cells, &cell); i++) {
            char bytes[SAMPLE_CELL];
            int width = sample_width(bytes, cell_copy_some(&cell, bytes, sizeof bytes));
            columns[i].width = width > columns[i].width ? width : columns[i].width;
        }
        if (size == 0)
            return;
        sample += size;
        len -= size;
    }
}

static void fill(struct column *columns, struct result_column *types, size_t count, char *text)
{
    for (size_t i = 0; i < count; i++) {
        types[i].name = text;
        text += strlen(text) + 1;
        types[i].type = text;
        text += strlen(text) + 1;
        columns[i] = (struct column){.id = types[i].name,
                                     .title = types[i].name,
                                     .kind = column_kind_of_type(types[i].type),
                                     .help = types[i].type,
                                     .grows = true,
                                     .at = cell_value,
                                     .index = i};
    }
}

static void settle_widths(struct column *columns, size_t count, bool has_sample)
{
    for (size_t i = 0; i < count; i++) {
        int width = has_sample ? columns[i].width : WIDTH_UNKNOWN;
        columns[i].flex = width > WIDTH_MAX; /* what is long takes what is left over */
        columns[i].width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
    }
}

bool columns_build(struct result *result, const char *header, size_t header_len, const char *sample, size_t sample_len,
                   struct err *err)
{
    struct buf texts = BUF_INIT(2 * RESULT_HEADER_MAX);
    size_t count = 0;
    bool ok = result->given_count > 0        ? collect_given(result, &texts, &count)
              : result->form == RESULT_LINES ? buf_append(&texts, "line\0", 6) && (count = 1)
                                             : collect_header(header, header_len, &texts, &count);
    if (count > RESULT_COLUMNS_MAX) {
        buf_done(&texts);
        return err_set(err, ERR_TOO_LARGE, "the result has more than %d columns; select fewer", RESULT_COLUMNS_MAX);
    }
    struct column *columns = calloc(count + 1, sizeof *columns);
    struct result_column *types = calloc(count + 1, sizeof *types);
    if (!ok || !columns || !types) {
        free(columns);
        free(types);
        buf_done(&texts);
        return err_set(err, ERR_TOO_LARGE, "the result's column names do not fit in memory");
    }
    char *text = buf_take(&texts);
    fill(columns, types, count, text);
    measure(result, columns, count, sample, sample_len);
    settle_widths(columns, count, row_length(result->form, sample, sample_len) > 0);
    pthread_mutex_lock(&result->lock);
    result->column_text = text;
    result->types = types;
    result->column_count = count;
    result->columns = columns;
    pthread_mutex_unlock(&result->lock);
    return true;
}

void columns_free(struct result *result)
{
    for (size_t i = 0; i < result->given_count; i++) {
        free((char *)result->given[i].name);
        free((char *)result->given[i].type);
    }
    free(result->given);
    free(result->columns);
    free(result->types);
    free(result->column_text);
}
