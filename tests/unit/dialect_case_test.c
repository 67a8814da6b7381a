/* The case table of Athena's dialect on the real engine: each statement translated, run and compared with Trino's
 * answer, or refused with Trino's error name. The cases are in tests/data/athena. Skipped, aloud, without the engine.
 */
#include "backend/base/json.h"
#include "backend/sql/dialect.h"
#include "backend/sql/dialect_function.h"
#include "backend/sql/duck.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

/* --- a catalog that knows the set-up's tables --- */
#define COLUMN(n, t)                                                                                                   \
    {                                                                                                                  \
        .name = n, .type = t                                                                                           \
    }
static const struct dialect_column columns_t[] = {COLUMN("id", "int"), COLUMN("region", "string"),
                                                  COLUMN("status", "string"), COLUMN("qty", "int"),
                                                  COLUMN("price", "double")};
static const struct dialect_column columns_u[] = {COLUMN("id", "int"), COLUMN("a", "array<int>")};
static const struct dialect_column columns_vv[] = {COLUMN("a", "int")};
static const struct dialect_column columns_p[] = {COLUMN("id", "int")}, parts_p[] = {COLUMN("dt", "string")};
static const struct dialect_column columns_w[] = {
    COLUMN("b", "bigint"),       COLUMN("s", "string"),          COLUMN("d", "date"),
    COLUMN("ts", "timestamp"),   COLUMN("m", "map<string,int>"), COLUMN("r", "struct<x:int,y:string>"),
    COLUMN("c", "decimal(10,2)")};
#undef COLUMN
static const struct dialect_table tables[] = {
    {.database = "default", .name = "t", .columns = columns_t, .column_count = 5},
    {.database = "default", .name = "u", .columns = columns_u, .column_count = 2},
    {.database = "default", .name = "w", .columns = columns_w, .column_count = 7},
    {.database = "default",
     .name = "p",
     .columns = columns_p,
     .column_count = 1,
     .partitions = parts_p,
     .partition_count = 1},
    {.database = "default", .name = "vv", .columns = columns_vv, .column_count = 1, .view_sql = "select 1 a"},
    {.database = "default", .name = "loop", .columns = columns_vv, .column_count = 1, .view_sql = "select * from loop"},
};

static const struct dialect_table *find_table(void *context, struct arena *arena, const char *database,
                                              const char *name, struct err *err)
{
    (void)context;
    (void)arena;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(tables[i].database, database) == 0 && strcmp(tables[i].name, name) == 0)
            return &tables[i];
    err_set(err, ERR_NOT_FOUND, "no such table");
    return NULL;
}

static bool has_database(void *context, const char *database)
{
    (void)context;
    return strcmp(database, "default") == 0;
}

static const struct dialect_catalog catalog = {.table = find_table, .has_database = has_database};

static const char setup[] =
    "create schema if not exists \"default\"; create schema weir_information_schema;"
    "create table \"default\".t(id int, region varchar, status varchar, qty int, price double, \"$path\" varchar);"
    "insert into \"default\".t values (1,'e','ok',1,1.5,'s3://b/t/1'),(2,'w','ok',2,2.5,'s3://b/t/1'),"
    "(3,'e','bad',3,3.5,'s3://b/t/1'),(4,'w','bad',4,4.5,'s3://b/t/1');"
    "create table \"default\".u(id int, a int[], \"$path\" varchar);"
    "insert into \"default\".u values (1,[1,2],'x'),(2,[3],'x'),(3,[],'x');"
    "create table \"default\".w(b bigint, s varchar, d date, ts timestamp, m map(varchar,int), r struct(x int, y "
    "varchar), "
    "c decimal(10,2), \"$path\" varchar);"
    "insert into \"default\".w values (10,'a','2024-01-01','2024-01-01 10:00:00',map{'k':1},{'x':1,'y':'q'},1.25,'x'),"
    "(20,null,null,null,null,null,null,'x');"
    "create table \"default\".p(id int, dt varchar, \"$path\" varchar); insert into \"default\".p values "
    "(1,'2024','x');"
    "create table \"default\".\"t$partitions\"(dt varchar);"
    "create table \"default\".\"p$partitions\"(dt varchar); insert into \"default\".\"p$partitions\" values ('2024');"
    "create table weir_information_schema.tables as select 'awsdatacatalog' table_catalog, 'default' table_schema, "
    "unnest(['t','u']) table_name, 'BASE TABLE' table_type;"
    "create table weir_information_schema.columns as select 'awsdatacatalog' table_catalog, 'default' table_schema, "
    "'t' "
    "table_name, 'id' column_name, 1::bigint ordinal_position, null::varchar column_default, 'YES' is_nullable, "
    "'integer' "
    "data_type, null::varchar \"comment\", null::varchar extra_info;";

