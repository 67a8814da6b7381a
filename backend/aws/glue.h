/* Glue client: the Data Catalog and its crawlers (API 2017-03-31). Answers stay JSON in Glue's own shapes (new
 * references), pages already joined: the domain reads what it shows. Calls wait; any thread. Permissions are named in
 * errors ("glue:GetTables"). */
#ifndef WEIR_AWS_GLUE_H
#define WEIR_AWS_GLUE_H
#include "backend/aws/aws.h"
#include "backend/base/json.h"

enum { GLUE_LIST_MAX = 1000000 }; /* entries of a joined listing; more is ERR_TOO_LARGE */

/* Arrays of Database, Table, TableVersion, Partition, Crawler, CrawlerMetrics. */
json_t *glue_get_databases(struct aws *aws, const struct cancel *cancel, struct err *err);
json_t *glue_get_tables(struct aws *aws, const char *database, const struct cancel *cancel, struct err *err);
json_t *glue_get_table_versions(struct aws *aws, const char *database, const char *table, const struct cancel *cancel,
                                struct err *err);
struct glue_partition_filter {
    const char *expression; /* on the partition keys; NULL: all */
    size_t max;             /* stop after so many; 0: all */
};
/* Without their columns, which are the table's. */
json_t *glue_get_partitions(struct aws *aws, const char *database, const char *table,
                            const struct glue_partition_filter *filter, const struct cancel *cancel, struct err *err);
/* All tables or partitions page by page, so that none is kept that the caller does not want. each gets one page (an
 * array of Table or Partition, borrowed) and returns false to end the walk, with *err when it failed. */
struct glue_table_walk {
    const char *database;
    bool (*each)(void *context, const json_t *tables, struct err *err);
    void *context;
};
bool glue_walk_tables(struct aws *aws, const struct glue_table_walk *walk, const struct cancel *cancel,
                      struct err *err);
struct glue_partition_walk {
    const char *database, *table;
    bool with_columns; /* each with its own list of columns */
    bool (*each)(void *context, const json_t *partitions, struct err *err);
    void *context;
};
bool glue_walk_partitions(struct aws *aws, const struct glue_partition_walk *walk, const struct cancel *cancel,
                          struct err *err);
json_t *glue_get_crawlers(struct aws *aws, const struct cancel *cancel, struct err *err);
/* One: objects. */
json_t *glue_get_database(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err);
json_t *glue_get_table(struct aws *aws, const char *database, const char *table, const struct cancel *cancel,
                       struct err *err);
json_t *glue_get_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err);
/* name NULL: of all crawlers */
json_t *glue_get_crawler_metrics(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err);

/* Changes; inputs (DatabaseInput, TableInput, CreateCrawler's request) are taken over. */
bool glue_create_database(struct aws *aws, json_t *input, const struct cancel *cancel, struct err *err);
bool glue_delete_database(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err);
bool glue_create_table(struct aws *aws, const char *database, json_t *input, const struct cancel *cancel,
                       struct err *err);
bool glue_update_table(struct aws *aws, const char *database, json_t *input, const struct cancel *cancel,
                       struct err *err);
bool glue_delete_table(struct aws *aws, const char *database, const char *table, const struct cancel *cancel,
                       struct err *err);
bool glue_create_crawler(struct aws *aws, json_t *input, const struct cancel *cancel, struct err *err);
bool glue_delete_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err);
bool glue_start_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err);
bool glue_stop_crawler(struct aws *aws, const char *name, const struct cancel *cancel, struct err *err);
#endif
