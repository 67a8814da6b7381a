/* Who signed a request, and whether the signature holds: SigV4 in the header or the query, SigV2 in the query (S3's old
 * presigned URLs), or nobody. In two steps, because services other than S3 sign a hash of a body that has not come yet.
 * Called by exchange.c on the connection's thread. */
#ifndef WEIR_LOCAL_AUTH_H
#define WEIR_LOCAL_AUTH_H
#include "backend/core/sigv2.h"
#include "backend/core/sigv4.h"
#include "backend/local/keys.h"
#include "backend/local/refusal.h"

struct auth {
    struct sigv4_claim claim;
    struct sigv2_claim old_claim;
    struct sigv4 sig;              /* after verification: key and seed for the chunks of a streaming body */
    struct keys_identity identity; /* wiped by auth_done */
    struct err claim_err;          /* why the claim could not be parsed */
    bool is_anonymous;
    bool waits_for_body; /* the signature covers the body's hash: auth_body finishes */
};
/* Reads what the request says of itself and sets req->scope_service; before routing, never refuses. */
void auth_claim(struct auth *auth, struct request *req);
/* After routing, before the body is read. On success req->access_key and the principal are set. */
bool auth_head(struct auth *auth, struct request *req, const struct service_ops *service, struct refusal *refusal);
/* After the body: the hash that was promised, and the signature when it waited. req->digests holds SHA256. */
bool auth_body(struct auth *auth, const struct request *req, const struct service_ops *service,
               struct refusal *refusal);
void auth_done(struct auth *auth);
#endif
