/* Trino's types: made, parsed from Trino's and Hive's text, printed for Trino and DuckDB, compared and coerced. Nothing
 * here knows expressions. Source: Trino documentation ("Data types"), Athena User Guide ("Data types in Amazon
 * Athena"). */
#include "backend/sql/dialect_type.h"
#include "backend/sql/dialect_parse.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *trino, *duck;
} names[BASE_COUNT] = {
    [BASE_UNKNOWN] = {.trino = "unknown", .duck = "INTEGER"},
    [BASE_BOOLEAN] = {.trino = "boolean", .duck = "BOOLEAN"},
    [BASE_TINYINT] = {.trino = "tinyint", .duck = "TINYINT"},
    [BASE_SMALLINT] = {.trino = "smallint", .duck = "SMALLINT"},
    [BASE_INTEGER] = {.trino = "integer", .duck = "INTEGER"},
    [BASE_BIGINT] = {.trino = "bigint", .duck = "BIGINT"},
    [BASE_DECIMAL] = {.trino = "decimal", .duck = "DECIMAL"},
    [BASE_REAL] = {.trino = "real", .duck = "FLOAT"},
    [BASE_DOUBLE] = {.trino = "double", .duck = "DOUBLE"},
    [BASE_CHAR] = {.trino = "char", .duck = "VARCHAR"},
    [BASE_VARCHAR] = {.trino = "varchar", .duck = "VARCHAR"},
    [BASE_VARBINARY] = {.trino = "varbinary", .duck = "BLOB"},
    [BASE_DATE] = {.trino = "date", .duck = "DATE"},
    [BASE_TIME] = {.trino = "time(3)", .duck = "TIME"},
    [BASE_TIMESTAMP] = {.trino = "timestamp(3)", .duck = "TIMESTAMP"},
    [BASE_TIMESTAMP_TZ] = {.trino = "timestamp(3) with time zone", .duck = "TIMESTAMP WITH TIME ZONE"},
    [BASE_INTERVAL_DAY] = {.trino = "interval day to second", .duck = "INTERVAL"},
    [BASE_INTERVAL_YEAR] = {.trino = "interval year to month", .duck = "INTERVAL"},
    [BASE_JSON] = {.trino = "json", .duck = "JSON"},
    [BASE_UUID] = {.trino = "uuid", .duck = "UUID"},
    [BASE_ARRAY] = {.trino = "array", .duck = "LIST"},
    [BASE_MAP] = {.trino = "map", .duck = "MAP"},
    [BASE_ROW] = {.trino = "row", .duck = "STRUCT"},
};

/* --- making --- */
const struct type *type_simple(enum base base)
{
    static const struct type simple[BASE_COUNT] = {
#define SIMPLE(name) [BASE_##name] = {.base = BASE_##name}
        SIMPLE(UNKNOWN),
        SIMPLE(BOOLEAN),
        SIMPLE(TINYINT),
        SIMPLE(SMALLINT),
        SIMPLE(INTEGER),
        SIMPLE(BIGINT),
        SIMPLE(REAL),
        SIMPLE(DOUBLE),
        SIMPLE(VARCHAR),
        SIMPLE(VARBINARY),
        SIMPLE(DATE),
        SIMPLE(TIME),
        SIMPLE(TIMESTAMP),
        SIMPLE(TIMESTAMP_TZ),
        SIMPLE(INTERVAL_DAY),
        SIMPLE(INTERVAL_YEAR),
        SIMPLE(JSON),
        SIMPLE(UUID),
#undef SIMPLE
        [BASE_DECIMAL] = {.base = BASE_DECIMAL, .precision = 38},
        [BASE_CHAR] = {.base = BASE_CHAR, .precision = 1}};
    return &simple[base];
}

static struct type *new_type(struct arena *arena, enum base base)
{
    struct type *type = ARENA_NEW(arena, struct type);
    if (!type)
        abort(); /* the scratch arena is far larger than any statement's types */
    type->base = base;
    return type;
}

const struct type *type_varchar(struct arena *arena, int length)
{
    struct type *type = new_type(arena, BASE_VARCHAR);
    type->precision = length;
    return type;
}

const struct type *type_decimal(struct arena *arena, int precision, int scale)
{
    struct type *type = new_type(arena, BASE_DECIMAL);
    type->precision = precision < 1 ? 1 : precision > 38 ? 38 : precision;
    type->scale = scale > type->precision ? type->precision : scale;
    return type;
}

