/* Tags of objects: the header form and the XML form, their limits, and the operations on them. Tags are kept
 * url-encoded, "key=value&key=value", in the order given ("Categorizing your objects using tags": 10 tags, keys of 128
 * characters, values of 256). */
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/local/s3.h"
#include <string.h>
#include <strings.h>

enum { OBJECT_TAGS = 10, TAG_KEY = 128, TAG_VALUE = 256, TAGS_BYTES = 64 * 1024 };

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* Appends one checked pair; false after s3_fail. */
static bool add_tag(struct s3_call *call, struct buf *out, size_t *count, const char *key, const char *value)
{
    struct buf encoded = BUF_INIT(8192);
    if (!*key || characters(key) > TAG_KEY)
        return s3_fail_text(call, S3_INVALID_TAG, "The TagKey you have provided is invalid");
    if (characters(value) > TAG_VALUE)
        return s3_fail_text(call, S3_INVALID_TAG, "The TagValue you have provided is invalid");
    if (strncasecmp(key, "aws:", 4) == 0)
        return s3_fail_text(call, S3_INVALID_TAG, "System tags cannot be added/updated by requester");
    if (!s3_text_is_utf8(key) || !s3_text_is_utf8(value))
        return s3_fail_text(call, S3_INVALID_TAG, "The TagKey you have provided is invalid");
    uri_encode(key, strlen(key), false, &encoded);
    buf_putc(&encoded, '=');
    /* the same key twice: it stands at the start or behind an '&' */
    for (const char *at = buf_text(out); (at = strstr(at, buf_text(&encoded))); at++) {
        if (at == out->data || at[-1] == '&') {
            buf_done(&encoded);
            return s3_fail_text(call, S3_INVALID_TAG, "Cannot provide multiple Tags with the same key");
        }
    }
    uri_encode(value, strlen(value), false, &encoded);
    buf_printf(out, "%s%s", out->len ? "&" : "", buf_text(&encoded));
    buf_done(&encoded);
    (*count)++;
    return true;
}

static bool finish(struct s3_call *call, struct buf *out, bool ok, size_t count, size_t max, const char **packed)
{
    if (ok && count > max && max == OBJECT_TAGS)
        ok = s3_fail_text(call, S3_BAD_REQUEST, "Object tags cannot be greater than 10");
    else if (ok && count > max)
        ok = s3_fail_text(call, S3_BAD_REQUEST, "Bucket tag count cannot be greater than 50");
    *packed = ok && out->len ? arena_strdup(call->arena, buf_text(out)) : NULL;
    buf_done(out);
    return ok;
}

bool s3_tags_from_header(struct s3_call *call, const char *header, const char **packed)
{
    struct buf out = BUF_INIT(TAGS_BYTES);
    size_t count = 0;
    bool ok = true;
    while (ok && header && *header) {
        struct buf key = BUF_INIT(4096), value = BUF_INIT(4096);
        size_t len = strcspn(header, "&"), name = strcspn(header, "=&");
        ok = (uri_decode(header, name, true, &key) &&
              (name == len || uri_decode(header + name + 1, len - name - 1, true, &value))) ||
             s3_fail_argument(call,
                              "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
                              "parameters without tag name duplicates.",
                              "x-amz-tagging", header);
        ok = ok && (len == 0 || add_tag(call, &out, &count, buf_text(&key), buf_text(&value)));
        buf_done(&key);
        buf_done(&value);
        header += len + (header[len] == '&');
    }
    return finish(call, &out, ok, count, OBJECT_TAGS, packed);
}

bool s3_tags_from_xml(struct s3_call *call, const struct xml_node *tagging, size_t max, const char **packed)
{
    struct buf out = BUF_INIT(TAGS_BYTES);
    const struct xml_node *set = xml_child(tagging, "TagSet");
    size_t count = 0;
    bool ok = set || s3_fail(call, S3_MALFORMED_XML);
    for (const struct xml_node *tag = xml_child(set, "Tag"); ok && tag; tag = xml_next(tag))
        ok = add_tag(call, &out, &count, xml_text(tag, "Key", ""), xml_text(tag, "Value", ""));
    return finish(call, &out, ok, count, max, packed);
}

void s3_tags_to_xml(struct buf *out, const char *packed)
{
    buf_puts(out, "<TagSet>");
    while (packed && *packed) {
        struct buf key = BUF_INIT(4096), value = BUF_INIT(4096);
        size_t len = strcspn(packed, "&"), name = strcspn(packed, "=&");
        uri_decode(packed, name, false, &key);
        if (name < len)
            uri_decode(packed + name + 1, len - name - 1, false, &value);
        buf_puts(out, "<Tag>");
        xml_write_element(out, "Key", buf_text(&key));
        xml_write_element(out, "Value", buf_text(&value));
        buf_puts(out, "</Tag>");
        buf_done(&key);
        buf_done(&value);
        packed += len + (packed[len] == '&');
    }
    buf_puts(out, "</TagSet>");
}

int s3_tags_count(const char *packed)
{
    int count = packed && *packed ? 1 : 0;
    for (; packed && *packed; packed++)
        count += *packed == '&';
    return count;
}

/* ---- operations on one object's tags */

struct retag {
    struct s3_call *call;
    struct s3_object object;
    const char *tags;
};

static void say_version(struct s3_call *call, const struct s3_object *object)
{
    if (object->version || call->bucket.versioning != S3_UNVERSIONED)
        s3_add(call, "x-amz-version-id", object->version ? object->version : "null");
}

static bool retag_work(struct db *db, void *context, struct err *err)
{
    struct retag *retag = context;
    return db_run(db, err, "update s3_object set tags=? where bucket=? and key=? and seq=?", "titi", retag->tags,
                  retag->call->bucket.id, retag->call->key, retag->object.seq);
}

static bool retag_object(struct s3_call *call, const char *tags, int status)
{
    struct retag retag = {.call = call, .tags = tags};
    if (!s3_object_need(call, &retag.object) || !s3_write(call, retag_work, &retag))
        return false;
    say_version(call, &retag.object);
    return s3_empty(call, status);
}

bool s3_op_get_tagging(struct s3_call *call)
{
    struct s3_object object;
    if (!s3_object_need(call, &object))
        return false;
    say_version(call, &object);
    struct buf *out = s3_xml_open(call, "Tagging");
    s3_tags_to_xml(out, object.tags);
    return s3_xml_close(call, "Tagging");
}

bool s3_op_put_tagging(struct s3_call *call)
{
    struct s3_checksum_ask ask;
    struct xml_node *root;
    const char *tags;
    return s3_checksum_verify(call, &ask) && s3_xml_body(call, "Tagging", &root) &&
           s3_tags_from_xml(call, root, OBJECT_TAGS, &tags) && retag_object(call, tags, 200);
}

bool s3_op_delete_tagging(struct s3_call *call)
{
    return retag_object(call, NULL, 204);
}
