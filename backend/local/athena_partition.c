/* Partitions in Athena's statements: their names as Hive writes folders, the specs of PARTITION (...), walks over all
 * of a table's, and MSCK REPAIR TABLE, which adds those that lie in S3 and are not in the catalog. Runner threads.
 * Sources: Athena User Guide, "MSCK REPAIR TABLE"; Apache Hive's names of partition folders. */
#include "backend/base/uri.h"
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PAGE = 1000, NAME_MAX_BYTES = 4096 };
#define NO_VALUE "__HIVE_DEFAULT_PARTITION__"

/* ---- names and specs */

static void put_escaped(const char *text, struct buf *out)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x20 || c == 0x7f || strchr("\"#%'*/:=?\\{[]^", c))
            buf_printf(out, "%%%02X", c);
        else
            buf_putc(out, *text);
    }
}

void athena_partition_name(const json_t *keys, const json_t *values, struct buf *out)
{
    size_t i;
    json_t *key;
    json_array_foreach(keys, i, key)
    {
        const char *value = json_string_value(json_array_get(values, i));
        if (i)
            buf_putc(out, '/');
        put_escaped(json_str(key, "Name"), out);
        buf_putc(out, '=');
        put_escaped(value && *value ? value : NO_VALUE, out);
    }
}

static size_t find_key(const json_t *keys, const char *name)
{
    size_t i;
    json_t *key;
    json_array_foreach(keys, i, key)
    {
        if (strcasecmp(json_str(key, "Name"), name) == 0)
            break;
    }
    return i;
}

json_t *athena_partition_values(const struct dialect_partition *spec, const json_t *keys, bool is_whole,
                                struct err *err)
{
    json_t *values = json_array();
    size_t count = json_array_size(keys), given = 0;
    for (size_t i = 0; i < count; i++)
        json_array_append_new(values, json_null());
    for (size_t i = 0; i < spec->count; i++) {
        size_t at = find_key(keys, spec->names[i]);
        if (at == count) {
            athena_refuse(err, "FAILED",
                          "SemanticException Partition spec has a column that is no partition key: %.100s",
                          spec->names[i]);
            json_decref(values);
            return NULL;
        }
        given += spec->values[i] != NULL;
        if (spec->values[i])
            json_array_set_new(values, at, json_string(spec->values[i]));
    }
    if (!is_whole || given == count)
        return values;
    athena_refuse(err, "FAILED", "SemanticException partition spec doesn't contain all (%zu) partition columns", count);
    json_decref(values);
    return NULL;
}

bool athena_partition_matches(const json_t *spec, const json_t *values)
{
    size_t i;
    json_t *wanted;
    json_array_foreach(spec, i, wanted)
    {
        if (json_is_string(wanted) && !json_equal(wanted, json_array_get(values, i)))
            return false;
    }
    return true;
}

bool athena_each_partition(struct cloud *cloud, const struct athena_partitions *walk, struct err *err)
{
    struct glue_table_id id = {.database = walk->database, .table = walk->table};
    struct glue_partition_query query = {.without_columns = true};
    struct glue_page page = {.max = PAGE};
    bool ok = true;
    do {
        char *after = page.next;
        page.after = after;
        page.next = NULL;
        json_t *partition, *list = glue_partition_list(cloud, &id, &query, &page, err);
        size_t i;
        ok = list != NULL;
        free(after);
        json_array_foreach(list, i, partition) ok = ok && walk->each(walk->context, partition, err);
        json_decref(list);
    } while (ok && page.next);
    free(page.next);
    return ok;
}

/* ---- MSCK */

struct repair {
    struct athena_run *run;
    json_t *table;
    const json_t *keys;
    struct glue_table_id id;
    const char *bucket;
    json_t *values;  /* of the folders above */
    json_t *present; /* names of the folders that are there: {name: true} */
    json_t *known;   /* names in the catalog */
    json_t *inputs;  /* PartitionInputs of what is not in the catalog */
    struct err *err;
};

static bool walk(struct repair *repair, const char *prefix);

static bool note_folder(struct repair *repair, const char *prefix)
{
    struct buf name = BUF_INIT(NAME_MAX_BYTES);
    char location[1200];
    athena_partition_name(repair->keys, repair->values, &name);
    bool is_new =
        !json_object_get(repair->present, buf_text(&name)) && !json_object_get(repair->known, buf_text(&name));
    json_object_set_new(repair->present, buf_text(&name), json_true());
    buf_done(&name);
    if (!is_new)
        return true;
    snprintf(location, sizeof location, "s3://%s/%s", repair->bucket, prefix);
    json_t *storage = json_deep_copy(json_object_get(repair->table, "StorageDescriptor"));
    json_t *parameters = json_object(), *values = json_deep_copy(repair->values);
    json_object_set_new(storage, "Location", json_string(location));
    athena_touch(repair->run, parameters);
    return json_array_append_new(repair->inputs, json_pack("{s:o, s:o, s:o}", "Values", values, "StorageDescriptor",
                                                           storage, "Parameters", parameters)) == 0;
}

