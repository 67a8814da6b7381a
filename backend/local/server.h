/* The embedded cloud's HTTP server: the one home of libmicrohttpd. It reads a request's head, lets the service decide
 * where the body goes (memory or a file, with digests on the way), checks the signature, and sends the answer. Handlers
 * run on the connection's own thread and may block. 127.0.0.1 only: there is no option to bind elsewhere. */
#ifndef WEIR_LOCAL_SERVER_H
#define WEIR_LOCAL_SERVER_H
#include "backend/base/buf.h"
#include "backend/base/digest.h"
#include "backend/base/err.h"
#include "backend/base/list.h"
#include <stdbool.h>
#include <stdint.h>

struct cloud; /* everything of one running daemon: state directory, store, keys, faults, services */

struct request {
    struct cloud *cloud;
    const char *method;
    const char *raw_path;  /* as on the wire, still encoded */
    const char *raw_query; /* as on the wire, "" when none */
    struct pairs query;    /* decoded; a parameter without '=' has the value "" */
    struct pairs headers;
    const char *host;       /* Host header without port */
    char id[33];            /* request id sent back */
    const char *access_key; /* whose signature verified; NULL: anonymous */
    int64_t clock_shift_ms; /* a fault rule's: how far this cloud's clock is ahead for this request */
    int64_t content_length; /* decoded length; -1 unknown (chunked) */
    /* the body, after aws-chunked framing was removed and checked */
    struct buf body;      /* in-memory bodies */
    char body_file[4096]; /* or the temporary file holding it ("" when in memory), in cloud->objects/tmp, its bytes
                             already fdatasync'd; the handler may rename it away, else it is removed */
    int64_t body_len;
    uint8_t digests[DIGEST_KINDS][DIGEST_MAX]; /* of the decoded body, for each kind in digest_mask */
    unsigned digest_mask;                      /* bit per digest_kind: which were computed */
    struct pairs trailers;                     /* from aws-chunked */
    /* who asks; "" for anonymous */
    char scope_service[64];  /* the credential scope's service, claimed, for routing */
    char principal_arn[256]; /* arn:aws:iam::ACCOUNT:user/NAME or arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION */
    char principal_id[160];  /* UserId as STS names it */
};

struct answer {
    int status;
    struct pairs headers;
    struct buf body; /* sent when file_fd < 0 */
    int file_fd;     /* >= 0: body is file_len bytes of it at file_offset; closed after sending */
    int64_t file_offset, file_len;
    int64_t head_length; /* HEAD: Content-Length to announce without a body; -1: body.len */
};

/* Where a request's body goes, asked of the service after the head was read and the signature's head part verified. */
struct body_plan {
    bool to_file;         /* stream to a temporary file in the store's directory */
    int64_t max;          /* larger bodies are refused (EntityTooLarge) */
    unsigned digest_mask; /* digests to compute on the way; SHA256 is always there */
};

/* Which family of error names and shapes a service uses for what the server itself refuses. */
enum service_protocol { PROTOCOL_REST_XML, PROTOCOL_JSON, PROTOCOL_QUERY, PROTOCOL_REST_JSON };

/* One emulated service: file backend/local/NAME.c, row X(NAME) in cloud.h. */
struct service_ops {
    const char *name;                           /* "s3" */
    const char *signing_name;                   /* credential scope's service */
    bool (*matches)(const struct request *req); /* routing, asked in row order; S3 is last and takes what is left */
    void (*plan_body)(const struct request *req, struct body_plan *plan); /* NULL: in memory, 1 MiB */
    void (*handle)(struct request *req, struct answer *answer);
    /* The service's own error shape for what the server itself refuses (bad signature, too large, fault, not
     * implemented). */
    void (*fail)(const struct request *req, struct answer *answer, int status, const char *code, const char *message);
    bool (*start)(struct cloud *cloud, struct err *err); /* schema and recovery; NULL: nothing to do */
    void (*stop)(struct cloud *cloud);
    const struct coverage_row *coverage;                 /* every operation; ends with .operation = NULL */
    bool (*allows_anonymous)(const struct request *req); /* NULL: never */
    enum service_protocol protocol;                      /* default: S3's */
    /* For a service that speaks several: which one this request is in. NULL: protocol. */
    enum service_protocol (*protocol_of)(const struct request *req);
    /* The operation's name ("GetObject"), for faults and the log; asked after the body was read (query protocol names
     * it there). NULL, or a NULL answer: unknown. The text is static or lives as long as req. */
    const char *(*operation)(const struct request *req);
};
enum coverage_state { COVER_DONE, COVER_PARTIAL, COVER_ABSENT };
struct coverage_row {
    const char *operation;
    enum coverage_state state;
    const char *missing; /* what a partial one lacks */
};

struct server;
struct server_options {
    int port;               /* 0: any free one */
    int64_t idle_timeout_s; /* a connection without a whole request head for this long is closed; 0: 75 s */
};
/* Listens on 127.0.0.1; *bound gets the port. */
struct server *server_start(struct cloud *cloud, const struct server_options *options, int *bound, struct err *err);
/* No new connections, waits for running handlers up to 2 s. False: some still run, the process must end without taking
 * their store away. */
bool server_stop(struct server *server);
/* Keeps new requests waiting and waits until none runs; false after timeout_ms (then nothing is held). */
bool server_pause(struct server *server, int timeout_ms);
void server_resume(struct server *server);
/* A timerfd of the main loop: when it fires, server_sweep closes the connections that were silent for too long. It is
 * armed only while there are connections. */
int server_timer_fd(const struct server *server);
void server_sweep(struct server *server);
struct server_counts {
    int64_t requests, connections;
};
struct server_counts server_count(struct server *server);
#endif
