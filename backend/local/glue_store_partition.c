/* The catalog's partitions. See glue_store.h. One row each, found by its values joined with the unit separator. */
#include "backend/local/glue_expression.h"
#include "backend/local/glue_rows.h"
#include "backend/local/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_MAX = 16 * 1024, EXPRESSION_ARENA = 4 * 1024 * 1024 };

char *glue_join_values(const json_t *values, const json_t *keys, struct err *err)
{
    if (!json_is_array(values) || json_array_size(values) != json_array_size(keys)) {
        glue_refuse(err, "InvalidInputException",
                    "The number of partition keys do not match the number of partition values");
        return NULL;
    }
    struct buf text = BUF_INIT(VALUES_MAX);
    size_t i;
    json_t *value;
    json_array_foreach(values, i, value)
    {
        const char *part = json_string_value(value);
        if (!part || strlen(part) > 1024 || strlen(part) != json_string_length(value) || strchr(part, '\x1f')) {
            buf_done(&text);
            glue_refuse(err, "InvalidInputException", "Partition value %zu is not a string of at most 1024 characters",
                        i + 1);
            return NULL;
        }
        if (i)
            buf_putc(&text, '\x1f');
        buf_puts(&text, part);
    }
    if (json_array_size(values) == 0)
        buf_puts(&text, "");
    char *joined = text.len ? buf_take(&text) : strdup("");
    buf_done(&text);
    if (!joined)
        glue_refuse(err, "InvalidInputException", "The partition values are too long");
    return joined;
}

struct folded_id {
    char database[GLUE_NAME_MAX + 1], table[GLUE_NAME_MAX + 1];
    struct glue_table_id id;
};

static bool fold_id(struct folded_id *folded, const struct glue_table_id *id, struct err *err)
{
    *err = ERR_NONE;
    folded->id = (struct glue_table_id){.database = folded->database, .table = folded->table};
    return glue_fold_name(id->database, "databaseName", folded->database, err) &&
           glue_fold_name(id->table, "tableName", folded->table, err);
}

static const json_t *keys_of(const struct glue_table_row *table)
{
    return json_object_get(table->document, "PartitionKeys");
}

static json_t *find_partition(struct db *db, const struct glue_table_row *table, const json_t *values, struct err *err)
{
    char *joined = glue_join_values(values, keys_of(table), err);
    if (!joined)
        return NULL;
    json_t *found = NULL;
    struct db_row *row =
        db_query(db, err, "select document from glue_partition where tbl=? and vals=?", "it", table->id, joined);
    if (row && db_step(row, err))
        found = glue_row_document(row, 0, err);
    else if (err->code == ERR_OK)
        glue_refuse(err, "EntityNotFoundException", "Cannot find partition.");
    glue_end(row, err);
    free(joined);
    return found;
}

json_t *glue_partition_get(struct cloud *cloud, const struct glue_table_id *id, const json_t *values, struct err *err)
{
    struct folded_id folded;
    struct db *db = fold_id(&folded, id, err) ? glue_reader(cloud, err) : NULL;
    if (!db)
        return NULL;
    struct glue_table_row table = {0};
    json_t *found = glue_table_need(db, &folded.id, &table, err) ? find_partition(db, &table, values, err) : NULL;
    glue_table_row_done(&table);
    store_reader_done(cloud->store, db);
    return found;
}

int64_t glue_partition_count(struct cloud *cloud, const struct glue_table_id *id, struct err *err)
{
    struct folded_id folded;
    struct db *db = fold_id(&folded, id, err) ? glue_reader(cloud, err) : NULL;
    if (!db)
        return -1;
    struct glue_table_row table = {0};
    int64_t count = -1;
    if (glue_table_need(db, &folded.id, &table, err)) {
        struct db_row *row = db_query(db, err, "select count(*) from glue_partition where tbl=?", "i", table.id);
        if (row && db_step(row, err))
            count = db_int(row, 0);
        if (!glue_end(row, err))
            count = -1;
    }
    glue_table_row_done(&table);
    store_reader_done(cloud->store, db);
    return count;
}

/* ---- listing */

/* FNV-1a: which segment a partition is of; stable over pages and calls. */
static int segment_of(const char *vals, int segments)
{
    uint64_t hash = 14695981039346656037ULL;
    for (; *vals; vals++)
        hash = (hash ^ (unsigned char)*vals) * 1099511628211ULL;
    return (int)(hash % (uint64_t)segments);
}

static bool is_wanted(const struct glue_partition_query *query, const struct glue_expression *expression,
                      const char *vals, const json_t *document)
{
    if (query->segments > 0 && segment_of(vals, query->segments) != query->segment)
        return false;
    return !expression || glue_expression_keeps(expression, json_object_get(document, "Values"));
}

