/* A cancel token: set from any thread, seen by whoever waits. Reference-free: the owner outlives the users (job or
 * feed). */
#ifndef WEIR_CORE_CANCEL_H
#define WEIR_CORE_CANCEL_H
#include <stdatomic.h>
#include <stdbool.h>

struct cancel {
    atomic_bool is_set;
};
static inline bool cancel_is_set(const struct cancel *cancel)
{
    return cancel && atomic_load(&((struct cancel *)cancel)->is_set);
}
/* Sets it and wakes the HTTP thread so that running transfers end at once (http_wake). */
void cancel_set(struct cancel *cancel);
#endif
