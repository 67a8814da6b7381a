/* Glue's crawlers: their definitions. Those that run are glue_crawler_run.c's, what is told of them
 * glue_crawler_show.c's. On connection threads. Source: AWS Glue API Reference, Crawler. */
#include "backend/local/glue_crawl.h"
#include "backend/local/glue_crawler_rows.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <string.h>

bool glue_crawler_load(struct db *db, const char *name, json_t **document, char state[GLUE_CRAWLER_STATE],
                       struct err *err)
{
    *document = NULL;
    struct db_row *row = db_query(db, err, "select document, state from glue_crawler where name=?", "t", name);
    if (row && db_step(row, err)) {
        *document = json_parse(db_text(row, 0), strlen(db_text(row, 0)), err);
        snprintf(state, GLUE_CRAWLER_STATE, "%s", db_text(row, 1));
    }
    if (row)
        db_end(row);
    return err->code == ERR_OK;
}

bool glue_crawler_need(struct db *db, const char *name, json_t **document, char state[GLUE_CRAWLER_STATE],
                       struct err *err)
{
    return glue_crawler_load(db, name, document, state, err) &&
           (*document || glue_refuse(err, "EntityNotFoundException", "Crawler with name %s does not exist", name));
}

/* ---- checks */

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

/* ---- definitions */

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
};

static bool create_crawler(struct db *db, void *context, struct err *err)
{
    struct crawler_work *work = context;
    char state[GLUE_CRAWLER_STATE];
    json_t *found;
    if (!glue_crawler_load(db, work->name, &found, state, err))
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
    char state[GLUE_CRAWLER_STATE];
    json_t *document;
    if (!glue_crawler_need(db, work->name, &document, state, err))
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
    int64_t now_s;
};

static bool edit_crawler(struct db *db, void *context, struct err *err)
{
    const struct crawler_edit *work = context;
    char state[GLUE_CRAWLER_STATE];
    json_t *document = NULL;
    struct buf text = BUF_INIT(GLUE_BODY_MAX);
    bool ok = glue_crawler_need(db, work->name, &document, state, err) && work->edit(document, work->context, err);
    if (ok) {
        json_object_set_new(document, "LastUpdated", json_integer(work->now_s));
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
    struct crawler_edit work = {
        .name = name, .edit = edit, .context = context, .now_s = clock_wall(cloud->clock) / 1000};
    return store_write(cloud->store, edit_crawler, &work, err);
}

static bool delete_crawler(struct db *db, void *context, struct err *err)
{
    struct crawler_work *work = context;
    char state[GLUE_CRAWLER_STATE];
    json_t *document;
    if (!glue_crawler_need(db, work->name, &document, state, err))
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
