/* Glue's crawlers: their definitions, their state, and the threads of those that run. A crawl's row says RUNNING before
 * its thread starts, so a daemon that was killed finds it at the next start and marks it failed. StartCrawler waits a
 * moment for the end: a quick crawl has settled before the first poll. */
#include "backend/base/digest.h"
#include "backend/base/log.h"
#include "backend/local/glue.h"
#include "backend/local/glue_crawl.h"
#include "backend/local/s3_inside.h"
#include "backend/local/store.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AT_ONCE = 4, SETTLE_MS = 300, PAGE_MAX = 100 };

struct run {
    struct cloud *cloud;
    json_t *crawler;
    char name[GLUE_NAME_MAX + 1];
    int64_t crawl; /* row of glue_crawl */
    atomic_bool stop;
    bool is_done;
    pthread_t thread;
    struct run *next;
};
struct glue_state {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    sem_t slots;
    struct run *runs;
};

static const char schema[] =
    "create table if not exists glue_crawler(name text primary key, document text not null, state text not null)"
    " without rowid;"
    "create table if not exists glue_crawl(id integer primary key, crawler text not null, uuid text not null, state "
    "text"
    " not null, started integer not null, ended integer, created integer not null default 0, updated integer not null"
    " default 0, deleted integer not null default 0, summary text, error text);"
    "create index if not exists glue_crawl_crawler on glue_crawl(crawler, id);"
    "update glue_crawl set state='FAILED', ended=started, error='The embedded cloud was stopped during the crawl'"
    " where state='RUNNING';"
    "update glue_crawler set state='READY' where state<>'READY';";

bool glue_crawler_start(struct cloud *cloud, struct err *err)
{
    struct glue_state *state = calloc(1, sizeof *state);
    if (!state)
        abort();
    pthread_mutex_init(&state->lock, NULL);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&state->ended, &attr);
    pthread_condattr_destroy(&attr);
    sem_init(&state->slots, 0, AT_ONCE);
    cloud->glue = state;
    return store_schema(cloud->store, schema, err);
}

static void run_free(struct run *run)
{
    pthread_join(run->thread, NULL);
    json_decref(run->crawler);
    free(run);
}

void glue_crawler_stop(struct cloud *cloud)
{
    struct glue_state *state = cloud->glue;
    if (!state)
        return;
    for (struct run *run = state->runs; run; run = run->next)
        atomic_store(&run->stop, true);
    while (state->runs) {
        struct run *run = state->runs;
        state->runs = run->next;
        run_free(run);
    }
    sem_destroy(&state->slots);
    pthread_cond_destroy(&state->ended);
    pthread_mutex_destroy(&state->lock);
    free(state);
    cloud->glue = NULL;
}

/* Joins what has ended. */
static void reap(struct glue_state *state)
{
    pthread_mutex_lock(&state->lock);
    for (struct run **at = &state->runs; *at;) {
        struct run *run = *at;
        if (run->is_done) {
            *at = run->next;
            run_free(run);
        } else {
            at = &run->next;
        }
    }
    pthread_mutex_unlock(&state->lock);
}

/* ---- a run */

struct end_work {
    const struct run *run;
    const struct crawl *crawl;
    const char *state, *error;
    int64_t now_ms;
};

static json_t *summary_part(int count, json_t *names)
{
    return json_pack("{s:i, s:{s:O}}", "Count", count, "Details", "names", names);
}

static char *summary_of(const struct crawl *crawl)
{
    json_t *none = json_array();
    json_t *summary = json_pack(
        "{s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o}}", "TABLE", "ADD", summary_part(crawl->tables_created, crawl->added),
        "UPDATE", summary_part(crawl->tables_updated, crawl->changed), "DELETE",
        summary_part(crawl->tables_deleted, crawl->removed), "PARTITION", "ADD",
        summary_part(crawl->partitions_created, none), "UPDATE", summary_part(crawl->partitions_updated, none),
        "DELETE", summary_part(crawl->partitions_deleted, none));
    struct buf text = BUF_INIT(1 << 20);
    json_write(summary, 0, &text);
    json_decref(summary);
    json_decref(none);
    return buf_take(&text);
}