static int open_engine(void **state)
{
    struct err err = ERR_NONE;
    struct duck *duck = duck_open(&(struct duck_options){.threads = 1, .memory_limit = "512MB"}, &err);
    if (!duck)
        print_message("%s\n", err.text);
    if (duck && (!duck_exec(duck, dialect_prelude(), &err) || !duck_exec(duck, setup, &err)))
        fail_msg("set-up: %s", err.text);
    *state = duck;
    return 0;
}

static int close_engine(void **state)
{
    duck_close(*state);
    return 0;
}

/* --- one statement --- */
/* The texts hold the same rows, in whatever order. */
static bool same_rows(const char *a, const char *b)
{
    size_t len = strlen(a);
    if (len != strlen(b))
        return false;
    for (const char *at = a; at < a + len;) {
        size_t size = strcspn(at, ";");
        char *row = strndup(at, size);
        bool found = row && strstr(b, row);
        free(row);
        if (!found)
            return false;
        at += size + 1;
    }
    return true;
}

/* Rows as "a|b;c|d", NULL as NULL; or "ERROR_NAME: text". A statement that is no query: its verb in brackets. */
static void answer(struct duck *duck, const char *sql, const char *const *parameters, struct buf *out)
{
    struct arena *arena = arena_new(16 * 1024 * 1024);
    struct err err = ERR_NONE, mapped = ERR_NONE;
    struct dialect_options options = {.catalog = &catalog, .database = "default", .parameters = parameters};
    struct dialect_statement *statement = dialect_translate(&options, sql, strlen(sql), arena, &err);
    buf_clear(out);
    if (!statement) {
        buf_printf(out, "%s: %s", err.service_code, err.text);
        if (err.code == ERR_OK)
            buf_puts(out, " (no error was set)");
    } else if (statement->kind != DIALECT_QUERY) {
        buf_printf(out, "[%s]", statement->verb);
    } else {
        struct duck_result *result = duck_query(duck, statement->duck_sql, &err);
        for (size_t row = 0; result && duck_next(result, &err); row++)
            for (size_t i = 0; i < duck_column_count(result); i++) {
                size_t len;
                const char *text = duck_text(result, i, &len);
                buf_puts(out, i ? "|" : row ? ";" : "");
                buf_printf(out, "%.*s", duck_is_null(result, i) ? 4 : (int)len,
                           duck_is_null(result, i) ? "NULL" : text);
            }
        duck_result_free(result);
        if (err.code != ERR_OK) {
            dialect_map_error(statement, sql, &err, &mapped);
            buf_clear(out);
            buf_printf(out, "%s: %s", mapped.service_code, mapped.text);
            if (getenv("DIALECT_SHOW"))
                print_message("  %s\n", statement->duck_sql);
        }
    }
    arena_free(arena);
}

static bool as_expected(const char *got, const json_t *entry)
{
    const char *expected = json_str(entry, "expected"), *error = json_str(entry, "error"),
               *like = json_str(entry, "like");
    if (*error)
        return strncmp(got, error, strlen(error)) == 0;
    if (json_object_get(entry, "like"))
        return strstr(got, like) != NULL;
    return json_object_get(entry, "expected") &&
           (json_bool(entry, "any_order", false) ? same_rows(got, expected) : strcmp(got, expected) == 0);
}

struct counts {
    size_t right, refused, failed;
};

static void run_file(struct duck *duck, const char *name, struct counts *counts)
{
    char path[256];
    json_error_t problem;
    struct buf got = BUF_INIT(1024 * 1024);
    snprintf(path, sizeof path, "tests/data/athena/%s", name);
    json_t *file = json_load_file(path, 0, &problem), *entry;
    size_t i;
    if (!file)
        fail_msg("%s: %s", path, problem.text);
    json_array_foreach(json_object_get(file, "cases"), i, entry)
    {
        static const char *const one[] = {"1", NULL};
        answer(duck, json_str(entry, "sql"), json_bool(entry, "parameter", false) ? one : NULL, &got);
        if (!as_expected(buf_text(&got), entry)) {
            print_message("%s\n  expected: %s%s%s\n  got:      %s\n", json_str(entry, "sql"),
                          json_str(entry, "expected"), json_str(entry, "error"), json_str(entry, "like"),
                          buf_text(&got));
            counts->failed++;
        } else if (*json_str(entry, "error")) {
            counts->refused++;
        } else {
            counts->right++;
        }
    }
    buf_done(&got);
    json_decref(file);
}

