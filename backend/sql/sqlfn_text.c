/* Text functions: format, soundex, positions, URLs, numbers as text. Source: Trino documentation, "String functions",
 * "URL functions", "Conversion functions"; java.util.Formatter for format. */
#include "backend/base/json.h"
#include "backend/sql/sqlfn.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool sqlfn_fail(struct sqlfn_call *call, const char *name, const char *format, ...)
{
    char text[sizeof call->err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(call->err, ERR_PARSE, "%s", text);
    snprintf(call->err->service_code, sizeof call->err->service_code, "%s", name);
    return false;
}

/* --- numbers as text: 1.5E0, 0E0, NaN, Infinity --- */
static bool number_text(double value, int digits, struct buf *out)
{
    char text[40] = "";
    if (isnan(value) || isinf(value))
        return buf_puts(out, isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity");
    if (value == 0)
        return buf_puts(out, signbit(value) ? "-0E0" : "0E0");
    for (int precision = 0; precision < digits; precision++) { /* the shortest that reads back as the same number */
        snprintf(text, sizeof text, "%.*e", precision, value);
        double back = strtod(text, NULL);
        if (digits == 9 ? (float)back == (float)value : back == value)
            break;
    }
    char *exponent = strchr(text, 'e');
    *exponent = '\0';
    buf_puts(out, text);
    buf_puts(out, strchr(text, '.') ? "" : ".0");
    return buf_printf(out, "E%d", atoi(exponent + 1));
}

static bool double_text(struct sqlfn_call *call)
{
    return number_text(call->args[0].real, 17, call->text);
}

static bool real_text(struct sqlfn_call *call)
{
    return number_text(call->args[0].real, 9, call->text);
}

bool sqlfn_double_text(double value, struct buf *out)
{
    double size = fabs(value);
    char text[40];
    if (isnan(value) || isinf(value) || (value != 0 && (size < 1e-3 || size >= 1e7)))
        return number_text(value, 17, out);
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value && !strchr(text, 'e'))
            break;
    }
    buf_puts(out, text);
    return buf_puts(out, strchr(text, '.') ? "" : ".0");
}

static bool java_text(struct sqlfn_call *call)
{
    return sqlfn_double_text(call->args[0].real, call->text);
}

/* --- format --- */
struct spec { /* %[index$][flags][width][.precision]conversion */
    long index;
    bool left, zero, comma, plus, space, parenthesis, alternate;
    int width, precision;
    char conversion;
};

static bool read_spec(const char **at, const char *end, struct spec *spec)
{
    char *behind;
    *spec = (struct spec){.precision = -1};
    long number = *at < end && isdigit((unsigned char)**at) && **at != '0' ? strtol(*at, &behind, 10) : 0;
    if (number && behind < end && *behind == '$') {
        spec->index = number;
        *at = behind + 1;
    }
    for (; *at < end && strchr("-0,+ (#", **at); ++*at) {
        spec->left |= **at == '-';
        spec->zero |= **at == '0';
        spec->comma |= **at == ',';
        spec->plus |= **at == '+';
        spec->space |= **at == ' ';
        spec->parenthesis |= **at == '(';
        spec->alternate |= **at == '#';
    }
    for (; *at < end && isdigit((unsigned char)**at) && spec->width < 10000; ++*at)
        spec->width = spec->width * 10 + (**at - '0');
    if (*at < end && **at == '.') {
        spec->precision = 0;
        for (++*at; *at < end && isdigit((unsigned char)**at) && spec->precision < 1000; ++*at)
            spec->precision = spec->precision * 10 + (**at - '0');
    }
    if (*at >= end)
        return false;
    spec->conversion = *(*at)++;
    return true;
}

static void add_commas(const char *digits, struct buf *out)
{
    size_t whole = strspn(digits, "0123456789");
    for (size_t i = 0; i < whole; i++) {
        if (i && (whole - i) % 3 == 0)
            buf_putc(out, ',');
        buf_putc(out, digits[i]);
    }
    buf_puts(out, digits + whole);
}

