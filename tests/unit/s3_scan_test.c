/* Listings of the embedded S3 over its real tables, asked through the service's own entry without HTTP: that pages join
 * without gap or repeat at every size, that hidden and folded keys are skipped, and that the skipping seeks: a page of
 * prefixes over many keys runs a bounded number of SQLite steps. */
#include "backend/local/s3.h"
#include "backend/local/store.h"
#include "tests/lib/s3world.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

static void put(struct s3_world *world, const char *key)
{
    char path[256];
    snprintf(path, sizeof path, "/bucket/%s", key);
    s3_world_ask(world, "PUT", path, "", "x");
    assert_int_equal(world->status, 200);
}

static void make_bucket(struct s3_world *world, const char *versioning)
{
    char document[200];
    s3_world_ask(world, "PUT", "/bucket", "", "");
    assert_int_equal(world->status, 200);
    if (!versioning)
        return;
    snprintf(document, sizeof document, "<VersioningConfiguration><Status>%s</Status></VersioningConfiguration>",
             versioning);
    s3_world_ask(world, "PUT", "/bucket", "versioning", document);
    assert_int_equal(world->status, 200);
}

/* Text of the first element of that name, "" when absent. */
static const char *element(const char *body, const char *name, char out[256])
{
    char open[64];
    snprintf(open, sizeof open, "<%s>", name);
    const char *at = strstr(body, open);
    snprintf(out, 256, "%.*s", at ? (int)strcspn(at + strlen(open), "<") : 0, at ? at + strlen(open) : "");
    return out;
}

/* Keys and then prefixes of one page, joined by spaces, added to out. */
static void add_names(const char *body, char *out, size_t size)
{
    static const char *const tags[] = {"<Key>", "<CommonPrefixes><Prefix>"};
    for (int i = 0; i < 2; i++) {
        for (const char *at = strstr(body, tags[i]); at; at = strstr(at + 1, tags[i])) {
            const char *name = at + strlen(tags[i]);
            size_t len = strlen(out);
            snprintf(out + len, size - len, "%s%.*s", len ? " " : "", (int)strcspn(name, "<"), name);
        }
    }
}

static void listed(struct s3_world *world, const char *query, const char *wanted)
{
    char names[4096] = "";
    s3_world_ask(world, "GET", "/bucket", query, "");
    assert_int_equal(world->status, 200);
    add_names(world->body, names, sizeof names);
    assert_string_equal(names, wanted);
}

/* All pages of that size by markers. */
static void paged(struct s3_world *world, const char *query, int size, const char *wanted)
{
    char names[4096] = "", full[512], token[256] = "", truncated[256];
    do {
        snprintf(full, sizeof full, "list-type=2&max-keys=%d&%s%s%s", size, query, *token ? "&continuation-token=" : "",
                 token);
        s3_world_ask(world, "GET", "/bucket", full, "");
        assert_int_equal(world->status, 200);
        add_names(world->body, names, sizeof names);
        element(world->body, "NextContinuationToken", token);
    } while (strcmp(element(world->body, "IsTruncated", truncated), "true") == 0);
    assert_string_equal(names, wanted);
}

