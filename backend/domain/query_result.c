/* Results: brought from where the service stored them to a local file, which may be read while it still arrives. A CSV
 * object is streamed by one request (resumed where it broke off); what is no CSV, or may not be read from S3, comes by
 * pages of GetQueryResults and is written in Athena's CSV form with a header row. Files: EXECUTION.csv is whole; what
 * arrives is EXECUTION.PID.part, and both names stay until the next start tidies up, so that a reader that was given
 * one can open it. On the works' threads. */
#include "backend/aws/athena.h"
#include "backend/aws/s3.h"
#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/domain/query_private.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { TRIES_MAX = 6, FIRST_PAUSE_MS = 200, PAGE_BYTES = 256 << 20, CACHE_FILES_MAX = 4096, ROOM_LEFT = 64 << 20 };
static const int64_t CACHE_MAX = (int64_t)4 << 30; /* bytes of results kept for reopening */

struct fetching {
    struct queries *queries;
    struct query_record *record;
    struct aws *aws;
    int fd;
    int64_t at; /* bytes on the disk */
    char part[PATH_SIZE], whole[PATH_SIZE];
    char etag[80];
    struct result *result; /* held; NULL before the file is there */
    bool has_local_failure;
    struct err local; /* the disk's failure, met inside a sink */
};

/* --- the file --- */

static bool is_plain_name(const char *execution)
{
    return execution[0] && !strchr(execution, '/') && execution[0] != '.';
}

static bool name_files(struct fetching *f, struct err *err)
{
    char name[QUERY_EXECUTION + 40];
    if (!is_plain_name(f->record->execution))
        return err_set(err, ERR_PROTOCOL, "the query's id is no file name");
    snprintf(name, sizeof name, "%s.csv", f->record->execution);
    if (!path_make_dirs(f->queries->cache, 0700, err) || !path_join(f->whole, f->queries->cache, name, err))
        return false;
    snprintf(name, sizeof name, "%s.%ld.part", f->record->execution, (long)getpid());
    return path_join(f->part, f->queries->cache, name, err);
}

static void result_changed(void *context)
{
    session_changed(context);
}

/* As [name, type] pairs in text -> an array that borrows from *parsed. */
static struct result_column *columns_of(const char *text, json_t **parsed, size_t *count)
{
    *parsed = text ? json_parse(text, strlen(text), NULL) : NULL;
    *count = json_array_size(*parsed);
    struct result_column *columns = *count ? calloc(*count, sizeof *columns) : NULL;
    for (size_t i = 0; columns && i < *count; i++) {
        const json_t *pair = json_array_get(*parsed, i);
        columns[i].name = json_string_value(json_array_get(pair, 0));
        columns[i].type = json_string_value(json_array_get(pair, 1));
    }
    return columns;
}

/* Opens the file as a result and hands it to whoever looks at the query. */
static bool open_result(struct fetching *f, const char *path, struct err *err)
{
    query_lock(f->queries);
    char *text = f->record->columns ? strdup(f->record->columns) : NULL;
    query_unlock(f->queries);
    json_t *parsed;
    struct result_options options = {.path = path,
                                     .form = RESULT_CSV,
                                     .directory = f->queries->cache,
                                     .changed = result_changed,
                                     .context = f->queries->session};
    struct result_column *columns = columns_of(text, &parsed, &options.column_count);
    options.columns = columns;
    struct result *result = result_open(&options, err);
    free(columns);
    json_decref(parsed);
    free(text);
    if (!result)
        return false;
    f->result = result_hold(result);
    query_lock(f->queries);
    result_close(f->record->result);
    f->record->result = result;
    free(f->record->path);
    f->record->path = strdup(path);
    f->record->arrived = f->at;
    query_touch(f->queries, f->record, false);
    query_unlock(f->queries);
    return true;
}

