/* The embedded cloud killed in the middle of uploads (SIGKILL, no warning): after the next start everything that it had
 * acknowledged is there whole, nothing is there in part, and no bytes are left that no object names. */
#include "backend/aws/s3.h"
#include "backend/base/json.h"
#include "backend/core/localfiles.h"
#include "tests/lib/tempdir.h"
#include <dirent.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { WRITERS = 4, KILL_AFTER = 60, SMALL = 1000, LARGE = 150000 };

struct stage {
    struct tempdir dir;
    char program[4096];
    pid_t pid;
    struct config config;
    struct http *http;
    struct creds_chain *creds;
    struct aws *aws;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int acknowledged[WRITERS], total;
};
struct writer {
    struct stage *stage;
    int number;
    pthread_t thread;
};

/* weir-local lies two directories above this program. */
static void find_program(char out[4096])
{
    char self[3000];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(len > 0);
    self[len] = '\0';
    for (int i = 0; i < 3; i++)
        *strrchr(self, '/') = '\0';
    snprintf(out, 4096, "%s/weir-local", self);
}

/* Runs the daemon as our child and waits for its line on the ready descriptor; returns its URL. */
static void run_daemon(struct stage *stage, char url[CONFIG_URL])
{
    int ready[2];
    char line[1024] = "", number[16];
    struct err err = ERR_NONE;
    assert_int_equal(pipe(ready), 0);
    stage->pid = fork();
    if (stage->pid == 0) {
        close(ready[0]);
        snprintf(number, sizeof number, "%d", ready[1]);
        if (freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr))
            execl(stage->program, stage->program, "--foreground", "--dir", stage->dir.path, "--ready-fd", number, NULL);
        _exit(127);
    }
    close(ready[1]);
    FILE *in = fdopen(ready[0], "r");
    assert_non_null(fgets(line, sizeof line, in));
    fclose(in);
    json_t *said = json_parse(line, strlen(line), &err);
    snprintf(url, CONFIG_URL, "%s", json_str(said, "url"));
    json_decref(said);
    assert_true(*url);
}

static void read_keys(struct stage *stage, char access[129], char secret[129])
{
    FILE *in = fopen(tempdir_file(&stage->dir, LOCALFILES_KEYS), "r");
    assert_non_null(in);
    assert_int_equal(fscanf(in, "%128s %128s", access, secret), 2);
    fclose(in);
}

static void start_cloud(struct stage *stage)
{
    struct err err = ERR_NONE;
    char access[129], secret[129];
    stage->config = (struct config){.max_attempts = 1};
    snprintf(stage->config.region, sizeof stage->config.region, "us-east-1");
    run_daemon(stage, stage->config.endpoint);
    read_keys(stage, access, secret);
    stage->http = http_start(&(struct http_options){0}, &err);
    stage->creds = creds_chain_fixed(creds_static(access, secret, "", "test"));
    stage->aws =
        aws_new(&(struct aws_options){.config = &stage->config, .http = stage->http, .creds = stage->creds}, &err);
    assert_non_null(stage->aws);
}

static void leave_cloud(struct stage *stage)
{
    aws_free(stage->aws);
    creds_chain_free(stage->creds);
    http_stop(stage->http);
}

static int setup(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    tempdir_make(&stage->dir);
    find_program(stage->program);
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->changed, NULL);
    start_cloud(stage);
    *state = stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    leave_cloud(stage);
    kill(stage->pid, SIGTERM);
    waitpid(stage->pid, NULL, 0);
    tempdir_remove(&stage->dir);
    free(stage);
    return 0;
}

static size_t size_of(int i)
{
    return i % 2 ? LARGE : SMALL;
}

static void fill(char *bytes, int writer, int i)
{
    memset(bytes, 'a' + (writer * 7 + i) % 26, size_of(i));
}

static void name_of(int writer, int i, char out[64])
{
    snprintf(out, 64, "w%d/%05d", writer, i);
}

static void *write_until_killed(void *argument)
{
    struct writer *writer = argument;
    struct stage *stage = writer->stage;
    char *bytes = malloc(LARGE), key[64];
    struct err err = ERR_NONE;
    for (int i = 0;; i++) {
        name_of(writer->number, i, key);
        struct s3_put put = s3_put_init("crash", key);
        fill(bytes, writer->number, i);
        put.bytes = bytes;
        put.len = (int64_t)size_of(i);
        if (!s3_put_object(stage->aws, &put, NULL, &err))
            break;
        pthread_mutex_lock(&stage->lock);
        stage->acknowledged[writer->number] = i + 1;
        stage->total++;
        pthread_cond_signal(&stage->changed);
        pthread_mutex_unlock(&stage->lock);
    }
    free(bytes);
    return NULL;
}

/* Whole and right: true; absent: false; anything else fails the test. */
static bool is_there(struct stage *stage, int writer, int i)
{
    char key[64], *wanted = malloc(LARGE);
    struct err err = ERR_NONE;
    struct buf body = BUF_INIT(LARGE + 1);
    name_of(writer, i, key);
    struct s3_get get = s3_get_init("crash", key);
    struct arena *arena = arena_new(1 << 20);
    bool found = s3_get_object(stage->aws, &get, arena, NULL, &body, &err);
    if (found) {
        fill(wanted, writer, i);
        assert_int_equal(body.len, size_of(i));
        assert_memory_equal(body.data, wanted, size_of(i));
    } else {
        assert_int_equal(err.code, ERR_NOT_FOUND);
    }
    arena_free(arena);
    buf_done(&body);
    free(wanted);
    return found;
}

static int files_below(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        char below[5000];
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            count += files_below(below);
        count += entry->d_type == DT_REG;
    }
    if (dir)
        closedir(dir);
    return count;
}

static void nothing_acknowledged_is_lost(void **state)
{
    struct stage *stage = *state;
    struct writer writers[WRITERS];
    struct err err = ERR_NONE;
    char objects[600];
    assert_true(s3_create_bucket(stage->aws, "crash", NULL, &err));
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.stage = stage, .number = i};
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_until_killed, &writers[i]), 0);
    }
    pthread_mutex_lock(&stage->lock);
    while (stage->total < KILL_AFTER)
        pthread_cond_wait(&stage->changed, &stage->lock);
    pthread_mutex_unlock(&stage->lock);
    assert_int_equal(kill(stage->pid, SIGKILL), 0);
    for (int i = 0; i < WRITERS; i++)
        pthread_join(writers[i].thread, NULL);
    assert_int_equal(waitpid(stage->pid, NULL, 0), stage->pid);
    leave_cloud(stage);
    start_cloud(stage);

    int large = 0;
    for (int w = 0; w < WRITERS; w++) {
        for (int i = 0; i < stage->acknowledged[w]; i++) {
            assert_true(is_there(stage, w, i));
            large += size_of(i) == LARGE;
        }
        /* the one that was under way: whole or not at all */
        large += is_there(stage, w, stage->acknowledged[w]) && size_of(stage->acknowledged[w]) == LARGE;
    }
    snprintf(objects, sizeof objects, "%s/objects", stage->dir.path);
    struct timespec tick = {.tv_nsec = 2 * 1000 * 1000};
    for (int i = 0; i < 5000 && files_below(objects) != large; i++) /* the collector runs beside the requests */
        nanosleep(&tick, NULL);
    assert_int_equal(files_below(objects), large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(nothing_acknowledged_is_lost, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
