/* GetQueryResults: pages of the result object. A page's token is where its first row starts in the file, so that any
 * page costs the same. Source: Athena API Reference, GetQueryResults. */
#include "backend/base/digest.h"
#include "backend/base/path.h"
#include "backend/local/athena.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_MAX = 1000, CELL_MAX = 64 << 20, TOKEN_SIZE = 48 };

struct reader {
    FILE *file;
    struct buf cell;
    bool is_text; /* .txt: a line is a row, tabs are its columns */
};

/* The next cell of a CSV line; *is_last after the row's last. False at the end of the file. */
static bool next_cell(struct reader *reader, bool *is_null, bool *is_last)
{
    int c = getc_unlocked(reader->file);
    buf_clear(&reader->cell);
    *is_null = c != '"';
    if (c == EOF)
        return false;
    if (c == '"') {
        while ((c = getc_unlocked(reader->file)) != EOF) {
            if (c == '"' && (c = getc_unlocked(reader->file)) != '"')
                break;
            buf_putc(&reader->cell, (char)c);
        }
    }
    *is_last = c != ',';
    return true;
}

static bool next_field(struct reader *reader, bool *is_null, bool *is_last)
{
    int c = getc_unlocked(reader->file);
    buf_clear(&reader->cell);
    *is_null = false;
    if (c == EOF)
        return false;
    for (; c != EOF && c != '\t' && c != '\n'; c = getc_unlocked(reader->file))
        buf_putc(&reader->cell, (char)c);
    *is_last = c != '\t';
    return true;
}

static json_t *next_row(struct reader *reader)
{
    bool is_null, is_last = false;
    json_t *cells = NULL;
    while (!is_last && (reader->is_text ? next_field : next_cell)(reader, &is_null, &is_last)) {
        json_t *cell = json_object();
        if (!cells)
            cells = json_array();
        json_t *text = is_null ? NULL : json_stringn(buf_text(&reader->cell), reader->cell.len);
        if (text)
            json_object_set_new(cell, "VarCharValue", text);
        json_array_append_new(cells, cell);
    }
    return cells ? json_pack("{s:o}", "Data", cells) : NULL;
}

static bool open_result(struct awsjson_call *call, const json_t *record, struct reader *reader)
{
    char path[PATH_SIZE], hex[33];
    uint8_t raw[16];
    const char *key = json_str(record, "Key");
    const json_t *manifest = json_object_get(record, "Manifest");
    char manifest_key[1300];
    bool wants_manifest = strcmp(json_str(call->in, "QueryResultType"), "DATA_MANIFEST") == 0;
    if (wants_manifest && !manifest)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "QueryResultType DATA_MANIFEST is for CREATE TABLE AS, INSERT and UNLOAD only");
    if (manifest && !wants_manifest) { /* the rows are the table's: none here */
        reader->file = fopen("/dev/null", "re");
        return reader->file || err_set_errno(&call->err, ERR_IO, "reading a result");
    }
    if (manifest) {
        snprintf(manifest_key, sizeof manifest_key, "%s-manifest.csv", key);
        key = manifest_key;
    }
    random_bytes(raw, sizeof raw);
    snprintf(path, sizeof path, "%.4000s/page-%s", call->cloud->temporary, hex_encode(raw, sizeof raw, hex));
    struct err err = ERR_NONE;
    if (!s3_inside_link(call->cloud, json_str(record, "Bucket"), key, path, &err))
        return athena_refuse(&call->err, "InvalidRequestException", "Could not find results: s3://%.64s/%.120s (%.60s)",
                             json_str(record, "Bucket"), key, err.text);
    reader->file = fopen(path, "re");
    unlink(path);
    reader->is_text = manifest || (strlen(key) > 4 && strcmp(key + strlen(key) - 4, ".txt") == 0);
    return reader->file || err_set_errno(&call->err, ERR_IO, "reading a result");
}

