/* ListObjects, ListObjectsV2 and ListObjectVersions: parameters in, pages out. The walk itself is s3_scan.c's. */
#include "backend/base/uri.h"
#include "backend/local/s3.h"
#include <stdio.h>
#include <string.h>

struct list {
    struct s3_call *call;
    const char *prefix, *delimiter, *after;
    int64_t after_seq;
    int max;
    bool url, owner, versions;
    /* the page */
    struct buf *out;
    struct buf common; /* <CommonPrefixes>, written behind the keys */
    int count;
    bool truncated;
    const char *last; /* key or common prefix of the last entry */
    const char *last_version;
};

static const char *param(const struct s3_call *call, const char *name)
{
    const char *value = s3_call_query(call, name);
    return value ? value : "";
}

static bool read_params(struct s3_call *call, struct list *list)
{
    *list = (struct list){.call = call, .after = "", .after_seq = INT64_MAX, .common = BUF_INIT(S3_ANSWER_MAX)};
    list->prefix = param(call, "prefix");
    list->delimiter = param(call, "delimiter");
    const char *encoding = s3_call_query(call, "encoding-type");
    list->url = encoding && strcmp(encoding, "url") == 0;
    if (encoding && *encoding && !list->url)
        return s3_fail_argument(call, "Invalid Encoding Method specified in Request", "encoding-type", encoding);
    const char *const texts[] = {"prefix", "delimiter", "marker", "start-after", "key-marker"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (!s3_text_is_utf8(param(call, texts[i])))
            return s3_fail(call, S3_INVALID_URI);
    }
    s3_add(call, "x-amz-bucket-region", call->bucket.region);
    return s3_call_query_int(call, "max-keys", S3_PAGE_MAX, S3_PAGE_MAX, &list->max);
}

static void write_object(struct list *list, const struct s3_object *object)
{
    struct buf *out = list->out;
    struct s3_checksum sum;
    const char *tag = !list->versions ? "Contents" : object->is_marker ? "DeleteMarker" : "Version";
    buf_printf(out, "<%s>", tag);
    s3_xml_key(out, "Key", object->key, list->url);
    if (list->versions) {
        xml_write_element(out, "VersionId", object->version ? object->version : "null");
        s3_xml_bool(out, "IsLatest", object->is_latest);
    }
    s3_xml_time(out, "LastModified", object->modified_ms);
    if (!object->is_marker) {
        s3_xml_etag(out, object->etag);
        if (s3_checksum_unpack(object->checksum, &sum))
            buf_printf(out, "<ChecksumAlgorithm>%s</ChecksumAlgorithm><ChecksumType>%s</ChecksumType>",
                       s3_checksum_upper(sum.kind), sum.type);
        s3_xml_int(out, "Size", object->size);
        xml_write_element(out, "StorageClass", object->storage);
    }
    if (list->owner)
        s3_xml_owner(out, "Owner");
    buf_printf(out, "</%s>", tag);
}

static void write_prefix(struct list *list, const char *prefix)
{
    buf_puts(&list->common, "<CommonPrefixes>");
    s3_xml_key(&list->common, "Prefix", prefix, list->url);
    buf_puts(&list->common, "</CommonPrefixes>");
}

/* Walks one page; one entry more tells whether there is another. */
static bool walk(struct list *list)
{
    struct s3_scan_options options = {
        .prefix = list->prefix,
        .delimiter = list->delimiter,
        .after = list->after,
        .after_seq = list->after_seq,
        .versions = list->versions,
    };
    struct db *db = s3_db(list->call);
    if (!db)
        return false;
    if (list->max == 0)
        return true;
    struct s3_scan *scan = s3_scan_open(list->call, db, &options);
    struct s3_scan_entry entry;
    int got;
    while ((got = s3_scan_next(scan, &entry)) == 1) {
        if ((list->truncated = list->count == list->max))
            break;
        list->count++;
        list->last = entry.prefix ? entry.prefix : entry.object.key;
        list->last_version = entry.prefix ? NULL : entry.object.version ? entry.object.version : "null";
        if (entry.prefix)
            write_prefix(list, entry.prefix);
        else
            write_object(list, &entry.object);
    }
    s3_scan_close(scan);
    return got >= 0;
}

static bool finish(struct list *list, const char *root)
{
    buf_append(list->out, buf_text(&list->common), list->common.len);
    if (list->common.failed)
        list->out->failed = true;
    return s3_xml_close(list->call, root);
}

static void write_head(struct list *list)
{
    struct buf *out = list->out;
    xml_write_element(out, "Name", list->call->bucket_name);
    s3_xml_key(out, "Prefix", list->prefix, list->url);
    s3_xml_int(out, "MaxKeys", list->max);
    if (*list->delimiter)
        s3_xml_key(out, "Delimiter", list->delimiter, list->url);
    if (list->url)
        xml_write_element(out, "EncodingType", "url");
}

