/* Standard retry mode and token buckets. Pure but for locks and the injected clock and random numbers; any thread.
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior". */
#include "backend/core/retry.h"
#include "backend/base/digest.h"
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

const struct retry_rules retry_rules_v2_0 = {
    .name = "2.0",
    .max_attempts = 3,
    .base_throttled_s = 1,
    .base_other_s = 1,
    .cap_s = 20,
    .quota = 500,
    .cost_throttled = 5,
    .cost_timeout = 10,
    .cost_other = 5,
    .refund_clean = 1,
};
const struct retry_rules retry_rules_v2_1 = {
    .name = "2.1",
    .max_attempts = 3,
    .base_throttled_s = 1,
    .base_other_s = 0.05,
    .cap_s = 20,
    .quota = 500,
    .cost_throttled = 5,
    .cost_timeout = 14,
    .cost_other = 14,
    .refund_clean = 1,
    .honours_retry_after = true,
};
/* The mode of before 2020, as botocore has it: five tries, and no quota. */
const struct retry_rules retry_rules_legacy = {
    .name = "legacy",
    .max_attempts = 5,
    .base_throttled_s = 1,
    .base_other_s = 1,
    .cap_s = 20,
};
/* A server's hint may lengthen the computed delay by at most this. */
enum { RETRY_AFTER_SLACK_MS = 5000 };

static bool is_one_of(const char *code, const char *const *codes)
{
    for (; *codes; codes++)
        if (strcmp(code, *codes) == 0)
            return true;
    return false;
}

bool retry_is_throttle(const char *service_code)
{
    static const char *const codes[] = {"Throttling",
                                        "ThrottlingException",
                                        "ThrottledException",
                                        "RequestThrottled",
                                        "RequestThrottledException",
                                        "TooManyRequestsException",
                                        "ProvisionedThroughputExceededException",
                                        "TransactionInProgressException",
                                        "RequestLimitExceeded",
                                        "BandwidthLimitExceeded",
                                        "LimitExceededException",
                                        "SlowDown",
                                        "EC2ThrottledException",
                                        NULL};
    return is_one_of(service_code, codes);
}

bool retry_is_transient(const struct err *err)
{
    static const char *const codes[] = {"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete", NULL};
    if (err->code == ERR_OK || err->code == ERR_CANCELLED)
        return false;
    int status = err->http_status;
    return err->retryable || err->code == ERR_THROTTLED || retry_is_throttle(err->service_code) ||
           is_one_of(err->service_code, codes) || status == 500 || status == 502 || status == 503 || status == 504;
}

struct retry_quota {
    pthread_mutex_t lock;
    int left, max;
};

struct retry_quota *retry_quota_new(const struct retry_rules *rules)
{
    struct retry_quota *quota = calloc(1, sizeof *quota);
    if (!quota)
        abort();
    pthread_mutex_init(&quota->lock, NULL);
    quota->left = quota->max = rules->quota;
    return quota;
}

void retry_quota_free(struct retry_quota *quota)
{
    if (!quota)
        return;
    pthread_mutex_destroy(&quota->lock);
    free(quota);
}

static bool quota_take(struct retry_quota *quota, int cost)
{
    if (!quota)
        return true;
    pthread_mutex_lock(&quota->lock);
    bool ok = quota->left >= cost;
    if (ok)
        quota->left -= cost;
    pthread_mutex_unlock(&quota->lock);
    return ok;
}

static void quota_give(struct retry_quota *quota, int tokens)
{
    if (!quota)
        return;
    pthread_mutex_lock(&quota->lock);
    quota->left = quota->left + tokens < quota->max ? quota->left + tokens : quota->max;
    pthread_mutex_unlock(&quota->lock);
}

static double system_random(void *context)
{
    (void)context;
    uint32_t bits;
    random_bytes(&bits, sizeof bits);
    return bits / 4294967296.0;
}

void retry_init(struct retry *retry, const struct retry_rules *rules, struct retry_quota *quota, int max_attempts_or_0)
{
    *retry = (struct retry){.rules = rules,
                            .quota = quota,
                            .max_attempts = max_attempts_or_0 > 0 ? max_attempts_or_0 : rules->max_attempts};
}

static int cost_of(const struct retry_rules *rules, const struct err *err, bool is_throttled)
{
    if (is_throttled)
        return rules->cost_throttled;
    return err->code == ERR_TIMEOUT ? rules->cost_timeout : rules->cost_other;
}

bool retry_again(struct retry *retry, const struct err *err, int64_t retry_after_ms, int64_t *delay_ms)
{
    const struct retry_rules *rules = retry->rules;
    retry->attempt++;
    if (!retry_is_transient(err) || retry->attempt >= retry->max_attempts)
        return false;
    bool is_throttled = err->code == ERR_THROTTLED || retry_is_throttle(err->service_code);
    int cost = cost_of(rules, err, is_throttled);
    if (!quota_take(retry->quota, cost))
        return false;
    retry->last_cost = cost;
    double base_s = is_throttled ? rules->base_throttled_s : rules->base_other_s;
    double random = (retry->random ? retry->random : system_random)(retry->random_context);
    *delay_ms = (int64_t)(random * fmin(ldexp(base_s, retry->attempt - 1), rules->cap_s) * 1000);
    if (rules->honours_retry_after && retry_after_ms > *delay_ms) {
        int64_t longest_ms = *delay_ms + RETRY_AFTER_SLACK_MS;
        *delay_ms = retry_after_ms < longest_ms ? retry_after_ms : longest_ms;
    }
    return true;
}

void retry_success(struct retry *retry)
{
    quota_give(retry->quota, retry->last_cost ? retry->last_cost : retry->rules->refund_clean);
    retry->last_cost = 0;
}

bool retry_sleep(const struct cancel *cancel, int64_t delay_ms)
{
    return cancel_wait(cancel, delay_ms);
}

struct bucket {
    pthread_mutex_t lock;
    const struct clock *clock;
    double capacity, refill_per_ms, tokens;
    int64_t filled_ms;
};

struct bucket *bucket_new(double capacity, double refill_per_s, const struct clock *clock)
{
    struct bucket *bucket = calloc(1, sizeof *bucket);
    if (!bucket)
        abort();
    pthread_mutex_init(&bucket->lock, NULL);
    bucket->clock = clock;
    bucket->capacity = bucket->tokens = capacity;
    bucket->refill_per_ms = refill_per_s / 1000;
    bucket->filled_ms = clock_mono(clock);
    return bucket;
}

void bucket_free(struct bucket *bucket)
{
    if (!bucket)
        return;
    pthread_mutex_destroy(&bucket->lock);
    free(bucket);
}

int64_t bucket_take(struct bucket *bucket)
{
    pthread_mutex_lock(&bucket->lock);
    int64_t now_ms = clock_mono(bucket->clock), wait_ms = 0;
    double earned = (double)(now_ms - bucket->filled_ms) * bucket->refill_per_ms;
    bucket->tokens = fmin(bucket->capacity, bucket->tokens + earned);
    bucket->filled_ms = now_ms;
    bucket->tokens -= 1; /* below zero: promised to those who wait */
    if (bucket->tokens < 0)
        wait_ms = (int64_t)ceil(-bucket->tokens / bucket->refill_per_ms);
    pthread_mutex_unlock(&bucket->lock);
    return wait_ms;
}

void bucket_return(struct bucket *bucket)
{
    pthread_mutex_lock(&bucket->lock);
    bucket->tokens = fmin(bucket->capacity, bucket->tokens + 1);
    pthread_mutex_unlock(&bucket->lock);
}
