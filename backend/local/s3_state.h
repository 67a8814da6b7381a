/* The running state of the embedded S3 beside its tables: ids of bodies, and the keeper thread. Shared by s3_store.c,
 * which owns it, and s3_keeper.c. */
#ifndef WEIR_LOCAL_S3_STATE_H
#define WEIR_LOCAL_S3_STATE_H
#include "backend/local/s3.h"
#include <pthread.h>
#include <stdatomic.h>

struct s3_state {
    _Atomic int64_t next_id; /* of bodies; never reused, greater than any of an earlier run */
    int64_t first_id;        /* of this run: the collector touches only older ones */
    pthread_t keeper;        /* collects garbage after a crash, then sleeps from one daily pass to the next */
    bool has_keeper;
    bool is_tidy; /* no garbage of a crash is left: the last stop was clean, or all was collected since */
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t wake; /* stop was set */
};

/* s3_keeper.c: starts the thread (collects first when the last stop was not clean), stops it. */
bool s3_keeper_start(struct cloud *cloud, struct err *err);
void s3_keeper_stop(struct cloud *cloud);
#endif
