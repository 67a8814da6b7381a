/* Transfers as jobs of the session's pool. The UI thread submits; the texts are copied. */
#include "backend/base/text.h"
#include "backend/domain/transfer_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct errand {
    struct session *session;
    struct transfer_options copy;
    struct remove_options remove;
    char *from, *to, *version_id; /* owned; from is also what is removed */
    struct job *job;
};

static void progress(void *context, int64_t done, int64_t total, const char *name)
{
    struct errand *errand = context;
    (void)name;
    job_progress(errand->job, done, total);
}

static void note(struct errand *errand, const struct transfer_result *result, const char *verb)
{
    char bytes[TEXT_SHORT];
    if (result->saved_as[0])
        job_note(errand->job, "saved as %s", result->saved_as);
    else
        job_note(errand->job, "%lld objects %s, %s%s", (long long)result->objects, verb,
                 text_bytes((uint64_t)result->bytes, bytes), result->skipped ? ", some were skipped" : "");
    session_changed(errand->session);
}

static bool run_copy(struct job *job, void *context, struct err *err)
{
    struct errand *errand = context;
    struct transfer_result result = {0};
    errand->job = job;
    errand->copy.cancel = job_cancel(job);
    bool ok = transfer_copy(errand->session, &errand->copy, &result, err);
    note(errand, &result, "copied");
    return ok;
}

static bool run_remove(struct job *job, void *context, struct err *err)
{
    struct errand *errand = context;
    struct transfer_result result = {0};
    errand->job = job;
    errand->remove.cancel = job_cancel(job);
    bool ok = transfer_remove(errand->session, &errand->remove, &result, err);
    note(errand, &result, "deleted");
    return ok;
}

static void errand_free(void *context)
{
    struct errand *errand = context;
    free(errand->from);
    free(errand->to);
    free(errand->version_id);
    free(errand);
}

static const struct job_ops copy_ops = {.kind = "copy", .run = run_copy, .finished = errand_free};
static const struct job_ops remove_ops = {.kind = "delete", .run = run_remove, .finished = errand_free};

static struct errand *errand_new(struct session *session, const char *from, const char *to, const char *version_id)
{
    struct errand *errand = calloc(1, sizeof *errand);
    if (!errand)
        abort();
    errand->session = session;
    errand->from = strdup(from);
    errand->to = to ? strdup(to) : NULL;
    errand->version_id = version_id ? strdup(version_id) : NULL;
    return errand;
}

static int submit(struct errand *errand, const struct job_ops *ops, const char *title, struct err *err)
{
    int id = jobs_submit(session_jobs(errand->session), ops, errand, title);
    if (id >= 0)
        return id;
    errand_free(errand);
    err_set(err, ERR_REFUSED, "too many jobs are waiting: let some end first");
    return -1;
}

int transfer_copy_job(struct session *session, const struct transfer_options *options, struct err *err)
{
    struct errand *errand = errand_new(session, options->from, options->to, options->version_id);
    char title[160];
    errand->copy = *options;
    errand->copy.from = errand->from;
    errand->copy.to = errand->to;
    errand->copy.version_id = errand->version_id;
    errand->copy.progress = progress;
    errand->copy.context = errand;
    snprintf(title, sizeof title, "copy %.90s to %.55s", options->from, options->to);
    return submit(errand, &copy_ops, title, err);
}

int transfer_remove_job(struct session *session, const struct remove_options *options, struct err *err)
{
    struct errand *errand = errand_new(session, options->target, NULL, options->version_id);
    char title[160];
    errand->remove = *options;
    errand->remove.target = errand->from;
    errand->remove.version_id = errand->version_id;
    errand->remove.progress = progress;
    errand->remove.context = errand;
    snprintf(title, sizeof title, "delete %.140s", options->target);
    return submit(errand, &remove_ops, title, err);
}
