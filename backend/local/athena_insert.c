/* INSERT INTO: objects at the table's place, in the table's format; partitions that are new to it. Runner threads.
 * Source: Athena User Guide, "INSERT INTO". */
#include "backend/local/athena_write.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *member(const json_t *first, const json_t *second, const char *const *keys)
{
    for (; *keys; keys++) {
        const char *value = json_str(first, *keys);
        value = *value ? value : json_str(second, *keys);
        if (*value)
            return value;
    }
    return NULL;
}

/* The table's own word for it; GZIP when it has none. */
static bool find_compression(struct athena_write *write, const json_t *table, const json_t *serde, struct err *err)
{
    static const char *const keys[] = {"write.compression", "parquet.compression", "parquet.compress",
                                       "compression",       "compressionType",     NULL};
    const char *name = member(json_object_get(table, "Parameters"), json_object_get(serde, "Parameters"), keys);
    if (name && strcasecmp(name, "none") != 0)
        return athena_write_compression(write, name, err);
    return athena_write_compression(write, name ? "NONE" : NULL, err);
}

/* A delimiter parameter as one character; a number is a byte's. */
static void put_delimiter(char out[16], const char *text)
{
    int code = atoi(text);
    bool is_code = code > 0 && code < 127 && strspn(text, "0123456789") == strlen(text) && strlen(text) > 1;
    bool is_tab = strcmp(text, "\\t") == 0;
    snprintf(out, 16, "%s", is_tab ? "\t" : is_code ? (char[]){(char)code, '\0'} : text);
}

static bool find_texts(struct athena_write *write, const json_t *table, const json_t *serde, struct err *err)
{
    const json_t *parameters = json_object_get(serde, "Parameters");
    static const char *const field[] = {"field.delim", "serialization.format", NULL},
                             *const item[] = {"collection.delim", "colelction.delim", NULL},
                             *const key[] = {"mapkey.delim", NULL}, *const null[] = {"serialization.null.format", NULL},
                             *const escape[] = {"escape.delim", NULL}, *const skip[] = {"skip.header.line.count", NULL};
    const char *header = member(json_object_get(table, "Parameters"), parameters, skip);
    if (!athena_write_delimiter(write, err))
        return false;
    if (!write->storage->is_text)
        return true;
    if (header && atoi(header) > 1)
        return athena_refuse(err, "NOT_SUPPORTED",
                             "Inserting into Hive table with value of skip.header.line.count property greater than 1");
    if (member(parameters, NULL, escape))
        return athena_refuse(err, "NOT_SUPPORTED", "inserting into a table with an escape character");
    if (member(parameters, NULL, null) && strcmp(member(parameters, NULL, null), "\\N") != 0)
        return athena_refuse(err, "NOT_SUPPORTED", "inserting into a table with a text of its own for NULL");
    write->has_header = header && atoi(header) == 1;
    const char *separators[] = {member(parameters, NULL, field), member(parameters, NULL, item),
                                member(parameters, NULL, key)};
    put_delimiter(write->field, separators[0] ? separators[0] : "\001");
    put_delimiter(write->collection, separators[1] ? separators[1] : "\002");
    put_delimiter(write->key, separators[2] ? separators[2] : "\003");
    write->lazy.separators[0] = write->collection;
    write->lazy.separators[1] = write->key;
    return true;
}

static bool find_columns(struct athena_write *write, struct err *err)
{
    const struct dialect_statement *st = write->run->statement;
    write->partition_count = st->partition_column_count;
    write->column_count = st->column_count + st->partition_column_count;
    write->columns = ARENA_ARRAY(write->run->arena, struct dialect_column, write->column_count + 1);
    if (!write->columns)
        return err_set(err, ERR_TOO_LARGE, "the table has too many columns");
    memcpy(write->columns, st->columns, st->column_count * sizeof *st->columns);
    if (st->partition_column_count)
        memcpy(write->columns + st->column_count, st->partition_columns,
               st->partition_column_count * sizeof *st->partition_columns);
    return true;
}

static bool prepare(struct athena_write *write, const json_t *table, struct err *err)
{
    const json_t *storage = json_object_get(table, "StorageDescriptor");
    const json_t *serde = json_object_get(storage, "SerdeInfo");
    if (json_array_size(json_object_get(storage, "BucketColumns")))
        return athena_refuse(err, "NOT_SUPPORTED", "INSERT INTO is not supported on bucketed tables");
    write->storage = athena_storage_of_serde(json_str(serde, "SerializationLibrary"), err);
    return write->storage && find_compression(write, table, serde, err) && find_texts(write, table, serde, err) &&
           find_columns(write, err) && athena_write_place(write, json_str(storage, "Location"), err);
}

bool athena_insert(struct athena_run *run, struct err *err)
{
    struct glue_table_id id = {.database = run->statement->database, .table = run->statement->name};
    struct athena_write write = {.run = run, .table = &id};
    json_t *table = glue_table_get(run->job->cloud, id.database, id.table, err);
    bool ok = table && prepare(&write, table, err) && athena_write_run(&write, err);
    json_t *inputs = ok ? athena_write_inputs(&write, json_object_get(table, "StorageDescriptor")) : NULL;
    if (ok && json_array_size(inputs) && !glue_partition_create(run->job->cloud, &id, inputs, NULL, err)) {
        athena_write_undo(&write);
        ok = false;
    }
    json_decref(inputs);
    json_decref(table);
    athena_write_done(&write);
    return ok;
}
