/* A crawl's last step: its tables and partitions into the catalog, as Glue writes them, honouring SchemaChangePolicy.
 * An unchanged schema gets its new figures in place; a changed one makes a new table version. */
#include "backend/base/digest.h"
#include "backend/local/glue_crawl.h"
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 500, PARTITIONS_MAX = 1000000 };

bool glue_crawl_target(const char *path, char *bucket, const char **prefix)
{
    if (strncmp(path, "s3://", 5) == 0 || strncmp(path, "s3a://", 6) == 0)
        path = strstr(path, "://") + 3;
    size_t len = strcspn(path, "/");
    if (len == 0 || len > 255)
        return false;
    snprintf(bucket, 256, "%.*s", (int)len, path);
    *prefix = path[len] ? path + len + 1 : path + len;
    return true;
}

static const char *policy(const struct crawl *crawl, const char *key, const char *fallback)
{
    const char *value = json_str(json_object_get(crawl->crawler, "SchemaChangePolicy"), key);
    return *value ? value : fallback;
}

static void set_int(json_t *object, const char *key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    json_object_set_new(object, key, json_string(text));
}

/* What OpenCSVSerde cannot read from text is string (glue_infer.h). */
static bool is_string_for_quoted(const struct glue_schema *schema, const struct glue_field *field)
{
    enum glue_kind kind = field->type ? field->type->kind : GLUE_NULL;
    return schema->is_quoted &&
           (kind == GLUE_DATE || kind == GLUE_TIMESTAMP || (field->has_empty && kind != GLUE_STRING));
}

static json_t *make_columns(const struct glue_schema *schema)
{
    json_t *columns = json_array();
    for (size_t i = 0; i < schema->row->count; i++) {
        struct buf type = BUF_INIT(128 * 1024);
        if (is_string_for_quoted(schema, &schema->row->fields[i]))
            buf_puts(&type, "string");
        else
            glue_type_write(schema->row->fields[i].type, &type);
        json_array_append_new(columns, json_pack("{s:s, s:s}", "Name", schema->row->fields[i].name, "Type",
                                                 type.failed ? "string" : buf_text(&type)));
        buf_done(&type);
    }
    return columns;
}

static int64_t estimate_records(const struct glue_schema *schema, int64_t bytes, int64_t count)
{
    if (schema->is_exact && count == 1)
        return schema->records;
    return schema->bytes > 0 ? (int64_t)((double)schema->records * (double)bytes / (double)schema->bytes) : 0;
}

static json_t *make_parameters(const struct crawl *crawl, const struct glue_schema *schema, int64_t bytes,
                               int64_t count)
{
    static const char *const classifications[] = {"UNKNOWN", "csv", "json", "parquet"};
    json_t *parameters = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "CrawlerSchemaDeserializerVersion", "1.0",
                                   "CrawlerSchemaSerializerVersion", "1.0", "UPDATED_BY_CRAWLER", crawl->name,
                                   "classification", classifications[schema->format], "compressionType",
                                   schema->is_gzip ? "gzip" : "none", "typeOfData", "file");
    set_int(parameters, "averageRecordSize", schema->records > 0 ? schema->bytes / schema->records : 0);
    set_int(parameters, "recordCount", estimate_records(schema, bytes, count));
    set_int(parameters, "sizeKey", bytes);
    set_int(parameters, "objectCount", count);
    if (schema->format == GLUE_FORMAT_CSV) {
        char delimiter[2] = {schema->delimiter, '\0'};
        json_object_set_new(parameters, "delimiter", json_string(delimiter));
        json_object_set_new(parameters, "columnsOrdered", json_string("true"));
        json_object_set_new(parameters, "areColumnsQuoted", json_string(schema->is_quoted ? "true" : "false"));
        if (schema->has_header)
            json_object_set_new(parameters, "skip.header.line.count", json_string("1"));
    }
    return parameters;
}

