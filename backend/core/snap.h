/* Snapshots: immutable, reference-counted values in one arena, freed in one call; and the slot they are published in.
 */
#ifndef WEIR_CORE_SNAP_H
#define WEIR_CORE_SNAP_H
#include "backend/base/arena.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stdint.h>

/* A fetch that still goes on although calls fail: they are repeated. */
struct snap_retry {
    int tries;        /* that failed since since_ms; 0: nothing is being repeated */
    int64_t since_ms; /* wall time of the first that failed */
    int64_t next_ms;  /* wall time of the next try */
};
struct snap {
    struct arena *arena;     /* holds everything below and the value */
    const void *value;       /* the domain's own struct; NULL when nothing was ever fetched */
    int64_t taken_ms;        /* wall time the value was taken; 0 never */
    int64_t tried_ms;        /* wall time of the last try */
    struct err err;          /* of the last try; OK when value is fresh */
    struct snap_retry retry; /* tries > 0: err is why the present fetch takes so long */
    const char *source;      /* endpoint and account */
    int calls;               /* API calls it took */
    uint64_t generation;     /* counts up per slot */
    int refs;                /* private */
    const struct snap *kept; /* private: the snapshot whose value a failed try shows again */
};
/* A new one with one reference; arena of at most max_bytes. */
struct snap *snap_new(size_t max_bytes);
const struct snap *snap_get(const struct snap *snap);
void snap_put(const struct snap *snap); /* NULL is fine */

struct snap_slot; /* one publisher (a feed thread), any readers */
struct snap_slot *snap_slot_new(void (*changed)(void *context),
                                void *context); /* changed is called on the publisher's thread */
void snap_slot_free(struct snap_slot *slot);
/* Takes over the reference; nobody writes to snap afterwards. */
void snap_publish(struct snap_slot *slot, struct snap *snap);
/* A failed try: keeps the last good value and records the error and the time. */
void snap_publish_error(struct snap_slot *slot, const struct err *err, int64_t now_ms);
/* As before, while the fetch goes on: err may be OK, then the trouble is over. */
void snap_publish_retry(struct snap_slot *slot, const struct err *err, const struct snap_retry *retry, int64_t now_ms);
/* The newest, with a reference for the caller; NULL before the first publish. Never blocks for longer than a pointer
 * swap. */
const struct snap *snap_slot_get(struct snap_slot *slot);
uint64_t snap_slot_generation(struct snap_slot *slot);
/* Puts the newest in place of the one held (NULL: none yet), whose reference is given back; true when it is another
 * one. Any thread; *held is the caller's own. */
bool snap_slot_take(struct snap_slot *slot, const struct snap **held);
#endif
