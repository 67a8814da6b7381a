/* A session of the console's client over an embedded cloud of its own, started as the console starts it, for tests that
 * need both. One per test program; the tests' own thread. */
#ifndef WEIR_TESTS_LIB_CLOUDSTAGE_H
#define WEIR_TESTS_LIB_CLOUDSTAGE_H
#include "backend/domain/session.h"
#include "tests/lib/tempdir.h"
#include <pthread.h>

struct cloudstage {
    struct tempdir dir;
    struct config config; /* may be set before cloudstage_open */
    struct session *session;
    struct aws *aws;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t changes; /* of snapshots and jobs */
};
/* Starts the cloud in a private directory and connects; false after the cause was printed. */
bool cloudstage_open(struct cloudstage *stage);
void cloudstage_close(struct cloudstage *stage); /* ends both, removes the directory */
/* Changes so far, to be given to cloudstage_wait: that waits for another one. False when none came until until_ms
 * (clock_mono). */
uint64_t cloudstage_changes(struct cloudstage *stage);
bool cloudstage_wait(struct cloudstage *stage, uint64_t seen, int64_t until_ms);
void cloudstage_put(struct cloudstage *stage, const char *bucket, const char *key, const char *text);
/* Ends the test unless ok. */
void cloudstage_must(bool ok, const struct err *err);
#endif
