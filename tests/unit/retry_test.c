/* The two retry tables: delays with fixed random numbers, the token quota and its refunds, what is retried; the own
 * token bucket on a clock that the test turns; waits that a token ends. */
#include "backend/core/rates.h"
#include "backend/core/retry.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static double half(void *context)
{
    (void)context;
    return 0.5;
}

static const struct err down = {.code = ERR_SERVER, .http_status = 503};
static const struct err slow = {.code = ERR_FAILED, .http_status = 400, .service_code = "ThrottlingException"};
static const struct err late = {.code = ERR_TIMEOUT, .retryable = true};
static const struct err denied = {.code = ERR_DENIED, .http_status = 403, .service_code = "AccessDenied"};

static struct retry start(const struct retry_rules *rules, struct retry_quota *quota, int attempts)
{
    struct retry retry;
    retry_init(&retry, rules, quota, attempts);
    retry.random = half;
    return retry;
}

static void delays_double_up_to_the_cap(void **state)
{
    (void)state;
    static const int64_t expected[] = {500, 1000, 2000, 4000, 8000, 10000, 10000};
    struct retry retry = start(&retry_rules_v2_0, NULL, 8);
    int64_t delay_ms;
    for (size_t i = 0; i < 7; i++) {
        assert_true(retry_again(&retry, &down, 0, &delay_ms));
        assert_int_equal(delay_ms, expected[i]);
    }
    assert_false(retry_again(&retry, &down, 0, &delay_ms));
}

static void three_attempts_unless_told(void **state)
{
    (void)state;
    int64_t delay_ms;
    struct retry retry = start(&retry_rules_v2_0, NULL, 0);
    assert_true(retry_again(&retry, &down, 0, &delay_ms));
    assert_true(retry_again(&retry, &down, 0, &delay_ms));
    assert_false(retry_again(&retry, &down, 0, &delay_ms));
    retry = start(&retry_rules_v2_0, NULL, 1);
    assert_false(retry_again(&retry, &down, 0, &delay_ms));
}

static void the_new_rules_wait_less_unless_throttled(void **state)
{
    (void)state;
    int64_t delay_ms;
    struct retry retry = start(&retry_rules_v2_1, NULL, 0);
    assert_true(retry_again(&retry, &down, 0, &delay_ms));
    assert_int_equal(delay_ms, 25);
    assert_true(retry_again(&retry, &slow, 0, &delay_ms));
    assert_int_equal(delay_ms, 1000);
}

static void a_servers_hint_is_held_within_five_seconds(void **state)
{
    (void)state;
    static const struct {
        int64_t hint_ms, delay_ms;
    } rows[] = {{0, 500}, {100, 500}, {3000, 3000}, {60000, 5500}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t delay_ms;
        struct retry retry = start(&retry_rules_v2_1, NULL, 0);
        assert_true(retry_again(&retry, &slow, rows[i].hint_ms, &delay_ms));
        assert_int_equal(delay_ms, rows[i].delay_ms);
        retry = start(&retry_rules_v2_0, NULL, 0);
        assert_true(retry_again(&retry, &slow, rows[i].hint_ms, &delay_ms));
        assert_int_equal(delay_ms, 500);
    }
}

/* Spends the quota with retries of one kind; returns how many it paid for. */
static int retries_until_empty(const struct retry_rules *rules, const struct err *err)
{
    struct retry_quota *quota = retry_quota_new(rules);
    struct retry retry = start(rules, quota, 1000);
    int64_t delay_ms;
    int count = 0;
    while (retry_again(&retry, err, 0, &delay_ms))
        count++;
    retry_quota_free(quota);
    return count;
}

static void the_quota_pays_for_retries(void **state)
{
    (void)state;
    assert_int_equal(retries_until_empty(&retry_rules_v2_0, &down), 500 / 5);
    assert_int_equal(retries_until_empty(&retry_rules_v2_0, &late), 500 / 10);
    assert_int_equal(retries_until_empty(&retry_rules_v2_1, &slow), 500 / 5);
    assert_int_equal(retries_until_empty(&retry_rules_v2_1, &down), 500 / 14);
}

