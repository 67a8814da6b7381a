/* JSON helpers: strict reading with a place for the error, and writing that always gives valid JSON. */
#include "backend/base/json.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void fails_at(const char *text, const char *place)
{
    struct err err;
    assert_null(json_parse(text, strlen(text), &err));
    assert_int_equal(err.code, ERR_PARSE);
    assert_non_null(strstr(err.text, place));
}

static void a_parse_error_names_line_and_column(void **state)
{
    (void)state;
    fails_at("{\n \"a\": x}", "line 2 column ");
    fails_at("", "line 1 ");
    fails_at("{\"a\":1} x", "line 1 column ");
    fails_at("[1,]", "line 1 column ");
}

static void duplicate_keys_and_bad_utf8_are_refused(void **state)
{
    (void)state;
    fails_at("{\"a\":1,\"a\":2}", "duplicate");
    fails_at("\"\xff\"", "line 1");
}

static void members_are_read_with_a_fallback(void **state)
{
    (void)state;
    static const char text[] = "{\"s\":\"x\",\"n\":-5,\"t\":true,\"z\":null,\"f\":false}";
    json_t *value = json_parse(text, sizeof text - 1, NULL);
    assert_string_equal(json_str(value, "s"), "x");
    assert_string_equal(json_str(value, "n"), "");
    assert_string_equal(json_str(value, "absent"), "");
    assert_string_equal(json_str(NULL, "s"), "");
    assert_int_equal(json_int(value, "n", 7), -5);
    assert_int_equal(json_int(value, "s", 7), 7);
    assert_int_equal(json_int(value, "z", 7), 7);
    assert_true(json_bool(value, "t", false));
    assert_false(json_bool(value, "f", true));
    assert_true(json_bool(value, "n", true));
    json_decref(value);
}

static void any_value_can_be_the_whole_text(void **state)
{
    (void)state;
    json_t *value = json_parse("17", 2, NULL);
    assert_int_equal(json_integer_value(value), 17);
    json_decref(value);
    value = json_parse("\"a\\u0000b\"", 10, NULL);
    assert_int_equal(json_string_length(value), 3);
    json_decref(value);
}

static void values_are_written_compact_or_indented(void **state)
{
    (void)state;
    static const char text[] = "{ \"b\" : [1, 2.5, \"x\"], \"a\":{}}";
    json_t *value = json_parse(text, sizeof text - 1, NULL);
    struct buf out = BUF_INIT(1000);
    assert_true(json_write(value, 0, &out));
    assert_string_equal(buf_text(&out), "{\"b\":[1,2.5,\"x\"],\"a\":{}}");
    buf_clear(&out);
    assert_true(json_write(value, 2, &out));
    assert_non_null(strstr(buf_text(&out), "\n  \"b\": ["));
    buf_done(&out);
    buf_init(&out, 5);
    assert_false(json_write(value, 0, &out));
    buf_done(&out);
    json_decref(value);
}

static void writes(const char *bytes, size_t len, const char *expected)
{
    struct buf out = BUF_INIT(1000);
    assert_true(json_write_string(bytes, len, &out));
    assert_string_equal(buf_text(&out), expected);
    json_t *back = json_parse(out.data, out.len, NULL);
    assert_true(json_is_string(back));
    json_decref(back);
    buf_done(&out);
}

static void any_bytes_become_a_valid_string(void **state)
{
    (void)state;
    writes("a\"b\\c/", 6, "\"a\\\"b\\\\c/\"");
    writes("\n\t\r\b\f\x01\x1b", 7, "\"\\n\\t\\r\\b\\f\\u0001\\u001b\"");
    writes("a\0b", 3, "\"a\\u0000b\"");
    writes("\xc3\xbc\xff\xed\xa0\x80", 6, "\"\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    writes("", 0, "\"\"");
}

static void layout_keeps_every_token(void **state)
{
    (void)state;
    const struct {
        const char *text, *expected;
    } cases[] = {
        {"{\"a\":0.838,\"b\":[1e5,{}],\"c\":[]}",
         "{\n  \"a\": 0.838,\n  \"b\": [\n    1e5,\n    {}\n  ],\n  \"c\": []\n}"},
        {" [ \"a,:{\\\"}\" , 12345678901234567890 ] ", "[\n  \"a,:{\\\"}\",\n  12345678901234567890\n]"},
        {"1.10", "1.10"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf out = BUF_INIT(4096);
        assert_true(json_indent(cases[i].text, strlen(cases[i].text), 2, &out));
        assert_string_equal(buf_text(&out), cases[i].expected);
        buf_done(&out);
    }
}

static void cut_text_is_still_a_string(void **state)
{
    (void)state;
    json_t *whole = json_clean("a\xc3\xa9"), *cut = json_clean("a\xc3"), *inside = json_clean("x\xc3y");
    assert_string_equal(json_string_value(whole), "a\xc3\xa9");
    assert_string_equal(json_string_value(cut), "a\xef\xbf\xbd");
    assert_string_equal(json_string_value(inside), "x\xef\xbf\xbdy");
    json_decref(whole);
    json_decref(cut);
    json_decref(inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_text_is_still_a_string),
        cmocka_unit_test(layout_keeps_every_token),
        cmocka_unit_test(a_parse_error_names_line_and_column),
        cmocka_unit_test(duplicate_keys_and_bad_utf8_are_refused),
        cmocka_unit_test(members_are_read_with_a_fallback),
        cmocka_unit_test(any_value_can_be_the_whole_text),
        cmocka_unit_test(values_are_written_compact_or_indented),
        cmocka_unit_test(any_bytes_become_a_valid_string),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
