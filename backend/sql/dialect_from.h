/* The inside of the dialect, FROM: what its two files share. For backend/sql/dialect*.c only. */
#ifndef WEIR_SQL_DIALECT_FROM_H
#define WEIR_SQL_DIALECT_FROM_H
#include "backend/sql/dialect_query.h"

const char *from_alias(struct tr *tr); /* r1, r2, ...: the engine's name for a relation */
/* The alias' own column names replace those of the fields from `first` on. */
bool from_rename(struct tr *tr, const struct relation *relation, struct fields *fields, size_t first);
/* UNNEST that stands first in FROM. */
bool from_unnest(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql);
/* left CROSS JOIN UNNEST, or LEFT JOIN UNNEST ON TRUE: left is already in *sql from byte `start` on, its fields in
 * scope from `first` on. */
bool from_join_unnest(struct tr *tr, const struct relation *relation, struct scope *scope, size_t first,
                      bool keeps_left, size_t start, struct buf *sql);
#endif
