/* The catalog's tables and their versions. See glue_store.h. The present document is in glue_table, older ones in
 * glue_version; versions count from 0. */
#include "backend/local/glue_rows.h"
#include "backend/local/store.h"
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Per table and per database: "AWS Glue endpoints and quotas". */
enum { VERSIONS_MAX = 100000, TABLES_MAX = 200000 };

void glue_table_row_done(struct glue_table_row *table)
{
    json_decref(table->document);
    table->document = NULL;
}

bool glue_table_row(struct db *db, const char *database, const char *name, struct glue_table_row *table,
                    struct err *err)
{
    *table = (struct glue_table_row){0};
    struct db_row *row = db_query(db, err, "select id, version, document from glue_table where database=? and name=?",
                                  "tt", database, name);
    if (row && db_step(row, err)) {
        table->id = db_int(row, 0);
        table->version = db_int(row, 1);
        table->document = glue_row_document(row, 2, err);
        table->found = table->document != NULL;
    }
    return glue_end(row, err);
}

static bool need_database(struct db *db, const char *name, struct err *err)
{
    bool found;
    return glue_database_row(db, name, &found, err) &&
           (found || glue_refuse(err, "EntityNotFoundException", "Database %s not found.", name));
}

bool glue_table_need(struct db *db, const struct glue_table_id *id, struct glue_table_row *table, struct err *err)
{
    if (!glue_table_row(db, id->database, id->table, table, err))
        return false;
    if (table->found)
        return true;
    return need_database(db, id->database, err) &&
           glue_refuse(err, "EntityNotFoundException", "Table %s not found.", id->table);
}

static void set_version(json_t *document, int64_t version)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, version);
    json_object_set_new(document, "VersionId", json_string(text));
}

struct table_names {
    char database[GLUE_NAME_MAX + 1], name[GLUE_NAME_MAX + 1];
};

static bool fold_names(struct table_names *names, const char *database, const char *name, const char *member,
                       struct err *err)
{
    *err = ERR_NONE;
    return glue_fold_name(database, "databaseName", names->database, err) &&
           glue_fold_name(name, member, names->name, err);
}

json_t *glue_table_get(struct cloud *cloud, const char *database, const char *name, struct err *err)
{
    struct table_names names;
    struct db *db = fold_names(&names, database, name, "name", err) ? glue_reader(cloud, err) : NULL;
    if (!db)
        return NULL;
    struct glue_table_row table = {0};
    struct glue_table_id id = {.database = names.database, .table = names.name};
    if (glue_table_need(db, &id, &table, err))
        set_version(table.document, table.version);
    store_reader_done(cloud->store, db);
    return table.document;
}

/* ---- listing */

