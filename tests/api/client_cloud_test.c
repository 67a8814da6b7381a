/* The client, the transfers and the zone feeds against the embedded cloud: what a session really does, and what it does
 * when the cloud is made to fail. One cloud in a private directory for all tests; each test has its own bucket. */
#include "backend/aws/s3.h"
#include "backend/base/clock.h"
#include "backend/core/localctl.h"
#include "backend/core/thread.h"
#include "backend/domain/listing.h"
#include "backend/domain/session.h"
#include "backend/domain/transfer.h"
#include "backend/domain/zones.h"
#include "tests/lib/cloudstage.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1024 * 1024 };

static struct cloudstage stage;
static struct {
    char bucket[64];
    int number;
} own;

/* Waits until is_true(), looked at after every change; fails the test after 30 s. */
static void wait_until(bool (*is_true)(void))
{
    int64_t until = clock_mono(&clock_system) + 30000;
    for (;;) {
        uint64_t seen = cloudstage_changes(&stage);
        if (is_true())
            return;
        if (!cloudstage_wait(&stage, seen, until))
            fail_msg("what was waited for never came");
    }
}

static int open_cloud(void **state)
{
    (void)state;
    return cloudstage_open(&stage) ? 0 : -1;
}

static int close_cloud(void **state)
{
    (void)state;
    cloudstage_close(&stage);
    return 0;
}

static int new_bucket(void **state)
{
    (void)state;
    snprintf(own.bucket, sizeof own.bucket, "bucket-%d", ++own.number);
    return s3_create_bucket(stage.aws, own.bucket, NULL, NULL) ? 0 : -1;
}

static int calm(void **state)
{
    (void)state;
    return localctl_fault_clear(stage.config.local_dir, 0, NULL) ? 0 : -1;
}

static void fault(const char *text)
{
    struct err err = ERR_NONE;
    if (!localctl_fault_add(stage.config.local_dir, text, NULL, &err))
        fail_msg("%s", err.text);
}

static void put(const char *key, const char *text)
{
    struct err err = ERR_NONE;
    struct s3_put request = s3_put_init(own.bucket, key);
    request.bytes = text;
    request.len = (int64_t)strlen(text);
    if (!s3_put_object(stage.aws, &request, NULL, &err))
        fail_msg("%s", err.text);
}

static struct s3_ref ref(const char *key)
{
    return (struct s3_ref){.bucket = own.bucket, .key = key};
}

/* --- the client --- */

static void an_object_comes_back_as_it_went(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "plain",       "with space + plus", "\xC3\xBCml\xC3\xA4ut/\xE2\x82\xAC", "a//b", "./../x", "%41", "new\nline",
        "esc\x1b[31m", "q?a=b&c#d"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct arena *arena = arena_new(MIB);
        struct buf body = BUF_INIT(1000);
        struct s3_get get = s3_get_init(own.bucket, keys[i]);
        struct s3_head head;
        struct err err = ERR_NONE;
        put(keys[i], keys[i]);
        if (!s3_get_object(stage.aws, &get, arena, &head, &body, &err))
            fail_msg("%s", err.text);
        assert_string_equal(buf_text(&body), keys[i]);
        assert_int_equal(head.bytes, strlen(keys[i]));
        assert_true(head.has_checksum);
        assert_int_equal(head.checksum_kind, DIGEST_CRC64NVME);
        buf_done(&body);
        arena_free(arena);
    }
}

static bool count_page(void *context, const struct s3_page *page)
{
    *(size_t *)context += page->object_count + page->prefix_count;
    return true;
}

static void listings_page_and_fold(void **state)
{
    (void)state;
    for (int i = 0; i < 25; i++) {
        char key[32];
        snprintf(key, sizeof key, "raw/%c/%02d", 'a' + i % 3, i);
        put(key, "x");
    }
    struct s3_list list = {.bucket = own.bucket, .max_keys = 7};
    size_t flat = 0, folded = 0, after = 0;
    assert_true(s3_list_all(stage.aws, &list, count_page, &flat, NULL));
    assert_int_equal(flat, 25);
    list.prefix = "raw/";
    list.delimiter = "/";
    list.max_keys = 2;
    assert_true(s3_list_all(stage.aws, &list, count_page, &folded, NULL));
    assert_int_equal(folded, 3);
    struct s3_list rest = {.bucket = own.bucket, .start_after = "raw/b/"};
    assert_true(s3_list_all(stage.aws, &rest, count_page, &after, NULL));
    assert_int_equal(after, 16);
}

