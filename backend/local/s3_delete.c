/* DeleteObject and DeleteObjects, with versions, conditions and object lock. */
#include "backend/base/text.h"
#include "backend/local/s3.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One key to delete, and what became of it. */
struct victim {
    const char *key, *version;          /* version NULL: the current one */
    const char *etag, *modified, *size; /* conditions, NULL absent */
    struct s3_deleted deleted;
    const char *error_code, *error_text; /* NULL: deleted */
};

struct deletion {
    struct s3_call *call;
    struct victim *victims;
    size_t count;
};

static bool refuse(struct victim *victim, enum s3_error error)
{
    victim->error_code = s3_error_code(error);
    victim->error_text = s3_error_sentence(error);
    return true;
}

static bool condition_fails(const struct victim *victim, const struct s3_object *object)
{
    int64_t when;
    if (victim->etag && !s3_etag_matches(victim->etag, object->etag))
        return true;
    if (victim->size && strtoll(victim->size, NULL, 10) != object->size)
        return true;
    return victim->modified && (!text_parse_time(victim->modified, &when) || when / 1000 != object->modified_ms / 1000);
}

/* False on a failure of ours; a refusal stays in the victim. */
static bool conditions_refuse(struct s3_call *call, struct db *db, struct victim *victim, bool *refused)
{
    struct s3_object object;
    *refused = false;
    if (!victim->etag && !victim->modified && !victim->size)
        return true;
    enum s3_found found = s3_object_find(call, db, victim->key, victim->version, &object);
    *refused = found == S3_FOUND_NO || (found == S3_FOUND_YES && object.is_marker);
    if (*refused)
        return refuse(victim, S3_NO_SUCH_KEY);
    *refused = found == S3_FOUND_YES && condition_fails(victim, &object);
    if (*refused)
        refuse(victim, S3_PRECONDITION);
    return found != S3_FOUND_ERROR;
}

static bool remove_version(struct s3_call *call, struct db *db, struct victim *victim, struct err *err)
{
    struct s3_object object;
    enum s3_found found = s3_object_find(call, db, victim->key, victim->version, &object);
    victim->deleted.version = victim->version;
    if (found != S3_FOUND_YES)
        return found == S3_FOUND_NO; /* deleting what is not there succeeds */
    if (!s3_lock_allows_delete(call, &object)) {
        call->answer->status = 0; /* one key's refusal; the others go on */
        return refuse(victim, S3_ACCESS_DENIED);
    }
    victim->deleted.is_marker = object.is_marker;
    return s3_object_remove(call, db, &object, err);
}

static bool delete_one(struct s3_call *call, struct db *db, struct victim *victim, struct err *err)
{
    bool refused;
    if (strlen(victim->key) > S3_KEY_MAX)
        return refuse(victim, S3_KEY_TOO_LONG);
    if (!conditions_refuse(call, db, victim, &refused) || refused)
        return refused;
    if (victim->version && !s3_version_id_is_valid(victim->version))
        return refuse(victim, S3_NO_SUCH_VERSION);
    if (victim->version)
        return remove_version(call, db, victim, err);
    return s3_object_delete(call, db, victim->key, &victim->deleted, err);
}

/* A policy may deny some of many keys. */
static void refuse_denied(struct s3_call *call, struct deletion *deletion)
{
    for (size_t i = 0; i < deletion->count; i++) {
        struct victim *victim = &deletion->victims[i];
        const char *action = victim->version ? "DeleteObjectVersion" : "DeleteObject";
        if (s3_access_denies(call, action, call->bucket_name, victim->key))
            refuse(victim, S3_ACCESS_DENIED);
    }
}

static bool delete_work(struct db *db, void *context, struct err *err)
{
    struct deletion *deletion = context;
    struct s3_call *call = deletion->call;
    if (s3_bucket_find(call, db, call->bucket_name, &call->bucket) != S3_FOUND_YES)
        return s3_failed(call) ? false : s3_fail(call, S3_NO_SUCH_BUCKET);
    for (size_t i = 0; i < deletion->count; i++) {
        if (!deletion->victims[i].error_code && !delete_one(call, db, &deletion->victims[i], err))
            return false;
    }
    return true;
}