static bool end_run(struct db *db, void *context, struct err *err)
{
    struct end_work *work = context;
    char *summary = summary_of(work->crawl);
    bool ok =
        db_run(db, err,
               "update glue_crawl set state=?, ended=?, created=?, updated=?, deleted=?, summary=?, error=? where "
               "id=?",
               "tiiiitti", work->state, work->now_ms, (int64_t)work->crawl->tables_created,
               (int64_t)work->crawl->tables_updated, (int64_t)work->crawl->tables_deleted, summary, work->error,
               work->run->crawl) &&
        db_run(db, err, "update glue_crawler set state='READY' where name=?", "t", work->run->name);
    free(summary);
    return ok;
}

static void *run_main(void *argument)
{
    struct run *run = argument;
    struct glue_state *state = run->cloud->glue;
    struct err err = ERR_NONE;
    struct crawl crawl = {.cloud = run->cloud,
                          .crawler = run->crawler,
                          .stop = &run->stop,
                          .added = json_array(),
                          .changed = json_array(),
                          .removed = json_array()};
    while (sem_wait(&state->slots) != 0)
        continue; /* EINTR */
    bool ok = glue_crawl_run(&crawl, &err);
    sem_post(&state->slots);
    bool is_stopped = !ok && atomic_load(&run->stop);
    struct end_work work = {.run = run,
                            .crawl = &crawl,
                            .now_ms = clock_wall(run->cloud->clock),
                            .state = ok           ? "COMPLETED"
                                     : is_stopped ? "STOPPED"
                                                  : "FAILED",
                            .error = ok ? NULL : err.text};
    struct err end_err = ERR_NONE;
    if (!store_write(run->cloud->store, end_run, &work, &end_err))
        log_warn(local, "glue: the end of crawl %s is not on disk: %s", run->name, end_err.text);
    json_decref(crawl.added);
    json_decref(crawl.changed);
    json_decref(crawl.removed);
    pthread_mutex_lock(&state->lock);
    run->is_done = true;
    pthread_cond_broadcast(&state->ended);
    pthread_mutex_unlock(&state->lock);
    return NULL;
}

/* ---- definitions */

static bool check_targets(struct awsjson_call *call, const json_t *targets)
{
    static const char *const others[] = {"JdbcTargets",  "MongoDBTargets", "DynamoDBTargets", "CatalogTargets",
                                         "DeltaTargets", "IcebergTargets", "HudiTargets"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (json_array_size(json_object_get(targets, others[i])) > 0)
            return glue_fail(call, "NotImplemented", "The embedded cloud's crawlers have no %s", others[i]);
    const json_t *list = json_object_get(targets, "S3Targets");
    if (json_array_size(list) == 0)
        return glue_fail(call, "InvalidInputException", "Crawler must have at least one target.");
    size_t i;
    json_t *target;
    json_array_foreach(list, i, target)
    {
        char bucket[256];
        const char *prefix;
        int64_t sample = json_int(target, "SampleSize", 1);
        if (!glue_crawl_target(json_str(target, "Path"), bucket, &prefix))
            return glue_fail(call, "InvalidInputException", "S3 target path %.100s names no bucket",
                             json_str(target, "Path"));
        if (!s3_inside_bucket_exists(call->cloud, bucket))
            return glue_fail(call, "InvalidInputException", "S3 bucket does not exist: %.100s", bucket);
        if (sample < 1 || sample > 249)
            return glue_fail(call, "InvalidInputException", "SampleSize must be from 1 to 249");
    }
    return true;
}

static bool check_configuration(struct awsjson_call *call)
{
    const char *text = json_str(call->in, "Configuration");
    struct err err = ERR_NONE;
    json_t *value = *text ? json_parse(text, strlen(text), &err) : json_object();
    bool ok = json_is_object(value);
    json_decref(value);
    return ok || glue_fail(call, "InvalidInputException", "Configuration is no JSON object: %.150s", err.text);
}

/* They must be there, and be for CSV: others are kept and not used. */
static bool check_classifiers(struct awsjson_call *call)
{
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(call->in, "Classifiers"), i, entry)
    {
        const char *name = json_is_string(entry) ? json_string_value(entry) : "";
        json_t *classifier = glue_classifier_get(call->cloud, name, &call->err);
        bool is_csv = json_object_get(classifier, "CsvClassifier") != NULL;
        json_decref(classifier);
        if (!classifier)
            return false;
        if (!is_csv)
            return glue_fail(call, "NotImplemented",
                             "The embedded cloud's crawlers use CSV classifiers only; %.100s is of another kind", name);
    }
    return true;
}

