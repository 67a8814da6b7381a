/* The generated data set below an S3 prefix, in the embedded cloud: the same bytes as in a directory, refused where
 * data lies already, old files gone when it is replaced, nothing left of a run that was cancelled. */
#include "backend/aws/s3.h"
#include "backend/domain/session.h"
#include "backend/pipeline/data.h"
#include "tests/lib/cloudstage.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BUCKET "data-test"

static struct cloudstage stage;
static struct cancel cancel;

static int open_cloud(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    if (cloudstage_open(&stage) && s3_create_bucket(stage.aws, BUCKET, NULL, &err))
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static int close_cloud(void **state)
{
    (void)state;
    cloudstage_close(&stage);
    return 0;
}

static struct data_options to(const char *out, uint64_t users)
{
    return (struct data_options){.users = users, .seed = 42, .out = out, .aws = stage.aws};
}

static bool count_page(void *context, const struct s3_page *page)
{
    *(size_t *)context += page->object_count;
    return true;
}

static size_t count_objects(const char *prefix)
{
    size_t count = 0;
    struct s3_list list = {.bucket = BUCKET, .prefix = prefix};
    assert_true(s3_list_all(stage.aws, &list, count_page, &count, NULL));
    return count;
}

static void get(const char *key, struct buf *body)
{
    struct arena *arena = arena_new(1 << 20);
    struct s3_get request = s3_get_init(BUCKET, key);
    struct err err = ERR_NONE;
    if (!s3_get_object(stage.aws, &request, arena, NULL, body, &err))
        fail_msg("%s", err.text);
    arena_free(arena);
}

static void objects_are_the_same_bytes_as_files(void **state)
{
    (void)state;
    static const char *const names[] = {"raw/orders/part-00000.csv.gz",
                                        "raw/order_products__prior/part-00000.csv.gz",
                                        "raw/order_products__train/part-00000.csv.gz",
                                        "raw/aisles/part-00000.csv.gz",
                                        "raw/departments/part-00000.csv.gz",
                                        "raw/products/part-00000.csv.gz",
                                        "truth/truth.csv.gz"};
    char dir[PATH_SIZE];
    struct gen_result result;
    struct err err = ERR_NONE;
    assert_true(path_join(dir, stage.dir.path, "files", NULL));
    struct data_options files = to(dir, 100), objects = to("s3://" BUCKET "/same", 100);
    assert_true(data_generate(&files, &result, NULL));
    if (!data_generate(&objects, &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(result.users, 100);
    assert_int_equal(count_objects("same/"), 7);
    for (int i = 0; i < 7; i++) {
        char path[PATH_SIZE], key[200];
        struct buf file = BUF_INIT(8 << 20), object = BUF_INIT(8 << 20);
        assert_true(path_join(path, dir, names[i], NULL));
        assert_true(path_read(path, &file, NULL));
        snprintf(key, sizeof key, "same/%s", names[i]);
        get(key, &object);
        assert_int_equal(file.len, object.len);
        assert_memory_equal(file.data, object.data, file.len);
        buf_done(&file);
        buf_done(&object);
    }
}

static void data_that_lies_there_is_only_replaced_on_request(void **state)
{
    (void)state;
    struct gen_result result;
    struct err err = ERR_NONE;
    struct s3_put old = s3_put_init(BUCKET, "kept/raw/orders/part-00009.csv.gz");
    struct s3_put other = s3_put_init(BUCKET, "kept/raw/orders_of_others/part-00000.csv.gz");
    old.bytes = other.bytes = "old";
    old.len = other.len = 3;
    assert_true(s3_put_object(stage.aws, &old, NULL, NULL));
    assert_true(s3_put_object(stage.aws, &other, NULL, NULL));
    struct data_options options = to("s3://" BUCKET "/kept/", 10);
    assert_false(data_generate(&options, &result, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(count_objects("kept/"), 2);
    options.replace = true;
    if (!data_generate(&options, &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(count_objects("kept/raw/orders/"), 1);
    assert_int_equal(count_objects("kept/raw/orders_of_others/"), 1);
}

static void cancel_at_once(void *context, const struct gen_result *so_far, uint64_t users)
{
    (void)context;
    (void)so_far;
    (void)users;
    cancel_set(&cancel);
}

static void a_cancelled_run_leaves_no_object(void **state)
{
    (void)state;
    struct gen_result result;
    struct err err = ERR_NONE;
    struct data_options options = to("s3://" BUCKET "/cancelled", 1000);
    options.cancel = &cancel;
    options.progress = cancel_at_once;
    assert_false(data_generate(&options, &result, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    assert_true(result.files >= 3); /* the small tables had been uploaded */
    assert_int_equal(count_objects("cancelled/"), 0);
}

static void targets_that_cannot_be_are_refused(void **state)
{
    (void)state;
    struct gen_result result;
    struct err err = ERR_NONE;
    struct data_options options = to("s3://no-such-bucket-here/x", 10);
    assert_false(data_generate(&options, &result, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    options.out = "s3://";
    err = ERR_NONE;
    assert_false(data_generate(&options, &result, &err));
    assert_int_equal(err.code, ERR_PARSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_the_same_bytes_as_files),
        cmocka_unit_test(data_that_lies_there_is_only_replaced_on_request),
        cmocka_unit_test(a_cancelled_run_leaves_no_object),
        cmocka_unit_test(targets_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, open_cloud, close_cloud);
}
