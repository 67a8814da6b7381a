/* The zone feeds over HTTP, against a small make-believe S3: which bucket is chosen, what a denied zone leaves, what
 * the bucket's flags say when parts are denied, paging of a place as somebody scrolls, and one object's details. */
#include "backend/base/clock.h"
#include "backend/domain/session.h"
#include "backend/domain/zones.h"
#include "tests/lib/testserver.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct stage {
    struct testserver *server;
    struct config config;
    struct session *session;
    struct zones *zones;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t changes;
    /* what the server does */
    const char *buckets;    /* inside <Buckets> */
    const char *denied;     /* a prefix that is 403 */
    bool is_root_denied;    /* listing without prefix is 403 */
    bool are_flags_denied;  /* every setting is 403 */
    bool hangs;             /* never answers */
    bool is_open_by_policy; /* public by policy, nothing blocked */
};

static bool reply(int fd, int status, const char *body)
{
    return testserver_reply(fd, status, "ETag: \"0cc175b9c0f1b6a831c399e269772661\"\r\n", body, strlen(body));
}

static const char denied_body[] = "<Error><Code>AccessDenied</Code></Error>";

static void query_value(const char *target, const char *name, char *out, size_t size)
{
    char key[64];
    snprintf(key, sizeof key, "%s=", name);
    const char *at = strstr(target, key);
    out[0] = 0;
    if (at)
        snprintf(out, size, "%.*s", (int)strcspn(at + strlen(key), "& "), at + strlen(key));
}

/* raw/: 2 500 files in pages of 1 000, named part-0000 ...; others one small file. */
static bool reply_raw(const char *target, int fd)
{
    char token[64], item[200];
    query_value(target, "continuation-token", token, sizeof token);
    int first = atoi(token), last = first + 1000 < 2500 ? first + 1000 : 2500;
    struct buf body = BUF_INIT(1024 * 1024);
    buf_puts(&body, "<ListBucketResult>");
    if (last < 2500)
        buf_printf(&body, "<IsTruncated>true</IsTruncated><NextContinuationToken>%d</NextContinuationToken>", last);
    for (int i = first; i < last; i++) {
        snprintf(item, sizeof item,
                 "<Contents><Key>raw/part-%04d</Key><Size>10</Size><LastModified>2026-11-22T14:%02d:00.000Z"
                 "</LastModified></Contents>",
                 i, i % 60);
        buf_puts(&body, item);
    }
    buf_puts(&body, "</ListBucketResult>");
    bool ok = reply(fd, 200, buf_text(&body));
    buf_done(&body);
    return ok;
}

static bool reply_listing(const struct stage *stage, const char *target, int fd)
{
    char prefix[200];
    query_value(target, "prefix", prefix, sizeof prefix);
    if (!*prefix)
        return stage->is_root_denied
                   ? reply(fd, 403, denied_body)
                   : reply(fd, 200,
                           "<ListBucketResult><Contents><Key>README</Key><Size>5</Size></Contents>"
                           "<CommonPrefixes><Prefix>archive/</Prefix></CommonPrefixes>"
                           "<CommonPrefixes><Prefix>curated/</Prefix></CommonPrefixes>"
                           "<CommonPrefixes><Prefix>models/</Prefix></CommonPrefixes>"
                           "<CommonPrefixes><Prefix>raw/</Prefix></CommonPrefixes></ListBucketResult>");
    if (stage->denied && strcmp(prefix, stage->denied) == 0)
        return reply(fd, 403, denied_body);
    if (strcmp(prefix, "raw%2F") == 0)
        return reply_raw(target, fd);
    if (strcmp(prefix, "curated%2F") == 0)
        return reply(fd, 200,
                     "<ListBucketResult><Contents><Key>curated/t/x.parquet</Key><Size>7</Size><LastModified>"
                     "2026-11-22T13:59:00.000Z</LastModified></Contents></ListBucketResult>");
    return reply(fd, 200, "<ListBucketResult/>");
}

