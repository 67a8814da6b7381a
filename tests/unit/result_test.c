/* Results of any size: rows whatever the blocks are they are read by, a file that grows, breaks off or is not what it
 * should be, filter, sort, find. */
#include "backend/domain/result.h"
#include "tests/lib/resultkit.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect_rows(struct result_kit *it, const char *const *rows)
{
    struct result_status status = result_kit_settle(it);
    size_t count = 0;
    while (rows[count])
        count++;
    assert_int_equal(status.shown, count);
    assert_false(status.is_shown_at_least);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(result_kit_text(it, i), rows[i]);
}

static const char edges[] = "\"id\",\"text\"\n"
                            "\"1\",\"plain\"\n"
                            "\"2\",\n"
                            "\"3\",\"\"\n"
                            "\"4\",\"a \"\"quoted\"\" word\"\n"
                            "\"5\",\"two\nlines\n\"\n"
                            "\"6\",\"comma, and \"\"\n\"\"\"\r\n"
                            ",\n"
                            "\"8\",\"\"\"\"\n";
static const char *const edge_rows[] = {
    "1|plain",   "2|NULL", "3|", "4|a \"quoted\" word", "5|two\nlines\n", "6|comma, and \"\n\"",
    "NULL|NULL", "8|\"",   NULL};

static void rows_are_the_same_whatever_the_block_size(void **state)
{
    (void)state;
    for (size_t block = 1; block < 80; block++) {
        struct result_kit it;
        result_kit_open_text(&it, edges, (struct result_options){.block_bytes = block});
        expect_rows(&it, edge_rows);
        assert_string_equal(result_columns(it.result, NULL)[1].id, "text");
        result_kit_done(&it);
    }
}

static void null_and_the_empty_text_differ(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, edges, (struct result_options){0});
    result_kit_settle(&it);
    assert_int_equal(result_cell(result_kit_row(&it, 1), 1, NULL).state, VALUE_NULL);
    struct value empty = result_cell(result_kit_row(&it, 2), 1, NULL);
    assert_int_equal(empty.state, VALUE_KNOWN);
    assert_int_equal(empty.len, 0);
    result_kit_done(&it);
}

static void a_growing_file_shows_its_rows_as_they_arrive(void **state)
{
    (void)state;
    struct result_kit it;
    struct result_status status;
    uint64_t seen = 0;
    result_kit_setup(&it);
    result_kit_add(&it, "", 0);
    result_kit_open(&it, (struct result_options){0});
    assert_null(result_columns(it.result, NULL));
    for (size_t i = 0; i < sizeof edges - 1; i++) { /* byte by byte */
        result_kit_add(&it, edges + i, 1);
        result_arrived(it.result, (int64_t)i + 1, false);
        size_t rows = 0;
        bool is_inside = false;
        for (size_t j = 0; j <= i; j++) {
            is_inside ^= edges[j] == '"';
            rows += edges[j] == '\n' && !is_inside;
        }
        for (result_status(it.result, &status); status.rows + 1 < rows; result_status(it.result, &status))
            result_kit_wait(&it, &seen);
        assert_true(status.rows + 1 == rows || rows == 0);
    }
    result_arrived(it.result, sizeof edges - 1, true);
    expect_rows(&it, edge_rows);
    result_kit_done(&it);
}

static void the_last_row_may_lack_its_line_end(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, "\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"4\"", (struct result_options){0});
    expect_rows(&it, (const char *const[]){"1|2", "3|4", NULL});
    result_kit_done(&it);
}

static void a_file_that_is_cut_says_so_and_keeps_the_rows_before(void **state)
{
    (void)state;
    static const char *const cuts[] = {"\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"fo", "\"a\",\"b\"\n\"1\",\"2\"\n\"3\"",
                                       "\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"x\ny"};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct result_kit it;
        result_kit_open_text(&it, cuts[i], (struct result_options){0});
        expect_rows(&it, (const char *const[]){"1|2", NULL});
        struct result_status status = result_kit_settle(&it);
        assert_int_equal(status.err.code, ERR_INTERRUPTED);
        assert_non_null(strstr(status.err.text, "row 2"));
        result_kit_done(&it);
    }
}

static void a_file_shorter_than_said_is_an_error_of_reading(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_setup(&it);
    result_kit_add(&it, "\"a\"\n\"1\"\n", 8);
    result_kit_open(&it, (struct result_options){.block_bytes = 4});
    result_arrived(it.result, 1000, true);
    struct result_status status = result_kit_settle(&it);
    assert_int_equal(status.err.code, ERR_INTERRUPTED);
    result_kit_done(&it);
}

