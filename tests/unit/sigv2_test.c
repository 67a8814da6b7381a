/* Verification of presigned URLs of signature version 2. The URLs were made by botocore's HmacV1QueryAuth with the
 * documentation's example keys at 2015-08-30 12:36 UTC, valid one hour. */
#include "backend/core/sigv2.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static const int64_t signed_ms = 1440938160000, hour_ms = 3600000;

struct presigned {
    const char *method, *resource, *query, *token;
};
static const struct presigned urls[] = {
    {"GET", "/lake/a%20b.csv",
     "response-content-type=text%2Fcsv&versionId=3&other=1&AWSAccessKeyId=AKIDEXAMPLE&Signature="
     "LGFcOgJqT0pedgstxhvu2IEjMSQ%3D&Expires=1440941760",
     ""},
    {"PUT", "/lake/k",
     "AWSAccessKeyId=AKIDEXAMPLE&Signature=30z88vp9t%2BNlXTR3egJzxQHEHAU%3D&content-type=text%2Fplain&x-amz-meta-b="
     "%20v%20&x-amz-acl=private&Expires=1440941760",
     ""},
    {"GET", "/lake",
     "uploads&prefix=a&AWSAccessKeyId=AKIDEXAMPLE&Signature=am3aQF5%2FPJDQGcOixKcJbYcWDMY%3D&Expires=1440941760", ""},
    {"GET", "/lake/a%20b.csv",
     "response-content-type=text%2Fcsv&versionId=3&other=1&AWSAccessKeyId=AKIDEXAMPLE&Signature="
     "3KuSXR5EfSfcZ4rAYP%2Fnwlbyz1U%3D&x-amz-security-token=TOKEN%2F%3D%3D&Expires=1440941760",
     "TOKEN/=="},
    {"PUT", "/lake/k",
     "AWSAccessKeyId=AKIDEXAMPLE&Signature=Cj0g2g6fbROTaSOGaXoVoBEzLd8%3D&content-type=text%2Fplain&x-amz-meta-b="
     "%20v%20&x-amz-acl=private&x-amz-security-token=TOKEN%2F%3D%3D&Expires=1440941760",
     "TOKEN/=="},
};

static bool verify(const struct presigned *url, const char *resource, const char *key, int64_t now_ms, struct err *err)
{
    struct pairs headers = {0};
    struct sigv2_claim claim;
    pairs_add(&headers, "Host", "127.0.0.1:4599");
    assert_true(sigv2_parse_claim(url->query, &claim, err));
    assert_true(claim.present);
    assert_string_equal(claim.access_key, "AKIDEXAMPLE");
    assert_string_equal(claim.session_token, url->token);
    bool ok = sigv2_verify(&claim, url->method, resource, url->query, &headers, key, now_ms, err);
    pairs_done(&headers);
    return ok;
}

static void urls_of_a_sdk_verify_until_they_expire(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct err err = ERR_NONE;
        if (!verify(&urls[i], urls[i].resource, secret, signed_ms + hour_ms, &err))
            fail_msg("url %zu: %s", i, err.text);
        assert_false(verify(&urls[i], urls[i].resource, secret, signed_ms + hour_ms + 1000, &err));
        assert_int_equal(err.code, ERR_EXPIRED);
        assert_int_equal(err.http_status, 403);
    }
}

static void another_key_or_object_does_not_verify(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct err err = ERR_NONE;
        assert_false(verify(&urls[i], urls[i].resource, "another secret", signed_ms, &err));
        assert_string_equal(err.service_code, "SignatureDoesNotMatch");
        assert_false(verify(&urls[i], "/lake/other", secret, signed_ms, &err));
        assert_int_equal(err.code, ERR_DENIED);
    }
}

static void a_part_of_the_parameters_is_refused(void **state)
{
    (void)state;
    static const char *const parts[] = {"AWSAccessKeyId=A&Expires=1", "AWSAccessKeyId=A&Signature=B",
                                        "Signature=B&Expires=1", "AWSAccessKeyId=A&Signature=B&Expires=soon"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        struct sigv2_claim claim;
        struct err err = ERR_NONE;
        assert_false(sigv2_parse_claim(parts[i], &claim, &err));
        assert_int_equal(err.code, ERR_PARSE);
    }
}

static void other_queries_make_no_claim(void **state)
{
    (void)state;
    struct sigv2_claim claim;
    struct err err = ERR_NONE;
    assert_true(sigv2_parse_claim("list-type=2&prefix=Signature", &claim, &err));
    assert_false(claim.present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(urls_of_a_sdk_verify_until_they_expire),
        cmocka_unit_test(another_key_or_object_does_not_verify),
        cmocka_unit_test(a_part_of_the_parameters_is_refused),
        cmocka_unit_test(other_queries_make_no_claim),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
