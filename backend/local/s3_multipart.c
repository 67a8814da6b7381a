/* CreateMultipartUpload, UploadPart, AbortMultipartUpload and the rows of uploads and parts. */
#include "backend/local/s3_upload.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *text(struct s3_call *call, struct db_row *row, int column)
{
    const char *value = db_text(row, column);
    return value ? arena_strdup(call->arena, value) : NULL;
}

void s3_upload_read(struct s3_call *call, struct db_row *row, struct s3_upload *upload)
{
    *upload = (struct s3_upload){
        .id = db_int(row, 0),
        .upload = text(call, row, 1),
        .key = text(call, row, 2),
        .storage = text(call, row, 3),
        .headers = text(call, row, 4),
        .tags = text(call, row, 5),
        .acl = text(call, row, 6),
        .started_ms = db_int(row, 7),
        .kind = DIGEST_CRC64NVME,
        .type = text(call, row, 9),
        .lock_mode = text(call, row, 10),
        .lock_until_ms = db_int(row, 11),
        .legal_hold = db_int(row, 12) != 0,
    };
    const char *kind = db_text(row, 8);
    upload->names_kind = kind && *kind && digest_kind_by_name(kind, &upload->kind);
}

void s3_part_read(struct s3_call *call, struct db_row *row, struct s3_part *part)
{
    *part = (struct s3_part){
        .number = (int)db_int(row, 0),
        .modified_ms = db_int(row, 1),
        .size = db_int(row, 2),
        .etag = text(call, row, 3),
        .body = db_int(row, 4),
        .place = (enum s3_place)db_int(row, 5),
        .checksum = text(call, row, 6),
    };
}

enum s3_found s3_upload_find(struct s3_call *call, struct db *db, const char *id, struct s3_upload *upload)
{
    struct err err = ERR_NONE;
    enum s3_found found = S3_FOUND_NO;
    struct db_row *row =
        db_query(db, &err, "select " S3_UPLOAD_COLUMNS " from s3_upload where upload=? and bucket=? and key=?", "tit",
                 id, call->bucket.id, call->key);
    if (row && db_step(row, &err)) {
        s3_upload_read(call, row, upload);
        found = S3_FOUND_YES;
    }
    if (row)
        db_end(row);
    if (err.code == ERR_OK)
        return found;
    s3_fail_internal(call, &err);
    return S3_FOUND_ERROR;
}

static bool no_such_upload(struct s3_call *call)
{
    return s3_fail_with(call, S3_NO_SUCH_UPLOAD, "UploadId", s3_call_query(call, "uploadId"), NULL);
}

bool s3_upload_need(struct s3_call *call, struct s3_upload *upload)
{
    struct db *db = s3_db(call);
    enum s3_found found = db ? s3_upload_find(call, db, s3_call_query(call, "uploadId"), upload) : S3_FOUND_ERROR;
    if (found == S3_FOUND_NO)
        return no_such_upload(call);
    return found == S3_FOUND_YES;
}

bool s3_part_number(struct s3_call *call, int *number)
{
    const char *value = s3_call_query(call, "partNumber");
    char *end;
    long parsed = value ? strtol(value, &end, 10) : 0;
    *number = (int)parsed;
    if (value && *value && !*end && parsed >= 1 && parsed <= S3_PARTS_MAX)
        return true;
    return s3_fail_argument(call, s3_error_sentence(S3_TOO_MANY_PARTS), "partNumber", value);
}

/* ---- create */

struct create {
    struct s3_call *call;
    struct s3_object object;
    char id[129];
    const char *kind, *type;
};

static bool create_work(struct db *db, void *context, struct err *err)
{
    struct create *create = context;
    struct s3_call *call = create->call;
    const struct s3_object *object = &create->object;
    return db_run(db, err,
                  "insert into s3_upload(upload,bucket,key,storage,headers,tags,acl,started,kind,type,lock_mode,"
                  "lock_until,legal_hold) values(?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  "titttttitttii", create->id, call->bucket.id, call->key, object->storage, object->headers,
                  object->tags, object->acl, call->now_ms, create->kind, create->type, object->lock_mode,
                  object->lock_until_ms, (int64_t)object->legal_hold);
}

