/* Tags of Glue's resources, by ARN: TagResource, UntagResource, GetTags, and the Tags given at creation. */
#include "backend/local/glue.h"
#include "backend/local/store.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { TAGS_MAX = 50, KEY_MAX = 128, VALUE_MAX = 256 }; /* "Tagging AWS resources", AWS Glue */

static const char schema[] = "create table if not exists glue_tag(arn text not null, key text not null, value text not "
                             "null, primary key(arn, key)) without rowid;";

bool glue_tag_start(struct cloud *cloud, struct err *err)
{
    return store_schema(cloud->store, schema, err);
}

void glue_arn(const struct cloud *cloud, const char *kind, const char *name, char *out, size_t size)
{
    int len = snprintf(out, size, "arn:aws:glue:%s:%s:%s/%s", cloud->region, CLOUD_ACCOUNT, kind, name);
    /* databases are named in lower case; crawlers keep their case */
    if (strcmp(kind, "database") == 0)
        for (char *at = out + (len > (int)strlen(name) ? len - (int)strlen(name) : 0); *at; at++)
            *at = (char)tolower((unsigned char)*at);
}

bool glue_tags_check(struct awsjson_call *call, const char *key)
{
    json_t *tags = json_object_get(call->in, key), *value;
    const char *name;
    if (!tags || json_is_null(tags))
        return true;
    if (!json_is_object(tags))
        return glue_fail(call, "SerializationException", "%s is not a map", key);
    if (json_object_size(tags) > TAGS_MAX)
        return glue_fail(call, "InvalidInputException", "A resource has at most %d tags", TAGS_MAX);
    json_object_foreach(tags, name, value)
    {
        if (!*name || strlen(name) > KEY_MAX || strncmp(name, "aws:", 4) == 0 || !json_is_string(value) ||
            json_string_length(value) > VALUE_MAX)
            return glue_fail(call, "InvalidInputException", "The tag %.100s is not allowed", name);
    }
    return true;
}

struct tag_work {
    const char *arn;
    json_t *add;          /* map, NULL none */
    const json_t *remove; /* array of keys, NULL none */
    bool remove_all;
};

static bool change_tags(struct db *db, void *context, struct err *err)
{
    struct tag_work *work = context;
    const char *key;
    json_t *value;
    size_t i;
    if (work->remove_all && !db_run(db, err, "delete from glue_tag where arn=?", "t", work->arn))
        return false;
    json_array_foreach(work->remove, i, value)
    {
        if (!db_run(db, err, "delete from glue_tag where arn=? and key=?", "tt", work->arn, json_string_value(value)))
            return false;
    }
    json_object_foreach(work->add, key, value)
    {
        if (!db_run(db, err, "insert or replace into glue_tag(arn, key, value) values(?,?,?)", "ttt", work->arn, key,
                    json_string_value(value)))
            return false;
    }
    struct db_row *row = db_query(db, err, "select count(*) from glue_tag where arn=?", "t", work->arn);
    int64_t count = row && db_step(row, err) ? db_int(row, 0) : 0;
    if (row)
        db_end(row);
    return err->code == ERR_OK &&
           (count <= TAGS_MAX || glue_refuse(err, "InvalidInputException", "A resource has at most %d tags", TAGS_MAX));
}

bool glue_tags_put(struct awsjson_call *call, const char *key, const char *kind, const char *name)
{
    char arn[512];
    json_t *tags = json_object_get(call->in, key);
    if (json_object_size(tags) == 0)
        return true;
    glue_arn(call->cloud, kind, name, arn, sizeof arn);
    struct tag_work work = {.arn = arn, .add = tags};
    return store_write(call->cloud->store, change_tags, &work, &call->err);
}

void glue_tags_drop(struct awsjson_call *call, const char *kind, const char *name)
{
    char arn[512];
    struct err err = ERR_NONE;
    glue_arn(call->cloud, kind, name, arn, sizeof arn);
    struct tag_work work = {.arn = arn, .remove_all = true};
    store_write(call->cloud->store, change_tags, &work, &err); /* what stays names nothing */
}

/* The ARN must be of this account and region and name something that is there. */
static const char *need_resource(struct awsjson_call *call)
{
    const char *arn = glue_need_text(call, "ResourceArn", "resourceArn");
    char prefix[128];
    if (!arn)
        return NULL;
    snprintf(prefix, sizeof prefix, "arn:aws:glue:%s:%s:", call->cloud->region, CLOUD_ACCOUNT);
    if (strncmp(arn, prefix, strlen(prefix)) != 0 || !strchr(arn + strlen(prefix), '/')) {
        glue_fail(call, "InvalidInputException", "Resource ARN %.100s is not one of this account and region", arn);
        return NULL;
    }
    const char *name = strchr(arn + strlen(prefix), '/') + 1;
    if (strncmp(arn + strlen(prefix), "database/", 9) != 0)
        return arn;
    json_t *database = glue_database_get(call->cloud, name, &call->err);
    json_decref(database);
    return database ? arn : NULL;
}

bool glue_op_tag_resource(struct awsjson_call *call)
{
    const char *arn = need_resource(call);
    const json_t *tags = arn ? glue_need_object(call, "TagsToAdd", "tagsToAdd") : NULL;
    if (!tags || !glue_tags_check(call, "TagsToAdd"))
        return false;
    struct tag_work work = {.arn = arn, .add = json_object_get(call->in, "TagsToAdd")};
    return store_write(call->cloud->store, change_tags, &work, &call->err);
}

bool glue_op_untag_resource(struct awsjson_call *call)
{
    const char *arn = need_resource(call);
    const json_t *keys = arn ? glue_need_array(call, "TagsToRemove", "tagsToRemove", TAGS_MAX) : NULL;
    struct tag_work work = {.arn = arn, .remove = keys};
    return keys && store_write(call->cloud->store, change_tags, &work, &call->err);
}

bool glue_op_get_tags(struct awsjson_call *call)
{
    const char *arn = need_resource(call);
    struct db *db = arn ? store_reader(call->cloud->store, &call->err) : NULL;
    if (!db)
        return false;
    json_t *tags = json_object();
    struct db_row *row = db_query(db, &call->err, "select key, value from glue_tag where arn=?", "t", arn);
    while (row && db_step(row, &call->err))
        json_object_set_new(tags, db_text(row, 0), json_string(db_text(row, 1)));
    if (row)
        db_end(row);
    store_reader_done(call->cloud->store, db);
    if (call->err.code == ERR_OK)
        return glue_put(call, "Tags", tags);
    json_decref(tags);
    return false;
}
