/* Many objects: one thread finds them (a listing, or a walk over folders), a few move them, a bounded queue between. An
 * object that fails is counted and the rest goes on, unless every other would fail as well. */
#include "backend/base/text.h"
#include "backend/core/thread.h"
#include "backend/domain/transfer_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { QUEUE_MAX = 256, WALK_DEPTH_MAX = 64, WAIT_MS = 200 };

struct item {
    char *name; /* below the tree's root */
    size_t len; /* may hold NUL */
    int64_t bytes;
};
struct tree {
    struct transfer *transfer;
    bool (*move)(struct tree *tree, const struct item *item, struct err *err); /* on a worker */
    const char *bucket, *prefix;                                               /* the S3 side; of a copy: where from */
    const char *to_bucket, *to_prefix;                                         /* of a copy */
    int root_fd;                                                               /* the local side; -1 for a copy */
    struct timespec since; /* when this run began, by the local file system's clock */
    pthread_mutex_t lock;  /* guards what follows */
    pthread_cond_t changed;
    struct item queue[QUEUE_MAX];
    size_t first, count;
    int64_t found_bytes;
    bool is_found; /* everything was queued */
};

/* --- the queue --- */

/* Waits for room; false when the transfer is over. */
static bool push(struct tree *tree, const char *name, size_t len, int64_t bytes)
{
    struct item item = {.name = malloc(len + 1), .len = len, .bytes = bytes};
    if (!item.name)
        abort();
    memcpy(item.name, name, len);
    item.name[len] = 0;
    pthread_mutex_lock(&tree->lock);
    while (tree->count == QUEUE_MAX && !transfer_must_end(tree->transfer))
        thread_wait(&tree->changed, &tree->lock, clock_mono(&clock_system) + WAIT_MS);
    bool ok = tree->count < QUEUE_MAX;
    if (ok) {
        tree->queue[(tree->first + tree->count++) % QUEUE_MAX] = item;
        tree->found_bytes += bytes;
        pthread_cond_broadcast(&tree->changed);
    }
    pthread_mutex_unlock(&tree->lock);
    if (!ok)
        free(item.name);
    return ok && !transfer_must_end(tree->transfer);
}

static bool take(struct tree *tree, struct item *item)
{
    pthread_mutex_lock(&tree->lock);
    while (!tree->count && !tree->is_found)
        thread_wait(&tree->changed, &tree->lock, THREAD_FOREVER);
    bool ok = tree->count > 0;
    if (ok) {
        *item = tree->queue[tree->first];
        tree->first = (tree->first + 1) % QUEUE_MAX;
        tree->count--;
        pthread_cond_broadcast(&tree->changed);
    }
    pthread_mutex_unlock(&tree->lock);
    return ok;
}

static void *work(void *context)
{
    struct tree *tree = context;
    struct item item;
    while (take(tree, &item)) {
        struct err err = ERR_NONE;
        if (!transfer_must_end(tree->transfer) && !tree->move(tree, &item, &err))
            transfer_object_failed(tree->transfer, &err);
        free(item.name);
    }
    return NULL;
}

/* Everything is known now: the total, and that the workers may end. */
static void all_found(struct tree *tree)
{
    pthread_mutex_lock(&tree->lock);
    tree->is_found = true;
    int64_t bytes = tree->found_bytes;
    pthread_cond_broadcast(&tree->changed);
    pthread_mutex_unlock(&tree->lock);
    transfer_add_total(tree->transfer, bytes);
}

static bool run(struct tree *tree, bool (*find)(struct tree *tree, struct err *err), struct err *err)
{
    pthread_t threads[TRANSFER_PARALLEL_MAX];
    int started = 0;
    pthread_mutex_init(&tree->lock, NULL);
    thread_cond_init(&tree->changed);
    bool ok = true;
    while (started < tree->transfer->parallel && (ok = thread_start(&threads[started], "transfer", work, tree, err)))
        started++;
    ok = started > 0 && find(tree, err);
    all_found(tree);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_cond_destroy(&tree->changed);
    pthread_mutex_destroy(&tree->lock);
    if (ok && cancel_is_set(tree->transfer->cancel))
        return err_set(err, ERR_CANCELLED, "cancelled; what was complete stays");
    return ok;
}

/* --- finding: a listing --- */

