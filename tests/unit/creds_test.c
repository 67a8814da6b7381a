/* Each credential source alone, with files, commands and endpoints that the test makes; then the chain: its order, when
 * it fetches anew, and what it says when there is nothing. No error may hold a secret. */
#include "backend/core/creds.h"
#include "tests/lib/tempdir.h"
#include "tests/lib/testserver.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

struct fixture {
    struct tempdir dir;
    char config_file[512], credentials_file[512];
    struct http *http;
    struct testserver *server;
    struct clock clock;
    int64_t now_ms;
    struct creds_query query;
    struct creds creds;
    struct err err;
    char expiration[32]; /* what the endpoints give */
    int fetches;
    bool is_broken; /* the endpoints answer with 500 */
};

static int64_t read_now(const struct clock *clock)
{
    return *(int64_t *)clock->data;
}

static bool reply_keys(struct fixture *fixture, int fd)
{
    char json[512];
    fixture->fetches++;
    int len = snprintf(json, sizeof json,
                       "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIA%d\",\"SecretAccessKey\":\"" SECRET
                       "\",\"Token\":\"token\",\"Expiration\":\"%s\"}",
                       fixture->fetches, fixture->expiration);
    return testserver_reply(fd, 200, "Content-Type: application/json\r\n", json, (size_t)len);
}

/* A container endpoint at /keys (with the authorization "Basic xyz") and a metadata service. */
static bool handle(struct testserver *server, const struct test_request *req, int fd, void *context)
{
    (void)server;
    struct fixture *fixture = context;
    char value[128];
    if (fixture->is_broken)
        return testserver_reply(fd, 500, "", "no", 2);
    if (strcmp(req->target, "/keys") == 0)
        return strcmp(testserver_header(req, "Authorization", value, sizeof value), "Basic xyz") == 0
                   ? reply_keys(fixture, fd)
                   : testserver_reply(fd, 401, "", "no", 2);
    if (strcmp(req->target, "/latest/api/token") == 0)
        return strcmp(req->method, "PUT") == 0 &&
                       strcmp(testserver_header(req, "X-aws-ec2-metadata-token-ttl-seconds", value, sizeof value),
                              "21600") == 0
                   ? testserver_reply(fd, 200, "", "session", 7)
                   : testserver_reply(fd, 400, "", "", 0);
    if (strcmp(testserver_header(req, "X-aws-ec2-metadata-token", value, sizeof value), "session") != 0)
        return testserver_reply(fd, 401, "", "", 0);
    if (strcmp(req->target, "/latest/meta-data/iam/security-credentials/") == 0)
        return testserver_reply(fd, 200, "", "operator\n", 9);
    if (strcmp(req->target, "/latest/meta-data/iam/security-credentials/operator") == 0)
        return reply_keys(fixture, fd);
    return testserver_reply(fd, 404, "", "", 0);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    tempdir_make(&fixture->dir);
    snprintf(fixture->config_file, sizeof fixture->config_file, "%s/config", fixture->dir.path);
    snprintf(fixture->credentials_file, sizeof fixture->credentials_file, "%s/credentials", fixture->dir.path);
    fixture->now_ms = 1440938160000; /* 2015-08-30T12:36:00Z */
    strcpy(fixture->expiration, "2015-08-30T13:36:00Z");
    fixture->clock = (struct clock){.wall_ms = read_now, .mono_ms = read_now, .data = &fixture->now_ms};
    clearenv(); /* before there are threads: libcurl reads the environment in its own */
    setenv("PATH", "/usr/bin:/bin", 1);
    setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    fixture->http = http_start(NULL, &fixture->err);
    fixture->server = testserver_start(handle, fixture);
    fixture->query = (struct creds_query){.profile = "dev",
                                          .config_file = fixture->config_file,
                                          .credentials_file = fixture->credentials_file,
                                          .http = fixture->http,
                                          .clock = &fixture->clock};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    http_stop(fixture->http);
    testserver_stop(fixture->server);
    tempdir_remove(&fixture->dir);
    free(fixture);
    return 0;
}

#define X(name) extern const struct creds_source creds_source_##name;
CREDS_SOURCES(X)
#undef X

static enum creds_result find(struct fixture *fixture, const struct creds_source *source)
{
    fixture->err = ERR_NONE;
    enum creds_result result = source->find(&fixture->query, &fixture->creds, &fixture->err);
    assert_null(strstr(fixture->err.text, SECRET));
    return result;
}

static void expect_found(struct fixture *fixture, const struct creds_source *source, const char *access_key)
{
    if (find(fixture, source) != CREDS_FOUND)
        fail_msg("%s: %s", source->name, fixture->err.text);
    assert_string_equal(fixture->creds.access_key, access_key);
    assert_string_equal(fixture->creds.secret_key, SECRET);
}

