/* The catalog as the operator thinks of it: databases, tables with columns and figures, partitions, crawlers; and the
 * columns of their tables. Everything read lives in the arena given. The readers wait: feeds, jobs, command line. */
#ifndef WEIR_DOMAIN_CATALOG_H
#define WEIR_DOMAIN_CATALOG_H
#include "backend/aws/aws.h"
#include "backend/base/arena.h"
#include "backend/base/column.h"
#include "backend/base/json.h"
#include <stdio.h>

enum { CATALOG_ARENA = 512 << 20, CATALOG_UNKNOWN = -1 };

struct catalog_database {
    const char *name, *description, *location;
    int64_t created_ms;
    struct err err; /* its tables could not be read */
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
/* What a scan of so many bytes costs in Athena, in dollars, at price_cents for each 10^12 bytes; 10 MB at least per
 * query ("Amazon Athena pricing"). */
double catalog_scan_cost(int64_t bytes, int64_t price_cents);
/* Location, partitions, figures and scan cost as lines for people; remote text sanitised. */
void catalog_print_facts(const struct catalog_table *table, int64_t price_cents, FILE *out);

/* ---- the domain: two feeds that publish snapshots, and actions. The calls are the UI thread's and never wait. */
struct session;
struct snap_slot;
struct feed;
struct catalog;
/* Everything at once, for the pane's list and for the completion of SQL: 5 000 tables of 100 columns take about 40 MiB.
 * A database whose tables could not be read has its error; the others are there. */
struct catalog_view {
    struct catalog_database *databases;
    size_t database_count;
    struct catalog_table *tables; /* by database, then name */
    size_t table_count;
    struct catalog_crawler *crawlers;
    size_t crawler_count;
    struct err crawler_err; /* crawlers alone may be denied */
};
/* One difference between a version and the one before it. */
struct catalog_change {
    const char *version, *column, *before, *after; /* types; before "": added, after "": removed */
    int64_t at_ms;
};
struct catalog_detail {
    struct catalog_table table;     /* with its partitions counted */
    struct catalog_change *changes; /* newest first */
    size_t change_count;
    const char **gaps; /* days without a partition between the first and the last, when the first key is a date */
    size_t gap_count;
    int64_t listed_bytes, listed_objects; /* below the location now; CATALOG_UNKNOWN */
    struct err list_err;
    double scan_cost; /* dollars; negative unknown */
};
struct catalog *catalog_new(struct session *session);
void catalog_stop(struct catalog *catalog);
void catalog_free(struct catalog *catalog);              /* waits for the feeds */
struct snap_slot *catalog_slot(struct catalog *catalog); /* struct catalog_view */
struct feed *catalog_feed(struct catalog *catalog);
struct snap_slot *catalog_detail_slot(struct catalog *catalog); /* struct catalog_detail */
struct feed *catalog_detail_feed(struct catalog *catalog);
void catalog_set_table(struct catalog *catalog, const char *database, const char *table); /* whose detail */
/* Jobs: id, or -1 when the queue is full. The run ends with the crawl, and says what changed. */
int catalog_run_crawler(struct catalog *catalog, const char *name);
int catalog_stop_crawler(struct catalog *catalog, const char *name);
/* Pure: the differences of versions (array of TableVersion, newest first) into the arena. */
bool catalog_diff(const json_t *versions, struct arena *arena, struct catalog_detail *detail);
/* Pure: the days missing between partitions (array of Partition) whose first value is a date. */
bool catalog_find_gaps(const json_t *partitions, struct arena *arena, struct catalog_detail *detail);

extern const struct column catalog_database_columns[], catalog_table_columns[], catalog_column_columns[],
    catalog_crawler_columns[];
#endif
