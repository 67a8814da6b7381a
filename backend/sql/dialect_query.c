/* Queries as statements: SELECT, INSERT, CTAS, UNLOAD and EXPLAIN get the engine's SQL, the tables read and the names
 * and types of their outputs. The translation itself works in a scratch arena of its own; only the results go to the
 * caller's. */
#include "backend/sql/dialect_query.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- parameters --- */
static bool read_parameters(struct tr *tr)
{
    const char *const *texts = tr->options->parameters;
    size_t count = 0, cap = 0;
    for (; texts && texts[count]; count++) {
        struct parser p;
        if (!parser_init(&p, texts[count], strlen(texts[count]), tr->arena, tr->err))
            return false;
        struct expr *expr = parse_expr(&p);
        if (!expr || (!parser_at_end(&p) && !parser_mismatch(&p, "<EOF>")))
            return err_prefix(tr->err, "parameter %zu", count + 1);
        tr->parameters = arena_grow(tr->arena, tr->parameters, count, &cap, sizeof *tr->parameters);
        if (!tr->parameters)
            return false;
        tr->parameters[count] = expr;
    }
    tr->parameter_count = count;
    return true;
}

/* --- results into the caller's arena --- */
static const char *const *copy_columns(struct arena *arena, struct tr *tr, const struct fields *fields, bool types)
{
    const char **list = ARENA_ARRAY(arena, const char *, fields->count + 1);
    for (size_t i = 0; list && i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        const char *text = types         ? type_trino(tr->arena, field->type)
                           : field->name ? field->name
                                         : arena_printf(tr->arena, "_col%zu", i);
        list[i] = arena_strdup(arena, text);
    }
    return list;
}

static struct dialect_column *copy_column_list(struct arena *arena, const struct dialect_column *from, size_t count)
{
    struct dialect_column *columns = ARENA_ARRAY(arena, struct dialect_column, count ? count : 1);
    for (size_t i = 0; columns && i < count; i++)
        columns[i] = (struct dialect_column){.name = arena_strdup(arena, from[i].name),
                                             .type = arena_strdup(arena, from[i].type),
                                             .comment = from[i].comment ? arena_strdup(arena, from[i].comment) : NULL};
    return columns;
}

static const struct dialect_table *const *copy_tables(struct arena *arena, const struct tr *tr)
{
    const struct dialect_table **list = ARENA_ARRAY(arena, const struct dialect_table *, tr->table_count + 1);
    for (size_t i = 0; list && i < tr->table_count; i++) {
        struct dialect_table *table = ARENA_NEW(arena, struct dialect_table);
        if (!table)
            return NULL;
        *table = *tr->tables[i];
        table->database = arena_strdup(arena, table->database);
        table->name = arena_strdup(arena, table->name);
        table->columns = copy_column_list(arena, table->columns, table->column_count);
        table->partitions = copy_column_list(arena, table->partitions, table->partition_count);
        list[i] = table;
    }
    return list;
}

/* --- rendering --- */
/* Columns that the engine's types cannot print as Athena does are made text by an outer SELECT. */
static const char *rendered(struct tr *tr, const struct output *out)
{
    struct buf sql = BUF_INIT(16 * 1024 * 1024);
    bool any = false;
    buf_puts(&sql, "SELECT ");
    for (size_t i = 0; i < out->fields.count; i++) {
        const char *name = sql_quote_name(tr->arena, out->fields.items[i].engine);
        const char *text = tr_render(tr, name, out->fields.items[i].type);
        any = any || text;
        buf_printf(&sql, "%s%s AS %s", i ? ", " : "", text ? text : name, name);
    }
    buf_printf(&sql, " FROM (%s) AS q", out->sql);
    if (any)
        return tr_take(tr, &sql);
    buf_done(&sql);
    return out->sql;
}

static bool translate(struct ddl *d, struct parser *p, const struct query *query, bool for_output)
{
    struct output out = {.sql = NULL};
    struct dialect_statement *statement = d->statement;
    struct arena *arena = arena_new(DIALECT_SCRATCH_MAX);
    struct tr tr = {.arena = arena,
                    .options = d->options,
                    .database = d->options->database ? d->options->database : "default",
                    .sql = p->sql,
                    .err = p->err};
    bool ok = read_parameters(&tr) && tr_query(&tr, query, NULL, &out);
    if (ok && d->options->parameters && tr.parameter_count != (size_t)p->parameters)
        ok =
            dialect_fail(p->err, "INVALID_PARAMETER_USAGE", "Incorrect number of parameters: expected %d but found %zu",
                         p->parameters, tr.parameter_count);
    const char *sql = ok ? for_output ? rendered(&tr, &out) : out.sql : NULL;
    if (p->err->code != ERR_OK) /* found while the text was written */
        sql = NULL;
    if (sql) {
        statement->duck_sql = arena_strdup(p->arena, sql);
        statement->tables = copy_tables(p->arena, &tr);
        statement->output_names = copy_columns(p->arena, &tr, &out.fields, false);
        statement->output_types = copy_columns(p->arena, &tr, &out.fields, true);
        statement->parameter_count = p->parameters;
        sql =
            statement->duck_sql && statement->tables && statement->output_names && statement->output_types ? sql : NULL;
    }
    if (!sql && p->err->code == ERR_OK)
        dialect_fail(p->err, "QUERY_TOO_LARGE", "the statement is too large");
    arena_free(arena);
    return sql != NULL;
}

