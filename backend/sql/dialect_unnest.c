/* UNNEST: several arrays and maps side by side, rows spread over columns, WITH ORDINALITY. The engine's unnest() in one
 * SELECT runs lists side by side and pads the shorter ones with NULL, as Trino does, and keeps the order of rows and
 * items; so what is joined before becomes columns of that SELECT. Source: Trino documentation, "SELECT: UNNEST". */
#include "backend/sql/dialect_from.h"
#include <stdlib.h>
#include <string.h>

struct list { /* one unnest() */
    const char *sql, *name;
};
struct unnest {
    struct list *lists;
    size_t count, cap;
    struct buf outer; /* the select list over the unnested columns */
    struct fields fields;
    const char *alias;
};

static bool add_field(struct tr *tr, struct unnest *unnest, const char *text, const struct type *type, const char *name)
{
    const char *column = arena_printf(tr->arena, "c%zu", unnest->fields.count);
    buf_printf(&unnest->outer, "%s%s AS %s", unnest->fields.count ? ", " : "", text, column);
    struct field field = {
        .name = name, .engine = arena_printf(tr->arena, "%s.%s", unnest->alias, column), .type = type};
    return fields_add(tr, &unnest->fields, &field) != NULL;
}

/* The name of the column that the list's items become. */
static const char *add_list(struct tr *tr, struct unnest *unnest, const char *sql)
{
    unnest->lists = arena_grow(tr->arena, unnest->lists, unnest->count, &unnest->cap, sizeof *unnest->lists);
    if (!unnest->lists)
        return NULL;
    const char *name = arena_printf(tr->arena, "u%zu", unnest->count);
    unnest->lists[unnest->count++] = (struct list){.sql = sql, .name = name};
    return name;
}

static bool add_row(struct tr *tr, struct unnest *unnest, const char *item, const struct type *row)
{
    for (size_t i = 0; i < row->count; i++) {
        const char *text = arena_printf(tr->arena, "struct_extract(q.%s, %s)", item,
                                        sql_quote_string(tr->arena, type_field_name(tr->arena, row, i)));
        if (!add_field(tr, unnest, text, row->kids[i], row->names[i]))
            return false;
    }
    return true;
}

static bool add_column(struct tr *tr, struct unnest *unnest, const char *list, const struct type *type)
{
    const char *item = add_list(tr, unnest, list);
    return item && add_field(tr, unnest, arena_printf(tr->arena, "q.%s", item), type, NULL);
}

static bool add_argument(struct tr *tr, const struct expr *arg, const struct scope *scope, struct unnest *unnest)
{
    struct value value = tr_expr(tr, arg, scope);
    if (!value.sql)
        return false;
    const struct type *type = value.type;
    if (type->base == BASE_MAP)
        return add_column(tr, unnest, arena_printf(tr->arena, "map_keys(%s)", value.sql), type->kids[0]) &&
               add_column(tr, unnest, arena_printf(tr->arena, "map_values(%s)", value.sql), type->kids[1]);
    if (type->base != BASE_ARRAY)
        return dialect_fail(tr->err, "INVALID_FUNCTION_ARGUMENT", "Cannot unnest type: %s",
                            type_trino(tr->arena, type));
    if (type->kids[0]->base != BASE_ROW)
        return add_column(tr, unnest, value.sql, type->kids[0]);
    const char *item = add_list(tr, unnest, value.sql);
    return item && add_row(tr, unnest, item, type->kids[0]);
}

/* The length of the longest list: as many rows come out. */
static const char *longest(struct tr *tr, const struct unnest *unnest)
{
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    buf_puts(&out, "greatest(0");
    for (size_t i = 0; i < unnest->count; i++)
        buf_printf(&out, ", len(%s)", unnest->lists[i].sql);
    buf_putc(&out, ')');
    return tr_take(tr, &out);
}