static bool read_partitions(struct db *db, const struct glue_table_row *table, const struct glue_partition_query *query,
                            const struct glue_expression *expression, struct glue_page *page, json_t *list,
                            struct err *err)
{
    char last[VALUES_MAX] = "";
    struct db_row *row = db_query(db, err,
                                  "select vals, document from glue_partition where tbl=? and (vals>? or ?) order by "
                                  "vals",
                                  "iti", table->id, page->after ? page->after : "", (int64_t)!page->after);
    while (row && db_step(row, err)) {
        json_t *document = glue_row_document(row, 1, err);
        if (!document)
            break;
        if (!is_wanted(query, expression, db_text(row, 0), document)) {
            json_decref(document);
            continue;
        }
        if ((int)json_array_size(list) == page->max) {
            glue_page_next(page, last);
            json_decref(document);
            break;
        }
        snprintf(last, sizeof last, "%s", db_text(row, 0));
        if (query->without_columns)
            json_object_del(json_object_get(document, "StorageDescriptor"), "Columns");
        json_array_append_new(list, document);
    }
    return glue_end(row, err);
}

static bool list_partitions(struct db *db, const struct glue_table_row *table, const struct glue_partition_query *query,
                            struct glue_page *page, json_t *list, struct err *err)
{
    const struct glue_expression *expression = NULL;
    struct arena *arena = NULL;
    bool ok = true;
    if (query->expression && *query->expression) {
        arena = arena_new(EXPRESSION_ARENA);
        expression = glue_expression_parse(query->expression, keys_of(table), arena, err);
        ok = expression != NULL;
    }
    ok = ok && read_partitions(db, table, query, expression, page, list, err);
    arena_free(arena);
    return ok;
}

