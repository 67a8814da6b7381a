/* The HTTP engine against the test server: connections are kept, bodies stream to and from files, every way a transfer
 * can fail has its own error, and cancelling, deadlines and stopping end transfers that hang. */
#include "backend/core/http.h"
#include "tests/lib/testserver.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { BIG = 3 << 20 };

static char *big; /* BIG bytes that repeat only after 251 */

/* The server's behaviours, by path. */
static bool say_hello(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    return testserver_reply(fd, 200, "Date: Sun, 22 Nov 2026 14:29:02 GMT\r\nx-amz-request-id:  R1 \r\n", "hello", 5);
}
static bool send_big(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    return testserver_reply(fd, 200, "", big, BIG);
}
static bool cut_body(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    testserver_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 44);
    return false;
}
static bool cut_chunks(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    testserver_write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", 57);
    return false;
}
static bool send_nothing(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req, (void)fd;
    return false;
}
static bool send_garbage(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    testserver_write(fd, "SSH-2.0-OpenSSH_9.2\r\n\r\n", 23);
    return false;
}
static bool endless_chunks(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    testserver_write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 47);
    while (testserver_write(fd, "10\r\n0123456789abcdef\r\n", 22))
        ;
    return false;
}
static bool hang(struct testserver *server, const struct test_request *req, int fd)
{
    (void)req;
    return testserver_hang(server, fd);
}
static bool hang_in_body(struct testserver *server, const struct test_request *req, int fd)
{
    (void)req;
    testserver_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", 44);
    return testserver_hang(server, fd);
}
static bool refuse(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    return testserver_reply(fd, 403, "x-amz-request-id: R2\r\n", "<Error>no</Error>", 17);
}
static bool redirect(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    return testserver_reply(fd, 301, "Location: /hello\r\n", "", 0);
}
/* Sends back what it got: method, target, selected headers, length and a sum of the body. */
static bool describe(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server;
    char expect[64], length[64], type[64], extra[64], out[4096];
    unsigned sum = 0;
    for (size_t i = 0; i < req->body_len; i++)
        sum = sum * 31 + (unsigned char)req->body[i];
    int len = snprintf(out, sizeof out, "%s %s expect=%s length=%s type=%s extra=%s sum=%u", req->method, req->target,
                       testserver_header(req, "Expect", expect, sizeof expect),
                       testserver_header(req, "Content-Length", length, sizeof length),
                       testserver_header(req, "Content-Type", type, sizeof type),
                       testserver_header(req, "X-Extra", extra, sizeof extra), sum);
    bool is_head = strcmp(req->method, "HEAD") == 0;
    return is_head ? testserver_write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 12345678\r\n\r\n", 45)
                   : testserver_reply(fd, 200, "", out, (size_t)len);
}
/* Answers, then closes without saying so: the next request on the kept connection finds it dead. */
static bool close_silently(struct testserver *server, const struct test_request *req, int fd)
{
    (void)server, (void)req;
    testserver_reply(fd, 200, "", "bye", 3);
    return false;
}

static const struct {
    const char *path;
    bool (*behave)(struct testserver *server, const struct test_request *req, int fd);
} behaviours[] = {
    {"/hello", say_hello},        {"/big", send_big},         {"/cut", cut_body},      {"/cut-chunks", cut_chunks},
    {"/nothing", send_nothing},   {"/garbage", send_garbage}, {"/hang", hang},         {"/endless", endless_chunks},
    {"/hang-body", hang_in_body}, {"/refuse", refuse},        {"/redirect", redirect}, {"/bye", close_silently},
};

static bool handle(struct testserver *server, const struct test_request *req, int fd, void *context)
{
    (void)context;
    for (size_t i = 0; i < sizeof behaviours / sizeof *behaviours; i++)
        if (strcmp(req->target, behaviours[i].path) == 0)
            return behaviours[i].behave(server, req, fd);
    return describe(server, req, fd);
}

