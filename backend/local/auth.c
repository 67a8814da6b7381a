/* Verification of signatures; see auth.h. What the server refuses gets its words in refusal.c. */
#include "backend/local/auth.h"
#include "backend/local/cloud.h"
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { RESOURCE_MAX = 17 * 1024 }; /* a head is 16 KiB at most */

static bool is_s3(const struct service_ops *service)
{
    return strcmp(service->signing_name, "s3") == 0;
}

/* The time by which this request is judged: a fault rule may have shifted it. */
static int64_t now_of(const struct request *req)
{
    return clock_wall(req->cloud->clock) + req->clock_shift_ms;
}

void auth_claim(struct auth *auth, struct request *req)
{
    if (sigv4_parse_claim(req->raw_query, &req->headers, &auth->claim, &auth->claim_err) && !auth->claim.present)
        sigv2_parse_claim(req->raw_query, &auth->old_claim, &auth->claim_err);
    snprintf(req->scope_service, sizeof req->scope_service, "%s", auth->claim.service);
}

/* Nobody signed: fine where the service allows it; else the word for what is there instead. */
static bool unsigned_request(struct auth *auth, const struct request *req, const struct service_ops *service,
                             struct refusal *refusal)
{
    enum service_protocol protocol = cloud_protocol(service, req);
    if (pairs_get(&req->headers, "Authorization"))
        return refuse(refusal, protocol, REFUSE_SCHEME, NULL);
    if (service->allows_anonymous && service->allows_anonymous(req)) {
        auth->is_anonymous = true;
        return true;
    }
    return refuse(refusal, protocol, REFUSE_MISSING_AUTH, protocol == PROTOCOL_REST_XML ? "Access Denied" : NULL);
}

static bool find_key(struct auth *auth, struct request *req, const char *access, const char *token,
                     enum service_protocol protocol, struct refusal *refusal)
{
    static const enum refusal_reason reasons[] = {[KEYS_UNKNOWN] = REFUSE_UNKNOWN_KEY,
                                                  [KEYS_BAD_TOKEN] = REFUSE_BAD_TOKEN,
                                                  [KEYS_EXPIRED] = REFUSE_EXPIRED_TOKEN};
    enum keys_found found = keys_find(req->cloud->keys, access, token, now_of(req), &auth->identity);
    if (found == KEYS_UNKNOWN && protocol == PROTOCOL_REST_XML)
        return refuse(refusal, protocol, REFUSE_UNKNOWN_KEY,
                      "The AWS Access Key Id you provided does not exist in our records.");
    if (found != KEYS_FOUND)
        return refuse(refusal, protocol, reasons[found], NULL);
    snprintf(req->principal_arn, sizeof req->principal_arn, "%s", auth->identity.arn);
    snprintf(req->principal_id, sizeof req->principal_id, "%s", auth->identity.id);
    return true;
}

/* The scope must name this cloud's region and the service that was asked. */
static bool check_scope(const struct auth *auth, const struct request *req, const struct service_ops *service,
                        struct refusal *refusal)
{
    enum service_protocol protocol = cloud_protocol(service, req);
    const struct sigv4_claim *claim = &auth->claim;
    /* clients sign for the global endpoint of STS in us-east-1 wherever they are */
    bool is_global = strcmp(service->signing_name, "sts") == 0 && strcmp(claim->region, "us-east-1") == 0;
    if (strcmp(claim->region, req->cloud->region) != 0 && !is_global) {
        if (protocol == PROTOCOL_REST_XML)
            return refuse(refusal, protocol, REFUSE_WRONG_SCOPE,
                          "The authorization header is malformed; the region '%.40s' is wrong; expecting '%.40s'",
                          claim->region, req->cloud->region);
        return refuse(refusal, protocol, REFUSE_WRONG_SCOPE,
                      "Credential should be scoped to a valid region, not '%.40s'.", claim->region);
    }
    if (*service->signing_name && strcmp(claim->service, service->signing_name) != 0)
        return refuse(refusal, protocol, REFUSE_WRONG_SCOPE,
                      "The authorization header is malformed; incorrect service \"%.40s\". This endpoint belongs to "
                      "\"%s\".",
                      claim->service, service->signing_name);
    return true;
}

static bool is_hex_hash(const char *text)
{
    return strspn(text, "0123456789abcdefABCDEF") == 64 && text[64] == '\0';
}

/* S3's x-amz-content-sha256: there when the header is signed, and one of the forms that are known. */
static bool check_payload_form(const struct auth *auth, enum service_protocol protocol, struct refusal *refusal)
{
    static const char *const forms[] = {SIGV4_UNSIGNED, SIGV4_STREAMING, SIGV4_STREAMING_T, SIGV4_STREAMING_U_T};
    const char *payload = auth->claim.payload;
    if (!*payload)
        return auth->claim.is_presigned || refuse(refusal, protocol, REFUSE_NO_BODY_HASH, NULL);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(payload, forms[i]) == 0)
            return true;
    if (strncmp(payload, "STREAMING-AWS4-ECDSA", 20) == 0)
        return refuse(refusal, protocol, REFUSE_NOT_IMPLEMENTED, "SigV4a (%.60s) is not implemented", payload);
    return is_hex_hash(payload) || refuse(refusal, protocol, REFUSE_BAD_BODY_HASH, NULL);
}

