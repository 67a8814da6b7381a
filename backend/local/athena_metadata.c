/* Athena's view of the Data Catalog: catalogs, databases, tables. Source: Athena API Reference. */
#include "backend/local/athena.h"
#include "backend/local/glue_store.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool check_catalog(struct awsjson_call *call, const char *key)
{
    const char *name = athena_need(call, key);
    return name && (strcasecmp(name, ATHENA_CATALOG) == 0 ||
                    athena_refuse(&call->err, "InvalidRequestException", "DataCatalog %.100s was not found", name));
}

bool athena_op_list_catalogs(struct awsjson_call *call)
{
    return athena_page(call, "DataCatalogsSummary",
                       json_pack("[{s:s, s:s}]", "CatalogName", ATHENA_CATALOG, "Type", "GLUE"), 50);
}

bool athena_op_get_catalog(struct awsjson_call *call)
{
    if (!check_catalog(call, "Name"))
        return false;
    json_t *catalog = json_pack("{s:s, s:s, s:{s:s}}", "Name", ATHENA_CATALOG, "Type", "GLUE", "Parameters",
                                "catalog-id", CLOUD_ACCOUNT);
    return json_object_set_new(call->out, "DataCatalog", catalog) == 0;
}

static json_t *database_of(const json_t *document)
{
    static const char *const members[] = {"Name", "Description", "Parameters", NULL};
    json_t *database = json_object();
    glue_copy_members(database, document, members);
    return database;
}

/* Glue's words as Athena wraps them. */
static bool wrap(struct awsjson_call *call)
{
    if (*call->err.service_code && strcmp(call->err.service_code, "InternalServiceException") != 0) {
        struct err glue = call->err;
        athena_refuse(&call->err, "MetadataException", "%.200s", glue.text);
    }
    return false;
}

bool athena_op_get_database(struct awsjson_call *call)
{
    const char *name = check_catalog(call, "CatalogName") ? athena_need(call, "DatabaseName") : NULL;
    json_t *document = name ? glue_database_get(call->cloud, name, &call->err) : NULL;
    if (!document)
        return wrap(call);
    json_object_set_new(call->out, "Database", database_of(document));
    json_decref(document);
    return true;
}

static json_t *table_of(const json_t *document)
{
    static const char *const members[] = {"Name",           "TableType", "PartitionKeys", "Parameters", "CreateTime",
                                          "LastAccessTime", NULL};
    json_t *table = json_object();
    glue_copy_members(table, document, members);
    json_t *columns = json_object_get(json_object_get(document, "StorageDescriptor"), "Columns");
    if (columns)
        json_object_set(table, "Columns", columns);
    return table;
}

bool athena_op_get_table(struct awsjson_call *call)
{
    const char *database = check_catalog(call, "CatalogName") ? athena_need(call, "DatabaseName") : NULL;
    const char *name = database ? athena_need(call, "TableName") : NULL;
    json_t *document = name ? glue_table_get(call->cloud, database, name, &call->err) : NULL;
    if (!document)
        return wrap(call);
    json_object_set_new(call->out, "TableMetadata", table_of(document));
    json_decref(document);
    return true;
}

/* All of them, since a token of ours counts entries: a catalog here is small. */
static json_t *list_all(struct awsjson_call *call, const struct glue_table_query *query)
{
    struct glue_page page = {.max = 100000};
    json_t *kept = json_array(), *entry;
    json_t *list = query ? glue_table_list(call->cloud, query, &page, &call->err)
                         : glue_database_list(call->cloud, &page, &call->err);
    size_t i;
    json_array_foreach(list, i, entry) json_array_append_new(kept, query ? table_of(entry) : database_of(entry));
    free(page.next);
    if (!list) {
        json_decref(kept);
        return NULL;
    }
    json_decref(list);
    return kept;
}

bool athena_op_list_databases(struct awsjson_call *call)
{
    json_t *list = check_catalog(call, "CatalogName") ? list_all(call, NULL) : NULL;
    return list ? athena_page(call, "DatabaseList", list, 50) : wrap(call);
}

bool athena_op_list_tables(struct awsjson_call *call)
{
    const char *database = check_catalog(call, "CatalogName") ? athena_need(call, "DatabaseName") : NULL;
    struct glue_table_query query = {.database = database, .pattern = json_str(call->in, "Expression")};
    json_t *list = database ? list_all(call, &query) : NULL;
    return list ? athena_page(call, "TableMetadataList", list, 50) : wrap(call);
}
