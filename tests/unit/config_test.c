/* The configuration: which layer wins, what is talked to, where endpoints come from, and that every mistake is named
 * with its place. Each test has an empty environment and a HOME of its own. */
#include "backend/core/config.h"
#include "tests/lib/tempdir.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct tempdir home;
    struct config config;
    struct err err;
    int argc;
    char *argv[16];
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    tempdir_make(&fixture->home);
    clearenv();
    setenv("HOME", fixture->home.path, 1);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    tempdir_remove(&fixture->home);
    free(fixture);
    return 0;
}

/* Loads with these arguments (ended by NULL). */
static bool load(struct fixture *fixture, ...)
{
    va_list args;
    va_start(args, fixture);
    fixture->argc = 0;
    fixture->argv[fixture->argc++] = (char *)"weir";
    for (char *arg; (arg = va_arg(args, char *));)
        fixture->argv[fixture->argc++] = arg;
    fixture->argv[fixture->argc] = NULL;
    va_end(args);
    fixture->err = ERR_NONE;
    return config_load(&fixture->config, NULL, &fixture->argc, fixture->argv, &fixture->err);
}

static void load_ok(struct fixture *fixture)
{
    if (!load(fixture, NULL))
        fail_msg("%s", fixture->err.text);
}

static void write_config(struct fixture *fixture, const char *text)
{
    tempdir_write(&fixture->home, ".config/weir/config.ini", text);
}

static void expect_endpoint(struct fixture *fixture, const char *service, const char *expected, bool custom)
{
    char url[CONFIG_URL];
    bool is_custom = !custom;
    if (!config_endpoint(&fixture->config, service, url, &is_custom, &fixture->err))
        fail_msg("%s", fixture->err.text);
    assert_string_equal(url, expected);
    assert_int_equal(is_custom, custom);
}

static void without_anything_the_embedded_cloud_is_used(void **state)
{
    struct fixture *fixture = *state;
    load_ok(fixture);
    assert_true(config_is_embedded(&fixture->config));
    assert_string_equal(fixture->config.region, "us-east-1");
    assert_string_equal(fixture->config.theme, "default");
    assert_string_equal(fixture->config.format, "table");
    assert_int_equal(fixture->config.refresh_ms, 5000);
    assert_true(fixture->config.color);
    assert_false(fixture->config.readonly);
}

static void keys_in_the_environment_do_not_leave_the_embedded_cloud(void **state)
{
    struct fixture *fixture = *state;
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_REGION", "eu-west-1", 1);
    load_ok(fixture);
    assert_true(config_is_embedded(&fixture->config));
    assert_string_equal(fixture->config.region, "eu-west-1");
}

static void each_way_to_name_a_target_leaves_it(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *variable, *value, *profile;
        bool is_named;
    } rows[] = {
        {"WEIR_PROFILE", "dev", "dev", true},
        {"AWS_PROFILE", "dev", "dev", false},
        {"AWS_ENDPOINT_URL", "http://127.0.0.1:9000", "default", false},
        {"AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000", "default", false},
        {"WEIR_ENDPOINT", "http://127.0.0.1:9000", "default", false},
    };
    tempdir_write(&fixture->home, ".aws/config", "[profile dev]\nregion = eu-west-1\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setenv(rows[i].variable, rows[i].value, 1);
        load_ok(fixture);
        assert_string_equal(fixture->config.profile, rows[i].profile);
        assert_int_equal(fixture->config.profile_is_named, rows[i].is_named);
        if (!load(fixture, "--local", NULL))
            fail_msg("%s", fixture->err.text);
        assert_true(config_is_embedded(&fixture->config));
        unsetenv(rows[i].variable);
    }
}

static void flags_beat_variables_beat_the_file(void **state)
{
    struct fixture *fixture = *state;
    write_config(fixture, "bucket = from-file\n[console]\ntheme = dark\nrefresh = 30s\n[output]\nformat = csv\n");
    load_ok(fixture);
    assert_string_equal(fixture->config.bucket, "from-file");
    assert_string_equal(fixture->config.theme, "dark");
    assert_int_equal(fixture->config.refresh_ms, 30000);
    setenv("WEIR_BUCKET", "from-env", 1);
    setenv("WEIR_FORMAT", "json", 1);
    load_ok(fixture);
    assert_string_equal(fixture->config.bucket, "from-env");
    assert_string_equal(fixture->config.format, "json");
    assert_true(load(fixture, "--bucket=from-flag", "zones", "-o", "jsonl", NULL));
    assert_string_equal(fixture->config.bucket, "from-flag");
    assert_string_equal(fixture->config.format, "jsonl");
}

