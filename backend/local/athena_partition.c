/* MSCK REPAIR TABLE: partitions that lie in S3 under key=value folders and are not in the catalog are added. Runner
 * threads. Source: Athena User Guide, "MSCK REPAIR TABLE". */
#include "backend/base/uri.h"
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct repair {
    struct athena_run *run;
    json_t *table;
    struct glue_table_id id;
    const char *bucket;
    json_t *values; /* of the folders above */
    char prefix[1025];
    struct err *err;
};

static bool walk(struct repair *repair, const char *prefix);

static bool add_partition(struct repair *repair, const char *prefix)
{
    struct err known = ERR_NONE;
    json_t *kept = glue_partition_get(repair->run->job->cloud, &repair->id, repair->values, &known);
    if (kept) {
        json_decref(kept);
        return true;
    }
    char location[1200];
    snprintf(location, sizeof location, "s3://%s/%s", repair->bucket, prefix);
    json_t *storage = json_deep_copy(json_object_get(repair->table, "StorageDescriptor"));
    json_object_set_new(storage, "Location", json_string(location));
    json_t *inputs = json_pack("[{s:O, s:o}]", "Values", repair->values, "StorageDescriptor", storage);
    bool ok = glue_partition_create(repair->run->job->cloud, &repair->id, inputs, NULL, repair->err);
    json_decref(inputs);
    if (ok)
        buf_printf(&repair->run->text, "Repair: Added partition to metastore %s:%s\n", repair->id.table,
                   prefix + strlen(repair->prefix));
    return ok;
}

/* A folder "key=value/" of the key whose turn it is. */
static bool visit(void *context, const struct s3_inside_object *object)
{
    struct repair *repair = context;
    const json_t *keys = json_object_get(repair->table, "PartitionKeys");
    size_t depth = json_array_size(repair->values), len = strlen(object->key);
    const char *key = json_str(json_array_get(keys, depth), "Name");
    if (!object->is_prefix)
        return true;
    const char *folder = object->key + len - 1;
    while (folder > object->key && folder[-1] != '/')
        folder--;
    const char *equals = strchr(folder, '=');
    if (!equals || (size_t)(equals - folder) != strlen(key) || strncasecmp(folder, key, strlen(key)) != 0)
        return true;
    struct buf value = BUF_INIT(4096);
    bool ok = uri_decode(equals + 1, (size_t)(object->key + len - 1 - equals - 1), false, &value);
    if (ok) {
        json_array_append_new(repair->values, json_string(buf_text(&value)));
        ok = depth + 1 == json_array_size(keys) ? add_partition(repair, object->key) : walk(repair, object->key);
        json_array_remove(repair->values, depth);
    }
    buf_done(&value);
    return ok || repair->err->code == ERR_OK;
}

static bool walk(struct repair *repair, const char *prefix)
{
    return s3_inside_list(repair->run->job->cloud, repair->bucket, prefix, "/", visit, repair, repair->err) &&
           repair->err->code == ERR_OK;
}

bool athena_msck(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    struct s3_name name;
    struct repair repair = {
        .run = run, .id = {.database = st->database, .table = st->name}, .values = json_array(), .err = err};
    athena_columns(run, (const char *const[]){"result", NULL});
    repair.table = glue_table_get(run->job->cloud, st->database, st->name, err);
    const json_t *storage = json_object_get(repair.table, "StorageDescriptor");
    bool ok = repair.table && s3_name_parse(json_str(storage, "Location"), &name, err);
    if (ok) {
        size_t len = strlen(name.key);
        if (len && len < sizeof name.key - 1 && name.key[len - 1] != '/')
            memcpy(name.key + len, "/", 2);
        snprintf(repair.prefix, sizeof repair.prefix, "%s", name.key);
        repair.bucket = name.bucket;
        ok = json_array_size(json_object_get(repair.table, "PartitionKeys")) == 0 || walk(&repair, name.key);
    }
    json_decref(repair.values);
    json_decref(repair.table);
    return ok;
}
