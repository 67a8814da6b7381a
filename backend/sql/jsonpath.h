/* Paths into JSON texts: Trino's own JSONPath of json_extract ("$.a[0]["b c"]") and SQL/JSON paths of JSON_VALUE and
 * the like
 * ("lax $.a[*].b"). Pure. What is not supported (filters, methods, "..") is refused by name. Source: Trino
 * documentation, "JSON functions and operators". */
#ifndef WEIR_SQL_JSONPATH_H
#define WEIR_SQL_JSONPATH_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>

/* Is the path well formed and supported? *err names what is wrong (service_code INVALID_PATH or NOT_SUPPORTED...). */
bool jsonpath_check(const char *path, bool is_sql, struct err *err);
enum jsonpath_found { JSONPATH_NONE, JSONPATH_ONE, JSONPATH_MANY, JSONPATH_ERROR, JSONPATH_BAD_DOCUMENT };
/* What the path finds: each item's JSON text, appended as one JSON array ("[1,{\"a\":2}]") to out. A document that is
 * no JSON is BAD_DOCUMENT; a path that does not fit a strict path's document is ERROR; a path that is wrong sets *err.
 */
enum jsonpath_found jsonpath_find(const char *doc, size_t len, const char *path, bool is_sql, struct buf *out,
                                  struct err *err);
#endif
