/* Buckets and their settings. Calls wait, any thread. */
#include "backend/aws/s3_call.h"
#include "backend/base/text.h"
#include <stdio.h>
#include <string.h>

enum { SETTING_ARENA = 4 * 1024 * 1024, BUCKETS_PAGES_MAX = 100 };
static const struct s3_op op_list = {.name = "ListBuckets", .method = "GET", .permission = "s3:ListAllMyBuckets"};
static const struct s3_op op_head = {.name = "HeadBucket", .method = "HEAD", .permission = "s3:ListBucket"};
static const struct s3_op op_create = {
    .name = "CreateBucket", .method = "PUT", .permission = "s3:CreateBucket", .is_write = true};
static const struct s3_op op_delete = {
    .name = "DeleteBucket", .method = "DELETE", .permission = "s3:DeleteBucket", .is_write = true};

static bool add_buckets(const struct xml_node *root, struct arena *arena, struct s3_buckets *buckets, size_t *cap)
{
    const struct xml_node *node = xml_child(xml_child(root, "Buckets"), "Bucket");
    for (; node; node = xml_next(node)) {
        struct s3_bucket *items = arena_grow(arena, buckets->items, buckets->count, cap, sizeof *items);
        if (!items)
            return false;
        buckets->items = items;
        struct s3_bucket *bucket = &items[buckets->count++];
        bucket->name = arena_strdup(arena, xml_text(node, "Name", ""));
        if (!text_parse_time(xml_text(node, "CreationDate", ""), &bucket->created_ms))
            bucket->created_ms = 0;
    }
    return !arena_failed(arena);
}

bool s3_list_buckets(struct aws *aws, const struct cancel *cancel, struct arena *arena, struct s3_buckets *buckets,
                     struct err *err)
{
    size_t cap = 0;
    const char *token = "";
    struct s3_token_guard guard = {0};
    *buckets = (struct s3_buckets){0};
    for (int page = 0; page < BUCKETS_PAGES_MAX; page++) {
        struct s3_call s3;
        s3_begin(&s3, aws, &op_list, NULL, NULL, cancel);
        if (*token)
            s3_param(&s3, "continuation-token", token);
        const struct xml_node *root = s3_send_for(&s3, arena, "ListAllMyBucketsResult", err);
        s3_end(&s3);
        if (!root)
            return false;
        if (!add_buckets(root, arena, buckets, &cap))
            return err_set(err, ERR_TOO_LARGE, "s3 ListBuckets: more buckets than the allowed maximum");
        token = xml_text(root, "ContinuationToken", "");
        if (!*token)
            return true;
        if (s3_token_guard_seen(&guard, token))
            return err_set(err, ERR_PROTOCOL, "s3 ListBuckets: the endpoint repeats its continuation token, stopped");
    }
    return err_set(err, ERR_TOO_LARGE, "s3 ListBuckets: more than %d pages of buckets", BUCKETS_PAGES_MAX);
}

static bool simple(struct aws *aws, const struct s3_op *op, const char *bucket, const struct cancel *cancel,
                   struct err *err)
{
    struct s3_call s3;
    s3_begin(&s3, aws, op, bucket, NULL, cancel);
    bool ok = s3_send(&s3, err);
    s3_end(&s3);
    return ok;
}

bool s3_head_bucket(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    return simple(aws, &op_head, bucket, cancel, err);
}

bool s3_delete_bucket(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    return simple(aws, &op_delete, bucket, cancel, err);
}

