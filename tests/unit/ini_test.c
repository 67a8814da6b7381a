/* INI files: ours and AWS's shared ones, with values longer than the library's own limits. */
#include "backend/base/ini.h"
#include "backend/base/path.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static char dir[PATH_SIZE], path[PATH_SIZE];

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/weir-ini-XXXXXX");
    return mkdtemp(dir) && path_join(path, dir, "config", NULL) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL) ? 0 : -1;
}

static bool note(void *context, const char *section, const char *key, const char *value, int line, struct err *err)
{
    if (strcmp(key, "refused") == 0)
        return err_set(err, ERR_CONFIG, "unknown key %s", key);
    return buf_printf(context, "%d [%s] %s=%s|", line, section, key, value);
}

static bool read_rows(const char *text, struct buf *rows, struct err *err)
{
    assert_true(path_write_atomic(path, text, strlen(text), 0600, NULL));
    return ini_read(path, note, rows, err);
}

static void reads(const char *text, const char *expected)
{
    struct buf rows = BUF_INIT(1 << 20);
    struct err err = ERR_NONE;
    assert_true(read_rows(text, &rows, &err));
    assert_string_equal(buf_text(&rows), expected);
    buf_done(&rows);
}

static void keys_come_with_section_and_line(void **state)
{
    (void)state;
    reads("", "");
    reads("# weir\ntop = 1\n\n[profile dev]\nregion=eu-west-1 ; comment\n;x\nurl = http://h:1/?a=b\n",
          "2 [] top=1|5 [profile dev] region=eu-west-1|7 [profile dev] url=http://h:1/?a=b|");
    reads("[a]\r\nk = v\r\n", "2 [a] k=v|");
    reads("\xef\xbb\xbf[a]\nk=v", "2 [a] k=v|");
}

static void nested_settings_come_with_their_parents_key(void **state)
{
    (void)state;
    reads("[services local]\ns3 =\n  endpoint_url = http://127.0.0.1:1\n  x = y\nnext = 1\n",
          "2 [services local] s3=|3 [services local] s3=endpoint_url = http://127.0.0.1:1|"
          "4 [services local] s3=x = y|5 [services local] next=1|");
}

static void long_values_and_sections_come_whole(void **state)
{
    (void)state;
    char token[2001], section[101];
    memset(token, 't', sizeof token - 1);
    memset(section, 's', sizeof section - 1);
    token[2000] = section[100] = '\0';
    struct buf text = BUF_INIT(10000), expected = BUF_INIT(10000);
    buf_printf(&text, "[%s]\naws_session_token = %s ; no\nnested =\n  deep = %s\nlast=1\n[z]\nk=%.190s\n", section,
               token, token, token);
    buf_printf(&expected, "2 [%s] aws_session_token=%s|3 [%s] nested=|4 [%s] nested=deep = %s|5 [%s] last=1|", section,
               token, section, section, token, section);
    buf_printf(&expected, "7 [z] k=%.190s|", token);
    reads(buf_text(&text), buf_text(&expected));
    buf_done(&text);
    buf_done(&expected);
}

static void values_of_each_length_around_the_limit_come_whole(void **state)
{
    (void)state;
    char value[260];
    for (size_t len = 180; len < 220; len++) {
        struct buf text = BUF_INIT(1000), expected = BUF_INIT(1000);
        memset(value, 'v', len);
        value[len] = '\0';
        buf_printf(&text, "k = %s\nnext=1\n", value);
        buf_printf(&expected, "1 [] k=%s|2 [] next=1|", value);
        reads(buf_text(&text), buf_text(&expected));
        buf_done(&text);
        buf_done(&expected);
    }
}

static void fails(const char *text, enum err_code code, const char *words)
{
    struct buf rows = BUF_INIT(1 << 20);
    struct err err = ERR_NONE;
    assert_false(read_rows(text, &rows, &err));
    assert_int_equal(err.code, code);
    assert_non_null(strstr(err.text, words));
    buf_done(&rows);
}

static void a_bad_line_is_named(void **state)
{
    (void)state;
    fails("[a]\nk=1\nno key here\n", ERR_CONFIG, "config:3: ");
    fails("[open\n", ERR_CONFIG, "config:1: ");
    fails("a=\x01\n", ERR_CONFIG, "control characters");
}

static void the_callbacks_error_gets_file_and_line(void **state)
{
    (void)state;
    fails("[a]\nk=1\nrefused=1\nk=2\n", ERR_CONFIG, "config:3: unknown key refused");
}

static void an_absent_file_is_not_found(void **state)
{
    (void)state;
    struct err err;
    assert_false(ini_read(path, note, NULL, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keys_come_with_section_and_line, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(nested_settings_come_with_their_parents_key, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(long_values_and_sections_come_whole, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(values_of_each_length_around_the_limit_come_whole, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(a_bad_line_is_named, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(the_callbacks_error_gets_file_and_line, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(an_absent_file_is_not_found, make_dir, remove_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
