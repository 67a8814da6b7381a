/* See athena_write.h. Sources: Athena User Guide, "CREATE TABLE AS", "INSERT INTO", "UNLOAD", "Identify query output
 * files"; Hive's names of partition folders. */
#include "backend/local/athena_write.h"
#include "backend/base/path.h"
#include "backend/local/s3_inside.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SQL_MAX = 32 << 20, MANIFEST_MAX = 64 << 20, FOLDER_MAX = 4096 };
#define BUCKET_COLUMN "weir_bucket"

/* ---- formats */

static const struct athena_storage storages[] = {
    {.name = "PARQUET",
     .serde = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
     .input = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
     .output = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
     .extension = ".parquet",
     .copy = "FORMAT parquet",
     .is_self_packed = true},
    {.name = "TEXTFILE",
     .serde = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
     .input = "org.apache.hadoop.mapred.TextInputFormat",
     .output = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
     .extension = "",
     .copy = "FORMAT csv, QUOTE '', ESCAPE ''",
     .is_text = true},
    {.name = "JSON",
     .serde = "org.openx.data.jsonserde.JsonSerDe",
     .input = "org.apache.hadoop.mapred.TextInputFormat",
     .output = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
     .extension = ".json",
     .copy = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\001'", /* one column: a document */
     .is_json = true},
};

const struct athena_storage *athena_storage_named(const char *name, struct err *err)
{
    for (size_t i = 0; i < sizeof storages / sizeof *storages; i++)
        if (strcasecmp(storages[i].name, name) == 0)
            return &storages[i];
    athena_refuse(err, "NOT_SUPPORTED",
                  "the format %.40s is not supported by the embedded cloud: it writes PARQUET, TEXTFILE and JSON",
                  name);
    return NULL;
}

const struct athena_storage *athena_storage_of_serde(const char *library, struct err *err)
{
    for (size_t i = 0; i < sizeof storages / sizeof *storages; i++)
        if (strcmp(storages[i].serde, library) == 0)
            return &storages[i];
    if (strstr(library, "hcatalog.data.JsonSerDe"))
        return athena_storage_named("JSON", err);
    athena_refuse(err, "NOT_SUPPORTED", "writing with the SerDe %.100s is not supported", library);
    return NULL;
}

bool athena_write_compression(struct athena_write *write, const char *name, struct err *err)
{
    static const struct {
        const char *name, *engine;
        bool is_for_text;
    } rows[] = {{"GZIP", "gzip", true},         {"ZSTD", "zstd", true},
                {"NONE", "uncompressed", true}, {"UNCOMPRESSED", "uncompressed", true},
                {"SNAPPY", "snappy", false},    {"LZ4", "lz4_raw", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcasecmp(rows[i].name, name ? name : "GZIP") == 0 &&
            (rows[i].is_for_text || write->storage->is_self_packed)) {
            write->compression = rows[i].engine;
            if (!write->storage->is_self_packed && strcmp(rows[i].engine, "uncompressed") == 0)
                write->compression = "none";
            return true;
        }
    return athena_refuse(err, "NOT_SUPPORTED", "the compression %.40s is not supported for %s", name,
                         write->storage->name);
}

/* ---- columns and places */

bool athena_write_columns(struct athena_write *write, struct err *err)
{
    const struct dialect_statement *st = write->run->statement;
    struct buf type = BUF_INIT(65536);
    bool ok = true;
    while (st->output_names[write->column_count])
        write->column_count++;
    write->columns = ARENA_ARRAY(write->run->arena, struct dialect_column, write->column_count + 1);
    for (size_t i = 0; ok && write->columns && i < write->column_count; i++) {
        buf_clear(&type);
        ok = dialect_type_can_be_stored(st->output_types[i]) && dialect_type_to_hive(st->output_types[i], &type);
        char *name = arena_strdup(write->run->arena, st->output_names[i]);
        for (char *c = name; c && *c; c++)
            *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
        write->columns[i] =
            (struct dialect_column){.name = name, .type = arena_strdup(write->run->arena, buf_text(&type))};
        if (!ok)
            athena_refuse(err, "NOT_SUPPORTED", "Unsupported Hive type: %.60s, of column %.60s", st->output_types[i],
                          st->output_names[i]);
    }
    buf_done(&type);
    return ok && (write->columns || err_set(err, ERR_TOO_LARGE, "the statement has too many columns"));
}

bool athena_write_place(struct athena_write *write, const char *uri, struct err *err)
{
    struct err cause = ERR_NONE;
    if (!s3_name_parse(uri, &write->place, &cause))
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "%.200s is no s3:// location", uri);
    size_t len = strlen(write->place.key);
    if (len && write->place.key[len - 1] != '/') {
        if (len + 2 > sizeof write->place.key)
            return athena_refuse(err, "INVALID_TABLE_PROPERTY", "the location %.100s is too long", uri);
        memcpy(write->place.key + len, "/", 2);
    }
    return s3_inside_bucket_exists(write->run->job->cloud, write->place.bucket) ||
           athena_refuse(err, "HIVE_FILESYSTEM_ERROR", "the bucket of %.180s does not exist", uri);
}

