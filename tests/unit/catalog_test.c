/* The catalog's pure parts: differences of versions, missing days, what a scan costs. */
#include "backend/domain/catalog.h"
#include "backend/domain/listing.h"
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

/* "year/month/day" keys are a date too. */
static void three_keys_are_a_date(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct catalog_column keys[] = {{.name = "year", .is_partition_key = true},
                                    {.name = "month", .is_partition_key = true},
                                    {.name = "day", .is_partition_key = true}};
    struct catalog_detail detail = {.table = {.columns = keys, .column_count = 3, .key_count = 3}};
    size_t cap = 0;
    static const char *const days[][3] = {{"2024", "02", "28"}, {"2024", "03", "01"}};
    for (size_t i = 0; i < 2; i++) {
        json_t *partition = json_pack("{s:[s,s,s]}", "Values", days[i][0], days[i][1], days[i][2]);
        assert_true(catalog_add_partition(partition, &detail.table, false, arena, &detail, &cap));
        json_decref(partition);
    }
    assert_true(catalog_find_gaps(arena, &detail));
    assert_int_equal(detail.gap_count, 1);
    assert_string_equal(detail.gaps[0], "2024/02/29");
    arena_free(arena);
}

static json_t *partition_with(const char *value, const char *location, json_t *columns)
{
    return json_pack("{s:[s], s:{s:s, s:o}}", "Values", value, "StorageDescriptor", "Location", location, "Columns",
                     columns);
}

/* Another type, a column of its own and one that it lacks: three differences. */
static void a_partition_is_compared_with_its_table(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct catalog_column columns[] = {{.name = "a", .type = "int"},
                                       {.name = "b", .type = "string"},
                                       {.name = "dt", .type = "string", .is_partition_key = true}};
    struct catalog_detail detail = {.table = {.columns = columns, .column_count = 3, .key_count = 1}};
    size_t cap = 0;
    json_t *other =
        partition_with("x", "s3://l/t/dt=x/",
                       json_pack("[{s:s,s:s},{s:s,s:s}]", "Name", "a", "Type", "bigint", "Name", "c", "Type", "date"));
    json_t *same =
        partition_with("y", "s3://l/t/dt=y/",
                       json_pack("[{s:s,s:s},{s:s,s:s}]", "Name", "a", "Type", "int", "Name", "b", "Type", "string"));
    assert_true(catalog_add_partition(other, &detail.table, true, arena, &detail, &cap));
    assert_true(catalog_add_partition(same, &detail.table, true, arena, &detail, &cap));
    assert_true(catalog_add_partition(same, &detail.table, false, arena, &detail, &cap));
    assert_int_equal(detail.partitions[0].differing, 3);
    assert_int_equal(detail.partitions[0].column_count, 2);
    assert_int_equal(detail.partitions[1].differing, 0);
    assert_int_equal(detail.partitions[2].differing, CATALOG_UNKNOWN); /* not compared is not "none" */
    json_decref(other);
    json_decref(same);
    arena_free(arena);
}

/* A folder that was listed gives its sums, one that is not there has no object, one elsewhere is not known. */
static void partitions_have_what_was_listed_below_them(void **state)
{
    (void)state;
    struct catalog_partition partitions[] = {
        {.values = "a", .location = "s3://l/t/dt=a/", .bytes = CATALOG_UNKNOWN, .objects = CATALOG_UNKNOWN},
        {.values = "b", .location = "s3://l/t/dt=b", .bytes = CATALOG_UNKNOWN, .objects = CATALOG_UNKNOWN},
        {.values = "c", .location = "s3://elsewhere/c/", .bytes = CATALOG_UNKNOWN, .objects = CATALOG_UNKNOWN}};
    struct catalog_detail detail = {.table = {.key_count = 1}, .partitions = partitions, .partition_count = 3};
    char name[] = "dt=a/";
    struct listing_child child = {.name = name, .sum = {.objects = 2, .bytes = 70}};
    struct catalog_location location = {.uri = "s3://l/t/", .children = &child, .child_count = 1, .is_complete = true};
    struct catalog_partition rows[3];
    catalog_join_partitions(&detail, &location, rows);
    assert_int_equal(rows[0].bytes, 70);
    assert_int_equal(rows[0].objects, 2);
    assert_int_equal(rows[1].objects, 0);
    assert_int_equal(rows[2].objects, CATALOG_UNKNOWN);
    location.is_complete = false;
    catalog_join_partitions(&detail, &location, rows);
    assert_int_equal(rows[0].bytes, CATALOG_UNKNOWN); /* a lower bound is not the figure */
    assert_int_equal(rows[1].objects, CATALOG_UNKNOWN);
    catalog_join_partitions(&detail, NULL, rows);
    assert_int_equal(rows[0].bytes, CATALOG_UNKNOWN);
}