static void aws_variables_lie_between_ours_and_the_file(void **state)
{
    struct fixture *fixture = *state;
    write_config(fixture, "region = from-file\nprofile = dev\nendpoint = http://file\n");
    tempdir_write(&fixture->home, ".aws/config", "[profile dev]\nregion = x\n[profile other]\nregion = y\n");
    load_ok(fixture);
    assert_string_equal(fixture->config.region, "from-file");
    assert_true(fixture->config.profile_is_named);
    setenv("AWS_DEFAULT_REGION", "from-default", 1);
    setenv("AWS_PROFILE", "other", 1);
    setenv("AWS_ENDPOINT_URL", "http://aws", 1);
    load_ok(fixture);
    assert_string_equal(fixture->config.region, "from-default");
    assert_string_equal(fixture->config.profile, "other");
    assert_false(fixture->config.profile_is_named);
    expect_endpoint(fixture, "s3", "http://aws", true);
    setenv("AWS_REGION", "from-region", 1);
    load_ok(fixture);
    assert_string_equal(fixture->config.region, "from-region");
    setenv("WEIR_REGION", "from-ours", 1);
    load_ok(fixture);
    assert_string_equal(fixture->config.region, "from-ours");
}

static void a_profile_section_applies_to_its_profile(void **state)
{
    struct fixture *fixture = *state;
    write_config(fixture, "bucket = lake\n[profile prod]\nbucket = lake-prod\nproduction = true\nreadonly = yes\n"
                          "[profile dev]\nbucket = lake-dev\n");
    tempdir_write(&fixture->home, ".aws/config", "[profile prod]\nregion = eu-west-1\n");
    load_ok(fixture);
    assert_string_equal(fixture->config.bucket, "lake");
    assert_false(fixture->config.production);
    assert_true(load(fixture, "-p", "prod", NULL));
    assert_string_equal(fixture->config.bucket, "lake-prod");
    assert_true(fixture->config.production);
    assert_true(fixture->config.readonly);
    assert_true(load(fixture, "-p", "prod", "--no-readonly", NULL));
    assert_false(fixture->config.readonly);
}

static void flags_of_verbs_stay_in_order(void **state)
{
    struct fixture *fixture = *state;
    assert_true(load(fixture, "--readonly", "cp", "-r", "--format", "csv", "a b", "--jobs=3", "--", "--yes", NULL));
    assert_true(fixture->config.readonly);
    assert_false(fixture->config.yes);
    static const char *const rest[] = {"weir", "cp", "-r", "a b", "--jobs=3", "--", "--yes"};
    assert_int_equal(fixture->argc, 7);
    for (int i = 0; i < 7; i++)
        assert_string_equal(fixture->argv[i], rest[i]);
    assert_null(fixture->argv[7]);
}

static void the_profile_gives_what_nothing_else_set(void **state)
{
    struct fixture *fixture = *state;
    tempdir_write(&fixture->home, ".aws/config",
                  "[default]\nregion = wrong\n[profile dev]\nregion = eu-central-1\nca_bundle = own.pem\n"
                  "max_attempts = 7\nretry_mode = adaptive\nendpoint_url = http://all:1\nservices = minio\n"
                  "[services minio]\ns3 =\n  endpoint_url = http://s3:2/\nsfn =\n  endpoint_url = http://sfn:3\n"
                  "[services other]\nglue =\n  endpoint_url = http://glue:4\n");
    setenv("AWS_PROFILE", "dev", 1);
    load_ok(fixture);
    assert_string_equal(fixture->config.region, "eu-central-1");
    assert_string_equal(fixture->config.ca_bundle, "own.pem");
    assert_string_equal(fixture->config.retry_mode, "adaptive");
    assert_int_equal(fixture->config.max_attempts, 7);
    expect_endpoint(fixture, "s3", "http://s3:2", true);
    expect_endpoint(fixture, "states", "http://sfn:3", true);
    expect_endpoint(fixture, "glue", "http://all:1", true);
    setenv("AWS_MAX_ATTEMPTS", "2", 1);
    setenv("AWS_RETRY_MODE", "standard", 1);
    load_ok(fixture);
    assert_int_equal(fixture->config.max_attempts, 2);
    assert_string_equal(fixture->config.retry_mode, "standard");
}

