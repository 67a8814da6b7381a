/* Inputs against the constraints that the Glue API Reference states for DatabaseInput, TableInput and PartitionInput:
 * types of members, lengths, patterns. Pure; called by the store before anything is written. */
#include "backend/local/glue_store.h"
#include <string.h>

enum { DESCRIPTION_MAX = 2048, LOCATION_MAX = 2056, COMMENT_MAX = 255, COLUMN_NAME_MAX = 255, TYPE_MAX = 131072 };

static bool fail_member(struct err *err, const char *member, const char *rule)
{
    return glue_refuse(err, "ValidationException",
                       "1 validation error detected: Value at '%s' failed to satisfy constraint: %s", member, rule);
}

static bool check_text(const json_t *object, const char *key, const char *where, size_t max, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    if (!value || json_is_null(value))
        return true;
    if (!json_is_string(value))
        return glue_refuse(err, "SerializationException", "%s.%s is not a string", where, key);
    const char *text = json_string_value(value);
    if (json_string_length(value) > max)
        return fail_member(err, where, "Member must have length less than or equal to its maximum");
    if (json_string_length(value) != strlen(text))
        return fail_member(err, where, "Member must not contain NUL");
    return true;
}

static bool check_array(const json_t *object, const char *key, const char *where, struct err *err)
{
    const json_t *value = json_object_get(object, key);
    return !value || json_is_null(value) || json_is_array(value) ||
           glue_refuse(err, "SerializationException", "%s.%s is not a list", where, key);
}

static bool check_parameters(const json_t *object, const char *where, struct err *err)
{
    json_t *parameters = json_object_get(object, "Parameters");
    if (!parameters || json_is_null(parameters))
        return true;
    if (!json_is_object(parameters))
        return glue_refuse(err, "SerializationException", "%s.Parameters is not a map", where);
    const char *key;
    json_t *value;
    json_object_foreach(parameters, key, value)
    {
        if (!*key || strlen(key) > 255)
            return fail_member(err, where, "Map keys must have length between 1 and 255");
        if (!json_is_string(value))
            return glue_refuse(err, "SerializationException", "%s.Parameters values must be strings", where);
        if (json_string_length(value) > 512000)
            return fail_member(err, where, "Map value must have length less than or equal to 512000");
    }
    return true;
}

static bool check_columns(const json_t *columns, const char *where, struct err *err)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        char name[GLUE_NAME_MAX + 1];
        if (!json_is_object(column))
            return glue_refuse(err, "SerializationException", "%s has an entry that is no Column", where);
        if (!check_text(column, "Name", where, COLUMN_NAME_MAX, err) ||
            !check_text(column, "Type", where, TYPE_MAX, err) ||
            !check_text(column, "Comment", where, COMMENT_MAX, err) || !check_parameters(column, where, err) ||
            !glue_fold_name(json_str(column, "Name"), where, name, err))
            return false;
    }
    return true;
}

static bool check_descriptor(const json_t *input, const char *where, struct err *err)
{
    const json_t *descriptor = json_object_get(input, "StorageDescriptor");
    if (!descriptor || json_is_null(descriptor))
        return true;
    if (!json_is_object(descriptor))
        return glue_refuse(err, "SerializationException", "%s.StorageDescriptor is not a structure", where);
    static const char *const lists[] = {"Columns", "BucketColumns", "SortColumns", "AdditionalLocations"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (!check_array(descriptor, lists[i], "storageDescriptor", err))
            return false;
    const json_t *serde = json_object_get(descriptor, "SerdeInfo");
    if (serde && !json_is_null(serde) && (!json_is_object(serde) || !check_parameters(serde, "serdeInfo", err)))
        return json_is_object(serde) ? false
                                     : glue_refuse(err, "SerializationException", "SerdeInfo is not a structure");
    return check_text(descriptor, "Location", "storageDescriptor.location", LOCATION_MAX, err) &&
           check_text(descriptor, "InputFormat", "storageDescriptor.inputFormat", 128, err) &&
           check_text(descriptor, "OutputFormat", "storageDescriptor.outputFormat", 128, err) &&
           check_parameters(descriptor, "storageDescriptor", err) &&
           check_columns(json_object_get(descriptor, "Columns"), "storageDescriptor.columns", err);
}

static bool check_object(const json_t *input, const char *where, struct err *err)
{
    if (!input || json_is_null(input))
        return glue_refuse(err, "ValidationException",
                           "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must "
                           "not be null",
                           where);
    return json_is_object(input) || glue_refuse(err, "SerializationException", "%s is not a structure", where);
}

bool glue_check_database(const json_t *input, struct err *err)
{
    return check_object(input, "databaseInput", err) &&
           check_text(input, "Description", "databaseInput.description", DESCRIPTION_MAX, err) &&
           check_text(input, "LocationUri", "databaseInput.locationUri", 1024, err) &&
           check_parameters(input, "databaseInput", err);
}

bool glue_check_table(const json_t *input, struct err *err)
{
    if (!check_object(input, "tableInput", err) ||
        !check_text(input, "Description", "tableInput.description", DESCRIPTION_MAX, err) ||
        !check_text(input, "Owner", "tableInput.owner", 255, err) ||
        !check_text(input, "TableType", "tableInput.tableType", 255, err) ||
        !check_text(input, "ViewOriginalText", "tableInput.viewOriginalText", 409600, err) ||
        !check_text(input, "ViewExpandedText", "tableInput.viewExpandedText", 409600, err) ||
        !check_array(input, "PartitionKeys", "tableInput", err) || !check_parameters(input, "tableInput", err))
        return false;
    return check_columns(json_object_get(input, "PartitionKeys"), "tableInput.partitionKeys", err) &&
           check_descriptor(input, "tableInput", err);
}

bool glue_check_partition(const json_t *input, struct err *err)
{
    return check_object(input, "partitionInput", err) && check_array(input, "Values", "partitionInput", err) &&
           check_parameters(input, "partitionInput", err) && check_descriptor(input, "partitionInput", err);
}
