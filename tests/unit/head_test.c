/* The parts of a request's head that the daemon parses itself. */
#include "backend/local/head.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void targets_are_split(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path, *query;
    } cases[] = {
        {"/", "/", ""},
        {"/a%2Fb?x=1&y", "/a%2Fb", "x=1&y"},
        {"/a?b?c", "/a", "b?c"},
        {"/a#f?x", "/a", ""},
        {"http://h:9/a?x", "/a", "x"},
        {"HTTP://h", "/", ""},
        {"http://h?x", "/", "x"},
        {"", "/", ""},
        {"*", "*", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char target[64];
        const char *path, *query;
        snprintf(target, sizeof target, "%s", cases[i].target);
        head_split_target(target, &path, &query);
        assert_string_equal(path, cases[i].path);
        assert_string_equal(query, cases[i].query);
    }
}

static void queries_are_decoded_in_order(void **state)
{
    (void)state;
    struct pairs pairs = {0};
    assert_true(head_parse_query("uploads&prefix=a%2Fb+c%2B&empty=&&prefix=second&k=a=b", &pairs));
    static const char *const want[][2] = {
        {"uploads", ""}, {"prefix", "a/b c+"}, {"empty", ""}, {"prefix", "second"}, {"k", "a=b"}};
    assert_int_equal(pairs.count, 5);
    for (size_t i = 0; i < pairs.count; i++) {
        assert_string_equal(pairs.items[i].name, want[i][0]);
        assert_string_equal(pairs.items[i].value, want[i][1]);
    }
    pairs_done(&pairs);
}

static void bad_escapes_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"a=%", "a=%4", "a=%zz", "%=1", "a=b%00c", "%00"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pairs pairs = {0};
        if (head_parse_query(cases[i], &pairs))
            fail_msg("%s was accepted", cases[i]);
        pairs_done(&pairs);
    }
}

static void too_many_parameters_are_refused(void **state)
{
    (void)state;
    char query[2 * (PAIRS_MAX + 2)];
    struct pairs pairs = {0};
    for (size_t i = 0; i + 2 < sizeof query; i += 2)
        memcpy(query + i, "a&", 3);
    assert_false(head_parse_query(query, &pairs));
    pairs_done(&pairs);
}

static void hosts_lose_their_port(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"127.0.0.1:9000", "127.0.0.1"},
                                           {"Lake.LocalHost", "lake.localhost"},
                                           {"[::1]:80", "[::1]"},
                                           {"", ""},
                                           {"abcdefghijklmnopqrstuvwxyz", "abcdefghijklmno"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char host[16];
        head_host(cases[i][0], host, sizeof host);
        assert_string_equal(host, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_split),       cmocka_unit_test(queries_are_decoded_in_order),
        cmocka_unit_test(bad_escapes_are_refused), cmocka_unit_test(too_many_parameters_are_refused),
        cmocka_unit_test(hosts_lose_their_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
