/* The history of queries on disk: one SQLite table, shared by all weir processes of the user; rows of other profiles
 * stay out of sight. What each call may be called from is in query_private.h. */
#include "backend/base/db.h"
#include "backend/domain/query_private.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] =
    "create table if not exists query(id integer primary key, target text not null, execution text, sql text not null,"
    " database text, workgroup text, output text, reason text, statement text, json text, columns text,"
    " state integer not null, submitted_ms integer, ended_ms integer, total_ms integer, queue_ms integer,"
    " scanned integer, updated integer, is_reused integer, error text);"
    "create index if not exists query_target on query(target, id);"
    /* the newest ten thousand stay */
    "delete from query where id <= (select id from query order by id desc limit 1 offset 10000);";

struct db *query_store_open(const char *path, struct err *err)
{
    struct db *db = db_open(path, DB_READ_WRITE, err);
    if (db && db_exec(db, schema, err))
        return db;
    db_close(db);
    return NULL;
}

bool query_store_save(struct db *db, const char *target, const struct query_record *record, struct err *err)
{
    if (record->is_cut) /* only its end can be news: the statement itself is there */
        return db_run(db, err,
                      "update query set execution=?, output=?, reason=?, statement=?, json=coalesce(?,json),"
                      " columns=coalesce(?,columns), state=?, ended_ms=?, total_ms=?, queue_ms=?, scanned=?, updated=?,"
                      " is_reused=?, error=? where id=?",
                      "ttttttiiiiiiiti", record->execution, record->output, record->reason, record->statement,
                      record->json, record->columns, (int64_t)record->state, record->ended_ms, record->total_ms,
                      record->queue_ms, record->scanned, record->updated, (int64_t)record->is_reused, record->err.text,
                      record->id);
    return db_run(db, err,
                  "insert or replace into query(id, target, execution, sql, database, workgroup, output, reason,"
                  " statement, json, columns, state, submitted_ms, ended_ms, total_ms, queue_ms, scanned, updated,"
                  " is_reused, error) values(?,?,?,?,?,?,?,?,?,coalesce(?,(select json from query where id=?)),?,?,?,?,"
                  "?,?,?,?,?,?)",
                  "itttttttttitiiiiiiiit", record->id, target, record->execution, record->sql, record->database,
                  record->workgroup, record->output, record->reason, record->statement, record->json, record->id,
                  record->columns, (int64_t)record->state, record->submitted_ms, record->ended_ms, record->total_ms,
                  record->queue_ms, record->scanned, record->updated, (int64_t)record->is_reused, record->err.text);
}

static const char *text_or_empty(struct db_row *row, int column)
{
    const char *text = db_text(row, column);
    return text ? text : "";
}

static struct query_record *read_record(struct db_row *row)
{
    const char *sql = text_or_empty(row, 2), *columns = db_text(row, 8), *error = text_or_empty(row, 18);
    int64_t state = db_int(row, 9);
    struct query_record *record = query_record_new(sql, strlen(sql));
    record->id = db_int(row, 0);
    snprintf(record->execution, sizeof record->execution, "%s", text_or_empty(row, 1));
    snprintf(record->database, sizeof record->database, "%s", text_or_empty(row, 3));
    snprintf(record->workgroup, sizeof record->workgroup, "%s", text_or_empty(row, 4));
    snprintf(record->output, sizeof record->output, "%s", text_or_empty(row, 5));
    snprintf(record->reason, sizeof record->reason, "%s", text_or_empty(row, 6));
    snprintf(record->statement, sizeof record->statement, "%s", text_or_empty(row, 7));
    record->columns = columns ? strdup(columns) : NULL;
    record->state = state >= 0 && state < QUERY_STATE_COUNT ? (enum query_state)state : QUERY_LOST;
    record->submitted_ms = db_int(row, 10);
    record->ended_ms = db_int(row, 11);
    record->total_ms = db_int(row, 12);
    record->queue_ms = db_int(row, 13);
    record->scanned = db_int(row, 14);
    record->updated = db_int(row, 15);
    record->is_reused = db_int(row, 16) != 0;
    record->is_cut = db_int(row, 17) > QUERY_HEAD_MAX;
    if (*error)
        err_set(&record->err, ERR_FAILED, "%s", error);
    return record;
}

bool query_store_load(struct db *db, const char *target, void (*each)(void *context, struct query_record *record),
                      void *context, struct err *err)
{
    char sql[640];
    snprintf(sql, sizeof sql,
             "select * from (select id, execution, substr(sql, 1, %d), database, workgroup, output, reason, statement,"
             " columns, state, submitted_ms, ended_ms, total_ms, queue_ms, scanned, updated, is_reused, length(sql),"
             " error from query where target=? order by id desc limit %d) order by id",
             QUERY_HEAD_MAX, QUERY_LOADED_MAX);
    struct err failure = ERR_NONE;
    struct db_row *row = db_query(db, &failure, sql, "t", target);
    while (row && db_step(row, &failure))
        each(context, read_record(row));
    if (row)
        db_end(row);
    if (failure.code && err)
        *err = failure;
    return !failure.code;
}

bool query_store_fill(const char *path, int64_t id, char **sql, size_t *len, char **json, struct err *err)
{
    struct err failure = ERR_NONE;
    struct db *db = db_open(path, DB_READ_ONLY, &failure);
    struct db_row *row = db ? db_query(db, &failure, "select sql, json from query where id=?", "i", id) : NULL;
    bool ok = row && db_step(row, &failure);
    if (ok) {
        *sql = strdup(text_or_empty(row, 0));
        *len = strlen(*sql);
        *json = db_text(row, 1) ? strdup(db_text(row, 1)) : NULL;
    }
    if (row)
        db_end(row);
    db_close(db);
    if (!ok && err) {
        if (failure.code)
            *err = failure;
        else
            err_set(err, ERR_NOT_FOUND, "the statement is no longer in the history %s", path);
    }
    return ok;
}
