/* Temporary directories below TMPDIR. */
#include "tests/lib/tempdir.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    abort();
}

void tempdir_make(struct tempdir *dir)
{
    const char *base = getenv("TMPDIR");
    snprintf(dir->path, sizeof dir->path, "%s/weir-test-XXXXXX", base && *base ? base : P_tmpdir);
    if (!mkdtemp(dir->path))
        die(dir->path);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

void tempdir_remove(struct tempdir *dir)
{
    if (nftw(dir->path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        die(dir->path);
}

const char *tempdir_file(struct tempdir *dir, const char *name)
{
    snprintf(dir->file, sizeof dir->file, "%s/%s", dir->path, name);
    return dir->file;
}

const char *tempdir_write(struct tempdir *dir, const char *name, const char *text)
{
    char *path = (char *)tempdir_file(dir, name);
    for (char *slash = path + strlen(dir->path) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    size_t len = strlen(text);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len || close(fd) != 0)
        die(path);
    return path;
}
