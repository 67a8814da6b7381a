/* Where the embedded S3 keeps bytes: small ones in the table, larger ones in files, shared by copies, gone with their
 * last object, and nothing left behind by a crash. */
#include "backend/local/s3.h"
#include "tests/lib/s3world.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
/* cmocka wants the four above first */
#include <cmocka.h>

enum { LARGE = S3_INLINE_MAX + 1 };

static int files_in(const char *path)
{
    int count = 0;
    DIR *dir = opendir(path);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        count += entry->d_name[0] != '.' && strlen(entry->d_name) == 16;
    if (dir)
        closedir(dir);
    return count;
}

static int files(const struct s3_world *world)
{
    char path[4200];
    int count = 0;
    for (int i = 0; i < 256; i++) {
        snprintf(path, sizeof path, "%s/%02x", world->cloud.objects, i);
        count += files_in(path);
    }
    return count;
}

static void put(struct s3_world *world, const char *path, size_t len)
{
    char *bytes = malloc(len + 1);
    memset(bytes, 'x', len);
    s3_world_ask_with(world, "PUT", path, "", bytes, len, NULL);
    assert_int_equal(world->status, 200);
    free(bytes);
}

static void begin(struct s3_world *world)
{
    s3_world_ask(world, "PUT", "/bucket", "", "");
    assert_int_equal(world->status, 200);
}

static void small_bodies_make_no_file(void **state)
{
    struct s3_world *world = *state;
    begin(world);
    put(world, "/bucket/empty", 0);
    put(world, "/bucket/small", S3_INLINE_MAX);
    assert_int_equal(files(world), 0);
    put(world, "/bucket/large", LARGE);
    assert_int_equal(files(world), 1);
    s3_world_ask_with(world, "GET", "/bucket/large", "", "", 0, "Range: bytes=65530-65536");
    assert_string_equal(world->body, "xxxxxxx");
}

static void an_overwritten_or_deleted_file_goes(void **state)
{
    struct s3_world *world = *state;
    begin(world);
    put(world, "/bucket/k", LARGE);
    put(world, "/bucket/k", LARGE);
    assert_int_equal(files(world), 1);
    s3_world_ask(world, "DELETE", "/bucket/k", "", "");
    assert_int_equal(files(world), 0);
}

static void a_copy_shares_the_file_until_the_last_is_gone(void **state)
{
    struct s3_world *world = *state;
    begin(world);
    put(world, "/bucket/a", LARGE);
    s3_world_ask_with(world, "PUT", "/bucket/b", "", "", 0, "x-amz-copy-source: bucket/a");
    assert_int_equal(world->status, 200);
    assert_int_equal(files(world), 1);
    s3_world_ask(world, "DELETE", "/bucket/a", "", "");
    assert_int_equal(files(world), 1);
    s3_world_ask(world, "DELETE", "/bucket/b", "", "");
    assert_int_equal(files(world), 0);
}

static void a_refused_put_leaves_nothing(void **state)
{
    struct s3_world *world = *state;
    char *bytes = calloc(1, LARGE);
    begin(world);
    put(world, "/bucket/k", 1);
    s3_world_ask_with(world, "PUT", "/bucket/k", "", bytes, LARGE, "If-None-Match: *");
    assert_int_equal(world->status, 412);
    s3_world_ask_with(world, "PUT", "/bucket/k", "", bytes, LARGE, "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==");
    assert_int_equal(world->status, 400);
    s3_world_ask_with(world, "PUT", "/absent/k", "", bytes, LARGE, NULL);
    assert_int_equal(world->status, 404);
    assert_int_equal(files(world), 0);
    free(bytes);
}

static void an_aborted_upload_takes_its_parts_along(void **state)
{
    struct s3_world *world = *state;
    char *bytes = calloc(1, LARGE), query[300], id[200];
    begin(world);
    s3_world_ask(world, "POST", "/bucket/k", "uploads", "");
    assert_int_equal(sscanf(strstr(world->body, "<UploadId>"), "<UploadId>%199[^<]", id), 1);
    snprintf(query, sizeof query, "partNumber=1&uploadId=%s", id);
    s3_world_ask_with(world, "PUT", "/bucket/k", query, bytes, LARGE, NULL);
    assert_int_equal(world->status, 200);
    assert_int_equal(files(world), 1);
    snprintf(query, sizeof query, "uploadId=%s", id);
    s3_world_ask(world, "DELETE", "/bucket/k", query, "");
    assert_int_equal(files(world), 0);
    free(bytes);
}

static void objects_survive_a_restart(void **state)
{
    struct s3_world *world = *state;
    begin(world);
    put(world, "/bucket/small", 5);
    put(world, "/bucket/large", LARGE);
    for (int i = 0; i < 2; i++) {
        s3_world_restart(world, i == 1);
        s3_world_ask(world, "GET", "/bucket/small", "", "");
        assert_string_equal(world->body, "xxxxx");
        s3_world_ask_with(world, "GET", "/bucket/large", "", "", 0, "Range: bytes=-1");
        assert_string_equal(world->body, "x");
    }
}

/* A file that lost its row, as a kill between rename and commit leaves one. */
static void orphan(const struct s3_world *world, char path[4200])
{
    snprintf(path, 4200, "%s/07", world->cloud.objects);
    mkdir(path, 0700);
    snprintf(path, 4200, "%s/07/0000000000000007", world->cloud.objects);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0 && write(fd, "lost", 4) == 4);
    close(fd);
}

static void garbage_of_a_crash_is_collected(void **state)
{
    struct s3_world *world = *state;
    char path[4200];
    begin(world);
    put(world, "/bucket/kept", LARGE);
    orphan(world, path);
    s3_world_restart(world, true);
    struct timespec tick = {.tv_nsec = 2 * 1000 * 1000};
    for (int i = 0; i < 5000 && access(path, F_OK) == 0; i++) /* the collector runs beside us: wait for it */
        nanosleep(&tick, NULL);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(files(world), 1);
    s3_world_ask_with(world, "GET", "/bucket/kept", "", "", 0, "Range: bytes=0-0");
    assert_int_equal(world->status, 206);
}

int main(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, s3_world_setup, s3_world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD(small_bodies_make_no_file),
        WORLD(an_overwritten_or_deleted_file_goes),
        WORLD(a_copy_shares_the_file_until_the_last_is_gone),
        WORLD(a_refused_put_leaves_nothing),
        WORLD(an_aborted_upload_takes_its_parts_along),
        WORLD(objects_survive_a_restart),
        WORLD(garbage_of_a_crash_is_collected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
