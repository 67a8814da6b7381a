/* What the files of Glue's crawlers share over one database connection. Nothing else includes this. */
#ifndef WEIR_LOCAL_GLUE_CRAWLER_ROWS_H
#define WEIR_LOCAL_GLUE_CRAWLER_ROWS_H
#include "backend/local/glue.h"
#include "backend/local/store.h"

enum { GLUE_CRAWLER_STATE = 16 }; /* "READY", "RUNNING", "STOPPING" */
/* A crawler's definition, a new reference, and its state; NULL when there is none. False after an error. */
bool glue_crawler_load(struct db *db, const char *name, json_t **document, char state[GLUE_CRAWLER_STATE],
                       struct err *err);
/* As above, but a missing one is EntityNotFoundException. */
bool glue_crawler_need(struct db *db, const char *name, json_t **document, char state[GLUE_CRAWLER_STATE],
                       struct err *err);
#endif
