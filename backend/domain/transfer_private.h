/* What the transfer*.c files share. One struct transfer per call of transfer_copy or transfer_remove: its progress and
 * its balance, under one lock, updated by worker threads and by the HTTP I/O thread. */
#ifndef WEIR_DOMAIN_TRANSFER_PRIVATE_H
#define WEIR_DOMAIN_TRANSFER_PRIVATE_H
#include "backend/aws/s3.h"
#include "backend/base/path.h"
#include "backend/domain/session.h"
#include "backend/domain/transfer.h"
#include <pthread.h>

enum { TRANSFER_PARALLEL = 4, TRANSFER_PARALLEL_MAX = 32 };

struct transfer {
    struct session *session;
    struct aws *aws;
    const struct cancel *cancel;
    bool no_resume, no_clobber;
    int parallel;      /* workers for objects, or for the parts of a single one */
    bool is_single;    /* one object: its size is the total */
    int part_parallel; /* 1 within a recursive transfer: its objects are parallel already */
    void (*report)(void *context, int64_t done, int64_t total, const char *name);
    void *context;
    pthread_mutex_t lock; /* guards what follows */
    int64_t done, total;  /* bytes (objects when deleting); total -1 unknown */
    int64_t reported_ms;
    struct transfer_result result;
    struct err first; /* of the objects that failed */
    bool is_stopped;  /* a failure that would meet every other object too */
};

/* Bytes moved (or taken back, when negative); name: the present object, NULL: as before. Reports at most every 50 ms.
 */
void transfer_moved(struct transfer *transfer, int64_t bytes, const char *name);
void transfer_add_total(struct transfer *transfer, int64_t bytes);
/* Balance of one object. */
void transfer_object_done(struct transfer *transfer, int64_t bytes);
void transfer_object_skipped(struct transfer *transfer);
void transfer_object_failed(struct transfer *transfer, const struct err *err);
bool transfer_must_end(struct transfer *transfer); /* cancelled or stopped */

/* Progress of one HTTP transfer as changes of the whole. */
struct transfer_gauge {
    struct transfer *transfer;
    int64_t seen;
};
void transfer_gauge_received(void *gauge, int64_t sent, int64_t received);
void transfer_gauge_sent(void *gauge, int64_t sent, int64_t received);

/* --- names --- */
/* A relative key that may become a path below the target directory: no empty, "." or ".." part, not absolute, no NUL,
 * no part over 255 bytes. The error names the key and the reason. */
bool transfer_name_is_safe(const char *name, size_t len, struct err *err);
/* True for the temporary files that downloads leave while they are not complete. */
bool transfer_is_part_name(const char *name);
/* ".NAME.weir-part" (cut and hashed when it would be too long). */
void transfer_part_name(const char *name, char out[256]);

/* By the key's extension; NULL when nothing is known of it. */
const char *transfer_content_type(const char *key);

/* --- one object --- */
/* Downloads into the directory dir_fd under name. since: a file there that was changed after that time belongs to
 * another key of this run (tv_sec 0: do not look). */
bool transfer_get(struct transfer *transfer, const struct s3_ref *ref, int dir_fd, const char *name,
                  const struct timespec *since, struct err *err);
bool transfer_get_stdout(struct transfer *transfer, const struct s3_ref *ref, int fd, struct err *err);
/* Uploads the open regular file. */
bool transfer_put(struct transfer *transfer, int fd, const char *bucket, const char *key, struct err *err);
bool transfer_put_stdin(struct transfer *transfer, int fd, const char *bucket, const char *key, struct err *err);
bool transfer_copy_object(struct transfer *transfer, const struct s3_ref *from, const char *bucket, const char *key,
                          struct err *err);

/* --- many --- */
bool transfer_get_tree(struct transfer *transfer, const char *bucket, const char *prefix, const char *dir,
                       struct err *err);
bool transfer_put_tree(struct transfer *transfer, const char *dir, const char *bucket, const char *prefix,
                       struct err *err);
bool transfer_copy_tree(struct transfer *transfer, const char *bucket, const char *prefix, const char *to_bucket,
                        const char *to_prefix, struct err *err);

/* --- parts, for large objects: numbers 0..count-1 by `workers` threads; the first failure stops the rest --- */
struct transfer_parts {
    struct transfer *transfer;
    int64_t count;
    const bool *is_done; /* per part, may be NULL */
    int workers;
    bool (*run)(void *context, int64_t part, struct err *err); /* on a worker */
    void *context;
};
bool transfer_run_parts(const struct transfer_parts *parts, struct err *err);
#endif
