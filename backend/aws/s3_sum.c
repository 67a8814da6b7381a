/* CRC64NVME of bytes, file ranges and concatenations, as base64: the checksum that this client sends. Pure but for
 * reading the file; any thread. */
#include "backend/aws/s3.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 128 * 1024 };

void s3_crc64(const void *bytes, size_t len, char out[16])
{
    uint8_t raw[DIGEST_MAX];
    base64_encode(raw, digest_of(DIGEST_CRC64NVME, bytes, len, raw), out);
}

bool s3_crc64_fd(int fd, int64_t offset, int64_t len, char out[16], struct err *err)
{
    uint8_t raw[DIGEST_MAX];
    struct digest *digest = digest_new(DIGEST_CRC64NVME);
    char *chunk = malloc(CHUNK);
    ssize_t got = 1;
    while (chunk && len > 0 && got > 0) {
        got = pread(fd, chunk, len < CHUNK ? (size_t)len : CHUNK, offset);
        if (got < 0 && errno == EINTR) {
            got = 1;
            continue;
        }
        if (got > 0) {
            digest_update(digest, chunk, (size_t)got);
            len -= got;
            offset += got;
        }
    }
    base64_encode(raw, digest_end(digest, raw), out);
    free(chunk);
    if (got < 0)
        return err_set_errno(err, ERR_IO, "reading the file to send");
    return len == 0 || err_set(err, ERR_IO, "the file to send became shorter while it was read");
}

void s3_crc64_join(char crc[16], const char *next, int64_t next_len)
{
    uint8_t left[DIGEST_MAX] = {0}, right[DIGEST_MAX] = {0};
    if (!*crc) {
        strcpy(crc, next);
        return;
    }
    if (base64_decode(crc, strlen(crc), left) != 8 || base64_decode(next, strlen(next), right) != 8)
        return;
    digest_crc_combine(DIGEST_CRC64NVME, left, right, (uint64_t)next_len);
    base64_encode(left, 8, crc);
}