/* The source stops the chain with an error that contains this text. */
static void expect_error(struct fixture *fixture, const struct creds_source *source, const char *text)
{
    assert_int_equal(find(fixture, source), CREDS_ERROR);
    if (!strstr(fixture->err.text, text))
        fail_msg("no \"%s\" in: %s", text, fixture->err.text);
}

static void the_environment_gives_keys(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(find(fixture, &creds_source_env), CREDS_ABSENT);
    setenv("AWS_ACCESS_KEY_ID", "AKID1", 1);
    expect_error(fixture, &creds_source_env, "secret access key is missing");
    setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
    expect_found(fixture, &creds_source_env, "AKID1");
    assert_string_equal(fixture->creds.session_token, "");
    setenv("AWS_SESSION_TOKEN", "token", 1);
    setenv("AWS_CREDENTIAL_EXPIRATION", "2015-08-30T13:36:00Z", 1);
    expect_found(fixture, &creds_source_env, "AKID1");
    assert_string_equal(fixture->creds.session_token, "token");
    assert_int_equal(fixture->creds.expires_ms, 1440941760000);
    setenv("AWS_CREDENTIAL_EXPIRATION", "tomorrow", 1);
    expect_error(fixture, &creds_source_env, "tomorrow");
    fixture->query.profile_is_named = true;
    assert_int_equal(find(fixture, &creds_source_env), CREDS_ABSENT);
}

static void a_profile_gives_keys(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(find(fixture, &creds_source_profile), CREDS_ABSENT);
    tempdir_write(&fixture->dir, "config",
                  "[profile dev]\naws_access_key_id = CONFIG\naws_secret_access_key = " SECRET "\n");
    expect_found(fixture, &creds_source_profile, "CONFIG");
    tempdir_write(
        &fixture->dir, "credentials",
        "[default]\naws_access_key_id = NOT\n[dev]\naws_access_key_id = CREDS\naws_secret_access_key = " SECRET
        "\naws_session_token = t/+=\n");
    expect_found(fixture, &creds_source_profile, "CREDS");
    assert_string_equal(fixture->creds.session_token, "t/+=");
    assert_string_equal(fixture->creds.source, "profile dev");
}

static void a_long_session_token_is_read_whole(void **state)
{
    struct fixture *fixture = *state;
    char token[1501], file[2048];
    memset(token, 't', 1500);
    token[1500] = '\0';
    snprintf(file, sizeof file,
             "[dev]\naws_access_key_id = A\naws_secret_access_key = " SECRET "\naws_session_token = %s\n", token);
    tempdir_write(&fixture->dir, "credentials", file);
    expect_found(fixture, &creds_source_profile, "A");
    assert_string_equal(fixture->creds.session_token, token);
}

static void the_default_profile_has_two_spellings(void **state)
{
    struct fixture *fixture = *state;
    fixture->query.profile = "default";
    tempdir_write(&fixture->dir, "config",
                  "[profile default]\naws_access_key_id = EXACT\naws_secret_access_key = " SECRET
                  "\n[default]\naws_access_key_id = PLAIN\naws_secret_access_key = " SECRET "\n");
    expect_found(fixture, &creds_source_profile, "EXACT");
    tempdir_write(&fixture->dir, "config",
                  "[default]\naws_access_key_id = PLAIN\naws_secret_access_key = " SECRET "\n");
    expect_found(fixture, &creds_source_profile, "PLAIN");
}

static void incomplete_and_unsupported_profiles_are_named(void **state)
{
    struct fixture *fixture = *state;
    static const char *const keys[] = {"role_arn",   "sso_session",  "sso_start_url", "web_identity_token_file",
                                       "mfa_serial", "login_session"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char text[128];
        snprintf(text, sizeof text, "[profile dev]\n%s = x\n", keys[i]);
        tempdir_write(&fixture->dir, "config", text);
        expect_error(fixture, &creds_source_profile, keys[i]);
        assert_non_null(strstr(fixture->err.text, "not supported yet"));
        assert_non_null(strstr(fixture->err.text, "--profile dev"));
    }
    tempdir_write(&fixture->dir, "config", "[profile dev]\naws_secret_access_key = " SECRET "\n");
    expect_error(fixture, &creds_source_profile, "access key id is missing");
    tempdir_write(&fixture->dir, "config", "[profile dev\n");
    expect_error(fixture, &creds_source_profile, "config:1");
}

/* Writes a profile whose credential_process is this command. */
static void write_process(struct fixture *fixture, const char *command)
{
    char text[1024];
    snprintf(text, sizeof text, "[profile dev]\ncredential_process = %s\n", command);
    tempdir_write(&fixture->dir, "config", text);
}

