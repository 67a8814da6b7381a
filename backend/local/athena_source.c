/* The tables that a query reads, as views of the engine: each object is linked into the work directory under a plain
 * name, and the table's SerDe says how its bytes become columns. Sources: Athena User Guide, "Choose a SerDe for your
 * data"; Hive's LazySimpleSerDe. Runner threads. */
#include "backend/base/path.h"
#include "backend/base/uri.h"
#include "backend/local/athena.h"
#include "backend/local/glue_store.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 200000, SQL_MAX = 128 << 20, PARTITION_PAGE = 1000 };

enum layout { LAYOUT_CSV, LAYOUT_OPEN_CSV, LAYOUT_JSON, LAYOUT_PARQUET };

struct source {
    struct athena_run *run;
    const struct dialect_table *table;
    json_t *document; /* the Glue table */
    enum layout layout;
    struct buf files; /* of the part at hand: 'a','b' */
    struct buf paths; /* of the table: MAP keys and values */
    struct buf uris;
    struct buf sql;
    int count, part_files;
    const char *bucket;
    struct err *err;
};

static void put_quoted(struct buf *out, const char *text, char quote)
{
    buf_putc(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            buf_putc(out, quote);
        buf_putc(out, *text);
    }
    buf_putc(out, quote);
}

static bool unsupported(struct source *s, const char *what, const char *detail)
{
    return athena_refuse(s->err, "NOT_SUPPORTED", "table %.80s.%.80s: %s %.80s is not supported", s->table->database,
                         s->table->name, what, detail);
}

static bool find_layout(struct source *s)
{
    static const struct {
        const char *part;
        enum layout layout;
    } rows[] = {{"LazySimpleSerDe", LAYOUT_CSV},
                {"OpenCSVSerde", LAYOUT_OPEN_CSV},
                {"JsonSerDe", LAYOUT_JSON},
                {"ParquetHiveSerDe", LAYOUT_PARQUET}};
    const json_t *storage = json_object_get(s->document, "StorageDescriptor");
    const char *library = json_str(json_object_get(storage, "SerdeInfo"), "SerializationLibrary");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strstr(library, rows[i].part)) {
            s->layout = rows[i].layout;
            return true;
        }
    return unsupported(s, "the SerDe", library);
}

static const char *serde(const struct source *s, const char *key, const char *fallback)
{
    const json_t *storage = json_object_get(s->document, "StorageDescriptor");
    const char *value = json_str(json_object_get(json_object_get(storage, "SerdeInfo"), "Parameters"), key);
    return *value ? value : fallback;
}

/* ---- files */

/* Names that Hive passes over, and folder markers. */
static bool is_hidden(const struct s3_inside_object *object)
{
    const char *slash = strrchr(object->key, '/'), *name = slash ? slash + 1 : object->key;
    return object->bytes == 0 || *name == '_' || *name == '.' || !*name;
}

static const char *suffix_of(const char *key)
{
    static const char *const suffixes[] = {".gz", ".zst", NULL};
    size_t len = strlen(key);
    for (int i = 0; suffixes[i]; i++)
        if (len > strlen(suffixes[i]) && strcmp(key + len - strlen(suffixes[i]), suffixes[i]) == 0)
            return suffixes[i];
    return "";
}

static bool add_file(void *context, const struct s3_inside_object *object)
{
    struct source *s = context;
    char path[PATH_SIZE], uri[1200];
    if (is_hidden(object))
        return true;
    if (atomic_load(&s->run->job->engine.is_cancelled))
        return err_set(s->err, ERR_CANCELLED, "Query cancelled by user");
    if (s->count == FILES_MAX)
        return unsupported(s, "a table of more objects than", "200000");
    /* names of ours: what a key holds never reaches a path or SQL */
    snprintf(path, sizeof path, "%.3900s/t%d-%06d%s", s->run->dir, (int)json_array_size(s->run->setup), s->count,
             suffix_of(object->key));
    if (!s3_inside_link(s->run->job->cloud, s->bucket, object->key, path, s->err))
        return false;
    snprintf(uri, sizeof uri, "s3://%s/%s", s->bucket, object->key);
    const char *comma = s->part_files ? "," : "", *all = s->count ? "," : "";
    buf_puts(&s->files, comma);
    put_quoted(&s->files, path, '\'');
    buf_puts(&s->paths, all);
    put_quoted(&s->paths, path, '\'');
    buf_puts(&s->uris, all);
    put_quoted(&s->uris, uri, '\'');
    s->count++;
    s->part_files++;
    return true;
}