static struct type *with_kids(struct arena *arena, enum base base, size_t count)
{
    struct type *type = new_type(arena, base);
    type->kids = ARENA_ARRAY(arena, const struct type *, count ? count : 1);
    if (!type->kids)
        abort();
    type->count = count;
    return type;
}

const struct type *type_array(struct arena *arena, const struct type *item)
{
    struct type *type = with_kids(arena, BASE_ARRAY, 1);
    type->kids[0] = item;
    return type;
}

const struct type *type_map(struct arena *arena, const struct type *key, const struct type *value)
{
    struct type *type = with_kids(arena, BASE_MAP, 2);
    type->kids[0] = key;
    type->kids[1] = value;
    return type;
}

const struct type *type_row(struct arena *arena, const struct type *const *kids, const char *const *field_names,
                            size_t count)
{
    struct type *type = with_kids(arena, BASE_ROW, count);
    const char **copy = ARENA_ARRAY(arena, const char *, count ? count : 1);
    if (!copy)
        abort();
    for (size_t i = 0; i < count; i++) {
        type->kids[i] = kids[i];
        copy[i] = field_names ? field_names[i] : NULL;
    }
    type->names = copy;
    return type;
}

const struct type *type_timestamp(struct arena *arena, int digits)
{
    if (digits == 3)
        return type_simple(BASE_TIMESTAMP);
    struct type *type = new_type(arena, BASE_TIMESTAMP);
    type->precision = digits + 1;
    return type;
}

const struct type *type_zoned(struct arena *arena, const char *zone)
{
    struct type *type = new_type(arena, BASE_TIMESTAMP_TZ);
    type->zone = zone && strcasecmp(zone, "UTC") != 0 && strcasecmp(zone, "Z") != 0 ? zone : NULL;
    return type;
}

const char *type_field_name(struct arena *arena, const struct type *row, size_t field)
{
    return row->names[field] ? row->names[field] : arena_printf(arena, "field%zu", field);
}

/* --- parsing --- */
struct type_text {
    const char *at;
    struct arena *arena;
    int depth;
};

static void skip_space(struct type_text *text)
{
    while (isspace((unsigned char)*text->at))
        text->at++;
}

static bool accept(struct type_text *text, char c)
{
    skip_space(text);
    if (*text->at != c)
        return false;
    text->at++;
    return true;
}

static char *read_word(struct type_text *text)
{
    skip_space(text);
    const char *start = text->at;
    char quote = *start == '"' || *start == '`' ? *start : '\0';
    if (quote) {
        const char *end = strchr(start + 1, quote);
        if (!end)
            return NULL;
        text->at = end + 1;
        return arena_strndup(text->arena, start + 1, (size_t)(end - start - 1));
    }
    while (isalnum((unsigned char)*text->at) || *text->at == '_' || (*text->at & 0x80))
        text->at++;
    return text->at == start ? NULL : arena_strndup(text->arena, start, (size_t)(text->at - start));
}

static bool accept_word(struct type_text *text, const char *word)
{
    skip_space(text);
    size_t len = strlen(word);
    if (strncasecmp(text->at, word, len) != 0 || isalnum((unsigned char)text->at[len]) || text->at[len] == '_')
        return false;
    text->at += len;
    return true;
}

static bool read_number(struct type_text *text, int *number)
{
    skip_space(text);
    if (!isdigit((unsigned char)*text->at))
        return false;
    char *end;
    long value = strtol(text->at, &end, 10);
    text->at = end;
    *number = value > 1000000000 ? 1000000000 : (int)value;
    return true;
}

static const struct type *read_type(struct type_text *text);

static const struct type *read_fields(struct type_text *text, char close)
{
    enum { FIELDS_MAX = 4096 };
    const struct type **kids = NULL;
    const char **field_names = NULL;
    size_t count = 0, kid_cap = 0, name_cap = 0;
    do {
        const char *start = text->at;
        const char *name = read_word(text);
        skip_space(text);
        const struct type *kid = NULL;
        if (name && accept(text, ':')) {
            kid = read_type(text);
        } else if (name && *text->at != ',' && *text->at != close && *text->at != '(' && *text->at != '<') {
            const char *behind = text->at;
            kid = read_type(text);
            if (!kid)
                text->at = behind;
        }
        if (!kid) { /* no name, only a type: row(bigint, varchar) */
            text->at = start;
            name = NULL;
            kid = read_type(text);
        }
        if (!kid || count >= FIELDS_MAX)
            return NULL;
        kids = arena_grow(text->arena, kids, count, &kid_cap, sizeof *kids);
        field_names = arena_grow(text->arena, field_names, count, &name_cap, sizeof *field_names);
        if (!kids || !field_names)
            return NULL;
        kids[count] = kid;
        field_names[count++] = name ? dialect_lower(text->arena, name) : NULL;
    } while (accept(text, ','));
    return accept(text, close) ? type_row(text->arena, kids, field_names, count) : NULL;
}

