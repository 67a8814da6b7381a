/* CREATE TABLE (Hive's DDL and CTAS), CREATE VIEW, CREATE DATABASE. Source: Athena User Guide, "CREATE TABLE", "CREATE
 * TABLE AS", "CREATE VIEW", "CREATE DATABASE". */
#include "backend/sql/dialect_ddl.h"
#include "backend/sql/dialect_query.h"
#include <string.h>
#include <strings.h>

#define HIVE "org.apache.hadoop.hive."

static bool lib(struct ddl *d, const char *serde, const char *input, const char *output)
{
    struct pairs *pairs = &d->statement->serde;
    return (pairs_get(pairs, "serialization.lib") || ddl_pair(d, pairs, "serialization.lib", serde)) &&
           ddl_pair(d, pairs, "input.format", input) && ddl_pair(d, pairs, "output.format", output);
}

/* STORED AS name: the classes that Hive gives to it. */
static bool stored_as(struct ddl *d)
{
    static const struct {
        const char *name, *serde, *input, *output;
    } formats[] = {
        {.name = "TEXTFILE",
         .serde = HIVE "serde2.lazy.LazySimpleSerDe",
         .input = "org.apache.hadoop.mapred.TextInputFormat",
         .output = HIVE "ql.io.HiveIgnoreKeyTextOutputFormat"},
        {.name = "PARQUET",
         .serde = HIVE "ql.io.parquet.serde.ParquetHiveSerDe",
         .input = HIVE "ql.io.parquet.MapredParquetInputFormat",
         .output = HIVE "ql.io.parquet.MapredParquetOutputFormat"},
        {.name = "ORC",
         .serde = HIVE "ql.io.orc.OrcSerde",
         .input = HIVE "ql.io.orc.OrcInputFormat",
         .output = HIVE "ql.io.orc.OrcOutputFormat"},
        {.name = "AVRO",
         .serde = HIVE "serde2.avro.AvroSerDe",
         .input = HIVE "ql.io.avro.AvroContainerInputFormat",
         .output = HIVE "ql.io.avro.AvroContainerOutputFormat"},
        {.name = "RCFILE",
         .serde = HIVE "serde2.columnar.LazyBinaryColumnarSerDe",
         .input = HIVE "ql.io.RCFileInputFormat",
         .output = HIVE "ql.io.RCFileOutputFormat"},
        {.name = "SEQUENCEFILE",
         .serde = HIVE "serde2.lazy.LazySimpleSerDe",
         .input = "org.apache.hadoop.mapred.SequenceFileInputFormat",
         .output = HIVE "ql.io.HiveSequenceFileOutputFormat"},
        {.name = "JSON",
         .serde = "org.openx.data.jsonserde.JsonSerDe",
         .input = "org.apache.hadoop.mapred.TextInputFormat",
         .output = HIVE "ql.io.HiveIgnoreKeyTextOutputFormat"},
    };
    struct parser *p = d->p;
    if (parser_accept(p, "INPUTFORMAT")) {
        const char *input = parser_string(p);
        const char *output = input && parser_expect(p, "OUTPUTFORMAT") ? parser_string(p) : NULL;
        return output && ddl_pair(d, &d->statement->serde, "input.format", input) &&
               ddl_pair(d, &d->statement->serde, "output.format", output);
    }
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (parser_accept(p, formats[i].name))
            return lib(d, formats[i].serde, formats[i].input, formats[i].output);
    return parser_mismatch(p, "'AVRO', 'INPUTFORMAT', 'JSON', 'ORC', 'PARQUET', 'TEXTFILE'");
}

static bool delimited(struct ddl *d)
{
    static const struct {
        const char *words, *property;
    } rows[] = {{.words = "FIELDS TERMINATED BY", .property = "field.delim"},
                {.words = "ESCAPED BY", .property = "escape.delim"},
                {.words = "COLLECTION ITEMS TERMINATED BY", .property = "collection.delim"},
                {.words = "MAP KEYS TERMINATED BY", .property = "mapkey.delim"},
                {.words = "LINES TERMINATED BY", .property = "line.delim"},
                {.words = "NULL DEFINED AS", .property = "serialization.null.format"}};
    struct pairs *pairs = &d->statement->serde;
    if (!ddl_pair(d, pairs, "serialization.lib", HIVE "serde2.lazy.LazySimpleSerDe"))
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!parser_accept_words(d->p, rows[i].words))
            continue;
        const char *value = parser_string(d->p);
        if (!value || !ddl_pair(d, pairs, rows[i].property, value))
            return false;
        if (strcmp(rows[i].property, "field.delim") == 0 && !ddl_pair(d, pairs, "serialization.format", value))
            return false;
        i = (size_t)-1; /* they come in any order */
    }
    return true;
}