bool s3_create_bucket(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    struct s3_call s3;
    struct err own = ERR_NONE;
    const char *region = aws_config(aws)->region;
    s3_begin(&s3, aws, &op_create, bucket, NULL, cancel);
    s3.call.bucket = NULL; /* it has no region to learn yet */
    if (*region && strcmp(region, "us-east-1") != 0) {
        buf_puts(&s3.body, "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        xml_write_element(&s3.body, "LocationConstraint", region);
        buf_puts(&s3.body, "</CreateBucketConfiguration>");
    }
    bool ok = s3_send(&s3, &own) || strcmp(own.service_code, "BucketAlreadyOwnedByYou") == 0;
    if (!ok && err)
        *err = own;
    s3_end(&s3);
    return ok;
}

/* --- settings: a GET of a sub-resource. `absent` is the code by which S3 says "never configured": not a failure. ---
 */
struct setting {
    struct s3_op op;
    const char *param, *root, *absent;
};
static const struct setting location = {
    .op = {.name = "GetBucketLocation", .method = "GET", .permission = "s3:GetBucketLocation"},
    .param = "location",
    .root = "LocationConstraint"};
static const struct setting versioning = {
    .op = {.name = "GetBucketVersioning", .method = "GET", .permission = "s3:GetBucketVersioning"},
    .param = "versioning",
    .root = "VersioningConfiguration"};
static const struct setting encryption = {
    .op = {.name = "GetBucketEncryption", .method = "GET", .permission = "s3:GetEncryptionConfiguration"},
    .param = "encryption",
    .root = "ServerSideEncryptionConfiguration",
    .absent = "ServerSideEncryptionConfigurationNotFoundError"};
static const struct setting policy_status = {
    .op = {.name = "GetBucketPolicyStatus", .method = "GET", .permission = "s3:GetBucketPolicyStatus"},
    .param = "policyStatus",
    .root = "PolicyStatus",
    .absent = "NoSuchBucketPolicy"};
static const struct setting public_block = {
    .op = {.name = "GetPublicAccessBlock", .method = "GET", .permission = "s3:GetBucketPublicAccessBlock"},
    .param = "publicAccessBlock",
    .root = "PublicAccessBlockConfiguration",
    .absent = "NoSuchPublicAccessBlockConfiguration"};
static const struct setting acl = {.op = {.name = "GetBucketAcl", .method = "GET", .permission = "s3:GetBucketAcl"},
                                   .param = "acl",
                                   .root = "AccessControlPolicy"};
static const struct setting ownership = {
    .op = {.name = "GetBucketOwnershipControls", .method = "GET", .permission = "s3:GetBucketOwnershipControls"},
    .param = "ownershipControls",
    .root = "OwnershipControls",
    .absent = "OwnershipControlsNotFoundError"};
static const struct setting object_lock = {
    .op = {.name = "GetObjectLockConfiguration", .method = "GET", .permission = "s3:GetBucketObjectLockConfiguration"},
    .param = "object-lock",
    .root = "ObjectLockConfiguration",
    .absent = "ObjectLockConfigurationNotFoundError"};

/* True with *root NULL when it was never configured. */
static bool get_setting(struct aws *aws, const struct setting *setting, const char *bucket, const struct cancel *cancel,
                        struct arena *arena, const struct xml_node **root, struct err *err)
{
    struct s3_call s3;
    struct err own = ERR_NONE;
    s3_begin(&s3, aws, &setting->op, bucket, NULL, cancel);
    s3_param(&s3, setting->param, NULL);
    *root = s3_send_for(&s3, arena, setting->root, &own);
    s3_end(&s3);
    if (*root || (setting->absent && strcmp(own.service_code, setting->absent) == 0))
        return true;
    if (err)
        *err = own;
    return false;
}

static bool is_true(const struct xml_node *node, const char *name)
{
    return strcmp(xml_text(node, name, "false"), "true") == 0;
}

bool s3_get_location(struct aws *aws, const char *bucket, const struct cancel *cancel, char region[32], struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &location, bucket, cancel, arena, &root, err);
    if (ok) { /* the first regions have names from before regions had names */
        const char *text = root && root->text ? root->text : "";
        snprintf(region, 32, "%s", !*text ? "us-east-1" : strcmp(text, "EU") == 0 ? "eu-west-1" : text);
    }
    arena_free(arena);
    return ok;
}

bool s3_get_versioning(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_enabled,
                       struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &versioning, bucket, cancel, arena, &root, err);
    if (ok)
        *is_enabled = strcmp(xml_text(root, "Status", ""), "Enabled") == 0;
    arena_free(arena);
    return ok;
}

bool s3_get_encryption(struct aws *aws, const char *bucket, const struct cancel *cancel, char algorithm[32],
                       struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &encryption, bucket, cancel, arena, &root, err);
    if (ok) {
        const struct xml_node *rule = xml_child(xml_child(root, "Rule"), "ApplyServerSideEncryptionByDefault");
        snprintf(algorithm, 32, "%s", xml_text(rule, "SSEAlgorithm", ""));
    }
    arena_free(arena);
    return ok;
}

