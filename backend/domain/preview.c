/* Preview of an object's first bytes. Kinds are tried from the most telling to the plainest; each that does not fit
 * leaves the bytes to the next. Pure; any thread. Tables are in preview_table.c, Parquet in preview_parquet.c. */
#include "backend/domain/preview.h"
#include "backend/base/gzip.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { HEX_BYTES = 16 * 1024, JSON_MAX = 4 * 1024 * 1024 };

struct content { /* the bytes after gzip was taken off */
    const char *text;
    size_t len;
    bool is_whole, is_gzip;
};

static bool has_suffix(const char *key, const char *suffix)
{
    size_t len = strlen(key), suffix_len = strlen(suffix);
    return len >= suffix_len && strcasecmp(key + len - suffix_len, suffix) == 0;
}

/* "orders.csv.gz" has the kind of "orders.csv". */
static bool key_is(const char *key, const char *extension)
{
    char packed[16];
    snprintf(packed, sizeof packed, "%s.gz", extension);
    return has_suffix(key, extension) || has_suffix(key, packed);
}

/* Text: valid UTF-8 without NUL and with next to no control characters. A character cut at the end is forgiven. */
static bool is_text(const struct content *content)
{
    size_t odd = 0;
    for (size_t i = 0; i < content->len;) {
        uint32_t code;
        size_t step = text_decode(content->text + i, content->len - i, &code);
        if (!step && content->len - i < 4 && !content->is_whole)
            break;
        if (!step || code == 0)
            return false;
        odd += code < 0x20 && code != '\n' && code != '\r' && code != '\t' && code != 0x1B;
        i += step;
    }
    return odd * 50 <= content->len;
}

/* --- lines --- */
struct lines {
    struct arena *arena;
    const char **items;
    size_t *lens;
    size_t count, cap, lens_cap;
    bool is_full;
};

static bool add_line(struct lines *lines, const char *bytes, size_t len)
{
    if (lines->count == PREVIEW_LINES) {
        lines->is_full = true;
        return true;
    }
    const char **items = arena_grow(lines->arena, lines->items, lines->count, &lines->cap, sizeof *items);
    size_t *lens = arena_grow(lines->arena, lines->lens, lines->count, &lines->lens_cap, sizeof *lens);
    char *copy = arena_strndup(lines->arena, bytes, len);
    if (!items || !lens || !copy)
        return false;
    lines->items = items;
    lines->lens = lens;
    items[lines->count] = copy;
    lens[lines->count++] = len;
    return true;
}

static bool add_text(struct lines *lines, const char *text, size_t len)
{
    bool ok = true;
    while (len && ok) {
        const char *end = memchr(text, '\n', len);
        size_t line = end ? (size_t)(end - text) : len;
        size_t shown = line && text[line - 1] == '\r' ? line - 1 : line;
        ok = add_line(lines, text, shown);
        line += end != NULL;
        text += line;
        len -= line;
    }
    return ok;
}

static void set_lines(struct object_view *view, const struct lines *lines, enum preview_kind kind)
{
    view->preview = kind;
    view->lines = lines->items;
    view->line_lens = lines->lens;
    view->line_count = lines->count;
    view->preview_is_whole = view->preview_is_whole && !lines->is_full;
}

/* --- kinds: each returns 1 done, 0 not this kind, -1 no room --- */

/* Laid out anew from the text itself: a number keeps the digits that were stored. */
static bool add_json(struct lines *lines, const char *text, size_t len)
{
    struct buf pretty = BUF_INIT(JSON_MAX);
    bool ok = json_indent(text, len, 2, &pretty) && add_text(lines, buf_text(&pretty), pretty.len);
    buf_done(&pretty);
    return ok;
}

static bool is_json(const char *text, size_t len)
{
    json_t *value = json_parse(text, len, NULL);
    json_decref(value);
    return value != NULL;
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && isspace((unsigned char)*at))
        at++;
    return at;
}

/* One value per line; the last may be cut when the content is. */
static bool add_json_lines(struct lines *lines, const char *at, const char *end, bool is_whole)
{
    while (at < end && !lines->is_full) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((line_end ? line_end : end) - at);
        if (!is_json(at, len))
            return !line_end && !is_whole && lines->count;
        if (!add_json(lines, at, len))
            return false;
        at = skip_space(line_end ? line_end : end, end);
    }
    return lines->count > 0;
}

static int try_json(struct arena *arena, const struct content *content, struct object_view *view)
{
    struct lines lines = {.arena = arena};
    const char *end = content->text + content->len, *at = skip_space(content->text, end);
    if (at == end || (*at != '{' && *at != '['))
        return 0;
    size_t len = (size_t)(end - at);
    bool is_one = is_json(at, len);
    bool ok = is_one ? add_json(&lines, at, len) : add_json_lines(&lines, at, end, content->is_whole);
    if (arena_failed(arena))
        return -1;
    if (!ok)
        return 0;
    set_lines(view, &lines, PREVIEW_JSON);
    view->preview_format = is_one ? "application/json" : "JSON lines";
    return 1;
}

