/* Sink of request bodies; see body.h. */
#include "backend/local/body.h"
#include "backend/base/path.h"
#include "backend/local/cloud.h"
#include "backend/local/hasher.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* From this size on a thread more pays; the disk is set to work every FLUSH_STEP. */
enum { LARGE_BODY = 512 * 1024, FLUSH_STEP = 4 * 1024 * 1024 };

static void begin_digests(struct body *body, const struct body_plan *plan)
{
    int64_t length = body->req->content_length;
    bool is_large = plan->to_file && (length < 0 || length >= LARGE_BODY);
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        if (!(plan->digest_mask & 1u << kind))
            continue;
        if (kind == DIGEST_MD5 && is_large)
            body->md5 = hasher_new(DIGEST_MD5);
        if (kind != DIGEST_MD5 || !body->md5)
            body->digests[kind] = digest_new((enum digest_kind)kind);
    }
}

bool body_begin(struct body *body, const struct body_plan *plan, struct request *req, struct err *err)
{
    *body = (struct body){.plan = plan, .req = req, .fd = -1};
    begin_digests(body, plan);
    req->digest_mask = plan->digest_mask;
    req->body = BUF_INIT((size_t)plan->max);
    if (!plan->to_file)
        return true;
    if (!path_join(req->body_file, req->cloud->temporary, req->id, err))
        return false;
    body->fd = open(req->body_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (body->fd >= 0)
        return true;
    err_set_errno(err, ERR_IO, "creating %s", req->body_file);
    req->body_file[0] = '\0';
    return false;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

/* The disk works while the body still comes: the sync at its end has little left to wait for. */
static void begin_flush(struct body *body)
{
    int64_t ready = body->req->body_len - body->flushed;
    if (body->fd < 0 || ready < FLUSH_STEP)
        return;
    sync_file_range(body->fd, body->flushed, ready, SYNC_FILE_RANGE_WRITE);
    body->flushed += ready;
}

bool body_write(struct body *body, const void *bytes, size_t len, struct err *err)
{
    struct request *req = body->req;
    if (req->body_len + (int64_t)len > body->plan->max)
        return err_set(err, ERR_TOO_LARGE, "the body is larger than %lld bytes", (long long)body->plan->max);
    if (body->fd >= 0 ? !write_all(body->fd, bytes, len) : !buf_append(&req->body, bytes, len))
        return err_set_errno(err, ERR_IO, "storing the body");
    req->body_len += (int64_t)len;
    begin_flush(body);
    if (body->md5)
        hasher_update(body->md5, bytes, len);
    for (int kind = 0; kind < DIGEST_KINDS; kind++)
        if (body->digests[kind])
            digest_update(body->digests[kind], bytes, len);
    return true;
}

bool body_end(struct body *body, struct err *err)
{
    if (body->md5)
        hasher_end(body->md5, body->req->digests[DIGEST_MD5]);
    body->md5 = NULL;
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        if (body->digests[kind])
            digest_end(body->digests[kind], body->req->digests[kind]);
        body->digests[kind] = NULL;
    }
    if (body->fd < 0)
        return true;
    bool ok = fdatasync(body->fd) == 0;
    ok = close(body->fd) == 0 && ok;
    body->fd = -1;
    return ok || err_set_errno(err, ERR_IO, "syncing %s", body->req->body_file);
}

void body_done(struct body *body)
{
    struct request *req = body->req;
    if (!req)
        return;
    if (body->md5)
        hasher_end(body->md5, NULL);
    body->md5 = NULL;
    for (int kind = 0; kind < DIGEST_KINDS; kind++)
        digest_free(body->digests[kind]);
    if (body->fd >= 0)
        close(body->fd);
    if (req->body_file[0])
        unlink(req->body_file); /* gone already when the handler renamed it */
    buf_done(&req->body);
}
