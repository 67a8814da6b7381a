/* Faults on demand: rules that make the daemon fail as the real services do, for tests and training. Never active
 * unless asked for, gone with the process. Any thread.
 *
 * Grammar, words separated by blanks:  SERVICE:OPERATION WHAT... [CONDITION...]
 *   "s3:GetObject 503 rate=0.2 delay=300ms count=10"      "s3:* 403 code=AccessDenied prefix=raw/"
 * SERVICE and OPERATION may be *.
 * What: an HTTP status 400..599 (the service's own code for it; 503 of S3 is SlowDown) | code=NAME another error code
 * (its status alone: 400) | delay=TIME before anything else | stall (never answers until the client goes) | cut=BYTES
 * (closes the connection after that many bytes of the answer's body) | garbage (200 with bytes that are no XML and no
 * JSON) | redirect=REGION (with x-amz-bucket-region; 301 unless another status is given; 301 and 307 alone go to
 * FAULT_REGION) | clock=[-]TIME (this cloud's clock is ahead by that, or behind: Date header, signatures and sessions;
 * by itself only, for all operations of the service). Condition: rate=0..1 | count=N (then it is spent) | prefix=TEXT
 * (the object key or the listed prefix begins so). */
#ifndef WEIR_LOCAL_FAULT_H
#define WEIR_LOCAL_FAULT_H
#include "backend/base/err.h"
#include "backend/base/json.h"
#include <stdbool.h>
#include <stdint.h>

#define FAULT_REGION "eu-west-3"
struct fault {
    char service[32], operation[64];
    char prefix[256], code[64], region[64];
    int status;       /* 0: none */
    int64_t delay_ms; /* 0: none */
    int64_t cut;      /* -1: none */
    int64_t clock_ms; /* 0: none */
    int64_t count;    /* applications left; -1: no end */
    double rate;
    bool is_stall, is_garbage;
};
/* The error names the word that was not understood. */
bool fault_parse(const char *text, struct fault *fault, struct err *err);

struct request;
struct faults;
struct faults *faults_new(void);
void faults_free(struct faults *faults);
/* Returns the rule's id (> 0), 0 on error. */
int64_t faults_add(struct faults *faults, const char *text, struct err *err);
bool faults_clear(struct faults *faults, int64_t id); /* 0: all; false: no such id */
/* [{"id","text","seen","applied"}], a new reference. */
json_t *faults_list(struct faults *faults);
int faults_active(struct faults *faults);
/* How far the service's clock is ahead, by the rules in force. */
int64_t faults_clock_ms(struct faults *faults, const char *service);
/* The first rule that applies to the request now, copied to *fault; counts it. */
bool faults_match(struct faults *faults, const char *service, const char *operation, const struct request *req,
                  struct fault *fault);
#endif
