/* A session over an embedded cloud of its own; see cloudstage.h. */
#include "tests/lib/cloudstage.h"
#include "backend/aws/s3.h"
#include "backend/core/localctl.h"
#include "backend/core/thread.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void note_change(void *context)
{
    struct cloudstage *stage = context;
    pthread_mutex_lock(&stage->lock);
    stage->changes++;
    pthread_cond_broadcast(&stage->changed);
    pthread_mutex_unlock(&stage->lock);
}

/* weir-local is two folders above this program. */
static void find_daemon(void)
{
    char self[PATH_SIZE], path[2 * PATH_SIZE];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    self[len > 0 ? len : 0] = 0;
    for (int up = 0; up < 3; up++) {
        char *slash = strrchr(self, '/');
        if (slash)
            *slash = 0;
    }
    snprintf(path, sizeof path, "%s:%s", self, getenv("PATH"));
    setenv("PATH", path, 1);
}

bool cloudstage_open(struct cloudstage *stage)
{
    struct err err = ERR_NONE;
    find_daemon();
    pthread_mutex_init(&stage->lock, NULL);
    thread_cond_init(&stage->changed);
    tempdir_make(&stage->dir);
    snprintf(stage->config.local_dir, sizeof stage->config.local_dir, "%s/cloud", stage->dir.path);
    snprintf(stage->config.region, sizeof stage->config.region, "us-east-1");
    stage->config.refresh_ms = 600000;
    stage->config.new_retries = true; /* its base delay is 50 ms */
    struct session_options options = {.config = &stage->config, .changed = note_change, .context = stage};
    stage->session = session_open(&options, &err);
    stage->aws = stage->session ? session_connect(stage->session, NULL, &err) : NULL;
    if (!stage->aws)
        print_error("the embedded cloud did not start: %s\n", err.text);
    return stage->aws != NULL;
}

void cloudstage_close(struct cloudstage *stage)
{
    session_close(stage->session);
    localctl_stop(stage->config.local_dir, NULL);
    tempdir_remove(&stage->dir);
    pthread_cond_destroy(&stage->changed);
    pthread_mutex_destroy(&stage->lock);
}

uint64_t cloudstage_changes(struct cloudstage *stage)
{
    pthread_mutex_lock(&stage->lock);
    uint64_t changes = stage->changes;
    pthread_mutex_unlock(&stage->lock);
    return changes;
}

bool cloudstage_wait(struct cloudstage *stage, uint64_t seen, int64_t until_ms)
{
    bool in_time = true;
    pthread_mutex_lock(&stage->lock);
    while (stage->changes == seen && in_time)
        in_time = thread_wait(&stage->changed, &stage->lock, until_ms);
    pthread_mutex_unlock(&stage->lock);
    return in_time;
}

void cloudstage_must(bool ok, const struct err *err)
{
    if (!ok)
        fail_msg("%s", err->text);
}

void cloudstage_put(struct cloudstage *stage, const char *bucket, const char *key, const char *text)
{
    struct err err = ERR_NONE;
    struct s3_put request = s3_put_init(bucket, key);
    request.bytes = text;
    request.len = (int64_t)strlen(text);
    cloudstage_must(s3_put_object(stage->aws, &request, NULL, &err), &err);
}
