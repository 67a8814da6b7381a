/* One object from bucket to bucket: the store copies; above 5 GiB in parts. Source of the limits: CopyObject and
 * UploadPartCopy, S3 API Reference. */
#include "backend/domain/transfer_private.h"
#include <stdlib.h>

enum { HEAD_ARENA = 1024 * 1024 };
static const int64_t copy_max = 5LL * 1024 * 1024 * 1024, copy_part = 512LL * 1024 * 1024;

struct across {
    struct transfer *transfer;
    const struct s3_ref *from;
    struct s3_put put;
    int64_t bytes, part_bytes;
    char upload_id[1024];
    struct s3_part *parts;
};

static bool copy_one_part(void *context, int64_t part, struct err *err)
{
    struct across *across = context;
    int64_t first = part * across->part_bytes, last = first + across->part_bytes - 1;
    if (last >= across->bytes)
        last = across->bytes - 1;
    across->parts[part].number = (int)part + 1;
    if (!s3_upload_part_copy(across->transfer->aws, across->from, first, last, &across->put, across->upload_id,
                             &across->parts[part], err))
        return false;
    transfer_moved(across->transfer, last - first + 1, NULL);
    return true;
}

static bool copy_large(struct across *across, struct err *err)
{
    int64_t wanted = s3_part_size(across->bytes);
    across->part_bytes = wanted > copy_part ? wanted : copy_part;
    int64_t count = (across->bytes + across->part_bytes - 1) / across->part_bytes;
    if (!s3_multipart_create(across->transfer->aws, &across->put, across->upload_id, err))
        return false;
    across->parts = calloc((size_t)count, sizeof *across->parts);
    struct transfer_parts parts = {.transfer = across->transfer,
                                   .count = count,
                                   .workers = across->transfer->part_parallel,
                                   .run = copy_one_part,
                                   .context = across};
    bool ok = across->parts && transfer_run_parts(&parts, err) &&
              s3_multipart_complete(across->transfer->aws, &across->put, across->upload_id, across->parts,
                                    (size_t)count, NULL, NULL, err);
    if (!ok) { /* nothing to go on with: the parts of a copy cannot be checked against a file */
        struct s3_ref ref = {.bucket = across->put.bucket, .key = across->put.key};
        s3_multipart_abort(across->transfer->aws, &ref, across->upload_id, NULL);
    }
    free(across->parts);
    return ok;
}

static bool is_there(struct transfer *transfer, const char *bucket, const char *key, struct err *err)
{
    struct arena *arena = arena_new(HEAD_ARENA);
    struct s3_ref ref = {.bucket = bucket, .key = key, .cancel = transfer->cancel};
    struct s3_head head;
    struct err own = ERR_NONE;
    bool exists = s3_head_object(transfer->aws, &ref, arena, &head, &own);
    arena_free(arena);
    if (exists)
        err_set(err, ERR_CONFLICT, "s3://%s/%.150s exists already", bucket, key);
    else if (own.code != ERR_NOT_FOUND && err)
        *err = own;
    return exists || own.code != ERR_NOT_FOUND;
}

bool transfer_copy_object(struct transfer *transfer, const struct s3_ref *from, const char *bucket, const char *key,
                          struct err *err)
{
    struct across across = {.transfer = transfer, .from = from, .put = s3_put_init(bucket, key)};
    struct arena *arena = arena_new(HEAD_ARENA);
    struct s3_head head;
    across.put.cancel = transfer->cancel;
    transfer_moved(transfer, 0, from->key);
    bool ok = s3_head_object(transfer->aws, from, arena, &head, err) &&
              !(transfer->no_clobber && is_there(transfer, bucket, key, err));
    if (ok) {
        across.bytes = head.bytes;
        across.put.content_type = head.content_type;
        across.put.content_encoding = head.content_encoding;
        across.put.metadata = &head.metadata;
        if (transfer->is_single)
            transfer_add_total(transfer, head.bytes);
        if (head.bytes > copy_max) {
            ok = copy_large(&across, err);
        } else {
            ok = s3_copy_object(transfer->aws, from, bucket, key, err);
            transfer_moved(transfer, ok ? head.bytes : 0, NULL);
        }
    }
    if (ok)
        transfer_object_done(transfer, head.bytes);
    arena_free(arena);
    return ok;
}
