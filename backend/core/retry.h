/* AWS standard retry mode: policy from (error, attempt, clock) to delay or stop, with the token quota. Constants and
 * their source: AWS SDKs and Tools Reference Guide, "Retry behavior"; both tables ("2.0" and the opt-in "2.1",
 * AWS_NEW_RETRIES_2026=true). */
#ifndef WEIR_CORE_RETRY_H
#define WEIR_CORE_RETRY_H
#include "backend/base/clock.h"
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include <stdbool.h>
#include <stdint.h>

struct retry_rules {
    const char *name;
    int max_attempts;
    double base_throttled_s, base_other_s, cap_s; /* delay = rand * min(base * 2^(n-1), cap) */
    int quota, cost_throttled, cost_timeout, cost_other, refund_clean;
    bool honours_retry_after; /* x-amz-retry-after in ms, held within [t, t + 5 s] */
};
extern const struct retry_rules retry_rules_v2_0, retry_rules_v2_1, retry_rules_legacy;

struct retry_quota; /* shared by all calls to one service; thread-safe */
struct retry_quota *retry_quota_new(const struct retry_rules *rules);
void retry_quota_free(struct retry_quota *quota);

struct retry {
    const struct retry_rules *rules;
    struct retry_quota *quota;
    int max_attempts;
    int attempt;                     /* 1 after the first failed try */
    int last_cost;                   /* tokens the last retry took; given back on success */
    double (*random)(void *context); /* [0,1); NULL: the system's */
    void *random_context;
};
void retry_init(struct retry *retry, const struct retry_rules *rules, struct retry_quota *quota, int max_attempts_or_0);
/* After a failed attempt: true and *delay_ms, or false when it is not retryable, attempts are used up or the quota is
 * empty. */
bool retry_again(struct retry *retry, const struct err *err, int64_t retry_after_ms, int64_t *delay_ms);
/* After success: gives tokens back. */
void retry_success(struct retry *retry);
/* Waits delay_ms or until cancelled (false). */
bool retry_sleep(const struct cancel *cancel, int64_t delay_ms);
/* True when the standard mode tries again: marked retryable (connection errors), HTTP 500, 502, 503, 504, throttling
 * and the service's time-out codes. Never for a cancelled call. */
bool retry_is_transient(const struct err *err);
/* True for a service code that means "slow down". */
bool retry_is_throttle(const char *service_code);

/* Own token bucket per API, see rates.h. Thread-safe. */
struct bucket;
struct bucket *bucket_new(double capacity, double refill_per_s, const struct clock *clock);
void bucket_free(struct bucket *bucket);
/* Takes the next token and returns in how many ms it is there (0: now). Who asks first has the earlier one: nobody
 * starves. */
int64_t bucket_take(struct bucket *bucket);
/* Gives back a token whose time was not waited for. */
void bucket_return(struct bucket *bucket);
#endif
