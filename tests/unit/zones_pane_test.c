/* The Zones pane over make-believe snapshots: what each state of the lake looks like, and where keys lead. App, session
 * and domain are played here, so the real ones are not linked; tests/screen drives the whole program. */
#include "backend/base/json.h"
#include "backend/domain/transfer.h"
#include "tui/pane/zones.h"
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STACK = 4 };
#define NOW_MS 1795510000000 /* 2026-11-24 08:46:40Z */
enum { MINUTE = 60000, HOUR = 3600000 };

/* --- the app --- */
struct app {
    struct config config;
    struct pane pane;
    struct overlay stack[STACK];
    int depth;
    bool refuses;
    char said[512], copied[512];
};
static struct app the_app;
static int64_t later_ms;
static int64_t the_time(const struct clock *clock)
{
    (void)clock;
    return NOW_MS + later_ms;
}
static const struct clock the_clock = {.wall_ms = the_time, .mono_ms = the_time};
const struct config *app_config(const struct app *app)
{
    return &app->config;
}
const struct clock *app_clock(const struct app *app)
{
    (void)app;
    return &the_clock;
}
struct session *app_session(const struct app *app)
{
    (void)app;
    return NULL;
}
struct pane *app_focused(const struct app *app)
{
    return (struct pane *)&app->pane;
}
bool app_is_readonly(const struct app *app)
{
    return app->config.readonly;
}
bool app_is_paused(const struct app *app)
{
    (void)app;
    return false;
}
bool app_shows_times(const struct app *app)
{
    (void)app;
    return false;
}
void app_dirty(struct app *app)
{
    (void)app;
}
bool app_may(struct app *app, enum action action)
{
    (void)action;
    return !app->refuses;
}
void app_zoom(struct app *app, bool zoomed)
{
    app->pane.is_zoomed = zoomed;
}
void app_say(struct app *app, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(app->said, sizeof app->said, format, args);
    va_end(args);
}
void app_say_error(struct app *app, const struct err *err)
{
    snprintf(app->said, sizeof app->said, "%s", err->text);
}
void app_copy(struct app *app, const char *bytes, size_t len)
{
    snprintf(app->copied, sizeof app->copied, "%.*s", (int)len, bytes);
}
bool app_run_child(struct app *app, const char *const *argv, struct err *err)
{
    (void)argv, (void)err;
    snprintf(app->said, sizeof app->said, "child");
    return true;
}
void app_push_overlay(struct app *app, const struct overlay_ops *ops, void *state)
{
    assert_true(app->depth < STACK);
    app->stack[app->depth++] = (struct overlay){.ops = ops, .app = app, .state = state};
}
void app_close_overlay(struct app *app, struct overlay *overlay)
{
    struct overlay closed = *overlay;
    app->depth--;
    closed.ops->close(&closed);
}
void copy_add(struct copy_items *items, const char *label, const char *bytes, size_t len)
{
    int at = items->count++;
    snprintf(items->item[at].label, sizeof items->item[at].label, "%s", label);
    buf_init(&items->item[at].text, 1 << 20);
    buf_append(&items->item[at].text, bytes, len);
}

/* --- session and jobs --- */
struct zones {
    int unused;
};
static struct zones the_zones;
static char submitted[256];
static struct job_view the_job;
struct zones *session_zones(struct session *session)
{
    (void)session;
    return &the_zones;
}
struct jobs *session_jobs(struct session *session)
{
    (void)session;
    return NULL;
}
struct aws *session_aws(struct session *session)
{
    (void)session;
    return NULL;
}
bool session_is_embedded(const struct session *session)
{
    (void)session;
    return true;
}
void session_identity(struct session *session, char *name, char *account, char *region, size_t size)
{
    (void)session, (void)size;
    *name = *account = *region = '\0';
}
int jobs_submit(struct jobs *jobs, const struct job_ops *ops, void *context, const char *title)
{
    (void)jobs;
    snprintf(submitted, sizeof submitted, "%s", title);
    the_job = (struct job_view){.id = 7, .state = JOB_RUNNING};
    ops->finished(context);
    return 7;
}
int jobs_list(struct jobs *jobs, struct job_view *views, int max)
{
    (void)jobs, (void)max;
    views[0] = the_job;
    return 1;
}
const struct cancel *job_cancel(struct job *job)
{
    (void)job;
    return NULL;
}
void job_progress(struct job *job, int64_t done, int64_t total)
{
    (void)job, (void)done, (void)total;
}
void job_note(struct job *job, const char *format, ...)
{
    (void)job, (void)format;
}
bool transfer_copy(struct session *session, const struct transfer_options *options, struct transfer_result *result,
                   struct err *err)
{
    (void)session, (void)options, (void)result, (void)err;
    return true;
}
bool transfer_remove(struct session *session, const struct remove_options *options, struct transfer_result *result,
                     struct err *err)
{
    (void)session, (void)options, (void)result, (void)err;
    return true;
}

