/* XDG directories, joining, whole-file reads and atomic writes. Calls may wait for the disk: not for the UI thread's
 * loop. */
#include "backend/base/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* XDG Base Directory Specification 0.8: variable, and default below HOME. */
static const struct xdg_row {
    const char *variable, *fallback;
} xdg_rows[] = {
    [XDG_CONFIG] = {.variable = "XDG_CONFIG_HOME", .fallback = ".config"},
    [XDG_STATE] = {.variable = "XDG_STATE_HOME", .fallback = ".local/state"},
    [XDG_CACHE] = {.variable = "XDG_CACHE_HOME", .fallback = ".cache"},
    [XDG_DATA] = {.variable = "XDG_DATA_HOME", .fallback = ".local/share"},
};

bool path_xdg_dir(enum path_xdg which, char out[PATH_SIZE], struct err *err)
{
    const struct xdg_row *row = &xdg_rows[which];
    const char *base = getenv(row->variable);
    if (base && base[0] == '/') /* relative ones are to be ignored, says the specification */
        return path_join(out, base, "weir", err);
    const char *home = getenv("HOME");
    if (!home || home[0] != '/')
        return err_set(err, ERR_CONFIG, "neither %s nor HOME is an absolute path: set HOME", row->variable);
    int len = snprintf(out, PATH_SIZE, "%s/%s/weir", home, row->fallback);
    if (len < 0 || len >= PATH_SIZE)
        return err_set(err, ERR_CONFIG, "HOME is too long for a path");
    return true;
}

bool path_join(char out[PATH_SIZE], const char *dir, const char *name, struct err *err)
{
    size_t dir_len = strlen(dir);
    const char *slash = dir_len && dir[dir_len - 1] == '/' ? "" : "/";
    char joined[PATH_SIZE]; /* out may be dir */
    int len = snprintf(joined, sizeof joined, "%s%s%s", dir, slash, name);
    if (len < 0 || len >= PATH_SIZE)
        return err_set(err, ERR_IO, "%.60s/%.60s: the path is longer than %d bytes", dir, name, PATH_SIZE - 1);
    memcpy(out, joined, (size_t)len + 1);
    return true;
}

bool path_make_dirs(const char *dir, mode_t mode, struct err *err)
{
    char path[PATH_SIZE];
    size_t len = strlen(dir);
    if (len == 0 || len >= sizeof path)
        return err_set(err, ERR_IO, "%.60s: not usable as a directory's path", dir);
    memcpy(path, dir, len + 1);
    for (char *at = path + 1;; at++) {
        if (*at && *at != '/')
            continue;
        char kept = *at;
        *at = '\0';
        struct stat info;
        if (mkdir(path, mode) != 0 && (errno != EEXIST || stat(path, &info) != 0 || !S_ISDIR(info.st_mode))) {
            if (errno == EEXIST || errno == 0)
                errno = ENOTDIR;
            return err_set_errno(err, ERR_IO, "cannot make the directory %s", path);
        }
        *at = kept;
        if (!kept)
            return true;
    }
}

static bool read_all(int fd, const char *path, struct buf *out, struct err *err)
{
    enum { CHUNK = 65536 };
    char chunk[CHUNK];
    for (;;) {
        ssize_t got = read(fd, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set_errno(err, ERR_IO, "cannot read %s", path);
        if (got == 0)
            return true;
        if (!buf_append(out, chunk, (size_t)got))
            return err_set(err, ERR_TOO_LARGE, "%s is larger than the allowed %zu bytes", path, out->max);
    }
}

bool path_read(const char *path, struct buf *out, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return err_set_errno(err, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO, "cannot open %s", path);
    bool done = read_all(fd, path, out, err);
    close(fd);
    return done;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t put = write(fd, bytes, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes += put;
        len -= (size_t)put;
    }
    return true;
}

/* The rename itself is durable only when the directory is synced too. */
static bool sync_parent(const char *path)
{
    char dir[PATH_SIZE];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    if (!slash)
        strcpy(dir, ".");
    else if (len == 0)
        strcpy(dir, "/");
    else
        snprintf(dir, sizeof dir, "%.*s", (int)len, path);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool done = fsync(fd) == 0;
    close(fd);
    return done;
}

bool path_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode, struct err *err)
{
    char part[PATH_SIZE];
    int part_len = snprintf(part, sizeof part, "%s.XXXXXX", path);
    if (part_len < 0 || (size_t)part_len >= sizeof part)
        return err_set(err, ERR_IO, "%.60s: the path is longer than %d bytes", path, PATH_SIZE - 1);
    int fd = mkostemp(part, O_CLOEXEC);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "cannot write beside %s", path);
    bool done = fchmod(fd, mode) == 0 && write_all(fd, bytes, len) && fsync(fd) == 0;
    int number = errno;
    if (close(fd) != 0 && done) {
        number = errno;
        done = false;
    }
    if (done && rename(part, path) != 0) {
        number = errno;
        done = false;
    }
    if (!done) {
        unlink(part);
        errno = number;
        return err_set_errno(err, ERR_IO, "cannot write %s (it is unchanged)", path);
    }
    if (!sync_parent(path))
        return err_set_errno(err, ERR_IO, "%s is written, but its directory could not be synced", path);
    return true;
}

bool path_exists(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0;
}

static bool remove_below(int parent, const char *name, int depth);

static bool remove_entries(DIR *dir, int depth)
{
    bool done = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            done = remove_below(dirfd(dir), entry->d_name, depth + 1) && done;
    return done;
}

/* By descriptors, so that a directory swapped for a link in the meantime cannot lead outside. */
static bool remove_below(int parent, const char *name, int depth)
{
    enum { DEPTH_MAX = 200 }; /* one descriptor each */
    if (unlinkat(parent, name, 0) == 0)
        return true;
    if ((errno != EISDIR && errno != EPERM) || depth > DEPTH_MAX)
        return false;
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    bool emptied = remove_entries(dir, depth);
    closedir(dir);
    return emptied && unlinkat(parent, name, AT_REMOVEDIR) == 0;
}

bool path_remove_tree(const char *dir, struct err *err)
{
    char path[PATH_SIZE];
    size_t len = strlen(dir);
    if (len >= sizeof path)
        return err_set(err, ERR_IO, "%.60s: the path is longer than %d bytes", dir, PATH_SIZE - 1);
    memcpy(path, dir, len + 1);
    while (len > 1 && path[len - 1] == '/')
        path[--len] = '\0';
    if (!remove_below(AT_FDCWD, path, 0) && path_exists(path))
        return err_set_errno(err, ERR_IO, "cannot remove all of %s", dir);
    return true;
}

void path_fill_standard_fds(void)
{
    for (int fd = 0; fd <= 2; fd++) /* open gives the lowest free descriptor (open(2)) */
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDONLY) != fd)
            return;
}
