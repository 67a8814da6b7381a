/* CREATE TABLE AS. Runner threads. Source: Athena User Guide, "CREATE TABLE AS". */
#include "backend/local/athena_write.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool check_names(struct athena_write *write, struct err *err)
{
    static const char *const known[] = {"format",
                                        "external_location",
                                        "field_delimiter",
                                        "write_compression",
                                        "parquet_compression",
                                        "orc_compression",
                                        "compression_level",
                                        "bucket_count",
                                        "is_external",
                                        "table_type",
                                        "with_no_data",
                                        NULL};
    const struct pairs *properties = &write->run->statement->properties;
    for (size_t i = 0; i < properties->count; i++) {
        size_t at = 0;
        while (known[at] && strcmp(known[at], properties->items[i].name) != 0)
            at++;
        if (!known[at])
            return athena_refuse(err, "INVALID_TABLE_PROPERTY",
                                 "Catalog 'awsdatacatalog' table property '%.80s' does "
                                 "not exist",
                                 properties->items[i].name);
    }
    return true;
}

static const char *property(const struct athena_write *write, const char *name)
{
    return pairs_get(&write->run->statement->properties, name);
}

/* write_compression, or the format's own older name; both at once are refused. */
static bool find_compression(struct athena_write *write, struct err *err)
{
    bool is_parquet = strcmp(write->storage->name, "PARQUET") == 0;
    const char *plain = property(write, "write_compression"), *own = property(write, "parquet_compression");
    if (property(write, "orc_compression") || (own && !is_parquet))
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "%s cannot be specified for the format %s",
                             own ? "parquet_compression" : "orc_compression", write->storage->name);
    if (plain && own)
        return athena_refuse(err, "INVALID_TABLE_PROPERTY",
                             "write_compression and parquet_compression cannot be specified together");
    const char *level = property(write, "compression_level");
    write->level = level ? atoi(level) : 0;
    if (!athena_write_compression(write, plain ? plain : own, err))
        return false;
    if (level && (strcmp(write->compression, "zstd") != 0 || write->level < 1 || write->level > 22))
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "compression_level is 1 to 22, for ZSTD only");
    return true;
}

static bool find_buckets(struct athena_write *write, struct err *err)
{
    const char *count = property(write, "bucket_count");
    write->bucketed_by = write->run->statement->bucketed_by;
    write->buckets = count ? atoi(count) : 0;
    if (!write->bucketed_by != !count || (count && (write->buckets < 1 || write->buckets > 1000000)))
        return athena_refuse(err, "INVALID_TABLE_PROPERTY",
                             "bucketed_by and bucket_count (at least 1) must be specified together");
    return true;
}

/* A workgroup that says where results go says it for tables too. */
static bool is_place_enforced(const struct athena_run *run)
{
    struct err ignored = ERR_NONE;
    json_t *workgroup = athena_get(run->job->cloud, "workgroup", run->job->workgroup, &ignored);
    const json_t *configuration = json_object_get(workgroup, "Configuration");
    const char *place = json_str(json_object_get(configuration, "ResultConfiguration"), "OutputLocation");
    bool is_enforced = json_bool(configuration, "EnforceWorkGroupConfiguration", false) && *place;
    json_decref(workgroup);
    return is_enforced;
}

/* The place in the result's folder when none is named: PREFIX/tables/ID/. */
static bool find_place(struct athena_write *write, struct err *err)
{
    char uri[1400];
    const struct athena_run *run = write->run;
    const char *key = json_str(run->job->record, "Key");
    size_t prefix = strlen(key) - strlen(run->job->id);
    snprintf(uri, sizeof uri, "s3://%s/%.*stables/%s/", json_str(run->job->record, "Bucket"), (int)prefix, key,
             run->job->id);
    const char *location = run->statement->location;
    if (location && is_place_enforced(run))
        return athena_refuse(err, "INVALID_TABLE_PROPERTY",
                             "The Create Table As Select query failed because it was submitted with an "
                             "'external_location' property to an Athena Workgroup that enforces a centralized output "
                             "location for all queries. Please remove it");
    return athena_write_place(write, location ? location : uri, err) && athena_write_needs_empty(write, err);
}