/* --- feeds, snapshots, domain --- */
struct snap_slot {
    struct snap snap;
    bool is_there;
};
static struct snap_slot totals, place, object;
static int refreshed;
const struct snap *snap_slot_get(struct snap_slot *slot)
{
    return slot->is_there ? &slot->snap : NULL;
}
bool snap_slot_take(struct snap_slot *slot, const struct snap **held)
{
    const struct snap *newest = snap_slot_get(slot), *before = *held;
    *held = newest;
    return newest != before;
}
const struct snap *snap_get(const struct snap *snap)
{
    return snap;
}
void snap_put(const struct snap *snap)
{
    (void)snap;
}
void feed_refresh(struct feed *feed)
{
    (void)feed;
    refreshed++;
}
void feed_set_paused(struct feed *feed, bool paused)
{
    (void)feed;
    (void)paused;
}
void feed_set_visible(struct feed *feed, bool visible)
{
    (void)feed, (void)visible;
}
enum feed_state feed_state(struct feed *feed)
{
    (void)feed;
    return FEED_IDLE;
}
int64_t feed_interval(const struct feed *feed)
{
    (void)feed;
    return 1000;
}
struct snap_slot *zones_totals(struct zones *zones)
{
    (void)zones;
    return &totals;
}
struct snap_slot *zones_place(struct zones *zones)
{
    (void)zones;
    return &place;
}
struct snap_slot *zones_object(struct zones *zones)
{
    (void)zones;
    return &object;
}
struct feed *zones_totals_feed(struct zones *zones)
{
    (void)zones;
    return NULL;
}
struct feed *zones_place_feed(struct zones *zones)
{
    (void)zones;
    return NULL;
}
struct feed *zones_object_feed(struct zones *zones)
{
    (void)zones;
    return NULL;
}
static char asked_bucket[64], asked_prefix[1025], asked_key[1025];
static bool asked_versions;
void zones_set_bucket(struct zones *zones, const char *bucket)
{
    (void)zones;
    snprintf(asked_bucket, sizeof asked_bucket, "%s", bucket);
}
void zones_set_place(struct zones *zones, const char *bucket, const char *prefix, bool with_versions)
{
    (void)zones;
    snprintf(asked_bucket, sizeof asked_bucket, "%s", bucket);
    snprintf(asked_prefix, sizeof asked_prefix, "%s", prefix);
    asked_versions = with_versions;
}
void zones_want_more(struct zones *zones, size_t rows)
{
    (void)zones, (void)rows;
}
void zones_set_object(struct zones *zones, const char *bucket, const char *key, const char *version_id)
{
    (void)zones, (void)bucket, (void)version_id;
    snprintf(asked_key, sizeof asked_key, "%s", key);
}

static void publish(struct snap_slot *slot, const void *value)
{
    slot->snap.value = value;
    slot->snap.taken_ms = NOW_MS - 4000;
    slot->snap.generation++;
    slot->snap.err = ERR_NONE;
    slot->is_there = true;
}
static void publish_error(struct snap_slot *slot, enum err_code code, const char *text)
{
    slot->snap.generation++;
    slot->is_there = true;
    err_set(&slot->snap.err, code, "%s", text);
}

