/* Result reuse: a SELECT that asks for it takes the result of the same question asked before, when that is young enough
 * and still there. The same question: text, workgroup, database, parameters, place and encryption of the result. As in
 * Athena, changes of the data meanwhile are not looked at. Never reused: what may answer otherwise each time (random
 * numbers, the present time, LIMIT without ORDER BY). Runner threads. Source: Athena User Guide, "Reuse query results
 * in Athena". */
#include "backend/base/digest.h"
#include "backend/base/path.h"
#include "backend/local/athena.h"
#include "backend/local/s3_inside.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { AGE_MINUTES = 60 }; /* MaxAgeInMinutes when it is left out */

static const json_t *execution(const struct athena_run *run)
{
    return json_object_get(run->job->record, "Execution");
}

static bool is_word(const char *sql, const struct dialect_token *token, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == token->len && strncasecmp(*words, sql + token->start, token->len) == 0)
            return true;
    return false;
}

static bool is_settled(const char *sql)
{
    static const char *const moving[] = {
        "rand",         "random",         "shuffle",   "uuid", "now", "current_date", "current_timestamp",
        "current_time", "localtimestamp", "localtime", NULL};
    static const char *const limit[] = {"limit", "fetch", NULL}, *const order[] = {"order", NULL};
    bool has_limit = false, has_order = false;
    size_t offset = 0, len = strlen(sql);
    int state = 0;
    struct dialect_token token;
    while (dialect_token(sql, len, &offset, &state, &token)) {
        if (token.kind != TOKEN_NAME && token.kind != TOKEN_KEYWORD && token.kind != TOKEN_FUNCTION)
            continue;
        if (is_word(sql, &token, moving))
            return false;
        has_limit = has_limit || is_word(sql, &token, limit);
        has_order = has_order || is_word(sql, &token, order);
    }
    return !has_limit || has_order;
}

/* The question's name, kept in the record of the query that answered it. */
static void question(const struct athena_run *run, char out[DIGEST_HEX])
{
    const json_t *results = json_object_get(execution(run), "ResultConfiguration");
    json_t *members = json_object();
    json_object_set(members, "Query", json_object_get(execution(run), "Query"));
    json_object_set(members, "WorkGroup", json_object_get(execution(run), "WorkGroup"));
    json_object_set(members, "Context", json_object_get(execution(run), "QueryExecutionContext"));
    json_object_set(members, "Parameters", json_object_get(execution(run), "ExecutionParameters"));
    json_object_set(members, "Encryption", json_object_get(results, "EncryptionConfiguration"));
    json_object_set_new(members, "Bucket", json_string(json_str(run->job->record, "Bucket")));
    json_object_set_new(members, "Prefix", json_string(json_str(run->job->record, "Prefix")));
    uint8_t raw[DIGEST_MAX];
    char *text = json_dumps(members, JSON_SORT_KEYS | JSON_COMPACT);
    digest_of(DIGEST_SHA256, text, text ? strlen(text) : 0, raw);
    hex_encode(raw, 32, out);
    free(text);
    json_decref(members);
}

static bool is_there(struct athena_run *run, const json_t *kept)
{
    char path[PATH_SIZE];
    struct err err = ERR_NONE;
    if (!path_join(path, run->dir, "reused", &err) ||
        !s3_inside_link(run->job->cloud, json_str(kept, "Bucket"), json_str(kept, "Key"), path, &err))
        return false;
    unlink(path);
    return true;
}

static void take(struct athena_run *run, const json_t *kept)
{
    static const char *const members[] = {"Bucket", "Key", "Columns", "Rows", "OutputBytes"};
    const json_t *results = json_object_get(json_object_get(kept, "Execution"), "ResultConfiguration");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        json_object_set(run->job->record, members[i], json_object_get(kept, members[i]));
    json_object_set(json_object_get(execution(run), "ResultConfiguration"), "OutputLocation",
                    json_object_get(results, "OutputLocation"));
    run->rows = json_int(kept, "Rows", 0);
    run->is_reused = true;
}

static bool is_good(struct athena_run *run, const json_t *kept, int64_t minutes)
{
    const json_t *status = json_object_get(json_object_get(kept, "Execution"), "Status");
    double now = (double)clock_wall(run->job->cloud->clock) / 1000.0;
    double ended = json_number_value(json_object_get(status, "CompletionDateTime"));
    return kept && strcmp(json_str(status, "State"), "SUCCEEDED") == 0 && ended > now - (double)minutes * 60.0 &&
           is_there(run, kept);
}

bool athena_reuse(struct athena_run *run)
{
    const json_t *reuse = json_object_get(execution(run), "ResultReuseConfiguration");
    const json_t *age = json_object_get(reuse, "ResultReuseByAgeConfiguration");
    struct err err = ERR_NONE;
    char name[DIGEST_HEX];
    if (!json_bool(age, "Enabled", false) || !is_settled(run->sql))
        return false;
    question(run, name);
    json_t *kept = athena_find_question(run->job->cloud, name, &err);
    if (is_good(run, kept, json_int(age, "MaxAgeInMinutes", AGE_MINUTES)))
        take(run, kept);
    json_decref(kept);
    return run->is_reused;
}

void athena_reuse_keep(struct athena_run *run)
{
    char name[DIGEST_HEX];
    if (!is_settled(run->sql))
        return;
    question(run, name);
    json_object_set_new(run->job->record, "Question", json_string(name));
}
