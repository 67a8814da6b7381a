/* Digests, checksums, hex and base64 against published values. */
#include "backend/base/digest.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void check(enum digest_kind kind, const char *text, const char *hex)
{
    uint8_t out[DIGEST_MAX];
    char got[DIGEST_HEX];
    size_t size = digest_of(kind, text, strlen(text), out);
    assert_int_equal(size, digest_size(kind));
    assert_string_equal(hex_encode(out, size, got), hex);
}

static void digests_give_their_published_values(void **state)
{
    (void)state;
    check(DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e");
    check(DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72");
    check(DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
    check(DIGEST_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check(DIGEST_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void checksums_give_their_check_values(void **state)
{
    (void)state;
    check(DIGEST_CRC32, "123456789", "cbf43926");
    check(DIGEST_CRC32C, "123456789", "e3069283");
    check(DIGEST_CRC64NVME, "123456789", "ae8b14860a799888");
    check(DIGEST_CRC32, "", "00000000");
    check(DIGEST_CRC64NVME, "", "0000000000000000");
}

/* RFC 3720, B.4: 32 bytes of zeros, of ones, and counting up. */
static void crc32c_gives_the_values_of_its_rfc(void **state)
{
    (void)state;
    uint8_t bytes[32], out[DIGEST_MAX];
    char hex[DIGEST_HEX];
    memset(bytes, 0, sizeof bytes);
    assert_string_equal(hex_encode(out, digest_of(DIGEST_CRC32C, bytes, 32, out), hex), "8a9136aa");
    memset(bytes, 0xff, sizeof bytes);
    assert_string_equal(hex_encode(out, digest_of(DIGEST_CRC32C, bytes, 32, out), hex), "62a8ab43");
    for (int i = 0; i < 32; i++)
        bytes[i] = (uint8_t)i;
    assert_string_equal(hex_encode(out, digest_of(DIGEST_CRC32C, bytes, 32, out), hex), "46dd794e");
}

static uint8_t *some_bytes(size_t len)
{
    uint8_t *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 131 + (i >> 8) * 7);
    return bytes;
}

static void pieces_give_what_the_whole_gives(void **state)
{
    (void)state;
    enum { LEN = 1000 };
    uint8_t *bytes = some_bytes(LEN), whole[DIGEST_MAX], pieces[DIGEST_MAX];
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        digest_of((enum digest_kind)kind, bytes, LEN, whole);
        for (size_t step = 1; step < 40; step++) {
            struct digest *digest = digest_new((enum digest_kind)kind);
            for (size_t at = 0; at < LEN; at += step)
                digest_update(digest, bytes + at, LEN - at < step ? LEN - at : step);
            size_t size = digest_end(digest, pieces);
            assert_memory_equal(pieces, whole, size);
        }
    }
    free(bytes);
}

static void checksums_of_parts_combine_to_that_of_the_whole(void **state)
{
    (void)state;
    enum { LEN = 5000 };
    static const enum digest_kind kinds[] = {DIGEST_CRC32, DIGEST_CRC32C, DIGEST_CRC64NVME};
    static const size_t cuts[] = {0, 1, 7, 16, 4096, 4999, 5000};
    uint8_t *bytes = some_bytes(LEN);
    for (size_t k = 0; k < 3; k++) {
        for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
            uint8_t whole[DIGEST_MAX], first[DIGEST_MAX], next[DIGEST_MAX];
            size_t size = digest_of(kinds[k], bytes, LEN, whole);
            digest_of(kinds[k], bytes, cuts[c], first);
            digest_of(kinds[k], bytes + cuts[c], LEN - cuts[c], next);
            digest_crc_combine(kinds[k], first, next, LEN - cuts[c]);
            assert_memory_equal(first, whole, size);
        }
    }
    free(bytes);
}

static void a_running_digest_can_be_given_up(void **state)
{
    (void)state;
    digest_free(digest_new(DIGEST_SHA256));
    digest_free(digest_new(DIGEST_CRC32));
    digest_free(NULL);
}

static void digests_are_found_by_s3s_names(void **state)
{
    (void)state;
    enum digest_kind kind;
    for (int i = 0; i < DIGEST_KINDS; i++) {
        assert_true(digest_kind_by_name(digest_name((enum digest_kind)i), &kind));
        assert_int_equal(kind, i);
    }
    assert_true(digest_kind_by_name("CRC64NVME", &kind));
    assert_int_equal(kind, DIGEST_CRC64NVME);
    assert_false(digest_kind_by_name("crc", &kind));
}

/* RFC 4231, test case 2, and RFC 2202, test case 2. */
static void hmac_gives_the_values_of_its_rfcs(void **state)
{
    (void)state;
    uint8_t out[32];
    char hex[DIGEST_HEX];
    const char *text = "what do ya want for nothing?";
    hmac_sha256("Jefe", 4, text, strlen(text), out);
    assert_string_equal(hex_encode(out, 32, hex), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    hmac_sha1("Jefe", 4, text, strlen(text), out);
    assert_string_equal(hex_encode(out, 20, hex), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    hmac_sha256(NULL, 0, NULL, 0, out);
    assert_string_equal(hex_encode(out, 32, hex), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void hex_is_read_strictly(void **state)
{
    (void)state;
    uint8_t out[4];
    assert_true(hex_decode("00fFa5", 6, out));
    assert_memory_equal(out, "\x00\xff\xa5", 3);
    assert_false(hex_decode("0", 1, out));
    assert_false(hex_decode("0g", 2, out));
    assert_false(hex_decode(" 0", 2, out));
    assert_true(hex_decode("", 0, out));
}

/* RFC 4648, section 10. */
static void base64_goes_both_ways(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char text[32];
        uint8_t bytes[32];
        assert_string_equal(base64_encode(pairs[i][0], strlen(pairs[i][0]), text), pairs[i][1]);
        long len = base64_decode(pairs[i][1], strlen(pairs[i][1]), bytes);
        assert_int_equal(len, strlen(pairs[i][0]));
        assert_memory_equal(bytes, pairs[i][0], (size_t)len);
    }
}

static void base64_is_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Zg", "Zg=", "Zg== ", " Zg==", "Z===", "====", "Zh==", "Zm9=", "Z\ng==", "Zg==Zg==", "-_==", "Zm9v="};
    uint8_t out[32];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(base64_decode(bad[i], strlen(bad[i]), out), -1);
}

static void long_base64_comes_back_whole(void **state)
{
    (void)state;
    size_t len = (7 << 20) + 1;
    uint8_t *bytes = some_bytes(len), *back = malloc(len + 8);
    char *text = malloc(4 * ((len + 2) / 3) + 1);
    base64_encode(bytes, len, text);
    assert_int_equal(base64_decode(text, strlen(text), back), len);
    assert_memory_equal(back, bytes, len);
    free(bytes);
    free(back);
    free(text);
}

static void secrets_are_compared_and_wiped(void **state)
{
    (void)state;
    char secret[] = "secret";
    assert_true(secret_equal(secret, "secret", 6));
    assert_false(secret_equal(secret, "secreT", 6));
    secret_wipe(secret, sizeof secret);
    assert_memory_equal(secret, "\0\0\0\0\0\0\0", 7);
    uint8_t a[16] = {0}, b[16] = {0};
    random_bytes(a, sizeof a);
    random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_give_their_published_values),
        cmocka_unit_test(checksums_give_their_check_values),
        cmocka_unit_test(crc32c_gives_the_values_of_its_rfc),
        cmocka_unit_test(pieces_give_what_the_whole_gives),
        cmocka_unit_test(checksums_of_parts_combine_to_that_of_the_whole),
        cmocka_unit_test(a_running_digest_can_be_given_up),
        cmocka_unit_test(digests_are_found_by_s3s_names),
        cmocka_unit_test(hmac_gives_the_values_of_its_rfcs),
        cmocka_unit_test(hex_is_read_strictly),
        cmocka_unit_test(base64_goes_both_ways),
        cmocka_unit_test(base64_is_read_strictly),
        cmocka_unit_test(long_base64_comes_back_whole),
        cmocka_unit_test(secrets_are_compared_and_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