/* --- a lake --- */
static const struct zone_row children[] = {
    {.name = "orders/",
     .bucket = "lake",
     .prefix = "raw/orders/",
     .totals = {.objects = 3, .bytes = 3 << 20, .is_complete = true}},
};
static struct zone_row zones[] = {
    {.name = "raw/",
     .bucket = "lake",
     .prefix = "raw/",
     .totals = {.objects = 6, .bytes = 40 << 20, .newest_ms = NOW_MS - 3 * MINUTE, .small = 6, .is_complete = true},
     .children = children,
     .child_count = 1},
    {.name = "curated/",
     .bucket = "lake",
     .prefix = "curated/",
     .totals = {.objects = 2000, .bytes = 9 << 20, .newest_ms = NOW_MS - 64 * MINUTE}},
    {.name = "models/", .bucket = "lake", .prefix = "models/", .err = {.code = ERR_DENIED, .text = "AccessDenied"}},
};
static const struct zones_view lake = {
    .bucket = "lake",
    .zones = zones,
    .zone_count = 3,
    .all = {.objects = 2006, .bytes = 49 << 20},
    .flags = {.versioned = FLAG_YES, .encrypted = FLAG_NO, .is_public = FLAG_YES, .object_lock = FLAG_DENIED},
    .curated_behind_ms = 61 * MINUTE,
};
static const struct entry_row root_entries[] = {
    {.kind = ENTRY_PREFIX, .name = "curated/", .key = "curated/", .name_len = 8, .key_len = 8, .bytes = -1},
    {.kind = ENTRY_PREFIX, .name = "raw/", .key = "raw/", .name_len = 4, .key_len = 4, .bytes = -1},
};
#define HOSTILE "we\x1b[31mird\xe2\x80\xaename.csv"
static const struct entry_row raw_entries[] = {
    {.kind = ENTRY_OBJECT,
     .name = "a.csv.gz",
     .key = "raw/a.csv.gz",
     .name_len = 8,
     .key_len = 12,
     .bytes = 1069547,
     .modified_ms = NOW_MS - 3 * MINUTE,
     .etag = "5f3c",
     .storage_class = "STANDARD",
     .version_id = "",
     .is_latest = true},
    {.kind = ENTRY_OBJECT,
     .name = HOSTILE,
     .key = "raw/" HOSTILE,
     .name_len = sizeof HOSTILE - 1,
     .key_len = sizeof HOSTILE + 3,
     .bytes = 12,
     .modified_ms = NOW_MS - HOUR,
     .etag = "77",
     .storage_class = "STANDARD",
     .version_id = "",
     .is_latest = true},
};
static const struct place_view root = {
    .bucket = "lake", .prefix = "", .entries = root_entries, .count = 2, .is_complete = true};
static const struct place_view raw = {
    .bucket = "lake", .prefix = "raw/", .entries = raw_entries, .count = 2, .bytes = 1069559, .is_complete = true};
static const char *const header[] = {"id", "days"};
static const char *const cells[] = {"1", NULL, "22", "15.0"};
static const struct object_view object_a = {.bucket = "lake",
                                            .key = "raw/a.csv.gz",
                                            .version_id = "v3",
                                            .bytes = 1069547,
                                            .modified_ms = NOW_MS - 3 * MINUTE,
                                            .etag = "5f3c",
                                            .content_type = "text/csv",
                                            .encryption = "AES256",
                                            .checksum_name = "crc64nvme",
                                            .checksum = "vS2k8Q==",
                                            .checksum_state = CHECKSUM_VERIFIED,
                                            .preview = PREVIEW_TABLE,
                                            .preview_format = "text/csv in gzip",
                                            .header = header,
                                            .columns = 2,
                                            .cells = cells,
                                            .rows = 2};

