/* Listings: ListObjectsV2 and ListObjectVersions, page by page. Keys are asked for URL-encoded, because XML cannot
 * carry all of them. Calls wait, any thread; the decoders are pure. */
#include "backend/aws/s3_call.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include <stdio.h>
#include <string.h>

enum { PAGE_ARENA = 64 * 1024 * 1024 };
static const struct s3_op op_list = {.name = "ListObjectsV2", .method = "GET", .permission = "s3:ListBucket"};
static const struct s3_op op_versions = {
    .name = "ListObjectVersions", .method = "GET", .permission = "s3:ListBucketVersions"};

static void begin_list(struct s3_call *s3, struct aws *aws, const struct s3_op *op, const struct s3_list *list)
{
    s3_begin(s3, aws, op, list->bucket, NULL, list->cancel);
    if (list->prefix && *list->prefix) /* for error texts only: the prefix is what the operator asked for */
        snprintf(s3->object, sizeof s3->object, "%s/%s", list->bucket, list->prefix);
    if (list->delimiter && *list->delimiter)
        s3_param(s3, "delimiter", list->delimiter);
    s3_param(s3, "encoding-type", "url");
    if (list->max_keys > 0)
        s3_param_int(s3, "max-keys", list->max_keys);
    if (list->prefix && *list->prefix)
        s3_param(s3, "prefix", list->prefix);
}

/* --- decoding --- */
struct decode {
    struct arena *arena;
    bool is_encoded; /* the store says that it URL-encoded the keys */
    struct buf scratch;
};

static const char *decode_text(struct decode *decode, const struct xml_node *node, const char *name, size_t *len)
{
    const struct xml_node *child = xml_child(node, name);
    const char *text = child ? child->text : "";
    size_t text_len = child ? child->text_len : 0;
    if (decode->is_encoded) {
        buf_clear(&decode->scratch);
        if (uri_decode(text, text_len, true, &decode->scratch)) {
            text = buf_text(&decode->scratch);
            text_len = decode->scratch.len;
        }
    }
    if (len)
        *len = text_len;
    return arena_strndup(decode->arena, text, text_len);
}

static struct s3_object decode_object(struct decode *decode, const struct xml_node *node)
{
    char etag[80];
    struct s3_object object = {.bytes = xml_int(node, "Size", 0)};
    object.key = decode_text(decode, node, "Key", &object.key_len);
    if (!text_parse_time(xml_text(node, "LastModified", ""), &object.modified_ms))
        object.modified_ms = 0;
    object.etag = arena_strdup(decode->arena, s3_unquote(xml_text(node, "ETag", ""), etag, sizeof etag));
    object.storage_class = arena_strdup(decode->arena, xml_text(node, "StorageClass", ""));
    object.version_id = arena_strdup(decode->arena, xml_text(node, "VersionId", ""));
    object.is_latest = strcmp(xml_text(node, "IsLatest", "true"), "true") == 0;
    object.is_delete_marker = strcmp(node->name, "DeleteMarker") == 0;
    return object;
}

static bool is_object(const struct xml_node *node)
{
    return strcmp(node->name, "Contents") == 0 || strcmp(node->name, "Version") == 0 ||
           strcmp(node->name, "DeleteMarker") == 0;
}

