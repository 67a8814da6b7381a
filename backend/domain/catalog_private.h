/* What the files of the catalog's domain share: its parts and a few readers. Nobody else includes it. */
#ifndef WEIR_DOMAIN_CATALOG_PRIVATE_H
#define WEIR_DOMAIN_CATALOG_PRIVATE_H
#include "backend/core/feed.h"
#include "backend/core/job.h"
#include "backend/core/snap.h"
#include "backend/domain/catalog.h"
#include <pthread.h>

struct catalog_part {
    struct feed_ops ops;
    struct snap_slot *slot;
    struct feed *feed;
};
struct catalog_wish { /* the table looked at */
    char database[CATALOG_NAME], table[CATALOG_NAME], location[1100];
};
struct catalog {
    struct session *session;
    pthread_mutex_t lock; /* guards the wish, the preview's number, is_closing */
    struct catalog_wish wish;
    struct catalog_part all, detail, location;
    struct snap_slot *preview;
    uint64_t preview_number; /* of the one wanted */
    int preview_job;         /* -1 none */
    bool is_closing;
};

/* catalog_feed.c */
void catalog_stamp(struct catalog *catalog, struct snap *snap, const void *value, int calls);
void catalog_get_wish(struct catalog *catalog, struct catalog_wish *wish);
/* catalog_detail.c, catalog_location.c: on their feeds' threads */
struct snap *catalog_fetch_detail(struct feed *feed, void *context, struct err *err);
struct snap *catalog_fetch_location(struct feed *feed, void *context, struct err *err);
/* catalog.c */
void catalog_fill_table(const json_t *from, struct arena *arena, struct catalog_table *table);
void catalog_add_columns(const json_t *list, bool is_key, struct arena *arena, struct catalog_column *columns,
                         size_t *count);
const char *catalog_format_of(const json_t *table);
/* catalog_partition.c */
const char *catalog_join_values(const json_t *partition, struct arena *arena);
void catalog_count_partition(struct catalog_table *table, const char *values); /* one more: count, first, last */
#endif