static bool list_files(struct source *s, const char *location)
{
    struct s3_name name;
    struct err list_err = ERR_NONE;
    buf_clear(&s->files);
    s->part_files = 0;
    if (!s3_name_parse(location, &name, s->err))
        return err_prefix(s->err, "location of table %s.%s", s->table->database, s->table->name);
    size_t len = strlen(name.key);
    if (len && len < sizeof name.key - 1 && name.key[len - 1] != '/') /* a location is a folder */
        memcpy(name.key + len, "/", 2);
    s->bucket = name.bucket;
    bool ok = s3_inside_list(s->run->job->cloud, name.bucket, name.key, "", add_file, s, &list_err);
    s->bucket = NULL;
    if (s->err->code != ERR_OK)
        return false;
    if (!ok) {
        *s->err = list_err;
        snprintf(s->err->service_code, sizeof s->err->service_code, "HIVE_METASTORE_ERROR");
    }
    return ok;
}

/* ---- columns */

static bool type_of(struct source *s, const char *hive, struct buf *type)
{
    buf_clear(type);
    return dialect_type_from_hive(hive, type, s->err);
}

static bool is_integer(const char *type)
{
    return strcmp(type, "TINYINT") == 0 || strcmp(type, "SMALLINT") == 0 || strcmp(type, "INTEGER") == 0 ||
           strcmp(type, "BIGINT") == 0 || strcmp(type, "INT") == 0;
}

/* A text that is no value of the type is NULL. Fractions of integers are cut off as Hive's LazyInteger does, where the
 * engine would round. */
static void put_csv_value(struct source *s, const char *column, const char *type, struct buf *out)
{
    const char *null = serde(s, "serialization.null.format", "\\N");
    if (strncmp(type, "VARCHAR", 7) == 0 && s->layout == LAYOUT_OPEN_CSV) {
        buf_puts(out, column);
    } else if (strncmp(type, "VARCHAR", 7) == 0) {
        buf_printf(out, "NULLIF(%s,", column);
        put_quoted(out, null, '\'');
        buf_puts(out, ")");
    } else if (is_integer(type)) {
        buf_printf(out,
                   "TRY_CAST(CASE WHEN contains(%s,'.') THEN regexp_extract(%s,'^([-+]?[0-9]+)[.][0-9]*$',1) WHEN "
                   "regexp_matches(%s,'[eE_ ]') THEN NULL ELSE %s END AS %s)",
                   column, column, column, column, type);
    } else if (strstr(type, "[]")) {
        buf_printf(out, "TRY_CAST(string_split(%s,", column);
        put_quoted(out, serde(s, "collection.delim", "\002"), '\'');
        buf_printf(out, ") AS %s)", type);
    } else {
        buf_printf(out, "TRY_CAST(%s AS %s)", column, type);
    }
}

static void put_json_value(const char *name, const char *type, struct buf *out)
{
    struct buf path = BUF_INIT(4096);
    buf_puts(&path, "$.");
    put_quoted(&path, name, '"');
    bool is_nested = strstr(type, "[]") || strncmp(type, "STRUCT", 6) == 0 || strncmp(type, "MAP", 3) == 0;
    buf_puts(out, is_nested ? "TRY_CAST(json_extract(json," : "TRY_CAST(json_extract_string(json,");
    put_quoted(out, buf_text(&path), '\'');
    buf_printf(out, ") AS %s)", type);
    buf_done(&path);
}

static bool put_columns(struct source *s)
{
    struct buf type = BUF_INIT(65536);
    bool ok = true;
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        const struct dialect_column *column = &s->table->columns[i];
        struct buf name = BUF_INIT(1024);
        put_quoted(&name, column->name, '"');
        ok = type_of(s, column->type, &type);
        buf_puts(&s->sql, i ? ", " : "");
        if (s->layout == LAYOUT_JSON)
            put_json_value(column->name, buf_text(&type), &s->sql);
        else if (s->layout == LAYOUT_PARQUET)
            buf_printf(&s->sql, "CAST(%s AS %s)", buf_text(&name), buf_text(&type));
        else
            put_csv_value(s, buf_text(&name), buf_text(&type), &s->sql);
        buf_printf(&s->sql, " AS %s", buf_text(&name));
        buf_done(&name);
    }
    buf_done(&type);
    return ok;
}

