/* The S3 client and the transfers against a server that misbehaves on purpose: garbage, repeated tokens, cut bodies,
 * wrong checksums, wrong clocks, hostile names. Every case ends in a clear error or in the right bytes, and never in a
 * partial file under its final name. */
#include "backend/aws/aws_private.h"
#include "backend/aws/s3.h"
#include "backend/aws/sts.h"
#include "backend/base/clock.h"
#include "backend/domain/session.h"
#include "backend/domain/transfer.h"
#include "tests/lib/tempdir.h"
#include "tests/lib/testserver.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1024 * 1024, BIG = 20 * MIB + 123, PART = 8 * MIB };

/* What the server does; each test fills in what it needs. */
struct act {
    bool is_silent; /* takes requests and does not answer */
    int status;
    const char *headers, *body; /* the answer to everything, when body is set */
    int failures;               /* so many answers with failure_status come first */
    int failure_status;
    const char *failure_headers, *failure_body;
    /* one big object, bytes by pattern() */
    bool has_object;
    const char *etag, *object_headers;
    int64_t cut_part; /* the part with this start is cut in the middle (-1: none) */
    bool ignores_range;
    const char *listing; /* the answer to list-type=2 */
    pthread_mutex_t lock;
    int gets, deletes, writes; /* writes: but for the session's own "who am I" */
    int64_t served[64];        /* starts of the ranges served whole */
    int served_count;
    char last_head[16384];
};

static unsigned char pattern(int64_t at)
{
    return (unsigned char)(at * 31 + at / 4099);
}

static bool send_object(const struct act *act, const struct test_request *req, int fd)
{
    char range[100], head[500];
    long long first = 0, last = BIG - 1;
    bool is_range = sscanf(testserver_header(req, "Range", range, sizeof range), "bytes=%lld-%lld", &first, &last) == 2;
    if (act->ignores_range)
        first = 0, last = BIG - 1, is_range = false;
    size_t len = (size_t)(last - first + 1);
    int head_len = snprintf(head, sizeof head,
                            "HTTP/1.1 %s\r\nContent-Length: %zu\r\nETag: \"%s\"\r\n%s"
                            "Last-Modified: Sun, 22 Nov 2026 14:29:02 GMT\r\n",
                            is_range ? "206 Partial Content" : "200 OK", len, act->etag,
                            act->object_headers ? act->object_headers : "");
    if (is_range)
        head_len += snprintf(head + head_len, sizeof head - (size_t)head_len, "Content-Range: bytes %lld-%lld/%d\r\n",
                             first, last, BIG);
    head_len += snprintf(head + head_len, sizeof head - (size_t)head_len, "\r\n");
    if (!testserver_write(fd, head, (size_t)head_len))
        return false;
    if (strcmp(req->method, "HEAD") == 0)
        return true;
    bool is_cut = first == act->cut_part;
    unsigned char *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = pattern(first + (int64_t)i);
    bool ok = testserver_write(fd, bytes, is_cut ? len / 2 : len) && !is_cut;
    free(bytes);
    return ok;
}

static void note(struct act *act, const struct test_request *req)
{
    char range[100];
    long long first = 0;
    act->gets += strcmp(req->method, "GET") == 0;
    act->deletes += strcmp(req->method, "DELETE") == 0;
    act->writes += strcmp(req->method, "GET") != 0 && strcmp(req->method, "HEAD") != 0 && strcmp(req->target, "/") != 0;
    if (act->has_object && strcmp(req->method, "GET") == 0 && !strstr(req->target, "list-type")) {
        sscanf(testserver_header(req, "Range", range, sizeof range), "bytes=%lld-", &first);
        if (act->served_count < 64)
            act->served[act->served_count++] = first;
    }
    if (strcmp(req->target, "/") != 0) /* not the session's own "who am I" */
        snprintf(act->last_head, sizeof act->last_head, "%s", req->head);
}

