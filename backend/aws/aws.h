/* The one call path of every AWS service: endpoint -> credentials -> sign -> send -> retry -> decode the error. Calls
 * wait: feed and job threads, or the command line. */
#ifndef WEIR_AWS_AWS_H
#define WEIR_AWS_AWS_H
#include "backend/base/clock.h"
#include "backend/base/err.h"
#include "backend/core/config.h"
#include "backend/core/creds.h"
#include "backend/core/http.h"
#include "backend/core/retry.h"

struct aws; /* a session: config, HTTP engine, credentials chain, retry quotas; shared by all threads */
struct aws_options {
    const struct config *config;
    struct http *http;
    struct creds_chain *creds;
    const struct clock *clock; /* NULL: the system's */
    int64_t read_stall_ms;     /* a read that is silent for so long times out and is tried once more, for a cloud on
                                  this machine; 0: the defaults of http.h and the retry mode */
};
struct aws *aws_new(const struct aws_options *options, struct err *err);
void aws_free(struct aws *aws);
const struct config *aws_config(const struct aws *aws);
/* --readonly: one gate. Every operation row that writes passes it and gets ERR_REFUSED. */
bool aws_is_readonly(const struct aws *aws);

enum aws_protocol { AWS_REST_XML, AWS_JSON_1_0, AWS_JSON_1_1, AWS_QUERY, AWS_REST_JSON };
struct aws_service {
    const char *id;           /* "s3": endpoint and AWS_ENDPOINT_URL_<ID> */
    const char *signing_name; /* credential scope */
    enum aws_protocol protocol;
    const char *target;  /* X-Amz-Target prefix, "AWSGlue."; NULL for REST and query */
    const char *version; /* query protocol */
};
struct aws_call {
    const struct aws_service *service;
    const char *operation;  /* "ListObjectsV2": errors, trace, token buckets */
    const char *object;     /* "lake/raw": named in errors */
    const char *permission; /* "s3:ListBucket": named when denied */
    bool is_write;          /* stopped by --readonly */
    bool is_idempotent;     /* may be retried after it may have reached the server */
    const char *method;
    const char *host_prefix;    /* "bucket." for virtual-host style, or NULL */
    const char *bucket;         /* S3: whose region is learned from x-amz-bucket-region and remembered; NULL: none */
    const char *path;           /* encoded, "/..." */
    const char *query;          /* encoded, without '?', or NULL */
    struct pairs headers;       /* owned by the caller; extra headers */
    const char *payload_sha256; /* NULL: computed from the body, UNSIGNED-PAYLOAD for files over TLS */
    struct http_request io; /* bodies, sinks, deadlines, cancel, progress; method, url, headers and label are filled in
                               by aws_perform */
};
/* Runs it with retries. True: a 2xx answer is in *answer (the caller calls http_answer_done). False: *err, answer
 * already done. */
bool aws_perform(struct aws *aws, struct aws_call *call, struct http_answer *answer, struct err *err);
/* The same request presigned (the signature in the query, valid expires_s): appends the URL; nothing is sent. */
bool aws_presign(struct aws *aws, struct aws_call *call, int64_t expires_s, struct buf *url, struct err *err);
/* True when the service's endpoint was overridden (then S3 uses path style). Fills url when not NULL. */
bool aws_endpoint_is_custom(struct aws *aws, const char *service, char url[CONFIG_URL]);
/* Decodes an error answer (status not 2xx, or a 200 with <Error> inside) to *err, with a text that names operation,
 * object, the service's code, the permission when denied, and what to do. Pure; used by aws_perform and by callers that
 * find an error in a 200. Returns false. */
bool aws_decode_error(const struct aws_call *call, const struct http_answer *answer, struct err *err);
/* The region that an error answer names (x-amz-bucket-region, or <Region> in the body); false when it names none. */
bool aws_region_of_answer(const struct http_answer *answer, char region[32]);
/* Zeroed call with io ready (no files, defaults); method "GET", path "/". */
struct aws_call aws_call_init(const struct aws_service *service, const char *operation);
/* Last measured (server Date - our clock) in ms, for doctor; INT64_MIN unknown. */
int64_t aws_clock_skew_ms(const struct aws *aws);
/* The credentials in force, for doctor and expiry display: put them back (creds_put). NULL with *err. May wait. */
const struct creds *aws_credentials(struct aws *aws, struct err *err);
/* Calls in the last minute, for the footer. */
int aws_calls_per_minute(const struct aws *aws);
#endif
