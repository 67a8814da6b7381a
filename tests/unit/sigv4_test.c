/* Signature Version 4 against case folders (tests/data/sigv4: each has a request, its context and the expected text of
 * every stage, made by generate.py): every case is signed in header and query form, stage by stage, and what comes out
 * is verified as the embedded cloud does. Then faults of verification, and S3's chunk chain with its published values.
 */
#include "backend/base/digest.h"
#include "backend/base/json.h"
#include "backend/base/path.h"
#include "backend/base/text.h"
#include "backend/core/sigv4.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CASES "tests/data/sigv4"

struct signing_case {
    const char *name;
    json_t *context;
    struct buf request;
    char *method, *path, *query, *body; /* inside request */
    size_t body_len;
    struct pairs headers;
    char body_sha256[DIGEST_HEX];
    struct sigv4_rules rules;
};

static char *read_case(const char *name, const char *file)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, CASES "/%s/%s", name, file);
    struct buf text = BUF_INIT(1 << 20);
    struct err err = ERR_NONE;
    if (!path_read(path, &text, &err))
        fail_msg("%s: %s", path, err.text);
    buf_puts(&text, "");
    return buf_take(&text);
}

static void add_header(struct pairs *headers, const char *line, const char *end)
{
    const char *colon = memchr(line, ':', (size_t)(end - line));
    assert_non_null(colon);
    char name[64], value[2048];
    snprintf(name, sizeof name, "%.*s", (int)(colon - line), line);
    snprintf(value, sizeof value, "%.*s", (int)(end - colon - 1), colon + 1);
    assert_true(pairs_add(headers, name, value));
}

/* Reads "METHOD target HTTP/1.1", header lines (a line that starts with a space goes on with the one before), an empty
 * line, the body. */
static void parse_request(struct signing_case *test)
{
    char *text = test->request.data, *end = strstr(text, " HTTP/1.1\n");
    assert_non_null(end);
    *end = '\0';
    test->method = text;
    test->path = strchr(text, ' ') + 1;
    test->path[-1] = '\0';
    char *mark = strchr(test->path, '?');
    test->query = mark ? mark + 1 : end;
    if (mark)
        *mark = '\0';
    char *line = end + strlen(" HTTP/1.1\n");
    while (*line && *line != '\n') {
        char *stop = strchr(line, '\n');
        while (stop[1] == ' ')
            stop = strchr(stop + 1, '\n');
        add_header(&test->headers, line, stop);
        line = stop + 1;
    }
    test->body = *line ? line + 1 : line;
    test->body_len = strlen(test->body);
}

static void open_case(struct signing_case *test, const char *name)
{
    *test = (struct signing_case){.name = name, .request = BUF_INIT(1 << 20)};
    char *context = read_case(name, "context.json"), *request = read_case(name, "request.txt");
    struct err err = ERR_NONE;
    test->context = json_parse(context, strlen(context), &err);
    assert_non_null(test->context);
    assert_true(buf_puts(&test->request, request));
    free(context);
    free(request);
    parse_request(test);
    uint8_t digest[DIGEST_MAX];
    digest_of(DIGEST_SHA256, test->body, test->body_len, digest);
    hex_encode(digest, 32, test->body_sha256);
    test->rules = *sigv4_rules_of(json_str(test->context, "service"));
    assert_int_equal(test->rules.normalize_path, json_bool(test->context, "normalize", false));
    assert_int_equal(test->rules.add_content_sha256, json_bool(test->context, "sign_body", false));
    test->rules.token_after_signing = json_bool(test->context, "omit_session_token", false);
}

static void close_case(struct signing_case *test)
{
    json_decref(test->context);
    buf_done(&test->request);
    pairs_done(&test->headers);
}

static struct sigv4_request request_of(const struct signing_case *test)
{
    const json_t *keys = json_object_get(test->context, "credentials");
    const char *payload = json_str(test->context, "payload");
    struct sigv4_request req = {.method = test->method,
                                .path = test->path,
                                .query = test->query,
                                .headers = &test->headers,
                                .payload_sha256 = *payload ? payload : test->body_sha256,
                                .service = json_str(test->context, "service"),
                                .region = json_str(test->context, "region"),
                                .access_key = json_str(keys, "access_key_id"),
                                .secret_key = json_str(keys, "secret_access_key"),
                                .session_token = json_str(keys, "token"),
                                .rules = &test->rules};
    assert_true(text_parse_time(json_str(test->context, "timestamp"), &req.wall_ms));
    return req;
}

