/* What credential sources share. Private to creds*.c. */
#ifndef WEIR_CORE_CREDS_PARTS_H
#define WEIR_CORE_CREDS_PARTS_H
#include "backend/core/creds.h"

/* The parts as texts; NULL or "" for what is not there. */
struct creds_parts {
    const char *access_key, *secret_key, *token;
    const char *expiration; /* ISO 8601 */
    const char *source;
};
/* Fills out; false with ERR_CREDENTIALS when a key is missing, too long or the time is none. The text names the source,
 * never a value. */
bool creds_fill(struct creds *out, const struct creds_parts *parts, struct err *err);
/* From AWS's JSON form (AccessKeyId, SecretAccessKey, token_key, Expiration). Fields to check first: required_key must
 * be the number or text required_value (NULL: nothing is required). */
struct creds_json {
    const char *token_key, *source;
    const char *required_key, *required_value;
};
bool creds_from_json(const char *text, size_t len, const struct creds_json *form, struct creds *out, struct err *err);
/* Asks a local endpoint; the answer's body (at most 64 KiB) is appended to body, which the caller wipes. headers may be
 * NULL. False: *err; err->http_status tells a status other than 200 apart from no answer. */
bool creds_ask(const struct creds_query *query, const char *method, const char *url, const struct pairs *headers,
               int64_t deadline_ms, struct buf *body, struct err *err);
/* Wipes and frees. */
void creds_wipe_buf(struct buf *buf);
#endif