/* Matches whole names; Glue's patterns are Java's, which agree with ERE in what table names need. */
static bool compile_pattern(const char *pattern, regex_t *regex, struct err *err)
{
    struct buf text = BUF_INIT(8192);
    buf_puts(&text, "^(");
    for (const char *at = pattern; *at; at++) {
        if (at[0] == '\\' && at[1] == 'd') {
            buf_puts(&text, "[0-9]");
            at++;
        } else {
            buf_putc(&text, *at);
        }
    }
    buf_puts(&text, ")$");
    bool ok = !text.failed && strlen(pattern) <= 2048 &&
              regcomp(regex, buf_text(&text), REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0;
    buf_done(&text);
    return ok || glue_refuse(err, "InvalidInputException", "Invalid regular expression: %.100s", pattern);
}

static bool add_table(json_t *list, struct db_row *row, struct err *err)
{
    json_t *document = glue_row_document(row, 3, err);
    if (!document)
        return false;
    set_version(document, db_int(row, 2));
    json_array_append_new(list, document);
    return true;
}

static bool read_tables(struct db_row *row, const regex_t *regex, struct glue_page *page, json_t *list, bool everywhere,
                        struct err *err)
{
    char last[2 * GLUE_NAME_MAX + 2] = "";
    while (row && db_step(row, err)) {
        const char *name = db_text(row, 1);
        if (regex && regexec(regex, name, 0, NULL, 0) != 0)
            continue;
        if ((int)json_array_size(list) == page->max) {
            glue_page_next(page, last);
            break;
        }
        if (everywhere)
            snprintf(last, sizeof last, "%s\x1f%s", db_text(row, 0), name);
        else
            snprintf(last, sizeof last, "%s", name);
        if (!add_table(list, row, err))
            break;
    }
    return glue_end(row, err);
}

static struct db_row *query_tables(struct db *db, const char *database, const char *after, struct err *err)
{
    if (database)
        return db_query(db, err,
                        "select database, name, version, document from glue_table where database=? and name>? order by "
                        "database, name",
                        "tt", database, after);
    char first[2 * GLUE_NAME_MAX + 2];
    snprintf(first, sizeof first, "%s", after);
    char *split = strchr(first, '\x1f');
    if (split)
        *split = '\0';
    return db_query(db, err,
                    "select database, name, version, document from glue_table where (database, name) > (?,?) order by "
                    "database, name",
                    "tt", first, split ? split + 1 : "");
}

json_t *glue_table_list(struct cloud *cloud, const struct glue_table_query *query, struct glue_page *page,
                        struct err *err)
{
    char folded[GLUE_NAME_MAX + 1];
    regex_t regex;
    bool has_pattern = query->pattern && *query->pattern;
    *err = ERR_NONE;
    if (query->database && !glue_fold_name(query->database, "databaseName", folded, err))
        return NULL;
    if (has_pattern && !compile_pattern(query->pattern, &regex, err))
        return NULL;
    struct db *db = glue_reader(cloud, err);
    json_t *list = json_array();
    bool ok = db && (!query->database || need_database(db, folded, err));
    if (ok) {
        struct db_row *row = query_tables(db, query->database ? folded : NULL, page->after ? page->after : "", err);
        ok = read_tables(row, has_pattern ? &regex : NULL, page, list, !query->database, err);
    }
    if (db)
        store_reader_done(cloud->store, db);
    if (has_pattern)
        regfree(&regex);
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

/* ---- changing */

static const char *const table_members[] = {"Description",      "Owner",
                                            "LastAccessTime",   "LastAnalyzedTime",
                                            "Retention",        "StorageDescriptor",
                                            "PartitionKeys",    "ViewOriginalText",
                                            "ViewExpandedText", "TableType",
                                            "Parameters",       "TargetTable",
                                            "ViewDefinition",   NULL};

struct table_work {
    struct cloud *cloud;
    struct table_names names;
    const json_t *input;
    const char *by;
    const struct glue_table_change *change;
    const char *version;
};

static json_t *make_table(const struct table_work *work, const json_t *old)
{
    int64_t now = glue_now_s(work->cloud);
    json_t *document =
        json_pack("{s:s, s:s, s:I, s:I, s:s, s:b, s:s, s:b}", "Name", work->names.name, "DatabaseName",
                  work->names.database, "CreateTime", (json_int_t)json_int(old, "CreateTime", now), "UpdateTime",
                  (json_int_t)now, "CreatedBy", old ? json_str(old, "CreatedBy") : work->by,
                  "IsRegisteredWithLakeFormation", 0, "CatalogId", CLOUD_ACCOUNT, "IsMultiDialectView", 0);
    json_object_set_new(document, "Retention", json_integer(0));
    json_object_set_new(document, "PartitionKeys", json_array());
    glue_copy_members(document, work->input, table_members);
    return document;
}

static bool create_table(struct db *db, void *context, struct err *err)
{
    struct table_work *work = context;
    struct glue_table_row table;
    if (!need_database(db, work->names.database, err) ||
        !glue_table_row(db, work->names.database, work->names.name, &table, err))
        return false;
    glue_table_row_done(&table);
    if (table.found)
        return glue_refuse(err, "AlreadyExistsException", "Table already exists.");
    if (!glue_limit(db_query(db, err, "select count(*) from glue_table where database=?", "t", work->names.database),
                    TABLES_MAX, "tables of a database", err))
        return false;
    json_t *document = make_table(work, NULL);
    char *text = glue_document_text(document, err);
    bool ok = text && db_run(db, err, "insert into glue_table(database, name, version, document) values(?,?,0,?)",
                             "ttt", work->names.database, work->names.name, text);
    free(text);
    json_decref(document);
    return ok;
}

bool glue_table_create(struct cloud *cloud, const char *database, const json_t *input, const char *by, struct err *err)
{
    struct table_work work = {.cloud = cloud, .input = input, .by = by ? by : ""};
    *err = ERR_NONE;
    return glue_check_table(input, err) &&
           fold_names(&work.names, database, json_str(input, "Name"), "tableInput.name", err) &&
           store_write(cloud->store, create_table, &work, err);
}

static bool archive_table(struct db *db, const struct glue_table_row *table, struct err *err)
{
    return glue_limit(db_query(db, err, "select count(*) from glue_version where tbl=?", "i", table->id), VERSIONS_MAX,
                      "versions of a table", err) &&
           db_run(db, err,
                  "insert or replace into glue_version(tbl, version, document) select id, version, document from "
                  "glue_table where id=?",
                  "i", table->id);
}

static bool write_table(struct db *db, const struct table_work *work, const struct glue_table_row *table,
                        struct err *err)
{
    const struct glue_table_change *change = work->change;
    int64_t version = table->version + (change->in_place ? 0 : 1);
    json_t *document = make_table(work, table->document);
    char *text = glue_document_text(document, err);
    bool ok =
        text && (change->in_place || change->skip_archive || archive_table(db, table, err)) &&
        db_run(db, err, "update glue_table set version=?, document=? where id=?", "iti", version, text, table->id);
    free(text);
    json_decref(document);
    return ok;
}

static bool update_table(struct db *db, void *context, struct err *err)
{
    struct table_work *work = context;
    struct glue_table_row table = {0};
    struct glue_table_id id = {.database = work->names.database, .table = work->names.name};
    char version[24];
    bool ok = glue_table_need(db, &id, &table, err);
    snprintf(version, sizeof version, "%" PRId64, table.version);
    if (ok && work->change->version && *work->change->version && strcmp(work->change->version, version) != 0)
        ok = glue_refuse(err, "ConcurrentModificationException",
                         "Update table failed due to concurrent modifications: version %.20s was asked for, %s is the "
                         "present one.",
                         work->change->version, version);
    ok = ok && write_table(db, work, &table, err);
    glue_table_row_done(&table);
    return ok;
}

bool glue_table_update(struct cloud *cloud, const struct glue_table_change *change, struct err *err)
{
    struct table_work work = {.cloud = cloud, .input = change->input, .change = change, .by = ""};
    *err = ERR_NONE;
    return glue_check_table(change->input, err) &&
           fold_names(&work.names, change->database, json_str(change->input, "Name"), "tableInput.name", err) &&
           store_write(cloud->store, update_table, &work, err);
}

bool glue_table_remove(struct db *db, int64_t id, struct err *err)
{
    return db_run(db, err, "delete from glue_version where tbl=?", "i", id) &&
           db_run(db, err, "delete from glue_partition where tbl=?", "i", id) &&
           db_run(db, err, "delete from glue_table where id=?", "i", id);
}

static bool delete_table(struct db *db, void *context, struct err *err)
{
    struct table_work *work = context;
    struct glue_table_row table = {0};
    struct glue_table_id id = {.database = work->names.database, .table = work->names.name};
    bool ok = glue_table_need(db, &id, &table, err) && glue_table_remove(db, table.id, err);
    glue_table_row_done(&table);
    return ok;
}

bool glue_table_delete(struct cloud *cloud, const char *database, const char *name, struct err *err)
{
    struct table_work work = {.cloud = cloud};
    return fold_names(&work.names, database, name, "name", err) && store_write(cloud->store, delete_table, &work, err);
}

/* ---- versions */

static bool parse_version(const char *text, int64_t *version)
{
    char *end;
    *version = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end;
}

static json_t *version_of(json_t *document, int64_t version)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, version);
    set_version(document, version);
    return json_pack("{s:o, s:s}", "Table", document, "VersionId", text);
}

