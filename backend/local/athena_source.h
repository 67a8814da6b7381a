/* What the files that read tables share: athena_source.c lists a table's objects and makes its view, a format (one row
 * and one file each) says how an object's bytes become columns. Runner threads. */
#ifndef WEIR_LOCAL_ATHENA_SOURCE_H
#define WEIR_LOCAL_ATHENA_SOURCE_H
#include "backend/local/athena.h"

enum {
    ATHENA_SOURCE_SQL_MAX = 128 << 20,
    ATHENA_LINE_MAX = 32 << 20, /* bytes of a line of a text table; a longer one is an error */
};

struct athena_source {
    struct athena_run *run;
    const struct dialect_table *table;
    json_t *document; /* the Glue table */
    const struct athena_format *format;
    struct buf files; /* of the part at hand: 'a','b' */
    struct buf paths; /* of the table: MAP keys and values */
    struct buf uris;
    struct buf sql;
    int count, part_files;
    bool text_is_binary; /* Parquet: texts are stored without saying so */
    const char *bucket;
    struct err *err;
};
struct athena_file {
    const char *path, *uri, *suffix; /* suffix: ".gz", "" */
    int64_t bytes;
};
struct athena_format {
    const char *library;                   /* a part of the SerDe's class name */
    bool (*open)(struct athena_source *s); /* refuses what the table's parameters ask for and is not there; NULL */
    bool (*accept)(struct athena_source *s, const struct athena_file *file); /* looks at an object first; NULL */
    bool (*put_columns)(struct athena_source *s); /* the SELECT list of the table's columns */
    bool (*put_reader)(struct athena_source *s);  /* what stands behind FROM */
};
extern const struct athena_format athena_format_lazy, athena_format_open_csv, athena_format_regex,
    athena_format_openx_json, athena_format_hive_json, athena_format_parquet;

/* A parameter of the SerDe, or fallback. */
const char *athena_serde(const struct athena_source *s, const char *key, const char *fallback);
bool athena_source_refuse(struct athena_source *s, const char *what, const char *detail);
/* The text between these quotes, with them doubled inside. */
void athena_quote(struct buf *out, const char *text, char quote);
/* The engine's name of a Hive type. */
bool athena_engine_type(struct athena_source *s, const char *hive, struct buf *type);
/* athena_prune.c: the partitions that the statement can need, for glue_partition_list; NULL: all. In the run's arena.
 */
const char *athena_prune(struct athena_run *run, const struct dialect_table *table);
/* A reader of lines: the columns "line" and "filename". */
void athena_put_lines(struct athena_source *s);
/* Text tables: compressions and encodings that there are. */
bool athena_accept_text(struct athena_source *s, const struct athena_file *file);
bool athena_open_text(struct athena_source *s);
#endif