static bool read_arguments(struct tr *tr, const struct relation *relation, const struct scope *scope,
                           struct unnest *unnest)
{
    bool ok = true;
    unnest->alias = from_alias(tr);
    unnest->outer = BUF_INIT(1024 * 1024);
    for (size_t i = 0; i < relation->count && ok; i++)
        ok = add_argument(tr, relation->args[i], scope, unnest);
    if (ok && relation->ordinality) {
        const char *rows = longest(tr, unnest);
        ok =
            rows && add_column(tr, unnest, arena_printf(tr->arena, "range(1, %s + 1)", rows), type_simple(BASE_BIGINT));
    }
    return ok;
}

/* The inner select list. keeps_left: without any item one row of NULLs comes out. */
static bool write_lists(struct tr *tr, const struct unnest *unnest, bool keeps_left, struct buf *sql)
{
    const char *rows = keeps_left ? longest(tr, unnest) : "";
    for (size_t i = 0; rows && i < unnest->count; i++)
        buf_printf(sql,
                   keeps_left ? "%1$sunnest(CASE WHEN %4$s = 0 THEN [NULL] ELSE %2$s END) AS %3$s"
                              : "%1$sunnest(%2$s) AS %3$s",
                   i ? ", " : "", unnest->lists[i].sql, unnest->lists[i].name, rows);
    return rows != NULL;
}

bool from_unnest(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql)
{
    struct unnest unnest = {.count = 0};
    bool ok = read_arguments(tr, relation, scope, &unnest);
    const char *outer = tr_take(tr, &unnest.outer);
    if (!ok || !outer)
        return false;
    buf_printf(sql, "LATERAL (SELECT %s FROM (SELECT ", outer);
    if (!write_lists(tr, &unnest, false, sql))
        return false;
    buf_printf(sql, ") AS q) AS %s", unnest.alias);
    size_t first = scope->fields.count;
    for (size_t i = 0; i < unnest.fields.count; i++)
        if (!fields_add(tr, &scope->fields, &unnest.fields.items[i]))
            return false;
    return from_rename(tr, relation, &scope->fields, first);
}

/* What was joined before becomes columns f0, f1, ... of the new relation; the fields are named anew. */
static bool carry_left(struct tr *tr, struct scope *scope, size_t first, const char *alias, struct buf *inner,
                       struct buf *outer)
{
    for (size_t i = first; i < scope->fields.count; i++) {
        struct field *field = &scope->fields.items[i];
        buf_printf(inner, "%s AS f%zu, ", field->engine, i - first);
        buf_printf(outer, "q.f%zu, ", i - first);
        field->engine = arena_printf(tr->arena, "%s.f%zu", alias, i - first);
        if (!field->engine)
            return false;
    }
    return true;
}

bool from_join_unnest(struct tr *tr, const struct relation *relation, struct scope *scope, size_t first,
                      bool keeps_left, size_t start, struct buf *sql)
{
    struct unnest unnest = {.count = 0};
    struct buf inner = BUF_INIT(8 * 1024 * 1024), carried = BUF_INIT(1024 * 1024);
    size_t middle = scope->fields.count;
    bool ok = read_arguments(tr, relation, scope, &unnest) &&
              carry_left(tr, scope, first, unnest.alias, &inner, &carried) &&
              write_lists(tr, &unnest, keeps_left, &inner);
    const char *left = arena_strdup(tr->arena, buf_text(sql) + start);
    const char *outer = tr_take(tr, &unnest.outer), *lists = tr_take(tr, &inner), *columns = tr_take(tr, &carried);
    if (!ok || !left || !outer || !lists || !columns)
        return false;
    sql->len = start;
    buf_printf(sql, "(SELECT %s%s FROM (SELECT %s FROM %s) AS q) AS %s", columns, outer, lists, left, unnest.alias);
    for (size_t i = 0; i < unnest.fields.count; i++)
        if (!fields_add(tr, &scope->fields, &unnest.fields.items[i]))
            return false;
    return from_rename(tr, relation, &scope->fields, middle);
}
