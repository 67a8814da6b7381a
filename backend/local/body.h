/* Where a request's body ends up: in memory or in a temporary file, with digests computed on the way. One owner, the
 * connection's thread. */
#ifndef WEIR_LOCAL_BODY_H
#define WEIR_LOCAL_BODY_H
#include "backend/base/digest.h"
#include "backend/local/server.h"

struct body {
    const struct body_plan *plan;
    struct request *req; /* whose body, body_file, body_len and digests are filled */
    int fd;              /* -1: in memory */
    struct digest *digests[DIGEST_KINDS];
    struct hasher *md5; /* of a large body, on its own thread; NULL: among digests */
    int64_t flushed;    /* bytes whose way to the disk has begun */
};
/* Opens the temporary file when plan (kept by the caller) wants one. */
bool body_begin(struct body *body, const struct body_plan *plan, struct request *req, struct err *err);
/* ERR_TOO_LARGE past the plan's maximum. */
bool body_write(struct body *body, const void *bytes, size_t len, struct err *err);
/* Ends the digests and makes the file durable (fdatasync): the handler only renames it. */
bool body_end(struct body *body, struct err *err);
/* Closes and removes what the handler did not take. */
void body_done(struct body *body);
#endif
