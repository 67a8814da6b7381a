/* Streaming upload of unknown length in bounded memory: one part buffer; a small stream is a single PutObject. One
 * thread at a time per writer; calls wait. */
#include "backend/aws/s3.h"
#include <stdlib.h>
#include <string.h>

enum { PART_FIRST = 8 * 1024 * 1024, PART_LAST = 64 * 1024 * 1024, PARTS_PER_STEP = 1000 };

struct s3_writer {
    struct aws *aws;
    struct s3_put put; /* texts owned */
    char *bucket, *key, *content_type, *content_encoding;
    struct pairs metadata;
    char upload_id[1024]; /* "" until the first full part */
    char *part;
    size_t len, cap;
    struct s3_part *parts; /* grows with the upload, at most S3_PART_COUNT_MAX */
    size_t count, parts_cap;
    char crc64[16]; /* of all parts so far */
};

static void writer_free(struct s3_writer *writer)
{
    free(writer->bucket);
    free(writer->key);
    free(writer->content_type);
    free(writer->content_encoding);
    pairs_done(&writer->metadata);
    free(writer->part);
    free(writer->parts);
    free(writer);
}

struct s3_writer *s3_writer_open(struct aws *aws, const struct s3_put *put, struct err *err)
{
    struct s3_writer *writer = calloc(1, sizeof *writer);
    if (!writer) {
        err_set(err, ERR_FAILED, "out of memory for an upload");
        return NULL;
    }
    writer->aws = aws;
    writer->bucket = strdup(put->bucket);
    writer->key = strdup(put->key);
    writer->content_type = put->content_type ? strdup(put->content_type) : NULL;
    writer->content_encoding = put->content_encoding ? strdup(put->content_encoding) : NULL;
    if (put->metadata)
        pairs_copy(&writer->metadata, put->metadata);
    writer->put = s3_put_init(writer->bucket, writer->key);
    writer->put.content_type = writer->content_type;
    writer->put.content_encoding = writer->content_encoding;
    writer->put.metadata = &writer->metadata;
    writer->put.if_none_match = put->if_none_match;
    writer->put.cancel = put->cancel;
    return writer;
}

/* How large the part now being filled may get. */
static size_t part_limit(const struct s3_writer *writer)
{
    size_t limit = PART_FIRST;
    for (size_t step = writer->count / PARTS_PER_STEP; step && limit < PART_LAST; step--)
        limit *= 2;
    return limit;
}

static bool make_room(struct s3_writer *writer, size_t wanted, struct err *err)
{
    size_t cap = writer->cap ? writer->cap : 64 * 1024;
    while (cap < wanted)
        cap *= 2;
    if (cap == writer->cap)
        return true;
    char *part = realloc(writer->part, cap);
    if (!part)
        return err_set(err, ERR_FAILED, "out of memory for a part of %zu bytes", cap);
    writer->part = part;
    writer->cap = cap;
    return true;
}

static bool send_part(struct s3_writer *writer, struct err *err)
{
    if (!writer->upload_id[0] && !s3_multipart_create(writer->aws, &writer->put, writer->upload_id, err))
        return false;
    if (writer->count == S3_PART_COUNT_MAX)
        return err_set(err, ERR_TOO_LARGE, "%s: a stream larger than 492 GiB cannot be uploaded: split it",
                       writer->key);
    if (writer->count == writer->parts_cap) {
        size_t cap = writer->parts_cap ? writer->parts_cap * 2 : 16;
        struct s3_part *parts = realloc(writer->parts, cap * sizeof *parts);
        if (!parts)
            return err_set(err, ERR_FAILED, "out of memory for the list of parts");
        writer->parts = parts;
        writer->parts_cap = cap;
    }
    struct s3_part *part = &writer->parts[writer->count];
    *part = (struct s3_part){.number = (int)writer->count + 1};
    writer->put.bytes = writer->part;
    writer->put.len = (int64_t)writer->len;
    if (!s3_upload_part(writer->aws, &writer->put, writer->upload_id, part, err))
        return false;
    s3_crc64_join(writer->crc64, part->crc64, part->bytes);
    writer->count++;
    writer->len = 0;
    return true;
}

bool s3_writer_write(struct s3_writer *writer, const void *bytes, size_t len, struct err *err)
{
    const char *from = bytes;
    while (len) {
        size_t room = part_limit(writer) - writer->len;
        size_t step = len < room ? len : room;
        if (!make_room(writer, writer->len + step, err))
            return false;
        memcpy(writer->part + writer->len, from, step);
        writer->len += step;
        from += step;
        len -= step;
        if (step == room && len &&
            !send_part(writer, err)) /* a full part waits until it is known not to be the only one */
            return false;
    }
    return true;
}

static bool finish(struct s3_writer *writer, struct err *err)
{
    if (!writer->upload_id[0]) {
        writer->put.bytes = writer->part;
        writer->put.len = (int64_t)writer->len;
        return s3_put_object(writer->aws, &writer->put, NULL, err);
    }
    if (writer->len && !send_part(writer, err))
        return false;
    return s3_multipart_complete(writer->aws, &writer->put, writer->upload_id, writer->parts, writer->count,
                                 writer->crc64, NULL, err);
}

bool s3_writer_close(struct s3_writer *writer, struct err *err)
{
    if (finish(writer, err)) {
        writer_free(writer);
        return true;
    }
    s3_writer_abandon(writer);
    return false;
}

void s3_writer_abandon(struct s3_writer *writer)
{
    if (!writer)
        return;
    if (writer->upload_id[0]) { /* also after a cancel: parts left behind cost money */
        struct s3_ref ref = {.bucket = writer->bucket, .key = writer->key};
        s3_multipart_abort(writer->aws, &ref, writer->upload_id, NULL);
    }
    writer_free(writer);
}