static void a_process_gives_keys(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(find(fixture, &creds_source_process), CREDS_ABSENT);
    tempdir_write(&fixture->dir, "answer.json",
                  "{\"Version\": 1, \"AccessKeyId\": \"PROC\", \"SecretAccessKey\": \"" SECRET
                  "\", \"SessionToken\": \"t\", \"Expiration\": \"2015-08-30T13:36:00Z\"}");
    char command[600];
    snprintf(command, sizeof command, "echo noise >&2 && cat '%s'", fixture->dir.file);
    write_process(fixture, command);
    expect_found(fixture, &creds_source_process, "PROC");
    assert_string_equal(fixture->creds.session_token, "t");
    assert_int_equal(fixture->creds.expires_ms, 1440941760000);
    assert_string_equal(fixture->creds.source, "credential_process of profile dev");
}

static void a_process_that_fails_is_named(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *command, *expected;
    } rows[] = {
        {"exit 3", "status 3"},
        {"kill -9 $$", "signal 9"},
        {"/no/such/command", "status 127"},
        {"echo hello " SECRET, "no JSON"},
        {"printf '{}'", "Version is not 1"},
        {"printf '{\"Version\": 2}'", "Version is not 1"},
        {"printf '{\"Version\": 1, \"AccessKeyId\": \"A\"}'", "secret access key is missing"},
        {"head -c 100000 /dev/zero", "64 KiB"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_process(fixture, rows[i].command);
        expect_error(fixture, &creds_source_process, rows[i].expected);
    }
}

static void a_process_has_a_deadline(void **state)
{
    struct fixture *fixture = *state;
    fixture->query.process_deadline_ms = 50;
    write_process(fixture, "cat /dev/zero > /dev/null"); /* ends never, says nothing */
    expect_error(fixture, &creds_source_process, "no answer in time");
    assert_int_equal(fixture->err.code, ERR_TIMEOUT);
    write_process(fixture, "exec >&-; cat /dev/zero > /dev/null"); /* closes its output and stays */
    expect_error(fixture, &creds_source_process, "does not end");
    struct cancel cancel = {0};
    fixture->query.cancel = &cancel;
    fixture->query.process_deadline_ms = 3600000;
    cancel_set(&cancel);
    expect_error(fixture, &creds_source_process, "cancelled");
}

static void a_container_endpoint_gives_keys(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(find(fixture, &creds_source_container), CREDS_ABSENT);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", testserver_url(fixture->server, "/keys"), 1);
    expect_error(fixture, &creds_source_container, "HTTP 401");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic xyz", 1);
    expect_found(fixture, &creds_source_container, "ASIA1");
    assert_string_equal(fixture->creds.session_token, "token");
    assert_int_equal(fixture->creds.expires_ms, 1440941760000);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "wrong", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", tempdir_write(&fixture->dir, "token", "Basic xyz\n"), 1);
    expect_found(fixture, &creds_source_container, "ASIA2");
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", tempdir_file(&fixture->dir, "absent"), 1);
    expect_error(fixture, &creds_source_container, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
}

static void a_container_endpoint_must_be_near(void **state)
{
    struct fixture *fixture = *state;
    static const char *const urls[] = {"http://evil.example.com/keys", "http://169.254.169.254/", "http://10.0.0.1/",
                                       "http://localhost.example.com/", "http://169.254.170.20/"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", urls[i], 1);
        expect_error(fixture, &creds_source_container, "use https");
    }
}

static void instance_metadata_gives_keys(void **state)
{
    struct fixture *fixture = *state;
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", testserver_url(fixture->server, "/"), 1);
    assert_int_equal(find(fixture, &creds_source_imds), CREDS_ABSENT);
    assert_int_equal(testserver_requests(fixture->server), 0);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    expect_found(fixture, &creds_source_imds, "ASIA1");
    assert_string_equal(fixture->creds.source, "instance metadata");
    assert_int_equal(testserver_requests(fixture->server), 3);
    fixture->is_broken = true;
    assert_int_equal(find(fixture, &creds_source_imds), CREDS_ABSENT);
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%d", testserver_closed_port());
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url, 1);
    assert_int_equal(find(fixture, &creds_source_imds), CREDS_ABSENT);
}

static void expect_chain(struct fixture *fixture, struct creds_chain *chain, const char *access_key)
{
    const struct creds *creds = creds_chain_get(chain, &fixture->err);
    if (!creds)
        fail_msg("%s", fixture->err.text);
    assert_string_equal(creds->access_key, access_key);
    creds_put(creds);
}