static bool queue_page(void *context, const struct s3_page *page)
{
    struct tree *tree = context;
    size_t cut = strlen(tree->prefix);
    for (size_t i = 0; i < page->object_count; i++) {
        const struct s3_object *object = &page->objects[i];
        bool is_marker = object->bytes == 0 && object->key_len && object->key[object->key_len - 1] == '/';
        if (object->key_len < cut || memcmp(object->key, tree->prefix, cut) != 0)
            continue; /* not what was asked for */
        if (is_marker)
            transfer_object_skipped(tree->transfer); /* folders come with their files */
        else if (!push(tree, object->key + cut, object->key_len - cut, object->bytes))
            return false;
    }
    return !transfer_must_end(tree->transfer);
}

static bool find_objects(struct tree *tree, struct err *err)
{
    struct s3_list list = {.bucket = tree->bucket, .prefix = tree->prefix, .cancel = tree->transfer->cancel};
    return s3_list_all(tree->transfer->aws, &list, queue_page, tree, err);
}

/* --- down --- */

/* Opens the folder of a safe relative name step by step below root_fd, making what is missing. A link on the way is
 * refused: it could lead out of the target. */
static int open_folder(int root_fd, const char *name, const char **base, struct err *err)
{
    int fd = dup(root_fd);
    const char *slash;
    for (; fd >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
        char part[NAME_MAX + 1];
        snprintf(part, sizeof part, "%.*s", (int)(slash - name), name);
        if (mkdirat(fd, part, 0777) != 0 && errno != EEXIST)
            err_set_errno(err, ERR_IO, "%.180s: making the folder", part);
        int next = openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            err_set_errno(err, errno == ENOTDIR || errno == ELOOP ? ERR_CONFLICT : ERR_IO,
                          "%.150s is to be a folder, but is a file or a link", part);
        close(fd);
        fd = next;
    }
    *base = name;
    return fd;
}

/* prefix and name put together; false when that is no key. */
static bool make_key(char key[S3_KEY_MAX + 1], const char *prefix, const struct item *item, struct err *err)
{
    size_t len = strlen(prefix);
    if (len + item->len > S3_KEY_MAX || strlen(item->name) != item->len)
        return err_set(err, ERR_REFUSED, "\"%.150s\" makes no key of at most 1024 bytes without NUL", item->name);
    memcpy(key, prefix, len);
    memcpy(key + len, item->name, item->len + 1);
    return true;
}

static bool move_down(struct tree *tree, const struct item *item, struct err *err)
{
    char key[S3_KEY_MAX + 1];
    const char *base;
    if (!transfer_name_is_safe(item->name, item->len, err) || !make_key(key, tree->prefix, item, err))
        return false;
    int dir_fd = open_folder(tree->root_fd, item->name, &base, err);
    if (dir_fd < 0)
        return false;
    struct s3_ref ref = {.bucket = tree->bucket, .key = key, .cancel = tree->transfer->cancel};
    bool ok = transfer_get(tree->transfer, &ref, dir_fd, base, &tree->since, err);
    close(dir_fd);
    return ok;
}

/* The file system's own clock, which may lag behind ours: by a file that is made and removed again. */
static bool stamp(struct tree *tree, struct err *err)
{
    static const char name[] = ".stamp.weir-part";
    struct stat info = {0};
    int fd = openat(tree->root_fd, name, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "writing to the target folder");
    bool ok = fstat(fd, &info) == 0;
    close(fd);
    unlinkat(tree->root_fd, name, 0);
    tree->since = info.st_ctim;
    return ok || err_set_errno(err, ERR_IO, "the target folder's clock");
}

bool transfer_get_tree(struct transfer *transfer, const char *bucket, const char *prefix, const char *dir,
                       struct err *err)
{
    struct tree tree = {.transfer = transfer, .move = move_down, .bucket = bucket, .prefix = prefix};
    if (!path_make_dirs(dir, 0777, err))
        return false;
    tree.root_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree.root_fd < 0)
        return err_set_errno(err, ERR_IO, "%.200s: the target folder", dir);
    bool ok = stamp(&tree, err) && run(&tree, find_objects, err);
    close(tree.root_fd);
    return ok;
}

/* --- up --- */

static bool is_utf8(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len;) {
        uint32_t code;
        size_t step = text_decode(name + i, len - i, &code);
        if (!step)
            return false;
        i += step;
    }
    return true;
}

static void entry_failed(struct tree *tree, const char *name, const char *reason)
{
    struct err err;
    err_set(&err, ERR_REFUSED, "\"%.150s\" is not sent: %s", name, reason);
    transfer_object_failed(tree->transfer, &err);
}

static bool walk(struct tree *tree, int dir_fd, const char *path, int depth);

