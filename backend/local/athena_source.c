/* The tables that a query reads, as views of the engine: each object is linked into the work directory under a plain
 * name, and its format (athena_source.h) says how its bytes become columns. Sources: Athena User Guide, "Choose a SerDe
 * for your data"; Hive's LazySimpleSerDe. Runner threads. */
#include "backend/local/athena_source.h"
#include "backend/base/path.h"
#include "backend/base/uri.h"
#include "backend/local/glue_store.h"
#include "backend/local/s3_inside.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FILES_MAX = 200000, SQL_MAX = ATHENA_SOURCE_SQL_MAX, PARTITION_PAGE = 1000 };

void athena_quote(struct buf *out, const char *text, char quote)
{
    buf_putc(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            buf_putc(out, quote);
        buf_putc(out, *text);
    }
    buf_putc(out, quote);
}

bool athena_source_refuse(struct athena_source *s, const char *what, const char *detail)
{
    return athena_refuse(s->err, "NOT_SUPPORTED", "table %.60s.%.60s: %s %.80s is not supported", s->table->database,
                         s->table->name, what, detail);
}

/* Links, sequence files and the like would be read as texts, which they are not. */
static bool is_known_input(const char *input)
{
    static const char *const known[] = {"org.apache.hadoop.mapred.TextInputFormat",
                                        "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat", NULL};
    if (!*input)
        return true;
    for (int i = 0; known[i]; i++)
        if (strcmp(known[i], input) == 0)
            return true;
    return false;
}

static bool find_format(struct athena_source *s)
{
    static const struct athena_format *const formats[] = {&athena_format_lazy,       &athena_format_open_csv,
                                                          &athena_format_openx_json, &athena_format_hive_json,
                                                          &athena_format_parquet,    &athena_format_regex};
    const json_t *storage = json_object_get(s->document, "StorageDescriptor");
    const char *library = json_str(json_object_get(storage, "SerdeInfo"), "SerializationLibrary");
    if (!is_known_input(json_str(storage, "InputFormat")))
        return athena_source_refuse(s, "the input format", json_str(storage, "InputFormat"));
    if (strcasecmp(json_str(json_object_get(s->document, "Parameters"), "projection.enabled"), "true") == 0)
        return athena_source_refuse(s, "partition projection, the property", "projection.enabled");
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strstr(library, formats[i]->library)) {
            s->format = formats[i];
            return !s->format->open || s->format->open(s);
        }
    return athena_source_refuse(s, "the SerDe", *library ? library : "(none)");
}

const char *athena_serde(const struct athena_source *s, const char *key, const char *fallback)
{
    const json_t *storage = json_object_get(s->document, "StorageDescriptor");
    const json_t *value = json_object_get(json_object_get(json_object_get(storage, "SerdeInfo"), "Parameters"), key);
    return json_is_string(value) && *json_string_value(value) ? json_string_value(value) : fallback;
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
    struct athena_source *s = context;
    char path[PATH_SIZE], uri[1200];
    if (is_hidden(object))
        return true;
    if (atomic_load(&s->run->job->engine.is_cancelled))
        return err_set(s->err, ERR_CANCELLED, "Query cancelled by user");
    if (s->count == FILES_MAX)
        return athena_source_refuse(s, "a table of more objects than", "200000");
    /* names of ours: what a key holds never reaches a path or SQL */
    snprintf(path, sizeof path, "%.3900s/t%d-%06d%s", s->run->dir, (int)json_array_size(s->run->setup), s->count,
             suffix_of(object->key));
    if (!s3_inside_link(s->run->job->cloud, s->bucket, object->key, path, s->err))
        return false;
    snprintf(uri, sizeof uri, "s3://%s/%s", s->bucket, object->key);
    json_object_set_new(s->run->objects, strrchr(path, '/') + 1, json_string(uri));
    struct athena_file file = {.path = path, .uri = uri, .suffix = suffix_of(object->key), .bytes = object->bytes};
    if (s->format->accept && !s->format->accept(s, &file))
        return false;
    const char *comma = s->part_files ? "," : "", *all = s->count ? "," : "";
    buf_puts(&s->files, comma);
    athena_quote(&s->files, path, '\'');
    buf_puts(&s->paths, all);
    athena_quote(&s->paths, path, '\'');
    buf_puts(&s->uris, all);
    athena_quote(&s->uris, uri, '\'');
    s->count++;
    s->part_files++;
    return true;
}