/* Which types each algorithm has: SHA only composite, CRC64NVME only of the full object, the CRC32s both. */
static bool read_checksum_choice(struct s3_call *call, struct create *create)
{
    const char *name = s3_call_header(call, "x-amz-checksum-algorithm"),
               *type = s3_call_header(call, "x-amz-checksum-type");
    enum digest_kind kind = DIGEST_CRC64NVME;
    create->kind = "";
    create->type = "FULL_OBJECT";
    if (!name && type)
        return s3_fail_text(
            call, S3_INVALID_REQUEST,
            "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
    if (!name)
        return true;
    if (!digest_kind_by_name(name, &kind) || !s3_checksum_kind_ok(kind))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Checksum algorithm provided is unsupported. Please try again with "
                            "any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    create->kind = s3_checksum_upper(kind);
    create->type = kind == DIGEST_CRC64NVME ? "FULL_OBJECT" : "COMPOSITE";
    if (!type)
        return true;
    bool full = strcmp(type, "FULL_OBJECT") == 0;
    if (!full && strcmp(type, "COMPOSITE") != 0)
        return s3_fail_text(call, S3_INVALID_REQUEST, "Value for x-amz-checksum-type header is invalid.");
    if (full ? kind == DIGEST_SHA1 || kind == DIGEST_SHA256 : kind == DIGEST_CRC64NVME)
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "The %s checksum type cannot be used with the %s checksum algorithm.", type,
                            digest_name(kind));
    create->type = full ? "FULL_OBJECT" : "COMPOSITE";
    return true;
}

bool s3_op_create_upload(struct s3_call *call)
{
    struct create create = {.call = call};
    uint8_t raw[64];
    random_bytes(raw, sizeof raw);
    hex_encode(raw, sizeof raw, create.id);
    if (!read_checksum_choice(call, &create) || !s3_headers_take(call, &create.object, NULL) ||
        !s3_tags_from_header(call, s3_call_header(call, "x-amz-tagging"), &create.object.tags) ||
        !s3_acl_from_headers(call, &create.object.acl) || !s3_lock_from_headers(call, &create.object) ||
        !s3_write(call, create_work, &create))
        return false;
    if (*create.kind) {
        s3_add(call, "x-amz-checksum-algorithm", create.kind);
        s3_add(call, "x-amz-checksum-type", create.type);
    }
    s3_headers_send_sse(call, create.object.headers);
    struct buf *out = s3_xml_open(call, "InitiateMultipartUploadResult");
    xml_write_element(out, "Bucket", call->bucket_name);
    xml_write_element(out, "Key", call->key);
    xml_write_element(out, "UploadId", create.id);
    return s3_xml_close(call, "InitiateMultipartUploadResult");
}

/* ---- parts */

static bool drop_part(struct s3_call *call, struct db *db, int64_t upload, int number, struct err *err)
{
    struct s3_part old;
    bool found = false;
    struct db_row *row = db_query(db, err, "select " S3_PART_COLUMNS " from s3_part where upload=? and number=?", "ii",
                                  upload, (int64_t)number);
    if (row && db_step(row, err)) {
        s3_part_read(call, row, &old);
        found = true;
    }
    if (row)
        db_end(row);
    return row && err->code == ERR_OK && (!found || s3_body_drop(call, db, old.body, old.place, err));
}

bool s3_part_store(struct s3_call *call, struct db *db, int64_t upload, const struct s3_part *part,
                   const struct s3_body *body, struct err *err)
{
    return drop_part(call, db, upload, part->number, err) && s3_body_insert(db, body, err) &&
           db_run(db, err, "insert or replace into s3_part(upload," S3_PART_COLUMNS ") values(?,?,?,?,?,?,?,?)",
                  "iiiitiit", upload, (int64_t)part->number, part->modified_ms, body->size, part->etag, body->id,
                  (int64_t)body->place, part->checksum);
}

