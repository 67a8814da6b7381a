/* Glue's operations on databases. */
#include "backend/local/glue.h"
#include <string.h>

bool glue_op_create_database(struct awsjson_call *call)
{
    const json_t *input = glue_need_object(call, "DatabaseInput", "databaseInput");
    if (!input || !glue_tags_check(call, "Tags"))
        return false;
    if (json_object_get(input, "TargetDatabase") || json_object_get(input, "FederatedDatabase"))
        return glue_fail(call, "NotImplemented", "The embedded cloud does not implement linked or federated databases");
    return glue_database_create(call->cloud, input, &call->err) &&
           glue_tags_put(call, "Tags", "database", json_str(input, "Name"));
}

bool glue_op_get_database(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    return name && glue_put(call, "Database", glue_database_get(call->cloud, name, &call->err));
}

/* AttributesToGet of GetDatabases and GetTables: documents keep the members listed for the words given. */
static void keep_name(json_t *list)
{
    size_t i;
    json_t *document;
    static const char *const members[] = {"Name", NULL};
    json_array_foreach(list, i, document)
    {
        json_t *small = json_object();
        glue_copy_members(small, document, members);
        json_array_set_new(list, i, small);
    }
}

bool glue_op_get_databases(struct awsjson_call *call)
{
    struct glue_page page;
    bool ok = glue_page_open(call, &page, 100);
    /* databases shared from other accounts: there are none */
    if (ok && strcmp(json_str(call->in, "ResourceShareType"), "FOREIGN") == 0)
        ok = glue_put(call, "DatabaseList", json_array());
    else
        ok = ok && glue_put(call, "DatabaseList", glue_database_list(call->cloud, &page, &call->err));
    if (ok && json_array_size(json_object_get(call->in, "AttributesToGet")) > 0)
        keep_name(json_object_get(call->out, "DatabaseList"));
    glue_page_close(call, &page);
    return ok;
}

bool glue_op_update_database(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    const json_t *input = name ? glue_need_object(call, "DatabaseInput", "databaseInput") : NULL;
    return input && glue_database_update(call->cloud, name, input, &call->err);
}

bool glue_op_delete_database(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    if (!name || !glue_database_delete(call->cloud, name, &call->err))
        return false;
    glue_tags_drop(call, "database", name);
    return true;
}

bool glue_op_get_catalog_import_status(struct awsjson_call *call)
{
    /* there never was another catalog to import from */
    return glue_put(call, "ImportStatus", json_pack("{s:b}", "ImportCompleted", 1));
}