static bool check_crawler(struct awsjson_call *call)
{
    if (!glue_refuse_option(call, "CrawlerSecurityConfiguration") || !check_classifiers(call) ||
        !glue_schedule_check(call, json_str(call->in, "Schedule")))
        return false;
    const char *recrawl = json_str(json_object_get(call->in, "RecrawlPolicy"), "RecrawlBehavior");
    if (*recrawl && strcmp(recrawl, "CRAWL_EVERYTHING") != 0)
        return glue_fail(call, "NotImplemented", "The embedded cloud's crawlers have no %s", recrawl);
    return check_configuration(call);
}

static const char *const crawler_members[] = {"Role",          "Targets",
                                              "DatabaseName",  "Description",
                                              "TablePrefix",   "SchemaChangePolicy",
                                              "RecrawlPolicy", "LineageConfiguration",
                                              "Configuration", "LakeFormationConfiguration",
                                              "Classifiers",   NULL};

/* The request's Schedule is text, the definition's has a state: a new one runs. */
static void set_schedule(json_t *document, const json_t *in)
{
    const json_t *given = json_object_get(in, "Schedule");
    if (json_is_string(given) && json_string_length(given))
        json_object_set_new(
            document, "Schedule",
            json_pack("{s:s, s:s}", "ScheduleExpression", json_string_value(given), "State", "SCHEDULED"));
    else if (json_is_string(given))
        json_object_del(document, "Schedule");
}

static json_t *new_document(const struct awsjson_call *call, const char *name)
{
    json_t *document = json_pack("{s:s, s:[], s:{s:s}, s:{s:s, s:s}, s:{s:s}, s:I, s:I, s:i}", "Name", name,
                                 "Classifiers", "RecrawlPolicy", "RecrawlBehavior", "CRAWL_EVERYTHING",
                                 "SchemaChangePolicy", "UpdateBehavior", "UPDATE_IN_DATABASE", "DeleteBehavior",
                                 "DEPRECATE_IN_DATABASE", "LineageConfiguration", "CrawlerLineageSettings", "DISABLE",
                                 "CreationTime", (json_int_t)(clock_wall(call->cloud->clock) / 1000), "LastUpdated",
                                 (json_int_t)(clock_wall(call->cloud->clock) / 1000), "Version", 1);
    glue_copy_members(document, call->in, crawler_members);
    set_schedule(document, call->in);
    return document;
}

struct crawler_work {
    const char *name;
    const char *text;     /* document to be written */
    const json_t *change; /* UpdateCrawler's request */
    int64_t now_ms;
    int64_t crawl;    /* StartCrawler: the new row */
    json_t *document; /* what was found */
};

static bool load(struct db *db, const char *name, json_t **document, char state[16], struct err *err)
{
    *document = NULL;
    struct db_row *row = db_query(db, err, "select document, state from glue_crawler where name=?", "t", name);
    if (row && db_step(row, err)) {
        *document = json_parse(db_text(row, 0), strlen(db_text(row, 0)), err);
        snprintf(state, 16, "%s", db_text(row, 1));
    }
    if (row)
        db_end(row);
    return err->code == ERR_OK;
}

static bool need(struct db *db, const char *name, json_t **document, char state[16], struct err *err)
{
    return load(db, name, document, state, err) &&
           (*document || glue_refuse(err, "EntityNotFoundException", "Crawler with name %s does not exist", name));
}

