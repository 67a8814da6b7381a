/* The adaptive listing on a bucket that is an array in memory: sums are right however it is split, few calls are spent,
 * and a store that denies, slows down, ignores start-after, repeats tokens or sorts badly is met with the right answer.
 */
#include "backend/domain/listing.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fake {
    char **keys;
    size_t count, cap;
    const char *denied_prefix; /* requests for exactly this prefix are 403 */
    bool denies_deeper;        /* every prefix but the zones' own is 403 */
    bool ignores_start_after, repeats_token, is_unordered, has_foreign;
    int slow_downs; /* this many calls answer SlowDown first */
    pthread_mutex_t lock;
    pthread_cond_t met;
    int wait_for; /* ranges wait until this many calls are inside at once (met once); 0: nobody waits */
    int inside;
    int calls, split_calls;
};

static void add(struct fake *fake, const char *format, ...)
{
    char key[256];
    va_list args;
    va_start(args, format);
    vsnprintf(key, sizeof key, format, args);
    va_end(args);
    if (fake->count == fake->cap) {
        fake->cap = fake->cap ? fake->cap * 2 : 1024;
        fake->keys = realloc(fake->keys, fake->cap * sizeof *fake->keys);
    }
    fake->keys[fake->count++] = strdup(key);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct fake *fake_new(void)
{
    struct fake *fake = calloc(1, sizeof *fake);
    pthread_mutex_init(&fake->lock, NULL);
    pthread_cond_init(&fake->met, NULL);
    return fake;
}

static void fake_sort(struct fake *fake)
{
    qsort(fake->keys, fake->count, sizeof *fake->keys, by_key);
}

static void fake_free(struct fake *fake)
{
    for (size_t i = 0; i < fake->count; i++)
        free(fake->keys[i]);
    free(fake->keys);
    free(fake);
}

static void add_prefix(struct s3_page *page, const char *name, size_t len, struct arena *arena)
{
    page->prefixes[page->prefix_count++] = (struct s3_prefix){.name = arena_strndup(arena, name, len), .len = len};
}

/* S3's rule: at most max_keys keys and common prefixes together, after the token or start-after. */
static void list_keys(const struct fake *fake, const struct s3_list *list, struct arena *arena, struct s3_page *page)
{
    const char *after = list->token ? list->token : fake->ignores_start_after ? NULL : list->start_after;
    size_t prefix_len = strlen(list->prefix), rows = 0;
    const char *last = "";
    *page = (struct s3_page){0};
    page->objects = ARENA_ARRAY(arena, struct s3_object, list->max_keys);
    page->prefixes = ARENA_ARRAY(arena, struct s3_prefix, list->max_keys);
    for (size_t i = 0; i < fake->count; i++) {
        const char *key = fake->keys[i];
        if (strncmp(key, list->prefix, prefix_len) != 0 || (after && strcmp(key, after) <= 0))
            continue;
        const char *slash = list->delimiter ? strchr(key + prefix_len, '/') : NULL;
        size_t len = slash ? (size_t)(slash - key) + 1 : 0;
        if (len && page->prefix_count && strncmp(page->prefixes[page->prefix_count - 1].name, key, len) == 0) {
            last = key;
            continue;
        }
        if ((int)rows == list->max_keys) {
            page->is_truncated = true;
            page->token = fake->repeats_token ? "again" : last;
            return;
        }
        if (len)
            add_prefix(page, key, len, arena);
        else
            page->objects[page->object_count++] =
                (struct s3_object){.key = key, .key_len = strlen(key), .bytes = 10, .modified_ms = 1000 + (int64_t)i};
        rows++;
        last = key;
    }
}

/* A rendezvous in place of network latency; the test's own time limit ends one that never happens. */
static void meet_others(struct fake *fake)
{
    if (++fake->inside >= fake->wait_for) {
        fake->wait_for = 0;
        pthread_cond_broadcast(&fake->met);
    }
    while (fake->wait_for)
        pthread_cond_wait(&fake->met, &fake->lock);
}

static bool fake_page(void *context, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                      struct err *err)
{
    struct fake *fake = context;
    pthread_mutex_lock(&fake->lock);
    fake->calls++;
    fake->split_calls += list->delimiter != NULL;
    bool is_slow = fake->slow_downs > 0;
    fake->slow_downs -= is_slow;
    if (list->start_after && !list->delimiter)
        meet_others(fake);
    pthread_mutex_unlock(&fake->lock);
    if (is_slow) {
        err_set(err, ERR_THROTTLED, "SlowDown");
        return false;
    }
    if (fake->denied_prefix && strcmp(list->prefix, fake->denied_prefix) == 0)
        return err_set(err, ERR_DENIED, "AccessDenied - needs s3:ListBucket");
    if (fake->denies_deeper && list->delimiter && *list->prefix)
        return err_set(err, ERR_DENIED, "AccessDenied");
    list_keys(fake, list, arena, page);
    if (fake->is_unordered && page->object_count > 2) {
        struct s3_object first = page->objects[0];
        page->objects[0] = page->objects[1];
        page->objects[1] = first;
    }
    if (fake->has_foreign && page->object_count)
        page->objects[page->object_count - 1].key = "elsewhere";
    return true;
}

static struct listing *listing_of(struct fake *fake, int page_keys)
{
    struct listing_options options = {
        .source = {.page = fake_page, .context = fake}, .bucket = "lake", .page_keys = page_keys, .slow_down_ms = 1};
    fake_sort(fake);
    return listing_new(&options);
}

/* Every sum against a plain count over the array. */
static void assert_sums(const struct listing *listing, const struct fake *fake)
{
    for (size_t z = 0; z < listing_count(listing); z++) {
        const struct listing_zone *zone = listing_zone(listing, z);
        int64_t expected = 0, in_children = 0;
        for (size_t i = 0; i < fake->count; i++)
            expected += *zone->prefix ? strncmp(fake->keys[i], zone->prefix, strlen(zone->prefix)) == 0
                                      : !strchr(fake->keys[i], '/');
        for (size_t k = 0; k < zone->child_count; k++)
            in_children += zone->children[k].sum.objects;
        assert_int_equal(zone->err.code, ERR_OK);
        assert_true(zone->is_complete);
        assert_int_equal(zone->sum.objects, expected);
        assert_int_equal(zone->sum.bytes, expected * 10);
        if (*zone->prefix)
            assert_int_equal(in_children, expected);
    }
}

static void a_small_zone_takes_one_call(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    for (int i = 0; i < 5; i++)
        add(fake, "raw/orders/part-%d.csv", i);
    struct listing *listing = listing_of(fake, 10);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    assert_int_equal(fake->calls, 1);
    listing_free(listing);
    fake_free(fake);
}

static void zones_are_discovered_with_the_objects_at_the_root(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    add(fake, "readme.txt");
    add(fake, "raw/orders/a.csv");
    add(fake, "raw/users/b.csv");
    add(fake, "curated/x.parquet");
    struct listing *listing = listing_of(fake, 10);
    assert_true(listing_discover(listing, NULL));
    assert_true(listing_run(listing, NULL));
    assert_int_equal(listing_count(listing), 3);
    assert_string_equal(listing_zone(listing, 0)->prefix, "curated/");
    assert_string_equal(listing_zone(listing, 1)->prefix, "raw/");
    assert_string_equal(listing_zone(listing, 1)->children[0].name, "orders/");
    assert_string_equal(listing_zone(listing, 1)->children[1].name, "users/");
    assert_string_equal(listing_zone(listing, 2)->prefix, "");
    assert_sums(listing, fake);
    listing_free(listing);
    fake_free(fake);
}

static void fill_partitions(struct fake *fake, int tables, int days, int files)
{
    for (int t = 0; t < tables; t++)
        for (int d = 0; d < days; d++)
            for (int f = 0; f < files; f++)
                add(fake, "raw/t%02d/dt=%04d/part-%05d", t, d, f);
}

static void a_deep_tree_is_split_and_each_key_counted_once(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 6, 20, 50);
    add(fake, "raw/t03.csv"); /* sorts between t03/ and its neighbours: '.' < '/' */
    add(fake, "raw/t03/");    /* a folder marker, exactly at a boundary */
    add(fake, "raw/t04");
    struct listing *listing = listing_of(fake, 50);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    assert_true(fake->split_calls > 0);
    assert_true(fake->calls < (int)(fake->count / 50) * 3);
    listing_free(listing);
    fake_free(fake);
}

