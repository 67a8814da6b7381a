/* Object rows and the rules of versions: finding one, putting a newer one in front, hiding behind a delete marker,
 * removing. The order of versions is seq, which falls with time; a version id carries its seq, so a version is one
 * index look-up ("Using versioning in S3 buckets", Amazon S3 User Guide). */
#include "backend/local/s3.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char id_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

/* 24 bytes, seq first, in 32 characters of six bits each: AWS's ids have that shape. */
void s3_version_id_make(int64_t seq, char out[33])
{
    uint8_t raw[24];
    random_bytes(raw, sizeof raw);
    for (int i = 0; i < 8; i++)
        raw[i] = (uint8_t)((uint64_t)seq >> (56 - 8 * i));
    for (int i = 0; i < 8; i++) {
        uint32_t bits = (uint32_t)raw[3 * i] << 16 | (uint32_t)raw[3 * i + 1] << 8 | raw[3 * i + 2];
        for (int j = 0; j < 4; j++)
            out[4 * i + j] = id_alphabet[bits >> (18 - 6 * j) & 63];
    }
    out[32] = '\0';
}

bool s3_version_id_is_valid(const char *version)
{
    return strcmp(version, "null") == 0 || (strlen(version) == 32 && strspn(version, id_alphabet) == 32);
}

bool s3_version_id_seq(const char *version, int64_t *seq)
{
    uint64_t bits = 0;
    if (strlen(version) != 32)
        return false;
    for (int i = 0; i < 11; i++) { /* 66 bits hold the 64 of seq */
        const char *at = strchr(id_alphabet, version[i]);
        if (!at)
            return false;
        uint64_t six = (uint64_t)(at - id_alphabet);
        bits = i < 10 ? bits << 6 | six : bits << 4 | six >> 2;
    }
    *seq = (int64_t)bits;
    return true;
}

static const char *text(struct s3_call *call, struct db_row *row, int column)
{
    const char *value = db_text(row, column);
    return value ? arena_strdup(call->arena, value) : NULL;
}

void s3_object_read(struct s3_call *call, struct db_row *row, struct s3_object *object)
{
    *object = (struct s3_object){
        .seq = db_int(row, 0),
        .key = text(call, row, 1),
        .version = text(call, row, 2),
        .is_marker = db_int(row, 3) != 0,
        .modified_ms = db_int(row, 4),
        .size = db_int(row, 5),
        .etag = text(call, row, 6),
        .storage = text(call, row, 7),
        .body = db_int(row, 8),
        .place = (enum s3_place)db_int(row, 9),
        .checksum = text(call, row, 10),
        .headers = text(call, row, 11),
        .tags = text(call, row, 12),
        .acl = text(call, row, 13),
        .parts = text(call, row, 14),
        .lock_mode = text(call, row, 15),
        .lock_until_ms = db_int(row, 16),
        .legal_hold = db_int(row, 17) != 0,
    };
}

static enum s3_found finish(struct s3_call *call, struct db_row *row, struct s3_object *object, struct err *err)
{
    enum s3_found found = S3_FOUND_NO;
    if (row && db_step(row, err)) {
        s3_object_read(call, row, object);
        found = S3_FOUND_YES;
    }
    if (row)
        db_end(row);
    if (err->code == ERR_OK)
        return found;
    s3_fail_internal(call, err);
    return S3_FOUND_ERROR;
}

#define SELECT "select " S3_OBJECT_COLUMNS " from s3_object where bucket=? and key=? "

enum s3_found s3_object_find(struct s3_call *call, struct db *db, const char *key, const char *version,
                             struct s3_object *object)
{
    struct err err = ERR_NONE;
    struct db_row *row;
    int64_t seq;
    if (!version || (strcmp(version, "null") == 0 && call->bucket.versioning == S3_UNVERSIONED)) {
        row = db_query(db, &err, SELECT "order by seq limit 1", "it", call->bucket.id, key);
    } else if (strcmp(version, "null") == 0) {
        row = db_query(db, &err, SELECT "and version is null limit 1", "it", call->bucket.id, key);
    } else {
        if (!s3_version_id_seq(version, &seq))
            return S3_FOUND_NO;
        row = db_query(db, &err, SELECT "and seq=? and version=?", "itit", call->bucket.id, key, seq, version);
    }
    return finish(call, row, object, &err);
}

