/* Building, sending and reading one S3 request: the part that all operations share. Calls wait, any thread. */
#include "backend/aws/s3_call.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PIECE_MAX = 8 * 1024 };
static const struct aws_service service_s3 = {.id = "s3", .signing_name = "s3", .protocol = AWS_REST_XML};

/* DNS-compatible without dots: only then may it stand before the endpoint's host under its certificate. */
static bool fits_host(const char *bucket)
{
    size_t len = strlen(bucket);
    return len >= 3 && len <= 63 && strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

void s3_begin(struct s3_call *s3, struct aws *aws, const struct s3_op *op, const char *bucket, const char *key,
              const struct cancel *cancel)
{
    *s3 = (struct s3_call){
        .aws = aws, .path = BUF_INIT(PIECE_MAX), .query = BUF_INIT(PIECE_MAX), .body = BUF_INIT(S3_BODY_MAX)};
    s3->call = aws_call_init(&service_s3, op->name);
    s3->call.permission = op->permission;
    s3->call.method = op->method;
    s3->call.is_write = op->is_write;
    s3->call.is_idempotent = true;
    s3->call.io.cancel = cancel;
    s3->call.io.max_body = S3_BODY_MAX;
    if (!bucket) {
        snprintf(s3->object, sizeof s3->object, "the account");
    } else {
        s3->call.bucket = bucket;
        snprintf(s3->object, sizeof s3->object, "%s%s%s", bucket, key && *key ? "/" : "", key ? key : "");
        if (!aws_endpoint_is_custom(aws, "s3", NULL) && fits_host(bucket)) {
            snprintf(s3->host_prefix, sizeof s3->host_prefix, "%s.", bucket);
            s3->call.host_prefix = s3->host_prefix;
        } else {
            buf_putc(&s3->path, '/');
            uri_encode(bucket, strlen(bucket), false, &s3->path);
        }
    }
    buf_putc(&s3->path, '/');
    if (key)
        uri_encode(key, strlen(key), true, &s3->path);
}

void s3_param(struct s3_call *s3, const char *name, const char *value)
{
    if (s3->query.len)
        buf_putc(&s3->query, '&');
    uri_encode(name, strlen(name), false, &s3->query);
    buf_putc(&s3->query, '=');
    if (value)
        uri_encode(value, strlen(value), false, &s3->query);
}

void s3_param_int(struct s3_call *s3, const char *name, int64_t value)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    s3_param(s3, name, digits);
}

void s3_header(struct s3_call *s3, const char *name, const char *value)
{
    if (value && *value && !pairs_add(&s3->call.headers, name, value))
        s3->path.failed = true;
}

/* A line end in a header would be a second header. */
static bool headers_are_clean(const struct pairs *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        if (strpbrk(headers->items[i].value, "\r\n") || strpbrk(headers->items[i].name, "\r\n: "))
            return false;
    return true;
}

bool s3_send(struct s3_call *s3, struct err *err)
{
    s3->call.object = s3->object;
    if (s3->path.failed || s3->query.failed || s3->body.failed)
        return err_set(err, ERR_TOO_LARGE, "s3 %s on %.120s: the request is too long (a key has at most 1024 bytes)",
                       s3->call.operation, s3->object);
    if (!headers_are_clean(&s3->call.headers))
        return err_set(err, ERR_USAGE, "s3 %s on %.120s: a header value holds a line end", s3->call.operation,
                       s3->object);
    s3->call.path = buf_text(&s3->path);
    s3->call.query = buf_text(&s3->query);
    if (s3->body.len) {
        s3->call.io.body = s3->body.data;
        s3->call.io.body_len = s3->body.len;
    }
    return aws_perform(s3->aws, &s3->call, &s3->answer, err);
}

const struct xml_node *s3_document(struct s3_call *s3, struct arena *arena, const char *root, struct err *err)
{
    struct err parse = ERR_NONE;
    const struct xml_node *node = xml_parse(arena, buf_text(&s3->answer.body), s3->answer.body.len, &parse);
    if (node && strcmp(node->name, root) == 0)
        return node;
    if (node && strcmp(node->name, "Error") == 0) {
        aws_decode_error(&s3->call, &s3->answer, err);
        return NULL;
    }
    if (arena_failed(arena))
        err_set(err, ERR_TOO_LARGE, "s3 %s on %.120s: the answer is larger than the allowed maximum",
                s3->call.operation, s3->object);
    else
        err_set(err, ERR_PROTOCOL, "s3 %s on %.100s: the answer is no <%s>%s%.60s: check that the endpoint is S3",
                s3->call.operation, s3->object, root, node ? "" : ": ", node ? "" : parse.text);
    return NULL;
}

const struct xml_node *s3_send_for(struct s3_call *s3, struct arena *arena, const char *root, struct err *err)
{
    return s3_send(s3, err) ? s3_document(s3, arena, root, err) : NULL;
}

void s3_end(struct s3_call *s3)
{
    buf_done(&s3->path);
    buf_done(&s3->query);
    buf_done(&s3->body);
    pairs_done(&s3->call.headers);
    http_answer_done(&s3->answer);
}

char *s3_unquote(const char *etag, char *out, size_t size)
{
    if (!etag)
        etag = "";
    if (strncmp(etag, "W/", 2) == 0)
        etag += 2;
    size_t len = strlen(etag);
    if (len >= 2 && etag[0] == '"' && etag[len - 1] == '"') {
        etag++;
        len -= 2;
    }
    snprintf(out, size, "%.*s", (int)len, etag);
    return out;
}

