/* Athena's durable records (queries, workgroups, named queries, prepared statements) as JSON documents in the daemon's
 * store. Any thread. */
#include "backend/base/clock.h"
#include "backend/local/athena.h"
#include "backend/local/store.h"

enum { DOCUMENT_MAX = 16 << 20 };

/* athena_mark: what is looked for of queries, beside their records. */
bool athena_store_start(struct cloud *cloud, struct err *err)
{
    return store_schema(
        cloud->store,
        "create table if not exists athena_document(kind text not null, name text not null, "
        "groups text not null, at_ms integer not null, document text not null, primary key(kind, name)) "
        "without rowid;"
        "create index if not exists athena_order on athena_document(kind, at_ms desc);"
        "create table if not exists athena_mark(name text primary key, is_active integer not null, question text, "
        "at_ms integer not null) without rowid;"
        "create index if not exists athena_active on athena_mark(is_active) where is_active=1;"
        "create index if not exists athena_question on athena_mark(question, at_ms desc) where question is not null;"
        "create trigger if not exists athena_mark_gone after delete on athena_document when old.kind='query' begin "
        "delete from athena_mark where name=old.name; end;",
        err);
}

static json_t *document_of(struct db_row *row, struct err *err)
{
    size_t len;
    const char *text = db_blob(row, 0, &len);
    return json_parse(text, len, err);
}

json_t *athena_get(struct cloud *cloud, const char *kind, const char *name, struct err *err)
{
    struct db *db = store_reader(cloud->store, err);
    struct db_row *row =
        db ? db_query(db, err, "select document from athena_document where kind=? and name=?", "tt", kind, name) : NULL;
    json_t *document = row && db_step(row, err) ? document_of(row, err) : NULL;
    if (row)
        db_end(row);
    if (db)
        store_reader_done(cloud->store, db);
    return document;
}

/* The rows' documents, or names only; ends the query and gives the connection (NULL: there was none) back. */
static json_t *take_rows(struct cloud *cloud, struct db *db, struct db_row *row, bool is_names, struct err *err)
{
    json_t *list = json_array();
    while (row && db_step(row, err)) {
        json_t *entry = is_names ? json_string(db_text(row, 0)) : document_of(row, err);
        if (!entry)
            break;
        json_array_append_new(list, entry);
    }
    if (row)
        db_end(row);
    if (db)
        store_reader_done(cloud->store, db);
    if (err->code == ERR_OK)
        return list;
    json_decref(list);
    return NULL;
}

static json_t *list_rows(struct cloud *cloud, const char *kind, const char *group, bool is_names, struct err *err)
{
    struct db *db = store_reader(cloud->store, err);
    struct db_row *row = db ? db_query(db, err,
                                       "select case when ?3 then name else document end from athena_document where "
                                       "kind=?1 and (?2 is null or groups=?2) order by at_ms desc, name",
                                       "tti", kind, group, (int64_t)is_names)
                            : NULL;
    return take_rows(cloud, db, row, is_names, err);
}

json_t *athena_list(struct cloud *cloud, const char *kind, const char *group, struct err *err)
{
    return list_rows(cloud, kind, group, false, err);
}

json_t *athena_names(struct cloud *cloud, const char *kind, const char *group, struct err *err)
{
    return list_rows(cloud, kind, group, true, err);
}

json_t *athena_list_active(struct cloud *cloud, struct err *err)
{
    struct db *db = store_reader(cloud->store, err);
    struct db_row *row = db ? db_query(db, err,
                                       "select document from athena_mark m join athena_document d on "
                                       "d.kind='query' and d.name=m.name where m.is_active=1",
                                       "")
                            : NULL;
    return take_rows(cloud, db, row, false, err);
}

json_t *athena_find_question(struct cloud *cloud, const char *question, struct err *err)
{
    struct db *db = store_reader(cloud->store, err);
    struct db_row *row = db ? db_query(db, err,
                                       "select document from athena_mark m join athena_document d on "
                                       "d.kind='query' and d.name=m.name where m.question=? order by m.at_ms desc "
                                       "limit 1",
                                       "t", question)
                            : NULL;
    json_t *list = take_rows(cloud, db, row, false, err), *found = json_incref(json_array_get(list, 0));
    json_decref(list);
    return found;
}

/* ---- read, judge and write as one */

