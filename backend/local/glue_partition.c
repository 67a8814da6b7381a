/* Glue's operations on partitions. */
#include "backend/local/glue.h"
#include <string.h>

static bool need_table(struct awsjson_call *call, struct glue_table_id *id)
{
    id->database = glue_need_text(call, "DatabaseName", "databaseName");
    id->table = id->database ? glue_need_text(call, "TableName", "tableName") : NULL;
    return id->table != NULL;
}

static bool put_errors(struct awsjson_call *call, json_t *errors, bool ok)
{
    if (ok && json_array_size(errors) > 0)
        json_object_set(call->out, "Errors", errors);
    json_decref(errors);
    return ok;
}

bool glue_op_create_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *input = need_table(call, &id) ? glue_need_object(call, "PartitionInput", "partitionInput") : NULL;
    if (!input)
        return false;
    json_t *inputs = json_pack("[O]", input);
    bool ok = glue_partition_create(call->cloud, &id, inputs, NULL, &call->err);
    json_decref(inputs);
    return ok;
}

bool glue_op_batch_create_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *inputs =
        need_table(call, &id) ? glue_need_array(call, "PartitionInputList", "partitionInputList", 100) : NULL;
    json_t *errors = json_array();
    return put_errors(call, errors, inputs && glue_partition_create(call->cloud, &id, inputs, errors, &call->err));
}

bool glue_op_get_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *values =
        need_table(call, &id) ? glue_need_array(call, "PartitionValues", "partitionValues", 1000) : NULL;
    return values && glue_put(call, "Partition", glue_partition_get(call->cloud, &id, values, &call->err));
}

/* What is not there is left out, as Glue does. */
static bool get_each(struct awsjson_call *call, const struct glue_table_id *id, const json_t *wanted, json_t *found)
{
    size_t i;
    json_t *entry;
    json_array_foreach(wanted, i, entry)
    {
        struct err err = ERR_NONE;
        json_t *partition = glue_partition_get(call->cloud, id, json_object_get(entry, "Values"), &err);
        if (partition) {
            json_array_append_new(found, partition);
        } else if (strcmp(err.service_code, "EntityNotFoundException") != 0) {
            call->err = err;
            return false;
        }
    }
    return true;
}

bool glue_op_batch_get_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *wanted =
        need_table(call, &id) ? glue_need_array(call, "PartitionsToGet", "partitionsToGet", 1000) : NULL;
    json_t *table = wanted ? glue_table_get(call->cloud, id.database, id.table, &call->err) : NULL;
    json_t *found = json_array();
    bool ok = table && get_each(call, &id, wanted, found);
    json_decref(table);
    if (ok) {
        json_object_set(call->out, "Partitions", found);
        json_object_set_new(call->out, "UnprocessedKeys", json_array());
    }
    json_decref(found);
    return ok;
}

static bool read_segment(struct awsjson_call *call, struct glue_partition_query *query)
{
    const json_t *segment = json_object_get(call->in, "Segment");
    if (!segment || json_is_null(segment))
        return true;
    int64_t number = json_int(segment, "SegmentNumber", -1), total = json_int(segment, "TotalSegments", 0);
    if (total < 1 || total > 10 || number < 0 || number >= total)
        return glue_fail(call, "ValidationException",
                         "1 validation error detected: Value at 'segment' failed to satisfy constraint: SegmentNumber "
                         "must be from 0 to TotalSegments - 1, TotalSegments from 1 to 10");
    query->segment = (int)number;
    query->segments = (int)total;
    return true;
}

bool glue_op_get_partitions(struct awsjson_call *call)
{
    struct glue_table_id id;
    struct glue_page page;
    struct glue_partition_query query = {.expression = json_str(call->in, "Expression"),
                                         .without_columns = json_bool(call->in, "ExcludeColumnSchema", false)};
    if (!need_table(call, &id) || !glue_refuse_option(call, "TransactionId") ||
        !glue_refuse_option(call, "QueryAsOfTime") || !read_segment(call, &query))
        return false;
    bool ok = glue_page_open(call, &page, 1000) &&
              glue_put(call, "Partitions", glue_partition_list(call->cloud, &id, &query, &page, &call->err));
    glue_page_close(call, &page);
    return ok;
}

bool glue_op_update_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *values =
        need_table(call, &id) ? glue_need_array(call, "PartitionValueList", "partitionValueList", 100) : NULL;
    const json_t *input = values ? glue_need_object(call, "PartitionInput", "partitionInput") : NULL;
    if (!input)
        return false;
    json_t *entries = json_pack("[{s:O, s:O}]", "PartitionValueList", values, "PartitionInput", input);
    bool ok = glue_partition_update(call->cloud, &id, entries, NULL, &call->err);
    json_decref(entries);
    return ok;
}

bool glue_op_batch_update_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *entries = need_table(call, &id) ? glue_need_array(call, "Entries", "entries", 100) : NULL;
    json_t *errors = json_array();
    return put_errors(call, errors, entries && glue_partition_update(call->cloud, &id, entries, errors, &call->err));
}

bool glue_op_delete_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *values =
        need_table(call, &id) ? glue_need_array(call, "PartitionValues", "partitionValues", 1000) : NULL;
    if (!values)
        return false;
    json_t *list = json_pack("[O]", values);
    bool ok = glue_partition_delete(call->cloud, &id, list, NULL, &call->err);
    json_decref(list);
    return ok;
}

bool glue_op_batch_delete_partition(struct awsjson_call *call)
{
    struct glue_table_id id;
    const json_t *entries =
        need_table(call, &id) ? glue_need_array(call, "PartitionsToDelete", "partitionsToDelete", 25) : NULL;
    json_t *errors = json_array(), *list = json_array(), *entry;
    size_t i;
    json_array_foreach(entries, i, entry)
    {
        json_t *values = json_object_get(entry, "Values");
        json_array_append_new(list, values ? json_incref(values) : json_array());
    }
    bool ok = entries && glue_partition_delete(call->cloud, &id, list, errors, &call->err);
    json_decref(list);
    return put_errors(call, errors, ok);
}

bool glue_op_get_partition_indexes(struct awsjson_call *call)
{
    struct glue_table_id id;
    json_t *table = need_table(call, &id) ? glue_table_get(call->cloud, id.database, id.table, &call->err) : NULL;
    if (!table)
        return false;
    json_decref(table);
    return glue_put(call, "PartitionIndexDescriptorList", json_array());
}
