/* The inside of the dialect: functions whose translation is more than a template. Each has the type of
 * function.rewrite. For backend/sql/dialect*.c only. */
#ifndef WEIR_SQL_DIALECT_SHAPE_H
#define WEIR_SQL_DIALECT_SHAPE_H
#include "backend/sql/dialect_query.h"

#define DIALECT_SHAPES(X)                                                                                              \
    X(transform)                                                                                                       \
    X(filter)                                                                                                          \
    X(reduce)                                                                                                          \
    X(any_match)                                                                                                       \
    X(all_match)                                                                                                       \
    X(none_match)                                                                                                      \
    X(zip_with)                                                                                                        \
    X(transform_keys)                                                                                                  \
    X(transform_values)                                                                                                \
    X(map_filter)                                                                                                      \
    X(map_zip_with)                                                                                                    \
    X(array_sort)                                                                                                      \
    X(try_call)                                                                                                        \
    X(if_call)                                                                                                         \
    X(typeof_call)                                                                                                     \
    X(coalesce)                                                                                                        \
    X(nullif)                                                                                                          \
    X(concat)                                                                                                          \
    X(format)                                                                                                          \
    X(at_timezone)                                                                                                     \
    X(with_timezone)                                                                                                   \
    X(zip)                                                                                                             \
    X(map_call)                                                                                                        \
    X(map_concat)                                                                                                      \
    X(map_from_entries)                                                                                                \
    X(flatten)                                                                                                         \
    X(listagg)                                                                                                         \
    X(normalize)                                                                                                       \
    X(date_add)                                                                                                        \
    X(from_iso8601_timestamp)                                                                                          \
    X(approx_percentile)                                                                                               \
    X(cardinality)                                                                                                     \
    X(map_agg)                                                                                                         \
    X(from_unixtime)                                                                                                   \
    X(greatest)                                                                                                        \
    X(least)                                                                                                           \
    X(approx_distinct)                                                                                                 \
    X(sum)                                                                                                             \
    X(avg)                                                                                                             \
    X(date_diff)                                                                                                       \
    X(date_trunc)                                                                                                      \
    X(array_join)                                                                                                      \
    X(reduce_agg)                                                                                                      \
    X(json_object)                                                                                                     \
    X(json_array)                                                                                                      \
    X(to_iso8601)                                                                                                      \
    X(zone_part)

#define X(name) struct value shape_##name(struct tr *tr, const struct expr *call, const struct scope *scope);
DIALECT_SHAPES(X)
#undef X

/* Wrong number or kind of arguments: FUNCTION_NOT_FOUND as Trino words it. */
struct value shape_mismatch(struct tr *tr, const struct expr *call, const char *expected);
/* Translates the argument; a value without sql on failure. */
struct value shape_argument(struct tr *tr, const struct expr *call, size_t index, const struct scope *scope);
#endif
