/* One statement: which kind it is, and its parts that are no query. Query texts inside are handed to the translation
 * (dialect_query.h); everything else is answered over the Glue store by whoever called dialect_translate. Source:
 * Athena User Guide, "DDL statements" and "DML queries, functions, and operators". */
#include "backend/sql/dialect_ddl.h"
#include "backend/sql/dialect_query.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- shared parts --- */
bool ddl_pair(struct ddl *d, struct pairs *pairs, const char *name, const char *value)
{
    struct pair *items = arena_grow(d->p->arena, pairs->items, pairs->count, &pairs->cap, sizeof *pairs->items);
    if (!items || pairs->count >= PAIRS_MAX)
        return dialect_fail(d->p->err, "SYNTAX_ERROR", "there are more than %d properties", PAIRS_MAX);
    pairs->items = items;
    items[pairs->count++] =
        (struct pair){.name = arena_strdup(d->p->arena, name), .value = arena_strdup(d->p->arena, value)};
    return true;
}

bool ddl_end(struct ddl *d)
{
    return parser_at_end(d->p) || parser_mismatch(d->p, "<EOF>");
}

bool ddl_object(struct ddl *d)
{
    struct parser *p = d->p;
    const char *parts[3];
    size_t count = 0;
    do {
        if (count == 3)
            return parser_mismatch(p, "<EOF>");
        if (!(parts[count] = parser_name(p)))
            return false;
        count++;
    } while (parser_accept(p, "."));
    d->statement->name = dialect_lower(p->arena, parts[count - 1]);
    d->statement->database = dialect_lower(p->arena, count > 1 ? parts[count - 2] : d->options->database);
    if (count == 3 && strcasecmp(parts[0], "awsdatacatalog") != 0)
        return dialect_fail(p->err, "CATALOG_NOT_FOUND", "Catalog '%s' does not exist", parts[0]);
    return true;
}

bool ddl_database(struct ddl *d)
{
    const char *name = parser_name(d->p);
    if (name && parser_accept(d->p, "."))
        name = parser_name(d->p);
    d->statement->database = name ? dialect_lower(d->p->arena, name) : NULL;
    return name != NULL;
}

static const char *property_value(struct parser *p)
{
    const struct lexeme *item = parser_peek(p, 0);
    if (parser_is_string(p))
        return parser_string(p);
    if (item->kind == TOKEN_NUMBER || parser_is(p, "true") || parser_is(p, "false")) {
        p->next++;
        return lexeme_text(p, item);
    }
    parser_mismatch(p, "<string>");
    return NULL;
}

bool ddl_properties(struct ddl *d, struct pairs *pairs)
{
    if (!parser_expect(d->p, "("))
        return false;
    do {
        const char *name = parser_is_string(d->p) ? parser_string(d->p) : parser_name(d->p);
        const char *value = name && parser_expect(d->p, "=") ? property_value(d->p) : NULL;
        if (!value || !ddl_pair(d, pairs, name, value))
            return false;
    } while (parser_accept(d->p, ","));
    return parser_expect(d->p, ")");
}

bool ddl_partition(struct ddl *d, struct dialect_partition *partition)
{
    size_t name_cap = 0, value_cap = 0;
    struct parser *p = d->p;
    if (!parser_expect(p, "("))
        return false;
    do {
        const char *name = parser_name(p), *value = NULL;
        if (!name || (parser_accept(p, "=") && !(value = property_value(p))))
            return false;
        partition->names = arena_grow(p->arena, partition->names, partition->count, &name_cap, sizeof(char *));
        partition->values = arena_grow(p->arena, partition->values, partition->count, &value_cap, sizeof(char *));
        if (!partition->names || !partition->values)
            return dialect_fail(p->err, "SYNTAX_ERROR", "the partition is too long");
        partition->names[partition->count] = dialect_lower(p->arena, name);
        partition->values[partition->count++] = value;
    } while (parser_accept(p, ","));
    return parser_expect(p, ")");
}

