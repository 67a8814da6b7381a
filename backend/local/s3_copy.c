/* CopyObject and UploadPartCopy. A copy of a whole object shares the source's bytes; only what must be digested anew is
 * read. */
#include "backend/base/uri.h"
#include "backend/local/s3_upload.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COPY_TRIES = 8 };

struct source {
    char bucket[64];
    const char *key, *version;
    struct s3_object object;
};

static bool bad_source(struct s3_call *call)
{
    return s3_fail_argument(call, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                            "x-amz-copy-source", s3_call_header(call, "x-amz-copy-source"));
}

/* "[/]bucket/key[?versionId=ID]", key url-encoded; an ARN is not taken. */
static bool parse_source(struct s3_call *call, struct source *source)
{
    const char *text = s3_call_header(call, "x-amz-copy-source");
    const char *query = strstr(text, "?versionId=");
    size_t len = query ? (size_t)(query - text) : strlen(text);
    struct buf path = BUF_INIT(8192);
    if (query)
        source->version = arena_strdup(call->arena, query + strlen("?versionId="));
    bool ok = uri_decode(text, len, false, &path) && path.len == strlen(buf_text(&path));
    const char *decoded = ok ? arena_strdup(call->arena, buf_text(&path)) : "";
    buf_done(&path);
    decoded += *decoded == '/';
    const char *slash = strchr(decoded, '/');
    if (!ok || !slash || slash == decoded || !slash[1] || (size_t)(slash - decoded) >= sizeof source->bucket)
        return bad_source(call);
    snprintf(source->bucket, sizeof source->bucket, "%.*s", (int)(slash - decoded), decoded);
    source->key = slash + 1;
    if (strlen(source->key) > S3_KEY_MAX)
        return s3_fail(call, S3_KEY_TOO_LONG);
    if (source->version && !s3_version_id_is_valid(source->version))
        return s3_fail_argument(call, "Invalid version id specified", "versionId", source->version);
    return true;
}

/* Reads the source's row; the call's own bucket is put aside while looking into the other. */
static bool find_source(struct s3_call *call, struct source *source)
{
    struct s3_bucket own = call->bucket;
    struct db *db = s3_db(call);
    enum s3_found found = db ? s3_bucket_find(call, db, source->bucket, &call->bucket) : S3_FOUND_ERROR;
    if (found == S3_FOUND_NO) {
        call->bucket = own;
        return s3_fail_with(call, S3_NO_SUCH_BUCKET, "SourceBucket", source->bucket, NULL);
    }
    if (found == S3_FOUND_YES)
        found = s3_object_find(call, db, source->key, source->version, &source->object);
    bool versioned = call->bucket.versioning != S3_UNVERSIONED;
    bool denied = found == S3_FOUND_YES && s3_access_denies(call, source->version ? "GetObjectVersion" : "GetObject",
                                                            source->bucket, source->key);
    call->bucket = own;
    if (found == S3_FOUND_ERROR || denied)
        return denied ? s3_fail(call, S3_ACCESS_DENIED) : false;
    if (found == S3_FOUND_NO)
        return source->version ? s3_fail(call, S3_NO_SUCH_VERSION)
                               : s3_fail_with(call, S3_NO_SUCH_KEY, "SourceKey", source->key, NULL);
    if (source->object.is_marker && source->version)
        return s3_fail_text(
            call, S3_INVALID_REQUEST,
            "The source of a copy request may not specifically refer to a delete marker by version id.");
    if (source->object.is_marker)
        return s3_fail(call, S3_NO_SUCH_KEY);
    if (versioned)
        s3_add(call, "x-amz-copy-source-version-id", source->object.version ? source->object.version : "null");
    return true;
}

static bool source_conditions(struct s3_call *call, const struct s3_object *object)
{
    struct s3_conditions cond;
    const char *which = "";
    s3_cond_of(call, "x-amz-copy-source-", &cond);
    /* a copy knows no 304: what was not modified is a failed condition too */
    if (s3_cond_read(&cond, object->etag, object->modified_ms, &which) == S3_COND_PASS)
        return true;
    return s3_fail_with(call, S3_PRECONDITION, "Condition", arena_printf(call->arena, "x-amz-copy-source-%s", which),
                        NULL);
}

static bool need_source(struct s3_call *call, struct source *source)
{
    const char *owner = s3_call_header(call, "x-amz-source-expected-bucket-owner");
    if (owner && strcmp(owner, CLOUD_ACCOUNT) != 0)
        return s3_fail(call, S3_ACCESS_DENIED);
    return parse_source(call, source) && find_source(call, source) &&
           s3_sse_check_key(call, source->object.headers, "x-amz-copy-source-") &&
           source_conditions(call, &source->object);
}