static json_t *make_serde(const struct glue_schema *schema)
{
    char delimiter[2] = {schema->delimiter, '\0'}, quote[2] = {schema->quote ? schema->quote : '"', '\0'};
    if (schema->format == GLUE_FORMAT_PARQUET)
        return json_pack("{s:s, s:{s:s}}", "SerializationLibrary",
                         "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe", "Parameters",
                         "serialization.format", "1");
    if (schema->format == GLUE_FORMAT_CSV && schema->is_quoted)
        return json_pack("{s:s, s:{s:s, s:s, s:s}}", "SerializationLibrary",
                         "org.apache.hadoop.hive.serde2.OpenCSVSerde", "Parameters", "separatorChar", delimiter,
                         "quoteChar", quote, "escapeChar", "\\");
    if (schema->format == GLUE_FORMAT_CSV)
        return json_pack("{s:s, s:{s:s}}", "SerializationLibrary", "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
                         "Parameters", "field.delim", delimiter);
    struct buf paths = BUF_INIT(1 << 20);
    for (size_t i = 0; i < schema->row->count; i++)
        buf_printf(&paths, "%s%s", i ? "," : "", schema->row->fields[i].name);
    json_t *serde = json_pack("{s:s, s:{s:s}}", "SerializationLibrary", "org.openx.data.jsonserde.JsonSerDe",
                              "Parameters", "paths", buf_text(&paths));
    buf_done(&paths);
    return serde;
}

static json_t *make_descriptor(const struct glue_schema *schema, const char *location, json_t *parameters)
{
    bool is_parquet = schema->format == GLUE_FORMAT_PARQUET;
    json_t *descriptor =
        json_pack("{s:o, s:s, s:s, s:s, s:b, s:i, s:o, s:[], s:[], s:O, s:b}", "Columns", make_columns(schema),
                  "Location", location, "InputFormat",
                  is_parquet ? "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
                             : "org.apache.hadoop.mapred.TextInputFormat",
                  "OutputFormat",
                  is_parquet ? "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
                             : "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                  "Compressed", schema->is_gzip, "NumberOfBuckets", -1, "SerdeInfo", make_serde(schema),
                  "BucketColumns", "SortColumns", "Parameters", parameters, "StoredAsSubDirectories", 0);
    return descriptor;
}

/* ---- partitions */

static const char *value_of(struct arena *arena, const struct crawl_folder *folder, bool hive)
{
    const char *equals = hive ? strchr(folder->name, '=') : NULL;
    const char *raw = equals ? equals + 1 : folder->name;
    char *out = arena_strdup(arena, raw), *to = out;
    for (const char *at = raw; out && *at; at++) {
        char digits[3] = {at[0] == '%' ? at[1] : '\0', at[0] == '%' && at[1] ? at[2] : '\0', '\0'};
        if (hive && isxdigit((unsigned char)digits[0]) && isxdigit((unsigned char)digits[1])) {
            *to++ = (char)strtol(digits, NULL, 16); /* Hive escapes what a path cannot hold */
            at += 2;
        } else {
            *to++ = *at;
        }
    }
    if (to)
        *to = '\0';
    return out ? out : "";
}

/* Names of the partition keys by the folders' levels. */
static json_t *make_keys(const struct crawl_table *table)
{
    json_t *keys = json_array();
    const struct crawl_folder *folder = table->root;
    for (int level = 0; level < table->levels; level++) {
        char name[256];
        folder = folder->children;
        const char *equals = folder ? strchr(folder->name, '=') : NULL;
        snprintf(name, sizeof name, "partition_%d", level);
        if (equals && equals > folder->name)
            snprintf(name, sizeof name, "%.*s", (int)(equals - folder->name), folder->name);
        for (char *at = name; *at; at++)
            *at = (char)tolower((unsigned char)*at);
        json_array_append_new(keys, json_pack("{s:s, s:s}", "Name", name, "Type", "string"));
    }
    return keys;
}

struct partitions {
    struct crawl *crawl;
    const char *bucket;
    const struct crawl_table *table;
    bool inherits; /* partitions have the table's columns */
    json_t *found; /* PartitionInputs */
    const char *values[64];
};

static void subtree(const struct crawl_folder *folder, int64_t *count, int64_t *bytes)
{
    *count += folder->count;
    *bytes += folder->bytes;
    for (const struct crawl_folder *child = folder->children; child; child = child->next)
        subtree(child, count, bytes);
}

