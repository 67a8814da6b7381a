/* GetObject, HeadObject and GetObjectAttributes. */
#include "backend/local/s3.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { READ_TRIES = 16 }; /* an overwrite may take the file away between row and open */

/* What part of the object is asked for. */
struct slice {
    int64_t first, size;
    bool partial; /* 206 with Content-Range */
    int parts;    /* partNumber given: how many there are */
};

static int count_parts(const char *parts)
{
    int count = 0;
    for (; parts && *parts; parts++)
        count += *parts == '\n';
    return count;
}

/* One line of object->parts: "size checksum". */
static const char *next_part(const char *at, int64_t *size, char checksum[80])
{
    checksum[0] = '\0';
    if (sscanf(at, "%" SCNd64 " %79s", size, checksum) < 1)
        *size = 0;
    at += strcspn(at, "\n");
    return *at ? at + 1 : at;
}

static bool slice_part(struct s3_call *call, const struct s3_object *object, const char *text, struct slice *slice)
{
    char *end, checksum[80];
    long number = strtol(text, &end, 10);
    int count = count_parts(object->parts);
    if (*end || number < 1 || number > S3_PARTS_MAX)
        return s3_fail_argument(call, s3_error_sentence(S3_TOO_MANY_PARTS), "partNumber", text);
    if (s3_call_header(call, "range"))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Cannot specify both Range header and partNumber query parameter");
    slice->partial = true;
    slice->parts = count;
    if (number > (count ? count : 1)) {
        s3_addf(call, "Content-Range", "bytes */%" PRId64, object->size);
        return s3_fail(call, S3_INVALID_PART_NUMBER);
    }
    const char *at = object->parts;
    for (long i = 1; count && i <= number; i++) {
        slice->first += i > 1 ? slice->size : 0;
        at = next_part(at, &slice->size, checksum);
    }
    slice->partial = object->size > 0;
    return true;
}

static bool if_range_holds(struct s3_call *call, const struct s3_object *object)
{
    const char *value = s3_call_header(call, "if-range");
    char modified[S3_TIME_SIZE];
    return !value || s3_etag_matches(value, object->etag) ||
           strcmp(value, s3_http_time(object->modified_ms, modified)) == 0;
}

static bool find_slice(struct s3_call *call, const struct s3_object *object, struct slice *slice)
{
    *slice = (struct slice){.size = object->size};
    const char *part = s3_call_query(call, "partNumber"), *range = s3_call_header(call, "range");
    if (part)
        return slice_part(call, object, part, slice);
    int64_t last;
    enum s3_range_kind kind =
        if_range_holds(call, object) ? s3_range_parse(range, object->size, &slice->first, &last) : S3_RANGE_NONE;
    if (kind == S3_RANGE_UNSATISFIABLE) {
        char size[24];
        snprintf(size, sizeof size, "%" PRId64, object->size);
        s3_addf(call, "Content-Range", "bytes */%" PRId64, object->size);
        return s3_fail_with(call, S3_INVALID_RANGE, "RangeRequested", range, "ActualObjectSize", size, NULL);
    }
    slice->partial = kind == S3_RANGE_OK;
    if (slice->partial)
        slice->size = last - slice->first + 1;
    return true;
}

static bool check_conditions(struct s3_call *call, const struct s3_object *object)
{
    struct s3_conditions cond;
    const char *which = "";
    char modified[S3_TIME_SIZE];
    s3_cond_of(call, "", &cond);
    enum s3_verdict verdict = s3_cond_read(&cond, object->etag, object->modified_ms, &which);
    if (verdict == S3_COND_PASS)
        return true;
    if (verdict == S3_COND_FAILED)
        return s3_fail_with(call, S3_PRECONDITION, "Condition", which, NULL);
    s3_addf(call, "ETag", "\"%s\"", object->etag);
    s3_add(call, "Last-Modified", s3_http_time(object->modified_ms, modified));
    s3_add(call, "x-amz-version-id", object->version);
    call->answer->status = 304;
    return false;
}