static bool create_crawler(struct db *db, void *context, struct err *err)
{
    struct crawler_work *work = context;
    char state[16];
    json_t *found;
    if (!load(db, work->name, &found, state, err))
        return false;
    json_decref(found);
    if (found)
        return glue_refuse(err, "AlreadyExistsException", "Crawler with name %s already exists", work->name);
    return db_run(db, err, "insert into glue_crawler(name, document, state) values(?,?,'READY')", "tt", work->name,
                  work->text);
}

bool glue_op_create_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    const char *role = name ? glue_need_text(call, "Role", "role") : NULL;
    const json_t *targets = role ? glue_need_object(call, "Targets", "targets") : NULL;
    char folded[GLUE_NAME_MAX + 1];
    if (!targets || !glue_fold_name(name, "name", folded, &call->err) || !glue_tags_check(call, "Tags") ||
        !check_targets(call, targets) || !check_crawler(call))
        return false;
    if (!*json_str(call->in, "DatabaseName"))
        return glue_fail(call, "InvalidInputException", "DatabaseName is required for S3 targets");
    json_t *document = new_document(call, name);
    struct buf text = BUF_INIT(GLUE_BODY_MAX);
    json_write(document, 0, &text);
    json_decref(document);
    struct crawler_work work = {.name = name, .text = buf_text(&text)};
    bool ok = store_write(call->cloud->store, create_crawler, &work, &call->err);
    buf_done(&text);
    if (!ok)
        return false;
    glue_schedule_changed(call->cloud);
    return glue_tags_put(call, "Tags", "crawler", name);
}

static bool update_crawler(struct db *db, void *context, struct err *err)
{
    struct crawler_work *work = context;
    char state[16];
    json_t *document;
    if (!need(db, work->name, &document, state, err))
        return false;
    if (strcmp(state, "READY") != 0) {
        json_decref(document);
        return glue_refuse(
            err, "CrawlerRunningException",
            "Cannot update Crawler while running. Please stop crawl or wait until it completes to update.");
    }
    glue_copy_members(document, work->change, crawler_members);
    set_schedule(document, work->change);
    json_object_set_new(document, "LastUpdated", json_integer(work->now_ms / 1000));
    json_object_set_new(document, "Version", json_integer(json_int(document, "Version", 0) + 1));
    struct buf text = BUF_INIT(GLUE_BODY_MAX);
    json_write(document, 0, &text);
    json_decref(document);
    bool ok = db_run(db, err, "update glue_crawler set document=? where name=?", "tt", buf_text(&text), work->name);
    buf_done(&text);
    return ok;
}

bool glue_op_update_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    const json_t *targets = json_object_get(call->in, "Targets");
    if (!name || (targets && !check_targets(call, targets)) || !check_crawler(call))
        return false;
    struct crawler_work work = {.name = name, .change = call->in, .now_ms = clock_wall(call->cloud->clock)};
    if (!store_write(call->cloud->store, update_crawler, &work, &call->err))
        return false;
    glue_schedule_changed(call->cloud);
    return true;
}

struct crawler_edit {
    const char *name;
    bool (*edit)(json_t *crawler, const void *context, struct err *err);
    const void *context;
};

static bool edit_crawler(struct db *db, void *context, struct err *err)
{
    const struct crawler_edit *work = context;
    char state[16];
    json_t *document = NULL;
    struct buf text = BUF_INIT(GLUE_BODY_MAX);
    bool ok = need(db, work->name, &document, state, err) && work->edit(document, work->context, err);
    if (ok) {
        json_write(document, 0, &text);
        ok = db_run(db, err, "update glue_crawler set document=? where name=?", "tt", buf_text(&text), work->name);
    }
    buf_done(&text);
    json_decref(document);
    return ok;
}

bool glue_crawler_edit(struct cloud *cloud, const char *name,
                       bool (*edit)(json_t *crawler, const void *context, struct err *err), const void *context,
                       struct err *err)
{
    struct crawler_edit work = {.name = name, .edit = edit, .context = context};
    return store_write(cloud->store, edit_crawler, &work, err);
}