/* --- helpers --- */
static int setup(void **state)
{
    (void)state;
    struct err err = ERR_NONE;
    memset(&the_app, 0, sizeof the_app);
    later_ms = 0;
    the_app.config.refresh_ms = 10000;
    the_app.config.fresh_ms = 30 * MINUTE;
    totals = place = object = (struct snap_slot){0};
    submitted[0] = asked_bucket[0] = asked_prefix[0] = asked_key[0] = '\0';
    the_app.pane = (struct pane){.ops = &pane_zones, .app = &the_app, .has_focus = true};
    return pane_zones.open(&the_app.pane, &err) ? 0 : -1;
}
static int teardown(void **state)
{
    (void)state;
    while (the_app.depth > 0)
        app_close_overlay(&the_app, &the_app.stack[the_app.depth - 1]);
    pane_zones.close(&the_app.pane);
    return 0;
}
static void changed(void)
{
    pane_zones.changed(&the_app.pane);
}
static void act(enum action action)
{
    struct overlay *top = the_app.depth > 0 ? &the_app.stack[the_app.depth - 1] : NULL;
    if (top)
        top->ops->act(top, action);
    else
        pane_zones.act(&the_app.pane, action);
}
static void press(const char *chord)
{
    struct event event = {.kind = EVENT_KEY};
    assert_true(key_parse(chord, strlen(chord), &event.key));
    struct overlay *top = &the_app.stack[the_app.depth - 1];
    top->ops->key(top, &event);
}
static struct canvas *draw(int rows, int cols)
{
    struct canvas *canvas = canvas_new(rows, cols);
    struct rect all = {.rows = rows, .cols = cols};
    if (the_app.pane.is_zoomed)
        pane_zones.draw_full(&the_app.pane, canvas, all);
    else
        pane_zones.draw_tile(&the_app.pane, canvas, all);
    if (the_app.depth > 0)
        the_app.stack[the_app.depth - 1].ops->draw(&the_app.stack[the_app.depth - 1], canvas, all);
    return canvas;
}
/* Where a text is on the screen; fails with the screen when it is not. */
static enum theme_role role_of(int rows, int cols, const char *text)
{
    struct canvas *canvas = draw(rows, cols);
    struct buf out = BUF_INIT(1 << 18);
    canvas_dump(canvas, &out);
    const char *found = strstr(buf_text(&out), text);
    if (!found)
        fail_msg("no \"%s\" in\n%s", text, buf_text(&out));
    int row = 0;
    for (const char *at = buf_text(&out); at < found; at++)
        row += *at == '\n';
    enum theme_role role = ROLE_text;
    for (int col = 0; col < cols; col++) { /* the first cell from which the row reads like the text */
        struct buf here = BUF_INIT(4096);
        for (int i = col; i < cols && here.len < strlen(text); i++)
            buf_puts(&here, canvas_cell(canvas, row, i)->glyph[0] ? canvas_cell(canvas, row, i)->glyph : "");
        bool is_it = strncmp(buf_text(&here), text, strlen(text)) == 0;
        buf_done(&here);
        if (is_it) {
            role = (enum theme_role)canvas_cell(canvas, row, col)->role;
            break;
        }
    }
    buf_done(&out);
    canvas_free(canvas);
    return role;
}
static bool shows(int rows, int cols, const char *text)
{
    struct canvas *canvas = draw(rows, cols);
    struct buf out = BUF_INIT(1 << 18);
    canvas_dump(canvas, &out);
    bool is_there = strstr(buf_text(&out), text) != NULL;
    buf_done(&out);
    canvas_free(canvas);
    return is_there;
}
static void open_raw(void)
{
    publish(&totals, &lake);
    changed();
    publish(&place, &root);
    changed();
    act(ACTION_open); /* raw/ is the first zone */
    assert_string_equal(asked_prefix, "raw/");
    publish(&place, &raw);
    changed();
}

/* --- the tile --- */
static void before_the_first_answer_it_says_what_is_asked(void **state)
{
    (void)state;
    assert_true(shows(8, 50, "asking S3 for the zones of the lake"));
    struct pane_status status;
    pane_zones.status(&the_app.pane, &status);
    assert_int_equal(status.source, SOURCE_LOADING);
    assert_int_equal(status.total, -1);
}

static void zones_show_figures_lower_bounds_and_denials(void **state)
{
    (void)state;
    publish(&totals, &lake);
    changed();
    role_of(12, 70, " raw/ ");
    assert_true(shows(12, 70, "2 000+"));
    assert_int_equal(role_of(12, 70, "denied"), ROLE_warn);
    assert_true(shows(12, 70, "2 006+ objects  49.0 MiB+"));
}

static void public_and_unencrypted_are_said_in_warn(void **state)
{
    (void)state;
    publish(&totals, &lake);
    changed();
    assert_int_equal(role_of(14, 70, "PUBLIC"), ROLE_warn);
    assert_int_equal(role_of(14, 70, "unencrypted"), ROLE_warn);
    assert_int_equal(role_of(14, 70, "versioned"), ROLE_dim);
}

static void curated_behind_raw_is_a_warning_past_the_limit_only(void **state)
{
    (void)state;
    publish(&totals, &lake);
    changed();
    assert_int_equal(role_of(14, 70, "curated is 1h01m behind raw"), ROLE_warn);
    the_app.config.fresh_ms = 2 * HOUR;
    assert_int_equal(role_of(14, 70, "curated is 1h01m behind raw"), ROLE_dim);
}

