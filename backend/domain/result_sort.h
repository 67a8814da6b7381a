/* Sorting more values than fit in memory: sorted runs in an unlinked file, merged. Numbers and
 * times by value, texts bytewise by their first 4 KiB; NULLs last in both directions; equal values in the order they
 * were added. One thread. */
#ifndef WEIR_DOMAIN_RESULT_SORT_H
#define WEIR_DOMAIN_RESULT_SORT_H
#include "backend/domain/result_private.h"

enum { SORT_TEXT_MAX = 4096 };
struct sorter;
struct sorter_options {
    const char *directory; /* of the runs */
    size_t memory;         /* bytes used at once, at least 32 KiB */
    const char *type;      /* Athena's, of the values */
    bool is_reverse;
    bool (*is_stale)(void *context);                  /* asked now and then: give up */
    void (*progress)(void *context, double fraction); /* of the merging */
    void *context;
};
struct sorter *sorter_new(const struct sorter_options *options, struct err *err);
void sorter_free(struct sorter *sorter);
bool sorter_add(struct sorter *sorter, const struct value *value, struct row_mark mark, struct err *err);
/* Adds all marks in order to out. False with *err, or ERR_CANCELLED when is_stale said so. */
bool sorter_finish(struct sorter *sorter, struct spool *out, struct err *err);
#endif