static void find_partitions(struct partitions *find, const struct crawl_folder *folder, int level)
{
    if (level == find->table->levels) {
        int64_t count = 0, bytes = 0;
        char location[2048];
        subtree(folder, &count, &bytes);
        if (count == 0 || json_array_size(find->found) >= PARTITIONS_MAX)
            return;
        json_t *values = json_array();
        for (int i = 0; i < level; i++)
            json_array_append_new(values, json_string(find->values[i]));
        snprintf(location, sizeof location, "s3://%s/%s", find->bucket, folder->path);
        /* its own columns, unless it inherits the table's: Glue Developer Guide, "Setting crawler configuration
         * options" */
        bool has_own = !find->inherits && folder->own.row && folder->own.format == find->table->schema.format;
        const struct glue_schema *schema = has_own ? &folder->own : &find->table->schema;
        json_t *parameters = make_parameters(find->crawl, schema, bytes, count);
        json_array_append_new(find->found,
                              json_pack("{s:o, s:o, s:o}", "Values", values, "StorageDescriptor",
                                        make_descriptor(schema, location, parameters), "Parameters", parameters));
        return;
    }
    for (const struct crawl_folder *child = folder->children; child && level < 64; child = child->next) {
        find->values[level] = value_of(find->crawl->arena, child, strchr(child->name, '=') != NULL);
        find_partitions(find, child, level + 1);
    }
}

static char *key_of(const json_t *values)
{
    struct buf text = BUF_INIT(64 * 1024);
    json_write(values, 0, &text);
    return buf_take(&text);
}

