/* Glue client; see glue.h. */
#include "backend/aws/glue.h"
#include "backend/aws/json_call.h"
#include <stdio.h>
#include <string.h>

enum { PAGE_BODY_MAX = 64 << 20 };
static const struct aws_service service_glue_client = {
    .id = "glue", .signing_name = "glue", .protocol = AWS_JSON_1_1, .target = "AWSGlue."};

/* A row per operation. */
struct operation {
    const char *name, *permission;
    const char *member; /* of the answer, what the caller wants; NULL: nothing */
    bool is_write;
};

static json_t *send(struct aws *aws, const struct operation *operation, const char *object, json_t *input,
                    const struct cancel *cancel, struct err *err)
{
    struct json_call call = {.service = &service_glue_client,
                             .operation = operation->name,
                             .object = object,
                             .permission = operation->permission,
                             .is_write = operation->is_write,
                             .max_body = PAGE_BODY_MAX,
                             .cancel = cancel};
    return aws_json_call(aws, &call, input, err);
}

static bool change(struct aws *aws, const struct operation *operation, const char *object, json_t *input,
                   const struct cancel *cancel, struct err *err)
{
    json_t *answer = send(aws, operation, object, input, cancel, err);
    json_decref(answer);
    return answer != NULL;
}

static json_t *get(struct aws *aws, const struct operation *operation, const char *object, json_t *input,
                   const struct cancel *cancel, struct err *err)
{
    json_t *answer = send(aws, operation, object, input, cancel, err);
    json_t *value = json_incref(json_object_get(answer, operation->member));
    if (answer && !value)
        err_set(err, ERR_PROTOCOL, "glue %s on %s: the answer has no %s: check the endpoint", operation->name, object,
                operation->member);
    json_decref(answer);
    return value;
}

/* All pages of a listing (max 0: all); request is taken over. */
static json_t *list(struct aws *aws, const struct operation *operation, const char *object, json_t *request, size_t max,
                    const struct cancel *cancel, struct err *err)
{
    json_t *all = json_array();
    bool more = true;
    while (more) {
        json_t *answer = send(aws, operation, object, json_copy(request), cancel, err);
        if (!answer)
            break;
        json_array_extend(all, json_object_get(answer, operation->member));
        const char *token = json_str(answer, "NextToken");
        more = *token && (max == 0 || json_array_size(all) < max);
        if (more && strcmp(token, json_str(request, "NextToken")) == 0)
            more =
                err_set(err, ERR_PROTOCOL, "glue %s on %s: a page names itself as the next", operation->name, object);
        else if (more && json_array_size(all) > GLUE_LIST_MAX)
            more = err_set(err, ERR_TOO_LARGE, "glue %s on %s: more than %d entries", operation->name, object,
                           GLUE_LIST_MAX);
        json_object_set_new(request, "NextToken", json_string(token));
        json_decref(answer);
    }
    json_decref(request);
    if (err->code == ERR_OK)
        return all;
    json_decref(all);
    return NULL;
}

static const char *name_table(char out[256], const char *database, const char *table)
{
    snprintf(out, 256, "%.120s.%.120s", database, table);
    return out;
}

json_t *glue_get_databases(struct aws *aws, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "GetDatabases", .permission = "glue:GetDatabases", .member = "DatabaseList", .is_write = false};
    *err = ERR_NONE;
    return list(aws, &op, "the catalog", json_object(), 0, cancel, err);
}

json_t *glue_get_tables(struct aws *aws, const char *database, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "GetTables", .permission = "glue:GetTables", .member = "TableList", .is_write = false};
    *err = ERR_NONE;
    return list(aws, &op, database, json_pack("{s:s}", "DatabaseName", database), 0, cancel, err);
}

