/* Credentials: immutable, reference-counted; found by a chain whose links are rows. The order is botocore's
 * (environment, profile's static keys, credential_process, container, IMDSv2), since operators compare with the AWS
 * CLI. Calls may wait: feed or job threads. */
#ifndef WEIR_CORE_CREDS_H
#define WEIR_CORE_CREDS_H
#include "backend/base/clock.h"
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include "backend/core/http.h"
#include <stdint.h>

struct creds {
    char access_key[129], secret_key[129];
    char session_token[2048]; /* "" when none */
    int64_t expires_ms;       /* wall; 0: does not expire */
    char source[160];         /* "environment", "profile dev", ...: for doctor and the trace */
};
const struct creds *creds_get(const struct creds *creds);
void creds_put(const struct creds *creds); /* the last one wipes the memory */

/* What a source may look at. */
struct creds_query {
    const char *profile;   /* "default" when none was named */
    bool profile_is_named; /* by flag or our file, not by AWS_PROFILE: then keys in the environment do not count, as
                              with the AWS CLI's --profile */
    const char *config_file, *credentials_file;
    struct http *http;
    const struct clock *clock; /* NULL: the system's */
    const struct cancel *cancel;
    int64_t process_deadline_ms; /* for credential_process; 0: CREDS_PROCESS_DEADLINE_MS */
};
enum { CREDS_PROCESS_DEADLINE_MS = 60000 };
enum creds_result {
    CREDS_FOUND,
    CREDS_ABSENT,
    CREDS_ERROR
}; /* ABSENT: the chain goes on; ERROR: it stops and says why */
struct creds_source {
    const char *name;
    enum creds_result (*find)(const struct creds_query *query, struct creds *out, struct err *err);
    int64_t absent_ms; /* ABSENT is believed for so long, since asking again costs seconds; 0: asked each time */
};
/* X(name): file creds_NAME.c with `const struct creds_source creds_source_NAME`, tried in this order. */
#define CREDS_SOURCES(X) X(env) X(profile) X(process) X(container) X(imds)

struct creds_chain;
struct creds_chain *creds_chain_new(const struct creds_query *query); /* copies the texts */
/* A chain that always gives these credentials (the embedded cloud's own pair, tests); takes over the reference. */
struct creds_chain *creds_chain_fixed(const struct creds *creds);
void creds_chain_free(struct creds_chain *chain);
/* The present credentials, refreshed when they end within 5 minutes (while a refresh fails the old ones are given until
 * they end); put them back after use. NULL with ERR_CREDENTIALS naming each source asked, or a source's own error.
 * Thread-safe; one thread fetches, others wait for it. */
const struct creds *creds_chain_get(struct creds_chain *chain, struct err *err);
/* After ExpiredToken or a change of files: forget, so that the next get fetches. Never waits. */
void creds_chain_forget(struct creds_chain *chain);
/* Builds one from parts (the embedded cloud's keys, tests). */
const struct creds *creds_static(const char *access_key, const char *secret_key, const char *token, const char *source);
#endif
