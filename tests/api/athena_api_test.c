/* The embedded Athena's API on the wire, without a client in between that would check requests itself: constraints and
 * errors, places of results, workgroups, tokens, pages, statements over the catalog, and a kill -9. One cloud in a
 * private directory for all tests; those that need the SQL engine skip without it. */
#include "backend/base/clock.h"
#include "backend/base/json.h"
#include "tests/lib/daemon.h"
#include "tests/lib/wire.h"
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OUTPUT "s3://athena-api/results/"
enum { WAIT_MS = 60000 };

static struct daemon cloud;
static bool has_engine;

/* ---- asking */

/* The answer's object, a new reference; *status gets the HTTP status. */
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
    struct err err = ERR_NONE;
    json_t *value = json_parse(answer.body.data ? answer.body.data : "", answer.body.len, &err);
    if (!value)
        fail_msg("%s answered no JSON: %s", target, buf_text(&answer.body));
    *status = answer.status;
    wire_answer_done(&answer);
    return value;
}

static json_t *expect(const char *target, const char *format, ...) __attribute__((format(printf, 2, 3)));
static json_t *expect(const char *target, const char *format, ...)
{
    char body[16384];
    int status;
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    json_t *value = ask(target, body, &status);
    if (status != 200)
        fail_msg("%s %s: %d %s", target, body, status, json_str(value, "Message"));
    return value;
}

static void done(const char *target, const char *body)
{
    json_decref(expect(target, "%s", body));
}

/* The request is refused with this exception, and its message has this text. */
static void refused(const char *target, const char *body, const char *code, const char *text)
{
    int status;
    json_t *value = ask(target, body, &status);
    const char *message = json_str(value, "Message");
    if (status < 400 || strcmp(json_str(value, "__type"), code) != 0 || !strstr(message, text))
        fail_msg("%s %s: %d %s '%s', wanted %s '%s'", target, body, status, json_str(value, "__type"), message, code,
                 text);
    if (strcmp(code, "InvalidRequestException") == 0)
        assert_string_equal(json_str(value, "AthenaErrorCode"), "INVALID_INPUT");
    json_decref(value);
}

static void put_object(const char *key, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "/athena-api/%s", key);
    struct wire_request req = {.method = "PUT", .path = path, .body = text, .body_len = strlen(text)};
    wire_expect(&cloud, &req, 200, NULL);
}

/* more: further members of the request, with a comma in front. The id is valid until the next call. */
static const char *start(const char *sql, const char *more)
{
    static char id[64];
    json_t *text = json_string(sql);
    char *quoted = json_dumps(text, JSON_ENCODE_ANY);
    json_t *value = expect("StartQueryExecution",
                           "{\"QueryString\":%s,\"QueryExecutionContext\":{\"Database\":\"shop\"}%s}", quoted, more);
    snprintf(id, sizeof id, "%s", json_str(value, "QueryExecutionId"));
    json_decref(value);
    free(quoted);
    json_decref(text);
    return id;
}

static const char in_output[] = ",\"ResultConfiguration\":{\"OutputLocation\":\"" OUTPUT "\"}";

static json_t *execution(const char *id)
{
    json_t *value = expect("GetQueryExecution", "{\"QueryExecutionId\":\"%s\"}", id);
    json_t *found = json_incref(json_object_get(value, "QueryExecution"));
    json_decref(value);
    return found;
}

static const char *state_of(const json_t *value)
{
    return json_str(json_object_get(value, "Status"), "State");
}

static bool is_over(const char *state)
{
    return strcmp(state, "QUEUED") != 0 && strcmp(state, "RUNNING") != 0;
}

/* The execution at its end, a new reference. */
static json_t *wait_end(const char *id)
{
    int64_t until = clock_mono(&clock_system) + WAIT_MS;
    for (;;) {
        json_t *value = execution(id);
        if (is_over(state_of(value)))
            return value;
        json_decref(value);
        if (clock_mono(&clock_system) > until)
            fail_msg("query %s did not end", id);
        poll(NULL, 0, 5);
    }
}

static json_t *run(const char *sql, const char *more)
{
    return wait_end(start(sql, more));
}

/* Rows as text: cells with '|' between, a line each; NULL is '~'. Valid until the next call. */
static const char *rows_of(const char *id)
{
    static struct buf text = BUF_INIT(1 << 20);
    json_t *value = expect("GetQueryResults", "{\"QueryExecutionId\":\"%s\"}", id), *row, *cell;
    size_t i, j;
    buf_clear(&text);
    json_array_foreach(json_object_get(json_object_get(value, "ResultSet"), "Rows"), i, row)
    {
        json_array_foreach(json_object_get(row, "Data"), j, cell) buf_printf(
            &text, "%s%s", j ? "|" : "", json_object_get(cell, "VarCharValue") ? json_str(cell, "VarCharValue") : "~");
        buf_putc(&text, '\n');
    }
    json_decref(value);
    return buf_text(&text);
}