static void success_gives_the_last_cost_back(void **state)
{
    (void)state;
    static const struct retry_rules tiny = {
        .max_attempts = 9, .quota = 10, .cost_other = 5, .cost_timeout = 10, .refund_clean = 1};
    struct retry_quota *quota = retry_quota_new(&tiny);
    int64_t delay_ms;
    struct retry first = start(&tiny, quota, 0), second = start(&tiny, quota, 0), third = start(&tiny, quota, 0);
    assert_true(retry_again(&first, &down, 0, &delay_ms));
    assert_true(retry_again(&first, &down, 0, &delay_ms));
    assert_false(retry_again(&second, &down, 0, &delay_ms));
    retry_success(&first); /* 5 back */
    assert_false(retry_again(&second, &late, 0, &delay_ms));
    assert_true(retry_again(&second, &down, 0, &delay_ms));
    for (int i = 0; i < 4; i++)
        retry_success(&third); /* 1 each */
    assert_false(retry_again(&third, &down, 0, &delay_ms));
    retry_success(&third);
    assert_true(retry_again(&third, &down, 0, &delay_ms));
    retry_quota_free(quota);
}

static void only_transient_errors_are_retried(void **state)
{
    (void)state;
    static const struct err cancelled = {.code = ERR_CANCELLED, .retryable = true};
    static const struct err time_out_code = {.code = ERR_FAILED, .http_status = 400, .service_code = "RequestTimeout"};
    static const struct err conflict = {.code = ERR_CONFLICT, .http_status = 409};
    assert_true(retry_is_transient(&down));
    assert_true(retry_is_transient(&slow));
    assert_true(retry_is_transient(&late));
    assert_true(retry_is_transient(&time_out_code));
    assert_false(retry_is_transient(&denied));
    assert_false(retry_is_transient(&cancelled));
    assert_false(retry_is_transient(&conflict));
    assert_true(retry_is_throttle("SlowDown"));
    assert_false(retry_is_throttle("NoSuchKey"));
}

static int64_t turned_ms;
static int64_t read_turned(const struct clock *clock)
{
    (void)clock;
    return turned_ms;
}

static void a_bucket_refills_with_time(void **state)
{
    (void)state;
    static const struct clock clock = {.wall_ms = read_turned, .mono_ms = read_turned};
    struct bucket *bucket = bucket_new(2, 10, &clock);
    assert_int_equal(bucket_take(bucket), 0);
    assert_int_equal(bucket_take(bucket), 0);
    assert_int_equal(bucket_take(bucket), 100);
    turned_ms += 100;
    turned_ms += 50;
    assert_int_equal(bucket_take(bucket), 50);
    turned_ms += 3600000; /* no more than the capacity */
    assert_int_equal(bucket_take(bucket), 0);
    assert_int_equal(bucket_take(bucket), 0);
    assert_int_equal(bucket_take(bucket), 100);
    bucket_free(bucket);
}

static void ten_a_second_are_ten_a_second_whoever_asks(void **state)
{
    (void)state;
    static const struct clock clock = {.wall_ms = read_turned, .mono_ms = read_turned};
    struct bucket *bucket = bucket_new(10, 10, &clock);
    for (int i = 0; i < 10; i++)
        assert_int_equal(bucket_take(bucket), 0);
    /* three come at once: each has a time of its own, in the order in which they came */
    assert_int_equal(bucket_take(bucket), 100);
    assert_int_equal(bucket_take(bucket), 200);
    assert_int_equal(bucket_take(bucket), 300);
    turned_ms += 1000; /* their three tokens are spent */
    for (int i = 0; i < 7; i++)
        assert_int_equal(bucket_take(bucket), 0);
    assert_int_equal(bucket_take(bucket), 100);
    bucket_free(bucket);
}