static const struct {
    const char *param, *root;
} settings[] = {
    {.param = "?versioning=", .root = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"},
    {.param = "?location=", .root = "<LocationConstraint>eu-west-3</LocationConstraint>"},
    {.param = "?acl=", .root = "<AccessControlPolicy/>"}};
static const struct {
    const char *param, *code;
} absents[] = {{.param = "?encryption=", .code = "ServerSideEncryptionConfigurationNotFoundError"},
               {.param = "?publicAccessBlock=", .code = "NoSuchPublicAccessBlockConfiguration"},
               {.param = "?object-lock=", .code = "ObjectLockConfigurationNotFoundError"}};

static bool reply_setting(const struct stage *stage, const char *target, int fd)
{
    char body[200];
    if (stage->are_flags_denied)
        return reply(fd, 403, denied_body);
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (strstr(target, settings[i].param))
            return reply(fd, 200, settings[i].root);
    if (strstr(target, "?policyStatus=") && stage->is_open_by_policy)
        return reply(fd, 200, "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>");
    for (size_t i = 0; i < sizeof absents / sizeof absents[0]; i++)
        if (strstr(target, absents[i].param)) {
            snprintf(body, sizeof body, "<Error><Code>%s</Code></Error>", absents[i].code);
            return reply(fd, 404, body);
        }
    if (strstr(target, "?policyStatus="))
        return reply(fd, 404, "<Error><Code>NoSuchBucketPolicy</Code></Error>");
    return reply(fd, 200,
                 "<ListMultipartUploadsResult><Upload><Key>k</Key><UploadId>u</UploadId><Initiated>"
                 "2026-11-01T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>");
}

/* The object "a", whose whole content is "a". */
static bool reply_object(const struct test_request *req, int fd)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Type: text/plain\r\n"
                               "ETag: \"0cc175b9c0f1b6a831c399e269772661\"\r\nx-amz-meta-run: 42\r\n"
                               "x-amz-checksum-crc32: 6Le+Qw==\r\n\r\na";
    return testserver_write(fd, head, sizeof head - 1 - (strcmp(req->method, "HEAD") == 0));
}

static bool serve(struct testserver *server, const struct test_request *req, int fd, void *context)
{
    const struct stage *stage = context;
    char body[1000];
    if (stage->hangs)
        return testserver_hang(server, fd);
    if (strncmp(req->target, "/?", 2) == 0 || strcmp(req->target, "/") == 0) {
        if (strcmp(req->method, "POST") == 0)
            return reply(fd, 200,
                         "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>"
                         "</GetCallerIdentityResult></GetCallerIdentityResponse>");
        snprintf(body, sizeof body, "<ListAllMyBucketsResult><Buckets>%s</Buckets></ListAllMyBucketsResult>",
                 stage->buckets);
        return reply(fd, 200, body);
    }
    if (strstr(req->target, "list-type=2"))
        return reply_listing(stage, req->target, fd);
    if (strstr(req->target, "versions="))
        return reply(fd, 200,
                     "<ListVersionsResult><Version><Key>raw/a</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>"
                     "<Size>1</Size></Version><Version><Key>raw/ab</Key><VersionId>x</VersionId></Version>"
                     "</ListVersionsResult>");
    if (strstr(req->target, "tagging="))
        return reply(fd, 200, "<Tagging><TagSet><Tag><Key>owner</Key><Value>etl</Value></Tag></TagSet></Tagging>");
    if (strstr(req->target, "/raw/a"))
        return reply_object(req, fd);
    return reply_setting(stage, req->target, fd);
}

/* --- waiting for what a snapshot shows --- */

static void note_change(void *context)
{
    struct stage *stage = context;
    pthread_mutex_lock(&stage->lock);
    stage->changes++;
    pthread_cond_broadcast(&stage->changed);
    pthread_mutex_unlock(&stage->lock);
}

typedef bool shows(const struct snap *snap);

