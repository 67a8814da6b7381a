/* Downloads, uploads and deletions as jobs with progress and cancel: many targets, one job. The run functions are on
 * pool threads and touch nothing of the pane; making and freeing is the UI thread's until a job is submitted. */
#include "tui/pane/zones_job.h"
#include "backend/domain/transfer.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void zones_work_free(void *context)
{
    struct work *work = context;
    if (!work)
        return;
    free(work->targets);
    free(work);
}

bool zones_work_add(struct work *work, const struct zones_target *target)
{
    if (work->count == work->cap) {
        size_t cap = work->cap ? work->cap * 2 : 4;
        struct zones_target *bigger = realloc(work->targets, cap * sizeof *bigger);
        if (!bigger)
            abort();
        work->targets = bigger;
        work->cap = cap;
    }
    work->targets[work->count++] = *target;
    work->bytes_total = target->bytes >= 0 && work->bytes_total >= 0 ? work->bytes_total + target->bytes : -1;
    return true;
}

struct work *zones_work_new(struct zones_state *state, const struct job_ops *ops)
{
    struct work *work = calloc(1, sizeof *work);
    if (!work)
        abort();
    work->session = state->pane->session;
    work->ops = ops;
    return work;
}

/* What follows runs on pool threads. */
static void report(void *context, int64_t done, int64_t total, const char *name)
{
    struct work *work = context;
    (void)name;
    job_progress(work->job, work->bytes_before + done, work->count > 1 ? work->bytes_total : total);
}

static void local_name(const struct work *work, const struct zones_target *target, char out[PATH_SIZE])
{
    const char *name = zones_base_name(target->key);
    if (work->is_path_dir)
        snprintf(out, PATH_SIZE, "%.2048s/%.1024s", work->path, *name ? name : target->bucket);
    else
        snprintf(out, PATH_SIZE, "%s", work->path);
}

static bool download_one(struct work *work, const struct zones_target *target, struct err *err)
{
    char uri[ZONES_KEY + 80], path[PATH_SIZE];
    struct transfer_result result = {0};
    zones_uri(target, uri, sizeof uri);
    local_name(work, target, path);
    bool ok = transfer_copy(work->session,
                            &(struct transfer_options){.from = uri,
                                                       .to = path,
                                                       .version_id = target->version[0] ? target->version : NULL,
                                                       .is_recursive = target->is_prefix,
                                                       .no_clobber = work->no_clobber,
                                                       .cancel = job_cancel(work->job),
                                                       .progress = report,
                                                       .context = work},
                            &result, err);
    if (ok && work->count == 1)
        job_note(work->job, "saved to %.140s", result.saved_as[0] ? result.saved_as : path);
    return ok;
}

void zones_drop_edited(const char *path)
{
    char dir[PATH_SIZE];
    unlink(path);
    snprintf(dir, sizeof dir, "%.*s", (int)(strrchr(path, '/') - path), path);
    rmdir(dir);
}

static bool upload_one(struct work *work, const struct zones_target *target, struct err *err)
{
    char uri[ZONES_KEY + 80];
    struct transfer_result result = {0};
    zones_uri(target, uri, sizeof uri);
    bool ok = transfer_copy(work->session,
                            &(struct transfer_options){.from = work->path,
                                                       .to = uri,
                                                       .is_recursive = work->is_path_dir,
                                                       .cancel = job_cancel(work->job),
                                                       .progress = report,
                                                       .context = work},
                            &result, err);
    if (ok && work->is_edited)
        zones_drop_edited(work->path);
    return ok;
}

static bool remove_one(struct work *work, const struct zones_target *target, struct err *err)
{
    char uri[ZONES_KEY + 80];
    struct transfer_result result = {0};
    zones_uri(target, uri, sizeof uri);
    return transfer_remove(work->session,
                           &(struct remove_options){.target = uri,
                                                    .version_id = target->version[0] ? target->version : NULL,
                                                    .is_recursive = target->is_prefix,
                                                    .cancel = job_cancel(work->job),
                                                    .progress = target->is_prefix ? report : NULL,
                                                    .context = work},
                           &result, err);
}

/* All targets, also after one that failed; the first failure is the job's. */
static bool run_each(struct job *job, struct work *work,
                     bool (*one)(struct work *work, const struct zones_target *target, struct err *err),
                     const char *done_word, struct err *err)
{
    size_t failed = 0;
    work->job = job;
    for (size_t i = 0; i < work->count && !cancel_is_set(job_cancel(job)); i++) {
        struct err own = ERR_NONE;
        if (!one(work, &work->targets[i], &own)) {
            if (failed++ == 0)
                *err = own;
        }
        work->bytes_before += work->targets[i].bytes > 0 ? work->targets[i].bytes : 0;
    }
    if (cancel_is_set(job_cancel(job)))
        return err_set(err, ERR_CANCELLED, "cancelled");
    if (failed == 0 && work->count > 1)
        job_note(job, "%s %zu", done_word, work->count);
    if (failed > 0 && work->count > 1)
        err_prefix(err, "%zu of %zu failed; the first", failed, work->count);
    return failed == 0;
}

static bool run_download(struct job *job, void *context, struct err *err)
{
    return run_each(job, context, download_one, "saved", err);
}
static bool run_upload(struct job *job, void *context, struct err *err)
{
    return run_each(job, context, upload_one, "uploaded", err);
}
static bool run_remove(struct job *job, void *context, struct err *err)
{
    return run_each(job, context, remove_one, "deleted", err);
}
const struct job_ops zones_download_ops = {.kind = "download", .run = run_download, .finished = zones_work_free};
const struct job_ops zones_upload_ops = {.kind = "upload", .run = run_upload, .finished = zones_work_free};
const struct job_ops zones_remove_ops = {.kind = "delete", .run = run_remove, .finished = zones_work_free};
