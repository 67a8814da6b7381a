/* Errors by value: what is filled, what is kept, and what the table says. */
#include "backend/base/err.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void an_error_says_what_and_clears_the_rest(void **state)
{
    (void)state;
    struct err err = {.http_status = 503, .service_code = "SlowDown"};
    assert_false(err_set(&err, ERR_NOT_FOUND, "s3 object %s: no such key", "raw/a"));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.text, "s3 object raw/a: no such key");
    assert_int_equal(err.http_status, 0);
    assert_string_equal(err.service_code, "");
    assert_false(err.retryable);
}

static void a_passing_failure_is_retryable(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, ERR_TIMEOUT, "no answer");
    assert_true(err.retryable);
    err_set(&err, ERR_DENIED, "no");
    assert_false(err.retryable);
}

static void nobody_has_to_want_the_error(void **state)
{
    (void)state;
    assert_false(err_set(NULL, ERR_FAILED, "x"));
    assert_false(err_prefix(NULL, "x"));
    assert_false(err_set_errno(NULL, ERR_IO, "x"));
}

static void errno_is_put_into_words_and_kept(void **state)
{
    (void)state;
    struct err err;
    errno = EACCES;
    err_set_errno(&err, ERR_IO, "cannot open %s", "x");
    assert_string_equal(err.text, "cannot open x: Permission denied");
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(errno, EACCES);
}

static void a_full_disk_is_named_whatever_was_tried(void **state)
{
    (void)state;
    struct err err;
    errno = ENOSPC;
    err_set_errno(&err, ERR_IO, "cannot write x");
    assert_int_equal(err.code, ERR_DISK_FULL);
    errno = EDQUOT;
    err_set_errno(&err, ERR_CONFIG, "cannot write x");
    assert_int_equal(err.code, ERR_DISK_FULL);
}

static void a_prefix_keeps_everything_else(void **state)
{
    (void)state;
    struct err err = {.code = ERR_THROTTLED, .retryable = true, .http_status = 503, .text = "SlowDown"};
    err_prefix(&err, "s3 %s", "ListObjectsV2");
    assert_string_equal(err.text, "s3 ListObjectsV2: SlowDown");
    assert_int_equal(err.code, ERR_THROTTLED);
    assert_int_equal(err.http_status, 503);
    assert_true(err.retryable);
}

static void texts_that_are_too_long_are_cut_not_overrun(void **state)
{
    (void)state;
    char lots[400];
    memset(lots, 'x', sizeof lots - 1);
    lots[sizeof lots - 1] = '\0';
    struct err err;
    err_set(&err, ERR_FAILED, "%s", lots);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_prefix(&err, "%s", lots);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_prefix(&err, "ab");
    assert_memory_equal(err.text, "ab: xx", 6);
}

static void an_errors_own_text_may_be_an_argument(void **state)
{
    (void)state;
    struct err err;
    err_set(&err, ERR_FAILED, "inner");
    err_set(&err, ERR_IO, "outer (%s)", err.text);
    assert_string_equal(err.text, "outer (inner)");
}

static void each_code_has_its_row(void **state)
{
    (void)state;
    for (int code = 0; code < ERR_COUNT; code++) {
        assert_true(*err_name((enum err_code)code) != '\0');
        assert_true(*err_sentence((enum err_code)code) != '\0');
        assert_non_null(err_remedy((enum err_code)code));
    }
    assert_string_equal(err_name(ERR_DENIED), "DENIED");
    assert_int_equal(err_exit_code(&(struct err){.code = ERR_OK}), 0);
    assert_int_equal(err_exit_code(&(struct err){.code = ERR_DENIED}), 3);
    assert_int_equal(err_exit_code(&(struct err){.code = ERR_USAGE}), 2);
    assert_int_equal(err_exit_code(&(struct err){.code = ERR_REFUSED}), 5);
    assert_string_equal(err_name((enum err_code)9999), "FAILED");
}

static void advice_is_given_when_the_text_has_none(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    err_set(&err, ERR_NOT_FOUND, "s3 HeadObject on lake/x: HTTP 404 - it does not exist");
    assert_string_equal(err_advice(&err), "check the name");
    err_set(&err, ERR_NOT_FOUND, "s3 ListObjectsV2 on lakee: NoSuchBucket - check the bucket's name");
    assert_string_equal(err_advice(&err), "");
    err_set(&err, ERR_CANCELLED, "cancelled");
    assert_string_equal(err_advice(&err), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advice_is_given_when_the_text_has_none),
        cmocka_unit_test(an_error_says_what_and_clears_the_rest),
        cmocka_unit_test(a_passing_failure_is_retryable),
        cmocka_unit_test(nobody_has_to_want_the_error),
        cmocka_unit_test(errno_is_put_into_words_and_kept),
        cmocka_unit_test(a_full_disk_is_named_whatever_was_tried),
        cmocka_unit_test(a_prefix_keeps_everything_else),
        cmocka_unit_test(texts_that_are_too_long_are_cut_not_overrun),
        cmocka_unit_test(an_errors_own_text_may_be_an_argument),
        cmocka_unit_test(each_code_has_its_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
