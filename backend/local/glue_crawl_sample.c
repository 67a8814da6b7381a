/* What one object is: its first bytes, uncompressed when it is gzip; of Parquet the footer. Formats by content, never
 * by name. */
#include "backend/base/digest.h"
#include "backend/base/gzip.h"
#include "backend/local/glue_crawl.h"
#include "backend/local/s3_inside.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FOOTER_MAX = 64 << 20, GZIP_STEP = 64 * 1024, ARRAY_MAX = 16 << 20 };

static bool read_at(int fd, int64_t offset, size_t len, struct buf *out)
{
    char *at = buf_reserve(out, len);
    size_t done = 0;
    while (at && done < len) {
        ssize_t got = pread(fd, at + done, len - done, offset + (int64_t)done);
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    if (at)
        out->len += done;
    return at && done == len;
}

static bool infer_parquet(struct crawl *crawl, int fd, int64_t size, struct glue_schema *schema)
{
    struct buf tail = BUF_INIT(16), footer = BUF_INIT(FOOTER_MAX);
    bool ok = size >= 12 && read_at(fd, size - 8, 8, &tail) && memcmp(tail.data + 4, "PAR1", 4) == 0;
    if (ok) {
        const unsigned char *bytes = (const unsigned char *)tail.data;
        uint32_t len =
            (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        ok = len < FOOTER_MAX && (int64_t)len <= size - 12 && read_at(fd, size - 8 - len, len, &footer) &&
             glue_infer_parquet(footer.data, footer.len, crawl->arena, schema);
        schema->bytes = size;
    }
    buf_done(&tail);
    buf_done(&footer);
    return ok;
}

/* Up to max uncompressed bytes; *used gets how many compressed ones they are. A damaged end is fine when enough came.
 */
static bool gunzip(int fd, int64_t size, size_t max, struct buf *out, int64_t *used, bool *is_whole)
{
    struct gzip *gzip = gzip_decompressor();
    struct buf part = BUF_INIT(GZIP_STEP + 1);
    struct err err = ERR_NONE;
    bool ok = true;
    while (ok && *used < size && out->len < max) {
        size_t len = size - *used < GZIP_STEP ? (size_t)(size - *used) : GZIP_STEP;
        buf_clear(&part);
        ok = read_at(fd, *used, len, &part) &&
             gzip_feed(gzip, part.data, part.len, *used + (int64_t)len == size, out, &err);
        *used += (int64_t)len;
    }
    *is_whole = ok && *used == size;
    gzip_free(gzip);
    buf_done(&part);
    return out->len > 0;
}

/* Custom classifiers come first, then the built-in ones. */
static bool infer_text(struct crawl *crawl, const struct buf *text, bool is_whole, struct glue_schema *schema)
{
    for (size_t i = 0; i < crawl->rule_count; i++) {
        if (glue_infer_csv_by(&crawl->rules[i], text->data, text->len, is_whole, crawl->arena, schema))
            return true;
        *schema = (struct glue_schema){.is_gzip = schema->is_gzip};
    }
    if (glue_infer_json(text->data, text->len, is_whole, crawl->arena, schema))
        return true;
    *schema = (struct glue_schema){.is_gzip = schema->is_gzip};
    return glue_infer_csv(text->data, text->len, is_whole, crawl->arena, schema);
}

static bool infer_open(struct crawl *crawl, int fd, int64_t size, size_t max, struct glue_schema *schema)
{
    struct buf raw = BUF_INIT(ARRAY_MAX + 16), text = BUF_INIT(ARRAY_MAX + (1 << 20));
    size_t head = size < (int64_t)max ? (size_t)size : max;
    bool is_whole = (int64_t)head == size, ok = read_at(fd, 0, head, &raw);
    if (ok && raw.len >= 4 && memcmp(raw.data, "PAR1", 4) == 0) {
        ok = infer_parquet(crawl, fd, size, schema);
    } else if (ok && gzip_is_magic(raw.data, raw.len)) {
        int64_t used = 0;
        schema->is_gzip = true;
        ok = gunzip(fd, size, max, &text, &used, &is_whole) && infer_text(crawl, &text, is_whole, schema);
        /* figures are by stored bytes: what an average record takes there */
        if (ok && text.len)
            schema->bytes = (int64_t)((double)schema->bytes * (double)used / (double)text.len);
    } else if (ok) {
        ok = infer_text(crawl, &raw, is_whole, schema);
    }
    buf_done(&raw);
    buf_done(&text);
    return ok;
}

bool glue_crawl_sample(struct crawl *crawl, const char *bucket, const struct crawl_file *file, size_t max,
                       struct glue_schema *schema, struct err *err)
{
    char path[4200];
    unsigned char unique[8];
    random_bytes(unique, sizeof unique);
    int len = snprintf(path, sizeof path, "%s/crawl-", crawl->cloud->temporary);
    hex_encode(unique, sizeof unique, path + len);
    *schema = (struct glue_schema){.format = GLUE_FORMAT_UNKNOWN};
    if (!s3_inside_link(crawl->cloud, bucket, file->key, path, err)) {
        if (err->code == ERR_NOT_FOUND)
            *err = ERR_NONE; /* deleted since it was listed */
        return false;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    unlink(path);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "reading s3://%s/%.150s", bucket, file->key);
    bool ok = infer_open(crawl, fd, file->size, max, schema);
    close(fd);
    if (ok && arena_failed(crawl->arena))
        ok = err_set(err, ERR_TOO_LARGE, "the crawl needs more than its memory at s3://%s/%.100s", bucket, file->key);
    if (!ok)
        schema->format = GLUE_FORMAT_UNKNOWN;
    return ok;
}
