/* CSV: delimiter, quoting, header and column types from a sample. The rules are in glue_infer.h. */
#include "backend/local/glue_infer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SNIFF_RECORDS = 100, COLUMNS_MAX = 5000, HEADER_MAX = 150 };

struct reader {
    const char *at, *end;
    char delimiter, quote;
    bool is_quoted; /* a quoted field was seen */
    struct arena *arena;
};

struct cell {
    const char *text;
    size_t len;
};

/* One field; returns false at the end of the record (the field is still good). Quotes inside are left as they are:
 * only type and emptiness matter. */
static bool read_cell(struct reader *reader, struct cell *cell)
{
    const char *at = reader->at;
    if (at < reader->end && *at == reader->quote) {
        const char *close = at + 1;
        while (close < reader->end &&
               !(*close == reader->quote && (close + 1 >= reader->end || close[1] != reader->quote)))
            close += *close == reader->quote ? 2 : 1;
        if (close < reader->end) {
            reader->is_quoted = true;
            *cell = (struct cell){.text = at + 1, .len = (size_t)(close - at - 1)};
            at = close + 1;
            while (at < reader->end && *at != reader->delimiter && *at != '\n')
                at++;
            reader->at = at < reader->end ? at + 1 : at;
            return at < reader->end && *at == reader->delimiter;
        }
    }
    while (at < reader->end && *at != reader->delimiter && *at != '\n')
        at++;
    *cell = (struct cell){.text = reader->at, .len = (size_t)(at - reader->at)};
    bool more = at < reader->end && *at == reader->delimiter;
    if (!more && cell->len && cell->text[cell->len - 1] == '\r')
        cell->len--;
    reader->at = at < reader->end ? at + 1 : at;
    return more;
}

/* A record's fields into cells (COLUMNS_MAX); their number, 0 at the end. Empty lines are skipped. */
static size_t read_record(struct reader *reader, struct cell *cells)
{
    while (reader->at < reader->end && (*reader->at == '\n' || *reader->at == '\r'))
        reader->at++;
    if (reader->at >= reader->end)
        return 0;
    size_t count = 0;
    struct cell spare;
    while (read_cell(reader, count < COLUMNS_MAX ? &cells[count] : &spare))
        count++;
    return count < COLUMNS_MAX ? count + 1 : COLUMNS_MAX;
}

/* How well a delimiter fits: the share (per mille) of records with as many fields as the first, 0 when it has one. */
static int score(struct reader reader, struct cell *cells, size_t *columns)
{
    size_t same = 0, total = 0;
    *columns = read_record(&reader, cells);
    for (size_t count = *columns; count && total < SNIFF_RECORDS; count = read_record(&reader, cells), total++)
        same += count == *columns;
    return *columns < 2 || total < 2 ? 0 : (int)(same * 1000 / total);
}

static char find_delimiter(struct reader reader, struct cell *cells)
{
    static const char delimiters[] = {',', '|', '\t', ';', '\x01'};
    int best = 699; /* ragged files are still CSV, noise is not */
    size_t best_columns = 0, columns;
    char found = 0;
    for (size_t i = 0; i < sizeof delimiters; i++) {
        reader.delimiter = delimiters[i];
        int value = score(reader, cells, &columns);
        if (value > best || (value == best && columns > best_columns)) {
            best = value;
            best_columns = columns;
            found = delimiters[i];
        }
    }
    return found;
}

/* What a column's values were so far. */
struct column {
    const char *name;
    int64_t values;
    bool other, boolean, number, date, time; /* some value was of that kind */
    bool fraction, exponent, wide;           /* among the numbers; wide: beyond 64 bits */
    int whole, scale_min, scale_max, digits; /* most digits before the point, after it, significant */
    bool has_empty;
};

static bool all_digits(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return len > 0;
}

