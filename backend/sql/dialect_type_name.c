/* The public translations of type names: DuckDB's to Athena's, Athena's and Hive's to one another. Source: DuckDB's
 * type names as duck_format.c prints them; Athena User Guide, "Data types in Amazon Athena". */
#include "backend/sql/dialect_parse.h"
#include "backend/sql/dialect_type.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE_SCRATCH = 1024 * 1024, DEPTH_MAX = 64 };

static bool read_duck(const char **at, struct buf *out, int depth);

static void skip_spaces(const char **at)
{
    while (**at == ' ')
        ++*at;
}

/* A field's name before its type, plain or quoted. */
static bool read_name(const char **at, struct buf *out)
{
    bool quoted = **at == '"';
    *at += quoted;
    size_t len = strcspn(*at, quoted ? "\"" : " ");
    buf_append(out, *at, len);
    *at += len;
    if (quoted && **at != '"')
        return false;
    *at += quoted;
    return buf_putc(out, ' ');
}

/* The items behind "STRUCT(" or "MAP(", up to the closing parenthesis. */
static bool read_list(const char **at, struct buf *out, int depth, bool is_row)
{
    for (bool first = true; first || **at == ','; first = false) {
        *at += !first;
        skip_spaces(at);
        buf_puts(out, first ? "" : ", ");
        if ((is_row && !read_name(at, out)) || !read_duck(at, out, depth + 1))
            return false;
    }
    if (**at != ')')
        return false;
    ++*at;
    return buf_putc(out, ')');
}

static bool read_simple(const char **at, const char *word, size_t len, struct buf *out)
{
    static const struct {
        const char *duck, *trino;
    } rows[] = {{.duck = "HUGEINT", .trino = "bigint"},
                {.duck = "UBIGINT", .trino = "bigint"},
                {.duck = "UINTEGER", .trino = "bigint"},
                {.duck = "USMALLINT", .trino = "integer"},
                {.duck = "UTINYINT", .trino = "smallint"},
                {.duck = "FLOAT", .trino = "real"},
                {.duck = "BLOB", .trino = "varbinary"},
                {.duck = "TIME", .trino = "time(3)"},
                {.duck = "INTERVAL", .trino = "interval day to second"},
                {.duck = "TIMESTAMP WITH TIME ZONE", .trino = "timestamp(3) with time zone"},
                {.duck = "TIMESTAMP", .trino = "timestamp(3)"},
                {.duck = "TIMESTAMP_S", .trino = "timestamp(3)"},
                {.duck = "TIMESTAMP_MS", .trino = "timestamp(3)"},
                {.duck = "TIMESTAMP_NS", .trino = "timestamp(3)"}};
    const char *trino = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i].duck) == len && strncmp(rows[i].duck, word, len) == 0)
            trino = rows[i].trino;
    for (size_t i = 0; !trino && i < len; i++)
        buf_putc(out, (char)tolower((unsigned char)word[i]));
    buf_puts(out, trino ? trino : "");
    if (**at != '(') /* decimal(10,2) */
        return true;
    size_t size = strcspn(*at, ")");
    if ((*at)[size] != ')')
        return false;
    buf_append(out, *at, size + 1);
    *at += size + 1;
    return true;
}

/* Each [] or [3] behind a type makes a list of it. */
static bool read_brackets(const char **at, struct buf *out, size_t start)
{
    for (int count = 0; **at == '['; count++) {
        size_t size = strcspn(*at, "]");
        char *item = (*at)[size] == ']' && count < DEPTH_MAX ? strndup(buf_text(out) + start, out->len - start) : NULL;
        if (!item)
            return false;
        out->len = start;
        buf_printf(out, "array(%s)", item);
        free(item);
        *at += size + 1;
    }
    return !out->failed;
}

static bool read_duck(const char **at, struct buf *out, int depth)
{
    skip_spaces(at);
    const char *word = *at;
    size_t len = strcspn(word, "(),["), start = out->len;
    bool ok = depth < DEPTH_MAX && len > 0;
    *at += len;
    if (ok && **at == '(' && len == strlen("STRUCT") && strncmp(word, "STRUCT", len) == 0) {
        ++*at;
        ok = buf_puts(out, "row(") && read_list(at, out, depth, true);
    } else if (ok && **at == '(' && len == strlen("MAP") && strncmp(word, "MAP", len) == 0) {
        ++*at;
        ok = buf_puts(out, "map(") && read_list(at, out, depth, false);
    } else {
        ok = ok && read_simple(at, word, len, out);
    }
    return ok && read_brackets(at, out, start);
}

bool dialect_type_from_duck(const char *duck_type, struct buf *out)
{
    const char *at = duck_type;
    return read_duck(&at, out, 0) && *at == '\0';
}

static bool is_hive(const struct type *type)
{
    static const bool no_hive[BASE_COUNT] = {
        [BASE_UNKNOWN] = true,       [BASE_TIME] = true, [BASE_TIMESTAMP_TZ] = true, [BASE_INTERVAL_DAY] = true,
        [BASE_INTERVAL_YEAR] = true, [BASE_JSON] = true, [BASE_UUID] = true};
    for (size_t i = 0; i < type->count; i++)
        if (!is_hive(type->kids[i]))
            return false;
    return !no_hive[type->base];
}

bool dialect_type_can_be_stored(const char *athena_type)
{
    struct arena *arena = arena_new(TYPE_SCRATCH);
    const struct type *type = type_parse(arena, athena_type);
    bool ok = type && is_hive(type);
    arena_free(arena);
    return ok;
}

bool dialect_type_to_hive(const char *athena_type, struct buf *out)
{
    struct arena *arena = arena_new(TYPE_SCRATCH);
    const struct type *type = type_parse(arena, athena_type);
    bool ok = type && type_print_hive(type, out);
    arena_free(arena);
    return ok;
}

bool dialect_type_from_hive(const char *hive_type, struct buf *out, struct err *err)
{
    struct arena *arena = arena_new(TYPE_SCRATCH);
    const struct type *type = type_parse(arena, hive_type);
    bool ok =
        type ? type_print_duck(type, out) : dialect_fail(err, "TYPE_NOT_FOUND", "Unknown type: %.100s", hive_type);
    arena_free(arena);
    return ok;
}
