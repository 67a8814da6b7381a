/* Crawlers' schedules: a thread that sleeps until the next crawler is due and starts it. It exists from the first
 * schedule on and wakes for changes and due times only. Times that passed while the daemon did not run are not made up
 * for. Source: AWS Glue API Reference, Schedule; StartCrawlerSchedule. */
#include "backend/base/log.h"
#include "backend/local/cron.h"
#include "backend/local/glue.h"
#include "backend/local/glue_rows.h"
#include "backend/local/store.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REST_S = 24 * 3600 }; /* nothing is due: the clock may have been changed meanwhile */

struct glue_schedule {
    struct cloud *cloud;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t thread;
    bool has_thread, is_stopping;
    uint64_t changes;
    int64_t from_s; /* when the thread came: what is due later starts */
};

/* What was due before the schedule came or was changed is not the crawler's. */
static int64_t next_of(const json_t *crawler, int64_t after_s)
{
    int64_t changed_s = json_int(crawler, "LastUpdated", 0);
    const json_t *schedule = json_object_get(crawler, "Schedule");
    struct cron cron;
    struct err err = ERR_NONE;
    if (strcmp(json_str(schedule, "State"), "SCHEDULED") != 0 ||
        !cron_parse(json_str(schedule, "ScheduleExpression"), &cron, &err))
        return -1;
    return cron_next(&cron, after_s > changed_s ? after_s : changed_s);
}

static json_t *list_crawlers(struct cloud *cloud, struct err *err)
{
    struct db *db = glue_reader(cloud, err);
    struct db_row *row = db ? db_query(db, err, "select document from glue_crawler", "") : NULL;
    json_t *list = json_array();
    while (row && db_step(row, err)) {
        json_t *document = glue_row_document(row, 0, err);
        if (document)
            json_array_append_new(list, document);
    }
    if (row)
        glue_end(row, err);
    if (db)
        store_reader_done(cloud->store, db);
    return list;
}

/* When the next crawler is due after after_s; -1 never. */
static int64_t next_due(struct cloud *cloud, int64_t after_s)
{
    struct err err = ERR_NONE;
    json_t *list = list_crawlers(cloud, &err), *crawler;
    int64_t next = -1;
    size_t i;
    json_array_foreach(list, i, crawler)
    {
        int64_t at = next_of(crawler, after_s);
        if (at >= 0 && (next < 0 || at < next))
            next = at;
    }
    json_decref(list);
    return next;
}

/* One that still runs is left out this time, as in Glue. */
static void start_due(struct cloud *cloud, int64_t due_s)
{
    struct err err = ERR_NONE;
    json_t *list = list_crawlers(cloud, &err), *crawler;
    size_t i;
    json_array_foreach(list, i, crawler)
    {
        struct err one = ERR_NONE;
        if (next_of(crawler, due_s - 1) == due_s && !glue_crawler_run(cloud, json_str(crawler, "Name"), &one))
            log_warn(local, "glue: crawler %s was due and did not start: %s", json_str(crawler, "Name"), one.text);
    }
    json_decref(list);
}

static void *keep_time(void *context)
{
    struct glue_schedule *schedule = context;
    pthread_mutex_lock(&schedule->lock);
    int64_t after = schedule->from_s;
    while (!schedule->is_stopping) {
        uint64_t seen = schedule->changes;
        pthread_mutex_unlock(&schedule->lock);
        int64_t due = next_due(schedule->cloud, after), now = clock_wall(schedule->cloud->clock) / 1000;
        if (due >= 0 && due <= now) {
            start_due(schedule->cloud, due);
            after = due;
        }
        pthread_mutex_lock(&schedule->lock);
        struct timespec until = {.tv_sec = (time_t)(due >= 0 && due < now + REST_S ? due : now + REST_S)};
        bool is_due = due >= 0 && due <= now;
        while (!is_due && !schedule->is_stopping && schedule->changes == seen)
            if (pthread_cond_timedwait(&schedule->wake, &schedule->lock, &until) == ETIMEDOUT)
                break;
    }
    pthread_mutex_unlock(&schedule->lock);
    return NULL;
}

/* Signals are the main thread's. */
static void add_thread(struct glue_schedule *schedule)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    schedule->has_thread = pthread_create(&schedule->thread, NULL, keep_time, schedule) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!schedule->has_thread)
        log_warn(local, "glue: no thread for schedules could be started");
}

