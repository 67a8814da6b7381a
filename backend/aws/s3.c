/* S3 operations on one object, and deletion of many. Calls wait, any thread. The request itself is built in s3_call.c.
 */
#include "backend/aws/s3_call.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_ARENA = 32 * 1024 * 1024 };
static const struct s3_op op_head = {.name = "HeadObject", .method = "HEAD", .permission = "s3:GetObject"};
static const struct s3_op op_get = {.name = "GetObject", .method = "GET", .permission = "s3:GetObject"};
static const struct s3_op op_put = {
    .name = "PutObject", .method = "PUT", .permission = "s3:PutObject", .is_write = true};
static const struct s3_op op_copy = {
    .name = "CopyObject", .method = "PUT", .permission = "s3:GetObject and s3:PutObject", .is_write = true};
static const struct s3_op op_delete = {
    .name = "DeleteObject", .method = "DELETE", .permission = "s3:DeleteObject", .is_write = true};
static const struct s3_op op_delete_many = {
    .name = "DeleteObjects", .method = "POST", .permission = "s3:DeleteObject", .is_write = true};
static const struct s3_op op_tagging = {
    .name = "GetObjectTagging", .method = "GET", .permission = "s3:GetObjectTagging"};

static void begin_ref(struct s3_call *s3, struct aws *aws, const struct s3_op *op, const struct s3_ref *ref)
{
    s3_begin(s3, aws, op, ref->bucket, ref->key, ref->cancel);
    if (ref->version_id && *ref->version_id)
        s3_param(s3, "versionId", ref->version_id);
}

bool s3_head_object(struct aws *aws, const struct s3_ref *ref, struct arena *arena, struct s3_head *head,
                    struct err *err)
{
    struct s3_call s3;
    begin_ref(&s3, aws, &op_head, ref);
    s3_header(&s3, "x-amz-checksum-mode", "ENABLED");
    bool ok = s3_send(&s3, err) && s3_head_of(&s3.answer, arena, head, err);
    s3_end(&s3);
    return ok;
}

struct s3_get s3_get_init(const char *bucket, const char *key)
{
    return (struct s3_get){.ref = {.bucket = bucket, .key = key}, .last = -1, .sink_fd = -1};
}

static void get_headers(struct s3_call *s3, const struct s3_get *get)
{
    char range[64], etag[96];
    if (get->has_range && get->last >= 0)
        snprintf(range, sizeof range, "bytes=%" PRId64 "-%" PRId64, get->first, get->last);
    else
        snprintf(range, sizeof range, "bytes=%" PRId64 "-", get->first);
    if (get->has_range)
        s3_header(s3, "Range", range);
    else
        s3_header(s3, "x-amz-checksum-mode", "ENABLED");
    if (get->if_match && *get->if_match) {
        snprintf(etag, sizeof etag, "\"%s\"", get->if_match);
        s3_header(s3, "If-Match", etag);
    }
}

static void get_sinks(struct http_request *io, const struct s3_get *get)
{
    bool is_streamed = get->sink_fd >= 0 || get->sink;
    io->sink_fd = get->sink_fd;
    io->sink_offset = get->sink_offset;
    io->sink = get->sink;
    io->sink_context = get->sink_context;
    io->deadline_ms = get->deadline_ms ? get->deadline_ms : is_streamed ? S3_TRANSFER_DEADLINE_MS : 0;
    io->max_body = get->max_body ? get->max_body : S3_BODY_MAX;
    io->progress = get->progress;
    io->progress_context = get->progress_context;
}

/* A store that ignores Range would put the wrong bytes at sink_offset. */
static bool check_range(const struct s3_call *s3, const struct s3_get *get, struct err *err)
{
    if (!get->has_range || s3->answer.status == 206 || (get->first == 0 && get->last < 0))
        return true;
    return err_set(err, ERR_PROTOCOL, "s3 GetObject on %.150s: the endpoint ignored the range asked for", s3->object);
}

bool s3_get_object(struct aws *aws, const struct s3_get *get, struct arena *arena, struct s3_head *head,
                   struct buf *body, struct err *err)
{
    struct s3_call s3;
    begin_ref(&s3, aws, &op_get, &get->ref);
    get_headers(&s3, get);
    get_sinks(&s3.call.io, get);
    bool ok = s3_send(&s3, err) && check_range(&s3, get, err);
    if (ok && head)
        ok = s3_head_of(&s3.answer, arena, head, err);
    if (ok && body && get->sink_fd < 0 && !get->sink && !buf_append(body, s3.answer.body.data, s3.answer.body.len))
        ok = err_set(err, ERR_TOO_LARGE, "s3 GetObject on %.150s: larger than the allowed maximum", s3.object);
    s3_end(&s3);
    return ok;
}

struct s3_put s3_put_init(const char *bucket, const char *key)
{
    return (struct s3_put){.bucket = bucket, .key = key, .fd = -1};
}

