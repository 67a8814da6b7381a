/* Compressed text files are whole: gzip members are inflated to their check sums, zstd frames are walked block by block
 * (their contents the engine checks). Worker process, main thread. Sources: RFC 1952; RFC 8878, sections 3.1.1.1 to
 * 3.1.1.3. */
#include "backend/base/gzip.h"
#include "backend/local/sql_worker.h"
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEP = 1 << 16, INFLATED_STEP_MAX = 1 << 27 };

static bool damaged(const char *path, const char *why, struct err *err)
{
    return err_set(err, ERR_FAILED, "WEIR!HIVE_CURSOR_ERROR: Failed to read file at %s: %s", path, why);
}

static bool check_gzip(int fd, const char *path, struct err *err)
{
    struct gzip *gzip = gzip_decompressor();
    struct buf plain = BUF_INIT(INFLATED_STEP_MAX);
    struct err cause = ERR_NONE;
    char step[STEP];
    ssize_t n;
    bool ok = true;
    do {
        n = read(fd, step, sizeof step);
        ok = n >= 0 && gzip_feed(gzip, step, (size_t)n, n == 0, &plain, &cause);
        buf_clear(&plain);
    } while (ok && n > 0);
    gzip_free(gzip);
    buf_done(&plain);
    return ok || damaged(path, n < 0 ? "it cannot be read" : "its gzip data are damaged or end too early", err);
}

/* ---- zstd */

static uint64_t little(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;
    while (count--)
        value = value << 8 | bytes[count];
    return value;
}

/* The header's size from its descriptor byte, the magic number's four bytes left out. */
static int64_t header_size(unsigned char descriptor)
{
    static const int64_t dictionary[] = {0, 1, 2, 4}, content[] = {0, 2, 4, 8};
    bool is_single = descriptor >> 5 & 1;
    int64_t size = content[descriptor >> 6];
    return 1 + !is_single + dictionary[descriptor & 3] + (size == 0 && is_single ? 1 : size);
}

/* Moves *at behind a frame's blocks and check sum; false when they pass the end. */
static bool walk_blocks(int fd, int64_t *at, int64_t end, bool has_sum)
{
    for (bool is_last = false; !is_last;) {
        unsigned char head[3];
        if (pread(fd, head, sizeof head, *at) != sizeof head)
            return false;
        uint64_t block = little(head, 3);
        is_last = block & 1;
        bool is_run = (block >> 1 & 3) == 1; /* one byte, repeated */
        *at += 3 + (is_run ? 1 : (int64_t)(block >> 3));
        if (*at > end)
            return false;
    }
    *at += has_sum ? 4 : 0;
    return *at <= end;
}

static bool check_zstd(int fd, const char *path, struct err *err)
{
    struct stat info;
    int64_t at = 0;
    bool ok = fstat(fd, &info) == 0 && info.st_size > 0;
    while (ok && at < info.st_size) {
        unsigned char head[9] = {0};
        ssize_t n = pread(fd, head, sizeof head, at);
        uint64_t magic = n >= 5 ? little(head, 4) : 0;
        if ((magic & 0xfffffff0) == 0x184d2a50) { /* a frame to skip: its size follows */
            at += 8 + (int64_t)little(head + 4, 4);
            ok = n >= 8 && at <= info.st_size;
        } else if (magic == 0xfd2fb528) {
            at += 4 + header_size(head[4]);
            ok = walk_blocks(fd, &at, info.st_size, head[4] >> 2 & 1);
        } else {
            ok = false;
        }
    }
    return ok || damaged(path, "its zstd data are damaged or end too early", err);
}

bool sql_check_files(const json_t *paths, struct err *err)
{
    size_t i;
    const json_t *item;
    bool ok = true;
    json_array_foreach(paths, i, item)
    {
        const char *path = json_string_value(item);
        size_t len = strlen(path);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        bool is_zstd = len > 4 && strcmp(path + len - 4, ".zst") == 0;
        ok = fd >= 0 ? (is_zstd ? check_zstd : check_gzip)(fd, path, err) : damaged(path, "it cannot be read", err);
        if (fd >= 0)
            close(fd);
        if (!ok)
            break;
    }
    return ok;
}
