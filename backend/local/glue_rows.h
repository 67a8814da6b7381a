/* What glue_store.c, glue_store_table.c and glue_store_partition.c share over one database connection. Nothing else
 * includes this. */
#ifndef WEIR_LOCAL_GLUE_ROWS_H
#define WEIR_LOCAL_GLUE_ROWS_H
#include "backend/local/glue_store.h"

/* A document of a row's column; NULL after InternalServiceException. */
json_t *glue_row_document(struct db_row *row, int column, struct err *err);
/* The text of a document, malloc'd; NULL after an error. */
char *glue_document_text(const json_t *document, struct err *err);
int64_t glue_now_s(const struct cloud *cloud);
/* Borrowed read connection; NULL after an error. */
struct db *glue_reader(struct cloud *cloud, struct err *err);
/* Ends a query; false when it failed. */
bool glue_end(struct db_row *row, struct err *err);
/* Marks the listing's next page after this key. */
void glue_page_next(struct glue_page *page, const char *last);

/* Ends a query that counts; ResourceNumberLimitExceededException when there are max already. */
bool glue_limit(struct db_row *row, int64_t max, const char *what, struct err *err);

bool glue_database_row(struct db *db, const char *name, bool *found, struct err *err);

struct glue_table_row {
    int64_t id;
    int64_t version;
    json_t *document; /* without VersionId */
    bool found;
};
/* Finds a table; names are folded already. false after an error; not found is found = false. */
bool glue_table_row(struct db *db, const char *database, const char *name, struct glue_table_row *table,
                    struct err *err);
/* As above, but a missing database or table is EntityNotFoundException. */
bool glue_table_need(struct db *db, const struct glue_table_id *id, struct glue_table_row *table, struct err *err);
void glue_table_row_done(struct glue_table_row *table);
bool glue_table_remove(struct db *db, int64_t id, struct err *err);
/* The key of a partition's row, malloc'd; NULL after an error. */
char *glue_join_values(const json_t *values, const json_t *keys, struct err *err);
#endif
