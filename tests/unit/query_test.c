/* Queries without a cloud: what is told from an error's text, what is charged, saved queries as files, and the editor's
 * buffers across processes and crashes. */
#include "backend/base/path.h"
#include "backend/domain/query.h"
#include "backend/domain/query_buffers.h"
#include "tests/lib/tempdir.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct tempdir home;

static int make_home(void **state)
{
    (void)state;
    tempdir_make(&home);
    return 0;
}

static int remove_home(void **state)
{
    (void)state;
    tempdir_remove(&home);
    return 0;
}

/* --- errors, cost --- */
static void the_place_of_an_error_is_in_its_text(void **state)
{
    (void)state;
    size_t line = 0, column = 0;
    assert_true(query_error_place("SYNTAX_ERROR: line 1:8: Column 'x' cannot be resolved", &line, &column));
    assert_int_equal(line, 1);
    assert_int_equal(column, 8);
    assert_true(query_error_place("line 12:103: mismatched input", &line, &column));
    assert_int_equal(line, 12);
    assert_int_equal(column, 103);
}

static void a_text_that_only_looks_like_a_place_is_none(void **state)
{
    (void)state;
    size_t line, column;
    assert_false(query_error_place("", &line, &column));
    assert_false(query_error_place("Query exhausted resources", &line, &column));
    assert_false(query_error_place("bad line 7 in file", &line, &column));
    assert_false(query_error_place("line 0:4: no such line", &line, &column));
    assert_false(query_error_place("line 3:", &line, &column));
}

static void a_later_place_counts_when_the_first_is_none(void **state)
{
    (void)state;
    size_t line = 0, column = 0;
    assert_true(query_error_place("in line of duty: line 2:5: x", &line, &column));
    assert_int_equal(line, 2);
}

static double cost_of(enum query_state ended, const char *statement, int64_t scanned, bool is_reused)
{
    struct query_row row = {
        .state = ended, .statement = statement, .scanned = scanned, .is_reused = is_reused, .execution = "id"};
    return query_cost(&row, 500);
}

static void what_is_scanned_is_charged_with_ten_megabytes_at_least(void **state)
{
    (void)state;
    assert_true(cost_of(QUERY_SUCCEEDED, "DML", 1000000000000, false) == 5.0);
    assert_true(cost_of(QUERY_SUCCEEDED, "DML", 1, false) > 0.00004);
    assert_true(cost_of(QUERY_CANCELLED, "DML", 1000000000000, false) == 5.0);
}

static void ddl_failures_and_reused_results_are_free(void **state)
{
    (void)state;
    assert_true(cost_of(QUERY_SUCCEEDED, "DDL", 0, false) == 0);
    assert_true(cost_of(QUERY_SUCCEEDED, "UTILITY", 0, false) == 0);
    assert_true(cost_of(QUERY_FAILED, "DML", 1 << 30, false) == 0);
    assert_true(cost_of(QUERY_SUCCEEDED, "DML", 1 << 30, true) == 0);
}

static void an_unknown_cost_is_not_zero(void **state)
{
    char text[32];
    (void)state;
    assert_true(cost_of(QUERY_RUNNING, "DML", 5, false) < 0);
    assert_true(cost_of(QUERY_SUCCEEDED, "DML", -1, false) < 0);
    query_cost_text(-1, text);
    assert_string_equal(text, "");
    query_cost_text(0.00005, text);
    assert_string_equal(text, "$0.00005");
}

static void every_state_has_a_word(void **state)
{
    (void)state;
    for (int i = 0; i < QUERY_STATE_COUNT; i++)
        assert_true(query_state_word((enum query_state)i)[0] != '\0');
    assert_false(query_has_ended(QUERY_CANCELLING));
    assert_true(query_has_ended(QUERY_LOST));
}

/* --- saved queries --- */
static void a_saved_query_comes_back_whole_and_is_listed(void **state)
{
    (void)state;
    static char names[QUERY_SAVED_MAX][QUERY_SAVED_NAME];
    char dir[PATH_SIZE];
    struct err err = ERR_NONE;
    struct buf text = BUF_INIT(1024);
    assert_true(path_join(dir, home.path, "queries", NULL));
    assert_int_equal(query_saved_list(dir, names, QUERY_SAVED_MAX, &err), 0);
    assert_int_equal(err.code, ERR_OK); /* no directory yet: nothing saved, no error */
    assert_true(query_saved_write(dir, "top products", "select 1\n", 9, NULL));
    assert_true(query_saved_write(dir, "a.sql", "select 2", 8, NULL));
    tempdir_write(&home, "queries/.hidden.sql", "x");
    tempdir_write(&home, "queries/notes.txt", "x");
    assert_int_equal(query_saved_list(dir, names, QUERY_SAVED_MAX, &err), 2);
    assert_string_equal(names[0], "a");
    assert_string_equal(names[1], "top products");
    assert_true(query_saved_read(dir, "top products", &text, NULL));
    assert_string_equal(buf_text(&text), "select 1\n");
    assert_true(query_saved_exists(dir, "a"));
    buf_done(&text);
}