static bool put_partition(struct source *s, const json_t *values)
{
    struct buf type = BUF_INIT(4096);
    bool ok = true;
    for (size_t i = 0; ok && i < s->table->partition_count; i++) {
        const char *value = json_string_value(json_array_get(values, i));
        ok = type_of(s, s->table->partitions[i].type, &type);
        buf_puts(&s->sql, ", TRY_CAST(");
        if (!value || strcmp(value, "__HIVE_DEFAULT_PARTITION__") == 0)
            buf_puts(&s->sql, "NULL");
        else
            put_quoted(&s->sql, value, '\'');
        buf_printf(&s->sql, " AS %s) AS ", buf_text(&type));
        put_quoted(&s->sql, s->table->partitions[i].name, '"');
    }
    buf_done(&type);
    return ok;
}

/* ---- readers */

/* "001", "\\t", "," -> the byte itself. */
static void put_delimiter(struct buf *out, const char *text)
{
    char byte[2] = {*text, '\0'};
    if (strlen(text) > 1 && *text == '\\' && text[1] == 't')
        byte[0] = '\t';
    else if (strlen(text) == 3 && *text == '0')
        byte[0] = (char)strtol(text, NULL, 8);
    else if (strlen(text) > 1) {
        put_quoted(out, text, '\'');
        return;
    }
    put_quoted(out, byte, '\'');
}

static void put_csv_reader(struct source *s)
{
    bool is_open = s->layout == LAYOUT_OPEN_CSV;
    const char *skip = json_str(json_object_get(s->document, "Parameters"), "skip.header.line.count");
    skip = *skip ? skip : serde(s, "skip.header.line.count", "0");
    buf_printf(&s->sql, "read_csv([%s], auto_detect=false, header=false, skip=%ld, columns={", buf_text(&s->files),
               strtol(skip, NULL, 10));
    for (size_t i = 0; i < s->table->column_count; i++) {
        buf_puts(&s->sql, i ? "," : "");
        put_quoted(&s->sql, s->table->columns[i].name, '\'');
        buf_puts(&s->sql, ":'VARCHAR'");
    }
    buf_puts(&s->sql, "}, delim=");
    put_delimiter(&s->sql, is_open ? serde(s, "separatorChar", ",")
                                   : serde(s, "field.delim", serde(s, "serialization.format", "\001")));
    buf_puts(&s->sql, ", quote=");
    put_quoted(&s->sql, is_open ? serde(s, "quoteChar", "\"") : "", '\'');
    buf_puts(&s->sql, ", escape=");
    put_quoted(&s->sql, is_open ? serde(s, "quoteChar", "\"") : "", '\'');
    /* an empty field is an empty text, a missing one is NULL; a row with more fields keeps the first ones */
    buf_printf(&s->sql, ", nullstr=%s, null_padding=true, strict_mode=false, parallel=%s, filename=true)",
               "'weir:no-such-text'", is_open ? "false" : "true");
}

static void put_reader(struct source *s)
{
    struct buf type = BUF_INIT(65536);
    if (s->layout == LAYOUT_JSON) {
        buf_printf(&s->sql, "read_json_objects([%s], format='newline_delimited', filename=true)", buf_text(&s->files));
    } else if (s->layout == LAYOUT_PARQUET) {
        /* a column that a file lacks is NULL: the empty first part names and types them all */
        buf_puts(&s->sql, "(SELECT ");
        for (size_t i = 0; i < s->table->column_count; i++) {
            type_of(s, s->table->columns[i].type, &type);
            buf_printf(&s->sql, "CAST(NULL AS %s) AS ", buf_text(&type));
            put_quoted(&s->sql, s->table->columns[i].name, '"');
            buf_puts(&s->sql, ", ");
        }
        buf_printf(&s->sql,
                   "'' AS filename WHERE false UNION ALL BY NAME SELECT * FROM read_parquet([%s], filename=true, "
                   "union_by_name=true))",
                   buf_text(&s->files));
    } else {
        put_csv_reader(s);
    }
    buf_done(&type);
}

