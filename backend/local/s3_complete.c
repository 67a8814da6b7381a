/* CompleteMultipartUpload: the list of parts checked, one body built of them, the object put in place, and the same
 * answer again when the client repeats itself. */
#include "backend/base/uri.h"
#include "backend/local/s3_upload.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct complete {
    struct s3_call *call;
    struct s3_upload upload;
    struct s3_part *parts; /* the chosen ones, in order */
    size_t count;
    struct s3_object object;
    struct s3_body body;
};

static bool answer(struct s3_call *call, const char *etag, const char *checksum, const char *version)
{
    struct buf *out = s3_xml_open(call, "CompleteMultipartUploadResult");
    struct buf place = BUF_INIT(8192);
    buf_printf(&place, "http://%s/%s/", s3_call_header(call, "host") ? s3_call_header(call, "host") : "localhost",
               call->bucket_name);
    uri_encode(call->key, strlen(call->key), true, &place);
    xml_write_element(out, "Location", buf_text(&place));
    buf_done(&place);
    xml_write_element(out, "Bucket", call->bucket_name);
    xml_write_element(out, "Key", call->key);
    s3_xml_etag(out, etag);
    s3_checksum_xml(out, checksum, true);
    s3_add(call, "x-amz-version-id", version);
    return s3_xml_close(call, "CompleteMultipartUploadResult");
}

/* The upload is gone: perhaps because this very request succeeded before. */
static bool answer_again(struct s3_call *call)
{
    struct err err = ERR_NONE;
    struct db *db = s3_db(call);
    struct db_row *row = db ? db_query(db, &err,
                                       "select etag, checksum, version from s3_done where upload=? and bucket=?"
                                       " and key=?",
                                       "tit", s3_call_query(call, "uploadId"), call->bucket.id, call->key)
                            : NULL;
    bool done = row && db_step(row, &err);
    if (done)
        answer(call, arena_strdup(call->arena, db_text(row, 0)),
               db_text(row, 1) ? arena_strdup(call->arena, db_text(row, 1)) : NULL,
               db_text(row, 2) ? arena_strdup(call->arena, db_text(row, 2)) : NULL);
    if (row)
        db_end(row);
    if (err.code != ERR_OK)
        return s3_fail_internal(call, &err);
    return done || s3_fail_with(call, S3_NO_SUCH_UPLOAD, "UploadId", s3_call_query(call, "uploadId"), NULL);
}

static bool fail_part(struct s3_call *call, int number, const char *etag)
{
    return s3_fail_with(call, S3_INVALID_PART, "UploadId", s3_call_query(call, "uploadId"), "PartNumber",
                        arena_printf(call->arena, "%d", number), "ETag", etag, NULL);
}

/* The stored part of that number; false after InvalidPart. */
static bool load_part(struct complete *complete, struct db *db, int number, const char *etag, struct s3_part *part)
{
    struct err err = ERR_NONE;
    struct s3_call *call = complete->call;
    struct db_row *row = db_query(db, &err, "select " S3_PART_COLUMNS " from s3_part where upload=? and number=?", "ii",
                                  complete->upload.id, (int64_t)number);
    bool found = row && db_step(row, &err);
    if (found)
        s3_part_read(call, row, part);
    if (row)
        db_end(row);
    if (err.code != ERR_OK)
        return s3_fail_internal(call, &err);
    if (!found || !s3_etag_matches(etag, part->etag))
        return fail_part(call, number, etag);
    return true;
}

/* <ChecksumCRC32> and its siblings of one listed part against the stored value. */
static bool check_part_checksum(struct complete *complete, const struct xml_node *node, const struct s3_part *part)
{
    struct s3_call *call = complete->call;
    struct s3_checksum sum;
    const struct s3_upload *upload = &complete->upload;
    if (!upload->names_kind || !s3_checksum_unpack(part->checksum, &sum))
        return true;
    const char *name = arena_printf(call->arena, "Checksum%s", s3_checksum_upper(upload->kind));
    const char *given = xml_text(node, name, NULL);
    if (!given && strcmp(upload->type, "COMPOSITE") == 0)
        return s3_fail_text(
            call, S3_INVALID_REQUEST,
            "The upload was created using a %s checksum. The complete request must include the checksum "
            "for each part. It was missing for part %d in the request.",
            digest_name(upload->kind), part->number);
    return !given || strcmp(given, sum.value) == 0 || fail_part(call, part->number, part->etag);
}