/* S3 speaks in sigv4's own words; other protocols have theirs for the same faults. */
static bool refuse_claim(const struct err *err, enum service_protocol protocol, struct refusal *refusal)
{
    enum refusal_reason reason = err->code == ERR_CLOCK_SKEW ? REFUSE_CLOCK_SKEW
                                 : err->code == ERR_EXPIRED  ? REFUSE_URL_EXPIRED
                                 : err->code == ERR_CHECKSUM ? REFUSE_BODY_HASH
                                 : err->code == ERR_PARSE    ? REFUSE_MALFORMED_AUTH
                                                             : REFUSE_SIGNATURE;
    refuse(refusal, protocol, reason, "%s", err->text);
    if (protocol == PROTOCOL_REST_XML && *err->service_code) {
        snprintf(refusal->code, sizeof refusal->code, "%s", err->service_code);
        refusal->status = err->http_status ? err->http_status : refusal->status;
    }
    return false;
}

/* Services other than S3 say which way the clock differs, and that is all by which clients know a clock from a key:
 * "Signature expired: 20261124T114800Z is now earlier than 20261124T115300Z (20261124T120800Z - 15 min.)". */
static void say_skew(const struct request *req, const char *date, struct err *err)
{
    enum { ALLOWED_S = 15 * 60 };
    char now[32], limit[32];
    time_t now_s = (time_t)(now_of(req) / 1000);
    struct tm utc;
    strftime(now, sizeof now, "%Y%m%dT%H%M%SZ", gmtime_r(&now_s, &utc));
    bool is_late = strcmp(date, now) < 0;
    time_t limit_s = is_late ? now_s - ALLOWED_S : now_s + ALLOWED_S;
    strftime(limit, sizeof limit, "%Y%m%dT%H%M%SZ", gmtime_r(&limit_s, &utc));
    snprintf(err->text, sizeof err->text, "%s: %.20s is %s than %s (%s %c 15 min.)",
             is_late ? "Signature expired" : "Signature not yet current", date, is_late ? "now earlier" : "still later",
             limit, now, is_late ? '-' : '+');
}

static bool verify(struct auth *auth, const struct request *req, enum service_protocol protocol,
                   const char *body_sha256, struct refusal *refusal)
{
    struct err err = ERR_NONE;
    if (sigv4_verify(&auth->claim, req->method, req->raw_path, req->raw_query, &req->headers, body_sha256,
                     auth->identity.secret, now_of(req), &auth->sig, &err))
        return true;
    if (err.code == ERR_CLOCK_SKEW && protocol != PROTOCOL_REST_XML)
        say_skew(req, auth->claim.date, &err);
    return refuse_claim(&err, protocol, refusal);
}

/* S3's presigned URLs in the old form. */
static bool old_query(struct auth *auth, struct request *req, const struct service_ops *service,
                      struct refusal *refusal)
{
    enum service_protocol protocol = cloud_protocol(service, req);
    const struct sigv2_claim *claim = &auth->old_claim;
    struct err err = ERR_NONE;
    if (!is_s3(service))
        return refuse(refusal, protocol, REFUSE_SCHEME, NULL);
    if (!find_key(auth, req, claim->access_key, claim->session_token, protocol, refusal))
        return false;
    char resource[RESOURCE_MAX];
    int bucket = req->host ? (int)s3_bucket_in_host(req->host) : 0; /* the signed resource names it in any case */
    snprintf(resource, sizeof resource, "%s%.*s%s", bucket ? "/" : "", bucket, bucket ? req->host : "", req->raw_path);
    if (!sigv2_verify(claim, req->method, resource, req->raw_query, &req->headers, auth->identity.secret, now_of(req),
                      &err))
        return refuse_claim(&err, protocol, refusal);
    req->access_key = claim->access_key;
    return true;
}

bool auth_head(struct auth *auth, struct request *req, const struct service_ops *service, struct refusal *refusal)
{
    enum service_protocol protocol = cloud_protocol(service, req);
    const struct sigv4_claim *claim = &auth->claim;
    if (auth->claim_err.code != ERR_OK)
        return refuse_claim(&auth->claim_err, protocol, refusal);
    if (!claim->present)
        return auth->old_claim.present ? old_query(auth, req, service, refusal)
                                       : unsigned_request(auth, req, service, refusal);
    if (!find_key(auth, req, claim->access_key, claim->session_token, protocol, refusal) ||
        !check_scope(auth, req, service, refusal))
        return false;
    if (is_s3(service) && !check_payload_form(auth, protocol, refusal))
        return false;
    auth->waits_for_body = !is_s3(service) && !*claim->payload;
    if (!auth->waits_for_body && !verify(auth, req, protocol, NULL, refusal))
        return false;
    req->access_key = claim->access_key;
    return true;
}

bool auth_body(struct auth *auth, const struct request *req, const struct service_ops *service, struct refusal *refusal)
{
    enum service_protocol protocol = cloud_protocol(service, req);
    char hash[DIGEST_HEX];
    hex_encode(req->digests[DIGEST_SHA256], 32, hash);
    if (auth->waits_for_body)
        return verify(auth, req, protocol, hash, refusal);
    if (auth->claim.present && is_hex_hash(auth->claim.payload) && strcasecmp(auth->claim.payload, hash) != 0)
        return refuse(refusal, protocol, REFUSE_BODY_HASH, NULL);
    return true;
}

void auth_done(struct auth *auth)
{
    sigv4_done(&auth->sig);
    secret_wipe(&auth->identity, sizeof auth->identity);
}
