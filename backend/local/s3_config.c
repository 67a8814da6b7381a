/* A bucket's stored configurations: one document per kind, checked when put (s3_config_check.c), given back as it was
 * put, or the error or default that stands for its absence. Kinds with ids (analytics, inventory, metrics, tiering) are
 * kept as "kind:id". */
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>

static const struct config_kind {
    const char *sub, *root;
    enum s3_error missing;
    const char *fallback; /* inner XML when none is stored; NULL: the error */
    bool (*check)(struct s3_call *call, struct xml_node *root);
    unsigned flag;
    int put_status;
} kinds[] = {
    {.sub = "publicAccessBlock",
     .root = "PublicAccessBlockConfiguration",
     .missing = S3_NO_SUCH_ACCESS_BLOCK,
     .check = s3_check_access_block,
     .flag = S3_HAS_ACCESS_BLOCK},
    {.sub = "ownershipControls",
     .root = "OwnershipControls",
     .missing = S3_OWNERSHIP_NOT_FOUND,
     .check = s3_check_ownership,
     .flag = S3_HAS_OWNERSHIP},
    {.sub = "tagging", .root = "Tagging", .missing = S3_NO_SUCH_TAGS, .check = s3_check_tagging, .put_status = 204},
    {.sub = "lifecycle",
     .root = "LifecycleConfiguration",
     .missing = S3_NO_SUCH_LIFECYCLE,
     .check = s3_check_lifecycle,
     .flag = S3_HAS_LIFECYCLE},
    {.sub = "cors",
     .root = "CORSConfiguration",
     .missing = S3_NO_SUCH_CORS,
     .check = s3_check_cors,
     .flag = S3_HAS_CORS},
    {.sub = "website", .root = "WebsiteConfiguration", .missing = S3_NO_SUCH_WEBSITE, .check = s3_check_website},
    {.sub = "replication",
     .root = "ReplicationConfiguration",
     .missing = S3_REPLICATION_NOT_FOUND,
     .check = s3_check_replication},
    {.sub = "logging", .root = "BucketLoggingStatus", .fallback = "", .check = s3_check_logging},
    {.sub = "notification", .root = "NotificationConfiguration", .fallback = ""},
    {.sub = "requestPayment",
     .root = "RequestPaymentConfiguration",
     .fallback = "<Payer>BucketOwner</Payer>",
     .check = s3_check_payment},
    {.sub = "accelerate", .root = "AccelerateConfiguration", .fallback = "", .check = s3_check_accelerate},
    {.sub = "object-lock", .root = "ObjectLockConfiguration", .missing = S3_LOCK_NOT_FOUND, .check = s3_check_lock},
    {.sub = "encryption",
     .root = "ServerSideEncryptionConfiguration",
     .missing = S3_SSE_NOT_FOUND,
     .check = s3_check_encryption,
     .flag = S3_HAS_ENCRYPTION},
    {.sub = "policy", .root = "", .flag = S3_HAS_POLICY},
    {.sub = "acl", .root = "", .flag = S3_HAS_ACL},
    {.sub = "analytics", .root = "AnalyticsConfiguration"},
    {.sub = "inventory", .root = "InventoryConfiguration"},
    {.sub = "metrics", .root = "MetricsConfiguration"},
    {.sub = "intelligent-tiering", .root = "IntelligentTieringConfiguration"},
};

static const struct config_kind *find_kind(const char *kind)
{
    size_t len = strcspn(kind, ":");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strlen(kinds[i].sub) == len && strncmp(kinds[i].sub, kind, len) == 0)
            return &kinds[i];
    }
    return NULL;
}

const char *s3_config_load(struct s3_call *call, const char *kind, size_t *len)
{
    struct err err = ERR_NONE;
    const char *document = NULL;
    struct db *db = s3_db(call);
    struct db_row *row =
        db ? db_query(db, &err, "select body from s3_config where bucket=? and kind=?", "it", call->bucket.id, kind)
           : NULL;
    if (row && db_step(row, &err)) {
        const void *body = db_blob(row, 0, len);
        document = arena_strndup(call->arena, body ? body : "", *len);
    }
    if (row)
        db_end(row);
    if (err.code != ERR_OK)
        s3_fail_internal(call, &err);
    return document;
}