static void an_empty_lake_says_what_would_fill_it(void **state)
{
    (void)state;
    static const struct zones_view empty = {
        .bucket = "lake", .all = {.is_complete = true}, .curated_behind_ms = INT64_MIN};
    publish(&totals, &empty);
    changed();
    assert_true(shows(10, 70, "The lake is empty."));
}

static void a_denial_names_the_permission_and_the_key(void **state)
{
    (void)state;
    publish_error(&totals, ERR_DENIED, "s3 ListBuckets: AccessDenied - needs s3:ListAllMyBuckets");
    changed();
    assert_int_equal(role_of(10, 70, "s3 ListBuckets"), ROLE_error);
    assert_true(shows(10, 70, "needs s3:ListAllMyBuckets"));
    assert_true(shows(10, 70, "P shows the policy"));
}

static void after_a_failure_the_old_figures_stay_dimmed_beside_it(void **state)
{
    (void)state;
    publish(&totals, &lake);
    changed();
    publish_error(&totals, ERR_CONNECT, "s3: connection refused by 127.0.0.1:9");
    changed();
    struct pane_status status;
    pane_zones.status(&the_app.pane, &status);
    assert_int_equal(status.source, SOURCE_UNREACHABLE);
    assert_int_equal(role_of(14, 70, "2 000+"), ROLE_stale);
    assert_int_equal(role_of(14, 70, "s3: connection refused"), ROLE_error);
}

static void without_a_bucket_the_buckets_are_listed_and_one_is_chosen(void **state)
{
    (void)state;
    static const struct bucket_row buckets[] = {{.name = "lake", .created_ms = 1}, {.name = "other", .created_ms = 2}};
    static const struct zones_view view = {.bucket = "", .buckets = buckets, .bucket_count = 2};
    publish(&totals, &view);
    changed();
    assert_true(shows(10, 70, "other"));
    act(ACTION_down);
    act(ACTION_open);
    assert_string_equal(asked_bucket, "other");
    assert_true(the_app.pane.is_zoomed);
}

/* --- the full view --- */
static void three_parts_two_or_one_by_width(void **state)
{
    (void)state;
    open_raw();
    assert_true(shows(20, 140, "1 Zones") && shows(20, 140, "MODIFIED") && shows(20, 140, "size"));
    assert_false(shows(20, 100, "1 Zones"));
    assert_true(shows(20, 100, "SIZE") && shows(20, 100, "checksum"));
    assert_false(shows(20, 60, "checksum"));
    act(ACTION_next);
    assert_true(shows(20, 60, "checksum"));
    assert_false(shows(20, 60, "NAME"));
    act(ACTION_next);
    assert_true(shows(20, 60, "orders/"));
    assert_true(shows(20, 100, "orders/") && shows(20, 100, "NAME"));
}

static void details_follow_the_cursor(void **state)
{
    (void)state;
    open_raw();
    canvas_free(draw(20, 140)); /* the details come on the screen: from now on they are asked for */
    assert_string_equal(asked_key, "raw/a.csv.gz");
    assert_int_equal(role_of(20, 140, "asking"), ROLE_dim);
    publish(&object, &object_a);
    changed();
    assert_int_equal(role_of(20, 140, "crc64nvme vS2k8Q==  verified"), ROLE_ok);
    assert_true(shows(24, 140, "s3://lake/raw/a.csv.gz"));
    assert_true(shows(24, 140, "ID  DAYS"));
    assert_true(shows(24, 140, " 1     ∅"));
    act(ACTION_down);
    assert_string_equal(asked_key, "raw/" HOSTILE);
    assert_true(shows(20, 140, "verified")); /* for a moment, under the name it belongs to */
    assert_true(shows(20, 140, "┌─ a.csv.gz"));
    later_ms = 400;
    assert_false(shows(20, 140, "verified"));
    assert_false(shows(20, 140, "┌─ a.csv.gz"));
}

static void hostile_names_are_shown_harmless(void **state)
{
    (void)state;
    open_raw();
    assert_true(shows(20, 200, "we\\x1b[31mird<U+202E>name.csv"));
}

