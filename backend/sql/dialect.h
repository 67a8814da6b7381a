/* Athena's SQL (Trino dialect with Hive DDL) on DuckDB: a statement is tokenised, classified, and either parsed into a
 * DDL tree that the Glue store answers, or translated to DuckDB SQL. Nothing fails silently: what cannot be translated
 * is NOT_SUPPORTED with the construct's name. Pure but for the catalog look-ups through the callbacks. Sources: Athena
 * User Guide (SQL reference), Trino documentation.
 *
 * What a query sees of the engine: every table of duck_sql is "database"."name" with a VARCHAR column "$path", which no
 * star includes; "name$partitions" is a table of the partition columns' values.
 *
 * Known differences that are not refused: approx_distinct and approx_percentile are exact; maps and rows read from
 * columns compare with NULL inside as equal; numbers inside a nested value that is cast to JSON lose trailing zeros;
 * upper and lower follow Unicode's simple mappings (no SS for a sharp s); results print timestamps with three digits or
 * six. */
#ifndef WEIR_SQL_DIALECT_H
#define WEIR_SQL_DIALECT_H
#include "backend/base/arena.h"
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/base/list.h"
#include <stdbool.h>
#include <stddef.h>

/* --- the catalog as the dialect sees it --- */
struct dialect_column {
    const char *name, *type; /* Hive type text: "bigint", "array<int>", "decimal(10,2)" */
    const char *comment;
};
struct dialect_table {
    const char *database, *name;
    const struct dialect_column *columns, *partitions;
    size_t column_count, partition_count;
    const char *view_sql;      /* NULL: not a view */
    const char *view_database; /* that unqualified names in it are of; NULL: the view's own */
};
struct dialect_catalog {
    void *context;
    /* Allocates in the arena; ERR_NOT_FOUND when absent. Names are lower case. */
    const struct dialect_table *(*table)(void *context, struct arena *arena, const char *database, const char *name,
                                         struct err *err);
    bool (*has_database)(void *context, const char *database);
};

/* --- what a statement is --- */
enum dialect_kind {                 /* Athena's StatementType follows from it: DML, DDL, UTILITY */
                    DIALECT_QUERY,  /* SELECT, VALUES, WITH, TABLE: duck_sql */
                    DIALECT_INSERT, /* target, duck_sql of the source */
                    DIALECT_CTAS,   /* target, properties, duck_sql */
                    DIALECT_UNLOAD, /* properties (with "location"), duck_sql */
                    DIALECT_CREATE_TABLE,
                    DIALECT_CREATE_VIEW,
                    DIALECT_CREATE_DATABASE,
                    DIALECT_DROP_TABLE,
                    DIALECT_DROP_VIEW,
                    DIALECT_DROP_DATABASE,
                    DIALECT_ALTER_TABLE,
                    DIALECT_ALTER_DATABASE,
                    DIALECT_MSCK,
                    DIALECT_SHOW,
                    DIALECT_DESCRIBE,
                    DIALECT_EXPLAIN,
                    DIALECT_PREPARE,
                    DIALECT_EXECUTE,
                    DIALECT_DEALLOCATE,
                    DIALECT_USE
};
struct dialect_partition { /* PARTITION (k = v, ...) with its LOCATION */
    const char **names, **values;
    size_t count;
    const char *location;
};
struct dialect_statement { /* all in the arena; unused members are NULL or 0 */
    enum dialect_kind kind;
    const char *verb;            /* "SHOW PARTITIONS", "ALTER TABLE ADD COLUMNS": for SubstatementType and routing */
    const char *database, *name; /* the object, lower case; database defaulted */
    bool if_exists, if_not_exists, or_replace, is_external, cascade;
    const char *pattern; /* SHOW ... LIKE 'x' */
    const char *location, *comment;
    const struct dialect_column *columns, *partition_columns;
    size_t column_count, partition_column_count;
    const struct dialect_partition *partitions;
    size_t partition_count;
    struct pairs properties; /* TBLPROPERTIES, or WITH (...) of CTAS and UNLOAD; strings unquoted; items in the arena */
    struct pairs serde;      /* "serialization.lib", "field.delim", "input.format", ... from ROW FORMAT / STORED AS */
    const char *const *partitioned_by, *const *bucketed_by; /* CTAS, NULL-ended */
    const char *view_sql;                                   /* CREATE VIEW: the query's original text */
    const char *inner;             /* EXPLAIN / PREPARE: the statement's text; EXECUTE: the prepared name is .name */
    const char *const *parameters; /* EXECUTE ... USING: expressions as text, NULL-ended */
    /* queries */
    const char
        *duck_sql; /* tables appear as "database"."name" of DuckDB schemas that the engine has created as views */
    const struct dialect_table *const *tables; /* tables read (views expanded), NULL-ended */
    const char *const *output_names; /* NULL-ended; "_col0" for unnamed ones; NULL when only execution can tell */
    const char *const *output_types; /* NULL-ended, beside output_names: Athena's types ("varchar(1)"); the engine's own
                                        types are wider (a sum is HUGEINT) or text (a zoned timestamp) */
    int parameter_count;             /* '?' in the text */
};
/* The schema whose tables "columns", "tables", "schemata" and "views" stand for information_schema in duck_sql: the
 * engine has its own of that name. They are in .tables as database "information_schema". */
