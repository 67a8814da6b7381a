/* Parsing of targets, queries and host names; see head.h. */
#include "backend/local/head.h"
#include "backend/base/buf.h"
#include "backend/base/uri.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { PART_MAX = 64 * 1024 };

void head_split_target(char *target, const char **path, const char **query)
{
    char *fragment = strchr(target, '#');
    if (fragment)
        *fragment = '\0';
    if (strncasecmp(target, "http://", 7) == 0) {
        char *slash = strpbrk(target + 7, "/?");
        target = slash ? slash : target + strlen(target);
    }
    char *mark = strchr(target, '?');
    *query = mark ? mark + 1 : "";
    if (mark)
        *mark = '\0';
    *path = *target ? target : "/";
}

/* Decoded names and values are C strings: a NUL inside is a bad escape. */
static bool decode_part(const char *text, size_t len, struct buf *out)
{
    buf_clear(out);
    return uri_decode(text, len, true, out) && !memchr(buf_text(out), '\0', out->len);
}

bool head_parse_query(const char *query, struct pairs *pairs)
{
    struct buf name = BUF_INIT(PART_MAX), value = BUF_INIT(PART_MAX);
    bool ok = true;
    while (ok && *query) {
        size_t len = strcspn(query, "&");
        const char *equals = memchr(query, '=', len);
        size_t name_len = equals ? (size_t)(equals - query) : len;
        if (len > 0) {
            ok = decode_part(query, name_len, &name) &&
                 decode_part(equals ? equals + 1 : "", equals ? len - name_len - 1 : 0, &value) &&
                 pairs_add(pairs, buf_text(&name), buf_text(&value));
        }
        query += len + (query[len] == '&');
    }
    buf_done(&name);
    buf_done(&value);
    return ok;
}

void head_host(const char *header, char *out, size_t size)
{
    size_t len = 0;
    const char *start = header, *bracket = *start == '[' ? strchr(start, ']') : NULL;
    const char *end = bracket ? bracket + 1 : start + strcspn(start, ":");
    for (; start < end && len + 1 < size; start++)
        out[len++] = (char)tolower((unsigned char)*start);
    out[len] = '\0';
}
