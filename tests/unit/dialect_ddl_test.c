/* Statements that the Glue store answers: what the parser makes of them. */
#include "backend/sql/dialect.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena *arena;
static struct err err;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(16 * 1024 * 1024);
    err = ERR_NONE;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct dialect_column columns[] = {{.name = "id", .type = "int"}, {.name = "region", .type = "string"}};
static const struct dialect_column partitions[] = {{.name = "dt", .type = "string"}};
static const struct dialect_table table = {.database = "db",
                                           .name = "t",
                                           .columns = columns,
                                           .column_count = 2,
                                           .partitions = partitions,
                                           .partition_count = 1};

static const struct dialect_table *find_table(void *context, struct arena *own, const char *database, const char *name,
                                              struct err *error)
{
    (void)context;
    (void)own;
    if (strcmp(database, "db") == 0 && strcmp(name, "t") == 0)
        return &table;
    err_set(error, ERR_NOT_FOUND, "no such table");
    return NULL;
}

static struct dialect_statement *parse(const char *sql)
{
    static const struct dialect_catalog catalog = {.table = find_table};
    static const struct dialect_options options = {.catalog = &catalog, .database = "db"};
    struct dialect_statement *statement = dialect_translate(&options, sql, strlen(sql), arena, &err);
    if (!statement)
        print_message("%s: %s\n", sql, err.text);
    return statement;
}

static void an_external_table_is_read_whole(void **state)
{
    (void)state;
    struct dialect_statement *s =
        parse("CREATE EXTERNAL TABLE IF NOT EXISTS `Other`.`X y` (\n  `id` bigint COMMENT 'the id',\n  tags "
              "array<struct<a:int,b:"
              "map<string,decimal(10,2)>>>,\n v varchar(10))\nCOMMENT 'about'\nPARTITIONED BY (`dt` string, h "
              "int)\nCLUSTERED BY "
              "(id) INTO 4 BUCKETS\nROW FORMAT DELIMITED FIELDS TERMINATED BY ',' ESCAPED BY '\\\\' LINES TERMINATED "
              "BY '\\n'\n"
              "STORED AS TEXTFILE\nLOCATION 's3://b/p/'\nTBLPROPERTIES ('skip.header.line.count'='1', 'a'='it''s');");
    assert_non_null(s);
    assert_int_equal(s->kind, DIALECT_CREATE_TABLE);
    assert_true(s->is_external && s->if_not_exists);
    assert_string_equal(s->database, "other");
    assert_string_equal(s->name, "x y");
    assert_int_equal(s->column_count, 3);
    assert_string_equal(s->columns[0].comment, "the id");
    assert_string_equal(s->columns[1].type, "array<struct<a:int,b:map<string,decimal(10,2)>>>");
    assert_string_equal(s->columns[2].type, "varchar(10)");
    assert_string_equal(s->comment, "about");
    assert_int_equal(s->partition_column_count, 2);
    assert_string_equal(s->partition_columns[1].name, "h");
    assert_string_equal(s->bucketed_by[0], "id");
    assert_string_equal(pairs_get(&s->properties, "bucket_count"), "4");
    assert_string_equal(pairs_get(&s->serde, "field.delim"), ",");
    assert_string_equal(pairs_get(&s->serde, "serialization.lib"),
                        "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe");
    assert_string_equal(pairs_get(&s->serde, "input.format"), "org.apache.hadoop.mapred.TextInputFormat");
    assert_string_equal(s->location, "s3://b/p/");
    assert_string_equal(pairs_get(&s->properties, "a"), "it's");
}

static void serdes_and_formats_are_kept(void **state)
{
    (void)state;
    struct dialect_statement *s = parse(
        "create external table x (a int) row format serde 'org.openx.data.jsonserde.JsonSerDe' with serdeproperties "
        "('ignore.malformed.json'='true') location 's3://b/'");
    assert_non_null(s);
    assert_string_equal(pairs_get(&s->serde, "serialization.lib"), "org.openx.data.jsonserde.JsonSerDe");
    assert_string_equal(pairs_get(&s->serde, "ignore.malformed.json"), "true");
    assert_non_null(s = parse("create external table x (a int) stored as parquet location 's3://b/'"));
    assert_non_null(strstr(pairs_get(&s->serde, "serialization.lib"), "ParquetHiveSerDe"));
    assert_non_null(
        s = parse("create external table x (a int) stored as inputformat 'i' outputformat 'o' location 's3://b/'"));
    assert_string_equal(pairs_get(&s->serde, "input.format"), "i");
    assert_string_equal(pairs_get(&s->serde, "output.format"), "o");
}

