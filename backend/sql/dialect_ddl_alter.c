/* DROP, ALTER, SHOW and DESCRIBE. Source: Athena User Guide, one page per statement. */
#include "backend/sql/dialect_ddl.h"
#include <string.h>

/* --- DROP --- */
bool ddl_drop(struct ddl *d)
{
    static const struct {
        const char *word, *verb;
        enum dialect_kind kind;
    } rows[] = {{.word = "TABLE", .verb = "DROP TABLE", .kind = DIALECT_DROP_TABLE},
                {.word = "VIEW", .verb = "DROP VIEW", .kind = DIALECT_DROP_VIEW},
                {.word = "DATABASE", .verb = "DROP DATABASE", .kind = DIALECT_DROP_DATABASE},
                {.word = "SCHEMA", .verb = "DROP DATABASE", .kind = DIALECT_DROP_DATABASE}};
    struct parser *p = d->p;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!parser_accept(p, rows[i].word))
            continue;
        d->statement->kind = rows[i].kind;
        d->statement->verb = rows[i].verb;
        d->statement->if_exists = parser_accept_words(p, "IF EXISTS");
        if (rows[i].kind != DIALECT_DROP_DATABASE)
            return ddl_object(d) && ddl_end(d);
        if (!ddl_database(d))
            return false;
        d->statement->name = d->statement->database;
        d->statement->cascade = parser_accept(p, "CASCADE");
        if (!d->statement->cascade)
            parser_accept(p, "RESTRICT");
        return ddl_end(d);
    }
    return parser_mismatch(p, "'DATABASE', 'SCHEMA', 'TABLE', 'VIEW'");
}

/* --- ALTER TABLE: each behind its words --- */
static bool partition_list(struct ddl *d, bool with_location)
{
    bool any = false;
    while (parser_accept(d->p, "PARTITION")) {
        struct dialect_partition partition = {.count = 0};
        if (!ddl_partition(d, &partition))
            return false;
        if (with_location && parser_accept(d->p, "LOCATION") && !(partition.location = parser_string(d->p)))
            return false;
        if (!ddl_add_partition(d, &partition))
            return false;
        any = true;
        if (!with_location && !parser_accept(d->p, ","))
            break;
    }
    return any ? ddl_end(d) : parser_mismatch(d->p, "'PARTITION'");
}

static bool add_partition(struct ddl *d)
{
    d->statement->if_not_exists = parser_accept_words(d->p, "IF NOT EXISTS");
    return partition_list(d, true);
}

static bool drop_partition(struct ddl *d)
{
    d->statement->if_exists = parser_accept_words(d->p, "IF EXISTS");
    return partition_list(d, false);
}

static bool columns(struct ddl *d)
{
    return ddl_columns(d, &d->statement->columns, &d->statement->column_count) && ddl_end(d);
}

static bool drop_column(struct ddl *d)
{
    const char *name = parser_name(d->p);
    struct dialect_column *column = ARENA_NEW(d->p->arena, struct dialect_column);
    if (!name || !column)
        return false;
    column->name = dialect_lower(d->p->arena, name);
    d->statement->columns = column;
    d->statement->column_count = 1;
    return ddl_end(d);
}

/* CHANGE [COLUMN] old new type [COMMENT 'x']: columns[0] is the new one, the old name is the property "old". */
static bool change_column(struct ddl *d)
{
    struct parser *p = d->p;
    parser_accept(p, "COLUMN");
    const char *old = parser_name(p), *name = old ? parser_name(p) : NULL;
    const char *text = name ? parse_type_text(p) : NULL;
    struct dialect_column *column = ARENA_NEW(p->arena, struct dialect_column);
    if (!text || !column || !ddl_pair(d, &d->statement->properties, "old", dialect_lower(p->arena, old)))
        return false;
    *column = (struct dialect_column){.name = dialect_lower(p->arena, name), .type = dialect_lower(p->arena, text)};
    if (!type_parse(p->arena, text))
        return dialect_fail(p->err, "SYNTAX_ERROR", "Unknown type: %.100s", text);
    if (parser_accept(p, "COMMENT") && !(column->comment = parser_string(p)))
        return false;
    d->statement->columns = column;
    d->statement->column_count = 1;
    return ddl_end(d);
}

static bool set_location(struct ddl *d)
{
    d->statement->location = parser_string(d->p);
    return d->statement->location && ddl_end(d);
}

static bool set_properties(struct ddl *d)
{
    return ddl_properties(d, &d->statement->properties) && ddl_end(d);
}

