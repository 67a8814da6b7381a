/* Multipart upload with CRC64NVME full-object checksums. Calls wait, any thread. */
#include "backend/aws/s3_call.h"
#include "backend/base/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_ARENA = 32 * 1024 * 1024, MIB = 1024 * 1024 };
static const struct s3_op op_create = {
    .name = "CreateMultipartUpload", .method = "POST", .permission = "s3:PutObject", .is_write = true};
static const struct s3_op op_part = {
    .name = "UploadPart", .method = "PUT", .permission = "s3:PutObject", .is_write = true};
static const struct s3_op op_parts = {
    .name = "ListParts", .method = "GET", .permission = "s3:ListMultipartUploadParts"};
static const struct s3_op op_uploads = {
    .name = "ListMultipartUploads", .method = "GET", .permission = "s3:ListBucketMultipartUploads"};
static const struct s3_op op_complete = {
    .name = "CompleteMultipartUpload", .method = "POST", .permission = "s3:PutObject", .is_write = true};
static const struct s3_op op_abort = {
    .name = "AbortMultipartUpload", .method = "DELETE", .permission = "s3:AbortMultipartUpload", .is_write = true};

int64_t s3_part_size(int64_t bytes)
{
    int64_t size = (bytes + S3_PART_COUNT_MAX - 1) / S3_PART_COUNT_MAX;
    size = (size + MIB - 1) / MIB * MIB;
    return size > S3_SINGLE_PUT_MAX ? size : S3_SINGLE_PUT_MAX;
}

bool s3_multipart_create(struct aws *aws, const struct s3_put *put, char upload_id[1024], struct err *err)
{
    struct s3_call s3;
    struct arena *arena = arena_new(DOCUMENT_ARENA);
    s3_begin(&s3, aws, &op_create, put->bucket, put->key, put->cancel);
    s3_param(&s3, "uploads", NULL);
    s3_put_headers(&s3, put);
    s3_header(&s3, "x-amz-checksum-algorithm", "CRC64NVME");
    s3_header(&s3, "x-amz-checksum-type", "FULL_OBJECT");
    const struct xml_node *root = s3_send_for(&s3, arena, "InitiateMultipartUploadResult", err);
    bool ok = root != NULL;
    if (ok) {
        const char *id = xml_text(root, "UploadId", "");
        ok = (*id && strlen(id) < 1024) ||
             err_set(err, ERR_PROTOCOL, "s3 CreateMultipartUpload on %.120s: the answer has no usable UploadId",
                     s3.object);
        snprintf(upload_id, 1024, "%s", id);
    }
    s3_end(&s3);
    arena_free(arena);
    return ok;
}

bool s3_upload_part(struct aws *aws, const struct s3_put *put, const char *upload_id, struct s3_part *part,
                    struct err *err)
{
    struct s3_call s3;
    s3_begin(&s3, aws, &op_part, put->bucket, put->key, put->cancel);
    s3_param_int(&s3, "partNumber", part->number);
    s3_param(&s3, "uploadId", upload_id);
    bool ok = s3_put_body(&s3, put, part->crc64, err) && s3_send(&s3, err);
    if (ok) {
        part->bytes = put->len;
        s3_unquote(pairs_get(&s3.answer.headers, "ETag"), part->etag, sizeof part->etag);
        ok = part->etag[0] || err_set(err, ERR_PROTOCOL, "s3 UploadPart on %.120s: the answer has no ETag", s3.object);
    }
    s3_end(&s3);
    return ok;
}

static bool add_parts(const struct xml_node *root, struct arena *arena, struct s3_part **parts, size_t *count,
                      size_t *cap)
{
    for (const struct xml_node *node = xml_child(root, "Part"); node; node = xml_next(node)) {
        struct s3_part *items = arena_grow(arena, *parts, *count, cap, sizeof *items);
        if (!items)
            return false;
        *parts = items;
        struct s3_part *part = &items[(*count)++];
        *part = (struct s3_part){.number = (int)xml_int(node, "PartNumber", 0), .bytes = xml_int(node, "Size", -1)};
        s3_unquote(xml_text(node, "ETag", ""), part->etag, sizeof part->etag);
        snprintf(part->crc64, sizeof part->crc64, "%s", xml_text(node, "ChecksumCRC64NVME", ""));
    }
    return true;
}

