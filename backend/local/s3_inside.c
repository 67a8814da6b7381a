/* See s3_inside.h. Writes go through the ordinary operations with a request made here; listings and links use the rows.
 */
#include "backend/local/s3_inside.h"
#include "backend/base/path.h"
#include "backend/base/uri.h"
#include "backend/local/s3.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 1000, COPY_STEP = 256 * 1024, LINK_TRIES = 16 };

/* The answer's <Code> and <Message> as an error. */
static bool take_error(const struct answer *answer, const char *bucket, const char *key, struct err *err)
{
    char code[64] = "InternalError", message[160] = "";
    const char *text = buf_text(&answer->body), *at = strstr(text, "<Code>");
    if (at)
        sscanf(at, "<Code>%63[^<]", code);
    if ((at = strstr(text, "<Message>")))
        sscanf(at, "<Message>%159[^<]", message);
    err_set(err,
            answer->status == 404  ? ERR_NOT_FOUND
            : answer->status < 500 ? ERR_REFUSED
                                   : ERR_FAILED,
            "s3://%.63s/%.80s: %s: %s", bucket, key, code, message);
    if (err)
        snprintf(err->service_code, sizeof err->service_code, "%s", code);
    return false;
}

bool s3_inside_bucket_exists(struct cloud *cloud, const char *bucket)
{
    struct s3_errand errand;
    bool exists = s3_errand_open(&errand, cloud, bucket);
    s3_errand_close(&errand);
    return exists;
}

/* ---- listing: a page of memory at a time */

struct walk {
    const char *prefix, *delimiter;
    s3_inside_each *each;
    void *context;
    char after[S3_KEY_MAX + 8];
    bool is_over;
};

static bool walk_page(struct s3_call *call, struct walk *walk)
{
    struct s3_scan_options options = {
        .prefix = walk->prefix, .delimiter = walk->delimiter, .after = walk->after, .after_seq = INT64_MAX};
    struct s3_scan_entry entry;
    struct db *db = s3_db(call);
    struct s3_scan *scan = db ? s3_scan_open(call, db, &options) : NULL;
    int got = -1, count = 0;
    while (scan && !walk->is_over && count++ < PAGE && (got = s3_scan_next(scan, &entry)) == 1) {
        struct s3_inside_object object = {.key = entry.prefix ? entry.prefix : entry.object.key,
                                          .is_prefix = entry.prefix != NULL,
                                          .bytes = entry.object.size,
                                          .modified_ms = entry.object.modified_ms,
                                          .etag = entry.object.etag};
        snprintf(walk->after, sizeof walk->after, "%s", object.key);
        walk->is_over = !walk->each(walk->context, &object);
    }
    walk->is_over = walk->is_over || got == 0;
    if (scan)
        s3_scan_close(scan);
    return got >= 0;
}

bool s3_inside_list(struct cloud *cloud, const char *bucket, const char *prefix, const char *delimiter,
                    s3_inside_each *each, void *context, struct err *err)
{
    struct walk walk = {.prefix = prefix, .delimiter = delimiter, .each = each, .context = context};
    bool ok = true;
    while (ok && !walk.is_over) {
        struct s3_errand errand;
        ok = s3_errand_open(&errand, cloud, bucket) && walk_page(&errand.call, &walk);
        if (!ok)
            take_error(&errand.answer, bucket, prefix, err);
        s3_errand_close(&errand);
    }
    return ok;
}

/* ---- reading */

static bool find_current(struct s3_errand *errand, struct cloud *cloud, const char *bucket, const char *key,
                         struct s3_object *object)
{
    if (!s3_errand_open(errand, cloud, bucket))
        return false;
    errand->call.key = key;
    return s3_object_need(&errand->call, object);
}

static bool read_file(int fd, int64_t size, struct buf *out, struct err *err)
{
    while (size > 0) {
        char *room = buf_reserve(out, COPY_STEP);
        ssize_t n = room ? read(fd, room, COPY_STEP) : 0;
        if (!room)
            return err_set(err, ERR_TOO_LARGE, "the object passes the maximum of its reader");
        if (n <= 0)
            return err_set_errno(err, ERR_IO, "reading an object's bytes");
        out->len += (size_t)n;
        out->data[out->len] = '\0';
        size -= n;
    }
    return true;
}

