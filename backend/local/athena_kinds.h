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
#endif