bool s3_op_delete_object(struct s3_call *call)
{
    struct victim victim = {
        .key = call->key,
        .version = s3_call_query(call, "versionId"),
        .etag = s3_call_header(call, "if-match"),
        .modified = s3_call_header(call, "x-amz-if-match-last-modified-time"),
        .size = s3_call_header(call, "x-amz-if-match-size"),
    };
    if (victim.version && !s3_version_id_is_valid(victim.version))
        return s3_fail_argument(call, "Invalid version id specified", "versionId", victim.version);
    struct deletion deletion = {.call = call, .victims = &victim, .count = 1};
    if (!s3_write(call, delete_work, &deletion))
        return false;
    if (victim.error_code) {
        bool denied = strcmp(victim.error_code, "AccessDenied") == 0;
        bool failed = strcmp(victim.error_code, "PreconditionFailed") == 0;
        return s3_fail(call, denied ? S3_ACCESS_DENIED : failed ? S3_PRECONDITION : S3_NO_SUCH_KEY);
    }
    if (victim.deleted.is_marker)
        s3_add(call, "x-amz-delete-marker", "true");
    s3_add(call, "x-amz-version-id", victim.deleted.version);
    return s3_empty(call, 204);
}

/* ---- DeleteObjects */

static bool read_victims(struct s3_call *call, const struct xml_node *root, struct deletion *deletion)
{
    size_t count = 0;
    for (const struct xml_node *node = xml_child(root, "Object"); node; node = xml_next(node))
        count++;
    if (count == 0 || count > S3_PAGE_MAX)
        return s3_fail(call, S3_MALFORMED_XML);
    deletion->victims = ARENA_ARRAY(call->arena, struct victim, count);
    for (const struct xml_node *node = xml_child(root, "Object"); node; node = xml_next(node)) {
        struct victim *victim = &deletion->victims[deletion->count++];
        victim->key = xml_text(node, "Key", "");
        victim->version = xml_text(node, "VersionId", NULL);
        victim->etag = xml_text(node, "ETag", NULL);
        victim->modified = xml_text(node, "LastModifiedTime", NULL);
        victim->size = xml_text(node, "Size", NULL);
        if (victim->version && !*victim->version)
            victim->version = NULL;
        if (!*victim->key)
            return s3_fail_text(call, S3_MALFORMED_XML, "%s", s3_error_sentence(S3_MALFORMED_XML));
    }
    return true;
}

static void write_victim(struct buf *out, const struct victim *victim, bool quiet)
{
    const struct s3_deleted *deleted = &victim->deleted;
    if (victim->error_code) {
        buf_puts(out, "<Error>");
        xml_write_element(out, "Key", victim->key);
        if (victim->version)
            xml_write_element(out, "VersionId", victim->version);
        xml_write_element(out, "Code", victim->error_code);
        xml_write_element(out, "Message", victim->error_text);
        buf_puts(out, "</Error>");
        return;
    }
    if (quiet)
        return;
    buf_puts(out, "<Deleted>");
    xml_write_element(out, "Key", victim->key);
    if (victim->version)
        xml_write_element(out, "VersionId", victim->version);
    if (deleted->is_marker) {
        buf_puts(out, "<DeleteMarker>true</DeleteMarker>");
        xml_write_element(out, "DeleteMarkerVersionId", deleted->version);
    }
    buf_puts(out, "</Deleted>");
}

bool s3_op_delete_objects(struct s3_call *call)
{
    struct s3_checksum_ask ask;
    struct deletion deletion = {.call = call};
    struct xml_node *root;
    if (!s3_checksum_verify(call, &ask))
        return false;
    if (!ask.has_kind && !s3_call_header(call, "content-md5"))
        return s3_fail_text(call, S3_INVALID_REQUEST,
                            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    if (!s3_xml_body(call, "Delete", &root) || !read_victims(call, root, &deletion))
        return false;
    refuse_denied(call, &deletion);
    if (!s3_write(call, delete_work, &deletion))
        return false;
    bool quiet = strcmp(xml_text(root, "Quiet", "false"), "true") == 0;
    pairs_remove(&call->answer->headers, "Content-Type");
    struct buf *out = s3_xml_open(call, "DeleteResult");
    for (size_t i = 0; i < deletion.count; i++)
        write_victim(out, &deletion.victims[i], quiet);
    return s3_xml_close(call, "DeleteResult");
}
