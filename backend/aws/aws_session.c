/* A session's memory: retry quotas, rates, regions of buckets, the call count. Any thread. */
#include "backend/aws/aws_private.h"
#include "backend/base/log.h"
#include "backend/core/rates.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct aws *aws_new(const struct aws_options *options, struct err *err)
{
    struct aws *aws = calloc(1, sizeof *aws);
    if (!aws) {
        err_set(err, ERR_FAILED, "out of memory for an AWS session");
        return NULL;
    }
    aws->config = options->config;
    aws->http = options->http;
    aws->creds = options->creds;
    aws->clock = options->clock ? options->clock : &clock_system;
    bool is_legacy = strcmp(options->config->retry_mode, "legacy") == 0;
    aws->rules = is_legacy ? &retry_rules_legacy : options->config->new_retries ? &retry_rules_v2_1 : &retry_rules_v2_0;
    aws->read_stall_ms = options->read_stall_ms;
    atomic_init(&aws->skew_ms, INT64_MIN);
    atomic_init(&aws->sign_offset, 0);
    pthread_mutex_init(&aws->lock, NULL);
    return aws;
}

void aws_free(struct aws *aws)
{
    if (!aws)
        return;
    for (int i = 0; i < AWS_QUOTAS_MAX; i++) {
        retry_quota_free(aws->quotas[i].quota);
        adaptive_free(aws->quotas[i].adaptive);
    }
    for (int i = 0; i < AWS_RATES_MAX; i++)
        bucket_free(aws->buckets[i].bucket);
    pthread_mutex_destroy(&aws->lock);
    free(aws);
}

const struct config *aws_config(const struct aws *aws)
{
    return aws->config;
}

const struct creds *aws_credentials(struct aws *aws, struct err *err)
{
    return creds_chain_get(aws->creds, err);
}

bool aws_is_readonly(const struct aws *aws)
{
    return aws->config->readonly;
}

int64_t aws_clock_skew_ms(const struct aws *aws)
{
    return atomic_load(&((struct aws *)aws)->skew_ms);
}

int aws_calls_per_minute(const struct aws *aws)
{
    struct aws *mutable = (struct aws *)aws;
    int64_t now = clock_mono(aws->clock) / 1000;
    int sum = 0;
    pthread_mutex_lock(&mutable->lock);
    for (int i = 0; i < AWS_CALL_SECONDS; i++)
        if (now - aws->call_second[i] < AWS_CALL_SECONDS)
            sum += aws->call_count[i];
    pthread_mutex_unlock(&mutable->lock);
    return sum;
}

void aws_count_call(struct aws *aws)
{
    int64_t now = clock_mono(aws->clock) / 1000;
    int slot = (int)(now % AWS_CALL_SECONDS);
    pthread_mutex_lock(&aws->lock);
    if (aws->call_second[slot] != now) {
        aws->call_second[slot] = now;
        aws->call_count[slot] = 0;
    }
    aws->call_count[slot]++;
    pthread_mutex_unlock(&aws->lock);
}

/* Index of the service's slot, made on first use; -1 when there are too many services. */
static int slot_of(struct aws *aws, const char *service)
{
    int found = -1;
    pthread_mutex_lock(&aws->lock);
    for (int i = 0; i < AWS_QUOTAS_MAX && found < 0; i++) {
        if (!aws->quotas[i].service) {
            aws->quotas[i].service = service;
            aws->quotas[i].quota = retry_quota_new(aws->rules);
            if (strcmp(aws->config->retry_mode, "adaptive") == 0)
                aws->quotas[i].adaptive = adaptive_new(aws->clock);
        }
        if (strcmp(aws->quotas[i].service, service) == 0)
            found = i;
    }
    pthread_mutex_unlock(&aws->lock);
    return found;
}

struct retry_quota *aws_quota_of(struct aws *aws, const char *service)
{
    int slot = slot_of(aws, service);
    return slot < 0 ? NULL : aws->quotas[slot].quota;
}

struct adaptive *aws_adaptive_of(struct aws *aws, const char *service)
{
    int slot = slot_of(aws, service);
    return slot < 0 ? NULL : aws->quotas[slot].adaptive;
}

/* The operation's own token bucket, made on first use; NULL when it has no rate. */
static struct bucket *bucket_of(struct aws *aws, const struct aws_call *call)
{
    struct bucket *found = NULL;
    bool is_custom = aws_endpoint_is_custom(aws, call->service->id, NULL);
    double per_s = rates_find(aws->config->api_rates, call->service->id, call->operation, is_custom);
    if (per_s <= 0)
        return NULL;
    pthread_mutex_lock(&aws->lock);
    for (int i = 0; i < AWS_RATES_MAX && !found; i++) {
        if (!aws->buckets[i].bucket) {
            aws->buckets[i].service = call->service->id;
            aws->buckets[i].operation = call->operation;
            /* a burst of one second's worth */
            aws->buckets[i].bucket = bucket_new(per_s < 1 ? 1 : per_s, per_s, aws->clock);
        }
        if (strcmp(aws->buckets[i].service, call->service->id) == 0 &&
            strcmp(aws->buckets[i].operation, call->operation) == 0)
            found = aws->buckets[i].bucket;
    }
    pthread_mutex_unlock(&aws->lock);
    return found;
}

/* Waits for a token; false when cancelled. */
bool aws_wait_turn(struct aws *aws, const struct aws_call *call)
{
    struct bucket *bucket = bucket_of(aws, call);
    struct adaptive *adaptive = aws_adaptive_of(aws, call->service->id);
    int64_t wait_ms = bucket ? bucket_take(bucket) : 0, adaptive_ms = adaptive ? adaptive_take(adaptive) : 0;
    wait_ms = adaptive_ms > wait_ms ? adaptive_ms : wait_ms;
    if (wait_ms <= 0)
        return true;
    log_debug(retry, "%s %s waits %" PRId64 " ms for its turn (%s)", call->service->id, call->operation, wait_ms,
              wait_ms == adaptive_ms ? "adaptive" : "api-rates");
    if (retry_sleep(call->io.cancel, wait_ms))
        return true;
    if (bucket)
        bucket_return(bucket);
    if (adaptive)
        adaptive_return(adaptive);
    return false;
}

bool aws_region_recall(struct aws *aws, const char *bucket, char region[32])
{
    bool found = false;
    pthread_mutex_lock(&aws->lock);
    for (int i = 0; i < AWS_REGIONS_MAX && !found; i++)
        if ((found = strcmp(aws->regions[i].bucket, bucket) == 0))
            memcpy(region, aws->regions[i].region, 32);
    pthread_mutex_unlock(&aws->lock);
    return found;
}

void aws_region_learn(struct aws *aws, const char *bucket, const char *region)
{
    pthread_mutex_lock(&aws->lock);
    struct bucket_region *slot = NULL;
    for (int i = 0; i < AWS_REGIONS_MAX && !slot; i++)
        if (strcmp(aws->regions[i].bucket, bucket) == 0)
            slot = &aws->regions[i];
    if (!slot)
        slot = &aws->regions[aws->region_next++ % AWS_REGIONS_MAX];
    snprintf(slot->bucket, sizeof slot->bucket, "%s", bucket);
    snprintf(slot->region, sizeof slot->region, "%s", region);
    pthread_mutex_unlock(&aws->lock);
}