static bool pad(const struct spec *spec, const char *text, bool is_number, struct buf *out)
{
    size_t length = 0;
    for (const char *c = text; *c; c++)
        length += ((unsigned char)*c & 0xc0) != 0x80;
    size_t fill = (size_t)spec->width > length ? (size_t)spec->width - length : 0;
    bool zero = spec->zero && is_number && !spec->left, sign = zero && (*text == '-' || *text == '+');
    if (sign)
        buf_putc(out, *text++);
    for (size_t i = 0; i < fill && !spec->left; i++)
        buf_putc(out, zero ? '0' : ' ');
    buf_puts(out, text);
    for (size_t i = 0; i < fill && spec->left; i++)
        buf_putc(out, ' ');
    return true;
}

/* %.nf as java.util.Formatter rounds: half up, of the shortest digits that are the number, not of its binary value. */
static void fixed_text(double size, int precision, char *out, size_t room)
{
    char shortest[40], *point = out;
    int digits = 0;
    for (; digits < 17; digits++) {
        snprintf(shortest, sizeof shortest, "%.*e", digits, size);
        if (strtod(shortest, NULL) == size)
            break;
    }
    int decimals = digits - atoi(strchr(shortest, 'e') + 1); /* behind the point, of the exact decimal text */
    if (!isfinite(size) || decimals <= precision || decimals > 300) {
        snprintf(out, room, "%.*f", precision, size);
        return;
    }
    snprintf(out, room, "%.*f", decimals, size);
    point = strchr(out, '.');
    char *cut = point + 1 + precision;
    bool carries = *cut >= '5';
    *(precision ? cut : point) = '\0';
    for (char *c = out + strlen(out) - 1; carries && c >= out; c--) {
        if (*c == '.')
            continue;
        carries = *c == '9';
        *c = carries ? '0' : (char)(*c + 1);
    }
    if (carries) {
        memmove(out + 1, out, strlen(out) + 1);
        *out = '1';
    }
}

static bool format_number(struct sqlfn_call *call, const struct spec *spec, char kind, const char *value)
{
    char digits[512];
    struct buf text = BUF_INIT(4096);
    double real = strtod(value, NULL);
    bool negative = *value == '-';
    const char *plain = value + negative;
    if (spec->conversion == 'd') {
        snprintf(digits, sizeof digits, "%s", plain);
    } else if (spec->conversion == 'x' || spec->conversion == 'X' || spec->conversion == 'o') {
        snprintf(digits, sizeof digits,
                 spec->conversion == 'o'   ? "%llo"
                 : spec->conversion == 'x' ? "%llx"
                                           : "%llX",
                 strtoll(value, NULL, 10));
        negative = false;
    } else {
        const char shape[] = {'%', '.', '*', spec->conversion == 'g' ? 'e' : spec->conversion, '\0'};
        if (strcmp(shape + 3, "e") == 0 || strcmp(shape + 3, "E") == 0)
            snprintf(digits, sizeof digits, spec->conversion == 'E' ? "%.*E" : "%.*e",
                     spec->precision < 0 ? 6 : spec->precision, fabs(real));
        else
            fixed_text(fabs(real),
                       spec->precision < 0     ? 6
                       : spec->precision > 100 ? 100
                                               : spec->precision,
                       digits, sizeof digits);
        negative = signbit(real);
    }
    (void)kind;
    buf_puts(&text, negative ? spec->parenthesis ? "(" : "-" : spec->plus ? "+" : spec->space ? " " : "");
    if (spec->comma)
        add_commas(digits, &text);
    else
        buf_puts(&text, digits);
    buf_puts(&text, negative && spec->parenthesis ? ")" : "");
    pad(spec, buf_text(&text), true, call->text);
    buf_done(&text);
    return true;
}