/* Runs a statement of the default database that must succeed; its rows. */
static const char *answer_of(const char *sql)
{
    char id[64];
    snprintf(id, sizeof id, "%s", start(sql, in_output));
    json_t *value = wait_end(id);
    if (strcmp(state_of(value), "SUCCEEDED") != 0)
        fail_msg("%s: %s", sql, json_str(json_object_get(value, "Status"), "StateChangeReason"));
    json_decref(value);
    return rows_of(id);
}

static void fails(const char *sql, const char *reason)
{
    json_t *value = run(sql, in_output);
    const char *seen = json_str(json_object_get(value, "Status"), "StateChangeReason");
    if (strcmp(state_of(value), "FAILED") != 0 || !strstr(seen, reason))
        fail_msg("%s: %s %s, wanted %s", sql, state_of(value), seen, reason);
    json_decref(value);
}

static int open_cloud(void **state)
{
    (void)state;
    daemon_start(&cloud, NULL, NULL);
    struct wire_request bucket = {.method = "PUT", .path = "/athena-api"};
    wire_expect(&cloud, &bucket, 200, NULL);
    done("AWSGlue.CreateDatabase", "{\"DatabaseInput\":{\"Name\":\"shop\"}}");
    json_t *first = run("SELECT 1", in_output);
    has_engine = strcmp(state_of(first), "SUCCEEDED") == 0;
    json_decref(first);
    return 0;
}

static int close_cloud(void **state)
{
    (void)state;
    daemon_stop(&cloud);
    return 0;
}

/* ---- requests */

static void what_is_no_request_is_refused_in_the_services_shape(void **state)
{
    (void)state;
    refused("StartQueryExecution", "[1]", "SerializationException", "not a JSON object");
    refused("StartQueryExecution", "{\"QueryString\":", "SerializationException", "not a JSON object");
    refused("StartQueryExecution", "{\"QueryString\":7}", "SerializationException", "QueryString is not a string");
    refused("StartQueryExecution", "{}", "InvalidRequestException", "Value null at 'queryString'");
    refused("StartQueryExecution", "{\"QueryString\":\"-- a remark\\n use shop\"}", "InvalidRequestException",
            "Queries of this type are not supported");
    refused("StartQueryExecution", "{\"QueryString\":\"SET memory_limit='100GB'\"}", "InvalidRequestException",
            "Queries of this type are not supported");
    refused("NoSuchThing", "{}", "UnknownOperationException", "no operation NoSuchThing");
    refused("CreateNotebook", "{}", "NotImplemented", "does not implement athena CreateNotebook");
    refused("CreateDataCatalog", "{\"Name\":\"x\",\"Type\":\"HIVE\"}", "NotImplemented", "CreateDataCatalog");
}