static void expect_file(const struct signing_case *test, const char *file, const char *actual)
{
    char *expected = read_case(test->name, file);
    if (strcmp(expected, actual) != 0)
        fail_msg("%s/%s\n--- expected\n%s\n--- actual\n%s", test->name, file, expected, actual);
    free(expected);
}

/* Runs the stages over a request and compares each with its file. */
static void expect_stages(const struct signing_case *test, const struct sigv4_request *req, const char *form)
{
    struct sigv4 sig;
    struct err err = ERR_NONE;
    char file[64];
    assert_true(sigv4_begin(&sig, req, &err));
    assert_true(sigv4_canonical_request(&sig, req, &err));
    snprintf(file, sizeof file, "%s-canonical-request.txt", form);
    expect_file(test, file, buf_text(&sig.canonical_request));
    assert_true(sigv4_string_to_sign(&sig, &err));
    snprintf(file, sizeof file, "%s-string-to-sign.txt", form);
    expect_file(test, file, buf_text(&sig.string_to_sign));
    assert_true(sigv4_sign(&sig, req, &err));
    snprintf(file, sizeof file, "%s-signature.txt", form);
    expect_file(test, file, sig.signature);
    sigv4_done(&sig);
}

/* The whole request as text: what the wire would carry. */
static char *render(const struct signing_case *test, const char *query)
{
    struct buf out = BUF_INIT(1 << 20);
    buf_printf(&out, "%s %s%s%s HTTP/1.1\n", test->method, test->path, *query ? "?" : "", query);
    for (size_t i = 0; i < test->headers.count; i++)
        buf_printf(&out, "%s:%s\n", test->headers.items[i].name, test->headers.items[i].value);
    buf_printf(&out, "\n%s", test->body);
    return buf_take(&out);
}

static void expect_verified(const struct signing_case *test, const struct sigv4_request *req, const char *query)
{
    struct sigv4_claim claim;
    struct sigv4 sig;
    struct err err = ERR_NONE;
    if (!sigv4_parse_claim(query, &test->headers, &claim, &err))
        fail_msg("%s: %s", test->name, err.text);
    assert_true(claim.present);
    assert_string_equal(claim.access_key, req->access_key);
    assert_string_equal(claim.session_token, req->session_token);
    const char *body = claim.payload[0] && strlen(claim.payload) != 64 ? NULL : test->body_sha256;
    if (!sigv4_verify(&claim, test->method, test->path, query, &test->headers, body, req->secret_key, req->wall_ms,
                      &sig, &err))
        fail_msg("%s: %s\n%s", test->name, err.text, buf_text(&sig.canonical_request));
    sigv4_done(&sig);
    assert_false(sigv4_verify(&claim, test->method, test->path, query, &test->headers, body, "another secret",
                              req->wall_ms, &sig, &err));
    assert_int_equal(err.code, ERR_DENIED);
    assert_string_equal(err.service_code, "SignatureDoesNotMatch");
    sigv4_done(&sig);
}

static void check_header_form(const char *name)
{
    struct signing_case test;
    open_case(&test, name);
    struct sigv4_request req = request_of(&test);
    struct err err = ERR_NONE;
    if (!sigv4_sign_headers(&req, &test.headers, &err))
        fail_msg("%s: %s", name, err.text);
    char *sent = render(&test, test.query);
    expect_file(&test, "header-signed-request.txt", sent);
    free(sent);
    expect_verified(&test, &req, test.query);
    pairs_remove(&test.headers, "Authorization");
    if (test.rules.token_after_signing)
        pairs_remove(&test.headers, "X-Amz-Security-Token");
    expect_stages(&test, &req, "header");
    close_case(&test);
}

static void check_query_form(const char *name)
{
    struct signing_case test;
    open_case(&test, name);
    struct sigv4_request req = request_of(&test);
    struct err err = ERR_NONE;
    struct buf query = BUF_INIT(1 << 16);
    if (test.rules.add_content_sha256 && !*json_str(test.context, "payload"))
        req.payload_sha256 = NULL;
    if (!sigv4_presign(&req, json_int(test.context, "expiration_in_seconds", 0), &query, &err))
        fail_msg("%s: %s", name, err.text);
    char *sent = render(&test, buf_text(&query));
    expect_file(&test, "query-signed-request.txt", sent);
    free(sent);
    /* a token outside the signature cannot be told from one inside it, and a payload that is not in the URL is not
     * known to the receiver: such a URL is only made */
    if (!test.rules.token_after_signing && !*json_str(test.context, "payload"))
        expect_verified(&test, &req, buf_text(&query));
    char *signature = strstr(query.data, "&X-Amz-Signature=");
    assert_non_null(signature);
    *signature = '\0';
    req.query = query.data;
    if (!req.payload_sha256)
        req.payload_sha256 = SIGV4_UNSIGNED;
    expect_stages(&test, &req, "query");
    buf_done(&query);
    close_case(&test);
}

