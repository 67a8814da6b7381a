/* Row marks in files without a name: they vanish with their descriptor, whatever happens to the process. */
#include "backend/domain/result_private.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int temporary_file(const char *directory, struct err *err)
{
    char path[PATH_SIZE];
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    if (!path_join(path, directory, "rows-XXXXXX", err)) /* a file system without O_TMPFILE */
        return -1;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0) {
        err_set_errno(err, ERR_IO, "making a temporary file in %.180s", directory);
        return -1;
    }
    unlink(path);
    return fd;
}

bool read_fully(int fd, void *bytes, size_t len, uint64_t offset, struct err *err)
{
    for (size_t got = 0; got < len;) {
        ssize_t n = pread(fd, (char *)bytes + got, len - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, ERR_IO, "reading a result");
        if (n == 0)
            return err_set(err, ERR_INTERRUPTED, "the file of the result became shorter while it was read");
        got += (size_t)n;
    }
    return true;
}

bool write_fully(int fd, const void *bytes, size_t len, uint64_t offset, struct err *err)
{
    for (size_t put = 0; put < len;) {
        ssize_t n = pwrite(fd, (const char *)bytes + put, len - put, (off_t)(offset + put));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set_errno(err, ERR_IO, "writing a temporary file of a result");
        put += (size_t)n;
    }
    return true;
}

bool spool_open(struct spool *spool, const char *directory, struct err *err)
{
    *spool = (struct spool){.fd = temporary_file(directory, err)};
    return spool->fd >= 0;
}

bool spool_flush(struct spool *spool, struct err *err)
{
    size_t size = spool->held_count * sizeof *spool->held;
    if (size > 0 && !write_fully(spool->fd, spool->held, size, spool->written * sizeof *spool->held, err))
        return false;
    spool->written += spool->held_count;
    spool->held_count = 0;
    return true;
}

bool spool_add(struct spool *spool, struct row_mark mark, struct err *err)
{
    if (spool->held_count == sizeof spool->held / sizeof *spool->held && !spool_flush(spool, err))
        return false;
    spool->held[spool->held_count++] = mark;
    return true;
}

void spool_close(struct spool *spool)
{
    if (spool->fd >= 0)
        close(spool->fd);
    spool->fd = -1;
}

bool marks_read(int fd, uint64_t first, struct row_mark *marks, size_t count, struct err *err)
{
    return read_fully(fd, marks, count * sizeof *marks, first * sizeof *marks, err);
}
