/* ALTER TABLE and ALTER DATABASE over the Glue store: the table's record is read, changed and written back against
 * the version read, again when somebody else was faster. Runner threads. Source: Athena User Guide, "ALTER TABLE ...",
 * "ALTER DATABASE SET DBPROPERTIES". */
#include "backend/base/uri.h"
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include <stdlib.h>
#include <string.h>

enum { TRIES = 10, LOCATION_MAX = 4096 };

struct change {
    struct athena_run *run;
    json_t *table;
    json_t *storage, *parameters, *keys; /* of the table, borrowed */
    struct glue_table_id id;
    struct err *err;
};

static bool semantic(struct change *change, const char *text, const char *detail)
{
    return athena_refuse(change->err, "FAILED", "SemanticException %s %.120s", text, detail);
}

static bool check_location(struct change *change, const char *location)
{
    struct s3_name name;
    struct err err = ERR_NONE;
    return s3_name_parse(location, &name, &err) || semantic(change, "Invalid S3 location:", location);
}

/* ---- the table's own record */

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

static bool add_columns(struct change *change, json_t *storage)
{
    const struct dialect_statement *st = change->run->statement;
    json_t *columns = json_object_get(storage, "Columns"), *added, *column;
    if (!columns)
        json_object_set_new(storage, "Columns", columns = json_array());
    added = athena_columns_json(st->columns, st->column_count);
    size_t i;
    bool ok = true;
    json_array_foreach(added, i, column)
    {
        const char *name = json_str(column, "Name");
        if (ok && (has_column(columns, name) || has_column(change->keys, name)))
            ok = semantic(change, "Duplicate column name:", name);
    }
    ok = ok && json_array_extend(columns, added) == 0;
    json_decref(added);
    return ok;
}

static bool replace_columns(struct change *change, json_t *storage)
{
    const struct dialect_statement *st = change->run->statement;
    for (size_t i = 0; i < st->column_count; i++)
        if (has_column(change->keys, st->columns[i].name))
            return semantic(change, "Partition column name conflicts with table columns:", st->columns[i].name);
    return json_object_set_new(storage, "Columns", athena_columns_json(st->columns, st->column_count)) == 0;
}

static bool change_column(struct change *change, json_t *storage)
{
    const struct dialect_statement *st = change->run->statement;
    const char *old = pairs_get(&st->properties, "old");
    json_t *columns = json_object_get(storage, "Columns"), *column, *found = NULL;
    size_t i;
    json_array_foreach(columns, i, column)
    {
        if (strcmp(json_str(column, "Name"), old) == 0)
            found = column;
        else if (strcmp(json_str(column, "Name"), st->columns[0].name) == 0)
            return semantic(change, "Duplicate column name:", st->columns[0].name);
    }
    if (!found || has_column(change->keys, st->columns[0].name))
        return semantic(change, "Invalid column reference", found ? st->columns[0].name : old);
    json_t *entry = athena_columns_json(st->columns, 1);
    json_object_update(found, json_array_get(entry, 0));
    json_decref(entry);
    return true;
}

static bool set_location(struct change *change, json_t *storage)
{
    const struct dialect_statement *st = change->run->statement;
    const char *location = st->partition_count ? st->partitions[0].location : st->location;
    return check_location(change, location) && json_object_set_new(storage, "Location", json_string(location)) == 0;
}

static bool set_properties(struct change *change, json_t *storage)
{
    (void)storage;
    json_t *given = athena_pairs_json(&change->run->statement->properties);
    json_object_update(change->parameters, given);
    json_decref(given);
    return true;
}

/* ---- partitions */

static json_t *spec_values(struct change *change, size_t number, bool is_whole)
{
    return athena_partition_values(&change->run->statement->partitions[number], change->keys, is_whole, change->err);
}

