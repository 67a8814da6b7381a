/* What a statement scans, by its syntax: tables with the plain conditions that hold for all their rows. */
#include "backend/sql/dialect.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* "db.t[a = 1][b IN x y]"; numbers have a '#' */
static const char *reads_of(const char *sql)
{
    static char out[2048];
    struct err err = ERR_NONE;
    struct arena *arena = arena_new(16 << 20);
    struct dialect_reads *reads = dialect_reads(sql, strlen(sql), "d", arena, &err);
    size_t size = (size_t)snprintf(out, sizeof out, "%s", reads ? "" : err.service_code);
    for (size_t i = 0; reads && i < reads->count; i++) {
        const struct dialect_read *read = &reads->items[i];
        size += (size_t)snprintf(out + size, sizeof out - size, "%s%s.%s", i ? " " : "", read->database, read->name);
        for (size_t k = 0; k < read->condition_count; k++) {
            const struct dialect_condition *condition = &read->conditions[k];
            size += (size_t)snprintf(out + size, sizeof out - size, "[%s %s", condition->column, condition->op);
            for (size_t n = 0; n < condition->count; n++)
                size += (size_t)snprintf(out + size, sizeof out - size, " %s%s", condition->are_numbers ? "#" : "",
                                         condition->values[n]);
            size += (size_t)snprintf(out + size, sizeof out - size, "]");
        }
    }
    if (reads && reads->is_limited)
        snprintf(out + size, sizeof out - size, " limited");
    arena_free(arena);
    return out;
}