json_t *glue_partition_list(struct cloud *cloud, const struct glue_table_id *id,
                            const struct glue_partition_query *query, struct glue_page *page, struct err *err)
{
    struct folded_id folded;
    struct db *db = fold_id(&folded, id, err) ? glue_reader(cloud, err) : NULL;
    if (!db)
        return NULL;
    struct glue_table_row table = {0};
    json_t *list = json_array();
    bool ok = glue_table_need(db, &folded.id, &table, err) && list_partitions(db, &table, query, page, list, err);
    glue_table_row_done(&table);
    store_reader_done(cloud->store, db);
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

/* ---- changing */

static const char *const partition_members[] = {"Values",     "LastAccessTime",   "StorageDescriptor",
                                                "Parameters", "LastAnalyzedTime", NULL};

struct partition_work {
    struct cloud *cloud;
    struct folded_id folded;
    const json_t *entries;
    json_t *errors; /* NULL: all or nothing */
    const char *values_name;
    /* one entry: false after an error */
    bool (*apply)(struct db *db, const struct partition_work *work, const struct glue_table_row *table,
                  const json_t *entry, struct err *err);
    const json_t *(*values_of)(const json_t *entry);
};

static char *partition_text(const struct partition_work *work, const json_t *input, int64_t created, struct err *err)
{
    json_t *document = json_pack("{s:s, s:s, s:I, s:s}", "DatabaseName", work->folded.database, "TableName",
                                 work->folded.table, "CreationTime", (json_int_t)created, "CatalogId", CLOUD_ACCOUNT);
    glue_copy_members(document, input, partition_members);
    char *text = glue_document_text(document, err);
    json_decref(document);
    return text;
}

static bool row_exists(struct db *db, int64_t table, const char *joined, bool *exists, struct err *err)
{
    struct db_row *row = db_query(db, err, "select 1 from glue_partition where tbl=? and vals=?", "it", table, joined);
    *exists = row && db_step(row, err);
    return glue_end(row, err);
}

static bool create_one(struct db *db, const struct partition_work *work, const struct glue_table_row *table,
                       const json_t *entry, struct err *err)
{
    if (!glue_check_partition(entry, err))
        return false;
    char *joined = glue_join_values(json_object_get(entry, "Values"), keys_of(table), err);
    char *text = joined ? partition_text(work, entry, glue_now_s(work->cloud), err) : NULL;
    bool exists = false, ok = text && row_exists(db, table->id, joined, &exists, err);
    if (ok && exists)
        ok = glue_refuse(err, "AlreadyExistsException", "Partition already exists.");
    ok = ok && db_run(db, err, "insert into glue_partition(tbl, vals, document) values(?,?,?)", "itt", table->id,
                      joined, text);
    free(text);
    free(joined);
    return ok;
}

static bool put_updated(struct db *db, const struct partition_work *work, const struct glue_table_row *table,
                        const json_t *entry, int64_t created, struct err *err)
{
    const json_t *input = json_object_get(entry, "PartitionInput");
    const json_t *keys = keys_of(table), *values = json_object_get(entry, "PartitionValueList");
    const json_t *renamed = json_object_get(input, "Values");
    char *from = glue_join_values(values, keys, err);
    char *to = from ? glue_join_values(json_array_size(renamed) ? renamed : values, keys, err) : NULL;
    json_t *full = json_copy((json_t *)(uintptr_t)input);
    if (json_array_size(renamed) == 0)
        json_object_set(full, "Values", (json_t *)(uintptr_t)values);
    char *text = to ? partition_text(work, full, created, err) : NULL;
    bool exists = false, ok = text != NULL;
    if (ok && strcmp(from, to) != 0)
        ok = row_exists(db, table->id, to, &exists, err) &&
             (!exists || glue_refuse(err, "AlreadyExistsException", "Partition already exists."));
    ok = ok && db_run(db, err, "update glue_partition set vals=?, document=? where tbl=? and vals=?", "ttit", to, text,
                      table->id, from);
    free(text);
    free(to);
    free(from);
    json_decref(full);
    return ok;
}

static bool update_one(struct db *db, const struct partition_work *work, const struct glue_table_row *table,
                       const json_t *entry, struct err *err)
{
    if (!glue_check_partition(json_object_get(entry, "PartitionInput"), err))
        return false;
    json_t *old = find_partition(db, table, json_object_get(entry, "PartitionValueList"), err);
    if (!old)
        return false;
    bool ok = put_updated(db, work, table, entry, json_int(old, "CreationTime", 0), err);
    json_decref(old);
    return ok;
}

static bool delete_one(struct db *db, const struct partition_work *work, const struct glue_table_row *table,
                       const json_t *entry, struct err *err)
{
    (void)work;
    char *joined = glue_join_values(entry, keys_of(table), err);
    bool ok = joined && db_run(db, err, "delete from glue_partition where tbl=? and vals=?", "it", table->id, joined);
    free(joined);
    return ok && (db_changes(db) > 0 || glue_refuse(err, "EntityNotFoundException", "Cannot find partition."));
}

static void add_error(const struct partition_work *work, const json_t *entry, const struct err *err)
{
    json_t *values = json_incref((json_t *)(uintptr_t)work->values_of(entry));
    json_array_append_new(work->errors,
                          json_pack("{s:o?, s:{s:s, s:o}}", work->values_name, values, "ErrorDetail", "ErrorCode",
                                    err->service_code, "ErrorMessage", json_clean(err->text)));
}

static bool apply_entries(struct db *db, const struct partition_work *work, const struct glue_table_row *table,
                          struct err *err)
{
    size_t i;
    json_t *entry;
    json_array_foreach(work->entries, i, entry)
    {
        struct err one = ERR_NONE;
        if (work->apply(db, work, table, entry, &one))
            continue;
        /* the store's own failures end the whole */
        if (!work->errors || !*one.service_code) {
            *err = one;
            return false;
        }
        add_error(work, entry, &one);
    }
    return true;
}

static bool apply_work(struct db *db, void *context, struct err *err)
{
    struct partition_work *work = context;
    struct glue_table_row table = {0};
    bool ok = glue_table_need(db, &work->folded.id, &table, err) && apply_entries(db, work, &table, err);
    glue_table_row_done(&table);
    return ok;
}

static const json_t *values_member(const json_t *entry)
{
    return json_object_get(entry, "Values");
}

static const json_t *values_list_member(const json_t *entry)
{
    return json_object_get(entry, "PartitionValueList");
}

static const json_t *values_itself(const json_t *entry)
{
    return entry;
}

static bool run_work(struct partition_work *work, const struct glue_table_id *id, struct err *err)
{
    return fold_id(&work->folded, id, err) && store_write(work->cloud->store, apply_work, work, err);
}

bool glue_partition_create(struct cloud *cloud, const struct glue_table_id *id, const json_t *inputs, json_t *errors,
                           struct err *err)
{
    struct partition_work work = {.cloud = cloud,
                                  .entries = inputs,
                                  .errors = errors,
                                  .apply = create_one,
                                  .values_of = values_member,
                                  .values_name = "PartitionValues"};
    return run_work(&work, id, err);
}

bool glue_partition_update(struct cloud *cloud, const struct glue_table_id *id, const json_t *entries, json_t *errors,
                           struct err *err)
{
    struct partition_work work = {.cloud = cloud,
                                  .entries = entries,
                                  .errors = errors,
                                  .apply = update_one,
                                  .values_of = values_list_member,
                                  .values_name = "PartitionValueList"};
    return run_work(&work, id, err);
}

bool glue_partition_delete(struct cloud *cloud, const struct glue_table_id *id, const json_t *list, json_t *errors,
                           struct err *err)
{
    struct partition_work work = {.cloud = cloud,
                                  .entries = list,
                                  .errors = errors,
                                  .apply = delete_one,
                                  .values_of = values_itself,
                                  .values_name = "PartitionValues"};
    return run_work(&work, id, err);
}