static json_t *storage_json(const struct athena_write *write)
{
    char uri[1400];
    json_t *parameters = json_object(), *buckets = json_array();
    snprintf(uri, sizeof uri, "s3://%s/%s", write->place.bucket, write->place.key);
    if (write->storage->is_text)
        json_object_set_new(parameters, "field.delim", json_string(write->field));
    json_object_set_new(parameters, "serialization.format", json_string(write->storage->is_text ? write->field : "1"));
    for (size_t i = 0; write->bucketed_by && write->bucketed_by[i]; i++)
        json_array_append_new(buckets, json_string(write->bucketed_by[i]));
    return json_pack("{s:o, s:s, s:s, s:s, s:i, s:o, s:{s:s, s:o}}", "Columns",
                     athena_write_columns_json(write, 0, write->column_count - write->partition_count), "Location", uri,
                     "InputFormat", write->storage->input, "OutputFormat", write->storage->output, "NumberOfBuckets",
                     write->buckets ? write->buckets : -1, "BucketColumns", buckets, "SerdeInfo",
                     "SerializationLibrary", write->storage->serde, "Parameters", parameters);
}

/* The table, then its partitions; without these the table goes again. */
static bool create_table(struct athena_write *write, struct err *err)
{
    const struct dialect_statement *st = write->run->statement;
    struct glue_table_id id = {.database = st->database, .table = st->name};
    struct err ignored = ERR_NONE;
    json_t *storage = storage_json(write), *parameters = json_object();
    json_object_set_new(parameters, "EXTERNAL", json_string("TRUE"));
    json_object_set_new(parameters, "has_encrypted_data", json_string("false"));
    if (st->comment)
        json_object_set_new(parameters, "comment", json_string(st->comment));
    json_t *input =
        json_pack("{s:s, s:s, s:o, s:O, s:o}", "Name", st->name, "TableType", "EXTERNAL_TABLE", "Parameters",
                  parameters, "StorageDescriptor", storage, "PartitionKeys",
                  athena_write_columns_json(write, write->column_count - write->partition_count, write->column_count));
    json_t *inputs = athena_write_inputs(write, storage);
    bool ok =
        glue_table_create(write->run->job->cloud, st->database, input, "arn:aws:iam::" CLOUD_ACCOUNT ":root", err);
    if (ok && json_array_size(inputs) && !glue_partition_create(write->run->job->cloud, &id, inputs, NULL, err)) {
        glue_table_delete(write->run->job->cloud, st->database, st->name, &ignored);
        ok = false;
    }
    json_decref(inputs);
    json_decref(input);
    json_decref(storage);
    return ok;
}

/* True in *skip: it is there and IF NOT EXISTS was said. */
static bool check_target(struct athena_run *run, bool *skip, struct err *err)
{
    struct err cause = ERR_NONE;
    json_t *database = glue_database_get(run->job->cloud, run->statement->database, &cause);
    json_t *table = glue_table_get(run->job->cloud, run->statement->database, run->statement->name, &cause);
    bool has_database = database != NULL, has_table = table != NULL;
    json_decref(database);
    json_decref(table);
    *skip = has_table && run->statement->if_not_exists;
    if (!has_database)
        return athena_refuse(err, "SCHEMA_NOT_FOUND", "line 1:1: Schema %.100s does not exist",
                             run->statement->database);
    return !has_table || *skip ||
           athena_refuse(err, "TABLE_ALREADY_EXISTS",
                         "line 1:1: Destination table 'awsdatacatalog.%.80s.%.80s' "
                         "already exists",
                         run->statement->database, run->statement->name);
}

static bool count_keys(struct athena_write *write, struct err *err)
{
    const char *const *keys = write->run->statement->partitioned_by;
    while (keys && keys[write->partition_count])
        write->partition_count++;
    return write->partition_count < write->column_count ||
           athena_refuse(err, "INVALID_TABLE_PROPERTY", "a table cannot have partition columns only");
}

bool athena_ctas(struct athena_run *run, struct err *err)
{
    struct athena_write write = {.run = run};
    bool skip = false;
    const char *format = property(&write, "format");
    if (!check_target(run, &skip, err))
        return false;
    if (skip)
        return true;
    write.storage = check_names(&write, err) ? athena_storage_named(format ? format : "PARQUET", err) : NULL;
    bool ok = write.storage && find_compression(&write, err) && athena_write_delimiter(&write, err) &&
              find_buckets(&write, err) && athena_write_columns(&write, err) && count_keys(&write, err) &&
              find_place(&write, err);
    bool has_data = !property(&write, "with_no_data");
    if (ok && has_data)
        ok = athena_write_run(&write, err);
    if (ok && !create_table(&write, err)) {
        athena_write_undo(&write);
        ok = false;
    }
    athena_write_done(&write);
    return ok;
}
