/* Snapshots, feeds and jobs: what a reader sees, and that nothing is waited for that should not be. */
#include "backend/base/clock.h"
#include "backend/core/feed.h"
#include "backend/core/job.h"
#include "backend/core/snap.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct signal_box { /* counts changes and lets a test wait for a condition */
    pthread_mutex_t lock;
    pthread_cond_t cond;
    int changes;
};
static void box_init(struct signal_box *box)
{
    *box = (struct signal_box){.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
}
static void box_changed(void *context)
{
    struct signal_box *box = context;
    pthread_mutex_lock(&box->lock);
    box->changes++;
    pthread_cond_broadcast(&box->cond);
    pthread_mutex_unlock(&box->lock);
}
/* Waits until is_true(data), looking again at every change; gives up after 10 s. */
static void wait_until(struct signal_box *box, bool (*is_true)(void *data), void *data)
{
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 10;
    pthread_mutex_lock(&box->lock);
    for (int seen = box->changes;; seen = box->changes) {
        pthread_mutex_unlock(&box->lock);
        bool done = is_true(data);
        pthread_mutex_lock(&box->lock);
        if (done)
            break;
        while (box->changes == seen)
            assert_int_equal(pthread_cond_timedwait(&box->cond, &box->lock, &end), 0);
    }
    pthread_mutex_unlock(&box->lock);
}

static struct snap *snap_of(const char *text)
{
    struct snap *snap = snap_new(4096);
    snap->value = arena_strdup(snap->arena, text);
    snap->taken_ms = 1;
    return snap;
}

static void a_failed_try_keeps_the_last_good_value(void **state)
{
    (void)state;
    struct snap_slot *slot = snap_slot_new(NULL, NULL);
    struct err err = ERR_NONE;
    assert_null(snap_slot_get(slot));
    snap_publish(slot, snap_of("good"));
    err_set(&err, ERR_TIMEOUT, "no answer");
    for (int i = 0; i < 3; i++)
        snap_publish_error(slot, &err, 100 + i);
    const struct snap *snap = snap_slot_get(slot);
    assert_string_equal(snap->value, "good");
    assert_int_equal(snap->err.code, ERR_TIMEOUT);
    assert_int_equal(snap->taken_ms, 1);
    assert_int_equal(snap->tried_ms, 102);
    assert_int_equal(snap->generation, 4);
    snap_put(snap);
    snap_slot_free(slot);
}

static void an_error_before_any_value_has_no_value(void **state)
{
    (void)state;
    struct snap_slot *slot = snap_slot_new(NULL, NULL);
    struct err err = ERR_NONE;
    err_set(&err, ERR_DENIED, "no");
    snap_publish_error(slot, &err, 5);
    const struct snap *snap = snap_slot_get(slot);
    assert_null(snap->value);
    assert_int_equal(snap->taken_ms, 0);
    snap_put(snap);
    snap_slot_free(slot);
}

static void a_reader_keeps_its_snapshot_while_newer_ones_come(void **state)
{
    (void)state;
    struct snap_slot *slot = snap_slot_new(NULL, NULL);
    snap_publish(slot, snap_of("first"));
    const struct snap *first = snap_slot_get(slot);
    snap_publish(slot, snap_of("second"));
    assert_string_equal(first->value, "first");
    snap_put(first);
    snap_slot_free(slot);
}

struct fake { /* a feed's context */
    struct signal_box box;
    struct snap_slot *slot;
    struct feed *feed;
    int fetches;
    bool fails, hangs, is_slowed, may_end;
};
static bool may_end(void *data)
{
    return __atomic_load_n(&((struct fake *)data)->may_end, __ATOMIC_SEQ_CST);
}
/* What a call does that is told to slow down: it fails, growing figures come by, it goes on when the test says so. */
static void sit_in_retries(struct fake *fake, struct feed *feed)
{
    struct err slow = ERR_NONE;
    err_set(&slow, ERR_THROTTLED, "SlowDown");
    cancel_tell(feed_cancel(feed), &slow, 0);
    cancel_tell(feed_cancel(feed), &slow, 5000);
    feed_publish_partial(feed, snap_of("growing"));
    wait_until(&fake->box, may_end, fake);
}
static struct snap *fake_fetch(struct feed *feed, void *context, struct err *err)
{
    struct fake *fake = context;
    int count = __atomic_add_fetch(&fake->fetches, 1, __ATOMIC_SEQ_CST);
    box_changed(&fake->box);
    if (count > 1 && __atomic_load_n(&fake->is_slowed, __ATOMIC_SEQ_CST))
        sit_in_retries(fake, feed);
    if (__atomic_load_n(&fake->hangs, __ATOMIC_SEQ_CST) && !cancel_wait(feed_cancel(feed), 60000)) {
        err_set(err, ERR_CANCELLED, "cancelled");
        return NULL;
    }
    if (__atomic_load_n(&fake->fails, __ATOMIC_SEQ_CST)) {
        err_set(err, ERR_CONNECT, "refused");
        return NULL;
    }
    struct snap *snap = snap_new(4096);
    snap->value = arena_printf(snap->arena, "%d", count);
    return snap;
}
static const struct feed_ops quick_ops = {.name = "fake", .interval_ms = 1, .fetch = fake_fetch};
static const struct feed_ops slow_ops = {.name = "fake", .interval_ms = 1000000, .fetch = fake_fetch};

static void fake_start(struct fake *fake, const struct feed_ops *ops)
{
    struct err err = ERR_NONE;
    box_init(&fake->box);
    fake->slot = snap_slot_new(box_changed, &fake->box);
    fake->feed = feed_start(ops, fake, fake->slot, &err);
    assert_non_null(fake->feed);
}
static void fake_stop(struct fake *fake)
{
    feed_stop(fake->feed);
    feed_join(fake->feed);
    snap_slot_free(fake->slot);
}
static bool has_fetched_once(void *data)
{
    return __atomic_load_n(&((struct fake *)data)->fetches, __ATOMIC_SEQ_CST) >= 1;
}
static bool has_fetched_five_times(void *data)
{
    return __atomic_load_n(&((struct fake *)data)->fetches, __ATOMIC_SEQ_CST) >= 5;
}
static bool has_error(void *data)
{
    const struct snap *snap = snap_slot_get(((struct fake *)data)->slot);
    bool is_there = snap && snap->err.code == ERR_CONNECT;
    snap_put(snap);
    return is_there;
}
static bool has_published(void *data)
{
    return snap_slot_generation(((struct fake *)data)->slot) > 0;
}

static void a_hidden_feed_sleeps_and_a_visible_one_repeats(void **state)
{
    (void)state;
    struct fake fake = {0};
    fake_start(&fake, &quick_ops);
    assert_int_equal(fake.fetches, 0);
    feed_set_visible(fake.feed, true);
    wait_until(&fake.box, has_fetched_five_times, &fake);
    fake_stop(&fake);
}

static void a_failing_feed_backs_off_and_says_why(void **state)
{
    (void)state;
    struct fake fake = {.fails = true};
    fake_start(&fake, &quick_ops);
    feed_set_visible(fake.feed, true);
    wait_until(&fake.box, has_error, &fake);
    assert_int_equal(feed_state(fake.feed), FEED_BACKOFF);
    fake_stop(&fake);
}

static void stopping_ends_a_hanging_fetch(void **state)
{
    (void)state;
    struct fake fake = {.hangs = true};
    fake_start(&fake, &slow_ops);
    feed_set_visible(fake.feed, true);
    wait_until(&fake.box, has_fetched_once, &fake);
    fake_stop(&fake); /* returns: the test would hang for a minute otherwise */
    assert_int_equal(fake.fetches, 1);
}

static void a_restart_gives_up_the_running_fetch_and_asks_again(void **state)
{
    (void)state;
    struct fake fake = {.hangs = true};
    fake_start(&fake, &slow_ops);
    feed_set_visible(fake.feed, true);
    wait_until(&fake.box, has_fetched_once, &fake);
    __atomic_store_n(&fake.hangs, false, __ATOMIC_SEQ_CST);
    feed_restart(fake.feed);
    wait_until(&fake.box, has_published, &fake);
    const struct snap *snap = snap_slot_get(fake.slot);
    assert_string_equal(snap->value, "2");
    assert_int_equal(snap->err.code, ERR_OK);
    snap_put(snap);
    fake_stop(&fake);
}

static bool is_retrying(void *data)
{
    const struct snap *snap = snap_slot_get(((struct fake *)data)->slot);
    bool is_there = snap && snap->retry.tries == 2 && strcmp(snap->value, "growing") == 0;
    if (is_there) {
        assert_int_equal(snap->err.code, ERR_THROTTLED);
        assert_in_range(snap->retry.next_ms - snap->retry.since_ms, 5000, 60000);
    }
    snap_put(snap);
    return is_there;
}
static bool is_well_again(void *data)
{
    const struct snap *snap = snap_slot_get(((struct fake *)data)->slot);
    bool is_there = snap && snap->retry.tries == 0 && snap->err.code == ERR_OK && strcmp(snap->value, "2") == 0;
    snap_put(snap);
    return is_there;
}

static void a_fetch_that_repeats_failing_calls_says_so_while_it_goes_on(void **state)
{
    (void)state;
    struct fake fake = {.is_slowed = true};
    fake_start(&fake, &slow_ops);
    feed_set_visible(fake.feed, true);
    wait_until(&fake.box, has_published, &fake);
    feed_refresh(fake.feed);
    wait_until(&fake.box, is_retrying, &fake);
    assert_int_equal(feed_state(fake.feed), FEED_FETCHING);
    __atomic_store_n(&fake.may_end, true, __ATOMIC_SEQ_CST);
    box_changed(&fake.box);
    wait_until(&fake.box, is_well_again, &fake);
    fake_stop(&fake);
}

static bool is_third(void *data)
{
    const struct snap *snap = snap_slot_get(((struct fake *)data)->slot);
    bool is_there = snap && snap->retry.tries == 0 && snap->value && strcmp(snap->value, "3") == 0;
    snap_put(snap);
    return is_there;
}

static void a_refresh_does_not_wait_for_the_next_try(void **state)
{
    (void)state;
    struct fake fake = {.is_slowed = true, .may_end = true};
    fake_start(&fake, &slow_ops);
    feed_set_visible(fake.feed, true);
    wait_until(&fake.box, has_published, &fake);
    __atomic_store_n(&fake.hangs, true, __ATOMIC_SEQ_CST);
    feed_refresh(fake.feed);
    wait_until(&fake.box, is_retrying, &fake);
    __atomic_store_n(&fake.hangs, false, __ATOMIC_SEQ_CST);
    __atomic_store_n(&fake.is_slowed, false, __ATOMIC_SEQ_CST);
    feed_refresh(fake.feed);
    wait_until(&fake.box, is_third, &fake);
    fake_stop(&fake);
}

static void one_quick_repetition_is_not_worth_a_word(void **state)
{
    (void)state;
    struct fake fake = {0};
    struct err slow = ERR_NONE;
    err_set(&slow, ERR_THROTTLED, "SlowDown");
    fake_start(&fake, &slow_ops);
    cancel_tell(feed_cancel(fake.feed), &slow, 200);
    cancel_tell(feed_cancel(fake.feed), NULL, 0);
    assert_int_equal(snap_slot_generation(fake.slot), 0);
    fake_stop(&fake);
}

/* --- jobs --- */
struct work {
    struct signal_box *box;
    bool waits, fails;
    int *finished;
};
static bool work_run(struct job *job, void *context, struct err *err)
{
    struct work *work = context;
    job_progress(job, 1, 2);
    job_note(job, "half way");
    if (work->waits && !cancel_wait(job_cancel(job), 60000))
        return err_set(err, ERR_CANCELLED, "cancelled");
    return work->fails ? err_set(err, ERR_NOT_FOUND, "gone") : true;
}
static void work_finished(void *context)
{
    __atomic_add_fetch(((struct work *)context)->finished, 1, __ATOMIC_SEQ_CST);
}
static const struct job_ops work_ops = {.kind = "work", .run = work_run, .finished = work_finished};

struct job_wait {
    struct jobs *jobs;
    int id;
    enum job_state state;
};
static bool job_is(void *data)
{
    struct job_wait *wait = data;
    struct job_view views[64];
    int count = jobs_list(wait->jobs, views, 64);
    for (int i = 0; i < count; i++)
        if (views[i].id == wait->id)
            return views[i].state == wait->state;
    return false;
}

static void jobs_end_as_done_failed_or_cancelled(void **state)
{
    (void)state;
    struct signal_box box;
    int finished = 0;
    box_init(&box);
    struct jobs *jobs = jobs_start(2, box_changed, &box);
    struct work good = {.finished = &finished}, bad = {.fails = true, .finished = &finished},
                long_one = {.waits = true, .finished = &finished};
    struct job_wait wait = {.jobs = jobs, .id = jobs_submit(jobs, &work_ops, &good, "good"), .state = JOB_DONE};
    wait_until(&box, job_is, &wait);
    wait = (struct job_wait){jobs, jobs_submit(jobs, &work_ops, &bad, "bad"), JOB_FAILED};
    wait_until(&box, job_is, &wait);
    wait = (struct job_wait){jobs, jobs_submit(jobs, &work_ops, &long_one, "long"), JOB_RUNNING};
    wait_until(&box, job_is, &wait);
    assert_true(jobs_cancel(jobs, wait.id));
    wait.state = JOB_CANCELLED;
    wait_until(&box, job_is, &wait);
    assert_false(jobs_cancel(jobs, wait.id));
    jobs_stop(jobs);
    assert_int_equal(finished, 3);
}

static void a_full_queue_refuses_and_stopping_frees_what_never_ran(void **state)
{
    (void)state;
    struct signal_box box;
    int finished = 0, accepted = 0;
    box_init(&box);
    struct jobs *jobs = jobs_start(1, box_changed, &box);
    struct work work = {.waits = true, .finished = &finished};
    while (accepted < 1000 && jobs_submit(jobs, &work_ops, &work, "w") > 0)
        accepted++;
    assert_in_range(accepted, 256, 257);
    jobs_stop(jobs);
    assert_int_equal(finished, accepted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_try_keeps_the_last_good_value),
        cmocka_unit_test(an_error_before_any_value_has_no_value),
        cmocka_unit_test(a_reader_keeps_its_snapshot_while_newer_ones_come),
        cmocka_unit_test(a_hidden_feed_sleeps_and_a_visible_one_repeats),
        cmocka_unit_test(a_failing_feed_backs_off_and_says_why),
        cmocka_unit_test(stopping_ends_a_hanging_fetch),
        cmocka_unit_test(a_restart_gives_up_the_running_fetch_and_asks_again),
        cmocka_unit_test(a_fetch_that_repeats_failing_calls_says_so_while_it_goes_on),
        cmocka_unit_test(a_refresh_does_not_wait_for_the_next_try),
        cmocka_unit_test(one_quick_repetition_is_not_worth_a_word),
        cmocka_unit_test(jobs_end_as_done_failed_or_cancelled),
        cmocka_unit_test(a_full_queue_refuses_and_stopping_frees_what_never_ran),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
