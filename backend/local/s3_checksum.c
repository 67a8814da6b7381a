/* Checksums: which algorithm a request speaks of, comparing what it sent with the body's digests, and writing stored
 * values into headers and documents ("Checking object integrity", Amazon S3 User Guide; since the end of 2024 an object
 * without one gets CRC64NVME). */
#include "backend/local/s3.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const enum digest_kind kinds[] = {DIGEST_CRC32, DIGEST_CRC32C, DIGEST_CRC64NVME, DIGEST_SHA1, DIGEST_SHA256};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

bool s3_checksum_kind_ok(enum digest_kind kind)
{
    return kind != DIGEST_MD5;
}

const char *s3_checksum_upper(enum digest_kind kind)
{
    static const char *const names[DIGEST_KINDS] = {
        [DIGEST_MD5] = "MD5",     [DIGEST_SHA1] = "SHA1",     [DIGEST_SHA256] = "SHA256",
        [DIGEST_CRC32] = "CRC32", [DIGEST_CRC32C] = "CRC32C", [DIGEST_CRC64NVME] = "CRC64NVME",
    };
    return names[kind];
}

static void header_name(enum digest_kind kind, char out[40])
{
    snprintf(out, 40, "x-amz-checksum-%s", digest_name(kind));
}

static bool named_in(const char *value, struct s3_checksum_ask *ask)
{
    ask->has_kind = value && digest_kind_by_name(value, &ask->kind) && s3_checksum_kind_ok(ask->kind);
    return ask->has_kind;
}

void s3_checksum_ask(const struct request *req, struct s3_checksum_ask *ask)
{
    *ask = (struct s3_checksum_ask){.kind = DIGEST_CRC64NVME};
    char name[40];
    for (size_t i = 0; i < KINDS; i++) {
        header_name(kinds[i], name);
        const char *value = pairs_get(&req->headers, name);
        if (value) {
            *ask = (struct s3_checksum_ask){.has_kind = true, .kind = kinds[i], .value = value};
            return;
        }
    }
    const char *trailer = pairs_get(&req->headers, "x-amz-trailer");
    if (trailer && strncasecmp(trailer, "x-amz-checksum-", 15) == 0 && named_in(trailer + 15, ask))
        return;
    if (named_in(pairs_get(&req->headers, "x-amz-sdk-checksum-algorithm"), ask))
        return;
    ask->kind = DIGEST_CRC64NVME;
}

unsigned s3_checksum_mask(const struct request *req)
{
    struct s3_checksum_ask ask;
    s3_checksum_ask(req, &ask);
    return 1u << DIGEST_MD5 | 1u << ask.kind;
}

static bool verify_md5(struct s3_call *call)
{
    const char *sent = s3_call_header(call, "content-md5");
    uint8_t want[DIGEST_MAX * 2];
    if (!sent)
        return true;
    if (strlen(sent) > 60 || base64_decode(sent, strlen(sent), want) != 16)
        return s3_fail_with(call, S3_INVALID_DIGEST, "Content-MD5", sent, NULL);
    if (memcmp(want, call->req->digests[DIGEST_MD5], 16) == 0)
        return true;
    char found[DIGEST_BASE64];
    base64_encode(call->req->digests[DIGEST_MD5], 16, found);
    return s3_fail_with(call, S3_BAD_DIGEST, "ExpectedDigest", sent, "CalculatedDigest", found, NULL);
}

static bool more_than_one(struct s3_call *call)
{
    char name[40];
    int count = 0;
    for (size_t i = 0; i < KINDS; i++) {
        header_name(kinds[i], name);
        count += s3_call_header(call, name) != NULL;
    }
    return count > 1;
}

bool s3_checksum_verify(struct s3_call *call, struct s3_checksum_ask *ask)
{
    char name[40];
    uint8_t want[128];
    s3_checksum_ask(call->req, ask);
    if (!verify_md5(call))
        return false;
    if (more_than_one(call))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Expecting a single x-amz-checksum- header. Multiple checksum "
                            "Types are not allowed.");
    header_name(ask->kind, name);
    if (!ask->value)
        ask->value = pairs_get(&call->req->trailers, name);
    const char *algorithm = s3_call_header(call, "x-amz-sdk-checksum-algorithm");
    struct s3_checksum_ask named;
    if (algorithm && !named_in(algorithm, &named))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Checksum algorithm provided is unsupported. Please try again "
                            "with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, "
                            "SHA256]");
    if (ask->value && algorithm && named.kind != ask->kind)
        return s3_fail_text(call, S3_INVALID_REQUEST, "Value for x-amz-sdk-checksum-algorithm header is invalid.");
    if (!ask->value)
        return true;
    size_t size = digest_size(ask->kind);
    if (strlen(ask->value) > 90 || base64_decode(ask->value, strlen(ask->value), want) != (long)size)
        return s3_fail_text(call, S3_INVALID_REQUEST, "Value for %s header is invalid.", name);
    if (memcmp(want, call->req->digests[ask->kind], size) == 0)
        return true;
    return s3_fail_text(call, S3_BAD_DIGEST, "The %s you specified did not match the calculated checksum.",
                        s3_checksum_upper(ask->kind));
}

const char *s3_checksum_pack(struct s3_call *call, enum digest_kind kind, const char *type, const uint8_t *raw,
                             int parts)
{
    char value[DIGEST_BASE64];
    base64_encode(raw, digest_size(kind), value);
    if (parts > 0)
        return arena_printf(call->arena, "%s %s %s-%d", s3_checksum_upper(kind), type, value, parts);
    return arena_printf(call->arena, "%s %s %s", s3_checksum_upper(kind), type, value);
}

bool s3_checksum_unpack(const char *packed, struct s3_checksum *sum)
{
    char name[16];
    return packed && sscanf(packed, "%15s %15s %79s", name, sum->type, sum->value) == 3 &&
           digest_kind_by_name(name, &sum->kind);
}

void s3_checksum_send(struct s3_call *call, const char *packed, bool with_type)
{
    struct s3_checksum sum;
    char name[40];
    if (!s3_checksum_unpack(packed, &sum))
        return;
    header_name(sum.kind, name);
    s3_add(call, name, sum.value);
    if (with_type)
        s3_add(call, "x-amz-checksum-type", sum.type);
}

void s3_checksum_xml(struct buf *out, const char *packed, bool with_type)
{
    struct s3_checksum sum;
    if (!s3_checksum_unpack(packed, &sum))
        return;
    buf_printf(out, "<Checksum%s>%s</Checksum%s>", s3_checksum_upper(sum.kind), sum.value, s3_checksum_upper(sum.kind));
    if (with_type)
        buf_printf(out, "<ChecksumType>%s</ChecksumType>", sum.type);
}

const char *s3_etag_hex(struct s3_call *call, const uint8_t *md5)
{
    char hex[33];
    hex_encode(md5, 16, hex);
    return arena_strdup(call->arena, hex);
}