struct fixture {
    struct testserver *server;
    struct http *http;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct err err = ERR_NONE;
    assert_non_null(fixture);
    fixture->server = testserver_start(handle, NULL);
    fixture->http = http_start(NULL, &err);
    assert_non_null(fixture->http);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    http_stop(fixture->http);
    testserver_stop(fixture->server);
    free(fixture);
    return 0;
}

static struct http_request request(struct fixture *fixture, const char *method, const char *path)
{
    struct http_request req = http_request_init(method, testserver_url(fixture->server, path), "test GetThing on it");
    return req;
}

/* Runs it and expects this error; the text must name the label. */
static void expect_error(struct fixture *fixture, const struct http_request *req, enum err_code code)
{
    struct http_answer answer;
    assert_false(http_perform(fixture->http, req, &answer));
    if (answer.err.code != code)
        fail_msg("%s instead of %s: %s", err_name(answer.err.code), err_name(code), answer.err.text);
    assert_non_null(strstr(answer.err.text, req->label));
    http_answer_done(&answer);
}

static void an_answer_has_status_headers_date_and_body(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/hello");
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_int_equal(answer.status, 200);
    assert_string_equal(buf_text(&answer.body), "hello");
    assert_int_equal(answer.received, 5);
    assert_string_equal(pairs_get(&answer.headers, "X-Amz-Request-Id"), "R1");
    assert_int_equal(answer.date_ms, 1795357742000);
    assert_int_equal(http_calls(fixture->http), 1);
    http_answer_done(&answer);
}

static void a_connection_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/hello");
    for (int i = 0; i < 20; i++) {
        struct http_answer answer;
        assert_true(http_perform(fixture->http, &req, &answer));
        http_answer_done(&answer);
    }
    assert_int_equal(testserver_connections(fixture->server), 1);
    assert_int_equal(testserver_requests(fixture->server), 20);
}

static void a_kept_connection_that_died_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct http_request first = request(fixture, "GET", "/bye");
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &first, &answer));
    http_answer_done(&answer);
    struct http_request second = request(fixture, "PUT", "/x");
    second.body = big;
    second.body_len = 100000;
    assert_true(http_perform(fixture->http, &second, &answer));
    assert_non_null(strstr(buf_text(&answer.body), "length=100000"));
    http_answer_done(&answer);
}

static void the_url_is_sent_byte_for_byte(void **state)
{
    struct fixture *fixture = *state;
    static const char path[] = "/lake/a%2fb/../c//./%25+~'()*!?list-type=2&prefix=%e4&empty&x=%2F";
    struct http_request req = request(fixture, "GET", path);
    pairs_add(&req.headers, "X-Extra", "1");
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    if (!strstr(buf_text(&answer.body), path))
        fail_msg("%s", buf_text(&answer.body));
    assert_non_null(strstr(buf_text(&answer.body), "extra=1"));
    http_answer_done(&answer);
    pairs_done(&req.headers);
}

static void an_empty_put_says_its_length(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "PUT", "/empty");
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_string_equal(buf_text(&answer.body), "PUT /empty expect= length=0 type= extra= sum=0");
    http_answer_done(&answer);
}

static void only_large_bodies_ask_before_sending(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        size_t len;
        const char *expect;
    } rows[] = {{1000, "expect= "}, {1 << 20, "expect= "}, {(1 << 20) + 1, "expect=100-continue "}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_request req = request(fixture, "POST", "/post");
        struct http_answer answer;
        req.body = big;
        req.body_len = rows[i].len;
        assert_true(http_perform(fixture->http, &req, &answer));
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(buf_text(&answer.body), rows[i].expect));
        http_answer_done(&answer);
    }
}

static void head_takes_no_body(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "HEAD", "/object");
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_string_equal(pairs_get(&answer.headers, "content-length"), "12345678");
    assert_int_equal(answer.received, 0);
    http_answer_done(&answer);
}

static void any_status_is_an_answer(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/refuse");
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_int_equal(answer.status, 403);
    assert_string_equal(buf_text(&answer.body), "<Error>no</Error>");
    http_answer_done(&answer);
    req = request(fixture, "GET", "/redirect");
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_int_equal(answer.status, 301);
    assert_string_equal(pairs_get(&answer.headers, "Location"), "/hello");
    http_answer_done(&answer);
}

