/* ListParts and ListMultipartUploads. */
#include "backend/local/s3_upload.h"
#include <string.h>

static const char *param(const struct s3_call *call, const char *name)
{
    const char *value = s3_call_query(call, name);
    return value ? value : "";
}

static void write_part(struct buf *out, const struct s3_part *part, bool with_checksum)
{
    buf_puts(out, "<Part>");
    s3_xml_int(out, "PartNumber", part->number);
    s3_xml_time(out, "LastModified", part->modified_ms);
    s3_xml_etag(out, part->etag);
    s3_xml_int(out, "Size", part->size);
    if (with_checksum)
        s3_checksum_xml(out, part->checksum, false);
    buf_puts(out, "</Part>");
}

bool s3_op_list_parts(struct s3_call *call)
{
    struct s3_upload upload;
    struct s3_part part;
    struct err err = ERR_NONE;
    int max, marker, last = 0, count = 0;
    bool more = false;
    if (!s3_call_query_int(call, "max-parts", S3_PAGE_MAX, S3_PAGE_MAX, &max) ||
        !s3_call_query_int(call, "part-number-marker", 0, S3_PARTS_MAX, &marker) || !s3_upload_need(call, &upload))
        return false;
    struct buf *out = s3_xml_open(call, "ListPartsResult");
    xml_write_element(out, "Bucket", call->bucket_name);
    xml_write_element(out, "Key", call->key);
    xml_write_element(out, "UploadId", upload.upload);
    s3_xml_owner(out, "Initiator");
    s3_xml_owner(out, "Owner");
    xml_write_element(out, "StorageClass", upload.storage);
    struct db_row *row = db_query(s3_db(call), &err,
                                  "select " S3_PART_COLUMNS " from s3_part where upload=? and number>? order by number",
                                  "ii", upload.id, (int64_t)marker);
    while (row && max > 0 && db_step(row, &err)) {
        if ((more = count == max))
            break;
        count++;
        s3_part_read(call, row, &part);
        write_part(out, &part, upload.names_kind);
        last = part.number;
    }
    if (row)
        db_end(row);
    if (err.code != ERR_OK)
        return s3_fail_internal(call, &err);
    s3_xml_int(out, "PartNumberMarker", marker);
    s3_xml_int(out, "NextPartNumberMarker", last);
    s3_xml_int(out, "MaxParts", max);
    s3_xml_bool(out, "IsTruncated", more);
    if (upload.names_kind) {
        xml_write_element(out, "ChecksumAlgorithm", s3_checksum_upper(upload.kind));
        xml_write_element(out, "ChecksumType", upload.type);
    }
    return s3_xml_close(call, "ListPartsResult");
}

/* ---- ListMultipartUploads */

struct uploads {
    struct s3_call *call;
    const char *prefix, *delimiter, *key_marker, *id_marker;
    bool url;
    int max, count;
    bool truncated;
    const char *last_key, *last_id;
    struct buf *out;
    struct buf common;
};

static void write_upload(struct uploads *list, const struct s3_upload *upload)
{
    buf_puts(list->out, "<Upload>");
    s3_xml_key(list->out, "Key", upload->key, list->url);
    xml_write_element(list->out, "UploadId", upload->upload);
    s3_xml_owner(list->out, "Initiator");
    s3_xml_owner(list->out, "Owner");
    xml_write_element(list->out, "StorageClass", upload->storage);
    s3_xml_time(list->out, "Initiated", upload->started_ms);
    if (upload->names_kind) {
        xml_write_element(list->out, "ChecksumAlgorithm", s3_checksum_upper(upload->kind));
        xml_write_element(list->out, "ChecksumType", upload->type);
    }
    buf_puts(list->out, "</Upload>");
}

/* True while the page has room; *folded is the common prefix given last. */
static bool take_upload(struct uploads *list, const struct s3_upload *upload, const char **folded)
{
    size_t common = s3_scan_common(upload->key, list->prefix, list->delimiter);
    if (common > 0 && ((*folded && strncmp(*folded, upload->key, common) == 0 && strlen(*folded) == common) ||
                       strncmp(list->key_marker, upload->key, common) == 0))
        return true;
    if ((list->truncated = list->count == list->max))
        return false;
    list->count++;
    list->last_key = upload->key;
    list->last_id = upload->upload;
    if (common == 0) {
        write_upload(list, upload);
        return true;
    }
    *folded = list->last_key = arena_strndup(list->call->arena, upload->key, common);
    buf_puts(&list->common, "<CommonPrefixes>");
    s3_xml_key(&list->common, "Prefix", *folded, list->url);
    buf_puts(&list->common, "</CommonPrefixes>");
    return true;
}

/* Uploads of one key come in the order they were started; the marker's own position is found by its row. */
static bool walk(struct uploads *list)
{
    struct s3_call *call = list->call;
    struct err err = ERR_NONE;
    struct db *db = s3_db(call);
    struct db_row *row =
        db ? db_query(db, &err,
                      "select " S3_UPLOAD_COLUMNS " from s3_upload where bucket=? and key>=? and"
                      " (key>? or (key=? and id>(select id from s3_upload where upload=?)))"
                      " order by key, id",
                      "itttt", call->bucket.id, list->prefix, list->key_marker, list->key_marker, list->id_marker)
           : NULL;
    struct s3_upload upload;
    const char *folded = NULL;
    while (row && list->max > 0 && db_step(row, &err)) {
        if (strncmp(db_text(row, 2), list->prefix, strlen(list->prefix)) != 0)
            break;
        s3_upload_read(call, row, &upload);
        if (!take_upload(list, &upload, &folded))
            break;
    }
    if (row)
        db_end(row);
    return err.code == ERR_OK ? row != NULL : s3_fail_internal(call, &err);
}

bool s3_op_list_uploads(struct s3_call *call)
{
    struct uploads list = {.call = call, .common = BUF_INIT(S3_ANSWER_MAX)};
    const char *encoding = s3_call_query(call, "encoding-type");
    list.url = encoding && strcmp(encoding, "url") == 0;
    if (encoding && *encoding && !list.url)
        return s3_fail_argument(call, "Invalid Encoding Method specified in Request", "encoding-type", encoding);
    if (!s3_call_query_int(call, "max-uploads", S3_PAGE_MAX, S3_PAGE_MAX, &list.max))
        return false;
    list.prefix = param(call, "prefix");
    list.delimiter = param(call, "delimiter");
    list.key_marker = param(call, "key-marker");
    /* an upload-id marker means nothing without a key marker */
    list.id_marker = *list.key_marker ? param(call, "upload-id-marker") : "";
    struct buf *out = list.out = s3_xml_open(call, "ListMultipartUploadsResult");
    xml_write_element(out, "Bucket", call->bucket_name);
    s3_xml_key(out, "KeyMarker", list.key_marker, list.url);
    xml_write_element(out, "UploadIdMarker", list.id_marker);
    s3_xml_key(out, "Prefix", list.prefix, list.url);
    if (*list.delimiter)
        s3_xml_key(out, "Delimiter", list.delimiter, list.url);
    if (list.url)
        xml_write_element(out, "EncodingType", "url");
    s3_xml_int(out, "MaxUploads", list.max);
    bool ok = walk(&list);
    s3_xml_bool(out, "IsTruncated", list.truncated);
    if (list.truncated) {
        s3_xml_key(out, "NextKeyMarker", list.last_key, list.url);
        xml_write_element(out, "NextUploadIdMarker", list.last_id);
    }
    buf_append(out, buf_text(&list.common), list.common.len);
    buf_done(&list.common);
    return ok && s3_xml_close(call, "ListMultipartUploadsResult");
}