static bool delete_crawler(struct db *db, void *context, struct err *err)
{
    struct crawler_work *work = context;
    char state[16];
    json_t *document;
    if (!need(db, work->name, &document, state, err))
        return false;
    json_decref(document);
    if (strcmp(state, "READY") != 0)
        return glue_refuse(err, "CrawlerRunningException", "Crawler with name %s is running", work->name);
    return db_run(db, err, "delete from glue_crawl where crawler=?", "t", work->name) &&
           db_run(db, err, "delete from glue_crawler where name=?", "t", work->name);
}

bool glue_op_delete_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    struct crawler_work work = {.name = name};
    if (!name || !store_write(call->cloud->store, delete_crawler, &work, &call->err))
        return false;
    glue_tags_drop(call, "crawler", name);
    return true;
}

/* ---- starting and stopping */

static bool start_crawl(struct db *db, void *context, struct err *err)
{
    struct crawler_work *work = context;
    char state[16], uuid[40], hex[33];
    uint8_t raw[16];
    if (!need(db, work->name, &work->document, state, err))
        return false;
    if (strcmp(state, "READY") != 0)
        return glue_refuse(err, "CrawlerRunningException", "Crawler with name %s has already started", work->name);
    random_bytes(raw, sizeof raw);
    hex_encode(raw, sizeof raw, hex);
    snprintf(uuid, sizeof uuid, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
    if (!db_run(db, err, "insert into glue_crawl(crawler, uuid, state, started) values(?,?,'RUNNING',?)", "tti",
                work->name, uuid, work->now_ms))
        return false;
    work->crawl = db_last_id(db);
    return db_run(db, err, "update glue_crawler set state='RUNNING' where name=?", "t", work->name);
}

static bool start_thread(struct cloud *cloud, struct crawler_work *work, struct run **started, struct err *err)
{
    struct glue_state *state = cloud->glue;
    struct run *run = calloc(1, sizeof *run);
    if (!run)
        abort();
    run->cloud = cloud;
    run->crawler = work->document;
    run->crawl = work->crawl;
    snprintf(run->name, sizeof run->name, "%s", work->name);
    pthread_mutex_lock(&state->lock);
    int failed = pthread_create(&run->thread, NULL, run_main, run);
    if (!failed) {
        run->next = state->runs;
        state->runs = run;
    }
    pthread_mutex_unlock(&state->lock);
    *started = run;
    if (!failed)
        return true;
    json_t *none = json_array();
    struct crawl crawl = {.added = none, .changed = none, .removed = none};
    struct end_work end = {
        .run = run, .crawl = &crawl, .now_ms = work->now_ms, .state = "FAILED", .error = "No thread could be started"};
    struct err end_err = ERR_NONE;
    store_write(cloud->store, end_run, &end, &end_err);
    json_decref(none);
    json_decref(run->crawler);
    free(run);
    return glue_refuse(err, "InternalServiceException", "no thread could be started for the crawl");
}

static void settle(struct glue_state *state, const struct run *run)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += SETTLE_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_mutex_lock(&state->lock);
    bool is_there = true;
    while (is_there) {
        is_there = false;
        for (const struct run *at = state->runs; at; at = at->next)
            is_there |= at == run && !at->is_done;
        if (is_there && pthread_cond_timedwait(&state->ended, &state->lock, &until) == ETIMEDOUT)
            break;
    }
    pthread_mutex_unlock(&state->lock);
}

static bool start_run(struct cloud *cloud, const char *name, struct run **run, struct err *err)
{
    struct crawler_work work = {.name = name, .now_ms = clock_wall(cloud->clock)};
    reap(cloud->glue);
    if (store_write(cloud->store, start_crawl, &work, err))
        return start_thread(cloud, &work, run, err);
    json_decref(work.document);
    return false;
}

bool glue_crawler_run(struct cloud *cloud, const char *name, struct err *err)
{
    struct run *run;
    return start_run(cloud, name, &run, err);
}

