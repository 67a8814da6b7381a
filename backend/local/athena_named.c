/* Named queries. Source: Athena API Reference, NamedQuery. */
#include "backend/local/athena.h"
#include <string.h>

enum { BATCH_MAX = 50 };

static const struct athena_rule create_rules[] = {
    {.key = "Name", .min = 1, .max = 128},
    {.key = "Description", .max = 1024},
    {.key = "Database", .min = 1, .max = 255},
    {.key = "QueryString", .min = 1, .max = ATHENA_TEXT_MAX},
    {.key = "WorkGroup", .max = 128, .pattern = ATHENA_NAME},
    {.key = "ClientRequestToken", .max = 128},
};
static const struct athena_rule update_rules[] = {
    {.key = "NamedQueryId", .min = 1, .max = 128},
    {.key = "Name", .min = 1, .max = 128},
    {.key = "Description", .max = 1024},
    {.key = "QueryString", .min = 1, .max = ATHENA_TEXT_MAX},
};
static const struct athena_rule id_rules[] = {{.key = "NamedQueryId", .min = 1, .max = 128}};
static const struct athena_rule list_rules[] = {{.key = "WorkGroup", .max = 128, .pattern = ATHENA_NAME}};

static const char *workgroup_of(const json_t *in)
{
    const char *name = json_str(in, "WorkGroup");
    return *name ? name : ATHENA_PRIMARY;
}

bool athena_op_create_named(struct awsjson_call *call)
{
    static const char *const members[] = {"Name", "Description", "Database", "QueryString"};
    const char *token = json_str(call->in, "ClientRequestToken");
    char id[37];
    bool is_known = false;
    json_t *workgroup = ATHENA_CHECK(call, create_rules) ? athena_workgroup_get(call, workgroup_of(call->in)) : NULL;
    if (!workgroup)
        return false;
    json_decref(workgroup);
    athena_new_id(id);
    if (*token && !athena_token(call, "named", id, &is_known))
        return false;
    if (is_known)
        return json_object_set_new(call->out, "NamedQueryId", json_string(id)) == 0;
    json_t *document = json_pack("{s:s, s:s}", "NamedQueryId", id, "WorkGroup", workgroup_of(call->in));
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (json_is_string(json_object_get(call->in, members[i])))
            json_object_set(document, members[i], json_object_get(call->in, members[i]));
    struct athena_record record = {.kind = "named",
                                   .name = id,
                                   .group = workgroup_of(call->in),
                                   .at_ms = clock_wall(call->cloud->clock),
                                   .document = document};
    bool ok = athena_put(call->cloud, &record, &call->err);
    json_decref(document);
    return ok && json_object_set_new(call->out, "NamedQueryId", json_string(id)) == 0;
}

bool athena_op_get_named(struct awsjson_call *call)
{
    const char *id = json_str(call->in, "NamedQueryId");
    json_t *document = ATHENA_CHECK(call, id_rules) ? athena_get(call->cloud, "named", id, &call->err) : NULL;
    if (!document && call->err.code == ERR_OK)
        athena_refuse(&call->err, "InvalidRequestException", "NamedQuery %.60s is not found.", id);
    return document && json_object_set_new(call->out, "NamedQuery", document) == 0;
}

bool athena_op_batch_get_named(struct awsjson_call *call)
{
    const json_t *ids = athena_need_list(call, "NamedQueryIds", BATCH_MAX);
    json_t *found = json_array(), *missing = json_array(), *id;
    size_t i;
    json_array_foreach(ids, i, id)
    {
        const char *name = json_string_value(id);
        json_t *document = athena_get(call->cloud, "named", name, &call->err);
        if (document)
            json_array_append_new(found, document);
        else
            json_array_append_new(missing, athena_unprocessed("NamedQueryId", name, "NamedQuery is not found."));
    }
    json_object_set_new(call->out, "NamedQueries", found);
    json_object_set_new(call->out, "UnprocessedNamedQueryIds", missing);
    return ids && call->err.code == ERR_OK;
}

bool athena_op_list_named(struct awsjson_call *call)
{
    json_t *workgroup = ATHENA_CHECK(call, list_rules) ? athena_workgroup_get(call, workgroup_of(call->in)) : NULL;
    json_t *ids = workgroup ? athena_names(call->cloud, "named", workgroup_of(call->in), &call->err) : NULL;
    json_decref(workgroup);
    return ids && athena_page(call, "NamedQueryIds", ids, BATCH_MAX);
}

static bool update(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    static const char *const members[] = {"Name", "Description", "QueryString"};
    const json_t *in = edit->context;
    if (!before)
        return athena_refuse(err, "InvalidRequestException", "NamedQuery %.60s is not found.", edit->name);
    *after = json_deep_copy(before);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (json_is_string(json_object_get(in, members[i])))
            json_object_set(*after, members[i], json_object_get(in, members[i]));
    return true;
}

/* The group stays the record's: the edit writes it anew. */
bool athena_op_update_named(struct awsjson_call *call)
{
    const char *id = json_str(call->in, "NamedQueryId");
    json_t *document = ATHENA_CHECK(call, update_rules) ? athena_get(call->cloud, "named", id, &call->err) : NULL;
    if (!document && call->err.code == ERR_OK)
        athena_refuse(&call->err, "InvalidRequestException", "NamedQuery %.60s is not found.", id);
    if (!document)
        return false;
    struct athena_edit edit = {
        .kind = "named", .name = id, .group = json_str(document, "WorkGroup"), .edit = update, .context = call->in};
    bool ok = athena_edit(call->cloud, &edit, &call->err);
    json_decref(document);
    return ok;
}

bool athena_op_delete_named(struct awsjson_call *call)
{
    const char *id = json_str(call->in, "NamedQueryId");
    json_t *document = ATHENA_CHECK(call, id_rules) ? athena_get(call->cloud, "named", id, &call->err) : NULL;
    if (!document && call->err.code == ERR_OK)
        athena_refuse(&call->err, "InvalidRequestException", "NamedQuery %.60s is not found.", id);
    json_decref(document);
    return document && athena_remove(call->cloud, "named", id, &call->err);
}
