/* Values as texts of Hive's LazySimpleSerDe, in both directions, as expressions of the engine: nested values have a
 * separator of their own at every depth. Sources: Hive's LazySimpleSerDe and LazyUtils; Trino's hive-formats
 * (SimpleDeserializer), which Athena engine version 3 reads text tables with. */
#include "backend/sql/dialect.h"
#include "backend/sql/dialect_parse.h"
#include "backend/sql/dialect_type.h"
#include <stdio.h>
#include <string.h>

enum { SCRATCH_MAX = 4 << 20 };

struct walk {
    const struct dialect_lazy *lazy;
    struct arena *arena;
    struct buf *out;
    struct err *err;
    int names; /* of lambda parameters given so far */
};

static void put_string(struct buf *out, const char *text)
{
    buf_putc(out, '\'');
    for (; *text; text++)
        buf_puts(out, *text == '\'' ? "''" : (char[]){*text, '\0'});
    buf_putc(out, '\'');
}

static const char *new_name(struct walk *walk)
{
    return arena_printf(walk->arena, "weir_e%d", ++walk->names);
}

static bool too_deep(struct walk *walk, int level)
{
    return level >= DIALECT_LAZY_LEVELS &&
           !dialect_fail(walk->err, "NOT_SUPPORTED", "text values nested deeper than %d levels are not supported",
                         DIALECT_LAZY_LEVELS);
}

/* ---- reading */

static bool read_value(struct walk *walk, const struct type *type, const char *sql, int level);

static void put_split(struct walk *walk, const char *sql, const char *separator)
{
    bool is_escaped = *walk->lazy->escape != '\0';
    buf_printf(walk->out, is_escaped ? "string_split(weir_fields(%s," : "string_split(%s,", sql);
    if (is_escaped) {
        put_string(walk->out,
                   arena_printf(walk->arena, "%c%c%c", *separator, '\x01', *walk->lazy->escape)); /* \x01: no quote */
        buf_puts(walk->out, "),'" DIALECT_FIELD_MARK "')");
        return;
    }
    put_string(walk->out, separator);
    buf_putc(walk->out, ')');
}

/* NULL or the empty collection for the texts that mean them, else what follows. */
static void put_collection_head(struct walk *walk, const char *sql, const char *empty)
{
    buf_printf(walk->out, "CASE WHEN %s=", sql);
    put_string(walk->out, walk->lazy->null_text);
    buf_printf(walk->out, " THEN NULL WHEN %s='' THEN %s ELSE ", sql, empty);
}

static bool read_array(struct walk *walk, const struct type *type, const char *sql, int level)
{
    if (too_deep(walk, level))
        return false;
    const char *item = new_name(walk);
    put_collection_head(walk, sql, "[]");
    buf_puts(walk->out, "list_transform(");
    put_split(walk, sql, walk->lazy->separators[level]);
    buf_printf(walk->out, ",lambda %s: ", item);
    bool ok = read_value(walk, type->kids[0], item, level + 1);
    buf_puts(walk->out, ") END");
    return ok;
}

/* Entries without a key are left out, and of two with the same key the first one counts. */
static bool read_map(struct walk *walk, const struct type *type, const char *sql, int level)
{
    if (too_deep(walk, level + 1))
        return false;
    const char *item = new_name(walk), *pair = new_name(walk), *all = new_name(walk), *one = new_name(walk),
               *at = new_name(walk);
    put_collection_head(walk, sql, "MAP()");
    /* list_transform([x], lambda all: ...)[1] names the list of entries, which is used twice */
    buf_printf(walk->out, "list_transform([list_transform(list_transform(");
    put_split(walk, sql, walk->lazy->separators[level]);
    buf_printf(walk->out, ",lambda %s: ", item);
    put_split(walk, item, walk->lazy->separators[level + 1]);
    buf_printf(walk->out, "),lambda %s: {'k': ", pair);
    bool ok = read_value(walk, type->kids[0], arena_printf(walk->arena, "%s[1]", pair), level + 2);
    buf_puts(walk->out, ", 'v': ");
    ok = ok && read_value(walk, type->kids[1], arena_printf(walk->arena, "%s[2]", pair), level + 2);
    buf_printf(walk->out,
               "})], lambda %s: map_from_entries(list_filter(%s, lambda %s, %s: %s.k IS NOT NULL AND "
               "list_position(list_transform(%s, lambda %s: %s.k), %s.k) = %s)))[1] END",
               all, all, one, at, one, all, item, item, one, at);
    return ok;
}