json_t *glue_get_table_versions(struct aws *aws, const char *database, const char *table, const struct cancel *cancel,
                                struct err *err)
{
    static const struct operation op = {.name = "GetTableVersions",
                                        .permission = "glue:GetTableVersions",
                                        .member = "TableVersions",
                                        .is_write = false};
    char object[256];
    *err = ERR_NONE;
    return list(aws, &op, name_table(object, database, table),
                json_pack("{s:s, s:s}", "DatabaseName", database, "TableName", table), 0, cancel, err);
}

json_t *glue_get_partitions(struct aws *aws, const char *database, const char *table,
                            const struct glue_partition_filter *filter, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "GetPartitions", .permission = "glue:GetPartitions", .member = "Partitions", .is_write = false};
    char object[256];
    json_t *request =
        json_pack("{s:s, s:s, s:b}", "DatabaseName", database, "TableName", table, "ExcludeColumnSchema", 1);
    if (filter && filter->expression && *filter->expression)
        json_object_set_new(request, "Expression", json_string(filter->expression));
    *err = ERR_NONE;
    return list(aws, &op, name_table(object, database, table), request, filter ? filter->max : 0, cancel, err);
}

struct walk {
    const struct operation *operation;
    const char *object;
    bool (*each)(void *context, const json_t *page, struct err *err);
    void *context;
};

/* Request is taken over. */
static bool walk_pages(struct aws *aws, const struct walk *walk, json_t *request, const struct cancel *cancel,
                       struct err *err)
{
    *err = ERR_NONE;
    for (bool more = true; more;) {
        json_t *answer = send(aws, walk->operation, walk->object, json_copy(request), cancel, err);
        const char *token = json_str(answer, "NextToken");
        more = answer && walk->each(walk->context, json_object_get(answer, walk->operation->member), err) && *token;
        if (more && strcmp(token, json_str(request, "NextToken")) == 0)
            more = err_set(err, ERR_PROTOCOL, "glue %s on %s: a page names itself as the next", walk->operation->name,
                           walk->object);
        json_object_set_new(request, "NextToken", json_string(token));
        json_decref(answer);
    }
    json_decref(request);
    return err->code == ERR_OK;
}

bool glue_walk_tables(struct aws *aws, const struct glue_table_walk *walk, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "GetTables", .permission = "glue:GetTables", .member = "TableList", .is_write = false};
    struct walk pages = {.operation = &op, .object = walk->database, .each = walk->each, .context = walk->context};
    return walk_pages(aws, &pages, json_pack("{s:s}", "DatabaseName", walk->database), cancel, err);
}

bool glue_walk_partitions(struct aws *aws, const struct glue_partition_walk *walk, const struct cancel *cancel,
                          struct err *err)
{
    static const struct operation op = {
        .name = "GetPartitions", .permission = "glue:GetPartitions", .member = "Partitions", .is_write = false};
    char object[256];
    json_t *request = json_pack("{s:s, s:s, s:b}", "DatabaseName", walk->database, "TableName", walk->table,
                                "ExcludeColumnSchema", !walk->with_columns);
    struct walk pages = {.operation = &op,
                         .object = name_table(object, walk->database, walk->table),
                         .each = walk->each,
                         .context = walk->context};
    return walk_pages(aws, &pages, request, cancel, err);
}

json_t *glue_get_crawlers(struct aws *aws, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "GetCrawlers", .permission = "glue:GetCrawlers", .member = "Crawlers", .is_write = false};
    *err = ERR_NONE;
    return list(aws, &op, "the crawlers", json_object(), 0, cancel, err);
}

json_t *glue_get_database(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "GetDatabase", .permission = "glue:GetDatabase", .member = "Database", .is_write = false};
    return get(aws, &op, name, json_pack("{s:s}", "Name", name), cancel, err);
}

json_t *glue_get_table(struct aws *aws, const char *database, const char *table, const struct cancel *cancel,
                       struct err *err)
{
    static const struct operation op = {
        .name = "GetTable", .permission = "glue:GetTable", .member = "Table", .is_write = false};
    char object[256];
    return get(aws, &op, name_table(object, database, table),
               json_pack("{s:s, s:s}", "DatabaseName", database, "Name", table), cancel, err);
}