/* A partition without a LOCATION lies in Hive's folder below the table's. */
static json_t *partition_input(struct change *change, const struct dialect_partition *spec, json_t *values)
{
    struct buf location = BUF_INIT(LOCATION_MAX);
    if (spec->location) {
        buf_puts(&location, spec->location);
    } else {
        const char *table = json_str(change->storage, "Location");
        buf_puts(&location, table);
        if (*table && table[strlen(table) - 1] != '/')
            buf_putc(&location, '/');
        athena_partition_name(change->keys, values, &location);
    }
    json_t *storage = json_deep_copy(change->storage), *parameters = json_object(), *input = NULL;
    json_object_set_new(storage, "Location", json_string(buf_text(&location)));
    athena_touch(change->run, parameters);
    if (check_location(change, buf_text(&location)))
        input = json_pack("{s:O, s:O, s:O}", "Values", values, "StorageDescriptor", storage, "Parameters", parameters);
    buf_done(&location);
    json_decref(parameters);
    json_decref(storage);
    return input;
}

/* With IF NOT EXISTS, those that are there already are left as they are. */
static bool forgive_each(struct change *change, const json_t *errors)
{
    size_t i;
    json_t *entry;
    json_array_foreach(errors, i, entry)
    {
        const json_t *detail = json_object_get(entry, "ErrorDetail");
        if (strcmp(json_str(detail, "ErrorCode"), "AlreadyExistsException") != 0)
            return athena_refuse(change->err, json_str(detail, "ErrorCode"), "%.200s",
                                 json_str(detail, "ErrorMessage"));
    }
    return true;
}

static bool add_partitions(struct change *change)
{
    const struct dialect_statement *st = change->run->statement;
    json_t *inputs = json_array(), *errors = st->if_not_exists ? json_array() : NULL;
    bool ok = true;
    for (size_t i = 0; ok && i < st->partition_count; i++) {
        json_t *values = spec_values(change, i, true);
        json_t *input = values ? partition_input(change, &st->partitions[i], values) : NULL;
        ok = input && json_array_append_new(inputs, input) == 0;
        json_decref(values);
    }
    ok = ok && glue_partition_create(change->run->job->cloud, &change->id, inputs, errors, change->err) &&
         forgive_each(change, errors);
    json_decref(errors);
    json_decref(inputs);
    return ok;
}

struct matches {
    const json_t *spec;
    json_t *found;
};

static bool keep_match(void *context, const json_t *partition, struct err *err)
{
    struct matches *matches = context;
    json_t *values = json_object_get(partition, "Values");
    (void)err;
    if (athena_partition_matches(matches->spec, values))
        json_array_append(matches->found, values);
    return true;
}

/* A spec of some of the keys drops all that fit it. */
static bool drop_partitions(struct change *change)
{
    const struct dialect_statement *st = change->run->statement;
    json_t *found = json_array();
    bool ok = true;
    for (size_t i = 0; ok && i < st->partition_count; i++) {
        size_t before = json_array_size(found);
        struct matches matches = {.spec = spec_values(change, i, false), .found = found};
        struct athena_partitions walk = {
            .database = st->database, .table = st->name, .each = keep_match, .context = &matches};
        ok = matches.spec && athena_each_partition(change->run->job->cloud, &walk, change->err);
        if (ok && json_array_size(found) == before && !st->if_exists) {
            struct buf name = BUF_INIT(LOCATION_MAX);
            athena_partition_name(change->keys, matches.spec, &name);
            ok = semantic(change, "[Error 10006]: Partition not found", buf_text(&name));
            buf_done(&name);
        }
        json_decref((json_t *)(uintptr_t)matches.spec);
    }
    if (ok && json_array_size(found))
        ok = glue_partition_delete(change->run->job->cloud, &change->id, found, NULL, change->err);
    json_decref(found);
    return ok;
}

/* One partition's record, changed by edit (NULL: only its values) and written back. */
static bool update_partition(struct change *change, json_t *values, json_t *new_values,
                             bool (*edit)(struct change *change, json_t *storage))
{
    struct cloud *cloud = change->run->job->cloud;
    json_t *partition = glue_partition_get(cloud, &change->id, values, change->err);
    if (!partition)
        return false;
    json_object_set(partition, "Values", new_values);
    json_t *entries = json_pack("[{s:O, s:O}]", "PartitionValueList", values, "PartitionInput", partition);
    bool ok = (!edit || edit(change, json_object_get(partition, "StorageDescriptor"))) &&
              glue_partition_update(cloud, &change->id, entries, NULL, change->err);
    json_decref(entries);
    json_decref(partition);
    return ok;
}