void s3_put_headers(struct s3_call *s3, const struct s3_put *put)
{
    s3_header(s3, "Content-Type", put->content_type);
    s3_header(s3, "Content-Encoding", put->content_encoding);
    for (size_t i = 0; put->metadata && i < put->metadata->count; i++) {
        char name[256];
        snprintf(name, sizeof name, "x-amz-meta-%s", put->metadata->items[i].name);
        s3_header(s3, name, put->metadata->items[i].value);
    }
}

bool s3_put_body(struct s3_call *s3, const struct s3_put *put, char crc[16], struct err *err)
{
    struct http_request *io = &s3->call.io;
    if (put->crc64)
        snprintf(crc, 16, "%s", put->crc64);
    else if (put->fd < 0)
        s3_crc64(put->bytes, (size_t)put->len, crc);
    else if (!s3_crc64_fd(put->fd, put->offset, put->len, crc, err))
        return false;
    s3_header(s3, "x-amz-checksum-crc64nvme", crc);
    s3_header(s3, "x-amz-sdk-checksum-algorithm", "CRC64NVME");
    io->body = put->fd < 0 && put->len ? put->bytes : NULL;
    io->body_len = (size_t)put->len;
    io->body_fd = put->len ? put->fd : -1;
    io->body_offset = put->offset;
    io->deadline_ms = S3_TRANSFER_DEADLINE_MS;
    io->progress = put->progress;
    io->progress_context = put->progress_context;
    return true;
}

static const char *header_text(const struct http_answer *answer, struct arena *arena, const char *name)
{
    const char *value = pairs_get(&answer->headers, name);
    return value ? arena_strdup(arena, value) : "";
}

static void checksum_of(const struct http_answer *answer, struct arena *arena, struct s3_head *head)
{
    /* newest and strongest first: the store may give several */
    static const enum digest_kind kinds[] = {DIGEST_CRC64NVME, DIGEST_SHA256, DIGEST_SHA1, DIGEST_CRC32C, DIGEST_CRC32};
    const char *type = pairs_get(&answer->headers, "x-amz-checksum-type");
    head->checksum = "";
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char name[40];
        snprintf(name, sizeof name, "x-amz-checksum-%s", digest_name(kinds[i]));
        const char *value = pairs_get(&answer->headers, name);
        if (!value || !*value)
            continue;
        size_t len = strcspn(value, "-"); /* base64 has no '-': what follows is the number of parts */
        head->has_checksum = true;
        head->checksum_kind = kinds[i];
        head->checksum = arena_strndup(arena, value, len);
        head->checksum_is_composite = value[len] == '-' || (type && strcasecmp(type, "COMPOSITE") == 0);
        return;
    }
}

static bool metadata_of(const struct http_answer *answer, struct arena *arena, struct pairs *metadata)
{
    static const char start[] = "x-amz-meta-";
    size_t cap = answer->headers.count;
    metadata->items = cap ? ARENA_ARRAY(arena, struct pair, cap) : NULL;
    for (size_t i = 0; metadata->items && i < answer->headers.count; i++) {
        const struct pair *pair = &answer->headers.items[i];
        if (strncasecmp(pair->name, start, sizeof start - 1) != 0)
            continue;
        struct pair *item = &metadata->items[metadata->count++];
        item->name = arena_strdup(arena, pair->name + sizeof start - 1);
        item->value = arena_strdup(arena, pair->value);
    }
    metadata->cap = metadata->count;
    return !arena_failed(arena);
}

/* The whole object's size: after the slash of Content-Range when the answer is a part. */
static int64_t size_of(const struct http_answer *answer)
{
    const char *range = pairs_get(&answer->headers, "Content-Range");
    const char *slash = range ? strchr(range, '/') : NULL;
    const char *length = slash ? slash + 1 : pairs_get(&answer->headers, "Content-Length");
    char *end;
    if (!length || *length < '0' || *length > '9')
        return -1;
    int64_t bytes = strtoll(length, &end, 10);
    return *end ? -1 : bytes;
}

bool s3_head_of(const struct http_answer *answer, struct arena *arena, struct s3_head *head, struct err *err)
{
    char etag[80];
    *head = (struct s3_head){.bytes = size_of(answer)};
    const char *modified = pairs_get(&answer->headers, "Last-Modified");
    if (modified && !text_parse_time(modified, &head->modified_ms))
        head->modified_ms = 0;
    head->etag = arena_strdup(arena, s3_unquote(pairs_get(&answer->headers, "ETag"), etag, sizeof etag));
    head->content_type = header_text(answer, arena, "Content-Type");
    head->content_encoding = header_text(answer, arena, "Content-Encoding");
    head->storage_class = header_text(answer, arena, "x-amz-storage-class");
    head->encryption = header_text(answer, arena, "x-amz-server-side-encryption");
    head->version_id = header_text(answer, arena, "x-amz-version-id");
    const char *marker = pairs_get(&answer->headers, "x-amz-delete-marker");
    head->is_delete_marker = marker && strcmp(marker, "true") == 0;
    checksum_of(answer, arena, head);
    if (!metadata_of(answer, arena, &head->metadata))
        return err_set(err, ERR_TOO_LARGE, "the object's headers are larger than the allowed maximum");
    return true;
}