static bool read_row(struct walk *walk, const struct type *type, const char *sql, int level)
{
    if (too_deep(walk, level))
        return false;
    const char *fields = new_name(walk);
    buf_printf(walk->out, "CASE WHEN %s=", sql);
    put_string(walk->out, walk->lazy->null_text);
    buf_puts(walk->out, " THEN NULL ELSE list_transform([");
    put_split(walk, sql, walk->lazy->separators[level]);
    buf_printf(walk->out, "], lambda %s: {", fields);
    bool ok = true;
    for (size_t i = 0; ok && i < type->count; i++) {
        buf_puts(walk->out, i ? ", " : "");
        put_string(walk->out, type_field_name(walk->arena, type, i));
        buf_puts(walk->out, ": ");
        ok = read_value(walk, type->kids[i], arena_printf(walk->arena, "%s[%zu]", fields, i + 1), level + 1);
    }
    buf_puts(walk->out, "})[1] END");
    return ok;
}

static void read_text(struct walk *walk, const struct type *type, const char *sql)
{
    bool is_cut = type->precision > 0;
    buf_puts(walk->out, is_cut ? "left(" : "");
    if (*walk->lazy->escape) { /* the text for NULL is compared before escapes are taken out */
        buf_printf(walk->out, "weir_unescape(NULLIF(%s,", sql);
        put_string(walk->out, walk->lazy->null_text);
        buf_puts(walk->out, "),");
        put_string(walk->out, walk->lazy->escape);
    } else {
        buf_printf(walk->out, "NULLIF(%s,", sql);
        put_string(walk->out, walk->lazy->null_text);
    }
    buf_puts(walk->out, ")");
    if (is_cut)
        buf_printf(walk->out, ",%d)", type->precision);
}

static void read_scalar(struct walk *walk, const struct type *type, const char *sql)
{
    struct buf *out = walk->out;
    const char *duck = type_duck(walk->arena, type);
    if (type_is_integer(type))
        buf_printf(out, "TRY_CAST(weir_lazy_long(%s) AS %s)", sql, duck);
    else if (type->base == BASE_DOUBLE || type->base == BASE_REAL)
        buf_printf(out, "CAST(weir_lazy_double(%s) AS %s)", sql, duck);
    else if (type->base == BASE_BOOLEAN)
        buf_printf(out, "CASE lower(%s) WHEN 'true' THEN true WHEN 'false' THEN false END", sql);
    else if (type->base == BASE_DATE)
        buf_printf(out, "CAST(weir_lazy_date(%s) AS DATE)", sql);
    else if (type->base == BASE_TIMESTAMP)
        buf_printf(out, "weir_lazy_timestamp(%s)", sql);
    else if (type->base == BASE_VARBINARY)
        buf_printf(out, "weir_lazy_binary(%s)", sql);
    else if (type->base == BASE_DECIMAL) /* no spaces, no names */
        buf_printf(out, "TRY_CAST(CASE WHEN ltrim(%s,'0123456789+-.eE')='' THEN %s END AS %s)", sql, sql, duck);
    else
        buf_printf(out, "TRY_CAST(%s AS %s)", sql, duck);
}

static bool no_text(struct walk *walk, const struct type *type)
{
    return dialect_fail(walk->err, "NOT_SUPPORTED", "text values of type %s are not supported",
                        type_trino(walk->arena, type));
}

static bool read_value(struct walk *walk, const struct type *type, const char *sql, int level)
{
    if (type->base == BASE_ARRAY)
        return read_array(walk, type, sql, level);
    if (type->base == BASE_MAP)
        return read_map(walk, type, sql, level);
    if (type->base == BASE_ROW)
        return read_row(walk, type, sql, level);
    if (type_is_text(type))
        read_text(walk, type, sql);
    else if (type_is_number(type) || type->base == BASE_BOOLEAN || type->base == BASE_DATE ||
             type->base == BASE_TIMESTAMP || type->base == BASE_VARBINARY)
        read_scalar(walk, type, sql);
    else
        return no_text(walk, type);
    return true;
}

/* ---- writing */

static bool write_value(struct walk *walk, const struct type *type, const char *sql, int level);

/* The value's text, or the text for NULL. */
static bool write_item(struct walk *walk, const struct type *type, const char *sql, int level)
{
    buf_puts(walk->out, "coalesce(");
    bool ok = write_value(walk, type, sql, level);
    buf_puts(walk->out, ",");
    put_string(walk->out, walk->lazy->null_text);
    buf_puts(walk->out, ")");
    return ok;
}

