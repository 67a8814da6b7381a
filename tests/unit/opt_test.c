/* Option rows: one row is a file's key, a variable, a flag, a check and a line of help. */
#include "backend/base/opt.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the four above first */
#include <cmocka.h>

struct options {
    char name[8];
    char color[8];
    bool is_quiet, is_watching;
    int64_t tries, limit, refresh_ms;
};
static const struct opt rows[] = {
    {.name = "name",
     .section = "",
     .env = "WEIR_TEST_NAME",
     .letter = 'n',
     .value = "NAME",
     .kind = OPT_TEXT,
     .offset = offsetof(struct options, name),
     .size = sizeof(((struct options *)0)->name),
     .help = "whom to greet"},
    {.name = "color",
     .section = "console",
     .value = "WHEN",
     .kind = OPT_ENUM,
     .offset = offsetof(struct options, color),
     .size = sizeof(((struct options *)0)->color),
     .fallback = "auto",
     .choices = "auto|on|off",
     .help = "when to use colours"},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPT_BOOL,
     .offset = offsetof(struct options, is_quiet),
     .help = "say less"},
    {.name = "watch",
     .section = "",
     .letter = 'w',
     .kind = OPT_BOOL,
     .offset = offsetof(struct options, is_watching),
     .fallback = "true",
     .help = "go on"},
    {.name = "tries",
     .section = "",
     .env = "WEIR_TEST_TRIES",
     .letter = 't',
     .value = "N",
     .kind = OPT_INT,
     .offset = offsetof(struct options, tries),
     .fallback = "3",
     .min = 1,
     .max = 10,
     .help = "how often"},
    {.name = "limit",
     .section = "",
     .value = "BYTES",
     .kind = OPT_BYTES,
     .offset = offsetof(struct options, limit),
     .fallback = "8MiB",
     .help = "how much"},
    {.name = "refresh",
     .section = "console",
     .letter = 'r',
     .value = "TIME",
     .kind = OPT_DURATION_MS,
     .offset = offsetof(struct options, refresh_ms),
     .fallback = "5s",
     .min = 500,
     .max = 3600000,
     .help = "how often to look"},
    {.name = NULL},
};

static struct options defaults(void)
{
    struct options options;
    memset(&options, 0xff, sizeof options);
    opt_defaults(rows, &options);
    return options;
}

static void each_field_starts_with_its_fallback(void **state)
{
    (void)state;
    struct options options = defaults();
    assert_string_equal(options.name, "");
    assert_string_equal(options.color, "auto");
    assert_false(options.is_quiet);
    assert_true(options.is_watching);
    assert_int_equal(options.tries, 3);
    assert_int_equal(options.limit, 8 << 20);
    assert_int_equal(options.refresh_ms, 5000);
}

static bool set(const char *name, const char *text, struct options *options, struct err *err)
{
    return opt_set(opt_find(rows, NULL, name), options, text, err);
}

static void each_kind_takes_its_forms(void **state)
{
    (void)state;
    struct options options = defaults();
    assert_true(set("quiet", "Yes", &options, NULL));
    assert_true(options.is_quiet);
    assert_true(set("quiet", "off", &options, NULL));
    assert_false(options.is_quiet);
    assert_true(set("name", "1234567", &options, NULL));
    assert_true(set("color", "off", &options, NULL));
    assert_true(set("tries", "10", &options, NULL));
    assert_true(set("limit", "1.5k", &options, NULL));
    assert_int_equal(options.limit, 1536);
    assert_true(set("refresh", "500ms", &options, NULL));
    assert_int_equal(options.refresh_ms, 500);
    assert_true(set("refresh", "7", &options, NULL));
    assert_int_equal(options.refresh_ms, 7000);
}

static void refuses(const char *name, const char *text, const char *allowed)
{
    struct options options = defaults(), before = options;
    struct err err;
    assert_false(set(name, text, &options, &err));
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, name));
    assert_non_null(strstr(err.text, allowed));
    assert_memory_equal(&options, &before, sizeof options);
}

static void a_bad_value_changes_nothing_and_says_what_is_allowed(void **state)
{
    (void)state;
    refuses("quiet", "maybe", "true or false");
    refuses("name", "12345678", "7 bytes");
    refuses("color", "aut", "auto|on|off");
    refuses("color", "auto|on", "auto|on|off");
    refuses("color", "", "auto|on|off");
    refuses("tries", "0", "from 1 to 10");
    refuses("tries", "11", "from 1 to 10");
    refuses("tries", " 5", "whole number");
    refuses("tries", "5x", "whole number");
    refuses("tries", "99999999999999999999", "whole number");
    refuses("limit", "much", "8MiB");
    refuses("refresh", "499ms", "from 500ms to 1h");
    refuses("refresh", "", "500ms");
}

static void the_environment_names_its_variable_in_errors(void **state)
{
    (void)state;
    struct options options = defaults();
    struct err err;
    setenv("WEIR_TEST_NAME", "env", 1);
    setenv("WEIR_TEST_TRIES", "", 1); /* empty is unset */
    assert_true(opt_from_env(rows, &options, &err));
    assert_string_equal(options.name, "env");
    assert_int_equal(options.tries, 3);
    setenv("WEIR_TEST_TRIES", "many", 1);
    assert_false(opt_from_env(rows, &options, &err));
    assert_non_null(strstr(err.text, "WEIR_TEST_TRIES"));
}