static bool serve(struct testserver *server, const struct test_request *req, int fd, void *context)
{
    (void)server;
    struct act *act = context;
    pthread_mutex_lock(&act->lock);
    note(act, req);
    bool is_identity = strcmp(req->target, "/") == 0; /* the session's own "who am I", at any time */
    bool fails = act->failures > 0 && !is_identity;
    act->failures -= fails;
    pthread_mutex_unlock(&act->lock);
    if (act->is_silent && !is_identity) { /* until the client gives up */
        char byte;
        while (read(fd, &byte, 1) > 0)
            ;
        return false;
    }
    if (fails)
        return testserver_reply(fd, act->failure_status, act->failure_headers ? act->failure_headers : "",
                                act->failure_body, strlen(act->failure_body));
    if (act->listing && strstr(req->target, "list-type=2"))
        return testserver_reply(fd, 200, "", act->listing, strlen(act->listing));
    if (act->has_object)
        return send_object(act, req, fd);
    const char *body = act->body ? act->body : "";
    return testserver_reply(fd, act->status ? act->status : 200, act->headers ? act->headers : "", body, strlen(body));
}

/* --- one server, one session, one folder per test --- */
struct stage {
    struct act act;
    struct testserver *server;
    struct config config;
    struct session *session;
    struct aws *aws;
    struct tempdir folder;
    const char *dir;
};

static int set(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    stage->act.cut_part = -1;
    stage->act.etag = "0123456789abcdef0123456789abcdef-3";
    pthread_mutex_init(&stage->act.lock, NULL);
    stage->server = testserver_start(serve, &stage->act);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
    stage->config.new_retries = true; /* the newer table's base delay is 50 ms */
    snprintf(stage->config.profile, sizeof stage->config.profile, "default");
    snprintf(stage->config.endpoint, sizeof stage->config.endpoint, "%s", testserver_url(stage->server, ""));
    snprintf(stage->config.region, sizeof stage->config.region, "us-east-1");
    stage->config.refresh_ms = 1000;
    struct session_options options = {.config = &stage->config};
    stage->session = session_open(&options, NULL);
    stage->aws = session_connect(stage->session, NULL, NULL);
    tempdir_make(&stage->folder);
    stage->dir = stage->folder.path;
    *state = stage;
    return stage->aws ? 0 : -1;
}

static int strike(void **state)
{
    struct stage *stage = *state;
    session_close(stage->session);
    testserver_stop(stage->server);
    tempdir_remove(&stage->folder);
    free(stage);
    return 0;
}

static bool list_with(struct stage *stage, const struct cancel *cancel, struct err *err)
{
    struct arena *arena = arena_new(64 * MIB);
    struct s3_list list = {.bucket = "lake", .prefix = "raw/", .cancel = cancel};
    struct s3_page page;
    bool ok = s3_list_page(stage->aws, &list, arena, &page, err);
    arena_free(arena);
    return ok;
}

static bool list_once(struct stage *stage, struct err *err)
{
    return list_with(stage, NULL, err);
}

static bool ignore_page(void *context, const struct s3_page *page)
{
    (void)page;
    *(int *)context += 1;
    return true;
}

/* --- the client --- */