static bool row_format(struct ddl *d)
{
    struct parser *p = d->p;
    if (parser_accept(p, "DELIMITED"))
        return delimited(d);
    if (!parser_accept(p, "SERDE"))
        return parser_mismatch(p, "'DELIMITED', 'SERDE'");
    const char *name = parser_string(p);
    return name && ddl_pair(d, &d->statement->serde, "serialization.lib", name) &&
           (!parser_accept_words(p, "WITH SERDEPROPERTIES") || ddl_properties(d, &d->statement->serde));
}

/* --- columns --- */
static const char *hive_type(struct ddl *d)
{
    struct parser *p = d->p;
    size_t at = parser_peek(p, 0)->at;
    const char *text = parse_type_text(p);
    if (!text)
        return NULL;
    const struct type *type = type_parse(p->arena, text);
    if (!type || type->base == BASE_UNKNOWN) {
        dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, at, "Unknown type: %.100s", text);
        return NULL;
    }
    struct buf out = BUF_INIT(64 * 1024);
    type_print_hive(type, &out);
    char *hive = arena_strdup(p->arena, buf_text(&out));
    buf_done(&out);
    return hive;
}

bool ddl_columns(struct ddl *d, const struct dialect_column **columns, size_t *count)
{
    struct parser *p = d->p;
    struct dialect_column *items = NULL;
    size_t cap = 0;
    if (*count)
        return dialect_fail_at(p->err, "SYNTAX_ERROR", p->sql, parser_peek(p, 0)->at, "the columns are named twice");
    if (!parser_expect(p, "("))
        return false;
    do {
        struct dialect_column column = {.name = parser_name(p)};
        if (!column.name)
            return false;
        column.name = dialect_lower(p->arena, column.name);
        parser_accept(p, ":");
        if (!(column.type = hive_type(d)))
            return false;
        if (parser_accept(p, "COMMENT") && !(column.comment = parser_string(p)))
            return false;
        if (!(items = arena_grow(p->arena, items, *count, &cap, sizeof *items)))
            return dialect_fail(p->err, "SYNTAX_ERROR", "there are too many columns");
        for (size_t i = 0; i < *count; i++)
            if (strcmp(items[i].name, column.name) == 0)
                return dialect_fail(p->err, "SYNTAX_ERROR", "Duplicate column name: %s", column.name);
        items[(*count)++] = column;
    } while (parser_accept(p, ","));
    *columns = items;
    return parser_expect(p, ")");
}

/* PARTITIONED BY: columns with types; only names for Iceberg and transforms, which are not supported. */
static bool partitioned(struct ddl *d)
{
    struct dialect_statement *statement = d->statement;
    if (parser_is_at(d->p, 2, ",") || parser_is_at(d->p, 2, ")") || parser_is_at(d->p, 2, "("))
        return dialect_fail_at(d->p->err, "NOT_SUPPORTED", d->p->sql, parser_peek(d->p, 0)->at,
                               "partition transforms and columns without a type are for Iceberg tables, which are not "
                               "supported");
    return ddl_columns(d, &statement->partition_columns, &statement->partition_column_count);
}

static bool clustered(struct ddl *d)
{
    struct parser *p = d->p;
    const char **columns = NULL;
    size_t count = 0, cap;
    if (!parse_names(p, &columns, &count) || !parser_expect(p, "INTO"))
        return false;
    cap = count;
    if (!(columns = arena_grow(p->arena, columns, count, &cap, sizeof *columns)))
        return false;
    columns[count] = NULL;
    d->statement->bucketed_by = columns;
    const struct lexeme *number = parser_peek(p, 0);
    if (number->kind != TOKEN_NUMBER)
        return parser_mismatch(p, "<integer>");
    p->next++;
    return ddl_pair(d, &d->statement->properties, "bucket_count", lexeme_text(p, number)) &&
           parser_expect(p, "BUCKETS");
}

static bool table_clause(struct ddl *d, bool *found)
{
    struct parser *p = d->p;
    struct dialect_statement *statement = d->statement;
    *found = true;
    if (parser_accept(p, "COMMENT"))
        return (statement->comment = parser_string(p)) != NULL;
    if (parser_accept_words(p, "PARTITIONED BY"))
        return partitioned(d);
    if (parser_accept_words(p, "CLUSTERED BY"))
        return clustered(d);
    if (parser_accept_words(p, "ROW FORMAT"))
        return row_format(d);
    if (parser_accept_words(p, "STORED AS"))
        return stored_as(d);
    if (parser_accept_words(p, "WITH SERDEPROPERTIES"))
        return ddl_properties(d, &statement->serde);
    if (parser_accept(p, "LOCATION"))
        return (statement->location = parser_string(p)) != NULL;
    if (parser_accept(p, "TBLPROPERTIES"))
        return ddl_properties(d, &statement->properties);
    *found = false;
    return true;
}

