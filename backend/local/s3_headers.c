/* The headers that live with an object: content headers, user metadata, website redirect and encryption. They are kept
 * as "name:value" lines in the order sent back. SSE-KMS and SSE-C are checked and echoed; the bytes stay as they are.
 */
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/local/s3.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const content_headers[] = {
    "content-type", "content-encoding", "content-language", "content-disposition", "cache-control", "expires",
};
static const char *const storage_classes[] = {
    "STANDARD",   "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
    "GLACIER_IR", "DEEP_ARCHIVE",       "OUTPOSTS",    "SNOW",       "EXPRESS_ONEZONE",     "FSX_OPENZFS",
};
#define SSE     "x-amz-server-side-encryption"
#define SSE_KEY "x-amz-server-side-encryption-aws-kms-key-id"
#define SSE_C   "x-amz-server-side-encryption-customer-algorithm"
#define SSE_MD5 "x-amz-server-side-encryption-customer-key-md5"

static void line(struct buf *out, const char *name, const char *value)
{
    for (const char *at = name; *at; at++)
        buf_putc(out, (char)tolower((unsigned char)*at));
    buf_putc(out, ':');
    for (const char *at = value; *at; at++)
        buf_putc(out, *at == '\n' || *at == '\r' ? ' ' : *at);
    buf_putc(out, '\n');
}

/* "aws-chunked" is how the body travelled, not how the object is encoded. */
static void encoding_line(struct buf *out, const char *value)
{
    struct buf kept = BUF_INIT(1024);
    while (*value) {
        value += strspn(value, " ,");
        size_t len = strcspn(value, ",");
        size_t end = len;
        while (end > 0 && value[end - 1] == ' ')
            end--;
        if (end > 0 && !(end == 11 && strncasecmp(value, "aws-chunked", 11) == 0))
            buf_printf(&kept, "%s%.*s", kept.len ? "," : "", (int)end, value);
        value += len;
    }
    if (kept.len)
        line(out, "content-encoding", buf_text(&kept));
    buf_done(&kept);
}

static bool take_metadata(struct s3_call *call, struct buf *out)
{
    size_t bytes = 0;
    for (size_t i = 0; i < call->req->headers.count; i++) {
        const struct pair *header = &call->req->headers.items[i];
        if (strncasecmp(header->name, "x-amz-meta-", 11) != 0 || !header->name[11])
            continue;
        bytes += strlen(header->name) - 11 + strlen(header->value);
        line(out, header->name, header->value);
    }
    if (bytes <= S3_META_MAX)
        return true;
    char size[24];
    snprintf(size, sizeof size, "%zu", bytes);
    return s3_fail_with(call, S3_METADATA_TOO_LARGE, "Size", size, "MaxSizeAllowed", "2048", NULL);
}

static bool take_customer_key(struct s3_call *call, struct buf *out)
{
    const char *algorithm = s3_call_header(call, SSE_C),
               *key = s3_call_header(call, "x-amz-server-side-encryption-customer-key");
    const char *md5 = s3_call_header(call, SSE_MD5);
    if (!algorithm && !key && !md5)
        return true;
    if (!algorithm)
        return s3_fail_argument(call,
                                "Requests specifying Server Side Encryption with Customer provided keys must "
                                "provide a valid encryption algorithm.",
                                SSE_C, NULL);
    if (strcmp(algorithm, "AES256") != 0)
        return s3_fail_text(call, S3_INVALID_ENCRYPTION, "The encryption method specified is not supported");
    uint8_t raw[96], sum[DIGEST_MAX];
    char base64[DIGEST_BASE64];
    if (!key || strlen(key) > 64 || base64_decode(key, strlen(key), raw) != 32)
        return s3_fail_argument(call,
                                "Requests specifying Server Side Encryption with Customer provided keys must "
                                "provide an appropriate secret key.",
                                "x-amz-server-side-encryption-customer-key", NULL);
    digest_of(DIGEST_MD5, raw, 32, sum);
    secret_wipe(raw, sizeof raw);
    base64_encode(sum, 16, base64);
    if (!md5 || strcmp(md5, base64) != 0)
        return s3_fail_argument(call, "The calculated MD5 hash of the key did not match the hash that was provided.",
                                SSE_MD5, md5);
    line(out, SSE_C, "AES256");
    line(out, SSE_MD5, base64);
    return true;
}

