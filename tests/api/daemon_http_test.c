/* The daemon's HTTP side, asked with raw bytes: who may come in, what is refused and how, bodies in every form, limits.
 * Requests are signed by core/sigv4; answers are read as text. */
#include "backend/base/digest.h"
#include "tests/lib/daemon.h"
#include "tests/lib/wire.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct daemon local;

static int start(void **state)
{
    (void)state;
    static const char *const more[] = {"--idle-timeout", "1", NULL};
    daemon_start(&local, NULL, more);
    wire_expect(&local, &(struct wire_request){.method = "PUT", .path = "/lake"}, 200, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    daemon_stop(&local);
    return 0;
}

/* Sends raw bytes; the answer's status. */
static int ask_raw(const char *bytes, struct wire_answer *answer)
{
    int fd = wire_connect(local.port);
    wire_send(fd, bytes, strlen(bytes));
    wire_read(fd, false, answer);
    close(fd);
    return answer->status;
}

static void put(const char *path, const char *body)
{
    wire_expect(&local, &(struct wire_request){.method = "PUT", .path = path, .body = body, .body_len = strlen(body)},
                200, NULL);
}

static void expect_object(const char *path, const char *body)
{
    struct wire_answer answer;
    wire_ask(&local, &(struct wire_request){.path = path}, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(buf_text(&answer.body), body);
    wire_answer_done(&answer);
}

/* --- signatures --- */

static void an_object_goes_in_and_out(void **state)
{
    (void)state;
    put("/lake/a", "hello");
    expect_object("/lake/a", "hello");
}

static void the_path_is_verified_as_it_was_sent(void **state)
{
    (void)state;
    put("/lake/a%20b%2Bc/d%25e%C3%A9", "escaped");
    expect_object("/lake/a%20b%2Bc/d%25e%C3%A9", "escaped");
    put("/lake/a//b/../c/.", "not normalised");
    expect_object("/lake/a//b/../c/.", "not normalised");
}

static void a_wrong_secret_is_refused(void **state)
{
    (void)state;
    wire_expect(&local, &(struct wire_request){.path = "/lake", .secret_key = "wrong"}, 403,
                "<Code>SignatureDoesNotMatch</Code>");
    wire_expect(&local,
                &(struct wire_request){.method = "POST",
                                       .service = "sts",
                                       .secret_key = "wrong",
                                       .body = "Action=GetCallerIdentity&Version=2011-06-15",
                                       .body_len = 43},
                403, "<Code>SignatureDoesNotMatch</Code>");
}

static void an_unknown_key_is_refused_in_each_protocol(void **state)
{
    (void)state;
    wire_expect(&local, &(struct wire_request){.path = "/lake", .access_key = "AKIANOBODY"}, 403,
                "<Code>InvalidAccessKeyId</Code>");
    wire_expect(&local, &(struct wire_request){.method = "POST", .service = "sts", .access_key = "AKIANOBODY"}, 403,
                "<Code>InvalidClientTokenId</Code>");
    wire_expect(&local,
                &(struct wire_request){.method = "POST",
                                       .service = "glue",
                                       .access_key = "AKIANOBODY",
                                       .headers = {"X-Amz-Target: AWSGlue.GetTables"}},
                400, "\"__type\":\"UnrecognizedClientException\"");
}

static void a_clock_that_differs_too_much_is_refused(void **state)
{
    (void)state;
    wire_expect(&local, &(struct wire_request){.path = "/", .clock_offset_ms = -14 * 60000}, 200, NULL);
    wire_expect(&local, &(struct wire_request){.path = "/", .clock_offset_ms = -16 * 60000}, 403,
                "<Code>RequestTimeTooSkewed</Code>");
    wire_expect(&local, &(struct wire_request){.path = "/", .clock_offset_ms = 16 * 60000}, 403,
                "<Code>RequestTimeTooSkewed</Code>");
}

static void a_scope_of_another_region_or_service_is_refused(void **state)
{
    (void)state;
    wire_expect(&local, &(struct wire_request){.path = "/", .region = "eu-west-1"}, 400,
                "expecting &apos;us-east-1&apos;");
    wire_expect(&local, &(struct wire_request){.path = "/", .region = "eu-west-1"}, 400, "<Region>us-east-1</Region>");
}

static void nobody_gets_nothing(void **state)
{
    (void)state;
    wire_expect(&local, &(struct wire_request){.path = "/lake/a", .service = ""}, 403, "<Code>AccessDenied</Code>");
}

static void a_malformed_authorization_says_what_is_wrong(void **state)
{
    (void)state;
    struct wire_answer answer;
    assert_int_equal(
        ask_raw("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS4-HMAC-SHA256 Credential=a\r\n\r\n", &answer), 400);
    assert_non_null(strstr(buf_text(&answer.body), "<Code>AuthorizationHeaderMalformed</Code>"));
    wire_answer_done(&answer);
    assert_int_equal(ask_raw("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: AWS a:b\r\n\r\n", &answer), 400);
    assert_non_null(strstr(buf_text(&answer.body), "AWS4-HMAC-SHA256"));
    wire_answer_done(&answer);
}

static void the_body_must_have_the_hash_that_was_signed(void **state)
{
    (void)state;
    char other[DIGEST_HEX];
    memset(other, 'a', 64);
    other[64] = '\0';
    wire_expect(
        &local,
        &(struct wire_request){.method = "PUT", .path = "/lake/hash", .payload = other, .body = "hello", .body_len = 5},
        400, "<Code>XAmzContentSHA256Mismatch</Code>");
    wire_expect(&local, &(struct wire_request){.path = "/lake/hash"}, 404, "<Code>NoSuchKey</Code>");
    wire_expect(&local,
                &(struct wire_request){
                    .method = "PUT", .path = "/lake/hash", .payload = SIGV4_UNSIGNED, .body = "hello", .body_len = 5},
                200, NULL);
    wire_expect(&local, &(struct wire_request){.path = "/lake/hash", .payload = "nonsense"}, 400,
                "<Code>InvalidArgument</Code>");
}

/* --- presigned URLs --- */

static int get_presigned(const char *target, struct wire_answer *answer)
{
    char request[8192];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", target, local.port);
    return ask_raw(request, answer);
}

static void a_presigned_url_works_until_it_expires(void **state)
{
    (void)state;
    struct wire_answer answer;
    put("/lake/signed", "by url");
    char *fresh = wire_presign(&local, "/lake/signed", 60, 0), *old = wire_presign(&local, "/lake/signed", 60, -61000);
    assert_int_equal(get_presigned(fresh, &answer), 200);
    assert_string_equal(buf_text(&answer.body), "by url");
    wire_answer_done(&answer);
    assert_int_equal(get_presigned(old, &answer), 403);
    assert_non_null(strstr(buf_text(&answer.body), "<Message>Request has expired</Message>"));
    wire_answer_done(&answer);
    char *other = strdup(fresh);
    memcpy(strstr(other, "/lake/signed"), "/lake/signee", 12);
    assert_int_equal(get_presigned(other, &answer), 403);
    assert_non_null(strstr(buf_text(&answer.body), "<Code>SignatureDoesNotMatch</Code>"));
    wire_answer_done(&answer);
    free(fresh);
    free(old);
    free(other);
}

/* --- sessions --- */

static void cut_element(const char *xml, const char *name, char *out, size_t size)
{
    char open[64];
    snprintf(open, sizeof open, "<%s>", name);
    const char *at = strstr(xml, open);
    assert_non_null(at);
    at += strlen(open);
    snprintf(out, size, "%.*s", (int)strcspn(at, "<"), at);
}

static void an_assumed_role_signs_and_is_named(void **state)
{
    (void)state;
    static const char assume[] = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole"
                                 "%2Freader&RoleSessionName=me%40home&DurationSeconds=900";
    static const char who[] = "Action=GetCallerIdentity&Version=2011-06-15";
    struct wire_answer answer;
    char access[64], secret[64], token[2048];
    wire_ask(&local,
             &(struct wire_request){.method = "POST", .service = "sts", .body = assume, .body_len = sizeof assume - 1},
             &answer);
    assert_int_equal(answer.status, 200);
    cut_element(buf_text(&answer.body), "AccessKeyId", access, sizeof access);
    cut_element(buf_text(&answer.body), "SecretAccessKey", secret, sizeof secret);
    cut_element(buf_text(&answer.body), "SessionToken", token, sizeof token);
    assert_non_null(strstr(buf_text(&answer.body), "<AssumeRoleResult>"));
    wire_answer_done(&answer);
    struct wire_request session = {.method = "POST",
                                   .service = "sts",
                                   .access_key = access,
                                   .secret_key = secret,
                                   .token = token,
                                   .body = who,
                                   .body_len = sizeof who - 1};
    wire_expect(&local, &session, 200, "<Arn>arn:aws:sts::123456789012:assumed-role/reader/me@home</Arn>");
    wire_expect(&local,
                &(struct wire_request){.path = "/lake", .access_key = access, .secret_key = secret, .token = token},
                200, NULL);
    wire_expect(&local, &(struct wire_request){.path = "/lake", .access_key = access, .secret_key = secret}, 403,
                "<Code>InvalidAccessKeyId</Code>");
    token[40] = token[40] == 'A' ? 'B' : 'A';
    wire_expect(&local,
                &(struct wire_request){.path = "/lake", .access_key = access, .secret_key = secret, .token = token},
                400, "<Code>InvalidToken</Code>");
}

/* --- what is not there --- */

static void absent_services_never_fall_into_s3(void **state)
{
    (void)state;
    wire_expect(&local,
                &(struct wire_request){
                    .method = "POST", .service = "dynamodb", .headers = {"X-Amz-Target: DynamoDB_20120810.Frobnicate"}},
                400, "UnknownOperationException");
    wire_expect(&local,
                &(struct wire_request){.method = "POST",
                                       .service = "sns",
                                       .headers = {"Content-Type: application/x-www-form-urlencoded"},
                                       .body = "Action=Frobnicate&Version=2010-03-31",
                                       .body_len = 36},
                501, "Frobnicate");
    wire_expect(&local, &(struct wire_request){.path = "/2015-03-31/functions", .service = "frobnicator"}, 501,
                "NotImplemented");
    wire_expect(
        &local,
        &(struct wire_request){
            .method = "POST", .service = "sts", .body = "Action=GetFederationToken&Version=2011-06-15", .body_len = 44},
        501, "GetFederationToken");
}

/* --- bodies --- */

static void a_chunked_transfer_of_unsigned_trailer_form(void **state)
{
    (void)state;
    struct buf head;
    struct wire_answer answer;
    wire_build(
        &local,
        &(struct wire_request){.method = "PUT",
                               .path = "/lake/streamed",
                               .payload = SIGV4_STREAMING_U_T,
                               .headers = {"Transfer-Encoding: chunked", "Content-Encoding: aws-chunked",
                                           "x-amz-trailer: x-amz-checksum-crc32", "x-amz-decoded-content-length: 11"}},
        &head, NULL);
    /* the aws-chunked bytes, cut into HTTP chunks at every place, as the JavaScript SDK may */
    static const char body[] = "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    int fd = wire_connect(local.port);
    wire_send(fd, head.data, head.len);
    for (size_t i = 0; i < sizeof body - 1; i++) {
        char piece[16] = "1\r\n?\r\n";
        piece[3] = body[i];
        wire_send(fd, piece, 6);
    }
    wire_send(fd, "0\r\n\r\n", 5);
    wire_read(fd, false, &answer);
    if (answer.status != 200)
        fail_msg("%d: %s", answer.status, buf_text(&answer.body));
    close(fd);
    wire_answer_done(&answer);
    buf_done(&head);
    expect_object("/lake/streamed", "hello world");
}

static void send_signed_chunks(const char *path, bool is_broken, int status)
{
    struct buf request, body = BUF_INIT(4096);
    struct sigv4 sig;
    struct wire_answer answer;
    char first[65], last[65], length[64], name[128];
    snprintf(name, sizeof name, "%s", path);
    snprintf(length, sizeof length, "Content-Length: %d", 91 + 86 + 2);
    /* "5;chunk-signature=64\r\nhello\r\n" is 5 + 1 + 82 + 2... : built twice, for its length */
    for (int round = 0; round < 2; round++) {
        wire_build(&local,
                   &(struct wire_request){
                       .method = "PUT",
                       .path = name,
                       .payload = SIGV4_STREAMING,
                       .headers = {"Content-Encoding: aws-chunked", "x-amz-decoded-content-length: 5", length}},
                   &request, &sig);
        sigv4_chunk_signature(&sig, sig.signature, is_broken ? "HELLO" : "hello", 5, first);
        sigv4_chunk_signature(&sig, first, "", 0, last);
        buf_clear(&body);
        buf_printf(&body, "5;chunk-signature=%s\r\nhello\r\n0;chunk-signature=%s\r\n\r\n", first, last);
        snprintf(length, sizeof length, "Content-Length: %zu", body.len);
        sigv4_done(&sig);
        if (round == 0)
            buf_done(&request);
    }
    int fd = wire_connect(local.port);
    wire_send(fd, request.data, request.len);
    wire_send(fd, body.data, body.len);
    wire_read(fd, false, &answer);
    if (answer.status != status)
        fail_msg("%d: %s", answer.status, buf_text(&answer.body));
    close(fd);
    wire_answer_done(&answer);
    buf_done(&request);
    buf_done(&body);
}

static void signed_chunks_are_verified(void **state)
{
    (void)state;
    send_signed_chunks("/lake/chunks", false, 200);
    expect_object("/lake/chunks", "hello");
    send_signed_chunks("/lake/broken", true, 403);
    wire_expect(&local, &(struct wire_request){.path = "/lake/broken"}, 404, NULL);
}

static void expect_continue_is_answered_before_the_body(void **state)
{
    (void)state;
    struct buf request;
    char line[64] = {0};
    wire_build(&local,
               &(struct wire_request){.method = "PUT",
                                      .path = "/lake/expect",
                                      .payload = SIGV4_UNSIGNED,
                                      .headers = {"Expect: 100-continue", "Content-Length: 4"}},
               &request, NULL);
    int fd = wire_connect(local.port);
    wire_send(fd, request.data, request.len);
    assert_true(read(fd, line, 25) == 25);
    assert_non_null(strstr(line, "100 Continue"));
    struct wire_answer answer;
    wire_send(fd, "data", 4);
    wire_read(fd, false, &answer);
    assert_int_equal(answer.status, 200);
    wire_answer_done(&answer);
    close(fd);
    buf_done(&request);
}

static void expect_continue_is_refused_early(void **state)
{
    (void)state;
    struct buf request;
    struct wire_answer answer;
    wire_build(&local,
               &(struct wire_request){.method = "PUT",
                                      .path = "/lake/expect",
                                      .secret_key = "wrong",
                                      .payload = SIGV4_UNSIGNED,
                                      .headers = {"Expect: 100-continue", "Content-Length: 1000000"}},
               &request, NULL);
    int fd = wire_connect(local.port);
    wire_send(fd, request.data, request.len);
    wire_read(fd, false, &answer); /* no body was sent */
    assert_int_equal(answer.status, 403);
    wire_answer_done(&answer);
    close(fd);
    buf_done(&request);
}

static void a_refused_upload_gets_its_answer_after_the_body(void **state)
{
    (void)state;
    size_t len = 8 << 20;
    char *body = calloc(1, len);
    wire_expect(&local,
                &(struct wire_request){.method = "PUT",
                                       .path = "/lake/refused",
                                       .secret_key = "wrong",
                                       .payload = SIGV4_UNSIGNED,
                                       .body = body,
                                       .body_len = len},
                403, "SignatureDoesNotMatch");
    free(body);
}

static void a_body_over_the_limit_is_refused(void **state)
{
    (void)state;
    size_t len = (1 << 20) + 1;
    char *body = malloc(len);
    memset(body, 'a', len);
    wire_expect(&local, &(struct wire_request){.method = "POST", .service = "sts", .body = body, .body_len = len}, 413,
                "RequestEntityTooLarge");
    free(body);
}

/* --- heads --- */

static void head_has_a_length_and_no_body(void **state)
{
    (void)state;
    struct wire_answer answer;
    put("/lake/head", "twelve bytes");
    wire_ask(&local, &(struct wire_request){.method = "HEAD", .path = "/lake/head"}, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(pairs_get(&answer.headers, "Content-Length"), "12");
    assert_int_equal(answer.body.len, 0);
    wire_answer_done(&answer);
}

static void every_answer_names_its_request(void **state)
{
    (void)state;
    struct wire_answer answer;
    wire_ask(&local, &(struct wire_request){.path = "/"}, &answer);
    assert_non_null(pairs_get(&answer.headers, "x-amz-request-id"));
    assert_non_null(pairs_get(&answer.headers, "Date"));
    wire_answer_done(&answer);
    wire_ask(&local, &(struct wire_request){.method = "POST", .service = "sts"}, &answer);
    assert_non_null(pairs_get(&answer.headers, "x-amzn-RequestId"));
    wire_answer_done(&answer);
}

static void a_connection_serves_many_requests(void **state)
{
    (void)state;
    struct buf request;
    wire_build(&local, &(struct wire_request){.path = "/lake/a"}, &request, NULL);
    int fd = wire_connect(local.port);
    for (int i = 0; i < 20; i++) {
        struct wire_answer answer;
        wire_send(fd, request.data, request.len);
        wire_read(fd, false, &answer);
        assert_int_equal(answer.status, 200);
        wire_answer_done(&answer);
    }
    close(fd);
    buf_done(&request);
}

static void headers_over_the_limit_are_refused(void **state)
{
    (void)state;
    char *header = malloc(20000);
    memset(header, 'x', 19999);
    header[19999] = '\0';
    memcpy(header, "x-amz-meta-a: ", 14);
    wire_expect(&local, &(struct wire_request){.path = "/lake/a", .headers = {header}}, 400,
                "<Code>RequestHeaderSectionTooLarge</Code>");
    free(header);
}

static void heads_that_are_no_requests(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        int status;
    } cases[] = {
        {"GET /a?x=%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400},
        {"GET http://127.0.0.1/lake HTTP/1.1\r\nHost: x\r\n\r\n", 403},
        {"PUT /lake/a HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400},
        {"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", 403},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_answer answer;
        int status = ask_raw(cases[i].bytes, &answer);
        if (status != cases[i].status)
            fail_msg("%s: %d", cases[i].bytes, status);
        wire_answer_done(&answer);
    }
}

static void a_connection_that_never_finishes_its_head_is_closed(void **state)
{
    (void)state;
    int slow = wire_connect(local.port), silent = wire_connect(local.port);
    /* it sends something all the time, but no whole head: --idle-timeout is 1 s here */
    bool is_closed = false;
    wire_send(slow, "GET / HTTP/1.1\r\n", 16);
    for (int i = 0; i < 100 && !is_closed; i++) {
        wire_send(slow, "a: b\r\n", 6);
        is_closed = wire_wait_closed(slow, 100);
    }
    assert_true(is_closed);
    assert_true(wire_wait_closed(silent, 10000));
    close(slow);
    close(silent);
}

static void many_silent_connections_leave_room(void **state)
{
    (void)state;
    int fds[400];
    for (int i = 0; i < 400; i++)
        fds[i] = wire_connect(local.port);
    wire_expect(&local, &(struct wire_request){.path = "/"}, 200, NULL);
    for (int i = 0; i < 400; i++)
        close(fds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_goes_in_and_out),
        cmocka_unit_test(the_path_is_verified_as_it_was_sent),
        cmocka_unit_test(a_wrong_secret_is_refused),
        cmocka_unit_test(an_unknown_key_is_refused_in_each_protocol),
        cmocka_unit_test(a_clock_that_differs_too_much_is_refused),
        cmocka_unit_test(a_scope_of_another_region_or_service_is_refused),
        cmocka_unit_test(nobody_gets_nothing),
        cmocka_unit_test(a_malformed_authorization_says_what_is_wrong),
        cmocka_unit_test(the_body_must_have_the_hash_that_was_signed),
        cmocka_unit_test(a_presigned_url_works_until_it_expires),
        cmocka_unit_test(an_assumed_role_signs_and_is_named),
        cmocka_unit_test(absent_services_never_fall_into_s3),
        cmocka_unit_test(a_chunked_transfer_of_unsigned_trailer_form),
        cmocka_unit_test(signed_chunks_are_verified),
        cmocka_unit_test(expect_continue_is_answered_before_the_body),
        cmocka_unit_test(expect_continue_is_refused_early),
        cmocka_unit_test(a_refused_upload_gets_its_answer_after_the_body),
        cmocka_unit_test(a_body_over_the_limit_is_refused),
        cmocka_unit_test(head_has_a_length_and_no_body),
        cmocka_unit_test(every_answer_names_its_request),
        cmocka_unit_test(a_connection_serves_many_requests),
        cmocka_unit_test(headers_over_the_limit_are_refused),
        cmocka_unit_test(heads_that_are_no_requests),
        cmocka_unit_test(a_connection_that_never_finishes_its_head_is_closed),
        cmocka_unit_test(many_silent_connections_leave_room),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
