/* Snapshots and the slots they are published in. The lock of a slot is held for a pointer swap only. */
#include "backend/core/snap.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SNAP_ERROR_BYTES = 4096 };

struct snap_slot {
    pthread_mutex_t lock;
    const struct snap *current;
    uint64_t generation;
    void (*changed)(void *context);
    void *context;
};

struct snap *snap_new(size_t max_bytes)
{
    struct arena *arena = arena_new(max_bytes + sizeof(struct snap));
    struct snap *snap = ARENA_NEW(arena, struct snap);
    snap->arena = arena;
    snap->refs = 1;
    return snap;
}

const struct snap *snap_get(const struct snap *snap)
{
    if (snap)
        __atomic_add_fetch(&((struct snap *)snap)->refs, 1, __ATOMIC_RELAXED);
    return snap;
}

void snap_put(const struct snap *snap)
{
    if (!snap || __atomic_sub_fetch(&((struct snap *)snap)->refs, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    snap_put(snap->kept); /* whose value this one shows again */
    arena_free(snap->arena);
}

struct snap_slot *snap_slot_new(void (*changed)(void *context), void *context)
{
    struct snap_slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        abort();
    pthread_mutex_init(&slot->lock, NULL);
    slot->changed = changed;
    slot->context = context;
    return slot;
}

void snap_slot_free(struct snap_slot *slot)
{
    if (!slot)
        return;
    snap_put(slot->current);
    pthread_mutex_destroy(&slot->lock);
    free(slot);
}

void snap_publish(struct snap_slot *slot, struct snap *snap)
{
    pthread_mutex_lock(&slot->lock);
    const struct snap *before = slot->current;
    snap->generation = ++slot->generation;
    slot->current = snap;
    pthread_mutex_unlock(&slot->lock);
    snap_put(before);
    if (slot->changed)
        slot->changed(slot->context);
}

/* The last good value is shown again by a new snapshot that keeps the old one alive: nobody ever writes to a published
 * one. */
void snap_publish_retry(struct snap_slot *slot, const struct err *err, const struct snap_retry *retry, int64_t now_ms)
{
    const struct snap *before = snap_slot_get(slot);
    struct snap *snap = snap_new(SNAP_ERROR_BYTES);
    if (before) {
        snap->value = before->value;
        snap->taken_ms = before->taken_ms;
        snap->source = before->source;
        snap->kept = snap_get(before->kept ? before->kept : before);
    }
    snap->tried_ms = now_ms;
    snap->err = *err;
    snap->retry = *retry;
    snap_publish(slot, snap);
    snap_put(before);
}

void snap_publish_error(struct snap_slot *slot, const struct err *err, int64_t now_ms)
{
    snap_publish_retry(slot, err, &(struct snap_retry){.tries = 0}, now_ms);
}

const struct snap *snap_slot_get(struct snap_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    const struct snap *snap = snap_get(slot->current);
    pthread_mutex_unlock(&slot->lock);
    return snap;
}

uint64_t snap_slot_generation(struct snap_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    uint64_t generation = slot->generation;
    pthread_mutex_unlock(&slot->lock);
    return generation;
}

bool snap_slot_take(struct snap_slot *slot, const struct snap **held)
{
    if (*held && (*held)->generation == snap_slot_generation(slot))
        return false;
    const struct snap *newest = snap_slot_get(slot), *before = *held;
    *held = newest;
    snap_put(before);
    return newest != before;
}
