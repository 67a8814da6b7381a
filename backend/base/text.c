/* Strict UTF-8, display width and the sanitiser. How bytes, counts and times are written is in text_format.c. Pure, but
 * for wcwidth's locale, which main sets before any thread starts. */
#include "backend/base/text.h"
#include <stdio.h>
#include <string.h>
#include <wchar.h>

size_t text_decode(const char *bytes, size_t len, uint32_t *code)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (len == 0)
        return 0;
    if (b[0] < 0x80) {
        *code = b[0];
        return 1;
    }
    /* RFC 3629, section 4: the second byte's range excludes overlongs, surrogates and what is past U+10FFFF */
    size_t need = b[0] >= 0xc2 && b[0] <= 0xdf   ? 2
                  : b[0] >= 0xe0 && b[0] <= 0xef ? 3
                  : b[0] >= 0xf0 && b[0] <= 0xf4 ? 4
                                                 : 0;
    if (need == 0 || len < need)
        return 0;
    unsigned char low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
    if (b[1] < low || b[1] > high)
        return 0;
    uint32_t value = b[0] & (0xffu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((b[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (b[i] & 0x3f);
    }
    *code = value;
    return need;
}

size_t text_encode(uint32_t code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(0xf00u >> len | code);
    return len;
}

/* What a terminal may obey or hide instead of showing: general category Cf, line and paragraph separators, and the
 * default-ignorable code points (Unicode 15, DerivedCoreProperties), which draw as nothing. The presentation selectors
 * FE0E and FE0F are not here: they are dropped. */
static const struct range {
    uint32_t first, last;
} hidden[] = {
    {0x00ad, 0x00ad},   {0x034f, 0x034f},   {0x0600, 0x0605},   {0x061c, 0x061c},   {0x06dd, 0x06dd},
    {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164},
    {0xfe00, 0xfe0d},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

static bool is_hidden(uint32_t code)
{
    if (code < hidden[0].first)
        return false;
    size_t low = 0, high = sizeof hidden / sizeof *hidden;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (code > hidden[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof hidden / sizeof *hidden && code >= hidden[low].first;
}

static bool is_presentation_selector(uint32_t code)
{
    return code == 0xfe0e || code == 0xfe0f;
}

int text_code_width(uint32_t code)
{
    enum { REPLACEMENT = 0xfffd };
    if (code >= 0x20 && code < 0x7f)
        return 1;
    if (code < 0xa0 || code > 0x10ffff || is_hidden(code) || is_presentation_selector(code))
        return -1;
    if (code == REPLACEMENT) /* our own stand-in has a width in any locale */
        return 1;
    return wcwidth((wchar_t)code);
}

enum { PIECE = 16, MARKS_MAX = 2 };

/* The sanitiser's memory between characters. */
struct cleaner {
    bool has_base; /* the last piece is a real character, on which combining marks may stand */
    int marks;
};

static size_t put_byte(unsigned char byte, char out[PIECE])
{
    static const char letters[32] = {['\n'] = 'n', ['\t'] = 't', ['\r'] = 'r'};
    int len = byte < 32 && letters[byte] ? snprintf(out, PIECE, "\\%c", letters[byte])
                                         : snprintf(out, PIECE, "\\x%02x", byte);
    return (size_t)len;
}

/* Writes the harmless form of the first character of bytes (len > 0) into out; returns how many bytes it took, *out_len
 * how many were written (0: dropped). */
static size_t clean_next(struct cleaner *cleaner, const char *bytes, size_t len, char out[PIECE], size_t *out_len)
{
    uint32_t code = 0;
    size_t step = text_decode(bytes, len, &code);
    int width = step ? text_code_width(code) : -1;
    *out_len = 0;
    if (is_presentation_selector(code) || (width == 0 && cleaner->has_base && cleaner->marks >= MARKS_MAX))
        return step;
    if (width > 0 || (width == 0 && cleaner->has_base)) {
        cleaner->marks = width == 0 ? cleaner->marks + 1 : 0;
        cleaner->has_base = true;
        memcpy(out, bytes, *out_len = step);
        return step;
    }
    *cleaner = (struct cleaner){.has_base = false};
    if (step == 0)
        *out_len = put_byte((unsigned char)bytes[0], out);
    else if (code < 0xa0)
        *out_len = put_byte((unsigned char)code, out);
    else if (width == 0 || is_hidden(code)) /* a mark without a base would stand on what is left of this text */
        *out_len = (size_t)snprintf(out, PIECE, "<U+%04X>", (unsigned)code);
    else
        memcpy(out, "\xef\xbf\xbd", *out_len = 3);
    return step ? step : 1;
}

static size_t plain_prefix(const char *bytes, size_t len)
{
    size_t n = 0;
    while (n < len && bytes[n] >= 0x20 && bytes[n] < 0x7f)
        n++;
    return n;
}

bool text_clean(const char *bytes, size_t len, struct buf *out)
{
    struct cleaner cleaner = {.has_base = false};
    for (size_t i = 0; i < len && !out->failed;) {
        size_t plain = plain_prefix(bytes + i, len - i); /* nearly all text */
        if (plain) {
            buf_append(out, bytes + i, plain);
            cleaner = (struct cleaner){.has_base = true};
            i += plain;
            continue;
        }
        char piece[PIECE];
        size_t piece_len;
        i += clean_next(&cleaner, bytes + i, len - i, piece, &piece_len);
        buf_append(out, piece, piece_len);
    }
    return !out->failed;
}

char *text_clean_into(const char *text, char *out, size_t size)
{
    struct cleaner cleaner = {.has_base = false};
    size_t len = strlen(text), used = 0;
    for (size_t i = 0; i < len;) {
        char piece[PIECE];
        size_t piece_len;
        i += clean_next(&cleaner, text + i, len - i, piece, &piece_len);
        if (used + piece_len >= size)
            break;
        memcpy(out + used, piece, piece_len);
        used += piece_len;
    }
    if (size)
        out[used] = '\0';
    return out;
}

/* Length of the first character of clean text; *columns gets its width. What is not clean after all counts as one. */
static size_t measure_next(const char *clean, size_t len, int *columns)
{
    uint32_t code;
    size_t step = text_decode(clean, len, &code);
    int width = step ? text_code_width(code) : 1;
    *columns = width < 0 ? 1 : width;
    return step ? step : 1;
}

int text_width(const char *clean, size_t len)
{
    int used;
    text_fit(clean, len, INT32_MAX, &used);
    return used;
}

size_t text_fit(const char *clean, size_t len, int columns, int *used)
{
    size_t at = 0;
    int total = 0;
    while (at < len) {
        int width;
        size_t step = measure_next(clean + at, len - at, &width);
        if (width > columns - total)
            break;
        total += width;
        at += step;
    }
    *used = total;
    return at;
}