/* ---- CopyObject */

struct copy {
    struct s3_call *call;
    struct source source;
    struct s3_object object;
    struct s3_body body;
};

static bool directive(struct s3_call *call, const char *name, bool *replace)
{
    const char *value = s3_call_header(call, name);
    *replace = value && strcmp(value, "REPLACE") == 0;
    if (!value || *replace || strcmp(value, "COPY") == 0)
        return true;
    return s3_fail_argument(call, "Unknown metadata directive.", name, value);
}

/* Onto itself only when something changes. */
static bool changes_something(struct s3_call *call, const struct source *source, bool replaces)
{
    static const char *const changing[] = {
        "x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-customer-algorithm", "x-amz-checksum-algorithm"};
    if (replaces || source->version || strcmp(source->bucket, call->bucket_name) != 0 ||
        strcmp(source->key, call->key) != 0)
        return true;
    for (size_t i = 0; i < sizeof changing / sizeof changing[0]; i++) {
        if (s3_call_header(call, changing[i]))
            return true;
    }
    return s3_fail_text(
        call, S3_INVALID_REQUEST,
        "This copy request is illegal because it is trying to copy an object to itself without changing the "
        "object's metadata, storage class, website redirect location or encryption attributes.");
}

/* ETag and checksum of the copy: taken over when they are of the whole bytes, else digested. */
static bool digest_copy(struct copy *copy)
{
    struct s3_call *call = copy->call;
    const struct s3_object *from = &copy->source.object;
    const char *asked = s3_call_header(call, "x-amz-checksum-algorithm");
    struct s3_checksum sum;
    enum digest_kind kind = DIGEST_CRC64NVME;
    bool has = s3_checksum_unpack(from->checksum, &sum);
    if (has)
        kind = sum.kind;
    if (asked && (!digest_kind_by_name(asked, &kind) || !s3_checksum_kind_ok(kind)))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Checksum algorithm provided is unsupported. Please try again with any "
                            "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    bool keep_sum = has && sum.kind == kind && strcmp(sum.type, "FULL_OBJECT") == 0;
    bool keep_etag = strchr(from->etag, '-') == NULL;
    copy->object.etag = from->etag;
    copy->object.checksum = from->checksum;
    if (keep_sum && keep_etag)
        return true;
    struct s3_sums sums = {.mask = 1u << DIGEST_MD5 | 1u << kind};
    struct s3_piece piece = {.body = from->body, .place = from->place, .size = from->size};
    if (!s3_body_digest(call, &piece, &sums))
        return false;
    copy->object.etag = s3_etag_hex(call, sums.value[DIGEST_MD5]);
    copy->object.checksum = s3_checksum_pack(call, kind, "FULL_OBJECT", sums.value[kind], 0);
    return true;
}

static bool describe_copy(struct copy *copy)
{
    struct s3_call *call = copy->call;
    struct s3_object *object = &copy->object;
    const struct s3_object *from = &copy->source.object;
    bool replace, replace_tags;
    object->key = call->key;
    object->tags = from->tags;
    if (!directive(call, "x-amz-metadata-directive", &replace) ||
        !directive(call, "x-amz-tagging-directive", &replace_tags) ||
        !changes_something(call, &copy->source, replace) ||
        !s3_headers_take(call, object,
                         replace         ? NULL
                         : from->headers ? from->headers
                                         : "") ||
        (replace_tags && !s3_tags_from_header(call, s3_call_header(call, "x-amz-tagging"), &object->tags)) ||
        !s3_acl_from_headers(call, &object->acl) || !s3_lock_from_headers(call, object))
        return false;
    if (from->size > S3_COPY_MAX)
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "The specified copy source is larger than the maximum allowable size for a "
                            "copy source: 5368709120");
    return digest_copy(copy);
}

static bool copy_work(struct db *db, void *context, struct err *err)
{
    struct copy *copy = context;
    struct s3_call *call = copy->call;
    /* the source may have been overwritten since: its bytes must still be there to share */
    struct db_row *row = db_query(db, err, "select 1 from s3_body where id=?", "i", copy->body.id);
    bool there = row && (copy->body.id == 0 || db_step(row, err));
    if (row)
        db_end(row);
    if (!there)
        return err->code == ERR_OK ? s3_fail(call, S3_CONDITIONAL_CONFLICT) : false;
    return s3_object_commit(call, db, &copy->object, &copy->body, err);
}

