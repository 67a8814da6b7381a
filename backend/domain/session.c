/* The session: opened by main without waiting, connected by whoever first needs the cloud. One lock guards the state;
 * it is never held across a call. Connections that were replaced (the embedded cloud was restarted and has another
 * port) stay alive until the end, because other threads may still be inside a call with them. */
#include "backend/domain/session.h"
#include "backend/aws/sts.h"
#include "backend/base/digest.h"
#include "backend/base/log.h"
#include "backend/core/localctl.h"
#include "backend/core/thread.h"
#include "backend/domain/catalog.h"
#include "backend/domain/query.h"
#include "backend/domain/zones.h"
#include "backend/domain/zones_private.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOB_THREADS = 4, CLOSE_WAIT_MS = 20, POLL_MS = 50 };
/* The embedded cloud answers a read within milliseconds; so long a silence says that it is stopped. */
enum { EMBEDDED_STALL_MS = 3000 };

struct link { /* one connection and what it stands on */
    struct config config;
    struct creds_chain *creds;
    struct aws *aws;
    struct localctl_info local; /* embedded only */
    struct link *older;
};
struct session {
    struct session_options options;
    struct http *http;
    struct jobs *jobs;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool is_connecting;
    struct link *link; /* NULL until connected */
    struct zones *zones;
    struct catalog *catalog;
    struct queries *queries;
    struct cancel cancel; /* of the session's own calls */
    bool has_identity_thread;
    pthread_t identity_thread;
    char account[32];
};

static void jobs_changed(void *context)
{
    session_changed(context);
}

struct session *session_open(const struct session_options *options, struct err *err)
{
    struct session *session = calloc(1, sizeof *session);
    if (!session) {
        err_set(err, ERR_FAILED, "out of memory for a session");
        return NULL;
    }
    session->options = *options;
    pthread_mutex_init(&session->lock, NULL);
    thread_cond_init(&session->changed);
    const char *bundle = options->config->ca_bundle;
    struct http_options http = {.ca_bundle = *bundle ? bundle : NULL};
    session->http = http_start(&http, err);
    session->jobs = session->http ? jobs_start(JOB_THREADS, jobs_changed, session) : NULL;
    if (session->jobs)
        return session;
    if (session->http) {
        err_set(err, ERR_FAILED, "the job threads could not be started");
        http_stop(session->http);
    }
    free(session);
    return NULL;
}

/* --- connecting --- */

static void link_free(struct link *link)
{
    if (!link)
        return;
    aws_free(link->aws);
    creds_chain_free(link->creds);
    if (link->local.pid)
        localctl_release(&link->local);
    free(link);
}

static bool link_embedded(struct session *session, struct link *link, struct err *err)
{
    const struct config *config = session->options.config;
    struct localctl_options start = {.dir = config->local_dir, .region = config->region};
    if (!localctl_start(&start, &link->local, err))
        return false;
    snprintf(link->config.endpoint, sizeof link->config.endpoint, "%s", link->local.url);
    snprintf(link->config.region, sizeof link->config.region, "%s", link->local.region);
    const struct creds *creds =
        creds_static(link->local.access_key, link->local.secret_key, NULL, "the embedded cloud's own key pair");
    link->creds = creds_chain_fixed(creds);
    return true;
}

static bool link_aws(struct session *session, struct link *link)
{
    const struct config *config = session->options.config;
    struct creds_query query = {.profile = *config->profile ? config->profile : "default",
                                .profile_is_named = config->profile_is_named,
                                .config_file = config->aws_config,
                                .credentials_file = config->aws_credentials,
                                .http = session->http,
                                .clock = &clock_system,
                                .cancel = &session->cancel};
    link->creds = creds_chain_new(&query);
    return true;
}

static struct link *link_make(struct session *session, struct err *err)
{
    struct link *link = calloc(1, sizeof *link);
    if (!link) {
        err_set(err, ERR_FAILED, "out of memory for a connection");
        return NULL;
    }
    link->config = *session->options.config;
    link->local.lease_fd = -1;
    bool ok = session_is_embedded(session) ? link_embedded(session, link, err) : link_aws(session, link);
    struct aws_options options = {.config = &link->config,
                                  .http = session->http,
                                  .creds = link->creds,
                                  .read_stall_ms = session_is_embedded(session) ? EMBEDDED_STALL_MS : 0};
    link->aws = ok ? aws_new(&options, err) : NULL;
    if (link->aws)
        return link;
    link_free(link);
    return NULL;
}

/* The embedded cloud may have been killed: its successor listens elsewhere. */
static bool is_gone(const struct session *session)
{
    const struct link *link = session->link;
    return link && link->local.pid > 0 && kill((pid_t)link->local.pid, 0) != 0 && errno == ESRCH;
}

/* "Who am I" in the background: nothing waits for it. */
static void *ask_identity(void *context)
{
    struct session *session = context;
    struct sts_identity identity;
    struct err err = ERR_NONE;
    struct aws *aws = session_aws(session);
    if (aws && sts_get_caller_identity(aws, &session->cancel, &identity, &err)) {
        pthread_mutex_lock(&session->lock);
        snprintf(session->account, sizeof session->account, "%s", identity.account);
        pthread_mutex_unlock(&session->lock);
        session_changed(session);
    } else if (err.code != ERR_CANCELLED) {
        log_warn(app, "who am I: %s", err.text);
    }
    return NULL;
}

