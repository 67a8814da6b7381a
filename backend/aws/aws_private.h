/* A session's memory, for the files of the call path only: what all threads share, under one lock that is never held
 * across a call. */
#ifndef WEIR_AWS_AWS_PRIVATE_H
#define WEIR_AWS_AWS_PRIVATE_H
#include "backend/aws/aws.h"
#include "backend/core/adaptive.h"
#include <pthread.h>
#include <stdatomic.h>

enum {
    AWS_RATES_MAX = 64,    /* operations with a rate of their own */
    AWS_QUOTAS_MAX = 32,   /* services with a retry quota of their own */
    AWS_REGIONS_MAX = 256, /* buckets whose region is remembered; the oldest makes room */
    AWS_CALL_SECONDS = 60  /* the footer's "calls/min" */
};

struct bucket_region {
    char bucket[64], region[32];
};
struct aws {
    const struct config *config;
    struct http *http;
    struct creds_chain *creds;
    const struct clock *clock;
    const struct retry_rules *rules;
    int64_t read_stall_ms;       /* 0: the default */
    _Atomic int64_t skew_ms;     /* measured: server - ours; INT64_MIN unknown */
    _Atomic int64_t sign_offset; /* added to our clock when signing; set once a server refused our time */
    pthread_mutex_t lock;        /* guards what follows; never held across a call */
    struct {
        const char *service;
        struct retry_quota *quota;
        struct adaptive *adaptive; /* retry mode adaptive; else NULL */
    } quotas[AWS_QUOTAS_MAX];
    struct {
        const char *service, *operation;
        struct bucket *bucket;
    } buckets[AWS_RATES_MAX];
    struct bucket_region regions[AWS_REGIONS_MAX];
    unsigned region_next;
    int64_t call_second[AWS_CALL_SECONDS];
    int call_count[AWS_CALL_SECONDS];
};

/* For "calls/min". */
void aws_count_call(struct aws *aws);
/* The service's retry quota, made on first use; NULL when there are too many services. */
struct retry_quota *aws_quota_of(struct aws *aws, const char *service);
/* The service's adaptive send rate; NULL in other modes. */
struct adaptive *aws_adaptive_of(struct aws *aws, const char *service);
/* Waits for a token of the operation's own rate, if it has one, and of the adaptive mode's; false when cancelled. */
bool aws_wait_turn(struct aws *aws, const struct aws_call *call);
bool aws_region_recall(struct aws *aws, const char *bucket, char region[32]);
void aws_region_learn(struct aws *aws, const char *bucket, const char *region);
#endif