static const struct type *read_nested(struct type_text *text, const char *word)
{
    char close = accept(text, '(') ? ')' : accept(text, '<') ? '>' : '\0';
    if (!close)
        return NULL;
    if (strcasecmp(word, "array") == 0) {
        const struct type *item = read_type(text);
        return item && accept(text, close) ? type_array(text->arena, item) : NULL;
    }
    if (strcasecmp(word, "map") == 0) {
        const struct type *key = read_type(text);
        const struct type *value = key && accept(text, ',') ? read_type(text) : NULL;
        return value && accept(text, close) ? type_map(text->arena, key, value) : NULL;
    }
    return read_fields(text, close);
}

static const struct type *read_time(struct type_text *text, const char *word)
{
    int precision = 3;
    if (accept(text, '(') && (!read_number(text, &precision) || precision > 12 || !accept(text, ')')))
        return NULL;
    bool is_stamp = strcasecmp(word, "timestamp") == 0;
    if (accept_word(text, "without") && (!accept_word(text, "time") || !accept_word(text, "zone")))
        return NULL;
    if (accept_word(text, "with")) {
        if (!is_stamp || !accept_word(text, "time") || !accept_word(text, "zone"))
            return NULL;
        return type_simple(BASE_TIMESTAMP_TZ);
    }
    return is_stamp ? type_timestamp(text->arena, precision) : type_simple(BASE_TIME);
}

static const struct type *read_sized(struct type_text *text, const char *word)
{
    int precision = 0, scale = 0;
    bool is_decimal = strncasecmp(word, "dec", 3) == 0 || strcasecmp(word, "numeric") == 0;
    if (accept(text, '(')) {
        if (!read_number(text, &precision) || (is_decimal && accept(text, ',') && !read_number(text, &scale)) ||
            !accept(text, ')'))
            return NULL;
        if (is_decimal && (precision < 1 || precision > 38 || scale > precision))
            return NULL;
    } else if (is_decimal) {
        precision = 38; /* Trino; Hive's DDL says decimal(10,0), which Athena wants written */
    }
    if (is_decimal)
        return type_decimal(text->arena, precision, scale);
    if (strcasecmp(word, "varchar") == 0)
        return type_varchar(text->arena, precision);
    struct type *type = new_type(text->arena, BASE_CHAR);
    type->precision = precision ? precision : 1;
    return type;
}