static void enter_goes_in_and_esc_comes_back_with_filter_and_cursor(void **state)
{
    (void)state;
    publish(&totals, &lake);
    changed();
    publish(&place, &root);
    changed();
    the_app.pane.is_zoomed = true;
    pane_zones.filter(&the_app.pane, "raw");
    assert_string_equal(pane_zones.filter_text(&the_app.pane), "raw");
    act(ACTION_open);
    assert_string_equal(asked_prefix, "raw/");
    assert_string_equal(pane_zones.filter_text(&the_app.pane), "");
    publish(&place, &raw);
    changed();
    struct buf crumbs = BUF_INIT(256);
    assert_true(pane_zones.crumbs(&the_app.pane, &crumbs));
    assert_string_equal(buf_text(&crumbs), "lake › raw");
    buf_done(&crumbs);
    act(ACTION_back);
    assert_string_equal(asked_prefix, "");
    assert_string_equal(pane_zones.filter_text(&the_app.pane), "raw");
    publish(&place, &root);
    changed();
    act(ACTION_back); /* clears the filter */
    assert_string_equal(pane_zones.filter_text(&the_app.pane), "");
    assert_true(shows(12, 60, "curated/"));
    assert_false(pane_zones.act(&the_app.pane, ACTION_back)); /* at the root it is the app's */
}

static void a_denied_place_says_so_and_the_rest_stays(void **state)
{
    (void)state;
    open_raw();
    act(ACTION_back);
    publish_error(&place, ERR_DENIED, "s3 ListObjectsV2 on lake: AccessDenied - needs s3:ListBucket");
    changed();
    assert_int_equal(role_of(20, 140, "s3 ListObjectsV2"), ROLE_error);
    assert_true(shows(20, 140, "1 Zones"));
}

static void versions_are_another_listing_of_the_place(void **state)
{
    (void)state;
    open_raw();
    act(ACTION_versions);
    assert_true(asked_versions);
    assert_true(shows(20, 140, "asking S3"));
    act(ACTION_versions);
    assert_false(asked_versions);
}

static void the_tree_leads_to_the_other_buckets_and_esc_comes_back(void **state)
{
    (void)state;
    static const struct bucket_row buckets[] = {{.name = "lake", .created_ms = 1}, {.name = "other", .created_ms = 2}};
    static const struct zones_view view = {.bucket = "", .buckets = buckets, .bucket_count = 2};
    open_raw();
    canvas_free(draw(20, 140));
    act(ACTION_prev);
    act(ACTION_last);
    act(ACTION_open);
    assert_string_equal(asked_bucket, "");
    publish(&totals, &view);
    changed();
    assert_true(shows(12, 80, "CREATED"));
    act(ACTION_back);
    assert_string_equal(asked_bucket, "lake");
    the_app.config.bucket[0] = 'x'; /* given by the user: no such line */
    publish(&totals, &lake);
    changed();
    assert_false(shows(20, 140, "other buckets"));
}

/* --- what changes something --- */
static void deleting_asks_by_name_and_only_y_does_it(void **state)
{
    (void)state;
    open_raw();
    act(ACTION_remove);
    assert_true(shows(24, 100, "s3://lake/raw/a.csv.gz"));
    assert_true(shows(24, 100, "A delete marker is added"));
    press("Enter");
    assert_string_equal(submitted, "");
    press("y");
    assert_string_equal(submitted, "delete s3://lake/raw/a.csv.gz");
}

static void marked_objects_are_deleted_together(void **state)
{
    (void)state;
    open_raw();
    act(ACTION_mark);
    act(ACTION_mark);
    act(ACTION_remove);
    assert_true(shows(24, 100, "Delete 2 marked"));
    press("y");
    assert_string_equal(submitted, "delete 2 objects");
}

static void read_only_opens_no_dialog(void **state)
{
    (void)state;
    open_raw();
    the_app.refuses = true;
    act(ACTION_remove);
    act(ACTION_upload);
    assert_int_equal(the_app.depth, 0);
}

static void downloads_ask_for_a_path_that_can_be_written(void **state)
{
    (void)state;
    open_raw();
    act(ACTION_download);
    assert_true(shows(24, 100, "./a.csv.gz"));
    press("C-u");
    for (const char *at = "/no/such/dir/x"; *at; at++)
        press((char[]){*at, '\0'});
    press("Enter");
    assert_true(shows(24, 100, "! there is no directory /no/such/dir"));
    assert_string_equal(submitted, "");
    press("C-u");
    press("x");
    press("Enter");
    assert_string_equal(submitted, "download s3://lake/raw/a.csv.gz");
}

