/* The embedded S3 as the daemon's other services see it: objects as rows, bytes and files, by the same rules as over
 * HTTP. */
#include "backend/base/path.h"
#include "backend/local/s3.h"
#include "backend/local/s3_inside.h"
#include "tests/lib/s3world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka wants the four above first */
#include <cmocka.h>

enum { LARGE = S3_INLINE_MAX + 5 };

static struct s3_world *begin(void **state)
{
    s3_world_ask(*state, "PUT", "/bucket", "", "");
    return *state;
}

static bool add_name(void *context, const struct s3_inside_object *object)
{
    char *names = context;
    size_t len = strlen(names);
    snprintf(names + len, 200 - len, "%s%s%s", len ? " " : "", object->key, object->is_prefix ? "*" : "");
    return strcmp(object->key, "stop") != 0;
}

static void listed(struct s3_world *world, const char *prefix, const char *delimiter, const char *wanted)
{
    char names[200] = "";
    struct err err = ERR_NONE;
    assert_true(s3_inside_list(&world->cloud, "bucket", prefix, delimiter, add_name, names, &err));
    assert_string_equal(names, wanted);
}

static void put(struct s3_world *world, const char *key, const char *bytes)
{
    struct err err = ERR_NONE;
    assert_true(s3_inside_write(&world->cloud, "bucket", key, "text/plain", bytes, strlen(bytes), &err));
}

static void lists_and_folds(void **state)
{
    struct s3_world *world = begin(state);
    put(world, "a/1", "x");
    put(world, "a/2", "x");
    put(world, "b", "x");
    listed(world, "", "", "a/1 a/2 b");
    listed(world, "a/", "", "a/1 a/2");
    listed(world, "", "/", "a/* b");
    put(world, "stop", "x");
    put(world, "zzz", "x");
    listed(world, "", "", "a/1 a/2 b stop");
}

static bool count(void *context, const struct s3_inside_object *object)
{
    (void)object;
    ++*(int *)context;
    return true;
}

static void lists_more_than_a_page(void **state)
{
    struct s3_world *world = begin(state);
    struct err err = ERR_NONE;
    char key[32];
    int found = 0;
    for (int i = 0; i < 1005; i++) {
        snprintf(key, sizeof key, "k%05d", i);
        put(world, key, "x");
    }
    assert_true(s3_inside_list(&world->cloud, "bucket", "", "", count, &found, &err));
    assert_int_equal(found, 1005);
}

static void what_is_written_inside_is_seen_outside(void **state)
{
    struct s3_world *world = begin(state);
    put(world, "a key+%", "hello");
    s3_world_ask(world, "GET", "/bucket/a%20key%2B%25", "", "");
    assert_string_equal(world->body, "hello");
    assert_string_equal(s3_world_header(world, "content-type"), "text/plain");
    assert_string_equal(s3_world_header(world, "etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
}

static char *large(void)
{
    char *bytes = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (char)(i % 251);
    return bytes;
}

static void reads_small_and_large(void **state)
{
    struct s3_world *world = begin(state);
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(1 << 20), tiny = BUF_INIT(100);
    char *bytes = large();
    put(world, "small", "hello");
    assert_true(s3_inside_write(&world->cloud, "bucket", "large", NULL, bytes, LARGE, &err));
    assert_true(s3_inside_read(&world->cloud, "bucket", "small", &out, &err));
    assert_string_equal(buf_text(&out), "hello");
    buf_clear(&out);
    assert_true(s3_inside_read(&world->cloud, "bucket", "large", &out, &err));
    assert_int_equal(out.len, LARGE);
    assert_memory_equal(out.data, bytes, LARGE);
    assert_false(s3_inside_read(&world->cloud, "bucket", "large", &tiny, &err));
    assert_int_equal(err.code, ERR_TOO_LARGE);
    buf_done(&out);
    buf_done(&tiny);
    free(bytes);
}

static void links_are_files_that_outlive_the_object(void **state)
{
    struct s3_world *world = begin(state);
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(1 << 20);
    char *bytes = large(), path[4200];
    static const char *const keys[] = {"small", "large", "empty"};
    put(world, "small", "hello");
    put(world, "empty", "");
    assert_true(s3_inside_write(&world->cloud, "bucket", "large", NULL, bytes, LARGE, &err));
    for (size_t i = 0; i < 3; i++) {
        static const size_t sizes[] = {5, LARGE, 0};
        snprintf(path, sizeof path, "%s/link", world->dir.path);
        assert_true(s3_inside_link(&world->cloud, "bucket", keys[i], path, &err));
        assert_true(s3_inside_remove(&world->cloud, "bucket", keys[i], &err));
        buf_clear(&out);
        assert_true(path_read(path, &out, &err));
        assert_int_equal(out.len, sizes[i]);
        assert_int_equal(unlink(path), 0);
    }
    buf_done(&out);
    free(bytes);
}

static void a_stored_file_is_taken_away(void **state)
{
    struct s3_world *world = begin(state);
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(1 << 20);
    char path[512];
    snprintf(path, sizeof path, "%s", tempdir_write(&world->dir, "result.csv", "a,b\n1,2\n"));
    assert_true(s3_inside_store(&world->cloud, "bucket", "out/result.csv", "text/csv", path, &err));
    assert_int_equal(access(path, F_OK), -1);
    assert_true(s3_inside_read(&world->cloud, "bucket", "out/result.csv", &out, &err));
    assert_string_equal(buf_text(&out), "a,b\n1,2\n");
    buf_done(&out);
}

static void what_is_absent_says_so(void **state)
{
    struct s3_world *world = begin(state);
    struct err err = ERR_NONE;
    struct buf out = BUF_INIT(100);
    assert_true(s3_inside_bucket_exists(&world->cloud, "bucket"));
    assert_false(s3_inside_bucket_exists(&world->cloud, "absent"));
    assert_false(s3_inside_read(&world->cloud, "absent", "k", &out, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_string_equal(err.service_code, "NoSuchBucket");
    assert_false(s3_inside_read(&world->cloud, "bucket", "k", &out, &err));
    assert_string_equal(err.service_code, "NoSuchKey");
    assert_false(s3_inside_write(&world->cloud, "absent", "k", NULL, "x", 1, &err));
    assert_string_equal(err.service_code, "NoSuchBucket");
    assert_false(s3_inside_list(&world->cloud, "absent", "", "", add_name, NULL, &err));
    assert_true(s3_inside_remove(&world->cloud, "bucket", "never", &err));
}

int main(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, s3_world_setup, s3_world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD(lists_and_folds),
        WORLD(lists_more_than_a_page),
        WORLD(what_is_written_inside_is_seen_outside),
        WORLD(reads_small_and_large),
        WORLD(links_are_files_that_outlive_the_object),
        WORLD(a_stored_file_is_taken_away),
        WORLD(what_is_absent_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
