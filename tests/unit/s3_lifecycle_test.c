/* Lifecycle rules of the embedded S3 under a clock that the test moves: the header that announces, the pass that
 * removes. */
#include "backend/local/s3.h"
#include "tests/lib/s3world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#define DAY  (24LL * 3600 * 1000)
#define NOON (1700000000000LL / DAY * DAY + DAY / 2) /* of 14 November 2023 */

static void begin(struct s3_world *world, const char *rule)
{
    char document[1024];
    world->now_ms = NOON;
    s3_world_ask(world, "PUT", "/bucket", "", "");
    snprintf(
        document, sizeof document,
        "<LifecycleConfiguration><Rule><ID>the rule</ID><Status>Enabled</Status>%s</Rule></LifecycleConfiguration>",
        rule);
    s3_world_ask(world, "PUT", "/bucket", "lifecycle", document);
    assert_int_equal(world->status, 200);
}

static void version(struct s3_world *world)
{
    s3_world_ask(world, "PUT", "/bucket", "versioning",
                 "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    assert_int_equal(world->status, 200);
}

static void pass_at(struct s3_world *world, int64_t when)
{
    struct err err;
    world->now_ms = when;
    assert_true(s3_lifecycle_run(&world->cloud, &err));
}

static int get(struct s3_world *world, const char *path)
{
    s3_world_ask(world, "GET", path, "", "");
    return world->status;
}

/* How often an element starts in the listing of versions. */
static int count(struct s3_world *world, const char *element)
{
    int found = 0;
    s3_world_ask(world, "GET", "/bucket", "versions", "");
    for (const char *at = strstr(world->body, element); at; at = strstr(at + 1, element))
        found++;
    return found;
}

static void days_end_at_the_midnight_after(void **state)
{
    struct s3_world *world = *state;
    begin(world, "<Filter><Prefix>logs/</Prefix></Filter><Expiration><Days>2</Days></Expiration>");
    s3_world_ask(world, "PUT", "/bucket/logs/a", "", "x");
    assert_string_equal(s3_world_header(world, "x-amz-expiration"),
                        "expiry-date=\"Fri, 17 Nov 2023 00:00:00 GMT\", rule-id=\"the%20rule\"");
    s3_world_ask(world, "PUT", "/bucket/other", "", "x");
    assert_string_equal(s3_world_header(world, "x-amz-expiration"), "");
    pass_at(world, NOON + 2 * DAY);
    assert_int_equal(get(world, "/bucket/logs/a"), 200);
    pass_at(world, NOON + 2 * DAY + DAY / 2);
    assert_int_equal(get(world, "/bucket/logs/a"), 404);
    assert_int_equal(get(world, "/bucket/other"), 200);
}

static void a_filter_of_tags_and_sizes(void **state)
{
    struct s3_world *world = *state;
    begin(
        world,
        "<Filter><And><Tag><Key>keep</Key><Value>no</Value></Tag><ObjectSizeGreaterThan>2</ObjectSizeGreaterThan></And>"
        "</Filter><Expiration><Days>1</Days></Expiration>");
    s3_world_ask_with(world, "PUT", "/bucket/goes", "", "long", 4, "x-amz-tagging: a=b&keep=no");
    s3_world_ask_with(world, "PUT", "/bucket/small", "", "x", 1, "x-amz-tagging: keep=no");
    s3_world_ask_with(world, "PUT", "/bucket/tag", "", "long", 4, "x-amz-tagging: keep=now");
    pass_at(world, NOON + 3 * DAY);
    assert_int_equal(get(world, "/bucket/goes"), 404);
    assert_int_equal(get(world, "/bucket/small"), 200);
    assert_int_equal(get(world, "/bucket/tag"), 200);
}

static void a_disabled_rule_does_nothing(void **state)
{
    struct s3_world *world = *state;
    begin(world, "<Prefix></Prefix><Expiration><Days>1</Days></Expiration>");
    s3_world_ask(
        world, "PUT", "/bucket", "lifecycle",
        "<LifecycleConfiguration><Rule><Status>Disabled</Status><Prefix/><Expiration><Days>1</Days></Expiration></Rule>"
        "</LifecycleConfiguration>");
    s3_world_ask(world, "PUT", "/bucket/a", "", "x");
    assert_string_equal(s3_world_header(world, "x-amz-expiration"), "");
    pass_at(world, NOON + 9 * DAY);
    assert_int_equal(get(world, "/bucket/a"), 200);
}

static void a_versioned_object_is_hidden_not_lost(void **state)
{
    struct s3_world *world = *state;
    begin(world, "<Prefix></Prefix><Expiration><Days>1</Days></Expiration>");
    version(world);
    s3_world_ask(world, "PUT", "/bucket/a", "", "x");
    pass_at(world, NOON + 3 * DAY);
    assert_int_equal(get(world, "/bucket/a"), 404);
    assert_int_equal(count(world, "<Version>"), 1);
    assert_int_equal(count(world, "<DeleteMarker>"), 1);
    pass_at(world, NOON + 9 * DAY); /* nothing more to hide */
    assert_int_equal(count(world, "<DeleteMarker>"), 1);
}

static void old_versions_go_but_the_newest_of_them_stay(void **state)
{
    struct s3_world *world = *state;
    begin(world,
          "<Prefix></Prefix><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays><NewerNoncurrentVersions>1"
          "</NewerNoncurrentVersions></NoncurrentVersionExpiration>");
    version(world);
    for (int i = 0; i < 4; i++)
        s3_world_ask(world, "PUT", "/bucket/a", "", "x");
    pass_at(world, NOON + DAY);
    assert_int_equal(count(world, "<Version>"), 4);
    pass_at(world, NOON + 3 * DAY);
    assert_int_equal(count(world, "<Version>"), 2);
    assert_int_equal(get(world, "/bucket/a"), 200);
}

static void a_lone_marker_goes(void **state)
{
    struct s3_world *world = *state;
    begin(world,
          "<Prefix></Prefix><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>");
    version(world);
    s3_world_ask(world, "DELETE", "/bucket/never", "", "");
    s3_world_ask(world, "PUT", "/bucket/real", "", "x");
    s3_world_ask(world, "DELETE", "/bucket/real", "", "");
    pass_at(world, NOON + DAY);
    assert_int_equal(count(world, "<DeleteMarker>"), 1);
    assert_int_equal(count(world, "<Version>"), 1);
}

static void objects_change_their_class(void **state)
{
    struct s3_world *world = *state;
    begin(
        world,
        "<Prefix></Prefix><Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition>"
        "<Days>90</Days><StorageClass>GLACIER_IR</StorageClass></Transition>");
    s3_world_ask(world, "PUT", "/bucket/a", "", "x");
    pass_at(world, NOON + 29 * DAY);
    get(world, "/bucket/a");
    assert_string_equal(s3_world_header(world, "x-amz-storage-class"), "");
    pass_at(world, NOON + 31 * DAY);
    get(world, "/bucket/a");
    assert_string_equal(s3_world_header(world, "x-amz-storage-class"), "STANDARD_IA");
    pass_at(world, NOON + 91 * DAY);
    assert_int_equal(get(world, "/bucket/a"), 200);
    assert_string_equal(s3_world_header(world, "x-amz-storage-class"), "GLACIER_IR");
}

static void old_versions_change_their_class(void **state)
{
    struct s3_world *world = *state;
    begin(world, "<Prefix></Prefix><NoncurrentVersionTransition><NoncurrentDays>1</NoncurrentDays>"
                 "<StorageClass>GLACIER</StorageClass></NoncurrentVersionTransition>");
    version(world);
    s3_world_ask(world, "PUT", "/bucket/a", "", "x");
    s3_world_ask(world, "PUT", "/bucket/a", "", "x");
    pass_at(world, NOON + 3 * DAY);
    assert_int_equal(count(world, "<StorageClass>GLACIER<"), 1);
    assert_int_equal(count(world, "<StorageClass>STANDARD<"), 1);
}

static void old_uploads_are_aborted(void **state)
{
    struct s3_world *world = *state;
    begin(world, "<Prefix></Prefix><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
                 "</AbortIncompleteMultipartUpload>");
    s3_world_ask(world, "POST", "/bucket/big", "uploads", "");
    assert_int_equal(world->status, 200);
    pass_at(world, NOON + DAY);
    s3_world_ask(world, "GET", "/bucket", "uploads", "");
    assert_non_null(strstr(world->body, "<Upload>"));
    pass_at(world, NOON + 3 * DAY);
    s3_world_ask(world, "GET", "/bucket", "uploads", "");
    assert_null(strstr(world->body, "<Upload>"));
}

static void a_bucket_larger_than_a_page(void **state)
{
    struct s3_world *world = *state;
    char path[64];
    begin(world, "<Prefix></Prefix><Expiration><Days>1</Days></Expiration>");
    version(world);
    for (int i = 0; i < 1203; i++) {
        snprintf(path, sizeof path, "/bucket/%05d", i / 3); /* several versions of each */
        s3_world_ask(world, "PUT", path, "", "");
    }
    pass_at(world, NOON + 3 * DAY);
    s3_world_ask(world, "GET", "/bucket", "list-type=2", "");
    assert_null(strstr(world->body, "<Key>"));
}

int main(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, s3_world_setup, s3_world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD(days_end_at_the_midnight_after),
        WORLD(a_filter_of_tags_and_sizes),
        WORLD(a_disabled_rule_does_nothing),
        WORLD(a_versioned_object_is_hidden_not_lost),
        WORLD(old_versions_go_but_the_newest_of_them_stay),
        WORLD(a_lone_marker_goes),
        WORLD(objects_change_their_class),
        WORLD(old_versions_change_their_class),
        WORLD(old_uploads_are_aborted),
        WORLD(a_bucket_larger_than_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
