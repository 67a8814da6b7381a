/* XML by expat: a small read-only tree in an arena, and a writer. No DTD, no entities beyond the five, depth and size
 * limited. */
#ifndef WEIR_BASE_XML_H
#define WEIR_BASE_XML_H
#include "backend/base/arena.h"
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdint.h>

struct xml_node {
    const char *name; /* local name, namespace prefix removed */
    const char *text; /* character data directly inside, concatenated; "" when none */
    size_t text_len;
    struct xml_node *child, *next, *parent;
    const char **attrs; /* name, value, ..., NULL; may be NULL */
};

/* Parses len bytes; nodes and texts live in the arena. NULL with line and column on error, DOCTYPE refused, depth
 * <= 64. */
struct xml_node *xml_parse(struct arena *arena, const char *bytes, size_t len, struct err *err);
/* First child of that name (node may be NULL), NULL when absent. */
const struct xml_node *xml_child(const struct xml_node *node, const char *name);
/* Next sibling of the same name as node. */
const struct xml_node *xml_next(const struct xml_node *node);
/* Text of the child of that name, fallback when absent (node may be NULL). */
const char *xml_text(const struct xml_node *node, const char *name, const char *fallback);
int64_t xml_int(const struct xml_node *node, const char *name, int64_t fallback);
/* Writer: appends <name>escaped text</name>. Characters that XML 1.0 cannot carry become &#xFFFD;. */
bool xml_write_element(struct buf *out, const char *name, const char *text);
bool xml_write_escaped(struct buf *out, const char *bytes, size_t len);
#endif