static bool check_table(struct ddl *d)
{
    struct dialect_statement *statement = d->statement;
    const char *type = pairs_get(&statement->properties, "table_type");
    if (type && strcasecmp(type, "ICEBERG") == 0)
        return dialect_fail(d->p->err, "NOT_SUPPORTED", "Iceberg tables are not supported");
    if (!statement->is_external)
        return dialect_fail(d->p->err, "SYNTAX_ERROR",
                            "Only external table creation is supported. Table must be created with EXTERNAL keyword");
    if (!statement->location)
        return dialect_fail(d->p->err, "SYNTAX_ERROR", "External table creation must specify a LOCATION");
    for (size_t i = 0; i < statement->partition_column_count; i++)
        for (size_t j = 0; j < statement->column_count; j++)
            if (strcmp(statement->partition_columns[i].name, statement->columns[j].name) == 0)
                return dialect_fail(d->p->err, "SYNTAX_ERROR", "Column repeated in partitioning columns: %s",
                                    statement->columns[j].name);
    if (!pairs_get(&statement->serde, "input.format")) /* Hive's default: text */
        return lib(d, HIVE "serde2.lazy.LazySimpleSerDe", "org.apache.hadoop.mapred.TextInputFormat",
                   HIVE "ql.io.HiveIgnoreKeyTextOutputFormat");
    return true;
}

static bool hive_table(struct ddl *d)
{
    bool found = true;
    d->statement->kind = DIALECT_CREATE_TABLE;
    d->statement->verb = "CREATE TABLE";
    if (!ddl_columns(d, &d->statement->columns, &d->statement->column_count))
        return false;
    while (found)
        if (!table_clause(d, &found))
            return false;
    return ddl_end(d) && check_table(d);
}

/* --- CTAS --- */
static bool ctas(struct ddl *d)
{
    struct parser *p = d->p;
    d->statement->kind = DIALECT_CTAS;
    d->statement->verb = "CREATE TABLE AS SELECT";
    if (parser_accept(p, "COMMENT") && !(d->statement->comment = parser_string(p)))
        return false;
    if (parser_accept(p, "WITH") && !query_properties(d))
        return false;
    const char *type = pairs_get(&d->statement->properties, "table_type");
    if (type && strcasecmp(type, "ICEBERG") == 0)
        return dialect_fail(p->err, "NOT_SUPPORTED", "Iceberg tables are not supported");
    const char *location = pairs_get(&d->statement->properties, "external_location");
    d->statement->location = location;
    if (!parser_expect(p, "AS") || !query_inner(d))
        return false;
    if (parser_accept_words(p, "WITH NO DATA"))
        return ddl_pair(d, &d->statement->properties, "with_no_data", "true") && ddl_end(d) && query_check_ctas(d);
    return (!parser_accept_words(p, "WITH DATA") || true) && ddl_end(d) && query_check_ctas(d);
}

bool ddl_create_table(struct ddl *d, bool is_external)
{
    struct parser *p = d->p;
    d->statement->is_external = is_external;
    d->statement->if_not_exists = parser_accept_words(p, "IF NOT EXISTS");
    if (!ddl_object(d))
        return false;
    if (parser_accept(p, "LIKE"))
        return dialect_fail(p->err, "NOT_SUPPORTED", "CREATE TABLE LIKE is not supported by Athena");
    return parser_is(p, "(") ? hive_table(d) : ctas(d);
}

/* --- views and databases --- */
bool ddl_create_view(struct ddl *d)
{
    struct parser *p = d->p;
    if (!ddl_object(d))
        return false;
    if (parser_accept(p, "COMMENT") && !(d->statement->comment = parser_string(p)))
        return false;
    if (parser_accept(p, "SECURITY") && !parser_accept(p, "DEFINER") && !parser_expect(p, "INVOKER"))
        return false;
    if (!parser_expect(p, "AS"))
        return false;
    d->statement->view_sql = parser_text(p, p->next, p->count);
    return query_inner(d) && ddl_end(d) && query_check_ctas(d);
}

bool ddl_create_database(struct ddl *d)
{
    struct parser *p = d->p;
    bool found = true;
    d->statement->kind = DIALECT_CREATE_DATABASE;
    d->statement->verb = "CREATE DATABASE";
    d->statement->if_not_exists = parser_accept_words(p, "IF NOT EXISTS");
    if (!ddl_database(d))
        return false;
    d->statement->name = d->statement->database;
    while (found) {
        if (parser_accept(p, "COMMENT"))
            found = (d->statement->comment = parser_string(p)) != NULL;
        else if (parser_accept(p, "LOCATION"))
            found = (d->statement->location = parser_string(p)) != NULL;
        else if (parser_accept_words(p, "WITH DBPROPERTIES"))
            found = ddl_properties(d, &d->statement->properties);
        else
            return ddl_end(d);
    }
    return false;
}