static json_t *find_version(struct db *db, struct glue_table_row *table, const char *text, struct err *err)
{
    int64_t version = table->version;
    if (text && *text && !parse_version(text, &version)) {
        glue_refuse(err, "InvalidInputException", "Version ID %.60s is not a number.", text);
        return NULL;
    }
    if (version == table->version)
        return version_of(json_incref(table->document), version);
    json_t *found = NULL;
    struct db_row *row =
        db_query(db, err, "select document from glue_version where tbl=? and version=?", "ii", table->id, version);
    if (row && db_step(row, err)) {
        json_t *document = glue_row_document(row, 0, err);
        found = document ? version_of(document, version) : NULL;
    } else if (err->code == ERR_OK) {
        glue_refuse(err, "EntityNotFoundException", "Version %s not found.", text);
    }
    glue_end(row, err);
    return found;
}

json_t *glue_version_get(struct cloud *cloud, const char *database, const char *name, const char *version,
                         struct err *err)
{
    struct table_names names;
    struct db *db = fold_names(&names, database, name, "tableName", err) ? glue_reader(cloud, err) : NULL;
    if (!db)
        return NULL;
    struct glue_table_row table = {0};
    struct glue_table_id id = {.database = names.database, .table = names.name};
    json_t *found = glue_table_need(db, &id, &table, err) ? find_version(db, &table, version, err) : NULL;
    glue_table_row_done(&table);
    store_reader_done(cloud->store, db);
    return found;
}

