/* The rows of athena_kinds.h. */
#include "backend/local/athena_kinds.h"

static const struct athena_kind rows[] = {
    {.kind = DIALECT_QUERY, .type = "DML"},
    {.kind = DIALECT_INSERT, .type = "DML", .run = athena_insert, .writes = true},
    {.kind = DIALECT_UNLOAD, .type = "DML", .run = athena_unload, .writes = true},
    {.kind = DIALECT_EXPLAIN, .type = "UTILITY", .run = athena_explain},
    {.kind = DIALECT_SHOW, .type = "UTILITY", .run = athena_show},
    {.kind = DIALECT_DESCRIBE, .type = "UTILITY", .run = athena_describe},
    {.kind = DIALECT_CTAS, .type = "DDL", .run = athena_ctas, .writes = true},
    {.kind = DIALECT_CREATE_VIEW, .type = "DDL", .run = athena_create_view},
    {.kind = DIALECT_CREATE_DATABASE, .type = "DDL", .run = athena_create_database},
    {.kind = DIALECT_DROP_DATABASE, .type = "DDL", .run = athena_drop_database},
    {.kind = DIALECT_CREATE_TABLE, .type = "DDL", .run = athena_create_table},
    {.kind = DIALECT_DROP_TABLE, .type = "DDL", .run = athena_drop_table},
    {.kind = DIALECT_DROP_VIEW, .type = "DDL", .run = athena_drop_view},
    {.kind = DIALECT_ALTER_TABLE, .type = "DDL", .run = athena_alter_table},
    {.kind = DIALECT_ALTER_DATABASE, .type = "DDL", .run = athena_alter_database},
    {.kind = DIALECT_PREPARE, .type = "DDL", .run = athena_prepare},
    {.kind = DIALECT_DEALLOCATE, .type = "DDL", .run = athena_deallocate},
    {.kind = DIALECT_MSCK, .type = "DDL", .run = athena_msck},
};

const struct athena_kind *athena_kind_find(enum dialect_kind kind)
{
    static const struct athena_kind other = {.type = "DDL"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == kind)
            return &rows[i];
    return &other;
}
