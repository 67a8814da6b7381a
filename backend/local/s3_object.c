/* PutObject and the writer's part that every creation of an object shares. */
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>

/* The writer's own look at the bucket: it may have gone or changed its versioning since. */
static bool bucket_again(struct s3_call *call, struct db *db)
{
    enum s3_found found = s3_bucket_find(call, db, call->bucket_name, &call->bucket);
    return found == S3_FOUND_YES || (found == S3_FOUND_NO && s3_fail(call, S3_NO_SUCH_BUCKET));
}

static bool conditions_hold(struct s3_call *call, struct db *db, const char *key)
{
    struct s3_object current;
    if (!s3_call_header(call, "if-match") && !s3_call_header(call, "if-none-match"))
        return true;
    enum s3_found found = s3_object_find(call, db, key, NULL, &current);
    return found != S3_FOUND_ERROR && s3_cond_write(call, found == S3_FOUND_YES ? &current : NULL);
}

bool s3_object_commit(struct s3_call *call, struct db *db, struct s3_object *object, const struct s3_body *body,
                      struct err *err)
{
    if (!bucket_again(call, db) || !conditions_hold(call, db, object->key) ||
        !(body->is_stored ? s3_body_hold(db, body->id, err) : s3_body_insert(db, body, err)))
        return false;
    object->body = body->id;
    object->place = body->place;
    object->size = body->size;
    return s3_object_insert(call, db, object, err);
}

struct put {
    struct s3_call *call;
    struct s3_object object;
    struct s3_body body;
};

static bool put_work(struct db *db, void *context, struct err *err)
{
    struct put *put = context;
    return s3_object_commit(put->call, db, &put->object, &put->body, err);
}

static bool describe(struct s3_call *call, struct s3_object *object)
{
    struct s3_checksum_ask ask;
    object->key = call->key;
    if (s3_call_header(call, "x-amz-write-offset-bytes"))
        return s3_fail_text(call, S3_NOT_IMPLEMENTED, "Appending to objects is not implemented by the embedded cloud.");
    if (!s3_checksum_verify(call, &ask) || !s3_headers_take(call, object, NULL) ||
        !s3_tags_from_header(call, s3_call_header(call, "x-amz-tagging"), &object->tags) ||
        !s3_acl_from_headers(call, &object->acl) || !s3_lock_from_headers(call, object))
        return false;
    object->etag = s3_etag_hex(call, call->req->digests[DIGEST_MD5]);
    object->checksum = s3_checksum_pack(call, ask.kind, "FULL_OBJECT", call->req->digests[ask.kind], 0);
    return true;
}

bool s3_body_is_announced(struct s3_call *call)
{
    return s3_call_header(call, "content-length") || s3_call_header(call, "transfer-encoding") ||
           s3_fail(call, S3_MISSING_LENGTH);
}

bool s3_op_put_object(struct s3_call *call)
{
    struct put put = {.call = call};
    if (!s3_body_is_announced(call) || !describe(call, &put.object) || !s3_body_take(call, &put.body))
        return false;
    if (!s3_write(call, put_work, &put)) {
        s3_body_discard(call, &put.body);
        return false;
    }
    s3_addf(call, "ETag", "\"%s\"", put.object.etag);
    s3_add(call, "x-amz-version-id", put.object.version);
    s3_checksum_send(call, put.object.checksum, true);
    s3_headers_send_sse(call, put.object.headers);
    s3_lifecycle_send(call, &put.object);
    return s3_empty(call, 200);
}
