/* What the embedded S3 does by itself, on one thread that sleeps most of the time: collecting files that a crash left
 * without a row, forgetting finished uploads, and the lifecycle pass of each midnight. */
#include "backend/base/log.h"
#include "backend/local/s3_state.h"
#include "backend/local/store.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool row_exists(struct cloud *cloud, int64_t id)
{
    struct err err = ERR_NONE;
    struct db *db = store_reader(cloud->store, &err);
    struct db_row *row = db ? db_query(db, &err, "select 1 from s3_body where id=?", "i", id) : NULL;
    /* when in doubt, keep the file */
    bool exists = !row || db_step(row, &err) || err.code != ERR_OK;
    if (row)
        db_end(row);
    if (db)
        store_reader_done(cloud->store, db);
    return exists;
}

static void collect_directory(struct cloud *cloud, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry = readdir(dir); entry && !atomic_load(&cloud->s3->stop); entry = readdir(dir)) {
        char *end;
        int64_t id = (int64_t)strtoull(entry->d_name, &end, 16);
        if (strlen(entry->d_name) != 16 || *end || id >= cloud->s3->first_id || row_exists(cloud, id))
            continue;
        if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            log_info(local, "s3: collected %s, which no row names", entry->d_name);
    }
    closedir(dir);
}

static void collect(struct cloud *cloud)
{
    char path[4096];
    for (int i = 0; i < 256 && !atomic_load(&cloud->s3->stop); i++) {
        if (s3_body_directory(cloud, i, path))
            collect_directory(cloud, path);
    }
    cloud->s3->is_tidy = !atomic_load(&cloud->s3->stop);
}

static bool forget_old_uploads(struct db *db, void *context, struct err *err)
{
    const struct cloud *cloud = context;
    int64_t day_ago = clock_wall(cloud->clock) - 24 * 3600 * 1000LL;
    return db_run(db, err, "delete from s3_done where at<?", "i", day_ago);
}

/* Sleeps until that wall time or stop; an hour at most, so that a clock that is set does not matter. */
static void sleep_until(struct cloud *cloud, int64_t wall_ms)
{
    struct s3_state *state = cloud->s3;
    struct timespec until;
    int64_t left = wall_ms - clock_wall(cloud->clock);
    if (left > 3600 * 1000)
        left = 3600 * 1000;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += left / 1000 + 1;
    pthread_mutex_lock(&state->lock);
    if (!atomic_load(&state->stop))
        pthread_cond_timedwait(&state->wake, &state->lock, &until);
    pthread_mutex_unlock(&state->lock);
}

static void *keep(void *argument)
{
    struct cloud *cloud = argument;
    struct err err = ERR_NONE;
    if (!cloud->s3->is_tidy)
        collect(cloud);
    while (!atomic_load(&cloud->s3->stop)) {
        if (!store_write(cloud->store, forget_old_uploads, cloud, &err) || !s3_lifecycle_run(cloud, &err))
            log_warn(local, "s3: the daily pass failed: %s", err.text);
        int64_t next = s3_lifecycle_next(clock_wall(cloud->clock));
        while (!atomic_load(&cloud->s3->stop) && clock_wall(cloud->clock) < next)
            sleep_until(cloud, next);
    }
    return NULL;
}

bool s3_keeper_start(struct cloud *cloud, struct err *err)
{
    struct s3_state *state = cloud->s3;
    pthread_mutex_init(&state->lock, NULL);
    pthread_cond_init(&state->wake, NULL);
    state->has_keeper = pthread_create(&state->keeper, NULL, keep, cloud) == 0;
    return state->has_keeper || err_set(err, ERR_FAILED, "s3: a thread could not be started; check the process limit");
}

void s3_keeper_stop(struct cloud *cloud)
{
    struct s3_state *state = cloud->s3;
    if (!state->has_keeper)
        return;
    pthread_mutex_lock(&state->lock);
    atomic_store(&state->stop, true);
    pthread_cond_signal(&state->wake);
    pthread_mutex_unlock(&state->lock);
    pthread_join(state->keeper, NULL);
    pthread_cond_destroy(&state->wake);
    pthread_mutex_destroy(&state->lock);
}
