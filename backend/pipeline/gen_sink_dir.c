/* The directory sink: everything goes below DIR/.partial, and finish moves each table's folder to its name. A killed
 * run leaves only .partial, which the next one clears away. */
#include "backend/base/path.h"
#include "backend/pipeline/gen_csv.h"
#include "backend/pipeline/gen_sink.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

struct dir_sink {
    struct gen_sink sink;
    bool is_replacing;
    int lock_fd; /* the directory itself, locked */
    char dir[PATH_SIZE], partial[PATH_SIZE];
};
struct dir_file {
    int fd;
    char path[PATH_SIZE];
};

static void free_sink(struct dir_sink *sink)
{
    if (sink->lock_fd >= 0)
        close(sink->lock_fd);
    free(sink);
}

/* dir and name as one path whose parent exists. */
static bool make_place(const char *dir, const char *name, char path[PATH_SIZE], struct err *err)
{
    if (!path_join(path, dir, name, err))
        return false;
    char *slash = strrchr(path, '/');
    *slash = '\0';
    bool is_made = path_make_dirs(path, 0777, err);
    *slash = '/';
    return is_made;
}

static struct gen_file *dir_open(struct gen_sink *base, const char *name, struct err *err)
{
    struct dir_sink *sink = (struct dir_sink *)base;
    struct dir_file *file = calloc(1, sizeof *file);
    if (!file) {
        err_set(err, ERR_FAILED, "no memory to open %s", name);
        return NULL;
    }
    if (!make_place(sink->partial, name, file->path, err))
        goto failed;
    file->fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file->fd >= 0)
        return (struct gen_file *)file;
    err_set_errno(err, ERR_IO, "creating %s", file->path);
failed:
    free(file);
    return NULL;
}

static bool dir_write(struct gen_file *base, const void *bytes, size_t len, struct err *err)
{
    struct dir_file *file = (struct dir_file *)base;
    for (const char *at = bytes; len > 0;) {
        ssize_t wrote = write(file->fd, at, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return err_set_errno(err, ERR_IO, "writing %s", file->path);
        at += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static bool dir_close(struct gen_file *base, struct err *err)
{
    struct dir_file *file = (struct dir_file *)base;
    bool is_ok = fsync(file->fd) == 0;
    if (!is_ok)
        err_set_errno(err, ERR_IO, "saving %s", file->path);
    if (close(file->fd) != 0 && is_ok)
        is_ok = err_set_errno(err, ERR_IO, "closing %s", file->path);
    free(file);
    return is_ok;
}

static void dir_discard(struct gen_file *base)
{
    close(((struct dir_file *)base)->fd);
    free(base);
}

static bool move_table(struct dir_sink *sink, const char *name, struct err *err)
{
    char from[PATH_SIZE], to[PATH_SIZE];
    if (!path_join(from, sink->partial, name, err) || !make_place(sink->dir, name, to, err))
        return false;
    if (path_exists(to) && !path_remove_tree(to, err))
        return false;
    return rename(from, to) == 0 || err_set_errno(err, ERR_IO, "moving %s to %s", from, to);
}

static void dir_abandon(struct gen_sink *base)
{
    struct dir_sink *sink = (struct dir_sink *)base;
    path_remove_tree(sink->partial, NULL);
    free_sink(sink);
}

static bool dir_finish(struct gen_sink *base, struct err *err)
{
    struct dir_sink *sink = (struct dir_sink *)base;
    bool is_ok = true;
    for (int i = 0; i < GEN_TABLES && is_ok; i++)
        is_ok = move_table(sink, gen_tables[i].folder, err);
    is_ok = is_ok && (fsync(sink->lock_fd) == 0 || err_set_errno(err, ERR_IO, "saving %s", sink->dir));
    dir_abandon(base);
    return is_ok;
}

static const struct gen_sink_ops dir_ops = {
    .open = dir_open,
    .write = dir_write,
    .close = dir_close,
    .discard = dir_discard,
    .finish = dir_finish,
    .abandon = dir_abandon,
};

static bool lock_dir(struct dir_sink *sink, struct err *err)
{
    if (!path_make_dirs(sink->dir, 0777, err))
        return false;
    sink->lock_fd = open(sink->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (sink->lock_fd < 0)
        return err_set_errno(err, ERR_IO, "opening the directory %s", sink->dir);
    if (flock(sink->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno == EWOULDBLOCK)
        return err_set(err, ERR_CONFLICT, "another run is writing to %s; wait for it to end", sink->dir);
    return err_set_errno(err, ERR_IO, "locking %s", sink->dir);
}

static bool check_is_free(const struct dir_sink *sink, struct err *err)
{
    for (int i = 0; i < GEN_TABLES && !sink->is_replacing; i++) {
        char path[PATH_SIZE];
        if (!path_join(path, sink->dir, gen_tables[i].folder, err))
            return false;
        if (path_exists(path))
            return err_set(err, ERR_CONFLICT, "%s exists already; name another directory or ask to replace it", path);
    }
    return true;
}

struct gen_sink *gen_sink_dir(const char *dir, bool replace, struct err *err)
{
    struct dir_sink *sink = calloc(1, sizeof *sink);
    if (!sink) {
        err_set(err, ERR_FAILED, "no memory to write to %s", dir);
        return NULL;
    }
    *sink = (struct dir_sink){.sink.ops = &dir_ops, .is_replacing = replace, .lock_fd = -1};
    bool is_ok = path_join(sink->partial, dir, ".partial", err);
    if (is_ok)
        memcpy(sink->dir, dir, strlen(dir) + 1); /* shorter than partial */
    is_ok = is_ok && lock_dir(sink, err) && check_is_free(sink, err);
    if (is_ok && path_exists(sink->partial))
        is_ok = path_remove_tree(sink->partial, err);
    if (is_ok)
        return &sink->sink;
    free_sink(sink);
    return NULL;
}