static bool write_all(struct fetching *f, const char *bytes, size_t len, struct err *err)
{
    while (len > 0) {
        ssize_t n = write(f->fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set_errno(err, ERR_IO, "writing the result to %s", f->part);
        bytes += n;
        len -= (size_t)n;
        f->at += n;
    }
    result_arrived(f->result, f->at, false);
    query_lock(f->queries);
    f->record->arrived = f->at;
    query_touch(f->queries, f->record, false);
    query_unlock(f->queries);
    return true;
}

/* --- columns --- */

static char *columns_text(const json_t *page)
{
    const json_t *set = json_object_get(page, "ResultSet");
    const json_t *infos = json_object_get(json_object_get(set, "ResultSetMetadata"), "ColumnInfo");
    json_t *columns = json_array();
    const json_t *info;
    size_t i;
    json_array_foreach(infos, i, info)
    {
        json_array_append_new(columns, json_pack("[s, s]", json_str(info, "Name"), json_str(info, "Type")));
    }
    char *text = json_array_size(columns) ? json_dumps(columns, JSON_COMPACT) : NULL;
    json_decref(columns);
    return text;
}

static bool is_csv(const char *output)
{
    size_t len = strlen(output);
    return len > 4 && strcmp(output + len - 4, ".csv") == 0;
}

/* Names and types, unless the history has them. A CSV file has its names itself, so that it may do without. */
static bool fetch_columns(struct fetching *f, struct err *err)
{
    query_lock(f->queries);
    bool is_known = f->record->columns != NULL;
    query_unlock(f->queries);
    json_t *page =
        is_known ? NULL : athena_results_head(f->aws, f->record->execution, 1, &f->record->fetch_cancel, err);
    if (is_known)
        return true;
    if (!page && is_csv(f->record->output) && err->code != ERR_CANCELLED) {
        *err = ERR_NONE;
        return true;
    }
    if (!page)
        return false;
    char *columns = columns_text(page);
    query_lock(f->queries);
    free(f->record->columns);
    f->record->columns = columns;
    f->record->updated = json_int(page, "UpdateCount", -1);
    query_touch(f->queries, f->record, true);
    query_unlock(f->queries);
    json_decref(page);
    return true;
}

/* --- an object --- */

static bool sink(void *context, const void *bytes, size_t len)
{
    struct fetching *f = context;
    if (write_all(f, bytes, len, &f->local))
        return true;
    f->has_local_failure = true;
    return false;
}

static bool split_uri(const char *uri, char bucket[64], const char **key)
{
    if (strncmp(uri, "s3://", 5) != 0)
        return false;
    size_t len = strcspn(uri + 5, "/");
    if (len == 0 || len >= 64 || !uri[5 + len])
        return false;
    snprintf(bucket, 64, "%.*s", (int)len, uri + 5);
    *key = uri + 5 + len + 1;
    return **key != '\0';
}

static bool get_rest(struct fetching *f, const char *bucket, const char *key, struct err *err)
{
    struct arena *arena = arena_new(1 << 20);
    struct s3_head head = {0};
    struct s3_get get = s3_get_init(bucket, key);
    get.ref.cancel = &f->record->fetch_cancel;
    get.sink = sink;
    get.sink_context = f;
    get.has_range = f->at > 0;
    get.first = f->at;
    get.last = -1;
    get.if_match = f->at > 0 && f->etag[0] ? f->etag : NULL;
    bool ok = s3_get_object(f->aws, &get, arena, &head, NULL, err);
    if (f->has_local_failure && err)
        *err = f->local;
    arena_free(arena);
    return ok;
}

/* A result that would fill the disk is not begun. */
static bool check_room(const struct fetching *f, int64_t bytes, struct err *err)
{
    struct statvfs disk;
    char needed[TEXT_SHORT], free_bytes[TEXT_SHORT];
    if (statvfs(f->queries->cache, &disk) != 0)
        return true;
    int64_t room = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
    if (bytes + ROOM_LEFT <= room)
        return true;
    return err_set(err, ERR_DISK_FULL, "the result has %s; only %s are free in %.120s",
                   text_bytes((uint64_t)bytes, needed), text_bytes((uint64_t)room, free_bytes), f->queries->cache);
}

/* What the object is before its first byte: its length and which one it is. */
static bool look_at_object(struct fetching *f, const char *bucket, const char *key, struct err *err)
{
    struct arena *arena = arena_new(1 << 20);
    struct s3_head head = {0};
    struct s3_ref ref = {.bucket = bucket, .key = key, .cancel = &f->record->fetch_cancel};
    bool ok = s3_head_object(f->aws, &ref, arena, &head, err);
    if (ok) {
        snprintf(f->etag, sizeof f->etag, "%s", head.etag);
        query_lock(f->queries);
        f->record->bytes = head.bytes;
        query_unlock(f->queries);
        ok = check_room(f, head.bytes, err);
    } else if (err->code == ERR_NOT_FOUND) {
        err_set(err, ERR_NOT_FOUND, "the stored result is gone: s3://%s/%.120s was deleted; run the query again",
                bucket, key);
    }
    arena_free(arena);
    return ok;
}

static bool fetch_object(struct fetching *f, const char *bucket, const char *key, struct err *err)
{
    if (!look_at_object(f, bucket, key, err))
        return false;
    int64_t pause = FIRST_PAUSE_MS, before = 0;
    for (int failed = 0;; failed = f->at > before ? 1 : failed + 1) {
        before = f->at;
        if (f->at == f->record->bytes || get_rest(f, bucket, key, err))
            return true;
        bool may_pass = err->retryable && !f->has_local_failure;
        if (!may_pass || failed + 1 >= TRIES_MAX || !cancel_wait(&f->record->fetch_cancel, pause))
            return false;
        pause *= 2;
        *err = ERR_NONE;
    }
}

/* --- pages --- */

static void put_cell(struct buf *out, const char *text, size_t len)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        buf_putc(out, text[i]);
        if (text[i] == '"')
            buf_putc(out, '"');
    }
    buf_putc(out, '"');
}

