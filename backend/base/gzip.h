/* gzip by zlib: the one home of it. Streaming both ways. */
#ifndef WEIR_BASE_GZIP_H
#define WEIR_BASE_GZIP_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gzip;
struct gzip *gzip_compressor(int level); /* gzip container, mtime 0, so equal input gives equal bytes */
struct gzip *gzip_decompressor(void);    /* concatenated members are read as one */
/* Feeds bytes; output is appended to out. finish ends the stream. False on corrupt input or when out is full. */
bool gzip_feed(struct gzip *gzip, const void *bytes, size_t len, bool finish, struct buf *out, struct err *err);
void gzip_free(struct gzip *gzip);
bool gzip_is_magic(const void *bytes, size_t len);
#endif