static bool rename_table(struct ddl *d)
{
    return dialect_fail(d->p->err, "NOT_SUPPORTED", "ALTER TABLE RENAME TO is not supported by Athena for Glue tables");
}

/* PARTITION (...) RENAME TO PARTITION (...), SET LOCATION '...', or new columns of that partition alone. */
static bool one_partition(struct ddl *d)
{
    static const struct {
        const char *words, *verb;
        bool (*parse)(struct ddl *d);
    } rows[] = {{.words = "ADD COLUMNS", .verb = "ALTER TABLE ADD COLUMNS", .parse = columns},
                {.words = "REPLACE COLUMNS", .verb = "ALTER TABLE REPLACE COLUMNS", .parse = columns},
                {.words = "CHANGE", .verb = "ALTER TABLE CHANGE COLUMN", .parse = change_column}};
    struct parser *p = d->p;
    struct dialect_partition from = {.count = 0}, to = {.count = 0};
    if (!ddl_partition(d, &from))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (parser_accept_words(p, rows[i].words)) {
            d->statement->verb = rows[i].verb;
            return ddl_add_partition(d, &from) && rows[i].parse(d);
        }
    if (parser_accept_words(p, "SET LOCATION")) {
        d->statement->verb = "ALTER TABLE SET LOCATION";
        from.location = parser_string(p);
        return from.location && ddl_add_partition(d, &from) && ddl_end(d);
    }
    d->statement->verb = "ALTER TABLE RENAME PARTITION";
    return parser_accept_words(p, "RENAME TO PARTITION")
               ? ddl_partition(d, &to) && ddl_add_partition(d, &from) && ddl_add_partition(d, &to) && ddl_end(d)
               : parser_mismatch(p, "'ADD', 'CHANGE', 'RENAME', 'REPLACE', 'SET'");
}

static const struct {
    const char *words, *verb;
    bool (*parse)(struct ddl *d);
} alters[] = {
    {.words = "ADD COLUMNS", .verb = "ALTER TABLE ADD COLUMNS", .parse = columns},
    {.words = "REPLACE COLUMNS", .verb = "ALTER TABLE REPLACE COLUMNS", .parse = columns},
    {.words = "DROP COLUMN", .verb = "ALTER TABLE DROP COLUMN", .parse = drop_column},
    {.words = "CHANGE", .verb = "ALTER TABLE CHANGE COLUMN", .parse = change_column},
    {.words = "ADD", .verb = "ALTER TABLE ADD PARTITION", .parse = add_partition},
    {.words = "DROP", .verb = "ALTER TABLE DROP PARTITION", .parse = drop_partition},
    {.words = "PARTITION", .verb = "ALTER TABLE RENAME PARTITION", .parse = one_partition},
    {.words = "SET LOCATION", .verb = "ALTER TABLE SET LOCATION", .parse = set_location},
    {.words = "SET TBLPROPERTIES", .verb = "ALTER TABLE SET TBLPROPERTIES", .parse = set_properties},
    {.words = "RENAME TO", .verb = "ALTER TABLE RENAME", .parse = rename_table},
};

bool ddl_alter(struct ddl *d)
{
    struct parser *p = d->p;
    if (parser_accept(p, "DATABASE") || parser_accept(p, "SCHEMA")) {
        d->statement->kind = DIALECT_ALTER_DATABASE;
        d->statement->verb = "ALTER DATABASE SET DBPROPERTIES";
        if (!ddl_database(d) || !parser_expect(p, "SET"))
            return false;
        d->statement->name = d->statement->database;
        return parser_expect(p, "DBPROPERTIES") && set_properties(d);
    }
    if (!parser_accept(p, "TABLE"))
        return parser_mismatch(p, "'DATABASE', 'SCHEMA', 'TABLE'");
    if (!ddl_object(d))
        return false;
    for (size_t i = 0; i < sizeof alters / sizeof *alters; i++)
        if (parser_accept_words(p, alters[i].words)) {
            d->statement->verb = alters[i].verb;
            return alters[i].parse(d);
        }
    return parser_mismatch(p, "'ADD', 'CHANGE', 'DROP', 'PARTITION', 'RENAME', 'REPLACE', 'SET'");
}