static bool write_array(struct walk *walk, const struct type *type, const char *sql, int level)
{
    const char *item = new_name(walk);
    if (too_deep(walk, level))
        return false;
    buf_printf(walk->out, "array_to_string(list_transform(%s, lambda %s: ", sql, item);
    bool ok = write_item(walk, type->kids[0], item, level + 1);
    buf_puts(walk->out, "),");
    put_string(walk->out, walk->lazy->separators[level]);
    buf_puts(walk->out, ")");
    return ok;
}

static bool write_map(struct walk *walk, const struct type *type, const char *sql, int level)
{
    const char *entry = new_name(walk);
    if (too_deep(walk, level + 1))
        return false;
    buf_printf(walk->out, "array_to_string(list_transform(map_entries(%s), lambda %s: ", sql, entry);
    bool ok = write_item(walk, type->kids[0], arena_printf(walk->arena, "%s.key", entry), level + 2);
    buf_puts(walk->out, " || ");
    put_string(walk->out, walk->lazy->separators[level + 1]);
    buf_puts(walk->out, " || ");
    ok = ok && write_item(walk, type->kids[1], arena_printf(walk->arena, "%s.value", entry), level + 2);
    buf_puts(walk->out, "),");
    put_string(walk->out, walk->lazy->separators[level]);
    buf_puts(walk->out, ")");
    return ok;
}

static bool write_row(struct walk *walk, const struct type *type, const char *sql, int level)
{
    if (too_deep(walk, level))
        return false;
    bool ok = buf_printf(walk->out, "CASE WHEN %s IS NOT NULL THEN ", sql);
    for (size_t i = 0; ok && i < type->count; i++) {
        struct buf field = BUF_INIT(SCRATCH_MAX);
        buf_printf(&field, "struct_extract(%s,", sql);
        put_string(&field, type_field_name(walk->arena, type, i));
        buf_puts(&field, ")");
        if (i) {
            buf_puts(walk->out, " || ");
            put_string(walk->out, walk->lazy->separators[level]);
            buf_puts(walk->out, " || ");
        }
        ok = write_item(walk, type->kids[i], buf_text(&field), level + 1) && !field.failed;
        buf_done(&field);
    }
    buf_puts(walk->out, " END");
    return ok;
}

static bool write_value(struct walk *walk, const struct type *type, const char *sql, int level)
{
    if (type->base == BASE_ARRAY)
        return write_array(walk, type, sql, level);
    if (type->base == BASE_MAP)
        return write_map(walk, type, sql, level);
    if (type->base == BASE_ROW)
        return write_row(walk, type, sql, level);
    if (type_is_text(type))
        return buf_puts(walk->out, sql);
    if (type->base == BASE_TIMESTAMP)
        return buf_printf(walk->out, "strftime(%s,'%%Y-%%m-%%d %%H:%%M:%%S.%%g')", sql);
    if (type->base == BASE_VARBINARY)
        return buf_printf(walk->out, "to_base64(%s)", sql);
    if (type_is_number(type) || type->base == BASE_BOOLEAN || type->base == BASE_DATE)
        return buf_printf(walk->out, "CAST(%s AS VARCHAR)", sql);
    return no_text(walk, type);
}

/* ---- both */

static bool put(const struct dialect_lazy *lazy, const char *hive_type, const char *sql, struct buf *out,
                struct err *err, bool (*value)(struct walk *, const struct type *, const char *, int))
{
    struct arena *arena = arena_new(SCRATCH_MAX);
    struct walk walk = {.lazy = lazy, .arena = arena, .out = out, .err = err};
    const struct type *type = type_parse(arena, hive_type);
    bool ok =
        type ? value(&walk, type, sql, 0) : dialect_fail(err, "TYPE_NOT_FOUND", "Unknown type: %.100s", hive_type);
    if (ok && arena_failed(arena))
        ok = dialect_fail(err, "NOT_SUPPORTED", "the type %.100s is too large", hive_type);
    arena_free(arena);
    return ok;
}

bool dialect_lazy_read(const struct dialect_lazy *lazy, const char *hive_type, const char *sql, struct buf *out,
                       struct err *err)
{
    return put(lazy, hive_type, sql, out, err, read_value);
}

bool dialect_lazy_write(const struct dialect_lazy *lazy, const char *hive_type, const char *sql, struct buf *out,
                        struct err *err)
{
    return put(lazy, hive_type, sql, out, err, write_value);
}
