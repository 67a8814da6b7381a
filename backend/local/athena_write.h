/* What CTAS, INSERT and UNLOAD share: the engine writes a query's rows as files into the work directory, then the files
 * become objects, then a manifest names them. Only after that the catalog changes, so that a failure or a cancel leaves
 * nothing to be seen. Runner threads. */
#ifndef WEIR_LOCAL_ATHENA_WRITE_H
#define WEIR_LOCAL_ATHENA_WRITE_H
#include "backend/base/uri.h"
#include "backend/local/athena_kinds.h"
#include "backend/local/glue_store.h"

enum { ATHENA_PARTITIONS_MAX = 100 }; /* of one statement: User Guide, "Work around the 100 partition limit" */

struct athena_storage { /* of a format: its classes, and how the engine writes it */
    const char *name;   /* "PARQUET" */
    const char *serde, *input, *output;
    const char *extension; /* of objects, before that of the compression */
    const char *copy;      /* options of the engine's COPY */
    bool is_text;          /* its values are LazySimpleSerDe's texts */
    bool is_json;          /* a document a line */
    bool is_self_packed;   /* compression is inside and needs no extension */
};
struct athena_write {
    struct athena_run *run;
    const struct athena_storage *storage;
    const char *compression; /* "gzip", "zstd", "snappy", "uncompressed", "lz4": the engine's names */
    int level;               /* of zstd; 0: the engine's own */
    struct dialect_lazy lazy;
    char field[16], collection[16], key[16]; /* of a text format */
    bool has_header;
    struct s3_name place; /* where unpartitioned objects and new partitions go; the key ends with '/' or is empty */
    const struct glue_table_id *table; /* partitions that it has stay where they are; NULL: there are none */
    struct dialect_column *columns;    /* of the query, Hive types; the partition columns are the last ones */
    size_t column_count, partition_count;
    const char *const *bucketed_by; /* NULL: none */
    int buckets;
    /* filled */
    json_t *objects;    /* URIs of what was written */
    json_t *partitions; /* [{"Values": [...], "Location": uri, "IsNew": bool}] */
};

/* The format by its name in WITH (...), or by a table's SerDe; NULL with NOT_SUPPORTED. */
const struct athena_storage *athena_storage_named(const char *name, struct err *err);
const struct athena_storage *athena_storage_of_serde(const char *library, struct err *err);
/* GZIP, NONE... of a format; what cannot be written is NOT_SUPPORTED. NULL name: GZIP. */
bool athena_write_compression(struct athena_write *write, const char *name, struct err *err);
/* The statement's output columns with Hive types, in the run's arena; NOT_SUPPORTED for types that Hive lacks. */
bool athena_write_columns(struct athena_write *write, struct err *err);
/* field_delimiter of WITH (...), and the other separators of a text format. */
bool athena_write_delimiter(struct athena_write *write, struct err *err);
/* An s3:// URI as a folder. */
bool athena_write_place(struct athena_write *write, const char *uri, struct err *err);
/* HIVE_PATH_ALREADY_EXISTS when an object lies there. */
bool athena_write_needs_empty(struct athena_write *write, struct err *err);
/* Runs the statement's query and stores what it gives, with the manifest. On failure nothing is left. */
bool athena_write_run(struct athena_write *write, struct err *err);
void athena_write_undo(struct athena_write *write); /* removes the objects again */
void athena_write_done(struct athena_write *write);
/* [{Name, Type}] of columns from..to-1 */
json_t *athena_write_columns_json(const struct athena_write *write, size_t from, size_t to);
/* PartitionInputs of the partitions that are new, with the table's storage. A new reference. */
json_t *athena_write_inputs(const struct athena_write *write, const json_t *storage);
#endif