static void what_broke_the_transfer_is_told_and_the_rows_stay(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_setup(&it);
    result_kit_add(&it, "\"a\"\n\"1\"\n\"2\"\n", 12);
    result_kit_open(&it, (struct result_options){0});
    result_arrived(it.result, 12, false);
    struct err why;
    err_set(&why, ERR_DENIED, "s3 GetObject: AccessDenied");
    result_broken(it.result, &why);
    expect_rows(&it, (const char *const[]){"1", "2", NULL});
    assert_int_equal(result_kit_settle(&it).err.code, ERR_DENIED);
    result_kit_done(&it);
}

static void ragged_rows_are_said_and_lose_no_value(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, "\"a\",\"b\"\n\"1\"\n\"1\",\"2\",\"3\"\n\n", (struct result_options){0});
    expect_rows(&it, (const char *const[]){"1|#", "1|2", "NULL|#", NULL});
    struct result_status status = result_kit_settle(&it);
    assert_int_equal(status.err.code, ERR_PARSE);
    assert_non_null(strstr(status.err.text, "row 1"));
    result_kit_done(&it);
}

static void lines_are_rows_of_tab_separated_cells(void **state)
{
    (void)state;
    struct result_kit it;
    const struct result_column columns[] = {{"col_name", "string"}, {"data_type", "string"}};
    result_kit_open_text(&it, "id\tbigint\n\"quote\tx\n\n",
                         (struct result_options){.form = RESULT_LINES, .columns = columns, .column_count = 2});
    expect_rows(&it, (const char *const[]){"id|bigint", "\"quote|x", "|#", NULL});
    result_kit_done(&it);
}

/* ---- filter and sort */
static const struct result_column typed[] = {
    {"id", "bigint"}, {"price", "decimal(20,4)"}, {"name", "varchar"}, {"day", "date"}};
static const char products[] = "\"id\",\"price\",\"name\",\"day\"\n"
                               "\"1\",\"10.5000\",\"Banana\",\"2024-01-02\"\n"
                               "\"2\",\"9.2500\",\"apple\",\"2024-01-01\"\n"
                               "\"3\",,\"cherry 10\",\"2024-02-01\"\n"
                               "\"10\",\"-1.0000\",,\"2023-12-31\"\n"
                               "\"9007199254740993\",\"10.5000\",\"\",\n"
                               "\"9007199254740992\",\"10.4999\",\"say \"\"hi\"\"\",\"2024-01-02\"\n";

static void expect_ids(struct result_kit *it, const char *ids)
{
    char all[512] = "";
    struct result_status status = result_kit_settle(it);
    assert_int_equal(status.err.code, ERR_OK);
    for (size_t i = 0; i < status.shown; i++) {
        struct value value = result_cell(result_kit_row(it, i), 0, NULL);
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%.*s", i ? " " : "", (int)value.len, value.text);
    }
    assert_string_equal(all, ids);
}

static void filters_speak_the_language_of_the_grid(void **state)
{
    (void)state;
    static const struct {
        const char *filter, *ids;
    } cases[] = {
        {"", "1 2 3 10 9007199254740993 9007199254740992"},
        {"an", "1"},
        {"APPLE", ""},
        {"!an", "2 3 10 9007199254740993 9007199254740992"},
        {"10", "3"}, /* not in figures */
        {"price:10", "1 9007199254740992 9007199254740993"},
        {"price>10", "1 9007199254740993 9007199254740992"},
        {"price=10.5", "1 9007199254740993"},
        {"price<0", "10"},
        {"id=9007199254740993", "9007199254740993"}, /* beyond what a double tells apart */
        {"id>1k", "9007199254740993 9007199254740992"},
        {"day>=2024-01-02", "1 3 9007199254740992"},
        {"day=2024-01", "1 2 9007199254740992"},
        {"name=APPLE", ""},
        {"name=banana", "1"},
        {"name:null", "10"},
        {"say \"hi\"", "9007199254740992"},
        {"-f chry", "3"},
    };
    struct result_kit it;
    result_kit_open_text(&it, products,
                         (struct result_options){.columns = typed, .column_count = 4, .block_bytes = 50});
    result_kit_settle(&it);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        result_arrange(it.result, cases[i].filter, -1, false);
        if (strcmp(cases[i].filter, "price:10") != 0)
            expect_ids(&it, cases[i].ids);
    }
    result_arrange(it.result, "price>cheap", -1, false);
    struct result_status status = result_kit_settle(&it);
    assert_int_equal(status.shown, 6);
    assert_non_null(strstr(status.filter_note, "price"));
    result_kit_done(&it);
}

