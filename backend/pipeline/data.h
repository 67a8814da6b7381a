/* `weir pipeline data`: the generated data set in a directory or below an S3 prefix. */
#ifndef WEIR_PIPELINE_DATA_H
#define WEIR_PIPELINE_DATA_H
#include "backend/pipeline/gen.h"

struct data_options {
    uint64_t users, seed;
    const char *out; /* a directory, or s3://bucket/prefix */
    struct aws *aws; /* for s3://, where it must be set; else NULL */
    bool replace;    /* an existing data set in the same place gives way */
    int threads;     /* 0: one per processor */
    const struct cancel *cancel;
    void (*progress)(void *context, const struct gen_result *so_far, uint64_t users); /* calling thread; NULL: none */
    void *context;
};
/* Waits until all is written: a job thread or the command line. On failure no part of it is left under its final name.
 */
bool data_generate(const struct data_options *options, struct gen_result *result, struct err *err);
#endif
