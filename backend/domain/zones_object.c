/* The object feed: metadata, tags, versions, preview and verification of one object. Each part fails alone; what is
 * there is published as it comes. Feed thread. */
#include "backend/base/clock.h"
#include "backend/domain/preview.h"
#include "backend/domain/zones_private.h"
#include <stdio.h>
#include <string.h>

enum {
    OBJECT_ARENA = 32 * 1024 * 1024,
    CALL_ARENA = 64 * 1024 * 1024,
    VERIFY_MAX = 8 * 1024 * 1024, /* larger objects are verified when they are downloaded */
    VERSIONS_MAX = 1000,
    PARQUET_TAIL = 64 * 1024
};

struct look {
    struct zones *zones;
    struct aws *aws;
    struct feed *feed;
    const struct object_wish *wish;
    struct object_view view; /* texts in arena, which is copied into each snapshot */
    struct arena *arena;
    int calls;
};

static struct s3_ref ref_of(const struct look *look)
{
    return (struct s3_ref){.bucket = look->wish->bucket,
                           .key = look->wish->key,
                           .version_id = look->wish->version_id,
                           .cancel = feed_cancel(look->feed)};
}

/* --- parts --- */

static bool look_head(struct look *look, struct s3_head *head, struct err *err)
{
    struct s3_ref ref = ref_of(look);
    struct object_view *view = &look->view;
    look->calls++;
    if (!s3_head_object(look->aws, &ref, look->arena, head, err))
        return false;
    view->bytes = head->bytes;
    view->modified_ms = head->modified_ms;
    view->etag = head->etag;
    view->content_type = head->content_type;
    view->content_encoding = head->content_encoding;
    view->storage_class = *head->storage_class ? head->storage_class : "STANDARD";
    view->encryption = head->encryption;
    view->version_id = *head->version_id ? head->version_id : arena_strdup(look->arena, look->wish->version_id);
    view->metadata = head->metadata;
    view->checksum_name = head->has_checksum ? digest_name(head->checksum_kind) : "";
    view->checksum = head->checksum;
    if (head->checksum_is_composite)
        view->checksum_state = CHECKSUM_COMPOSITE;
    else if (head->bytes > VERIFY_MAX)
        view->checksum_state = CHECKSUM_TOO_LARGE;
    return true;
}

struct version_gather {
    struct look *look;
    struct version_row *rows;
    size_t count, cap;
};

static bool gather_versions(void *context, const struct s3_page *page)
{
    struct version_gather *gather = context;
    struct arena *arena = gather->look->arena;
    for (size_t i = 0; i < page->object_count; i++) {
        const struct s3_object *object = &page->objects[i];
        if (strcmp(object->key, gather->look->wish->key) != 0)
            continue; /* a longer key with the same beginning */
        struct version_row *rows = arena_grow(arena, gather->rows, gather->count, &gather->cap, sizeof *rows);
        if (!rows || gather->count == VERSIONS_MAX)
            return false;
        gather->rows = rows;
        rows[gather->count++] = (struct version_row){.version_id = arena_strdup(arena, object->version_id),
                                                     .bytes = object->bytes,
                                                     .modified_ms = object->modified_ms,
                                                     .is_latest = object->is_latest,
                                                     .is_delete_marker = object->is_delete_marker};
    }
    /* keys come in order: past ours there is nothing more of it */
    return !page->object_count || strcmp(page->objects[page->object_count - 1].key, gather->look->wish->key) <= 0;
}

static void look_versions(struct look *look)
{
    struct version_gather gather = {.look = look};
    struct s3_list list = {.bucket = look->wish->bucket, .prefix = look->wish->key, .cancel = feed_cancel(look->feed)};
    look->calls++;
    if (!s3_version_all(look->aws, &list, gather_versions, &gather, &look->view.versions_err))
        return;
    look->view.versions = gather.rows;
    look->view.version_count = gather.count;
}

static void look_tags(struct look *look)
{
    struct s3_ref ref = ref_of(look);
    look->calls++;
    if (!s3_get_tagging(look->aws, &ref, look->arena, &look->view.tags, NULL))
        look->view.tags = (struct pairs){0};
}

