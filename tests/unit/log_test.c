/* The trace: which lines pass, what the ring keeps, and that no secret stays readable. */
#include "backend/base/log.h"
#include "backend/base/path.h"
#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static uint64_t newest(void)
{
    struct log_line line = {.sequence = 0};
    uint64_t after = 0;
    while (log_read(after, &line, 1) == 1)
        after = line.sequence;
    return after;
}

static void errors_pass_always_and_the_rest_when_asked(void **state)
{
    (void)state;
    struct log_line line;
    uint64_t before = newest();
    log_enable("", NULL);
    log_info(http, "not seen");
    log_debug(http, "not seen");
    log_warn(http, "seen %d", 1);
    assert_int_equal(newest(), before + 1);
    assert_int_equal(log_read(before, &line, 1), 1);
    assert_string_equal(line.text, "seen 1");
    assert_int_equal(line.area, LOG_http);
    assert_int_equal(line.level, LOG_WARN);
    assert_true(line.wall_ms > 0);
    assert_true(log_enable("sign,http", NULL));
    assert_true(log_wants(LOG_http, LOG_DEBUG));
    assert_true(log_wants(LOG_sign, LOG_DEBUG));
    assert_false(log_wants(LOG_ui, LOG_INFO));
    assert_true(log_enable("all", NULL));
    assert_true(log_wants(LOG_local, LOG_DEBUG));
    log_enable("", NULL);
}

static void an_unknown_area_is_answered_with_the_known_ones(void **state)
{
    (void)state;
    struct err err;
    assert_false(log_enable("http,htpp", &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "htpp"));
    assert_non_null(strstr(err.text, "sign"));
    assert_non_null(strstr(err.text, "local"));
}

static void the_ring_keeps_the_last_lines_in_order(void **state)
{
    (void)state;
    enum { MORE = 5000 };
    static struct log_line lines[MORE];
    uint64_t before = newest();
    for (int i = 0; i < MORE; i++)
        log_error(app, "line %d", i);
    int count = log_read(0, lines, MORE);
    assert_int_equal(count, 2000);
    assert_int_equal(lines[count - 1].sequence, before + MORE);
    for (int i = 1; i < count; i++)
        assert_int_equal(lines[i].sequence, lines[i - 1].sequence + 1);
    assert_string_equal(lines[count - 1].text, "line 4999");
    assert_int_equal(log_read(before + MORE, lines, MORE), 0);
    assert_int_equal(log_read(before + MORE + 5, lines, MORE), 0);
}

static void one_message_is_one_harmless_line(void **state)
{
    (void)state;
    struct log_line line;
    uint64_t before = newest();
    errno = EINTR;
    log_error(app, "a\nb\x1b[31m");
    assert_int_equal(errno, EINTR);
    assert_int_equal(log_read(before, &line, 1), 1);
    assert_string_equal(line.text, "a\\nb\\x1b[31m");
}

static void a_long_line_is_cut_at_a_character(void **state)
{
    (void)state;
    struct log_line line;
    char text[400] = "";
    for (int i = 0; i < 100; i++)
        strcat(text, "\xe6\x97\xa5");
    uint64_t before = newest();
    log_error(app, "%s", text);
    log_read(before, &line, 1);
    assert_int_equal(strlen(line.text), 237);
}

static void *writer(void *unused)
{
    for (int i = 0; i < 1000; i++)
        log_error(feed, "thread");
    return unused;
}

static void many_threads_lose_no_line(void **state)
{
    (void)state;
    uint64_t before = newest();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, writer, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(newest(), before + 4000);
}

static void a_file_gets_the_same_lines_and_is_private(void **state)
{
    (void)state;
    char dir[] = "/tmp/weir-log-XXXXXX", path[64];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/trace", dir);
    umask(0);
    assert_true(log_open(path, NULL));
    log_error(creds, "aws_secret_access_key=abcdefghijklmnop rest");
    assert_true(log_open(NULL, NULL));
    log_error(creds, "not in the file");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    struct buf text = BUF_INIT(1000);
    assert_true(path_read(path, &text, NULL));
    assert_non_null(strstr(text.data, "Z error creds aws_secret_access_key=[redacted] rest\n"));
    assert_null(strstr(text.data, "not in"));
    buf_done(&text);
    struct err err;
    assert_false(log_open("/nonexistent/trace", &err));
    assert_int_equal(err.code, ERR_IO);
    path_remove_tree(dir, NULL);
}