static int two(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

static bool is_date(const char *text, size_t len)
{
    if (len != 10 || text[4] != '-' || text[7] != '-' || !all_digits(text, 4) || !all_digits(text + 5, 2) ||
        !all_digits(text + 8, 2))
        return false;
    int month = two(text + 5), day = two(text + 8);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool is_timestamp(const char *text, size_t len)
{
    if (len < 19 || !is_date(text, 10) || text[10] != ' ' || text[13] != ':' || text[16] != ':' ||
        !all_digits(text + 11, 2) || !all_digits(text + 14, 2) || !all_digits(text + 17, 2))
        return false;
    if (two(text + 11) > 23 || two(text + 14) > 59 || two(text + 17) > 59)
        return false;
    return len == 19 || (len <= 29 && text[19] == '.' && all_digits(text + 20, len - 20));
}

static bool note_number(struct column *column, const char *text, size_t len)
{
    size_t at = len && (*text == '-' || *text == '+');
    size_t whole = 0, fraction = 0, from = at;
    while (at + whole < len && text[at + whole] >= '0' && text[at + whole] <= '9')
        whole++;
    at += whole;
    if (at < len && text[at] == '.') {
        at++;
        while (at + fraction < len && text[at + fraction] >= '0' && text[at + fraction] <= '9')
            fraction++;
        at += fraction;
    }
    if (whole + fraction == 0)
        return false;
    bool has_exponent = at < len && (text[at] == 'e' || text[at] == 'E');
    if (has_exponent) {
        at++;
        at += at < len && (text[at] == '-' || text[at] == '+');
        if (at >= len || !all_digits(text + at, len - at))
            return false;
        at = len;
    }
    if (at != len)
        return false;
    size_t zeros = 0;
    while (zeros < whole && text[from + zeros] == '0')
        zeros++;
    int significant = (int)(whole - zeros + fraction);
    bool first = !column->number;
    column->exponent |= has_exponent;
    column->fraction |= fraction > 0;
    column->wide |= whole - zeros > 18; /* 19 digits may or may not fit: the wider type holds both */
    if ((int)(whole - zeros) > column->whole)
        column->whole = (int)(whole - zeros);
    if (first || (int)fraction < column->scale_min)
        column->scale_min = (int)fraction;
    if ((int)fraction > column->scale_max)
        column->scale_max = (int)fraction;
    if (significant > column->digits)
        column->digits = significant;
    column->number = true;
    return true;
}

static bool is_word(const struct cell *cell, const char *word)
{
    return cell->len == strlen(word) && strncasecmp(cell->text, word, cell->len) == 0;
}

static void note(struct column *column, const struct cell *cell)
{
    if (cell->len == 0) {
        column->has_empty = true;
        return;
    }
    column->values++;
    if (note_number(column, cell->text, cell->len))
        return;
    if (is_date(cell->text, cell->len))
        column->date = true;
    else if (is_timestamp(cell->text, cell->len))
        column->time = true;
    else if (is_word(cell, "true") || is_word(cell, "false"))
        column->boolean = true;
    else
        column->other = true;
}

static void type_number(const struct column *column, struct glue_type *type)
{
    int width = column->whole + column->scale_max;
    bool is_money = column->fraction && column->scale_min == 2 && column->scale_max == 2 && column->whole <= 16;
    type->kind = GLUE_DOUBLE;
    if (!column->fraction && !column->exponent && !column->wide)
        type->kind = GLUE_BIGINT;
    else if (!column->exponent && is_money)
        *type = (struct glue_type){.kind = GLUE_DECIMAL, .precision = 18, .scale = 2};
    else if (!column->exponent && column->digits > 15 && width <= 38)
        *type = (struct glue_type){.kind = GLUE_DECIMAL, .precision = 38, .scale = column->scale_max};
    else if (!column->fraction && !column->exponent)
        type->kind = GLUE_STRING; /* an integer that no number type holds */
}

static void type_column(const struct column *column, struct glue_type *type)
{
    int kinds = column->boolean + column->number + column->date + column->time;
    if (column->values == 0)
        type->kind = GLUE_NULL;
    else if (column->other || kinds != 1)
        type->kind = GLUE_STRING;
    else if (column->number)
        type_number(column, type);
    else
        type->kind = column->boolean ? GLUE_BOOLEAN : column->date ? GLUE_DATE : GLUE_TIMESTAMP;
}

static bool could_be_header(const struct cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct column column = {0};
        note(&column, &cells[i]);
        if (cells[i].len == 0 ? i > 0 : !column.other)
            return false;
        if (i + 1 < count && cells[i].len >= HEADER_MAX)
            return false;
    }
    return true;
}

static bool is_text(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)bytes[i] < 0x20 && !strchr("\t\n\r\x01", bytes[i]))
            return false;
    return memchr(bytes, '\0', len) == NULL;
}

