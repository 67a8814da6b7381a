/* The catalog's pure parts: differences of versions, missing days, what a scan costs. */
#include "backend/domain/catalog.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static json_t *version(const char *id, json_t *columns)
{
    return json_pack("{s:s, s:{s:i, s:{s:o}}}", "VersionId", id, "Table", "UpdateTime", 5, "StorageDescriptor",
                     "Columns", columns);
}

static void versions_differ_by_columns(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct catalog_detail detail = {0};
    json_t *versions = json_array();
    json_array_append_new(versions, version("1", json_pack("[{s:s,s:s},{s:s,s:s}]", "Name", "a", "Type", "double",
                                                           "Name", "c", "Type", "date")));
    json_array_append_new(versions, version("0", json_pack("[{s:s,s:s},{s:s,s:s}]", "Name", "a", "Type", "bigint",
                                                           "Name", "b", "Type", "string")));
    assert_true(catalog_diff(versions, arena, &detail));
    assert_int_equal(detail.change_count, 3);
    assert_string_equal(detail.changes[0].column, "a");
    assert_string_equal(detail.changes[0].before, "bigint");
    assert_string_equal(detail.changes[0].after, "double");
    assert_string_equal(detail.changes[0].version, "1");
    assert_string_equal(detail.changes[1].column, "c");
    assert_string_equal(detail.changes[1].before, "");
    assert_string_equal(detail.changes[2].column, "b");
    assert_string_equal(detail.changes[2].after, "");
    assert_int_equal(detail.changes[2].at_ms, 5000);
    json_decref(versions);
    arena_free(arena);
}

static void add_partitions(struct arena *arena, struct catalog_detail *detail, const char *const *values)
{
    size_t cap = 0;
    for (; *values; values++) {
        json_t *partition = json_pack("{s:[s]}", "Values", *values);
        assert_true(catalog_add_partition(partition, &detail->table, false, arena, detail, &cap));
        json_decref(partition);
    }
}

static void missing_days_are_gaps(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct catalog_detail detail = {0};
    add_partitions(arena, &detail, (const char *const[]){"2024-03-02", "2024-02-28", "2024-02-29", NULL});
    assert_true(catalog_find_gaps(arena, &detail));
    assert_int_equal(detail.gap_count, 1);
    assert_string_equal(detail.gaps[0], "2024-03-01");
    assert_int_equal(detail.partition_count, 4); /* newest first, the missing day at its place */
    assert_string_equal(detail.partitions[0].values, "2024-03-02");
    assert_true(detail.partitions[1].is_missing);
    arena_free(arena);
}

static void keys_that_are_no_dates_have_no_gaps(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct catalog_detail detail = {0};
    add_partitions(arena, &detail, (const char *const[]){"eu", "us", NULL});
    assert_true(catalog_find_gaps(arena, &detail));
    assert_int_equal(detail.gap_count, 0);
    arena_free(arena);
}

static void a_scan_costs_by_the_terabyte_and_ten_megabytes_at_least(void **state)
{
    (void)state;
    assert_float_equal(catalog_scan_cost(1000000000000, 500), 5.0, 1e-9);
    assert_float_equal(catalog_scan_cost(1, 500), 0.00005, 1e-12);
    assert_float_equal(catalog_scan_cost(0, 500), 0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_differ_by_columns),
        cmocka_unit_test(missing_days_are_gaps),
        cmocka_unit_test(keys_that_are_no_dates_have_no_gaps),
        cmocka_unit_test(a_scan_costs_by_the_terabyte_and_ten_megabytes_at_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
