/* The embedded Athena's statements on the wire: what writes, what it leaves when it fails, is cancelled or its worker
 * is killed, views, plans, prepared statements, and data of every bad kind. One cloud in a private directory for all
 * tests; without the SQL engine they skip. What a statement answers is written as lines: cells with '|' between, NULL
 * is '~'. */
#include "backend/base/clock.h"
#include "backend/base/json.h"
#include "backend/base/path.h"
#include "tests/lib/daemon.h"
#include "tests/lib/wire.h"
#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WAIT_MS = 120000 };
#define OUTPUT "s3://lake/results/"
/* runs for minutes unless it is stopped */
#define ENDLESS                                                                                                        \
    "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), "                          \
    "UNNEST(sequence(1, 10000)) c(z) WHERE x * y + z = 7 AND sqrt(x * y * z) > 3"

static struct daemon cloud;
static bool has_engine;

/* ---- asking */

static json_t *ask(const char *target, const char *body, int *status)
{
    char header[128];
    struct wire_answer answer;
    bool is_glue = strncmp(target, "AWSGlue.", 8) == 0;
    snprintf(header, sizeof header, "X-Amz-Target: %s%s", is_glue ? "" : "AmazonAthena.", target);
    struct wire_request req = {.method = "POST",
                               .service = is_glue ? "glue" : "athena",
                               .headers = {header, "Content-Type: application/x-amz-json-1.1"},
                               .body = body,
                               .body_len = strlen(body)};
    wire_ask(&cloud, &req, &answer);
    json_t *value = json_parse(answer.body.data ? answer.body.data : "", answer.body.len, NULL);
    if (!value)
        fail_msg("%s answered no JSON: %s", target, buf_text(&answer.body));
    *status = answer.status;
    wire_answer_done(&answer);
    return value;
}

static json_t *expect(const char *target, const json_t *request)
{
    struct buf body = BUF_INIT(4 << 20);
    int status;
    json_write(request, 0, &body);
    json_t *value = ask(target, buf_text(&body), &status);
    if (status != 200)
        fail_msg("%s: %d %s", target, status, json_str(value, "Message"));
    buf_done(&body);
    return value;
}

static void put_object(const char *key, const void *bytes, size_t len)
{
    char path[512];
    snprintf(path, sizeof path, "/lake/%s", key);
    struct wire_request req = {.method = "PUT", .path = path, .body = bytes, .body_len = len};
    wire_expect(&cloud, &req, 200, NULL);
}

static void put_text(const char *key, const char *text)
{
    put_object(key, text, strlen(text));
}

/* The names of the objects below the prefix, one a line; valid until the next call. */
static const char *objects(const char *prefix)
{
    static struct buf names = BUF_INIT(1 << 20);
    char query[256];
    struct wire_answer answer;
    snprintf(query, sizeof query, "list-type=2&prefix=%s", prefix);
    struct wire_request req = {.path = "/lake", .query = query};
    wire_ask(&cloud, &req, &answer);
    assert_int_equal(answer.status, 200);
    buf_clear(&names);
    for (const char *at = buf_text(&answer.body); (at = strstr(at, "<Key>")); at += 5)
        buf_printf(&names, "%.*s\n", (int)strcspn(at + 5, "<"), at + 5);
    wire_answer_done(&answer);
    return buf_text(&names);
}

/* The new query's id; valid until the next call. */
static const char *start(const char *sql)
{
    static char id[64];
    json_t *request = json_pack("{s:s, s:{s:s}, s:{s:s}}", "QueryString", sql, "QueryExecutionContext", "Database",
                                "shop", "ResultConfiguration", "OutputLocation", OUTPUT);
    json_t *value = expect("StartQueryExecution", request);
    snprintf(id, sizeof id, "%s", json_str(value, "QueryExecutionId"));
    json_decref(value);
    json_decref(request);
    return id;
}

static json_t *call_with_id(const char *target, const char *id)
{
    json_t *request = json_pack("{s:s}", "QueryExecutionId", id);
    json_t *value = expect(target, request);
    json_decref(request);
    return value;
}

/* GetQueryExecution's object, a new reference. */
static json_t *execution(const char *id)
{
    json_t *value = call_with_id("GetQueryExecution", id);
    json_t *found = json_incref(json_object_get(value, "QueryExecution"));
    json_decref(value);
    return found;
}