static void who_gives_up_waiting_gives_the_token_back(void **state)
{
    (void)state;
    static const struct clock clock = {.wall_ms = read_turned, .mono_ms = read_turned};
    struct bucket *bucket = bucket_new(1, 10, &clock);
    assert_int_equal(bucket_take(bucket), 0);
    assert_int_equal(bucket_take(bucket), 100);
    bucket_return(bucket);
    assert_int_equal(bucket_take(bucket), 100);
    for (int i = 0; i < 9; i++) /* never more than the capacity */
        bucket_return(bucket);
    assert_int_equal(bucket_take(bucket), 0);
    assert_int_equal(bucket_take(bucket), 100);
    bucket_free(bucket);
}

/* --- how many a second --- */
static double ask_aws(const char *overrides, const char *service, const char *operation)
{
    return rates_find(overrides, service, operation, false);
}

static void aws_is_asked_at_half_of_its_quotas(void **state)
{
    (void)state;
    assert_true(ask_aws("", "athena", "StartQueryExecution") == 10);
    assert_true(ask_aws("", "athena", "GetQueryExecution") == 50);
    assert_true(ask_aws("", "athena", "ListWorkGroups") == 2.5);
    assert_true(ask_aws("", "glue", "GetTables") == 10);
    assert_true(ask_aws("", "s3", "ListObjectsV2") == 0);
    assert_true(rates_find("", "athena", "StartQueryExecution", true) ==
                0); /* a compatible server's quotas are its own */
}

static void the_option_overrides_the_rates(void **state)
{
    (void)state;
    static const char text[] = "athena:GetQueryExecution=7, s3:*=0.5  glue:*=0";
    assert_true(rates_check(text, NULL));
    assert_true(ask_aws(text, "athena", "GetQueryExecution") == 7);
    assert_true(ask_aws(text, "athena", "GetQueryResults") == 50);
    assert_true(ask_aws(text, "s3", "GetObject") == 0.5);
    assert_true(ask_aws(text, "glue", "GetTables") == 0);
    assert_true(rates_find(text, "s3", "GetObject", true) == 0.5);
}

static void a_wrong_rate_is_named(void **state)
{
    (void)state;
    static const char *const wrong[] = {"glue",    "glue:*", "glue:*=",   "glue:*=x",
                                        "glue:=5", ":*=5",   "glue:*=-1", "glue:*=5x"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err = ERR_NONE;
        char text[64];
        snprintf(text, sizeof text, "sts:*=1 %s", wrong[i]);
        assert_false(rates_check(text, &err));
        assert_int_equal(err.code, ERR_CONFIG);
        assert_non_null(strstr(err.text, wrong[i]));
    }
    assert_true(rates_check("", NULL));
}

static void *set_token(void *context)
{
    cancel_set(context);
    return NULL;
}

static void a_token_ends_a_wait(void **state)
{
    (void)state;
    struct cancel cancel = {0};
    pthread_t thread;
    assert_true(retry_sleep(&cancel, 0));
    assert_int_equal(pthread_create(&thread, NULL, set_token, &cancel), 0);
    assert_false(retry_sleep(&cancel, 3600000));
    pthread_join(thread, NULL);
    assert_false(retry_sleep(&cancel, 3600000));
    cancel_reset(&cancel);
    assert_true(retry_sleep(&cancel, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delays_double_up_to_the_cap),
        cmocka_unit_test(three_attempts_unless_told),
        cmocka_unit_test(the_new_rules_wait_less_unless_throttled),
        cmocka_unit_test(a_servers_hint_is_held_within_five_seconds),
        cmocka_unit_test(the_quota_pays_for_retries),
        cmocka_unit_test(success_gives_the_last_cost_back),
        cmocka_unit_test(only_transient_errors_are_retried),
        cmocka_unit_test(a_bucket_refills_with_time),
        cmocka_unit_test(ten_a_second_are_ten_a_second_whoever_asks),
        cmocka_unit_test(who_gives_up_waiting_gives_the_token_back),
        cmocka_unit_test(aws_is_asked_at_half_of_its_quotas),
        cmocka_unit_test(the_option_overrides_the_rates),
        cmocka_unit_test(a_wrong_rate_is_named),
        cmocka_unit_test(a_token_ends_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