/* The bucket's default: AES256, or what PutBucketEncryption says. */
static void default_encryption(struct s3_call *call, struct buf *out)
{
    size_t len;
    struct err err = ERR_NONE;
    const char *document = call->bucket.flags & S3_HAS_ENCRYPTION ? s3_config_load(call, "encryption", &len) : NULL;
    const struct xml_node *root = document ? xml_parse(call->arena, document, len, &err) : NULL;
    const struct xml_node *rule = xml_child(xml_child(root, "Rule"), "ApplyServerSideEncryptionByDefault");
    const char *algorithm = xml_text(rule, "SSEAlgorithm", "AES256");
    line(out, SSE, algorithm);
    if (strncmp(algorithm, "aws:kms", 7) == 0)
        line(out, SSE_KEY, xml_text(rule, "KMSMasterKeyID", "arn:aws:kms:us-east-1:" CLOUD_ACCOUNT ":alias/aws/s3"));
}

static bool take_encryption(struct s3_call *call, struct buf *out)
{
    const char *sse = s3_call_header(call, SSE), *key = s3_call_header(call, SSE_KEY);
    if (s3_call_header(call, SSE_C) || s3_call_header(call, "x-amz-server-side-encryption-customer-key")) {
        if (sse)
            return s3_fail_argument(call,
                                    "Server Side Encryption with Customer provided key is incompatible with the "
                                    "encryption method specified",
                                    SSE, sse);
        return take_customer_key(call, out);
    }
    if (!sse && key)
        return s3_fail_argument(call,
                                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                                "x-amz-server-side-encryption : aws:kms",
                                SSE, NULL);
    if (!sse) {
        default_encryption(call, out);
        return true;
    }
    bool is_kms = strcmp(sse, "aws:kms") == 0 || strcmp(sse, "aws:kms:dsse") == 0;
    if (!is_kms && strcmp(sse, "AES256") != 0)
        return s3_fail_argument(call, "The encryption method specified is not supported", SSE, sse);
    if (!is_kms && key)
        return s3_fail_argument(call,
                                "Server Side Encryption with AWS KMS managed key requires HTTP header "
                                "x-amz-server-side-encryption : aws:kms",
                                SSE, sse);
    line(out, SSE, sse);
    if (is_kms)
        line(out, SSE_KEY, key ? key : "arn:aws:kms:us-east-1:" CLOUD_ACCOUNT ":alias/aws/s3");
    const char *bucket_key = s3_call_header(call, "x-amz-server-side-encryption-bucket-key-enabled");
    if (bucket_key)
        line(out, "x-amz-server-side-encryption-bucket-key-enabled", bucket_key);
    return true;
}

static bool take_storage_class(struct s3_call *call, struct s3_object *object)
{
    const char *wanted = s3_call_header(call, "x-amz-storage-class");
    object->storage = "STANDARD";
    if (!wanted || !*wanted)
        return true;
    for (size_t i = 0; i < sizeof storage_classes / sizeof storage_classes[0]; i++) {
        if (strcmp(wanted, storage_classes[i]) == 0) {
            object->storage = storage_classes[i];
            return true;
        }
    }
    return s3_fail_with(call, S3_INVALID_STORAGE_CLASS, "StorageClassRequested", wanted, NULL);
}

/* Copies content and metadata lines of another object (CopyObject's directive COPY); encryption lines are the copy's.
 */
static void inherit(struct buf *out, const char *lines)
{
    while (lines && *lines) {
        size_t len = strcspn(lines, "\n");
        if (strncmp(lines, SSE, strlen(SSE)) != 0 && strncmp(lines, "x-amz-website", 13) != 0)
            buf_printf(out, "%.*s\n", (int)len, lines);
        lines += len + (lines[len] == '\n');
    }
}

static bool take_content(struct s3_call *call, struct buf *out)
{
    for (size_t i = 0; i < sizeof content_headers / sizeof content_headers[0]; i++) {
        const char *value = s3_call_header(call, content_headers[i]);
        if (value && strcmp(content_headers[i], "content-encoding") == 0)
            encoding_line(out, value);
        else if (value && *value)
            line(out, content_headers[i], value);
        else if (i == 0)
            line(out, "content-type", "binary/octet-stream");
    }
    return take_metadata(call, out);
}

bool s3_headers_take(struct s3_call *call, struct s3_object *object, const char *inherited)
{
    struct buf out = BUF_INIT(64 * 1024);
    bool ok = take_storage_class(call, object);
    if (ok && inherited)
        inherit(&out, inherited);
    else
        ok = ok && take_content(call, &out);
    const char *redirect = s3_call_header(call, "x-amz-website-redirect-location");
    if (ok && redirect && *redirect)
        line(&out, "x-amz-website-redirect-location", redirect);
    ok = ok && take_encryption(call, &out);
    object->headers = arena_strdup(call->arena, buf_text(&out));
    buf_done(&out);
    return ok;
}