static const char *state_of(const json_t *value)
{
    return json_str(json_object_get(value, "Status"), "State");
}

static json_t *wait_end(const char *id)
{
    int64_t until = clock_mono(&clock_system) + WAIT_MS;
    for (;;) {
        json_t *value = execution(id);
        const char *state = state_of(value);
        if (strcmp(state, "QUEUED") != 0 && strcmp(state, "RUNNING") != 0)
            return value;
        json_decref(value);
        if (clock_mono(&clock_system) > until)
            fail_msg("query %s did not end", id);
        poll(NULL, 0, 5);
    }
}

static void wait_state(const char *id, const char *wanted)
{
    int64_t until = clock_mono(&clock_system) + WAIT_MS;
    bool is_there = false;
    while (!is_there) {
        json_t *value = execution(id);
        is_there = strcmp(state_of(value), wanted) == 0;
        json_decref(value);
        if (clock_mono(&clock_system) > until)
            fail_msg("query %s was never %s", id, wanted);
        poll(NULL, 0, 2);
    }
}

static void put_rows(const char *id, struct buf *text)
{
    json_t *value = call_with_id("GetQueryResults", id), *row, *cell;
    size_t i, j;
    json_array_foreach(json_object_get(json_object_get(value, "ResultSet"), "Rows"), i, row)
    {
        json_array_foreach(json_object_get(row, "Data"), j, cell) buf_printf(
            text, "%s%s", j ? "|" : "", json_object_get(cell, "VarCharValue") ? json_str(cell, "VarCharValue") : "~");
        buf_putc(text, '\n');
    }
    json_decref(value);
}

/* What the statement answers: its rows without a query's header, or why it did not succeed. Valid until the next call.
 */
static const char *answer_of(const char *sql)
{
    static struct buf text = BUF_INIT(1 << 20);
    char id[64];
    snprintf(id, sizeof id, "%s", start(sql));
    json_t *value = wait_end(id);
    bool has_header = strcmp(json_str(value, "StatementType"), "DML") == 0;
    buf_clear(&text);
    if (strcmp(state_of(value), "SUCCEEDED") == 0)
        put_rows(id, &text);
    else
        buf_puts(&text, json_str(json_object_get(value, "Status"), "StateChangeReason"));
    if (strcmp(state_of(value), "SUCCEEDED") == 0 && has_header && text.len)
        buf_consume(&text, (size_t)(strchr(buf_text(&text), '\n') + 1 - buf_text(&text)));
    json_decref(value);
    return buf_text(&text);
}

static void answers(const char *sql, const char *wanted)
{
    const char *seen = answer_of(sql);
    if (strcmp(seen, wanted) != 0)
        fail_msg("%s\nwanted: %s\nseen:   %s", sql, wanted, seen);
}

static void fails(const char *sql, const char *part)
{
    const char *seen = answer_of(sql);
    if (!strstr(seen, part))
        fail_msg("%s\nwanted: ...%s...\nseen:   %s", sql, part, seen);
}

/* ---- the stage */

static int open_cloud(void **state)
{
    (void)state;
    daemon_start(&cloud, NULL, NULL);
    struct wire_request bucket = {.method = "PUT", .path = "/lake"};
    wire_expect(&cloud, &bucket, 200, NULL);
    json_t *request = json_pack("{s:{s:s}}", "DatabaseInput", "Name", "shop");
    json_decref(expect("AWSGlue.CreateDatabase", request));
    json_decref(request);
    has_engine = strcmp(answer_of("SELECT 1"), "1\n") == 0;
    put_text("src/a.csv", "1,a,x\n2,b,x\n3,c,y\n");
    if (has_engine)
        answers(
            "CREATE EXTERNAL TABLE src (id int, name string, kind string) ROW FORMAT DELIMITED FIELDS TERMINATED BY "
            "',' LOCATION 's3://lake/src/'",
            "");
    return 0;
}

static int close_cloud(void **state)
{
    (void)state;
    daemon_stop(&cloud);
    return 0;
}

static void need_engine(void)
{
    if (!has_engine)
        skip();
}

/* ---- writing */

