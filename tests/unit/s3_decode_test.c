/* Listing documents decoded: what real stores send, what they leave out, and what no store should send. */
#include "backend/aws/s3.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct decoded {
    struct arena *arena;
    struct s3_page page;
    struct err err;
    bool ok;
};

static struct decoded decode(const struct s3_list *list, const char *body)
{
    struct decoded result = {.arena = arena_new(1024 * 1024)};
    result.ok = s3_list_decode(list, body, strlen(body), result.arena, &result.page, &result.err);
    return result;
}

static struct decoded decode_first(const char *body)
{
    static const struct s3_list list = {.bucket = "lake"};
    return decode(&list, body);
}

static void a_page_has_objects_and_prefixes(void **state)
{
    (void)state;
    struct decoded result = decode_first(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        "<ListBucketResult "
        "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>lake</Name><IsTruncated>true</IsTruncated>"
        "<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>"
        "<Contents><Key>raw/a.csv</Key><LastModified>2026-11-22T14:29:02.000Z</LastModified>"
        "<ETag>&quot;70ee1738b6b21e2c8a43f3a5ab0eee71&quot;</ETag><Size>1234</Size><StorageClass>STANDARD</"
        "StorageClass>"
        "</Contents><CommonPrefixes><Prefix>raw/orders/</Prefix></CommonPrefixes>"
        "<CommonPrefixes><Prefix>raw/users/</Prefix></CommonPrefixes></ListBucketResult>");
    assert_true(result.ok);
    assert_int_equal(result.page.object_count, 1);
    assert_string_equal(result.page.objects[0].key, "raw/a.csv");
    assert_int_equal(result.page.objects[0].bytes, 1234);
    assert_int_equal(result.page.objects[0].modified_ms, 1795357742000);
    assert_string_equal(result.page.objects[0].etag, "70ee1738b6b21e2c8a43f3a5ab0eee71");
    assert_int_equal(result.page.prefix_count, 2);
    assert_string_equal(result.page.prefixes[1].name, "raw/users/");
    assert_true(result.page.is_truncated);
    assert_string_equal(result.page.token, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
    arena_free(result.arena);
}

static void encoded_keys_become_exact_bytes(void **state)
{
    (void)state;
    struct decoded result = decode_first(
        "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a+b%2Bc%0A%1B%5B31m%FF</Key><Size>1</Size>"
        "</Contents><Contents><Key>nul%00end</Key><Size>1</Size></Contents></ListBucketResult>");
    assert_true(result.ok);
    assert_int_equal(result.page.objects[0].key_len, 12);
    assert_memory_equal(result.page.objects[0].key, "a b+c\n\x1b[31m\xff", 12);
    assert_int_equal(result.page.objects[1].key_len, 7);
    assert_memory_equal(result.page.objects[1].key, "nul\0end", 7);
    arena_free(result.arena);
}

static void keys_are_left_alone_when_the_store_did_not_encode_them(void **state)
{
    (void)state;
    struct decoded result =
        decode_first("<ListBucketResult><Contents><Key>100%25+1</Key><Size>1</Size></Contents></ListBucketResult>");
    assert_true(result.ok);
    assert_string_equal(result.page.objects[0].key, "100%25+1");
    arena_free(result.arena);
}

static void an_empty_bucket_is_an_empty_page(void **state)
{
    (void)state;
    struct decoded result = decode_first("<ListBucketResult/>");
    assert_true(result.ok);
    assert_int_equal(result.page.object_count, 0);
    assert_false(result.page.is_truncated);
    arena_free(result.arena);
}

static void what_is_no_listing_is_a_protocol_error(void **state)
{
    (void)state;
    static const char *const bodies[] = {"",
                                         "not xml at all",
                                         "<html><body>502</body></html>",
                                         "<ListBucketResult><Contents>",
                                         "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult/>",
                                         "{\"Contents\":[]}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct decoded result = decode_first(bodies[i]);
        assert_false(result.ok);
        assert_int_equal(result.err.code, ERR_PROTOCOL);
        arena_free(result.arena);
    }
}

static void more_without_a_token_is_a_protocol_error(void **state)
{
    (void)state;
    struct decoded result = decode_first("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>");
    assert_false(result.ok);
    assert_int_equal(result.err.code, ERR_PROTOCOL);
    arena_free(result.arena);
}

static void the_token_that_was_asked_with_is_a_protocol_error(void **state)
{
    (void)state;
    const struct s3_list list = {.bucket = "lake", .token = "t1"};
    struct decoded result = decode(&list, "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t1"
                                          "</NextContinuationToken></ListBucketResult>");
    assert_false(result.ok);
    assert_int_equal(result.err.code, ERR_PROTOCOL);
    arena_free(result.arena);
}

static void versions_and_delete_markers_keep_their_order(void **state)
{
    (void)state;
    static const struct s3_list list = {.bucket = "lake"};
    static const char body[] =
        "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>"
        "<NextVersionIdMarker>v9</NextVersionIdMarker>"
        "<Version><Key>k</Key><VersionId>v3</VersionId><IsLatest>false</IsLatest><Size>3</Size></Version>"
        "<DeleteMarker><Key>k</Key><VersionId>v4</VersionId><IsLatest>true</IsLatest></DeleteMarker>"
        "<Version><Key>m</Key><VersionId>null</VersionId><IsLatest>true</IsLatest><Size>0</Size></Version>"
        "</ListVersionsResult>";
    struct arena *arena = arena_new(1024 * 1024);
    struct s3_page page;
    assert_true(s3_version_decode(&list, body, sizeof body - 1, arena, &page, NULL));
    assert_int_equal(page.object_count, 3);
    assert_string_equal(page.objects[0].version_id, "v3");
    assert_false(page.objects[0].is_latest);
    assert_true(page.objects[1].is_delete_marker && page.objects[1].is_latest);
    assert_string_equal(page.objects[2].key, "m");
    assert_string_equal(page.key_marker, "k");
    assert_string_equal(page.version_marker, "v9");
    arena_free(arena);
}

static void a_page_over_the_arena_is_too_large(void **state)
{
    (void)state;
    static const struct s3_list list = {.bucket = "lake"};
    char body[20000] = "<ListBucketResult>";
    for (int i = 0; i < 300; i++)
        strcat(body, "<Contents><Key>raw/part-000000000</Key></Contents>");
    strcat(body, "</ListBucketResult>");
    struct arena *arena = arena_new(60 * 1024);
    struct s3_page page;
    struct err err = ERR_NONE;
    assert_false(s3_list_decode(&list, body, strlen(body), arena, &page, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    arena_free(arena);
}

static void tokens_in_a_circle_are_noticed(void **state)
{
    (void)state;
    for (int period = 1; period < 40; period++) {
        struct s3_token_guard guard = {0};
        char token[32];
        int steps = 0;
        bool seen = false;
        while (!seen && steps < 1000) {
            snprintf(token, sizeof token, "t%d", steps < 10 ? 1000 + steps : steps % period);
            seen = s3_token_guard_seen(&guard, token);
            steps++;
        }
        assert_true(seen);
        assert_true(steps <= 10 + 4 * period + 32);
    }
}

static void tokens_that_differ_are_never_taken_for_a_circle(void **state)
{
    (void)state;
    struct s3_token_guard guard = {0};
    for (int i = 0; i < 100000; i++) {
        char token[32];
        snprintf(token, sizeof token, "token-%d", i);
        assert_false(s3_token_guard_seen(&guard, token));
    }
}

static void parts_grow_for_ten_thousand_of_them(void **state)
{
    (void)state;
    const int64_t mib = 1024 * 1024;
    assert_int_equal(s3_part_size(9 * mib), 8 * mib);
    assert_int_equal(s3_part_size(80000 * mib), 8 * mib);
    assert_int_equal(s3_part_size(80001 * mib), 9 * mib);
    assert_int_equal(s3_part_size(5 * 1024 * 1024 * mib), 525 * mib);
    assert_true(s3_part_size(5 * 1024 * 1024 * mib) * S3_PART_COUNT_MAX >= 5 * 1024 * 1024 * mib);
}

static void checksums_of_parts_join_to_that_of_the_whole(void **state)
{
    (void)state;
    char whole[16], joined[16] = "", part[16];
    s3_crc64("hello world", 11, whole);
    s3_crc64("hello", 5, part);
    s3_crc64_join(joined, part, 5);
    s3_crc64(" world", 6, part);
    s3_crc64_join(joined, part, 6);
    assert_string_equal(joined, whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_has_objects_and_prefixes),
        cmocka_unit_test(encoded_keys_become_exact_bytes),
        cmocka_unit_test(keys_are_left_alone_when_the_store_did_not_encode_them),
        cmocka_unit_test(an_empty_bucket_is_an_empty_page),
        cmocka_unit_test(what_is_no_listing_is_a_protocol_error),
        cmocka_unit_test(more_without_a_token_is_a_protocol_error),
        cmocka_unit_test(the_token_that_was_asked_with_is_a_protocol_error),
        cmocka_unit_test(versions_and_delete_markers_keep_their_order),
        cmocka_unit_test(a_page_over_the_arena_is_too_large),
        cmocka_unit_test(tokens_in_a_circle_are_noticed),
        cmocka_unit_test(tokens_that_differ_are_never_taken_for_a_circle),
        cmocka_unit_test(parts_grow_for_ten_thousand_of_them),
        cmocka_unit_test(checksums_of_parts_join_to_that_of_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
