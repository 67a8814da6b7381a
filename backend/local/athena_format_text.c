/* Text tables: LazySimpleSerDe, OpenCSVSerde and RegexSerDe. The engine's CSV reader gives lines, since as fields it
 * would pass over blank ones, which are rows to Hive; plain Lazy lines the engine splits, the others a function of
 * ours. Sources: Athena User Guide, "Choose a SerDe for your data"; Hive's SerDes; Trino's hive-formats. */
#include "backend/local/athena_source.h"
#include <stdlib.h>
#include <string.h>

/* ---- what all text tables share */

bool athena_open_text(struct athena_source *s)
{
    const char *ending = athena_serde(s, "line.delim", "\n"), *encoding = athena_serde(s, "serialization.encoding", "");
    if (strcmp(ending, "\n") != 0 && strcmp(ending, "\\n") != 0 && strcmp(ending, "10") != 0)
        return athena_source_refuse(s, "the line terminator", ending);
    if (*encoding && strcasecmp(encoding, "utf-8") != 0 && strcasecmp(encoding, "utf8") != 0)
        return athena_source_refuse(s, "the encoding", encoding);
    return true;
}

/* .gz and .zst; the others that Athena reads (Athena User Guide, "Use compression in Athena") are refused by name. */
bool athena_accept_text(struct athena_source *s, const struct athena_file *file)
{
    static const char *const refused[] = {".bz2", ".snappy", ".lzo", ".lz4", ".deflate", NULL};
    size_t len = strlen(file->uri);
    for (int i = 0; refused[i]; i++)
        if (len > strlen(refused[i]) && strcmp(file->uri + len - strlen(refused[i]), refused[i]) == 0)
            return athena_refuse(s->err, "NOT_SUPPORTED", "%.180s: the compression %s is not supported", file->uri,
                                 refused[i] + 1);
    if (*file->suffix) /* the engine takes a broken one's beginning for all of it: it is looked through first */
        json_array_append_new(s->run->compressed, json_string(file->path));
    return true;
}

static long header_lines(const struct athena_source *s)
{
    const char *skip = json_str(json_object_get(s->document, "Parameters"), "skip.header.line.count");
    return strtol(*skip ? skip : athena_serde(s, "skip.header.line.count", "0"), NULL, 10);
}

/* A blank line is NULL: only so the reader keeps it. */
void athena_put_lines(struct athena_source *s)
{
    buf_printf(&s->sql,
               "read_csv([%s], auto_detect=false, header=false, skip=%ld, max_line_size=%d, buffer_size=%d, quote='', "
               "escape='', nullstr='', null_padding=true, strict_mode=false, parallel=true, filename=true, "
               "columns={'line':'VARCHAR'}, delim='" DIALECT_FIELD_MARK "')",
               buf_text(&s->files), header_lines(s), ATHENA_LINE_MAX, ATHENA_LINE_MAX);
}

/* Lines whose fields a function of ours has found: the columns "f" and "filename". */
static void put_fields(struct athena_source *s, const char *function, const char *how)
{
    buf_printf(&s->sql, "(SELECT string_split(%s(line,", function);
    athena_quote(&s->sql, how, '\'');
    buf_puts(&s->sql, "),'" DIALECT_FIELD_MARK "') AS f, filename FROM ");
    athena_put_lines(s);
    buf_puts(&s->sql, ")");
}

/* "001", "\\t", "," -> the byte itself; longer texts as they are. */
static void read_delimiter(const char *text, char out[16])
{
    static const char names[] = "tnr", bytes[] = "\t\n\r";
    char *end;
    long code = strtol(text, &end, 10); /* Hive: a number is a byte's */
    const char *named = *text == '\\' && text[1] && !text[2] ? strchr(names, text[1]) : NULL;
    if (named)
        memcpy(out, (char[]){bytes[named - names], '\0'}, 2);
    else if (strlen(text) > 1 && *end == '\0' && code > 0 && code < 127)
        memcpy(out, (char[]){(char)code, '\0'}, 2);
    else if (strncmp(text, "\\u", 2) == 0 && strlen(text) == 6)
        memcpy(out, (char[]){(char)strtol(text + 2, NULL, 16), '\0'}, 2);
    else if (strlen(text) > 1 && *text == '\\' && text[1] >= '0' && text[1] <= '7')
        memcpy(out, (char[]){(char)strtol(text + 1, NULL, 8), '\0'}, 2);
    else
        snprintf(out, 16, "%s", text + (*text == '\\' && text[1] && !text[2]));
}

