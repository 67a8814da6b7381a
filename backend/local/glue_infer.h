/* What a crawl finds out about one object from a sample of its bytes: format, columns with Hive types, records. Pure.
 *
 * CSV follows Glue's built-in classifier: delimiters , | tab ; and ^A, at least two columns and two lines; the first
 * line is the header when each of its fields is text shorter than 150 characters and some column's values are not text;
 * else columns are col0, col1, ... A column's type holds for all its non-empty values in the sample: boolean, bigint,
 * double, date (yyyy-MM-dd), timestamp (yyyy-MM-dd HH:mm:ss[.f]), else string. Beyond Glue: values that all have
 * exactly two digits after the point are money and become decimal(18,2); integers beyond 64 bits and numbers with more
 * digits than a double keeps (15) become decimal(38,s). When a field is quoted the table needs OpenCSVSerde, which
 * reads neither dates from text nor empty numbers: those columns are string then.
 * JSON: objects one after the other, or one array (a column "array", as Glue); int, bigint, double, boolean, string,
 * struct<>, array<>. Parquet: the footer's schema. */
#ifndef WEIR_LOCAL_GLUE_INFER_H
#define WEIR_LOCAL_GLUE_INFER_H
#include "backend/base/arena.h"
#include "backend/base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum glue_kind {
    GLUE_NULL, /* nothing seen */
    GLUE_BOOLEAN,
    GLUE_TINYINT,
    GLUE_SMALLINT,
    GLUE_INT,
    GLUE_BIGINT,
    GLUE_FLOAT,
    GLUE_DOUBLE,
    GLUE_DECIMAL,
    GLUE_DATE,
    GLUE_TIMESTAMP,
    GLUE_STRING,
    GLUE_BINARY,
    GLUE_ARRAY,
    GLUE_MAP,
    GLUE_STRUCT
};
struct glue_type;
struct glue_field {
    const char *name;
    struct glue_type *type;
    bool has_empty; /* CSV: some value was empty */
};
struct glue_type {
    enum glue_kind kind;
    int precision, scale;      /* GLUE_DECIMAL */
    struct glue_field *fields; /* struct: its fields; array: the element; map: key and value */
    size_t count, cap;
};
enum { GLUE_TYPE_DEPTH = 32, GLUE_FIELDS_MAX = 10000 };
struct glue_type *glue_type_new(struct arena *arena, enum glue_kind kind);
/* Adds a field; names are compared without case and kept in lower case. NULL past GLUE_FIELDS_MAX. */
struct glue_field *glue_type_add(struct arena *arena, struct glue_type *type, const char *name);
struct glue_type *glue_type_copy(struct arena *arena, const struct glue_type *type); /* NULL: no room */
/* The type that holds values of both; may reuse either. */
struct glue_type *glue_type_merge(struct arena *arena, struct glue_type *left, struct glue_type *right);
void glue_type_write(const struct glue_type *type, struct buf *out); /* "struct<a:int,b:array<string>>" */

enum glue_format { GLUE_FORMAT_UNKNOWN, GLUE_FORMAT_CSV, GLUE_FORMAT_JSON, GLUE_FORMAT_PARQUET };
struct glue_schema {
    enum glue_format format;
    struct glue_type *row; /* struct */
    bool is_gzip;
    char delimiter, quote; /* CSV; quote 0: '"' */
    bool has_header, is_quoted;
    int64_t records, bytes; /* in the sample: whole records and their bytes (uncompressed) */
    bool is_exact;          /* records are all of the object's */
};
/* bytes is a sample from the beginning; is_whole: all of the object. */
bool glue_infer_csv(const char *bytes, size_t len, bool is_whole, struct arena *arena, struct glue_schema *schema);
/* What a custom classifier says about a CSV; zero or NULL members: as the built-in one finds out. */
struct glue_csv_rules {
    char delimiter, quote;
    bool has_header, has_no_header;
    bool allows_one_column;
    bool is_quoted, is_plain;   /* the table's SerDe: OpenCSVSerde, or LazySimpleSerDe */
    const char *const *columns; /* their names, NULL-ended; another number of columns is another classifier's */
};
bool glue_infer_csv_by(const struct glue_csv_rules *rules, const char *bytes, size_t len, bool is_whole,
                       struct arena *arena, struct glue_schema *schema);
bool glue_infer_json(const char *bytes, size_t len, bool is_whole, struct arena *arena, struct glue_schema *schema);
/* footer: the bytes between the last row group and the footer's length. */
bool glue_infer_parquet(const void *footer, size_t len, struct arena *arena, struct glue_schema *schema);
/* Folds `from` into `into`; false when they are not one table's: another format, compression or delimiter, or fewer
 * than `percent` of the columns in common. */
bool glue_schema_merge(struct arena *arena, struct glue_schema *into, const struct glue_schema *from, int percent);
#endif