bool query_inner(struct ddl *d)
{
    const struct query *query = parse_query(d->p);
    return query && translate(d, d->p, query, false);
}

/* EXPLAIN's statement may be anything; only a query is translated, the rest is only checked. */
bool query_translate(struct ddl *d)
{
    if (d->statement->kind == DIALECT_EXPLAIN && !parser_is(d->p, "SELECT") && !parser_is(d->p, "WITH") &&
        !parser_is(d->p, "VALUES") && !parser_is(d->p, "TABLE") && !parser_is(d->p, "(")) {
        struct dialect_statement *inner =
            dialect_translate(d->options, d->statement->inner, strlen(d->statement->inner), d->p->arena, d->p->err);
        if (!inner)
            return false;
        if (!inner->duck_sql)
            return dialect_fail(d->p->err, "NOT_SUPPORTED", "EXPLAIN of %s is not supported", inner->verb);
        d->statement->duck_sql = inner->duck_sql;
        d->statement->tables = inner->tables;
        return true;
    }
    const struct query *query = parse_query(d->p);
    return query && ddl_end(d) && translate(d, d->p, query, d->statement->kind == DIALECT_QUERY);
}

/* --- INSERT --- */
static const struct dialect_column *table_column(const struct dialect_table *table, size_t index)
{
    return index < table->column_count ? &table->columns[index] : &table->partitions[index - table->column_count];
}

/* One column of the table: the source's, cast to the table's type, or NULL when it is not named (at == given). */
static bool insert_column(struct ddl *d, const struct dialect_column *column, size_t at, size_t given, struct buf *sql)
{
    struct arena *arena = d->p->arena;
    const struct type *type = type_parse(arena, column->type);
    if (!type)
        return dialect_fail(d->p->err, "NOT_SUPPORTED", "column %s has the type %.60s", column->name, column->type);
    if (at == given)
        return buf_printf(sql, "CAST(NULL AS %s) AS \"%s\"", type_duck(arena, type), column->name);
    const struct type *from = type_parse(arena, d->statement->output_types[at]);
    if (from && !type_coerces(arena, from, type) && !(type_is_number(from) && type_is_number(type)))
        return dialect_fail(d->p->err, "TYPE_MISMATCH",
                            "Insert query has mismatched column types: column %s is %s, the query's %s", column->name,
                            type_trino(arena, type), d->statement->output_types[at]);
    return buf_printf(sql, "CAST(c%zu AS %s) AS \"%s\"", at, type_duck(arena, type), column->name);
}

/* The source's columns in the table's order. names: those written behind the table, NULL for all. */
static bool insert_columns(struct ddl *d, const struct dialect_table *table, const char **names, size_t count)
{
    struct dialect_statement *statement = d->statement;
    struct buf sql = BUF_INIT(16 * 1024 * 1024);
    size_t given = 0, total = table->column_count + table->partition_count;
    while (statement->output_names[given])
        given++;
    if (given != (names ? count : total))
        return dialect_fail(d->p->err, "TYPE_MISMATCH",
                            "Insert query has mismatched column types: Table has %zu columns, query %zu",
                            names ? count : total, given);
    bool ok = buf_puts(&sql, "SELECT ");
    for (size_t i = 0; ok && i < total; i++) {
        const struct dialect_column *column = table_column(table, i);
        size_t at = names ? 0 : i;
        while (names && at < count && strcasecmp(names[at], column->name) != 0)
            at++;
        buf_puts(&sql, i ? ", " : "");
        ok = insert_column(d, column, at, given, &sql);
    }
    buf_printf(&sql, " FROM (%s) AS q(", statement->duck_sql);
    for (size_t i = 0; i < given; i++)
        buf_printf(&sql, "%sc%zu", i ? ", " : "", i);
    buf_puts(&sql, ")");
    statement->duck_sql = ok ? arena_strndup(d->p->arena, buf_text(&sql), sql.len) : NULL;
    ok = ok && !sql.failed && statement->duck_sql;
    buf_done(&sql);
    return ok;
}

static bool known_columns(struct ddl *d, const struct dialect_table *table, const char **names, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < table->column_count + table->partition_count && !found; j++)
            found = strcasecmp(table_column(table, j)->name, names[i]) == 0;
        if (!found)
            return dialect_fail_at(d->p->err, "COLUMN_NOT_FOUND", d->p->sql, at,
                                   "Insert column name does not exist in target table: %s", names[i]);
        for (size_t j = 0; j < i; j++)
            if (strcasecmp(names[j], names[i]) == 0)
                return dialect_fail_at(d->p->err, "DUPLICATE_COLUMN_NAME", d->p->sql, at,
                                       "Insert column name is specified more than once: %s", names[i]);
    }
    return true;
}

