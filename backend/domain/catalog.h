/* The catalog as the operator thinks of it: databases, tables with columns and figures, partitions, versions, crawlers;
 * and the columns of their tables. Everything read lives in the arena given. The readers wait: feeds, jobs, command
 * line. */
#ifndef WEIR_DOMAIN_CATALOG_H
#define WEIR_DOMAIN_CATALOG_H
#include "backend/aws/aws.h"
#include "backend/base/arena.h"
#include "backend/base/column.h"
#include "backend/base/json.h"
#include <stdio.h>

enum {
    CATALOG_ARENA = 512 << 20,
    CATALOG_UNKNOWN = -1,
    CATALOG_NAME = 256,              /* Glue: a name has at most 255 bytes */
    CATALOG_PARTITIONS_KEPT = 200000 /* of one table, for browsing; more are counted */
};

struct catalog_database {
    const char *name, *description, *location;
    int64_t created_ms;
    const char *json;                /* as Glue gave it, indented */
    struct err err;                  /* its tables could not be read */
    bool is_loading;                 /* its tables are still being read */
    size_t first_table, table_count; /* of the view's tables */
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
    const char *target;                                     /* its first place; "" none */
    const char *schedule;                                   /* "cron(...)"; "" on demand */
    const char *json;                                       /* as Glue gave it, indented */
    int64_t last_started_ms;                                /* 0: never ran */
    int64_t tables_created, tables_updated, tables_deleted; /* in all its runs; CATALOG_UNKNOWN */
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

/* ---- one table in depth */
struct catalog_partition {
    const char *values; /* "2024/01" */
    const char *location;
    int64_t created_ms;
    int64_t bytes, objects;               /* below its location; CATALOG_UNKNOWN: catalog_join_partitions fills them */
    int64_t differing;                    /* columns unlike the table's; CATALOG_UNKNOWN: not compared */
    const struct catalog_column *columns; /* its own, when some differ */
    size_t column_count;
    bool is_missing; /* a day of which there is no partition */
};
struct catalog_version {
    const char *id;
    int64_t at_ms;
    const char *location, *format;
    struct catalog_column *columns; /* partition keys last */
    size_t column_count;
    int64_t added, removed, changed; /* columns, against the version before; CATALOG_UNKNOWN: there is none */
};
/* One difference between a version and the one before it. */
struct catalog_change {
    const char *version, *column, *before, *after; /* types; before "": added, after "": removed */
    int64_t at_ms;
};
struct catalog_property {
    const char *name, *value;
};
struct catalog_detail {
    struct catalog_table table;     /* with its partitions counted; CATALOG_UNKNOWN while they are being read */
    struct catalog_change *changes; /* newest first */
    size_t change_count;
    struct catalog_version *versions; /* newest first */
    size_t version_count;
    const char **gaps; /* days without a partition between the first and the last, when the keys are a date */
    size_t gap_count;
    struct catalog_partition *partitions; /* newest value first, with a row for each gap */
    size_t partition_count;
    int64_t newest_ms; /* when the youngest partition was added; 0 unknown */
    struct err partition_err;
    int64_t created_ms;
    const char *owner, *serde, *input_format, *description;
    struct catalog_property *properties;
    size_t property_count;
    const char *view_sql; /* of a view; "" none */
    const char *ddl;      /* as SHOW CREATE TABLE says it */
    const char *json;     /* as Glue gave it, indented */
};
/* All of it, in the arena; waits. What could not be had of the partitions is in partition_err. */
struct catalog_detail *catalog_read_detail(struct aws *aws, const char *database, const char *name,
                                           const struct cancel *cancel, struct arena *arena, struct err *err);
/* What is below a table's location now. */
struct catalog_location {
    const char *database, *table, *uri;
    int64_t bytes, objects, newest_ms; /* lower bounds until complete */
    bool is_complete;
    struct listing_child *children; /* sorted by name: first level below the location */
    size_t child_count;
    struct err err;
};
/* The first rows of a table, by a query. */
struct catalog_preview {
    const char *database, *table, *query_id;
    bool is_running;
    const char *state;        /* the service's word: "RUNNING" */
    int64_t scanned, took_ms; /* CATALOG_UNKNOWN */
    double cost;              /* dollars; negative unknown */
    const char **names, **types;
    const char **cells; /* row after row; NULL: the value is null */
    size_t columns, rows;
    uint64_t generation; /* counts previews: columns and rows of one stay the same */
};
/* A line of two versions side by side. */
enum catalog_diff_kind { DIFF_SAME, DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };
struct catalog_diff_line {
    enum catalog_diff_kind kind;
    const char *name, *before, *after; /* types; "" where there is none */
    bool is_property;                  /* location, format: no column */
};

/* ---- the domain: feeds that publish snapshots, and actions. The calls are the UI thread's and never wait. */
struct session;
struct snap_slot;
struct feed;
struct listing_child;
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
    bool is_loading;        /* the very first look: tables are still to come */
};
struct catalog *catalog_new(struct session *session);
void catalog_stop(struct catalog *catalog);
void catalog_free(struct catalog *catalog);              /* waits for the feeds */
struct snap_slot *catalog_slot(struct catalog *catalog); /* struct catalog_view */
struct feed *catalog_feed(struct catalog *catalog);
struct snap_slot *catalog_detail_slot(struct catalog *catalog); /* struct catalog_detail */
struct feed *catalog_detail_feed(struct catalog *catalog);
struct snap_slot *catalog_location_slot(struct catalog *catalog); /* struct catalog_location */
struct feed *catalog_location_feed(struct catalog *catalog);
struct snap_slot *catalog_preview_slot(struct catalog *catalog); /* struct catalog_preview */
/* Whose detail, and what is listed; asked for when it has stood for CATALOG_REST_MS, so that passing over a list asks
 * nothing. location "": nothing to list. */