static void ctas_makes_a_table_of_objects_and_a_manifest(void **state)
{
    (void)state;
    need_engine();
    char id[64];
    snprintf(id, sizeof id, "%s", start("CREATE TABLE made AS SELECT id, name, ARRAY[id] AS l FROM src"));
    json_t *value = wait_end(id);
    assert_string_equal(state_of(value), "SUCCEEDED");
    assert_string_equal(json_str(value, "StatementType"), "DDL");
    const char *manifest = json_str(json_object_get(value, "Statistics"), "DataManifestLocation");
    assert_non_null(strstr(manifest, "-manifest.csv"));
    json_decref(value);
    value = call_with_id("GetQueryResults", id);
    assert_int_equal(json_int(value, "UpdateCount", -1), 3);
    assert_int_equal(json_array_size(json_object_get(json_object_get(value, "ResultSet"), "Rows")), 0);
    json_decref(value);
    answers("SELECT * FROM made ORDER BY id", "1|a|[1]\n2|b|[2]\n3|c|[3]\n");
    fails("CREATE TABLE made AS SELECT 1 AS a", "TABLE_ALREADY_EXISTS: line 1:1: Destination table");
    answers("CREATE TABLE IF NOT EXISTS made AS SELECT 1 AS a", "");
}

static void ctas_refuses_what_it_cannot_do_by_name(void **state)
{
    (void)state;
    need_engine();
    fails("CREATE TABLE bad AS SELECT 1", "MISSING_COLUMN_NAME");
    fails("CREATE TABLE bad AS SELECT NULL AS a", "Unsupported Hive type");
    fails("CREATE TABLE bad AS SELECT now() AS a", "Unsupported Hive type: timestamp(3) with time zone");
    fails("CREATE TABLE bad WITH (format = 'ORC') AS SELECT 1 AS a", "NOT_SUPPORTED: the format ORC");
    fails("CREATE TABLE bad WITH (format = 'AVRO') AS SELECT 1 AS a", "NOT_SUPPORTED: the format AVRO");
    fails("CREATE TABLE bad WITH (colour = 'red') AS SELECT 1 AS a", "'colour' does not exist");
    fails("CREATE TABLE bad WITH (field_delimiter = ',') AS SELECT 1 AS a", "only for TEXTFILE");
    fails("CREATE TABLE bad WITH (format = 'TEXTFILE', field_delimiter = '||') AS SELECT 1 AS a", "a single character");
    fails("CREATE TABLE bad WITH (write_compression = 'LZO') AS SELECT 1 AS a", "the compression LZO");
    fails("CREATE TABLE bad WITH (bucket_count = 2) AS SELECT 1 AS a", "must be specified together");
    fails("CREATE TABLE bad WITH (external_location = 's3://no-such-bucket-here/x/') AS SELECT 1 AS a",
          "HIVE_FILESYSTEM_ERROR");
    fails("CREATE TABLE bad WITH (external_location = 's3://lake/src/') AS SELECT 1 AS a", "HIVE_PATH_ALREADY_EXISTS");
    fails("CREATE TABLE nowhere.bad AS SELECT 1 AS a", "SCHEMA_NOT_FOUND");
    fails("CREATE TABLE bad WITH (partitioned_by = ARRAY['a']) AS SELECT 1 AS a, 2 AS b", "HIVE_COLUMN_ORDER_MISMATCH");
    fails("SELECT * FROM bad", "TABLE_NOT_FOUND");
}

static void every_format_and_compression_is_read_back(void **state)
{
    (void)state;
    need_engine();
    static const char *const forms[] = {"PARQUET,GZIP",  "PARQUET,SNAPPY", "PARQUET,ZSTD",  "PARQUET,NONE",
                                        "TEXTFILE,GZIP", "TEXTFILE,ZSTD",  "TEXTFILE,NONE", "JSON,GZIP",
                                        "JSON,ZSTD",     "JSON,NONE"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        char sql[1024], select[64];
        snprintf(
            sql, sizeof sql,
            "CREATE TABLE form%zu WITH (format = '%.*s', write_compression = '%s') AS SELECT id, name, ARRAY[name, "
            "NULL] AS l, MAP(ARRAY['k'], ARRAY[id]) AS m, CAST(ROW(id, name) AS row(a integer, b varchar)) AS r, "
            "CAST(NULL AS varchar) AS n, DATE '2024-01-02' AS d, TIMESTAMP '2024-01-02 03:04:05.678' AS t, DECIMAL "
            "'1.10' AS p, '' AS e, X'00ff' AS x FROM src WHERE id = 3",
            i, (int)strcspn(forms[i], ","), forms[i], strchr(forms[i], ',') + 1);
        answers(sql, "");
        snprintf(select, sizeof select, "SELECT * FROM form%zu", i);
        answers(select, "3|c|[c, null]|{k=3}|{a=3, b=c}|~|2024-01-02|2024-01-02 03:04:05.678|1.10||00 ff\n");
    }
}