static bool read_range(struct look *look, int64_t first, int64_t last, struct buf *body, struct err *err)
{
    struct s3_get get = s3_get_init(look->wish->bucket, look->wish->key);
    struct arena *arena = arena_new(CALL_ARENA);
    get.ref = ref_of(look);
    get.has_range = first > 0 || last + 1 < look->view.bytes;
    get.first = first;
    get.last = last;
    get.if_match = look->view.etag;
    get.max_body = body->max;
    look->calls++;
    bool ok = s3_get_object(look->aws, &get, arena, NULL, body, err);
    arena_free(arena);
    return ok;
}

static bool read_part(void *context, int64_t first, int64_t last, struct buf *out, struct err *err)
{
    return read_range(context, first, last, out, err);
}

/* The facts are there whatever becomes of the rows. */
static void look_parquet_rows(struct look *look, const void *footer, size_t len)
{
    struct preview_reader reader = {
        .read = read_part, .context = look, .size = look->view.bytes, .cancel = feed_cancel(look->feed)};
    preview_parquet_rows(look->arena, &reader, footer, len, &look->view, &look->view.rows_err);
}

/* The footer by two ranged reads, or one when it is in the tail that was read first. */
static bool look_parquet(struct look *look, struct err *err)
{
    int64_t size = look->view.bytes, tail = size < PARQUET_TAIL ? size : PARQUET_TAIL;
    struct buf body = BUF_INIT(PREVIEW_FOOTER_MAX + 1024);
    bool ok = size >= 12 && read_range(look, size - tail, size - 1, &body, err);
    int64_t footer = ok && body.len >= 8 ? preview_parquet_footer_len(body.data + body.len - 8) : -1;
    if (ok && (footer < 0 || footer > size - 12))
        ok = err_set(err, ERR_PARSE, "it begins like Parquet but has no footer: is the file complete?");
    if (ok && footer > PREVIEW_FOOTER_MAX)
        ok = err_set(err, ERR_TOO_LARGE, "its Parquet footer has %lld bytes, more than is read for a preview",
                     (long long)footer);
    if (ok && footer + 8 > (int64_t)body.len) {
        buf_clear(&body);
        ok = read_range(look, size - footer - 8, size - 1, &body, err);
    }
    if (ok && (int64_t)body.len >= footer + 8)
        ok = preview_parquet(look->arena, body.data + body.len - 8 - footer, (size_t)footer, &look->view, err);
    if (ok)
        look_parquet_rows(look, body.data + body.len - 8 - footer, (size_t)footer);
    buf_done(&body);
    look->view.preview = PREVIEW_PARQUET;
    look->view.preview_format = "parquet";
    return ok;
}

static void look_preview(struct look *look)
{
    struct object_view *view = &look->view;
    struct buf body = BUF_INIT(PREVIEW_BYTES + 1024);
    int64_t wanted = view->bytes < PREVIEW_BYTES ? view->bytes : PREVIEW_BYTES;
    bool ok = wanted <= 0 || read_range(look, 0, wanted - 1, &body, &view->preview_err);
    if (ok && preview_is_parquet(body.data, body.len)) {
        look_parquet(look, &view->preview_err);
    } else if (ok && wanted > 0) {
        struct preview_input input = {.key = look->wish->key,
                                      .content_type = view->content_type,
                                      .bytes = body.data,
                                      .len = body.len,
                                      .is_whole = (int64_t)body.len == view->bytes};
        preview_make(look->arena, &input, view, &view->preview_err);
    } else if (ok) {
        view->preview_format = "empty";
        view->preview_is_whole = true;
    }
    buf_done(&body);
}

static void look_checksum(struct look *look, const struct s3_head *head)
{
    struct object_view *view = &look->view;
    struct buf body = BUF_INIT(VERIFY_MAX + 1024);
    uint8_t raw[DIGEST_MAX];
    char text[DIGEST_BASE64];
    if (!head->has_checksum || view->checksum_state != CHECKSUM_UNKNOWN)
        return;
    if (view->bytes == 0 || read_range(look, 0, view->bytes - 1, &body, NULL)) {
        base64_encode(raw, digest_of(head->checksum_kind, buf_text(&body), body.len, raw), text);
        view->checksum_state = strcmp(text, head->checksum) == 0 ? CHECKSUM_VERIFIED : CHECKSUM_MISMATCH;
    }
    buf_done(&body);
}