/* What is older than a kind's bound goes with the next write of that kind. */
static bool trim(struct db *db, const struct athena_record *record, struct err *err)
{
    if (record->keep_ms <= 0)
        return true;
    return db_run(db, err, "delete from athena_document where kind=? and at_ms<?", "ti", record->kind,
                  record->at_ms - record->keep_ms);
}

static bool edit_row(struct db *db, void *context, struct err *err)
{
    struct athena_edit *edit = context;
    struct db_row *row =
        db_query(db, err, "select document from athena_document where kind=? and name=?", "tt", edit->kind, edit->name);
    json_t *before = row && db_step(row, err) ? document_of(row, err) : NULL;
    if (row)
        db_end(row);
    json_t *after = NULL;
    struct athena_record record = {.kind = edit->kind, .at_ms = edit->at_ms, .keep_ms = edit->keep_ms};
    bool ok = err->code == ERR_OK && trim(db, &record, err) && edit->edit(edit, before, &after, err);
    struct buf text = BUF_INIT(DOCUMENT_MAX);
    if (ok && after) {
        json_write(after, 0, &text);
        ok = !text.failed || err_set(err, ERR_TOO_LARGE, "athena: a record is larger than %d MiB", DOCUMENT_MAX >> 20);
        ok = ok && db_run(db, err, "insert or replace into athena_document values(?,?,?,?,?)", "tttit", edit->kind,
                          edit->name, edit->group ? edit->group : "", edit->at_ms, buf_text(&text));
    } else if (ok && before) {
        ok = db_run(db, err, "delete from athena_document where kind=? and name=?", "tt", edit->kind, edit->name);
    }
    buf_done(&text);
    json_decref(after);
    json_decref(before);
    return ok;
}

bool athena_edit(struct cloud *cloud, struct athena_edit *edit, struct err *err)
{
    edit->at_ms = clock_wall(cloud->clock);
    return store_write(cloud->store, edit_row, edit, err);
}

static bool remove_group(struct db *db, void *context, struct err *err)
{
    const struct athena_record *record = context;
    return db_run(db, err, "delete from athena_document where kind=? and groups=?", "tt", record->kind, record->group);
}

bool athena_remove_group(struct cloud *cloud, const char *kind, const char *group, struct err *err)
{
    struct athena_record record = {.kind = kind, .group = group};
    return store_write(cloud->store, remove_group, &record, err);
}

int64_t athena_count(struct cloud *cloud, const char *kind, const char *group, struct err *err)
{
    struct db *db = store_reader(cloud->store, err);
    struct db_row *row =
        db ? db_query(db, err, "select count(*) from athena_document where kind=? and groups=?", "tt", kind, group)
           : NULL;
    int64_t count = row && db_step(row, err) ? db_int(row, 0) : -1;
    if (row)
        db_end(row);
    if (db)
        store_reader_done(cloud->store, db);
    return count;
}

/* ---- writes */

struct put {
    const struct athena_record *record;
    const char *text;
};

static bool put_row(struct db *db, void *context, struct err *err)
{
    const struct put *put = context;
    const struct athena_record *record = put->record;
    if (record->mark && !db_run(db, err, "insert or replace into athena_mark values(?,?,?,?)", "titi", record->name,
                                (int64_t)record->mark->is_active, record->mark->question, record->at_ms))
        return false;
    return trim(db, record, err) && db_run(db, err, "insert or replace into athena_document values(?,?,?,?,?)", "tttit",
                                           record->kind, record->name, record->group, record->at_ms, put->text);
}

bool athena_put(struct cloud *cloud, const struct athena_record *record, struct err *err)
{
    struct buf text = BUF_INIT(DOCUMENT_MAX);
    json_write(record->document, 0, &text);
    struct put put = {.record = record, .text = buf_text(&text)};
    bool ok = !text.failed || err_set(err, ERR_TOO_LARGE, "athena: a record is larger than %d MiB", DOCUMENT_MAX >> 20);
    ok = ok && store_write(cloud->store, put_row, &put, err);
    buf_done(&text);
    return ok;
}

static bool remove_row(struct db *db, void *context, struct err *err)
{
    const struct athena_record *record = context;
    return db_run(db, err, "delete from athena_document where kind=? and name=?", "tt", record->kind, record->name);
}

bool athena_remove(struct cloud *cloud, const char *kind, const char *name, struct err *err)
{
    struct athena_record record = {.kind = kind, .name = name};
    return store_write(cloud->store, remove_row, &record, err);
}
