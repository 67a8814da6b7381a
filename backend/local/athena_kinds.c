/* The rows of athena_kinds.h. */
#include "backend/local/athena_kinds.h"

static const struct athena_kind rows[] = {
    {.kind = DIALECT_QUERY, .type = "DML"},    {.kind = DIALECT_INSERT, .type = "DML"},
    {.kind = DIALECT_UNLOAD, .type = "DML"},   {.kind = DIALECT_EXPLAIN, .type = "UTILITY"},
    {.kind = DIALECT_SHOW, .type = "UTILITY"}, {.kind = DIALECT_DESCRIBE, .type = "UTILITY"},
    {.kind = DIALECT_CTAS, .type = "DDL"},
};

const struct athena_kind *athena_kind_find(enum dialect_kind kind)
{
    static const struct athena_kind other = {.type = "DDL"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return &other;
}
