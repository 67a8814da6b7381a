/* What the first bytes of an object are and how they read: text, table (CSV), JSON, binary (hex), in gzip or not; and
 * the facts of a Parquet footer. Pure: hostile bytes in, rows in an arena out; any thread. */
#ifndef WEIR_DOMAIN_PREVIEW_H
#define WEIR_DOMAIN_PREVIEW_H
#include "backend/base/arena.h"
#include "backend/base/err.h"
#include "backend/domain/zones.h"

enum {
    PREVIEW_BYTES = 64 * 1024,     /* read by range */
    PREVIEW_TEXT_MAX = 512 * 1024, /* of what gzip makes of them */
    PREVIEW_LINES = 5000,
    PREVIEW_ROWS = 2000,
    PREVIEW_COLUMNS = 256,
    PREVIEW_FOOTER_MAX = 8 * 1024 * 1024 /* of a Parquet footer */
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

/* --- the parts, for tests --- */
/* The delimiter that cuts the first lines alike: one of , ; TAB |; 0 when none does. */
char preview_delimiter(const char *text, size_t len);
/* RFC 4180 with a given delimiter: quotes, doubled quotes, line ends in quotes; short rows are filled up with NULL. */
bool preview_table(struct arena *arena, const char *text, size_t len, char delimiter, bool is_whole,
                   struct object_view *view);
#endif
