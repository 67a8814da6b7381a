/* Which column does a name mean: fields, scopes from the innermost out, rows' fields behind a column, stars. Source:
 * Trino documentation, "SELECT"; the error texts are Trino's. */
#include "backend/sql/dialect_query.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- shared hands --- */
struct value tr_fail(struct tr *tr, const char *name, size_t at, const char *format, ...)
{
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (tr->view)
        dialect_fail(tr->err, "INVALID_VIEW", "Failed analyzing stored view 'awsdatacatalog.%s.%s': %s",
                     tr->view->database, tr->view->name, text);
    else
        dialect_fail_at(tr->err, name, tr->sql, at, "%s", text);
    return TR_NOTHING;
}

struct value tr_value(struct tr *tr, const struct type *type, const char *format, ...)
{
    struct buf out = BUF_INIT(8 * 1024 * 1024);
    va_list args;
    va_start(args, format);
    buf_vprintf(&out, format, args);
    va_end(args);
    return (struct value){.sql = tr_take(tr, &out), .type = type};
}

char *tr_take(struct tr *tr, struct buf *buf)
{
    char *text = buf->failed ? NULL : arena_strndup(tr->arena, buf_text(buf), buf->len);
    buf_done(buf);
    if (!text && tr->err->code == ERR_OK)
        dialect_fail(tr->err, "QUERY_TOO_LARGE", "the statement becomes too large for the engine");
    return text;
}

static const char *quote(struct arena *arena, const char *text, char mark)
{
    size_t len = strlen(text), size = 0;
    char *out = arena_alloc(arena, 2 * len + 3);
    if (!out)
        return NULL;
    out[size++] = mark;
    for (size_t i = 0; i < len; i++) {
        out[size++] = text[i];
        if (text[i] == mark)
            out[size++] = mark;
    }
    out[size] = mark;
    return out;
}

const char *sql_quote_name(struct arena *arena, const char *name)
{
    return quote(arena, name, '"');
}

const char *sql_quote_string(struct arena *arena, const char *text)
{
    return quote(arena, text, '\'');
}

/* --- fields --- */
struct field *fields_add(struct tr *tr, struct fields *fields, const struct field *field)
{
    struct field *items = arena_grow(tr->arena, fields->items, fields->count, &fields->cap, sizeof *items);
    if (!items) {
        dialect_fail(tr->err, "QUERY_TOO_LARGE", "the statement is too large");
        return NULL;
    }
    fields->items = items;
    items[fields->count] = *field;
    return &items[fields->count++];
}

static bool same(const char *a, const char *b)
{
    return a && b && strcasecmp(a, b) == 0;
}

/* relation.column, database.relation.column, column: how many parts name this field, 0 when they do not. */
static size_t match(const struct field *field, const char *const *parts, size_t count)
{
    if (count >= 4 && same("awsdatacatalog", parts[0]) && same(field->database, parts[1]) &&
        same(field->relation, parts[2]) && same(field->name, parts[3]))
        return 4;
    if (count >= 3 && same(field->database, parts[0]) && same(field->relation, parts[1]) && same(field->name, parts[2]))
        return 3;
    if (count >= 2 && same(field->relation, parts[0]) && same(field->name, parts[1]))
        return 2;
    return !field->is_only_qualified && same(field->name, parts[0]) ? 1 : 0;
}

const struct field *scope_find(struct tr *tr, const struct scope *scope, const char *const *parts, size_t count,
                               size_t *used, size_t at)
{
    for (; scope; scope = scope->outer) {
        const struct field *found = NULL;
        size_t best = 0, times = 0;
        for (size_t i = 0; i < scope->fields.count; i++) {
            size_t size = match(&scope->fields.items[i], parts, count);
            if (size > best) {
                found = &scope->fields.items[i];
                best = size;
                times = 1;
            } else if (size && size == best) {
                times++;
            }
        }
        if (times > 1) {
            tr_fail(tr, "AMBIGUOUS_NAME", at, "Column '%s' is ambiguous", parts[best - 1]);
            return NULL;
        }
        if (found) {
            *used = best;
            return found;
        }
    }
    return NULL;
}

/* a.b.c of names only: its parts, outermost first; 0 when something else is inside. */
static size_t name_parts(const struct expr *expr, const char **parts, size_t max)
{
    size_t count = 0;
    const struct expr *at = expr;
    while (at->kind == EXPR_FIELD && count < max) {
        count++;
        at = at->args[0];
    }
    if (at->kind != EXPR_NAME || ++count > max)
        return 0;
    at = expr;
    for (size_t i = count; i-- > 0; at = at->kind == EXPR_FIELD ? at->args[0] : at)
        parts[i] = at->name;
    return count;
}

static struct value row_field(struct tr *tr, struct value base, const char *name, size_t at)
{
    if (base.type->base == BASE_ROW)
        for (size_t i = 0; i < base.type->count; i++)
            if (same(base.type->names[i], name))
                return tr_value(tr, base.type->kids[i], "struct_extract(%s, %s)", base.sql,
                                sql_quote_string(tr->arena, type_field_name(tr->arena, base.type, i)));
    if (base.type->base == BASE_ROW)
        return tr_fail(tr, "COLUMN_NOT_FOUND", at, "Column '%s' cannot be resolved", name);
    return tr_fail(tr, "TYPE_MISMATCH", at, "Expression is not of type ROW");
}

struct value tr_name(struct tr *tr, const struct expr *expr, const struct scope *scope)
{
    const char *parts[32];
    size_t count = name_parts(expr, parts, 32), used = 0;
    if (count == 0) { /* a field of an expression's row */
        struct value base = tr_expr(tr, expr->args[0], scope);
        return base.sql ? row_field(tr, base, expr->name, expr->at) : base;
    }
    const struct field *field = scope_find(tr, scope, parts, count, &used, expr->at);
    if (!field && tr->err->code != ERR_OK)
        return TR_NOTHING;
    if (!field) {
        struct buf text = BUF_INIT(1024);
        for (size_t i = 0; i < count; i++)
            buf_printf(&text, "%s%s", i ? "." : "", parts[i]);
        const char *name = tr_take(tr, &text);
        return tr_fail(tr, "COLUMN_NOT_FOUND", expr->at, "Column '%.150s' cannot be resolved", name ? name : parts[0]);
    }
    struct value value = {.sql = field->engine, .type = field->type};
    for (size_t i = used; i < count && value.sql; i++)
        value = row_field(tr, value, parts[i], expr->at);
    return value;
}

bool tr_star(struct tr *tr, const struct select_item *item, const struct scope *scope, struct fields *out)
{
    size_t before = out->count;
    for (size_t i = 0; i < scope->fields.count; i++) {
        const struct field *field = &scope->fields.items[i];
        bool wanted = item->star_count == 0
                          ? !field->is_only_qualified
                          : same(field->relation, item->star[item->star_count - 1]) &&
                                (item->star_count < 2 || same(field->database, item->star[item->star_count - 2]));
        if (wanted && !field->is_hidden && !fields_add(tr, out, field))
            return false;
    }
    if (out->count > before)
        return true;
    if (item->star_count)
        tr_fail(tr, "TABLE_NOT_FOUND", item->at, "Unable to resolve reference %s", item->star[item->star_count - 1]);
    else
        tr_fail(tr, "COLUMN_NOT_FOUND", item->at, "SELECT * not allowed in queries without FROM clause");
    return false;
}
