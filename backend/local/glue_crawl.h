/* One run of a crawler: what is below its targets, which tables that makes, and what changes in the catalog. Shared by
 * glue_crawl*.c. Everything runs on the crawl's own thread; glue_crawler.c starts it and tells it to stop. */
#ifndef WEIR_LOCAL_GLUE_CRAWL_H
#define WEIR_LOCAL_GLUE_CRAWL_H
#include "backend/local/glue_infer.h"
#include "backend/local/glue_store.h"
#include <stdatomic.h>

enum {
    CRAWL_SAMPLE = 1 << 20,   /* bytes read of an object, once uncompressed */
    CRAWL_FILES_KEPT = 1000,  /* per folder: more are counted, not looked at */
    CRAWL_FILES_SAMPLED = 10, /* per folder; a target's SampleSize replaces it */
    CRAWL_TABLES_MAX = 10000,
    CRAWL_ARENA = 1 << 30,
};

struct crawl_file {
    const char *key;
    int64_t size;
};
struct crawl_folder {
    const char *name, *path; /* path: the key prefix, "" or ending in '/' */
    struct crawl_folder *children, *last, *next;
    struct crawl_file *files;
    size_t kept, cap;
    int64_t count, bytes;   /* of files directly here */
    struct glue_schema own; /* of these files, whatever they are merged with; format unknown: none */
};
struct crawl_table {
    const char *path; /* key prefix with '/', or one object's key */
    const char *name; /* what the table is named after */
    struct crawl_folder *root;
    bool is_file;
    int64_t count, bytes;
    int levels; /* of partition folders below root */
    struct glue_schema schema;
    struct crawl_table *next;
};

struct crawl {
    struct cloud *cloud;
    const json_t *crawler; /* its definition */
    const char *name, *database;
    const struct glue_csv_rules *rules; /* of its classifiers, in their order */
    size_t rule_count;
    const atomic_bool *stop;
    struct arena *arena;
    int tables_created, tables_updated, tables_deleted, partitions_created, partitions_updated, partitions_deleted;
    json_t *added, *changed, *removed; /* names of tables */
    int64_t seen;                      /* objects */
};

/* The whole run; false with *err (ERR_CANCELLED when stopped). */
bool glue_crawl_run(struct crawl *crawl, struct err *err);
/* glue_crawl_tree.c: the folders of a target; NULL with *err. */
struct crawl_folder *glue_crawl_tree(struct crawl *crawl, const json_t *target, const char *bucket, const char *prefix,
                                     struct err *err);
/* glue_crawl_sample.c: what one object is; false: nothing known (an error only when *err says so). */
bool glue_crawl_sample(struct crawl *crawl, const char *bucket, const struct crawl_file *file, size_t max,
                       struct glue_schema *schema, struct err *err);
/* glue_crawl_rules.c: the crawler's classifiers, into the crawl. One that is gone meanwhile is passed over. */
bool glue_crawl_rules(struct crawl *crawl, struct err *err);
/* glue_crawl_group.c: the tables below a folder, newest rules of grouping; NULL: none, or *err. */
struct crawl_options {
    const char *bucket;
    int sample_size; /* files per folder */
    int table_level; /* Configuration.Grouping.TableLevelConfiguration; 0: by schema */
    bool combine;    /* CombineCompatibleSchemas */
    bool inherits;   /* Configuration.CrawlerOutput.Partitions.AddOrUpdateBehavior is InheritFromTable */
    size_t sample_bytes;
};
struct crawl_table *glue_crawl_group(struct crawl *crawl, const struct crawl_options *options,
                                     struct crawl_folder *folder, int level, struct err *err);
/* glue_crawl_write.c: one table into the catalog, and its partitions. */
bool glue_crawl_write(struct crawl *crawl, const struct crawl_options *options, const struct crawl_table *table,
                      const json_t *existing, struct err *err);
/* "s3://bucket/prefix" or "bucket/prefix": false when it names no bucket. bucket has room for 256. */
bool glue_crawl_target(const char *path, char *bucket, const char **prefix);
/* Tables of this crawler below the target that no data is left of. */
bool glue_crawl_forget(struct crawl *crawl, const char *bucket, const char *prefix, const struct crawl_table *found,
                       const json_t *existing, struct err *err);
#endif
