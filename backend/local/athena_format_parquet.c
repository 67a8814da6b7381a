/* Parquet tables: columns by name, without case; a column that a file lacks is NULL. Each file's footer is read first,
 * so that a damaged file or a column of another type is named. Sources: Athena User Guide, "Parquet SerDe"; Trino's
 * ParquetPageSource, for what fits what. */
#include "backend/local/athena_source.h"
#include "backend/local/glue_infer.h"
#include "backend/sql/dialect_type.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FOOTER_MAX = 256 << 20, TAIL = 8, FILE_MIN = 12, ARENA_MAX = 512 << 20 };

static bool bad_file(struct athena_source *s, const struct athena_file *file, const char *why)
{
    return athena_refuse(s->err, "HIVE_BAD_DATA", "Not valid Parquet file: %.180s: %s", file->uri, why);
}

static bool read_footer(struct athena_source *s, const struct athena_file *file, struct buf *footer)
{
    unsigned char tail[TAIL];
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && file->bytes >= FILE_MIN && pread(fd, tail, TAIL, file->bytes - TAIL) == TAIL;
    bool has_magic = ok && memcmp(tail + 4, "PAR1", 4) == 0;
    int64_t len = has_magic ? (int64_t)tail[0] | tail[1] << 8 | tail[2] << 16 | (int64_t)tail[3] << 24 : 0;
    if (ok && !has_magic)
        ok = bad_file(s, file, "expected magic number PAR1 at its end; it may be truncated");
    else if (!ok)
        bad_file(s, file, "it is too short");
    else if (len <= 0 || len > file->bytes - FILE_MIN || len > FOOTER_MAX)
        ok = bad_file(s, file, "its footer's length is wrong");
    char *room = ok ? buf_reserve(footer, (size_t)len) : NULL;
    if (room && pread(fd, room, (size_t)len, file->bytes - TAIL - len) == len)
        footer->len = (size_t)len;
    else if (ok)
        ok = bad_file(s, file, "its footer cannot be read");
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Which of a file's kinds a column's type is read from: a bit of each glue_kind. */
static unsigned fitting(const struct type *type)
{
#define KIND(name) (1u << GLUE_##name)
    static const unsigned whole = KIND(TINYINT) | KIND(SMALLINT) | KIND(INT) | KIND(BIGINT);
    if (type_is_integer(type))
        return whole;
    if (type_is_text(type) || type->base == BASE_VARBINARY)
        return KIND(STRING) | KIND(BINARY);
    switch (type->base) {
    case BASE_BOOLEAN:
        return KIND(BOOLEAN);
    case BASE_REAL:
    case BASE_DOUBLE:
        return KIND(FLOAT) | KIND(DOUBLE);
    case BASE_DECIMAL:
        return KIND(DECIMAL) | whole;
    case BASE_DATE:
        return KIND(DATE);
    case BASE_TIMESTAMP:
    case BASE_TIMESTAMP_TZ:
        return KIND(TIMESTAMP);
    case BASE_ARRAY:
        return KIND(ARRAY);
    case BASE_MAP:
        return KIND(MAP);
    case BASE_ROW:
        return KIND(STRUCT);
    default:
        return 0;
    }
#undef KIND
}

static bool check_column(struct athena_source *s, const struct athena_file *file, const struct dialect_column *column,
                         const struct glue_field *field, struct arena *arena)
{
    const struct type *type = type_parse(arena, column->type);
    if (type && (fitting(type) & 1u << field->type->kind)) {
        s->text_is_binary |= field->type->kind == GLUE_BINARY && type_is_text(type);
        return true;
    }
    struct buf found = BUF_INIT(4096);
    glue_type_write(field->type, &found);
    athena_refuse(s->err, "HIVE_BAD_DATA",
                  "Field %.60s's type %.30s in parquet file %.100s is incompatible with type %.40s defined in table "
                  "schema",
                  column->name, buf_text(&found), file->uri, column->type);
    buf_done(&found);
    return false;
}

static bool check_columns(struct athena_source *s, const struct athena_file *file, const struct glue_type *row,
                          struct arena *arena)
{
    bool ok = true;
    size_t at = 0; /* columns mostly come in the table's order */
    for (size_t i = 0; ok && i < s->table->column_count; i++)
        for (size_t tries = 0; ok && tries < row->count; tries++, at++) {
            const struct glue_field *field = &row->fields[at % row->count];
            if (!field->name || strcasecmp(field->name, s->table->columns[i].name) != 0)
                continue;
            ok = check_column(s, file, &s->table->columns[i], field, arena);
            at++;
            break;
        }
    return ok;
}

static bool accept(struct athena_source *s, const struct athena_file *file)
{
    struct buf footer = BUF_INIT(FOOTER_MAX);
    struct glue_schema schema = {.row = NULL};
    struct arena *arena = arena_new(ARENA_MAX);
    bool ok = read_footer(s, file, &footer);
    if (ok && !glue_infer_parquet(footer.data, footer.len, arena, &schema))
        ok = bad_file(s, file, "its footer is damaged");
    ok = ok && check_columns(s, file, schema.row, arena);
    arena_free(arena);
    buf_done(&footer);
    return ok;
}

static bool put_columns(struct athena_source *s)
{
    struct buf type = BUF_INIT(65536), name = BUF_INIT(1024);
    bool ok = true;
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        buf_clear(&name);
        athena_quote(&name, s->table->columns[i].name, '"');
        ok = athena_engine_type(s, s->table->columns[i].type, &type);
        bool is_bytes = s->text_is_binary && strcmp(buf_text(&type), "BLOB") == 0;
        buf_printf(&s->sql, is_bytes ? "%sencode(%s) AS %s" : "%sCAST(%s AS %s)", i ? ", " : "", buf_text(&name),
                   is_bytes ? buf_text(&name) : buf_text(&type));
        if (!is_bytes)
            buf_printf(&s->sql, " AS %s", buf_text(&name));
    }
    buf_done(&type);
    buf_done(&name);
    return ok;
}

/* The empty first part names and types all columns, so that those that the files lack are NULL. */
static bool put_reader(struct athena_source *s)
{
    struct buf type = BUF_INIT(65536);
    bool ok = true;
    buf_puts(&s->sql, "(SELECT ");
    for (size_t i = 0; ok && i < s->table->column_count; i++) {
        ok = athena_engine_type(s, s->table->columns[i].type, &type);
        bool is_bytes = s->text_is_binary && strcmp(buf_text(&type), "BLOB") == 0;
        buf_printf(&s->sql, "CAST(NULL AS %s) AS ", is_bytes ? "VARCHAR" : buf_text(&type));
        athena_quote(&s->sql, s->table->columns[i].name, '"');
        buf_puts(&s->sql, ", ");
    }
    buf_printf(&s->sql,
               "'' AS filename WHERE false UNION ALL BY NAME SELECT * FROM read_parquet([%s], filename=true, "
               "union_by_name=true, hive_partitioning=false, binary_as_string=%s))",
               buf_text(&s->files), s->text_is_binary ? "true" : "false");
    buf_done(&type);
    return ok;
}

const struct athena_format athena_format_parquet = {
    .library = "ParquetHiveSerDe", .accept = accept, .put_columns = put_columns, .put_reader = put_reader};
