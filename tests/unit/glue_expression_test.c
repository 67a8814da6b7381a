/* GetPartitions' expressions: each row an expression and whether it keeps a partition (dt, hour, price, region). */
#include "backend/local/glue_expression.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static json_t *keys(void)
{
    return json_pack("[{s:s,s:s},{s:s,s:s},{s:s,s:s},{s:s,s:s}]", "Name", "dt", "Type", "date", "Name", "hour", "Type",
                     "int", "Name", "price", "Type", "decimal(10,2)", "Name", "region", "Type", "string");
}

static bool keeps(const char *expression, const char *dt, const char *hour, const char *price, const char *region)
{
    struct arena *arena = arena_new(1 << 20);
    struct err err = ERR_NONE;
    json_t *list = keys(), *values = json_pack("[s,s,s,s]", dt, hour, price, region);
    struct glue_expression *parsed = glue_expression_parse(expression, list, arena, &err);
    if (!parsed)
        fail_msg("%s: %s", expression, err.text);
    bool kept = glue_expression_keeps(parsed, values);
    json_decref(values);
    json_decref(list);
    arena_free(arena);
    return kept;
}

static void expressions_keep_what_they_should(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        bool kept; /* of 2024-02-01, 9, 10.50, eu */
    } rows[] = {
        {.expression = "dt = '2024-02-01'", .kept = true},
        {.expression = "dt > '2024-02-01'", .kept = false},
        {.expression = "'2024-01-01' < dt", .kept = true},
        {.expression = "hour < 10", .kept = true}, /* as numbers: as text 9 > 10 */
        {.expression = "hour = '09'", .kept = true},
        {.expression = "price = 10.5", .kept = true},
        {.expression = "price between 10 and 10.49", .kept = false},
        {.expression = "price not between 10 and 10.49", .kept = true},
        {.expression = "region in ('us', 'eu')", .kept = true},
        {.expression = "region not in ('us')", .kept = true},
        {.expression = "hour in (1, 2, 9)", .kept = true},
        {.expression = "region like 'e%'", .kept = true},
        {.expression = "region like '_'", .kept = false},
        {.expression = "region like '%u%'", .kept = true},
        {.expression = "not region = 'us' and hour = 9", .kept = true},
        {.expression = "not (region = 'us' or hour = 9)", .kept = false},
        {.expression = "region = 'us' or hour = 9 and price > 1", .kept = true},
        {.expression = "REGION = 'eu' AND \"hour\" <> 8 AND `dt` IS NOT NULL", .kept = true},
        {.expression = "region = 'it''s'", .kept = false},
        {.expression = "dt is null", .kept = false},
        {.expression = "dt = date '2024-02-01'", .kept = true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (keeps(rows[i].expression, "2024-02-01", "9", "10.50", "eu") != rows[i].kept)
            fail_msg("%s: not %d", rows[i].expression, rows[i].kept);
}

static void null_is_neither_true_nor_false(void **state)
{
    (void)state;
    static const char null[] = "__HIVE_DEFAULT_PARTITION__";
    assert_false(keeps("hour = 9", "d", null, "1", "eu"));
    assert_false(keeps("not hour = 9", "d", null, "1", "eu"));
    assert_true(keeps("hour is null", "d", null, "1", "eu"));
    assert_true(keeps("hour = 9 or region = 'eu'", "d", null, "1", "eu"));
    assert_false(keeps("hour <> 9", "d", "noon", "1", "eu")); /* no number on a numeric key */
}

static void bad_expressions_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "dt",         "dt =",       "dt = 'x",   "= 'x'",     "nope = 1",       "hour = 'x'",
        "hour in ()", "hour in (1", "(dt = 'x'", "dt = 'x')", "dt ~ 'x'",       "not",
        "hour not 9", "dt like 5",  "1 = 1",     "dt is",     "hour between 1", "dt = 'a' dt = 'b'"};
    json_t *list = keys();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena *arena = arena_new(1 << 20);
        struct err err = ERR_NONE;
        if (glue_expression_parse(bad[i], list, arena, &err))
            fail_msg("accepted: %s", bad[i]);
        assert_string_equal(err.service_code, "InvalidInputException");
        arena_free(arena);
    }
    json_decref(list);
}

static void depth_is_bounded_length_is_not_recursion(void **state)
{
    (void)state;
    struct arena *arena = arena_new(8 << 20);
    struct err err = ERR_NONE;
    json_t *list = keys(), *values = json_pack("[s,s,s,s]", "d", "5", "1", "eu");
    struct buf text = BUF_INIT(1 << 20);
    for (int i = 0; i < 1000; i++)
        buf_putc(&text, '(');
    assert_null(glue_expression_parse(buf_text(&text), list, arena, &err));
    buf_clear(&text);
    buf_puts(&text, "hour = 0");
    for (int i = 1; i < 2000; i++)
        buf_printf(&text, " or hour = %d", i);
    struct glue_expression *parsed = glue_expression_parse(buf_text(&text), list, arena, &err);
    assert_non_null(parsed);
    assert_true(glue_expression_keeps(parsed, values));
    buf_done(&text);
    json_decref(values);
    json_decref(list);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_keep_what_they_should),
        cmocka_unit_test(null_is_neither_true_nor_false),
        cmocka_unit_test(bad_expressions_are_refused),
        cmocka_unit_test(depth_is_bounded_length_is_not_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