static void constraints_are_named_with_their_limits(void **state)
{
    (void)state;
    static const struct {
        const char *operation, *body, *text;
    } rows[] = {
        {"ListQueryExecutions", "{\"MaxResults\":51}",
         "'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50"},
        {"ListQueryExecutions", "{\"NextToken\":\"nothing\"}", "NextToken is not valid"},
        {"ListQueryExecutions", "{\"WorkGroup\":\"nothing\"}", "WorkGroup nothing is not found."},
        {"BatchGetQueryExecution", "{\"QueryExecutionIds\":[]}",
         "'queryExecutionIds' failed to satisfy constraint: Member must have length between 1 and 50"},
        {"GetQueryExecution", "{\"QueryExecutionId\":\"nothing\"}", "QueryExecution nothing was not found"},
        {"GetWorkGroup", "{\"WorkGroup\":\"a b\"}", "regular expression pattern: [a-zA-Z0-9._-]{1,128}"},
        {"CreateWorkGroup", "{\"Name\":\"w\",\"Configuration\":{\"BytesScannedCutoffPerQuery\":9999999}}",
         "greater than or equal to 10000000"},
        {"CreateWorkGroup",
         "{\"Name\":\"w\",\"Configuration\":{\"EngineVersion\":{\"SelectedEngineVersion\":\"PySpark engine version "
         "3\"}}}",
         "is not supported"},
        {"CreatePreparedStatement",
         "{\"StatementName\":\"1x\",\"WorkGroup\":\"primary\",\"QueryStatement\":\"SELECT 1\"}",
         "[a-zA-Z_][a-zA-Z0-9_@:]{1,256}"},
        {"CreateNamedQuery", "{\"Name\":\"n\",\"Database\":\"d\"}", "Value null at 'queryString'"},
        {"StartQueryExecution", "{\"QueryString\":\"SELECT 1\",\"ClientRequestToken\":\"short\"}",
         "length greater than or equal to 32"},
        {"StartQueryExecution", "{\"QueryString\":\"SELECT ?\",\"ExecutionParameters\":[]}",
         "greater than or equal to 1"},
        {"StartQueryExecution",
         "{\"QueryString\":\"SELECT "
         "1\",\"ResultReuseConfiguration\":{\"ResultReuseByAgeConfiguration\":{\"Enabled\":true,\"MaxAgeInMinutes\":"
         "10081}}}",
         "between 0 and 10080"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refused(rows[i].operation, rows[i].body, "InvalidRequestException", rows[i].text);
    char *long_text = malloc(262145 + 64);
    int head = sprintf(long_text, "{\"QueryString\":\"");
    memset(long_text + head, 'x', 262145);
    strcpy(long_text + head + 262145, "\"}");
    refused("StartQueryExecution", long_text, "InvalidRequestException", "less than or equal to 262144");
    free(long_text);
}

/* Texts of requests are cut for messages, wherever that falls in a character. */
static void every_refusal_has_its_words_whatever_the_text(void **state)
{
    (void)state;
    char name[402] = "", body[600], sql[500];
    for (size_t n = 1; n <= 200; n++) {
        name[0] = 'a';
        memcpy(name + 2 * n - 1, "\xc3\xa9", 3); /* a, then n times e with an acute */
        snprintf(body, sizeof body, "{\"WorkGroup\":\"%s\"}", name);
        refused("GetWorkGroup", body, "InvalidRequestException", "failed to satisfy constraint");
        if (n % 20)
            continue;
        snprintf(sql, sizeof sql, "DESCRIBE \"%s\"", name);
        fails(sql, "FAILED: ");
        snprintf(sql, sizeof sql, "SELECT \"%s\" FROM (VALUES 1) t(x)", name);
        fails(sql, "COLUMN_NOT_FOUND");
        snprintf(sql, sizeof sql, "SELECT CAST('%s' AS bigint)", name);
        if (has_engine)
            fails(sql, "INVALID_CAST_ARGUMENT");
    }
}

static void the_place_of_results_is_checked_before_the_query_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *results, *code, *text;
    } rows[] = {
        {"{}", "InvalidRequestException", "No output location provided"},
        {"{\"OutputLocation\":\"results\"}", "InvalidRequestException", "outputLocation is not a valid S3 path."},
        {"{\"OutputLocation\":\"s3://no-such-bucket/x/\"}", "InvalidRequestException",
         "Unable to verify/create output bucket no-such-bucket"},
        {"{\"OutputLocation\":\"" OUTPUT "\",\"ExpectedBucketOwner\":\"999999999999\"}", "InvalidRequestException",
         "expected bucket owner"},
        {"{\"OutputLocation\":\"" OUTPUT "\",\"EncryptionConfiguration\":{\"EncryptionOption\":\"SSE_KMS\"}}",
         "InvalidRequestException", "KmsKey"},
        {"{\"OutputLocation\":\"" OUTPUT "\",\"EncryptionConfiguration\":{\"EncryptionOption\":\"CSE_KMS\",\"KmsKey\":"
         "\"k\"}}",
         "NotImplemented", "CSE_KMS"},
    };
    char body[512];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(body, sizeof body, "{\"QueryString\":\"SELECT 1\",\"ResultConfiguration\":%s}", rows[i].results);
        refused("StartQueryExecution", body, rows[i].code, rows[i].text);
    }
    refused("StartQueryExecution", "{\"QueryString\":\"SELECT 1\",\"QueryExecutionContext\":{\"Catalog\":\"other\"}}",
            "InvalidRequestException", "Catalog other is not found.");
    json_t *value = run("SHOW TABLES", ",\"ResultConfiguration\":{\"OutputLocation\":\"" OUTPUT
                                       "\",\"EncryptionConfiguration\":{\"EncryptionOption\":\"SSE_S3\"}}");
    const json_t *results = json_object_get(value, "ResultConfiguration");
    assert_string_equal(json_str(json_object_get(results, "EncryptionConfiguration"), "EncryptionOption"), "SSE_S3");
    json_decref(value);
}

static void a_token_makes_a_query_once(void **state)
{
    (void)state;
    char more[256], first[64];
    snprintf(more, sizeof more, "%s,\"ClientRequestToken\":\"%s\"", in_output, "0123456789abcdef0123456789abcdef");
    snprintf(first, sizeof first, "%s", start("SHOW TABLES", more));
    assert_string_equal(start("SHOW TABLES", more), first);
    refused("StartQueryExecution",
            "{\"QueryString\":\"SHOW VIEWS\",\"ClientRequestToken\":\"0123456789abcdef0123456789abcdef\","
            "\"ResultConfiguration\":{\"OutputLocation\":\"" OUTPUT "\"}}",
            "InvalidRequestException", "Idempotent parameters do not match");
    /* a request that came to nothing leaves its token free */
    refused("StartQueryExecution",
            "{\"QueryString\":\"SHOW VIEWS\",\"ClientRequestToken\":\"ffffffffffffffffffffffffffffffff\"}",
            "InvalidRequestException", "No output location");
    snprintf(more, sizeof more, "%s,\"ClientRequestToken\":\"ffffffffffffffffffffffffffffffff\"", in_output);
    assert_string_not_equal(start("SHOW VIEWS", more), first);
}

/* ---- workgroups */

