/* The embedded S3's small rules: bucket names, version ids, common prefixes and what follows them, tags, routing. */
#include "backend/local/s3.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void bucket_names(void **state)
{
    (void)state;
    static const char *const good[] = {"abc", "a-b", "a.b.c", "1bucket", "my-bucket.2026", "123.456.789"};
    static const char *const bad[] = {"ab",       "Abc",  "a_b",     "-ab",     "ab-",        "a..b",
                                      "a.-b",     "a-.b", "1.2.3.4", "xn--abc", "sthree-abc", "a-s3alias",
                                      "a--ol-s3", "a b",  "",        "a--x-s3"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(s3_bucket_name_ok(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(s3_bucket_name_ok(bad[i]));
    char name[66];
    memset(name, 'a', sizeof name);
    name[63] = '\0';
    assert_true(s3_bucket_name_ok(name));
    name[63] = 'a';
    name[64] = '\0';
    assert_false(s3_bucket_name_ok(name));
}

static void version_ids_carry_their_place(void **state)
{
    (void)state;
    static const int64_t places[] = {0, -1, 1, INT64_MIN, INT64_MAX, -1700000000000000};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        char id[33], other[33];
        int64_t seq = 7;
        s3_version_id_make(places[i], id);
        s3_version_id_make(places[i], other);
        assert_true(s3_version_id_is_valid(id));
        assert_true(s3_version_id_seq(id, &seq));
        assert_int_equal(seq, places[i]);
        assert_string_not_equal(id, other);
    }
}

static void version_ids_of_others(void **state)
{
    (void)state;
    int64_t seq;
    assert_true(s3_version_id_is_valid("null"));
    assert_false(s3_version_id_seq("null", &seq));
    assert_false(s3_version_id_is_valid(""));
    assert_false(s3_version_id_is_valid("short"));
    assert_false(s3_version_id_is_valid("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"));
}

static void common(const char *key, const char *prefix, const char *delimiter, size_t wanted)
{
    assert_int_equal(s3_scan_common(key, prefix, delimiter), wanted);
}

static void common_prefixes(void **state)
{
    (void)state;
    common("a/b/c", "", "/", 2);
    common("a/b/c", "a/", "/", 4);
    common("a/b/c", "a/b/", "/", 0);
    common("a/", "a/", "/", 0);
    common("abc", "", "", 0);
    common("a--b--c", "", "--", 3);
    common("a-b", "", "--", 0);
    common("\xc3\xbc/x", "", "\xc3\xbc", 2);
}

static void what_follows_a_prefix(void **state)
{
    (void)state;
    struct arena *arena = arena_new(4096);
    assert_string_equal(s3_scan_successor(arena, "a/", 2), "a0");
    assert_string_equal(s3_scan_successor(arena, "a/bc", 2), "a0");
    assert_string_equal(s3_scan_successor(arena, "a\xff\xff", 3), "b");
    assert_null(s3_scan_successor(arena, "\xff", 1));
    assert_null(s3_scan_successor(arena, "", 0));
    arena_free(arena);
}

/* ---- routing */

static void target(const char *method, const char *host, const char *path, const char *query, const char *bucket,
                   const char *raw_key, const char *operation)
{
    struct request req = {.method = method, .host = host, .raw_path = path, .raw_query = query};
    char name[64], value[64];
    if (*query) {
        value[0] = '\0';
        assert_true(sscanf(query, "%63[^=]=%63s", name, value) >= 1);
        assert_true(pairs_add(&req.query, name, value));
    }
    struct s3_target found;
    assert_true(s3_find_target(&req, &found));
    assert_string_equal(found.bucket, bucket);
    assert_string_equal(found.raw_key, raw_key);
    if (operation)
        assert_string_equal(found.op ? found.op->name : "none", operation);
    pairs_done(&req.query);
}

static void paths_and_hosts(void **state)
{
    (void)state;
    target("GET", "127.0.0.1", "/", "", "", "", "ListBuckets");
    target("GET", "127.0.0.1", "/b", "", "b", "", "ListObjects");
    target("GET", "127.0.0.1", "/b/", "list-type=2", "b", "", "ListObjectsV2");
    target("GET", "127.0.0.1", "/b/k/l", "", "b", "k/l", "GetObject");
    target("PUT", "127.0.0.1", "/b//k", "", "b", "/k", "PutObject");
    target("GET", "b.localhost", "/k", "", "b", "k", "GetObject");
    target("GET", "b.c.localhost", "/", "", "b.c", "", "ListObjects");
    target("GET", "b.s3.localhost", "/k", "", "b", "k", "GetObject");
    target("GET", "s3.localhost", "/b/k", "", "b", "k", "GetObject");
    target("GET", "localhost", "/b/k", "", "b", "k", "GetObject");
    target("GET", "b.s3.amazonaws.com", "/k", "", "b", "k", "GetObject");
    target("GET", "b.s3.eu-west-1.amazonaws.com", "/k", "", "b", "k", "GetObject");
    target("GET", "s3.eu-west-1.amazonaws.com", "/b/k", "", "b", "k", "GetObject");
}

static void sub_resources(void **state)
{
    (void)state;
    target("GET", "h", "/b", "location", "b", "", "GetBucketLocation");
    target("GET", "h", "/b", "versions", "b", "", "ListObjectVersions");
    target("GET", "h", "/b/k", "tagging", "b", "k", "GetObjectTagging");
    target("DELETE", "h", "/b/k", "uploadId=x", "b", "k", "AbortMultipartUpload");
    target("GET", "h", "/b/k", "versionId=x", "b", "k", "GetObject");
    target("GET", "h", "/b", "prefix", "b", "", "ListObjects");
    /* never falls through to the whole bucket */
    target("DELETE", "h", "/b", "location", "b", "", "none");
    target("PUT", "h", "/b", "location", "b", "", "none");
    target("POST", "h", "/b/k", "", "b", "k", "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bucket_names),          cmocka_unit_test(version_ids_carry_their_place),
        cmocka_unit_test(version_ids_of_others), cmocka_unit_test(common_prefixes),
        cmocka_unit_test(what_follows_a_prefix), cmocka_unit_test(paths_and_hosts),
        cmocka_unit_test(sub_resources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