static bool format_value(struct sqlfn_call *call, const struct spec *spec, char kind, const json_t *value)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "null";
    char cut[1024];
    bool is_null = !json_is_string(value);
    if (strchr("sS", spec->conversion) || is_null) {
        if (spec->precision >= 0 && (size_t)spec->precision < strlen(text)) {
            snprintf(cut, sizeof cut, "%.*s", spec->precision, text);
            text = cut;
        }
        char *upper = strdup(text);
        for (char *c = upper; c && *c && spec->conversion == 'S'; c++)
            *c = (char)toupper((unsigned char)*c);
        pad(spec, upper ? upper : "", false, call->text);
        free(upper);
        return true;
    }
    if (strchr("bB", spec->conversion))
        return pad(spec, kind == 'b' ? text : "true", false, call->text);
    if ((strchr("dxXo", spec->conversion) && kind == 'i') || (strchr("feE", spec->conversion) && kind == 'f'))
        return format_number(call, spec, kind, text);
    if (strchr("dxXofeE", spec->conversion))
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Invalid format string: %%%c does not fit its value",
                          spec->conversion);
    return sqlfn_fail(call, "NOT_SUPPORTED", "format: the conversion %%%c is not supported", spec->conversion);
}

static bool format(struct sqlfn_call *call)
{
    const struct sqlfn_value *pattern = &call->args[0], *kinds = &call->args[1];
    const char *at = pattern->bytes, *end = at + pattern->len;
    json_t *values = json_parse(call->args[2].bytes, call->args[2].len, NULL);
    size_t next = 0;
    bool ok = values != NULL;
    while (ok && at < end) {
        struct spec spec;
        if (*at != '%') {
            buf_putc(call->text, *at++);
            continue;
        }
        at++;
        if (!read_spec(&at, end, &spec)) {
            ok = sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Invalid format string: it ends with %%");
        } else if (spec.conversion == '%' || spec.conversion == 'n') {
            buf_putc(call->text, spec.conversion == '%' ? '%' : '\n');
        } else {
            size_t index = spec.index ? (size_t)spec.index - 1 : next++;
            ok = index < kinds->len
                     ? format_value(call, &spec, kinds->bytes[index], json_array_get(values, index))
                     : sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Invalid format string: too few arguments");
        }
    }
    json_decref(values);
    return ok;
}

/* --- characters --- */
static size_t next_char(const struct sqlfn_value *text, size_t at)
{
    do
        at++;
    while (at < text->len && ((unsigned char)text->bytes[at] & 0xc0) == 0x80);
    return at;
}

static bool hamming(struct sqlfn_call *call)
{
    const struct sqlfn_value *a = &call->args[0], *b = &call->args[1];
    size_t i = 0, j = 0;
    call->out.number = 0;
    while (i < a->len && j < b->len) {
        size_t next_i = next_char(a, i), next_j = next_char(b, j);
        call->out.number += next_i - i != next_j - j || memcmp(a->bytes + i, b->bytes + j, next_i - i) != 0;
        i = next_i;
        j = next_j;
    }
    return (i >= a->len && j >= b->len) ||
           sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT",
                      "The input strings to hamming_distance function must have the same length");
}

/* strpos(text, part, n): the n-th from the start, or from the end when negative. */
static bool nth_position(struct sqlfn_call *call)
{
    const struct sqlfn_value *text = &call->args[0], *part = &call->args[1];
    int64_t wanted = call->args[2].number, seen = 0, total = 0;
    call->out.number = 0;
    if (wanted == 0)
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "'instance' must be a positive or negative number.");
    if (part->len == 0) {
        call->out.number = 1;
        return true;
    }
    for (size_t i = 0; wanted < 0 && i + part->len <= text->len; i++)
        total += memcmp(text->bytes + i, part->bytes, part->len) == 0;
    int64_t target = wanted > 0 ? wanted : total + wanted + 1, characters = 0;
    for (size_t i = 0; i + part->len <= text->len; i++) {
        characters += ((unsigned char)text->bytes[i] & 0xc0) != 0x80;
        if (memcmp(text->bytes + i, part->bytes, part->len) == 0 && ++seen == target) {
            call->out.number = characters;
            return true;
        }
    }
    return true;
}