static void a_workgroups_settings_hold_for_its_queries(void **state)
{
    (void)state;
    done("CreateWorkGroup", "{\"Name\":\"team\",\"Configuration\":{\"ResultConfiguration\":{\"OutputLocation\":"
                            "\"s3://athena-api/team\"}}}");
    json_t *value =
        run("SHOW TABLES", ",\"WorkGroup\":\"team\",\"ResultConfiguration\":{\"OutputLocation\":\"" OUTPUT "\"}");
    const char *place = json_str(json_object_get(value, "ResultConfiguration"), "OutputLocation");
    assert_true(strncmp(place, "s3://athena-api/team/", 21) == 0); /* enforced: the request's place is void */
    assert_string_equal(json_str(value, "WorkGroup"), "team");
    json_decref(value);
    done("UpdateWorkGroup",
         "{\"WorkGroup\":\"team\",\"ConfigurationUpdates\":{\"EnforceWorkGroupConfiguration\":false}}");
    value = run("SHOW TABLES", ",\"WorkGroup\":\"team\",\"ResultConfiguration\":{\"OutputLocation\":\"" OUTPUT "\"}");
    place = json_str(json_object_get(value, "ResultConfiguration"), "OutputLocation");
    assert_true(strncmp(place, OUTPUT, strlen(OUTPUT)) == 0);
    json_decref(value);
    value = expect("ListQueryExecutions", "{\"WorkGroup\":\"team\"}");
    assert_int_equal(json_array_size(json_object_get(value, "QueryExecutionIds")), 2);
    json_decref(value);
    done("UpdateWorkGroup", "{\"WorkGroup\":\"team\",\"State\":\"DISABLED\"}");
    refused("StartQueryExecution", "{\"QueryString\":\"SHOW TABLES\",\"WorkGroup\":\"team\"}",
            "InvalidRequestException", "WorkGroup team is disabled.");
    refused("DeleteWorkGroup", "{\"WorkGroup\":\"team\"}", "InvalidRequestException", "WorkGroup team is not empty");
    done("DeleteWorkGroup", "{\"WorkGroup\":\"team\",\"RecursiveDeleteOption\":true}");
    refused("GetWorkGroup", "{\"WorkGroup\":\"team\"}", "InvalidRequestException", "WorkGroup team is not found.");
    refused("DeleteWorkGroup", "{\"WorkGroup\":\"primary\",\"RecursiveDeleteOption\":true}", "InvalidRequestException",
            "can not be deleted");
}

static void a_page_goes_on_behind_its_token_though_newer_queries_came(void **state)
{
    (void)state;
    char first[64], second[64];
    done("CreateWorkGroup", "{\"Name\":\"pages\",\"Configuration\":{\"EnforceWorkGroupConfiguration\":false}}");
    char more[256];
    snprintf(more, sizeof more, "%s,\"WorkGroup\":\"pages\"", in_output);
    snprintf(first, sizeof first, "%s", start("SHOW TABLES", more));
    json_decref(wait_end(first));
    snprintf(second, sizeof second, "%s", start("SHOW VIEWS", more));
    json_decref(wait_end(second));
    json_t *page = expect("ListQueryExecutions", "{\"WorkGroup\":\"pages\",\"MaxResults\":1}");
    assert_string_equal(json_string_value(json_array_get(json_object_get(page, "QueryExecutionIds"), 0)), second);
    json_decref(run("SHOW TABLES", more));
    json_t *rest =
        expect("ListQueryExecutions", "{\"WorkGroup\":\"pages\",\"NextToken\":\"%s\"}", json_str(page, "NextToken"));
    const json_t *ids = json_object_get(rest, "QueryExecutionIds");
    assert_int_equal(json_array_size(ids), 1);
    assert_string_equal(json_string_value(json_array_get(ids, 0)), first);
    assert_null(json_object_get(rest, "NextToken"));
    json_decref(page);
    json_decref(rest);
}

static void more_bytes_than_the_cut_off_end_the_query(void **state)
{
    (void)state;
    if (!has_engine)
        skip();
    size_t len = 4 << 20;
    char *text = malloc(len + 1), key[64];
    for (size_t i = 0; i < len; i++)
        text[i] = i % 64 == 63 ? '\n' : 'x';
    text[len] = '\0';
    for (int i = 0; i < 6; i++) {
        snprintf(key, sizeof key, "big/%d.csv", i);
        put_object(key, text);
    }
    free(text);
    answer_of("CREATE EXTERNAL TABLE big (t string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION "
              "'s3://athena-api/big/'");
    done("CreateWorkGroup", "{\"Name\":\"small\",\"Configuration\":{\"EnforceWorkGroupConfiguration\":false,"
                            "\"BytesScannedCutoffPerQuery\":10000000}}");
    char more[256];
    snprintf(more, sizeof more, "%s,\"WorkGroup\":\"small\"", in_output);
    json_t *value = run("SELECT count(t) FROM big", more);
    assert_string_equal(state_of(value), "CANCELLED");
    assert_non_null(strstr(json_str(json_object_get(value, "Status"), "StateChangeReason"), "Bytes scanned limit"));
    assert_true(json_int(json_object_get(value, "Statistics"), "DataScannedInBytes", 0) > 10000000);
    json_decref(value);
    value = run("SELECT count(t) FROM big", in_output);
    assert_string_equal(state_of(value), "SUCCEEDED");
    assert_int_equal(json_int(json_object_get(value, "Statistics"), "DataScannedInBytes", 0), 6 * (4 << 20));
    json_decref(value);
}