json_t *glue_get_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "GetCrawler", .permission = "glue:GetCrawler", .member = "Crawler", .is_write = false};
    return get(aws, &op, name, json_pack("{s:s}", "Name", name), cancel, err);
}

json_t *glue_get_crawler_metrics(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {.name = "GetCrawlerMetrics",
                                        .permission = "glue:GetCrawlerMetrics",
                                        .member = "CrawlerMetricsList",
                                        .is_write = false};
    if (!name) {
        *err = ERR_NONE;
        return list(aws, &op, "the crawlers", json_object(), 0, cancel, err);
    }
    return get(aws, &op, name, json_pack("{s:[s]}", "CrawlerNameList", name), cancel, err);
}

bool glue_create_database(struct aws *aws, json_t *input, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "CreateDatabase", .permission = "glue:CreateDatabase", .member = NULL, .is_write = true};
    char object[256];
    snprintf(object, sizeof object, "%.250s", json_str(input, "Name"));
    return change(aws, &op, object, json_pack("{s:o}", "DatabaseInput", input), cancel, err);
}

bool glue_delete_database(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "DeleteDatabase", .permission = "glue:DeleteDatabase", .member = NULL, .is_write = true};
    return change(aws, &op, name, json_pack("{s:s}", "Name", name), cancel, err);
}

bool glue_create_table(struct aws *aws, const char *database, json_t *input, const struct cancel *cancel,
                       struct err *err)
{
    static const struct operation op = {
        .name = "CreateTable", .permission = "glue:CreateTable", .member = NULL, .is_write = true};
    char object[256];
    name_table(object, database, json_str(input, "Name"));
    return change(aws, &op, object, json_pack("{s:s, s:o}", "DatabaseName", database, "TableInput", input), cancel,
                  err);
}

bool glue_update_table(struct aws *aws, const char *database, json_t *input, const struct cancel *cancel,
                       struct err *err)
{
    static const struct operation op = {
        .name = "UpdateTable", .permission = "glue:UpdateTable", .member = NULL, .is_write = true};
    char object[256];
    name_table(object, database, json_str(input, "Name"));
    return change(aws, &op, object, json_pack("{s:s, s:o}", "DatabaseName", database, "TableInput", input), cancel,
                  err);
}

bool glue_delete_table(struct aws *aws, const char *database, const char *table, const struct cancel *cancel,
                       struct err *err)
{
    static const struct operation op = {
        .name = "DeleteTable", .permission = "glue:DeleteTable", .member = NULL, .is_write = true};
    char object[256];
    return change(aws, &op, name_table(object, database, table),
                  json_pack("{s:s, s:s}", "DatabaseName", database, "Name", table), cancel, err);
}

bool glue_create_crawler(struct aws *aws, json_t *input, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "CreateCrawler", .permission = "glue:CreateCrawler", .member = NULL, .is_write = true};
    char object[256];
    snprintf(object, sizeof object, "%.250s", json_str(input, "Name"));
    return change(aws, &op, object, input, cancel, err);
}

bool glue_delete_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "DeleteCrawler", .permission = "glue:DeleteCrawler", .member = NULL, .is_write = true};
    return change(aws, &op, name, json_pack("{s:s}", "Name", name), cancel, err);
}

bool glue_start_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "StartCrawler", .permission = "glue:StartCrawler", .member = NULL, .is_write = true};
    return change(aws, &op, name, json_pack("{s:s}", "Name", name), cancel, err);
}

bool glue_stop_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err)
{
    static const struct operation op = {
        .name = "StopCrawler", .permission = "glue:StopCrawler", .member = NULL, .is_write = true};
    return change(aws, &op, name, json_pack("{s:s}", "Name", name), cancel, err);
}
