/* Reading and verifying AWS Signature Version 4 on received requests. Used by the embedded cloud for every request; the
 * client does not come here. Pure functions, any thread. Words for faults are S3's (API Reference, "Error responses").
 */
#include "backend/base/digest.h"
#include "backend/base/text.h"
#include "backend/core/sigv4_canon.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* "Authenticating Requests": the time stamp must be within 15 minutes of the service's. */
enum { SKEW_MS = 15 * 60 * 1000 };

static const char algorithm[] = "AWS4-HMAC-SHA256";

static bool bad_header(struct err *err, const char *text)
{
    return auth_fault(err, ERR_PARSE, "AuthorizationHeaderMalformed", 400, text);
}

static bool bad_query(struct err *err, const char *text)
{
    return auth_fault(err, ERR_PARSE, "AuthorizationQueryParametersError", 400, text);
}

static bool copy_part(const char *text, size_t len, char *out, size_t size)
{
    if (len == 0 || len >= size)
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return true;
}

/* "KEY/20150830/us-east-1/service/aws4_request", from the end, since a key may hold a slash. */
static bool read_credential(const char *text, size_t len, struct sigv4_claim *claim)
{
    const char *ends[5] = {text + len};
    for (int i = 1; i < 5; i++) {
        const char *slash = memrchr(text, '/', (size_t)(ends[i - 1] - text));
        if (!slash)
            return false;
        ends[i] = slash;
    }
    size_t terminator = (size_t)(ends[0] - ends[1]) - 1, date = (size_t)(ends[3] - ends[4]) - 1;
    if (terminator != 12 || memcmp(ends[1] + 1, "aws4_request", 12) != 0 || date != 8)
        return false;
    return copy_part(text, (size_t)(ends[4] - text), claim->access_key, sizeof claim->access_key) &&
           copy_part(ends[4] + 1, date, claim->date8, sizeof claim->date8) &&
           copy_part(ends[3] + 1, (size_t)(ends[2] - ends[3]) - 1, claim->region, sizeof claim->region) &&
           copy_part(ends[2] + 1, (size_t)(ends[1] - ends[2]) - 1, claim->service, sizeof claim->service);
}

