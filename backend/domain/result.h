/* A result of any size on file: what a query answered, as a CSV in Athena's exact form (a header row, every value in
 * double quotes, NULL as nothing at all, quotes doubled, line ends inside quotes allowed), or as lines (the .txt of
 * DDL). The file may still be arriving. Nothing of it is held in memory but the rows looked at: a thread of its own
 * finds row offsets as the bytes come, another reads windows of rows, others filter, sort, find and summarise; what
 * they make is kept in unlinked temporary files. Memory is bounded whatever the sizes are.
 *
 * The calls marked UI never wait and never touch the disk: a row that is not in memory is NULL, and `changed` tells
 * when to look again. Rows and columns are numbered from 0. */
#ifndef WEIR_DOMAIN_RESULT_H
#define WEIR_DOMAIN_RESULT_H
#include "backend/base/buf.h"
#include "backend/base/column.h"
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include <stdint.h>

enum {
    RESULT_COLUMNS_MAX = 10000,   /* a header with more is refused */
    RESULT_TEXT_MAX = 64 << 20,   /* bytes of what is copied at once */
    RESULT_SORT_MEMORY = 8 << 20, /* bytes of rows sorted at once; more are merged from a file */
    RESULT_TOP = 10,              /* most frequent values of a summary */
    RESULT_BINS = 24,             /* of its histogram */
    RESULT_VALUE_BYTES = 64       /* of a value in a summary */
};
enum result_form { RESULT_CSV, RESULT_LINES };
struct result_column {
    const char *name, *type; /* "bigint", "varchar(10)": Athena's word; "" unknown, taken as text */
};
struct result_options {
    const char *path; /* exists, maybe empty; is opened once, so it may be unlinked or renamed afterwards */
    enum result_form form;
    const struct result_column *columns; /* as the service told them, copied; NULL: names of the header row, no types */
    size_t column_count;
    const char *directory;          /* for unlinked temporary files: 16 bytes a row of a filter or sort */
    void (*changed)(void *context); /* on any thread; must not wait nor call back. NULL: nobody is told */
    void *context;
    size_t sort_memory, block_bytes; /* 0: as above, and 256 KiB read at once; tests force edges with little */
};

struct result;
/* Opens the file and starts the indexer. NULL with *err (ERR_NOT_FOUND, ERR_IO). Opens a file: jobs preferred. */
struct result *result_open(const struct result_options *options, struct err *err);
/* Ends all its threads, without waiting for them; changed is not called any more once it has returned. NULL: nothing.
 * UI. */
void result_close(struct result *result);
/* So many bytes of the file are there now, and whether they are all. A file that turns out shorter, or that ends inside
 * a row, is an error in the status; the rows before stay. Any thread; never waits. */
void result_arrived(struct result *result, int64_t bytes, bool is_complete);
/* No more will come, for this reason; the rows stay. Any thread. */
void result_broken(struct result *result, const struct err *why);
/* A job holds the result for as long as it reads it; the last one out frees it. Any thread. */
struct result *result_hold(struct result *result);
void result_release(struct result *result);

enum result_work { RESULT_IDLE, RESULT_FILTERING, RESULT_SORTING };
struct result_status {
    uint64_t rows, shown; /* found so far; of those, shown by the filter */
    bool is_complete;     /* rows are all that have arrived and will */
    bool is_broken;       /* what arrived is not all, and no more will (result_broken) */
    bool is_shown_at_least;
    int64_t bytes, indexed_bytes;
    enum result_work work;
    double progress;       /* of work: 0..1 */
    char filter_note[160]; /* why the filter is not applied ("filter price: give a number such as 10k"); "" */
    struct err err;        /* of reading, indexing, filtering or sorting; rows shown are right but may be not all */
};
/* UI. */
void result_status(struct result *result, struct result_status *status);

/* ---- columns: NULL until the header row has been read; ended by an id of NULL; they live as long as the result. kind
 * is VALUE_TEXT, VALUE_DIGITS or VALUE_STAMP by the column's type; widths follow the first rows. UI. */
const struct column *result_columns(struct result *result, size_t *count);
const char *result_column_type(const struct result *result, size_t column); /* once there are columns; "" unknown */

/* ---- rows as shown (filtered, sorted). */
struct result_look {
    size_t first, last; /* shown rows on the screen */
    size_t frozen;      /* columns 0 .. frozen - 1 are on it, and */
    size_t left, right; /* these, both included; right at least left */
};
/* Says what will be looked at: takes in what has been read since and asks for what is missing. Rows got before from
 * result_row may move. UI. */
