/* Where statements begin and end, which one is under the cursor, and which ones only read. */
#include "backend/sql/dialect.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* The statements of a text, each in brackets, followed by ; when it is ended and by ... when more must follow. */
static const char *parts_of(const char *sql)
{
    static char out[512];
    struct dialect_part part;
    size_t offset = 0, size = 0, len = strlen(sql);
    out[0] = '\0';
    while (dialect_split(sql, len, &offset, &part) && size < sizeof out - 64)
        size += (size_t)snprintf(out + size, sizeof out - size, "[%.*s]%s%s", (int)(part.end - part.start),
                                 sql + part.start, part.is_open ? "..." : "", part.is_ended ? ";" : "");
    return out;
}

static void texts_are_cut_into_statements(void **state)
{
    static const struct {
        const char *sql, *parts;
    } cases[] = {
        {.sql = "", .parts = ""},
        {.sql = " \n-- nothing\n/* here */ ; ;", .parts = ""},
        {.sql = "select 1", .parts = "[select 1]"},
        {.sql = "select 1;", .parts = "[select 1];"},
        {.sql = "select 1; select 2", .parts = "[select 1];[select 2]"},
        {.sql = "select ';' ; select \";\"", .parts = "[select ';'];[select \";\"]"},
        {.sql = "select 'it''s;' ;x", .parts = "[select 'it''s;'];[x]"},
        {.sql = "select 1 -- a; b\n;x", .parts = "[select 1];[x]"},
        {.sql = "select /* ; */ 1;x", .parts = "[select /* ; */ 1];[x]"},
        {.sql = "drop table `a;b`;", .parts = "[drop table `a;b`];"},
        {.sql = "select X';' ;x", .parts = "[select X';'];[x]"},
        {.sql = "-- first\nselect 1 -- last\n", .parts = "[select 1]"},
        {.sql = "select 'open; x", .parts = "[select 'open; x]..."},
        {.sql = "select 1 /* open; x", .parts = "[select 1]..."},
        {.sql = "select \"open; x", .parts = "[select \"open; x]..."},
        {.sql = ";;a;;b;;", .parts = "[a];[b];"},
        {.sql = "a\xc3\xa9;b", .parts = "[a\xc3\xa9];[b]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(parts_of(cases[i].sql), cases[i].parts);
}

/* '|' is the cursor. */
static const char *under_cursor(const char *marked)
{
    static char out[256];
    char sql[256];
    size_t cursor = strcspn(marked, "|");
    snprintf(sql, sizeof sql, "%.*s%s", (int)cursor, marked, marked + cursor + 1);
    struct dialect_part part;
    if (!dialect_split_at(sql, strlen(sql), cursor, &part))
        return "(none)";
    snprintf(out, sizeof out, "%.*s", (int)(part.end - part.start), sql + part.start);
    return out;
}

static void a_cursor_is_in_a_statement(void **state)
{
    static const struct {
        const char *text, *found;
    } cases[] = {
        {.text = "|", .found = "(none)"},
        {.text = "a|", .found = "a"},
        {.text = "|a; b", .found = "a"},
        {.text = "a|; b", .found = "a"},
        {.text = "a;| b", .found = "a"},
        {.text = "a; |b", .found = "b"},
        {.text = "a; b|", .found = "b"},
        {.text = "a;\n|\nb", .found = "b"},
        {.text = "a; |\nb", .found = "a"},
        {.text = "a;\nb;\n|", .found = "b"},
        {.text = "a;\n-- c |\nb", .found = "b"},
        {.text = "a\n|\nc; b", .found = "a\n\nc"},
        {.text = "select ';|'; b", .found = "select ';'"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(under_cursor(cases[i].text), cases[i].found);
}

static void what_changes_nothing_only_reads(void **state)
{
    static const struct {
        const char *sql, *verb;
        bool only_reads, scans;
    } cases[] = {
        {.sql = "select 1", .verb = "SELECT", .only_reads = true, .scans = true},
        {.sql = "/* x */ -- y\n(select 1)", .verb = "SELECT", .only_reads = true, .scans = true},
        {.sql = "with x as (select 1) select * from x", .verb = "SELECT", .only_reads = true, .scans = true},
        {.sql = "with x as (select 1) insert into y select * from x", .verb = "SELECT", .scans = true},
        {.sql = "select 1; drop table x", .verb = "SELECT", .scans = true},
        {.sql = "select 'drop table x'", .verb = "SELECT", .only_reads = true, .scans = true},
        {.sql = "select \"update\", replace(a, 'x') from t", .verb = "SELECT", .only_reads = true, .scans = true},
        {.sql = "select * from table(system.query('delete'))", .verb = "SELECT", .scans = true},
        {.sql = "select * from t match_recognize (pattern (a b))", .verb = "SELECT", .only_reads = true, .scans = true},
        {.sql = "values 1", .verb = "SELECT", .only_reads = true, .scans = true},
        {.sql = "explain select 1", .verb = "EXPLAIN", .only_reads = true},
        {.sql = "explain insert into t select 1", .verb = "EXPLAIN", .only_reads = true},
        {.sql = "explain analyze select 1", .verb = "EXPLAIN ANALYZE", .only_reads = true, .scans = true},
        {.sql = "explain analyze insert into t select 1", .verb = "EXPLAIN ANALYZE", .scans = true},
        {.sql = "explain analyze verbose create table t as select 1", .verb = "EXPLAIN ANALYZE", .scans = true},
        {.sql = "explain analyze", .verb = "EXPLAIN ANALYZE"},
        {.sql = "explain (analyze) insert into t select 1", .verb = "EXPLAIN"},
        {.sql = "show tables", .verb = "SHOW", .only_reads = true},
        {.sql = "desc t", .verb = "DESCRIBE", .only_reads = true},
        {.sql = "insert into t values 1", .verb = "INSERT", .scans = true},
        {.sql = "create table t as select 1", .verb = "CREATE TABLE AS SELECT", .scans = true},
        {.sql = "create table t with (format = 'ORC') as (select 1)", .verb = "CREATE TABLE AS SELECT", .scans = true},
        {.sql = "create external table t (a int) location 's3://b/'", .verb = "CREATE TABLE"},
        {.sql = "create or replace view v as select 1", .verb = "CREATE VIEW"},
        {.sql = "create database d", .verb = "CREATE DATABASE"},
        {.sql = "drop view v", .verb = "DROP VIEW"},
        {.sql = "alter table t add partition (a = 1)", .verb = "ALTER TABLE"},
        {.sql = "msck repair table t", .verb = "MSCK REPAIR TABLE"},
        {.sql = "unload (select 1) to 's3://b/' with (format = 'ORC')", .verb = "UNLOAD", .scans = true},
        {.sql = "execute p", .verb = "EXECUTE", .scans = true},
        {.sql = "prepare p from select 1", .verb = "PREPARE"},
        {.sql = "using external function f() returns int lambda 'x' select f()", .verb = ""},
        {.sql = "", .verb = ""},
        {.sql = "select 'open", .verb = ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dialect_nature nature = dialect_nature(cases[i].sql, strlen(cases[i].sql));
        if (nature.only_reads != cases[i].only_reads || nature.scans != cases[i].scans)
            print_error("%s: reads %d, scans %d\n", cases[i].sql, nature.only_reads, nature.scans);
        assert_string_equal(nature.verb, cases[i].verb);
        assert_int_equal(nature.only_reads, cases[i].only_reads);
        assert_int_equal(nature.scans, cases[i].scans);
    }
}

static void an_open_comment_alone_is_no_statement(void **state)
{
    struct dialect_part part;
    size_t offset = 0;
    (void)state;
    assert_false(dialect_split("/* a", 4, &offset, &part));
    assert_true(part.is_open);
    offset = 0;
    assert_false(dialect_split("/* a */ ;", 9, &offset, &part));
    assert_false(part.is_open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_cut_into_statements), cmocka_unit_test(an_open_comment_alone_is_no_statement),
        cmocka_unit_test(a_cursor_is_in_a_statement), cmocka_unit_test(what_changes_nothing_only_reads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