static const struct type *read_simple(struct type_text *text, const char *word)
{
    static const struct {
        const char *word;
        enum base base;
    } words[] = {
        {.word = "boolean", .base = BASE_BOOLEAN},   {.word = "tinyint", .base = BASE_TINYINT},
        {.word = "smallint", .base = BASE_SMALLINT}, {.word = "int", .base = BASE_INTEGER},
        {.word = "integer", .base = BASE_INTEGER},   {.word = "bigint", .base = BASE_BIGINT},
        {.word = "real", .base = BASE_REAL},         {.word = "float", .base = BASE_REAL},
        {.word = "string", .base = BASE_VARCHAR},    {.word = "varbinary", .base = BASE_VARBINARY},
        {.word = "binary", .base = BASE_VARBINARY},  {.word = "date", .base = BASE_DATE},
        {.word = "json", .base = BASE_JSON},         {.word = "uuid", .base = BASE_UUID},
        {.word = "unknown", .base = BASE_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(words[i].word, word) == 0)
            return type_simple(words[i].base);
    if (strcasecmp(word, "double") == 0) {
        accept_word(text, "precision");
        return type_simple(BASE_DOUBLE);
    }
    if (strcasecmp(word, "interval") != 0)
        return NULL;
    if (accept_word(text, "day") && accept_word(text, "to") && accept_word(text, "second"))
        return type_simple(BASE_INTERVAL_DAY);
    if (accept_word(text, "year") && accept_word(text, "to") && accept_word(text, "month"))
        return type_simple(BASE_INTERVAL_YEAR);
    return NULL;
}

static const struct type *read_type(struct type_text *text)
{
    enum { DEPTH_MAX = 64 };
    const char *word = read_word(text);
    if (!word || text->depth >= DEPTH_MAX)
        return NULL;
    text->depth++;
    const struct type *type = NULL;
    if (strcasecmp(word, "array") == 0 || strcasecmp(word, "map") == 0 || strcasecmp(word, "row") == 0 ||
        strcasecmp(word, "struct") == 0)
        type = read_nested(text, word);
    else if (strcasecmp(word, "timestamp") == 0 || strcasecmp(word, "time") == 0)
        type = read_time(text, word);
    else if (strcasecmp(word, "decimal") == 0 || strcasecmp(word, "dec") == 0 || strcasecmp(word, "numeric") == 0 ||
             strcasecmp(word, "varchar") == 0 || strcasecmp(word, "char") == 0)
        type = read_sized(text, word);
    else
        type = read_simple(text, word);
    text->depth--;
    return type;
}

const struct type *type_parse(struct arena *arena, const char *source)
{
    struct type_text text = {.at = source, .arena = arena};
    const struct type *type = read_type(&text);
    skip_space(&text);
    return *text.at ? NULL : type;
}

/* --- printing --- */
static bool print_kids(const struct type *type, struct buf *out, bool (*print)(const struct type *, struct buf *),
                       bool is_duck)
{
    buf_putc(out, '(');
    for (size_t i = 0; i < type->count; i++) {
        buf_puts(out, i ? ", " : "");
        if (type->base == BASE_ROW && is_duck) {
            if (type->names[i])
                buf_printf(out, "\"%s\" ", type->names[i]);
            else
                buf_printf(out, "\"field%zu\" ", i);
        } else if (type->base == BASE_ROW && type->names[i]) {
            buf_printf(out, "%s ", type->names[i]);
        }
        print(type->kids[i], out);
    }
    return buf_putc(out, ')');
}

bool type_print_trino(const struct type *type, struct buf *out)
{
    if (type->base == BASE_TIMESTAMP && type->precision)
        return buf_printf(out, "timestamp(%d)", type->precision - 1);
    buf_puts(out, names[type->base].trino);
    if (type->base == BASE_DECIMAL)
        return buf_printf(out, "(%d,%d)", type->precision, type->scale);
    if ((type->base == BASE_VARCHAR || type->base == BASE_CHAR) && type->precision > 0)
        return buf_printf(out, "(%d)", type->precision);
    return type->count == 0 || print_kids(type, out, type_print_trino, false);
}

bool type_print_duck(const struct type *type, struct buf *out)
{
    if (type->base == BASE_ARRAY)
        return type_print_duck(type->kids[0], out) && buf_puts(out, "[]");
    buf_puts(out, names[type->base].duck);
    if (type->base == BASE_DECIMAL)
        return buf_printf(out, "(%d,%d)", type->precision, type->scale);
    return type->count == 0 || print_kids(type, out, type_print_duck, true);
}

bool type_print_hive(const struct type *type, struct buf *out)
{
    static const char *const hive[BASE_COUNT] = {[BASE_INTEGER] = "int",
                                                 [BASE_REAL] = "float",
                                                 [BASE_VARBINARY] = "binary",
                                                 [BASE_TIMESTAMP] = "timestamp",
                                                 [BASE_TIMESTAMP_TZ] = "timestamp",
                                                 [BASE_JSON] = "string",
                                                 [BASE_UUID] = "string",
                                                 [BASE_TIME] = "string",
                                                 [BASE_ROW] = "struct"};
    if (type->base == BASE_VARCHAR && type->precision == 0)
        return buf_puts(out, "string");
    if (type->count == 0)
        return hive[type->base] ? buf_puts(out, hive[type->base]) : type_print_trino(type, out);
    buf_printf(out, "%s<", hive[type->base] ? hive[type->base] : names[type->base].trino);
    for (size_t i = 0; i < type->count; i++) {
        buf_puts(out, i ? "," : "");
        if (type->base == BASE_ROW && type->names[i])
            buf_printf(out, "%s:", type->names[i]);
        else if (type->base == BASE_ROW)
            buf_printf(out, "field%zu:", i);
        type_print_hive(type->kids[i], out);
    }
    return buf_putc(out, '>');
}

static char *print(struct arena *arena, const struct type *type, bool (*printer)(const struct type *, struct buf *))
{
    struct buf out = BUF_INIT(1024 * 1024);
    printer(type, &out);
    char *text = arena_strdup(arena, buf_text(&out));
    buf_done(&out);
    return text;
}

char *type_trino(struct arena *arena, const struct type *type)
{
    return print(arena, type, type_print_trino);
}

char *type_duck(struct arena *arena, const struct type *type)
{
    return print(arena, type, type_print_duck);
}

/* --- comparing --- */
bool type_is_integer(const struct type *type)
{
    return type->base >= BASE_TINYINT && type->base <= BASE_BIGINT;
}

bool type_is_number(const struct type *type)
{
    return type->base >= BASE_TINYINT && type->base <= BASE_DOUBLE;
}

bool type_is_text(const struct type *type)
{
    return type->base == BASE_VARCHAR || type->base == BASE_CHAR;
}

bool type_is_datetime(const struct type *type)
{
    return type->base == BASE_DATE || type->base == BASE_TIMESTAMP || type->base == BASE_TIMESTAMP_TZ;
}

bool type_equal(const struct type *a, const struct type *b)
{
    if (a == b)
        return true;
    if (a->base != b->base || a->count != b->count)
        return false;
    if (a->base == BASE_DECIMAL && (a->precision != b->precision || a->scale != b->scale))
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!type_equal(a->kids[i], b->kids[i]))
            return false;
    return true;
}

