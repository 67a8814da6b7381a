/* Who may: signed requests (all of one account, the owner) against the bucket policy's denials, anonymous ones against
 * policy, access lists and the public access block; and the policy operations themselves. */
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

unsigned s3_access_block(struct s3_call *call)
{
    static const struct {
        const char *name;
        unsigned bit;
    } bits[] = {
        {.name = "BlockPublicAcls", .bit = S3_BLOCK_ACLS},
        {.name = "IgnorePublicAcls", .bit = S3_IGNORE_ACLS},
        {.name = "BlockPublicPolicy", .bit = S3_BLOCK_POLICY},
        {.name = "RestrictPublicBuckets", .bit = S3_RESTRICT},
    };
    size_t len;
    struct err err = ERR_NONE;
    unsigned found = 0;
    if (!(call->bucket.flags & S3_HAS_ACCESS_BLOCK))
        return 0;
    const char *document = s3_config_load(call, "publicAccessBlock", &len);
    const struct xml_node *root = document ? xml_parse(call->arena, document, len, &err) : NULL;
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        if (strcasecmp(xml_text(root, bits[i].name, "false"), "true") == 0)
            found |= bits[i].bit;
    }
    return found;
}

static const char *policy_text(struct s3_call *call)
{
    size_t len;
    return call->bucket.flags & S3_HAS_POLICY ? s3_config_load(call, "policy", &len) : NULL;
}

bool s3_access_allowed(struct s3_call *call)
{
    /* the account's owner can always read and repair the policy itself */
    if (!call->req->access_key || strstr(call->op->action, "BucketPolicy"))
        return true;
    const char *policy = policy_text(call);
    if (policy && s3_policy_effect(call, policy) == S3_EFFECT_DENY)
        return s3_fail_text(call, S3_ACCESS_DENIED,
                            "User: %s is not authorized to perform: s3:%s on resource: "
                            "\"arn:aws:s3:::%s%s%.200s\" with an explicit deny in a "
                            "resource-based policy",
                            call->req->principal_arn, call->op->action, call->bucket_name, *call->key ? "/" : "",
                            call->key);
    return !s3_failed(call);
}

static bool acl_allows(struct s3_call *call)
{
    static const char *const reads[] = {"ListBucket", "ListBucketVersions", "ListBucketMultipartUploads"};
    size_t len;
    const char *action = call->op->action;
    struct s3_object object;
    const char *lines = call->bucket.flags & S3_HAS_ACL ? s3_config_load(call, "acl", &len) : NULL;
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++) {
        if (strcmp(action, reads[i]) == 0)
            return s3_acl_allows_all(lines, 'r');
    }
    if (strcmp(action, "PutObject") == 0 || strcmp(action, "DeleteObject") == 0)
        return s3_acl_allows_all(lines, 'w');
    if (strcmp(action, "GetObject") != 0)
        return false;
    struct db *db = s3_db(call);
    enum s3_found found =
        db ? s3_object_find(call, db, call->key, s3_call_query(call, "versionId"), &object) : S3_FOUND_ERROR;
    if (found == S3_FOUND_NO)
        return s3_acl_allows_all(lines, 'r'); /* who may list may know that a key is missing */
    return found == S3_FOUND_YES && s3_acl_allows_all(object.acl, 'r');
}

bool s3_access_denies(struct s3_call *call, const char *action, const char *bucket_name, const char *key)
{
    const char *policy = policy_text(call);
    bool is_signed = call->req->access_key != NULL;
    if (!policy && is_signed)
        return false;
    struct s3_call as = *call; /* the same asker, another action on another key */
    struct s3_op op = *call->op;
    op.action = action;
    op.level = S3_LEVEL_OBJECT;
    as.op = &op;
    as.key = key;
    snprintf(as.bucket_name, sizeof as.bucket_name, "%s", bucket_name);
    enum s3_effect effect = policy ? s3_policy_effect(&as, policy) : S3_EFFECT_NONE;
    bool allows =
        is_signed || effect == S3_EFFECT_ALLOW || (!(s3_access_block(&as) & S3_IGNORE_ACLS) && acl_allows(&as));
    call->db = as.db; /* borrowed on the way, perhaps */
    return effect == S3_EFFECT_DENY || !allows;
}

bool s3_access_anonymous(struct s3_call *call)
{
    const char *type = s3_call_header(call, "content-type");
    if (strcmp(call->req->method, "OPTIONS") == 0)
        return true;
    /* a browser's form carries its own signature */
    if (call->op->body == S3_BODY_FORM)
        return type && strncasecmp(type, "multipart/form-data", 19) == 0;
    if (call->op->handle == s3_op_create_bucket)
        return false;
    if (!s3_bucket_load(call))
        return call->answer->status == 404; /* the handler says NoSuchBucket */
    unsigned block = s3_access_block(call);
    const char *policy = policy_text(call);
    enum s3_effect effect = policy ? s3_policy_effect(call, policy) : S3_EFFECT_NONE;
    if (effect == S3_EFFECT_DENY)
        return false;
    if (effect == S3_EFFECT_ALLOW && !(block & S3_RESTRICT))
        return true;
    return !(block & S3_IGNORE_ACLS) && acl_allows(call);
}

/* ---- the policy operations */

bool s3_op_get_policy(struct s3_call *call)
{
    size_t len;
    const char *policy = s3_config_load(call, "policy", &len);
    if (!policy)
        return s3_failed(call) ? false : s3_fail(call, S3_NO_SUCH_POLICY);
    s3_add(call, "Content-Type", "application/json");
    buf_append(&call->answer->body, policy, len);
    return s3_empty(call, 200);
}

bool s3_op_put_policy(struct s3_call *call)
{
    const struct buf *body = &call->req->body;
    if (!s3_policy_check(call, buf_text(body), body->len))
        return false;
    if (s3_access_block(call) & S3_BLOCK_POLICY && s3_policy_is_public(buf_text(body), body->len))
        return s3_fail(call, S3_ACCESS_DENIED);
    return s3_config_store(call, "policy", body->data, body->len) && s3_empty(call, 204);
}

bool s3_op_delete_policy(struct s3_call *call)
{
    return s3_config_erase(call, "policy") && s3_empty(call, 204);
}

bool s3_op_get_policy_status(struct s3_call *call)
{
    size_t len;
    const char *policy = s3_config_load(call, "policy", &len);
    if (!policy)
        return s3_failed(call) ? false : s3_fail(call, S3_NO_SUCH_POLICY);
    struct buf *out = s3_xml_open(call, "PolicyStatus");
    /* AWS writes TRUE and FALSE here; clients read either case */
    xml_write_element(out, "IsPublic", s3_policy_is_public(policy, len) ? "true" : "false");
    return s3_xml_close(call, "PolicyStatus");
}