static void start_identity(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    bool is_first = !session->has_identity_thread;
    session->has_identity_thread = true;
    pthread_mutex_unlock(&session->lock);
    if (is_first && !thread_start(&session->identity_thread, "identity", ask_identity, session, NULL)) {
        pthread_mutex_lock(&session->lock);
        session->has_identity_thread = false;
        pthread_mutex_unlock(&session->lock);
    }
}

struct aws *session_connect(struct session *session, const struct cancel *cancel, struct err *err)
{
    pthread_mutex_lock(&session->lock);
    while (session->is_connecting && !cancel_is_set(cancel))
        thread_wait(&session->changed, &session->lock, clock_mono(&clock_system) + POLL_MS);
    bool is_ready = session->link && !is_gone(session);
    if (is_ready || session->is_connecting) {
        struct aws *aws = is_ready ? session->link->aws : NULL;
        pthread_mutex_unlock(&session->lock);
        if (!aws)
            err_set(err, ERR_CANCELLED, "connecting: cancelled");
        return aws;
    }
    session->is_connecting = true;
    pthread_mutex_unlock(&session->lock);
    struct link *link = link_make(session, err);
    pthread_mutex_lock(&session->lock);
    session->is_connecting = false;
    if (link) {
        link->older = session->link;
        session->link = link;
    }
    pthread_cond_broadcast(&session->changed);
    pthread_mutex_unlock(&session->lock);
    if (!link)
        return NULL;
    start_identity(session);
    session_changed(session);
    return link->aws;
}

/* --- closing --- */

/* A connect in progress (the daemon is being started) cannot be cut short: false when it takes too long. */
static bool wait_connected(struct session *session)
{
    int64_t until = clock_mono(&clock_system) + CLOSE_WAIT_MS;
    pthread_mutex_lock(&session->lock);
    while (session->is_connecting && thread_wait(&session->changed, &session->lock, until))
        continue;
    bool ok = !session->is_connecting;
    pthread_mutex_unlock(&session->lock);
    return ok;
}

void session_close(struct session *session)
{
    if (!session)
        return;
    cancel_set(&session->cancel);
    if (session->zones)
        zones_stop(session->zones);
    if (session->catalog)
        catalog_stop(session->catalog);
    if (session->queries)
        queries_stop(session->queries);
    if (!wait_connected(session))
        return; /* the process ends anyway; its threads end with it */
    jobs_stop(session->jobs);
    if (session->zones)
        zones_free(session->zones);
    if (session->catalog)
        catalog_free(session->catalog);
    if (session->queries)
        queries_free(session->queries);
    if (session->has_identity_thread)
        pthread_join(session->identity_thread, NULL);
    http_stop(session->http);
    for (struct link *link = session->link, *older; link; link = older) {
        older = link->older;
        link_free(link);
    }
    pthread_cond_destroy(&session->changed);
    pthread_mutex_destroy(&session->lock);
    free(session);
}

/* --- what it holds --- */

const struct config *session_config(const struct session *session)
{
    return session->options.config;
}

struct aws *session_aws(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    struct aws *aws = session->link ? session->link->aws : NULL;
    pthread_mutex_unlock(&session->lock);
    return aws;
}

struct jobs *session_jobs(struct session *session)
{
    return session->jobs;
}

struct http *session_http(struct session *session)
{
    return session->http;
}

bool session_is_embedded(const struct session *session)
{
    return config_is_embedded(session->options.config);
}

void session_identity(struct session *session, char *name, char *account, char *region, size_t size)
{
    const struct config *config = session->options.config;
    pthread_mutex_lock(&session->lock);
    const struct config *in_use = session->link ? &session->link->config : config;
    snprintf(name, size, "%s", session_is_embedded(session) ? "local" : config->profile);
    snprintf(account, size, "%s", session->account);
    snprintf(region, size, "%s", in_use->region);
    pthread_mutex_unlock(&session->lock);
}

const char *session_source(struct session *session, struct arena *arena)
{
    char url[CONFIG_URL], account[32];
    bool is_custom;
    pthread_mutex_lock(&session->lock);
    const struct config *in_use = session->link ? &session->link->config : session->options.config;
    snprintf(account, sizeof account, "%s", session->account);
    if (!config_endpoint(in_use, "s3", url, &is_custom, NULL))
        url[0] = 0;
    pthread_mutex_unlock(&session->lock);
    return arena_printf(arena, "%s%s%s", url, *account ? " as " : "", account);
}

void session_changed(struct session *session)
{
    if (session->options.changed)
        session->options.changed(session->options.context);
}

struct zones *session_zones(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    if (!session->zones)
        session->zones = zones_new(session);
    struct zones *zones = session->zones;
    pthread_mutex_unlock(&session->lock);
    return zones;
}

struct catalog *session_catalog(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    if (!session->catalog)
        session->catalog = catalog_new(session);
    struct catalog *catalog = session->catalog;
    pthread_mutex_unlock(&session->lock);
    return catalog;
}

struct queries *session_queries(struct session *session)
{
    pthread_mutex_lock(&session->lock);
    if (!session->queries)
        session->queries = queries_new(session);
    struct queries *queries = session->queries;
    pthread_mutex_unlock(&session->lock);
    return queries;
}
