/* A document is checked once as a whole; walking trusts what was checked. */
#include "backend/sql/jsontext.h"
#include "backend/sql/sqlfn.h"
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- checking: each moves *at behind what it reads --- */
static void skip_space(const char **at, const char *end)
{
    while (*at < end && (**at == ' ' || **at == '\t' || **at == '\n' || **at == '\r'))
        ++*at;
}

static bool check_string(const char **at, const char *end)
{
    for (++*at; *at < end; ++*at) {
        unsigned char c = (unsigned char)**at;
        if (c == '"') {
            ++*at;
            return true;
        }
        if (c < 0x20)
            return false;
        if (c != '\\')
            continue;
        if (++*at >= end || !strchr("\"\\/bfnrtu", **at) || !**at)
            return false;
        if (**at == 'u') {
            for (int i = 1; i <= 4; i++)
                if (*at + i >= end || !isxdigit((unsigned char)(*at)[i]))
                    return false;
            *at += 4;
        }
    }
    return false;
}

static bool check_digits(const char **at, const char *end)
{
    const char *start = *at;
    while (*at < end && isdigit((unsigned char)**at))
        ++*at;
    return *at > start;
}

static bool check_number(const char **at, const char *end)
{
    *at += **at == '-';
    const char *first = *at;
    if (!check_digits(at, end) || (*first == '0' && *at > first + 1))
        return false;
    if (*at < end && **at == '.' && (++*at, !check_digits(at, end)))
        return false;
    if (*at < end && (**at == 'e' || **at == 'E')) {
        ++*at;
        *at += *at < end && (**at == '+' || **at == '-');
        return check_digits(at, end);
    }
    return true;
}

static bool check_word(const char **at, const char *end, const char *word)
{
    size_t len = strlen(word);
    bool same = (size_t)(end - *at) >= len && memcmp(*at, word, len) == 0;
    *at += same ? len : 0;
    return same;
}

static bool check_value(const char **at, const char *end, int depth);

static bool check_list(const char **at, const char *end, int depth, bool is_object)
{
    char close = is_object ? '}' : ']';
    ++*at;
    skip_space(at, end);
    if (*at < end && **at == close)
        return ++*at, true;
    for (;;) {
        skip_space(at, end);
        if (is_object) {
            if (*at >= end || **at != '"' || !check_string(at, end))
                return false;
            skip_space(at, end);
            if (*at >= end || *(*at)++ != ':')
                return false;
        }
        if (!check_value(at, end, depth + 1))
            return false;
        skip_space(at, end);
        if (*at >= end)
            return false;
        char c = *(*at)++;
        if (c != ',')
            return c == close;
    }
}

static bool check_value(const char **at, const char *end, int depth)
{
    skip_space(at, end);
    if (*at >= end || depth > JSONTEXT_DEPTH_MAX)
        return false;
    switch (**at) {
    case '{':
    case '[':
        return check_list(at, end, depth, **at == '{');
    case '"':
        return check_string(at, end);
    case 't':
        return check_word(at, end, "true");
    case 'f':
        return check_word(at, end, "false");
    case 'n':
        return check_word(at, end, "null");
    default:
        return (**at == '-' || isdigit((unsigned char)**at)) && check_number(at, end);
    }
}

bool jsontext_document(const char *bytes, size_t len, struct jsontext *value)
{
    const char *at = bytes, *end = bytes + len;
    skip_space(&at, end);
    value->at = at;
    if (!check_value(&at, end, 0))
        return false;
    value->len = (size_t)(at - value->at);
    skip_space(&at, end);
    return at == end;
}

/* --- walking --- */
char jsontext_kind(struct jsontext value)
{
    return *value.at == '-' || isdigit((unsigned char)*value.at) ? '0' : *value.at;
}

bool jsontext_is_scalar(struct jsontext value)
{
    return *value.at != '{' && *value.at != '[';
}

bool jsontext_next(struct jsontext parent, const char **next, struct jsontext *key, struct jsontext *value)
{
    const char *end = parent.at + parent.len;
    if (jsontext_is_scalar(parent))
        return false;
    const char *at = *next ? *next : parent.at + 1;
    skip_space(&at, end);
    at += *at == ',';
    skip_space(&at, end);
    if (*at == '}' || *at == ']')
        return false;
    if (*parent.at == '{') {
        key->at = at;
        check_string(&at, end);
        key->len = (size_t)(at - key->at);
        skip_space(&at, end);
        at++; /* the colon */
        skip_space(&at, end);
    }
    value->at = at;
    if (!check_value(&at, end, 0))
        return false;
    value->len = (size_t)(at - value->at);
    *next = at;
    return true;
}

bool jsontext_member(struct jsontext object, const char *name, struct jsontext *value)
{
    struct jsontext key;
    const char *next = NULL;
    struct buf text = BUF_INIT(1024 * 1024);
    bool found = false;
    while (*object.at == '{' && !found && jsontext_next(object, &next, &key, value)) {
        buf_clear(&text);
        jsontext_string(key, &text);
        found = strcmp(buf_text(&text), name) == 0;
    }
    buf_done(&text);
    return found;
}

