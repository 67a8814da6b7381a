/* Saved queries: .sql files of the user's own, in a directory that other programs may edit too. */
#include "backend/base/path.h"
#include "backend/domain/query.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char ending[] = ".sql";

bool query_saved_dir(char *out, struct err *err)
{
    char dir[PATH_SIZE];
    return path_xdg_dir(XDG_CONFIG, dir, err) && path_join(out, dir, "queries", err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

int query_saved_list(const char *dir_name, char names[][QUERY_SAVED_NAME], int max, struct err *err)
{
    DIR *dir = opendir(dir_name);
    int count = 0;
    if (!dir && errno != ENOENT)
        err_set_errno(err, ERR_IO, "reading %.150s", dir_name);
    for (struct dirent *entry; dir && count < max && (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        if (len <= sizeof ending - 1 || len - (sizeof ending - 1) >= QUERY_SAVED_NAME || entry->d_name[0] == '.' ||
            strcmp(entry->d_name + len - (sizeof ending - 1), ending) != 0)
            continue;
        snprintf(names[count++], QUERY_SAVED_NAME, "%.*s", (int)(len - (sizeof ending - 1)), entry->d_name);
    }
    if (dir)
        closedir(dir);
    qsort(names, (size_t)count, QUERY_SAVED_NAME, by_name);
    return count;
}

static bool saved_path(const char *dir, const char *name, char path[PATH_SIZE], struct err *err)
{
    char file[QUERY_SAVED_NAME + sizeof ending];
    size_t len = strlen(name);
    if (len == 0 || len >= QUERY_SAVED_NAME || name[0] == '.' || strchr(name, '/') || strpbrk(name, "\n\r\t"))
        return err_set(err, ERR_USAGE, "\"%.60s\" cannot be the name of a query: no '/', not a dot first", name);
    bool has_ending = len > sizeof ending - 1 && strcmp(name + len - (sizeof ending - 1), ending) == 0;
    snprintf(file, sizeof file, "%s%s", name, has_ending ? "" : ending);
    return path_join(path, dir, file, err);
}

bool query_saved_read(const char *dir, const char *name, struct buf *out, struct err *err)
{
    char path[PATH_SIZE];
    return saved_path(dir, name, path, err) && path_read(path, out, err);
}

bool query_saved_write(const char *dir, const char *name, const char *text, size_t len, struct err *err)
{
    char path[PATH_SIZE];
    if (len > QUERY_SAVED_BYTES)
        return err_set(err, ERR_TOO_LARGE, "the text is longer than the %d MiB of a saved query",
                       QUERY_SAVED_BYTES >> 20);
    return path_make_dirs(dir, 0700, err) && saved_path(dir, name, path, err) &&
           path_write_atomic(path, text, len, 0600, err);
}

bool query_saved_exists(const char *dir, const char *name)
{
    char path[PATH_SIZE];
    return saved_path(dir, name, path, NULL) && path_exists(path);
}