void type_as_decimal(const struct type *type, int *precision, int *scale)
{
    static const int digits[] = {[BASE_TINYINT] = 3, [BASE_SMALLINT] = 5, [BASE_INTEGER] = 10, [BASE_BIGINT] = 19};
    *precision = type->base == BASE_DECIMAL ? type->precision : type_is_integer(type) ? digits[type->base] : 38;
    *scale = type->base == BASE_DECIMAL ? type->scale : 0;
}

static const struct type *common_decimal(struct arena *arena, const struct type *a, const struct type *b)
{
    int pa, sa, pb, sb;
    type_as_decimal(a, &pa, &sa);
    type_as_decimal(b, &pb, &sb);
    int scale = sa > sb ? sa : sb, whole = pa - sa > pb - sb ? pa - sa : pb - sb;
    return type_decimal(arena, whole + scale, scale);
}

static const struct type *common_kids(struct arena *arena, const struct type *a, const struct type *b)
{
    if (a->count != b->count)
        return NULL;
    struct type *type = with_kids(arena, a->base, a->count);
    const char **field_names = ARENA_ARRAY(arena, const char *, a->count ? a->count : 1);
    for (size_t i = 0; i < a->count; i++) {
        type->kids[i] = type_common(arena, a->kids[i], b->kids[i]);
        if (!type->kids[i])
            return NULL;
        if (a->base == BASE_ROW)
            field_names[i] =
                a->names[i] && b->names[i] && strcasecmp(a->names[i], b->names[i]) == 0 ? a->names[i] : NULL;
    }
    type->names = a->base == BASE_ROW ? field_names : NULL;
    return type;
}

static const struct type *common_text(struct arena *arena, const struct type *a, const struct type *b)
{
    int length = a->precision > b->precision ? a->precision : b->precision;
    if (a->base == BASE_CHAR && b->base == BASE_CHAR)
        return a->precision > b->precision ? a : b;
    return type_varchar(arena, a->precision == 0 || b->precision == 0 ? 0 : length);
}

/* Two zones in one column: the value's zone is then known only row by row, and not to us. */
static const struct type *common_datetime(struct arena *arena, const struct type *a, const struct type *b)
{
    const struct type *high = a->base > b->base ? a : b;
    const char *first = a->zone ? a->zone : "UTC", *second = b->zone ? b->zone : "UTC";
    if (high->base != BASE_TIMESTAMP_TZ || strcasecmp(first, second) == 0)
        return high;
    struct type *type = new_type(arena, BASE_TIMESTAMP_TZ);
    type->zone = TYPE_MIXED_ZONE;
    return type;
}

const struct type *type_common(struct arena *arena, const struct type *a, const struct type *b)
{
    if (a->base == BASE_UNKNOWN)
        return b;
    if (b->base == BASE_UNKNOWN)
        return a;
    if (type_is_text(a) && type_is_text(b))
        return common_text(arena, a, b);
    if (type_is_number(a) && type_is_number(b)) {
        const struct type *high = a->base > b->base ? a : b;
        return high->base == BASE_DECIMAL ? common_decimal(arena, a, b) : high;
    }
    if (type_is_datetime(a) && type_is_datetime(b))
        return common_datetime(arena, a, b);
    if (a->base != b->base)
        return NULL;
    return a->count ? common_kids(arena, a, b) : a;
}

bool type_coerces(struct arena *arena, const struct type *from, const struct type *to)
{
    if (to->base == BASE_UNKNOWN)
        return from->base == BASE_UNKNOWN;
    if (type_is_text(from) && type_is_text(to))
        return true;
    const struct type *common = type_common(arena, from, to);
    return common && common->base == to->base;
}