static void garbage_is_a_protocol_error_that_names_the_call(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.body = "this is not XML";
    assert_false(list_once(stage, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    assert_non_null(strstr(err.text, "s3 ListObjectsV2 on lake/raw/"));
}

static void a_token_that_repeats_ends_the_listing(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    struct s3_list list = {.bucket = "lake"};
    int pages = 0;
    stage->act.body = "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>same"
                      "</NextContinuationToken><Contents><Key>a</Key></Contents></ListBucketResult>";
    assert_false(s3_list_all(stage->aws, &list, ignore_page, &pages, &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    assert_int_equal(pages, 1);
}

static void an_answer_over_the_maximum_is_too_large(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    static char body[9 * MIB]; /* the server may still be sending it when the test is over */
    memset(body, ' ', sizeof body - 1);
    stage->act.body = body;
    assert_false(list_once(stage, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
}

static void a_server_error_is_retried(void **state)
{
    struct stage *stage = *state;
    stage->act.failures = 2;
    stage->act.failure_status = 500;
    stage->act.failure_body = "<Error><Code>InternalError</Code></Error>";
    stage->act.body = "<ListBucketResult/>";
    assert_true(list_once(stage, NULL));
    assert_int_equal(stage->act.gets, 3);
}

static void *cancel_when_it_waits(void *context)
{
    struct cancel *cancel = context;
    bool is_waiting = false;
    while (!is_waiting) { /* someone watches the token only while it waits */
        pthread_mutex_lock(&cancel->lock);
        is_waiting = cancel->wakers != NULL;
        pthread_mutex_unlock(&cancel->lock);
        sched_yield();
    }
    cancel_set(cancel);
    return NULL;
}

static void a_call_over_our_own_rate_waits_its_turn_and_can_be_cancelled(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    struct cancel cancel = {0};
    struct config slow = *aws_config(stage->aws);
    snprintf(slow.api_rates, sizeof slow.api_rates, "s3:ListObjectsV2=0.001");
    struct creds_chain *chain = creds_chain_fixed(creds_static("A", "B", NULL, "test"));
    struct aws_options options = {.config = &slow, .http = session_http(stage->session), .creds = chain};
    struct aws *aws = aws_new(&options, NULL), *before = stage->aws;
    pthread_t thread;
    stage->act.body = "<ListBucketResult/>";
    stage->aws = aws;
    bool first = list_with(stage, &cancel, &err); /* of a burst of one; the next may go in 1 000 s */
    assert_int_equal(pthread_create(&thread, NULL, cancel_when_it_waits, &cancel), 0);
    bool second = list_with(stage, &cancel, &err);
    stage->aws = before;
    pthread_join(thread, NULL);
    aws_free(aws);
    creds_chain_free(chain);
    assert_true(first);
    assert_false(second);
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_int_equal(stage->act.gets, 1);
}

static void a_denial_is_not_retried(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.status = 403;
    stage->act.body = "<Error><Code>AccessDenied</Code></Error>";
    assert_false(list_once(stage, &err));
    assert_int_equal(err.code, ERR_DENIED);
    assert_int_equal(stage->act.gets, 1);
}

static void the_clock_is_corrected_once(void **state)
{
    struct stage *stage = *state;
    char date[100], headers[150], day[9];
    time_t there = time(NULL) + 3 * 24 * 3600;
    struct tm utc;
    gmtime_r(&there, &utc);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    strftime(day, sizeof day, "%Y%m%d", &utc);
    snprintf(headers, sizeof headers, "Date: %s\r\n", date);
    stage->act.failures = 1;
    stage->act.failure_status = 403;
    stage->act.failure_headers = headers;
    stage->act.failure_body = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
    stage->act.body = "<ListBucketResult/>";
    assert_true(list_once(stage, NULL));
    char sent[100] = "x-amz-date: ";
    strcat(sent, day);
    assert_non_null(strcasestr(stage->act.last_head, sent));
}

static void a_server_that_always_dislikes_our_clock_is_an_error(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.status = 403;
    stage->act.headers = "Date: Sun, 22 Nov 2026 14:29:02 GMT\r\n";
    stage->act.body = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
    assert_false(list_once(stage, &err));
    assert_int_equal(err.code, ERR_CLOCK_SKEW);
    assert_int_equal(stage->act.gets, 2);
}

static void expired_credentials_are_fetched_once_more(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.status = 400;
    stage->act.body = "<Error><Code>ExpiredToken</Code></Error>";
    assert_false(list_once(stage, &err));
    assert_int_equal(err.code, ERR_EXPIRED);
    assert_int_equal(stage->act.gets, 2);
}

/* A profile whose credential_process gives a session that the server says has ended, then a new one. */
static void an_expired_session_is_fetched_anew_from_its_process(void **state)
{
    struct stage *stage = *state;
    char path[PATH_SIZE + 20];
    struct err err = ERR_NONE;
    snprintf(path, sizeof path, "%s/config", stage->dir);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "[profile dev]\ncredential_process = sh -c 'echo x >>%s/runs; n=$(wc -l <%s/runs); echo "
            "\"{\\\"Version\\\":1,\\\"AccessKeyId\\\":\\\"RUN$n\\\",\\\"SecretAccessKey\\\":\\\"s\\\","
            "\\\"SessionToken\\\":\\\"t\\\",\\\"Expiration\\\":\\\"2099-01-01T00:00:00Z\\\"}\"'\n",
            stage->dir, stage->dir);
    fclose(file);
    struct creds_query query = {.profile = "dev",
                                .profile_is_named = true,
                                .config_file = path,
                                .credentials_file = "/nonexistent",
                                .http = session_http(stage->session)};
    struct creds_chain *chain = creds_chain_new(&query);
    struct aws_options options = {.config = &stage->config, .http = session_http(stage->session), .creds = chain};
    struct aws *aws = aws_new(&options, NULL), *before = stage->aws;
    stage->act.failures = 1;
    stage->act.failure_status = 400;
    stage->act.failure_body = "<Error><Code>ExpiredToken</Code></Error>";
    stage->act.body = "<ListBucketResult/>";
    stage->aws = aws;
    bool ok = list_once(stage, &err);
    stage->aws = before;
    assert_string_equal(err.text, "");
    assert_true(ok);
    assert_int_equal(stage->act.gets, 2);
    assert_non_null(strstr(stage->act.last_head, "Credential=RUN2/"));
    aws_free(aws);
    creds_chain_free(chain);
}

static void another_region_is_named_by_a_custom_endpoint(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.status = 301;
    stage->act.headers = "x-amz-bucket-region: eu-west-3\r\n";
    stage->act.body = "<Error><Code>PermanentRedirect</Code></Error>";
    assert_false(list_once(stage, &err));
    assert_int_equal(err.code, ERR_REGION);
    assert_non_null(strstr(err.text, "eu-west-3"));
}

/* A compatible server with a region of its own: its word is taken for the signature, and remembered. */
static void the_region_that_a_400_names_is_signed_for_and_remembered(void **state)
{
    struct stage *stage = *state;
    stage->act.failures = 1;
    stage->act.failure_status = 400;
    stage->act.failure_body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>";
    stage->act.body = "<ListBucketResult/>";
    assert_true(list_once(stage, NULL));
    assert_int_equal(stage->act.gets, 2);
    assert_non_null(strstr(stage->act.last_head, "/eu-west-3/s3/aws4_request"));
    assert_true(list_once(stage, NULL));
    assert_int_equal(stage->act.gets, 3);
    assert_non_null(strstr(stage->act.last_head, "/eu-west-3/s3/aws4_request"));
}

static void a_redirect_without_an_end_is_an_error_after_one_try(void **state)
{
    struct stage *stage = *state;
    static const int statuses[] = {301, 307};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct err err = ERR_NONE;
        stage->act.gets = 0;
        stage->act.status = statuses[i];
        stage->act.headers = "x-amz-bucket-region: eu-west-3\r\nLocation: http://127.0.0.1:1/\r\n";
        stage->act.body = "";
        assert_false(list_once(stage, &err));
        assert_int_equal(err.code, ERR_REGION);
        assert_non_null(strstr(err.text, "set --region eu-west-3"));
        assert_int_equal(stage->act.gets, 1);
    }
}

/* At AWS itself a bucket whose region is known is asked there, in its host name and its signature. */
static void a_learned_region_changes_the_host_and_the_scope(void **state)
{
    (void)state;
    static struct config config;
    struct err err = ERR_NONE;
    struct buf url = BUF_INIT(64 * 1024);
    struct s3_ref ref = {.bucket = "lake", .key = "a"};
    snprintf(config.profile, sizeof config.profile, "default");
    snprintf(config.region, sizeof config.region, "us-east-1");
    struct creds_chain *chain = creds_chain_fixed(creds_static("A", "B", NULL, "test"));
    struct aws_options options = {.config = &config, .creds = chain};
    struct aws *aws = aws_new(&options, NULL);
    assert_true(s3_presign(aws, "GET", &ref, 60, &url, &err));
    assert_non_null(strstr(buf_text(&url), "https://lake.s3.us-east-1.amazonaws.com/a"));
    aws_region_learn(aws, "lake", "eu-west-3");
    url.len = 0;
    assert_true(s3_presign(aws, "GET", &ref, 60, &url, &err));
    assert_non_null(strstr(buf_text(&url), "https://lake.s3.eu-west-3.amazonaws.com/a"));
    assert_non_null(strstr(buf_text(&url), "%2Feu-west-3%2Fs3%2Faws4_request"));
    buf_done(&url);
    aws_free(aws);
    creds_chain_free(chain);
}

static void an_error_inside_a_200_is_an_error(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    struct s3_ref from = {.bucket = "lake", .key = "a"};
    struct s3_put put = s3_put_init("lake", "b");
    struct s3_part part = {.number = 1, .etag = "e"};
    stage->act.body = "<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code><Message>later</Message></Error>";
    assert_false(s3_copy_object(stage->aws, &from, "lake", "b", &err));
    assert_int_equal(err.code, ERR_THROTTLED);
    assert_false(s3_multipart_complete(stage->aws, &put, "id", &part, 1, NULL, NULL, &err));
    assert_int_equal(err.code, ERR_THROTTLED);
}

static void read_only_sessions_send_nothing_that_writes(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    struct s3_ref ref = {.bucket = "lake", .key = "a"};
    struct s3_put put = s3_put_init("lake", "a");
    const char *keys[] = {"a"};
    struct s3_delete many = {.bucket = "lake", .keys = keys, .count = 1};
    struct config readonly = *aws_config(stage->aws);
    readonly.readonly = true;
    struct creds_chain *chain = creds_chain_fixed(creds_static("A", "B", NULL, "test"));
    struct aws_options options = {.config = &readonly, .http = session_http(stage->session), .creds = chain};
    struct aws *aws = aws_new(&options, NULL);
    assert_false(s3_delete_object(aws, &ref, &err));
    assert_int_equal(err.code, ERR_REFUSED);
    assert_false(s3_put_object(aws, &put, NULL, &err));
    assert_int_equal(err.code, ERR_REFUSED);
    assert_false(s3_delete_objects(aws, &many, NULL, &err));
    assert_false(s3_create_bucket(aws, "b", NULL, &err));
    assert_int_equal(err.code, ERR_REFUSED);
    assert_int_equal(stage->act.writes, 0);
    aws_free(aws);
    creds_chain_free(chain);
}

/* The embedded cloud when it is stopped: SIGSTOP, or a debugger. */
static void a_near_server_that_is_silent_is_asked_twice_and_not_for_long(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    struct s3_ref ref = {.bucket = "lake", .key = "a"};
    struct s3_head head;
    struct creds_chain *chain = creds_chain_fixed(creds_static("A", "B", NULL, "test"));
    struct aws_options options = {
        .config = aws_config(stage->aws), .http = session_http(stage->session), .creds = chain, .read_stall_ms = 50};
    struct aws *aws = aws_new(&options, NULL);
    struct arena *arena = arena_new(1 << 20);
    stage->act.is_silent = true;
    assert_false(s3_head_object(aws, &ref, arena, &head, &err));
    assert_int_equal(err.code, ERR_TIMEOUT);
    assert_int_equal(aws_calls_per_minute(aws), 2);
    arena_free(arena);
    aws_free(aws);
    creds_chain_free(chain);
}

static void keys_that_xml_cannot_carry_are_deleted_one_by_one(void **state)
{
    struct stage *stage = *state;
    size_t deleted = 0;
    const char *keys[] = {"plain", "new\nline", "bad\xff"};
    struct s3_delete many = {.bucket = "lake", .keys = keys, .count = 3};
    stage->act.body = "<DeleteResult/>";
    assert_true(s3_delete_objects(stage->aws, &many, &deleted, NULL));
    assert_int_equal(deleted, 3);
    assert_int_equal(stage->act.deletes, 2);
}

static void a_presigned_url_is_complete(void **state)
{
    struct stage *stage = *state;
    struct buf url = BUF_INIT(8192);
    struct s3_ref ref = {.bucket = "lake", .key = "raw/a b.csv", .version_id = "v1"};
    assert_true(s3_presign(stage->aws, "GET", &ref, 600, &url, NULL));
    assert_non_null(strstr(buf_text(&url), "/lake/raw/a%20b.csv?versionId=v1&X-Amz-Algorithm=AWS4-HMAC-SHA256&"));
    assert_non_null(strstr(buf_text(&url), "X-Amz-Expires=600"));
    assert_non_null(strstr(buf_text(&url), "X-Amz-Signature="));
    buf_done(&url);
}

/* --- downloads --- */

static bool download(struct stage *stage, const char *name, struct err *err)
{
    char to[PATH_SIZE + 100];
    struct transfer_result result;
    snprintf(to, sizeof to, "%s/%s", stage->dir, name);
    struct transfer_options options = {.from = "s3://lake/big", .to = to, .parallel = 3};
    return transfer_copy(stage->session, &options, &result, err);
}

static bool exists(const struct stage *stage, const char *name)
{
    char path[PATH_SIZE + 100];
    snprintf(path, sizeof path, "%s/%s", stage->dir, name);
    return access(path, F_OK) == 0;
}

static void assert_is_pattern(const struct stage *stage, const char *name)
{
    char path[PATH_SIZE + 100];
    snprintf(path, sizeof path, "%s/%s", stage->dir, name);
    unsigned char *bytes = malloc(BIG + 1);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(bytes, 1, BIG + 1, file), BIG);
    fclose(file);
    for (int64_t i = 0; i < BIG; i++)
        if (bytes[i] != pattern(i))
            fail_msg("byte %lld differs", (long long)i);
    free(bytes);
}

static void a_cut_download_goes_on_where_it_was(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.has_object = true;
    stage->act.cut_part = 2 * PART;
    assert_false(download(stage, "big", &err));
    assert_int_equal(err.code, ERR_INTERRUPTED);
    assert_non_null(strstr(err.text, "are kept"));
    assert_false(exists(stage, "big"));
    assert_true(exists(stage, ".big.weir-part"));
    stage->act.cut_part = -1;
    stage->act.served_count = 0;
    assert_true(download(stage, "big", &err));
    assert_int_equal(stage->act.served_count, 1); /* only the part that was missing */
    assert_int_equal(stage->act.served[0], 2 * PART);
    assert_is_pattern(stage, "big");
    assert_false(exists(stage, ".big.weir-part"));
    assert_false(exists(stage, ".big.weir-part.state"));
}

static void a_changed_object_is_downloaded_from_the_start(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.has_object = true;
    stage->act.cut_part = 2 * PART;
    assert_false(download(stage, "big", &err));
    stage->act.cut_part = -1;
    stage->act.served_count = 0;
    stage->act.etag = "fedcba9876543210fedcba9876543210-3";
    assert_true(download(stage, "big", &err));
    assert_int_equal(stage->act.served_count, 3);
    assert_is_pattern(stage, "big");
}

static void wrong_bytes_get_no_final_name(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.has_object = true;
    stage->act.object_headers = "x-amz-checksum-crc32: AAAAAA==\r\nx-amz-checksum-type: FULL_OBJECT\r\n";
    assert_false(download(stage, "big", &err));
    assert_int_equal(err.code, ERR_CHECKSUM);
    assert_false(exists(stage, "big"));
    assert_false(exists(stage, ".big.weir-part"));
}

static void an_md5_etag_is_verified(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.has_object = true;
    stage->act.etag = "0123456789abcdef0123456789abcdef";
    assert_false(download(stage, "big", &err));
    assert_int_equal(err.code, ERR_CHECKSUM);
}

static void a_store_that_ignores_ranges_is_told(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    stage->act.has_object = true;
    stage->act.ignores_range = true;
    assert_false(download(stage, "big", &err));
    assert_int_equal(err.code, ERR_PROTOCOL);
    assert_false(exists(stage, "big"));
}

static void a_full_disk_keeps_what_was_got(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    if (mount("none", stage->dir, "tmpfs", 0, "size=18m") != 0)
        skip(); /* needs the right to mount */
    stage->act.has_object = true;
    bool ok = download(stage, "big", &err);
    bool has_part = exists(stage, ".big.weir-part"), has_final = exists(stage, "big");
    umount2(stage->dir, MNT_DETACH);
    assert_false(ok);
    assert_int_equal(err.code, ERR_DISK_FULL);
    assert_true(has_part);
    assert_false(has_final);
    assert_non_null(strstr(err.text, "are kept"));
}

static void a_cancelled_download_ends_at_once(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    struct cancel cancel = {.is_set = true};
    struct transfer_result result;
    struct transfer_options options = {.from = "s3://lake/big", .to = stage->dir, .cancel = &cancel};
    stage->act.has_object = true;
    assert_false(transfer_copy(stage->session, &options, &result, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
}

/* --- trees --- */

static const char hostile_listing[] = "<ListBucketResult><EncodingType>url</EncodingType>"
                                      "<Contents><Key>raw/../../evil</Key><Size>1</Size></Contents>"
                                      "<Contents><Key>raw//absolute</Key><Size>1</Size></Contents>"
                                      "<Contents><Key>raw/a</Key><Size>1</Size></Contents>"
                                      "<Contents><Key>raw/a/b</Key><Size>1</Size></Contents>"
                                      "<Contents><Key>raw/link/inside</Key><Size>1</Size></Contents>"
                                      "<Contents><Key>raw/nul%00byte</Key><Size>1</Size></Contents>"
                                      "<Contents><Key>raw/sub/good</Key><Size>1</Size></Contents></ListBucketResult>";

static void hostile_names_never_leave_the_target(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    char target[PATH_SIZE + 20], link[PATH_SIZE + 40];
    struct transfer_result result;
    stage->act.has_object = true;
    stage->act.listing = hostile_listing;
    snprintf(target, sizeof target, "%s/target", stage->dir);
    snprintf(link, sizeof link, "%s/link", target);
    assert_int_equal(mkdir(target, 0755), 0);
    assert_int_equal(symlink(stage->dir, link), 0); /* a way out of the target */
    struct transfer_options options = {.from = "s3://lake/raw", .to = target, .is_recursive = true, .parallel = 1};
    assert_false(transfer_copy(stage->session, &options, &result, &err));
    assert_int_equal(err.code, ERR_PARTIAL);
    assert_int_equal(result.objects, 2); /* a, sub/good; a/b meets the file a */
    assert_int_equal(result.failed, 5);
    assert_true(exists(stage, "target/a"));
    assert_true(exists(stage, "target/sub/good"));
    assert_false(exists(stage, "evil"));
    assert_false(exists(stage, "inside"));
    assert_false(exists(stage, "target/absolute"));
}

/* On a disk that does not tell A from a, two keys are one file; here the listing names one key twice. */
static void a_name_that_was_written_by_this_run_is_not_written_again(void **state)
{
    struct stage *stage = *state;
    struct err err = ERR_NONE;
    struct transfer_result result;
    stage->act.has_object = true;
    stage->act.listing = "<ListBucketResult><Contents><Key>raw/same</Key><Size>1</Size></Contents>"
                         "<Contents><Key>raw/same</Key><Size>1</Size></Contents></ListBucketResult>";
    struct transfer_options options = {.from = "s3://lake/raw", .to = stage->dir, .is_recursive = true, .parallel = 1};
    assert_false(transfer_copy(stage->session, &options, &result, &err));
    assert_int_equal(result.objects, 1);
    assert_int_equal(result.failed, 1);
    assert_int_equal(err.code, ERR_PARTIAL);
    assert_non_null(strstr(err.text, "tell two of the names apart"));
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set, strike)
    const struct CMUnitTest tests[] = {
        STAGED(garbage_is_a_protocol_error_that_names_the_call),
        STAGED(a_token_that_repeats_ends_the_listing),
        STAGED(an_answer_over_the_maximum_is_too_large),
        STAGED(a_server_error_is_retried),
        STAGED(a_call_over_our_own_rate_waits_its_turn_and_can_be_cancelled),
        STAGED(a_denial_is_not_retried),
        STAGED(the_clock_is_corrected_once),
        STAGED(a_server_that_always_dislikes_our_clock_is_an_error),
        STAGED(expired_credentials_are_fetched_once_more),
        STAGED(an_expired_session_is_fetched_anew_from_its_process),
        STAGED(another_region_is_named_by_a_custom_endpoint),
        STAGED(the_region_that_a_400_names_is_signed_for_and_remembered),
        STAGED(a_redirect_without_an_end_is_an_error_after_one_try),
        cmocka_unit_test(a_learned_region_changes_the_host_and_the_scope),
        STAGED(an_error_inside_a_200_is_an_error),
        STAGED(read_only_sessions_send_nothing_that_writes),
        STAGED(a_near_server_that_is_silent_is_asked_twice_and_not_for_long),
        STAGED(keys_that_xml_cannot_carry_are_deleted_one_by_one),
        STAGED(a_presigned_url_is_complete),
        STAGED(a_cut_download_goes_on_where_it_was),
        STAGED(a_changed_object_is_downloaded_from_the_start),
        STAGED(wrong_bytes_get_no_final_name),
        STAGED(an_md5_etag_is_verified),
        STAGED(a_store_that_ignores_ranges_is_told),
        STAGED(a_full_disk_keeps_what_was_got),
        STAGED(a_cancelled_download_ends_at_once),
        STAGED(a_name_that_was_written_by_this_run_is_not_written_again),
        STAGED(hostile_names_never_leave_the_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