static void partitions_are_folders_and_more_than_100_are_none(void **state)
{
    (void)state;
    need_engine();
    answers("CREATE TABLE parted WITH (partitioned_by = ARRAY['kind'], external_location = 's3://lake/parted/') AS "
            "SELECT id, kind FROM src",
            "");
    assert_non_null(strstr(objects("parted/"), "parted/kind=x/"));
    assert_non_null(strstr(objects("parted/"), "parted/kind=y/"));
    answers("INSERT INTO parted SELECT * FROM (VALUES (4, 'y'), (5, 'a/b =c'), (6, NULL), (7, '')) t(i, k)", "");
    answers("SELECT id, kind FROM parted ORDER BY id", "1|x\n2|x\n3|y\n4|y\n5|a/b =c\n6|~\n7|~\n");
    answers("SELECT count(*) FROM \"parted$partitions\"", "4\n");
    fails("CREATE TABLE many WITH (partitioned_by = ARRAY['p'], external_location = 's3://lake/many/') AS SELECT 1 AS "
          "a, x AS p FROM UNNEST(sequence(1, 101)) t(x)",
          "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers");
    assert_string_equal(objects("many/"), "");
}

static void a_failed_write_leaves_nothing(void **state)
{
    (void)state;
    need_engine();
    fails("CREATE TABLE broken WITH (external_location = 's3://lake/broken/') AS SELECT 1 / (id - 3) AS a FROM src",
          "DIVISION_BY_ZERO");
    assert_string_equal(objects("broken/"), "");
    fails("SELECT * FROM broken", "TABLE_NOT_FOUND");
    answers("CREATE TABLE kept WITH (external_location = 's3://lake/kept/') AS SELECT id FROM src", "");
    fails("INSERT INTO kept SELECT 1 / (id - 3) FROM src", "DIVISION_BY_ZERO");
    answers("SELECT count(*) FROM kept", "3\n");
}

static void insert_keeps_to_the_tables_format(void **state)
{
    (void)state;
    need_engine();
    put_text("ins/a.csv", "id|tags\n1|a;b\n");
    answers("CREATE EXTERNAL TABLE ins (id int, tags array<string>) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' "
            "COLLECTION ITEMS TERMINATED BY ';' LOCATION 's3://lake/ins/' TBLPROPERTIES "
            "('skip.header.line.count'='1', 'write.compression'='NONE')",
            "");
    answers("INSERT INTO ins VALUES (2, ARRAY['c', 'd'])", "");
    answers("INSERT INTO ins (id) VALUES 3", "");
    answers("SELECT * FROM ins ORDER BY id", "1|[a, b]\n2|[c, d]\n3|~\n");
    fails("INSERT INTO ins SELECT 1", "TYPE_MISMATCH");
    fails("INSERT INTO ins SELECT 'x', ARRAY['y']", "TYPE_MISMATCH");
    fails("INSERT INTO ins (id, nothing) VALUES (1, 2)", "COLUMN_NOT_FOUND");
    fails("INSERT INTO nothing VALUES 1", "TABLE_NOT_FOUND");
}

static void unload_needs_an_empty_place(void **state)
{
    (void)state;
    need_engine();
    answers("UNLOAD (SELECT id, kind FROM src) TO 's3://lake/out/' WITH (format = 'JSON', partitioned_by = "
            "ARRAY['kind'])",
            "");
    assert_non_null(strstr(objects("out/"), "out/kind=x/"));
    assert_non_null(strstr(objects("out/"), ".json.gz"));
    fails("UNLOAD (SELECT 1 AS a) TO 's3://lake/out/' WITH (format = 'JSON')", "HIVE_PATH_ALREADY_EXISTS");
    fails("UNLOAD (SELECT 1 AS a) TO 's3://lake/else/' WITH (format = 'ORC')", "NOT_SUPPORTED: the format ORC");
}