bool ddl_add_partition(struct ddl *d, const struct dialect_partition *partition)
{
    struct dialect_statement *statement = d->statement;
    struct dialect_partition *items = (struct dialect_partition *)statement->partitions;
    size_t count = statement->partition_count, cap = count;
    if (count % 16 == 0) { /* grown in steps of 16: the list has no capacity of its own */
        items = ARENA_ARRAY(d->p->arena, struct dialect_partition, cap + 16);
        if (!items)
            return dialect_fail(d->p->err, "SYNTAX_ERROR", "there are too many partitions");
        if (count)
            memcpy(items, statement->partitions, count * sizeof *items);
    }
    items[count] = *partition;
    statement->partitions = items;
    statement->partition_count = count + 1;
    return true;
}

bool ddl_msck(struct ddl *d)
{
    return parser_expect(d->p, "REPAIR") && parser_expect(d->p, "TABLE") && ddl_object(d) && ddl_end(d);
}

/* --- prepared statements, EXPLAIN --- */
static bool explain(struct ddl *d)
{
    struct parser *p = d->p;
    d->statement->verb = parser_accept(p, "ANALYZE") ? "EXPLAIN ANALYZE" : "EXPLAIN";
    if (parser_accept(p, "VERBOSE") && !ddl_pair(d, &d->statement->properties, "verbose", "true"))
        return false;
    if (parser_is(p, "(") && (parser_is_at(p, 1, "TYPE") || parser_is_at(p, 1, "FORMAT"))) {
        p->next++;
        do {
            const struct lexeme *option = parser_peek(p, 0);
            if (!parser_is(p, "TYPE") && !parser_is(p, "FORMAT"))
                return parser_mismatch(p, "'FORMAT', 'TYPE'");
            p->next++;
            const char *value = parser_name(p);
            if (!value || !ddl_pair(d, &d->statement->properties, dialect_lower(p->arena, lexeme_text(p, option)),
                                    dialect_lower(p->arena, value)))
                return false;
        } while (parser_accept(p, ","));
        if (!parser_expect(p, ")"))
            return false;
    }
    if (parser_at_end(p))
        return parser_mismatch(p, "<query>");
    d->statement->inner = parser_text(p, p->next, p->count);
    return query_translate(d);
}

static bool prepare(struct ddl *d)
{
    struct parser *p = d->p;
    const char *name = parser_name(p);
    if (!name || !parser_expect(p, "FROM"))
        return false;
    if (parser_at_end(p))
        return parser_mismatch(p, "<statement>");
    d->statement->name = name;
    d->statement->inner = parser_text(p, p->next, p->count);
    for (size_t i = p->next; i < p->count; i++)
        d->statement->parameter_count += p->items[i].kind == TOKEN_PARAMETER;
    return true;
}

static bool execute(struct ddl *d)
{
    struct parser *p = d->p;
    const char **texts = NULL;
    size_t count = 0, cap = 0;
    d->statement->name = parser_name(p);
    if (!d->statement->name)
        return false;
    bool has_values = parser_accept(p, "USING");
    if (parser_is(p, "("))
        return dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, parser_peek(p, 0)->at,
                               "mismatched input '('. Expecting: 'USING', <EOF>");
    while (has_values) {
        size_t start = p->next;
        if (!parse_expr(p) || !(texts = arena_grow(p->arena, texts, count, &cap, sizeof *texts)))
            return false;
        texts[count++] = parser_text(p, start, p->next);
        has_values = parser_accept(p, ",");
    }
    texts = arena_grow(p->arena, texts, count, &cap, sizeof *texts);
    if (!texts)
        return false;
    texts[count] = NULL;
    d->statement->parameters = texts;
    return ddl_end(d);
}

static bool deallocate(struct ddl *d)
{
    return parser_expect(d->p, "PREPARE") && (d->statement->name = parser_name(d->p)) && ddl_end(d);
}

