/* The Data Catalog's data: databases, tables with their versions, partitions, as JSON documents in the shapes of the
 * Glue API (2017-03-31), in SQLite. The Glue service, its crawler and the embedded Athena's DDL all work on it, each on
 * its own thread; nothing of HTTP is here. Names are folded to lower case on the way in. Inputs are checked here, so
 * that every way in keeps the same rules.
 *
 * Errors carry Glue's own name in err->service_code (EntityNotFoundException, AlreadyExistsException,
 * InvalidInputException, ValidationException, ConcurrentModificationException, InternalServiceException) and its
 * message in err->text; err->code is NOT_FOUND, CONFLICT, USAGE or what the store said.
 * Every json_t returned is a new reference. Functions that change return when the change is on disk. */
#ifndef WEIR_LOCAL_GLUE_STORE_H
#define WEIR_LOCAL_GLUE_STORE_H
#include "backend/base/json.h"
#include "backend/local/cloud.h"

enum { GLUE_NAME_MAX = 255 };

bool glue_store_start(struct cloud *cloud, struct err *err); /* schema */

/* A page of a listing, by name or values: entries behind `after` (NULL: from the beginning), at most max. The listing
 * sets next (malloc'd, the caller frees; NULL: that was the last page). */
struct glue_page {
    const char *after;
    int max;
    char *next;
};

/* ---- databases: {Name, Description, LocationUri, Parameters, CreateTime, CatalogId} */
json_t *glue_database_get(struct cloud *cloud, const char *name, struct err *err);
json_t *glue_database_list(struct cloud *cloud, struct glue_page *page, struct err *err); /* array */
bool glue_database_create(struct cloud *cloud, const json_t *input, struct err *err);     /* DatabaseInput */
bool glue_database_update(struct cloud *cloud, const char *name, const json_t *input, struct err *err);
/* With everything in it. */
bool glue_database_delete(struct cloud *cloud, const char *name, struct err *err);
int64_t glue_database_table_count(struct cloud *cloud, const char *name, struct err *err);

/* ---- tables: Table as GetTable answers it, VersionId included */
json_t *glue_table_get(struct cloud *cloud, const char *database, const char *name, struct err *err);
struct glue_table_query {
    const char *database; /* NULL: tables of all databases, for a search; page->after is then "database\x1fname" */
    const char *pattern;  /* regular expression that the whole name matches; NULL: all */
};
json_t *glue_table_list(struct cloud *cloud, const struct glue_table_query *query, struct glue_page *page,
                        struct err *err); /* array; EntityNotFoundException when the database is not there */
/* input is a TableInput; by is the creator's ARN. */
bool glue_table_create(struct cloud *cloud, const char *database, const json_t *input, const char *by, struct err *err);
struct glue_table_change {
    const char *database;
    const json_t *input; /* TableInput: replaces all but name, creator and creation time */
    const char *version; /* the version it was made from, else ConcurrentModificationException; NULL: any */
    bool skip_archive;   /* the version before is not kept */
    bool in_place;       /* no new version at all: a crawl's new figures over an unchanged schema */
};
bool glue_table_update(struct cloud *cloud, const struct glue_table_change *change, struct err *err);
bool glue_table_delete(struct cloud *cloud, const char *database, const char *name, struct err *err);

/* ---- versions: {Table, VersionId}, newest first, the present one included */
json_t *glue_version_get(struct cloud *cloud, const char *database, const char *name, const char *version,
                         struct err *err); /* version NULL: the present one */
json_t *glue_version_list(struct cloud *cloud, const char *database, const char *name, struct glue_page *page,
                          struct err *err);
bool glue_version_delete(struct cloud *cloud, const char *database, const char *name, const char *version,
                         struct err *err);

/* ---- partitions: Partition as GetPartition answers it; values are JSON arrays of strings, one per partition key */
struct glue_table_id {
    const char *database, *table;
};
json_t *glue_partition_get(struct cloud *cloud, const struct glue_table_id *id, const json_t *values, struct err *err);
struct glue_partition_query {
    const char *expression; /* glue_expression.h; NULL or "": all */
    int segment, segments;  /* the share segment of segments; segments 0: all */
    bool without_columns;   /* leave StorageDescriptor.Columns out */
};
json_t *glue_partition_list(struct cloud *cloud, const struct glue_table_id *id,
                            const struct glue_partition_query *query, struct glue_page *page, struct err *err);
int64_t glue_partition_count(struct cloud *cloud, const struct glue_table_id *id, struct err *err); /* -1 on error */
/* inputs: array of PartitionInput. With errors NULL it is all or nothing; else what fails alone is added to the array
 * errors as {PartitionValues, ErrorDetail} and the rest is done. */
bool glue_partition_create(struct cloud *cloud, const struct glue_table_id *id, const json_t *inputs, json_t *errors,
                           struct err *err);
/* entries: array of {PartitionValueList, PartitionInput}; errors as above, with PartitionValueList. */
bool glue_partition_update(struct cloud *cloud, const struct glue_table_id *id, const json_t *entries, json_t *errors,
                           struct err *err);
/* list: array of value arrays; errors as in glue_partition_create. */
bool glue_partition_delete(struct cloud *cloud, const struct glue_table_id *id, const json_t *list, json_t *errors,
                           struct err *err);

/* ---- what the service's other files share */
/* Fills *err with Glue's error name and message. Returns false. */
bool glue_refuse(struct err *err, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Lower case into out[GLUE_NAME_MAX + 1] (ASCII, as Hive folds); false after ValidationException when it is empty, too
 * long or has control characters. member names it in the message ("databaseInput.name"). */
bool glue_fold_name(const char *name, const char *member, char *out, struct err *err);
/* glue_check.c: an input against the API's constraints. */
bool glue_check_database(const json_t *input, struct err *err);
bool glue_check_table(const json_t *input, struct err *err);
bool glue_check_partition(const json_t *input, struct err *err);
/* Copies the listed members that are there. names ends with NULL. */
void glue_copy_members(json_t *to, const json_t *from, const char *const *names);
#endif
