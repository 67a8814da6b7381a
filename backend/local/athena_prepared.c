/* The operations on prepared statements; PREPARE, EXECUTE and DEALLOCATE are statements and work on the same records:
 * kind "prepared", name "WORKGROUP/STATEMENT", {"StatementName", "WorkGroupName", "QueryStatement", "Description",
 * "LastModifiedTime"}. Source: Athena API Reference, PreparedStatement. */
#include "backend/local/athena.h"
#include <stdio.h>
#include <string.h>

enum { BATCH_MAX = 256, PAGE_MAX = 50, NAME_SIZE = 512 };

static const struct athena_rule write_rules[] = {
    {.key = "StatementName", .min = 1, .max = 256, .pattern = ATHENA_STATEMENT},
    {.key = "WorkGroup", .min = 1, .max = 128, .pattern = ATHENA_NAME},
    {.key = "QueryStatement", .min = 1, .max = ATHENA_TEXT_MAX},
    {.key = "Description", .max = 1024},
};
static const struct athena_rule name_rules[] = {
    {.key = "StatementName", .min = 1, .max = 256, .pattern = ATHENA_STATEMENT},
    {.key = "WorkGroup", .min = 1, .max = 128, .pattern = ATHENA_NAME},
};
static const struct athena_rule list_rules[] = {
    {.key = "WorkGroup", .min = 1, .max = 128, .pattern = ATHENA_NAME},
};

static bool check_workgroup(struct awsjson_call *call)
{
    json_t *workgroup = athena_workgroup_get(call, json_str(call->in, "WorkGroup"));
    json_decref(workgroup);
    return workgroup != NULL;
}

static const char *record_name(const json_t *in, const char *statement, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "%s/%s", json_str(in, "WorkGroup"), statement);
    return out;
}

static bool not_found(struct err *err, const json_t *in)
{
    return athena_refuse(err, "ResourceNotFoundException", "PreparedStatement %.100s was not found in workGroup %.100s",
                         json_str(in, "StatementName"), json_str(in, "WorkGroup"));
}

static json_t *new_document(const struct athena_edit *edit, const json_t *in)
{
    json_t *document = json_pack("{s:s, s:s, s:s, s:f}", "StatementName", json_str(in, "StatementName"),
                                 "WorkGroupName", json_str(in, "WorkGroup"), "QueryStatement",
                                 json_str(in, "QueryStatement"), "LastModifiedTime", (double)edit->at_ms / 1000.0);
    if (json_is_string(json_object_get(in, "Description")))
        json_object_set(document, "Description", json_object_get(in, "Description"));
    return document;
}

static bool insert(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    if (before)
        return athena_refuse(err, "InvalidRequestException", "PreparedStatement %.100s already exists",
                             json_str(edit->context, "StatementName"));
    *after = new_document(edit, edit->context);
    return true;
}

static bool replace(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    if (!before)
        return not_found(err, edit->context);
    *after = new_document(edit, edit->context);
    if (!json_object_get(*after, "Description") && json_object_get(before, "Description"))
        json_object_set(*after, "Description", json_object_get(before, "Description"));
    return true;
}

static bool drop(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    *after = NULL;
    return before || not_found(err, edit->context);
}

static bool edit_one(struct awsjson_call *call,
                     bool (*edit)(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err))
{
    char name[NAME_SIZE];
    struct athena_edit change = {.kind = "prepared",
                                 .name = record_name(call->in, json_str(call->in, "StatementName"), name),
                                 .group = json_str(call->in, "WorkGroup"),
                                 .edit = edit,
                                 .context = call->in};
    return check_workgroup(call) && athena_edit(call->cloud, &change, &call->err);
}

bool athena_op_create_prepared(struct awsjson_call *call)
{
    return ATHENA_CHECK(call, write_rules) && edit_one(call, insert);
}

bool athena_op_update_prepared(struct awsjson_call *call)
{
    return ATHENA_CHECK(call, write_rules) && edit_one(call, replace);
}

bool athena_op_delete_prepared(struct awsjson_call *call)
{
    return ATHENA_CHECK(call, name_rules) && edit_one(call, drop);
}

bool athena_op_get_prepared(struct awsjson_call *call)
{
    char name[NAME_SIZE];
    json_t *document = NULL;
    if (!ATHENA_CHECK(call, name_rules) || !check_workgroup(call))
        return false;
    document = athena_get(call->cloud, "prepared", record_name(call->in, json_str(call->in, "StatementName"), name),
                          &call->err);
    if (!document && call->err.code == ERR_OK)
        return not_found(&call->err, call->in);
    return document && json_object_set_new(call->out, "PreparedStatement", document) == 0;
}

bool athena_op_batch_get_prepared(struct awsjson_call *call)
{
    const json_t *names = ATHENA_CHECK(call, list_rules) && check_workgroup(call)
                              ? athena_need_list(call, "PreparedStatementNames", BATCH_MAX)
                              : NULL;
    json_t *found = json_array(), *missing = json_array(), *entry;
    size_t i;
    json_array_foreach(names, i, entry)
    {
        char name[NAME_SIZE];
        const char *statement = json_string_value(entry);
        json_t *document = athena_get(call->cloud, "prepared", record_name(call->in, statement, name), &call->err);
        if (document)
            json_array_append_new(found, document);
        else
            json_array_append_new(missing,
                                  athena_unprocessed("StatementName", statement, "PreparedStatement was not found"));
    }
    json_object_set_new(call->out, "PreparedStatements", found);
    json_object_set_new(call->out, "UnprocessedPreparedStatementNames", missing);
    return names && call->err.code == ERR_OK;
}

bool athena_op_list_prepared(struct awsjson_call *call)
{
    json_t *list = ATHENA_CHECK(call, list_rules) && check_workgroup(call)
                       ? athena_list(call->cloud, "prepared", json_str(call->in, "WorkGroup"), &call->err)
                       : NULL;
    json_t *summaries = json_array(), *document;
    size_t i;
    json_array_foreach(list, i, document) json_array_append_new(
        summaries, json_pack("{s:O, s:O}", "StatementName", json_object_get(document, "StatementName"),
                             "LastModifiedTime", json_object_get(document, "LastModifiedTime")));
    bool ok = list != NULL;
    json_decref(list);
    if (ok)
        return athena_page(call, "PreparedStatements", summaries, PAGE_MAX);
    json_decref(summaries);
    return false;
}