static void pages_join_without_gap_or_repeat(void **state)
{
    struct s3_world *world = *state;
    make_bucket(world, NULL);
    static const char *const keys[] = {"a", "b/1", "b/2", "b/c/3", "d", "e/1", "f"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        put(world, keys[i]);
    for (int size = 1; size <= 8; size++)
        paged(world, "prefix=", size, "a b/1 b/2 b/c/3 d e/1 f");
    for (int size = 1; size <= 8; size++)
        paged(world, "prefix=b/", size, "b/1 b/2 b/c/3");
    /* one entry a page: the order of keys and prefixes together */
    paged(world, "delimiter=/", 1, "a b/ d e/ f");
    paged(world, "delimiter=/&prefix=b/", 1, "b/1 b/2 b/c/");
}

static void a_marker_inside_a_prefix_is_behind_it(void **state)
{
    struct s3_world *world = *state;
    make_bucket(world, NULL);
    put(world, "a/1");
    put(world, "a/2");
    put(world, "b");
    listed(world, "delimiter=/&marker=a/", "b");
    listed(world, "delimiter=/&marker=a/1", "b");
    listed(world, "marker=a/", "a/1 a/2 b");
    listed(world, "marker=a/1", "a/2 b");
}

static void keys_behind_delete_markers_are_hidden(void **state)
{
    struct s3_world *world = *state;
    make_bucket(world, "Enabled");
    for (int i = 0; i < 20; i++) {
        put(world, "gone/1");
        put(world, "kept/1");
    }
    s3_world_ask(world, "DELETE", "/bucket/gone/1", "", "");
    assert_int_equal(world->status, 204);
    listed(world, "", "kept/1");
    listed(world, "delimiter=/", "kept/");
    put(world, "gone/1");
    listed(world, "delimiter=/", "gone/ kept/");
}

static void the_null_version_is_replaced_only_by_its_like(void **state)
{
    struct s3_world *world = *state;
    make_bucket(world, "Enabled");
    put(world, "k");
    char first[64];
    snprintf(first, sizeof first, "%s", s3_world_header(world, "x-amz-version-id"));
    s3_world_ask(world, "PUT", "/bucket", "versioning",
                 "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>");
    put(world, "k");
    put(world, "k");
    listed(world, "versions", "k k");
    char query[100];
    snprintf(query, sizeof query, "versionId=%s", first);
    s3_world_ask(world, "GET", "/bucket/k", query, "");
    assert_int_equal(world->status, 200);
    s3_world_ask(world, "DELETE", "/bucket/k", "versionId=null", "");
    listed(world, "versions", "k");
}

/* Rows read for a whole page of prefixes: what the page costs. */
static int rows_of_a_page(struct s3_world *world, const char *prefix)
{
    struct arena *arena = arena_new(1 << 22);
    struct request req = {.cloud = &world->cloud, .method = "GET", .raw_path = "/bucket", .raw_query = "", .id = "ID"};
    struct answer answer = {.file_fd = -1, .head_length = -1};
    struct s3_call call = {
        .req = &req, .answer = &answer, .cloud = &world->cloud, .arena = arena, .key = "", .bucket_name = "bucket"};
    assert_true(s3_bucket_load(&call));
    struct s3_scan_options options = {.prefix = prefix, .delimiter = "/", .after = "", .after_seq = INT64_MAX};
    struct s3_scan *scan = s3_scan_open(&call, s3_db(&call), &options);
    struct s3_scan_entry entry;
    while (s3_scan_next(scan, &entry) == 1)
        assert_non_null(entry.prefix);
    int rows = s3_scan_rows(scan);
    s3_scan_close(scan);
    store_reader_done(world->cloud.store, call.db);
    arena_free(arena);
    return rows;
}

static bool fill(struct db *db, void *context, struct err *err)
{
    (void)context;
    return db_run(db, err,
                  "with recursive n(i) as (select 0 union all select i+1 from n where i<29999)"
                  " insert into s3_object(bucket,key,seq,marker,modified,size,etag,storage,body,place)"
                  " select 1, printf('d%d/%06d', i%3, i), -1, 0, 0, 0, '', 'STANDARD', 0, 0 from n",
                  "");
}

static void a_page_of_prefixes_seeks(void **state)
{
    struct s3_world *world = *state;
    struct err err = ERR_NONE;
    make_bucket(world, NULL);
    assert_true(store_write(world->cloud.store, fill, NULL, &err));
    listed(world, "delimiter=/", "d0/ d1/ d2/");
    assert_in_range(rows_of_a_page(world, ""), 3, 6);
}

static void old_versions_are_jumped_over(void **state)
{
    struct s3_world *world = *state;
    make_bucket(world, "Enabled");
    for (int i = 0; i < 200; i++)
        put(world, "a/k");
    put(world, "b/k");
    assert_in_range(rows_of_a_page(world, ""), 2, 5);
    listed(world, "", "a/k b/k");
}

int main(void)
{
#define WORLD(test) cmocka_unit_test_setup_teardown(test, s3_world_setup, s3_world_teardown)
    const struct CMUnitTest tests[] = {
        WORLD(pages_join_without_gap_or_repeat),
        WORLD(a_marker_inside_a_prefix_is_behind_it),
        WORLD(keys_behind_delete_markers_are_hidden),
        WORLD(the_null_version_is_replaced_only_by_its_like),
        WORLD(a_page_of_prefixes_seeks),
        WORLD(old_versions_are_jumped_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