static bool read_parts(struct complete *complete, const struct xml_node *root)
{
    struct s3_call *call = complete->call;
    struct db *db = s3_db(call);
    size_t count = 0;
    int before = 0;
    for (const struct xml_node *node = xml_child(root, "Part"); node; node = xml_next(node))
        count++;
    if (count == 0 || count > S3_PARTS_MAX)
        return s3_fail(call, S3_MALFORMED_XML);
    complete->parts = ARENA_ARRAY(call->arena, struct s3_part, count);
    for (const struct xml_node *node = xml_child(root, "Part"); db && node; node = xml_next(node)) {
        int number = (int)xml_int(node, "PartNumber", 0);
        const char *etag = xml_text(node, "ETag", "");
        if (number < 1 || number > S3_PARTS_MAX)
            return s3_fail(call, S3_MALFORMED_XML);
        if (number <= before)
            return s3_fail_with(call, S3_INVALID_PART_ORDER, "UploadId", complete->upload.upload, NULL);
        before = number;
        struct s3_part *part = &complete->parts[complete->count];
        if (!load_part(complete, db, number, etag, part) || !check_part_checksum(complete, node, part))
            return false;
        complete->count++;
    }
    return db != NULL;
}

static bool check_sizes(struct complete *complete)
{
    struct s3_call *call = complete->call;
    int64_t total = 0;
    for (size_t i = 0; i < complete->count; i++) {
        const struct s3_part *part = &complete->parts[i];
        total += part->size;
        if (i + 1 < complete->count && part->size < S3_PART_MIN)
            return s3_fail_with(call, S3_ENTITY_TOO_SMALL, "ProposedSize",
                                arena_printf(call->arena, "%" PRId64, part->size), "MinSizeAllowed", "5242880",
                                "PartNumber", arena_printf(call->arena, "%d", part->number), "ETag", part->etag, NULL);
    }
    const char *said = s3_call_header(call, "x-amz-mp-object-size");
    if (said && strtoll(said, NULL, 10) != total)
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "The provided 'x-amz-mp-object-size' header value %.32s does not match "
                            "what was computed: %" PRId64,
                            said, total);
    return total <= S3_OBJECT_MAX || s3_fail(call, S3_ENTITY_TOO_LARGE);
}

/* md5 of the parts' md5s, and the object's checksum: combined CRCs, or the digest of the parts' digests. */
static void sum_up(struct complete *complete)
{
    struct s3_call *call = complete->call;
    enum digest_kind kind = complete->upload.kind;
    bool full = strcmp(complete->upload.type, "FULL_OBJECT") == 0;
    struct digest *md5 = digest_new(DIGEST_MD5), *composite = digest_new(kind);
    uint8_t raw[DIGEST_MAX * 4], total[DIGEST_MAX] = {0};
    size_t size = digest_size(kind);
    for (size_t i = 0; i < complete->count; i++) {
        struct s3_checksum sum;
        hex_decode(complete->parts[i].etag, 32, raw);
        digest_update(md5, raw, 16);
        if (!s3_checksum_unpack(complete->parts[i].checksum, &sum))
            continue;
        base64_decode(sum.value, strlen(sum.value), raw);
        digest_update(composite, raw, size);
        if (full && i == 0)
            memcpy(total, raw, size);
        else if (full)
            digest_crc_combine(kind, total, raw, (uint64_t)complete->parts[i].size);
    }
    digest_end(md5, raw);
    complete->object.etag = arena_printf(call->arena, "%s-%zu", s3_etag_hex(call, raw), complete->count);
    digest_end(composite, raw);
    complete->object.checksum =
        s3_checksum_pack(call, kind, complete->upload.type, full ? total : raw, full ? 0 : (int)complete->count);
}

