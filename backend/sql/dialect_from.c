/* FROM: tables of the catalog, views (expanded), WITH names, subqueries, UNNEST, joins. Each relation gets an alias of
 * ours, and every column is named through it, so the engine never has to resolve a name. Source: Trino documentation,
 * "SELECT"; Athena User Guide for "$path" and "t$partitions". */
#include "backend/sql/dialect_from.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *from_alias(struct tr *tr)
{
    return arena_printf(tr->arena, "r%d", ++tr->relations);
}

static const char *reference(struct tr *tr, const char *alias, const char *column)
{
    return arena_printf(tr->arena, "%s.%s", alias, sql_quote_name(tr->arena, column));
}

bool from_rename(struct tr *tr, const struct relation *relation, struct fields *fields, size_t first)
{
    size_t visible = 0, next = 0;
    for (size_t i = first; i < fields->count; i++)
        visible += !fields->items[i].is_hidden;
    if (relation->column_count && relation->column_count != visible) {
        tr_fail(tr, "MISMATCHED_COLUMN_ALIASES", relation->at,
                "Column alias list has %zu entries but '%s' has %zu columns available", relation->column_count,
                relation->alias, visible);
        return false;
    }
    for (size_t i = first; i < fields->count; i++) {
        struct field *field = &fields->items[i];
        if (relation->alias) {
            field->relation = relation->alias;
            field->database = NULL;
        }
        if (relation->column_count && !field->is_hidden)
            field->name = relation->columns[next++];
    }
    return true;
}

/* --- tables --- */
static bool remember(struct tr *tr, const struct dialect_table *table)
{
    for (size_t i = 0; i < tr->table_count; i++)
        if (strcmp(tr->tables[i]->database, table->database) == 0 && strcmp(tr->tables[i]->name, table->name) == 0)
            return true;
    tr->tables = arena_grow(tr->arena, tr->tables, tr->table_count, &tr->table_cap, sizeof *tr->tables);
    if (!tr->tables)
        return false;
    tr->tables[tr->table_count++] = table;
    return true;
}

static bool column_field(struct tr *tr, const struct dialect_table *table, const struct dialect_column *column,
                         const char *alias, struct fields *fields)
{
    const struct type *type = type_parse(tr->arena, column->type);
    struct field field = {.name = column->name,
                          .relation = table->name,
                          .database = table->database,
                          .engine = reference(tr, alias, column->name),
                          .type = type};
    if (!type)
        return dialect_fail(tr->err, "NOT_SUPPORTED",
                            "column %s of table %s.%s has the type %.60s, which is not supported", column->name,
                            table->database, table->name, column->type);
    return fields_add(tr, fields, &field) != NULL;
}

static bool table_fields(struct tr *tr, const struct dialect_table *table, const char *alias, struct fields *fields)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (!column_field(tr, table, &table->columns[i], alias, fields))
            return false;
    for (size_t i = 0; i < table->partition_count; i++)
        if (!column_field(tr, table, &table->partitions[i], alias, fields))
            return false;
    struct field path = {.name = "$path",
                         .relation = table->name,
                         .database = table->database,
                         .engine = reference(tr, alias, "$path"),
                         .type = type_simple(BASE_VARCHAR),
                         .is_hidden = true};
    return fields_add(tr, fields, &path) != NULL;
}

static bool query_fields(struct tr *tr, const struct output *query, const char *alias, const char *relation,
                         struct fields *fields)
{
    for (size_t i = 0; i < query->fields.count; i++) {
        struct field field = query->fields.items[i];
        field.engine = reference(tr, alias, field.engine);
        field.relation = relation;
        field.database = NULL;
        field.is_hidden = field.is_only_qualified = false;
        if (!fields_add(tr, fields, &field))
            return false;
    }
    return true;
}

/* The view was made when its query gave other columns: fewer, or of types that do not fit. Source: Trino's
 * StatementAnalyzer, VIEW_IS_STALE. */
static bool check_view(struct tr *tr, const struct dialect_table *table, const struct field *fields, size_t count)
{
    bool ok = true;
    if (table->column_count && count != table->column_count)
        return dialect_fail(tr->err, "VIEW_IS_STALE",
                            "View 'awsdatacatalog.%s.%s' is stale or in invalid state: stored view column count (%zu) "
                            "does not match column count derived from the view query analysis (%zu)",
                            table->database, table->name, table->column_count, count);
    for (size_t i = 0; ok && i < count && i < table->column_count; i++) {
        struct buf hive = BUF_INIT(64 * 1024);
        const struct type *stored = type_parse(tr->arena, table->columns[i].type);
        type_print_hive(fields[i].type, &hive);
        if (stored && strcmp(buf_text(&hive), table->columns[i].type) != 0 &&
            !type_coerces(tr->arena, fields[i].type, stored))
            ok = dialect_fail(tr->err, "VIEW_IS_STALE",
                              "View 'awsdatacatalog.%s.%s' is stale or in invalid state: column [%s] of type %s "
                              "projected from query view at position %zu cannot be coerced to column [%s] of type %s "
                              "stored in view definition",
                              table->database, table->name, table->columns[i].name,
                              type_trino(tr->arena, fields[i].type), i, table->columns[i].name,
                              type_trino(tr->arena, stored));
        buf_done(&hive);
    }
    return ok;
}

