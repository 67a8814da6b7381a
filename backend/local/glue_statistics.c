/* Column statistics of tables and partitions: kept as clients put them, given back by column, gone with what they
 * describe. Nothing here computes them. Source: AWS Glue API Reference, ColumnStatistics. */
#include "backend/local/glue.h"
#include "backend/local/glue_rows.h"
#include "backend/local/store.h"
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 100, LIST_MAX = 25 };

/* part: '' of the table, 'p' and the partition's key of one. */
static const char schema[] =
    "create table if not exists glue_statistics(tbl integer not null, part text not null, name text not null, document "
    "text not null, primary key(tbl, part, name)) without rowid;"
    "create trigger if not exists glue_statistics_table after delete on glue_table begin delete from glue_statistics "
    "where tbl=old.id; end;"
    "create trigger if not exists glue_statistics_partition after delete on glue_partition begin delete from "
    "glue_statistics where tbl=old.tbl and part='p'||old.vals; end;"
    "create trigger if not exists glue_statistics_renamed after update of vals on glue_partition when "
    "old.vals<>new.vals "
    "begin update glue_statistics set part='p'||new.vals where tbl=old.tbl and part='p'||old.vals; end;";

bool glue_statistics_start(struct cloud *cloud, struct err *err)
{
    return store_schema(cloud->store, schema, err);
}

/* What a call is about. */
struct target {
    struct awsjson_call *call;
    char database[GLUE_NAME_MAX + 1], table[GLUE_NAME_MAX + 1];
    bool of_partition;
    const json_t *values;
    json_t *errors; /* of single columns */
};
struct place {
    int64_t table;
    char *part; /* malloc'd */
    json_t *columns;
};

static bool need_target(struct target *target, struct awsjson_call *call, bool of_partition)
{
    const char *database = glue_need_text(call, "DatabaseName", "databaseName");
    const char *table = database ? glue_need_text(call, "TableName", "tableName") : NULL;
    *target = (struct target){.call = call, .of_partition = of_partition};
    if (!table || !glue_fold_name(database, "databaseName", target->database, &call->err) ||
        !glue_fold_name(table, "tableName", target->table, &call->err))
        return false;
    if (of_partition)
        target->values = glue_need_array(call, "PartitionValues", "partitionValues", 1000);
    return !of_partition || target->values;
}

static void place_done(struct place *place)
{
    free(place->part);
    json_decref(place->columns);
}

static bool find_partition(struct db *db, const struct target *target, const struct glue_table_row *table,
                           struct place *place, struct err *err)
{
    char *joined = glue_join_values(target->values, json_object_get(table->document, "PartitionKeys"), err);
    if (!joined)
        return false;
    struct db_row *row =
        db_query(db, err, "select 1 from glue_partition where tbl=? and vals=?", "it", table->id, joined);
    bool found = row && db_step(row, err);
    bool ok = glue_end(row, err) && (found || glue_refuse(err, "EntityNotFoundException", "Cannot find partition."));
    struct buf part = BUF_INIT(64 * 1024);
    buf_printf(&part, "p%s", joined);
    place->part = buf_take(&part);
    free(joined);
    return ok && place->part;
}

static bool find_place(struct db *db, const struct target *target, struct place *place, struct err *err)
{
    struct glue_table_row table = {0};
    struct glue_table_id id = {.database = target->database, .table = target->table};
    bool ok = glue_table_need(db, &id, &table, err);
    if (ok) {
        place->table = table.id;
        place->columns = json_incref(json_object_get(json_object_get(table.document, "StorageDescriptor"), "Columns"));
        ok = target->of_partition ? find_partition(db, target, &table, place, err) : (place->part = strdup("")) != NULL;
    }
    glue_table_row_done(&table);
    return ok;
}

/* ---- reading */

static json_t *error_of(const char *code, const char *message)
{
    return json_pack("{s:s, s:o}", "ErrorCode", code, "ErrorMessage", json_clean(message));
}

static bool read_column(struct db *db, const struct place *place, const char *name, json_t *found, json_t *errors,
                        struct err *err)
{
    struct db_row *row = db_query(db, err, "select document from glue_statistics where tbl=? and part=? and name=?",
                                  "itt", place->table, place->part, name);
    json_t *document = row && db_step(row, err) ? glue_row_document(row, 0, err) : NULL;
    if (document)
        json_array_append_new(found, document);
    else
        json_array_append_new(
            errors, json_pack("{s:s, s:o}", "ColumnName", name, "Error",
                              error_of("EntityNotFoundException", "Statistics do not exist for this column")));
    return glue_end(row, err);
}

