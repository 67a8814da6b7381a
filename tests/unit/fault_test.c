/* The grammar of fault rules and the requests that they apply to. */
#include "backend/local/fault.h"
#include "backend/local/server.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_rule_reads_as_written(void **state)
{
    (void)state;
    struct fault fault;
    struct err err = ERR_NONE;
    assert_true(fault_parse("s3:GetObject 503  rate=0.25 delay=300ms count=10 prefix=raw/ code=Busy", &fault, &err));
    assert_string_equal(fault.service, "s3");
    assert_string_equal(fault.operation, "GetObject");
    assert_int_equal(fault.status, 503);
    assert_true(fault.rate == 0.25);
    assert_int_equal(fault.delay_ms, 300);
    assert_int_equal(fault.count, 10);
    assert_string_equal(fault.prefix, "raw/");
    assert_string_equal(fault.code, "Busy");
    assert_int_equal(fault.cut, -1);
}

static void the_kinds_beside_a_status(void **state)
{
    (void)state;
    struct fault fault;
    assert_true(fault_parse("s3:* cut=4k", &fault, NULL));
    assert_int_equal(fault.cut, 4096);
    assert_int_equal(fault.count, -1);
    assert_true(fault_parse("*:* stall", &fault, NULL));
    assert_true(fault.is_stall);
    assert_true(fault_parse("s3:GetObject garbage", &fault, NULL));
    assert_true(fault.is_garbage);
    assert_true(fault_parse("s3:* redirect=eu-west-1", &fault, NULL));
    assert_string_equal(fault.region, "eu-west-1");
    assert_true(fault_parse("s3:* 301", &fault, NULL));
    assert_int_equal(fault.status, 301);
    assert_string_equal(fault.region, FAULT_REGION);
    assert_true(fault_parse("s3:* 307 redirect=eu-west-1", &fault, NULL));
    assert_string_equal(fault.region, "eu-west-1");
    assert_true(fault_parse("sts:* clock=-20m", &fault, NULL));
    assert_int_equal(fault.clock_ms, -20 * 60 * 1000);
    assert_true(fault_parse("s3:* delay=2s", &fault, NULL));
    assert_int_equal(fault.delay_ms, 2000);
}

static void a_bad_rule_names_the_word(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "empty"},
        {"s3 503", "SERVICE:OPERATION"},
        {":GetObject 503", "SERVICE:OPERATION"},
        {"s3: 503", "SERVICE:OPERATION"},
        {"s3:GetObject", "says not what happens"},
        {"s3:GetObject rate=0.5", "says not what happens"},
        {"s3:GetObject 200", "\"200\""},
        {"s3:GetObject 700", "\"700\""},
        {"s3:GetObject 5xx", "\"5xx\""},
        {"s3:GetObject 503 rate=2", "rate=0..1"},
        {"s3:GetObject 503 rate=x", "rate=0..1"},
        {"s3:GetObject 503 count=0", "count=N"},
        {"s3:GetObject 503 count=-1", "count=N"},
        {"s3:GetObject delay=1d", "delay=TIME"},
        {"s3:GetObject cut=x", "cut=BYTES"},
        {"s3:GetObject stall=1", "stall"},
        {"s3:GetObject code=a b", "\"b\""},
        {"s3:GetObject code=<x>", "code=NAME"},
        {"s3:GetObject redirect=EU", "redirect=REGION"},
        {"s3:GetObject 302", "301 or 307"},
        {"s3:* clock=0s", "clock="},
        {"s3:* clock=20m 503", "stands alone"},
        {"s3:GetObject clock=20m", "stands alone"},
        {"s3:GetObject 503 often", "\"often\" is not known"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fault fault;
        struct err err = ERR_NONE;
        if (fault_parse(cases[i].text, &fault, &err))
            fail_msg("\"%s\" was accepted", cases[i].text);
        if (err.code != ERR_USAGE || !strstr(err.text, cases[i].says))
            fail_msg("\"%s\": %s", cases[i].text, err.text);
    }
}

static bool hits(struct faults *faults, const char *service, const char *operation, const char *path,
                 const char *listed)
{
    struct request req = {.method = "GET", .raw_path = path, .raw_query = ""};
    struct fault fault;
    if (listed)
        pairs_add(&req.query, "prefix", listed);
    bool is_hit = faults_match(faults, service, operation, &req, &fault);
    pairs_done(&req.query);
    return is_hit;
}

