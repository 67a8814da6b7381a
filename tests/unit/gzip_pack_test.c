/* Pieces compressed apart and joined in order are one ordinary gzip member. Read back by zlib itself. */
#include "backend/base/gzip_pack.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
/* cmocka wants the first four above first */
#include <cmocka.h>

/* The member's text; exactly one member is taken, and all bytes must belong to it. */
static size_t unpack(const struct buf *packed, char *text, size_t size)
{
    enum { GZIP_ONLY = 16 + MAX_WBITS };
    z_stream stream = {.next_in = (Bytef *)packed->data, .avail_in = (uInt)packed->len};
    stream.next_out = (Bytef *)text;
    stream.avail_out = (uInt)size;
    assert_int_equal(inflateInit2(&stream, GZIP_ONLY), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    inflateEnd(&stream);
    return size - stream.avail_out;
}

static void join(const char *const *pieces, size_t count, struct buf *out)
{
    struct gzip_packer *packer = gzip_packer_make(1, NULL);
    struct gzip_member member;
    struct gzip_piece piece;
    assert_true(gzip_member_begin(&member, out, NULL));
    for (size_t i = 0; i < count; i++) {
        assert_true(gzip_pack(packer, pieces[i], strlen(pieces[i]), out, &piece, NULL));
        gzip_member_add(&member, &piece);
    }
    assert_true(gzip_member_end(&member, out, NULL));
    gzip_packer_free(packer);
}

static void joined_pieces_are_one_member(void **state)
{
    (void)state;
    static const char *const pieces[] = {"one, ", "", "two, two, two, two, two, ", "three"};
    struct buf packed = BUF_INIT(4096);
    char text[100];
    join(pieces, 4, &packed);
    size_t len = unpack(&packed, text, sizeof text);
    assert_int_equal(len, 5 + 25 + 5);
    assert_memory_equal(text, "one, two, two, two, two, two, three", len);
    buf_done(&packed);
}

static void a_member_without_pieces_is_empty(void **state)
{
    (void)state;
    struct buf packed = BUF_INIT(4096);
    char text[1];
    join(NULL, 0, &packed);
    assert_int_equal(unpack(&packed, text, sizeof text), 0);
    buf_done(&packed);
}

static void bytes_that_do_not_compress_come_back(void **state)
{
    (void)state;
    enum { LEN = 300000 };
    char *noise = malloc(LEN + 1), *text = malloc(LEN);
    uint32_t random = 1;
    for (int i = 0; i < LEN; i++)
        noise[i] = (char)(1 + (random = random * 1664525 + 1013904223) % 255);
    noise[LEN] = '\0';
    struct buf packed = BUF_INIT(1 << 20);
    join((const char *const[]){noise}, 1, &packed);
    assert_int_equal(unpack(&packed, text, LEN), LEN);
    assert_memory_equal(text, noise, LEN);
    buf_done(&packed);
    free(text);
    free(noise);
}

static void a_full_buffer_is_an_error(void **state)
{
    (void)state;
    struct gzip_packer *packer = gzip_packer_make(1, NULL);
    struct buf out = BUF_INIT(8);
    struct gzip_piece piece;
    struct err err = ERR_NONE;
    assert_false(gzip_pack(packer, "0123456789", 10, &out, &piece, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    buf_done(&out);
    gzip_packer_free(packer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joined_pieces_are_one_member),
        cmocka_unit_test(a_member_without_pieces_is_empty),
        cmocka_unit_test(bytes_that_do_not_compress_come_back),
        cmocka_unit_test(a_full_buffer_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