/* ---- views, plans, prepared statements */

static void views_are_read_replaced_and_say_when_they_are_stale(void **state)
{
    (void)state;
    need_engine();
    answers("CREATE VIEW v AS SELECT id, upper(name) AS name FROM src", "");
    answers("CREATE VIEW w AS SELECT max(name) AS m FROM v", "");
    answers("SELECT * FROM w", "C\n");
    fails("CREATE VIEW v AS SELECT 1 AS a", "VIEW_ALREADY_EXISTS");
    answers("CREATE OR REPLACE VIEW v AS SELECT id, lower(name) AS name FROM src", "");
    answers("SELECT * FROM w", "c\n");
    answers("CREATE OR REPLACE VIEW v AS SELECT id FROM src", "");
    fails("SELECT * FROM w", "INVALID_VIEW");
    fails("DROP VIEW src", "a table with that name exists");
    answers("DROP VIEW w", "");
    fails("DROP VIEW w", "VIEW_NOT_FOUND");
    answers("DROP VIEW IF EXISTS w", "");
}

static void plans_have_their_forms(void **state)
{
    (void)state;
    need_engine();
    fails("EXPLAIN SELECT count(*) FROM src", "Fragment 0 [SINGLE]");
    fails("EXPLAIN (TYPE LOGICAL, FORMAT JSON) SELECT count(*) FROM src", "\"children\"");
    fails("EXPLAIN (FORMAT GRAPHVIZ) SELECT count(*) FROM src", "digraph");
    answers("EXPLAIN (TYPE VALIDATE) SELECT 1", "true\n");
    fails("EXPLAIN (TYPE VALIDATE) SELECT x", "COLUMN_NOT_FOUND: line 1:32");
    fails("EXPLAIN (TYPE IO) SELECT * FROM src", "\"table\": \"src\"");
    fails("EXPLAIN ANALYZE SELECT count(*) FROM src", "time:");
    fails("EXPLAIN ANALYZE INSERT INTO src SELECT 1, 'a', 'b'", "NOT_SUPPORTED");
    fails("EXPLAIN (FORMAT YAML) SELECT 1", "SYNTAX_ERROR");
}

static void prepared_statements_take_values(void **state)
{
    (void)state;
    need_engine();
    answers("PREPARE pick FROM SELECT name FROM src WHERE id = ?", "");
    answers("EXECUTE pick USING 2", "b\n");
    fails("EXECUTE pick", "INVALID_PARAMETER_USAGE");
    fails("EXECUTE pick USING 1, 2", "INVALID_PARAMETER_USAGE");
    answers("DEALLOCATE PREPARE pick", "");
    fails("EXECUTE pick USING 1", "NOT_FOUND");
}

/* ---- bad data */

static void a_damaged_object_is_an_error_with_its_name(void **state)
{
    (void)state;
    need_engine();
    struct wire_answer answer;
    char path[600];
    answers("CREATE TABLE good WITH (external_location = 's3://lake/good/') AS SELECT id, name FROM src", "");
    const char *keys = objects("good/");
    snprintf(path, sizeof path, "/lake/%.*s", (int)strcspn(keys, "\n"), keys);
    struct wire_request get = {.path = path};
    wire_ask(&cloud, &get, &answer);
    assert_int_equal(answer.status, 200);
    put_object("cut/a.parquet", answer.body.data, answer.body.len - 20);
    put_object("other/a.parquet", answer.body.data, answer.body.len);
    wire_answer_done(&answer);
    put_text("short/a.parquet", "PAR1");
    answers("CREATE EXTERNAL TABLE cut (id int, name string) STORED AS PARQUET LOCATION 's3://lake/cut/'", "");
    fails("SELECT * FROM cut", "HIVE_BAD_DATA: Not valid Parquet file: s3://lake/cut/a.parquet");
    answers("CREATE EXTERNAL TABLE short (id int) STORED AS PARQUET LOCATION 's3://lake/short/'", "");
    fails("SELECT * FROM short", "HIVE_BAD_DATA: Not valid Parquet file: s3://lake/short/a.parquet");
    answers("CREATE EXTERNAL TABLE other (id string, name string, extra int) STORED AS PARQUET LOCATION "
            "'s3://lake/other/'",
            "");
    fails("SELECT name FROM other", "HIVE_BAD_DATA: Field id's type int in parquet file s3://lake/other/a.parquet is "
                                    "incompatible with type string");
    answers("CREATE EXTERNAL TABLE wider (NAME string, extra int, id bigint) STORED AS PARQUET LOCATION "
            "'s3://lake/other/'",
            "");
    answers("SELECT * FROM wider ORDER BY id", "a|~|1\nb|~|2\nc|~|3\n");
    put_text("gz/a.csv.gz", "this is no gzip");
    answers("CREATE EXTERNAL TABLE gz (a string) LOCATION 's3://lake/gz/'", "");
    fails("SELECT * FROM gz", "HIVE_CURSOR_ERROR: Failed to read file at s3://lake/gz/a.csv.gz");
    put_text("zst/a.csv.zst", "this is no zstd");
    answers("CREATE EXTERNAL TABLE zst (a string) LOCATION 's3://lake/zst/'", "");
    fails("SELECT * FROM zst", "HIVE_CURSOR_ERROR: Failed to read file at s3://lake/zst/a.csv.zst");
}

