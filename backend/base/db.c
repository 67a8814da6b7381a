/* SQLite by a few calls. A connection and its statements belong to one thread at a time, so SQLite's own mutexes are
 * off. */
#include "backend/base/db.h"
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATEMENTS_MAX = 64, BUSY_MS = 5000 };

struct db_row {
    struct db *db;
    sqlite3_stmt *stmt;
    uint64_t last_used; /* for eviction */
    bool busy;          /* between db_query and db_end */
    bool cached;        /* lives in the connection's table; else it is freed by db_end */
};

struct db {
    sqlite3 *handle;
    struct db_row *statements[STATEMENTS_MAX];
    uint64_t uses;
};

/* What an SQLite result means to a caller; codes not here are plain I/O failures. */
static const struct code_row {
    int sqlite;
    enum err_code code;
    bool retryable;
} code_rows[] = {
    {.sqlite = SQLITE_FULL, .code = ERR_DISK_FULL},
    {.sqlite = SQLITE_CONSTRAINT, .code = ERR_CONFLICT},
    {.sqlite = SQLITE_BUSY, .code = ERR_TIMEOUT, .retryable = true},
    {.sqlite = SQLITE_LOCKED, .code = ERR_TIMEOUT, .retryable = true},
    {.sqlite = SQLITE_TOOBIG, .code = ERR_TOO_LARGE},
    {.sqlite = SQLITE_READONLY, .code = ERR_REFUSED},
    {.sqlite = SQLITE_INTERRUPT, .code = ERR_CANCELLED},
    {.sqlite = SQLITE_ERROR, .code = ERR_FAILED},
    {.sqlite = SQLITE_CANTOPEN, .code = ERR_IO},
};

static bool fail(sqlite3 *handle, struct err *err, const char *what)
{
    enum err_code code = ERR_IO;
    bool retryable = false;
    int result = sqlite3_errcode(handle) & 0xff;
    for (size_t i = 0; i < sizeof code_rows / sizeof *code_rows; i++) {
        if (code_rows[i].sqlite == result) {
            code = code_rows[i].code;
            retryable = code_rows[i].retryable;
        }
    }
    err_set(err, code, "database %.80s: %.120s", what, sqlite3_errmsg(handle));
    if (err)
        err->retryable = retryable;
    return false;
}

static const char *name_of(const struct db *db)
{
    const char *path = sqlite3_db_filename(db->handle, "main");
    return path && *path ? path : "in memory";
}

/* SQLite makes files by the umask; ours are for their owner alone. Only ever a new file is opened here: closing a
 * second descriptor of a database that this process has open would drop its locks (sqlite.org/howtocorrupt.html, 2.2).
 */
static bool make_private(const char *path, struct err *err)
{
    if (path[0] == '\0' || path[0] == ':')
        return true;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno != EEXIST)
        return err_set_errno(err, ERR_IO, "cannot create the database %s", path);
    if (fd >= 0)
        close(fd);
    return true;
}

static bool set_up(struct db *db, enum db_mode mode, struct err *err)
{
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, BUSY_MS);
    if (mode == DB_READ_WRITE && !db_exec(db, "pragma journal_mode=wal", err))
        return false;
    return db_exec(db, "pragma synchronous=full; pragma foreign_keys=on; pragma trusted_schema=off", err);
}

struct db *db_open(const char *path, enum db_mode mode, struct err *err)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (mode == DB_READ_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    if (mode == DB_READ_WRITE && !make_private(path, err))
        return NULL;
    struct db *db = calloc(1, sizeof *db);
    if (!db) {
        err_set(err, ERR_FAILED, "database %s: out of memory", path);
        return NULL;
    }
    if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
        if (mode == DB_READ_ONLY && access(path, F_OK) != 0)
            err_set(err, ERR_NOT_FOUND, "database %s: there is no such file", path);
        else
            fail(db->handle, err, path);
    } else if (set_up(db, mode, err)) {
        return db;
    }
    db_close(db);
    return NULL;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (int i = 0; i < STATEMENTS_MAX; i++) {
        if (db->statements[i])
            sqlite3_finalize(db->statements[i]->stmt);
        free(db->statements[i]);
    }
    sqlite3_close_v2(db->handle);
    free(db);
}

bool db_exec(struct db *db, const char *sql, struct err *err)
{
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK || fail(db->handle, err, name_of(db));
}

static struct db_row *find_cached(struct db *db, const char *sql)
{
    for (int i = 0; i < STATEMENTS_MAX; i++) {
        struct db_row *row = db->statements[i];
        if (row && !row->busy && strcmp(sqlite3_sql(row->stmt), sql) == 0)
            return row;
    }
    return NULL;
}

/* A free place, or the one least recently used, emptied; NULL when all are in use. */
static struct db_row **find_place(struct db *db)
{
    struct db_row **oldest = NULL;
    for (int i = 0; i < STATEMENTS_MAX; i++) {
        struct db_row **place = &db->statements[i];
        if (!*place)
            return place;
        if (!(*place)->busy && (!oldest || (*place)->last_used < (*oldest)->last_used))
            oldest = place;
    }
    if (oldest) {
        sqlite3_finalize((*oldest)->stmt);
        free(*oldest);
        *oldest = NULL;
    }
    return oldest;
}

