/* A Parquet file's footer: the schema elements and figures of its FileMetaData, by a small reader of Thrift's compact
 * protocol. Every length and count is checked against what is there; nothing is trusted. Pure. Source: Apache Parquet
 * format, parquet.thrift. */
#ifndef WEIR_LOCAL_PARQUET_FOOTER_H
#define WEIR_LOCAL_PARQUET_FOOTER_H
#include "backend/base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum parquet_physical {
    PARQUET_BOOLEAN,
    PARQUET_INT32,
    PARQUET_INT64,
    PARQUET_INT96,
    PARQUET_FLOAT,
    PARQUET_DOUBLE,
    PARQUET_BYTE_ARRAY,
    PARQUET_FIXED,
    PARQUET_GROUP = -1
};
enum parquet_logical { /* what the annotation means, whichever of the two forms it has */
                       PARQUET_PLAIN,
                       PARQUET_STRING,
                       PARQUET_MAP,
                       PARQUET_LIST,
                       PARQUET_DECIMAL,
                       PARQUET_DATE,
                       PARQUET_TIME,
                       PARQUET_TIMESTAMP,
                       PARQUET_INT8,
                       PARQUET_INT16,
                       PARQUET_UINT32
};
struct parquet_element { /* flattened, depth first; the first is the root */
    const char *name;
    enum parquet_physical physical;
    enum parquet_logical logical;
    int repetition; /* 0 required, 1 optional, 2 repeated */
    int children;
    int precision, scale;
};
struct parquet_footer {
    struct parquet_element *elements;
    size_t count;
    int64_t rows;
    size_t row_groups;
};
enum { PARQUET_ELEMENTS_MAX = 50000 };
/* bytes: the FileMetaData alone. False when it is damaged; everything found lives in the arena. */
bool parquet_footer_read(const void *bytes, size_t len, struct arena *arena, struct parquet_footer *footer);
#endif