struct put_part {
    struct s3_call *call;
    struct s3_upload upload;
    struct s3_part part;
    struct s3_body body;
};

static bool put_part_work(struct db *db, void *context, struct err *err)
{
    struct put_part *put = context;
    struct s3_call *call = put->call;
    struct s3_upload upload;
    enum s3_found found = s3_upload_find(call, db, s3_call_query(call, "uploadId"), &upload);
    if (found == S3_FOUND_NO)
        return no_such_upload(call);
    return found == S3_FOUND_YES && s3_part_store(call, db, upload.id, &put->part, &put->body, err);
}

/* The part's checksum of the upload's kind; digested from the stored bytes when the request brought another or none. */
static bool part_checksum(struct s3_call *call, struct put_part *put, const struct s3_checksum_ask *ask)
{
    enum digest_kind kind = put->upload.kind;
    struct s3_sums sums = {.mask = 1u << kind};
    if (put->upload.names_kind && ask->has_kind && ask->kind != kind)
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s",
                            digest_name(kind), digest_name(ask->kind));
    if (call->req->digest_mask & 1u << kind)
        memcpy(sums.value[kind], call->req->digests[kind], DIGEST_MAX);
    else if (put->body.place != S3_PLACE_FILE)
        digest_of(kind, put->body.bytes, (size_t)put->body.size, sums.value[kind]);
    else if (!s3_body_digest(
                 call, &(struct s3_piece){.body = put->body.id, .place = S3_PLACE_FILE, .size = put->body.size}, &sums))
        return false;
    put->part.checksum = s3_checksum_pack(call, kind, "FULL_OBJECT", sums.value[kind], 0);
    return true;
}

bool s3_op_upload_part(struct s3_call *call)
{
    struct put_part put = {.call = call};
    struct s3_checksum_ask ask;
    if (!s3_body_is_announced(call) || !s3_part_number(call, &put.part.number) || !s3_upload_need(call, &put.upload) ||
        !s3_checksum_verify(call, &ask) || !s3_sse_check_key(call, put.upload.headers, "x-amz-"))
        return false;
    put.part.etag = s3_etag_hex(call, call->req->digests[DIGEST_MD5]);
    put.part.modified_ms = call->now_ms;
    if (!s3_body_take(call, &put.body))
        return false;
    if (!part_checksum(call, &put, &ask) || !s3_write(call, put_part_work, &put)) {
        s3_body_discard(call, &put.body);
        return false;
    }
    s3_addf(call, "ETag", "\"%s\"", put.part.etag);
    if (ask.has_kind)
        s3_checksum_send(call, s3_checksum_pack(call, ask.kind, "FULL_OBJECT", call->req->digests[ask.kind], 0), false);
    s3_headers_send_sse(call, put.upload.headers);
    return s3_empty(call, 200);
}

/* ---- abort */

bool s3_upload_remove(struct s3_call *call, struct db *db, int64_t upload, struct err *err)
{
    struct db_row *row = db_query(db, err, "select body, place from s3_part where upload=?", "i", upload);
    bool ok = row != NULL;
    while (ok && db_step(row, err))
        ok = s3_body_drop(call, db, db_int(row, 0), (enum s3_place)db_int(row, 1), err);
    if (row)
        db_end(row);
    return ok && err->code == ERR_OK && db_run(db, err, "delete from s3_part where upload=?", "i", upload) &&
           db_run(db, err, "delete from s3_upload where id=?", "i", upload);
}

static bool abort_work(struct db *db, void *context, struct err *err)
{
    struct s3_call *call = context;
    struct s3_upload upload;
    enum s3_found found = s3_upload_find(call, db, s3_call_query(call, "uploadId"), &upload);
    if (found == S3_FOUND_NO)
        return no_such_upload(call);
    return found == S3_FOUND_YES && s3_upload_remove(call, db, upload.id, err);
}

bool s3_op_abort_upload(struct s3_call *call)
{
    return s3_write(call, abort_work, call) && s3_empty(call, 204);
}
