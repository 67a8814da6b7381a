/* The tokenizer: what the editor colours and the parser reads. */
#include "backend/sql/dialect.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

static const char *const letters = "KFNQS#OC PE"; /* one per token kind, in its order */

/* The kinds of a text's tokens, one letter each, and the state behind it. */
static const char *kinds(const char *sql, int *state)
{
    static char out[256];
    struct dialect_token token;
    size_t offset = 0, count = 0;
    while (dialect_token(sql, strlen(sql), &offset, state, &token) && count + 1 < sizeof out)
        out[count++] = letters[token.kind];
    out[count] = '\0';
    return out;
}

static void texts_are_cut_into_tokens(void **state)
{
    static const struct {
        const char *sql, *kinds;
    } cases[] = {
        {.sql = "select a", .kinds = "K N"},
        {.sql = "count(x)", .kinds = "FONO"},
        {.sql = "count (x)", .kinds = "F ONO"},
        {.sql = "count", .kinds = "N"},
        {.sql = "'it''s' \"a\"\"b\" `c`", .kinds = "S Q Q"},
        {.sql = "U&'\\0041' X'0f' x", .kinds = "S S N"},
        {.sql = "1 1.5 .5 1e3 1E-2 5.", .kinds = "# # # # # #"},
        {.sql = "1a", .kinds = "E"},
        {.sql = "a->b=>c||d<>e!=f::g<=h>=i", .kinds = "NONONONONONONONON"},
        {.sql = "? ;", .kinds = "P O"},
        {.sql = "a -- b c", .kinds = "N C"},
        {.sql = "a/* b */c", .kinds = "NCN"},
        {.sql = "a.b[1]", .kinds = "NONO#O"},
        {.sql = "\xc3\xa9", .kinds = "E"},
        {.sql = "-1", .kinds = "O#"},
        {.sql = "SELECT Select sElEcT", .kinds = "K K K"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int at = 0;
        assert_string_equal(kinds(cases[i].sql, &at), cases[i].kinds);
        assert_int_equal(at, 0);
    }
}

static void a_state_goes_on_over_lines(void **state)
{
    static const char *const lines[][3] = {
        {"select 'a", "b'", "S"}, {"/* a", "b */", "C"}, {"\"a", "b\"", "Q"}, {"`a", "b`", "Q"}};
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        int at = 0;
        kinds(lines[i][0], &at);
        assert_int_not_equal(at, 0);
        assert_string_equal(kinds(lines[i][1], &at), lines[i][2]);
        assert_int_equal(at, 0);
    }
}

static void words_for_completion_are_listed(void **state)
{
    size_t keywords = 0, functions = 0;
    bool has_select = false, has_date_trunc = false, has_refused = false;
    (void)state;
    for (const char *const *word = dialect_keywords(); *word; word++, keywords++) {
        has_select = has_select || strcmp(*word, "SELECT") == 0;
        assert_true(keywords == 0 || strcasecmp(word[-1], *word) < 0); /* the search needs the order */
    }
    for (const char *const *word = dialect_functions(); *word; word++, functions++) {
        has_date_trunc = has_date_trunc || strcmp(*word, "date_trunc") == 0;
        has_refused = has_refused || strcmp(*word, "st_point") == 0;
    }
    assert_true(has_select && has_date_trunc && !has_refused);
    assert_true(keywords > 100 && functions > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_cut_into_tokens),
        cmocka_unit_test(a_state_goes_on_over_lines),
        cmocka_unit_test(words_for_completion_are_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
