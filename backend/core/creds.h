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
    const char *source;       /* "environment", "profile dev", ... ; static or inside the block */
};
const struct creds *creds_get(const struct creds *creds);
void creds_put(const struct creds *creds); /* the last one wipes the memory */

/* What a source may look at. */
struct creds_query {
    const char *profile; /* "default" when none was named */
    const char *config_file, *credentials_file;
    struct http *http;
    const struct clock *clock;
    const struct cancel *cancel;
};
enum creds_result {
    CREDS_FOUND,
    CREDS_ABSENT,
    CREDS_ERROR
}; /* ABSENT: the chain goes on; ERROR: it stops and says why */
struct creds_source {
    const char *name;
    enum creds_result (*find)(const struct creds_query *query, struct creds *out, struct err *err);
};
/* X(name): file creds_NAME.c with `const struct creds_source creds_source_NAME`, tried in this order. */
#define CREDS_SOURCES(X) X(env) X(profile) X(process) X(container) X(imds)

struct creds_chain;
struct creds_chain *creds_chain_new(const struct creds_query *query); /* copies the texts */
/* A chain that always gives these credentials (the embedded cloud's own pair, tests); takes over the reference. */
struct creds_chain *creds_chain_fixed(const struct creds *creds);
void creds_chain_free(struct creds_chain *chain);
/* The present credentials, refreshed when they end within 5 minutes; put them back after use. NULL with ERR_CREDENTIALS
 * naming each source asked. Thread-safe; one thread fetches, others wait for it. */
const struct creds *creds_chain_get(struct creds_chain *chain, struct err *err);
/* After ExpiredToken or a change of files: forget, so that the next get fetches. */
void creds_chain_forget(struct creds_chain *chain);
/* Builds one from parts (the embedded cloud's keys, tests). */
const struct creds *creds_static(const char *access_key, const char *secret_key, const char *token, const char *source);
#endif