static bool soundex(struct sqlfn_call *call)
{
    static const char codes[] = "01230120022455012623010202"; /* A to Z */
    const struct sqlfn_value *text = &call->args[0];
    char last = '0', out[5] = "";
    size_t size = 0;
    for (size_t i = 0; i < text->len && size < 4; i++) {
        unsigned char c = (unsigned char)text->bytes[i];
        if (!isalpha(c))
            continue;
        char upper = (char)toupper(c), code = codes[upper - 'A'];
        if (size == 0)
            out[size++] = upper;
        else if (code != '0' && code != last)
            out[size++] = code;
        if (upper != 'H' && upper != 'W')
            last = code;
    }
    while (size && size < 4)
        out[size++] = '0';
    return buf_puts(call->text, out);
}

/* Invalid bytes become U+FFFD. */
static bool from_utf8(struct sqlfn_call *call)
{
    const unsigned char *bytes = (const unsigned char *)call->args[0].bytes;
    size_t len = call->args[0].len;
    for (size_t i = 0; i < len;) {
        size_t size = bytes[i] < 0x80                       ? 1
                      : bytes[i] >= 0xc2 && bytes[i] < 0xe0 ? 2
                      : (bytes[i] & 0xf0) == 0xe0           ? 3
                      : bytes[i] >= 0xf0 && bytes[i] < 0xf5 ? 4
                                                            : 0;
        bool ok = size && i + size <= len;
        for (size_t j = 1; ok && j < size; j++)
            ok = (bytes[i + j] & 0xc0) == 0x80;
        if (ok && size == 3)
            ok = !(bytes[i] == 0xe0 && bytes[i + 1] < 0xa0) && !(bytes[i] == 0xed && bytes[i + 1] >= 0xa0);
        if (ok && size == 4)
            ok = !(bytes[i] == 0xf0 && bytes[i + 1] < 0x90) && !(bytes[i] == 0xf4 && bytes[i + 1] >= 0x90);
        if (ok)
            buf_append(call->text, bytes + i, size);
        else
            buf_puts(call->text, "\xef\xbf\xbd");
        i += ok ? size : 1;
    }
    return true;
}

/* --- URLs: scheme://user@host:port/path?query#fragment --- */
struct url {
    const char *scheme, *host, *port, *path, *query, *fragment;
    size_t scheme_len, host_len, port_len, path_len, query_len, fragment_len;
};

static bool split_url(const struct sqlfn_value *text, struct url *url)
{
    const char *at = text->bytes, *end = at + text->len;
    *url = (struct url){.path = ""};
    const char *hash = memchr(at, '#', text->len);
    if (hash) {
        url->fragment = hash + 1;
        url->fragment_len = (size_t)(end - hash - 1);
        end = hash;
    }
    const char *mark = memchr(at, '?', (size_t)(end - at));
    if (mark) {
        url->query = mark + 1;
        url->query_len = (size_t)(end - mark - 1);
        end = mark;
    }
    for (const char *c = at; c < end; c++)
        if (isspace((unsigned char)*c) || strchr("<>\"{}|\\^`", *c))
            return false;
    const char *colon = memchr(at, ':', (size_t)(end - at)), *slash = memchr(at, '/', (size_t)(end - at));
    if (colon && (!slash || colon < slash)) {
        url->scheme = at;
        url->scheme_len = (size_t)(colon - at);
        at = colon + 1;
    }
    if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
        at += 2;
        const char *stop = memchr(at, '/', (size_t)(end - at));
        stop = stop ? stop : end;
        const char *user = memchr(at, '@', (size_t)(stop - at));
        url->host = user ? user + 1 : at;
        const char *port = memchr(url->host, ':', (size_t)(stop - url->host));
        url->host_len = (size_t)((port ? port : stop) - url->host);
        if (port) {
            url->port = port + 1;
            url->port_len = (size_t)(stop - port - 1);
        }
        at = stop;
    }
    url->path = at;
    url->path_len = (size_t)(end - at);
    return true;
}

