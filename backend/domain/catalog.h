/* The catalog as the operator thinks of it: databases, tables with columns and figures, partitions, crawlers; and the
 * columns of their tables. Everything read lives in the arena given. The readers wait: feeds, jobs, command line. */
#ifndef WEIR_DOMAIN_CATALOG_H
#define WEIR_DOMAIN_CATALOG_H
#include "backend/aws/aws.h"
#include "backend/base/arena.h"
#include "backend/base/column.h"
#include <stdio.h>

enum { CATALOG_ARENA = 512 << 20, CATALOG_UNKNOWN = -1 };

struct catalog_database {
    const char *name, *description, *location;
    int64_t created_ms;
};
struct catalog_column {
    const char *name, *type, *comment;
    bool is_partition_key;
};
struct catalog_table {
    const char *database, *name, *location, *format, *version, *kind;
    const char *crawler;            /* that keeps it; "" none */
    int64_t rows, bytes, objects;   /* as the crawler counted; CATALOG_UNKNOWN */
    int64_t updated_ms;             /* 0 unknown */
    struct catalog_column *columns; /* partition keys last */
    size_t column_count, key_count;
    int64_t partitions;                           /* CATALOG_UNKNOWN until read; catalog_read_table reads them */
    const char *first_partition, *last_partition; /* "2024/01"; "" none */
};
struct catalog_crawler {
    const char *name, *database, *state, *last_status, *last_error;
    int64_t last_started_ms; /* 0: never ran */
};
struct catalog_list {
    struct catalog_database *databases;
    struct catalog_table *tables;
    struct catalog_crawler *crawlers;
    size_t count;
};
bool catalog_read_databases(struct aws *aws, const struct cancel *cancel, struct arena *arena,
                            struct catalog_list *list, struct err *err);
bool catalog_read_tables(struct aws *aws, const char *database, const struct cancel *cancel, struct arena *arena,
                         struct catalog_list *list, struct err *err);
bool catalog_read_crawlers(struct aws *aws, const struct cancel *cancel, struct arena *arena, struct catalog_list *list,
                           struct err *err);
/* One table with its partitions counted. */
bool catalog_read_table(struct aws *aws, const char *database, const char *name, const struct cancel *cancel,
                        struct arena *arena, struct catalog_table *table, struct err *err);
/* What a scan of so many bytes costs in Athena, in dollars: CATALOG_PRICE_PER_TB for each 10^12 bytes, 10 MB at least
 * per query ("Amazon Athena pricing"). */
#define CATALOG_PRICE_PER_TB 5.00
double catalog_scan_cost(int64_t bytes);
/* Location, partitions, figures and scan cost as lines for people; remote text sanitised. */
void catalog_print_facts(const struct catalog_table *table, FILE *out);

extern const struct column catalog_database_columns[], catalog_table_columns[], catalog_column_columns[],
    catalog_crawler_columns[];
#endif