/* --- SHOW --- */
/* [(IN | FROM) database] [LIKE] ['pattern'] */
static bool show_list(struct ddl *d)
{
    struct parser *p = d->p;
    d->statement->database = d->options->database;
    if ((parser_accept(p, "IN") || parser_accept(p, "FROM")) && !ddl_database(d))
        return false;
    bool like = parser_accept(p, "LIKE");
    if ((like || parser_is_string(p)) && !(d->statement->pattern = parser_string(p)))
        return false;
    return ddl_end(d);
}

static bool show_columns(struct ddl *d)
{
    struct parser *p = d->p;
    if (!parser_accept(p, "IN") && !parser_accept(p, "FROM"))
        return parser_mismatch(p, "'FROM', 'IN'");
    if (!ddl_object(d))
        return false;
    if ((parser_accept(p, "IN") || parser_accept(p, "FROM")) && !ddl_database(d))
        return false;
    if (parser_accept(p, "LIKE") && !(d->statement->pattern = parser_string(p)))
        return false;
    return ddl_end(d);
}

static bool show_object(struct ddl *d)
{
    return ddl_object(d) && ddl_end(d);
}

static bool show_partitions(struct ddl *d)
{
    struct dialect_partition partition = {.count = 0};
    if (!ddl_object(d))
        return false;
    if (parser_accept(d->p, "PARTITION") && (!ddl_partition(d, &partition) || !ddl_add_partition(d, &partition)))
        return false;
    return ddl_end(d);
}

static bool show_properties(struct ddl *d)
{
    if (!ddl_object(d))
        return false;
    if (parser_accept(d->p, "(")) {
        d->statement->pattern = parser_string(d->p);
        if (!d->statement->pattern || !parser_expect(d->p, ")"))
            return false;
    }
    return ddl_end(d);
}

static const struct {
    const char *words, *verb;
    bool (*parse)(struct ddl *d);
} shows[] = {
    {.words = "DATABASES", .verb = "SHOW DATABASES", .parse = show_list},
    {.words = "SCHEMAS", .verb = "SHOW DATABASES", .parse = show_list},
    {.words = "TABLES", .verb = "SHOW TABLES", .parse = show_list},
    {.words = "VIEWS", .verb = "SHOW VIEWS", .parse = show_list},
    {.words = "FUNCTIONS", .verb = "SHOW FUNCTIONS", .parse = show_list},
    {.words = "COLUMNS", .verb = "SHOW COLUMNS", .parse = show_columns},
    {.words = "PARTITIONS", .verb = "SHOW PARTITIONS", .parse = show_partitions},
    {.words = "CREATE TABLE", .verb = "SHOW CREATE TABLE", .parse = show_object},
    {.words = "CREATE VIEW", .verb = "SHOW CREATE VIEW", .parse = show_object},
    {.words = "TBLPROPERTIES", .verb = "SHOW TBLPROPERTIES", .parse = show_properties},
};

bool ddl_show(struct ddl *d)
{
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
        if (parser_accept_words(d->p, shows[i].words)) {
            d->statement->verb = shows[i].verb;
            return shows[i].parse(d);
        }
    return parser_mismatch(d->p, "'COLUMNS', 'CREATE', 'DATABASES', 'FUNCTIONS', 'PARTITIONS', 'SCHEMAS', 'TABLES', "
                                 "'TBLPROPERTIES', 'VIEWS'");
}

/* --- DESCRIBE --- */
bool ddl_describe(struct ddl *d)
{
    struct parser *p = d->p;
    struct dialect_partition partition = {.count = 0};
    if (parser_accept(p, "VIEW") && parser_is_name(p)) {
        d->statement->verb = "DESCRIBE VIEW";
        return ddl_object(d) && ddl_end(d);
    }
    if (parser_accept(p, "INPUT") || parser_accept(p, "OUTPUT"))
        return dialect_fail(p->err, "NOT_SUPPORTED", "DESCRIBE INPUT and DESCRIBE OUTPUT are not supported by Athena");
    if (parser_accept(p, "EXTENDED"))
        d->statement->verb = "DESCRIBE EXTENDED";
    else if (parser_accept(p, "FORMATTED"))
        d->statement->verb = "DESCRIBE FORMATTED";
    if (!ddl_object(d))
        return false;
    if (parser_accept(p, "PARTITION") && (!ddl_partition(d, &partition) || !ddl_add_partition(d, &partition)))
        return false;
    if (!parser_at_end(p)) { /* a column: its name is the pattern */
        const char *column = parser_name(p);
        d->statement->pattern = column ? dialect_lower(p->arena, column) : NULL;
        if (!column)
            return false;
    }
    return ddl_end(d);
}
