/* Name/value lists: a growable array of owned copies. A list belongs to one thread at a time. */
#include "backend/base/list.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool make_room(struct pairs *pairs)
{
    if (pairs->count < pairs->cap)
        return true;
    size_t cap = pairs->cap ? pairs->cap * 2 : 8;
    if (cap > PAIRS_MAX)
        cap = PAIRS_MAX;
    if (pairs->count >= cap)
        return false;
    struct pair *items = realloc(pairs->items, cap * sizeof *items);
    if (!items)
        return false;
    pairs->items = items;
    pairs->cap = cap;
    return true;
}

bool pairs_add(struct pairs *pairs, const char *name, const char *value)
{
    if (!make_room(pairs))
        return false;
    struct pair pair = {.name = strdup(name), .value = strdup(value)};
    if (!pair.name || !pair.value) {
        free(pair.name);
        free(pair.value);
        return false;
    }
    pairs->items[pairs->count++] = pair;
    return true;
}

bool pairs_addf(struct pairs *pairs, const char *name, const char *format, ...)
{
    char *value = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&value, format, args);
    va_end(args);
    if (len < 0)
        return false;
    bool added = pairs_add(pairs, name, value);
    free(value);
    return added;
}

static struct pair *find(const struct pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->count; i++)
        if (strcasecmp(pairs->items[i].name, name) == 0)
            return &pairs->items[i];
    return NULL;
}

bool pairs_set(struct pairs *pairs, const char *name, const char *value)
{
    struct pair *pair = find(pairs, name);
    if (!pair)
        return pairs_add(pairs, name, value);
    char *copy = strdup(value);
    if (!copy)
        return false;
    free(pair->value);
    pair->value = copy;
    return true;
}

const char *pairs_get(const struct pairs *pairs, const char *name)
{
    const struct pair *pair = find(pairs, name);
    return pair ? pair->value : NULL;
}

void pairs_remove(struct pairs *pairs, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcasecmp(pairs->items[i].name, name) == 0) {
            free(pairs->items[i].name);
            free(pairs->items[i].value);
        } else {
            pairs->items[kept++] = pairs->items[i];
        }
    }
    pairs->count = kept;
}

bool pairs_copy(struct pairs *to, const struct pairs *from)
{
    for (size_t i = 0; i < from->count; i++)
        if (!pairs_add(to, from->items[i].name, from->items[i].value))
            return false;
    return true;
}

void pairs_done(struct pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++) {
        free(pairs->items[i].name);
        free(pairs->items[i].value);
    }
    free(pairs->items);
    *pairs = (struct pairs){.items = NULL};
}