bool query_insert(struct ddl *d)
{
    struct parser *p = d->p;
    const struct dialect_catalog *catalog = d->options->catalog;
    size_t at = p->items[0].at, count = 0; /* Trino says the statement's place */
    const char **names = NULL;
    if (parser_is(p, "(") && !parser_is_at(p, 1, "SELECT") && !parser_is_at(p, 1, "WITH") &&
        !parser_is_at(p, 1, "VALUES") && !parser_is_at(p, 1, "(") && !parse_names(p, &names, &count))
        return false;
    const struct query *query = parse_query(p);
    if (!query || !ddl_end(d))
        return false;
    const struct dialect_table *table =
        catalog ? catalog->table(catalog->context, p->arena, d->statement->database, d->statement->name, p->err) : NULL;
    if (!table && p->err->code != ERR_OK && p->err->code != ERR_NOT_FOUND)
        return false;
    if (!table)
        return dialect_fail_at(p->err, "TABLE_NOT_FOUND", p->sql, at, "Table 'awsdatacatalog.%s.%s' does not exist",
                               d->statement->database, d->statement->name);
    if (table->view_sql)
        return dialect_fail_at(p->err, "NOT_SUPPORTED", p->sql, at, "Inserting into views is not supported");
    if (!known_columns(d, table, names, count, at) || !translate(d, p, query, false))
        return false;
    d->statement->columns = copy_column_list(p->arena, table->columns, table->column_count);
    d->statement->column_count = table->column_count;
    d->statement->partition_columns = copy_column_list(p->arena, table->partitions, table->partition_count);
    d->statement->partition_column_count = table->partition_count;
    return insert_columns(d, table, names, count);
}

/* --- CTAS and UNLOAD: WITH (format = 'PARQUET', partitioned_by = ARRAY['a'], bucket_count = 4) --- */
static const char *const *name_list(struct ddl *d)
{
    struct parser *p = d->p;
    const char **names = NULL;
    size_t count = 0, cap = 0;
    if (!parser_expect(p, "ARRAY") || !parser_expect(p, "["))
        return NULL;
    do {
        const char *name = parser_string(p);
        names = arena_grow(p->arena, names, count + 1, &cap, sizeof *names);
        if (!name || !names)
            return NULL;
        names[count++] = dialect_lower(p->arena, name);
    } while (parser_accept(p, ","));
    if (!parser_expect(p, "]"))
        return NULL;
    names[count] = NULL;
    return names;
}

bool query_properties(struct ddl *d)
{
    struct parser *p = d->p;
    if (!parser_expect(p, "("))
        return false;
    do {
        const char *name = parser_name(p);
        if (!name || !parser_expect(p, "="))
            return false;
        name = dialect_lower(p->arena, name);
        bool by = strcmp(name, "partitioned_by") == 0, bucketed = strcmp(name, "bucketed_by") == 0;
        if (by || bucketed) {
            const char *const *names = name_list(d);
            if (!names)
                return false;
            *(by ? &d->statement->partitioned_by : &d->statement->bucketed_by) = names;
            continue;
        }
        const struct lexeme *item = parser_peek(p, 0);
        if (item->kind != TOKEN_STRING && item->kind != TOKEN_NUMBER && !parser_is(p, "true") && !parser_is(p, "false"))
            return parser_mismatch(p, "<string>");
        p->next++;
        if (!ddl_pair(d, &d->statement->properties, name, lexeme_value(p, item)))
            return false;
    } while (parser_accept(p, ","));
    return parser_expect(p, ")");
}

bool query_check_ctas(struct ddl *d)
{
    const char *const *names = d->statement->output_names;
    const char *const *by = d->statement->partitioned_by;
    size_t count = 0, partitions = 0;
    for (; names[count]; count++) {
        if (strncmp(names[count], "_col", 4) == 0)
            return dialect_fail(d->p->err, "MISSING_COLUMN_NAME", "line 1:1: Column name not specified at position %zu",
                                count + 1);
        for (size_t j = 0; j < count; j++)
            if (strcasecmp(names[j], names[count]) == 0)
                return dialect_fail(d->p->err, "DUPLICATE_COLUMN_NAME",
                                    "line 1:1: Column name '%s' specified more than once", names[count]);
    }
    while (by && by[partitions])
        partitions++;
    for (size_t i = 0; i < partitions; i++) /* Athena: the partition columns are the last ones, in that order */
        if (partitions > count || strcasecmp(names[count - partitions + i], by[i]) != 0)
            return dialect_fail(d->p->err, "HIVE_COLUMN_ORDER_MISMATCH",
                                "Partition keys must be the last columns in the table and in the same order as the "
                                "table properties: [%s]",
                                by[i]);
    return true;
}