#define DIALECT_INFORMATION_SCHEMA "weir_information_schema"

struct dialect_options {
    const struct dialect_catalog *catalog;
    const char *database;          /* the default one */
    const char *const *parameters; /* ExecutionParameters: expression texts, NULL-ended; NULL none */
};
/* One statement (a trailing ';' is allowed). On failure *err: service_code is Trino's error name ("SYNTAX_ERROR",
 * "TABLE_NOT_FOUND", "COLUMN_NOT_FOUND", "FUNCTION_NOT_FOUND", "NOT_SUPPORTED", "TYPE_MISMATCH"...), text is Athena's:
 * "line 1:8: Column 'x' cannot be resolved". */
struct dialect_statement *dialect_translate(const struct dialect_options *options, const char *sql, size_t len,
                                            struct arena *arena, struct err *err);
/* SQL that a fresh DuckDB needs before translated statements run: settings, macros. C functions are registered by duck
 * itself. */
const char *dialect_prelude(void);
/* The same for these texts of the engine's SQL alone (NULL-ended): of the macros only those that they use. */
bool dialect_prelude_for(const char *const *texts, struct buf *out);
/* DuckDB's type name -> Athena's ("HUGEINT" -> "bigint", "INTEGER[]" -> "array(integer)"), and Hive's ("array<int>") ->
 * DuckDB's. */
bool dialect_type_from_duck(const char *duck_type, struct buf *out);
bool dialect_type_to_hive(const char *athena_type, struct buf *out); /* "array(integer)" -> "array<int>" */
/* Whether tables can have it: Hive has no zoned timestamps, times, intervals, JSON, UUIDs, nor a type of NULL alone. */
bool dialect_type_can_be_stored(const char *athena_type);
bool dialect_type_from_hive(const char *hive_type, struct buf *out, struct err *err);
/* --- texts of Hive's LazySimpleSerDe (dialect_lazy.c) --- */
enum { DIALECT_LAZY_LEVELS = 8 };
struct dialect_lazy {
    const char
        *separators[DIALECT_LAZY_LEVELS]; /* of a collection's items at each depth; the next one is of its keys */
    const char *null_text;                /* "\\N" */
    const char *escape;                   /* "": none */
};
/* Appends the engine's expression that gives a column of this Hive type from the text `sql` (an identifier or
 * subscript: it is repeated). What is no value of its type is NULL, fractions of whole numbers are cut off, as Hive's
 * Lazy objects do. NOT_SUPPORTED for types that have no such text. */
bool dialect_lazy_read(const struct dialect_lazy *lazy, const char *hive_type, const char *sql, struct buf *out,
                       struct err *err);
/* The other way: the text of the value `sql`, which is NULL for NULL. */
bool dialect_lazy_write(const struct dialect_lazy *lazy, const char *hive_type, const char *sql, struct buf *out,
                        struct err *err);
/* Joins the fields that weir_fields and weir_regex_fields find: a noncharacter of Unicode, which no text has. */
#define DIALECT_FIELD_MARK "\xf4\x8f\xbf\xbf"

/* DuckDB's run-time error -> Athena's error name and text with the position in the original statement where it is
 * known. */
void dialect_map_error(const struct dialect_statement *statement, const char *sql, const struct err *duck,
                       struct err *err);

/* --- tokens: for the editor's highlighting too --- */
enum dialect_token_kind {
    TOKEN_KEYWORD,
    TOKEN_FUNCTION,
    TOKEN_NAME,
    TOKEN_QUOTED_NAME,
    TOKEN_STRING,
    TOKEN_NUMBER,
    TOKEN_OPERATOR,
    TOKEN_COMMENT,
    TOKEN_SPACE,
    TOKEN_PARAMETER,
    TOKEN_ERROR
};
struct dialect_token {
    enum dialect_token_kind kind;
    size_t start, len;
};
/* The token at *offset (always at least one byte), which moves behind it; false at the end. Restartable at any line
 * start outside a block comment or string; *state carries those over lines (0 at the beginning of a text). */
