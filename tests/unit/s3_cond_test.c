/* The embedded S3's conditions (RFC 7232 with S3's precedence) and ranges (RFC 7233). */
#include "backend/local/s3.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#define ETAG "0123456789abcdef0123456789abcdef"
enum { MODIFIED_S = 1700000000 }; /* Tue, 14 Nov 2023 22:13:20 GMT */
#define SAME   "Tue, 14 Nov 2023 22:13:20 GMT"
#define BEFORE "Tue, 14 Nov 2023 22:13:19 GMT"

static void verdict(struct s3_conditions cond, enum s3_verdict wanted, const char *by)
{
    const char *which = "";
    assert_int_equal(s3_cond_read(&cond, ETAG, MODIFIED_S * 1000LL + 900, &which), wanted);
    if (wanted != S3_COND_PASS)
        assert_string_equal(which, by);
}

static void no_condition_passes(void **state)
{
    (void)state;
    verdict((struct s3_conditions){0}, S3_COND_PASS, "");
}

static void each_condition_alone(void **state)
{
    (void)state;
    verdict((struct s3_conditions){.if_match = "\"" ETAG "\""}, S3_COND_PASS, "");
    verdict((struct s3_conditions){.if_match = "\"other\""}, S3_COND_FAILED, "If-Match");
    verdict((struct s3_conditions){.if_none_match = "\"" ETAG "\""}, S3_COND_NOT_MODIFIED, "If-None-Match");
    verdict((struct s3_conditions){.if_none_match = "\"other\""}, S3_COND_PASS, "");
    verdict((struct s3_conditions){.if_modified_since = BEFORE}, S3_COND_PASS, "");
    verdict((struct s3_conditions){.if_unmodified_since = BEFORE}, S3_COND_FAILED, "If-Unmodified-Since");
}

static void the_same_second_counts_as_not_modified(void **state)
{
    (void)state;
    verdict((struct s3_conditions){.if_modified_since = SAME}, S3_COND_NOT_MODIFIED, "If-Modified-Since");
    verdict((struct s3_conditions){.if_unmodified_since = SAME}, S3_COND_PASS, "");
}

static void tags_beat_dates(void **state)
{
    (void)state;
    verdict((struct s3_conditions){.if_match = ETAG, .if_unmodified_since = BEFORE}, S3_COND_PASS, "");
    verdict((struct s3_conditions){.if_none_match = "other", .if_modified_since = SAME}, S3_COND_PASS, "");
    verdict((struct s3_conditions){.if_none_match = ETAG, .if_modified_since = BEFORE}, S3_COND_NOT_MODIFIED,
            "If-None-Match");
}

static void a_date_that_is_none_is_ignored(void **state)
{
    (void)state;
    verdict((struct s3_conditions){.if_unmodified_since = "yesterday"}, S3_COND_PASS, "");
    verdict((struct s3_conditions){.if_modified_since = "yesterday"}, S3_COND_PASS, "");
}

static void entity_tag_lists(void **state)
{
    (void)state;
    assert_true(s3_etag_matches("*", ETAG));
    assert_true(s3_etag_matches(ETAG, ETAG));
    assert_true(s3_etag_matches("W/\"" ETAG "\"", ETAG));
    assert_true(s3_etag_matches("\"a\", \"" ETAG "\" ,\"b\"", ETAG));
    assert_false(s3_etag_matches("\"a\",\"b\"", ETAG));
    assert_false(s3_etag_matches("\"*\"", ETAG));
    assert_false(s3_etag_matches("", ETAG));
    assert_false(s3_etag_matches("\"" ETAG, "short"));
}

static void range(const char *header, int64_t size, enum s3_range_kind kind, int64_t first, int64_t last)
{
    int64_t from, to;
    assert_int_equal(s3_range_parse(header, size, &from, &to), kind);
    /* whatever is not a range means the whole */
    assert_int_equal(from, kind == S3_RANGE_OK ? first : 0);
    assert_int_equal(to, kind == S3_RANGE_OK ? last : size - 1);
}

static void ranges_inside(void **state)
{
    (void)state;
    range("bytes=0-0", 10, S3_RANGE_OK, 0, 0);
    range("bytes=2-5", 10, S3_RANGE_OK, 2, 5);
    range("bytes=9-", 10, S3_RANGE_OK, 9, 9);
    range("bytes=-3", 10, S3_RANGE_OK, 7, 9);
    range("bytes=0-99", 10, S3_RANGE_OK, 0, 9);
    range("bytes=-99", 10, S3_RANGE_OK, 0, 9);
}

static void ranges_that_cannot_be(void **state)
{
    (void)state;
    range("bytes=10-", 10, S3_RANGE_UNSATISFIABLE, 0, 0);
    range("bytes=10-12", 10, S3_RANGE_UNSATISFIABLE, 0, 0);
    range("bytes=-0", 10, S3_RANGE_UNSATISFIABLE, 0, 0);
    range("bytes=0-", 0, S3_RANGE_UNSATISFIABLE, 0, 0);
    range("bytes=-1", 0, S3_RANGE_UNSATISFIABLE, 0, 0);
}

static void what_is_no_range_is_ignored(void **state)
{
    (void)state;
    static const char *const headers[] = {"bytes=5-2",
                                          "bytes=a-b",
                                          "bytes=1-2,4-5",
                                          "lines=1-2",
                                          "bytes=",
                                          "bytes=-",
                                          "bytes=1",
                                          "bytes=1-2x",
                                          "",
                                          "bytes=--1",
                                          "bytes=99999999999999999999-",
                                          "Bytes=1-2"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        range(headers[i], 10, S3_RANGE_NONE, 0, 0);
    range(NULL, 10, S3_RANGE_NONE, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_condition_passes),
        cmocka_unit_test(each_condition_alone),
        cmocka_unit_test(the_same_second_counts_as_not_modified),
        cmocka_unit_test(tags_beat_dates),
        cmocka_unit_test(a_date_that_is_none_is_ignored),
        cmocka_unit_test(entity_tag_lists),
        cmocka_unit_test(ranges_inside),
        cmocka_unit_test(ranges_that_cannot_be),
        cmocka_unit_test(what_is_no_range_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
