/* What a query's engine is told before it runs: settings always, macros when they are used, also by one another. */
#include "backend/sql/dialect.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *prelude_for(const char *text)
{
    struct buf out = BUF_INIT(1 << 20);
    assert_true(dialect_prelude_for((const char *const[]){text, NULL}, &out));
    return buf_take(&out);
}

static void settings_come_always_and_no_macro_unasked(void **state)
{
    (void)state;
    char *text = prelude_for("SELECT 1");
    assert_non_null(strstr(text, "SET "));
    assert_null(strstr(text, "MACRO"));
    free(text);
}

static void a_macro_brings_those_that_it_uses(void **state)
{
    (void)state;
    char *text = prelude_for("SELECT weir_split_limit('a', 'b', 2)");
    assert_non_null(strstr(text, "MACRO weir_split_limit("));
    assert_non_null(strstr(text, "MACRO weir_split("));
    assert_non_null(strstr(text, "MACRO weir_join("));
    assert_null(strstr(text, "MACRO weir_split_part("));
    assert_null(strstr(text, "MACRO weir_at("));
    free(text);
}

static void with_all_names_it_is_all(void **state)
{
    (void)state;
    char *text = prelude_for(dialect_prelude());
    assert_int_equal(strlen(text), strlen(dialect_prelude()));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(settings_come_always_and_no_macro_unasked),
                                       cmocka_unit_test(a_macro_brings_those_that_it_uses),
                                       cmocka_unit_test(with_all_names_it_is_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