static void the_end_of_a_job_is_told_and_the_listing_refreshed(void **state)
{
    (void)state;
    open_raw();
    act(ACTION_download);
    press("Enter");
    refreshed = 0;
    changed();
    assert_int_equal(refreshed, 0);
    the_job = (struct job_view){.id = 7, .state = JOB_FAILED};
    err_set(&the_job.err, ERR_DISK_FULL, "./a.csv.gz: no space left");
    changed();
    assert_string_equal(the_app.said, "./a.csv.gz: no space left");
    assert_true(refreshed > 0);
}

static void the_copy_menu_has_exact_bytes(void **state)
{
    (void)state;
    open_raw();
    act(ACTION_down);
    struct copy_items items = {0};
    pane_zones.copy_items(&the_app.pane, &items);
    bool has_key = false;
    for (int i = 0; i < items.count; i++) {
        has_key |=
            strcmp(items.item[i].label, "key") == 0 && strcmp(buf_text(&items.item[i].text), "raw/" HOSTILE) == 0;
        buf_done(&items.item[i].text);
    }
    assert_true(has_key);
}

static void the_raw_json_is_json(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(1 << 16);
    struct err err = ERR_NONE;
    open_raw();
    canvas_free(draw(20, 140));
    publish(&object, &object_a);
    changed();
    assert_true(pane_zones.raw_json(&the_app.pane, &out));
    json_t *json = json_parse(buf_text(&out), out.len, &err);
    assert_non_null(json);
    assert_string_equal(json_str(json, "uri"), "s3://lake/raw/a.csv.gz");
    assert_int_equal(json_int(json, "bytes", 0), 1069547);
    assert_string_equal(json_str(json, "checksum"), "vS2k8Q==");
    json_decref(json);
    buf_done(&out);
}

static void any_size_and_any_key_is_survived(void **state)
{
    (void)state;
    open_raw();
    for (int action = 0; action < ACTION_COUNT; action++) {
        for (int cols = 1; cols < 170; cols += 13)
            canvas_free(draw(cols / 6 + 1, cols));
        act((enum action)action);
        while (the_app.depth > 0)
            app_close_overlay(&the_app, &the_app.stack[the_app.depth - 1]);
    }
}

#define ZONES_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void)
{
    setlocale(LC_ALL, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        ZONES_TEST(before_the_first_answer_it_says_what_is_asked),
        ZONES_TEST(zones_show_figures_lower_bounds_and_denials),
        ZONES_TEST(public_and_unencrypted_are_said_in_warn),
        ZONES_TEST(curated_behind_raw_is_a_warning_past_the_limit_only),
        ZONES_TEST(an_empty_lake_says_what_would_fill_it),
        ZONES_TEST(a_denial_names_the_permission_and_the_key),
        ZONES_TEST(after_a_failure_the_old_figures_stay_dimmed_beside_it),
        ZONES_TEST(without_a_bucket_the_buckets_are_listed_and_one_is_chosen),
        ZONES_TEST(three_parts_two_or_one_by_width),
        ZONES_TEST(details_follow_the_cursor),
        ZONES_TEST(hostile_names_are_shown_harmless),
        ZONES_TEST(enter_goes_in_and_esc_comes_back_with_filter_and_cursor),
        ZONES_TEST(a_denied_place_says_so_and_the_rest_stays),
        ZONES_TEST(versions_are_another_listing_of_the_place),
        ZONES_TEST(the_tree_leads_to_the_other_buckets_and_esc_comes_back),
        ZONES_TEST(deleting_asks_by_name_and_only_y_does_it),
        ZONES_TEST(marked_objects_are_deleted_together),
        ZONES_TEST(read_only_opens_no_dialog),
        ZONES_TEST(downloads_ask_for_a_path_that_can_be_written),
        ZONES_TEST(the_end_of_a_job_is_told_and_the_listing_refreshed),
        ZONES_TEST(the_copy_menu_has_exact_bytes),
        ZONES_TEST(the_raw_json_is_json),
        ZONES_TEST(any_size_and_any_key_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
