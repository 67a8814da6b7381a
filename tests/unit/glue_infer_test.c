/* What a crawl infers from samples: CSV and JSON as text in, columns out. */
#include "backend/local/glue_infer.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "a:bigint b:string" */
static const char *columns_of(const struct glue_schema *schema)
{
    static struct buf text = BUF_INIT(64 * 1024);
    buf_clear(&text);
    for (size_t i = 0; i < schema->row->count; i++) {
        buf_printf(&text, "%s%s:", i ? " " : "", schema->row->fields[i].name);
        glue_type_write(schema->row->fields[i].type, &text);
    }
    return buf_text(&text);
}

static void expect_csv(const char *bytes, const char *columns, char delimiter, bool has_header)
{
    struct arena *arena = arena_new(1 << 20);
    struct glue_schema schema = {0};
    assert_true(glue_infer_csv(bytes, strlen(bytes), true, arena, &schema));
    assert_string_equal(columns_of(&schema), columns);
    assert_int_equal(schema.delimiter, delimiter);
    assert_int_equal(schema.has_header, has_header);
    arena_free(arena);
}

static void refuse_csv(const char *bytes)
{
    struct arena *arena = arena_new(1 << 20);
    struct glue_schema schema = {0};
    assert_false(glue_infer_csv(bytes, strlen(bytes), true, arena, &schema));
    arena_free(arena);
}

static void delimiters_are_found(void **state)
{
    (void)state;
    expect_csv("a,b\n1,x\n2,y\n", "a:bigint b:string", ',', true);
    expect_csv("a;b\n1,5;x\n2,5;y\n", "col0:string col1:string", ';', false);
    expect_csv("a;b\n1;x\n2;y\n", "a:bigint b:string", ';', true);
    expect_csv("a|b\r\n1|x\r\n2|y\r\n", "a:bigint b:string", '|', true);
    expect_csv("a\tb\n1\tx, y\n2\ty\n", "a:bigint b:string", '\t', true);
    expect_csv("1\x01x\n2\x01y\n", "col0:bigint col1:string", '\x01', false);
}

static void a_header_is_text_over_values_that_are_not(void **state)
{
    (void)state;
    expect_csv("id,name\nx,y\nz,w\n", "col0:string col1:string", ',', false);
    expect_csv("1,2\n3,4\n", "col0:bigint col1:bigint", ',', false);
    expect_csv("\xef\xbb\xbfId,Name\n1,y\n", "id:bigint name:string", ',', true);
    expect_csv(",a\n0,x\n1,y\n", "col0:bigint a:string", ',', true);
    expect_csv("a,a\n1,x\n", "a:bigint a_2:string", ',', true);
}

static void types_hold_for_all_values(void **state)
{
    (void)state;
    expect_csv("k,v\na,1\nb,2.5\n", "k:string v:double", ',', true);
    expect_csv("k,v\na,1\nb,\n", "k:string v:bigint", ',', true);
    expect_csv("k,v\na,1\nb,x\n", "col0:string col1:string", ',', false);
    expect_csv("k,v\na,true\nb,FALSE\n", "k:string v:boolean", ',', true);
    expect_csv("k,v\na,1e3\nb,2\n", "k:string v:double", ',', true);
    expect_csv("k,v\na,-12.50\nb,2.75\n", "k:string v:decimal(18,2)", ',', true);
    expect_csv("k,v\na,12.5\nb,2.75\n", "k:string v:double", ',', true);
    expect_csv("k,v\na,12345678901234567890\n", "k:string v:decimal(38,0)", ',', true);
    expect_csv("k,v\na,0.1234567890123456789\n", "k:string v:decimal(38,19)", ',', true);
    expect_csv("k,d\na,2024-01-31\nb,2024-02-29\n", "k:string d:date", ',', true);
    expect_csv("k,d\na,2024-13-31\nb,2024-02-29\n", "col0:string col1:string", ',', false);
    expect_csv("k,t\na,2024-01-31 23:59:59\nb,2024-01-01 00:00:00.123\n", "k:string t:timestamp", ',', true);
    expect_csv("k,t\n1,2024-01-31 23:59:59\n2,2024-01-01\n", "k:bigint t:string", ',', true);
}

static void quoted_fields_hold_delimiters_and_lines(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct glue_schema schema = {0};
    static const char bytes[] = "id,name\n1,\"Bread, white\"\n2,\"two\nlines\"\n3,\"say \"\"hi\"\"\"\n";
    assert_true(glue_infer_csv(bytes, sizeof bytes - 1, true, arena, &schema));
    assert_true(schema.is_quoted);
    assert_int_equal(schema.records, 3);
    assert_string_equal(columns_of(&schema), "id:bigint name:string");
    arena_free(arena);
}