static void every_case_gives_trinos_answer(void **state)
{
    static const char *const files[] = {"cases.json", "functions.json", "queries.json", "errors.json", "trino.json"};
    struct counts counts = {.right = 0};
    if (!*state)
        skip();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        run_file(*state, files[i], &counts);
    print_message("%zu right, %zu refused as expected, %zu wrong\n", counts.right, counts.refused, counts.failed);
    assert_int_equal(counts.failed, 0);
}

/* --- every function has a case --- */
static bool is_called(const char *sql, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = sql; (at = strcasestr(at, name)); at++) {
        bool starts = at == sql ||
                      !(strchr("_$", at[-1]) || (at[-1] >= 'a' && at[-1] <= 'z') || (at[-1] >= '0' && at[-1] <= '9'));
        if (starts && at[len] == '(')
            return true;
    }
    return false;
}

static void every_function_has_a_case(void **state)
{
    static const char *const files[] = {"cases.json", "functions.json", "queries.json", "trino.json"};
    json_t *cases = json_array();
    size_t count, missing = 0;
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[256];
        snprintf(path, sizeof path, "tests/data/athena/%s", files[i]);
        json_t *file = json_load_file(path, 0, NULL);
        assert_non_null(file);
        json_array_extend(cases, json_object_get(file, "cases"));
        json_decref(file);
    }
    const struct function *rows = function_rows(&count);
    for (size_t i = 0; i < count; i++) {
        bool found = rows[i].class == FUNCTION_REFUSED || (i && strcmp(rows[i].name, rows[i - 1].name) == 0);
        for (size_t j = 0; j < json_array_size(cases) && !found; j++)
            found = is_called(json_str(json_array_get(cases, j), "sql"), rows[i].name);
        if (!found) {
            print_message("no case calls %s\n", rows[i].name);
            missing++;
        }
    }
    json_decref(cases);
    assert_int_equal(missing, 0);
}

static void rows_are_sorted(void **state)
{
    size_t count;
    const struct function *rows = function_rows(&count);
    (void)state;
    for (size_t i = 1; i < count; i++)
        assert_true(strcmp(rows[i - 1].name, rows[i].name) <= 0);
}

static void a_refused_function_is_named(void **state)
{
    size_t count;
    const struct function *rows = function_rows(&count);
    struct dialect_options options = {.catalog = &catalog, .database = "default"};
    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].class != FUNCTION_REFUSED || *rows[i].params) /* a refused signature of a name has a case */
            continue;
        char sql[128];
        struct err err = ERR_NONE;
        struct arena *arena = arena_new(1024 * 1024);
        snprintf(sql, sizeof sql, "select %s(1)", rows[i].name);
        assert_null(dialect_translate(&options, sql, strlen(sql), arena, &err));
        assert_string_equal(err.service_code, "NOT_SUPPORTED");
        assert_non_null(strstr(err.text, rows[i].name));
        arena_free(arena);
    }
}

/* Names of outputs as Trino gives them. */
static void unnamed_outputs_are_numbered(void **state)
{
    struct err err = ERR_NONE;
    struct arena *arena = arena_new(1024 * 1024);
    struct dialect_options options = {.catalog = &catalog, .database = "default"};
    const char *sql = "select id, id+1, 'x' as Name, r.x, cast(row(1) as row(a int)).a, t.* from t, w where id = 1";
    struct dialect_statement *statement = dialect_translate(&options, sql, strlen(sql), arena, &err);
    (void)state;
    assert_non_null(statement);
    assert_string_equal(statement->output_names[0], "id");
    assert_string_equal(statement->output_names[1], "_col1");
    assert_string_equal(statement->output_names[2], "Name");
    assert_string_equal(statement->output_names[3], "x");
    assert_string_equal(statement->output_names[4], "_col4");
    assert_string_equal(statement->output_names[5], "id");
    assert_string_equal(statement->output_names[9], "price");
    assert_null(statement->output_names[10]);
    assert_string_equal(statement->output_types[1], "integer");
    assert_string_equal(statement->output_types[2], "varchar(1)");
    assert_string_equal(statement->tables[0]->name, "t");
    assert_string_equal(statement->tables[1]->name, "w");
    assert_null(statement->tables[2]);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_case_gives_trinos_answer, open_engine, close_engine),
        cmocka_unit_test(every_function_has_a_case),
        cmocka_unit_test(rows_are_sorted),
        cmocka_unit_test(a_refused_function_is_named),
        cmocka_unit_test(unnamed_outputs_are_numbered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
