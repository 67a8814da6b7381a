/* What the formats of an export share. result_export.c has the file and the rows, each format its own file. */
#ifndef WEIR_DOMAIN_RESULT_EXPORT_H
#define WEIR_DOMAIN_RESULT_EXPORT_H
#include "backend/domain/result_private.h"

enum { EXPORT_BUFFER = 256 << 10 };
struct exporter {
    struct result *result;
    const struct result_export_options *options;
    const struct cancel *cancel;
    struct result_view *view;
    int fd; /* of the temporary file beside the target */
    char temporary[PATH_SIZE];
    struct buf out;                /* what is not written yet; may pass EXPORT_BUFFER by one cell */
    uint64_t rows, total, largest; /* of the rows, in bytes */
    struct cell_walk cells;
    struct buf decoded;
    char **names; /* of the columns, each another: JSON keys and Parquet columns have to be */
    struct err *err;
};
bool export_flush(struct exporter *exporter); /* writes what is held */
/* Goes over the rows, calling write for each, with progress and cancel. */
bool export_rows(struct exporter *exporter, bool (*write)(struct exporter *, const struct row_ref *));
bool export_write_csv(struct exporter *exporter);
bool export_write_jsonl(struct exporter *exporter);
bool export_write_parquet(struct exporter *exporter);
#endif
