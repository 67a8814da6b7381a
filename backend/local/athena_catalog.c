/* The dialect's view of the catalog, read from the Glue store: a snapshot of each table in the statement's arena.
 * Runner threads. */
#include "backend/base/digest.h"
#include "backend/local/athena.h"
#include "backend/local/glue_store.h"
#include <string.h>

static const struct dialect_column *copy_columns(struct arena *arena, const json_t *list, size_t *count)
{
    *count = json_array_size(list);
    struct dialect_column *columns = ARENA_ARRAY(arena, struct dialect_column, *count + 1);
    for (size_t i = 0; columns && i < *count; i++) {
        const json_t *column = json_array_get(list, i);
        const char *comment = json_str(column, "Comment");
        columns[i] = (struct dialect_column){.name = arena_strdup(arena, json_str(column, "Name")),
                                             .type = arena_strdup(arena, json_str(column, "Type")),
                                             .comment = *comment ? arena_strdup(arena, comment) : NULL};
    }
    return columns;
}

/* As Athena keeps views: base64 of JSON with "originalSql", in a comment. */
static void read_view(struct arena *arena, const json_t *document, struct dialect_table *table)
{
    static const char head[] = ATHENA_VIEW_HEAD;
    const char *kept = json_str(document, "ViewOriginalText");
    if (strncmp(kept, head, sizeof head - 1) != 0)
        return;
    kept += sizeof head - 1;
    size_t len = strcspn(kept, " ");
    char *plain = arena_alloc(arena, 3 * (len / 4) + 3);
    long bytes = plain ? base64_decode(kept, len, (uint8_t *)plain) : -1;
    json_t *view = bytes > 0 ? json_parse(plain, (size_t)bytes, NULL) : NULL;
    const char *sql = json_str(view, "originalSql"), *schema = json_str(view, "schema");
    table->view_sql = *sql ? arena_strdup(arena, sql) : NULL;
    table->view_database = *schema ? arena_strdup(arena, schema) : NULL;
    json_decref(view);
}

static const struct dialect_table *find_table(void *context, struct arena *arena, const char *database,
                                              const char *name, struct err *err)
{
    json_t *document = glue_table_get(context, database, name, err);
    if (!document)
        return NULL;
    struct dialect_table *table = ARENA_NEW(arena, struct dialect_table);
    const json_t *storage = json_object_get(document, "StorageDescriptor");
    table->database = arena_strdup(arena, database);
    table->name = arena_strdup(arena, name);
    table->columns = copy_columns(arena, json_object_get(storage, "Columns"), &table->column_count);
    table->partitions = copy_columns(arena, json_object_get(document, "PartitionKeys"), &table->partition_count);
    read_view(arena, document, table);
    json_decref(document);
    return table;
}

static bool has_database(void *context, const char *database)
{
    struct err err = ERR_NONE;
    json_t *document = glue_database_get(context, database, &err);
    bool found = document != NULL;
    json_decref(document);
    return found;
}

void athena_catalog(struct cloud *cloud, struct dialect_catalog *catalog)
{
    *catalog = (struct dialect_catalog){.context = cloud, .table = find_table, .has_database = has_database};
}
