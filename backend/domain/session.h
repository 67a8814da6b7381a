/* A session: everything that the console and the command line share: configuration, HTTP engine, credentials, AWS
 * calls, jobs, domains. Opening never waits for anything; the first caller of session_connect (a feed, a job, a verb)
 * does, and starts the embedded cloud when no profile is named (again, when it was killed meanwhile). One per process,
 * owned by main. */
#ifndef WEIR_DOMAIN_SESSION_H
#define WEIR_DOMAIN_SESSION_H
#include "backend/aws/aws.h"
#include "backend/base/arena.h"
#include "backend/core/config.h"
#include "backend/core/job.h"

struct session;
struct session_options {
    const struct config *config;    /* outlives the session */
    void (*changed)(void *context); /* called on any thread when a snapshot, a job or the connection changed: wake the
                                       UI. NULL: none */
    void *context;
};
struct session *session_open(const struct session_options *options, struct err *err);
/* Cancels everything and joins; within 20 ms even during I/O (what cannot be joined by then is left to process exit).
 */
void session_close(struct session *session);
const struct config *session_config(const struct session *session);
/* Blocking, idempotent, thread-safe, cancellable: starts or finds the embedded cloud (when it is the target) and builds
 * the AWS session. NULL with *err; a later call tries again. */
struct aws *session_connect(struct session *session, const struct cancel *cancel, struct err *err);
/* Never waits: the AWS session if connected, else NULL. */
struct aws *session_aws(struct session *session);
struct jobs *session_jobs(struct session *session);
struct http *session_http(struct session *session);
bool session_is_embedded(const struct session *session);
/* "local" or the profile name; account and region once known ("" before). For the header; never waits. */
void session_identity(struct session *session, char *name, char *account, char *region, size_t size);
/* Endpoint and account for snap.source, in the arena. Never waits. */
const char *session_source(struct session *session, struct arena *arena);
/* Wakes the UI (session_options.changed). */
void session_changed(struct session *session);

/* The domains, created on first use and owned by the session. */
struct zones *session_zones(struct session *session);
struct catalog *session_catalog(struct session *session);
struct queries *session_queries(struct session *session);
#endif