static bool is_signature(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

/* The value of "Name=" in the Authorization header's comma-separated list; NULL when absent. */
static const char *header_item(const char *list, const char *name, size_t *len)
{
    size_t name_len = strlen(name);
    while (*list) {
        list += strspn(list, " \t,");
        size_t item = strcspn(list, ",");
        if (item > name_len && strncmp(list, name, name_len) == 0 && list[name_len] == '=') {
            *len = item - name_len - 1;
            while (*len > 0 && isspace((unsigned char)list[name_len + *len]))
                --*len;
            return list + name_len + 1;
        }
        list += item;
    }
    return NULL;
}

/* Brings "20150830T123600Z", RFC 1123 or ISO 8601 into the first form. */
static bool read_date(const char *text, char out[17])
{
    static const char shape[] = "dddddddd"
                                "Tdddddd"
                                "Z";
    size_t i = 0;
    while (i < 16 && (shape[i] == 'd' ? isdigit((unsigned char)text[i]) : text[i] == shape[i]))
        i++;
    if (i == 16 && text[16] == '\0') {
        memcpy(out, text, 17);
        return true;
    }
    int64_t wall_ms;
    if (!text_parse_time(text, &wall_ms))
        return false;
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    return gmtime_r(&seconds, &utc) && strftime(out, 17, "%Y%m%dT%H%M%SZ", &utc) == 16;
}

static bool parse_header(const char *authorization, const struct pairs *headers, struct sigv4_claim *claim,
                         struct err *err)
{
    const char *list = authorization + strlen(algorithm);
    size_t credential_len = 0, signed_len = 0, signature_len = 0;
    const char *credential = header_item(list, "Credential", &credential_len);
    const char *names = header_item(list, "SignedHeaders", &signed_len);
    const char *signature = header_item(list, "Signature", &signature_len);
    if (!credential || !names || !signature)
        return bad_header(err, "the Authorization header needs Credential, SignedHeaders and Signature");
    if (!read_credential(credential, credential_len, claim))
        return bad_header(err, "Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request");
    if (!copy_part(names, signed_len, claim->signed_headers, sizeof claim->signed_headers))
        return bad_header(err, "SignedHeaders is empty or too long");
    if (!copy_part(signature, signature_len, claim->signature, sizeof claim->signature) ||
        !is_signature(claim->signature))
        return bad_header(err, "Signature must be 64 lower-case hexadecimal digits");
    const char *date = pairs_get(headers, "x-amz-date");
    if (!date)
        date = pairs_get(headers, "date");
    if (!date || !read_date(date, claim->date))
        return auth_fault(err, ERR_PARSE, "AccessDenied", 403,
                          "a signed request needs a valid X-Amz-Date or Date header");
    return true;
}

/* A named query parameter into a field; false with *err when it is absent or does not fit. */
static bool need_value(const char *query, const char *name, char *out, size_t size, struct err *err)
{
    if (query_value(query, name, out, size) == 1)
        return true;
    char text[160];
    snprintf(text, sizeof text, "the query parameter %s is missing or too long", name);
    return bad_query(err, text);
}

static bool parse_query(const char *query, struct sigv4_claim *claim, struct err *err)
{
    char credential[400], date[64], expires[24], name[32];
    claim->is_presigned = true;
    if (!need_value(query, "X-Amz-Algorithm", name, sizeof name, err) ||
        !need_value(query, "X-Amz-Credential", credential, sizeof credential, err) ||
        !need_value(query, "X-Amz-Date", date, sizeof date, err) ||
        !need_value(query, "X-Amz-Expires", expires, sizeof expires, err) ||
        !need_value(query, "X-Amz-SignedHeaders", claim->signed_headers, sizeof claim->signed_headers, err) ||
        !need_value(query, "X-Amz-Signature", claim->signature, sizeof claim->signature, err))
        return false;
    if (strcmp(name, algorithm) != 0)
        return bad_query(err, "X-Amz-Algorithm must be AWS4-HMAC-SHA256");
    if (!read_credential(credential, strlen(credential), claim))
        return bad_query(err, "X-Amz-Credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request");
    if (!read_date(date, claim->date))
        return bad_query(err, "X-Amz-Date must be in the form YYYYMMDDTHHMMSSZ");
    if (!is_signature(claim->signature))
        return bad_query(err, "X-Amz-Signature must be 64 lower-case hexadecimal digits");
    char *end;
    errno = 0;
    claim->expires_s = strtoll(expires, &end, 10);
    if (errno || end == expires || *end || claim->expires_s < 1 || claim->expires_s > SIGV4_EXPIRES_MAX)
        return bad_query(err, "X-Amz-Expires must be between 1 and 604800 seconds");
    return true;
}

/* Payload and token may stand in the query or in a header, whichever form the signature has. */
static bool read_extras(const char *query, const struct pairs *headers, struct sigv4_claim *claim, struct err *err)
{
    const char *payload = pairs_get(headers, "x-amz-content-sha256");
    const char *token = pairs_get(headers, "x-amz-security-token");
    int fits = 1;
    if (claim->is_presigned) {
        fits = query_value(query, "X-Amz-Security-Token", claim->session_token, sizeof claim->session_token);
        if (fits == 0)
            fits = 1;
        else
            token = NULL;
        if (query_value(query, "X-Amz-Content-Sha256", claim->payload, sizeof claim->payload) == 1 ||
            !canon_is_listed(claim->signed_headers, "x-amz-content-sha256"))
            payload = NULL;
    }
    if (payload)
        snprintf(claim->payload, sizeof claim->payload, "%s", payload);
    if (token && !copy_part(token, strlen(token), claim->session_token, sizeof claim->session_token))
        fits = *token ? -1 : fits;
    return fits == 1 || auth_fault(err, ERR_PARSE, "InvalidToken", 400, "the security token is too long");
}

static bool is_presigned(const char *query)
{
    struct query_part part;
    while (query_next(&query, &part))
        if (query_is(&part, "X-Amz-Algorithm") || query_is(&part, "X-Amz-Signature"))
            return true;
    return false;
}

bool sigv4_parse_claim(const char *query, const struct pairs *headers, struct sigv4_claim *claim, struct err *err)
{
    *claim = (struct sigv4_claim){0};
    const char *authorization = pairs_get(headers, "authorization");
    bool in_header = authorization && strncmp(authorization, algorithm, strlen(algorithm)) == 0;
    if (!in_header && !is_presigned(query))
        return true;
    claim->present = true;
    if (!(in_header ? parse_header(authorization, headers, claim, err) : parse_query(query, claim, err)))
        return false;
    if (strncmp(claim->date, claim->date8, 8) != 0)
        return in_header ? bad_header(err, "the date in Credential is not that of the request")
                         : bad_query(err, "the date in X-Amz-Credential is not that of X-Amz-Date");
    if (!canon_is_listed(claim->signed_headers, "host"))
        return in_header ? bad_header(err, "the Host header must be signed")
                         : bad_query(err, "the Host header must be signed");
    return read_extras(query, headers, claim, err);
}

static bool date_ms(const char date[17], int64_t *wall_ms)
{
    struct tm utc = {0};
    if (sscanf(date, "%4d%2d%2dT%2d%2d%2dZ", &utc.tm_year, &utc.tm_mon, &utc.tm_mday, &utc.tm_hour, &utc.tm_min,
               &utc.tm_sec) != 6)
        return false;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    time_t seconds = timegm(&utc);
    *wall_ms = (int64_t)seconds * 1000;
    return seconds != (time_t)-1;
}

static bool check_time(const struct sigv4_claim *claim, int64_t now_ms, struct err *err)
{
    int64_t then_ms;
    if (!date_ms(claim->date, &then_ms))
        return auth_fault(err, ERR_PARSE, "AccessDenied", 403, "the date of the request is no date");
    if (!claim->is_presigned) {
        if (llabs(now_ms - then_ms) > SKEW_MS)
            return auth_fault(err, ERR_CLOCK_SKEW, "RequestTimeTooSkewed", 403,
                              "The difference between the request time and the current time is too large.");
        return true;
    }
    if (then_ms - now_ms > SKEW_MS)
        return auth_fault(err, ERR_CLOCK_SKEW, "AccessDenied", 403, "Request is not valid yet");
    if (now_ms > then_ms + claim->expires_s * 1000)
        return auth_fault(err, ERR_EXPIRED, "AccessDenied", 403, "Request has expired");
    return true;
}

/* S3 refuses x-amz- headers that the signature does not cover; a presigned URL's content hash excepted. */
static bool check_all_signed(const struct sigv4_claim *claim, const struct pairs *headers, struct err *err)
{
    if (sigv4_rules_of(claim->service) != &sigv4_rules_s3)
        return true;
    for (size_t i = 0; i < headers->count; i++) {
        const char *name = headers->items[i].name;
        bool is_excepted = claim->is_presigned && strcasecmp(name, "x-amz-content-sha256") == 0;
        if (strncasecmp(name, "x-amz-", 6) == 0 && !is_excepted && !canon_is_listed(claim->signed_headers, name)) {
            char text[200];
            snprintf(text, sizeof text, "There were headers present in the request which were not signed: %.80s", name);
            return auth_fault(err, ERR_DENIED, "AccessDenied", 403, text);
        }
    }
    return true;
}

static bool is_hex_digest(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
}

/* The payload line of the canonical request. */
static const char *payload_of(const struct sigv4_claim *claim, const char *body_sha256)
{
    if (*claim->payload)
        return claim->payload;
    if (claim->is_presigned && sigv4_rules_of(claim->service)->add_content_sha256)
        return SIGV4_UNSIGNED;
    return body_sha256 ? body_sha256 : SIGV4_EMPTY_SHA256;
}

static bool compare_signature(const struct sigv4_claim *claim, const struct sigv4_request *req, struct sigv4 *sig,
                              struct err *err)
{
    const char *skip = claim->is_presigned ? "X-Amz-Signature" : NULL;
    if (!sigv4_begin(sig, req, err))
        return false;
    memcpy(sig->date, claim->date, sizeof sig->date);
    if (!sigv4_canonical_received(sig, req, claim->signed_headers, skip))
        return auth_fault(err, ERR_TOO_LARGE, "RequestHeaderSectionTooLarge", 400,
                          "the request is too large to verify");
    if (!sigv4_string_to_sign(sig, err) || !sigv4_sign(sig, req, err))
        return false;
    if (!secret_equal(sig->signature, claim->signature, 64))
        return auth_fault(
            err, ERR_DENIED, "SignatureDoesNotMatch", 403,
            "The request signature we calculated does not match the signature you provided. Check your key "
            "and signing method.");
    return true;
}

bool sigv4_verify(const struct sigv4_claim *claim, const char *method, const char *path, const char *query,
                  const struct pairs *headers, const char *body_sha256, const char *secret_key, int64_t now_ms,
                  struct sigv4 *sig, struct err *err)
{
    *sig = (struct sigv4){0};
    struct sigv4_request req = {.method = method,
                                .path = path,
                                .query = query,
                                .headers = headers,
                                .payload_sha256 = payload_of(claim, body_sha256),
                                .service = claim->service,
                                .region = claim->region,
                                .access_key = claim->access_key,
                                .secret_key = secret_key};
    if (!check_time(claim, now_ms, err) || !date_ms(claim->date, &req.wall_ms) ||
        !check_all_signed(claim, headers, err) || !compare_signature(claim, &req, sig, err))
        return false;
    if (body_sha256 && is_hex_digest(claim->payload) && strcasecmp(body_sha256, claim->payload) != 0)
        return auth_fault(err, ERR_CHECKSUM, "XAmzContentSHA256Mismatch", 400,
                          "The provided 'x-amz-content-sha256' header does not match what was computed.");
    return true;
}