/* A stored view's text in place: its names are of the view's database, and no WITH name reaches into it. */
static bool expand_view(struct tr *tr, const struct dialect_table *table, const char *alias, struct scope *scope,
                        struct buf *sql)
{
    struct parser p;
    struct view view = {.database = table->database, .name = table->name, .outer = tr->view};
    struct output output = {.sql = NULL};
    for (const struct view *outer = tr->view; outer; outer = outer->outer)
        if (strcmp(outer->database, view.database) == 0 && strcmp(outer->name, view.name) == 0)
            return dialect_fail(tr->err, "VIEW_IS_RECURSIVE", "View '%s.%s' is recursive", view.database, view.name);
    struct tr inner = *tr;
    inner.database = table->view_database ? table->view_database : table->database;
    inner.ctes = NULL;
    inner.view = &view;
    inner.sql = table->view_sql;
    if (!parser_init(&p, table->view_sql, strlen(table->view_sql), tr->arena, tr->err))
        return false;
    struct query *query = parse_query(&p);
    if (!query || (!parser_at_end(&p) && !parser_mismatch(&p, "<EOF>")) || !tr_query(&inner, query, NULL, &output))
        return false;
    tr->relations = inner.relations;
    tr->tables = inner.tables;
    tr->table_count = inner.table_count;
    tr->table_cap = inner.table_cap;
    buf_printf(sql, "(%s) AS %s", output.sql, alias);
    size_t first = scope->fields.count;
    if (!query_fields(tr, &output, alias, table->name, &scope->fields) ||
        !check_view(tr, table, scope->fields.items + first, scope->fields.count - first))
        return false;
    for (size_t i = 0; i < table->column_count && first + i < scope->fields.count; i++) {
        scope->fields.items[first + i].name = table->columns[i].name;
        scope->fields.items[first + i].database = table->database;
    }
    return true;
}

/* name$partitions, of a partitioned table: its partition columns as rows; the engine's caller provides it. */
static const struct dialect_table *partitions_table(struct tr *tr, const char *database, const char *name)
{
    char *base = arena_strdup(tr->arena, name);
    base[strlen(base) - strlen("$partitions")] = '\0';
    const struct dialect_table *table =
        tr->options->catalog->table(tr->options->catalog->context, tr->arena, database, base, tr->err);
    struct dialect_table *result = table && table->partition_count ? ARENA_NEW(tr->arena, struct dialect_table) : NULL;
    if (result) {
        *result = (struct dialect_table){
            .database = database, .name = name, .columns = table->partitions, .column_count = table->partition_count};
    }
    return result;
}

#define COLUMN(column)                                                                                                 \
    {                                                                                                                  \
        .name = column, .type = "string"                                                                               \
    }
/* Trino's information_schema; ordinal_position is the only number. */
static const struct dialect_column schema_columns[] = {COLUMN("table_catalog"),
                                                       COLUMN("table_schema"),
                                                       COLUMN("table_name"),
                                                       COLUMN("column_name"),
                                                       {.name = "ordinal_position", .type = "bigint"},
                                                       COLUMN("column_default"),
                                                       COLUMN("is_nullable"),
                                                       COLUMN("data_type"),
                                                       COLUMN("comment"),
                                                       COLUMN("extra_info")};
static const struct dialect_column schema_tables[] = {COLUMN("table_catalog"), COLUMN("table_schema"),
                                                      COLUMN("table_name"), COLUMN("table_type")};
static const struct dialect_column schema_schemata[] = {COLUMN("catalog_name"), COLUMN("schema_name")};
static const struct dialect_column schema_views[] = {COLUMN("table_catalog"), COLUMN("table_schema"),
                                                     COLUMN("table_name"), COLUMN("view_definition")};
#undef COLUMN
static const struct dialect_table information[] = {
    {.database = "information_schema", .name = "columns", .columns = schema_columns, .column_count = 10},
    {.database = "information_schema", .name = "tables", .columns = schema_tables, .column_count = 4},
    {.database = "information_schema", .name = "schemata", .columns = schema_schemata, .column_count = 2},
    {.database = "information_schema", .name = "views", .columns = schema_views, .column_count = 4},
};

