/* What jobs do with a result: summaries, exact bytes, points of a chart, exports. */
#include "backend/base/path.h"
#include "backend/sql/duck.h"
#include "tests/lib/resultkit.h"
#include <dirent.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static const struct result_column typed[] = {
    {"id", "bigint"}, {"price", "decimal(20,4)"}, {"name", "varchar"}, {"day", "date"}, {"ok", "boolean"}};
static const char rows[] = "\"id\",\"price\",\"name\",\"day\",\"ok\"\n"
                           "\"1\",\"10.5000\",\"b\",\"2024-01-01\",\"true\"\n"
                           "\"2\",\"9.2500\",\"a\ttab\",\"2024-01-05\",\"false\"\n"
                           "\"3\",,\"\",\"2024-01-03\",\n"
                           "\"9007199254740993\",\"0.2500\",\"b\",,\"true\"\n"
                           "\"5\",\"10.0000\",\"say \"\"hi\"\"\n\",\"2024-01-02\",\"true\"\n";
static const struct result_options options = {.columns = typed, .column_count = 5, .block_bytes = 40};

static struct result_summary summarise(struct result_kit *it, int column)
{
    struct result_summary summary;
    uint64_t seen = 0;
    result_summarise(it->result, column);
    for (result_summary(it->result, &summary); !summary.is_done; result_summary(it->result, &summary))
        result_kit_wait(it, &seen);
    assert_int_equal(summary.err.code, ERR_OK);
    assert_int_equal(summary.column, column);
    return summary;
}

static void expect_text(const struct result_value *value, const char *text)
{
    assert_int_equal(value->len, strlen(text));
    assert_memory_equal(value->text, text, value->len);
}

static void a_summary_tells_what_a_column_holds(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    struct result_summary price = summarise(&it, 1), name = summarise(&it, 2), day = summarise(&it, 3);
    assert_int_equal(price.rows, 5);
    assert_int_equal(price.nulls, 1);
    assert_int_equal(price.distinct, 4);
    assert_false(price.is_distinct_estimate);
    expect_text(&price.min, "0.2500");
    expect_text(&price.max, "10.5000");
    assert_true(price.has_mean && fabs(price.mean - 7.5) < 1e-12);
    assert_int_equal(price.bins[0], 1);
    assert_int_equal(price.bins[RESULT_BINS - 1], 1);
    assert_int_equal(name.empties, 1);
    assert_int_equal(name.distinct, 4);
    assert_int_equal(name.top[0].count, 2);
    expect_text(&name.top[0], "b");
    assert_false(name.has_bins || name.has_mean);
    expect_text(&day.min, "2024-01-01");
    assert_true(day.has_bins);
    assert_int_equal(day.bins[RESULT_BINS / 2], 1);
    result_kit_done(&it);
}

static void a_summary_is_of_the_shown_rows(void **state)
{
    (void)state;
    struct result_kit it;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    result_arrange(it.result, "price>9", 0, true);
    result_kit_settle(&it);
    assert_int_equal(summarise(&it, 1).rows, 3);
    result_kit_done(&it);
}

static void more_distinct_values_than_are_counted_are_estimated_and_said_so(void **state)
{
    (void)state;
    enum { ROWS = 120000, OFTEN = 4000 };
    struct result_kit it;
    struct buf text = BUF_INIT(8 << 20);
    result_kit_setup(&it);
    buf_puts(&text, "\"v\"\n");
    for (int i = 0; i < ROWS; i++)
        buf_printf(&text, "\"value %d\"\n", i % (ROWS / OFTEN) == 0 ? -1 : i);
    result_kit_add(&it, text.data, text.len);
    result_kit_open(&it, (struct result_options){0});
    result_arrived(it.result, (int64_t)text.len, true);
    result_kit_settle(&it);
    struct result_summary summary = summarise(&it, 0);
    assert_true(summary.is_distinct_estimate);
    assert_in_range(summary.distinct, 116001 - 2400, 116001 + 2400);
    assert_true(summary.is_top_estimate);
    expect_text(&summary.top[0], "value -1");
    assert_in_range(summary.top[0].count, OFTEN / 2, OFTEN);
    buf_done(&text);
    result_kit_done(&it);
}

