/* Buckets: create, head, delete, list, location, versioning state. Their other configurations are s3_config.c's. */
#include "backend/local/s3.h"
#include "backend/local/store.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COLUMNS "id,name,created,region,versioning,object_lock,flags"

static void read_row(struct db_row *row, struct s3_bucket *bucket)
{
    *bucket = (struct s3_bucket){
        .id = db_int(row, 0),
        .created_ms = db_int(row, 2),
        .versioning = (enum s3_versioning)db_int(row, 4),
        .object_lock = db_int(row, 5) != 0,
        .flags = (unsigned)db_int(row, 6),
    };
    snprintf(bucket->name, sizeof bucket->name, "%s", db_text(row, 1));
    snprintf(bucket->region, sizeof bucket->region, "%s", db_text(row, 3));
}

enum s3_found s3_bucket_find(struct s3_call *call, struct db *db, const char *name, struct s3_bucket *bucket)
{
    struct err err = ERR_NONE;
    enum s3_found found = S3_FOUND_NO;
    struct db_row *row = db_query(db, &err, "select " COLUMNS " from s3_bucket where name=?", "t", name);
    if (row && db_step(row, &err)) {
        read_row(row, bucket);
        found = S3_FOUND_YES;
    }
    if (row)
        db_end(row);
    if (err.code == ERR_OK)
        return found;
    s3_fail_internal(call, &err);
    return S3_FOUND_ERROR;
}

bool s3_bucket_load(struct s3_call *call)
{
    struct db *db = s3_db(call);
    enum s3_found found = db ? s3_bucket_find(call, db, call->bucket_name, &call->bucket) : S3_FOUND_ERROR;
    if (found == S3_FOUND_NO)
        return s3_fail(call, s3_bucket_name_ok(call->bucket_name) ? S3_NO_SUCH_BUCKET : S3_INVALID_BUCKET_NAME);
    return found == S3_FOUND_YES;
}

/* "General purpose bucket naming rules", Amazon S3 User Guide. */
bool s3_bucket_name_ok(const char *name)
{
    static const char *const prefixes[] = {"xn--", "sthree-", "amzn-s3-demo-"};
    static const char *const suffixes[] = {"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"};
    size_t len = strlen(name);
    if (len < 3 || len > 63 || !isalnum((unsigned char)name[0]) || !isalnum((unsigned char)name[len - 1]))
        return false;
    int dots = 0, digits = 0;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];
        if (!(islower((unsigned char)c) || isdigit((unsigned char)c) || c == '-' || c == '.'))
            return false;
        if (c == '.' && (name[i + 1] == '.' || name[i + 1] == '-' || name[i - 1] == '-'))
            return false;
        dots += c == '.';
        digits += isdigit((unsigned char)c) != 0;
    }
    if (dots == 3 && (size_t)(dots + digits) == len)
        return false; /* looks like an IP address */
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (i < 2 && strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return false;
    }
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t n = strlen(suffixes[i]);
        if (len > n && strcmp(name + len - n, suffixes[i]) == 0)
            return false;
    }
    return true;
}

/* ---- CreateBucket */

struct create {
    struct s3_call *call;
    struct s3_bucket bucket;
    const char *acl, *ownership, *tagging; /* documents to store with it, NULL none */
};

static bool create_again(struct s3_call *call, const struct s3_bucket *old, const struct s3_bucket *wanted)
{
    /* only in us-east-1 a repeated creation succeeds, for old clients' sake */
    if (strcmp(old->region, "us-east-1") == 0 && strcmp(wanted->region, "us-east-1") == 0)
        return true;
    return s3_fail(call, S3_BUCKET_OWNED);
}

static bool store_document(struct db *db, int64_t bucket, const char *kind, const char *document, struct err *err)
{
    return !document || db_run(db, err, "insert into s3_config(bucket,kind,body) values(?,?,?)", "itb", bucket, kind,
                               document, strlen(document));
}