static void versions_are_listed_read_and_removed(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MIB);
    struct s3_list list = {.bucket = own.bucket};
    struct s3_page page;
    bool is_enabled = false;
    assert_true(s3_put_versioning(stage.aws, own.bucket, true, NULL, NULL));
    assert_true(s3_get_versioning(stage.aws, own.bucket, NULL, &is_enabled, NULL));
    assert_true(is_enabled);
    put("k", "one");
    put("k", "two!");
    struct s3_ref latest = ref("k");
    assert_true(s3_delete_object(stage.aws, &latest, NULL));
    assert_true(s3_version_page(stage.aws, &list, arena, &page, NULL));
    assert_int_equal(page.object_count, 3);
    assert_true(page.objects[0].is_delete_marker && page.objects[0].is_latest);
    struct s3_get get = s3_get_init(own.bucket, "k");
    struct buf body = BUF_INIT(100);
    get.ref.version_id = page.objects[2].version_id;
    assert_true(s3_get_object(stage.aws, &get, arena, NULL, &body, NULL));
    assert_string_equal(buf_text(&body), "one");
    buf_done(&body);
    arena_free(arena);
}

static void refusals_say_what_they_are(void **state)
{
    (void)state;
    struct arena *arena = arena_new(MIB);
    struct s3_head head;
    struct err err = ERR_NONE;
    struct s3_ref absent = ref("absent");
    assert_false(s3_head_object(stage.aws, &absent, arena, &head, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    put("there", "x");
    struct s3_put again = s3_put_init(own.bucket, "there");
    again.bytes = "y";
    again.len = 1;
    again.if_none_match = true;
    assert_false(s3_put_object(stage.aws, &again, NULL, &err));
    assert_int_equal(err.code, ERR_PRECONDITION);
    assert_false(s3_delete_bucket(stage.aws, own.bucket, NULL, &err));
    assert_int_equal(err.code, ERR_CONFLICT);
    arena_free(arena);
}

static void many_are_deleted_at_once(void **state)
{
    (void)state;
    const char *keys[] = {"a", "b\nc", "d"};
    struct s3_delete many = {.bucket = own.bucket, .keys = keys, .count = 3};
    size_t deleted = 0, left = 0;
    struct s3_list list = {.bucket = own.bucket};
    for (int i = 0; i < 3; i++)
        put(keys[i], "x");
    assert_true(s3_delete_objects(stage.aws, &many, &deleted, NULL));
    assert_int_equal(deleted, 3);
    assert_true(s3_list_all(stage.aws, &list, count_page, &left, NULL));
    assert_int_equal(left, 0);
}

static bool has_account(void)
{
    char name[64], account[64], region[64];
    session_identity(stage.session, name, account, region, sizeof name);
    return strcmp(name, "local") == 0 && strcmp(account, "123456789012") == 0 && strcmp(region, "us-east-1") == 0;
}

static void the_identity_comes_by_itself(void **state)
{
    (void)state;
    wait_until(has_account);
}

/* --- transfers --- */

static void make_file(const char *name, int64_t len)
{
    FILE *file = fopen(tempdir_file(&stage.dir, name), "wb");
    for (int64_t i = 0; i < len; i++)
        putc((int)(i * 31 + i / 4099) & 0xFF, file);
    fclose(file);
}

static void assert_same_file(const char *one, const char *two)
{
    char left[600];
    snprintf(left, sizeof left, "%s", tempdir_file(&stage.dir, one));
    FILE *a = fopen(left, "rb"), *b = fopen(tempdir_file(&stage.dir, two), "rb");
    assert_true(a && b);
    int x, y;
    do {
        x = getc(a);
        y = getc(b);
        assert_int_equal(x, y);
    } while (x != EOF);
    fclose(a);
    fclose(b);
}

static bool copy(const char *from, const char *to, bool is_recursive, struct transfer_result *result, struct err *err)
{
    struct transfer_options options = {.from = from, .to = to, .is_recursive = is_recursive};
    return transfer_copy(stage.session, &options, result, err);
}

static void a_large_file_goes_up_and_comes_down(void **state)
{
    (void)state;
    struct transfer_result result;
    struct err err = ERR_NONE;
    char uri[200], across[200], file[600], back[600];
    make_file("big", 21 * MIB + 7);
    snprintf(uri, sizeof uri, "s3://%s/up/big", own.bucket);
    snprintf(across, sizeof across, "s3://%s/copy/", own.bucket);
    snprintf(file, sizeof file, "%s", tempdir_file(&stage.dir, "big"));
    snprintf(back, sizeof back, "%s", tempdir_file(&stage.dir, "back"));
    if (!copy(file, uri, false, &result, &err) || !copy(uri, back, false, &result, &err) ||
        !copy(uri, across, false, &result, &err))
        fail_msg("%s", err.text);
    assert_same_file("big", "back");
    struct arena *arena = arena_new(MIB);
    struct s3_head head;
    struct s3_ref there = ref("copy/big");
    assert_true(s3_head_object(stage.aws, &there, arena, &head, NULL));
    assert_int_equal(head.bytes, 21 * MIB + 7);
    arena_free(arena);
}

static void cut_bodies_are_fetched_again(void **state)
{
    (void)state;
    struct transfer_result result;
    struct err err = ERR_NONE;
    char uri[200], file[600], back[600];
    make_file("big", 17 * MIB);
    snprintf(uri, sizeof uri, "s3://%s/big", own.bucket);
    snprintf(file, sizeof file, "%s", tempdir_file(&stage.dir, "big"));
    snprintf(back, sizeof back, "%s", tempdir_file(&stage.dir, "back2"));
    assert_true(copy(file, uri, false, &result, NULL));
    fault("s3:GetObject cut=1000000 count=2");
    if (!copy(uri, back, false, &result, &err))
        fail_msg("%s", err.text);
    assert_same_file("big", "back2");
}

static void a_download_that_fails_goes_on_later(void **state)
{
    (void)state;
    struct transfer_result result;
    struct err err = ERR_NONE;
    char uri[200], file[600], back[600];
    make_file("big", 33 * MIB);
    snprintf(uri, sizeof uri, "s3://%s/big", own.bucket);
    snprintf(file, sizeof file, "%s", tempdir_file(&stage.dir, "big"));
    snprintf(back, sizeof back, "%s", tempdir_file(&stage.dir, "back3"));
    assert_true(copy(file, uri, false, &result, NULL));
    fault("s3:GetObject 403 count=1");
    assert_false(copy(uri, back, false, &result, &err));
    assert_int_equal(access(back, F_OK), -1);
    assert_true(copy(uri, back, false, &result, NULL));
    assert_same_file("big", "back3");
}

static void trees_go_up_down_and_away(void **state)
{
    (void)state;
    struct transfer_result result;
    struct err err = ERR_NONE;
    char uri[200], local[600], back[600];
    for (int i = 0; i < 40; i++) {
        char name[64];
        snprintf(name, sizeof name, "tree/d%d/f%02d", i % 4, i);
        tempdir_write(&stage.dir, name, name);
    }
    snprintf(uri, sizeof uri, "s3://%s/tree", own.bucket);
    snprintf(local, sizeof local, "%s", tempdir_file(&stage.dir, "tree"));
    snprintf(back, sizeof back, "%s", tempdir_file(&stage.dir, "tree-back"));
    if (!copy(local, uri, true, &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(result.objects, 40);
    if (!copy(uri, back, true, &result, &err))
        fail_msg("%s", err.text);
    assert_int_equal(result.objects, 40);
    assert_same_file("tree/d3/f39", "tree-back/d3/f39");
    struct remove_options remove = {.target = uri, .is_recursive = true};
    assert_true(transfer_remove(stage.session, &remove, &result, NULL));
    assert_int_equal(result.objects, 40);
}

/* --- listing under faults --- */

static struct listing *list_bucket(int page_keys)
{
    struct listing_options options = {
        .source = listing_source_s3(stage.aws), .bucket = own.bucket, .page_keys = page_keys, .slow_down_ms = 10};
    struct listing *listing = listing_new(&options);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    return listing;
}

static void fill_raw(int count)
{
    for (int i = 0; i < count; i++) {
        char key[64];
        snprintf(key, sizeof key, "raw/t%d/dt=%d/part-%04d", i % 3, i % 7, i);
        put(key, "x");
    }
}

static void a_storm_of_slow_down_is_outlasted(void **state)
{
    (void)state;
    fill_raw(60);
    fault("s3:ListObjectsV2 503 count=7");
    struct listing *listing = list_bucket(10);
    assert_int_equal(listing_zone(listing, 0)->sum.objects, 60);
    assert_true(listing_zone(listing, 0)->is_complete);
    assert_true(listing_limit(listing) < LISTING_IN_FLIGHT);
    listing_free(listing);
}

static void garbage_and_another_region_are_told(void **state)
{
    (void)state;
    fault("s3:ListObjectsV2 garbage");
    struct listing *listing = list_bucket(10);
    assert_int_equal(listing_zone(listing, 0)->err.code, ERR_PROTOCOL);
    listing_free(listing);
    localctl_fault_clear(stage.config.local_dir, 0, NULL);
    fault("s3:ListObjectsV2 redirect=eu-west-3");
    listing = list_bucket(10);
    assert_int_equal(listing_zone(listing, 0)->err.code, ERR_REGION);
    assert_non_null(strstr(listing_zone(listing, 0)->err.text, "eu-west-3"));
    listing_free(listing);
}

static void *cancel_soon(void *context)
{
    struct cancel *cancel = context;
    json_t *list;
    /* once the call hangs in the cloud */
    for (bool is_seen = false; !is_seen;) {
        list = localctl_fault_list(stage.config.local_dir, NULL);
        is_seen = json_int(json_array_get(json_object_get(list, "faults"), 0), "applied", 0) > 0;
        json_decref(list);
    }
    cancel_set(cancel);
    return NULL;
}

static void a_call_that_hangs_is_cancelled(void **state)
{
    (void)state;
    struct cancel cancel = {0};
    struct err err = ERR_NONE;
    pthread_t thread;
    struct s3_list list = {.bucket = own.bucket, .cancel = &cancel};
    size_t count = 0;
    fault("s3:ListObjectsV2 stall");
    pthread_create(&thread, NULL, cancel_soon, &cancel);
    assert_false(s3_list_all(stage.aws, &list, count_page, &count, &err));
    pthread_join(thread, NULL);
    assert_int_equal(err.code, ERR_CANCELLED);
}

/* --- the feed --- */

static bool is_settled(void)
{
    const struct snap *snap = snap_slot_get(zones_totals(session_zones(stage.session)));
    const struct zones_view *view = snap ? snap->value : NULL;
    bool is = view && !view->is_listing && strcmp(view->bucket, own.bucket) == 0;
    snap_put(snap);
    return is;
}

static void a_denied_zone_leaves_the_others(void **state)
{
    (void)state;
    struct zones *zones = session_zones(stage.session);
    put("raw/a/1", "x");
    put("curated/b/1", "yy");
    fault("s3:ListObjectsV2 403 prefix=raw/");
    zones_set_bucket(zones, own.bucket);
    feed_set_visible(zones_totals_feed(zones), true);
    wait_until(is_settled);
    const struct snap *snap = snap_slot_get(zones_totals(zones));
    const struct zones_view *view = snap->value;
    assert_int_equal(view->zone_count, 2);
    assert_string_equal(view->zones[0].name, "raw/");
    assert_int_equal(view->zones[0].err.code, ERR_DENIED);
    assert_int_equal(view->zones[1].totals.bytes, 2);
    assert_int_equal(view->flags.is_public, FLAG_NO);
    snap_put(snap);
}

/* --- last, since the cloud is another one afterwards --- */

static void a_killed_cloud_is_started_again_with_what_it_had(void **state)
{
    (void)state;
    struct localctl_info info;
    struct err err = ERR_NONE;
    put("kept", "x");
    assert_true(localctl_find(stage.config.local_dir, &info, NULL));
    kill((pid_t)info.pid, SIGKILL);
    while (kill((pid_t)info.pid, 0) == 0)
        sched_yield();
    localctl_release(&info);
    stage.aws = session_connect(stage.session, NULL, &err);
    if (!stage.aws)
        fail_msg("%s", err.text);
    struct arena *arena = arena_new(MIB);
    struct s3_head head;
    struct s3_ref kept = ref("kept");
    assert_true(s3_head_object(stage.aws, &kept, arena, &head, NULL));
    arena_free(arena);
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, new_bucket, calm)
    const struct CMUnitTest tests[] = {
        STAGED(an_object_comes_back_as_it_went),
        STAGED(listings_page_and_fold),
        STAGED(versions_are_listed_read_and_removed),
        STAGED(refusals_say_what_they_are),
        STAGED(many_are_deleted_at_once),
        STAGED(the_identity_comes_by_itself),
        STAGED(a_large_file_goes_up_and_comes_down),
        STAGED(cut_bodies_are_fetched_again),
        STAGED(a_download_that_fails_goes_on_later),
        STAGED(trees_go_up_down_and_away),
        STAGED(a_storm_of_slow_down_is_outlasted),
        STAGED(garbage_and_another_region_are_told),
        STAGED(a_call_that_hangs_is_cancelled),
        STAGED(a_denied_zone_leaves_the_others),
        STAGED(a_killed_cloud_is_started_again_with_what_it_had),
    };
    return cmocka_run_group_tests(tests, open_cloud, close_cloud);
}