static int try_table(struct arena *arena, const struct preview_input *input, const struct content *content,
                     struct object_view *view)
{
    bool is_tsv = key_is(input->key, ".tsv") || key_is(input->key, ".tab");
    bool is_named = is_tsv || key_is(input->key, ".csv") || strstr(input->content_type, "csv");
    char delimiter = preview_delimiter(content->text, content->len);
    if (!delimiter && is_named)
        delimiter = is_tsv ? '\t' : ',';
    if (!delimiter || !content->len)
        return 0;
    if (!preview_table(arena, content->text, content->len, delimiter, content->is_whole, view))
        return -1;
    view->preview = PREVIEW_TABLE;
    view->preview_format = delimiter == '\t'  ? "tab-separated"
                           : delimiter == ',' ? "text/csv"
                                              : "text/csv by other delimiter";
    return 1;
}

static int show_text(struct arena *arena, const struct preview_input *input, const struct content *content,
                     struct object_view *view)
{
    struct lines lines = {.arena = arena};
    if (!add_text(&lines, content->text, content->len))
        return -1;
    set_lines(view, &lines, PREVIEW_TEXT);
    bool is_typed = strncmp(input->content_type, "text/", 5) == 0 || strstr(input->content_type, "json") ||
                    strstr(input->content_type, "xml");
    view->preview_format = is_typed ? arena_strdup(arena, input->content_type) : "text";
    return 1;
}

/* "00000010  48 65 ... 0a  |Hello.|": the form of hexdump -C. */
static void hex_line(const unsigned char *bytes, size_t len, size_t offset, char out[96])
{
    int at = snprintf(out, 96, "%08zx  ", offset);
    for (size_t i = 0; i < 16; i++)
        at += i < len ? snprintf(out + at, 96 - (size_t)at, "%s%02x ", i == 8 ? " " : "", bytes[i])
                      : snprintf(out + at, 96 - (size_t)at, "%s   ", i == 8 ? " " : "");
    out[at++] = ' ';
    out[at++] = '|';
    for (size_t i = 0; i < len; i++)
        out[at++] = bytes[i] >= 0x20 && bytes[i] < 0x7F ? (char)bytes[i] : '.';
    out[at++] = '|';
    out[at] = 0;
}

static int show_binary(struct arena *arena, const struct content *content, struct object_view *view)
{
    struct lines lines = {.arena = arena};
    size_t len = content->len < HEX_BYTES ? content->len : HEX_BYTES;
    for (size_t i = 0; i < len; i += 16) {
        char line[96];
        hex_line((const unsigned char *)content->text + i, len - i < 16 ? len - i : 16, i, line);
        if (!add_line(&lines, line, strlen(line)))
            return -1;
    }
    view->preview_is_whole = view->preview_is_whole && len == content->len;
    set_lines(view, &lines, PREVIEW_BINARY);
    view->preview_format = "binary";
    return 1;
}

/* Takes gzip off as far as the bytes go; false when it is none after all. */
static bool unpack(const struct preview_input *input, struct buf *plain, bool *is_whole)
{
    struct gzip *gzip = gzip_decompressor();
    bool ok = gzip && gzip_feed(gzip, input->bytes, input->len, input->is_whole, plain, NULL);
    gzip_free(gzip);
    *is_whole = ok && input->is_whole;
    plain->failed = false;
    return ok || plain->len > 0;
}

static int show(struct arena *arena, const struct preview_input *input, const struct content *content,
                struct object_view *view)
{
    if (!is_text(content))
        return show_binary(arena, content, view);
    int done = try_json(arena, content, view);
    if (!done)
        done = try_table(arena, input, content, view);
    return done ? done : show_text(arena, input, content, view);
}

bool preview_make(struct arena *arena, const struct preview_input *input, struct object_view *view, struct err *err)
{
    struct content content = {.text = input->bytes, .len = input->len, .is_whole = input->is_whole};
    struct buf plain = BUF_INIT(PREVIEW_TEXT_MAX);
    if (gzip_is_magic(input->bytes, input->len) && unpack(input, &plain, &content.is_whole)) {
        content.is_gzip = true;
        content.text = buf_text(&plain);
        content.len = plain.len;
    }
    view->preview_is_whole = content.is_whole;
    int done = show(arena, input, &content, view);
    if (done > 0 && content.is_gzip)
        view->preview_format = arena_printf(arena, "%s in gzip", view->preview_format);
    buf_done(&plain);
    if (done > 0 && !arena_failed(arena))
        return true;
    view->preview = PREVIEW_NONE;
    return err_set(err, ERR_TOO_LARGE, "the preview is larger than the console keeps");
}
