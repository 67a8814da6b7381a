/* Views: kept in the catalog as Athena keeps them, so that every reader of the catalog can tell one. Runner threads.
 * Sources: Athena User Guide, "CREATE VIEW"; Trino's ViewReaderUtil, for the form in the catalog. */
#include "backend/base/digest.h"
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"
#include <stdlib.h>
#include <string.h>

enum { VIEW_TEXT_MAX = 16 << 20 };

/* Hive's columns, and Trino's for the view's own text. */
static bool put_columns(const struct dialect_statement *st, json_t *hive, json_t *trino, struct err *err)
{
    struct buf type = BUF_INIT(65536);
    bool ok = true;
    for (size_t i = 0; ok && st->output_names[i]; i++) {
        buf_clear(&type);
        ok = (strcmp(st->output_types[i], "unknown") != 0 && dialect_type_to_hive(st->output_types[i], &type)) ||
             athena_refuse(err, "NOT_SUPPORTED", "Unsupported Hive type: %.60s, of column %.60s", st->output_types[i],
                           st->output_names[i]);
        json_array_append_new(hive, json_pack("{s:s, s:s}", "Name", st->output_names[i], "Type", buf_text(&type)));
        json_array_append_new(trino, json_pack("{s:s, s:s}", "name", st->output_names[i], "type", st->output_types[i]));
    }
    buf_done(&type);
    return ok;
}

static bool encode(const json_t *view, struct buf *out, struct err *err)
{
    struct buf plain = BUF_INIT(VIEW_TEXT_MAX);
    buf_puts(out, ATHENA_VIEW_HEAD);
    bool ok = json_write(view, 0, &plain);
    char *room = ok ? buf_reserve(out, 4 * (plain.len / 3 + 1) + 1) : NULL;
    if (room) {
        base64_encode(plain.data, plain.len, room);
        out->len += strlen(room);
        buf_puts(out, " */");
    }
    buf_done(&plain);
    return (room && !out->failed) || err_set(err, ERR_TOO_LARGE, "the view's text is too long");
}

static json_t *table_input(const struct dialect_statement *st, json_t *hive, const char *original)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:s, s:o, s:{s:o, s:s, s:{s:{}}}}", "Name", st->name, "TableType",
                     "VIRTUAL_VIEW", "Parameters", "presto_view", "true", "comment",
                     st->comment ? st->comment : "Presto View", "ViewOriginalText", original, "ViewExpandedText",
                     "/* Presto View */", "PartitionKeys", json_array(), "StorageDescriptor", "Columns", hive,
                     "Location", "", "SerdeInfo", "Parameters");
}

static bool write_view(struct athena_run *run, const json_t *input, struct err *err)
{
    struct cloud *cloud = run->job->cloud;
    const struct dialect_statement *st = run->statement;
    struct err cause = ERR_NONE;
    json_t *before = glue_table_get(cloud, st->database, st->name, &cause);
    bool is_there = before != NULL, is_view = strcmp(json_str(before, "TableType"), "VIRTUAL_VIEW") == 0;
    json_decref(before);
    if (is_there && !is_view)
        return athena_refuse(err, "TABLE_ALREADY_EXISTS",
                             "line 1:1: Table already exists: 'awsdatacatalog.%.80s.%.80s'", st->database, st->name);
    if (is_there && !st->or_replace)
        return athena_refuse(err, "VIEW_ALREADY_EXISTS", "line 1:1: View already exists: 'awsdatacatalog.%.80s.%.80s'",
                             st->database, st->name);
    struct glue_table_change change = {.database = st->database, .input = input};
    return is_there ? glue_table_update(cloud, &change, err)
                    : glue_table_create(cloud, st->database, input, "arn:aws:iam::" CLOUD_ACCOUNT ":root", err);
}

/* Names in the view are of the database that its maker was in. */
static const char *session_database(const struct athena_run *run)
{
    const json_t *execution = json_object_get(run->job->record, "Execution");
    const char *database = json_str(json_object_get(execution, "QueryExecutionContext"), "Database");
    return *database ? database : "default";
}

bool athena_create_view(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    struct buf original = BUF_INIT(VIEW_TEXT_MAX);
    json_t *hive = json_array(), *trino = json_array();
    bool ok = put_columns(st, hive, trino, err);
    json_t *view = json_pack("{s:s, s:s, s:s, s:o}", "originalSql", st->view_sql, "catalog", "awsdatacatalog", "schema",
                             session_database(run), "columns", trino);
    ok = ok && encode(view, &original, err);
    json_t *input = table_input(st, hive, buf_text(&original));
    ok = ok && write_view(run, input, err);
    json_decref(view);
    json_decref(input);
    buf_done(&original);
    return ok;
}

bool athena_drop_view(struct athena_run *run, struct err *err)
{
    const struct dialect_statement *st = run->statement;
    struct err cause = ERR_NONE;
    json_t *table = glue_table_get(run->job->cloud, st->database, st->name, &cause);
    bool is_there = table != NULL, is_view = strcmp(json_str(table, "TableType"), "VIRTUAL_VIEW") == 0;
    json_decref(table);
    if (!is_there)
        return st->if_exists || athena_refuse(err, "VIEW_NOT_FOUND", "line 1:1: View '%.80s.%.80s' does not exist",
                                              st->database, st->name);
    if (!is_view)
        return athena_refuse(err, "VIEW_NOT_FOUND",
                             "line 1:1: View 'awsdatacatalog.%.80s.%.80s' does not exist, but a table with that name "
                             "exists. Did you mean DROP TABLE %.80s.%.80s?",
                             st->database, st->name, st->database, st->name);
    return glue_table_delete(run->job->cloud, st->database, st->name, err);
}