static bool read_versions(struct db *db, const struct glue_table_row *table, struct glue_page *page, json_t *list,
                          struct err *err)
{
    int64_t before = INT64_MAX, last = 0;
    char text[24];
    if (page->after && !parse_version(page->after, &before))
        return glue_refuse(err, "InvalidInputException", "Invalid token");
    struct db_row *row =
        db_query(db, err,
                 "select version, document from glue_table where id=?1 and version<?2 union all select "
                 "version, document from glue_version where tbl=?1 and version<?2 order by 1 desc "
                 "limit ?3",
                 "iii", table->id, before, (int64_t)page->max + 1);
    while (row && db_step(row, err)) {
        if ((int)json_array_size(list) == page->max) {
            snprintf(text, sizeof text, "%" PRId64, last);
            glue_page_next(page, text);
            break;
        }
        last = db_int(row, 0);
        json_t *document = glue_row_document(row, 1, err);
        if (!document)
            break;
        json_array_append_new(list, version_of(document, last));
    }
    return glue_end(row, err);
}

json_t *glue_version_list(struct cloud *cloud, const char *database, const char *name, struct glue_page *page,
                          struct err *err)
{
    struct table_names names;
    struct db *db = fold_names(&names, database, name, "tableName", err) ? glue_reader(cloud, err) : NULL;
    if (!db)
        return NULL;
    struct glue_table_row table = {0};
    struct glue_table_id id = {.database = names.database, .table = names.name};
    json_t *list = json_array();
    bool ok = glue_table_need(db, &id, &table, err) && read_versions(db, &table, page, list, err);
    glue_table_row_done(&table);
    store_reader_done(cloud->store, db);
    if (ok)
        return list;
    json_decref(list);
    return NULL;
}

static bool remove_version(struct db *db, const struct glue_table_row *table, const char *text, struct err *err)
{
    int64_t version;
    if (!parse_version(text, &version))
        return glue_refuse(err, "InvalidInputException", "Version ID %.60s is not a number.", text);
    if (version == table->version)
        return glue_refuse(err, "InvalidInputException", "The present version of a table cannot be deleted.");
    if (!db_run(db, err, "delete from glue_version where tbl=? and version=?", "ii", table->id, version))
        return false;
    return db_changes(db) > 0 || glue_refuse(err, "EntityNotFoundException", "Version %s not found.", text);
}

static bool delete_version(struct db *db, void *context, struct err *err)
{
    struct table_work *work = context;
    struct glue_table_row table = {0};
    struct glue_table_id id = {.database = work->names.database, .table = work->names.name};
    bool ok = glue_table_need(db, &id, &table, err) && remove_version(db, &table, work->version, err);
    glue_table_row_done(&table);
    return ok;
}

bool glue_version_delete(struct cloud *cloud, const char *database, const char *name, const char *version,
                         struct err *err)
{
    struct table_work work = {.cloud = cloud, .version = version};
    return fold_names(&work.names, database, name, "tableName", err) &&
           store_write(cloud->store, delete_version, &work, err);
}