enum { CATALOG_REST_MS = 200 };
void catalog_set_table(struct catalog *catalog, const char *database, const char *table, const char *location);
/* Jobs: id, or -1 when the queue is full. The run ends with the crawl, and says what changed. */
int catalog_run_crawler(struct catalog *catalog, const char *name);
int catalog_stop_crawler(struct catalog *catalog, const char *name);
struct catalog_crawler_wish {
    const char *name, *path, *database, *prefix, *role;
};
int catalog_create_crawler(struct catalog *catalog, const struct catalog_crawler_wish *wish);
/* The first CATALOG_PREVIEW_ROWS rows into the preview's slot; the one before is cancelled. */
enum { CATALOG_PREVIEW_ROWS = 100 };
int catalog_preview(struct catalog *catalog, const char *database, const char *table);

/* ---- pure */
/* The differences of versions (array of TableVersion, newest first), and the versions, into the arena. */
bool catalog_diff(const json_t *versions, struct arena *arena, struct catalog_detail *detail);
/* Two versions, line by line; returns the count, lines in the arena. */
size_t catalog_compare(const struct catalog_version *older, const struct catalog_version *newer, struct arena *arena,
                       struct catalog_diff_line **lines);
/* Sorts the partitions, finds the days missing between them (the keys are a date: "2024-01-31", "20240131", or three of
 * year, month, day) and puts a row for each. */
bool catalog_find_gaps(struct arena *arena, struct catalog_detail *detail);
/* Adds Glue's Partition as a row; keys: the table's columns to compare with, NULL: not compared. */
bool catalog_add_partition(const json_t *partition, const struct catalog_table *table, bool compares,
                           struct arena *arena, struct catalog_detail *detail, size_t *cap);
/* Copies the partitions with what was listed below each; rows has room for all of them. */
void catalog_join_partitions(const struct catalog_detail *detail, const struct catalog_location *location,
                             struct catalog_partition *rows);
/* A table's text as SHOW CREATE TABLE of Athena gives it; of a view CREATE VIEW. */
bool catalog_write_ddl(const json_t *table, struct buf *out);
/* The query of a view (Presto's comment in ViewOriginalText, or plain text); false: it is none. */
bool catalog_view_query(const json_t *table, struct buf *out);
/* A name as a query needs it: quoted only where it must be. */
bool catalog_write_name(const char *name, struct buf *out);
bool catalog_write_qualified(const char *database, const char *table, struct buf *out);
/* The worst crawler: a failed one before one that never ran, running, cancelled, well; NULL: none. */
const struct catalog_crawler *catalog_worst_crawler(const struct catalog_view *view);

extern const struct column catalog_database_columns[], catalog_table_columns[], catalog_column_columns[],
    catalog_crawler_columns[], catalog_partition_columns[], catalog_version_columns[], catalog_tile_columns[],
    catalog_database_list_columns[], catalog_table_list_columns[];
#endif