static bool create_work(struct db *db, void *context, struct err *err)
{
    struct create *create = context;
    struct s3_call *call = create->call;
    struct s3_bucket old;
    enum s3_found found = s3_bucket_find(call, db, call->bucket_name, &old);
    if (found != S3_FOUND_NO)
        return found == S3_FOUND_YES && create_again(call, &old, &create->bucket);
    struct s3_bucket *bucket = &create->bucket;
    bucket->flags = (create->acl ? S3_HAS_ACL : 0) | (create->ownership ? S3_HAS_OWNERSHIP : 0);
    if (!db_run(db, err, "insert into s3_bucket(name,created,region,versioning,object_lock,flags) values(?,?,?,?,?,?)",
                "titiii", call->bucket_name, call->now_ms, bucket->region, (int64_t)bucket->versioning,
                (int64_t)bucket->object_lock, (int64_t)bucket->flags))
        return false;
    int64_t id = db_last_id(db);
    return store_document(db, id, "acl", create->acl, err) &&
           store_document(db, id, "ownershipControls", create->ownership, err) &&
           store_document(db, id, "tagging", create->tagging, err);
}

static bool region_ok(const char *region)
{
    size_t len = strlen(region);
    return len >= 2 && len < 64 && strspn(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* <Tags> of the creation become the bucket's tagging document. */
static bool read_tags(struct s3_call *call, const struct xml_node *root, const char **document)
{
    const struct xml_node *tags = xml_child(root, "Tags");
    const char *packed;
    if (!tags)
        return true;
    struct xml_node set = *tags;
    set.name = "TagSet";
    set.next = NULL;
    struct xml_node tagging = {.name = "Tagging", .text = "", .child = &set};
    if (!s3_tags_from_xml(call, &tagging, 50, &packed))
        return false;
    struct buf out = BUF_INIT(64 * 1024);
    s3_xml_tree(&out, &tagging, true);
    *document = arena_strdup(call->arena, buf_text(&out));
    buf_done(&out);
    return true;
}

static bool read_location(struct s3_call *call, struct s3_bucket *bucket, const char **tagging)
{
    snprintf(bucket->region, sizeof bucket->region, "%s", call->cloud->region);
    if (call->req->body.len == 0)
        return true;
    struct xml_node *root;
    if (!s3_xml_body(call, "CreateBucketConfiguration", &root) || !read_tags(call, root, tagging))
        return false;
    const char *place = xml_text(root, "LocationConstraint", "");
    if (!*place)
        return true;
    if (!region_ok(place))
        return s3_fail_with(call, S3_INVALID_LOCATION, "LocationConstraint", place, NULL);
    snprintf(bucket->region, sizeof bucket->region, "%s", strcmp(place, "EU") == 0 ? "eu-west-1" : place);
    return true;
}

static bool read_ownership(struct s3_call *call, const char **document)
{
    const char *rule = s3_call_header(call, "x-amz-object-ownership");
    *document = NULL;
    if (!rule)
        return true;
    if (strcmp(rule, "BucketOwnerEnforced") != 0 && strcmp(rule, "BucketOwnerPreferred") != 0 &&
        strcmp(rule, "ObjectWriter") != 0)
        return s3_fail_argument(call, "Invalid x-amz-object-ownership header", "x-amz-object-ownership", rule);
    *document = arena_printf(call->arena,
                             "<OwnershipControls xmlns=\"%s\"><Rule><ObjectOwnership>%s</ObjectOwnership></Rule>"
                             "</OwnershipControls>",
                             S3_XMLNS, rule);
    return true;
}

bool s3_op_create_bucket(struct s3_call *call)
{
    struct create create = {.call = call};
    if (!s3_bucket_name_ok(call->bucket_name))
        return s3_fail(call, S3_INVALID_BUCKET_NAME);
    const char *lock = s3_call_header(call, "x-amz-bucket-object-lock-enabled");
    create.bucket.object_lock = lock && strcasecmp(lock, "true") == 0;
    create.bucket.versioning = create.bucket.object_lock ? S3_VERSIONED : S3_UNVERSIONED;
    if (!read_location(call, &create.bucket, &create.tagging) || !read_ownership(call, &create.ownership) ||
        !s3_acl_from_headers(call, &create.acl) || !s3_write(call, create_work, &create))
        return false;
    s3_addf(call, "Location", "/%s", call->bucket_name);
    return s3_empty(call, 200);
}

/* ---- head, location, delete */

bool s3_op_head_bucket(struct s3_call *call)
{
    s3_add(call, "x-amz-bucket-region", call->bucket.region);
    s3_add(call, "x-amz-access-point-alias", "false");
    s3_add(call, "Content-Type", "application/xml");
    return s3_empty(call, 200);
}

bool s3_op_get_location(struct s3_call *call)
{
    struct buf *out = s3_xml_open(call, "LocationConstraint");
    /* us-east-1 is the empty constraint */
    if (strcmp(call->bucket.region, "us-east-1") != 0)
        xml_write_escaped(out, call->bucket.region, strlen(call->bucket.region));
    return s3_xml_close(call, "LocationConstraint");
}

static bool bucket_is_empty(struct s3_call *call, struct db *db, struct err *err)
{
    struct db_row *row = db_query(db, err, "select 1 from s3_object where bucket=? limit 1", "i", call->bucket.id);
    bool has = row && db_step(row, err);
    if (row)
        db_end(row);
    return !has && err->code == ERR_OK;
}

/* Parts of uploads in progress go with their bucket. */
static bool drop_uploads(struct s3_call *call, struct db *db, struct err *err)
{
    struct db_row *row = db_query(db, err,
                                  "select p.body, p.place from s3_part p join s3_upload u on p.upload=u.id"
                                  " where u.bucket=?",
                                  "i", call->bucket.id);
    bool ok = row != NULL;
    while (ok && db_step(row, err))
        ok = s3_body_drop(call, db, db_int(row, 0), (enum s3_place)db_int(row, 1), err);
    if (row)
        db_end(row);
    return ok && err->code == ERR_OK &&
           db_run(db, err, "delete from s3_part where upload in (select id from s3_upload where bucket=?)", "i",
                  call->bucket.id) &&
           db_run(db, err, "delete from s3_upload where bucket=?", "i", call->bucket.id);
}

static bool delete_work(struct db *db, void *context, struct err *err)
{
    struct s3_call *call = context;
    enum s3_found found = s3_bucket_find(call, db, call->bucket_name, &call->bucket);
    if (found != S3_FOUND_YES)
        return found == S3_FOUND_NO ? s3_fail(call, S3_NO_SUCH_BUCKET) : false;
    if (!bucket_is_empty(call, db, err))
        return err->code == ERR_OK ? s3_fail(call, S3_BUCKET_NOT_EMPTY) : false;
    return drop_uploads(call, db, err) &&
           db_run(db, err, "delete from s3_config where bucket=?", "i", call->bucket.id) &&
           db_run(db, err, "delete from s3_done where bucket=?", "i", call->bucket.id) &&
           db_run(db, err, "delete from s3_bucket where id=?", "i", call->bucket.id);
}

bool s3_op_delete_bucket(struct s3_call *call)
{
    return s3_write(call, delete_work, call) && s3_empty(call, 204);
}

/* ---- ListBuckets */

static bool list_rows(struct s3_call *call, struct buf *out, const char *prefix, const char *after, int max)
{
    struct err err = ERR_NONE;
    struct db *db = s3_db(call);
    const char *region = s3_call_query(call, "bucket-region");
    struct db_row *row =
        db ? db_query(db, &err, "select " COLUMNS " from s3_bucket where name>? order by name", "t", after) : NULL;
    struct s3_bucket bucket;
    char last[64] = "", token[128];
    int count = 0;
    bool more = false;
    while (row && db_step(row, &err)) {
        read_row(row, &bucket);
        if (strncmp(bucket.name, prefix, strlen(prefix)) != 0 || (region && strcmp(bucket.region, region) != 0))
            continue;
        if ((more = count == max))
            break;
        count++;
        snprintf(last, sizeof last, "%s", bucket.name);
        buf_puts(out, "<Bucket>");
        xml_write_element(out, "Name", bucket.name);
        s3_xml_time(out, "CreationDate", bucket.created_ms);
        xml_write_element(out, "BucketRegion", bucket.region);
        buf_printf(out, "<BucketArn>arn:aws:s3:::%s</BucketArn></Bucket>", bucket.name);
    }
    if (row)
        db_end(row);
    buf_puts(out, "</Buckets>");
    if (more)
        xml_write_element(out, "ContinuationToken", base64_encode(last, strlen(last), token));
    return err.code == ERR_OK ? row != NULL : s3_fail_internal(call, &err);
}

bool s3_op_list_buckets(struct s3_call *call)
{
    int max;
    uint8_t after[256] = "";
    const char *prefix = s3_call_query(call, "prefix"), *token = s3_call_query(call, "continuation-token");
    if (!s3_call_query_int(call, "max-buckets", 10000, 10000, &max))
        return false;
    if (token && *token) {
        long len = strlen(token) < 128 ? base64_decode(token, strlen(token), after) : -1;
        if (len < 0)
            return s3_fail_argument(call, "The continuation token provided is incorrect", "continuation-token", token);
        after[len] = '\0';
    }
    struct buf *out = s3_xml_open(call, "ListAllMyBucketsResult");
    s3_xml_owner(out, "Owner");
    buf_puts(out, "<Buckets>");
    if (!list_rows(call, out, prefix ? prefix : "", (const char *)after, max))
        return false;
    if (prefix && *prefix)
        xml_write_element(out, "Prefix", prefix);
    return s3_xml_close(call, "ListAllMyBucketsResult");
}

/* ---- versioning */

bool s3_op_get_versioning(struct s3_call *call)
{
    static const char *const words[] = {[S3_VERSIONED] = "Enabled", [S3_SUSPENDED] = "Suspended"};
    struct buf *out = s3_xml_open(call, "VersioningConfiguration");
    if (call->bucket.versioning != S3_UNVERSIONED)
        xml_write_element(out, "Status", words[call->bucket.versioning]);
    return s3_xml_close(call, "VersioningConfiguration");
}

static bool versioning_work(struct db *db, void *context, struct err *err)
{
    struct s3_call *call = context;
    return db_run(db, err, "update s3_bucket set versioning=? where id=?", "ii", (int64_t)call->bucket.versioning,
                  call->bucket.id);
}

bool s3_op_put_versioning(struct s3_call *call)
{
    struct xml_node *root;
    if (!s3_xml_body(call, "VersioningConfiguration", &root))
        return false;
    const char *status = xml_text(root, "Status", "");
    if (strcmp(xml_text(root, "MfaDelete", "Disabled"), "Enabled") == 0)
        return s3_fail_text(call, S3_NOT_IMPLEMENTED, "MFA delete is not implemented by the embedded cloud.");
    if (strcmp(status, "Enabled") != 0 && strcmp(status, "Suspended") != 0)
        return s3_fail(call, S3_MALFORMED_XML);
    call->bucket.versioning = strcmp(status, "Enabled") == 0 ? S3_VERSIONED : S3_SUSPENDED;
    if (call->bucket.object_lock && call->bucket.versioning == S3_SUSPENDED)
        return s3_fail_text(call, S3_INVALID_BUCKET_STATE,
                            "An Object Lock configuration is present on this bucket, so "
                            "the versioning state cannot be changed.");
    return s3_write(call, versioning_work, call) && s3_empty(call, 200);
}