static bool send_head(struct s3_call *call, const struct s3_object *object, const struct slice *slice)
{
    char modified[S3_TIME_SIZE];
    const char *mode = s3_call_header(call, "x-amz-checksum-mode");
    if (!s3_headers_send(call, object, true))
        return false;
    s3_addf(call, "ETag", "\"%s\"", object->etag);
    s3_add(call, "Last-Modified", s3_http_time(object->modified_ms, modified));
    s3_add(call, "Accept-Ranges", "bytes");
    if (object->version || call->bucket.versioning != S3_UNVERSIONED)
        s3_add(call, "x-amz-version-id", object->version ? object->version : "null");
    if (strcmp(object->storage, "STANDARD") != 0)
        s3_add(call, "x-amz-storage-class", object->storage);
    if (object->tags)
        s3_addf(call, "x-amz-tagging-count", "%d", s3_tags_count(object->tags));
    if (slice->parts)
        s3_addf(call, "x-amz-mp-parts-count", "%d", slice->parts);
    /* a checksum of the whole beside a part of the bytes would only mislead the client's own check */
    if (mode && strcasecmp(mode, "ENABLED") == 0 && slice->size == object->size)
        s3_checksum_send(call, object->checksum, true);
    s3_lock_send(call, object);
    if (!s3_call_query(call, "versionId"))
        s3_lifecycle_send(call, object);
    if (slice->partial)
        s3_addf(call, "Content-Range", "bytes %" PRId64 "-%" PRId64 "/%" PRId64, slice->first,
                slice->first + slice->size - 1, object->size);
    call->answer->status = slice->partial ? 206 : 200;
    return true;
}

/* Encryption by the service is asked for when writing; on a read the header is an error. */
static bool asks_no_encryption(struct s3_call *call)
{
    const char *sse = s3_call_header(call, "x-amz-server-side-encryption");
    return !sse || s3_fail_argument(call, "x-amz-server-side-encryption header is not supported for this operation.",
                                    "x-amz-server-side-encryption", sse);
}

static bool need_readable(struct s3_call *call, struct s3_object *object, struct slice *slice)
{
    return asks_no_encryption(call) && s3_object_need(call, object) &&
           s3_sse_check_key(call, object->headers, "x-amz-") && check_conditions(call, object) &&
           find_slice(call, object, slice);
}

bool s3_op_head_object(struct s3_call *call)
{
    struct s3_object object;
    struct slice slice;
    if (!need_readable(call, &object, &slice) || !send_head(call, &object, &slice))
        return false;
    call->answer->head_length = slice.size;
    return true;
}

static bool send_body(struct s3_call *call, const struct slice *slice, const char *bytes, int fd)
{
    if (bytes)
        return buf_append(&call->answer->body, bytes + slice->first, (size_t)slice->size);
    call->answer->file_fd = fd;
    call->answer->file_offset = slice->first;
    call->answer->file_len = slice->size;
    return true;
}

bool s3_op_get_object(struct s3_call *call)
{
    struct s3_object object;
    struct slice slice;
    const char *bytes = NULL;
    int fd = -1;
    bool gone = true;
    for (int i = 0; gone && i < READ_TRIES; i++) {
        if (i > 0)
            s3_db_done(call); /* its view still shows the row whose file is gone */
        if (!need_readable(call, &object, &slice))
            return false;
        fd = s3_body_open(call, object.body, object.place, &bytes, &gone);
    }
    if (fd < 0 && !bytes)
        return s3_failed(call) ? false : s3_fail(call, S3_INTERNAL);
    if (send_head(call, &object, &slice))
        return send_body(call, &slice, bytes, fd);
    if (fd >= 0)
        close(fd);
    return false;
}

/* ---- GetObjectAttributes */

static bool wants(const struct s3_call *call, const char *attribute)
{
    size_t len = strlen(attribute);
    for (size_t i = 0; i < call->req->headers.count; i++) {
        const struct pair *header = &call->req->headers.items[i];
        if (strcasecmp(header->name, "x-amz-object-attributes") != 0)
            continue;
        for (const char *at = strstr(header->value, attribute); at; at = strstr(at + 1, attribute)) {
            bool starts = at == header->value || at[-1] == ',' || at[-1] == ' ';
            if (starts && (at[len] == '\0' || at[len] == ',' || at[len] == ' '))
                return true;
        }
    }
    return false;
}