bool athena_write_delimiter(struct athena_write *write, struct err *err)
{
    const char *field = pairs_get(&write->run->statement->properties, "field_delimiter");
    if (field && !write->storage->is_text)
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "field_delimiter can be specified only for TEXTFILE");
    if (field && strlen(field) != 1)
        return athena_refuse(err, "INVALID_TABLE_PROPERTY", "field_delimiter must be a single character");
    snprintf(write->field, sizeof write->field, "%s", field ? field : "\001");
    static const char *const separators[DIALECT_LAZY_LEVELS] = {"\002", "\003", "\004", "\005",
                                                                "\006", "\007", "\010", "\013"};
    write->lazy = (struct dialect_lazy){.null_text = "\\N", .escape = ""};
    memcpy(write->lazy.separators, separators, sizeof separators);
    return true;
}

static bool note_any(void *context, const struct s3_inside_object *object)
{
    (void)object;
    *(bool *)context = true;
    return false;
}

bool athena_write_needs_empty(struct athena_write *write, struct err *err)
{
    bool any = false;
    if (!s3_inside_list(write->run->job->cloud, write->place.bucket, write->place.key, "", note_any, &any, err))
        return false;
    return !any ||
           athena_refuse(err, "HIVE_PATH_ALREADY_EXISTS",
                         "Target directory already exists: s3://%.63s/%.120s. Its objects are kept: clean it up "
                         "or name another one",
                         write->place.bucket, write->place.key);
}

json_t *athena_write_columns_json(const struct athena_write *write, size_t from, size_t to)
{
    return athena_columns_json(write->columns + from, to - from);
}

json_t *athena_write_inputs(const struct athena_write *write, const json_t *storage)
{
    json_t *inputs = json_array(), *partition;
    size_t i;
    json_array_foreach(write->partitions, i, partition)
    {
        if (!json_bool(partition, "IsNew", false))
            continue;
        json_t *own = json_deep_copy(storage);
        json_object_set(own, "Location", json_object_get(partition, "Location"));
        json_array_append_new(
            inputs, json_pack("{s:O, s:o}", "Values", json_object_get(partition, "Values"), "StorageDescriptor", own));
    }
    return inputs;
}

/* ---- the engine's part */

static void put_name(struct buf *out, const char *name)
{
    buf_putc(out, '"');
    for (; *name; name++)
        buf_puts(out, *name == '"' ? "\"\"" : (char[]){*name, '\0'});
    buf_putc(out, '"');
}

/* Numbers that JSON lacks are the strings that its readers here take for them. */
static void put_json_number(const char *name, const char *type, struct buf *sql)
{
    buf_printf(sql,
               "CASE WHEN isnan(%s) THEN '\"NaN\"'::JSON WHEN isinf(%s) THEN (CASE WHEN %s>0 THEN '\"Infinity\"' ELSE "
               "'\"-Infinity\"' END)::JSON ELSE to_json(CAST(%s AS %s)) END",
               name, name, name, name, type);
}

static bool put_value(struct athena_write *write, size_t column, struct buf *sql, struct err *err)
{
    struct buf type = BUF_INIT(65536);
    char name[32];
    snprintf(name, sizeof name, "c%zu", column);
    const char *hive = write->columns[column].type;
    bool is_key = column >= write->column_count - write->partition_count, is_json = write->storage->is_json && !is_key;
    bool ok = dialect_type_from_hive(hive, &type, err);
    if (is_json) {
        put_name(sql, write->columns[column].name);
        buf_puts(sql, " := ");
    }
    if (ok && write->storage->is_text && !is_key)
        ok = dialect_lazy_write(&write->lazy, hive, name, sql, err);
    else if (is_json && (strcmp(hive, "double") == 0 || strcmp(hive, "float") == 0))
        put_json_number(name, buf_text(&type), sql);
    else if (is_json && strcmp(hive, "binary") == 0)
        buf_printf(sql, "to_base64(%s)", name);
    else
        buf_printf(sql, is_key ? "CAST(CAST(%s AS %s) AS VARCHAR)" : "CAST(%s AS %s)", name, buf_text(&type));
    if (!is_json) {
        buf_puts(sql, " AS ");
        put_name(sql, write->columns[column].name);
    }
    buf_done(&type);
    return ok;
}

