/* New bodies made of pieces of stored ones (completed uploads, copied parts, a form's file), digested on the way, and
 * digests of stored bytes. */
#include "backend/local/s3.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { COPY_STEP = 256 * 1024 };
struct build {
    int fd;          /* -1: into memory */
    struct buf *out; /* NULL: into fd, or nowhere */
    struct digest *digests[DIGEST_KINDS];
    char *step;
};

static bool emit(struct build *build, const void *bytes, size_t len)
{
    for (int i = 0; i < DIGEST_KINDS; i++) {
        if (build->digests[i])
            digest_update(build->digests[i], bytes, len);
    }
    if (build->out)
        return buf_append(build->out, bytes, len);
    for (size_t at = 0; build->fd >= 0 && at < len;) {
        ssize_t n = write(build->fd, (const char *)bytes + at, len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += (size_t)n;
    }
    return true;
}

static bool copy_file(struct build *build, int from, int64_t offset, int64_t size, bool digests)
{
    off64_t at = offset;
    int64_t left = size;
    /* in the kernel (or by shared extents) when nobody must look at the bytes */
    while (!digests && build->fd >= 0 && left > 0) {
        ssize_t n = copy_file_range(from, &at, build->fd, NULL, (size_t)left, 0);
        if (n <= 0)
            break;
        left -= n;
    }
    while (left > 0) {
        ssize_t n = pread(from, build->step, left < COPY_STEP ? (size_t)left : COPY_STEP, at);
        if (n <= 0 || !emit(build, build->step, (size_t)n))
            return false;
        at += n;
        left -= n;
    }
    return true;
}

static bool copy_piece(struct s3_call *call, struct build *build, const struct s3_piece *piece, bool digests)
{
    const char *bytes = piece->bytes;
    bool gone = false, ok = false;
    int fd = bytes ? -1 : s3_body_open(call, piece->body, piece->place, &bytes, &gone);
    if (bytes)
        ok = emit(build, bytes + piece->offset, (size_t)piece->size);
    else if (fd >= 0)
        ok = copy_file(build, fd, piece->offset, piece->size, digests);
    if (fd >= 0)
        close(fd);
    if (ok || s3_failed(call))
        return ok;
    if (gone)
        return s3_fail_text(call, S3_CONDITIONAL_CONFLICT, "The source was replaced during the copy. Try again.");
    struct err err;
    err_set_errno(&err, ERR_IO, "copying object bytes");
    return s3_fail_internal(call, &err);
}

static bool run_build(struct s3_call *call, struct build *build, const struct s3_piece *pieces, size_t count,
                      struct s3_sums *sums)
{
    bool ok = true;
    build->step = arena_alloc(call->arena, COPY_STEP);
    for (int i = 0; i < DIGEST_KINDS; i++)
        build->digests[i] = sums->mask & 1u << i ? digest_new((enum digest_kind)i) : NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = copy_piece(call, build, &pieces[i], sums->mask != 0);
    for (int i = 0; i < DIGEST_KINDS; i++) {
        if (build->digests[i])
            digest_end(build->digests[i], sums->value[i]);
    }
    return ok;
}

static bool build_file(struct s3_call *call, const struct s3_piece *pieces, size_t count, struct s3_body *body,
                       struct s3_sums *sums)
{
    char path[4096];
    struct err err;
    /* where the server's own temporary files are, which it clears at its start */
    bool fits = snprintf(path, sizeof path, "%s/tmp/build-%016" PRIx64, call->cloud->objects, (uint64_t)body->id) <
                (int)sizeof path;
    struct build build = {.fd = fits ? open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600) : -1};
    bool ok = build.fd >= 0 && run_build(call, &build, pieces, count, sums) && fdatasync(build.fd) == 0;
    if (!ok && !s3_failed(call)) {
        err_set_errno(&err, ERR_IO, "writing %s", path);
        s3_fail_internal(call, &err);
    }
    if (build.fd >= 0)
        close(build.fd);
    ok = ok && s3_body_publish(call, path, body->id);
    if (!ok)
        unlink(path);
    return ok;
}

bool s3_body_build(struct s3_call *call, const struct s3_piece *pieces, size_t count, struct s3_body *body,
                   struct s3_sums *sums)
{
    *body = (struct s3_body){0};
    for (size_t i = 0; i < count; i++)
        body->size += pieces[i].size;
    if (body->size > 0)
        body->id = s3_body_new_id(call->cloud);
    if (body->size > S3_INLINE_MAX) {
        body->place = S3_PLACE_FILE;
        return build_file(call, pieces, count, body, sums);
    }
    struct buf out = BUF_INIT(S3_INLINE_MAX + 1);
    struct build build = {.fd = -1, .out = &out};
    bool ok = run_build(call, &build, pieces, count, sums);
    body->place = body->size ? S3_PLACE_INLINE : S3_PLACE_NONE;
    body->bytes = arena_strndup(call->arena, buf_text(&out), out.len);
    buf_done(&out);
    return ok;
}

bool s3_body_digest(struct s3_call *call, const struct s3_piece *piece, struct s3_sums *sums)
{
    struct build build = {.fd = -1};
    return run_build(call, &build, piece, 1, sums);
}
