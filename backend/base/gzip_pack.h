/* Parallel gzip: pieces are compressed on any thread, each with its own packer, and joined in order into one member, so
 * the bytes depend on how the text was cut and not on who compressed it. Used by the data generator. */
#ifndef WEIR_BASE_GZIP_PACK_H
#define WEIR_BASE_GZIP_PACK_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gzip_packer; /* one thread's; 260 KB */
struct gzip_piece { /* what the trailer needs to know of a piece */
    uint64_t text_len;
    uint32_t crc;
};
struct gzip_member {
    uint64_t text_len;
    uint32_t crc;
};

/* level 0..9 of zlib. */
struct gzip_packer *gzip_packer_make(int level, struct err *err);
void gzip_packer_free(struct gzip_packer *packer); /* NULL is fine */
/* Appends the piece's DEFLATE blocks (RFC 1951), none of them final, ended on a byte. len may be 0. */
bool gzip_pack(struct gzip_packer *packer, const void *text, size_t len, struct buf *out, struct gzip_piece *piece,
               struct err *err);
/* A member (RFC 1952) is: begin's bytes, the pieces' bytes each followed by its add, end's bytes. */
bool gzip_member_begin(struct gzip_member *member, struct buf *out, struct err *err);
void gzip_member_add(struct gzip_member *member, const struct gzip_piece *piece);
bool gzip_member_end(const struct gzip_member *member, struct buf *out, struct err *err);
#endif
