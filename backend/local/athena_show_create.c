/* SHOW CREATE TABLE and SHOW CREATE VIEW: the statement that makes the same again. Runner threads. Source: Athena User
 * Guide, "SHOW CREATE TABLE", "SHOW CREATE VIEW". */
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include <string.h>

/* As a text of Hive's DDL. Escapes that were written as such ("\\t") are kept as they came. */
static void put_text(struct buf *out, const char *text)
{
    buf_putc(out, '\'');
    for (; *text; text++) {
        bool is_escape = *text == '\\' && text[1] && strchr("tnrbu0123456789", text[1]);
        if (*text == '\'' || (*text == '\\' && !is_escape))
            buf_putc(out, '\\');
        if (*text == '\n')
            buf_puts(out, "\\n");
        else if (*text == '\t')
            buf_puts(out, "\\t");
        else if ((unsigned char)*text < 0x20)
            buf_printf(out, "\\u%04X", (unsigned char)*text);
        else
            buf_putc(out, *text);
    }
    buf_putc(out, '\'');
}

static void put_columns(struct buf *out, const json_t *columns)
{
    size_t i;
    json_t *column;
    json_array_foreach(columns, i, column)
    {
        buf_printf(out, "%s  `%s` %s", i ? ", \n" : "", json_str(column, "Name"), json_str(column, "Type"));
        if (*json_str(column, "Comment")) {
            buf_puts(out, " COMMENT ");
            put_text(out, json_str(column, "Comment"));
        }
    }
    buf_putc(out, ')');
}

/* The names in order, those of `without` left out. */
static json_t *sorted_names(json_t *pairs, const char *const *without)
{
    const char *key;
    json_t *value, *names = json_array();
    json_object_foreach(pairs, key, value)
    {
        size_t i = 0;
        while (without[i] && strcmp(without[i], key) != 0)
            i++;
        if (without[i])
            continue;
        for (i = 0; i < json_array_size(names); i++)
            if (strcmp(json_string_value(json_array_get(names, i)), key) > 0)
                break;
        json_array_insert_new(names, i, json_string(key));
    }
    return names;
}

/* False when there are none. */
static bool put_pairs(struct buf *out, const char *before, json_t *pairs, const char *const *without)
{
    json_t *names = sorted_names(pairs, without), *entry;
    bool any = json_array_size(names) > 0;
    size_t i;
    json_array_foreach(names, i, entry)
    {
        buf_puts(out, i ? ", \n  " : before);
        put_text(out, json_string_value(entry));
        buf_putc(out, '=');
        put_text(out, json_str(pairs, json_string_value(entry)));
    }
    if (any)
        buf_putc(out, ')');
    json_decref(names);
    return any;
}

/* LazySimpleSerDe's own properties have words; other SerDes have properties. */
static void put_row_format(struct buf *out, const json_t *serde)
{
    static const struct {
        const char *property, *words;
    } rows[] = {{"field.delim", "FIELDS TERMINATED BY"},
                {"escape.delim", "ESCAPED BY"},
                {"collection.delim", "COLLECTION ITEMS TERMINATED BY"},
                {"mapkey.delim", "MAP KEYS TERMINATED BY"},
                {"line.delim", "LINES TERMINATED BY"},
                {"serialization.null.format", "NULL DEFINED AS"}};
    static const char *const none[] = {NULL};
    json_t *parameters = json_object_get(serde, "Parameters");
    const char *library = json_str(serde, "SerializationLibrary");
    if (strstr(library, "LazySimpleSerDe") && *json_str(parameters, "field.delim")) {
        buf_puts(out, "\nROW FORMAT DELIMITED ");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (*json_str(parameters, rows[i].property)) {
                buf_printf(out, "\n  %s ", rows[i].words);
                put_text(out, json_str(parameters, rows[i].property));
                buf_putc(out, ' ');
            }
        return;
    }
    buf_printf(out, "\nROW FORMAT SERDE \n  '%s' ", library);
    if (put_pairs(out, "\nWITH SERDEPROPERTIES ( \n  ", parameters, none))
        buf_putc(out, ' ');
}

bool athena_show_create_table(struct athena_run *run, struct err *err)
{
    static const char *const own[] = {"EXTERNAL", "comment", NULL};
    const struct dialect_statement *st = run->statement;
    athena_columns(run, (const char *const[]){"createtab_stmt", NULL});
    json_t *table = glue_table_get(run->job->cloud, st->database, st->name, err);
    if (!table)
        return false;
    const json_t *storage = json_object_get(table, "StorageDescriptor"),
                 *keys = json_object_get(table, "PartitionKeys");
    json_t *parameters = json_object_get(table, "Parameters");
    struct buf *out = &run->text;
    bool ok = strcmp(json_str(table, "TableType"), "VIRTUAL_VIEW") != 0 ||
              athena_refuse(err, "FAILED", "SemanticException %.100s is a view: use SHOW CREATE VIEW", st->name);
    if (ok) {
        buf_printf(out, "CREATE EXTERNAL TABLE `%s`(\n", json_str(table, "Name"));
        put_columns(out, json_object_get(storage, "Columns"));
        if (*json_str(parameters, "comment")) {
            buf_puts(out, "\nCOMMENT ");
            put_text(out, json_str(parameters, "comment"));
        }
        if (json_array_size(keys)) {
            buf_puts(out, "\nPARTITIONED BY ( \n");
            put_columns(out, keys);
        }
        put_row_format(out, json_object_get(storage, "SerdeInfo"));
        buf_printf(out, "\nSTORED AS INPUTFORMAT \n  '%s' \nOUTPUTFORMAT \n  '%s'\nLOCATION\n  ",
                   json_str(storage, "InputFormat"), json_str(storage, "OutputFormat"));
        put_text(out, json_str(storage, "Location"));
        put_pairs(out, "\nTBLPROPERTIES (\n  ", parameters, own);
        buf_putc(out, '\n');
    }
    json_decref(table);
    return ok;
}

bool athena_show_create_view(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    struct dialect_catalog catalog;
    athena_columns(run, (const char *const[]){"Create View", NULL});
    athena_catalog(run->job->cloud, &catalog);
    const struct dialect_table *table = catalog.table(catalog.context, run->arena, st->database, st->name, err);
    if (!table)
        return false;
    if (!table->view_sql)
        return athena_refuse(err, "NOT_SUPPORTED", "%.100s.%.100s is not a view", st->database, st->name);
    buf_printf(&run->text, "CREATE VIEW %s.%s AS \n%s\n", st->database, st->name, table->view_sql);
    return true;
}