/* x-amz-checksum-CRC32 and so on of the complete request speak of the whole object. */
static bool check_object_checksum(struct complete *complete)
{
    struct s3_call *call = complete->call;
    struct s3_checksum sum;
    char name[40];
    const char *type = s3_call_header(call, "x-amz-checksum-type");
    if (type && complete->upload.names_kind && strcmp(type, complete->upload.type) != 0)
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "The upload was created using the %s checksum mode. The complete request "
                            "must use the same checksum mode.",
                            complete->upload.type);
    if (!s3_checksum_unpack(complete->object.checksum, &sum))
        return true;
    snprintf(name, sizeof name, "x-amz-checksum-%s", digest_name(sum.kind));
    const char *given = s3_call_header(call, name);
    size_t len = strcspn(sum.value, "-"); /* a composite may be sent without its "-N" */
    if (!given || strcmp(given, sum.value) == 0 || (strlen(given) == len && strncmp(given, sum.value, len) == 0))
        return true;
    return s3_fail_text(call, S3_BAD_DIGEST, "The %s you specified did not match the calculated checksum.",
                        digest_name(sum.kind));
}

static void describe(struct complete *complete)
{
    const struct s3_upload *upload = &complete->upload;
    struct s3_object *object = &complete->object;
    object->key = complete->call->key;
    object->storage = upload->storage;
    object->headers = upload->headers;
    object->tags = upload->tags;
    object->acl = upload->acl;
    object->lock_mode = upload->lock_mode;
    object->lock_until_ms = upload->lock_until_ms;
    object->legal_hold = upload->legal_hold;
    struct buf lines = BUF_INIT(2 * 1024 * 1024);
    for (size_t i = 0; i < complete->count; i++) {
        struct s3_checksum sum;
        bool has = upload->names_kind && s3_checksum_unpack(complete->parts[i].checksum, &sum);
        buf_printf(&lines, "%" PRId64 " %s\n", complete->parts[i].size, has ? sum.value : "-");
    }
    object->parts = arena_strdup(complete->call->arena, buf_text(&lines));
    buf_done(&lines);
}

static bool build_body(struct complete *complete)
{
    struct s3_call *call = complete->call;
    struct s3_sums none = {0};
    struct s3_piece *pieces = ARENA_ARRAY(call->arena, struct s3_piece, complete->count);
    const struct s3_part *first = &complete->parts[0];
    if (complete->count == 1) { /* its body becomes the object's */
        complete->body =
            (struct s3_body){.id = first->body, .place = first->place, .size = first->size, .is_stored = true};
        return true;
    }
    for (size_t i = 0; i < complete->count; i++) {
        const struct s3_part *part = &complete->parts[i];
        pieces[i] = (struct s3_piece){.body = part->body, .place = part->place, .size = part->size};
    }
    return s3_body_build(call, pieces, complete->count, &complete->body, &none);
}

static bool complete_work(struct db *db, void *context, struct err *err)
{
    struct complete *complete = context;
    struct s3_call *call = complete->call;
    struct s3_upload upload;
    enum s3_found found = s3_upload_find(call, db, complete->upload.upload, &upload);
    if (found == S3_FOUND_NO)
        return s3_fail_with(call, S3_NO_SUCH_UPLOAD, "UploadId", complete->upload.upload, NULL);
    return found == S3_FOUND_YES && s3_object_commit(call, db, &complete->object, &complete->body, err) &&
           s3_upload_remove(call, db, upload.id, err) &&
           db_run(db, err,
                  "insert or replace into s3_done(upload,bucket,key,etag,version,checksum,at)"
                  " values(?,?,?,?,?,?,?)",
                  "titttti", complete->upload.upload, call->bucket.id, call->key, complete->object.etag,
                  complete->object.version, complete->object.checksum, call->now_ms);
}

bool s3_op_complete_upload(struct s3_call *call)
{
    struct complete complete = {.call = call};
    struct xml_node *root;
    struct db *db = s3_db(call);
    enum s3_found found =
        db ? s3_upload_find(call, db, s3_call_query(call, "uploadId"), &complete.upload) : S3_FOUND_ERROR;
    if (found != S3_FOUND_YES)
        return found == S3_FOUND_NO && answer_again(call);
    if (!s3_xml_body(call, "CompleteMultipartUpload", &root) || !read_parts(&complete, root) || !check_sizes(&complete))
        return false;
    sum_up(&complete);
    describe(&complete);
    if (!check_object_checksum(&complete) || !build_body(&complete))
        return false;
    if (!s3_write(call, complete_work, &complete)) {
        s3_body_discard(call, &complete.body);
        return false;
    }
    s3_headers_send_sse(call, complete.object.headers);
    return answer(call, complete.object.etag, complete.object.checksum, complete.object.version);
}
