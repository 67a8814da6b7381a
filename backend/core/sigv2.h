/* Verification of presigned S3 URLs in the old form (AWSAccessKeyId, Signature, Expires), which SDKs still make in
 * us-east-1. Used by the embedded cloud; the console never signs so. Pure. Source: S3 User Guide, "Signing and
 * authenticating REST requests (AWS signature version 2)". */
#ifndef WEIR_CORE_SIGV2_H
#define WEIR_CORE_SIGV2_H
#include "backend/base/err.h"
#include "backend/base/list.h"
#include <stdint.h>

struct sigv2_claim {
    bool present;
    char access_key[129];
    char signature[64]; /* base64 of 20 bytes */
    char expires[24];   /* seconds since 1970, as sent */
    char session_token[2048];
};
/* Reads the query (as on the wire, without '?'). False with ERR_PARSE when only a part of the three parameters is there
 * or one is malformed. */
bool sigv2_parse_claim(const char *query, struct sigv2_claim *claim, struct err *err);
/* Verifies against the secret. resource: "/bucket/key" as on the wire; for virtual-host style the caller puts the
 * bucket before the path. Errors as sigv4_verify: EXPIRED and DENIED (SignatureDoesNotMatch), with S3's word and the
 * status. */
bool sigv2_verify(const struct sigv2_claim *claim, const char *method, const char *resource, const char *query,
                  const struct pairs *headers, const char *secret_key, int64_t now_ms, struct err *err);
#endif