static int for_each_case(void (*check)(const char *name))
{
    DIR *dir = opendir(CASES);
    assert_non_null(dir);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[PATH_SIZE];
        snprintf(path, sizeof path, CASES "/%s/request.txt", entry->d_name);
        if (entry->d_name[0] == '.' || !path_exists(path))
            continue;
        check(entry->d_name);
        count++;
    }
    closedir(dir);
    return count;
}

static void every_case_is_signed_in_headers_and_verified(void **state)
{
    (void)state;
    assert_true(for_each_case(check_header_form) >= 40);
}

static void every_case_is_presigned_and_verified(void **state)
{
    (void)state;
    assert_true(for_each_case(check_query_form) >= 40);
}

/* S3 API Reference, "Signature calculations for the Authorization header: transferring payload in multiple chunks". */
static void chunks_carry_the_published_signatures(void **state)
{
    (void)state;
    struct signing_case test;
    open_case(&test, "s3-doc-put-chunked-seed");
    struct sigv4_request req = request_of(&test);
    struct err err = ERR_NONE;
    assert_true(sigv4_sign_headers(&req, &test.headers, &err));
    struct sigv4_claim claim;
    struct sigv4 sig;
    assert_true(sigv4_parse_claim(test.query, &test.headers, &claim, &err));
    assert_true(sigv4_verify(&claim, test.method, test.path, test.query, &test.headers, NULL, req.secret_key,
                             req.wall_ms, &sig, &err));
    assert_string_equal(claim.payload, SIGV4_STREAMING);
    static char chunk[65536];
    memset(chunk, 'a', sizeof chunk);
    char first[65], second[65], last[65];
    sigv4_chunk_signature(&sig, sig.signature, chunk, 65536, first);
    assert_string_equal(first, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
    sigv4_chunk_signature(&sig, first, chunk, 1024, second);
    assert_string_equal(second, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
    sigv4_chunk_signature(&sig, second, "", 0, last);
    assert_string_equal(last, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
    sigv4_done(&sig);
    close_case(&test);
}

/* A signed GET to change by one thing at a time. */
struct signed_get {
    struct pairs headers;
    struct sigv4_claim claim;
    struct err err;
    int64_t signed_ms;
};
static const char secret[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

static void sign_get(struct signed_get *get, const char *service)
{
    *get = (struct signed_get){.signed_ms = 1440938160000};
    pairs_add(&get->headers, "Host", "example.amazonaws.com");
    struct sigv4_request req = {.method = "GET",
                                .path = "/",
                                .query = "",
                                .headers = &get->headers,
                                .service = service,
                                .region = "us-east-1",
                                .wall_ms = get->signed_ms,
                                .access_key = "AKIDEXAMPLE",
                                .secret_key = secret};
    assert_true(sigv4_sign_headers(&req, &get->headers, &get->err));
    assert_true(sigv4_parse_claim("", &get->headers, &get->claim, &get->err));
}

static bool verify_get(struct signed_get *get, int64_t now_ms, const char *body_sha256)
{
    struct sigv4 sig;
    bool ok = sigv4_verify(&get->claim, "GET", "/", "", &get->headers, body_sha256, secret, now_ms, &sig, &get->err);
    sigv4_done(&sig);
    return ok;
}

static void a_clock_may_differ_by_fifteen_minutes(void **state)
{
    (void)state;
    struct signed_get get;
    sign_get(&get, "glue");
    assert_true(verify_get(&get, get.signed_ms + 900000, NULL));
    assert_true(verify_get(&get, get.signed_ms - 900000, NULL));
    assert_false(verify_get(&get, get.signed_ms + 901000, NULL));
    assert_int_equal(get.err.code, ERR_CLOCK_SKEW);
    assert_string_equal(get.err.service_code, "RequestTimeTooSkewed");
    assert_int_equal(get.err.http_status, 403);
    assert_false(verify_get(&get, get.signed_ms - 901000, NULL));
    assert_int_equal(get.err.code, ERR_CLOCK_SKEW);
    pairs_done(&get.headers);
}

static void a_body_must_be_the_one_that_was_signed(void **state)
{
    (void)state;
    static const char other[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct signed_get get;
    sign_get(&get, "glue");
    assert_false(verify_get(&get, get.signed_ms, other));
    assert_string_equal(get.err.service_code, "SignatureDoesNotMatch");
    pairs_done(&get.headers);
    sign_get(&get, "s3");
    assert_true(verify_get(&get, get.signed_ms, SIGV4_EMPTY_SHA256));
    assert_false(verify_get(&get, get.signed_ms, other));
    assert_int_equal(get.err.code, ERR_CHECKSUM);
    assert_string_equal(get.err.service_code, "XAmzContentSHA256Mismatch");
    pairs_done(&get.headers);
}

static void s3_refuses_amz_headers_that_are_not_signed(void **state)
{
    (void)state;
    struct signed_get get;
    sign_get(&get, "s3");
    pairs_add(&get.headers, "x-amz-acl", "public-read");
    assert_false(verify_get(&get, get.signed_ms, NULL));
    assert_int_equal(get.err.code, ERR_DENIED);
    assert_non_null(strstr(get.err.text, "x-amz-acl"));
    pairs_done(&get.headers);
}

static void a_changed_header_does_not_verify(void **state)
{
    (void)state;
    struct signed_get get;
    sign_get(&get, "glue");
    pairs_set(&get.headers, "Host", "evil.example.com");
    assert_false(verify_get(&get, get.signed_ms, NULL));
    assert_string_equal(get.err.service_code, "SignatureDoesNotMatch");
    pairs_done(&get.headers);
}

static void the_date_header_may_stand_for_x_amz_date(void **state)
{
    (void)state;
    struct signed_get get;
    sign_get(&get, "glue");
    pairs_remove(&get.headers, "X-Amz-Date");
    pairs_add(&get.headers, "Date", "Sun, 30 Aug 2015 12:36:00 GMT");
    assert_true(sigv4_parse_claim("", &get.headers, &get.claim, &get.err));
    assert_string_equal(get.claim.date, "20150830T123600Z");
    pairs_done(&get.headers);
}

static void a_presigned_url_ends(void **state)
{
    (void)state;
    struct pairs headers = {0};
    pairs_add(&headers, "Host", "127.0.0.1:4599");
    struct sigv4_request req = {.method = "GET",
                                .path = "/lake/a",
                                .query = "",
                                .headers = &headers,
                                .service = "s3",
                                .region = "us-east-1",
                                .wall_ms = 1440938160000,
                                .access_key = "AKIDEXAMPLE",
                                .secret_key = secret};
    struct buf query = BUF_INIT(4096);
    struct err err = ERR_NONE;
    struct sigv4_claim claim;
    struct sigv4 sig;
    assert_false(sigv4_presign(&req, 0, &query, &err));
    assert_false(sigv4_presign(&req, 604801, &query, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_true(sigv4_presign(&req, 60, &query, &err));
    assert_true(sigv4_parse_claim(buf_text(&query), &headers, &claim, &err));
    assert_true(claim.is_presigned);
    assert_int_equal(claim.expires_s, 60);
    assert_true(
        sigv4_verify(&claim, "GET", "/lake/a", query.data, &headers, NULL, secret, req.wall_ms + 60000, &sig, &err));
    sigv4_done(&sig);
    assert_false(
        sigv4_verify(&claim, "GET", "/lake/a", query.data, &headers, NULL, secret, req.wall_ms + 61000, &sig, &err));
    assert_int_equal(err.code, ERR_EXPIRED);
    sigv4_done(&sig);
    assert_false(
        sigv4_verify(&claim, "GET", "/lake/a", query.data, &headers, NULL, secret, req.wall_ms - 901000, &sig, &err));
    assert_int_equal(err.code, ERR_CLOCK_SKEW);
    sigv4_done(&sig);
    assert_false(sigv4_verify(&claim, "GET", "/lake/b", query.data, &headers, NULL, secret, req.wall_ms, &sig, &err));
    assert_string_equal(err.service_code, "SignatureDoesNotMatch");
    sigv4_done(&sig);
    buf_done(&query);
    pairs_done(&headers);
}

struct malformed {
    const char *authorization, *query, *service_code;
};
#define SCOPE     "AKIDEXAMPLE/20150830/us-east-1/s3/aws4_request"
#define SIGNATURE "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
#define PRESIGNED(scope, date, expires)                                                                                \
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" scope "&X-Amz-Date=" date "&X-Amz-Expires=" expires           \
    "&X-Amz-SignedHeaders=host&X-Amz-Signature=" SIGNATURE
static const struct malformed malformed[] = {
    {"AWS4-HMAC-SHA256", "", "AuthorizationHeaderMalformed"},
    {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE, SignedHeaders=host, Signature=" SIGNATURE, "",
     "AuthorizationHeaderMalformed"},
    {"AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=, Signature=" SIGNATURE, "", "AuthorizationHeaderMalformed"},
    {"AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=host, Signature=XYZ", "", "AuthorizationHeaderMalformed"},
    {"AWS4-HMAC-SHA256 Credential=" SCOPE ", SignedHeaders=x-amz-date, Signature=" SIGNATURE, "",
     "AuthorizationHeaderMalformed"},
    {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150831/us-east-1/s3/aws4_request, SignedHeaders=host, "
     "Signature=" SIGNATURE,
     "", "AuthorizationHeaderMalformed"},
    {NULL, "X-Amz-Algorithm=AWS4-HMAC-SHA256", "AuthorizationQueryParametersError"},
    {NULL, "X-Amz-Signature=" SIGNATURE, "AuthorizationQueryParametersError"},
    {NULL, PRESIGNED(SCOPE, "20150830T123600Z", "0"), "AuthorizationQueryParametersError"},
    {NULL, PRESIGNED(SCOPE, "20150830T123600Z", "604801"), "AuthorizationQueryParametersError"},
    {NULL, PRESIGNED(SCOPE, "20150830T123600Z", "1h"), "AuthorizationQueryParametersError"},
    {NULL, PRESIGNED(SCOPE, "yesterday", "60"), "AuthorizationQueryParametersError"},
    {NULL, PRESIGNED("AKIDEXAMPLE/2015/us-east-1/s3/aws4_request", "20150830T123600Z", "60"),
     "AuthorizationQueryParametersError"},
};

static void a_malformed_claim_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct pairs headers = {0};
        struct sigv4_claim claim;
        struct err err = ERR_NONE;
        pairs_add(&headers, "X-Amz-Date", "20150830T123600Z");
        if (malformed[i].authorization)
            pairs_add(&headers, "Authorization", malformed[i].authorization);
        if (sigv4_parse_claim(malformed[i].query, &headers, &claim, &err))
            fail_msg("row %zu was accepted", i);
        assert_int_equal(err.code, ERR_PARSE);
        assert_string_equal(err.service_code, malformed[i].service_code);
        assert_int_equal(err.http_status, 400);
        assert_true(strlen(err.text) > 20);
        pairs_done(&headers);
    }
}

static void a_request_without_claim_is_anonymous(void **state)
{
    (void)state;
    struct pairs headers = {0};
    struct sigv4_claim claim;
    struct err err = ERR_NONE;
    pairs_add(&headers, "Authorization", "Basic Zm9vOmJhcg==");
    assert_true(sigv4_parse_claim("list-type=2", &headers, &claim, &err));
    assert_false(claim.present);
    pairs_done(&headers);
}

static void a_request_without_host_is_not_signed(void **state)
{
    (void)state;
    struct pairs headers = {0};
    struct err err = ERR_NONE;
    struct sigv4_request req = {.method = "GET",
                                .path = "/",
                                .query = "",
                                .headers = &headers,
                                .service = "s3",
                                .region = "us-east-1",
                                .access_key = "AKIDEXAMPLE",
                                .secret_key = secret};
    assert_false(sigv4_sign_headers(&req, &headers, &err));
    assert_non_null(strstr(err.text, "Host"));
    assert_null(pairs_get(&headers, "Authorization"));
    pairs_done(&headers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_signed_in_headers_and_verified),
        cmocka_unit_test(every_case_is_presigned_and_verified),
        cmocka_unit_test(chunks_carry_the_published_signatures),
        cmocka_unit_test(a_clock_may_differ_by_fifteen_minutes),
        cmocka_unit_test(a_body_must_be_the_one_that_was_signed),
        cmocka_unit_test(s3_refuses_amz_headers_that_are_not_signed),
        cmocka_unit_test(a_changed_header_does_not_verify),
        cmocka_unit_test(the_date_header_may_stand_for_x_amz_date),
        cmocka_unit_test(a_presigned_url_ends),
        cmocka_unit_test(a_malformed_claim_is_named),
        cmocka_unit_test(a_request_without_claim_is_anonymous),
        cmocka_unit_test(a_request_without_host_is_not_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
