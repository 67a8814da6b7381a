/* JSON tables, one document a line: the OpenX SerDe and Hive's two. A function of ours picks the table's columns out of
 * the line, the engine gives them their types. Source: Athena User Guide, "JSON SerDe libraries". */
#include "backend/local/athena_source.h"
#include <string.h>

static bool open_json(struct athena_source *s)
{
    if (strcasecmp(athena_serde(s, "dots.in.keys", "false"), "true") == 0)
        return athena_source_refuse(s, "the SerDe parameter", "dots.in.keys");
    return athena_open_text(s);
}

static bool is_set(const struct athena_source *s, const char *key, const char *fallback)
{
    return strcasecmp(athena_serde(s, key, fallback), "true") == 0;
}

/* See sqlfn_record.c. */
static void put_spec(struct athena_source *s, struct buf *spec)
{
    bool is_openx = s->format == &athena_format_openx_json;
    buf_putc(spec, is_openx ? 'o' : 'h');
    buf_putc(spec, is_openx && !is_set(s, "case.insensitive", "true") ? 's' : 'i');
    buf_putc(spec, is_set(s, "ignore.malformed.json", "false") ? 'n' : 'f');
    buf_putc(spec, '\n');
    for (size_t i = 0; i < s->table->column_count; i++) {
        const struct dialect_column *column = &s->table->columns[i];
        char mapping[300];
        snprintf(mapping, sizeof mapping, "mapping.%.255s", column->name);
        buf_printf(spec, "%s\t%s\t%s\n", column->name, athena_serde(s, mapping, column->name), column->type);
    }
}

static bool put_structure(struct athena_source *s, struct buf *out)
{
    struct buf type = BUF_INIT(65536);
    bool ok = true;
    buf_putc(out, '{');
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        const struct dialect_column *column = &s->table->columns[i];
        ok = athena_engine_type(s, column->type, &type);
        if (ok && strcmp(column->type, "binary") == 0) { /* base64 or bytes: put_columns takes them out */
            buf_clear(&type);
            buf_puts(&type, "VARCHAR");
        } else if (ok && strstr(buf_text(&type), "BLOB")) {
            ok = athena_source_refuse(s, "JSON with a column of type", column->type);
        }
        buf_puts(out, i ? "," : "");
        json_write_string(column->name, strlen(column->name), out);
        buf_putc(out, ':');
        json_write_string(buf_text(&type), type.len, out);
    }
    buf_done(&type);
    return buf_putc(out, '}') && ok;
}

static bool put_columns(struct athena_source *s)
{
    bool is_openx = s->format == &athena_format_openx_json;
    for (size_t i = 0; i < s->table->column_count; i++) {
        bool is_bytes = strcmp(s->table->columns[i].type, "binary") == 0;
        buf_printf(&s->sql, "%s%s", i ? ", " : "", !is_bytes ? "r." : is_openx ? "TRY(from_base64(r." : "(encode(r.");
        athena_quote(&s->sql, s->table->columns[i].name, '"');
        buf_puts(&s->sql, is_bytes ? "))" : "");
        buf_puts(&s->sql, " AS ");
        athena_quote(&s->sql, s->table->columns[i].name, '"');
    }
    return true;
}

static bool put_reader(struct athena_source *s)
{
    struct buf spec = BUF_INIT(ATHENA_SOURCE_SQL_MAX), structure = BUF_INIT(ATHENA_SOURCE_SQL_MAX);
    put_spec(s, &spec);
    bool ok = put_structure(s, &structure);
    buf_puts(&s->sql, "(SELECT json_transform(weir_json_record(line,");
    athena_quote(&s->sql, buf_text(&spec), '\'');
    buf_puts(&s->sql, "),");
    athena_quote(&s->sql, buf_text(&structure), '\'');
    buf_puts(&s->sql, ") AS r, filename FROM ");
    athena_put_lines(s);
    buf_puts(&s->sql, ")");
    buf_done(&spec);
    buf_done(&structure);
    return ok;
}

const struct athena_format athena_format_openx_json = {.library = "openx.data.jsonserde",
                                                       .open = open_json,
                                                       .accept = athena_accept_text,
                                                       .put_columns = put_columns,
                                                       .put_reader = put_reader};
const struct athena_format athena_format_hive_json = {.library = "JsonSerDe",
                                                      .open = open_json,
                                                      .accept = athena_accept_text,
                                                      .put_columns = put_columns,
                                                      .put_reader = put_reader};