/* The first snapshot that satisfies; the caller puts it. */
static const struct snap *wait_for(struct stage *stage, struct snap_slot *slot, shows *is_there)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    for (;;) {
        pthread_mutex_lock(&stage->lock);
        uint64_t seen = stage->changes;
        pthread_mutex_unlock(&stage->lock);
        const struct snap *snap = snap_slot_get(slot);
        if (snap && is_there(snap))
            return snap;
        snap_put(snap);
        pthread_mutex_lock(&stage->lock);
        int late = 0;
        while (stage->changes == seen && !late)
            late = pthread_cond_timedwait(&stage->changed, &stage->lock, &until);
        pthread_mutex_unlock(&stage->lock);
        if (late)
            fail_msg("the snapshot that was waited for never came");
    }
}

static bool is_settled(const struct snap *snap)
{
    const struct zones_view *view = snap->value;
    return view && !view->is_listing;
}

static bool is_error(const struct snap *snap)
{
    return snap->err.code != ERR_OK;
}

static int set(void **state)
{
    struct stage *stage = calloc(1, sizeof *stage);
    pthread_mutex_init(&stage->lock, NULL);
    pthread_cond_init(&stage->changed, NULL);
    stage->buckets = "<Bucket><Name>logs</Name></Bucket><Bucket><Name>lakehouse</Name></Bucket>";
    stage->server = testserver_start(serve, stage);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
    snprintf(stage->config.profile, sizeof stage->config.profile, "default");
    snprintf(stage->config.endpoint, sizeof stage->config.endpoint, "http://127.0.0.1:%d",
             testserver_port(stage->server));
    snprintf(stage->config.region, sizeof stage->config.region, "us-east-1");
    stage->config.refresh_ms = 60000;
    struct session_options options = {.config = &stage->config, .changed = note_change, .context = stage};
    stage->session = session_open(&options, NULL);
    stage->zones = session_zones(stage->session);
    *state = stage;
    return 0;
}

static int strike(void **state)
{
    struct stage *stage = *state;
    session_close(stage->session);
    testserver_stop(stage->server);
    free(stage);
    return 0;
}

static const struct snap *settled(struct stage *stage)
{
    feed_set_visible(zones_totals_feed(stage->zones), true);
    return wait_for(stage, zones_totals(stage->zones), is_settled);
}

