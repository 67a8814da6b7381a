/* The daemon's life: one per directory, ready when it says so, durable through kill -9, ending with its last client,
 * asked and stopped through its control socket by core/localctl, and its faults on demand. */
#include "backend/base/clock.h"
#include "backend/base/path.h"
#include "backend/core/localctl.h"
#include "tests/lib/daemon.h"
#include "tests/lib/wire.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[4096];

static int set_up(void **state)
{
    (void)state;
    daemon_make_dir(dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    localctl_stop(dir, NULL); /* what a failed test left running */
    path_remove_tree(dir, NULL);
    return 0;
}

static struct localctl_options options(void)
{
    return (struct localctl_options){.dir = dir, .program = daemon_program("weir-local")};
}

/* Waits for a process that is no child of ours to end. */
static bool wait_ended(int64_t pid, int ms)
{
    int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (fd < 0)
        return errno == ESRCH;
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    bool ok = poll(&waiting, 1, ms) > 0;
    close(fd);
    return ok;
}

static void start_it(struct localctl_info *info)
{
    struct localctl_options how = options();
    struct err err = ERR_NONE;
    if (!localctl_start(&how, info, &err))
        fail_msg("%s", err.text);
}

static void it_ends_with_its_last_client(void **state)
{
    (void)state;
    struct localctl_info first, second;
    start_it(&first);
    assert_true(first.was_started);
    start_it(&second);
    assert_false(second.was_started);
    assert_int_equal(first.pid, second.pid);
    assert_string_equal(first.secret_key, second.secret_key);
    localctl_release(&first);
    struct localctl_info found;
    assert_true(localctl_find(dir, &found, NULL));
    localctl_release(&second);
    assert_true(wait_ended(found.pid, 20000));
    struct err err = ERR_NONE;
    assert_false(localctl_find(dir, &found, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void an_explicit_start_stays_without_clients_until_stopped(void **state)
{
    (void)state;
    struct localctl_options how = options();
    struct localctl_info info;
    struct err err = ERR_NONE;
    start_it(&info); /* not explicit at first: the second start makes it so */
    localctl_release(&info);
    how.is_explicit = true;
    assert_true(localctl_start(&how, &info, &err));
    localctl_release(&info);
    assert_false(wait_ended(info.pid, 3000)); /* longer than it lingers */
    json_t *status = localctl_status(dir, &err);
    assert_non_null(status);
    assert_true(json_bool(status, "explicit", false));
    assert_int_equal(json_int(status, "pid", 0), info.pid);
    assert_string_equal(json_str(status, "dir"), dir);
    json_decref(status);
    assert_true(localctl_stop(dir, &err));
    assert_true(wait_ended(info.pid, 5000));
    assert_false(localctl_stop(dir, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void *start_one(void *argument)
{
    start_it(argument);
    return NULL;
}

static void many_clients_at_once_start_one_daemon(void **state)
{
    (void)state;
    enum { CLIENTS = 8 };
    struct localctl_info infos[CLIENTS];
    pthread_t threads[CLIENTS];
    int started = 0;
    for (int i = 0; i < CLIENTS; i++)
        pthread_create(&threads[i], NULL, start_one, &infos[i]);
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(infos[i].pid, infos[0].pid);
        started += infos[i].was_started;
    }
    assert_int_equal(started, 1);
    for (int i = 0; i < CLIENTS; i++)
        localctl_release(&infos[i]);
    assert_true(wait_ended(infos[0].pid, 20000));
}

static void a_second_daemon_for_the_directory_names_the_first(void **state)
{
    (void)state;
    struct daemon local;
    char command[9000], line[512] = "", want[128];
    daemon_start(&local, dir, NULL);
    snprintf(command, sizeof command, "'%s' --dir '%s' 2>&1", daemon_program("weir-local"), dir);
    FILE *second = popen(command, "r");
    assert_non_null(fgets(line, sizeof line, second));
    int status = pclose(second);
    snprintf(want, sizeof want, "pid %d at %s", local.pid, local.url);
    assert_non_null(strstr(line, "already running"));
    assert_non_null(strstr(line, want));
    assert_int_equal(WEXITSTATUS(status), 1);
    wire_expect(&local, &(struct wire_request){.path = "/"}, 200, NULL);
    daemon_stop(&local);
}

static void everything_in_the_directory_is_private(void **state)
{
    (void)state;
    static const char *const names[] = {"keys", "lock", "control.sock", "endpoint.json", "cloud.db", "weir-local.log"};
    struct daemon local;
    struct stat status;
    daemon_start(&local, dir, NULL);
    assert_int_equal(stat(dir, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4200];
        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    daemon_stop(&local);
}

/* Puts numbered objects until the daemon is gone; counts those that were acknowledged. */
struct writer {
    struct daemon *daemon;
    int number, acknowledged;
    pthread_t thread;
};

static void *write_objects(void *argument)
{
    struct writer *writer = argument;
    for (;; writer->acknowledged++) {
        char path[64], body[64];
        struct buf request;
        struct wire_answer answer;
        snprintf(path, sizeof path, "/lake/w%d/%d", writer->number, writer->acknowledged);
        int len = snprintf(body, sizeof body, "object %d of %d", writer->acknowledged, writer->number);
        wire_build(writer->daemon,
                   &(struct wire_request){.method = "PUT", .path = path, .body = body, .body_len = (size_t)len},
                   &request, NULL);
        int fd = wire_try_connect(writer->daemon->port);
        answer = (struct wire_answer){0};
        if (fd >= 0) {
            wire_send(fd, request.data, request.len);
            wire_read(fd, false, &answer);
            close(fd);
        }
        bool ok = answer.status == 200;
        wire_answer_done(&answer);
        buf_done(&request);
        if (!ok)
            return NULL;
    }
}

static void kill_9_loses_nothing_acknowledged(void **state)
{
    (void)state;
    enum { WRITERS = 4, ROUNDS = 3 };
    struct daemon local;
    for (int round = 0; round < ROUNDS; round++) {
        struct writer writers[WRITERS];
        daemon_start(&local, dir, NULL);
        wire_expect(&local, &(struct wire_request){.method = "PUT", .path = "/lake"}, 200, NULL);
        for (int i = 0; i < WRITERS; i++) {
            writers[i] = (struct writer){.daemon = &local, .number = round * WRITERS + i};
            pthread_create(&writers[i].thread, NULL, write_objects, &writers[i]);
        }
        while (__atomic_load_n(&writers[0].acknowledged, __ATOMIC_RELAXED) < 20)
            sched_yield();
        daemon_kill(&local);
        for (int i = 0; i < WRITERS; i++)
            pthread_join(writers[i].thread, NULL);
        daemon_start(&local, dir, NULL);
        for (int i = 0; i < WRITERS; i++) {
            for (int n = 0; n < writers[i].acknowledged; n++) {
                char path[64], body[64];
                snprintf(path, sizeof path, "/lake/w%d/%d", writers[i].number, n);
                snprintf(body, sizeof body, "object %d of %d", n, writers[i].number);
                wire_expect(&local, &(struct wire_request){.path = path}, 200, body);
            }
        }
        daemon_stop(&local);
    }
}

static void kill_9_in_the_middle_of_an_upload_leaves_no_part(void **state)
{
    (void)state;
    struct daemon local;
    struct buf request;
    char *body = calloc(1, 1 << 20), path[4200];
    daemon_start(&local, dir, NULL);
    wire_expect(&local, &(struct wire_request){.method = "PUT", .path = "/lake"}, 200, NULL);
    wire_build(&local,
               &(struct wire_request){
                   .method = "PUT", .path = "/lake/part", .payload = SIGV4_UNSIGNED, .body = body, .body_len = 1 << 20},
               &request, NULL);
    int fd = wire_connect(local.port);
    wire_send(fd, request.data, request.len - 1000);
    /* the server has read what was sent once a request behind it on another connection is answered and the file is
     * there */
    wire_expect(&local, &(struct wire_request){.path = "/"}, 200, NULL);
    daemon_kill(&local);
    close(fd);
    daemon_start(&local, dir, NULL);
    wire_expect(&local, &(struct wire_request){.path = "/lake/part"}, 404, "NoSuchKey");
    snprintf(path, sizeof path, "%s/objects/tmp", dir);
    assert_int_equal(rmdir(path), 0); /* empty: nothing was left */
    mkdir(path, 0700);
    daemon_stop(&local);
    buf_done(&request);
    free(body);
}

static void reset_removes_all_data_and_keeps_the_keys(void **state)
{
    (void)state;
    struct daemon local;
    struct err err = ERR_NONE;
    daemon_start(&local, dir, NULL);
    wire_expect(&local, &(struct wire_request){.method = "PUT", .path = "/lake"}, 200, NULL);
    wire_expect(&local, &(struct wire_request){.method = "PUT", .path = "/lake/a", .body = "x", .body_len = 1}, 200,
                NULL);
    if (!localctl_reset(dir, &err))
        fail_msg("%s", err.text);
    wire_expect(&local, &(struct wire_request){.path = "/lake"}, 404, "NoSuchBucket");
    wire_expect(&local, &(struct wire_request){.method = "PUT", .path = "/lake"}, 200, NULL);
    daemon_stop(&local);
    assert_true(localctl_reset(dir, &err)); /* also when it does not run */
    daemon_start(&local, dir, NULL);
    wire_expect(&local, &(struct wire_request){.path = "/lake"}, 404, "NoSuchBucket");
    daemon_stop(&local);
}

static void a_stopped_daemon_is_a_timeout_that_names_it(void **state)
{
    (void)state;
    struct daemon local;
    struct err err = ERR_NONE;
    struct localctl_info info;
    char pid[32];
    daemon_start(&local, dir, NULL);
    kill(local.pid, SIGSTOP);
    struct localctl_options how = options();
    how.timeout_ms = 300;
    assert_false(localctl_start(&how, &info, &err));
    assert_int_equal(err.code, ERR_TIMEOUT);
    snprintf(pid, sizeof pid, "pid %d", local.pid);
    assert_non_null(strstr(err.text, pid));
    kill(local.pid, SIGCONT);
    daemon_stop(&local);
}

static void a_start_that_fails_says_why(void **state)
{
    (void)state;
    struct localctl_options how = options();
    struct localctl_info info;
    struct err err = ERR_NONE;
    how.keys_file = "/nonexistent/keys";
    assert_false(localctl_start(&how, &info, &err));
    assert_non_null(strstr(err.text, "/nonexistent/keys"));
    how = options();
    how.program = "/nonexistent/weir-local";
    assert_false(localctl_start(&how, &info, &err));
    assert_non_null(strstr(err.text, "/nonexistent/weir-local"));
    how = options();
    struct daemon local;
    daemon_start(&local, NULL, NULL);
    how.port = local.port;
    assert_false(localctl_start(&how, &info, &err));
    assert_non_null(strstr(err.text, "in use"));
    daemon_stop(&local);
}

static void the_callers_credentials_are_not_given_to_the_daemon(void **state)
{
    (void)state;
    struct localctl_info info;
    char path[64];
    struct buf environment = BUF_INIT(1 << 20);
    setenv("AWS_SECRET_ACCESS_KEY", "not-for-the-daemon", 1);
    start_it(&info);
    unsetenv("AWS_SECRET_ACCESS_KEY");
    snprintf(path, sizeof path, "/proc/%lld/environ", (long long)info.pid);
    assert_true(path_read(path, &environment, NULL));
    assert_null(memmem(environment.data, environment.len, "not-for-the-daemon", 18));
    buf_done(&environment);
    localctl_release(&info);
}

/* Sends text to the control socket; the lines that come back until the daemon closes or stays silent for 300 ms. */
static void talk(const char *text, size_t len, struct buf *said)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    char piece[4096];
    ssize_t got;
    snprintf(address.sun_path, sizeof address.sun_path, "%.90s/control.sock", dir);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    send(fd, text, len, MSG_NOSIGNAL);
    while (poll(&waiting, 1, 300) > 0 && (got = read(fd, piece, sizeof piece)) > 0)
        buf_append(said, piece, (size_t)got);
    close(fd);
}

static void nonsense_on_the_control_socket_is_answered_or_dropped(void **state)
{
    (void)state;
    static const char *const lines[] = {"nonsense\n", "{\"cmd\":\"fly\"}\n", "[]\n", "{\"cmd\":5}\n{}\n",
                                        "{\"cmd\":\"fault-add\",\"text\":\"x\"}\n"};
    struct daemon local;
    char *endless = malloc(100000);
    memset(endless, 'x', 100000);
    daemon_start(&local, dir, NULL);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct buf said = BUF_INIT(1 << 16);
        talk(lines[i], strlen(lines[i]), &said);
        assert_non_null(strstr(buf_text(&said), "\"ready\":true"));
        assert_non_null(strstr(buf_text(&said), "\"ok\":false"));
        buf_done(&said);
    }
    struct buf said = BUF_INIT(1 << 16);
    talk(endless, 100000, &said);
    assert_null(strstr(buf_text(&said), "\"ok\""));
    buf_done(&said);
    json_t *status = localctl_status(dir, NULL);
    assert_non_null(status);
    json_decref(status);
    daemon_stop(&local);
    free(endless);
}

/* --- the log --- */

static void the_log_has_one_line_per_request_and_no_secret(void **state)
{
    (void)state;
    struct daemon local;
    struct buf text = BUF_INIT(1 << 20);
    struct err err = ERR_NONE;
    daemon_start(&local, dir, NULL);
    char *url = wire_presign(&local, "/lake/a", 60, 0);
    char *mark = strchr(url, '?');
    *mark = '\0';
    wire_expect(&local, &(struct wire_request){.path = url, .query = mark + 1, .service = ""}, 404, "NoSuchBucket");
    daemon_stop(&local); /* the line is written when the request is completed */
    assert_true(localctl_logs(dir, 100, &text, &err));
    assert_non_null(strstr(buf_text(&text), "GET /lake/a?"));
    assert_non_null(strstr(buf_text(&text), " 404 "));
    assert_non_null(strstr(buf_text(&text), " NoSuchBucket\n"));
    const char *signature = strstr(mark + 1, "X-Amz-Signature=") + 16;
    char copy[65];
    snprintf(copy, sizeof copy, "%.64s", signature);
    assert_null(strstr(buf_text(&text), copy));
    assert_null(strstr(buf_text(&text), local.secret_key));
    buf_clear(&text);
    assert_true(localctl_logs(dir, 1, &text, &err));
    assert_int_equal(strcspn(buf_text(&text), "\n"), text.len - 1);
    buf_done(&text);
    free(url);
}

/* --- coverage and faults --- */

static void coverage_lists_every_service(void **state)
{
    (void)state;
    struct daemon local;
    struct err err = ERR_NONE;
    bool has_s3 = false, has_sts = false;
    daemon_start(&local, dir, NULL);
    json_t *answer = localctl_coverage(dir, &err);
    assert_non_null(answer);
    size_t index;
    json_t *row;
    json_array_foreach(json_object_get(answer, "services"), index, row)
    {
        has_s3 = has_s3 || (strcmp(json_str(row, "operation"), "GetObject") == 0 &&
                            strcmp(json_str(row, "state"), "absent") != 0);
        has_sts = has_sts || strcmp(json_str(row, "operation"), "AssumeRole") == 0;
    }
    assert_true(has_s3 && has_sts);
    json_decref(answer);
    daemon_stop(&local);
}

static struct daemon faulty;

static int set_up_faulty(void **state)
{
    set_up(state);
    daemon_start(&faulty, dir, NULL);
    wire_expect(&faulty, &(struct wire_request){.method = "PUT", .path = "/lake"}, 200, NULL);
    wire_expect(&faulty,
                &(struct wire_request){.method = "PUT", .path = "/lake/raw/a", .body = "0123456789", .body_len = 10},
                200, NULL);
    return 0;
}

static int tear_down_faulty(void **state)
{
    daemon_stop(&faulty);
    return tear_down(state);
}

static void add_fault(const char *text)
{
    struct err err = ERR_NONE;
    if (!localctl_fault_add(dir, text, NULL, &err))
        fail_msg("%s", err.text);
}

static void a_status_fault_uses_the_services_own_code(void **state)
{
    (void)state;
    add_fault("s3:GetObject 503 count=1");
    wire_expect(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, 503, "<Code>SlowDown</Code>");
    wire_expect(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, 200, "0123456789");
    add_fault("s3:* 403 prefix=raw/ count=1");
    wire_expect(&faulty, &(struct wire_request){.path = "/"}, 200, NULL);
    wire_expect(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, 403, "<Code>AccessDenied</Code>");
    add_fault("s3:* code=ExpiredToken count=1");
    wire_expect(&faulty, &(struct wire_request){.path = "/"}, 400, "<Code>ExpiredToken</Code>");
    add_fault("sts:GetCallerIdentity 503 count=1");
    wire_expect(
        &faulty,
        &(struct wire_request){
            .method = "POST", .service = "sts", .body = "Action=GetCallerIdentity&Version=2011-06-15", .body_len = 43},
        503, "<Code>ServiceUnavailable</Code>");
}

static void a_redirect_fault_names_the_region(void **state)
{
    (void)state;
    struct wire_answer answer;
    add_fault("s3:* redirect=eu-west-1 count=1");
    wire_ask(&faulty, &(struct wire_request){.path = "/lake"}, &answer);
    assert_int_equal(answer.status, 301);
    assert_string_equal(pairs_get(&answer.headers, "x-amz-bucket-region"), "eu-west-1");
    wire_answer_done(&answer);
}

static void a_cut_fault_ends_in_the_middle_of_the_body(void **state)
{
    (void)state;
    struct wire_answer answer;
    add_fault("s3:GetObject cut=4 count=1");
    wire_ask(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(pairs_get(&answer.headers, "Content-Length"), "10");
    assert_false(answer.is_whole);
    assert_string_equal(buf_text(&answer.body), "0123");
    wire_answer_done(&answer);
}

static void a_garbage_fault_is_neither_xml_nor_json(void **state)
{
    (void)state;
    struct wire_answer answer;
    add_fault("s3:ListBuckets garbage count=1");
    wire_ask(&faulty, &(struct wire_request){.path = "/"}, &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(buf_text(&answer.body)[0], 1);
    wire_answer_done(&answer);
}

static void a_stalled_answer_does_not_keep_the_daemon_from_stopping(void **state)
{
    (void)state;
    struct buf request;
    add_fault("s3:ListBuckets stall");
    wire_build(&faulty, &(struct wire_request){.path = "/"}, &request, NULL);
    int fd = wire_connect(faulty.port);
    wire_send(fd, request.data, request.len);
    assert_false(wire_wait_closed(fd, 300));
    buf_done(&request);
    /* daemon_stop in the tear-down ends it; here: others go on meanwhile */
    wire_expect(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, 200, NULL);
    close(fd);
}

static void a_delay_comes_before_the_answer(void **state)
{
    (void)state;
    int64_t before = clock_mono(&clock_system);
    add_fault("s3:GetObject delay=200ms count=1");
    wire_expect(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, 200, "0123456789");
    assert_true(clock_mono(&clock_system) - before >= 200);
}

static void faults_are_listed_and_cleared(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    int64_t id = 0;
    assert_true(localctl_fault_add(dir, "s3:GetObject 500 rate=1", &id, &err));
    json_t *list = localctl_fault_list(dir, &err);
    const json_t *row = json_array_get(json_object_get(list, "faults"), 0);
    assert_string_equal(json_str(row, "text"), "s3:GetObject 500 rate=1");
    assert_int_equal(json_int(row, "id", 0), id);
    json_decref(list);
    wire_expect(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, 500, "<Code>InternalError</Code>");
    assert_false(localctl_fault_clear(dir, id + 1, &err));
    assert_true(localctl_fault_clear(dir, id, &err));
    wire_expect(&faulty, &(struct wire_request){.path = "/lake/raw/a"}, 200, NULL);
    assert_false(localctl_fault_add(dir, "s3:GetObject often", NULL, &err));
    assert_non_null(strstr(err.text, "often"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_ends_with_its_last_client, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_explicit_start_stays_without_clients_until_stopped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(many_clients_at_once_start_one_daemon, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_daemon_for_the_directory_names_the_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(everything_in_the_directory_is_private, set_up, tear_down),
        cmocka_unit_test_setup_teardown(kill_9_loses_nothing_acknowledged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(kill_9_in_the_middle_of_an_upload_leaves_no_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reset_removes_all_data_and_keeps_the_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stopped_daemon_is_a_timeout_that_names_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_start_that_fails_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_callers_credentials_are_not_given_to_the_daemon, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nonsense_on_the_control_socket_is_answered_or_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_log_has_one_line_per_request_and_no_secret, set_up, tear_down),
        cmocka_unit_test_setup_teardown(coverage_lists_every_service, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_status_fault_uses_the_services_own_code, set_up_faulty, tear_down_faulty),
        cmocka_unit_test_setup_teardown(a_redirect_fault_names_the_region, set_up_faulty, tear_down_faulty),
        cmocka_unit_test_setup_teardown(a_cut_fault_ends_in_the_middle_of_the_body, set_up_faulty, tear_down_faulty),
        cmocka_unit_test_setup_teardown(a_garbage_fault_is_neither_xml_nor_json, set_up_faulty, tear_down_faulty),
        cmocka_unit_test_setup_teardown(a_stalled_answer_does_not_keep_the_daemon_from_stopping, set_up_faulty,
                                        tear_down_faulty),
        cmocka_unit_test_setup_teardown(a_delay_comes_before_the_answer, set_up_faulty, tear_down_faulty),
        cmocka_unit_test_setup_teardown(faults_are_listed_and_cleared, set_up_faulty, tear_down_faulty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