/* A folder "key=value/" of the key whose turn it is. */
static bool visit(void *context, const struct s3_inside_object *object)
{
    struct repair *repair = context;
    size_t depth = json_array_size(repair->values), len = strlen(object->key);
    const char *key = json_str(json_array_get(repair->keys, depth), "Name");
    if (!object->is_prefix)
        return true;
    const char *folder = object->key + len - 1;
    while (folder > object->key && folder[-1] != '/')
        folder--;
    const char *equals = strchr(folder, '=');
    if (!equals || (size_t)(equals - folder) != strlen(key) || strncasecmp(folder, key, strlen(key)) != 0)
        return true;
    struct buf value = BUF_INIT(NAME_MAX_BYTES);
    bool ok = uri_decode(equals + 1, (size_t)(object->key + len - 1 - equals - 1), false, &value);
    if (ok) {
        json_array_append_new(repair->values, json_string(buf_text(&value)));
        ok = depth + 1 == json_array_size(repair->keys) ? note_folder(repair, object->key) : walk(repair, object->key);
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

static bool note_known(void *context, const json_t *partition, struct err *err)
{
    struct repair *repair = context;
    struct buf name = BUF_INIT(NAME_MAX_BYTES);
    (void)err;
    athena_partition_name(repair->keys, json_object_get(partition, "Values"), &name);
    json_object_set_new(repair->known, buf_text(&name), json_true());
    buf_done(&name);
    return true;
}

/* What is in the catalog only is named and kept: Athena's MSCK adds, it does not drop. */
static void put_missing(struct repair *repair)
{
    struct buf *text = &repair->run->text;
    const char *name;
    json_t *value;
    bool any = false;
    json_object_foreach(repair->known, name, value)
    {
        if (json_object_get(repair->present, name))
            continue;
        buf_printf(text, "%s\t%s:%s", any ? "" : "Partitions missing from filesystem:", repair->id.table, name);
        any = true;
    }
    if (any)
        buf_putc(text, '\n');
}

static void put_added(struct repair *repair)
{
    struct buf *text = &repair->run->text, name = BUF_INIT(NAME_MAX_BYTES), lines = BUF_INIT(64 << 20);
    size_t i;
    json_t *input;
    json_array_foreach(repair->inputs, i, input)
    {
        buf_clear(&name);
        athena_partition_name(repair->keys, json_object_get(input, "Values"), &name);
        buf_printf(text, "%s\t%s:%s", i ? "" : "Partitions not in metastore:", repair->id.table, buf_text(&name));
        buf_printf(&lines, "Repair: Added partition to metastore %s:%s\n", repair->id.table, buf_text(&name));
    }
    if (i)
        buf_putc(text, '\n');
    put_missing(repair);
    buf_append(text, lines.data, lines.len);
    buf_done(&lines);
    buf_done(&name);
}

static bool repair_table(struct repair *repair)
{
    struct s3_name name;
    struct cloud *cloud = repair->run->job->cloud;
    const json_t *storage = json_object_get(repair->table, "StorageDescriptor");
    struct athena_partitions known = {
        .database = repair->id.database, .table = repair->id.table, .each = note_known, .context = repair};
    repair->keys = json_object_get(repair->table, "PartitionKeys");
    if (json_array_size(repair->keys) == 0)
        return true;
    if (!s3_name_parse(json_str(storage, "Location"), &name, repair->err))
        return false;
    size_t len = strlen(name.key);
    if (len && len < sizeof name.key - 1 && name.key[len - 1] != '/')
        memcpy(name.key + len, "/", 2);
    repair->bucket = name.bucket;
    if (!athena_each_partition(cloud, &known, repair->err) || !walk(repair, name.key))
        return false;
    if (json_array_size(repair->inputs) &&
        !glue_partition_create(cloud, &repair->id, repair->inputs, NULL, repair->err))
        return false;
    put_added(repair);
    return true;
}

bool athena_msck(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    struct repair repair = {.run = run,
                            .id = {.database = st->database, .table = st->name},
                            .values = json_array(),
                            .present = json_object(),
                            .known = json_object(),
                            .inputs = json_array(),
                            .err = err};
    athena_columns(run, (const char *const[]){"result", NULL});
    repair.table = glue_table_get(run->job->cloud, st->database, st->name, err);
    bool ok = repair.table && repair_table(&repair);
    json_decref(repair.inputs);
    json_decref(repair.known);
    json_decref(repair.present);
    json_decref(repair.values);
    json_decref(repair.table);
    return ok;
}