/* ---- LazySimpleSerDe */

struct lazy {
    struct dialect_lazy dialect;
    char field[16], collection[16], key[16], escape[16];
};

static void read_lazy(const struct athena_source *s, struct lazy *lazy)
{
    static const char *const deeper[] = {"\004", "\005", "\006", "\007", "\010", "\013"};
    read_delimiter(athena_serde(s, "field.delim", athena_serde(s, "serialization.format", "\001")), lazy->field);
    /* Hive spelt it wrong for years, and tables have it */
    read_delimiter(athena_serde(s, "collection.delim", athena_serde(s, "colelction.delim", "\002")), lazy->collection);
    read_delimiter(athena_serde(s, "mapkey.delim", "\003"), lazy->key);
    read_delimiter(athena_serde(s, "escape.delim", ""), lazy->escape);
    lazy->dialect = (struct dialect_lazy){.separators = {lazy->collection, lazy->key},
                                          .null_text = athena_serde(s, "serialization.null.format", "\\N"),
                                          .escape = lazy->escape};
    memcpy(lazy->dialect.separators + 2, deeper, sizeof deeper);
}

static bool open_lazy(struct athena_source *s)
{
    if (strcasecmp(athena_serde(s, "serialization.last.column.takes.rest", "false"), "true") == 0)
        return athena_source_refuse(s, "the SerDe parameter", "serialization.last.column.takes.rest");
    return athena_open_text(s);
}

static bool put_lazy_columns(struct athena_source *s)
{
    struct lazy lazy;
    bool ok = true;
    read_lazy(s, &lazy);
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        struct buf text = BUF_INIT(4096);
        buf_printf(&text, "f[%zu]", i + 1);
        buf_puts(&s->sql, i ? ", " : "");
        ok = dialect_lazy_read(&lazy.dialect, s->table->columns[i].type, buf_text(&text), &s->sql, s->err);
        buf_puts(&s->sql, " AS ");
        athena_quote(&s->sql, s->table->columns[i].name, '"');
        buf_done(&text);
    }
    return ok;
}

static bool put_lazy_reader(struct athena_source *s)
{
    struct lazy lazy;
    read_lazy(s, &lazy);
    if (*lazy.escape) {
        put_fields(s, "weir_fields", (char[]){*lazy.field, '\1', *lazy.escape, '\0'});
        return true;
    }
    buf_puts(&s->sql, "(SELECT string_split(coalesce(line,''),");
    athena_quote(&s->sql, lazy.field, '\'');
    buf_puts(&s->sql, ") AS f, filename FROM ");
    athena_put_lines(s);
    return buf_puts(&s->sql, ")");
}

const struct athena_format athena_format_lazy = {.library = "LazySimpleSerDe",
                                                 .open = open_lazy,
                                                 .accept = athena_accept_text,
                                                 .put_columns = put_lazy_columns,
                                                 .put_reader = put_lazy_reader};

/* ---- OpenCSVSerde: a field that is no value of its column's type ends the query (Athena User Guide, "Open CSV SerDe
 * for processing CSV") */

static bool put_checked(struct athena_source *s, size_t column, const char *text, const char *pattern, const char *cast)
{
    buf_printf(&s->sql, "CASE WHEN regexp_full_match(%s,'%s') THEN %s WHEN %s IS NOT NULL THEN ", text, pattern, cast,
               text);
    return buf_printf(&s->sql,
                      "weir_fail('HIVE_BAD_DATA: Error parsing field value ''' || %s || ''' for field %zu: For input "
                      "string: \"' || %s || '\"') END",
                      text, column, text);
}