static void cells_rows_and_columns_are_taken_exactly(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(1000);
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    struct result_take_options take = {.what = TAKE_CELL, .rows = (uint64_t[]){4}, .row_count = 1, .column = 2};
    assert_true(result_read(it.result, &take, NULL, &out, &err));
    assert_string_equal(buf_text(&out), "say \"hi\"\n");
    buf_clear(&out);
    take.what = TAKE_ROW;
    take.rows = (uint64_t[]){2, 0};
    take.row_count = 2;
    take.null = "NULL";
    assert_true(result_read(it.result, &take, NULL, &out, &err));
    assert_string_equal(buf_text(&out), "3\tNULL\t\t2024-01-03\tNULL\n1\t10.5000\tb\t2024-01-01\ttrue");
    buf_clear(&out);
    result_arrange(it.result, "", 0, true);
    result_kit_settle(&it);
    take = (struct result_take_options){.what = TAKE_COLUMN, .column = 0};
    assert_true(result_read(it.result, &take, NULL, &out, &err));
    assert_string_equal(buf_text(&out), "9007199254740993\n5\n3\n2\n1");
    struct buf small = BUF_INIT(10);
    assert_false(result_read(it.result, &take, NULL, &small, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    buf_done(&out);
    buf_done(&small);
    result_kit_done(&it);
}

static void a_row_that_does_not_fit_in_a_window_shows_what_is_looked_at(void **state)
{
    (void)state;
    enum { CELL = 1 << 20, COLUMNS = 5 };
    struct result_kit it;
    struct err err = ERR_NONE;
    struct buf text = BUF_INIT((size_t)16 << 20), out = BUF_INIT((size_t)16 << 20);
    result_kit_setup(&it);
    buf_puts(&text, "\"a\",\"b\",\"c\",\"d\",\"e\"\n");
    for (int row = 0; row < 2; row++)
        for (int i = 0; i < COLUMNS; i++) {
            buf_puts(&text, i ? ",\"\"\"" : "\"\"\""); /* the value starts with a quote */
            char *room = buf_reserve(&text, CELL);
            memset(room, 'a' + i, CELL);
            text.len += CELL;
            buf_puts(&text, i < COLUMNS - 1 ? "\"" : "\"\r\n");
        }
    result_kit_add(&it, text.data, text.len);
    result_kit_open(&it, (struct result_options){0});
    result_arrived(it.result, (int64_t)text.len, true);
    struct result_status status = result_kit_settle(&it);
    assert_int_equal(status.rows, 2);
    assert_int_equal(status.err.code, ERR_OK);
    uint64_t seen = 0;
    const struct result_row *row;
    struct result_look look = {.first = 0, .last = 1, .frozen = 1, .left = 3, .right = 3};
    for (result_look(it.result, &look); !(row = result_row(it.result, 1)); result_look(it.result, &look))
        result_kit_wait(&it, &seen);
    bool is_cut;
    struct value value = result_cell(row, 3, &is_cut);
    assert_true(is_cut);
    assert_int_equal(value.text[0], '"');
    assert_int_equal(value.text[1], 'd');
    assert_int_equal(result_cell(row, 0, &is_cut).text[1], 'a');
    assert_int_equal(result_cell(row, 1, &is_cut).state, VALUE_UNKNOWN);
    struct result_take_options take = {.what = TAKE_CELL, .rows = (uint64_t[]){1}, .row_count = 1, .column = 4};
    assert_true(result_read(it.result, &take, NULL, &out, &err));
    assert_int_equal(out.len, CELL + 1);
    assert_int_equal(out.data[CELL], 'e');
    char path[700];
    buf_clear(&out);
    snprintf(path, sizeof path, "%s/large.csv", it.dir);
    assert_true(result_export(it.result, &(struct result_export_options){.path = path}, NULL, NULL, &err));
    assert_true(path_read(path, &out, &err));
    assert_true(out.len == text.len && memcmp(out.data, text.data, out.len) == 0);
    buf_done(&text);
    buf_done(&out);
    result_kit_done(&it);
}

struct points {
    size_t count;
    double sum;
    char last[32];
};
static void add_point(void *context, const struct result_point *point)
{
    struct points *points = context;
    points->count++;
    points->sum += isnan(point->number) ? 1000 : point->number;
    snprintf(points->last, sizeof points->last, "%.*s", (int)point->len, point->text);
}

static void points_are_spread_over_all_rows(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err = ERR_NONE;
    struct points points = {0};
    uint64_t count;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    assert_true(result_points(it.result, 3, 1, 3, NULL, add_point, &points, &count, &err));
    assert_int_equal(count, 5);
    assert_int_equal(points.count, 3);
    assert_true(fabs(points.sum - 1020.5) < 1e-9); /* rows 1, 3 (NULL) and 5 */
    assert_string_equal(points.last, "2024-01-02");
    result_kit_done(&it);
}

/* ---- exports */
static bool export_to(struct result_kit *it, const char *name, bool all_rows, struct err *err)
{
    char path[700];
    uint64_t written;
    enum result_format format;
    snprintf(path, sizeof path, "%s/%s", it->dir, name);
    assert_true(result_format_of(path, &format));
    *err = ERR_NONE;
    return result_export(it->result,
                         &(struct result_export_options){.format = format, .path = path, .all_rows = all_rows}, NULL,
                         &written, err);
}

static void expect_file(struct result_kit *it, const char *name, const char *text)
{
    char path[700];
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(1 << 20);
    snprintf(path, sizeof path, "%s/%s", it->dir, name);
    assert_true(path_read(path, &out, &err));
    assert_string_equal(buf_text(&out), text);
    buf_done(&out);
}

static size_t count_files(const char *dir)
{
    size_t count = 0;
    DIR *open = opendir(dir);
    for (struct dirent *entry; (entry = readdir(open));)
        count += entry->d_name[0] != '.';
    closedir(open);
    return count;
}

static void csv_keeps_the_bytes(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    assert_true(export_to(&it, "all.csv", true, &err));
    expect_file(&it, "all.csv", rows);
    result_arrange(it.result, "price>9.5", 1, false);
    assert_true(export_to(&it, "some.csv", false, &err)); /* waits for the sort */
    expect_file(
        &it, "some.csv",
        "\"id\",\"price\",\"name\",\"day\",\"ok\"\n\"5\",\"10.0000\",\"say \"\"hi\"\"\n\",\"2024-01-02\",\"true\"\n"
        "\"1\",\"10.5000\",\"b\",\"2024-01-01\",\"true\"\n");
    result_kit_done(&it);
}

static void json_lines_are_typed_and_exact(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    assert_true(export_to(&it, "all.jsonl", true, &err));
    expect_file(&it, "all.jsonl",
                "{\"id\":1,\"price\":10.5000,\"name\":\"b\",\"day\":\"2024-01-01\",\"ok\":true}\n"
                "{\"id\":2,\"price\":9.2500,\"name\":\"a\\ttab\",\"day\":\"2024-01-05\",\"ok\":false}\n"
                "{\"id\":3,\"price\":null,\"name\":\"\",\"day\":\"2024-01-03\",\"ok\":null}\n"
                "{\"id\":9007199254740993,\"price\":0.2500,\"name\":\"b\",\"day\":null,\"ok\":true}\n"
                "{\"id\":5,\"price\":10.0000,\"name\":\"say \\\"hi\\\"\\n\",\"day\":\"2024-01-02\",\"ok\":true}\n");
    result_kit_done(&it);
}

static void a_last_row_without_line_end_is_exported_with_one(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    for (size_t block = 4; block < 20; block += 15) { /* the row fits, and does not */
        result_kit_open_text(&it, "\"a\"\n\"1234\"", (struct result_options){.block_bytes = block});
        assert_true(export_to(&it, "x.csv", true, &err));
        expect_file(&it, "x.csv", "\"a\"\n\"1234\"\n");
        result_kit_done(&it);
    }
}

static void columns_of_one_name_get_numbers_in_json(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    result_kit_open_text(&it, "\"a\",\"a\"\n\"1\",\n", (struct result_options){0});
    result_kit_settle(&it);
    assert_true(export_to(&it, "x.json", true, &err));
    expect_file(&it, "x.json", "{\"a\":\"1\",\"a_2\":null}\n");
    result_kit_done(&it);
}

static void parquet_reads_back_with_types_null_and_empty(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err = ERR_NONE;
    char sql[1000];
    size_t len;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    struct duck *duck =
        duck_open(&(struct duck_options){.threads = 1, .allowed_dirs = (const char *const[]){it.dir, NULL}}, &err);
    if (!duck) {
        print_message("skip Parquet export (%s)\n", err.text);
        result_kit_done(&it);
        skip();
        return;
    }
    if (!export_to(&it, "all.parquet", true, &err))
        fail_msg("%s", err.text);
    snprintf(sql, sizeof sql,
             "SELECT string_agg(concat_ws('|', id, coalesce(price::varchar, 'NULL'), coalesce(name, 'NULL'), "
             "coalesce(day::varchar, 'NULL'), coalesce(ok::varchar, 'NULL')), ';' ORDER BY id) || ' ' || "
             "any_value(typeof(id) || typeof(price) || typeof(day) || typeof(ok)) FROM '%s/all.parquet'",
             it.dir);
    struct duck_result *result = duck_query(duck, sql, &err);
    if (!result || !duck_next(result, &err))
        fail_msg("%s", err.text);
    assert_string_equal(
        duck_text(result, 0, &len),
        "1|10.5000|b|2024-01-01|true;2|9.2500|a\ttab|2024-01-05|false;3|NULL||2024-01-03|NULL;5|10.0000|"
        "say \"hi\"\n|2024-01-02|true;9007199254740993|0.2500|b|NULL|true "
        "BIGINTDECIMAL(20,4)DATEBOOLEAN");
    duck_result_free(result);
    duck_close(duck);
    assert_int_equal(count_files(it.dir), 2); /* the result and the export: nothing temporary is left */
    result_kit_done(&it);
}

static void a_value_that_is_not_of_its_type_fails_the_parquet_export_and_leaves_nothing(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    result_kit_open_text(
        &it, "\"n\"\n\"1\"\n\"one\"\n",
        (struct result_options){.columns = (struct result_column[]){{"n", "integer"}}, .column_count = 1});
    result_kit_settle(&it);
    assert_false(export_to(&it, "x.parquet", true, &err)); /* so it does without the engine, for want of it */
    assert_non_null(strstr(err.text, "Parquet"));
    assert_int_equal(count_files(it.dir), 1);
    result_kit_done(&it);
}

static void an_existing_file_is_not_overwritten(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    tempdir_write(&it.temp, "mine.csv", "precious");
    assert_false(export_to(&it, "mine.csv", true, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    expect_file(&it, "mine.csv", "precious");
    assert_int_equal(count_files(it.dir), 2);
    result_kit_done(&it);
}

/* A limit of file sizes stands for a full disk: the same failed write. */
static void a_write_that_fails_leaves_no_partial_file(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    struct rlimit before, small;
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    getrlimit(RLIMIT_FSIZE, &before);
    small = (struct rlimit){.rlim_cur = 50, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    bool ok = export_to(&it, "all.csv", true, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_false(ok);
    assert_non_null(strstr(err.text, "all.csv"));
    assert_int_equal(count_files(it.dir), 1);
    result_kit_done(&it);
}

static void a_cancelled_export_leaves_nothing(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err = ERR_NONE;
    struct cancel cancel = {0};
    char path[700];
    result_kit_open_text(&it, rows, options);
    result_kit_settle(&it);
    snprintf(path, sizeof path, "%s/x.csv", it.dir);
    cancel_set(&cancel);
    assert_false(result_export(it.result, &(struct result_export_options){.path = path}, &cancel, NULL, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_int_equal(count_files(it.dir), 1);
    result_kit_done(&it);
}

static void a_result_that_broke_off_is_not_exported_as_if_it_were_whole(void **state)
{
    (void)state;
    struct result_kit it;
    struct err err;
    result_kit_open_text(&it, "\"a\"\n\"1\"\n\"2", (struct result_options){0});
    result_kit_settle(&it);
    assert_false(export_to(&it, "x.csv", true, &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_int_equal(count_files(it.dir), 1);
    result_kit_done(&it);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_summary_tells_what_a_column_holds),
        cmocka_unit_test(a_summary_is_of_the_shown_rows),
        cmocka_unit_test(more_distinct_values_than_are_counted_are_estimated_and_said_so),
        cmocka_unit_test(cells_rows_and_columns_are_taken_exactly),
        cmocka_unit_test(a_row_that_does_not_fit_in_a_window_shows_what_is_looked_at),
        cmocka_unit_test(points_are_spread_over_all_rows),
        cmocka_unit_test(csv_keeps_the_bytes),
        cmocka_unit_test(json_lines_are_typed_and_exact),
        cmocka_unit_test(a_last_row_without_line_end_is_exported_with_one),
        cmocka_unit_test(columns_of_one_name_get_numbers_in_json),
        cmocka_unit_test(parquet_reads_back_with_types_null_and_empty),
        cmocka_unit_test(a_value_that_is_not_of_its_type_fails_the_parquet_export_and_leaves_nothing),
        cmocka_unit_test(an_existing_file_is_not_overwritten),
        cmocka_unit_test(a_write_that_fails_leaves_no_partial_file),
        cmocka_unit_test(a_cancelled_export_leaves_nothing),
        cmocka_unit_test(a_result_that_broke_off_is_not_exported_as_if_it_were_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