static void one_huge_child_is_entered(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 1, 40, 30);
    fake->wait_for = 8;
    fake_sort(fake);
    struct listing_options options = {.source = {.page = fake_page, .context = fake},
                                      .bucket = "lake",
                                      .page_keys = 30,
                                      .in_flight = LISTING_IN_FLIGHT};
    struct listing *listing = listing_new(&options);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    assert_true(listing_peak(listing) >= 8);
    listing_free(listing);
    fake_free(fake);
}

static void part_files_without_folders_are_listed_flat(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    for (int i = 0; i < 1000; i++)
        add(fake, "raw/part-%05d", i);
    struct listing *listing = listing_of(fake, 100);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    assert_int_equal(fake->split_calls, 0);
    assert_int_equal(fake->calls, 10);
    listing_free(listing);
    fake_free(fake);
}

static void many_tiny_folders_do_not_cost_a_call_each(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    for (int i = 0; i < 3000; i++)
        add(fake, "raw/user=%05d/data", i);
    struct listing *listing = listing_of(fake, 100);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_true(listing_zone(listing, 0)->is_complete);
    assert_int_equal(listing_zone(listing, 0)->sum.objects, 3000);
    assert_int_equal(listing_zone(listing, 0)->child_count, LISTING_CHILDREN);
    assert_true(fake->calls <= 45);
    listing_free(listing);
    fake_free(fake);
}

