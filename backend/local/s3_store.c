/* Where S3 keeps things: its tables, and the bytes of objects and parts. A body is a row of s3_body; small ones carry
 * their bytes in it, larger ones are a file named by the row's id (never by the key) below objects/, written, synced
 * and renamed before the row that makes them count. Copies share a body by its reference count. A file without a row is
 * garbage of a crash: the keeper thread collects it after a start that no clean stop preceded. */
#include "backend/base/log.h"
#include "backend/base/path.h"
#include "backend/local/s3.h"
#include "backend/local/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct s3_state {
    _Atomic int64_t next_id; /* of bodies; never reused, greater than any of an earlier run */
    int64_t first_id;        /* of this run: the collector touches only older ones */
    pthread_t keeper;        /* collects garbage after a crash, then sleeps from one lifecycle pass to the next */
    bool has_keeper, was_clean;
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t wake; /* stop was set */
};

static const char schema[] =
    "create table if not exists s3_bucket(id integer primary key, name text unique not null, created integer not null,"
    " region text not null, versioning integer not null default 0, object_lock integer not null default 0,"
    " flags integer not null default 0);"
    "create table if not exists s3_config(bucket integer not null, kind text not null, body blob not null,"
    " primary key(bucket, kind)) without rowid;"
    /* newest version first: seq falls with time */
    "create table if not exists s3_object(bucket integer not null, key text not null, seq integer not null, version "
    "text,"
    " marker integer not null, modified integer not null, size integer not null, etag text not null,"
    " storage text not null, body integer not null, place integer not null, checksum text, headers text, tags text,"
    " acl text, parts text, lock_mode text, lock_until integer not null default 0,"
    " legal_hold integer not null default 0, primary key(bucket, key, seq)) without rowid;"
    "create table if not exists s3_body(id integer primary key, refs integer not null, bytes blob);"
    "create table if not exists s3_upload(id integer primary key, upload text unique not null, bucket integer not null,"
    " key text not null, started integer not null, storage text not null, headers text, tags text, acl text,"
    " kind text not null, type text not null, lock_mode text, lock_until integer not null, legal_hold integer not "
    "null);"
    "create index if not exists s3_upload_key on s3_upload(bucket, key, id);"
    "create table if not exists s3_part(upload integer not null, number integer not null, modified integer not null,"
    " size integer not null, etag text not null, body integer not null, place integer not null, checksum text,"
    " primary key(upload, number)) without rowid;"
    /* finished uploads: a repeated CompleteMultipartUpload answers as the first one did */
    "create table if not exists s3_done(upload text primary key, bucket integer not null, key text not null,"
    " etag text not null, version text, checksum text, at integer not null) without rowid;";

static bool directory_of(const struct cloud *cloud, int64_t id, char out[4096])
{
    return snprintf(out, 4096, "%s/%02x", cloud->objects, (unsigned)(id & 0xff)) < 4096;
}

bool s3_body_path(const struct cloud *cloud, int64_t id, char out[4096])
{
    return snprintf(out, 4096, "%s/%02x/%016" PRIx64, cloud->objects, (unsigned)(id & 0xff), (uint64_t)id) < 4096;
}

int64_t s3_body_new_id(struct cloud *cloud)
{
    return atomic_fetch_add(&cloud->s3->next_id, 1);
}

static bool row_exists(struct cloud *cloud, int64_t id)
{
    struct err err = ERR_NONE;
    struct db *db = store_reader(cloud->store, &err);
    struct db_row *row = db ? db_query(db, &err, "select 1 from s3_body where id=?", "i", id) : NULL;
    /* when in doubt, keep the file */
    bool exists = !row || db_step(row, &err) || err.code != ERR_OK;
    if (row)
        db_end(row);
    if (db)
        store_reader_done(cloud->store, db);
    return exists;
}

static void collect_directory(struct cloud *cloud, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry = readdir(dir); entry && !atomic_load(&cloud->s3->stop); entry = readdir(dir)) {
        char *end;
        int64_t id = (int64_t)strtoull(entry->d_name, &end, 16);
        if (strlen(entry->d_name) != 16 || *end || id >= cloud->s3->first_id || row_exists(cloud, id))
            continue;
        if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            log_info(local, "s3: collected %s, which no row names", entry->d_name);
    }
    closedir(dir);
}

static void collect(struct cloud *cloud)
{
    char path[4096];
    for (int i = 0; i < 256 && !atomic_load(&cloud->s3->stop); i++) {
        if (directory_of(cloud, i, path))
            collect_directory(cloud, path);
    }
}