struct config_write {
    struct s3_call *call;
    const char *kind, *bytes; /* bytes NULL: erase */
    size_t len;
};

static bool config_work(struct db *db, void *context, struct err *err)
{
    struct config_write *write = context;
    const struct config_kind *row = find_kind(write->kind);
    int64_t bucket = write->call->bucket.id, flag = row ? row->flag : 0;
    if (!write->bytes) {
        return db_run(db, err, "delete from s3_config where bucket=? and kind=?", "it", bucket, write->kind) &&
               (!flag || db_run(db, err, "update s3_bucket set flags=flags&~? where id=?", "ii", flag, bucket));
    }
    if (!db_run(db, err,
                "insert into s3_config(bucket,kind,body) values(?,?,?) on conflict(bucket,kind) do update"
                " set body=excluded.body",
                "itb", bucket, write->kind, write->bytes, write->len))
        return false;
    return (!flag || db_run(db, err, "update s3_bucket set flags=flags|? where id=?", "ii", flag, bucket)) &&
           (strcmp(write->kind, "object-lock") != 0 ||
            db_run(db, err, "update s3_bucket set object_lock=1 where id=?", "i", bucket));
}

bool s3_config_store(struct s3_call *call, const char *kind, const char *bytes, size_t len)
{
    struct config_write write = {.call = call, .kind = kind, .bytes = bytes ? bytes : "", .len = len};
    return s3_write(call, config_work, &write);
}

bool s3_config_erase(struct s3_call *call, const char *kind)
{
    struct config_write write = {.call = call, .kind = kind};
    return s3_write(call, config_work, &write);
}

/* ---- the generic operations; the kind is the row's sub-resource */

