/* Percent coding, endpoint URLs and s3:// names. */
#include "backend/base/uri.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void encodes(const char *text, bool keep_slash, const char *expected)
{
    struct buf out = BUF_INIT(1000);
    assert_true(uri_encode(text, strlen(text), keep_slash, &out));
    assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
}

static void only_unreserved_bytes_stay(void **state)
{
    (void)state;
    encodes("AZaz09-._~", false, "AZaz09-._~");
    encodes("a b+c%/*", false, "a%20b%2Bc%25%2F%2A");
    encodes("a b/c", true, "a%20b/c");
    encodes("\xc3\xbc", true, "%C3%BC");
}

static void decodes(const char *text, bool plus, const char *expected)
{
    struct buf out = BUF_INIT(1000);
    assert_int_equal(uri_decode(text, strlen(text), plus, &out), expected != NULL);
    if (expected)
        assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
}

static void escapes_are_decoded_strictly(void **state)
{
    (void)state;
    decodes("a%20b%2bc", false, "a b+c");
    decodes("a+b", false, "a+b");
    decodes("a+b", true, "a b");
    decodes("%", false, NULL);
    decodes("%4", false, NULL);
    decodes("a%4", false, NULL);
    decodes("%4g", false, NULL);
    decodes("%%41", false, NULL);
}

static void all_bytes_come_back(void **state)
{
    (void)state;
    char bytes[256];
    struct buf coded = BUF_INIT(1000), back = BUF_INIT(256);
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    uri_encode(bytes, sizeof bytes, false, &coded);
    assert_true(uri_decode(coded.data, coded.len, true, &back));
    assert_int_equal(back.len, 256);
    assert_memory_equal(back.data, bytes, 256);
    buf_done(&coded);
    buf_done(&back);
}

static void endpoints_are_split(void **state)
{
    (void)state;
    struct uri uri;
    assert_true(uri_parse("HTTP://127.0.0.1:4566", &uri, NULL));
    assert_string_equal(uri.scheme, "http");
    assert_string_equal(uri.host, "127.0.0.1");
    assert_int_equal(uri.port, 4566);
    assert_string_equal(uri.path, "");
    assert_true(uri_parse("https://example.com/base/", &uri, NULL));
    assert_int_equal(uri.port, 0);
    assert_string_equal(uri.path, "/base/");
    assert_true(uri_parse("http://[::1]:80/x", &uri, NULL));
    assert_string_equal(uri.host, "::1");
    assert_int_equal(uri.port, 80);
}

static void bad_endpoints_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "example.com",
                                      "ftp://example.com",
                                      "http://",
                                      "http://:80",
                                      "http://a:0",
                                      "http://a:65536",
                                      "http://a:",
                                      "http://a:8x",
                                      "http://[::1",
                                      "http://[::1]x",
                                      "http://a b",
                                      "http://a/b c",
                                      "http://a?x=1",
                                      "http://a\r\nHost: b"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct uri uri;
        struct err err;
        assert_false(uri_parse(bad[i], &uri, &err));
        assert_int_equal(err.code, ERR_PARSE);
        assert_true(strlen(err.text) > 10);
    }
}

static void a_password_in_a_url_is_refused_and_not_repeated(void **state)
{
    (void)state;
    struct uri uri;
    struct err err;
    assert_false(uri_parse("https://me:hunter2@example.com", &uri, &err));
    assert_null(strstr(err.text, "hunter2"));
}

static void s3_names_are_split_at_the_first_slash(void **state)
{
    (void)state;
    struct s3_name name;
    assert_true(s3_name_parse("s3://lake/raw/a b//c", &name, NULL));
    assert_string_equal(name.bucket, "lake");
    assert_string_equal(name.key, "raw/a b//c");
    assert_true(s3_name_parse("s3://lake", &name, NULL));
    assert_string_equal(name.key, "");
    assert_true(s3_name_parse("s3://lake/", &name, NULL));
    assert_string_equal(name.key, "");
    assert_true(s3_is_name("s3://"));
    assert_false(s3_is_name("S3://x"));
}

static void bad_s3_names_are_refused(void **state)
{
    (void)state;
    struct s3_name name;
    struct err err;
    char longest[5 + 5 + 1025 + 1] = "s3://lake/";
    memset(longest + 10, 'k', 1024);
    assert_true(s3_name_parse(longest, &name, NULL));
    longest[10 + 1024] = 'k';
    assert_false(s3_name_parse(longest, &name, &err));
    assert_non_null(strstr(err.text, "1024"));
    assert_false(s3_name_parse("s3://ab/x", &name, &err));
    assert_false(s3_name_parse("s3:///x", &name, &err));
    assert_false(s3_name_parse("s3://a b c/x", &name, &err));
    assert_false(s3_name_parse("lake/x", &name, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_unreserved_bytes_stay),
        cmocka_unit_test(escapes_are_decoded_strictly),
        cmocka_unit_test(all_bytes_come_back),
        cmocka_unit_test(endpoints_are_split),
        cmocka_unit_test(bad_endpoints_are_refused_with_a_reason),
        cmocka_unit_test(a_password_in_a_url_is_refused_and_not_repeated),
        cmocka_unit_test(s3_names_are_split_at_the_first_slash),
        cmocka_unit_test(bad_s3_names_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
