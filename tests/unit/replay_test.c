/* The past of a pane: what is kept of a source's snapshots, and stepping through it. */
#include "tui/replay.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static bool same_text(const void *before, const void *now)
{
    return strcmp(before, now) == 0;
}

static void keep(struct replay *replay, const char *text)
{
    struct snap *snap = snap_new(1024);
    snap->value = arena_strdup(snap->arena, text);
    replay_keep(replay, snap);
    snap_put(snap);
}

static const char *shown(const struct replay *replay)
{
    const struct snap *snap = replay_shown(replay);
    return snap ? snap->value : "the present";
}

static void steps_go_from_change_to_change(void **state)
{
    (void)state;
    struct replay *replay = replay_new(same_text);
    static const char *const texts[] = {"one", "one", "two", "two", "two", "three"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        keep(replay, texts[i]);
    assert_string_equal(shown(replay), "the present");
    assert_true(replay_step(replay, -1));
    assert_string_equal(shown(replay), "two");
    assert_true(replay_step(replay, -1));
    assert_string_equal(shown(replay), "one");
    assert_false(replay_step(replay, -1));
    assert_string_equal(shown(replay), "one");
    assert_true(replay_step(replay, 1));
    assert_true(replay_step(replay, 1));
    assert_string_equal(shown(replay), "the present");
    assert_false(replay_step(replay, 1));
    replay_step(replay, -1);
    assert_true(replay_step(replay, 0));
    assert_string_equal(shown(replay), "the present");
    replay_free(replay);
}

static void news_do_not_move_what_is_looked_at(void **state)
{
    (void)state;
    struct replay *replay = replay_new(same_text);
    keep(replay, "one");
    keep(replay, "two");
    replay_step(replay, -1);
    keep(replay, "three");
    assert_string_equal(shown(replay), "one");
    replay_free(replay);
}

static void the_oldest_is_forgotten_even_while_it_is_looked_at(void **state)
{
    (void)state;
    struct replay *replay = replay_new(same_text);
    char text[16];
    for (int i = 0; i < REPLAY_MAX; i++) {
        snprintf(text, sizeof text, "%d", i);
        keep(replay, text);
    }
    while (replay_step(replay, -1))
        continue;
    assert_string_equal(shown(replay), "0");
    keep(replay, "new");
    assert_string_equal(shown(replay), "1");
    int steps = 0;
    replay_step(replay, 0);
    while (replay_step(replay, -1))
        steps++;
    assert_int_equal(steps, REPLAY_MAX - 1);
    replay_free(replay);
}

static void failures_and_nothing_are_not_kept(void **state)
{
    (void)state;
    struct replay *replay = replay_new(same_text);
    struct snap *failed = snap_new(1024);
    keep(replay, "one");
    failed->value = "stale";
    err_set(&failed->err, ERR_TIMEOUT, "no answer");
    replay_keep(replay, failed);
    replay_keep(replay, NULL);
    assert_false(replay_step(replay, -1));
    snap_put(failed);
    replay_forget(replay);
    assert_false(replay_step(replay, -1));
    replay_free(replay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_go_from_change_to_change),
        cmocka_unit_test(news_do_not_move_what_is_looked_at),
        cmocka_unit_test(the_oldest_is_forgotten_even_while_it_is_looked_at),
        cmocka_unit_test(failures_and_nothing_are_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