static int temp_file(void)
{
    int fd = memfd_create("weir-test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

struct progress {
    int calls;
    int64_t sent, received;
};
static void count_progress(void *context, int64_t sent, int64_t received)
{
    *(struct progress *)context =
        (struct progress){.calls = ((struct progress *)context)->calls + 1, .sent = sent, .received = received};
}

static void a_file_is_sent_from_an_offset(void **state)
{
    struct fixture *fixture = *state;
    int fd = temp_file();
    assert_int_equal(write(fd, big, BIG), BIG);
    struct progress progress = {0};
    struct http_request from_file = request(fixture, "PUT", "/from"), from_memory = from_file;
    from_file.body_fd = fd;
    from_file.body_offset = 1000001;
    from_file.body_len = 2000000;
    from_file.progress = count_progress;
    from_file.progress_context = &progress;
    from_memory.body = big + 1000001;
    from_memory.body_len = 2000000;
    struct http_answer one, two;
    assert_true(http_perform(fixture->http, &from_file, &one));
    assert_true(http_perform(fixture->http, &from_memory, &two));
    assert_string_equal(buf_text(&one.body), buf_text(&two.body));
    assert_true(progress.calls > 1);
    assert_int_equal(progress.sent, 2000000);
    http_answer_done(&one);
    http_answer_done(&two);
    close(fd);
}

static void a_file_that_became_shorter_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    int fd = temp_file();
    assert_int_equal(write(fd, big, 1000), 1000);
    struct http_request req = request(fixture, "PUT", "/from");
    req.body_fd = fd;
    req.body_len = 2000;
    expect_error(fixture, &req, ERR_IO);
    close(fd);
}

static void an_answer_is_written_at_an_offset(void **state)
{
    struct fixture *fixture = *state;
    int fd = temp_file();
    assert_int_equal(write(fd, "before", 6), 6);
    struct http_request req = request(fixture, "GET", "/big");
    req.sink_fd = fd;
    req.sink_offset = 6;
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_int_equal(answer.received, BIG);
    assert_int_equal(answer.body.len, 0);
    char *got = malloc(BIG + 7);
    assert_non_null(got);
    assert_int_equal(pread(fd, got, BIG + 7, 0), BIG + 6);
    assert_memory_equal(got, "before", 6);
    assert_memory_equal(got + 6, big, BIG);
    free(got);
    http_answer_done(&answer);
    close(fd);
}

static void an_error_answer_does_not_reach_the_file(void **state)
{
    struct fixture *fixture = *state;
    int fd = temp_file();
    struct http_request req = request(fixture, "GET", "/refuse");
    req.sink_fd = fd;
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_string_equal(buf_text(&answer.body), "<Error>no</Error>");
    assert_int_equal(lseek(fd, 0, SEEK_END), 0);
    http_answer_done(&answer);
    close(fd);
}

static void a_full_disk_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/big");
    req.sink_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(req.sink_fd >= 0);
    expect_error(fixture, &req, ERR_DISK_FULL);
    close(req.sink_fd);
}

static bool take_some(void *context, const void *bytes, size_t len)
{
    (void)bytes;
    *(size_t *)context += len;
    return *(size_t *)context < 100000;
}

static void a_receiver_may_stop_the_answer(void **state)
{
    struct fixture *fixture = *state;
    size_t taken = 0;
    struct http_request req = request(fixture, "GET", "/big");
    req.sink = take_some;
    req.sink_context = &taken;
    expect_error(fixture, &req, ERR_FAILED);
    assert_true(taken >= 100000 && taken < BIG);
}

static void a_cut_body_is_interrupted(void **state)
{
    struct fixture *fixture = *state;
    static const char *const paths[] = {"/cut", "/cut-chunks", "/nothing"};
    for (size_t i = 0; i < 3; i++) {
        struct http_request req = request(fixture, "GET", paths[i]);
        struct http_answer answer;
        assert_false(http_perform(fixture->http, &req, &answer));
        assert_int_equal(answer.err.code, ERR_INTERRUPTED);
        assert_true(answer.err.retryable);
        http_answer_done(&answer);
    }
}