static bool header_int(struct s3_call *call, const char *name, int fallback, int *value)
{
    const char *text = s3_call_header(call, name);
    char *end = NULL;
    *value = text ? (int)strtol(text, &end, 10) : fallback;
    return !text || (*text && !*end && *value >= 0) ||
           s3_fail_argument(call, "Provided value is not an integer or within integer range", name, text);
}

static bool write_parts(struct s3_call *call, struct buf *out, const struct s3_object *object)
{
    int max, marker, number = 0, shown = 0, last = 0;
    struct s3_checksum sum;
    if (!header_int(call, "x-amz-max-parts", S3_PAGE_MAX, &max) ||
        !header_int(call, "x-amz-part-number-marker", 0, &marker))
        return false;
    if (max > S3_PAGE_MAX)
        max = S3_PAGE_MAX;
    int count = count_parts(object->parts);
    bool has_sum = s3_checksum_unpack(object->checksum, &sum);
    buf_puts(out, "<ObjectParts>");
    s3_xml_int(out, "PartsCount", count);
    for (const char *at = object->parts; *at && shown <= max;) {
        int64_t size;
        char checksum[80];
        at = next_part(at, &size, checksum);
        if (++number <= marker || shown++ == max)
            continue;
        last = number;
        buf_printf(out, "<Part><PartNumber>%d</PartNumber><Size>%" PRId64 "</Size>", number, size);
        if (has_sum && checksum[0] && checksum[0] != '-')
            buf_printf(out, "<Checksum%s>%s</Checksum%s>", s3_checksum_upper(sum.kind), checksum,
                       s3_checksum_upper(sum.kind));
        buf_puts(out, "</Part>");
    }
    s3_xml_int(out, "PartNumberMarker", marker);
    s3_xml_int(out, "NextPartNumberMarker", last);
    s3_xml_int(out, "MaxParts", max);
    s3_xml_bool(out, "IsTruncated", last < count && shown > max);
    return buf_puts(out, "</ObjectParts>");
}

static void write_checksum(struct buf *out, const struct s3_object *object)
{
    struct s3_checksum sum;
    if (!s3_checksum_unpack(object->checksum, &sum))
        return;
    buf_puts(out, "<Checksum>");
    s3_checksum_xml(out, object->checksum, true);
    buf_puts(out, "</Checksum>");
}

bool s3_op_get_attributes(struct s3_call *call)
{
    static const char *const known[] = {"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"};
    struct s3_object object;
    char modified[S3_TIME_SIZE];
    bool any = false;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        any = any || wants(call, known[i]);
    if (!any)
        return s3_fail_argument(call, "Invalid attribute name specified.", "x-amz-object-attributes",
                                s3_call_header(call, "x-amz-object-attributes"));
    if (!s3_object_need(call, &object) || !s3_sse_check_key(call, object.headers, "x-amz-") ||
        !check_conditions(call, &object))
        return false;
    struct buf *out = s3_xml_open(call, "GetObjectAttributesResponse");
    if (wants(call, "ETag"))
        xml_write_element(out, "ETag", object.etag);
    if (wants(call, "Checksum"))
        write_checksum(out, &object);
    if (wants(call, "ObjectParts") && object.parts && !write_parts(call, out, &object))
        return false;
    if (wants(call, "StorageClass"))
        xml_write_element(out, "StorageClass", object.storage);
    if (wants(call, "ObjectSize"))
        s3_xml_int(out, "ObjectSize", object.size);
    s3_add(call, "Last-Modified", s3_http_time(object.modified_ms, modified));
    if (object.version || call->bucket.versioning != S3_UNVERSIONED)
        s3_add(call, "x-amz-version-id", object.version ? object.version : "null");
    return s3_xml_close(call, "GetObjectAttributesResponse");
}