static void a_denied_zone_leaves_the_others(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 2, 5, 5);
    add(fake, "models/m.bin");
    fake->denied_prefix = "raw/";
    struct listing *listing = listing_of(fake, 10);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_add(listing, "models/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_int_equal(listing_zone(listing, 0)->err.code, ERR_DENIED);
    assert_false(listing_zone(listing, 0)->is_complete);
    assert_true(listing_zone(listing, 1)->is_complete);
    assert_int_equal(listing_zone(listing, 1)->sum.objects, 1);
    listing_free(listing);
    fake_free(fake);
}

static void a_denied_sub_prefix_falls_back_to_flat(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 4, 10, 10);
    fake->denies_deeper = true;
    struct listing *listing = listing_of(fake, 10);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    assert_int_equal(fake->split_calls, 1);
    listing_free(listing);
    fake_free(fake);
}

static void slow_down_halves_and_is_outlasted(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 3, 5, 10);
    fake->slow_downs = 5;
    struct listing *listing = listing_of(fake, 10);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    assert_true(listing_limit(listing) < LISTING_IN_FLIGHT);
    listing_free(listing);
    fake_free(fake);
}

static void endless_slow_down_ends_as_throttled(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    add(fake, "raw/a");
    fake->slow_downs = 1000;
    struct listing *listing = listing_of(fake, 10);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_int_equal(listing_zone(listing, 0)->err.code, ERR_THROTTLED);
    assert_int_equal(listing_limit(listing), 1);
    listing_free(listing);
    fake_free(fake);
}

static void a_store_that_ignores_start_after_is_counted_right(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 4, 10, 10);
    fake->ignores_start_after = true;
    struct listing *listing = listing_of(fake, 20);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    listing_free(listing);
    fake_free(fake);
}

static void a_repeating_token_is_a_protocol_error(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    for (int i = 0; i < 100; i++)
        add(fake, "raw/part-%03d", i);
    fake->repeats_token = true;
    struct listing *listing = listing_of(fake, 10);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_int_equal(listing_zone(listing, 0)->err.code, ERR_PROTOCOL);
    assert_true(fake->calls < 10);
    listing_free(listing);
    fake_free(fake);
}

static void an_unordered_store_is_listed_flat(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 3, 10, 10);
    fake->is_unordered = true;
    struct listing *listing = listing_of(fake, 20);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_sums(listing, fake);
    assert_int_equal(fake->split_calls, 0);
    listing_free(listing);
    fake_free(fake);
}

static void keys_outside_the_prefix_are_a_protocol_error(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    add(fake, "raw/a");
    fake->has_foreign = true;
    struct listing *listing = listing_of(fake, 20);
    assert_true(listing_add(listing, "raw/", NULL));
    assert_true(listing_run(listing, NULL));
    assert_int_equal(listing_zone(listing, 0)->err.code, ERR_PROTOCOL);
    listing_free(listing);
    fake_free(fake);
}

static void a_cancelled_listing_ends(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    fill_partitions(fake, 2, 10, 10);
    struct cancel cancel = {.is_set = true};
    struct listing_options options = {
        .source = {.page = fake_page, .context = fake}, .bucket = "lake", .cancel = &cancel};
    struct listing *listing = listing_new(&options);
    struct err err = ERR_NONE;
    assert_true(listing_add(listing, "raw/", NULL));
    assert_false(listing_run(listing, &err));
    assert_int_equal(err.code, ERR_CANCELLED);
    listing_free(listing);
    fake_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_zone_takes_one_call),
        cmocka_unit_test(zones_are_discovered_with_the_objects_at_the_root),
        cmocka_unit_test(a_deep_tree_is_split_and_each_key_counted_once),
        cmocka_unit_test(one_huge_child_is_entered),
        cmocka_unit_test(part_files_without_folders_are_listed_flat),
        cmocka_unit_test(many_tiny_folders_do_not_cost_a_call_each),
        cmocka_unit_test(a_denied_zone_leaves_the_others),
        cmocka_unit_test(a_denied_sub_prefix_falls_back_to_flat),
        cmocka_unit_test(slow_down_halves_and_is_outlasted),
        cmocka_unit_test(endless_slow_down_ends_as_throttled),
        cmocka_unit_test(a_store_that_ignores_start_after_is_counted_right),
        cmocka_unit_test(a_repeating_token_is_a_protocol_error),
        cmocka_unit_test(an_unordered_store_is_listed_flat),
        cmocka_unit_test(keys_outside_the_prefix_are_a_protocol_error),
        cmocka_unit_test(a_cancelled_listing_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
