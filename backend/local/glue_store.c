/* The catalog's databases, and what all of its store files share: schema, documents, errors, pages. See glue_store.h.
 */
#include "backend/local/glue_store.h"
#include "backend/local/glue_rows.h"
#include "backend/local/store.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DOCUMENT_MAX = 16 * 1024 * 1024, DATABASES_MAX = 10000 }; /* quotas: "AWS Glue endpoints and quotas" */

static const char schema[] =
    "create table if not exists glue_database(name text primary key, document text not null) without rowid;"
    "create table if not exists glue_table(id integer primary key, database text not null, name text not null,"
    " version integer not null, document text not null);"
    "create unique index if not exists glue_table_name on glue_table(database, name);"
    "create table if not exists glue_version(tbl integer not null, version integer not null, document text not null,"
    " primary key(tbl, version)) without rowid;"
    /* vals: the values joined by the unit separator, which orders as the values do */
    "create table if not exists glue_partition(id integer primary key, tbl integer not null, vals text not null,"
    " document text not null);"
    "create unique index if not exists glue_partition_vals on glue_partition(tbl, vals);";

bool glue_store_start(struct cloud *cloud, struct err *err)
{
    return store_schema(cloud->store, schema, err);
}

static enum err_code code_of(const char *name)
{
    static const struct {
        const char *name;
        enum err_code code;
    } rows[] = {
        {.name = "EntityNotFoundException", .code = ERR_NOT_FOUND},
        {.name = "AlreadyExistsException", .code = ERR_CONFLICT},
        {.name = "ConcurrentModificationException", .code = ERR_CONFLICT},
        {.name = "VersionMismatchException", .code = ERR_CONFLICT},
        {.name = "InternalServiceException", .code = ERR_SERVER},
        {.name = "NotImplemented", .code = ERR_NOT_IMPLEMENTED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0)
            return rows[i].code;
    return ERR_USAGE;
}

bool glue_refuse(struct err *err, const char *code, const char *format, ...)
{
    char text[sizeof err->text];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_set(err, code_of(code), "%s", text);
    if (err)
        snprintf(err->service_code, sizeof err->service_code, "%s", code);
    return false;
}

bool glue_fold_name(const char *name, const char *member, char *out, struct err *err)
{
    size_t len = strlen(name);
    if (len == 0 || len > GLUE_NAME_MAX)
        return glue_refuse(err, "ValidationException",
                           "1 validation error detected: Value '%.60s' at '%s' failed to satisfy constraint: Member "
                           "must have length %s than or equal to %d",
                           name, member, len ? "less" : "greater", len ? GLUE_NAME_MAX : 1);
    for (size_t i = 0; i <= len; i++) {
        unsigned char byte = (unsigned char)name[i];
        if (i < len && byte < 0x20 && byte != '\t')
            return glue_refuse(err, "ValidationException",
                               "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must "
                               "satisfy regular expression pattern: [\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-"
                               "\\uDBFF\\uDFFF\\t]*",
                               member);
        out[i] = (char)(byte < 0x80 ? tolower(byte) : byte);
    }
    return true;
}

void glue_copy_members(json_t *to, const json_t *from, const char *const *names)
{
    for (; *names; names++) {
        json_t *value = json_object_get(from, *names);
        if (value && !json_is_null(value))
            json_object_set(to, *names, value);
    }
}

int64_t glue_now_s(const struct cloud *cloud)
{
    return clock_wall(cloud->clock) / 1000;
}

json_t *glue_row_document(struct db_row *row, int column, struct err *err)
{
    const char *text = db_text(row, column);
    json_t *document = text ? json_parse(text, strlen(text), err) : NULL;
    if (!document)
        glue_refuse(err, "InternalServiceException", "a stored document cannot be read");
    return document;
}

char *glue_document_text(const json_t *document, struct err *err)
{
    struct buf text = BUF_INIT(DOCUMENT_MAX);
    json_write(document, 0, &text);
    char *bytes = buf_take(&text);
    if (!bytes)
        glue_refuse(err, "InvalidInputException", "The definition is larger than %d MiB", DOCUMENT_MAX >> 20);
    return bytes;
}

struct db *glue_reader(struct cloud *cloud, struct err *err)
{
    *err = ERR_NONE;
    return store_reader(cloud->store, err);
}

bool glue_end(struct db_row *row, struct err *err)
{
    if (row)
        db_end(row);
    return row && err->code == ERR_OK;
}

void glue_page_next(struct glue_page *page, const char *last)
{
    free(page->next);
    page->next = strdup(last);
}

bool glue_database_row(struct db *db, const char *name, bool *found, struct err *err)
{
    struct db_row *row = db_query(db, err, "select 1 from glue_database where name=?", "t", name);
    *found = row && db_step(row, err);
    return glue_end(row, err);
}

static json_t *find_database(struct db *db, const char *name, struct err *err)
{
    json_t *document = NULL;
    struct db_row *row = db_query(db, err, "select document from glue_database where name=?", "t", name);
    if (row && db_step(row, err))
        document = glue_row_document(row, 0, err);
    else if (err->code == ERR_OK)
        glue_refuse(err, "EntityNotFoundException", "Database %s not found.", name);
    glue_end(row, err);
    return document;
}

json_t *glue_database_get(struct cloud *cloud, const char *name, struct err *err)
{
    char folded[GLUE_NAME_MAX + 1];
    *err = ERR_NONE;
    struct db *db = glue_fold_name(name, "name", folded, err) ? glue_reader(cloud, err) : NULL;
    json_t *document = db ? find_database(db, folded, err) : NULL;
    if (db)
        store_reader_done(cloud->store, db);
    return document;
}

json_t *glue_database_list(struct cloud *cloud, struct glue_page *page, struct err *err)
{
    struct db *db = glue_reader(cloud, err);
    if (!db)
        return NULL;
    json_t *list = json_array();
    char last[GLUE_NAME_MAX + 1] = "";
    struct db_row *row =
        db_query(db, err, "select name, document from glue_database where name > ? order by name limit ?", "ti",
                 page->after ? page->after : "", (int64_t)page->max + 1);
    while (row && db_step(row, err)) {
        if ((int)json_array_size(list) == page->max) {
            glue_page_next(page, last);
            break;
        }
        snprintf(last, sizeof last, "%s", db_text(row, 0));
        json_t *document = glue_row_document(row, 1, err);
        if (!document)
            break;
        json_array_append_new(list, document);
    }
    if (!glue_end(row, err)) {
        json_decref(list);
        list = NULL;
    }
    store_reader_done(cloud->store, db);
    return list;
}

struct database_work {
    struct cloud *cloud;
    char name[GLUE_NAME_MAX + 1];
    const json_t *input;
};

static const char *const database_members[] = {
    "Description",    "LocationUri",       "Parameters", "CreateTableDefaultPermissions",
    "TargetDatabase", "FederatedDatabase", NULL};

static bool put_database(struct db *db, struct database_work *work, int64_t created, struct err *err)
{
    json_t *document =
        json_pack("{s:s, s:I, s:s}", "Name", work->name, "CreateTime", (json_int_t)created, "CatalogId", CLOUD_ACCOUNT);
    glue_copy_members(document, work->input, database_members);
    char *text = glue_document_text(document, err);
    bool ok = text && db_run(db, err, "insert or replace into glue_database(name, document) values(?,?)", "tt",
                             work->name, text);
    free(text);
    json_decref(document);
    return ok;
}

bool glue_limit(struct db_row *row, int64_t max, const char *what, struct err *err)
{
    int64_t count = row && db_step(row, err) ? db_int(row, 0) : 0;
    return glue_end(row, err) && (count < max || glue_refuse(err, "ResourceNumberLimitExceededException",
                                                             "There are at most %lld %s", (long long)max, what));
}

static bool create_database(struct db *db, void *context, struct err *err)
{
    struct database_work *work = context;
    bool found;
    if (!glue_database_row(db, work->name, &found, err))
        return false;
    if (found)
        return glue_refuse(err, "AlreadyExistsException", "Database already exists.");
    if (!glue_limit(db_query(db, err, "select count(*) from glue_database", ""), DATABASES_MAX, "databases", err))
        return false;
    return put_database(db, work, glue_now_s(work->cloud), err);
}

bool glue_database_create(struct cloud *cloud, const json_t *input, struct err *err)
{
    struct database_work work = {.cloud = cloud, .input = input};
    *err = ERR_NONE;
    return glue_check_database(input, err) &&
           glue_fold_name(json_str(input, "Name"), "databaseInput.name", work.name, err) &&
           store_write(cloud->store, create_database, &work, err);
}

static bool update_database(struct db *db, void *context, struct err *err)
{
    struct database_work *work = context;
    json_t *old = find_database(db, work->name, err);
    if (!old)
        return false;
    bool ok = put_database(db, work, json_int(old, "CreateTime", 0), err);
    json_decref(old);
    return ok;
}

bool glue_database_update(struct cloud *cloud, const char *name, const json_t *input, struct err *err)
{
    struct database_work work = {.cloud = cloud, .input = input};
    char renamed[GLUE_NAME_MAX + 1];
    *err = ERR_NONE;
    if (!glue_check_database(input, err) || !glue_fold_name(name, "name", work.name, err) ||
        !glue_fold_name(json_str(input, "Name"), "databaseInput.name", renamed, err))
        return false;
    if (strcmp(renamed, work.name) != 0)
        return glue_refuse(err, "InvalidInputException", "Database name cannot be changed.");
    return store_write(cloud->store, update_database, &work, err);
}

static bool delete_database(struct db *db, void *context, struct err *err)
{
    struct database_work *work = context;
    bool found;
    if (!glue_database_row(db, work->name, &found, err))
        return false;
    if (!found)
        return glue_refuse(err, "EntityNotFoundException", "Database %s not found.", work->name);
    static const char tables[] = "(select id from glue_table where database=?)";
    char sql[128];
    static const char *const parts[] = {"glue_version", "glue_partition"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(sql, sizeof sql, "delete from %s where tbl in %s", parts[i], tables);
        if (!db_run(db, err, sql, "t", work->name))
            return false;
    }
    return db_run(db, err, "delete from glue_table where database=?", "t", work->name) &&
           db_run(db, err, "delete from glue_database where name=?", "t", work->name);
}

bool glue_database_delete(struct cloud *cloud, const char *name, struct err *err)
{
    struct database_work work = {.cloud = cloud};
    *err = ERR_NONE;
    return glue_fold_name(name, "name", work.name, err) && store_write(cloud->store, delete_database, &work, err);
}

int64_t glue_database_table_count(struct cloud *cloud, const char *name, struct err *err)
{
    char folded[GLUE_NAME_MAX + 1];
    *err = ERR_NONE;
    struct db *db = glue_fold_name(name, "name", folded, err) ? glue_reader(cloud, err) : NULL;
    if (!db)
        return -1;
    int64_t count = -1;
    struct db_row *row = db_query(db, err, "select count(*) from glue_table where database=?", "t", folded);
    if (row && db_step(row, err))
        count = db_int(row, 0);
    if (!glue_end(row, err))
        count = -1;
    store_reader_done(cloud->store, db);
    return count;
}
