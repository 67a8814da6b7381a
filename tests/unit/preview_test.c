/* Previews: what bytes are taken for, and that hostile ones are never more than an error. */
#include "backend/base/gzip.h"
#include "backend/domain/preview.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;

static int start(void **state)
{
    (void)state;
    arena = arena_new(32 * 1024 * 1024);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct object_view preview(const char *key, const void *bytes, size_t len, bool is_whole)
{
    struct object_view view = {.preview = PREVIEW_NONE};
    struct preview_input input = {.key = key, .content_type = "", .bytes = bytes, .len = len, .is_whole = is_whole};
    struct err err = ERR_NONE;
    assert_true(preview_make(arena, &input, &view, &err));
    return view;
}

static struct object_view preview_text(const char *key, const char *text)
{
    return preview(key, text, strlen(text), true);
}

static void text_is_cut_into_lines(void **state)
{
    (void)state;
    struct object_view view = preview_text("notes.txt", "one\r\ntwo\n\nlast");
    assert_int_equal(view.preview, PREVIEW_TEXT);
    assert_int_equal(view.line_count, 4);
    assert_string_equal(view.lines[0], "one");
    assert_string_equal(view.lines[2], "");
    assert_int_equal(view.line_lens[3], 4);
    assert_true(view.preview_is_whole);
}

static void csv_keeps_quotes_line_ends_and_ragged_rows(void **state)
{
    (void)state;
    struct object_view view = preview_text("a.csv", "id,name\n1,\"Smith, \"\"J\"\"\nsecond line\"\n2\n3,x,extra\n");
    assert_int_equal(view.preview, PREVIEW_TABLE);
    assert_int_equal(view.columns, 3);
    assert_int_equal(view.rows, 3);
    assert_string_equal(view.header[1], "name");
    assert_null(view.header[2]);
    assert_string_equal(view.cells[1], "Smith, \"J\"\nsecond line");
    assert_string_equal(view.cells[3], "2");
    assert_null(view.cells[4]);
    assert_string_equal(view.cells[8], "extra");
}

static void an_empty_cell_is_not_an_absent_one(void **state)
{
    (void)state;
    struct object_view view = preview_text("a.csv", "a,b\n,\n");
    assert_int_equal(view.rows, 1);
    assert_string_equal(view.cells[0], "");
    assert_string_equal(view.cells[1], "");
}

static void the_delimiter_is_guessed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char delimiter;
    } cases[] = {{.text = "a;b;c\n1;2,5;3\n", .delimiter = ';'},
                 {.text = "a\tb\n1\t2\n", .delimiter = '\t'},
                 {.text = "a|b\n\"1|x\"|2\n", .delimiter = '|'},
                 {.text = "plain words\nand, more words\n", .delimiter = 0},
                 {.text = "", .delimiter = 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(preview_delimiter(cases[i].text, strlen(cases[i].text)), cases[i].delimiter);
}

static void the_last_row_of_a_part_is_left_out(void **state)
{
    (void)state;
    static const char text[] = "a,b\n1,2\n3,4";
    struct object_view part = preview("a.csv", text, sizeof text - 1, false);
    struct object_view whole = preview("a.csv", text, sizeof text - 1, true);
    assert_int_equal(part.rows, 1);
    assert_int_equal(whole.rows, 2);
    assert_false(part.preview_is_whole);
}

static void json_is_pretty(void **state)
{
    (void)state;
    struct object_view view = preview_text("a.json", "{\"a\":1,\"b\":[true]}");
    assert_int_equal(view.preview, PREVIEW_JSON);
    assert_string_equal(view.lines[0], "{");
    assert_string_equal(view.lines[1], "  \"a\": 1,");
}

static void json_lines_are_told_by_their_look(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":1}\n{\"a\":2}\n{\"a\":";
    struct object_view part = preview("events", text, sizeof text - 1, false);
    assert_int_equal(part.preview, PREVIEW_JSON);
    assert_string_equal(part.preview_format, "JSON lines");
    assert_int_equal(part.line_count, 6);
    struct object_view broken = preview("events", text, sizeof text - 1, true);
    assert_int_equal(broken.preview, PREVIEW_TEXT);
}

static void bytes_are_shown_as_hex(void **state)
{
    (void)state;
    static const char bytes[] = "\x00\x01Hello\xff";
    struct object_view view = preview("a.bin", bytes, sizeof bytes - 1, true);
    assert_int_equal(view.preview, PREVIEW_BINARY);
    assert_string_equal(view.lines[0], "00000000  00 01 48 65 6c 6c 6f ff                           |..Hello.|");
}

static struct buf packed(const char *text)
{
    struct buf out = BUF_INIT(1024 * 1024);
    struct gzip *gzip = gzip_compressor(6);
    assert_true(gzip_feed(gzip, text, strlen(text), true, &out, NULL));
    gzip_free(gzip);
    return out;
}

static void gzip_is_known_by_its_magic_and_may_be_cut(void **state)
{
    (void)state;
    struct buf text = BUF_INIT(1024 * 1024);
    buf_puts(&text, "a,b\n");
    for (int i = 0; i < 20000; i++)
        buf_printf(&text, "%d,%d\n", i, i * 7919 % 1000);
    struct buf gzip = packed(buf_text(&text));
    struct object_view whole = preview("orders.csv.gz", gzip.data, gzip.len, true);
    assert_int_equal(whole.preview, PREVIEW_TABLE);
    assert_string_equal(whole.preview_format, "text/csv in gzip");
    struct object_view part = preview("no-extension", gzip.data, gzip.len / 4, false);
    assert_int_equal(part.preview, PREVIEW_TABLE);
    assert_string_equal(part.cells[0], "0");
    assert_false(part.preview_is_whole);
    buf_done(&text);
    buf_done(&gzip);
}

static void a_gzip_bomb_is_cut(void **state)
{
    (void)state;
    size_t len = 8 * 1024 * 1024;
    char *zeros = malloc(len + 1);
    memset(zeros, 'a', len);
    zeros[len] = 0;
    struct buf gzip = packed(zeros);
    struct object_view view = preview("bomb.gz", gzip.data, gzip.len, true);
    assert_int_equal(view.preview, PREVIEW_TEXT);
    assert_false(view.preview_is_whole);
    assert_true(view.line_lens[0] <= PREVIEW_TEXT_MAX);
    buf_done(&gzip);
    free(zeros);
}

/* A footer written by hand, field by field, as parquet.thrift has it: two columns, 3 rows, one group, snappy. */
static const unsigned char footer[] = {
    0x15, 0x02,                                                                   /* 1: version 1 */
    0x19, 0x3C,                                                                   /* 2: schema, list of 3 structs */
    0x48, 0x06, 's',  'c',  'h',  'e',  'm',  'a',  0x15, 0x04, 0x00,             /* name, num_children 2 */
    0x15, 0x04, 0x25, 0x00, 0x18, 0x02, 'i',  'd',  0x00,                         /* INT64, required, "id" */
    0x15, 0x0C, 0x25, 0x02, 0x18, 0x04, 'n',  'a',  'm',  'e',  0x25, 0x00, 0x00, /* BYTE_ARRAY, optional, utf8 */
    0x16, 0x06,                                                                   /* 3: num_rows 3 */
    0x19, 0x1C,                                                                   /* 4: row_groups, 1 struct */
    0x19, 0x1C,                                                                   /* columns, 1 struct */
    0x3C, 0x45, 0x02, 0x26, 0x64, 0x16, 0x32, 0x00, 0x00, /* meta_data: codec snappy, 50 and 25 bytes */
    0x00,                                                 /* end of row group */
    0x28, 0x04, 't',  'e',  's',  't',                    /* 6: created_by */
    0x00};

static void parquet_facts_come_from_the_footer(void **state)
{
    (void)state;
    struct object_view view = {.preview = PREVIEW_NONE};
    struct err err = ERR_NONE;
    assert_true(preview_parquet(arena, footer, sizeof footer, &view, &err));
    struct preview_plan plan;
    assert_true(preview_parquet_plan(arena, footer, sizeof footer, &plan, &err));
    assert_int_equal(plan.rows, 3);
    assert_int_equal(plan.chunk_count, 1);
    assert_int_equal(view.preview, PREVIEW_PARQUET);
    assert_string_equal(view.lines[0], "rows          3");
    assert_string_equal(view.lines[1], "row groups    1");
    assert_string_equal(view.lines[2], "compression   snappy");
    assert_string_equal(view.lines[5], "written by    test");
    assert_int_equal(view.line_count, 9);
    assert_non_null(strstr(view.lines[7], "id"));
    assert_non_null(strstr(view.lines[7], "int64, required"));
    assert_non_null(strstr(view.lines[8], "byte_array as utf8"));
}

static void damaged_footers_are_errors(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (size_t len = 0; len < sizeof footer; len++) {
        struct object_view view = {.preview = PREVIEW_NONE};
        preview_parquet(arena, footer, len, &view, NULL); /* must return */
    }
    for (int i = 0; i < 20000; i++) {
        unsigned char damaged[sizeof footer];
        memcpy(damaged, footer, sizeof footer);
        for (int k = 0; k < 3; k++)
            damaged[rand_r(&seed) % sizeof footer] = (unsigned char)rand_r(&seed);
        struct arena *own = arena_new(4 * 1024 * 1024);
        struct object_view view = {.preview = PREVIEW_NONE};
        struct preview_plan plan;
        preview_parquet(own, damaged, sizeof damaged, &view, NULL);
        preview_parquet_plan(own, damaged, sizeof damaged, &plan, NULL);
        arena_free(own);
    }
    assert_int_equal(preview_parquet_footer_len("\x10\x00\x00\x00PAR1"), 16);
    assert_int_equal(preview_parquet_footer_len("\xff\xff\xff\xffPAR1"), 4294967295);
    assert_int_equal(preview_parquet_footer_len("\x10\x00\x00\x00PAR2"), -1);
}

static void random_bytes_are_shown_as_something(void **state)
{
    (void)state;
    unsigned seed = 7;
    static const char *const keys[] = {"a.csv", "a.json", "a.parquet", "a.gz", "a"};
    for (int i = 0; i < 2000; i++) {
        unsigned char bytes[300];
        size_t len = (size_t)rand_r(&seed) % sizeof bytes;
        for (size_t k = 0; k < len; k++)
            bytes[k] = (unsigned char)(i % 2 ? "{}[]\",\n;1\x1f\x8b\x08"[rand_r(&seed) % 12] : rand_r(&seed));
        struct arena *kept = arena;
        arena = arena_new(8 * 1024 * 1024);
        preview(keys[i % 5], bytes, len, i % 3 == 0);
        arena_free(arena);
        arena = kept;
    }
}

/* Whole columns, in order, as many as fit; chunks outside of the data are not asked for. */
static void columns_that_fit_are_read_and_others_counted(void **state)
{
    (void)state;
    struct preview_chunk chunks[] = {{.column = "id", .offset = 4, .len = 10},
                                     {.column = "struct", .offset = 14, .len = 30}, /* two leaves of one column */
                                     {.column = "struct", .offset = 44, .len = 30},
                                     {.column = "name", .offset = 74, .len = 20},
                                     {.column = "outside", .offset = 94, .len = 100},
                                     {.column = "before", .offset = -3, .len = 5},
                                     {.column = "huge", .offset = 8, .len = INT64_MAX}};
    struct preview_plan plan = {.chunks = chunks, .chunk_count = sizeof chunks / sizeof *chunks};
    const char **names;
    size_t left_out;
    assert_int_equal(preview_parquet_choose(&plan, 120, 40, arena, &names, &left_out), 2);
    assert_string_equal(names[0], "id");
    assert_string_equal(names[1], "name");
    assert_int_equal(left_out, 4);
    assert_int_equal(preview_parquet_choose(&plan, 120, 1000, arena, &names, &left_out), 3);
    assert_string_equal(names[1], "struct");
    assert_int_equal(left_out, 3);
    assert_int_equal(preview_parquet_choose(&plan, 10, 1000, arena, &names, &left_out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_cut_into_lines),
        cmocka_unit_test(csv_keeps_quotes_line_ends_and_ragged_rows),
        cmocka_unit_test(an_empty_cell_is_not_an_absent_one),
        cmocka_unit_test(the_delimiter_is_guessed),
        cmocka_unit_test(the_last_row_of_a_part_is_left_out),
        cmocka_unit_test(json_is_pretty),
        cmocka_unit_test(json_lines_are_told_by_their_look),
        cmocka_unit_test(bytes_are_shown_as_hex),
        cmocka_unit_test(gzip_is_known_by_its_magic_and_may_be_cut),
        cmocka_unit_test(a_gzip_bomb_is_cut),
        cmocka_unit_test(parquet_facts_come_from_the_footer),
        cmocka_unit_test(damaged_footers_are_errors),
        cmocka_unit_test(columns_that_fit_are_read_and_others_counted),
        cmocka_unit_test(random_bytes_are_shown_as_something),
    };
    return cmocka_run_group_tests(tests, start, end);
}
