/* Jobs on crawlers: run (until the crawl's end), stop, create. On pool threads; submitted by the UI thread. */
#include "backend/aws/glue.h"
#include "backend/domain/catalog_private.h"
#include "backend/domain/session.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 1000, POLL_FIRST_MS = 50 };

struct crawler_job {
    struct catalog *catalog;
    char name[CATALOG_NAME];
    char path[1100], database[CATALOG_NAME], prefix[129], role[256]; /* of one to be created */
};

static bool wait_crawl(struct aws *aws, struct job *job, const char *name, struct err *err)
{
    for (int64_t pause = POLL_FIRST_MS;; pause = pause * 2 < POLL_MS ? pause * 2 : POLL_MS) {
        json_t *crawler = glue_get_crawler(aws, name, job_cancel(job), err);
        if (!crawler)
            return false;
        const json_t *last = json_object_get(crawler, "LastCrawl");
        bool is_over = strcmp(json_str(crawler, "State"), "READY") == 0;
        bool ok = is_over && strcmp(json_str(last, "Status"), "SUCCEEDED") == 0;
        if (is_over && !ok)
            err_set(err, ERR_FAILED, "crawler %.100s: %s %.100s", name, json_str(last, "Status"),
                    json_str(last, "ErrorMessage"));
        json_decref(crawler);
        if (is_over)
            return ok;
        if (!cancel_wait(job_cancel(job), pause))
            return err_set(err, ERR_CANCELLED, "the wait for crawler %.100s ended; the crawl goes on", name);
    }
}

static bool run_crawler(struct job *job, void *context, struct err *err)
{
    struct crawler_job *it = context;
    struct aws *aws = session_connect(it->catalog->session, job_cancel(job), err);
    if (!aws || !glue_start_crawler(aws, it->name, job_cancel(job), err))
        return false;
    feed_refresh(it->catalog->all.feed); /* it is seen running */
    bool ok = wait_crawl(aws, job, it->name, err);
    feed_refresh(it->catalog->all.feed);
    feed_refresh(it->catalog->detail.feed);
    feed_refresh(it->catalog->location.feed);
    if (!ok)
        return false;
    json_t *list = glue_get_crawler_metrics(aws, it->name, job_cancel(job), err), *metrics = json_array_get(list, 0);
    if (!list)
        return false;
    job_note(job, "tables: %lld created, %lld updated, %lld deleted", (long long)json_int(metrics, "TablesCreated", 0),
             (long long)json_int(metrics, "TablesUpdated", 0), (long long)json_int(metrics, "TablesDeleted", 0));
    json_decref(list);
    return true;
}

static bool stop_crawler(struct job *job, void *context, struct err *err)
{
    struct crawler_job *it = context;
    struct aws *aws = session_connect(it->catalog->session, job_cancel(job), err);
    if (!aws || !glue_stop_crawler(aws, it->name, job_cancel(job), err))
        return false;
    feed_refresh(it->catalog->all.feed);
    return true;
}

static bool create_crawler(struct job *job, void *context, struct err *err)
{
    struct crawler_job *it = context;
    struct aws *aws = session_connect(it->catalog->session, job_cancel(job), err);
    json_t *input = json_pack("{s:s, s:s, s:s, s:{s:[{s:s}]}}", "Name", it->name, "Role", it->role, "DatabaseName",
                              it->database, "Targets", "S3Targets", "Path", it->path);
    if (*it->prefix)
        json_object_set_new(input, "TablePrefix", json_string(it->prefix));
    if (!aws) {
        json_decref(input);
        return false;
    }
    bool ok = glue_create_crawler(aws, input, job_cancel(job), err);
    feed_refresh(it->catalog->all.feed);
    if (ok)
        job_note(job, "crawler %.120s is there: run it to fill the catalog", it->name);
    return ok;
}

static const struct job_ops run_ops = {.kind = "crawl", .run = run_crawler, .finished = free};
static const struct job_ops stop_ops = {.kind = "crawl", .run = stop_crawler, .finished = free};
static const struct job_ops create_ops = {.kind = "crawl", .run = create_crawler, .finished = free};

static struct crawler_job *new_job(struct catalog *catalog, const char *name)
{
    struct crawler_job *it = calloc(1, sizeof *it);
    if (!it)
        abort();
    it->catalog = catalog;
    snprintf(it->name, sizeof it->name, "%s", name);
    return it;
}

static int submit(struct crawler_job *it, const struct job_ops *ops, const char *verb)
{
    char title[160];
    snprintf(title, sizeof title, "%s crawler %.120s", verb, it->name);
    int id = jobs_submit(session_jobs(it->catalog->session), ops, it, title);
    if (id < 0)
        free(it);
    return id;
}

int catalog_run_crawler(struct catalog *catalog, const char *name)
{
    return submit(new_job(catalog, name), &run_ops, "run");
}

int catalog_stop_crawler(struct catalog *catalog, const char *name)
{
    return submit(new_job(catalog, name), &stop_ops, "stop");
}

int catalog_create_crawler(struct catalog *catalog, const struct catalog_crawler_wish *wish)
{
    struct crawler_job *it = new_job(catalog, wish->name);
    snprintf(it->path, sizeof it->path, "%s", wish->path);
    snprintf(it->database, sizeof it->database, "%s", wish->database);
    snprintf(it->prefix, sizeof it->prefix, "%s", wish->prefix);
    snprintf(it->role, sizeof it->role, "%s", wish->role);
    return submit(it, &create_ops, "create");
}