size_t jsontext_count(struct jsontext parent)
{
    struct jsontext key, value;
    const char *next = NULL;
    size_t count = 0;
    while (jsontext_next(parent, &next, &key, &value))
        count++;
    return count;
}

/* --- writing --- */
static uint32_t hex4(const char *at)
{
    char digits[5] = {at[0], at[1], at[2], at[3]};
    return (uint32_t)strtoul(digits, NULL, 16);
}

static void put_utf8(uint32_t c, struct buf *out)
{
    if (c < 0x80) {
        buf_putc(out, (char)c);
    } else if (c < 0x800) {
        buf_putc(out, (char)(0xc0 | c >> 6));
        buf_putc(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        buf_putc(out, (char)(0xe0 | c >> 12));
        buf_putc(out, (char)(0x80 | (c >> 6 & 63)));
        buf_putc(out, (char)(0x80 | (c & 63)));
    } else {
        buf_putc(out, (char)(0xf0 | c >> 18));
        buf_putc(out, (char)(0x80 | (c >> 12 & 63)));
        buf_putc(out, (char)(0x80 | (c >> 6 & 63)));
        buf_putc(out, (char)(0x80 | (c & 63)));
    }
}

/* \uXXXX at the backslash, with the second half of a pair; how many bytes it took. Half a pair is U+FFFD. */
static size_t put_unicode(const char *at, const char *end, struct buf *out)
{
    uint32_t high = hex4(at + 2);
    if (high < 0xd800 || high > 0xdfff) {
        put_utf8(high, out);
        return 6;
    }
    if (high < 0xdc00 && end - at >= 12 && at[6] == '\\' && at[7] == 'u') {
        uint32_t low = hex4(at + 8);
        if (low >= 0xdc00 && low <= 0xdfff) {
            put_utf8(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00), out);
            return 12;
        }
    }
    put_utf8(0xfffd, out);
    return 6;
}

bool jsontext_string(struct jsontext string, struct buf *out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char *end = string.at + string.len - 1;
    for (const char *at = string.at + 1; at < end;) {
        if (*at != '\\') {
            buf_putc(out, *at++);
        } else if (at[1] == 'u') {
            at += put_unicode(at, end, out);
        } else {
            const char *escape = strchr(from, at[1]);
            buf_putc(out, escape ? to[escape - from] : at[1]);
            at += 2;
        }
    }
    return !out->failed;
}

bool jsontext_scalar(struct jsontext value, struct buf *out)
{
    return *value.at == '"' ? jsontext_string(value, out) : buf_append(out, value.at, value.len);
}

struct member {
    struct jsontext key, value;
};

static int by_key(const void *a, const void *b)
{
    const struct jsontext *x = &((const struct member *)a)->key, *y = &((const struct member *)b)->key;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->at, y->at, len - 1); /* without the closing quote, which sorts before letters anyway */
    if (order || x->len != y->len)
        return order ? order : x->len < y->len ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at; /* the document's order among equals */
}

static bool same_key(const struct member *a, const struct member *b)
{
    return a->key.len == b->key.len && memcmp(a->key.at, b->key.at, a->key.len) == 0;
}

/* A number with a fraction or an exponent is read as a double; others keep their digits, as Trino's json_parse does. */
static bool canonical_scalar(struct jsontext value, struct buf *out)
{
    char digits[64];
    bool is_number = jsontext_kind(value) == '0' && value.len < sizeof digits;
    if (!is_number ||
        !(memchr(value.at, '.', value.len) || memchr(value.at, 'e', value.len) || memchr(value.at, 'E', value.len)))
        return buf_append(out, value.at, value.len);
    snprintf(digits, sizeof digits, "%.*s", (int)value.len, value.at);
    return sqlfn_double_text(strtod(digits, NULL), out);
}

bool jsontext_compact(struct jsontext value, bool canonical, struct buf *out)
{
    const char *next = NULL;
    size_t count = 0, written = 0;
    if (jsontext_is_scalar(value))
        return canonical ? canonical_scalar(value, out) : buf_append(out, value.at, value.len);
    bool is_object = *value.at == '{';
    struct member *members = calloc(jsontext_count(value) + 1, sizeof *members);
    if (!members)
        abort();
    while (jsontext_next(value, &next, &members[count].key, &members[count].value))
        count++;
    if (is_object && canonical)
        qsort(members, count, sizeof *members, by_key);
    buf_putc(out, is_object ? '{' : '[');
    for (size_t i = 0; i < count; i++) {
        if (is_object && canonical && i + 1 < count && same_key(&members[i], &members[i + 1]))
            continue;
        buf_puts(out, written++ ? "," : "");
        if (is_object) {
            buf_append(out, members[i].key.at, members[i].key.len);
            buf_putc(out, ':');
        }
        jsontext_compact(members[i].value, canonical, out);
    }
    free(members);
    return buf_putc(out, is_object ? '}' : ']');
}