void result_look(struct result *result, const struct result_look *look);
struct result_row;
/* NULL: not there yet. Stays until the next result_look. UI. */
const struct result_row *result_row(struct result *result, size_t shown);
/* Its place in the file. */
uint64_t result_row_number(const struct result_row *row);
/* Where the row of this number is shown; false where only a search would tell: among filtered or sorted rows. UI. */
bool result_where(struct result *result, uint64_t number, size_t *shown);
/* The cell: VALUE_KNOWN with its exact bytes, VALUE_NULL, VALUE_NONE where the row has no such cell, VALUE_UNKNOWN for
 * a column that was not looked at (of rows of more than 64 KiB only the columns on the screen are held, and the
 * beginning of each cell). is_cut: the bytes are only its beginning; result_read has them all. */
struct value result_cell(const struct result_row *row, size_t column, bool *is_cut);

/* ---- arrangement: base/filter.h's language, then one column (-1: the order of the file); NULLs last, stable. What was
 * being worked on is given up. Rows are shown as they are found while it works; those of a sort in the order of the
 * file until it is done. UI. */
void result_arrange(struct result *result, const char *filter, int sort_column, bool is_reverse);

/* ---- find: the next shown row after (before) `from` that the filter text matches. UI. */
enum result_find_state { FIND_NOTHING, FIND_WORKING, FIND_FOUND, FIND_ABSENT, FIND_FAILED };
struct result_found {
    enum result_find_state state;
    uint64_t shown;  /* FOUND */
    double progress; /* WORKING */
    struct err err;  /* FAILED */
};
void result_find(struct result *result, const char *text, size_t from, bool is_backward);
void result_find_stop(struct result *result);
struct result_found result_found(struct result *result);

/* ---- summary of one column over the shown rows. UI. */
struct result_value {
    char text[RESULT_VALUE_BYTES]; /* its first bytes, not sanitised */
    size_t len;
    bool is_cut;
    uint64_t count;
};
struct result_summary {
    int column; /* -1: none was asked for */
    bool is_done;
    double progress;
    uint64_t rows, nulls, empties;
    uint64_t distinct;
    bool is_distinct_estimate; /* past the limit of exact counting: about, by 2 % (HyperLogLog) */
    bool is_top_estimate;      /* counts are at least these (Misra-Gries), for the same reason */
    struct result_value min, max;
    bool has_mean;
    double mean;
    size_t not_numbers; /* of a numeric column: values that do not read as its type says */
    struct result_value top[RESULT_TOP];
    size_t top_count;
    bool has_bins;              /* of numbers, dates and times: */
    uint64_t bins[RESULT_BINS]; /* how many values lie in equal parts of low .. high, which are the finite ends */
    struct result_value low, high;
    struct err err;
};
void result_summarise(struct result *result, int column); /* -1: gives up and forgets */
void result_summary(struct result *result, struct result_summary *out);

/* ---- exact bytes. These wait: jobs and tests. */
enum result_take { TAKE_CELL, TAKE_ROW, TAKE_COLUMN };
struct result_take_options {
    enum result_take what;
    const uint64_t *rows; /* file numbers (CELL, ROW); for COLUMN all shown rows when 0 */
    size_t row_count;
    size_t column;    /* CELL, COLUMN */
    const char *null; /* what stands for NULL; NULL: "" */
};
/* Appends: cells bytewise, one per line when several; rows as tab-separated values. ERR_TOO_LARGE past out's maximum.
 */
bool result_read(struct result *result, const struct result_take_options *options, const struct cancel *cancel,
                 struct buf *out, struct err *err);

/* Numbers of a text or time column and a number column for a chart: calls each for at most max shown rows spread evenly
 * over all; *rows gets how many there are. */
struct result_point {
    const char *text; /* of the first column, its first bytes; NULL: NULL */
    size_t len;
    double number; /* of the second, NAN: NULL or no number */
};
bool result_points(struct result *result, size_t label_column, size_t number_column, size_t max,
                   const struct cancel *cancel, void (*each)(void *context, const struct result_point *point),
                   void *context, uint64_t *rows, struct err *err);

/* ---- export. Waits: for a job. Written beside the target under a temporary name, then renamed; on any error nothing
 * is left of it. */
enum result_format { EXPORT_CSV, EXPORT_JSONL, EXPORT_PARQUET };
/* By a file name's ending (.csv .jsonl .json .parquet); false when it has none of these. */
bool result_format_of(const char *path, enum result_format *format);
struct result_export_options {
    enum result_format format;
    const char *path;
    bool may_overwrite; /* false: an existing file is ERR_CONFLICT */
    bool all_rows;      /* in the order of the file; false: the shown rows in their order */
    void (*progress)(void *context, uint64_t rows, uint64_t total); /* total 0: not known yet. NULL: nobody */
    void *context;
};
/* CSV keeps the bytes as Athena wrote them; JSON lines and Parquet are typed (integers and decimals exactly, NULL as
 * null). Of a result that is still arriving: waits for the rest. *rows gets how many were written. */
bool result_export(struct result *result, const struct result_export_options *options, const struct cancel *cancel,
                   uint64_t *rows, struct err *err);
#endif