static bool use(struct ddl *d)
{
    return ddl_database(d) && ddl_end(d);
}

/* --- INSERT, UNLOAD, CREATE --- */
static bool insert(struct ddl *d)
{
    return parser_expect(d->p, "INTO") && ddl_object(d) && query_insert(d);
}

static bool unload(struct ddl *d)
{
    struct parser *p = d->p;
    if (!parser_expect(p, "(") || !query_inner(d) || !parser_expect(p, ")") || !parser_expect(p, "TO"))
        return false;
    const char *location = parser_string(p);
    if (!location || !ddl_pair(d, &d->statement->properties, "location", location))
        return false;
    d->statement->location = location;
    if (!parser_expect(p, "WITH") || !parser_is(p, "("))
        return parser_mismatch(p, "'WITH'");
    return query_properties(d) && ddl_end(d);
}

static bool create(struct ddl *d)
{
    struct parser *p = d->p;
    if (parser_accept_words(p, "OR REPLACE")) {
        d->statement->or_replace = true;
        d->statement->kind = DIALECT_CREATE_VIEW;
        d->statement->verb = "CREATE VIEW";
        return parser_expect(p, "VIEW") && ddl_create_view(d);
    }
    if (parser_accept(p, "EXTERNAL"))
        return parser_expect(p, "TABLE") && ddl_create_table(d, true);
    if (parser_accept(p, "TABLE"))
        return ddl_create_table(d, false);
    if (parser_accept(p, "DATABASE") || parser_accept(p, "SCHEMA"))
        return ddl_create_database(d);
    if (parser_accept(p, "VIEW")) {
        d->statement->kind = DIALECT_CREATE_VIEW;
        d->statement->verb = "CREATE VIEW";
        return ddl_create_view(d);
    }
    if (parser_is(p, "FUNCTION"))
        return dialect_fail(p->err, "NOT_SUPPORTED", "CREATE FUNCTION is not supported");
    return parser_mismatch(p, "'DATABASE', 'EXTERNAL', 'OR', 'SCHEMA', 'TABLE', 'VIEW'");
}

