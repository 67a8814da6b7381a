/* One file up: a single PutObject when small, else multipart that goes on where an earlier try of the same file ended
 * (parts of an unfinished upload count when their checksum is that of the file's bytes). Standard input streams through
 * a bounded buffer. */
#include "backend/domain/transfer_private.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIST_ARENA = 32 * 1024 * 1024, CHUNK = 128 * 1024, POLL_MS = 100, CANDIDATES_MAX = 3 };

struct upload {
    struct transfer *transfer;
    int fd;
    struct stat before;
    int64_t bytes, part_bytes, part_count;
    struct s3_put put;
    char upload_id[1024];
    struct s3_part *parts;
    bool *is_done;
    bool has_no_crc; /* the unfinished upload was begun without CRC64NVME: complete it likewise */
};

static int64_t part_len(const struct upload *upload, int64_t part)
{
    int64_t left = upload->bytes - part * upload->part_bytes;
    return left < upload->part_bytes ? left : upload->part_bytes;
}

/* A gauge per HTTP transfer; takes back what a failed one counted. */
static bool put_gauged(struct upload *upload, struct s3_put *put,
                       bool (*send)(struct upload *, struct s3_put *, int64_t, struct err *), int64_t part,
                       struct err *err)
{
    struct transfer_gauge gauge = {.transfer = upload->transfer};
    put->progress = transfer_gauge_sent;
    put->progress_context = &gauge;
    bool ok = send(upload, put, part, err);
    transfer_moved(upload->transfer, (ok ? put->len : 0) - gauge.seen, NULL);
    return ok;
}

static bool send_whole(struct upload *upload, struct s3_put *put, int64_t part, struct err *err)
{
    (void)part;
    return s3_put_object(upload->transfer->aws, put, NULL, err);
}

static bool send_part(struct upload *upload, struct s3_put *put, int64_t part, struct err *err)
{
    return s3_upload_part(upload->transfer->aws, put, upload->upload_id, &upload->parts[part], err);
}

static bool put_part(void *context, int64_t part, struct err *err)
{
    struct upload *upload = context;
    struct s3_put put = upload->put;
    put.fd = upload->fd;
    put.offset = part * upload->part_bytes;
    put.len = part_len(upload, part);
    upload->parts[part].number = (int)part + 1;
    return put_gauged(upload, &put, send_part, part, err);
}

/* --- going on with an earlier try --- */

static bool md5_range(int fd, int64_t offset, int64_t len, char hex[DIGEST_HEX])
{
    struct digest *digest = digest_new(DIGEST_MD5);
    char *chunk = malloc(CHUNK);
    uint8_t raw[DIGEST_MAX];
    while (chunk && len > 0) {
        ssize_t got = pread(fd, chunk, len < CHUNK ? (size_t)len : CHUNK, offset);
        if (got <= 0)
            break;
        digest_update(digest, chunk, (size_t)got);
        offset += got;
        len -= got;
    }
    hex_encode(raw, digest_end(digest, raw), hex);
    free(chunk);
    return len == 0;
}

/* Is that part what the file holds there? By the store's CRC64NVME, else by an ETag that is an MD5. */
static bool part_matches(struct upload *upload, const struct s3_part *part)
{
    int64_t index = part->number - 1;
    char crc[16], md5[DIGEST_HEX];
    if (index < 0 || index >= upload->part_count || part->bytes != part_len(upload, index))
        return false;
    if (!s3_crc64_fd(upload->fd, index * upload->part_bytes, part->bytes, crc, NULL))
        return false;
    if (part->crc64[0])
        return strcmp(part->crc64, crc) == 0;
    return md5_range(upload->fd, index * upload->part_bytes, part->bytes, md5) && strcmp(md5, part->etag) == 0;
}

static int64_t adopt_parts(struct upload *upload, const struct s3_part *parts, size_t count)
{
    int64_t adopted = 0;
    upload->has_no_crc = false;
    for (size_t i = 0; i < count && !transfer_must_end(upload->transfer); i++) {
        if (!part_matches(upload, &parts[i]))
            continue;
        int64_t index = parts[i].number - 1;
        upload->parts[index] = parts[i];
        upload->is_done[index] = true;
        upload->has_no_crc |= !parts[i].crc64[0];
        adopted += parts[i].bytes;
    }
    return adopted;
}

/* The newest unfinished uploads of this key are looked at; one with matching parts is gone on with. */
static bool find_earlier(struct upload *upload)
{
    struct transfer *transfer = upload->transfer;
    struct arena *arena = arena_new(LIST_ARENA);
    struct s3_ref ref = {.bucket = upload->put.bucket, .key = upload->put.key, .cancel = transfer->cancel};
    struct s3_uploads uploads = {0};
    int64_t adopted = 0;
    int tried = 0;
    bool ok = s3_list_uploads(transfer->aws, &ref, arena, &uploads, NULL);
    for (size_t i = uploads.count; ok && i-- > 0 && !adopted && tried < CANDIDATES_MAX;) {
        struct s3_part *parts;
        size_t count;
        if (strcmp(uploads.items[i].key, upload->put.key) != 0)
            continue;
        tried++;
        if (s3_list_parts(transfer->aws, &ref, uploads.items[i].upload_id, arena, &parts, &count, NULL))
            adopted = adopt_parts(upload, parts, count);
        snprintf(upload->upload_id, sizeof upload->upload_id, "%s", uploads.items[i].upload_id);
    }
    arena_free(arena);
    if (!adopted)
        upload->upload_id[0] = 0;
    transfer_moved(transfer, adopted, NULL);
    return adopted > 0;
}

/* --- multipart --- */