bool s3_put_object(struct aws *aws, const struct s3_put *put, char etag[80], struct err *err)
{
    struct s3_call s3;
    char crc[16];
    s3_begin(&s3, aws, &op_put, put->bucket, put->key, put->cancel);
    s3_put_headers(&s3, put);
    if (put->if_none_match)
        s3_header(&s3, "If-None-Match", "*");
    bool ok = s3_put_body(&s3, put, crc, err) && s3_send(&s3, err);
    if (ok && etag)
        s3_unquote(pairs_get(&s3.answer.headers, "ETag"), etag, 80);
    s3_end(&s3);
    return ok;
}

/* x-amz-copy-source: the encoded name, with its version. */
static bool copy_source(const struct s3_ref *from, struct buf *out)
{
    uri_encode(from->bucket, strlen(from->bucket), false, out);
    buf_putc(out, '/');
    uri_encode(from->key, strlen(from->key), true, out);
    if (from->version_id && *from->version_id) {
        buf_puts(out, "?versionId=");
        uri_encode(from->version_id, strlen(from->version_id), false, out);
    }
    return !out->failed;
}

/* CopyObject and UploadPartCopy: both answer 200 before the work is done, so the document decides. */
static bool copy(struct s3_call *s3, const struct s3_ref *from, const char *root, char etag[80], struct err *err)
{
    struct buf source = BUF_INIT(8 * 1024);
    struct arena *arena = arena_new(ANSWER_ARENA);
    copy_source(from, &source);
    s3_header(s3, "x-amz-copy-source", buf_text(&source));
    s3->call.io.deadline_ms = S3_TRANSFER_DEADLINE_MS;
    s3->call.io.stall_ms = 5 * 60 * 1000; /* the store copies before it answers */
    const struct xml_node *node = s3_send_for(s3, arena, root, err);
    if (node && etag)
        s3_unquote(xml_text(node, "ETag", ""), etag, 80);
    buf_done(&source);
    arena_free(arena);
    return node != NULL;
}

bool s3_copy_object(struct aws *aws, const struct s3_ref *from, const char *bucket, const char *key, struct err *err)
{
    struct s3_call s3;
    s3_begin(&s3, aws, &op_copy, bucket, key, from->cancel);
    bool ok = copy(&s3, from, "CopyObjectResult", NULL, err);
    s3_end(&s3);
    return ok;
}

static const struct s3_op op_part_copy = {
    .name = "UploadPartCopy", .method = "PUT", .permission = "s3:GetObject and s3:PutObject", .is_write = true};

bool s3_upload_part_copy(struct aws *aws, const struct s3_ref *from, int64_t first, int64_t last,
                         const struct s3_put *put, const char *upload_id, struct s3_part *part, struct err *err)
{
    struct s3_call s3;
    char range[64];
    s3_begin(&s3, aws, &op_part_copy, put->bucket, put->key, put->cancel);
    s3_param_int(&s3, "partNumber", part->number);
    s3_param(&s3, "uploadId", upload_id);
    snprintf(range, sizeof range, "bytes=%" PRId64 "-%" PRId64, first, last);
    s3_header(&s3, "x-amz-copy-source-range", range);
    part->bytes = last - first + 1;
    part->crc64[0] = 0;
    bool ok = copy(&s3, from, "CopyPartResult", part->etag, err);
    s3_end(&s3);
    return ok;
}

bool s3_delete_object(struct aws *aws, const struct s3_ref *ref, struct err *err)
{
    struct s3_call s3;
    begin_ref(&s3, aws, &op_delete, ref);
    bool ok = s3_send(&s3, err);
    s3_end(&s3);
    return ok;
}

bool s3_get_tagging(struct aws *aws, const struct s3_ref *ref, struct arena *arena, struct pairs *tags, struct err *err)
{
    struct s3_call s3;
    *tags = (struct pairs){0};
    begin_ref(&s3, aws, &op_tagging, ref);
    s3_param(&s3, "tagging", NULL);
    const struct xml_node *root = s3_send_for(&s3, arena, "Tagging", err);
    const struct xml_node *first = xml_child(xml_child(root, "TagSet"), "Tag");
    size_t count = 0;
    for (const struct xml_node *tag = first; tag; tag = xml_next(tag))
        count++;
    tags->items = count ? ARENA_ARRAY(arena, struct pair, count) : NULL;
    for (const struct xml_node *tag = first; tag && tags->items; tag = xml_next(tag)) {
        struct pair *item = &tags->items[tags->count++];
        item->name = arena_strdup(arena, xml_text(tag, "Key", ""));
        item->value = arena_strdup(arena, xml_text(tag, "Value", ""));
    }
    tags->cap = tags->count;
    s3_end(&s3);
    if (root && arena_failed(arena))
        return err_set(err, ERR_TOO_LARGE, "the object's tags are larger than the allowed maximum");
    return root != NULL;
}

bool s3_presign(struct aws *aws, const char *method, const struct s3_ref *ref, int64_t expires_s, struct buf *url,
                struct err *err)
{
    struct s3_call s3;
    begin_ref(&s3, aws, &op_get, ref);
    s3.call.method = method;
    s3.call.is_write = strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
    s3.call.object = s3.object;
    s3.call.path = buf_text(&s3.path);
    s3.call.query = buf_text(&s3.query);
    bool ok = !s3.path.failed && !s3.query.failed ? aws_presign(aws, &s3.call, expires_s, url, err)
                                                  : err_set(err, ERR_TOO_LARGE, "a key has at most 1024 bytes");
    s3_end(&s3);
    return ok;
}