static void put_header(struct buf *out, const json_t *page)
{
    const json_t *set = json_object_get(page, "ResultSet"), *info;
    const json_t *infos = json_object_get(json_object_get(set, "ResultSetMetadata"), "ColumnInfo");
    size_t i;
    json_array_foreach(infos, i, info)
    {
        const char *name = json_str(info, "Name");
        if (i)
            buf_putc(out, ',');
        put_cell(out, name, strlen(name));
    }
    buf_putc(out, '\n');
}

static void put_rows(struct buf *out, const json_t *page, bool skip_first)
{
    const json_t *rows = json_object_get(json_object_get(page, "ResultSet"), "Rows"), *row, *cell;
    size_t i, j;
    json_array_foreach(rows, i, row)
    {
        if (i == 0 && skip_first)
            continue;
        json_array_foreach(json_object_get(row, "Data"), j, cell)
        {
            const json_t *text = json_object_get(cell, "VarCharValue");
            if (j)
                buf_putc(out, ',');
            if (text) /* none is NULL */
                put_cell(out, json_string_value(text), json_string_length(text));
        }
        buf_putc(out, '\n');
    }
}

/* The first row of a SELECT's first page is its header; DDL's text has none ("GetQueryResults", API Reference). */
static bool has_header_row(const struct query_record *record)
{
    size_t len = strlen(record->output);
    return !(len > 4 && strcmp(record->output + len - 4, ".txt") == 0);
}

static bool fetch_pages(struct fetching *f, struct err *err)
{
    char *token = NULL;
    bool ok = true, is_first = true;
    struct buf out = BUF_INIT(PAGE_BYTES);
    do {
        json_t *page = athena_results(f->aws, f->record->execution, token ? token : "", &f->record->fetch_cancel, err);
        free(token);
        token = NULL;
        buf_clear(&out);
        if (page && is_first)
            put_header(&out, page);
        if (page)
            put_rows(&out, page, is_first && has_header_row(f->record));
        is_first = false;
        ok = page && (!out.failed || err_set(err, ERR_TOO_LARGE, "a page of the result is too large")) &&
             write_all(f, buf_text(&out), out.len, err);
        if (ok && *json_str(page, "NextToken"))
            token = strdup(json_str(page, "NextToken"));
        json_decref(page);
    } while (ok && token);
    free(token);
    buf_done(&out);
    return ok;
}

/* --- all of it --- */

/* The object, or pages when objects may not be read. */
static bool fetch_rows(struct fetching *f, struct err *err)
{
    char bucket[64];
    const char *key;
    if (!is_csv(f->record->output) || !split_uri(f->record->output, bucket, &key))
        return fetch_pages(f, err);
    if (fetch_object(f, bucket, key, err))
        return true;
    if (err->code != ERR_DENIED || f->at > 0)
        return false;
    struct err denied = *err;
    *err = ERR_NONE;
    if (fetch_pages(f, err))
        return true;
    *err = denied;
    return false;
}

