/* The parts of a request's head that are ours to parse: the target's path and query, and the host name. Pure; fuzzed by
 * tests/fuzz/http_request.c. */
#ifndef WEIR_LOCAL_HEAD_H
#define WEIR_LOCAL_HEAD_H
#include "backend/base/list.h"
#include <stdbool.h>
#include <stddef.h>

/* Splits "/a/b?x=1" (or the absolute form "http://host/a/b?x=1") in place: *path gets "/" at least, *query "" when
 * there is none; a fragment is cut off. */
void head_split_target(char *target, const char **path, const char **query);
/* Decodes "a=1&b" into pairs, '+' is a space; false on a bad escape or too many parameters. */
bool head_parse_query(const char *query, struct pairs *pairs);
/* Host without port, lower case; brackets of an IPv6 address stay. */
void head_host(const char *header, char *out, size_t size);
#endif