/* SELECT of one location; without objects, of no rows. */
static bool put_part(struct source *s, const char *location, const json_t *values, bool *any)
{
    if (!list_files(s, location))
        return false;
    if (s->part_files == 0)
        return true;
    buf_puts(&s->sql, *any ? " UNION ALL SELECT " : "SELECT ");
    *any = true;
    bool ok = put_columns(s) && put_partition(s, values);
    buf_printf(&s->sql, ", filename AS \"$file\" FROM ");
    put_reader(s);
    return ok;
}

static bool put_empty(struct source *s)
{
    struct buf type = BUF_INIT(65536);
    bool ok = true;
    buf_puts(&s->sql, "SELECT ");
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        ok = type_of(s, s->table->columns[i].type, &type);
        buf_printf(&s->sql, "%sCAST(NULL AS %s) AS ", i ? ", " : "", buf_text(&type));
        put_quoted(&s->sql, s->table->columns[i].name, '"');
    }
    buf_done(&type);
    ok = ok && put_partition(s, NULL);
    buf_puts(&s->sql, ", '' AS \"$file\" WHERE false");
    return ok;
}

static bool put_partitions(struct source *s, bool *any)
{
    struct glue_table_id id = {.database = s->table->database, .table = s->table->name};
    struct glue_partition_query query = {.without_columns = true};
    struct glue_page page = {.max = PARTITION_PAGE};
    bool ok = true;
    do {
        char *after = page.next;
        page.after = after;
        page.next = NULL;
        json_t *partition, *list = glue_partition_list(s->run->job->cloud, &id, &query, &page, s->err);
        size_t i;
        ok = list != NULL;
        free(after);
        json_array_foreach(list, i, partition)
        {
            const json_t *storage = json_object_get(partition, "StorageDescriptor");
            ok = ok && put_part(s, json_str(storage, "Location"), json_object_get(partition, "Values"), any);
        }
        json_decref(list);
    } while (ok && page.next);
    free(page.next);
    return ok;
}

static bool put_view(struct source *s)
{
    bool any = false;
    const char *location = json_str(json_object_get(s->document, "StorageDescriptor"), "Location");
    buf_puts(&s->sql, "CREATE VIEW ");
    put_quoted(&s->sql, s->table->database, '"');
    buf_putc(&s->sql, '.');
    put_quoted(&s->sql, s->table->name, '"');
    buf_puts(&s->sql, " AS SELECT * EXCLUDE (\"$file\"), ");
    size_t mark = s->sql.len;
    bool ok = s->table->partition_count ? put_partitions(s, &any) : put_part(s, location, NULL, &any);
    ok = ok && (any || put_empty(s));
    /* the map is known only now: what was put behind the mark moves behind it */
    struct buf select = BUF_INIT(SQL_MAX);
    buf_append(&select, s->sql.data + mark, s->sql.len - mark);
    s->sql.len = mark;
    buf_printf(&s->sql, "MAP([%s]::VARCHAR[],[%s]::VARCHAR[])[\"$file\"] AS \"$path\" FROM (%s)", buf_text(&s->paths),
               buf_text(&s->uris), buf_text(&select));
    ok = ok && !select.failed;
    buf_done(&select);
    return ok;
}

bool athena_source(struct athena_run *run, const struct dialect_table *table, struct err *err)
{
    struct source s = {.run = run,
                       .table = table,
                       .files = BUF_INIT(SQL_MAX),
                       .paths = BUF_INIT(SQL_MAX),
                       .uris = BUF_INIT(SQL_MAX),
                       .sql = BUF_INIT(SQL_MAX),
                       .err = err};
    s.document = glue_table_get(run->job->cloud, table->database, table->name, err);
    bool ok = s.document && find_layout(&s);
    if (ok) {
        buf_puts(&s.sql, "CREATE SCHEMA IF NOT EXISTS ");
        put_quoted(&s.sql, table->database, '"');
        buf_puts(&s.sql, ";");
        ok = put_view(&s);
    }
    if (ok && s.sql.failed)
        ok = err_set(err, ERR_TOO_LARGE, "table %s.%s has too many objects", table->database, table->name);
    if (ok)
        json_array_append_new(run->setup, json_stringn_nocheck(buf_text(&s.sql), s.sql.len));
    buf_done(&s.files);
    buf_done(&s.paths);
    buf_done(&s.uris);
    buf_done(&s.sql);
    json_decref(s.document);
    return ok;
}