static struct db_row *prepare(struct db *db, const char *sql, struct err *err)
{
    struct db_row *row = find_cached(db, sql);
    if (!row) {
        sqlite3_stmt *stmt = NULL;
        if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
            fail(db->handle, err, name_of(db));
            return NULL;
        }
        if (!stmt) {
            err_set(err, ERR_FAILED, "database: the statement is empty");
            return NULL;
        }
        row = calloc(1, sizeof *row);
        if (!row) {
            sqlite3_finalize(stmt);
            err_set(err, ERR_FAILED, "database %s: out of memory", name_of(db));
            return NULL;
        }
        struct db_row **place = find_place(db);
        *row = (struct db_row){.db = db, .stmt = stmt, .cached = place != NULL};
        if (place)
            *place = row;
    }
    row->busy = true;
    row->last_used = ++db->uses;
    return row;
}

static int bind_one(sqlite3_stmt *stmt, int index, char type, va_list *args, sqlite3_destructor_type lifetime)
{
    if (type == 'i')
        return sqlite3_bind_int64(stmt, index, va_arg(*args, int64_t));
    if (type == 'd')
        return sqlite3_bind_double(stmt, index, va_arg(*args, double));
    if (type == 't') {
        const char *text = va_arg(*args, const char *);
        return sqlite3_bind_text(stmt, index, text, -1, lifetime);
    }
    if (type == 'b') {
        const void *bytes = va_arg(*args, const void *);
        size_t len = va_arg(*args, size_t);
        /* a blob of no bytes is not SQL NULL */
        return len ? sqlite3_bind_blob64(stmt, index, bytes, len, lifetime) : sqlite3_bind_zeroblob(stmt, index, 0);
    }
    return SQLITE_MISUSE;
}

/* Prepares and binds; lifetime as SQLite wants it: SQLITE_STATIC when the values outlive the statement's run. */
static struct db_row *begin(struct db *db, struct err *err, const char *sql, const char *types, va_list *args,
                            sqlite3_destructor_type lifetime)
{
    struct db_row *row = prepare(db, sql, err);
    if (!row)
        return NULL;
    if ((size_t)sqlite3_bind_parameter_count(row->stmt) != strlen(types)) {
        err_set(err, ERR_FAILED, "database: %d parameters in \"%.60s\", but types are \"%.20s\"",
                sqlite3_bind_parameter_count(row->stmt), sql, types);
        db_end(row);
        return NULL;
    }
    for (int i = 0; types[i]; i++) {
        int result = bind_one(row->stmt, i + 1, types[i], args, lifetime);
        if (result != SQLITE_OK) {
            if (result == SQLITE_MISUSE)
                err_set(err, ERR_FAILED, "database: '%c' is no type of a parameter", types[i]);
            else
                fail(db->handle, err, name_of(db));
            db_end(row);
            return NULL;
        }
    }
    return row;
}

bool db_run(struct db *db, struct err *err, const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    struct db_row *row = begin(db, err, sql, types, &args, SQLITE_STATIC);
    va_end(args);
    if (!row)
        return false;
    int result;
    while ((result = sqlite3_step(row->stmt)) == SQLITE_ROW)
        ;
    bool done = result == SQLITE_DONE || fail(db->handle, err, name_of(db));
    db_end(row);
    return done;
}

struct db_row *db_query(struct db *db, struct err *err, const char *sql, const char *types, ...)
{
    va_list args;
    va_start(args, types);
    struct db_row *row = begin(db, err, sql, types, &args, SQLITE_TRANSIENT);
    va_end(args);
    return row;
}

bool db_step(struct db_row *row, struct err *err)
{
    int result = sqlite3_step(row->stmt);
    if (result == SQLITE_ROW)
        return true;
    if (result != SQLITE_DONE)
        return fail(row->db->handle, err, name_of(row->db));
    if (err)
        *err = ERR_NONE;
    return false;
}

void db_end(struct db_row *row)
{
    if (!row)
        return;
    if (!row->cached) {
        sqlite3_finalize(row->stmt);
        free(row);
        return;
    }
    sqlite3_reset(row->stmt);
    sqlite3_clear_bindings(row->stmt); /* they may point at the caller's memory */
    row->busy = false;
}

int64_t db_int(struct db_row *row, int column)
{
    return sqlite3_column_int64(row->stmt, column);
}

double db_double(struct db_row *row, int column)
{
    return sqlite3_column_double(row->stmt, column);
}

const char *db_text(struct db_row *row, int column)
{
    return (const char *)sqlite3_column_text(row->stmt, column);
}

const void *db_blob(struct db_row *row, int column, size_t *len)
{
    const void *bytes = sqlite3_column_blob(row->stmt, column);
    *len = (size_t)sqlite3_column_bytes(row->stmt, column);
    return bytes;
}

bool db_is_null(struct db_row *row, int column)
{
    return sqlite3_column_type(row->stmt, column) == SQLITE_NULL;
}

int64_t db_changes(struct db *db)
{
    return sqlite3_changes64(db->handle);
}

int64_t db_last_id(struct db *db)
{
    return sqlite3_last_insert_rowid(db->handle);
}
