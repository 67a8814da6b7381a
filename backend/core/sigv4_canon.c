/* Canonical path, query and headers of AWS Signature Version 4. Nothing here knows keys or time. Source: "Create a
 * signed AWS API request", step 1, and for the details that it leaves open the expected files of the public test suite
 * (folded lines join with one space, repeated headers with a comma, normalisation drops empty segments). */
#include "backend/core/sigv4_canon.h"
#include "backend/base/uri.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool query_next(const char **query, struct query_part *part)
{
    const char *at = *query;
    while (*at == '&')
        at++;
    if (*at == '\0') {
        *query = at;
        return false;
    }
    size_t len = strcspn(at, "&");
    const char *equals = memchr(at, '=', len);
    part->name = at;
    part->name_len = equals ? (size_t)(equals - at) : len;
    part->value = equals ? equals + 1 : at + len;
    part->value_len = (size_t)(at + len - part->value);
    *query = at + len;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads one byte, decoding %XX; a '%' that starts no escape stands for itself. Returns how many bytes it took. */
static size_t read_byte(const char *text, size_t len, char *byte)
{
    if (*text == '%' && len >= 3 && hex_digit(text[1]) >= 0 && hex_digit(text[2]) >= 0) {
        *byte = (char)(hex_digit(text[1]) * 16 + hex_digit(text[2]));
        return 3;
    }
    *byte = *text;
    return 1;
}

bool query_is(const struct query_part *part, const char *name)
{
    size_t at = 0;
    while (at < part->name_len && *name) {
        char byte;
        at += read_byte(part->name + at, part->name_len - at, &byte);
        if (byte != *name++)
            return false;
    }
    return at == part->name_len && *name == '\0';
}

int query_value(const char *query, const char *name, char *out, size_t size)
{
    struct query_part part;
    while (query_next(&query, &part)) {
        if (!query_is(&part, name))
            continue;
        size_t used = 0, at = 0;
        while (at < part.value_len) {
            if (used + 1 >= size)
                return -1;
            at += read_byte(part.value + at, part.value_len - at, &out[used++]);
        }
        out[used] = '\0';
        return 1;
    }
    return 0;
}

/* Decodes and encodes anew, so that "%3a", ":" and "%3A" become one form. */
static bool append_recoded(const char *text, size_t len, struct buf *out)
{
    size_t at = 0;
    while (at < len) {
        size_t plain = at;
        while (plain < len && (isalnum((unsigned char)text[plain]) || text[plain] == '-' || text[plain] == '_' ||
                               text[plain] == '.' || text[plain] == '~'))
            plain++;
        buf_append(out, text + at, plain - at);
        at = plain;
        if (at < len) {
            char byte;
            at += read_byte(text + at, len - at, &byte);
            uri_encode(&byte, 1, false, out);
        }
    }
    return !out->failed;
}

/* Appends the path without empty, "." and ".." segments (RFC 3986 5.2.4, and AWS's merging of slashes). */
static void append_normalized(const char *path, struct buf *out)
{
    size_t start = out->len;
    const char *at = path;
    while (*at) {
        at += strspn(at, "/");
        size_t len = strcspn(at, "/");
        if (len == 2 && memcmp(at, "..", 2) == 0) {
            while (out->len > start && out->data[out->len - 1] != '/')
                out->len--;
            if (out->len > start)
                out->len--;
        } else if (len > 0 && !(len == 1 && *at == '.')) {
            buf_putc(out, '/');
            buf_append(out, at, len);
        }
        at += len;
    }
    size_t path_len = strlen(path);
    if (out->len == start || path[path_len - 1] == '/')
        buf_putc(out, '/');
}

bool canon_path(const char *path, const struct sigv4_rules *rules, struct buf *out)
{
    struct buf plain = BUF_INIT(out->max);
    if (rules->normalize_path)
        append_normalized(path, &plain);
    else
        buf_puts(&plain, *path ? path : "/");
    if (rules->encode_path_again)
        uri_encode(buf_text(&plain), plain.len, true, out);
    else
        buf_append(out, buf_text(&plain), plain.len);
    bool ok = !plain.failed && !out->failed;
    buf_done(&plain);
    return ok;
}

/* A piece in canonical form: offsets into a buffer that still moves while it grows. */
struct canon_part {
    const struct buf *text;
    size_t name, value;
};

static int compare_parts(const void *a, const void *b)
{
    const struct canon_part *left = a, *right = b;
    int order = strcmp(left->text->data + left->name, right->text->data + right->name);
    return order ? order : strcmp(left->text->data + left->value, right->text->data + right->value);
}

static size_t collect_parts(const char *query, const char *skip, struct canon_part *parts, struct buf *text)
{
    size_t count = 0;
    struct query_part part;
    while (query_next(&query, &part)) {
        if (skip && query_is(&part, skip))
            continue;
        struct canon_part *canon = &parts[count++];
        canon->text = text;
        canon->name = text->len;
        append_recoded(part.name, part.name_len, text);
        buf_putc(text, '\0');
        canon->value = text->len;
        append_recoded(part.value, part.value_len, text);
        buf_putc(text, '\0');
    }
    return text->failed ? 0 : count;
}

bool canon_query(const char *query, const char *skip, struct buf *out)
{
    size_t most = 1;
    for (const char *at = query; *at; at++)
        most += *at == '&';
    struct canon_part *parts = calloc(most, sizeof *parts);
    if (!parts)
        abort();
    struct buf text = BUF_INIT(out->max);
    size_t count = collect_parts(query, skip, parts, &text);
    qsort(parts, count, sizeof *parts, compare_parts);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(out, '&');
        buf_puts(out, text.data + parts[i].name);
        buf_putc(out, '=');
        buf_puts(out, text.data + parts[i].value);
    }
    bool ok = !text.failed && !out->failed;
    buf_done(&text);
    free(parts);
    return ok;
}