bool s3_get_policy_is_public(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_public,
                             struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &policy_status, bucket, cancel, arena, &root, err);
    if (ok)
        *is_public = is_true(root, "IsPublic");
    arena_free(arena);
    return ok;
}

static struct s3_public_block block_of(const struct xml_node *root)
{
    return (struct s3_public_block){.block_acls = is_true(root, "BlockPublicAcls"),
                                    .ignore_acls = is_true(root, "IgnorePublicAcls"),
                                    .block_policy = is_true(root, "BlockPublicPolicy"),
                                    .restrict_buckets = is_true(root, "RestrictPublicBuckets")};
}

bool s3_get_public_block(struct aws *aws, const char *bucket, const struct cancel *cancel,
                         struct s3_public_block *block, struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &public_block, bucket, cancel, arena, &root, err);
    if (ok)
        *block = block_of(root);
    arena_free(arena);
    return ok;
}

bool s3_get_account_block(struct aws *aws, const char *account, const struct cancel *cancel,
                          struct s3_public_block *block, struct err *err)
{
    static const struct aws_service control = {.id = "s3-control", .signing_name = "s3", .protocol = AWS_REST_XML};
    struct aws_call call = aws_call_init(&control, "GetPublicAccessBlock");
    struct http_answer answer;
    struct err own = ERR_NONE;
    char host_prefix[64];
    snprintf(host_prefix, sizeof host_prefix, "%s.", account);
    call.object = account;
    call.permission = "s3:GetAccountPublicAccessBlock";
    call.host_prefix = host_prefix;
    call.path = "/v20180820/configuration/publicAccessBlock";
    call.io.cancel = cancel;
    pairs_add(&call.headers, "x-amz-account-id", account);
    bool ok = aws_perform(aws, &call, &answer, &own);
    *block = (struct s3_public_block){0};
    if (ok) {
        struct arena *arena = arena_new(SETTING_ARENA);
        const struct xml_node *root = xml_parse(arena, buf_text(&answer.body), answer.body.len, NULL);
        ok = root || err_set(&own, ERR_PROTOCOL, "s3-control GetPublicAccessBlock: the answer is no XML");
        *block = block_of(root);
        arena_free(arena);
        http_answer_done(&answer);
    }
    pairs_done(&call.headers);
    ok = ok || strcmp(own.service_code, "NoSuchPublicAccessBlockConfiguration") == 0;
    if (!ok && err)
        *err = own;
    return ok;
}

static bool is_public_group(const char *uri)
{
    const char *name = strrchr(uri, '/');
    return name && (strcmp(name, "/AllUsers") == 0 || strcmp(name, "/AuthenticatedUsers") == 0);
}

bool s3_get_acl_is_public(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_public,
                          struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &acl, bucket, cancel, arena, &root, err);
    if (ok) {
        const struct xml_node *grant = xml_child(xml_child(root, "AccessControlList"), "Grant");
        *is_public = false;
        for (; grant; grant = xml_next(grant))
            *is_public |= is_public_group(xml_text(xml_child(grant, "Grantee"), "URI", ""));
    }
    arena_free(arena);
    return ok;
}

bool s3_get_ownership(struct aws *aws, const char *bucket, const struct cancel *cancel, char text[32], struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &ownership, bucket, cancel, arena, &root, err);
    if (ok)
        snprintf(text, 32, "%s", xml_text(xml_child(root, "Rule"), "ObjectOwnership", ""));
    arena_free(arena);
    return ok;
}

bool s3_get_object_lock(struct aws *aws, const char *bucket, const struct cancel *cancel, bool *is_enabled,
                        struct err *err)
{
    struct arena *arena = arena_new(SETTING_ARENA);
    const struct xml_node *root;
    bool ok = get_setting(aws, &object_lock, bucket, cancel, arena, &root, err);
    if (ok)
        *is_enabled = strcmp(xml_text(root, "ObjectLockEnabled", ""), "Enabled") == 0;
    arena_free(arena);
    return ok;
}