static bool list_files(struct athena_source *s, const char *location)
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

bool athena_engine_type(struct athena_source *s, const char *hive, struct buf *type)
{
    buf_clear(type);
    return dialect_type_from_hive(hive, type, s->err);
}

static bool put_partition(struct athena_source *s, const json_t *values)
{
    struct buf type = BUF_INIT(4096);
    bool ok = true;
    for (size_t i = 0; ok && i < s->table->partition_count; i++) {
        const char *value = json_string_value(json_array_get(values, i));
        ok = athena_engine_type(s, s->table->partitions[i].type, &type);
        buf_puts(&s->sql, ", TRY_CAST(");
        if (!value || strcmp(value, "__HIVE_DEFAULT_PARTITION__") == 0)
            buf_puts(&s->sql, "NULL");
        else
            athena_quote(&s->sql, value, '\'');
        buf_printf(&s->sql, " AS %s) AS ", buf_text(&type));
        athena_quote(&s->sql, s->table->partitions[i].name, '"');
    }
    buf_done(&type);
    return ok;
}

/* SELECT of one location; without objects, of no rows. */
static bool put_part(struct athena_source *s, const char *location, const json_t *values, bool *any)
{
    if (!list_files(s, location))
        return false;
    if (s->part_files == 0)
        return true;
    buf_puts(&s->sql, *any ? " UNION ALL SELECT " : "SELECT ");
    *any = true;
    return s->format->put_columns(s) && put_partition(s, values) &&
           buf_puts(&s->sql, ", filename AS \"$file\" FROM ") && s->format->put_reader(s);
}

static bool put_empty(struct athena_source *s)
{
    struct buf type = BUF_INIT(65536);
    bool ok = true;
    buf_puts(&s->sql, "SELECT ");
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        ok = athena_engine_type(s, s->table->columns[i].type, &type);
        buf_printf(&s->sql, "%sCAST(NULL AS %s) AS ", i ? ", " : "", buf_text(&type));
        athena_quote(&s->sql, s->table->columns[i].name, '"');
    }
    buf_done(&type);
    ok = ok && put_partition(s, NULL);
    buf_puts(&s->sql, ", '' AS \"$file\" WHERE false");
    return ok;
}

static bool put_partitions(struct athena_source *s, bool *any)
{
    struct glue_table_id id = {.database = s->table->database, .table = s->table->name};
    struct glue_partition_query query = {.expression = athena_prune(s->run, s->table), .without_columns = true};
    struct glue_page page = {.max = PARTITION_PAGE};
    bool ok = true;
    do {
        char *after = page.next;
        page.after = after;
        page.next = NULL;
        json_t *partition, *list = glue_partition_list(s->run->job->cloud, &id, &query, &page, s->err);
        if (!list && query.expression && strcmp(s->err->service_code, "InvalidInputException") == 0) {
            *s->err = ERR_NONE; /* what Glue does not take is left to the engine */
            query.expression = NULL;
            list = glue_partition_list(s->run->job->cloud, &id, &query, &page, s->err);
        }
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

static bool put_view(struct athena_source *s)
{
    bool any = false;
    const char *location = json_str(json_object_get(s->document, "StorageDescriptor"), "Location");
    buf_puts(&s->sql, "CREATE VIEW ");
    athena_quote(&s->sql, s->table->database, '"');
    buf_putc(&s->sql, '.');
    athena_quote(&s->sql, s->table->name, '"');
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
    struct athena_source s = {.run = run,
                              .table = table,
                              .files = BUF_INIT(SQL_MAX),
                              .paths = BUF_INIT(SQL_MAX),
                              .uris = BUF_INIT(SQL_MAX),
                              .sql = BUF_INIT(SQL_MAX),
                              .err = err};
    s.document = glue_table_get(run->job->cloud, table->database, table->name, err);
    bool ok = s.document && find_format(&s);
    if (ok) {
        buf_puts(&s.sql, "CREATE SCHEMA IF NOT EXISTS ");
        athena_quote(&s.sql, table->database, '"');
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
