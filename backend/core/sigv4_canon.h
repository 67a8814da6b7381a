/* The canonical forms of a request's pieces, shared by signing and verification. Private to sigv4*.c. Pure. */
#ifndef WEIR_CORE_SIGV4_CANON_H
#define WEIR_CORE_SIGV4_CANON_H
#include "backend/core/sigv4.h"

/* One piece of a raw query: "name=value" between two '&'. Both still encoded; value is empty when there is no '='. */
struct query_part {
    const char *name, *value;
    size_t name_len, value_len;
};
/* Takes the next non-empty piece and moves *query behind it; false at the end. */
bool query_next(const char **query, struct query_part *part);
/* True when the piece's name is exactly this (after decoding). */
bool query_is(const struct query_part *part, const char *name);
/* Decodes the value of the first piece of that name into out. 1 found, 0 absent, -1 longer than size - 1. */
int query_value(const char *query, const char *name, char *out, size_t size);

/* Appends the canonical path: normalised and encoded again as the rules say; "/" for an empty one. */
bool canon_path(const char *path, const struct sigv4_rules *rules, struct buf *out);
/* Appends the canonical query: every piece encoded anew, sorted by name, then value; pieces named skip are left out
 * (NULL: none). */
bool canon_query(const char *query, const char *skip, struct buf *out);
/* Appends "name:value\n" lines, and to names the "a;b;c" list. only NULL: all headers except those that proxies and
 * clients change on the way; else exactly the names of that list, in its order. */
bool canon_headers(const struct pairs *headers, const char *only, struct buf *out, struct buf *names);
/* True when name occurs in the "a;b;c" list. */
bool canon_is_listed(const char *list, const char *name);
/* As the stage sigv4_canonical_request, for a received request: exactly the headers of the list only, without the query
 * parameter skip (NULL: all). False when too large. */
bool sigv4_canonical_received(struct sigv4 *sig, const struct sigv4_request *req, const char *only, const char *skip);
/* Fills *err with the service's own word and the HTTP status to answer with; returns false. */
bool auth_fault(struct err *err, enum err_code code, const char *service_code, int http_status, const char *text);
#endif
