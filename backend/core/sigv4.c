/* Signing with AWS Signature Version 4: named stages over one struct sigv4, then the two ways to attach the result
 * (headers, presigned query) and the chain of chunk signatures. Verification is in sigv4_verify.c, canonical forms in
 * sigv4_canon.c. Pure functions, any thread; time and keys come from the caller. */
#include "backend/core/sigv4.h"
#include "backend/base/digest.h"
#include "backend/base/uri.h"
#include "backend/core/sigv4_canon.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Larger than any header section that a server accepts (S3: 8 KiB of headers, 2 KiB of metadata). */
enum { CANONICAL_MAX = 1 << 20, SIGNED_HEADERS_MAX = 64 << 10, STRING_MAX = 4 << 10 };

const struct sigv4_rules sigv4_rules_s3 = {.add_content_sha256 = true};
const struct sigv4_rules sigv4_rules_default = {.encode_path_again = true, .normalize_path = true};

const struct sigv4_rules *sigv4_rules_of(const char *service)
{
    static const char *const as_sent[] = {"s3", "s3express", "s3-object-lambda", "s3-outposts", NULL};
    for (int i = 0; as_sent[i]; i++)
        if (strcmp(service, as_sent[i]) == 0)
            return &sigv4_rules_s3;
    return &sigv4_rules_default;
}

static const struct sigv4_rules *rules_for(const struct sigv4_request *req)
{
    return req->rules ? req->rules : sigv4_rules_of(req->service);
}

static bool has_token(const struct sigv4_request *req)
{
    return req->session_token && *req->session_token;
}

void sigv4_done(struct sigv4 *sig)
{
    buf_done(&sig->signed_headers);
    buf_done(&sig->canonical_request);
    buf_done(&sig->string_to_sign);
    secret_wipe(sig->signing_key, sizeof sig->signing_key);
}

bool sigv4_begin(struct sigv4 *sig, const struct sigv4_request *req, struct err *err)
{
    *sig = (struct sigv4){.signed_headers = BUF_INIT(SIGNED_HEADERS_MAX),
                          .canonical_request = BUF_INIT(CANONICAL_MAX),
                          .string_to_sign = BUF_INIT(STRING_MAX)};
    time_t seconds = (time_t)(req->wall_ms / 1000);
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) || strftime(sig->date, sizeof sig->date, "%Y%m%dT%H%M%SZ", &utc) != 16)
        return err_set(err, ERR_FAILED, "signing: the time has no calendar date; set the clock");
    int len = snprintf(sig->scope, sizeof sig->scope, "%.8s/%s/%s/aws4_request", sig->date, req->region, req->service);
    if (len < 0 || (size_t)len >= sizeof sig->scope)
        return err_set(err, ERR_CONFIG, "signing: the region \"%.60s\" is too long; set a valid one", req->region);
    return true;
}

/* Everything of the canonical request but its payload line; skip names a query parameter that is not signed. */
static bool append_canonical(struct sigv4 *sig, const struct sigv4_request *req, const char *only, const char *skip)
{
    struct buf *out = &sig->canonical_request;
    buf_printf(out, "%s\n", req->method);
    canon_path(req->path, rules_for(req), out);
    buf_putc(out, '\n');
    canon_query(req->query, skip, out);
    buf_putc(out, '\n');
    canon_headers(req->headers, only, out, &sig->signed_headers);
    buf_printf(out, "\n%s\n", buf_text(&sig->signed_headers));
    buf_puts(out, req->payload_sha256 ? req->payload_sha256 : SIGV4_EMPTY_SHA256);
    return !out->failed && !sig->signed_headers.failed;
}

bool sigv4_canonical_request(struct sigv4 *sig, const struct sigv4_request *req, struct err *err)
{
    if (!pairs_get(req->headers, "host"))
        return err_set(err, ERR_FAILED, "signing: the request has no Host header");
    if (!append_canonical(sig, req, NULL, NULL))
        return err_set(err, ERR_TOO_LARGE, "signing: the request's path, query and headers are too large to sign");
    return true;
}

bool sigv4_canonical_received(struct sigv4 *sig, const struct sigv4_request *req, const char *only, const char *skip)
{
    return append_canonical(sig, req, only, skip);
}

static void append_sha256(struct buf *out, const void *bytes, size_t len)
{
    uint8_t digest[DIGEST_MAX];
    char hex[DIGEST_HEX];
    digest_of(DIGEST_SHA256, bytes, len, digest);
    buf_append(out, hex_encode(digest, 32, hex), 64);
}

