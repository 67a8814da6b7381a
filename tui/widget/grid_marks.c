/* The set of marked rows, by identity: open addressing with linear probing. At most one entry per row of the source. */
#include "tui/widget/grid_private.h"
#include <stdlib.h>

static uint64_t stored(uint64_t id)
{
    return id ? id : 1;
}

static size_t slot_of(const struct mark_set *set, uint64_t id)
{
    /* Fibonacci hashing: identities may be plain indexes, whose low bits alone would cluster */
    size_t at = (size_t)((id * 0x9E3779B97F4A7C15u) >> 32) & (set->cap - 1);
    while (set->slots[at] && set->slots[at] != id)
        at = (at + 1) & (set->cap - 1);
    return at;
}

bool marks_has(const struct mark_set *set, uint64_t id)
{
    return set->count > 0 && set->slots[slot_of(set, stored(id))] != 0;
}

static bool grow(struct mark_set *set)
{
    struct mark_set bigger = {.cap = set->cap ? set->cap * 2 : 64};
    bigger.slots = calloc(bigger.cap, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < set->cap; i++) {
        if (set->slots[i])
            bigger.slots[slot_of(&bigger, set->slots[i])] = set->slots[i];
    }
    bigger.count = set->count;
    free(set->slots);
    *set = bigger;
    return true;
}

bool marks_add(struct mark_set *set, uint64_t id)
{
    if (set->count * 2 >= set->cap && !grow(set))
        return false;
    size_t at = slot_of(set, stored(id));
    if (!set->slots[at]) {
        set->slots[at] = stored(id);
        set->count++;
    }
    return true;
}

void marks_remove(struct mark_set *set, uint64_t id)
{
    if (!marks_has(set, id))
        return;
    size_t at = slot_of(set, stored(id));
    set->slots[at] = 0;
    set->count--;
    /* entries behind the hole may have been pushed past it: put each of the run in again */
    for (size_t i = (at + 1) & (set->cap - 1); set->slots[i]; i = (i + 1) & (set->cap - 1)) {
        uint64_t moved = set->slots[i];
        set->slots[i] = 0;
        set->slots[slot_of(set, moved)] = moved;
    }
}

void marks_clear(struct mark_set *set)
{
    free(set->slots);
    *set = (struct mark_set){0};
}

size_t marks_list(const struct mark_set *set, uint64_t *ids, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; i < set->cap && count < max; i++) {
        if (set->slots[i])
            ids[count++] = set->slots[i];
    }
    return count;
}