static bool is_unchanged(const struct upload *upload)
{
    struct stat now;
    return fstat(upload->fd, &now) == 0 && now.st_size == upload->before.st_size &&
           now.st_mtim.tv_sec == upload->before.st_mtim.tv_sec && now.st_mtim.tv_nsec == upload->before.st_mtim.tv_nsec;
}

static bool complete(struct upload *upload, struct err *err)
{
    char crc[16] = "";
    for (int64_t i = 0; i < upload->part_count; i++) {
        if (upload->has_no_crc)
            upload->parts[i].crc64[0] = 0;
        else
            s3_crc64_join(crc, upload->parts[i].crc64, upload->parts[i].bytes);
    }
    return s3_multipart_complete(upload->transfer->aws, &upload->put, upload->upload_id, upload->parts,
                                 (size_t)upload->part_count, crc, NULL, err);
}

static void say_kept(const struct upload *upload, struct err *err)
{
    size_t len = err ? strlen(err->text) : 0;
    if (err && upload->upload_id[0])
        snprintf(err->text + len, sizeof err->text - len, "; the parts sent are kept: the same command goes on");
}

static bool put_parts(struct upload *upload, struct err *err)
{
    bool has_earlier = !upload->transfer->no_resume && find_earlier(upload);
    if (!has_earlier && !s3_multipart_create(upload->transfer->aws, &upload->put, upload->upload_id, err))
        return false;
    struct transfer_parts parts = {.transfer = upload->transfer,
                                   .count = upload->part_count,
                                   .is_done = upload->is_done,
                                   .workers = upload->transfer->part_parallel,
                                   .run = put_part,
                                   .context = upload};
    if (!transfer_run_parts(&parts, err)) {
        say_kept(upload, err);
        return false;
    }
    if (!is_unchanged(upload)) {
        struct s3_ref ref = {.bucket = upload->put.bucket, .key = upload->put.key};
        s3_multipart_abort(upload->transfer->aws, &ref, upload->upload_id, NULL);
        return err_set(err, ERR_CONFLICT, "%.150s: the file changed while it was sent; nothing was stored: try again",
                       upload->put.key);
    }
    return complete(upload, err);
}

static bool put_many(struct upload *upload, struct err *err)
{
    upload->part_bytes = s3_part_size(upload->bytes);
    upload->part_count = (upload->bytes + upload->part_bytes - 1) / upload->part_bytes;
    upload->parts = calloc((size_t)upload->part_count, sizeof *upload->parts);
    upload->is_done = calloc((size_t)upload->part_count, sizeof *upload->is_done);
    bool ok = upload->parts && upload->is_done ? put_parts(upload, err)
                                               : err_set(err, ERR_FAILED, "out of memory for the list of parts");
    free(upload->parts);
    free(upload->is_done);
    return ok;
}

bool transfer_put(struct transfer *transfer, int fd, const char *bucket, const char *key, struct err *err)
{
    struct upload upload = {.transfer = transfer, .fd = fd, .put = s3_put_init(bucket, key)};
    if (fstat(fd, &upload.before) != 0)
        return err_set_errno(err, ERR_IO, "%.150s", key);
    upload.bytes = upload.before.st_size;
    upload.put.cancel = transfer->cancel;
    upload.put.if_none_match = transfer->no_clobber;
    upload.put.content_type = transfer_content_type(key);
    transfer_moved(transfer, 0, key);
    if (transfer->is_single)
        transfer_add_total(transfer, upload.bytes);
    bool ok;
    if (upload.bytes <= S3_SINGLE_PUT_MAX) {
        struct s3_put put = upload.put;
        put.fd = fd;
        put.len = upload.bytes;
        ok = put_gauged(&upload, &put, send_whole, 0, err);
    } else {
        ok = put_many(&upload, err);
    }
    if (ok)
        transfer_object_done(transfer, upload.bytes);
    return ok;
}

/* --- standard input --- */

/* Waits for bytes with an eye on the cancel token. -1 with *err; 0 at the end. */
static ssize_t read_some(int fd, char *chunk, const struct cancel *cancel, struct err *err)
{
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (cancel_is_set(cancel)) {
            err_set(err, ERR_CANCELLED, "reading standard input: cancelled");
            return -1;
        }
        int polled = poll(&ready, 1, POLL_MS);
        if (polled == 0 || (polled < 0 && errno == EINTR))
            continue;
        ssize_t got = read(fd, chunk, CHUNK);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            err_set_errno(err, ERR_IO, "reading standard input");
        return got;
    }
}

bool transfer_put_stdin(struct transfer *transfer, int fd, const char *bucket, const char *key, struct err *err)
{
    struct s3_put put = s3_put_init(bucket, key);
    int64_t bytes = 0;
    ssize_t got;
    put.cancel = transfer->cancel;
    put.if_none_match = transfer->no_clobber;
    put.content_type = transfer_content_type(key);
    char *chunk = malloc(CHUNK);
    struct s3_writer *writer = chunk ? s3_writer_open(transfer->aws, &put, err) : NULL;
    if (!writer) {
        free(chunk);
        return false;
    }
    transfer_moved(transfer, 0, key);
    while ((got = read_some(fd, chunk, transfer->cancel, err)) > 0) {
        if (!s3_writer_write(writer, chunk, (size_t)got, err)) {
            got = -1;
            break;
        }
        bytes += got;
        transfer_moved(transfer, got, NULL);
    }
    free(chunk);
    if (got < 0) {
        s3_writer_abandon(writer);
        return false;
    }
    if (!s3_writer_close(writer, err))
        return false;
    transfer_object_done(transfer, bytes);
    return true;
}
