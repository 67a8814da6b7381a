/* What each kind of statement is to Athena and who runs it: one row per dialect_kind. */
#ifndef WEIR_LOCAL_ATHENA_KINDS_H
#define WEIR_LOCAL_ATHENA_KINDS_H
#include "backend/local/athena.h"
#include <regex.h>

struct athena_kind {
    enum dialect_kind kind;
    const char *type;                                     /* StatementType: DML, DDL, UTILITY */
    bool (*run)(struct athena_run *run, struct err *err); /* fills columns and text; NULL: not supported */
    bool writes; /* its rows become objects of a table or a place: the result has a manifest and no rows */
};
/* Never NULL. */
const struct athena_kind *athena_kind_find(enum dialect_kind kind);
/* The result's columns, all of type string; names end with NULL. */
void athena_columns(struct athena_run *run, const char *const *names);

/* ---- athena_ddl.c: what Hive's statements share */
/* As Hive words what the catalog refused. Returns false. */
bool athena_hive_error(const struct athena_run *run, struct err *err);
json_t *athena_pairs_json(const struct pairs *pairs);                            /* {name: value} */
json_t *athena_columns_json(const struct dialect_column *columns, size_t count); /* [{Name, Type, Comment}] */
void athena_touch(struct athena_run *run, json_t *parameters); /* the property of the last change, as Hive keeps it */

/* ---- athena_partition.c */
/* Calls each with the table's partitions, page by page; false ends the walk as a failure with *err. */
struct athena_partitions {
    const char *database, *table;
    bool (*each)(void *context, const json_t *partition, struct err *err);
    void *context;
};
bool athena_each_partition(struct cloud *cloud, const struct athena_partitions *walk, struct err *err);
/* Appends "dt=2024-01-01/hh=1", escaped as Hive names folders. */
void athena_partition_name(const json_t *keys, const json_t *values, struct buf *out);
/* The partition's values in the order of the table's keys, a new reference; NULL when the spec names another column or
 * (is_whole) leaves one out. What is left out otherwise is null. */
json_t *athena_partition_values(const struct dialect_partition *spec, const json_t *keys, bool is_whole,
                                struct err *err);
/* Whether the values fit a spec with nulls. */
bool athena_partition_matches(const json_t *spec, const json_t *values);

bool athena_create_database(struct athena_run *run, struct err *err);
bool athena_drop_database(struct athena_run *run, struct err *err);
bool athena_ctas(struct athena_run *run, struct err *err);
bool athena_insert(struct athena_run *run, struct err *err);
bool athena_unload(struct athena_run *run, struct err *err);
bool athena_create_view(struct athena_run *run, struct err *err);
bool athena_drop_view(struct athena_run *run, struct err *err);
bool athena_explain(struct athena_run *run, struct err *err);
bool athena_prepare(struct athena_run *run, struct err *err);
bool athena_deallocate(struct athena_run *run, struct err *err);
/* EXECUTE: the prepared statement takes the place of run->statement, with the values of USING or the request's. */
bool athena_execute(struct athena_run *run, const struct dialect_options *options, struct err *err);
bool athena_create_table(struct athena_run *run, struct err *err);
bool athena_drop_table(struct athena_run *run, struct err *err);
bool athena_alter_table(struct athena_run *run, struct err *err);
bool athena_alter_database(struct athena_run *run, struct err *err);
bool athena_show(struct athena_run *run, struct err *err);
/* Hive's LIKE pattern (NULL: all) over whole names, without case; regfree ends it. */
bool athena_pattern(const char *pattern, regex_t *regex, struct err *err);
bool athena_show_columns(struct athena_run *run, struct err *err);
bool athena_show_create_table(struct athena_run *run, struct err *err);
bool athena_show_create_view(struct athena_run *run, struct err *err);
bool athena_describe(struct athena_run *run, struct err *err);
bool athena_msck(struct athena_run *run, struct err *err);
#endif