static bool same_schema(const json_t *left, const json_t *right)
{
    static const char *const members[] = {"Columns", "Location", "InputFormat", "SerdeInfo"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (!json_equal(json_object_get(left, members[i]), json_object_get(right, members[i])))
            return false;
    return true;
}

/* All partitions of the table that the catalog has, by values. */
static json_t *known_partitions(struct crawl *crawl, const struct glue_table_id *id, struct err *err)
{
    json_t *known = json_object();
    struct glue_partition_query query = {.expression = NULL};
    struct glue_page page = {.max = PARTITIONS_MAX};
    json_t *list = glue_partition_list(crawl->cloud, id, &query, &page, err), *partition;
    size_t i;
    json_array_foreach(list, i, partition)
    {
        char *key = key_of(json_object_get(partition, "Values"));
        if (key)
            json_object_set(known, key, partition);
        free(key);
    }
    free(page.next);
    if (!list) {
        json_decref(known);
        return NULL;
    }
    json_decref(list);
    return known;
}

/* Hands the list over in batches. */
static bool in_batches(struct crawl *crawl, const struct glue_table_id *id, const json_t *list,
                       bool (*apply)(struct cloud *, const struct glue_table_id *, const json_t *, json_t *,
                                     struct err *),
                       struct err *err)
{
    bool ok = true;
    for (size_t from = 0; ok && from < json_array_size(list); from += BATCH) {
        json_t *part = json_array(), *errors = json_array();
        for (size_t i = from; i < from + BATCH && i < json_array_size(list); i++)
            json_array_append(part, json_array_get(list, i));
        ok = apply(crawl->cloud, id, part, errors, err);
        json_decref(part);
        json_decref(errors);
        if (ok && atomic_load(crawl->stop))
            ok = err_set(err, ERR_CANCELLED, "the crawl was stopped");
    }
    return ok;
}

static void sort_partitions(json_t *found, json_t *known, json_t *added, json_t *changed)
{
    size_t i;
    json_t *input;
    json_array_foreach(found, i, input)
    {
        char *key = key_of(json_object_get(input, "Values"));
        json_t *old = key ? json_object_get(known, key) : NULL;
        if (!old)
            json_array_append(added, input);
        else if (!same_schema(json_object_get(old, "StorageDescriptor"), json_object_get(input, "StorageDescriptor")) ||
                 !json_equal(json_object_get(old, "Parameters"), json_object_get(input, "Parameters")))
            json_array_append_new(changed, json_pack("{s:O, s:O}", "PartitionValueList",
                                                     json_object_get(input, "Values"), "PartitionInput", input));
        if (old)
            json_object_del(known, key);
        free(key);
    }
}

static bool write_partitions(struct crawl *crawl, const struct glue_table_id *id, json_t *found, struct err *err)
{
    json_t *known = known_partitions(crawl, id, err);
    if (!known)
        return false;
    json_t *added = json_array(), *changed = json_array(), *gone = json_array(), *old;
    const char *key;
    sort_partitions(found, known, added, changed);
    if (strcmp(policy(crawl, "DeleteBehavior", "DEPRECATE_IN_DATABASE"), "DELETE_FROM_DATABASE") == 0)
        json_object_foreach(known, key, old) json_array_append(gone, json_object_get(old, "Values"));
    bool ok = in_batches(crawl, id, added, glue_partition_create, err) &&
              in_batches(crawl, id, changed, glue_partition_update, err) &&
              in_batches(crawl, id, gone, glue_partition_delete, err);
    crawl->partitions_created += (int)json_array_size(added);
    crawl->partitions_updated += (int)json_array_size(changed);
    crawl->partitions_deleted += (int)json_array_size(gone);
    json_decref(known);
    json_decref(added);
    json_decref(changed);
    json_decref(gone);
    return ok;
}

/* ---- tables */

/* What is not a letter, digit or _ becomes _. */
static void table_name(const struct crawl *crawl, const struct crawl_table *table, char out[GLUE_NAME_MAX + 1])
{
    snprintf(out, GLUE_NAME_MAX + 1 - 33, "%s%s", json_str(crawl->crawler, "TablePrefix"), table->name);
    for (char *at = out; *at; at++)
        *at = isalnum((unsigned char)*at) || (unsigned char)*at >= 0x80 ? (char)tolower((unsigned char)*at) : '_';
}

static const json_t *find_by(const json_t *existing, const char *location, const char *name)
{
    size_t i;
    json_t *table;
    json_array_foreach(existing, i, table)
    {
        if (location && strcmp(json_str(json_object_get(table, "StorageDescriptor"), "Location"), location) == 0)
            return table;
        if (name && strcmp(json_str(table, "Name"), name) == 0)
            return table;
    }
    return NULL;
}

static void suffix_name(char *name, const char *location)
{
    uint8_t sum[DIGEST_MAX];
    digest_of(DIGEST_MD5, location, strlen(location), sum);
    size_t len = strlen(name);
    name[len] = '_';
    hex_encode(sum, 16, name + len + 1);
}

static json_t *make_input(const struct crawl *crawl, const struct crawl_table *table, const char *name,
                          const char *location)
{
    json_t *parameters = make_parameters(crawl, &table->schema, table->bytes, table->count);
    if (table->levels > 0)
        json_object_set_new(parameters, "partition_filtering.enabled", json_string("true"));
    return json_pack("{s:s, s:s, s:i, s:s, s:o, s:o, s:o}", "Name", name, "Owner", "owner", "Retention", 0, "TableType",
                     "EXTERNAL_TABLE", "PartitionKeys", make_keys(table), "StorageDescriptor",
                     make_descriptor(&table->schema, location, parameters), "Parameters", parameters);
}

static bool create(struct crawl *crawl, const json_t *input, struct err *err)
{
    char by[512];
    const char *role = json_str(crawl->crawler, "Role"), *slash = strrchr(role, '/');
    snprintf(by, sizeof by, "arn:aws:sts::%s:assumed-role/%.128s/AWS-Crawler", CLOUD_ACCOUNT, slash ? slash + 1 : role);
    if (!glue_table_create(crawl->cloud, crawl->database, input, by, err))
        return false;
    crawl->tables_created++;
    json_array_append_new(crawl->added, json_string(json_str(input, "Name")));
    return true;
}

/* CrawlerOutput.Tables.AddOrUpdateBehavior MergeNewColumns: what is there stays, new columns come behind. */
static void merge_columns(json_t *input, const json_t *old)
{
    json_t *columns = json_copy(json_object_get(json_object_get(old, "StorageDescriptor"), "Columns"));
    json_t *fresh = json_object_get(json_object_get(input, "StorageDescriptor"), "Columns"), *column, *had;
    size_t i, j;
    json_array_foreach(fresh, i, column)
    {
        bool found = false;
        json_array_foreach(columns, j, had) found |= strcmp(json_str(had, "Name"), json_str(column, "Name")) == 0;
        if (!found)
            json_array_append(columns, column);
    }
    json_object_set_new(json_object_get(input, "StorageDescriptor"), "Columns", columns);
}

static bool update(struct crawl *crawl, json_t *input, const json_t *old, struct err *err)
{
    static const char *const kept[] = {"Description", "Owner", NULL};
    struct err config_err;
    const char *text = json_str(crawl->crawler, "Configuration");
    json_t *configuration = *text ? json_parse(text, strlen(text), &config_err) : NULL;
    const json_t *output = json_object_get(json_object_get(configuration, "CrawlerOutput"), "Tables");
    if (strcmp(json_str(output, "AddOrUpdateBehavior"), "MergeNewColumns") == 0)
        merge_columns(input, old);
    json_decref(configuration);
    bool same = same_schema(json_object_get(old, "StorageDescriptor"), json_object_get(input, "StorageDescriptor")) &&
                json_equal(json_object_get(old, "PartitionKeys"), json_object_get(input, "PartitionKeys"));
    if (!same && strcmp(policy(crawl, "UpdateBehavior", "UPDATE_IN_DATABASE"), "LOG") == 0)
        return true;
    json_object_set_new(input, "Name", json_string(json_str(old, "Name")));
    glue_copy_members(input, old, kept);
    struct glue_table_change change = {.database = crawl->database, .input = input, .in_place = same};
    if (!glue_table_update(crawl->cloud, &change, err))
        return false;
    if (!same) {
        crawl->tables_updated++;
        json_array_append_new(crawl->changed, json_string(json_str(old, "Name")));
    }
    return true;
}

bool glue_crawl_write(struct crawl *crawl, const struct crawl_options *options, const struct crawl_table *table,
                      const json_t *existing, struct err *err)
{
    char name[GLUE_NAME_MAX + 1], location[2048];
    snprintf(location, sizeof location, "s3://%s/%s", options->bucket, table->path);
    table_name(crawl, table, name);
    const json_t *old = find_by(existing, location, NULL);
    if (!old && (find_by(existing, NULL, name)))
        suffix_name(name, location); /* the name is taken by a table elsewhere */
    json_t *input = make_input(crawl, table, name, location);
    bool ok = old ? update(crawl, input, old, err) : create(crawl, input, err);
    if (ok && table->levels > 0) {
        struct glue_table_id id = {.database = crawl->database, .table = old ? json_str(old, "Name") : name};
        struct partitions find = {.crawl = crawl,
                                  .bucket = options->bucket,
                                  .table = table,
                                  .inherits = options->inherits,
                                  .found = json_array()};
        find_partitions(&find, table->root, 0);
        ok = write_partitions(crawl, &id, find.found, err);
        json_decref(find.found);
    }
    json_decref(input);
    return ok;
}

/* ---- what is gone */

static bool forget(struct crawl *crawl, const json_t *table, struct err *err)
{
    const char *behaviour = policy(crawl, "DeleteBehavior", "DEPRECATE_IN_DATABASE"), *name = json_str(table, "Name");
    if (strcmp(behaviour, "LOG") == 0)
        return true;
    if (strcmp(behaviour, "DELETE_FROM_DATABASE") == 0) {
        crawl->tables_deleted++;
        json_array_append_new(crawl->removed, json_string(name));
        return glue_table_delete(crawl->cloud, crawl->database, name, err);
    }
    json_t *input = json_deep_copy(table), *parameters = json_object_get(input, "Parameters");
    bool ok = true;
    if (!json_object_get(parameters, "DEPRECATED_BY_CRAWLER")) {
        set_int(parameters, "DEPRECATED_BY_CRAWLER", clock_wall(crawl->cloud->clock));
        struct glue_table_change change = {.database = crawl->database, .input = input};
        ok = glue_table_update(crawl->cloud, &change, err);
        crawl->tables_deleted++;
        json_array_append_new(crawl->removed, json_string(name));
    }
    json_decref(input);
    return ok;
}

bool glue_crawl_forget(struct crawl *crawl, const char *bucket, const char *prefix, const struct crawl_table *found,
                       const json_t *existing, struct err *err)
{
    char below[2048], location[2048];
    snprintf(below, sizeof below, "s3://%s/%s", bucket, prefix);
    size_t i;
    json_t *table;
    json_array_foreach(existing, i, table)
    {
        const char *at = json_str(json_object_get(table, "StorageDescriptor"), "Location");
        bool is_ours = strcmp(json_str(json_object_get(table, "Parameters"), "UPDATED_BY_CRAWLER"), crawl->name) == 0;
        bool is_there = !is_ours || strncmp(at, below, strlen(below)) != 0;
        for (const struct crawl_table *one = found; one && !is_there; one = one->next) {
            snprintf(location, sizeof location, "s3://%s/%s", bucket, one->path);
            is_there = strcmp(location, at) == 0;
        }
        if (!is_there && !forget(crawl, table, err))
            return false;
    }
    return true;
}