static void an_answer_that_is_not_http_is_named(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/garbage");
    expect_error(fixture, &req, ERR_PROTOCOL);
}

static void a_too_large_answer_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/big");
    req.max_body = 1 << 20;
    expect_error(fixture, &req, ERR_TOO_LARGE);
    req = request(fixture, "GET", "/endless"); /* no length announced */
    req.max_body = 1000;
    expect_error(fixture, &req, ERR_TOO_LARGE);
    req = request(fixture, "GET", "/big");
    req.max_body = BIG;
    struct http_answer answer;
    assert_true(http_perform(fixture->http, &req, &answer));
    assert_memory_equal(answer.body.data, big, BIG);
    http_answer_done(&answer);
}

static void a_deadline_ends_a_silent_answer(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/hang");
    req.deadline_ms = 30;
    expect_error(fixture, &req, ERR_TIMEOUT);
    req = request(fixture, "GET", "/endless");
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    req.sink_fd = null;
    req.deadline_ms = 60;
    expect_error(fixture, &req, ERR_TIMEOUT);
    close(null);
}

static void a_stall_ends_an_answer_long_before_the_deadline(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/hang-body");
    req.deadline_ms = 3600000;
    req.stall_ms = 30;
    expect_error(fixture, &req, ERR_TIMEOUT);
}

struct cancelling {
    struct testserver *server;
    struct cancel cancel;
};
static void *cancel_after_request(void *context)
{
    struct cancelling *cancelling = context;
    testserver_wait_requests(cancelling->server, 1);
    cancel_set(&cancelling->cancel);
    return NULL;
}

static void a_token_ends_a_running_transfer(void **state)
{
    struct fixture *fixture = *state;
    struct cancelling cancelling = {.server = fixture->server};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, cancel_after_request, &cancelling), 0);
    struct http_request req = request(fixture, "GET", "/hang");
    req.cancel = &cancelling.cancel;
    req.deadline_ms = req.stall_ms = 3600000;
    expect_error(fixture, &req, ERR_CANCELLED);
    pthread_join(thread, NULL);
    expect_error(fixture, &req, ERR_CANCELLED); /* set already: not even sent */
    assert_int_equal(testserver_requests(fixture->server), 1);
}

static void a_refused_connection_and_an_unknown_host_differ(void **state)
{
    struct fixture *fixture = *state;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", testserver_closed_port());
    struct http_request req = http_request_init("GET", url, "s3 ListBuckets");
    expect_error(fixture, &req, ERR_CONNECT);
    req = http_request_init("GET", "http://weir-test.invalid/", "s3 ListBuckets");
    expect_error(fixture, &req, ERR_DNS);
    req = http_request_init("GET", "ftp://127.0.0.1/", "s3 ListBuckets");
    expect_error(fixture, &req, ERR_CONFIG);
    req = http_request_init("GET", "http://", "s3 ListBuckets");
    expect_error(fixture, &req, ERR_CONFIG);
}

static void a_server_without_tls_fails_the_handshake(void **state)
{
    struct fixture *fixture = *state;
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", testserver_port(fixture->server));
    struct http_request req = http_request_init("GET", url, "s3 ListBuckets");
    expect_error(fixture, &req, ERR_TLS);
}

static void a_header_cannot_smuggle_another(void **state)
{
    struct fixture *fixture = *state;
    struct http_request req = request(fixture, "GET", "/hello");
    pairs_add(&req.headers, "X-Extra", "1\r\nEvil: 2");
    expect_error(fixture, &req, ERR_USAGE);
    assert_int_equal(testserver_requests(fixture->server), 0);
    pairs_done(&req.headers);
}

