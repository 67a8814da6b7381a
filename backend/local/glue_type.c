/* Hive types as trees: merging what different values and files have, and writing them. See glue_infer.h. */
#include "backend/local/glue_infer.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct glue_type *glue_type_new(struct arena *arena, enum glue_kind kind)
{
    struct glue_type *type = ARENA_NEW(arena, struct glue_type);
    if (type)
        type->kind = kind;
    return type;
}

static struct glue_field *find_field(const struct glue_type *type, const char *name)
{
    for (size_t i = 0; i < type->count; i++)
        if (strcasecmp(type->fields[i].name, name) == 0)
            return &type->fields[i];
    return NULL;
}

struct glue_field *glue_type_add(struct arena *arena, struct glue_type *type, const char *name)
{
    if (type->count >= GLUE_FIELDS_MAX)
        return NULL;
    if (type->count == type->cap)
        type->fields = arena_grow(arena, type->fields, type->count, &type->cap, sizeof *type->fields);
    char *lower = arena_strdup(arena, name);
    if (!type->fields || !lower)
        return NULL;
    for (char *at = lower; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    struct glue_field *field = &type->fields[type->count++];
    *field = (struct glue_field){.name = lower};
    return field;
}

static bool is_integer(enum glue_kind kind)
{
    return kind >= GLUE_TINYINT && kind <= GLUE_BIGINT;
}

static bool is_number(enum glue_kind kind)
{
    return kind >= GLUE_TINYINT && kind <= GLUE_DECIMAL;
}

static struct glue_type *merge_numbers(struct arena *arena, struct glue_type *left, struct glue_type *right)
{
    if (is_integer(left->kind) && is_integer(right->kind))
        return left->kind > right->kind ? left : right;
    struct glue_type *decimal = left->kind == GLUE_DECIMAL ? left : right, *other = decimal == left ? right : left;
    if (decimal->kind != GLUE_DECIMAL)
        return glue_type_new(arena, GLUE_DOUBLE);
    if (!is_integer(other->kind) && other->kind != GLUE_DECIMAL)
        return glue_type_new(arena, GLUE_DOUBLE);
    struct glue_type *type = glue_type_new(arena, GLUE_DECIMAL);
    int whole = decimal->precision - decimal->scale;
    int other_whole = other->kind == GLUE_DECIMAL ? other->precision - other->scale : 19;
    if (type) {
        type->scale = decimal->scale > other->scale ? decimal->scale : other->scale;
        type->precision = (whole > other_whole ? whole : other_whole) + type->scale;
        if (type->precision > 38)
            type->kind = GLUE_DOUBLE;
    }
    return type;
}

static struct glue_type *merge_fields(struct arena *arena, struct glue_type *left, struct glue_type *right)
{
    for (size_t i = 0; i < right->count; i++) {
        struct glue_field *field = find_field(left, right->fields[i].name);
        if (!field && !(field = glue_type_add(arena, left, right->fields[i].name)))
            break;
        field->has_empty |= right->fields[i].has_empty;
        field->type = glue_type_merge(arena, field->type, right->fields[i].type);
    }
    return left;
}

struct glue_type *glue_type_copy(struct arena *arena, const struct glue_type *type)
{
    struct glue_type *copy = glue_type_new(arena, type->kind);
    if (!copy)
        return NULL;
    *copy = *type;
    copy->cap = type->count;
    copy->fields = type->count ? ARENA_ARRAY(arena, struct glue_field, type->count) : NULL;
    for (size_t i = 0; copy->fields && i < type->count; i++) {
        copy->fields[i] = type->fields[i];
        copy->fields[i].type = type->fields[i].type ? glue_type_copy(arena, type->fields[i].type) : NULL;
    }
    return copy->fields || type->count == 0 ? copy : NULL;
}

struct glue_type *glue_type_merge(struct arena *arena, struct glue_type *left, struct glue_type *right)
{
    if (!left || left->kind == GLUE_NULL)
        return right;
    if (!right || right->kind == GLUE_NULL || left == right)
        return left;
    if (left->kind == right->kind && left->kind >= GLUE_ARRAY)
        return merge_fields(arena, left, right);
    if (left->kind == right->kind && left->kind != GLUE_DECIMAL)
        return left;
    if (is_number(left->kind) && is_number(right->kind))
        return merge_numbers(arena, left, right);
    /* a date and a timestamp too: they have no text form in common that Hive reads */
    return glue_type_new(arena, GLUE_STRING);
}

static const char *const names[] = {[GLUE_NULL] = "string",
                                    [GLUE_BOOLEAN] = "boolean",
                                    [GLUE_TINYINT] = "tinyint",
                                    [GLUE_SMALLINT] = "smallint",
                                    [GLUE_INT] = "int",
                                    [GLUE_BIGINT] = "bigint",
                                    [GLUE_FLOAT] = "float",
                                    [GLUE_DOUBLE] = "double",
                                    [GLUE_DECIMAL] = "decimal",
                                    [GLUE_DATE] = "date",
                                    [GLUE_TIMESTAMP] = "timestamp",
                                    [GLUE_STRING] = "string",
                                    [GLUE_BINARY] = "binary",
                                    [GLUE_ARRAY] = "array",
                                    [GLUE_MAP] = "map",
                                    [GLUE_STRUCT] = "struct"};

void glue_type_write(const struct glue_type *type, struct buf *out)
{
    enum glue_kind kind = type ? type->kind : GLUE_NULL;
    if (kind >= GLUE_ARRAY && type->count == 0)
        kind = GLUE_STRING; /* an empty array or object says nothing of what will be in it */
    buf_puts(out, names[kind]);
    if (kind == GLUE_DECIMAL)
        buf_printf(out, "(%d,%d)", type->precision, type->scale);
    if (kind < GLUE_ARRAY)
        return;
    buf_putc(out, '<');
    for (size_t i = 0; i < type->count; i++) {
        if (i)
            buf_putc(out, ',');
        if (kind == GLUE_STRUCT)
            buf_printf(out, "%s:", type->fields[i].name);
        glue_type_write(type->fields[i].type, out);
    }
    buf_putc(out, '>');
}

static struct glue_type *clone(struct arena *arena, const struct glue_type *type)
{
    struct glue_type *copy = type ? ARENA_NEW(arena, struct glue_type) : NULL;
    if (!copy)
        return NULL;
    *copy = *type;
    copy->cap = type->count;
    copy->fields = type->count ? ARENA_ARRAY(arena, struct glue_field, type->count) : NULL;
    for (size_t i = 0; copy->fields && i < type->count; i++) {
        copy->fields[i] = type->fields[i];
        copy->fields[i].type = clone(arena, type->fields[i].type);
    }
    if (!copy->fields)
        copy->count = copy->cap = 0;
    return copy;
}

/* How many of left's columns right has. */
static size_t common_columns(const struct glue_type *left, const struct glue_type *right)
{
    size_t common = 0;
    for (size_t i = 0; i < left->count; i++)
        common += find_field(right, left->fields[i].name) != NULL;
    return common;
}

bool glue_schema_merge(struct arena *arena, struct glue_schema *into, const struct glue_schema *from, int percent)
{
    if (into->format != from->format || into->is_gzip != from->is_gzip || into->delimiter != from->delimiter ||
        into->has_header != from->has_header)
        return false;
    size_t most = into->row->count > from->row->count ? into->row->count : from->row->count;
    if (common_columns(into->row, from->row) * 100 < most * (size_t)percent)
        return false;
    /* a copy: the tables that were merged may stay tables of their own after all */
    into->row = glue_type_merge(arena, clone(arena, into->row), from->row);
    into->is_quoted |= from->is_quoted;
    into->records += from->records;
    into->bytes += from->bytes;
    return true;
}