static bool only_iceberg(struct ddl *d)
{
    struct parser *p = d->p;
    char *verb = lexeme_text(p, &p->items[0]);
    for (char *c = verb; c && *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    return dialect_fail(p->err, "NOT_SUPPORTED",
                        "%s is not supported here: Athena modifies table rows only in transactional (Iceberg) tables",
                        verb);
}

static bool refused(struct ddl *d)
{
    return dialect_fail(d->p->err, "NOT_SUPPORTED", "%s is not supported by Athena",
                        lexeme_text(d->p, &d->p->items[0]));
}

static bool query(struct ddl *d)
{
    d->p->next = 0;
    return query_translate(d);
}

/* --- the router --- */
struct route {
    const char *word, *verb;
    enum dialect_kind kind;
    bool (*parse)(struct ddl *d);
};
static const struct route routes[] = {
    {.word = "SELECT", .verb = "SELECT", .kind = DIALECT_QUERY, .parse = query},
    {.word = "WITH", .verb = "SELECT", .kind = DIALECT_QUERY, .parse = query},
    {.word = "VALUES", .verb = "SELECT", .kind = DIALECT_QUERY, .parse = query},
    {.word = "TABLE", .verb = "SELECT", .kind = DIALECT_QUERY, .parse = query},
    {.word = "(", .verb = "SELECT", .kind = DIALECT_QUERY, .parse = query},
    {.word = "INSERT", .verb = "INSERT", .kind = DIALECT_INSERT, .parse = insert},
    {.word = "UNLOAD", .verb = "UNLOAD", .kind = DIALECT_UNLOAD, .parse = unload},
    {.word = "CREATE", .verb = "CREATE", .kind = DIALECT_CREATE_TABLE, .parse = create},
    {.word = "DROP", .verb = "DROP", .kind = DIALECT_DROP_TABLE, .parse = ddl_drop},
    {.word = "ALTER", .verb = "ALTER", .kind = DIALECT_ALTER_TABLE, .parse = ddl_alter},
    {.word = "MSCK", .verb = "MSCK REPAIR TABLE", .kind = DIALECT_MSCK, .parse = ddl_msck},
    {.word = "SHOW", .verb = "SHOW", .kind = DIALECT_SHOW, .parse = ddl_show},
    {.word = "DESCRIBE", .verb = "DESCRIBE", .kind = DIALECT_DESCRIBE, .parse = ddl_describe},
    {.word = "DESC", .verb = "DESCRIBE", .kind = DIALECT_DESCRIBE, .parse = ddl_describe},
    {.word = "EXPLAIN", .verb = "EXPLAIN", .kind = DIALECT_EXPLAIN, .parse = explain},
    {.word = "PREPARE", .verb = "PREPARE", .kind = DIALECT_PREPARE, .parse = prepare},
    {.word = "EXECUTE", .verb = "EXECUTE", .kind = DIALECT_EXECUTE, .parse = execute},
    {.word = "DEALLOCATE", .verb = "DEALLOCATE PREPARE", .kind = DIALECT_DEALLOCATE, .parse = deallocate},
    {.word = "USE", .verb = "USE", .kind = DIALECT_USE, .parse = use},
    {.word = "DELETE", .verb = "DELETE", .parse = only_iceberg},
    {.word = "UPDATE", .verb = "UPDATE", .parse = only_iceberg},
    {.word = "MERGE", .verb = "MERGE", .parse = only_iceberg},
    {.word = "OPTIMIZE", .verb = "OPTIMIZE", .parse = only_iceberg},
    {.word = "VACUUM", .verb = "VACUUM", .parse = only_iceberg},
    {.word = "CALL", .verb = "CALL", .parse = refused},
    {.word = "GRANT", .verb = "GRANT", .parse = refused},
    {.word = "REVOKE", .verb = "REVOKE", .parse = refused},
    {.word = "START", .verb = "START", .parse = refused},
    {.word = "COMMIT", .verb = "COMMIT", .parse = refused},
    {.word = "ROLLBACK", .verb = "ROLLBACK", .parse = refused},
    {.word = "ANALYZE", .verb = "ANALYZE", .parse = refused},
    {.word = "TRUNCATE", .verb = "TRUNCATE", .parse = refused},
    {.word = "SET", .verb = "SET", .parse = refused},
    {.word = "RESET", .verb = "RESET", .parse = refused},
};

static bool route(struct ddl *d)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (parser_is(d->p, routes[i].word)) {
            d->p->next++;
            d->statement->kind = routes[i].kind;
            d->statement->verb = routes[i].verb;
            return routes[i].parse(d);
        }
    return parser_mismatch(d->p, "'ALTER', 'CREATE', 'DESCRIBE', 'DROP', 'EXPLAIN', 'INSERT', 'MSCK', 'SELECT', "
                                 "'SHOW', 'UNLOAD', 'VALUES', 'WITH'");
}

struct dialect_statement *dialect_translate(const struct dialect_options *options, const char *sql, size_t len,
                                            struct arena *arena, struct err *err)
{
    struct parser p;
    struct dialect_statement *statement = ARENA_NEW(arena, struct dialect_statement);
    char *copy = arena_strndup(arena, sql, len);
    if (!statement || !copy) {
        dialect_fail(err, "QUERY_TOO_LARGE", "the statement is too large");
        return NULL;
    }
    struct ddl d = {.p = &p, .options = options, .statement = statement};
    bool ok = parser_init(&p, copy, len, arena, err);
    if (ok && p.count == 0)
        ok = dialect_fail(err, "SYNTAX_ERROR", "line 1:1: the statement is empty");
    return ok && route(&d) ? statement : NULL;
}
