/* One object down: into a temporary file beside the target, in ranged parts, resumable, verified, renamed at the end.
 * The state file beside it says which parts are there and of which ETag; If-Match keeps parts of two versions apart. */
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/domain/transfer_private.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART = 8 * 1024 * 1024, PARTS_MAX = 10000, HEAD_ARENA = 1024 * 1024, STATE_MAX = 64 * 1024, CHUNK = 128 * 1024 };

struct download {
    struct transfer *transfer;
    const struct s3_ref *ref;
    struct s3_head head;
    int dir_fd, fd;
    const char *name;
    char part_name[256], state_name[272];
    int64_t part_bytes, part_count;
    bool *is_done;
    pthread_mutex_t lock; /* guards is_done and the state file */
};

/* --- state: "ETAG BYTES PART\n" and one character per part --- */

static void forget_state(struct download *download)
{
    unlinkat(download->dir_fd, download->state_name, 0);
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(fd, bytes, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        len -= (size_t)written;
    }
    return true;
}

/* Losing it costs a repeated part, nothing else: errors are not worth failing for. */
static void save_state(struct download *download)
{
    char temporary[280];
    struct buf text = BUF_INIT(STATE_MAX);
    snprintf(temporary, sizeof temporary, "%s~", download->state_name);
    buf_printf(&text, "%s %" PRId64 " %" PRId64 "\n", download->head.etag, download->head.bytes, download->part_bytes);
    for (int64_t i = 0; i < download->part_count; i++)
        buf_putc(&text, download->is_done[i] ? '1' : '0');
    int fd = openat(download->dir_fd, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        bool ok = !text.failed && write_all(fd, buf_text(&text), text.len);
        close(fd);
        if (!ok || renameat(download->dir_fd, temporary, download->dir_fd, download->state_name) != 0)
            unlinkat(download->dir_fd, temporary, 0);
    }
    buf_done(&text);
}