static void partitions_that_are_not_asked_for_are_not_looked_at(void **state)
{
    (void)state;
    need_engine();
    put_text("days/dt=2024-01-01/a.csv", "1\n");
    put_text("days/dt=2024-1-2/a.csv", "2\n");
    put_text("days/dt=2024-01-03/a.csv.gz", "this is no gzip");
    answers("CREATE EXTERNAL TABLE days (v int) PARTITIONED BY (dt date) LOCATION 's3://lake/days/'", "");
    fails("MSCK REPAIR TABLE days", "Added partition");
    answers("SELECT v FROM days WHERE dt = DATE '2024-01-01'", "1\n");
    answers("SELECT v FROM days WHERE dt < DATE '2024-01-03' ORDER BY v", "1\n2\n");
    answers("SELECT v FROM days WHERE dt = DATE '2024-01-02'", "2\n");
    answers("SELECT a.v + b.v FROM days a, days b WHERE a.dt = DATE '2024-01-01' AND b.dt = DATE '2024-01-02'", "3\n");
    fails("SELECT a.v FROM days a, days b WHERE a.dt = DATE '2024-01-01'", "HIVE_CURSOR_ERROR");
    fails("SELECT v FROM days WHERE dt = DATE '2024-01-01' OR v > 0", "HIVE_CURSOR_ERROR");
    answers("SELECT v FROM days WHERE dt = DATE '2030-01-01' AND v = 1", "");
}

static void places_that_are_gone(void **state)
{
    (void)state;
    need_engine();
    answers("CREATE EXTERNAL TABLE gone (a string) LOCATION 's3://lake/gone/'", "");
    answers("SELECT * FROM gone", "");
    answers("CREATE EXTERNAL TABLE nobucket (a string) LOCATION 's3://no-such-bucket-here/x/'", "");
    fails("SELECT * FROM nobucket", "NoSuchBucket");
}

/* ---- the worker */

/* The daemon's newest child, 0 when it has none. */
static pid_t worker(void)
{
    DIR *proc = opendir("/proc");
    pid_t found = 0;
    for (const struct dirent *entry; proc && (entry = readdir(proc));) {
        struct buf stat = BUF_INIT(4096);
        char path[300];
        int parent = 0;
        snprintf(path, sizeof path, "/proc/%.200s/stat", entry->d_name);
        const char *end = isdigit((unsigned char)*entry->d_name) && path_read(path, &stat, NULL)
                              ? strrchr(buf_text(&stat), ')')
                              : NULL;
        if (end && sscanf(end, ") %*c %d", &parent) == 1 && parent == cloud.pid)
            found = (pid_t)atoi(entry->d_name);
        buf_done(&stat);
    }
    if (proc)
        closedir(proc);
    return found;
}