static void rows_are_found_by_section(void **state)
{
    (void)state;
    assert_non_null(opt_find(rows, "console", "color"));
    assert_null(opt_find(rows, "", "color"));
    assert_null(opt_find(rows, "", "quiet")); /* not in files */
    assert_non_null(opt_find(rows, NULL, "quiet"));
    assert_null(opt_find(rows, NULL, "nothing"));
}

enum { ARGS = 12 };
static int parse(struct options *options, char **argv, struct err *err)
{
    int argc = 0;
    while (argv[argc])
        argc++;
    return opt_parse_argv(rows, options, argc, argv, err);
}

static void flags_are_taken_and_the_rest_stays_in_order(void **state)
{
    (void)state;
    struct options options = defaults();
    char *argv[ARGS] = {"weir", "--name=bo", "ls", "-q", "--no-watch", "s3://lake", "--tries", "7", "-r", "2s", "-"};
    assert_int_equal(parse(&options, argv, NULL), 4);
    assert_string_equal(argv[0], "weir");
    assert_string_equal(argv[1], "ls");
    assert_string_equal(argv[2], "s3://lake");
    assert_string_equal(argv[3], "-");
    assert_string_equal(options.name, "bo");
    assert_true(options.is_quiet);
    assert_false(options.is_watching);
    assert_int_equal(options.tries, 7);
    assert_int_equal(options.refresh_ms, 2000);
}

static void letters_can_be_bundled_and_values_attached(void **state)
{
    (void)state;
    struct options options = defaults();
    char *argv[ARGS] = {"-qwt9", "-nbo", "--quiet=false"};
    assert_int_equal(parse(&options, argv, NULL), 0);
    assert_int_equal(options.tries, 9);
    assert_string_equal(options.name, "bo");
    assert_false(options.is_quiet);
}

static void two_dashes_end_the_flags(void **state)
{
    (void)state;
    struct options options = defaults();
    char *argv[ARGS] = {"-q", "--", "-t", "--", "--nonsense"};
    assert_int_equal(parse(&options, argv, NULL), 3);
    assert_string_equal(argv[0], "-t");
    assert_string_equal(argv[1], "--");
    assert_string_equal(argv[2], "--nonsense");
    assert_int_equal(options.tries, 3);
}

static void fails(char *first, char *second, const char *words)
{
    struct options options = defaults();
    struct err err;
    char *argv[ARGS] = {first, second};
    assert_int_equal(parse(&options, argv, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, words));
}

static void bad_flags_are_usage_errors(void **state)
{
    (void)state;
    fails("--nonsense", NULL, "--nonsense");
    fails("--no-name", NULL, "--no-name");
    fails("--no-quiet=1", NULL, "--no-quiet");
    fails("-z", NULL, "-z");
    fails("-qz", NULL, "-z");
    fails("--tries", NULL, "needs a value: N");
    fails("-t", NULL, "-t needs a value");
    fails("--tries", "x", "whole number");
    fails("--quiet=perhaps", NULL, "true or false");
}

static void unknown_flags_can_be_left_for_a_second_parse(void **state)
{
    (void)state;
    struct options options = defaults();
    char *argv[ARGS] = {"--other", "x", "-q", "-Z", "--", "--tries"};
    assert_int_equal(opt_parse_known(rows, &options, 6, argv, NULL), 5);
    assert_string_equal(argv[0], "--other");
    assert_string_equal(argv[1], "x");
    assert_string_equal(argv[2], "-Z");
    assert_string_equal(argv[3], "--");
    assert_string_equal(argv[4], "--tries");
    assert_true(options.is_quiet);
}

static void what_is_printed_can_be_set_again(void **state)
{
    (void)state;
    struct options options = defaults(), copy = options;
    set("limit", "1.5k", &options, NULL);
    set("refresh", "90s", &options, NULL);
    for (const struct opt *row = rows; row->name; row++) {
        struct buf text = BUF_INIT(100);
        assert_true(opt_format(row, &options, &text));
        assert_true(opt_set(row, &copy, buf_text(&text), NULL));
        buf_done(&text);
    }
    assert_int_equal(copy.limit, 1536);
    assert_int_equal(copy.refresh_ms, 90000);
}

static void help_has_a_line_per_row(void **state)
{
    (void)state;
    struct buf out = BUF_INIT(4000);
    assert_true(opt_help(rows, &out));
    assert_string_equal(buf_text(&out), "  -n, --name NAME      whom to greet\n"
                                        "      --color WHEN     when to use colours: auto|on|off (default auto)\n"
                                        "  -q, --quiet          say less\n"
                                        "  -w, --watch          go on (default true)\n"
                                        "  -t, --tries N        how often (default 3)\n"
                                        "      --limit BYTES    how much (default 8MiB)\n"
                                        "  -r, --refresh TIME   how often to look (default 5s)\n");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_field_starts_with_its_fallback),
        cmocka_unit_test(each_kind_takes_its_forms),
        cmocka_unit_test(a_bad_value_changes_nothing_and_says_what_is_allowed),
        cmocka_unit_test(the_environment_names_its_variable_in_errors),
        cmocka_unit_test(rows_are_found_by_section),
        cmocka_unit_test(flags_are_taken_and_the_rest_stays_in_order),
        cmocka_unit_test(letters_can_be_bundled_and_values_attached),
        cmocka_unit_test(two_dashes_end_the_flags),
        cmocka_unit_test(bad_flags_are_usage_errors),
        cmocka_unit_test(unknown_flags_can_be_left_for_a_second_parse),
        cmocka_unit_test(what_is_printed_can_be_set_again),
        cmocka_unit_test(help_has_a_line_per_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