static bool rename_partition(struct change *change)
{
    json_t *from = spec_values(change, 0, true), *to = from ? spec_values(change, 1, true) : NULL;
    bool ok = to && update_partition(change, from, to, NULL);
    json_decref(from);
    json_decref(to);
    return ok;
}

/* ---- the statements */

static const struct alter {
    const char *verb;
    bool (*edit)(struct change *change, json_t *storage); /* the table's or one partition's */
    bool (*run)(struct change *change);                   /* partitions: the table's record stays */
} alters[] = {
    {.verb = "ALTER TABLE ADD COLUMNS", .edit = add_columns},
    {.verb = "ALTER TABLE REPLACE COLUMNS", .edit = replace_columns},
    {.verb = "ALTER TABLE CHANGE COLUMN", .edit = change_column},
    {.verb = "ALTER TABLE SET LOCATION", .edit = set_location},
    {.verb = "ALTER TABLE SET TBLPROPERTIES", .edit = set_properties},
    {.verb = "ALTER TABLE ADD PARTITION", .run = add_partitions},
    {.verb = "ALTER TABLE DROP PARTITION", .run = drop_partitions},
    {.verb = "ALTER TABLE RENAME PARTITION", .run = rename_partition},
};

static json_t *member(json_t *table, const char *key, json_t *(*make)(void))
{
    json_t *value = json_object_get(table, key);
    if (!value || json_is_null(value))
        json_object_set_new(table, key, value = make());
    return value;
}

static bool open_change(struct change *change)
{
    const struct dialect_statement *st = change->run->statement;
    change->id = (struct glue_table_id){.database = st->database, .table = st->name};
    change->table = glue_table_get(change->run->job->cloud, st->database, st->name, change->err);
    if (!change->table)
        return false;
    change->storage = member(change->table, "StorageDescriptor", json_object);
    change->parameters = member(change->table, "Parameters", json_object);
    change->keys = member(change->table, "PartitionKeys", json_array);
    return strcmp(json_str(change->table, "TableType"), "VIRTUAL_VIEW") != 0 ||
           semantic(change,
                    "[Error 10131]: To alter a view you need to use the CREATE OR REPLACE VIEW command:", st->name);
}

static bool alter_once(struct change *change, const struct alter *alter)
{
    if (!open_change(change))
        return false;
    if (alter->run)
        return alter->run(change);
    if (change->run->statement->partition_count) {
        json_t *values = spec_values(change, 0, true);
        bool ok = values && update_partition(change, values, values, alter->edit);
        json_decref(values);
        return ok;
    }
    struct glue_table_change update = {
        .database = change->id.database, .input = change->table, .version = json_str(change->table, "VersionId")};
    if (!alter->edit(change, change->storage))
        return false;
    athena_touch(change->run, change->parameters);
    return glue_table_update(change->run->job->cloud, &update, change->err);
}

static const struct alter *find_alter(const char *verb)
{
    for (size_t i = 0; verb && i < sizeof alters / sizeof *alters; i++)
        if (strcmp(alters[i].verb, verb) == 0)
            return &alters[i];
    return NULL;
}

bool athena_alter_table(struct athena_run *run, struct err *err)
{
    const struct alter *alter = find_alter(run->statement->verb);
    bool ok = false;
    if (!alter)
        return athena_refuse(err, "NOT_SUPPORTED", "%s is for Iceberg tables, which are not supported",
                             run->statement->verb);
    for (int i = 0; !ok && i < TRIES; i++) {
        struct change change = {.run = run, .err = err};
        *err = ERR_NONE;
        ok = alter_once(&change, alter);
        json_decref(change.table);
        if (!ok && strcmp(err->service_code, "ConcurrentModificationException") != 0)
            break;
    }
    return ok;
}

bool athena_alter_database(struct athena_run *run, struct err *err)
{
    const char *name = run->statement->database;
    json_t *database = glue_database_get(run->job->cloud, name, err);
    if (!database)
        return false;
    json_t *given = athena_pairs_json(&run->statement->properties);
    json_object_update(member(database, "Parameters", json_object), given);
    bool ok = glue_database_update(run->job->cloud, name, database, err);
    json_decref(given);
    json_decref(database);
    return ok;
}
