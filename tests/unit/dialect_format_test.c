/* The layout of statements: what it looks like, and that nothing but blanks ever changes. */
#include "backend/sql/dialect.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void lays_out(const char *sql, const char *expected)
{
    struct buf out = BUF_INIT(65536), again = BUF_INIT(65536);
    assert_true(dialect_format(sql, strlen(sql), &out));
    assert_string_equal(buf_text(&out), expected);
    assert_true(dialect_format(buf_text(&out), out.len, &again)); /* laid out, it stays as it is */
    assert_string_equal(buf_text(&again), expected);
    buf_done(&out);
    buf_done(&again);
}

static void clauses_begin_lines(void **state)
{
    (void)state;
    lays_out("select a, b from t where x = 1 and y = 2 group by 1 order by 2 desc limit 5",
             "select a,\n    b\nfrom t\nwhere x = 1\n  and y = 2\ngroup by 1\norder by 2 desc\nlimit 5");
}

static void joins_stand_under_from(void **state)
{
    (void)state;
    lays_out("select * from a left join b on a.id = b.id inner join c using (id)",
             "select *\nfrom a\nleft join b on a.id = b.id\ninner join c using (id)");
}

static void subqueries_are_indented(void **state)
{
    (void)state;
    lays_out("select * from (select id, name from products where id > 10) p",
             "select *\nfrom (\n    select id,\n        name\n    from products\n    where id > 10\n) p");
}

static void arguments_stay_on_their_line(void **state)
{
    (void)state;
    lays_out("select coalesce(a, b, 0), extract(year from d) from t",
             "select coalesce(a, b, 0),\n    extract(year from d)\nfrom t");
}

static void between_keeps_its_and(void **state)
{
    (void)state;
    lays_out("select 1 where a between date '2020-01-01' and date '2020-02-01' and b = 2",
             "select 1\nwhere a between date '2020-01-01' and date '2020-02-01'\n  and b = 2");
}

static void letters_strings_and_comments_stay(void **state)
{
    (void)state;
    lays_out("SELECT 'a  FROM b', \"Name\" -- why\nFROM t /* all */ WHERE x='--'",
             "SELECT 'a  FROM b',\n    \"Name\" -- why\nFROM t /* all */\nWHERE x='--'");
}

static void what_has_no_end_is_left_alone(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1024);
    assert_false(dialect_format("select 'open", 12, &out));
    assert_false(dialect_format("select 1 /* open", 16, &out));
    assert_int_equal(out.len, 0);
    buf_done(&out);
}

static void deep_parentheses_keep_every_token(void **state)
{
    (void)state;
    char sql[4096] = "select ";
    for (int i = 0; i < 200; i++)
        strcat(sql, "(select (");
    strcat(sql, "1");
    for (int i = 0; i < 200; i++)
        strcat(sql, "))");
    struct buf out = BUF_INIT(1 << 20);
    assert_true(dialect_format(sql, strlen(sql), &out));
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clauses_begin_lines),           cmocka_unit_test(joins_stand_under_from),
        cmocka_unit_test(subqueries_are_indented),       cmocka_unit_test(arguments_stay_on_their_line),
        cmocka_unit_test(between_keeps_its_and),         cmocka_unit_test(letters_strings_and_comments_stay),
        cmocka_unit_test(what_has_no_end_is_left_alone), cmocka_unit_test(deep_parentheses_keep_every_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
