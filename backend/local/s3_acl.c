/* Access control lists of buckets and objects: canned names, grant headers, documents. Kept as lines "PERMISSION type
 * value" with type G (a group's URI), U (a canonical user id); none kept means the owner alone has full control. What
 * they are asked for later: may everyone read or write ("Access control list (ACL) overview", Amazon S3 User Guide). */
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ALL_USERS  "http://acs.amazonaws.com/groups/global/AllUsers"
#define AUTH_USERS "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
#define LOG_GROUP  "http://acs.amazonaws.com/groups/s3/LogDelivery"
#define OWNER_ALL  "FULL_CONTROL U " S3_OWNER_ID "\n"

static const struct {
    const char *name, *lines;
} canned[] = {
    {.name = "private", .lines = OWNER_ALL},
    {.name = "public-read", .lines = OWNER_ALL "READ G " ALL_USERS "\n"},
    {.name = "public-read-write", .lines = OWNER_ALL "READ G " ALL_USERS "\nWRITE G " ALL_USERS "\n"},
    {.name = "authenticated-read", .lines = OWNER_ALL "READ G " AUTH_USERS "\n"},
    {.name = "aws-exec-read", .lines = OWNER_ALL},
    {.name = "bucket-owner-read", .lines = OWNER_ALL},
    {.name = "bucket-owner-full-control", .lines = OWNER_ALL},
    {.name = "log-delivery-write", .lines = OWNER_ALL "WRITE G " LOG_GROUP "\nREAD_ACP G " LOG_GROUP "\n"},
};
static const char *const permissions[] = {"FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"};
static const char *const grant_headers[] = {
    "x-amz-grant-full-control", "x-amz-grant-read",      "x-amz-grant-write",
    "x-amz-grant-read-acp",     "x-amz-grant-write-acp",
};
enum { PERMISSIONS = sizeof permissions / sizeof permissions[0], ACL_BYTES = 64 * 1024 };

bool s3_acl_canned(const char *name, const char **packed)
{
    for (size_t i = 0; i < sizeof canned / sizeof canned[0]; i++) {
        if (strcmp(canned[i].name, name) == 0) {
            *packed = canned[i].lines;
            return true;
        }
    }
    return false;
}

static bool grants_everyone(const char *packed, const char *permission)
{
    char line[128];
    snprintf(line, sizeof line, "%s G %s\n", permission, ALL_USERS);
    const char *at = packed ? strstr(packed, line) : NULL;
    /* READ_ACP ends in other letters, but WRITE_ACP's tail must not pass for a shorter word */
    return at && (at == packed || at[-1] == '\n');
}

bool s3_acl_allows_all(const char *packed, char right)
{
    return grants_everyone(packed, "FULL_CONTROL") || grants_everyone(packed, right == 'r' ? "READ" : "WRITE");
}

bool s3_acl_is_public(const char *packed)
{
    return packed && (strstr(packed, ALL_USERS) || strstr(packed, AUTH_USERS));
}

static bool add_grantee(struct s3_call *call, struct buf *out, const char *permission, const char *text, size_t len)
{
    char kind[16] = "", value[256] = "";
    char *copy = arena_strndup(call->arena, text, len);
    if (sscanf(copy, " %15[A-Za-z] = \"%255[^\"]\"", kind, value) != 2 &&
        sscanf(copy, " %15[A-Za-z] = %255[^ ]", kind, value) != 2)
        return s3_fail_argument(call, "Argument format not recognized", "x-amz-grant", copy);
    if (strcasecmp(kind, "id") == 0) {
        if (strspn(value, "0123456789abcdefABCDEF") != 64 || strlen(value) != 64)
            return s3_fail_argument(call, "Invalid id", "CanonicalUser/ID", value);
        return buf_printf(out, "%s U %s\n", permission, value);
    }
    if (strcasecmp(kind, "uri") == 0) {
        if (strcmp(value, ALL_USERS) != 0 && strcmp(value, AUTH_USERS) != 0 && strcmp(value, LOG_GROUP) != 0)
            return s3_fail_argument(call, "Invalid group uri", "Group/URI", value);
        return buf_printf(out, "%s G %s\n", permission, value);
    }
    if (strcasecmp(kind, "emailAddress") == 0)
        return s3_fail_text(call, S3_NOT_IMPLEMENTED, "Grants by e-mail address are not implemented.");
    return s3_fail_argument(call, "Argument format not recognized", "x-amz-grant", copy);
}

