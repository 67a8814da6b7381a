/* Moving objects: upload, download, copy, delete, one or recursive, with progress, resume, verified checksums and no
 * partial file under its final name. Used by jobs (the console) and by `weir cp|rm` (the command line). Calls wait. */
#ifndef WEIR_DOMAIN_TRANSFER_H
#define WEIR_DOMAIN_TRANSFER_H
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include <stdbool.h>
#include <stdint.h>

struct session;
struct transfer_options {
    const char *from, *to;  /* one or both s3://bucket/key; the other a local path; "-" is stdin or stdout */
    const char *version_id; /* of from; NULL: latest */
    bool is_recursive;
    bool no_resume;  /* start again even when a partial transfer could go on */
    bool no_clobber; /* an existing target is an error */
    int parallel;    /* 0: 4 */
    const struct cancel *cancel;
    /* on any thread; total -1 while unknown; name is the present object */
    void (*progress)(void *context, int64_t done, int64_t total, const char *name);
    void *context;
};
struct transfer_result {
    int64_t objects, bytes, failed, skipped;
    char saved_as[4096]; /* single download: the final name */
};
/* False with the first error; *result tells what was done (PARTIAL when some worked). */
bool transfer_copy(struct session *session, const struct transfer_options *options, struct transfer_result *result,
                   struct err *err);

struct remove_options {
    const char *target; /* s3://bucket/key; with is_recursive the folder: "s3://b/raw" is "s3://b/raw/" */
    const char *version_id;
    bool is_recursive;
    const struct cancel *cancel;
    void (*progress)(void *context, int64_t done, int64_t total, const char *name);
    void *context;
};
/* Deletes; never asks (the callers do). */
bool transfer_remove(struct session *session, const struct remove_options *options, struct transfer_result *result,
                     struct err *err);

/* As jobs (UI thread; returns the job id, or -1 with *err when the queue is full). */
int transfer_copy_job(struct session *session, const struct transfer_options *options, struct err *err);
int transfer_remove_job(struct session *session, const struct remove_options *options, struct err *err);
#endif