const char *s3_headers_get(struct s3_call *call, const char *headers, const char *name)
{
    size_t want = strlen(name);
    while (headers && *headers) {
        size_t len = strcspn(headers, "\n");
        if (len > want && headers[want] == ':' && strncasecmp(headers, name, want) == 0)
            return arena_strndup(call->arena, headers + want + 1, len - want - 1);
        headers += len + (headers[len] == '\n');
    }
    return NULL;
}

/* Bytes above ASCII cannot stand in a header: S3 sends them as an RFC 2047 encoded word. */
static const char *wire_value(struct s3_call *call, const char *value)
{
    bool plain = true;
    for (const char *at = value; *at; at++)
        plain = plain && !((unsigned char)*at & 0x80);
    if (plain || !s3_text_is_utf8(value))
        return value;
    size_t len = strlen(value);
    char *base64 = arena_alloc(call->arena, 4 * ((len + 2) / 3) + 1);
    return base64 ? arena_printf(call->arena, "=?UTF-8?B?%s?=", base64_encode(value, len, base64)) : value;
}

static void send_line(struct s3_call *call, const char *at, size_t len)
{
    const char *colon = memchr(at, ':', len);
    if (!colon)
        return;
    const char *name = arena_strndup(call->arena, at, (size_t)(colon - at));
    const char *value = arena_strndup(call->arena, colon + 1, len - (size_t)(colon + 1 - at));
    if (name && value)
        s3_add(call, name, wire_value(call, value));
}

static const char *const override_names[][2] = {
    {"response-content-type", "content-type"},
    {"response-content-language", "content-language"},
    {"response-expires", "expires"},
    {"response-cache-control", "cache-control"},
    {"response-content-disposition", "content-disposition"},
    {"response-content-encoding", "content-encoding"},
};

static bool send_overrides(struct s3_call *call)
{
    for (size_t i = 0; i < sizeof override_names / sizeof override_names[0]; i++) {
        const char *value = s3_call_query(call, override_names[i][0]);
        if (!value)
            continue;
        if (!call->req->access_key)
            return s3_fail_text(call, S3_INVALID_REQUEST,
                                "Request specific response headers cannot be used for "
                                "anonymous GET requests.");
        if (strpbrk(value, "\r\n"))
            return s3_fail_argument(call, "Header value cannot be represented using ISO-8859-1.", override_names[i][0],
                                    value);
        s3_add(call, override_names[i][1], value);
    }
    return true;
}

bool s3_headers_send(struct s3_call *call, const struct s3_object *object, bool overrides)
{
    for (const char *at = object->headers; at && *at;) {
        size_t len = strcspn(at, "\n");
        send_line(call, at, len);
        at += len + (at[len] == '\n');
    }
    return !overrides || send_overrides(call);
}

void s3_headers_send_sse(struct s3_call *call, const char *headers)
{
    for (const char *at = headers; at && *at;) {
        size_t len = strcspn(at, "\n");
        if (strncmp(at, SSE, strlen(SSE)) == 0)
            send_line(call, at, len);
        at += len + (at[len] == '\n');
    }
}

bool s3_sse_check_key(struct s3_call *call, const char *headers, const char *prefix)
{
    char name[96];
    const char *stored = s3_headers_get(call, headers, SSE_MD5);
    snprintf(name, sizeof name, "%sserver-side-encryption-customer-key", prefix);
    const char *key = s3_call_header(call, name);
    if (!stored && !key)
        return true;
    if (!stored)
        return s3_fail_text(call, S3_INVALID_REQUEST, "The encryption parameters are not applicable to this object.");
    if (!key)
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "The object was stored using a form of Server Side Encryption. "
                            "The correct parameters must be provided to retrieve the object.");
    uint8_t raw[96], sum[DIGEST_MAX];
    char base64[DIGEST_BASE64];
    if (strlen(key) > 64 || base64_decode(key, strlen(key), raw) != 32)
        return s3_fail_argument(call, "The secret key was invalid for the specified algorithm.", name, NULL);
    digest_of(DIGEST_MD5, raw, 32, sum);
    secret_wipe(raw, sizeof raw);
    base64_encode(sum, 16, base64);
    if (strcmp(base64, stored) == 0)
        return true;
    if (s3_call_query(call, "uploadId"))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "The provided encryption parameters did not match the ones used originally.");
    return s3_fail(call, S3_ACCESS_DENIED);
}