static bool get_statistics(struct awsjson_call *call, bool of_partition)
{
    struct target target;
    struct place place = {0};
    const json_t *names = need_target(&target, call, of_partition)
                              ? glue_need_array(call, "ColumnNames", "columnNames", NAMES_MAX)
                              : NULL;
    struct db *db = names ? glue_reader(call->cloud, &call->err) : NULL;
    json_t *found = json_array(), *errors = json_array(), *name;
    bool ok = db && find_place(db, &target, &place, &call->err);
    size_t i;
    json_array_foreach(names, i, name)
    {
        const char *text = json_is_string(name) ? json_string_value(name) : "";
        ok = ok && read_column(db, &place, text, found, errors, &call->err);
    }
    if (db)
        store_reader_done(call->cloud->store, db);
    place_done(&place);
    json_object_set_new(call->out, "ColumnStatisticsList", found);
    json_object_set_new(call->out, "Errors", errors);
    return ok;
}

bool glue_op_get_table_statistics(struct awsjson_call *call)
{
    return get_statistics(call, false);
}

bool glue_op_get_partition_statistics(struct awsjson_call *call)
{
    return get_statistics(call, true);
}

/* ---- writing */

static bool has_column(const json_t *columns, const char *name)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        if (strcmp(json_str(column, "Name"), name) == 0)
            return true;
    }
    return false;
}

static const char *check_entry(const json_t *entry)
{
    static const struct {
        const char *type, *member;
    } kinds[] = {{"BOOLEAN", "BooleanColumnStatisticsData"}, {"DATE", "DateColumnStatisticsData"},
                 {"DECIMAL", "DecimalColumnStatisticsData"}, {"DOUBLE", "DoubleColumnStatisticsData"},
                 {"LONG", "LongColumnStatisticsData"},       {"STRING", "StringColumnStatisticsData"},
                 {"BINARY", "BinaryColumnStatisticsData"}};
    const json_t *data = json_object_get(entry, "StatisticsData");
    const char *type = json_str(data, "Type");
    if (!*json_str(entry, "ColumnName") || !*json_str(entry, "ColumnType"))
        return "ColumnName and ColumnType are required";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return json_is_object(json_object_get(data, kinds[i].member))
                       ? NULL
                       : "The data of the statistics' type is missing";
    return "The statistics' type is not known";
}

static bool put_entry(struct db *db, const struct place *place, const json_t *entry, struct err *err)
{
    char *text = glue_document_text(entry, err);
    bool ok = text && db_run(db, err, "insert or replace into glue_statistics values(?,?,?,?)", "ittt", place->table,
                             place->part, json_str(entry, "ColumnName"), text);
    free(text);
    return ok;
}

static bool put_statistics(struct db *db, void *context, struct err *err)
{
    struct target *target = context;
    struct place place = {0};
    json_t *entry;
    size_t i;
    bool ok = find_place(db, target, &place, err);
    json_array_foreach(json_object_get(target->call->in, "ColumnStatisticsList"), i, entry)
    {
        const char *problem = check_entry(entry);
        if (!problem && ok && !has_column(place.columns, json_str(entry, "ColumnName")))
            problem = "The table has no such column";
        if (!ok)
            break;
        if (problem)
            json_array_append_new(target->errors, json_pack("{s:O, s:o}", "ColumnStatistics", entry, "Error",
                                                            error_of("InvalidInputException", problem)));
        else
            ok = put_entry(db, &place, entry, err);
    }
    place_done(&place);
    return ok;
}

static bool update_statistics(struct awsjson_call *call, bool of_partition)
{
    struct target target;
    if (!need_target(&target, call, of_partition) ||
        !glue_need_array(call, "ColumnStatisticsList", "columnStatisticsList", LIST_MAX))
        return false;
    target.errors = json_array();
    bool ok = store_write(call->cloud->store, put_statistics, &target, &call->err);
    json_object_set_new(call->out, "Errors", target.errors);
    return ok;
}

bool glue_op_update_table_statistics(struct awsjson_call *call)
{
    return update_statistics(call, false);
}

bool glue_op_update_partition_statistics(struct awsjson_call *call)
{
    return update_statistics(call, true);
}

static bool drop_statistics(struct db *db, void *context, struct err *err)
{
    struct target *target = context;
    struct place place = {0};
    bool ok =
        find_place(db, target, &place, err) &&
        db_run(db, err, "delete from glue_statistics where tbl=? and part=? and name=?", "itt", place.table, place.part,
               json_str(target->call->in, "ColumnName")) &&
        (db_changes(db) > 0 || glue_refuse(err, "EntityNotFoundException", "Statistics do not exist for column %.100s",
                                           json_str(target->call->in, "ColumnName")));
    place_done(&place);
    return ok;
}

static bool delete_statistics(struct awsjson_call *call, bool of_partition)
{
    struct target target;
    return need_target(&target, call, of_partition) && glue_need_text(call, "ColumnName", "columnName") &&
           store_write(call->cloud->store, drop_statistics, &target, &call->err);
}

bool glue_op_delete_table_statistics(struct awsjson_call *call)
{
    return delete_statistics(call, false);
}

bool glue_op_delete_partition_statistics(struct awsjson_call *call)
{
    return delete_statistics(call, true);
}