static void strings_of_hives_statements_have_escapes(void **state)
{
    (void)state;
    struct dialect_statement *s = parse(
        "create external table x (a int) row format serde 'OpenCSVSerde' with serdeproperties ('quoteChar'='\\'', "
        "'escapeChar'='\\\\', 'tab'='\\t', 'double'='it''s') location 's3://b/x/'");
    assert_string_equal(pairs_get(&s->serde, "quoteChar"), "'");
    assert_string_equal(pairs_get(&s->serde, "escapeChar"), "\\");
    assert_string_equal(pairs_get(&s->serde, "tab"), "\\t");
    assert_string_equal(pairs_get(&s->serde, "double"), "it's");
    assert_string_equal(s->location, "s3://b/x/");
}

static void a_table_as_a_query_has_its_properties(void **state)
{
    (void)state;
    struct dialect_statement *s =
        parse("CREATE TABLE new WITH (format='ORC', external_location='s3://b/n/', partitioned_by=ARRAY["
              "'dt'], bucketed_by=array['id'], bucket_count=3) AS SELECT id, dt FROM t");
    assert_non_null(s);
    assert_int_equal(s->kind, DIALECT_CTAS);
    assert_string_equal(pairs_get(&s->properties, "format"), "ORC");
    assert_string_equal(pairs_get(&s->properties, "bucket_count"), "3");
    assert_string_equal(s->location, "s3://b/n/");
    assert_string_equal(s->partitioned_by[0], "dt");
    assert_null(s->partitioned_by[1]);
    assert_string_equal(s->output_names[1], "dt");
    assert_string_equal(s->output_types[0], "integer");
    assert_string_equal(s->tables[0]->name, "t");
    assert_non_null(s->duck_sql);
    assert_non_null(s = parse("create table new as select 1 a with no data"));
    assert_string_equal(pairs_get(&s->properties, "with_no_data"), "true");
}

static void unload_and_insert_have_a_source(void **state)
{
    (void)state;
    struct dialect_statement *s =
        parse("UNLOAD (SELECT id FROM t) TO 's3://b/u/' WITH (format='PARQUET', compression='zstd')");
    assert_non_null(s);
    assert_int_equal(s->kind, DIALECT_UNLOAD);
    assert_string_equal(pairs_get(&s->properties, "location"), "s3://b/u/");
    assert_string_equal(pairs_get(&s->properties, "compression"), "zstd");
    assert_non_null(s = parse("insert into t (dt, id) values ('2024', 1), ('2025', 2)"));
    assert_int_equal(s->kind, DIALECT_INSERT);
    assert_string_equal(s->name, "t");
    assert_int_equal(s->column_count, 2);
    assert_int_equal(s->partition_column_count, 1);
    assert_non_null(strstr(s->duck_sql, "CAST(NULL AS VARCHAR) AS \"region\""));
}

static void views_keep_their_text(void **state)
{
    (void)state;
    struct dialect_statement *s = parse("create or replace view v as\n select id, region from t -- all");
    assert_non_null(s);
    assert_true(s->or_replace);
    assert_string_equal(s->view_sql, "select id, region from t");
    assert_string_equal(s->output_names[1], "region");
    assert_string_equal(s->output_types[1], "varchar");
}