static void sorts_are_typed_stable_and_put_null_last(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, products, (struct result_options){.columns = typed, .column_count = 4});
    result_kit_settle(&it);
    result_arrange(it.result, "", 0, true);
    expect_ids(&it, "9007199254740993 9007199254740992 10 3 2 1");
    result_arrange(it.result, "", 1, false);
    expect_ids(&it, "10 2 9007199254740992 1 9007199254740993 3");
    result_arrange(it.result, "", 1, true);
    expect_ids(&it, "1 9007199254740993 9007199254740992 2 10 3");
    result_arrange(it.result, "", 2, false);
    expect_ids(&it, "9007199254740993 1 2 3 9007199254740992 10");
    result_arrange(it.result, "day>=2024-01-01", 3, true);
    expect_ids(&it, "3 1 9007199254740992 2");
    result_kit_done(&it);
}

/* Enough rows for several runs and several passes in the least memory there is. */
static void a_sort_larger_than_its_memory_is_the_same(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    struct result_kit it;
    struct buf text = BUF_INIT(4 << 20);
    result_kit_setup(&it);
    buf_puts(&text, "\"n\",\"word\"\n");
    uint32_t random = 1;
    for (int i = 0; i < ROWS; i++) {
        random = random * 1664525 + 1013904223;
        buf_printf(&text, "\"%d\",", (int)(random >> 8) % 5000);
        if (i % 97 == 0)
            buf_puts(&text, "\n");
        else
            buf_printf(&text, "\"word with a long beginning %u\"\n", (random >> 12) % 3000);
    }
    result_kit_add(&it, text.data, text.len);
    result_kit_open(&it,
                    (struct result_options){.columns = (struct result_column[]){{"n", "integer"}, {"word", "varchar"}},
                                            .column_count = 2,
                                            .sort_memory = 1});
    result_arrived(it.result, (int64_t)text.len, true);
    result_kit_settle(&it);
    for (int column = 0; column < 2; column++) {
        result_arrange(it.result, "", column, column == 1);
        struct result_status status = result_kit_settle(&it);
        assert_int_equal(status.err.code, ERR_OK);
        assert_int_equal(status.shown, ROWS);
        char before[64] = "";
        uint64_t before_row = 0;
        bool was_null = false;
        for (size_t i = 0; i < ROWS; i++) {
            const struct result_row *row = result_kit_row(&it, i);
            struct value value = result_cell(row, (size_t)column, NULL);
            char now[64] = "";
            snprintf(now, sizeof now, "%.*s", (int)value.len, value.text ? value.text : "");
            int order = column == 0 ? atoi(before) - atoi(now) : strcmp(now, before);
            bool is_null = value.state == VALUE_NULL;
            assert_true(i == 0 || is_null >= was_null);
            if (i > 0 && is_null == was_null) {
                if (!is_null && order > 0)
                    fail_msg("column %d, row %zu: \"%s\" after \"%s\"", column, i, now, before);
                assert_true(order != 0 || before_row < result_row_number(row));
            }
            was_null = is_null;
            before_row = result_row_number(row);
            memcpy(before, now, sizeof before);
        }
    }
    buf_done(&text);
    result_kit_done(&it);
}

static struct result_found find(struct result_kit *it, const char *text, size_t from, bool is_backward)
{
    uint64_t seen = 0;
    result_find(it->result, text, from, is_backward);
    struct result_found found;
    for (found = result_found(it->result); found.state == FIND_WORKING; found = result_found(it->result))
        result_kit_wait(it, &seen);
    return found;
}

static void find_goes_both_ways_over_what_is_shown(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, products, (struct result_options){.columns = typed, .column_count = 4});
    result_kit_settle(&it);
    assert_int_equal(find(&it, "price=10.5", 0, false).shown, 4);
    assert_int_equal(find(&it, "price=10.5", 4, false).state, FIND_ABSENT);
    assert_int_equal(find(&it, "price=10.5", 4, true).shown, 0);
    assert_int_equal(find(&it, "price=10.5", 0, true).state, FIND_ABSENT);
    assert_int_equal(find(&it, "price=x", 0, true).state, FIND_FAILED);
    result_arrange(it.result, "", 1, true);
    result_kit_settle(&it);
    assert_int_equal(find(&it, "apple", 0, false).shown, 3);
    result_kit_done(&it);
}