/* Marks the parts that are there already; false when there is nothing of this very object. */
static bool load_state(struct download *download)
{
    char text[STATE_MAX], expected[200];
    int fd = openat(download->dir_fd, download->state_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    int head = snprintf(expected, sizeof expected, "%s %" PRId64 " %" PRId64 "\n", download->head.etag,
                        download->head.bytes, download->part_bytes);
    if (!*download->head.etag || len != head + download->part_count || memcmp(text, expected, (size_t)head) != 0)
        return false;
    for (int64_t i = 0; i < download->part_count; i++)
        download->is_done[i] = text[head + i] == '1';
    return true;
}

/* --- parts --- */

static int64_t part_len(const struct download *download, int64_t part)
{
    int64_t left = download->head.bytes - part * download->part_bytes;
    return left < download->part_bytes ? left : download->part_bytes;
}

static bool get_part(void *context, int64_t part, struct err *err)
{
    struct download *download = context;
    struct transfer_gauge gauge = {.transfer = download->transfer};
    struct s3_get get = s3_get_init(download->ref->bucket, download->ref->key);
    struct arena *arena = arena_new(HEAD_ARENA);
    get.ref = *download->ref;
    get.has_range = download->part_count > 1;
    get.first = part * download->part_bytes;
    get.last = get.first + part_len(download, part) - 1;
    get.if_match = download->head.etag;
    get.sink_fd = download->fd;
    get.sink_offset = get.first;
    get.progress = transfer_gauge_received;
    get.progress_context = &gauge;
    bool ok = s3_get_object(download->transfer->aws, &get, arena, NULL, NULL, err);
    arena_free(arena);
    if (!ok) {
        transfer_moved(download->transfer, -gauge.seen, NULL);
        return false;
    }
    transfer_moved(download->transfer, part_len(download, part) - gauge.seen, NULL);
    pthread_mutex_lock(&download->lock);
    download->is_done[part] = true;
    if (download->part_count > 1)
        save_state(download);
    pthread_mutex_unlock(&download->lock);
    return true;
}

static int64_t bytes_done(const struct download *download)
{
    int64_t bytes = 0;
    for (int64_t i = 0; i < download->part_count; i++)
        bytes += download->is_done[i] ? part_len(download, i) : 0;
    return bytes;
}

/* --- verification --- */

static bool digest_file(struct download *download, struct digest *digest)
{
    char *chunk = malloc(CHUNK);
    int64_t at = 0;
    while (chunk && at < download->head.bytes && !transfer_must_end(download->transfer)) {
        ssize_t got = pread(download->fd, chunk, CHUNK, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        digest_update(digest, chunk, (size_t)got);
        at += got;
    }
    free(chunk);
    return at == download->head.bytes;
}

/* The ETag of a plain or SSE-S3 single-part object is its MD5; of others it is not: "Common Response Headers", S3 API
 * Reference. */
static bool etag_is_md5(const struct s3_head *head)
{
    return strlen(head->etag) == 32 && strspn(head->etag, "0123456789abcdef") == 32 &&
           (!*head->encryption || strcmp(head->encryption, "AES256") == 0);
}

static void expected_digest(const struct s3_head *head, enum digest_kind *kind, const char **value)
{
    *value = NULL;
    if (head->has_checksum && !head->checksum_is_composite) {
        *kind = head->checksum_kind;
        *value = head->checksum;
    } else if (etag_is_md5(head)) {
        *kind = DIGEST_MD5;
        *value = head->etag;
    }
}

static bool digest_matches(struct digest *digest, enum digest_kind kind, const char *value)
{
    uint8_t raw[DIGEST_MAX];
    char text[DIGEST_HEX];
    size_t len = digest_end(digest, raw);
    if (kind == DIGEST_MD5)
        hex_encode(raw, len, text);
    else
        base64_encode(raw, len, text);
    return strcmp(text, value) == 0;
}

static bool mismatch(const struct s3_ref *ref, enum digest_kind kind, struct err *err)
{
    return err_set(err, ERR_CHECKSUM, "%s/%.120s: the bytes received do not have the object's %s; transfer it again",
                   ref->bucket, ref->key, digest_name(kind));
}

static bool verify(struct download *download, struct err *err)
{
    enum digest_kind kind;
    const char *value;
    expected_digest(&download->head, &kind, &value);
    if (!value)
        return true; /* the store gave nothing that could be checked */
    struct digest *digest = digest_new(kind);
    if (!digest_file(download, digest)) {
        digest_free(digest);
        if (transfer_must_end(download->transfer))
            return err_set(err, ERR_CANCELLED, "%.180s: cancelled while it was verified", download->name);
        return err_set_errno(err, ERR_IO, "%.180s: reading it again to verify it", download->part_name);
    }
    return digest_matches(digest, kind, value) || mismatch(download->ref, kind, err);
}

/* --- the file --- */

static bool open_part(struct download *download, struct err *err)
{
    download->fd = openat(download->dir_fd, download->part_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (download->fd < 0)
        return err_set_errno(err, ERR_IO, "%.180s: creating it", download->part_name);
    if (flock(download->fd, LOCK_EX | LOCK_NB) != 0)
        return err_set(err, ERR_CONFLICT, "%.180s is being written by another transfer", download->part_name);
    return true;
}

static void plan(struct download *download)
{
    int64_t bytes = download->head.bytes;
    download->part_bytes = PART;
    while (bytes > download->part_bytes * PARTS_MAX)
        download->part_bytes *= 2;
    download->part_count = bytes ? (bytes + download->part_bytes - 1) / download->part_bytes : 0;
    download->is_done = calloc((size_t)download->part_count + 1, sizeof *download->is_done);
    if (!download->is_done)
        abort();
}

/* A file under the final name: refused when asked, or when this very run made it from another key. */
static bool check_target(struct download *download, const struct timespec *since, struct err *err)
{
    struct stat info;
    if (fstatat(download->dir_fd, download->name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (S_ISDIR(info.st_mode))
        return err_set(err, ERR_CONFLICT, "%.180s is a folder here and an object there: copy it under another name",
                       download->name);
    if (download->transfer->no_clobber)
        return err_set(err, ERR_CONFLICT, "%.180s exists already", download->name);
    /* a file system's clock ticks in milliseconds: the same tick counts as ours */
    bool is_ours = since->tv_sec && (info.st_ctim.tv_sec > since->tv_sec ||
                                     (info.st_ctim.tv_sec == since->tv_sec && info.st_ctim.tv_nsec >= since->tv_nsec));
    if (is_ours)
        return err_set(err, ERR_CONFLICT,
                       "%.150s was written meanwhile: this disk does not tell two of the names apart (case?), or "
                       "another program wrote it",
                       download->name);
    return true;
}

static bool finish(struct download *download, struct err *err)
{
    const struct s3_head *head = &download->head;
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = head->modified_ms / 1000, .tv_nsec = head->modified_ms % 1000 * 1000000}};
    if (head->modified_ms)
        futimens(download->fd, times);
    if (fdatasync(download->fd) != 0)
        return err_set_errno(err, ERR_IO, "%.180s: writing it out", download->part_name);
    unsigned flags = download->transfer->no_clobber ? RENAME_NOREPLACE : 0;
    if (renameat2(download->dir_fd, download->part_name, download->dir_fd, download->name, flags) != 0)
        return err_set_errno(err, errno == EEXIST ? ERR_CONFLICT : ERR_IO, "%.180s: giving it its name",
                             download->name);
    forget_state(download);
    return true;
}

/* What was got stays, so the error says so. */
static void say_kept(const struct download *download, struct err *err)
{
    char done[TEXT_SHORT], total[TEXT_SHORT];
    int64_t bytes = bytes_done(download);
    size_t len = err ? strlen(err->text) : 0;
    if (!err || download->part_count < 2 || bytes == 0)
        return;
    snprintf(err->text + len, sizeof err->text - len, "; %s of %s are kept: the same command goes on",
             text_bytes((uint64_t)bytes, done), text_bytes((uint64_t)download->head.bytes, total));
}

static bool fetch(struct download *download, struct err *err)
{
    bool can_resume = !download->transfer->no_resume && load_state(download);
    if (!can_resume)
        memset(download->is_done, 0, (size_t)download->part_count * sizeof *download->is_done);
    if (ftruncate(download->fd, can_resume ? download->head.bytes : 0) != 0)
        return err_set_errno(err, ERR_IO, "%.180s", download->part_name);
    transfer_moved(download->transfer, bytes_done(download), NULL);
    struct transfer_parts parts = {.transfer = download->transfer,
                                   .count = download->part_count,
                                   .is_done = download->is_done,
                                   .workers = download->transfer->part_parallel,
                                   .run = get_part,
                                   .context = download};
    return transfer_run_parts(&parts, err);
}

/* True: done. A part file that can be resumed stays; any other is removed. */
static bool run(struct download *download, struct err *err)
{
    bool is_got = fetch(download, err);
    bool ok = is_got && verify(download, err);
    bool is_bad = is_got && !ok && !transfer_must_end(download->transfer); /* its bytes are wrong: of no use later */
    if (!ok && (is_bad || download->part_count < 2 || bytes_done(download) == 0)) {
        unlinkat(download->dir_fd, download->part_name, 0);
        forget_state(download);
    } else if (!ok) {
        say_kept(download, err);
    }
    return ok && finish(download, err);
}

bool transfer_get(struct transfer *transfer, const struct s3_ref *ref, int dir_fd, const char *name,
                  const struct timespec *since, struct err *err)
{
    struct download download = {.transfer = transfer, .ref = ref, .dir_fd = dir_fd, .fd = -1, .name = name};
    struct arena *arena = arena_new(HEAD_ARENA);
    transfer_part_name(name, download.part_name);
    snprintf(download.state_name, sizeof download.state_name, "%s.state", download.part_name);
    pthread_mutex_init(&download.lock, NULL);
    transfer_moved(transfer, 0, ref->key);
    bool ok = s3_head_object(transfer->aws, ref, arena, &download.head, err);
    if (ok && download.head.bytes < 0)
        ok = err_set(err, ERR_PROTOCOL, "%s/%.150s: the endpoint does not say how large it is", ref->bucket, ref->key);
    if (ok) {
        if (transfer->is_single)
            transfer_add_total(transfer, download.head.bytes);
        plan(&download);
        ok = check_target(&download, since, err) && open_part(&download, err) && run(&download, err);
    }
    if (ok)
        transfer_object_done(transfer, download.head.bytes);
    if (download.fd >= 0)
        close(download.fd);
    free(download.is_done);
    pthread_mutex_destroy(&download.lock);
    arena_free(arena);
    return ok;
}

/* --- to a stream: whole parts in memory, one after the other, so that a slow reader holds nobody else --- */

bool transfer_get_stdout(struct transfer *transfer, const struct s3_ref *ref, int fd, struct err *err)
{
    struct arena *arena = arena_new(HEAD_ARENA);
    struct buf body = BUF_INIT(PART + 1024);
    struct s3_head head;
    enum digest_kind kind;
    const char *value = NULL;
    bool ok = s3_head_object(transfer->aws, ref, arena, &head, err);
    if (ok)
        expected_digest(&head, &kind, &value);
    struct digest *digest = value ? digest_new(kind) : NULL;
    if (ok)
        transfer_add_total(transfer, head.bytes);
    for (int64_t at = 0; ok && at < head.bytes; at += PART) {
        struct s3_get get = s3_get_init(ref->bucket, ref->key);
        struct arena *own = arena_new(HEAD_ARENA);
        get.ref = *ref;
        get.has_range = head.bytes > PART;
        get.first = at;
        get.last = (at + PART < head.bytes ? at + PART : head.bytes) - 1;
        get.if_match = head.etag;
        get.max_body = PART + 1024;
        buf_clear(&body);
        ok = s3_get_object(transfer->aws, &get, own, NULL, &body, err);
        arena_free(own);
        if (ok && digest)
            digest_update(digest, body.data, body.len);
        if (ok && !write_all(fd, body.data, body.len))
            ok = err_set_errno(err, ERR_IO, "writing to standard output");
        transfer_moved(transfer, (int64_t)body.len, NULL);
    }
    if (ok && digest && !digest_matches(digest, kind, value))
        ok = mismatch(ref, kind, err);
    else if (!ok)
        digest_free(digest);
    if (ok)
        transfer_object_done(transfer, head.bytes);
    buf_done(&body);
    arena_free(arena);
    return ok;
}