static bool decode_rows(struct decode *decode, const struct xml_node *root, struct s3_page *page)
{
    size_t objects = 0, prefixes = 0;
    for (const struct xml_node *node = root->child; node; node = node->next) {
        objects += is_object(node);
        if (strcmp(node->name, "CommonPrefixes") == 0)
            for (const struct xml_node *name = xml_child(node, "Prefix"); name; name = xml_next(name))
                prefixes++;
    }
    page->objects = objects ? ARENA_ARRAY(decode->arena, struct s3_object, objects) : NULL;
    page->prefixes = prefixes ? ARENA_ARRAY(decode->arena, struct s3_prefix, prefixes) : NULL;
    if (arena_failed(decode->arena))
        return false;
    for (const struct xml_node *node = root->child; node; node = node->next) {
        if (is_object(node))
            page->objects[page->object_count++] = decode_object(decode, node);
        if (strcmp(node->name, "CommonPrefixes") != 0)
            continue;
        struct xml_node wrapper = *node;
        for (const struct xml_node *name = xml_child(node, "Prefix"); name; name = xml_next(name)) {
            struct s3_prefix *prefix = &page->prefixes[page->prefix_count++];
            wrapper.child = (struct xml_node *)name;
            prefix->name = decode_text(decode, &wrapper, "Prefix", &prefix->len);
        }
    }
    return !arena_failed(decode->arena);
}

static bool decode_page(const struct xml_node *root, struct arena *arena, struct s3_page *page, struct err *err)
{
    struct decode decode = {.arena = arena, .scratch = BUF_INIT(8 * 1024)};
    decode.is_encoded = strcmp(xml_text(root, "EncodingType", ""), "url") == 0;
    *page = (struct s3_page){.is_truncated = strcmp(xml_text(root, "IsTruncated", "false"), "true") == 0};
    bool ok = decode_rows(&decode, root, page);
    if (ok && page->is_truncated) {
        page->token = arena_strdup(arena, xml_text(root, "NextContinuationToken", ""));
        page->key_marker = decode_text(&decode, root, "NextKeyMarker", NULL);
        page->version_marker = arena_strdup(arena, xml_text(root, "NextVersionIdMarker", ""));
    }
    buf_done(&decode.scratch);
    if (!ok || arena_failed(arena))
        return err_set(err, ERR_TOO_LARGE, "the listing's page is larger than the allowed maximum");
    return true;
}

static bool check_token(const struct s3_list *list, const struct s3_page *page, struct err *err)
{
    if (page->is_truncated && !*page->token)
        return err_set(err, ERR_PROTOCOL,
                       "s3 ListObjectsV2 on %.100s/%.100s: there is more, but no token to go on with", list->bucket,
                       list->prefix ? list->prefix : "");
    if (page->is_truncated && list->token && strcmp(page->token, list->token) == 0)
        return err_set(err, ERR_PROTOCOL,
                       "s3 ListObjectsV2 on %.100s/%.80s: the endpoint repeats its continuation token, stopped",
                       list->bucket, list->prefix ? list->prefix : "");
    return true;
}

static bool check_markers(const struct s3_list *list, const struct s3_page *page, struct err *err)
{
    if (!page->is_truncated)
        return true;
    if (!*page->key_marker)
        return err_set(err, ERR_PROTOCOL, "s3 ListObjectVersions on %.100s: there is more, but no marker to go on with",
                       list->bucket);
    if (list->key_marker && strcmp(page->key_marker, list->key_marker) == 0 &&
        strcmp(page->version_marker, list->version_marker ? list->version_marker : "") == 0)
        return err_set(err, ERR_PROTOCOL, "s3 ListObjectVersions on %.100s: the endpoint repeats its marker, stopped",
                       list->bucket);
    return true;
}

bool s3_list_decode(const struct s3_list *list, const char *body, size_t len, struct arena *arena, struct s3_page *page,
                    struct err *err)
{
    const struct xml_node *root = xml_parse(arena, body, len, err);
    if (!root || strcmp(root->name, "ListBucketResult") != 0)
        return err_set(err, ERR_PROTOCOL, "the answer is no <ListBucketResult>: check that the endpoint is S3");
    return decode_page(root, arena, page, err) && check_token(list, page, err);
}

bool s3_version_decode(const struct s3_list *list, const char *body, size_t len, struct arena *arena,
                       struct s3_page *page, struct err *err)
{
    const struct xml_node *root = xml_parse(arena, body, len, err);
    if (!root || strcmp(root->name, "ListVersionsResult") != 0)
        return err_set(err, ERR_PROTOCOL, "the answer is no <ListVersionsResult>: check that the endpoint is S3");
    return decode_page(root, arena, page, err) && check_markers(list, page, err);
}