static bool forget_old_uploads(struct db *db, void *context, struct err *err)
{
    const struct cloud *cloud = context;
    int64_t day_ago = clock_wall(cloud->clock) - 24 * 3600 * 1000LL;
    return db_run(db, err, "delete from s3_done where at<?", "i", day_ago);
}

/* Sleeps until that wall time or stop; an hour at most, so that a clock that is set does not matter. */
static void sleep_until(struct cloud *cloud, int64_t wall_ms)
{
    struct s3_state *state = cloud->s3;
    struct timespec until;
    int64_t left = wall_ms - clock_wall(cloud->clock);
    if (left > 3600 * 1000)
        left = 3600 * 1000;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += left / 1000 + 1;
    pthread_mutex_lock(&state->lock);
    if (!atomic_load(&state->stop))
        pthread_cond_timedwait(&state->wake, &state->lock, &until);
    pthread_mutex_unlock(&state->lock);
}

static void *keep(void *argument)
{
    struct cloud *cloud = argument;
    struct err err = ERR_NONE;
    if (!cloud->s3->was_clean)
        collect(cloud);
    while (!atomic_load(&cloud->s3->stop)) {
        if (!store_write(cloud->store, forget_old_uploads, cloud, &err) || !s3_lifecycle_run(cloud, &err))
            log_warn(local, "s3: the daily pass failed: %s", err.text);
        int64_t next = s3_lifecycle_next(clock_wall(cloud->clock));
        while (!atomic_load(&cloud->s3->stop) && clock_wall(cloud->clock) < next)
            sleep_until(cloud, next);
    }
    return NULL;
}

static bool first_id(struct cloud *cloud, int64_t *id, struct err *err)
{
    struct db *db = store_reader(cloud->store, err);
    if (!db)
        return false;
    /* by the clock, so that a file that lost its row cannot share a name with a new one */
    *id = clock_wall(cloud->clock) << 20;
    struct db_row *row = db_query(db, err, "select max(id) from s3_body", "");
    if (row && db_step(row, err) && !db_is_null(row, 0) && db_int(row, 0) >= *id)
        *id = db_int(row, 0) + 1;
    if (row)
        db_end(row);
    store_reader_done(cloud->store, db);
    return err->code == ERR_OK;
}

static bool marker_path(const struct cloud *cloud, char out[4096])
{
    return snprintf(out, 4096, "%s/clean", cloud->objects) < 4096;
}

bool s3_store_start(struct cloud *cloud, struct err *err)
{
    *err = ERR_NONE;
    struct s3_state *state = calloc(1, sizeof *state);
    char marker[4096];
    if (!state)
        abort();
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->wake, NULL);
    cloud->s3 = state;
    if (!path_make_dirs(cloud->objects, 0700, err) || !store_schema(cloud->store, schema, err) ||
        !first_id(cloud, &state->first_id, err))
        return false;
    atomic_store(&state->next_id, state->first_id);
    state->was_clean = marker_path(cloud, marker) && unlink(marker) == 0;
    state->has_keeper = pthread_create(&state->keeper, NULL, keep, cloud) == 0;
    return state->has_keeper || err_set(err, ERR_FAILED, "s3: a thread could not be started; check the process limit");
}

void s3_store_stop(struct cloud *cloud)
{
    struct s3_state *state = cloud->s3;
    if (!state)
        return;
    pthread_mutex_lock(&state->lock);
    atomic_store(&state->stop, true);
    pthread_cond_signal(&state->wake);
    pthread_mutex_unlock(&state->lock);
    if (state->has_keeper)
        pthread_join(state->keeper, NULL);
    char marker[4096];
    int fd = marker_path(cloud, marker) ? open(marker, O_CREAT | O_WRONLY | O_CLOEXEC, 0600) : -1;
    if (fd >= 0)
        close(fd);
    pthread_cond_destroy(&state->wake);
    pthread_mutex_destroy(&state->lock);
    free(state);
    cloud->s3 = NULL;
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

/* Gives a synced temporary file its final name, durably. */
static bool publish(struct s3_call *call, const char *temporary, int64_t id)
{
    char path[4096], dir[4096];
    struct err err;
    bool ok = s3_body_path(call->cloud, id, path) && directory_of(call->cloud, id, dir);
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
    if (!publish(call, req->body_file, body->id))
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

/* ---- building new bodies out of stored ones */

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
    ok = ok && publish(call, path, body->id);
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