static bool append_decoded(struct buf *out, const char *bytes, size_t len, bool plus)
{
    for (size_t i = 0; i < len; i++) {
        char hex[3] = {0};
        if (bytes[i] == '%' && i + 2 < len + 0 && isxdigit((unsigned char)bytes[i + 1]) &&
            isxdigit((unsigned char)bytes[i + 2])) {
            memcpy(hex, bytes + i + 1, 2);
            buf_putc(out, (char)strtol(hex, NULL, 16));
            i += 2;
        } else {
            buf_putc(out, plus && bytes[i] == '+' ? ' ' : bytes[i]);
        }
    }
    return true;
}

static bool url_part(struct sqlfn_call *call)
{
    struct url url;
    const char *part = NULL;
    size_t len = 0;
    char which = call->args[1].len > 1 ? call->args[1].bytes[1] : ' '; /* pRotocol hOst pOrt pAth qUery fRagment */
    char first = call->args[1].bytes[0];
    call->is_null = !split_url(&call->args[0], &url);
    if (call->is_null)
        return true;
    if (first == 'p' && which == 'r')
        part = url.scheme ? url.scheme : "", len = url.scheme_len;
    else if (first == 'h')
        part = url.host ? url.host : "", len = url.host_len;
    else if (first == 'p' && which == 'o')
        part = url.port, len = url.port_len;
    else if (first == 'p')
        part = url.path, len = url.path_len;
    else if (first == 'q')
        part = url.query ? url.query : "", len = url.query_len;
    else
        part = url.fragment ? url.fragment : "", len = url.fragment_len;
    call->is_null = part == NULL || (first == 'p' && which == 'o' && len == 0);
    return call->is_null || append_decoded(call->text, part, len, false);
}

static bool url_parameter(struct sqlfn_call *call)
{
    struct url url;
    const struct sqlfn_value *name = &call->args[1];
    call->is_null = true;
    if (!split_url(&call->args[0], &url) || !url.query)
        return true;
    for (const char *at = url.query, *end = at + url.query_len; at < end && call->is_null;) {
        const char *stop = memchr(at, '&', (size_t)(end - at));
        stop = stop ? stop : end;
        const char *equal = memchr(at, '=', (size_t)(stop - at));
        size_t len = (size_t)((equal ? equal : stop) - at);
        if (len == name->len && memcmp(at, name->bytes, len) == 0) {
            call->is_null = false;
            if (equal)
                append_decoded(call->text, equal + 1, (size_t)(stop - equal - 1), true);
        }
        at = stop + 1;
    }
    return true;
}

static bool url_encode(struct sqlfn_call *call)
{
    for (size_t i = 0; i < call->args[0].len; i++) {
        unsigned char c = (unsigned char)call->args[0].bytes[i];
        if (isalnum(c) || (c && strchr("-_.*", c)))
            buf_putc(call->text, (char)c);
        else
            c == ' ' ? buf_putc(call->text, '+') : buf_printf(call->text, "%%%02X", c);
    }
    return true;
}

static bool url_decode(struct sqlfn_call *call)
{
    return append_decoded(call->text, call->args[0].bytes, call->args[0].len, true);
}

const struct sqlfn sqlfn_text[] = {
    {.name = "weir_double_text", .params = "d", .result = 's', .call = double_text},
    {.name = "weir_real_text", .params = "d", .result = 's', .call = real_text},
    {.name = "weir_java_text", .params = "d", .result = 's', .call = java_text},
    {.name = "weir_format", .params = "sss", .result = 's', .call = format},
    {.name = "weir_hamming", .params = "ss", .result = 'i', .call = hamming},
    {.name = "weir_strpos", .params = "ssi", .result = 'i', .call = nth_position},
    {.name = "weir_soundex", .params = "s", .result = 's', .call = soundex},
    {.name = "weir_from_utf8", .params = "x", .result = 's', .call = from_utf8},
    {.name = "weir_url_part", .params = "ss", .result = 's', .call = url_part},
    {.name = "weir_url_parameter", .params = "ss", .result = 's', .call = url_parameter},
    {.name = "weir_url_encode", .params = "s", .result = 's', .call = url_encode},
    {.name = "weir_url_decode", .params = "s", .result = 's', .call = url_decode},
    {.name = NULL},
};