/* --- pages --- */

bool s3_list_page(struct aws *aws, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                  struct err *err)
{
    struct s3_call s3;
    begin_list(&s3, aws, &op_list, list);
    s3_param(&s3, "list-type", "2");
    if (list->token)
        s3_param(&s3, "continuation-token", list->token);
    else if (list->start_after && *list->start_after)
        s3_param(&s3, "start-after", list->start_after);
    const struct xml_node *root = s3_send_for(&s3, arena, "ListBucketResult", err);
    bool ok = root && decode_page(root, arena, page, err) && check_token(list, page, err);
    s3_end(&s3);
    return ok;
}

bool s3_version_page(struct aws *aws, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                     struct err *err)
{
    struct s3_call s3;
    begin_list(&s3, aws, &op_versions, list);
    s3_param(&s3, "versions", NULL);
    if (list->key_marker && *list->key_marker)
        s3_param(&s3, "key-marker", list->key_marker);
    if (list->version_marker && *list->version_marker)
        s3_param(&s3, "version-id-marker", list->version_marker);
    const struct xml_node *root = s3_send_for(&s3, arena, "ListVersionsResult", err);
    bool ok = root && decode_page(root, arena, page, err) && check_markers(list, page, err);
    s3_end(&s3);
    return ok;
}

struct walk {
    bool (*page)(struct aws *aws, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                 struct err *err);
    const char *(*next)(const struct s3_page *page, struct s3_list *list, struct arena *keep);
};

static const char *next_token(const struct s3_page *page, struct s3_list *list, struct arena *keep)
{
    list->token = arena_strdup(keep, page->token);
    return list->token;
}

static const char *next_marker(const struct s3_page *page, struct s3_list *list, struct arena *keep)
{
    list->key_marker = arena_strdup(keep, page->key_marker);
    list->version_marker = arena_strdup(keep, page->version_marker);
    return arena_printf(keep, "%s %s", list->key_marker, list->version_marker);
}

/* Two small arenas take turns with the token: the one that holds the present token is not the one being filled. */
static bool walk_all(struct aws *aws, const struct walk *walk, const struct s3_list *from, s3_on_page *on_page,
                     void *context, struct err *err)
{
    struct s3_list list = *from;
    struct s3_token_guard guard = {0};
    struct arena *pages = arena_new(PAGE_ARENA), *keep[2] = {arena_new(64 * 1024), arena_new(64 * 1024)};
    bool ok = true, more = true;
    for (int turn = 0; ok && more; turn ^= 1) {
        struct s3_page page;
        arena_reset(pages);
        ok = walk->page(aws, &list, pages, &page, err);
        more = ok && on_page(context, &page) && page.is_truncated;
        if (!more)
            break;
        arena_reset(keep[turn]);
        const char *next = walk->next(&page, &list, keep[turn]);
        if (!next || s3_token_guard_seen(&guard, next))
            ok = err_set(err, ERR_PROTOCOL, "listing %.120s: the endpoint's tokens go round in a circle, stopped",
                         list.bucket);
    }
    arena_free(pages);
    arena_free(keep[0]);
    arena_free(keep[1]);
    return ok;
}

bool s3_list_all(struct aws *aws, const struct s3_list *list, s3_on_page *on_page, void *context, struct err *err)
{
    static const struct walk objects = {.page = s3_list_page, .next = next_token};
    return walk_all(aws, &objects, list, on_page, context, err);
}

bool s3_version_all(struct aws *aws, const struct s3_list *list, s3_on_page *on_page, void *context, struct err *err)
{
    static const struct walk versions = {.page = s3_version_page, .next = next_marker};
    return walk_all(aws, &versions, list, on_page, context, err);
}
