/* What is told of Glue's crawlers: definitions with their last crawl, metrics, the crawls themselves. On connection
 * threads. Source: AWS Glue API Reference, Crawler, CrawlerMetrics, CrawlerHistory. */
#include "backend/local/glue_crawler_rows.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_MAX = 100 };

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
            json_object_set_new(last, "ErrorMessage", json_clean(db_text(row, 3)));
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
    char state[GLUE_CRAWLER_STATE];
    json_t *document = NULL;
    if (!db)
        return false;
    bool ok =
        glue_crawler_load(db, name, &document, state, &call->err) &&
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
        char state[GLUE_CRAWLER_STATE];
        json_t *document = NULL;
        if (db && json_is_string(name) &&
            glue_crawler_load(db, json_string_value(name), &document, state, &call->err) && document)
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
        json_object_set_new(crawl, "ErrorMessage", json_clean(db_text(row, 6)));
    return crawl;
}

bool glue_op_list_crawls(struct awsjson_call *call)
{
    struct glue_page page;
    const char *name = glue_need_text(call, "CrawlerName", "crawlerName");
    char state[GLUE_CRAWLER_STATE], next[24] = "";
    json_t *document = NULL, *list = json_array();
    bool ok = name && glue_refuse_option(call, "Filters") && glue_page_open(call, &page, 1000);
    if (!ok) {
        json_decref(list);
        return false;
    }
    struct db *db = store_reader(call->cloud->store, &call->err);
    ok = db && glue_crawler_need(db, name, &document, state, &call->err);
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