static void a_cut_record_is_left_out(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct glue_schema schema = {0};
    static const char bytes[] = "a,b\n1,2\n3,4\n5,x";
    assert_true(glue_infer_csv(bytes, sizeof bytes - 1, false, arena, &schema));
    assert_int_equal(schema.records, 2);
    assert_string_equal(columns_of(&schema), "a:bigint b:bigint");
    arena_free(arena);
}

static void what_is_no_csv_is_refused(void **state)
{
    (void)state;
    refuse_csv("");
    refuse_csv("one column\nanother line\n");
    refuse_csv("a,b\n");
    refuse_csv("a,b\x02\n1,2\n");
}

static void expect_json(const char *bytes, const char *columns)
{
    struct arena *arena = arena_new(1 << 20);
    struct glue_schema schema = {0};
    assert_true(glue_infer_json(bytes, strlen(bytes), true, arena, &schema));
    assert_string_equal(columns_of(&schema), columns);
    arena_free(arena);
}

static void json_members_become_columns(void **state)
{
    (void)state;
    expect_json("{\"a\":1,\"B\":\"x\"}\n{\"a\":3000000000,\"c\":true}\n", "a:bigint b:string c:boolean");
    expect_json("{\"a\":1}{\"a\":1.5}", "a:double");
    expect_json("{\"a\":1}\n{\"a\":\"x\"}", "a:string");
    expect_json("{\"a\":null}\n{\"a\":{\"x\":[1,2],\"y\":[]}}", "a:struct<x:array<int>,y:string>");
    expect_json("{\n  \"a\": 1\n}\n{\n  \"a\": 2\n}\n", "a:int");
    expect_json("[{\"a\":1},{\"b\":2}]", "array:array<struct<a:int,b:int>>");
    expect_json("{\"a\":1}\n{\"a\":", "a:int");
}

static void json_without_a_record_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    static const char *const bad[] = {"", "  ", "1\n2\n", "{\"a\":", "[1", "{a:1}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct glue_schema schema = {0};
        assert_false(glue_infer_json(bad[i], strlen(bad[i]), true, arena, &schema));
    }
    arena_free(arena);
}

static void schemas_of_one_table_merge(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct glue_schema left = {0}, right = {0}, other = {0};
    assert_true(glue_infer_csv("a,b,c\n1,x,1\n", 12, true, arena, &left));
    assert_true(glue_infer_csv("a,b,c,d\n1.5,x,1,2\n", 18, true, arena, &right));
    assert_true(glue_infer_csv("x,y\n1,2\n", 8, true, arena, &other));
    struct glue_schema merged = left;
    assert_false(glue_schema_merge(arena, &merged, &other, 70));
    assert_true(glue_schema_merge(arena, &merged, &right, 70));
    assert_string_equal(columns_of(&merged), "a:double b:string c:bigint d:bigint");
    assert_string_equal(columns_of(&left), "a:bigint b:string c:bigint"); /* untouched */
    arena_free(arena);
}

static void a_classifiers_rules_come_before_what_is_found(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    static const char *const names[] = {"id", "word", NULL};
    static const char bytes[] = "1~'a~b'\n2~c\n";
    struct glue_csv_rules rules = {.delimiter = '~', .quote = '\'', .has_no_header = true, .columns = names};
    struct glue_schema schema = {0};
    assert_true(glue_infer_csv_by(&rules, bytes, strlen(bytes), true, arena, &schema));
    assert_string_equal(columns_of(&schema), "id:bigint word:string");
    assert_true(schema.is_quoted);
    assert_int_equal(schema.records, 2);
    rules.is_plain = true;
    assert_true(glue_infer_csv_by(&rules, bytes, strlen(bytes), true, arena, &schema));
    assert_false(schema.is_quoted);
    rules.delimiter = ','; /* one column: not the classifier's file */
    assert_false(glue_infer_csv_by(&rules, bytes, strlen(bytes), true, arena, &schema));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delimiters_are_found),        cmocka_unit_test(a_header_is_text_over_values_that_are_not),
        cmocka_unit_test(types_hold_for_all_values),   cmocka_unit_test(quoted_fields_hold_delimiters_and_lines),
        cmocka_unit_test(a_cut_record_is_left_out),    cmocka_unit_test(what_is_no_csv_is_refused),
        cmocka_unit_test(json_members_become_columns), cmocka_unit_test(json_without_a_record_is_refused),
        cmocka_unit_test(schemas_of_one_table_merge),  cmocka_unit_test(a_classifiers_rules_come_before_what_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