static bool from_grant_headers(struct s3_call *call, const char **packed)
{
    struct buf out = BUF_INIT(ACL_BYTES);
    bool ok = true;
    for (size_t i = 0; ok && i < PERMISSIONS; i++) {
        const char *at = s3_call_header(call, grant_headers[i]);
        while (ok && at && *at) {
            size_t len = strcspn(at, ",");
            ok = add_grantee(call, &out, permissions[i], at, len);
            at += len + (at[len] == ',');
        }
    }
    *packed = ok && out.len ? arena_strdup(call->arena, buf_text(&out)) : NULL;
    buf_done(&out);
    return ok;
}

static bool is_enforced(struct s3_call *call)
{
    size_t len;
    if (!(call->bucket.flags & S3_HAS_OWNERSHIP))
        return false;
    const char *document = s3_config_load(call, "ownershipControls", &len);
    return document && strstr(document, "BucketOwnerEnforced");
}

/* An ACL may come only where ACLs are on, and a public one only where it is not blocked. */
static bool may_set(struct s3_call *call, const char *canned_name, const char *packed)
{
    if (call->bucket.id == 0 || !packed)
        return true;
    bool harmless =
        canned_name && (strcmp(canned_name, "bucket-owner-full-control") == 0 || (strcmp(canned_name, "private") == 0));
    if (!harmless && is_enforced(call))
        return s3_fail(call, S3_ACL_NOT_SUPPORTED);
    if (s3_acl_is_public(packed) && s3_access_block(call) & S3_BLOCK_ACLS)
        return s3_fail(call, S3_ACCESS_DENIED);
    return true;
}

bool s3_acl_from_headers(struct s3_call *call, const char **packed)
{
    const char *name = s3_call_header(call, "x-amz-acl");
    if (!from_grant_headers(call, packed))
        return false;
    if (name && *packed)
        return s3_fail_text(call, S3_INVALID_REQUEST, "Specifying both Canned ACLs and Header Grants is not allowed");
    if (name && !s3_acl_canned(name, packed))
        return s3_fail_argument(call, "", "x-amz-acl", name);
    return may_set(call, name, *packed);
}

/* ---- documents */

static bool read_grant(struct s3_call *call, struct buf *out, const struct xml_node *grant)
{
    const char *permission = xml_text(grant, "Permission", "");
    const struct xml_node *grantee = xml_child(grant, "Grantee");
    bool known = false;
    for (size_t i = 0; i < PERMISSIONS; i++)
        known = known || strcmp(permission, permissions[i]) == 0;
    if (!known || !grantee)
        return s3_fail(call, S3_MALFORMED_ACL);
    const char *id = xml_text(grantee, "ID", NULL), *uri = xml_text(grantee, "URI", NULL);
    if (xml_child(grantee, "EmailAddress"))
        return s3_fail_text(call, S3_NOT_IMPLEMENTED, "Grants by e-mail address are not implemented.");
    if (id && (strlen(id) != 64 || strspn(id, "0123456789abcdefABCDEF") != 64))
        return s3_fail_argument(call, "Invalid id", "CanonicalUser/ID", id);
    if (id)
        return buf_printf(out, "%s U %s\n", permission, id);
    if (uri && (strcmp(uri, ALL_USERS) == 0 || strcmp(uri, AUTH_USERS) == 0 || strcmp(uri, LOG_GROUP) == 0))
        return buf_printf(out, "%s G %s\n", permission, uri);
    if (uri)
        return s3_fail_argument(call, "Invalid group uri", "Group/URI", uri);
    return s3_fail(call, S3_MALFORMED_ACL);
}