bool s3_op_list_v1(struct s3_call *call)
{
    struct list list;
    if (!read_params(call, &list))
        return false;
    list.owner = true;
    list.after = param(call, "marker");
    list.out = s3_xml_open(call, "ListBucketResult");
    write_head(&list);
    s3_xml_key(list.out, "Marker", list.after, list.url);
    bool ok = walk(&list);
    s3_xml_bool(list.out, "IsTruncated", list.truncated);
    /* without a delimiter the client takes the last key */
    if (list.truncated && *list.delimiter)
        s3_xml_key(list.out, "NextMarker", list.last, list.url);
    ok = ok && finish(&list, "ListBucketResult");
    buf_done(&list.common);
    return ok;
}

/* Tokens are opaque: the last entry's text behind a letter, in base64. */
static const char *token_make(struct s3_call *call, const char *last)
{
    char *plain = arena_printf(call->arena, "1%s", last);
    char *token = arena_alloc(call->arena, 4 * ((strlen(plain) + 2) / 3) + 1);
    return base64_encode(plain, strlen(plain), token);
}

static bool token_read(struct s3_call *call, const char *token, const char **after)
{
    size_t len = strlen(token);
    uint8_t *plain = arena_alloc(call->arena, 3 * (len / 4) + 4);
    long n = len <= 4096 ? base64_decode(token, len, plain) : -1;
    if (n < 1 || plain[0] != '1' || memchr(plain, '\0', (size_t)n))
        return s3_fail_argument(call, "The continuation token provided is incorrect", "continuation-token", token);
    *after = (const char *)plain + 1;
    return true;
}

bool s3_op_list_v2(struct s3_call *call)
{
    struct list list;
    if (!read_params(call, &list))
        return false;
    const char *token = s3_call_query(call, "continuation-token"), *start = s3_call_query(call, "start-after");
    if (strcmp(s3_call_query(call, "list-type"), "2") != 0)
        return s3_fail_argument(call, "Invalid List Type specified in Request", "list-type",
                                s3_call_query(call, "list-type"));
    list.owner = strcmp(param(call, "fetch-owner"), "true") == 0;
    list.after = start ? start : "";
    if (token && !*token)
        return s3_fail_argument(call, "The continuation token provided is incorrect", "continuation-token", token);
    if (token && !token_read(call, token, &list.after))
        return false;
    list.out = s3_xml_open(call, "ListBucketResult");
    write_head(&list);
    if (token)
        xml_write_element(list.out, "ContinuationToken", token);
    if (start)
        s3_xml_key(list.out, "StartAfter", start, list.url);
    bool ok = walk(&list);
    s3_xml_int(list.out, "KeyCount", list.count);
    s3_xml_bool(list.out, "IsTruncated", list.truncated);
    if (list.truncated)
        xml_write_element(list.out, "NextContinuationToken", token_make(call, list.last));
    ok = ok && finish(&list, "ListBucketResult");
    buf_done(&list.common);
    return ok;
}

/* Where a page of versions starts; the marker version must be one of ours, "null" is looked up. */
static bool read_version_marker(struct s3_call *call, struct list *list, const char *version)
{
    struct s3_object object;
    if (!version || !*version)
        return true;
    if (!s3_call_query(call, "key-marker") || !*list->after)
        return s3_fail_argument(call, "A version-id marker cannot be specified without a key marker.",
                                "version-id-marker", version);
    if (!s3_version_id_is_valid(version))
        return s3_fail_argument(call, "Invalid version id specified", "version-id-marker", version);
    if (s3_version_id_seq(version, &list->after_seq))
        return true;
    struct db *db = s3_db(call);
    enum s3_found found = db ? s3_object_find(call, db, list->after, version, &object) : S3_FOUND_ERROR;
    if (found == S3_FOUND_YES)
        list->after_seq = object.seq;
    return found != S3_FOUND_ERROR;
}

bool s3_op_list_versions(struct s3_call *call)
{
    struct list list;
    const char *version = s3_call_query(call, "version-id-marker");
    if (!read_params(call, &list))
        return false;
    list.owner = list.versions = true;
    list.after = param(call, "key-marker");
    if (!read_version_marker(call, &list, version))
        return false;
    list.out = s3_xml_open(call, "ListVersionsResult");
    write_head(&list);
    s3_xml_key(list.out, "KeyMarker", list.after, list.url);
    xml_write_element(list.out, "VersionIdMarker", version ? version : "");
    bool ok = walk(&list);
    s3_xml_bool(list.out, "IsTruncated", list.truncated);
    if (list.truncated) {
        s3_xml_key(list.out, "NextKeyMarker", list.last, list.url);
        if (list.last_version)
            xml_write_element(list.out, "NextVersionIdMarker", list.last_version);
    }
    ok = ok && finish(&list, "ListVersionsResult");
    buf_done(&list.common);
    return ok;
}