/* ---- results */

static void results_come_in_pages_by_tokens_of_the_query(void **state)
{
    (void)state;
    char id[64], other[64];
    if (!has_engine)
        skip();
    snprintf(id, sizeof id, "%s", start("SELECT x FROM UNNEST(sequence(1, 5)) t(x) ORDER BY x", in_output));
    json_decref(wait_end(id));
    snprintf(other, sizeof other, "%s", start("SELECT 'a' x", in_output));
    json_decref(wait_end(other));
    json_t *page = expect("GetQueryResults", "{\"QueryExecutionId\":\"%s\",\"MaxResults\":4}", id);
    const json_t *rows = json_object_get(json_object_get(page, "ResultSet"), "Rows");
    assert_int_equal(json_array_size(rows), 4); /* the header and three */
    char body[256];
    snprintf(body, sizeof body, "{\"QueryExecutionId\":\"%s\",\"NextToken\":\"%s\"}", other,
             json_str(page, "NextToken"));
    refused("GetQueryResults", body, "InvalidRequestException", "NextToken is not valid");
    json_t *rest = expect("GetQueryResults", "{\"QueryExecutionId\":\"%s\",\"NextToken\":\"%s\"}", id,
                          json_str(page, "NextToken"));
    rows = json_object_get(json_object_get(rest, "ResultSet"), "Rows");
    assert_int_equal(json_array_size(rows), 2);
    const json_t *cell = json_array_get(json_object_get(json_array_get(rows, 0), "Data"), 0);
    assert_string_equal(json_str(cell, "VarCharValue"), "4");
    assert_null(json_object_get(rest, "NextToken"));
    json_decref(page);
    json_decref(rest);
    snprintf(body, sizeof body, "{\"QueryExecutionId\":\"%s\",\"MaxResults\":1001}", id);
    refused("GetQueryResults", body, "InvalidRequestException", "more than maximum allowed length 1000");
    json_t *failed = run("SELECT nothing FROM nowhere", in_output);
    snprintf(body, sizeof body, "{\"QueryExecutionId\":\"%s\"}", json_str(failed, "QueryExecutionId"));
    refused("GetQueryResults", body, "InvalidRequestException", "Final query state: FAILED");
    json_decref(failed);
}

/* Protocol Buffers' wire format: field 4 of the message is a column, whose fields 4 and 6 are name and type. */
static void the_metadata_object_describes_the_columns(void **state)
{
    (void)state;
    char path[256];
    struct wire_answer answer;
    if (!has_engine)
        skip();
    json_t *value = run("SELECT 7 AS n", in_output);
    snprintf(path, sizeof path, "/athena-api/results/%s.csv.metadata", json_str(value, "QueryExecutionId"));
    json_decref(value);
    struct wire_request req = {.path = path};
    wire_ask(&cloud, &req, &answer);
    assert_int_equal(answer.status, 200);
    static const char column[] = "\x22\x1d\n\x04hive\x22\x01n*\x01n2\x07integer8\n@\x00H\x03P\x00";
    assert_int_equal(answer.body.len, 2 + 36 + sizeof column - 1);
    assert_memory_equal(answer.body.data, "\n$", 2);
    assert_memory_equal(answer.body.data + 38, column, sizeof column - 1);
    wire_answer_done(&answer);
}

static void a_result_is_reused_while_it_is_young_there_and_settled(void **state)
{
    (void)state;
    static const char reuse[] =
        ",\"ResultReuseConfiguration\":{\"ResultReuseByAgeConfiguration\":{\"Enabled\":true,\"MaxAgeInMinutes\":10}},"
        "\"ResultConfiguration\":{\"OutputLocation\":\"" OUTPUT "\"}";
    static const struct {
        const char *sql;
        bool is_reused;
    } rows[] = {{"SELECT 'once'", false},
                {"SELECT 'once'", true},
                {"SELECT 'twice'", false},
                {"SELECT rand()", false},
                {"SELECT rand()", false},
                {"SELECT 1 FROM (VALUES 1, 2) LIMIT 1", false},
                {"SELECT 1 FROM (VALUES 1, 2) LIMIT 1", false}};
    char first[64] = "", place[256];
    if (!has_engine)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *value = run(rows[i].sql, reuse);
        const json_t *statistics = json_object_get(value, "Statistics");
        const json_t *reused = json_object_get(statistics, "ResultReuseInformation");
        if (json_bool(reused, "ReusedPreviousResult", false) != rows[i].is_reused)
            fail_msg("%zu: %s", i, rows[i].sql);
        if (rows[i].is_reused)
            assert_int_equal(json_int(statistics, "DataScannedInBytes", -1), 0);
        if (i == 0)
            snprintf(first, sizeof first, "%s", json_str(value, "QueryExecutionId"));
        json_decref(value);
    }
    snprintf(place, sizeof place, "/athena-api/results/%s.csv", first);
    struct wire_request gone = {.method = "DELETE", .path = place};
    wire_expect(&cloud, &gone, 204, NULL);
    json_t *value = run("SELECT 'once'", reuse);
    const json_t *reused = json_object_get(json_object_get(value, "Statistics"), "ResultReuseInformation");
    assert_false(json_bool(reused, "ReusedPreviousResult", true));
    json_decref(value);
}

