/* A result over a file of a test's own: written whole or in pieces, waited for without sleeping. A wait of 10 s fails
 * the test. */
#ifndef WEIR_TESTS_RESULTKIT_H
#define WEIR_TESTS_RESULTKIT_H
#include "backend/domain/result.h"
#include "tests/lib/tempdir.h"
#include <pthread.h>

struct result_kit {
    struct tempdir temp;
    const char *dir;
    char path[600];
    struct result *result;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    uint64_t changes;
};
void result_kit_setup(struct result_kit *it); /* a directory and the name of a file in it */
void result_kit_add(struct result_kit *it, const char *bytes, size_t len); /* to the file's end */
/* Opens; path, directory and changed are filled in. Says nothing of what has arrived. */
void result_kit_open(struct result_kit *it, struct result_options options);
/* All three for a whole file. */
void result_kit_open_text(struct result_kit *it, const char *text, struct result_options options);
void result_kit_done(struct result_kit *it);
/* Waits for the next change after the one seen. */
void result_kit_wait(struct result_kit *it, uint64_t *seen);
/* Waits until all is indexed and arranged. */
struct result_status result_kit_settle(struct result_kit *it);
const struct result_row *result_kit_row(struct result_kit *it, size_t shown);
/* "a|NULL|" of a row; '#' for what the row does not have. Valid until the next call. */
const char *result_kit_text(struct result_kit *it, size_t shown);
#endif
