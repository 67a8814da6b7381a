/* The inside of the dialect: matching arguments with a function's parameter texts. For backend/sql/dialect*.c only. */
#ifndef WEIR_SQL_DIALECT_SIGNATURE_H
#define WEIR_SQL_DIALECT_SIGNATURE_H
#include "backend/sql/dialect_query.h"

struct binding {
    const struct type *types[26]; /* of the variables A to Z */
};
/* How far the arguments are from the row's parameters: 0 exact, more with conversions; -1 they do not fit. */
int signature_match(struct tr *tr, const struct function *row, const struct value *args, size_t count,
                    struct binding *binding);
/* The argument as its parameter wants it. */
const char *signature_argument(struct tr *tr, const struct function *row, size_t index, struct value arg,
                               const struct binding *binding);
/* The type that a text with variables means. */
const struct type *signature_type(struct tr *tr, const char *text, const struct binding *binding);
#endif
