/* AWS Signature Version 4, in stages over one struct, and its verification (used by the embedded cloud). Pure: no I/O,
 * no clock of its own. Source: "Create a signed AWS API request" and "Authenticating Requests (AWS Signature Version
 * 4)" (S3 API Reference). */
#ifndef WEIR_CORE_SIGV4_H
#define WEIR_CORE_SIGV4_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/base/list.h"
#include <stdint.h>

#define SIGV4_UNSIGNED      "UNSIGNED-PAYLOAD"
#define SIGV4_STREAMING     "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
#define SIGV4_STREAMING_T   "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
#define SIGV4_STREAMING_U_T "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
#define SIGV4_EMPTY_SHA256  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/* A presigned URL lives at most 7 days (S3 API Reference, "Authenticating Requests: Using Query Parameters"). */
#define SIGV4_EXPIRES_MAX 604800

/* How the path enters the canonical request: S3 as sent; all other services encoded once more; normalised (RFC
 * 3986 5.2.4) or not. */
struct sigv4_rules {
    bool encode_path_again;
    bool normalize_path;
    bool add_content_sha256;  /* S3: sign and send x-amz-content-sha256 */
    bool token_after_signing; /* add X-Amz-Security-Token without signing it */
};
extern const struct sigv4_rules sigv4_rules_s3, sigv4_rules_default;
/* The rules by signing name: "s3" (and s3express, s3-object-lambda) or the default. */
const struct sigv4_rules *sigv4_rules_of(const char *service);

struct sigv4_request {
    const char *method;
    const char *path;            /* as on the wire, encoded, "/" at least */
    const char *query;           /* as on the wire, without '?', "" when none */
    const struct pairs *headers; /* to be signed; Host must be among them */
    const char *payload_sha256;  /* hex, or one of SIGV4_UNSIGNED ...; NULL: an empty body (presigned S3: unsigned) */
    const char *service, *region;
    int64_t wall_ms;                                     /* signing time */
    const char *access_key, *secret_key, *session_token; /* token NULL or "" when none */
    const struct sigv4_rules *rules;                     /* NULL: by service */
};

/* Each stage's text, all maxima stated inside; kept for tests and for traces (they hold no secret but the signature).
 */
struct sigv4 {
    char date[17];   /* 20150830T123600Z */
    char scope[160]; /* 20150830/us-east-1/service/aws4_request */
    struct buf signed_headers, canonical_request, string_to_sign;
    uint8_t signing_key[32];
    char signature[65];
};
void sigv4_done(struct sigv4 *sig);

/* Stages, in order; each returns false with *err on bad input (no Host, too large). */
bool sigv4_begin(struct sigv4 *sig, const struct sigv4_request *req, struct err *err);
bool sigv4_canonical_request(struct sigv4 *sig, const struct sigv4_request *req, struct err *err);
bool sigv4_string_to_sign(struct sigv4 *sig, struct err *err);
bool sigv4_sign(struct sigv4 *sig, const struct sigv4_request *req, struct err *err);
/* All stages; adds X-Amz-Date, x-amz-content-sha256 (when the rules say so), X-Amz-Security-Token and
 * Authorization to headers. req->headers must be `headers`. */
bool sigv4_sign_headers(const struct sigv4_request *req, struct pairs *headers, struct err *err);
/* Presigns: appends to out the whole query string, req->query followed by X-Amz-Algorithm ... X-Amz-Signature.
 * expires_s 1..604800. */
bool sigv4_presign(const struct sigv4_request *req, int64_t expires_s, struct buf *out, struct err *err);
/* Streaming: the signature of the next chunk from the previous one (the seed at first); both 65-byte hex arrays. */
void sigv4_chunk_signature(const struct sigv4 *sig, const char *previous, const void *chunk, size_t len, char out[65]);
/* As sigv4_chunk_signature, of a chunk that is known by its SHA-256 only. */
void sigv4_chunk_signature_hashed(const struct sigv4 *sig, const char *previous, const uint8_t sha256[32],
                                  char out[65]);
/* As above for the trailer part ("name:value\n" lines). */
void sigv4_trailer_signature(const struct sigv4 *sig, const char *previous, const void *trailer, size_t len,
                             char out[65]);

/* What a received request says of itself, from the Authorization header or the query. */
struct sigv4_claim {
    bool present, is_presigned;
    char access_key[129];
    char date8[9], region[64], service[64];
    char signed_headers[2048]; /* "host;x-amz-date" */
    char signature[65];
    char date[17];     /* X-Amz-Date or Date */
    int64_t expires_s; /* presigned */
    char payload[128]; /* x-amz-content-sha256 as sent; "" when absent */
    char session_token[2048];
};
/* Parses; false with ERR_PARSE when an AWS4 authorization is there but malformed (service_code is S3's word for the
 * fault, http_status 400). Another kind of Authorization, or none: true with present false. */
bool sigv4_parse_claim(const char *query, const struct pairs *headers, struct sigv4_claim *claim, struct err *err);
/* Verifies against the secret. path and query as on the wire, query without '?'. body_sha256: hex of the body when
 * known (NULL: not), for services that do not send x-amz-content-sha256; when both are there they must agree. Errors
 * carry S3's word in service_code and the status: CLOCK_SKEW (RequestTimeTooSkewed, +-15 min), EXPIRED (presigned),
 * CHECKSUM (XAmzContentSHA256Mismatch), DENIED (SignatureDoesNotMatch; AccessDenied when S3's x-amz- headers are not
 * signed). *sig is always to be ended with sigv4_done; on success it holds the signing key and the seed signature for
 * chunks. */
bool sigv4_verify(const struct sigv4_claim *claim, const char *method, const char *path, const char *query,
                  const struct pairs *headers, const char *body_sha256, const char *secret_key, int64_t now_ms,
                  struct sigv4 *sig, struct err *err);
#endif