static void a_hundred_transfers_run_side_by_side(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 100 };
    struct http_request req = request(fixture, "GET", "/hello");
    struct http_transfer *transfers[COUNT];
    for (int i = 0; i < COUNT; i++)
        transfers[i] = http_submit(fixture->http, &req);
    for (int left = COUNT; left > 0; left--) {
        struct http_answer answer;
        int index = http_wait_any(fixture->http, transfers, COUNT, 10000);
        assert_in_range(index, 0, COUNT - 1);
        http_take(fixture->http, transfers[index], &answer);
        transfers[index] = NULL;
        assert_int_equal(answer.err.code, ERR_OK);
        assert_string_equal(buf_text(&answer.body), "hello");
        http_answer_done(&answer);
    }
    assert_int_equal(http_wait_any(fixture->http, transfers, COUNT, 10000), -1);
    assert_true(testserver_connections(fixture->server) <= 64);
}

static void waiting_has_a_limit_and_the_queue_too(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 4100 };
    static struct http_transfer *transfers[COUNT];
    struct http_request req = request(fixture, "GET", "/hang");
    struct cancel cancel = {0};
    req.cancel = &cancel;
    req.deadline_ms = req.stall_ms = 3600000;
    int refused = 0, cancelled = 0;
    for (int i = 0; i < COUNT; i++)
        transfers[i] = http_submit(fixture->http, &req);
    assert_int_equal(http_wait_any(fixture->http, transfers, 10, 5), -1);
    cancel_set(&cancel);
    for (int i = 0; i < COUNT; i++) {
        struct http_answer answer;
        http_take(fixture->http, transfers[i], &answer);
        refused += answer.err.code == ERR_FAILED;
        cancelled += answer.err.code == ERR_CANCELLED;
        http_answer_done(&answer);
    }
    assert_int_equal(refused, COUNT - 4096);
    assert_int_equal(cancelled, 4096);
}

static void stopping_ends_transfers_that_hang(void **state)
{
    struct fixture *fixture = *state;
    struct err err = ERR_NONE;
    struct http *http = http_start(NULL, &err);
    struct http_request req = request(fixture, "GET", "/hang");
    req.deadline_ms = req.stall_ms = 3600000;
    struct http_transfer *transfers[] = {http_submit(http, &req), http_submit(http, &req)};
    testserver_wait_requests(fixture->server, 2);
    http_stop(http);
    for (int i = 0; i < 2; i++) {
        struct http_answer answer;
        http_take(http, transfers[i], &answer);
        assert_int_equal(answer.err.code, ERR_CANCELLED);
        http_answer_done(&answer);
    }
}

int main(void)
{
    big = malloc(BIG);
    for (int i = 0; big && i < BIG; i++)
        big[i] = (char)(i % 251);
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_answer_has_status_headers_date_and_body),
        TEST(a_connection_is_kept),
        TEST(a_kept_connection_that_died_is_replaced),
        TEST(the_url_is_sent_byte_for_byte),
        TEST(an_empty_put_says_its_length),
        TEST(only_large_bodies_ask_before_sending),
        TEST(head_takes_no_body),
        TEST(any_status_is_an_answer),
        TEST(a_file_is_sent_from_an_offset),
        TEST(a_file_that_became_shorter_is_an_error),
        TEST(an_answer_is_written_at_an_offset),
        TEST(an_error_answer_does_not_reach_the_file),
        TEST(a_full_disk_is_named),
        TEST(a_receiver_may_stop_the_answer),
        TEST(a_cut_body_is_interrupted),
        TEST(an_answer_that_is_not_http_is_named),
        TEST(a_too_large_answer_is_refused),
        TEST(a_deadline_ends_a_silent_answer),
        TEST(a_stall_ends_an_answer_long_before_the_deadline),
        TEST(a_token_ends_a_running_transfer),
        TEST(a_refused_connection_and_an_unknown_host_differ),
        TEST(a_server_without_tls_fails_the_handshake),
        TEST(a_header_cannot_smuggle_another),
        TEST(a_hundred_transfers_run_side_by_side),
        TEST(waiting_has_a_limit_and_the_queue_too),
        TEST(stopping_ends_transfers_that_hang),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(big);
    return failed;
}
