/* The data generator: a synthetic grocery shop with the tables of the public market-basket set and the true probability
 * of every label. Worker threads make blocks of users, the calling thread writes them in order, so the files are the
 * same bytes for any number of threads; memory does not grow with the number of users. The model is in gen_user.c, the
 * catalogue in gen_catalog.c, the tables in gen_csv.c. */
#ifndef WEIR_PIPELINE_GEN_H
#define WEIR_PIPELINE_GEN_H
#include "backend/base/err.h"
#include "backend/core/cancel.h"
#include "backend/pipeline/gen_sink.h"
#include <stdbool.h>
#include <stdint.h>

enum {
    GEN_MAX_USERS = 10000000,
    GEN_MAX_THREADS = 64,
    GEN_BLOCK_USERS = 64, /* made, compressed and written as one */
};

struct gen_result {
    uint64_t users, orders, prior_lines, train_lines, pairs; /* rows written; users done */
    uint64_t files, bytes;                                   /* compressed */
};
struct gen_options {
    uint64_t users; /* 1..GEN_MAX_USERS */
    uint64_t seed;
    int threads;                 /* workers; 0: one per processor */
    uint64_t users_per_part;     /* of tables in parts, a multiple of GEN_BLOCK_USERS; 0: about 50 MiB of text each */
    struct gen_sink *sink;       /* gen_run ends it (finish or abandon), whatever happens */
    const struct cancel *cancel; /* NULL: none */
    void (*progress)(void *context, const struct gen_result *so_far, uint64_t users); /* calling thread; NULL: none */
    void *context;
};
/* Makes the whole data set. *result tells what was written, also after a failure (of which nothing is left). */
bool gen_run(const struct gen_options *options, struct gen_result *result, struct err *err);
#endif