/* Hive's hash of the bucket columns: 31 h + x in 32 bits, like a Java list's. Source: Hive's
 * ObjectInspectorUtils.getBucketHashCode. */
static bool put_bucket(struct athena_write *write, struct buf *sql, struct err *err)
{
    struct buf hash = BUF_INIT(65536), outer = BUF_INIT(65536);
    bool ok = true;
    buf_puts(&hash, "0");
    for (size_t i = 0; ok && write->bucketed_by[i]; i++) {
        size_t at = 0;
        while (at < write->column_count - write->partition_count &&
               strcasecmp(write->columns[at].name, write->bucketed_by[i]) != 0)
            at++;
        if (at == write->column_count - write->partition_count)
            ok = athena_refuse(err, "INVALID_TABLE_PROPERTY", "the bucket column %.80s is no column of the table",
                               write->bucketed_by[i]);
        if (!ok)
            break;
        const char *type = write->columns[at].type;
        bool is_text = strcmp(type, "string") == 0 || strncmp(type, "varchar", 7) == 0;
        bool is_whole = strcmp(type, "int") == 0 || strcmp(type, "bigint") == 0 || strcmp(type, "smallint") == 0 ||
                        strcmp(type, "tinyint") == 0;
        if (!is_text && !is_whole)
            ok = athena_refuse(err, "NOT_SUPPORTED", "a bucket column of type %.40s is not supported", type);
        buf_clear(&outer);
        const char *function = is_text ? "weir_hive_hash_text" : "weir_hive_hash_long";
        buf_printf(&outer, "((31*%s+coalesce(", buf_text(&hash));
        if (is_text || strcmp(type, "bigint") == 0)
            buf_printf(&outer, "%s(c%zu)", function, at);
        else /* a smaller whole number's is itself */
            buf_printf(&outer, "(c%zu::BIGINT & 4294967295)", at);
        buf_puts(&outer, ",0)) & 4294967295)");
        buf_clear(&hash);
        buf_append(&hash, outer.data, outer.len);
    }
    buf_printf(sql, ", (%s & 2147483647) %% %d AS " BUCKET_COLUMN, buf_text(&hash), write->buckets);
    ok = ok && !hash.failed && !outer.failed;
    buf_done(&hash);
    buf_done(&outer);
    return ok;
}

static void put_options(struct athena_write *write, struct buf *sql)
{
    buf_printf(sql, "(%s, COMPRESSION %s", write->storage->copy, write->compression);
    if (write->level)
        buf_printf(sql, ", COMPRESSION_LEVEL %d", write->level);
    if (write->storage->is_text) {
        buf_printf(sql, ", HEADER %s, DELIMITER '", write->has_header ? "true" : "false");
        buf_puts(sql, *write->field == '\'' ? "''" : write->field);
        buf_puts(sql, "', NULLSTR '\\N'");
    }
    size_t keys = write->partition_count + (write->buckets > 0);
    for (size_t i = 0; i < keys; i++) {
        buf_puts(sql, i ? ", " : ", PARTITION_BY (");
        put_name(sql, i < write->partition_count ? write->columns[write->column_count - write->partition_count + i].name
                                                 : BUCKET_COLUMN);
    }
    buf_puts(sql, keys ? "), OVERWRITE true)" : ")");
}

static bool put_copy(struct athena_write *write, const char *target, struct buf *sql, struct err *err)
{
    bool ok = true, is_json = write->storage->is_json;
    size_t own = write->column_count - write->partition_count;
    buf_puts(sql, is_json ? "COPY (SELECT CAST(to_json(struct_pack(" : "COPY (SELECT ");
    for (size_t i = 0; ok && i < write->column_count; i++) {
        buf_puts(sql, i == 0 ? "" : is_json && i == own ? ")) AS VARCHAR) AS line, " : ", ");
        ok = put_value(write, i, sql, err);
    }
    if (is_json && write->partition_count == 0)
        buf_puts(sql, ")) AS VARCHAR) AS line");
    ok = ok && (write->buckets == 0 || put_bucket(write, sql, err));
    buf_printf(sql, " FROM (%s) AS q(", write->run->statement->duck_sql);
    for (size_t i = 0; i < write->column_count; i++)
        buf_printf(sql, "%sc%zu", i ? "," : "", i);
    buf_printf(sql, ")) TO '%s' ", target);
    put_options(write, sql);
    return ok && (!sql->failed || err_set(err, ERR_TOO_LARGE, "the statement has too many columns"));
}