static bool from_document(struct s3_call *call, const char **packed)
{
    struct xml_node *root;
    struct buf out = BUF_INIT(ACL_BYTES);
    if (!s3_xml_body(call, "AccessControlPolicy", &root))
        return false;
    const struct xml_node *list = xml_child(root, "AccessControlList"), *owner = xml_child(root, "Owner");
    if (!list || !owner)
        return s3_fail(call, S3_MALFORMED_ACL);
    if (strcmp(xml_text(owner, "ID", ""), S3_OWNER_ID) != 0)
        return s3_fail(call, S3_ACCESS_DENIED);
    bool ok = true;
    for (const struct xml_node *grant = xml_child(list, "Grant"); ok && grant; grant = xml_next(grant))
        ok = read_grant(call, &out, grant);
    /* an empty list is kept too: it takes even the owner's grant away */
    *packed = ok ? arena_strdup(call->arena, buf_text(&out)) : NULL;
    buf_done(&out);
    return ok && may_set(call, NULL, *packed);
}

static void write_grant(struct buf *out, const char *line, size_t len)
{
    char permission[16], type[2], value[256], copy[300];
    snprintf(copy, sizeof copy, "%.*s", (int)len, line);
    if (sscanf(copy, "%15s %1s %255s", permission, type, value) != 3)
        return;
    bool user = type[0] == 'U';
    buf_printf(out, "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"%s\">",
               user ? "CanonicalUser" : "Group");
    xml_write_element(out, user ? "ID" : "URI", value);
    if (user && strcmp(value, S3_OWNER_ID) == 0)
        xml_write_element(out, "DisplayName", S3_OWNER_NAME);
    buf_puts(out, "</Grantee>");
    xml_write_element(out, "Permission", permission);
    buf_puts(out, "</Grant>");
}

static const char *bucket_acl(struct s3_call *call)
{
    size_t len;
    return call->bucket.flags & S3_HAS_ACL ? s3_config_load(call, "acl", &len) : NULL;
}

bool s3_op_get_acl(struct s3_call *call)
{
    struct s3_object object = {0};
    bool of_object = call->op->level == S3_LEVEL_OBJECT;
    if (of_object && !s3_object_need(call, &object))
        return false;
    const char *lines = of_object ? object.acl : bucket_acl(call);
    struct buf *out = s3_xml_open(call, "AccessControlPolicy");
    s3_xml_owner(out, "Owner");
    buf_puts(out, "<AccessControlList>");
    for (const char *at = lines ? lines : OWNER_ALL; *at;) {
        size_t len = strcspn(at, "\n");
        write_grant(out, at, len);
        at += len + (at[len] == '\n');
    }
    buf_puts(out, "</AccessControlList>");
    return s3_xml_close(call, "AccessControlPolicy");
}

struct set_acl {
    struct s3_call *call;
    struct s3_object object;
    const char *packed;
};

static bool set_object_acl(struct db *db, void *context, struct err *err)
{
    struct set_acl *set = context;
    return db_run(db, err, "update s3_object set acl=? where bucket=? and key=? and seq=?", "titi", set->packed,
                  set->call->bucket.id, set->call->key, set->object.seq);
}

bool s3_op_put_acl(struct s3_call *call)
{
    struct set_acl set = {.call = call};
    bool of_object = call->op->level == S3_LEVEL_OBJECT;
    if (of_object && !s3_object_need(call, &set.object))
        return false;
    if (!s3_acl_from_headers(call, &set.packed))
        return false;
    if (!set.packed && call->req->body.len == 0)
        return s3_fail_text(call, S3_MISSING_SECURITY, "Your request was missing a required header: x-amz-acl");
    if (!set.packed && !from_document(call, &set.packed))
        return false;
    bool ok =
        of_object ? s3_write(call, set_object_acl, &set) : s3_config_store(call, "acl", set.packed, strlen(set.packed));
    return ok && s3_empty(call, 200);
}