static void the_lake_is_chosen_and_its_zones_stand_in_order(void **state)
{
    struct stage *stage = *state;
    const struct snap *snap = settled(stage);
    const struct zones_view *view = snap->value;
    static const char *const order[] = {"raw/", "curated/", "models/", "archive/", "(root)"};
    assert_string_equal(view->bucket, "lakehouse");
    assert_int_equal(view->zone_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(view->zones[i].name, order[i]);
    assert_int_equal(view->zones[0].totals.objects, 2500);
    assert_int_equal(view->zones[0].totals.bytes, 25000);
    assert_string_equal(view->zones[1].children[0].name, "t/");
    assert_true(view->all.is_complete);
    assert_int_equal(view->all.objects, 2502);
    assert_int_equal(view->curated_behind_ms, 60 * 60 * 1000); /* raw 14:59, curated 13:59 */
    snap_put(snap);
}

static void a_denied_zone_carries_its_error_and_leaves_the_others(void **state)
{
    struct stage *stage = *state;
    stage->denied = "curated%2F";
    const struct snap *snap = settled(stage);
    const struct zones_view *view = snap->value;
    assert_int_equal(view->zones[1].err.code, ERR_DENIED);
    assert_int_equal(view->zones[0].totals.objects, 2500);
    assert_false(view->all.is_complete);
    assert_true(view->curated_behind_ms == INT64_MIN);
    assert_int_equal(zone_columns[1].get(&view->zones[1]).state, VALUE_DENIED);
    snap_put(snap);
}

static void without_the_first_level_the_known_zones_are_tried(void **state)
{
    struct stage *stage = *state;
    stage->is_root_denied = true;
    stage->denied = "models%2F";
    const struct snap *snap = settled(stage);
    const struct zones_view *view = snap->value;
    assert_int_equal(view->zone_count, 3); /* raw, curated, models: denied is worth a row, empty is not */
    assert_string_equal(view->zones[2].name, "models/");
    assert_int_equal(view->zones[2].err.code, ERR_DENIED);
    assert_false(view->all.is_complete);
    snap_put(snap);
}

static void flags_say_what_is_set_and_what_is_not(void **state)
{
    struct stage *stage = *state;
    const struct snap *snap = settled(stage);
    const struct zones_view *view = snap->value;
    assert_int_equal(view->flags.versioned, FLAG_YES);
    assert_int_equal(view->flags.encrypted, FLAG_NO);
    assert_int_equal(view->flags.is_public, FLAG_NO);
    assert_int_equal(view->flags.object_lock, FLAG_NO);
    assert_string_equal(view->flags.region, "eu-west-3");
    assert_int_equal(view->flags.orphan_uploads, 1);
    snap_put(snap);
}

static void an_open_policy_that_nothing_blocks_is_public(void **state)
{
    struct stage *stage = *state;
    stage->is_open_by_policy = true;
    const struct snap *snap = settled(stage);
    assert_int_equal(((const struct zones_view *)snap->value)->flags.is_public, FLAG_YES);
    snap_put(snap);
}

static void denied_flags_are_denied_and_never_private(void **state)
{
    struct stage *stage = *state;
    stage->are_flags_denied = true;
    const struct snap *snap = settled(stage);
    const struct zones_view *view = snap->value;
    assert_int_equal(view->flags.is_public, FLAG_DENIED);
    assert_int_equal(view->flags.versioned, FLAG_DENIED);
    assert_int_equal(view->flags.orphan_uploads, -1);
    assert_true(view->all.is_complete);
    snap_put(snap);
}

static void no_name_means_the_list_of_buckets(void **state)
{
    struct stage *stage = *state;
    stage->buckets = "<Bucket><Name>a</Name></Bucket><Bucket><Name>b</Name></Bucket>";
    const struct snap *snap = settled(stage);
    const struct zones_view *view = snap->value;
    assert_string_equal(view->bucket, "");
    assert_int_equal(view->bucket_count, 2);
    assert_string_equal(view->buckets[1].name, "b");
    snap_put(snap);
}

static void an_unreachable_endpoint_is_an_error_of_the_snapshot(void **state)
{
    struct stage *stage = *state;
    snprintf(stage->config.endpoint, sizeof stage->config.endpoint, "http://127.0.0.1:%d", testserver_closed_port());
    feed_set_visible(zones_totals_feed(stage->zones), true);
    const struct snap *snap = wait_for(stage, zones_totals(stage->zones), is_error);
    assert_int_equal(snap->err.code, ERR_CONNECT);
    assert_null(snap->value);
    snap_put(snap);
}

static bool has_1000(const struct snap *snap)
{
    const struct place_view *view = snap->value;
    return view && !view->is_loading && view->count == 1000;
}

static bool has_2500(const struct snap *snap)
{
    const struct place_view *view = snap->value;
    return view && !view->is_loading && view->count == 2500;
}

static void a_place_is_read_as_far_as_somebody_scrolls(void **state)
{
    struct stage *stage = *state;
    zones_set_place(stage->zones, "lakehouse", "raw/", false);
    feed_set_visible(zones_place_feed(stage->zones), true);
    const struct snap *first = wait_for(stage, zones_place(stage->zones), has_1000);
    int requests = testserver_requests(stage->server);
    const struct place_view *view = first->value;
    assert_false(view->is_complete);
    assert_string_equal(view->entries[999].name, "part-0999");
    zones_want_more(stage->zones, 2400);
    const struct snap *second = wait_for(stage, zones_place(stage->zones), has_2500);
    view = second->value;
    assert_true(view->is_complete);
    assert_string_equal(view->entries[2499].key, "raw/part-2499");
    assert_int_equal(view->bytes, 25000);
    assert_true(testserver_requests(stage->server) <= requests + 3); /* the first page is not asked again */
    snap_put(first);
    snap_put(second);
}

static void a_denied_place_does_not_wear_the_rows_of_the_one_before(void **state)
{
    struct stage *stage = *state;
    stage->denied = "models%2F";
    zones_set_place(stage->zones, "lakehouse", "raw/", false);
    feed_set_visible(zones_place_feed(stage->zones), true);
    snap_put(wait_for(stage, zones_place(stage->zones), has_1000));
    zones_set_place(stage->zones, "lakehouse", "models/", false);
    const struct snap *snap = wait_for(stage, zones_place(stage->zones), is_error);
    const struct place_view *view = snap->value;
    assert_int_equal(snap->err.code, ERR_DENIED);
    assert_string_equal(view->prefix, "models/");
    assert_int_equal(view->count, 0);
    assert_false(view->is_complete);
    snap_put(snap);
}

static void more_of_one_place_never_comes_from_another(void **state)
{
    struct stage *stage = *state;
    zones_set_place(stage->zones, "lakehouse", "raw/", false);
    feed_set_visible(zones_place_feed(stage->zones), true);
    snap_put(wait_for(stage, zones_place(stage->zones), has_1000));
    zones_set_place(stage->zones, "lakehouse", "curated/", false);
    zones_set_place(stage->zones, "lakehouse", "raw/", false);
    zones_want_more(stage->zones, 2500);
    const struct snap *snap = wait_for(stage, zones_place(stage->zones), has_2500);
    const struct place_view *view = snap->value;
    for (size_t i = 1; i < view->count; i++)
        assert_true(strcmp(view->entries[i - 1].key, view->entries[i].key) < 0);
    snap_put(snap);
}

static bool is_verified(const struct snap *snap)
{
    const struct object_view *view = snap->value;
    return view && view->checksum_state == CHECKSUM_VERIFIED;
}

static void an_object_has_details_preview_and_a_verified_checksum(void **state)
{
    struct stage *stage = *state;
    zones_set_object(stage->zones, "lakehouse", "raw/a", NULL);
    feed_set_visible(zones_object_feed(stage->zones), true);
    const struct snap *snap = wait_for(stage, zones_object(stage->zones), is_verified);
    const struct object_view *view = snap->value;
    assert_string_equal(view->content_type, "text/plain");
    assert_string_equal(view->checksum_name, "crc32");
    assert_int_equal(view->preview, PREVIEW_TEXT);
    assert_string_equal(view->lines[0], "a");
    assert_int_equal(view->metadata.count, 1);
    assert_string_equal(view->metadata.items[0].value, "42");
    assert_string_equal(view->tags.items[0].name, "owner");
    assert_int_equal(view->version_count, 1); /* raw/ab is another object */
    assert_string_equal(view->versions[0].version_id, "v2");
    snap_put(snap);
}

/* Without the cancel it would take until the stall limit of 15 s. */
static void closing_ends_a_feed_that_hangs(void **state)
{
    struct stage *stage = *state;
    stage->hangs = true;
    feed_set_visible(zones_totals_feed(stage->zones), true);
    testserver_wait_requests(stage->server, 1);
    int64_t started = clock_mono(&clock_system);
    session_close(stage->session);
    int64_t took_ms = clock_mono(&clock_system) - started;
    print_message("closed in %lld ms\n", (long long)took_ms);
    assert_true(took_ms < 5000);
    struct session_options options = {.config = &stage->config};
    stage->session = session_open(&options, NULL); /* for the teardown */
}

int main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, set, strike)
    const struct CMUnitTest tests[] = {
        STAGED(the_lake_is_chosen_and_its_zones_stand_in_order),
        STAGED(a_denied_zone_carries_its_error_and_leaves_the_others),
        STAGED(without_the_first_level_the_known_zones_are_tried),
        STAGED(flags_say_what_is_set_and_what_is_not),
        STAGED(an_open_policy_that_nothing_blocks_is_public),
        STAGED(denied_flags_are_denied_and_never_private),
        STAGED(no_name_means_the_list_of_buckets),
        STAGED(an_unreachable_endpoint_is_an_error_of_the_snapshot),
        STAGED(a_place_is_read_as_far_as_somebody_scrolls),
        STAGED(a_denied_place_does_not_wear_the_rows_of_the_one_before),
        STAGED(more_of_one_place_never_comes_from_another),
        STAGED(an_object_has_details_preview_and_a_verified_checksum),
        STAGED(closing_ends_a_feed_that_hangs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
