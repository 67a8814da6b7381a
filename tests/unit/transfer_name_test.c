/* Keys that may become files, and those that may not. */
#include "backend/domain/transfer_private.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void plain_keys_are_safe(void **state)
{
    (void)state;
    static const char *const names[] = {"a",       "a/b/c.csv",           "dt=2026-11-24/part-0", "...",      "..a/b..",
                                        ".hidden", "with space/\xC3\xA9", "back\\slash",          "new\nline"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(transfer_name_is_safe(names[i], strlen(names[i]), NULL));
}

static void keys_that_lead_elsewhere_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"",   "/etc/passwd", "../x",  "a/../../x", "a/..", "a//b",
                                        "a/", "./a",         "a/./b", "..",        "."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct err err = ERR_NONE;
        assert_false(transfer_name_is_safe(names[i], strlen(names[i]), &err));
        assert_int_equal(err.code, ERR_REFUSED);
    }
}

static void a_nul_byte_or_a_long_part_is_refused(void **state)
{
    (void)state;
    char name[400];
    assert_false(transfer_name_is_safe("a\0b", 3, NULL));
    memset(name, 'x', sizeof name);
    name[255] = 0;
    assert_true(transfer_name_is_safe(name, 255, NULL));
    name[255] = 'x';
    name[256] = 0;
    assert_false(transfer_name_is_safe(name, 256, NULL));
}

static void part_names_fit_and_are_known_again(void **state)
{
    (void)state;
    char name[256], part[256], other[256];
    transfer_part_name("orders.csv.gz", part);
    assert_string_equal(part, ".orders.csv.gz.weir-part");
    assert_true(transfer_is_part_name(part));
    assert_true(transfer_is_part_name(".orders.csv.gz.weir-part.state"));
    assert_false(transfer_is_part_name("orders.weir-part"));
    memset(name, 'y', 255);
    name[255] = 0;
    transfer_part_name(name, part);
    assert_true(strlen(part) + strlen(".state~") <= 255);
    name[254] = 'z'; /* two long names that differ at their end only */
    transfer_part_name(name, other);
    assert_string_not_equal(part, other);
}

static void types_follow_the_last_extension(void **state)
{
    (void)state;
    assert_string_equal(transfer_content_type("raw/a.CSV"), "text/csv");
    assert_string_equal(transfer_content_type("a.csv.gz"), "application/gzip");
    assert_null(transfer_content_type("v1.csv/part-0"));
    assert_null(transfer_content_type("README"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_keys_are_safe),
        cmocka_unit_test(keys_that_lead_elsewhere_are_refused),
        cmocka_unit_test(a_nul_byte_or_a_long_part_is_refused),
        cmocka_unit_test(types_follow_the_last_extension),
        cmocka_unit_test(part_names_fit_and_are_known_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
