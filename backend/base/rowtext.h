/* Rows of columns as JSON objects and CSV lines (RFC 4180), for the command line's formats and the panes' exports: one
 * form of each value everywhere. Bytes are kept. Pure; any thread. */
#ifndef WEIR_BASE_ROWTEXT_H
#define WEIR_BASE_ROWTEXT_H
#include "backend/base/column.h"

/* {"id":value,...}, no line end. What is not known is null, with "id_state" beside it that says why. */
void row_write_json(const struct column *const *columns, int count, const void *row, struct buf *out);
/* Ids, and values; each line ends with CR LF. What is not known is an empty field, the empty text is "". */
void row_write_csv_header(const struct column *const *columns, int count, struct buf *out);
void row_write_csv(const struct column *const *columns, int count, const void *row, struct buf *out);
#endif