static void endpoints_have_an_order(void **state)
{
    struct fixture *fixture = *state;
    tempdir_write(&fixture->home, ".aws/config",
                  "[default]\nregion = eu-west-1\nendpoint_url = http://profile\nservices = x\n"
                  "[services x]\nlogs =\n  endpoint_url = http://services\n");
    setenv("AWS_PROFILE", "default", 1);
    load_ok(fixture);
    expect_endpoint(fixture, "athena", "http://profile", true);
    setenv("AWS_ENDPOINT_URL_API_GATEWAY", "http://gateway", 1);
    load_ok(fixture);
    expect_endpoint(fixture, "apigateway", "http://gateway", true);
    expect_endpoint(fixture, "athena", "http://profile", true);
    setenv("AWS_ENDPOINT_URL", "http://all", 1);
    load_ok(fixture);
    expect_endpoint(fixture, "apigateway", "http://gateway", true);
    expect_endpoint(fixture, "athena", "http://all", true);
    expect_endpoint(fixture, "logs", "http://all", true);
    assert_true(load(fixture, "--endpoint", "https://flag/", NULL));
    expect_endpoint(fixture, "apigateway", "https://flag", true);
    setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    load_ok(fixture);
    expect_endpoint(fixture, "athena", "https://athena.eu-west-1.amazonaws.com", false);
    expect_endpoint(fixture, "runtime.sagemaker", "https://runtime.sagemaker.eu-west-1.amazonaws.com", false);
    setenv("AWS_REGION", "cn-north-1", 1);
    load_ok(fixture);
    expect_endpoint(fixture, "s3", "https://s3.cn-north-1.amazonaws.com.cn", false);
}

static void a_profile_without_region_is_told_so(void **state)
{
    struct fixture *fixture = *state;
    char url[CONFIG_URL];
    bool is_custom;
    tempdir_write(&fixture->home, ".aws/credentials", "[dev]\naws_access_key_id = A\n");
    setenv("AWS_PROFILE", "dev", 1);
    load_ok(fixture);
    assert_false(config_endpoint(&fixture->config, "s3", url, &is_custom, &fixture->err));
    assert_int_equal(fixture->err.code, ERR_CONFIG);
    assert_non_null(strstr(fixture->err.text, "AWS_REGION"));
}

static void other_places_and_terminals_are_honoured(void **state)
{
    struct fixture *fixture = *state;
    tempdir_write(&fixture->home, "other.ini", "bucket = elsewhere\n");
    tempdir_write(&fixture->home, "aws", "[profile dev]\nregion = from-there\n");
    setenv("WEIR_CONFIG", tempdir_file(&fixture->home, "other.ini"), 1);
    setenv("AWS_CONFIG_FILE", "~/aws", 1);
    setenv("NO_COLOR", "1", 1);
    setenv("ESCDELAY", "100", 1);
    assert_true(load(fixture, "--profile=dev", NULL));
    assert_string_equal(fixture->config.bucket, "elsewhere");
    assert_string_equal(fixture->config.region, "from-there");
    assert_false(fixture->config.color);
    assert_int_equal(fixture->config.escdelay_ms, 100);
    assert_true(load(fixture, "--color", "-p", "dev", NULL));
    assert_true(fixture->config.color);
    struct buf paths = BUF_INIT(8192);
    assert_true(config_paths(&fixture->config, &paths));
    assert_non_null(strstr(paths.data, "found   "));
    assert_non_null(strstr(paths.data, "other.ini\n"));
    assert_non_null(strstr(paths.data, "absent  "));
    buf_done(&paths);
}