static void figures_are_measured_and_add_up(void **state)
{
    (void)state;
    if (!has_engine)
        skip();
    json_t *value = run("SELECT 1 AS n", in_output);
    json_t *got =
        expect("GetQueryRuntimeStatistics", "{\"QueryExecutionId\":\"%s\"}", json_str(value, "QueryExecutionId"));
    const json_t *all = json_object_get(got, "QueryRuntimeStatistics");
    const json_t *line = json_object_get(all, "Timeline"), *rows = json_object_get(all, "Rows");
    assert_int_equal(json_int(rows, "OutputRows", -1), 1);
    assert_int_equal(json_int(rows, "OutputBytes", -1), 8); /* "n" and "1", quoted, a line each */
    assert_int_equal(json_int(line, "QueryQueueTimeInMillis", -1) + json_int(line, "QueryPlanningTimeInMillis", -1) +
                         json_int(line, "EngineExecutionTimeInMillis", -1) +
                         json_int(line, "ServiceProcessingTimeInMillis", -1),
                     json_int(line, "TotalExecutionTimeInMillis", -2));
    json_decref(got);
    json_decref(value);
}

/* ---- statements over the catalog */

static void partitions_are_added_renamed_moved_and_dropped(void **state)
{
    (void)state;
    answer_of("CREATE EXTERNAL TABLE days (v int) PARTITIONED BY (dt string, hh int) ROW FORMAT DELIMITED FIELDS "
              "TERMINATED BY ',' LOCATION 's3://athena-api/days/'");
    answer_of("ALTER TABLE days ADD PARTITION (hh = 1, dt = '2024-01-01') PARTITION (dt = 'a/b', hh = 2) LOCATION "
              "'s3://athena-api/elsewhere/'");
    fails("ALTER TABLE days ADD PARTITION (dt = '2024-01-01', hh = 1)", "AlreadyExistsException");
    answer_of("ALTER TABLE days ADD IF NOT EXISTS PARTITION (dt = '2024-01-01', hh = 1)");
    fails("ALTER TABLE days ADD PARTITION (dt = '2024-01-01')", "doesn't contain all (2) partition columns");
    fails("ALTER TABLE days ADD PARTITION (dt = '1', hh = 1) LOCATION 'nowhere'", "Invalid S3 location");
    assert_string_equal(answer_of("SHOW PARTITIONS days"), "dt=2024-01-01/hh=1\ndt=a%2Fb/hh=2\n");
    assert_string_equal(answer_of("SHOW PARTITIONS days PARTITION (hh = 2)"), "dt=a%2Fb/hh=2\n");
    answer_of("ALTER TABLE days PARTITION (dt = 'a/b', hh = 2) RENAME TO PARTITION (dt = 'b', hh = 2)");
    answer_of("ALTER TABLE days PARTITION (dt = 'b', hh = 2) SET LOCATION 's3://athena-api/b/'");
    json_t *got = expect("AWSGlue.GetPartition",
                         "{\"DatabaseName\":\"shop\",\"TableName\":\"days\",\"PartitionValues\":[\"b\",\"2\"]}");
    const json_t *storage = json_object_get(json_object_get(got, "Partition"), "StorageDescriptor");
    assert_string_equal(json_str(storage, "Location"), "s3://athena-api/b/");
    json_decref(got);
    answer_of("ALTER TABLE days ADD COLUMNS (w string)"); /* partitions keep the columns they were made with */
    answer_of("ALTER TABLE days PARTITION (dt = 'b', hh = 2) ADD COLUMNS (w string)");
    got = expect("AWSGlue.GetPartitions", "{\"DatabaseName\":\"shop\",\"TableName\":\"days\"}");
    const json_t *list = json_object_get(got, "Partitions");
    for (size_t i = 0; i < 2; i++) {
        storage = json_object_get(json_array_get(list, i), "StorageDescriptor");
        assert_int_equal(json_array_size(json_object_get(storage, "Columns")), i + 1);
    }
    json_decref(got);
    answer_of("ALTER TABLE days DROP PARTITION (hh = 1), PARTITION (dt = 'b')");
    fails("ALTER TABLE days DROP PARTITION (hh = 1)", "Partition not found");
    answer_of("ALTER TABLE days DROP IF EXISTS PARTITION (hh = 1)");
    assert_string_equal(answer_of("SHOW PARTITIONS days"), "");
}