/* Links to folders are not entered (they may go round in a circle); links to files are read. */
static bool visit(struct tree *tree, int dir_fd, const char *name, const char *path, int depth)
{
    struct stat info;
    if (fstatat(dir_fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
        return true; /* gone meanwhile */
    if (S_ISDIR(info.st_mode)) {
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            entry_failed(tree, path, strerror(errno));
        return fd < 0 || walk(tree, fd, path, depth + 1);
    }
    bool is_link = S_ISLNK(info.st_mode);
    if (is_link && (fstatat(dir_fd, name, &info, 0) != 0 || !S_ISREG(info.st_mode))) {
        transfer_object_skipped(tree->transfer);
        return true;
    }
    if (!S_ISREG(info.st_mode) || transfer_is_part_name(name)) {
        transfer_object_skipped(tree->transfer);
        return true;
    }
    if (!is_utf8(path)) {
        entry_failed(tree, path, "its name is not UTF-8, which keys are");
        return true;
    }
    return push(tree, path, strlen(path), info.st_size);
}

/* Takes over dir_fd. */
static bool walk(struct tree *tree, int dir_fd, const char *path, int depth)
{
    DIR *dir = depth < WALK_DEPTH_MAX ? fdopendir(dir_fd) : NULL;
    struct dirent *entry;
    bool ok = true;
    if (!dir) {
        entry_failed(tree, path, depth < WALK_DEPTH_MAX ? strerror(errno) : "folders are nested too deeply");
        close(dir_fd);
        return true;
    }
    while (ok && (entry = readdir(dir))) {
        char below[PATH_SIZE];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int len = snprintf(below, sizeof below, "%s%s%s", path, *path ? "/" : "", entry->d_name);
        if (len >= (int)sizeof below)
            entry_failed(tree, path, "its path is too long");
        else
            ok = visit(tree, dirfd(dir), entry->d_name, below, depth);
    }
    closedir(dir);
    return ok;
}

static bool find_files(struct tree *tree, struct err *err)
{
    int fd = dup(tree->root_fd);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "the folder to send");
    walk(tree, fd, "", 0);
    return true;
}

static bool move_up(struct tree *tree, const struct item *item, struct err *err)
{
    char key[S3_KEY_MAX + 1];
    struct stat info;
    if (!make_key(key, tree->prefix, item, err))
        return false;
    int fd = openat(tree->root_fd, item->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return err_set_errno(err, ERR_IO, "%.180s: reading it", item->name);
    bool ok = fstat(fd, &info) == 0 && S_ISREG(info.st_mode)
                  ? transfer_put(tree->transfer, fd, tree->bucket, key, err)
                  : err_set(err, ERR_IO, "%.180s is no regular file any more", item->name);
    close(fd);
    return ok;
}

bool transfer_put_tree(struct transfer *transfer, const char *dir, const char *bucket, const char *prefix,
                       struct err *err)
{
    struct tree tree = {.transfer = transfer, .move = move_up, .bucket = bucket, .prefix = prefix};
    tree.root_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tree.root_fd < 0)
        return err_set_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%.200s: the folder to send", dir);
    bool ok = run(&tree, find_files, err);
    close(tree.root_fd);
    return ok;
}

/* --- across --- */

static bool move_across(struct tree *tree, const struct item *item, struct err *err)
{
    char from[S3_KEY_MAX + 1], to[S3_KEY_MAX + 1];
    struct s3_ref ref = {.bucket = tree->bucket, .key = from, .cancel = tree->transfer->cancel};
    return make_key(from, tree->prefix, item, err) && make_key(to, tree->to_prefix, item, err) &&
           transfer_copy_object(tree->transfer, &ref, tree->to_bucket, to, err);
}

bool transfer_copy_tree(struct transfer *transfer, const char *bucket, const char *prefix, const char *to_bucket,
                        const char *to_prefix, struct err *err)
{
    struct tree tree = {.transfer = transfer,
                        .move = move_across,
                        .bucket = bucket,
                        .prefix = prefix,
                        .to_bucket = to_bucket,
                        .to_prefix = to_prefix,
                        .root_fd = -1};
    bool is_nested = strcmp(bucket, to_bucket) == 0 && strncmp(to_prefix, prefix, strlen(prefix)) == 0;
    if (is_nested) /* it would copy its own copies */
        return err_set(err, ERR_USAGE, "s3://%s/%.120s lies inside what is to be copied: choose another target",
                       to_bucket, to_prefix);
    return run(&tree, find_objects, err);
}