bool glue_op_start_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    struct run *run;
    if (!name || !start_run(call->cloud, name, &run, &call->err))
        return false;
    settle(call->cloud->glue, run);
    return true;
}

static bool mark_stopping(struct db *db, void *context, struct err *err)
{
    return db_run(db, err, "update glue_crawler set state='STOPPING' where name=? and state='RUNNING'", "t", context);
}

bool glue_op_stop_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    struct db *db = name ? store_reader(call->cloud->store, &call->err) : NULL;
    char state[16] = "";
    json_t *document = NULL;
    bool ok = db && need(db, name, &document, state, &call->err);
    json_decref(document);
    if (db)
        store_reader_done(call->cloud->store, db);
    if (!ok)
        return false;
    if (strcmp(state, "STOPPING") == 0)
        return glue_fail(call, "CrawlerStoppingException", "Crawler with name %s is already stopping", name);
    if (strcmp(state, "RUNNING") != 0)
        return glue_fail(call, "CrawlerNotRunningException", "Crawler with name %s isn't running", name);
    pthread_mutex_lock(&call->cloud->glue->lock);
    for (struct run *run = call->cloud->glue->runs; run; run = run->next)
        if (strcmp(run->name, name) == 0)
            atomic_store(&run->stop, true);
    pthread_mutex_unlock(&call->cloud->glue->lock);
    return store_write(call->cloud->store, mark_stopping, (void *)(uintptr_t)name, &call->err);
}

/* ---- reading */

static double seconds(int64_t ms)
{
    return (double)ms / 1000;
}

static void add_last_crawl(struct db *db, const char *name, json_t *crawler)
{
    struct err err = ERR_NONE;
    struct db_row *row =
        db_query(db, &err,
                 "select uuid, state, started, error from glue_crawl where crawler=? and state<>'RUNNING' "
                 "order by id desc limit 1",
                 "t", name);
    if (row && db_step(row, &err)) {
        const char *state = db_text(row, 1);
        json_t *last = json_pack("{s:s, s:s, s:s, s:s, s:f}", "Status",
                                 strcmp(state, "COMPLETED") == 0 ? "SUCCEEDED"
                                 : strcmp(state, "STOPPED") == 0 ? "CANCELLED"
                                                                 : "FAILED",
                                 "LogGroup", "/aws-glue/crawlers", "LogStream", name, "MessagePrefix", db_text(row, 0),
                                 "StartTime", seconds(db_int(row, 2)));
        if (db_text(row, 3))
            json_object_set_new(last, "ErrorMessage", json_string(db_text(row, 3)));
        json_object_set_new(crawler, "LastCrawl", last);
    }
    if (row)
        db_end(row);
}

static void add_elapsed(struct awsjson_call *call, struct db *db, const char *name, json_t *crawler)
{
    struct err err = ERR_NONE;
    int64_t elapsed = 0;
    struct db_row *row =
        db_query(db, &err, "select started from glue_crawl where crawler=? and state='RUNNING'", "t", name);
    if (row && db_step(row, &err))
        elapsed = clock_wall(call->cloud->clock) - db_int(row, 0);
    if (row)
        db_end(row);
    json_object_set_new(crawler, "CrawlElapsedTime", json_integer(elapsed));
}

static json_t *describe(struct awsjson_call *call, struct db *db, json_t *document, const char *state)
{
    const char *name = json_str(document, "Name");
    json_object_set_new(document, "State", json_string(state));
    add_elapsed(call, db, name, document);
    add_last_crawl(db, name, document);
    return document;
}

bool glue_op_get_crawler(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    struct db *db = name ? store_reader(call->cloud->store, &call->err) : NULL;
    char state[16];
    json_t *document = NULL;
    if (!db)
        return false;
    bool ok =
        load(db, name, &document, state, &call->err) &&
        (document || glue_fail(call, "EntityNotFoundException", "Crawler entry with name %.150s does not exist", name));
    ok = ok && glue_put(call, "Crawler", describe(call, db, document, state));
    store_reader_done(call->cloud->store, db);
    return ok;
}

