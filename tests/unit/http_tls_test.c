/* TLS is verified always: against a server made of the openssl program with a certificate of the test's own. Skipped
 * where that program is missing. */
#include "backend/core/http.h"
#include "tests/lib/tempdir.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

struct fixture {
    struct tempdir dir;
    char certificate[512], key[512];
    pid_t server;
    FILE *output;
    int port;
};

/* Starts openssl with its standard output on fd (-1: nowhere). */
static pid_t start_openssl(char *const argv[], int fd)
{
    posix_spawn_file_actions_t files;
    pid_t pid = -1;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (fd >= 0)
        posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
    int failure = posix_spawnp(&pid, "openssl", &files, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    return failure ? -1 : pid;
}

static bool make_certificate(struct fixture *fixture)
{
    char *argv[] = {(char *)"openssl",
                    (char *)"req",
                    (char *)"-x509",
                    (char *)"-newkey",
                    (char *)"ec",
                    (char *)"-pkeyopt",
                    (char *)"ec_paramgen_curve:prime256v1",
                    (char *)"-nodes",
                    (char *)"-keyout",
                    fixture->key,
                    (char *)"-out",
                    fixture->certificate,
                    (char *)"-subj",
                    (char *)"/CN=weir test",
                    (char *)"-addext",
                    (char *)"subjectAltName=IP:127.0.0.1",
                    NULL};
    pid_t pid = start_openssl(argv, -1);
    int status = -1;
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

/* openssl says "ACCEPT 127.0.0.1:PORT" once it listens. */
static void start_server(struct fixture *fixture)
{
    char *argv[] = {(char *)"openssl",    (char *)"s_server", (char *)"-accept", (char *)"127.0.0.1:0", (char *)"-cert",
                    fixture->certificate, (char *)"-key",     fixture->key,      (char *)"-www",        NULL};
    int ends[2];
    char line[256];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    fixture->server = start_openssl(argv, ends[1]);
    assert_true(fixture->server > 0);
    close(ends[1]);
    fixture->output = fdopen(ends[0], "r");
    while (!fixture->port && fgets(line, sizeof line, fixture->output))
        if (sscanf(line, "ACCEPT 127.0.0.1:%d", &fixture->port) != 1)
            fixture->port = 0;
    assert_true(fixture->port > 0);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    tempdir_make(&fixture->dir);
    snprintf(fixture->certificate, sizeof fixture->certificate, "%s/cert.pem", fixture->dir.path);
    snprintf(fixture->key, sizeof fixture->key, "%s/key.pem", fixture->dir.path);
    if (make_certificate(fixture))
        start_server(fixture);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    if (fixture->server > 0) {
        kill(fixture->server, SIGKILL);
        waitpid(fixture->server, NULL, 0);
        fclose(fixture->output);
    }
    tempdir_remove(&fixture->dir);
    free(fixture);
    return 0;
}

/* Asks the server under this host name, trusting this CA bundle. */
static struct http_answer ask(struct fixture *fixture, const char *host, const char *ca_bundle)
{
    struct err err = ERR_NONE;
    struct http *http = http_start(&(struct http_options){.ca_bundle = ca_bundle}, &err);
    struct http_answer answer;
    char url[128];
    assert_non_null(http);
    snprintf(url, sizeof url, "https://%s:%d/", host, fixture->port);
    struct http_request req = http_request_init("GET", url, "s3 ListBuckets");
    http_perform(http, &req, &answer);
    http_stop(http);
    return answer;
}

static void only_a_trusted_certificate_of_that_host_is_accepted(void **state)
{
    struct fixture *fixture = *state;
    if (!fixture->server)
        skip();
    static const struct {
        const char *host;
        bool is_trusted;
        enum err_code code;
        const char *word;
    } rows[] = {
        {"127.0.0.1", true, ERR_OK, ""},
        {"127.0.0.1", false, ERR_TLS, "AWS_CA_BUNDLE"},
        {"127.0.0.1", false, ERR_TLS, ": 127.0.0.1:"}, /* whose certificate it is */
        {"localhost", true, ERR_TLS, "localhost"},     /* the certificate is the address's only */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_answer answer = ask(fixture, rows[i].host, rows[i].is_trusted ? fixture->certificate : NULL);
        if (answer.err.code != rows[i].code || !strstr(answer.err.text, rows[i].word))
            fail_msg("row %zu: %s: %s", i, err_name(answer.err.code), answer.err.text);
        assert_int_equal(answer.status, rows[i].code == ERR_OK ? 200 : 0);
        assert_false(answer.err.retryable);
        http_answer_done(&answer);
    }
}

static void a_missing_ca_bundle_is_named(void **state)
{
    struct fixture *fixture = *state;
    if (!fixture->server)
        skip();
    struct http_answer answer = ask(fixture, "127.0.0.1", tempdir_file(&fixture->dir, "absent.pem"));
    assert_int_equal(answer.err.code, ERR_TLS);
    assert_non_null(strstr(answer.err.text, "AWS_CA_BUNDLE"));
    http_answer_done(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_a_trusted_certificate_of_that_host_is_accepted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_ca_bundle_is_named, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