static void a_rule_applies_to_its_operation_only(void **state)
{
    (void)state;
    struct faults *faults = faults_new();
    assert_true(faults_add(faults, "s3:GetObject 503", NULL) > 0);
    assert_true(hits(faults, "s3", "GetObject", "/b/k", NULL));
    assert_false(hits(faults, "s3", "PutObject", "/b/k", NULL));
    assert_false(hits(faults, "sts", "GetObject", "/b/k", NULL));
    assert_false(hits(faults, "s3", NULL, "/b/k", NULL));
    faults_free(faults);
}

static void a_prefix_names_a_zone(void **state)
{
    (void)state;
    struct faults *faults = faults_new();
    faults_add(faults, "s3:* 403 prefix=raw/", NULL);
    assert_true(hits(faults, "s3", "GetObject", "/lake/raw/a", NULL));
    assert_true(hits(faults, "s3", "GetObject", "/lake/r%61w/a", NULL));
    assert_true(hits(faults, "s3", "GetObject", "/raw/a", NULL)); /* the bucket is in the host name */
    assert_true(hits(faults, "s3", "ListObjectsV2", "/lake", "raw/2026"));
    assert_false(hits(faults, "s3", "ListObjectsV2", "/lake", "ra"));
    assert_false(hits(faults, "s3", "GetObject", "/lake/curated/raw/a", NULL));
    assert_false(hits(faults, "s3", "ListBuckets", "/", NULL));
    faults_free(faults);
}

static void a_shifted_clock_is_of_its_service_and_no_fault_of_a_request(void **state)
{
    (void)state;
    struct faults *faults = faults_new();
    faults_add(faults, "s3:* clock=2h", NULL);
    assert_int_equal(faults_clock_ms(faults, "s3"), 2 * 3600 * 1000);
    assert_int_equal(faults_clock_ms(faults, "sts"), 0);
    assert_false(hits(faults, "s3", "GetObject", "/b/k", NULL));
    faults_free(faults);
}

static void a_count_is_spent(void **state)
{
    (void)state;
    struct faults *faults = faults_new();
    faults_add(faults, "s3:* 503 count=2", NULL);
    faults_add(faults, "s3:* 500", NULL);
    struct request req = {.method = "GET", .raw_path = "/", .raw_query = ""};
    struct fault fault;
    static const int want[] = {503, 503, 500, 500};
    for (int i = 0; i < 4; i++) {
        assert_true(faults_match(faults, "s3", "ListBuckets", &req, &fault));
        assert_int_equal(fault.status, want[i]);
    }
    faults_free(faults);
}

static void a_rate_of_zero_never_applies_and_is_seen(void **state)
{
    (void)state;
    struct faults *faults = faults_new();
    faults_add(faults, "s3:* 503 rate=0", NULL);
    for (int i = 0; i < 100; i++)
        assert_false(hits(faults, "s3", "GetObject", "/b/k", NULL));
    json_t *list = faults_list(faults);
    assert_int_equal(json_int(json_array_get(list, 0), "seen", -1), 100);
    assert_int_equal(json_int(json_array_get(list, 0), "applied", -1), 0);
    json_decref(list);
    faults_free(faults);
}

static void clearing_one_and_all(void **state)
{
    (void)state;
    struct faults *faults = faults_new();
    int64_t first = faults_add(faults, "s3:* 503", NULL), second = faults_add(faults, "s3:* 500", NULL);
    assert_false(faults_clear(faults, second + 1));
    assert_true(faults_clear(faults, first));
    assert_int_equal(faults_active(faults), 1);
    assert_true(faults_clear(faults, 0));
    assert_int_equal(faults_active(faults), 0);
    faults_free(faults);
}

static void the_number_of_rules_is_bounded(void **state)
{
    (void)state;
    struct faults *faults = faults_new();
    struct err err = ERR_NONE;
    int count = 0;
    while (count < 1000 && faults_add(faults, "s3:* 503", &err) > 0)
        count++;
    assert_int_equal(count, 64);
    assert_non_null(strstr(err.text, "clear some"));
    faults_free(faults);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_reads_as_written),
        cmocka_unit_test(the_kinds_beside_a_status),
        cmocka_unit_test(a_bad_rule_names_the_word),
        cmocka_unit_test(a_rule_applies_to_its_operation_only),
        cmocka_unit_test(a_prefix_names_a_zone),
        cmocka_unit_test(a_shifted_clock_is_of_its_service_and_no_fault_of_a_request),
        cmocka_unit_test(a_count_is_spent),
        cmocka_unit_test(a_rate_of_zero_never_applies_and_is_seen),
        cmocka_unit_test(clearing_one_and_all),
        cmocka_unit_test(the_number_of_rules_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
