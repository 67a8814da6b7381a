/* S3's documents: the pieces that every answer is written with, times in both forms, and reading a request's XML. */
#include "backend/base/uri.h"
#include "backend/local/s3.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct buf *s3_xml_open(struct s3_call *call, const char *root)
{
    struct buf *out = &call->answer->body;
    buf_clear(out);
    call->answer->status = 200;
    s3_add(call, "Content-Type", "application/xml");
    buf_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"%s\">", root, S3_XMLNS);
    return out;
}

bool s3_xml_close(struct s3_call *call, const char *root)
{
    struct buf *out = &call->answer->body;
    buf_printf(out, "</%s>", root);
    if (!out->failed)
        return true;
    struct err err;
    err_set(&err, ERR_TOO_LARGE, "the answer %s passes its maximum", root);
    return s3_fail_internal(call, &err);
}

void s3_xml_int(struct buf *out, const char *name, int64_t value)
{
    buf_printf(out, "<%s>%" PRId64 "</%s>", name, value, name);
}

void s3_xml_bool(struct buf *out, const char *name, bool value)
{
    buf_printf(out, "<%s>%s</%s>", name, value ? "true" : "false", name);
}

char *s3_iso_time(int64_t wall_ms, char out[S3_TIME_SIZE])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    /* S3 keeps whole seconds and always writes .000 */
    strftime(out, S3_TIME_SIZE, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    return out;
}

char *s3_http_time(int64_t wall_ms, char out[S3_TIME_SIZE])
{
    /* RFC 9110 5.6.7 names are English whatever the locale is */
    static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    snprintf(out, S3_TIME_SIZE, "%.3s, %02d %.3s %d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
             months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return out;
}

void s3_xml_time(struct buf *out, const char *name, int64_t wall_ms)
{
    char text[S3_TIME_SIZE];
    buf_printf(out, "<%s>%s</%s>", name, s3_iso_time(wall_ms, text), name);
}

void s3_xml_etag(struct buf *out, const char *etag)
{
    buf_printf(out, "<ETag>&quot;%s&quot;</ETag>", etag);
}

void s3_xml_key(struct buf *out, const char *name, const char *key, bool url)
{
    buf_printf(out, "<%s>", name);
    if (url)
        uri_encode(key, strlen(key), true, out);
    else
        xml_write_escaped(out, key, strlen(key));
    buf_printf(out, "</%s>", name);
}

void s3_xml_owner(struct buf *out, const char *name)
{
    buf_printf(out, "<%s><ID>" S3_OWNER_ID "</ID><DisplayName>" S3_OWNER_NAME "</DisplayName></%s>", name, name);
}

bool s3_xml_body(struct s3_call *call, const char *root, struct xml_node **node)
{
    struct err err = ERR_NONE;
    const struct buf *body = &call->req->body;
    *node = body->len ? xml_parse(call->arena, body->data, body->len, &err) : NULL;
    if (*node && strcmp((*node)->name, root) == 0)
        return true;
    if (err.code != ERR_OK)
        return s3_fail_text(call, S3_MALFORMED_XML, "%s (%s)", s3_error_sentence(S3_MALFORMED_XML), err.text);
    return s3_fail(call, S3_MALFORMED_XML);
}

bool s3_xml_tree(struct buf *out, const struct xml_node *node, bool is_root)
{
    buf_printf(out, "<%s", node->name);
    if (is_root)
        buf_printf(out, " xmlns=\"%s\"", S3_XMLNS);
    for (const char **attr = node->attrs; attr && attr[0]; attr += 2) {
        if (strstr(attr[0], "type")) { /* xsi:type of grantees is the one attribute with a meaning */
            buf_puts(out, " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"");
            xml_write_escaped(out, attr[1], strlen(attr[1]));
            buf_putc(out, '"');
        }
    }
    buf_putc(out, '>');
    if (!node->child)
        xml_write_escaped(out, node->text, node->text_len);
    for (const struct xml_node *child = node->child; child; child = child->next)
        s3_xml_tree(out, child, false);
    return buf_printf(out, "</%s>", node->name);
}
