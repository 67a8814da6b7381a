/* What the first bytes of an object are and how they read: text, table (CSV), JSON, binary (hex), in gzip or not; and
 * the facts of a Parquet footer. Pure: hostile bytes in, rows in an arena out; any thread. */
#ifndef WEIR_DOMAIN_PREVIEW_H
#define WEIR_DOMAIN_PREVIEW_H
#include "backend/base/arena.h"
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include "backend/domain/zones.h"

enum {
    PREVIEW_BYTES = 64 * 1024,     /* read by range */
    PREVIEW_TEXT_MAX = 512 * 1024, /* of what gzip makes of them */
    PREVIEW_LINES = 5000,
    PREVIEW_ROWS = 2000,
    PREVIEW_COLUMNS = 256,
    PREVIEW_FOOTER_MAX = 8 * 1024 * 1024,  /* of a Parquet footer */
    PREVIEW_CHUNKS_MAX = 16 * 1024 * 1024, /* of Parquet's column chunks: columns that do not fit are left out */
    PREVIEW_PARQUET_ROWS = 100
};

struct preview_input {
    const char *key, *content_type;
    const void *bytes; /* the beginning of the object */
    size_t len;
    bool is_whole; /* len is all of it */
};
/* Fills preview, preview_format, preview_is_whole, lines or cells of *view. False (out of the arena's room) with *err;
 * bytes that cannot be read as what they seem to be are shown as something simpler instead. */
bool preview_make(struct arena *arena, const struct preview_input *input, struct object_view *view, struct err *err);

/* Parquet: the last 8 bytes are the footer's length (little endian) and "PAR1". -1 when they are not. */
int64_t preview_parquet_footer_len(const void *last8);
bool preview_is_parquet(const void *bytes, size_t len);
/* Facts of a footer as lines: rows, row groups, writer, codecs, and one line per column. False when it is no footer. */
bool preview_parquet(struct arena *arena, const void *footer, size_t len, struct object_view *view, struct err *err);
/* Where the first row group's columns are. */
struct preview_chunk {
    const char *column; /* at the top of the schema */
    int64_t offset, len;
};
struct preview_plan {
    struct preview_chunk *chunks;
    size_t chunk_count;
    int64_t group_rows, rows; /* of the first row group; of the file */
};
bool preview_parquet_plan(struct arena *arena, const void *footer, size_t len, struct preview_plan *plan,
                          struct err *err);
/* The first rows of a Parquet object: reads whole column chunks of its first row group, as many as fit in
 * PREVIEW_CHUNKS_MAX, and has the engine decode them in a process of its own (hostile bytes cost a preview, not the
 * console). Fills header, columns, cells (NULL: null), rows and rows_note of *view. Waits; feeds and the command line.
 * False with *err (no engine: ERR_UNSUPPORTED says what is missing). */
struct preview_reader {
    /* Bytes first..last of the object into *out. */
    bool (*read)(void *context, int64_t first, int64_t last, struct buf *out, struct err *err);
    void *context;
    int64_t size; /* of the object */
    const struct cancel *cancel;
};
bool preview_parquet_rows(struct arena *arena, const struct preview_reader *reader, const void *footer, size_t len,
                          struct object_view *view, struct err *err);
/* The process (weir --parquet-rows): one request on standard input, one answer on standard output. */
int preview_worker_main(void);

/* --- the parts, for tests --- */
/* Which columns are read: those whose chunks lie inside the object's data and fit in max bytes altogether, in the order
 * of the schema; others are counted in *left_out. Returns the count of names (in the arena). */
size_t preview_parquet_choose(const struct preview_plan *plan, int64_t data_end, int64_t max, struct arena *arena,
                              const char ***names, size_t *left_out);
/* The delimiter that cuts the first lines alike: one of , ; TAB |; 0 when none does. */
char preview_delimiter(const char *text, size_t len);
/* RFC 4180 with a given delimiter: quotes, doubled quotes, line ends in quotes; short rows are filled up with NULL. */
bool preview_table(struct arena *arena, const char *text, size_t len, char delimiter, bool is_whole,
                   struct object_view *view);
#endif