static bool run_engine(struct athena_write *write, const char *out, struct err *err)
{
    struct buf sql = BUF_INIT(SQL_MAX);
    char target[PATH_SIZE];
    bool has_keys = write->partition_count || write->buckets;
    snprintf(target, sizeof target, "%.4000s%s", out, has_keys ? "" : "/data_0");
    bool ok = athena_tables(write->run, err) && path_make_dirs(out, 0700, err) && put_copy(write, target, &sql, err);
    write->run->job->planned_ms = clock_mono(&clock_system);
    ok = ok && athena_run_engine(write->run, buf_text(&sql), "", err);
    buf_done(&sql);
    int64_t cutoff = write->run->job->cutoff;
    if (ok && cutoff > 0 && write->run->scanned > cutoff) {
        write->run->job->engine.is_cut = true;
        ok = err_set(err, ERR_CANCELLED, "Bytes scanned limit was exceeded");
    }
    return ok;
}

/* ---- the files become objects */

struct walk {
    struct athena_write *write;
    json_t *values; /* of the folders above */
    int files, partition_files;
    int bucket; /* -1: none */
    struct err *err;
};

/* NULL and an empty text are one partition. */
static bool is_noted(const struct athena_write *write, const json_t *values)
{
    size_t i;
    json_t *partition;
    json_array_foreach(write->partitions, i, partition)
    {
        if (json_equal(json_object_get(partition, "Values"), values))
            return true;
    }
    return false;
}

/* Where the objects of the partition go: where it is, or a new folder at the table's place. Notes the partition. */
static bool find_place(struct walk *walk, struct s3_name *place)
{
    struct athena_write *write = walk->write;
    struct buf name = BUF_INIT(FOLDER_MAX);
    struct err known = ERR_NONE;
    char location[1800];
    if (write->partition_count == 0) {
        *place = write->place;
        return true;
    }
    json_t *keys = athena_write_columns_json(write, write->column_count - write->partition_count, write->column_count);
    athena_partition_name(keys, walk->values, &name);
    json_decref(keys);
    snprintf(location, sizeof location, "s3://%s/%s%.600s/", write->place.bucket, write->place.key, buf_text(&name));
    bool is_long = name.len > 600;
    buf_done(&name);
    json_t *kept = write->table ? glue_partition_get(write->run->job->cloud, write->table, walk->values, &known) : NULL;
    if (kept)
        snprintf(location, sizeof location, "%s", json_str(json_object_get(kept, "StorageDescriptor"), "Location"));
    if (!is_noted(write, walk->values))
        json_array_append_new(write->partitions, json_pack("{s:o, s:s, s:b}", "Values", json_copy(walk->values),
                                                           "Location", location, "IsNew", kept == NULL));
    json_decref(kept);
    if (json_array_size(write->partitions) > ATHENA_PARTITIONS_MAX)
        return athena_refuse(walk->err, "HIVE_TOO_MANY_OPEN_PARTITIONS",
                             "Exceeded limit of %d open writers for partitions/buckets", ATHENA_PARTITIONS_MAX);
    if (is_long || !s3_name_parse(location, place, walk->err))
        return athena_refuse(walk->err, "HIVE_INVALID_PARTITION_VALUE", "the partition's name is too long for a key");
    size_t len = strlen(place->key);
    if (len && place->key[len - 1] != '/' && len + 1 < sizeof place->key)
        memcpy(place->key + len, "/", 2);
    return true;
}

static const char *packed_extension(const struct athena_write *write)
{
    if (write->storage->is_self_packed)
        return "";
    return strcmp(write->compression, "gzip") == 0 ? ".gz" : strcmp(write->compression, "zstd") == 0 ? ".zst" : "";
}

static bool store_file(struct walk *walk, const struct s3_name *place, const char *path)
{
    struct athena_write *write = walk->write;
    char key[1300], bucket[24] = "";
    if (atomic_load(&write->run->job->engine.is_cancelled))
        return err_set(walk->err, ERR_CANCELLED, "Query cancelled by user");
    if (walk->bucket >= 0)
        snprintf(bucket, sizeof bucket, "_bucket-%05d", walk->bucket);
    snprintf(key, sizeof key, "%s%s%s_%05d%s%s", place->key, write->run->job->id, bucket, walk->files++,
             write->storage->extension, packed_extension(write));
    if (!s3_inside_store(write->run->job->cloud, place->bucket, key, "application/octet-stream", path, walk->err))
        return false;
    char uri[1400];
    snprintf(uri, sizeof uri, "s3://%s/%s", place->bucket, key);
    return json_array_append_new(write->objects, json_string(uri)) == 0;
}

