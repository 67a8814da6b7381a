/* The share that columns have in a table's Parquet files, told from the footer of the largest of the first few: the
 * bytes of their chunks in its first row group against those of all. See estimate_private.h. */
#include "backend/aws/s3.h"
#include "backend/domain/estimate_private.h"
#include "backend/domain/preview.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LOOKED_AT = 20, TAIL_BYTES = 64 * 1024, TAIL_ARENA = 64 << 20 };

/* The largest of the first objects that Athena reads (names of '_' and '.' are hidden). */
static bool choose_object(const struct estimate_request *request, const struct s3_name *place, struct arena *arena,
                          char key[1025], int64_t *bytes)
{
    struct s3_list list = {
        .bucket = place->bucket, .prefix = place->key, .max_keys = LOOKED_AT, .cancel = request->cancel};
    struct s3_page page = {0};
    struct err ignored = ERR_NONE;
    *bytes = 0;
    if (!s3_list_page(request->aws, &list, arena, &page, &ignored))
        return false;
    for (size_t i = 0; i < page.object_count; i++) {
        const struct s3_object *object = &page.objects[i];
        const char *slash = memrchr(object->key, '/', object->key_len);
        char first = slash ? slash[1] : object->key[0];
        if (first == '_' || first == '.' || object->bytes <= *bytes || object->key_len > 1024)
            continue;
        *bytes = object->bytes;
        memcpy(key, object->key, object->key_len);
        key[object->key_len] = '\0';
    }
    return *bytes > 12; /* the marks and the footer's length */
}

static bool read_range(const struct estimate_request *request, const char *bucket, const char *key, int64_t first,
                       int64_t last, struct arena *arena, struct buf *out)
{
    struct s3_get get = s3_get_init(bucket, key);
    struct err ignored = ERR_NONE;
    get.ref.cancel = request->cancel;
    get.has_range = true;
    get.first = first;
    get.last = last;
    get.max_body = out->max;
    return s3_get_object(request->aws, &get, arena, NULL, out, &ignored);
}

/* The footer's bytes at the end of *tail; 0 when there is none. */
static size_t read_footer(const struct estimate_request *request, const char *bucket, const char *key, int64_t bytes,
                          struct arena *arena, struct buf *tail)
{
    int64_t first = bytes > TAIL_BYTES ? bytes - TAIL_BYTES : 0;
    if (!read_range(request, bucket, key, first, bytes - 1, arena, tail) || tail->len < 8)
        return 0;
    int64_t len = preview_parquet_footer_len(tail->data + tail->len - 8);
    if (len <= 0 || len > PREVIEW_FOOTER_MAX || len + 8 > bytes)
        return 0;
    if ((size_t)len + 8 <= tail->len)
        return (size_t)len;
    buf_clear(tail);
    bool ok = read_range(request, bucket, key, bytes - len - 8, bytes - 1, arena, tail);
    return ok && tail->len == (size_t)len + 8 ? (size_t)len : 0;
}

static bool is_named(const char *column, const char *const *names)
{
    for (; *names; names++)
        if (strcasecmp(*names, column) == 0)
            return true;
    return false;
}

static bool add_up(const struct preview_plan *plan, const char *const *names, struct estimate_share *out)
{
    double all = 0, named = 0;
    const char *last = "";
    *out = (struct estimate_share){.of = 0};
    for (size_t i = 0; i < plan->chunk_count; i++) {
        const struct preview_chunk *chunk = &plan->chunks[i];
        bool is_one = is_named(chunk->column, names);
        if (chunk->len < 0)
            return false;
        all += (double)chunk->len;
        named += is_one ? (double)chunk->len : 0;
        if (strcmp(last, chunk->column) != 0) { /* a row column has several chunks */
            out->of++;
            out->named += is_one;
        }
        last = chunk->column;
    }
    out->share = all > 0 ? named / all : 0;
    return all > 0;
}

bool estimate_column_share(const struct estimate_request *request, const struct s3_name *place,
                           const char *const *names, struct estimate_share *out)
{
    struct arena *arena = arena_new(TAIL_ARENA);
    struct buf tail = BUF_INIT(PREVIEW_FOOTER_MAX + TAIL_BYTES);
    struct preview_plan plan = {0};
    struct err ignored = ERR_NONE;
    char key[1025];
    int64_t bytes;
    size_t len = choose_object(request, place, arena, key, &bytes)
                     ? read_footer(request, place->bucket, key, bytes, arena, &tail)
                     : 0;
    bool ok = len > 0 && preview_parquet_plan(arena, tail.data + tail.len - 8 - len, len, &plan, &ignored) &&
              add_up(&plan, names, out);
    buf_done(&tail);
    arena_free(arena);
    return ok;
}