/* A token is the place of a row and a sum of it and the query, so that only ours are taken. */
static void put_token(const char *id, long at, char out[TOKEN_SIZE])
{
    char text[96], hex[9];
    uint8_t sum[DIGEST_MAX];
    int len = snprintf(text, sizeof text, "%.60s:%ld", id, at);
    digest_of(DIGEST_CRC32, text, (size_t)len, sum);
    snprintf(out, TOKEN_SIZE, "%ld-%s", at, hex_encode(sum, 4, hex));
}

static bool read_token(struct awsjson_call *call, long *from)
{
    char made[TOKEN_SIZE];
    const char *token = json_str(call->in, "NextToken");
    *from = *token ? strtol(token, NULL, 10) : 0;
    put_token(json_str(call->in, "QueryExecutionId"), *from, made);
    return !*token || strcmp(token, made) == 0 ||
           athena_refuse(&call->err, "InvalidRequestException", "NextToken is not valid");
}

static bool check_page(struct awsjson_call *call, json_int_t max)
{
    if (max > PAGE_MAX)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "MaxResults is more than maximum allowed length %d.", PAGE_MAX);
    return max >= 1 ||
           athena_refuse(
               &call->err, "InvalidRequestException",
               "1 validation error detected: Value '%lld' at 'maxResults' failed to satisfy constraint: Member "
               "must have value greater than or equal to 1",
               (long long)max);
}

/* Rows that the statement wrote; a query's own rows are none. */
static json_int_t update_count(const json_t *record)
{
    const char *verb = json_str(json_object_get(record, "Execution"), "SubstatementType");
    bool is_write = strcmp(verb, "INSERT") == 0 || strcmp(verb, "CREATE_TABLE_AS_SELECT") == 0;
    return is_write ? json_int(record, "Rows", 0) : 0;
}

static bool read_page(struct awsjson_call *call, const json_t *record, struct reader *reader)
{
    json_int_t max = json_int(call->in, "MaxResults", PAGE_MAX);
    long from = 0;
    if (!check_page(call, max) || !read_token(call, &from))
        return false;
    if (fseek(reader->file, from, SEEK_SET) != 0)
        return athena_refuse(&call->err, "InvalidRequestException", "NextToken is not valid");
    json_t *rows = json_array(), *row;
    while ((json_int_t)json_array_size(rows) < max && (row = next_row(reader)))
        json_array_append_new(rows, row);
    long at = ftell(reader->file);
    if (getc(reader->file) != EOF) {
        char next[TOKEN_SIZE];
        put_token(json_str(call->in, "QueryExecutionId"), at, next);
        json_object_set_new(call->out, "NextToken", json_string(next));
    }
    json_t *columns = json_object_get(record, "Columns");
    json_t *set = json_pack("{s:o, s:{s:O}}", "Rows", rows, "ResultSetMetadata", "ColumnInfo", columns);
    json_object_set_new(call->out, "ResultSet", set);
    json_object_set_new(call->out, "UpdateCount", json_integer(update_count(record)));
    return true;
}

static bool need_success(struct awsjson_call *call, const json_t *record)
{
    const json_t *status = json_object_get(json_object_get(record, "Execution"), "Status");
    const char *state = json_str(status, "State");
    if (strcmp(state, "SUCCEEDED") == 0)
        return true;
    if (strcmp(state, "FAILED") == 0 || strcmp(state, "CANCELLED") == 0)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "Query did not finish successfully. Final query state: %s", state);
    return athena_refuse(&call->err, "InvalidRequestException", "Query has not yet finished. Current state: %s", state);
}

bool athena_op_results(struct awsjson_call *call)
{
    const char *id = athena_need(call, "QueryExecutionId");
    struct reader reader = {.cell = BUF_INIT(CELL_MAX)};
    json_t *record = id ? athena_get(call->cloud, "query", id, &call->err) : NULL;
    if (id && !record && call->err.code == ERR_OK)
        athena_refuse(&call->err, "InvalidRequestException", "QueryExecution %.60s was not found", id);
    bool ok =
        record && need_success(call, record) && open_result(call, record, &reader) && read_page(call, record, &reader);
    if (reader.file)
        fclose(reader.file);
    buf_done(&reader.cell);
    json_decref(record);
    return ok;
}
