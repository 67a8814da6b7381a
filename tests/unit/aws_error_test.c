/* Error answers of services as operators read them: code, retryable, and a text that names what, on what, and what to
 * do. */
#include "backend/aws/aws.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct aws_service s3 = {.id = "s3", .signing_name = "s3", .protocol = AWS_REST_XML};
static const struct aws_service glue = {.id = "glue", .signing_name = "glue", .protocol = AWS_JSON_1_1};
static const struct aws_service sts = {.id = "sts", .signing_name = "sts", .protocol = AWS_QUERY};

struct answer_text {
    const struct aws_service *service;
    int status;
    const char *body;
    const char *header, *value; /* one more header, or NULL */
};

static struct err decode(const struct answer_text *text)
{
    struct aws_call call = {
        .service = text->service, .operation = "ListObjectsV2", .object = "lake/raw", .permission = "s3:ListBucket"};
    struct http_answer answer = {.status = text->status, .body = BUF_INIT(64 * 1024)};
    struct err err = ERR_NONE;
    if (text->body)
        buf_puts(&answer.body, text->body);
    if (text->header)
        pairs_add(&answer.headers, text->header, text->value);
    assert_false(aws_decode_error(&call, &answer, &err));
    buf_done(&answer.body);
    pairs_done(&answer.headers);
    return err;
}

static void denied_names_the_permission(void **state)
{
    (void)state;
    struct err err = decode(&(struct answer_text){
        .service = &s3,
        .status = 403,
        .body = "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message>"
                "<RequestId>656c76696e6727</RequestId></Error>"});
    assert_int_equal(err.code, ERR_DENIED);
    assert_false(err.retryable);
    assert_string_equal(err.service_code, "AccessDenied");
    assert_string_equal(err.request_id, "656c76696e6727");
    assert_string_equal(err.text, "s3 ListObjectsV2 on lake/raw: AccessDenied - needs s3:ListBucket");
}

static void slow_down_is_throttled_and_retryable(void **state)
{
    (void)state;
    struct err err =
        decode(&(struct answer_text){.service = &s3, .status = 503, .body = "<Error><Code>SlowDown</Code></Error>"});
    assert_int_equal(err.code, ERR_THROTTLED);
    assert_true(err.retryable);
}

static void an_answer_without_a_body_is_judged_by_its_status(void **state)
{
    (void)state;
    static const struct {
        int status;
        enum err_code code;
        bool retryable;
    } cases[] = {{.status = 403, .code = ERR_DENIED},
                 {.status = 404, .code = ERR_NOT_FOUND},
                 {.status = 412, .code = ERR_PRECONDITION},
                 {.status = 301, .code = ERR_REGION},
                 {.status = 500, .code = ERR_SERVER, .retryable = true},
                 {.status = 503, .code = ERR_SERVER, .retryable = true},
                 {.status = 501, .code = ERR_NOT_IMPLEMENTED},
                 {.status = 418, .code = ERR_FAILED}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct err err = decode(&(struct answer_text){.service = &s3, .status = cases[i].status});
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.retryable, cases[i].retryable);
        assert_int_equal(err.http_status, cases[i].status);
    }
}

static void a_wrong_region_is_named(void **state)
{
    (void)state;
    struct err by_header = decode(
        &(struct answer_text){.service = &s3, .status = 301, .header = "x-amz-bucket-region", .value = "eu-central-1"});
    struct err by_body = decode(&(struct answer_text){
        .service = &s3,
        .status = 400,
        .body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-central-1</Region></Error>"});
    assert_int_equal(by_header.code, ERR_REGION);
    assert_int_equal(by_body.code, ERR_REGION);
    assert_non_null(strstr(by_header.text, "region eu-central-1"));
    assert_non_null(strstr(by_body.text, "--region eu-central-1"));
}

static void an_answer_that_is_no_xml_says_so(void **state)
{
    (void)state;
    struct err err =
        decode(&(struct answer_text){.service = &s3, .status = 502, .body = "<html><h1>Bad Gateway</h1><hr></html>"});
    assert_int_equal(err.code, ERR_SERVER);
    assert_non_null(strstr(err.text, "no XML"));
    assert_string_equal(err.service_code, "");
}

static void json_types_may_be_long_or_short_or_in_a_header(void **state)
{
    (void)state;
    static const struct answer_text answers[] = {
        {.service = &glue,
         .status = 400,
         .body = "{\"__type\":\"com.amazonaws.glue#EntityNotFoundException\",\"Message\":\"no table\"}"},
        {.service = &glue, .status = 400, .body = "{\"__type\":\"EntityNotFoundException\",\"message\":\"no table\"}"},
        {.service = &glue,
         .status = 400,
         .body = "{\"message\":\"no table\"}",
         .header = "x-amzn-errortype",
         .value = "EntityNotFoundException:http://internal.amazon.com/coral/"}};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct err err = decode(&answers[i]);
        assert_int_equal(err.code, ERR_NOT_FOUND);
        assert_string_equal(err.service_code, "EntityNotFoundException");
        assert_non_null(strstr(err.text, "no table"));
    }
}

static void query_errors_are_wrapped(void **state)
{
    (void)state;
    struct err err = decode(&(struct answer_text){
        .service = &sts,
        .status = 403,
        .body = "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>expired</Message></Error>"
                "<RequestId>r-1</RequestId></ErrorResponse>"});
    assert_int_equal(err.code, ERR_EXPIRED);
    assert_string_equal(err.request_id, "r-1");
}

static void a_wrong_clock_is_told_from_a_wrong_key(void **state)
{
    (void)state;
    struct err clock = decode(&(struct answer_text){
        .service = &glue,
        .status = 400,
        .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: 20261122T142902Z is now "
                "earlier than 20261124T082206Z\"}"});
    struct err key = decode(&(struct answer_text){
        .service = &glue,
        .status = 400,
        .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"The request signature we calculated...\"}"});
    assert_int_equal(clock.code, ERR_CLOCK_SKEW);
    assert_int_equal(key.code, ERR_CREDENTIALS);
}

static void long_and_hostile_texts_are_cut(void **state)
{
    (void)state;
    char body[3000] = "<Error><Code>";
    memset(body + 13, 'A', 1500);
    strcpy(body + 1513, "</Code><Message>");
    memset(body + 1529, 'B', 1000);
    strcpy(body + 2529, "</Message></Error>");
    struct err err = decode(&(struct answer_text){.service = &s3, .status = 400, .body = body});
    assert_int_equal(err.code, ERR_FAILED);
    assert_true(strlen(err.text) < sizeof err.text);
    assert_int_equal(strlen(err.service_code), sizeof err.service_code - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(denied_names_the_permission),
        cmocka_unit_test(slow_down_is_throttled_and_retryable),
        cmocka_unit_test(an_answer_without_a_body_is_judged_by_its_status),
        cmocka_unit_test(a_wrong_region_is_named),
        cmocka_unit_test(an_answer_that_is_no_xml_says_so),
        cmocka_unit_test(json_types_may_be_long_or_short_or_in_a_header),
        cmocka_unit_test(query_errors_are_wrapped),
        cmocka_unit_test(a_wrong_clock_is_told_from_a_wrong_key),
        cmocka_unit_test(long_and_hostile_texts_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
