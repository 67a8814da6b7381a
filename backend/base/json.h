/* jansson helpers: the one home of jansson. Values are json_t (reference counted, jansson's rules). Never waits. */
#ifndef WEIR_BASE_JSON_H
#define WEIR_BASE_JSON_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <jansson.h>
#include <stdint.h>

/* Parses; NULL with "line L column C: ..." on error. The caller decrefs. Duplicate keys are refused. */
json_t *json_parse(const char *bytes, size_t len, struct err *err);
/* "" / 0 / false when the member is absent or of another type; the text is borrowed. */
const char *json_str(const json_t *object, const char *key);
int64_t json_int(const json_t *object, const char *key, int64_t fallback);
bool json_bool(const json_t *object, const char *key, bool fallback);
/* A string of text that may be cut or foreign: invalid UTF-8 bytes become U+FFFD, where json_string would be NULL. */
json_t *json_clean(const char *text);
/* Appends the compact (indent 0) or indented text. */
bool json_write(const json_t *value, int indent, struct buf *out);
/* Appends text that is known to be JSON (json_parse took it), laid out anew with every token as it was: numbers keep
 * their digits, strings their escapes. */
bool json_indent(const char *bytes, size_t len, int indent, struct buf *out);
/* Appends a quoted JSON string of len bytes; invalid UTF-8 bytes become U+FFFD (JSON cannot carry them). */
bool json_write_string(const char *bytes, size_t len, struct buf *out);
#endif