bool dialect_token(const char *sql, size_t len, size_t *offset, int *state, struct dialect_token *token);
/* --- several statements in one text (dialect_split.c); pure, any thread --- */
struct dialect_part { /* one statement; byte offsets into the text */
    size_t start,
        end;       /* from its first token (space and comments before it left out) to behind its last, without ';' */
    size_t next;   /* behind its ';', or the text's end */
    bool is_ended; /* by a ';' */
    bool is_open;  /* its last string, quoted name or comment has no end: more text must follow */
};
/* The next statement from *offset on, which moves behind it; false when only space, comments and ';' are left (is_open
 * then tells of a comment without its end). A ';'
 * inside a string, a quoted name or a comment ends nothing. */
bool dialect_split(const char *sql, size_t len, size_t *offset, struct dialect_part *part);
/* The statement under the cursor: the one it stands in, or behind whose ';' it stands on the same line, or the next
 * one, or else the last. False when there is none. */
bool dialect_split_at(const char *sql, size_t len, size_t cursor, struct dialect_part *part);

/* What one statement is, told from its syntax alone (no catalog). */
struct dialect_nature {
    const char *verb;       /* "SELECT", "CREATE TABLE AS SELECT", "EXPLAIN ANALYZE"; "" not known */
    enum dialect_kind kind; /* when verb is not "" */
    bool only_reads;        /* changes no data and no catalog; in doubt false */
    bool scans;             /* reads table data, which Athena bills; EXECUTE may */
};
/* SELECT and the like only read when the grammar takes them whole, or when no word in them could change anything;
 * EXPLAIN ANALYZE runs what it explains (Trino documentation, "EXPLAIN ANALYZE"); a table function can pass any text to
 * another system. */
struct dialect_nature dialect_nature(const char *sql, size_t len);

/* --- what a statement reads, told from its syntax alone (dialect_reads.c): for estimates --- */
enum { DIALECT_READS_MAX = 1000 };
struct dialect_condition { /* column OP value, which every row that matters satisfies */
    const char *column;
    const char *op;            /* "=", "<", "<=", ">", ">=", "IN" */
    const char *const *values; /* as text, unquoted; one but for IN */
    size_t count;
    bool are_numbers; /* written as numbers, not as strings, dates or timestamps */
};
struct dialect_read { /* one scan of a table; a WITH name that is used twice is scanned twice, as Trino does */
    const char *database, *name; /* lower case; the database defaulted */
    const struct dialect_condition *conditions;
    size_t condition_count;
    bool is_all; /* a star takes all its columns; else only those among names */
};
struct dialect_reads {
    const struct dialect_read *items;
    size_t count;
    bool is_limited;          /* a LIMIT may end it sooner */
    const char *const *names; /* all words that may be names, lower case, NULL-ended: the columns read are among them */
};
/* Of queries, INSERT, CTAS, UNLOAD and EXPLAIN ANALYZE; all others read nothing. Conditions are comparisons of a column
 * with literals that stand in AND at the top of WHERE or of a join's ON: what is said in any other way is left out, so
 * the rows that satisfy them all are a superset. Views are tables here. In the arena; NULL with *err
 * (dialect_translate) when the grammar does not take it, or for more than DIALECT_READS_MAX reads. */
struct dialect_reads *dialect_reads(const char *sql, size_t len, const char *database, struct arena *arena,
                                    struct err *err);

/* Appends one statement laid out anew: clauses on lines of their own, lists and subqueries indented. Only space between
 * tokens changes; comments stay. False, and nothing appended, when that cannot be done (a string or comment without
 * end, a character that is none of SQL's). */
bool dialect_format(const char *sql, size_t len, struct buf *out);
/* Must this name be quoted where a name is expected? Reserved words, and all but letters, digits and '_'. */
bool dialect_needs_quotes(const char *name, size_t len);
/* Keywords and function names for completion; NULL-ended. */
const char *const *dialect_keywords(void);
const char *const *dialect_functions(void);
/* "(varchar, bigint) varchar" of the function's first form, into out; "" when it is not known. Pure. */
char *dialect_signature(const char *name, char *out, size_t size);
#endif