/* Crawlers behind page->after; each is called with its name, document text and state. */
static json_t *list_crawlers(struct awsjson_call *call, struct glue_page *page, bool names_only)
{
    struct db *db = store_reader(call->cloud->store, &call->err);
    json_t *list = json_array();
    char last[GLUE_NAME_MAX + 1] = "";
    struct db_row *row =
        db ? db_query(db, &call->err,
                      "select name, document, state from glue_crawler where name>? order by name limit ?", "ti",
                      page->after ? page->after : "", (int64_t)page->max + 1)
           : NULL;
    while (row && db_step(row, &call->err)) {
        if ((int)json_array_size(list) == page->max) {
            page->next = strdup(last);
            break;
        }
        snprintf(last, sizeof last, "%s", db_text(row, 0));
        json_t *document = names_only ? NULL : json_parse(db_text(row, 1), strlen(db_text(row, 1)), &call->err);
        if (names_only)
            json_array_append_new(list, json_string(last));
        else if (document)
            json_array_append_new(list, describe(call, db, document, db_text(row, 2)));
    }
    if (row)
        db_end(row);
    if (db)
        store_reader_done(call->cloud->store, db);
    if (call->err.code == ERR_OK)
        return list;
    json_decref(list);
    return NULL;
}

bool glue_op_get_crawlers(struct awsjson_call *call)
{
    struct glue_page page;
    bool ok = glue_page_open(call, &page, 1000);
    page.max = page.max > PAGE_MAX ? PAGE_MAX : page.max;
    ok = ok && glue_put(call, "Crawlers", list_crawlers(call, &page, false));
    glue_page_close(call, &page);
    return ok;
}

bool glue_op_list_crawlers(struct awsjson_call *call)
{
    struct glue_page page;
    bool ok = glue_page_open(call, &page, 1000) && glue_refuse_option(call, "Tags") &&
              glue_put(call, "CrawlerNames", list_crawlers(call, &page, true));
    glue_page_close(call, &page);
    return ok;
}

bool glue_op_batch_get_crawlers(struct awsjson_call *call)
{
    const json_t *names = glue_need_array(call, "CrawlerNames", "crawlerNames", 100);
    struct db *db = names ? store_reader(call->cloud->store, &call->err) : NULL;
    json_t *found = json_array(), *missing = json_array(), *name;
    size_t i;
    json_array_foreach(names, i, name)
    {
        char state[16];
        json_t *document = NULL;
        if (db && json_is_string(name) && load(db, json_string_value(name), &document, state, &call->err) && document)
            json_array_append_new(found, describe(call, db, document, state));
        else
            json_array_append(missing, name);
    }
    if (db)
        store_reader_done(call->cloud->store, db);
    json_object_set_new(call->out, "Crawlers", found);
    json_object_set_new(call->out, "CrawlersNotFound", missing);
    return db && call->err.code == ERR_OK;
}

static json_t *metrics_of(struct awsjson_call *call, struct db *db, const char *name)
{
    json_t *metrics = json_pack("{s:s, s:f, s:b, s:f, s:f, s:i, s:i, s:i}", "CrawlerName", name, "TimeLeftSeconds", 0.0,
                                "StillEstimating", 0, "LastRuntimeSeconds", 0.0, "MedianRuntimeSeconds", 0.0,
                                "TablesCreated", 0, "TablesUpdated", 0, "TablesDeleted", 0);
    struct db_row *row = db_query(db, &call->err,
                                  "select ended-started, created, updated, deleted from glue_crawl where crawler=? and "
                                  "state<>'RUNNING' order by id desc limit 1",
                                  "t", name);
    if (row && db_step(row, &call->err)) {
        json_object_set_new(metrics, "LastRuntimeSeconds", json_real(seconds(db_int(row, 0))));
        json_object_set_new(metrics, "TablesCreated", json_integer(db_int(row, 1)));
        json_object_set_new(metrics, "TablesUpdated", json_integer(db_int(row, 2)));
        json_object_set_new(metrics, "TablesDeleted", json_integer(db_int(row, 3)));
    }
    if (row)
        db_end(row);
    row =
        db_query(db, &call->err,
                 "select ended-started from glue_crawl where crawler=?1 and state<>'RUNNING' order by 1 limit 1 offset "
                 "(select count(*)/2 from glue_crawl where crawler=?1 and state<>'RUNNING')",
                 "t", name);
    if (row && db_step(row, &call->err))
        json_object_set_new(metrics, "MedianRuntimeSeconds", json_real(seconds(db_int(row, 0))));
    if (row)
        db_end(row);
    return metrics;
}