/* One try; *gone: overwritten meanwhile. */
static bool try_read(struct cloud *cloud, const char *bucket, const char *key, struct buf *out, bool *gone,
                     struct err *err)
{
    struct s3_errand errand;
    struct s3_object object;
    const char *bytes = NULL;
    *gone = false;
    bool ok = find_current(&errand, cloud, bucket, key, &object);
    int fd = ok ? s3_body_open(&errand.call, object.body, object.place, &bytes, gone) : -1;
    if (bytes)
        ok = buf_append(out, bytes, (size_t)object.size) ||
             err_set(err, ERR_TOO_LARGE, "s3://%s/%.100s passes the maximum of its reader", bucket, key);
    else if (fd >= 0)
        ok = read_file(fd, object.size, out, err);
    else
        ok = take_error(&errand.answer, bucket, key, err);
    if (fd >= 0)
        close(fd);
    s3_errand_close(&errand);
    return ok;
}

bool s3_inside_read(struct cloud *cloud, const char *bucket, const char *key, struct buf *out, struct err *err)
{
    bool gone = true, ok = false;
    for (int i = 0; gone && i < LINK_TRIES; i++)
        ok = try_read(cloud, bucket, key, out, &gone, err);
    return ok;
}

static bool try_link(struct cloud *cloud, const char *bucket, const char *key, const char *path, bool *gone,
                     struct err *err)
{
    struct s3_errand errand;
    struct s3_object object;
    char from[4096];
    const char *bytes;
    *gone = false;
    bool ok = find_current(&errand, cloud, bucket, key, &object);
    if (!ok) {
        take_error(&errand.answer, bucket, key, err);
    } else if (object.place == S3_PLACE_FILE) {
        ok = s3_body_path(cloud, object.body, from) && link(from, path) == 0;
        *gone = !ok && errno == ENOENT && access(from, F_OK) != 0;
        if (!ok)
            err_set_errno(err, ERR_IO, "linking s3://%s/%.100s to %.200s", bucket, key, path);
    } else {
        s3_body_open(&errand.call, object.body, object.place, &bytes, gone);
        ok = bytes && path_write_atomic(path, bytes, (size_t)object.size, 0600, err);
    }
    s3_errand_close(&errand);
    return ok;
}

bool s3_inside_link(struct cloud *cloud, const char *bucket, const char *key, const char *path, struct err *err)
{
    bool gone = true, ok = false;
    for (int i = 0; gone && i < LINK_TRIES; i++)
        ok = try_link(cloud, bucket, key, path, &gone, err);
    return ok;
}

/* ---- writing, by the service's own operations */

struct order {
    struct request req;
    struct buf path;
};

static bool make_order(struct order *order, struct cloud *cloud, const char *method, const char *bucket,
                       const char *key, struct err *err)
{
    *order = (struct order){.path = BUF_INIT(8192)};
    buf_printf(&order->path, "/%s/", bucket);
    uri_encode(key, strlen(key), true, &order->path);
    order->req = (struct request){.cloud = cloud,
                                  .method = method,
                                  .raw_path = buf_text(&order->path),
                                  .raw_query = "",
                                  .id = "inside",
                                  .access_key = "inside",
                                  .principal_arn = "arn:aws:iam::" CLOUD_ACCOUNT ":root",
                                  .body = BUF_INIT(S3_INLINE_MAX)};
    return (!order->path.failed && *key) || err_set(err, ERR_USAGE, "s3: the key \"%.100s\" is not valid", key);
}

static bool run_order(struct order *order, const char *bucket, const char *key, struct err *err)
{
    struct answer answer = {.file_fd = -1, .head_length = -1};
    s3_handle_request(&order->req, &answer);
    bool ok = answer.status < 300 || take_error(&answer, bucket, key, err);
    buf_done(&answer.body);
    pairs_done(&answer.headers);
    return ok;
}