static bool send_document(struct s3_call *call, const char *document, size_t len)
{
    s3_add(call, "Content-Type", "application/xml");
    buf_puts(&call->answer->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    buf_append(&call->answer->body, document, len);
    return s3_empty(call, 200);
}

static bool send_absent(struct s3_call *call, const struct config_kind *kind)
{
    if (s3_failed(call))
        return false;
    const char *inner = kind->fallback;
    if (call->bucket.object_lock && strcmp(kind->sub, "object-lock") == 0)
        inner = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
    if (!inner)
        return s3_fail(call, kind->missing);
    buf_puts(s3_xml_open(call, kind->root), inner);
    return s3_xml_close(call, kind->root);
}

bool s3_op_get_config(struct s3_call *call)
{
    size_t len;
    const struct config_kind *kind = find_kind(call->op->sub);
    const char *document = s3_config_load(call, kind->sub, &len);
    if (strcmp(kind->sub, "lifecycle") == 0)
        s3_add(call, "x-amz-transition-default-minimum-object-size", "all_storage_classes_128K");
    return document ? send_document(call, document, len) : send_absent(call, kind);
}

/* Checked, then written back from the tree: comments, prefixes and declarations of the client do not stay. */
static const char *take_document(struct s3_call *call, const struct config_kind *kind, const char *id)
{
    struct s3_checksum_ask ask;
    struct xml_node *root;
    if (!s3_checksum_verify(call, &ask) || !s3_xml_body(call, kind->root, &root) ||
        (kind->check && !kind->check(call, root)))
        return NULL;
    if (id && strcmp(xml_text(root, "Id", ""), id) != 0) {
        s3_fail_argument(call, "The id in the document and in the request differ", "id", id);
        return NULL;
    }
    struct buf out = BUF_INIT(S3_XML_MAX);
    s3_xml_tree(&out, root, true);
    char *document = out.failed ? NULL : arena_strdup(call->arena, buf_text(&out));
    buf_done(&out);
    if (!document)
        s3_fail(call, S3_MALFORMED_XML);
    return document;
}

bool s3_op_put_config(struct s3_call *call)
{
    const struct config_kind *kind = find_kind(call->op->sub);
    const char *document = take_document(call, kind, NULL);
    return document && s3_config_store(call, kind->sub, document, strlen(document)) &&
           s3_empty(call, kind->put_status ? kind->put_status : 200);
}

bool s3_op_delete_config(struct s3_call *call)
{
    return s3_config_erase(call, call->op->sub) && s3_empty(call, 204);
}

/* New objects are encrypted with AES256 unless the bucket says otherwise (since January 2023). */
bool s3_op_get_encryption(struct s3_call *call)
{
    size_t len;
    const char *document = s3_config_load(call, "encryption", &len);
    if (document)
        return send_document(call, document, len);
    if (s3_failed(call))
        return false;
    struct buf *out = s3_xml_open(call, "ServerSideEncryptionConfiguration");
    buf_puts(out, "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>"
                  "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>");
    return s3_xml_close(call, "ServerSideEncryptionConfiguration");
}

/* ---- kinds with ids */

static const char *kind_with_id(struct s3_call *call)
{
    const char *id = s3_call_query(call, "id");
    if (strlen(id) == 0 || strlen(id) > 64) {
        s3_fail_argument(call, "The id is not valid: 1 to 64 characters", "id", id);
        return NULL;
    }
    return arena_printf(call->arena, "%s:%s", call->op->sub, id);
}

bool s3_op_get_config_id(struct s3_call *call)
{
    size_t len;
    const char *kind = kind_with_id(call);
    const char *document = kind ? s3_config_load(call, kind, &len) : NULL;
    if (document)
        return send_document(call, document, len);
    return s3_failed(call) ? false : s3_fail(call, S3_NO_SUCH_CONFIGURATION);
}

bool s3_op_put_config_id(struct s3_call *call)
{
    const char *kind = kind_with_id(call);
    const char *document = kind ? take_document(call, find_kind(kind), s3_call_query(call, "id")) : NULL;
    return document && s3_config_store(call, kind, document, strlen(document)) && s3_empty(call, 200);
}

bool s3_op_delete_config_id(struct s3_call *call)
{
    size_t len;
    const char *kind = kind_with_id(call);
    if (!kind || !s3_config_load(call, kind, &len))
        return s3_failed(call) ? false : s3_fail(call, S3_NO_SUCH_CONFIGURATION);
    return s3_config_erase(call, kind) && s3_empty(call, 204);
}

bool s3_op_list_config_ids(struct s3_call *call)
{
    static const struct {
        const char *sub, *root;
    } lists[] = {
        {.sub = "analytics", .root = "ListBucketAnalyticsConfigurationsResult"},
        {.sub = "inventory", .root = "ListInventoryConfigurationsResult"},
        {.sub = "metrics", .root = "ListMetricsConfigurationsResult"},
        {.sub = "intelligent-tiering", .root = "ListBucketIntelligentTieringConfigurationsOutput"},
    };
    const char *root = lists[0].root;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        if (strcmp(lists[i].sub, call->op->sub) == 0)
            root = lists[i].root;
    }
    struct err err = ERR_NONE;
    struct db *db = s3_db(call);
    const char *prefix = arena_printf(call->arena, "%s:", call->op->sub);
    struct db_row *row = db ? db_query(db, &err,
                                       "select body from s3_config where bucket=? and substr(kind,1,?)=?"
                                       " order by kind",
                                       "iit", call->bucket.id, (int64_t)strlen(prefix), prefix)
                            : NULL;
    struct buf *out = s3_xml_open(call, root);
    while (row && db_step(row, &err)) {
        size_t len;
        const void *body = db_blob(row, 0, &len);
        buf_append(out, body, len);
    }
    if (row)
        db_end(row);
    if (err.code != ERR_OK)
        return s3_fail_internal(call, &err);
    s3_xml_bool(out, "IsTruncated", false);
    return s3_xml_close(call, root);
}