/* --- DeleteObjects --- */

/* XML 1.0 cannot carry every key; one that it would change must not be sent in it: it would delete another object. */
static bool fits_xml(const char *key)
{
    size_t len = strlen(key);
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t step = text_decode(key + i, len - i, &code);
        if (!step || code < 0x20 || code == 0xFFFE || code == 0xFFFF)
            return false;
        i += step;
    }
    return true;
}

struct delete_run {
    const struct s3_delete *batch;
    size_t deleted, failed;
    struct err first;
};

static const char *version_at(const struct s3_delete *batch, size_t i)
{
    return batch->version_ids && batch->version_ids[i] ? batch->version_ids[i] : "";
}

static void delete_failed(struct delete_run *run, const char *key, const struct err *err)
{
    if (run->failed++ == 0)
        run->first = *err;
    if (run->batch->failed)
        run->batch->failed(run->batch->context, key, err);
}

static void delete_alone(struct aws *aws, struct delete_run *run, size_t i)
{
    const struct s3_delete *batch = run->batch;
    struct err err = ERR_NONE;
    struct s3_ref ref = {
        .bucket = batch->bucket, .key = batch->keys[i], .version_id = version_at(batch, i), .cancel = batch->cancel};
    if (s3_delete_object(aws, &ref, &err))
        run->deleted++;
    else
        delete_failed(run, ref.key, &err);
}

static size_t write_delete(const struct s3_delete *batch, struct buf *body)
{
    size_t count = 0;
    buf_puts(body, "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    for (size_t i = 0; i < batch->count; i++) {
        if (!fits_xml(batch->keys[i]))
            continue;
        buf_puts(body, "<Object>");
        xml_write_element(body, "Key", batch->keys[i]);
        if (*version_at(batch, i))
            xml_write_element(body, "VersionId", version_at(batch, i));
        buf_puts(body, "</Object>");
        count++;
    }
    buf_puts(body, "</Delete>");
    return count;
}

/* The <Error> of one key has the same words as a whole answer; it is judged by the same table. */
static void delete_error_of(struct s3_call *s3, const char *bucket, const struct xml_node *node, struct err *err)
{
    struct http_answer answer = {.status = 200, .body = BUF_INIT(64 * 1024)};
    char object[200];
    snprintf(object, sizeof object, "%s/%s", bucket, xml_text(node, "Key", ""));
    buf_puts(&answer.body, "<Error>");
    xml_write_element(&answer.body, "Code", xml_text(node, "Code", ""));
    xml_write_element(&answer.body, "Message", xml_text(node, "Message", ""));
    buf_puts(&answer.body, "</Error>");
    s3->call.object = object;
    aws_decode_error(&s3->call, &answer, err);
    s3->call.object = s3->object;
    buf_done(&answer.body);
}

static bool delete_together(struct aws *aws, struct delete_run *run, struct err *err)
{
    const struct s3_delete *batch = run->batch;
    struct s3_call s3;
    uint8_t raw[DIGEST_MAX];
    char md5[DIGEST_BASE64];
    s3_begin(&s3, aws, &op_delete_many, batch->bucket, NULL, batch->cancel);
    s3_param(&s3, "delete", NULL);
    size_t sent = write_delete(batch, &s3.body), failed = 0;
    if (sent == 0) {
        s3_end(&s3);
        return true;
    }
    base64_encode(raw, digest_of(DIGEST_MD5, s3.body.data, s3.body.len, raw), md5);
    s3_header(&s3, "Content-MD5", md5); /* the one body check that every store and age of S3 accepts here */
    s3_header(&s3, "Content-Type", "application/xml");
    struct arena *arena = arena_new(ANSWER_ARENA);
    const struct xml_node *root = s3_send_for(&s3, arena, "DeleteResult", err);
    for (const struct xml_node *node = xml_child(root, "Error"); node; node = xml_next(node)) {
        struct err one = ERR_NONE;
        delete_error_of(&s3, batch->bucket, node, &one);
        delete_failed(run, xml_text(node, "Key", ""), &one);
        failed++;
    }
    if (root)
        run->deleted += failed < sent ? sent - failed : 0;
    arena_free(arena);
    s3_end(&s3);
    return root != NULL;
}

bool s3_delete_objects(struct aws *aws, const struct s3_delete *batch, size_t *deleted, struct err *err)
{
    struct delete_run run = {.batch = batch};
    bool ok = batch->count <= S3_DELETE_MAX
                  ? delete_together(aws, &run, err)
                  : err_set(err, ERR_USAGE, "at most %d objects can be deleted by one call", S3_DELETE_MAX);
    for (size_t i = 0; ok && i < batch->count; i++)
        if (!fits_xml(batch->keys[i]))
            delete_alone(aws, &run, i);
    if (deleted)
        *deleted = run.deleted;
    if (ok && run.failed) {
        if (err)
            *err = run.first;
        return false;
    }
    return ok;
}
