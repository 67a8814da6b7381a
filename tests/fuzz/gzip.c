/* Any bytes, in pieces of any size: decompressed within the maximum or refused; and what was compressed comes back. The
 * first byte is the size of the pieces. */
#include "backend/base/gzip.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static bool run(struct gzip *gzip, const uint8_t *bytes, size_t len, size_t step, struct buf *out)
{
    struct err err = ERR_NONE;
    bool done = true;
    for (size_t at = 0; done && at < len; at += step)
        done = gzip_feed(gzip, bytes + at, len - at < step ? len - at : step, false, out, &err);
    done = done && gzip_feed(gzip, NULL, 0, true, out, &err);
    MUST(done == (err.code == ERR_OK));
    gzip_free(gzip);
    return done;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return 0;
    size_t step = (size_t)bytes[0] + 1;
    struct buf out = BUF_INIT(10000), packed = BUF_INIT(10000);
    run(gzip_decompressor(), bytes + 1, len - 1, step, &out);
    MUST(out.len <= out.max);
    buf_clear(&out);
    MUST(run(gzip_compressor(bytes[0] % 10), bytes, len, step, &packed));
    MUST(run(gzip_decompressor(), (const uint8_t *)packed.data, packed.len, step, &out));
    MUST(out.len == len && memcmp(out.data, bytes, len) == 0);
    buf_done(&out);
    buf_done(&packed);
    return 0;
}