/* --- publishing: the parts' texts live in the last snapshot's arena, or are copied into an early one --- */

static const char *copy_text(struct arena *arena, const char *text)
{
    return arena_strdup(arena, text ? text : "");
}

/* An early snapshot with the head alone: the rest comes within the second. */
static void publish_head(struct look *look)
{
    struct snap *snap = snap_new(OBJECT_ARENA);
    struct object_view *view = ARENA_NEW(snap->arena, struct object_view);
    const struct object_view *from = &look->view;
    *view = (struct object_view){.bytes = from->bytes,
                                 .modified_ms = from->modified_ms,
                                 .checksum_state = from->checksum_state,
                                 .preview_is_whole = false};
    view->bucket = copy_text(snap->arena, from->bucket);
    view->key = copy_text(snap->arena, from->key);
    view->version_id = copy_text(snap->arena, from->version_id);
    view->etag = copy_text(snap->arena, from->etag);
    view->content_type = copy_text(snap->arena, from->content_type);
    view->content_encoding = copy_text(snap->arena, from->content_encoding);
    view->storage_class = copy_text(snap->arena, from->storage_class);
    view->encryption = copy_text(snap->arena, from->encryption);
    view->checksum_name = copy_text(snap->arena, from->checksum_name);
    view->checksum = copy_text(snap->arena, from->checksum);
    view->preview_format = "reading";
    zones_stamp(look->zones, snap, view, look->calls);
    feed_publish_partial(look->feed, snap);
}

static struct object_view blank_view(struct arena *arena, const struct object_wish *wish)
{
    return (struct object_view){.bucket = arena_strdup(arena, wish->bucket),
                                .key = arena_strdup(arena, wish->key),
                                .version_id = arena_strdup(arena, wish->version_id),
                                .bytes = -1,
                                .etag = "",
                                .content_type = "",
                                .content_encoding = "",
                                .storage_class = "",
                                .encryption = "",
                                .checksum_name = "",
                                .checksum = "",
                                .preview_format = ""};
}

/* Is this object on show already? Then no poorer view of it comes in between. */
static bool is_on_show(struct zones *zones, const struct object_wish *wish, bool *is_other)
{
    const struct snap *shown = snap_slot_get(zones->objects.slot);
    const struct object_view *view = shown ? shown->value : NULL;
    bool is_there = view && strcmp(view->bucket, wish->bucket) == 0 && strcmp(view->key, wish->key) == 0 &&
                    (!*wish->version_id || strcmp(view->version_id, wish->version_id) == 0);
    *is_other = view && !is_there;
    snap_put(shown);
    return is_there;
}

static bool look_at(struct look *look, struct err *err)
{
    struct s3_head head;
    bool is_other;
    look->aws = session_connect(look->zones->session, feed_cancel(look->feed), err);
    if (!look->aws || !look_head(look, &head, err))
        return false;
    if (!is_on_show(look->zones, look->wish, &is_other))
        publish_head(look);
    look_preview(look);
    look_tags(look);
    look_versions(look);
    look_checksum(look, &head);
    return true;
}

struct snap *zones_fetch_object(struct feed *feed, void *context, struct err *err)
{
    struct zones *zones = context;
    bool is_other;
    pthread_mutex_lock(&zones->lock);
    struct object_wish wish = zones->object;
    pthread_mutex_unlock(&zones->lock);
    struct snap *snap = snap_new(OBJECT_ARENA);
    struct object_view *view = ARENA_NEW(snap->arena, struct object_view);
    struct look look = {.zones = zones, .feed = feed, .wish = &wish, .arena = snap->arena};
    look.view = blank_view(snap->arena, &wish);
    if (*wish.key && !look_at(&look, err)) {
        is_on_show(zones, &wish, &is_other);
        if (!is_other || err->code == ERR_CANCELLED) {
            snap_put(snap);
            return NULL;
        }
        snap->err = *err; /* what is on show is another object: better nothing of this one, and why */
    }
    *view = look.view;
    zones_stamp(zones, snap, view, look.calls);
    return snap;
}
