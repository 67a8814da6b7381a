/* Rows and cells in the bytes of a result. Two forms: Athena's CSV, where a line end inside double quotes is part of a
 * value, and lines, where TAB parts cells. A CSV row ends at the first line feed after an even number of quotes; that
 * holds for doubled quotes too, so no row has to be read as cells to find the next one. Pure; any thread. */
#ifndef WEIR_DOMAIN_RESULT_SCAN_H
#define WEIR_DOMAIN_RESULT_SCAN_H
#include "backend/domain/result.h"

/* Where rows start, sparsely: the first row that starts at least spacing bytes after the one told before. */
struct row_mark {
    uint64_t row, offset;
};
struct row_counter {
    enum result_form form;
    uint64_t rows;                                     /* whose end has been seen */
    uint64_t end;                                      /* offset behind the last of them */
    uint64_t offset;                                   /* of the next byte to be fed */
    uint64_t next;                                     /* no mark before this offset */
    uint64_t spacing;                                  /* bytes */
    bool is_in_quotes;                                 /* at offset */
    bool (*mark)(void *context, struct row_mark mark); /* false: stop */
    void *context;
};
/* Counts the row ends in the next len bytes. False when mark said stop. */
bool row_count(struct row_counter *counter, const char *bytes, size_t len);

/* Length of the row that starts at bytes, with its line end; 0 when it does not end in len bytes. */
size_t row_length(enum result_form form, const char *bytes, size_t len);
/* Length without the line end: LF, and in CSV CR LF. */
size_t row_trim(enum result_form form, const char *bytes, size_t len);

/* One cell of a row that is in memory. */
struct row_cell {
    const char *bytes; /* what is between the quotes, or the field as it is */
    size_t len;
    bool is_null;    /* an empty field without quotes (CSV) */
    bool is_doubled; /* quotes inside are doubled: cell_copy halves them */
};
struct row_cells { /* the cells yet to come */
    enum result_form form;
    const char *at, *end;
    bool is_done;
};
/* Starts on a row without its line end. An empty CSV row has one cell: NULL. */
struct row_cells row_cells(enum result_form form, const char *bytes, size_t len);
bool row_next_cell(struct row_cells *cells, struct row_cell *cell);
/* The exact value; appends. */
bool cell_copy(const struct row_cell *cell, struct buf *out);
/* Into out[max]: the first bytes of the value; returns how many. */
size_t cell_copy_some(const struct row_cell *cell, char *out, size_t max);
#endif
