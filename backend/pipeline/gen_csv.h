/* The data set as text: which tables and files there are, and their rows as CSV (RFC 4180 quoting, "\n" line ends as in
 * the public set). Pure; worker threads write histories, the caller of gen_run the small tables. */
#ifndef WEIR_PIPELINE_GEN_CSV_H
#define WEIR_PIPELINE_GEN_CSV_H
#include "backend/base/buf.h"
#include "backend/pipeline/gen_catalog.h"
#include "backend/pipeline/gen_random.h"
#include "backend/pipeline/gen_user.h"

/* Tables made of histories come first. */
enum gen_table_id {
    GEN_TABLE_ORDERS,
    GEN_TABLE_PRIOR,
    GEN_TABLE_TRAIN,
    GEN_TABLE_TRUTH,
    GEN_USER_TABLES,
    GEN_TABLE_PRODUCTS = GEN_USER_TABLES,
    GEN_TABLE_AISLES,
    GEN_TABLE_DEPARTMENTS,
    GEN_TABLES
};
struct gen_table {
    const char *folder; /* "raw/orders" */
    const char *file;   /* its only file; NULL: part-00000.csv.gz, part-00001.csv.gz, ... */
    const char *header; /* first line of each file */
    int users_per_part; /* a multiple of GEN_BLOCK_USERS (gen.h); 0: all in one */
    bool (*write)(const struct gen_catalog *catalog, struct buf *out); /* all rows; NULL for a table of histories */
    int rows;                                                          /* of such a small table */
};
extern const struct gen_table gen_tables[GEN_TABLES];

/* Appends one user's rows to the four texts and adds to rows[]. first_order: number of the user's first order in the
 * whole run, from 0; ids publishes it. False when a text is at its maximum. */
bool gen_csv_history(const struct gen_catalog *catalog, const struct gen_permutation *ids, uint64_t user,
                     uint64_t first_order, const struct gen_history *history, struct buf texts[GEN_USER_TABLES],
                     uint64_t rows[GEN_USER_TABLES]);
/* Appends a field, quoted when it holds a comma, a quote or a line end. */
bool gen_csv_field(const char *text, size_t len, struct buf *out);
#endif
