/* What each kind of statement is to Athena and who runs it: one row per dialect_kind. */
#ifndef WEIR_LOCAL_ATHENA_KINDS_H
#define WEIR_LOCAL_ATHENA_KINDS_H
#include "backend/local/athena.h"

struct athena_kind {
    enum dialect_kind kind;
    const char *type;                                     /* StatementType: DML, DDL, UTILITY */
    bool (*run)(struct athena_run *run, struct err *err); /* fills columns and text; NULL: not supported */
};
/* Never NULL. */
const struct athena_kind *athena_kind_find(enum dialect_kind kind);
/* The result's columns, all of type string; names end with NULL. */
void athena_columns(struct athena_run *run, const char *const *names);

bool athena_create_database(struct athena_run *run, struct err *err);
bool athena_drop_database(struct athena_run *run, struct err *err);
bool athena_create_table(struct athena_run *run, struct err *err);
bool athena_drop_table(struct athena_run *run, struct err *err);
bool athena_show(struct athena_run *run, struct err *err);
bool athena_describe(struct athena_run *run, struct err *err);
bool athena_msck(struct athena_run *run, struct err *err);
#endif