static void a_killed_worker_fails_its_query_alone(void **state)
{
    (void)state;
    need_engine();
    char id[64];
    int64_t until = clock_mono(&clock_system) + WAIT_MS;
    pid_t pid = 0;
    snprintf(id, sizeof id, "%s", start(ENDLESS));
    wait_state(id, "RUNNING");
    while (!(pid = worker())) {
        assert_true(clock_mono(&clock_system) < until);
        poll(NULL, 0, 2);
    }
    kill(pid, SIGKILL);
    json_t *value = wait_end(id);
    assert_string_equal(state_of(value), "FAILED");
    assert_non_null(strstr(json_str(json_object_get(value, "Status"), "StateChangeReason"), "killed by signal 9"));
    assert_int_equal(json_int(json_object_get(json_object_get(value, "Status"), "AthenaError"), "ErrorCategory", 0), 1);
    json_decref(value);
    answers("SELECT 1", "1\n");
}

static void a_query_past_its_memory_says_so(void **state)
{
    (void)state;
    need_engine();
    fails("SELECT length(array_join(array_agg(rpad('x', 10000, 'y')), ',')) FROM UNNEST(sequence(1, 10000)) a(x), "
          "UNNEST(sequence(1, 100)) b(y)",
          "EXCEEDED_LOCAL_MEMORY_LIMIT: Query exhausted resources at this scale factor");
}

static void cancelled_is_the_end_at_every_stage(void **state)
{
    (void)state;
    need_engine();
    char running[2][64], queued[64];
    for (int i = 0; i < 2; i++)
        snprintf(running[i], sizeof running[i], "%s", start(ENDLESS));
    snprintf(queued, sizeof queued, "%s",
             start("CREATE TABLE never WITH (external_location = 's3://lake/never/') AS "
                   "SELECT 1 AS a"));
    wait_state(running[1], "RUNNING");
    wait_state(queued, "QUEUED");
    json_decref(call_with_id("StopQueryExecution", queued));
    for (int i = 0; i < 2; i++)
        json_decref(call_with_id("StopQueryExecution", running[i]));
    for (int i = 0; i < 3; i++) {
        json_t *value = wait_end(i < 2 ? running[i] : queued);
        assert_string_equal(state_of(value), "CANCELLED");
        json_decref(value);
    }
    fails("SELECT * FROM never", "TABLE_NOT_FOUND");
    assert_string_equal(objects("never/"), "");
    /* a write that is stopped at some moment of its run: all of it is there, or nothing */
    for (int delay = 0; delay < 60; delay += 12) {
        char sql[300], id[64], place[32];
        snprintf(sql, sizeof sql,
                 "CREATE TABLE c%d WITH (external_location = 's3://lake/c%d/') AS SELECT a FROM UNNEST(sequence(1, "
                 "10000)) t(a)",
                 delay, delay);
        snprintf(id, sizeof id, "%s", start(sql));
        poll(NULL, 0, delay);
        json_decref(call_with_id("StopQueryExecution", id));
        json_t *value = wait_end(id);
        snprintf(place, sizeof place, "c%d/", delay);
        bool is_done = strcmp(state_of(value), "SUCCEEDED") == 0;
        json_decref(value);
        assert_int_equal(*objects(place) != '\0', is_done);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM c%d", delay);
        fails(sql, is_done ? "10000\n" : "TABLE_NOT_FOUND");
    }
}

static void more_than_200_at_once_are_refused_and_all_others_end(void **state)
{
    (void)state;
    need_engine();
    static char ids[200][64];
    struct buf body = BUF_INIT(4096);
    int status;
    for (int i = 0; i < 2; i++)
        snprintf(ids[i], sizeof ids[i], "%s", start(ENDLESS));
    wait_state(ids[0], "RUNNING");
    wait_state(ids[1], "RUNNING");
    for (int i = 2; i < 200; i++)
        snprintf(ids[i], sizeof ids[i], "%s", start("SELECT 1"));
    buf_puts(&body, "{\"QueryString\":\"SELECT 1\",\"ResultConfiguration\":{\"OutputLocation\":\"" OUTPUT "\"}}");
    json_t *value = ask("StartQueryExecution", buf_text(&body), &status);
    assert_int_equal(status, 400);
    assert_string_equal(json_str(value, "__type"), "TooManyRequestsException");
    json_decref(value);
    buf_done(&body);
    for (int i = 66; i < 200; i++) /* 64 of them run to their end */
        json_decref(call_with_id("StopQueryExecution", ids[i]));
    for (int i = 0; i < 2; i++)
        json_decref(call_with_id("StopQueryExecution", ids[i]));
    for (int i = 2; i < 66; i++) {
        value = wait_end(ids[i]);
        assert_string_equal(state_of(value), "SUCCEEDED");
        json_decref(value);
    }
}

