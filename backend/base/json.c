/* jansson helpers. A json_t belongs to one thread at a time. */
#include "backend/base/json.h"
#include "backend/base/text.h"
#include <string.h>

json_t *json_parse(const char *bytes, size_t len, struct err *err)
{
    json_error_t problem;
    /* a NUL inside a string is legal JSON and occurs in messages; keys cannot have it */
    json_t *value =
        json_loadb(len ? bytes : "", len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    if (!value)
        err_set(err, ERR_PARSE, "line %d column %d: %s", problem.line, problem.column, problem.text);
    return value;
}

const char *json_str(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

int64_t json_int(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *member = json_object_get(object, key);
    return json_is_integer(member) ? json_integer_value(member) : fallback;
}

bool json_bool(const json_t *object, const char *key, bool fallback)
{
    const json_t *member = json_object_get(object, key);
    return json_is_boolean(member) ? json_is_true(member) : fallback;
}

static int append(const char *bytes, size_t len, void *out)
{
    return buf_append(out, bytes, len) ? 0 : -1;
}

bool json_write(const json_t *value, int indent, struct buf *out)
{
    size_t flags = JSON_ENCODE_ANY | (indent > 0 ? JSON_INDENT(indent > 31 ? 31 : (size_t)indent) : JSON_COMPACT);
    return json_dump_callback(value, append, out, flags) == 0 && !out->failed;
}

static void write_escape(unsigned char byte, struct buf *out)
{
    static const char letters[32] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};
    if (byte == '"' || byte == '\\')
        buf_printf(out, "\\%c", byte);
    else if (letters[byte])
        buf_printf(out, "\\%c", letters[byte]);
    else
        buf_printf(out, "\\u%04x", byte);
}

bool json_write_string(const char *bytes, size_t len, struct buf *out)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t step = text_decode(bytes + i, len - i, &code);
        if (step == 0)
            buf_puts(out, "\xef\xbf\xbd");
        else if (code < 0x20 || code == '"' || code == '\\')
            write_escape((unsigned char)code, out);
        else
            buf_append(out, bytes + i, step);
        i += step ? step : 1;
    }
    return buf_putc(out, '"');
}

json_t *json_clean(const char *text)
{
    json_t *value = json_string(text);
    if (value)
        return value;
    struct buf clean = BUF_INIT(3 * strlen(text) + 1);
    for (size_t i = 0, len = strlen(text); i < len;) {
        uint32_t code;
        size_t step = text_decode(text + i, len - i, &code);
        if (step)
            buf_append(&clean, text + i, step);
        else
            buf_puts(&clean, "\xef\xbf\xbd");
        i += step ? step : 1;
    }
    value = json_string(buf_text(&clean));
    buf_done(&clean);
    return value;
}

static void new_line(struct buf *out, int columns)
{
    buf_printf(out, "\n%*s", columns, "");
}

/* Bytes of the string that begins at the quote. */
static size_t string_len(const char *bytes, size_t len)
{
    size_t at = 1;
    while (at < len && bytes[at] != '"')
        at += bytes[at] == '\\' ? 2 : 1;
    return at < len ? at + 1 : len;
}

bool json_indent(const char *bytes, size_t len, int indent, struct buf *out)
{
    int depth = 0;
    char before = 0; /* the last byte that was no blank */
    for (size_t i = 0, step; i < len; i += step) {
        char byte = bytes[i];
        step = 1;
        if (byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
            continue;
        bool closes = byte == '}' || byte == ']', was_open = before == '{' || before == '[';
        depth -= closes;
        if ((closes && !was_open) || (was_open && !closes) || before == ',')
            new_line(out, depth * indent);
        if (byte == '"')
            step = string_len(bytes + i, len - i);
        buf_append(out, bytes + i, step);
        if (byte == ':')
            buf_putc(out, ' ');
        depth += byte == '{' || byte == '[';
        before = byte;
    }
    return !out->failed;
}
