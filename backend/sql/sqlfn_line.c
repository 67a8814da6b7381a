/* A line of a text table becomes its fields, joined by DIALECT_FIELD_MARK for the engine to split: what the engine's
 * own CSV reader cannot do as Hive's SerDes do. The second argument is three characters: separator, quote and escape,
 * \x01 for none. Sources: opencsv 2.3's CSVParser, which OpenCSVSerde uses; Hive's LazyStruct. */
#include "backend/sql/dialect.h"
#include "backend/sql/sqlfn.h"
#include <string.h>

enum { NONE = 1 };

struct line {
    const char *at, *end;
    char separator, quote, escape;
    struct buf *out;
    bool is_quoted, in_field;
    size_t field_start; /* in out */
};

static bool open_line(struct sqlfn_call *call, struct line *line)
{
    const struct sqlfn_value *text = &call->args[0], *how = &call->args[1];
    if (how->len != 3)
        return sqlfn_fail(call, "GENERIC_INTERNAL_ERROR", "weir_fields needs three characters");
    *line = (struct line){.at = text->bytes,
                          .end = text->bytes + text->len,
                          .separator = how->bytes[0],
                          .quote = how->bytes[1],
                          .escape = how->bytes[2],
                          .out = call->text};
    return true;
}

static void end_field(struct line *line)
{
    buf_puts(line->out, DIALECT_FIELD_MARK);
    line->field_start = line->out->len;
    line->in_field = false;
}

/* A separator behind an escape is text; the escape stays, for weir_unescape. */
static void lazy_line(struct line *line)
{
    for (; line->at < line->end; line->at++) {
        if (*line->at == line->escape && line->at + 1 < line->end) {
            buf_append(line->out, line->at++, 2);
        } else if (*line->at == line->separator) {
            end_field(line);
        } else {
            buf_putc(line->out, *line->at);
        }
    }
}

static bool only_spaces(const char *text, size_t len)
{
    while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return len == 0;
}

/* A quote amid a field's text turns quoting over and stays in the text; spaces before a field's quote are dropped. */
static void turn_quote(struct line *line, const char *begin)
{
    const char *at = line->at;
    line->is_quoted = !line->is_quoted;
    if (at - begin > 2 && at[-1] != line->separator && at + 1 < line->end && at[1] != line->separator) {
        if (line->out->len > line->field_start &&
            only_spaces(line->out->data + line->field_start, line->out->len - line->field_start))
            line->out->len = line->field_start;
        else
            buf_putc(line->out, line->quote);
    }
    line->in_field = !line->in_field;
}

static bool is_escapable(const struct line *line)
{
    return (line->is_quoted || line->in_field) && line->at + 1 < line->end &&
           (line->at[1] == line->quote || line->at[1] == line->escape);
}

static void open_csv_line(struct line *line)
{
    const char *begin = line->at;
    for (; line->at < line->end; line->at++) {
        if (*line->at == line->escape && line->escape != NONE) {
            if (is_escapable(line))
                buf_putc(line->out, *++line->at);
        } else if (*line->at == line->quote && line->quote != NONE) {
            bool is_doubled =
                (line->is_quoted || line->in_field) && line->at + 1 < line->end && line->at[1] == line->quote;
            if (is_doubled)
                buf_putc(line->out, *++line->at);
            else
                turn_quote(line, begin);
        } else if (*line->at == line->separator && !line->is_quoted) {
            end_field(line);
        } else {
            buf_putc(line->out, *line->at);
            line->in_field = true;
        }
    }
}

static bool fields(struct sqlfn_call *call)
{
    struct line line;
    if (!open_line(call, &line))
        return false;
    (line.quote == NONE ? lazy_line : open_csv_line)(&line);
    call->is_null = line.is_quoted; /* lines are records: one that ends within quotes has no fields at all */
    return true;
}

/* Takes the escapes out: the character behind one is text. */
static bool unescape(struct sqlfn_call *call)
{
    const struct sqlfn_value *text = &call->args[0];
    char escape = call->args[1].len ? *call->args[1].bytes : NONE;
    for (size_t i = 0; i < text->len; i++) {
        i += text->bytes[i] == escape && i + 1 < text->len;
        buf_putc(call->text, text->bytes[i]);
    }
    return true;
}

const struct sqlfn sqlfn_line[] = {
    {.name = "weir_fields", .params = "ss", .result = 's', .call = fields},
    {.name = "weir_unescape", .params = "ss", .result = 's', .call = unescape},
    {.name = NULL},
};