bool s3_list_parts(struct aws *aws, const struct s3_ref *ref, const char *upload_id, struct arena *arena,
                   struct s3_part **parts, size_t *count, struct err *err)
{
    size_t cap = 0;
    int64_t marker = 0;
    *parts = NULL;
    *count = 0;
    for (;;) {
        struct s3_call s3;
        s3_begin(&s3, aws, &op_parts, ref->bucket, ref->key, ref->cancel);
        if (marker)
            s3_param_int(&s3, "part-number-marker", marker);
        s3_param(&s3, "uploadId", upload_id);
        const struct xml_node *root = s3_send_for(&s3, arena, "ListPartsResult", err);
        s3_end(&s3);
        if (!root)
            return false;
        if (!add_parts(root, arena, parts, count, &cap) || *count > S3_PART_COUNT_MAX)
            return err_set(err, ERR_TOO_LARGE, "s3 ListParts on %.120s: more parts than the allowed maximum", ref->key);
        int64_t next = xml_int(root, "NextPartNumberMarker", 0);
        if (strcmp(xml_text(root, "IsTruncated", "false"), "true") != 0)
            return true;
        if (next <= marker)
            return err_set(err, ERR_PROTOCOL, "s3 ListParts on %.120s: the endpoint repeats its marker, stopped",
                           ref->key);
        marker = next;
    }
}

bool s3_list_uploads(struct aws *aws, const struct s3_ref *ref, struct arena *arena, struct s3_uploads *uploads,
                     struct err *err)
{
    struct s3_call s3;
    *uploads = (struct s3_uploads){0};
    s3_begin(&s3, aws, &op_uploads, ref->bucket, NULL, ref->cancel);
    if (ref->key && *ref->key)
        s3_param(&s3, "prefix", ref->key);
    s3_param(&s3, "uploads", NULL);
    const struct xml_node *root = s3_send_for(&s3, arena, "ListMultipartUploadsResult", err);
    s3_end(&s3);
    if (!root)
        return false;
    size_t cap = 0;
    uploads->is_truncated = strcmp(xml_text(root, "IsTruncated", "false"), "true") == 0;
    for (const struct xml_node *node = xml_child(root, "Upload"); node; node = xml_next(node)) {
        struct s3_upload *items = arena_grow(arena, uploads->items, uploads->count, &cap, sizeof *items);
        if (!items)
            return err_set(err, ERR_TOO_LARGE, "s3 ListMultipartUploads: more than the allowed maximum");
        uploads->items = items;
        struct s3_upload *upload = &items[uploads->count++];
        upload->key = arena_strdup(arena, xml_text(node, "Key", ""));
        upload->upload_id = arena_strdup(arena, xml_text(node, "UploadId", ""));
        if (!text_parse_time(xml_text(node, "Initiated", ""), &upload->started_ms))
            upload->started_ms = 0;
    }
    return !arena_failed(arena) ||
           err_set(err, ERR_TOO_LARGE, "s3 ListMultipartUploads: more than the allowed maximum");
}

static void write_complete(struct buf *body, const struct s3_part *parts, size_t count)
{
    buf_puts(body, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < count; i++) {
        buf_printf(body, "<Part><PartNumber>%d</PartNumber>", parts[i].number);
        char quoted[96];
        snprintf(quoted, sizeof quoted, "\"%s\"", parts[i].etag);
        xml_write_element(body, "ETag", quoted);
        if (parts[i].crc64[0])
            xml_write_element(body, "ChecksumCRC64NVME", parts[i].crc64);
        buf_puts(body, "</Part>");
    }
    buf_puts(body, "</CompleteMultipartUpload>");
}

bool s3_multipart_complete(struct aws *aws, const struct s3_put *put, const char *upload_id,
                           const struct s3_part *parts, size_t count, const char *crc64, char etag[80], struct err *err)
{
    struct s3_call s3;
    struct arena *arena = arena_new(DOCUMENT_ARENA);
    s3_begin(&s3, aws, &op_complete, put->bucket, put->key, put->cancel);
    s3_param(&s3, "uploadId", upload_id);
    if (crc64 && *crc64) {
        s3_header(&s3, "x-amz-checksum-crc64nvme", crc64);
        s3_header(&s3, "x-amz-checksum-type", "FULL_OBJECT");
    }
    if (put->if_none_match)
        s3_header(&s3, "If-None-Match", "*");
    s3_header(&s3, "Content-Type", "application/xml");
    write_complete(&s3.body, parts, count);
    s3.call.io.deadline_ms = s3.call.io.stall_ms = 5 * 60 * 1000; /* the store joins the parts before it answers */
    const struct xml_node *root = s3_send_for(&s3, arena, "CompleteMultipartUploadResult", err);
    if (root && etag)
        s3_unquote(xml_text(root, "ETag", ""), etag, 80);
    s3_end(&s3);
    arena_free(arena);
    return root != NULL;
}

bool s3_multipart_abort(struct aws *aws, const struct s3_ref *ref, const char *upload_id, struct err *err)
{
    struct s3_call s3;
    s3_begin(&s3, aws, &op_abort, ref->bucket, ref->key, ref->cancel);
    s3_param(&s3, "uploadId", upload_id);
    bool ok = s3_send(&s3, err);
    s3_end(&s3);
    return ok;
}
