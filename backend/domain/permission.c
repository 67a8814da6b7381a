/* Permissions of the panes. */
#include "backend/domain/permission.h"
#include "backend/aws/glue.h"
#include "backend/aws/s3.h"
#include "backend/base/json.h"
#include <stdio.h>
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

static bool is_answered(json_t *answer)
{
    bool ok = answer != NULL;
    json_decref(answer);
    return ok;
}

static bool probe_databases(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    (void)bucket;
    return is_answered(glue_get_databases(aws, cancel, err));
}

static bool probe_crawlers(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    (void)bucket;
    return is_answered(glue_get_crawlers(aws, cancel, err));
}

/* A table to try things on; without one nothing can be said. */
static bool find_table(struct aws *aws, const struct cancel *cancel, char database[256], char table[256],
                       struct err *err)
{
    json_t *databases = glue_get_databases(aws, cancel, err), *one;
    size_t i;
    *database = *table = '\0';
    json_array_foreach(databases, i, one)
    {
        json_t *tables = *table ? NULL : glue_get_tables(aws, json_str(one, "Name"), cancel, err);
        if (json_array_size(tables)) {
            snprintf(database, 256, "%s", json_str(one, "Name"));
            snprintf(table, 256, "%s", json_str(json_array_get(tables, 0), "Name"));
        }
        json_decref(tables);
    }
    json_decref(databases);
    if (err->code != ERR_OK && !*table)
        return false;
    return *table || err_set(err, ERR_NOT_FOUND, "there is no table to try it on");
}

static bool probe_tables(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    char database[256], table[256];
    (void)bucket;
    return find_table(aws, cancel, database, table, err);
}

static bool probe_table(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    char database[256], table[256];
    (void)bucket;
    return find_table(aws, cancel, database, table, err) &&
           is_answered(glue_get_table(aws, database, table, cancel, err));
}

static bool probe_table_versions(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    char database[256], table[256];
    (void)bucket;
    return find_table(aws, cancel, database, table, err) &&
           is_answered(glue_get_table_versions(aws, database, table, cancel, err));
}

static bool probe_partitions(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    char database[256], table[256];
    struct glue_partition_filter one = {.max = 1};
    (void)bucket;
    return find_table(aws, cancel, database, table, err) &&
           is_answered(glue_get_partitions(aws, database, table, &one, cancel, err));
}

static bool probe_metrics(struct aws *aws, const char *bucket, const struct cancel *cancel, struct err *err)
{
    (void)bucket;
    return is_answered(glue_get_crawler_metrics(aws, NULL, cancel, err));
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
    {"catalog", "glue:GetDatabases", "list databases", probe_databases},
    {"catalog", "glue:GetTables", "list tables", probe_tables},
    {"catalog", "glue:GetTable", "details of a table", probe_table},
    {"catalog", "glue:GetTableVersions", "versions of a table", probe_table_versions},
    {"catalog", "glue:GetPartitions", "partitions of a table", probe_partitions},
    {"catalog", "glue:GetCrawlers", "crawlers and their state", probe_crawlers},
    {"catalog", "glue:GetCrawler", "follow a crawl", NULL},
    {"catalog", "glue:GetCrawlerMetrics", "what crawlers changed", probe_metrics},
    {"catalog", "glue:StartCrawler", "run a crawler", NULL},
    {"catalog", "glue:StopCrawler", "stop a crawler", NULL},
    {"catalog", "glue:CreateCrawler", "create a crawler", NULL},
    {"catalog", "s3:ListBucket", "bytes of a table's location", NULL},
    {"catalog", "athena:StartQueryExecution", "preview of a table", NULL},
    {"catalog", "athena:GetQueryExecution", "follow the preview", NULL},
    {"catalog", "athena:GetQueryResults", "rows of the preview", NULL},
    {"catalog", "athena:StopQueryExecution", "cancel the preview", NULL},
    {"catalog", "s3:GetObject", "the preview reads the table as you", NULL},
    {.pane = NULL},
};

static bool is_write(const char *action)
{
    static const char *const verbs[] = {":Put", ":Delete", ":Create", ":StartCrawler", ":StopCrawler"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (strstr(action, verbs[i]))
            return true;
    }
    return false;
}

static bool is_on_objects(const char *action)
{
    return strstr(action, "Object") && !strstr(action, "Bucket");
}

/* Two panes may need the same. */
static bool is_repeated(const struct permission_row *row)
{
    for (const struct permission_row *before = permission_rows; before < row; before++) {
        if (strcmp(before->action, row->action) == 0)
            return true;
    }
    return false;
}

static void statement(const char *pane, bool writes, bool on_objects, const char *resource, struct buf *out)
{
    const char *comma = "";
    buf_puts(out, "    {\n      \"Effect\": \"Allow\",\n      \"Action\": [");
    for (const struct permission_row *row = permission_rows; row->pane; row++) {
        if ((pane ? strcmp(pane, row->pane) != 0 : is_repeated(row)) || (is_write(row->action) && !writes) ||
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