static void a_name_cannot_leave_the_directory(void **state)
{
    (void)state;
    static const char *const bad[] = {"", ".", "../up", "a/b", ".hidden", "two\nlines", NULL};
    struct err err;
    for (int i = 0; bad[i]; i++) {
        assert_false(query_saved_write(home.path, bad[i], "x", 1, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
}

/* --- buffers --- */
struct ended {
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool is_ended;
};

static void on_end(void *context)
{
    struct ended *ended = context;
    pthread_mutex_lock(&ended->lock);
    ended->is_ended = true;
    pthread_cond_signal(&ended->cond);
    pthread_mutex_unlock(&ended->lock);
}

static struct query_buffers *open_buffers(struct query_buffer_text texts[QUERY_BUFFERS_MAX], int *count)
{
    struct ended ended = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    struct err err = ERR_NONE;
    char dir[PATH_SIZE];
    assert_true(path_join(dir, home.path, "drafts", NULL));
    struct query_buffers *buffers = query_buffers_open(dir, on_end, &ended, &err);
    assert_non_null(buffers);
    pthread_mutex_lock(&ended.lock);
    while (!ended.is_ended)
        pthread_cond_wait(&ended.cond, &ended.lock);
    pthread_mutex_unlock(&ended.lock);
    *count = query_buffers_take(buffers, texts, &err);
    assert_int_equal(err.code, ERR_OK);
    return buffers;
}

static void put(struct query_buffers *buffers, int id, const char *title, const char *text)
{
    struct query_buffer_text put = {.id = id, .text = (char *)text, .len = strlen(text)};
    snprintf(put.title, sizeof put.title, "%s", title);
    assert_true(query_buffers_put(buffers, &put));
}

static void free_texts(struct query_buffer_text *texts, int count)
{
    for (int i = 0; i < count; i++)
        free(texts[i].text);
}

static void buffers_come_back_with_their_names_in_order(void **state)
{
    (void)state;
    static struct query_buffer_text texts[QUERY_BUFFERS_MAX];
    int count;
    struct query_buffers *buffers = open_buffers(texts, &count);
    assert_int_equal(count, 0);
    put(buffers, 2, "", "select 2");
    put(buffers, 10, "", "select 10");
    put(buffers, 1, "top", "select 1");
    put(buffers, 3, "", "closed again");
    query_buffers_remove(buffers, 3);
    query_buffers_close(buffers);
    buffers = open_buffers(texts, &count);
    assert_int_equal(count, 3);
    assert_int_equal(texts[0].id, 1);
    assert_string_equal(texts[0].title, "top");
    assert_string_equal(texts[0].text, "select 1");
    assert_int_equal(texts[2].id, 10);
    free_texts(texts, count);
    query_buffers_close(buffers);
}

static void two_processes_at_once_do_not_share_buffers(void **state)
{
    (void)state;
    static struct query_buffer_text texts[QUERY_BUFFERS_MAX];
    int count;
    struct query_buffers *first = open_buffers(texts, &count);
    put(first, 1, "", "mine");
    struct query_buffers *second = open_buffers(texts, &count);
    assert_int_equal(count, 0);
    put(second, 1, "", "theirs");
    query_buffers_close(second);
    query_buffers_close(first);
    first = open_buffers(texts, &count); /* both are over: the next start has both */
    assert_int_equal(count, 2);
    assert_string_equal(texts[0].text, "mine");
    assert_string_equal(texts[1].text, "theirs");
    assert_int_not_equal(texts[0].id, texts[1].id);
    free_texts(texts, count);
    query_buffers_close(first);
    first = open_buffers(texts, &count); /* and keeps them as its own: nothing doubled */
    assert_int_equal(count, 2);
    free_texts(texts, count);
    query_buffers_close(first);
}

static void nothing_is_saved_before_the_old_buffers_are_there(void **state)
{
    (void)state;
    char dir[PATH_SIZE];
    assert_true(path_join(dir, home.path, "drafts", NULL));
    struct query_buffers *buffers = query_buffers_open(dir, NULL, NULL, NULL);
    assert_false(query_buffers_put(buffers, &(struct query_buffer_text){.id = 1, .text = "x", .len = 1}));
    query_buffers_close(buffers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_home, remove_home)
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_place_of_an_error_is_in_its_text),
        cmocka_unit_test(a_text_that_only_looks_like_a_place_is_none),
        cmocka_unit_test(a_later_place_counts_when_the_first_is_none),
        cmocka_unit_test(what_is_scanned_is_charged_with_ten_megabytes_at_least),
        cmocka_unit_test(ddl_failures_and_reused_results_are_free),
        cmocka_unit_test(an_unknown_cost_is_not_zero),
        cmocka_unit_test(every_state_has_a_word),
        TEST(a_saved_query_comes_back_whole_and_is_listed),
        TEST(a_name_cannot_leave_the_directory),
        TEST(buffers_come_back_with_their_names_in_order),
        TEST(two_processes_at_once_do_not_share_buffers),
        TEST(nothing_is_saved_before_the_old_buffers_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
