/* Removes aws-chunked framing from a body that arrives in pieces cut anywhere, and checks what it promises: the
 * signature of every chunk and of the trailer, the decoded length, the trailers announced. Pure: no I/O. Source:
 * "Signature calculations for the Authorization header: Transferring payload in multiple chunks" and "... trailing
 * headers" (S3 API Reference). */
#ifndef WEIR_LOCAL_CHUNKED_H
#define WEIR_LOCAL_CHUNKED_H
#include "backend/base/err.h"
#include "backend/base/list.h"
#include "backend/core/sigv4.h"
#include <stdint.h>

struct chunked_options {
    const struct sigv4 *sig; /* key and seed of a signed form; NULL: chunks are not signed */
    bool has_trailer;        /* a -TRAILER form */
    const char *trailers;    /* x-amz-trailer: names that must come, comma separated; NULL: none */
    int64_t decoded_length;  /* x-amz-decoded-content-length; -1: not said */
};
struct chunked;
struct chunked *chunked_new(const struct chunked_options *options);
void chunked_free(struct chunked *chunked);
/* Feeds a piece; sink gets decoded bytes, of chunks whose signature may not be verified yet: they count only after
 * chunked_end. False: *err has the S3 code in service_code (SignatureDoesNotMatch, IncompleteBody, InvalidRequest,
 * MalformedTrailerError); more pieces are then refused with the same error. */
typedef bool chunked_sink(void *context, const void *bytes, size_t len, struct err *err);
bool chunked_feed(struct chunked *chunked, const void *bytes, size_t len, chunked_sink *sink, void *context,
                  struct err *err);
/* At the end of the body: whether it was whole. trailers (may be NULL) gets copies. */
bool chunked_end(struct chunked *chunked, struct pairs *trailers, struct err *err);
#endif
