/* JSON texts walked in place: a value is a slice of its document, so that numbers keep their digits (1.10, 20-digit
 * ids) and of two members of one name the first is found, as Trino's streaming reader does. Pure; nothing is allocated.
 * Source: RFC 8259. */
#ifndef WEIR_SQL_JSONTEXT_H
#define WEIR_SQL_JSONTEXT_H
#include "backend/base/buf.h"
#include <stdbool.h>
#include <stddef.h>

struct jsontext {
    const char *at;
    size_t len;
};
enum { JSONTEXT_DEPTH_MAX = 500 };
/* The one value of a document without the spaces around; false when it is no JSON. */
bool jsontext_document(const char *bytes, size_t len, struct jsontext *value);
char jsontext_kind(struct jsontext value); /* { [ " n t f, and '0' for any number */
bool jsontext_is_scalar(struct jsontext value);
/* Walks an array's items or an object's members: *next NULL at first. False at the end. key: with its quotes. */
bool jsontext_next(struct jsontext parent, const char **next, struct jsontext *key, struct jsontext *value);
bool jsontext_member(struct jsontext object, const char *name, struct jsontext *value);
size_t jsontext_count(struct jsontext parent);
/* Appends: without spaces; canonical as json_parse has it (members sorted, the last of one name, numbers with a
 * fraction as doubles); a string's characters; a scalar's text. */
bool jsontext_compact(struct jsontext value, bool canonical, struct buf *out);
bool jsontext_string(struct jsontext string, struct buf *out);
bool jsontext_scalar(struct jsontext value, struct buf *out);
#endif
