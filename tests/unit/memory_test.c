/* Bytes in memory: buffers, arenas and name/value lists, with tiny maxima. */
#include "backend/base/arena.h"
#include "backend/base/buf.h"
#include "backend/base/list.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void a_buffer_is_text_from_the_start(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(100);
    assert_string_equal(buf_text(&buf), "");
    buf_puts(&buf, "ab");
    buf_putc(&buf, 'c');
    buf_printf(&buf, "-%d", 7);
    assert_string_equal(buf_text(&buf), "abc-7");
    assert_int_equal(buf.len, 5);
    buf_done(&buf);
    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf.max, 100);
}

static void a_buffer_takes_its_maximum_and_not_a_byte_more(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(3);
    assert_true(buf_append(&buf, "abc", 3));
    assert_false(buf_putc(&buf, 'd'));
    assert_string_equal(buf_text(&buf), "abc");
    assert_true(buf.failed);
    buf_done(&buf);
    buf_init(&buf, 0);
    assert_true(buf_append(&buf, "", 0));
    assert_false(buf_putc(&buf, 'x'));
    buf_done(&buf);
}

static void a_buffers_failure_is_sticky(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(3);
    assert_false(buf_puts(&buf, "abcd"));
    assert_false(buf_puts(&buf, "a"));
    assert_null(buf_take(&buf));
    assert_false(buf.failed);
    assert_true(buf_puts(&buf, "abc"));
    buf_clear(&buf);
    assert_string_equal(buf_text(&buf), "");
    assert_false(buf_printf(&buf, "%d", 12345));
    assert_int_equal(buf.len, 0);
    buf_done(&buf);
}

static void sizes_that_would_overflow_fail(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(SIZE_MAX - 1);
    buf_puts(&buf, "ab");
    assert_null(buf_reserve(&buf, SIZE_MAX - 1));
    assert_true(buf.failed);
    buf_done(&buf);
}

static void the_front_of_a_buffer_can_be_consumed(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(10);
    buf_puts(&buf, "abcdef");
    buf_consume(&buf, 2);
    assert_string_equal(buf_text(&buf), "cdef");
    buf_consume(&buf, 99);
    assert_string_equal(buf_text(&buf), "");
    buf_done(&buf);
}

static void taken_bytes_belong_to_the_caller(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(10);
    char *empty = buf_take(&buf);
    assert_string_equal(empty, "");
    free(empty);
    buf_append(&buf, "a\0b", 3);
    char *taken = buf_take(&buf);
    assert_memory_equal(taken, "a\0b", 4);
    assert_null(buf.data);
    free(taken);
}

static void room_is_reserved_before_it_is_filled(void **state)
{
    (void)state;
    struct buf buf = BUF_INIT(1000);
    for (int i = 0; i < 100; i++) {
        char *at = buf_reserve(&buf, 10);
        assert_non_null(at);
        memset(at, '0' + i % 10, 10);
        buf.len += 10;
    }
    assert_int_equal(buf.len, 1000);
    assert_int_equal(strlen(buf_text(&buf)), 1000);
    assert_null(buf_reserve(&buf, 1));
    buf_done(&buf);
}

static void arena_memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (size_t size = 0; size < 300; size++) {
        char *memory = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xff, size);
    }
    arena_free(arena);
    arena_free(NULL);
}

static void an_arena_past_its_maximum_is_marked(void **state)
{
    (void)state;
    struct arena *arena = arena_new(10);
    assert_non_null(arena_alloc(arena, 10));
    assert_false(arena_failed(arena));
    assert_null(arena_alloc(arena, 1));
    assert_true(arena_failed(arena));
    assert_int_equal(arena_bytes(arena), 10);
    arena_reset(arena);
    assert_false(arena_failed(arena));
    assert_string_equal(arena_strdup(arena, "123456789"), "123456789");
    assert_null(arena_strdup(arena, ""));
    arena_free(arena);
}