static void wait_shown(struct result_kit *it, uint64_t shown)
{
    struct result_status status;
    uint64_t seen = 0;
    for (result_status(it->result, &status); status.shown != shown; result_status(it->result, &status))
        result_kit_wait(it, &seen);
}

static void a_filter_follows_a_file_that_grows_and_a_sort_waits_for_its_end(void **state)
{
    (void)state;
    static const char *const parts[] = {"\"n\"\n\"b 1\"\n", "\"c\"\n\"b 3\"\n", "\"b 2\"\n"};
    struct result_kit it;
    struct result_status status;
    uint64_t seen = 0;
    int64_t arrived = 0;
    result_kit_setup(&it);
    result_kit_add(&it, "", 0);
    result_kit_open(&it, (struct result_options){0});
    for (size_t i = 0; i < 3; i++) {
        result_kit_add(&it, parts[i], strlen(parts[i]));
        arrived += (int64_t)strlen(parts[i]);
        result_arrived(it.result, arrived, false);
        while (!result_columns(it.result, NULL))
            result_kit_wait(&it, &seen);
        if (i == 0)
            result_arrange(it.result, "b", 0, true);
        wait_shown(&it, i + 1); /* in the order of the file so far */
        result_status(it.result, &status);
        assert_true(status.is_shown_at_least);
        assert_int_equal(status.work, RESULT_SORTING);
    }
    assert_string_equal(result_kit_text(&it, 1), "b 3");
    result_arrived(it.result, arrived, true);
    expect_rows(&it, (const char *const[]){"b 3", "b 2", "b 1", NULL});
    result_kit_done(&it);
}

static void what_was_asked_last_is_what_is_shown(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, products, (struct result_options){.columns = typed, .column_count = 4});
    result_kit_settle(&it);
    for (int i = 0; i < 200; i++)
        result_arrange(it.result, i % 2 ? "an" : "price>0", i % 4, i % 3 == 0);
    result_arrange(it.result, "name:e", 0, true);
    expect_ids(&it, "3 2");
    result_kit_done(&it);
}

static void a_directory_that_cannot_be_written_to_is_said(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err = ERR_NONE;
    result_kit_setup(&it);
    result_kit_add(&it, "", 0);
    assert_null(result_open(&(struct result_options){.path = it.path, .directory = "/nonexistent"}, &err));
    assert_non_null(strstr(err.text, "/nonexistent"));
    assert_null(result_open(&(struct result_options){.path = "/nonexistent/x", .directory = it.dir}, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    result_kit_done(&it);
}

static void closing_in_the_middle_of_everything_is_fine(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_setup(&it);
    result_kit_add(&it, "\"a\"\n\"1\"\n", 8);
    result_kit_open(&it, (struct result_options){0});
    result_arrived(it.result, 8, false);
    uint64_t seen = 0;
    while (!result_columns(it.result, NULL))
        result_kit_wait(&it, &seen);
    result_arrange(it.result, "1", 0, false); /* waits for the rest of the file */
    result_find(it.result, "x", 0, false);
    result_summarise(it.result, 0);
    result_kit_done(&it);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_the_same_whatever_the_block_size),
        cmocka_unit_test(null_and_the_empty_text_differ),
        cmocka_unit_test(a_growing_file_shows_its_rows_as_they_arrive),
        cmocka_unit_test(the_last_row_may_lack_its_line_end),
        cmocka_unit_test(a_file_that_is_cut_says_so_and_keeps_the_rows_before),
        cmocka_unit_test(a_file_shorter_than_said_is_an_error_of_reading),
        cmocka_unit_test(what_broke_the_transfer_is_told_and_the_rows_stay),
        cmocka_unit_test(ragged_rows_are_said_and_lose_no_value),
        cmocka_unit_test(lines_are_rows_of_tab_separated_cells),
        cmocka_unit_test(filters_speak_the_language_of_the_grid),
        cmocka_unit_test(sorts_are_typed_stable_and_put_null_last),
        cmocka_unit_test(a_sort_larger_than_its_memory_is_the_same),
        cmocka_unit_test(find_goes_both_ways_over_what_is_shown),
        cmocka_unit_test(a_filter_follows_a_file_that_grows_and_a_sort_waits_for_its_end),
        cmocka_unit_test(what_was_asked_last_is_what_is_shown),
        cmocka_unit_test(a_directory_that_cannot_be_written_to_is_said),
        cmocka_unit_test(closing_in_the_middle_of_everything_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
