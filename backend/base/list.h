/* Name/value lists (headers, query parameters) in one arena-free, growable, bounded array. */
#ifndef WEIR_BASE_LIST_H
#define WEIR_BASE_LIST_H
#include <stdbool.h>
#include <stddef.h>

struct pair {
    char *name, *value; /* owned by the list */
};
struct pairs {
    struct pair *items;
    size_t count, cap;
};
enum { PAIRS_MAX = 1024 };
/* Copies; false past PAIRS_MAX. */
bool pairs_add(struct pairs *pairs, const char *name, const char *value);
bool pairs_addf(struct pairs *pairs, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Replaces the first of that name (ASCII case-insensitive), or adds. */
bool pairs_set(struct pairs *pairs, const char *name, const char *value);
/* ASCII case-insensitive; NULL when absent. */
const char *pairs_get(const struct pairs *pairs, const char *name);
void pairs_remove(struct pairs *pairs, const char *name);
bool pairs_copy(struct pairs *to, const struct pairs *from);
void pairs_done(struct pairs *pairs);
#endif
