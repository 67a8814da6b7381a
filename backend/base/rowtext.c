/* Rows as JSON and CSV. Any thread. */
#include "backend/base/rowtext.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include <string.h>

static const char *state_word(enum value_state state)
{
    static const char *const words[] = {
        [VALUE_KNOWN] = "known",     [VALUE_AT_LEAST] = "at_least", [VALUE_NONE] = "none",
        [VALUE_UNKNOWN] = "unknown", [VALUE_NULL] = "null",         [VALUE_DENIED] = "denied",
        [VALUE_TIMEOUT] = "timeout", [VALUE_FAILED] = "failed"};
    return words[state];
}

static void write_time(int64_t ms, struct buf *out)
{
    char text[TEXT_SHORT];
    text_time(ms, text);
    char *space = strchr(text, ' ');
    if (space)
        *space = 'T';
    json_write_string(text, strlen(text), out);
}

static void write_value(const struct value *value, enum value_kind kind, struct buf *out)
{
    if (value->state != VALUE_KNOWN && value->state != VALUE_AT_LEAST)
        buf_puts(out, "null");
    else if (value_kind_is_text(kind))
        value_write_json(value, kind, out);
    else if (kind == VALUE_PERCENT)
        buf_printf(out, "%.6g", value->fraction);
    else if (kind == VALUE_BOOL)
        buf_puts(out, value->number ? "true" : "false");
    else if (kind == VALUE_AGE || kind == VALUE_TIME)
        write_time(value->number, out);
    else
        buf_printf(out, "%lld", (long long)value->number);
}

void row_write_json(const struct column *const *columns, int count, const void *row, struct buf *out)
{
    buf_putc(out, '{');
    for (int i = 0; i < count; i++) {
        const struct column *column = columns[i];
        struct value value = column_value(column, row);
        buf_printf(out, "%s\"%s\":", i ? "," : "", column->id);
        write_value(&value, column->kind, out);
        if (value.state != VALUE_KNOWN && value.state != VALUE_NONE && value.state != VALUE_NULL)
            buf_printf(out, ",\"%s_state\":\"%s\"", column->id, state_word(value.state));
    }
    buf_putc(out, '}');
}

static void write_field(const char *bytes, size_t len, struct buf *out)
{
    bool quote = len == 0;
    for (size_t i = 0; i < len && !quote; i++)
        quote = strchr("\",\r\n", bytes[i]) && bytes[i];
    if (!quote) {
        buf_append(out, bytes, len);
        return;
    }
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, bytes[i]);
    }
    buf_putc(out, '"');
}

void row_write_csv_header(const struct column *const *columns, int count, struct buf *out)
{
    for (int i = 0; i < count; i++)
        buf_printf(out, "%s%s", i ? "," : "", columns[i]->id);
    buf_puts(out, "\r\n");
}

void row_write_csv(const struct column *const *columns, int count, const void *row, struct buf *out)
{
    for (int i = 0; i < count; i++) {
        const struct column *column = columns[i];
        struct value value = column_value(column, row);
        if (i > 0)
            buf_putc(out, ',');
        if (value.state != VALUE_KNOWN && value.state != VALUE_AT_LEAST)
            continue;
        if (value_kind_is_text(column->kind)) {
            write_field(value.text, value.len, out);
            continue;
        }
        struct buf text = BUF_INIT(256);
        write_value(&value, column->kind, &text);
        const char *plain = buf_text(&text);
        size_t len = text.len;
        if (*plain == '"') { /* a time: JSON's quotes are not CSV's */
            plain++;
            len -= 2;
        }
        buf_append(out, plain, len);
        buf_done(&text);
    }
    buf_puts(out, "\r\n");
}