static void arena_texts_may_hold_nul_bytes(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1000);
    assert_memory_equal(arena_strndup(arena, "a\0b", 3), "a\0b", 4);
    assert_string_equal(arena_printf(arena, "%s/%d", "key", 12), "key/12");
    assert_string_equal(arena_strndup(arena, NULL, 0), "");
    arena_free(arena);
}

static void an_arena_array_grows_and_keeps_its_items(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    int *items = NULL;
    size_t cap = 0;
    for (size_t count = 0; count < 1000; count++) {
        items = arena_grow(arena, items, count, &cap, sizeof *items);
        assert_non_null(items);
        items[count] = (int)count;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    cap = SIZE_MAX / 4;
    assert_null(arena_grow(arena, items, cap, &cap, sizeof *items));
    assert_true(arena_failed(arena));
    arena_free(arena);
}

static void large_pieces_do_not_disturb_small_ones(void **state)
{
    (void)state;
    struct arena *arena = arena_new(16 << 20);
    char *small = arena_strdup(arena, "small");
    char *large = arena_alloc(arena, 3 << 20);
    char *next = arena_strdup(arena, "next");
    memset(large, 1, 3 << 20);
    assert_string_equal(small, "small");
    assert_string_equal(next, "next");
    arena_free(arena);
}

static void header_names_ignore_case(void **state)
{
    (void)state;
    struct pairs pairs = {.count = 0};
    assert_true(pairs_add(&pairs, "Content-Type", "text/plain"));
    assert_string_equal(pairs_get(&pairs, "content-type"), "text/plain");
    assert_null(pairs_get(&pairs, "content"));
    assert_true(pairs_set(&pairs, "CONTENT-TYPE", "x"));
    assert_int_equal(pairs.count, 1);
    assert_string_equal(pairs.items[0].name, "Content-Type");
    assert_string_equal(pairs.items[0].value, "x");
    pairs_done(&pairs);
    assert_int_equal(pairs.count, 0);
}

static void removing_takes_every_pair_of_that_name(void **state)
{
    (void)state;
    struct pairs pairs = {.count = 0}, copy = {.count = 0};
    pairs_add(&pairs, "a", "1");
    pairs_addf(&pairs, "b", "%d", 2);
    pairs_add(&pairs, "A", "3");
    assert_true(pairs_copy(&copy, &pairs));
    pairs_remove(&pairs, "a");
    assert_int_equal(pairs.count, 1);
    assert_string_equal(pairs.items[0].value, "2");
    assert_int_equal(copy.count, 3);
    assert_string_equal(copy.items[2].value, "3");
    pairs_done(&pairs);
    pairs_done(&copy);
}

static void a_list_of_pairs_has_a_maximum(void **state)
{
    (void)state;
    struct pairs pairs = {.count = 0};
    for (int i = 0; i < PAIRS_MAX; i++)
        assert_true(pairs_addf(&pairs, "n", "%d", i));
    assert_false(pairs_add(&pairs, "n", "one more"));
    assert_int_equal(pairs.count, PAIRS_MAX);
    assert_string_equal(pairs.items[PAIRS_MAX - 1].value, "1023");
    pairs_done(&pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_is_text_from_the_start),
        cmocka_unit_test(a_buffer_takes_its_maximum_and_not_a_byte_more),
        cmocka_unit_test(a_buffers_failure_is_sticky),
        cmocka_unit_test(sizes_that_would_overflow_fail),
        cmocka_unit_test(the_front_of_a_buffer_can_be_consumed),
        cmocka_unit_test(taken_bytes_belong_to_the_caller),
        cmocka_unit_test(room_is_reserved_before_it_is_filled),
        cmocka_unit_test(arena_memory_is_zeroed_and_aligned),
        cmocka_unit_test(an_arena_past_its_maximum_is_marked),
        cmocka_unit_test(arena_texts_may_hold_nul_bytes),
        cmocka_unit_test(an_arena_array_grows_and_keeps_its_items),
        cmocka_unit_test(large_pieces_do_not_disturb_small_ones),
        cmocka_unit_test(header_names_ignore_case),
        cmocka_unit_test(removing_takes_every_pair_of_that_name),
        cmocka_unit_test(a_list_of_pairs_has_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
