/* The file, the result over it, and the waits. */
#include "tests/lib/resultkit.h"
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void changed(void *context)
{
    struct result_kit *it = context;
    pthread_mutex_lock(&it->lock);
    it->changes++;
    pthread_cond_broadcast(&it->cond);
    pthread_mutex_unlock(&it->lock);
}

/* Waits for the next change after the one seen, at most 10 s: then the test fails. */
void result_kit_wait(struct result_kit *it, uint64_t *seen)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    pthread_mutex_lock(&it->lock);
    int late = 0;
    while (it->changes == *seen && !late)
        late = pthread_cond_timedwait(&it->cond, &it->lock, &until);
    *seen = it->changes;
    pthread_mutex_unlock(&it->lock);
    if (late)
        fail_msg("nothing changed in 10 s");
}

void result_kit_setup(struct result_kit *it)
{
    *it = (struct result_kit){.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    tempdir_make(&it->temp);
    it->dir = it->temp.path;
    snprintf(it->path, sizeof it->path, "%s/result.csv", it->dir);
}

void result_kit_add(struct result_kit *it, const char *bytes, size_t len)
{
    int fd = open(it->path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

void result_kit_open(struct result_kit *it, struct result_options options)
{
    struct err err = ERR_NONE;
    options.path = it->path;
    options.directory = it->dir;
    options.changed = changed;
    options.context = it;
    it->result = result_open(&options, &err);
    if (!it->result)
        fail_msg("%s", err.text);
}

void result_kit_open_text(struct result_kit *it, const char *text, struct result_options options)
{
    result_kit_setup(it);
    result_kit_add(it, text, strlen(text));
    result_kit_open(it, options);
    result_arrived(it->result, (int64_t)strlen(text), true);
}

void result_kit_done(struct result_kit *it)
{
    result_close(it->result);
    tempdir_remove(&it->temp);
}

struct result_status result_kit_settle(struct result_kit *it)
{
    struct result_status status;
    uint64_t seen = 0;
    for (result_status(it->result, &status); !status.is_complete || status.work != RESULT_IDLE;
         result_status(it->result, &status))
        result_kit_wait(it, &seen);
    return status;
}

const struct result_row *result_kit_row(struct result_kit *it, size_t shown)
{
    const struct result_row *row;
    uint64_t seen = 0;
    struct result_look look = {.first = shown, .last = shown, .right = 1000};
    for (;;) {
        result_look(it->result, &look);
        if ((row = result_row(it->result, shown)))
            return row;
        result_kit_wait(it, &seen);
    }
}

const char *result_kit_text(struct result_kit *it, size_t shown)
{
    static char text[4096];
    size_t count, at = 0;
    const struct result_row *row = result_kit_row(it, shown);
    result_columns(it->result, &count);
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        struct value value = result_cell(row, i, NULL);
        const char *word = value.state == VALUE_NULL ? "NULL" : value.state == VALUE_NONE ? "#" : NULL;
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%.*s", i ? "|" : "", word ? 4 : (int)value.len,
                               word ? word : value.text);
    }
    return text;
}