static bool send_copy(struct s3_call *call, const char *root, const char *etag, int64_t modified_ms,
                      const char *checksum, bool with_type)
{
    struct buf *out = s3_xml_open(call, root);
    s3_xml_time(out, "LastModified", modified_ms);
    s3_xml_etag(out, etag);
    s3_checksum_xml(out, checksum, with_type);
    return s3_xml_close(call, root);
}

/* The source was overwritten while it was being copied: its newer state can be tried. */
static bool may_try_again(struct s3_call *call, int *tries)
{
    if (call->answer->status != 409 || ++*tries == COPY_TRIES)
        return false;
    call->answer->status = 0;
    s3_db_done(call);
    return true;
}

static bool try_copy(struct s3_call *call, struct copy *copy)
{
    *copy = (struct copy){.call = call};
    if (!need_source(call, &copy->source) || !describe_copy(copy))
        return false;
    const struct s3_object *from = &copy->source.object;
    copy->body = (struct s3_body){.id = from->body, .place = from->place, .size = from->size, .is_stored = true};
    return s3_write(call, copy_work, copy);
}

bool s3_op_copy_object(struct s3_call *call)
{
    struct copy copy;
    for (int tries = 0; !try_copy(call, &copy);) {
        if (!may_try_again(call, &tries))
            return false;
    }
    s3_add(call, "x-amz-version-id", copy.object.version);
    s3_headers_send_sse(call, copy.object.headers);
    return send_copy(call, "CopyObjectResult", copy.object.etag, copy.object.modified_ms, copy.object.checksum, true);
}

/* ---- UploadPartCopy */

struct copy_part {
    struct s3_call *call;
    struct source source;
    struct s3_upload upload;
    struct s3_part part;
    struct s3_body body;
};

static bool copy_part_work(struct db *db, void *context, struct err *err)
{
    struct copy_part *copy = context;
    struct s3_call *call = copy->call;
    struct s3_upload upload;
    enum s3_found found = s3_upload_find(call, db, copy->upload.upload, &upload);
    if (found == S3_FOUND_NO)
        return s3_fail_with(call, S3_NO_SUCH_UPLOAD, "UploadId", copy->upload.upload, NULL);
    return found == S3_FOUND_YES && s3_part_store(call, db, upload.id, &copy->part, &copy->body, err);
}

/* "bytes=first-last", both given and inside the source. */
static bool copy_range(struct s3_call *call, const struct s3_object *from, struct s3_piece *piece)
{
    const char *range = s3_call_header(call, "x-amz-copy-source-range");
    int64_t first, last;
    char rest;
    *piece = (struct s3_piece){.body = from->body, .place = from->place, .size = from->size};
    if (!range)
        return true;
    if (sscanf(range, "bytes=%" SCNd64 "-%" SCNd64 "%c", &first, &last, &rest) != 2 || first < 0 || last < first)
        return s3_fail_argument(
            call,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
            "last are the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range", range);
    if (last >= from->size)
        return s3_fail_text(call, S3_INVALID_RANGE, "Range specified is not valid for source object of size: %" PRId64,
                            from->size);
    piece->offset = first;
    piece->size = last - first + 1;
    return true;
}

static bool build_part(struct s3_call *call, struct copy_part *copy, struct s3_sums *sums)
{
    struct s3_piece piece;
    *sums = (struct s3_sums){.mask = 1u << DIGEST_MD5 | 1u << copy->upload.kind};
    return need_source(call, &copy->source) && copy_range(call, &copy->source.object, &piece) &&
           s3_body_build(call, &piece, 1, &copy->body, sums);
}

bool s3_op_upload_part_copy(struct s3_call *call)
{
    struct copy_part copy = {.call = call};
    struct s3_sums sums;
    if (!s3_part_number(call, &copy.part.number) || !s3_upload_need(call, &copy.upload))
        return false;
    enum digest_kind kind = copy.upload.kind;
    for (int tries = 0; !build_part(call, &copy, &sums);) {
        if (!may_try_again(call, &tries))
            return false;
    }
    copy.part.etag = s3_etag_hex(call, sums.value[DIGEST_MD5]);
    copy.part.modified_ms = call->now_ms;
    copy.part.checksum = s3_checksum_pack(call, kind, "FULL_OBJECT", sums.value[kind], 0);
    if (!s3_write(call, copy_part_work, &copy)) {
        s3_body_discard(call, &copy.body);
        return false;
    }
    s3_headers_send_sse(call, copy.upload.headers);
    return send_copy(call, "CopyPartResult", copy.part.etag, copy.part.modified_ms,
                     copy.upload.names_kind ? copy.part.checksum : NULL, false);
}
