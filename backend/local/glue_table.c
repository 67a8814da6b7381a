/* Glue's operations on tables and their versions. */
#include "backend/local/glue.h"
#include <stdio.h>
#include <string.h>

/* Lake Formation transactions and Iceberg's own inputs are not here. */
static bool refuse_options(struct awsjson_call *call)
{
    static const char *const options[] = {"TransactionId",        "QueryAsOfTime",
                                          "OpenTableFormatInput", "UpdateOpenTableFormatInput",
                                          "PartitionIndexes",     "ViewUpdateAction"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (!glue_refuse_option(call, options[i]))
            return false;
    return true;
}

/* In requests since 2024 a table's name may stand beside its input. */
static json_t *table_input(struct awsjson_call *call)
{
    const json_t *input = json_object_get(call->in, "TableInput");
    if (!input || json_is_null(input) || !json_is_object(input)) {
        glue_need_object(call, "TableInput", "tableInput");
        return NULL;
    }
    json_t *copy = json_copy((json_t *)(uintptr_t)input);
    const char *name = json_str(call->in, "Name");
    if (*name && !*json_str(copy, "Name"))
        json_object_set_new(copy, "Name", json_string(name));
    return copy;
}

bool glue_op_create_table(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    json_t *input = database && refuse_options(call) ? table_input(call) : NULL;
    if (!input)
        return false;
    bool ok = json_object_get(input, "TargetTable")
                  ? glue_fail(call, "NotImplemented", "The embedded cloud does not implement resource links")
                  : glue_table_create(call->cloud, database, input, call->req->principal_arn, &call->err);
    json_decref(input);
    return ok;
}

bool glue_op_get_table(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const char *name = database ? glue_need_text(call, "Name", "name") : NULL;
    return name && refuse_options(call) &&
           glue_put(call, "Table", glue_table_get(call->cloud, database, name, &call->err));
}

static void keep_attributes(json_t *list, const json_t *attributes)
{
    static const char *const members[] = {"Name", "DatabaseName", "TableType", NULL};
    size_t i;
    json_t *document;
    if (json_array_size(attributes) == 0)
        return;
    json_array_foreach(list, i, document)
    {
        json_t *small = json_object();
        glue_copy_members(small, document, members);
        json_array_set_new(list, i, small);
    }
}

bool glue_op_get_tables(struct awsjson_call *call)
{
    struct glue_page page;
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    if (!database || !refuse_options(call))
        return false;
    struct glue_table_query query = {.database = database, .pattern = json_str(call->in, "Expression")};
    bool ok = glue_page_open(call, &page, 100) &&
              glue_put(call, "TableList", glue_table_list(call->cloud, &query, &page, &call->err));
    if (ok)
        keep_attributes(json_object_get(call->out, "TableList"), json_object_get(call->in, "AttributesToGet"));
    glue_page_close(call, &page);
    return ok;
}

bool glue_op_update_table(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    json_t *input = database && refuse_options(call) ? table_input(call) : NULL;
    if (!input)
        return false;
    struct glue_table_change change = {
        .database = database,
        .input = input,
        .version = json_str(call->in, "VersionId"),
        .skip_archive = json_bool(call->in, "SkipArchive", false),
    };
    bool ok = glue_table_update(call->cloud, &change, &call->err);
    json_decref(input);
    return ok;
}

bool glue_op_delete_table(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const char *name = database ? glue_need_text(call, "Name", "name") : NULL;
    return name && refuse_options(call) && glue_table_delete(call->cloud, database, name, &call->err);
}

static bool add_error(struct awsjson_call *call, json_t *errors, json_t *entry, const struct err *err)
{
    if (!*err->service_code) {
        call->err = *err;
        json_decref(entry);
        return false;
    }
    json_object_set_new(entry, "ErrorDetail",
                        json_pack("{s:s, s:o}", "ErrorCode", err->service_code, "ErrorMessage", json_clean(err->text)));
    json_array_append_new(errors, entry);
    return true;
}

/* Errors are answered only when there are any. */
static bool put_errors(struct awsjson_call *call, json_t *errors, bool ok)
{
    if (ok && json_array_size(errors) > 0)
        json_object_set(call->out, "Errors", errors);
    json_decref(errors);
    return ok;
}

bool glue_op_batch_delete_table(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const json_t *names = database ? glue_need_array(call, "TablesToDelete", "tablesToDelete", 100) : NULL;
    json_t *found = names ? glue_database_get(call->cloud, database, &call->err) : NULL, *errors = json_array(), *name;
    bool ok = found != NULL;
    json_decref(found);
    size_t i;
    json_array_foreach(names, i, name)
    {
        struct err err = ERR_NONE;
        const char *text = json_is_string(name) ? json_string_value(name) : "";
        if (ok && !glue_table_delete(call->cloud, database, text, &err))
            ok = add_error(call, errors, json_pack("{s:s}", "TableName", text), &err);
    }
    return put_errors(call, errors, ok);
}

bool glue_op_get_table_version(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const char *name = database ? glue_need_text(call, "TableName", "tableName") : NULL;
    return name && glue_put(call, "TableVersion",
                            glue_version_get(call->cloud, database, name, json_str(call->in, "VersionId"), &call->err));
}

bool glue_op_get_table_versions(struct awsjson_call *call)
{
    struct glue_page page;
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const char *name = database ? glue_need_text(call, "TableName", "tableName") : NULL;
    if (!name)
        return false;
    bool ok = glue_page_open(call, &page, 100) &&
              glue_put(call, "TableVersions", glue_version_list(call->cloud, database, name, &page, &call->err));
    glue_page_close(call, &page);
    return ok;
}

bool glue_op_delete_table_version(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const char *name = database ? glue_need_text(call, "TableName", "tableName") : NULL;
    const char *version = name ? glue_need_text(call, "VersionId", "versionId") : NULL;
    return version && glue_version_delete(call->cloud, database, name, version, &call->err);
}

bool glue_op_batch_delete_table_version(struct awsjson_call *call)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const char *name = database ? glue_need_text(call, "TableName", "tableName") : NULL;
    const json_t *versions = name ? glue_need_array(call, "VersionIds", "versionIds", 100) : NULL;
    json_t *found = versions ? glue_table_get(call->cloud, database, name, &call->err) : NULL;
    json_t *errors = json_array(), *version;
    bool ok = found != NULL;
    json_decref(found);
    size_t i;
    json_array_foreach(versions, i, version)
    {
        struct err err = ERR_NONE;
        const char *text = json_is_string(version) ? json_string_value(version) : "";
        if (ok && !glue_version_delete(call->cloud, database, name, text, &err))
            ok = add_error(call, errors, json_pack("{s:s, s:s}", "TableName", name, "VersionId", text), &err);
    }
    return put_errors(call, errors, ok);
}