static void msck_reports_what_it_adds_and_what_is_missing(void **state)
{
    (void)state;
    answer_of(
        "CREATE EXTERNAL TABLE found (v int) PARTITIONED BY (dt string) ROW FORMAT DELIMITED FIELDS TERMINATED BY "
        "',' LOCATION 's3://athena-api/found'");
    answer_of("ALTER TABLE found ADD PARTITION (dt = 'gone')");
    put_object("found/dt=1/a.csv", "1\n");
    put_object("found/dt=x%253Ay/a.csv", "2\n"); /* the key has dt=x%3Ay */
    put_object("found/other/a.csv", "3\n");
    assert_string_equal(answer_of("MSCK REPAIR TABLE found"), "Partitions not in metastore:|found:dt=1|found:dt=x%3Ay\n"
                                                              "Partitions missing from filesystem:|found:dt=gone\n"
                                                              "Repair: Added partition to metastore found:dt=1\n"
                                                              "Repair: Added partition to metastore found:dt=x%3Ay\n");
    assert_string_equal(answer_of("MSCK REPAIR TABLE found"), "Partitions missing from filesystem:|found:dt=gone\n");
}

static void columns_and_properties_change_and_versions_count(void **state)
{
    (void)state;
    answer_of(
        "CREATE EXTERNAL TABLE goods (a int, b string) COMMENT 'all of them' ROW FORMAT DELIMITED FIELDS TERMINATED "
        "BY '\\t' LOCATION 's3://athena-api/goods/' TBLPROPERTIES ('k' = 'v')");
    answer_of("ALTER TABLE goods ADD COLUMNS (c double COMMENT 'third')");
    fails("ALTER TABLE goods ADD COLUMNS (B int)", "Duplicate column name: b");
    answer_of("ALTER TABLE goods CHANGE COLUMN a aa bigint COMMENT 'first'");
    fails("ALTER TABLE goods CHANGE nothing x int", "Invalid column reference nothing");
    answer_of("ALTER TABLE goods SET TBLPROPERTIES ('k' = 'w', 'skip.header.line.count' = '1')");
    answer_of("ALTER TABLE goods SET LOCATION 's3://athena-api/moved/'");
    assert_string_equal(answer_of("SHOW TBLPROPERTIES goods('k')"), "w\n");
    assert_string_equal(answer_of("DESCRIBE goods"),
                        "aa                  |bigint              |first               \n"
                        "b                   |string              |                    \n"
                        "c                   |double              |third               \n");
    json_t *got = expect("AWSGlue.GetTable", "{\"DatabaseName\":\"shop\",\"Name\":\"goods\"}");
    assert_string_equal(json_str(json_object_get(got, "Table"), "VersionId"), "4");
    json_decref(got);
    answer_of("ALTER TABLE goods REPLACE COLUMNS (only int)");
    char text[2048];
    snprintf(text, sizeof text, "%s", answer_of("SHOW CREATE TABLE goods"));
    static const char wanted[] = "CREATE EXTERNAL TABLE `goods`(\n"
                                 "  `only` int)\n"
                                 "COMMENT 'all of them'\n"
                                 "ROW FORMAT DELIMITED \n"
                                 "  FIELDS TERMINATED BY '\\t' \n"
                                 "STORED AS INPUTFORMAT \n"
                                 "  'org.apache.hadoop.mapred.TextInputFormat' \n"
                                 "OUTPUTFORMAT \n"
                                 "  'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\n"
                                 "LOCATION\n"
                                 "  's3://athena-api/moved/'\n"
                                 "TBLPROPERTIES (\n"
                                 "  'k'='w', \n"
                                 "  'skip.header.line.count'='1', \n"
                                 "  'transient_lastDdlTime'='";
    assert_true(strncmp(text, wanted, sizeof wanted - 1) == 0);
    /* what it says makes the same table again */
    answer_of("DROP TABLE goods");
    answer_of(text);
    assert_string_equal(answer_of("SHOW COLUMNS IN goods"), "only                \n");
}

static void names_are_shown_by_pattern_and_unknown_ones_are_errors(void **state)
{
    (void)state;
    answer_of("CREATE DATABASE shop_two COMMENT 'second'");
    answer_of("ALTER DATABASE shop_two SET DBPROPERTIES ('owner' = 'me')");
    json_t *got = expect("AWSGlue.GetDatabase", "{\"Name\":\"shop_two\"}");
    const json_t *database = json_object_get(got, "Database");
    assert_string_equal(json_str(json_object_get(database, "Parameters"), "owner"), "me");
    assert_string_equal(json_str(database, "Description"), "second");
    json_decref(got);
    assert_string_equal(answer_of("SHOW DATABASES LIKE 'shop*'"), "shop\nshop_two\n");
    assert_string_equal(answer_of("SHOW SCHEMAS LIKE 'nothing|*_TWO'"), "shop_two\n");
    assert_string_equal(answer_of("SHOW TABLES IN shop_two"), "");
    assert_string_equal(answer_of("SHOW TABLES LIKE 'goo*|days'"), "days\ngoods\n");
    assert_string_equal(answer_of("SHOW COLUMNS IN days LIKE 'd*|w'"), "w                   \ndt                  \n");
    fails("SHOW DATABASES LIKE '('", "is not valid");
    fails("SHOW TABLES IN nowhere", "Database does not exist: nowhere");
    fails("DESCRIBE nowhere", "Table not found shop.nowhere");
    fails("SHOW PARTITIONS goods", "is not a partitioned table");
    fails("ALTER TABLE goods DROP COLUMN only", "NOT_SUPPORTED");
    answer_of("DROP DATABASE shop_two");
}

