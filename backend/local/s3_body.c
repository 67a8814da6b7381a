/* The bytes of objects and parts. A body is a row of s3_body; small ones carry their bytes in it, larger ones are a
 * file named by the row's id (never by the key) below objects/, written, synced and renamed before the row that makes
 * them count. Copies share a body by its reference count. A file without a row is garbage of a crash (s3_keeper.c). */
#include "backend/base/log.h"
#include "backend/local/s3.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool s3_body_directory(const struct cloud *cloud, int64_t id, char out[4096])
{
    return snprintf(out, 4096, "%s/%02x", cloud->objects, (unsigned)(id & 0xff)) < 4096;
}

bool s3_body_path(const struct cloud *cloud, int64_t id, char out[4096])
{
    return snprintf(out, 4096, "%s/%02x/%016" PRIx64, cloud->objects, (unsigned)(id & 0xff), (uint64_t)id) < 4096;
}

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0;
    close(fd);
    return ok;
}

bool s3_body_publish(struct s3_call *call, const char *temporary, int64_t id)
{
    char path[4096], dir[4096];
    struct err err;
    bool ok = s3_body_path(call->cloud, id, path) && s3_body_directory(call->cloud, id, dir);
    if (ok && rename(temporary, path) != 0) {
        ok = errno == ENOENT && (mkdir(dir, 0700) == 0 || errno == EEXIST) && sync_directory(call->cloud->objects) &&
             rename(temporary, path) == 0;
    }
    if (ok && sync_directory(dir))
        return true;
    err_set_errno(&err, ERR_IO, "storing an object body as %s", path);
    return s3_fail_internal(call, &err);
}

static const char *read_whole(struct s3_call *call, const char *path, int64_t size)
{
    char *bytes = arena_alloc(call->arena, (size_t)size + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t at = 0;
    while (bytes && fd >= 0 && at < size) {
        ssize_t n = read(fd, bytes + at, (size_t)(size - at));
        if (n <= 0)
            break;
        at += n;
    }
    if (fd >= 0)
        close(fd);
    if (bytes && at == size)
        return bytes;
    struct err err;
    err_set_errno(&err, ERR_IO, "reading the request's body from %s", path);
    s3_fail_internal(call, &err);
    return NULL;
}

bool s3_body_take(struct s3_call *call, struct s3_body *body)
{
    struct request *req = call->req;
    *body = (struct s3_body){.size = req->body_len};
    if (req->body_len == 0)
        return true;
    body->id = s3_body_new_id(call->cloud);
    body->place = S3_PLACE_INLINE;
    if (!req->body_file[0]) {
        body->bytes = req->body.data;
        return true;
    }
    if (req->body_len <= S3_INLINE_MAX) {
        body->bytes = read_whole(call, req->body_file, req->body_len);
        return body->bytes != NULL;
    }
    body->place = S3_PLACE_FILE;
    if (!s3_body_publish(call, req->body_file, body->id))
        return false;
    req->body_file[0] = '\0';
    return true;
}

void s3_body_discard(struct s3_call *call, const struct s3_body *body)
{
    char path[4096];
    if (body->place == S3_PLACE_FILE && !body->is_stored && s3_body_path(call->cloud, body->id, path))
        unlink(path);
}

bool s3_body_insert(struct db *db, const struct s3_body *body, struct err *err)
{
    if (body->place == S3_PLACE_NONE)
        return true;
    if (body->place == S3_PLACE_FILE)
        return db_run(db, err, "insert into s3_body(id,refs) values(?,1)", "i", body->id);
    return db_run(db, err, "insert into s3_body(id,refs,bytes) values(?,1,?)", "ib", body->id, body->bytes,
                  (size_t)body->size);
}

bool s3_body_hold(struct db *db, int64_t id, struct err *err)
{
    return id == 0 || db_run(db, err, "update s3_body set refs=refs+1 where id=?", "i", id);
}

bool s3_body_drop(struct s3_call *call, struct db *db, int64_t id, enum s3_place place, struct err *err)
{
    if (place == S3_PLACE_NONE)
        return true;
    if (!db_run(db, err, "delete from s3_body where id=? and refs<=1", "i", id))
        return false;
    if (db_changes(db) == 0)
        return db_run(db, err, "update s3_body set refs=refs-1 where id=?", "i", id);
    if (place != S3_PLACE_FILE)
        return true;
    call->dropped = arena_grow(call->arena, call->dropped, call->dropped_count, &call->dropped_cap, sizeof(int64_t));
    if (call->dropped)
        call->dropped[call->dropped_count++] = id;
    return call->dropped || err_set(err, ERR_TOO_LARGE, "too many bodies removed in one request");
}

static const char *read_inline(struct s3_call *call, int64_t id, bool *gone)
{
    struct err err = ERR_NONE;
    const char *bytes = NULL;
    struct db *db = s3_db(call);
    struct db_row *row = db ? db_query(db, &err, "select bytes from s3_body where id=?", "i", id) : NULL;
    if (row && db_step(row, &err)) {
        size_t len;
        const void *blob = db_blob(row, 0, &len);
        bytes = arena_strndup(call->arena, blob ? blob : "", len);
    } else {
        *gone = err.code == ERR_OK;
    }
    if (row)
        db_end(row);
    if (err.code != ERR_OK && !s3_failed(call))
        s3_fail_internal(call, &err);
    return bytes;
}

int s3_body_open(struct s3_call *call, int64_t id, enum s3_place place, const char **bytes, bool *gone)
{
    char path[4096];
    *gone = false;
    *bytes = place == S3_PLACE_NONE ? "" : NULL;
    if (place == S3_PLACE_INLINE)
        *bytes = read_inline(call, id, gone);
    if (place != S3_PLACE_FILE || !s3_body_path(call->cloud, id, path))
        return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    *gone = fd < 0 && errno == ENOENT;
    if (fd < 0 && !*gone) {
        struct err err;
        err_set_errno(&err, ERR_IO, "opening %s", path);
        s3_fail_internal(call, &err);
    }
    return fd;
}
