/* UNLOAD: a query's rows as objects, without a table. Runner threads. Source: Athena User Guide, "UNLOAD". */
#include "backend/local/athena_write.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool check_names(const struct pairs *properties, struct err *err)
{
    static const char *const known[] = {"location",          "format",          "compression",
                                        "compression_level", "field_delimiter", NULL};
    for (size_t i = 0; i < properties->count; i++) {
        size_t at = 0;
        while (known[at] && strcmp(known[at], properties->items[i].name) != 0)
            at++;
        if (!known[at])
            return athena_refuse(err, "INVALID_TABLE_PROPERTY", "UNLOAD has no property '%.80s'",
                                 properties->items[i].name);
    }
    return true;
}

static bool find_compression(struct athena_write *write, struct err *err)
{
    const struct pairs *properties = &write->run->statement->properties;
    const char *level = pairs_get(properties, "compression_level");
    write->level = level ? atoi(level) : 0;
    if (!athena_write_compression(write, pairs_get(properties, "compression"), err))
        return false;
    if (level && (strcmp(write->compression, "zstd") != 0 || write->level < 1 || write->level > 22))
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "compression_level is 1 to 22, for ZSTD only");
    return true;
}

/* The keys must be the query's last columns, in their order. */
static bool count_keys(struct athena_write *write, struct err *err)
{
    const char *const *keys = write->run->statement->partitioned_by;
    while (keys && keys[write->partition_count])
        write->partition_count++;
    if (write->partition_count && write->partition_count >= write->column_count)
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "UNLOAD needs a column that is no partition column");
    for (size_t i = 0; i < write->partition_count; i++)
        if (strcasecmp(keys[i], write->columns[write->column_count - write->partition_count + i].name) != 0)
            return athena_refuse(err, "HIVE_COLUMN_ORDER_MISMATCH",
                                 "Partition keys must be the last columns in the table and in the same order as the "
                                 "table properties: [%.80s]",
                                 keys[i]);
    return true;
}

bool athena_unload(struct athena_run *run, struct err *err)
{
    struct athena_write write = {.run = run};
    const char *format = pairs_get(&run->statement->properties, "format");
    if (!format)
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "UNLOAD needs the property format");
    write.storage = check_names(&run->statement->properties, err) ? athena_storage_named(format, err) : NULL;
    bool ok = write.storage && find_compression(&write, err) && athena_write_delimiter(&write, err) &&
              athena_write_columns(&write, err) && count_keys(&write, err) &&
              athena_write_place(&write, run->statement->location, err) && athena_write_needs_empty(&write, err) &&
              athena_write_run(&write, err);
    athena_write_done(&write);
    return ok;
}