static void the_catalog_is_read_by_queries_for_nothing(void **state)
{
    (void)state;
    if (!has_engine)
        skip();
    assert_string_equal(
        answer_of("SELECT column_name, ordinal_position, data_type, extra_info FROM "
                  "information_schema.columns WHERE table_schema = 'shop' AND table_name = 'days' ORDER "
                  "BY 2"),
        "column_name|ordinal_position|data_type|extra_info\nv|1|integer|~\nw|2|varchar|~\ndt|3|varchar|"
        "partition key\nhh|4|integer|partition key\n");
    answer_of("ALTER TABLE days ADD PARTITION (dt = 'x', hh = 3)");
    assert_string_equal(answer_of("SELECT hh + 1, dt FROM \"days$partitions\""), "_col0|dt\n4|x\n");
    fails("SELECT * FROM \"goods$partitions\"", "TABLE_NOT_FOUND");
    json_t *value = run("SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'", in_output);
    assert_int_equal(json_int(json_object_get(value, "Statistics"), "DataScannedInBytes", -1), 0);
    json_decref(value);
}

/* ---- kill -9 */

static void start_endless(char id[64])
{
    snprintf(id, 64, "%s",
             start("SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), "
                   "UNNEST(sequence(1, 10000)) c(z) WHERE sqrt(x * y * z) > 3",
                   in_output));
    for (bool is_running = false; !is_running; poll(NULL, 0, 5)) {
        json_t *value = execution(id);
        is_running = strcmp(state_of(value), "RUNNING") == 0;
        assert_false(is_over(state_of(value)));
        json_decref(value);
    }
}

static void assert_abandoned(const char *id)
{
    json_t *value = execution(id);
    assert_string_equal(state_of(value), "FAILED");
    const json_t *status = json_object_get(value, "Status");
    assert_string_equal(json_str(status, "StateChangeReason"), "INTERNAL_ERROR: the service ended while the query ran");
    assert_int_equal(json_int(json_object_get(status, "AthenaError"), "ErrorCategory", 0), 1);
    json_decref(value);
}

static void what_ran_at_an_orderly_end_was_not_cancelled_by_a_user(void **state)
{
    (void)state;
    char id[64];
    if (!has_engine)
        skip();
    start_endless(id);
    bool owns_dir = cloud.owns_dir;
    cloud.owns_dir = false; /* it is gone on with */
    daemon_stop(&cloud);
    cloud.owns_dir = owns_dir;
    daemon_start(&cloud, cloud.dir, NULL);
    assert_abandoned(id);
}

static void what_ran_at_a_kill_has_failed_and_the_rest_is_kept(void **state)
{
    (void)state;
    char id[64];
    if (!has_engine)
        skip();
    json_t *named =
        expect("CreateNamedQuery", "{\"Name\":\"kept\",\"Database\":\"shop\",\"QueryString\":\"SELECT 2\"}");
    start_endless(id);
    daemon_kill(&cloud);
    daemon_start(&cloud, cloud.dir, NULL);
    assert_abandoned(id);
    json_t *value = expect("GetNamedQuery", "{\"NamedQueryId\":\"%s\"}", json_str(named, "NamedQueryId"));
    assert_string_equal(json_str(json_object_get(value, "NamedQuery"), "QueryString"), "SELECT 2");
    json_decref(value);
    json_decref(named);
    done("GetWorkGroup", "{\"WorkGroup\":\"pages\"}");
    assert_string_equal(answer_of("SELECT 3 n"), "n\n3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_request_is_refused_in_the_services_shape),
        cmocka_unit_test(constraints_are_named_with_their_limits),
        cmocka_unit_test(every_refusal_has_its_words_whatever_the_text),
        cmocka_unit_test(the_place_of_results_is_checked_before_the_query_is_taken),
        cmocka_unit_test(a_token_makes_a_query_once),
        cmocka_unit_test(a_workgroups_settings_hold_for_its_queries),
        cmocka_unit_test(a_page_goes_on_behind_its_token_though_newer_queries_came),
        cmocka_unit_test(more_bytes_than_the_cut_off_end_the_query),
        cmocka_unit_test(results_come_in_pages_by_tokens_of_the_query),
        cmocka_unit_test(the_metadata_object_describes_the_columns),
        cmocka_unit_test(a_result_is_reused_while_it_is_young_there_and_settled),
        cmocka_unit_test(figures_are_measured_and_add_up),
        cmocka_unit_test(partitions_are_added_renamed_moved_and_dropped),
        cmocka_unit_test(msck_reports_what_it_adds_and_what_is_missing),
        cmocka_unit_test(columns_and_properties_change_and_versions_count),
        cmocka_unit_test(names_are_shown_by_pattern_and_unknown_ones_are_errors),
        cmocka_unit_test(the_catalog_is_read_by_queries_for_nothing),
        cmocka_unit_test(what_ran_at_an_orderly_end_was_not_cancelled_by_a_user),
        cmocka_unit_test(what_ran_at_a_kill_has_failed_and_the_rest_is_kept),
    };
    return cmocka_run_group_tests(tests, open_cloud, close_cloud);
}