static void end_order(struct order *order)
{
    buf_done(&order->req.body);
    pairs_done(&order->req.headers);
    buf_done(&order->path);
}

static bool describe_body(struct order *order, const char *content_type, int64_t len)
{
    order->req.content_length = order->req.body_len = len;
    order->req.digest_mask = s3_checksum_mask(&order->req);
    return pairs_addf(&order->req.headers, "Content-Length", "%lld", (long long)len) &&
           (!content_type || pairs_add(&order->req.headers, "Content-Type", content_type));
}

/* Digests of the file, and its bytes safely on disk, as the server leaves a request's body. */
static bool digest_file(struct order *order, const char *path, struct err *err)
{
    struct digest *digests[DIGEST_KINDS] = {0};
    char step[16384];
    ssize_t n = -1;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    for (int i = 0; i < DIGEST_KINDS; i++)
        digests[i] = order->req.digest_mask & 1u << i ? digest_new((enum digest_kind)i) : NULL;
    while (fd >= 0 && (n = read(fd, step, sizeof step)) > 0) {
        for (int i = 0; i < DIGEST_KINDS; i++) {
            if (digests[i])
                digest_update(digests[i], step, (size_t)n);
        }
    }
    bool ok = n == 0 && fdatasync(fd) == 0;
    for (int i = 0; i < DIGEST_KINDS; i++) {
        if (digests[i])
            digest_end(digests[i], order->req.digests[i]);
    }
    if (fd >= 0)
        close(fd);
    return ok || err_set_errno(err, ERR_IO, "reading %s", path);
}

bool s3_inside_store(struct cloud *cloud, const char *bucket, const char *key, const char *content_type,
                     const char *path, struct err *err)
{
    struct order order;
    struct stat info;
    bool ok = make_order(&order, cloud, "PUT", bucket, key, err);
    if (ok && stat(path, &info) != 0)
        ok = err_set_errno(err, ERR_IO, "reading %s", path);
    ok = ok && describe_body(&order, content_type, info.st_size) && digest_file(&order, path, err);
    if (ok) {
        snprintf(order.req.body_file, sizeof order.req.body_file, "%s", path);
        ok = run_order(&order, bucket, key, err);
    }
    unlink(path); /* when it was not renamed away */
    end_order(&order);
    return ok;
}

/* A large buffer goes through a file of the server's kind. */
static bool write_large(struct cloud *cloud, const char *bucket, const char *key, const char *content_type,
                        const void *bytes, size_t len, struct err *err)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/tmp/inside-%llx", cloud->objects, (unsigned long long)s3_body_new_id(cloud)) >=
        (int)sizeof path)
        return err_set(err, ERR_IO, "s3: the state directory's name is too long");
    return path_write_atomic(path, bytes, len, 0600, err) &&
           s3_inside_store(cloud, bucket, key, content_type, path, err);
}

bool s3_inside_write(struct cloud *cloud, const char *bucket, const char *key, const char *content_type,
                     const void *bytes, size_t len, struct err *err)
{
    struct order order;
    if (len > S3_INLINE_MAX)
        return write_large(cloud, bucket, key, content_type, bytes, len, err);
    bool ok = make_order(&order, cloud, "PUT", bucket, key, err) && describe_body(&order, content_type, (int64_t)len) &&
              buf_append(&order.req.body, bytes, len);
    for (int i = 0; ok && i < DIGEST_KINDS; i++)
        digest_of((enum digest_kind)i, bytes, len, order.req.digests[i]);
    ok = ok && run_order(&order, bucket, key, err);
    end_order(&order);
    return ok;
}

bool s3_inside_remove(struct cloud *cloud, const char *bucket, const char *key, struct err *err)
{
    struct order order;
    bool ok = make_order(&order, cloud, "DELETE", bucket, key, err) && run_order(&order, bucket, key, err);
    end_order(&order);
    return ok;
}