bool sigv4_string_to_sign(struct sigv4 *sig, struct err *err)
{
    struct buf *out = &sig->string_to_sign;
    buf_printf(out, "AWS4-HMAC-SHA256\n%s\n%s\n", sig->date, sig->scope);
    append_sha256(out, sig->canonical_request.data, sig->canonical_request.len);
    return !out->failed || err_set(err, ERR_TOO_LARGE, "signing: the string to sign is too large");
}

/* kSigning = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), service), "aws4_request"). */
static void derive_key(struct sigv4 *sig, const struct sigv4_request *req)
{
    char secret[4 + 256];
    int len = snprintf(secret, sizeof secret, "AWS4%s", req->secret_key);
    size_t used = (size_t)len < sizeof secret ? (size_t)len : sizeof secret - 1;
    uint8_t key[32];
    hmac_sha256(secret, used, sig->date, 8, key);
    hmac_sha256(key, sizeof key, req->region, strlen(req->region), key);
    hmac_sha256(key, sizeof key, req->service, strlen(req->service), key);
    hmac_sha256(key, sizeof key, "aws4_request", 12, sig->signing_key);
    secret_wipe(secret, sizeof secret);
    secret_wipe(key, sizeof key);
}

bool sigv4_sign(struct sigv4 *sig, const struct sigv4_request *req, struct err *err)
{
    if (strlen(req->secret_key) > 255)
        return err_set(err, ERR_CREDENTIALS, "signing: the secret key is longer than 255 bytes; check the credentials");
    derive_key(sig, req);
    uint8_t mac[32];
    hmac_sha256(sig->signing_key, 32, buf_text(&sig->string_to_sign), sig->string_to_sign.len, mac);
    hex_encode(mac, sizeof mac, sig->signature);
    return true;
}

static bool run_stages(struct sigv4 *sig, const struct sigv4_request *req, struct err *err)
{
    return sigv4_canonical_request(sig, req, err) && sigv4_string_to_sign(sig, err) && sigv4_sign(sig, req, err);
}

/* The headers that are part of what is signed. */
static bool add_signed_headers(const struct sigv4 *sig, const struct sigv4_request *req, struct pairs *headers)
{
    const struct sigv4_rules *rules = rules_for(req);
    pairs_remove(headers, "Authorization");
    bool ok = pairs_set(headers, "X-Amz-Date", sig->date);
    if (rules->add_content_sha256)
        ok = pairs_set(headers, "x-amz-content-sha256",
                       req->payload_sha256 ? req->payload_sha256 : SIGV4_EMPTY_SHA256) &&
             ok;
    if (rules->token_after_signing || !has_token(req))
        pairs_remove(headers, "X-Amz-Security-Token");
    else
        ok = pairs_set(headers, "X-Amz-Security-Token", req->session_token) && ok;
    return ok;
}

static bool add_authorization(const struct sigv4 *sig, const struct sigv4_request *req, struct pairs *headers)
{
    struct buf value = BUF_INIT(SIGNED_HEADERS_MAX + 512);
    buf_printf(&value, "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s", req->access_key, sig->scope,
               buf_text(&sig->signed_headers), sig->signature);
    bool ok = !value.failed && pairs_add(headers, "Authorization", buf_text(&value));
    if (rules_for(req)->token_after_signing && has_token(req))
        ok = pairs_add(headers, "X-Amz-Security-Token", req->session_token) && ok;
    buf_done(&value);
    return ok;
}

bool sigv4_sign_headers(const struct sigv4_request *req, struct pairs *headers, struct err *err)
{
    struct sigv4 sig;
    if (!sigv4_begin(&sig, req, err))
        return false;
    bool ok = add_signed_headers(&sig, req, headers);
    if (!ok)
        err_set(err, ERR_TOO_LARGE, "signing: the request has too many headers");
    ok = ok && run_stages(&sig, req, err);
    if (ok && !add_authorization(&sig, req, headers))
        ok = err_set(err, ERR_TOO_LARGE, "signing: the request has too many headers");
    sigv4_done(&sig);
    return ok;
}

static void append_parameter(struct buf *query, const char *name, const char *value)
{
    if (query->len > 0)
        buf_putc(query, '&');
    buf_printf(query, "%s=", name);
    uri_encode(value, strlen(value), false, query);
}

