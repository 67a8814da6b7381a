/* Results of any size: rows whatever the blocks are they are read by, a file that grows, breaks off or is not what it
 * should be, filter, sort, find. */
#include "backend/domain/result.h"
#include "tests/lib/tempdir.h"
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct tempdir temp;
    const char *dir;
    char path[600];
    struct result *result;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    uint64_t changes;
};

static void changed(void *context)
{
    struct fixture *it = context;
    pthread_mutex_lock(&it->lock);
    it->changes++;
    pthread_cond_broadcast(&it->cond);
    pthread_mutex_unlock(&it->lock);
}

/* Waits for the next change after the one seen, at most 10 s: then the test fails. */
static void wait_change(struct fixture *it, uint64_t *seen)
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

static void setup(struct fixture *it)
{
    *it = (struct fixture){.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    tempdir_make(&it->temp);
    it->dir = it->temp.path;
    snprintf(it->path, sizeof it->path, "%s/result.csv", it->dir);
}

static void add_bytes(struct fixture *it, const char *bytes, size_t len)
{
    int fd = open(it->path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

static void open_with(struct fixture *it, struct result_options options)
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

static void open_text(struct fixture *it, const char *text, struct result_options options)
{
    setup(it);
    add_bytes(it, text, strlen(text));
    open_with(it, options);
    result_arrived(it->result, (int64_t)strlen(text), true);
}

static void done(struct fixture *it)
{
    result_close(it->result);
    tempdir_remove(&it->temp);
}

static struct result_status settle(struct fixture *it)
{
    struct result_status status;
    uint64_t seen = 0;
    for (result_status(it->result, &status); !status.is_complete || status.work != RESULT_IDLE;
         result_status(it->result, &status))
        wait_change(it, &seen);
    return status;
}

static const struct result_row *row_at(struct fixture *it, size_t shown)
{
    const struct result_row *row;
    uint64_t seen = 0;
    struct result_look look = {.first = shown, .last = shown, .right = 1000};
    for (;;) {
        result_look(it->result, &look);
        if ((row = result_row(it->result, shown)))
            return row;
        wait_change(it, &seen);
    }
}

/* "a|NULL|" for a row; '#' for what the row does not have. */
static const char *row_text(struct fixture *it, size_t shown)
{
    static char text[4096];
    size_t count, at = 0;
    const struct result_row *row = row_at(it, shown);
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

static void expect_rows(struct fixture *it, const char *const *rows)
{
    struct result_status status = settle(it);
    size_t count = 0;
    while (rows[count])
        count++;
    assert_int_equal(status.shown, count);
    assert_false(status.is_shown_at_least);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(row_text(it, i), rows[i]);
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
        struct fixture it;
        open_text(&it, edges, (struct result_options){.block_bytes = block});
        expect_rows(&it, edge_rows);
        assert_string_equal(result_columns(it.result, NULL)[1].id, "text");
        done(&it);
    }
}

static void null_and_the_empty_text_differ(void **state)
{
    (void)state;
    struct fixture it;
    open_text(&it, edges, (struct result_options){0});
    settle(&it);
    assert_int_equal(result_cell(row_at(&it, 1), 1, NULL).state, VALUE_NULL);
    struct value empty = result_cell(row_at(&it, 2), 1, NULL);
    assert_int_equal(empty.state, VALUE_KNOWN);
    assert_int_equal(empty.len, 0);
    done(&it);
}

static void a_growing_file_shows_its_rows_as_they_arrive(void **state)
{
    (void)state;
    struct fixture it;
    struct result_status status;
    uint64_t seen = 0;
    setup(&it);
    add_bytes(&it, "", 0);
    open_with(&it, (struct result_options){0});
    assert_null(result_columns(it.result, NULL));
    for (size_t i = 0; i < sizeof edges - 1; i++) { /* byte by byte */
        add_bytes(&it, edges + i, 1);
        result_arrived(it.result, (int64_t)i + 1, false);
        size_t rows = 0;
        bool is_inside = false;
        for (size_t j = 0; j <= i; j++) {
            is_inside ^= edges[j] == '"';
            rows += edges[j] == '\n' && !is_inside;
        }
        for (result_status(it.result, &status); status.rows + 1 < rows; result_status(it.result, &status))
            wait_change(&it, &seen);
        assert_true(status.rows + 1 == rows || rows == 0);
    }
    result_arrived(it.result, sizeof edges - 1, true);
    expect_rows(&it, edge_rows);
    done(&it);
}

static void the_last_row_may_lack_its_line_end(void **state)
{
    (void)state;
    struct fixture it;
    open_text(&it, "\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"4\"", (struct result_options){0});
    expect_rows(&it, (const char *const[]){"1|2", "3|4", NULL});
    done(&it);
}

static void a_file_that_is_cut_says_so_and_keeps_the_rows_before(void **state)
{
    (void)state;
    static const char *const cuts[] = {"\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"fo", "\"a\",\"b\"\n\"1\",\"2\"\n\"3\"",
                                       "\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"x\ny"};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct fixture it;
        open_text(&it, cuts[i], (struct result_options){0});
        expect_rows(&it, (const char *const[]){"1|2", NULL});
        struct result_status status = settle(&it);
        assert_int_equal(status.err.code, ERR_INTERRUPTED);
        assert_non_null(strstr(status.err.text, "row 2"));
        done(&it);
    }
}

static void a_file_shorter_than_said_is_an_error_of_reading(void **state)
{
    (void)state;
    struct fixture it;
    setup(&it);
    add_bytes(&it, "\"a\"\n\"1\"\n", 8);
    open_with(&it, (struct result_options){.block_bytes = 4});
    result_arrived(it.result, 1000, true);
    struct result_status status = settle(&it);
    assert_int_equal(status.err.code, ERR_INTERRUPTED);
    done(&it);
}

static void what_broke_the_transfer_is_told_and_the_rows_stay(void **state)
{
    (void)state;
    struct fixture it;
    setup(&it);
    add_bytes(&it, "\"a\"\n\"1\"\n\"2\"\n", 12);
    open_with(&it, (struct result_options){0});
    result_arrived(it.result, 12, false);
    struct err why;
    err_set(&why, ERR_DENIED, "s3 GetObject: AccessDenied");
    result_broken(it.result, &why);
    expect_rows(&it, (const char *const[]){"1", "2", NULL});
    assert_int_equal(settle(&it).err.code, ERR_DENIED);
    done(&it);
}

static void ragged_rows_lack_cells_and_lose_none(void **state)
{
    (void)state;
    struct fixture it;
    open_text(&it, "\"a\",\"b\"\n\"1\"\n\"1\",\"2\",\"3\"\n\n", (struct result_options){0});
    expect_rows(&it, (const char *const[]){"1|#", "1|2", "NULL|#", NULL});
    done(&it);
}

static void lines_are_rows_of_tab_separated_cells(void **state)
{
    (void)state;
    struct fixture it;
    const struct result_column columns[] = {{"col_name", "string"}, {"data_type", "string"}};
    open_text(&it, "id\tbigint\n\"quote\tx\n\n",
              (struct result_options){.form = RESULT_LINES, .columns = columns, .column_count = 2});
    expect_rows(&it, (const char *const[]){"id|bigint", "\"quote|x", "|#", NULL});
    done(&it);
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

static void expect_ids(struct fixture *it, const char *ids)
{
    char all[512] = "";
    struct result_status status = settle(it);
    assert_int_equal(status.err.code, ERR_OK);
    for (size_t i = 0; i < status.shown; i++) {
        struct value value = result_cell(row_at(it, i), 0, NULL);
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
    struct fixture it;
    open_text(&it, products, (struct result_options){.columns = typed, .column_count = 4, .block_bytes = 50});
    settle(&it);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        result_arrange(it.result, cases[i].filter, -1, false);
        if (strcmp(cases[i].filter, "price:10") != 0)
            expect_ids(&it, cases[i].ids);
    }
    result_arrange(it.result, "price>cheap", -1, false);
    struct result_status status = settle(&it);
    assert_int_equal(status.shown, 6);
    assert_non_null(strstr(status.filter_note, "price"));
    done(&it);
}

static void sorts_are_typed_stable_and_put_null_last(void **state)
{
    (void)state;
    struct fixture it;
    open_text(&it, products, (struct result_options){.columns = typed, .column_count = 4});
    settle(&it);
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
    done(&it);
}

/* Enough rows for several runs and several passes in the least memory there is. */
static void a_sort_larger_than_its_memory_is_the_same(void **state)
{
    (void)state;
    enum { ROWS = 20000 };
    struct fixture it;
    struct buf text = BUF_INIT(4 << 20);
    setup(&it);
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
    add_bytes(&it, text.data, text.len);
    open_with(&it, (struct result_options){.columns = (struct result_column[]){{"n", "integer"}, {"word", "varchar"}},
                                           .column_count = 2,
                                           .sort_memory = 1});
    result_arrived(it.result, (int64_t)text.len, true);
    settle(&it);
    for (int column = 0; column < 2; column++) {
        result_arrange(it.result, "", column, column == 1);
        struct result_status status = settle(&it);
        assert_int_equal(status.err.code, ERR_OK);
        assert_int_equal(status.shown, ROWS);
        char before[64] = "";
        uint64_t before_row = 0;
        bool was_null = false;
        for (size_t i = 0; i < ROWS; i++) {
            const struct result_row *row = row_at(&it, i);
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
    done(&it);
}

static struct result_found find(struct fixture *it, const char *text, size_t from, bool is_backward)
{
    uint64_t seen = 0;
    result_find(it->result, text, from, is_backward);
    struct result_found found;
    for (found = result_found(it->result); found.state == FIND_WORKING; found = result_found(it->result))
        wait_change(it, &seen);
    return found;
}

static void find_goes_both_ways_over_what_is_shown(void **state)
{
    (void)state;
    struct fixture it;
    open_text(&it, products, (struct result_options){.columns = typed, .column_count = 4});
    settle(&it);
    assert_int_equal(find(&it, "price=10.5", 0, false).shown, 4);
    assert_int_equal(find(&it, "price=10.5", 4, false).state, FIND_ABSENT);
    assert_int_equal(find(&it, "price=10.5", 4, true).shown, 0);
    assert_int_equal(find(&it, "price=10.5", 0, true).state, FIND_ABSENT);
    assert_int_equal(find(&it, "price=x", 0, true).state, FIND_FAILED);
    result_arrange(it.result, "", 1, true);
    settle(&it);
    assert_int_equal(find(&it, "apple", 0, false).shown, 3);
    done(&it);
}

static void closing_in_the_middle_of_everything_is_fine(void **state)
{
    (void)state;
    struct fixture it;
    setup(&it);
    add_bytes(&it, "\"a\"\n\"1\"\n", 8);
    open_with(&it, (struct result_options){0});
    result_arrived(it.result, 8, false);
    uint64_t seen = 0;
    while (!result_columns(it.result, NULL))
        wait_change(&it, &seen);
    result_arrange(it.result, "1", 0, false); /* waits for the rest of the file */
    result_find(it.result, "x", 0, false);
    result_summarise(it.result, 0);
    done(&it);
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
        cmocka_unit_test(ragged_rows_lack_cells_and_lose_none),
        cmocka_unit_test(lines_are_rows_of_tab_separated_cells),
        cmocka_unit_test(filters_speak_the_language_of_the_grid),
        cmocka_unit_test(sorts_are_typed_stable_and_put_null_last),
        cmocka_unit_test(a_sort_larger_than_its_memory_is_the_same),
        cmocka_unit_test(find_goes_both_ways_over_what_is_shown),
        cmocka_unit_test(closing_in_the_middle_of_everything_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
