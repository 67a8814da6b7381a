/* Pieces of one gzip member. A piece ends with a sync flush, which leaves it on a byte boundary and without a final
 * block, and the next one starts without a dictionary; so pieces can be put one after the other. */
#include "backend/base/gzip_pack.h"
#include <stdlib.h>
#include <zlib.h>

struct gzip_packer {
    z_stream stream;
};

struct gzip_packer *gzip_packer_make(int level, struct err *err)
{
    enum { RAW_WINDOW_BITS = -15, MEMORY_LEVEL = 8 };
    struct gzip_packer *packer = calloc(1, sizeof *packer);
    if (packer &&
        deflateInit2(&packer->stream, level, Z_DEFLATED, RAW_WINDOW_BITS, MEMORY_LEVEL, Z_DEFAULT_STRATEGY) == Z_OK)
        return packer;
    free(packer);
    err_set(err, ERR_FAILED, "zlib could not be started");
    return NULL;
}

void gzip_packer_free(struct gzip_packer *packer)
{
    if (packer)
        deflateEnd(&packer->stream);
    free(packer);
}

static bool out_is_full(struct err *err)
{
    return err_set(err, ERR_TOO_LARGE, "the compressed data does not fit in its buffer");
}

bool gzip_pack(struct gzip_packer *packer, const void *text, size_t len, struct buf *out, struct gzip_piece *piece,
               struct err *err)
{
    z_stream *stream = &packer->stream;
    *piece = (struct gzip_piece){.text_len = len, .crc = (uint32_t)crc32_z(0, text, len)};
    if (len == 0)
        return true;
    if (len > UINT32_MAX)
        return err_set(err, ERR_TOO_LARGE, "a piece of %zu bytes is too large to compress at once", len);
    deflateReset(stream);
    stream->next_in = (void *)text;
    stream->avail_in = (uInt)len;
    do {
        enum { FLUSH_MARKER = 16 };
        size_t room = deflateBound(stream, stream->avail_in) + FLUSH_MARKER;
        stream->next_out = (void *)buf_reserve(out, room);
        if (!stream->next_out)
            return out_is_full(err);
        stream->avail_out = (uInt)room;
        deflate(stream, Z_SYNC_FLUSH);
        out->len += room - stream->avail_out;
    } while (stream->avail_out == 0);
    return true;
}

bool gzip_member_begin(struct gzip_member *member, struct buf *out, struct err *err)
{
    /* no name, no time, fastest algorithm, unknown system: equal text gives equal bytes anywhere */
    static const unsigned char header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255};
    *member = (struct gzip_member){.crc = (uint32_t)crc32_z(0, NULL, 0)};
    return buf_append(out, header, sizeof header) || out_is_full(err);
}

void gzip_member_add(struct gzip_member *member, const struct gzip_piece *piece)
{
    member->crc = (uint32_t)crc32_combine(member->crc, piece->crc, (z_off_t)piece->text_len);
    member->text_len += piece->text_len;
}

bool gzip_member_end(const struct gzip_member *member, struct buf *out, struct err *err)
{
    unsigned char end[10] = {3, 0}; /* an empty final block, then CRC and length, low byte first */
    for (int i = 0; i < 4; i++) {
        end[2 + i] = (unsigned char)(member->crc >> (8 * i));
        end[6 + i] = (unsigned char)(member->text_len >> (8 * i));
    }
    return buf_append(out, end, sizeof end) || out_is_full(err);
}