static void say_marker(struct s3_call *call, const struct s3_object *object)
{
    s3_add(call, "x-amz-delete-marker", "true");
    s3_add(call, "x-amz-version-id", object->version ? object->version : "null");
}

bool s3_object_need(struct s3_call *call, struct s3_object *object)
{
    const char *version = s3_call_query(call, "versionId");
    if (version && !s3_version_id_is_valid(version))
        return s3_fail_argument(call, "Invalid version id specified", "versionId", version);
    struct db *db = s3_db(call);
    enum s3_found found = db ? s3_object_find(call, db, call->key, version, object) : S3_FOUND_ERROR;
    if (found == S3_FOUND_ERROR)
        return false;
    if (found == S3_FOUND_NO)
        return s3_fail(call, version ? S3_NO_SUCH_VERSION : S3_NO_SUCH_KEY);
    if (!object->is_marker)
        return true;
    say_marker(call, object);
    if (!version)
        return s3_fail(call, S3_NO_SUCH_KEY);
    char modified[S3_TIME_SIZE];
    s3_add(call, "Last-Modified", s3_http_time(object->modified_ms, modified));
    s3_add(call, "Allow", "DELETE");
    return s3_fail_with(call, S3_METHOD_NOT_ALLOWED, "Method", call->req->method, "ResourceType", "DeleteMarker", NULL);
}

bool s3_object_remove(struct s3_call *call, struct db *db, const struct s3_object *object, struct err *err)
{
    return db_run(db, err, "delete from s3_object where bucket=? and key=? and seq=?", "iti", call->bucket.id,
                  object->key, object->seq) &&
           s3_body_drop(call, db, object->body, object->place, err);
}

static bool insert_row(struct s3_call *call, struct db *db, const struct s3_object *object, struct err *err)
{
    return db_run(db, err,
                  "insert into s3_object(bucket," S3_OBJECT_COLUMNS ") values(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                  "iittiiittiittttttii", call->bucket.id, object->seq, object->key, object->version,
                  (int64_t)object->is_marker, object->modified_ms, object->size, object->etag, object->storage,
                  object->body, (int64_t)object->place, object->checksum, object->headers, object->tags, object->acl,
                  object->parts, object->lock_mode, object->lock_until_ms, (int64_t)object->legal_hold);
}

/* Removes the null version, which an overwrite without versioning (or with it suspended) replaces. */
static bool remove_null_version(struct s3_call *call, struct db *db, const char *key, struct err *err)
{
    struct s3_object old;
    enum s3_found found = s3_object_find(call, db, key, "null", &old);
    if (found == S3_FOUND_YES)
        return s3_lock_allows_delete(call, &old) && s3_object_remove(call, db, &old, err);
    return found == S3_FOUND_NO;
}

/* Newer than every version of the key, and by the clock otherwise. */
static bool next_seq(struct s3_call *call, struct db *db, const char *key, int64_t *seq)
{
    struct s3_object newest;
    *seq = -(call->now_ms * 1000);
    enum s3_found found = s3_object_find(call, db, key, NULL, &newest);
    if (found == S3_FOUND_YES && newest.seq <= *seq)
        *seq = newest.seq - 1;
    return found != S3_FOUND_ERROR;
}

bool s3_object_insert(struct s3_call *call, struct db *db, struct s3_object *object, struct err *err)
{
    object->version = NULL;
    if (call->bucket.versioning != S3_VERSIONED && !remove_null_version(call, db, object->key, err))
        return false;
    object->seq = -(call->now_ms * 1000);
    if (call->bucket.versioning != S3_UNVERSIONED && !next_seq(call, db, object->key, &object->seq))
        return false;
    if (call->bucket.versioning == S3_VERSIONED) {
        char id[33];
        s3_version_id_make(object->seq, id);
        object->version = arena_strdup(call->arena, id);
    }
    object->modified_ms = call->now_ms;
    return insert_row(call, db, object, err);
}

bool s3_object_delete(struct s3_call *call, struct db *db, const char *key, struct s3_deleted *deleted, struct err *err)
{
    *deleted = (struct s3_deleted){0};
    if (call->bucket.versioning == S3_UNVERSIONED)
        return remove_null_version(call, db, key, err);
    struct s3_object marker = {.key = key, .is_marker = true, .etag = "", .storage = "STANDARD"};
    if (!s3_object_insert(call, db, &marker, err))
        return false;
    deleted->is_marker = true;
    deleted->version = marker.version ? marker.version : "null";
    return true;
}