void glue_schedule_changed(struct cloud *cloud)
{
    struct glue_schedule *schedule = cloud->glue_schedule;
    int64_t now = clock_wall(cloud->clock) / 1000;
    bool is_needed = next_due(cloud, now) >= 0;
    pthread_mutex_lock(&schedule->lock);
    schedule->changes++;
    if (is_needed && !schedule->has_thread) {
        schedule->from_s = now;
        add_thread(schedule);
    }
    pthread_cond_broadcast(&schedule->wake);
    pthread_mutex_unlock(&schedule->lock);
}

bool glue_schedule_start(struct cloud *cloud, struct err *err)
{
    struct glue_schedule *schedule = calloc(1, sizeof *schedule);
    (void)err;
    if (!schedule)
        abort();
    schedule->cloud = cloud;
    pthread_mutex_init(&schedule->lock, NULL);
    pthread_cond_init(&schedule->wake, NULL);
    cloud->glue_schedule = schedule;
    glue_schedule_changed(cloud);
    return true;
}

void glue_schedule_stop(struct cloud *cloud)
{
    struct glue_schedule *schedule = cloud->glue_schedule;
    if (!schedule)
        return;
    pthread_mutex_lock(&schedule->lock);
    schedule->is_stopping = true;
    pthread_cond_broadcast(&schedule->wake);
    pthread_mutex_unlock(&schedule->lock);
    if (schedule->has_thread)
        pthread_join(schedule->thread, NULL);
    pthread_mutex_destroy(&schedule->lock);
    pthread_cond_destroy(&schedule->wake);
    free(schedule);
    cloud->glue_schedule = NULL;
}

bool glue_schedule_check(struct awsjson_call *call, const char *expression)
{
    struct cron cron;
    struct err err = ERR_NONE;
    return !*expression || cron_parse(expression, &cron, &err) ||
           glue_fail(call, "InvalidInputException", "%.200s", err.text);
}

/* ---- operations */

static bool is_scheduled(const json_t *crawler)
{
    return strcmp(json_str(json_object_get(crawler, "Schedule"), "State"), "SCHEDULED") == 0;
}

static bool edit_start(json_t *crawler, const void *context, struct err *err)
{
    json_t *schedule = json_object_get(crawler, "Schedule");
    (void)context;
    if (!schedule)
        return glue_refuse(err, "NoScheduleException", "Crawler has no schedule");
    if (is_scheduled(crawler))
        return glue_refuse(err, "SchedulerRunningException", "The schedule of the crawler runs already");
    return json_object_set_new(schedule, "State", json_string("SCHEDULED")) == 0;
}

static bool edit_stop(json_t *crawler, const void *context, struct err *err)
{
    (void)context;
    if (!is_scheduled(crawler))
        return glue_refuse(err, "SchedulerNotRunningException", "The schedule of the crawler does not run");
    return json_object_set_new(json_object_get(crawler, "Schedule"), "State", json_string("NOT_SCHEDULED")) == 0;
}

static bool edit_update(json_t *crawler, const void *context, struct err *err)
{
    const char *expression = context;
    (void)err;
    if (!*expression)
        return json_object_del(crawler, "Schedule") == 0 || true;
    return json_object_set_new(crawler, "Schedule",
                               json_pack("{s:s, s:s}", "ScheduleExpression", expression, "State", "SCHEDULED")) == 0;
}

static bool edit_schedule(struct awsjson_call *call,
                          bool (*edit)(json_t *crawler, const void *context, struct err *err), const void *context)
{
    const char *name = glue_need_text(call, "CrawlerName", "crawlerName");
    if (!name || !glue_crawler_edit(call->cloud, name, edit, context, &call->err))
        return false;
    glue_schedule_changed(call->cloud);
    return true;
}

bool glue_op_start_schedule(struct awsjson_call *call)
{
    return edit_schedule(call, edit_start, NULL);
}

bool glue_op_stop_schedule(struct awsjson_call *call)
{
    return edit_schedule(call, edit_stop, NULL);
}

bool glue_op_update_schedule(struct awsjson_call *call)
{
    const char *expression = json_str(call->in, "Schedule");
    return glue_schedule_check(call, expression) && edit_schedule(call, edit_update, expression);
}