static void the_chain_asks_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct creds_chain *chain = creds_chain_new(&fixture->query);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", testserver_url(fixture->server, "/keys"), 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic xyz", 1);
    expect_chain(fixture, chain, "ASIA1");
    tempdir_write(&fixture->dir, "credentials",
                  "[dev]\naws_access_key_id = FILE\naws_secret_access_key = " SECRET "\n");
    expect_chain(fixture, chain, "ASIA1"); /* what was found is kept */
    creds_chain_forget(chain);
    expect_chain(fixture, chain, "FILE");
    setenv("AWS_ACCESS_KEY_ID", "ENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", SECRET, 1);
    creds_chain_forget(chain);
    expect_chain(fixture, chain, "ENV");
    creds_chain_free(chain);
}

static void credentials_are_renewed_before_they_end(void **state)
{
    struct fixture *fixture = *state;
    struct creds_chain *chain = creds_chain_new(&fixture->query);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", testserver_url(fixture->server, "/keys"), 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic xyz", 1);
    expect_chain(fixture, chain, "ASIA1");
    const struct creds *held = creds_chain_get(chain, &fixture->err);
    fixture->now_ms += 54 * 60000; /* six minutes left */
    expect_chain(fixture, chain, "ASIA1");
    fixture->now_ms += 2 * 60000; /* four */
    fixture->is_broken = true;
    expect_chain(fixture, chain, "ASIA1"); /* the old ones still last */
    fixture->is_broken = false;
    expect_chain(fixture, chain, "ASIA1"); /* it does not ask at every call */
    fixture->now_ms += 61000;
    strcpy(fixture->expiration, "2015-08-30T14:36:00Z");
    expect_chain(fixture, chain, "ASIA2");
    assert_string_equal(held->access_key, "ASIA1"); /* what somebody holds does not change */
    creds_put(held);
    fixture->now_ms += 2 * 3600000;
    fixture->is_broken = true;
    assert_null(creds_chain_get(chain, &fixture->err)); /* ended, and none to be had */
    assert_int_equal(fixture->err.code, ERR_CREDENTIALS);
    creds_chain_free(chain);
}

static void an_error_stops_the_chain(void **state)
{
    struct fixture *fixture = *state;
    struct creds_chain *chain = creds_chain_new(&fixture->query);
    write_process(fixture, "exit 3");
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", testserver_url(fixture->server, "/keys"), 1);
    assert_null(creds_chain_get(chain, &fixture->err));
    assert_non_null(strstr(fixture->err.text, "status 3"));
    assert_int_equal(testserver_requests(fixture->server), 0);
    creds_chain_free(chain);
}

static void nothing_at_all_names_each_source_asked(void **state)
{
    struct fixture *fixture = *state;
    struct creds_chain *chain = creds_chain_new(&fixture->query);
    assert_null(creds_chain_get(chain, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CREDENTIALS);
    assert_string_equal(fixture->err.text,
                        "no credentials for profile dev; asked: environment, profile, credential_process, container, "
                        "instance metadata; run: weir doctor");
    creds_chain_free(chain);
}

static void absent_instance_metadata_is_believed_for_a_minute(void **state)
{
    struct fixture *fixture = *state;
    struct creds_chain *chain = creds_chain_new(&fixture->query);
    unsetenv("AWS_EC2_METADATA_DISABLED");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", testserver_url(fixture->server, "/"), 1);
    fixture->is_broken = true;
    assert_null(creds_chain_get(chain, &fixture->err));
    int asked = testserver_requests(fixture->server);
    assert_true(asked > 0);
    fixture->is_broken = false;
    fixture->now_ms += 59 * 1000;
    assert_null(creds_chain_get(chain, &fixture->err));
    assert_int_equal(testserver_requests(fixture->server), asked);
    fixture->now_ms += 2 * 1000;
    expect_chain(fixture, chain, "ASIA1");
    creds_chain_free(chain);
}

static void a_fixed_chain_gives_its_pair(void **state)
{
    struct fixture *fixture = *state;
    struct creds_chain *chain = creds_chain_fixed(creds_static("LOCAL", SECRET, NULL, "embedded cloud"));
    creds_chain_forget(chain);
    expect_chain(fixture, chain, "LOCAL");
    creds_chain_free(chain);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_environment_gives_keys),
        TEST(a_profile_gives_keys),
        TEST(a_long_session_token_is_read_whole),
        TEST(the_default_profile_has_two_spellings),
        TEST(incomplete_and_unsupported_profiles_are_named),
        TEST(a_process_gives_keys),
        TEST(a_process_that_fails_is_named),
        TEST(a_process_has_a_deadline),
        TEST(a_container_endpoint_gives_keys),
        TEST(a_container_endpoint_must_be_near),
        TEST(instance_metadata_gives_keys),
        TEST(the_chain_asks_in_order),
        TEST(credentials_are_renewed_before_they_end),
        TEST(an_error_stops_the_chain),
        TEST(nothing_at_all_names_each_source_asked),
        TEST(absent_instance_metadata_is_believed_for_a_minute),
        TEST(a_fixed_chain_gives_its_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