static void verbs_name_what_is_asked(void **state)
{
    static const struct {
        const char *sql, *verb, *database, *name, *pattern;
        enum dialect_kind kind;
    } cases[] = {
        {.sql = "show databases like 'a*'", .verb = "SHOW DATABASES", .pattern = "a*", .kind = DIALECT_SHOW},
        {.sql = "show schemas", .verb = "SHOW DATABASES", .kind = DIALECT_SHOW},
        {.sql = "show tables in Other '*x*'",
         .verb = "SHOW TABLES",
         .database = "other",
         .pattern = "*x*",
         .kind = DIALECT_SHOW},
        {.sql = "show views from db like 'v'",
         .verb = "SHOW VIEWS",
         .database = "db",
         .pattern = "v",
         .kind = DIALECT_SHOW},
        {.sql = "show partitions other.t",
         .verb = "SHOW PARTITIONS",
         .database = "other",
         .name = "t",
         .kind = DIALECT_SHOW},
        {.sql = "show columns in t in other",
         .verb = "SHOW COLUMNS",
         .database = "other",
         .name = "t",
         .kind = DIALECT_SHOW},
        {.sql = "show create table `T`",
         .verb = "SHOW CREATE TABLE",
         .database = "db",
         .name = "t",
         .kind = DIALECT_SHOW},
        {.sql = "show create view v", .verb = "SHOW CREATE VIEW", .name = "v", .kind = DIALECT_SHOW},
        {.sql = "show tblproperties t('a')",
         .verb = "SHOW TBLPROPERTIES",
         .name = "t",
         .pattern = "a",
         .kind = DIALECT_SHOW},
        {.sql = "show functions", .verb = "SHOW FUNCTIONS", .kind = DIALECT_SHOW},
        {.sql = "describe extended t", .verb = "DESCRIBE EXTENDED", .name = "t", .kind = DIALECT_DESCRIBE},
        {.sql = "describe formatted db.t id",
         .verb = "DESCRIBE FORMATTED",
         .name = "t",
         .pattern = "id",
         .kind = DIALECT_DESCRIBE},
        {.sql = "describe t partition (dt='x')", .verb = "DESCRIBE", .name = "t", .kind = DIALECT_DESCRIBE},
        {.sql = "describe view v", .verb = "DESCRIBE VIEW", .name = "v", .kind = DIALECT_DESCRIBE},
        {.sql = "drop table if exists `a-b`.t",
         .verb = "DROP TABLE",
         .database = "a-b",
         .name = "t",
         .kind = DIALECT_DROP_TABLE},
        {.sql = "drop view v", .verb = "DROP VIEW", .name = "v", .kind = DIALECT_DROP_VIEW},
        {.sql = "drop schema x restrict", .verb = "DROP DATABASE", .database = "x", .kind = DIALECT_DROP_DATABASE},
        {.sql = "create schema x location 's3://b/'",
         .verb = "CREATE DATABASE",
         .database = "x",
         .kind = DIALECT_CREATE_DATABASE},
        {.sql = "alter database x set dbproperties ('a'='b')",
         .verb = "ALTER DATABASE SET DBPROPERTIES",
         .database = "x",
         .kind = DIALECT_ALTER_DATABASE},
        {.sql = "msck repair table awsdatacatalog.db.t",
         .verb = "MSCK REPAIR TABLE",
         .database = "db",
         .name = "t",
         .kind = DIALECT_MSCK},
        {.sql = "deallocate prepare p", .verb = "DEALLOCATE PREPARE", .name = "p", .kind = DIALECT_DEALLOCATE},
        {.sql = "explain analyze verbose select 1", .verb = "EXPLAIN ANALYZE", .kind = DIALECT_EXPLAIN},
        {.sql = "use other", .verb = "USE", .database = "other", .kind = DIALECT_USE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dialect_statement *s = parse(cases[i].sql);
        assert_non_null(s);
        assert_int_equal(s->kind, cases[i].kind);
        assert_string_equal(s->verb, cases[i].verb);
        if (cases[i].database)
            assert_string_equal(s->database, cases[i].database);
        if (cases[i].name)
            assert_string_equal(s->name, cases[i].name);
        if (cases[i].pattern)
            assert_string_equal(s->pattern, cases[i].pattern);
    }
}

static void tables_are_altered(void **state)
{
    (void)state;
    struct dialect_statement *s =
        parse("alter table t add if not exists partition (dt='a', h=1) location 's3://b/1' partition (dt='b', h=2)");
    assert_non_null(s);
    assert_string_equal(s->verb, "ALTER TABLE ADD PARTITION");
    assert_true(s->if_not_exists);
    assert_int_equal(s->partition_count, 2);
    assert_string_equal(s->partitions[0].names[1], "h");
    assert_string_equal(s->partitions[0].values[0], "a");
    assert_string_equal(s->partitions[0].location, "s3://b/1");
    assert_null(s->partitions[1].location);
    assert_non_null(s = parse("alter table t drop if exists partition (dt='a'), partition (dt='b')"));
    assert_string_equal(s->verb, "ALTER TABLE DROP PARTITION");
    assert_int_equal(s->partition_count, 2);
    assert_non_null(s = parse("alter table t partition (dt='a') rename to partition (dt='b')"));
    assert_string_equal(s->verb, "ALTER TABLE RENAME PARTITION");
    assert_string_equal(s->partitions[1].values[0], "b");
    assert_non_null(s = parse("alter table t partition (dt='a') set location 's3://b/'"));
    assert_string_equal(s->partitions[0].location, "s3://b/");
    assert_non_null(s = parse("alter table t add columns (z string comment 'c', y double)"));
    assert_string_equal(s->verb, "ALTER TABLE ADD COLUMNS");
    assert_int_equal(s->column_count, 2);
    assert_non_null(s = parse("alter table t replace columns (z string)"));
    assert_string_equal(s->verb, "ALTER TABLE REPLACE COLUMNS");
    assert_non_null(s = parse("alter table t drop column z"));
    assert_string_equal(s->columns[0].name, "z");
    assert_non_null(s = parse("alter table t change column id key bigint comment 'k'"));
    assert_string_equal(s->verb, "ALTER TABLE CHANGE COLUMN");
    assert_string_equal(pairs_get(&s->properties, "old"), "id");
    assert_string_equal(s->columns[0].name, "key");
    assert_non_null(s = parse("alter table t set location 's3://b/'"));
    assert_string_equal(s->location, "s3://b/");
    assert_non_null(s = parse("alter table t set tblproperties ('a'='b')"));
    assert_string_equal(pairs_get(&s->properties, "a"), "b");
}

static void prepared_statements_have_texts(void **state)
{
    (void)state;
    struct dialect_statement *s = parse("PREPARE p1 FROM\nSELECT * FROM t WHERE id = ? AND region = ?");
    assert_non_null(s);
    assert_string_equal(s->inner, "SELECT * FROM t WHERE id = ? AND region = ?");
    assert_int_equal(s->parameter_count, 2);
    assert_non_null(s = parse("execute p1 using 1 + 2, 'a,b'"));
    assert_string_equal(s->parameters[0], "1 + 2");
    assert_string_equal(s->parameters[1], "'a,b'");
    assert_null(s->parameters[2]);
    assert_non_null(s = parse("explain (type distributed, format json) select id from t"));
    assert_string_equal(pairs_get(&s->properties, "format"), "json");
    assert_string_equal(s->inner, "select id from t");
    assert_string_equal(s->tables[0]->name, "t");
}

static void types_are_translated(void **state)
{
    static const char *const duck[][2] = {{"HUGEINT", "bigint"},
                                          {"INTEGER[]", "array(integer)"},
                                          {"INTEGER[][]", "array(array(integer))"},
                                          {"DECIMAL(10,2)", "decimal(10,2)"},
                                          {"MAP(VARCHAR, BIGINT[])", "map(varchar, array(bigint))"},
                                          {"STRUCT(\"a b\" INTEGER, c VARCHAR)", "row(a b integer, c varchar)"},
                                          {"TIMESTAMP WITH TIME ZONE", "timestamp(3) with time zone"},
                                          {"FLOAT", "real"}};
    static const char *const hive[][2] = {{"array<int>", "INTEGER[]"},
                                          {"map<string,struct<a:double>>", "MAP(VARCHAR, STRUCT(\"a\" DOUBLE))"},
                                          {"decimal(10,2)", "DECIMAL(10,2)"},
                                          {"timestamp", "TIMESTAMP"},
                                          {"char(3)", "VARCHAR"}};
    static const char *const back[][2] = {{"array(row(a integer, b varchar))", "array<struct<a:int,b:string>>"},
                                          {"varchar(5)", "varchar(5)"},
                                          {"real", "float"},
                                          {"timestamp(3)", "timestamp"}};
    struct buf out = BUF_INIT(4096);
    (void)state;
    for (size_t i = 0; i < sizeof duck / sizeof *duck; i++, buf_clear(&out)) {
        assert_true(dialect_type_from_duck(duck[i][0], &out));
        assert_string_equal(buf_text(&out), duck[i][1]);
    }
    for (size_t i = 0; i < sizeof hive / sizeof *hive; i++, buf_clear(&out)) {
        assert_true(dialect_type_from_hive(hive[i][0], &out, &err));
        assert_string_equal(buf_text(&out), hive[i][1]);
    }
    for (size_t i = 0; i < sizeof back / sizeof *back; i++, buf_clear(&out)) {
        assert_true(dialect_type_to_hive(back[i][0], &out));
        assert_string_equal(buf_text(&out), back[i][1]);
    }
    assert_false(dialect_type_from_hive("array<", &out, &err));
    assert_string_equal(err.service_code, "TYPE_NOT_FOUND");
    buf_done(&out);
}

static void too_much_is_refused(void **state)
{
    static char deep[4096], wide[300000];
    struct buf long_chain = BUF_INIT(200000);
    (void)state;
    memset(deep, '(', sizeof deep - 1);
    assert_null(parse(deep));
    err = ERR_NONE;
    memset(wide, 'a', sizeof wide - 1);
    assert_null(parse(wide));
    assert_string_equal(err.service_code, "QUERY_TOO_LARGE");
    err = ERR_NONE;
    buf_puts(&long_chain, "select 1");
    for (int i = 0; i < 1500; i++)
        buf_puts(&long_chain, "+1");
    assert_non_null(parse(buf_text(&long_chain)));
    buf_clear(&long_chain);
    buf_puts(&long_chain, "select id from t where id=0");
    for (int i = 0; i < 3000; i++)
        buf_printf(&long_chain, " or id = %d", i);
    assert_non_null(parse(buf_text(&long_chain)));
    buf_done(&long_chain);
}

/* An engine's error gets the statement's words. */
static void engine_errors_are_named(void **state)
{
    static const struct {
        const char *duck, *name, *text;
    } cases[] = {
        {.duck = "Invalid Input Error: WEIR!DIVISION_BY_ZERO: Division by zero\nLINE 1: x",
         .name = "DIVISION_BY_ZERO",
         .text = "Division by zero"},
        {.duck = "Conversion Error: Could not convert string 'x' to INT32\nLINE 1: ...",
         .name = "INVALID_CAST_ARGUMENT",
         .text = "Could not convert string 'x' to INT32"},
        {.duck = "Out of Range Error: Overflow in addition of INT32 (1 + 2)!",
         .name = "NUMERIC_VALUE_OUT_OF_RANGE",
         .text = "integer addition overflow: 1 + 2"},
        {.duck = "something else", .name = "GENERIC_INTERNAL_ERROR", .text = "something else"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct err duck = ERR_NONE, mapped = ERR_NONE;
        err_set(&duck, ERR_FAILED, "%s", cases[i].duck);
        dialect_map_error(NULL, "select 1", &duck, &mapped);
        assert_string_equal(mapped.service_code, cases[i].name);
        assert_string_equal(mapped.text, cases[i].text);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_external_table_is_read_whole),
        TEST(serdes_and_formats_are_kept),
        TEST(strings_of_hives_statements_have_escapes),
        TEST(a_table_as_a_query_has_its_properties),
        TEST(unload_and_insert_have_a_source),
        TEST(views_keep_their_text),
        TEST(verbs_name_what_is_asked),
        TEST(tables_are_altered),
        TEST(prepared_statements_have_texts),
        TEST(types_are_translated),
        TEST(too_much_is_refused),
        TEST(engine_errors_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