/* A mistake in the file, and what its error must contain. */
static void mistakes_in_the_file_are_named_with_their_place(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *text, *expected[3];
    } rows[] = {
        {"[console]\nthme = dark\n", {"config.ini:2: ", "\"thme\"", "\"theme\" in [console]"}},
        {"theme = dark\n", {"config.ini:1: ", "\"theme\"", "belongs in [console]"}},
        {"\n[console]\nbucket = b\n", {"config.ini:3: ", "\"bucket\"", "the top of the file"}},
        {"[console]\n\nrefresh = often\n", {"config.ini:3: ", "refresh", "often"}},
        {"[console]\ncolor = maybe\n", {"config.ini:2: ", "color", "maybe"}},
        {"[output]\nformat = yaml\n", {"config.ini:2: ", "yaml", "jsonl"}},
        {"max-attempts = 1000\n", {"config.ini:1: ", "max-attempts", "100"}},
        {"[profile prod]\nreadony = true\n", {"config.ini:2: ", "\"readony\"", "\"readonly\""}},
        {"[profile prod]\nreadonly = perhaps\n", {"config.ini:2: ", "readonly", "perhaps"}},
        {"[profile prod]\nprofile = dev\n", {"config.ini:2: ", "profile", ""}},
        {"what is this\n", {"config.ini:1: ", "", ""}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_config(fixture, rows[i].text);
        if (load(fixture, NULL))
            fail_msg("accepted: %s", rows[i].text);
        assert_int_equal(fixture->err.code, ERR_CONFIG);
        for (int j = 0; j < 3; j++)
            if (!strstr(fixture->err.text, rows[i].expected[j]))
                fail_msg("no %s in: %s", rows[i].expected[j], fixture->err.text);
    }
}

static void mistakes_elsewhere_are_named_too(void **state)
{
    struct fixture *fixture = *state;
    assert_false(load(fixture, "--format=yaml", NULL));
    assert_int_equal(fixture->err.code, ERR_USAGE);
    assert_false(load(fixture, "--profile", NULL));
    assert_int_equal(fixture->err.code, ERR_USAGE);
    assert_false(load(fixture, "--profile=nobody", NULL));
    assert_int_equal(fixture->err.code, ERR_CONFIG);
    assert_non_null(strstr(fixture->err.text, "nobody"));
    assert_true(load(fixture, "--profile=nobody", "--help", NULL));
    assert_false(load(fixture, "--config=absent.ini", NULL));
    assert_non_null(strstr(fixture->err.text, "absent.ini"));
    assert_false(load(fixture, "--endpoint=localhost", NULL));
    assert_non_null(strstr(fixture->err.text, "localhost"));
    setenv("AWS_MAX_ATTEMPTS", "many", 1);
    assert_false(load(fixture, NULL));
    assert_non_null(strstr(fixture->err.text, "AWS_MAX_ATTEMPTS"));
    unsetenv("AWS_MAX_ATTEMPTS");
    setenv("AWS_ENDPOINT_URL_S3", "minio:9000", 1);
    assert_false(load(fixture, NULL));
    assert_non_null(strstr(fixture->err.text, "AWS_ENDPOINT_URL_S3"));
    unsetenv("AWS_ENDPOINT_URL_S3");
    setenv("AWS_PROFILE", "default", 1);
    tempdir_write(&fixture->home, ".aws/config", "[default]\nregion\n");
    assert_false(load(fixture, NULL));
    assert_non_null(strstr(fixture->err.text, ".aws/config:2"));
}

static void every_row_is_complete_and_its_default_valid(void **state)
{
    (void)state;
    static struct config config;
    struct buf help = BUF_INIT(1 << 16);
    for (const struct opt *row = config_rows; row->name; row++) {
        struct err err = ERR_NONE;
        if (!row->help || !*row->help || (row->kind != OPT_BOOL && !row->value))
            fail_msg("row %s lacks help or its value's name", row->name);
        if (row->fallback && !opt_set(row, &config, row->fallback, &err))
            fail_msg("%s", err.text);
        for (const struct opt *other = row + 1; other->name; other++)
            if (strcmp(row->name, other->name) == 0 || (row->letter && row->letter == other->letter))
                fail_msg("%s and %s collide", row->name, other->name);
    }
    assert_true(opt_help(config_rows, &help));
    assert_non_null(strstr(help.data, "--readonly"));
    buf_done(&help);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(without_anything_the_embedded_cloud_is_used),
        TEST(keys_in_the_environment_do_not_leave_the_embedded_cloud),
        TEST(each_way_to_name_a_target_leaves_it),
        TEST(flags_beat_variables_beat_the_file),
        TEST(aws_variables_lie_between_ours_and_the_file),
        TEST(a_profile_section_applies_to_its_profile),
        TEST(flags_of_verbs_stay_in_order),
        TEST(the_profile_gives_what_nothing_else_set),
        TEST(endpoints_have_an_order),
        TEST(a_profile_without_region_is_told_so),
        TEST(other_places_and_terminals_are_honoured),
        TEST(mistakes_in_the_file_are_named_with_their_place),
        TEST(mistakes_elsewhere_are_named_too),
        TEST(every_row_is_complete_and_its_default_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