/* Never signed: added or changed between the signer and the service, or made by the signature itself. */
static bool is_never_signed(const char *name)
{
    static const char *const names[] = {"authorization",   "connection", "expect", "transfer-encoding",
                                        "x-amzn-trace-id", "user-agent", NULL};
    for (int i = 0; names[i]; i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return false;
}

/* The value without surrounding white space, inner runs (folded lines too) as one space. */
static void append_header_value(const char *value, struct buf *out)
{
    static const char space[] = " \t\r\n";
    value += strspn(value, space);
    while (*value) {
        size_t word = strcspn(value, space);
        buf_append(out, value, word);
        value += word;
        value += strspn(value, space);
        if (*value)
            buf_putc(out, ' ');
    }
}

/* One "name:value[,value...]\n" line out of all headers of that name, in their order. */
static void append_header_line(const struct pairs *headers, const char *name, size_t len, struct buf *out)
{
    buf_append(out, name, len);
    buf_putc(out, ':');
    bool is_first = true;
    for (size_t i = 0; i < headers->count; i++) {
        const struct pair *pair = &headers->items[i];
        if (strncasecmp(pair->name, name, len) != 0 || pair->name[len] != '\0')
            continue;
        if (!is_first)
            buf_putc(out, ',');
        append_header_value(pair->value, out);
        is_first = false;
    }
    buf_putc(out, '\n');
}

static int compare_names(const void *a, const void *b)
{
    return strcasecmp(*(char *const *)a, *(char *const *)b);
}

/* The names to sign, lower case, sorted, each once, as "a;b;c". */
static void append_names(const struct pairs *headers, struct buf *names)
{
    const char *sorted[PAIRS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < headers->count && count < PAIRS_MAX; i++)
        if (!is_never_signed(headers->items[i].name))
            sorted[count++] = headers->items[i].name;
    qsort(sorted, count, sizeof *sorted, compare_names);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcasecmp(sorted[i], sorted[i - 1]) == 0)
            continue;
        if (i > 0)
            buf_putc(names, ';');
        for (const char *at = sorted[i]; *at; at++)
            buf_putc(names, (char)tolower((unsigned char)*at));
    }
}

bool canon_headers(const struct pairs *headers, const char *only, struct buf *out, struct buf *names)
{
    if (only)
        buf_puts(names, only);
    else
        append_names(headers, names);
    const char *at = buf_text(names);
    while (*at) {
        size_t len = strcspn(at, ";");
        append_header_line(headers, at, len, out);
        at += len;
        at += *at == ';';
    }
    return !out->failed && !names->failed;
}

bool canon_is_listed(const char *list, const char *name)
{
    size_t len = strlen(name);
    while (*list) {
        size_t item = strcspn(list, ";");
        if (item == len && strncasecmp(list, name, len) == 0)
            return true;
        list += item;
        list += *list == ';';
    }
    return false;
}

bool auth_fault(struct err *err, enum err_code code, const char *service_code, int http_status, const char *text)
{
    err_set(err, code, "%s", text);
    if (err) {
        snprintf(err->service_code, sizeof err->service_code, "%s", service_code);
        err->http_status = http_status;
    }
    return false;
}
