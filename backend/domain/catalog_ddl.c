/* Tables as SQL: names quoted where they must be, the text of SHOW CREATE TABLE, the query of a view. Pure. Source:
 * Athena User Guide, "SHOW CREATE TABLE", "Names for tables, databases, and columns", "Escape reserved keywords". */
#include "backend/base/digest.h"
#include "backend/domain/catalog_private.h"
#include "backend/sql/dialect_parse.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { VIEW_MAX = 1 << 20, PROPERTIES_MAX = 512 };
static const char view_head[] = "/* Presto View: ";

static bool is_plain(const char *name)
{
    size_t len = strlen(name);
    if (!len || isdigit((unsigned char)*name) || dialect_is_reserved(name, len))
        return false;
    for (; *name; name++)
        if (!islower((unsigned char)*name) && !isdigit((unsigned char)*name) && *name != '_')
            return false; /* capitals are folded unless quoted */
    return true;
}

static bool write_quoted(const char *text, char quote, struct buf *out)
{
    buf_putc(out, quote);
    for (; *text; text++) {
        if (*text == quote)
            buf_putc(out, quote);
        buf_putc(out, *text);
    }
    return buf_putc(out, quote);
}

bool catalog_write_name(const char *name, struct buf *out)
{
    return is_plain(name) ? buf_puts(out, name) : write_quoted(name, '"', out);
}

bool catalog_write_qualified(const char *database, const char *table, struct buf *out)
{
    return catalog_write_name(database, out) && buf_putc(out, '.') && catalog_write_name(table, out);
}

/* ---- views */

bool catalog_view_query(const json_t *table, struct buf *out)
{
    const char *text = json_str(table, "ViewOriginalText");
    size_t head = sizeof view_head - 1, len = strlen(text);
    if (!len)
        return false;
    if (strncmp(text, view_head, head) != 0)
        return buf_puts(out, text);
    const char *end = strstr(text + head, " */");
    size_t coded = end ? (size_t)(end - text) - head : len - head;
    uint8_t *bytes = coded < VIEW_MAX ? malloc(coded + 4) : NULL;
    if (!bytes)
        return false;
    long got = base64_decode(text + head, coded, bytes);
    struct err err = ERR_NONE;
    json_t *view = got > 0 ? json_parse((const char *)bytes, (size_t)got, &err) : NULL;
    const char *sql = json_str(view, "originalSql");
    bool ok = *sql && buf_puts(out, sql);
    json_decref(view);
    free(bytes);
    return ok;
}

static bool write_view(const json_t *table, struct buf *out)
{
    struct buf query = BUF_INIT(VIEW_MAX);
    bool ok = catalog_view_query(table, &query);
    if (ok) {
        buf_puts(out, "CREATE VIEW ");
        catalog_write_qualified(json_str(table, "DatabaseName"), json_str(table, "Name"), out);
        buf_printf(out, " AS\n%s\n", buf_text(&query));
    }
    buf_done(&query);
    return ok && !out->failed;
}

/* ---- tables */

static void write_columns(const json_t *columns, struct buf *out)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        buf_puts(out, i ? ", \n  " : "  ");
        write_quoted(json_str(column, "Name"), '`', out);
        buf_printf(out, " %s", json_str(column, "Type"));
        if (*json_str(column, "Comment")) {
            buf_puts(out, " COMMENT ");
            write_quoted(json_str(column, "Comment"), '\'', out);
        }
    }
    buf_puts(out, ")\n");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their names, as Athena prints them. */
static void write_pairs(const char *head, json_t *pairs, const char *tail, struct buf *out)
{
    const char *names[PROPERTIES_MAX], *name;
    size_t count = 0;
    json_t *value;
    json_object_foreach(pairs, name, value)
    {
        if (count < PROPERTIES_MAX)
            names[count++] = name;
    }
    if (count == 0)
        return;
    qsort(names, count, sizeof *names, by_name);
    buf_printf(out, "%s\n", head);
    for (size_t i = 0; i < count; i++) {
        buf_puts(out, i ? ", \n  " : "  ");
        write_quoted(names[i], '\'', out);
        buf_putc(out, '=');
        write_quoted(json_str(pairs, names[i]), '\'', out);
    }
    buf_printf(out, ")%s\n", tail);
}

static void write_text(const char *head, const char *text, const char *tail, struct buf *out)
{
    if (!*text)
        return;
    buf_printf(out, "%s\n  ", head);
    write_quoted(text, '\'', out);
    buf_printf(out, "%s\n", tail);
}

bool catalog_write_ddl(const json_t *table, struct buf *out)
{
    const json_t *descriptor = json_object_get(table, "StorageDescriptor");
    const json_t *serde = json_object_get(descriptor, "SerdeInfo"), *keys = json_object_get(table, "PartitionKeys");
    if (strcmp(json_str(table, "TableType"), "VIRTUAL_VIEW") == 0)
        return write_view(table, out);
    buf_puts(out, "CREATE EXTERNAL TABLE ");
    write_quoted(json_str(table, "Name"), '`', out);
    buf_puts(out, "(\n");
    write_columns(json_object_get(descriptor, "Columns"), out);
    write_text("COMMENT", json_str(table, "Description"), "", out);
    if (json_array_size(keys)) {
        buf_puts(out, "PARTITIONED BY ( \n");
        write_columns(keys, out);
    }
    write_text("ROW FORMAT SERDE ", json_str(serde, "SerializationLibrary"), " ", out);
    write_pairs("WITH SERDEPROPERTIES ( ", json_object_get(serde, "Parameters"), " ", out);
    write_text("STORED AS INPUTFORMAT ", json_str(descriptor, "InputFormat"), " ", out);
    write_text("OUTPUTFORMAT ", json_str(descriptor, "OutputFormat"), "", out);
    write_text("LOCATION", json_str(descriptor, "Location"), "", out);
    write_pairs("TBLPROPERTIES (", json_object_get(table, "Parameters"), "", out);
    return !out->failed;
}
