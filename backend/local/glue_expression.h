/* The Expression of GetPartitions: a boolean expression over a table's partition keys, evaluated on a partition's
 * values
 * ("GetPartitions", Glue API Reference: =, <>, <, >, <=, >=, AND, OR, NOT, IN, BETWEEN, LIKE, IS NULL, parentheses;
 * != is accepted too). Pure.
 *
 * Types: values of string, char, varchar, date and timestamp keys compare as text (dates and times of one form order
 * so, and a date against a timestamp of the same day compares by what both have), those of tinyint, smallint, int,
 * bigint, long, decimal, float and double as numbers. A value that is no number on a numeric key, and
 * __HIVE_DEFAULT_PARTITION__, are NULL: three-valued logic decides, and only TRUE keeps a partition. */
#ifndef WEIR_LOCAL_GLUE_EXPRESSION_H
#define WEIR_LOCAL_GLUE_EXPRESSION_H
#include "backend/base/arena.h"
#include "backend/base/err.h"
#include "backend/base/json.h"

struct glue_expression;
/* Parses text against the table's PartitionKeys (array of {Name, Type}); lives in the arena. NULL after
 * InvalidInputException in err (service_code, text): unknown key, bad syntax, a literal of another type. */
struct glue_expression *glue_expression_parse(const char *text, const json_t *keys, struct arena *arena,
                                              struct err *err);
/* values: one string per key, in key order. */
bool glue_expression_keeps(const struct glue_expression *expression, const json_t *values);
#endif