static void large_cells_many_columns_and_long_lines(void **state)
{
    (void)state;
    need_engine();
    struct buf text = BUF_INIT(64 << 20), sql = BUF_INIT(1 << 20);
    answers("SELECT length(a), length(b) FROM (SELECT rpad('', 1048576, 'x') AS a, rpad('', 1048576, 'y') AS b)",
            "1048576|1048576\n");
    for (int i = 0; i < 5000; i++)
        buf_printf(&sql, "%s%d AS c%d", i ? ", " : "SELECT ", i, i);
    const char *row = answer_of(buf_text(&sql));
    assert_non_null(strstr(row, "|4999\n"));
    for (int i = 0; i < 3 << 20; i++)
        buf_putc(&text, 'x');
    buf_puts(&text, ",1\ny,2\n");
    put_object("long/a.csv", text.data, text.len);
    answers("CREATE EXTERNAL TABLE long (a string, b int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION "
            "'s3://lake/long/'",
            "");
    answers("SELECT length(a), b FROM long ORDER BY b", "3145728|1\n1|2\n");
    buf_clear(&text);
    for (int i = 0; i < (33 << 20); i++)
        buf_putc(&text, 'x');
    buf_puts(&text, "\ny\n");
    put_object("huge/a.csv", text.data, text.len);
    answers("CREATE EXTERNAL TABLE huge (a string) LOCATION 's3://lake/huge/'", "");
    fails("SELECT length(a) FROM huge", "33554432");
    buf_done(&text);
    buf_done(&sql);
}

static void nothing_of_the_machine_can_be_reached(void **state)
{
    (void)state;
    need_engine();
    static const char *const tries[] = {
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM \"/etc/passwd\"",
        "SELECT read_text('/etc/passwd')",
        "SELECT * FROM glob('/*')",
        "SELECT getenv('HOME')",
        "COPY (SELECT 1) TO '/tmp/weir-sandbox'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "ATTACH '/tmp/weir-sandbox.db'",
        "PRAGMA database_list",
        "EXPORT DATABASE '/tmp/weir-sandbox'",
        "SELECT 1; SELECT 2",
        "SELECT weir_lazy_long('1')",
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        const char *seen = answer_of(tries[i]);
        if (!strstr(seen, "SYNTAX_ERROR") && !strstr(seen, "_NOT_FOUND") && !strstr(seen, "NOT_SUPPORTED"))
            fail_msg("%s answered %s", tries[i], seen);
    }
    assert_false(path_exists("/tmp/weir-sandbox"));
    assert_false(path_exists("/tmp/weir-sandbox.db"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctas_makes_a_table_of_objects_and_a_manifest),
        cmocka_unit_test(ctas_refuses_what_it_cannot_do_by_name),
        cmocka_unit_test(every_format_and_compression_is_read_back),
        cmocka_unit_test(partitions_are_folders_and_more_than_100_are_none),
        cmocka_unit_test(a_failed_write_leaves_nothing),
        cmocka_unit_test(insert_keeps_to_the_tables_format),
        cmocka_unit_test(unload_needs_an_empty_place),
        cmocka_unit_test(views_are_read_replaced_and_say_when_they_are_stale),
        cmocka_unit_test(plans_have_their_forms),
        cmocka_unit_test(prepared_statements_take_values),
        cmocka_unit_test(a_damaged_object_is_an_error_with_its_name),
        cmocka_unit_test(partitions_that_are_not_asked_for_are_not_looked_at),
        cmocka_unit_test(places_that_are_gone),
        cmocka_unit_test(a_killed_worker_fails_its_query_alone),
        cmocka_unit_test(a_query_past_its_memory_says_so),
        cmocka_unit_test(cancelled_is_the_end_at_every_stage),
        cmocka_unit_test(more_than_200_at_once_are_refused_and_all_others_end),
        cmocka_unit_test(large_cells_many_columns_and_long_lines),
        cmocka_unit_test(nothing_of_the_machine_can_be_reached),
    };
    return cmocka_run_group_tests(tests, open_cloud, close_cloud);
}
