/* What a statement will scan and cost, before it runs: from its syntax, the Data Catalog and the listing of the
 * tables' locations. Athena has no dry run, so this is told with its certainty and the reason in words. Nothing is run.
 * Blocking: jobs and the command line. Sources: Athena pricing (per byte scanned, 10 MB at least, DDL free), Athena
 * User Guide ("partition data"). */
#ifndef WEIR_DOMAIN_ESTIMATE_H
#define WEIR_DOMAIN_ESTIMATE_H
#include "backend/aws/aws.h"
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include <stdint.h>

enum estimate_certainty {
    ESTIMATE_EXACT,    /* that many: whole objects of text formats */
    ESTIMATE_ABOUT,    /* from older figures (a crawler's) */
    ESTIMATE_AT_MOST,  /* columnar objects of which only some columns are read, LIMIT, predicates not understood */
    ESTIMATE_AT_LEAST, /* a part could not be listed */
    ESTIMATE_UNKNOWN
};
struct estimate {
    enum estimate_certainty certainty;
    int64_t bytes;              /* -1 when unknown */
    double cost;                /* dollars; negative when unknown */
    int64_t tables, partitions; /* that are read; partitions: of partitioned tables only */
    bool is_free;               /* DDL and the like: nothing is scanned */
    bool only_reads;
    char reason[256]; /* "2 tables; 3 of 120 partitions; parquet: only the columns named are read" */
};
struct estimate_request {
    struct aws *aws;
    const struct cancel *cancel;
    const char *sql, *database; /* one statement; the database of names without one */
    size_t len;
    int64_t price_cents; /* per 10^12 bytes */
};
/* False with *err only when cancelled; what could not be found out is ESTIMATE_UNKNOWN with its reason. */
bool estimate_query(const struct estimate_request *request, struct estimate *out, struct err *err);
/* "at most 1.31 GiB, $0.0070": size and cost in words. */
enum { ESTIMATE_WORDS = 96 };
char *estimate_words(const struct estimate *estimate, char out[ESTIMATE_WORDS]);
/* Is it allowed below max_bytes (0: no limit)? Else ERR_REFUSED, which says by how much. What is unknown is allowed: a
 * caller that must be sure asks for the certainty; the service's own cut-off of the workgroup is the hard limit. */
bool estimate_allows(const struct estimate *estimate, int64_t max_bytes, struct err *err);
#endif