static bool walk_folder(struct walk *walk, const char *dir, size_t depth, const struct s3_name *place);

/* "key=value" below the partition keys' folders; behind the last one the bucket's, which is no partition. */
static bool walk_key(struct walk *walk, const char *path, const char *name, size_t depth, const struct s3_name *place)
{
    const char *equals = strchr(name, '=');
    struct buf value = BUF_INIT(65536);
    struct s3_name own;
    bool ok = equals && uri_decode(equals + 1, strlen(equals + 1), false, &value);
    if (!ok)
        return err_set(walk->err, ERR_FAILED, "athena: the engine wrote %.100s", name);
    if (depth == walk->write->partition_count) {
        walk->bucket = atoi(buf_text(&value));
        ok = walk_folder(walk, path, depth + 1, place);
        buf_done(&value);
        return ok;
    }
    bool is_null = value.len == 0; /* Hive keeps an empty text as it keeps NULL */
    json_array_append_new(walk->values, json_string(is_null ? "__HIVE_DEFAULT_PARTITION__" : buf_text(&value)));
    buf_done(&value);
    bool is_last = depth + 1 == walk->write->partition_count;
    ok = (!is_last || find_place(walk, &own)) && walk_folder(walk, path, depth + 1, is_last ? &own : place);
    json_array_remove(walk->values, json_array_size(walk->values) - 1);
    return ok;
}

static bool walk_folder(struct walk *walk, const char *dir, size_t depth, const struct s3_name *place)
{
    DIR *listing = opendir(dir);
    const struct dirent *entry;
    bool ok = listing || err_set_errno(walk->err, ERR_IO, "reading %s", dir);
    size_t keys = walk->write->partition_count + (walk->write->buckets > 0);
    while (ok && (entry = readdir(listing))) {
        char path[PATH_SIZE];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        ok = path_join(path, dir, entry->d_name, walk->err) &&
             (depth < keys ? walk_key(walk, path, entry->d_name, depth, place) : store_file(walk, place, path));
    }
    if (listing)
        closedir(listing);
    return ok;
}

static bool store_files(struct athena_write *write, const char *out, struct err *err)
{
    struct walk walk = {.write = write, .values = json_array(), .bucket = -1, .err = err};
    bool ok = !path_exists(out) || walk_folder(&walk, out, 0, &write->place);
    json_decref(walk.values);
    return ok;
}

static bool store_manifest(struct athena_write *write, struct err *err)
{
    struct athena_run *run = write->run;
    struct buf text = BUF_INIT(MANIFEST_MAX);
    const char *bucket = json_str(run->job->record, "Bucket"), *base = json_str(run->job->record, "Key");
    char key[1300], uri[1400];
    json_t *object;
    size_t i;
    json_array_foreach(write->objects, i, object) buf_printf(&text, "%s\n", json_string_value(object));
    snprintf(key, sizeof key, "%s-manifest.csv", base);
    snprintf(uri, sizeof uri, "s3://%s/%s", bucket, key);
    bool ok = !text.failed && s3_inside_write(run->job->cloud, bucket, key, "text/csv", buf_text(&text), text.len, err);
    buf_done(&text);
    if (ok)
        json_object_set_new(run->job->record, "Manifest", json_string(uri));
    return ok;
}

bool athena_write_run(struct athena_write *write, struct err *err)
{
    char out[PATH_SIZE];
    write->objects = json_array();
    write->partitions = json_array();
    bool ok = path_join(out, write->run->dir, "out", err) && run_engine(write, out, err) &&
              store_files(write, out, err) && store_manifest(write, err);
    if (!ok)
        athena_write_undo(write);
    json_decref(write->run->columns);
    write->run->columns = json_pack("[{s:s, s:s}]", "name", "rows", "type", "bigint");
    return ok;
}

void athena_write_undo(struct athena_write *write)
{
    size_t i;
    json_t *object;
    struct s3_name name;
    struct err err = ERR_NONE;
    json_array_foreach(write->objects, i, object)
    {
        if (s3_name_parse(json_string_value(object), &name, &err))
            s3_inside_remove(write->run->job->cloud, name.bucket, name.key, &err);
    }
}

void athena_write_done(struct athena_write *write)
{
    json_decref(write->objects);
    json_decref(write->partitions);
}