static void two_versions_side_by_side(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct catalog_column before[] = {
        {.name = "a", .type = "int"}, {.name = "gone", .type = "date"}, {.name = "b", .type = "int"}};
    struct catalog_column after[] = {
        {.name = "a", .type = "int"}, {.name = "b", .type = "bigint"}, {.name = "new", .type = "string"}};
    struct catalog_version older = {.location = "s3://l/1/", .format = "csv", .columns = before, .column_count = 3};
    struct catalog_version newer = {.location = "s3://l/2/", .format = "csv", .columns = after, .column_count = 3};
    struct catalog_diff_line *lines;
    assert_int_equal(catalog_compare(&older, &newer, arena, &lines), 6);
    assert_int_equal(lines[0].kind, DIFF_CHANGED); /* location */
    assert_int_equal(lines[1].kind, DIFF_SAME);    /* format */
    assert_int_equal(lines[2].kind, DIFF_SAME);
    assert_int_equal(lines[3].kind, DIFF_REMOVED); /* where it was */
    assert_string_equal(lines[3].name, "gone");
    assert_int_equal(lines[4].kind, DIFF_CHANGED);
    assert_string_equal(lines[4].before, "int");
    assert_int_equal(lines[5].kind, DIFF_ADDED);
    arena_free(arena);
}

static void names_are_quoted_where_they_must_be(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"orders", "orders"}, {"order", "\"order\""}, {"2024", "\"2024\""}, {"Big", "\"Big\""},
        {"a b", "\"a b\""},   {"a\"b", "\"a\"\"b\""}, {"_x1", "_x1"},       {"", "\"\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf text = BUF_INIT(256);
        catalog_write_name(cases[i][0], &text);
        assert_string_equal(buf_text(&text), cases[i][1]);
        buf_done(&text);
    }
    struct buf text = BUF_INIT(256);
    catalog_write_qualified("my-db", "t", &text);
    assert_string_equal(buf_text(&text), "\"my-db\".t");
    buf_done(&text);
}

/* {"originalSql":"SELECT 1"} in base64; what is damaged is no view. */
static void a_views_query_is_decoded(void **state)
{
    (void)state;
    static const struct {
        const char *text, *query; /* NULL: none */
    } cases[] = {{"/* Presto View: eyJvcmlnaW5hbFNxbCI6IlNFTEVDVCAxIn0= */", "SELECT 1"},
                 {"SELECT 2", "SELECT 2"},
                 {"/* Presto View: !!! */", NULL},
                 {"/* Presto View: e30= */", NULL},
                 {"", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = BUF_INIT(256);
        json_t *table = json_pack("{s:s}", "ViewOriginalText", cases[i].text);
        assert_int_equal(catalog_view_query(table, &out), cases[i].query != NULL);
        if (cases[i].query)
            assert_string_equal(buf_text(&out), cases[i].query);
        json_decref(table);
        buf_done(&out);
    }
}

static void the_worst_crawler_is_the_one_to_look_at(void **state)
{
    (void)state;
    struct catalog_crawler crawlers[] = {{.name = "well", .state = "READY", .last_status = "SUCCEEDED"},
                                         {.name = "runs", .state = "RUNNING", .last_status = "FAILED"},
                                         {.name = "new", .state = "READY", .last_status = ""},
                                         {.name = "bad", .state = "READY", .last_status = "FAILED"}};
    struct catalog_view view = {.crawlers = crawlers};
    static const char *const worst[] = {"well", "runs", "new", "bad"};
    assert_null(catalog_worst_crawler(&view));
    for (view.crawler_count = 1; view.crawler_count <= 4; view.crawler_count++)
        assert_string_equal(catalog_worst_crawler(&view)->name, worst[view.crawler_count - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_differ_by_columns),
        cmocka_unit_test(missing_days_are_gaps),
        cmocka_unit_test(keys_that_are_no_dates_have_no_gaps),
        cmocka_unit_test(three_keys_are_a_date),
        cmocka_unit_test(a_partition_is_compared_with_its_table),
        cmocka_unit_test(partitions_have_what_was_listed_below_them),
        cmocka_unit_test(two_versions_side_by_side),
        cmocka_unit_test(names_are_quoted_where_they_must_be),
        cmocka_unit_test(a_views_query_is_decoded),
        cmocka_unit_test(the_worst_crawler_is_the_one_to_look_at),
        cmocka_unit_test(a_scan_costs_by_the_terabyte_and_ten_megabytes_at_least),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
