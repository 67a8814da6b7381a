/* gzip both ways, in pieces of every size, with damaged and oversized data. */
#include "backend/base/gzip.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void compress_into(struct buf *out, const char *bytes, size_t len, size_t step)
{
    struct gzip *gzip = gzip_compressor(6);
    for (size_t at = 0; at < len; at += step)
        assert_true(gzip_feed(gzip, bytes + at, len - at < step ? len - at : step, false, out, NULL));
    assert_true(gzip_feed(gzip, NULL, 0, true, out, NULL));
    gzip_free(gzip);
}

static bool decompress_into(struct buf *out, const char *bytes, size_t len, size_t step, struct err *err)
{
    struct gzip *gzip = gzip_decompressor();
    bool done = true;
    for (size_t at = 0; done && at < len; at += step)
        done = gzip_feed(gzip, bytes + at, len - at < step ? len - at : step, false, out, err);
    done = done && gzip_feed(gzip, NULL, 0, true, out, err);
    gzip_free(gzip);
    return done;
}

static struct buf some_text(size_t len)
{
    struct buf text = BUF_INIT(len + 20);
    for (int i = 0; text.len < len; i++)
        buf_printf(&text, "row %d,", i * 7919 % 1000);
    text.len = len;
    return text;
}

static void pieces_of_any_size_come_back_whole(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 7, 1000, 1 << 20};
    struct buf text = some_text(200000);
    for (size_t i = 0; i < 4; i++) {
        struct buf packed = BUF_INIT(1 << 20), back = BUF_INIT(200000);
        compress_into(&packed, text.data, text.len, steps[i]);
        assert_true(gzip_is_magic(packed.data, packed.len));
        assert_true(packed.len < text.len / 3);
        assert_true(decompress_into(&back, packed.data, packed.len, steps[i], NULL));
        assert_int_equal(back.len, text.len);
        assert_memory_equal(back.data, text.data, text.len);
        buf_done(&packed);
        buf_done(&back);
    }
    buf_done(&text);
}

static void equal_input_gives_equal_bytes(void **state)
{
    (void)state;
    struct buf a = BUF_INIT(1000), b = BUF_INIT(1000);
    compress_into(&a, "same", 4, 4);
    compress_into(&b, "same", 4, 4);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    assert_memory_equal(a.data + 4, "\0\0\0\0", 4); /* the time */
    buf_done(&a);
    buf_done(&b);
}

static void empty_input_is_a_valid_member(void **state)
{
    (void)state;
    struct buf packed = BUF_INIT(100), back = BUF_INIT(0);
    compress_into(&packed, "", 0, 1);
    assert_true(decompress_into(&back, packed.data, packed.len, 100, NULL));
    assert_int_equal(back.len, 0);
    buf_done(&packed);
    buf_done(&back);
}

static void members_in_a_row_are_read_as_one(void **state)
{
    (void)state;
    for (size_t step = 1; step < 60; step++) {
        struct buf packed = BUF_INIT(1000), back = BUF_INIT(100);
        compress_into(&packed, "one ", 4, 4);
        compress_into(&packed, "two", 3, 3);
        buf_append(&packed, "\0\0\0\0\0", 5); /* padding */
        assert_true(decompress_into(&back, packed.data, packed.len, step, NULL));
        assert_string_equal(buf_text(&back), "one two");
        buf_done(&packed);
        buf_done(&back);
    }
}

static void fails(const char *bytes, size_t len, enum err_code code)
{
    struct err err = ERR_NONE;
    struct buf back = BUF_INIT(1000);
    assert_false(decompress_into(&back, bytes, len, 3, &err));
    assert_int_equal(err.code, code);
    buf_done(&back);
}

static void a_stream_cut_anywhere_is_an_error(void **state)
{
    (void)state;
    struct buf packed = BUF_INIT(1000);
    compress_into(&packed, "some words to compress", 22, 22);
    for (size_t len = 0; len < packed.len; len++)
        fails(packed.data, len, ERR_PARSE);
    buf_done(&packed);
}

static void damage_is_an_error(void **state)
{
    (void)state;
    struct buf packed = BUF_INIT(1000);
    fails("not gzip at all", 15, ERR_PARSE);
    compress_into(&packed, "some words to compress", 22, 22);
    packed.data[packed.len - 6] ^= 1; /* its CRC */
    fails(packed.data, packed.len, ERR_PARSE);
    packed.data[packed.len - 6] ^= 1;
    buf_append(&packed, "\0x", 2);
    fails(packed.data, packed.len, ERR_PARSE);
    buf_done(&packed);
}

static void a_bomb_stops_at_the_maximum(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(1 << 20), packed = BUF_INIT(1 << 20);
    memset(buf_reserve(&text, 1 << 20), 0, 1 << 20);
    text.len = 1 << 20;
    compress_into(&packed, text.data, text.len, text.len);
    static const size_t steps[] = {1, 100, 1 << 20};
    for (size_t i = 0; i < 3; i++) {
        struct err err = ERR_NONE;
        struct buf back = BUF_INIT((1 << 20) - 1);
        assert_false(decompress_into(&back, packed.data, packed.len, steps[i], &err));
        assert_int_equal(err.code, ERR_TOO_LARGE);
        buf_done(&back);
        buf_init(&back, 1 << 20); /* and exactly what is needed is enough */
        assert_true(decompress_into(&back, packed.data, packed.len, steps[i], &err));
        buf_done(&back);
    }
    buf_done(&text);
    buf_done(&packed);
}

static void compressing_into_too_little_room_fails(void **state)
{
    (void)state;
    struct buf whole = BUF_INIT(1000);
    compress_into(&whole, "some words to compress", 22, 22);
    for (size_t max = 0; max <= whole.len; max++) {
        struct err err = ERR_NONE;
        struct buf out = BUF_INIT(max);
        struct gzip *gzip = gzip_compressor(6);
        assert_int_equal(gzip_feed(gzip, "some words to compress", 22, true, &out, &err), max == whole.len);
        if (max < whole.len) {
            assert_int_equal(err.code, ERR_TOO_LARGE);
            assert_false(gzip_feed(gzip, "", 0, true, &out, &err));
        }
        gzip_free(gzip);
        buf_done(&out);
    }
    buf_done(&whole);
    gzip_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_any_size_come_back_whole), cmocka_unit_test(equal_input_gives_equal_bytes),
        cmocka_unit_test(empty_input_is_a_valid_member),      cmocka_unit_test(members_in_a_row_are_read_as_one),
        cmocka_unit_test(a_stream_cut_anywhere_is_an_error),  cmocka_unit_test(damage_is_an_error),
        cmocka_unit_test(a_bomb_stops_at_the_maximum),        cmocka_unit_test(compressing_into_too_little_room_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