static bool add_columns(struct arena *arena, const struct column *columns, size_t count, const struct cell *header,
                        bool has_header, struct glue_type *row)
{
    for (size_t i = 0; i < count; i++) {
        char name[320];
        snprintf(name, sizeof name, "col%zu", i);
        if (has_header && header[i].len)
            snprintf(name, sizeof name, "%.*s", (int)(header[i].len < 255 ? header[i].len : 255), header[i].text);
        for (size_t j = 0, times = 2; j < row->count; j++) {
            if (strcasecmp(row->fields[j].name, name) != 0)
                continue;
            snprintf(name + strlen(name), sizeof name - strlen(name), "_%zu", times++); /* a name may come twice */
            j = (size_t)-1;
        }
        struct glue_field *field = glue_type_add(arena, row, name);
        if (!field)
            return false;
        field->has_empty = columns[i].has_empty;
        field->type = glue_type_new(arena, GLUE_NULL);
        if (!field->type)
            return false;
        type_column(&columns[i], field->type);
    }
    return true;
}

static bool some_typed(const struct column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct glue_type type = {0};
        type_column(&columns[i], &type);
        if (type.kind != GLUE_NULL && type.kind != GLUE_STRING)
            return true;
    }
    return false;
}

static size_t names_count(const struct glue_csv_rules *rules)
{
    size_t count = 0;
    while (rules->columns && rules->columns[count])
        count++;
    return count;
}

/* Whether a file with these columns is the rules'. */
static bool fits_rules(const struct glue_csv_rules *rules, size_t count)
{
    size_t named = names_count(rules);
    return (count > 1 || (count == 1 && rules->allows_one_column)) && (!named || named == count);
}

/* Names of the rules' in the place of the file's. */
static void name_columns(const struct glue_csv_rules *rules, struct cell *header, size_t count)
{
    for (size_t i = 0; rules->columns && i < count && rules->columns[i]; i++)
        header[i] = (struct cell){.text = rules->columns[i], .len = strlen(rules->columns[i])};
}

static bool infer(struct reader *reader, const struct glue_csv_rules *rules, struct cell *cells, struct cell *header,
                  struct glue_schema *schema)
{
    const char *start = reader->at;
    reader->delimiter = rules->delimiter ? rules->delimiter : find_delimiter(*reader, cells);
    if (!reader->delimiter && rules->allows_one_column)
        reader->delimiter = ',';
    size_t count = reader->delimiter ? read_record(reader, header) : 0;
    if (!fits_rules(rules, count))
        return false;
    struct column *columns = count ? ARENA_ARRAY(reader->arena, struct column, count) : NULL;
    if (!columns)
        return false;
    for (size_t got; (got = read_record(reader, cells)) > 0; schema->records++)
        for (size_t i = 0; i < count; i++)
            note(&columns[i], i < got ? &cells[i] : &(struct cell){.text = "", .len = 0});
    schema->has_header =
        rules->has_header || (!rules->has_no_header && could_be_header(header, count) && some_typed(columns, count));
    if (!schema->has_header) {
        for (size_t i = 0; i < count; i++)
            note(&columns[i], &header[i]);
        schema->records++;
    }
    schema->bytes = reader->end - start; /* the header too: files of a table have one each */
    schema->format = GLUE_FORMAT_CSV;
    schema->delimiter = reader->delimiter;
    schema->quote = reader->quote;
    schema->is_quoted = rules->is_quoted || (reader->is_quoted && !rules->is_plain);
    schema->row = glue_type_new(reader->arena, GLUE_STRUCT);
    name_columns(rules, header, count);
    return schema->row &&
           add_columns(reader->arena, columns, count, header, schema->has_header || rules->columns, schema->row);
}

bool glue_infer_csv(const char *bytes, size_t len, bool is_whole, struct arena *arena, struct glue_schema *schema)
{
    static const struct glue_csv_rules none = {.delimiter = 0};
    return glue_infer_csv_by(&none, bytes, len, is_whole, arena, schema);
}

bool glue_infer_csv_by(const struct glue_csv_rules *rules, const char *bytes, size_t len, bool is_whole,
                       struct arena *arena, struct glue_schema *schema)
{
    if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        len -= 3;
    }
    /* the last record of a part may be cut */
    while (!is_whole && len && bytes[len - 1] != '\n')
        len--;
    if (len == 0 || !is_text(bytes, len))
        return false;
    struct reader reader = {
        .at = bytes, .end = bytes + len, .quote = rules->quote ? rules->quote : '"', .arena = arena};
    struct cell *cells = calloc(2 * COLUMNS_MAX, sizeof *cells);
    if (!cells)
        abort();
    bool ok = infer(&reader, rules, cells, cells + COLUMNS_MAX, schema);
    free(cells);
    schema->is_exact = is_whole;
    return ok;
}
