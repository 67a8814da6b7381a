/* gzip streams by zlib. A struct gzip belongs to one thread at a time. */
#include "backend/base/gzip.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { GZIP_WINDOW = 15 + 16, STEP_OUT = 64 * 1024, STEP_IN = 1 << 30 }; /* zlib counts in unsigned int */

struct gzip {
    z_stream stream;
    bool compresses;
    bool in_member; /* decompressor: a member has begun and not ended */
    bool any;       /* decompressor: at least one member has begun */
    bool padding;   /* decompressor: only zero bytes may follow */
    bool failed;
};

static struct gzip *new_gzip(bool compresses)
{
    struct gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip)
        gzip->compresses = compresses;
    return gzip;
}

/* zlib's default header has time 0 and no name, so equal input gives equal bytes. */
struct gzip *gzip_compressor(int level)
{
    struct gzip *gzip = new_gzip(true);
    if (gzip && deflateInit2(&gzip->stream, level, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) == Z_OK)
        return gzip;
    free(gzip);
    return NULL;
}

struct gzip *gzip_decompressor(void)
{
    struct gzip *gzip = new_gzip(false);
    if (gzip && inflateInit2(&gzip->stream, GZIP_WINDOW) == Z_OK)
        return gzip;
    free(gzip);
    return NULL;
}

void gzip_free(struct gzip *gzip)
{
    if (!gzip)
        return;
    if (gzip->compresses)
        deflateEnd(&gzip->stream);
    else
        inflateEnd(&gzip->stream);
    free(gzip);
}

static bool fail(struct gzip *gzip, struct err *err, enum err_code code, const char *what)
{
    gzip->failed = true;
    return err_set(err, code, "gzip: %s", what);
}

/* Gives zlib some of out's room, none when out is full: the trailer may still be read, or nothing be left to write.
 * close_room counts what it used. */
static bool open_room(struct gzip *gzip, struct buf *out)
{
    size_t left = out->max > out->len ? out->max - out->len : 0;
    size_t room = left < STEP_OUT ? left : STEP_OUT;
    char *at = buf_reserve(out, room);
    if (!at)
        return false;
    gzip->stream.next_out = (Bytef *)at;
    gzip->stream.avail_out = (uInt)room;
    return true;
}

static void close_room(struct gzip *gzip, struct buf *out)
{
    out->len = (size_t)((char *)gzip->stream.next_out - out->data);
    out->data[out->len] = '\0';
}

static bool is_full(const struct gzip *gzip, int status, const struct buf *out)
{
    return status == Z_BUF_ERROR && gzip->stream.avail_out == 0 && out->len >= out->max;
}

static bool compress_step(struct gzip *gzip, bool finish, struct buf *out, struct err *err)
{
    for (;;) {
        if (!open_room(gzip, out))
            return fail(gzip, err, ERR_TOO_LARGE, "the compressed data is larger than the allowed maximum");
        int status = deflate(&gzip->stream, finish ? Z_FINISH : Z_NO_FLUSH);
        close_room(gzip, out);
        bool is_read = !finish && gzip->stream.avail_in == 0;
        if (status == Z_STREAM_END || (is_read && (gzip->stream.avail_out > 0 || status == Z_BUF_ERROR)))
            return true;
        if (is_full(gzip, status, out))
            return fail(gzip, err, ERR_TOO_LARGE, "the compressed data is larger than the allowed maximum");
        if (status != Z_OK && status != Z_BUF_ERROR)
            return fail(gzip, err, ERR_FAILED, "cannot compress");
    }
}

/* Between members: another one, or zero padding up to the end (as tape blocks leave it). */
static bool begin_member(struct gzip *gzip, struct err *err)
{
    if (gzip->any && (gzip->padding || gzip->stream.next_in[0] == 0)) {
        gzip->padding = true;
        for (; gzip->stream.avail_in; gzip->stream.avail_in--)
            if (*gzip->stream.next_in++ != 0)
                return fail(gzip, err, ERR_PARSE, "there is something else after the data's end");
        return true;
    }
    inflateReset(&gzip->stream);
    gzip->any = gzip->in_member = true;
    return true;
}

static bool decompress_step(struct gzip *gzip, struct buf *out, struct err *err)
{
    for (;;) {
        if (!gzip->in_member) {
            if (gzip->stream.avail_in == 0)
                return true;
            if (!begin_member(gzip, err))
                return false;
            continue;
        }
        if (!open_room(gzip, out))
            return fail(gzip, err, ERR_TOO_LARGE, "the data is larger than the allowed maximum");
        int status = inflate(&gzip->stream, Z_NO_FLUSH);
        close_room(gzip, out);
        if (status == Z_STREAM_END)
            gzip->in_member = false;
        else if (status != Z_OK && status != Z_BUF_ERROR)
            return fail(gzip, err, ERR_PARSE, gzip->stream.msg ? gzip->stream.msg : "the data is damaged");
        else if (gzip->stream.avail_in > 0 && is_full(gzip, status, out))
            return fail(gzip, err, ERR_TOO_LARGE, "the data is larger than the allowed maximum");
        else if (gzip->stream.avail_out > 0 || status == Z_BUF_ERROR)
            return true; /* it wants more input */
    }
}

bool gzip_feed(struct gzip *gzip, const void *bytes, size_t len, bool finish, struct buf *out, struct err *err)
{
    const unsigned char *from = bytes;
    if (gzip->failed)
        return err_set(err, ERR_PARSE, "gzip: the stream has already failed");
    do {
        size_t part = len < STEP_IN ? len : STEP_IN;
        gzip->stream.next_in = (Bytef *)(uintptr_t)from; /* zlib reads it only; its field lacks the const */
        gzip->stream.avail_in = (uInt)part;
        if (part)
            from += part;
        len -= part;
        bool done = gzip->compresses ? compress_step(gzip, finish && !len, out, err) : decompress_step(gzip, out, err);
        if (!done)
            return false;
    } while (len);
    if (finish && gzip->in_member && out->len >= out->max)
        return fail(gzip, err, ERR_TOO_LARGE, "the data is larger than the allowed maximum");
    if (finish && !gzip->compresses && (gzip->in_member || !gzip->any))
        return fail(gzip, err, ERR_PARSE, gzip->any ? "it ends in the middle of the data" : "it is empty");
    return true;
}

/* RFC 1952: ID1, ID2, and deflate as the only method. */
bool gzip_is_magic(const void *bytes, size_t len)
{
    return len >= 3 && memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
}