static bool fetch_to_part(struct fetching *f, struct err *err)
{
    f->fd = open(f->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (f->fd < 0)
        return err_set_errno(err, ERR_IO, "making %s", f->part);
    bool ok = open_result(f, f->part, err) && fetch_rows(f, err);
    if (close(f->fd) != 0 && ok)
        ok = err_set_errno(err, ERR_IO, "writing %s", f->part);
    if (ok && link(f->part, f->whole) != 0 && errno != EEXIST)
        ok = err_set_errno(err, ERR_IO, "naming the result %s", f->whole);
    return ok;
}

static bool has_rows(struct fetching *f)
{
    query_lock(f->queries);
    bool has_columns = f->record->columns != NULL, is_file = is_csv(f->record->output);
    query_unlock(f->queries);
    return has_columns || is_file;
}

static bool fetch(struct fetching *f, struct err *err)
{
    struct stat stat_of;
    if (!name_files(f, err))
        return false;
    if (stat(f->whole, &stat_of) == 0) {
        f->at = stat_of.st_size;
        utimensat(AT_FDCWD, f->whole, NULL, 0); /* used: the last to be tidied up */
        return open_result(f, f->whole, err);
    }
    f->aws = session_connect(f->queries->session, &f->record->fetch_cancel, err);
    return f->aws && fetch_columns(f, err) && (!has_rows(f) || fetch_to_part(f, err));
}

void query_fetch_result(struct queries *queries, struct query_record *record)
{
    struct fetching f = {.queries = queries, .record = record, .fd = -1};
    struct err err = ERR_NONE;
    query_lock(queries);
    record->fetch = QUERY_FETCH_RUNNING;
    record->fetch_err = ERR_NONE;
    record->bytes = -1;
    query_touch(queries, record, false);
    query_unlock(queries);
    bool ok = fetch(&f, &err);
    if (f.result && ok)
        result_arrived(f.result, f.at, true);
    query_lock(queries);
    record->fetch = ok ? QUERY_FETCH_DONE : QUERY_FETCH_FAILED;
    record->fetch_err = ok ? ERR_NONE : err;
    record->arrived = f.at;
    if (ok)
        record->bytes = f.at;
    query_touch(queries, record, false);
    query_unlock(queries);
    if (f.result && !ok) /* after the record: who sees that it is cut may ask for it again */
        result_broken(f.result, &err);
    result_release(f.result);
}

/* --- tidying up --- */

struct cache_file {
    char name[128];
    int64_t bytes, used_ms;
};

static bool is_left_over(const char *name)
{
    const char *dot = strstr(name, ".part");
    if (!dot || dot[5])
        return false;
    while (dot > name && dot[-1] != '.')
        dot--;
    long pid = strtol(dot, NULL, 10);
    return pid > 0 && kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static int by_use(const void *a, const void *b)
{
    const struct cache_file *left = a, *right = b;
    return (left->used_ms < right->used_ms) - (left->used_ms > right->used_ms);
}

/* Fills files, newest first. */
static size_t list_cache(int dir_fd, DIR *dir, struct cache_file *files)
{
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) && count < CACHE_FILES_MAX;) {
        struct stat stat_of;
        if (is_left_over(entry->d_name))
            unlinkat(dir_fd, entry->d_name, 0);
        else if (is_csv(entry->d_name) && strlen(entry->d_name) < sizeof files->name &&
                 fstatat(dir_fd, entry->d_name, &stat_of, AT_SYMLINK_NOFOLLOW) == 0) {
            struct cache_file *file = &files[count++];
            snprintf(file->name, sizeof file->name, "%.127s", entry->d_name);
            file->bytes = stat_of.st_size;
            file->used_ms = (int64_t)stat_of.st_mtim.tv_sec * 1000;
        }
    }
    qsort(files, count, sizeof *files, by_use);
    return count;
}

void query_trim_cache(const char *dir_name)
{
    DIR *dir = opendir(dir_name);
    struct cache_file *files = dir ? malloc(CACHE_FILES_MAX * sizeof *files) : NULL;
    size_t count = files ? list_cache(dirfd(dir), dir, files) : 0;
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += files[i].bytes;
        if (sum > CACHE_MAX || i >= CACHE_FILES_MAX / 2)
            unlinkat(dirfd(dir), files[i].name, 0);
    }
    free(files);
    if (dir)
        closedir(dir);
}
