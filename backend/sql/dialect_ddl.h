/* The inside of the dialect, statements: what the parts of the DDL parser share. For backend/sql/dialect*.c only. */
#ifndef WEIR_SQL_DIALECT_DDL_H
#define WEIR_SQL_DIALECT_DDL_H
#include "backend/sql/dialect_parse.h"
#include "backend/sql/dialect_type.h"

struct ddl {
    struct parser *p;
    const struct dialect_options *options;
    struct dialect_statement *statement;
};
/* Each parses behind its first words, fills the statement and returns false with the parser's error. */
bool ddl_create_table(struct ddl *d, bool is_external);
bool ddl_create_view(struct ddl *d);
bool ddl_create_database(struct ddl *d);
bool ddl_drop(struct ddl *d);
bool ddl_alter(struct ddl *d);
bool ddl_show(struct ddl *d);
bool ddl_describe(struct ddl *d);
bool ddl_msck(struct ddl *d);

/* [catalog.][database.]name into the statement, lower case, the database defaulted. */
bool ddl_object(struct ddl *d);
bool ddl_database(struct ddl *d);
/* ('a'='b', ...), behind the word before it. */
bool ddl_properties(struct ddl *d, struct pairs *pairs);
bool ddl_columns(struct ddl *d, const struct dialect_column **columns, size_t *count);
/* (k = 'v', ...) of PARTITION; a value may be missing in DESCRIBE and DROP. */
bool ddl_partition(struct ddl *d, struct dialect_partition *partition);
bool ddl_add_partition(struct ddl *d, const struct dialect_partition *partition);
bool ddl_end(struct ddl *d);
/* Adds to a list of the statement: the texts live in the arena. */
bool ddl_pair(struct ddl *d, struct pairs *pairs, const char *name, const char *value);
#endif