static bool append_presign_query(const struct sigv4 *sig, const struct sigv4_request *req, int64_t expires_s,
                                 struct buf *query)
{
    struct buf names = BUF_INIT(SIGNED_HEADERS_MAX), lines = BUF_INIT(CANONICAL_MAX);
    char credential[512], expires[24];
    snprintf(credential, sizeof credential, "%s/%s", req->access_key, sig->scope);
    snprintf(expires, sizeof expires, "%lld", (long long)expires_s);
    bool ok = canon_headers(req->headers, NULL, &lines, &names);
    append_parameter(query, "X-Amz-Algorithm", "AWS4-HMAC-SHA256");
    append_parameter(query, "X-Amz-Credential", credential);
    append_parameter(query, "X-Amz-Date", sig->date);
    append_parameter(query, "X-Amz-Expires", expires);
    append_parameter(query, "X-Amz-SignedHeaders", buf_text(&names));
    if (has_token(req) && !rules_for(req)->token_after_signing)
        append_parameter(query, "X-Amz-Security-Token", req->session_token);
    buf_done(&names);
    buf_done(&lines);
    return ok && !query->failed;
}

/* Signs the request whose query already holds the X-Amz-* parameters, then adds the signature. */
static bool finish_presign(struct sigv4 *sig, struct sigv4_request req, struct buf *query, struct err *err)
{
    req.query = buf_text(query);
    if (!req.payload_sha256)
        req.payload_sha256 = rules_for(&req)->add_content_sha256 ? SIGV4_UNSIGNED : SIGV4_EMPTY_SHA256;
    if (!run_stages(sig, &req, err))
        return false;
    append_parameter(query, "X-Amz-Signature", sig->signature);
    if (has_token(&req) && rules_for(&req)->token_after_signing)
        append_parameter(query, "X-Amz-Security-Token", req.session_token);
    return true;
}

bool sigv4_presign(const struct sigv4_request *req, int64_t expires_s, struct buf *out, struct err *err)
{
    if (expires_s < 1 || expires_s > SIGV4_EXPIRES_MAX)
        return err_set(err, ERR_USAGE, "presigning: %lld seconds is not between 1 and 604800 (7 days)",
                       (long long)expires_s);
    struct sigv4 sig;
    if (!sigv4_begin(&sig, req, err))
        return false;
    struct buf query = BUF_INIT(CANONICAL_MAX);
    buf_puts(&query, req->query);
    bool ok = append_presign_query(&sig, req, expires_s, &query);
    if (!ok)
        err_set(err, ERR_TOO_LARGE, "presigning: the request is too large to sign");
    ok = ok && finish_presign(&sig, *req, &query, err);
    if (ok && !buf_append(out, query.data, query.len))
        ok = err_set(err, ERR_TOO_LARGE, "presigning: the URL is too long");
    buf_done(&query);
    sigv4_done(&sig);
    return ok;
}

static void sign_part(const struct sigv4 *sig, struct buf *text, const uint8_t sha256[32], char out[65])
{
    char hex[DIGEST_HEX];
    buf_append(text, hex_encode(sha256, 32, hex), 64);
    uint8_t mac[32];
    hmac_sha256(sig->signing_key, sizeof sig->signing_key, buf_text(text), text->len, mac);
    hex_encode(mac, sizeof mac, out);
    buf_done(text);
}

void sigv4_chunk_signature_hashed(const struct sigv4 *sig, const char *previous, const uint8_t sha256[32], char out[65])
{
    struct buf text = BUF_INIT(STRING_MAX);
    buf_printf(&text, "AWS4-HMAC-SHA256-PAYLOAD\n%s\n%s\n%.64s\n%s\n", sig->date, sig->scope, previous,
               SIGV4_EMPTY_SHA256);
    sign_part(sig, &text, sha256, out);
}

void sigv4_chunk_signature(const struct sigv4 *sig, const char *previous, const void *chunk, size_t len, char out[65])
{
    uint8_t sha256[DIGEST_MAX];
    digest_of(DIGEST_SHA256, chunk, len, sha256);
    sigv4_chunk_signature_hashed(sig, previous, sha256, out);
}

void sigv4_trailer_signature(const struct sigv4 *sig, const char *previous, const void *trailer, size_t len,
                             char out[65])
{
    struct buf text = BUF_INIT(STRING_MAX);
    buf_printf(&text, "AWS4-HMAC-SHA256-TRAILER\n%s\n%s\n%.64s\n", sig->date, sig->scope, previous);
    uint8_t sha256[DIGEST_MAX];
    digest_of(DIGEST_SHA256, trailer, len, sha256);
    sign_part(sig, &text, sha256, out);
}
