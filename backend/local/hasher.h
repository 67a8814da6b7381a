/* A digest on a thread of its own, for bodies so large that their slowest digest (MD5) beside the others would set the
 * pace. One owner; the bytes are copied, so the caller's may change at once. */
#ifndef WEIR_LOCAL_HASHER_H
#define WEIR_LOCAL_HASHER_H
#include "backend/base/digest.h"

struct hasher;
struct hasher *hasher_new(enum digest_kind kind); /* NULL when there is no thread to be had: digest in place then */
void hasher_update(struct hasher *hasher, const void *bytes, size_t len); /* waits while SLOTS pieces are ahead */
/* Waits for the rest, frees it; out NULL gives up. */
void hasher_end(struct hasher *hasher, uint8_t out[DIGEST_MAX]);
#endif