bool glue_op_get_crawler_metrics(struct awsjson_call *call)
{
    struct glue_page page;
    json_t *list = json_array(), *wanted = json_object_get(call->in, "CrawlerNameList"), *name;
    bool ok = glue_page_open(call, &page, 1000);
    json_t *names = ok ? list_crawlers(call, &page, true) : NULL;
    struct db *db = names ? store_reader(call->cloud->store, &call->err) : NULL;
    size_t i, j;
    json_array_foreach(names, i, name)
    {
        bool is_wanted = json_array_size(wanted) == 0;
        json_t *one;
        json_array_foreach(wanted, j, one) is_wanted |= json_equal(one, name);
        if (db && is_wanted)
            json_array_append_new(list, metrics_of(call, db, json_string_value(name)));
    }
    if (db)
        store_reader_done(call->cloud->store, db);
    json_decref(names);
    glue_page_close(call, &page);
    return glue_put(call, "CrawlerMetricsList", list) && ok && db && call->err.code == ERR_OK;
}

static json_t *crawl_of(struct db_row *row, const char *name)
{
    json_t *crawl = json_pack("{s:s, s:s, s:f, s:s, s:s, s:s}", "CrawlId", db_text(row, 1), "State", db_text(row, 2),
                              "StartTime", seconds(db_int(row, 3)), "LogGroup", "/aws-glue/crawlers", "LogStream", name,
                              "MessagePrefix", db_text(row, 1));
    if (!db_is_null(row, 4))
        json_object_set_new(crawl, "EndTime", json_real(seconds(db_int(row, 4))));
    if (db_text(row, 5))
        json_object_set_new(crawl, "Summary", json_string(db_text(row, 5)));
    if (db_text(row, 6))
        json_object_set_new(crawl, "ErrorMessage", json_string(db_text(row, 6)));
    return crawl;
}

bool glue_op_list_crawls(struct awsjson_call *call)
{
    struct glue_page page;
    const char *name = glue_need_text(call, "CrawlerName", "crawlerName");
    char state[16], next[24] = "";
    json_t *document = NULL, *list = json_array();
    bool ok = name && glue_refuse_option(call, "Filters") && glue_page_open(call, &page, 1000);
    if (!ok) {
        json_decref(list);
        return false;
    }
    struct db *db = store_reader(call->cloud->store, &call->err);
    ok = db && need(db, name, &document, state, &call->err);
    json_decref(document);
    int64_t before = page.after ? strtoll(page.after, NULL, 10) : INT64_MAX;
    struct db_row *row = ok ? db_query(db, &call->err,
                                       "select id, uuid, state, started, ended, summary, error from glue_crawl where "
                                       "crawler=? and id<? order by id desc limit ?",
                                       "tii", name, before, (int64_t)page.max + 1)
                            : NULL;
    while (row && db_step(row, &call->err)) {
        if ((int)json_array_size(list) == page.max) {
            page.next = strdup(next);
            break;
        }
        snprintf(next, sizeof next, "%lld", (long long)db_int(row, 0));
        json_array_append_new(list, crawl_of(row, name));
    }
    if (row)
        db_end(row);
    if (db)
        store_reader_done(call->cloud->store, db);
    glue_page_close(call, &page);
    return glue_put(call, "Crawls", list) && ok && call->err.code == ERR_OK;
}