static const struct dialect_table *find_table(struct tr *tr, const char *database, const char *name)
{
    size_t len = strlen(name), suffix = strlen("$partitions");
    if (strcmp(database, "information_schema") == 0) {
        for (size_t i = 0; i < sizeof information / sizeof *information; i++)
            if (strcmp(information[i].name, name) == 0)
                return &information[i];
        return NULL;
    }
    if (len > suffix && strcmp(name + len - suffix, "$partitions") == 0)
        return partitions_table(tr, database, name);
    return tr->options->catalog->table(tr->options->catalog->context, tr->arena, database, name, tr->err);
}

static const struct cte *find_cte(const struct tr *tr, const char *name)
{
    for (const struct cte *cte = tr->ctes; cte; cte = cte->next)
        if (strcasecmp(cte->name, name) == 0)
            return cte;
    return NULL;
}

static bool missing_table(struct tr *tr, const struct relation *relation, const char *database, const char *name)
{
    const struct dialect_catalog *catalog = tr->options->catalog;
    if (tr->err->code != ERR_OK && tr->err->code != ERR_NOT_FOUND)
        return false;
    *tr->err = ERR_NONE;
    if (strcmp(database, "information_schema") != 0 && catalog->has_database &&
        !catalog->has_database(catalog->context, database))
        tr_fail(tr, "SCHEMA_NOT_FOUND", relation->at, "Schema '%s' does not exist", database);
    else
        tr_fail(tr, "TABLE_NOT_FOUND", relation->at, "Table 'awsdatacatalog.%s.%s' does not exist", database,
                strchr(name, '$') ? sql_quote_name(tr->arena, name) : name);
    return false;
}

static bool catalog_table(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql,
                          const char *alias)
{
    const char *name = dialect_lower(tr->arena, relation->parts[relation->part_count - 1]);
    const char *database =
        dialect_lower(tr->arena, relation->part_count > 1 ? relation->parts[relation->part_count - 2] : tr->database);
    if (relation->part_count == 3 && strcasecmp(relation->parts[0], "awsdatacatalog") != 0) {
        tr_fail(tr, "CATALOG_NOT_FOUND", relation->at, "Catalog '%s' does not exist", relation->parts[0]);
        return false;
    }
    const struct dialect_table *table = tr->options->catalog ? find_table(tr, database, name) : NULL;
    if (!table)
        return missing_table(tr, relation, database, name);
    if (table->view_sql)
        return expand_view(tr, table, alias, scope, sql);
    const char *schema = strcmp(database, "information_schema") == 0 ? DIALECT_INFORMATION_SCHEMA : database;
    buf_printf(sql, "%s.%s AS %s", sql_quote_name(tr->arena, schema), sql_quote_name(tr->arena, name), alias);
    return remember(tr, table) && table_fields(tr, table, alias, &scope->fields);
}

static bool named(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql)
{
    const char *alias = from_alias(tr);
    size_t first = scope->fields.count;
    const struct cte *cte = relation->part_count == 1 ? find_cte(tr, relation->parts[0]) : NULL;
    if (cte) {
        struct output output = {.fields = cte->fields};
        buf_printf(sql, "%s AS %s", cte->engine, alias);
        if (!query_fields(tr, &output, alias, cte->name, &scope->fields))
            return false;
    } else if (!catalog_table(tr, relation, scope, sql, alias)) {
        return false;
    }
    return from_rename(tr, relation, &scope->fields, first);
}

/* --- subqueries --- */
static bool subquery(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql)
{
    struct output output = {.sql = NULL};
    const char *alias = from_alias(tr);
    size_t first = scope->fields.count;
    if (!tr_query(tr, relation->query, relation->is_lateral ? scope : scope->outer, &output))
        return false;
    buf_printf(sql, "%s(%s) AS %s", relation->is_lateral ? "LATERAL " : "", output.sql, alias);
    return query_fields(tr, &output, alias, NULL, &scope->fields) && from_rename(tr, relation, &scope->fields, first);
}

/* --- joins --- */
static struct field *side_field(struct scope *scope, size_t from, size_t to, const char *name)
{
    for (size_t i = from; i < to; i++)
        if (!scope->fields.items[i].is_only_qualified && scope->fields.items[i].name &&
            strcasecmp(scope->fields.items[i].name, name) == 0)
            return &scope->fields.items[i];
    return NULL;
}

static const char *using_value(struct tr *tr, const char *join, const struct field *left, const struct field *right)
{
    if (strcmp(join, "FULL") == 0)
        return arena_printf(tr->arena, "coalesce(%s, %s)", left->engine, right->engine);
    return strcmp(join, "RIGHT") == 0 ? right->engine : left->engine;
}