static void statements_read_tables(void **state)
{
    static const struct {
        const char *sql, *reads;
    } cases[] = {
        {.sql = "select 1", .reads = ""},
        {.sql = "select * from T", .reads = "d.t"},
        {.sql = "select * from x.t, y.u", .reads = "x.t y.u"},
        {.sql = "select * from awsdatacatalog.x.t", .reads = "x.t"},
        {.sql = "select * from t limit 5", .reads = "d.t limited"},
        {.sql = "select * from t where a = 1 and b = 'x' and c > 2", .reads = "d.t[a = #1][b = x][c > #2]"},
        {.sql = "select * from t where 1 < a", .reads = "d.t[a > #1]"},
        {.sql = "select * from t where a = -1", .reads = "d.t[a = #-1]"},
        {.sql = "select * from t where a between '1' and '5'", .reads = "d.t[a >= 1][a <= 5]"},
        {.sql = "select * from t where a in ('x', 'y')", .reads = "d.t[a IN x y]"},
        {.sql = "select * from t where d = date '2024-01-01'", .reads = "d.t[d = 2024-01-01]"},
        {.sql = "select * from t where a not in ('x')", .reads = "d.t"},
        {.sql = "select * from t where not (a = 1)", .reads = "d.t"},
        {.sql = "select * from t where a = 1 or b = 2", .reads = "d.t"},
        {.sql = "select * from t where a <> 1 and lower(b) = 'x' and a = b", .reads = "d.t"},
        {.sql = "select * from t x join u y on x.k = y.k where x.a = 1 and y.b = 2",
         .reads = "d.t[a = #1] d.u[b = #2]"},
        {.sql = "select * from t where t.a = 1 and d.t.b = 2", .reads = "d.t[a = #1][b = #2]"},
        {.sql = "select * from t x join u y on x.k = y.k and y.a = 1", .reads = "d.t d.u[a = #1]"},
        {.sql = "select * from t x left join u y on x.a = 1 and y.b = 2", .reads = "d.t d.u[b = #2]"},
        {.sql = "select * from t x right join u y on x.a = 1 and y.b = 2", .reads = "d.t[a = #1] d.u"},
        {.sql = "select * from t x full join u y on x.a = 1", .reads = "d.t d.u"},
        {.sql = "with x as (select * from t where a = 1) select * from x p join x q on true where p.z = 1",
         .reads = "d.t[a = #1] d.t[a = #1]"},
        {.sql = "with x as (select * from t) select 1", .reads = ""},
        {.sql = "with recursive r (n) as (select 1 union all select n + 1 from r) select * from r", .reads = ""},
        {.sql = "with t as (select * from t) select * from t", .reads = "d.t"},
        {.sql = "select (select max(a) from t) from u where exists (select 1 from v)", .reads = "d.u d.t d.v"},
        {.sql = "select * from t where a in (select b from u)", .reads = "d.t d.u"},
        {.sql = "select * from (select * from t where a = 1) q where q.b = 2", .reads = "d.t[a = #1]"},
        {.sql = "select * from t union all (select * from u)", .reads = "d.t d.u"},
        {.sql = "insert into z select * from t where a = 1", .reads = "d.t[a = #1]"},
        {.sql = "insert into z (a, b) select * from t", .reads = "d.t"},
        {.sql = "insert into x.z values (1)", .reads = ""},
        {.sql = "create table z with (format = 'ORC') as select * from t", .reads = "d.t"},
        {.sql = "create table z as (select * from t) with no data", .reads = ""},
        {.sql = "unload (select * from t) to 's3://b/' with (format = 'ORC')", .reads = "d.t"},
        {.sql = "explain select * from t", .reads = ""},
        {.sql = "explain analyze verbose select * from t", .reads = "d.t"},
        {.sql = "drop table t", .reads = ""},
        {.sql = "execute p", .reads = "NOT_SUPPORTED"},
        {.sql = "select from", .reads = "SYNTAX_ERROR"},
        {.sql = "select 1; select 2", .reads = "SYNTAX_ERROR"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *reads = reads_of(cases[i].sql);
        if (strcmp(reads, cases[i].reads) != 0)
            print_error("%s\n", cases[i].sql);
        assert_string_equal(reads, cases[i].reads);
    }
}

static void stars_take_all_columns(void **state)
{
    static const struct {
        const char *sql;
        bool all[3];
    } cases[] = {
        {.sql = "select * from t", .all = {true}},
        {.sql = "select a, t.* from t", .all = {true}},
        {.sql = "select count(*) from t", .all = {false}},
        {.sql = "select * from (select a from t) q join u on true", .all = {false, true}},
        {.sql = "select a from t where b in (select * from u)", .all = {false, true}},
        {.sql = "with x as (select a from t) select * from x", .all = {false}},
    };
    struct err err = ERR_NONE;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(16 << 20);
        struct dialect_reads *reads = dialect_reads(cases[i].sql, strlen(cases[i].sql), "d", arena, &err);
        if (!reads)
            print_error("%s: %s\n", cases[i].sql, err.text);
        assert_non_null(reads);
        for (size_t k = 0; k < reads->count; k++)
            assert_int_equal(reads->items[k].is_all, cases[i].all[k]);
        arena_free(arena);
    }
    struct arena *arena = arena_new(16 << 20);
    const char *sql = "select \"A b\", Sum(c) from T";
    struct dialect_reads *reads = dialect_reads(sql, strlen(sql), "d", arena, &err);
    static const char *const names[] = {"select", "a b", "sum", "c", "from", "t", NULL};
    for (size_t i = 0; names[i]; i++)
        assert_string_equal(reads->names[i], names[i]);
    arena_free(arena);
}

static void doubling_queries_end(void **state)
{
    char sql[4096] = "with a0 as (select * from t)";
    size_t size = strlen(sql);
    (void)state;
    for (int i = 1; i < 40; i++)
        size +=
            (size_t)snprintf(sql + size, sizeof sql - size, ", a%d as (select * from a%d x, a%d y)", i, i - 1, i - 1);
    snprintf(sql + size, sizeof sql - size, " select * from a39");
    assert_string_equal(reads_of(sql), "QUERY_TOO_LARGE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements_read_tables),
                                       cmocka_unit_test(stars_take_all_columns),
                                       cmocka_unit_test(doubling_queries_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