static void redacts(const char *text, const char *expected)
{
    struct buf out = BUF_INIT(4000);
    assert_true(log_redact(text, &out));
    assert_string_equal(buf_text(&out), expected);
    buf_done(&out);
}

static void header_secrets_are_masked_to_the_lines_end(void **state)
{
    (void)state;
    redacts("> Authorization: AWS4-HMAC-SHA256 Credential=A/20261122, SignedHeaders=host, Signature=abc\nhost: x",
            "> Authorization: [redacted]\nhost: x");
    redacts("X-Amz-Security-Token: FwoGZXIvYXdz\r\nb", "X-Amz-Security-Token: [redacted]\r\nb");
    redacts("x-aws-ec2-metadata-token: abc", "x-aws-ec2-metadata-token: [redacted]");
}

static void query_secrets_are_masked_up_to_the_next_parameter(void **state)
{
    (void)state;
    redacts("/k?X-Amz-Credential=AKIA%2F2026&X-Amz-Date=1&X-Amz-Signature=0a1b&x=2",
            "/k?X-Amz-Credential=[redacted]&X-Amz-Date=1&X-Amz-Signature=[redacted]&x=2");
    redacts("X-Amz-Security-Token=abc%3D%3D", "X-Amz-Security-Token=[redacted]");
}

static void secrets_in_files_and_answers_are_masked(void **state)
{
    (void)state;
    redacts("aws_secret_access_key = wJalr/XUt+=EMI", "aws_secret_access_key = [redacted]");
    redacts("aws_session_token=abc other=1", "aws_session_token=[redacted] other=1");
    redacts("{\"SecretAccessKey\" : \"a\\\"b\", \"Expiration\":\"x\"}",
            "{\"SecretAccessKey\" : \"[redacted]\", \"Expiration\":\"x\"}");
    redacts("{\\\"SessionToken\\\":\\\"abc\\\"}", "{\\\"SessionToken\\\":\\\"[redacted]\\\"}");
    redacts("<SecretAccessKey>abc</SecretAccessKey><X>y</X>", "<SecretAccessKey>[redacted]</SecretAccessKey><X>y</X>");
    redacts("sasl.password=p&ss, x", "sasl.password=[redacted] x");
    redacts("password: 'two words' x", "password: '[redacted]' x");
}

static void secrets_known_by_their_look_are_masked(void **state)
{
    (void)state;
    redacts("key cflt3Kd93jf93jfK/abc+def== end", "key [redacted] end");
    redacts("using Bearer abcdefghijklmnopqrst, ok", "using Bearer [redacted], ok");
    redacts("https://me:hunter2@example.com/x", "https://me:[redacted]@example.com/x");
}

static void harmless_text_stays(void **state)
{
    (void)state;
    static const char *const same[] = {"",
                                       "GET http://127.0.0.1:4566/lake?list-type=2&continuation-token=abc",
                                       "the signature does not match",
                                       "secretary of state",
                                       "cflt",
                                       "bearer of bad news",
                                       "mail me@example.com: now",
                                       "AWS_ACCESS_KEY_ID=AKIAEXAMPLE",
                                       "password"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        redacts(same[i], same[i]);
}

int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_pass_always_and_the_rest_when_asked),
        cmocka_unit_test(an_unknown_area_is_answered_with_the_known_ones),
        cmocka_unit_test(the_ring_keeps_the_last_lines_in_order),
        cmocka_unit_test(one_message_is_one_harmless_line),
        cmocka_unit_test(a_long_line_is_cut_at_a_character),
        cmocka_unit_test(many_threads_lose_no_line),
        cmocka_unit_test(a_file_gets_the_same_lines_and_is_private),
        cmocka_unit_test(header_secrets_are_masked_to_the_lines_end),
        cmocka_unit_test(query_secrets_are_masked_up_to_the_next_parameter),
        cmocka_unit_test(secrets_in_files_and_answers_are_masked),
        cmocka_unit_test(secrets_known_by_their_look_are_masked),
        cmocka_unit_test(harmless_text_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