/* The columns of USING come first and once; the sides' own stay reachable by their qualified names. */
static bool join_using(struct tr *tr, const struct relation *join, const char *const *names, size_t count,
                       struct scope *scope, size_t first, size_t middle, struct buf *sql)
{
    struct fields merged = {.count = 0};
    buf_puts(sql, " ON ");
    for (size_t i = 0; i < count; i++) {
        struct field *left = side_field(scope, first, middle, names[i]);
        struct field *right = side_field(scope, middle, scope->fields.count, names[i]);
        if (!left || !right) {
            tr_fail(tr, "COLUMN_NOT_FOUND", join->at, "Column '%s' is missing from %s side of join", names[i],
                    left ? "right" : "left");
            return false;
        }
        const struct type *type = type_common(tr->arena, left->type, right->type);
        if (!type) {
            tr_fail(tr, "TYPE_MISMATCH", join->at, "Column '%s' has different types on the sides of the join",
                    names[i]);
            return false;
        }
        buf_printf(sql, "%s%s = %s", i ? " AND " : "", left->engine, right->engine);
        struct field field = {.name = left->name, .engine = using_value(tr, join->join, left, right), .type = type};
        left->is_only_qualified = right->is_only_qualified = true;
        if (!fields_add(tr, &merged, &field))
            return false;
    }
    for (size_t i = first; i < scope->fields.count; i++)
        if (!fields_add(tr, &merged, &scope->fields.items[i]))
            return false;
    scope->fields.count = first;
    for (size_t i = 0; i < merged.count; i++)
        if (!fields_add(tr, &scope->fields, &merged.items[i]))
            return false;
    return true;
}

static bool join_on(struct tr *tr, const struct relation *join, struct scope *scope, struct buf *sql)
{
    const char *outer = tr->no_aggregates;
    tr->no_aggregates = "JOIN clause";
    struct value on = tr_expr(tr, join->on, scope);
    tr->no_aggregates = outer;
    if (on.sql && on.type->base != BASE_BOOLEAN && on.type->base != BASE_UNKNOWN)
        on = tr_fail(tr, "TYPE_MISMATCH", join->on->at, "JOIN ON clause must evaluate to a boolean: actual type %s",
                     type_trino(tr->arena, on.type));
    return on.sql && buf_printf(sql, " ON %s", on.sql);
}

/* LEFT JOIN UNNEST(...) ON TRUE */
static bool is_left_unnest(const struct relation *join)
{
    return join->right->kind == RELATION_UNNEST && strcmp(join->join, "LEFT") == 0 && join->on &&
           join->on->kind == EXPR_BOOLEAN && strcasecmp(join->on->name, "true") == 0;
}

static bool join(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql)
{
    size_t first = scope->fields.count, start = sql->len;
    bool is_cross = strcmp(relation->join, "CROSS") == 0;
    if (!tr_from(tr, relation->left, scope, sql))
        return false;
    if ((is_cross && relation->right->kind == RELATION_UNNEST && !relation->right->sample) || is_left_unnest(relation))
        return from_join_unnest(tr, relation->right, scope, first, !is_cross, start, sql);
    size_t middle = scope->fields.count;
    buf_printf(sql, " %s JOIN ", relation->join);
    bool nested = relation->right->kind == RELATION_JOIN;
    buf_puts(sql, nested ? "(" : "");
    if (!tr_from(tr, relation->right, scope, sql))
        return false;
    buf_puts(sql, nested ? ")" : "");
    if (is_cross)
        return true;
    if (relation->use_count)
        return join_using(tr, relation, relation->uses, relation->use_count, scope, first, middle, sql);
    return relation->on ? join_on(tr, relation, scope, sql) : buf_puts(sql, " ON true");
}

static bool sampled(struct tr *tr, const struct relation *relation, struct buf *sql)
{
    if (!relation->sample)
        return true;
    if (relation->sample->kind != EXPR_NUMBER) {
        tr_fail(tr, "NOT_SUPPORTED", relation->sample->at, "TABLESAMPLE with anything but a number is not supported");
        return false;
    }
    return buf_printf(sql, " TABLESAMPLE %s (%s PERCENT)", relation->sample_method, relation->sample->name);
}

bool tr_from(struct tr *tr, const struct relation *relation, struct scope *scope, struct buf *sql)
{
    static bool (*const kinds[])(struct tr *, const struct relation *, struct scope *, struct buf *) = {
        [RELATION_TABLE] = named, [RELATION_QUERY] = subquery, [RELATION_UNNEST] = from_unnest, [RELATION_JOIN] = join};
    if (++tr->depth > 10 * DIALECT_DEPTH_MAX)
        return dialect_fail(tr->err, "STACK_OVERFLOW", "statement is too large (too deeply nested)");
    bool ok = kinds[relation->kind](tr, relation, scope, sql) && sampled(tr, relation, sql);
    tr->depth--;
    return ok;
}
