/* Permissions of the panes. */
#include "backend/domain/permission.h"
#include "backend/aws/s3.h"
#include "backend/base/json.h"
#include <string.h>

static bool probe_buckets(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    (void)bucket;
    struct arena *arena = arena_new(16 * 1024 * 1024);
    struct s3_buckets buckets = {0};
    bool ok = s3_list_buckets(aws, cancel, arena, &buckets, err);
    arena_free(arena);
    return ok;
}

static bool probe_list(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_list list = {.bucket = bucket, .max_keys = 1, .cancel = cancel};
    struct s3_page page = {0};
    bool ok = s3_list_page(aws, &list, arena, &page, err);
    arena_free(arena);
    return ok;
}

static bool probe_versions(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_list list = {.bucket = bucket, .max_keys = 1, .cancel = cancel};
    struct s3_page page = {0};
    bool ok = s3_version_page(aws, &list, arena, &page, err);
    arena_free(arena);
    return ok;
}

/* A key that is there if there is any; without one nothing can be said. */
static bool probe_get(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_list list = {.bucket = bucket, .max_keys = 1, .cancel = cancel};
    struct s3_page page = {0};
    struct s3_head head;
    bool ok = s3_list_page(aws, &list, arena, &page, err);
    if (ok && page.object_count == 0)
        ok = err_set(err, ERR_NOT_FOUND, "there is no object to try it on");
    if (ok) {
        struct s3_ref ref = {.bucket = bucket, .key = page.objects[0].key, .cancel = cancel};
        ok = s3_head_object(aws, &ref, arena, &head, err);
    }
    arena_free(arena);
    return ok;
}

static bool probe_location(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    char region[32];
    return s3_get_location(aws, bucket, cancel, region, err);
}

static bool probe_versioning(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    bool is_enabled;
    return s3_get_versioning(aws, bucket, cancel, &is_enabled, err);
}

static bool probe_encryption(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    char algorithm[32];
    return s3_get_encryption(aws, bucket, cancel, algorithm, err);
}

static bool probe_policy_status(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    bool is_public;
    return s3_get_policy_is_public(aws, bucket, cancel, &is_public, err);
}

static bool probe_public_block(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    struct s3_public_block block;
    return s3_get_public_block(aws, bucket, cancel, &block, err);
}

static bool probe_acl(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    bool is_public;
    return s3_get_acl_is_public(aws, bucket, cancel, &is_public, err);
}

static bool probe_uploads(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    struct arena *arena = arena_new(4 * 1024 * 1024);
    struct s3_uploads uploads = {0};
    struct s3_ref ref = {.bucket = bucket, .key = "", .cancel = cancel};
    bool ok = s3_list_uploads(aws, &ref, arena, &uploads, err);
    arena_free(arena);
    return ok;
}

const struct permission_row permission_rows[] = {
    {"zones", "s3:ListAllMyBuckets", "choose a bucket", probe_buckets},
    {"zones", "s3:ListBucket", "list and count objects", probe_list},
    {"zones", "s3:GetObject", "details, preview, download", probe_get},
    {"zones", "s3:ListBucketVersions", "versions of an object", probe_versions},
    {"zones", "s3:GetBucketLocation", "the bucket's region", probe_location},
    {"zones", "s3:GetBucketVersioning", "is it versioned", probe_versioning},
    {"zones", "s3:GetEncryptionConfiguration", "is it encrypted", probe_encryption},
    {"zones", "s3:GetBucketPolicyStatus", "is it public by policy", probe_policy_status},
    {"zones", "s3:GetBucketPublicAccessBlock", "is public access blocked", probe_public_block},
    {"zones", "s3:GetBucketAcl", "is it public by ACL", probe_acl},
    {"zones", "s3:ListBucketMultipartUploads", "unfinished uploads", probe_uploads},
    {"zones", "s3:GetObjectTagging", "tags of an object", NULL},
    {"zones", "s3:PutObject", "upload", NULL},
    {"zones", "s3:DeleteObject", "delete", NULL},
    {.pane = NULL},
};

static bool is_write(const char *action)
{
    return strstr(action, ":Put") || strstr(action, ":Delete");
}

static bool is_on_objects(const char *action)
{
    return strstr(action, "Object") && !strstr(action, "Bucket");
}

static void statement(const char *pane, bool writes, bool on_objects, const char *resource, struct buf *out)
{
    const char *comma = "";
    buf_puts(out, "    {\n      \"Effect\": \"Allow\",\n      \"Action\": [");
    for (const struct permission_row *row = permission_rows; row->pane; row++) {
        if ((pane && strcmp(pane, row->pane) != 0) || (is_write(row->action) && !writes) ||
            is_on_objects(row->action) != on_objects)
            continue;
        buf_printf(out, "%s\"%s\"", comma, row->action);
        comma = ", ";
    }
    buf_puts(out, "],\n      \"Resource\": ");
    json_write_string(resource, strlen(resource), out);
    buf_puts(out, "\n    }");
}

bool permission_policy(const char *pane, const char *bucket, bool writes, struct buf *out)
{
    char objects[128];
    snprintf(objects, sizeof objects, "arn:aws:s3:::%s/*", bucket && *bucket ? bucket : "*");
    buf_puts(out, "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n");
    statement(pane, writes, false, "*", out); /* ListAllMyBuckets knows no other resource */
    buf_puts(out, ",\n");
    statement(pane, writes, true, objects, out);
    return buf_puts(out, "\n  ]\n}\n");
}
