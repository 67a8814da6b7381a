/* Amazon Athena client: start a query, wait for its end, read its result by pages. Calls wait, any thread. Source:
 * Athena API Reference (2017-05-18). */
#ifndef WEIR_AWS_ATHENA_H
#define WEIR_AWS_ATHENA_H
#include "backend/aws/aws.h"
#include "backend/base/json.h"

struct athena_start {
    const char *sql, *database, *workgroup; /* "" where the service chooses */
    const char *output;                     /* s3://BUCKET/PREFIX/; "": the workgroup's */
    const char *const *parameters;          /* ExecutionParameters: expressions for each '?', NULL-ended; NULL none */
    bool is_write;                          /* the text may change data: stopped by --readonly */
    const struct cancel *cancel;
};
/* The new execution's id into id; false with *err. A lost answer is asked for again with the same token, so that a
 * query never runs twice. */
bool athena_start(struct aws *aws, const struct athena_start *start, char id[64], struct err *err);
struct athena_state {
    char state[16];            /* QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED */
    char reason[1024];         /* "" when none */
    char output[1400];         /* of the result; "" unknown */
    int64_t scanned, total_ms; /* bytes, milliseconds; -1 unknown */
};
bool athena_state(struct aws *aws, const char *id, const struct cancel *cancel, struct athena_state *state,
                  struct err *err);
/* The whole QueryExecution as the service tells it; a new reference, NULL with *err. */
json_t *athena_execution(struct aws *aws, const char *id, const struct cancel *cancel, struct err *err);
bool athena_has_ended(const struct athena_state *state);
/* Polls until it has ended: 40 ms, each time 1.6 times longer, at most 3 s. When cancelled, the query is stopped and
 * waited for, so that its last word is the server's; then *err is ERR_CANCELLED. */
bool athena_wait(struct aws *aws, const char *id, const struct cancel *cancel, struct athena_state *state,
                 struct err *err);
bool athena_stop(struct aws *aws, const char *id, struct err *err);
/* The first page with at most so many rows (the header is one). */
json_t *athena_results_head(struct aws *aws, const char *id, int rows, const struct cancel *cancel, struct err *err);
/* One page as GetQueryResults answers it, a new reference; token "" for the first. */
json_t *athena_results(struct aws *aws, const char *id, const char *token, const struct cancel *cancel,
                       struct err *err);
#endif