static bool put_open_csv_value(struct athena_source *s, size_t column, const char *text)
{
    static const struct {
        const char *type, *pattern, *cast; /* %s: the text */
    } rows[] = {
        {"int", "[-+]?[0-9]+", "CAST(%s AS INTEGER)"},
        {"integer", "[-+]?[0-9]+", "CAST(%s AS INTEGER)"},
        {"bigint", "[-+]?[0-9]+", "CAST(%s AS BIGINT)"},
        {"smallint", "[-+]?[0-9]+", "CAST(%s AS SMALLINT)"},
        {"tinyint", "[-+]?[0-9]+", "CAST(%s AS TINYINT)"},
        {"double", "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?", "CAST(%s AS DOUBLE)"},
        {"float", "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?", "CAST(%s AS FLOAT)"},
        {"boolean", "(?i)true|false", "CAST(%s AS BOOLEAN)"},
        /* dates are days and timestamps milliseconds since 1970 */
        {"date", "-?[0-9]{1,7}", "DATE '1970-01-01' + CAST(%s AS INTEGER)"},
        {"timestamp", "-?[0-9]{1,15}", "make_timestamp(CAST(%s AS BIGINT) * 1000)"},
    };
    const char *type = s->table->columns[column].type;
    char cast[128];
    if (strcmp(type, "string") == 0 || strncmp(type, "varchar", 7) == 0 || strncmp(type, "char", 4) == 0)
        return buf_puts(&s->sql, text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(type, rows[i].type) == 0) {
            const char *at = strstr(rows[i].cast, "%s");
            snprintf(cast, sizeof cast, "%.*s%s%s", (int)(at - rows[i].cast), rows[i].cast, text, at + 2);
            return put_checked(s, column, text, rows[i].pattern, cast);
        }
    if (strncmp(type, "decimal", 7) == 0) {
        snprintf(cast, sizeof cast, "CAST(%s AS %.60s)", text, type);
        return put_checked(s, column, text, "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)", cast);
    }
    return athena_source_refuse(s, "OpenCSVSerde with a column of type", type);
}

static bool put_open_csv_columns(struct athena_source *s)
{
    bool ok = true;
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        char text[32];
        snprintf(text, sizeof text, "f[%zu]", i + 1);
        buf_puts(&s->sql, i ? ", " : "");
        ok = put_open_csv_value(s, i, text);
        buf_puts(&s->sql, " AS ");
        athena_quote(&s->sql, s->table->columns[i].name, '"');
    }
    return ok;
}

static bool put_open_csv_reader(struct athena_source *s)
{
    char separator[16], quote[16], escape[16];
    read_delimiter(athena_serde(s, "separatorChar", ","), separator);
    read_delimiter(athena_serde(s, "quoteChar", "\""), quote);
    read_delimiter(athena_serde(s, "escapeChar", "\\"), escape);
    put_fields(s, "weir_fields", (char[]){*separator, *quote ? *quote : '\1', *escape ? *escape : '\1', '\0'});
    return true;
}

const struct athena_format athena_format_open_csv = {.library = "OpenCSVSerde",
                                                     .open = athena_open_text,
                                                     .accept = athena_accept_text,
                                                     .put_columns = put_open_csv_columns,
                                                     .put_reader = put_open_csv_reader};

/* ---- RegexSerDe: a group of the pattern for each column; a line that does not match is a row of NULLs */

static bool open_regex(struct athena_source *s)
{
    if (!*athena_serde(s, "input.regex", ""))
        return athena_refuse(s->err, "HIVE_INVALID_METADATA", "table %.80s.%.80s: the SerDe needs input.regex",
                             s->table->database, s->table->name);
    return athena_open_text(s);
}

static bool put_regex_columns(struct athena_source *s)
{
    static const struct dialect_lazy plain = {.separators = {"\002", "\003"}, .null_text = "\\N", .escape = ""};
    bool ok = true;
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        const char *type = s->table->columns[i].type;
        char text[32];
        snprintf(text, sizeof text, "f[%zu]", i + 1);
        if (strpbrk(type, "<"))
            return athena_source_refuse(s, "RegexSerDe with a column of type", type);
        buf_puts(&s->sql, i ? ", " : "");
        ok = dialect_lazy_read(&plain, type, text, &s->sql, s->err);
        buf_puts(&s->sql, " AS ");
        athena_quote(&s->sql, s->table->columns[i].name, '"');
    }
    return ok;
}

static bool put_regex_reader(struct athena_source *s)
{
    struct buf pattern = BUF_INIT(65536);
    if (strcasecmp(athena_serde(s, "input.regex.case.insensitive", "false"), "true") == 0)
        buf_puts(&pattern, "(?i)");
    buf_printf(&pattern, "^(?:%s)$", athena_serde(s, "input.regex", ""));
    put_fields(s, "weir_regex_fields", buf_text(&pattern));
    buf_done(&pattern);
    return true;
}

const struct athena_format athena_format_regex = {.library = "RegexSerDe",
                                                  .open = open_regex,
                                                  .accept = athena_accept_text,
                                                  .put_columns = put_regex_columns,
                                                  .put_reader = put_regex_reader};
